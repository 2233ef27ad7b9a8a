"""Compose files: what services are given in their environment, and what their builds are.

https://github.com/compose-spec/compose-spec/blob/main/spec.md
"""

from __future__ import annotations

import posixpath

from .. import aws, lazy, names, values
from ..files import normal
from ..model import BuildArgument, BuildPlace, Facts, Setting, Value
from ..node import Map, Scalar, Seq, merged
from ..readers import yaml
from ..text import align
from . import by_name, dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import Image
    from ..node import Node, Problem
    from ..text import Source, Span

# A value that is nothing but a variable: $NAME, ${NAME}, ${NAME:-default}; a default may hold such a variable.
_VARIABLE = lazy.pattern(
    r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\$\{[^{}]*\})*))?\})",
)
_MOST_FILES = 50  # that a compose file includes and extends
_DEEPEST = 5  # defaults in defaults
_A_DUMMY = 40  # what is shorter is neither a secret access key nor a session token


def read(sources: Sequence[Source], files: Files) -> Facts:
    reader = _Reader(files)
    for source in sources:
        reader.file(source)
    while reader.waiting and len(reader.texts) < _MOST_FILES:
        path, span = reader.waiting.pop()
        other = files.read(path) if path not in reader.texts else None
        if other is not None:
            reader.uses[path] = span
            reader.file(other)
    return Facts(
        texts=list(reader.texts.values()),
        uses=reader.uses,
        settings=reader.settings,
        images=reader.images,
        build_arguments=reader.arguments,
        problems=reader.problems,
    )


def builds(source: Source) -> Iterator[tuple[str, str]]:
    """The Dockerfiles that a file says are built, each with its build context, as far as both are paths here."""
    folder = posixpath.dirname(source.path)
    for root in yaml.read(source).roots:
        for _, service in _entries_of(root.get("services")):
            build = merged(service).get("build") if isinstance(service, Map) else None
            if isinstance(build, Map):
                build = merged(build)
                if build.get("dockerfile_inline") is not None:
                    continue
                named, told = build.get("dockerfile"), build.get("context")
                context = _local(told, folder) if told is not None else folder or "."
            else:
                named, context = None, _local(build, folder)
            if context is not None:
                dockerfile = _local(named, context) if named is not None else normal(f"{context}/Dockerfile")
                if dockerfile is not None:
                    yield dockerfile, context


