"""What stacks export, and others import: which role of one template is meant in another.

Both templates give the name as far as they know it: `role`, `${Stack}-role`. They meet where
one export alone has the same text, with its unknown parts in the same places, and enough is known.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .model import Facts, Text, Value

_LEAST = 6  # known characters of a name that is not wholly known


def join(facts: Sequence[Facts]) -> None:
    """Lets the values that import a role mean the role that one other template exports."""
    exported: dict[tuple[str | None, ...], set[str]] = {}
    for unit in facts:
        for text, address in unit.exports:
            exported.setdefault(_spelt(text), set()).add(address)
    for unit in facts:
        own = {address for _, address in unit.exports}
        known: dict[str, str] = {}
        for name, text in unit.imports.items():
            found = exported.get(_spelt(text), set()) - own if _says_enough(text) else set()
            if len(found) == 1:
                known[name] = found.pop()
        for value in _values(unit) if known else ():
            if value.text is None and value.name in known:
                value.name = known[value.name]


def _spelt(text: Text) -> tuple[str | None, ...]:
    """The known parts of a name, with None for each unknown one."""
    parts: list[str | None] = []
    for part in text.parts:
        before = parts[-1] if parts else None
        if isinstance(part, str) and before is not None:
            parts[-1] = before + part
        else:
            parts.append(part if isinstance(part, str) else None)
    return tuple(parts)


def _says_enough(text: Text) -> bool:
    known = sum(len(part) for part in text.parts if isinstance(part, str))
    return text.known is not None or known >= _LEAST


def _values(unit: Facts) -> Iterable[Value]:
    """The values of a unit that may be roles."""
    for task in unit.tasks:
        for slot in (task.task_role, task.execution_role):
            if slot.value is not None:
                yield slot.value
    for attachment in unit.attachments:
        yield attachment.role
