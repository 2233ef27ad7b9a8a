"""JSON, and what people write in files of that name: templates, comments, forgotten commas.

A text that is JSON to the letter is read by `_strict`. Any other is read by `_Tolerant`,
which takes it for a task definition somebody is in the middle of writing: placeholders of
any template language, comments, single quotes, keys without quotes, line breaks in strings.
What it cannot make sense of costs no more than its own entry.
"""

from __future__ import annotations

import re

from credlint.node import MAX_DEPTH, Document, Map, Node, Problem, Scalar, Seq, Unknown, number
from credlint.text import Span

try:
    from _json import scanstring  # what json itself uses; importing json would cost more than all this
except ImportError:  # an interpreter without it
    from json.decoder import scanstring  # type: ignore[attr-defined, no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from credlint.text import Source

_MOST_PROBLEMS = 20  # a text with more is no JSON, and nobody reads them
_MOST_REJECTED = 100  # tries to find the end of a string on another line

# ── strict ──

_BLANK = r"[ \t\n\r]*"
_STRING = r'"([^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*)"'
_NUMBER = r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
_WORD = r"(true|false|null|NaN|-?Infinity)"
# A value of a map with its key, and one of a list; the groups have the same numbers.
_MEMBER = re.compile(rf"{_BLANK}{_STRING}{_BLANK}:{_BLANK}(?:{_STRING}|([\[{{])|{_NUMBER}|{_WORD}){_BLANK}")
_ELEMENT = re.compile(rf"{_BLANK}()(?:{_STRING}|([\[{{])|{_NUMBER}|{_WORD}){_BLANK}")
_STRING_GROUP, _BRACKET_GROUP, _NUMBER_GROUP = 2, 3, 4
_SKIP = re.compile(_BLANK)

_WORDS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


def read(source: Source) -> Document:
    """The values of a JSON text, usually one.

    Comments, trailing commas, a byte order mark and several values are no problem. A
    placeholder where a value is wanted is Unknown; among the entries of a map it is an
    entry whose key is null, for what it stands for may be any number of entries. A string
    that holds a placeholder stays a string. What is broken makes a Problem, at most twenty.
    """
    at = 1 if source.text.startswith("\ufeff") else 0
    roots = _strict(source, at)
    if roots is not None:
        return Document(tuple(roots), ())
    return _Tolerant(source, at).read()


def _strict(source: Source, at: int) -> list[Node] | None:  # noqa: C901 (one loop: calls would halve its speed)
    """The values of a text that is JSON to the letter, None if it is not.

    A bracket opens a frame: the entries (None for a list) and elements so far, where it
    starts, and the key that waits for the value inside.
    """
    text = source.text
    member, element, skip = _MEMBER.match, _ELEMENT.match, _SKIP.match
    length = len(text)
    stack: list[tuple[list[tuple[Scalar, Node]] | None, list[Node], int, Scalar | None]] = []
    entries: list[tuple[Scalar, Node]] | None = None
    nodes: list[Node] = []
    start = 0
    key: Scalar | None = None
    node: Node
    at = skip(text, at).end()  # type: ignore[union-attr]
    while at < length or stack:
        match = element(text, at) if entries is None else member(text, at)
        if match is None:
            return None
        at = match.end()
        try:
            if entries is not None:
                value = match[1]
                first, last = match.span(1)
                key = Scalar(Span(source, first, last), scanstring(text, first)[0] if "\\" in value else value)
            kind = match.lastindex or 0
            value = match[kind]
            first, last = match.span(kind)
            if kind == _STRING_GROUP:
                node = Scalar(Span(source, first, last), scanstring(text, first)[0] if "\\" in value else value)
            elif kind == _BRACKET_GROUP:
                if len(stack) == MAX_DEPTH:
                    return None
                stack.append((entries, nodes, start, key))
                start, nodes, entries = first, [], [] if value == "{" else None
                if text[at : at + 1] not in ("}", "]"):
                    continue
                node = _EMPTY
            elif kind == _NUMBER_GROUP:
                node = Scalar(Span(source, first, last), number(value))
            else:
                node = Scalar(Span(source, first, last), _WORDS[value])
        except ValueError:  # an escape that is none
            return None
