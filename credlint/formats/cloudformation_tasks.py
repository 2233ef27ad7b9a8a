"""The tasks of a CloudFormation template: ECS's task definitions, and the jobs of Batch.

Where a condition that is not decided chooses the containers or the roles, there is a task for each
way that it may go: what stands on one side is never seen together with what stands on the other.
"""

from __future__ import annotations

from .. import order
from ..model import Feature, FeatureKind, Origin, Slot, Task, Value, Variable
from ..node import Computed, Conditional, Map, Node, Ref, Scalar, Seq, Template, Unknown
from . import batch, ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..cloudformation.evaluate import Resource, Scope
    from ..text import Span

TASK = "AWS::ECS::TaskDefinition"
JOB = "AWS::Batch::JobDefinition"
# What runs tasks with values of its own, and the property that has them.
_RUNS = {
    "AWS::Events::Rule": "Targets",
    "AWS::Scheduler::Schedule": "Target",
    "AWS::StepFunctions::StateMachine": "DefinitionString",
    "AWS::Serverless::StateMachine": "Definition",
}
_LISTS = ("environment", "secrets")
# The names of a volume's fields that are not ECS's with a capital.
_FIELDS = {
    "EFSVolumeConfiguration": "efsVolumeConfiguration",
    "EfsVolumeConfiguration": "efsVolumeConfiguration",
    "FSxWindowsFileServerVolumeConfiguration": "fsxWindowsFileServerVolumeConfiguration",
    "IAM": "iam",
}
# How the ARN of a role may be spelt in part: what differs from account to account is left out.
_PARTS = {"AWS::Partition": "aws", "AWS::AccountId": ""}
_DEEPEST = 20
_MOST_TESTS = 8  # conditions of one task definition that are supposed to hold, or not to


def tasks(scope: Scope) -> Iterator[Task]:
    """The tasks that a template declares; those of its nested stacks are theirs."""
    services = list(scope.of_type("AWS::ECS::Service"))
    for resource in scope.of_type(TASK):
        running = [service.sure for service in services if _runs(service, resource)]
        for variant in _variants(resource, _of_task):
            properties = variant.sure
            listed = properties.get("RequiresCompatibilities")
            yield ecs.task(
                properties,
                _containers(properties.get("ContainerDefinitions")),
                name=_name_of(resource, "Family"),
                span=resource.key.span,
                complete=isinstance(properties, Map) and not has_holes(properties) and not scope.is_open,
                called=scope.parent is not None,
                scope=scope.unit,
                more=_exec_of(running),
                task_role=variant.slot("TaskRoleArn"),
                execution_role=variant.slot("ExecutionRoleArn"),
                launch=ecs.launch_types(listed) or _launched_by(running),
                volumes=_as_ecs(properties.get("Volumes")),
            )
    for resource in scope.of_type(JOB):
        for variant in _variants(resource, _of_job):
            yield from _jobs(resource, variant)
    for resource in scope.of_type(*_RUNS):
        yield from _overrides(resource)


def slot_of(resource: Resource, name: str) -> Slot:
    """The slot of that name of a resource, whatever its conditions."""
    return _Variant(resource, {}).slot(name)


class _Variant:
    """The properties of a resource under conditions that are supposed to hold or not.

    `sure` are those in which no default of a parameter counts, `likely` those in which it does,
    `usual` what they are without the supposition.
    """

    __slots__ = ("likely", "resource", "sure", "usual")

    def __init__(self, resource: Resource, decided: Mapping[str, bool]) -> None:
        self.resource = resource
        self.usual = resource.sure
        self.sure = resource.under(decided, sure=True) if decided else resource.sure
        self.likely = resource.under(decided) if decided else resource.properties

    def slot(self, name: str) -> Slot:
        """The slot of that name among the properties."""
        usual, place = self.usual.get(name), self.resource.written(name)
        known = self.sure.get(name)
        if isinstance(usual, Conditional) and usual.span is place and not isinstance(known, Conditional):
            place = _place(known or usual)  # the side that it is
        return _slot(name, place, known, self.likely.get(name), usual, self.resource.scope.path)

    def slot_in(self, root: Node, likely: Node, name: str) -> Slot:
        """The slot of that name in a part of the properties."""
        known, usual = ecs.field(root, name), ecs.field(likely, name)
        if known is None and has_holes(root):
            return Slot(name, Value(root.span, reason="it may be in a part that is not known here"))
        field = name[0].upper() + name[1:]
        return _slot(field, _place(known or root), known, usual, known, self.resource.scope.path)


def _place(node: Node) -> Span:
    """Where a value is used."""
    return node.via[0] if node.via else node.span


def _variants(resource: Resource, choices: Callable[[Node], Iterator[Conditional]]) -> Iterator[_Variant]:
    """The resource as the conditions make it that choose its roles and its containers.

    One of them is supposed at a time: two may never hold together, and what takes two is not sure.
    """
    names = [resource.scope.decides(choice.test) for choice in choices(resource.sure)]
    tests = list(dict.fromkeys(name for name in names if name))[:_MOST_TESTS]
    for decided in [{name: truth} for name in tests for truth in (True, False)] or [{}]:
        yield _Variant(resource, decided)


