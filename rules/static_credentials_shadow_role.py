r"""Access keys in the environment go before the task role, which is never used.

An SDK looks for credentials in the environment first and asks ECS for the task role's only when it
has found nothing. So a container that is given `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` runs
as the user to whom the key belongs, whatever role the task definition names. Everybody who
reads the definition believes that the role is in use; its permissions are changed, and nothing
happens. Whether the key is a literal, comes from a variable or is put in by `secrets` is all one,
and so is whether the task definition gives it, an env file (`environmentFiles`) or the `ENV` of the image. On an EC2 instance it is the
same with the instance profile, and keys that its user data exports.

Which Dockerfile makes the image is told by what builds it (`docker build -t api -f api/Dockerfile` in a CI file, a
compose file, docker/build-push-action), else by names: `api/Dockerfile` or `api.Dockerfile` makes `api:1`. Where
that is only likely the finding is a note.

## What to do

Take the two variables out. The SDK then finds the task role by itself, its credentials are
renewed every few hours and are written down nowhere. Give the role what the key's user may do, and
deactivate the key. Emulators (LocalStack, MinIO) take any key: set theirs where they run, not
in the task definition.

The docs of credlint tell in which order every SDK looks.

## Bad

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ the task role that is not used
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "secrets": [
        {"name": "AWS_ACCESS_KEY_ID", "valueFrom": "key-id"},
        {"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": "key-secret"}
                  ^^^^^^^^^^^^^^^^^^^^^ every AWS SDK takes the access key in the environment of api before it asks for the task role api-task, which is never used
      ]
    }
  ]
}
```

```hcl main.tf
resource "aws_ecs_task_definition" "api" {
  family        = "api"
  task_role_arn = aws_iam_role.api.arn
                  ~~~~~~~~~~~~~~~~~~~~ the task role that is not used
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    environment = [
      { name = "AWS_ACCESS_KEY_ID", value = var.key_id },
      { name = "AWS_SECRET_ACCESS_KEY", value = var.key_secret },
                ^^^^^^^^^^^^^^^^^^^^^ every AWS SDK takes the access key in the environment of api before it asks for the task role api, which is never used
    ]
  }])
}

resource "aws_iam_role" "api" {
  name               = "api"
  assume_role_policy = data.aws_iam_policy_document.trust.json
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
      "environment": [{"name": "AWS_REGION", "value": "eu-west-1"}, {"name": "S3_SECRET_KEY", "value": "x"}]
    }
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import order
from credlint.finding import Finding, Related, Severity
from credlint.model import Kind, Origin, Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER301", Severity.ERROR)


_WHERE = {
    Origin.IMAGE: "the image",
    Origin.ENV_FILE: "the env file",
    Origin.ENVIRONMENT: "`environment`",
    Origin.SECRETS: "`secrets`",
}


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, task in order.workloads(project):
        slot = order.slot_of(workload, task)
        if slot is None or slot.value is None or not order.has_role(slot) or (task is None and workload.emulated):
            continue
        key_id, secret = order.keys_of(workload)
        sdks = order.sdks_of(project, workload)
        if not secret or not order.shadowing(workload, sdks):
            continue
        both = [one for one in (key_id, secret) if one]
        sure = min(one.sure for one in both)
        role = order.called(slot, workload)
        who, takes, asks = order.who(sdks)
        name = workload.name or "this container"
        place = f"the image of {name}" if secret.origin is Origin.IMAGE else f"the environment of {name}"
        where = _WHERE[secret.origin]
        if workload.kind is Kind.INSTANCE:
            place, where = f"the user data of {name}", "the user data"
        yield rule.finding(
            secret.span,
            f"{who} {takes} the access key in {place} before {asks} for {role}, which is never used",
            f"take {' and '.join(one.name for one in both)} out of {where}: "
            "without them the SDK uses the role; deactivate the key",
            severity=order.severity(sure),
            # what a variable may be given is not known: it may be empty
            confidence=order.confidence(sure, known=order.known(secret)),
            related=[Related(slot.value.use, f"{role.partition(' role')[0]} role that is not used")],
            workload=workload.name or None,
        )
