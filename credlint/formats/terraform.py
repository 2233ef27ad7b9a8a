"""Terraform and OpenTofu: a folder is a module, and is read with all that it calls.

Resources and their arguments: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import os
import re

from .. import iam, keys, names, values
from ..files import normal
from ..model import (
    Explicit,
    Facts,
    Feature,
    FeatureKind,
    Kind,
    Leak,
    Origin,
    Resource,
    Setting,
    Slot,
    Task,
    Text,
    Value,
    Variable,
    Workload,
)
from ..node import Block, Body, Call, Map, Node, Problem, Ref, Scalar, Seq, Template
from ..terraform.blocks import blocks_of
from ..terraform.registry import FOLDER
from . import batch, ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from ..files import Files
    from ..terraform.evaluate import Scope
    from ..terraform.modules import Instance, Module, Modules
    from ..text import Source, Span

    _Services: TypeAlias = dict[tuple[str, str], list[tuple[Block, Scope]]]

_TASK = "aws_ecs_task_definition"
_JOB = "aws_batch_job_definition"
_FUNCTION = "aws_lambda_function"
_MACHINES = ("aws_instance", "aws_spot_instance_request", "aws_launch_configuration", "aws_launch_template")
# What runs a task with overrides: the nested block and its argument that says them, in JSON.
_RUNS = {
    "aws_cloudwatch_event_target": ("", "input"),
    "aws_scheduler_schedule": ("target", "input"),
    "aws_sfn_state_machine": ("", "definition"),
}
# What a program calls: what it is, the argument of its name, the attributes by which it is called.
_CALLED = {
    "aws_s3_bucket": ("the bucket", "bucket", "id bucket arn"),
    "aws_sqs_queue": ("the queue", "name", "id url arn name"),
    "aws_dynamodb_table": ("the table", "name", "id arn name"),
    "aws_sns_topic": ("the topic", "name", "id arn"),
    "aws_kinesis_stream": ("the stream", "name", "id arn name"),
    "aws_kinesis_firehose_delivery_stream": ("the stream", "name", "id arn name"),
}
# A call of a module is followed where it leads to a resource whose type begins so.
_MATTERS = ("aws_ecs_", "aws_iam_", "aws_cloudwatch_log_group", _JOB, *_RUNS)
_LOCAL_MODULE = re.compile(r"""source"?\s*[=:]\s*"(\.{1,2}/[^"\n]*)\"""")
_ECS_MODULE = re.compile(r"""source"?\s*[=:]\s*"[^".\n][^"\n]*ecs""")
_FILE = re.compile(r"""file(?:base64)?\(\s*"(?:\$\{path\.(?:module|root)\}/)?([^"$\n]+)\"""")
_ASSIGNED = re.compile(r"""([A-Za-z_][\w.-]*)["']?[ \t]*[=:][ \t]*["']?$""")
_LONGEST_NAME = 100
_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_MOST_ENVIRONMENTS = 8  # variable files of one folder that are tried
_MOST_FOLDERS = 200  # that a folder may lead to


def read(sources: Sequence[Source], files: Files) -> Facts:
    """What a module says, and the modules that it calls. A folder with nothing of interest is not even parsed."""
    folder = os.path.dirname(sources[0].path)
    has_keys = any(keys.has_candidates(source.text) for source in sources) or _names_a_key_file(sources, files)
    has_tasks = _leads_to(_is_about_tasks, folder, sources, files)
    has_roles = has_tasks or any(_is_about_roles(source.text) for source in sources)
    makes_keys = _leads_to(_makes_keys, folder, sources, files)
    names_keys = any("secret_key" in source.text for source in sources)
    has_functions = files.all_workloads and any(_FUNCTION in source.text for source in sources)
    has_instances = _gives_credentials(sources, files)
    if not (has_keys or has_roles or makes_keys or names_keys or has_functions or has_instances):
        return Facts(texts=sources)
    from ..terraform.modules import root

    modules = _modules_of(files)
    module = modules.add(folder, sources)
    chosen = files.variable_files
    instances = list(root(module, modules, chosen).walk(*(() if has_keys or makes_keys else _MATTERS)))
    settings = list(_settings(instances)) if has_keys else []
    tasks: list[Task] = []
    if has_roles:
        from ..terraform import roles

        services = _services(instances)
        tasks = [task for instance in instances for task in (*_tasks(instance, services), *_jobs(instance))]
        tasks.extend(task for instance in instances for task in _overrides(instance))
        if has_tasks and not chosen:
            tasks.extend(_by_environment(module, modules))
        made = [role for instance in instances for role in roles.roles(instance)]
        policies = [policy for instance in instances for policy in roles.policies(instance)]
        attachments = [one for instance in instances for one in roles.attachments(instance)]
        attachments.extend(roles.handed_over(instances, made))
    else:
        made, policies, attachments = [], [], []
    read_files = instances[0].scope.read_files
    texts = [source for path in read_files if (source := files.read(path)) is not None]
    return Facts(
        texts=(*sources, *texts),
        uses=read_files,
        settings=settings,
        tasks=tasks,
        roles=made,
        policies=policies,
        attachments=attachments,
        leaks=_leaks(instances) if makes_keys else (),
        log_groups=list(_log_groups(instances)) if has_roles else (),
        resources=list(_resources(instances)) if has_tasks else (),
        explicit=list(_explicit(instances[0])) if names_keys else (),
        workloads=[
            *(_functions(instances) if has_functions else ()),
            *(_machines(instances) if has_instances else ()),
        ],
        problems=(*module.problems, *_cut_short(instances[0])),
        called=frozenset(one.module.folder for one in instances if one.calls and not one.module.is_root),
    )


def _cut_short(instance: Instance) -> Iterator[Problem]:
    budget = instance.scope.budget
    if budget.steps < 0 or budget.members < 0:
        body = instance.module.bodies[0]
        yield Problem(body.span.sub(0, 0), "this module makes too much to evaluate all of it")


def _modules_of(files: Files) -> Modules:
    from ..terraform.modules import Modules

    known = files.memory.get("terraform")
    if not isinstance(known, Modules):
        known = files.memory["terraform"] = Modules(files)
    return known


def _log_groups(instances: Sequence[Instance]) -> Iterator[Text]:
    """The names of the log groups that the modules make; one without a name gets one of its own."""
    for instance in instances:
        for _, block, scope in instance.resources("aws_cloudwatch_log_group"):
            name = block.body.get("name", "name_prefix")
            if name is not None:
                yield iam.text_of(scope.evaluate(name))


def _resources(instances: Sequence[Instance]) -> Iterator[Resource]:
    """What the modules make that a program is told the name of only to call it."""
    for instance in instances:
        for type, (what, argument, attributes) in _CALLED.items():
            for address, block in instance.module.of_type(type):
                name = block.body.get(argument)
                yield Resource(
                    frozenset(f"{instance.scope.address}:{address}.{attribute}" for attribute in attributes.split()),
                    name.span if name is not None else None,
                    f"{what} {address.rpartition('.')[2]}",
                )


def _gives_credentials(sources: Sequence[Source], files: Files) -> bool:
    """Whether user data may give credentials to an instance."""
    told = [source for source in sources if "user_data" in source.text]
    if not told:
        return False
    from .. import user_data

    for source in told:
        if user_data.speaks_of_credentials(source.text):
            return True
        for path in _FILE.findall(source.text) if "file(" in source.text else ():
            named = files.read(os.path.join(os.path.dirname(source.path), path))
            if named is not None and user_data.speaks_of_credentials(named.text):
                return True
    return False


def _names_a_key_file(sources: Sequence[Source], files: Files) -> bool:
    """Whether a file with something of a key's shape is read by `file()` or `templatefile()`."""
    for source in sources:
        if "file(" in source.text or "filebase64(" in source.text:
            for path in _FILE.findall(source.text):
                named = files.read(os.path.join(os.path.dirname(source.path), path))
                if named is not None and keys.has_candidates(named.text):
                    return True
    return False


def _explicit(instance: Instance) -> Iterator[Explicit]:
    """The credentials that providers and backends are given as arguments."""
    owners = [(f"the provider {_label(block)}", block) for block in instance.module.blocks("provider")]
    for block in instance.module.blocks("terraform"):
        backends = (inner for inner in block.body.blocks if inner.type == "backend")
        owners.extend((f"the backend {_label(inner)}", inner) for inner in backends)
    for owner, block in owners:
        if _label(block) not in ("aws", "awscc", "s3"):
            continue
        given = ((name, block.body.get(name)) for name in ("access_key", "secret_key", "token"))
        arguments: list[tuple[str, Value]] = []
        for name, node in given:
            known = instance.scope.likely().evaluate(node) if node is not None else None
            value = ecs.filled(known) if known is not None else None
            if node is not None and value is not None:
                value.via = (node.span,)
                arguments.append((name, value))
        if arguments:
            yield Explicit(owner, tuple(arguments))


def _label(block: Block) -> str:
    return (block.labels[0].text or "") if block.labels else ""


def _leaks(instances: Sequence[Instance]) -> list[Leak]:
    from ..terraform.leaks import leaks

    return list(leaks(instances))


def _is_about_tasks(text: str) -> bool:
    if _TASK in text or _JOB in text or "aws_sfn_state_machine" in text or "containerOverrides" in text:
        return True
    return "ecs" in text and _ECS_MODULE.search(text) is not None


def _is_about_roles(text: str) -> bool:
    """Whether there are roles for tasks, whose definition may be a file of its own."""
    return "aws_iam_role" in text and ("ecs-tasks." in text or "AmazonECSTaskExecutionRolePolicy" in text)


def _makes_keys(text: str) -> bool:
    return "aws_iam_access_key" in text


def _leads_to(sign: Callable[[str], bool], folder: str, sources: Sequence[Source], files: Files) -> bool:
    """Whether a folder, or one of those that it calls, is about something, by its text alone."""
    seen = {normal(folder or ".")}
    queue = [(folder, [source.text for source in sources])]
    while queue and len(seen) < _MOST_FOLDERS:
        at, texts = queue.pop()
        if any(map(sign, texts)):
            return True
        for text in texts:
            for path in _LOCAL_MODULE.findall(text) if "module" in text else ():
                called = normal(os.path.join(at, path))
                if called not in seen:
                    seen.add(called)
                    found = [name for name in files.listdir(called) if name.lower().endswith(_SUFFIXES)]
                    read = [files.read(f"{called}/{name}") for name in found]
                    queue.append((called, [source.text for source in read if source is not None]))
    return False


# ── settings ──


def _settings(instances: Sequence[Instance]) -> Iterator[Setting]:
    """The named strings: literals, and what a name that speaks of keys refers to."""
    module = instances[0].module
    for _, entries in module.assigned:
        yield from values.settings_of(entries)
    for instance in instances:
        for body in instance.module.bodies:
            if instance.module is module:
                yield from values.settings_of(body)
            yield from _referred(body, instance.scope)
            yield from _interpolated(body, instance.scope)
            _read_files(body, instance.scope)
        for _, block, scope in instance.resources(_TASK):
            containers = _containers(block.body.get("container_definitions"), scope)
            if containers is not None:
                yield from ecs.named_by_container(containers)
    yield from _keys_by_environment(instances[0])


def _keys_by_environment(instance: Instance) -> Iterator[Setting]:
    """What the variable files of the environments give under names that only the configuration explains."""
    from ..terraform.modules import is_automatic, root

    for path, entries in instance.module.assigned:
        if not is_automatic(path) and any(keys.has_candidates(value.text or "") for _, value in entries.items()):
            for one in root(instance.module, instance.modules, [path]).walk():
                for body in one.module.bodies:
                    yield from _referred(body, one.scope)


def _referred(body: Body, scope: Scope) -> Iterator[Setting]:
    """Attributes that speak of keys by their name and are an expression."""
    stack: list[Node] = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, Block):
            stack.append(node.body)
            continue
        if isinstance(node, Body):
            stack.extend(node.blocks)
        for key, value in node.items():
            if isinstance(value, (Map, Seq)):
                stack.append(value)
                continue
            if isinstance(value, Call):
                stack.extend(value.args)
            if not isinstance(value, Scalar) and names.speaks_of_keys(key.text or ""):
                known = values.value_of(scope.evaluate(value))
                if known.text is not None:
                    yield Setting(key.text or "", known, node)
        if isinstance(node, Seq):
            stack.extend(element for element in node if isinstance(element, (Map, Seq)))
        elif isinstance(node, Call):
            stack.extend(node.args)


