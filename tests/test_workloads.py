"""`credlint chain`: what it shows of workloads, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credlint.cli import main

from .examples import made_up_secret

SECRET = made_up_secret(5)
DEFINITION = {
    "family": "api",
    "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
    "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [
        {
            "name": "keys",
            "image": "api:1",
            "environment": [
                {"name": "AWS_ACCESS_KEY_ID", "value": "x"},
                {"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET},
            ],
        },
        {
            "name": "old",
            "image": "api:1",
            "environment": [{"name": "AWS_ACCESS_KEY", "value": "x"}, {"name": "AWS_SECRET_KEY", "value": "y"}],
        },
        {"name": "role", "image": "api:1"},
        {"name": "profile", "image": "api:1", "environment": [{"name": "AWS_PROFILE", "value": "x"}]},
    ],
}


@pytest.fixture(autouse=True)
def definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "td.json").write_text(json.dumps(DEFINITION, indent=1))


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["chain", *arguments]) == code
    shown = capsys.readouterr()
    assert SECRET[:8] not in shown.out + shown.err
    return shown.out if code == 0 else shown.err


def test_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "--format", "json", "--sdk", "boto3", "--sdk", "go-v1"))
    assert found["schema_version"] == 1
    by_name = {workload["name"]: workload for workload in found["workloads"]}
    keys = by_name["keys"]
    assert {name: keys[name] for name in ("kind", "path", "launch", "sdks", "best", "violates")} == {
        "kind": "ecs-container",
        "path": "td.json",
        "launch": ["FARGATE"],
        "sdks": ["boto3", "go-v1"],
        "best": "task-role",
        "violates": True,
    }
    assert keys["resolved"] == {sdk: {"source": "environment", "error": None} for sdk in ("boto3", "go-v1")}
    assert [(one["source"], one["name"], one["certain"], one["static"]) for one in keys["sources"]] == [
        ("environment", "AWS_ACCESS_KEY_ID", True, True),
        ("environment", "AWS_SECRET_ACCESS_KEY", True, True),
        ("task-role", "api-task", True, False),
    ]
    assert all(one["path"] == "td.json" and one["line"] > 0 for one in keys["sources"])
    # names that one SDK knows and the other does not
    assert by_name["old"]["resolved"]["go-v1"]["source"] == "environment"
    assert by_name["old"]["resolved"]["boto3"]["source"] == "task-role"
    assert not by_name["old"]["violates"]
    assert not by_name["role"]["violates"]
    assert by_name["profile"]["resolved"]["boto3"]["error"] == "profile-not-found"


def test_the_table_says_who_wins_and_what_is_best(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, ".")
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert any(line.startswith("1 environment AWS_ACCESS_KEY_ID td.json:") and line.endswith("wins") for line in lines)
    assert any(
        line.startswith("3 task-role api-task") and line.endswith("best, shadowed by environment") for line in lines
    )
    assert "every SDK: environment" in lines
    assert lines[-1].startswith("4 workloads, 1 of them")


def test_a_diagram(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "--format", "mermaid").splitlines()
    assert shown[0] == "flowchart LR"
    assert any("==>|wins|" in line for line in shown)
    assert all(line.count('"') % 2 == 0 for line in shown)


def test_nothing_to_show_and_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert "No workloads" in said(capsys, "empty")
    assert "boto3" in said(capsys, "--sdk", "boto", code=2)
    assert "nowhere" in said(capsys, "nowhere", code=2)


OTHERS = {
    "compose.yaml": """
services:
  worker:
    image: worker:1
    environment:
      AWS_ACCESS_KEY_ID: ${KEY_ID}
      AWS_SECRET_ACCESS_KEY: ${KEY_SECRET}
      QUEUE: mail
  profile:
    image: profile:1
    environment: {AWS_PROFILE: dev}
    volumes: ["~/.aws:/root/.aws:ro"]
  database:
    image: postgres:17
""",
    "dev/compose.yaml": """
services:
  emulated:
    image: worker:1
    environment: {AWS_ACCESS_KEY_ID: test, AWS_SECRET_ACCESS_KEY: test, AWS_ENDPOINT_URL: "http://cloud:4566"}
