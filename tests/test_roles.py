"""Roles, policies and attachments, put together on hand-made facts."""

from __future__ import annotations

import time

import pytest

from credlint.iam import Answer, grants
from credlint.model import Attachment, Policy, Role, Slot, Value
from credlint.roles import Index, join, managed_name, names_of
from credlint.text import Source

from .test_iam import SPAN, allow, policy

SENDS = policy(allow("sqs:SendMessage")).statements
NO, UNKNOWN, YES = Answer.NO, Answer.UNKNOWN, Answer.YES
EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def made(name: str = "app", scope: str = "m", account: str | None = None) -> Role:
    return Role(f"{scope}:aws_iam_role.{name}", name, SPAN, scope=scope, account=account)


def looked_up(name: str | None = "app", scope: str = "use") -> Role:
    return Role(f"{scope}:data.aws_iam_role.{name}", name, SPAN, scope=scope, made=False)


def by(address: str) -> Value:
    return Value(SPAN, name=address)


def called(text: str) -> Value:
    return Value(SPAN, text)


def attach(role: Value, policy: Value | Policy, scope: str = "m") -> Attachment:
    return Attachment(SPAN, role, policy, scope)


def bought(name: str = "queue", address: str | None = None, account: str | None = None) -> Policy:
    return Policy(SPAN, SENDS, name=name, address=address, account=account)


def test_every_way_to_attach() -> None:
    own = bought(address="m:aws_iam_policy.queue")
    place = Source("attachment.tf", "x").span()
    for role in (by("m:aws_iam_role.app"), called("app"), called("arn:aws:iam::123456789012:role/path/app")):
        for given in (by("m:aws_iam_policy.queue"), called("arn:aws:iam::123456789012:policy/path/queue"), own):
            (joined,) = join([made()], [own], [Attachment(place, role, given, "m")])
            assert grants(joined, "sqs:SendMessage") is YES
            assert grants(joined, "s3:GetObject") is NO
            assert joined.grants[0].span is place
            assert not joined.managed


def test_policies_of_aws() -> None:
    (joined,) = join([made()], [], [attach(called("app"), called(EXECUTION))])
    assert joined.managed == ("AmazonECSTaskExecutionRolePolicy",)
    assert joined.complete
    assert grants(joined, "ecr:BatchGetImage") is YES
    (joined,) = join([made()], [], [attach(called("app"), called("arn:aws:iam::aws:policy/SomethingNew"))])
    assert joined.managed == ("SomethingNew",)
    assert "SomethingNew" in joined.why_incomplete[0]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (EXECUTION, "AmazonECSTaskExecutionRolePolicy"),
        ("arn:aws-cn:iam::aws:policy/AmazonS3FullAccess", "AmazonS3FullAccess"),
        ("arn:${partition}:iam::aws:policy/job-function/ViewOnlyAccess", "ViewOnlyAccess"),
        ("arn:aws:iam::123456789012:policy/AmazonS3FullAccess", None),
        ("arn:aws:iam::aws:policy/${name}", None),
        ("arn:aws:iam::aws:role/x", None),
        ("AmazonS3FullAccess", None),
        ("arn:aws:iam::aws:policy/" + "a/" * 50_000 + "!", None),
    ],
)
def test_managed_name(arn: str, name: str | None) -> None:
    assert managed_name(arn) == name


def test_a_policy_that_is_not_seen_makes_the_role_incomplete() -> None:
    for given in (
        by("m:var.policy"),
        Value(SPAN, reason="it comes from a variable"),
        called("arn:aws:iam::123456789012:policy/elsewhere"),
        called("<POLICY>"),
    ):
        (joined,) = join([made()], [], [attach(called("app"), given)])
        assert grants(joined, "sqs:SendMessage") is UNKNOWN
        assert joined.why_incomplete
    twice = [bought(), bought()]
    (joined,) = join([made()], twice, [attach(called("app"), called("arn:aws:iam::123456789012:policy/queue"))])
    assert not joined.complete


def test_accounts_tell_apart() -> None:
    roles = [made(scope="a", account="111111111111"), made(scope="b", account="222222222222")]
    policies = [bought(account="111111111111"), bought(account="222222222222")]
    role, given = called("arn:aws:iam::222222222222:role/app"), called("arn:aws:iam::222222222222:policy/queue")
    one, other = join(roles, policies, [attach(role, given, "c")])
    assert not one.grants
    assert other.grants[0].policy is policies[1]


