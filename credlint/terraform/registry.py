"""What modules of the public registry do with roles, where their source is not installed.

Each is told as a small module of our own: the inputs that matter, their defaults, the task
definition and the roles that it makes. It is evaluated like any other. What is left out
is not known. Written after the modules' public sources, at the versions named here.
"""

from __future__ import annotations

from .. import lazy
from ..evaluation import FOLDER

_SOURCE = lazy.pattern(
    r"(?:git::)?(?:https?://|ssh://)?(?:git@)?(?:github\.com[:/])?(?:registry\.terraform\.io/|registry\.opentofu\.org/|tfr:///)?"
    r"([\w-]+)/(?:terraform-(\w+)-)?([\w-]+?)(?:/(\w+))?(?:\.git)?(?://([\w./-]+?))?(?:\?.*)?"
)


def _inputs(*needed: str, **defaults: str) -> str:
    """The variables of a module: those that must be given, and the others with their defaults in Terraform's words."""
    blocks = [f'variable "{name}" {{}}\n' for name in needed]
    blocks += [f'variable "{name}" {{\n  default = {default}\n}}\n' for name, default in defaults.items()]
    return "".join(blocks)


_OF_A_SERVICE = (
    *("name", "family", "create", "create_task_definition", "requires_compatibilities", "container_definitions"),
    *("create_task_exec_iam_role", "task_exec_iam_role_arn", "task_exec_iam_role_name"),
    *("create_tasks_iam_role", "tasks_iam_role_arn", "tasks_iam_role_name"),
    *("task_exec_iam_role_policies", "tasks_iam_role_policies"),
)

# github.com/terraform-aws-modules/terraform-aws-ecs v7.5.0, modules/service; v5 has the same inputs in snake case.
_ECS_SERVICE = (
    _inputs(
        "name",
        family="null",
        create="true",
        create_task_definition="true",
        requires_compatibilities='["FARGATE"]',
        container_definitions="{}",
        create_task_exec_iam_role="true",
        task_exec_iam_role_arn="null",
        task_exec_iam_role_name="null",
        create_tasks_iam_role="true",
        tasks_iam_role_arn="null",
        tasks_iam_role_name="null",
        task_exec_iam_role_policies="{}",
        tasks_iam_role_policies="{}",
    )
    + """
resource "aws_iam_role" "task_exec" {
  count = var.create_task_exec_iam_role ? 1 : 0
}
resource "aws_iam_role_policy_attachment" "task_exec" {
  for_each   = var.create_task_exec_iam_role ? var.task_exec_iam_role_policies : {}
  role       = aws_iam_role.task_exec[0].name
  policy_arn = each.value
}
resource "aws_iam_role" "tasks" {
  count = var.create_tasks_iam_role ? 1 : 0
}
resource "aws_iam_role_policy_attachment" "tasks" {
  for_each   = var.create_tasks_iam_role ? var.tasks_iam_role_policies : {}
  role       = aws_iam_role.tasks[0].name
  policy_arn = each.value
}
resource "aws_ecs_task_definition" "this" {
  count                    = var.create && var.create_task_definition ? 1 : 0
  family                   = coalesce(var.family, var.name)
  requires_compatibilities = var.requires_compatibilities
  execution_role_arn       = var.create_task_exec_iam_role ? aws_iam_role.task_exec[0].arn : var.task_exec_iam_role_arn
  task_role_arn            = var.create_tasks_iam_role ? aws_iam_role.tasks[0].arn : var.tasks_iam_role_arn
  container_definitions = jsonencode([for key, one in var.container_definitions : {
    name                  = try(one.name, key)
    image                 = try(one.image, null)
    environment           = try(one.environment, null)
    environmentFiles      = try(one.environmentFiles, one.environment_files, null)
    secrets               = try(one.secrets, null)
    repositoryCredentials = try(one.repositoryCredentials, one.repository_credentials, null)
    logConfiguration      = try(one.logConfiguration, one.log_configuration, null)
  }])
}
output "task_exec_iam_role_arn" {
  value = try(aws_iam_role.task_exec[0].arn, var.task_exec_iam_role_arn)
}
output "tasks_iam_role_arn" {
  value = try(aws_iam_role.tasks[0].arn, var.tasks_iam_role_arn)
}
output "task_definition_arn" {
  value = aws_ecs_task_definition.this[0].arn
}
"""
)

