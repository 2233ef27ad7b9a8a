"""ECS task definitions in JSON and YAML, and what is made of the same parts: overrides, container definitions.

The fields are AWS's RegisterTaskDefinition and RunTask requests:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import posixpath

from .. import iam, lazy, needs, values
from ..model import (
    Certainty,
    Facts,
    Feature,
    FeatureKind,
    ImageName,
    Origin,
    Registry,
    Setting,
    Slot,
    Task,
    Variable,
    Workload,
    WorkloadFile,
)
from ..node import Conditional, Map, Node, Ref, Scalar, Seq, Template, Unknown, merged
from . import BUILDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..files import Files
    from ..model import BuildArgument, Evidence, Value
    from ..node import Document, Problem
    from ..text import Source, Span

_FILLED_IN = lazy.pattern(r"<[^>]*>|\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|%\w+%")
_SIGNS = frozenset("<{$%")  # a text without them has nothing of that
_IMAGE_NAME = lazy.pattern(r"[a-z0-9][a-z0-9._-]*")
_AWS_FOLDER = lazy.pattern(r"(/.*/\.aws)(?:/credentials)?/?")
_HOLE = "\0"  # stands for what is not known of an image's name

LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")


def read(sources: Sequence[Source], files: Files) -> Facts:
    tasks: list[Task] = []
    settings: list[Setting] = []
    arguments: list[BuildArgument] = []
    problems: list[Problem] = []
    for source in sources:
        document = _documents(source)
        problems.extend(document.problems)
        if BUILDS in source.text:  # a CI file that speaks of task definitions
            from . import builds

            arguments.extend(builds.handed_over(document))
        for root in document.roots:
            tasks.extend(_tasks(root, whole=not document.problems))
            settings.extend(named_by_container(root))
    return Facts(texts=sources, settings=settings, tasks=tasks, build_arguments=arguments, problems=problems)


def _documents(source: Source) -> Document:
    """A file read as JSON or YAML, by its name and its first character."""
    name = source.path.lower()
    if name.endswith((".yml", ".yaml")) or (".json" not in name and source.text.lstrip()[:1] not in "[{"):
        from ..readers import yaml

        return yaml.read(source)
    from ..readers import json

    return json.read(source)


def _tasks(root: Node, whole: bool) -> Iterator[Task]:
    definition = field(root, "taskDefinition")
    if isinstance(definition, Map) and containers(definition):
        root = definition  # what describe-task-definition prints
    if isinstance(root, Seq):
        if any(_is_container(element) for element in root):
            yield task(Map(root.span, ()), root, name="", span=root.span, complete=False)
        return
    if field(root, "jobDefinitionName") is not None:
        from . import batch

        yield from batch.tasks(root, whole=whole)
        return
    if field(root, "containerDefinitions") is not None:
        family = field(root, "family")
        name = (family.text if family else None) or ""
        yield task(root, containers(root), name=name, span=root.span, complete=whole and not _has_holes(root))
        return
    overrides = field(root, "overrides") or root
    if field(overrides, "containerOverrides") is not None:
        yield task(overrides, field(overrides, "containerOverrides"), name="", span=overrides.span, complete=False)


def overrides(root: Node) -> Iterator[Node]:
    """The overrides of tasks in what an event gives a target (they are all of it), or in a state machine.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
    """
    if field(root, "containerOverrides") is not None:
        yield root
    stack = [root]
    seen: set[int] = set()  # an alias of YAML may be there very often
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Map):
            resource = node.get("Resource")
            if resource is not None and ":ecs:runTask" in values.known_part(resource):
                given = node.get("Arguments", "Parameters")
                found = given.get("Overrides") if given is not None else None
                if found is not None:
                    yield found
            stack.extend(value for _, value in node.items())
        elif isinstance(node, Seq):
            stack.extend(node)


def task(
    root: Node,
    definitions: Node | None,
    *,
    name: str,
    span: Span,
    complete: bool,
    task_role: Slot | None = None,
    execution_role: Slot | None = None,
    launch: tuple[str, ...] | None = None,
    volumes: Node | None = None,
    called: bool = False,
    scope: str = "",
    more: Sequence[Feature] = (),
) -> Task:
    """A task of the parts that every format has: its roles, its containers, its volumes."""
    whole = [merged(container) if isinstance(container, Map) else container for container in definitions or ()]
    images = [image.text for image in (field(container, "image") for container in whole) if image is not None]
    features = [feature for container in whole for feature in _features_of(container)]
    for volume in volumes or field(root, "volumes") or ():
        features.extend(_features_of_volume(volume))
    mounts = _mounts(volumes or field(root, "volumes"))
    if launch is None:
        launch = launch_types(field(root, "requiresCompatibilities"))
    return Task(
        name,
        span,
        task_role or slot(root, "taskRoleArn"),
        execution_role or slot(root, "executionRoleArn"),
        launch=launch,
        features=(*features, *more),
        images=tuple(image for image in images if image),
        complete=complete,
        called=called,
        scope=scope,
        workloads=tuple(_workload(container, mounts) for container in whole if isinstance(container, Map)),
    )


def slot(root: Node, name: str) -> Slot:
    """The role slot of that name; null and "" are as good as absent."""
    found = entry(root, name)
    if not found:
        return Slot(name, None)
    return Slot(found[0].text or name, filled(found[1]))


def filled(node: Node) -> Value | None:
    """A node as a slot's value, or None when it leaves the slot empty."""
    if isinstance(node, Scalar) and (node.value is None or node.text == ""):
        return None
    return values.value_of(node)


