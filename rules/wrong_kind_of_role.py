r"""A role slot of a task definition holds what is no task or execution role.

An instance profile is the shell in which EC2 gets a role; a service-linked role is for its
service alone; users and policies cannot be assumed at all; a role with the name `null` or `undefined` is
what a template makes of a value that is not there. ECS rejects the definition
(`ClientException: Role is not valid`), or its tasks stop with `ECS was unable to assume the
role that was provided for this task`. The same happens with the roles of container instances
(`ecsInstanceRole`), of services and of ECS's infrastructure, which trust `ec2.amazonaws.com` or
`ecs.amazonaws.com` and not `ecs-tasks.amazonaws.com`.

The reverse is found in Terraform: a role where an instance profile belongs (`Invalid IAM Instance Profile name`).

## What to do

Make a role that `ecs-tasks.amazonaws.com` may assume, for either slot its own: the execution
role with `AmazonECSTaskExecutionRolePolicy`, the task role with what the application calls.

A role that is only named like another one is reported with medium confidence, and not at all
where its trust policy is seen.

## Bad

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the execution role of api is a service-linked role: ECS cannot assume it for a task
  "taskRoleArn": "arn:aws:iam::123456789012:instance-profile/api",
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the task role of api is an instance profile: ECS cannot assume it for a task
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

```hcl main.tf
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = "arn:aws:iam::123456789012:role/ecsInstanceRole"
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the execution role of api is by its name the role of container instances: ECS cannot assume it for a task
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "taskRoleArn": "arn:aws:iam::123456789012:role/service-role/api",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import aws, iam, naming, purpose
from credlint.finding import Confidence, Finding, Related, Severity
from credlint.iam import Answer
from credlint.model import ECS, Project, Role, Slot, Task
from credlint.rule import Rule

rule = Rule(__name__, "ROLE209", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in (*project.tasks, *project.elsewhere):
        execution, application = (_of_slot(task, *slot) for slot in purpose.slots_of(task))
        if execution and application and _is_same(task):
            # One thing in both: one fault, with two places.
            execution.related = (*execution.related, Related(application.span, f"it is the {task.host.role}, too"))
            application = None
        yield from filter(None, (execution, application))
    for slot in project.misplaced:
        if slot.value is not None:
            yield rule.finding(
                slot.value.use,
                "this is a role, and instances take an instance profile: EC2 finds none of this name",
                "make an aws_iam_instance_profile with the role, and name it here",
            )


def _of_slot(task: Task, slot: Slot, word: str, principal: str) -> Finding | None:
    if slot.value is None:
        return None
    which = f"the {word} of {task.name or 'this task'}"
    help = f"give {slot.field} a role of its own that {principal} may assume"
    kind = aws.other_than_role(slot.value.text or "") or aws.other_resource_than_role(slot.value.name or "")
    if kind:
        what = " for a task" if task.host is ECS else ""
        return rule.finding(
            slot.value.use,
            f"{which} is {kind}: {task.host.name} cannot assume it{what}",
            help,
            workload=task.name or None,
        )
    if task.host is not ECS:
        return None
    if slot.role:
        found = _of_role(task, slot, slot.role, which, help)
        if found or slot.role.made:
            return found  # a role that the project makes speaks for itself
    whose = naming.OTHER_ROLES.get(slot.role_name or "") if slot.role or slot.value.text is not None else None
    if whose:
        return rule.finding(
            slot.value.use,
            f"{which} is by its name the role of {whose}: ECS cannot assume it for a task",
            help,
            confidence=Confidence.MEDIUM,
            workload=task.name or None,
        )
    return None


def _of_role(task: Task, slot: Slot, role: Role, which: str, help: str) -> Finding | None:
    """By the policies that the role has."""
    found = purpose.for_something_else(role)
    if not found or not slot.value:
        return None
    grant, whose = found
    # One that tasks may assume all the same works, and may do what no task should.
    fails = iam.may_assume(role, purpose.TASKS) is Answer.NO
    return rule.finding(
        slot.value.use,
        f"{which} has AWS's policy for {whose}" + (": ECS cannot assume it for a task" if fails else ""),
        help if fails else f"take the policy away: no task needs it, and it allows to act as {whose}",
        severity=None if fails else Severity.WARNING,
        related=[Related(grant.span, "the policy")],
        workload=task.name or None,
    )


def _is_same(task: Task) -> bool:
    one, other = task.execution_role.value, task.task_role.value
    return one is not None and other is not None and one.text is not None and one.text == other.text
