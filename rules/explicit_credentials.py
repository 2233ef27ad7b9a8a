r"""Credentials are handed to Terraform's provider or backend as arguments.

What a provider block names itself goes before everything else: environment, profile, role. So whoever
runs Terraform with a role, in a pipeline or on an instance, runs it with this key all the same. And the key must come from
somewhere: a variables file, the shell's history, the CI's settings, the plan file.

## What to do

Leave `access_key`, `secret_key` and `token` out. The provider then asks the usual chain: a profile on
a laptop (`AWS_PROFILE`), a role by OIDC in CI, the instance's or the task's role on AWS. For another
account use `assume_role`.

Fixed dummies for an emulator (LocalStack) are not findings.

## Bad

```hcl main.tf
variable "key_id" {}
variable "key_secret" {}

provider "aws" {
  region     = "eu-west-1"
  access_key = var.key_id
               ~~~~~~~~~~ given here
  secret_key = var.key_secret
               ^^^^^^^^^^^^^^ the provider aws is given an access key: it goes before every role and profile
}
```

## Good

```hcl main.tf
provider "aws" {
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/deploy"
  }
}

provider "aws" {
  alias                       = "local"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER309", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    for one in project.explicit:
        given = dict(one.arguments)
        primary = given.get("secret_key") or given.get("token")
        if primary is None or primary.text is not None:
            continue  # a literal is a key in a file, which KEY101 tells, or a dummy
        others = [value for value in given.values() if value is not primary]
        yield rule.finding(
            primary.use,
            f"{one.owner} is given an access key: it goes before every role and profile",
            f"leave {' and '.join(given)} out: AWS_PROFILE, a role by OIDC or the role of the machine do it",
            related=[Related(value.use, "given here") for value in others],
        )
