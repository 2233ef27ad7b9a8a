""".dockerignore: which files of a build context are left out.

The rules are those of https://docs.docker.com/build/concepts/context/#dockerignore-files:
patterns of Go's filepath.Match with `**`, later lines win, `!` takes a file in again.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Ignore:
    """The patterns of one file, ready to be asked."""

    __slots__ = ("_patterns",)

    def __init__(self, text: str) -> None:
        self._patterns: list[tuple[list[str], bool]] = []
        for line in text.splitlines():
            pattern = line.strip()
            if pattern.startswith("#"):
                continue
            excludes = not pattern.startswith("!")
            segments = [part for part in pattern.lstrip("!").strip().split("/") if part not in ("", ".")]
            if segments:
                self._patterns.append((segments, excludes))

    def excludes(self, path: str) -> bool:
        """Whether a path, relative to the context, is left out; a folder takes its files along."""
        parts = path.split("/")
        excluded = False
        for pattern, excludes in self._patterns:
            if any(_matches(pattern, parts[:end], "**", name_matches) for end in range(1, len(parts) + 1)):
                excluded = excludes
        return excluded


def has_wildcard(pattern: str) -> bool:
    return any(char in pattern for char in "*?[\\")


def name_matches(pattern: str, name: str) -> bool:
    """Whether one name of a path fits a pattern of Go's filepath.Match, as COPY takes them."""
    return _matches(_characters(pattern), name, "*", _character_matches)


def _matches(pattern: Sequence[str], text: Sequence[str], star: str, fits: Callable[[str, str], bool]) -> bool:
    """Whether the pattern's elements, of which `star` stands for any number, match the text's.

    Only the last star is ever tried again, so it takes pattern times text steps at the most.
    """
    at = tried = 0
    restart = -1
    for_text = 0
    while for_text < len(text):
        if at < len(pattern) and pattern[at] == star:
            restart, tried = at, for_text
            at += 1
        elif at < len(pattern) and fits(pattern[at], text[for_text]):
            at, for_text = at + 1, for_text + 1
        elif restart >= 0:
            tried += 1
            at, for_text = restart + 1, tried
        else:
            return False
    return all(element == star for element in pattern[at:])


def _characters(pattern: str) -> list[str]:
    """A segment's elements: `*`, `?`, a class `[...]`, an escaped or a plain character."""
    elements = []
    at = 0
    while at < len(pattern):
        end = at + 1
        if pattern[at] == "\\" and end < len(pattern):
            end += 1
        elif pattern[at] == "[" and pattern.find("]", at + 2) > 0:
            end = pattern.find("]", at + 2) + 1
        elements.append(pattern[at:end])
        at = end
    return elements


def _character_matches(element: str, char: str) -> bool:
    if element == "?":
        return True
    if len(element) > 2 and element[0] == "[":
        inner = element[1:-1]
        negated = inner[0] in "^!"
        return _in_class(inner[1:] if negated else inner, char) is not negated
    return element[-1] == char


def _in_class(inner: str, char: str) -> bool:
    at = 0
    while at < len(inner):
        if at + 2 < len(inner) and inner[at + 1] == "-":
            if inner[at] <= char <= inner[at + 2]:
                return True
            at += 3
        elif inner[at] == char:
            return True
        else:
            at += 1
    return False
