r"""AWS_PROFILE is set to nothing.

An empty `AWS_PROFILE` does not mean "no profile" to every SDK: some look for a profile with an
empty name, do not find it and stop (`The config profile () could not be found`), although the task role is there.
It happens when a template fills the variable in, and has nothing to fill it with.

## What to do

Leave the variable out. On ECS no profile is needed: the SDK finds the task role by itself.

## Bad

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "environment": [{"name": "AWS_PROFILE", "value": ""}]
                                ^^^^^^^^^^^ api has an empty AWS_PROFILE: boto3, awscli-v1, awscli-v2 do not find a profile of that name and stop
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
from credlint.finding import Finding, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER307", Severity.WARNING)

_NAMES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, task in order.workloads(project):
        for variable in workload.variables:
            if variable.name not in _NAMES or variable.value is None or variable.value.text != "":
                continue
            found = order.outcomes(workload, role=True, sdks=order.sdks_of(project, workload))
            stopped = [sdk for sdk, resolution in found.items() if resolution.error]
            if stopped:
                many = len(stopped) > 1
                by_itself = "on ECS the SDK finds the task role by itself" if task else "the SDK then takes the default"
                yield rule.finding(
                    variable.span,
                    f"{workload.name or 'this container'} has an empty {variable.name}: {', '.join(stopped)} "
                    f"{'do' if many else 'does'} not find a profile of that name and {'stop' if many else 'stops'}",
                    f"leave {variable.name} out: {by_itself}",
                    severity=order.severity(variable.sure),
                    confidence=order.confidence(variable.sure),
                    workload=workload.name or None,
                )
