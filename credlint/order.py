"""Which credentials a workload really uses: its variables and roles, walked along the chains of the SDKs."""

from __future__ import annotations

from .finding import Confidence, Severity
from .model import Certainty, Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .chain import Resolution
    from .model import Project, Slot, Variable, Workload, WorkloadFile

# Variables by which an SDK finds credentials, or is kept from them.
_MATTERS = frozenset(("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "BOTO_CONFIG", "JAVA_TOOL_OPTIONS"))
_MATTERS_OF_AWS = frozenset(
    "ACCESS_KEY ACCESS_KEY_ID SECRET_KEY SECRET_ACCESS_KEY SESSION_TOKEN SECURITY_TOKEN DEFAULT_PROFILE PROFILE "
    "SHARED_CREDENTIALS_FILE CREDENTIAL_FILE CREDENTIAL_PROFILES_FILE CONFIG_FILE SDK_LOAD_CONFIG "
    "WEB_IDENTITY_TOKEN_FILE ROLE_ARN".split()
)
_LATER = "put in when the container starts"  # stands for a value that is not known and not empty
_IDS = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AMAZON_ACCESS_KEY_ID", "ACCESS_KEY_ID")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AMAZON_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY")


def matters(variable: Variable) -> bool:
    """Whether an SDK looks at a variable when it looks for credentials."""
    vendor, _, name = variable.name.partition("_")
    if vendor in ("AWS", "AMAZON"):
        return name in _MATTERS_OF_AWS or name.startswith(("EC2_METADATA_", "CONTAINER_"))
    return variable.name in _MATTERS


def outcomes(workload: Workload, *, role: bool, sdks: Sequence[str] = ()) -> dict[str, Resolution]:
    """What each SDK uses in a container with these variables; what is given later is taken not to be empty."""
    from . import chain  # only where there is something to find out

    environment = {
        variable.name: variable.value.text if variable.value and variable.value.text is not None else _LATER
        for variable in workload.variables
        if matters(variable)
    }
    files = {file.path: _text_of(file) for file in workload.files}
    home = workload.home or "/root"
    return {sdk: chain.resolve(sdk, environment, files, home, task_role=role) for sdk in sdks or chain.CHAINS}


def _text_of(file: WorkloadFile) -> str:
    """A credentials file with the profiles of that one, and keys of our own."""
    return "".join(f"[{name}]\naws_access_key_id = x\naws_secret_access_key = x\n" for name in file.profiles)


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
