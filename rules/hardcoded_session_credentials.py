r"""Credentials of a session are written into a file.

A session's credentials (`ASIA...` with a token) expire, after an hour or after 36. Until then
whoever reads the file can act as the role, and after that everything that uses the file
fails, for an SDK does not look further once it has found expired keys in the environment:
`ExpiredToken: The security token included in the request is expired`.

## What to do

Let the program ask for its session itself: by a role where it runs on AWS, by a profile
(`aws configure sso`, `role_arn` with `source_profile`) elsewhere. To end a leaked session at
once, revoke the role's active sessions in IAM.

## Bad

```ini .aws/credentials
[default]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
                    ~~~~~~~~~~~~~~~~~~~~ its access key id
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ credentials of a session are written into this file; until they expire, whoever can read it can use them
```

## Good

```ini .aws/config
[profile deploy]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = default
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import cures
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY103", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for key in project.keys:
        primary = key.secret or key.token
        if not key.temporary or not primary:
            continue
        others = ((key.token, "its session token"), (key.id, "its access key id"))
        yield rule.finding(
            primary.span,
            "credentials of a session are written into this file; until they expire, whoever can read it can use them",
            f"revoke the session in IAM, take it out of the file, and {cures.for_key(key, project)}",
            related=[Related(part.span, message) for part, message in others if part and part is not primary],
            workload=key.workload,
        )
