"""The YAML reader: PyYAML is its oracle for what is YAML; for the rest, places and what is left."""

from __future__ import annotations

import json as json_oracle
import time
from typing import Any

import pytest
import yaml as oracle
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credlint.node import MAX_DEPTH, Document, Map, Node, Scalar, Seq, Unknown, merged
from credlint.readers import json, yaml
from credlint.text import Source, align

from . import nodes as shared
from .nodes import nodes

Plain = object

STRINGS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=12)
WORDS = st.sampled_from(
    ["yes", "null", "~", "0x1F", "012", "1_000", "12:30", "{{ x }}", "# no", "a: b", "- c", "&d", "@e"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | STRINGS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS | st.integers(0, 9), inner, max_size=4),
    max_leaves=10,
)
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "default_style": st.sampled_from([None, None, None, "'", '"', "|", ">"]),
        "allow_unicode": st.booleans(),
        "width": st.sampled_from([10, 80]),
        "explicit_start": st.booleans(),
        "line_break": st.sampled_from(["\n", "\r\n"]),
    }
)
TOKENS = st.sampled_from(
    [
        *"""{ } [ ] : , - ? " ' | > & * ! # % @ ` a b: 1 &x *x !Sub <<: {{ }} {% %} ${x} <% %>""".split(),
        *" \n\t\r\0\ufeffé",
    ]
)

COMPOSE = """\
x-common: &common
  restart: always
services:
  api:
    <<: *common
    image: "nginx:1"
    environment:
      - AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
      - 'QUOTED=it''s'
    command: |
      date
        --utc
    ports: [80, "443:443"]
  db: {image: postgres, replicas: 2}
volumes:
  data:
"""


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr(oracle, "__with_libyaml__", False)
    elif not oracle.__with_libyaml__:
        pytest.skip("PyYAML is here without libyaml")


def read(text: str) -> Document:
    return shared.read(yaml.read, "compose.yaml", text)


def plain(node: Node) -> Plain:
    """A node as safe_load would give it; something unknown as its reason and its text."""

    def unknown(node: Node) -> Plain:
        assert isinstance(node, Unknown)
        return (node.reason, node.span.text)

    return shared.plain(node, unknown)


def same(ours: Plain, theirs: Plain) -> bool:
    """Equal; but a number is a string where not all dialects take it for one."""
    if isinstance(theirs, dict):
        assert isinstance(ours, dict)
        return list(map(str, ours)) == list(map(str, theirs)) and all(map(same, ours.values(), theirs.values()))
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, float) and isinstance(ours, str):
        return float(ours.replace(".inf", "inf")) == theirs
    return type(ours) is type(theirs) and ours == theirs


# ── what is YAML ──


@given(VALUES, STYLES)
@settings(deadline=None)
def test_reads_what_pyyaml_writes(value: Plain, style: dict[str, object]) -> None:
    text = oracle.safe_dump(value, **style)  # type: ignore[call-overload]
    document = read(text)
    assert document.problems == ()
    assert same(plain(document.roots[0]), oracle.safe_load(text))


@given(VALUES, STYLES)
@settings(deadline=None)
def test_places_are_those_of_pyyaml(value: Plain, style: dict[str, object]) -> None:
    text = oracle.safe_dump(value, **style)  # type: ignore[call-overload]
    (root,) = read(text).roots
    pairs: list[tuple[Node, Any]] = [(root, oracle.compose(text))]
    while pairs:
        ours, theirs = pairs.pop()
        start, end = theirs.start_mark.index, theirs.end_mark.index
        assert start <= ours.span.start <= ours.span.end <= end
        if isinstance(ours, Scalar):
            if theirs.style in ("'", '"'):
                assert text[ours.span.start - 1] + text[ours.span.end] == theirs.style * 2
                assert ours.span.end == end - 1
            elif theirs.style is None:
                assert ours.span.end == end
                assert ours.span.text == theirs.value or "\n" in ours.span.text
        elif isinstance(ours, Seq):
            pairs.extend(zip(ours, theirs.value, strict=True))
        else:
            for (key, item), (their_key, their_item) in zip(ours.items(), theirs.value, strict=True):
                pairs.extend([(key, their_key), (item, their_item)])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | STRINGS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
        max_leaves=10,
    ),
    st.sampled_from([None, 2]),
)
@settings(deadline=None)
def test_json_is_the_same_for_both_readers(value: Plain, indent: int | None) -> None:
    text = json_oracle.dumps(value, ensure_ascii=False, indent=indent)
    assume("\x7f" not in text)
    in_json = json.read(Source("task.json", text))
    assert read(text).problems == ()
    assert list(map(plain, read(text).roots)) == list(map(plain, in_json.roots)) == [value]