def _interpolated(body: Body, scope: Scope) -> Iterator[Setting]:
    """What is put into a text after a name that speaks of keys: `SECRET_KEY=${local.secret}` in a script."""
    from ..terraform.modules import parts_of

    for node in parts_of(body):
        for before, part in zip(node.parts, node.parts[1:]) if isinstance(node, Template) else ():
            named = _ASSIGNED.search((before.text or "")[-_LONGEST_NAME:])
            if named and not isinstance(part, Scalar) and names.speaks_of_keys(named[1]):
                known = values.value_of(scope.evaluate(part))
                if known.text is not None:
                    yield Setting(named[1], known, node)


def _read_files(body: Body, scope: Scope) -> None:
    """Lets the scope read the files that `file()` and its kin name, so that they are searched as well."""
    from ..terraform.modules import parts_of

    for node in parts_of(body):
        if isinstance(node, Call) and node.name in ("file", "templatefile", "filebase64") and node.args:
            scope.read(scope.evaluate(node.args[0]), node.span)


# ── roles and tasks ──


def _by_environment(module: Module, modules: Modules) -> Iterator[Task]:
    """The tasks as each variable file of an environment makes them; their names say which."""
    from ..terraform.modules import is_automatic, root

    environments = [path for path, _ in module.assigned if not is_automatic(path)]
    for path in environments[:_MOST_ENVIRONMENTS]:
        instances = list(root(module, modules, [path]).walk(*_MATTERS))
        services = _services(instances)
        for instance in instances:
            for task in (*_tasks(instance, services), *_jobs(instance)):
                task.name = f"{task.name} (with {path.rpartition('/')[2]})"
                yield task


