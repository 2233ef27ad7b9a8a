"""Where the secret of an access key goes that Terraform makes."""

from __future__ import annotations

from ..model import Leak
from .blocks import blocks_of
from .modules import references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..node import Node
    from ..text import Span
    from .modules import Instance

KEY = "aws_iam_access_key"
_SECRETS = ("secret", "ses_smtp_password_v4")
# The argument that is written in plain text, by the type of the resource.
_ARGUMENTS = {
    "local_file": (("content", "a file on disk"),),
    "local_sensitive_file": (("content", "a file on disk"),),
    "aws_instance": (
        ("user_data", "the user data of an instance"),
        ("user_data_base64", "the user data of an instance"),
    ),
    "aws_launch_template": (("user_data", "the user data of an instance"),),
    "aws_launch_configuration": (("user_data", "the user data of an instance"),),
    "aws_ecs_task_definition": (("container_definitions", "the environment of a container"),),
}

_OF_WORKLOADS = ("the environment of a container", "the environment of a function", "the user data of an instance")


def leaks(instances: Sequence[Instance]) -> Iterator[Leak]:
    """The places in a root module, and in all that it calls, that hold such a secret in plain text."""
    keys: dict[str, Span] = {}
    for instance in instances:
        for handle, block, _ in instance.resources(KEY):
            keys[f"{handle.scope}:{handle.name}"] = block.span.sub(0, len("resource"))
    if not keys:
        return
    for instance in instances:
        for span, where, value in _sinks(instance):
            for reference in references(value):
                address, _, attribute = f"{reference.scope}:{reference.name}".rpartition(".")
                if attribute in _SECRETS and address in keys:
                    name, key = address.rpartition(".")[2].partition("[")[0], keys[address]
                    use = reference.via[0] if reference.via else reference.span
                    inside = use.path == span.path and span.start <= use.origin().start <= span.end
                    sink = use if inside else span
                    given = reference.span.origin()
                    if any(call.span.path == given.path for call in instance.calls) and given.path != sink.path:
                        # the module does with it what it does with every value; the mistake is to give it the secret
                        yield Leak(given, where, name, key, where in _OF_WORKLOADS, sink)
                    else:
                        yield Leak(sink, where, name, key, where in _OF_WORKLOADS)


def _sinks(instance: Instance) -> Iterator[tuple[Span, str, Node]]:
    """What is written in plain text: the place, what it is, the value."""
    if not instance.calls and instance.module.is_root:
        for block in instance.module.outputs.values():
            value = block.body.get("value")
            if value is not None:
                yield value.span, "an output", instance.scope.evaluate(value)
    for _, block, scope in instance.resources("aws_ssm_parameter"):
        kind, value = block.body.get("type"), block.body.get("value")
        if kind is not None and value is not None and scope.evaluate(kind).text == "String":
            yield value.span, "an SSM parameter of type String", scope.evaluate(value)
    for type, arguments in _ARGUMENTS.items():
        for _, block, scope in instance.resources(type):
            for name, where in arguments:
                value = block.body.get(name)
                if value is not None:
                    yield value.span, where, scope.evaluate(value)
    for _, block, scope in instance.resources("aws_lambda_function"):
        for inner, there in blocks_of(block.body, "environment", scope):
            value = inner.body.get("variables")
            if value is not None:
                yield value.span, "the environment of a function", there.evaluate(value)
