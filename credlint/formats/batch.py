"""AWS Batch jobs as the ECS tasks that they become: the same containers, the roles under names of their own.

https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
"""

from __future__ import annotations

from ..node import Map, Node, Seq
from . import ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Task

# What a job definition's properties are given as, in JSON.
PROPERTIES = ("containerProperties", "ecsProperties", "nodeProperties")


class Part:
    """What becomes one task: `root` holds the roles, the task's in the field `task_role`."""

    __slots__ = ("containers", "root", "task_role", "volumes")

    def __init__(self, root: Node, task_role: str, containers: Node | None) -> None:
        self.root = root
        self.task_role = task_role
        self.containers = containers
        self.volumes = ecs.field(root, "volumes")


def tasks(root: Node, *, whole: bool) -> Iterator[Task]:
    """The tasks of a job definition in JSON or YAML. On EC2 they run unless it says otherwise."""
    name, listed = ecs.field(root, "jobDefinitionName"), ecs.field(root, "platformCapabilities")
    for kind in PROPERTIES:
        properties = ecs.field(root, kind)
        for part in parts(kind, properties) if properties is not None else ():
            task = ecs.task(
                part.root,
                part.containers,
                name=(name.text if name is not None else None) or "",
                span=root.span,
                complete=whole,
                task_role=ecs.slot(part.root, part.task_role),
                launch=ecs.launch_types(listed) if listed is not None else ("EC2",),
                volumes=part.volumes,
            )
            for workload in task.workloads:
                workload.name = workload.name or task.name  # the container of a job has none
            yield task


def parts(kind: str, properties: Node) -> Iterator[Part]:
    """The tasks that one of the PROPERTIES makes."""
    if kind == "containerProperties":
        if isinstance(properties, Map):
            yield Part(properties, "jobRoleArn", Seq(properties.span, (properties,)))
    elif kind == "ecsProperties":
        for one in ecs.field(properties, "taskProperties") or ():
            yield Part(one, "taskRoleArn", ecs.field(one, "containers"))
    else:
        for nodes in ecs.field(properties, "nodeRangeProperties") or ():
            for name, inner in (("container", "containerProperties"), ("ecsProperties", "ecsProperties")):
                found = ecs.field(nodes, name)
                if found is not None:
                    yield from parts(inner, found)
