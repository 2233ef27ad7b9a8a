r"""An image contains a file with AWS credentials.

Whoever can pull the image has the keys, also from a layer in which they were deleted later.
And in the container the shared credentials file goes before the task role: the application
runs with the key of whoever built the image, not with the role that was made for it.

## What to do

Do not copy the file: name what you copy, and list `.aws`, `.env` and `credentials` in
`.dockerignore`. A build step that needs AWS mounts the file:
`RUN --mount=type=secret,id=aws,target=/root/.aws/credentials ...`. At run time the task role
does it.

A key that stands in the Dockerfile itself, in the command that writes the file, is marked
once, where it stands: that is `hardcoded-access-key`. Which folder the build is given is
told by the files that are copied; where they do not tell it, only paths that say by
themselves what they are (`.aws/credentials`) are findings.

## Bad

```dockerfile Dockerfile
FROM python:3.13-slim
COPY .aws /root/.aws
^^^^^^^^^^^^^^^^^^^^ .aws with AWS credentials is copied into the image, and an SDK takes them before it asks for the task role
RUN aws configure set aws_secret_access_key "$SECRET"
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `aws configure` writes AWS credentials into a layer of the image, and an SDK takes them before it asks for the task role
```

A whole folder, with an env file in it that `.dockerignore` does not leave out:

```dockerfile app/Dockerfile
FROM python:3.13-slim
COPY . /app
^^^^^^^^^^^ .env with AWS credentials is copied into the image: whoever can pull the image has them
```

```sh app/.env
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
                  ~~~~~~~~~~~~~~~~~~~~ a key that is copied along
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
                      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ a key that is copied along
```

## Good

```dockerfile Dockerfile
FROM python:3.13-slim
COPY src /app/src
RUN --mount=type=secret,id=aws,target=/root/.aws/credentials aws s3 cp s3://bucket/model /model
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Confidence, Finding, Related, Severity
from credlint.model import FileHow, Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY107", Severity.ERROR)

_MESSAGE = {
    FileHow.COPIED: "{path} with AWS credentials is copied into the image",
    FileHow.WRITTEN: "{path} with AWS credentials is written into a layer of the image",
    FileHow.CONFIGURED: "`aws configure` writes AWS credentials into a layer of the image",
}


@rule
def check(project: Project) -> Iterator[Finding]:
    for image in project.images:
        for file in image.files:
            if file.literal:
                continue  # the key itself is a finding, there
            message = _MESSAGE[file.how].format(path=file.path)
            if file.more:
                files = "files" if file.more > 1 else "file"
                message = f"{file.path} and {file.more} more {files} with AWS credentials are copied into the image"
            if not image.reaches_final:
                message += "; it is only a build stage, whose layers stay in the build cache"
            elif file.is_read:
                message += ", and an SDK takes them before it asks for the task role"
            else:
                message += ": whoever can pull the image has them"
            if file.how is FileHow.COPIED:
                # An absolute path is one in an image, not in the build context.
                ignore = "" if file.path.startswith(("/", "~")) else f", add {file.path} to .dockerignore"
                help = f"copy only what is needed{ignore}; at run time use the task role"
            else:
                help = "mount the file where a step needs it (RUN --mount=type=secret); at run time use the task role"
            sure = bool(file.evidence) or file.how is not FileHow.COPIED
            yield rule.finding(
                file.span,
                message,
                help,
                severity=None if image.reaches_final else Severity.WARNING,
                confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
                related=[Related(span, "a key that is copied along") for span in file.evidence[:5]],
                workload=image.name,
            )
