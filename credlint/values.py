"""From nodes to the model: what a node says as a value, and the named strings of a document."""

from __future__ import annotations

import re

from . import lazy, names
from .model import Setting, Value
from .node import (
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
    Ref,
    Scalar,
    Seq,
    Splat,
    Template,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .text import Source

_DEEPEST = 40
_MOST_OF_ONE = 2_000  # parts of one expression that are compared
_MOST_NODES = 500_000  # a document with more named strings is data
_ASSIGNMENT = lazy.pattern(r"(?:export\s+)?([A-Za-z_][\w.]*)=(.+)", re.DOTALL)
_IMPURE = frozenset({"uuid", "timestamp", "bcrypt", "plantimestamp"})


def value_of(node: Node) -> Value:
    """A node as a value: known text, or a name that stands for it, or unknown."""
    if isinstance(node, Unknown):
        return Value(node.span, reason=node.reason, via=node.via)
    text = node.text
    if text is not None:
        return Value(node.span, text, via=node.via)
    name = canonical(node)
    if name is None:
        return Value(node.span, via=node.via, reason="its value is not known here")
    return Value(node.span, name=name, via=node.via, reason="its value is not known here")


def is_blank(node: Node) -> bool:
    """Whether it is null or the empty string: as good as not given."""
    return isinstance(node, Scalar) and node.value in (None, "")


def known_part(node: Node) -> str:
    """What is known of a text: all of it, or the parts of a template."""
    if isinstance(node, Template):
        return "".join(part.text or "" for part in node.parts)
    return node.text or ""


def canonical(node: Node) -> str | None:
    """One spelling for an expression, so that equal expressions are seen to be equal; None for others.

    Expressions are pure but for a few functions: in one scope the same expression has the
    same value, whatever that is.
    """
    return _spelt(node, [_MOST_OF_ONE], 0)


def resource_of(name: str) -> str:
    """The address of the resource of which a name (of `canonical`) is an attribute, without the instance.

    A resource of CloudFormation stands for itself: `template.yaml:AWS::S3::Bucket.Uploads`, with or without `.Arn`.
    """
    before, sign, rest = name.rpartition("::")
    if sign:
        return f"{before}::{'.'.join(rest.split('.')[:2])}"
    address = name.rpartition(".")[0]
    return address[: address.rindex("[")] if address.endswith("]") and "[" in address else address


def _spelt(node: Node, left: list[int], depth: int) -> str | None:
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST or isinstance(node, ComputedKey):
        return None
    inner: tuple[Node, ...]
    if isinstance(node, Scalar):
        return repr(node.value) if isinstance(node.value, str) else str(node.text)
    if isinstance(node, Ref):
        return f"{node.scope}:{node.name}"
    if isinstance(node, Template):
        head, inner = "template", node.parts
    elif isinstance(node, Index):
        head, inner = "index", (node.base, node.key)
    elif isinstance(node, Splat):
        head, inner = "splat", (node.base, *node.path)
    elif isinstance(node, Call):
        if node.name in _IMPURE:
            return None
        head, inner = node.name, node.args
    elif isinstance(node, Conditional):
        head, inner = "if", (node.test, node.yes, node.no)
    elif isinstance(node, Operation):
        head, inner = node.operator, node.operands
    elif isinstance(node, Seq):
        head, inner = "list", node.nodes
    elif isinstance(node, Map):
        head, inner = "map", tuple(part for entry in node.items() for part in entry)
    else:
        return None
    parts = [_spelt(part, left, depth + 1) for part in inner]
    known = [part for part in parts if part is not None]
    return f"{head}({','.join(known)})" if len(known) == len(parts) else None


def settings_of(root: Node) -> Iterator[Setting]:
    """The named strings of a document: a map's entries, {"name": N, "value": V} pairs, "N=V" elements.

    A name is told with its parent's (`aws.secret`), for the parent may say what it is.
    """
    seen: set[int] = set()
    # node, the name it is known by, what it shares with its neighbours
    stack: list[tuple[Node, str, object]] = [(root, "", root)]
    while stack and len(seen) < _MOST_NODES:
        node, name, group = stack.pop()
        if isinstance(node, Scalar):
            if isinstance(node.value, str):
                yield from _of_scalar(node, name, group)
            continue
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Map):
            pair = _name_and_value(node)
            if pair:
                yield Setting(pair[0], value_of(pair[1]), group)
            shared = group if _is_of_its_holder(name) else node
            for key, value in node.items():
                if not (pair and value is pair[1]):
                    stack.append((value, _joined(name, key.text or ""), shared))
            if isinstance(node, Body):
                stack.extend((block, name, node) for block in node.blocks)
        elif isinstance(node, Block):
            # a variable's default is known by the variable's name
            inner = node.labels[-1].text or "" if node.type == "variable" and node.labels else node.type
            stack.append((node.body, inner, group if _is_of_its_holder(inner) else node.body))
        elif isinstance(node, Seq):
            shared = node if name else group
            stack.extend((element, name, shared) for element in node)
        else:
            if names.speaks_of_keys(name):  # what it is called is worth knowing, where it is not known here as well
                yield Setting(name, value_of(node), group)
            stack.extend((child, name, group) for child in children(node))