@given(
    st.lists(st.sampled_from([" ", "  ", "\n", "\n\n", "\n  ", "\\n", ' "', "' ", ": ", " #", "é"]), max_size=6), STYLES
)
@settings(deadline=None)
def test_values_can_be_aligned_with_their_text(separators: list[str], style: dict[str, object]) -> None:
    words = [f"w{number}x" for number in range(len(separators) + 1)]
    value = "".join(word + separator for word, separator in zip(words, [*separators, ""], strict=True))
    text = oracle.safe_dump({"a": [value, 1]}, **style)  # type: ignore[call-overload]
    scalar = next(node for node in nodes(read(text)) if isinstance(node, Scalar) and "w0x" in str(node.value))
    assert isinstance(scalar.value, str)
    source = align(scalar.span, scalar.value)
    for word in words:
        at = source.text.index(word)
        assert source.span(at, at + len(word)).origin().text == word


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[true, True, TRUE, false, yes, on, y]", [True, True, True, False, "yes", "on", "y"]),
        ("[null, ~, Null, NULL, none, '']", [None, None, None, None, "none", ""]),
        (
            "[1, -2, +3, 1.50, 0, 010, 0x1F, 1_000, 12:30, 1e3, .5]",
            [1, -2, 3, 1.5, 0, "010", "0x1F", "1_000", "12:30", "1e3", ".5"],
        ),
        ("['1', \"true\", !!str 1, !!int '3', ! 4]", ["1", "true", "1", 3, 4]),
        ("{a: 1, true: 2, 3: 4, ~: 5}", {"a": 1, True: 2, 3: 4, None: 5}),
        ("? [a, b]\n: c\n? d\n", {"[a, b]": "c", "d": None}),
        ("a: |\n  x\n   y\n\nb: >-\n  x\n  y\n\n  z\n", {"a": "x\n y\n", "b": "x y\nz"}),
        ("a: 1\na: 2\n", {"a": 2}),
        ("\ufeffa: 1\r\nb:\r\n  - c\r\n", {"a": 1, "b": ["c"]}),
        ("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n*x : e\n", {"a": [1], "b": [1], "c": 2, "d": 2, 2: "e"}),
        ('a: {{ x }}\nb: {{ y "z" }}\n', {"a": ("placeholder", "{{ x }}"), "b": ("placeholder", '{{ y "z" }}')}),
        ("a: ${x}\nb: ${{ y }}\n", {"a": "${x}", "b": "${{ y }}"}),
    ],
)
def test_is_read_as(text: str, value: Plain) -> None:
    document = read(text)
    assert [plain(root) for root in document.roots] == [value]
    assert document.problems == ()


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ("a: x y # c\n", "a", "x y"),
        ("a: 'it''s'\n", "a", "it''s"),
        ('a: !Sub "q"\n', "a", "q"),
        ("a: !Sub &b\n  # c\n  q r\n", "a", "q r"),
        ("a:\nb: 1", "a", ""),
        ("a: &b\nc: 1", "a", ""),
        ("a: |\n  x\n   y\n\n# c\nb: 1\n", "a", "x\n   y"),
        ("a: !Sub |+\n\n  x\n\n\nb: 1\n", "a", "\n  x"),
        ("a: |2\n    x\nb: 1\n", "a", "    x"),
        ("a: |\nb: 1\n", "a", ""),
        ("a:\n  b: 1\n  c:\n    - d\n\n  # e\n\nf: 1\n", "a", "b: 1\n  c:\n    - d"),
        ("a: !x &y\n  - 1\n  - k: 'v'\n\nb: 1\n", "a", "- 1\n  - k: 'v'"),
        ("a: {b: 1, c: [2]} # d\n", "a", "{b: 1, c: [2]}"),
        ("é: '\u2028'\n\U0001f600: 2\na: here\n", "a", "here"),
    ],
)
def test_the_place_of_a_value_is_its_text(text: str, key: str, place: str) -> None:
    node = read(text).roots[0].get(key)
    assert node is not None
    assert node.span.text == place


