"""Terraform's evaluator: against HashiCorp's documented examples, and what is known of whole modules.

Examples: https://developer.hashicorp.com/terraform/language/functions and .../expressions.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credlint.files import Files
from credlint.formats import terraform
from credlint.node import Call, Conditional, Map, Node, Ref, Scalar, Seq, Template, Unknown
from credlint.readers import hcl
from credlint.terraform import registry
from credlint.terraform.evaluate import text_source
from credlint.terraform.modules import Instance, Modules, references, root
from credlint.text import Source


def instance(files: dict[str, str], folder: str = "", variable_files: tuple[str, ...] = ()) -> Instance:
    modules = Modules(Files(overlay=files, disk=False))
    prefix = folder + "/" if folder else ""
    sources = [Source(path, text) for path, text in files.items() if path.rpartition("/")[0] == folder]
    assert all(source.path.startswith(prefix) for source in sources)
    return root(modules.add(folder, sources), modules, variable_files)


def plain(node: Node) -> object:
    """A node as Python's values; what is not known as an ellipsis."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Seq):
        return [plain(element) for element in node]
    if isinstance(node, Map):
        return {key.text or ...: plain(value) for key, value in node.items()}
    if isinstance(node, Call) and node.name == "jsonencode":
        source = text_source(node)
        return source.text if source else ...
    return ...


def value(expression: str, **files: str) -> object:
    """The value of an expression; `...` where it is not known."""
    text = f"locals {{\n  x = {expression}\n}}\n" + files.pop("more", "")
    scope = instance({"main.tf": text, **{name.replace("__", "."): body for name, body in files.items()}}).scope
    return plain(scope.evaluate(Ref(Source("t", "local.x").span(), "local.x")))


