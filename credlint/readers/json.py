"""JSON, and what people write in files of that name: templates, comments, forgotten commas.

A text that is JSON to the letter is read by `_strict`. Any other is read by `_Tolerant`,
which takes it for a task definition that somebody is in the middle of writing: placeholders
of any template language, comments, single quotes, keys without quotes, line breaks in
strings. What it cannot make sense of costs little more than its own entry.
"""

from __future__ import annotations

import re
from functools import cache

from .. import lazy
from ..node import MAX_DEPTH, Document, Map, Node, Problem, Scalar, Seq, Unknown, number
from ..text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..text import Source

PLACEHOLDER = "placeholder"
NOT_JSON = "not JSON"
NO_VALUE = "no value"
TOO_DEEP = "nested too deeply"
_FOREIGN = "this is not JSON"

_MOST_PROBLEMS = 20  # nobody reads more
_MOST_FAULTS = 1000  # a text with more is something else, and not read to its end
_MOST_REJECTED = 100  # tries to find the end of a string on a later line, each of linear time

# ── JSON to the letter ──

_BLANK = r"[ \t\n\r]*"
_STRING = r'"([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*)"'
_NUMBER = r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"
_WORD = r"(true|false|null|NaN|-?Infinity)"
_KEY = re.compile(rf"{_BLANK}{_STRING}{_BLANK}:")
_VALUE = re.compile(rf"{_BLANK}(?:{_STRING}|([\[{{])|{_NUMBER}|{_WORD}){_BLANK}")
_TEXT, _BRACKET = 1, 2
_SKIP = re.compile(_BLANK)
_ESCAPE = lazy.pattern(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL
)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": ""}

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
    placeholder that stands for a value is Unknown. One that stands among the entries of a
    map is an entry whose key is null, for nobody knows how many entries it will be. A
    string that holds a placeholder stays a string. What is broken makes a Problem.
    """
    at = 1 if source.text.startswith("\ufeff") else 0
    roots = _strict(source, at)
    if roots is None:
        return _Tolerant(source, at).read()
    return Document(tuple(roots), ())


def _strict(source: Source, at: int) -> list[Node] | None:
    """The values of a text that is JSON to the letter; None if it is not."""
    text = source.text
    length = len(text.rstrip(" \t\n\r"))
    key_at, value_at, skip = _KEY.match, _VALUE.match, _SKIP.match
    # What is open outside: its entries (None for a list), its elements, its start, its key that waits.
    stack: list[tuple[list[tuple[Scalar, Node]] | None, list[Node], int, Scalar]] = []
    entries: list[tuple[Scalar, Node]] | None = None
    roots: list[Node] = []
    nodes = roots
    start = 0
    key = Scalar(Span(source, 0, 0), None)
    node: Node | None
    while at < length:
        if entries is not None:
            match = key_at(text, at)
            if match is None:
                return None
            at = match.end()
            key = _string(source, match)
        match = value_at(text, at)
        if match is None:
            return None
        at = match.end()
        kind = match.lastindex or 0
        first, last = match.span(kind)
        value = match[kind]
        if kind == _TEXT:
            node = _string(source, match)
        elif kind == _BRACKET:
            if len(stack) == MAX_DEPTH:
                return None
            stack.append((entries, nodes, start, key))
            start, nodes, entries = first, [], [] if value == "{" else None
            if text[at : at + 1] not in ("}", "]"):
                continue
            node = None
        else:
            node = Scalar(Span(source, first, last), _word_or_number(value))
        while True:
            if node is not None:
                if entries is None:
                    nodes.append(node)
                else:
                    entries.append((key, node))
                if not stack:
                    break
                if text[at : at + 1] == ",":
                    at += 1
                    break
            if text[at : at + 1] != ("]" if entries is None else "}"):
                return None
            span = Span(source, start, at + 1)
            node = Seq(span, tuple(nodes)) if entries is None else Map(span, tuple(entries))
            entries, nodes, start, key = stack.pop()
            at = skip(text, at + 1).end()  # type: ignore[union-attr]  # it always matches
    return None if stack else roots


def _string(source: Source, match: re.Match[str]) -> Scalar:
    """The string that is the first group of a match."""
    raw = match[1]
    return Scalar(Span(source, *match.span(1)), _decoded(raw) if "\\" in raw else raw)


def _decoded(raw: str) -> str:
    """The text of a string with escapes; an escape that JSON has not is the character itself."""
    # Not with json's own scanstring: it costs more to import than this to run, and its
    # C half alone (_json) raises SystemError for a bad escape.
    return _ESCAPE.sub(_unescaped, raw)


def _unescaped(escape: re.Match[str]) -> str:
    high, low, code, char = escape.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    return chr(int(code, 16)) if code else _ESCAPES.get(char, char)


# ── everything else ──

# Placeholders of Terraform, the shell, Go, Jinja, Octopus. None crosses the start of a next
# one, so looking for the end of each takes linear time in all.
_TEMPLATE = (
    r'(?:\$\{[^{}"\n]*(?:(?:"[^"\n]*"|\{[^{}]*\})[^{}"\n]*)*\}'
    r'|\{\{(?!\s*"[^"\n]*"\s*:)[^{}]*(?:(?:\{(?!\{)|\}(?!\}))[^{}]*)*\}\}'
    r"|\{%[^{%]*(?:(?:%(?!\})|\{(?!%))[^{%]*)*%\}"
    r"|[%#]\{[^{}\n]*\})"
)
_TEMPLATE_START = r"\$\{|\{\{|\{%|%\{"
# Those that stand for nothing themselves: what is between them does.
_DIRECTIVE = r"\{%|%\{|\{\{-?\s*(?:(?:if|else|end|range|with|define|block)\b|/\*|\$\w+\s*:?=)"
_COMMENT = r"//[^\n]*|\#(?!\{|\w+\#)[^\n]*|/\*.*?\*/"
_GAP = rf"[\s\ufeff]+|{_COMMENT}"
_PLAIN = rf"(?:{_NUMBER}|{_WORD})(?=[\s,\]}}]|\Z|//|/\*|\#)"
_MARKED = r"<[^<>\n]{1,100}>"
_WORD_OF_KEY = r"[^\s\"'{}\[\],:=<]{0,200}"
_BARE_KEY = rf"(?=[^\s,:=\[\]}}])({_WORD_OF_KEY}(?:(?:{_TEMPLATE}|{_MARKED}|<){_WORD_OF_KEY}){{0,4}})\"?\s*(?=[:=])"
_COLON = r"\+?[:=]+>?"
# The parts of what is no value of JSON, up to the end of its entry or line.
_PART = (
    rf"{_TEMPLATE}|{_MARKED}|\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`|\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
    r"|(?<=[\w)\]])\[(?:[^\[\]{}\",\n]*|\"[^\"\n]*\")\]|[\w.:;=+*-]+|(?!\s(?:\#|//|/\*))[^,{}\[\]\n]"
)
_QUOTED = {'"': r'[^"\\\n]*(?:\\.[^"\\\n]*)*"', "'": r"[^'\\\n]*(?:\\.[^'\\\n]*)*'"}
_QUOTED_LONG = {'"': r'[^"\\]*(?:\\.[^"\\]*)*"', "'": r"[^'\\]*(?:\\.[^'\\]*)*'"}
_AFTER_STRING = r"[ \t]*(?:[,:\]}\r\n]|\Z|//|/\*|\#)"
_AFTER_LONG_STRING = r"\s*(?:[,:\]}]|\Z)"
_BRACKET_OR_STRING = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|([{\[])|([}\]])'
_AT_LINE_EDGE = r"(?m:^)[ \t]*[{\[]|[{\[](?=[ \t\r]*(?m:$))"


def _word_or_number(written: str) -> float | bool | None:
    return _WORDS[written] if written in _WORDS else number(written)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """These cost several milliseconds to compile, and most files need none of them."""
    return re.compile(pattern, re.DOTALL)


class _Frame:
    """An open bracket: `entries` of a map, else `nodes` of a list."""

    __slots__ = ("entries", "key", "nodes", "start")

    def __init__(self, bracket: str, start: int) -> None:
        self.start = start
        self.entries: list[tuple[Scalar, Node]] | None = [] if bracket == "{" else None
        self.nodes: list[Node] = []
        self.key: Scalar | None = None  # that waits for its value


class _Tolerant:
    __slots__ = (
        "at",
        "done",
        "faults",
        "problems",
        "rejected",
        "roots",
        "separated",
        "source",
        "stack",
        "templates",
        "text",
    )

    def __init__(self, source: Source, at: int) -> None:
        self.source = source
        self.text = source.text
        self.at = at
        self.done = at  # where the last thing that was read ends
        self.separated = True  # nothing or a comma stands before what is next
        self.stack: list[_Frame] = []
        self.roots: list[Node] = []
        self.templates: list[Node] = []  # outside of all brackets
        self.problems: list[Problem] = []
        self.faults = 0
        self.rejected = 0

    def read(self) -> Document:
        self._skip()
        while self.at < len(self.text) and self.faults < _MOST_FAULTS:
            frame = self.stack[-1] if self.stack else None
            if frame is None:
                self._root()
            elif frame.entries is not None and frame.key is None:
                self._entry(frame)
            else:
                self._value(frame)
            self._skip()
        if self.at < len(self.text) and not self._told():
            end = len(self.text)
            self.problems.append(Problem(self._span(self.at, end), "the rest is left out: too much is broken"))
        elif self.stack:
            start = self.stack[-1].start
            self._problem(start, start + 1, "this bracket is not closed")
        while self.stack:
            self._close(self.done)
        return Document(tuple(self.roots or self.templates), tuple(self.problems))

    # ── where we are ──

    def _match(self, pattern: str, at: int | None = None) -> re.Match[str] | None:
        return _compiled(pattern).match(self.text, self.at if at is None else at)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _problem(self, start: int, end: int, message: str) -> None:
        self.faults += 1
        if len(self.problems) < _MOST_PROBLEMS and not self._told():
            self.problems.append(Problem(self._span(start, end), message))

    def _told(self) -> bool:
        """Whether it has been said that this is no JSON at all, which is enough."""
        return bool(self.problems) and self.problems[0].message == _FOREIGN

    def _skip(self) -> None:
        """Over blanks and comments, and commas where no value is due."""
        while self.at < len(self.text):
            gap = self._match(_GAP)
            if gap:
                self.at = gap.end()
            elif self.text[self.at] == "," and not (self.stack and self.stack[-1].key):
                self.separated = True
                self.at += 1
            elif self.text.startswith("/*", self.at):
                self._problem(self.at, len(self.text), "this comment is not closed")
                self.at = len(self.text)
            else:
                return

    # ── brackets ──

    def _open(self, hole: Unknown | None = None) -> None:
        """A bracket, and a hole in what it holds if something unknown stands before it."""
        bracket = self.text[self.at]
        if len(self.stack) >= MAX_DEPTH:
            end = self._end_of_nested()
            self._problem(self.at, end, "this is nested too deeply")
            node = Unknown(self._span(self.at, end), TOO_DEEP)
            self.at = end
            self._add(node)
            return
        frame = _Frame(bracket, self.at)
        self.stack.append(frame)
        if hole is not None:
            self._hole(frame, hole)
        self.at += 1
        self.done = self.at
        self.separated = True

    def _end_of_nested(self) -> int:
        depth = 0
        for found in _compiled(_BRACKET_OR_STRING).finditer(self.text, self.at):
            depth += 1 if found[1] else -1 if found[2] else 0
            if depth == 0:
                return found.end()
        return len(self.text)

    def _close(self, end: int) -> None:
        frame = self.stack.pop()
        span = self._span(frame.start, end)
        if frame.entries is None:
            self._add(Seq(span, tuple(frame.nodes)))
            return
        self._no_value(frame)
        self._add(Map(span, tuple(frame.entries)))

    def _closing(self) -> None:
        """A closing bracket: of the innermost frame that it fits."""
        in_map = self.text[self.at] == "}"
        if not any((frame.entries is not None) == in_map for frame in self.stack):
            self._problem(self.at, self.at + 1, "this bracket closes nothing")
            self.at += 1
            return
        while (self.stack[-1].entries is not None) != in_map:
            self._close_early()
        self.at += 1
        self._close(self.at)

    def _close_early(self) -> None:
        start = self.stack[-1].start
        self._problem(start, start + 1, "this bracket is not closed")
        self._close(self.done)
        self.separated = True

    def _add(self, node: Node) -> None:
        """A value that was read, to where it belongs."""
        self.done = max(self.done, node.span.end, self.at)
        self.separated = False
        if not self.stack:
            self.roots.append(node)
            return
        frame = self.stack[-1]
        if frame.entries is None:
            frame.nodes.append(node)
        else:
            frame.entries.append((frame.key or Scalar(self._span(node.span.start, node.span.start), None), node))
            frame.key = None

    def _hole(self, frame: _Frame, node: Unknown) -> None:
        """Something unknown among the entries or elements."""
        self.done = max(self.done, node.span.end)
        if frame.entries is None:
            frame.nodes.append(node)
        else:
            frame.entries.append((Scalar(node.span, None), node))

    def _no_value(self, frame: _Frame) -> None:
        key = frame.key
        if key is not None and frame.entries is not None:
            self._problem(key.span.start, key.span.end, "this key has no value")
            frame.entries.append((key, Unknown(key.span, NO_VALUE)))
            frame.key = None

    # ── outside of all brackets ──

    def _root(self) -> None:
        char = self.text[self.at]
        template = self._match(_TEMPLATE)
        if template:
            if not self._match(_DIRECTIVE):
                self.templates.append(Unknown(self._span(*template.span()), PLACEHOLDER))
            self.at = template.end()
        elif char in "{[":
            self._open()
        elif char in "}]" and self.roots:
            self._closing()
        elif char in "\"'":
            self._add(self._string())
        elif not self._plain():
            self._foreign()

    def _foreign(self) -> None:
        """What is no JSON, up to a bracket that begins or ends a line."""
        bracket = _compiled(_AT_LINE_EDGE).search(self.text, self.at)
        end = bracket.end() - 1 if bracket else len(self.text)
        start, self.at = self.at, end
        left_out = self.text[start:end].rstrip()
        if left_out.strip(" \t\r\n;)"):
            self._problem(start, start + len(left_out), _FOREIGN)
            self._add(Unknown(self._span(start, start + len(left_out)), NOT_JSON))

    # ── in a map ──

    def _entry(self, frame: _Frame) -> None:
        """A key up to its value; or the end of the map, or what stands there instead of a key."""
        char = self.text[self.at]
        if char in "}]":
            self._closing()
        elif char in "\"'":
            if not self._usual_entry():
                self._quoted_key(frame)
        elif key := self._match(_BARE_KEY):
            self._comma_expected()
            self.at = key.end()
            self._colon(frame, Scalar(self._span(*key.span(1)), key[1]))
        elif template := self._match(_TEMPLATE):
            if not self._match(_DIRECTIVE):
                self._hole(frame, Unknown(self._span(*template.span()), PLACEHOLDER))
            self.at = template.end()
            self.separated = True
        elif char in "{[":
            self._container_for_key(frame)
        elif char in ":=":
            self._problem(self.at, self.at, "a key is missing")
            self._colon(frame, Scalar(self._span(self.at, self.at), None))
        else:
            self._hole(frame, self._unknown())
            self.separated = True

    def _usual_entry(self) -> bool:
        """A whole entry at once, if it is as JSON has it and holds no template."""
        name = _KEY.match(self.text, self.at)
        match = _VALUE.match(self.text, name.end()) if name else None
        if name is None or match is None or match.lastindex == _BRACKET:
            return False
        if self.text[match.end() : match.end() + 1] not in (",", "}"):
            return False
        kind = match.lastindex or 0
        key, value = name[1], match[kind]
        if "{" in key or "{" in value:
            return False
        self._comma_expected()
        self.at = match.end(kind) + (kind == _TEXT)
        self.stack[-1].key = _string(self.source, name)
        known = (_decoded(value) if "\\" in value else value) if kind == _TEXT else _word_or_number(value)
        self._add(Scalar(self._span(*match.span(kind)), known))
        return True

    def _quoted_key(self, frame: _Frame) -> None:
        self._comma_expected()
        key = self._string()
        start, end = key.span.start, key.span.end
        colon = self.text.find(":", start, end)
        follows = self.text[self.at : self.at + 1]
        if colon >= 0 and (follows.isalnum() or self.at == end):
            # `"name: "value"`, or `"name: 1` to the end of the line
            if self.at != end:
                self._problem(start - 1, start, "this quote is not closed")
            self.at = colon
            key = Scalar(self._span(start, colon), self.text[start:colon])
        elif self.at == end:  # not closed
            self._hole(frame, Unknown(key.span, NOT_JSON))
            return
        self._colon(frame, key)

    def _colon(self, frame: _Frame, key: Scalar) -> None:
        """What stands between a key and its value."""
        frame.key = key
        self.done = max(self.done, self.at)
        before = self.at
        self._skip()
        colon = self._match(_COLON)
        if colon:
            self.at = self.done = colon.end()
        elif "\n" in self.text[before : self.at] or self.text[self.at : self.at + 1] in ("", ",", "}", "]"):
            self._no_value(frame)
            self.separated = True
        else:
            self._problem(self.at, self.at, "a colon is missing")

    def _container_for_key(self, frame: _Frame) -> None:
        outer = self.stack[-2] if len(self.stack) > 1 else None
        if self.text[self.at] == "{" and frame.start == self.at - 1:
            self._problem(self.at, self.at + 1, "this bracket is doubled")
            self.at += 1
        elif self.text[self.at] == "{" and outer is not None and outer.entries is None:
            self._close_early()  # the next element of the list around
        else:
            self._problem(self.at, self.at, "a key is missing")
            self._open()

    def _comma_expected(self) -> None:
        if not self.separated:
            self._problem(self.at, self.at, "a comma is missing")

    # ── values ──

    def _value(self, frame: _Frame) -> None:
        """The value of a key, or an element of a list, or the bracket that closes it."""
        char = self.text[self.at]
        template = self._match(_TEMPLATE)
        if char in "}]":
            self._closing()
        elif char == ",":
            self._no_value(frame)
        elif template:
            if self._match(_DIRECTIVE) and (frame.key is None or self._match(r"\s*\n", template.end())):
                self.at = template.end()
                self.separated = True
            else:
                self._placeholder()
        elif char == ":":
            self._problem(self.at, self.at + 1, "a value is missing")
            self.at += 1
        else:
            if frame.key is None:
                self._comma_expected()
            if char in "{[":
                self._open()
            elif char in "\"'":
                self._quoted_value(frame)
            elif not self._plain():
                self._placeholder()

    def _plain(self) -> bool:
        """A number or a word of JSON, if one is here."""
        plain = self._match(_PLAIN)
        if plain is None:
            return False
        self.at = plain.end()
        self._add(Scalar(self._span(*plain.span()), _word_or_number(plain[0])))
        return True

    def _quoted_value(self, frame: _Frame) -> None:
        node = self._string()
        colon = self._match(r"[ \t]*:")
        if colon is None:
            self._add(node)
            return
        # It is a key: what comes before it was not ended.
        outer = self.stack[-2] if len(self.stack) > 1 else None
        if frame.entries is not None:
            self._no_value(frame)
            frame.key = node
        elif outer is not None and outer.entries is not None:
            self._close_early()
            outer.key = node
        else:
            self._problem(self.at, colon.end(), "a key in a list")
            self._add(node)
        self.at = self.done = colon.end()

    def _placeholder(self) -> None:
        """What stands for a value; or for a part of one, if a bracket follows: `base + { ... }`."""
        node = self._unknown()
        if self.text[self.at : self.at + 1] in ("{", "["):
            self._open(node)
        else:
            self._add(node)
            self.separated = True  # it may bring its comma along

    def _unknown(self) -> Unknown:
        """Whatever is here, up to the end of its entry or line."""
        start = self.at
        part = _compiled(_PART).match
        found = part(self.text, start)
        while found:
            self.at = found.end()
            found = part(self.text, self.at)
        self.at = max(self.at, start + 1)
        written = self.text[start : self.at].rstrip()
        span = self._span(start, start + len(written))
        if (written[:1].isalpha() or written[:1] in "_$%@#<{(") and written.count('"') % 2 == 0:
            return Unknown(span, PLACEHOLDER)
        self._problem(span.start, span.end, "this is no value")
        return Unknown(span, NOT_JSON)

    # ── strings ──

    def _string(self) -> Scalar:
        """A quoted string; one that is not closed ends with its line, and `at` stands at its end."""
        text, start = self.text, self.at + 1
        quote = text[self.at]
        end = self._end_of_string(start, quote)
        if end is None:
            line_end = text.find("\n", start)
            end = start + len(text[start : line_end if line_end >= 0 else len(text)].rstrip(" \t\r,"))
            self._problem(start - 1, start, "this quote is not closed")
            self.at = end
        else:
            self.at = end + 1
        raw = text[start:end]
        return Scalar(self._span(start, end), _decoded(raw) if "\\" in raw else raw)

    def _end_of_string(self, start: int, quote: str) -> int | None:
        closed = self._match(_QUOTED[quote], start)
        if closed:
            return self._past_templates(start, closed.end() - 1, quote)
        if self.rejected < _MOST_REJECTED:
            closed = self._match(_QUOTED_LONG[quote], start)
            if closed and self._match(_AFTER_LONG_STRING, closed.end()):
                return closed.end() - 1
            self.rejected += 1
        return None

    def _past_templates(self, start: int, end: int, quote: str) -> int:
        """The end of a string that seems to end at `end`: that quote may be one in a placeholder.

        So in `"{{ must_env "X" }}"`, and not in `["{{", "}}"]`.
        """
        text, at = self.text, start
        while found := _compiled(_TEMPLATE_START).search(text, at, end):
            at = found.end()
            template = self._match(_TEMPLATE, found.start())
            if template is None:
                continue
            if template.end() > end:
                inside = text[at:end]
                odd = not self._match(_AFTER_STRING, end + 1) or (inside.strip() and inside[-1] in " ([,=")
                closed = self._match(_QUOTED[quote], template.end())
                if not odd or closed is None or "\n" in template[0]:
                    continue
                end = closed.end() - 1
            at = template.end()
        return end
