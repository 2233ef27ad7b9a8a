"""JUnit's XML, for dashboards of tests: a finding is a test case that failed, a fault one with an error.

There is no one schema. This is what these three read, and no more:
https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
https://docs.gitlab.com/ci/testing/unit_test_reports/#junit-xml-format-specification
https://docs.pytest.org/en/stable/how-to/output.html#creating-junitxml-format-files
"""

from __future__ import annotations

from ..finding import Severity
from ..redact import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..finding import Finding, Report


def render(report: Report) -> str:
    redactor = Redactor(report.secrets)
    cases = [
        _case("credlint", f"fault {number}", "error", "fault", redactor.text(fault), redactor.text(fault))
        for number, fault in enumerate(report.faults, 1)
    ]
    seen: dict[tuple[str, str], int] = {}
    cases += [_finding(finding, seen, redactor) for finding in report.findings]
    if not cases:  # Jenkins fails for a report without any test
        cases = ['<testcase classname="credlint" name="no findings" time="0"/>']
    failures = sum(finding.severity > Severity.NOTE for finding in report.findings)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{len(report.faults)}" time="0"'
    suite = "\n".join(f"    {case}" for case in cases)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuites name="credlint" {counts}>\n'
        f'  <testsuite name="credlint" {counts} skipped="0">\n{suite}\n  </testsuite>\n'
        "</testsuites>\n"
    )


def _finding(finding: Finding, seen: dict[tuple[str, str], int], redactor: Redactor) -> str:
    """A test case. Its name is without a line, so that it is the same one in the next run; no two have the same."""
    path, message = redactor.text(finding.span.path), redactor.text(finding.message)
    name = f"{finding.rule.id} {finding.rule.name}: {message}"
    number = seen[path, name] = seen.get((path, name), 0) + 1
    if number > 1:
        name += f" ({number})"
    begin = finding.span.begin
    lines = [f"{path}:{begin.line}:{begin.column}: {finding.severity}: {message}"]
    if finding.help:
        lines.append(f"help: {redactor.text(finding.help)}")
    lines.append(finding.rule.url)
    # A note does not fail a run by default; a test case that failed would say so.
    element = "system-out" if finding.severity is Severity.NOTE else "failure"
    return _case(path, name, element, str(finding.severity), message, "\n".join(lines))


def _case(classname: str, name: str, element: str, type: str, message: str, text: str) -> str:
    attributes = "" if element == "system-out" else f' type="{_escaped(type)}" message="{_escaped(message)}"'
    return (
        f'<testcase classname="{_escaped(classname)}" name="{_escaped(name)}" time="0">'
        f"<{element}{attributes}>{_escaped(text)}</{element}></testcase>"
    )


def _escaped(text: str) -> str:
    """A text for XML. The redactor has left no character in it that XML does not have."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
