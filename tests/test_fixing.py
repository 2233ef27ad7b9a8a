"""`--fix` and `--diff`: what is changed, what is left alone, and that nothing else is touched."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from credlint import fixing
from credlint.cli import main

from .examples import made_up_id, made_up_secret
from .test_reporters import VALIDATOR

TRUST = """\
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
"""
ROLES = f"""\
resource "aws_iam_role" "platform" {{
  name = "one"
{TRUST}}}

resource "aws_iam_role_policy_attachment" "platform" {{
  role       = aws_iam_role.platform.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}}

resource "aws_iam_role" "app" {{
  name = "two"
{TRUST}}}

resource "aws_iam_role_policy" "app" {{
  role   = aws_iam_role.app.name
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = "*" }}] }})
}}
"""
TASK = """\
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = EXECUTION
  task_role_arn         = TASK
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
"""
ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"


def definition(execution: str, task: str, text: str = TASK) -> str:
    return text.replace("EXECUTION", execution).replace("TASK", task)


# Each a text with the roles swapped, and as it is to be.
FIXED = {
    "references": ("main.tf", TASK, "aws_iam_role.app.arn", "aws_iam_role.platform.arn"),
    "a literal and a reference": ("main.tf", TASK, "aws_iam_role.app.arn", f'"{ONE}"'),
    "a comment at the end": (
        "main.tf",
        TASK.replace("EXECUTION", "EXECUTION # why").replace("TASK", "TASK // this"),
        "aws_iam_role.app.arn",
        f'"{ONE}"',
    ),
    "on Windows": ("main.tf", TASK.replace("\n", "\r\n"), "aws_iam_role.app.arn", f'"{ONE}"'),
    "with a byte order mark": ("main.tf", "\ufeff" + TASK, "aws_iam_role.app.arn", "aws_iam_role.platform.arn"),
    "JSON": (
        "td.json",
        '{\n  "family": "ä",\n  "executionRoleArn" : EXECUTION,\n\t"taskRoleArn":TASK,\n'
        '  "containerDefinitions": [{"name": "api", "image": "api:1"}]\n}',
        f'"{TWO}"',
        f'"{ONE}"',
    ),
    "JSON in one line": (
        "td.json",
        '{"family":"a","executionRoleArn":EXECUTION,"containerDefinitions":[{"name":"api","image":"b"}],"taskRoleArn":TASK}',
        f'"{TWO}"',
        f'"{ONE}"',
    ),
    "YAML": (
        "td.yaml",
        "family: a\nexecutionRoleArn: EXECUTION   # ECS's\ntaskRoleArn: TASK\n"
        "containerDefinitions:\n- {name: api, image: b}\n",
        f"'{TWO}'",
        ONE,
    ),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the two roles."""
    home = tmp_path / "project"
    (home / ".git").mkdir(parents=True)
    (home / "roles.tf").write_text(ROLES)
    monkeypatch.chdir(home)
    return home


