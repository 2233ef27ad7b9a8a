"""The JSON reader: json is its oracle for what is JSON; for what is not, places and what is left."""

from __future__ import annotations

import json as oracle
import math
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credlint.node import MAX_DEPTH, Document, Node, Scalar, Seq, Unknown
from credlint.readers import json
from credlint.text import Source, align

from . import nodes as shared
from .nodes import nodes

Plain = object

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["${var}", "{{ env }}", "<ARN>", "a//b", "/* c */", "# d", "\ud83d", "\U0001f600", "\ufeff"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
BLANKS = st.text(" \t\r\n", max_size=3)
TOKENS = st.sampled_from(
    [
        *r"""{ } [ ] : , " "a" "b": 1 -0.5e3 01 true nul NaN \" \u00e9 ${x} {{ }} {% %} // /* */ # ' <X> ( `""".split(),
        *" \n\t\x00\u2028\\é",
    ]
)

TASK = """{
  "family": "api", "cpu": 256,
  "taskRoleArn": "arn:aws:iam::123456789012:role/api",
  "containerDefinitions": [
    {
      "name": "api", "essential": true, "image": "nginx:1",
      "environment": [
        {"name": "AWS_ACCESS_KEY_ID", "value": "AKIAIOSFODNN7EXAMPLE"},
        {"name": "QUOTE", "value": "a \\"b\\" {{ c }} \\u00e9"}
      ],
      "command": ["sh", "-c", "date"], "links": []
    }
  ]
}
"""


def read(text: str) -> Document:
    return shared.read(json.read, "task.json", text)


def plain(node: Node) -> Plain:
    """A node as json would give it; something unknown as its text in a tuple."""
    return shared.plain(node, lambda unknown: (unknown.span.text,))


def same(ours: Plain, theirs: Plain) -> bool:
    """Equal, with NaN equal to itself and 1 not to 1.0."""
    return repr(ours) == repr(theirs)


# ── what is JSON ──


@given(VALUES, st.sampled_from([None, 0, 2, "\t"]), st.booleans(), st.sampled_from(["", "\ufeff"]))
@settings(deadline=None)
def test_reads_what_json_writes(value: Plain, indent: int | str | None, ascii_only: bool, mark: str) -> None:
    document = read(mark + oracle.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert document.problems == ()
    assert [plain(root) for root in document.roots] == [value]


@given(VALUES, st.booleans())
@settings(deadline=None)
def test_the_place_of_a_string_is_its_text(value: Plain, ascii_only: bool) -> None:
    for node in nodes(read(oracle.dumps(value, ensure_ascii=ascii_only))):
        if isinstance(node, Scalar) and isinstance(node.value, str):
            assert oracle.loads(f'"{node.span.text}"') == node.value
        elif isinstance(node, Scalar):
            assert oracle.loads(node.span.text) == node.value
        else:
            assert node.span.text[0] + node.span.text[-1] in ("{}", "[]")


@given(VALUES, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3), TOKENS), max_size=3))
@settings(max_examples=200, deadline=None)
def test_what_json_accepts_is_accepted_and_nothing_raises(value: Plain, edits: list[tuple[int, int, str]]) -> None:
    text = oracle.dumps(value)
    for at, length, token in edits:
        at %= len(text) + 1
        text = text[:at] + token + text[at + length :]
    document = read(text)
    try:
        expected = oracle.loads(text)
    except ValueError:
        return
    assert document.problems == ()
    assert len(document.roots) == 1
    assert same(plain(document.roots[0]), expected)


@given(VALUES, st.data())
@settings(max_examples=50, deadline=None)
def test_blanks_may_stand_between_all_tokens(value: Plain, data: st.DataObject) -> None:
    def written(part: Plain) -> str:
        before, after = data.draw(BLANKS), data.draw(BLANKS)
        if isinstance(part, dict):
            inner = ",".join(f"{before}{oracle.dumps(key)}{after}:{written(item)}" for key, item in part.items())
            return f"{before}{{{inner or after}}}{after}"
        if isinstance(part, list):
            return f"{before}[{','.join(map(written, part)) or after}]{after}"
        return f"{before}{oracle.dumps(part)}{after}"

    document = read(written(value))
    assert document.problems == ()
    assert [plain(root) for root in document.roots] == [value]


