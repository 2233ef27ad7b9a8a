r"""The secret of an access key that the configuration makes is handed on in plain text.

`aws_iam_access_key` keeps its secret in the state; whoever reads the state has it. From there it
goes on to where even more people look: an output, an SSM parameter of type `String`, a file on
disk, the user data of an instance, the environment of a container or a function. `sensitive`
hides it on the screen only.

## What to do

Best, make no key: give the workload a role. If it must be a key (a mail server outside of
AWS), keep the secret in Secrets Manager or in a `SecureString` parameter, let the container
get it by `secrets`, or encrypt it at birth with `pgp_key`.

## Bad

```hcl main.tf
terraform {
  backend "s3" {}
}

resource "aws_iam_access_key" "app" {
  user = "app"
}

output "secret" {
  value     = aws_iam_access_key.app.secret
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the secret of the access key app is written to an output: whoever can read that can use it
  sensitive = true
}

resource "aws_ecs_task_definition" "app" {
  family = "app"
  container_definitions = jsonencode([{
    name  = "app"
    image = "app:1"
    environment = [
      { name = "AWS_SECRET_ACCESS_KEY", value = aws_iam_access_key.app.secret },
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the secret of the access key app is written to the environment of a container: whoever can read that can use it
    ]
  }])
}
```

## Good

```hcl main.tf
terraform {
  backend "s3" {}
}

resource "aws_iam_access_key" "app" {
  user    = "app"
  pgp_key = "keybase:app"
}

output "secret" {
  value = aws_iam_access_key.app.encrypted_secret
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id     = "app"
  secret_string = aws_iam_access_key.app.secret
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY108", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    for leak in project.leaks:
        related = [Related(leak.sink, f"this becomes {leak.where}")] if leak.sink else []
        related += [Related(leak.key, "the access key is made here")] if leak.key.path != leak.span.path else []
        yield rule.finding(
            leak.span,
            f"the secret of the access key {leak.name} is written to {leak.where}: whoever can read that can use it",
            "give the workload a role instead of a key"
            if leak.to_workload
            else "give a role to what needs the key; if it must be a key, keep its secret in Secrets Manager or in a "
            "SecureString parameter",
            related=related,
        )