def _tasks(instance: Instance, services: _Services) -> Iterator[Task]:
    for handle, block, scope in instance.resources(_TASK):
        body, sure = block.body, scope.sure()
        family = body.get("family")
        name = scope.evaluate(family).text if family is not None else None
        listed = body.get("requires_compatibilities")
        launch = ecs.launch_types(sure.evaluate(listed) if listed is not None else None)
        running = services.get((handle.scope, handle.block_name), [])
        task = ecs.task(
            Map(body.span, ()),
            _containers(body.get("container_definitions"), sure),
            name=name or handle.block_name.rpartition(".")[2],
            span=block.span,
            complete=True,
            called=bool(instance.calls),
            scope=scope.root,
            more=_exec_of(running),
            task_role=_slot(body, "task_role_arn", scope, instance),
            execution_role=_slot(body, "execution_role_arn", scope, instance),
            launch=launch or _launched_by(running),
            volumes=_volumes(body, sure),
        )
        if scope.folder.startswith(FOLDER):
            for feature in task.features:
                if feature.span.path.startswith(FOLDER):
                    feature.span = _header(instance)
        yield task


def _containers(node: Node | None, scope: Scope) -> Node | None:
    """The container definitions, of whatever they are made: an expression, or a text of JSON."""
    from ..terraform.evaluate import decoded

    known = scope.evaluate(node) if node is not None else None
    if known is None or isinstance(known, Seq):
        return known
    found = decoded(known)
    return found if isinstance(found, Seq) else None


