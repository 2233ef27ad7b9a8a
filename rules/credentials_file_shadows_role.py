r"""A credentials file in the image goes before the task role, which is never used.

An SDK looks into the shared credentials file (`~/.aws/credentials`, or where
`AWS_SHARED_CREDENTIALS_FILE` says) before it asks ECS for the task role. So a container whose image has
such a file runs as the user to whom the key in it belongs, whatever role the task definition names, and
nobody sees it there: the file is in a layer of the image.

Which Dockerfile makes the image is told by names: `api/Dockerfile` or `api.Dockerfile` makes `api:1`. Where
that is only likely the finding is a note. A file in the home of another user than the one that
the image runs as, and one that a later `RUN` deletes, is not found by the SDK.

## What to do

Take the file out of the image. The SDK then finds the task role by itself. Give the role what the key's user may do, and
deactivate the key: it stays in the images that were pushed.

## Bad

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ the task role that is not used
  "containerDefinitions": [
    {"name": "api", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1"}
  ]
}
```

```dockerfile api/Dockerfile
FROM python:3.13-slim
COPY .aws/credentials /root/.aws/credentials
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ every AWS SDK takes the access key in /root/.aws/credentials in the image of api before it asks for the task role api-task, which is never used
CMD ["python", "-m", "api"]
```

## Good

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
  "containerDefinitions": [
    {"name": "api", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1"}
  ]
}
```

```dockerfile api/Dockerfile
FROM python:3.13-slim
RUN --mount=type=secret,id=aws,target=/root/.aws/credentials aws s3 cp s3://bucket/model /model
CMD ["python", "-m", "api"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import order
from credlint.finding import Finding, Related, Severity
from credlint.model import Project
from credlint.rule import Rule

rule = Rule(__name__, "ORDER302", Severity.ERROR)


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, role, held in order.having_role(project):
        sdks = order.sdks_of(project, workload)
        for file in workload.files:
            if not order.file_shadows(workload, file, sdks):
                continue
            who, takes, asks = order.who(sdks)
            yield rule.finding(
                file.span,
                f"{who} {takes} the access key in {file.path} in the image of {workload.name or 'this container'} "
                f"before {asks} for {role}, which is never used",
                "take the file out of the image: without it the SDK uses the task role; deactivate the key",
                severity=order.severity(file.sure),
                # what is in the file may not be seen
                confidence=order.confidence(file.sure, known=file.certain),
                related=[Related(held.use, "the task role that is not used")],
                workload=workload.name or None,
            )
