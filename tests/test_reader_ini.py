"""INI files: against configparser as botocore uses it, and what is read where it gives up."""

from __future__ import annotations

import configparser
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from credlint.node import Map, Node, Scalar
from credlint.readers.ini import read
from credlint.text import Source

SAMPLE = """\
# of the build server
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
AWS_Secret_Access_Key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY ; part of it

[profile dev]
region=eu-west-1
s3 =
    max_concurrent_requests = 20
    # nothing
    addressing_style=path
credential_process = /opt/bin/get
  --account dev
bare
[profile dev]
region =
"""


def sections(text: str) -> list[tuple[str | None, list[tuple[str | None, object]]]]:
    return [(name.text, [(key.text, plain(node)) for key, node in keys.items()]) for name, keys in read_map(text)]


def read_map(text: str) -> list[tuple[Scalar, Node]]:
    return list(read(Source("credentials", text))[0].items())


def problems(text: str) -> list[tuple[str, str]]:
    return [(problem.span.text, problem.message) for problem in read(Source("credentials", text))[1]]


def plain(node: Node) -> object:
    return [(key.text, value.text) for key, value in node.items()] if isinstance(node, Map) else node.text


def check_places(text: str) -> None:
    """Every place lies in the text, after the one before it, and holds what it stands for."""
    found, said = read(Source("credentials", text))
    at = 0
    for name, keys in found.items():
        assert at <= keys.span.start <= name.span.start <= name.span.end <= keys.span.end <= len(text)
        assert name.value == name.span.text
        at = check_keys(keys, keys.span.start)
        assert at <= keys.span.end
    assert len(said) <= 1
    for problem in said:
        assert 0 <= problem.span.start < problem.span.end <= len(text)


def check_keys(keys: Node, at: int) -> int:
    for key, node in keys.items():
        assert at <= key.span.start < key.span.end <= node.span.start <= node.span.end
        assert key.value == key.span.text
        if isinstance(node, Map):
            at = check_keys(node, node.span.start)
            assert at <= node.span.end
        elif node.text is not None and "\n" not in node.text:
            assert node.text == node.span.text
        at = node.span.end
    return at


# ── against configparser ──

PIECES = [
    "a",
    "Bc",
    "x y",
    "é",
    "=",
    ":",
    " = ",
    " ",
    "\t",
    "#",
    ";",
    " ; c",
    "[",
    "]",
    "[s]",
    "\n",
    "\n",
    "\n  ",
    "\r\n",
]
PIECES += ["\n\n", "\n[t]\n", "\n a = b", "=\n", "\u3000", "\x0b", "\0", "%(a)s", '"', "\\"]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


def nested(value: str) -> list[tuple[str, str]] | str:
    """What botocore's configloader makes of a value that starts on the next line; a bad line is left out."""
    lines = [line.strip() for line in value.split("\n") if line.strip()]
    if not value.startswith("\n") or "=" not in lines[0]:
        return value
    found = []
    for line in lines:
        key, delimiter, rest = line.partition("=")
        if delimiter and key.strip():
            found.append((key.strip(), rest.strip()))
    return found


@given(TEXTS)
@example(SAMPLE)
@example("a\nb=\n\n   c\n\n\n  # d\n   e\n f = g\n= h")
@example("A=1\n[t]\nA=2\n[s]\n  a=3\n b=4\n   c\n[s] # d\n;e\n")
def test_agrees_with_configparser(text: str) -> None:
    """The same sections, keys and values, wherever configparser accepts the text.

    Left out is a header without its bracket, which configparser takes for a key.
    """
    text = "[s]\n" + text
    assume(not any(line.strip().startswith("[") and "]" not in line.strip()[2:] for line in text.split("\n")))
    parser = configparser.RawConfigParser(
        strict=False, allow_no_value=True, interpolation=None, default_section="botocore says None"
    )
    try:
        parser.read_string(text)
    except (configparser.Error, AttributeError):  # AttributeError: a deeper line after a key without value
        assume(False)
    theirs = {
        name: {key: value if value is None else nested(value) for key, value in parser.items(name)}
        for name in parser.sections()
    }
    ours: dict[str | None, dict[str, object]] = {}
    for name, keys in sections(text):
        ours.setdefault(name, {}).update({str(key).lower(): node for key, node in keys})
    assert ours == theirs


