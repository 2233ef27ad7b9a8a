r"""Who runs or deploys a task may hand over one of its two roles and not the other.

EventBridge, the Scheduler, Step Functions, a pipeline or a CI job start or register a task with a role of
their own. It needs `iam:PassRole` on both roles of the task definition, for both are handed to ECS. With one of them
missing the scheduled task never starts, without a word but in CloudTrail, or the deployment ends with `is not authorized to
perform: iam:PassRole on resource`, an `AccessDeniedException`.

## What to do

Allow `iam:PassRole` on both roles, with the condition that `iam:PassedToService` is `ecs-tasks.amazonaws.com`.

A role of which not all policies are seen is left alone, and so is one that may hand over all the roles of some task
definition: it is perhaps for that one.

## Bad

```hcl main.tf
resource "aws_iam_role" "execution" {
  name               = "api-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "task" {
  name               = "api"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  task_role_arn         = aws_iam_role.task.arn
                          ~~~~~~~~~~~~~~~~~~~~~ the task role that it may not pass
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}

resource "aws_iam_role" "scheduler" {
  name = "scheduler"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "ecs:RunTask", Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.execution.arn }
                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^ scheduler may pass the execution role of api to ECS and not its task role: it cannot start or deploy it
    ]
  })
}
```

## Good

```hcl main.tf
resource "aws_iam_role" "execution" {
  name               = "api-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "task" {
  name               = "api"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  task_role_arn         = aws_iam_role.task.arn
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}

resource "aws_iam_role" "scheduler" {
  name = "scheduler"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "scheduler.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "ecs:RunTask", Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = [aws_iam_role.execution.arn, aws_iam_role.task.arn] }
    ]
  })
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import iam
from credlint.finding import Finding, Related, Severity
from credlint.iam import Answer
from credlint.model import Hole, Project, Role, Slot, Statement, Task, Text
from credlint.rule import Rule

rule = Rule(__name__, "ROLE210", Severity.WARNING)

_RUNS = ("ecs:RunTask", "ecs:StartTask", "ecs:RegisterTaskDefinition")
_HANDS_OVER = "iam:PassRole"
_MOST_PLACES = 5


@rule
def check(project: Project) -> Iterator[Finding]:
    roles = {role.address: role for role in project.roles}
    tasks = [task for task in project.tasks if task.complete]
    for runner in project.roles:
        passed = _passing(runner)
        if not passed or not runner.complete or not tasks:
            continue
        lacking: list[tuple[Task, Slot, Text]] = []
        for task in tasks:
            one, other = task.task_role, task.execution_role
            answers = [_passes(passed, slot, roles) for slot in (one, other) if slot.value]
            if not any(answer is not Answer.NO for answer, _ in answers):
                continue  # it has nothing to do with this one
            known = {answer for answer, _ in answers}
            if known != {Answer.NO, Answer.YES} or one.same_role(other):
                lacking = []
                break
            missing, given = (one, answers[1][1]) if answers[0][0] is Answer.NO else (other, answers[0][1])
            if given is not None:
                lacking.append((task, missing, given))
        if lacking:
            yield _finding(runner, lacking)


def _finding(runner: Role, lacking: list[tuple[Task, Slot, Text]]) -> Finding:
    task, missing, given = lacking[0]
    which = "task role" if missing is task.task_role else "execution role"
    other = "execution role" if missing is task.task_role else "task role"
    return rule.finding(
        given.span,
        f"{runner.name or 'this role'} may pass the {other} of {task.name or 'a task'} to ECS and not its {which}: "
        "it cannot start or deploy it",
        f"allow {_HANDS_OVER} on the {which}, too",
        related=[
            Related(slot.value.use, f"the {'task' if slot is of.task_role else 'execution'} role that it may not pass")
            for of, slot, _ in lacking[:_MOST_PLACES]
            if slot.value
        ],
        workload=task.name or None,
    )


def _passing(runner: Role) -> list[Statement]:
    """The statements by which a role may pass roles, if it may run tasks; nothing where a denial could change it."""
    found: list[Statement] = []
    runs = False
    for grant in runner.grants:
        for statement in grant.policy.statements:
            names = [(text.known or "*").lower() for text in statement.actions]
            passes = any(iam.matches_text(name, _HANDS_OVER.lower()) for name in names)
            if statement.allows is False:
                if passes or statement.not_actions:
                    return []
                continue
            if statement.not_actions or (passes and statement.not_resources) or statement.allows is None:
                return []
            runs = runs or any(iam.matches_text(name, action.lower()) for name in names for action in _RUNS)
            if passes:
                found.append(statement)
    return found if runs else []


def _passes(passing: list[Statement], slot: Slot, roles: dict[str, Role]) -> tuple[Answer, Text | None]:
    """Whether a slot's role may be passed, and the resource that says so."""
    best: tuple[Answer, Text | None] = Answer.NO, None
    for statement in passing:
        for pattern in statement.resources:
            answer = _covers(pattern, slot, roles)
            if answer > best[0]:
                best = answer, pattern
    return best


def _covers(pattern: Text, slot: Slot, roles: dict[str, Role]) -> Answer:
    name = slot.role.name if slot.role else slot.role_name
    last = pattern.parts[-1]
    if pattern.known == "*":
        return Answer.YES
    if isinstance(last, Hole):
        # as Terraform and CloudFormation name what a role has
        address = (last.name or "").removesuffix(".arn").removesuffix(".Arn")
        role = roles.get(address) if len(pattern.parts) == 1 else None
        if role is None:
            return Answer.UNKNOWN
        if slot.role is not None:
            return Answer.YES if slot.role is role else Answer.NO if slot.role.made and role.made else Answer.UNKNOWN
        if name is None or role.name is None:
            return Answer.UNKNOWN
        return Answer.YES if name == role.name else Answer.NO
    _, sign, path = last.rpartition(":role/")
    if not sign or name is None:
        return Answer.UNKNOWN
    # Under which path a role lies is seldom known.
    return Answer.YES if iam.matches_text(path, name) or iam.matches_text(path.rpartition("/")[2], name) else Answer.NO
