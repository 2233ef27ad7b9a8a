"""HCL, Terraform's language: blocks, attributes and expressions, with their places.

tree-sitter-hcl parses, this module turns its tree into nodes and puts right where that
grammar and HashiCorp's own parser (github.com/hashicorp/hcl, hclsyntax) differ: white space
in templates, escapes, `<<-`, the order of nested conditionals, splats. A file that does not
parse as a whole is read piece by piece, so that a mistake costs little more than its own
attribute.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise, takewhile
from time import process_time

import tree_sitter_hcl
from tree_sitter import Language, Parser
from tree_sitter import Node as Syntax

from .. import lazy
from ..node import (
    Block,
    Body,
    Call,
    ComputedKey,
    Conditional,
    For,
    Index,
    Map,
    Node,
    Operation,
    Problem,
    Ref,
    Scalar,
    Seq,
    Splat,
    Template,
    Unknown,
)
from ..text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ..text import Source

    _Contents: TypeAlias = tuple[list[tuple[Scalar, Node]], list[Block]]
    _Line: TypeAlias = tuple[int, int, int]

_LANGUAGE = Language(tree_sitter_hcl.language())
_MAX_DEPTH = 64  # of nested blocks and expressions
_MAX_REPAIR = 16  # nested blocks around a mistake
_MAX_PROBLEMS = 1000

_SYNTAX = "a syntax error"
_DEEP = "nested too deeply"
_LONG = "it took too long"
_OPEN = "this block does not end"

_NAME = r"[^\W\d][\w-]*"
_PLAIN = r'[^"\\$%\n]*(?:[$%](?!\{)[^"\\$%\n]*)*'  # the inside of a string that means itself
# What most values are: a plain string, a number, a word or a reference. Read without a look at the tree.
_SIMPLE = rf'"({_PLAIN})"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|({_NAME}(?:\.{_NAME})*)'
_VALUE = re.compile(_SIMPLE)
_PAIR = re.compile(rf'(?:({_NAME})|"({_PLAIN})")[ \t]*[=:][ \t]*(?:{_SIMPLE})?')
_WORDS = {"true": True, "false": False, "null": None}
_USUAL_HEAD = re.compile(rf'({_NAME})(?: +"([^"\\{{\n]*)"(?: +"([^"\\{{\n]*)")?)? *\{{')
# The type and the labels of a block, and the comments between them.
_WORD = lazy.pattern(rf'({_NAME})|"((?:[^"\\\n]|\\.)*)"|#.*|//.*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/')
_NUMBER = lazy.pattern(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))|([$%])\4\{", re.DOTALL)
_BRACE = lazy.pattern(r'[{}]|"(?:[^"\\\n]|\\.)*"')
_SIGN = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_DOUBLED = re.compile(r"([$%])\1\{")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read(source: Source) -> tuple[Body, tuple[Problem, ...]]:
    """The attributes and blocks of a file.

    What could not be read is Unknown where a value is wanted, else left out, with a Problem
    for each such place. What only Terraform refuses is read: an attribute that is there twice,
    two of them on a line, a string over several lines as Terraform 0.11 had it.
    """
    reader = _Reader(source)
    entries, blocks = reader.file()
    if reader.problems:
        reader.problems.sort(key=lambda problem: problem.span.start)
    return Body(source.span(), tuple(entries), tuple(blocks)), tuple(reader.problems)


def outline(source: Source) -> tuple[Body, list[Problem]]:
    """As `read`, but the insides of the blocks are read when they are asked for, where the text has no syntax error.

    What such an inside has of problems is added to the list then.
    """
    reader = _Reader(source)
    reader.later = True
    entries, blocks = reader.file()
    return Body(source.span(), tuple(entries), tuple(blocks)), reader.problems


def expression(source: Source) -> Node:
    """A text that is one expression; Unknown if it is none."""
    reader = _Reader(source)
    reader.data = _encode(_mend(source.text))
    return reader.fragment(0, len(source.text))


def template(source: Source) -> Node:
    """A text that is a template: a file for `templatefile()`, a string of JSON syntax.

    It is read as a heredoc is: `${...}` and `%{...}` are known, a backslash is a backslash.
    Without either of them it is a Scalar; a template of one interpolation alone is what that
    gives. An interpolation that cannot be read is an Unknown among the parts.
    """
    text = source.text
    if "${" not in text and "%{" not in text:
        return Scalar(source.span(), text)
    reader = _Reader(source)
    reader.data = _encode(_mend(text))
    return reader.template()


# ── text for the parser ──


_FOREIGN = lazy.pattern(r"[^\x01-\x7f]")
_DOLLARS = lazy.pattern(r"(?:(?<!\$)\$\$\$+|(?<!%)%%%+)(?=\{)")
_EXPONENT = lazy.pattern(r"\b\d+[eE][+-]?\d+")
_FOR_KEY = lazy.pattern(r"(\{\s*)for(?=[ \t]*[=:])")
_BEFORE_KEY = lazy.pattern(r"([^\s\[{(,])\n(?=[ \t]*\([^\n]*\)[ \t]*=[^=>])")
_BLANKS = lazy.pattern(r"\s{100,}")


def _encode(text: str, hide: bool = False) -> bytes:
    """The text as the parser gets it: a byte for each character, so that its offsets are ours.

    What the text says is never taken from it, so it only needs to have the same structure.
    """
    if _has_long_blanks(text):
        text = _squeeze(text)
    if hide:
        text = _STRINGS.sub(_blank, text)
    if not text.isascii() or "\0" in text:
        text = _FOREIGN.sub(_stand_in, text)
    if "$$$" in text or "%%%" in text:
        # The grammar pairs the signs from the left, HCL from the brace: `$$${` is `$` and an escape.
        text = _DOLLARS.sub(lambda signs: "`" * len(signs[0]), text)
    return text.encode()


def _stand_in(found: re.Match[str]) -> str:
    char = found[0]
    if char.isspace() or char == "\ufeff":
        return " "
    return "x" if f"a{char}".isidentifier() else "`"  # which has no meaning in HCL


# The parser takes blanks at once and other characters one by one. So the strings that mean
# themselves are blanked, up to a quote that may be none. Where two quotes only look like a
# string (behind an interpolation over several lines), what remains does not parse.
_STRINGS = re.compile(r'"([^"\\$%\n]*)"|"[^\n]*')


def _blank(found: re.Match[str]) -> str:
    return f'"{" " * (found.end(1) - found.start(1))}"' if found.lastindex else found[0]


def _has_long_blanks(text: str) -> bool:
    # A run of twice the step holds two neighbours of the sample.
    step = 64
    sample = text[::step]
    return any(
        text[found.start() * step : (found.start() + 1) * step].isspace() for found in re.finditer(r"\s(?=\s)", sample)
    )


def _squeeze(text: str) -> str:
    """The text with comments in the place of long runs of white space.

    The parser's time is the square of the length of a run. The few and short ones that
    people write are left alone, for a run may stand in a block comment.
    """
    if sum(len(run[0]) ** 2 for run in _BLANKS.finditer(text)) < 10_000_000:
        return text

    def comment(run: re.Match[str]) -> str:
        blanks = run[0]
        first, last = blanks.find("\n"), blanks.rfind("\n")
        if first < 0:
            return f"/*{'-' * (len(blanks) - 4)}*/"
        before, after = blanks[:first], blanks[last + 1 :]
        if len(before) > 99:
            before = "#" * len(before)
        if len(after) > 99:
            after = f"/*{'-' * (len(after) - 4)}*/"
        between = "\n" + "#" * (last - first - 1) + "\n" if last > first else "\n"
        return before + between + after

    return _BLANKS.sub(comment, text)


# After an error a parse takes the square of what it skips. So long texts are handed over by
# the slice, and no more of them when it has taken too long; a good one takes a tenth of that.
_AT_ONCE = 8192
_SLICE = 1024


def _parse(data: bytes) -> Syntax | None:
    parser = Parser(_LANGUAGE)
    if len(data) <= _AT_ONCE:
        return parser.parse(data).root_node
    deadline = process_time() + 0.3 + len(data) * 2e-6
    late = False

    def read_from(offset: int, _: object) -> bytes:
        nonlocal late
        late = late or process_time() > deadline
        return b"" if late else data[offset : offset + _SLICE]

    root = parser.parse(read_from).root_node
    return None if late else root


# ── from the tree to nodes ──


def _kind(name: str, named: bool = True) -> int:
    kind = _LANGUAGE.id_for_node_kind(name, named)
    if kind is None:
        raise LookupError(f"tree-sitter-hcl has no {name}")
    return kind


_ARGUMENTS = _kind("function_arguments")
_ATTRIBUTE = _kind("attribute")
_BINARY = _kind("binary_operation")
_BLOCK = _kind("block")
_BLOCK_END = _kind("block_end")
_BLOCK_START = _kind("block_start")
_BODY = _kind("body")
_BOOL = _kind("bool_lit")
_CALL = _kind("function_call")
_COMMENT = _kind("comment")
_CONDITIONAL = _kind("conditional")
_ELEMENT = _kind("object_elem")
_ELLIPSIS = _kind("ellipsis")
_EXPRESSION = _kind("expression")
_FOR_CONDITION = _kind("for_cond")
_FOR_INTRO = _kind("for_intro")
_FOR_OBJECT = _kind("for_object_expr")
_FOR_TUPLE = _kind("for_tuple_expr")
_GET_ATTRIBUTE = _kind("get_attr")
_HEREDOC = _kind("heredoc_template")
_IDENTIFIER = _kind("identifier")
_INDEX = _kind("index")
_INTERPOLATION = _kind("template_interpolation")
_NEW_INDEX = _kind("new_index")
_NULL = _kind("null_lit")
_NUMERIC = _kind("numeric_lit")
_OBJECT = _kind("object")
_OPERATION = _kind("operation")
_PAREN = _kind("(", named=False)
_QUOTED = _kind("quoted_template")
_ALL = _kind("[*]", named=False)
_SPLAT = _kind("splat")
_STAR = _kind(".*", named=False)
_STRING = _kind("string_lit")
_TUPLE = _kind("tuple")
_UNARY = _kind("unary_operation")
_VARIABLE = _kind("variable_expr")
_DIRECTIVES = {_kind("template_directive"), _kind("template_if"), _kind("template_for")}
_TEMPLATE_PARTS = {
    _INTERPOLATION: "value",
    _kind("template_if_intro"): "if",
    _kind("template_else_intro"): "else",
    _kind("template_if_end"): "endif",
    _kind("template_for_start"): "for",
    _kind("template_for_end"): "endfor",
}
_WRAPPERS = {_kind("literal_value"), _kind("template_expr"), _kind("collection_value"), _kind("for_expr"), _OPERATION}


def _is_applied(node: Syntax) -> bool:
    """Is it something that stands behind a value: `.name`, `[0]`, `[*]`?"""
    return node.kind_id in (_GET_ATTRIBUTE, _INDEX, _SPLAT)


class _DamagedError(Exception):
    """An expression that is not what the grammar says; it becomes Unknown."""


class _Part:
    """A piece of a template: a text, a value, or a directive, told by `kind`."""

    __slots__ = ("end", "kind", "start", "syntax", "text")

    def __init__(self, kind: str, start: int, end: int, text: str = "", syntax: Syntax | None = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text  # decoded; of a text only
        self.syntax = syntax  # None for a text, and for a value that the parser has not seen


class _Open:
    """A directive of a template that has not ended yet."""

    __slots__ = ("nodes", "part", "turn", "yes")

    def __init__(self, part: _Part | None) -> None:
        self.part = part
        self.nodes: list[Node] = []
        self.turn: _Part | None = None  # the `else`
        self.yes: list[Node] | None = None  # what was before it


class _Reader:
    __slots__ = (
        "broken",
        "budget",
        "damage",
        "data",
        "depth",
        "failed",
        "later",
        "limit",
        "lines",
        "problems",
        "shift",
        "source",
        "text",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.data = b""  # the text for the parser
        self.problems: list[Problem] = []
        self.damage = 0  # how many problems there were, those above the limit too
        self.shift = 0  # from the offsets of the tree to those of the text
        self.limit = 0  # where that part of the text ends
        self.depth = 0
        self.broken = False  # the tree has errors
        self.later = False  # the insides of blocks are left for later
        self.budget = 1_000_000_000  # of work on texts that do not parse
        self.failed: tuple[int, int, Syntax | None] = (-1, -1, None)  # the last of them, and its tree if there is one
        self.lines: list[_Line] = []  # where a piece may start; see `pieces`

    # ── trees ──

    def parse(self, start: int, end: int, before: bytes = b"", after: bytes = b"\n") -> Syntax | None:
        """The tree of a part of the text; sets `shift` and `broken`. None if it cannot be had in time."""
        self.shift = start - len(before)
        self.limit = end
        self.broken = True
        if self.failed[:2] == (start, end) and not before:
            return self.failed[2]
        if self.budget < 0:
            return None
        data = before + self.data[start:end] + after
        root = _parse(data)
        self.broken = root is None or root.has_error
        if self.broken:
            self.budget -= 400_000_000 if root is None else 500_000 + min(len(data), _AT_ONCE) ** 2
            if not before:
                self.failed = start, end, root
        return root

    def children(self, node: Syntax) -> list[Syntax]:
        """The children of a node that has no error among them."""
        children = node.children
        if self.broken and any(child.is_error or child.is_missing for child in children):
            raise _DamagedError(_SYNTAX)
        for child in children:
            if child.kind_id == _COMMENT:
                return [child for child in children if child.kind_id != _COMMENT]
        return children

    def span(self, first: Syntax, last: Syntax | None = None) -> Span:
        start = first.start_byte + self.shift
        end = (last or first).end_byte + self.shift
        if self.broken:  # what the parser gets behind the text may count as a part
            end = min(end, self.limit)
            start = min(start, end)
        return Span(self.source, start, end)

    def unknown(self, span: Span, reason: str = _SYNTAX) -> Unknown:
        """What could not be read, without the white space around it; it is a problem too."""
        text, start, end = self.text, span.start, span.end
        while end > start and text[end - 1].isspace():
            end -= 1
        while start < end and text[start].isspace():
            start += 1
        span = Span(self.source, start, end)
        self.damage += 1
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(span, reason))
        return Unknown(span, reason)

    def unread(self, start: int, end: int) -> Unknown:
        return self.unknown(Span(self.source, start, end), _LONG if self.budget < 0 else _SYNTAX)

    # ── blocks and attributes ──

    def body(self, nodes: list[Syntax]) -> _Contents:
        """The entries and blocks among these nodes."""
        entries: list[tuple[Scalar, Node]] = []
        blocks: list[Block] = []
        for node in nodes:
            kind = node.kind_id
            if kind == _ATTRIBUTE:
                entries.append(self.pair(node))
            elif kind == _BLOCK:
                blocks.append(self.block(node))
            elif kind in (_BODY, _OBJECT) or node.is_error or node.is_missing:
                _add((entries, blocks), self.nested(node))
        return entries, blocks

    def nested(self, node: Syntax) -> _Contents:
        """The contents of a body, or of something that is none (an error, JSON)."""
        if node.kind_id != _BODY:
            self.unknown(self.span(node))
        self.depth += 1
        try:
            if self.depth > _MAX_DEPTH:
                self.unknown(self.span(node), _DEEP)
                return [], []
            return self.body(node.children)
        finally:
            self.depth -= 1

    def block(self, node: Syntax) -> Block:
        source, shift = self.source, self.shift
        start, end = node.start_byte + shift, node.end_byte + shift
        close = end
        contents: _Contents = ([], [])
        inside = start
        later = False
        for child in node.children:
            kind = child.kind_id
            if kind == _BODY:
                if self.later:
                    later = True
                else:
                    contents = self.nested(child)
            elif kind == _BLOCK_START:
                inside = child.end_byte + shift
            elif kind == _BLOCK_END and not child.is_missing:
                close = end - 1
            elif self.broken and (child.is_error or child.is_missing):
                _add(contents, self.nested(child))
        type_, labels = self.head(start, inside)
        within = Span(source, inside, max(inside, close))
        if later:
            return Block(Span(source, start, end), type_, labels, lambda: self.inside(within))
        return Block(Span(source, start, end), type_, labels, Body(within, tuple(contents[0]), tuple(contents[1])))

    def inside(self, span: Span) -> Body:
        """The inside of a block of the file that was left for later."""
        self.later = False
        self.depth = 1
        entries, blocks = self.contents(span.start, span.end)
        self.depth = 0
        return Body(span, tuple(entries), tuple(blocks))

    def head(self, start: int, end: int) -> tuple[str, tuple[Scalar, ...]]:
        """The type and the labels of a block."""
        source, text = self.source, self.text
        usual = _USUAL_HEAD.fullmatch(text, start, end)
        if usual is None:
            words = [_word(source, word) for word in _WORD.finditer(text, start, end) if word.lastindex]
            return (words[0].span.text if words else ""), tuple(words[1:])
        count = usual.lastindex or 1
        if count == 1:
            return usual[1], ()
        first = Scalar(Span(source, usual.start(2), usual.end(2)), usual[2])
        if count == 2:
            return usual[1], (first,)
        return usual[1], (first, Scalar(Span(source, usual.start(3), usual.end(3)), usual[3]))

    def name(self, node: Syntax) -> Scalar:
        span = self.span(node)
        return Scalar(span, span.text)

    def pair(self, node: Syntax) -> tuple[Scalar, Node]:
        """An attribute, or an element of an object."""
        shift, source = self.shift, self.source
        end = node.end_byte + shift
        found = _PAIR.match(self.text, node.start_byte + shift, end)
        if found is None:  # another kind of key, or a comment before the sign
            return self.other_pair(node)
        which = 1 if found[2] is None else 2
        start, after = found.span(which)
        key = Scalar(Span(source, start, after), found[which])
        if found.end() == end:
            kind = found.lastindex
            if kind == 3:
                start, after = found.span(3)
                return key, Scalar(Span(source, start, after), found[3])
            if kind is not None and kind > 3:
                return key, self.simple(found, kind, 2)
        return key, self.value_of(node)

    def other_pair(self, node: Syntax) -> tuple[Scalar, Node]:
        key = next(child for child in node.children if child.kind_id != _COMMENT)
        return self.key(key), self.value_of(node)

    def value_of(self, node: Syntax) -> Node:
        children = node.children
        value = children[-1]
        if value.kind_id == _EXPRESSION and not (self.broken and any(child.is_error for child in children)):
            return self.expression(value)
        return self.unknown(self.span(node))

    def key(self, node: Syntax) -> Scalar:
        if node.kind_id == _IDENTIFIER:
            return self.name(node)
        if node.kind_id != _EXPRESSION:
            return ComputedKey(self.span(node), self.unknown(self.span(node)))
        if node.child_count == 1 and node.children[0].kind_id == _VARIABLE:
            return self.name(node)  # a bare word is a name, not a reference
        found = self.expression(node)
        if isinstance(found, Scalar) and found.value is not None:
            return found
        return ComputedKey(found.span, found)

    # ── expressions ──

    def expression(self, node: Syntax) -> Node:
        found = _VALUE.fullmatch(self.text, node.start_byte + self.shift, node.end_byte + self.shift)
        if found is not None:
            return self.simple(found, found.lastindex or 0)
        depth = self.depth
        try:
            children = self.children(node)
            # What is behind a value (`[0].name`) is nested as well: the last is the outermost.
            self.depth = depth + len(children)
            if self.depth > _MAX_DEPTH:
                raise _DamagedError(_DEEP)
            if not children:
                raise _DamagedError(_SYNTAX)
            if len(children) == 1:
                return self.atom(children[0])
            value, after = self.term(children, 0)
            if after < len(children):
                raise _DamagedError(_SYNTAX)
            return value
        except _DamagedError as damage:
            return self.unknown(self.span(node), str(damage))
        finally:
            self.depth = depth

    def simple(self, found: re.Match[str], group: int, before: int = 0) -> Node:
        """What a match of _SIMPLE means; `before` is how many groups the pattern has before it."""
        span = Span(self.source, *found.span(group))
        raw = found[group]
        if group == before + 1:
            return Scalar(span, raw)
        if group == before + 2:
            return Scalar(span, _number(raw))
        if raw in _WORDS:
            return Scalar(span, _WORDS[raw])
        return Ref(span, raw)

    def term(self, nodes: list[Syntax], at: int) -> tuple[Node, int]:
        """The value at nodes[at] with all that is applied to it, and the index after that."""
        first = nodes[at]
        if first.kind_id == _PAREN:
            value = self.expression(nodes[at + 1])
            at += 3
        else:
            value = self.atom(first)
            at += 1
        while at < len(nodes):
            node = nodes[at]
            if node.kind_id == _SPLAT:
                rest = list(takewhile(_is_applied, nodes[at:]))
                return self.splat(value, first, rest), at + len(rest)
            if not _is_applied(node):
                break
            value = self.step(value, self.span(first, node), node)
            at += 1
        return value, at

    def step(self, value: Node, span: Span, node: Syntax) -> Node:
        key = self.step_key(node)
        if isinstance(value, Ref) and node.kind_id == _GET_ATTRIBUTE:
            return Ref(span, f"{value.name}.{key.text}")
        return Index(span, value, key)

    def step_key(self, node: Syntax) -> Node:
        children = self.children(node)
        if node.kind_id == _GET_ATTRIBUTE:
            return self.name(children[-1])
        index = children[0]
        if index.kind_id == _NEW_INDEX:
            return self.expression(self.children(index)[1])
        start, end = index.start_byte + self.shift, index.end_byte + self.shift
        digits = Span(self.source, self.text.index(".", start) + 1, end)  # `x.0`
        return Scalar(digits, _number(digits.text.strip()))

    def splat(self, value: Node, first: Syntax, rest: list[Syntax]) -> Node:
        """`rest` is what follows the value, from its first splat on."""
        steps: list[Syntax] = []
        for node in rest:
            steps += self.children(self.children(node)[0]) if node.kind_id == _SPLAT else [node]
        if len(steps) > _MAX_DEPTH:
            raise _DamagedError(_DEEP)
        for step, last in self.path(steps):
            span = self.span(first, last)
            if isinstance(step, Splat):
                value = Splat(span, value, step.path)
            else:
                value = Index(span, value, step)
        return value

    def path(self, steps: list[Syntax]) -> list[tuple[Node, Syntax]]:
        """What is applied one after the other, each with its last piece of the tree."""
        found: list[tuple[Node, Syntax]] = []
        at = 0
        while at < len(steps):
            step = last = steps[at]
            at += 1
            if step.kind_id not in (_STAR, _ALL):
                found.append((self.step_key(step), step))
                continue
            begin = at
            # All that follows `[*]` is applied to each element. After `.*` only attributes
            # are: `x.*.id[0]` is the first of the ids.
            while at < len(steps) and (step.kind_id == _ALL or self.is_attribute(steps[at])):
                last = steps[at]
                at += 1
            inner = tuple(key for key, _ in self.path(steps[begin:at]))
            here = step.start_byte + self.shift
            found.append((Splat(self.span(step, last), Ref(Span(self.source, here, here), "*"), inner), last))
        return found

    def is_attribute(self, step: Syntax) -> bool:
        return step.kind_id == _GET_ATTRIBUTE or (step.kind_id == _INDEX and step.children[0].kind_id != _NEW_INDEX)

    def atom(self, node: Syntax) -> Node:
        kind = node.kind_id
        while kind in _WRAPPERS:
            node = node.children[0]
            kind = node.kind_id
        read = _ATOMS.get(kind)
        if read is None:
            raise _DamagedError(_SYNTAX)
        return read(self, node)

    def number(self, node: Syntax) -> Node:
        self.children(node)
        span = self.span(node)
        if _NUMBER.fullmatch(span.text) is None:
            raise _DamagedError(_SYNTAX)
        return Scalar(span, _number(span.text))

    def word(self, node: Syntax) -> Node:
        self.children(node)
        span = self.span(node)
        word = span.text
        return Scalar(span, _WORDS[word]) if word in _WORDS else Ref(span, word)

    def tuple_(self, node: Syntax) -> Node:
        nodes: list[Node] = []
        for child in node.children:
            if child.kind_id == _EXPRESSION:
                nodes.append(self.expression(child))
            elif child.is_error or child.is_missing:
                nodes.append(self.unknown(self.span(child)))
        return Seq(self.span(node), tuple(nodes))

    def object_(self, node: Syntax) -> Node:
        entries: list[tuple[Scalar, Node]] = []
        for child in node.children:
            if child.kind_id == _ELEMENT and child.child_count > 2:
                entries.append(self.pair(child))
            elif child.is_error or child.is_missing:
                self.unknown(self.span(child))
        return Map(self.span(node), tuple(entries))

    def for_(self, node: Syntax) -> Node:
        key: Node | None = None
        value: Node | None = None
        test: Node | None = None
        grouped = False
        names: tuple[str, ...] = ()
        source: Node | None = None
        for child in self.children(node):
            kind = child.kind_id
            if kind == _FOR_INTRO:
                names, source = self.intro(child)
            elif kind == _EXPRESSION:
                key, value = value, self.expression(child)
            elif kind == _ELLIPSIS:
                grouped = True
            elif kind == _FOR_CONDITION:
                test = self.expression(self.children(child)[-1])
        if source is None or value is None:
            raise _DamagedError(_SYNTAX)
        return For(self.span(node), names, source, key, value, test, grouped)

    def intro(self, node: Syntax) -> tuple[tuple[str, ...], Node]:
        """`for k, v in source`"""
        children = self.children(node)
        names = tuple(self.span(child).text for child in children if child.kind_id == _IDENTIFIER)
        return names, self.expression(next(child for child in children if child.kind_id == _EXPRESSION))

    def call(self, node: Syntax) -> Node:
        children = self.children(node)
        args: list[Node] = []
        spread = False
        for child in children:
            if child.kind_id == _ARGUMENTS:
                for argument in self.children(child):
                    if argument.kind_id == _EXPRESSION:
                        args.append(self.expression(argument))
                    elif argument.kind_id == _ELLIPSIS:
                        spread = True
        return Call(self.span(node), self.span(children[0]).text, tuple(args), spread)

    def unary(self, node: Syntax) -> Node:
        children = self.children(node)
        depth = self.depth
        self.deepen()
        operand, _ = self.term(children, 1)
        self.depth = depth
        span = self.span(node)
        operator = self.span(children[0]).text
        if operator == "-" and isinstance(operand, Scalar) and type(operand.value) in (int, float):
            return Scalar(span, -operand.value)  # type: ignore[operator]
        return Operation(span, operator, (operand,))

    def deepen(self) -> None:
        """Goes one deeper, until the expression ends or somebody sets `depth` back."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _DamagedError(_DEEP)

    def binary(self, node: Syntax) -> Node:
        # `a + b + c` is nested to the left, as deep as it is long.
        spine = [self.children(node)]
        while True:
            self.deepen()
            children = spine[-1]
            first = children[0]
            if first.kind_id != _OPERATION or first.children[0].kind_id != _BINARY:
                break
            spine.append(self.children(first.children[0]))
        start = spine[-1][0]
        value, at = self.term(spine[-1], 0)
        while spine:
            children = spine.pop()
            right, _ = self.term(children, at + 1)
            value = Operation(self.span(start, children[-1]), self.span(children[at]).text, (value, right))
            at = 1
        return value

    def conditional(self, node: Syntax) -> Node:
        # The grammar nests `a ? b : c ? d : e` to the left, HCL to the right.
        tests: list[Syntax] = []
        yes: list[Syntax] = []
        no: Syntax | None = None
        while True:
            self.deepen()
            test, _, one, _, other = self.children(node)
            yes.append(one)
            if no is None:
                no = other
            else:
                tests.append(other)
            inner = test.children
            if len(inner) != 1 or inner[0].kind_id != _CONDITIONAL:
                break
            node = inner[0]
        tests.append(test)
        value = self.expression(no)
        for test, one in zip(tests, yes, strict=True):
            value = Conditional(self.span(test, no), self.expression(test), self.expression(one), value)
        return value

    # ── templates ──

    def quoted(self, node: Syntax) -> Node:
        start, end = node.start_byte + self.shift + 1, node.end_byte + self.shift - 1
        parts = self.parts(self.children(node), start, end, quoted=True)
        return self.joined(parts, start, end)

    def heredoc(self, node: Syntax) -> Node:
        opening, name, *children, closing = self.children(node)
        text = self.text
        start = text.find("\n", name.end_byte + self.shift) + 1
        end = text.rfind("\n", 0, closing.start_byte + self.shift) + 1
        if not 0 < start <= end or not text[name.end_byte + self.shift : start].isspace():
            raise _DamagedError(_SYNTAX)
        flush = self.span(opening).text == "<<-"
        if not flush and "${" not in (body := text[start:end]) and "%{" not in body:
            return Scalar(Span(self.source, start, end), body)
        parts = self.parts(children, start, end)
        if flush:
            _flush(parts)
        return self.joined(parts, start, end)

    def template(self) -> Node:
        """The whole text as a template."""
        text = self.text
        # A heredoc has the same rules. Its name must not stand in the text.
        name = next((name for name in map("E{}".format, range(100)) if name not in text), None)
        found: Syntax | None = None
        if name is not None:
            found = self.parse(0, len(text), f"x=<<{name}\n".encode(), f"\n{name}\n".encode())
        children: list[Syntax] = []
        if found is not None and not self.broken:
            for kind in (_BODY, _ATTRIBUTE, _EXPRESSION, None, _HEREDOC):
                found = found.children[-1]
                if kind is not None and found.kind_id != kind:
                    self.broken = True
                    break
            children = found.children
        try:
            parts = self.scan(0, len(text)) if self.broken else self.parts(children, 0, len(text))
            return self.joined(parts, 0, len(text))
        except _DamagedError as damage:
            return Unknown(self.source.span(), str(damage))

    def parts(self, nodes: list[Syntax], start: int, end: int, quoted: bool = False) -> list[_Part]:
        """The pieces of a template, in order; directives are not nested yet."""
        parts: list[_Part] = []
        at = start
        open_ = [iter(nodes)]
        while open_:
            node = next(open_[-1], None)
            if node is None:
                open_.pop()
            elif node.kind_id in _DIRECTIVES:
                open_.append(iter(self.children(node)))
            elif node.kind_id in _TEMPLATE_PARTS:
                from_, to = node.start_byte + self.shift, node.end_byte + self.shift
                self.literal(parts, at, from_, quoted)
                parts.append(_Part(_TEMPLATE_PARTS[node.kind_id], from_, to, syntax=node))
                at = to
        # What lies between is text. The tree does not have all of it: it leaves out white space.
        self.literal(parts, at, end, quoted)
        self.strip(parts)
        return parts

    def literal(self, parts: list[_Part], start: int, end: int, quoted: bool) -> None:
        """Adds the text from start to end; of a heredoc line by line, as HCL does."""
        text = self.text
        if quoted:
            raw = text[start:end]
            if self.broken and "\n" in raw:  # a quote is missing, if this is not Terraform 0.11
                raise _DamagedError(_SYNTAX)
            if raw:
                parts.append(_Part("text", start, end, _ESCAPE.sub(_unescape, raw)))
            return
        while start < end:
            after = text.find("\n", start, end) + 1 or end
            line = text[start:after]
            if "{" in line and _SIGN.search(line) is not None:
                # The parser overlooks what follows the name of the heredoc at the start of a line.
                parts += self.scan(start, after)
            else:
                parts.append(_Part("text", start, after, _DOUBLED.sub(r"\1{", line)))
            start = after

    def scan(self, start: int, end: int) -> list[_Part]:
        """The pieces of a text that the parser has not seen as a template, or not understood."""
        parts: list[_Part] = []
        while start < end:
            sign = _SIGN.search(self.text, start, end)
            begin = end if sign is None else sign.start()
            if start < begin:
                self.literal(parts, start, begin, quoted=False)
            if sign is None:
                break
            start = _closing(self.text, begin + 2, end)
            # Directives that the parser has not understood are not worth an own parser.
            kind = "value" if start and self.text[begin] == "$" else "unknown"
            start = start or end
            parts.append(_Part(kind, begin, start))
        return parts

    def strip(self, parts: list[_Part]) -> None:
        """`~` takes away the white space beside it, up to the end of the line."""
        for index, part in enumerate(parts):
            if part.kind == "text":
                continue
            if self.text.startswith("~", part.start + 2) and index and parts[index - 1].kind == "text":
                parts[index - 1].text = parts[index - 1].text.rstrip()
            if self.text.startswith("~", part.end - 2) and index + 1 < len(parts):
                parts[index + 1].text = parts[index + 1].text.lstrip()

    def joined(self, parts: list[_Part], start: int, end: int) -> Node:
        """The node for the pieces of a template that stands from start to end."""
        if len(parts) == 1 and parts[0].kind == "value":
            return self.value(parts[0])
        open_ = [_Open(None)]
        texts: list[_Part] = []
        for part in parts:
            if part.kind == "text":
                texts.append(part)
                continue
            self.flush_texts(texts, open_[-1].nodes)
            self.directive(part, open_)
            if self.depth + len(open_) > _MAX_DEPTH:
                raise _DamagedError(_DEEP)
        self.flush_texts(texts, open_[-1].nodes)
        if len(open_) > 1:
            raise _DamagedError(_SYNTAX)
        return self.template_of(open_[0].nodes, start, end)

    def flush_texts(self, texts: list[_Part], nodes: list[Node]) -> None:
        if texts:
            value = "".join([part.text for part in texts])
            if value:
                nodes.append(Scalar(Span(self.source, texts[0].start, texts[-1].end), value))
            texts.clear()

    def directive(self, part: _Part, open_: list[_Open]) -> None:
        top = open_[-1]
        if part.kind == "value":
            top.nodes.append(self.value(part))
        elif part.kind in ("if", "for"):
            open_.append(_Open(part))
        elif part.kind == "else" and top.part is not None and top.part.kind == "if" and top.yes is None:
            top.yes, top.nodes, top.turn = top.nodes, [], part
        elif part.kind in ("endif", "endfor") and top.part is not None and part.kind == "end" + top.part.kind:
            open_.pop()
            open_[-1].nodes.append(self.closed(top, top.part, part))
        elif part.kind == "unknown":
            top.nodes.append(self.unread(part.start, part.end))
        else:
            raise _DamagedError(_SYNTAX)

    def closed(self, open_: _Open, first: _Part, last: _Part) -> Node:
        if first.syntax is None:
            raise _DamagedError(_SYNTAX)
        span = Span(self.source, first.start, last.end)
        if first.kind == "for":
            names, source = self.intro(first.syntax)
            value = self.template_of(open_.nodes, first.end, last.start)
            return For(span, names, source, None, value, None, as_text=True)
        children = self.children(first.syntax)
        test = self.expression(next(child for child in children if child.kind_id == _EXPRESSION))
        if open_.yes is None or open_.turn is None:
            yes = self.template_of(open_.nodes, first.end, last.start)
            return Conditional(span, test, yes, Scalar(Span(self.source, last.start, last.start), ""))
        yes = self.template_of(open_.yes, first.end, open_.turn.start)
        return Conditional(span, test, yes, self.template_of(open_.nodes, open_.turn.end, last.start))

    def template_of(self, nodes: list[Node], start: int, end: int) -> Node:
        if not nodes:
            return Scalar(Span(self.source, start, end), "")
        only = nodes[0]
        if len(nodes) == 1 and isinstance(only, Scalar) and isinstance(only.value, str):
            return Scalar(Span(self.source, start, end), only.value)
        return Template(Span(self.source, start, end), tuple(nodes))

    def value(self, part: _Part) -> Node:
        """What stands in `${...}`"""
        if part.syntax is not None:
            children = part.syntax.children
            found = next((child for child in children if child.kind_id == _EXPRESSION), None)
            if found is None or (self.broken and any(child.is_error or child.is_missing for child in children)):
                return self.unknown(self.span(part.syntax))
            return self.expression(found)
        start, end = part.start + 2, part.end - 1
        if self.text.startswith("~", start):
            start += 1
        if end > start and self.text.startswith("~", end - 1):
            end -= 1
        return self.fragment(start, end)

    def fragment(self, start: int, end: int) -> Node:
        """A part of the text as an expression."""
        text = self.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        found = _VALUE.fullmatch(text, start, end)
        if found is not None:
            return self.simple(found, found.lastindex or 0)
        before = self.shift, self.broken, self.limit
        root = self.parse(start, end, b"x=")
        try:
            nodes = [] if root is None or self.broken else self.children(root)
            nodes = self.children(nodes[0]) if len(nodes) == 1 and nodes[0].kind_id == _BODY else []
            nodes = self.children(nodes[0]) if len(nodes) == 1 and nodes[0].kind_id == _ATTRIBUTE else []
            if nodes:
                return self.expression(nodes[-1])
        finally:
            self.shift, self.broken, self.limit = before
        return self.unread(start, end)

    # ── files that do not parse as a whole ──

    def file(self) -> _Contents:
        self.data = _encode(self.text, hide=True)
        return self.contents(0, len(self.text), top=True)

    def contents(self, start: int, end: int, top: bool = False) -> _Contents:
        found = self.attempt(start, end)
        if found is None:
            self.data = _encode(_mend(self.text))
            if self.failed != (start, end, None):  # else it takes too long this time too
                self.failed = (-1, -1, None)
                found = self.attempt(start, end)
        if found is None:
            self.later = False
            self.lines = self.lines or _lines(self.text)
            found = self.pieces(start, end, top=top)
        return found

    def attempt(self, start: int, end: int) -> _Contents | None:
        """The contents of a part of the text, if all of it can be read."""
        root = self.parse(start, end)
        if root is None or self.broken:
            return None
        before, damage = len(self.problems), self.damage
        found = self.body(root.children)
        if self.damage > damage:
            del self.problems[before:]
            self.damage = damage
            return None
        return found

    def pieces(self, start: int, end: int, top: bool = False) -> _Contents:
        """The contents of a part of the text that has an error somewhere.

        A new piece starts at each line that looks like an attribute or a block and is
        indented as little as any of them; in a file, at the blocks that Terraform knows.
        """
        lines = [line for line in self.lines_between(start, end) if line[2] != _CLOSING]
        starts = [line for line, _, kind in lines if kind == _KNOWN_BLOCK] if top else []
        if not starts:
            least = min((indent for _, indent, _ in lines), default=0)
            starts = [line for line, indent, _ in lines if indent == least]
        found: _Contents = ([], [])
        bounds = [*starts, end]
        if start < bounds[0]:
            _add(found, self.rest(start, bounds[0]))
        for one, after in pairwise(bounds):
            _add(found, self.attempt(one, after) or self.piece(one, after))
        return found

    def lines_between(self, start: int, end: int) -> list[_Line]:
        first = bisect_left(self.lines, (start,))
        lines = self.lines[first : bisect_left(self.lines, (end,))]
        if lines and lines[-1][0] + lines[-1][1] >= end:  # the brace that ends this part
            lines.pop()
        return lines

    def rest(self, start: int, end: int) -> _Contents:
        """What stands before the first piece, or behind the end of a block."""
        found = self.attempt(start, end)
        if found is not None:
            return found
        self.depth += 1
        try:
            if self.depth <= _MAX_REPAIR and any(kind != _CLOSING for _, _, kind in self.lines_between(start, end)):
                return self.pieces(start, end)
        finally:
            self.depth -= 1
        self.unread(start, end)
        return [], []

    def piece(self, start: int, end: int) -> _Contents:
        """A block or an attribute that has an error somewhere."""
        head = _HEAD.match(self.text, start, end)
        if head is None or self.depth >= _MAX_REPAIR:
            return self.damaged(start, end)
        indent = head.end(1) - head.start(1)
        name = Scalar(Span(self.source, *head.span(2)), head[2])
        close = next(
            (
                at + depth
                for at, depth, kind in self.lines_between(head.end(), end)
                if kind == _CLOSING and depth <= indent
            ),
            None,
        )
        inside_end = end if close is None else close
        if close is None:
            self.unknown(name.span, _OPEN)
        self.depth += 1
        inside = self.attempt(head.end(), inside_end) or self.pieces(head.end(), inside_end)
        self.depth -= 1
        after = end if close is None else close + 1
        span = Span(self.source, head.start(2), after)
        body = Span(self.source, head.end(), inside_end)
        found: _Contents = ([], [])
        if head[3] is None:
            entries = Map(Span(self.source, head.end() - 1, after), tuple(inside[0]))
            found[0].append((name, entries))
        else:
            labels = [_word(self.source, word) for word in _WORD.finditer(self.text, *head.span(3)) if word.lastindex]
            found[1].append(Block(span, head[2], tuple(labels), Body(body, tuple(inside[0]), tuple(inside[1]))))
        if after < end:
            _add(found, self.rest(after, end))
        return found

    def damaged(self, start: int, end: int) -> _Contents:
        """What the parser makes of an attribute that has an error."""
        before, damage = len(self.problems), self.damage
        root = self.parse(start, end)
        found: _Contents = ([], []) if root is None else self.body(root.children)
        name = _NAMED.match(self.text, start, end)
        if name is not None and not any(key.span.start == name.start(1) for key, _ in found[0]):
            del self.problems[before:]
            value = self.unread(name.end(), end)
            found[0].insert(0, (Scalar(Span(self.source, *name.span(1)), name[1]), value))
        elif self.damage == damage:
            self.unread(start, end)
        return found


