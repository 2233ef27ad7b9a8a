"""Compose files: what services are given in their environment, what is mounted into them, what their builds are.

https://github.com/compose-spec/compose-spec/blob/main/spec.md
"""

from __future__ import annotations

import posixpath

from .. import aws, elsewhere, lazy, names, order, values
from ..files import normal
from ..model import (
    BuildArgument,
    BuildPlace,
    Certainty,
    Facts,
    Kind,
    Origin,
    Setting,
    Value,
    Variable,
    Workload,
    WorkloadFile,
)
from ..node import Map, Scalar, Seq, merged
from ..text import align
from . import by_name, compose_merge, dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import Image
    from ..node import Document, Node, Problem
    from ..text import Source, Span

# A value that is nothing but a variable: $NAME, ${NAME}, ${NAME:-default}; a default may hold such a variable.
_VARIABLE = lazy.pattern(
    r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\$\{[^{}]*\})*))?\})",
)
# What may leave a variable empty: ${NAME:-}, ${NAME-}.
_MAY_BE_EMPTY = lazy.pattern(r"\$\{[A-Za-z_]\w*:?[-+]\}")
_MOUNT = lazy.pattern(r":(/[^:\s]*/\.aws)(?:/(?:credentials|config))?/?(?::[\w,]+)?$")
# Whoever makes ECS task definitions of a compose file says so by these: Docker's integration, and ECS Compose-X.
_FOR_ECS = frozenset(
    """
    x-aws-autoscaling x-aws-cloudformation x-aws-cluster x-aws-loadbalancer x-aws-logs_retention x-aws-min_percent
    x-aws-max_percent x-aws-policies x-aws-pull_credentials x-aws-role x-aws-vpc x-cluster x-ecs x-ecs_composex x-iam
    """.split()
)
# Where a project says which values its variables usually have.
_SAMPLES = (".env", ".env.example", ".env.sample", ".env.dist", ".env.template", "example.env", "env.example")
_MOST_FILES = 50  # that a compose file includes and extends
_DEEPEST = 5  # defaults in defaults
_A_DUMMY = 40  # what is shorter is neither a secret access key nor a session token


def read(sources: Sequence[Source], files: Files) -> Facts:
    reader = _Reader(files)
    for source in sources:
        reader.file(source, compose_merge.project_of(source.path, files))
    while reader.waiting and len(reader.texts) < _MOST_FILES:
        path, span = reader.waiting.pop()
        other = files.read(path) if path not in reader.texts else None
        if other is not None:
            reader.uses[path] = span
            reader.file(other, (path,))
    return Facts(
        texts=list(reader.texts.values()),
        uses=reader.uses,
        settings=reader.settings,
        images=reader.images,
        build_arguments=reader.arguments,
        workloads=reader.workloads,
        problems=reader.problems,
    )


