"""For programs: the stable format. A field that is there stays there, with its meaning."""

from __future__ import annotations

import json

from .. import __version__
from ..fingerprint import of_report
from ..redact import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..finding import Finding, Report
    from ..text import Span

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    redactor = Redactor(report.secrets)
    prints = iter(of_report(report, redactor))
    findings = [_finding(finding, next(prints), redactor) for finding in report.findings]
    silenced = [{**_finding(entry.finding, next(prints), redactor), "by": entry.by} for entry in report.silenced]
    document = {
        "schema_version": SCHEMA_VERSION,
        "credlint": __version__,
        "findings": findings,
        "silenced": silenced,
        "files": {"checked": report.checked, "context": report.context, "skipped": report.skipped},
        "faults": [redactor.text(fault) for fault in report.faults],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _finding(finding: Finding, fingerprint: str, redactor: Redactor) -> dict[str, object]:
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "message": redactor.text(finding.message),
        "help": redactor.text(finding.help),
        "url": finding.rule.url,
        **_place(finding.span, redactor),
        "workload": None if finding.workload is None else redactor.text(finding.workload),
        "fingerprint": fingerprint,
        "fixes": _fixes(finding, redactor),
        "related": [
            {**_place(related.span, redactor), "message": redactor.text(related.message)} for related in finding.related
        ],
    }


def _fixes(finding: Finding, redactor: Redactor) -> list[dict[str, object]]:
    """The edits that cure it, if a text may be shown as it is."""
    if finding.fix is None or any(redactor.text(edit.text) != edit.text for edit in finding.fix.edits):
        return []
    edits = [{**_place(edit.span, redactor), "text": edit.text} for edit in finding.fix.edits]
    return [{"description": redactor.text(finding.fix.description), "edits": edits}]


def _place(span: Span, redactor: Redactor) -> dict[str, object]:
    """Lines and columns from 1, the end exclusive."""
    begin, finish = span.begin, span.finish
    return {
        "path": redactor.text(span.path),
        "line": begin.line,
        "column": begin.column,
        "end_line": finish.line,
        "end_column": finish.column,
    }
