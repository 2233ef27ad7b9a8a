r"""An access key id is written into a file, without its secret.

The id alone opens nothing. But it tells the account and the user, it is what attackers
match leaked secrets against, and where it stands its secret is often near: in another file,
in the history, in the environment.

## What to do

Take the id out; what needs it should get its credentials as a whole, from a role or a
profile. If the key is still active and nobody knows who uses it, deactivate it.

Ids that AWS cannot have issued (wrong alphabet, an account number that does not exist) are
told with `--pedantic` only, and not at all where they say that they stand for another
(`XXXX`, `FAKE`). Identifiers with other prefixes (`AROA`, `AIDA`, ...) are no keys.

## Bad

```sh deploy.env
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
                  ^^^^^^^^^^^^^^^^^^^^ an access key id of account 123456789012 is written into this file; its secret may not be far
AWS_REGION=eu-west-1
```

## Good

```sh deploy.env
AWS_ROLE_ARN=arn:aws:iam::123456789012:role/deploy
AWS_PROFILE=deploy
```

A role's unique id in a policy:

```hcl main.tf
locals {
  allowed = ["AROAQ3EXAMPLEQ3EXAMPL:*"]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import aws, cures
from credlint.finding import Finding, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY102", Severity.WARNING)


@rule
def check(project: Project) -> Iterator[Finding]:
    # An id whose secret is known elsewhere is told with the secret.
    complete = {key.id.text for key in project.keys if key.id and (key.secret or key.token)}
    for key in project.keys:
        if not key.id or key.secret or key.token or key.service or key.temporary or key.id.text in complete:
            continue
        account = aws.account_of(key.id.text)
        if account in aws.CANARY_ACCOUNTS:
            continue
        if not aws.could_be_issued(key.id.text):
            yield rule.finding(
                key.id.span,
                "this looks like an access key id, but AWS cannot have issued it",
                "if it is a placeholder, write one with EXAMPLE in it",
                severity=Severity.NOTE,
                workload=key.workload,
                pedantic=True,
            )
            continue
        owner = f" of account {account}" if account else ""
        yield rule.finding(
            key.id.span,
            f"an access key id{owner} is written into this file; its secret may not be far",
            f"check in IAM whose key it is and whether it is used, take it out of the file, and {cures.for_key(key, project)}",
            workload=key.workload,
        )
