"""Build contexts on a real disk, where only the Dockerfile is linted: what is read besides, and what never is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files

from .examples import made_up_secret

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


def test_only_what_is_in_the_context_can_be_ignored() -> None:
    write("Dockerfile", "FROM alpine\nCOPY .aws /root/.aws\nCOPY --from=build /root/.aws /root/.aws\n")
    helps = [finding.help for finding in lint(Files("."), [("Dockerfile", True)], Config()).findings]
    assert ["add .aws to .dockerignore" in help for help in helps] == [True, False]
    assert ".dockerignore" not in helps[1]


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
    started = time.perf_counter()
    assert len(said()) == 200
    assert time.perf_counter() - started < 5
