"""Names as evidence: conventions from real repositories, and the traps among them."""

from __future__ import annotations

import pytest

from credlint.naming import DEFAULT_EXECUTION_ROLE, looks_like_execution_role, looks_like_task_role

EXECUTION = """
ecsTaskExecutionRole ecs-task-execution-role ecs_task_execution_role_prod EcsTaskExecutionRole ECSTaskExecutionRole
ecsTaskExecutionRole-app-capacity-staging WorldTaskExecutionRole demo-1-WorldTaskExecutionRole km_ecs_task_execution_role_dev
ecsExecutionRole example_app_execution app-execution execution_role.prod execution_role_db.staging container_execution_role
ecs-gdpr-execution-role api-task-exec-role this_task_exec svc-TaskExecRole-1A2B3C blazer_exection_role
ecstaskexecutionrole frontend-execution-role test-execution-role-with-path app-role-task_execution_role タスク実行ロール
CWAgentECSExecutionRole NewRelicECSTaskExecutionRole ecs_task_execution asm-cloud-connector-ecs-execution-role
""".split()

TASK = """
ecsTaskRole ecs-task-role ecs_task_iam_role serviceTaskRole app-task-role api-task-role-prod metrics-api-task-role-dev-eu
taskRole task_role DbtTaskRole FinOpsAgentTaskRole passkey-event-task-role ConcordiaTaskRole ecstaskrole my-app-role
gdpr_batch_code_job_role CWAgentECSTaskRole tf-pganalyze-x-ecsTaskRole demo_ecs_task_role タスクロール
""".split()

NEITHER = """
ecs-exec-role ecs_exec app-exec lambda_execution_role lambda-exec-role sagemaker-execution-role StepFunctionExecutionRole
sfn-execution-role eventbridge_execution_role mwaa_execution_role AWS-SSM-AutomationExecutionRole scheduled_task_role
user-signup-scheduled-task-role maintenance_window_task_role dms-eventbridge-full-load-task-role task_runner task-and-execution-role
LabRole api forms fargate ecs_role ecsInstanceRole ecsServiceRole AWSServiceRoleForECS executor task-executor airflow multitask
codebuild-service pod-execution-role task-definition ecs-task role execute-api consul-ecs-test-pass-task-role
""".split()


@pytest.mark.parametrize("name", EXECUTION)
def test_execution_roles(name: str) -> None:
    assert looks_like_execution_role(name)
    assert not looks_like_task_role(name)


@pytest.mark.parametrize("name", TASK)
def test_task_roles(name: str) -> None:
    assert looks_like_task_role(name)
    assert not looks_like_execution_role(name)


@pytest.mark.parametrize("name", [*NEITHER, "", "-", "x" * 100_000])
def test_no_evidence(name: str) -> None:
    assert not looks_like_execution_role(name)
    assert not looks_like_task_role(name)


def test_default() -> None:
    assert looks_like_execution_role(DEFAULT_EXECUTION_ROLE)
