"""The rules about roles on hand-made projects: what policies and trust say, whatever format they came from."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from credlint import managed, purpose
from credlint.finding import Confidence, Finding, Severity
from credlint.model import Feature, FeatureKind, Grant, Project, Role, Slot, Task, Text, Value
from credlint.registry import get, rules
from credlint.text import Source, Span

from .test_iam import allow, deny, having, policy, trust

TASK = Source("task.json", "task execution feature")
ROLE = Source("role.json", "first second third fourth")
AT_TASK, AT_EXECUTION, AT_FEATURE = TASK.span(0, 4), TASK.span(5, 14), TASK.span(15, 22)


def role(*grants: str | dict[str, object], name: str = "r", trusts: str | None = None, unknown: str = "") -> Role:
    """A role with AWS's policies of these names, and with these statements."""
    places = iter([ROLE.span(0, 5), ROLE.span(6, 12), ROLE.span(13, 18), ROLE.span(19, 25)])
    found: list[Grant] = []
    for given in grants:
        place = next(places)
        if isinstance(given, str):
            found.append(Grant(managed.policy(given, place), place, given))
        else:
            found.append(Grant(having(given).grants[0].policy, place))
    trusted = policy(trust({"Service": trusts})) if trusts else None
    return Role(name, name, ROLE.span(), grants=tuple(found), trust=trusted, unknown=(unknown,) if unknown else ())


def slot(field: str, held: Role | str | None, place: Span) -> Slot:
    """A slot that holds a role of the project, one that is only named, or nothing."""
    if held is None:
        return Slot(field, None)
    if isinstance(held, str):
        found = Slot(field, Value(place, held))
        found.role_name = held
        return found
    found = Slot(field, Value(place, name=held.address))
    found.role, found.role_name, found.address = held, held.name, held.address
    return found


def task(
    application: Role | str | None, execution: Role | str | None, *features: Feature, images: tuple[str, ...] = ()
) -> Task:
    return Task(
        "api",
        TASK.span(),
        slot("taskRoleArn", application, AT_TASK),
        slot("executionRoleArn", execution, AT_EXECUTION),
        features=features,
        images=images,
    )


def findings(id: str, *tasks: Task) -> list[Finding]:
    return [finding for finding in get(id).check(Project(tasks=tasks)) if not finding.pedantic]


def doubts(*tasks: Task) -> list[Finding]:
    """What could not be known, as --pedantic shows it."""
    found = [finding for id in ("ROLE206", "ROLE207") for finding in get(id).check(Project(tasks=tasks))]
    return [finding for finding in found if finding.pedantic]


def target(text: str) -> tuple[Text, ...]:
    return (Text(AT_FEATURE, (text,)),)


def places(finding: Finding) -> Iterator[str]:
    yield finding.span.text
    for related in finding.related:
        yield related.span.text


# ── ROLE209 ──


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("AmazonEC2ContainerServiceforEC2Role", "container instances"),
        ("AmazonEC2ContainerServiceRole", "services with a load balancer"),
        ("AmazonECSInfrastructureRolePolicyForVolumes", "ECS's infrastructure"),
        ("AmazonECSInfrastructureRoleforExpressGatewayServices", "ECS's infrastructure"),
    ],
)
def test_the_policy_of_another_kind_of_role(name: str, whose: str) -> None:
    (found,) = findings(
        "ROLE209", task(None, role("AmazonECSTaskExecutionRolePolicy", name, trusts="ec2.amazonaws.com"))
    )
    assert whose in found.message
    assert list(places(found)) == ["execution", "second"]
    assert (found.severity, found.confidence) == (Severity.ERROR, Confidence.HIGH)
    # Tasks may assume it, or it is not seen who may: it can work, and is allowed what it should not be.
    for trusts in ("ecs-tasks.amazonaws.com", None):
        (found,) = findings("ROLE209", task(role(name, trusts=trusts), None))
        assert list(places(found)) == ["task", "first"]
        assert found.severity is Severity.WARNING


def test_the_right_policies_are_silent() -> None:
    execution = role("AmazonECSTaskExecutionRolePolicy", "CloudWatchAgentServerPolicy", name="ecsInstanceRole")
    assert not findings("ROLE209", task(role("AmazonS3FullAccess"), execution))


def test_a_name_counts_where_the_role_is_only_looked_up() -> None:
    named = role(name="ecsInstanceRole")
    assert not findings("ROLE209", task(named, None))
    named.made = False
    (found,) = findings("ROLE209", task(named, None))
    assert found.confidence is Confidence.MEDIUM


