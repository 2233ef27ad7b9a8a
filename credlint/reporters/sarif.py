"""SARIF 2.1.0, as GitHub code scanning and other dashboards read it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import json
from urllib.parse import quote

from .. import HOME, __version__, registry
from ..finding import Severity
from ..fingerprint import of_report
from ..redact import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..finding import Finding, Report
    from ..rule import Rule
    from ..text import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# GitHub: from 9.0 on critical, from 7.0 high, from 4.0 medium.
_KEY_IN_THE_OPEN = "9.0"
_SECURITY_SEVERITY = {Severity.ERROR: "7.5", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}
_MOST_TEXT = 1024  # that GitHub takes for a description
_MOST_LINES = 10  # of a snippet
_LONGEST_LINE = 400


def render(report: Report) -> str:
    redactor = Redactor(report.secrets)
    rules = registry.rules()
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    # The silenced ones are not told: GitHub takes no notice of `suppressions` and would open an alert for each.
    results = [
        _result(finding, indexes[finding.rule.id], fingerprint, redactor)
        for finding, fingerprint in zip(report.findings, of_report(report, redactor))
    ]
    run = {
        "tool": {
            "driver": {
                "name": "credlint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not report.faults,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": redactor.text(fault)}} for fault in report.faults
                ],
            }
        ],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The directory in which credlint ran."}}},
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    page = rule.documentation.strip() or rule.name
    introduction = " ".join(page.partition("\n#")[0].split())
    properties: dict[str, object] = {"tags": ["aws", "maintainability"], "precision": "high"}
    if not rule.id.startswith("SCAN"):
        is_key = rule.id.startswith("KEY") and rule.severity is Severity.ERROR
        properties = {
            "tags": ["aws", "credentials", "security"],
            "precision": "high",
            "security-severity": _KEY_IN_THE_OPEN if is_key else _SECURITY_SEVERITY[rule.severity],
        }
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": (rule.title or rule.name)[:_MOST_TEXT]},
        "fullDescription": {"text": introduction[:_MOST_TEXT]},
        "help": {"text": page, "markdown": page},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": properties,
    }


def _result(finding: Finding, index: int, fingerprint: str, redactor: Redactor) -> dict[str, object]:
    paragraphs = [redactor.text(finding.message)]
    if finding.help:
        paragraphs.append(redactor.text(finding.help))
    if finding.related:  # GitHub shows the related locations that the message links to
        notes = (_link_text(redactor.text(related.message)) for related in finding.related)
        paragraphs.append("\n".join(f"[{note}]({number})" for number, note in enumerate(notes, 1)))
    result: dict[str, object] = {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": "\n\n".join(paragraphs)},
        "locations": [{"physicalLocation": _location(finding.span, redactor)}],
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _location(related.span, redactor),
                "message": {"text": redactor.text(related.message)},
            }
            for number, related in enumerate(finding.related, 1)
        ]
    if finding.fix and all(redactor.text(edit.text) == edit.text for edit in finding.fix.edits):
        changes: dict[str, list[dict[str, object]]] = {}
        for edit in finding.fix.edits:
            replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
            changes.setdefault(redactor.text(edit.span.path), []).append(replacement)
        result["fixes"] = [
            {
                "description": {"text": redactor.text(finding.fix.description)},
                "artifactChanges": [
                    {"artifactLocation": _artifact(path), "replacements": replacements}
                    for path, replacements in changes.items()
                ],
            }
        ]
    result["partialFingerprints"] = {"credlint/v1": fingerprint}
    properties = {"confidence": str(finding.confidence)}
    if finding.workload is not None:
        properties["workload"] = redactor.text(finding.workload)
    result["properties"] = properties
    return result


def _link_text(text: str) -> str:
    """A text for `[text](id)`, where brackets have a meaning."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(span: Span, redactor: Redactor) -> dict[str, object]:
    begin, finish = span.begin, span.finish
    location: dict[str, object] = {
        "artifactLocation": _artifact(redactor.text(span.path)),
        "region": _region(span),
    }
    # The region itself is often nothing but the secret: what helps is the lines around it.
    numbers = range(begin.line, min(finish.line, begin.line + _MOST_LINES) + 1)
    lines = [span.source.line_span(number) for number in numbers]
    if finish.line - begin.line < _MOST_LINES and all(line.end - line.start <= _LONGEST_LINE for line in lines):
        text = "\n".join(redactor.part(line) for line in lines)
        location["contextRegion"] = {
            "startLine": begin.line,
            "endLine": finish.line,
            "snippet": {"text": text},
        }
    return location


def _region(span: Span) -> dict[str, object]:
    begin, finish = span.begin, span.finish
    return {
        "startLine": begin.line,
        "startColumn": begin.column,
        "endLine": finish.line,
        "endColumn": finish.column,
    }


def _artifact(path: str) -> dict[str, object]:
    if path.startswith("/"):  # named on the command line, outside the working directory
        return {"uri": f"file://{quote(path)}"}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
