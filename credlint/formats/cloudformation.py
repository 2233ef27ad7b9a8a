"""CloudFormation templates: written by hand, for SAM, by the CDK, in a configuration of the Serverless framework.

Resources and their properties:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from .. import iam, keys, values
from ..cloudformation.evaluate import Scope, document_of, template_of
from ..model import Attachment, Facts, Feature, FeatureKind, Leak, Policy, Role, Setting, Slot, Task, Value
from ..node import Call, Computed, Conditional, Map, Node, Ref, Scalar, Seq, Template, Unknown
from . import BUILDS, ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..cloudformation.evaluate import Resource
    from ..files import Files
    from ..model import BuildArgument
    from ..node import Document
    from ..text import Source

_TASK = "AWS::ECS::TaskDefinition"
_ROLE = "AWS::IAM::Role"
_STACKS = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
# A template without any of these says nothing of interest, and is not even parsed.
_SIGNS = ("ontainerDefinitions", "ontainerOverrides", "AWS::IAM::", *_STACKS)
# The names of a volume's fields that are not ECS's with a capital.
_FIELDS = {
    "EFSVolumeConfiguration": "efsVolumeConfiguration",
    "FSxWindowsFileServerVolumeConfiguration": "fsxWindowsFileServerVolumeConfiguration",
    "IAM": "iam",
}
# How the ARN of a role may be spelt in part: what differs from account to account is left out.
_PARTS = {"AWS::Partition": "aws", "AWS::AccountId": ""}
_DEEPEST = 20


def read(sources: Sequence[Source], files: Files) -> Facts:
    """What a template says, with the nested stacks whose templates are files of the repository."""
    [source] = sources
    has_keys = keys.has_candidates(source.text)
    builds_images = BUILDS in source.text
    if not has_keys and not builds_images and not any(sign in source.text for sign in _SIGNS):
        return Facts(texts=sources)
    document = document_of(source, files)
    root = template_of(document)
    if root is None:  # something else that speaks of CloudFormation's types
        return ecs.read(sources, files)
    scope = Scope(root, source.path, files)
    scope.is_open = scope.is_open or bool(document.problems)
    tasks: list[Task] = []
    roles: list[Role] = []
    policies: list[Policy] = []
    attachments: list[Attachment] = []
    for stack in scope.walk():
        owned = _owned(stack)
        tasks.extend(_tasks(stack))
        roles.extend(_roles(stack, owned))
        policies.extend(_policies(stack, owned))
        attachments.extend(_attachments(stack, owned))
    return Facts(
        texts=sources,
        settings=[*_settings(scope), *_around(root, document)] if has_keys else [],
        tasks=tasks,
        roles=roles,
        policies=policies,
        attachments=attachments,
        leaks=list(_leaks(scope)),
        build_arguments=_handed_to_builds(document) if builds_images else [],
        problems=document.problems,
    )


def _handed_to_builds(document: Document) -> list[BuildArgument]:
    """The keys that the scripts of a pipeline, written in the template, give to the builds of images."""
    from . import builds

    return builds.handed_over(document)


def _of_type(scope: Scope, *types: str) -> Iterator[Resource]:
    for resource in scope.resources.values():
        if resource.type in types:
            yield resource


# ── settings ──


def _settings(scope: Scope) -> Iterator[Setting]:
    """The named strings: the defaults of parameters, and all else with what it refers to."""
    for name, parameter in scope.parameters.items():
        for key, value in parameter.items():
            if key.text in ("Default", "AllowedValues"):
                for one in value.nodes if isinstance(value, Seq) else (value,):
                    yield Setting(name, values.value_of(one), parameter)
    for key, section in scope.root.items():
        if key.text not in ("Parameters", "Resources"):
            yield from _of(scope.evaluate(section))
    for resource in scope.resources.values():
        properties = resource.properties
        yield from _of(properties)
        for key, value in resource.body.items():
            if key.text != "Properties":
                yield from _of(resource.scope.evaluate(value))
        for given in _called(properties, "Base64"):
            yield from _of_script(given)


def _around(template: Node, document: Document) -> Iterator[Setting]:
    """The named strings of what a template is only a part of."""
    for root in document.roots:
        if root is not template:
            yield from values.settings_of(root)


def _of(node: Node) -> Iterator[Setting]:
    """The named strings of a section or of a resource's properties; those of a container know whose they are."""
    workloads: dict[int, str] = {}
    for container in ecs.containers(node) or ():
        name, environment = ecs.field(container, "name"), ecs.field(container, "environment")
        if name is not None and name.text and environment is not None:
            workloads[id(environment)] = name.text
    for setting in values.settings_of(node):
        setting.workload = workloads.get(id(setting.group))
        yield setting


