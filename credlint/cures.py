"""What to do instead of writing a key into a file, by where it was written and what it opens."""

from __future__ import annotations

from . import globs
from .model import BuildPlace, KeyKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import BuildArgument, Key, Project

_INSTEAD = {
    "dockerfile": "let the container take its credentials from a role (on ECS: the task role); "
    "a build step that needs AWS gets them with RUN --mount=type=secret",
    "ecs": "give the task definition a taskRoleArn whose policies allow what this container does",
    "terraform": "let Terraform use a profile or a role, and give a workload a role instead of a key",
    "cloudformation": "give what the template makes a role instead of a key: a task role, a function's role, "
    "an instance profile",
    "console_csv": "keep no file of the console: give a role to what runs on AWS, and people `aws configure sso`",
    "copilot": "take it out: Copilot gives each service a task role, whose policies an addon adds",
    "dotenv": "use a role where it runs on AWS and a profile (AWS_PROFILE) on your machine; keep the file out of git",
    "shared_config": "keep the file in your home folder, out of the repository and of every image; "
    "prefer `aws configure sso`",
    "compose": "mount ~/.aws read-only and set AWS_PROFILE for the service on your machine; "
    "where it runs on AWS, use a role",
}

# For files that are read as text only, whose names say what they are for.
_INSTEAD_BY_NAME = (
    (
        ("**/.github/workflows/*",),
        (
            "let the job take a role by OIDC (role-to-assume of aws-actions/configure-aws-credentials), "
            "or refer to a secret of the repository"
        ),
    ),
    (
        (".gitlab-ci.yml", ".gitlab-ci.yaml", "*.gitlab-ci.yml", "*.gitlab-ci.yaml", "**/.gitlab/ci/*"),
        (
            "let the job take a role by OIDC (id_tokens and AssumeRoleWithWebIdentity), "
            "or keep the key in a masked and protected CI/CD variable"
        ),
    ),
)


def for_key(key: Key, project: Project) -> str:
    """The cure for the place where a key stands, as the end of a sentence."""
    place = key.parts[0].span.origin()
    for task in project.tasks:
        around = task.span.origin()
        given = task.task_role.value
        if around.source is place.source and around.start <= place.start < around.end and given and given.text != "":
            return "let the container use the task role, whose policies are to allow what it does"
    if key.where not in _INSTEAD:
        path = key.parts[0].span.path
        for names, cure in _INSTEAD_BY_NAME:
            if globs.fits(path, names):
                return cure
    return _INSTEAD.get(key.where, "use a role where it runs on AWS and a profile on your machine")


# How a secret gets into the step of a build that needs it, by what would hand over a build argument.
_HAND_OVER = {
    BuildPlace.DOCKERFILE: "",
    BuildPlace.COMPOSE: "hand it over with build.secrets (`environment: {name}`) instead of build.args, and ",
    BuildPlace.COMMAND: "hand it over with --secret id={id},env={name} instead of --build-arg, and ",
    BuildPlace.ACTION: "hand it over with `secrets` ({id}=...) instead of build-args, and ",
}


def for_build_argument(argument: BuildArgument) -> str:
    """The cure for a key that goes into a build, as the beginning of a sentence.

    A key has two halves, and one is no use without the other.
    """
    both = argument.with_id and argument.name == "AWS_SECRET_ACCESS_KEY"
    names = ("AWS_ACCESS_KEY_ID", argument.name) if both else (argument.name,)
    mounts = " ".join(f"--mount=type=secret,id={name.lower()},env={name}" for name in names)
    hand_over = _HAND_OVER[argument.place].format(id=argument.name.lower(), name=argument.name)
    return f"{hand_over}use RUN {mounts} in the step that needs it"


_INSTEAD_OF_SERVICE = {
    KeyKind.BEDROCK_API_KEY: "delete the API key in IAM, take it out of the file, "
    "and let the SDK sign with a role, or with short-term API keys that are made when they are needed",
    # It is computed from the user's secret access key: there is nothing else to reset.
    KeyKind.SES_SMTP_PASSWORD: "deactivate the access key of the SMTP user in IAM, for the password is made from it, "
    "take it out of the file, and send through the API of SES with a role",
    KeyKind.SERVICE_PASSWORD: "reset it in IAM, where the user's service-specific credentials are, "
    "take it out of the file, and sign with a role instead: "
    "git-remote-codecommit for CodeCommit, the SigV4 plugin of the driver for Keyspaces",
}


def for_service(kind: KeyKind) -> str:
    """The cure for a password or an API key of a single service, as a sentence."""
    return _INSTEAD_OF_SERVICE[kind]