def _volumes(body: Body, scope: Scope) -> Node:
    """The `volume` blocks as ECS has them."""
    return Seq(body.span, tuple(_as_ecs(block, there) for block, there in blocks_of(body, "volume", scope)))


def _as_ecs(block: Block, scope: Scope) -> Node:
    entries = [
        (Scalar(key.span, ecs.camel(key.text or "")), scope.evaluate(value)) for key, value in block.body.items()
    ]
    types = {
        inner.labels[0].text if inner.type == "dynamic" and inner.labels else inner.type for inner in block.body.blocks
    }
    for type in sorted(filter(None, types)):
        for inner, there in blocks_of(block.body, type, scope):
            entries.append((Scalar(inner.span.sub(0, len(inner.type)), ecs.camel(type)), _as_ecs(inner, there)))
    return Map(block.span, tuple(entries))


def _services(instances: Sequence[Instance]) -> _Services:
    """The services by the task definition that they run: its scope and its address, without the instance."""
    from ..terraform.modules import references

    found: _Services = {}
    for instance in instances:
        for handle, block, scope in instance.resources("aws_ecs_service"):
            given = block.body.get("task_definition")
            if given is None:
                continue
            # a family may be known as a text: then only the expression says whose it is
            named = {(name.scope or handle.scope, name.name) for name in references(given)}
            named |= {(name.scope, name.name) for name in references(scope.evaluate(given))}
            for of, name in named:
                if name.startswith(f"{_TASK}."):
                    address = _TASK + "." + re.split(r"[.\[]", name[len(_TASK) + 1 :], maxsplit=1)[0]
                    found.setdefault((of, address), []).append((block, scope))
    return found