def test_tags_are_kept_unless_standard() -> None:
    (root,) = read("a: !Sub x\nb: !!str y\nc: !GetAtt [d, e]\nf: !If {g: 1}\nh: ! i\nj: !Ref 123\n").roots
    tags = {key.text: value.tag for key, value in root.items()}
    assert tags == {"a": "!Sub", "b": None, "c": "!GetAtt", "f": "!If", "h": None, "j": "!Ref"}
    number = root.get("j")
    assert isinstance(number, Scalar)
    assert number.value == "123"


def test_several_documents_are_several_roots() -> None:
    document = read("a: &x 1\n---\nb: *x\n...\n---\n- c\n")
    assert [plain(root) for root in document.roots] == [{"a": 1}, {"b": ("undefined alias", "*x")}, ["c"]]


@pytest.mark.parametrize("text", ["", " \n", "# nothing\n", "\ufeff"])
def test_an_empty_text_has_no_roots(text: str) -> None:
    document = read(text)
    assert (document.roots, document.problems) == ((), ())


# ── anchors ──


def test_an_alias_is_the_node_itself() -> None:
    (root,) = read("a: &x {b: 1}\nc: *x\n").roots
    assert root.get("a") is root.get("c")


def test_merge_keys_are_resolved_on_demand() -> None:
    (root,) = read(
        "a: &a {k: 1, l: 1}\nb: &b {<<: *a, l: 2, m: 2}\nc:\n  <<: [*b, {m: 3, n: 3}]\n  k: 4\n  o: 4\nd: {<<: 1}\n"
    ).roots
    entries = {key.text: value for key, value in root.items()}
    resolved = {key: plain(merged(value)) for key, value in entries.items() if isinstance(value, Map)}
    assert resolved["c"] == {"k": 4, "o": 4, "l": 2, "m": 2, "n": 3}
    assert resolved["d"] == {"<<": 1}
    assert resolved == oracle.safe_load(json_oracle.dumps(resolved))
    assert entries["a"] is merged(entries["a"])  # type: ignore[arg-type]
    place = merged(entries["c"]).get("n")  # type: ignore[arg-type]
    assert place is not None
    assert place.span.text == "3"


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("a: &x [1, *x]\n", {"a": [1, ("recursive alias", "*x")]}, "recursive alias"),
        ("a: &x {b: {c: *x}}\n", {"a": {"b": {"c": ("recursive alias", "*x")}}}, "recursive alias"),
        ("a: *x\nb: 1\n", {"a": ("undefined alias", "*x"), "b": 1}, "undefined alias"),
        ("&x a: &x [*y, &y 1, *y]\n", {"a": [("undefined alias", "*y"), 1, 1]}, "undefined alias"),
    ],
)
def test_an_alias_of_nothing_is_unknown(text: str, value: Plain, reason: str) -> None:
    document = read(text)
    assert plain(document.roots[0]) == value
    assert [problem.message for problem in document.problems] == [f"this alias cannot be followed: {reason}"]


def test_a_bomb_is_defused_for_who_walks_without_care() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
    )

    def count(node: Node) -> int:
        parts = [value for _, value in node.items()] if isinstance(node, Map) else list(node)
        return 1 + sum(map(count, parts))

    (root,) = read(bomb).roots
    assert count(root) < 120_000


def test_aliases_make_nothing_deeper_than_allowed() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 500))

    def depth(node: Node) -> int:
        parts = [value for _, value in node.items()] if isinstance(node, Map) else list(node)
        return 1 + max(map(depth, parts), default=0)

    assert depth(read(chain).roots[0]) <= MAX_DEPTH + 1