def _of_script(node: Node) -> Iterator[Setting]:
    """What a script assigns that is handed over in base64."""
    from ..terraform.evaluate import text_source

    source = text_source(node)
    if source is not None and keys.has_candidates(source.text):
        yield from values.settings_of_shell(source)


def _called(node: Node, name: str, depth: int = 0) -> Iterator[Node]:
    """The arguments of a function in a value."""
    if depth > _DEEPEST:
        return
    if isinstance(node, Call) and node.name == name:
        yield from node.args
        return
    inner = (*(value for _, value in node.items()), *node, *values.children(node))
    for part in inner:
        yield from _called(part, name, depth + 1)


# ── the secrets of keys that a template makes ──

# The property that is written in plain text, by the type of the resource.
_PLAIN = {
    _TASK: ("ContainerDefinitions", "the environment of a container"),
    "AWS::Lambda::Function": ("Environment", "the environment of a function"),
    "AWS::Serverless::Function": ("Environment", "the environment of a function"),
    "AWS::EC2::Instance": ("UserData", "the user data of an instance"),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "the user data of an instance"),
    "AWS::AutoScaling::LaunchConfiguration": ("UserData", "the user data of an instance"),
    # CloudFormation makes no other type
    "AWS::SSM::Parameter": ("Value", "an SSM parameter of type String"),
}
_OF_WORKLOADS = {where for type, (_, where) in _PLAIN.items() if type != "AWS::SSM::Parameter"}


def _leaks(scope: Scope) -> Iterator[Leak]:
    """The places that hold such a secret in plain text."""
    made = {
        f"{key.address}.SecretAccessKey": key
        for stack in (scope, *scope.stacks)
        for key in _of_type(stack, "AWS::IAM::AccessKey")
    }
    for where, value in _in_plain_text(scope) if made else ():
        for reference in _references(value):
            key = made.get(f"{reference.scope}:{reference.name}")
            if key is not None:
                place = reference.via[0] if reference.via else reference.span
                yield Leak(place, where, key.name, key.key.span, where in _OF_WORKLOADS)


def _in_plain_text(scope: Scope) -> Iterator[tuple[str, Node]]:
    """What is written in plain text: what it is, and the value."""
    for output in scope.outputs.values():
        value = output.get("Value")
        if value is not None:
            yield "an output", scope.evaluate(value)
    for stack in (scope, *scope.stacks):
        for resource in _of_type(stack, *_PLAIN):
            name, where = _PLAIN[resource.type]
            value = resource.sure.get(name)
            if value is not None:
                yield where, value


# ── tasks ──


def _tasks(scope: Scope) -> Iterator[Task]:
    services = list(_of_type(scope, "AWS::ECS::Service"))
    for resource in _of_type(scope, _TASK):
        properties = resource.sure
        running = [service.sure for service in services if _runs(service, resource)]
        listed = properties.get("RequiresCompatibilities")
        yield ecs.task(
            properties,
            _containers(properties),
            name=_name_of(resource),
            span=resource.key.span,
            complete=isinstance(properties, Map) and not _has_holes(properties) and not scope.is_open,
            called=scope.parent is not None,
            scope=scope.unit,
            more=_exec_of(running),
            task_role=_slot(resource, "TaskRoleArn"),
            execution_role=_slot(resource, "ExecutionRoleArn"),
            launch=ecs.launch_types(listed) or _launched_by(running),
            volumes=_as_ecs(properties.get("Volumes")),
        )


