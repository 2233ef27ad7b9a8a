"""What a run may import: start-up is a feature, and it is lost one import at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Never on the hot way: each costs more than a hundredth of a second, or pulls in one that does.
NEVER = {
    *(
        "dataclasses",
        "inspect",
        "logging",
        "pathlib",
        "importlib.metadata",
        "importlib.resources",
        "click",
        "subprocess",
    ),
    *("multiprocessing", "concurrent.futures", "tempfile", "hashlib", "datetime", "difflib", "asyncio", "unittest"),
}
HCL = {"tree_sitter", "tree_sitter_hcl", "credlint.readers.hcl"}
YAML = {"yaml", "credlint.readers.yaml"}
TOML = {"tomllib", "tomli"}

FILES = {
    "Dockerfile": "FROM alpine\nRUN echo hi\nENV A=b\n",
    "td.json": '{"family": "a", "containerDefinitions": [{"name": "a", "image": "b"}]}',
    "td.yaml": "family: a\ncontainerDefinitions: [{name: a, image: b}]\n",
    "stack.json": '{"Resources": {"A": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": []}}}}',
    "main.tf": 'resource "aws_ecs_task_definition" "a" {\n  family = "a"\n}\n',
    "plain/plain.tf": 'resource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\n',
    ".env": "A=b\n",
    "credentials": "[default]\naws_region = x\n",
}

RUNS = [
    (["Dockerfile"], NEVER | HCL | YAML | TOML | {"json", "credlint.readers.json", "typing"}),
    (["Dockerfile", "td.json"], NEVER | HCL | YAML | TOML | {"typing", "json.encoder"}),
    (["stack.json"], NEVER | HCL | YAML | TOML),
    (["td.yaml"], (NEVER - {"datetime"}) | HCL | TOML | {"json"}),  # PyYAML wants datetime
    (["plain/plain.tf"], NEVER | HCL | YAML | TOML),
    (["main.tf"], NEVER | YAML | TOML),
    ([".env", "credentials"], NEVER | HCL | YAML | TOML | {"typing", "configparser"}),
    (["--version"], NEVER | HCL | YAML | TOML | {"credlint.engine", "credlint.keys"}),
    (["--help"], NEVER | HCL | YAML | TOML | {"credlint.engine", "credlint.keys"}),
]


@pytest.mark.parametrize(
    ("arguments", "forbidden"), RUNS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_run_imports_no_more_than_it_needs(tmp_path: Path, arguments: list[str], forbidden: set[str]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom credlint.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sorted(set(sys.modules) - before)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    imported = set(done.stderr.split())
    assert not imported & forbidden
