"""No input crashes credlint, hangs it, or makes it open what it must not."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from credlint.cli import main
from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files

from .examples import made_up_secret

SECRET = made_up_secret(21)
KEY = f"AWS_SECRET_ACCESS_KEY={SECRET}\n"

DEEP = 100_000
HOSTILE = {
    "deep.json": '{"containerDefinitions": ' + "[" * DEEP,
    "deep-closed.json": '{"containerDefinitions": ' + "[" * DEEP + "]" * DEEP + "}",
    "deep.yaml": "containerDefinitions: " + "[" * DEEP,
    "deep-block.yaml": "containerDefinitions:\n" + "".join(" " * n + "-\n" for n in range(1500)),
    "bomb.yaml": "containerDefinitions: &a [x]\n"
    + "".join("a{0}: &a{0} [{1}]\n".format(n, ", ".join([f"*a{n - 1}" if n else "*a"] * 9)) for n in range(40)),
    "self.yaml": "containerDefinitions: &a\n  - *a\n  - &b {b: *b}\n",
    "deep.tf": 'resource "aws_ecs_task_definition" "a" {\n  x = ' + "[" * DEEP + "\n}\n",
    "blocks.tf": 'resource "aws_ecs_task_definition" "a" {\n' + "a {\n" * 5000,
    "heredoc.tf": 'resource "aws_ecs_task_definition" "a" {\n  x = <<EOF\n' + "\n" * 200_000,
    "blank.tf": 'resource "aws_ecs_task_definition" "a" {\n' + "\n" * 500_000 + "}\n",
    "circle.tf": "\n".join(
        [
            "locals {\n  a = local.b\n  b = local.a\n  c = [local.c, local.c]\n  d = jsonencode(local.d)\n}",
            'variable "v" {\n  default = var.v\n}',
            'resource "aws_ecs_task_definition" "a" {\n  task_role_arn = local.a\n  execution_role_arn = local.b\n'
            '  container_definitions = templatefile("${path.module}/circle.tf", {v = local.c})\n}',
            'resource "aws_ecs_task_definition" "b" {\n  container_definitions = file("../../../../../../etc/passwd")\n}',
        ]
    ),
    "doubling.tf": "locals {\n  x0 = 1\n"
    + "".join(f"  x{n + 1} = [local.x{n}, local.x{n}]\n" for n in range(60))
    + '}\nresource "aws_ecs_task_definition" "a" {\n  container_definitions = jsonencode(local.x60)\n}\n',
    "text-doubling.tf": 'locals {\n  x0 = "aaaaaaaaaaaaaaaa"\n'
    + "".join(f'  x{n + 1} = "${{local.x{n}}}${{local.x{n}}}"\n' for n in range(60))
    + '}\nresource "aws_ecs_task_definition" "a" {\n  container_definitions = local.x60\n}\n',
    "circle.template": "Parameters: {P: {Default: !Ref P}}\nConditions: {C: !Not [Condition: C], D: !If [D, a, b]}\n"
    "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: circle.template, "
    "Parameters: {P: !GetAtt S.Outputs.O}}}\n"
    "  T: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt S.Outputs.O, Volumes: !If [C, !Ref P, x]}}\n"
    "Outputs: {O: {Value: !GetAtt S.Outputs.O}}\n",
    "loops.template": "Resources:\n  A: {Type: AWS::A}\n"
    "  Fn::ForEach::A:\n    - A\n    - ["
    + "a, " * 2_000
    + "]\n    - Fn::ForEach::B:\n        - B\n        - ["
    + "b, " * 2_000
    + "]\n        - 'X${A}${B}': {Type: AWS::ECS::TaskDefinition, Properties: {A: !Sub '${A}${B}'}}\n",
    "calls.template": "Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: "
    + '{"Fn::Join": ["", [' * 40
    + "x"
    + "]]}" * 40
    + "}}}\n",
    "doubling.template": "Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: "
    + "{'Fn::Sub': ['${A}${A}${A}', {A: " * 30
    + "xxxxxxxxxxxxxxxx"
    + "}]}" * 30
    + "}}}\n",
    "ifs.template": "Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: "
    + "{'Fn::If': [C, &a a, " * 90
    + "x"
    + "]}" * 90
    + "}}}\n",
    "sub.template": "Resources: {A: {Type: AWS::EC2::Instance, Properties: {UserData: {'Fn::Base64': !Sub '"
    + "${A} " * 100_000
    + SECRET
    + "'}}}}\n",
    "opened.template": "Resources: {A: {Type: AWS::EC2::Instance, Properties: {UserData: !Sub '"
    + "${" * 500_000
    + "'}}}\n",
    "split.template": "Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !Select [1, !Split [',', '"
    + "a," * 200_000
    + "']]}}}\n",
    "Dockerfile": "FROM a\nENV A=b \\\n" * 20_000,
    "Dockerfile.heredocs": "FROM a\n" + "RUN <<A <<B <<C\n" * 5000,
    "Dockerfile.shell": "FROM a\nRUN " + "$(" * 5000 + KEY,
    "Dockerfile.quotes": "FROM a\nRUN " + "'\"" * 100_000,
    "Dockerfile.written": "FROM a\nRUN echo '" + "a" * 200_000 + "' > ~/.aws/credentials\n",
    "Dockerfile.removed": "FROM a\nRUN "
    + " && ".join(f"echo aws_secret_key=$X > /{n}/.aws/credentials && rm {n}" for n in range(1000)),
    "Dockerfile.pipes": "FROM a\nRUN " + " | ".join(["cat > ~/.aws/credentials"] * 1000),
    "Dockerfile.variables": "FROM a\nENV X=" + "${a:-" * 5000,
    ".env": "A='" + "x\n" * 100_000,
    ".env.interpolation": "A=" + "${B:-" * 10_000,
    "compose.extends.yaml": "# SECRET\nservices:\n  a: {environment: &e ["
    + "A=1, " * 50_000
    + "]}\n"
    + "".join(f"  b{n}: {{extends: a, environment: *e}}\n" for n in range(5_000)),
    "compose.chain.yaml": "# SECRET\nservices:\n"
    + "".join(f"  a{n}: {{extends: a{n + 1}, environment: [A{n}=1]}}\n" for n in range(5_000)),
    "compose.deep.yaml": "# SECRET\nx: &x0 {a: b}\n"
    + "".join("x{0}: &x{0} {{{1}}}\n".format(n, ", ".join(f"k{k}: *x{n - 1}" for k in range(9))) for n in range(1, 30))
    + "services:\n  a: *x29\n  b: {extends: a, k1: *x29, build: *x29, environment: *x29}\n",
    "conditions.template": "Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: ["
    + "".join(f"!If [C{n}, {{Name: a}}, !Ref B], " for n in range(5_000))
    + "]}}}\n",
    "globals.template": "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Environment: {Variables: {"
    + "".join(f"A{n}: !GetAtt K.SecretAccessKey, " for n in range(1_000))
    + "}}}}\nResources:\n  K: {Type: AWS::IAM::AccessKey}\n"
    + "".join(f"  F{n}: {{Type: AWS::Serverless::Function}}\n" for n in range(1_000)),
    "compose.yaml": "services:\n  a:\n    environment:\n      SECRET: '${A:-" + "${B:-" * 100_000 + "'\n",
    "compose.defaults.yaml": "services:\n  a:\n    environment:\n      SECRET: '${A:-" + "${B}" * 100_000 + "'\n",
    "compose.includes.yaml": "include: [" + "compose.includes.yaml, ./b, SECRET, " * 10_000 + "]\n",
    "compose.services.yaml": "services:\n"
    "  a: {environment: {AWS_PROFILE: ''}, volumes: ['/" + "/.aws" * 50_000 + "']}\n",
    "user_data.tf": 'resource "aws_instance" "a" {\n  user_data = <<EOF\n'
    + "echo 'aws_secret_access_key=${var.a}' > ~/.aws/credentials\nexport AWS_PROFILE=$(\n" * 2000
    + "EOF\n}\n",
    "build.yml": "script: '--build-arg " + "--build-arg A=$( " * 5000 + "'\n",
    "build-args.yml": "build-args: |\n" + "  A=${{ secrets\n" * 50_000,
    "manifest.yml": "name: a\ntype: Backend Service\nsecrets: &s\n"
    + "".join(f"  A{n}: a\n" for n in range(20_000))
    + "sidecars: {a: *s}\nenvironments:\n"
    + "".join(f"  e{n}: {{secrets: *s}}\n" for n in range(20_000)),
    "ecs-params.yml": "task_definition: &a\n  services: {a: *a, b: [c], d: {secrets: [*a]}}\n  task_role_arn: [*a]\n",
    "workflow.yml": "jobs:\n  a:\n    runs-on: b\n    steps:\n"
    + "      - uses: aws-actions/amazon-ecs-render-task-definition@v1\n"
    "        with: {task-definition: workflow.yml, environment-variables: 'AWS_ACCESS_KEY_ID=$'}\n" * 5_000,
    "secret.yaml": f"apiVersion: v1\nkind: Secret\ndata: {{a: {KEY!r}, b: [}}\n" + "  a: QUtJQ\n" * 20_000,
    "credentials": "aws_\n" + "[a]\nx = 1\n y = 2\n" * 20_000,
    "ids.env": "AKIARZPUZDIK" + "AKIARZPUZDIKAAAAAAAA \n" * 50_000,
    "secrets.env": f"AKIA {SECRET} {SECRET[::-1]} aws_secret=" * 20_000,
    "base64.env": "QUtJQ" * 500_000,
    "slashes.json": '{"containerDefinitions": "' + "\\/" * 500_000 + '"}',
    "line.json": '{"containerDefinitions": "' + "x" * 4_900_000 + '"}',
    "utf16.env": "",
    "nul.env": "A=b\n\0" + KEY,
    "controls.env": "".join(map(chr, range(1, 0x300))) + "\n" + KEY,
    "surrogates.json": '{"containerDefinitions": "\\ud800\\udc00 \\udfff"}',
    "number.json": '{"containerDefinitions": ' + "9" * 100_000 + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = Files(overlay={name: HOSTILE[name]}, disk=False)
    started = time.process_time()
    report = lint(files, [(name, True)], Config(pedantic=True))
    assert not report.faults
    assert time.process_time() - started < 30


def test_bytes_that_are_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.env").write_bytes(b"NAME=caf\xe9\n" + KEY.encode())
    (tmp_path / "utf16.env").write_bytes(KEY.encode("utf-16"))
    (tmp_path / "bom.env").write_bytes(b"\xef\xbb\xbf" + KEY.encode())
    (tmp_path / "crlf.env").write_bytes(b"A=b\r\n" + KEY.replace("\n", "\r\n").encode())
    (tmp_path / "broken.env").write_bytes(b"\xff\xfe\x00" + KEY.encode())
    assert main(["--format", "json", "--output", "out", "."]) == 1
    found = {
        (finding["path"], finding["line"], finding["column"])
        for finding in json.loads((tmp_path / "out").read_text())["findings"]
    }
    assert {("latin.env", 2, 23), ("utf16.env", 1, 23), ("bom.env", 1, 23), ("crlf.env", 2, 23)} <= found


def test_a_line_of_100_mb_is_skipped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "big.env").open("wb") as file:
        file.truncate(100_000_000)
    assert main(["."]) == 0
    said = capsys.readouterr()
    assert "1 file skipped" in said.out
    assert said.err == "credlint: skipped: big.env (it is larger than 5,000,000 bytes (max-file-size))\n"
    assert main(["big.env"]) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_special_files_and_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.env").write_text(KEY)
    os.mkfifo(inside / "pipe.env")
    (inside / "loop.env").symlink_to("loop.env")
    (inside / "folder").symlink_to(inside, target_is_directory=True)
    (inside / "out.env").symlink_to(outside / "secret.env")
    (inside / "Dockerfile").write_text("FROM a\nCOPY . /\nCOPY ../outside/secret.env /\nADD pipe.env /\n")
    (inside / "main.tf").write_text(
        'resource "aws_ecs_task_definition" "a" {\n  container_definitions = file("../outside/secret.env")\n}\n'
        'resource "aws_ecs_task_definition" "b" {\n  container_definitions = file("pipe.env")\n}\n'
    )
    monkeypatch.chdir(inside)
    assert main(["."]) == 0
    assert main(["pipe.env"]) == 2


def test_mutants_of_a_whole_project() -> None:
    """Bytes deleted, doubled and replaced: never a fault of ours."""
    project = {
        "Dockerfile": "FROM a AS b\nARG X=1\nENV A=${X:-d} \\\n  B='c'\nRUN <<EOF\naws configure set x $X\nEOF\nCOPY . /app\n",
        "td.json": json.dumps(
            {"family": "a", "taskRoleArn": "r", "containerDefinitions": [{"name": "n", "secrets": [{}]}]}
        ),
        "stack.yaml": "Parameters: {P: {Type: String, Default: a}}\nConditions: {C: !Equals [!Ref P, b]}\n"
        "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      TaskRoleArn: !If [C, !Ref P, !Sub '${P}-${T}']\n"
        "      ContainerDefinitions: [{Name: n, Image: !Join ['', [a, !Select [0, !Split [b, c]]]]}]\n",
        "sam.template": "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Environment: {Variables: {A: b}}}}\n"
        "Resources:\n  F: {Type: AWS::Serverless::Function, Connectors: {C: {}}, Properties: {Role: !ImportValue r}}\n"
        "  J: {Type: AWS::Batch::JobDefinition, Properties: {ContainerProperties: {JobRoleArn: !If [C, a, !Ref P]}}}\n"
        "  R: {Type: AWS::Events::Rule, Properties: {Targets: [{Input: '{\"containerOverrides\": []}'}]}}\n"
        "Outputs: {O: {Value: !GetAtt R.Arn, Export: {Name: !Sub 'a-${P}'}}}\n",
        "compose.yaml": "x: &x\n  environment: [A=b, SECRET]\nservices:\n  a:\n    <<: *x\n    extends: b\n    build: .\n"
        "  b:\n    extends: {file: other.yaml, service: c}\n    volumes: ['~/.aws:/root/.aws']\n    env_file: [x]\n",
        "other.yaml": "services:\n  c: {extends: {service: d}, build: {args: {A: '${SECRET:-b}'}}}\n  d: {extends: c}\n",
        "compose.override.yaml": "services:\n  a: {environment: !override {SECRET: a}, env_file: y, command: !reset [a]}\n",
        "td.yaml": "family: a\ncontainerDefinitions:\n  - &x {name: n}\n  - <<: *x\n    image: |\n      a\n",
        "main.tf": 'locals {\n  a = { for k, v in var.x : k => "${v}-x" if v != null }\n}\n'
        'resource "aws_ecs_task_definition" "a" {\n  task_role_arn = local.a["b"].c[*].d\n'
        '  container_definitions = <<-E\n    [{"name": "${var.x}"}]\n  E\n}\n',
        "service/compose.yaml": "services:\n  n:\n    build: {context: ., target: b}\n    image: a\n    env_file: [.env]\n"
        "    environment: {AWS_ACCESS_KEY_ID: '${A:-b}', AWS_SECRET_ACCESS_KEY: c}\n    volumes: ['~/.aws:/root/.aws:ro']\n",
        ".github/workflows/a.yml": "env: {A: n}\njobs:\n  b:\n    steps:\n      - {id: c, run: docker build -t x/$A:1 -f Dockerfile .}\n"
        "      - uses: aws-actions/amazon-ecs-render-task-definition@v1\n"
        "        with: {task-definition: td.json, container-name: n, image: '${{ steps.c.outputs.image }}'}\n",
        "ec2/main.tf": 'resource "aws_instance" "a" {\n  iam_instance_profile = "a"\n  user_data = <<-E\n'
        "    export AWS_ACCESS_KEY_ID=${var.a} AWS_SECRET_ACCESS_KEY=b\n    cat > ~/.aws/credentials <<X\n    [a]\n"
        '    aws_secret_access_key = "${var.b}"\n    X\n    echo "export A=$(b)" >> /etc/environment\n  E\n}\n',
        "manifest.yml": "name: a\ntype: Backend Service\nsecrets: {A: b}\ntaskdef_overrides: [{path: TaskRoleArn, value: r}]\n",
        "ecs-params.yml": "task_definition:\n  task_role_arn: r\n  services: {a: {secrets: [{name: n, value_from: v}]}}\n",
        "workflow.yml": "env: {AWS_ACCESS_KEY_ID: '${{ secrets.A }}'}\njobs:\n  a:\n    runs-on: b\n    steps:\n"
        "      - uses: aws-actions/amazon-ecs-render-task-definition@v1\n"
        "        with: {task-definition: td.json, container-name: n, environment-variables: 'A=b'}\n",
        ".env": f"A=b\nexport B='c'\n{KEY}",
        "credentials": "[default]\naws_access_key_id = x\ns3 =\n  a = b\n",
    }
    chance = random.Random(5)
    for _ in range(150):
        mutated = {}
        for name, text in project.items():
            at = chance.randrange(len(text))
            char = chance.choice(["", text[at] * 2, "\0", '"', "{", "\\", "\n", "$", "é", "\U0001f600", "\ud800"])
            mutated[name] = text[:at] + char + text[at + 1 :]
        report = lint(Files(overlay=mutated, disk=False), [(name, True) for name in mutated], Config(pedantic=True))
        assert not report.faults
