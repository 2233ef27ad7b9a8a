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

    from .model import Carry, Image
    from .text import Span

_MOST_STEPS = 1_000  # from stage to stage that one file is followed


class Onward:
    """How a file of a stage gets into the final image: the COPYs, where it comes to lie, whether an SDK looks there."""

    __slots__ = ("is_read", "place", "via")

    def __init__(self, place: str, via: tuple[Span, ...], is_read: bool) -> None:
        self.place = place
        self.via = via
        self.is_read = is_read


def onward(image: Image, place: str, since: Span, images: Sequence[Image]) -> Onward | None:
    """How a file gets from a stage into the final image; None when it does not, as far as that is seen.

    `place` is where it lies in the stage, `since` what brought it there: a step after that
    may remove it. `images` are the stages of its file.
    """
    waiting: list[tuple[Image, str, tuple[Span, ...]]] = [(image, _absolute(place, image), ())]
    seen: set[tuple[int, str]] = set()
    for at, path, via in waiting:
        if (id(at), path) in seen or len(seen) > _MOST_STEPS or _is_removed(at, path, since):
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


def _is_removed(image: Image, path: str, since: Span) -> bool:
    """Whether a step of a stage removes a file: then a COPY from the stage does not find it."""
    for span, script, folder in image.removing:
        if span.start < since.start:
            continue
        commands = shell.read(script).commands
        moved = any(command.words and command.words[0].text == "cd" for command in commands)
        for command in commands:
            for gone in removed(command):
                place = gone if gone.startswith(("/", "~", "$")) else f"{'**' if moved else folder}/{gone}"
                pattern = Ignore(place)
                if pattern.excludes(path.strip("/")) or pattern.excludes(from_home(path).strip("/")):
                    return True
    return False
