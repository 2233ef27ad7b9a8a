"""Env files: NAME=value, in the two dialects that are in use.

`dotenv` is what the libraries of that name and compose read: quotes, `export`, comments
behind a value, values over several lines, `$NAME`. It follows python-dotenv, and other
readers of the family where they understand more (`NAME: value`, `$NAME`, `\\$`).
`docker` is what `docker run --env-file` and the `environmentFiles` of ECS read: all that
stands behind the first `=` is the value, quotes too.
"""

from __future__ import annotations

import re
from functools import cache

from .. import lazy
from ..node import Map, Node, Problem, Ref, Scalar, Template, Unknown
from ..text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..text import Source

FROM_ENVIRONMENT = "taken from the environment"
BROKEN_QUOTE = "a quoted value that does not end where its line ends"

# A line with its value, or up to it if the value is quoted and needs a closer look. `export`
# is a name only when no blank follows it.
_LINE = re.compile(
    r"""\s*(?:
        (?:export[^\S\r\n]+|(?!export[^\S\r\n]))
        (?:'([^'\r\n]+)'|([^=\#\s'][^=\#\s]*))
        [^\S\r\n]*
        (?:=([^\S\r\n]*)(?:
            (?:"([^"\\$\r\n]*)"|'([^'\\\r\n]*)') [^\S\r\n]* (?:\#[^\r\n]*)? (?=[\r\n]|\Z)
          | (?=['"])
          | ([^\r\n]*)
        ))?
      | (?:export[^\S\r\n]+)?\#[^\r\n]*
    )""",
    re.VERBOSE,
)
_QUOTED = {
    '"': re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL),
    "'": re.compile(r"'([^'\\]*(?:\\.[^'\\]*)*)'", re.DOTALL),
}
_END = re.compile(r"[^\S\r\n]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_BLANK = re.compile(r"\s*")
_REST = re.compile(r"[^\r\n]*")
_COLON = lazy.pattern(r"(?:export[^\S\r\n]+)?([A-Za-z_][A-Za-z0-9_]*):[^\S\r\n]+(?:(?=['\"])|([^\r\n]*))")

_MEANING = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_DOCKER = re.compile(r"[^\S\n]*(?:#[^\n]*|([^=\n]*)(?:=([^\n]*))?)\n?")


def read(source: Source, dialect: str = "dotenv") -> tuple[Map, tuple[Problem, ...]]:
    """The variables in the order of the file, doubled ones too.

    A value is a Scalar, or a Ref or Template if it refers to other variables. A name without
    a value is Unknown: whoever starts the program passes it on. So is a value whose quotes
    are broken. Lines that are no assignment are left out; one Problem tells of all of them.
    """
    reader = _Reader(source)
    if dialect == "docker":
        reader.docker()
    else:
        reader.dotenv()
    problems: tuple[Problem, ...] = ()
    if reader.first_bad is not None:
        more = f" (and {reader.bad - 1} more)" if reader.bad > 1 else ""
        problems = (Problem(reader.first_bad, f"cannot be read as NAME=value{more}"),)
    return Map(source.span(), tuple(reader.entries)), problems


class _Reader:
    __slots__ = ("bad", "entries", "first_bad", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.entries: list[tuple[Scalar, Node]] = []
        self.first_bad: Span | None = None
        self.bad = 0

    def dotenv(self) -> None:
        text, source, entries = self.text, self.source, self.entries
        match_line, match_end = _LINE.match, _END.match
        at = 1 if text.startswith("\ufeff") else 0
        while True:
            line = match_line(text, at)
            if line is None:
                at = _skip(_BLANK, text, at)
                if at == len(text):
                    return
                at = self._odd_line(at)
                continue
            kind = line.lastindex
            at = line.end()
            if kind is None:  # a comment
                continue
            name = 2 if line[2] else 1
            start, end = line.span(name)
            key = Scalar(Span(source, start, end), line[name])
            if kind >= 4:
                start, end = line.span(kind)
                value = line[kind]
                if kind < 6:
                    node: Node = Scalar(Span(source, start, end), value)
                elif "$" in value or "#" in value:
                    node = self._unquoted(start, end, bool(line[3]))
                else:
                    value = value.rstrip()
                    node = Scalar(Span(source, start, start + len(value)), value)
                entries.append((key, node))
            elif kind == 3:
                at = self._quoted(line.start(), key, at)
            elif tail := match_end(text, at):
                entries.append((key, Unknown(key.span, FROM_ENVIRONMENT)))
                at = tail.end()
            else:
                at = self._odd_line(line.start())

    def _odd_line(self, at: int) -> int:
        """`NAME: value`, as Ruby's and compose's readers take it; anything else is no assignment."""
        at = _skip(_BLANK, self.text, at)
        line = _COLON.match(self.text, at)
        if line is None:
            return self._bad(at, at)
        key = Scalar(Span(self.source, *line.span(1)), line[1])
        if line[2] is None:
            return self._quoted(at, key, line.end())
        self.entries.append((key, self._unquoted(*line.span(2), True)))
        return line.end()

    def _bad(self, start: int, at: int) -> int:
        """Skip the rest of the line of `at`; the bad line starts at `start`."""
        end = _skip(_REST, self.text, at)
        if self.first_bad is None:
            self.first_bad = Span(self.source, start, end)
        self.bad += 1
        return end

    def _unquoted(self, start: int, end: int, blank_before: bool) -> Node:
        """The value without the comment behind it, which needs a blank before its `#`."""
        text = self.text
        value = text[start:end]
        if "#" in value:
            if blank_before and value[0] == "#":
                value = ""
            at = value.find("#", 1)
            while at > 0:
                if value[at - 1].isspace():
                    value = value[:at]
                    break
                at = value.find("#", at + 1)
        value = value.rstrip()
        end = start + len(value)
        if "$" in value:
            return self._value(start, end, "")
        return Scalar(Span(self.source, start, end), value)

    def _quoted(self, line: int, key: Scalar, start: int) -> int:
        """Read the value that opens with a quote at `start`; the offset behind it.

        A quote that is not closed, or closed before something else, costs its own line only.
        python-dotenv would drop all lines up to the next quote, wherever it is.
        """
        text = self.text
        quote = text[start]
        value = _QUOTED[quote].match(text, start)
        end = _END.match(text, value.end()) if value else None
        if value is None or end is None:
            after = self._bad(_skip(_BLANK, text, line), start)
            self.entries.append((key, Unknown(Span(self.source, start, after), BROKEN_QUOTE)))
            return after
        begin, stop = value.span(1)
        if "\\" in value[1] or ("$" in value[1] and quote == '"'):
            node = self._value(begin, stop, quote)
        else:
            node = Scalar(Span(self.source, begin, stop), value[1])
        self.entries.append((key, node))
        return end.end()

    def _value(self, start: int, end: int, quote: str) -> Node:
        """A value with escapes or references in it."""
        source, text = self.source, self.text
        parts: list[Node] = []
        literal: list[str] = []
        literal_start = at = start

        def flush(to: int) -> None:
            if literal:
                parts.append(Scalar(Span(source, literal_start, to), "".join(literal)))
                literal.clear()

        for found in _special(quote).finditer(text, start, end):
            if found.start() > at:
                literal.append(text[at : found.start()])
            at = found.end()
            if found[1]:
                literal.append(_MEANING.get(found[1], found[1]))
            elif found.lastindex is None:  # $$
                literal.append(found[0])
            else:
                flush(found.start())
                literal_start = at
                parts.append(self._reference(found))
        if at < end:
            literal.append(text[at:end])
        flush(end)
        if len(parts) == 1:
            return parts[0]
        return Template(Span(source, start, end), tuple(parts)) if parts else Scalar(Span(source, start, end), "")

    def _reference(self, found: re.Match[str]) -> Node:
        span = Span(self.source, *found.span())
        name = found[2] or found[3]
        operator = found[4] or ""
        if not name or operator.endswith("+"):
            return Unknown(span, "an expression of the shell")
        default: Node | None = None
        if operator.endswith("-"):
            begin, stop = found.span(5)
            default = (
                Unknown(Span(self.source, begin, stop), "a default that refers to another variable")
                if "$" in found[5]
                else Scalar(Span(self.source, begin, stop), found[5])
            )
        return Ref(span, name, default)

    def docker(self) -> None:
        """docker refuses a file with a blank in a name; ECS takes the blank as a part of the name, as we do.

        https://github.com/docker/cli/blob/master/pkg/kvfile/kvfile.go and
        https://github.com/aws/amazon-ecs-agent/blob/master/agent/taskresource/envFiles/envfile.go
        """
        source, text = self.source, self.text
        for line in _DOCKER.finditer(text, 1 if text.startswith("\ufeff") else 0):
            name, value = line.groups()
            if name is None or not (name or value is not None):
                continue  # a comment, or an empty line
            start, end = line.span(2 if value is not None else 1)
            if end > start and text[end - 1] == "\r":
                end -= 1
            if not name:
                self._bad(line.start(1), start)
            elif value is None:
                name = name.rstrip()
                if name:
                    key = Scalar(Span(source, start, start + len(name)), name)
                    self.entries.append((key, Unknown(key.span, FROM_ENVIRONMENT)))
            else:
                key = Scalar(Span(source, *line.span(1)), name)
                self.entries.append((key, Scalar(Span(source, start, end), text[start:end])))
                if " " in name or "\t" in name:
                    self._bad(line.start(1), start)


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


@cache
def _special(quote: str) -> re.Pattern[str]:
    """What has a meaning inside a value, by its quotes: escapes, and references outside of single ones.

    `$$` is compose's dollar sign. A default may hold one more pair of braces.
    """
    if quote == "'":
        return re.compile(r"\\([\\'])")
    return re.compile(
        (r"\\([\\'\"abfnrtv$])" if quote else r"\\(\$)") + r"|\$(?:([A-Za-z_][A-Za-z0-9_]*)"
        r"|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}"
        r"|(\{[^{}\r\n]*\}|\([^()\r\n]*\))|\$)"
    )
