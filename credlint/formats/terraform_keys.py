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
        yield from _stored(instance)
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


def _interpolated(root: Node, scope: Scope) -> Iterator[Setting]:
    """What is put into a text after a name that speaks of keys: `SECRET_KEY=${local.secret}` in a script."""
    for node in parts_of(root):
        for before, part in zip(node.parts, node.parts[1:]) if isinstance(node, Template) else ():
            named = _ASSIGNED.search((before.text or "")[-_LONGEST_NAME:])
            if named and not isinstance(part, Scalar) and names.speaks_of_keys(named[1]):
                known = values.value_of(scope.evaluate(part))
                if known.text is not None:
                    yield Setting(named[1], known, node)
        if isinstance(node, Call) and node.name == "templatefile" and len(node.args) == 2 and not scope.bare:
            yield from _put_into_a_file(node, scope)


def _put_into_a_file(call: Call, scope: Scope) -> Iterator[Setting]:
    """The same where the text is a file of its own, and the names are what the call gives them."""
    from ..readers import hcl

    source = scope.read(scope.evaluate(call.args[0]), call.span)
    if source is not None and "${" in source.text:
        given = scope.evaluate(call.args[1])
        if any(keys.has_candidates(value.text or "") for _, value in given.items()):
            inner = scope.within({key.text: value for key, value in given.items() if key.text}, bare=True)
            yield from _interpolated(hcl.template(source), inner)


# What keeps a value, in which argument, and the argument that says the name or the resource of that name.
_STORES = (
    ("aws_ssm_parameter", "value", "name"),
    ("aws_secretsmanager_secret_version", "secret_string", "secret_id"),
)


def _stored(instance: Instance) -> Iterator[Setting]:
    """Values kept under a name which stands elsewhere: in a label, in another resource, in a text with holes."""
    for type, argument, naming in _STORES:
        for _, block, scope in instance.resources(type):
            value = block.body.get(argument)
            known = values.value_of(scope.evaluate(value)) if value is not None else None
            if known is None or known.text is None:
                continue
            for name in _names_of(block, block.body.get(naming), scope):
                if names.speaks_of_keys(name):
                    yield Setting(name, known, block)


def _names_of(block: Block, naming: Node | None, scope: Scope) -> Iterator[str]:
    """What a value that is kept is called."""
    yield block.labels[-1].text or ""
    if naming is None:
        return
    handle = scope.subject(naming)
    if handle is None:
        yield values.known_part(scope.evaluate(naming))
        return
    yield handle.block.labels[-1].text or ""
    named = handle.block.body.get("name")
    if named is not None:
        yield values.known_part(handle.owner.evaluate(named))


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
