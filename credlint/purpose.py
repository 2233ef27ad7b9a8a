"""What a role is for: by its policies, and only where they are not seen by its name."""

from __future__ import annotations

from functools import lru_cache

from . import aws, iam, needs, order, values
from .finding import Related, Severity
from .iam import Answer
from .model import ECS
from .naming import looks_like_execution_role, looks_like_task_role
from .needs import Caller, Side, callers, slot_of
from .roles import names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .finding import Finding
    from .model import Evidence, Feature, Grant, Project, Role, Slot, Statement, Task, Text, Variable
    from .rule import Rule
    from .text import Span

TASKS = "ecs-tasks.amazonaws.com"
EXECUTION_POLICY = "AmazonECSTaskExecutionRolePolicy"

# Whose roles have these policies of AWS; those of ECS's infrastructure begin alike.
_OTHERS = {
    "AmazonEC2ContainerServiceforEC2Role": "container instances",
    "AmazonECSInstanceRolePolicyForManagedInstances": "container instances",
    "AmazonEC2ContainerServiceRole": "services with a load balancer",
    "AmazonEC2ContainerServiceEventsRole": "EventBridge",
    "AmazonEC2ContainerServiceAutoscaleRole": "the scaling of services",
    "AWSBatchServiceRole": "Batch itself",
}
_INFRASTRUCTURE = "AmazonECSInfrastructureRole"

_MOST_NAMED = 3
_MOST_REMEMBERED = 1000  # roles: of each several rules ask, and for each task


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


def slots_of(task: Task) -> tuple[tuple[Slot, str, str], tuple[Slot, str, str]]:
    """The two slots, each with what its host calls the role, and the principal that must be able to assume it."""
    host = task.host
    return (
        (task.execution_role, host.platform, host.platform_principal),
        (task.task_role, host.role, host.principal),
    )


def for_something_else(role: Role) -> tuple[Grant, str] | None:
    """The policy of AWS by which a role is neither a task role nor an execution role, and whose it is."""
    for grant in role.grants:
        name = grant.managed or ""
        whose = "ECS's infrastructure" if name.startswith(_INFRASTRUCTURE) else _OTHERS.get(name)
        if whose:
            return grant, whose
    return None


@lru_cache(maxsize=_MOST_REMEMBERED)
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


@lru_cache(maxsize=_MOST_REMEMBERED)
def for_application(role: Role) -> tuple[Grant, Statement, Text] | None:
    """What makes a role an application's: an action that ECS never calls, and no permission to pull images."""
    if iam.grants(role, "ecr:BatchGetImage") is not Answer.NO:
        return None
    for grant, statement, action in iam.beyond(role, ()):
        if action is not None and callers(action.known or "") == {Caller.APPLICATION}:
            return grant, statement, action
    return None


def application_actions(role: Role) -> Iterator[tuple[str, Span]]:
    """What an execution role is allowed that ECS never calls, whatever a task definition has."""
    useful = [action.lower() for action in needs.AGENT_ACTIONS]
    for grant, _, action in iam.beyond(role, needs.AGENT_ACTIONS):
        if grant.managed and any(
            iam.matches_text((text.known or "").lower(), wanted)
            for part in grant.policy.statements
            for text in part.actions
            for wanted in useful
        ):
            continue
        # A wildcard that covers what ECS or others call is not among these: it may be meant for them.
        name = (action.known if action is not None else None) or ""
        # To look at log streams does no harm, and is in every second policy for writing them.
        if action is not None and callers(name) == {Caller.APPLICATION} and not name.lower().startswith("logs:"):
            yield name, action.span


