"""What the name of a role says of its purpose: the conventions of real repositories.

Weak evidence, and only where a name leaves no doubt. A plain `exec` is not enough:
`ecs-exec-role` is an execution role in one repository and in the next a task role that allows ECS
Exec. What other services call their own role (`lambda_execution_role`) says nothing of a task.
"""

from __future__ import annotations

from . import lazy

# The console's own name; AWS's documentation makes it with the policy for execution roles.
DEFAULT_EXECUTION_ROLE = "ecsTaskExecutionRole"

_WORD = lazy.pattern(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_a-zA-Z]+")
_EXECUTION = frozenset(("execution", "exection", "excution"))  # and how it gets misspelt
_RUN_TOGETHER = ("taskexecutionrole", "taskexecrole", "ecsexecutionrole")
# Whose role for themselves has "execution" in its name, or whose tasks are not those of ECS.
_OTHERS = frozenset(
    "lambda step steps function functions sfn state machine sagemaker codebuild glue mwaa eventbridge events "
    "scheduler scheduled schedule cron dms maintenance window automation ssm pipeline codepipeline athena "
    "query workflow gateway emr bedrock agentcore appsync flink stackset cloudformation eks pod and pass".split()
)
_NAMED_APPLICATION = (("app", "role"), ("application", "role"), ("job", "role"))


def looks_like_execution_role(name: str) -> bool:
    """Whether the name is that of an execution role: ecsTaskExecutionRole, api-task-exec, app_execution_role."""
    words = _words(name)
    if _OTHERS.intersection(words):
        return False
    pairs = set(zip(words, words[1:]))
    return (
        not _EXECUTION.isdisjoint(words)
        or ("task", "exec") in pairs
        or any(word.endswith(_RUN_TOGETHER) for word in words)
        or "実行ロール" in name
        or "タスク実行" in name
    )


def looks_like_task_role(name: str) -> bool:
    """Whether the name is that of an application's role: ecsTaskRole, api-task-role, app-role, batch-job-role."""
    words = _words(name)
    if _OTHERS.intersection(words) or not _EXECUTION.isdisjoint(words) or "exec" in words:
        return False
    plain = tuple(word for word in words if word != "iam")
    pairs = set(zip(plain, plain[1:]))
    return (
        ("task", "role") in pairs
        or ("tasks", "role") in pairs
        or not pairs.isdisjoint(_NAMED_APPLICATION)
        or any(word.endswith("taskrole") for word in words)
        or "タスクロール" in name
    )


def _words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, however they are put together."""
    return tuple(found.group().lower() for found in _WORD.finditer(name))


# The names that AWS's documentation gives to the other roles of ECS, and whose they are.
OTHER_ROLES = {
    "ecsInstanceRole": "container instances",
    "ecsServiceRole": "services with a load balancer",
    "ecsInfrastructureRole": "ECS's infrastructure",
    "ecsEventsRole": "EventBridge",
    "ecsAutoscaleRole": "the scaling of services",
    "ecsCodeDeployRole": "CodeDeploy",
    "ecsAnywhereRole": "external instances",
    "AWSBatchServiceRole": "Batch itself",
    "AppRunnerECRAccessRole": "App Runner",
}
