r"""The execution role is allowed what only an application calls.

ECS never calls DynamoDB or SQS, and never writes to S3: what an execution role is allowed beyond ECS's
needs, no one uses. The application, for which it was meant, runs with the task role and gets `AccessDenied`
(`assumed-role/api-task/... is not authorized to perform: sqs:SendMessage`) all the same; or, where the permission was put on both roles, everybody who starts a task with this role has it.

## What to do

Move the statement to a policy of the task role.

Actions that ECS never calls are reported. Of what ECS and applications both read (secrets,
parameters, `s3:GetObject`) the resource tells: where no `secrets` and no `environmentFiles` name it, the application is told
of it by a variable and its own role may not read it, the permission is on the wrong role. A wildcard that covers
something of ECS's is not reported, nor a policy of AWS's own of which ECS may need a part.

## Bad

```hcl main.tf
resource "aws_iam_role" "execution" {
  name               = "api-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "execution" {
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:PutItem", "sqs:*"]
                   ^^^^^^^^^^^^^^^^ the execution role of api is allowed dynamodb:PutItem, sqs:*, which ECS never calls: the application has no task role and cannot use it
                                       ~~~~~ this, too
      Resource = "*"
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
                          ~~~~~~~~~~~~~~~~~~~~~~~~~~ its use as execution role
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
```

## Good

```hcl main.tf
resource "aws_iam_role" "task" {
  name               = "api"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "task" {
  role = aws_iam_role.task.name
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:PutItem", "sqs:*"]
      Resource = "*"
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = "ecsTaskExecutionRole"
  task_role_arn         = aws_iam_role.task.arn
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint import iam, needs, purpose
from credlint.finding import Finding, Related, Severity
from credlint.model import Project, Role, Task, Text, Variable
from credlint.needs import Side
from credlint.rule import Rule
from credlint.text import Span

rule = Rule(__name__, "ROLE204", Severity.WARNING)

_MOST_PLACES = 5


@rule
def check(project: Project) -> Iterator[Finding]:
    users: dict[int, list[Task]] = {}
    roles: dict[int, Role] = {}
    in_both: set[int] = set()
    for task in project.tasks:
        role = task.execution_role.role
        if role:
            roles[id(role)] = role
            users.setdefault(id(role), []).append(task)
        if task.task_role.role:
            in_both.add(id(task.task_role.role))
    for key, role in roles.items():
        # What is a task role as well is ROLE201's or ROLE203's, what is swapped ROLE202's.
        if key in in_both or any(_is_mixed_up(task) for task in users[key]):
            continue
        tasks = users[key]
        found = _not_told(tasks, list(purpose.application_actions(role)))
        told = list(purpose.for_application_only(role, tasks, project))
        if found:
            yield _finding(tasks, found, [Related(action.span, "this, too") for action, _ in told])
        elif told:
            yield _of_what_it_is_told(tasks, told)


def _is_mixed_up(task: Task) -> bool:
    return task.task_role.same_role(task.execution_role) or purpose.swapped(task) is not None


def _not_told(tasks: list[Task], found: list[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """The actions but for those of which ROLE207 says that the task role lacks them, and where they are."""
    lacks = [lack for task in tasks if found for lack in needs.judged(task, Side.TASK)[0] if lack.elsewhere]
    told = [action for lack in lacks for action in lack.actions.lower().split(" and ")]
    return [(name, span) for name, span in found if not any(iam.matches_text(name.lower(), one) for one in told)]


def _finding(tasks: list[Task], found: list[tuple[str, Span]], more: list[Related]) -> Finding:
    names = list(dict.fromkeys(name for name, _ in found))
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return rule.finding(
        found[0][1],
        f"the execution role of {tasks[0].name or 'this task'} is allowed {listed}, which ECS never calls: "
        f"the application {_has(tasks)} and cannot use it",
        "move it to the task role",
        related=[*(Related(span, "this, too") for _, span in found[1:_MOST_PLACES]), *more, *_slots(tasks)],
        workload=tasks[0].name or None,
    )


def _of_what_it_is_told(tasks: list[Task], told: list[tuple[Text, Variable]]) -> Finding:
    action, variable = told[0]
    return rule.finding(
        action.span,
        f"the execution role of {tasks[0].name or 'this task'} is allowed {action.known} on what ECS does not read: "
        f"the application is told of it by {variable.name}, {_has(tasks)} and cannot use it",
        "move it to the task role",
        related=[
            Related(variable.span, "the application is told of it here"),
            *(Related(other.span, "this, too") for other, _ in told[1:_MOST_PLACES]),
            *_slots(tasks),
        ],
        workload=tasks[0].name or None,
    )


def _has(tasks: list[Task]) -> str:
    has_role = any(task.task_role.value or not task.complete for task in tasks)
    return "runs with the task role" if has_role else "has no task role"


def _slots(tasks: list[Task]) -> list[Related]:
    slots = [task.execution_role.value.use for task in tasks if task.execution_role.value]
    return [Related(place, "its use as execution role") for place in slots[:_MOST_PLACES]]
