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
from credlint.model import FeatureKind, Project, Task
from credlint.rule import Rule

rule = Rule(__name__, "ROLE205", Severity.ERROR)

# What ECS does with a feature, and on which launch types it takes an execution role for it.
# Source: the ECS agent's task.go and docker_task_engine.go, and AWS's page on the execution role.
_ANYWHERE = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
_NOT_ON_EC2 = ("FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
_NEEDS = {
    FeatureKind.SECRET: ("fetch the secrets", _ANYWHERE),
    FeatureKind.SECRET_OPTION: ("fetch the log driver's secrets", _ANYWHERE),
    FeatureKind.REGISTRY_CREDENTIALS: ("fetch the registry's password", _ANYWHERE),
    FeatureKind.ENVIRONMENT_FILE: ("read the environment files", _ANYWHERE),
    FeatureKind.FIRELENS_S3_CONFIG: ("read the FireLens configuration", _ANYWHERE),
    FeatureKind.CREDENTIAL_SPEC: ("read the gMSA credential spec", _ANYWHERE),
    FeatureKind.FSX_VOLUME: ("mount the FSx volume", _ANYWHERE),
    FeatureKind.ECR_IMAGE: ("pull the image from ECR", _NOT_ON_EC2),
    FeatureKind.AWSLOGS: ("write the logs", _NOT_ON_EC2),
}


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in project.tasks:
        if not task.complete or task.execution_role.value is not None:
            continue
        features = [feature for feature in task.features if _needs_role(task, feature.kind)]
        if not features:
            continue
        does = list(dict.fromkeys(_NEEDS[feature.kind][0] for feature in features))
        yield rule.finding(
            features[0].span,
            f"ECS cannot {' and '.join(does[:3])}: the task definition {task.name or 'here'} has no execution role",
            f"set {task.execution_role.field} to a role with AmazonECSTaskExecutionRolePolicy "
            "and, for secrets and files, the permission to read them",
            related=[Related(feature.span, f"ECS must {_NEEDS[feature.kind][0]}") for feature in features[1:6]],
            workload=features[0].container or task.name or None,
        )


def _needs_role(task: Task, kind: FeatureKind) -> bool:
    where = _NEEDS[kind][1]
    return where is _ANYWHERE or any(launch in where for launch in task.launch)