# What both call: here only the resource tells whose the call is.
_CONTENT = ("value", "insecure_value", "secret_string", "Value")  # what holds it need not read it
_BY_RESOURCE = ("secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "s3:GetObject")


def for_application_only(role: Role, tasks: Sequence[Task], project: Project) -> Iterator[tuple[Text, Variable]]:
    """What an execution role may read that is surely the application's: the action, and the variable that says so.

    ECS reads what a feature of the task definition names. What none of them names, an
    application is told of by a variable, and its task role may not read, is on the wrong role.
    """
    platform: set[str] = set()
    for task in tasks:
        if not task.complete or not task.workloads or not all(workload.complete for workload in task.workloads):
            return
        for feature in task.features:
            for target in feature.targets if feature.kind in needs.READS else ():
                names = needs.names_of(target)
                if not any("::" in name or ":aws_" in name for name in names):
                    return  # it is no resource of the project, and may be any
                platform.update(names)
    told = _Told(tasks, project)
    for grant in role.grants:
        for statement in grant.policy.statements if not grant.managed else ():
            if not statement.allows or statement.conditional or statement.not_actions or statement.not_resources:
                continue
            action = next((text for text in statement.actions if text.known in _BY_RESOURCE), None)
            for resource in statement.resources if action else ():
                names = needs.names_of(resource)
                if action is None or not names or not platform.isdisjoint(names):
                    continue
                for task, variable in told.of(names):
                    if _may_not(task, action.known or "", resource):
                        yield action, variable
                        break


class _Told:
    """The variables by which tasks are told of the resources of the project."""

    def __init__(self, tasks: Sequence[Task], project: Project) -> None:
        self._by_name: dict[str, list[tuple[Task, Variable]]] = {}
        self._others: list[tuple[Task, Variable]] = []
        self._resources = project.resources
        for task in tasks:
            for workload in task.workloads:
                for variable in workload.variables:
                    value = variable.value
                    if value is None:
                        continue
                    if value.text is not None:
                        self._others.append((task, variable))
                    elif value.name and value.name.rpartition(".")[2] not in _CONTENT:
                        self._by_name.setdefault(values.resource_of(value.name), []).append((task, variable))

    def of(self, names: tuple[str, ...]) -> Iterator[tuple[Task, Variable]]:
        """Those that refer to the resource of these names, also where its name is known."""
        for name in dict.fromkeys(names):
            yield from self._by_name.get(name, ())
        made = [one for one in self._resources if self._others and not one.addresses.isdisjoint(names)]
        if made:
            from . import evidence

            yield from (found for found in self._others if any(evidence.is_name_of(found[1], one) for one in made))


def _may_not(task: Task, action: str, resource: Text) -> bool:
    """Whether the application surely may not do it."""
    role = task.task_role.role
    return task.task_role.value is None or (role is not None and iam.grants(role, action, resource) is Answer.NO)


@lru_cache(maxsize=1)
def unserved(project: Project) -> tuple[tuple[Task, Evidence], ...]:
    """The tasks that surely call AWS and have neither a task role nor keys of their own, with what shows it.

    Left out is where another fault is at the bottom of it: what the application needs went to the execution role.
    """
    if any(not task.complete and task.task_role.value is not None for task in project.tasks):
        return ()  # who runs a task definition may give it a role
    return tuple(_unserved(project))


def _unserved(project: Project) -> Iterator[tuple[Task, Evidence]]:
    for task in project.tasks:
        if not task.complete or task.task_role.value is not None:
            continue
        if any(workload.files or any(order.keys_of(workload)) for workload in task.workloads):
            continue
        from . import evidence  # only where there is something to find out

        found = evidence.talks_to_aws(task, project)
        if found is None:
            continue
        role = task.execution_role.role
        if role and (any(application_actions(role)) or any(for_application_only(role, [task], project))):
            continue
        yield task, found


def is_named_for_ecs(slot: Slot) -> bool:
    """Whether the role is an execution role by its names, and its policies say nothing else."""
    names = () if _is_seen(slot.role) else names_of(slot)
    return any(map(looks_like_execution_role, names)) and not any(map(looks_like_task_role, names))


def is_named_for_application(slot: Slot) -> bool:
    """Whether the role is an application's by its names, and its policies say nothing else."""
    names = () if _is_seen(slot.role) else names_of(slot)
    return any(map(looks_like_task_role, names)) and not any(map(looks_like_execution_role, names))


def swapped(task: Task) -> Swap | None:
    """Whether the two roles stand in each other's slot: by the policies of both, or by the names of both."""
    platform, application = task.execution_role, task.task_role
    if task.host is not ECS or not platform.value or not application.value or platform.same_role(application):
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


def crossed(task: Task) -> bool:
    """Whether each of the two roles may be assumed for the work of the other, and not for its own."""
    platform, application = slots_of(task)
    if platform[2] == application[2] or not platform[2] or not platform[0].role or not application[0].role:
        return False
    return all(
        iam.may_assume(role, own) is Answer.NO and iam.may_assume(role, other) is Answer.YES
        for role, own, other in (
            (platform[0].role, platform[2], application[2]),
            (application[0].role, application[2], platform[2]),
        )
    )


def in_doubt(rule: Rule, task: Task, side: Side, unsure: Sequence[Feature]) -> Iterator[Finding]:
    """A pedantic note where the permissions of the role of that side are not all seen.

    It says why, and of which features (needs.judged) that leaves open whether they work.
    """
    slot = slot_of(task, side)
    why = _not_seen(slot)
    if slot.value is None or why is None or (task.host is not ECS and not unsure):
        return
    platform = side is Side.EXECUTION
    word = task.host.platform if platform else task.host.role
    does = list(dict.fromkeys(needs.TABLE[feature.kind].does for feature in unsure))
    listed = " and ".join(does[:_MOST_NAMED]) + (f" and {len(does) - _MOST_NAMED} more" if does[_MOST_NAMED:] else "")
    yield rule.finding(
        slot.value.use,
        f"what the {word} of {task.name or 'this task'} may do is not known ({why})"
        + (f": whether {'ECS' if platform else 'it'} can {listed} is not checked" if does else ""),
        "have the files read that make the role and its policies, and give variables their values (var-files)",
        severity=Severity.NOTE,
        related=[
            Related(grant.span, "this policy is not seen")
            for grant in (slot.role.grants if slot.role else ())
            if not grant.policy.complete
        ][:_MOST_NAMED],
        workload=task.name or None,
        pedantic=True,
    )


def _not_seen(slot: Slot) -> str | None:
    """Why the permissions of a slot's role are not all seen; None where they are, or where it is no role."""
    if slot.role:
        return next(iter(slot.role.why_incomplete), None)
    if slot.value is None or aws.other_than_role(slot.value.text or ""):
        return None
    if slot.role_name:
        return f"the role {slot.role_name} is not made in the files that were read"
    return slot.value.reason or "it is filled in later"


def _is_seen(role: Role | None) -> bool:
    """Whether the policies of a role have been seen, so that its name is no evidence."""
    return role is not None and role.complete and bool(role.grants or role.trust)