# ── ROLE203 ──

AGENT = allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"])


def test_an_execution_role_by_its_policies() -> None:
    (found,) = findings(
        "ROLE203", task(role("AmazonS3FullAccess", "AmazonECSTaskExecutionRolePolicy", name="api"), "x")
    )
    assert list(places(found)) == ["task", "second"]
    assert found.confidence is Confidence.HIGH
    (found,) = findings("ROLE203", task(role(AGENT, deny("s3:*"), name="api"), None))
    assert list(places(found)) == ["task", "first"]


@pytest.mark.parametrize(
    "held",
    [
        role(AGENT, allow("s3:GetObject")),
        role(AGENT, allow("*")),
        role(AGENT, allow("${action}")),
        role(AGENT, unknown="a policy comes from a variable"),
        role(allow("dynamodb:*"), name="ecsTaskExecutionRole"),
        role(name="api"),
    ],
)
def test_an_application_role_by_its_policies(held: Role) -> None:
    assert not findings("ROLE203", task(held, "x"))


def test_a_name_counts_where_the_policies_are_not_seen() -> None:
    (found,) = findings("ROLE203", task(role(name="ecsTaskExecutionRole", unknown="it is made elsewhere"), "x"))
    assert found.confidence is Confidence.MEDIUM


def test_containers_that_pull_images() -> None:
    held = role("AmazonECSTaskExecutionRolePolicy")
    assert not findings("ROLE203", task(held, "x", images=("api:1", "gcr.io/kaniko-project/executor:v1")))
    assert not findings("ROLE203", task(held, "x", images=("docker:27-dind",)))
    assert findings(
        "ROLE203", task(held, "x", images=("cargo-agents:1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api"))
    )


# ── ROLE202 ──

APPLICATION = allow(["dynamodb:PutItem", "sqs:SendMessage"])


def test_swapped_by_their_policies() -> None:
    ours, theirs = role(APPLICATION, name="one"), role("AmazonECSTaskExecutionRolePolicy", name="two")
    (found,) = findings("ROLE202", task(theirs, ours))
    assert list(places(found))[:2] == ["task", "execution"]
    assert found.confidence is Confidence.HIGH
    assert not findings("ROLE202", task(ours, theirs))
    assert not findings("ROLE203", task(theirs, ours))


def test_policies_beat_names() -> None:
    ours, theirs = role(APPLICATION, name="ecsTaskExecutionRole"), role(AGENT, name="ecsTaskRole")
    assert not findings("ROLE202", task(ours, theirs))
    assert not findings("ROLE202", task("ecsTaskExecutionRole", role(AGENT, name="ecsTaskRole")))
    assert findings("ROLE202", task("ecsTaskExecutionRole", role(AGENT, name="ecsTaskRole", unknown="x")))


@pytest.mark.parametrize("held", [role(APPLICATION, AGENT), role(allow("*")), role(APPLICATION, unknown="x")])
def test_an_execution_role_that_may_do_more_is_not_swapped(held: Role) -> None:
    assert not findings("ROLE202", task(role("AmazonECSTaskExecutionRolePolicy", name="e"), held))


# ── ROLE204 ──


def test_what_only_an_application_calls() -> None:
    held = role(AGENT, allow(["s3:GetObject", "dynamodb:*", "sqs:SendMessage"]), allow("ses:SendEmail"))
    (found,) = findings("ROLE204", task(None, held), task("x", held))
    assert "dynamodb:*, sqs:SendMessage, ses:SendEmail" in found.message
    assert found.related[-1].span.text == "execution"
    assert findings("ROLE204", task(None, role("CloudWatchAgentServerPolicy"))) == []
    assert findings("ROLE204", task(None, role("AmazonDynamoDBFullAccess")))


@pytest.mark.parametrize(
    "held",
    [
        role("AmazonECSTaskExecutionRolePolicy", "SecretsManagerReadWrite", "AmazonSSMReadOnlyAccess"),
        role(allow(["secretsmanager:*", "kms:Decrypt", "ssm:Get*", "logs:*", "s3:*", "ecr:*", "*"])),
        role(allow("dynamodb:*"), deny("dynamodb:*")),
        role(allow(["${action}", "iam:PassRole", "ec2:Describe*"])),
        role(allow(["logs:DescribeLogStreams", "logs:PutLogEvents"])),
    ],
)
def test_what_ecs_may_call(held: Role) -> None:
    assert not findings("ROLE204", task("x", held))


