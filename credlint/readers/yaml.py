"""YAML: the events of PyYAML's parser, made into nodes with their places.

libyaml's own composer is not used: it recurses until the stack is full, follows anchors into
themselves and gives up on the whole document at the first mistake. Here a mistake costs what
is around it up to the next line that begins at the margin, and templates (Helm, Jinja, ERB)
are read with their placeholders hidden from the parser.
"""

from __future__ import annotations

import re
from bisect import bisect_left

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import Reader, ReaderError

from ..node import MAX_DEPTH, Document, Map, Node, Problem, Scalar, Seq, Unknown, number
from ..text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..text import Source

PLACEHOLDER = "placeholder"
NO_VALUE = "no value"
TOO_DEEP = "nested too deeply"
TOO_MUCH = "repeated too often"
UNDEFINED = "undefined alias"
RECURSIVE = "recursive alias"

_SYNTAX = "this cannot be read as YAML"

_MOST_PROBLEMS = 20  # nobody reads more
_MOST_PIECES = 20  # a file is read in; each but the last ends with a mistake
_MOST_REPEATED = 100_000  # nodes that the aliases of a file repeat
_DEEPEST = 300  # nesting that is still skipped; libyaml's time grows with its square

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NUMBER_STARTS = frozenset("-+0123456789")
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")
_STANDARD = "tag:yaml.org,2002:"
_RESOLVED = frozenset(_STANDARD + name for name in ("bool", "float", "int", "null"))
_GAP = r"(?:\s+|#[^\n]*)*"
_PROPERTIES = rf"(?:[&!][^\s,\[\]{{}}]*{_GAP}){{1,2}}"
_MARGIN = r"(?m:^)[^\s#]"

# Placeholders. None crosses the start of a next one of its kind, so that looking for the end
# of each takes linear time in all.
_TERRAFORM = r"%\{~?\s*(?:if|else|endif|for|endfor)\b"
_GO = r"\{\{(?!resolve:)[^{}]*(?:(?:\{(?!\{)|\}(?!\}))[^{}]*)*\}\}"
_TEMPLATE = (
    rf"(?:{_GO}"
    r"|\{%[^{%]*(?:(?:%(?!\})|\{(?!%))[^{%]*)*%\}"
    r"|\{#[^{#]*(?:(?:#(?!\})|\{(?!#))[^{#]*)*#\}"
    r"|<%[^<%]*(?:(?:%(?!>)|<(?!%))[^<%]*)*%>"
    rf"|{_TERRAFORM}[^{{}}\n]*\}})"
)
_TEMPLATE_LINE = rf"(?m:^)[ \t]*(?:{_TEMPLATE}[ \t]*)+(?=\r?(?m:$))"
# Those that stand for nothing themselves: what is between them does.
_DIRECTIVE = (
    r"\{%|\{#|<%(?!=)|\{\{-?\s*(?:(?:if|else|end|range|with|define|block)\b|/\*|\$\w+\s*:?=)"
    rf"|{_TERRAFORM}"
)
# Those that are strings to YAML too: of the shell, of GitHub, of translations.
_STRING = rf"\${_GO}|[$%]\{{[^{{}}\n]*\}}"
_VARIABLE = r"[@%]\w+[@%]|\*{2,}(?!\S)"
_COMMENT = r"(?m:^)[ \t]*#[^\n]*"
# Last comes what else begins as no value of YAML may.
_HIDE = rf"{_COMMENT}|{_STRING}|{_TEMPLATE}|(?<=[ \t\[,{{])(?:{_VARIABLE}|[@%`][^\s,\[\]{{}}\"']*)"
_TABS = r"(?m:^) *\t[ \t]*"
# What the parser sees of a placeholder: characters that nobody uses.
_HIDDEN, _MORE = "\ue000", "\ue001"
_HIDDEN_PART = rf"{_HIDDEN}{_MORE}*"


