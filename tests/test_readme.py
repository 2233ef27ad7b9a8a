"""What the README and the documentation say is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from credlint import config, globs
from credlint.cli import FORMATS as FORMATS_OF_OUTPUT
from credlint.cli import main
from credlint.formats import FORMATS
from credlint.registry import rules

from .examples import swap, swap_back

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
CHAIN = ROOT / "docs" / "chain.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"

TASK = """\
{
  "family": "api",
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecs",
  "taskRoleArn": "arn:aws:iam::123456789012:role/ecs",
  "containerDefinitions": [
    {
      "name": "api",
      "image": "api:1",
      "environment": [
        {"name": "AWS_ACCESS_KEY_ID", "value": "AKIAIOSFODNN7EXAMPLE"},
        {"name": "AWS_SECRET_ACCESS_KEY", "value": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
      ]
    }
  ]
}
"""


def test_the_example_says_what_credlint_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "task-definition.json").write_text(swap(TASK))
    assert main(["check", "task-definition.json"]) == 1
    said = swap_back(capsys.readouterr().out)
    text = README.read_text(encoding="utf-8")
    shown = re.search(r"```console example\n\$ credlint check task-definition.json\n(.*?)```", text, re.DOTALL)
    assert shown
    if request.config.getoption("update"):
        README.write_text(
            text.replace(shown[0], shown[0].removesuffix(shown[1] + "```") + said + "```"), encoding="utf-8"
        )
    else:
        assert shown[1] == said


def test_the_chain_is_what_credlint_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    page = CHAIN.read_text(encoding="utf-8")
    ((name, definition),) = re.findall(r"```json (\S+)\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(definition)
    assert main(["chain", name]) == 0
    said = capsys.readouterr().out
    head, command, rest = page.partition(f"```console example\n$ credlint chain {name}\n")
    shown, end, tail = rest.partition("```")
    assert command
    if request.config.getoption("update"):
        CHAIN.write_text(head + command + said + end + tail, encoding="utf-8")
    else:
        assert shown == said


def test_rules_that_are_named_exist() -> None:
    known = {rule.id: rule.name for rule in rules()}
    for path in (README, CONFIGURATION, *(ROOT / "docs").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for id, name in re.findall(r"\b((?:KEY|ROLE|ORDER|SCAN)\d{3}) `([a-z-]+)`", text):
            assert known[id] == name
        for id in re.findall(r"\b(?:KEY|ROLE|ORDER|SCAN)\d{3}\b", text):
            assert id in known, f"{path.name} names {id}"


def test_links_lead_somewhere() -> None:
    modules = {rule.module.rpartition(".")[2] for rule in rules()}
    for path in (README, ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:\s]+)(?: \"[^\"]*\")?\)", path.read_text(encoding="utf-8")):
            place = (path.parent / target).resolve()
            if place.parent == ROOT / "rules" and place.stem in modules:  # wherever the rules are installed
                continue
            assert place.exists(), f"{path.name} links to {target}"


def test_configuration_keys_are_all_described() -> None:
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == set(config._READERS)


def test_globs_fit_what_is_written() -> None:
    table = CONFIGURATION.read_text(encoding="utf-8").partition("| glob | fits | does not fit |")[2]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    assert len(rows) > 5
    for glob, fitting, others in rows:
        for path in re.findall(r"`([^`]+)`", fitting):
            assert globs.fits(path, (glob,)), f"{glob}: {path}"
        for path in re.findall(r"`([^`]+)`", others):
            assert not globs.fits(path, (glob,)), f"{glob}: {path}"


def test_every_output_format_is_described() -> None:
    output = CONFIGURATION.read_text(encoding="utf-8").partition("## Output")[2]
    for format in FORMATS_OF_OUTPUT:
        assert f"`{format}`" in output or f"`--format {format}`" in output


def test_format_patterns_are_all_described() -> None:
    table = CONFIGURATION.read_text(encoding="utf-8").partition("| format | by name |")[2].lower()
    for format in FORMATS:
        for pattern in format.patterns if not format.named_only else ():
            plain = pattern.removesuffix(".json") if format.name == "terraform" else pattern
            assert f"`{plain}`" in table or pattern == "credentials.*", f"{format.name}: {pattern}"


def test_the_configuration_of_the_readme_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = README.read_text(encoding="utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(toml)
    (tmp_path / ".env").write_text("A=b\n")
    monkeypatch.chdir(tmp_path)
    assert main([".env"]) == 0
