"""What shows that a task calls AWS, and what does not."""

from __future__ import annotations

import json

import pytest

from credlint import resolve
from credlint.config import Config
from credlint.engine import _read
from credlint.evidence import talks_to_aws
from credlint.files import Files
from credlint.model import Evidence

TERRAFORM = """
resource "aws_s3_bucket" "uploads" {
  bucket = "shop-uploads"
}
resource "aws_sqs_queue" "jobs" {
  for_each = var.queues
}
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = jsonencode([{
    name        = "api"
    image       = "%s"
    environment = [%s]
  }])
}
"""
CLOUDFORMATION = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Uploads: {Type: AWS::S3::Bucket}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: shop-jobs}}
  Web: {Type: AWS::ECS::Cluster}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: api
          Image: api:1
          Environment: [%s]
"""


def found(texts: dict[str, str]) -> Evidence | None:
    """The evidence for the only task of a project."""
    files = Files(overlay=texts, disk=False)
    project, _ = resolve.resolve(_read(files, [(path, True) for path in texts], Config()).facts, files)
    (task,) = project.tasks
    return talks_to_aws(task, project)


def definition(**more: object) -> str:
    return json.dumps({"family": "api", "containerDefinitions": [{"name": "api", "image": "api:1", **more}]})


COMMANDS: list[tuple[dict[str, object], bool]] = [
    ({"command": ["aws", "s3", "sync", "s3://bucket", "/data"]}, True),
    ({"command": ["sh", "-c", "set -e; aws --region eu-west-1 sqs receive-message --queue-url $URL"]}, True),
    ({"entryPoint": ["sh", "-c"], "command": ["exec /usr/local/bin/aws s3 cp s3://b/c - | psql"]}, True),
    ({"image": "public.ecr.aws/aws-cli/aws-cli:2", "command": ["s3", "ls"]}, True),
    ({"image": "amazon/aws-cli:2", "entryPoint": ["sleep"], "command": ["60"]}, False),
    ({"image": "amazon/aws-cli:2", "command": ["--version"]}, False),
    ({"command": ["sh", "-c", "aws configure set region eu-west-1 && api"]}, False),
    ({"command": ["sh", "-c", "aws --endpoint-url http://minio:9000 s3 ls"]}, False),
    ({"command": ["sh", "-c", "aws s3 cp --no-sign-request s3://public/a ."]}, False),
    ({"command": ["sh", "-c", "aws $ARGUMENTS"]}, False),
    ({"command": ["sh", "-c", "echo aws s3 ls"]}, False),
    ({"command": ["sh", "-c", "export AWS_SECRET_ACCESS_KEY=$(cat /run/key); aws s3 ls"]}, False),
    ({"command": ["aws", "s3", "ls"], "environment": [{"name": "AWS_PROFILE", "value": "x"}]}, False),
    ({"command": ["aws", "s3", "ls"], "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::b/x.env"}]}, False),
    ({"command": ["aws", "s3", "ls"], "environment": [{"name": "AWS_ENDPOINT_URL", "value": "http://s3:9000"}]}, False),
    ({"command": ["api"], "environment": [{"name": "AWS_REGION", "value": "eu-west-1"}]}, False),
]


@pytest.mark.parametrize(("container", "expected"), COMMANDS)
def test_the_command_line(container: dict[str, object], expected: bool) -> None:
    evidence = found({"td.json": definition(**container)})
    assert (evidence.why if evidence else None) == ("it runs the AWS CLI" if expected else None)


VARIABLES = [
    ("aws_s3_bucket.uploads.id", "the bucket uploads"),
    ("aws_s3_bucket.uploads.bucket", "the bucket uploads"),
    ('aws_sqs_queue.jobs["mail"].url', "the queue jobs"),
    ("aws_s3_bucket.uploads.region", None),
    ('"shop-uploads"', None),
    ("var.bucket", None),
    ('"https://${aws_s3_bucket.uploads.id}.s3.amazonaws.com/logo.png"', None),
]


@pytest.mark.parametrize(("value", "expected"), VARIABLES)
def test_what_terraform_refers_to(value: str, expected: str | None) -> None:
    evidence = found({"main.tf": TERRAFORM % ("api:1", f'{{ name = "TARGET", value = {value} }}')})
    assert (evidence.why if evidence else None) == (f"it is given the name of {expected}" if expected else None)
    assert evidence is None or evidence.span.text == "TARGET"


OTHERS = [
    ("nginx:1", ""),
    ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-nginx:1", ""),
    ("api:1", '{ name = "S3_ENDPOINT", value = var.endpoint },'),
    ("api:1", '{ name = "S3_SECRET", value = var.key },'),
    ("api:1", '{ name = "STORAGE_ACCESS_KEY", value = var.key },'),
]


@pytest.mark.parametrize(("image", "other"), OTHERS)
def test_what_may_have_other_credentials_or_be_no_program_of_its_own(image: str, other: str) -> None:
    assert found({"main.tf": TERRAFORM % (image, other + '{ name = "A", value = aws_s3_bucket.uploads.id }')}) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("!Ref Uploads", "Uploads"), ("!GetAtt Jobs.Arn", "Jobs"), ("!Ref Jobs", "Jobs"), ("!Ref Web", None)],
)
def test_what_cloudformation_refers_to(value: str, expected: str | None) -> None:
    evidence = found({"stack.yaml": CLOUDFORMATION % f"{{Name: TARGET, Value: {value}}}"})
    assert (evidence is not None and evidence.why.endswith(f" {expected}")) == (expected is not None)


def test_what_takes_the_task_role_by_itself() -> None:
    volumes = [{"name": "a", "efsVolumeConfiguration": {"authorizationConfig": {"iam": "ENABLED"}}}]
    evidence = found({"td.json": json.dumps({**json.loads(definition()), "volumes": volumes})})
    assert evidence is not None
    assert evidence.why == "its EFS volume is mounted with IAM"
    assert found({"td.json": definition()}) is None
