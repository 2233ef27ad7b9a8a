"""Build contexts on a real disk, where only the Dockerfile is linted: what is read besides, and what never is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files

from .examples import made_up_secret, swap

KEY = f"AWS_SECRET_ACCESS_KEY={made_up_secret(31)}\n"


@pytest.fixture(autouse=True)
def _in_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository").mkdir()
    monkeypatch.chdir(tmp_path / "repository")


def write(path: str, text: str = KEY) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def said(dockerfile: str = "Dockerfile") -> list[str]:
    report = lint(Files("."), [(dockerfile, True)], Config())
    assert not report.faults
    return [finding.message for finding in report.findings if finding.rule.id == "KEY107"]


def test_what_is_copied_is_read() -> None:
    write("Dockerfile", "FROM alpine\nCOPY . /app\n")
    write("a/b/.env")
    assert said() == ["a/b/.env with AWS credentials is copied into the image: whoever can pull the image has them"]


def test_what_a_copy_names_cannot_be_ignored() -> None:
    write("Dockerfile", "FROM alpine\nCOPY .aws /root/.aws\nCOPY --from=build /root/.aws /root/.aws\n")
    helps = [finding.help for finding in lint(Files("."), [("Dockerfile", True)], Config()).findings]
    assert len(helps) == 2
    assert not any(".dockerignore" in help for help in helps)


def test_the_context_above_a_dockerfile() -> None:
    write("build/docker/Dockerfile", "FROM alpine\nCOPY package.json /\nCOPY . /app\n")
    write("package.json", "{}")
    write("prod.env")
    assert said("build/docker/Dockerfile")
    write(".dockerignore", "*.env\n")
    assert not said("build/docker/Dockerfile")


@pytest.mark.parametrize("folder", ["node_modules", ".git", "link"])
def test_folders_that_are_not_entered(folder: str) -> None:
    write("Dockerfile", "FROM alpine\nCOPY . /app\n")
    write(f"../outside/{folder}/.env")
    if folder == "link":
        os.symlink("../outside", folder)
    else:
        os.rename(f"../outside/{folder}", folder)
    assert not said()


def test_nothing_outside_of_the_root_is_read() -> None:
    write("Dockerfile", "FROM alpine\nCOPY ../outside /app\nCOPY /.. /app\nCOPY link /app\nCOPY *.env /app\n")
    write("../outside/.env")
    write("../outside/x.env")
    os.symlink("../outside", "link")
    os.symlink("../outside/x.env", "x.env")
    assert not said()


def test_many_files() -> None:
    write("Dockerfile", "FROM alpine\n" + "COPY . /app\nCOPY */ /app\n" * 100)
    for folder in range(40):
        for number in range(50):
            write(f"{folder}/{number}.json", "{}")
    write("39/.env")
    started = time.process_time()
    assert len(said()) == 200
    assert time.process_time() - started < 30


def helps(files: dict[str, str]) -> list[str]:
    for path, text in files.items():
        write(path, swap(text))
    report = lint(Files("."), [(path, True) for path in files], Config())
    return [finding.help for finding in report.findings if finding.rule.id == "KEY107"]


ENV = "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"


def test_a_copy_that_names_the_file_is_to_be_deleted() -> None:
    """With the file in .dockerignore docker would say that it is not there."""
    (help,) = helps({"Dockerfile": "FROM a\nCOPY prod.env /app/.env\n", "prod.env": ENV})
    assert help == "delete this COPY, or copy only what is needed; at run time use the task role"


def test_all_files_of_a_folder_are_named() -> None:
    key = 'AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"\n'
    files = {"Dockerfile": "FROM a\nCOPY . /app\n", "a.yml": key, **{f"{number}.env": ENV for number in range(12)}}
    (help,) = helps(files)
    names = ", ".join(f"{number}.env" for number in (0, 1, 10, 11, 2, 3, 4, 5, 6, 7))
    assert help == (
        f"copy only what is needed, add {names} and 2 more to .dockerignore, take the key out of a.yml; "
        "at run time use the task role"
    )


def test_a_source_file_is_to_be_without_the_key() -> None:
    tf = 'provider "aws" {\n  access_key = "AKIAIOSFODNN7EXAMPLE"\n  secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"\n}\n'
    (help,) = helps({"Dockerfile": "FROM a\nCOPY main.tf /app/\n", "main.tf": tf})
    assert help.startswith("take the key out of main.tf, or delete this COPY;")


def test_the_default_of_an_argument_is_only_likely() -> None:
    write("Dockerfile", "FROM alpine\nARG E=prod\nENV D=$E F=prod\nCOPY .env.$D /app/\nCOPY .env.$F /app/\n")
    write(".env.prod")
    report = lint(Files("."), [("Dockerfile", True)], Config())
    assert [finding.confidence.name for finding in report.findings] == ["MEDIUM", "HIGH"]


def test_many_files_in_many_stages() -> None:
    steps = "".join(
        f"FROM s{n} AS s{n + 1}\nRUN rm -f /tmp/{n} {'x ' * 200}\nCOPY --from=s{n} /app /app\n" for n in range(100)
    )
    write("Dockerfile", f"FROM alpine AS s0\nCOPY . /app\n{steps}FROM alpine\nCOPY --from=s100 /app /app\n")
    for number in range(150):
        write(f"{number}.env")
    started = time.process_time()
    assert "copied on into the final image" in said()[0]
    assert time.process_time() - started < 20
