"""Manifests of AWS Copilot: the variables of services and jobs, which Copilot gives roles of its own.

https://aws.github.io/copilot-cli/docs/manifest/overview/. The templates of addons are CloudFormation.
"""

from __future__ import annotations

from .. import names, values
from ..model import BuildArgument, BuildPlace, Facts, Origin, Slot, Task, Value, Variable, Workload
from ..node import Map, Seq, merged
from ..readers import yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import Setting
    from ..node import Node, Problem, Scalar
    from ..text import Source, Span

# What becomes a task of ECS; a "Request-Driven Web Service" is App Runner's.
_TASKS = ("Load Balanced Web Service", "Backend Service", "Worker Service", "Scheduled Job")
_MOST_ENVIRONMENTS = 20
_FILLED_IN = "${"  # by Copilot: the name of the environment, variables of whoever deploys


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    arguments: list[BuildArgument] = []
    tasks: list[Task] = []
    problems: list[Problem] = []
    for source in sources:
        document = yaml.read(source)
        problems.extend(document.problems)
        for root in document.roots:
            name, kind = root.get("name"), root.get("type")
            called = (name.text if name is not None else None) or ""
            for setting in values.settings_of(root):
                setting.workload = called or None
                settings.append(setting)
            arguments.extend(_arguments(root, called))
            if name is not None and kind is not None and kind.text in _TASKS:
                tasks.extend(_tasks(root, called, name.span))
    return Facts(texts=sources, settings=settings, build_arguments=arguments, tasks=tasks, problems=problems)


def _tasks(root: Node, name: str, span: Span) -> Iterator[Task]:
    """The task of each environment: what is said for it goes before what is said for all."""
    environments = [node for _, node in _entries(root, "environments") if isinstance(node, Map)]
    sidecars = [_workload((sidecar,), key.text or "", key.span) for key, sidecar in _entries(root, "sidecars")]
    for own in environments[:_MOST_ENVIRONMENTS] or [Map(root.span, ())]:
        yield Task(
            name,
            root.span,
            _slot("TaskRoleArn", (own, root), span),
            _slot("ExecutionRoleArn", (own, root), span),
            launch=("FARGATE",),
            workloads=(_workload((root, own), name, root.span), *sidecars),
        )


def _workload(parts: Sequence[Node], name: str, span: Span) -> Workload:
    variables: dict[str, Variable] = {}
    complete = all(part.get("env_file") is None for part in parts)
    for listed, origin in (("variables", Origin.ENVIRONMENT), ("secrets", Origin.SECRETS)):
        for part in parts:
            for key, node in _entries(part, listed):
                value = _value(node) if origin is Origin.ENVIRONMENT else None
                variables[key.text or ""] = Variable(key.text or "", key.span, value, origin)
    return Workload(name, span, tuple(variables.values()), complete=complete)


def _value(node: Node) -> Value:
    if node.text is None or _FILLED_IN in node.text:
        return Value(node.span, reason="Copilot fills it in")
    return values.value_of(node)


def _slot(field: str, parts: Sequence[Node], span: Span) -> Slot:
    """The role that an override gives the task, or Copilot's own: one for each slot and service.

    https://aws.github.io/copilot-cli/docs/developing/overrides/taskdef-overrides/
    """
    for part in parts:
        overrides = part.get("taskdef_overrides")
        for override in overrides if isinstance(overrides, Seq) else ():
            path, value = override.get("path"), override.get("value")
            if path is not None and path.text == field and value is not None:
                given = _value(value)
                return Slot(field, None if given.text == "" else given)
    return Slot(field, Value(span, name=f"{span.path}:{field}", reason="Copilot makes it"))


def _arguments(root: Node, name: str) -> Iterator[BuildArgument]:
    """The build arguments that are a variable of whoever deploys; a literal is a key, or a dummy."""
    image = root.get("image")
    build = image.get("build") if image is not None else None
    given = list(_entries(build, "args")) if build is not None else []
    with_id = any(key.text == "AWS_ACCESS_KEY_ID" for key, _ in given)
    for key, value in given:
        if names.is_variable(key.text or "") and _FILLED_IN in (value.text or ""):
            yield BuildArgument(key.text or "", key.span, BuildPlace.COMMAND, with_id=with_id, workload=name)


def _entries(node: Node, name: str) -> Iterator[tuple[Scalar, Node]]:
    found = node.get(name)
    return merged(found).items() if isinstance(found, Map) else iter(())
