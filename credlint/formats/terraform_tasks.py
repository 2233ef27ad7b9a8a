"""The tasks that a Terraform module declares: task definitions, jobs of Batch, and what runs a task with overrides.

Resources and their arguments: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import os
import re

from .. import values
from ..evaluation import FOLDER, decoded
from ..model import Feature, FeatureKind, Slot, Task, Value
from ..node import Block, Body, Computed, Conditional, Map, Node, Seq, Template
from ..terraform.blocks import blocks_of, label
from ..terraform.evaluate import has_holes
from ..terraform.modules import is_automatic, references, root
from ..terraform.roles import address_of
from . import batch, ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from ..terraform.evaluate import Scope
    from ..terraform.modules import Instance, Module, Modules
    from ..text import Span

    _Services: TypeAlias = dict[tuple[str, str], list[tuple[Block, Scope]]]

TASK = "aws_ecs_task_definition"
JOB = "aws_batch_job_definition"
# What runs a task with overrides: the nested block and its argument that says them, in JSON.
RUNS = {
    "aws_cloudwatch_event_target": ("", "input"),
    "aws_scheduler_schedule": ("target", "input"),
    "aws_sfn_state_machine": ("", "definition"),
}
_MOST_ENVIRONMENTS = 8  # variable files of one folder that are tried
_MOST_SIDES = 8  # of a value that conditions make


def tasks(instances: Sequence[Instance]) -> Iterator[Task]:
    """The tasks of a module with all that it calls."""
    yield from _declared(instances)
    for instance in instances:
        yield from _overrides(instance)


def _declared(instances: Sequence[Instance]) -> Iterator[Task]:
    services = _services(instances)
    for instance in instances:
        yield from _tasks(instance, services)
        yield from _jobs(instance)


def by_environment(module: Module, modules: Modules, *types: str) -> Iterator[Task]:
    """The tasks as each variable file of an environment makes them; their names say which.

    `types` are the beginnings of the types of resources for which a call is followed.
    """
    environments = [path for path, _ in module.assigned if not is_automatic(path)]
    for path in environments[:_MOST_ENVIRONMENTS]:
        for task in _declared(list(root(module, modules, [path]).walk(*types))):
            task.name = f"{task.name} (with {path.rpartition('/')[2]})"
            yield task


def _tasks(instance: Instance, services: _Services) -> Iterator[Task]:
    for handle, block, scope in instance.resources(TASK):
        body, sure = block.body, scope.sure()
        family = body.get("family")
        name = scope.evaluate(family).text if family is not None else None
        listed = body.get("requires_compatibilities")
        launch = ecs.launch_types(sure.evaluate(listed) if listed is not None else None)
        running = services.get((handle.scope, handle.block_name), [])
        for side in sides_of(body.get("container_definitions"), sure):
            task = ecs.task(
                Map(body.span, ()),
                listed_in(side.node),
                name=name or handle.block_name.rpartition(".")[2],
                span=block.span,
                complete=True,
                called=bool(instance.calls),
                scope=scope.root,
                more=_exec_of(running),
                task_role=slot_at(body, "task_role_arn", scope, instance, side),
                execution_role=slot_at(body, "execution_role_arn", scope, instance, side),
                launch=launch or _launched_by(running),
                volumes=_volumes(body, sure),
            )
            if scope.folder.startswith(FOLDER):
                for feature in task.features:
                    if feature.span.path.startswith(FOLDER):
                        feature.span = _header(instance)
            yield task


class Side:
    """What a value may be: the one of several things that the conditions in `decided` make of it."""

    __slots__ = ("decided", "node")

    def __init__(self, node: Node | None, decided: Mapping[str, bool] | None = None) -> None:
        self.node = node
        self.decided = decided or {}

    def of(self, node: Node) -> Node:
        """What another value is under the same conditions."""
        for _ in range(_MOST_SIDES):
            test = values.canonical(node.test) if isinstance(node, Conditional) else None
            if not isinstance(node, Conditional) or test is None or test not in self.decided:
                break
            node = node.yes if self.decided[test] else node.no
        return node


def sides_of(node: Node | None, scope: Scope) -> list[Side]:
    """What an argument may be: one thing, or several where a condition is not decided."""
    found = [Side(scope.evaluate(node) if node is not None else None)]
    at = 0
    while at < len(found):
        side = found[at]
        node = side.of(side.node) if side.node is not None else None
        if isinstance(node, Conditional) and len(found) < _MOST_SIDES:
            test = values.canonical(node.test) or ""
            found[at : at + 1] = [
                Side(part, {**side.decided, test: truth} if test else side.decided)
                for part, truth in ((node.yes, True), (node.no, False))
            ]
        else:
            found[at] = Side(node, side.decided)
            at += 1
    return found


def listed_in(known: Node | None) -> Node | None:
    """The container definitions, of whatever they are made: an expression, or a text of JSON."""
    if known is None or isinstance(known, Seq):
        return known
    found = decoded(known)
    return found if isinstance(found, Seq) else None


def _volumes(body: Body, scope: Scope) -> Node:
    """The `volume` blocks as ECS has them."""
    return ecs.of_blocks(
        Seq(body.span, tuple(_plain(block, there) for block, there in blocks_of(body, "volume", scope)))
    )


def _plain(block: Block, scope: Scope) -> Node:
    """A block with its values, its nested blocks as lists."""
    entries = [(key, scope.evaluate(value)) for key, value in block.body.items()]
    for type in dict.fromkeys(label(inner) if inner.type == "dynamic" else inner.type for inner in block.body.blocks):
        found = list(blocks_of(block.body, type, scope))
        inside = tuple(_plain(inner, there) for inner, there in found)
        for inner, _ in found[:1]:
            entries.append((Computed(inner.span.sub(0, len(inner.type)), type), Seq(block.span, inside)))
    return Map(block.span, tuple(entries))


def _services(instances: Sequence[Instance]) -> _Services:
    """The services by the task definition that they run: its scope and its address, without the instance."""
    found: _Services = {}
    for instance in instances:
        for handle, block, scope in instance.resources("aws_ecs_service"):
            given = block.body.get("task_definition")
            if given is None:
                continue
            # a family may be known as a text: then only the expression says whose it is
            named = {(name.scope or handle.scope, name.name) for name in references(given)}
            named |= {(name.scope, name.name) for name in references(scope.evaluate(given))}
            for of, name in named:
                if name.startswith(f"{TASK}."):
                    address = TASK + "." + re.split(r"[.\[]", name[len(TASK) + 1 :], maxsplit=1)[0]
                    found.setdefault((of, address), []).append((block, scope))
    return found


def _launched_by(services: Sequence[tuple[Block, Scope]]) -> tuple[str, ...]:
    """The launch types of services."""
    found: list[str] = []
    for block, scope in services:
        launch = block.body.get("launch_type")
        if launch is not None:
            found.append(scope.evaluate(launch).text or "")
        for strategy, there in blocks_of(block.body, "capacity_provider_strategy", scope):
            provider = strategy.body.get("capacity_provider")
            text = (there.evaluate(provider).text if provider is not None else None) or ""
            found.append("FARGATE" if text.startswith("FARGATE") else text)
    return tuple(dict.fromkeys(found)) if all(name in ecs.LAUNCH_TYPES for name in found) else ()


def _exec_of(services: Sequence[tuple[Block, Scope]]) -> list[Feature]:
    """ECS Exec, where a service switches it on."""
    found: list[Feature] = []
    for block, scope in services:
        given = block.body.get("enable_execute_command")
        if given is not None and scope.evaluate(given).text == "true":
            found.append(Feature(FeatureKind.ECS_EXEC, given.span, None))
    return found


def _jobs(instance: Instance) -> Iterator[Task]:
    """The tasks of Batch's job definitions. On EC2 they run unless they say otherwise."""
    for handle, block, scope in instance.resources(JOB):
        body, sure = block.body, scope.sure()
        named, listed = body.get("name"), body.get("platform_capabilities")
        name = scope.evaluate(named).text if named is not None else None
        launch = ecs.launch_types(sure.evaluate(listed)) if listed is not None else ("EC2",)
        for kind in batch.PROPERTIES:
            given = body.get(ecs.snake(kind))
            usual = decoded(scope.likely().evaluate(given)) if given is not None else None
            likely = list(batch.parts(kind, usual)) if usual is not None else []
            sides = sides_of(given, sure) if given is not None else []
            known = [decoded(side.node) for side in sides if side.node is not None]
            found = [part for node in known if node is not None for part in batch.parts(kind, node)]
            for at, part in enumerate(found):
                other = likely[at] if len(likely) == len(found) else part
                task = ecs.task(
                    Map(body.span, ()),
                    part.containers,
                    name=name or handle.block_name.rpartition(".")[2],
                    span=block.span,
                    complete=True,
                    called=bool(instance.calls),
                    scope=scope.root,
                    task_role=_slot_in(part.root, other.root, part.task_role, scope, instance),
                    execution_role=_slot_in(part.root, other.root, "executionRoleArn", scope, instance),
                    launch=launch,
                    volumes=part.volumes,
                )
                for workload in task.workloads:
                    workload.name = workload.name or task.name  # the container of a job has none
                yield task


