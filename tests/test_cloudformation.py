"""CloudFormation: what templates and their functions come to, and what is read of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from credlint import formats
from credlint.cloudformation.evaluate import Scope, document_of, intrinsic, template_of
from credlint.files import Files
from credlint.model import Facts
from credlint.node import Map, Node, Scalar, Seq, merged
from credlint.readers import yaml
from credlint.resolve import resolve
from credlint.text import Source
from credlint.values import canonical

from .examples import read as examples
from .nodes import plain

HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\n'
TEMPLATE = (
    HEAD
    + """\
Parameters:
  Stage: {Type: String, Default: dev}
  Fixed: {Type: String, Default: a, AllowedValues: [a]}
  Names: {Type: CommaDelimitedList, Default: "a,b"}
  Given: {Type: String}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
Mappings:
  Sizes:
    dev: {cpu: 1, same: x}
    prod: {cpu: 2, same: x}
Conditions:
  IsA: !Equals [!Ref Fixed, a]
  IsDev: !Equals [!Ref Stage, dev]
  Both: !And [!Condition IsA, {Condition: IsDev}]
  Neither: !And [!Not [!Condition IsA], !Condition IsDev]
  Either: !Or [{Condition: IsA}, !Condition IsDev]
  Circle: !Not [!Condition Circle]
Resources:
  Role: {Type: AWS::IAM::Role}
  Secret: {Type: AWS::SecretsManager::Secret}
  X: {Type: AWS::S3::Bucket, Properties: {Value: EXPRESSION}}