@given(st.one_of(TEXTS, st.text()))
@example("[a]\nb\n  c\n= d\n[e\nf=g\n  h")
def test_places(text: str) -> None:
    check_places(text)


# ── by example ──


def test_sample() -> None:
    assert sections(SAMPLE) == [
        (
            "default",
            [
                ("aws_access_key_id", "AKIAIOSFODNN7EXAMPLE"),
                ("AWS_Secret_Access_Key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY ; part of it"),
            ],
        ),
        (
            "profile dev",
            [
                ("region", "eu-west-1"),
                ("s3", [("max_concurrent_requests", "20"), ("addressing_style", "path")]),
                ("credential_process", "/opt/bin/get\n--account dev"),
                ("bare", None),
            ],
        ),
        ("profile dev", [("region", "")]),
    ]
    assert not problems(SAMPLE)


def test_places_of_a_sample() -> None:
    default = read(Source("credentials", SAMPLE))[0].get("default")
    assert default is not None
    secret = default.get("AWS_Secret_Access_Key")
    assert secret is not None
    assert repr(secret.span) == "credentials:4:24-4:77"


def test_keys_before_the_first_header() -> None:
    assert sections("a = b\n[c]\nd = e\n") == [("", [("a", "b")]), ("c", [("d", "e")])]


def test_header_without_its_bracket_is_a_header() -> None:
    """botocore refuses the file; if it were a key, the keys below it would be those of [a]."""
    assert sections("[a]\nb = c\n[d\ne = f\n[]\n") == [("a", [("b", "c")]), ("d", [("e", "f")]), ("", [])]
    assert problems("[a]\nb = c\n[d\ne = f\n") == [("[d", "cannot be read as a section or key = value")]


def test_bad_line_costs_itself_only() -> None:
    text = "[a]\nb = c\n= d\ne = f\n : g\nh = i\n"
    assert sections(text) == [("a", [("b", "c"), ("e", "f\n: g"), ("h", "i")])]
    assert problems(text) == [("= d", "cannot be read as a section or key = value")]


def test_bad_lines_are_told_once() -> None:
    text = "[a]\n= b\n= c\ns3 =\n  d = e\n  f\n  = g\n"
    assert sections(text) == [("a", [("s3", [("d", "e")])])]
    assert problems(text) == [("= b", "cannot be read as a section or key = value (and 3 more)")]


def test_deeper_line_after_a_key_without_value() -> None:
    """configparser fails with an AttributeError."""
    assert sections("[a]\nb\n  c = d\n") == [("a", [("b", None), ("c", "d")])]


def test_value_on_the_next_line() -> None:
    ((_, keys),) = read_map("[a]\nb =\n\n  c\n  d = e\n")
    node = keys.get("b")
    assert node is not None
    assert node.text == "\n\nc\nd = e"
    assert node.span.text == "\n\n  c\n  d = e"


def test_byte_order_mark_and_carriage_returns() -> None:
    assert sections("\ufeff[a]\r\nb = c\r\n\r\nd\r\n") == [("a", [("b", "c"), ("d", None)])]


# ── any text ──


def test_mutants() -> None:
    for at in range(len(SAMPLE)):
        check_places(SAMPLE[:at] + SAMPLE[at + 1 :])
        for char in "[]=#\n \r":
            check_places(SAMPLE[:at] + char + SAMPLE[at:])


HOSTILE = {
    "one line": "a=" + "x" * 300_000,
    "blanks": "a" + " " * 300_000 + "=" + " " * 300_000 + "b",
    "open brackets": "[" * 300_000,
    "open headers": "[a\n" * 50_000,
    "headers": "[a]\n" * 50_000,
    "delimiters": "a" + "=" * 300_000,
    "bad lines": "=\n" * 50_000,
    "empty lines": "[a]\nb=c\n" + "\n" * 100_000 + " d",
    "deeper lines": "[a]\nb=\n" + " c\n" * 100_000,
    "nested": "[a]\nb=\n" + " c=d\n" * 50_000,
    "stairs": "[a]\n" + "".join(" " * depth + "b=\n" for depth in range(700, 0, -1)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear(text: str) -> None:
    start = time.process_time()
    read(Source("credentials", text))
    assert time.process_time() - start < 30
