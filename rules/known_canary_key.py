r"""A key is bait: its account hands out canary tokens.

The account that is encoded in the id belongs to a service that gives away keys as tripwires
(canarytokens.org and its like). The key opens nothing; using it, even to test it, raises an
alarm at whoever planted it. So it is no leak, and is told as a note instead of as one.

## What to do

If you planted it, silence it here with the reason. If you did not, ask who did before you
remove it.

## Bad

```sh deploy.env
AWS_ACCESS_KEY_ID=<EXAMPLE-CANARY-ID->
                  ^^^^^^^^^^^^^^^^^^^^ this access key is bait: its account hands out canary tokens, and using it raises an alarm
```

## Good

```sh deploy.env
AWS_PROFILE=deploy
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import aws
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY105", Severity.NOTE)


@rule
def check(project: Project) -> Iterator[Finding]:
    for key in project.keys:
        if key.id and not key.temporary and aws.account_of(key.id.text) in aws.CANARY_ACCOUNTS:
            yield rule.finding(
                key.id.span,
                "this access key is bait: its account hands out canary tokens, and using it raises an alarm",
                "if it is yours, silence this note with the reason; never test the key",
                related=[Related(key.secret.span, "its secret")] if key.secret else [],
                workload=key.workload,
            )
