"""Which Dockerfile makes which image, by what builds it: compose files, GitHub workflows, other CI files, scripts.

What `docker build` is told by `-t` and `-f` is as good as what docker/build-push-action is told by `tags` and
`file`. Where a step of a workflow puts the image of another step into a task definition
(amazon-ecs-render-task-definition) no name is needed.
"""

from __future__ import annotations

import posixpath

from . import formats, lazy
from .files import normal
from .model import Certainty, Registry
from .node import Map, Ref, Scalar, Seq, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from .files import Files
    from .model import ImageName
    from .node import Node

    Made: TypeAlias = tuple[str, str | None]  # a Dockerfile, and the stage that is built

_MOST_FILES = 200
_HOLE = "\0"
_WORKFLOWS = ".github/workflows/"
_CI_FILES = (".gitlab-ci.yml", ".circleci/config.yml", "bitbucket-pipelines.yml", "azure-pipelines.yml", ".travis.yml")
_EXPRESSION = lazy.pattern(r"\$\{\{\s*(.*?)\s*\}\}")
_OUTPUT = lazy.pattern(r"\$\{\{\s*steps\.([\w-]+)\.outputs\.[\w-]+\s*\}\}")
_FOR_DEVELOPMENT = lazy.pattern(r"(?i)dev|test|local|debug")
_PROGRAMS = frozenset(("docker", "podman", "nerdctl"))
# Options of `docker build` without a value. https://docs.docker.com/reference/cli/docker/buildx/build/
_FLAGS = frozenset(
    "--no-cache --pull --push --load --quiet -q --rm --force-rm --squash --compress --check --debug -D".split()
)


class Builds:
    """What is built: by the task definition's path and the container, and by the last part of the image's name.

    What a CI file builds is deployed; what a script or a compose file builds (`by_hand`) may be for a
    developer's machine only.
    """

    __slots__ = ("by_container", "by_hand", "by_image")

    def __init__(self) -> None:
        self.by_container: dict[tuple[str, str], set[Made]] = {}
        self.by_image: dict[str, set[Made]] = {}
        self.by_hand: dict[str, set[Made]] = {}

    def of(self, image: ImageName, path: str, container: str) -> tuple[Made, Certainty] | None:
        """What makes the image of a container, where only one Dockerfile is said to, and how sure that is.

        An image of the same name may lie in the registry of somebody else.
        """
        name = image.name if image.registry is not Registry.OTHER else None
        for made, sure in (
            (self.by_container.get((path, container)), Certainty.HIGH),
            (self.by_image.get(name or ""), Certainty.HIGH),
            (self.by_hand.get(name or ""), Certainty.MEDIUM),
        ):
            if made:
                return (next(iter(made)), sure) if len(made) == 1 else None
        return None


class _Built:
    """An image that is built: its names as far as they are known, and how."""

    __slots__ = ("made", "names")

    def __init__(self, names: tuple[str, ...], made: Made) -> None:
        self.names = names
        self.made = made


def find(paths: Iterable[str], files: Files) -> Builds:
    """What the files of a repository build, as far as the Dockerfile is there."""
    found = Builds()
    for path in [path for path in paths if _may_build(path)][:_MOST_FILES]:
        source = files.read(path)
        if source is None or "build" not in source.text or ("docker" not in source.text and "image" not in source.text):
            continue
        by_hand = path.endswith(".sh") or "compose" in posixpath.basename(path)
        known = found.by_hand if by_hand else found.by_image
        for built in _of_file(path, files, found):
            for name in built.names:
                known.setdefault(name, set()).add(built.made)
    return found


def _may_build(path: str) -> bool:
    name = posixpath.basename(path)
    if name.endswith(".sh") or (path.startswith(_WORKFLOWS) and name.endswith((".yml", ".yaml"))):
        return True
    if path.endswith(_CI_FILES) or (name.startswith("buildspec") and name.endswith((".yml", ".yaml"))):
        return True
    return "compose" in name and any(format.name == "compose" for format in formats.by_name(path))


