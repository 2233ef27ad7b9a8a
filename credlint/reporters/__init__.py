"""The output formats, each a module with `render(report) -> str` that is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..finding import Report

REPORTERS = ("text", "json", "sarif", "github", "gitlab", "junit")


def render(name: str, report: Report, *, color: bool = False, statistics: bool = False) -> str:
    """A report in a format, with its last line end. `color` and `statistics` concern text only."""
    if name == "text":
        from . import text

        return text.render(report, color=color, statistics=statistics)
    rendered: str = import_module(f".{name}", __name__).render(report)
    return rendered
