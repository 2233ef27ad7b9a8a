"""What to do instead of writing a key into a file, by where it was written."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import Key

_INSTEAD = {
    "dockerfile": "let the container take its credentials from a role (on ECS: the task role); "
    "a build step that needs AWS gets them with RUN --mount=type=secret",
    "ecs": "give the task definition a taskRoleArn whose policies allow what this container does",
    "terraform": "let Terraform use a profile or a role, and give a workload a role instead of a key",
    "dotenv": "use a role where it runs on AWS and a profile (AWS_PROFILE) on your machine; keep the file out of git",
    "shared_config": "keep the file in your home folder, out of the repository and of every image; "
    "prefer `aws configure sso`",
}


def for_key(key: Key) -> str:
    """The cure for the place where a key stands, as the end of a sentence."""
    return _INSTEAD.get(key.where, "use a role where it runs on AWS and a profile on your machine")