def _of_file(path: str, files: Files, found: Builds) -> Iterator[_Built]:
    source = files.read(path)
    if source is None:
        return
    if path.endswith(".sh"):
        folders = dict.fromkeys((".", posixpath.dirname(path) or "."))
        yield from _of_script(source.text, {}, folders, files)
        return
    from .readers import yaml

    for root in yaml.read(source).roots:
        if path.startswith(_WORKFLOWS):
            yield from _of_workflow(root, files, found)
        elif root.get("services") is not None and "compose" in posixpath.basename(path):
            yield from _of_compose(root, posixpath.dirname(path), files)
        else:
            for script in _scripts(root):
                yield from _of_script(script, {}, (".",), files)


# ── compose ──


def _of_compose(root: Node, folder: str, files: Files) -> Iterator[_Built]:
    from .formats import compose

    services = root.get("services")
    for _, service in services.items() if services is not None else ():
        image = service.get("image")
        made = compose.dockerfile_of(service.get("build"), folder)
        name = last_part((image.text if image is not None else None) or "")
        for_development = made is not None and _FOR_DEVELOPMENT.search(f"{posixpath.basename(made[0])} {made[1]}")
        if made is not None and name and not for_development and files.exists(made[0]):
            yield _Built((name,), made)


# ── GitHub ──


def _of_workflow(root: Node, files: Files, found: Builds) -> Iterator[_Built]:
    """What the jobs build; says as well into which containers of which task definitions it goes."""
    outer = _environment(root)
    usual = _folder(root.get("defaults"))
    jobs = root.get("jobs")
    for _, job in jobs.items() if jobs is not None else ():
        built: dict[str, list[_Built]] = {}
        known = {**outer, **_environment(job)}
        folder = _folder(job.get("defaults")) or usual or "."
        for step in job.get("steps") or ():
            mine = list(_of_step(step, {**known, **_environment(step)}, folder, files))
            yield from mine
            id, given = step.get("id"), step.get("with")
            if id is not None and id.text:
                built.setdefault(id.text, []).extend(mine)
            if given is not None and "amazon-ecs-render-task-definition" in _text(step.get("uses")):
                output = _OUTPUT.fullmatch(_text(given.get("image")))
                path, container = _text(given.get("task-definition")), _text(given.get("container-name"))
                path, container = _filled(path, known), _filled(container, known)
                for one in built.get(output[1], ()) if output else ():
                    found.by_container.setdefault((normal(path or "."), container), set()).add(one.made)


def _of_step(step: Node, known: Mapping[str, str], folder: str, files: Files) -> Iterator[_Built]:
    given, script = step.get("with"), step.get("run")
    if "docker/build-push-action" in _text(step.get("uses")):
        given = given if given is not None else Map(step.span, ())
        context = _filled(_text(given.get("context")) or ".", known)
        file = given.get("file")
        path = _filled(file.text or "", known) if file is not None else None
        tags = _filled(_text(given.get("tags")), known).replace(",", "\n").split()
        target = _filled(_text(given.get("target")), known) or None
        if _local(context) is not None and (path is None or _local(path) is not None):
            made = _made(context, path, target, ".")
            if files.exists(made[0]) and _HOLE not in (target or ""):
                yield _Built(tuple(filter(None, map(last_part, tags))), made)
    elif script is not None and script.text and " build" in script.text:
        own = _text(step.get("working-directory"))
        yield from _of_script(_filled(script.text, known), known, (posixpath.join(own or folder),), files)


def _environment(node: Node) -> dict[str, str]:
    """The variables of a workflow, a job or a step that are literals."""
    given = node.get("env")
    entries = given.items() if given is not None else ()
    return {key.text: value.text for key, value in entries if key.text and value.text and "${{" not in value.text}


def _folder(defaults: Node | None) -> str:
    run = defaults.get("run") if defaults is not None else None
    return _text(run.get("working-directory")) if run is not None else ""


def _filled(text: str, known: Mapping[str, str]) -> str:
    """A text with what is known put in for the expressions of GitHub."""
    return _EXPRESSION.sub(lambda found: known.get(found[1].removeprefix("env."), _HOLE), text)


def _text(node: Node | None) -> str:
    return (node.text if node is not None else None) or ""


# ── scripts ──


