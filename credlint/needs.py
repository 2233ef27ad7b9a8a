"""What the features of a task definition need, and of which of its two roles: one table.

Sources: the ECS agent's task.go and docker_task_engine.go; the Amazon ECS Developer Guide on the
task execution role, the task role, ECS Exec, FireLens and EFS; for the log routers' and
X-Ray's calls AWS's own policies (credlint.managed).
"""

from __future__ import annotations

from . import iam, lazy
from .iam import Answer
from .members import IntEnum
from .model import FeatureKind, Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Feature, Role, Slot, Task
    from .text import Span


class Side(IntEnum):
    """Whose role it is: ECS's own, the execution role, or the application's, the task role."""

    EXECUTION = 1
    TASK = 2


class On(IntEnum):
    """What an action is done on."""

    ALL = 1  # it takes no resource: only `*` allows it
    SOME = 2  # something that the task definition does not name in a way that could be compared
    TARGET = 3  # what the feature refers to
    BUCKET = 4  # the bucket of what it refers to


class Permission:
    """An action that a feature takes. With `service` only where the feature refers to something of that service."""

    __slots__ = ("action", "on", "service")

    def __init__(self, action: str, on: On = On.SOME, service: str = "") -> None:
        self.action = action
        self.on = on
        self.service = service


class Need:
    """What a feature needs of a role.

    `does` is what the role is used for, as a verb. `everywhere`: it takes the role on every
    launch type; else the instance's role will do on EC2. `may_need` are actions that it
    takes in some cases (a key of one's own for encryption), which cannot be seen.
    """

    __slots__ = ("does", "everywhere", "may_need", "permissions", "side")

    def __init__(
        self,
        side: Side,
        does: str,
        *permissions: Permission,
        may_need: tuple[str, ...] = (),
        everywhere: bool = True,
    ) -> None:
        self.side = side
        self.does = does
        self.permissions = permissions
        self.may_need = may_need
        self.everywhere = everywhere


# ── the table ──

_PARAMETER = Permission("ssm:GetParameters", On.TARGET, "ssm")
_SECRET = Permission("secretsmanager:GetSecretValue", On.TARGET, "secretsmanager")
_FILE = (Permission("s3:GetObject", On.TARGET, "s3"), Permission("s3:GetBucketLocation", On.BUCKET, "s3"))
_KEY = ("kms:Decrypt",)
_LOGS = (Permission("logs:CreateLogStream"), Permission("logs:PutLogEvents"))
# A parameter can refer to a secret: parameter/aws/reference/secretsmanager/NAME.
_EITHER_SECRET = ("kms:Decrypt", "ssm:GetParameters", "secretsmanager:GetSecretValue")

