"""Which credentials an AWS SDK uses: the order in which each SDK looks, and what it makes of what it finds.

`CHAINS` is the table: one row an SDK, each with the source file that it was read from.
`resolve` walks a row over a process: its environment, its files, its roles. Nothing is read
from the disk, the real environment or the network. Services are taken to answer: a profile
that assumes a role, runs a program or signs in is as good as its settings.

Where an SDK can be run, tests/test_chain_conformance.py runs it and compares; docs/chain.md
says which those are.
"""

from __future__ import annotations

import re
from posixpath import normpath

from .node import Scalar
from .readers import ini
from .text import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Profile = dict[str, str]

_RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
_FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_WEB_IDENTITY = "AWS_WEB_IDENTITY_TOKEN_FILE"
_LONGEST_PATH = 4096  # no longer one can be opened
_MOST_PROFILES = 100  # in a row of source_profile; nobody has ten

# What Kubernetes mounts when a pod starts: there at run time, though no repository holds it.
_MOUNTED = ("/var/run/secrets/", "/run/secrets/")


class Keys:
    """Variables of one pair of keys. Of several names for one part, an earlier one wins."""

    __slots__ = ("ids", "secrets")

    def __init__(self, ids: str, secrets: str) -> None:
        self.ids = tuple(ids.split())
        self.secrets = tuple(secrets.split())


_KEYS = (Keys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),)
_GO_KEYS = (Keys("AWS_ACCESS_KEY_ID AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY AWS_SECRET_KEY"),)
_LOOPBACK = "loopback"
_HOSTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", _LOOPBACK)


class Chain:
    """How one SDK looks for credentials.

    `order` are the places in the order of lookup. A tuple in it stands for the selected
    profile: what kinds of settings are looked for in it, and in which order. `source` is where
    the order is written down. Everything else is a way in which SDKs differ; the default is
    what most of them do.

    keys              the pairs of variables, tried in turn
    properties        the same as properties of the Java virtual machine
    next_name         when the next name of a variable is tried: it is "empty", or only "unset"
    blank_is_empty    a value of blanks counts as none
    partial           an id without a secret is an error, not a reason to look further
    profile_variables the variables that select a profile, in order
    empty_is_name     a selecting variable that is set but empty names a profile
    profile_first     a selected profile wins over the keys in the environment
    must_exist        the variables whose profile must exist: else nothing is tried at all
    named_must_exist  a selected profile that is missing ends the search when its turn comes
    credentials_file  the variable that names the credentials file
    config_variable   the variable that names the configuration file
    one_file          the configuration file is read only where there is no credentials file
    config_off        the variable that turns the configuration file off
    opt_in            what AWS_SDK_LOAD_CONFIG must say for the configuration file to be read: "true", or "any"
    before_opt_in     what is looked for in a profile without that
    opt_in_files      without that, the variables that name files are ignored; with it, both files must exist
    strict_config     what is wrong in the selected profile is an error before all else
    profile_errors    a broken profile ends the search ("stop") or is passed over ("next")
    half_web_identity a token file without a role is an error ("stop") or ignored ("next")
    lost_file         so is a token file that cannot be read
    full_uri_first    AWS_CONTAINER_CREDENTIALS_FULL_URI is asked before the relative one
    empty_uri_counts  an empty container variable is asked all the same
    container_hosts   where the full URI may lead without TLS
    container_failure no answer is an "error", ends the search silently ("none"), or is passed over ("next")
    lost_bearer       a container token file that cannot be read is an error, whatever container_failure says
    bearer_first      AWS_CONTAINER_AUTHORIZATION_TOKEN goes before the file, which then is not read
    metadata_off      the values of AWS_EC2_METADATA_DISABLED that count, see _METADATA_OFF
    walk              who walks the chain
    """

    __slots__ = (
        "bearer_first",
        "before_opt_in",
        "blank_is_empty",
        "config_off",
        "config_variable",
        "container_failure",
        "container_hosts",
        "credentials_file",
        "empty_is_name",
        "empty_uri_counts",
        "full_uri_first",
        "half_web_identity",
        "keys",
        "lost_bearer",
        "lost_file",
        "metadata_off",
        "must_exist",
        "name",
        "named_must_exist",
        "next_name",
        "one_file",
        "opt_in",
        "opt_in_files",
        "order",
        "partial",
        "profile_errors",
        "profile_first",
        "profile_variables",
        "properties",
        "source",
        "strict_config",
        "walk",
    )

    def __init__(
        self,
        name: str,
        source: str,
        order: tuple[str | tuple[str, ...], ...],
        *,
        keys: tuple[Keys, ...] = _KEYS,
        properties: tuple[Keys, ...] = (),
        next_name: str = "empty",
        blank_is_empty: bool = False,
        partial: bool = False,
        profile_variables: tuple[str, ...] = ("AWS_PROFILE",),
        empty_is_name: bool = False,
        profile_first: bool = False,
        must_exist: tuple[str, ...] = (),
        named_must_exist: bool = False,
        credentials_file: str = "AWS_SHARED_CREDENTIALS_FILE",
        config_variable: str = "AWS_CONFIG_FILE",
        one_file: bool = False,
        config_off: str = "",
        opt_in: str = "",
        before_opt_in: tuple[str, ...] = (),
        opt_in_files: bool = False,
        strict_config: bool = False,
        profile_errors: str = "next",
        half_web_identity: str = "next",
        lost_file: str = "stop",
        full_uri_first: bool = False,
        empty_uri_counts: bool = False,
        container_hosts: tuple[str, ...] = _HOSTS,
        container_failure: str = "error",
        lost_bearer: bool = False,
        bearer_first: bool = False,
        metadata_off: str = "true",
        walk: type[_Walk] | None = None,
    ) -> None:
        self.name = name
        self.source = source
        self.order = order
        self.keys = keys
        self.properties = properties
        self.next_name = next_name
        self.blank_is_empty = blank_is_empty
        self.partial = partial
        self.profile_variables = profile_variables
        self.empty_is_name = empty_is_name
        self.profile_first = profile_first
        self.must_exist = must_exist
        self.named_must_exist = named_must_exist
        self.credentials_file = credentials_file
        self.one_file = one_file
        self.config_off = config_off
        self.config_variable = config_variable
        self.opt_in = opt_in
        self.before_opt_in = before_opt_in
        self.opt_in_files = opt_in_files
        self.strict_config = strict_config
        self.profile_errors = profile_errors
        self.half_web_identity = half_web_identity
        self.lost_file = lost_file
        self.full_uri_first = full_uri_first
        self.empty_uri_counts = empty_uri_counts
        self.container_hosts = container_hosts
        self.container_failure = container_failure
        self.lost_bearer = lost_bearer
        self.bearer_first = bearer_first
        self.metadata_off = metadata_off
        self.walk = walk or _Walk