def _containers(properties: Node) -> Node | None:
    """The container definitions; a variable that may be empty is none that counts."""
    listed = ecs.containers(properties)
    if listed is None:
        return None
    found: list[Node] = []
    for container in listed:
        environment = ecs.field(container, "environment")
        if isinstance(container, Map) and isinstance(environment, Seq):
            variables = (
                Unknown(one.span, "it may be empty") if _may_be_empty(ecs.field(one, "value")) else one
                for one in environment
            )
            given = Seq(environment.span, tuple(variables))
            entries = ((key, given if value is environment else value) for key, value in container.entries)
            container = Map(container.span, tuple(entries))
        found.append(container)
    return Seq(listed.span, tuple(found))


def _may_be_empty(node: Node | None, depth: int = 0) -> bool:
    if isinstance(node, Conditional) and depth < _DEEPEST:
        return _may_be_empty(node.yes, depth + 1) or _may_be_empty(node.no, depth + 1)
    return isinstance(node, Scalar) and not node.text and depth > 0


def _name_of(resource: Resource) -> str:
    """What the CDK calls it in the program, or its family, or its logical id."""
    metadata = resource.body.get("Metadata")
    path = metadata.get("aws:cdk:path") if metadata is not None else None
    if path is not None and path.text:
        return path.text.removesuffix("/Resource")
    family = resource.properties.get("Family")
    return (family.text if family is not None else None) or resource.name


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


def _slot(resource: Resource, name: str) -> Slot:
    node, likely = resource.sure.get(name), resource.properties.get(name)
    if node is None or likely is None:
        return Slot(name, None)
    place = resource.written(name)
    known = ecs.when_there(node)
    value = ecs.filled(known)
    if ecs.filled(likely) is None and value is not None:  # a parameter, which may still be given
        return Slot(name, Value(place, reason="it is empty unless it is given"))
    if value is not None:
        _name_role(value, known)
        if value.use.path == resource.scope.path:  # not what a parent gives: the slot itself is the place
            value.via = (place, *(hop for hop in value.via if hop is not place))
    return Slot(name, value)


def _name_role(value: Value, known: Node) -> None:
    """Says which role a value is that is not known as a text, by what names it."""
    if isinstance(known, Template):
        known = _of_account(known)
    if known.text is not None:
        value.text, value.name = known.text, None
    elif isinstance(known, Template):
        ecs.name_by_arn(value, known, _address)
    else:
        value.name = _address(known) or value.name


def _of_account(node: Template) -> Node:
    """An ARN without what differs from account to account."""
    from ..terraform.evaluate import template

    parts = (
        Computed(part.span, _PARTS[part.name]) if isinstance(part, Ref) and part.name in _PARTS else part
        for part in node.parts
    )
    return template(node.span, tuple(parts))


def _address(node: Node) -> str | None:
    """What stands for the role of which an expression gives the ARN or the name."""
    return f"{node.scope}:{node.name.removesuffix('.Arn')}" if isinstance(node, Ref) else None


# ── roles ──


def _roles(scope: Scope, owned: frozenset[str]) -> Iterator[Role]:
    exported = set(_exported(scope))
    for resource in _of_type(scope, _ROLE):
        properties = resource.sure
        name, path = properties.get("RoleName"), properties.get("Path")
        trust, boundary = properties.get("AssumeRolePolicyDocument"), properties.get("PermissionsBoundary")
        known = values.value_of(name) if name is not None else None
        yield Role(
            resource.address,
            known.text if known else None,
            resource.key.span,
            known.name if known else None,
            scope=scope.unit,
            path=path.text if path is not None else None,
            trust=iam.policy(trust, owned=owned) if trust is not None else None,
            boundary=values.value_of(boundary) if boundary is not None else None,
            unknown=tuple(_unseen(resource, exported)),
        )


def _unseen(resource: Resource, exported: set[str]) -> Iterator[str]:
    """Why not all the policies of a role can be seen by what it says itself."""
    properties = resource.sure
    inline = properties.get("Policies")
    if not isinstance(properties, Map) or _has_holes(properties):
        yield "its properties are not known here"
    if inline is not None and not (isinstance(inline, Seq) and all(isinstance(one, Map) for one in inline)):
        yield "its inline policies are not known here"
    if resource.scope.is_open:
        yield "not all of its template is known here"
    if resource.address in exported:
        yield "other stacks may give it policies"