"""
)


def scope_of(text: str, path: str = "t.yaml", **others: str) -> Scope:
    files = Files(overlay={path: text, **others}, disk=False)
    root = template_of(document_of(files.target(path), files))
    assert root is not None
    return Scope(root, path, files)


def shown(node: Node) -> object:
    """What is known, as plain values; of an expression one spelling."""
    return plain(node, lambda unknown: f"<{canonical(unknown)}>")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Stage", "dev"),
        ("{Ref: Stage}", "dev"),
        ("!Ref Names", ["a", "b"]),
        ("!Ref Given", "<t.yaml:Given>"),
        ("!Ref Stored", "<t.yaml:Stored>"),
        ("!Ref Role", "<t.yaml:Role>"),
        ("!Ref AWS::Region", "<t.yaml:AWS::Region>"),
        ("!GetAtt Role.Arn", "<t.yaml:Role.Arn>"),
        ("{'Fn::GetAtt': [Role, Arn]}", "<t.yaml:Role.Arn>"),
        ("!GetAtt Secret.Id", "<t.yaml:AWS::SecretsManager::Secret.Secret>"),
        ("!Sub 'a-${Stage}-${!x}'", "a-dev-${x}"),
        ("!Sub ['${A}${Stage}', {A: !Ref Fixed}]", "adev"),
        ("!Sub '${Role.Arn}'", "<t.yaml:Role.Arn>"),
        ("!Join ['', [!Ref Role]]", "<t.yaml:Role>"),
        ("!Sub '$${'", "$${"),
        ("!Join ['-', [a, !Ref Stage, 1]]", "a-dev-1"),
        ("!Join [',', !Ref Names]", "a,b"),
        ("!Join ['', [a, !Ref Given]]", "<template('a',t.yaml:Given)>"),
        ("!Join ['-', [a, !If [IsDev, b, !Ref AWS::NoValue]]]", None),
        ("!Join ['-', []]", ""),
        ("!Split ['/', a/b//c]", ["a", "b", "", "c"]),
        ("!Select [1, !Split ['/', a/b]]", "b"),
        ("!Select ['0', [x, y]]", "x"),
        ("!Select [5, [x, y]]", None),
        ("!FindInMap [Sizes, !Ref Stage, cpu]", 1),
        ("!FindInMap [Sizes, !Ref Given, cpu]", "<FindInMap('Sizes',t.yaml:Given,'cpu')>"),
        ("!FindInMap [Sizes, !Ref Given, same]", "x"),
        ("!FindInMap [None, a, b]", "<FindInMap('None','a','b')>"),
        ("!If [IsA, yes, no]", "yes"),
        ("!If [Neither, yes, no]", "no"),
        ("!If [Either, yes, no]", "yes"),
        ("!If [Both, yes, no]", "<if(t.yaml condition:Both,'yes','no')>"),
        ("!If [Circle, yes, no]", "<if(t.yaml condition:Circle,'yes','no')>"),
        # a default counts for no side of what is not decided
        ("!If [IsDev, !Ref Stage, b]", "<if(t.yaml condition:IsDev,t.yaml:Stage,'b')>"),
        ("!ImportValue a", "<ImportValue('a')>"),
        ("{'Fn::ImportValue': !Sub '${Stage}-a'}", "<ImportValue('dev-a')>"),
        ("{'Fn::Base64': a}", "<Base64('a')>"),
        ("!GetAZs ''", "<GetAZs('')>"),
        ("{'Fn::Transform': {Name: AWS::Include}}", "<None>"),
        ("[a, !Ref AWS::NoValue]", ["a"]),
        ("{a: !Ref AWS::NoValue, b: c}", {"b": "c"}),
        ("{a: {'Fn::Transform': {Name: M}, b: c}}", {"a": {None: "<None>", "b": "c"}}),
        ("{'Fn::ForEach::L': [N, !Ref Names, {'K${N}': !Sub 'v-${N}'}]}", {"Ka": "v-a", "Kb": "v-b"}),
        ("{'Fn::ForEach::L': [N, !Ref Given, {'K${N}': v}]}", {None: "<None>"}),
        ("{'Fn::ForEach::L': [N, ['a.b'], {'K&{N}': v}]}", {"Kab": "v"}),
        ("!Ref", None),
        ("!GetAtt x", None),
        ("!Sub {}", None),
        ("!Join a", None),
        ("!Select []", None),
        ("!FindInMap a", None),
        ("!If [a]", None),
        ("!If [[a], b, c]", None),
        ("{'Fn::ForEach::L': x}", {None: "<None>"}),
    ],
)
def test_expression(expression: str, value: object) -> None:
    scope = scope_of(TEMPLATE.replace("EXPRESSION", expression))
    found = scope.resources["X"].properties.get("Value")
    assert found is not None
    if value is not None:
        assert shown(found) == value


@pytest.mark.parametrize(
    ("expression", "places"),
    [
        ("!Ref Stage", ["dev"]),
        ("!Sub 'a-${Stage}'", ["a-", "dev"]),
        ("!Sub |\n      a ${Stage}\n      b\n", None),
        ("!Join ['-', [a, !Ref Stage]]", ["a", "-", "dev"]),
        ("!Select [1, !Split ['/', a/b]]", ["b"]),
    ],
)
def test_known_parts_are_at_their_places(expression: str, places: list[str] | None) -> None:
    if places is None:
        text = TEMPLATE.replace("{Value: EXPRESSION}", "\n    Value: " + expression).replace(
            "X: {Type: AWS::S3::Bucket, Properties: \n", "X:\n   Type: AWS::S3::Bucket\n   Properties:\n"
        )
        text = text.removesuffix("}\n")
        places = ["a ", "dev", "\n", "b"]
    else:
        text = TEMPLATE.replace("EXPRESSION", expression)
    scope = scope_of(text)
    found = scope.resources["X"].properties.get("Value")
    assert isinstance(found, Scalar)
    text_of = found.text or ""
    at = 0
    for part in places:
        start = text_of.index(part, at)
        span = found.span.sub(start, start + len(part)) if found.span.text == text_of else found.span
        origin = span.origin()
        assert origin.text == part
        at = start + len(part)


def test_sides_of_a_condition_are_both_searched() -> None:
    scope = scope_of(TEMPLATE.replace("EXPRESSION", "!If [IsDev, a, b]"))
    found = scope.resources["X"].properties.get("Value")
    assert shown(found) if found else None == "<if(t.yaml condition:IsDev,'a','b')>"


NESTED = (
    HEAD
    + """\
Parameters:
  Name: {Type: String, Default: nobody}
Conditions:
  IsApi: !Equals [!Ref Name, api]
Resources:
  R: {Type: AWS::IAM::Role}
Outputs:
  Name: {Value: !Sub "${Name}!"}
  Is: {Value: !If [IsApi, up, down]}
  Role: {Value: !GetAtt R.Arn}
"""
)


def test_nested_stacks_are_read_with_what_they_are_given() -> None:
    scope = scope_of(
        HEAD
        + """\
Resources:
  Stack:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./n/nested.yaml, Parameters: {Name: api}}
  Other:
    Type: AWS::Serverless::Application
    Properties: {Location: n/nested.yaml}
  Asset:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: https://s3.amazonaws.com/x}
    Metadata: {"aws:asset:path": n/nested.yaml}
  Outside:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ../../../../etc/passwd}
  X:
    Type: A
    Properties:
      Values:
        - !GetAtt Stack.Outputs.Name
        - !GetAtt [Stack, Outputs.Is]
        - !GetAtt Stack.Outputs.Role
        - !GetAtt Other.Outputs.Name
        - !GetAtt Asset.Outputs.Is
        - !GetAtt Outside.Outputs.Name
        - !GetAtt Stack.Outputs.Missing
