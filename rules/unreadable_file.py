r"""A file could not be read, or only in part.

credlint reads on after an error: what could be read was checked, what is named here was
not. So a clean result does not speak for this place. A template's placeholders are no
errors; they are values that credlint does not know.

## What to do

Mend the syntax if it is an error. If the file is written in a way that is right and credlint
does not understand it, please report it.

## Bad

```json task-definition.json
{
  "family": "api",
  "containerDefinitions": [{"name": "api", "image": "api:1"}
                          ^ a part of this file could not be read: this bracket is not closed
}
```

## Good

```json task-definition.json
{
  "family": "api",
  "cpu": ${cpu},
  "containerDefinitions": [{"name": "api", "image": "api:1"}]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from credlint.finding import Finding, Severity
from credlint.model import Project
from credlint.node import Problem
from credlint.rule import Rule

rule = Rule(__name__, "SCAN901", Severity.NOTE)


@rule
def check(project: Project) -> Iterator[Finding]:
    by_file: dict[str, list[Problem]] = {}
    for problem in project.problems:
        by_file.setdefault(problem.span.path, []).append(problem)
    for problems in by_file.values():
        first = min(problems, key=lambda problem: problem.span.origin().start)
        origin = first.span.origin()
        nothing = origin.end - origin.start >= len(origin.source.text.strip()) > 0
        number = len(problems) - 1
        more = f", and {number} more {'place' if number == 1 else 'places'}" if number else ""
        what = "nothing of this file could be read" if nothing else "a part of this file could not be read"
        yield rule.finding(
            origin.source.span(origin.start, min(origin.end, origin.start + 1)),
            f"{what}: {first.message}{more}",
            "mend the syntax, or exclude the file if it is not what its name says",
            severity=Severity.WARNING if nothing else None,
        )
