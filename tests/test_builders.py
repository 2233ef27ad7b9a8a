"""Which Dockerfile makes which image, by what builds it."""

from __future__ import annotations

import json

import pytest

from credlint import engine, resolve
from credlint.builders import Builds, find
from credlint.config import Config
from credlint.evidence import talks_to_aws
from credlint.files import Files
from credlint.finding import Confidence, Finding
from credlint.model import Certainty, ImageName, Registry
from credlint.text import Source

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DOCKERFILES = dict.fromkeys(("Dockerfile", "api/Dockerfile", "docker/web.Dockerfile"), "FROM scratch\n")


def built(path: str, text: str) -> Builds:
    texts = {**DOCKERFILES, path: text}
    return find(list(texts), Files(overlay=texts, disk=False))


SCRIPTS = [
    ("docker build -t shop-api:1 -f docker/web.Dockerfile .", ("shop-api", "docker/web.Dockerfile", None)),
    ("docker build --tag=$REGISTRY/shop-api:$TAG api", ("shop-api", "api/Dockerfile", None)),
    ("cd api && docker build --no-cache -t shop-api .", ("shop-api", "api/Dockerfile", None)),
    (
        "docker buildx build --push --platform linux/arm64 --target run -t shop-api .",
        ("shop-api", "Dockerfile", "run"),
    ),
    ("NAME=shop-api\ndocker build -t $NAME:$TAG api", ("shop-api", "api/Dockerfile", None)),
    ("docker build -t $NAME api", None),
    ("docker build -t shop-api $FOLDER", None),
    ("docker build -t shop-api old", None),
    ("docker build -t shop-api https://github.com/shop/api.git", None),
    ("docker build -t shop-api - < api/Dockerfile", None),
    ("docker pull shop-api  # build it", None),
]


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_a_script(script: str, expected: tuple[str, str, str | None] | None) -> None:
    found = {} if expected is None else {expected[0]: {expected[1:]}}
    assert built("build.sh", script + "\n").by_hand == found
    lines = "\n".join(f"    - {json.dumps(line)}" for line in script.splitlines())
    assert built(".gitlab-ci.yml", f"build:\n  script:\n{lines}\n").by_image == found


WORKFLOW = """
env: {REPOSITORY: shop-api}
jobs:
  deploy:
    steps:
      - id: build
        env: {REGISTRY: "${{ steps.login.outputs.registry }}"}
        %s
      - uses: aws-actions/amazon-ecs-render-task-definition@v1
        with:
          task-definition: deploy/td.json
          container-name: api
          image: ${{ steps.build.outputs.image }}
"""
STEPS = [
    ("run: docker build -t $REGISTRY/$REPOSITORY:${{ github.sha }} api", "api/Dockerfile", ["shop-api"]),
    ("run: docker build -t ${{ env.REPOSITORY }} -f docker/web.Dockerfile .", "docker/web.Dockerfile", ["shop-api"]),
    ("run: docker build -t ${{ secrets.NAME }} api", "api/Dockerfile", []),
    ("{working-directory: api, run: docker build -t shop-api .}", "api/Dockerfile", ["shop-api"]),
    (
        '{uses: docker/build-push-action@v6, with: {context: ., file: api/Dockerfile, tags: "a/shop-api:1,b/other:2"}}',
        "api/Dockerfile",
        ["other", "shop-api"],
    ),
    ('{uses: docker/build-push-action@v6, with: {tags: "${{ steps.meta.outputs.tags }}"}}', "Dockerfile", []),
    ("{uses: docker/build-push-action@v6, with: {context: old, tags: shop-api}}", None, []),
    ("run: docker push shop-api # build", None, []),
]


@pytest.mark.parametrize(("step", "dockerfile", "names"), STEPS)
def test_a_workflow(step: str, dockerfile: str | None, names: list[str]) -> None:
    text = WORKFLOW % (step[1:-1].replace(", run:", "\n        run:") if step.startswith("{w") else step)
    if step.startswith("{uses"):
        text = text.replace(step, step[1:-1].replace(", with:", "\n        with:"))
    found = built(".github/workflows/deploy.yml", text)
    assert sorted(found.by_image) == names
    assert found.by_container.get(("deploy/td.json", "api"), set()) == ({(dockerfile, None)} if dockerfile else set())


def test_a_compose_file() -> None:
    text = "services:\n  api: {image: 'shop-api:1', build: ./api}\n  web: {image: web, build: {context: web}}\n"
    found = built("compose.yaml", text + "  dev: {image: dev, build: {context: api, target: development}}\n")
    assert found.by_hand == {"shop-api": {("api/Dockerfile", None)}}
    assert not found.by_image


