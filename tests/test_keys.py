"""How keys are found: what no example can show, for its text is made at run time or is hostile."""

from __future__ import annotations

import base64
import textwrap
import time

import pytest

from credlint import aws, names
from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files
from credlint.finding import Confidence, Finding

from .examples import made_up_id, made_up_secret, swap

ID, SECRET = made_up_id(), made_up_secret()
SCRIPT = f"""\
#!/bin/sh
# for everything that the application needs when it starts
export AWS_ACCESS_KEY_ID={ID}
export AWS_SECRET_ACCESS_KEY={SECRET}
exec application --quiet
"""


def findings_in(text: str, path: str = "x.env") -> tuple[Finding, ...]:
    report = lint(Files(overlay={path: text}, disk=False), [(path, True)], Config(select=("KEY",)))
    assert not report.faults
    return report.findings


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def wrapped(text: str, width: int, indent: str = "") -> str:
    return textwrap.indent("\n".join(textwrap.wrap(encoded(text), width)), indent)


# ── base64 ──


@pytest.mark.parametrize(
    "script",
    [
        SCRIPT,
        SCRIPT.replace("application", "café €"),
        "#0123456789abcdefé" + SCRIPT,  # its first 24 characters of base64 end within one of these
        "\ufeff" + SCRIPT,
        SCRIPT.replace("\n", "\r\n"),
    ],
    ids=["ascii", "utf-8", "utf-8 that is cut", "mark", "crlf"],
)
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("x.env", "USER_DATA={}"),
        ("main.tf", 'resource "aws_instance" "x" {{\n  user_data_base64 = "{}"\n}}\n'),
        ("main.tf", 'resource "aws_instance" "x" {{\n  user_data_base64 = <<EOF\n{:64}\nEOF\n}}\n'),
        ("main.tf", 'resource "aws_instance" "x" {{\n  user_data_base64 = <<-EOF\n{:76>}\n  EOF\n}}\n'),
        ("secret.yaml", "data:\n  script: |\n{:64>}\nkind: Secret\n"),
        ("secret.yaml", 'data:\n  script: "\n{:76>}"\n'),
        ("secret.json", '{{"data": "{:n}"}}'),
    ],
)
def test_base64(path: str, form: str, script: str) -> None:
    """A key in base64 is told once, with a place in the literal that is its own."""

    class Written(str):
        def __format__(self, spec: str) -> str:
            if spec == "n":
                return "\\n".join(textwrap.wrap(encoded(self), 76))
            width = spec.rstrip(">")
            return wrapped(self, int(width), "    " * spec.count(">")) if width else encoded(self)

    text = form.format(Written(script))
    (finding,) = findings_in(text, path)
    assert finding.rule.id == "KEY101"
    assert "base64, which hides nothing" in finding.message
    assert finding.related[0].message == "its access key id"
    for span, secret in ((finding.span, SECRET), (finding.related[0].span, ID)):
        place = span.origin()
        assert place.source.text == text
        literal = place.text.replace("\\n", "").replace("\n", "").replace(" ", "")
        at = script.encode().index(secret.encode())
        whole = base64.b64encode(script.encode()).decode()
        assert literal == whole[at * 8 // 6 : ((at + len(secret)) * 8 - 1) // 6 + 1]


def test_base64_of_a_secret_alone() -> None:
    (finding,) = findings_in(f"AWS_SECRET_ACCESS_KEY={encoded(SECRET + chr(10))}\n")
    assert finding.span.origin().text == encoded(SECRET)[:53] + encoded(SECRET + "\n")[53]


def test_base64_of_an_id_and_a_secret() -> None:
    """As in a Secret of Kubernetes, where each value is a literal of its own."""
    data = f"data:\n  AWS_ACCESS_KEY_ID: {encoded(ID)}\n  AWS_SECRET_ACCESS_KEY: {encoded(SECRET)}\n"
    (finding,) = findings_in(data, "secret.yaml")
    assert [related.span.origin().text for related in finding.related] == [encoded(ID)[:-1]]


def test_lines_of_base64_that_are_no_whole() -> None:
    """Two literals below each other, of which only the second one is text."""
    noise = base64.b64encode(bytes(range(129, 129 + 99))).decode()
    key = encoded(f"aws_secret_access_key={SECRET}".ljust(99))
    assert len(noise) == len(key)
    (finding,) = findings_in(f"- {noise}\n  {key}\n", "x.yaml")
    assert finding.span.begin.line == 2


@pytest.mark.parametrize("text", ["\0\1", "\x1b[0m"])
def test_base64_of_what_is_no_text(text: str) -> None:
    assert not findings_in(f"X={encoded(text + SCRIPT)}\n")


# ── what stands beside a secret ──


def test_another_vendors_id_far_away_in_the_same_group() -> None:
    values = [("access_key", "GOOG1EPLAUSIBLEIDOFGOOGLE"), *((f"n{n}", "aws-" * 20) for n in range(9))]
    lines = [f'    {name} = "{value}"' for name, value in (*values, ("secret_key", SECRET))]
    text = "\n".join(["locals {", "  s3 = {", *lines, "  }", "}"])
    assert not findings_in(text, "main.tf")
    assert len(findings_in(text.replace("access_key", "x"), "main.tf")) == 1


def test_host_of_ses_far_away_in_the_same_group() -> None:
    lines = ["HOST=email-smtp.eu-west-1.amazonaws.com", *(f"N{n}={'x' * 80}" for n in range(9))]
    text = "\n".join([*lines, "PASSWORD=BE" + made_up_secret(2, 42)])
    assert [finding.rule.id for finding in findings_in(text)] == ["KEY104"]
    assert not findings_in(text.replace("email-smtp", "smtp"))


def test_names_at_the_edge_of_what_is_read() -> None:
    """A name that is cut off there is not taken for that of an access key id."""
    for width in range(320, 420):
        text = f"UNSPLASH_ACCESS_KEY=q2w3e4r5t6y7u8i9o0pA\n#{'-' * width}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
        assert len(findings_in(text, "x.sh")) == 1


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("SESSION_TOKEN={token}", []),
        ("OPENAI_SESSION_TOKEN={token}", []),
        ("AWS_SESSION_TOKEN={token}", ["KEY103"]),
        ("amazonSecurityToken={token}", ["KEY103"]),
        ("id=ASIA{id}\nSESSION_TOKEN={token}", ["KEY103"]),
        ("id=ASIA{id}\nOPENAI_SESSION_TOKEN={token}", []),
        ("AWS_SECRET_ACCESS_KEY={secret}\nSESSION_TOKEN={token}", ["KEY103"]),
        ("id=AKIA{id}\nAWS_SECRET_ACCESS_KEY={secret}\nSESSION_TOKEN={token}", ["KEY101"]),
        ("id=ASIA{id}\nsecret={secret}\nSESSION_TOKEN={token}", ["KEY103"]),
        ("API_SECRET_KEY={secret}\nSESSION_TOKEN={token}", []),
    ],
)
def test_whose_session_token_it_is(text: str, rules: list[str]) -> None:
    """Without the beginning that the tokens of STS have, it takes a name that says AWS or the rest of the session."""
    text = text.format(id=ID[4:], secret=SECRET, token=made_up_secret(9, 300))
    assert [finding.rule.id for finding in findings_in(text)] == rules


