"""What a finding is recognised by in the next run: in a baseline, on GitHub."""

from __future__ import annotations

from .text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .finding import Finding, Report
    from .redact import Redactor

_VERSION = "credlint/v1"
_LONG_LINE = 400


def fingerprints(findings: Sequence[Finding], redactor: Redactor) -> list[str]:
    """One for each finding, in the order of the findings: 32 hexadecimal digits.

    They stay the same when lines move, and hold neither a line number nor a secret. Findings
    that are alike are numbered in the order of their places, so all findings of a run, the
    silenced ones too, are to be handed over together.
    """
    from hashlib import sha256  # costs start-up, and most formats do without

    found = [""] * len(findings)
    seen: dict[str, int] = {}
    for index in sorted(range(len(findings)), key=lambda index: findings[index].sort_key):
        finding = findings[index]
        parts = (
            _VERSION,
            finding.rule.id,
            redactor.text(finding.span.path),
            redactor.text(finding.workload or ""),
            _line(finding.span, redactor),
        )
        identity = "\0".join(parts)
        ordinal = seen[identity] = seen.get(identity, 0) + 1
        found[index] = sha256(f"{identity}\0{ordinal}".encode()).hexdigest()[:32]
    return found


def of_report(report: Report, redactor: Redactor) -> list[str]:
    """Those of the findings of a report, and then of the silenced ones, which count where places are numbered."""
    return fingerprints([*report.findings, *(entry.finding for entry in report.silenced)], redactor)


def _line(span: Span, redactor: Redactor) -> str:
    """The line that a finding starts on, without its secrets and its way of spacing."""
    source = span.source
    line = source.line_span(span.begin.line)
    if line.end - line.start > _LONG_LINE:
        # A file on one line: what is far away says nothing about this place.
        start = max(line.start, span.start - _LONG_LINE // 2)
        line = Span(source, start, min(line.end, start + _LONG_LINE))
    return " ".join(redactor.part(line).split())
