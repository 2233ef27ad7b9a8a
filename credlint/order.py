"""Which credentials a workload really uses: its variables and roles, walked along the chains of the SDKs."""

from __future__ import annotations

from . import lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .chain import Resolution
    from .model import Slot, Task, Variable, Workload

# Variables by which an SDK finds credentials, or is kept from them.
_MATTERS = lazy.pattern(
    r"(?:AWS|AMAZON)_(?:ACCESS_KEY(?:_ID)?|SECRET_(?:ACCESS_)?KEY|SESSION_TOKEN|SECURITY_TOKEN|DEFAULT_PROFILE|PROFILE"
    r"|SHARED_CREDENTIALS_FILE|CREDENTIAL_(?:FILE|PROFILES_FILE)|CONFIG_FILE|SDK_LOAD_CONFIG|WEB_IDENTITY_TOKEN_FILE"
    r"|ROLE_ARN|EC2_METADATA_\w+|CONTAINER_\w+)|(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|BOTO_CONFIG|JAVA_TOOL_OPTIONS)"
)
_LATER = "put in when the container starts"  # stands for a value that is not known and not empty
_IDS = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AMAZON_ACCESS_KEY_ID", "ACCESS_KEY_ID")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AMAZON_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY")


def matters(variable: Variable) -> bool:
    """Whether an SDK looks at a variable when it looks for credentials."""
    return _MATTERS.fullmatch(variable.name) is not None


def outcomes(workload: Workload, *, role: bool, sdks: Sequence[str] = ()) -> dict[str, Resolution]:
    """What each SDK uses in a container with these variables; what is given later is taken not to be empty."""
    from . import chain  # only where there is something to find out

    environment = {
        variable.name: variable.value.text if variable.value and variable.value.text is not None else _LATER
        for variable in workload.variables
        if matters(variable)
    }
    return {sdk: chain.resolve(sdk, environment, task_role=role) for sdk in sdks or chain.CHAINS}


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


def shadowing(task: Task, workload: Workload, sdks: Sequence[str]) -> bool:
    """Whether every SDK takes keys from the environment of the workload, whatever role there is."""
    if not any(keys_of(workload)):
        return False
    found = outcomes(workload, role=True, sdks=sdks)
    return all(resolution.source == "environment" for resolution in found.values())
