"""What a repository says about credentials and roles, whatever format it says it in.

`Facts` are what one unit says by itself (a file; for Terraform a folder). `Project` is
everything joined, and all that a rule sees.
"""

from __future__ import annotations

from .members import IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .node import Problem
    from .text import Source, Span


class Value:
    """A string of the input with its place: known, or named, or unknown.

    `text` is the string where it is known. `name` stands for it where it is not: two values
    with the same name are the same string, whatever it is (`aws_iam_role.app.arn` twice).
    With neither, nothing is known, and `reason` says why. `span` is where the text is
    written, `via` the hops from the use to it.
    """

    __slots__ = ("name", "reason", "span", "text", "via")

    def __init__(
        self,
        span: Span,
        text: str | None = None,
        name: str | None = None,
        via: tuple[Span, ...] = (),
        reason: str = "",
    ) -> None:
        self.span = span
        self.text = text
        self.name = name
        self.via = via
        self.reason = reason

    @property
    def use(self) -> Span:
        """Where it is used: the first hop, or where it is written."""
        return self.via[0] if self.via else self.span


class Setting:
    """A named string, wherever one can be written: NAME=value, a map's entry, an argument.

    `group` is shared by the settings that are written together (one ECS `environment` list,
    one section of a credentials file), so that an id finds its secret. It is None for what
    was found in bare text. `workload` is the container that is given it, `where` the format
    of the file that it stands in. `encoded` when it is written there in base64.
    """

    __slots__ = ("encoded", "group", "name", "value", "where", "workload")

    def __init__(
        self, name: str, value: Value, group: object = None, workload: str | None = None, encoded: bool = False
    ) -> None:
        self.name = name
        self.value = value
        self.group = group
        self.workload = workload
        self.encoded = encoded
        self.where = ""


class KeyKind(IntEnum):
    """What a credential in a text is."""

    ACCESS_KEY_ID = 1
    SECRET_ACCESS_KEY = 2
    SESSION_TOKEN = 3
    BEDROCK_API_KEY = 4
    SES_SMTP_PASSWORD = 5
    SERVICE_PASSWORD = 6  # CodeCommit, Keyspaces: a user `<user>-at-<account>`


class Credential:
    """One part of a key: a string that is, by its shape and its name, a credential of AWS."""

    __slots__ = ("kind", "setting", "span", "text")

    def __init__(self, kind: KeyKind, text: str, span: Span, setting: Setting) -> None:
        self.kind = kind
        self.text = text
        self.span = span
        self.setting = setting


class Key:
    """What belongs together: an id, its secret and its session token, as far as they are there.

    `service` is a password or API key of a single service. `certain` is false where only a
    name that other vendors use as well says that it is a key of AWS.
    """

    __slots__ = ("certain", "id", "secret", "service", "token")

    def __init__(
        self,
        id: Credential | None = None,
        secret: Credential | None = None,
        token: Credential | None = None,
        service: Credential | None = None,
        certain: bool = True,
    ) -> None:
        self.certain = certain
        self.id = id
        self.secret = secret
        self.token = token
        self.service = service

    @property
    def parts(self) -> tuple[Credential, ...]:
        return tuple(part for part in (self.secret, self.token, self.service, self.id) if part)

    @property
    def temporary(self) -> bool:
        """Whether it is a session's: it expires, and takes a token."""
        return self.token is not None or (self.id is not None and self.id.text.startswith("ASIA"))

    @property
    def where(self) -> str:
        """The format of the file that it stands in."""
        return self.parts[0].setting.where

    @property
    def workload(self) -> str | None:
        return next((part.setting.workload for part in self.parts if part.setting.workload), None)


class BuildPlace(IntEnum):
    """Where a build argument stands: what takes it, or what hands it over."""

    DOCKERFILE = 1  # ARG
    COMPOSE = 2  # build.args
    COMMAND = 3  # docker build --build-arg
    ACTION = 4  # build-args of docker/build-push-action and its kin


