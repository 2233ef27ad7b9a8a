r"""A task definition has no execution role, but ECS needs one to start it.

ECS itself fetches the `secrets`, reads the env files in S3, logs in at a private registry, and
on Fargate pulls from ECR and writes to CloudWatch Logs. It does that with the execution
role; the task role does not help. Without one the definition is rejected (`Fargate requires
task definition to have execution role ARN to support ECR images`) or its tasks stop with
`ResourceInitializationError: unable to pull secrets or registry auth`.

## What to do

Set the execution role: one with the managed policy `AmazonECSTaskExecutionRolePolicy`, and
for secrets `secretsmanager:GetSecretValue` or `ssm:GetParameters` on just these.

On EC2 the image pull and the logs need no execution role (the instance's role does it); where
nothing says which launch type it is, only what needs the role everywhere counts.

## Bad

```json task-definition.json
{
  "family": "api",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "secrets": [{"name": "PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/password"}]
       ^^^^^^^ ECS cannot fetch the secrets: the task definition api has no execution role
    }
  ]
}
```

```hcl main.tf
resource "aws_ecs_task_definition" "api" {
  family                   = "api"
  requires_compatibilities = ["FARGATE"]
  container_definitions = jsonencode([{
    name  = "api"
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1"
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ECS cannot pull the image from ECR: the task definition api has no execution role
  }])
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "requiresCompatibilities": ["EC2"],
  "containerDefinitions": [
    {
      "name": "api",
      "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1",
      "logConfiguration": {"logDriver": "awslogs"}
    }
  ]
}
```

A role that is given from outside is not known, and nothing is said:

```hcl main.tf
variable "execution_role_arn" {
  default = null
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = var.execution_role_arn
  container_definitions = jsonencode([{
    name    = "api"
    image   = "api:1"
    secrets = [{ name = "PASSWORD", valueFrom = "password" }]
  }])
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Finding, Related, Severity
from credlint.model import Feature, Project, Task
from credlint.needs import TABLE, Side, takes_role
from credlint.rule import Rule

rule = Rule(__name__, "ROLE205", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in project.tasks:
        if not task.complete or task.execution_role.value is not None:
            continue
        features = [feature for feature in task.features if _needs_role(task, feature)]
        if not features:
            continue
        header = task.span.text.partition("\n")[0]
        elsewhere = features[0].span.path != task.span.path  # a template that several definitions may use
        does = list(dict.fromkeys(TABLE[feature.kind].does for feature in features))
        yield rule.finding(
            features[0].span,
            f"ECS cannot {' and '.join(does[:3])}: the task definition {task.name or 'here'} has no execution role",
            f"set {task.execution_role.field} to a role with AmazonECSTaskExecutionRolePolicy "
            "and, for secrets and files, the permission to read them",
            related=[
                *([Related(task.span.sub(0, len(header)), "the task definition")] if elsewhere else []),
                *(Related(feature.span, f"ECS must {TABLE[feature.kind].does}") for feature in features[1:6]),
            ],
            workload=features[0].container or task.name or None,
        )


def _needs_role(task: Task, feature: Feature) -> bool:
    return TABLE[feature.kind].side is Side.EXECUTION and takes_role(task, feature.kind)