# The same, the root module: it calls the service module for each of its `services`.
_ECS = (
    _inputs(services="{}")
    + f"""
module "service" {{
  for_each = var.services
  source   = "terraform-aws-modules/ecs/aws//modules/service"
  name     = try(each.value.name, each.key)
{"".join(f"  {name} = try(each.value.{name}, null){chr(10)}" for name in ("family", "container_definitions"))}
{"".join(f"  {name} = try(each.value.{name}, true){chr(10)}" for name in _OF_A_SERVICE if name.startswith("create"))}
{"".join(f"  {name} = try(each.value.{name}, null){chr(10)}" for name in _OF_A_SERVICE if name.endswith("_arn"))}
{"".join(f"  {name} = try(each.value.{name}, {{}}){chr(10)}" for name in _OF_A_SERVICE if name.endswith("_policies"))}
  requires_compatibilities = try(each.value.requires_compatibilities, ["FARGATE"])
}}
output "services" {{
  value = module.service
}}
"""
)

_ECS_CLUSTER = (
    _inputs(create_task_exec_iam_role="false")
    + """
resource "aws_iam_role" "task_exec" {
  count = var.create_task_exec_iam_role ? 1 : 0
}
output "task_exec_iam_role_arn" {
  value = try(aws_iam_role.task_exec[0].arn, null)
}
"""
)

_ECS_CONTAINER = (
    _inputs(
        "name",
        image="null",
        environment="null",
        environmentFiles="null",
        secrets="null",
        repositoryCredentials="null",
        logConfiguration="null",
    )
    + """
locals {
  container = {
    name                  = var.name
    image                 = var.image
    environment           = var.environment
    environmentFiles      = var.environmentFiles
    secrets               = var.secrets
    repositoryCredentials = var.repositoryCredentials
    logConfiguration      = var.logConfiguration
  }
}
output "container_definition" {
  value = local.container
}
output "container_definition_json" {
  value = jsonencode(local.container)
}
"""
)

# github.com/cloudposse/terraform-aws-ecs-container-definition 0.61
_CLOUDPOSSE_CONTAINER = (
    _inputs(
        "container_name",
        "container_image",
        environment="null",
        map_environment="null",
        environment_files="null",
        secrets="null",
        map_secrets="null",
        repository_credentials="null",
        log_configuration="null",
        firelens_configuration="null",
        container_definition="{}",
    )
    + """
locals {
  container = merge({
    name                  = var.container_name
    image                 = var.container_image
    environment           = try([for k, v in var.map_environment : { name = k, value = v }], var.environment)
    environmentFiles      = var.environment_files
    secrets               = try([for k, v in var.map_secrets : { name = k, valueFrom = v }], var.secrets)
    repositoryCredentials = var.repository_credentials
    logConfiguration      = var.log_configuration
    firelensConfiguration = var.firelens_configuration
  }, var.container_definition)
}
output "json_map_encoded_list" {
  value = jsonencode([local.container])
}
output "json_map_encoded" {
  value = jsonencode(local.container)
}
output "json_map_object" {
  value = local.container
}
output "sensitive_json_map_encoded_list" {
  value = jsonencode([local.container])
}
output "sensitive_json_map_encoded" {
  value = jsonencode(local.container)
}
output "sensitive_json_map_object" {
  value = local.container
}
"""
)