class BuildArgument:
    """A credential that goes into the build of an image as an argument, and is no literal there.

    `copied` are the ENV lines that keep it in the image. `with_id` when AWS_ACCESS_KEY_ID
    goes the same way. `reaches_final` says whether the stage that takes it is in the image that
    is built last; None where the stage is not seen. `workload` is the stage or the service.
    """

    __slots__ = ("copied", "name", "place", "reaches_final", "span", "with_id", "workload")

    def __init__(
        self,
        name: str,
        span: Span,
        place: BuildPlace,
        *,
        copied: tuple[Span, ...] = (),
        with_id: bool = False,
        reaches_final: bool | None = None,
        workload: str | None = None,
    ) -> None:
        self.name = name
        self.span = span
        self.place = place
        self.copied = copied
        self.with_id = with_id
        self.reaches_final = reaches_final
        self.workload = workload


class Copy:
    """A COPY or ADD of files from the build context into an image.

    `target` is where to, absolute where that is known; `excluded` are patterns of what is
    left out. `triggered` when an ONBUILD does it, with the context of another build. `assumed`
    when a source is made of the default of an ARG, which the build may be given another value for.
    """

    __slots__ = ("assumed", "excluded", "sources", "span", "target", "triggered")

    def __init__(
        self,
        span: Span,
        sources: tuple[Value, ...],
        target: str | None,
        excluded: tuple[str, ...] = (),
        triggered: bool = False,
        assumed: bool = False,
    ) -> None:
        self.assumed = assumed
        self.span = span
        self.sources = sources
        self.target = target
        self.excluded = excluded
        self.triggered = triggered


class Carry:
    """A COPY --from: what it takes out of an earlier stage. A source is None where it is not known."""

    __slots__ = ("excluded", "image", "sources", "span", "target")

    def __init__(
        self, span: Span, image: Image, sources: tuple[str | None, ...], target: str, excluded: tuple[str, ...]
    ) -> None:
        self.span = span
        self.image = image
        self.sources = sources
        self.target = target
        self.excluded = excluded


class FileHow(IntEnum):
    """How a credentials file gets into an image."""

    COPIED = 1
    WRITTEN = 2  # by a shell redirect or a heredoc
    CONFIGURED = 3  # aws configure set


class ImageFile:
    """A file with credentials that an image contains.

    `path` is its path in the image or in the build context; `others` are the other such
    files that the same COPY brings along, `named` when it names the file itself. `evidence`
    are the places, in other files, of the keys.
    `is_read` when it comes to lie where an SDK looks for it, `place` is where, as far as that
    is known. `literal` when the command that writes it says the keys itself. `onward` are the
    COPYs that take it out of a build stage into the final image: then `place` is where it lies there.
    `assumed` when it is copied only if an ARG has its default, `triggered` when an ONBUILD brings it
    into the image that is FROM this one.
    """

    __slots__ = (
        *("assumed", "evidence", "how", "is_read", "literal", "named"),
        *("onward", "others", "path", "place", "span", "triggered"),
    )

    def __init__(
        self,
        span: Span,
        path: str,
        how: FileHow,
        evidence: tuple[Span, ...] = (),
        *,
        is_read: bool,
        literal: bool = False,
        others: tuple[str, ...] = (),
        named: bool = False,
        place: str = "",
        onward: tuple[Span, ...] = (),
        assumed: bool = False,
    ) -> None:
        self.onward = onward
        self.assumed = assumed
        self.triggered = False
        self.span = span
        self.path = path
        self.place = place
        self.how = how
        self.evidence = evidence
        self.is_read = is_read
        self.literal = literal
        self.others = others
        self.named = named


class Image:
    """One stage of a Dockerfile. `reaches_final` when its layers are in the image that is built last.

    `looked_at` are the paths where an SDK looks for credentials because of its environment.
    `variables` are those of its ENV and of all that it is FROM in the file, `home` is the home
    of the user that it runs as, empty where that is not known; `removed` is what a RUN deletes, each with the place.
    `parent` is the stage that it is FROM, `carries` what it takes out of others; `removing` are the
    scripts of its RUNs that may delete something, each with its place and the working directory.
    """

    __slots__ = (
        *("carries", "copies", "files", "home", "looked_at", "name", "parent", "path"),
        *("reaches_final", "removed", "removing", "span", "variables"),
    )

    def __init__(
        self,
        path: str,
        span: Span,
        name: str | None,
        reaches_final: bool,
        copies: tuple[Copy, ...] = (),
        files: tuple[ImageFile, ...] = (),
        looked_at: tuple[str, ...] = (),
        variables: tuple[Variable, ...] = (),
        home: str = "",
        removed: tuple[tuple[Span, str], ...] = (),
        parent: Image | None = None,
        carries: tuple[Carry, ...] = (),
        removing: tuple[tuple[Span, Source, str], ...] = (),
    ) -> None:
        self.parent = parent
        self.carries = carries
        self.removing = removing
        self.variables = variables
        self.home = home
        self.removed = removed
        self.path = path
        self.span = span
        self.name = name
        self.reaches_final = reaches_final
        self.copies = copies
        self.files = files
        self.looked_at = looked_at


