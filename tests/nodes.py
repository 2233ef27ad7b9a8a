"""What the tests of several readers share."""

from __future__ import annotations

from collections.abc import Iterator

from credlint.node import Map, Node, Seq


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