def _launched_by(services: Sequence[tuple[Block, Scope]]) -> tuple[str, ...]:
    """The launch types of services."""
    found: list[str] = []
    for block, scope in services:
        launch = block.body.get("launch_type")
        if launch is not None:
            found.append(scope.evaluate(launch).text or "")
        for strategy, there in blocks_of(block.body, "capacity_provider_strategy", scope):
            provider = strategy.body.get("capacity_provider")
            text = (there.evaluate(provider).text if provider is not None else None) or ""
            found.append("FARGATE" if text.startswith("FARGATE") else text)
    return tuple(dict.fromkeys(found)) if all(name in ecs.LAUNCH_TYPES for name in found) else ()


def _exec_of(services: Sequence[tuple[Block, Scope]]) -> list[Feature]:
    """ECS Exec, where a service switches it on."""
    found: list[Feature] = []
    for block, scope in services:
        given = block.body.get("enable_execute_command")
        if given is not None and scope.evaluate(given).text == "true":
            found.append(Feature(FeatureKind.ECS_EXEC, given.span, None))
    return found


def _jobs(instance: Instance) -> Iterator[Task]:
    """The tasks of Batch's job definitions. On EC2 they run unless they say otherwise."""
    from ..terraform.evaluate import decoded

    for handle, block, scope in instance.resources(_JOB):
        body, sure = block.body, scope.sure()
        named, listed = body.get("name"), body.get("platform_capabilities")
        name = scope.evaluate(named).text if named is not None else None
        launch = ecs.launch_types(sure.evaluate(listed)) if listed is not None else ("EC2",)
        for kind in batch.PROPERTIES:
            given = body.get(ecs.snake(kind))
            known = decoded(sure.evaluate(given)) if given is not None else None
            usual = decoded(scope.likely().evaluate(given)) if given is not None else None
            found = list(batch.parts(kind, known)) if known is not None else []
            likely = list(batch.parts(kind, usual)) if usual is not None else []
            for at, part in enumerate(found):
                other = likely[at] if len(likely) == len(found) else part
                task = ecs.task(
                    Map(body.span, ()),
                    part.containers,
                    name=name or handle.block_name.rpartition(".")[2],
                    span=block.span,
                    complete=True,
                    called=bool(instance.calls),
                    scope=scope.root,
                    task_role=_slot_in(part.root, other.root, part.task_role, scope, instance),
                    execution_role=_slot_in(part.root, other.root, "executionRoleArn", scope, instance),
                    launch=launch,
                    volumes=part.volumes,
                )
                for workload in task.workloads:
                    workload.kind = Kind.BATCH_JOB
                    workload.name = workload.name or task.name  # the container of a job has none
                yield task


def _functions(instances: Sequence[Instance]) -> Iterator[Workload]:
    """The functions of Lambda, with the variables that they are given."""
    for instance in instances:
        for handle, block, scope in instance.resources(_FUNCTION):
            body, variables = block.body, list[Variable]()
            for inner, there in blocks_of(body, "environment", scope):
                given = inner.body.get("variables")
                for key, value in there.sure().evaluate(given).items() if given is not None else ():
                    known = values.value_of(value)
                    variables.append(Variable(key.text or "", key.span, known, Origin.ENVIRONMENT))
            named = body.get("function_name")
            name = scope.evaluate(named).text if named is not None else None
            yield Workload(
                name or handle.block_name.rpartition(".")[2],
                block.span,
                tuple(variables),
                complete=True,
                kind=Kind.LAMBDA_FUNCTION,
                role=_slot(body, "role", scope, instance),
            )


def _machines(instances: Sequence[Instance]) -> Iterator[Workload]:
    """The instances, and what they are made from, whose user data gives them credentials."""
    from .. import user_data
    from ..terraform.evaluate import text_source

    for instance in instances:
        for type in _MACHINES:
            for handle, block, scope in instance.resources(type):
                given = block.body.get("user_data", "user_data_base64")
                known: Node | None = scope.evaluate(given) if given is not None else None
                while isinstance(known, Call) and known.name in ("base64encode", "base64gzip") and known.args:
                    known = known.args[0]
                text = text_source(known) if known is not None else None
                if text is None or not user_data.speaks_of_credentials(text.text):
                    continue
                role = _profile(block, scope, instance)
                found = user_data.instance(handle.block_name.rpartition(".")[2], block.span, text, role)
                if found.variables or found.files:
                    yield found


