"""What policies mean: three answers, Deny wins, and nothing is guessed."""

from __future__ import annotations

import fnmatch
import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credlint import iam, managed
from credlint.iam import Answer, beyond, grants, matches, matches_text, may_assume, trusted
from credlint.model import Grant, Hole, Policy, Role, Text, Value
from credlint.node import Map, Node, Ref, Scalar, Seq, Template, Unknown
from credlint.readers import json as reader
from credlint.text import Source

SPAN = Source("policy.json", "{}").span()
NO, UNKNOWN, YES = Answer.NO, Answer.UNKNOWN, Answer.YES
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"


def node(document: object) -> Node:
    return reader.read(Source("policy.json", json.dumps(document))).roots[0]


def policy(*statements: object) -> Policy:
    return iam.policy(node({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def role(*policies: Policy, **more: Any) -> Role:
    return Role("r", "r", SPAN, grants=tuple(Grant(found, SPAN) for found in policies), **more)


def having(*statements: object) -> Role:
    return role(policy(*statements))


def text(*parts: str | Hole) -> Text:
    return Text(SPAN, parts)


def trusting(*statements: object) -> Role:
    return role(trust=policy(*statements))


def trust(principal: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}


@pytest.mark.parametrize(
    ("statements", "action", "answer"),
    [
        ([allow("s3:GetObject")], "s3:GetObject", YES),
        ([allow("S3:getobject")], "s3:GetObject", YES),
        ([allow("s3:Get*")], "s3:GetObject", YES),
        ([allow(["sqs:*", "s3:Get?bject"])], "s3:GetObject", YES),
        ([allow("*")], "s3:GetObject", YES),
        ([allow("s3:Put*")], "s3:GetObject", NO),
        ([], "s3:GetObject", NO),
        ([allow("*"), deny("s3:*")], "s3:GetObject", NO),
        ([deny("s3:*"), allow("*")], "sqs:SendMessage", YES),
        ([allow("s3:*"), deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})], "s3:GetObject", UNKNOWN),
        ([allow("s3:*"), deny("s3:*", "arn:aws:s3:::secrets/*")], "s3:GetObject", UNKNOWN),
        ([allow("s3:*", Condition={"IpAddress": {}})], "s3:GetObject", UNKNOWN),
        ([allow("s3:*", Condition={})], "s3:GetObject", YES),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "s3:GetObject", YES),
        ([{"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}], "s3:GetObject", NO),
        ([allow("*"), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}], "s3:GetObject", NO),
        ([allow("${service}:GetObject")], "s3:GetObject", UNKNOWN),
        ([allow("${service}:PutObject")], "s3:GetObject", NO),
        ([allow("s3:*"), {"Effect": "${effect}", "Action": "s3:*", "Resource": "*"}], "s3:GetObject", UNKNOWN),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secrets/*"}], "s3:GetObject", YES),
        ([{"Effect": "Allow", "Resource": "*"}], "s3:GetObject", UNKNOWN),
        (["<statement>"], "s3:GetObject", UNKNOWN),
    ],
)
def test_action(statements: list[object], action: str, answer: Answer) -> None:
    assert grants(having(*statements), action) is answer


@pytest.mark.parametrize(
    ("resource", "asked", "answer"),
    [
        ("*", SECRET + "db-AbCdEf", YES),
        (SECRET + "db-*", SECRET + "db-AbCdEf", YES),
        (SECRET + "db-??????", SECRET + "db-AbCdEf", YES),
        ("arn:*:secretsmanager:*:*:secret:d*", SECRET + "db-AbCdEf", YES),
        (SECRET + "db", SECRET + "db-AbCdEf", NO),
        (SECRET + "DB-*", SECRET + "db-AbCdEf", NO),
        ([SECRET + "other", SECRET + "db*"], SECRET + "db-AbCdEf", YES),
        ("arn:aws:secretsmanager:${region}:<ACCOUNT>:secret:db-*", SECRET + "db-AbCdEf", UNKNOWN),
        ("arn:aws:secretsmanager:{{ region }}:%ACCOUNT%:secret:other-*", SECRET + "db-AbCdEf", NO),
        ("${secret}", SECRET + "db-AbCdEf", UNKNOWN),
        ([], SECRET + "db-AbCdEf", NO),
    ],
)
def test_resource(resource: object, asked: str, answer: Answer) -> None:
    allowed = having(allow("secretsmanager:GetSecretValue", resource))
    assert grants(allowed, "secretsmanager:GetSecretValue", text(asked)) is answer


def test_a_denied_resource_is_denied() -> None:
    found = having(allow("s3:*"), deny("s3:*", "arn:aws:s3:::secrets/*"))
    assert grants(found, "s3:GetObject", text("arn:aws:s3:::secrets/a")) is NO
    assert grants(found, "s3:GetObject", text("arn:aws:s3:::public/a")) is YES
    found = having(allow("s3:*"), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::public/*"})
    assert grants(found, "s3:GetObject", text("arn:aws:s3:::secrets/a")) is NO
    assert grants(found, "s3:GetObject", text("arn:aws:s3:::public/a")) is YES


def test_an_action_without_a_resource_takes_all_of_them() -> None:
    found = having(allow("ecr:*", "arn:aws:ecr:eu-west-1:123456789012:repository/api"))
    assert grants(found, "ecr:GetAuthorizationToken", text("*")) is NO
    assert grants(found, "ecr:BatchGetImage") is YES


def test_what_is_not_seen_is_unknown() -> None:
    seen = policy(allow("s3:GetObject"))
    for found in (
        role(seen, unknown=("a policy comes from a variable",)),
        role(seen, iam.policy(Unknown(SPAN, "a variable"))),
        role(seen, managed.policy("SomethingNew", SPAN)),
        role(policy(allow("s3:GetObject"), "${more}")),
        role(seen, policy({"${key}": "x"} | allow("s3:GetObject"))),
    ):
        assert not found.complete or found.grants[-1].policy.complete
        assert grants(found, "s3:GetObject") is YES
    for found in (role(seen, unknown=("x",)), role(seen, iam.policy(Unknown(SPAN, "x")))):
        assert grants(found, "sqs:SendMessage") is UNKNOWN
        assert found.why_incomplete
    assert grants(role(seen), "sqs:SendMessage") is NO


def test_a_boundary_may_take_away_but_not_give() -> None:
    found = role(policy(allow("s3:GetObject")), boundary=Value(SPAN, "arn:aws:iam::123456789012:policy/boundary"))
    assert grants(found, "s3:GetObject") is UNKNOWN
    assert grants(found, "s3:PutObject") is NO


def template(*parts: str | Ref) -> Template:
    return Template(SPAN, tuple(Scalar(SPAN, part) if isinstance(part, str) else part for part in parts))


def ref(name: str, scope: str = "m") -> Ref:
    return Ref(SPAN, name, scope=scope)


def test_equal_references_are_equal_texts() -> None:
    owned = {f"{scope}:aws_secretsmanager_secret.{name}.arn" for scope in "mn" for name in "ab"}

    def of(node: Node) -> Text:
        return iam.text_of(node, owned)

    a, b = ref("aws_secretsmanager_secret.a.arn"), ref("aws_secretsmanager_secret.b.arn")
    assert matches(of(a), of(ref("aws_secretsmanager_secret.a.arn"))) is YES
    assert matches(of(a), of(b)) is NO
    assert matches(of(a), of(ref("aws_secretsmanager_secret.a.arn", "n"))) is NO
    assert matches(of(a), of(ref("var.secret"))) is UNKNOWN
    assert matches(of(ref("var.x")), of(ref("var.y"))) is UNKNOWN
    assert matches(of(template(ref("var.x"), "/*")), of(template(ref("var.x"), "/a.env"))) is YES
    assert matches(of(template(ref("var.x"), "/a/*")), of(template(ref("var.x"), "/b.env"))) is NO
    assert matches(of(template(ref("var.x"), "/*")), of(template(ref("var.y"), "/a.env"))) is UNKNOWN
    assert (
        matches(of(template("arn:aws:s3:::", ref("var.x"), "/?.env")), of(Scalar(SPAN, "arn:aws:s3:::b/a.env")))
        is UNKNOWN
    )
    assert (
        matches(of(template("arn:aws:s3:::", ref("var.x"), "/?.env")), of(Scalar(SPAN, "arn:aws:s3:::b/a.json"))) is NO
    )
    assert matches(text("a?c"), text("a", Hole("x"), "c")) is UNKNOWN
    assert matches(text("a*c"), text("a", Hole("x"), "c")) is YES
    assert matches(text("a", Hole()), text("a", Hole())) is UNKNOWN
    assert matches(text("*"), text(Hole())) is YES
    assert matches(text("ab*"), text("ac", Hole())) is NO
    assert matches(text("*:x"), text(Hole(), ":y")) is NO


def test_a_tag_is_not_its_text() -> None:
    scalar = Scalar(SPAN, "Bucket")
    scalar.tag = "!GetAtt"
    assert iam.text_of(scalar).known is None
    scalar.tag = "!Sub"
    assert iam.text_of(scalar).known == "Bucket"


def test_beyond() -> None:
    found = having(
        allow(["ecr:*", "dynamodb:PutItem", "s3:*", "sqs:SendMessage", "${x}:y"]),
        deny("sqs:*"),
        deny("s3:*", Condition={"a": "b"}),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    )
    actions = [action.known if action else None for _, _, action in beyond(found, ["ecr:BatchGetImage"])]
    assert actions == ["dynamodb:PutItem", "s3:*", None]


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([trust({"Service": "ecs-tasks.amazonaws.com"})], YES),
        ([trust({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]})], YES),
        ([trust({"Service": "ecs-tasks.amazonaws.com.cn"})], YES),
        ([trust({"Service": "ecs.amazonaws.com"})], NO),
        ([trust({"Service": "ecs-task.amazonaws.com"})], NO),
        ([trust({"Service": "ecs-tasks.eu-west-1.amazonaws.com"})], UNKNOWN),
        ([trust({"Service": "ecs-tasks.${suffix}"})], UNKNOWN),
        ([trust({"Service": "ec2.${suffix}"})], NO),
        ([trust({"AWS": "arn:aws:iam::123456789012:root"})], NO),
        ([trust({"Federated": "cognito-identity.amazonaws.com"})], NO),
        ([trust("*")], UNKNOWN),
        ([trust({"AWS": "*"})], UNKNOWN),
        ([trust("${who}")], UNKNOWN),
        ([trust({"Service": "ecs-tasks.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "x"}})], UNKNOWN),
        (
            [
                trust({"Service": "ecs-tasks.amazonaws.com"}),
                trust({"Service": "ecs-tasks.amazonaws.com"}, Effect="Deny"),
            ],
            NO,
        ),
        ([trust({"Service": "ecs-tasks.amazonaws.com"}, Action="sts:TagSession")], NO),
        ([trust({"Service": "ecs-tasks.amazonaws.com"}, Action="sts:*")], YES),
        ([], NO),
        (["${statement}"], UNKNOWN),
        ([{"Effect": "Allow", "Action": "sts:AssumeRole"}], UNKNOWN),
        ([{"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"Service": "ec2.amazonaws.com"}}], YES),
    ],
)
def test_trust(statements: list[object], answer: Answer) -> None:
    assert may_assume(trusting(*statements), "ecs-tasks.amazonaws.com") is answer


def test_trust_that_is_not_seen() -> None:
    assert may_assume(role(), "ecs-tasks.amazonaws.com") is UNKNOWN
    found = trusting(trust({"Service": ["ec2.amazonaws.com"], "AWS": "1"}), trust({"Service": "a"}, Effect="Deny"))
    assert [service.known for service in trusted(found)] == ["ec2.amazonaws.com"]
    assert [who.known for who in trusted(found, "AWS")] == ["1"]


# ── AWS's own policies ──


def test_managed_policies() -> None:
    assert len(managed.names()) == len(set(managed.names())) > 40
    for name in managed.names():
        found = managed.policy(name, SPAN)
        assert found.complete
        assert found.statements
        number, date = managed.version(name) or ("", "")
        assert re.fullmatch(r"v\d+", number)
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", date)
        for statement in found.statements:
            assert statement.allows
            assert all(re.fullmatch(r"\*|[a-z0-9-]+:[A-Za-z0-9*]+", action.known or "") for action in statement.actions)
            assert all(re.fullmatch(r"\*|arn:.+", resource.known or "") for resource in statement.resources)
    assert managed.version("SomethingNew") is None
    assert not managed.policy("SomethingNew", SPAN).complete


def test_the_execution_policy_has_no_secrets_and_makes_no_log_groups() -> None:
    found = role(managed.policy("AmazonECSTaskExecutionRolePolicy", SPAN))
    assert grants(found, "ecr:GetAuthorizationToken", text("*")) is YES
    assert grants(found, "logs:PutLogEvents") is YES
    for action in ("logs:CreateLogGroup", "ssm:GetParameters", "secretsmanager:GetSecretValue", "s3:GetObject"):
        assert grants(found, action) is NO
    assert grants(role(managed.policy("PowerUserAccess", SPAN)), "sqs:SendMessage") is YES
    assert grants(role(managed.policy("PowerUserAccess", SPAN)), "iam:CreateUser") is NO
    assert grants(role(managed.policy("CloudWatchAgentServerPolicy", SPAN)), "logs:CreateLogGroup") is YES


# ── properties ──

LETTERS = st.text(alphabet="ab:/", max_size=8)
PATTERNS = st.text(alphabet="ab:/*?", max_size=8)
ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"])
SOME = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:GetObject", "sqs:*", "${x}", "s3:${x}"])
STATEMENTS = st.lists(
    st.builds(
        lambda effect, kind, actions, resource, more: {"Effect": effect, kind: actions, "Resource": resource, **more},
        st.sampled_from(["Allow", "Deny", "${effect}"]),
        st.sampled_from(["Action", "NotAction"]),
        st.lists(SOME, min_size=1, max_size=2),
        st.sampled_from(["*", "arn:aws:s3:::a/*", "arn:aws:s3:::${b}/*"]),
        st.sampled_from([{}, {"Condition": {"a": {"b": "c"}}}]),
    ),
    max_size=3,
)
RESOURCES = st.sampled_from([None, text("arn:aws:s3:::a/b"), text("arn:aws:s3:::", Hole("x"), "/b"), text("*")])


@given(PATTERNS, LETTERS)
def test_wildcards_are_those_of_fnmatch(pattern: str, subject: str) -> None:
    assert matches_text(pattern, subject) == fnmatch.fnmatchcase(subject, pattern)
    assert matches(text(pattern), text(subject)) is (YES if fnmatch.fnmatchcase(subject, pattern) else NO)


@given(
    st.lists(st.one_of(PATTERNS, st.just(None)), max_size=4),
    st.lists(st.one_of(LETTERS, st.just(None)), max_size=4),
    st.lists(LETTERS, min_size=8, max_size=8),
)
def test_filling_in_a_hole_never_contradicts(
    pattern: list[str | None], subject: list[str | None], fillings: list[str]
) -> None:
    """Whatever the parts that are not known turn out to be: what was certain stays so."""

    def of(parts: list[str | None], fill: bool, first: int) -> Text:
        return text(
            *(
                part if part is not None else fillings[first + at] if fill else Hole(str(at % 2))
                for at, part in enumerate(parts)
            )
        )

    # holes of one name are filled with one text
    fillings[2::2], fillings[3::2] = [fillings[0]] * 3, [fillings[1]] * 3
    answer = matches(of(pattern, False, 0), of(subject, False, 0))
    if answer is not UNKNOWN:
        assert matches(of(pattern, True, 0), of(subject, True, 0)) is answer


@given(STATEMENTS, ACTIONS, RESOURCES)
def test_deny_wins(statements: list[object], action: str, resource: Text | None) -> None:
    assert grants(having(*statements, deny(action)), action, resource) is NO
    assert grants(having(deny("*"), *statements), action, resource) is NO


@given(STATEMENTS, STATEMENTS, ACTIONS, RESOURCES)
def test_order_does_not_matter(one: list[object], other: list[object], action: str, resource: Text | None) -> None:
    found = grants(having(*one, *other), action, resource)
    assert found is grants(having(*other, *one), action, resource)
    assert found is grants(role(policy(*one), policy(*other)), action, resource)


@given(STATEMENTS, STATEMENTS, ACTIONS, RESOURCES)
def test_more_allows_never_allow_less_and_more_denies_never_more(
    statements: list[object], more: list[object], action: str, resource: Text | None
) -> None:
    before = grants(having(*statements), action, resource)
    allows = [{**statement, "Effect": "Allow"} for statement in more if isinstance(statement, dict)]
    denies = [{**statement, "Effect": "Deny"} for statement in more if isinstance(statement, dict)]
    assert grants(having(*statements, *allows), action, resource) >= before
    assert grants(having(*statements, *denies), action, resource) <= before


@given(STATEMENTS, ACTIONS, RESOURCES)
def test_what_is_not_seen_turns_no_into_unknown_and_nothing_else(
    statements: list[object], action: str, resource: Text | None
) -> None:
    whole = grants(having(*statements), action, resource)
    part = grants(role(policy(*statements), unknown=("a policy comes from a variable",)), action, resource)
    denied = grants(having(*statements, allow("*")), action, resource) is NO
    assert part is (UNKNOWN if whole is NO and not denied else whole)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["Allow", "*", "", "${", "s3:*", "\U000f0000"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "<<", ""]), inner
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_document_has_answers(document: object) -> None:
    found = iam.policy(node(document))
    one = role(found, trust=found)
    assert grants(one, "s3:GetObject") in Answer
    assert grants(one, "s3:GetObject", text("arn:aws:s3:::a/b")) in Answer
    assert may_assume(one, "ecs-tasks.amazonaws.com") in Answer
    list(beyond(one, ["s3:GetObject"]))


def test_hostile_wildcards_take_linear_time() -> None:
    start = time.perf_counter()
    assert not matches_text("*a" * 2000 + "b", "a" * 4000)
    assert not matches_text("a?*" * 1300 + "b", "a" * 4000)
    long = Seq(SPAN, (Scalar(SPAN, "*a" * 500_000), Scalar(SPAN, "${" * 500_000), Scalar(SPAN, "<" * 500_000)))
    entries = (Scalar(SPAN, "Effect"), Scalar(SPAN, "Allow")), (Scalar(SPAN, "Action"), long)
    document = Map(SPAN, ((Scalar(SPAN, "Statement"), Map(SPAN, entries)),))
    assert grants(role(iam.policy(document)), "a" * 100) is UNKNOWN
    assert time.perf_counter() - start < 30