class Hole:
    """A part of a text that is not known. Equal names stand for equal texts; with no name nothing is known.

    `unique`: the identity of a thing that the repository itself makes, and that no other thing has.
    """

    __slots__ = ("name", "unique")

    def __init__(self, name: str | None = None, unique: bool = False) -> None:
        self.name = name
        self.unique = unique


class Text:
    """A string of which parts may be unknown: an action or a resource of a policy, what a feature refers to."""

    __slots__ = ("parts", "span")

    def __init__(self, span: Span, parts: tuple[str | Hole, ...]) -> None:
        self.span = span
        self.parts = parts

    @property
    def known(self) -> str | None:
        """The whole string, where all of it is known."""
        known = [part for part in self.parts if isinstance(part, str)]
        return "".join(known) if len(known) == len(self.parts) else None


class FeatureKind(IntEnum):
    """What of a task definition takes permissions of one of its roles: credlint.needs says which."""

    SECRET = 1
    SECRET_OPTION = 2
    REGISTRY_CREDENTIALS = 3
    ENVIRONMENT_FILE = 4
    FIRELENS_S3_CONFIG = 5
    CREDENTIAL_SPEC = 6
    FSX_VOLUME = 7
    ECR_IMAGE = 8
    AWSLOGS = 9
    AWSLOGS_CREATE_GROUP = 10
    FIRELENS_DESTINATION = 11
    EFS_IAM = 12
    ECS_EXEC = 13
    XRAY_SIDECAR = 14
    ENCRYPTED_SECRET = 15  # it takes these two to know what the feature refers to
    GUARDED_VOLUME = 16
    RUNTIME_SECRET = 17  # of App Runner


class Feature:
    """A place in a task definition that needs something of a role.

    `targets` are what it refers to, as it is written there: the `valueFrom` of secrets, the
    ARN of a file; for a FireLens destination the name of the router's plugin.
    """

    __slots__ = ("container", "kind", "span", "targets")

    def __init__(self, kind: FeatureKind, span: Span, container: str | None, targets: tuple[Text, ...] = ()) -> None:
        self.kind = kind
        self.span = span
        self.container = container
        self.targets = targets


class Guard:
    """That who uses a thing which the project makes needs a permission more, whatever else says so.

    `addresses` are the names (of values.canonical, without attribute and instance) that stand for the thing.
    """

    __slots__ = ("addresses", "kind")

    def __init__(self, addresses: frozenset[str], kind: FeatureKind) -> None:
        self.addresses = addresses
        self.kind = kind


class Slot:
    """A place for a role. `value` is None where it is not there or null.

    `role_name` and `account` are those of the role where they are known; `address` stands for
    a role whose name is not known, within this run. `role` is its declaration, where one is seen.
    """

    __slots__ = ("account", "address", "field", "role", "role_name", "value")

    def __init__(self, field: str, value: Value | None) -> None:
        self.field = field
        self.value = value
        self.role_name: str | None = None
        self.account: str | None = None
        self.address: str | None = None
        self.role: Role | None = None

    def same_role(self, other: Slot) -> bool:
        """Whether both surely hold one role, however it is spelt. False where it is not known."""
        if self.address and self.address == other.address:
            return True
        if not self.role_name or self.role_name != other.role_name:
            return False
        return not self.account or not other.account or self.account == other.account


class Origin(IntEnum):
    """From where a variable comes into the environment of a workload; a later one goes before an earlier one."""

    IMAGE = 1
    ENV_FILE = 2
    ENVIRONMENT = 3
    SECRETS = 4  # ECS puts it in when it starts the container