def _profile(block: Block, scope: Scope, instance: Instance) -> Slot | None:
    """The slot of the instance profile; None where it may be given elsewhere."""
    name = "iam_instance_profile"
    for inner, there in blocks_of(block.body, name, scope):
        return _slot(inner.body, "name" if inner.body.get("name") is not None else "arn", there, instance)
    open = any(inner.type == "launch_template" for inner in block.body.blocks)
    of_template = bool(block.labels) and block.labels[0].text == "aws_launch_template"
    return None if block.body.get(name) is None and (open or of_template) else _slot(block.body, name, scope, instance)


def _overrides(instance: Instance) -> Iterator[Task]:
    """The tasks that something runs with values of its own; what they do not say, the task definition says."""
    from ..terraform.evaluate import decoded

    for type, (inner, argument) in _RUNS.items():
        for handle, block, scope in instance.resources(type):
            bodies = [(one.body, there) for one, there in blocks_of(block.body, inner, scope)]
            for body, there in bodies if inner else [(block.body, scope)]:
                given = body.get(argument)
                known = decoded(there.sure().evaluate(given)) if given is not None else None
                for root in ecs.overrides(known) if known is not None else ():
                    yield ecs.task(
                        Map(body.span, ()),
                        ecs.field(root, "containerOverrides"),
                        name=handle.block_name.rpartition(".")[2],
                        span=root.span,
                        complete=False,
                        called=bool(instance.calls),
                        scope=scope.root,
                        task_role=_slot_in(root, root, "taskRoleArn", there, instance),
                        execution_role=_slot_in(root, root, "executionRoleArn", there, instance),
                    )


def _slot_in(root: Node, likely: Node, name: str, scope: Scope, instance: Instance) -> Slot:
    """The slot of that name in a document that was evaluated, surely and with what is usual."""
    from ..terraform.evaluate import has_holes

    known, usual = ecs.field(root, name), ecs.field(likely, name)
    if known is None:
        open = isinstance(root, Map) and has_holes(root)
        return Slot(name, Value(root.span, reason="it may be in a part that is not known here") if open else None)
    return _slot_of(name, known.via[0] if known.via else known.span, usual or known, known, scope, instance)


def _slot(body: Body, name: str, scope: Scope, instance: Instance) -> Slot:
    node = body.get(name)
    if node is None:
        return Slot(name, None)
    return _slot_of(name, node.span, scope.likely().evaluate(node), scope.sure().evaluate(node), scope, instance)


def _slot_of(name: str, place: Span, likely: Node, known: Node, scope: Scope, instance: Instance) -> Slot:
    """A slot that is written at that place, with what it surely and what it usually holds."""
    known = ecs.when_there(known)
    if ecs.filled(likely) is None:
        # It is empty; but whoever calls the module, or applies it, may still give it.
        certain = ecs.filled(known) is None and (instance.calls or not likely.via)
        return Slot(name, None if certain else Value(place, reason="it is empty unless it is given"))
    value = ecs.filled(known)
    if value is None or isinstance(known, (Seq, Map)):
        return Slot(name, Value(place, reason="it is no role"))
    if value.text is None:
        value.name = role_name(known) or value.name
        if isinstance(known, Template):
            ecs.name_by_arn(value, known, role_name)
    if value.use.path.startswith(FOLDER):
        value.via = (_header(instance),)  # the module does so by itself
    elif os.path.dirname(value.use.path) == scope.folder:
        # not what a call gives: the slot itself is the place
        value.via = (place, *(hop for hop in value.via if hop is not place))
    return Slot(name, value)


def _header(instance: Instance) -> Span:
    """The place of the outermost call that led here."""
    call = instance.calls[0]
    return call.span.sub(0, len(call.type))


def role_name(node: Node) -> str | None:
    """What stands for the role of which an expression gives the ARN, the name or the id."""
    if isinstance(node, Ref):
        base, _, attribute = node.name.rpartition(".")
        return f"{node.scope}:{base}" if attribute in ("arn", "name", "id") else None
    return None