@given(VALUES, st.sampled_from([None, 2]))
@settings(deadline=None)
def test_both_readers_see_the_same_in_what_is_json(value: Plain, indent: int | None) -> None:
    source = Source("task.json", oracle.dumps(value, indent=indent))
    strict = json.read(source)
    tolerant = json._Tolerant(source, 0).read()
    assert tolerant.problems == ()
    assert described(tolerant) == described(strict)


def described(document: Document) -> list[tuple[type, int, int, str]]:
    return [
        (type(node), node.span.start, node.span.end, repr(getattr(node, "value", None))) for node in nodes(document)
    ]


@pytest.mark.parametrize(
    "text", ["NaN", "-Infinity", "-0", "1E400", "0.0", '"\\ud83d"', '"\\ud83dx"', '"\\/"', "9" * 4300]
)
def test_odd_values_are_what_json_makes_of_them(text: str) -> None:
    (root,) = read(text).roots
    assert same(plain(root), oracle.loads(text))


def test_a_number_of_very_many_digits_stays_a_text() -> None:
    for digits in (5_000, 200_000):
        (root,) = read("9" * digits).roots
        assert isinstance(root, Scalar)
        assert root.value == math.inf
        assert root.text == "9" * digits


def test_doubled_keys_are_both_there() -> None:
    (root,) = read('{"a": 1, "a": 2}').roots
    assert [plain(value) for _, value in root.items()] == [1, 2]


def test_several_values_are_several_roots() -> None:
    document = read('{"a": 1}\n{"a": 2}\n')
    assert [plain(root) for root in document.roots] == [{"a": 1}, {"a": 2}]
    assert document.problems == ()


def test_decoded_strings_can_be_aligned_with_their_text() -> None:
    (root,) = read('{"k": "one \\"two\\" \\ud83d\\ude00 three\\n\\u00e9 four"}').roots
    value = root.get("k")
    assert isinstance(value, Scalar)
    assert isinstance(value.value, str)
    source = align(value.span, value.value)
    for word in ("one", "two", "three", "four"):
        at = source.text.index(word)
        assert source.span(at, at + len(word)).origin().text == word


