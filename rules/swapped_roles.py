r"""The task role and the execution role stand in each other's slot.

ECS then pulls the image and fetches the secrets with the application's role, and cannot
(`CannotPullContainerError`, `ResourceInitializationError: unable to pull secrets or registry
auth`); and the application runs with ECS's permissions, and its calls end with `AccessDenied`.

## What to do

Swap the two values. The execution role is for ECS: it has `AmazonECSTaskExecutionRolePolicy` and may
read the secrets. The task role is for the application.

Where only the names of both roles say so, it is reported with medium confidence; never
against what their policies say. `credlint --fix` swaps the values where the policies of both roles say so and
both values are written in the slots themselves, as literals or references.

The two roles of App Runner are told apart by whom they let assume them: `build.apprunner.amazonaws.com` the access role,
`tasks.apprunner.amazonaws.com` the instance role (`Failed to assume instance-role-arn`).

## Bad

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskRole",
                       ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ the application's, in the slot of ECS
  "taskRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the roles of api are swapped, by their names: the application gets the permissions of ECS, and ECS those of the application
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "taskRoleArn": "arn:aws:iam::123456789012:role/ecsTaskRole",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import edits, purpose
from credlint.finding import Confidence, Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ROLE202", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in project.tasks:
        swap = purpose.swapped(task)
        application, platform = task.task_role, task.execution_role
        if not swap or not application.value or not platform.value:
            continue
        related = [Related(platform.value.use, "the application's, in the slot of ECS")]
        if swap.application and swap.platform:
            related.append(Related(swap.application.span, "what only an application calls"))
            related.append(Related(swap.platform.span, "what ECS needs"))
        yield rule.finding(
            application.value.use,
            f"the roles of {task.name or 'this task'} are swapped{'' if swap.by_policies else ', by their names'}: "
            "the application gets the permissions of ECS, and ECS those of the application",
            f"swap the values of {application.field} and {platform.field}",
            confidence=Confidence.HIGH if swap.by_policies else Confidence.MEDIUM,
            related=related,
            workload=task.name or None,
            # What a module is given is perhaps right for its other callers.
            fix=edits.swap(application, platform) if swap.by_policies and not task.called else None,
        )
    for task in project.elsewhere:
        application, platform = task.task_role, task.execution_role
        if application.value and platform.value and purpose.crossed(task):
            yield rule.finding(
                application.value.use,
                f"the roles of {task.name or 'this service'} are swapped: {task.host.name} may assume each of them "
                "only for the work of the other",
                f"swap the values of {application.field} and {platform.field}",
                related=[Related(platform.value.use, f"the {task.host.role}, in the slot of the {task.host.platform}")],
                workload=task.name or None,
                fix=edits.swap(application, platform) if not task.called else None,
            )
