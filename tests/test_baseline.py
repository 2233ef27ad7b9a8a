"""The baseline: what it silences, what it holds, and what is said of it when it is wrong or no longer needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from credlint.cli import main

from .examples import made_up_id, made_up_secret

SECRET, OTHER = made_up_secret(21), made_up_secret(22)
KEY = f"FROM alpine\nENV AWS_SECRET_ACCESS_KEY={SECRET}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def run(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, list[tuple[str, str]], list[tuple[str, str]]]:
    """The exit code, and of each finding that is shown or silenced the rule and its path or what silenced it."""
    capsys.readouterr()
    code = main(["--format", "json", *arguments])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return (
        code,
        [(finding["rule"], finding["path"]) for finding in said["findings"]],
        [(finding["rule"], finding["by"]) for finding in said["silenced"]],
    )


def test_what_was_there_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    assert main(["--write-baseline", "known.json"]) == 0
    said = capsys.readouterr()
    assert said.out == "No findings; 1 file checked; 1 silenced.\n"
    assert said.err == "credlint: known.json holds 1 finding now\n"
    assert run(capsys) == (1, [("KEY101", "Dockerfile")], [])
    assert run(capsys, "--baseline", "known.json") == (0, [], [("KEY101", "baseline")])
    # Moved, spaced in another way, and with another key: the fault is the same.
    write("Dockerfile", f"FROM alpine\n\n# more\nENV   AWS_SECRET_ACCESS_KEY={OTHER}\n")
    assert run(capsys, "--baseline", "known.json") == (0, [], [("KEY101", "baseline")])
    # One that is new is told, in the same file or in another one.
    write("Dockerfile", f"{KEY}ENV AWS_SECRET_KEY={OTHER}\n")
    write("app/Dockerfile", KEY)
    new = [("KEY101", "Dockerfile"), ("KEY101", "app/Dockerfile")]
    assert run(capsys, "--baseline", "known.json") == (1, new, [("KEY101", "baseline")])


def test_lines_that_are_alike_count(capsys: pytest.CaptureFixture[str]) -> None:
    write(".env", f"AWS_SECRET_ACCESS_KEY={SECRET}\n\nA=b\n" * 2)
    main(["--write-baseline", "known.json"])
    assert run(capsys, "--baseline", "known.json")[:2] == (0, [])
    write(".env", f"AWS_SECRET_ACCESS_KEY={SECRET}\n\nA=b\n" * 3)
    assert run(capsys, "--baseline", "known.json")[:2] == (1, [("KEY101", ".env")])


def test_what_it_holds() -> None:
    write("Dockerfile", KEY)
    write("b/.env", f"AWS_ACCESS_KEY_ID={made_up_id()}\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    main(["--write-baseline", "known.json"])
    text = Path("known.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document.keys() == {"version", "salt", "findings"}
    assert document["version"] == 1
    assert [(entry["path"], entry["rule"]) for entry in document["findings"]] == [
        ("Dockerfile", "KEY101"),
        ("b/.env", "KEY101"),
    ]
    assert all(entry.keys() == {"path", "rule", "fingerprint"} for entry in document["findings"])
    assert not any(SECRET[at : at + 8] in text for at in range(33))
    assert text.count("\n") == 8, "a line for each, so that a change shows what it is"


def test_it_is_salted_and_the_salt_stays(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    for name in ("a.json", "b.json"):
        main(["--write-baseline", name])
    first, second = (json.loads(Path(name).read_text()) for name in ("a.json", "b.json"))
    assert first["salt"] != second["salt"]
    assert first["findings"][0]["fingerprint"] != second["findings"][0]["fingerprint"]
    capsys.readouterr()
    main(["--format", "json"])
    assert first["findings"][0]["fingerprint"] not in capsys.readouterr().out
    before = Path("a.json").read_bytes()
    main(["--write-baseline", "a.json"])
    assert Path("a.json").read_bytes() == before


def test_one_that_silences_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    write(".env", f"AWS_SECRET_ACCESS_KEY={SECRET}\n")
    main(["--write-baseline", "known.json"])
    write("Dockerfile", "FROM alpine\n")
    assert main(["--baseline", "known.json"]) == 1
    said = capsys.readouterr().out
    assert "known.json:6:5: warning[SCAN902] unused-ignore: this line of the baseline silences nothing" in said
    assert "no finding of KEY101 like it is in Dockerfile" in said
    # Of rules that did not run and of files that are not in this run nothing is known.
    assert run(capsys, "--baseline", "known.json", "--select", "ROLE,SCAN") == (0, [], [])
    assert run(capsys, "--baseline", "known.json", "--ignore", "SCAN902")[:2] == (0, [])
    assert run(capsys, "--baseline", "known.json", "Dockerfile") == (0, [], [])
    Path("Dockerfile").unlink()
    assert run(capsys, "--baseline", "known.json")[:2] == (1, [("SCAN902", "known.json")])
    # Written anew it is right again, and what it held is still in it.
    assert run(capsys, "--baseline", "known.json", "--write-baseline", "known.json") == (
        0,
        [],
        [("KEY101", "baseline")],
    )
    assert run(capsys, "--baseline", "known.json") == (0, [], [("KEY101", "baseline")])


def test_other_silences_go_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    ignored = KEY.replace("ENV", "# credlint: ignore[KEY101] ours\nENV")
    write("Dockerfile", ignored)
    assert run(capsys, "--write-baseline", "known.json") == (0, [], [("KEY101", "inline")])
    assert json.loads(Path("known.json").read_text())["findings"] == []
    write("Dockerfile", KEY)
    main(["--write-baseline", "known.json"])
    write("Dockerfile", ignored)
    assert run(capsys, "--baseline", "known.json") == (0, [], [("KEY101", "inline")])


def test_unused_ignores_and_notes_are_in_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Who begins with a baseline begins with nothing to do."""
    write("Dockerfile", "FROM alpine\n# credlint: ignore[KEY101]\nUSER x\n")
    write("td.json", '{"containerDefinitions": [{]')
    main(["--write-baseline", "known.json"])
    silenced = [("SCAN902", "baseline"), ("SCAN901", "baseline")]
    assert run(capsys, "--baseline", "known.json", "--fail-on", "note") == (0, [], silenced)


