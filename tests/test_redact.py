"""What is shown of a text: everything but its credentials, at the same width."""

from __future__ import annotations

import random
import string
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credlint.redact import Redactor
from credlint.text import Source, Span, align

from .examples import made_up_id, made_up_secret

ID = made_up_id(seed=7)
SECRET = made_up_secret(7)
TOKEN = "IQoJb3JpZ2luX2Vj" + made_up_secret(8, 400)
URL_SAFE = string.ascii_letters + string.digits + "-_"

seeds = st.integers(0, 1 << 32)


def eights(text: str) -> set[str]:
    return {text[at : at + 8] for at in range(len(text) - 7)}


def leaks(secret: str, shown: str) -> set[str]:
    """What a reader learns of a secret, as it is or through the escapes of JSON and URLs."""
    plain = shown.replace("\\/", "/").replace("%2F", "/").replace("%2B", "+").replace("\\u002f", "/")
    return eights(secret) & (eights(shown) | eights(plain))


def line_of(text: str, *secrets: str) -> str:
    source = Source("f", text)
    spans = [Span(source, text.index(secret), text.index(secret) + len(secret)) for secret in secrets]
    return Redactor(spans).line(source, 1)


# ── what has the shape of a credential, known or not ──


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AWS_SECRET_ACCESS_KEY=", ""),
        ('"value": "', '"},'),
        ("aws_secret_access_key = ", "   # old"),
        ("https://user:", "@git-codecommit.eu-west-1.amazonaws.com/v1/repos/x"),
        ("-Daws.secretKey=", " -jar app.jar"),
        (r'"cat > x\naws_secret_access_key=', r'\n[default]"'),
        (r"\n", r"\n"),
        ("<key>", "</key>"),
        ("", ""),
    ],
)
@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_unknown_secrets_are_blotted(before: str, after: str, seed: int) -> None:
    secret = made_up_secret(seed)
    for written in (secret, secret.replace("/", r"\/"), quote(secret, safe=""), secret.replace("/", r"\u002f")):
        text = before + written + after
        assert line_of(text) == before + "*" * len(written) + after
        assert Redactor().text(text) == before + "****" + after


@given(seed=seeds, length=st.integers(100, 900))
@settings(max_examples=50, deadline=None)
def test_unknown_tokens_are_blotted(seed: int, length: int) -> None:
    url_safe = "".join(random.Random(seed).choices(URL_SAFE, k=length))
    base64 = made_up_secret(seed, length)
    for token in (
        base64,
        "IQoJb3JpZ2luX2Vj" + base64,
        base64 + "==",
        "ABSK" + base64,
        f"bedrock-api-key-{url_safe}",
        url_safe,
    ):
        assert line_of(f"TOKEN='{token}'") == f"TOKEN='{'*' * len(token)}'"


@given(seed=seeds, prefix=st.sampled_from(["AKIA", "ASIA", "ABIA", "ACCA"]))
@settings(max_examples=30, deadline=None)
def test_of_an_id_the_ends_are_shown(seed: int, prefix: str) -> None:
    key_id = made_up_id(prefix, seed=seed)
    assert line_of(f"id = {key_id}!") == f"id = {key_id[:4]}{'*' * 12}{key_id[-4:]}!"
    assert Redactor().text(f"id = {key_id}!") == f"id = {key_id[:4]}…{key_id[-4:]}!"