class Resolution:
    """What an SDK ends up with.

    `source` is `environment`, `profile`, `web-identity`, `task-role`, `instance-role` or
    `none`. `detail` is the variable or the profile that was used, or that is at fault. `error`
    says why the SDK gives up, instead of looking further; then `source` is `none`:

    partial-credentials   an id without its secret
    profile-not-found     the selected profile does not exist
    invalid-config        a file or a setting that the SDK refuses
    unreadable-token      a token file that is not there
    credential-retrieval  a container endpoint that does not answer
    """

    __slots__ = ("detail", "error", "source")

    def __init__(self, source: str, detail: str = "", error: str | None = None) -> None:
        self.source = source
        self.detail = detail
        self.error = error

    def __repr__(self) -> str:
        return f"Resolution({self.source!r}, {self.detail!r}, {self.error!r})"


def resolve(
    sdk: str,
    environment: Mapping[str, str],
    files: Mapping[str, str] = {},
    home: str = "/root",
    task_role: bool = False,
    instance_role: bool = False,
) -> Resolution:
    """The credentials that the SDK uses in a process with this environment and these files.

    `environment` is that of the process; a HOME in it goes before `home`. `files` maps absolute
    paths to text; a file that is not in it does not exist, but for tokens under
    `/var/run/secrets/`, which a cluster mounts. `task_role` says whether the container endpoint
    answers; the variable with which ECS tells about it is added when the environment names no
    endpoint. `instance_role` says whether the metadata service of EC2 hands out credentials.

    Raises ValueError for an SDK that is not in `CHAINS`, naming the nearest that is.
    """
    chain = CHAINS.get(sdk)
    if chain is None:
        from difflib import get_close_matches

        (guess,) = get_close_matches(sdk, CHAINS, n=1, cutoff=0)
        raise ValueError(f"unknown SDK {sdk!r}: did you mean {guess!r}?")
    names = {"HOME": home, **environment}
    if chain.properties:
        names.update(_java_properties(environment))
    if task_role and _RELATIVE_URI not in names and _FULL_URI not in names:
        names[_RELATIVE_URI] = "/v2/credentials/task"
    return chain.walk(chain, names, files, task_role, instance_role).resolve()


class _Stop(Exception):
    """The SDK gives up."""

    def __init__(self, error: str | None, detail: str) -> None:
        self.resolution = Resolution("none", detail if error else "", error)


