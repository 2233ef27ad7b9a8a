"""The rules' documentation, for the terminal and for rules/README.md. All of it is in the rules' docstrings."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .finding import Severity
    from .rule import Rule

_BOLD, _DIM, _CYAN, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
_SEVERITY = {"error": "\x1b[31m", "warning": "\x1b[33m", "note": "\x1b[34m"}


def page(rule: Rule, *, color: bool = False) -> str:
    """A rule's page: its id, name and severity, and its documentation without the marks of Markdown."""
    head = f"{rule.id} {rule.name}"
    if color:
        head = f"{_BOLD}{head}{_OFF}"
    lines = [f"{head} ({_severity(rule.severity, color)})", "", *_calm(rule.documentation.strip(), color)]
    return "\n".join(lines) + "\n"


def rules_table(rules: Sequence[Rule], *, color: bool = False) -> str:
    """Rules, a line each."""
    widest = max(len(rule.name) for rule in rules)
    lines = []
    for rule in rules:
        severity = _severity(rule.severity, color) + " " * (len("warning") - len(str(rule.severity)))
        lines.append(f"{rule.id:<8}  {rule.name:<{widest}}  {severity}  {_plain(rule.title)}")
    return "\n".join(lines) + "\n"


def readme() -> str:
    """rules/README.md."""
    from . import registry

    lines = [
        "# The rules",
        "",
        "`credlint explain RULE` shows a rule's page in the terminal. Each page is the docstring of the rule's file.",
        "This list is made from them: `pytest --update` writes it.",
        "",
        "| id | name | severity | what it finds |",
        "|---|---|---|---|",
    ]
    for rule in registry.rules():
        file = rule.module.rpartition(".")[2] + ".py"
        title = rule.title.replace("|", "\\|")
        lines.append(f"| {rule.id} | [{rule.name}]({file}) | {rule.severity} | {title} |")
    return "\n".join(lines) + "\n"


def _severity(severity: Severity, color: bool) -> str:
    return f"{_SEVERITY[str(severity)]}{severity}{_OFF}" if color else str(severity)


def _calm(markdown: str, color: bool) -> Iterator[str]:
    """The lines of a text in Markdown as a terminal shows them: examples indented, headings in bold."""
    inside = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            inside = not inside
            name = line[3:].partition(" ")[2]
            if inside and name:  # the file that the example is
                yield f"    {_DIM}{name}{_OFF}" if color else f"    {name}"
                yield ""
        elif inside:
            yield ("    " + line).rstrip()
        elif line.startswith("#"):
            heading = line.lstrip("# ")
            yield f"{_BOLD}{heading}{_OFF}" if color else heading
        elif color:
            yield re.sub(r"\*\*([^*]+)\*\*", _BOLD + r"\1" + _OFF, re.sub(r"`([^`]+)`", _CYAN + r"\1" + _OFF, line))
        else:
            yield _plain(line)


def _plain(line: str) -> str:
    return line.replace("**", "")
