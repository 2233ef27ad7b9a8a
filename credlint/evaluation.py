"""What Terraform's expressions and CloudFormation's functions have in common when they are evaluated.

A value that was reached by references keeps the way; a text of known and unknown parts
keeps the place of each part, also where it is JSON that is read again.
"""

from __future__ import annotations

from .node import (
    Call,
    Computed,
    ComputedKey,
    Conditional,
    Index,
    Map,
    Node,
    Operation,
    Ref,
    Scalar,
    Seq,
    Splat,
    Template,
    Unknown,
)
from .text import Source, Span, align

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# A file in a folder of this name is a module that credlint itself tells: nothing in it is a place in the repository.
FOLDER = "module:"

_MAX_DEPTH = 60
_MAX_STEPS = 50_000  # of one root module or template with all that it calls; what is larger is generated
_MAX_MEMBERS = 5_000
_MAX_PARTS = 1_000  # of a text
_MAX_TEXT = 1_000_000
_MAX_VIA = 10
_HOLE = "${?}"  # an unknown part in a text

TOO_LARGE = "it takes too long to evaluate"


class Budget:
    """What evaluating may cost, shared by a root module and all that it calls.

    `members` are the instances of resources and modules that are looked at.
    """

    __slots__ = ("depth", "members", "steps")

    def __init__(self) -> None:
        self.steps = _MAX_STEPS
        self.members = _MAX_MEMBERS
        self.depth = 0


# ── ways ──


def reached(node: Node, use: Span) -> Node:
    """The node with one more hop: it was reached from `use`. A copy, for others reach it too."""
    if use is node.span or use.path.startswith(FOLDER):
        return node
    if node.via and _folder(node.via[0]) != _folder(use):  # given by a call: that place stays the first
        return _with_way(node, (*node.via, use))
    return _with_way(node, (use, *node.via))


def _folder(span: Span) -> str:
    return span.path.rpartition("/")[0]


def passed(node: Node, use: Span) -> Node:
    """The node as a module sees it that is given it: the place where it is given stays the first of the way."""
    return node if use.path.startswith(FOLDER) else _with_way(node, (*(node.via or (node.span,)), use))


def _with_way(node: Node, via: tuple[Span, ...]) -> Node:
    copy = COPIES.get(type(node))
    if copy is None:
        return node
    new = copy(node)
    new.tag = node.tag
    new.via = via[:_MAX_VIA]
    return new


# How the nodes are copied that may be reached by more than one way.
COPIES: dict[type[Node], Callable[..., Node]] = {
    Scalar: lambda node: Scalar(node.span, node.value),
    Computed: lambda node: Computed(node.span, node.value),
    Seq: lambda node: Seq(node.span, node.nodes),
    Map: lambda node: Map(node.span, node.entries),
    Template: lambda node: Template(node.span, node.parts),
    Unknown: lambda node: Unknown(node.span, node.reason),
    Ref: lambda node: Ref(node.span, node.name, node.default, node.scope),
    Index: lambda node: Index(node.span, node.base, node.key),
    Call: lambda node: Call(node.span, node.name, node.args, node.spread),
    Conditional: lambda node: Conditional(node.span, node.test, node.yes, node.no),
    Operation: lambda node: Operation(node.span, node.operator, node.operands),
    Splat: lambda node: Splat(node.span, node.base, node.path),
}


# ── texts ──


