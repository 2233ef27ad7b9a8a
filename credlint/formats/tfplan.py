"""Terraform's state, and plans as `terraform show -json` prints them: what was known when they were made.

https://developer.hashicorp.com/terraform/internals/json-format. A state is what there is: the keys in
it are real.
"""

from __future__ import annotations

from .. import values
from ..model import Explicit, Facts, Setting, Slot, Value
from ..node import Map, Node, Scalar, Seq
from ..text import align
from . import ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import Task
    from ..node import Problem
    from ..text import Source

_DEEPEST = 30  # modules inside each other
_LATER = "it is known after apply"


def read(sources: Sequence[Source], files: Files) -> Facts:
    from ..readers import json

    settings: list[Setting] = []
    tasks: list[Task] = []
    explicit: list[Explicit] = []
    problems: list[Problem] = []
    for source in sources:
        document = json.read(source)
        problems.extend(document.problems)
        for root in document.roots:
            settings.extend(values.settings_of(root))
            explicit.extend(_explicit(root))
            references = _references(root)
            unknown = _unknown(root)
            for address, type, attributes in _resources(root):
                settings.extend(_keys_of(type, attributes))
                if type == "aws_ecs_task_definition":
                    containers = _containers(attributes)
                    if containers is not None:
                        settings.extend(ecs.named_by_container(containers))
                    tasks.append(_task(attributes, containers, unknown.get(address), references.get(address)))
    return Facts(texts=sources, settings=settings, tasks=tasks, explicit=explicit, problems=problems)


def _resources(root: Node) -> Iterator[tuple[str, str, Map]]:
    """The resources that there are, or that the plan makes: address, type, attributes."""
    for resource in root.get("resources") or ():  # a state
        type, name = resource.get("type"), resource.get("name")
        for instance in resource.get("instances") or ():
            attributes = instance.get("attributes")
            if type is not None and name is not None and isinstance(attributes, Map):
                yield f"{type.text}.{name.text}", type.text or "", attributes
    for part in ("planned_values", "values"):
        found = root.get(part)
        yield from _of_module(found.get("root_module") if found is not None else None, 0)


def _of_module(module: Node | None, depth: int) -> Iterator[tuple[str, str, Map]]:
    if module is None or depth > _DEEPEST:
        return
    for resource in module.get("resources") or ():
        type, address, attributes = resource.get("type"), resource.get("address"), resource.get("values")
        if type is not None and address is not None and isinstance(attributes, Map):
            yield address.text or "", type.text or "", attributes
    for child in module.get("child_modules") or ():
        yield from _of_module(child, depth + 1)


def _keys_of(type: str, attributes: Map) -> Iterator[Setting]:
    """What a name says only together with the type of the resource: `secret` of an access key."""
    if type == "aws_iam_access_key":
        for name, meaning in (("secret", "aws_secret_access_key"), ("ses_smtp_password_v4", "ses_smtp_password")):
            value = attributes.get(name)
            if value is not None and value.text:
                yield Setting(meaning, values.value_of(value), attributes)


def _containers(attributes: Map) -> Node | None:
    definitions = attributes.get("container_definitions")
    text = definitions.text if definitions is not None else None
    if definitions is None or not text:
        return None
    from ..readers import json

    roots = json.read(align(definitions.span, text)).roots
    return roots[0] if roots and isinstance(roots[0], Seq) else None


def _unknown(root: Node) -> dict[str, Node]:
    """By the address of a resource what is only known after the plan was applied."""
    found: dict[str, Node] = {}
    for change in root.get("resource_changes") or ():
        address, after = change.get("address"), change.get("change")
        unknown = after.get("after_unknown") if after is not None else None
        if address is not None and address.text and unknown is not None:
            found[address.text] = unknown
    return found


def _references(root: Node) -> dict[str, Node]:
    """By the address of a resource of the root module the expressions of its configuration."""
    configuration = root.get("configuration")
    module = configuration.get("root_module") if configuration is not None else None
    found: dict[str, Node] = {}
    for resource in (module.get("resources") if module is not None else None) or ():
        address, expressions = resource.get("address"), resource.get("expressions")
        if address is not None and address.text and expressions is not None:
            found[address.text] = expressions
    return found


def _explicit(root: Node) -> Iterator[Explicit]:
    """The credentials that the providers of a plan's configuration are given as arguments."""
    configuration = root.get("configuration")
    providers = configuration.get("provider_config") if configuration is not None else None
    for _, provider in providers.items() if providers is not None else ():
        name, expressions = provider.get("name"), provider.get("expressions")
        if name is None or name.text not in ("aws", "awscc") or expressions is None:
            continue
        arguments: list[tuple[str, Value]] = []
        for argument in ("access_key", "secret_key", "token"):
            given = expressions.get(argument)
            constant = given.get("constant_value") if given is not None else None
            if given is not None and (constant is None or constant.text):
                value = values.value_of(constant) if constant is not None else Value(given.span, reason=_LATER)
                arguments.append((argument, value))
        if arguments:
            yield Explicit(f"the provider {name.text}", tuple(arguments))


def _task(attributes: Map, containers: Node | None, unknown: Node | None, expressions: Node | None) -> Task:
    family = attributes.get("family")
    return ecs.task(
        Map(attributes.span, ()),
        containers,
        name=(family.text if family is not None else None) or "",
        span=attributes.span,
        complete=True,
        task_role=_slot("task_role_arn", attributes, unknown, expressions),
        execution_role=_slot("execution_role_arn", attributes, unknown, expressions),
        launch=ecs.launch_types(attributes.get("requires_compatibilities")),
        volumes=_as_ecs(attributes.get("volume") or Seq(attributes.span, ())),
    )


def _as_ecs(node: Node) -> Node:
    """Blocks as ECS has them: a block that can be there once is a list of one here."""
    if isinstance(node, Seq):
        return Seq(node.span, tuple(_as_ecs(element) for element in node))
    entries: list[tuple[Scalar, Node]] = []
    for key, value in node.items():
        blocks = value.nodes if isinstance(value, Seq) else (value,)
        if len(blocks) == 1:
            entries.append((Scalar(key.span, ecs.camel(key.text or "")), _as_ecs(blocks[0])))
    return Map(node.span, tuple(entries)) if isinstance(node, Map) else node


def _slot(name: str, attributes: Map, unknown: Node | None, expressions: Node | None) -> Slot:
    """A role; where it is only known later, by the name of what it will come from."""
    node = attributes.get(name)
    value = ecs.filled(node) if node is not None else None
    later = unknown.get(name) if unknown is not None else None
    if value is not None or later is None or later.text != "true":
        return Slot(name, value)
    expression = expressions.get(name) if expressions is not None else None
    references = [one.text for one in (expression.get("references") if expression is not None else None) or ()]
    known = references[0] if references else None
    span = expression.span if expression is not None else attributes.span
    return Slot(name, Value(span, name=f"plan:{known.rpartition('.')[0]}" if known else None, reason=_LATER))