""",
    "main.tf": """
resource "aws_lambda_function" "thumbs" {
  function_name = "thumbs"
  role          = aws_iam_role.thumbs.arn
  environment {
    variables = { AWS_PROFILE = "dev", SIZE = "100" }
  }
}
resource "aws_iam_role" "thumbs" {
  name = "thumbs-role"
}
resource "aws_batch_job_definition" "export" {
  name                 = "export"
  container_properties = jsonencode({ image = "export:1", jobRoleArn = "export-role" })
}
""",
    "template.yaml": """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Resize:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/resize-role
""",
}


@pytest.fixture
def others(definition: None, tmp_path: Path) -> None:
    (tmp_path / "td.json").unlink()
    (tmp_path / "dev").mkdir()
    for path, text in OTHERS.items():
        (tmp_path / path).write_text(text)


@pytest.mark.usefixtures("others")
def test_what_runs_elsewhere_than_on_ecs(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "--format", "json", "--sdk", "boto3", "--sdk", "js-v3"))
    by_name = {workload["name"]: workload for workload in found["workloads"]}
    assert {name: (one["kind"], one["best"], one["violates"]) for name, one in by_name.items()} == {
        "worker": ("compose-service", "profile", True),
        "profile": ("compose-service", "profile", False),
        "emulated": ("compose-service", "environment", False),
        "thumbs": ("lambda-function", "environment", False),
        "Resize": ("lambda-function", "environment", False),
        "export": ("batch-job", "task-role", False),
    }
    sources = {
        name: [(source["source"], source["name"], source["static"]) for source in one["sources"]]
        for name, one in by_name.items()
    }
    assert sources["profile"] == [("profile", "AWS_PROFILE", False), ("profile", "/root/.aws/credentials", True)]
    assert sources["thumbs"] == [("environment", "thumbs-role", False), ("profile", "AWS_PROFILE", False)]
    assert sources["Resize"] == [("environment", "resize-role", False)]
    assert ("task-role", "export-role", False) in sources["export"]
    assert by_name["profile"]["resolved"]["boto3"]["source"] == "profile"
    # the profile goes before what Lambda gives the function: of all SDKs one never looks at that
    assert by_name["thumbs"]["resolved"]["boto3"]["error"] == "profile-not-found"
    assert by_name["thumbs"]["resolved"]["js-v3"]["source"] == "none"
    shown = said(capsys, ".", "--sdk", "boto3")
    assert "worker (compose-service)  compose.yaml:3" in shown
    assert "thumbs (lambda-function)  main.tf:2" in shown
    assert "compose-service" in said(capsys, "--format", "html")


def test_what_conditions_make_of_a_container_is_told_once_for_each_set_of_sources(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "template.yaml").write_text(
        "AWSTemplateFormatVersion: '2010-09-09'\n"
        "Parameters: {Role: {Type: String}}\n"
        "Conditions: {HasRole: !Not [!Equals [!Ref Role, '']], Debug: !Equals [!Ref Role, 'debug']}\n"
        "Resources:\n"
        "  Task:\n"
        "    Type: AWS::ECS::TaskDefinition\n"
        "    Properties:\n"
        "      TaskRoleArn: arn:aws:iam::123456789012:role/api\n"
        "      ContainerDefinitions:\n"
        "        - Name: api\n"
        "          Image: api:1\n"
        "          Environment: [!If [Debug, {Name: A, Value: a}, {Name: B, Value: b}]]\n"
        "        - Name: worker\n"
        "          Image: worker:1\n"
        "          Environment:\n"
        "            - !If [HasRole, {Name: AWS_ACCESS_KEY_ID, Value: a}, !Ref AWS::NoValue]\n"
        "            - !If [HasRole, {Name: AWS_SECRET_ACCESS_KEY, Value: a}, !Ref AWS::NoValue]\n"
    )
    found = json.loads(said(capsys, "--format", "json", "template.yaml"))["workloads"]
    assert [(one["name"], len(one["sources"])) for one in found] == [("api", 1), ("worker", 3), ("worker", 1)]
