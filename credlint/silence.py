"""What the findings are silenced by, and which silences nobody needs.

An ignore comment names its rules: `# credlint: ignore[KEY101] reason`, by id, by the start of
an id or by name, several with commas. `//`, `/* */` and `;` do as well. At the end of a line
it is for that line; on a line of its own for the line below it, and for the next one that is
neither blank nor a comment. JSON has no comments: for it there is the table in the
configuration.
"""

from __future__ import annotations

from functools import cache

from .finding import Silenced

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from .config import Config, IgnoreEntry
    from .finding import Finding
    from .text import Source, Span

_HOW = "name the rule that is meant: `# credlint: ignore[KEY101] reason`"


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
    whole: bool = False,
) -> tuple[list[Finding], list[Silenced], list[Finding]]:
    """The findings that stay, those that are silenced, and what is to be said of the silences themselves.

    `sources` are the files that were asked for: only about ignores in them or for them
    anything is said. A glob may be for files that this run does not see. So of an entry for
    more than one file it is said only when all files were asked for (`whole`). Of a rule that did not run
    nothing is known.
    """
    targets = {source.path: source for source in sources}
    comments = _Comments(config.inline_ignores)
    entries = _Entries(config, today)
    kept: list[Finding] = []
    silenced: list[Silenced] = []

    def sort(found: Iterable[Finding]) -> Iterator[Finding]:
        for finding in found:
            inline, table = comments.silence(finding), entries.silence(finding)
            if inline or table:
                silenced.append(Silenced(finding, "inline" if inline else "config"))
            else:
                yield finding

    kept.extend(sort(findings))
    unused: list[Finding] = []
    if comments.any_in(targets.values()) or config.ignores:
        from . import registry

        ran = registry.select(config.select) - registry.select(config.ignore)
        said = [*comments.unused(targets.values(), ran), *entries.unused(targets, ran, whole)]
        unused.extend(sort(said))
    return kept, silenced, unused


# ── comments ──


class _Comments:
    """The ignore comments of the files, read when one is asked for."""

    __slots__ = ("_by_line", "_on")

    def __init__(self, on: bool) -> None:
        self._on = on
        self._by_line: dict[str, dict[int, list[_Ignore]]] = {}

    def any_in(self, sources: Iterable[Source]) -> bool:
        return self._on and any("credlint:" in source.text for source in sources)

    def silence(self, finding: Finding) -> bool:
        """Whether a comment is for the first or the last line of a finding."""
        span = finding.span
        if not self._on or "credlint:" not in span.source.text:
            return False
        by_line = self._of(span.source)
        first = span.source.pos(span.start).line
        last = span.source.pos(max(span.start, span.end - 1)).line
        about = [ignore for line in {first, last} for ignore in by_line.get(line, ())]
        # Not any(): all that are for this finding are needed.
        return bool([ignore for ignore in about if ignore.silences(finding.rule.id)])

    def unused(self, sources: Iterable[Source], ran: set[str]) -> Iterator[Finding]:
        from . import config, registry

        rule = registry.get("SCAN902")
        for source in sources:
            if not self._on or "credlint:" not in source.text:
                continue
            ignores = {id(ignore): ignore for line in self._of(source).values() for ignore in line}
            for ignore in sorted(ignores.values(), key=lambda ignore: ignore.span.start):
                if not ignore.rules:
                    yield rule.finding(ignore.span, "an ignore that names no rule silences nothing", _HOW)
                    continue
                unknown = [selector for selector, ids in ignore.rules.items() if not ids]
                idle = [
                    selector
                    for selector, ids in ignore.rules.items()
                    if ids and selector not in ignore.used and ids <= ran and ids != {rule.id}
                ]
                if unknown:
                    guess = config.unknown_rule(unknown[0])
                    yield rule.finding(ignore.span, f"this ignore silences nothing: {guess}", _HOW)
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
            for ignore in _read(source):
                for line in ignore.lines:
                    found.setdefault(line, []).append(ignore)
        return found


