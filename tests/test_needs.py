"""What a task definition needs of its roles, from the text of a definition to the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credlint import managed, needs
from credlint.files import Files
from credlint.formats import ecs
from credlint.model import Feature, FeatureKind, Grant, Hole, Role, Task, Text
from credlint.needs import Caller, On, Permission, Side, callers, judged, needed_actions, required, service_of
from credlint.text import Source

from .test_iam import SPAN, allow, having, policy

DOCS = Path(__file__).parent.parent / "docs" / "roles.md"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/api/db"
KINDS = {kind.name: kind for kind in FeatureKind}


def task(container: dict[str, object], **more: object) -> Task:
    definition = {"family": "api", "containerDefinitions": [{"name": "api", "image": "api:1", **container}], **more}
    (found,) = ecs.read([Source("td.json", json.dumps(definition))], Files()).tasks
    return found


def feature(container: dict[str, object], **more: object) -> Feature:
    (found,) = task(container, **more).features
    return found


def written(text: Text) -> str:
    return "".join(part if isinstance(part, str) else "•" for part in text.parts)


def asked(feature: Feature) -> list[str]:
    """Each permission that the feature takes, with its resources; `•` is what is not known."""
    return [
        " ".join((permission.action, *(written(text) for text in resources or ())))
        for permission, resources in required(feature)
    ]


def lacks(role: Role, feature: Feature) -> list[str]:
    side = needs.TABLE[feature.kind].side
    held = task({})
    held.features = (feature,)
    needs.slot_of(held, side).role = role
    assert judged(held, Side.TASK if side is Side.EXECUTION else Side.EXECUTION) == ([], [])
    return [action for lack in judged(held, side)[0] for action in lack.actions.split(" and ")]


def secrets(*names: str) -> dict[str, object]:
    return {"secrets": [{"name": "X", "valueFrom": name} for name in names]}


def test_every_feature_has_a_row() -> None:
    assert set(needs.TABLE) == set(FeatureKind)
    for need in needs.TABLE.values():
        assert need.permissions
        assert not {permission.action for permission in need.permissions} & {""}


@pytest.mark.parametrize(
    ("container", "volumes", "kind", "permissions"),
    [
        (secrets(SECRET), [], "SECRET", [f"secretsmanager:GetSecretValue {SECRET} {SECRET}-•"]),
        (secrets(f"{SECRET}:password::"), [], "SECRET", [f"secretsmanager:GetSecretValue {SECRET} {SECRET}-•"]),
        (secrets(PARAMETER), [], "SECRET", [f"ssm:GetParameters {PARAMETER}"]),
        (secrets("/api/db"), [], "SECRET", ["ssm:GetParameters arn:•:ssm:•:•:parameter/api/db"]),
        (secrets("db", SECRET), [], "SECRET", ["ssm:GetParameters arn:•:ssm:•:•:parameter/db", f"secretsmanager:GetSecretValue {SECRET} {SECRET}-•"]),
        (secrets("${somewhere}"), [], "SECRET", []),
        (
            secrets("arn:aws:secretsmanager:${region}:<ACCOUNT>:secret:db:password::"),
            [],
            "SECRET",
            ["secretsmanager:GetSecretValue arn:aws:secretsmanager:•:•:secret:db arn:aws:secretsmanager:•:•:secret:db-•"],
        ),
        (
            {"repositoryCredentials": {"credentialsParameter": SECRET}},
            [],
            "REGISTRY_CREDENTIALS",
            [f"secretsmanager:GetSecretValue {SECRET} {SECRET}-•"],
        ),
        (
            {"environmentFiles": [{"value": "arn:aws:s3:::bucket/prod/api.env", "type": "s3"}]},
            [],
            "ENVIRONMENT_FILE",
            ["s3:GetObject arn:aws:s3:::bucket/prod/api.env", "s3:GetBucketLocation arn:aws:s3:::bucket"],
        ),
        (
            {"firelensConfiguration": {"options": {"config-file-type": "s3", "config-file-value": "arn:aws:s3:::${b}/x"}}},
            [],
            "FIRELENS_S3_CONFIG",
            ["s3:GetObject arn:aws:s3:::•/x", "s3:GetBucketLocation arn:aws:s3:::•"],
        ),
        (
            {"credentialSpecs": [f"credentialspecdomainless:{PARAMETER}", "credentialspec:arn:aws:s3:::b/k"]},
            [],
            "CREDENTIAL_SPEC",
            [f"ssm:GetParameters {PARAMETER}", "s3:GetObject arn:aws:s3:::b/k", "s3:GetBucketLocation arn:aws:s3:::b"],
        ),
        (
            {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/api:1.2"},
            [],
            "ECR_IMAGE",
            [
                "ecr:GetAuthorizationToken *",
                *(
                    f"ecr:{action} arn:•:ecr:eu-west-1:123456789012:repository/team/api"
                    for action in ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")
                ),
            ],
        ),
        ({"logConfiguration": {"logDriver": "awslogs"}}, [], "AWSLOGS", ["logs:CreateLogStream", "logs:PutLogEvents"]),
        (
            {"logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "kinesis_firehose"}}},
            [],
            "FIRELENS_DESTINATION",
            ["firehose:PutRecordBatch"],
        ),
        ({"image": "public.ecr.aws/xray/aws-xray-daemon:3.x"}, [], "XRAY_SIDECAR", ["xray:PutTraceSegments"]),
        (
            {},
            [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "authorizationConfig": {"iam": "ENABLED"}}}],
            "EFS_IAM",
            ["elasticfilesystem:ClientMount"],
        ),
        (
            {},
            [{"fsxWindowsFileServerVolumeConfiguration": {"authorizationConfig": {"credentialsParameter": PARAMETER}}}],
            "FSX_VOLUME",
            ["fsx:DescribeFileSystems", f"ssm:GetParameters {PARAMETER}"],
        ),
    ],
)  # fmt: skip
def test_from_the_definition_to_the_permissions(
    container: dict[str, object], volumes: list[object], kind: str, permissions: list[str]
) -> None:
    found = feature(container, volumes=volumes)
    assert found.kind is KINDS[kind]
    assert asked(found) == permissions


def test_log_groups_are_created_only_when_it_says_so() -> None:
    def kinds(value: object) -> list[FeatureKind]:
        log = {"logDriver": "awslogs", "options": {"awslogs-group": "api", "awslogs-create-group": value}}
        return [found.kind for found in task({"logConfiguration": log}).features]

    assert kinds("true") == [FeatureKind.AWSLOGS, FeatureKind.AWSLOGS_CREATE_GROUP]
    assert kinds("false") == kinds("${create}") == [FeatureKind.AWSLOGS]


def test_efs_without_iam_needs_nothing() -> None:
    for iam in ("DISABLED", "${iam}", None):
        volume = {"efsVolumeConfiguration": {"authorizationConfig": {"iam": iam}}}
        assert not task({}, volumes=[volume]).features


def test_the_address_of_a_secret_tells_what_it_is() -> None:
    def of(*parts: str | Hole) -> Feature:
        return Feature(FeatureKind.SECRET, SPAN, None, (Text(SPAN, parts),))

    secret = Hole("m:aws_secretsmanager_secret.db.arn")
    assert asked(of(secret, ":password::")) == ["secretsmanager:GetSecretValue •"]
    assert asked(of(Hole("m:aws_ssm_parameter.db.arn"))) == ["ssm:GetParameters •"]
    assert asked(of(Hole("m:var.secret"))) == asked(of(Hole())) == []
    assert asked(of("arn:aws:", Hole("m:var.service"), ":x")) == []
    assert service_of(of(""), Text(SPAN, ())) is None


def test_what_the_execution_policy_lacks() -> None:
    role = Role("r", "r", SPAN, grants=(Grant(managed.policy("AmazonECSTaskExecutionRolePolicy", SPAN), SPAN),))
    assert lacks(role, feature({"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api"})) == []
    assert lacks(role, feature({"logConfiguration": {"logDriver": "awslogs"}})) == []
    assert lacks(role, feature(secrets(SECRET))) == ["secretsmanager:GetSecretValue"]
    assert lacks(role, feature(secrets("db"))) == ["ssm:GetParameters"]
    assert lacks(role, feature(secrets("${db}"))) == []
    assert lacks(role, Feature(FeatureKind.AWSLOGS_CREATE_GROUP, SPAN, None)) == ["logs:CreateLogGroup"]
    assert len(lacks(role, Feature(FeatureKind.ECS_EXEC, SPAN, None))) == 4


@pytest.mark.parametrize(
    ("resource", "missing"),
    [
        ("*", False),
        (SECRET, False),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-??????", False),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-*", True),
        ("arn:aws:secretsmanager:us-east-1:123456789012:secret:db-*", True),
        ("${secret}", False),
        ([SECRET.replace("db", "a"), "arn:aws:secretsmanager:*:${account}:secret:*"], False),
    ],
)
def test_the_secret_must_be_allowed(resource: object, missing: bool) -> None:
    found = lacks(having(allow("secretsmanager:GetSecretValue", resource)), feature(secrets(f"{SECRET}:key::")))
    assert bool(found) is missing


def test_a_secret_without_its_suffix() -> None:
    bare = feature(secrets("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"))
    for resource, missing in (("db", False), ("db-*", False), ("db-??????", False), ("d*", False), ("other*", True)):
        arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{resource}"
        assert bool(lacks(having(allow("secretsmanager:*", arn)), bare)) is missing, resource


def test_an_authorization_token_is_for_all_repositories() -> None:
    image = feature({"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1"})
    repository = "arn:aws:ecr:eu-west-1:123456789012:repository/api"
    assert lacks(having(allow("ecr:*", repository)), image) == ["ecr:GetAuthorizationToken"]
    assert lacks(having(allow("ecr:*", repository), allow("ecr:GetAuthorizationToken")), image) == []
    other = allow("ecr:*", repository.replace("/api", "/web"))
    assert len(lacks(having(other, allow("ecr:GetAuthorizationToken")), image)) == 3


def test_nothing_is_missing_where_not_all_is_seen() -> None:
    partly = Role("r", "r", SPAN, grants=(Grant(policy(allow("sqs:*")), SPAN),), unknown=("a variable",))
    assert lacks(partly, feature(secrets(SECRET))) == []
    unseen = task(secrets(SECRET))
    assert judged(unseen, Side.EXECUTION) == ([], list(unseen.features))
    unseen.execution_role.role = partly
    assert judged(unseen, Side.EXECUTION) == ([], list(unseen.features))
    unseen.execution_role.role = having(allow("secretsmanager:*"))
    assert judged(unseen, Side.EXECUTION) == ([], [])


def test_needed_actions() -> None:
    found = task(
        {**secrets(SECRET), "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "cloudwatch"}}}
    )
    assert "secretsmanager:GetSecretValue" in needed_actions(found, Side.EXECUTION)
    assert "kms:Decrypt" in needed_actions(found, Side.EXECUTION)
    assert "logs:PutLogEvents" in needed_actions(found, Side.TASK)
    assert "logs:PutLogEvents" not in needed_actions(found, Side.EXECUTION)


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ("ecr:BatchGetImage", {Caller.AGENT}),
        ("ecr:*", {Caller.AGENT}),
        ("dynamodb:PutItem", {Caller.APPLICATION}),
        ("DynamoDB:Put*", {Caller.APPLICATION}),
        ("dynamodb:*", {Caller.APPLICATION}),
        ("s3:*", {Caller.APPLICATION}),
        ("s3:Get*", {Caller.APPLICATION}),
        ("s3:GetObject", set()),
        ("secretsmanager:GetSecretValue", set()),
        ("kms:*", set()),
        ("ssm:*", set()),
        ("ssmmessages:*", {Caller.APPLICATION}),
        ("ecs:Submit*", {Caller.INSTANCE}),
        ("ecs:SubmitTaskStateChange", {Caller.INSTANCE}),
        ("firehose:PutRecordBatch", {Caller.APPLICATION}),
        ("firehose:DescribeDeliveryStream", set()),
        ("firehose:P?tRecord", {Caller.APPLICATION}),
        ("elasticloadbalancing:*", {Caller.SERVICE}),
        ("*", set(Caller)),
    ],
)
def test_callers(action: str, who: set[Caller]) -> None:
    assert callers(action) == who


# ── docs/roles.md ──

LABELS = {
    FeatureKind.SECRET: "`secrets` of a container",
    FeatureKind.SECRET_OPTION: "`secretOptions` of a log configuration",
    FeatureKind.REGISTRY_CREDENTIALS: "`repositoryCredentials`",
    FeatureKind.ENVIRONMENT_FILE: "`environmentFiles`",
    FeatureKind.FIRELENS_S3_CONFIG: "`firelensConfiguration` with `config-file-type` `s3`",
    FeatureKind.CREDENTIAL_SPEC: "`credentialSpecs` (gMSA)",
    FeatureKind.FSX_VOLUME: "`fsxWindowsFileServerVolumeConfiguration`",
    FeatureKind.ECR_IMAGE: "an `image` in ECR",
    FeatureKind.AWSLOGS: "the log driver `awslogs`",
    FeatureKind.AWSLOGS_CREATE_GROUP: "`awslogs-create-group`",
    FeatureKind.FIRELENS_DESTINATION: "the log driver `awsfirelens` with a destination in AWS",
    FeatureKind.EFS_IAM: "`efsVolumeConfiguration` with `iam` `ENABLED`",
    FeatureKind.ECS_EXEC: "`enableExecuteCommand` of the service",
    FeatureKind.XRAY_SIDECAR: "the X-Ray daemon beside it",
    FeatureKind.RUNTIME_SECRET: "`runtime_environment_secrets` of App Runner (its instance role)",
    FeatureKind.ENCRYPTED_SECRET: "a secret of the project under a key of one's own",
    FeatureKind.GUARDED_VOLUME: "the same, where the file system's own policy does not allow it",
}
SERVICES = {"ssm": "a parameter", "secretsmanager": "a secret", "ecr": "the repository", "s3": "the file"}
DESTINATIONS = {"logs": "CloudWatch Logs", "firehose": "Firehose", "kinesis": "Kinesis", "s3": "S3"}


def test_docs_hold_the_table(request: pytest.FixtureRequest) -> None:
    page = DOCS.read_text(encoding="utf-8")
    head, begin, rest = page.partition("<!-- generated by `pytest --update` -->\n")
    assert begin
    _, end, tail = rest.partition("<!-- end -->\n")
    assert end
    written = f"{head}{begin}\n{table()}\n{end}{tail}"
    if request.config.getoption("update"):
        DOCS.write_text(written, encoding="utf-8")
    else:
        assert page == written


def table() -> str:
    lines = ["| feature | role | what for | needs | may need | where |", "|---|---|---|---|---|---|"]
    for kind, need in needs.TABLE.items():
        role = "execution" if need.side is Side.EXECUTION else "task"
        takes = "<br>".join(permission_label(kind, permission) for permission in need.permissions)
        more = "<br>".join(f"`{action}`" for action in need.may_need)
        where = "everywhere" if need.everywhere else "not on EC2"
        lines.append(f"| {LABELS[kind]} | {role} | {need.does} | {takes} | {more} | {where} |")
    return "\n".join(lines) + "\n"


def permission_label(kind: FeatureKind, permission: Permission) -> str:
    on = ""
    if permission.on is On.ALL:
        on = " on `*`"
    elif kind is FeatureKind.FIRELENS_DESTINATION:
        on = f" for {DESTINATIONS[permission.service]}"
    elif permission.service:
        on = f" on {'the bucket' if permission.on is On.BUCKET else SERVICES[permission.service]}"
    return f"`{permission.action}`{on}"
