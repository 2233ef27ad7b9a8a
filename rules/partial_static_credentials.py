r"""A container is given one half of an access key.

An id without its secret is no credential. The SDKs do not agree on what that means: boto3 and the
AWS CLI stop with `PartialCredentialsError` (`Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY`)
and never ask for the task role; most others pass over it and use the role. So the same task definition works
with one program and fails with the next.

## What to do

Take the half out, and let the task role do it. If the other half comes from the image or from an
env file that credlint does not see, both belong in one place.

## Bad

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "environment": [{"name": "AWS_ACCESS_KEY_ID", "value": "<KEY_ID>"}]
                                ^^^^^^^^^^^^^^^^^ api is given AWS_ACCESS_KEY_ID without its secret: boto3, awscli-v1 and awscli-v2 stop there
    }
  ]
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::config/api.env"}],
      "environment": [{"name": "AWS_ACCESS_KEY_ID", "value": "<KEY_ID>"}]
    }
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import order
from credlint.finding import Finding, Severity
from credlint.model import Project, Variable, Workload
from credlint.rule import Rule

rule = Rule(__name__, "ORDER306", Severity.WARNING)

_MOST_NAMED = 3


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, task in order.workloads(project):
        if not workload.complete or (task is not None and not task.complete):
            continue
        key_id, secret = order.keys_of(workload)
        half = key_id or secret
        if half is None or (key_id and secret) or (task is None and not _is_surely_given(workload, half)):
            continue
        found = order.outcomes(workload, role=True, sdks=order.sdks_of(project, workload))
        stopped = [sdk for sdk, resolution in found.items() if resolution.error == "partial-credentials"]
        if not stopped:
            continue
        shown = [*stopped[: _MOST_NAMED - 1], " and ".join(stopped[_MOST_NAMED - 1 : _MOST_NAMED])]
        who = " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
        yield rule.finding(
            half.span,
            f"{workload.name or 'this container'} is given {half.name} without its "
            f"{'secret' if half is key_id else 'id'}: {who} stop there",
            f"take it out and let {_INSTEAD[task is None]} do it, or give both halves in one place",
            severity=order.severity(half.sure),
            confidence=order.confidence(half.sure, known=False),  # the image may have the other half
            workload=workload.name or None,
        )


_INSTEAD = ("the task role", "a profile or a role")


def _is_surely_given(workload: Workload, half: Variable) -> bool:
    """Outside of ECS: whoever runs it may give a variable nothing, and an emulator takes anything."""
    return not workload.emulated and half.value is not None and bool(half.value.text)
