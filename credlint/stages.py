"""Which files of a build stage are taken on into the final image, by COPY --from."""

from __future__ import annotations

import posixpath

from .credential_files import at_home, copied_to, from_home, is_read
from .dockerignore import Ignore, has_wildcard, name_matches
from .readers import shell
from .written import removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from .model import Carry, Image
    from .text import Span

    _Removed: TypeAlias = tuple[dict[str, int], list[tuple[int, Ignore]]]
    Removals: TypeAlias = dict[int, _Removed]  # of stages, by their identity

_MOST_PATTERNS = 50  # of what is removed in a stage
_MOST_STEPS = 1_000  # from stage to stage that one file is followed


class Onward:
    """How a file of a stage gets into the final image: the COPYs, where it comes to lie, whether an SDK looks there."""

    __slots__ = ("is_read", "place", "via")

    def __init__(self, place: str, via: tuple[Span, ...], is_read: bool) -> None:
        self.place = place
        self.via = via
        self.is_read = is_read


def onward(image: Image, place: str, since: Span, images: Sequence[Image], removals: Removals) -> Onward | None:
    """How a file gets from a stage into the final image; None when it does not, as far as that is seen.

    `place` is where it lies in the stage, `since` what brought it there: a step after that
    may remove it. `images` are the stages of its file; `removals` keeps what is found out on the way.
    """
    waiting: list[tuple[Image, str, tuple[Span, ...]]] = [(image, _absolute(place, image), ())]
    seen: set[tuple[int, str]] = set()
    for at, path, via in waiting:
        if (id(at), path) in seen or len(seen) > _MOST_STEPS or _is_removed(at, path, since, removals):
            continue
        seen.add((id(at), path))
        if at.reaches_final:
            return Onward(path, via, is_read(path, at.looked_at))
        for other in images:
            if other.parent is at:
                waiting.append((other, path, via))
            for carry in other.carries:
                if carry.image is at:
                    taken = _taken(carry, path)
                    if taken is not None:
                        waiting.append((other, _absolute(taken, other), (*via, carry.span)))
    return None


def _absolute(path: str, image: Image) -> str:
    """A path in an image. Where the base image alone says in which folder it starts, that is most often the root."""
    return "/" + posixpath.normpath("/" + at_home(path, image.home)).lstrip("/")


def _taken(carry: Carry, path: str) -> str | None:
    """Where a COPY takes a file of the stage that it copies from; None if it does not."""
    names = path.strip("/").split("/")
    for source in carry.sources:
        if source is None:
            continue
        whole = posixpath.normpath("/" + source).strip("/")
        parts = whole.split("/") if whole else []
        if len(parts) > len(names) or not all(map(name_matches, parts, names)):
            continue
        inner = "/".join(names[len(parts) :])
        if carry.excluded and Ignore("\n".join(carry.excluded)).excludes(inner or names[-1]):
            continue
        if inner:
            return posixpath.join(carry.target, inner)
        return copied_to(carry.target, path, several=len(carry.sources) > 1 or has_wildcard(source))
    return None


def _is_removed(image: Image, path: str, since: Span, removals: Removals) -> bool:
    """Whether a step of a stage removes a file: then a COPY from the stage does not find it."""
    if id(image) not in removals:
        removals[id(image)] = _removals(image)
    exact, patterns = removals[id(image)]
    for name in (path, from_home(path)) if exact or patterns else ():
        if any(pattern.excludes(name.strip("/")) for start, pattern in patterns if start >= since.start):
            return True
        while len(name) > 1:
            if exact.get(name, -1) >= since.start:
                return True
            name = posixpath.dirname(name)
    return False


def _removals(image: Image) -> _Removed:
    """What the steps of a stage remove, with the place of the last step that does: names, and patterns."""
    exact: dict[str, int] = {}
    patterns: dict[str, int] = {}
    for span, script, folder in image.removing:
        commands = shell.read(script).commands
        moved = any(command.words and command.words[0].text == "cd" for command in commands)
        for command in commands:
            for gone in removed(command):
                if not gone.startswith(("/", "~", "$")):
                    gone = f"**/{gone}" if moved else posixpath.normpath(f"/{folder}/{gone}").replace("//", "/")
                (patterns if has_wildcard(gone) else exact)[gone] = span.start
    return exact, [(start, Ignore(pattern)) for pattern, start in list(patterns.items())[-_MOST_PATTERNS:]]
