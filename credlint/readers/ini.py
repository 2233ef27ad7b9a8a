"""INI files: the shared credentials and config files of AWS, and their relatives (boto, s3cmd, rclone).

The rules are those of Python's configparser, with which botocore reads these files: `=` or
`:` between key and value, comments only on lines of their own, indented lines go on with
the value before. Where botocore gives up on the whole file only the bad line is lost.
"""

from __future__ import annotations

import re

from credlint.node import Map, Node, Problem, Scalar
from credlint.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from credlint.text import Source

# One line: indentation, then a comment, a header, or a key and its value. A header ends at
# the last bracket of its line, as in configparser.
_LINE = re.compile(
    r"([^\S\n]*)(?:[#;][^\n]*|(\[)(?:([^\n]+)\])?[^\n]*|([^=:\n]*)([=:][^\S\n]*([^\n]*))?)\n?"
)


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
        more = f", nor can {reader.bad - 1} more" if reader.bad > 1 else ""
        problems = (Problem(reader.first_bad, f"this line cannot be read as a section or key = value{more}"),)
    return Map(source.span(), tuple(reader.sections)), problems


class _Reader:
    __slots__ = ("bad", "entries", "first_bad", "sections", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.sections: list[tuple[Scalar, Node]] = []
        self.entries: list[tuple[Scalar, Node]] = []
        self.first_bad: Span | None = None
        self.bad = 0

    def read(self) -> None:
        text, source = self.text, self.source
        level = 0  # the indentation of the last key or header
        section = start = 1 if text.startswith("\ufeff") else 0
        name: Scalar | None = None
        key: Scalar | None = None  # the key that an indented line would go on with
        lines: list[tuple[int, int]] = []  # its value, line by line
        for line in _LINE.finditer(text, start):
            kind = line.lastindex
            indent = line.end(1) - line.start(1)
            ...
