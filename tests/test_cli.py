"""The command line: commands, options, exit codes, and that nothing but what should comes out."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import credlint
from credlint import cli, engine, explain, files, registry, reporters
from credlint.cli import FORMATS, main
from credlint.finding import Finding, Severity
from credlint.model import Project
from credlint.rule import Rule

from .examples import swap

ROOT = Path(__file__).parent.parent
SECRET = swap("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
KEY = f"FROM alpine\nENV AWS_SECRET_ACCESS_KEY={SECRET}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the working directory; nothing in the environment speaks of colour."""
    for name in ("NO_COLOR", "FORCE_COLOR", "PYTHONUTF8", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "credlint", *arguments], capture_output=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


# ── commands ──


def test_check_is_what_no_command_means(capsys: pytest.CaptureFixture[str]) -> None:
    write("app/Dockerfile", KEY)
    said = []
    for arguments in ([], ["."], ["check"], ["check", "."], ["app"], ["app/Dockerfile"], ["check", "app/Dockerfile"]):
        assert main(arguments) == 1
        said.append(capsys.readouterr().out)
    assert set(said) == {said[0]}
    assert "app/Dockerfile:2:" in said[0]
    assert "KEY101" in said[0]


def test_file_with_the_name_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    write("rules", f"AWS_SECRET_ACCESS_KEY={SECRET}\n")
    assert main(["rules"]) == 0
    assert main(["check", "rules"]) == 1
    assert main(["./rules"]) == 1
    assert main(["--", "rules"]) == 1
    assert main(["check", "check"]) == 2


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["check", "--help"], ["x", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: credlint [check] [OPTIONS] [PATH ...]\n")
    for part in ("examples:", "exit codes:", "explain RULE", "--stdin-filename", "ignore[KEY101]"):
        assert part in said
    # Every option is there, and has a help text.
    parts = re.split(r"^  (?=-)", said, flags=re.MULTILINE)[1:]
    names = {name.replace("_", "-") for name in vars(cli.Options())} - {"paths"} | {"help", "version"}
    assert {re.findall(r"--([a-z-]+)", part)[0] for part in parts} == names
    assert all(len(part.split("\n\n")[0].split()) > 3 for part in parts)


def test_help_of_the_other_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--help"]) == 0
    assert main(["rules", "--help"]) == 0
    assert "KEY101" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"credlint {credlint.__version__}\n"


@pytest.mark.parametrize("name", ["KEY101", "key101", "hardcoded-access-key", "Hardcoded-Access-Key"])
def test_explain(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 0
    said = capsys.readouterr().out
    assert said.startswith("KEY101 hardcoded-access-key (error)\n\nA secret access key is written into a file.\n")
    assert "\nBad\n" in said
    assert "```" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize("prefix", ["KEY", "key", "KEY1", "k", "SCAN90"])
def test_explain_a_family(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", prefix]) == 0
    lines = capsys.readouterr().out.splitlines()
    ids = [rule.id for rule in registry.rules() if rule.id.startswith(prefix.upper())]
    assert [line.split()[0] for line in lines[: len(ids)]] == ids
    assert lines[len(ids) :] == ["", f"`credlint explain {ids[0]}` shows the page of a rule."]


def test_explain_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "hardcoded-acces-key"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == 'credlint: there is no rule "hardcoded-acces-key"; did you mean "hardcoded-access-key"?\n'
    assert main(["explain", ""]) == 2
    assert capsys.readouterr().err == 'credlint: there is no rule ""; `credlint rules` lists them\n'
    assert main(["explain"]) == 2
    assert main(["explain", "KEY101", "KEY102"]) == 2


_DENIED = "An error occurred (AccessDenied) when calling the PutItem operation: User: arn:aws:sts::123456789012:"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("ResourceInitializationError", "ROLE206"),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
            "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/ecsTaskExecutionRole/0a1b is not "
            "authorized to perform: secretsmanager:GetSecretValue",
            "ROLE206",
        ),
        ("CannotPullContainerError: Error response from daemon: pull access denied", "ROLE206"),
        ("STOPPED (CannotPullECRContainerError: AccessDeniedException: ecr:GetAuthorizationToken)", "ROLE206"),
        ("Fargate requires task definition to have execution role ARN to support ECR images.", "ROLE205"),
        ("ECS was unable to assume the role", "ROLE208"),
        ("error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/x' that was provided", "ROLE208"),
        ("An error occurred (TargetNotConnectedException) when calling the ExecuteCommand operation", "ROLE207"),
        ("targetnotconnectedexception", "ROLE207"),
        ("mount.nfs4: access denied by server while mounting 127.0.0.1:/", "ROLE207"),
        (
            _DENIED + "assumed-role/api-TaskExecutionRole-1/0a1b is not authorized to perform: dynamodb:PutItem",
            "ROLE203",
        ),
        (_DENIED + "assumed-role/orders/0a1b is not authorized to perform: dynamodb:PutItem", "ROLE204"),
    ],
)
def test_explain_an_error(text: str, id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", text]) == 0
    shown = capsys.readouterr()
    said, one = shown.out, re.match(r"(ROLE\d{3}) \S+ \(", shown.out)
    listed = [one[1]] if one else [line.split()[0] for line in said.splitlines()[:-2]]
    assert id in listed
    assert listed[0] == id or len(text.split()) < 10
    assert "orders" not in said + shown.err
    assert "api-Task" not in said + shown.err
    assert main(["explain", *text.split()]) == 0
    assert capsys.readouterr().out == said


def test_explain_an_error_that_no_page_has(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("Segmentation fault (core dumped) of orders", "the task of orders", "x" * 200_000):
        assert main(["explain", text]) == 2
        shown = capsys.readouterr()
        assert not shown.out
        assert "rules" in shown.err
        assert "orders" not in shown.err


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    *lines, empty, more = capsys.readouterr().out.splitlines()
    assert (empty, more) == ("", "`credlint explain KEY101` shows the page of a rule.")
    assert [line.split()[0] for line in lines] == [rule.id for rule in registry.rules()]
    for line, rule in zip(lines, registry.rules(), strict=True):
        assert line.split()[1:3] == [rule.name, str(rule.severity)]
        assert line.endswith(rule.title)
    assert main(["rules", "--color", "always"]) == 0
    assert re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out).splitlines()[:-2] == lines
    assert main(["rules", "KEY101"]) == 0


def test_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in registry.rules():
        plain, colored = explain.page(rule), explain.page(rule, color=True)
        assert plain.startswith(f"{rule.id} {rule.name} ({rule.severity})\n\n{rule.title}\n")
        assert "```" not in plain + colored
        assert "**" not in plain + colored
        # Nothing of the documentation is lost but marks.
        words = re.sub(r"^```\w*|^## |\*\*", "", rule.documentation, flags=re.MULTILINE).split()
        assert plain.split("\n", 2)[2].split() == words
        assert re.sub(r"\x1b\[\d*m", "", colored).replace("`", "").split() == plain.replace("`", "").split()


def test_page_of_the_rules(request: pytest.FixtureRequest) -> None:
    page = ROOT / "rules" / "README.md"
    if not (ROOT / "credlint").is_dir():
        pytest.skip("the sources are deleted: the wheel is under test")
    if request.config.getoption("update"):
        page.write_text(explain.readme(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == explain.readme()
    for file in re.findall(r"\((\w+\.py)\)", explain.readme()):
        assert (page.parent / file).is_file()


# ── options ──


def test_lists_agree() -> None:
    assert set(cli.FORMATS) == set(reporters.REPORTERS)
    assert set(cli.FAIL_ON) == {*(str(severity) for severity in Severity), "never"}


def test_defaults_with_and_without_options() -> None:
    """A call without options does not go through argparse."""
    options = cli.Options()
    cli._parse(["--color", "auto"], options)
    assert vars(options) == vars(cli.Options())


def test_options_between_paths() -> None:
    options = cli.Options()
    arguments = ["a", "--select", "KEY, ROLE201", "b", "--select=SCAN", "-", "--ignore", "KEY102,", "--", "--c", "--"]
    cli._parse(arguments, options)
    assert options.paths == ["a", "b", "-", "--c", "--"]
    assert options.select == ["KEY", "ROLE201", "SCAN"]
    assert options.ignore == ["KEY102"]


USAGE = [
    (["--format", "jsn"], "must be one of"),
    (["--nope"], "there is no option --nope"),
    (["a", "-x", "b", "--nope"], "there is no option -x --nope"),
    (["--fail-on", "bad"], "must be one of"),
    (["--select"], "expected one argument"),
    (["--config", "a.toml", "--isolated"], "contradict"),
    (["--pedanti"], "there is no option --pedanti"),
    (["explain"], "required"),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE)
def test_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("usage: credlint")
    assert message in shown.err


def test_select_and_ignore(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    assert main(["--select", "ROLE"]) == 0
    assert main(["--select", "ROLE,KEY"]) == 1
    assert main(["--select", "hardcoded-access-key"]) == 1
    assert main(["--ignore", "KEY101"]) == 0
    assert main(["--ignore", "ROLE", "--ignore", "KEY"]) == 0
    write("credlint.toml", "select = ['ROLE']\nignore = ['KEY102']\n")
    assert main([]) == 0
    assert main(["--select", "KEY"]) == 1
    write("credlint.toml", "ignore = ['KEY101']\n")
    assert main(["--select", "KEY101"]) == 0  # what the configuration ignores stays ignored
    assert main(["--isolated"]) == 1
    capsys.readouterr()
    assert main(["--select", "KEY1O1"]) == 2
    assert capsys.readouterr().err == 'credlint: --select: there is no rule "KEY1O1"; did you mean "KEY101"?\n'
    for wrong, right in [
        ("key101", "KEY101"),
        ("all", "ALL"),
        ("Hardcoded-Access-Key", "hardcoded-access-key"),
    ]:
        assert main(["--select", wrong]) == 2
        assert capsys.readouterr().err == f'credlint: --select: there is no rule "{wrong}"; did you mean "{right}"?\n'
    assert main(["--ignore", "KEYS"]) == 2
    assert (
        capsys.readouterr().err
        == 'credlint: --ignore: there is no rule "KEYS"; did you mean "KEY" (KEY101 to KEY108)?\n'
    )


def test_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    write("credlint.toml", "fail-on = 'never'\n")
    assert main([]) == 0
    assert main(["--fail-on", "error"]) == 1
    write("other.toml", "exclude = ['Dockerfile']\n")
    assert main(["--config", "other.toml"]) == 0
    assert main(["--config", "other.toml", "Dockerfile"]) == 1
    capsys.readouterr()
    assert main(["--config", "nope.toml"]) == 2
    assert capsys.readouterr().err == "credlint: nope.toml: no such file or directory\n"
    write("credlint.toml", "fail_on = 'never'\n")
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == 'credlint: credlint.toml: fail_on: there is no such key; did you mean "fail-on"?\n'
    assert main(["--isolated"]) == 1


def test_inline_ignores(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY.replace("ENV", "# credlint: ignore[KEY101] not so secret\nENV"))
    assert main([]) == 0
    assert "1 silenced" in capsys.readouterr().out
    assert main(["--no-inline-ignores"]) == 1
    write("Dockerfile", "# credlint: ignore[KEY101]\nFROM alpine\n")
    assert main([]) == 1
    assert "SCAN902" in capsys.readouterr().out
    assert main(["--no-inline-ignores"]) == 0


@pytest.mark.parametrize("place", ["[[ignore]]\n", "[[tool.credlint.ignore]]\n"])
def test_table_of_ignores(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    name = "pyproject.toml" if "tool" in place else "credlint.toml"
    write(name, f"{place}rule = 'KEY101'\npath = 'Dockerfile'\nexpires = 2999-12-31\n")
    assert main(["Dockerfile"]) == 0
    write(name, f"{place}rule = 'KEY101'\npath = 'Dockerfile'\nexpires = 2020-12-31\n")
    assert main(["Dockerfile"]) == 1
    said = capsys.readouterr().out
    assert f"{name}:1:1: warning[SCAN902]" in said
    assert "KEY101" in said
    assert place.strip() in said


def test_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    assert main(["--statistics"]) == 1
    assert re.search(r"^1 +KEY101 +hardcoded-access-key$", capsys.readouterr().out, re.MULTILINE)


def test_output(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    assert main(["--format", "json"]) == 1
    said = capsys.readouterr().out
    assert main(["--format", "json", "--output", "out.json"]) == 1
    assert capsys.readouterr() == ("", "credlint: 1 finding (1 error); 1 file checked.\n")
    assert Path("out.json").read_text(encoding="utf-8") == said
    assert json.loads(said)["findings"][0]["rule"] == "KEY101"
    assert main(["--output", "not/there.json"]) == 2
    assert capsys.readouterr().err == "credlint: not/there.json: no such file or directory\n"


# ── nothing to check ──

EMPTY = [
    ("exclude = ['vendor']", ["vendor"], "vendor: 2 files are excluded by credlint.toml"),
    ("exclude = ['vendor']", ["app", "vendor"], "vendor: 2 files are excluded by credlint.toml"),
    ("exclude = ['main.tf', '.env']", ["vendor/"], "vendor/: 2 files are excluded by credlint.toml"),
    ("exclude = ['vendor']", ["."], None),
    ("exclude = ['vendor/main.tf']", ["vendor"], None),
    ("exclude = ['vendor']", ["vendor/main.tf"], None),
    ("exclude = ['*.tf', '.env', 'Dockerfile', 'data', '/*.toml']", [], ".: 5 files are excluded by credlint.toml"),
    ("", ["src"], 'src: no file has a name that credlint reads; "include" adds names'),
    ("", ["src/main.py"], None),
    ("", ["app", "src"], None),
    ("", ["data"], "data: 1 file has a fitting name, and nothing in it that credlint reads"),
    (
        "exclude = ['vendor']",
        ["data", "src"],
        "data, src: 1 file has a fitting name, and nothing in it that credlint reads",
    ),
]


@pytest.mark.parametrize(("config", "paths", "message"), EMPTY)
@pytest.mark.parametrize("format", ["text", "json"])
def test_nothing_to_check(
    config: str, paths: list[str], message: str | None, format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("app/Dockerfile", "vendor/main.tf", "vendor/.env", "vendor/notes.md", "src/main.py"):
        write(path, "\n")
    write("data/x.json", "{}")
    write("credlint.toml", config)
    assert main(["--format", format, *paths]) == 0
    assert capsys.readouterr().err == (f"credlint: no files to check in {message}\n" if message else "")


# ── what must not be read ──


def _denied(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """As for a user without the right to read it: who runs the tests may be root."""

    def read(name: str, max_size: int) -> bytes:
        if name == path:
            raise files.Unreadable("permission denied")
        return read_bytes(name, max_size)

    read_bytes = files.read_bytes
    monkeypatch.setattr(files, "read_bytes", read)


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_must_not_be_read_is_no_clean_one(
    format: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("app/.env", KEY)
    _denied(monkeypatch, "app/.env")
    assert main(["--format", format, "."]) == 1
    said = capsys.readouterr()
    assert "app/.env" in said.out
    assert "nothing of it could be read: permission denied" in said.out
    assert said.err == ""


def test_it_is_told_also_when_other_rules_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("app/.env", KEY)
    _denied(monkeypatch, "app/.env")
    assert main(["--select", "KEY", "."]) == 0
    assert capsys.readouterr().err == "credlint: skipped: app/.env (permission denied)\n"
    assert main(["app/.env"]) == 2


@pytest.mark.parametrize("exclude", ["[]", "['closed']"])
def test_a_folder_that_must_not_be_read(
    exclude: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("app/closed/.env", KEY)
    write("credlint.toml", f"exclude = {exclude}")
    scandir = os.scandir

    def denied(path: str = ".") -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert main(["."]) == (1 if exclude == "[]" else 0)
    said = capsys.readouterr()
    assert ("app/closed:1:1: warning[SCAN901]" in said.out) == (exclude == "[]")
    assert ("no files to check" in said.err) == (exclude != "[]")


def test_skipped_files_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(7):
        write(f"{number}.env", "A=\0\n")
    assert main(["."]) == 0
    shown = "; ".join(f"{number}.env (it is a binary file)" for number in range(5))
    assert capsys.readouterr().err == f"credlint: skipped: {shown}; and 2 more\n"


def test_a_path_that_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """As of a variable that is not set."""
    write("Dockerfile", KEY)
    assert main([""]) == 2
    assert 'fault: an empty path; the working directory is "."\n' in capsys.readouterr().out
    assert main(["", "Dockerfile"]) == 2
    assert "KEY101" in capsys.readouterr().out


# ── exit codes ──

FAIL_ON = [
    ("error", [Severity.WARNING, Severity.NOTE], 0),
    ("error", [Severity.ERROR], 1),
    ("warning", [Severity.NOTE], 0),
    ("warning", [Severity.WARNING], 1),
    ("warning", [Severity.ERROR, Severity.NOTE], 1),
    ("note", [Severity.NOTE], 1),
    ("note", [], 0),
    ("never", [Severity.ERROR], 0),
]


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """One rule only; the tests say what it does."""
    only = Rule("rules.made_up", "KEY101", Severity.ERROR)
    monkeypatch.setattr(registry, "rules", lambda: (only,))
    return only


@pytest.mark.parametrize(("threshold", "severities", "code"), FAIL_ON)
def test_fail_on(threshold: str, severities: list[Severity], code: int, rule: Rule) -> None:
    @rule
    def check(project: Project) -> Iterator[Finding]:
        for severity in severities:
            yield rule.finding(project.images[0].span, "x", "y", severity=severity)

    write("Dockerfile", "FROM alpine\n")
    assert main(["--fail-on", threshold]) == code
    if threshold == "warning":
        assert main([]) == code


def test_named_path_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and all the same what was found."""
    write("Dockerfile", KEY)
    assert main(["nope", "Dockerfile"]) == 2
    shown = capsys.readouterr()
    assert "KEY101" in shown.out
    assert "nope: no such file or directory" in shown.out
    assert main(["nope", "Dockerfile", "--format", "json"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["faults"] == ["nope: no such file or directory"]
    assert json.loads(shown.out)["findings"]
    assert shown.err == "credlint: nope: no such file or directory\n"
    assert main(["nope", "--format", "json", "--output", "out.json"]) == 2
    assert capsys.readouterr().err == (
        "credlint: nope: no such file or directory\ncredlint: No findings; 0 files checked; 1 fault.\n"
    )


def test_fault_of_a_rule(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    @rule
    def check(project: Project) -> Iterator[Finding]:
        yield rule.finding(project.images[0].span, "found before", "y")
        raise ValueError(SECRET)

    write("Dockerfile", KEY)
    assert main([]) == 2
    shown = capsys.readouterr()
    assert "ValueError" in shown.out
    assert not holds(SECRET, shown.out + shown.err)


def test_fault_of_credlint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(SECRET) from KeyError(SECRET)

    monkeypatch.setattr(engine, "check", broken)
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    first, second = shown.err.splitlines()
    assert re.fullmatch(r"credlint: fault: ValueError in credlint\.cli:\d+", first)
    assert second.endswith(f"Please report it: {credlint.HOME}/issues")


@pytest.mark.parametrize("error", [RecursionError, MemoryError, UnicodeError, OSError, AssertionError])
def test_any_fault(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(reporters, "render", broken)
    assert main([]) == 2


def test_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "check", interrupted)
    assert main([]) == 130
    assert capsys.readouterr() == ("", "")


def holds(secret: str, text: str) -> bool:
    return any(secret[at : at + 8] in text for at in range(len(secret) - 7))


# ── standard input ──


class Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


STDIN = [
    (["--stdin-filename", "app/Dockerfile"], "app/Dockerfile:2:"),
    (["--stdin-filename", "./app/Dockerfile", "-"], "app/Dockerfile:2:"),
    (["-", "--stdin-filename=Dockerfile"], "Dockerfile:2:"),
    (["-"], "standard input:2:"),
    (["check", "-"], "standard input:2:"),
    (["-", "other.env"], "standard input:2:"),
]


@pytest.mark.parametrize(("arguments", "place"), STDIN)
def test_stdin(
    arguments: list[str], place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("other.env", "A=b\n")
    write("Dockerfile", "FROM alpine\n")  # the text of standard input counts
    monkeypatch.setattr(sys, "stdin", Stdin(KEY.encode()))
    assert main(arguments) == 1
    said = capsys.readouterr().out
    assert f"\n{place}" in f"\n{said}"
    assert ("2 files checked" if "other.env" in arguments else "1 file checked.") in said


STDIN_FAULTS = [
    (b"FROM a\0b", "standard input: it is a binary file"),
    (b"x" * 2000, "standard input: it is larger than 1,000 bytes (max-file-size)"),
]


@pytest.mark.parametrize(("data", "message"), STDIN_FAULTS)
def test_stdin_that_cannot_be_read(
    data: bytes, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("credlint.toml", "max-file-size = '1KB'\n")
    write("Dockerfile", KEY)
    monkeypatch.setattr(sys, "stdin", Stdin(data))
    assert main(["-", "Dockerfile"]) == 2
    said = capsys.readouterr().out
    assert message in said
    assert "KEY101" in said


# ── colour ──

COLOR: list[tuple[str, dict[str, str], bool, bool]] = [
    ("auto", {}, True, True),
    ("auto", {}, False, False),
    ("auto", {"TERM": "dumb"}, True, False),
    ("auto", {"TERM": "xterm"}, True, True),
    ("auto", {"NO_COLOR": "1"}, True, False),
    ("auto", {"NO_COLOR": ""}, True, True),
    ("auto", {"FORCE_COLOR": "1"}, False, True),
    ("auto", {"FORCE_COLOR": ""}, False, False),
    ("auto", {"FORCE_COLOR": "0"}, False, False),
    ("auto", {"FORCE_COLOR": "0"}, True, False),
    ("auto", {"FORCE_COLOR": "false"}, True, False),
    ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
    ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
    ("never", {"FORCE_COLOR": "1"}, True, False),
]


@pytest.mark.parametrize(("when", "environment", "terminal", "colored"), COLOR)
def test_color(when: str, environment: dict[str, str], terminal: bool, colored: bool) -> None:
    assert cli._wants_color(when, environment, terminal) == colored


def test_color_of_the_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    main([])
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    main(["--color", "always"])
    colored = capsys.readouterr().out
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain
    assert colored != plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    main([])
    assert capsys.readouterr().out == colored
    main(["--color", "always", "--format", "json"])
    assert "\x1b" not in capsys.readouterr().out


# ── as a process ──


def test_process() -> None:
    write("Dockerfile", KEY)
    done = process()
    assert done.returncode == 1
    assert b"KEY101" in done.stdout
    assert done.stderr == b""
    assert process("--select", "ROLE").returncode == 0
    assert process("nope").returncode == 2
    assert process("--version").stdout.decode().split() == ["credlint", credlint.__version__]


def test_checkout_that_is_not_installed() -> None:
    """There the rules lie beside the package, and with them perhaps what they need."""
    shutil.copytree(
        Path(credlint.__file__).parent, "credlint", ignore=shutil.ignore_patterns("rules", "__pycache__", "*.pyc")
    )
    write("Dockerfile", KEY)
    for arguments in ((), ("rules",), ("explain", "KEY101"), ("--select", "KEY"), ("Dockerfile",)):
        done = subprocess.run([sys.executable, "-S", "-m", "credlint", *arguments], capture_output=True, check=False)
        assert done.returncode == 2
        assert done.stdout == b""
        assert done.stderr.decode() == (
            "credlint: credlint is not installed as a whole: it has no rules. In a checkout: pip install -e .\n"
        )


def test_hook_that_is_called_by_its_name() -> None:
    script = Path(sys.executable).with_name("credlint.exe" if os.name == "nt" else "credlint")
    if not script.exists():
        pytest.skip("not installed as a program")
    write("Dockerfile", KEY)
    assert subprocess.run([script], capture_output=True, check=False).returncode == 1


posix = pytest.mark.skipif(os.name == "nt", reason="how it is on other systems")


@posix
@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_output_is_utf_8_whatever_the_locale(locale: str) -> None:
    name = b"\xc3\xa4\xff\xe2\x82\xac.tf"  # not all of it is text
    with open(name, "wb") as file:
        file.write(f'locals {{\n  aws_secret_access_key = "{SECRET}" # ä€😀\n}}\n'.encode())
    environment = {**os.environ, "LC_ALL": locale, "LANG": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for output in cli.FORMATS:
        done = process("--format", output, env=environment)
        assert done.returncode == 1, done.stderr
        assert done.stderr == b""
        done.stdout.decode("utf-8")
    done = process("--format", "json", env=environment)
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["path"].endswith(".tf")
    done = process(os.fsdecode(name) + "x", env=environment)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("arguments", [(), ("--format", "sarif"), ("--help",), ("rules",), ("explain", "KEY101")])
def test_reader_that_has_seen_enough(arguments: tuple[str, ...]) -> None:
    """As with `credlint | head -0`."""
    write("Dockerfile", KEY)
    command = [sys.executable, "-m", "credlint", *arguments]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == (1 if arguments[:1] in ((), ("--format",)) else 0)


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")
def test_output_that_cannot_be_written() -> None:
    write("Dockerfile", KEY)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "credlint"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"credlint: the output cannot be written: no space left on device\n"


@posix
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-"])
def test_streams_that_are_closed(closed: str) -> None:
    write("Dockerfile", KEY)
    for arguments, code in (("", 1), ("--help", 0), ("nope", 2), ("--nope", 2), ("-", 1 if "<" not in closed else 0)):
        done = subprocess.run(
            ["sh", "-c", f'"$0" -m credlint {arguments} {closed}', sys.executable],
            input=KEY.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, (arguments, done.stderr)
        assert b"Traceback" not in done.stderr


def test_terminal_is_not_told_what_a_name_says() -> None:
    done = process("--format", "json", "a\x1b[2Jb\nc")
    assert done.returncode == 2
    assert b"\x1b" not in done.stderr + done.stdout
    assert done.stderr.count(b"\n") == 1
    assert process("explain", "\x1b[2J").stderr.count(b"\x1b") == 0


IMPORTS = [
    ("--version", {"argparse"}),
    ("--help", {"argparse"}),
    ("nope", set()),
]


@pytest.mark.parametrize(("argument", "wanted"), IMPORTS)
def test_light_start(argument: str, wanted: set[str]) -> None:
    program = f"import sys; from credlint.cli import main; main([{argument!r}]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"argparse", "subprocess", "tomllib", "dataclasses", "typing", "yaml", "json"} & loaded == wanted
    if argument != "nope":
        assert {name for name in loaded if name.startswith("credlint")} == {"credlint", "credlint.cli"}


def test_an_empty_selection_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--select", "", "."]) == 2
    assert "names no rule" in capsys.readouterr().err


def test_variable_files_that_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "env").mkdir()
    (tmp_path / "main.tf").write_text(
        'variable "a" {}\nvariable "b" {}\nresource "aws_ecs_task_definition" "x" {\n  family = "x"\n'
        '  task_role_arn = var.a\n  execution_role_arn = var.b\n  container_definitions = "[]"\n}\n'
    )
    same = 'a = "arn:aws:iam::123456789012:role/a"\nb = "arn:aws:iam::123456789012:role/a"\n'
    (tmp_path / "env" / "prod.tfvars").write_text(same)
    assert main(["."]) == 0
    assert main(["--var-file", "env/prod.tfvars", "."]) == 1
    assert "main.tf:5:" in capsys.readouterr().out
    assert main(["--var-file", "prod.tfvars", "."]) == 2
    (tmp_path / "credlint.toml").write_text('var-files = ["env/prod.tfvars"]\n')
    assert main(["."]) == 1
    (tmp_path / "credlint.toml").write_text("var-files = [1]\n")
    assert main(["."]) == 2


@pytest.mark.parametrize(
    ("arguments", "guess"),
    [
        (["chek", "."], "there is no command chek; did you mean `credlint check`?"),
        (["--formt", "json"], "there is no option --formt; did you mean --format?"),
        (["--formt=json"], "there is no option --formt=json; did you mean --format?"),
        (["--fail-on", "warn"], "did you mean warning?"),
        (["--format", "jsn"], "did you mean json?"),
        (["explain", "KEY999"], 'there is no rule "KEY999"; did you mean one of KEY101 to KEY108?'),
        (["rules", "KEYY"], 'there is no rule "KEYY"; did you mean "KEY" (KEY101 to KEY108)?'),
    ],
)
def test_what_was_meant(arguments: list[str], guess: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert guess in said.out + said.err


def test_a_path_like_a_command_is_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    write("chek", "x")
    assert main(["chek"]) == 0


def test_rules_of_a_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "role"]) == 0
    said = capsys.readouterr().out
    assert "ROLE201" in said
    assert "KEY101" not in said
    assert "credlint explain ROLE201" in said
