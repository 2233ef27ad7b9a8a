"""The nested blocks of a block, also those that `dynamic` makes."""

from __future__ import annotations

from ..node import Block, Body, Computed, Map, Node, Ref, Scalar, Seq, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evaluate import Scope


def label(block: Block) -> str:
    """The first label of a block; empty where it has none."""
    return (block.labels[0].text or "") if block.labels else ""


def blocks_of(body: Body, type: str, scope: Scope) -> Iterator[tuple[Block, Scope]]:
    """The nested blocks of a type, each with the scope in which it is evaluated."""
    for block in body.blocks:
        if block.type == type:
            yield block, scope
        elif _makes(block, type):
            yield from _made_by(block, scope)


def may_have_more(body: Body, type: str, scope: Scope) -> bool:
    """Whether a `dynamic` block makes blocks of a type that are not known."""
    return any(_makes(block, type) and _elements(block, scope) is None for block in body.blocks)


def _makes(block: Block, type: str) -> bool:
    return block.type == "dynamic" and label(block) == type


def _elements(dynamic: Block, scope: Scope) -> list[tuple[Node, Node]] | None:
    """What a `dynamic` block goes through; None when that is not known."""
    each = dynamic.body.get("for_each")
    known = scope.evaluate(each) if each is not None else None
    pairs: list[tuple[Node, Node]]
    if isinstance(known, Map):
        pairs = list(known.items())
    elif isinstance(known, Seq):
        pairs = [(element, element) for element in known]
    else:
        return None
    return None if any(isinstance(part, Unknown) for pair in pairs for part in pair) else pairs


def _made_by(dynamic: Block, scope: Scope) -> Iterator[tuple[Block, Scope]]:
    named = dynamic.body.get("iterator")
    content = next((inner for inner in dynamic.body.blocks if inner.type == "content"), None)
    if content is None:
        return
    name = named.name if isinstance(named, Ref) else label(dynamic)
    for key, value in _elements(dynamic, scope) or ():
        entries: tuple[tuple[Scalar, Node], ...] = (
            (Computed(key.span, "key"), key),
            (Computed(value.span, "value"), value),
        )
        yield content, scope.within({name: Map(dynamic.span, entries)})
