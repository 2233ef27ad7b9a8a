"""A file of no known format: it is searched for keys as bare text."""

from __future__ import annotations

from ..model import Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..files import Files
    from ..text import Source


def read(sources: Sequence[Source], files: Files) -> Facts:
    return Facts(texts=sources)
