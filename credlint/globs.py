"""Globs, as the configuration has them: `*`, `?`, `[a-z]`, and `**` for any number of folders.

A glob without a slash fits a file or folder of that name anywhere, one with a slash only
from the folder of the configuration on. A glob that fits a folder fits all that is in it.
"""

from __future__ import annotations

import re
from functools import cache


class GlobError(ValueError):
    """A glob that cannot be understood, and why."""


def fits(path: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs fits a path that is relative to the folder of the configuration."""
    if not globs:
        return False
    pattern, marks = _compiled(globs)
    for mark in marks:  # most paths have none: this is asked of every file of a repository
        if mark in path:
            return pattern.match(path) is not None
    return False


def check(glob: str) -> None:
    """GlobError when it is none."""
    _compiled((glob,))


@cache
def _compiled(globs: tuple[str, ...]) -> tuple[re.Pattern[str], set[str]]:
    """The pattern of the globs, and for each a text without which no path fits it."""
    groups = _Groups()
    try:
        pattern = re.compile("|".join(groups.translate(glob) for glob in globs), re.DOTALL)
    except re.error:
        raise GlobError("brackets that cannot be read") from None
    pieces = [re.split(r"\[.*|[*?/]", glob.removeprefix("./"), flags=re.DOTALL) for glob in globs]
    return pattern, {max(texts, key=len) for texts in pieces}


class _Groups:
    """Translates globs into one pattern that never goes back.

    The first fit of what stands between two wildcards is as good as any other. So each is
    a lookahead group and a reference to it, which `re` does not try again: a glob with
    twenty stars takes no longer than one with two.
    """

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def translate(self, glob: str) -> str:
        if "\\" in glob:
            raise GlobError('a backslash; folders are parted with "/"')
        anchored = "/" in glob.rstrip("/")
        parts = [part for part in glob.split("/") if part not in ("", ".")]
        if not parts:
            raise GlobError("an empty glob")
        if not anchored:
            parts.insert(0, "**")
        blocks: list[list[str]] = [[]]
        for part in parts:
            if part == "**":
                blocks.append([])
            else:
                blocks[-1].append(part)
        found = self._block(blocks[0]) if blocks[0] else ""
        first = not found
        for block in blocks[1:]:
            if block:
                slash, first = "" if first else "/", False
                found += slash + self._once(f"(?:[^/]*/)*?{self._block(block)}")
        if parts[-1] == "**" and not first:  # what is in the folder, not the folder
            found += "/"
        return found

    def _block(self, parts: list[str]) -> str:
        return "/".join([self._part(part) for part in parts]) + r"(?=/|\Z)"

    def _part(self, part: str) -> str:
        """One name of a path."""
        pieces = [""]
        at = 0
        while at < len(part):
            char = part[at]
            at += 1
            if char == "*":
                pieces.append("")
            elif char == "?":
                pieces[-1] += "[^/]"
            elif char == "[":
                close = part.find("]", at + (2 if part.startswith(("!]", "^]"), at) else 1))
                if close < 0:
                    raise GlobError("a bracket that is not closed")
                if "--" in part[at:close]:  # means a difference of sets in a later `re`
                    raise GlobError("brackets that cannot be read")
                not_these = part[at] in "!^"
                chars = re.sub(r"([\[\]^&~|])", r"\\\1", part[at + not_these : close])
                pieces[-1] += f"(?!/)[{'^' * not_these}{chars}]"
                at = close + 1
            else:
                pieces[-1] += re.escape(char)
        first, *middle = pieces
        if not middle:
            return first
        last = middle.pop()
        return first + "".join(self._once(f"[^/]*?{piece}") for piece in middle if piece) + "[^/]*" + last

    def _once(self, pattern: str) -> str:
        self.count += 1
        return f"(?=(?P<g{self.count}>{pattern}))(?P=g{self.count})"