def test_merging_is_bounded() -> None:
    chain = "a0: &a0 {k0: 1}\n" + "".join(
        f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}], k{level}: 1}}\n" for level in range(1, 60)
    )
    (root,) = read(chain).roots
    last = root.get("a15")
    assert isinstance(last, Map)
    assert len(merged(last).entries) <= 16


# ── templates ──


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            '{{- if .Values.on }}\na: {{ .Values.a }}-x\nb: "{{ include "b" . }}"\n{{- end }}\nc: 1\n',
            {"a": "{{ .Values.a }}-x", "b": '{{ include "b" . }}', "c": 1},
        ),
        (
            'a:\n  {{- toYaml .Values.a | nindent 2 }}\nb:\n  c: 1\n  {{ include "d" . }}\ne: [f]\n',
            {
                "a": ("placeholder", "{{- toYaml .Values.a | nindent 2 }}"),
                "b": {"c": 1, None: ("placeholder", '{{ include "d" . }}')},
                "e": ["f"],
            },
        ),
        (
            "a:\n  - b\n  {{ c }}\n  {% for x in y %}\n  - {{ x }}\n  {% endfor %}\n{{ d }}\ne: 1\n",
            {
                "a": ["b", ("placeholder", "{{ c }}"), ("placeholder", "{{ x }}")],
                None: ("placeholder", "{{ d }}"),
                "e": 1,
            },
        ),
        (
            "a: |\n  x {{ y }} z\n  {{ if w }}\n  v\n  {{ end }}\nb: [${c}, {{ d }}e]\n",
            {"a": "x {{ y }} z\n\nv\n\n", "b": ["${c}", "{{ d }}e"]},
        ),
        (
            "a: x{{ if y }}z{{ end }}\nb:{{range .c}}\n  - {{.}}{{end}}\n",
            {"a": "x{{ if y }}z", "b": [("placeholder", "{{.}}")]},
        ),
        (
            '<% if x %>\na: <%= y["z"] %>\nb: @HOST@\n<% end %>\n',
            {"a": ("placeholder", '<%= y["z"] %>'), "b": ("placeholder", "@HOST@")},
        ),
        (
            "a: *****\nb: %USER%\n%{ if x }\nc: 1\n%{ endif }\n",
            {"a": ("placeholder", "*****"), "b": ("placeholder", "%USER%"), "c": 1},
        ),
        ("{{ .k }}: 1\n{{ .l }}-m: {{ n }}\n", {"{{ .k }}": 1, "{{ .l }}-m": ("placeholder", "{{ n }}")}),
        ("a: |\n  x\n  {{ y }}\nb: {{ z }}-w\n", {"a": "x\n\n", "b": "{{ z }}-w"}),
        ("a:\n{{ x }}\n  b\nc: {{ d }}e\n", {"a": "b", "c": "{{ d }}e"}),
        ("a:\n{{ x }}\nb: {{ y }}-z\n", {"a": None, None: ("placeholder", "{{ x }}"), "b": "{{ y }}-z"}),
        ('{{ include "all" . }}\n', ("placeholder", '{{ include "all" . }}')),
    ],
)
def test_a_template_is_read_around_its_placeholders(text: str, value: Plain) -> None:
    document = read(text)
    assert [plain(root) for root in document.roots] == [value]
    assert document.problems == ()


# ── what is broken ──


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: c: d\ne: 2\n", {"a": 1, "b": "c", "e": 2}),
        ("a: \ue000\nb: {{ c }}d\ne: 2\n", {"a": "\ue000", "b": ("placeholder", "{{ c }}"), "e": 2}),
        ("a: 1\nb: [c, {d: ]\ne: 3\n", {"a": 1, "b": ["c", {"d": ("no value", "d")}], "e": 3}),
        ("- a\n- b: 'c' d\n- e\n", ["a", {"b": "c"}, "e"]),
        ("a:\n\tb: 1\n\tc: 2\nd: 3\n", {"a": {"b": 1, "c": 2}, "d": 3}),
        ("a: @b/c\nd: `e\n", {"a": "@b/c", "d": "`e"}),
        ("a: x\x07y\nb: \ud800\nc: 1\n", {"a": "x\ufffdy", "b": "\ufffd", "c": 1}),
        ("%YAML 9.9\n---\na: 1\n", {"a": 1}),
        ('a: 1\nb: "c\\q"\nd: "\\Uffffffff"\ne: 2\n', {"a": 1, "b": ("no value", "b"), "d": ("no value", "d"), "e": 2}),
    ],
)
def test_a_mistake_costs_what_is_around_it(text: str, value: Plain) -> None:
    document = read(text)
    assert [plain(root) for root in document.roots] == [value]
    assert document.problems


