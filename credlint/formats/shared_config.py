"""AWS's shared credentials and config files, and the INI files of tools that keep keys the same way."""

from __future__ import annotations

from .. import values
from ..model import Facts, Setting, Value
from ..readers import ini

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..node import Problem
    from ..text import Source


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    problems: list[Problem] = []
    for source in sources:
        if source.path.lower().endswith("passwd-s3fs"):
            settings.extend(_s3fs(source))
            continue
        sections, failed = ini.read(source)
        settings.extend(values.settings_of(sections))
        problems.extend(failed)
    return Facts(texts=sources, settings=settings, problems=problems)


def _s3fs(source: Source) -> Iterator[Setting]:
    """s3fs-fuse's password file: lines `[BUCKET:]ID:SECRET`."""
    offset = 0
    for line in source.text.splitlines(keepends=True):
        stripped = line.rstrip()
        parts = stripped.split(":")
        if len(parts) in (2, 3) and not stripped.startswith("#"):
            group = object()
            secret = source.span(offset + len(stripped) - len(parts[-1]), offset + len(stripped))
            begin = len(parts[0]) + 1 if len(parts) == 3 else 0
            identifier = source.span(offset + begin, offset + begin + len(parts[-2]))
            yield Setting("aws_access_key_id", Value(identifier, identifier.text), group)
            yield Setting("aws_secret_access_key", Value(secret, secret.text), group)
        offset += len(line)
