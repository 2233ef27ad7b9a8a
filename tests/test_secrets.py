"""Secrets never leave: planted in every format, no eight characters of one come out anywhere."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from credlint import engine, formats, registry
from credlint.cli import main

from .examples import made_up_id, made_up_secret

ID = made_up_id(seed=11)
SESSION_ID = made_up_id("ASIA", seed=12)
SECRET = made_up_secret(13)
TOKEN = "IQoJb3JpZ2luX2Vj" + made_up_secret(14, 300)
BEDROCK = "ABSKQmVkcm9ja0FQSUtleS1" + made_up_secret(15, 110)
SMTP = "BE" + made_up_secret(16, 42)
GIT = "x" + made_up_secret(17, 30).replace("/", "a").replace("+", "b")
SECRETS = (SECRET, TOKEN, BEDROCK, SMTP, GIT)

PLANTED = {
    "Dockerfile": f"""\
FROM alpine AS build
ENV AWS_ACCESS_KEY_ID={ID} \\
    AWS_SECRET_ACCESS_KEY={SECRET}
ARG AWS_SESSION_TOKEN="{TOKEN}"
RUN aws configure set aws_secret_access_key {SECRET} && echo {SECRET[:20]}\\
{SECRET[20:]}
RUN git clone https://dev-at-123456789012:{GIT}@git-codecommit.eu-west-1.amazonaws.com/v1/repos/x
COPY . /app
COPY <<EOF /root/.aws/credentials
[default]
aws_access_key_id = {SESSION_ID}
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}
EOF
FROM {SECRET}
ENV A="{SECRET}
""",
    "td.json": json.dumps(
        {
            "family": SECRET,
            "taskRoleArn": f"arn:aws:iam::123456789012:role/{SECRET.replace('/', '.')[:30]}",
            "executionRoleArn": f"arn:aws:iam::123456789012:role/{SECRET.replace('/', '.')[:30]}",
            "containerDefinitions": [
                {
                    "name": SECRET,
                    "image": "x",
                    "environment": [
                        {"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET},
                        {"name": SECRET, "value": "AWS_SECRET_ACCESS_KEY"},
                        {
                            "name": "DATA",
                            "value": base64.b64encode(f"aws_secret_access_key={SECRET}".encode()).decode(),
                        },
                        {"name": "URL", "value": f"https://{ID}:{SECRET.replace('/', '%2F').replace('+', '%2B')}@s3"},
                    ],
                    "secrets": [{"name": SECRET, "valueFrom": "x"}],
                }
            ],
        }
    ).replace("/", "\\/"),
    "broken.json": f'{{"containerDefinitions": [{{"value": "{SECRET}", "name": "AWS_SECRET_ACCESS_KEY" {SECRET} "{ID}',
    "td.yaml": f"""\