# github.com/cloudposse/terraform-aws-ecs-alb-service-task 0.78
_CLOUDPOSSE_TASK = (
    _inputs(
        "container_definition_json",
        enabled="true",
        name="null",
        launch_type='"FARGATE"',
        task_role_arn="[]",
        task_exec_role_arn="[]",
        task_definition="[]",
    )
    + """
resource "aws_iam_role" "ecs_task" {}
resource "aws_iam_role" "ecs_exec" {}
locals {
  task_role_arn      = try(compact(flatten([var.task_role_arn]))[0], aws_iam_role.ecs_task.arn)
  task_exec_role_arn = try(compact(flatten([var.task_exec_role_arn]))[0], aws_iam_role.ecs_exec.arn)
}
resource "aws_ecs_task_definition" "default" {
  count                    = var.enabled == false || length(flatten([var.task_definition])) > 0 ? 0 : 1
  family                   = var.name
  requires_compatibilities = [var.launch_type]
  execution_role_arn       = local.task_exec_role_arn
  task_role_arn            = local.task_role_arn
  container_definitions    = var.container_definition_json
}
output "task_role_arn" {
  value = local.task_role_arn
}
output "task_exec_role_arn" {
  value = local.task_exec_role_arn
}
output "task_role_name" {
  value = aws_iam_role.ecs_task.name
}
output "task_exec_role_name" {
  value = aws_iam_role.ecs_exec.name
}
"""
)

# github.com/cn-terraform/terraform-aws-ecs-fargate-task-definition: the task role's default is the execution role
_CN_TASK = (
    _inputs(
        "name_prefix",
        container_name="null",
        container_image="null",
        environment="[]",
        map_environment="null",
        secrets="[]",
        containers="[]",
        execution_role_arn="null",
        task_role_arn="null",
    )
    + """
resource "aws_iam_role" "ecs_task_execution_role" {}
locals {
  own = aws_iam_role.ecs_task_execution_role.arn
}
resource "aws_ecs_task_definition" "td" {
  family                   = "${var.name_prefix}-td"
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = var.execution_role_arn == null ? local.own : var.execution_role_arn
  task_role_arn            = var.task_role_arn == null ? local.own : var.task_role_arn
  container_definitions = jsonencode([{
    name        = var.container_name
    image       = var.container_image
    environment = var.environment
    secrets     = var.secrets
  }])
}
output "execution_role_arn" {
  value = aws_iam_role.ecs_task_execution_role.arn
}
output "aws_iam_role_ecs_task_execution_role_arn" {
  value = aws_iam_role.ecs_task_execution_role.arn
}
"""
)

# github.com/cn-terraform/terraform-aws-ecs-fargate
_CN_FARGATE = (
    _inputs(
        "name_prefix",
        execution_role_arn="null",
        task_role_arn="null",
        environment="[]",
        secrets="[]",
        container_image="null",
    )
    + """
module "td" {
  source             = "cn-terraform/ecs-fargate-task-definition/aws"
  name_prefix        = var.name_prefix
  execution_role_arn = var.execution_role_arn
  task_role_arn      = var.task_role_arn
  environment        = var.environment
  secrets            = var.secrets
  container_image    = var.container_image
}
"""
)

# github.com/umotif-public/terraform-aws-ecs-fargate: two roles of its own
_UMOTIF = (
    _inputs("name_prefix", task_container_image="null", task_container_environment="{}", task_container_secrets="[]")
    + """
resource "aws_iam_role" "execution" {}
resource "aws_iam_role" "task" {}
resource "aws_ecs_task_definition" "task" {
  family                   = var.name_prefix
  requires_compatibilities = ["FARGATE"]
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode([{
    name        = var.name_prefix
    image       = var.task_container_image
    environment = [for key, value in var.task_container_environment : { name = key, value = value }]
    secrets     = var.task_container_secrets
  }])
}
output "task_role_arn" {
  value = aws_iam_role.task.arn
}
output "task_role_name" {
  value = aws_iam_role.task.name
}
output "execution_role_arn" {
  value = aws_iam_role.execution.arn
}
"""
)