def template(span: Span, parts: tuple[Node, ...]) -> Node:
    """The parts one after the other: a string when all of them are known."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Template) else (part,))
    texts = [part.text for part in flat]
    known = [text for text in texts if text is not None]
    if len(flat) > _MAX_PARTS or sum(map(len, known)) > _MAX_TEXT:
        return Unknown(span, TOO_LARGE)
    if len(known) < len(texts):
        whole: Node = Template(span, tuple(part for part in flat if part.text != ""))
    else:
        whole = Scalar(join(span, flat).span(), "".join(known))
    whole.via = tuple(dict.fromkeys(place for part in flat for place in part.via))[:_MAX_VIA]
    return whole


def join(span: Span, parts: Sequence[Node]) -> Source:
    """The text of a template as a source: each known part at its place, unknown ones as `${?}`."""
    return _joined(span, parts)[0]


def _joined(span: Span, parts: Sequence[Node]) -> tuple[Source, dict[int, Node]]:
    """The same, with the unknown parts by their offsets."""
    texts: list[str] = []
    pieces: list[tuple[int, Span]] = []
    holes: dict[int, Node] = {}
    length = 0
    for part in parts:
        for text, place, hole in _pieces(part):
            if not text:
                continue
            if length > _MAX_TEXT:
                return Source(span.path, "".join(texts), pieces), holes
            if hole is not None:
                holes[length] = hole
            texts.append(text)
            if place.text == text or len(text) > 1_000:
                pieces.append((length, place))
            else:
                pieces.extend((length + start, piece) for start, piece in align(place, text).pieces)
            length += len(text)
    return Source(span.path, "".join(texts), pieces or ((0, span),)), holes


def _pieces(node: Node, depth: int = 0) -> Iterator[tuple[str, Span, Node | None]]:
    """The text of a node, each piece with its place; with the node itself where it is not known."""
    text = node.text
    if isinstance(node, Scalar) and text is not None:
        yield text, node.span, None
    elif isinstance(node, Template):
        for part in node.parts:
            yield from _pieces(part, depth + 1)
    elif isinstance(node, Call) and node.name in ("jsonencode", "yamlencode") and node.args:
        yield from _json(node.args[0], depth)
    else:
        yield _HOLE, node.span, node


def _json(node: Node, depth: int) -> Iterator[tuple[str, Span, Node | None]]:
    """A value as the JSON that `jsonencode` makes of it."""
    near = node.span.sub(0, 0)
    if isinstance(node, (Map, Seq)) and depth < _MAX_DEPTH:
        yield "{" if isinstance(node, Map) else "[", near, None
        first = True
        entries = node.items() if isinstance(node, Map) else ((None, element) for element in node)
        for key, value in entries:
            if not first:
                yield ",", near, None
            first = False
            if key is not None:
                yield from _json(key, depth + 1)
                yield ":", near, None
            yield from _json(value, depth + 1)
        yield "}" if isinstance(node, Map) else "]", near, None
    elif isinstance(node, Scalar) and isinstance(node.value, str):
        from json import dumps

        yield '"', near, None
        inner = dumps(node.value)[1:-1]
        yield inner, node.span, None
        yield '"', near, None
    elif isinstance(node, Scalar) and not (isinstance(node, ComputedKey)):
        yield (node.text if node.value is not None else None) or "null", near, None
    elif isinstance(node, Template):
        yield '"', near, None
        for text, place, hole in _pieces(node, depth + 1):
            yield text.replace('"', '\\"'), place, hole
        yield '"', near, None
    else:
        yield _HOLE, near, node


def decoded(node: Node, *, strict: bool = False) -> Node | None:
    """What a text of JSON says, with what is not known in its place; None where it is no such text.

    With `strict` also where a part of it cannot be read.
    """
    if isinstance(node, Call) and node.name in ("jsonencode", "yamlencode") and node.args:
        return node.args[0]
    source, holes = (text_source(node), {}) if isinstance(node, Scalar) else _joined(node.span, (node,))
    if source is None or (source.text.lstrip()[:1] not in ("[", "{", '"') and not strict):
        return None
    from .readers import json

    document = json.read(source)
    if not document.roots or (strict and document.problems):
        return None
    return _filled(document.roots[0], source, holes) if holes else document.roots[0]


def _filled(node: Node, source: Source, holes: Mapping[int, Node]) -> Node:
    """A value that was read from a text, with the unknown parts of the text put back. It is not deep: it was read."""
    if isinstance(node, Map):
        return Map(node.span, tuple((key, _filled(value, source, holes)) for key, value in node.items()))
    if isinstance(node, Seq):
        return Seq(node.span, tuple(_filled(element, source, holes) for element in node))
    if node.span.source is not source or _HOLE not in node.span.text:
        return node
    if isinstance(node, Unknown):
        return holes.get(node.span.start, node)
    texts = (node.text or "").split(_HOLE)
    raw = node.span.text.split(_HOLE)
    parts: list[Node] = []
    at = 0
    for text, written in zip(texts, raw):
        if at:
            hole = holes.get(node.span.start + at - len(_HOLE))
            if hole is None or len(texts) != len(raw):
                return node
            parts.append(hole)
        if text:
            parts.append(Scalar(node.span.sub(at, at + len(written)), text))
        at += len(written) + len(_HOLE)
    return parts[0] if len(parts) == 1 else template(node.span, tuple(parts))


def text_source(node: Node) -> Source | None:
    """The text that a node is, with places, as far as it is known; None where nothing is."""
    if isinstance(node, (Template, Call)):
        source = join(node.span, (node,))
        return None if source.text == _HOLE else source
    if node.text is None:
        return None
    return align(node.span, node.text)