# ── what people write ──


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, // x\n"b": [1, 2,], # y\n/* { */ "c": 3,}', {"a": 1, "b": [1, 2], "c": 3}),
        ("[,1,,2]", [1, 2]),
        ('{"a": "x\ty", "b": "one\ntwo", "c": "\x01"}', {"a": "x\ty", "b": "one\ntwo", "c": "\x01"}),
        ("{'a': 'it\\'s', b-c: \"\\q\", d = 1}", {"a": "it's", "b-c": "q", "d": 1}),
        ('{"a": ${cpu}, "b": 1}', {"a": ("${cpu}",), "b": 1}),
        ('{"a": <IMAGE1_NAME>, "b": $VAR, "c": %VAR%}', {"a": ("<IMAGE1_NAME>",), "b": ("$VAR",), "c": ("%VAR%",)}),
        ('{"a": @VAR@, "b": __VAR__, "c": #{VAR}#}', {"a": ("@VAR@",), "b": ("__VAR__",), "c": ("#{VAR}#",)}),
        ('{"a": {{ must_env "X" }}, "b": 1}', {"a": ('{{ must_env "X" }}',), "b": 1}),
        ('{"a": {{ tfstate `x.y` }}Mi, "b": 1}', {"a": ("{{ tfstate `x.y` }}Mi",), "b": 1}),
        ('{"a": {{ if .x }}1{{ else }}2{{ end }}}', {"a": ("{{ if .x }}1{{ else }}2{{ end }}",)}),
        ('{"a": ${jsonencode({\n b = "c"\n})}, "d": 1}', {"a": ('${jsonencode({\n b = "c"\n})}',), "d": 1}),
        ('{"a": std.extVar(\'x, y\'), "b": f(g(1, 2))}', {"a": ("std.extVar('x, y')",), "b": ("f(g(1, 2))",)}),
        ('{"a": base + {"b": 1}, "c": 2}', {"a": {None: ("base +",), "b": 1}, "c": 2}),
        ('[${containers}, {"a": 1}]', [("${containers}",), {"a": 1}]),
        ('[{% for c in d %}{"a": {{ c }}}{% endfor %}]', [{"a": ("{{ c }}",)}]),
        ('{ %{ if x }\n"a": 1,\n%{ else }\n"b": 2,\n%{ endif }\n"c": 3}', {"a": 1, "b": 2, "c": 3}),
        ('{"a": 1, ${more}\n"b": 2}', {"a": 1, None: ("${more}",), "b": 2}),
        ('{${k}: 1, {{ .k }}: 2, "${q}": 3, <K>_x: 4}', {"${k}": 1, "{{ .k }}": 2, "${q}": 3, "<K>_x": 4}),
        ('{{ $x := 1 }}\n{"a": {{ $x }}}\n{{ end }}', {"a": ("{{ $x }}",)}),
        ("{{ .whole }}", ("{{ .whole }}",)),
        ('{"a": "{{ must_env "X" }}", b: 1}', {"a": '{{ must_env "X" }}', "b": 1}),
        ('{"a": "{{ must_env `X` }}", b: 1}', {"a": "{{ must_env `X` }}", "b": 1}),
        ('{"a": "x-${m["k"]}-y", "b": "${join(",", z)}"}', {"a": 'x-${m["k"]}-y', "b": '${join(",", z)}'}),
        ('{"a": "${e != "d" ? "f" : "g"}", "h": "i"}', {"a": '${e != "d" ? "f" : "g"}', "h": "i"}),
        ('{"a": ["{{", "}}"], b: "${", c: "}"}', {"a": ["{{", "}}"], "b": "${", "c": "}"}),
    ],
)
def test_is_read_without_a_problem(text: str, value: Plain) -> None:
    document = read(text)
    assert [plain(root) for root in document.roots] == [value]
    assert [problem.message for problem in document.problems] == []


def test_a_placeholder_has_its_place_and_a_reason() -> None:
    (root,) = read('{"cpu": ${cpu}, ${more}}').roots
    cpu = root.get("cpu")
    assert isinstance(cpu, Unknown)
    assert (cpu.span.start, cpu.span.end, cpu.reason) == (8, 14, "placeholder")
    hole, more = list(root.items())[1]
    assert (hole.text, type(more)) == (None, Unknown)


@pytest.mark.parametrize("text", ["", " \n", "\ufeff", "// nothing\n"])
def test_an_empty_text_has_no_roots(text: str) -> None:
    document = read(text)
    assert (document.roots, document.problems) == ((), ())


