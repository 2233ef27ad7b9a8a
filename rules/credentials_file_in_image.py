r"""An image contains a file with AWS credentials.

Whoever can pull the image has the keys, also from a layer in which they were deleted later.
And in the container the shared credentials file goes before the task role: the application
runs with the key of whoever built the image, not with the role that was made for it.

## What to do

Delete the COPY that names the file: with the file in `.dockerignore` such a COPY fails. Where
a whole folder is copied, name what you copy, and list `.aws`, `.env` and `credentials` in
`.dockerignore`. Out of a source file that the image needs, take the key. A build step that needs AWS mounts the file:
`RUN --mount=type=secret,id=aws,target=/root/.aws/credentials ...`. At run time the task role
does it.

A key that stands in the Dockerfile itself, in the command that writes the file, is marked
once, where it stands: that is `hardcoded-access-key`. Which folder the build is given is
told by the compose files beside and above the Dockerfile, else by the files that are copied;
where they do not tell it, only paths that say by themselves what they are
(`.aws/credentials`) are findings. A file in a build stage that no `COPY --from` takes on
into the final image is a warning.

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
from credlint.model import FileHow, ImageFile, Project
from credlint.rule import Rule

rule = Rule(__name__, "KEY107", Severity.ERROR)

_MESSAGE = {
    FileHow.COPIED: "{path} with AWS credentials is copied into the image",
    FileHow.WRITTEN: "{path} with AWS credentials is written into a layer of the image",
    FileHow.CONFIGURED: "`aws configure` writes AWS credentials into a layer of the image",
}
_SOURCES = (".tf", ".tofu", ".tfvars", ".yml", ".yaml", ".json", ".sh", ".toml", ".template", ".properties")
_MOST_NAMES = 10


def _instead(file: ImageFile) -> str:
    """What to do about a COPY."""
    paths = (file.path, *file.others)
    if file.named and not file.others:
        if file.path.endswith(_SOURCES):
            return f"take the key out of {file.path}, or delete this COPY"
        # In .dockerignore the file would only make the COPY fail.
        return "delete this COPY, or copy only what is needed"
    if file.path.startswith(("/", "~")):  # in an image, not in the build context
        return "copy only what is needed"
    kept = [path for path in paths if path.endswith(_SOURCES)]
    ignored = [path for path in paths if not path.endswith(_SOURCES)]
    cures = [f"add {_listed(ignored)} to .dockerignore"] if ignored else []
    cures += [f"take the key out of {_listed(kept)}"] if kept else []
    return ", ".join(("copy only what is needed", *cures))


def _listed(paths: list[str]) -> str:
    more = len(paths) - _MOST_NAMES
    return ", ".join(paths[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


@rule
def check(project: Project) -> Iterator[Finding]:
    for image in project.images:
        for file in image.files:
            if file.literal:
                continue  # the key itself is a finding, there
            message = _MESSAGE[file.how].format(path=file.path)
            if file.others:
                files = "files" if len(file.others) > 1 else "file"
                message = (
                    f"{file.path} and {len(file.others)} more {files} with AWS credentials are copied into the image"
                )
            reaches_final = image.reaches_final or bool(file.onward)
            if file.onward:
                message += "; from this stage it is copied on into the final image"
            if not reaches_final:
                message += "; it is only a build stage, whose layers stay in the build cache"
            elif file.is_read:
                message += ", and an SDK takes them before it asks for the task role"
            else:
                message += ": whoever can pull the image has them"
            if file.how is FileHow.COPIED:
                help = f"{_instead(file)}; at run time use the task role"
            else:
                help = "mount the file where a step needs it (RUN --mount=type=secret); at run time use the task role"
            sure = (bool(file.evidence) and not file.assumed) or file.how is not FileHow.COPIED
            yield rule.finding(
                file.span,
                message,
                help,
                severity=None if reaches_final else Severity.WARNING,
                confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
                related=[
                    *(Related(span, "what copies it on") for span in file.onward),
                    *(Related(span, "a key that is copied along") for span in file.evidence[:5]),
                ],
                workload=image.name,
            )