def test_one_fault_is_told_once() -> None:
    held = role(APPLICATION)
    assert not findings("ROLE204", task(held, held))
    assert not findings("ROLE204", task(role(AGENT, name="two"), held))


# ── ROLE206 and ROLE207 ──

PARAMETERS = "arn:aws:ssm:eu-west-1:123456789012:parameter/api/"
SECRET = Feature(FeatureKind.SECRET, AT_FEATURE, "api", target(PARAMETERS + "password"))
EXEC = Feature(FeatureKind.ECS_EXEC, AT_FEATURE, None)
EFS = Feature(FeatureKind.EFS_IAM, AT_FEATURE, None)
READS = allow("ssm:GetParameters", PARAMETERS + "*")


def test_the_execution_role_lacks_a_permission() -> None:
    (found,) = findings("ROLE206", task(None, role("AmazonECSTaskExecutionRolePolicy"), SECRET))
    assert "fetch the secrets" in found.message
    assert "ssm:GetParameters" in found.message
    assert list(places(found)) == ["feature", "execution"]
    other = allow("ssm:GetParameters", PARAMETERS.replace("api", "web") + "*")
    assert findings("ROLE206", task(None, role(AGENT, other), SECRET))
    (found,) = findings("ROLE206", task(role(READS, APPLICATION, name="t"), role(AGENT), SECRET))
    assert "task role is allowed" in found.related[-1].message


