r"""A credentials file in the image, or a mounted one, goes before the task role, which is never used.

An SDK looks into the shared credentials file (`~/.aws/credentials`, or where
`AWS_SHARED_CREDENTIALS_FILE` says) before it asks ECS for the task role. So a container whose image has
such a file runs as the user to whom the key in it belongs, whatever role the task definition names, and
nobody sees it there: the file is in a layer of the image. A `.aws` of the host that is mounted into the container is
found just as well, and on an instance the file that its user data writes goes before the instance role.

Which Dockerfile makes the image is told by what builds it, else by names: `api/Dockerfile` or `api.Dockerfile` makes `api:1`. Where
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
from credlint.model import Kind, Project, Workload, WorkloadFile
from credlint.rule import Rule

rule = Rule(__name__, "ORDER302", Severity.ERROR)


def _place(workload: Workload, file: WorkloadFile) -> tuple[str, str]:
    """How a file comes to a workload, and how it is taken away, for a sentence."""
    if workload.kind is Kind.INSTANCE:
        return "that is written by the user data of", "do not write the file"
    if file.mounted:
        return "that is mounted into", "do not mount the file"
    return "in the image of", "take the file out of the image"


@rule
def check(project: Project) -> Iterator[Finding]:
    for workload, task in order.workloads(project):
        slot = order.slot_of(workload, task)
        if slot is None or slot.value is None or not order.has_role(slot):
            continue
        sdks = order.sdks_of(project, workload)
        for file in workload.files:
            if not order.file_shadows(workload, file, sdks):
                continue
            role = order.called(slot, workload)
            who, takes, asks = order.who(sdks)
            where, cure = _place(workload, file)
            yield rule.finding(
                file.span,
                f"{who} {takes} the access key in {file.path} {where} {workload.name or 'this container'} "
                f"before {asks} for {role}, which is never used",
                f"{cure}: without it the SDK uses the role; deactivate the key",
                severity=order.severity(file.sure),
                # what is in the file may not be seen
                confidence=order.confidence(file.sure, known=file.certain),
                related=[Related(slot.value.use, f"{role.partition(' role')[0]} role that is not used")],
                workload=workload.name or None,
            )
