"""Modules: a folder's files as one configuration, and its uses, each with its own values.

Files and their order: https://developer.hashicorp.com/terraform/language/files, the
precedence of values: https://developer.hashicorp.com/terraform/language/values/variables.
"""

from __future__ import annotations

import os

from ..files import normal
from ..node import Block, Body, Call, Map, Node, Problem, Ref, Scalar, Seq, Unknown
from ..text import Source, align
from ..values import children
from . import registry
from .evaluate import Budget, Handle, Mode, Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from ..files import Files

_DEEPEST = 12  # modules inside each other
_DEEPEST_TYPE = 6  # of a variable's type
_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_AUTOMATIC = ("terraform.tfvars", "terraform.tfvars.json")
_LABELS = {"resource": 2, "data": 2, "variable": 1, "provider": 1, "module": 1, "output": 1, "dynamic": 1}
# What says that a folder is applied by itself: then the defaults of its variables count.
_OF_A_ROOT = ("provider", "backend", "cloud")


class Module:
    """What the files of a folder declare, nothing evaluated."""

    def __init__(self, folder: str, sources: Sequence[Source]) -> None:
        self.folder = folder
        self._problems: list[Sequence[Problem]] = []
        self.bodies: list[Body] = []
        self.assigned: list[tuple[str, Map]] = []  # variable files, by their path
        overrides: list[Body] = []
        for source in sorted(sources, key=lambda source: source.path):
            self._add(source, overrides)
        blocks = [block for body in self.bodies for block in body.blocks]
        for body in overrides:
            blocks = _overridden(blocks, body)
        self._blocks: dict[str, list[Block]] = {}
        for block in blocks:
            self._blocks.setdefault(block.type, []).append(block)
        self.variables = {_label(block): block for block in self.blocks("variable")}
        self.locals = {key.text or "": value for block in self.blocks("locals") for key, value in block.body.items()}
        self.calls = {_label(block): block for block in self.blocks("module")}
        self.outputs = {_label(block): block for block in self.blocks("output")}
        self.addresses = {f"module.{name}": block for name, block in self.calls.items()}
        self.resources: list[tuple[str, Block]] = []  # with data sources
        for kind, prefix in (("resource", ""), ("data", "data.")):
            for block in self.blocks(kind):
                if len(block.labels) == 2:
                    address = f"{prefix}{block.labels[0].text}.{block.labels[1].text}"
                    self.addresses[address] = block
                    self.resources.append((address, block))
        self._by_type: dict[tuple[str, str], list[tuple[str, Block]]] = {}
        for address, block in self.resources:
            self._by_type.setdefault((block.type, block.labels[0].text or ""), []).append((address, block))
        self.types = {type for kind, type in self._by_type if kind == "resource"}
        self.is_root = self._is_root()

    @property
    def problems(self) -> list[Problem]:
        """What could not be read, of all that was looked at by now."""
        return [problem for problems in self._problems for problem in problems]

    def blocks(self, type: str) -> Sequence[Block]:
        return self._blocks.get(type, ())

    def of_type(self, type: str, *, data: bool = False) -> Sequence[tuple[str, Block]]:
        """The resources, or data sources, of a type with their addresses."""
        return self._by_type.get(("data" if data else "resource", type), ())

    def _is_root(self) -> bool:
        """Whether something says that this folder is applied by itself."""
        return (
            any(path.endswith(_AUTOMATIC) for path, _ in self.assigned)
            or any(block.type in _OF_A_ROOT for block in self.blocks("provider"))
            or any(inner.type in _OF_A_ROOT for block in self.blocks("terraform") for inner in block.body.blocks)
        )

    def _add(self, source: Source, overrides: list[Body]) -> None:
        name = source.path.lower()
        body: Map
        if name.endswith(".json"):
            from ..readers import json

            document = json.read(source)
            self._problems.append(document.problems)
            root = next((root for root in document.roots if isinstance(root, Map)), None)
            if root is None:
                return
            body = root if name.endswith(".tfvars.json") else _json_body(root)
        else:
            from ..readers import hcl

            body, problems = hcl.outline(source)
            self._problems.append(problems)
        if name.endswith((".tfvars", ".tfvars.json")):
            self.assigned.append((source.path, body))
        elif isinstance(body, Body):
            stem = name.rpartition("/")[2].partition(".")[0]
            (overrides if stem == "override" or stem.endswith("_override") else self.bodies).append(body)


