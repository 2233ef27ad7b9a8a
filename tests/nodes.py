"""What the tests of several readers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from credlint.node import Document, Map, Node, Scalar, Seq
from credlint.text import Source


def read(reader: Callable[[Source], Document], path: str, text: str) -> Document:
    """What a reader makes of a text; every place lies in it."""
    document = reader(Source(path, text))
    for place in [problem.span for problem in document.problems] + [node.span for node in nodes(document)]:
        assert 0 <= place.start <= place.end <= len(text)
    return document


def nodes(document: Document) -> list[Node]:
    return [node for root in document.roots for node in walk(root)]


def plain(node: Node, unknown: Callable[[Node], object]) -> object:
    """A node as the value that an oracle would give; of what is neither scalar, map nor list `unknown` says what."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Map):
        return {key.value: plain(value, unknown) for key, value in node.items()}
    if isinstance(node, Seq):
        return [plain(element, unknown) for element in node]
    return unknown(node)


def walk(root: Node) -> Iterator[Node]:
    """A JSON or YAML node and all that is in it, keys too, in the order of the text.

    What an alias repeats comes once.
    """
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Map):
            stack.extend(part for entry in reversed(node.entries) for part in reversed(entry))
        elif isinstance(node, Seq):
            stack.extend(reversed(node.nodes))