_ATOMS: dict[int, Callable[[_Reader, Syntax], Node]] = {
    _BOOL: _Reader.word,
    _CALL: _Reader.call,
    _CONDITIONAL: _Reader.conditional,
    _FOR_OBJECT: _Reader.for_,
    _FOR_TUPLE: _Reader.for_,
    _HEREDOC: _Reader.heredoc,
    _NULL: _Reader.word,
    _NUMERIC: _Reader.number,
    _OBJECT: _Reader.object_,
    _QUOTED: _Reader.quoted,
    _STRING: _Reader.quoted,
    _TUPLE: _Reader.tuple_,
    _UNARY: _Reader.unary,
    _BINARY: _Reader.binary,
    _VARIABLE: _Reader.word,
}


def _add(to: _Contents, more: _Contents) -> None:
    to[0].extend(more[0])
    to[1].extend(more[1])


# ── values ──


def _word(source: Source, found: re.Match[str]) -> Scalar:
    """The type of a block, or a label, by a match of _WORD."""
    start, end = found.span(found.lastindex or 0)
    raw = found[found.lastindex or 0]
    return Scalar(Span(source, start, end), _ESCAPE.sub(_unescape, raw) if "\\" in raw or "{" in raw else raw)


def _number(raw: str) -> int | float:
    # Python refuses to convert very long integers.
    return int(raw) if len(raw) < 40 and raw.lstrip("-").isdecimal() else float(raw)


