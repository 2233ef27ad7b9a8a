"""What is known of whole small Terraform projects: each in tests/data/terraform, its files and what must be known.

A line is a task: its name, launch types, task role, execution role, features, variables. A role is
told by its name, else by what stands for it; `?` when it is not known, `-` when there is none. After `+`
stand AWS's policies that it has, `…` when not all of its policies, or not all variables, are seen.
"""

from __future__ import annotations

import re
from pathlib import Path

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
                    f"{workload.name}:{variable}"
                    for workload in task.workloads
                    for variable in (
                        *(f"{variable.name}={_text(variable.value)}" for variable in workload.variables),
                        *(() if workload.complete else ("…",)),
                    )
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


PROJECTS = sorted((Path(__file__).parent / "data" / "terraform").glob("*.txt"))


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_what_is_known(path: Path) -> None:
    text, _, expected = path.read_text(encoding="utf-8").partition("== known ==\n")
    assert "\n".join(dump(text)) + "\n" == expected


def test_what_is_not_known_in_a_text_of_json_keeps_its_name() -> None:
    (task,) = project((PROJECTS[0].parent / "roles_of_a_sibling_module.txt").read_text(encoding="utf-8")).tasks
    (part,) = task.features[0].targets[0].parts
    assert not isinstance(part, str)
    assert part.name == "./module.service:aws_ssm_parameter.s.arn"
