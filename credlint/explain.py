"""The rules' documentation, for the terminal and for rules/README.md. All of it is in the rules' docstrings."""

from __future__ import annotations

import re

from . import lazy
from .naming import looks_like_execution_role

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


# ── by symptom ──

_BLOCK = lazy.pattern(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_QUOTED = lazy.pattern(r"`([^`]+)`")
_WORD = lazy.pattern(r"[A-Za-z][A-Za-z0-9]+(?:[:.-][A-Za-z0-9]+)*")
_ASSUMED = lazy.pattern(r"assumed-role/([\w+=,.@-]+)(?:/([\w+=,.@-]+))?")
_INSTANCE = lazy.pattern(r"i-(?:[0-9a-f]{6,}|\.\.\.)")
# A name that nobody writes by chance (`CannotPullContainerError`, `iam:PassRole`), or so many plain words.
_TELLING = lazy.pattern(r"[a-z][A-Z]|:|assumed-role")
_LEAST_WORDS = 3
_LONGEST_TEXT = 100_000


def search(text: str, rules: Sequence[Rule]) -> list[Rule]:
    """The rules whose pages quote a symptom that a text shows, an error or a line of a log, the best first.

    Symptoms are what a page sets in backticks. A word counts the more, the fewer pages have it.
    Of an assumed role only its kind counts: an execution role by its name, or that of an instance.
    """
    wanted = _words(text)
    pages = {rule: _words(" ".join(_QUOTED.findall(_BLOCK.sub("", rule.documentation)))) for rule in rules}
    met = {word: sum(word in page for page in pages.values()) for word in wanted}
    scores: dict[Rule, float] = {}
    for rule, page in pages.items():
        common = [word for word in page if word in wanted]
        if len(common) >= _LEAST_WORDS or any(_TELLING.search(page[word]) for word in common):
            scores[rule] = round(sum(1 / met[word] for word in common), 6)
    best = max(scores.values(), default=0)
    return sorted((rule for rule, score in scores.items() if score * 2 > best), key=lambda rule: -scores[rule])


def _words(text: str) -> dict[str, str]:
    """The words of a text as it spells them, by what they are compared by."""
    found: dict[str, str] = {}

    def kind(match: re.Match[str]) -> str:
        of_ecs, of_instance = looks_like_execution_role(match[1]), _INSTANCE.fullmatch(match[2] or "")
        whose = "an instance's" if of_instance else "the execution role's" if of_ecs else "another's"
        found["assumed-role"] = found[whose] = match[0]
        return " "

    for word in _WORD.findall(_ASSUMED.sub(kind, text[:_LONGEST_TEXT])):
        found[word.lower().removesuffix("exception")] = word
    return found
