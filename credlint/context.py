"""Build contexts: which files with credentials a COPY takes out of the repository into an image."""

from __future__ import annotations

import posixpath

from . import formats, keys
from .credential_files import copied_to, is_credentials, is_read, likeliness
from .dockerignore import Ignore, has_wildcard, name_matches
from .files import normal
from .model import Facts, FileHow, ImageFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .files import Files
    from .model import Copy, Image, Key
    from .stages import Onward, Removals
    from .text import Span

_MOST_READ = 200  # files of a folder that are read only for this
_MOST_MATCHES = 1000  # of a pattern
_COMPOSE = ("compose", "docker-compose")
_MOST_FOLDERS = 20  # above a Dockerfile that may be its context


class BuildContexts:
    """Looks into the build contexts of a project's images.

    A context is the folder that `docker build` is given. A compose file says which that is;
    nothing in a Dockerfile does, but for the files that it copies: they must be there.
    """

    def __init__(self, files: Files, facts: Sequence[Facts], found: Sequence[Key]) -> None:
        self._files = files
        # What is linted anyway has been searched already.
        self._evidence: dict[str, tuple[Span, ...]] = {}
        for unit in facts:
            for source in unit.texts:
                self._evidence[source.path] = ()
        for key in found:
            self._add(key)
        self._stages: dict[str, list[Image]] = {}
        self._removals: Removals = {}
        self._copies: dict[str, list[Copy]] = {}
        for unit in facts:
            for image in unit.images:
                self._stages.setdefault(image.path, []).append(image)
                self._copies.setdefault(image.path, []).extend(image.copies)
        self._contexts: dict[str, tuple[str | None, Ignore]] = {}
        self._builds: dict[str, list[tuple[str, str]]] = {}  # of compose files: Dockerfiles with their contexts
        self._below: dict[str, list[str]] = {}

    def _add(self, key: Key) -> None:
        """Notes where a key is. One in a Dockerfile is in the image, or in none, whether the file is copied or not."""
        if key.certain and (key.secret or key.token) and key.where != "dockerfile":
            for part in key.parts:
                path = part.span.path
                self._evidence[path] = (*self._evidence.get(path, ()), part.span)

    def copied_into(self, image: Image) -> Iterator[ImageFile]:
        """The files with credentials that the COPYs of a stage bring into it, at most one for each COPY."""
        if not image.copies:
            return
        folder, ignore = self._of(image.path)
        for copy in image.copies:
            file = self._copied(image, copy, None if copy.triggered else folder, ignore)
            if file:
                file.assumed, file.triggered = copy.assumed, copy.triggered
                yield file

    def _onward(self, image: Image, place: str, since: Span) -> Onward | None:
        """How a file in a build stage gets into the final image, if it does."""
        if image.reaches_final or not place:
            return None
        from .stages import onward

        return onward(image, place, since, self._stages[image.path], self._removals)

    def take_on(self, images: Sequence[Image]) -> None:
        """Says of the files in build stages which of them a COPY --from takes on into the final image.

        There it is told once, where the file comes in first.
        """
        told: set[object] = set()
        for image in () if all(image.reaches_final for image in images) else images:
            for file in image.files:
                way = self._onward(image, file.place, file.span) if not file.triggered else None
                if way is not None:
                    file.onward, file.place, file.is_read = way.via, way.place, way.is_read
                    told.update(span.place for span in way.via)
        for image in images if told else ():
            image.files = tuple(file for file in image.files if file.span.place not in told)

    # ── which folder ──

    def folder(self, dockerfile: str) -> str | None:
        """The build context of a Dockerfile, None if it cannot be told."""
        return self._of(dockerfile)[0]

    def _of(self, dockerfile: str) -> tuple[str | None, Ignore]:
        if dockerfile not in self._contexts:
            self._contexts[dockerfile] = self._context(dockerfile)
        return self._contexts[dockerfile]

    def _context(self, dockerfile: str) -> tuple[str | None, Ignore]:
        """The context of a Dockerfile, None if it cannot be told, and what is left out of it.

        It is the one that a compose file says. Where none does, it is the folder that has all
        that is copied: the Dockerfile's own, else the nearest above it. If none has all, for
        some of it is made by the build, it is the one that has most; when two have different
        parts, nothing can be told. A name alone that is also that of the Dockerfile's folder
        tells nothing: it may be a program that is built into that folder.
        """
        own = posixpath.dirname(dockerfile) or "."
        copied: set[str] = set()
        for copy in self._copies.get(dockerfile, ()):
            for value in () if copy.triggered or copy.assumed else copy.sources:
                source = _source(value.text)
                if source not in (None, ".", posixpath.basename(own)):
                    copied.add(source)
        folders = [own]
        while len(folders) < _MOST_FOLDERS and self._files.inside(above := normal(f"{folders[-1]}/..")):
            if above == folders[-1]:
                break
            folders.append(above)
        folders = sorted({context for folder in folders for context in self._said(folder, dockerfile)}) or folders
        best, most = folders[0], self._present(folders[0], copied)
        for folder in folders[1:]:
            if len(most) == len(copied):
                break
            present = self._present(folder, copied)
            if present > most:
                best, most = folder, present
            elif present - most:
                return None, self._ignore(dockerfile, own)
        return best, self._ignore(dockerfile, best)

    def _said(self, folder: str, dockerfile: str) -> Iterator[str]:
        """What the compose files of a folder say is the context of a Dockerfile."""
        if folder not in self._builds:
            self._builds[folder] = []
            for name in self._files.listdir(folder):
                if name.lower().startswith(_COMPOSE) and name.lower().endswith((".yml", ".yaml")):
                    source = self._files.read(f"{folder}/{name}")
                    if source is not None and "build:" in source.text:
                        from .formats import compose

                        self._builds[folder] += compose.builds(source)
        return (context for path, context in self._builds[folder] if path == dockerfile)

    def _present(self, folder: str, copied: Iterable[str]) -> set[str]:
        return {source for source in copied if self._matches(folder, source)}

    def _ignore(self, dockerfile: str, folder: str) -> Ignore:
        """The ignore file that counts: the Dockerfile's own goes before the context's."""
        source = self._files.read(f"{dockerfile}.dockerignore") or self._files.read(f"{folder}/.dockerignore")
        return Ignore(source.text if source else "")

    # ── what of it ──

    def _copied(self, image: Image, copy: Copy, folder: str | None, ignore: Ignore) -> ImageFile | None:
        target, looked_at = copy.target or "", image.looked_at
        excluded = Ignore("\n".join(copy.excluded))
        # whether an SDK finds it, where it is in the context, its keys, where it comes to lie
        found: list[tuple[bool, str, tuple[Span, ...], str]] = []
        named: list[tuple[str, str]] = []
        for value in copy.sources:
            source = _source(value.text)
            if source is None:
                if value.text is None and (is_credentials(target) or is_read(target, looked_at)):
                    if not target.endswith("/"):
                        named.append((target, target))
                continue
            matches = self._matches(folder, source) if folder is not None else []
            several = len(copy.sources) > 1 or len(matches) > 1
            for match in matches:
                for path, place in self._files_at(folder or ".", match, target, several):
                    inner = path[len(match) + 1 :] or posixpath.basename(path)
                    if not ignore.excludes(path) and not excluded.excludes(path) and not excluded.excludes(inner):
                        evidence = self._evidence[normal(f"{folder}/{path}")]
                        found.append((is_read(place, looked_at), path, evidence, place))
            if (
                not matches
                and not has_wildcard(source)
                and not ignore.excludes(source)
                and not excluded.excludes(source)
            ):
                # It is not in the repository, as it should be; the build has it all the same.
                place = copied_to(target, source, several=several)
                if is_credentials(source) or is_credentials(place) or place in looked_at:
                    named.append((source, place))
        if found and not image.reaches_final:
            # Of what goes on into the final image that alone is told: it is worse.
            found = [file for file in found if self._onward(image, file[3], copy.span)] or found
        if found:
            found.sort(key=lambda file: (not file[0], likeliness(posixpath.basename(file[1])), file[1]))
            read, path, _, at = found[0]
            spans = tuple(span for _, _, evidence, _ in found for span in evidence)
            others = tuple(other for _, other, _, _ in found[1:])
            names = {_source(value.text) for value in copy.sources}
            return ImageFile(
                copy.span, path, FileHow.COPIED, spans, is_read=read, others=others, named=path in names, place=at
            )
        if named:
            path, place = named[0]
            read = is_read(place, looked_at)
            return ImageFile(copy.span, path, FileHow.COPIED, is_read=read, named=True, place=place)
        return None

    def _matches(self, folder: str, source: str) -> list[str]:
        """The files and folders that a source of a COPY stands for, as paths in the context."""
        found = [""]
        for part in source.split("/"):
            if has_wildcard(part):
                found = [
                    posixpath.join(path, name)
                    for path in found
                    for name in self._files.listdir(f"{folder}/{path}")
                    if name_matches(part, name)
                ]
            else:
                found = [posixpath.join(path, part) for path in found]
            del found[_MOST_MATCHES:]
        return [path for path in found if self._files.exists(f"{folder}/{path}")]

    def _files_at(self, folder: str, source: str, target: str, several: bool) -> Iterator[tuple[str, str]]:
        """The files with keys that a source is or has in it, each with the place where it comes to lie."""
        start = normal(f"{folder}/{source}")
        if not self._files.is_folder(start):
            if self._keys_in(start):
                yield source, copied_to(target, source, several=several)
            return
        prefix = "" if start == "." else f"{start}/"
        context = "" if folder == "." else f"{folder}/"
        for path in self._with_keys(start):
            yield path[len(context) :], posixpath.join(target, path[len(prefix) :])

    def _with_keys(self, folder: str) -> list[str]:
        """The files with keys below a folder."""
        if folder not in self._below:
            names = self._files.walk(folder)
            paths: list[str] = []
            unread: list[tuple[int, int, str]] = []
            for number in formats.of_interest(names):
                path = names[number]
                if path in self._evidence:
                    paths.append(path)
                else:
                    unread.append((likeliness(posixpath.basename(path)), path.count("/"), path))
            paths += [path for _, _, path in sorted(unread)[:_MOST_READ]]
            self._below[folder] = [path for path in sorted(paths) if self._keys_in(path)]
        return self._below[folder]

    def _keys_in(self, path: str) -> tuple[Span, ...]:
        """The places of the keys in a file."""
        if path not in self._evidence:
            self._evidence[path] = ()
            source = self._files.read(path)
            if source is not None and keys.has_candidates(source.text):
                format = formats.detect(path, source.text)
                facts = format.read([source], self._files) if format and not format.by_folder else Facts(texts=[source])
                for key in keys.find([facts]):
                    self._add(key)
        return self._evidence[path]


def _source(text: str | None) -> str | None:
    """A source of a COPY as a path in the context; None for what comes from elsewhere, or cannot be known."""
    if text is None or "://" in text or text.startswith("git@"):
        return None
    return normal(text.lstrip("/") or ".") if ".." not in text.split("/") else None