def _scripts(root: Node) -> Iterator[str]:
    """The texts of a CI file that may be scripts; a list of commands is one."""
    stack = [root]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Seq):
            lines = [element.text for element in node if isinstance(element, Scalar) and element.text]
            if any(" build" in line for line in lines):
                yield "\n".join(lines)
            stack.extend(element for element in node if not isinstance(element, Scalar))
        elif isinstance(node, Map):
            stack.extend(value for _, value in node.items())
        elif isinstance(node, Scalar) and isinstance(node.value, str) and " build" in node.value:
            yield node.value


def _of_script(text: str, known: Mapping[str, str], folders: Iterable[str], files: Files) -> Iterator[_Built]:
    """The images that a script builds; it is run in one of the folders."""
    from .readers import shell
    from .text import Source

    read = shell.read(Source("", text))
    assigned: dict[str, set[str]] = {}
    for assignment in read.assignments:
        assigned.setdefault(assignment.name.text or "", set()).add(assignment.value.text or _HOLE)
    variables = {**known, **{name: next(iter(values)) for name, values in assigned.items() if len(values) == 1}}
    variables.update({name: _HOLE for name, values in assigned.items() if len(values) > 1})
    at = "."
    for command in read.commands:
        words = [_word(word, variables) for word in shell.program(command.words)]
        if words[:1] == ["cd"] and len(words) == 2:
            at = posixpath.join(at, words[1])
        elif words and posixpath.basename(words[0]) in _PROGRAMS:
            built = _of_command(words[1:])
            where = [folder for folder in folders if built and _is_there(built, posixpath.join(folder, at), files)]
            if built is not None and len(where) == 1:
                tags, context, file, target = built
                folder = posixpath.join(where[0], at)
                names = tuple(filter(None, map(last_part, tags)))
                yield _Built(names, _made(posixpath.join(folder, context), file, target, folder))


def _is_there(built: tuple[list[str], str, str | None, str | None], folder: str, files: Files) -> bool:
    _, context, file, target = built
    if any(_HOLE in text or "~" in text for text in (folder, context, file or "", target or "")):
        return False
    return files.exists(_made(posixpath.join(folder, context), file, target, folder)[0])


def _of_command(words: Sequence[str]) -> tuple[list[str], str, str | None, str | None] | None:
    """The tags, the context, the Dockerfile and the stage of a `docker build`."""
    while words and words[0] in ("buildx", "image", "builder"):
        words = words[1:]
    if not words or words[0] != "build":
        return None
    given: dict[str, list[str]] = {}
    rest: list[str] = []
    at = 1
    while at < len(words):
        option, equals, value = words[at].partition("=")
        at += 1
        if not option.startswith("-") or option == "-":
            rest.append(words[at - 1])
        elif not equals and option not in _FLAGS:
            given.setdefault(option, []).append(words[at] if at < len(words) else _HOLE)
            at += 1
        else:
            given.setdefault(option, []).append(value)
    if len(rest) != 1 or _local(rest[0]) is None:
        return None
    files = given.get("-f") or given.get("--file")
    targets = given.get("--target")
    tags = [*given.get("-t", ()), *given.get("--tag", ())]
    return tags, rest[0], files[-1] if files else None, targets[-1] if targets else None


def _word(node: Node, variables: Mapping[str, str]) -> str:
    """A word with what is known put in for its variables."""
    parts = node.parts if isinstance(node, Template) else (node,)
    return "".join(
        variables.get(part.name, _HOLE) if isinstance(part, Ref) else _HOLE if part.text is None else part.text
        for part in parts
    )


# ── paths and names ──


def _made(context: str, file: str | None, target: str | None, base: str) -> Made:
    """The Dockerfile: `docker build` looks for a file that it is told from where it runs, compose from the context."""
    path = posixpath.join(base, file) if file is not None else posixpath.join(context, "Dockerfile")
    return normal(path), target


def _local(text: str | None) -> str | None:
    """A path in the repository; None for one that is not known, or lies elsewhere."""
    if text is None or _HOLE in text or "$" in text or ":" in text or text.startswith(("/", "~", "-")):
        return None
    return text


def last_part(image: str) -> str:
    """What an image is called, without its registry and its tag; empty where that is not known."""
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return "" if _HOLE in name or "$" in name else name
