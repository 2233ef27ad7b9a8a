r"""The execution role is not allowed what ECS needs to start the task.

ECS fetches the `secrets`, reads the env files, pulls the image and writes the logs with the
execution role. What it is not allowed stops the task before it begins:
`ResourceInitializationError: unable to pull secrets or registry auth`,
`CannotPullContainerError` or `CannotPullECRContainerError` with `ecr:GetAuthorizationToken`, `failed to validate
logger args: create stream has been retried`, `failed to create Cloudwatch log group: ...
logs:CreateLogGroup`. The `AccessDeniedException` in it names the execution role
(`assumed-role/ecsTaskExecutionRole/... is not authorized to perform: secretsmanager:GetSecretValue`), which is
the right one: it only lacks the permission. To allow it to the task role does not help.

## What to do

Allow the execution role the action, on the resource that the task definition names. The managed
policy `AmazonECSTaskExecutionRolePolicy` lets it pull images and write logs. It does not let it read
secrets (`secretsmanager:GetSecretValue`, for parameters `ssm:GetParameters`) or create
log groups (`logs:CreateLogGroup`), nor decrypt what lies under a key of one's own (`Access to KMS is not allowed`,
`kms:Decrypt`).

A role of which not all policies are seen is left alone; `--pedantic` tells why they are not. What a policy of the secret or the
bucket itself allows is not seen.

## Bad

```hcl main.tf
resource "aws_iam_role" "execution" {
  name = "api-execution"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
                       ~~~~~~~~~~~~~~~~~~~~~~~~~~ the execution role
  container_definitions = jsonencode([{
    name    = "api"
    image   = "api:1"
    secrets = [{ name = "PASSWORD", valueFrom = "/api/password" }]
                                                 ^^^^^^^^^^^^^ ECS cannot fetch the secrets: the execution role of api is not allowed ssm:GetParameters
  }])
}
```

## Good

```hcl main.tf
resource "aws_iam_role" "execution" {
  name = "api-execution"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "execution" {
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "ssm:GetParameters"
      Resource = "arn:aws:ssm:eu-west-1:123456789012:parameter/api/*"
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name    = "api"
    image   = "api:1"
    secrets = [{ name = "PASSWORD", valueFrom = "/api/password" }]
  }])
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import needs, purpose
from credlint.finding import Finding, Related, Severity
from credlint.model import Project, Task
from credlint.needs import Lack, Side
from credlint.rule import Rule

rule = Rule(__name__, "ROLE206", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in project.tasks:
        if purpose.swapped(task):
            continue  # ROLE202 says so
        lacks, unsure = needs.judged(task, Side.EXECUTION)
        for lack in lacks:
            yield _finding(task, lack)
        yield from purpose.in_doubt(rule, task, Side.EXECUTION, unsure)


def _finding(task: Task, lack: Lack) -> Finding:
    related = [Related(span, "this, too") for span in lack.places[1:4]]
    if task.execution_role.value:
        related.append(Related(task.execution_role.value.use, "the execution role"))
    if lack.elsewhere:
        related.append(Related(lack.elsewhere, "the task role is allowed it"))
    return rule.finding(
        lack.places[0],
        f"ECS cannot {needs.TABLE[lack.feature.kind].does}: "
        f"the execution role of {task.name or 'this task'} is not allowed {lack.actions}",
        f"allow the execution role {lack.actions}"
        + (" (to allow it to the task role does not help)" if lack.elsewhere else ""),
        related=related,
        workload=lack.feature.container or task.name or None,
    )