class _Reader:
    """Reads the files of one project, and notes those that they name."""

    __slots__ = (
        *("arguments", "files", "images", "problems", "settings"),
        *("texts", "told", "uses", "waiting", "workloads"),
    )

    def __init__(self, files: Files) -> None:
        self.files = files
        self.texts: dict[str, Source] = {}
        self.uses: dict[str, Span] = {}
        self.waiting: list[tuple[str, Span]] = []  # compose files that are included or extended
        self.settings: list[Setting] = []
        self.images: list[Image] = []
        self.arguments: list[BuildArgument] = []
        self.workloads: list[Workload] = []
        self.problems: list[Problem] = []
        self.told: dict[int, Node | None] = {}  # environments; they are kept, or their ids would be used again

    def file(self, source: Source, project: tuple[str, ...]) -> None:
        """Reads a file, and its services as the files of a project make them that it belongs to."""
        self.texts[source.path] = source
        document = compose_merge.document_of(source, self.files)
        self.problems.extend(document.problems)
        folder = posixpath.dirname(source.path)
        if self._is_new(project):
            first = len(self.workloads)
            for name, service in compose_merge.services(source, project, self.files):
                self._service(name.text or "", service, folder)
                self._workload(name, service, folder)
            if len(self.workloads) > first:
                self._look_around(source, document, folder, first)
        for root in document.roots:
            for _, node in _entries_of(root.get("services")):
                base = node.get("extends")
                if isinstance(base, Map):
                    self._wait(base.get("file"), folder)
            for node in _listed(root.get("include")):
                for path in _listed(node.get("path") if isinstance(node, Map) else node):
                    self._wait(path, folder)
            # Last: what is known by its service is not to be known by less.
            self.settings.extend(values.settings_of(root))

    def _look_around(self, source: Source, document: Document, folder: str, first: int) -> None:
        """What the file around its services says of them, from the first that is new."""
        if any(key.text in _FOR_ECS for root in document.roots for key, _ in root.items()):
            del self.workloads[first:]
        elif any(self._has_emulator(root, source, folder) for root in document.roots):
            for workload in self.workloads[first:]:
                workload.emulated = True

    def _is_new(self, project: tuple[str, ...]) -> bool:
        """Whether the services of a project are not yet told: each of its files leads to it."""
        known = self.files.memory.setdefault("compose projects", set())
        told: set[tuple[str, ...]] = known if isinstance(known, set) else set()
        is_new = len(project) == 1 or project not in told
        told.add(project)
        return is_new

    def _service(self, name: str, service: Map, folder: str) -> None:
        environment = service.get("environment")
        if id(environment) not in self.told:  # an alias of YAML may be there very often
            self.told[id(environment)] = environment
            for key, _, value in _entries(environment):
                if value is not None:
                    self.settings.append(Setting(key, value, environment, name))
        for node in _listed(service.get("env_file")):
            self._env_file(node, name)
        build = service.get("build")
        if isinstance(build, Map):
            self._build(name, merged(build), folder)

    def _workload(self, name: Scalar, service: Map, folder: str) -> None:
        """A service as something that may have credentials, if anything says so."""
        if any(key.text in _FOR_ECS for key, _ in service.items()):
            return
        environment = service.get("environment")
        complete = service.get("extends") is None and (environment is None or isinstance(environment, (Map, Seq)))
        found: dict[str, Variable] = {}
        for node in _listed(service.get("env_file")):
            entries = self._entries_of_env_file(node)
            complete = complete and entries is not None
            for key, value in entries.items() if entries is not None else ():
                known = values.value_of(value)
                known.via = (node.span,)
                found[key.text or ""] = Variable(key.text or "", key.span, known, Origin.ENV_FILE)
        for key_text, span, given in _entries(environment):
            if given is not None and _MAY_BE_EMPTY.fullmatch(given.span.text):
                given = Value(given.span, reason="it may be empty")
            found[key_text] = Variable(key_text, span, given, Origin.ENVIRONMENT)
        mounted = [mount for mount in map(_mounted, _listed(service.get("volumes"))) if mount is not None]
        if not mounted and not any(map(order.matters, found.values())):
            return
        workload = Workload(
            name.text or "",
            name.span,
            tuple(found.values()),
            complete=complete,
            kind=Kind.COMPOSE_SERVICE,
            dockerfile=dockerfile_of(service.get("build"), folder),
            emulated=any(map(elsewhere.is_endpoint, found.values())),
        )
        workload.files = tuple(mounted)
        if mounted:
            workload.home = posixpath.dirname(posixpath.dirname(mounted[0].path))
        if not workload.emulated:
            workload.emulated = any(
                elsewhere.is_dummy(self._usual(variable.value, folder))
                or elsewhere.is_of_another_vendor((variable.value.name if variable.value else None) or "")
                for variable in order.keys_of(workload)
                if variable is not None and names.is_variable(variable.name)
            )
        self.workloads.append(workload)

    def _usual(self, value: Value | None, folder: str) -> Value | None:
        """What a value usually is: a variable has one in the folder's .env, or in the sample of one."""
        if value is None or value.name is None:
            return value
        from ..readers import dotenv

        for sample in _SAMPLES:
            source = self.files.read(posixpath.join(folder, sample))
            found = dotenv.read(source)[0].get(value.name) if source is not None else None
            text = found.text if found is not None else None
            if text and not aws.is_placeholder(text):
                return Value(value.span, text)
        return value

    def _entries_of_env_file(self, node: Node) -> Map | None:
        """The variables of an env file; None where it is not there."""
        path = _local(node.get("path") if isinstance(node, Map) else node, posixpath.dirname(node.span.path))
        source = self.files.read(path) if path is not None else None
        if source is None:
            return None
        from ..readers import dotenv

        return dotenv.read(source)[0]

    def _has_emulator(self, root: Node, source: Source, folder: str) -> bool:
        """Whether a service stands in for AWS, in this file or in another one that belongs to it."""
        for name, service in _entries_of(root.get("services")):
            image = service.get("image")
            if elsewhere.is_emulator(name.text or "", (image.text if image is not None else None) or ""):
                return True
        for other in self.files.listdir(folder or "."):
            path = posixpath.join(folder, other)
            if path != source.path and any(format.name == "compose" for format in by_name(path)):
                beside = self.files.read(path)
                if beside is not None and elsewhere.names_emulator(beside.text):
                    return True
        return False

    def _wait(self, node: Node | None, folder: str) -> None:
        path = _local(node, folder)
        if node is not None and path:
            self.waiting.append((path, node.span))

    def _env_file(self, node: Node, service: str) -> None:
        """An env file under a name that nobody knows for one; others are read as what they are, if git has them."""
        named = node.get("path") if isinstance(node, Map) else node
        path = _local(named, posixpath.dirname(node.span.path))
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
    for key, value in compose_merge.by_name(node).items() if isinstance(node, (Map, Seq)) else ():
        unset = isinstance(value, Scalar) and value.value is None
        yield key.text or "", key.span, None if unset else _value(value)


