r"""A build takes an AWS key as a build argument.

The value of a build argument stays in the image: `docker history` shows it, and so does the
provenance attestation that the build pushes beside the image. Copied with ENV it is in
every container's environment as well, where it wins over the task role. That the
Dockerfile does not hold the key itself does not help: the image does. In a build stage that
is not in the final image it stays in the build cache.

Looked at are Dockerfiles: build arguments that a compose file or a CI file hands over are not, for now.

## What to do

Mount it for the one step that needs it. Nothing of it stays:
`RUN --mount=type=secret,id=aws,target=/root/.aws/credentials aws s3 cp ...` with
`docker build --secret id=aws,src=$HOME/.aws/credentials .`

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

## Good

```dockerfile Dockerfile
FROM python:3.13-slim
RUN --mount=type=secret,id=id,env=AWS_ACCESS_KEY_ID \
    --mount=type=secret,id=secret,env=AWS_SECRET_ACCESS_KEY \
    aws s3 cp s3://bucket/model.bin /model.bin
ARG AWS_REGION=eu-west-1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Finding, Related, Severity
from credlint.model import BuildArgument, Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY106", Severity.WARNING)


def _mounts(argument: BuildArgument) -> str:
    """The mounts for an argument; a key has two halves, and one is no use without the other."""
    both = argument.with_id and argument.name == "AWS_SECRET_ACCESS_KEY"
    names = ("AWS_ACCESS_KEY_ID", argument.name) if both else (argument.name,)
    return " ".join(f"--mount=type=secret,id={name.lower()},env={name}" for name in names)


@rule
def check(project: Project) -> Iterator[Finding]:
    for image in project.images:
        for argument in image.arguments:
            where = "the history of the image" if image.reaches_final else "the build cache"
            kept = "; ENV puts it into every container, before the task role" if argument.copied else ""
            yield rule.finding(
                argument.span,
                f"the build argument {argument.name} stays in {where}{kept}",
                f"use RUN {_mounts(argument)} in the step that needs it"
                + ("; at run time let the container use its task role" if argument.copied else ""),
                related=[Related(span, "kept in the environment here") for span in argument.copied],
                workload=image.name,
            )
