"""What the findings are silenced by, and which silences nobody needs.

An ignore comment names its rules: `# credlint: ignore[KEY101] reason`, by id, by the start of
an id or by name, several with commas. `//`, `/* */` and `;` do as well. At the end of a line
it is for that line; on a line of its own for the line below it, and for the next one that is
neither blank nor a comment. JSON has no comments: for it there is the table in the
configuration.
"""

from __future__ import annotations

import os
from functools import cache

from . import lazy
from .files import normal
from .finding import Silenced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from .baseline import Baseline
    from .config import Config, IgnoreEntry
    from .finding import Finding
    from .model import Task
    from .text import Source, Span

_MARK = "credlint:"
_ENOUGH = 100  # ignores for one line
_RULE = "SCAN902"
_HOW = "name the rule that is meant: `# credlint: ignore[KEY101] reason`"
_COMMENT = lazy.pattern(
    r"(?P<mark>#|//|/\*|;)[ \t]*credlint:[ \t]*ignore(?![\w-])(?:[ \t]*\[(?P<rules>[^\]\n]{0,500})\])?"
)
# What lies between a comment, but for the rest of its line, and the code that it is for.
_BETWEEN = lazy.pattern(r"(?:\s+|(?:#|//|;)[^\n]*)*")


class _Ignore:
    """A comment. `rules` are the ids that each of its selectors means; `lines` those that it is for."""

    __slots__ = ("lines", "rules", "span", "used")

    def __init__(self, span: Span, rules: dict[str, set[str]], lines: tuple[int, ...]) -> None:
        self.span = span
        self.rules = rules
        self.lines = lines
        self.used: set[str] = set()  # the selectors that silenced something

    def silences(self, rule: str) -> bool:
        """Whether it is for this rule; remembers that it was needed."""
        needed = [selector for selector, ids in self.rules.items() if rule in ids]
        self.used.update(needed)
        return bool(needed)


def apply(
    findings: Iterable[Finding],
    sources: Iterable[Source],
    config: Config,
    today: date | None = None,
    *,
    tasks: Sequence[Task] = (),
    baseline: Baseline | None = None,
    secrets: Sequence[Span] = (),
    whole: bool = False,
) -> tuple[list[Finding], list[Silenced], list[Finding]]:
    """The findings that stay, those that are silenced, and what is to be said of the silences themselves.

    `sources` are the files that were asked for: only about ignores in them or for them
    anything is said. A glob may be for files that this run does not see. So of an entry for
    more than one file it is said only when all files were asked for (`whole`). Of a rule that did not run
    nothing is known. `tasks` give their names to the findings in them, besides the container's.
    What a finding is recognised by in the baseline holds none of the `secrets`.
    """
    targets = {source.path: source for source in sources}
    comments = _Comments(config.inline_ignores)
    entries = _Entries(config, today, tasks)
    silenced: list[Silenced] = []

    def apart(found: Sequence[Finding]) -> list[Finding]:
        kept: list[Finding] = []
        known = _known(found, baseline, secrets)
        for finding, before in zip(found, known):
            inline, table = comments.silence(finding), entries.silence(finding)
            if inline or table or before:
                silenced.append(Silenced(finding, "inline" if inline else "config" if table else "baseline"))
            else:
                kept.append(finding)
        return kept

    kept = apart([*findings])
    commented = [source for source in targets.values() if config.inline_ignores and _MARK in source.text]
    if not commented and not config.ignores and baseline is None:
        return kept, silenced, []
    ran = config.rules()
    if _RULE not in ran:
        return kept, silenced, []
    said = apart([*comments.unused(commented, ran), *entries.unused(targets, ran, whole)])
    if baseline is not None and whole:  # of a part of the files: what it refers to may not be seen
        said += apart([*_unused(baseline, ran)])
    return kept, silenced, said


# ── the baseline ──


