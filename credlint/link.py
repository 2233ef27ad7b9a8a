"""From a container to the Dockerfile of its image, and what it gets from there and from env files.

Nothing in a task definition says which Dockerfile makes an image: names do. What is not
clear by them is not linked.
"""

from __future__ import annotations

import os
import posixpath

from . import formats, lazy, order
from .credential_files import from_home, profiles_in
from .files import normal
from .model import Certainty, Evidence, Facts, FileHow, Kind, Origin, Registry, Variable, WorkloadFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from .builders import Made
    from .context import BuildContexts
    from .files import Files
    from .model import Image, ImageFile, ImageName, Task, Workload

_PLAIN_NAMES = ("dockerfile", "containerfile")
# Folders that say nothing about the image: the one above them does.
_SAYS_NOTHING = frozenset(("", ".", "..", "app", "build", "container", "deploy", "docker", "image", "source", "src"))
# A last stage with such a name is not what is built for a deployment (`docker build --target`).
_NOT_DEPLOYED = lazy.pattern(r"dev|test|local|debug|lint|build|\bci\b")

# The official images of Docker Hub, which are meant by a name without a registry:
# https://github.com/docker-library/official-images/tree/master/library
_OFFICIAL = frozenset(
    """
    adminer aerospike almalinux alpine amazoncorretto amazonlinux arangodb archlinux bash buildpack-deps busybox caddy
    cassandra chronograf clojure composer couchbase couchdb crate dart debian docker drupal eclipse-mosquitto
    eclipse-temurin elasticsearch elixir emqx erlang fedora flink fluentd gcc ghost golang gradle groovy haproxy haskell
    hello-world httpd influxdb jetty joomla jruby julia kapacitor kibana kong liquibase logstash mariadb matomo maven
    mediawiki memcached mongo mongo-express mysql nats neo4j nextcloud nginx node odoo openjdk oraclelinux orientdb
    percona perl photon php phpmyadmin postgres pypy python r-base rabbitmq redis redmine registry rethinkdb rockylinux
    ros ruby rust sapmachine solr sonarqube spark storm swift telegraf tomcat tomee traefik ubuntu varnish vault
    wordpress xwiki zookeeper
    """.split()
)


def referred(facts: Sequence[Facts], files: Files) -> list[Facts]:
    """The env files that containers are given and that are not linted: what refers to them needs their names."""
    wanted = {name for unit in facts for task in unit.tasks for one in task.workloads for name in one.env_files}
    if not wanted:
        return []
    known = {source.path for unit in facts for source in unit.texts}
    found: list[Facts] = []
    for path in _names(files):
        if posixpath.basename(path) in wanted and path not in known:
            source = files.read(path)
            format = formats.detect(path, source.text) if source is not None else None
            if source is not None and format is not None and format.name == "dotenv":
                found.append(format.read([source], files))
    return found


def link(
    tasks: Sequence[Task],
    others: Sequence[Workload],
    images: Sequence[Image],
    facts: Sequence[Facts],
    files: Files,
    contexts: BuildContexts,
) -> None:
    """Gives the containers of the tasks, and the other workloads, what their images and env files have for them."""
    known = _Images(images, files, contexts)
    for workload in others:
        if workload.dockerfile is not None:
            known.bring(workload, workload.dockerfile, Certainty.HIGH)
    containers = [(workload, task) for task in tasks for workload in task.workloads]
    if not known.tell and not any(one.env_files or _has_keys(one) or _asks(one, task) for one, task in containers):
        return
    from . import builders

    names = _names(files)
    dockerfiles = _dockerfiles({*names, *known.stages}, known.stages)
    env_files = _env_files(facts)
    mine = [workload.image for workload, _ in containers if workload.image and _may_be_ours(workload.image)]
    ours = {image.name or image.span.place for image in mine if image.registry is not Registry.OTHER}
    builds = builders.find(names, files) if dockerfiles and mine else builders.Builds()
    for workload, task in containers:
        for name in workload.env_files:
            if len(env_files.get(name, ())) == 1:
                _put_before(workload, _of_env_file(env_files[name][0]))
        if workload.image is None or not _may_be_ours(workload.image):
            continue
        said = builds.of(workload.image, task.span.path, workload.name)
        if said is None:
            named = _dockerfile(workload.image, dockerfiles, alone=len(ours) == 1)
            if named is None:
                continue
            said = (named[0], None), named[1]
        made, sure = said
        known.bring(workload, made, sure)
        if sure is Certainty.HIGH and _asks(workload, task):
            workload.evidence = known.sdk_in_sources(made[0])


