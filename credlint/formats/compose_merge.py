"""The services of a compose project as `docker compose config` shows them: overridden, and extended.

How files are merged: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
What a service extends: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
Which files are read: https://docs.docker.com/reference/cli/docker/compose/#use--f-to-specify-the-name-and-path-of-one-or-more-compose-files

Only what credentials may be in is merged with care; of what is left it is enough that it is there.
"""

from __future__ import annotations

import posixpath

from ..files import normal
from ..node import Map, Node, Scalar, Seq, merged
from ..readers import yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..files import Files
    from ..node import Document
    from ..text import Source

# What compose looks for where no file is named, the first one wins: a project, and what is merged onto it.
BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
# Lists that a later file replaces; all others are added to.
_REPLACED = frozenset(("command", "entrypoint", "test"))
# Lists of NAME=value, which may be written as maps: what is there is merged by its name.
_NAMED = frozenset(("environment", "args", "labels", "annotations", "sysctls", "extra_hosts"))
_DEEPEST = 10  # services that extend one another
_DEEPEST_MAP = 2  # build.args; what is deeper is replaced
_MOST_MERGED = 500  # services of one project
_MOST_ENTRIES = 2_000  # of one map that is merged


def project_of(path: str, files: Files) -> tuple[str, ...]:
    """The files that compose reads together with a file, in their order: a project, and what overrides it."""
    folder, name = posixpath.split(path)
    if name in BASES or name in _OVERRIDES:
        there = set(files.listdir(folder or "."))
        base = next((one for one in BASES if one in there), None)
        override = next((one for one in _OVERRIDES if one in there), None)
        if base and override and name in (base, override):
            return posixpath.join(folder, base), posixpath.join(folder, override)
    return (path,)


def services(source: Source, others: tuple[str, ...], files: Files) -> Iterator[tuple[Scalar, Map]]:
    """The services of a file, or of the files that make a project with it, each as one map.

    A service that still has `extends` extends one that is not at hand.
    """
    found: dict[str, tuple[Scalar, Map]] = {}
    left = _MOST_MERGED
    for path in others:
        read = source if path == source.path else files.read(path)
        for root in document_of(read, files).roots if read is not None else ():
            for key, service in _entries(root.get("services")):
                name = key.text or ""
                if not isinstance(service, Map):
                    continue
                known, before = merged(service), found.get(name)
                if known.get("extends") is not None and left > 0:
                    left -= 1
                    known = _extended(name, root, path, files, ()) or known
                if before is not None:
                    left -= 1
                    known = _merge(before[1], known, 0) if left > 0 else known
                found[name] = (before[0] if before is not None else key, known)
    yield from found.values()


def document_of(source: Source, files: Files) -> Document:
    """A compose file as YAML; it is kept, for others may extend it."""
    known = files.memory.setdefault("compose", {})
    documents: dict[str, Document] = known if isinstance(known, dict) else {}
    if source.path not in documents:
        documents[source.path] = yaml.read(source)
    return documents[source.path]


def _services_of(root: Node, path: str, files: Files) -> dict[str, Map]:
    """The services of a document by their names."""
    known = files.memory.setdefault("compose services", {})
    indexes: dict[str, tuple[Node, dict[str, Map]]] = known if isinstance(known, dict) else {}
    if path not in indexes or indexes[path][0] is not root:
        named = {key.text or "": service for key, service in _entries(root.get("services")) if isinstance(service, Map)}
        indexes[path] = (root, named)
    return indexes[path][1]


def _extended(name: str, root: Node, path: str, files: Files, seen: tuple[tuple[str, str], ...]) -> Map | None:
    """A service with what it extends, and that with what it extends itself."""
    service = _services_of(root, path, files).get(name)
    if service is None:
        return None
    service = merged(service)
    extends = service.get("extends")
    if extends is None:
        return service
    named, file = (extends.get("service"), extends.get("file")) if isinstance(extends, Map) else (extends, None)
    base_name = named.text if named is not None else None
    roots: tuple[Node, ...] = (root,)
    other = path
    if file is not None:
        text = file.text or ""
        if not text or "$" in text or ":" in text or text.startswith(("/", "~")):
            return service
        other = normal(posixpath.join(posixpath.dirname(file.span.path), text))
        source = files.read(other)
        roots = document_of(source, files).roots if source is not None else ()
    here = (*seen, (path, name))
    if base_name is None or (other, base_name) in here or len(here) > _DEEPEST or not roots:
        return service
    base = _extended(base_name, roots[0], other, files, here)
    if base is None:
        return service
    own = Map(service.span, tuple(entry for entry in service.entries if entry[0].text != "extends"))
    return _merge(base, own, 0)


def _merge(base: Map, over: Map, depth: int) -> Map:
    """A map with what a later file says of it."""
    base, over = merged(base), merged(over)
    entries = {key.text: (key, value) for key, value in base.items()}
    for key, value in over.items():
        before = entries.get(key.text)
        if value.tag == "!reset":
            entries.pop(key.text, None)
        elif before is None or value.tag == "!override":
            entries[key.text] = (key, value)
        else:
            entries[key.text] = (key, _merged_value(key.text or "", before[1], value, depth))
    return Map(over.span, tuple(entries.values()))


def _merged_value(name: str, base: Node, over: Node, depth: int) -> Node:
    if depth > _DEEPEST_MAP or name in _REPLACED or max(_size(base), _size(over)) > _MOST_ENTRIES:
        return over
    if name in _NAMED:
        return _merge(by_name(base), by_name(over), depth + 1)
    if name == "build":
        base, over = _build(base), _build(over)
    if isinstance(base, Map) and isinstance(over, Map):
        return _merge(base, over, depth + 1)
    if name == "volumes":
        targets = {_target(volume) for volume in over}
        return Seq(over.span, (*(volume for volume in base if _target(volume) not in targets), *over))
    if name == "env_file" or (isinstance(base, Seq) and isinstance(over, Seq)):
        return Seq(over.span, (*_listed(base), *_listed(over)))
    return over


def _size(node: Node) -> int:
    return len(node.entries) if isinstance(node, Map) else len(node.nodes) if isinstance(node, Seq) else 1


def by_name(node: Node) -> Map:
    """A map, or a list of `NAME=value` as one; a name without a value has null."""
    if isinstance(node, Map):
        return merged(node)
    entries: list[tuple[Scalar, Node]] = []
    for element in node:
        text = element.text or ""
        name, equals, rest = text.partition("=")
        exact = element.span.text == text
        key = Scalar(element.span.sub(0, len(name)) if exact else element.span, name)
        place = element.span.sub(len(name) + 1) if exact and equals else element.span
        entries.append((key, Scalar(place, rest if equals else None)))
    return Map(node.span, tuple(entries))


def _build(node: Node) -> Node:
    """A build as a map; a text is its context."""
    return node if isinstance(node, Map) else Map(node.span, ((Scalar(node.span, "context"), node),))


def _target(volume: Node) -> str:
    """Where a volume is in the container."""
    target = volume.get("target") if isinstance(volume, Map) else None
    if target is not None:
        return target.text or ""
    parts = (volume.text or "").split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def _listed(node: Node) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, Seq) else (node,)


def _entries(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    return merged(node).items() if isinstance(node, Map) else iter(())