def _of_task(properties: Node) -> Iterator[Conditional]:
    """The conditions that choose the roles and the containers of a task definition."""
    yield from _of_roles(properties, "TaskRoleArn", "ExecutionRoleArn")
    yield from _of_containers(properties.get("ContainerDefinitions"))


def _of_roles(root: Node, *names: str) -> Iterator[Conditional]:
    for name in names:
        given = ecs.field(root, name)
        known = ecs.when_there(given) if given is not None else None
        if isinstance(known, Conditional):
            yield known


def _of_containers(node: Node | None) -> Iterator[Conditional]:
    for container in _or_conditions(node):
        if isinstance(container, Conditional):
            yield container
        for name in _LISTS:
            for variable in _or_conditions(ecs.field(container, name)):
                if isinstance(variable, Conditional) and _matters(variable):
                    yield variable


def _or_conditions(node: Node | None) -> tuple[Node, ...]:
    """The elements of a list; a condition that stands for the list, or for one of them, is itself."""
    return node.nodes if isinstance(node, Seq) else (node,) if isinstance(node, Conditional) else ()


def _matters(node: Node, depth: int = 0) -> bool:
    """Whether an SDK would look at one of the variables that may be there."""
    if isinstance(node, (Seq, Conditional)) and depth < _DEEPEST:
        inner = node.nodes if isinstance(node, Seq) else (node.yes, node.no)
        return any(_matters(part, depth + 1) for part in inner)
    name = ecs.field(node, "name")
    text = (name.text if name is not None else None) or ""
    return order.matters(Variable(text, node.span, None, Origin.ENVIRONMENT))


# ── containers ──


def _containers(node: Node | None) -> Node | None:
    """The container definitions; a variable that may be empty is none that counts."""
    if not isinstance(node, Seq):
        return None
    found: list[Node] = []
    for container in node:
        if isinstance(container, Map):
            lists = {name: ecs.field(container, name) for name in _LISTS}
            entries = (
                (key, next((_variables(given) for given in lists.values() if given is value), value))
                for key, value in container.entries
            )
            container = Map(container.span, tuple(entries))
        found.append(container)
    return Seq(node.span, tuple(found))


def _variables(node: Node) -> Node:
    """A list of variables, with all that conditions may put in which no SDK looks at."""
    if not isinstance(node, (Seq, Conditional)) or (isinstance(node, Conditional) and _matters(node)):
        return node
    found: list[Node] = []
    for variable in _flat(node):
        empty = _may_be_empty(ecs.field(variable, "value"))
        found.append(Unknown(variable.span, "it may be empty") if empty else variable)
    return Seq(node.span, tuple(found))


def _flat(node: Node, depth: int = 0) -> Iterator[Node]:
    """The elements of a list, of a condition those of both sides."""
    if isinstance(node, Seq):
        for element in node:
            yield from _flat(element, depth + 1)
    elif isinstance(node, Conditional) and depth < _DEEPEST and not _matters(node):
        for side in (node.yes, node.no):
            if not isinstance(side, Scalar):
                yield from _flat(side, depth + 1)
    else:
        yield node


def _may_be_empty(node: Node | None, depth: int = 0) -> bool:
    if isinstance(node, Conditional) and depth < _DEEPEST:
        return _may_be_empty(node.yes, depth + 1) or _may_be_empty(node.no, depth + 1)
    return isinstance(node, Scalar) and not node.text and depth > 0


# ── jobs ──


def _jobs(resource: Resource, variant: _Variant) -> Iterator[Task]:
    """The tasks that a job definition of Batch makes. On EC2 they run unless it says otherwise."""
    listed = variant.sure.get("PlatformCapabilities")
    parts, likely = list(_parts(variant.sure)), list(_parts(variant.likely))
    for at, part in enumerate(parts):
        other = likely[at] if len(likely) == len(parts) else part
        task = ecs.task(
            part.root,
            _containers(part.containers),
            name=_name_of(resource, "JobDefinitionName"),
            span=resource.key.span,
            complete=isinstance(part.root, Map) and not has_holes(part.root) and not resource.scope.is_open,
            called=resource.scope.parent is not None,
            scope=resource.scope.unit,
            task_role=variant.slot_in(part.root, other.root, part.task_role),
            execution_role=variant.slot_in(part.root, other.root, "executionRoleArn"),
            launch=ecs.launch_types(listed) if listed is not None else ("EC2",),
            volumes=_as_ecs(part.volumes),
        )
        for workload in task.workloads:
            workload.name = workload.name or task.name  # the container of a job has none
        yield task


def _parts(properties: Node) -> Iterator[batch.Part]:
    for kind in batch.PROPERTIES:
        given = ecs.field(properties, kind)
        if given is not None:
            yield from batch.parts(kind, given)


