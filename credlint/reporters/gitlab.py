"""Code Quality of GitLab, which shows the findings in the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format

A fault has no place in a file, so it has none in this format: it is told on standard error.
"""

from __future__ import annotations

import json

from ..finding import Severity
from ..fingerprint import of_report
from ..redact import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..finding import Finding, Report

_SEVERITY = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report) -> str:
    redactor = Redactor(report.secrets)
    prints = of_report(report, redactor)
    issues = [_issue(finding, fingerprint, redactor) for finding, fingerprint in zip(report.findings, prints)]
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str, redactor: Redactor) -> dict[str, object]:
    """All that GitLab reads. The cure stands in the description, for it has no other field."""
    description = redactor.text(finding.message)
    if finding.help:
        description += f" — {redactor.text(finding.help)}"
    return {
        "description": description,
        "check_name": f"{finding.rule.id} {finding.rule.name}",
        "fingerprint": fingerprint,
        "severity": _SEVERITY[finding.severity],
        "location": {"path": redactor.text(finding.span.path), "lines": {"begin": finding.span.begin.line}},
    }