def read(source: Source) -> Document:
    """The documents of a YAML text.

    Plain scalars are booleans (`true`, not `yes`), null and decimal numbers where all dialects
    agree, else strings. An alias gives the very node that its anchor marks, of a scalar a copy
    that knows where it is used; what walks over
    nodes need not fear for its time, as a file repeats no more than 100,000 of them. `<<` is
    an entry like any other, see `node.merged`. A key that is no scalar is the string of its
    text.

    If a text is no YAML as it stands, it is read again without its placeholders. One that
    stands for a value is Unknown; one on a line of its own is an entry whose key is null, or
    an element, for nobody knows how much it will be. A string that holds one stays a string,
    and so does `${NAME}`, which is one to YAML.
    """
    reader = _Reader(source)
    reader.read()
    problems = sorted(reader.problems, key=lambda problem: problem.span.start)
    return Document(tuple(reader.roots), tuple(problems[:_MOST_PROBLEMS]))


class _Cover:
    """A text as the parser is to see it, of the same length."""

    __slots__ = ("blanked", "hidden", "holes", "repaired", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.hidden: list[tuple[int, int]] = []  # what a run of characters stands for
        self.holes: list[tuple[int, int]] = []  # placeholders on lines of their own
        self.blanked: list[tuple[int, int]] = []  # these lines, and directives
        self.repaired = False  # whether mistakes were hidden, not placeholders


def _covered(text: str) -> _Cover | None:
    """The text without its placeholders, and with spaces for tabs; None if it has neither."""
    cover = _Cover(text)

    def blank_line(line: re.Match[str]) -> str:
        templates = list(re.finditer(_TEMPLATE, line[0]))
        if not all(re.match(_DIRECTIVE, template[0]) for template in templates):
            cover.holes.append((line.start() + templates[0].start(), line.start() + templates[-1].end()))
        cover.blanked.append(line.span())
        return " " * len(line[0])

    def hide(found: re.Match[str]) -> str:
        if re.match(_COMMENT, found[0]):
            return found[0]
        if re.match(_DIRECTIVE, found[0]):
            cover.blanked.append(found.span())
            return " " * len(found[0])
        cover.hidden.append(found.span())
        cover.repaired = cover.repaired or not _is_placeholder(found[0])
        return _HIDDEN + _MORE * (len(found[0]) - 1)

    def widen(tabs: re.Match[str]) -> str:
        cover.repaired = True
        return " " * len(tabs[0])

    if _HIDDEN in text:
        return None
    cover.text = re.sub(_TABS, widen, re.sub(_HIDE, hide, re.sub(_TEMPLATE_LINE, blank_line, text)))
    cover.blanked.sort()
    return cover if cover.text != text else None


def _is_placeholder(text: str) -> bool:
    return re.fullmatch(rf"{_STRING}|{_TEMPLATE}|{_VARIABLE}", text) is not None


class _Reader:
    """A text, piece by piece: each but the last ends with a mistake."""

    __slots__ = ("anchors", "plain", "problems", "repeated", "roots", "source", "without_templates")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.plain = _Cover(source.text)
        self.without_templates: _Cover | None = None
        self.roots: list[Node] = []
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | _Frame] = {}
        self.repeated = 0

    def read(self) -> None:
        text = self.source.text
        at: int | None = 1 if text.startswith("\ufeff") else 0
        for _ in range(_MOST_PIECES):
            if at is None:
                return
            at = self._piece(at)
        if at is not None:
            self.problems.append(Problem(self.source.span(at), "the rest is left out: too much is broken"))

    def _piece(self, at: int) -> int | None:
        """Read from there to a mistake, and say where to go on."""
        text = self.source.text
        piece = self._attempt(self.plain, at)
        if piece.unprintable:
            self._make_printable()
            piece = self._attempt(self.plain, at)
        if piece.error is not None:
            if self.without_templates is None:
                self.without_templates = _covered(self.plain.text) or self.plain
            if self.without_templates is not self.plain:
                error = piece.error
                piece = self._attempt(self.without_templates, at)
                if piece.error is None and self.without_templates.repaired:
                    self.problems.append(Problem(self.source.span(error, error), _SYNTAX))
        if piece.error is not None:
            piece = self._to_the_mistake(piece)
        self.anchors = piece.anchors
        self.repeated = piece.repeated
        self.problems.extend(piece.problems)
        self._join(piece)
        if piece.error is None:
            return None
        line = text.find("\n", max(piece.last, at))
        margin = re.compile(_MARGIN).search(text, line + 1) if line >= 0 else None
        end = margin.start() if margin else len(text)
        self.problems.append(Problem(self.source.span(min(piece.error, end), end), _SYNTAX))
        return margin.start() if margin else None

    def _attempt(self, cover: _Cover, at: int, end: int | None = None) -> _Composer:
        piece = _Composer(self.source, cover, at, dict(self.anchors), self.repeated)
        piece.run(end)
        return piece

    def _to_the_mistake(self, piece: _Composer) -> _Composer:
        """The same without the line of its mistake: the parser looks ahead, and fails before it tells what precedes."""
        line = piece.cover.text.rfind("\n", 0, piece.mistake) + 1
        if line <= piece.last:
            return piece
        shorter = self._attempt(piece.cover, piece.at, line)
        if shorter.last <= piece.last:
            return piece
        shorter.error = piece.error
        return shorter

    def _make_printable(self) -> None:
        text = self.plain.text
        first = Reader.NON_PRINTABLE.search(text)
        if first:
            self.problems.append(Problem(self.source.span(*first.span()), "this character is not allowed in YAML"))
        self.plain = _Cover(Reader.NON_PRINTABLE.sub("\ufffd", text))

    def _join(self, piece: _Composer) -> None:
        """What was read after a mistake goes on with what was read before it."""
        roots = piece.roots
        if self.roots and roots and piece.goes_on:
            before, after = self.roots[-1], roots[0]
            span = Span(self.source, before.span.start, after.span.end)
            if isinstance(before, Map) and isinstance(after, Map):
                self.roots[-1:] = [Map(span, before.entries + after.entries)]
                roots = roots[1:]
            elif isinstance(before, Seq) and isinstance(after, Seq):
                self.roots[-1:] = [Seq(span, before.nodes + after.nodes)]
                roots = roots[1:]
        self.roots.extend(roots)


