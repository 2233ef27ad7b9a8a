"""What is known of whole small Terraform projects: each as its files and the dump that it must give.

A line is a task: its name, launch types, task role, execution role, features, variables. A role is
told by its name, else by what stands for it; `?` when it is not known, `-` when there is none. After `+`
stand AWS's policies that it has, `…` when not all of its policies are seen.
"""

from __future__ import annotations

import re

import pytest

from credlint.files import Files
from credlint.formats import terraform
from credlint.model import Project, Slot, Value
from credlint.resolve import resolve
from credlint.text import Source


def project(text: str) -> Project:
    """The project of files that are written one after the other, each after its name in `== name ==`."""
    parts = re.split(r"^== (.+) ==\n", text, flags=re.MULTILINE)
    files = dict(zip(parts[1::2], parts[2::2]))
    reader = Files(overlay=files, disk=False)
    units: dict[str, list[Source]] = {}
    for path, content in files.items():
        if path.endswith((".tf", ".tofu", ".tf.json", ".tfvars")):
            units.setdefault(path.rpartition("/")[0], []).append(Source(path, content))
    return resolve([terraform.read(sources, reader) for sources in units.values()], reader)[0]


def dump(text: str) -> list[str]:
    found = project(text)
    return [
        " | ".join(
            (
                task.name + ("" if task.complete else " (part)"),
                ",".join(task.launch) or "?",
                _role(task.task_role),
                _role(task.execution_role),
                " ".join(dict.fromkeys(feature.kind.name for feature in task.features)) or "-",
                " ".join(
                    f"{workload.name}:{variable.name}={_text(variable.value)}"
                    for workload in task.workloads
                    for variable in workload.variables
                )
                or "-",
            )
        )
        for task in found.tasks
    ]


def _role(slot: Slot) -> str:
    if slot.value is None:
        return "-"
    name = slot.role_name or slot.address or "?"
    if slot.role is None:
        return name
    return "+".join((name, *sorted(slot.role.managed))) + ("" if slot.role.complete else "…")


def _text(value: Value | None) -> str:
    return "(secret)" if value is None else value.text if value.text is not None else "?"


PROJECTS = {
    "Batch: JSON by jsonencode, by a heredoc, by ecs_properties": (
        """
== main.tf ==
provider "aws" {}
variable "image" {
  type = string
}
resource "aws_iam_role" "job" {
  name = "job"
}
resource "aws_iam_role" "exec" {
  name                = "exec"
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"]
}
resource "aws_batch_job_definition" "a" {
  name                  = "a"
  type                  = "container"
  platform_capabilities = ["FARGATE"]
  container_properties = jsonencode({
    image            = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1"
    jobRoleArn       = aws_iam_role.job.arn
    executionRoleArn = aws_iam_role.exec.arn
    secrets          = [{ name = "A", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/x" }]
    environment      = [{ name = "B", value = "x" }]
  })
}
resource "aws_batch_job_definition" "b" {
  name                 = "b"
  type                 = "container"
  container_properties = <<JSON
{"image": "${var.image}", "jobRoleArn": "${aws_iam_role.job.arn}", "vcpus": ${var.cpu},
 "environment": ${jsonencode([{ name = "C", value = "v${var.cpu}" }])}, "executionRoleArn": ""}
JSON
}
resource "aws_batch_job_definition" "c" {
  name = "c"
  type = "container"
  ecs_properties = jsonencode({
    taskProperties = [{
      taskRoleArn      = aws_iam_role.job.arn
      executionRoleArn = aws_iam_role.exec.arn
      containers       = [{ name = "m", image = "x", secrets = [{ name = "S", valueFrom = "s" }] }]
    }]
  })
}
resource "aws_batch_job_definition" "open" {
  name                 = "open"
  type                 = "container"
  container_properties = jsonencode(merge({ image = "x" }, var.more))
}
""",
        [
            "a | FARGATE | job | exec+AmazonECSTaskExecutionRolePolicy | SECRET ECR_IMAGE | a:B=x a:A=(secret)",
            "b | EC2 | job | - | - | b:C=?",
            "c | EC2 | job | exec+AmazonECSTaskExecutionRolePolicy | SECRET | m:S=(secret)",
            "open | EC2 | ? | ? | - | -",
        ],
    ),
    "roles that a module makes, in the slots of another": (
        """
== main.tf ==
provider "aws" {}
module "iam" {
  source = "./iam"
}
module "service" {
  source         = "./service"
  task_role      = module.iam.arns["task"]
  execution_role = module.iam.arns["exec"]
}
== iam/main.tf ==
resource "aws_iam_role" "this" {
  for_each = toset(["task", "exec"])
  name     = "app-${each.key}"
}
resource "aws_iam_role_policy_attachment" "exec" {
  role       = aws_iam_role.this["exec"].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}
output "arns" {
  value = { for key, role in aws_iam_role.this : key => role.arn }
}
== service/main.tf ==
variable "task_role" {}
variable "execution_role" {}
resource "aws_ecs_task_definition" "this" {
  family                = "app"
  task_role_arn         = var.task_role
  execution_role_arn    = var.execution_role
  container_definitions = <<JSON
[{"name": "app", "image": "x", "secrets": [{"name": "S", "valueFrom": "${aws_ssm_parameter.s.arn}"}]}]
JSON
}
""",
        ["app | ? | app-task | app-exec+AmazonECSTaskExecutionRolePolicy | SECRET | app:S=(secret)"],
    ),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_known(name: str) -> None:
    text, expected = PROJECTS[name]
    assert dump(text) == expected


def test_what_is_not_known_in_a_text_of_json_keeps_its_name() -> None:
    text = PROJECTS["roles that a module makes, in the slots of another"][0]
    (task,) = project(text).tasks
    (part,) = task.features[0].targets[0].parts
    assert not isinstance(part, str)
    assert part.name == "./module.service:aws_ssm_parameter.s.arn"