# ── how sure ──


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        (f"AWS_SECRET_ACCESS_KEY={SECRET}", Confidence.HIGH),
        (f"access={ID}\nsecret_key={SECRET}", Confidence.HIGH),
        (f"AWS_ACCESS_KEY_ID={SECRET}\nAWS_SECRET_ACCESS_KEY={ID}", Confidence.HIGH),
        (f"access={ID}\npassword={SECRET}", Confidence.MEDIUM),
        (f"HOST=s3.eu-west-1.amazonaws.com\nsecret_key={SECRET}", Confidence.MEDIUM),
        (f"aws_key={SECRET}", Confidence.MEDIUM),
    ],
)
def test_confidence(text: str, confidence: Confidence) -> None:
    (finding,) = findings_in(text)
    assert finding.confidence is confidence


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("AWS_SECRET_ACCESS_KEY", names.CLEAR),
        ("awsSecretKey", names.CLEAR),
        ("sharedAWSSecretKey2", names.CLEAR),
        ("TF_VAR_aws_secret", names.CLEAR),
        ("SES_SECRET", names.CLEAR),
        ("spring.dynamodb.secret", names.CLEAR),
        ("secretkey", names.GENERIC),
        ("aws_credentials", names.GENERIC),
        ("aws_key", names.GENERIC),
        ("SECRET_KEY", names.WEAK),
        ("app_secret_key", names.WEAK),
        ("aws_kms_key", names.WEAK),
        ("password", names.WEAK),
        ("recaptcha.secretKey", names.FOREIGN),
        ("STRIPE_SECRET_KEY", names.FOREIGN),
        ("r2.secretKey", names.FOREIGN),
        ("WASABI_SECRET_ACCESS_KEY", names.FOREIGN),
        ("minio.s3Secret", names.FOREIGN),
        ("S3_R2_SECRET_KEY", names.FOREIGN),
        ("R2_AWS_SECRET_ACCESS_KEY", names.CLEAR),
        ("JENKINS_SECRET_ACCESS_KEY", names.CLEAR),
        ("server2_secret_access_key", names.CLEAR),
        ("MINIO_BUCKET", names.NOTHING),
        ("AWS_WEBHOOK_SECRET", names.NOTHING),
        ("AWS_COGNITO_CLIENT_SECRET", names.NOTHING),
        ("AWS_CLIENT_SECRET", names.WEAK),
        ("AWS_REDIS_PASSWORD", names.WEAK),
        ("AWS_ORIGIN_SECRET", names.WEAK),
        ("AWS_SECRET_HEADER", names.WEAK),
        ("S3_OBJECT_KEY", names.WEAK),
        ("aws_config.secret", names.CLEAR),
        ("AWS_SECRET_PROD", names.CLEAR),
        ("awskey2", names.GENERIC),
        ("secret_key_path", names.NOTHING),
        ("COMMIT_SHA", names.NOTHING),
        ("", names.NOTHING),
    ],
)
def test_names(name: str, strength: int) -> None:
    assert names.secret(name) == strength


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("AWS_ENDPOINT_URL", True),
        ("AWS_ENDPOINT_URL_S3", True),
        ("provider.endpoint", True),
        ("endpoints.s3", True),
        ("default.host_base", True),
        ("endpoints.dynamodb", False),
        ("ENDPOINT", False),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", False),
        ("s3.bucket", False),
    ],
)
def test_names_of_endpoints(name: str, is_one: bool) -> None:
    assert names.is_endpoint(name) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://minio.example.org:9000/path", True),
        ("minio:9000", True),
        ("fsn1.your-objectstorage.com", True),
        ("https://s3.eu-west-1.amazonaws.com", False),
        ("https://S3.cn-north-1.amazonaws.com.cn/bucket", False),
        ("s3.dualstack.eu-west-1.api.aws", False),
        ("https://${account}.r2.cloudflarestorage.com", False),
        ("true", False),
        ("", False),
    ],
)
def test_addresses_elsewhere(text: str, is_one: bool) -> None:
    assert aws.is_address_elsewhere(text) is is_one


