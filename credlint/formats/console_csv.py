"""The files that the AWS console offers for download when it makes a credential, and only then.

`rootkey.csv` and `NAME_accessKeys.csv` have the columns "Access key ID" and "Secret access
key", `credentials.csv` those of a new user or of an SMTP password; old ones of the root
user have lines `AWSAccessKeyId=...`, which are found as bare text.
"""

from __future__ import annotations

from .. import lazy
from ..model import Facts, Setting, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..text import Source

# One cell and what ends it; a quoted one may hold anything, its quotes doubled.
_CELL = lazy.pattern(r'[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",\r\n]*))(,|\r?\n|$)')
_MOST_COLUMNS = 100


def read(sources: Sequence[Source], files: Files) -> Facts:
    return Facts(texts=sources, settings=[setting for source in sources for setting in _settings(source)])


def _settings(source: Source) -> Iterator[Setting]:
    """The cells under the names of their columns; a row is a group."""
    names: list[str] = []
    column, line, row = 0, 0, object()
    at = 1 if source.text.startswith("\ufeff") else 0
    while at < len(source.text):
        cell = _CELL.match(source.text, at)
        if cell is None:  # no table from here on
            return
        quoted = cell[1] is not None
        span = source.span(*cell.span(1 if quoted else 2))
        text = span.text.replace('""', '"') if quoted else span.text
        if line == 0:
            names.append(text.strip())
            if len(names) > _MOST_COLUMNS:
                return
        elif column < len(names) and text.strip():
            yield Setting(names[column], Value(span, text), row)
        column += 1
        if cell[3] != ",":
            column, line, row = 0, line + 1, object()
        at = cell.end()
