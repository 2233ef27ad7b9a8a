r"""A task definition uses one role as its task role and as its execution role.

The execution role is for ECS: pull the image, fetch the `secrets`, write the logs. The task
role is for the application. With one role for both, the application can read every secret
that ECS injects, also those of other containers, and pull every image; and whoever adds a
permission for the one side gives it to the other. AWS: "We recommend that you create
separate roles".

## What to do

Make a role of its own for the application, with what it calls and nothing else, and put it
into the task role's slot. What the execution role needs is in the managed policy
`AmazonECSTaskExecutionRolePolicy` and the permissions to read its secrets.

`LabRole` in both slots is a note: AWS Academy gives its students no other.

## Bad

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
                       ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ the execution role
  "taskRoleArn": "ecsTaskExecutionRole",
                  ^^^^^^^^^^^^^^^^^^^^ api has one role for the application and for ECS itself: each gets the permissions of the other
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

By any spelling:

```hcl main.tf
resource "aws_iam_role" "ecs" {
  name               = "ecs"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = aws_iam_role.ecs.arn
                          ~~~~~~~~~~~~~~~~~~~~ the execution role
  task_role_arn         = "arn:aws:iam::123456789012:role/ecs"
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ api has one role for the application and for ECS itself: each gets the permissions of the other
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

A placeholder that somebody fills in later is not the same role:

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "<ROLE_ARN>",
  "taskRoleArn": "<ROLE_ARN>",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import aws
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ROLE201", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in (*project.tasks, *project.elsewhere):
        application, platform = task.task_role, task.execution_role
        if not application.value or not platform.value or not application.same_role(platform):
            continue
        if aws.other_than_role(application.value.text or ""):
            continue  # it works for neither: ROLE209 says so
        benign = application.role_name == "LabRole"
        yield rule.finding(
            application.value.use,
            f"{task.name or 'this task'} has one role for the application and for {task.host.name} itself: "
            "each gets the permissions of the other",
            "AWS Academy gives no other role; outside of it, make one for the application"
            if benign
            else f"give {application.field} a role of its own, with what the application calls and nothing else",
            severity=Severity.NOTE if benign else None,
            related=[
                Related(platform.value.use, f"the {task.host.platform}"),
                *(
                    Related(span, "handed on here")
                    for value in (application.value, platform.value)
                    for span in value.via[1:4]
                ),
            ],
            workload=task.name or None,
        )