class Modules:
    """The modules of a run: each folder is read once, however often it is called."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._known: dict[str, Module | None] = {}
        self._installed: dict[str, dict[str, str]] = {}

    def add(self, folder: str, sources: Sequence[Source]) -> Module:
        folder = normal(folder or ".")
        found = self._known.get(folder)
        if found is None:
            found = self._known[folder] = Module("" if folder == "." else folder, sources)
        return found

    def at(self, folder: str) -> Module | None:
        """The module in a folder of the repository, or None where there is none."""
        folder = normal(folder or ".")
        if folder not in self._known:
            names = [name for name in self.files.listdir(folder) if name.lower().endswith(_SUFFIXES)]
            sources = [self.files.read(os.path.join(folder, name)) for name in names]
            known = [source for source in sources if source is not None]
            self._known[folder] = None
            if known:
                self.add(folder, known)
        return self._known[folder]

    def values_in(self, path: str) -> Map:
        """What a variable file gives; nothing when it cannot be read."""
        source = self.files.read(path)
        if source is None:
            return Map(Source(path, "").span(), ())
        assigned = Module(os.path.dirname(path), [source]).assigned
        return assigned[0][1] if assigned else Map(source.span(), ())

    def called(self, block: Block, module: Module, root: str, path: str) -> Module | None:
        """The module that a call means: a local folder, what `terraform init` has installed, or a known one."""
        source = block.body.get("source")
        text = source.text if source is not None else None
        if text is None:
            return None
        if text.startswith(("./", "../")):
            return self.at(os.path.join(module.folder, text))
        if root not in self._installed:
            self._installed[root] = self._manifest(root)
        folder = self._installed[root].get(path)
        if folder:
            return self.at(os.path.join(root, folder))
        known = registry.module(text)
        return self.add(known[0], [Source(f"{known[0]}/main.tf", known[1])]) if known is not None else None

    def _manifest(self, root: str) -> dict[str, str]:
        """The folders of the installed modules by their path (`a.b`), as `terraform init` writes them down."""
        source = self.files.read(os.path.join(root, ".terraform/modules/modules.json"))
        if source is None:
            return {}
        from ..readers import json

        found: dict[str, str] = {}
        for document in json.read(source).roots:
            for entry in document.get("Modules") or ():
                key, folder = entry.get("Key"), entry.get("Dir")
                if key is not None and folder is not None and key.text and folder.text:
                    found[key.text] = folder.text
        return found


class Instance:
    """One use of a module: as a root, or by one call of it.

    `calls` is the way of calls that leads here, each with its block; empty for a root.
    """

    def __init__(
        self,
        module: Module,
        modules: Modules,
        *,
        root: str,
        address: str,
        variable: Callable[[str, Mode], Node | None],
        given: Container[str] = (),
        budget: Budget,
        calls: tuple[Block, ...] = (),
        path: str = "",
    ) -> None:
        self.module = module
        self.modules = modules
        self.calls = calls
        self.path = path  # `service.container`, as terraform's manifest has it
        self._children: dict[str, Instance | None] = {}
        self.scope = Scope(
            module.folder,
            address,
            modules.files,
            variable=variable,
            given=given,
            locals=module.locals,
            blocks=module.addresses,
            root=root,
            budget=budget,
            output=self._output,
        )

    def walk(self, *types: str) -> Iterator[Instance]:
        """This one and all that it calls, as far as their sources are at hand.

        With the beginnings of types of resources only the calls that lead to one.
        """
        stack = [self]
        while stack:
            instance = stack.pop()
            yield instance
            for name in reversed(instance.module.calls):
                if not types or instance._leads_to(name, types):
                    stack.extend(reversed(list(instance.children(name))))

    def _leads_to(self, name: str, types: tuple[str, ...]) -> bool:
        """Whether a call leads to a resource of one of the types, here or further down."""
        called = self.modules.called(self.module.calls[name], self.module, self.scope.root, self._path_of(name))
        seen: set[str] = set()
        queue = [called] if called is not None else []
        while queue:
            module = queue.pop()
            if module.folder in seen:
                continue
            seen.add(module.folder)
            if any(known.startswith(types) for known in module.types):
                return True
            for block in module.calls.values():
                source = block.body.get("source")
                if source is not None and not (source.text or "./").startswith("."):
                    return True  # it may be installed: look closely
                called = self.modules.called(block, module, self.scope.root, "")
                if called is not None:
                    queue.append(called)
        return False

    def _path_of(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def children(self, name: str) -> Iterator[Instance]:
        """The uses of a module by one call: one for each instance of the call."""
        block = self.module.calls[name]
        found = self.scope.instances(block, f"module.{name}")
        for key, _ in found.members if found.members is not None else ((None, {}),):
            self.scope.budget.members -= 1
            if self.scope.budget.members < 0:
                return
            child = self._child(Handle(block.span, f"module.{name}", block, self.scope, key))
            if child is not None:
                yield child

    def resources(self, type: str, *, data: bool = False) -> Iterator[tuple[Handle, Block, Scope]]:
        """The resources of a type with the scope in which their arguments are evaluated, each instance by itself."""
        for address, block in self.module.of_type(type, data=data):
            found = self.scope.instances(block, address)
            if found.members is None:  # so and so many: they are alike
                yield Handle(block.span, address, block, self.scope), block, self.scope.at(address, {})
            for key, bindings in found.members or ():
                self.scope.budget.members -= 1
                if self.scope.budget.members < 0:
                    return
                handle = Handle(block.span, address, block, self.scope, key)
                yield handle, block, self.scope.at(handle.name, bindings)

    def unsure(self, type: str) -> Iterator[tuple[Block, Scope]]:
        """The resources of a type of which there may be more, or others, than the defaults of variables say."""
        for address, block in self.module.of_type(type):
            if self.scope.instances(block, address).likely:
                yield block, self.scope.at(address, {})

    def _output(self, handle: Handle, name: str, mode: Mode) -> Node | None:
        child = self._child(handle)
        block = child.module.outputs.get(name) if child is not None else None
        value = block.body.get("value") if block is not None else None
        return child.scope.in_mode(mode).evaluate(value) if child is not None and value is not None else None

    def _child(self, handle: Handle) -> Instance | None:
        if handle.name not in self._children:
            self._children[handle.name] = None  # a module that calls itself
            self._children[handle.name] = self._call(handle)
        return self._children[handle.name]

    def _call(self, handle: Handle) -> Instance | None:
        block = handle.block
        path = self._path_of(handle.block_name.partition(".")[2])
        if len(self.calls) >= _DEEPEST:
            return None
        module = self.modules.called(block, self.module, self.scope.root, path)
        if module is None:
            return None
        found = self.scope.instances(block, handle.block_name)
        bindings: Mapping[str, Node] = {}
        for key, bound in found.members or ():
            if (key.text if key else None) == (handle.key.text if handle.key else None):
                bindings = bound
        scope = self.scope.at(handle.name, bindings)

        def variable(name: str, mode: Mode) -> Node | None:
            declared = module.variables.get(name)
            if declared is None:
                return None
            expression = block.body.get(name)
            value = scope.in_mode(mode).evaluate(expression) if expression is not None else None
            return valued(declared, value)

        return Instance(
            module,
            self.modules,
            root=self.scope.root,
            address=f"{self.scope.address}/{handle.name}",
            variable=variable,
            given={key.text for key, _ in block.body.items() if key.text},
            budget=self.scope.budget,
            calls=(*self.calls, block),
            path=path,
        )


def root(module: Module, modules: Modules, variable_files: Sequence[str] = ()) -> Instance:
    """A module used by itself: with the values that its variable files give, then its defaults.

    `variable_files` are more that count, as if by `-var-file`, the last one most. Where only
    files of some environment give a value, it is not known which of them counts, nor that
    the default does.
    """
    values: dict[str, Node] = {}
    unsure: set[str] = set()
    ordered = sorted(module.assigned, key=lambda pair: (not pair[0].endswith(_AUTOMATIC), pair[0]))
    for path, entries in ordered:
        if is_automatic(path):
            values.update((key.text, value) for key, value in entries.items() if key.text)
        else:
            unsure.update(key.text for key, _ in entries.items() if key.text)
    for path in variable_files:
        given = modules.values_in(path)
        values.update((key.text, value) for key, value in given.items() if key.text)

    def variable(name: str, mode: Mode) -> Node | None:
        block = module.variables.get(name)
        if block is None:
            return None
        if name in values:
            return valued(block, values[name])
        default = block.body.get("default")
        if default is None or name in unsure or default.text == "":
            return None  # to be filled by somebody
        likely = not module.is_root or (isinstance(default, Scalar) and default.value is None)
        return None if likely and mode is Mode.SURE else valued(block, None)

    return Instance(
        module, modules, root=module.folder, address=module.folder or ".", variable=variable, budget=Budget()
    )


def is_automatic(path: str) -> bool:
    """Whether Terraform reads a variable file by itself."""
    name = path.rpartition("/")[2]
    return name in _AUTOMATIC or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def valued(variable: Block, value: Node | None) -> Node:
    """What a variable is, when it is given that value or none."""
    default = variable.body.get("default")
    nullable = variable.body.get("nullable")
    is_null = isinstance(value, Scalar) and value.value is None
    if value is None or (is_null and nullable is not None and nullable.text == "false"):
        value = default
    if value is None:
        return Unknown(variable.span, "nobody gives it a value")
    kind = variable.body.get("type")
    return _converted(value, kind, 0) if isinstance(kind, Call) else value


def _converted(value: Node, kind: Node, depth: int) -> Node:
    """A value with the optional attributes of its type that it leaves out."""
    if not isinstance(kind, Call) or not kind.args or depth > _DEEPEST_TYPE:
        return value
    inner = kind.args[0]
    if kind.name in ("list", "set") and isinstance(value, Seq) and isinstance(inner, Call):
        new: Node = Seq(value.span, tuple(_converted(element, inner, depth + 1) for element in value))
    elif kind.name == "map" and isinstance(value, Map) and isinstance(inner, Call):
        new = Map(value.span, tuple((key, _converted(element, inner, depth + 1)) for key, element in value.items()))
    elif kind.name == "optional":
        return _converted(value, inner, depth + 1)
    elif kind.name == "object" and isinstance(value, Map) and isinstance(inner, Map):
        types = {key.text: of for key, of in inner.items()}
        entries = [
            (key, _converted(element, types[key.text], depth + 1) if key.text in types else element)
            for key, element in value.items()
        ]
        there = {key.text for key, _ in entries}
        for key, of in inner.items():
            if key.text not in there and isinstance(of, Call) and of.name == "optional":
                given = of.args[1] if len(of.args) > 1 else Scalar(of.span, None)
                entries.append((key, _converted(given, of.args[0], depth + 1)))
        new = Map(value.span, tuple(entries))
    else:
        return value
    new.via = value.via
    return new


# ── files ──


def _label(block: Block) -> str:
    return (block.labels[0].text or "") if block.labels else ""


def _overridden(blocks: list[Block], override: Body) -> list[Block]:
    """The blocks with what an override file says: attribute by attribute, nested blocks by their type."""
    result = list(blocks)
    for block in override.blocks:
        key = (block.type, tuple(label.text for label in block.labels))
        for at, other in enumerate(result):
            if (other.type, tuple(label.text for label in other.labels)) == key:
                names = {name.text for name, _ in block.body.items()}
                types = {inner.type for inner in block.body.blocks}
                body = Body(
                    other.body.span,
                    (*(pair for pair in other.body.entries if pair[0].text not in names), *block.body.entries),
                    (*(inner for inner in other.body.blocks if inner.type not in types), *block.body.blocks),
                )
                result[at] = Block(other.span, other.type, other.labels, body)
                break
    return result


def _json_body(root: Map) -> Body:
    """A file in JSON syntax as blocks: https://developer.hashicorp.com/terraform/language/syntax/json."""
    blocks: list[Block] = []
    for key, value in root.items():
        type = key.text or ""
        for found, body in _labelled(value, _LABELS.get(type, 0)):
            expressed = _expressions(body)
            entries = expressed.entries if isinstance(expressed, Map) else ()
            blocks.append(Block(body.span, type, found, Body(body.span, entries, _nested(entries))))
    return Body(root.span, (), tuple(blocks))


