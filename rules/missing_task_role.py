r"""A task calls AWS, and its task definition has no task role.

On Fargate there is nothing else that could give it credentials: there is no instance whose role it could use, and the
execution role is ECS's own. Every call fails (`Unable to locate credentials`, `NoCredentialProviders`,
`Could not load credentials from any providers`, `Unable to get IAM security credentials from EC2 Instance Metadata
Service`), and ECS Exec with `TargetNotConnectedException`. Where nothing says where the task runs, the same
definition works on EC2, with the role of the instance, and fails on Fargate.

That a task calls AWS is told by what is sure only: its command runs the AWS CLI, ECS Exec is on, it is given
the name of a bucket, a queue or a table that the same project makes, its image is built from sources that
use an AWS SDK. A task that surely runs on EC2 is ORDER304's, one that is given keys ORDER303's; where the
permissions were put on the execution role ROLE204 says it.

## What to do

Make a role that `ecs-tasks.amazonaws.com` may assume, give it what this task does, and name it in `taskRoleArn`
(`jobRoleArn` for Batch). To give the permissions to the execution role does not help.

## Bad

```json task-definition.json
{
  "family": "export",
  "requiresCompatibilities": ["FARGATE"],
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "containerDefinitions": [
    {
      "name": "export",
      "image": "amazon/aws-cli:2",
      "command": ["s3", "sync", "/data", "s3://shop-export"]
                   ^^ export calls AWS (it runs the AWS CLI) without a task role: on Fargate it has no credentials at all
    }
  ]
}
```

## Good

```json task-definition.json
{
  "family": "export",
  "requiresCompatibilities": ["FARGATE"],
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "taskRoleArn": "arn:aws:iam::123456789012:role/export",
  "containerDefinitions": [
    {
      "name": "export",
      "image": "amazon/aws-cli:2",
      "command": ["s3", "sync", "/data", "s3://shop-export"]
    }
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import purpose
from credlint.finding import Finding, Related, Severity
from credlint.model import Project, Task
from credlint.rule import Rule

rule = Rule(__name__, "ROLE211", Severity.NOTE)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task, found in purpose.unserved(project):
        instead = _instead(task)
        if instead is None:
            continue
        header = task.span.text.partition("\n")[0]
        elsewhere = found.span.path != task.span.path
        yield rule.finding(
            found.span,
            f"{task.name or 'this task'} calls AWS ({found.why}) without a task role: {instead}",
            f"set {task.task_role.field} to a role that may do what this task does; the execution role does not help",
            related=[Related(task.span.sub(0, len(header)), "the task definition")] if elsewhere else [],
            workload=task.name or None,
        )


def _instead(task: Task) -> str | None:
    """What credentials it finds instead; None where that is not known, or ORDER304's."""
    if not task.launch:
        return "on Fargate it has no credentials at all, on EC2 it uses the role of the instance"
    if "FARGATE" in task.launch:
        return "on Fargate it has no credentials at all"
    if "EXTERNAL" in task.launch:
        return "on an external instance it has no credentials at all"
    return None
