"""Applies the fixes that findings bear: what is to be written is linted first, and written as a whole or not at all."""

from __future__ import annotations

import copy
import os
from collections import Counter

from . import discover, engine
from .files import Unreadable, decode, is_below, normal, read_bytes
from .redact import Redactor
from .text import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .config import Config
    from .finding import Edit, Finding, Report

    Key = tuple[str, str, int, str | None]

_BOM = b"\xef\xbb\xbf"
_MOST_SINGLY = 20  # fixes that are tried by themselves when they do not hold together
_CONTEXT = 3  # lines around a change in a diff


class Change:
    """A file with its fixes applied: the bytes that are there, its text, and the text that is to be."""

    __slots__ = ("after", "before", "data", "path")

    def __init__(self, path: str, data: bytes, before: Source, after: Source) -> None:
        self.path = path
        self.data = data
        self.before = before
        self.after = after


class Plan:
    """The changes that hold, the findings that they cure, and those that stay, each with the reason.

    `before` and `after` are the reports of all rules without the changes and with them.
    """

    __slots__ = ("after", "before", "changes", "cured", "refused")

    def __init__(
        self,
        changes: Sequence[Change],
        cured: Sequence[Finding],
        refused: Sequence[tuple[Finding, str]],
        before: Report | None = None,
        after: Report | None = None,
    ) -> None:
        self.changes = changes
        self.cured = cured
        self.refused = refused
        self.before = before
        self.after = after


def plan(paths: list[str], config: Config, findings: Iterable[Finding]) -> Plan:
    """What of the findings can be fixed: with the changes the fault must be gone, and nothing new be found.

    All rules look, whichever are selected. Nothing is written.
    """
    refused: list[tuple[Finding, str]] = []
    wanted: list[Finding] = []
    known: dict[str, tuple[bytes, Source]] = {}
    for finding in findings:
        if finding.fix is None:
            continue
        reasons = [_load(edit, known) for edit in finding.fix.edits]
        reason = next(filter(None, reasons), "") or ("" if _apart(finding, wanted) else "another fix is in its place")
        if reason:
            refused.append((finding, reason))
        else:
            wanted.append(finding)
    if not wanted:
        return Plan((), (), refused)

    everything = copy.copy(config)
    everything.select, everything.ignore = ("ALL",), ()
    named = [*paths, *(path for path in known if path not in paths)]
    before = engine.check(named, everything)

    def tried(chosen: Sequence[Finding]) -> tuple[Report, str]:
        after = engine.check(named, everything, overlay=dict(_texts(chosen, known)))
        return after, _objection(before, after, chosen)

    after, objection = tried(wanted)
    if not objection:
        return Plan(_changes(wanted, known), wanted, refused, before, after)
    if len(wanted) == 1:
        return Plan((), (), [*refused, (wanted[0], objection)])
    cured: list[Finding] = []
    for number, finding in enumerate(wanted):
        if number >= _MOST_SINGLY:
            refused.append((finding, "others do not hold; try it by itself"))
            continue
        now, objection = tried([*cured, finding])
        if objection:
            refused.append((finding, objection))
        else:
            cured.append(finding)
            after = now
    return Plan(_changes(cured, known), cured, refused, before, after)


def write(change: Change) -> str:
    """Put a change in the place of its file, all at once. What went wrong, or nothing."""
    import tempfile

    real = os.path.realpath(change.path)
    temporary = ""
    try:
        with open(real, "rb") as file:
            if file.read() != change.data:
                return "it has changed in the meantime"
        mode = os.stat(real).st_mode
        descriptor, temporary = tempfile.mkstemp(prefix=".credlint-", dir=os.path.dirname(real))
        with os.fdopen(descriptor, "wb") as file:
            mark = _BOM if change.data.startswith(_BOM) else b""
            file.write(mark + change.after.text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, real)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        return (error.strerror or "it cannot be written").lower()
    return ""


def diff(plan: Plan) -> str:
    """The changes as a unified diff for people: credentials in it are blotted."""
    if plan.before is None or plan.after is None:
        return ""
    old, new = Redactor(plan.before.secrets), Redactor(plan.after.secrets)
    lines: list[str] = []
    for change in sorted(plan.changes, key=lambda change: change.path):
        lines += [f"--- {old.text(change.path)}", f"+++ {old.text(change.path)}", *_hunks(change, old, new)]
    return "".join(f"{line}\n" for line in lines)


