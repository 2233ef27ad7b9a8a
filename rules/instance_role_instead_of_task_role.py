r"""A task on EC2 calls AWS without a task role: it uses the role of the instance.

A container of a task without a task role finds no credentials but those that every program on the
instance can ask for: the instance role's (`assumed-role/ecsInstanceRole/i-0123... is not authorized to perform`).
So what one task needs all tasks of the instance may do, and ECS's own agent as well. Moved to
Fargate, where there is no instance role, the same task finds no credentials at all.

That a task calls AWS is told by what is sure only: its command runs the AWS CLI, ECS Exec is on, it is given
the name of a bucket, a queue or a table that the same project makes, its image is built from sources that
use an AWS SDK.

## What to do

Make a role that `ecs-tasks.amazonaws.com` may assume, give it what this task does, and name it in `taskRoleArn`
(`jobRoleArn` for Batch). The SDK asks for it before it asks for the instance's. Take the permissions off the
instance role, and keep tasks from it altogether with `ECS_AWSVPC_BLOCK_IMDS=true` in the agent's configuration.

## Bad

```json task-definition.json
{
  "family": "export",
  "requiresCompatibilities": ["EC2"],
  "containerDefinitions": [
    {
      "name": "export",
      "image": "amazon/aws-cli:2",
      "command": ["s3", "sync", "/data", "s3://shop-export"]
                   ^^ export calls AWS (it runs the AWS CLI) without a role of its own: it uses the role of the instance, which all tasks there share
    }
  ]
}
```

## Good

```json task-definition.json
{
  "family": "export",
  "taskRoleArn": "arn:aws:iam::123456789012:role/export",
  "requiresCompatibilities": ["EC2"],
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

from credlint import order
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER304", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    if any(not task.complete and task.task_role.value is not None for task in project.tasks):
        return  # who runs a task definition may give it a role
    for task in project.tasks:
        if not task.complete or task.task_role.value is not None or task.launch != ("EC2",):
            continue
        if any(any(order.keys_of(workload)) for workload in task.workloads):
            continue  # ORDER303: the key is used, not the instance role
        from credlint import evidence  # only where there is something to find out

        found = evidence.talks_to_aws(task, project)
        if found is None:
            continue
        header = task.span.text.partition("\n")[0]
        elsewhere = found.span.path != task.span.path
        yield rule.finding(
            found.span,
            f"{task.name or 'this task'} calls AWS ({found.why}) without a role of its own: "
            "it uses the role of the instance, which all tasks there share",
            f"set {task.task_role.field} to a role that may do what this task does, and take that off the instance role",
            related=[Related(task.span.sub(0, len(header)), "the task definition")] if elsewhere else [],
            workload=task.name or None,
        )