def _of_job(properties: Node) -> Iterator[Conditional]:
    """The conditions that choose the roles and the containers of a job."""
    for part in _parts(properties):
        yield from _of_roles(part.root, part.task_role, "executionRoleArn")
        yield from _of_containers(part.containers)


# ── overrides ──


def _overrides(resource: Resource) -> Iterator[Task]:
    """The tasks that something runs with values of its own; what these do not say, the task definition says."""
    from ..terraform.evaluate import decoded

    given = resource.sure.get(_RUNS[resource.type], "Definition")
    targets = given.nodes if isinstance(given, Seq) else (given,) if given is not None else ()
    inputs = (target.get("Input") or target for target in targets)
    variant = _Variant(resource, {})
    for one in inputs:
        known = one if isinstance(one, Map) else decoded(one)
        for root in ecs.overrides(known) if known is not None else ():
            yield ecs.task(
                root,
                _containers(ecs.field(root, "containerOverrides")),
                name=resource.construct or resource.name,
                span=root.span,
                complete=False,
                called=resource.scope.parent is not None,
                scope=resource.scope.unit,
                task_role=variant.slot_in(root, root, "taskRoleArn"),
                execution_role=variant.slot_in(root, root, "executionRoleArn"),
            )


# ── what the parts are called, and who runs them ──


def _name_of(resource: Resource, given: str) -> str:
    """What the CDK calls it in the program, or the name that it is given, or its logical id."""
    name = resource.properties.get(given)
    return resource.construct or (name.text if name is not None else None) or resource.name


def _runs(service: Resource, task: Resource) -> bool:
    """Whether a service surely runs a task definition of its template."""
    given = service.sure.get("TaskDefinition")
    return isinstance(given, Ref) and f"{given.scope}:{given.name}" == task.address


def _launched_by(services: Sequence[Node]) -> tuple[str, ...]:
    """The launch types of services."""
    found: list[str] = []
    for service in services:
        launch, strategies = service.get("LaunchType"), service.get("CapacityProviderStrategy")
        if launch is not None:
            found.append(launch.text or "")
        for strategy in strategies or ():
            provider = strategy.get("CapacityProvider")
            text = (provider.text if provider is not None else None) or ""
            found.append("FARGATE" if text.startswith("FARGATE") else text)
    return tuple(dict.fromkeys(found)) if all(name in ecs.LAUNCH_TYPES for name in found) else ()


def _exec_of(services: Sequence[Node]) -> list[Feature]:
    """ECS Exec, where a service switches it on."""
    given = [service.get("EnableExecuteCommand") for service in services]
    return [Feature(FeatureKind.ECS_EXEC, one.span, None) for one in given if one is not None and one.text == "true"]


def _as_ecs(node: Node | None) -> Node | None:
    """Volumes with the names of fields that ECS has."""
    if isinstance(node, Seq):
        return Seq(node.span, tuple(_as_ecs(part) or part for part in node))
    if not isinstance(node, Map):
        return node
    return Map(
        node.span,
        tuple(
            (Scalar(key.span, _FIELDS[key.text]) if key.text in _FIELDS else key, _as_ecs(value) or value)
            for key, value in node.entries
        ),
    )


def _slot(name: str, place: Span, known: Node | None, likely: Node | None, usual: Node | None, path: str) -> Slot:
    """A slot that surely holds the one and, with the defaults of parameters, the other.

    `usual` is what it holds where no condition is supposed to hold: what only a supposition
    takes away may be there all the same.
    """
    there = ecs.when_there(known) if known is not None else None
    value = ecs.filled(there) if there is not None else None
    if there is None or value is None:
        taken_away = usual is not None and ecs.filled(ecs.when_there(usual)) is not None
        return Slot(name, Value(place, reason="it is empty unless a condition holds") if taken_away else None)
    if likely is None or ecs.filled(likely) is None:
        return Slot(name, Value(place, reason="it is empty unless it is given"))
    _name_role(value, there)
    if value.use.path == path:  # not what a parent gives: the slot itself is the place
        value.via = (place, *(hop for hop in value.via if hop is not place))
    return Slot(name, value)


def _name_role(value: Value, known: Node) -> None:
    """Says which role a value is that is not known as a text, by what names it."""
    if isinstance(known, Template):
        known = of_account(known)
    if known.text is not None:
        value.text, value.name = known.text, None
    elif isinstance(known, Template):
        ecs.name_by_arn(value, known, address)
    else:
        value.name = address(known) or value.name


def of_account(node: Template) -> Node:
    """An ARN without what differs from account to account."""
    from ..terraform.evaluate import template

    parts = (
        Computed(part.span, _PARTS[part.name]) if isinstance(part, Ref) and part.name in _PARTS else part
        for part in node.parts
    )
    return template(node.span, tuple(parts))


def address(node: Node) -> str | None:
    """What stands for the role of which an expression gives the ARN or the name."""
    return f"{node.scope}:{node.name.removesuffix('.Arn')}" if isinstance(node, Ref) else None


def has_holes(node: Node) -> bool:
    """Whether there may be further entries that are not seen here."""
    return any(key.text is None for key, _ in node.items())
