"""Any JSON or YAML document, for its named strings."""

from __future__ import annotations

from .. import values
from ..model import Facts, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..files import Files
    from ..node import Document, Problem
    from ..text import Source


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    problems: list[Problem] = []
    for source in sources:
        document = documents(source)
        problems.extend(document.problems)
        for root in document.roots:
            settings.extend(values.settings_of(root))
    return Facts(texts=sources, settings=settings, problems=problems)


def documents(source: Source) -> Document:
    """A file read as JSON or YAML, by its name and its first character."""
    name = source.path.lower()
    if name.endswith((".yml", ".yaml")) or (".json" not in name and source.text.lstrip()[:1] not in "[{"):
        from ..readers import yaml

        return yaml.read(source)
    from ..readers import json

    return json.read(source)
