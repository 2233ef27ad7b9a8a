r"""The application runs with the execution role.

The execution role is for ECS: pull the image, fetch the `secrets`, write the logs. In the task
role's slot it gives the application these permissions, which it does not call, and leaves
it without its own: its calls end with `AccessDenied` or `is not authorized to perform` for
`assumed-role/ecsTaskExecutionRole/...`. The usual way out, to widen the execution role, makes
it worse.

## What to do

Make a role for the application, with what it calls and nothing else, and put it into the task
role's slot. An application that calls nothing of AWS needs no task role.

A role counts as execution role when it has the managed policy
`AmazonECSTaskExecutionRolePolicy` or nothing but ECS's actions; by its name alone with medium
confidence, and only when its policies say nothing else. Containers that pull images
themselves (kaniko, crane, CI agents) need these permissions and are left alone.

## Bad

```json task-definition.json
{
  "family": "api",
  "taskRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the task role of api is by its name an execution role: the application gets the permissions of ECS instead of its own
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "taskRoleArn": "arn:aws:iam::123456789012:role/api",
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```

A task that builds images pulls and pushes them itself:

```json task-definition.json
{
  "family": "build",
  "taskRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "containerDefinitions": [{"name": "kaniko", "image": "gcr.io/kaniko-project/executor:v1.23.0"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import aws, lazy, purpose
from credlint.finding import Confidence, Finding, Related, Severity
from credlint.model import Project, Slot
from credlint.naming import DEFAULT_EXECUTION_ROLE, looks_like_execution_role
from credlint.roles import names_of
from credlint.rule import Rule

rule = Rule(__name__, "ROLE203", Severity.WARNING)

# Images whose containers pull images: builders, copiers, scanners, agents of CI, and what starts others.
_PULLS = frozenset(
    "kaniko crane skopeo buildah buildkit podman dind jenkins runner agent buildkite drone concourse teamcity bamboo "
    "circleci trivy grype clair anchore spinnaker airflow prefect dagster argo harbor ecr watchtower".split()
)
_WORD = lazy.pattern("[a-z]+")


@rule
def check(project: Project) -> Iterator[Finding]:
    for task in project.tasks:
        slot, platform = task.task_role, task.execution_role
        if slot.value is None or slot.same_role(platform) or aws.other_than_role(slot.value.text or ""):
            continue
        if any(_pulls_images(_name_of_image(image)) for image in task.images):
            continue
        if purpose.swapped(task):
            continue  # ROLE202 says so
        grant = purpose.for_ecs(slot.role) if slot.role else None
        if grant is None and not _is_named_so(slot, platform):
            continue
        how = "has the permissions of" if grant else "is by its name"
        yield rule.finding(
            slot.value.use,
            f"the task role of {task.name or 'this task'} {how} an execution role: "
            f"the application gets the permissions of ECS {'besides' if grant else 'instead of'} its own",
            f"give {slot.field} a role with what the application calls, or leave it out if it calls nothing of AWS",
            confidence=Confidence.HIGH if grant else Confidence.MEDIUM,
            related=[Related(grant.span, "what ECS needs")] if grant else [],
            workload=task.name or None,
        )


def _is_named_so(slot: Slot, platform: Slot) -> bool:
    # Where the other slot's role is called so as well, the names tell nothing (task_execution, container_execution).
    return purpose.is_named_for_ecs(slot) and (
        DEFAULT_EXECUTION_ROLE in names_of(slot) or not any(map(looks_like_execution_role, names_of(platform)))
    )


def _pulls_images(name: str) -> bool:
    is_docker = name.partition("@")[0].partition(":")[0].rpartition("/")[2] == "docker"
    return is_docker or not _PULLS.isdisjoint(_WORD.findall(name))


def _name_of_image(image: str) -> str:
    """The image without its registry, which says nothing of what is in it."""
    first, slash, rest = image.partition("/")
    return (rest if slash and ("." in first or ":" in first) else image).lower()
