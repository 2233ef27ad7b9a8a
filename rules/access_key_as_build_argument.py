r"""A build takes an AWS key as a build argument.

The value of a build argument stays in the image: `docker history` shows it, and so does the
provenance attestation that the build pushes beside the image. Copied with ENV it is in
every container's environment as well, where it wins over the task role. That the
Dockerfile does not hold the key itself does not help: the image does. In a build stage that
is not in the final image it stays in the build cache.

Looked at is what takes the argument, the Dockerfile, and what hands it over: `build.args` of a compose file,
`--build-arg` in the scripts of a CI file and in shell scripts, `build-args` of `docker/build-push-action`.

## What to do

Mount it for the one step that needs it. Nothing of it stays:
`RUN --mount=type=secret,id=aws,target=/root/.aws/credentials aws s3 cp ...` with
`docker build --secret id=aws,src=$HOME/.aws/credentials .`

A compose file hands it over with `build.secrets`, the GitHub action with `secrets` or `secret-envs`, a command with
`--secret id=aws_secret_access_key,env=AWS_SECRET_ACCESS_KEY`.

## Bad

```dockerfile Dockerfile
FROM python:3.13-slim
ARG AWS_ACCESS_KEY_ID
ARG AWS_SECRET_ACCESS_KEY
    ^^^^^^^^^^^^^^^^^^^^^ the build argument AWS_SECRET_ACCESS_KEY stays in the history of the image
RUN pip install awscli && aws s3 cp s3://bucket/model.bin /model.bin
```

Kept in the environment of every container:

```dockerfile Dockerfile
FROM python:3.13-slim
ARG SECRET
    ^^^^^^ the build argument SECRET stays in the history of the image; ENV puts it into every container, before the task role
ENV AWS_SECRET_ACCESS_KEY=$SECRET
    ~~~~~~~~~~~~~~~~~~~~~ kept in the environment here
```

Handed over by a compose file, from the environment of whoever builds:

```yaml compose.yaml
services:
  api:
    build:
      context: .
      args:
        AWS_SECRET_ACCESS_KEY: ${AWS_SECRET_ACCESS_KEY}
        ^^^^^^^^^^^^^^^^^^^^^ the build argument AWS_SECRET_ACCESS_KEY stays in the history of the image, or in the build cache
```

And by a CI file:

```yaml .github/workflows/build.yml
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg AWS_SECRET_ACCESS_KEY=${{ secrets.AWS_SECRET_ACCESS_KEY }} -t api .
                                      ^^^^^^^^^^^^^^^^^^^^^ the build argument AWS_SECRET_ACCESS_KEY stays in the history of the image, or in the build cache
```

## Good

```dockerfile Dockerfile
FROM python:3.13-slim
RUN --mount=type=secret,id=id,env=AWS_ACCESS_KEY_ID \
    --mount=type=secret,id=secret,env=AWS_SECRET_ACCESS_KEY \
    aws s3 cp s3://bucket/model.bin /model.bin
ARG AWS_REGION=eu-west-1
```

```yaml compose.yaml
services:
  api:
    build:
      context: .
      secrets: [aws_secret_access_key]
secrets:
  aws_secret_access_key:
    environment: AWS_SECRET_ACCESS_KEY
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import cures
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY106", Severity.WARNING)

# Where the value stays, by whether its stage is in the image that is built last.
_WHERE = {
    True: "the history of the image",
    False: "the build cache",
    None: "the history of the image, or in the build cache",
}


@rule
def check(project: Project) -> Iterator[Finding]:
    for argument in project.build_arguments:
        where = _WHERE[argument.reaches_final]
        kept = "; ENV puts it into every container, before the task role" if argument.copied else ""
        yield rule.finding(
            argument.span,
            f"the build argument {argument.name} stays in {where}{kept}",
            cures.for_build_argument(argument)
            + ("; at run time let the container use its task role" if argument.copied else ""),
            related=[Related(span, "kept in the environment here") for span in argument.copied],
            workload=argument.workload,
        )
