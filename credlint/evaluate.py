"""Terraform's expressions, as far as they are known without state, provider or network.

Evaluating gives a node again: known parts in their place, with the way that led there in
`via`; what cannot be known stays the expression that it is.
"""

from __future__ import annotations

from .node import Call, Conditional, Index, Map, Node, Operation, Ref, Scalar, Seq, Template, Unknown
from .text import Source, Span, align

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .files import Files

_MAX_DEPTH = 40
_MAX_STEPS = 100_000  # of one module; what is larger is generated
_MAX_TEXT = 1_000_000

# Functions that change nothing that matters here.
_TRANSPARENT = frozenset(
    {
        "jsonencode",
        "nonsensitive",
        "sensitive",
        "tolist",
        "toset",
        "tomap",
        "tostring",
        "trimspace",
        "one",
        "ephemeralasnull",
    }
)


class Scope:
    """The names of one module: what `var` and `local` stand for, and where its files lie."""

    def __init__(
        self, folder: str, variables: Mapping[str, Node | None], locals: Mapping[str, Node], files: Files | None
    ) -> None:
        self.folder = folder
        self.variables = variables
        self.locals = locals
        self.files = files
        self.extra: Mapping[str, Node] = {}  # the variables of a template file
        self._busy: set[tuple[str, str]] = set()
        self._steps = 0

    def evaluate(self, node: Node, depth: int = 0) -> Node:
        """The node with everything in it that is known. Never raises; circles and excess stay as they are."""
        self._steps += 1
        if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            return node
        step = _STEPS.get(type(node))
        return step(self, node, depth) if step else node

    def _ref(self, node: Ref, depth: int) -> Node:
        kind, _, rest = node.name.partition(".")
        name, _, path = rest.partition(".")
        if kind in self.extra:
            target: Node | None = self.extra[kind]
            name, path = kind, rest
            kind = "template"
        elif kind == "var":
            target = self.variables.get(name)
        elif kind == "local":
            target = self.locals.get(name)
        elif node.name == "path.module":
            return Scalar(node.span, self.folder or ".")
        else:
            return node
        if target is None or (kind, name) in self._busy:
            return node
        self._busy.add((kind, name))
        try:
            found: Node | None = self.evaluate(target, depth + 1)
            for key in path.split(".") if path else ():
                found = found.get(key) if found is not None else None
            return _reached(found, node.span) if found is not None else node
        finally:
            self._busy.discard((kind, name))

    def _template(self, node: Template, depth: int) -> Node:
        parts = tuple(self.evaluate(part, depth + 1) for part in node.parts)
        texts = [part.text for part in parts]
        known = [text for text in texts if text is not None]
        if len(known) == len(texts) and sum(map(len, known)) < _MAX_TEXT:
            whole = Scalar(join(node.span, parts).span(), "".join(known))
            whole.via = tuple(dict.fromkeys(span for part in parts for span in part.via))
            return whole
        return Template(node.span, parts)

    def _call(self, node: Call, depth: int) -> Node:
        if node.name in _TRANSPARENT and len(node.args) == 1:
            return self.evaluate(node.args[0], depth + 1)
        if node.name in ("file", "templatefile") and node.args:
            return self._file(node, depth)
        args = tuple(self.evaluate(argument, depth + 1) for argument in node.args)
        if node.name == "concat" and not node.spread and all(isinstance(argument, Seq) for argument in args):
            return Seq(node.span, tuple(element for argument in args for element in argument))
        if node.name == "merge" and not node.spread and all(isinstance(argument, Map) for argument in args):
            return Map(node.span, tuple(pair for argument in args for pair in argument.items()))
        return Call(node.span, node.name, args, node.spread)

    def _file(self, node: Call, depth: int) -> Node:
        """`file` and `templatefile`: the text of a file of this repository, read as a template where it is one."""
        path = self.evaluate(node.args[0], depth + 1).text
        if path is None or self.files is None:
            return node
        source = self.files.read(path) or self.files.read(f"{self.folder}/{path}")
        if source is None:
            return Unknown(node.span, "the file is not in the repository")
        if node.name == "file":
            text: Node = Scalar(source.span(), source.text)
        else:
            text = self._templatefile(source, node, depth)
        return _reached(text, node.span)

    def _templatefile(self, source: Source, node: Call, depth: int) -> Node:
        from .readers import hcl

        if ("template", source.path) in self._busy:
            return Unknown(node.span, "a template that reads itself")
        given = self.evaluate(node.args[1], depth + 1) if len(node.args) > 1 else None
        outer = self.extra
        self.extra = {key.text or "": value for key, value in given.items()} if given is not None else {}
        self._busy.add(("template", source.path))
        try:
            return self.evaluate(hcl.template(source), depth + 1)
        finally:
            self._busy.discard(("template", source.path))
            self.extra = outer

    def _conditional(self, node: Conditional, depth: int) -> Node:
        test = self.evaluate(node.test, depth + 1)
        if isinstance(test, Scalar) and isinstance(test.value, bool):
            return self.evaluate(node.yes if test.value else node.no, depth + 1)
        return Conditional(node.span, test, self.evaluate(node.yes, depth + 1), self.evaluate(node.no, depth + 1))

    def _index(self, node: Index, depth: int) -> Node:
        base, key = self.evaluate(node.base, depth + 1), self.evaluate(node.key, depth + 1)
        found: Node | None = None
        if isinstance(base, Map) and key.text is not None:
            found = base.get(key.text)
        elif isinstance(base, Seq) and isinstance(key, Scalar) and isinstance(key.value, int):
            found = base.nodes[key.value] if 0 <= key.value < len(base.nodes) else None
        return _reached(found, node.span) if found is not None else Index(node.span, base, key)

    def _seq(self, node: Seq, depth: int) -> Node:
        return Seq(node.span, tuple(self.evaluate(element, depth + 1) for element in node))

    def _map(self, node: Map, depth: int) -> Node:
        return Map(node.span, tuple((key, self.evaluate(value, depth + 1)) for key, value in node.items()))

    def _operation(self, node: Operation, depth: int) -> Node:
        return Operation(node.span, node.operator, tuple(self.evaluate(part, depth + 1) for part in node.operands))