# github.com/terraform-aws-modules/terraform-aws-iam v5.60, modules/iam-assumable-role
_IAM_ASSUMABLE_ROLE = (
    _inputs(
        role_name="null",
        role_requires_mfa="true",
        custom_role_trust_policy='""',
        trusted_role_arns="[]",
        trusted_role_services="[]",
        custom_role_policy_arns="[]",
    )
    + """
locals {
  made = {
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.trusted_role_arns, Service = var.trusted_role_services }
      Condition = var.role_requires_mfa ? { Bool = { "aws:MultiFactorAuthPresent" = "true" } } : {}
    }]
  }
  trust = length(var.trusted_role_services) > 0 ? jsonencode(local.made) : null
}
resource "aws_iam_role" "this" {
  name               = var.role_name
  assume_role_policy = var.custom_role_trust_policy != "" ? var.custom_role_trust_policy : local.trust
}
resource "aws_iam_role_policy_attachment" "custom" {
  count      = length(var.custom_role_policy_arns)
  role       = aws_iam_role.this.name
  policy_arn = var.custom_role_policy_arns[count.index]
}
output "iam_role_arn" {
  value = aws_iam_role.this.arn
}
output "iam_role_name" {
  value = aws_iam_role.this.name
}
output "this_iam_role_arn" {
  value = aws_iam_role.this.arn
}
output "this_iam_role_name" {
  value = aws_iam_role.this.name
}
"""
)

# The same v6.2, modules/iam-role: by default its name is only the beginning of the role's.
_IAM_ROLE = (
    _inputs(name="null", use_name_prefix="true", policies="{}")
    + """
resource "aws_iam_role" "this" {
  name = var.use_name_prefix ? null : var.name
}
resource "aws_iam_role_policy_attachment" "this" {
  for_each   = var.policies
  role       = aws_iam_role.this.name
  policy_arn = each.value
}
output "arn" {
  value = aws_iam_role.this.arn
}
output "name" {
  value = aws_iam_role.this.name
}
"""
)

# The same, modules/iam-policy
_IAM_POLICY = (
    _inputs(name="null", policy='""')
    + """
resource "aws_iam_policy" "policy" {
  name   = var.name
  policy = var.policy
}
output "arn" {
  value = aws_iam_policy.policy.arn
}
output "id" {
  value = aws_iam_policy.policy.arn
}
output "name" {
  value = aws_iam_policy.policy.name
}
"""
)

_MODULES = {
    "terraform-aws-modules/ecs/aws": _ECS,
    "terraform-aws-modules/ecs/aws//modules/service": _ECS_SERVICE,
    "terraform-aws-modules/ecs/aws//modules/cluster": _ECS_CLUSTER,
    "terraform-aws-modules/ecs/aws//modules/container-definition": _ECS_CONTAINER,
    "terraform-aws-modules/iam/aws//modules/iam-assumable-role": _IAM_ASSUMABLE_ROLE,
    "terraform-aws-modules/iam/aws//modules/iam-policy": _IAM_POLICY,
    "terraform-aws-modules/iam/aws//modules/iam-role": _IAM_ROLE,
    "cloudposse/ecs-container-definition/aws": _CLOUDPOSSE_CONTAINER,
    "cloudposse/ecs-alb-service-task/aws": _CLOUDPOSSE_TASK,
    "cn-terraform/ecs-fargate-task-definition/aws": _CN_TASK,
    "cn-terraform/ecs-fargate/aws": _CN_FARGATE,
    "umotif-public/ecs-fargate/aws": _UMOTIF,
}

NAMES = tuple(_MODULES)


def module(source: str) -> tuple[str, str] | None:
    """The name and the text of the module that a source means, from the registry or from its git repository."""
    found = _SOURCE.fullmatch(source[:500])
    if not found:
        return None
    owner, provider, name, other, inner = found.groups()
    key = f"{owner}/{name}/{provider or other or 'aws'}{f'//{inner}' if inner else ''}"
    text = _MODULES.get(key)
    return (f"{FOLDER}{key}", text) if text is not None else None
