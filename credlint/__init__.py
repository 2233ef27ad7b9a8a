"""credlint: finds AWS keys in files, mixed-up ECS roles, and credentials that shadow a role."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .config import Config
    from .finding import Report

__all__ = ["HOME", "__version__", "check"]
__version__ = "0.1.0"
HOME = "https://github.com/credlint/credlint"


def check(paths: Iterable[str], config: Config | None = None) -> Report:
    """Lint files and folders, as `credlint check` does.

    Without a configuration the nearest `credlint.toml` or `pyproject.toml` counts, as on the
    command line. What credlint could not do is in the report's `faults`.
    """
    from .engine import check

    return check(list(paths), config)