@pytest.mark.parametrize(
    "text",
    [
        "FROM 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/API-Server@sha256:" + "0a1b2c3d" * 8,
        '"executionRoleArn": "arn:aws:iam::123456789012:role/service-role/AmazonECSTaskExecutionRolePolicy",',
        "arn:aws:iam::123456789012:role/AmazonEC2ContainerServiceEventsRole",  # its last 40 characters are base64
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Prod/Database/Password-AbCdEf",
        "arn:aws:ecs:eu-west-1:123456789012:task/Main/4585405083f25c027a35db413c2b3b90",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#Some-Anchor2",
        "https://github.com/Org/Repo/blob/6685582f7889ef4806f0544b93f10640c7608b1a/Dir/Some-File2.md",
        "commit 6685582f7889ef4806f0544b93f10640c7608b1a",
        "/usr/local/lib/python3.13/site-packages/SomePackage/AnotherModule/__init__.py",
        "Role-b0bd92dc-5bcc-44e3-8628-8eebb1e8d16d",
        "MyVpcPublicSubnet1RouteTableAssociationC46AB2F4",
        "aws_cloudwatch_metric_alarm.HighCpuUtilizationOnTheContainerInstances.arn",
        "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        "AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:?set AWS_SECRET_ACCESS_KEY in the environment}",
        "=" * 60,
        "",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert line_of(text) == text
    assert Redactor().text(text) == text


# ── what is known ──


@given(seed=seeds, before=st.text(max_size=40), after=st.text(max_size=40), cut=st.integers(0, 32))
@settings(max_examples=150, deadline=None)
def test_known_secrets_are_blotted_whatever_is_around(seed: int, before: str, after: str, cut: int) -> None:
    secret = made_up_secret(seed)
    text = before + secret + after
    source = Source("f", text)
    redactor = Redactor([source.span(len(before), len(before) + 40)])
    fragment = secret[cut : cut + 9]
    other = Source("other", f"{fragment} x{secret}x {before}{after}")
    for shown in (
        *(redactor.line(source, number) for number in range(1, text.count("\n") + 2)),
        redactor.line(other, 1),
        redactor.text(text),
        redactor.text(f"got '{fragment}'"),
    ):
        assert not leaks(secret, shown)
        assert all(char.isprintable() or char == "\n" for char in shown)


@given(st.text(), st.text(string.ascii_letters + string.digits + "/+=_-\\%u0 "))
@settings(max_examples=150, deadline=None)
def test_the_width_stays(text: str, other: str) -> None:
    for written in (text, other, text + other):
        source = Source("f", written)
        redactor = Redactor([source.span(len(written) // 3, len(written) // 2)])
        for number in range(1, written.count("\n") + 2):
            assert len(redactor.line(source, number)) == len(source.line_span(number).text)
        assert Redactor().text(Redactor().text(written)) == Redactor().text(written)


def test_a_known_id_keeps_its_ends() -> None:
    assert line_of(f"a {ID} b", ID) == f"a {ID[:4]}{'*' * 12}{ID[-4:]} b"
    source = Source("f", ID)
    assert Redactor([source.span()]).text(f"{ID}, {ID[2:14]}") == f"{ID[:4]}…{ID[-4:]}, ****"


def test_a_password_of_words_is_found_as_a_whole() -> None:
    """Eight letters of it would be a word that other texts have as well."""
    source = Source("f", "password = production-database\n")
    redactor = Redactor([source.span(11, 30)])
    assert redactor.line(source, 1) == "password = *******************"
    assert redactor.text("modules/production/main.tf: production-database") == "modules/production/main.tf: ****"


def test_a_secret_on_several_lines() -> None:
    text = f"key: |\n  {SECRET[:20]}\n  {SECRET[20:]}\nrest: {SECRET[:20]}\n"
    source = Source("f", text)
    redactor = Redactor([source.span(7, text.index("rest") - 1)])
    stars = "*" * 20
    assert [redactor.line(source, number) for number in (1, 2, 3, 4)] == [
        "key: |",
        "  " + stars,
        "  " + stars,
        "rest: " + stars,
    ]


def test_the_words_around_a_secret_are_no_secrets() -> None:
    """Of a decoded literal the place can be the whole literal."""
    source = Source("f", f"'the container called frontend has {SECRET}'")
    redactor = Redactor([source.span(1, len(source.text) - 1)])
    assert redactor.text(f"the container called frontend {SECRET[5:20]}") == "the container called frontend ****"


def test_a_secret_in_an_embedded_text() -> None:
    written = SECRET[:10] + r"\/" + SECRET[11:]
    file = Source("f", f'"{written}"')
    inner = align(file.span(1, len(file.text) - 1), written.replace("\\/", "/"))
    redactor = Redactor([inner.span()])
    assert redactor.line(file, 1) == f'"{"*" * len(written)}"'
    assert not leaks(inner.text, redactor.text(f"{inner.text} {written} {inner.text[6:15]}"))


def test_a_known_secret_that_reads_as_an_example_is_blotted() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    assert line_of(f"k={secret}", secret) == "k=" + "*" * 40


def test_places_overlap() -> None:
    source = Source("f", "0123456789abcdefghij")
    redactor = Redactor([source.span(2, 8), source.span(5, 12), source.span(12, 13), source.span(16, 17)])
    assert redactor.line(source, 1) == "01***********def*hij"


# ── what steers a terminal ──


def test_control_characters_do_not_come_out() -> None:
    text = "a\x1b[31mb\x00c\x9bd\u202ee\u2066f\u200bg\ud800h\ti\u00a0j\u3000k\r"
    shown = "a·[31mb·c·d·e·f·g\ufffdh i j k"
    assert line_of(text) == shown
    assert Redactor().text(text) == shown + " "
    assert Redactor().text("one\ntwo") == "one\ntwo"


# ── a part of a line ──


def test_a_part_is_judged_by_what_is_around_it() -> None:
    text = f"{'x ' * 5000}k={SECRET}{' x' * 5000}"
    source = Source("f", text)
    at = text.index(SECRET)
    redactor = Redactor()
    assert redactor.part(source.span(at + 10, at + 30)) == "*" * 20
    assert redactor.part(source.span(at - 4, at + 2)) == "x k=**"[:6]
    assert redactor.part(source.span(at + 38, at + 44)) == "** x x"


def test_many_secrets_in_a_long_line_are_no_burden() -> None:
    """Linear in what is shown: a test of the way it is done, not of the time it takes."""
    secrets = [made_up_secret(seed) for seed in range(300)]
    text = ",".join(f'"{secret}"' for secret in secrets)
    source = Source("f", text)
    places = [source.span(text.index(secret), text.index(secret) + 40) for secret in secrets]
    redactor = Redactor(places)
    for place in places:
        assert redactor.part(place) == "*" * 40
    assert set(redactor.line(source, 1)) == {"*", '"', ","}
