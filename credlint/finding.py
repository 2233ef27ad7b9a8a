"""What the rules say, and the report of a run."""

from __future__ import annotations

from .members import IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rule import Rule
    from .text import Span


class Severity(IntEnum):
    """How bad it is. Notes never fail a run by default."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Confidence(IntEnum):
    """How sure it is: names alone are low or medium, literals and resolved references high."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __str__(self) -> str:
        return self.name.lower()


class Related:
    """Another place that belongs to a finding, and why."""

    __slots__ = ("message", "span")

    def __init__(self, span: Span, message: str) -> None:
        self.span = span
        self.message = message


class Edit:
    """A place in a file, and the text that is to stand there."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span, text: str) -> None:
        self.span = span.origin()
        self.text = text


class Fix:
    """A cure that is safe to apply as it is: exact edits, none of which touches another."""

    __slots__ = ("description", "edits")

    def __init__(self, description: str, edits: Sequence[Edit]) -> None:
        self.description = description
        self.edits = tuple(edits)


class Finding:
    """One fault: the place to look at first, what happens because of it, and the cure for this very place.

    `message` is one line and never holds a secret. `workload` names the container, task or
    service that it concerns, where there is one. `pedantic` findings are shown on request only.
    `fix` is there where the cure needs no decision of a person.
    """

    __slots__ = ("confidence", "fix", "help", "message", "pedantic", "related", "rule", "severity", "span", "workload")

    def __init__(
        self,
        rule: Rule,
        span: Span,
        message: str,
        help: str,
        *,
        severity: Severity,
        confidence: Confidence = Confidence.HIGH,
        related: Sequence[Related] = (),
        workload: str | None = None,
        pedantic: bool = False,
        fix: Fix | None = None,
    ) -> None:
        self.rule = rule
        self.span = span.origin()
        self.message = message
        self.help = help
        self.severity = severity
        self.confidence = confidence
        self.related = tuple(Related(place.span.origin(), place.message) for place in related)
        self.workload = workload
        self.pedantic = pedantic
        self.fix = fix

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        begin = self.span.begin
        return (self.span.path, begin.line, begin.column, self.rule.id, self.message)


class Silenced:
    """A finding that is not shown, and by what: `inline`, `config` or `baseline`."""

    __slots__ = ("by", "finding")

    def __init__(self, finding: Finding, by: str) -> None:
        self.finding = finding
        self.by = by


class Report:
    """What a run found. Every output format is made from this and nothing else.

    `secrets` are the places, in files, of everything that may not be shown. `faults` are
    what credlint itself could not do: with one of them the exit code is 2. `notes` are for the one who
    started the run and change nothing.
    """

    __slots__ = ("checked", "context", "faults", "findings", "notes", "secrets", "silenced", "skipped")

    def __init__(
        self,
        findings: Sequence[Finding] = (),
        silenced: Sequence[Silenced] = (),
        *,
        checked: int = 0,
        context: int = 0,
        skipped: int = 0,
        faults: Sequence[str] = (),
        notes: Sequence[str] = (),
        secrets: Sequence[Span] = (),
    ) -> None:
        self.findings = tuple(sorted(findings, key=lambda finding: finding.sort_key))
        self.silenced = tuple(sorted(silenced, key=lambda entry: entry.finding.sort_key))
        self.checked = checked
        self.context = context
        self.skipped = skipped
        self.faults = tuple(faults)
        self.notes = tuple(notes)
        self.secrets = tuple(secrets)
