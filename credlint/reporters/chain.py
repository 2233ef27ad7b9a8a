"""How `credlint chain` shows the workloads: a table, JSON, a diagram, or a page (`chain_html`)."""

from __future__ import annotations

from .text import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..chain import Resolution
    from ..workloads import Entry, Row

NOTHING = (
    "No workloads: no container of a task definition, no Lambda function and no compose service "
    "with credentials was found."
)
FORMATS = ("text", "json", "mermaid", "html")
_BOLD, _RED, _GREEN, _PLAIN = "\033[1m", "\033[31m", "\033[32m", "\033[0m"


def render(format: str, rows: Sequence[Row], *, color: bool = False) -> str:
    if format == "html":
        from . import chain_html

        return chain_html.render(rows)
    if format == "json":
        return _json(rows)
    return _mermaid(rows) if format == "mermaid" else _text(rows, color)


def _text(rows: Sequence[Row], color: bool) -> str:
    if not rows:
        return f"{NOTHING}\n"
    parts = [_table(row, color) for row in rows]
    wrong = sum(row.violates for row in rows)
    parts.append(
        f"{count(len(rows), 'workload')}, {wrong} of them with credentials from a worse source than there is.\n"
    )
    return "\n".join(parts)


def _table(row: Row, color: bool) -> str:
    launch = f", {' or '.join(row.launch)}" if row.launch else ""
    title = f"{row.name or '(no name)'} ({row.kind}{launch})  {row.path}:{row.line}"
    lines = [f"{_BOLD}{title}{_PLAIN}" if color else title]
    winner = _winner(row)
    cells = []
    for rank, entry in enumerate(row.entries, 1):
        notes = []
        if entry is winner:
            notes.append("wins")
        if entry.source == row.best:
            notes.append("best")
        if winner is not None and entry is not winner and _is_after(entry, winner):
            notes.append(f"shadowed by {winner.source}")
        if not entry.certain:
            notes.append("not certain")
        cells.append((str(rank), entry.source, entry.name, f"{entry.path}:{entry.line}", ", ".join(notes)))
    widths = [max((len(cell[at]) for cell in cells), default=0) for at in range(4)]
    for cell in cells:
        line = "  ".join(text.ljust(width) for text, width in zip(cell, widths))
        notes_shown = cell[4]
        if color and "wins" in notes_shown:
            notes_shown = f"{_RED if row.violates else _GREEN}{notes_shown}{_PLAIN}"
        lines.append(f"  {line}  {notes_shown}".rstrip())
    if not cells:
        lines.append("  no source of credentials is seen")
    lines.extend(f"  {who}: {what}" for who, what in _outcomes(row))
    return "\n".join(lines) + "\n"


def alike(row: Row) -> list[tuple[list[str], Resolution]]:
    """The SDKs, those that do the same together, with what they do."""
    grouped: dict[tuple[str, str | None], tuple[list[str], Resolution]] = {}
    for sdk, resolution in row.resolved.items():
        grouped.setdefault((resolution.source, resolution.error), ([], resolution))[0].append(sdk)
    return list(grouped.values())


def who(row: Row, sdks: Sequence[str]) -> str:
    """The names of SDKs of a workload."""
    return "every SDK" if len(sdks) == len(row.resolved) > 3 else ", ".join(sdks)


def _outcomes(row: Row) -> list[tuple[str, str]]:
    """Who uses what."""
    return [
        (who(row, sdks), f"stops: {resolution.error}" if resolution.error else resolution.source)
        for sdks, resolution in alike(row)
    ]


def _winner(row: Row) -> Entry | None:
    """The source that all SDKs use, where they agree."""
    if len(row.used) != 1:
        return None
    return next((entry for entry in row.entries if entry.source == row.used[0]), None)


def _is_after(entry: Entry, winner: Entry) -> bool:
    from ..workloads import RANKS

    return RANKS.index(entry.source) > RANKS.index(winner.source)


def _json(rows: Sequence[Row]) -> str:
    import json

    found = [
        {
            "name": row.name,
            "kind": row.kind,
            "path": row.path,
            "line": row.line,
            "launch": list(row.launch),
            "sdks": list(row.resolved),
            "resolved": {
                sdk: {"source": resolution.source, "error": resolution.error}
                for sdk, resolution in row.resolved.items()
            },
            "sources": [
                {
                    "source": entry.source,
                    "name": entry.name,
                    "path": entry.path,
                    "line": entry.line,
                    "certain": entry.certain,
                    "static": entry.static,
                }
                for entry in row.entries
            ],
            "best": row.best,
            "violates": row.violates,
        }
        for row in rows
    ]
    return json.dumps({"schema_version": 1, "workloads": found}, indent=2) + "\n"


def _mermaid(rows: Sequence[Row]) -> str:
    """A flow chart: from each workload to its sources in order, the winner with a thick arrow."""
    lines = ["flowchart LR"]
    for at, row in enumerate(rows):
        lines.append(f'  w{at}["{_label(row.name)}<br/>{_label(row.path)}:{row.line}"]')
        winner = _winner(row)
        for rank, entry in enumerate(row.entries, 1):
            node = f"w{at}s{rank}"
            lines.append(f'  {node}["{rank}. {entry.source}<br/>{_label(entry.name)}"]')
            lines.append(f"  w{at} {'==>|wins|' if entry is winner else '-.->'} {node}")
            if entry.source == row.best:
                lines.append(f"  class {node} best")
    lines.append("  classDef best stroke-width:3px")
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    """A text as a label of Mermaid, which has entities of its own."""
    return "".join(char if char.isalnum() or char in " ._/-" else f"#{ord(char)};" for char in text)
