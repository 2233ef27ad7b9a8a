r"""A compose service gets an access key by its environment, where a profile would do.

On a developer's machine there is no role. There is `~/.aws`, though: the files that `aws configure` and `aws configure sso`
keep. A key in the environment of a service is copied from there into the compose file, an env file or the shell,
where it is committed, printed by `docker inspect` and forgotten, and no longer found when it is to be changed. A profile
stays in one place; with SSO there is no key at all.

Services that talk to an emulator (LocalStack, MinIO, DynamoDB local) are left out: it takes any key. So are
those that are given a session token, for then the credentials are temporary.

## What to do

Mount `~/.aws` read-only where the home of the container's user is, set `AWS_PROFILE`, and take the two variables out: an SDK takes
them before it looks for a profile. Where the same file runs on AWS, use a role there, and neither of the two.

## Bad

```yaml compose.yaml
services:
  worker:
    image: worker:1
    environment:
      AWS_ACCESS_KEY_ID: ${AWS_ACCESS_KEY_ID}
      ~~~~~~~~~~~~~~~~~ its access key id
      AWS_SECRET_ACCESS_KEY: ${AWS_SECRET_ACCESS_KEY}
      ^^^^^^^^^^^^^^^^^^^^^ worker gets an access key by its environment, where a profile of ~/.aws would do
```

## Good

```yaml compose.yaml
services:
  worker:
    image: worker:1
    environment:
      AWS_PROFILE: dev
    volumes:
      - ~/.aws:/root/.aws:ro
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import order
from credlint.finding import Finding, Related, Severity
from credlint.model import Kind, Origin, Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER305", Severity.NOTE)

_TOKENS = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload in project.workloads:
        if workload.kind is not Kind.COMPOSE_SERVICE or workload.emulated:
            continue
        key_id, secret = order.keys_of(workload)
        if key_id is None or secret is None or any(variable.name in _TOKENS for variable in workload.variables):
            continue
        if any(one.value is not None and one.value.text is None and one.value.name is None for one in (key_id, secret)):
            continue  # it may be empty
        if secret.origin is Origin.IMAGE or not order.shadowing(workload, order.sdks_of(project, workload)):
            continue
        by_file = secret.origin is Origin.ENV_FILE and secret.value is not None
        where = f"the env file {secret.span.path}" if by_file else "its environment"
        mounted = "the profile that is mounted" if workload.files else "a profile of ~/.aws"
        yield rule.finding(
            secret.value.use if by_file and secret.value is not None else secret.span,
            f"{workload.name or 'this service'} gets an access key by {where}, where {mounted} would do",
            f"mount ~/.aws read-only (`~/.aws:{workload.home}/.aws:ro`), set AWS_PROFILE, and take {key_id.name} and "
            f"{secret.name} out, which go before it; where it runs on AWS use a role",
            confidence=order.confidence(secret.sure, known=order.known(secret)),
            related=[] if by_file else [Related(key_id.span, "its access key id")],
            workload=workload.name or None,
        )