""",
        **{"n/nested.yaml": NESTED},
    )
    assert shown(scope.resources["X"].properties) == {
        "Values": [
            *("api!", "up", "<t.yaml>Stack:R.Arn>", "nobody!", "down"),
            *("<t.yaml:Outside.Outputs.Name>", "<t.yaml:Stack.Outputs.Missing>"),
        ]
    }
    assert [stack.path for stack in scope.walk()] == ["t.yaml", *["n/nested.yaml"] * 3]


def test_stacks_in_a_circle_end() -> None:
    text = HEAD + "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}\n"
    scope = scope_of(text % "b.yaml", **{"b.yaml": text % "t.yaml"})
    assert [stack.path for stack in scope.walk()] == ["t.yaml", "b.yaml"]
    assert [stack.path for stack in scope_of(text % "t.yaml").walk()] == ["t.yaml"]


def test_many_stacks_are_cut_off() -> None:
    stack = "  A{0}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {1}.yaml}}}}\n"
    texts = {
        f"{level}.yaml": HEAD + "Resources:\n" + "".join(stack.format(n, level + 1) for n in range(20))
        for level in range(12)
    }
    assert len(list(scope_of(texts.pop("0.yaml"), "0.yaml", **texts).walk())) <= 201


def test_outputs_that_refer_to_each_other() -> None:
    nested = HEAD + "Parameters: {A: {Type: String}}\nResources: {}\nOutputs: {O: {Value: !Ref A}}\n"
    main = HEAD + (
        "Resources:\n"
        "  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: n.yaml, Parameters: {A: !GetAtt T.Outputs.O}}}\n"
        "  T: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: n.yaml, Parameters: {A: !GetAtt S.Outputs.O}}}\n"
        "  X: {Type: A, Properties: {V: !GetAtt S.Outputs.O}}\n"
    )
    scope = scope_of(main, **{"n.yaml": nested})
    assert canonical(scope.resources["X"].properties)


# ── what is made of it ──


def facts_of(text: str, path: str = "t.yaml", **others: str) -> Facts:
    files = Files(overlay={path: text, **others}, disk=False)
    source = files.target(path)
    format = formats.detect(path, text)
    assert format is not None
    return format.read([source], files)


def test_a_role_with_all_its_policies() -> None:
    facts = facts_of(
        HEAD
        + """\
Conditions: {C: !Equals [!Ref AWS::Region, x]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      Path: /a/
      PermissionsBoundary: arn:aws:iam::123456789012:policy/limit
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: a
          PolicyDocument: {Statement: {Effect: Allow, Action: "sqs:*", Resource: "*"}}
      ManagedPolicyArns:
        - {"Fn::Join": ["", ["arn:", {Ref: "AWS::Partition"}, ":iam::aws:policy/AmazonSQSFullAccess"]]}
        - !Ref Managed
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: "sns:*", Resource: "*"}}}
  Apart:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument: {Statement: {Effect: Allow, Action: "ses:*", Resource: "*"}}
  Apart2:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Role
      PolicyDocument: {Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}}
  Either:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: !If [C, [!Ref Role], !Ref AWS::NoValue]
      PolicyDocument: {Statement: {Effect: Allow, Action: "kms:*", Resource: "*"}}
"""
    )
    project, _ = resolve([facts], Files(overlay={}, disk=False))
    [role] = project.roles
    assert (role.address, role.name, role.path, role.scope) == ("t.yaml:Role", "app", "/a/", "t.yaml")
    assert role.boundary
    assert role.trust
    assert role.trust.statements[0].principals[0].text.known == "ecs-tasks.amazonaws.com"
    actions = {
        action.known
        for grant in role.grants
        for statement in grant.policy.statements
        for action in statement.actions
        if not grant.managed
    }
    assert actions == {"sqs:*", "sns:*", "ses:*", "s3:*", "kms:*"}
    assert role.managed == ("AmazonSQSFullAccess",)


ROLE = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {}}\n"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("", ""),
        ("Transform: Mine\n", "not all of its template is known here"),
        ("Outputs: {R: {Value: !GetAtt Role.Arn, Export: {Name: r}}}\n", "other stacks may give it policies"),
        ("Outputs: {R: {Value: !GetAtt Role.Arn}}\n", ""),
        (
            "  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x, Parameters: {R: !Ref Role}}}\n",
            "what an attached policy allows: it is given to S, which is not at hand",
        ),
        (
            "  S: {Type: Custom::Attach, Properties: {RoleName: !Ref Role}}\n",
            "what an attached policy allows: it is given to S, which is not at hand",
        ),
        ("  S: {Type: AWS::IAM::Policy, Properties: {Roles: [!Select [0, !Ref L]]}}\n", ""),
        (
            "  S: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Select [0, !Ref L]}}\n",
            "a policy is attached to a role that is not known here",
        ),
        ("  S: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref P]}}\n", ""),
        (
            "  S: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Sub 'x-${P}'}}\n",
            "a policy is attached to a role that is not known here",
        ),
        ("  Fn::ForEach::L: [N, !Ref P, {X: {Type: A}}]\n", "not all of its template is known here"),
        ("  Fn::Transform: {Name: AWS::Include}\n", "not all of its template is known here"),
    ],
)
def test_why_a_role_is_not_complete(more: str, reason: str) -> None:
    project, _ = resolve([facts_of(HEAD + ROLE + more)], Files(overlay={}, disk=False))
    [role] = project.roles
    assert role.complete is not bool(reason)
    assert not reason or reason in role.why_incomplete


def test_a_task_in_all_its_parts() -> None:
    facts = facts_of(
        HEAD
        + """\
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Volumes:
        - EFSVolumeConfiguration: {FilesystemId: fs-1, AuthorizationConfig: {IAM: ENABLED}}
      ContainerDefinitions:
        - {Name: api, Image: "api:1", Secrets: [{Name: A, ValueFrom: a}]}
  Service:
    Type: AWS::ECS::Service
    Properties:
      EnableExecuteCommand: true
      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT}]
      TaskDefinition: !Ref Task