# expression and value, as HashiCorp's pages have them
DOCUMENTED = [
    ('upper("hello")', "HELLO"),
    ('lower("HELLO")', "hello"),
    ('title("hello world")', "Hello World"),
    ('chomp("hello\\n")', "hello"),
    ('trimspace("  hello\\n\\n")', "hello"),
    ('trim("?!hello?!", "!?")', "hello"),
    ('trimprefix("helloworld", "hello")', "world"),
    ('trimsuffix("helloworld", "world")', "hello"),
    ('strrev("hello")', "olleh"),
    ('substr("hello world", 1, 4)', "ello"),
    ('substr("hello world", -5, -1)', "world"),
    ('startswith("hello world", "hello")', True),
    ('endswith("hello world", "hello")', False),
    ('strcontains("hello world", "wor")', True),
    ('split(",", "foo,bar,baz")', ["foo", "bar", "baz"]),
    ('split(",", "")', [""]),
    ('join("-", ["foo", "bar", "baz"])', "foo-bar-baz"),
    ('join(", ", ["foo"])', "foo"),
    ('format("Hello, %s!", "Ander")', "Hello, Ander!"),
    ('format("There are %d lights", 4)', "There are 4 lights"),
    ('format("%%s %[2]s %[1]s", "a", "b")', "%s b a"),
    ('format("%03d", 5)', "005"),
    ('formatlist("Hello, %s!", ["Valentina", "Ander"])', ["Hello, Valentina!", "Hello, Ander!"]),
    (
        'formatlist("%s, %s!", "Salutations", ["Valentina", "Ander"])',
        ["Salutations, Valentina!", "Salutations, Ander!"],
    ),
    ('replace("1 + 2 + 3", "+", "-")', "1 - 2 - 3"),
    ('replace("hello world", "/w.*d/", "everybody")', "hello everybody"),
    ('regex("[a-z]+", "53453453.345345aaabbbccc23454")', "aaabbbccc"),
    ('regex("(\\\\d\\\\d\\\\d\\\\d)-(\\\\d\\\\d)-(\\\\d\\\\d)", "2019-02-01")', ["2019", "02", "01"]),
    ('indent(2, "a\\nb")', "a\n  b"),
    ('concat(["a", ""], ["b", "c"])', ["a", "", "b", "c"]),
    ('merge({a="b", c="d"}, {e="f", c="z"})', {"a": "b", "e": "f", "c": "z"}),
    ('flatten([["a", "b"], [], ["c"]])', ["a", "b", "c"]),
    ('flatten([[["a", "b"], []], ["c"]])', ["a", "b", "c"]),
    ('distinct(["a", "b", "a", "c", "d", "b"])', ["a", "b", "c", "d"]),
    ('compact(["a", "", "b", null, "c"])', ["a", "b", "c"]),
    ('coalesce("a", "b")', "a"),
    ('coalesce("", "b")', "b"),
    ("coalesce(1, 2)", 1),
    ('coalescelist([], ["c", "d"])', ["c", "d"]),
    ('contains(["a", "b", "c"], "a")', True),
    ('contains(["a", "b", "c"], "d")', False),
    ('element(["a", "b", "c"], 1)', "b"),
    ('element(["a", "b", "c"], 3)', "a"),
    ('index(["a", "b", "c"], "b")', 1),
    ("keys({a=1, c=2, d=3})", ["a", "c", "d"]),
    ("values({a=3, c=2, d=1})", [3, 2, 1]),
    ("length([])", 0),
    ('length(["a", "b"])', 2),
    ('length({"a" = "b"})', 1),
    ('length("hello")', 5),
    ('lookup({a="ay", b="bee"}, "a", "what?")', "ay"),
    ('lookup({a="ay", b="bee"}, "c", "what?")', "what?"),
    ("one([])", None),
    ('one(["hello"])', "hello"),
    ("range(3)", [0, 1, 2]),
    ("range(1, 8, 2)", [1, 3, 5, 7]),
    ("reverse([1, 2, 3])", [3, 2, 1]),
    ('setintersection(["a", "b"], ["b", "c"], ["b", "d"])', ["b"]),
    ('setsubtract(["a", "b", "c"], ["a", "c"])', ["b"]),
    ('setunion(["a", "b"], ["b", "c"], ["d"])', ["a", "b", "c", "d"]),
    ('setproduct(["a", "b"], ["x"])', [["a", "x"], ["b", "x"]]),
    ('slice(["a", "b", "c", "d"], 1, 3)', ["b", "c"]),
    ('sort(["e", "d", "a", "x"])', ["a", "d", "e", "x"]),
    ('zipmap(["a", "b"], [1, 2])', {"a": 1, "b": 2}),
    ('alltrue(["true", true])', True),
    ("alltrue([true, false])", False),
    ('anytrue(["true"])', True),
    ("anytrue([])", False),
    ("max(12, 54, 3)", 54),
    ("min(12, 54, 3)", 3),
    ('toset(["c", "b", "b"])', ["b", "c"]),
    ('tobool("true")', True),
    ('tonumber("1")', 1),
    ('jsonencode({"hello"="world"})', '{"hello":"world"}'),
    ('jsondecode("{\\"hello\\": \\"world\\"}")', {"hello": "world"}),
    ('yamldecode("hello: world")', {"hello": "world"}),
    ('base64decode("SGVsbG8gV29ybGQ=")', "Hello World"),
    ('base64decode(base64encode("Hello World"))', "Hello World"),
    ('urlencode("Hello World!")', "Hello+World%21"),
    ('basename("foo/bar/baz.txt")', "baz.txt"),
    ('dirname("foo/bar/baz.txt")', "foo/bar"),
    ('try(local.foo.nonexist, "fallback")', "fallback"),
    ("can(local.foo.bar)", True),
    ("can(local.foo.boop)", False),
    # expressions
    ("1 + 2 * 3", 7),
    ("-(1 + 2)", -3),
    ("10 / 4", 2.5),
    ("5 >= 5 && !false", True),
    ("5 == 6 || 1 != 2", True),
    ('1 < 2 ? "yes" : "no"', "yes"),
    ('["a", "b"][1]', "b"),
    ('{ a = { b = "c" } }.a.b', "c"),
    ('{ (upper("a")) = 1 }', {"A": 1}),
    ('[for s in ["a", "b"] : upper(s)]', ["A", "B"]),
    ('[for i, v in ["a", "b"] : "${i}=${v}"]', ["0=a", "1=b"]),
    ('[for k, v in { x = 1 } : "${k}${v}"]', ["x1"]),
    ('{for s in ["a", "b"] : s => upper(s)}', {"a": "A", "b": "B"}),
    ('[for s in ["a", "", "b"] : s if s != ""]', ["a", "b"]),
    ('{for s in ["ant", "bee", "ape"] : substr(s, 0, 1) => s...}', {"a": ["ant", "ape"], "b": ["bee"]}),
    ("[{ id = 1 }, { id = 2 }][*].id", [1, 2]),
    ("local.foo[*].bar", ["b"]),
    ("null[*]", []),
    ('"%{ if true }yes%{ else }no%{ endif }"', "yes"),
    ('"%{ for a in ["x", "y"] }${a},%{ endfor }"', "x,y,"),
    ("min([4, 2]...)", 2),
    ("nosuchfunction(1)", ...),
    ("sha256(local.foo.bar)", ...),
    ('"${var.unknown}-task"', ...),
]


