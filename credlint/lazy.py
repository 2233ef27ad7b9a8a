"""Regular expressions that are compiled when they are first used: compiling costs start-up."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
        """As re.compile, but not yet."""

else:

    class pattern:  # noqa: N801 - it stands in for the function above
        __slots__ = ("_compiled", "_flags", "_text")

        def __init__(self, text: str, flags: int = 0) -> None:
            self._text = text
            self._flags = flags
            self._compiled = None

        def __getattr__(self, name: str) -> Any:
            if self._compiled is None:
                self._compiled = re.compile(self._text, self._flags)
            return getattr(self._compiled, name)