class _Reader:
    """Reads the files of one project, and notes those that they name."""

    __slots__ = ("arguments", "files", "images", "problems", "settings", "texts", "uses", "waiting")

    def __init__(self, files: Files) -> None:
        self.files = files
        self.texts: dict[str, Source] = {}
        self.uses: dict[str, Span] = {}
        self.waiting: list[tuple[str, Span]] = []  # compose files that are included or extended
        self.settings: list[Setting] = []
        self.images: list[Image] = []
        self.arguments: list[BuildArgument] = []
        self.problems: list[Problem] = []

    def file(self, source: Source) -> None:
        self.texts[source.path] = source
        document = yaml.read(source)
        self.problems.extend(document.problems)
        folder = posixpath.dirname(source.path)
        for root in document.roots:
            for name, service in _entries_of(root.get("services")):
                if isinstance(service, Map):
                    self._service(name.text or "", merged(service), folder)
            for node in _listed(root.get("include")):
                for path in _listed(node.get("path") if isinstance(node, Map) else node):
                    self._wait(path, folder)
            # Last: what is known by its service is not to be known by less.
            self.settings.extend(values.settings_of(root))

    def _service(self, name: str, service: Map, folder: str) -> None:
        environment = service.get("environment")
        for key, _, value in _entries(environment):
            if value is not None:
                self.settings.append(Setting(key, value, environment, name))
        for node in _listed(service.get("env_file")):
            self._env_file(node, name, folder)
        base = service.get("extends")
        if isinstance(base, Map):
            self._wait(base.get("file"), folder)
        build = service.get("build")
        if isinstance(build, Map):
            self._build(name, merged(build), folder)

    def _wait(self, node: Node | None, folder: str) -> None:
        path = _local(node, folder)
        if node is not None and path:
            self.waiting.append((path, node.span))

    def _env_file(self, node: Node, service: str, folder: str) -> None:
        """An env file under a name that nobody knows for one; others are read as what they are, if git has them."""
        named = node.get("path") if isinstance(node, Map) else node
        path = _local(named, folder)
        if named is None or path is None or by_name(path):
            return
        source = self.files.read(path)
        if source is None:
            return
        from ..readers import dotenv

        self.texts[path] = source
        self.uses[path] = named.span
        entries, _ = dotenv.read(source)
        for setting in values.settings_of(entries):
            setting.workload = service
            setting.value.via = (named.span,)
            self.settings.append(setting)

    def _build(self, service: str, build: Map, folder: str) -> None:
        given = list(_entries(build.get("args")))
        with_id = any(name == "AWS_ACCESS_KEY_ID" for name, _, _ in given)
        for name, span, value in given:
            if value is not None and value.text is not None:
                # A key is told as one, in a default too, and a dummy is none.
                self.settings.append(Setting(name, value, build, service))
            elif names.is_variable(name) or (value is not None and names.is_variable(value.name or "")):
                if not self._is_dummy((value.name if value else None) or name, folder):
                    self.arguments.append(
                        BuildArgument(name, span, BuildPlace.COMPOSE, with_id=with_id, workload=service)
                    )
        inline = build.get("dockerfile_inline")
        if inline is not None and inline.text:
            self._inline(inline.span, inline.text, build.get("context"), folder)

    def _is_dummy(self, variable: str, folder: str) -> bool:
        """Whether the folder's .env gives a variable a value that can be no key. What is one is told there."""
        source = self.files.read(posixpath.join(folder, ".env"))
        if source is None:
            return False
        from ..readers import dotenv

        entries, _ = dotenv.read(source)
        found = entries.get(variable)
        text = (found.text if found is not None else None) or ""
        return not aws.is_placeholder(text) and len(text) < _A_DUMMY

    def _inline(self, span: Span, text: str, context: Node | None, folder: str) -> None:
        facts = dockerfile.read([align(span, text.replace("$$", "$"))], self.files)
        self.settings.extend(facts.settings)
        self.arguments.extend(facts.build_arguments)
        self.problems.extend(facts.problems)
        where = _local(context, folder) if context is not None else folder
        for image in facts.images:
            if where is None:  # what it copies comes from elsewhere
                image.copies = ()
            else:
                image.path = posixpath.join(where, "Dockerfile")
            self.images.append(image)


def _entries(node: Node | None) -> Iterator[tuple[str, Span, Value | None]]:
    """The names and values of a map, or of a list of `NAME=value`; None is the value of whoever runs compose."""
    for key, value in _entries_of(node):
        unset = isinstance(value, Scalar) and value.value is None
        yield key.text or "", key.span, None if unset else _value(value)
    for element in node if isinstance(node, Seq) else ():
        text = element.text or ""
        name, equals, rest = text.partition("=")
        exact = element.span.text == text
        start = len(name) + 1
        place = element.span.sub(start) if exact else element.span
        yield name, element.span.sub(0, len(name)) if exact else element.span, _known(rest, place) if equals else None


def _value(node: Node) -> Value:
    text = node.text
    return values.value_of(node) if text is None or "$" not in text else _known(text, node.span)


def _known(text: str, span: Span, depth: int = 0) -> Value:
    """A text after interpolation, as far as the file itself says it: a variable is its default, or its name."""
    variable = _VARIABLE.fullmatch(text)
    if variable is None:
        known = None if "$" in text.replace("$$", "") else text.replace("$$", "$")
        return Value(span, known, reason="it is made of variables")
    name = variable[1] or variable[2]
    if variable[3] in (":-", "-") and variable[4] and depth < _DEEPEST:
        exact = span.text == text
        return _known(variable[4], span.sub(*variable.span(4)) if exact else span, depth + 1)
    return Value(span, name=name, reason="it is a variable of whoever runs compose")


def _entries_of(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    return merged(node).items() if isinstance(node, Map) else iter(())


def _listed(node: Node | None) -> Iterator[Node]:
    """The elements of a list, or what stands in place of a list of one."""
    if isinstance(node, Seq):
        yield from node
    elif node is not None:
        yield node


def _local(node: Node | None, folder: str) -> str | None:
    """The path that a text names, if it is one in the repository."""
    text = node.text if node is not None else None
    if not text or "$" in text or ":" in text or text.startswith(("/", "~")):
        return None
    return normal(posixpath.join(folder, text))
