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

In Terraform the same is told of services of App Runner and of CodeBuild's builds. Lambda refuses such
variables (`Reserved keys used in this request`): it gives the role's credentials under these names.

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
from credlint.model import LAMBDA, Kind, Origin, Project, Task, Workload
from credlint.rule import Rule

rule = Rule(__name__, "ORDER301", Severity.ERROR)

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_RESERVED = frozenset(("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))
_WHERE = {
    Origin.IMAGE: "the image",
    Origin.ENV_FILE: "the env file",
    Origin.ENVIRONMENT: "`environment`",
    Origin.SECRETS: "`secrets`",
}


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, role in order.having_role(project):
        sdks = order.sdks_of(project, workload)
        key = order.static_key(workload, sdks)
        of_instance = workload.kind is Kind.INSTANCE
        if key is None or (of_instance and workload.emulated):
            continue
        who, takes, asks = order.who(sdks)
        name = workload.name or "this container"
        place = f"the image of {name}" if key.secret.origin is Origin.IMAGE else f"the environment of {name}"
        where = _WHERE[key.secret.origin]
        if of_instance:
            place, where = f"the user data of {name}", "the user data"
        yield rule.finding(
            key.secret.span,
            f"{who} {takes} the access key in {place} before {asks} for {role.called}, which is never used",
            f"take {key.names} out of {where}: without them the SDK uses the role; deactivate the key",
            severity=key.severity,
            confidence=key.confidence,
            related=[Related(role.span, f"{role.kind} that is not used")],
            workload=workload.name or None,
        )
    for task in project.elsewhere:
        for workload in task.workloads:
            if task.host is LAMBDA:
                yield from _reserved(workload)
            else:
                yield from _elsewhere(project, task, workload)


def _elsewhere(project: Project, task: Task, workload: Workload) -> Iterator[Finding]:
    """Of what another host than ECS runs."""
    slot, host = task.task_role, task.host
    sdks = order.sdks_of(project, workload)
    key = order.static_key(workload, sdks)
    if key is None or slot.value is None or not order.has_role(slot):
        return
    who, takes, asks = order.who(sdks)
    yield rule.finding(
        key.secret.span,
        f"{who} {takes} the access key in the environment of {workload.name} before {asks} {host.name} for its "
        f"{host.role}, which the program never uses",
        f"take {key.names} out: without them the SDK uses the {host.role}; deactivate the key",
        confidence=key.confidence,
        related=[Related(slot.value.use, f"the {host.role} that is not used")],
        workload=workload.name or None,
    )


def _reserved(workload: Workload) -> Iterator[Finding]:
    """Lambda puts the credentials of the role into these variables itself, and takes no others."""
    given = [one for one in workload.variables if one.name in _RESERVED]
    if given:
        yield rule.finding(
            given[-1].span,
            f"Lambda refuses {given[-1].name} in the environment of {workload.name}: it is the name under which "
            "the function gets the credentials of its role",
            f"take {' and '.join(one.name for one in given)} out: the SDK finds the role's credentials by itself",
            related=[Related(one.span, "this, too") for one in given[:-1]],
            workload=workload.name or None,
        )