class Certainty(IntEnum):
    """How sure it is that something belongs to a workload."""

    LOW = 1  # likely, by what there is not
    MEDIUM = 2  # by its name
    HIGH = 3  # it is said


class Variable:
    """A variable of a workload's environment, with the place of its name. `value` is None where it is put in later."""

    __slots__ = ("name", "origin", "span", "sure", "value")

    def __init__(
        self, name: str, span: Span, value: Value | None, origin: Origin, sure: Certainty = Certainty.HIGH
    ) -> None:
        self.name = name
        self.span = span
        self.value = value
        self.origin = origin
        self.sure = sure


class Registry(IntEnum):
    """Where a container's image comes from, as far as its name says."""

    UNKNOWN = 1
    BARE = 2  # `api:1`: no registry is named
    ECR = 3
    DECLARED = 4  # an ECR repository that the project itself makes
    OTHER = 5


class ImageName:
    """What a container calls its image: `name` is the last part without the tag, None where it is not known."""

    __slots__ = ("name", "registry", "span")

    def __init__(self, span: Span, name: str | None, registry: Registry) -> None:
        self.span = span
        self.name = name
        self.registry = registry


class WorkloadFile:
    """A credentials file in a workload: its path there, and the profiles that it has; none when they are not seen.

    `certain` when its keys are seen, `mounted` when it is no part of the image.
    """

    __slots__ = ("certain", "mounted", "path", "profiles", "span", "sure")

    def __init__(
        self,
        span: Span,
        path: str,
        profiles: tuple[str, ...],
        sure: Certainty,
        *,
        certain: bool,
        mounted: bool = False,
    ) -> None:
        self.span = span
        self.path = path
        self.profiles = profiles
        self.sure = sure
        self.certain = certain
        self.mounted = mounted


class Evidence:
    """A place by which a program surely calls AWS, and why, as the end of a sentence: "it runs the AWS CLI"."""

    __slots__ = ("span", "why")

    def __init__(self, span: Span, why: str) -> None:
        self.span = span
        self.why = why


class Resource:
    """A bucket, queue, table, topic or stream that a unit makes.

    `addresses` are the names (of values.canonical) that stand for its name, its URL or its
    ARN; `named` is the place of its name, if it is given one; `what` it is called, for a sentence.
    """

    __slots__ = ("addresses", "named", "what")

    def __init__(self, addresses: frozenset[str], named: Span | None, what: str) -> None:
        self.addresses = addresses
        self.named = named
        self.what = what


class Kind(IntEnum):
    """What runs a program, and gives it credentials."""

    ECS_CONTAINER = 1
    BATCH_JOB = 2
    COMPOSE_SERVICE = 3
    LAMBDA_FUNCTION = 4
    INSTANCE = 5


class Workload:
    """What runs a program, mostly a container of a task definition: what its SDK may find credentials in.

    `complete` when all variables that it is given are seen, but for those of its image.
    `env_files` are the base names of its `environmentFiles`, as far as they are known. Once
    the project is joined, `variables` has those of its image and env files as well, `files` are the
    credentials files of its image, `home` is where it looks for them; `sdks` are those that
    the sources of its image use, empty where that is not known. `evidence` is what in its command,
    and in the sources of its image, shows that it calls AWS. `role` is that of what is in no task,
    where the platform can give one. `dockerfile` makes its image, where that is said, with the
    stage that is built. `emulated` when it is, or may be, sent to something else than AWS.
    """

    __slots__ = (
        *("complete", "dockerfile", "emulated", "env_files", "evidence", "files", "home", "image"),
        *("kind", "name", "role", "sdks", "span", "variables"),
    )

    def __init__(
        self,
        name: str,
        span: Span,
        variables: tuple[Variable, ...],
        *,
        complete: bool,
        image: ImageName | None = None,
        env_files: tuple[str, ...] = (),
        evidence: tuple[Evidence, ...] = (),
        kind: Kind = Kind.ECS_CONTAINER,
        role: Slot | None = None,
        dockerfile: tuple[str, str | None] | None = None,
        emulated: bool = False,
    ) -> None:
        self.kind = kind
        self.role = role
        self.dockerfile = dockerfile
        self.emulated = emulated
        self.evidence = evidence
        self.name = name
        self.span = span
        self.variables = variables
        self.complete = complete
        self.image = image
        self.env_files = env_files
        self.files: tuple[WorkloadFile, ...] = ()
        self.home = "/root"
        self.sdks: tuple[str, ...] = ()