class _Frame:
    """A collection that is not ended. The `nodes` of a map are keys and values in turn."""

    __slots__ = ("column", "event", "is_map", "nodes", "odd_key", "start")

    def __init__(self, start: int, event: Any) -> None:
        self.nodes: list[Node] = []
        self.start = start
        self.event = event  # which began it: its tag, its anchor, its style
        self.is_map = type(event) is MappingStartEvent
        self.odd_key = False  # whether a key is no scalar
        self.column = -1  # how far it is indented, if that matters


class _Composer:
    """The nodes of one run of the parser, which ends at the first mistake."""

    __slots__ = (
        "anchors",
        "at",
        "cover",
        "error",
        "frame",
        "goes_on",
        "hole",
        "last",
        "measures",
        "mistake",
        "problems",
        "repeated",
        "roots",
        "source",
        "stack",
        "unprintable",
    )

    def __init__(
        self, source: Source, cover: _Cover, at: int, anchors: dict[str, Node | _Frame], repeated: int
    ) -> None:
        self.source = source
        self.cover = cover
        self.at = at  # the parser's marks count from here
        self.last = at  # where the last thing that was read ends
        self.problems: list[Problem] = []
        self.frame = _Frame(at, None)
        self.roots = self.frame.nodes
        self.stack: list[_Frame] = []
        self.anchors = anchors
        self.repeated = repeated
        self.measures: dict[int, tuple[int, int]] = {}
        self.hole = bisect_left(cover.holes, (at, 0))
        self.goes_on = at > 1  # behind more than a byte order mark: it is what follows a mistake
        self.error: int | None = None
        self.mistake = at  # where what led to the error begins
        self.unprintable = False

    def run(self, end: int | None = None) -> None:
        try:
            self._compose(_events(self.cover.text[self.at : end]))
        except (ReaderError, UnicodeEncodeError):
            self.unprintable = True  # its place is told in bytes
            self.error = self.last
        except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two of a bad escape
            marks = [getattr(error, name, None) for name in ("context_mark", "problem_mark")]
            places = [self.at + mark.index for mark in marks if mark is not None and self.at + mark.index > self.last]
            self.error = max(places, default=self.last)
            self.mistake = min(places, default=self.last)
        while self.stack:
            self._end_collection()
        if not self.roots and self.hole < len(self.cover.holes):
            self.roots.append(Unknown(self.source.span(*self.cover.holes[self.hole]), PLACEHOLDER))

    def _compose(self, get: Callable[[], Any]) -> None:
        source, base = self.source, self.at
        simple = not (self.cover.hidden or self.cover.blanked or self.cover.holes)
        append = self.frame.nodes.append
        while True:
            event = get()
            kind = type(event)
            if kind is ScalarEvent:
                style = event.style
                if not simple or event.tag is not None or event.anchor is not None or style == "|" or style == ">":
                    self._scalar(event)
                    continue
                start = base + event.start_mark.index
                self.last = end = base + event.end_mark.index
                value = event.value
                if style:
                    start, end = start + 1, end - 1
                elif value in _WORDS:
                    value = _WORDS[value]
                elif value[0] in _NUMBER_STARTS and _NUMBER.match(value):
                    value = number(value)
                append(Scalar(Span(source, start, end), value))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                if self.frame.event.flow_style:
                    self.last = base + event.end_mark.index
                elif not simple:
                    self._fill(base + event.end_mark.index, ending=True)
                self._end_collection()
                append = self.frame.nodes.append
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._start_collection(event, get)
                append = self.frame.nodes.append
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self._start_document(event.explicit)
            elif kind is StreamEndEvent:
                return

    def _start_document(self, explicit: bool) -> None:
        if explicit and not self.roots:
            self.goes_on = False
        if explicit or self.roots:
            self.anchors.clear()

    # ── scalars ──

    def _scalar(self, event: Any) -> None:
        """A block scalar, one with an anchor or a tag, or one in a text whose placeholders are hidden."""
        start = self.at + event.start_mark.index
        self.last = end = self.at + event.end_mark.index
        tag, style, value = event.tag, event.style, event.value
        if tag is not None or event.anchor is not None:
            start = self._content(start, end)
        self._fill(start)
        while self.hole < len(self.cover.holes) and self.cover.holes[self.hole][0] < end:
            self.hole += 1  # it is part of this text
        if style == "|" or style == ">":
            start, self.last = self._block(start, end, value)
            end = self.last
            if self.cover.blanked:
                value = re.sub("(?m:^) +(?m:$)", "", value)
        elif style:
            start, end = start + 1, end - 1
        hole = None if value or style else self._hole_for_value(start)
        written = self._shown(value, start, end, style)
        node: Node
        if hole is not None:
            node = Unknown(self._span(*hole), PLACEHOLDER)
            self.last = hole[1]
        elif not style and re.fullmatch(_HIDDEN_PART, value) and re.fullmatch(rf"{_TEMPLATE}|{_VARIABLE}", written):
            node = Unknown(self._span(start, end), PLACEHOLDER)
        elif written == value and (tag in _RESOLVED or (not style and event.implicit[0])):
            node = Scalar(self._span(start, end), _resolved(value))
        else:
            node = Scalar(self._span(start, end), written)
        node.tag = _own_tag(tag)
        self._anchor(event.anchor, node)
        self._put(node)

    def _shown(self, value: str, start: int, end: int, style: str) -> str:
        """The value of what is written there, with what was hidden in it."""
        cover, text = self.cover, self.source.text
        if _HIDDEN in value:
            hidden = cover.hidden[bisect_left(cover.hidden, (start, 0)) : bisect_left(cover.hidden, (end, 0))]
            quote = {"'": "''", '"': '\\"'}.get(style, "")
            texts = iter([text[slice(*place)].replace(quote, quote[1:]) for place in hidden])
            value = re.sub(_HIDDEN_PART, lambda part: next(texts, part[0]), value)
        if (
            bisect_left(cover.blanked, (start, 0)) != bisect_left(cover.blanked, (end, 0))
            and "\n" not in text[start:end]
        ):
            return text[start:end]
        return value

    def _block(self, start: int, end: int, value: str) -> tuple[int, int]:
        """Where the content of a block scalar is: from its first character to the end of its last line."""
        text = self.cover.text
        first = text.find("\n", start, end) + 1 or end
        last = first + len(text[first:end].rstrip())
        if value[:1] not in ("\n", " "):  # which stand in lines or an indentation of their own
            first += len(text[first:last]) - len(text[first:last].lstrip())
        return first, max(first, last)

    def _content(self, start: int, end: int) -> int:
        """Where something starts behind its anchor and tag."""
        properties = re.compile(_PROPERTIES).match(self.cover.text, start, end)
        return properties.end() if properties else start

    # ── collections ──

    def _start_collection(self, event: Any, get: Callable[[], Any]) -> None:
        start = self.at + event.start_mark.index
        if event.tag is not None or event.anchor is not None:
            start = self._content(start, len(self.cover.text))
        if len(self.stack) >= MAX_DEPTH:
            self._skip_collection(start, event.anchor, get)
            return
        frame = _Frame(start, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = frame
        self.stack.append(self.frame)
        self.frame = frame
        if start > self.last:
            self.last = start
        if self.cover.holes:
            if not event.flow_style:
                frame.column = self._column(start)
            self._fill(start)

    def _skip_collection(self, start: int, anchor: str | None, get: Callable[[], Any]) -> None:
        depth = 1
        while depth:
            event = get()
            if type(event) in (MappingStartEvent, SequenceStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    raise yaml.YAMLError
            elif type(event) in (MappingEndEvent, SequenceEndEvent):
                depth -= 1
            else:
                self.last = self.at + event.end_mark.index
        self.last = max(self.last, self.at + event.start_mark.index)
        node = Unknown(self._span(start, self.last), TOO_DEEP)
        self._problem(node.span, "this is nested too deeply")
        self._anchor(anchor, node)
        self._put(node)

    def _end_collection(self) -> None:
        frame = self.frame
        nodes, event = frame.nodes, frame.event
        span = Span(self.source, frame.start, self.last)
        node: Node
        if not frame.is_map:
            node = Seq(span, tuple(nodes))
        elif event.flow_style and self.source.text.startswith("{{", frame.start):  # not a map as a map's key
            node = Unknown(span, PLACEHOLDER)
        else:
            if len(nodes) % 2:  # a mistake came between key and value
                nodes.append(Unknown(nodes[-1].span, NO_VALUE))
            if frame.odd_key:
                nodes[::2] = [key if isinstance(key, Scalar) else Scalar(key.span, key.span.text) for key in nodes[::2]]
            in_turn: Iterator[Any] = iter(nodes)
            node = Map(span, tuple(zip(in_turn, in_turn, strict=True)))
        if event.tag is not None:
            node.tag = _own_tag(event.tag)
        if event.anchor is not None and self.anchors.get(event.anchor) is frame:
            self.anchors[event.anchor] = node
        self.frame = self.stack.pop()
        self._put(node)

    def _put(self, node: Node) -> None:
        """A node into the collection that is open."""
        frame = self.frame
        if frame.is_map and len(frame.nodes) % 2 == 0 and not isinstance(node, Scalar):
            frame.odd_key = True
        frame.nodes.append(node)

    # ── anchors ──

    def _anchor(self, name: str | None, node: Node) -> None:
        if name is not None:
            self.anchors[name] = node

    def _alias(self, event: Any) -> None:
        start, self.last = self.at + event.start_mark.index, self.at + event.end_mark.index
        found = self.anchors.get(event.anchor)
        if found is None:
            reason = UNDEFINED
        elif isinstance(found, _Frame):
            reason = RECURSIVE
        else:
            size, height = self._measure(found)
            if len(self.stack) + height <= MAX_DEPTH and self.repeated + size <= _MOST_REPEATED:
                self.repeated += size
                if isinstance(found, Scalar):  # what is used here is written there
                    used = Scalar(found.span, found.value)
                    used.tag, used.via = found.tag, (self._span(start, self.last),)
                    found = used
                self._put(found)
                return
            reason = TOO_DEEP if len(self.stack) + height > MAX_DEPTH else TOO_MUCH
        node = Unknown(self._span(start, self.last), reason)
        self._problem(node.span, f"this alias cannot be followed: {reason}")
        self._put(node)

    def _measure(self, node: Node) -> tuple[int, int]:
        """How many nodes a node is with all that is in it, what aliases repeat too, and how deep."""
        if not isinstance(node, Map | Seq):
            return 1, 0
        known = self.measures.get(id(node))
        if known is None:
            parts = node.nodes if isinstance(node, Seq) else [value for _, value in node.entries]
            inner = [self._measure(part) for part in parts]
            size = 1 + len(parts) + sum(size for size, _ in inner)
            known = self.measures[id(node)] = size, 1 + max((height for _, height in inner), default=0)
        return known

    # ── placeholders on lines of their own ──

    def _fill(self, end: int, ending: bool = False) -> None:
        """Put the placeholders before `end` into the collection that they stand in.

        At the end of a collection those are its own that are indented as far as it is.
        """
        frame, holes = self.frame, self.cover.holes
        while self.hole < len(holes) and holes[self.hole][0] < end:
            span = self._span(*holes[self.hole])
            if ending and self._column(span.start) < frame.column:
                return
            self.hole += 1
            if len(frame.nodes) % 2 and frame.is_map:
                continue  # in the midst of an entry
            if frame.is_map:
                frame.nodes.append(Scalar(span, None))
            frame.nodes.append(Unknown(span, PLACEHOLDER))
            self.last = span.end

    def _hole_for_value(self, at: int) -> tuple[int, int] | None:
        """The placeholder that is the value of the key before, which seems to have none."""
        holes = self.cover.holes
        if self.hole == len(holes) or not self.frame.is_map or len(self.frame.nodes) % 2 == 0:
            return None
        gap = re.compile(_GAP).match(self.cover.text, at)
        hole = holes[self.hole]
        if gap is None or not at <= hole[0] < gap.end() or self._column(hole[0]) <= self.frame.column:
            return None
        self.hole += 1
        return hole

    def _column(self, at: int) -> int:
        return at - self.cover.text.rfind("\n", 0, at) - 1

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _problem(self, span: Span, message: str) -> None:
        self.problems.append(Problem(span, message))


def _events(text: str) -> Callable[[], Any]:
    """What gives the next event: libyaml's parser, or the slow one where PyYAML was built without it."""
    if yaml.__with_libyaml__:
        from yaml._yaml import CParser  # alone, it is made in half the time of a whole loader

        return CParser(text).get_event
    return yaml.SafeLoader(text).get_event


def _resolved(value: str) -> str | float | bool | None:
    """What a plain scalar is where all dialects agree, else the string."""
    if value in _WORDS:
        return _WORDS[value]
    return number(value) if _NUMBER.match(value) else value


def _own_tag(tag: str | None) -> str | None:
    return tag if tag is not None and tag.startswith("!") and tag != "!" else None
