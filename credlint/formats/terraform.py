"""Terraform and OpenTofu: a folder is a module, and is read as one.

Resources and their arguments: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import os

from .. import keys, names, values
from ..evaluate import Scope, text_source
from ..model import Facts, Role, Setting, Slot, Task, Value
from ..node import Block, Body, Index, Map, Node, Ref, Scalar, Seq
from ..text import align
from . import ecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..node import Problem
    from ..text import Source

_AUTOMATIC = ("terraform.tfvars", "terraform.tfvars.json")


def read(sources: Sequence[Source], files: Files) -> Facts:
    """What a module says. A folder with no key and no task in it is not even parsed."""
    has_keys = any(keys.has_candidates(source.text) for source in sources)
    has_tasks = any("aws_ecs_task_definition" in source.text for source in sources)
    if not has_keys and not has_tasks:
        return Facts(texts=sources)
    module = _Module(sources, files)
    return Facts(
        texts=sources,
        settings=list(module.settings()) if has_keys else (),
        tasks=list(module.tasks()) if has_tasks else (),
        roles=list(module.roles()) if has_tasks else (),
        problems=module.problems,
    )


class _Module:
    """The blocks of a folder's files, by type, and the scope that they share."""

    def __init__(self, sources: Sequence[Source], files: Files) -> None:
        self.problems: list[Problem] = []
        self.bodies: list[Body] = []
        self.assigned: list[tuple[Source, Map]] = []  # variable files
        for source in sources:
            self._add(source)
        self.folder = os.path.dirname(sources[0].path)
        variables = {block.labels[0].text or "": _default(block) for block in self.blocks("variable") if block.labels}
        locals = {key.text or "": value for block in self.blocks("locals") for key, value in block.body.items()}
        self.scope = Scope(self.folder, {**variables, **self._values(variables)}, locals, files)

    def blocks(self, type: str) -> Iterator[Block]:
        return (block for body in self.bodies for block in body.blocks if block.type == type)

    def resources(self, type: str, *, data: bool = False) -> Iterator[tuple[str, Block]]:
        """The resources of a type, each with its address."""
        for block in self.blocks("data" if data else "resource"):
            if len(block.labels) == 2 and block.labels[0].text == type:
                prefix = "data." if data else ""
                yield f"{prefix}{type}.{block.labels[1].text}", block

    def settings(self) -> Iterator[Setting]:
        """The named strings: literals, and what a name that speaks of keys refers to."""
        for _, entries in self.assigned:
            yield from values.settings_of(entries)
        for body in self.bodies:
            yield from values.settings_of(body)
            yield from self._referred(body)
        for _, block in self.resources("aws_ecs_task_definition"):
            containers = self._containers(block.body.get("container_definitions"))
            if containers is not None:
                yield from ecs.named_by_container(containers)

    def tasks(self) -> Iterator[Task]:
        for address, block in self.resources("aws_ecs_task_definition"):
            yield self._task(address, block)

    def roles(self) -> Iterator[Role]:
        for data in (False, True):
            for address, block in self.resources("aws_iam_role", data=data):
                name = block.body.get("name")
                text = self.scope.evaluate(name).text if name is not None else None
                yield Role(f"{self.folder}:{address}", text, block.span)

    def _add(self, source: Source) -> None:
        name = source.path.lower()
        if name.endswith(".json"):
            from ..readers import json

            document = json.read(source)
            self.problems.extend(document.problems)
            for root in document.roots:
                if not isinstance(root, Map):
                    continue
                if name.endswith(".tfvars.json"):
                    self.assigned.append((source, root))
                else:
                    self.bodies.append(_json_body(root))
            return
        from ..readers import hcl

        body, problems = hcl.read(source)
        self.problems.extend(problems)
        if name.endswith(".tfvars"):
            self.assigned.append((source, body))
        else:
            self.bodies.append(body)

    def _values(self, variables: dict[str, Node | None]) -> dict[str, Node | None]:
        """What variable files give the variables: terraform.tfvars, then *.auto.tfvars in order.

        Where only files of an environment (prod.tfvars) give a value, it is not known which
        of them counts, nor that the default does.
        """
        found: dict[str, Node | None] = {}
        automatic: dict[str, Node | None] = {}
        ordered = sorted(self.assigned, key=lambda pair: (not pair[0].path.endswith(_AUTOMATIC), pair[0].path))
        for source, entries in ordered:
            counts = source.path.endswith((*_AUTOMATIC, ".auto.tfvars", ".auto.tfvars.json"))
            for key, value in entries.items():
                if key.text in variables:
                    if counts:
                        automatic[key.text] = value
                    else:
                        found[key.text] = None
        return {**found, **automatic}

    def _referred(self, body: Body) -> Iterator[Setting]:
        """Attributes that speak of keys by their name and refer to a variable or a local."""
        stack: list[Node] = [body]
        while stack:
            node = stack.pop()
            if isinstance(node, Block):
                stack.append(node.body)
                continue
            if isinstance(node, Body):
                stack.extend(node.blocks)
            for key, value in node.items():
                if isinstance(value, (Map, Seq)):
                    stack.append(value)
                elif isinstance(value, (Ref, Index)) and names.speaks_of_keys(key.text or ""):
                    known = values.value_of(self.scope.evaluate(value))
                    if known.text is not None:
                        yield Setting(key.text or "", known, node)
            if isinstance(node, Seq):
                stack.extend(element for element in node if isinstance(element, (Map, Seq)))

    def _task(self, address: str, block: Block) -> Task:
        body = block.body
        family = body.get("family")
        name = (self.scope.evaluate(family).text if family is not None else None) or address.rpartition(".")[2]
        definitions = body.get("container_definitions")
        launch = ecs.launch_types(self._list(body.get("requires_compatibilities"))) or self._launched_by(address)
        return ecs.task(
            Map(body.span, ()),
            self._containers(definitions),
            name=name,
            span=block.span,
            complete=True,
            task_role=self._slot(body, "task_role_arn"),
            execution_role=self._slot(body, "execution_role_arn"),
            launch=launch,
        )

    def _containers(self, node: Node | None) -> Node | None:
        """The container definitions, of whatever they are made: an expression, or a text of JSON."""
        if node is None:
            return None
        known = self.scope.evaluate(node)
        if isinstance(known, Seq):
            return known
        source = text_source(known)
        if source is None or source.text.lstrip()[:1] not in ("[", "{"):
            return None
        from ..readers import json

        roots = json.read(source).roots
        return roots[0] if roots and isinstance(roots[0], Seq) else None

    def _list(self, node: Node | None) -> Node | None:
        return self.scope.evaluate(node) if node is not None else None

    def _launched_by(self, address: str) -> tuple[str, ...]:
        """The launch types of the services that run a task definition."""
        found: list[str] = []
        for _, block in self.resources("aws_ecs_service"):
            task = block.body.get("task_definition")
            if task is None or not (isinstance(task, Ref) and task.name.startswith(address + ".")):
                continue
            launch = block.body.get("launch_type")
            if launch is not None:
                found.append(self.scope.evaluate(launch).text or "")
            for strategy in block.body.blocks:
                provider = strategy.body.get("capacity_provider")
                if strategy.type == "capacity_provider_strategy" and provider is not None:
                    text = self.scope.evaluate(provider).text or ""
                    found.append("FARGATE" if text.startswith("FARGATE") else text)
        return tuple(found) if all(name in ecs.LAUNCH_TYPES for name in found) else ()

    def _slot(self, body: Body, name: str) -> Slot:
        node = body.get(name)
        if node is None:
            return Slot(name, None)
        known = self.scope.evaluate(node)
        value = ecs.filled(known)
        if value is None and known.via:  # what a variable may still be given
            value = Value(known.span, via=known.via, reason="it is empty unless it is given")
        if value is not None and value.text is None:
            value.name = self._role_address(known) or value.name
            if value.name is not None and not value.name.startswith(self.folder + ":"):
                value.name = f"{self.folder}:{value.name}"
        return Slot(name, value)

    def _role_address(self, node: Node) -> str | None:
        """The address of the role of which an expression gives the ARN, the name or the id."""
        if isinstance(node, Ref):
            base, _, attribute = node.name.rpartition(".")
            return base if attribute in ("arn", "name", "id") else None
        if isinstance(node, Index) and isinstance(node.key, Scalar) and node.key.value in ("arn", "name", "id"):
            return values.canonical(node.base)
        return None