def _overrides(instance: Instance) -> Iterator[Task]:
    """The tasks that something runs with values of its own; what they do not say, the task definition says."""
    for type, (inner, argument) in RUNS.items():
        for handle, block, scope in instance.resources(type):
            bodies = [(one.body, there) for one, there in blocks_of(block.body, inner, scope)]
            for body, there in bodies if inner else [(block.body, scope)]:
                given = body.get(argument)
                known = decoded(there.sure().evaluate(given)) if given is not None else None
                for override in ecs.overrides(known) if known is not None else ():
                    yield ecs.task(
                        Map(body.span, ()),
                        ecs.field(override, "containerOverrides"),
                        name=handle.block_name.rpartition(".")[2],
                        span=override.span,
                        complete=False,
                        called=bool(instance.calls),
                        scope=scope.root,
                        task_role=_slot_in(override, override, "taskRoleArn", there, instance),
                        execution_role=_slot_in(override, override, "executionRoleArn", there, instance),
                    )


def _slot_in(root: Node, likely: Node, name: str, scope: Scope, instance: Instance) -> Slot:
    """The slot of that name in a document that was evaluated, surely and with what is usual."""
    known, usual = ecs.field(root, name), ecs.field(likely, name)
    if known is None:
        open = isinstance(root, Map) and has_holes(root)
        return Slot(name, Value(root.span, reason="it may be in a part that is not known here") if open else None)
    return _slot_of(name, known.via[0] if known.via else known.span, usual or known, known, scope, instance)


