r"""A container on ECS, or an instance, is given access keys where it could have a role.

The task definition names no task role, and the container gets a user's access key instead. The key is
valid until somebody deactivates it, everybody who may describe the task definition (or read
the secret) has it, and nobody knows any more which workload uses it. A task role costs nothing, is renewed by ECS,
and can be used by this task only. An instance whose user data brings the key could have an instance profile.

A job of GitHub Actions that gives `aws-actions/configure-aws-credentials` a key from the repository's secrets is told as a
note: without a key it could take a role by OIDC. Keys that a workflow puts into an environment are told only with
`--pedantic`, for it is not seen what takes them. Nothing is said where a workflow speaks of an endpoint of its own, or
gives a session token.

## What to do

Make a role that `ecs-tasks.amazonaws.com` may assume, give it what the key's user may do, name it in
`taskRoleArn` and take the two variables out: an SDK takes variables before it asks for the role.

For a workflow of GitHub make a role that trusts `token.actions.githubusercontent.com` for this repository, give the job
`permissions: id-token: write`, and set `role-to-assume`.

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

A job of GitHub Actions:

```yaml .github/workflows/deploy.yml
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}
          aws-secret-access-key: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a job of this workflow is given an access key that does not expire, where AWS would give it a role by OIDC
          aws-region: eu-west-1
```

## Good

```yaml .github/workflows/deploy.yml
on: push
permissions:
  id-token: write
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: arn:aws:iam::123456789012:role/deploy
          aws-region: eu-west-1
```

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
from credlint.finding import Confidence, Finding, Related, Severity
from credlint.model import JobKeys, Kind, Project, Variable, Workload
from credlint.rule import Rule

rule = Rule(__name__, "ORDER303", Severity.WARNING)

_MOST_PLACES = 5


def _is_dummy(variable: Variable) -> bool:
    from credlint import elsewhere

    return elsewhere.is_dummy(variable.value)


def _is_temporary(workload: Workload) -> bool:
    return any(variable.name == "AWS_SESSION_TOKEN" for variable in workload.variables)


@rule
def check(project: Project) -> Iterator[Finding]:
    for keys in project.job_keys:
        yield _of_job(keys)
    for workload, task in order.workloads(project):
        slot = order.slot_of(workload, task)
        if slot is None or slot.value is not None or (task is None and workload.emulated):
            continue
        sdks = order.sdks_of(project, workload)
        key_id, secret = order.keys_of(workload)
        platform, who = ("EC2", "instance") if workload.kind is Kind.INSTANCE else ("ECS", "container")
        name = workload.name or f"this {who}"
        if secret and workload.kind is Kind.INSTANCE and (_is_dummy(secret) or _is_temporary(workload)):
            continue
        if secret and order.shadowing(workload, sdks):
            names = " and ".join(one.name for one in (key_id, secret) if one)
            yield rule.finding(
                secret.span,
                f"{name} is given an access key, where {platform} would give it a role of its own",
                f"set {slot.field} to a role that may do what the key's user may, and take {names} out",
                severity=order.severity(min(one.sure for one in (key_id, secret) if one)),
                confidence=order.confidence(
                    min(one.sure for one in (key_id, secret) if one), known=order.known(secret)
                ),
                related=[Related(key_id.span, "its access key id")] if key_id else [],
                workload=workload.name or None,
            )
            continue
        for file in workload.files:
            if order.file_shadows(workload, file, sdks):
                yield rule.finding(
                    file.span,
                    f"{name} is given an access key by {file.path}, where {platform} would give it a role of its own",
                    f"set {slot.field} to a role that may do what the key's user may, and leave the file out",
                    severity=order.severity(file.sure),
                    confidence=order.confidence(file.sure, known=file.certain),
                    workload=workload.name or None,
                )


def _of_job(keys: JobKeys) -> Finding:
    """A note: OIDC has to be set up in the account first, and a job does not run on AWS."""
    return rule.finding(
        keys.span,
        "a job of this workflow is given an access key that does not expire, where AWS would give it a role by OIDC",
        "set role-to-assume to a role that trusts GitHub's OIDC provider, give the job `permissions: id-token: write`, "
        "take the two inputs out and deactivate the key"
        if keys.by_action
        else "let aws-actions/configure-aws-credentials take a role by OIDC in a step before, take the variables out "
        "and deactivate the key",
        severity=Severity.NOTE,
        confidence=Confidence.MEDIUM,
        related=[Related(span, "here, too") for span in keys.others[:_MOST_PLACES]],
        pedantic=not keys.by_action,
    )
