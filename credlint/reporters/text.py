"""For people: each finding with the lines that it is about, marked, and the way out."""

from __future__ import annotations

from ..finding import Confidence, Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..finding import Finding, Report
    from ..redact import Redactor
    from ..text import Source, Span

PRIMARY = "^"
RELATED = "~"

_WIDTH = 120  # of a line of code; longer ones are cut around their mark
_BEFORE = 40  # what is shown before the mark of a line that is cut

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_BLUE = "\x1b[34m"
_COLORS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}


def render(report: Report, *, color: bool = False, statistics: bool = False) -> str:
    """The findings, what could not be done, and a line that sums it up."""
    blocks: list[str] = []
    if report.findings or report.faults:
        from ..redact import Redactor  # not on the way of a run that has nothing to show

        redactor = Redactor(report.secrets)
        blocks += [_block(finding, redactor, color) for finding in report.findings]
        if report.faults:
            faults = (_one_line(redactor.text(fault)) for fault in report.faults)
            blocks.append("\n".join(f"credlint: fault: {fault}" for fault in faults))
    if statistics and report.findings:
        blocks.append(_table(report.findings))
    blocks.append(summary(report))
    return "\n\n".join(blocks) + "\n"


def summary(report: Report) -> str:
    """The run in one line."""
    if report.findings:
        severities = [finding.severity for finding in report.findings]
        counts = ", ".join(
            count(severities.count(severity), str(severity))
            for severity in sorted(Severity, reverse=True)
            if severity in severities
        )
        text = f"{count(len(severities), 'finding')} ({counts})"
    else:
        text = "No findings"
    text += f"; {count(report.checked, 'file')} checked"
    if report.silenced:
        text += f"; {len(report.silenced)} silenced"
    if report.skipped:
        text += f"; {count(report.skipped, 'file')} skipped"
    if report.faults:
        text += f"; {count(len(report.faults), 'fault')}"
    return text + "."


def annotate(source: Source, findings: Iterable[Finding]) -> str:
    """The text of a file with its places marked and nothing blotted: for examples, whose keys are made up.

    Below a line stand its marks, `^^^^` for primary places and `~~~~` for related ones, each
    with its message. Without the lines that match `[ \\t]*[\\^~]+ .+` it is the text of before.
    """
    marks: dict[int, list[_Mark]] = {}
    for finding in findings:
        for mark in _marks(finding):
            if mark.span.source is source:
                marks.setdefault(mark.line, []).append(mark)
    shown: list[str] = []
    at = 0
    for number in sorted(marks):
        line = source.line_span(number)
        below = source.text.find("\n", line.end)
        end = len(source.text) if below < 0 else below
        shown.append(source.text[at:end])
        for mark in sorted(marks[number], key=_Mark.order):
            start, stop = mark.columns(line)
            shown.append("\n" + _underline(line.text, start, stop, mark.glyph, mark.message))
        at = end
    shown.append(source.text[at:])
    return "".join(shown)


class _Mark:
    """A place to be marked, and what is said below it."""

    __slots__ = ("glyph", "line", "message", "span")

    def __init__(self, span: Span, glyph: str, message: str) -> None:
        self.span = span
        self.glyph = glyph
        self.message = message
        self.line = span.begin.line

    def order(self) -> tuple[int, int, bool]:
        return (self.line, self.span.start, self.glyph != PRIMARY)

    def columns(self, line: Span) -> tuple[int, int]:
        """From where to where the place lies in the line that it starts on, from 0."""
        start = min(self.span.start, line.end)
        return start - line.start, max(start, min(self.span.end, line.end)) - line.start

    def goes_on(self, line: Span) -> bool:
        """Whether the place has text on further lines."""
        return bool(self.span.source.text[line.end : self.span.end].strip())


def _marks(finding: Finding) -> list[_Mark]:
    related = [_Mark(place.span, RELATED, place.message) for place in finding.related]
    return [_Mark(finding.span, PRIMARY, finding.message), *related]


def _underline(line: str, start: int, end: int, glyph: str, message: str) -> str:
    """The line below a line that marks a part of it."""
    indent = "".join("\t" if char == "\t" else " " * _columns(char) for char in line[:start])
    return f"{indent}{glyph * max(1, _columns(line[start:end]))} {message}".rstrip()


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        2 if east_asian_width(char) in "WF" else 0 if category(char) in ("Mn", "Me", "Cf") else 1 for char in text
    )