"""
    )
    [task] = facts.tasks
    assert task.name == "Task"
    assert task.launch == ("FARGATE",)
    assert task.images == ("api:1",)
    assert [feature.kind.name for feature in task.features] == ["SECRET", "EFS_IAM", "ECS_EXEC"]


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("t.yaml", HEAD, "cloudformation"),
        ("t.template", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n", "cloudformation"),
        ("cdk.out/S.template.json", '{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}', "cloudformation"),
        ("template.yml", "Transform: AWS::Serverless-2016-10-31\n", "cloudformation"),
        ("td.json", '{"containerDefinitions": []}', "ecs"),
        ("README.md", HEAD, None),
    ],
)
def test_how_a_template_is_told(path: str, text: str, name: str | None) -> None:
    format = formats.detect(path, text)
    assert (format.name if format else None) == name


def test_what_only_speaks_of_types_is_read_as_before() -> None:
    facts = facts_of('{"family": "a", "x": "AWS::A", "containerDefinitions": [{"name": "a", "image": "b"}]}', "td.json")
    assert [task.name for task in facts.tasks] == ["a"]


def test_yaml_that_begins_like_json() -> None:
    scope = scope_of('{\n  "Resources": {\n    ? "Role"\n    : {"Type": "AWS::IAM::Role"}\n  }\n}\n', "t.template")
    assert list(scope.resources) == ["Role"]


def test_templates_of_the_serverless_framework() -> None:
    scope = scope_of("service: a\nresources:\n  Resources:\n    Role: {Type: AWS::IAM::Role}\n")
    assert list(scope.resources) == ["Role"]


# ── the oracle ──


def long_form(node: Node) -> object:
    """A document with its functions as CloudFormation's decoder gives them."""
    call = intrinsic(node) if node.tag is not None else None
    if call is not None:
        name, argument = call
        inner = long_form(argument)
        if name == "GetAtt" and isinstance(inner, str):
            inner = inner.split(".", 1)
        return {name if name in ("Ref", "Condition") else f"Fn::{name}": inner}
    if isinstance(node, Map):
        return {key.text: long_form(value) for key, value in merged(node).items()}
    if isinstance(node, Seq):
        return [long_form(element) for element in node]
    return node.text


def texts(value: object) -> object:
    """What the oracle gives, with every scalar as the text that we have for it."""
    if isinstance(value, dict):
        return {texts(key): texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None else str(value)


def written() -> list[str]:
    """All templates of the cases."""
    found = [TEMPLATE.replace("EXPRESSION", "!Sub ['${A}', {A: !GetAtt Role.Arn}]"), NESTED]
    for page in sorted((Path(__file__).parent / "cases").glob("*.md")):
        for example in examples(page.read_text(encoding="utf-8")):
            found.extend(
                text for path, text in example.plain.items() if path.endswith(".yaml") and re.search("AWS::", text)
            )
    return found


@pytest.mark.filterwarnings("ignore")
def test_templates_are_read_as_cfn_lint_reads_them() -> None:
    oracle = pytest.importorskip("cfnlint.decode")
    templates = written()
    assert len(templates) > 10
    for text in templates:
        expected, problems = oracle.decode_str(text)
        assert not problems
        assert long_form(yaml.read(Source("t.yaml", text)).roots[0]) == texts(expected)
