"""Whether a task surely calls AWS: what in the files shows it. Nothing that only suggests it counts."""

from __future__ import annotations

import posixpath

from . import elsewhere, lazy, names, needs, order
from .model import Evidence, FeatureKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Project, Resource, Task, Variable, Workload
    from .node import Node

# What takes the task role without any doing of the program.
_FEATURES = {
    FeatureKind.ECS_EXEC: "ECS Exec is switched on",
    FeatureKind.EFS_IAM: "its EFS volume is mounted with IAM",
    FeatureKind.FIRELENS_DESTINATION: "its log router writes to AWS",
    FeatureKind.XRAY_SIDECAR: "its X-Ray daemon sends to AWS",
}
# Commands of the CLI that call nobody.
_LOCAL_COMMANDS = frozenset(("configure", "help", "history"))
# The name of a bucket is a part of a URL for them.
_PROXIES = frozenset(("caddy", "envoy", "haproxy", "httpd", "nginx", "traefik", "varnish"))
_NAME = lazy.pattern(r"[a-z][a-z0-9-]+")
# Options of the CLI that may stand before the command.
_WITH_VALUE = ("--region", "--output", "--query", "--color", "--cli-read-timeout", "--cli-connect-timeout")
_ELSEWHERE = ("--endpoint-url", "--no-sign-request", "--profile")
_SERVICES = ("aws", "amazon", "s3", "sqs", "sns", "dynamo", "kinesis", "minio")


def talks_to_aws(task: Task, project: Project) -> Evidence | None:
    """What shows that a task calls AWS with the credentials of a role; None where that is not sure.

    A container with credentials or endpoints of its own is left out, and so is one of
    whose environment a part is not known, for they may be there.
    """
    for feature in task.features:
        if needs.TABLE[feature.kind].side is needs.Side.TASK:
            return Evidence(feature.span, _FEATURES[feature.kind])
    for workload in task.workloads:
        if workload.complete and not any(map(_leads_elsewhere, workload.variables)):
            for found in (*workload.evidence, *_given(workload, project.resources)):
                return found
    return None


def in_command(words: Sequence[Node], *, of_cli: bool = False) -> Evidence | None:
    """Where the command of a container calls AWS by the CLI; `of_cli` when its words are the CLI's arguments."""
    if of_cli:
        return Evidence(words[0].span, "it runs the AWS CLI") if words and _calls(words) else None
    from .readers import shell

    script = shell.script(words)
    if script is None:
        return _of_words(words)
    found = shell.read(shell.document(script))
    if any(names.is_variable(assignment.name.text or "") for assignment in found.assignments):
        return None
    return next(filter(None, (_of_words(command.words) for command in found.commands)), None)


def _of_words(words: Sequence[Node]) -> Evidence | None:
    from .readers import shell

    program = shell.program(words)
    if program and posixpath.basename(program[0].text or "") == "aws" and _calls(program[1:]):
        return Evidence(program[0].span, "it runs the AWS CLI")
    return None


def _calls(arguments: Sequence[Node]) -> bool:
    """Whether arguments of the CLI make it call a service of AWS, with credentials."""
    texts = [word.text or "" for word in arguments]
    if any(text.startswith(_ELSEWHERE) for text in texts):
        return False
    at = 0
    while at < len(texts) and texts[at].startswith("-"):
        at += 2 if texts[at] in _WITH_VALUE else 1
    return at < len(texts) and _NAME.fullmatch(texts[at]) is not None and texts[at] not in _LOCAL_COMMANDS


def _given(workload: Workload, resources: Sequence[Resource]) -> Iterator[Evidence]:
    """The variables that hold the name of something that only its program can be meant to call."""
    if workload.image is not None and _PROXIES.intersection((workload.image.name or "").split("-")):
        return
    for variable in workload.variables:
        for resource in resources:
            if _is_name_of(variable, resource):
                yield Evidence(variable.span, f"it is given the name of {resource.what}")


def _is_name_of(variable: Variable, resource: Resource) -> bool:
    """Whether a variable refers to a resource, not only happens to have a text in common with it."""
    value = variable.value
    if value is None or not (value.via or value.name):
        return False
    if value.text is None:
        base, _, key = (value.name or "").partition("[")  # one instance of several
        return base + key.rpartition("]")[2] in resource.addresses
    named = resource.named
    return named is not None and any(
        span.source is named.source and named.start <= span.start and span.end <= named.end
        for span in (value.span, *value.via)
    )


def _leads_elsewhere(variable: Variable) -> bool:
    """Whether a variable gives a program credentials of its own, or an endpoint that may not be one of AWS."""
    squashed = names.squash(variable.name)
    if order.matters(variable) or "accesskey" in squashed:
        return True
    of_service = any(service in squashed for service in _SERVICES)
    if of_service and ("secret" in squashed or "credential" in squashed):
        return True
    return elsewhere.is_endpoint(variable)