def test_what_is_said_twice_is_not_clear_and_others_have_images_too() -> None:
    found = built("build.sh", "docker build -t shop-api api\ndocker build -t shop-api .\ndocker build -t web .\n")
    span = Source("td.json", "").span()
    assert found.of(ImageName(span, "shop-api", Registry.ECR), "td.json", "api") is None
    assert found.of(ImageName(span, "web", Registry.ECR), "td.json", "api") == (("Dockerfile", None), Certainty.MEDIUM)
    assert found.of(ImageName(span, "web", Registry.OTHER), "td.json", "api") is None


def test_a_ci_file_goes_before_a_script() -> None:
    texts = {
        **DOCKERFILES,
        "build.sh": "docker build -t api .\n",
        ".gitlab-ci.yml": "a: {script: [docker build -t api api]}\n",
    }
    found = find(list(texts), Files(overlay=texts, disk=False))
    image = ImageName(Source("td.json", "").span(), "api", Registry.ECR)
    assert found.of(image, "td.json", "api") == (("api/Dockerfile", None), Certainty.HIGH)


DUMMY = "FROM scratch\nENV AWS_ACCESS_KEY_ID=dummy AWS_SECRET_ACCESS_KEY=dummy\n"


def definition(**more: object) -> str:
    container = {"name": "api", "image": f"{ECR}/backend:1"}
    return json.dumps({"family": "api", "containerDefinitions": [container], **more})


def found(texts: dict[str, str]) -> list[Finding]:
    files = Files(overlay=texts, disk=False)
    report = engine.lint(files, [(path, True) for path in texts], Config())
    assert not report.faults
    return [finding for finding in report.findings if finding.rule.id.startswith("ORDER")]


def test_a_link_that_is_said_is_sure() -> None:
    texts = {
        "deploy/td.json": definition(taskRoleArn="arn:aws:iam::123456789012:role/a"),
        "api/Dockerfile": DUMMY,
        "web/Dockerfile": "FROM scratch\n",
    }
    assert not found(texts)
    (finding,) = found({**texts, ".github/workflows/deploy.yml": WORKFLOW % "run: docker build -t $IMAGE api"})
    assert (finding.rule.id, finding.span.path) == ("ORDER301", "api/Dockerfile")
    assert finding.confidence is Confidence.HIGH


LISTS = [
    ("requirements.txt", "flask\nboto3==1.40\n", "boto3"),
    ("requirements.txt", "boto3==1.40  # via moto\n", None),
    ("requirements.txt", "boto3==1.40\n    # via\n    #   moto\n", None),
    ("requirements-dev.txt", "boto3==1.40\n", None),
    ("package.json", '{"dependencies": {"@aws-sdk/client-s3": "3"}}', "@aws-sdk/client-s3"),
    ("package.json", '{"devDependencies": {"aws-sdk": "2"}}', None),
    ("go.mod", "require (\n\tgithub.com/aws/aws-sdk-go-v2 v1.30.0\n)\n", "github.com/aws/aws-sdk-go-v2"),
    ("go.mod", "require (\n\tgithub.com/aws/aws-sdk-go v1.30.0 // indirect\n)\n", None),
    ("pyproject.toml", '[project]\ndependencies = [\n  "boto3>=1",\n]\n', "boto3"),
    ("pyproject.toml", '[project]\nname = "a"\n[dependency-groups]\ntest = [\n  "boto3>=1",\n]\n', None),
    ("Cargo.toml", '[dependencies]\naws-sdk-s3 = "1"\n', "aws-sdk-s3"),
    ("composer.json", '{"require": {"aws/aws-sdk-php": "3"}}', "aws/aws-sdk-php"),
]


@pytest.mark.parametrize(("name", "text", "expected"), LISTS)
def test_the_sdk_of_the_sources_shows_that_a_task_calls_aws(name: str, text: str, expected: str | None) -> None:
    texts = {
        "deploy/td.json": definition(requiresCompatibilities=["EC2"]),
        "api/Dockerfile": "FROM scratch\n",
        f"api/{name}": text,
        ".github/workflows/deploy.yml": WORKFLOW % "run: docker build -t $IMAGE api",
    }
    files = Files(overlay=texts, disk=False)
    project, _ = resolve.resolve(engine._read(files, [("deploy/td.json", True)], Config()).facts, files)
    (task,) = project.tasks
    evidence = talks_to_aws(task, project)
    assert (evidence.why if evidence else None) == (f"its sources use {expected}" if expected else None)
    assert evidence is None or evidence.span.text == expected