def _default(variable: Block) -> Node | None:
    """The default of a variable; None where it has none or an empty one, which somebody else fills."""
    default = variable.body.get("default")
    if isinstance(default, Scalar) and default.value in (None, ""):
        return None
    return default


def _json_body(root: Map) -> Body:
    """A file in JSON syntax as blocks: https://developer.hashicorp.com/terraform/language/syntax/json."""
    labels = {"resource": 2, "data": 2, "variable": 1, "provider": 1, "module": 1, "output": 1}
    blocks: list[Block] = []
    for key, value in root.items():
        type = key.text or ""
        for found, body in _labelled(value, labels.get(type, 0)):
            expressed = _expressions(body)
            entries = expressed.entries if isinstance(expressed, Map) else ()
            blocks.append(Block(body.span, type, found, Body(body.span, entries, ())))
    return Body(root.span, (), tuple(blocks))


def _labelled(node: Node, count: int) -> Iterator[tuple[tuple[Scalar, ...], Node]]:
    for element in node if isinstance(node, Seq) else (node,):
        if count == 0:
            yield (), element
        else:
            for key, value in element.items():
                for labels, body in _labelled(value, count - 1):
                    yield (key, *labels), body


def _expressions(node: Node) -> Node:
    """A JSON value with its strings read as the templates that they are."""
    if isinstance(node, Map):
        return Map(node.span, tuple((key, _expressions(value)) for key, value in node.items()))
    if isinstance(node, Seq):
        return Seq(node.span, tuple(_expressions(element) for element in node))
    if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
        from ..readers import hcl

        return hcl.template(align(node.span, node.value))
    return node