containerDefinitions:
  - name: api
    environment: [{{name: AWS_SECRET_ACCESS_KEY, value: "{SECRET}"}}]
  {SECRET}
    : [
""",
    "main.tf": f"""\
variable "secret" {{
  default = "{SECRET}"
}}
provider "aws" {{
  access_key = "{ID}"
  secret_key = var.secret
  token      = "{TOKEN}"
}}
resource "aws_ecs_task_definition" "a" {{
  family                = "{SECRET}"
  task_role_arn         = "{ID}"
  execution_role_arn    = "{ID}"
  container_definitions = file("{SECRET}")
}}
resource "aws_instance" "{SECRET.replace("/", "-").replace("+", "-")}" {{
  iam_instance_profile = "{SECRET}"
  user_data            = <<-EOF
    export AWS_ACCESS_KEY_ID={ID} AWS_SECRET_ACCESS_KEY={SECRET}
    echo "[{SECRET}]\naws_secret_access_key={SECRET}" > /home/{SECRET}/.aws/credentials
  EOF
}}
locals {{ {SECRET}
""",
    "main.tf.json": json.dumps({"provider": {"aws": {"secret_key": SECRET}}, "locals": {"x": "${" + SECRET + "}"}}),
    "stack.yaml": f"""\
Parameters:
  AwsSecretKey: {{Type: String, Default: "{SECRET}"}}
Resources:
  {SECRET[:6].replace("/", "A").replace("+", "B")}:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: "{SECRET}"
      TaskRoleArn: !Sub "{SECRET}${{AWS::Region}}"
      ExecutionRoleArn: !Sub "{SECRET}${{AWS::Region}}"
      ContainerDefinitions:
        - Name: "{SECRET}"
          Image: !Ref "{SECRET}"
          Environment: [{{Name: AWS_SECRET_ACCESS_KEY, Value: "{SECRET}"}}, {{Name: X, Value: !GetAtt "{SECRET}"}}]
""",
    "terraform.tfvars": f'aws_secret_key = "{SECRET}"\n',
    ".env": f"AWS_ACCESS_KEY_ID={SECRET}\nAWS_SECRET_ACCESS_KEY={ID}\n{SECRET}\nSES_SMTP_PASSWORD={SMTP}\nX='{SECRET}\n",
    "credentials": f"[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n{BEDROCK}\n",
    "rootkey.csv": f"Access key ID,Secret access key\n{ID},{SECRET}\n",
    "terraform.tfstate": json.dumps(
        {
            "resources": [
                {"type": "aws_iam_access_key", "name": SECRET, "instances": [{"attributes": {"secret": SECRET}}]}
            ]
        }
    ),
    "plan.json": json.dumps(
        {
            "planned_values": {
                "root_module": {
                    "resources": [
                        {
                            "address": "aws_ecs_task_definition.a",
                            "type": "aws_ecs_task_definition",
                            "values": {
                                "family": SECRET,
                                "task_role_arn": SECRET,
                                "container_definitions": json.dumps(
                                    [
                                        {
                                            "name": SECRET,
                                            "environment": [{"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET}],
                                        }
                                    ]
                                ),
                            },
                        }
                    ]
                }
            }
        }
    ),
    "compose.yaml": f"""\
services:
  {SECRET}:
    environment: ["AWS_SECRET_ACCESS_KEY=${{X:-{SECRET}}}", "{SECRET}", "AWS_ACCESS_KEY_ID={SECRET}"]
    env_file: .env
    volumes: ["{SECRET}:/{SECRET}/.aws"]
    build:
      args: {{AWS_SECRET_ACCESS_KEY: , "{SECRET}": $AWS_SECRET_ACCESS_KEY}}
      dockerfile_inline: |
        FROM {SECRET} AS {SECRET}
        ENV AWS_SECRET_ACCESS_KEY {SECRET}
  {SECRET}
    : [
""",
    "build.yml": f"""\
script:
  - docker build --build-arg AWS_SECRET_ACCESS_KEY={SECRET} --build-arg "{SECRET}=$AWS_SECRET_ACCESS_KEY" {SECRET} "
  {SECRET}
    : [
""",
    "manifest.yml": f"""\
name: {SECRET}
type: Backend Service
variables: {{AWS_SECRET_ACCESS_KEY: {SECRET}, {SECRET}: ""}}
taskdef_overrides: [{{path: TaskRoleArn, value: {SECRET}}}, {{path: ExecutionRoleArn, value: {SECRET}}}]
""",
    "ecs-params.yml": f"""\
task_definition:
  task_role_arn: {SECRET}
  task_execution_role: {SECRET}
  services: {{{SECRET}: {{secrets: [{{name: AWS_SECRET_ACCESS_KEY, value_from: {SECRET}}}]}}}}
# AWS_SECRET_ACCESS_KEY={SECRET}
""",
    "workflow.yml": f"""\
jobs:
  {SECRET}:
    runs-on: {SECRET}
    steps:
      - uses: aws-actions/amazon-ecs-render-task-definition@v1
        with:
          task-definition: td.json
          container-name: {SECRET}
          environment-variables: |
            AWS_ACCESS_KEY_ID={ID}
            AWS_SECRET_ACCESS_KEY={SECRET}
""",
    "secret.yaml": f"""\
apiVersion: v1
kind: Secret
data:
  {SECRET}: {base64.b64encode(SECRET.encode()).decode()}
  AWS_SECRET_ACCESS_KEY: {base64.b64encode(SECRET.encode()).decode()}
""",
    "notes.txt": f"# credlint: ignore[{SECRET}]\nkey {ID}\nsecret {SECRET}\n{BEDROCK}\n{TOKEN}\n",
}
FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")
CHAIN_FORMATS = ("text", "json", "mermaid", "html")


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in PLANTED.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_clean(text: str) -> None:
    for secret in SECRETS:
        for part in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")):
            for at in range(len(part) - 7):
                assert part[at : at + 8] not in text, "a part of a secret came out"
    for key_id in (ID, SESSION_ID):
        for at in range(len(key_id) - 4):
            assert key_id[at : at + 5] not in text, "a part of a key id came out"


def test_the_secrets_are_found(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "json", *PLANTED]) == 1
    found = {(finding["rule"], finding["path"]) for finding in json.loads(capsys.readouterr().out)["findings"]}
    paths = {path for rule, path in found if rule in ("KEY101", "KEY103")}
    assert paths == set(PLANTED)
    assert {"KEY101", "KEY103", "KEY104", "KEY107", "ROLE201", "SCAN901"} <= {rule for rule, _ in found}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("more", [[], ["--pedantic", "--color", "always", "--statistics"]], ids=["", "all"])
def test_no_format_shows_a_secret(
    planted: Path, capsys: pytest.CaptureFixture[str], format: str, more: list[str]
) -> None:
    main(["--format", format, *more, *PLANTED])
    shown = capsys.readouterr()
    assert_clean(shown.out + shown.err)


def test_every_format_has_a_planted_file() -> None:
    planted = {format.name for name, text in PLANTED.items() if (format := formats.detect(name, text, named=True))}
    assert planted == {format.name for format in formats.FORMATS}


@pytest.mark.parametrize("format", CHAIN_FORMATS)
def test_no_chain_shows_a_secret(planted: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    name = SECRET.replace("/", "x")
    (planted / f"{name}.json").write_text(PLANTED["td.json"])
    main(["chain", "--format", format, "."])
    shown = capsys.readouterr()
    assert "AWS_SECRET_ACCESS_KEY" in shown.out
    assert_clean(shown.out + shown.err)
    assert not any(name[at : at + 8] in shown.out + shown.err for at in range(len(name) - 7))


def test_no_baseline_holds_a_secret(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (planted / f"{SECRET.replace('/', 'x')}.env").write_text(f"AWS_SECRET_ACCESS_KEY={SECRET}\n")
    assert main(["--pedantic", "--write-baseline", "known.json", "."]) == 0
    text = (planted / "known.json").read_text()
    assert text.count("fingerprint") > 10
    assert_clean(text)
    for name in PLANTED:
        (planted / name).unlink()
    assert main(["--baseline", "known.json", "."]) == 1
    shown = capsys.readouterr()
    assert "SCAN902" in shown.out
    assert_clean(shown.out + shown.err)


@pytest.mark.parametrize("format", FORMATS)
def test_no_fault_of_ours_shows_a_secret(
    planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    def fail(*arguments: object) -> None:
        raise ValueError(f"cannot read {SECRET} of {ID}")

    for rule in registry.rules():
        monkeypatch.setattr(rule, "check", fail)
    monkeypatch.setattr("credlint.readers.json.read", fail)
    assert main(["--format", format, *PLANTED]) == 2
    shown = capsys.readouterr()
    assert "ValueError" in shown.out + shown.err
    assert_clean(shown.out + shown.err)


def test_no_crash_shows_a_secret(
    planted: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(engine, "lint", fail)
    assert main(["."]) == 2
    shown = capsys.readouterr()
    assert_clean(shown.out + shown.err)


@pytest.mark.parametrize(
    "config",
    [
        f'secret = "{SECRET}"',
        f'"{SECRET}" = 1',
        f'select = ["{SECRET}"]',
        f'select = "{SECRET}"',
        f'fail-on = "{SECRET}"',
        f'[[ignore]]\nrule = "{SECRET}"\npath = "x"',
        f'[[ignore]]\nrule = "KEY101"\npath = "x"\nexpires = "{SECRET}"',
        f"{SECRET} = = 1",
    ],
)
def test_no_configuration_error_shows_a_secret(planted: Path, capsys: pytest.CaptureFixture[str], config: str) -> None:
    (planted / "credlint.toml").write_text(config)
    assert main(["Dockerfile"]) == 2
    shown = capsys.readouterr()
    assert shown.err
    assert_clean(shown.out + shown.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--var-file", SECRET],
        ["--color", SECRET],
        ["--format", SECRET],
        [f"--{SECRET}"],
        ["--sdk", SECRET],
        ["chain", "--format", SECRET],
        ["chain", f"--{SECRET}"],
        ["rules", SECRET],
        ["explain", SECRET],
    ],
)
def test_no_usage_error_shows_a_secret(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err
    assert_clean(shown.out + shown.err)


def test_a_path_may_hold_a_secret(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = SECRET.replace("/", "x") + ".env"
    secret = name[:40]
    (planted / name).write_text(f"AWS_SECRET_ACCESS_KEY={secret}\n")
    for format in FORMATS:
        main(["--format", format, name])
        shown = capsys.readouterr()
        assert not any(secret[at : at + 8] in shown.out + shown.err for at in range(33))


def test_the_whole_process(planted: Path) -> None:
    for arguments in (["."], ["--help"], ["nothing-here"], ["--select", "nothing"], ["explain", "nothing"]):
        done = subprocess.run(
            [sys.executable, "-m", "credlint", *arguments], capture_output=True, text=True, check=False, env=os.environ
        )
        assert_clean(done.stdout + done.stderr)
