"""Regular expressions that are compiled when they are first used: compiling costs start-up."""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    def pattern(text: str, flags: int = 0, signs: tuple[str, ...] = ()) -> re.Pattern[str]:
        """As re.compile, but not yet.

        `signs`: whatever matches has one of these in it. A text without them is not searched,
        and if there is no other the expression is never compiled.
        """

else:

    class pattern:  # noqa: N801 - it stands in for the function above
        __slots__ = ("_compiled", "_flags", "_text")

        def __new__(cls, text: str, flags: int = 0, signs: tuple[str, ...] = ()) -> Any:
            return super().__new__(_Signed if signs else cls)

        def __init__(self, text: str, flags: int = 0, signs: tuple[str, ...] = ()) -> None:
            self._text = text
            self._flags = flags
            self._compiled = None

        def __getattr__(self, name: str) -> Any:
            if self._compiled is None:
                self._compiled = re.compile(self._text, self._flags)
            return getattr(self._compiled, name)

    def _if_there_is_a_sign(name: str, otherwise: Any) -> Any:
        """The method of a compiled expression, which need not be called for a text without a sign."""

        def method(self: _Signed, text: str, start: int = 0, end: int = sys.maxsize) -> Any:
            if any(text.find(sign, start, end) >= 0 for sign in self._signs):
                return self.__getattr__(name)(text, start, end)
            return otherwise

        return method

    class _Signed(pattern):
        __slots__ = ("_signs",)

        def __init__(self, text: str, flags: int = 0, signs: tuple[str, ...] = ()) -> None:
            super().__init__(text, flags)
            self._signs = signs

        search = _if_there_is_a_sign("search", None)
        match = _if_there_is_a_sign("match", None)
        fullmatch = _if_there_is_a_sign("fullmatch", None)
        finditer = _if_there_is_a_sign("finditer", ())