def _exported(scope: Scope) -> Iterator[str]:
    """The roles that a template exports, for stacks that it does not name."""
    for output in scope.outputs.values():
        value = output.get("Value")
        if value is not None and output.get("Export") is not None:
            yield from _referred(scope.evaluate(value))


def _referred(node: Node) -> Iterator[str]:
    """The addresses of the resources that a value refers to."""
    for reference in _references(node):
        yield f"{reference.scope}:{reference.name.partition('.')[0]}"


def _references(node: Node, depth: int = 0) -> Iterator[Ref]:
    """The names in a value."""
    if isinstance(node, Ref):
        yield node
    elif depth < _DEEPEST:
        for part in (*(value for _, value in node.items()), *node, *values.children(node)):
            yield from _references(part, depth + 1)


def _policies(scope: Scope, owned: frozenset[str]) -> Iterator[Policy]:
    for resource in _of_type(scope, "AWS::IAM::ManagedPolicy"):
        document, name = resource.sure.get("PolicyDocument"), resource.sure.get("ManagedPolicyName")
        if document is not None:
            yield iam.policy(
                document, address=resource.address, name=name.text if name is not None else None, owned=owned
            )


def _attachments(scope: Scope, owned: frozenset[str]) -> Iterator[Attachment]:
    """Which role has which policy."""
    for resource in _of_type(scope, _ROLE):
        role = Value(resource.key.span, name=resource.address)
        for inline in resource.sure.get("Policies") or ():
            document = inline.get("PolicyDocument")
            if document is not None:
                yield Attachment(inline.span, role, iam.policy(document, owned=owned), scope.unit)
        managed = resource.sure.get("ManagedPolicyArns")
        for given in _each(managed):
            yield Attachment(given.span, role, _policy_of(given), scope.unit)
    for resource in _of_type(scope, "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
        properties = resource.sure
        document = properties.get("PolicyDocument")
        if document is None and resource.type != "AWS::IAM::RolePolicy":
            continue
        policy = iam.policy(document if document is not None else Unknown(resource.key.span, ""), owned=owned)
        for given in _each(properties.get("Roles", "RoleName")):
            for role in _role_of(given):
                yield Attachment(given.span, role, policy, scope.unit)
    yield from _handed_over(scope)


def _handed_over(scope: Scope) -> Iterator[Attachment]:
    """A role that a stack or a program is given which is not at hand may get policies there."""
    for resource in scope.resources.values():
        if resource.type.startswith("Custom::") or resource.type == "AWS::CloudFormation::CustomResource":
            pass
        elif resource.type not in _STACKS or scope.child(resource.name) is not None:
            continue
        for address in _referred(resource.sure):
            policy = Value(resource.key.span, reason=f"it is given to {resource.name}, which is not at hand")
            yield Attachment(resource.key.span, Value(resource.key.span, name=address), policy, scope.unit)


def _each(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.nodes if isinstance(node, Seq) else (node,)


def _role_of(node: Node, depth: int = 0) -> Iterator[Value]:
    """The roles that a policy may be given to: of a condition both sides."""
    if isinstance(node, Conditional) and depth < _DEEPEST:
        for side in (node.yes, node.no):
            if not isinstance(side, Scalar) or side.text:
                for one in _each(side):
                    yield from _role_of(one, depth + 1)
        return
    value = values.value_of(node)
    if isinstance(node, Ref):
        value.name = _address(node)
    elif not (isinstance(node, Call) and node.name == "ImportValue"):
        value.name = None  # it may be any role of the template
    yield value


def _policy_of(node: Node) -> Value:
    """A policy by its ARN, also where the partition is not known, or by its address."""
    value = values.value_of(node)
    if isinstance(node, Template):
        value.text = _of_account(node).text
    return value


def _owned(scope: Scope) -> frozenset[str]:
    """What stands for the ARN of a thing that the template makes itself."""
    return frozenset(
        f"{scope.address}:{scope.reference(name)}{'' if resource.type == 'AWS::SecretsManager::Secret' else '.Arn'}"
        for name, resource in scope.resources.items()
    )


def _has_holes(node: Node) -> bool:
    """Whether there may be further entries that are not seen here."""
    return any(key.text is None for key, _ in node.items())