def _block(finding: Finding, redactor: Redactor, color: bool) -> str:
    """All that is said about one finding."""
    place = finding.span.begin
    strong = _COLORS[finding.severity]
    where = f"{_one_line(redactor.text(finding.span.path))}:{place.line}:{place.column}:"
    what = f"{finding.severity}[{finding.rule.id}]"
    message = _one_line(redactor.text(finding.message))
    if finding.confidence is not Confidence.HIGH:
        message += f" ({finding.confidence} confidence)"
    lines = [f"{_paint(where, _BOLD, color)} {_paint(what, strong, color)} {finding.rule.name}: {message}"]

    marks = _marks(finding)
    marks[0].message = ""  # it stands above
    gutter = max(len(str(mark.line)) for mark in marks)
    files: dict[str, list[_Mark]] = {}
    for mark in marks:
        files.setdefault(mark.span.path, []).append(mark)
    for path, places in files.items():
        if path != finding.span.path:
            pointer = f"{'':{gutter + 1}}:::"
            where = f"{_one_line(redactor.text(path))}:{places[0].span.begin}"
            lines.append(f"{_paint(pointer, _BLUE, color)} {where}")
        lines.append(_paint(f"{'':{gutter + 2}}|", _BLUE, color))
        lines += _frame(places, redactor, gutter, strong, color)
    if finding.help:
        margin = f"{'':{gutter + 2}}= "
        text = redactor.text(finding.help).replace("\n", f"\n{'':{len(margin) + 6}}")
        lines.append(f"{_paint(margin, _BLUE, color)}{_paint('help:', _BOLD, color)} {text}")
    return "\n".join(lines)


class _View:
    """A line, or a part of a long one, with the marks that lie in it."""

    __slots__ = ("end", "line", "marks", "number", "start")

    def __init__(self, mark: _Mark) -> None:
        self.number = mark.line
        self.line = mark.span.source.line_span(mark.line)
        self.marks = [mark]
        length = self.line.end - self.line.start
        start, end = mark.columns(self.line)
        self.start = max(0, start - _BEFORE) if length > _WIDTH < end else 0
        self.end = min(length, self.start + _WIDTH)

    def holds(self, mark: _Mark) -> bool:
        start = mark.columns(self.line)[0]
        whole = self.line.start + self.end == self.line.end
        return self.number == mark.line and self.start <= start < self.end + whole

    def shown(self, redactor: Redactor) -> tuple[str, int]:
        """The blotted text, and how far its characters stand right of where they are in the line."""
        text = redactor.part(self.line.sub(self.start, self.end))
        if self.line.start + self.end < self.line.end:
            text += "…"
        return ("…" + text, 1 - self.start) if self.start else (text, 0)


def _frame(marks: list[_Mark], redactor: Redactor, gutter: int, strong: str, color: bool) -> list[str]:
    """The marked lines of one file."""
    views: list[_View] = []
    for mark in sorted(marks, key=_Mark.order):
        if views and views[-1].holds(mark):
            views[-1].marks.append(mark)
        else:
            views.append(_View(mark))
    rows: list[str] = []
    number = views[0].number
    for view in views:
        if view.number > number + 1:
            rows.append(_row("...", "", color))
        number = view.number
        text, shift = view.shown(redactor)
        rows.append(_row(f" {number:>{gutter}} |", text, color))
        for mark in view.marks:
            start, end = mark.columns(view.line)
            message = _one_line(redactor.text(mark.message))
            line = _underline(text, start + shift, min(end, view.end) + shift, mark.glyph, message)
            rows.append(_row(f"{'':{gutter + 2}}|", line, color, strong if mark.glyph == PRIMARY else _BLUE))
            if mark.goes_on(view.line):
                rows.append(_row(f"{'':{gutter + 2}}|", "...", color, _BLUE))
    return rows


def _row(margin: str, text: str, color: bool, style: str = "") -> str:
    text = text.rstrip()
    if style:
        text = _paint(text, style, color)
    return f"{_paint(margin, _BLUE, color)} {text}" if text else _paint(margin, _BLUE, color)


def _table(findings: Sequence[Finding]) -> str:
    """How often each rule was broken."""
    counts: dict[tuple[str, str], int] = {}
    for finding in findings:
        key = (finding.rule.id, finding.rule.name)
        counts[key] = counts.get(key, 0) + 1
    width, ids = len(str(max(counts.values()))), max(len(id) for id, _ in counts)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "\n".join(f"{count:>{width}}  {id:<{ids}}  {name}" for (id, name), count in rows)


def count(number: int, thing: str) -> str:
    """A number of things, in words."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _paint(text: str, style: str, color: bool) -> str:
    return f"{style}{text}{_RESET}" if color else text