class _Walk:
    """One walk along a chain: most SDKs."""

    __slots__ = (
        *("chain", "credentials", "files", "home", "instance_role", "names", "opted_in", "profiles", "task_role"),
    )

    def __init__(
        self,
        chain: Chain,
        names: dict[str, str],
        files: Mapping[str, str],
        task_role: bool,
        instance_role: bool,
    ) -> None:
        self.chain = chain
        self.names = names
        self.files = {normpath(path): text for path, text in files.items()}
        self.home = names["HOME"]
        self.task_role = task_role
        self.instance_role = instance_role
        given = names.get("AWS_SDK_LOAD_CONFIG", "")
        self.opted_in = {
            "": True,
            "any": given != "",
            "true": given in ("1", "t", "T", "true", "TRUE", "True"),
        }[chain.opt_in]
        self.profiles: dict[str, Profile] = {}  # of both files
        self.credentials: dict[str, Profile] = {}  # of the credentials file alone

    def resolve(self) -> Resolution:
        try:
            self.load()
            for step in self.chain.order:
                found: Resolution | None = self.profile(step) if isinstance(step, tuple) else getattr(self, step)()
                if found:
                    return found
        except _Stop as stop:
            return stop.resolution
        return Resolution("none")

    # ── variables ──

    def first(self, names: Sequence[str]) -> tuple[str, str]:
        """The first of the variables that counts, and its value; "" when there is none."""
        for name in names:
            value = self.names.get(name)
            if value is not None and self.chain.blank_is_empty:
                value = value.strip()
            if value or (value is not None and self.chain.next_name == "unset"):
                return name, value
        return names[0], ""

    def environment(self) -> Resolution | None:
        if self.chain.profile_first and self.names.get("AWS_PROFILE"):
            return None
        return self.pair(self.chain.keys)

    def properties(self) -> Resolution | None:
        """The system properties of a Java virtual machine, which were put among the variables."""
        return self.pair(self.chain.properties)

    def pair(self, pairs: tuple[Keys, ...]) -> Resolution | None:
        for keys in pairs:
            name, id = self.first(keys.ids)
            secret_name, secret = self.first(keys.secrets)
            if id and secret:
                return Resolution("environment", name)
            if id and self.chain.partial:
                raise _Stop("partial-credentials", secret_name)
        return None

    # ── profiles ──

    def selected(self) -> tuple[str, str] | None:
        """The variable that selects a profile, and the profile's name."""
        variables = self.chain.profile_variables
        if self.chain.opt_in and not self.opted_in:
            variables = variables[:1]
        for variable in variables:
            value = self.names.get(variable)
            if value or (value is not None and self.chain.empty_is_name):
                return variable, value
        return None

    def selected_name(self) -> str:
        found = self.selected()
        return found[1] if found else "default"

    def load(self) -> None:
        """The profiles of both files; a setting in the credentials file wins."""
        chain = self.chain
        credentials = self.read(chain.credentials_file, "credentials")
        off = self.names.get(chain.config_off) or (chain.one_file and credentials is not None)
        if self.opted_in and not off:
            config = self.read(chain.config_variable, "config")
            if config is None and chain.opt_in_files:
                return
            for section, settings in _sections(config or ""):
                if section == "default" or section.startswith("profile "):
                    name = section.removeprefix("profile").strip().strip("\"'")
                    self.profiles.setdefault(name, {}).update(settings)
        for name, settings in _sections(credentials or ""):
            self.profiles.setdefault(name, {}).update(settings)
            self.credentials.setdefault(name, {}).update(settings)
        found = self.selected()
        if found and found[0] in chain.must_exist and found[1] not in self.profiles:
            raise _Stop("profile-not-found", found[1])
        if chain.strict_config:
            self.check(self.profiles.get(self.selected_name(), {}))

    def read(self, variable: str, name: str) -> str | None:
        heeded = self.opted_in or not self.chain.opt_in_files
        path = self.names.get(variable) if heeded else None
        return self.files.get(normpath(path or f"{self.home}/.aws/{name}"))

    def check(self, profile: Profile) -> None:
        """That a role has a source that exists."""
        if not profile.get("role_arn") or profile.get("web_identity_token_file"):
            return
        source = profile.get("source_profile", "")
        if source and (source not in self.profiles or profile.get("credential_source")):
            raise _Stop("invalid-config", source)

    def profile(self, kinds: tuple[str, ...]) -> Resolution | None:
        """What the selected profile gives; None when it has nothing of these kinds."""
        name = self.selected_name()
        if name not in self.profiles and self.chain.named_must_exist and self.selected():
            raise _Stop("profile-not-found", name)
        if not self.opted_in and self.chain.before_opt_in:
            kinds = self.chain.before_opt_in
        try:
            return Resolution("profile", name) if self.gives(name, kinds, [name]) else None
        except _Stop:
            if self.chain.profile_errors == "stop":
                raise
            return None

    def gives(self, name: str, kinds: tuple[str, ...], visited: list[str]) -> bool:
        """Whether a profile has credentials of one of these kinds. Raises _Stop where it is broken."""
        profile = self.profiles.get(name, {})
        for kind in kinds:
            if kind in _SETTINGS:
                found = any(profile.get(setting) for setting in _SETTINGS[kind])
            elif kind in ("role", "role-by-profile"):
                found = self.role(kind, profile, kinds, visited)
            elif kind == "web-identity":
                found = bool(profile.get("web_identity_token_file") and profile.get("role_arn"))
                if found:
                    self.token(profile["web_identity_token_file"])
            else:
                found = self.has_keys(kind, name)
            if found:
                return True
        return False

    def has_keys(self, kind: str, name: str) -> bool:
        profile = (self.credentials if kind == "credentials-keys" else self.profiles).get(name, {})
        found = [bool(profile.get(setting)) for setting in ("aws_access_key_id", "aws_secret_access_key")]
        if kind == "strict-keys" and any(found) and not all(found):
            raise _Stop("partial-credentials", name)
        return all(found)

    def role(self, kind: str, profile: Profile, kinds: tuple[str, ...], visited: list[str]) -> bool:
        if not profile.get("role_arn"):
            return False
        if kind == "role-by-profile":
            if not profile.get("source_profile"):
                raise _Stop("invalid-config", visited[-1])
            profile = {"source_profile": profile["source_profile"]}
        elif profile.get("web_identity_token_file"):
            return False
        if not profile.get("source_profile") and not profile.get("credential_source"):
            return False
        self.role_source(profile, kinds, visited)
        return True

    def role_source(self, profile: Profile, kinds: tuple[str, ...], visited: list[str]) -> None:
        """That there are credentials with which the profile's role can be assumed."""
        source, service = profile.get("source_profile"), profile.get("credential_source")
        if source and service:
            raise _Stop("invalid-config", source)
        if service:
            self.role_service(service, visited[-1])
        elif source:
            found = self.profiles.get(source)
            if found is None:
                raise _Stop("invalid-config", source)
            if found.get("aws_access_key_id") and found.get("aws_secret_access_key"):
                return
            visited = [*visited, source]
            if source in visited[:-1] or len(visited) > _MOST_PROFILES or not self.gives(source, kinds, visited):
                raise _Stop("invalid-config", source)

    def role_service(self, service: str, name: str) -> None:
        """That the service which `credential_source` names has credentials."""
        services: dict[str, Callable[[], Resolution | None]] = {
            "Environment": lambda: self.pair(self.chain.keys),
            "EcsContainer": self.container,
            "Ec2InstanceMetadata": self.metadata,
        }
        if service not in services:
            raise _Stop("invalid-config", name)
        if not services[service]():
            raise _Stop("credential-retrieval", name)

    # ── web identity ──

    def web_identity(self) -> Resolution | None:
        """By the environment."""
        path = self.names.get(_WEB_IDENTITY)
        if not path:
            return None
        if not self.names.get("AWS_ROLE_ARN"):
            if self.chain.half_web_identity == "stop":
                raise _Stop("invalid-config", "AWS_ROLE_ARN")
            return None
        try:
            self.token(path)
        except _Stop:
            if self.chain.lost_file == "stop":
                raise
            return None
        return Resolution("web-identity", _WEB_IDENTITY)

    def web_identity_or_profile(self) -> Resolution | None:
        """By the environment, else by the profile."""
        return self.web_identity() or self.profile(("web-identity",))

    def token(self, path: str) -> None:
        if not self.exists(path):
            raise _Stop("unreadable-token", path)

    def exists(self, path: str) -> bool:
        path = normpath(path)
        return path in self.files or path.startswith(_MOUNTED)

    # ── endpoints ──

    def container(self) -> Resolution | None:
        """The endpoint that the environment names."""
        chain = self.chain
        for name in (_FULL_URI, _RELATIVE_URI) if chain.full_uri_first else (_RELATIVE_URI, _FULL_URI):
            uri = self.names.get(name)
            if uri or (uri is not None and chain.empty_uri_counts):
                break
        else:
            return None
        error = self.endpoint_error(name, uri)
        if not error:
            return Resolution("task-role", name)
        if error == "unreadable-token" and chain.lost_bearer:
            raise _Stop(error, name)
        if chain.container_failure == "next":
            return None
        raise _Stop(error if chain.container_failure == "error" else None, name)

    def endpoint_error(self, name: str, uri: str) -> str | None:
        if name == _FULL_URI and not _allowed(uri, self.chain.container_hosts):
            return "invalid-config"
        file = self.names.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        given = self.chain.bearer_first and self.names.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if file and not given and not self.exists(file):
            return "unreadable-token"
        answers = self.task_role and (name == _FULL_URI or uri.startswith("/"))
        return None if answers else "credential-retrieval"

    def metadata(self) -> Resolution | None:
        given = self.names.get("AWS_EC2_METADATA_DISABLED", "")
        on = self.instance_role and not _METADATA_OFF[self.chain.metadata_off](given)
        return Resolution("instance-role") if on else None


