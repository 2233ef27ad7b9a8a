"""env files: `.env`, docker's `--env-file`, what ECS reads as `environmentFiles`."""

from __future__ import annotations

from .. import values
from ..model import Facts, Setting
from ..readers import dotenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..files import Files
    from ..node import Problem
    from ..text import Source


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    problems: list[Problem] = []
    for source in sources:
        if source.path.endswith(".envrc"):  # direnv runs it: it is a shell script
            settings.extend(values.followed(values.settings_of_shell(source), {}))
            continue
        entries, failed = dotenv.read(source)
        known = {name.text or "": values.value_of(value) for name, value in entries.items()}
        known = {name: value for name, value in known.items() if value.text is not None}
        settings.extend(values.followed(values.settings_of(entries), known))
        problems.extend(failed)
    return Facts(texts=sources, settings=settings, problems=problems)
