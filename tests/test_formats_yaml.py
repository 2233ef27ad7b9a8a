"""Compose files and Kubernetes manifests: what cases cannot say, for it is encoded or no target."""

from __future__ import annotations

import base64

import pytest

from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files
from credlint.finding import Finding
from credlint.formats import compose_merge

from .examples import made_up_id, made_up_secret
from .nodes import plain

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


# ── what `docker compose config` would show ──


def project(files: dict[str, str], path: str = "compose.yaml") -> dict[str, object]:
    """The services of a project, as plain values."""
    known = Files(overlay=files, disk=False)
    found = compose_merge.services(known.target(path), compose_merge.project_of(path, known), known)
    return {name.text or "": plain(service, lambda node: node) for name, service in found}


MERGED = [
    # by name, whichever way they are written
    (
        "environment: [A=1, B=2, C]",
        "environment: {B: 3, D: null}",
        {"environment": {"A": "1", "B": 3, "C": None, "D": None}},
    ),
    ("environment: {A: 1}", "environment: [A=, B=x=y]", {"environment": {"A": "", "B": "x=y"}}),
    ("image: a", "image: b", {"image": "b"}),
    ("command: [a, b]", "command: [c]", {"command": ["c"]}),
    ("env_file: a", "env_file: [b]", {"env_file": ["a", "b"]}),
    ("expose: [1]", "expose: [2]", {"expose": [1, 2]}),
    # by the place in the container
    ("volumes: ['~/.aws:/root/.aws', 'a:/b']", "volumes: ['b:/b']", {"volumes": ["~/.aws:/root/.aws", "b:/b"]}),
    ("volumes: ['a:/b']", "volumes: [{target: /b}]", {"volumes": [{"target": "/b"}]}),
    ("build: .", "build: {args: [A=1]}", {"build": {"context": ".", "args": ["A=1"]}}),
    ("build: {args: {A: 1}}", "build: {args: [B=2, A]}", {"build": {"args": {"A": None, "B": "2"}}}),
    ("environment: {A: 1}", "environment: !reset null", {}),
    ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", {"environment": {"B": 2}}),
    ("environment: {A: 1}", "environment: !override {B: 2}", {"environment": {"B": 2}}),
    ("environment: {A: 1}", "image: a", {"environment": {"A": 1}, "image": "a"}),
]


@pytest.mark.parametrize(("base", "over", "expected"), MERGED)
def test_services_are_merged_as_compose_does_it(base: str, over: str, expected: object) -> None:
    """https://github.com/compose-spec/compose-spec/blob/main/13-merge.md"""

    def service(name: str, body: str) -> str:
        return f"services:\n  {name}:\n    {body}\n"

    files = {"compose.yaml": service("a", base), "compose.override.yml": service("a", over)}
    for path in files:
        assert project(files, path) == {"a": expected}
    extended = service("a", base) + f"  b:\n    extends: a\n    {over}\n"
    assert project({"compose.yaml": extended})["b"] == expected
    other = {
        "x/base.yml": service("a", base),
        "compose.yaml": service("b", f"extends: {{file: x/base.yml, service: a}}\n    {over}"),
    }
    assert project(other)["b"] == expected


@pytest.mark.parametrize(
    ("path", "there", "files"),
    [
        ("compose.yaml", ["compose.override.yaml"], ("compose.yaml", "compose.override.yaml")),
        ("docker-compose.yml", ["docker-compose.override.yml"], ("docker-compose.yml", "docker-compose.override.yml")),
        ("compose.yml", ["compose.override.yml", "compose.override.yaml"], ("compose.yml", "compose.override.yml")),
        # another one goes before it, and has the override
        ("docker-compose.yml", ["compose.yaml", "compose.override.yml"], ("docker-compose.yml",)),
        ("compose.override.yaml", ["compose.override.yml", "compose.yaml"], ("compose.override.yaml",)),
        ("compose.override.yml", ["compose.yaml"], ("compose.yaml", "compose.override.yml")),
        ("compose.override.yml", [], ("compose.override.yml",)),
        # these are named on the command line, nobody knows with what
        ("compose.prod.yaml", ["compose.yaml", "compose.override.yaml"], ("compose.prod.yaml",)),
    ],
)
def test_files_that_compose_reads_together(path: str, there: list[str], files: tuple[str, ...]) -> None:
    for folder in ("", "a/b/"):
        known = Files(overlay={folder + name: "" for name in (path, *there)}, disk=False)
        assert compose_merge.project_of(folder + path, known) == tuple(folder + name for name in files)


@pytest.mark.parametrize(
    "extends",
    [
        "missing",
        "{service: b, file: missing.yaml}",
        "{service: b, file: ../../out.yaml}",
        "a",
        "{file: '${X}.yaml'}",
        "[]",
    ],
)
def test_what_cannot_be_extended_is_told(extends: str) -> None:
    """Then a service may have more than is seen."""
    known = project({"compose.yaml": f"services:\n  a:\n    extends: {extends}\n    image: a\n"})["a"]
    assert isinstance(known, dict)
    assert set(known) == {"extends", "image"}


def test_services_extend_each_other_in_turn() -> None:
    text = "services:\n  a: {extends: b, environment: {A: 1}}\n  b: {extends: {service: c}, environment: {B: 1}}\n"
    text += "  c: {environment: {A: 2, C: 1}}\n"
    assert project({"compose.yaml": text})["a"] == {"environment": {"A": 1, "B": 1, "C": 1}}


def test_a_key_is_told_once_with_its_service() -> None:
    """Whichever of the files is checked: both make the project."""
    files = {
        "compose.yaml": "services:\n  api:\n    environment: [A=SECRET]\n",
        "compose.override.yaml": f"services:\n  api:\n    environment:\n      - AWS_SECRET_ACCESS_KEY={SECRET}\n",
    }
    for targets in ((), ("compose.override.yaml",), tuple(reversed(files))):
        (finding,) = findings(files, *targets)
        assert (finding.rule.id, finding.span.path, finding.workload) == ("KEY101", "compose.override.yaml", "api")
    assert not findings(files, "compose.yaml")


def test_an_env_file_lies_beside_the_file_that_names_it() -> None:
    files = {
        "compose.yaml": "services:\n  api:\n    extends: {file: ops/base.yaml, service: base}\n    image: api\n",
        "ops/base.yaml": "services:\n  base:\n    env_file: settings\n",
        "ops/settings": f"AWS_SECRET_ACCESS_KEY={SECRET}\n",
    }
    (finding,) = findings(files, "ops/base.yaml", "compose.yaml")
    assert finding.span.path == "ops/settings"
