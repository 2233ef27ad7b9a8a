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
from time import process_time

import tree_sitter_hcl
from tree_sitter import Language, Parser
from tree_sitter import Node as Syntax

from credlint.node import (
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
from credlint.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from credlint.text import Source

_LANGUAGE = Language(tree_sitter_hcl.language())
_MAX_DEPTH = 64  # of nested blocks and expressions

_SYNTAX = "this cannot be read: a syntax error"
_DEEP = "this cannot be read: it is nested too deeply"
_LONG = "this cannot be read: it took too long"
_OPEN = "this block does not end"

_NAME = r"[^\W\d][\w-]*"
_PLAIN = r'[^"\\$%\n]*(?:[$%](?!\{)[^"\\$%\n]*)*'  # the inside of a string that means itself
# What most values are: a plain string, a number, a word or a reference. Read without a look at the tree.
_SIMPLE = rf'"({_PLAIN})"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|({_NAME}(?:\.{_NAME})*)'
_VALUE = re.compile(_SIMPLE)
_PAIR = re.compile(rf'(?:({_NAME})|"({_PLAIN})")[ \t]*[=:][ \t]*(?:{_SIMPLE})?')
_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))|([$%])\4\{", re.DOTALL)
_DOUBLED = re.compile(r"([$%])\1\{")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read(source: Source) -> tuple[Body, tuple[Problem, ...]]:
    """The attributes and blocks of a file.

    What could not be read is Unknown where a value is wanted, else left out, with a Problem
    for each such place.
    """
    reader = _Reader(source)
    entries, blocks = reader.file()
    reader.problems.sort(key=lambda problem: problem.span.start)
    return Body(source.span(), tuple(entries), tuple(blocks)), tuple(reader.problems)


def expression(source: Source) -> Node:
    """A text that is one expression; Unknown if it is none."""
    return _Reader(source).fragment(0, len(source.text))


def template(source: Source) -> Node:
    """A text that is a template: a file for `templatefile()`, a string of JSON syntax.

    It is read as a heredoc is: `${...}` and `%{...}` are known, a backslash is a backslash.
    Without either of them it is a Scalar; a template of one interpolation alone is what that
    gives. An interpolation that cannot be read is an Unknown among the parts.
    """
    text = source.text
    if "${" not in text and "%{" not in text:
        return Scalar(source.span(), text)
    return _Reader(source).template()


# ── text for the parser ──


class _Letters(dict[int, str]):
    """For str.translate: what stands for a character outside ASCII in the text that is parsed."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if code and code < 128:
            plain = char
        elif char.isspace() or code == 0xFEFF:
            plain = " "
        elif f"a{char}".isidentifier():
            plain = "x"
        else:
            plain = "`"  # has no meaning in HCL
        self[code] = plain
        return plain


_LETTERS = _Letters()
_DOLLARS = re.compile(r"(?:\$\$\$+|%%%+)(?=\{)")
_EXPONENT = re.compile(r"\b\d+[eE][+-]?\d+")
_BLANKS = re.compile(r"\s{100,}")


def _encode(text: str) -> bytes:
    """The text as the parser gets it: a byte for each character, so that its offsets are ours.

    What the text says is never taken from it, so it only needs to have the same structure.
    """
    if not text.isascii() or "\0" in text:
        text = text.translate(_LETTERS)
    if "$$$" in text or "%%%" in text:
        # The grammar pairs the signs from the left, HCL from the brace: `$$${` is `$` and an escape.
        text = _DOLLARS.sub(lambda signs: "`" * len(signs[0]), text)
    if _has_long_blanks(text):
        text = _squeeze(text)
    return text.encode()


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


# ── from the tree to nodes ──


def _kind(name: str, named: bool = True) -> int:
    kind = _LANGUAGE.id_for_node_kind(name, named)
    if kind is None:
        raise LookupError(f"tree-sitter-hcl has no {name}")
    return kind


_ATTRIBUTE = _kind("attribute")
_BLOCK = _kind("block")
_BLOCK_END = _kind("block_end")
_BODY = _kind("body")
_COMMENT = _kind("comment")
_EXPRESSION = _kind("expression")
_FOR_CONDITION = _kind("for_cond")
_FOR_INTRO = _kind("for_intro")
_ARGUMENTS = _kind("function_arguments")
_ELLIPSIS = _kind("ellipsis")
_GET_ATTRIBUTE = _kind("get_attr")
_HEREDOC_NAME = _kind("heredoc_identifier")
_IDENTIFIER = _kind("identifier")
_INDEX = _kind("index")
_NEW_INDEX = _kind("new_index")
_OBJECT_ELEMENT = _kind("object_elem")
_OPERATION = _kind("operation")
_BINARY = _kind("binary_operation")
_OPEN_PAREN = _kind("(", named=False)
_SPLAT = _kind("splat")
_FULL_SPLAT = _kind("full_splat")
_CONDITIONAL = _kind("conditional")
_STRING = _kind("string_lit")
_QUOTED_END = _kind("quoted_template_end")
_INTERPOLATION = _kind("template_interpolation")
_DIRECTIVES = {_kind("template_directive"), _kind("template_if"), _kind("template_for")}
_DIRECTIVE_PARTS = {
    _kind("template_if_intro"): "if",
    _kind("template_else_intro"): "else",
    _kind("template_if_end"): "endif",
    _kind("template_for_start"): "for",
    _kind("template_for_end"): "endfor",
}
_WRAPPERS = {
    _kind("literal_value"),
    _kind("template_expr"),
    _kind("collection_value"),
    _kind("for_expr"),
    _OPERATION,
}


class _Damaged(Exception):
    """The tree has an error here; what is around it is Unknown."""


class _Part:
    """A piece of a template: a text, an interpolation, or a directive, told by `kind`."""

    __slots__ = ("end", "inside", "kind", "start", "value")

    def __init__(self, kind: str, start: int, end: int, value: str = "", inside: Syntax | None = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value  # of a text, decoded
        self.inside = inside  # of the others, what the parser has made of it


class _Reader:
    __slots__ = ("broken", "budget", "data", "depth", "items", "problems", "shift", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.data = _encode(source.text)
        self.problems: list[Problem] = []
        self.shift = 0  # from the offsets of the tree to ours
        self.depth = 0
        self.broken = False  # the tree has errors
        self.budget = 1_000_000_000  # what may be spent on texts that do not parse
        self.items: list[_Item] = []

    # ── blocks and attributes ──

    def body(self, nodes: list[Syntax]) -> _Contents:
        """The entries and blocks among these nodes of a body."""
        entries: list[tuple[Scalar, Node]] = []
        blocks: list[Block] = []
        shift = self.shift
        for node in nodes:
            kind = node.kind_id
            if kind == _ATTRIBUTE:
                entries.append(self.pair(node, node.start_byte + shift, node.end_byte + shift))
            elif kind == _BLOCK:
                blocks.append(self.block(node))
            elif kind == _BODY or node.is_error:
                if node.is_error:
                    self.problem(node, _SYNTAX)
                more = self.body(node.children)
                entries += more[0]
                blocks += more[1]
        return entries, blocks

    def pair(self, node: Syntax, start: int, end: int) -> tuple[Scalar, Node]:
        """An attribute, or an element of an object."""
        source = self.source
        found = _PAIR.match(self.text, start, end)
        if found is None:  # a computed key, or a comment after the key
            key_node, *_, value_node = self.children(node)
            key = self.key(key_node)
        else:
            which = 1 if found[2] is None else 2
            key = Scalar(Span(source, *found.span(which)), found[which])
            last = found.lastindex or 0
            if last > 2 and found.end() == end:
                return key, self.simple(found, last, 2)
            value_node = node.children[-1]
        if value_node.kind_id != _EXPRESSION:
            self.problem(node, _SYNTAX)
            return key, Unknown(Span(source, end, end), _SYNTAX)
        return key, self.expression(value_node)