def name_by_arn(value: Value, node: Template, role_name: Callable[[Node], str | None]) -> None:
    """Says which role an ARN means of which a part is not known, if that is not the name of the role."""
    for at, part in enumerate(node.parts):
        before, sign, path = (part.text or "").rpartition(":role/")
        if not sign:
            continue
        rest = node.parts[at + 1 :]
        start = Scalar(part.span, path.rpartition("/")[2] if not rest else path)
        tail = (start, *rest) if path else rest
        named = tail[0] if len(tail) == 1 else Template(node.span, tail) if tail else None
        if isinstance(named, Scalar):
            # Two expressions for the account are two accounts, as far as is known.
            account = "" if before.rpartition(":")[2] else values.canonical(Template(node.span, node.parts[:at])) or "?"
            known = before.rpartition(":")[2] or account.replace(":", "/")
            value.text = f"arn:aws:iam::{known}:role/{named.text}"
        elif named is not None:
            value.name = role_name(named) or values.canonical(named) or value.name
        return


def when_there(node: Node) -> Node:
    """A value that is only there under a condition, as what it is when it is there."""
    for _ in range(5):
        if not isinstance(node, Conditional):
            break
        sides = [side for side in (node.yes, node.no) if not (isinstance(side, Scalar) and side.value in (None, ""))]
        spelt = {values.canonical(side) for side in sides}
        if len(spelt) != 1 or None in spelt:
            break
        via = node.via
        node = sides[0]
        if via and not node.via:
            node.via = via
    return node


def launch_types(node: Node | None) -> tuple[str, ...]:
    """The launch types that a list names; empty when it is not there or not wholly known."""
    known = [element.text or "" for element in node or ()]
    return tuple(known) if all(name in LAUNCH_TYPES for name in known) else ()


def containers(root: Node) -> Node | None:
    """The list of container definitions, whichever way it is spelt."""
    found = field(root, "containerDefinitions")
    return found if isinstance(found, Seq) else None


def field(node: Node, name: str) -> Node | None:
    """A field in camelCase, or as CloudFormation and .NET write it, in PascalCase."""
    return node.get(name, name[0].upper() + name[1:])


def camel(name: str) -> str:
    """A field's name as ECS has it, from Terraform's way to write it: `root_directory` is `rootDirectory`."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def snake(name: str) -> str:
    """A field's name as Terraform has it: `rootDirectory` is `root_directory`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def entry(node: Node, name: str) -> tuple[Scalar, Node] | None:
    """A field with its key, for the place."""
    for key, value in node.items():
        if key.text in (name, name[0].upper() + name[1:]):
            return key, value
    return None


def _mounts(volumes: Node | None) -> dict[str, str]:
    """The volumes that lie on the host, by name, with the path there."""
    found: dict[str, str] = {}
    for volume in volumes or ():
        name, host = field(volume, "name"), field(volume, "host")
        path = field(host, "sourcePath") if host is not None else field(volume, "hostPath")
        if name is not None and name.text and path is not None and path.text:
            found[name.text] = path.text
    return found


def _mounted(container: Map, mounts: dict[str, str], named: Sequence[str]) -> Iterator[WorkloadFile]:
    """The credentials files that the volumes of a host bring.

    It is the `.aws` of a user there, where the SDK looks for it, or the file that a variable names.
    """
    for mount in (field(container, "mountPoints") if mounts else None) or ():
        source, target = field(mount, "sourceVolume"), field(mount, "containerPath")
        path = ((target.text if target is not None else None) or "").rstrip("/")
        if source is None or target is None or source.text not in mounts or not path:
            continue
        place = _AWS_FOLDER.fullmatch(path)
        files = [file for file in named if file == path or file.startswith(f"{path}/")]
        if place and not files and _AWS_FOLDER.fullmatch(mounts[source.text]):
            files = [f"{place[1]}/credentials"]
        for file in files:
            yield WorkloadFile(target.span, file, (), Certainty.HIGH, certain=False, mounted=True)