def test_documents_around_a_mistake_are_kept() -> None:
    document = read("a: 1\n---\nb: [\n---\nc: 2\n")
    assert [plain(root) for root in document.roots] == [{"a": 1}, {"b": []}, {"c": 2}]
    (problem,) = document.problems
    assert problem.span.begin.line == 4


def test_a_text_full_of_mistakes_is_given_up() -> None:
    document = read("a: b: c\n" * 100)
    assert len(document.problems) == 20
    assert len(document.roots[0].entries) < 100  # type: ignore[attr-defined]


def test_no_message_holds_text_of_the_file() -> None:
    for at in range(0, len(COMPOSE), 5):
        for token in ("]", "*secret", "!secret!secret ", "\x07"):
            for problem in read(COMPOSE[:at] + token + COMPOSE[at:]).problems:
                assert "secret" not in problem.message
                assert "AKIA" not in problem.message


def test_a_slip_of_the_finger_leaves_what_stands_before_it() -> None:
    known = [node.span.start for node in nodes(read(COMPOSE)) if isinstance(node, Scalar)]
    lost = total = 0
    for at in range(len(COMPOSE)):
        one, other = COMPOSE[at], COMPOSE[at + 1 : at + 2]
        line = COMPOSE.rfind("\n", 0, at) + 1
        for slip in ("", one * 2, other + one, "\t", "{{", "}", '"', "@", "\x00"):
            mutant = COMPOSE[:at] + slip + COMPOSE[at + (2 if slip == other + one else 1) :]
            found = {node.span.start for node in nodes(read(mutant)) if isinstance(node, Scalar)}
            assert all(start in found for start in known if start < line)
            total += len(known)
            lost += max(0, len(known) - len(found))
    assert lost < total * 0.15  # and of what stands behind it most


@given(st.lists(TOKENS, max_size=25))
@settings(max_examples=300, deadline=None)
def test_nothing_raises(tokens: list[str]) -> None:
    read(" ".join(tokens))
    read("".join(tokens))


@given(st.text(max_size=60))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    read(text)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("part", ["[", "{a: ", "- ", "? ", "[? "])
def test_what_is_nested_too_deeply_is_left_out(part: str) -> None:
    # The slow parser's time grows with the square of this.
    for depth in (MAX_DEPTH + 20, 5_000 if oracle.__with_libyaml__ else 400):
        document = read("a: 1\nb:\n " + part * depth + "\nc: 2\n")
        root = document.roots[0]
        assert plain(root.get("a") or root) == 1
        assert document.problems


@pytest.mark.parametrize(
    "part",
    [
        *"""[ {a: " ' {{ {{a}} {% <% ${ %{ &a- *a !a @a ` | > #""".split(),
        *[
            "- ",
            "? ",
            "a:\n",
            "a: b: c\n",
            "b: [\n",
            "- *a\n",
            "\t",
            "\x00",
            "---\n",
            "...\n",
            " {{ x }}\n",
            "a: {{ x }}y\n",
        ],
        *["- |\n", "- @a\n", "a: '\n", "\r", "\u2028", "<<: *a\n", "- &a [*a]\n", "{{ if }} "],
    ],
)
def test_time_grows_with_the_length_only(part: str) -> None:
    def seconds(length: int) -> float:
        text = "k: v\nx: [\n" + part * (length // len(part))
        start = time.process_time()
        yaml.read(Source("compose.yaml", text))
        return time.process_time() - start

    # Anything quadratic takes 64 times as long, not 8 times.
    assert seconds(80_000) < 24 * seconds(10_000) + 0.1
