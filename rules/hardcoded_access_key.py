r"""A secret access key is written into a file.

Whoever can read the file, the repository's history or the image has the key: bots find
keys in public repositories within minutes and use them. It cannot be called back by
deleting the line. Inside AWS it does a second harm: an SDK looks at static keys before it
asks for a role, so the key silently wins over the role that everybody believes is in use.

## What to do

Deactivate the key in IAM first, then take it out of the file (the history keeps it, that
is why it must be dead). On ECS give the container a task role, on EC2 an instance profile,
on a laptop use a profile (`aws configure sso`). A build that needs AWS takes its
credentials from a secret mount: `RUN --mount=type=secret,id=aws,target=/root/.aws/credentials`.

AWS's documented example keys, placeholders, emulators' dummies and other vendors' keys are
not findings.

## Bad

```dockerfile Dockerfile
FROM python:3.13-slim
ENV AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE \
                      ~~~~~~~~~~~~~~~~~~~~ its access key id
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AWS_SECRET_ACCESS_KEY is a secret access key (of account 123456789012) in plain text: whoever can read the file can use it
```

An ECS task definition, where most secret scanners do not look:

```json task-definition.json
{
  "family": "api",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "environment": [
        {"name": "AWS_ACCESS_KEY_ID", "value": "AKIAIOSFODNN7EXAMPLE"},
                                                ~~~~~~~~~~~~~~~~~~~~ its access key id
        {"name": "AWS_SECRET_ACCESS_KEY", "value": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AWS_SECRET_ACCESS_KEY of the container api is a secret access key (of account 123456789012) in plain text: whoever can read the file can use it
      ]
    }
  ]
}
```

The default of a variable is in the file, whatever the provider says:

```hcl main.tf
variable "key" {
  default = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ secret_key is a secret access key in plain text: whoever can read the file can use it
}

provider "aws" {
  secret_key = var.key
               ~~~~~~~ used here
}
```

Commented out is still written down:

```sh .env
# AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AWS_SECRET_ACCESS_KEY is a secret access key in plain text: whoever can read the file can use it
```

## Good

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

```dockerfile Dockerfile
FROM python:3.13-slim
RUN --mount=type=secret,id=aws,target=/root/.aws/credentials make fetch
```

AWS's own examples are silent:

```ini .aws/credentials
[default]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from credlint import aws, cures
from credlint.finding import Confidence, Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY101", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for key in project.keys:
        if not key.secret or key.temporary:
            continue
        account = aws.account_of(key.id.text) if key.id else None
        if account in aws.CANARY_ACCOUNTS:
            continue
        owner = f" (of account {account})" if account else ""
        name = key.secret.setting.name.rpartition(".")[2]
        subject = name if "secret" in name.lower() and re.fullmatch(r"[A-Za-z_][\w.-]*", name) else "this"
        place = f" of the container {key.workload}" if key.workload else ""
        form = "base64, which hides nothing" if key.secret.setting.encoded else "plain text"
        related = [Related(key.id.span, "its access key id")] if key.id else []
        related += [Related(span, "used here") for span in key.secret.setting.value.via]
        yield rule.finding(
            key.secret.span,
            f"{subject}{place} is a secret access key{owner} in {form}: whoever can read the file can use it",
            f"deactivate the key in IAM, take it out of the file, and {cures.for_key(key, project)}",
            confidence=Confidence.HIGH if key.certain else Confidence.MEDIUM,
            related=related,
            workload=key.workload,
        )
