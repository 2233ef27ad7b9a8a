"""`credlint chain`: for every workload the credentials that it could have, in the order in which its SDK looks."""

from __future__ import annotations

from . import order
from .model import Certainty, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .chain import Resolution
    from .model import Project, Task, Variable, Workload
    from .redact import Redactor
    from .text import Span

# What a workload is called in the output.
KINDS = {
    Kind.ECS_CONTAINER: "ecs-container",
    Kind.BATCH_JOB: "batch-job",
    Kind.COMPOSE_SERVICE: "compose-service",
    Kind.LAMBDA_FUNCTION: "lambda-function",
    Kind.INSTANCE: "ec2-instance",
}
# The best source that each could have. Lambda puts the credentials of the function's role into the environment;
# a compose file says nothing of where it runs, which mostly is where there is no role.
_BEST = {
    Kind.ECS_CONTAINER: "task-role",
    Kind.BATCH_JOB: "task-role",
    Kind.COMPOSE_SERVICE: "profile",
    Kind.LAMBDA_FUNCTION: "environment",
    Kind.INSTANCE: "instance-role",
}
# The sources of a container, as an SDK looks for them and as they are best.
RANKS = ("environment", "profile", "web-identity", "task-role", "instance-role")
BEST = ("task-role", "web-identity", "instance-role", "profile", "environment")


class Entry:
    """A source of credentials: `static` when its keys do not expire, `certain` when it is surely there."""

    __slots__ = ("certain", "line", "name", "path", "source", "static")

    def __init__(self, source: str, name: str, span: Span, redactor: Redactor, *, certain: bool, static: bool) -> None:
        self.source = source
        self.name = redactor.text(name)
        self.path = redactor.text(span.path)
        self.line = span.begin.line
        self.certain = certain
        self.static = static


class Row:
    """A workload with its sources, and what each SDK makes of them.

    `best` is the best source that it has or could have; for an emulator any is as good. `violates` when
    every SDK that it may use uses a worse one.
    """

    __slots__ = ("best", "entries", "kind", "launch", "line", "name", "path", "resolved")

    def __init__(
        self,
        name: str,
        span: Span,
        redactor: Redactor,
        launch: tuple[str, ...],
        entries: tuple[Entry, ...],
        resolved: dict[str, Resolution],
        kind: str = KINDS[Kind.ECS_CONTAINER],
        best: str = _BEST[Kind.ECS_CONTAINER],
    ) -> None:
        self.kind = kind
        self.best = best
        self.name = redactor.text(name)
        self.path = redactor.text(span.path)
        self.line = span.begin.line
        self.launch = launch
        self.entries = entries
        self.resolved = resolved

    @property
    def used(self) -> tuple[str, ...]:
        """The sources that SDKs use, each once."""
        return tuple(dict.fromkeys(resolution.source for resolution in self.resolved.values()))

    @property
    def violates(self) -> bool:
        return all(is_worse(source, self.best) for source in self.used)


def is_worse(source: str, best: str) -> bool:
    """Whether a source is there and worse than the best one."""
    return source in RANKS and BEST.index(source) > BEST.index(best)


def rows(project: Project, redactor: Redactor) -> list[Row]:
    """All workloads, sorted by place. What conditions make of one is there once for each set of sources."""
    found: dict[object, Row] = {}
    for workload, task in order.workloads(project):
        row = _row(task, workload, order.sdks_of(project, workload), redactor)
        sources = tuple((entry.source, entry.name, entry.path, entry.line) for entry in row.entries)
        found.setdefault((row.path, row.line, row.name, row.launch, sources), row)
    return sorted(found.values(), key=lambda row: (row.path, row.line, row.name))


def _row(task: Task | None, workload: Workload, sdks: Sequence[str], redactor: Redactor) -> Row:
    found = [*_entries(workload, redactor), *_roles(task, workload, redactor)]
    slot = task.task_role if task is not None else workload.role
    resolved = order.outcomes(workload, role=slot is not None and order.has_role(slot), sdks=sdks)
    return Row(
        workload.name,
        workload.span,
        redactor,
        task.launch if task is not None else (),
        tuple(sorted(found, key=lambda entry: RANKS.index(entry.source))),
        resolved,
        KINDS[workload.kind],
        "environment" if workload.emulated else _BEST[workload.kind],
    )


def _entries(workload: Workload, redactor: Redactor) -> Iterator[Entry]:
    for variable in workload.variables:
        if order.matters(variable) and not _is_empty(variable):
            certain = order.known(variable) and variable.sure is Certainty.HIGH
            source = _source_of(variable.name)
            if source is not None:
                static = source == "environment"
                yield Entry(source, variable.name, variable.span, redactor, certain=certain, static=static)
    for file in workload.files:
        sure = file.certain and file.sure is Certainty.HIGH
        yield Entry("profile", file.path, file.span, redactor, certain=sure, static=True)


def _roles(task: Task | None, workload: Workload, redactor: Redactor) -> Iterator[Entry]:
    """The roles whose credentials a workload gets."""
    slot = task.task_role if task is not None else workload.role
    if slot is not None and slot.value is not None:
        name = slot.role_name or (slot.address or "").rpartition(":")[2] or "?"
        source = _BEST[workload.kind]
        yield Entry(source, name, slot.value.use, redactor, certain=order.has_role(slot), static=False)
    if task is not None and ("EC2" in task.launch or "MANAGED_INSTANCES" in task.launch):
        yield Entry("instance-role", "", task.span.sub(0, 0), redactor, certain=False, static=False)


def _source_of(name: str) -> str | None:
    """What kind of source a variable is; None for one that only says how to look."""
    if "WEB_IDENTITY" in name or name.endswith("ROLE_ARN"):
        return "web-identity"
    if any(part in name for part in ("CONTAINER", "METADATA", "LOAD_CONFIG", "OPTIONS")):
        return None
    return "profile" if any(part in name for part in ("PROFILE", "FILE", "BOTO_CONFIG")) else "environment"


def _is_empty(variable: Variable) -> bool:
    return variable.value is not None and variable.value.text == ""
