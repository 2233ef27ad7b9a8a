"""Terraform and OpenTofu: a folder is a module, and is read with all that it calls.

Resources and their arguments: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import os
import re

from .. import iam, keys, lazy
from ..files import normal
from ..model import Facts, Guard, Leak, Slot, Text, Workload
from ..node import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..files import Files
    from ..terraform.modules import Instance
    from ..text import Source

_TASK = "aws_ecs_task_definition"
_JOB = "aws_batch_job_definition"
_OF_TASKS = (_TASK, _JOB, "aws_sfn_state_machine", "containerOverrides", "aws_pipes_pipe")
# A call of a module is followed where it leads to a resource whose type begins so.
_MATTERS = (
    "aws_ecs_",
    "aws_iam_",
    "aws_cloudwatch_log_group",
    _JOB,
    "aws_cloudwatch_event_target",
    "aws_scheduler_schedule",
    "aws_pipes_pipe",
    "aws_sfn_state_machine",
)
# What is run elsewhere, where it is given something of a key.
_APP_RUNNER = "aws_apprunner_service"
_FUNCTION = "aws_lambda_function"
_SERVICES = (_APP_RUNNER, "aws_codebuild_project", _FUNCTION)
_LAMBDA = ("terraform-aws-modules/lambda", "terraform-aws-lambda")  # the registry's module
_ELSEWHERE = (*_SERVICES, "aws_iam_instance_profile")
_LOCAL_MODULE = re.compile(r"""source"?\s*[=:]\s*"(\.{1,2}/[^"\n]*)\"""")
_ECS_MODULE = re.compile(r"""source"?\s*[=:]\s*"[^".\n][^"\n]*ecs""")
_FILE = re.compile(r"""file(?:base64)?\(\s*"(?:\$\{path\.(?:module|root)\}/)?([^"$\n]+)\"""")
_ROLE_FOR_PROFILE = lazy.pattern(
    r"""iam_instance_profile\s*(?:=|\{[^{}]*?(?:arn|name)\s*=)\s*"?(?:\$\{)?(?:aws_iam_role\.|arn:[^"\n]*:role/)"""
)
_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_MOST_FOLDERS = 200  # that a folder may lead to


def read(sources: Sequence[Source], files: Files) -> Facts:
    """What a module says, and the modules that it calls. A folder with nothing of interest is not even parsed."""
    folder = os.path.dirname(sources[0].path)
    has_keys = any(keys.has_candidates(source.text) for source in sources) or _names_a_key_file(sources, files)
    has_tasks = _leads_to(_is_about_tasks, folder, sources, files)
    has_services = _has_services(folder, sources, files)
    has_roles = has_tasks or has_services or any(_is_about_roles(source.text) for source in sources)
    makes_keys = _leads_to(_makes_keys, folder, sources, files)
    names_keys = any("secret_key" in source.text for source in sources)
    has_functions = files.all_workloads and any(_FUNCTION in source.text for source in sources)
    has_instances = _gives_credentials(sources, files)
    if not (has_keys or has_roles or makes_keys or names_keys or has_functions or has_instances):
        return Facts(texts=sources)
    from ..terraform import modules as terraform_modules

    modules = terraform_modules.of(files)
    module = modules.add(folder, sources)
    chosen = files.variable_files
    matters = (*_MATTERS, *_SERVICES) if has_services else _MATTERS
    instances = list(terraform_modules.root(module, modules, chosen).walk(*(() if has_keys or makes_keys else matters)))
    if has_keys or names_keys:
        from . import terraform_keys
    settings = list(terraform_keys.settings(instances)) if has_keys else []
    if has_roles:
        from ..terraform import roles
        from . import terraform_tasks

        tasks = list(terraform_tasks.tasks(instances))
        if has_tasks and not chosen:
            tasks.extend(terraform_tasks.by_environment(module, modules, *_MATTERS))
        misplaced: list[Slot] = []
        if has_services or any(not one.module.types.isdisjoint(_ELSEWHERE) for one in instances):
            from . import terraform_services

            tasks.extend(terraform_services.services(instances))
            misplaced.extend(terraform_services.misplaced_roles(instances))
        made = [role for instance in instances for role in roles.roles(instance)]
        policies = [policy for instance in instances for policy in roles.policies(instance)]
        attachments = [one for instance in instances for one in roles.attachments(instance)]
        attachments.extend(roles.handed_over(instances, made))
    else:
        tasks, made, policies, attachments = [], [], [], []
    workloads: list[Workload] = []
    if has_functions or has_instances:
        from . import terraform_services

        workloads.extend(terraform_services.functions(instances) if has_functions else ())
        workloads.extend(terraform_services.machines(instances) if has_instances else ())
    read_files = instances[0].scope.read_files
    texts = [source for path in read_files if (source := files.read(path)) is not None]
    return Facts(
        texts=(*sources, *texts),
        uses=read_files,
        settings=settings,
        tasks=tasks,
        roles=made,
        policies=policies,
        attachments=attachments,
        leaks=_leaks(instances) if makes_keys else (),
        misplaced=misplaced if has_roles else (),
        log_groups=list(_log_groups(instances)) if has_roles else (),
        resources=list(terraform_tasks.resources(instances)) if has_tasks else (),
        guards=list(_guards(instances)) if has_tasks else (),
        workloads=workloads,
        explicit=list(terraform_keys.explicit(instances[0])) if names_keys else (),
        problems=(*module.problems, *_cut_short(instances[0])),
        called=frozenset(one.module.folder for one in instances if one.calls and not one.module.is_root),
    )


def _cut_short(instance: Instance) -> Iterator[Problem]:
    budget = instance.scope.budget
    if budget.steps < 0 or budget.members < 0:
        body = instance.module.bodies[0]
        yield Problem(body.span.sub(0, 0), "this module makes too much to evaluate all of it")


def _log_groups(instances: Sequence[Instance]) -> Iterator[Text]:
    """The names of the log groups that the modules make; one without a name gets one of its own."""
    for instance in instances:
        for _, block, scope in instance.resources("aws_cloudwatch_log_group"):
            name = block.body.get("name", "name_prefix")
            if name is not None:
                yield iam.text_of(scope.evaluate(name))


def _guards(instances: Sequence[Instance]) -> Iterator[Guard]:
    if any(not one.module.types.isdisjoint(("aws_kms_key", "aws_efs_file_system_policy")) for one in instances):
        from ..terraform import guards

        yield from guards.guards(instances)


def _gives_credentials(sources: Sequence[Source], files: Files) -> bool:
    """Whether user data may give credentials to an instance."""
    told = [source for source in sources if "user_data" in source.text]
    if not told:
        return False
    from .. import user_data

    for source in told:
        if user_data.speaks_of_credentials(source.text):
            return True
        for path in _FILE.findall(source.text) if "file(" in source.text else ():
            named = files.read(os.path.join(os.path.dirname(source.path), path))
            if named is not None and user_data.speaks_of_credentials(named.text):
                return True
    return False


def _names_a_key_file(sources: Sequence[Source], files: Files) -> bool:
    """Whether a file with something of a key's shape is read by `file()` or `templatefile()`."""
    for source in sources:
        if "file(" in source.text or "filebase64(" in source.text:
            for path in _FILE.findall(source.text):
                named = files.read(os.path.join(os.path.dirname(source.path), path))
                if named is not None and keys.has_candidates(named.text):
                    return True
    return False


def _leaks(instances: Sequence[Instance]) -> list[Leak]:
    from ..terraform.leaks import leaks

    return list(leaks(instances))


def _is_about_tasks(text: str) -> bool:
    if any(sign in text for sign in _OF_TASKS):
        return True
    return "ecs" in text and _ECS_MODULE.search(text) is not None


def _is_about_roles(text: str) -> bool:
    """Whether there are roles for tasks, whose definition may be a file of its own."""
    return "aws_iam_role" in text and ("ecs-tasks." in text or "AmazonECSTaskExecutionRolePolicy" in text)


def _has_services(folder: str, sources: Sequence[Source], files: Files) -> bool:
    """Whether something is run elsewhere than on ECS, and there is something to say of it."""
    texts = [source.text for source in sources]
    if any(_APP_RUNNER in text or _gives_a_role_for_a_profile(text) for text in texts):
        return True
    if not any("AWS_ACCESS_KEY" in text or "AWS_SECRET_" in text for text in texts):
        return False
    return _leads_to(lambda text: any(sign in text for sign in (*_SERVICES, *_LAMBDA)), folder, sources, files)


def _gives_a_role_for_a_profile(text: str) -> bool:
    return "iam_instance_profile" in text and _ROLE_FOR_PROFILE.search(text) is not None


def _makes_keys(text: str) -> bool:
    return "aws_iam_access_key" in text


def _leads_to(sign: Callable[[str], bool], folder: str, sources: Sequence[Source], files: Files) -> bool:
    """Whether a folder, or one of those that it calls, is about something, by its text alone."""
    seen = {normal(folder or ".")}
    queue = [(folder, [source.text for source in sources])]
    while queue and len(seen) < _MOST_FOLDERS:
        at, texts = queue.pop()
        if any(map(sign, texts)):
            return True
        for text in texts:
            for path in _LOCAL_MODULE.findall(text) if "module" in text else ():
                called = normal(os.path.join(at, path))
                if called not in seen:
                    seen.add(called)
                    found = [name for name in files.listdir(called) if name.lower().endswith(_SUFFIXES)]
                    read = [files.read(f"{called}/{name}") for name in found]
                    queue.append((called, [source.text for source in read if source is not None]))
    return False