class _Botocore(_Walk):
    """botocore: its files are configparser's, a setting counts when it is there, and nearly every fault is final.

    Source: botocore, `credentials.py`, `configloader.py` and `session.py` (1.44.5).
    """

    __slots__ = ("config", "sessions")

    def load(self) -> None:
        """Both files are read before anything is looked for, so a fault in them comes before all else."""
        self.config: dict[str, Profile] = {}
        self.sessions: dict[str, Profile] = {}
        for section, settings in self.parsed("AWS_CONFIG_FILE", "~/.aws/config").items():
            if section == "default":
                self.config[section] = settings
            elif section.startswith("profile"):
                self.config.update(_named(section, settings))
            elif section.startswith("sso-session"):
                self.sessions.update(_named(section, settings))
        self.profiles = {name: dict(settings) for name, settings in self.config.items()}
        self.credentials = self.parsed("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
        for name, settings in self.credentials.items():
            self.profiles.setdefault(name, {}).update(settings)
        found = self.selected()
        if found and found[1] not in self.profiles:
            raise _Stop("profile-not-found", found[1])

    def selected_name(self) -> str:
        return super().selected_name() or "default"

    def parsed(self, variable: str, default: str) -> dict[str, Profile]:
        return self.parsed_file(self.names.get(variable, default))

    def parsed_file(self, path: str) -> dict[str, Profile]:
        text = self.files.get(self.expanded(path))
        sections = {} if text is None else _configparser_sections(text)
        if sections is None:
            raise _Stop("invalid-config", path)
        return sections

    def expanded(self, path: str) -> str:
        """With its variables and its `~`, as os.path expands them."""
        if len(path) > _LONGEST_PATH:
            return ""
        name = re.compile(r"\$(\w+|\{[^}]*\})", re.ASCII)
        return self.at_home(name.sub(lambda found: self.names.get(found[1].strip("{}"), found[0]), path))

    def at_home(self, path: str) -> str:
        if path == "~" or path.startswith("~/"):
            path = self.home.rstrip("/") + path[1:] or "/"
        return normpath(path) if path else ""

    def gives(self, name: str, kinds: tuple[str, ...], visited: list[str]) -> bool:
        looks: dict[str, Callable[[str], bool]] = {
            "role": self.assumed_role,
            "web-identity": self.profile_web_identity,
            "sso": self.sso,
            "credentials-keys": lambda name: _has_keys(self.credentials.get(name, {}), name),
            "login": lambda name: "login_session" in self.profiles.get(name, {}),
            "process": self.process,
            "config-keys": lambda name: _has_keys(self.config.get(name, {}), name),
        }
        return any(looks[kind](name) for kind in kinds)

    def assumed_role(self, name: str) -> bool:
        """Follows source_profile to the credentials with which the first role of the row is assumed."""
        visited = [name]
        while self.is_role(name):
            profile = self.profiles[name]
            source, service = profile.get("source_profile"), profile.get("credential_source")
            if service is not None and source is not None:
                raise _Stop("invalid-config", name)
            if service is not None:
                self.role_service(service, name)
                return True
            if source is None:
                raise _Stop("partial-credentials", name)
            if source not in self.profiles:
                raise _Stop("invalid-config", source)
            has_keys = {"aws_access_key_id", "aws_secret_access_key"} & self.profiles[source].keys()
            circle = source in visited and (source != name or not has_keys)
            if circle or len(visited) > _MOST_PROFILES:
                raise _Stop("invalid-config", source)
            visited.append(source)
            name = source
            if has_keys:
                break
        if len(visited) == 1:
            return False
        if not self.gives(name, _BOTOCORE_PROFILE, visited):
            raise _Stop("invalid-config", name)
        return True

    def is_role(self, name: str) -> bool:
        profile = self.profiles.get(name, {})
        return "role_arn" in profile and "web_identity_token_file" not in profile

    def web_identity_or_profile(self) -> Resolution | None:
        """Each of the settings by the environment, else by the profile."""
        profile = self.profiles.get(self.selected_name(), {})
        path = self.names.get(_WEB_IDENTITY, profile.get("web_identity_token_file"))
        if not path:
            return None
        if not self.names.get("AWS_ROLE_ARN", profile.get("role_arn")):
            raise _Stop("invalid-config", "AWS_ROLE_ARN")
        self.token(path)
        by_environment = _WEB_IDENTITY in self.names
        return (
            Resolution("web-identity", _WEB_IDENTITY) if by_environment else Resolution("profile", self.selected_name())
        )

    def profile_web_identity(self, name: str) -> bool:
        profile = self.profiles.get(name, {})
        path = profile.get("web_identity_token_file")
        if not path:
            return False
        if not profile.get("role_arn"):
            raise _Stop("invalid-config", name)
        self.token(path)
        return True

    def sso(self, name: str) -> bool:
        profile = self.profiles.get(name, {})
        if "sso_role_name" not in profile and "sso_account_id" not in profile:
            return False
        if "sso_session" in profile:
            session = self.sessions.get(profile["sso_session"])
            if session is None or any(profile.get(key, value) != value for key, value in session.items()):
                raise _Stop("invalid-config", name)
            profile = profile | session
        if not {"sso_role_name", "sso_account_id", "sso_start_url", "sso_region"} <= profile.keys():
            raise _Stop("invalid-config", name)
        return True

    def process(self, name: str) -> bool:
        command = self.profiles.get(name, {}).get("credential_process")
        if command is not None and not command.strip():
            raise _Stop("invalid-config", name)
        return command is not None

    def classic_file(self) -> Resolution | None:
        """The file of the first command-line tools of EC2."""
        path = self.names.get("AWS_CREDENTIAL_FILE")
        if path is None:
            return None
        text = self.files.get(self.at_home(path))
        names = [line.partition("=")[0].strip() for line in (text or "").splitlines() if "=" in line]
        if text is None or ("AWSAccessKeyId" in names and "AWSSecretKey" not in names):
            raise _Stop("invalid-config", path)
        return Resolution("profile", path) if "AWSAccessKeyId" in names else None

    def boto_file(self) -> Resolution | None:
        """The configuration of boto 2."""
        given = self.names.get("BOTO_CONFIG")
        for path in ("/etc/boto.cfg", "~/.boto") if given is None else (given,):
            if _has_keys(self.parsed_file(path).get("Credentials", {}), path):
                return Resolution("profile", path)
        return None

    def endpoint_error(self, name: str, uri: str) -> str | None:
        file = self.names.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        if file is not None and not self.exists(file):
            return "unreadable-token"
        return super().endpoint_error(name, uri)


def _has_keys(settings: Profile, name: str) -> bool:
    if "aws_access_key_id" in settings and "aws_secret_access_key" not in settings:
        raise _Stop("partial-credentials", name)
    return "aws_access_key_id" in settings


def _java_properties(environment: Mapping[str, str]) -> dict[str, str]:
    """Properties of AWS that reach a Java virtual machine by its environment; the later variable wins."""
    given = f"{environment.get('JAVA_TOOL_OPTIONS', '')} {environment.get('JDK_JAVA_OPTIONS', '')}"
    return dict(re.findall(r"(?<!\S)-D(aws\.\w+)=(\S*)", given))


def _allowed(uri: str, hosts: tuple[str, ...]) -> bool:
    """Whether credentials may be fetched from there: anywhere with TLS, else from a few hosts only."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        if parts.scheme != "http" or host in hosts:
            return parts.scheme in ("http", "https")
        return _LOOPBACK in hosts and ip_address(host).is_loopback
    except ValueError:
        return False


def _sections(text: str) -> list[tuple[str, Profile]]:
    """The sections of a file as most SDKs read it: `=` parts, and a comment may follow a value."""
    document, _ = ini.read(Source("", text))
    found: list[tuple[str, Profile]] = []
    for name, keys in document.items():
        settings: Profile = {}
        for key, value in keys.items():
            if value.text is not None and "=" in text[key.span.end : value.span.start]:
                settings[(key.text or "").lower()] = re.split(r"(?:^|\s)[#;]", value.text, maxsplit=1)[0].strip()
        found.append(((name.text or "").strip(), settings))
    return found


def _configparser_sections(text: str) -> dict[str, Profile] | None:
    """The sections of a file as botocore reads it; None for a file that it refuses."""
    if text.startswith("\ufeff"):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    document, problems = ini.read(Source("", text))
    if problems:
        return None
    sections: dict[str, Profile] = {}
    defaults: Profile = {}
    for name, keys in document.items():
        section = name.text or ""
        settings = defaults if section == "DEFAULT" else {}
        if not section or section in sections:
            return None
        seen: set[str] = set()
        for key, value in keys.items():
            option = (key.text or "").lower()
            written = value.text
            if option in seen or (isinstance(value, Scalar) and (written is None or written.startswith("\n"))):
                return None  # doubled, without a delimiter, or with settings below it that are none
            seen.add(option)
            settings[option] = written or ""
        if section != "DEFAULT":
            sections[section] = settings
    return {name: defaults | settings for name, settings in sections.items()}


def _named(section: str, settings: Profile) -> dict[str, Profile]:
    """`profile name`, as a shell splits it; nothing where that is not two words."""
    from shlex import split

    try:
        words = split(section)
    except ValueError:
        return {}
    return {words[1]: settings} if len(words) == 2 else {}


# The settings of a profile of which any says that it is of that kind.
_SETTINGS = {
    "sso": ("sso_start_url", "sso_session"),
    "process": ("credential_process",),
    "login": ("login_session",),
}
_METADATA_OFF: dict[str, Callable[[str], bool]] = {
    "true": lambda value: value.lower() == "true",
    "all but false": lambda value: value not in ("", "false"),
    "all but any false": lambda value: value.lower() not in ("", "false"),
    "any": lambda value: value != "",
}
_BOTOCORE_PROFILE = ("web-identity", "sso", "credentials-keys", "login", "process", "config-keys")


def _botocore(name: str, source: str, *profile_variables: str) -> Chain:
    return Chain(
        name,
        source,
        (
            *("environment", ("role",), "web_identity_or_profile"),
            *((kind,) for kind in _BOTOCORE_PROFILE[1:]),
            *("classic_file", "boto_file", "container", "metadata"),
        ),
        partial=True,
        profile_variables=profile_variables,
        empty_is_name=True,
        must_exist=profile_variables,
        strict_config=True,
        profile_errors="stop",
        half_web_identity="stop",
        empty_uri_counts=True,
        walk=_Botocore,
    )


def _go_v2(name: str, source: str) -> Chain:
    return Chain(
        name,
        source,
        (
            *("environment", "web_identity", ("role", "keys", "web-identity", "sso", "login", "process")),
            *("container", "metadata"),
        ),
        keys=_GO_KEYS,
        profile_variables=("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
        must_exist=("AWS_PROFILE",),
        strict_config=True,
        profile_errors="stop",
        half_web_identity="stop",
    )


def _java_v2(name: str, source: str) -> Chain:
    return Chain(
        name,
        source,
        ("properties", "environment", "web_identity", _PROFILE, "container", "metadata"),
        profile_variables=("aws.profile", "AWS_PROFILE"),
        properties=(Keys("aws.accessKeyId", "aws.secretAccessKey"),),
        blank_is_empty=True,
        lost_file="next",
        container_failure="next",
    )


_GITHUB = "https://github.com/"
_PROFILE = ("role", "web-identity", "sso", "keys", "process", "login")

CHAINS: dict[str, Chain] = {
    "go-v1": Chain(
        "AWS SDK for Go v1",
        _GITHUB + "aws/aws-sdk-go/blob/8d203ccf/aws/session/credentials.go",
        ("environment", "web_identity", ("role", "keys", "web-identity", "sso", "process"), "container", "metadata"),
        keys=_GO_KEYS,
        profile_variables=("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
        opt_in="true",
        before_opt_in=("keys", "process"),
        profile_errors="stop",
        half_web_identity="stop",
        full_uri_first=True,
    ),
    "go-v2": _go_v2("AWS SDK for Go v2", _GITHUB + "aws/aws-sdk-go-v2/blob/main/config/resolve_credentials.go"),
    "boto3": _botocore(
        "boto3",
        _GITHUB + "boto/botocore/blob/1.43.11/botocore/credentials.py",
        *("AWS_DEFAULT_PROFILE", "AWS_PROFILE"),
    ),
    "awscli-v1": _botocore(
        "AWS CLI v1",
        _GITHUB + "boto/botocore/blob/1.43.11/botocore/credentials.py",
        *("AWS_DEFAULT_PROFILE", "AWS_PROFILE"),
    ),
    "awscli-v2": _botocore(
        "AWS CLI v2",
        _GITHUB + "aws/aws-cli/blob/73fb33bb/awscli/botocore/credentials.py",
        *("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    ),
    "js-v2": Chain(
        "AWS SDK for JavaScript v2",
        _GITHUB + "aws/aws-sdk-js/blob/657d6feb/lib/node_loader.js",
        (
            *("environment", ("sso",), ("role-by-profile", "keys"), "container"),
            *(("process",), "web_identity_or_profile", "metadata"),
        ),
        keys=(*_KEYS, Keys("AMAZON_ACCESS_KEY_ID", "AMAZON_SECRET_ACCESS_KEY")),
        opt_in="any",
        opt_in_files=True,
        lost_file="next",
        container_hosts=("localhost", "127.0.0.1", "169.254.170.23"),
        container_failure="next",
        lost_bearer=True,
        bearer_first=True,
        metadata_off="any",
    ),
    "js-v3": Chain(
        "AWS SDK for JavaScript v3",
        _GITHUB + "aws/aws-sdk-js-v3/blob/main/packages/credential-provider-node/src/defaultProvider.ts",
        (
            *("environment", ("role", "keys", "web-identity", "process", "sso", "login")),
            *("web_identity", "container", "metadata"),
        ),
        profile_first=True,
        container_failure="none",
        lost_bearer=True,
        metadata_off="all but false",
    ),
    "java-v1": Chain(
        "AWS SDK for Java v1",
        _GITHUB
        + "aws/aws-sdk-java/blob/1322472c/aws-java-sdk-core/src/main/java/com/amazonaws/auth/"
        + "DefaultAWSCredentialsProviderChain.java",
        ("environment", "properties", "web_identity", ("role", "keys", "process"), "container", "metadata"),
        keys=(Keys("AWS_ACCESS_KEY_ID AWS_ACCESS_KEY", "AWS_SECRET_KEY AWS_SECRET_ACCESS_KEY"),),
        profile_variables=("AWS_PROFILE", "aws.profile"),
        properties=(Keys("aws.accessKeyId", "aws.secretKey"),),
        next_name="unset",
        blank_is_empty=True,
        credentials_file="AWS_CREDENTIAL_PROFILES_FILE",
        config_variable="",
        one_file=True,
        lost_file="next",
        container_failure="none",
    ),
    "java-v2": _java_v2(
        "AWS SDK for Java v2",
        _GITHUB
        + "aws/aws-sdk-java-v2/blob/0131c082/core/auth/src/main/java/software/amazon/awssdk/auth/credentials/"
        + "DefaultCredentialsProvider.java",
    ),
    "dotnet-v3": Chain(
        "AWS SDK for .NET v3",
        _GITHUB + "aws/aws-sdk-net/blob/13bd83ed/sdk/src/Core/Amazon.Runtime/Credentials/FallbackCredentialsFactory.cs",
        ("web_identity", _PROFILE, "environment", "container", "metadata"),
        keys=(Keys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY AWS_SECRET_KEY"),),
        empty_is_name=True,
    ),
    "dotnet-v4": Chain(
        "AWS SDK for .NET v4",
        _GITHUB
        + "aws/aws-sdk-net/blob/0934adc2/sdk/src/Core/Amazon.Runtime/Credentials/"
        + "DefaultAWSCredentialsIdentityResolver.cs",
        ("environment", "web_identity", _PROFILE, "container", "metadata"),
        keys=(Keys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY AWS_SECRET_KEY"),),
        named_must_exist=True,
    ),
    "php": Chain(
        "AWS SDK for PHP v3",
        _GITHUB + "aws/aws-sdk-php/blob/00b17f99/src/Credentials/CredentialProvider.php",
        (
            *("environment", "web_identity_or_profile", ("sso", "process", "role", "keys", "login")),
            *("container", "metadata"),
        ),
        config_variable="",
        lost_file="next",
    ),
    "ruby": Chain(
        "AWS SDK for Ruby v3",
        _GITHUB + "aws/aws-sdk-ruby/blob/bac3491f/gems/aws-sdk-core/lib/aws-sdk-core/credential_provider_chain.rb",
        (
            *("environment", "web_identity_or_profile", ("sso",), ("role",), ("keys",), ("process",)),
            *("container", "metadata"),
        ),
        keys=(
            Keys(
                "AWS_ACCESS_KEY_ID AMAZON_ACCESS_KEY_ID AWS_ACCESS_KEY",
                "AWS_SECRET_ACCESS_KEY AMAZON_SECRET_ACCESS_KEY AWS_SECRET_KEY",
            ),
        ),
        next_name="unset",
        profile_variables=("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
        empty_is_name=True,
        config_off="AWS_SDK_CONFIG_OPT_OUT",
        profile_errors="stop",
        container_failure="none",
    ),
    "cpp": Chain(
        "AWS SDK for C++",
        _GITHUB + "aws/aws-sdk-cpp/blob/0e8e4f8c/src/aws-cpp-sdk-core/source/auth/AWSCredentialsProviderChain.cpp",
        (
            *("environment", ("credentials-keys",), ("process",), "web_identity_or_profile", ("sso",)),
            *("container", "metadata"),
        ),
        profile_variables=("AWS_DEFAULT_PROFILE", "AWS_PROFILE"),
        lost_file="next",
        container_failure="none",
    ),
    "rust": Chain(
        "AWS SDK for Rust",
        _GITHUB + "smithy-lang/smithy-rs/blob/56ee88c5/aws/rust-runtime/aws-config/src/default_provider/credentials.rs",
        (
            *("environment", ("role", "web-identity", "sso", "process", "strict-keys", "login")),
            *("web_identity", "container", "metadata"),
        ),
        keys=(Keys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY SECRET_ACCESS_KEY"),),
        blank_is_empty=True,
        profile_errors="stop",
    ),
    "kotlin": _java_v2(
        "AWS SDK for Kotlin",
        _GITHUB
        + "awslabs/aws-sdk-kotlin/blob/05ea93b9/aws-runtime/aws-config/common/src/aws/sdk/kotlin/runtime/auth/"
        + "credentials/DefaultChainCredentialsProvider.kt",
    ),
    "swift": Chain(
        "AWS SDK for Swift",
        _GITHUB
        + "awslabs/aws-sdk-swift/blob/02ba29d3/Sources/Core/AWSSDKIdentity/Sources/AWSSDKIdentity/"
        + "AWSCredentialIdentityResolvers/DefaultAWSCredentialIdentityResolverChain.swift",
        ("environment", ("role", "keys"), "web_identity", ("web-identity",), "container", "metadata"),
        lost_file="next",
        container_failure="next",
        metadata_off="all but any false",
    ),
    "crt": Chain(
        "AWS Common Runtime (aws-c-auth)",
        _GITHUB + "awslabs/aws-c-auth/blob/495329c2/source/credentials_provider_default_chain.c",
        ("environment", ("role", "keys"), "web_identity_or_profile", ("process",), "container", "metadata"),
        lost_file="next",
        container_failure="none",
        metadata_off="all but any false",
    ),
    "terraform": _go_v2("Terraform AWS provider", _GITHUB + "hashicorp/aws-sdk-go-base/blob/71dcf8ad/credentials.go"),
}