@pytest.mark.parametrize(("expression", "expected"), DOCUMENTED)
def test_documented_examples(expression: str, expected: object) -> None:
    assert value(expression, more='locals {\n  foo = { bar = "b" }\n}\nvariable "unknown" {}\n') == expected


def evaluated(expression: str, text: str = "") -> Node:
    scope = instance({"main.tf": f"locals {{\n  x = {expression}\n}}\n{text}"}).scope
    return scope.evaluate(Ref(Source("t", "local.x").span(), "local.x"))


def test_what_is_partly_known_stays_partly_known() -> None:
    found = evaluated('"${var.stage}-task"', 'variable "stage" {}\n')
    assert isinstance(found, Template)
    assert [part.text for part in found.parts] == [None, "-task"]
    found = evaluated("merge({ a = 1 }, var.more, { b = var.stage, c = 3 })")
    assert plain(found) == {"a": ..., "b": ..., "c": 3, ...: ...}
    found = evaluated('concat(["a"], var.more)')
    assert plain(found) == ["a", ...]
    assert plain(evaluated('concat(["a"], var.more)[0]')) == "a"
    assert isinstance(evaluated('concat(["a"], var.more)[1]'), Unknown)
    assert isinstance(evaluated("length(concat(var.more))"), Call)


def test_both_sides_of_a_condition_that_is_not_known() -> None:
    found = evaluated('upper(var.x ? "a" : "b")')
    assert isinstance(found, Conditional)
    assert (plain(found.yes), plain(found.no)) == ("A", "B")
    assert plain(evaluated('(var.x ? { a = "b" } : {}).a')) == "b"  # an element that is asked for is there


def test_a_default_decides_only_where_the_folder_is_a_root() -> None:
    text = 'variable "on" {\n  default = true\n}\n'
    expression = 'var.on ? "a" : "b"'
    assert isinstance(evaluated(expression, text), Conditional)
    assert plain(evaluated(expression, text + 'provider "aws" {}\nterraform {\n  backend "s3" {}\n}\n')) == "a"


def test_values_come_in_the_order_of_precedence() -> None:
    files = {
        "main.tf": 'variable "a" {}\nvariable "b" {}\nvariable "c" {\n  default = "d"\n}\nlocals {\n  x = [var.a, var.b, var.c]\n}\n',
        "terraform.tfvars": 'a = "1"\nb = "1"\n',
        "z.auto.tfvars": 'b = "3"\n',
        "a.auto.tfvars": 'b = "2"\n',
        "prod.tfvars": 'c = "prod"\n',
    }
    name = Ref(Source("t", "local.x").span(), "local.x")
    assert plain(instance(files).scope.evaluate(name)) == ["1", "3", ...]
    assert plain(instance(files, variable_files=("prod.tfvars",)).scope.evaluate(name)) == ["1", "3", "prod"]


def test_override_files_replace_attributes() -> None:
    files = {
        "main.tf": 'resource "a" "b" {\n  x = 1\n  y = 2\n}\nlocals {\n  z = [a.b.x, a.b.y]\n}\n',
        "main_override.tf": 'resource "a" "b" {\n  x = 3\n}\n',
    }
    assert plain(instance(files).scope.evaluate(Ref(Source("t", "local.z").span(), "local.z"))) == [3, 2]


def test_modules_their_outputs_and_instances() -> None:
    files = {
        "main.tf": """
module "a" {
  for_each = { api = "x", worker = "y" }
  source   = "./m"
  name     = each.key
  cfg      = { value = each.value }
}
locals {
  one  = module.a["api"].name
  all  = [for key, m in module.a : m.name]
  full = values(module.a)[*].value
}
""",
        "m/main.tf": """
variable "name" {}
variable "cfg" {
  type = object({ value = string, other = optional(string, "o") })
}
module "inner" {
  source = "./inner"
  count  = 2
  name   = "${var.name}-${count.index}"
}
output "name" { value = module.inner[1].name }
output "value" { value = "${var.cfg.value}${var.cfg.other}" }
""",
        "m/inner/main.tf": 'variable "name" {}\noutput "name" { value = upper(var.name) }\n',
    }
    scope = instance(files).scope

    def local(name: str) -> object:
        return plain(scope.evaluate(Ref(Source("t", name).span(), f"local.{name}")))

    assert local("one") == "API-1"
    assert local("all") == ["API-1", "WORKER-1"]
    assert local("full") == ["xo", "yo"]
    assert [one.scope.address for one in instance(files).walk()] == [
        ".",
        "./module.a[api]",
        "./module.a[api]/module.inner[0]",
        "./module.a[api]/module.inner[1]",
        "./module.a[worker]",
        "./module.a[worker]/module.inner[0]",
        "./module.a[worker]/module.inner[1]",
    ]


