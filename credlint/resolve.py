"""Joins what the units say: keys out of settings, images with their context and containers, roles with their slots."""

from __future__ import annotations

from . import aws, keys
from .context import BuildContexts
from .model import ECS, Facts, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from .files import Files
    from .model import Role, Slot, Task
    from .text import Span

    _Declared = TypeVar("_Declared", Role, Task)


def resolve(facts: Sequence[Facts], files: Files, sdks: Sequence[str] = ()) -> tuple[Project, tuple[Span, ...]]:
    """The project, and the places of all credentials in it, for the redactor."""
    if any(unit.tasks for unit in facts):
        from . import link

        facts = [*facts, *link.referred(facts, files)]
    if any(unit.imports for unit in facts):
        from . import exports

        exports.join(facts)
    found = keys.find(facts)
    called = frozenset(scope for unit in facts for scope in unit.called)
    roles = _from_callers([role for unit in facts for role in unit.roles], called)
    tasks = _once(_from_callers([task for unit in facts for task in unit.tasks], called))
    if roles:
        from .roles import Index, join

        roles = join(
            roles,
            [policy for unit in facts for policy in unit.policies],
            [attachment for unit in facts for attachment in unit.attachments],
        )
        index = Index(roles)
    groups = [group for unit in facts for group in unit.log_groups]
    if groups:
        from .needs import without_made

        for task in tasks:
            task.features = without_made(task.features, groups)
    guards = {address: guard.kind for unit in facts for guard in unit.guards for address in guard.addresses}
    if guards:
        from .needs import guarded

        for task in tasks:
            task.features = guarded(task.features, guards)
    names = {role.address: role for role in roles}
    for task in tasks:
        for slot in (task.task_role, task.execution_role):
            identify(slot, names)
            if roles:
                index.link(slot, task.scope)
    # a compose file may be read for itself, and for another that includes it
    workloads = list({one.span.place: one for unit in facts for one in unit.workloads}.values())
    for workload in workloads:
        if workload.role is not None:
            identify(workload.role, names)
    elsewhere = [task for task in tasks if task.host is not ECS]
    tasks = [task for task in tasks if task.host is ECS]
    images = [image for unit in facts for image in unit.images]
    contexts = BuildContexts(files, facts, found)
    secrets = [part.span.origin() for key in found for part in key.parts]
    for image in images:
        image.files = (*image.files, *contexts.copied_into(image))
        secrets.extend(span.origin() for file in image.files for span in file.evidence)
    contexts.take_on(images)
    if tasks or workloads:
        from . import link

        link.link(tasks, workloads, images, facts, files, contexts)
    project = Project(
        keys=found,
        images=images,
        build_arguments=[argument for unit in facts for argument in unit.build_arguments],
        tasks=tasks,
        elsewhere=elsewhere,
        origins=[pair for unit in facts for pair in unit.origins],
        misplaced=[slot for unit in facts for slot in unit.misplaced],
        roles=roles,
        leaks=[leak for unit in facts for leak in unit.leaks],
        explicit=[one for unit in facts for one in unit.explicit],
        resources=[one for unit in facts for one in unit.resources],
        workloads=workloads,
        job_keys=[one for unit in facts for one in unit.job_keys],
        sdks=sdks,
        problems=[problem for unit in facts for problem in unit.problems],
    )
    return project, tuple(secrets)


def _from_callers(found: list[_Declared], called: frozenset[str]) -> list[_Declared]:
    """What is declared, without what a unit says of it by itself where one that calls the unit says it, too."""
    if not called:
        return found
    whole = {one.span.place for one in found if one.scope not in called}
    return [one for one in found if one.scope not in called or one.span.place not in whole]


def _once(tasks: list[Task]) -> list[Task]:
    """The tasks without what a module says of one by itself where a call of the module says more."""
    called = {task.span.place for task in tasks if task.called}
    return [task for task in tasks if task.called or task.span.place not in called]


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
            slot.role_name, slot.account = role.name, role.account
            slot.address = role.alias or slot.address