def _read(source: Source) -> Iterator[_Ignore]:
    """The ignore comments of a file, those that cannot be understood too (without rules)."""
    from . import registry

    comment, skip = _patterns()
    text = source.text
    after = -1  # where the code starts that the last comment of its own line is for
    for match in comment.finditer(text):
        selectors = [part.strip() for part in (match["rules"] or "").split(",")]
        rules = {selector: registry.select((selector,)) for selector in selectors if selector}
        line = source.pos(match.start()).line
        alone = not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        end = match.end()
        if alone and match["mark"] == "/*":
            end = text.find("*/", end, end + 2000) + 2
            # Behind the comment the line goes on.
            alone = end > 1 and not text[end : text.find("\n", end) if "\n" in text[end:] else len(text)].strip()
        lines: tuple[int, ...] = (line,)
        if alone:
            # Comments one below the other are for the same code: it is looked for once.
            if match.start() > after:
                after = skip.match(text, end).end()  # type: ignore[union-attr]  # it fits anywhere
            below = source.pos(end).line + 1
            lines = tuple({below, source.pos(after).line})
        yield _Ignore(source.span(match.start(), match.end()), rules, lines)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An ignore comment; and what lies between one and the code that it is for, from the comment's text on."""
    import re

    return (
        re.compile(r"(?P<mark>#|//|/\*|;)[ \t]*credlint:[ \t]*ignore(?![\w-])(?:[ \t]*\[(?P<rules>[^\]\n]*)\])?"),
        re.compile(r"[^\n]*(?:\s+|(?:#|//|;)[^\n]*|/\*[^*]{0,2000}(?:\*(?!/)[^*]{0,2000}){0,100}\*/)*"),
    )


# ── the table ──


class _Entries:
    """The ignore table of the configuration, and its rules by file."""

    __slots__ = ("_config", "_expired", "_rules", "_used")

    def __init__(self, config: Config, today: date | None) -> None:
        self._config = config
        self._rules: dict[str, set[str]] = {}
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
            any(rule in self._ids(selector) for selector in selectors) and config.fits(path, (glob,))
            for glob, selectors in config.per_file_ignores
        )
        for number, entry in enumerate(config.ignores):
            if (
                number not in self._expired
                and rule in self._ids(entry.rule)
                and entry.workload in (None, finding.workload)
                and config.fits(path, (entry.path,))
            ):
                self._used.add(number)
                silent = True
        return silent

    def unused(self, targets: Sequence[str] | dict[str, Source], ran: set[str], whole: bool) -> Iterator[Finding]:
        from . import registry

        rule = registry.get("SCAN902")
        for number, entry in enumerate(self._config.ignores):
            if number in self._used or not self._is_about(entry, targets, whole):
                continue
            if number in self._expired:
                yield rule.finding(
                    entry.span,
                    f"this ignore of {entry.rule} has expired on {entry.expires}",
                    "mend what it was for and take it out, or set a new date with a new reason",
                )
            elif self._ids(entry.rule) <= ran and self._ids(entry.rule) != {rule.id}:
                workload = " of this workload" if entry.workload else ""
                yield rule.finding(
                    entry.span,
                    f"this ignore silences nothing: no finding of {entry.rule}{workload} is in {entry.path}",
                    "take it out, or set its path right",
                )

    def _is_about(self, entry: IgnoreEntry, targets: Iterable[str], whole: bool) -> bool:
        """Whether the run saw all the files that an entry may be for, and there are some."""
        if whole:
            return True
        return not set(entry.path) & set("*?[") and any(self._config._relative(path) == entry.path for path in targets)

    def _ids(self, selector: str) -> set[str]:
        ids = self._rules.get(selector)
        if ids is None:
            from . import registry

            ids = self._rules[selector] = registry.select((selector,))
        return ids