def settings_of_shell(source: Source) -> Iterator[Setting]:
    """What a shell script assigns; all of it belongs together."""
    from .readers import shell

    for assignment in shell.read(source).assignments:
        yield Setting(assignment.name.text or "", value_of(assignment.value), source)


def followed(settings: Iterable[Setting], known: dict[str, Value]) -> Iterator[Setting]:
    """The settings, where one is nothing but a variable with the text of that variable, and the use as a hop.

    `known` are the variables that are set before; what the settings set is added to it.
    """
    for setting in settings:
        value = setting.value
        literal = known.get(value.name[1:]) if value.name and value.name.startswith(":") else None
        if literal is not None:
            setting.value = Value(literal.span, literal.text, via=(value.span, *literal.via))
        if setting.value.text is not None:
            known[setting.name] = setting.value
        else:
            known.pop(setting.name, None)
        yield setting


def children(node: Node) -> tuple[Node, ...]:
    """What an expression is made of."""
    if isinstance(node, Template):
        return node.parts
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Conditional):
        return (node.yes, node.no)
    if isinstance(node, Operation):
        return node.operands
    if isinstance(node, Index):
        return (node.base, node.key)
    if isinstance(node, Splat):
        return (node.base,)
    if isinstance(node, For):
        return (node.source, node.value)
    if isinstance(node, Ref):
        return (node.default,) if node.default else ()
    return ()


def _of_scalar(node: Scalar, name: str, group: object) -> Iterator[Setting]:
    text = str(node.value)
    assigned = _ASSIGNMENT.fullmatch(text) if "=" in text else None
    if assigned and node.span.text == text:
        start, end = assigned.span(2)
        value = text[start:end]
        yield Setting(assigned[1], Value(node.span.sub(start, end), value, via=node.via), group)
    else:
        yield Setting(name, value_of(node), group)


def _name_and_value(node: Map) -> tuple[str, Node] | None:
    """The pair of {"name": N, "value": V}, in any spelling."""
    found: dict[str, Node] = {}
    for key, value in node.items():
        found[(key.text or "").lower()] = value
    name = found.get("name") or found.get("key") or found.get("parameterkey")
    given = found.get("value") or found.get("parametervalue")
    return (name.text, given) if name is not None and name.text and given is not None else None


def _is_of_its_holder(name: str) -> bool:
    """Whether what is under a name says something about what stands beside the name: endpoints = {s3 = URL}."""
    return name.endswith("endpoints")


def _joined(parent: str, key: str) -> str:
    last = parent.rpartition(".")[2]
    return f"{last}.{key}" if last else key