def _mounted(node: Node) -> WorkloadFile | None:
    """The credentials file that a volume brings, by where it comes to lie."""
    target = node.get("target") if isinstance(node, Map) else node
    text = (target.text if target is not None else None) or ""
    found = _MOUNT.search(f":{text}" if isinstance(node, Map) else text)
    if found is None:
        return None
    return WorkloadFile(node.span, f"{found[1]}/credentials", (), Certainty.HIGH, certain=False, mounted=True)


def builds(source: Source) -> Iterator[tuple[str, str]]:
    """The Dockerfiles that a file says are built, each with its build context, as far as both are paths here."""
    from ..readers import yaml

    folder = posixpath.dirname(source.path)
    for root in yaml.read(source).roots:
        for _, service in _entries_of(root.get("services")):
            paths = _paths_of(merged(service).get("build"), folder) if isinstance(service, Map) else None
            if paths is not None:
                yield paths


def dockerfile_of(build: Node | None, folder: str) -> tuple[str, str | None] | None:
    """The Dockerfile of a service, with the stage that is built."""
    paths = _paths_of(build, folder)
    target = merged(build).get("target") if isinstance(build, Map) else None
    if paths is None or (target is not None and target.text is None):
        return None
    return paths[0], target.text if target is not None else None


def _paths_of(build: Node | None, folder: str) -> tuple[str, str] | None:
    """The Dockerfile and the build context of a service."""
    given = merged(build) if isinstance(build, Map) else build
    if given is None or given.get("dockerfile_inline") is not None:
        return None
    context = given.get("context") if isinstance(given, Map) else given
    where = _local(context, folder) if context is not None else normal(folder or ".")
    named = given.get("dockerfile")
    path = _local(named, where or "") if named is not None else posixpath.join(where or "", "Dockerfile")
    return (normal(path), where) if where is not None and path is not None else None


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