TABLE = {
    FeatureKind.SECRET: Need(Side.EXECUTION, "fetch the secrets", _PARAMETER, _SECRET, may_need=_EITHER_SECRET),
    FeatureKind.SECRET_OPTION: Need(
        Side.EXECUTION, "fetch the log driver's secrets", _PARAMETER, _SECRET, may_need=_EITHER_SECRET
    ),
    FeatureKind.REGISTRY_CREDENTIALS: Need(Side.EXECUTION, "fetch the registry's password", _SECRET, may_need=_KEY),
    FeatureKind.ENVIRONMENT_FILE: Need(Side.EXECUTION, "read the environment files", *_FILE, may_need=_KEY),
    FeatureKind.FIRELENS_S3_CONFIG: Need(Side.EXECUTION, "read the FireLens configuration", *_FILE, may_need=_KEY),
    FeatureKind.CREDENTIAL_SPEC: Need(
        Side.EXECUTION,
        "read the gMSA credential spec",
        _PARAMETER,
        *_FILE,
        may_need=("kms:Decrypt", "secretsmanager:GetSecretValue"),
    ),
    FeatureKind.FSX_VOLUME: Need(
        Side.EXECUTION,
        "mount the FSx volume",
        Permission("fsx:DescribeFileSystems"),
        _PARAMETER,
        _SECRET,
        may_need=_EITHER_SECRET,
    ),
    FeatureKind.ECR_IMAGE: Need(
        Side.EXECUTION,
        "pull the image from ECR",
        Permission("ecr:GetAuthorizationToken", On.ALL),
        Permission("ecr:BatchCheckLayerAvailability", On.TARGET, "ecr"),
        Permission("ecr:GetDownloadUrlForLayer", On.TARGET, "ecr"),
        Permission("ecr:BatchGetImage", On.TARGET, "ecr"),
        everywhere=False,
    ),
    FeatureKind.AWSLOGS: Need(Side.EXECUTION, "write the logs", *_LOGS, everywhere=False),
    FeatureKind.AWSLOGS_CREATE_GROUP: Need(
        Side.EXECUTION, "create the log group", Permission("logs:CreateLogGroup"), everywhere=False
    ),
    # What the router does before it writes depends on its options.
    FeatureKind.FIRELENS_DESTINATION: Need(
        Side.TASK,
        "deliver the logs",
        Permission("logs:PutLogEvents", service="logs"),
        Permission("firehose:PutRecordBatch", service="firehose"),
        Permission("kinesis:PutRecords", service="kinesis"),
        Permission("s3:PutObject", service="s3"),
        may_need=(
            *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams"),
            *("logs:PutRetentionPolicy", "firehose:PutRecord", "kms:GenerateDataKey", "kms:Decrypt"),
        ),
    ),
    # The file system's own policy can allow it as well.
    FeatureKind.EFS_IAM: Need(
        Side.TASK,
        "mount the EFS volume",
        Permission("elasticfilesystem:ClientMount"),
        may_need=("elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"),
    ),
    # With a log configuration it writes its session to CloudWatch Logs or S3.
    FeatureKind.ECS_EXEC: Need(
        Side.TASK,
        "open a session with ECS Exec",
        Permission("ssmmessages:CreateControlChannel", On.ALL),
        Permission("ssmmessages:CreateDataChannel", On.ALL),
        Permission("ssmmessages:OpenControlChannel", On.ALL),
        Permission("ssmmessages:OpenDataChannel", On.ALL),
        may_need=(
            *("logs:DescribeLogGroups", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            *("s3:GetBucketLocation", "s3:GetEncryptionConfiguration", "s3:PutObject", "kms:Decrypt"),
        ),
        everywhere=False,
    ),
    FeatureKind.XRAY_SIDECAR: Need(
        Side.TASK,
        "send the traces",
        Permission("xray:PutTraceSegments"),
        may_need=(
            *("xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
            "xray:GetSamplingStatisticSummaries",
        ),
        everywhere=False,
    ),
}

# All that a feature may make ECS call with the execution role.
AGENT_ACTIONS = frozenset(
    action
    for need in TABLE.values()
    if need.side is Side.EXECUTION
    for action in (*need.may_need, *(permission.action for permission in need.permissions))
)

# The plugins of Fluent Bit, and Fluentd's, that write to AWS, by the service that they call.
DESTINATIONS = {
    "cloudwatch": "logs",
    "cloudwatch_logs": "logs",
    "firehose": "firehose",
    "kinesis_firehose": "firehose",
    "kinesis": "kinesis",
    "kinesis_streams": "kinesis",
    "s3": "s3",
}

# ── whose an action is ──


class Caller(IntEnum):
    """Who makes a call: it tells on which role a permission for it belongs."""

    AGENT = 1  # ECS, with the execution role
    APPLICATION = 2  # what runs in a container, with the task role; ECS never does
    INSTANCE = 3  # the container instance
    SERVICE = 4  # ECS for a service with a load balancer, with the service role
    INFRASTRUCTURE = 5  # ECS for volumes, certificates and load balancers, with the infrastructure role


# What ECS and applications both call (GetSecretValue, GetParameters, Decrypt, GetObject,
# GetBucketLocation, CreateLogGroup, CreateLogStream, PutLogEvents) is in no row: there only
# the resource tells. A name that ends in `*` stands for all that begin so.
_CALLS = {
    Caller.AGENT: """
        ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage
        fsx:DescribeFileSystems
    """,
    Caller.APPLICATION: """
        ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel
        ssmmessages:OpenDataChannel elasticfilesystem:ClientMount elasticfilesystem:ClientWrite
        elasticfilesystem:ClientRootAccess xray:* cloudwatch:PutMetricData appmesh:StreamAggregatedResources
        firehose:Put* kinesis:Put* dynamodb:* sqs:* sns:* s3:PutObject s3:ListBucket s3:DeleteObject ses:Send*
        bedrock:* lambda:InvokeFunction states:* events:PutEvents rds-db:connect cognito-idp:* sts:AssumeRole
        logs:DescribeLogGroups logs:DescribeLogStreams logs:PutRetentionPolicy s3:GetEncryptionConfiguration
    """,
    Caller.INSTANCE: """
        ecs:Poll ecs:RegisterContainerInstance ecs:DeregisterContainerInstance ecs:DiscoverPollEndpoint
        ecs:StartTelemetrySession ecs:Submit* ecs:UpdateContainerInstancesState
    """,
    Caller.SERVICE: """
        elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets ec2:AuthorizeSecurityGroupIngress
    """,
    Caller.INFRASTRUCTURE: """
        ec2:CreateVolume ec2:AttachVolume ec2:DetachVolume ec2:DeleteVolume acm-pca:IssueCertificate
        vpc-lattice:RegisterTargets
    """,
}
CALLS = {caller: tuple(text.split()) for caller, text in _CALLS.items()}


def callers(action: str) -> frozenset[Caller]:
    """Who makes the calls that an action of a policy stands for; empty where it does not tell.

    A wildcard stands for calls of several, or for others too: `s3:*` is what an application
    needs, and all that ECS needs of S3.
    """
    lower = action.lower()
    return frozenset(caller for caller, calls in CALLS.items() if any(_meet(lower, call.lower()) for call in calls))


def _meet(pattern: str, call: str) -> bool:
    """Whether an action of a policy and one of the table have a call in common."""
    if not call.endswith("*"):
        return iam.matches_text(pattern, call)
    begin = call[:-1]
    ends = [at for at in (pattern.find("*"), pattern.find("?")) if at >= 0]
    head = pattern[: min(ends)] if ends else pattern
    return head.startswith(begin) or (bool(ends) and begin.startswith(head))


# ── questions ──


def slot_of(task: Task, side: Side) -> Slot:
    """The slot of a task definition that holds the role of that side."""
    return task.execution_role if side is Side.EXECUTION else task.task_role


def takes_role(task: Task, kind: FeatureKind) -> bool:
    """Whether the feature surely takes the role, on a launch type on which the task may run."""
    return TABLE[kind].everywhere or any(launch != "EC2" for launch in task.launch)


def required(feature: Feature) -> Iterator[tuple[Permission, tuple[Text, ...] | None]]:
    """The permissions that a feature surely takes, each with the resource in its possible spellings.

    One of the spellings must be allowed. None stands for a resource that is not told here.
    Of a target whose service is not known nothing is said.
    """
    for permission in TABLE[feature.kind].permissions:
        if permission.on is On.ALL:
            yield permission, (Text(feature.span, ("*",)),)
        elif not permission.service:
            yield permission, None
        else:
            for target in feature.targets:
                if service_of(feature, target) == permission.service:
                    yield permission, _resources(permission, target)


class Lack:
    """A permission that a feature takes and its role surely lacks.

    `span` is what it is lacking for, `elsewhere` where it is given to the other role of the
    task definition instead.
    """

    __slots__ = ("action", "elsewhere", "span")

    def __init__(self, action: str, span: Span, elsewhere: Span | None) -> None:
        self.action = action
        self.span = span
        self.elsewhere = elsewhere


def lacking(task: Task, feature: Feature, side: Side) -> list[Lack]:
    """What the role of that side surely lacks for a feature; nothing where its role is not known."""
    role = slot_of(task, side).role
    other = slot_of(task, Side.TASK if side is Side.EXECUTION else Side.EXECUTION).role
    if role is None or TABLE[feature.kind].side is not side:
        return []
    found: list[Lack] = []
    for permission, resources in required(feature):
        if _answer(role, permission, resources) is Answer.NO:
            span = resources[0].span if resources else feature.span
            gives = other is not None and _answer(other, permission, resources) is Answer.YES
            found.append(Lack(permission.action, span, _place(other, permission.action) if other and gives else None))
    return found


def _answer(role: Role, permission: Permission, resources: tuple[Text, ...] | None) -> Answer:
    if resources is None:
        return iam.grants(role, permission.action)
    return max(iam.grants(role, permission.action, resource) for resource in resources)


def _place(role: Role, action: str) -> Span | None:
    """Where a role is given an action."""
    for grant in role.grants:
        for statement in grant.policy.statements:
            for text in statement.actions:
                if statement.allows and not statement.not_actions and text.known:
                    if iam.matches_text(text.known.lower(), action.lower()):
                        return text.span
    return None


def needed_actions(task: Task, side: Side) -> frozenset[str]:
    """All actions that a task definition needs or may need of the role of that side."""
    found: set[str] = set()
    for feature in task.features:
        need = TABLE[feature.kind]
        if need.side is side:
            found.update(need.may_need, (permission.action for permission in need.permissions))
    return frozenset(found)


# ── what a feature refers to ──

_ADDRESSES = {
    "secretsmanager_secret": "secretsmanager",
    "AWS::SecretsManager::Secret.": "secretsmanager",
    "ssm_parameter": "ssm",
    "AWS::SSM::Parameter.": "ssm",
}
_IMAGE = lazy.pattern(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([a-z0-9._/-]+)")


def without_made(features: Sequence[Feature], log_groups: Sequence[Text]) -> tuple[Feature, ...]:
    """The features but for the log groups to create that the project makes, or may make, itself.

    The log driver creates a group only where there is none.
    """
    return tuple(
        feature
        for feature in features
        if feature.kind is not FeatureKind.AWSLOGS_CREATE_GROUP
        or all(iam.matches(name, target) is Answer.NO for name in log_groups for target in feature.targets)
    )


def service_of(feature: Feature, target: Text) -> str | None:
    """The service in which the target of a feature lies, as it is called in ARNs; None where it is not known."""
    known = target.known
    if feature.kind is FeatureKind.FIRELENS_DESTINATION:
        return DESTINATIONS.get(known or "")
    if feature.kind is FeatureKind.ECR_IMAGE:
        return "ecr"
    if feature.kind is FeatureKind.REGISTRY_CREDENTIALS:
        return "secretsmanager"
    first = target.parts[0] if target.parts else ""
    if isinstance(first, Hole):
        # The address of a resource says what it is.
        name = first.name or ""
        return next((service for sign, service in _ADDRESSES.items() if sign in name), None)
    start = first.find("arn:")
    if start >= 0:
        pieces = "".join(part if isinstance(part, str) else "\0" for part in target.parts)[start:].split(":", 3)
        return pieces[2] if len(pieces) > 3 and "\0" not in pieces[2] else None
    if feature.kind in (FeatureKind.SECRET, FeatureKind.SECRET_OPTION) and known:
        return "ssm"  # a plain name is that of a parameter
    return None


def _resources(permission: Permission, target: Text) -> tuple[Text, ...] | None:
    """The resource of a policy that a target stands for, in its possible spellings."""
    if permission.service == "ecr":
        return _repository(target)
    if permission.on is On.SOME:
        return None
    arn = _from_arn(target)
    if permission.service == "s3":
        return (_bucket(arn) if permission.on is On.BUCKET else arn,)
    if permission.service == "secretsmanager":
        whole = _secret(arn)
        # IAM appends six characters to a secret's name; an ARN without them finds it, too.
        return (whole, Text(whole.span, (*whole.parts, "-", Hole()))) if isinstance(whole.parts[0], str) else (whole,)
    if isinstance(arn.parts[0], str) and not arn.parts[0].startswith("arn:"):
        name = (arn.known or "").lstrip("/")
        return (Text(arn.span, ("arn:", Hole(), ":ssm:", Hole(), ":", Hole(), f":parameter/{name}")),)
    return (arn,)


def _from_arn(target: Text) -> Text:
    """The target without what stands before its ARN (`credentialspec:`)."""
    first = target.parts[0]
    start = first.find("arn:") if isinstance(first, str) else 0
    return Text(target.span, (str(first)[start:], *target.parts[1:])) if start > 0 else target


def _secret(arn: Text) -> Text:
    """The ARN of a secret without the JSON key and the version that may follow it."""
    colons = 6 if isinstance(arn.parts[0], str) else 0
    parts: list[str | Hole] = []
    for part in arn.parts:
        if isinstance(part, Hole):
            parts.append(part)
            continue
        pieces = part.split(":")
        if len(pieces) - 1 > colons:
            parts.append(":".join(pieces[: colons + 1]))
            break
        colons -= len(pieces) - 1
        parts.append(part)
    return Text(arn.span, tuple(part for part in parts if part) or (Hole(),))


def _bucket(arn: Text) -> Text:
    parts: list[str | Hole] = []
    for part in arn.parts:
        if isinstance(part, str) and "/" in part:
            parts.append(part.partition("/")[0])
            return Text(arn.span, tuple(part for part in parts if part))
        parts.append(part)
    return Text(arn.span, (Hole(),))  # the bucket's name may lie in what is not known


def _repository(target: Text) -> tuple[Text, ...] | None:
    found = _IMAGE.match(target.known or "")
    if found is None:
        return None
    account, region, name = found.groups()
    return (Text(target.span, ("arn:", Hole(), f":ecr:{region}:{account}:repository/{name}")),)
