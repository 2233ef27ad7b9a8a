"""For GitHub Actions: workflow commands, which become annotations of the changed files.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from ..finding import Severity
from ..redact import Redactor
from .text import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..finding import Finding, Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
# Of each command GitHub shows so many for a step; all are in the log.
_SHOWN = 10


def render(report: Report) -> str:
    redactor = Redactor(report.secrets)
    # The first ones are shown, so the worst come first.
    findings = sorted(report.findings, key=lambda finding: -finding.severity)
    lines = [f"::error title=credlint::{_data(redactor.text(fault))}" for fault in report.faults]
    lines += [_command(finding, redactor) for finding in findings]
    lines.append(summary(report))
    more = _not_shown(report)
    if more:
        lines.append(f"GitHub annotates {_SHOWN} of a kind for each step: {more} more stand only in this log.")
    return "\n".join(lines) + "\n"


def _command(finding: Finding, redactor: Redactor) -> str:
    begin, finish = finding.span.begin, finding.span.finish
    properties = {
        "file": redactor.text(finding.span.path),
        "line": str(begin.line),
        "endLine": str(finish.line),
        "title": f"{finding.rule.id} {finding.rule.name}",
    }
    if begin.line == finish.line:  # columns may not be sent for several lines
        properties |= {"col": str(begin.column), "endColumn": str(finish.column)}
    text = redactor.text(finding.message)
    if finding.help:
        text += f"\n\n{redactor.text(finding.help)}"
    listed = ",".join(f"{name}={_property(properties[name])}" for name in _ORDER if name in properties)
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


_ORDER = ("file", "line", "endLine", "col", "endColumn", "title")


def _not_shown(report: Report) -> int:
    commands = ["error"] * len(report.faults) + [_COMMANDS[finding.severity] for finding in report.findings]
    return sum(max(0, commands.count(command) - _SHOWN) for command in _COMMANDS.values())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
