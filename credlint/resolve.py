"""Joins what the units say: keys out of settings, images with their build context, roles with their slots."""

from __future__ import annotations

from . import aws, formats, keys
from .dockerignore import Ignore
from .files import normal
from .model import Facts, FileHow, ImageFile, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .files import Files
    from .model import Copy, Image, Role, Slot
    from .text import Source, Span

_MOST_FILES = 200  # of a build context that are looked into


def resolve(facts: Sequence[Facts], files: Files) -> tuple[Project, tuple[Span, ...]]:
    """The project, and the places of all credentials in it, for the redactor."""
    found = keys.find(facts)
    roles = [role for unit in facts for role in unit.roles]
    tasks = [task for unit in facts for task in unit.tasks]
    names = {role.address: role for role in roles}
    for task in tasks:
        for slot in (task.task_role, task.execution_role):
            identify(slot, names)
    images = [image for unit in facts for image in unit.images]
    context = _BuildContext(files)
    secrets = [part.span.origin() for key in found for part in key.parts]
    for image in images:
        image.files = (*image.files, *context.copied_into(image))
        secrets.extend(span.origin() for file in image.files for span in file.evidence)
    project = Project(
        keys=found,
        images=images,
        tasks=tasks,
        roles=roles,
        problems=[problem for unit in facts for problem in unit.problems],
    )
    return project, tuple(secrets)


def identify(slot: Slot, roles: dict[str, Role]) -> None:
    """Says which role a slot holds, as far as it is known: a placeholder is none."""
    value = slot.value
    if value is None:
        return
    if value.text is not None:
        slot.role_name, slot.account = aws.role_of(value.text)
    elif value.name is not None:
        slot.address = value.name
        role = roles.get(value.name)
        if role:
            slot.role_name = role.name


class _BuildContext:
    """Looks into the build contexts of images for files with credentials."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._evidence: dict[str, tuple[Span, ...] | None] = {}

    def copied_into(self, image: Image) -> Iterable[ImageFile]:
        folder = image.path.rpartition("/")[0] or "."
        ignore = self._ignore(image.path, folder)
        for copy in image.copies:
            yield from self._copied(copy, folder, ignore)

    def _copied(self, copy: Copy, folder: str, ignore: Ignore) -> Iterable[ImageFile]:
        for value in copy.sources:
            if value.text is None:
                continue
            source = normal(value.text.lstrip("/") or ".")
            named = _is_credentials_path(source, copy.target or "")
            seen = False
            for path in self._files_in(folder, source):
                evidence = self._keys_in(normal(f"{folder}/{path}"))
                if evidence is None or ignore.excludes(path):
                    continue
                seen = True
                if evidence:
                    yield ImageFile(copy.span, path, FileHow.COPIED, evidence)
            if named and not seen and not ignore.excludes(source):
                # It is not in the repository, as it should be; the build has it all the same.
                yield ImageFile(copy.span, source, FileHow.COPIED)

    def _files_in(self, folder: str, source: str) -> list[str]:
        """The files below a source of a COPY that may hold credentials, by their names."""
        if ".." in source.split("/") or any(char in source for char in "*?["):
            return []
        path = normal(f"{folder}/{source}")
        if not self._files.is_folder(path):
            return [source]
        prefix = "" if source == "." else source + "/"
        names = self._files.listdir(path)
        found = [prefix + name for name in names if _may_hold_credentials(name)]
        for inner in (".aws", "config", "docker", "env"):
            if inner in names:
                below = self._files.listdir(f"{path}/{inner}")
                found += [f"{prefix}{inner}/{name}" for name in below if inner == ".aws" or _may_hold_credentials(name)]
        return found[:_MOST_FILES]

    def _keys_in(self, path: str) -> tuple[Span, ...] | None:
        """The places of the keys in a file of the context; None when there is no such file."""
        if path not in self._evidence:
            source: Source | None = self._files.read(path) if not self._files.is_folder(path) else None
            if source is None:
                self._evidence[path] = None
            else:
                format = formats.detect(path, source.text)
                facts = format.read([source], self._files) if format and not format.by_folder else Facts(texts=[source])
                found = keys.find([facts])
                spans = tuple(part.span for key in found if key.secret or key.token for part in key.parts)
                self._evidence[path] = spans
        return self._evidence[path]

    def _ignore(self, dockerfile: str, folder: str) -> Ignore:
        """The ignore file that counts: the Dockerfile's own goes before the context's."""
        source = self._files.read(f"{dockerfile}.dockerignore") or self._files.read(f"{folder}/.dockerignore")
        return Ignore(source.text if source else "")


def _may_hold_credentials(name: str) -> bool:
    lower = name.lower()
    return (
        lower in ("credentials", ".boto", ".s3cfg", ".passwd-s3fs", "passwd-s3fs", "aws_credentials", ".envrc")
        or lower == ".env"
        or lower.endswith((".env", "credentials.csv", "accesskeys.csv", "rootkey.csv"))
        or (lower.startswith(".env.") and not lower.endswith((".example", ".sample", ".template", ".dist")))
    )


def _is_credentials_path(source: str, target: str) -> bool:
    """Whether a COPY says by its paths alone that it brings the shared credentials file."""
    name = source.rpartition("/")[2]
    return (
        name == ".aws"
        or source.endswith(".aws/credentials")
        or (name == "credentials" and ".aws" in target.split("/"))
        or target.endswith(".aws/credentials")
    )