class Host:
    """What runs a workload, with its words for the roles and the principals that may assume them.

    `role` is the one that the program gets, `platform` the one with which the host does its own
    work; empty where there is no such thing.
    """

    __slots__ = ("name", "platform", "platform_principal", "principal", "role")

    def __init__(self, name: str, role: str, principal: str, platform: str = "", platform_principal: str = "") -> None:
        self.name = name
        self.role = role
        self.principal = principal
        self.platform = platform
        self.platform_principal = platform_principal


ECS = Host("ECS", "task role", "ecs-tasks.amazonaws.com", "execution role", "ecs-tasks.amazonaws.com")
# https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
APP_RUNNER = Host(
    "App Runner", "instance role", "tasks.apprunner.amazonaws.com", "access role", "build.apprunner.amazonaws.com"
)
CODE_BUILD = Host("CodeBuild", "service role", "codebuild.amazonaws.com")
LAMBDA = Host("Lambda", "execution role", "lambda.amazonaws.com")
EC2 = Host("EC2", "instance role", "ec2.amazonaws.com")


class Task:
    """An ECS task definition, or what overrides one; with another `host` what that one runs, in the same words.

    `launch` are the launch types that it may run on (`FARGATE`, `EC2`, `EXTERNAL`,
    `MANAGED_INSTANCES`); empty when nothing says. `images` are those of its containers, as far as they are
    known. `complete` is false for overrides and fragments: what is missing in them may stand elsewhere.
    `called` when it is declared by a module, with the values that one call gives it: what
    calls say goes before what the module says by itself. `scope` is the unit that declares it.
    """

    __slots__ = (
        *("called", "complete", "execution_role", "features", "host", "images"),
        *("launch", "name", "scope", "span", "task_role", "workloads"),
    )

    def __init__(
        self,
        name: str,
        span: Span,
        task_role: Slot,
        execution_role: Slot,
        *,
        launch: tuple[str, ...] = (),
        features: tuple[Feature, ...] = (),
        images: tuple[str, ...] = (),
        complete: bool = True,
        called: bool = False,
        scope: str = "",
        workloads: tuple[Workload, ...] = (),
        host: Host = ECS,
    ) -> None:
        self.host = host
        self.workloads = workloads
        self.called = called
        self.scope = scope
        self.name = name
        self.span = span
        self.images = images
        self.task_role = task_role
        self.execution_role = execution_role
        self.launch = launch
        self.features = features
        self.complete = complete


class Principal:
    """Whom a statement of a trust policy speaks of.

    `kind` is the policy's word: Service, Federated, AWS, CanonicalUser, or `*` for everybody;
    empty where it is not known.
    """

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: Text) -> None:
        self.kind = kind
        self.text = text


class Statement:
    """A statement of a policy. `allows` is None where its effect is not known.

    With `not_actions` it speaks of all actions but these, with `not_resources` and
    `not_principals` likewise. Only trust policies have principals.
    """

    __slots__ = (
        *("actions", "allows", "conditional", "not_actions", "not_principals"),
        *("not_resources", "principals", "resources", "span"),
    )

    def __init__(
        self,
        span: Span,
        allows: bool | None,
        actions: tuple[Text, ...],
        resources: tuple[Text, ...],
        *,
        not_actions: bool = False,
        not_resources: bool = False,
        conditional: bool = False,
        principals: tuple[Principal, ...] = (),
        not_principals: bool = False,
    ) -> None:
        self.span = span
        self.allows = allows
        self.actions = actions
        self.resources = resources
        self.not_actions = not_actions
        self.not_resources = not_resources
        self.conditional = conditional
        self.principals = principals
        self.not_principals = not_principals


class Policy:
    """A policy document. `unknown` says what of it is not seen, and why; with nothing there it is complete.

    `address` is what other places of the project call it, `name` what IAM calls it.
    """

    __slots__ = ("account", "address", "name", "span", "statements", "unknown")

    def __init__(
        self,
        span: Span,
        statements: tuple[Statement, ...] = (),
        unknown: tuple[str, ...] = (),
        *,
        address: str | None = None,
        name: str | None = None,
        account: str | None = None,
    ) -> None:
        self.span = span
        self.statements = statements
        self.unknown = unknown
        self.address = address
        self.name = name
        self.account = account

    @property
    def complete(self) -> bool:
        return not self.unknown