def _workload(container: Map, mounts: dict[str, str]) -> Workload:
    """A container with the variables that it is given. `secrets` go before `environment`."""
    name, image = field(container, "name"), field(container, "image")
    variables: list[Variable] = []
    complete = not any(key.text is None for key, _ in container.items())
    for listed, origin in (("environment", Origin.ENVIRONMENT), ("secrets", Origin.SECRETS)):
        found = field(container, listed)
        if found is None or (isinstance(found, Scalar) and found.value is None):
            continue
        complete = complete and isinstance(found, Seq)
        for element in found:
            named, value = field(element, "name"), field(element, "value")
            if named is None or named.text is None:
                complete = False
                continue
            known = values.value_of(value) if value is not None and origin is Origin.ENVIRONMENT else None
            variables.append(Variable(named.text, named.span, known, origin))
    listed_files = field(container, "environmentFiles")
    complete = complete and (listed_files is None or _is_empty(listed_files))
    workload = Workload(
        (name.text if name is not None else None) or "",
        container.span,
        tuple(variables),
        complete=complete,
        image=image_name(image) if image is not None else None,
        env_files=tuple(filter(None, (_last_part(field(element, "value")) for element in listed_files or ()))),
        evidence=_calls(container),
    )
    paths = [one.value.text for one in variables if one.name == "AWS_SHARED_CREDENTIALS_FILE" and one.value]
    workload.files = tuple(_mounted(container, mounts, [path for path in paths if path]))
    if workload.files and "/.aws/" in workload.files[0].path:
        workload.home = posixpath.dirname(posixpath.dirname(workload.files[0].path))
    return workload


def _calls(container: Map) -> tuple[Evidence, ...]:
    """Where what a container runs calls AWS by the CLI."""
    image, entry_point = field(container, "image"), field(container, "entryPoint")
    words = [*(entry_point or ()), *(field(container, "command") or ())]
    of_cli = image is not None and "aws-cli" in (image.text or "") and not entry_point
    if not of_cli and not any("aws" in values.known_part(word) for word in words):
        return ()
    from .. import evidence

    found = evidence.in_command(words, of_cli=of_cli)
    return (found,) if found is not None else ()


def _is_empty(node: Node) -> bool:
    """Whether it is null or a list of nothing."""
    return not node.nodes if isinstance(node, Seq) else isinstance(node, Scalar) and node.value is None


def image_name(node: Node) -> ImageName:
    """What an image is called and where it comes from; what is filled in later is not known."""
    name, _, _ = _last_part(node).partition("@")
    name = name.partition(":")[0]
    known = name if _IMAGE_NAME.fullmatch(name) else None
    text = _with_holes(node)
    host, slash, _ = text.partition("/")
    if any(isinstance(part, Ref) and part.name.endswith(".registry_id") for part in values.children(node)):
        registry = Registry.DECLARED
    elif ".dkr.ecr." in host or (slash and host == _HOLE):
        registry = Registry.ECR
    elif slash:
        registry = Registry.OTHER
    else:
        registry = Registry.BARE if known else Registry.UNKNOWN
    return ImageName(node.span, known, registry)


def _with_holes(node: Node) -> str:
    """A text with marks for the parts that are not known."""
    parts = node.parts if isinstance(node, Template) else (node,)
    text = "".join(_HOLE if part.text is None else part.text for part in parts)
    return text if _SIGNS.isdisjoint(text) else _FILLED_IN.sub(_HOLE, text)


def _last_part(node: Node | None) -> str:
    """What stands after the last slash; empty where a part of that is not known."""
    last = _with_holes(node).rpartition("/")[2] if node is not None else ""
    return last.partition(":")[0] if _HOLE not in last.partition(":")[0] else ""