def test_a_module_that_is_called_often_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    really = hcl.outline
    monkeypatch.setattr(hcl, "outline", lambda source: read.append(source.path) or really(source))  # type: ignore[func-returns-value]
    calls = "".join(f'module "m{n}" {{\n  source = "./m"\n  n = {n}\n}}\n' for n in range(200))
    found = instance({"main.tf": calls, "m/main.tf": 'variable "n" {}\noutput "n" { value = var.n }\n'})
    assert len(list(found.walk())) == 201
    assert read.count("m/main.tf") == 1


def test_installed_modules_are_followed() -> None:
    files = {
        "infra/main.tf": 'module "a" {\n  source = "org/a/aws"\n}\nlocals {\n  x = module.a.y\n}\n',
        "infra/.terraform/modules/modules.json": '{"Modules": [{"Key": "a", "Source": "org/a/aws", "Dir": ".terraform/modules/a"}]}',
        "infra/.terraform/modules/a/main.tf": 'output "y" { value = "found" }\n',
    }
    scope = instance(files, "infra").scope
    assert plain(scope.evaluate(Ref(Source("t", "local.x").span(), "local.x"))) == "found"


def test_the_way_from_the_use_to_the_text() -> None:
    text = 'locals {\n  a = "text"\n  b = local.a\n  x = upper(local.b) == "" ? "" : local.b\n}\n'
    found = instance({"main.tf": text}).scope.evaluate(Ref(Source("t", "local.x").span(), "local.x"))
    assert found.text == "text" == found.span.text
    assert [str(span.begin) for span in found.via[1:]] == ["4:35", "3:7"]


