"""Lists that must agree: the packages, the hook's pattern and the table of formats, the version."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

import credlint
from credlint.formats import FORMATS, by_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent


def test_every_package_is_listed() -> None:
    """An unlisted package works in a checkout and is silently missing from the wheel."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = set(tomllib.load(file)["tool"]["setuptools"]["packages"])
    if not (ROOT / "credlint").is_dir():
        pytest.skip("the sources are deleted: the wheel is under test")
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "credlint").rglob("*.py")
        if "__pycache__" not in path.parts
    }
    assert listed == found | {"credlint.rules"}


def test_version_is_in_the_changelog() -> None:
    assert f"## {credlint.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def hook() -> dict[str, object]:
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


NAMES = [
    *("Dockerfile", "app/Dockerfile", "Dockerfile.prod", "api.Dockerfile", "api.dockerfile", "Containerfile"),
    *("main.tf", "a/b/main.tf", "main.tofu", "prod.tfvars", "main.tf.json", "prod.tfvars.json"),
    *(".env", ".env.local", "prod.env", ".envrc", "deploy/api.env"),
    *(".aws/credentials", ".aws/config", "credentials", "credentials.bak", "setup.cfg", "x.ini", ".boto", ".s3cfg"),
    *(".passwd-s3fs", "etc/passwd-s3fs", "rclone.conf"),
    *("credentials.csv", "new_user_credentials.csv", "rootkey.csv", "deploy_accessKeys.csv", "accessKeys (1).csv"),
    *("td.json", "td.json.tpl", "td.yml", "td.yaml", "stack.template"),
    *("deploy.sh", "app.properties", "wrangler.toml"),
    *(
        "main.py",
        "README.md",
        "Makefile",
        "go.mod",
        "config.rb",
        "data.csv",
        "main.tf.bak",
        "dockerfile.md/x.txt",
        "app.envx",
    ),
    *(
        "Dockerfile.py",
        "Dockerfile-prod",
        "dockerfile_prod",
        "x/dockerfile-gen.js",
        "dockerfiles.py",
        "my-Dockerfile.py",
    ),
    *("x.dockerfile.py", "Containerfile.py", "config.py", "credentials.js", "credentials-aws.ts", "Dockerfile-x.md"),
    *("backend.hcl", "prod.tfbackend", "terragrunt.hcl", "web.pkr.hcl", "td.jsonc", "main.jsonnet", "lib.libsonnet"),
    *("aws_credentials", "credentials-prod", "x-credentials-prod", "my_aws_credentials"),
    *("Dockerfile.md", "dockerfile.py", "Dockerfile.dockerignore", ".env.md", "a.json.patch"),
]


@pytest.mark.parametrize("name", NAMES)
def test_hook_takes_what_the_table_takes(name: str) -> None:
    pattern = str(hook()["files"])
    assert bool(re.search(pattern, name)) == bool(by_name(name)), name


def test_hook_takes_every_pattern_of_the_table() -> None:
    pattern = str(hook()["files"])
    for format in FORMATS:
        if not format.named_only:
            for wildcard in format.patterns:
                assert re.search(pattern, wildcard.replace("*", "x")), wildcard


def test_hook_is_one_process() -> None:
    assert hook()["require_serial"] is True
    assert hook()["entry"] == "credlint check"
