"""What a role is for: by its policies, and only where they are not seen by its name."""

from __future__ import annotations

from . import aws, iam, needs
from .iam import Answer
from .naming import looks_like_execution_role, looks_like_task_role
from .needs import Caller, callers, slot_of
from .roles import names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Grant, Role, Slot, Statement, Task, Text
    from .needs import Lack, Side

TASKS = "ecs-tasks.amazonaws.com"
EXECUTION_POLICY = "AmazonECSTaskExecutionRolePolicy"

# Whose roles have these policies of AWS; those of ECS's infrastructure begin alike.
_OTHERS = {
    "AmazonEC2ContainerServiceforEC2Role": "container instances",
    "AmazonECSInstanceRolePolicyForManagedInstances": "container instances",
    "AmazonEC2ContainerServiceRole": "services with a load balancer",
    "AmazonEC2ContainerServiceEventsRole": "EventBridge",
    "AmazonEC2ContainerServiceAutoscaleRole": "the scaling of services",
}
_INFRASTRUCTURE = "AmazonECSInfrastructureRole"


class Swap:
    """That the two roles of a task definition stand in each other's slot.

    `application` is the action by which the execution slot's role is the application's,
    `platform` the grant by which the task slot's is ECS's; None where only the names say so.
    """

    __slots__ = ("application", "platform")

    def __init__(self, application: Text | None, platform: Grant | None) -> None:
        self.application = application
        self.platform = platform

    @property
    def by_policies(self) -> bool:
        return self.application is not None and self.platform is not None


def for_something_else(role: Role) -> tuple[Grant, str] | None:
    """The policy of AWS by which a role is neither a task role nor an execution role, and whose it is."""
    for grant in role.grants:
        name = grant.managed or ""
        whose = "ECS's infrastructure" if name.startswith(_INFRASTRUCTURE) else _OTHERS.get(name)
        if whose:
            return grant, whose
    return None


def for_ecs(role: Role) -> Grant | None:
    """What makes a role an execution role: AWS's policy for it, or that it has nothing but ECS's own actions."""
    for grant in role.grants:
        if grant.managed == EXECUTION_POLICY:
            return grant
    if not role.complete:
        return None
    first = None
    for grant in role.grants:
        for statement in grant.policy.statements:
            if statement.allows is False:
                continue
            for action in statement.actions:
                if statement.not_actions or callers(action.known or "*") != {Caller.AGENT}:
                    return None
                first = first or grant
    return first


def for_application(role: Role) -> tuple[Grant, Statement, Text] | None:
    """What makes a role an application's: an action that ECS never calls, and no permission to pull images."""
    if iam.grants(role, "ecr:BatchGetImage") is not Answer.NO:
        return None
    for grant, statement, action in iam.beyond(role, ()):
        if action is not None and callers(action.known or "") == {Caller.APPLICATION}:
            return grant, statement, action
    return None


def is_named_for_ecs(slot: Slot) -> bool:
    """Whether the role is an execution role by its names, and its policies say nothing else."""
    names = names_of(slot)
    return (
        any(map(looks_like_execution_role, names))
        and not any(map(looks_like_task_role, names))
        and not _is_seen(slot.role)
    )


def is_named_for_application(slot: Slot) -> bool:
    """Whether the role is an application's by its names, and its policies say nothing else."""
    names = names_of(slot)
    return (
        any(map(looks_like_task_role, names))
        and not any(map(looks_like_execution_role, names))
        and not _is_seen(slot.role)
    )


def swapped(task: Task) -> Swap | None:
    """Whether the two roles stand in each other's slot: by the policies of both, or by the names of both."""
    platform, application = task.execution_role, task.task_role
    if not platform.value or not application.value or platform.same_role(application):
        return None
    if any(aws.other_than_role(slot.value.text or "") for slot in (platform, application) if slot.value):
        return None
    if platform.role and application.role:
        calls, grant = for_application(platform.role), for_ecs(application.role)
        if calls and grant:
            return Swap(calls[2], grant)
    if is_named_for_application(platform) and is_named_for_ecs(application):
        return Swap(None, None)
    return None


def lacking(task: Task, side: Side) -> Iterator[Lack]:
    """What the role of that side surely lacks; of roles that are swapped nothing: that is the fault."""
    if slot_of(task, side).role and not swapped(task):
        yield from needs.lacking(task, side)


def _is_seen(role: Role | None) -> bool:
    """Whether the policies of a role have been seen, so that its name is no evidence."""
    return role is not None and role.complete and bool(role.grants or role.trust)