def _known(findings: Sequence[Finding], baseline: Baseline | None, secrets: Sequence[Span]) -> Sequence[bool]:
    """Whether each of the findings is in the baseline."""
    if baseline is None or not findings:
        return [False] * len(findings)
    from .redact import Redactor

    return baseline.known(findings, Redactor(secrets))


def _unused(baseline: Baseline, ran: set[str]) -> Iterator[Finding]:
    from . import registry

    rule = registry.get(_RULE)
    unused = list(baseline.unused())
    if len(unused) > 1 and baseline.idle and not any(os.path.lexists(path) for _, path, _ in unused):
        yield rule.finding(
            unused[0][0],
            "no file that this baseline names is here: it was made in another folder",
            "run credlint in the folder in which the baseline was written",
        )
        return
    for span, path, id in unused:
        if id in ran and id != _RULE:
            yield rule.finding(
                span,
                f"this line of the baseline silences nothing: no finding of {id} like it is in {path}",
                "take it out, or write the baseline anew: --write-baseline",
            )


# ── comments ──


class _Comments:
    """The ignore comments of the files, read when one is asked for."""

    __slots__ = ("_by_line", "_on")

    def __init__(self, on: bool) -> None:
        self._on = on
        self._by_line: dict[str, dict[int, list[_Ignore]]] = {}

    def silence(self, finding: Finding) -> bool:
        """Whether a comment is for the first or the last line of a finding."""
        span = finding.span
        by_line = self._of(span.source) if self._on else {}
        if not by_line:
            return False
        first = span.source.pos(span.start).line
        last = span.source.pos(max(span.start, span.end - 1)).line
        about = [ignore for line in {first, last} for ignore in by_line.get(line, ())]
        # Not any(): all that are for this finding are needed.
        return bool([ignore for ignore in about if ignore.silences(finding.rule.id)])

    def unused(self, sources: Iterable[Source], ran: set[str]) -> Iterator[Finding]:
        from . import config, registry

        rule = registry.get(_RULE)
        for source in sources:
            ignores = {ignore.span.start: ignore for line in self._of(source).values() for ignore in line}
            for _, ignore in sorted(ignores.items()):
                if not ignore.rules:
                    yield rule.finding(ignore.span, "an ignore that names no rule silences nothing", _HOW)
                    continue
                unknown = [selector for selector, ids in ignore.rules.items() if not ids]
                idle = [
                    selector
                    for selector, ids in ignore.rules.items()
                    if ids <= ran and _RULE not in ids and selector not in ignore.used
                ]
                if unknown:
                    yield rule.finding(
                        ignore.span, f"this ignore names what is no rule: {config.unknown_rule(unknown[0])}", _HOW
                    )
                elif idle:
                    yield rule.finding(
                        ignore.span,
                        f"this ignore silences nothing: no finding of {' or '.join(idle)} is here",
                        "take it out, or put it on the line that it is meant for or on the one above",
                    )

    def _of(self, source: Source) -> dict[int, list[_Ignore]]:
        found = self._by_line.get(source.path)
        if found is None:
            found = self._by_line[source.path] = {}
            for ignore in _read(source) if _MARK in source.text else ():
                for line in ignore.lines:
                    here = found.setdefault(line, [])
                    if len(here) < _ENOUGH:
                        here.append(ignore)
        return found


def _read(source: Source) -> Iterator[_Ignore]:
    """The ignore comments of a file, those that cannot be understood too (without rules)."""
    text = source.text
    before = 0  # the line of the last one
    code = -1  # where the code starts that the last one on a line of its own is for
    for match in _COMMENT.finditer(text):
        selectors = [part.strip() for part in (match["rules"] or "").split(",")]
        rules = {selector: _ids(selector) for selector in selectors if selector}
        start, end = match.span()
        line = source.pos(start).line
        lines = {line}
        if line != before and not text[source.line_span(line).start : start].strip():
            if match["mark"] == "/*":
                end = _close(text, start)
            last = source.pos(end).line
            if match["mark"] != "/*" or not text[end : source.line_span(last).end].strip():
                # Comments one below the other are for the same code: it is looked for once.
                if start > code:
                    code = _code(text, end)
                lines |= {last + 1, source.pos(code).line}
            else:  # the line goes on behind the comment
                lines.add(last)
        before = line
        yield _Ignore(source.span(*match.span()), rules, tuple(lines))