def slot_at(body: Body, name: str, scope: Scope, instance: Instance, side: Side | None = None) -> Slot:
    """The slot that an argument fills, on one side of a condition."""
    node = body.get(name)
    if node is None:
        return Slot(name, None)
    likely, known = (there.evaluate(node) for there in (scope.likely(), scope.sure()))
    if side is not None:
        likely, known = side.of(likely), side.of(known)
    return _slot_of(name, node.span, likely, known, scope, instance)


def _slot_of(name: str, place: Span, likely: Node, known: Node, scope: Scope, instance: Instance) -> Slot:
    """A slot that is written at that place, with what it surely and what it usually holds."""
    known = ecs.when_there(known)
    if ecs.filled(likely) is None:
        # It is empty; but whoever calls the module, or applies it, may still give it.
        certain = ecs.filled(known) is None and (instance.calls or not likely.via)
        return Slot(name, None if certain else Value(place, reason="it is empty unless it is given"))
    value = ecs.filled(known)
    if value is None or isinstance(known, (Seq, Map)):
        return Slot(name, Value(place, reason="it is no role"))
    if value.text is None:
        value.name = address_of(known) or value.name
        if isinstance(known, Template):
            ecs.name_by_arn(value, known, address_of)
    if value.use.path.startswith(FOLDER):
        value.via = (_header(instance),)  # the module does so by itself
    elif os.path.dirname(value.use.path) == scope.folder:
        # not what a call gives: the slot itself is the place
        value.via = (place, *(hop for hop in value.via if hop is not place))
    return Slot(name, value)


def _header(instance: Instance) -> Span:
    """The place of the outermost call that led here."""
    call = instance.calls[0]
    return call.span.sub(0, len(call.type))