def test_pedantic_findings(capsys: pytest.CaptureFixture[str]) -> None:
    write(".env", f"AWS_ACCESS_KEY_ID=AKIA0189{made_up_id()[8:]}\n")
    main(["--pedantic", "--write-baseline", "known.json"])
    assert json.loads(Path("known.json").read_text())["findings"]
    assert run(capsys, "--baseline", "known.json") == (0, [], [])


WRONG = [
    "",
    "[]",
    "{}",
    '{"version": 1, "salt": "x"}',
    '{"version": 1, "findings": []}',
    '{"version": 2, "salt": "x", "findings": []}',
    '{"version": 1, "salt": "x", "findings": [{"path": "a", "rule": "KEY101"}]}',
    '{"version": 1, "salt": "x", "findings": [{"path": "a", "rule": "KEY101", "fingerprint": 1}]}',
    '{"version": 1, "salt": "x", "findings": [',
    f"<<<<<<< HEAD\n{SECRET}",
]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("option", ["--baseline", "--write-baseline"])
def test_what_is_no_baseline(text: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    write("known.json", text)
    assert main([option, "known.json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "credlint: known.json: it is no baseline; delete it and make one with --write-baseline\n"
    assert Path("known.json").read_text() == text


def test_baseline_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--baseline", "known.json"]) == 2
    assert capsys.readouterr().err == "credlint: known.json: no such file or directory\n"
    write("Dockerfile", KEY)
    assert main(["--write-baseline", "not/there.json"]) == 2
    said = capsys.readouterr()
    assert said.err == "credlint: not/there.json: no such file or directory\n"
    assert "KEY101" in said.out


def test_nothing_is_written_of_half_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    assert main(["--write-baseline", "known.json", "Dockerfile", "nope"]) == 2
    said = capsys.readouterr()
    assert "KEY101" in said.out
    assert said.err == "credlint: known.json: not written, for not all could be checked\n"
    assert not Path("known.json").exists()


def test_a_baseline_of_another_folder_is_told_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("sub/Dockerfile", KEY)
    write("sub/b/Dockerfile", KEY)
    main(["--write-baseline", "known.json"])
    capsys.readouterr()
    monkeypatch.chdir("sub")
    assert main(["--baseline", "../known.json", "--select", "SCAN,KEY"]) == 1
    said = capsys.readouterr().out
    assert said.count("SCAN902") == 1
    assert "it was made in another folder" in said


def test_a_run_of_a_part_keeps_what_it_is_not_about(capsys: pytest.CaptureFixture[str]) -> None:
    write("Dockerfile", KEY)
    write("app/Dockerfile", KEY)
    known = ["--baseline", "known.json", "--write-baseline", "known.json"]
    assert main(known) == 0  # the file is made when it is not there
    both = Path("known.json").read_text()
    for part in (["app/Dockerfile"], ["--select", "ROLE"], ["--select", "KEY", "Dockerfile"]):
        assert main([*known, *part]) == 0
        assert capsys.readouterr().err.endswith("known.json holds 2 findings now\n")
        assert Path("known.json").read_text() == both
    write("Dockerfile", "FROM alpine\n")
    assert main([*known, "app"]) == 0
    assert Path("known.json").read_text() == both
    assert main(known) == 0
    assert capsys.readouterr().err.endswith("known.json holds 1 finding now\n")
    assert run(capsys, "--baseline", "known.json") == (0, [], [("KEY101", "baseline")])
    # Into another file: its lines are those of the first, as they are.
    assert main(["--baseline", "known.json", "--write-baseline", "other.json", "Dockerfile"]) == 0
    assert Path("other.json").read_text() == Path("known.json").read_text()