HOSTILE = {
    "locals in a circle": "locals {\n  x = local.y\n  y = [local.x]\n}\n",
    "a chain of locals": "locals {\n  x = local.l0\n"
    + "".join(f"  l{n} = local.l{n + 1}\n" for n in range(3000))
    + "  l3000 = 1\n}\n",
    "counts in a chain": "".join(f'resource "a" "r{n}" {{\n  count = length(a.r{n + 1})\n}}\n' for n in range(2000))
    + "locals {\n  x = a.r0[*].id\n}\n",
    "counts in a circle": 'resource "a" "b" {\n  count = length(a.b)\n}\nlocals {\n  x = a.b[*].id\n}\n',
    "products": "locals {\n  r = range(1000)\n  x = [for a in local.r : [for b in local.r : [for c in local.r : a]]]\n}\n",
    "doubled lists": "locals {\n  l0 = [1]\n"
    + "".join(f"  l{n + 1} = concat(local.l{n}, local.l{n})\n" for n in range(60))
    + "  x = local.l60\n}\n",
    "doubled texts": 'locals {\n  l0 = "${var.a}b"\n'
    + "".join(f'  l{n + 1} = "${{local.l{n}}}${{local.l{n}}}"\n' for n in range(60))
    + "  x = local.l60\n}\n",
    "conditions in a chain": "locals {\n  l0 = 1\n"
    + "".join(f"  l{n + 1} = var.c{n} ? local.l{n} : {n}\n" for n in range(500))
    + "  x = format(local.l500)\n}\n",
    "a slow pattern": 'locals {\n  x = regex("(a+)+$", "' + "a" * 400 + 'b")\n}\n',
    "a module of itself": 'module "a" {\n  source = "./"\n}\nlocals {\n  x = module.a.x\n}\noutput "x" { value = module.a.x }\n',
    "a template of itself": 'locals {\n  x = templatefile("main.tf", {})\n}\n# ${templatefile("main.tf", {})}\n',
    "a far file": 'locals {\n  x = file("../../../../../../../etc/passwd")\n  y = file("/etc/passwd")\n}\n',
    "a huge count": 'resource "a" "b" {\n  count = 1000000000\n}\nlocals {\n  x = a.b[*].id\n}\n',
    "wrong arguments": 'locals {\n  x = [join(), lookup(1), element([], 0), zipmap(1, 2), range(1, 2, 0), substr("", {}, 1)]\n}\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_too_much(name: str) -> None:
    started = time.process_time()
    found = instance({"main.tf": HOSTILE[name]})
    value = found.scope.evaluate(Ref(Source("t", "local.x").span(), "local.x"))
    assert not isinstance(value, Scalar)
    assert len(list(found.walk())) < 20
    assert time.process_time() - started < 30


words = st.text('abc${}%"\\ \n-', max_size=6)
expressions = st.recursive(
    st.sampled_from(
        ["1", "true", "null", '"a"', "var.a", "local.x", "each.key", "a.b", "a.b[0].id", "module.m.o", "[]", "{}"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(
            st.sampled_from(["concat", "merge", "join", "format", "lookup", "try", "one", "flatten", "keys"]),
            inner,
            inner,
        ).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"[for v in {parts[0]} : {parts[1]} if v != {parts[0]}]"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]} == {parts[1]})"),
        st.tuples(inner, st.sampled_from(["[0]", '["a"]', "[*].a", ".a"])).map(lambda parts: f"({parts[0]}){parts[1]}"),
        inner.map(lambda part: f'"x${{{part}}}y"'),
        inner.map(lambda part: f"jsonencode({part})"),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_evaluating_twice_is_evaluating_once(expression: str) -> None:
    """Nothing is raised, and what is known does not change when it is looked at again, in whatever scope."""
    scope = instance(
        {"main.tf": f'locals {{\n  x = {expression}\n}}\nvariable "a" {{}}\nresource "a" "b" {{}}\n'}
    ).scope
    once = scope.evaluate(Ref(Source("t", "local.x").span(), "local.x"))
    assert plain(scope.evaluate(once)) == plain(once)
    other = instance({"main.tf": 'locals {\n  x = "other"\n}\nvariable "a" {\n  default = "other"\n}\n'}).scope
    assert plain(other.evaluate(once)) == plain(once)


@pytest.mark.parametrize("name", registry.NAMES)
def test_the_known_modules_can_be_read_and_called(name: str) -> None:
    known = registry.module(name)
    assert known is not None
    _, problems = hcl.read(Source("main.tf", known[1]))
    assert not problems
    found = instance({"main.tf": f'module "m" {{\n  source = "{name}"\n  services = {{ a = {{}} }}\n}}\n'})
    called = [one.module.folder for one in found.walk()]
    assert called[1].endswith(name.replace("//", "/"))
    declared = {ref.name for one in found.walk() for body in one.module.bodies for ref in references(body)}
    for one in list(found.walk())[1:]:
        for ref in (ref for body in one.module.bodies for ref in references(body)):
            kind, _, rest = ref.name.partition(".")
            if kind == "var":  # every input that is used is declared
                assert rest.partition(".")[0] in one.module.variables, ref.name
            elif kind.startswith("aws_"):
                assert ".".join(ref.name.split(".")[:2]) in one.module.addresses, ref.name
    assert declared


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("terraform-aws-modules/ecs/aws", "terraform-aws-modules/ecs/aws"),
        ("registry.terraform.io/umotif-public/ecs-fargate/aws", "umotif-public/ecs-fargate/aws"),
        (
            "git::https://github.com/cloudposse/terraform-aws-ecs-container-definition.git?ref=0.61.1",
            "cloudposse/ecs-container-definition/aws",
        ),
        (
            "github.com/terraform-aws-modules/terraform-aws-ecs//modules/service?ref=v6.0.0",
            "terraform-aws-modules/ecs/aws//modules/service",
        ),
        ("git@github.com:cn-terraform/terraform-aws-ecs-fargate.git", "cn-terraform/ecs-fargate/aws"),
        ("terraform-aws-modules/ecs/azurerm", None),
        ("somebody/ecs/aws", None),
        ("./terraform-aws-modules/ecs/aws", None),
    ],
)
def test_how_a_known_module_is_named(source: str, name: str | None) -> None:
    found = registry.module(source)
    assert (found[0].removeprefix(registry.FOLDER) if found else None) == name


def test_many_tasks_and_services_take_linear_time() -> None:
    def steps(number: int) -> float:
        text = "".join(
            f'resource "aws_ecs_task_definition" "t{n}" {{\n  family = "t{n}"\n  container_definitions = "[]"\n}}\n'
            f'resource "aws_ecs_service" "s{n}" {{\n  task_definition = aws_ecs_task_definition.t{n}.arn\n'
            '  launch_type = "FARGATE"\n}\n'
            for n in range(number)
        )
        started = time.process_time()
        facts = terraform.read([Source("main.tf", text)], Files(overlay={"main.tf": text}, disk=False))
        assert [task.launch for task in facts.tasks] == [("FARGATE",)] * number
        return time.process_time() - started

    steps(20)
    assert steps(600) < 6 * max(steps(300), 0.1)