@pytest.mark.parametrize(("path", "text", "execution", "task"), FIXED.values(), ids=FIXED)
def test_swapped_roles_are_put_right(
    home: Path, path: str, text: str, execution: str, task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / path
    wrong, right = (definition(*roles, text).encode() for roles in ((execution, task), (task, execution)))
    file.write_bytes(wrong)
    file.chmod(0o640)
    assert main(["--diff"]) == 1
    assert file.read_bytes() == wrong
    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == [f"--- {path}", f"+++ {path}"]
    lines = [data.decode("utf-8-sig").replace("\t", " ").splitlines() for data in (wrong, right)]
    assert [line[1:] for line in shown[2:] if line[0] == "-"] == [line for line in lines[0] if line not in lines[1]]
    assert [line[1:] for line in shown[2:] if line[0] == "+"] == [line for line in lines[1] if line not in lines[0]]
    assert main(["--fix"]) == 0
    assert file.read_bytes() == right
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(entry.name for entry in home.iterdir()) == sorted([".git", path, "roles.tf"])
    assert f"{path}:" in capsys.readouterr().err
    assert main(["--fix"]) == 0
    assert file.read_bytes() == right


@pytest.mark.parametrize(
    ("execution", "task"),
    [
        ("aws_iam_role.platform.arn", "aws_iam_role.app.arn"),  # right
        ('"ecsTaskRole"', '"ecsTaskExecutionRole"'),  # by their names only
        ("var.a", "var.b"),
        ("true ? aws_iam_role.app.arn : null", "aws_iam_role.platform.arn"),
        ("aws_iam_role.app.arn", "lower(aws_iam_role.platform.arn)"),
        ("aws_iam_role.app.arn", '"${aws_iam_role.platform.arn}"'),
    ],
)
def test_what_is_left_alone(home: Path, execution: str, task: str) -> None:
    variables = "".join(f'variable "{name}" {{\n  default = "{arn}"\n}}\n' for name, arn in (("a", TWO), ("b", ONE)))
    text = definition(execution, task) + variables
    (home / "main.tf").write_text(text)
    code = main(["."])
    assert main(["--diff"]) == main(["--fix"]) == code
    assert (home / "main.tf").read_text() == text


def test_a_module_that_others_call_is_left_alone(home: Path) -> None:
    (home / "task").mkdir()
    (home / "roles.tf").rename(home / "task" / "roles.tf")
    (home / "main.tf").write_text('module "task" {\n  source = "./task"\n}\n')
    text = definition("aws_iam_role.app.arn", "aws_iam_role.platform.arn")
    (home / "task" / "main.tf").write_text(text)
    assert main(["--fix", "main.tf", "task"]) == 1
    assert (home / "task" / "main.tf").read_text() == text


def test_a_change_that_would_bring_another_fault(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The execution role may not read the secret: which of the roles was meant to is for a person to say.
    text = definition("aws_iam_role.app.arn", "aws_iam_role.platform.arn")
    text = text.replace('"api:1"', '"api:1", secrets = [{ name = "A", valueFrom = "/a" }]')
    (home / "main.tf").write_text(text)
    other = definition("aws_iam_role.app.arn", "aws_iam_role.platform.arn").replace("api", "web")
    (home / "web.tf").write_text(other)
    assert main(["--select", "ROLE202", "--fix"]) == 1
    said = capsys.readouterr()
    assert "main.tf:4: ROLE202 is not fixed: the change would bring ROLE206 in main.tf:5" in said.err
    assert "web.tf:4: ROLE202 is fixed" in said.err
    assert "main.tf:4:" in said.out
    assert "web.tf:4:" not in said.out
    assert (home / "main.tf").read_text() == text
    assert (home / "web.tf").read_text() == definition("aws_iam_role.platform.arn", "aws_iam_role.app.arn").replace(
        "api", "web"
    )


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_left_alone(home: Path, encoding: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("# é\n" + definition("aws_iam_role.app.arn", "aws_iam_role.platform.arn")).encode(encoding)
    (home / "main.tf").write_bytes(data)
    assert main(["--fix"]) == 1
    assert "not in UTF-8" in capsys.readouterr().err
    assert (home / "main.tf").read_bytes() == data


def test_links(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = definition("aws_iam_role.app.arn", "aws_iam_role.platform.arn")
    outside, inside = tmp_path / "outside.tf", home / "real.txt"
    outside.write_text(text)
    (home / "main.tf").symlink_to(outside)
    assert main(["--fix", "main.tf", "roles.tf"]) == 1
    assert "outside of the repository" in capsys.readouterr().err
    assert outside.read_text() == text
    (home / "main.tf").unlink()
    inside.write_text(text)
    (home / "main.tf").symlink_to("real.txt")
    assert main(["--fix", "main.tf", "roles.tf"]) == 0
    assert (home / "main.tf").is_symlink()
    assert "execution_role_arn    = aws_iam_role.platform.arn" in inside.read_text()


def test_a_file_that_changes_meanwhile_or_cannot_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = definition("aws_iam_role.app.arn", "aws_iam_role.platform.arn")
    (home / "main.tf").write_text(text)

    def fails(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fails)
        assert main(["--fix"]) == 2
    assert "main.tf: not fixed: permission denied" in capsys.readouterr().out
    assert (home / "main.tf").read_text() == text
    assert len(list(home.iterdir())) == 3
    write = fixing.write

    def late(change: fixing.Change) -> str:
        (home / "main.tf").write_text("# somebody else\n")
        return write(change)

    monkeypatch.setattr(fixing, "write", late)
    assert main(["--fix"]) == 2
    assert (home / "main.tf").read_text() == "# somebody else\n"


def test_a_diff_holds_no_secret(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id, secret = made_up_id(), made_up_secret()
    text = '{"family": "a", "executionRoleArn": EXECUTION, "taskRoleArn": TASK, "containerDefinitions": [{"name": "a", '
    text += '"image": "b", "environment": [{"name": "AWS_ACCESS_KEY_ID", "value": "ID"}, '
    text += '{"name": "AWS_SECRET_ACCESS_KEY", "value": "SECRET"}]}]}'
    text = text.replace('"ID"', f'"{id}"').replace('"SECRET"', f'"{secret}"')
    (home / "td.json").write_text(definition(f'"{TWO}"', f'"{ONE}"', text))
    assert main(["--diff"]) == 1
    said = capsys.readouterr()
    assert said.out.count("executionRoleArn") == 2
    for shown in (said.out, said.err):
        assert id not in shown
        assert not any(secret[at : at + 8] in shown for at in range(33))


def test_the_edits_in_json_and_sarif(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "main.tf").write_text(definition("aws_iam_role.app.arn", f'"{ONE}"'))
    main(["--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    ((first, second),) = (fix["edits"] for fix in found["fixes"])
    assert (first["path"], first["line"], first["text"]) == ("main.tf", 4, "aws_iam_role.app.arn")
    assert (second["line"], second["text"]) == (3, f'"{ONE}"')
    main(["--format", "sarif"])
    document = json.loads(capsys.readouterr().out)
    VALIDATOR.validate(document)
    (result,) = document["runs"][0]["results"]
    ((change,),) = (fix["artifactChanges"] for fix in result["fixes"])
    assert change["artifactLocation"]["uri"] == "main.tf"
    regions = [(edit["deletedRegion"]["startLine"], edit["insertedContent"]["text"]) for edit in change["replacements"]]
    assert regions == [(4, "aws_iam_role.app.arn"), (3, f'"{ONE}"')]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix", "--diff"], "error: --fix and --diff contradict each other"),
        (["--fix", "-"], "error: what comes on standard input cannot be fixed"),
        (["--diff", "--stdin-filename", "a"], "error: what comes on standard input cannot be fixed"),
        (["--diff", "--format=json"], "error: --diff shows nothing but the differences"),
    ],
)
def test_what_cannot_go_together(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_nothing_to_fix(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--diff"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "credlint: there is nothing to fix\n")
