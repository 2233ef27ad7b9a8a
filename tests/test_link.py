"""Containers and the Dockerfiles of their images: what is linked, how surely, and what is read for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credlint import chain, engine
from credlint.cli import main
from credlint.config import Config
from credlint.files import Files
from credlint.finding import Confidence, Finding, Severity
from credlint.formats import ecs
from credlint.link import _dockerfile, _dockerfiles
from credlint.model import Certainty, Registry
from credlint.readers import json as reader
from credlint.text import Source

from .examples import made_up_secret

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DUMMY = "FROM scratch\nENV AWS_ACCESS_KEY_ID=dummy AWS_SECRET_ACCESS_KEY=dummy\n"


def definition(image: str = f"{ECR}/api:1", **more: object) -> str:
    container = {"name": "api", "image": image, **more}
    return json.dumps(
        {"family": "a", "taskRoleArn": "arn:aws:iam::123456789012:role/a", "containerDefinitions": [container]}
    )


NAMES = [
    (f"{ECR}/api:1", "api", Registry.ECR),
    (f"{ECR}/shop/api@sha256:0123", "api", Registry.ECR),
    ("<ACCOUNT>.dkr.ecr.eu-west-1.amazonaws.com/api:${TAG}", "api", Registry.ECR),
    ("${REGISTRY}/api:latest", "api", Registry.ECR),
    ("api:1", "api", Registry.BARE),
    ("ghcr.io/shop/api:1", "api", Registry.OTHER),
    ("<IMAGE1_NAME>", None, Registry.UNKNOWN),
    ("{{ must_env `IMAGE` }}", None, Registry.UNKNOWN),
    ("${ECR}/${NAME}:1", None, Registry.ECR),
    (f"{ECR}/shop-${{STAGE}}:1", None, Registry.ECR),
    ("IMAGE_URI", None, Registry.UNKNOWN),
]


@pytest.mark.parametrize(("image", "name", "registry"), NAMES)
def test_what_an_image_is_called(image: str, name: str | None, registry: Registry) -> None:
    (root,) = reader.read(Source("a.json", json.dumps(image))).roots
    found = ecs.image_name(root)
    assert (found.name, found.registry) == (name, registry)


LINKS = [
    (f"{ECR}/api:1", ["api/Dockerfile", "web/Dockerfile"], ("api/Dockerfile", Certainty.MEDIUM)),
    (
        f"{ECR}/api:1",
        ["services/api/docker/Dockerfile", "Dockerfile"],
        ("services/api/docker/Dockerfile", Certainty.MEDIUM),
    ),
    (f"{ECR}/api:1", ["docker/api.Dockerfile", "docker/web.Dockerfile"], ("docker/api.Dockerfile", Certainty.MEDIUM)),
    (f"{ECR}/my_api:1", ["Dockerfile.my-api", "Dockerfile"], ("Dockerfile.my-api", Certainty.MEDIUM)),
    ("api:1", ["api/Dockerfile", "Dockerfile"], ("api/Dockerfile", Certainty.MEDIUM)),
    ("ghcr.io/shop/api:1", ["api/Dockerfile", "Dockerfile"], ("api/Dockerfile", Certainty.LOW)),
    (f"{ECR}/shop-api:1", ["api/Dockerfile", "web/Dockerfile"], ("api/Dockerfile", Certainty.LOW)),
    (f"{ECR}/shop:1", ["Dockerfile"], ("Dockerfile", Certainty.LOW)),
    ("<IMAGE>", ["api/Dockerfile"], ("api/Dockerfile", Certainty.LOW)),
    (f"{ECR}/shop:1", ["api/Dockerfile"], None),
    (f"{ECR}/shop:1", ["Dockerfile", "api/Dockerfile"], None),
    (f"{ECR}/api:1", ["a/api/Dockerfile", "b/api/Dockerfile"], None),
    (f"{ECR}/api:1", ["api/Dockerfile", "api/Dockerfile.production"], None),
    (f"{ECR}/api:1", ["api/Dockerfile.dev"], None),
    (f"{ECR}/api:1", ["api/docker/app/Dockerfile", "api/docker/web/Dockerfile"], None),
    ("<IMAGE>", [".devcontainer/Dockerfile"], None),
    ("nginx:1", ["nginx/Dockerfile"], None),
    ("grafana/loki:3", ["Dockerfile"], None),
    ("<IMAGE>", [], None),
]


@pytest.mark.parametrize(("image", "paths", "expected"), LINKS)
def test_which_dockerfile_makes_it(image: str, paths: list[str], expected: tuple[str, Certainty] | None) -> None:
    (root,) = reader.read(Source("a.json", json.dumps(image))).roots
    assert _dockerfile(ecs.image_name(root), _dockerfiles(paths, ()), alone=True) == expected


def found(texts: dict[str, str], targets: list[str] | None = None, **options: object) -> list[Finding]:
    files = Files(overlay=texts, disk=False)
    report = engine.lint(files, [(path, True) for path in targets or texts], Config(**options))  # type: ignore[arg-type]
    assert not report.faults
    return [finding for finding in report.findings if finding.rule.id.startswith("ORDER")]


def test_what_is_likely_is_a_note() -> None:
    (sure,) = found({"td.json": definition(), "api/Dockerfile": DUMMY})
    assert (sure.rule.id, sure.severity, sure.confidence) == ("ORDER301", Severity.ERROR, Confidence.MEDIUM)
    (likely,) = found({"td.json": definition(), "Dockerfile": DUMMY})
    assert (likely.rule.id, likely.severity, likely.confidence) == ("ORDER301", Severity.NOTE, Confidence.LOW)
    no_role = definition().replace('"taskRoleArn"', '"comment"')
    (without,) = found({"td.json": no_role, "Dockerfile": DUMMY})
    assert (without.rule.id, without.severity) == ("ORDER303", Severity.NOTE)


def test_a_dockerfile_that_is_not_linted_makes_a_name_ambiguous() -> None:
    texts = {"td.json": definition(), "api/Dockerfile": DUMMY, "old/api/Dockerfile": "FROM scratch\n"}
    assert not found(texts, ["td.json", "api/Dockerfile"])


def test_an_env_file_that_is_not_linted_counts_as_well() -> None:
    secret = made_up_secret(7)
    given = definition("nginx:1", environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::bucket/x/api.env"}])
    texts = {"td.json": given, "env/api.env": f"AWS_ACCESS_KEY_ID=x\nAWS_SECRET_ACCESS_KEY={secret}\n"}
    (finding,) = found(texts, ["td.json"])  # the role's place is in a target
    assert (finding.span.path, finding.span.begin.line) == ("env/api.env", 2)
    assert finding.confidence is Confidence.MEDIUM
    files = Files(overlay=texts, disk=False)
    report = engine.lint(files, [("td.json", True)], Config())
    assert secret in [span.text for span in report.secrets]


def test_the_sdk_that_is_configured_goes_before_the_one_that_is_detected() -> None:
    old = [{"name": "AWS_ACCESS_KEY", "value": "x"}, {"name": "AWS_SECRET_KEY", "value": "x"}]
    texts = {"td.json": definition(environment=old), "api/Dockerfile": "FROM scratch\n"}
    assert not found(texts)
    texts["api/go.mod"] = "require github.com/aws/aws-sdk-go v1.55.5\n"
    (finding,) = found(texts, ["td.json"])
    assert finding.message.startswith("the AWS SDK for Go v1 (go-v1) takes the access key")
    assert not found(texts, ["td.json"], sdks=("boto3",))
    (both,) = found(texts, ["td.json"], sdks=("go-v1", "go-v2"))
    assert "(go-v2) take the access key in the environment of api before they ask" in both.message


def test_nothing_is_looked_through_where_nothing_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(*_: object) -> list[str]:
        raise AssertionError("the repository is looked through")

    monkeypatch.setattr(Files, "walk", walk)
    assert not found({"td.json": definition(), "api/Dockerfile": "FROM scratch\nENV A=b\n", "api/go.mod": "module x\n"})


def test_the_chain_shows_what_the_image_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api").mkdir()
    (tmp_path / "td.json").write_text(definition())
    (tmp_path / "api" / "Dockerfile").write_text("FROM scratch\nENV AWS_PROFILE=x\nCOPY .aws/credentials /root/.aws/\n")
    (tmp_path / "api" / "requirements.txt").write_text("boto3\n")
    assert main(["chain", "--format", "json"]) == 0
    (workload,) = json.loads(capsys.readouterr().out)["workloads"]
    assert workload["sdks"] == ["boto3"]
    assert [(one["source"], one["name"], one["path"], one["certain"]) for one in workload["sources"]] == [
        ("profile", "AWS_PROFILE", "api/Dockerfile", False),
        ("profile", "/root/.aws/credentials", "api/Dockerfile", False),
        ("task-role", "a", "td.json", True),
    ]
    (tmp_path / "api" / "requirements.txt").unlink()
    assert main(["chain", "--format", "json"]) == 0
    (workload,) = json.loads(capsys.readouterr().out)["workloads"]
    assert workload["sdks"] == list(chain.CHAINS)
