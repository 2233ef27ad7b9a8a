r"""A role's trust policy does not let ECS's tasks assume it.

Both roles of a task definition are assumed by `ecs-tasks.amazonaws.com`. A trust policy for another
service (`ecs.amazonaws.com` is for services, `ec2.amazonaws.com` for instances), or one with a typing
error, makes every start fail: `ECS was unable to assume the role ... that was provided for this
task. Please verify that the role being passed has the proper trust relationship`.

Likewise where something else runs the program: the instance role of App Runner is for `tasks.apprunner.amazonaws.com`
and its access role for `build.apprunner.amazonaws.com`, the role of an instance profile for `ec2.amazonaws.com`,
a function's for `lambda.amazonaws.com`, a build's for `codebuild.amazonaws.com`.

## What to do

Let `ecs-tasks.amazonaws.com`, or the service that the message names, assume the role:

```text
{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
```

A trust policy with parts or conditions that are not known is left alone.

## Bad

```hcl main.tf
resource "aws_iam_role" "api" {
  name = "api"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs.amazonaws.com" }
                               ^^^^^^^^^^^^^^^^^ ECS cannot assume this role for api: it is for ecs.amazonaws.com, not for ecs-tasks.amazonaws.com
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  task_role_arn         = aws_iam_role.api.arn
                          ~~~~~~~~~~~~~~~~~~~~ its use as task role
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
```

## Good

```hcl main.tf
resource "aws_iam_role" "api" {
  name = "api"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  task_role_arn         = aws_iam_role.api.arn
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import iam, purpose
from credlint.finding import Finding, Related, Severity
from credlint.iam import Answer
from credlint.model import ECS, Project, Role, Slot, Task
from credlint.rule import Rule

rule = Rule(__name__, "ROLE208", Severity.ERROR)

_MOST_PLACES = 5


@rule
def check(project: Project) -> Iterator[Finding]:
    uses: dict[tuple[int, str], list[tuple[Role, Task, Slot]]] = {}
    for task in (*project.tasks, *project.elsewhere):
        for slot, _, principal in reversed(purpose.slots_of(task)):
            if slot.role and slot.value and not purpose.crossed(task):  # ROLE202 says so
                uses.setdefault((id(slot.role), principal), []).append((slot.role, task, slot))
    for (_, principal), found in uses.items():
        role, task, _ = found[0]
        # With the policy of another kind of role it is one: ROLE209 says so.
        told = task.host is ECS and purpose.for_something_else(role)
        if iam.may_assume(role, principal) is Answer.NO and not told and role.trust:
            services = [text for text in iam.trusted(role) if text.known]
            if task.host is not ECS and not services:
                continue  # it is for people: the console makes a profile with every role
            names = " and ".join(dict.fromkeys(text.known or "" for text in services[:3]))
            yield rule.finding(
                services[0].span if services else role.trust.span,
                f"{task.host.name} cannot assume this role for {task.name or 'its task'}: it is for "
                f"{names or 'others'}, not for {principal}",
                f"make {principal} the principal of the trust policy",
                related=[
                    Related(
                        slot.value.use,
                        f"its use as {task.host.role if slot is task.task_role else task.host.platform}",
                    )
                    for _, task, slot in found[:_MOST_PLACES]
                    if slot.value
                ],
                workload=task.name or None,
            )
