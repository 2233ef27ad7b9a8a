"""Imports run one way: each module only from those to its right."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the outside to the ground. A module may import what stands in a later line than its own.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("fixing",),
    ("engine", "explain"),
    ("silence", "discover", "resolve", "reporters"),
    ("workloads", "link"),
    ("builders",),
    ("baseline",),
    ("config", "context"),
    ("registry", "formats"),
    ("rules",),
    ("purpose",),
    ("evidence",),
    ("user_data",),
    ("elsewhere",),
    ("needs", "roles", "order", "exports"),
    ("cloudformation",),
    ("terraform",),
    ("evaluation",),
    ("keys", "cures", "edits", "fingerprint", "iam", "chain", "sdks", "stages"),
    ("values", "written", "rule", "redact", "managed"),
    ("finding", "model"),
    ("readers",),
    ("node", "aws", "naming", "credential_files", "names", "files", "dockerignore", "globs", "fault"),
    ("text", "lazy", "members"),
    ("__init__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Against the order, for type checking only.
ALLOWED = {("finding", "rule")}

MODULES = sorted(
    path for folder in ("credlint", "rules") for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in str(path)
)


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "rules" else parts[1]


def imported(path: Path) -> set[str]:
    """The layers that a module imports, also inside functions and for type checking."""
    package = list(path.relative_to(ROOT).with_suffix("").parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "credlint" and len(parts) > 1:
                found.add(parts[1] if parts[1] in LEVEL else "__init__")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = layer_of(path)
    if own == "__init__":
        return  # what users of the package import, on demand
    assert own in LEVEL, "a new module: give it a layer"
    for other in imported(path) - {own}:
        assert LEVEL[other] > LEVEL[own] or (own, other) in ALLOWED, f"{own} must not import {other}"


def test_nobody_imports_a_rule() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert "from rules" not in text
        assert "import rules" not in text or path.name == "registry.py"
        assert layer_of(path) == "rules" or "credlint.rules." not in text or path.name == "registry.py"
