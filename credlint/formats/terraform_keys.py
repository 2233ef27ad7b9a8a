"""What a Terraform module says of keys: its named strings, what they refer to, the keys that providers are given."""

from __future__ import annotations

import re

from .. import keys, names, values
from ..model import Explicit, Setting
from ..node import Block, Body, Call, Map, Node, Scalar, Seq, Template
from ..terraform.blocks import label
from ..terraform.modules import is_automatic, parts_of, root
from . import ecs
from .terraform_tasks import TASK, listed_in, sides_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Value
    from ..terraform.evaluate import Scope
    from ..terraform.modules import Instance

_ASSIGNED = re.compile(r"""([A-Za-z_][\w.-]*)["']?[ \t]*[=:][ \t]*["']?$""")
_LONGEST_NAME = 100


def settings(instances: Sequence[Instance]) -> Iterator[Setting]:
    """The named strings: literals, and what a name that speaks of keys refers to."""
    module = instances[0].module
    for _, entries in module.assigned:
        yield from values.settings_of(entries)
    for instance in instances:
        for body in instance.module.bodies:
            if instance.module is module:
                yield from values.settings_of(body)
            yield from _referred(body, instance.scope)
            yield from _interpolated(body, instance.scope)
            _read_files(body, instance.scope)
        for _, block, scope in instance.resources(TASK):
            for side in sides_of(block.body.get("container_definitions"), scope):
                containers = listed_in(side.node)
                if containers is not None:
                    yield from ecs.named_by_container(containers)
    yield from _keys_by_environment(instances[0])


def _keys_by_environment(instance: Instance) -> Iterator[Setting]:
    """What the variable files of the environments give under names that only the configuration explains."""
    for path, entries in instance.module.assigned:
        if not is_automatic(path) and any(keys.has_candidates(value.text or "") for _, value in entries.items()):
            for one in root(instance.module, instance.modules, [path]).walk():
                for body in one.module.bodies:
                    yield from _referred(body, one.scope)


def _referred(body: Body, scope: Scope) -> Iterator[Setting]:
    """Attributes that speak of keys by their name and are an expression."""
    stack: list[Node] = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, Block):
            stack.append(node.body)
            continue
        if isinstance(node, Body):
            stack.extend(node.blocks)
        for key, value in node.items():
            if isinstance(value, (Map, Seq)):
                stack.append(value)
                continue
            if isinstance(value, Call):
                stack.extend(value.args)
            if not isinstance(value, Scalar) and names.speaks_of_keys(key.text or ""):
                known = values.value_of(scope.evaluate(value))
                if known.text is not None:
                    yield Setting(key.text or "", known, node)
        if isinstance(node, Seq):
            stack.extend(element for element in node if isinstance(element, (Map, Seq)))
        elif isinstance(node, Call):
            stack.extend(node.args)


def _interpolated(body: Body, scope: Scope) -> Iterator[Setting]:
    """What is put into a text after a name that speaks of keys: `SECRET_KEY=${local.secret}` in a script."""
    for node in parts_of(body):
        for before, part in zip(node.parts, node.parts[1:]) if isinstance(node, Template) else ():
            named = _ASSIGNED.search((before.text or "")[-_LONGEST_NAME:])
            if named and not isinstance(part, Scalar) and names.speaks_of_keys(named[1]):
                known = values.value_of(scope.evaluate(part))
                if known.text is not None:
                    yield Setting(named[1], known, node)


def _read_files(body: Body, scope: Scope) -> None:
    """Lets the scope read the files that `file()` and its kin name, so that they are searched as well."""
    for node in parts_of(body):
        if isinstance(node, Call) and node.name in ("file", "templatefile", "filebase64") and node.args:
            scope.read(scope.evaluate(node.args[0]), node.span)


def explicit(instance: Instance) -> Iterator[Explicit]:
    """The credentials that providers and backends are given as arguments."""
    owners = [(f"the provider {label(block)}", block) for block in instance.module.blocks("provider")]
    for block in instance.module.blocks("terraform"):
        backends = (inner for inner in block.body.blocks if inner.type == "backend")
        owners.extend((f"the backend {label(inner)}", inner) for inner in backends)
    for owner, block in owners:
        if label(block) not in ("aws", "awscc", "s3"):
            continue
        given = ((name, block.body.get(name)) for name in ("access_key", "secret_key", "token"))
        arguments: list[tuple[str, Value]] = []
        for name, node in given:
            known = instance.scope.likely().evaluate(node) if node is not None else None
            value = ecs.filled(known) if known is not None else None
            if node is not None and value is not None:
                value.via = (node.span,)
                arguments.append((name, value))
        if arguments:
            yield Explicit(owner, tuple(arguments))