def test_variables_are_clear_names() -> None:
    """What a build argument is judged by and what a value is judged by are one table."""
    for name in ("AWS_SECRET_ACCESS_KEY", "CI_AWS_SECRET_KEY", "SECRET_ACCESS_KEY", "AWS_SECRET", "S3_SECRET_KEY"):
        assert names.is_variable(name)
        assert names.secret(name) == names.CLEAR
    assert names.is_variable("AWS_SESSION_TOKEN")
    assert not names.is_variable("AWS_SECRET_ACCESS_KEY_FILE")


def test_what_to_do_about_a_service() -> None:
    password = "BE" + made_up_secret(2, 42)
    (finding,) = findings_in(f"SES_PASSWORD={password}")
    assert "API of SES with a role" in finding.help
    (finding,) = findings_in(f"USER=alice-at-123456789012\nPASSWORD={made_up_secret(5, 43)}=")
    assert "service-specific credentials" in finding.help
    (finding,) = findings_in("KEY=ABSKQmVkcm9ja0FQSUtleS1" + made_up_secret(4, 110))
    assert "short-term API keys" in finding.help


def test_random_keys_are_no_paths() -> None:
    assert sum(aws.is_path(made_up_secret(seed)) for seed in range(5000)) <= 2
    assert aws.is_path("com/Acme/Billing/Prod2/Invoices/Report07")
    assert not aws.is_path("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


@pytest.mark.parametrize("separator", [", ", ",\n"])
def test_as_many_secrets_as_ids(separator: str) -> None:
    """The ids of a long list do not use up what is looked at in one text."""
    pairs = [f'"id{n}": "{made_up_id(seed=n)}"{separator}"aws_secret_key": "{made_up_secret(n)}"' for n in range(2000)]
    findings = findings_in("{" + separator.join(pairs) + "}", "x.json")
    assert {finding.rule.id for finding in findings} == {"KEY101"}
    assert len(findings) == 2000


# ── hostile texts ──

N = 100_000
HOSTILE = {
    "users": "-at-123" * (N // 7) + "git-codecommit",
    "services": "x-at-123456789012:" * (N // 18) + "git-codecommit",
    "braces": "{{" * (N // 2),
    "angles": "<" * N,
    "lines of base64": ("QUtJ" * 16 + "\n") * (N // 65),
    "lines of base64 in a string": '{"x": "' + ("QUtJ" * 16 + "\\n") * (N // 66) + '"}',
    "unequal lines of base64": "\n".join("QUtJ" * (7 + number % 9) for number in range(N // 40)),
    "secrets": "".join(f"secret_key={made_up_secret(seed)}\n" for seed in range(N // 52)),
    "long word": f"secret_key={SECRET}\n" + "a" * N,
    "brackets": "({[" * (N // 3) + f"secret_key={SECRET} " * 20,
    "hosts": ("s3." * 130 + f" secret_key={SECRET}\n") * (N // 450),
    "indented": "\n".join(f"{' ' * (number % 40)}secret_key={SECRET}" for number in range(N // 70)),
    "prose": "secret " * (N // 7),
    "endpoints": "s3_endpoint: http://a.example " * (N // 60) + f"secret_key={SECRET} " * (N // 100),
    "endpoints and secrets": f"endpoint: http://a.example secret_key: {SECRET} " * (N // 80),
    "options": f"--x\n{SECRET}\n" * (N // 50),
    "users and passwords": "".join(
        f"U{n}=a-at-123456789012\nPASSWORD{n}={made_up_secret(n, 44)}\n" for n in range(N // 80)
    ),
}


@pytest.mark.parametrize("path", ["x.env", "x.sh", "x.csv", "rootkey.csv"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_linear_time(name: str, path: str) -> None:
    start = time.process_time()
    findings_in(HOSTILE[name], path)
    assert time.process_time() - start < 30


@pytest.mark.parametrize("name", ["braces", "angles", "users"])
def test_placeholders_take_linear_time(name: str) -> None:
    start = time.process_time()
    aws.is_placeholder(HOSTILE[name])
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        (".github/workflows/deploy.yml", "role-to-assume"),
        ("app/.github/workflows/deploy.yml", "role-to-assume"),
        (".gitlab-ci.yml", "id_tokens"),
        ("docker-compose.override.yml", "AWS_PROFILE for the service"),
        ("compose.yaml", "AWS_PROFILE for the service"),
        ("settings.yml", "a profile on your machine"),
    ],
)
def test_the_cure_goes_by_the_place(path: str, cure: str) -> None:
    text = swap("env:\n  AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")
    (finding,) = lint(Files(overlay={path: text}, disk=False), [(path, True)], Config()).findings
    assert cure in finding.help


@pytest.mark.parametrize(
    ("role", "cure"),
    [
        ("", "give the task definition a taskRoleArn"),
        ('"taskRoleArn": "",', "give the task definition a taskRoleArn"),
        ('"taskRoleArn": "arn:aws:iam::123456789012:role/api",', "let the container use the task role,"),
        ('"taskRoleArn": "{{ role }}",', "let the container use the task role,"),
    ],
)
def test_the_cure_knows_the_role_that_is_there(role: str, cure: str) -> None:
    text = swap(
        f'{{{role} "containerDefinitions": [{{"name": "api", "environment": [\n'
        '{"name": "AWS_SECRET_ACCESS_KEY", "value": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}]}]}\n'
    )
    report = lint(Files(overlay={"td.json": text}, disk=False), [("td.json", True)], Config(select=("KEY",)))
    assert cure in report.findings[0].help


def test_both_halves_of_a_key_are_mounted() -> None:
    def helps(text: str) -> list[str]:
        report = lint(Files(overlay={"Dockerfile": text}, disk=False), [("Dockerfile", True)], Config())
        return [finding.help for finding in report.findings]

    pair = "--mount=type=secret,id=aws_access_key_id,env=AWS_ACCESS_KEY_ID "
    pair += "--mount=type=secret,id=aws_secret_access_key,env=AWS_SECRET_ACCESS_KEY "
    (help,) = helps("FROM a\nARG AWS_ACCESS_KEY_ID\nARG AWS_SECRET_ACCESS_KEY\n")
    assert pair in help
    (help,) = helps("FROM a\nARG AWS_SECRET_ACCESS_KEY\n")
    assert "ACCESS_KEY_ID" not in help