class _Images:
    """The images of a project, by the Dockerfiles that make them."""

    def __init__(self, images: Sequence[Image], files: Files, contexts: BuildContexts) -> None:
        self.files = files
        self.contexts = contexts
        self.stages: dict[str, list[Image]] = {}
        for image in images:
            self.stages.setdefault(image.path, []).append(image)
        # whether one of them has anything that matters
        self.tell = any(
            map(order.matters, (variable for stages in self.stages.values() for variable in stages[-1].variables))
        )
        self.tell |= any(file.is_read and _is_there(file, image) for image in images for file in image.files)

    def bring(self, workload: Workload, made: Made, sure: Certainty) -> None:
        """Gives a workload what its image has: variables, credentials files, the SDKs of its sources."""
        path, stage = made
        stages = self.stages.get(path, [])
        built = [image for image in stages if image.name == stage] if stage else stages
        final = built[-1] if built else None
        # Which stage is built is mostly said where the image is built, not where it is run.
        if final is not None and (stage or workload.kind is Kind.COMPOSE_SERVICE or not _is_for_tests(final)):
            _put_before(workload, _of_image(final, sure))
            if final is stages[-1]:
                there = tuple(_files_of(final, stages, sure))
                workload.home = final.home if there or not workload.files else workload.home
                workload.files = (*workload.files, *there)
        if sure > Certainty.LOW and (workload.files or _has_keys(workload)):
            from . import sdks

            workload.sdks = sdks.detect(self._folders(path), self.files)

    def sdk_in_sources(self, dockerfile: str) -> tuple[Evidence, ...]:
        """Where the sources of an image say that their program uses an SDK."""
        from . import sdks

        found = sdks.listed(self._folders(dockerfile), self.files)
        return (Evidence(found[1], f"its sources use {found[0]}"),) if found is not None else ()

    def _folders(self, dockerfile: str) -> Iterable[str]:
        own = posixpath.dirname(dockerfile) or "."
        return dict.fromkeys((own, self.contexts.folder(dockerfile) or own))


def _asks(workload: Workload, task: Task) -> bool:
    """Whether it is worth knowing if a container calls AWS: its task has no role, and nothing has told it yet."""
    return task.complete and task.task_role.value is None and bool(task.launch) and not workload.evidence


def _is_for_tests(image: Image) -> bool:
    return _NOT_DEPLOYED.search(image.name or "") is not None


def _put_before(workload: Workload, variables: Iterable[Variable]) -> None:
    """Gives a workload further variables; its own go before them."""
    given = {variable.name for variable in workload.variables}
    last = {variable.name: variable for variable in variables if variable.name not in given}
    workload.variables = (*last.values(), *workload.variables)


def _has_keys(workload: Workload) -> bool:
    return any(map(order.matters, workload.variables))


# ── which Dockerfile ──


def _names(files: Files) -> Sequence[str]:
    """All files of the repository."""
    return files.walk(normal(os.path.relpath(files.root)))


def _is_dockerfile(path: str) -> bool:
    """Whether a file is a Dockerfile by its name alone."""
    return any(format.name == "dockerfile" and not format.openings for format in formats.by_name(path))


def _dockerfiles(paths: Iterable[str], read: Collection[str]) -> dict[str, tuple[str, str]]:
    """The Dockerfiles, each with what its own name and what its folder says that it makes. `read` are surely some."""
    found: dict[str, tuple[str, str]] = {}
    folders_of: dict[str, str] = {}
    unnamed: list[tuple[str, str]] = []
    for path in sorted(paths):
        if "ockerfile" not in path and "ontainerfile" not in path and "OCKERFILE" not in path:
            continue
        folders, _, name = path.lower().rpartition("/")
        parts = [part for part in folders.split("/") if part not in ("", "..")]
        hidden = any(part.startswith(".") and part != "." for part in parts)  # .devcontainer
        if hidden or (path not in read and not _is_dockerfile(path)):
            continue
        first, _, rest = (name if "." in name else _spelt(name).replace("-", ".", 1)).partition(".")
        own = "" if name in _PLAIN_NAMES else rest if first in _PLAIN_NAMES else name.removesuffix(".dockerfile")
        named = list(parts)
        while named and named[-1] in _SAYS_NOTHING:
            named.pop()
        above = "/".join(named)
        if named != parts:
            unnamed.append((path, above))
        folders_of[path] = f"{'/'.join(parts)}/"
        found[path] = (_spelt(own), _spelt(named[-1] if named else ""))
    for path, above in unnamed:  # a folder with several says no more which of them it is about
        if sum(folder.startswith(f"{above}/") for folder in folders_of.values()) > 1:
            found[path] = (found[path][0], "")
    return found


