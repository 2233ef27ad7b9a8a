"""How a file is told: cheaply. What has no sign of anything is not even decoded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from credlint import engine, files, formats
from credlint.config import Config

from .examples import made_up_secret

# A name of each pattern that takes a sign in the text. The words are those of ordinary files.
ORDINARY = "services:\n  api:\n    image: api:1\n    key: value # an access to a resource: AW, RoleA, ontain\n" * 50
SIGNED = [format for format in formats.FORMATS if format.signs]
NAMES = sorted({pattern.replace("*", "x") for format in SIGNED for pattern in format.patterns})
NAMES = [name for name in NAMES if all(format.signs for format in formats.by_name(name))]


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_sign_is_not_decoded(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(data: bytes) -> str:
        raise AssertionError("decoded")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "decode", decode)
    (tmp_path / name).write_text(ORDINARY)
    report = engine.check(["."], Config())
    assert (report.checked, list(report.faults)) == (0, [])
    (tmp_path / name).write_text(ORDINARY + "AKIA ecret apiVersion: services: build-arg [default]\n")
    with pytest.raises(AssertionError, match="decoded"):
        engine.check(["."], Config())


@pytest.mark.parametrize("name", ["deploy.sh", "app.yml", "manifest.yaml", "settings.json"])
def test_what_has_a_sign_and_no_candidate_is_not_parsed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for reader in ("json", "yaml", "shell"):
        monkeypatch.setattr(f"credlint.readers.{reader}.read", None)
    (tmp_path / name).write_text("apiVersion: v1\nsecretName: api\n" + ORDINARY)
    report = engine.check(["."], Config())
    assert (report.checked, list(report.faults)) == (1, [])


def test_bytes_and_text_are_told_alike() -> None:
    for format in formats.FORMATS:
        for pattern in format.patterns:
            for sign in (*format.signs, ""):
                for filling in (10, 300_000):
                    text = f"x{sign} {' '.join(format.besides)}" + "é" * filling
                    path = pattern.replace("*", "x")
                    assert formats.detect(path, text) is formats.detect(path, text.encode()), (pattern, sign)


def test_signs_of_one_letter_are_looked_for_together() -> None:
    signs = {sign for format in formats.FORMATS for sign in (*format.signs, *format.besides)}
    assert set(formats._COMMON) <= signs
    assert all(common in sign for sign, common in formats._COMMON.items())
    for sign in signs:
        assert sign.isascii()
        assert bool(re.match(formats._LETTER_A, sign.encode())) == sign.startswith("A"), sign


def test_a_file_in_utf_16_is_told_by_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy.ini").write_bytes(f"aws_secret_access_key = {made_up_secret()}\n".encode("utf-16"))
    assert [finding.rule.id for finding in engine.check(["."], Config()).findings] == ["KEY101"]


def test_a_binary_file_is_skipped_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_bytes(b"\0AKIA")
    (tmp_path / "b.json").write_bytes(b"\0")
    assert engine.check(["."], Config()).skipped == 2