def _close(text: str, start: int) -> int:
    """Where a comment in `/*` ends; if it does not within reason, then where its opening does."""
    close = text.find("*/", start + 2, start + 5000)
    return close + 2 if close >= 0 else start + 2


def _code(text: str, at: int) -> int:
    """Where the code starts that follows a comment, of which the rest is at `at`."""
    at = text.find("\n", at)
    if at < 0:
        return len(text)
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it fits anywhere
        if not text.startswith("/*", at):
            return at
        at = _close(text, at)


# ── the table ──


class _Entries:
    """The ignore table of the configuration, and its rules by file."""

    __slots__ = ("_config", "_expired", "_tasks", "_used")

    def __init__(self, config: Config, today: date | None, tasks: Sequence[Task]) -> None:
        self._config = config
        self._tasks: dict[str, list[tuple[int, int, str]]] = {}  # by file: from where to where, and the name
        if any(entry.workload for entry in config.ignores):
            for task in tasks:
                for span in (task.span, *(feature.span for feature in task.features)):
                    place = span.origin()
                    self._tasks.setdefault(place.path, []).append((place.start, place.end, task.name))
        self._used: set[int] = set()
        self._expired: set[int] = set()
        for number, entry in enumerate(config.ignores):
            if entry.expires is not None:
                if today is None:
                    from datetime import date

                    today = date.today()
                if entry.expires < today:
                    self._expired.add(number)

    def silence(self, finding: Finding) -> bool:
        config = self._config
        if not config.ignores and not config.per_file_ignores:
            return False
        path, rule = finding.span.path, finding.rule.id
        silent = any(
            any(rule in _ids(selector) for selector in selectors) and config.fits(path, (glob,))
            for glob, selectors in config.per_file_ignores
        )
        for number, entry in enumerate(config.ignores):
            if (
                number not in self._expired
                and rule in _ids(entry.rule)
                and (entry.workload is None or self._is_of(finding, entry.workload))
                and config.fits(path, (entry.path,))
            ):
                self._used.add(number)
                silent = True
        return silent

    def _is_of(self, finding: Finding, workload: str) -> bool:
        """Whether a finding is of the container or the task of that name: messages name the one or the other."""
        span = finding.span
        return workload == finding.workload or any(
            name == workload and start <= span.start and span.end <= end
            for start, end, name in self._tasks.get(span.path, ())
        )

    def unused(self, targets: Iterable[str], ran: set[str], whole: bool) -> Iterator[Finding]:
        from . import registry

        rule = registry.get(_RULE)
        for number, entry in enumerate(self._config.ignores):
            if number in self._used or not self._is_about(entry, targets, whole):
                continue
            if number in self._expired:
                yield rule.finding(
                    entry.span,
                    f"this ignore of {entry.rule} has expired on {entry.expires}",
                    "mend what it was for and take it out, or set a new date with a new reason",
                )
            elif _ids(entry.rule) <= ran and _RULE not in _ids(entry.rule):
                workload = " of this workload" if entry.workload else ""
                yield rule.finding(
                    entry.span,
                    f"this ignore silences nothing: no finding of {entry.rule}{workload} is in {entry.path}",
                    "take it out, or set its path right",
                )

    def _is_about(self, entry: IgnoreEntry, targets: Iterable[str], whole: bool) -> bool:
        """Whether the run saw all the files that an entry may be for."""
        if whole:
            return True
        return not set(entry.path) & set("*?[") and any(
            self._config.relative(path) == normal(entry.path.lstrip("/")) for path in targets
        )


@cache
def _ids(selector: str) -> set[str]:
    """The rules that a selector means. Empty when there is none."""
    from . import registry

    return registry.select((selector,))
