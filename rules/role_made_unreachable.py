r"""The task role is there, and the container is kept from reaching it.

ECS tells a container by `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` where it gets the credentials of its task role.
Whoever sets that variable himself, be it to nothing, sends the SDK somewhere else: it finds no
credentials (`NoCredentialProviders`, `Unable to locate credentials`), or on EC2 those of the
instance, which every container of the instance shares. On an instance `AWS_EC2_METADATA_DISABLED` does the same: no SDK
asks for the role of the instance then.

That an instance lets no container ask for its role (a hop limit of 1, `ECS_AWSVPC_BLOCK_IMDS`) is no
finding: with task roles that is as it should be.

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
from credlint.model import Kind, Project, Variable, Workload
from credlint.rule import Rule

rule = Rule(__name__, "ORDER308", Severity.ERROR)

_NAMES = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, task in order.workloads(project):
        slot = order.slot_of(workload, task)
        if slot is None or slot.value is None or not order.has_role(slot):
            continue
        if all(order.keys_of(workload)):
            continue  # ORDER301: the role is not even asked for
        for variable in workload.variables:
            if not _keeps_away(variable, workload):
                continue
            role = order.called(slot, workload)
            yield rule.finding(
                variable.span,
                f"{workload.name or 'this container'} sets {variable.name} itself: its SDK does not reach {role}",
                f"leave {variable.name} to ECS, which sets it in every container of a task with a role"
                if task is not None
                else f"take {variable.name} out of the user data, or give the instance no role",
                related=[Related(slot.value.use, f"{role.partition(' role')[0]} role that is not reached")],
                workload=workload.name or None,
            )
            break


def _keeps_away(variable: Variable, workload: Workload) -> bool:
    """Whether a variable sends every SDK elsewhere than to where the role of the workload is."""
    if workload.kind is Kind.INSTANCE:
        text = variable.value.text if variable.value is not None else None
        return variable.name == "AWS_EC2_METADATA_DISABLED" and (text or "").lower() == "true"
    return variable.name in _NAMES
