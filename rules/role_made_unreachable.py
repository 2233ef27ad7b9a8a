r"""The task role is there, and the container is kept from reaching it.

ECS tells a container by `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` where it gets the credentials of its task role.
Whoever sets that variable himself, be it to nothing, sends the SDK somewhere else: it finds no
credentials (`NoCredentialProviders`, `Unable to locate credentials`), or on EC2 those of the
instance, which every container of the instance shares.

## What to do

Leave the variable to ECS. To run the same image outside of ECS give it credentials there, not in the
task definition.

## Bad

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ the task role that is not reached
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "environment": [{"name": "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "value": ""}]
                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ api sets AWS_CONTAINER_CREDENTIALS_RELATIVE_URI itself: its SDK does not reach the task role api-task
    }
  ]
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import order
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER308", Severity.ERROR)

_NAMES = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, role, held in order.having_role(project):
        if all(order.keys_of(workload)):
            continue  # ORDER301: the role is not even asked for
        variable = next((one for one in workload.variables if one.name in _NAMES), None)
        if variable is None:
            continue
        yield rule.finding(
            variable.span,
            f"{workload.name or 'this container'} sets {variable.name} itself: its SDK does not reach {role}",
            f"leave {variable.name} to ECS, which sets it in every container of a task with a role",
            related=[Related(held.use, "the task role that is not reached")],
            workload=workload.name or None,
        )