def _hunks(change: Change, old: Redactor, new: Redactor) -> Iterator[str]:
    # No edit makes or takes a line.
    before, after = change.before.text.split("\n"), change.after.text.split("\n")
    count = len(before) - (not before[-1])
    changed = [number for number in range(count) if before[number] != after[number]]
    while changed:
        first = last = changed.pop(0)
        while changed and changed[0] - last <= 2 * _CONTEXT:
            last = changed.pop(0)
        start, end = max(0, first - _CONTEXT), min(count, last + _CONTEXT + 1)
        yield f"@@ -{start + 1},{end - start} +{start + 1},{end - start} @@"
        number = start
        while number < end:
            if before[number] == after[number]:
                yield " " + old.line(change.before, number + 1)
                number += 1
                continue
            stop = number
            while stop < end and before[stop] != after[stop]:
                stop += 1
            yield from ("-" + old.line(change.before, at + 1) for at in range(number, stop))
            yield from ("+" + new.line(change.after, at + 1) for at in range(number, stop))
            number = stop


def _load(edit: Edit, known: dict[str, tuple[bytes, Source]]) -> str:
    """Read the file of an edit, unless it is known. Why it must not be written, or nothing."""
    path, source = edit.span.path, edit.span.source
    if path in known:
        return ""
    # Of what lies below the working directory no link may lead out of its repository.
    elsewhere = path.startswith(("/", "../")) or os.path.isabs(path)
    root = discover.root_of((os.path.dirname(path) if elsewhere else "") or os.curdir)
    if not is_below(os.path.realpath(path), root):
        return "the file lies outside of the repository"
    try:
        data = read_bytes(path, 4 * len(source.text) + len(_BOM))
        if decode(data) != source.text:
            return "the file has changed in the meantime"
        if data.removeprefix(_BOM) != source.text.encode("utf-8", "surrogatepass"):
            return "the file is not in UTF-8"
    except (Unreadable, OSError) as error:
        return f"the file cannot be read: {error}"
    known[path] = (data, source)
    return ""


def _apart(finding: Finding, others: Sequence[Finding]) -> bool:
    """Whether the fix of a finding touches nothing that another one changes."""
    taken = [edit.span for other in others if other.fix for edit in other.fix.edits]
    return not any(
        edit.span.path == span.path and edit.span.start < span.end and span.start < edit.span.end
        for edit in (finding.fix.edits if finding.fix else ())
        for span in taken
    )


def _texts(findings: Sequence[Finding], known: dict[str, tuple[bytes, Source]]) -> Iterator[tuple[str, str]]:
    """The files that the fixes change, with their new texts."""
    edits: dict[str, list[Edit]] = {}
    for finding in findings:
        for edit in finding.fix.edits if finding.fix else ():
            edits.setdefault(edit.span.path, []).append(edit)
    for path, listed in edits.items():
        text = known[path][1].text
        parts: list[str] = []
        at = 0
        for edit in sorted(listed, key=lambda edit: edit.span.start):
            parts += text[at : edit.span.start], edit.text
            at = edit.span.end
        yield path, "".join((*parts, text[at:]))


def _changes(findings: Sequence[Finding], known: dict[str, tuple[bytes, Source]]) -> list[Change]:
    return [
        Change(path, known[path][0], known[path][1], Source(normal(path), text))
        for path, text in _texts(findings, known)
    ]


def _objection(before: Report, after: Report, cured: Sequence[Finding]) -> str:
    """Why changes must not be made, or nothing."""
    old, new = _counted(before), _counted(after)
    if set(after.faults) - set(before.faults):
        return "with the change credlint could not check all"
    for key in new - old:
        return f"the change would bring {key[0]} in {key[1]}:{key[2]}"
    for finding in cured:
        key = _key(finding)
        if new[key] >= old[key]:
            return "the change would not cure it"
    return ""


def _counted(report: Report) -> Counter[Key]:
    return Counter(_key(finding) for finding in (*report.findings, *(entry.finding for entry in report.silenced)))


def _key(finding: Finding) -> Key:
    # No edit makes or takes a line; columns may move, and a message may name the role that is now there.
    return finding.rule.id, finding.span.path, finding.span.begin.line, finding.workload
