"""`ecs-params.yml` of the ECS CLI: the roles of a task whose containers a compose file describes.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cmd-ecs-cli-compose-ecsparams.html
"""

from __future__ import annotations

from .. import values
from ..model import Facts, Slot
from ..node import Map, Node, Scalar, Seq, merged
from ..readers import yaml
from . import ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import Setting, Task
    from ..node import Problem
    from ..text import Source


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    tasks: list[Task] = []
    problems: list[Problem] = []
    for source in sources:
        document = yaml.read(source)
        problems.extend(document.problems)
        for root in document.roots:
            settings.extend(values.settings_of(root))
            definition = root.get("task_definition")
            if isinstance(definition, Map):
                tasks.append(_task(merged(definition)))
    return Facts(texts=sources, settings=settings, tasks=tasks, problems=problems)


def _task(definition: Map) -> Task:
    """It is never the whole: images and variables are in the compose file, the execution role perhaps in
    the file that `ecs-cli registry-creds` writes."""
    services = definition.get("services") or Map(definition.span, ())
    containers = tuple(
        Map(service.span, (*_camel(service).items(), (Scalar(name.span, "name"), name)))
        for name, service in services.items()
        if isinstance(service, Map)
    )
    return ecs.task(
        Map(definition.span, ()),
        Seq(definition.span, containers),
        name="",
        span=definition.span,
        complete=False,
        task_role=_slot(definition, "task_role_arn"),
        execution_role=_slot(definition, "task_execution_role"),
        volumes=Seq(definition.span, tuple(map(_volume, definition.get("efs_volumes") or ()))),
    )


def _volume(node: Node) -> Node:
    """A volume as ECS has it, as far as it says something of roles."""
    login = Map(node.span, tuple((key, value) for key, value in node.items() if key.text == "iam"))
    elastic = Map(node.span, ((Scalar(node.span, "authorizationConfig"), login),))
    return Map(node.span, ((Scalar(node.span, "efsVolumeConfiguration"), elastic),))


def _slot(definition: Map, field: str) -> Slot:
    node = definition.get(field)
    value = ecs.filled(node) if node is not None else None
    if value is not None and "${" in (value.text or ""):  # a variable of whoever deploys
        value.name, value.text = value.text, None
    return Slot(field, value)


def _camel(node: Node) -> Node:
    """Fields by the names that ECS has for them."""
    if isinstance(node, Seq):
        return Seq(node.span, tuple(map(_camel, node.nodes)))
    if isinstance(node, Map):
        return Map(node.span, tuple(_renamed(merged(node))))
    return node


def _renamed(node: Map) -> Iterator[tuple[Scalar, Node]]:
    for key, value in node.items():
        yield Scalar(key.span, ecs.camel(key.text or "")), _camel(value)
