"""Env files: against python-dotenv, and what the two dialects say beyond it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import pytest
from dotenv.parser import parse_stream
from hypothesis import assume, example, given
from hypothesis import strategies as st

from credlint.node import Node, Problem, Ref, Scalar, Template, Unknown
from credlint.readers.dotenv import BROKEN_QUOTE, FROM_ENVIRONMENT, read
from credlint.text import Source

SAMPLE = """\
# the database
DB_HOST=db.internal
DB_PASSWORD="p@ss \\"word\\"" # not this
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
  AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
URL="https://${DB_HOST}:${PORT:-5432}/$NAME"
PEM="-----BEGIN-----
MIIE
-----END-----"
AWS_SESSION_TOKEN
LAST=
"""


def entries(text: str, dialect: str = "dotenv") -> list[tuple[str | None, Node]]:
    return [(key.text, value) for key, value in read(Source("x.env", text), dialect)[0].items()]


def problems(text: str, dialect: str = "dotenv") -> list[tuple[str, str]]:
    return [(problem.span.text, problem.message) for problem in read(Source("x.env", text), dialect)[1]]


def plain(node: Node) -> str | None:
    """The value before anything is put in for its references."""
    if isinstance(node, Template):
        return "".join(plain(part) or "" for part in node.parts)
    if isinstance(node, Unknown):
        return None if node.reason == FROM_ENVIRONMENT else node.span.text
    return node.span.text if isinstance(node, Ref) else node.text


def values(text: str, dialect: str = "dotenv") -> list[tuple[str | None, str | None]]:
    return [(key, plain(value)) for key, value in entries(text, dialect)]


def value(text: str) -> Node:
    ((_, node),) = entries(text)
    return node


def nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Template):
        for part in node.parts:
            yield from nodes(part)
    if isinstance(node, Ref) and node.default is not None:
        yield from nodes(node.default)


def check_places(text: str, dialect: str) -> None:
    """Every place lies in the text, after the one before it, and holds what it stands for."""
    source = Source("x.env", text)
    found, said = read(source, dialect)
    at = 0
    for key, node in found.items():
        assert key.span.text == key.value
        assert at <= key.span.start < key.span.end <= node.span.end or isinstance(node, Unknown)
        at = node.span.end
        for part in nodes(node):
            assert 0 <= part.span.start <= part.span.end <= len(text)
            if isinstance(part, Scalar) and "\\" not in part.span.text:
                assert part.value == part.span.text
    assert len(said) <= 1
    for problem in said:
        assert 0 <= problem.span.start < problem.span.end <= len(text)


# ── the dotenv dialect ──

PIECES = ["A", "B_1", "x y", "é", "=", "=", " ", "\t", "'", '"', "\\", "n", "#", " #", "\n", "\n", "\r\n", "\r"]
PIECES += ["export ", "export", "$X", "${X}", "${X:-d}", "${", "$", "\u3000", "\x0b", "\0", "-"]
LINES = st.builds(
    lambda name, quote, text, tail: f"{name}{quote}{text}{quote}{tail}\n",
    st.sampled_from(["A=", "export A=", "A = ", " 'A'= ", "A.b-c="]),
    st.sampled_from(["", "'", '"']),
    st.lists(st.sampled_from(PIECES)).map("".join),
    st.sampled_from(["", "", " # c", "#c", " x"]),
)
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES)).map("".join), st.lists(LINES).map("".join))


@given(TEXTS)
@example(SAMPLE)
@example("A=a\\\nB='x\\'y' # z\nC='\\\\'")
@example("A= # c\nB=#b\nC=a#b #c\nD=\x0b#d")
@example("export\nexport A\nexport =b\nexport=c\n'k k' = 1\nA#c")
def test_agrees_with_python_dotenv(text: str) -> None:
    """The same names and values in the same order.

    Left out is where we differ on purpose: `\\$` is a dollar sign (Ruby's and Go's readers),
    a name ends with its line, and a quote that is broken costs one line, not all up to the next.
    """
    assume("\\$" not in text)
    bindings = list(parse_stream(io.StringIO(text, newline="")))
    assume(not any(len(b.original.string.strip().splitlines()) > 1 for b in bindings if b.error))
    theirs = [(b.key, b.value) for b in bindings if b.key is not None]
    assume(not any("\n" in key or "\r" in key for key, _ in theirs))
    ours = [
        (key, plain(node))
        for key, node in entries(text)
        if not (isinstance(node, Unknown) and node.reason == BROKEN_QUOTE)
    ]
    assert ours == theirs
    assert bool(problems(text)) == any(b.error for b in bindings)


@given(st.one_of(TEXTS, st.text()))
def test_places(text: str) -> None:
    check_places(text, "dotenv")
    check_places(text, "docker")


def test_places_of_a_sample() -> None:
    source = Source("x.env", SAMPLE)
    found, said = read(source)
    assert not said
    assert [(key.span.text, node.span.text) for key, node in found.items()] == [
        ("DB_HOST", "db.internal"),
        ("DB_PASSWORD", 'p@ss \\"word\\"'),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("URL", "https://${DB_HOST}:${PORT:-5432}/$NAME"),
        ("PEM", "-----BEGIN-----\nMIIE\n-----END-----"),
        ("AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN"),
        ("LAST", ""),
    ]
    secret = found.get("AWS_SECRET_ACCESS_KEY")
    assert secret is not None
    assert (secret.span.begin.line, secret.span.begin.column) == (5, 28)


def test_references() -> None:
    node = value("URL=https://${HOST}:${PORT:-80}/$PATH_1 # c\n")
    assert isinstance(node, Template)
    parts = [(type(part), part.span.text) for part in node.parts]
    assert parts == [
        (Scalar, "https://"),
        (Ref, "${HOST}"),
        (Scalar, ":"),
        (Ref, "${PORT:-80}"),
        (Scalar, "/"),
        (Ref, "$PATH_1"),
    ]
    port = node.parts[3]
    assert isinstance(port, Ref)
    assert port.name == "PORT"
    assert port.default is not None
    assert (port.default.text, port.default.span.text) == ("80", "80")


@pytest.mark.parametrize("text", ["A=$B", "A=${B}", 'A="$B"', 'A="${B}" # c', "A=${B:?not set}", "A=${B-}"])
def test_value_is_one_reference(text: str) -> None:
    node = value(text)
    assert isinstance(node, Ref)
    assert node.name == "B"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A='$B ${C}'", "$B ${C}"),
        ("A=\\$B", "$B"),
        ('A="\\$B\\n"', "$B\n"),
        ("A=a$", "a$"),
        ("A=a$$b", "a$$b"),
        ("A=$1", "$1"),
        ("A=${B", "${B"),
    ],
)
def test_no_reference(text: str, expected: str) -> None:
    node = value(text)
    assert isinstance(node, Scalar)
    assert node.value == expected


@pytest.mark.parametrize("form", ["${B:+c}", "${B%x}", "$(cat key)"])
def test_other_forms_are_unknown(form: str) -> None:
    node = value(f"A={form}")
    assert isinstance(node, Unknown)
    assert node.span.text == form


def test_default_with_a_reference_is_unknown() -> None:
    node = value("A=${B:-${C}}")
    assert isinstance(node, Ref)
    assert isinstance(node.default, Unknown)
    assert node.default.span.text == "${C}"


@pytest.mark.parametrize("text", ["A: b", "export A: 'b'", '  A:\t"b" # c', "A: b # c"])
def test_colon(text: str) -> None:
    """As the readers of Ruby and compose take it; python-dotenv does not."""
    assert values(text) == [("A", "b")]
    assert not problems(text)


@pytest.mark.parametrize("text", ["a b: c", "http://example.com x", "1: b", "=b", "A b"])
def test_no_assignment(text: str) -> None:
    assert values(f"X=1\n{text}\nY=2\n{text}\n") == [("X", "1"), ("Y", "2")]
    assert problems(f"X=1\n{text}\nY=2\n{text}\n") == [
        (text, "cannot be read as NAME=value (and 1 more)"),
    ]


def test_broken_quote_costs_its_line_only() -> None:
    """python-dotenv loses B and C, too."""
    text = 'A="a\nB=b\nC=c\nD="d"\nE=\'e\' f\n'
    assert values(text) == [("A", '"a'), ("B", "b"), ("C", "c"), ("D", "d"), ("E", "'e' f")]
    assert [type(node) for _, node in entries(text)] == [Unknown, Scalar, Scalar, Scalar, Unknown]
    assert problems(text) == [('A="a', "cannot be read as NAME=value (and 1 more)")]


def test_doubled_names_are_kept() -> None:
    assert values("A=1\nA=2\n") == [("A", "1"), ("A", "2")]


@pytest.mark.parametrize("dialect", ["dotenv", "docker"])
def test_byte_order_mark_and_carriage_returns(dialect: str) -> None:
    assert values("\ufeffA=1\r\n\r\n# c\r\nB=2\r\nC\r\n", dialect) == [("A", "1"), ("B", "2"), ("C", None)]


# ── the docker dialect ──


def docker(text: str) -> list[tuple[str, str | None]]:
    """What kvfile.go of docker does, and envfile.go of the ECS agent with names that have a blank."""
    found: list[tuple[str, str | None]] = []
    for line in text.removeprefix("\ufeff").split("\n"):
        line = line.removesuffix("\r").lstrip()
        name, delimiter, rest = line.partition("=")
        if name and not line.startswith("#"):
            found.append((name, rest) if delimiter else (name.rstrip(), None))
    return found


@given(TEXTS)
@example(SAMPLE)
@example(" A=1\nA =\"x\" # c\n=b\nexport A='b'\n\u3000B\nC= \r\n")
def test_docker(text: str) -> None:
    assert values(text, "docker") == docker(text)


def test_docker_takes_the_value_as_it_is() -> None:
    text = "A=\"a\" # b\nB='$C'\n"
    assert values(text, "docker") == [("A", '"a" # b'), ("B", "'$C'")]
    assert all(isinstance(node, Scalar) for _, node in entries(text, "docker"))


def test_docker_problem() -> None:
    assert problems("A=1\nexport B=2\n=3\n", "docker") == [("export B=2", "cannot be read as NAME=value (and 1 more)")]


# ── any text ──


@pytest.mark.parametrize("dialect", ["dotenv", "docker"])
def test_mutants(dialect: str) -> None:
    for at in range(len(SAMPLE)):
        check_places(SAMPLE[:at] + SAMPLE[at + 1 :], dialect)
        for char in "'\"\\=$#\n{":
            check_places(SAMPLE[:at] + char + SAMPLE[at:], dialect)


HOSTILE = {
    "one line": "A=" + "x" * 300_000,
    "blanks": "A=x" + " " * 300_000 + "y",
    "comment signs": "A=" + "#" * 300_000,
    "quotes": "A='" + "'" * 300_000,
    "open quotes": "A='x\nB=\"y\n" * 10_000,
    "escaped quotes": 'A="' + '\\"' * 100_000,
    "open references": "A=" + "${A:-" * 60_000,
    "braces": "A=" + "${A:-{}" * 50_000,
    "references": "A=" + "$A" * 50_000,
    "empty lines": "\n" * 300_000,
    "bad lines": "=\n" * 50_000,
    "blank lines": (" " * 100 + "\n") * 3_000,
    "names": "A " * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear(text: str) -> None:
    start = time.process_time()
    for dialect in ("dotenv", "docker"):
        read(Source("x.env", text), dialect)
    assert time.process_time() - start < 30


def test_no_text_in_messages() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    said: list[Problem] = [*read(Source("x", f"A='{secret}\n{secret} x\n"))[1], *read(Source("x", f"={secret}"))[1]]
    assert said
    assert not any(secret[:8] in problem.message for problem in said)