class Attachment:
    """That a role has a policy: an inline one, or one that is called by its ARN or its address.

    `scope` is the unit that says so: where `role` is not known, it may be any role of that unit.
    """

    __slots__ = ("policy", "role", "scope", "span")

    def __init__(self, span: Span, role: Value, policy: Value | Policy, scope: str = "") -> None:
        self.span = span
        self.role = role
        self.policy = policy
        self.scope = scope


class Grant:
    """A policy that a role has. `span` is where it is given to the role, `managed` its name if it is one of AWS's."""

    __slots__ = ("managed", "policy", "span")

    def __init__(self, policy: Policy, span: Span, managed: str | None = None) -> None:
        self.policy = policy
        self.span = span
        self.managed = managed


class Role:
    """An IAM role as a unit declares it: by which address it is referred to, and its name.

    `alias` stands for its name where that is not known: two roles with one alias are one role.
    `made` is false where a role that is made elsewhere is only looked up. `trust` is None where
    it is not seen; `boundary` is the permissions boundary, if it has one. `unknown` says
    why not all of its policies are seen, as when one comes from outside. `grants` are there
    once the project is joined.
    """

    __slots__ = (
        *("account", "address", "alias", "boundary", "grants", "made", "name"),
        *("path", "scope", "span", "trust", "unknown"),
    )

    def __init__(
        self,
        address: str,
        name: str | None,
        span: Span,
        alias: str | None = None,
        *,
        scope: str = "",
        account: str | None = None,
        path: str | None = None,
        made: bool = True,
        trust: Policy | None = None,
        boundary: Value | None = None,
        grants: tuple[Grant, ...] = (),
        unknown: tuple[str, ...] = (),
    ) -> None:
        self.address = address
        self.name = name
        self.span = span
        self.alias = alias
        self.scope = scope
        self.account = account
        self.path = path
        self.made = made
        self.trust = trust
        self.boundary = boundary
        self.grants = grants
        self.unknown = unknown

    @property
    def managed(self) -> tuple[str, ...]:
        """The names of AWS's own policies that it has."""
        return tuple(grant.managed for grant in self.grants if grant.managed)

    @property
    def why_incomplete(self) -> tuple[str, ...]:
        """What of its permissions is not seen, and why; empty where all of them are."""
        elsewhere = () if self.made else ("it is made elsewhere",)
        return (*elsewhere, *self.unknown, *(reason for grant in self.grants for reason in grant.policy.unknown))

    @property
    def complete(self) -> bool:
        return not self.why_incomplete


class Leak:
    """A place from which the secret of an access key goes on that the configuration itself makes.

    `name` is the key's, `key` its place; `where` says what the secret is written to, for a
    sentence; `to_workload` when something that could have a role gets it. `sink` is where that
    is said, when it is in a module that gets the secret from another.
    """

    __slots__ = ("key", "name", "sink", "span", "to_workload", "where")

    def __init__(
        self, span: Span, where: str, name: str, key: Span, to_workload: bool = False, sink: Span | None = None
    ) -> None:
        self.span = span
        self.sink = sink
        self.to_workload = to_workload
        self.where = where
        self.name = name
        self.key = key


class Explicit:
    """Credentials that a configuration names itself, so that no chain is asked: arguments of a provider or backend.

    `arguments` are the names and places, `owner` what they are given to, for a sentence.
    """

    __slots__ = ("arguments", "owner")

    def __init__(self, owner: str, arguments: tuple[tuple[str, Value], ...]) -> None:
        self.owner = owner
        self.arguments = arguments


class JobKeys:
    """A key that the jobs of a CI workflow are given from the secrets of the service, where a role would do.

    `span` is the place of its secret, `others` those of further ones in the workflow; `by_action`
    when it is given to the action that could take a role as well, and not to an environment.
    """

    __slots__ = ("by_action", "others", "span")

    def __init__(self, span: Span, others: tuple[Span, ...], *, by_action: bool) -> None:
        self.span = span
        self.others = others
        self.by_action = by_action


