"""Workflows of GitHub Actions: the keys that their jobs are given, what they build, what they put into containers.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax. Keys that are
literals are found in the bare text.
"""

from __future__ import annotations

import posixpath
from itertools import islice

from .. import lazy, names, order, values
from ..files import normal
from ..model import Facts, JobKeys, Origin, Setting, Value, Variable
from ..readers import yaml
from ..text import align
from . import BUILDS, builds, detect, ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import BuildArgument, Task
    from ..node import Node, Problem
    from ..text import Source, Span

_FOLDER = ".github/workflows"
_CONFIGURE = "aws-actions/configure-aws-credentials@"
_RENDER = "aws-actions/amazon-ecs-render-task-definition@"
_MOST_RENDERED = 10
_SECRET = lazy.pattern(r"\$\{\{\s*secrets\.(\w+)\s*\}\}")
_LINE = lazy.pattern(r"(?m)^[ \t]*([A-Za-z_]\w*)=(.*?)[ \t\r]*$")
# What is asked elsewhere than at AWS takes no role of AWS.
_ELSEWHERE = ("endpoint-url", "endpoint_url", "ENDPOINT", "localstack", "minio")


def read(sources: Sequence[Source], files: Files) -> Facts:
    arguments: list[BuildArgument] = []
    settings: list[Setting] = []
    keys: list[JobKeys] = []
    tasks: list[Task] = []
    problems: list[Problem] = []
    for source in sources:
        document = yaml.read(source)
        problems.extend(document.problems)
        if BUILDS in source.text:
            arguments.extend(builds.handed_over(document))
        for root in document.roots:
            settings.extend(values.settings_of(root))
            steps = list(_steps(root))
            if _FOLDER in source.path and not any(sign in source.text for sign in _ELSEWHERE):
                keys.extend(_keys(root, steps))
            for step in islice((step for step in steps if _uses(step, _RENDER)), _MOST_RENDERED):
                tasks.extend(_rendered(step, source.path, files))
                for name, value in _put_into_container(step):
                    settings.append(Setting(name.text, value, step, _given(step, "container-name")))
    return Facts(
        texts=sources, settings=settings, build_arguments=arguments, job_keys=keys, tasks=tasks, problems=problems
    )


def _steps(root: Node) -> Iterator[Node]:
    for job in _jobs(root):
        yield from job.get("steps") or ()


def _jobs(root: Node) -> Iterator[Node]:
    jobs = root.get("jobs")
    return (job for _, job in jobs.items()) if jobs is not None else iter(())


def _uses(step: Node, action: str) -> bool:
    used = step.get("uses")
    return used is not None and (used.text or "").startswith(action)


def _input(step: Node, name: str) -> Node | None:
    given = step.get("with")
    return given.get(name) if given is not None else None


def _given(step: Node, name: str) -> str | None:
    found = _input(step, name)
    return found.text if found is not None else None


# ── the keys of jobs ──


def _keys(root: Node, steps: Sequence[Node]) -> Iterator[JobKeys]:
    """The keys that come from the secrets of the repository: those of the action, and those of environments."""
    by_action = [
        _pair(step.get("with"), "aws-access-key-id", "aws-secret-access-key", ("role-to-assume", "aws-session-token"))
        for step in steps
        if _uses(step, _CONFIGURE)
    ]
    by_environment = [
        _pair(node.get("env"), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", ("AWS_SESSION_TOKEN",))
        for node in (root, *_jobs(root), *steps)
    ]
    for found, explicit in ((by_action, True), (by_environment, False)):
        spans = [span for span in found if span is not None]
        if spans:
            yield JobKeys(spans[0], tuple(spans[1:]), by_action=explicit)


def _pair(given: Node | None, key_id: str, secret: str, others: tuple[str, ...]) -> Span | None:
    """Where the secret of a key is given, if both its parts are secrets of the repository and nothing else is given."""
    found = [given.get(name) if given is not None else None for name in (key_id, secret)]
    referred = [_SECRET.fullmatch((node.text or "").strip()) if node is not None else None for node in found]
    if given is None or not all(referred) or given.get(*others) is not None or found[1] is None:
        return None
    foreign = any(one is not None and names.secret(one[1]) == names.FOREIGN for one in referred)
    return None if foreign else found[1].span


# ── what is put into containers ──


def _put_into_container(step: Node) -> Iterator[tuple[Span, Value]]:
    """The variables that the action writes into a task definition: a line for each, its name and its value.

    https://github.com/aws-actions/amazon-ecs-render-task-definition
    """
    given = _input(step, "environment-variables")
    if given is None or not given.text:
        return
    source = align(given.span, given.text)
    for line in _LINE.finditer(given.text):
        known = "${{" not in line[2]
        value = Value(source.span(*line.span(2)), line[2] if known else None, reason="it is filled in by the workflow")
        yield source.span(*line.span(1)), value


def _rendered(step: Node, workflow: str, files: Files) -> Iterator[Task]:
    """The task definition that the action is given, if it is a file and the step says what credentials it uses."""
    given = [Variable(name.text, name, value, Origin.ENVIRONMENT) for name, value in _put_into_container(step)]
    path = _given(step, "task-definition")
    if not any(map(order.matters, given)) or not path or "$" in path or path.startswith("/"):
        return
    source = files.read(normal(posixpath.join(workflow.rpartition(_FOLDER)[0], path)))
    format = detect(source.path, source.text) if source is not None else None
    if source is None or format is None or format.name != "ecs":
        return
    container = _given(step, "container-name")
    for task in ecs.read([source], files).tasks:
        task.features = ()
        task.workloads = tuple(workload for workload in task.workloads if workload.name == container)
        for workload in task.workloads:
            workload.variables = (*workload.variables, *given)
            yield task
