"""CloudFormation templates: written by hand, for SAM, by the CDK, in a configuration of the Serverless framework.

Resources and their properties:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from .. import iam, keys, values
from ..cloudformation.evaluate import Scope, document_of, template_of
from ..model import Attachment, Facts, Kind, Leak, Origin, Policy, Role, Setting, Slot, Task, Value, Variable, Workload
from ..model import Resource as Made
from ..node import Call, Conditional, Map, Node, Ref, Scalar, Seq, Template, Unknown
from . import BUILDS, cloudformation_tasks, ecs
from .cloudformation_tasks import JOB, TASK, address, has_holes, of_account, slot_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..cloudformation.evaluate import Resource
    from ..files import Files
    from ..model import BuildArgument, Text
    from ..node import Document
    from ..text import Source, Span

_ROLE = "AWS::IAM::Role"
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_MACHINES = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")
_STACKS = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
# What a program calls: what it is, the property of its name, the attributes by which it is called beside `Ref`.
_CALLED = {
    "AWS::S3::Bucket": ("the bucket", "BucketName", ("Arn",)),
    "AWS::SQS::Queue": ("the queue", "QueueName", ("Arn", "QueueName", "QueueUrl")),
    "AWS::DynamoDB::Table": ("the table", "TableName", ("Arn",)),
    "AWS::DynamoDB::GlobalTable": ("the table", "TableName", ("Arn",)),
    "AWS::SNS::Topic": ("the topic", "TopicName", ("TopicArn",)),
    "AWS::Kinesis::Stream": ("the stream", "Name", ("Arn",)),
    "AWS::KinesisFirehose::DeliveryStream": ("the stream", "DeliveryStreamName", ("Arn",)),
}
# A template without any of these says nothing of interest, and is not even parsed.
_SIGNS = ("ontainerDefinitions", "ontainerOverrides", "AWS::IAM::", *_STACKS)
_DEEPEST = 20


def read(sources: Sequence[Source], files: Files) -> Facts:
    """What a template says, with the nested stacks whose templates are files of the repository."""
    [source] = sources
    has_keys = keys.has_candidates(source.text)
    has_functions = files.all_workloads and any(type in source.text for type in _FUNCTIONS)
    has_instances = "UserData" in source.text and _gives_credentials(source.text)
    builds_images = BUILDS in source.text
    wanted = has_keys or has_functions or has_instances or builds_images
    if not wanted and not any(sign in source.text for sign in _SIGNS):
        return Facts(texts=sources)
    document = document_of(source, files)
    root = template_of(document)
    if root is None:  # something else that speaks of CloudFormation's types
        if not has_keys and "ontainer" not in source.text:
            return Facts(texts=sources, problems=document.problems)
        return ecs.read(sources, files)
    scope = Scope(root, source.path, files)
    scope.is_open = scope.is_open or bool(document.problems)
    tasks: list[Task] = []
    roles: list[Role] = []
    policies: list[Policy] = []
    attachments: list[Attachment] = []
    for stack in scope.walk():
        owned = _owned(stack)
        tasks.extend(cloudformation_tasks.tasks(stack))
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
        resources=list(_resources(scope)) if tasks else (),
        workloads=[
            *(_functions(scope) if has_functions else ()),
            *(_machines(scope) if has_instances else ()),
        ],
        exports=list(_exports(scope)) if "Export" in source.text else (),
        imports=dict(_imports(scope)) if "ImportValue" in source.text else None,
        build_arguments=_handed_to_builds(document) if builds_images else [],
        problems=document.problems,
    )


def _handed_to_builds(document: Document) -> list[BuildArgument]:
    """The keys that the scripts of a pipeline, written in the template, give to the builds of images."""
    from . import builds

    return builds.handed_over(document)


# ── settings ──


def _settings(scope: Scope) -> Iterator[Setting]:
    """The named strings: the defaults of parameters, and all else with what it refers to."""
    for name, parameter in scope.parameters.items():
        for key, value in parameter.items():
            if key.text in ("Default", "AllowedValues"):
                for one in value.nodes if isinstance(value, Seq) else (value,):
                    yield Setting(name, values.value_of(one), parameter)
    for key, section in scope.root.items():
        if key.text not in ("Parameters", "Resources", "Globals"):
            yield from _of(scope.evaluate(section))
    for resource in scope.resources.values():
        properties = resource.properties
        yield from _of(properties)
        for key, value in resource.body.items():
            if key.text != "Properties":
                yield from _of(resource.scope.evaluate(value))
        for given in _called(properties, "Base64"):
            yield from _of_script(given)
    for section in scope.common.values():  # last: a function may say more of what all are given
        yield from _of(scope.evaluate(section))


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


# ── what the tasks of a template call ──


def _resources(scope: Scope) -> Iterator[Made]:
    for stack in (scope, *scope.stacks):
        for resource in stack.of_type(*_CALLED):
            what, name, attributes = _CALLED[resource.type]
            given = resource.body.get("Properties")
            named = given.get(name) if given is not None else None
            yield Made(
                frozenset((resource.address, *(f"{resource.address}.{attribute}" for attribute in attributes))),
                named.span if named is not None else None,
                f"{what} {resource.name}",
            )


# ── the secrets of keys that a template makes ──

# The property that is written in plain text, by the type of the resource.
_PLAIN = {
    TASK: ("ContainerDefinitions", "the environment of a container"),
    JOB: ("ContainerProperties", "the environment of a container"),
    "AWS::AppRunner::Service": ("SourceConfiguration", "the environment of a service"),
    "AWS::CodeBuild::Project": ("Environment", "the environment of a build"),
    "AWS::Lambda::Function": ("Environment", "the environment of a function"),
    "AWS::Serverless::Function": ("Environment", "the environment of a function"),
    "AWS::EC2::Instance": ("UserData", "the user data of an instance"),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "the user data of an instance"),
    "AWS::AutoScaling::LaunchConfiguration": ("UserData", "the user data of an instance"),
    # CloudFormation makes no other type
    "AWS::SSM::Parameter": ("Value", "an SSM parameter of type String"),
}
_INIT = "AWS::CloudFormation::Init"
_METADATA = "the metadata of an instance"
_OF_WORKLOADS = {_METADATA, *(where for type, (_, where) in _PLAIN.items() if type != "AWS::SSM::Parameter")}


def _leaks(scope: Scope) -> Iterator[Leak]:
    """The places that hold such a secret in plain text."""
    made = {
        f"{key.address}.SecretAccessKey": key
        for stack in (scope, *scope.stacks)
        for key in stack.of_type("AWS::IAM::AccessKey")
    }
    for where, value in _in_plain_text(scope) if made else ():
        for reference in _references(value):
            key = made.get(f"{reference.scope}:{reference.name}")
            if key is not None:
                place = reference.via[0] if reference.via else reference.span
                yield Leak(place, where, key.construct or key.name, key.key.span, where in _OF_WORKLOADS)


def _in_plain_text(scope: Scope) -> Iterator[tuple[str, Node]]:
    """What is written in plain text: what it is, and the value."""
    for output in scope.outputs.values():
        value = output.get("Value")
        if value is not None:
            yield "an output", scope.evaluate(value)
    for stack in (scope, *scope.stacks):
        for resource in stack.of_type(*_PLAIN):
            name, where = _PLAIN[resource.type]
            value = resource.sure.get(name)
            if value is not None:
                yield where, value
        for resource in stack.resources.values():  # whoever may describe the stack reads what cfn-init does
            metadata = resource.body.get("Metadata")
            value = metadata.get(_INIT) if metadata is not None else None
            if value is not None:
                yield _METADATA, resource.scope.sure().evaluate(value)


# ── workloads that are no tasks ──


def _functions(scope: Scope) -> Iterator[Workload]:
    """The functions of Lambda, with the variables that they are given. SAM makes a role where none is named."""
    for stack in scope.walk():
        for resource in stack.of_type(*_FUNCTIONS):
            environment, named = resource.sure.get("Environment"), resource.properties.get("FunctionName")
            given = environment.get("Variables") if environment is not None else None
            yield Workload(
                (named.text if named is not None else None) or resource.name,
                resource.key.span,
                tuple(
                    Variable(key.text or "", key.span, values.value_of(value), Origin.ENVIRONMENT)
                    for key, value in (given.items() if given is not None else ())
                ),
                complete=True,
                kind=Kind.LAMBDA_FUNCTION,
                role=slot_of(resource, "Role"),
            )


def _gives_credentials(text: str) -> bool:
    from .. import user_data

    return user_data.speaks_of_credentials(text)


def _machines(scope: Scope) -> Iterator[Workload]:
    """The instances, and what they are made from, whose user data gives them credentials."""
    from .. import user_data
    from ..terraform.evaluate import text_source

    for stack in scope.walk():
        for resource in stack.of_type(*_MACHINES):
            properties = resource.sure.get("LaunchTemplateData") or resource.sure
            given, profile = properties.get("UserData"), properties.get("IamInstanceProfile")
            text = text_source(next(_called(given, "Base64"), given)) if given is not None else None
            if text is None or not user_data.speaks_of_credentials(text.text):
                continue
            if isinstance(profile, Map):  # a launch template says it by name or by ARN
                profile = profile.get("Name", "Arn") or profile
            value = ecs.filled(profile) if profile is not None else None
            elsewhere = value is None and (
                resource.type == "AWS::EC2::LaunchTemplate" or properties.get("LaunchTemplate") is not None
            )
            role = None if elsewhere else Slot("IamInstanceProfile", value)
            found = user_data.instance(resource.name, resource.key.span, text, role)
            if found.variables or found.files:
                yield found


# ── roles ──


def _roles(scope: Scope, owned: frozenset[str]) -> Iterator[Role]:
    exported = set(_exported(scope))
    for resource in scope.of_type(_ROLE):
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
            trust=_policy(trust, owned) if trust is not None else None,
            boundary=values.value_of(boundary) if boundary is not None else None,
            unknown=tuple(_unseen(resource, exported)),
        )


def _unseen(resource: Resource, exported: set[str]) -> Iterator[str]:
    """Why not all the policies of a role can be seen by what it says itself."""
    properties = resource.sure
    inline = properties.get("Policies")
    if not isinstance(properties, Map) or has_holes(properties):
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


def _exports(scope: Scope) -> Iterator[tuple[Text, str]]:
    """The roles that a template exports under a name, by their addresses."""
    for output in scope.outputs.values():
        value, export = output.get("Value"), output.get("Export")
        name = export.get("Name") if export is not None else None
        role = address(scope.sure().evaluate(value)) if value is not None else None
        if name is not None and role is not None:
            yield iam.text_of(scope.sure().evaluate(name)), role


def _imports(scope: Scope) -> Iterator[tuple[str, Text]]:
    """The names that a template imports, by what stands for the values."""
    for stack in (scope, *scope.stacks):
        for resource in stack.of_type(TASK, JOB, "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
            for name in _called(resource.sure, "ImportValue"):
                known = values.canonical(Call(name.span, "ImportValue", (name,)))
                if known is not None:
                    yield known, iam.text_of(name)


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
    for resource in scope.of_type("AWS::IAM::ManagedPolicy"):
        document, name = resource.sure.get("PolicyDocument"), resource.sure.get("ManagedPolicyName")
        if document is not None:
            yield iam.policy(
                _read(document), address=resource.address, name=name.text if name is not None else None, owned=owned
            )


def _policy(document: Node, owned: frozenset[str]) -> Policy:
    return iam.policy(_read(document), owned=owned)


def _read(document: Node) -> Node:
    """A policy document that may be given as a text of JSON."""
    if not isinstance(document, (Scalar, Template)):
        return document
    from ..terraform.evaluate import decoded

    return decoded(document) or document


def _attachments(scope: Scope, owned: frozenset[str]) -> Iterator[Attachment]:
    """Which role has which policy."""
    for resource in scope.of_type(_ROLE):
        role = Value(resource.key.span, name=resource.address)
        for inline in resource.sure.get("Policies") or ():
            document = inline.get("PolicyDocument")
            if document is not None:
                yield Attachment(inline.span, role, _policy(document, owned), scope.unit)
        managed = resource.sure.get("ManagedPolicyArns")
        for given in _each(managed):
            yield Attachment(given.span, role, _policy_of(given), scope.unit)
    for resource in scope.of_type("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"):
        properties = resource.sure
        document = properties.get("PolicyDocument")
        if document is None and resource.type != "AWS::IAM::RolePolicy":
            continue
        policy = _policy(document if document is not None else Unknown(resource.key.span, ""), owned)
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
        for role in _referred(resource.sure):
            policy = Value(resource.key.span, reason=f"it is given to {resource.name}, which is not at hand")
            yield Attachment(resource.key.span, Value(resource.key.span, name=role), policy, scope.unit)
    for span, source in _connected(scope):
        for role in _referred(source):
            policy = Value(span, reason="what a connector of SAM allows is not known here")
            yield Attachment(span, Value(span, name=role), policy, scope.unit)


def _connected(scope: Scope) -> Iterator[tuple[Span, Node]]:
    """The roles to which connectors of SAM give policies, with the place of the connector.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html
    """
    for resource in scope.resources.values():
        sources = [resource] if resource.body.get("Connectors") is not None else []
        if resource.type == "AWS::Serverless::Connector":
            source = resource.sure.get("Source")
            id, role = (source.get("Id"), source.get("RoleName")) if source is not None else (None, None)
            if role is not None:
                yield resource.key.span, role
            named = scope.resources.get((id.text if id is not None else None) or "")
            sources = [named] if named is not None else []
        for one in sources:
            role = one.sure.get("Role", "RoleArn")
            if role is not None:
                yield resource.key.span, role


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
        value.name = address(node)
    elif not (isinstance(node, Call) and node.name == "ImportValue"):
        value.name = None  # it may be any role of the template
    yield value


def _policy_of(node: Node) -> Value:
    """A policy by its ARN, also where the partition is not known, or by its address."""
    value = values.value_of(node)
    if isinstance(node, Template):
        value.text = of_account(node).text
    return value


def _owned(scope: Scope) -> frozenset[str]:
    """What stands for the ARN of a thing that the template makes itself."""
    return frozenset(
        f"{scope.address}:{scope.reference(name)}{'' if resource.type == 'AWS::SecretsManager::Secret' else '.Arn'}"
        for name, resource in scope.resources.items()
    )
