r"""A password or API key of a single AWS service is written into a file.

Bedrock API keys, the SMTP passwords of SES and the Git and Cassandra passwords of IAM users
(CodeCommit, Keyspaces) are credentials like access keys, only for one service: a Bedrock
key runs up a bill, an SES password sends mail in your name. An SES password is made from a
secret access key, so it stays valid as long as that one.

## What to do

Bedrock: delete the key in IAM and let the SDK sign with a role, or use short-term keys. SES:
deactivate the access key that the password is made from, and send through the API with a
role instead of through SMTP. CodeCommit and Keyspaces: reset the service-specific credential
in IAM; use `git-remote-codecommit` with a profile, the SigV4 plugin of the Cassandra driver.

A password for SMTP is told where its name says SES, its user is an access key id, or a host
of SES (`email-smtp.`) stands with it; one for CodeCommit or Keyspaces where its user is
(`alice-at-123456789012`).

## Bad

```sh .env
MAIL_HOST=email-smtp.eu-west-1.amazonaws.com
SES_SMTP_PASSWORD=<EXAMPLE-OF-AN-SES-SMTP-PASSWORD----------->
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ an SMTP password of Amazon SES is written into this file; whoever can read the file can use it
```

## Good

```sh .env
MAIL_TRANSPORT=ses-api
AWS_REGION=eu-west-1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import cures
from credlint.finding import Finding, Related, Severity
from credlint.model import KeyKind, Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY104", Severity.ERROR)

_WHAT = {
    KeyKind.BEDROCK_API_KEY: "an API key of Amazon Bedrock",
    KeyKind.SES_SMTP_PASSWORD: "an SMTP password of Amazon SES",
    KeyKind.SERVICE_PASSWORD: "an IAM user's password for a single service (CodeCommit, Keyspaces)",
}


@rule
def check(project: Project) -> Iterator[Finding]:
    for key in project.keys:
        if key.service:
            yield rule.finding(
                key.service.span,
                f"{_WHAT[key.service.kind]} is written into this file; whoever can read the file can use it",
                cures.for_service(key.service.kind),
                related=[Related(key.id.span, "its access key id, the SMTP user")] if key.id else [],
                workload=key.workload,
            )
