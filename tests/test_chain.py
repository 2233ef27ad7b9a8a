"""The chains of the SDKs: what was recorded of real ones, and what the sources of the others say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credlint.chain import CHAINS, Resolution, resolve

DATA = json.loads((Path(__file__).parent / "data" / "sdk-conformance.json").read_text(encoding="utf-8"))


class World:
    """What a process sees."""

    def __init__(self, environment: dict[str, str], files: dict[str, str], home: str) -> None:
        self.environment = environment
        self.files = files
        self.home = home


class Case:
    """A recorded case; `expected` is what each SDK does, in the words of `outcome`."""

    def __init__(self, record: dict[str, object]) -> None:
        self.name = str(record["case"])
        self.environment: dict[str, str] = record["environment"]  # type: ignore[assignment]
        self.own_home = bool(record["home"])
        self.task_role = bool(record["task_role"])
        self.instance_role = bool(record["instance_role"])
        self.expected: dict[str, str] = record["expected"]  # type: ignore[assignment]

    def world(self, root: str, container: str) -> World:
        def at(text: str) -> str:
            text = text.replace("{files}", f"{root}/home").replace("{container}", container)
            return text.replace("{refused}", "http://127.0.0.1:9/x")

        files = {at(path): text for path, text in DATA["files"].items()}
        home = f"{root}/home" if self.own_home else f"{root}/empty"
        return World({name: at(value) for name, value in self.environment.items()}, files, home)


CASES = [Case(record) for record in DATA["cases"]]


def outcome(found: Resolution) -> str:
    """In one line: the source, the profile's name, or the error."""
    if found.error:
        return f"error {found.error}"
    return f"profile {found.detail}" if found.source == "profile" else found.source


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recorded(case: Case) -> None:
    world = case.world("/world", "http://127.0.0.1:8080/task")
    found = {
        sdk: outcome(
            resolve(sdk, world.environment, world.files, world.home, case.task_role, case.instance_role)
        )
        for sdk in case.expected
    }
    assert found == case.expected