@pytest.mark.parametrize(
    "execution",
    [
        role(AGENT, READS),
        role(AGENT, allow("ssm:*")),
        role(AGENT, allow("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})),
        role(AGENT, unknown="a policy comes from a variable"),
        role(AGENT, "SomethingNew"),
        "ecsTaskExecutionRole",
        None,
    ],
)
def test_the_execution_role_may_be_enough(execution: Role | str | None) -> None:
    assert not findings("ROLE206", task(role(APPLICATION, name="t"), execution, SECRET))


def test_the_task_role_lacks_a_permission() -> None:
    (found,) = findings("ROLE207", task(role(APPLICATION), "x", EXEC))
    assert "ssmmessages:OpenDataChannel" in found.message
    (found,) = findings("ROLE207", task(role(APPLICATION), role(AGENT, allow("ssmmessages:*"), name="e"), EXEC))
    assert [related.message for related in found.related] == ["the task role", "the execution role is allowed it"]
    assert not findings("ROLE207", task(role("AmazonSSMManagedInstanceCore"), "x", EXEC))
    assert not findings("ROLE207", task(role(APPLICATION, unknown="x"), "x", EXEC))
    assert not findings("ROLE207", task(None, "x", EXEC))


def test_an_efs_volume_only_where_the_permission_went_to_the_other_role() -> None:
    mounts = allow("elasticfilesystem:ClientMount")
    assert not findings("ROLE207", task(role(APPLICATION), role(AGENT, name="e"), EFS))
    assert findings("ROLE207", task(role(APPLICATION), role(AGENT, mounts, name="e"), EFS))


# ── one fault, one finding ──


def rules_of(*tasks: Task) -> list[str]:
    """The rules that find something, all of ROLE running."""
    ids = [rule.id for rule in rules() if rule.id.startswith("ROLE")]
    return [id for id in ids for _ in findings(id, *tasks)]


LOGS = Feature(FeatureKind.AWSLOGS_CREATE_GROUP, AT_FEATURE, "api")


def test_a_permission_that_a_feature_lacks_is_told_once() -> None:
    feature = Feature(FeatureKind.XRAY_SIDECAR, AT_FEATURE, None)
    application = role(allow("sqs:SendMessage"), name="app")
    one = task(application, role(allow("xray:PutTraceSegments"), name="execution"), feature)
    assert len(findings("ROLE207", one)) == 1
    assert not findings("ROLE204", one)
    two = task(application, role(allow(["xray:PutTraceSegments", "dynamodb:PutItem"]), name="execution"), feature)
    (found,) = findings("ROLE204", two)
    assert "allowed dynamodb:PutItem, which" in found.message
    assert findings("ROLE204", task(application, role(allow("xray:PutTraceSegments"), name="execution")))


def test_what_is_not_seen_is_one_note_for_a_slot() -> None:
    held = role("AmazonECSTaskExecutionRolePolicy", "NobodyKnows", unknown="a policy is attached")
    features = [
        Feature(FeatureKind.AWSLOGS, AT_FEATURE, None),
        Feature(FeatureKind.SECRET, AT_FEATURE, None, target("/a")),
    ]
    (found,) = doubts(task(None, held, *features))
    assert (found.span.text, found.severity) == (AT_EXECUTION.text, Severity.NOTE)
    assert "(a policy is attached)" in found.message
    assert "fetch the secrets is" in found.message  # to write logs is allowed, whatever else is
    assert [related.span.text for related in found.related] == ["second"]
    assert len(doubts(task(held, held, *features))) == 2
    assert len(doubts(task("app", None))) == 1
    for sure in (role("AmazonECSTaskExecutionRolePolicy"), "arn:aws:iam::123456789012:instance-profile/x", None):
        assert not doubts(task(sure, sure, *features))


def test_swapped_roles_are_one_fault() -> None:
    ours = role(APPLICATION, name="one", trusts=purpose.TASKS)
    theirs = role("AmazonECSTaskExecutionRolePolicy", READS, name="two", trusts=purpose.TASKS)
    wrong = task(theirs, ours, SECRET, EXEC, LOGS)
    assert rules_of(wrong) == ["ROLE202"]
    # A second task definition with the same roles in their places has faults of its own.
    assert rules_of(wrong, task(ours, theirs, SECRET)) == ["ROLE202"]
    assert rules_of(wrong, task(ours, theirs, LOGS)) == ["ROLE202", "ROLE206"]


def test_swapped_roles_by_their_names_are_one_fault() -> None:
    assert rules_of(task("ecsTaskExecutionRole", "ecsTaskRole", SECRET)) == ["ROLE202"]
    seen = role(name="ecsTaskExecutionRole", unknown="it is made elsewhere")
    assert rules_of(task(seen, "ecsTaskRole", EXEC)) == ["ROLE202"]


@pytest.mark.parametrize("policies", [("AmazonECSTaskExecutionRolePolicy",), (AGENT,), (APPLICATION,)])
def test_one_role_for_both_is_one_fault(policies: tuple[str | dict[str, object], ...]) -> None:
    held = role(*policies, name="ecsTaskExecutionRole", trusts=purpose.TASKS)
    assert rules_of(task(held, held)) == ["ROLE201"]
    # The one by its ARN, the other by its address.
    wrong = task("ecsTaskExecutionRole", held)
    assert rules_of(wrong) == ["ROLE201"]
    wrong = task(held, "ecsTaskExecutionRole")
    assert rules_of(wrong) == ["ROLE201"]
    assert rules_of(task(held, held), task(None, held)) == ["ROLE201"]


# ── ROLE208 ──


def test_a_role_for_another_service() -> None:
    held = role(AGENT, trusts="ecs.amazonaws.com")
    (found,) = findings("ROLE208", task(None, held), task(held, None))
    assert "ecs.amazonaws.com, not for ecs-tasks.amazonaws.com" in found.message
    assert list(places(found))[1:] == ["execution", "task"]


@pytest.mark.parametrize(
    "held",
    [
        role(AGENT, trusts="ecs-tasks.amazonaws.com"),
        role(AGENT, trusts="${service}"),
        role(AGENT),
        role("AmazonEC2ContainerServiceforEC2Role", trusts="ec2.amazonaws.com"),
        "api",
    ],
)
def test_a_role_for_tasks_or_not_known(held: Role | str) -> None:
    assert not findings("ROLE208", task(held, None))


# ── all of them ──


def test_time_is_linear_in_the_tasks() -> None:
    """Tasks with roles of their own, and with one that is shared and may read the secrets of all."""

    def seconds(number: int) -> float:
        each = range(number)
        shared = having(*(allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:::secret:{n}") for n in each))
        tasks = []
        for n in each:
            own = role("AmazonECSTaskExecutionRolePolicy", allow("sqs:SendMessage"), name=f"r{n}", unknown="a variable")
            secret = Feature(FeatureKind.SECRET, AT_FEATURE, None, target(f"arn:aws:secretsmanager:::secret:{n}"))
            tasks += [task(own, own, secret), task(own, shared, secret)]
        project = Project(tasks=tasks, roles=[shared])
        start = time.process_time()
        for rule in rules():
            if rule.id.startswith("ROLE"):
                list(rule.check(project))
        return time.process_time() - start

    assert seconds(300) < 30  # a fraction of it where the machine does nothing else
