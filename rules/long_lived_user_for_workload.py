r"""An IAM user's access key is made to be handed to a workload.

The same configuration makes a user, a key for him, and puts the key's secret into a container, a function or the
user data of an instance. Each of these could have a role. The key never expires, its secret is in
Terraform's state, and it goes before every role that the workload is given later.

## What to do

Make a role instead of the user, attach the user's policies to it, and give it to the workload: as
`task_role_arn` of the task definition, as `role` of the function, as instance profile of the instance.

## Bad

```hcl main.tf
resource "aws_iam_user" "app" {
  name = "app"
}

resource "aws_iam_access_key" "app" {
^^^^^^^^ the access key app is made to be put into the environment of a function, which could have a role
  user = aws_iam_user.app.name
}

resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = "arn:aws:iam::123456789012:role/app"
  environment {
    variables = {
      SECRET = aws_iam_access_key.app.secret
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ its secret goes here
    }
  }
}
```

## Good

```hcl main.tf
resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = aws_iam_role.app.arn
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Finding, Related, Severity
from credlint.model import Leak, Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER310", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    made: dict[object, list[Leak]] = {}
    for leak in project.leaks:
        if leak.to_workload:
            made.setdefault(leak.key.place, []).append(leak)
    for first, *others in made.values():
        yield rule.finding(
            first.key,
            f"the access key {first.name} is made to be put into {first.where}, which could have a role",
            "make a role instead of the user and its key, and give the workload that",
            related=[Related(leak.span, "its secret goes here") for leak in (first, *others)],
        )
