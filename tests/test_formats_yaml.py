"""Compose files and Kubernetes manifests: what cases cannot say, for it is encoded or no target."""

from __future__ import annotations

import base64

import pytest

from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files
from credlint.finding import Finding

from .examples import made_up_id, made_up_secret

SECRET = made_up_secret()


def findings(files: dict[str, str], *targets: str) -> list[Finding]:
    report = lint(Files(overlay=files, disk=False), [(path, True) for path in targets or files], Config())
    assert not report.faults
    return list(report.findings)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("end", ["", "\n"])
def test_secret_of_kubernetes_in_base64(end: str) -> None:
    key_id = made_up_id()
    filling = "".join(f"  OTHER_{number}: dGVzdA==\n" for number in range(20))
    manifest = f"AWS_ACCESS_KEY_ID: {coded(key_id + end)}\n{filling}  AWS_SECRET_ACCESS_KEY: {coded(SECRET + end)}\n"
    manifest = "apiVersion: v1\nkind: Secret\ndata:\n  " + manifest
    (finding,) = findings({"secret.yaml": manifest})
    assert finding.rule.id == "KEY101"
    assert "base64" in finding.message
    assert coded(SECRET)[:50] in finding.span.origin().text
    assert coded(SECRET + end).startswith(finding.span.origin().text)
    (related,) = finding.related
    assert coded(key_id + end).startswith(related.span.origin().text)


def compose(env_file: str) -> str:
    return f"services:\n  api:\n    env_file: {env_file}\n"


@pytest.mark.parametrize("env_file", ["settings", "[other, ./settings]", "[{path: settings, required: false}]"])
def test_env_file_is_read_where_it_is_named(env_file: str) -> None:
    files = {"app/compose.yaml": compose(env_file), "app/settings": f"AWS_SECRET_ACCESS_KEY='{SECRET}'\n"}
    (finding,) = findings(files, "app/compose.yaml")
    assert (finding.span.path, finding.span.origin().text, finding.workload) == ("app/settings", SECRET, "api")
    assert [place.span.path for place in finding.related] == ["app/compose.yaml"]


def test_env_file_of_a_known_name_is_told_when_it_is_checked_itself() -> None:
    """git may well ignore it, as it should: then nobody is to hear of it."""
    files = {"compose.yaml": compose(".env"), ".env": f"AWS_SECRET_ACCESS_KEY={SECRET}\n"}
    assert not findings(files, "compose.yaml")
    (finding,) = findings(files)
    assert finding.span.path == ".env"


@pytest.mark.parametrize("path", ["../settings", "/settings", "$HOME/settings", "~/settings", "https://x/settings"])
def test_nothing_else_is_read(path: str) -> None:
    files = {"compose.yaml": compose(path), "settings": f"AWS_SECRET_ACCESS_KEY={SECRET}\n"}
    assert not findings(files, "compose.yaml")


def test_an_extended_file_is_read() -> None:
    files = {
        "compose.yaml": "services:\n  api:\n    extends:\n      file: ops/base.yaml\n      service: base\n",
        "ops/base.yaml": "services:\n  base:\n    build:\n      args: [AWS_SECRET_ACCESS_KEY]\n",
    }
    assert not findings(files, "compose.yaml")  # it is told where it is written
    (finding,) = findings(files, "ops/base.yaml", "compose.yaml")
    assert finding.span.path == "ops/base.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "services: [a, b]\ninclude: {a: b}\n",
        "services:\n  a: null\n  b:\n    build: []\n    environment: text\n    env_file: {path: [x]}\n    extends: a\n",
        "services:\n  a: &a\n    <<: *a\n    build: &b {args: *b, dockerfile_inline: {}, context: []}\n",
        "include: [compose.yaml, {path: [compose.yaml]}]\nservices:\n  a: {environment: ['=', '', null, {}]}\n",
        "services:\n  a: {environment: {SECRET: '${', A: '${A:-${B:-${C:-x}}}', B: '$', C: $$}}\n",
    ],
)
def test_what_is_no_compose_file_is_no_fault(text: str) -> None:
    assert {finding.rule.id for finding in findings({"compose.yaml": text + "# env_file\n"})} <= {"SCAN901"}
