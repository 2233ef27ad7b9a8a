"""What a rule is: a declaration and a generator over the project."""

from __future__ import annotations

import sys

from . import HOME
from .finding import Confidence, Finding, Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .finding import Fix, Related
    from .model import Project
    from .text import Span

    Check = Callable[[Project], Iterator[Finding]]


class Rule:
    """A rule. Its name is that of its file, its documentation the file's docstring."""

    __slots__ = ("check", "id", "module", "severity")

    def __init__(self, module: str, id: str, severity: Severity) -> None:
        self.module = module
        self.id = id
        self.severity = severity
        self.check: Check = _nothing

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def documentation(self) -> str:
        return sys.modules[self.module].__doc__ or ""

    @property
    def title(self) -> str:
        """The first sentence of the documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def url(self) -> str:
        return f"{HOME}/blob/main/rules/{self.module.rpartition('.')[2]}.py"

    def __call__(self, check: Check) -> Check:
        """Used as a decorator: what looks for the fault."""
        self.check = check
        return check

    def finding(
        self,
        span: Span,
        message: str,
        help: str,
        *,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        related: Sequence[Related] = (),
        workload: str | None = None,
        pedantic: bool = False,
        fix: Fix | None = None,
    ) -> Finding:
        places = {span.place}
        apart: list[Related] = []
        for place in related:  # what repeats a place says nothing
            if place.span.place not in places:
                places.add(place.span.place)
                apart.append(place)
        return Finding(
            self,
            span,
            message,
            help,
            severity=severity or self.severity,
            confidence=confidence,
            related=apart,
            workload=workload,
            pedantic=pedantic,
            fix=fix,
        )


def _nothing(project: Project) -> Iterator[Finding]:
    """For a rule whose findings another stage makes."""
    return iter(())
