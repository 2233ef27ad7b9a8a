"""Files for credentials, told by their paths: which they are, and where an SDK looks for them.

The shared files: https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html.
The others are those of boto 2, s3cmd and s3fs.
"""

from __future__ import annotations

import posixpath

from . import lazy

_CREDENTIALS = ("/.aws", "/.aws/credentials", "/.boto", "/.s3cfg", "/.passwd-s3fs", "/passwd-s3fs")
_SAYS_CREDENTIALS = ("$AWS_SHARED_CREDENTIALS_FILE", "${AWS_SHARED_CREDENTIALS_FILE")
_SAYS_CONFIG = ("$AWS_CONFIG_FILE", "${AWS_CONFIG_FILE")
_HOME = lazy.pattern(r"(?:~[^/]*|\$HOME|\$\{HOME\}|/root|/home/[^/]+|(?:[A-Za-z]:)?/Users/[^/]+)(?=/|$)")
_SECTION = lazy.pattern(r"\[(?:profile[ \t]+)?([\w.@+-]+)\]")
_PROFILE_OPTION = lazy.pattern(r"--profile[ =]([\w.@+-]+)|configure set (?:profile\.)?([\w@+-]+)\.aws_")
_ENVIRONMENT = lazy.pattern(r"\.envrc$|(?:.*\.)?env$|\.env\.(?!.*(?:example|sample|template|dist)$)")


def is_credentials(path: str) -> bool:
    """Whether a file, or a folder, is made to hold credentials."""
    return f"/{path.rstrip('/')}".endswith(_CREDENTIALS) or path.startswith(_SAYS_CREDENTIALS)


def may_hold_credentials(path: str) -> bool:
    """Whether a file is made to hold credentials, or is the shared config file, which may."""
    return is_credentials(path) or f"/{path}".endswith("/.aws/config") or path.startswith(_SAYS_CONFIG)


def is_read(path: str, others: tuple[str, ...] = ()) -> bool:
    """Whether an SDK looks for credentials there: in somebody's home, or where a variable says (`others`)."""
    path = path.rstrip("/")
    if any(other == path or other.startswith(f"{path}/") for other in others):
        return True
    return from_home(path).removesuffix("/credentials").removesuffix("/config") == "~/.aws" or path.startswith("$")


def from_home(path: str) -> str:
    """A path with `~` for the home of whomever, so that `$HOME/.aws` and `/root/.aws` are the same."""
    home = _HOME.match(path)
    return f"~{path[home.end() :]}" if home else path


def at_home(path: str, home: str) -> str:
    """A path with the home written out, where it is that of the user of this `home`; else as it is."""
    for sign in ("~/", "$HOME/", "${HOME}/"):
        if home and path.startswith(sign):
            return f"{home}/{path[len(sign) :]}"
    return path


def profiles_in(text: str) -> tuple[str, ...]:
    """The profiles of a credentials file, or those that a command of the AWS CLI sets; the default if none is named."""
    named = [one or other for one, other in _PROFILE_OPTION.findall(text)]
    return tuple(named or _SECTION.findall(text)) or ("default",)


def copied_to(target: str, source: str, *, several: bool = False) -> str:
    """Where a file comes to lie that a COPY takes there, alone or with others."""
    if target.endswith("/"):
        return target + posixpath.basename(source)
    return f"{target}/{posixpath.basename(source)}" if several else target


def likeliness(name: str) -> int:
    """How likely a file of that name holds credentials: 0 is most."""
    lower = name.lower()
    if "credential" in lower or is_credentials(lower) or _ENVIRONMENT.match(lower):
        return 0
    return 1 if "aws" in lower or "config" in lower or lower.endswith((".ini", ".tfvars", ".properties")) else 2
