r"""The task role is not allowed what a feature of its task definition needs.

A few features of ECS work with the task role, not with the execution role: ECS Exec (`aws ecs execute-command`
fails with `TargetNotConnectedException`), EFS volumes with `iam = "ENABLED"` (`mount.nfs4: access
denied by server`), the destinations of FireLens (`assumed-role/api-task/... is not authorized to perform:
firehose:PutRecordBatch`, an `AccessDeniedException`) and the X-Ray daemon (`xray:PutTraceSegments`). To allow it to the execution role does not help. App Runner even fetches the secrets
of a service with its instance role, not with the access role.

## What to do

Allow the task role the action; take it from the execution role, if it is there.

A role of which not all policies are seen is left alone; `--pedantic` tells why they are not. An EFS volume is reported only where the
execution role has the permission, or where the file system has a policy that is seen and does not give it: it could.

## Bad

```hcl main.tf
resource "aws_iam_role" "task" {
  name = "api-task"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "task" {
  role = aws_iam_role.task.name
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family        = "api"
  task_role_arn = aws_iam_role.task.arn
                  ~~~~~~~~~~~~~~~~~~~~~ the task role
  container_definitions = jsonencode([
    { name = "api", image = "api:1" },
    { name = "xray", image = "public.ecr.aws/xray/aws-xray-daemon:3.x" }
                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ api cannot send the traces: its task role is not allowed xray:PutTraceSegments
  ])
}
```

## Good

```hcl main.tf
resource "aws_iam_role" "task" {
  name = "api-task"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "task" {
  role       = aws_iam_role.task.name
  policy_arn = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
}

resource "aws_ecs_task_definition" "api" {
  family        = "api"
  task_role_arn = aws_iam_role.task.arn
  container_definitions = jsonencode([
    { name = "api", image = "api:1" },
    { name = "xray", image = "public.ecr.aws/xray/aws-xray-daemon:3.x" }
  ])
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import needs, purpose
from credlint.finding import Finding, Related, Severity
from credlint.model import FeatureKind, Project, Task
from credlint.needs import Lack, Side
from credlint.rule import Rule

rule = Rule(__name__, "ROLE207", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in (*project.tasks, *project.elsewhere):
        if purpose.swapped(task):
            continue  # ROLE202 says so
        lacks, unsure = needs.judged(task, Side.TASK)
        for lack in lacks:
            if lack.feature.kind is not FeatureKind.EFS_IAM or lack.elsewhere:
                yield _finding(task, lack)
        yield from purpose.in_doubt(rule, task, Side.TASK, unsure)


def _finding(task: Task, lack: Lack) -> Finding:
    role, platform = task.host.role, task.host.platform
    related = [Related(task.task_role.value.use, f"the {role}")] if task.task_role.value else []
    if lack.elsewhere:
        related.append(Related(lack.elsewhere, f"the {platform} is allowed it"))
    return rule.finding(
        lack.feature.span,
        f"{task.name or 'this task'} cannot {needs.TABLE[lack.feature.kind].does}: "
        f"its {role} is not allowed {lack.actions}",
        f"allow the {role} {lack.actions}"
        + (f" (to allow it to the {platform} does not help)" if lack.elsewhere else ""),
        related=related,
        workload=lack.feature.container or task.name or None,
    )
