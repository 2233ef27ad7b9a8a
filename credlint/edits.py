"""Cures as exact edits of the text that is there."""

from __future__ import annotations

from . import lazy
from .finding import Edit, Fix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import Slot
    from .text import Span

# A literal, or a reference to what means the same wherever the definition is used: no variable, no `each.value`.
_SIMPLE = lazy.pattern(
    r""""[\w/:+=,.@-]+"|'[\w/:+=,.@-]+'|(?:aws_iam_role|data\.aws_iam_role|local|module)\.[\w.\[\]"-]+|[\w/:+=,.@-]+"""
)
_UNSURE = lazy.pattern(r"(?:var|each|count|self|path|terraform)\.")
_QUOTES = ('"', "'")
# What may follow a value: the end of the line, a comment, the next entry, the end of the map.
_AFTER = lazy.pattern(r"[ \t]*(?:,|\}|\r?\n|\Z|#|//|/\*)")
_LONGEST = 500  # of a line before the value that is looked at


def swap(one: Slot, other: Slot) -> Fix | None:
    """The edits that swap the values of two slots; None unless both are simple values in one file."""
    first, second = _value(one), _value(other)
    if first is None or second is None or first.source is not second.source:
        return None
    if first.start < second.end and second.start < first.end:
        return None
    return Fix(
        f"swap the values of {one.field} and {other.field}",
        (Edit(first, second.text), Edit(second, first.text)),
    )


def _value(slot: Slot) -> Span | None:
    """The whole value of a slot as it is written, with its quotes, where it stands beside the slot's own name."""
    if slot.value is None:
        return None
    place = slot.value.use.origin()
    text, start, end = place.source.text, place.start, place.end
    if start and text[start - 1] in _QUOTES and text[end : end + 1] == text[start - 1]:
        start, end = start - 1, end + 1
    written = text[start:end]
    if not _SIMPLE.fullmatch(written) or _UNSURE.match(written) or not _AFTER.match(text, end):
        return None
    before = text[max(0, start - _LONGEST) : start].rstrip(" \t")
    if before[-1:] not in (":", "="):
        return None
    key = before[:-1].rstrip(" \t").rstrip("\"'")
    return place.source.span(start, end) if key.endswith(slot.field) else None