_STEPS: dict[type[Node], Callable[..., Node]] = {
    Ref: Scope._ref,
    Template: Scope._template,
    Call: Scope._call,
    Conditional: Scope._conditional,
    Index: Scope._index,
    Seq: Scope._seq,
    Map: Scope._map,
    Operation: Scope._operation,
}


def _reached(node: Node, use: Span) -> Node:
    """The node with one more hop: it was reached from `use`. A copy, for others reach it too."""
    copy = _COPIES.get(type(node))
    if copy is None:
        return node
    reached = copy(node)
    reached.tag = node.tag
    reached.via = (use, *node.via)[:10]
    return reached


_COPIES: dict[type[Node], Callable[..., Node]] = {
    Scalar: lambda node: Scalar(node.span, node.value),
    Seq: lambda node: Seq(node.span, node.nodes),
    Map: lambda node: Map(node.span, node.entries),
    Template: lambda node: Template(node.span, node.parts),
    Unknown: lambda node: Unknown(node.span, node.reason),
    Ref: lambda node: Ref(node.span, node.name, node.default),
    Index: lambda node: Index(node.span, node.base, node.key),
    Call: lambda node: Call(node.span, node.name, node.args, node.spread),
    Conditional: lambda node: Conditional(node.span, node.test, node.yes, node.no),
    Operation: lambda node: Operation(node.span, node.operator, node.operands),
}


def join(span: Span, parts: tuple[Node, ...]) -> Source:
    """The text of a template as a source: each known part at its place, unknown ones as `${...}`."""
    texts: list[str] = []
    pieces: list[tuple[int, Span]] = []
    length = 0
    for part in parts:
        text = part.text
        if text is None:
            texts.append("${?}")
            pieces.append((length, part.span))
        elif part.span.text == text:
            texts.append(text)
            pieces.append((length, part.span))
        else:
            inner = align(part.span, text)
            texts.append(text)
            pieces.extend((length + start, piece) for start, piece in inner.pieces)
        length += len(texts[-1])
    return Source(span.path, "".join(texts), pieces or ((0, span),))


def text_source(node: Node) -> Source | None:
    """The text that a node is, with places, as far as it is known; None where nothing is."""
    if isinstance(node, Template):
        return join(node.span, node.parts)
    if node.text is None:
        return None
    return align(node.span, node.text)