def _unescape(found: re.Match[str]) -> str:
    """What an escape of a quoted string stands for; one that HCL does not know, for itself."""
    if found[4]:
        return found[4] + "{"
    if found[3]:
        return _ESCAPES.get(found[3], found[0])
    code = int(found[1] or found[2], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _closing(text: str, start: int, end: int) -> int:
    """The place after the brace that ends an interpolation; 0 if there is none."""
    depth = 1
    for found in _BRACE.finditer(text, start, end):
        char = found[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if not depth:
                return found.end()
    return 0


def _flush(parts: list[_Part]) -> None:
    """Takes away the indentation that all lines of a `<<-` heredoc have, as HCL counts it.

    A line that starts with an interpolation has none; one that a strip marker has emptied
    does not count, nor does the piece after it.
    """
    least: int | None = None
    at_start = True
    lines: list[_Part] = []
    for part in parts:
        text = part.text if part.kind == "text" else ""
        if at_start:
            at_start = False
            indent = len(text) - len(text.lstrip())
            if part.kind != "text":
                least = 0
            elif indent < len(text) or not text.endswith("\n"):
                lines.append(part)
                least = indent if least is None else min(least, indent)
        if text.endswith("\n"):
            at_start = True
    for part in lines:
        part.text = part.text[least:]


# ── repair ──

_ITEM, _KNOWN_BLOCK, _CLOSING = range(3)  # what a line starts or ends
_WORD_OR_STRING = r'(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*'
_LINE_START = lazy.pattern(rf"([ \t]*)(?:(\}})|{_NAME}[ \t]*=(?![=>])|({_NAME}){_WORD_OR_STRING}[ \t]*\{{)")
_HEAD = lazy.pattern(rf"([ \t]*)({_NAME})(?:[ \t]*=[ \t]*|({_WORD_OR_STRING})[ \t]*)\{{")
_NAMED = lazy.pattern(rf"[ \t]*({_NAME})[ \t]*=")
_HEREDOC_START = lazy.pattern(r"<<-?([\w-]+)\s*")
_KNOWN = frozenset(
    ("resource data variable locals module provider output terraform moved import check removed ephemeral").split()
)


def _mend(text: str) -> str:
    """The text as the grammar knows it, where it knows less than HCL; each character at its place."""
    # `1e5` without a decimal point.
    text = _EXPONENT.sub(lambda number: "0" * len(number[0]), text)
    # An object whose first key is `for` is taken for an expression.
    text = _FOR_KEY.sub(r"\1key", text)
    # A name before a line that starts with a computed key is taken for a function.
    return _BEFORE_KEY.sub(r"\1,", text)


def _lines(text: str) -> list[_Line]:
    """The lines at which a piece may start or end: offset, indentation, what it is. None of a heredoc."""
    names: dict[str, int] = {}  # the last line that could end a heredoc of that name
    if "<<" in text:
        at = 0
        while at < len(text):
            after = text.find("\n", at) + 1 or len(text)
            names[text[at:after].strip()] = at
            at = after
    line_start, heredoc_start = _LINE_START.match, _HEREDOC_START.fullmatch
    found: list[_Line] = []
    at = 0
    end_of: str | None = None
    while at < len(text):
        after = text.find("\n", at) + 1 or len(text)
        if end_of is not None:
            if text[at:after].strip() == end_of:
                end_of = None
        else:
            line = line_start(text, at, after)
            if line is not None:
                indent = line.end(1) - at
                if line[2]:
                    found.append((at, indent, _CLOSING))
                else:
                    found.append((at, indent, _KNOWN_BLOCK if not indent and line[3] in _KNOWN else _ITEM))
            sign = text.find("<<", at, after)
            if sign >= 0:
                heredoc = heredoc_start(text, sign, after)
                if heredoc is not None and names.get(heredoc[1], 0) > at:
                    end_of = heredoc[1]
        at = after
    return found