def _dockerfile(
    image: ImageName, dockerfiles: dict[str, tuple[str, str]], *, alone: bool
) -> tuple[str, Certainty] | None:
    """The Dockerfile that makes an image, and how sure that is; None where several may, or none.

    `alone` when the tasks name one image only that may come from here.
    """
    if not _may_be_ours(image):
        return None
    if image.name is not None:
        name = _spelt(image.name)
        exact = [path for path, (own, folder) in dockerfiles.items() if name in (own, folder)]
        if exact:
            own = [path for path in exact if dockerfiles[path][0] in ("", name)]
            sure = {Registry.DECLARED: Certainty.HIGH, Registry.OTHER: Certainty.LOW}
            # Beside another Dockerfile in its folder it is not clear which of them is deployed.
            return (own[0], sure.get(image.registry, Certainty.MEDIUM)) if len(exact) == 1 and own else None
        if image.registry is Registry.OTHER:
            return None
        part = [
            path for path, names in dockerfiles.items() if any(word and name.endswith(f"-{word}") for word in names)
        ]
        if part:
            return (part[0], Certainty.LOW) if len(part) == 1 else None
        alone = alone and all(names == ("", "") for names in dockerfiles.values())
    if alone and len(dockerfiles) == 1:
        return next(iter(dockerfiles)), Certainty.LOW
    return None


def _may_be_ours(image: ImageName) -> bool:
    if image.registry is Registry.BARE:
        return image.name not in _OFFICIAL
    return image.name is not None or image.registry is not Registry.OTHER


def _spelt(name: str) -> str:
    return name.replace("_", "-")


# ── what it brings ──


def _of_image(image: Image, sure: Certainty) -> Iterator[Variable]:
    """The variables of an image that matter. What tells of the role ECS sets anew in each container."""
    for variable in image.variables:
        if order.matters(variable) and "CONTAINER" not in variable.name:
            yield Variable(variable.name, variable.span, variable.value, Origin.IMAGE, sure)


def _files_of(final: Image, stages: Sequence[Image], sure: Certainty) -> Iterator[WorkloadFile]:
    """The credentials files that are there when a container starts: the last layer that says something counts."""
    if not final.home:
        return
    for stage in stages:
        for file in stage.files:
            gone = any(
                span.start > file.span.start and f"{from_home(file.place)}/".startswith(f"{path}/")
                for span, path in final.removed
            )
            if file.is_read and _is_there(file, stage) and file.place.startswith("/") and not gone:
                path = file.place.rstrip("/")
                path = f"{path}/credentials" if path.endswith("/.aws") else path
                certain = bool(file.evidence) or file.literal
                yield WorkloadFile(file.span, path, _profiles(file), sure, certain=certain)


def _is_there(file: ImageFile, stage: Image) -> bool:
    """Whether what a stage says of a file holds for the image that is built last."""
    return not file.triggered and (stage.reaches_final or bool(file.onward))


def _profiles(file: ImageFile) -> tuple[str, ...]:
    """The profiles of a credentials file: those that are seen, or the default one."""
    if file.how is FileHow.CONFIGURED:
        return profiles_in(file.span.text)
    return profiles_in("\n".join(dict.fromkeys(span.source.text for span in file.evidence)) or file.span.text)


def _env_files(facts: Sequence[Facts]) -> dict[str, list[Facts]]:
    """The env files, by their base names."""
    found: dict[str, list[Facts]] = {}
    for unit in facts:
        if unit.where == "dotenv":
            found.setdefault(posixpath.basename(unit.texts[0].path), []).append(unit)
    return found


def _of_env_file(unit: Facts) -> Iterator[Variable]:
    from . import values
    from .readers import dotenv

    entries, _ = dotenv.read(unit.texts[0], "docker")
    for name, value in entries.items():
        known = Variable(name.text or "", name.span, values.value_of(value), Origin.ENV_FILE, Certainty.MEDIUM)
        if order.matters(known):
            yield known
