"""INI files: the shared credentials and config files of AWS, and their relatives (boto, s3cmd, rclone).

The rules are those of Python's configparser, with which botocore reads these files: `=` or
`:` between key and value, comments only on lines of their own, indented lines go on with
the value before. Where botocore gives up on the whole file only the bad line is lost.
"""

from __future__ import annotations

import re

from ..node import Map, Node, Problem, Scalar
from ..text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..text import Source

# One line: indentation, then a comment, a header, or a key and its value. A header ends at
# the last bracket of its line, as in configparser.
_LINE = re.compile(r"([^\S\n]*)(?:[#;][^\n]*|(\[)(?:([^\n]+)\])?[^\n]*|([^=:\n]*)([=:][^\S\n]*([^\n]*))?)\n?")


def read(source: Source) -> tuple[Map, tuple[Problem, ...]]:
    """A Map of sections, each a Map of keys, in the order of the file, doubled ones too.

    Names and keys are as written; botocore and the other SDKs compare keys without regard to
    case. A value over several lines is joined by line breaks. A key whose value starts on the
    next line and has `name = value` lines is a Map of them (`s3 =`), as in botocore. A key
    without a delimiter is null. Keys before the first header are in a section without a name.
    """
    reader = _Reader(source)
    reader.read()
    problems: tuple[Problem, ...] = ()
    if reader.first_bad is not None:
        more = f" (and {reader.bad - 1} more)" if reader.bad > 1 else ""
        problems = (Problem(reader.first_bad, f"cannot be read as a section or key = value{more}"),)
    return Map(source.span(), tuple(reader.sections)), problems


class _Reader:
    __slots__ = ("bad", "entries", "first_bad", "last", "name", "sections", "source", "start", "text", "value")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.sections: list[tuple[Scalar, Node]] = []
        self.name: Scalar | None = None  # of the section that is being read
        self.start = 0  # where it starts, and where what was read of it ends
        self.last = 0
        self.entries: list[tuple[Scalar, Node]] = []
        self.value: list[tuple[int, int]] = []  # the lines of the last value, once it has more than one
        self.first_bad: Span | None = None
        self.bad = 0

    def read(self) -> None:
        text, source = self.text, self.source
        level = 0  # the indentation of the last key or header
        blank = 0  # blank lines since then
        goes_on = False  # a deeper line belongs to the last key
        self.start = self.last = 1 if text.startswith("\ufeff") else 0
        for line in _LINE.finditer(text, self.start):
            kind = line.lastindex
            if kind == 1:  # a comment
                continue
            start = line.end(1)
            if kind == 4 and line.end(4) == start:
                blank += 1
                continue
            indent = start - line.start()
            if goes_on and indent > level:
                self._more(start, line.end(), blank)
                blank = 0
                continue
            if self.value:
                self._close_value()
            level, blank, goes_on = indent, 0, False
            if kind == 5:
                key, value = line[4].rstrip(), line[6].rstrip()
                at = line.start(6)
                self.last = at + len(value)
                if key:
                    self.entries.append(
                        (Scalar(Span(source, start, start + len(key)), key), Scalar(Span(source, at, self.last), value))
                    )
                    goes_on = True
                else:
                    self._bad(start, self.last)
            elif kind == 4:
                key = line[4].rstrip()
                self.last = start + len(key)
                none = Scalar(Span(source, self.last, self.last), None)
                self.entries.append((Scalar(Span(source, start, self.last), key), none))
            else:
                self._header(line)
        self._close_section()

    def _header(self, line: re.Match[str]) -> None:
        """A header without its bracket is one all the same: else its keys would be those of the section before."""
        self._close_section()
        start = line.end(1)
        if line[3] is not None:
            name = line[3]
            self.last = line.end(3) + 1
        else:
            name = self.text[start + 1 : line.end()].rstrip("] \t\r\n")
            self.last = start + 1 + len(name)
            self._bad(start, self.last)
        self.name = Scalar(Span(self.source, start + 1, start + 1 + len(name)), name)
        self.start = start

    def _more(self, start: int, end: int, blank: int) -> None:
        """One more line of the last value."""
        if not self.value:
            first = self.entries[-1][1].span
            self.value.append((first.start, first.end))
        self.value.extend([(start, start)] * blank)
        self.last = start + len(self.text[start:end].rstrip())
        self.value.append((start, self.last))

    def _close_value(self) -> None:
        text, lines = self.text, self.value
        self.value = []
        key, _ = self.entries[-1]
        span = Span(self.source, lines[0][0], lines[-1][1])
        first = next(line for line in lines[1:] if line[1] > line[0])
        if lines[0][0] == lines[0][1] and text.find("=", *first) >= 0:
            self.entries[-1] = (key, Map(span, self._nested(lines[1:])))
        else:
            self.entries[-1] = (key, Scalar(span, "\n".join(text[start:end] for start, end in lines)))

    def _nested(self, lines: list[tuple[int, int]]) -> tuple[tuple[Scalar, Node], ...]:
        """The settings under `s3 =`, as botocore reads them: only `=` parts them."""
        source, text = self.source, self.text
        entries: list[tuple[Scalar, Node]] = []
        for start, end in lines:
            name, delimiter, value = text[start:end].partition("=")
            if delimiter and name.strip():
                name, value = name.rstrip(), value.lstrip()
                key = Scalar(Span(source, start, start + len(name)), name)
                entries.append((key, Scalar(Span(source, end - len(value), end), value)))
            elif start < end:
                self._bad(start, end)
        return tuple(entries)

    def _close_section(self) -> None:
        if self.value:
            self._close_value()
        if self.name is None and self.entries:
            self.name = Scalar(Span(self.source, self.start, self.start), "")
        if self.name is not None:
            span = Span(self.source, self.start, self.last)
            self.sections.append((self.name, Map(span, tuple(self.entries))))
        self.entries = []

    def _bad(self, start: int, end: int) -> None:
        if self.first_bad is None:
            self.first_bad = Span(self.source, start, end)
        self.bad += 1