class Facts:
    """What one unit says, nothing looked up elsewhere.

    `where` is the format's name. `texts` are the sources to be searched for keys as bare
    text: the files of the unit, and those that it reads; `uses` says where these are named, by their path.
    `workloads` are those that are in no task. `log_groups` are the names of those that it makes,
    `misplaced` roles where an instance profile belongs, `origins` what is declared in another file: its place
    here, and that one. `called` are the scopes of other units that it takes in: what they say by themselves is not all.
    `exports` are the roles, by their address, that other stacks may import, and under which name;
    `imports` are the names that it imports itself, by the name of the value that stands for what is imported.
    """

    __slots__ = (
        *("attachments", "build_arguments", "called", "explicit", "exports", "guards", "images", "imports", "job_keys"),
        *("leaks", "log_groups", "misplaced", "origins", "policies", "problems", "resources", "roles", "settings"),
        *("tasks", "texts", "uses", "where", "workloads"),
    )

    def __init__(
        self,
        *,
        texts: Sequence[Source] = (),
        uses: Mapping[str, Span] | None = None,
        settings: Sequence[Setting] = (),
        images: Sequence[Image] = (),
        build_arguments: Sequence[BuildArgument] = (),
        tasks: Sequence[Task] = (),
        roles: Sequence[Role] = (),
        policies: Sequence[Policy] = (),
        attachments: Sequence[Attachment] = (),
        leaks: Sequence[Leak] = (),
        explicit: Sequence[Explicit] = (),
        job_keys: Sequence[JobKeys] = (),
        log_groups: Sequence[Text] = (),
        resources: Sequence[Resource] = (),
        workloads: Sequence[Workload] = (),
        exports: Sequence[tuple[Text, str]] = (),
        imports: Mapping[str, Text] | None = None,
        misplaced: Sequence[Slot] = (),
        origins: Sequence[tuple[Span, Span]] = (),
        guards: Sequence[Guard] = (),
        problems: Sequence[Problem] = (),
        called: frozenset[str] = frozenset(),
    ) -> None:
        self.resources = resources
        self.workloads = workloads
        self.misplaced = misplaced
        self.origins = origins
        self.guards = guards
        self.leaks = leaks
        self.log_groups = log_groups
        self.exports = exports
        self.imports = imports or {}
        self.explicit = explicit
        self.job_keys = job_keys
        self.called = called
        self.where = ""
        self.texts = texts
        self.uses = uses or {}
        self.settings = settings
        self.images = images
        self.build_arguments = build_arguments
        self.tasks = tasks
        self.roles = roles
        self.policies = policies
        self.attachments = attachments
        self.problems = problems


class Project:
    """All units together: all that a rule sees.

    `tasks` are those of ECS, `elsewhere` what other hosts run, `workloads` those that are in no task;
    `sdks` those that all workloads use, as far as somebody said.
    """

    __slots__ = (
        *("build_arguments", "elsewhere", "explicit", "images", "job_keys", "keys", "leaks"),
        *("misplaced", "origins", "problems", "resources", "roles", "sdks", "tasks", "workloads"),
    )

    def __init__(
        self,
        *,
        keys: Sequence[Key] = (),
        images: Sequence[Image] = (),
        build_arguments: Sequence[BuildArgument] = (),
        tasks: Sequence[Task] = (),
        elsewhere: Sequence[Task] = (),
        misplaced: Sequence[Slot] = (),
        origins: Sequence[tuple[Span, Span]] = (),
        roles: Sequence[Role] = (),
        leaks: Sequence[Leak] = (),
        explicit: Sequence[Explicit] = (),
        resources: Sequence[Resource] = (),
        workloads: Sequence[Workload] = (),
        job_keys: Sequence[JobKeys] = (),
        sdks: Sequence[str] = (),
        problems: Sequence[Problem] = (),
    ) -> None:
        self.resources = resources
        self.workloads = workloads
        self.elsewhere = elsewhere
        self.misplaced = misplaced
        self.origins = origins
        self.leaks = leaks
        self.explicit = explicit
        self.job_keys = job_keys
        self.sdks = sdks
        self.keys = keys
        self.images = images
        self.build_arguments = build_arguments
        self.tasks = tasks
        self.roles = roles
        self.problems = problems