def _features_of(container: Node) -> Iterator[Feature]:
    """What in a container definition needs something of a role."""
    name_node = field(container, "name")
    name = name_node.text if name_node else None
    log = field(container, "logConfiguration")
    router = field(container, "firelensConfiguration")
    options = field(router, "options") if router else None
    for kind, found, refers in (
        (FeatureKind.SECRET, entry(container, "secrets"), "valueFrom"),
        (FeatureKind.ENVIRONMENT_FILE, entry(container, "environmentFiles"), "value"),
        (FeatureKind.CREDENTIAL_SPEC, entry(container, "credentialSpecs"), ""),
        (FeatureKind.SECRET_OPTION, entry(log, "secretOptions") if log else None, "valueFrom"),
    ):
        if found:
            yield from _of_list(kind, found, refers, name)
    credentials = entry(container, "repositoryCredentials")
    parameter = field(credentials[1], "credentialsParameter") if credentials else None
    if credentials and parameter is not None and (parameter.text or not isinstance(parameter, Scalar)):
        target = iam.text_of(parameter)
        yield Feature(FeatureKind.REGISTRY_CREDENTIALS, credentials[0].span, name, (target,))
    if options is not None:
        for key, value in options.items():
            if key.text == "config-file-type" and value.text == "s3":
                file = options.get("config-file-value")
                targets = (iam.text_of(file),) if file is not None else ()
                yield Feature(FeatureKind.FIRELENS_S3_CONFIG, value.span, name, targets)
    image = field(container, "image")
    text = values.known_part(image) if image is not None else ""
    if image is not None and ".dkr.ecr." in text:
        yield Feature(FeatureKind.ECR_IMAGE, image.span, name, (iam.text_of(image),))
    if image is not None and "aws-xray-daemon" in text:
        yield Feature(FeatureKind.XRAY_SIDECAR, image.span, name)
    if log is not None:
        yield from _features_of_log(log, name)


def _features_of_log(log: Node, name: str | None) -> Iterator[Feature]:
    driver, options = field(log, "logDriver"), field(log, "options")
    if driver is not None and driver.text == "awslogs":
        yield Feature(FeatureKind.AWSLOGS, driver.span, name)
        create = options.get("awslogs-create-group") if options is not None else None
        group = options.get("awslogs-group") if options is not None else None
        # What is referred to is made by the project itself: then there is nothing to create.
        if create is not None and create.text == "true" and group is not None and group.text and not group.via:
            yield Feature(FeatureKind.AWSLOGS_CREATE_GROUP, create.span, name, (iam.text_of(group),))
    if driver is not None and driver.text == "awsfirelens" and options is not None:
        plugin = options.get("Name", "@type")
        if plugin is not None and plugin.text in needs.DESTINATIONS:
            yield Feature(FeatureKind.FIRELENS_DESTINATION, plugin.span, name, (iam.text_of(plugin),))


def _features_of_volume(volume: Node) -> Iterator[Feature]:
    windows = entry(volume, "fsxWindowsFileServerVolumeConfiguration")
    if windows:
        login = field(windows[1], "authorizationConfig")
        parameter = field(login, "credentialsParameter") if login is not None else None
        targets = (iam.text_of(parameter),) if parameter is not None else ()
        yield Feature(FeatureKind.FSX_VOLUME, windows[0].span, None, targets)
    elastic = field(volume, "efsVolumeConfiguration")
    authorization = field(elastic, "authorizationConfig") if elastic is not None else None
    by_iam = field(authorization, "iam") if authorization is not None else None
    if by_iam is not None and by_iam.text == "ENABLED":
        yield Feature(FeatureKind.EFS_IAM, by_iam.span, None)


def _of_list(kind: FeatureKind, found: tuple[Scalar, Node], refers: str, container: str | None) -> Iterator[Feature]:
    """The feature of a list that is not empty; `refers` is the field of its elements that does."""
    elements = [element for element in found[1] if isinstance(element, Map) or element.text]
    if isinstance(found[1], Seq) and elements:
        targets = (field(element, refers) if isinstance(element, Map) else element for element in elements)
        yield Feature(
            kind,
            found[0].span,
            container,
            tuple(iam.text_of(target) for target in targets if target is not None),
        )


def _is_container(node: Node) -> bool:
    return field(node, "name") is not None and field(node, "image") is not None


def _has_holes(root: Node) -> bool:
    """Whether a template may put in further fields that are not seen here."""
    return any(isinstance(value, Unknown) and not key.text for key, value in root.items())


def named_by_container(root: Node) -> Iterator[Setting]:
    """The document's named strings; those of a container definition know their container."""
    definition = field(root, "taskDefinition") or root
    definitions = root if isinstance(root, Seq) else containers(definition)
    if definitions is None:
        definitions = field(field(root, "overrides") or root, "containerOverrides")
    workloads: dict[int, str] = {}
    for container in definitions or ():
        name = field(container, "name")
        environment = field(container, "environment")
        if name is not None and name.text and environment is not None:
            workloads[id(environment)] = name.text
    for setting in values.settings_of(root):
        setting.workload = workloads.get(id(setting.group))
        yield setting
