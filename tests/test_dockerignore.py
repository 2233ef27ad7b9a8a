"""Which files a .dockerignore leaves out: the rules of Docker's documentation."""

from __future__ import annotations

import time

import pytest

from credlint.dockerignore import Ignore

TABLE = [
    (".env", ".env", True),
    (".env", "app/.env", False),
    ("**/.env", "app/.env", True),
    ("**/.env", ".env", True),
    ("*", ".env", True),
    ("*\n!src", "src/.env", False),
    ("*\n!src\nsrc/.env", "src/.env", True),
    (".env*", ".env.local", True),
    (".aws", ".aws/credentials", True),
    ("/.aws/", ".aws/credentials", True),
    ("./.aws", ".aws/credentials", True),
    (".aws/*", ".aws/credentials", True),
    ("# .env", ".env", False),
    ("  .env  ", ".env", True),
    (".en?", ".env", True),
    ("[.]env", ".env", True),
    ("[^a]env", ".env", True),
    ("[a-c]env", "benv", True),
    ("[a-c]env", "denv", False),
    ("\\*", "*", True),
    ("\\*", "a", False),
    ("**", "a/b", True),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/**/b", "a/x/y/c", False),
    ("", ".env", False),
    ("!.env", ".env", False),
    ("[", "[", True),
]


@pytest.mark.parametrize(("text", "path", "excluded"), TABLE)
def test_excludes(text: str, path: str, excluded: bool) -> None:
    assert Ignore(text).excludes(path) is excluded


def test_no_pattern_takes_long() -> None:
    ignore = Ignore("*a" * 60 + "b\n" + "**/a/" * 60 + "b")
    started = time.process_time()
    assert not ignore.excludes("/".join(["a" * 200] * 10))
    assert time.process_time() - started < 30
