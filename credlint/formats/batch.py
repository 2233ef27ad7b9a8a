"""AWS Batch jobs as the ECS tasks that they become: the same containers, the roles under names of their own.

https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
"""

from __future__ import annotations

from ..node import Map, Node, Seq
from . import ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