# ── what is broken ──


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ('{"a": 1\n"b": 2}', {"a": 1, "b": 2}, "a comma is missing"),
        ('{"a" 1, "b": 2}', {"a": 1, "b": 2}, "a colon is missing"),
        ('{"a": [1, 2, "b": 3}', {"a": [1, 2], "b": 3}, "this bracket is not closed"),
        ('[{"a": 1, {"b": 2}]', [{"a": 1}, {"b": 2}], "this bracket is not closed"),
        ('{"a": {"b": [1', {"a": {"b": [1]}}, "this bracket is not closed"),
        ('{"a": 1], "b": 2}', {"a": 1, "b": 2}, "this bracket closes nothing"),
        ('{"a": 1}}', {"a": 1}, "this bracket closes nothing"),
        ('{{"a": 1}', {"a": 1}, "this bracket is doubled"),
        ('{"a": "x,\n "b": "y"}', {"a": "x", "b": "y"}, "this quote is not closed"),
        ('{"a: "x", "b": "y"}', {"a": "x", "b": "y"}, "this quote is not closed"),
        ('{"a": x", "b": "y"}', {"a": ('x", "b": "y"',)}, "this is no value"),
        ('{"a": 012, "b": "y"}', {"a": ("012",), "b": "y"}, "this is no value"),
        ('{"a": , "b": 2}', {"a": ("a",), "b": 2}, "this key has no value"),
        ('{"a":\n"b": 2}', {"a": ("a",), "b": 2}, "this key has no value"),
        ('{"a"}', {"a": ("a",)}, "this key has no value"),
        ('{: 1, "b": 2}', {None: 1, "b": 2}, "a key is missing"),
        ('{"a": : 1}', {"a": 1}, "a value is missing"),
        ('["a": 1, 2]', ["a", 1, 2], "a key in a list"),
        ('{"a": 1 /* b}', {"a": 1}, "this comment is not closed"),
    ],
)
def test_what_is_broken_costs_its_own_entry(text: str, value: Plain, problem: str) -> None:
    document = read(text)
    assert plain(document.roots[0]) == value
    assert document.problems[0].message == problem


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?>\n<role arn="x">\n  <a href="y">{z}</a>\n</role>\n',
        'Dear reader, this is "prose" [1].\nIt\'s (not) {JSON}, and goes on:\n' * 50,
        'terraform {\n  required_version = 1\n}\n\nresource "a" "b" {\n  c = [d]\n  e { f = 1 }\n}\n',
        "\x00\x01\x02",
    ],
)
def test_what_is_no_json_is_one_problem(text: str) -> None:
    document = read(text)
    assert [problem.message for problem in document.problems] == ["this is not JSON"]
    assert isinstance(document.roots[0], Unknown)


def test_a_text_full_of_mistakes_is_given_up() -> None:
    document = read("{" + '"a" 1,\n' * 3000)
    assert len(document.problems) == 21
    assert document.problems[-1].message == "the rest is left out: too much is broken"


def test_no_message_holds_text_of_the_file() -> None:
    for at in range(0, len(TASK), 7):
        for problem in read(TASK[:at] + "§" + TASK[at + 3 :]).problems:
            assert not set(problem.message.split()) & {"AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "api", "§"}


def mutants(text: str) -> list[tuple[int, str]]:
    found = []
    for at in range(len(text)):
        found.append((at, text[:at] + text[at + 1 :]))
        found.append((at, text[:at] + text[at] + text[at:]))
        found.append((at, text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]))
    return found


def test_a_slip_of_the_finger_leaves_what_stands_before_it() -> None:
    known = [node for node in nodes(read(TASK)) if isinstance(node, Scalar)]
    whole = len(known)
    lost = total = 0
    for at, mutant in mutants(TASK):
        found = {(node.span.start, node.value) for node in nodes(read(mutant)) if isinstance(node, Scalar)}
        # The closing quote of a string may itself be what was hit.
        assert all((node.span.start, node.value) in found for node in known if node.span.end < at - 1)
        total += whole
        lost += max(0, whole - len(found))
    assert lost < total * 0.02  # and of what stands behind it nearly all


def test_what_is_nested_too_deeply_is_left_out() -> None:
    deep = "[" * (MAX_DEPTH + 5) + '"]"' + "]" * (MAX_DEPTH + 5)
    document = read(f'{{"a": {deep}, "b": 1}}')
    (root,) = document.roots
    assert plain(root.get("b") or root) == 1
    assert [problem.message for problem in document.problems] == ["this is nested too deeply"]
    assert sum(isinstance(node, Seq) for node in nodes(document)) == MAX_DEPTH - 1


@pytest.mark.parametrize(
    "part",
    [
        *r"""[ { " ' ( < ` {"a": [{"a": {{ {% ${ ${a{ "${a(", /* <a> ${a} {"a":1}} {a [1" "a{{b",""".split(),
        "a ",
        '"\n\\"',
    ],
)
def test_time_grows_with_the_length_only(part: str) -> None:
    def seconds(length: int) -> float:
        text = '{"k": [' + part * (length // len(part))
        start = time.process_time()
        json.read(Source("task.json", text))
        return time.process_time() - start

    # Anything quadratic takes 64 times as long, not 8 times.
    assert seconds(80_000) < 24 * seconds(10_000) + 0.1


def test_json_is_not_imported() -> None:
    code = "import sys, credlint.readers.json; sys.exit('json' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