def test_of_several_roles_of_a_name_the_own_unit_counts() -> None:
    roles = [made(scope="staging"), made(scope="production")]
    one, other = join(roles, [], [attach(called("app"), bought(), "production")])
    assert not one.grants
    assert one.complete
    assert other.grants
    one, other = join(roles, [], [attach(called("app"), bought(), "elsewhere")])
    assert not one.grants
    assert not other.grants
    assert not one.complete
    assert not other.complete


def test_a_role_that_is_looked_up_is_the_one_that_is_made() -> None:
    for role in (called("app"), by("use:data.aws_iam_role.app")):
        data, real = join([looked_up(), made()], [], [attach(role, bought(), "use")])
        assert not data.grants
        assert not data.complete
        assert real.grants
        slot = Slot("taskRoleArn", role)
        Index([data, real]).link(slot, "use")
        assert slot.role is real


def test_a_role_that_is_looked_up_and_made_nowhere_or_twice() -> None:
    for others in ([], [made(scope="a"), made(scope="b")]):
        data, *_ = join([looked_up(), *others], [], [attach(by("use:data.aws_iam_role.app"), bought())])
        assert data.grants
        assert grants(data, "sqs:SendMessage") is YES
        assert grants(data, "s3:GetObject") is UNKNOWN
    nameless, other = looked_up(None), Role("m:aws_iam_role.x", None, SPAN, alias="m:var.name")
    (data, _) = join([nameless, other], [], [])
    assert data.why_incomplete == ("it is made elsewhere",)
    # What is looked up by the name that it is made with is the same, whatever the name is.
    nameless.alias = "m:var.name"
    assert Index([nameless, other]).meant(by(nameless.address)) == [other]


def test_an_unknown_role_may_be_any_of_its_unit() -> None:
    nobody = Value(SPAN, reason="a loop")
    one, other = join([made(scope="a"), made(scope="b")], [], [attach(nobody, bought(), "a")])
    assert not one.complete
    assert other.complete
    # A reference is somebody, only not in what was read.
    (one,) = join([made(scope="a")], [], [attach(by("a:module.x.role"), bought(), "a")])
    assert one.complete


def test_what_a_role_had_stays() -> None:
    before = Role("m:r", "r", SPAN, path="/p/", boundary=called("b"), trust=policy(), scope="m", account="1")
    (after,) = join([before], [], [attach(by("m:r"), bought()), attach(by("m:r"), called(EXECUTION))])
    for name in ("address", "name", "span", "path", "made", "boundary", "trust", "scope", "account"):
        assert getattr(after, name) is getattr(before, name)
    assert len(after.grants) == 2
    assert not before.grants


def test_slots_know_their_role() -> None:
    roles = [made(), made("web", scope="x"), made("web", scope="y")]
    index = Index(roles)

    def held(value: Value | None, scope: str = "") -> Role | None:
        slot = Slot("taskRoleArn", value)
        index.link(slot, scope)
        return slot.role

    assert held(by("m:aws_iam_role.app")) is roles[0]
    assert held(called("arn:aws:iam::123456789012:role/app")) is roles[0]
    assert held(called("web")) is None
    assert held(called("web"), "y") is roles[2]
    assert held(called("<ROLE>")) is held(by("m:other")) is held(None) is held(called("nobody")) is None


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("m:aws_iam_role.task_execution", ("task_execution",)),
        ("m:aws_iam_role.task_execution[0]", ("task_execution",)),
        ('m:aws_iam_role.task_execution["a:b"]', ("task_execution",)),
        ("m:module.iam.task_execution_role_arn", ("task_execution_role_arn",)),
        ("m:module.iam.execution.arn", ("execution",)),
        ("template('arn:aws:iam::',m:var.account,':role/',m:var.name)", ()),
        ("if(m:var.a,m:var.b,m:var.c)", ()),
        ("m:" + "a." * 50_000 + "!", ()),
        (None, ()),
    ],
)
def test_names_of(address: str | None, names: tuple[str, ...]) -> None:
    slot = Slot("taskRoleArn", Value(SPAN, name=address))
    assert names_of(slot) == names
    slot.role_name = "own"
    assert names_of(slot) == ("own", *names)


def test_linear_time() -> None:
    many = range(20_000)
    roles = [made(f"r{n}") for n in many]
    policies = [bought(f"p{n}", address=f"m:p{n}") for n in many]
    attachments = [attach(called(f"r{n}"), by(f"m:p{n}")) for n in many]
    start = time.perf_counter()
    joined = join(roles, policies, attachments)
    assert time.perf_counter() - start < 30
    assert all(len(role.grants) == 1 for role in joined)
