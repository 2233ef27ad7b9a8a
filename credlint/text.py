"""Text, and places in it.

A place is two offsets into a source. Lines and columns are for people and are
computed where somebody reads them. A text that is embedded in another one (the
JSON in a Terraform heredoc, the shell in a Dockerfile's RUN, a decoded string) is a
source too; it knows which piece of the outer text each of its characters stands for,
so a place in it can be told as a place in the file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "a": "\a", "e": "\x1b", "v": "\v"}


class Pos:
    """A line and a column, both from 1; the column counts characters."""

    __slots__ = ("column", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column

    def __repr__(self) -> str:
        return f"{self.line}:{self.column}"


class Source:
    """The text of a file, or a text that is embedded in one. Equal only to itself.

    `path` is relative to the root of the run, with "/". `pieces` is empty for a file;
    for an embedded text it says, in order, from which offset on the text stands for
    which span of the outer text: a piece as long as its span stands for it character by
    character, any other (a decoded escape, a base64 literal) for the span as a whole.
    """

    __slots__ = ("_newlines", "_starts", "path", "pieces", "text")

    def __init__(self, path: str, text: str, pieces: Sequence[tuple[int, Span]] = ()) -> None:
        self.path = path
        self.text = text
        self.pieces = pieces
        self._starts = [start for start, _ in pieces]
        self._newlines: list[int] | None = None

    def span(self, start: int = 0, end: int | None = None) -> Span:
        return Span(self, start, len(self.text) if end is None else end)

    def pos(self, offset: int) -> Pos:
        """The line and column of an offset of this very text."""
        newlines = self._line_ends()
        line = bisect_left(newlines, offset)
        return Pos(line + 1, offset - (newlines[line - 1] if line else -1))

    def line_span(self, number: int) -> Span:
        """The line of that number (from 1), without its line break."""
        newlines = self._line_ends()
        start = newlines[number - 2] + 1 if number > 1 else 0
        end = newlines[number - 1] if number <= len(newlines) else len(self.text)
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(self, start, end)

    def _line_ends(self) -> list[int]:
        if self._newlines is None:
            ends: list[int] = []
            at = self.text.find("\n")
            while at >= 0:
                ends.append(at)
                at = self.text.find("\n", at + 1)
            self._newlines = ends
        return self._newlines

    def _outer(self, offset: int) -> tuple[Span, int, bool]:
        """The piece of an offset, how far into it the offset is, and whether it maps one to one."""
        index = max(0, bisect_right(self._starts, offset) - 1)
        start, span = self.pieces[index]
        after = self._starts[index + 1] if index + 1 < len(self._starts) else len(self.text)
        return span, offset - start, after - start == span.end - span.start


class Span:
    """source.text[start:end]"""

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def sub(self, start: int, end: int | None = None) -> Span:
        """A part of this span; the offsets count from its start."""
        return Span(self.source, self.start + start, self.end if end is None else self.start + end)

    def origin(self) -> Span:
        """The same place in the file: what it is in the outermost text."""
        span = self
        while span.source.pieces:
            first, into, exact = span.source._outer(span.start)
            start = first.start + into if exact else first.start
            if span.end > span.start:
                last, into, exact = span.source._outer(span.end - 1)
                end = last.start + into + 1 if exact else last.end
            else:
                last, end = first, start
            span = Span(first.source, start, end if last.source is first.source else start)
        return span

    @property
    def place(self) -> tuple[str, int, int]:
        """Which place in which file it is: what two spans of the same place have in common."""
        origin = self.origin()
        return origin.path, origin.start, origin.end

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def begin(self) -> Pos:
        """Where it starts in the file."""
        origin = self.origin()
        return origin.source.pos(origin.start)

    @property
    def finish(self) -> Pos:
        """Where it ends in the file, exclusive."""
        origin = self.origin()
        return origin.source.pos(origin.end)

    def __repr__(self) -> str:
        # Never the text: it could be a secret.
        return f"{self.path}:{self.begin}-{self.finish}"


def embed(span: Span) -> Source:
    """A span as a source of its own, for a reader that reads a whole text."""
    return Source(span.path, span.text, ((0, span),))


def align(span: Span, decoded: str) -> Source:
    """The decoded text of a literal as a source, each character at its place in the literal.

    `span` is the literal without its quotes, `decoded` what it means: escapes resolved,
    indentation taken away, lines folded. All the formats' escapes start with a backslash
    or double a character, so one walk over both texts finds the way; it needs no
    knowledge of which syntax it was.
    """
    raw = span.text
    if raw == decoded:
        return embed(span)
    pieces: list[tuple[int, Span]] = []
    linear = False
    i = j = 0
    while j < len(decoded):
        if i >= len(raw):  # nothing left to stand for: the rest is at the end
            pieces.append((j, span.sub(len(raw))))
            break
        char = raw[i]
        if char == "\\" and i + 1 < len(raw) and not _is_itself(raw, i, decoded, j):
            width, meant = _escape(raw, i)
            if meant == "" or decoded.startswith(meant, j):
                if meant:
                    pieces.append((j, span.sub(i, i + width)))
                    j += len(meant)
                i += width
                linear = False
                continue
        if char == decoded[j]:
            if not linear:
                pieces.append((j, span.sub(i, i)))
                linear = True
            start, origin = pieces[-1]
            pieces[-1] = (start, Span(origin.source, origin.start, span.start + i + 1))
            i, j = i + 1, j + 1
            continue
        linear = False
        if decoded[j] in " \n" and char in " \t\r\n":  # folded
            pieces.append((j, span.sub(i, i + 1)))
            j += 1
        i += 1
    return Source(span.path, decoded, pieces or ((0, span),))


def _is_itself(raw: str, i: int, decoded: str, j: int) -> bool:
    """Whether a backslash is no escape, as in block scalars and heredocs."""
    if decoded[j] != "\\":
        return False
    # At the end of a line, which may be folded, or end with a carriage return that is not in the decoded text.
    at_end = raw[i + 1] in "\r\n" and decoded[j + 1 : j + 2] in ("\n", " ")
    return at_end or raw.startswith(decoded[j : j + 2], i)


def _escape(raw: str, at: int) -> tuple[int, str]:
    """How many characters the escape at `at` takes, and what it stands for ("" for nothing)."""
    char = raw[at + 1]
    digits = {"x": 2, "u": 4, "U": 8}.get(char)
    if digits:
        code = raw[at + 2 : at + 2 + digits]
        try:
            value = int(code, 16)
            if 0xD800 <= value < 0xDC00 and raw.startswith("\\u", at + 6):  # a pair, as JSON writes it
                low = int(raw[at + 8 : at + 12], 16)
                return 12, chr(0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00))
            return 2 + digits, chr(value)
        except (ValueError, OverflowError):
            return 2, char
    if char == "\r" and raw.startswith("\n", at + 2):
        return 3, ""
    if char == "\n":
        return 2, ""
    return 2, _ESCAPES.get(char, char)