def _nested(entries: Iterable[tuple[Scalar, Node]]) -> tuple[Block, ...]:
    """In JSON a nested block is a map like any other: it is both, for who looks for the one or the other."""
    found: list[Block] = []
    for key, value in entries:
        for element in value if isinstance(value, Seq) else (value,):
            if isinstance(element, Map):
                body = Body(element.span, element.entries, _nested(element.entries))
                found.append(Block(element.span, key.text or "", (), body))
    return tuple(found)


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
    if isinstance(node, Scalar) and isinstance(node.value, str) and ("${" in node.value or "%{" in node.value):
        from ..readers import hcl

        return hcl.template(align(node.span, node.value))
    return node


def references(node: Node) -> Iterator[Ref]:
    """All names in an expression."""
    return (part for part in parts_of(node) if isinstance(part, Ref))


def parts_of(node: Node) -> Iterator[Node]:
    """A node and all that is in it, each once."""
    stack = [node]
    seen: set[int] = set()
    while stack:
        at = stack.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        yield at
        if isinstance(at, Map):
            stack.extend(value for _, value in at.items())
            if isinstance(at, Body):
                stack.extend(block.body for block in at.blocks)
        elif isinstance(at, Seq):
            stack.extend(at)
        else:
            stack.extend(children(at))
