"""What a Terraform module runs elsewhere than on ECS: services of App Runner, builds, functions, instances.

Resources and their arguments: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from .. import iam, model, values
from ..evaluation import FOLDER, text_source
from ..model import Feature, FeatureKind, Kind, Origin, Slot, Task, Value, Variable, Workload
from ..node import Call, Ref, Scalar
from ..terraform.blocks import blocks_of, inside, label, may_have_more
from .terraform_tasks import sides_of, slot_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from ..model import Host
    from ..node import Block, Body, Node
    from ..terraform.evaluate import Handle, Scope
    from ..terraform.modules import Instance


def services(instances: Sequence[Instance]) -> Iterator[Task]:
    """The workloads with their roles, and with the variables that they are given."""
    for instance in instances:
        yield from _profiles(instance)
        for handle, block, scope in instance.resources("aws_apprunner_service"):
            yield from _app_runner(handle, block, scope, instance)
        for handle, block, scope in instance.resources("aws_codebuild_project"):
            role = slot_at(block.body, "service_role", scope, instance)
            variables = _of_blocks(block.body, scope.sure())
            yield _task(model.CODE_BUILD, "name", variables, handle, block, scope, instance, role)
        for handle, block, scope in instance.resources("aws_lambda_function"):
            role = slot_at(block.body, "role", scope, instance)
            variables = list(_of_function(block.body, scope))
            yield _task(model.LAMBDA, "function_name", variables, handle, block, scope, instance, role)


def functions(instances: Sequence[Instance]) -> Iterator[Workload]:
    """The functions of Lambda as workloads of their own, for who wants to know what each finds."""
    for instance in instances:
        for handle, block, scope in instance.resources("aws_lambda_function"):
            named = block.body.get("function_name")
            yield Workload(
                (scope.evaluate(named).text if named is not None else None) or instance.name(handle),
                instance.place(block.span),
                tuple(_of_function(block.body, scope)),
                complete=True,
                kind=Kind.LAMBDA_FUNCTION,
                role=slot_at(block.body, "role", scope, instance),
            )


def _task(
    host: Host,
    named: str,
    variables: list[Variable],
    handle: Handle,
    block: Block,
    scope: Scope,
    instance: Instance,
    role: Slot,
    platform_role: Slot | None = None,
) -> Task:
    given = block.body.get(named)
    name = (scope.evaluate(given).text if given is not None else None) or instance.name(handle)
    return Task(
        name,
        instance.place(block.span),
        role,
        platform_role or Slot("", None),
        called=bool(instance.calls),
        scope=scope.root,
        workloads=(Workload(name, instance.place(block.span), tuple(variables), complete=False),),
        host=host,
    )


def _app_runner(handle: Handle, block: Block, scope: Scope, instance: Instance) -> Iterator[Task]:
    role = _slot_in(block.body, ("instance_configuration",), "instance_role_arn", scope, instance)
    platform = _slot_in(
        block.body, ("source_configuration", "authentication_configuration"), "access_role_arn", scope, instance
    )
    variables: list[Variable] = []
    features: list[Feature] = []
    for way in (
        ("source_configuration", "image_repository", "image_configuration"),
        ("source_configuration", "code_repository", "code_configuration", "code_configuration_values"),
    ):
        for inner, there in inside(block.body, way, scope):
            sure = there.sure()
            for listed, origin in (
                ("runtime_environment_variables", Origin.ENVIRONMENT),
                ("runtime_environment_secrets", Origin.SECRETS),
            ):
                variables.extend(_of_map(inner.get(listed), sure, origin))
            secrets = inner.get("runtime_environment_secrets")
            for _, value in sure.evaluate(secrets).items() if secrets is not None else ():
                features.append(Feature(FeatureKind.RUNTIME_SECRET, value.span, None, (iam.text_of(value),)))
    task = _task(model.APP_RUNNER, "service_name", variables, handle, block, scope, instance, role, platform)
    task.features = tuple(features)
    yield task


def _slot_in(body: Body, way: tuple[str, ...], name: str, scope: Scope, instance: Instance) -> Slot:
    """A role in a nested block."""
    for inner, there in inside(body, way, scope):
        return slot_at(inner, name, there, instance)
    if any(may_have_more(inner, way[-1], there) for inner, there in inside(body, way[:-1], scope)):
        return Slot(name, Value(body.span, reason="it may be in a block that is not known here"))
    return Slot(name, None)


def _of_map(node: Node | None, scope: Scope, origin: Origin) -> Iterator[Variable]:
    """The variables of a map, on each side where a condition decides it."""
    for side in sides_of(node, scope):
        for key, value in side.node.items() if side.node is not None else ():
            if key.text and not (isinstance(value, Scalar) and value.value is None):
                known = values.value_of(value) if origin is Origin.ENVIRONMENT else None
                yield Variable(key.text, key.span, known, origin)


def _of_function(body: Body, scope: Scope) -> Iterator[Variable]:
    """The variables of a function."""
    for inner, there in blocks_of(body, "environment", scope):
        yield from _of_map(inner.body.get("variables"), there.sure(), Origin.ENVIRONMENT)


def _of_blocks(body: Body, scope: Scope) -> list[Variable]:
    """The variables of a build."""
    found: list[Variable] = []
    for inner, there in inside(body, ("environment", "environment_variable"), scope):
        name, value, kind = (inner.get(part) for part in ("name", "value", "type"))
        named = there.evaluate(name) if name is not None else None
        if named is None or not named.text or value is None:
            continue
        plain = kind is None or there.evaluate(kind).text == "PLAINTEXT"
        known = values.value_of(there.evaluate(value)) if plain else None
        found.append(Variable(named.text, named.span, known, Origin.ENVIRONMENT if plain else Origin.SECRETS))
    return found


# ── instances ──

# What is given an instance profile.
_WITH_PROFILE = ("aws_instance", "aws_spot_instance_request", "aws_launch_configuration", "aws_launch_template")


def machines(instances: Sequence[Instance]) -> Iterator[Workload]:
    """The instances, and what they are made from, whose user data gives them credentials."""
    from .. import user_data

    for instance in instances:
        for type in _WITH_PROFILE:
            for handle, block, scope in instance.resources(type):
                given = block.body.get("user_data", "user_data_base64")
                known: Node | None = scope.evaluate(given) if given is not None else None
                while isinstance(known, Call) and known.name in ("base64encode", "base64gzip") and known.args:
                    known = known.args[0]
                text = text_source(known) if known is not None else None
                if text is None or not user_data.speaks_of_credentials(text.text):
                    continue
                role = _profile(block, scope, instance)
                found = user_data.instance(instance.name(handle), instance.place(block.span), text, role)
                if found.variables or found.files:
                    yield found


def _profile(block: Block, scope: Scope, instance: Instance) -> Slot | None:
    """The slot of the instance profile; None where it may be given elsewhere."""
    name = "iam_instance_profile"
    for inner, there in blocks_of(block.body, name, scope):
        return slot_at(inner.body, "name" if inner.body.get("name") is not None else "arn", there, instance)
    open = any(inner.type == "launch_template" for inner in block.body.blocks)
    of_template = bool(block.labels) and block.labels[0].text == "aws_launch_template"
    return (
        None if block.body.get(name) is None and (open or of_template) else slot_at(block.body, name, scope, instance)
    )


def _profiles(instance: Instance) -> Iterator[Task]:
    """The roles that instance profiles hand to instances."""
    for handle, block, scope in instance.resources("aws_iam_instance_profile"):
        role = slot_at(block.body, "role", scope, instance)
        yield _task(model.EC2, "name", [], handle, block, scope, instance, role)


def misplaced_roles(instances: Sequence[Instance]) -> Iterator[Slot]:
    """Roles where an instance profile belongs: by their ARN, or by a name that no profile of the project has."""
    profiles: set[str | None] = set()
    for instance in instances:
        for data in (False, True):
            for _, block, scope in instance.resources("aws_iam_instance_profile", data=data):
                name = block.body.get("name")
                profiles.add(values.canonical(scope.evaluate(name)) if name is not None else "")
    for instance in instances:
        for type in _WITH_PROFILE:
            for _, block, scope in instance.resources(type):
                for body, field, there in _of_profile(block.body, scope):
                    node = body.get(field)
                    if node is not None and _is_role(node, field, there.sure(), profiles):
                        given = values.value_of(there.evaluate(node))
                        place = instance.place(given.use if node.span.path.startswith(FOLDER) else node.span)
                        yield Slot("iam_instance_profile", Value(place, given.text))


def _of_profile(body: Body, scope: Scope) -> Iterator[tuple[Body, str, Scope]]:
    """Where a profile is named: an argument, or the name or the ARN in a block."""
    yield body, "iam_instance_profile", scope
    for inner, there in blocks_of(body, "iam_instance_profile", scope):
        yield inner.body, "name", there
        yield inner.body, "arn", there


def _is_role(node: Node, field: str, scope: Scope, profiles: Container[str | None]) -> bool:
    if ":iam::" in (text := values.known_part(scope.evaluate(node))):
        return ":role/" in text and ":role/aws-service-role/" not in text
    handle = scope.subject(node)
    if handle is None or handle.block.type != "resource" or label(handle.block) != "aws_iam_role":
        return False
    # A profile may well be called like its role: then the role's name means it.
    by_arn = isinstance(node, Ref) and node.name.endswith(".arn")
    name = values.canonical(scope.evaluate(node))
    return by_arn or field == "arn" or (name is not None and name not in profiles and None not in profiles)
