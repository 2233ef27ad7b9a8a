r"""A container on ECS is given access keys where it could have a task role.

The task definition names no task role, and the container gets a user's access key instead. The key is
valid until somebody deactivates it, everybody who may describe the task definition (or read
the secret) has it, and nobody knows any more which workload uses it. A task role costs nothing, is renewed by ECS,
and can be used by this task only.

## What to do

Make a role that `ecs-tasks.amazonaws.com` may assume, give it what the key's user may do, name it in
`taskRoleArn` and take the two variables out: an SDK takes variables before it asks for the role.

## Bad

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "ecsTaskExecutionRole",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "secrets": [
        {"name": "AWS_ACCESS_KEY_ID", "valueFrom": "key-id"},
                  ~~~~~~~~~~~~~~~~~ its access key id
        {"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": "key-secret"}
                  ^^^^^^^^^^^^^^^^^^^^^ api is given an access key, where ECS would give it a role of its own
      ]
    }
  ]
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "ecsTaskExecutionRole",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import order
from credlint.finding import Finding, Related, Severity
from credlint.model import LAMBDA, Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER303", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in (*project.tasks, *project.elsewhere):
        if not task.complete or task.task_role.value is not None:
            continue
        for workload in task.workloads:
            key = order.static_key(workload, order.sdks_of(project, workload))
            if key is None or task.host is LAMBDA:
                continue
            yield rule.finding(
                key.secret.span,
                f"{workload.name or 'this container'} is given an access key, where {task.host.name} would give it a role of its own",
                f"set {task.task_role.field} to a role that may do what the key's user may, and take {key.names} out",
                severity=key.severity,
                confidence=key.confidence,
                related=[Related(key.id.span, "its access key id")] if key.id else [],
                workload=workload.name or None,
            )
