"""Which credentials a workload really uses: its variables and roles, walked along the chains of the SDKs."""

from __future__ import annotations

from .finding import Confidence, Severity
from .model import Certainty, Kind, Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .chain import Resolution
    from .model import Project, Slot, Task, Variable, Workload, WorkloadFile

# Variables by which an SDK finds credentials, or is kept from them.
_MATTERS = frozenset(("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "BOTO_CONFIG", "JAVA_TOOL_OPTIONS"))
_MATTERS_OF_AWS = frozenset(
    "ACCESS_KEY ACCESS_KEY_ID SECRET_KEY SECRET_ACCESS_KEY SESSION_TOKEN SECURITY_TOKEN DEFAULT_PROFILE PROFILE "
    "SHARED_CREDENTIALS_FILE CREDENTIAL_FILE CREDENTIAL_PROFILES_FILE CONFIG_FILE SDK_LOAD_CONFIG "
    "WEB_IDENTITY_TOKEN_FILE ROLE_ARN".split()
)
_LATER = "put in when the container starts"  # stands for a value that is not known and not empty
# In these Lambda gives a function the credentials of its role; nobody else can set them.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_OF_LAMBDA = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_IDS = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AMAZON_ACCESS_KEY_ID", "ACCESS_KEY_ID")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AMAZON_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY")


def matters(variable: Variable) -> bool:
    """Whether an SDK looks at a variable when it looks for credentials."""
    vendor, _, name = variable.name.partition("_")
    if vendor in ("AWS", "AMAZON"):
        return name in _MATTERS_OF_AWS or name.startswith(("EC2_METADATA_", "CONTAINER_"))
    return variable.name in _MATTERS


def workloads(project: Project) -> Iterator[tuple[Workload, Task | None]]:
    """All workloads of a project, each with the task that it is in."""
    for task in project.tasks:
        for workload in task.workloads:
            yield workload, task
    for workload in project.workloads:
        yield workload, None


def outcomes(workload: Workload, *, role: bool, sdks: Sequence[str] = ()) -> dict[str, Resolution]:
    """What each SDK uses in a container with these variables; what is given later is taken not to be empty."""
    from . import chain  # only where there is something to find out

    environment = {
        variable.name: variable.value.text if variable.value and variable.value.text is not None else _LATER
        for variable in workload.variables
        if matters(variable)
    }
    if workload.kind is Kind.LAMBDA_FUNCTION:
        environment.update(dict.fromkeys(_OF_LAMBDA, _LATER))
    of_task = role and workload.kind not in (Kind.INSTANCE, Kind.LAMBDA_FUNCTION)
    of_instance = role and workload.kind is Kind.INSTANCE
    selected = [environment[name] for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if environment.get(name)]
    files = {file.path: _text_of(file, selected) for file in workload.files}
    home = workload.home or "/root"
    return {
        sdk: chain.resolve(sdk, environment, files, home, task_role=of_task, instance_role=of_instance)
        for sdk in sdks or chain.CHAINS
    }


def _text_of(file: WorkloadFile, selected: Sequence[str]) -> str:
    """A credentials file with the profiles of that one, and keys of our own. Where they are not seen they fit."""
    profiles = file.profiles or dict.fromkeys(("default", *selected))
    return "".join(f"[{name}]\naws_access_key_id = x\naws_secret_access_key = x\n" for name in profiles)


def slot_of(workload: Workload, task: Task | None) -> Slot | None:
    """Where a workload is given its role; None where it gets none, or may be given one elsewhere."""
    if task is not None:
        return task.task_role if task.complete or task.task_role.value is not None else None
    return workload.role if workload.kind is Kind.INSTANCE else None


def called(slot: Slot, workload: Workload) -> str:
    """The role of a slot, for a sentence."""
    if workload.kind is Kind.INSTANCE:
        return f"the instance role of the profile {slot.role_name}" if slot.role_name else "the instance role"
    return f"the task role {slot.role_name}" if slot.role_name else "the task role"


def has_role(slot: Slot) -> bool:
    """Whether a slot surely holds a role."""
    return slot.value is not None and (bool(slot.value.text) or slot.value.name is not None)


def keys_of(workload: Workload) -> tuple[Variable | None, Variable | None]:
    """The variables of a key and of its secret, as an SDK takes them: the last of a name, none that is empty."""
    given = {
        variable.name: variable
        for variable in workload.variables
        if matters(variable) and not (variable.value is not None and variable.value.text == "")
    }
    return (
        next((given[name] for name in _IDS if name in given), None),
        next((given[name] for name in _SECRETS if name in given), None),
    )


def sdks_of(project: Project, workload: Workload) -> Sequence[str]:
    """The SDKs of a workload: those that somebody named, or that its sources use; empty for any."""
    return project.sdks or workload.sdks


def who(sdks: Sequence[str]) -> tuple[str, str, str]:
    """Who looks for credentials, for a sentence, with its verbs: takes ... before it asks."""
    if not sdks:
        return "every AWS SDK", "takes", "it asks"
    from . import chain

    names = [sdk if chain.CHAINS[sdk].name == sdk else f"the {chain.CHAINS[sdk].name} ({sdk})" for sdk in sdks]
    if len(names) == 1:
        return names[0], "takes", "it asks"
    return f"{', '.join(names[:-1])} and {names[-1]}", "take", "they ask"


def known(variable: Variable) -> bool:
    """Whether a variable surely has a value; what one of another file or a parameter is given may be empty."""
    return variable.origin is Origin.SECRETS or (variable.value is not None and variable.value.text is not None)


def confidence(sure: Certainty, *, known: bool = True) -> Confidence:
    """How sure a finding is that rests on what surely or less surely belongs to a workload."""
    least = min(Certainty.HIGH if known else Certainty.MEDIUM, sure)
    return (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)[least - 1]


def severity(sure: Certainty) -> Severity | None:
    """A note where it is only likely that the place belongs to the workload; None for the rule's own."""
    return Severity.NOTE if sure is Certainty.LOW else None


def shadowing(workload: Workload, sdks: Sequence[str]) -> bool:
    """Whether every SDK takes keys from the environment of the workload, whatever role there is."""
    if not any(keys_of(workload)):
        return False
    found = outcomes(workload, role=True, sdks=sdks)
    return all(resolution.source == "environment" for resolution in found.values())


def file_shadows(workload: Workload, file: WorkloadFile, sdks: Sequence[str]) -> bool:
    """Whether every SDK takes the keys of a credentials file, whatever role there is."""
    found = outcomes(workload, role=True, sdks=sdks)
    return all(resolution.source == "profile" for resolution in found.values()) and any(
        path == file.path for path in (f"{workload.home or '/root'}/.aws/credentials", *_named_files(workload))
    )


def _named_files(workload: Workload) -> list[str]:
    """The credentials files that variables name."""
    return [
        variable.value.text
        for variable in workload.variables
        if variable.name == "AWS_SHARED_CREDENTIALS_FILE" and variable.value is not None and variable.value.text
    ]
