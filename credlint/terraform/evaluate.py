"""Terraform's expressions, as far as they are known without state, provider or network.

Evaluating gives a node again: known parts in their place, with the way that led there in
`via`; what cannot be known stays the expression that it is, every name in it bound to the
scope in which it was written. So two unknown values can still be seen to be the same.

The language: https://developer.hashicorp.com/terraform/language/expressions.
"""

from __future__ import annotations

from ..members import IntEnum
from ..node import (
    Call,
    Computed,
    ComputedKey,
    Conditional,
    For,
    Index,
    Map,
    Node,
    Operation,
    Ref,
    Scalar,
    Seq,
    Splat,
    Template,
    Unknown,
)
from ..text import Source, Span, align
from ..values import canonical
from .registry import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from ..files import Files
    from ..node import Block

_MAX_DEPTH = 60
_MAX_STEPS = 50_000  # of one root module with all that it calls; what is larger is generated
_MAX_MEMBERS = 5_000
_MAX_TEXT = 1_000_000
_MAX_ELEMENTS = 1_000  # of one `for`, `count` or `for_each`
_MAX_ALTERNATIVES = 3  # conditionals that an expression is taken apart by
_MAX_VIA = 10
_HOLE = "${?}"  # an unknown part in a text

TOO_LARGE = "it takes too long to evaluate"
CIRCLE = "it refers to itself"
NO_ELEMENT = "there is no such element"
MORE = "there may be more elements"


class Missing(Unknown):
    """What is surely not there: an element of something that is wholly known."""

    __slots__ = ()


class Handle(Ref):
    """A resource, a data source or a call of a module; `key` is the instance, where one is meant.

    What it has as attributes, the scope in which it was declared knows.
    """

    __slots__ = ("block", "block_name", "key", "owner")

    def __init__(self, span: Span, block_name: str, block: Block, owner: Scope, key: Scalar | None = None) -> None:
        super().__init__(span, f"{block_name}[{key.text}]" if key else block_name, scope=owner.address)
        self.block = block
        self.block_name = block_name
        self.owner = owner
        self.key = key


class Instances:
    """How often a block with `count` or `for_each` is there.

    `members` are the keys and what `each` and `count` are for them; None when not even that is
    known. With a `test` they are there only if it holds; they are only `likely` where the number
    rests on a default that whoever calls the module may replace.
    """

    __slots__ = ("by_key", "likely", "members", "test")

    def __init__(
        self,
        members: Sequence[tuple[Scalar | None, Mapping[str, Node]]] | None,
        test: Node | None = None,
        by_key: bool = False,
    ) -> None:
        self.members = members
        self.test = test
        self.by_key = by_key
        self.likely = False


class Mode(IntEnum):
    """What the default of a variable counts that nobody has given a value, and that somebody may give one."""

    SURE = 0  # nothing
    USUAL = 1  # it is the value, but it decides no condition
    LIKELY = 2  # it is the value


class Budget:
    """What evaluating may cost, shared by a root module and all that it calls.

    `members` are the instances of resources and modules that are looked at.
    """

    __slots__ = ("depth", "members", "steps")

    def __init__(self) -> None:
        self.steps = _MAX_STEPS
        self.members = _MAX_MEMBERS
        self.depth = 0


class Scope:
    """The names of one use of a module: what `var` and `local` stand for there, and what it declares.

    `variable` gives what a variable stands for, evaluated; None where nothing is known of it. It
    is asked with how much a default counts. `output` gives a module call's output, None where its source
    is not at hand. `given` are the variables that a call of the module gives.
    """

    def __init__(
        self,
        folder: str,
        address: str,
        files: Files,
        *,
        variable: Callable[[str, Mode], Node | None],
        given: Container[str] = (),
        locals: Mapping[str, Node],
        blocks: Mapping[str, Block],
        root: str,
        budget: Budget,
        output: Callable[[Handle, str, Mode], Node | None],
    ) -> None:
        self.folder = folder
        self.address = address
        self.files = files
        self.variable = variable
        self.given = given
        self.locals = locals
        self.blocks = blocks  # `aws_iam_role.app`, `data.aws_iam_role.app`, `module.app`
        self.root = root
        self.budget = budget
        self.output = output
        self.bindings: Mapping[str, Node] = {}  # each, count, the names of a `for` and of a template file
        self.bare = False  # inside a template file, where only the bindings are names
        self.mode = Mode.USUAL
        self.place = ""  # the block that is evaluated: its `each` is not another block's
        self.read_files: dict[str, Span] = {}  # the files that were read, and where one is named first
        self._memory: dict[tuple[str, str, Mode], Node | None] = {}
        self._busy: set[tuple[str, str]] = set()
        self._instances: dict[int, Instances] = {}

    # ── contexts ──

    def within(self, bindings: Mapping[str, Node], *, bare: bool = False) -> Scope:
        """The same scope with further names."""
        inner = self._copy()
        inner.bindings = bindings if bare else {**self.bindings, **bindings}
        inner.bare = bare or self.bare
        return inner

    def at(self, place: str, bindings: Mapping[str, Node]) -> Scope:
        """The scope as one instance of a block sees it."""
        inner = self._copy()
        inner.bindings = bindings
        inner.bare = False
        inner.place = place
        return inner

    def _copy(self) -> Scope:
        copy = object.__new__(Scope)
        copy.__dict__.update(self.__dict__)
        return copy

    def sure(self) -> Scope:
        """The scope in which only what was given counts, no default that may be replaced."""
        return self.in_mode(Mode.SURE)

    def likely(self) -> Scope:
        """The scope in which defaults decide conditions as well."""
        return self.in_mode(Mode.LIKELY)

    def in_mode(self, mode: Mode) -> Scope:
        if self.mode is mode:
            return self
        inner = self._copy()
        inner.mode = mode
        return inner

    # ── expressions ──

    def evaluate(self, node: Node) -> Node:
        """The node with everything in it that is known. Never raises; circles and excess are unknown."""
        step = _STEPS.get(type(node))
        if step is None:
            return node
        budget = self.budget
        budget.steps -= 1
        if budget.depth > _MAX_DEPTH or budget.steps < 0:
            return Unknown(node.span, TOO_LARGE)
        budget.depth += 1
        try:
            return step(self, node)
        finally:
            budget.depth -= 1

    def _either(self, node: Conditional, span: Span, act: Callable[[Node], Node], *, there: bool = False) -> Node:
        """What becomes of a value that is one of two. With `there`, a side where it is missing cannot be the one."""
        budget = self.budget
        budget.steps -= 1
        if budget.depth > _MAX_DEPTH or budget.steps < 0:
            return Unknown(span, TOO_LARGE)
        budget.depth += 1
        try:
            yes, no = act(node.yes), act(node.no)
        finally:
            budget.depth -= 1
        if there and (isinstance(yes, Missing) or isinstance(no, Missing)):
            return no if isinstance(yes, Missing) else yes
        return Conditional(span, node.test, yes, no)

    def _ref(self, node: Ref) -> Node:
        if node.scope:
            return node
        head, *path = node.name.split(".")
        given = head == "var" and bool(path) and path[0] in self.given
        if head in self.bindings:
            target: Node = self.bindings[head]
        elif self.bare:
            return Ref(node.span, node.name, scope=f"{self.address} {self.place} template")
        elif head in ("var", "local") and path:
            known = self._named(head, path.pop(0))
            if known is None:
                return Ref(node.span, node.name, scope=self.address)
            target = known
        elif head == "path" and path:
            folder = self.folder if path.pop(0) == "module" else self.root
            target = Computed(node.span, folder or ".")
        elif head in ("each", "count", "self"):
            return Ref(node.span, node.name, scope=f"{self.address} {self.place}")
        else:
            found = self._declared(node, head, path)
            if found is None:
                return Ref(node.span, node.name, scope=self.address)
            target, path = found
        for key in path:
            target = self.attribute(target, key, node.span)
        return passed(target, node.span) if given else reached(target, node.span)

    def _named(self, kind: str, name: str) -> Node | None:
        """What a variable or a local stands for; None where nothing is known of it."""
        place = (kind, name, self.mode)
        if place in self._memory:
            return self._memory[place]
        if (kind, name) in self._busy:
            return None
        self._busy.add((kind, name))
        try:
            if kind == "var":
                found = self.variable(name, self.mode)
            else:
                value = self.locals.get(name)
                # names are evaluated where they are declared, not where they are used
                found = self.at("", {}).evaluate(value) if value is not None else None
        finally:
            self._busy.discard((kind, name))
        if self.budget.steps >= 0:
            self._memory[place] = found
        return found

    def _declared(self, node: Ref, head: str, path: list[str]) -> tuple[Node, list[str]] | None:
        """What a name refers to that is no value but a block, and the attributes that follow."""
        length = {"module": 1, "data": 2}.get(head, 1)
        name = ".".join([head, *path[:length]])
        block = self.blocks.get(name)
        return (Handle(node.span, name, block, self), path[length:]) if block is not None else None

    def attribute(self, base: Node, key: str, span: Span) -> Node:
        """`base.key`"""
        if isinstance(base, Handle):
            return self._of_handle(base, key, span)
        if isinstance(base, Map):
            found = base.get(key)
            if found is not None:
                return found
            return Unknown(span, MORE) if has_holes(base) else Missing(span, NO_ELEMENT)
        if isinstance(base, Ref):
            return Ref(span, f"{base.name}.{key}", scope=base.scope)
        if isinstance(base, Conditional):
            return self._either(base, span, lambda side: self.attribute(side, key, span), there=True)
        if isinstance(base, Seq) and key.isdigit():
            return self._element(base, int(key), span)
        if isinstance(base, Unknown):
            return Unknown(span, base.reason)
        return Index(span, base, Scalar(span, key))

    def _of_handle(self, handle: Handle, key: str, span: Span) -> Node:
        """An attribute of a resource, an output of a module."""
        owner = handle.owner
        address = handle.name
        unknown = Ref(span, f"{address}.{key}", scope=owner.address)
        place = (address, key, self.mode)
        if place in owner._memory:
            return owner._memory[place] or unknown
        if (address, key) in owner._busy:
            return Unknown(span, CIRCLE)
        owner._busy.add((address, key))
        try:
            if handle.block.type == "module":
                found = owner.output(handle, key, self.mode)
            else:
                found = owner.in_mode(self.mode)._argument(handle, key)
        finally:
            owner._busy.discard((address, key))
        owner._memory[place] = found
        return found or unknown

    def subject(self, node: Node) -> Handle | None:
        """The resource of which an expression gives the ARN, the name or the id."""
        base: Node | None = None
        if isinstance(node, Ref) and not node.scope:
            name, _, attribute = node.name.rpartition(".")
            base = Ref(node.span, name) if attribute in ("arn", "name", "id") else None
        elif isinstance(node, Index) and isinstance(node.key, Scalar) and node.key.text in ("arn", "name", "id"):
            base = node.base
        found = self.evaluate(base) if base is not None else None
        return found if isinstance(found, Handle) and found.block.type != "module" else None

    def _argument(self, handle: Handle, key: str) -> Node | None:
        """What is written as an argument of a resource is its attribute; a few others follow from it."""
        owner, body = self, handle.block.body
        bindings: Mapping[str, Node] = {}
        for member, bound in owner.instances(handle.block, handle.block_name).members or ():
            if (member.text if member else None) == (handle.key.text if handle.key else None):
                bindings = bound
        scope = owner.at(handle.name, bindings)
        given = body.get(key)
        if given is not None:
            value = scope.evaluate(given)
            # null leaves it to the provider
            return None if isinstance(value, Scalar) and value.value is None else value
        kind = handle.block.labels[0].text if handle.block.labels else ""
        if kind == "aws_ecr_repository" and key == "repository_url":
            name = body.get("name")
            shown = scope.evaluate(name) if name is not None else Unknown(body.span, "it has no name")
            host = Ref(handle.span, f"{handle.name}.registry_id", scope=owner.address)
            middle = Computed(handle.span, ".dkr.ecr.")
            region = Ref(handle.span, f"{handle.name}.region", scope=owner.address)
            return template(handle.span, (host, middle, region, Computed(handle.span, ".amazonaws.com/"), shown))
        if kind == "aws_iam_policy_document" and key == "json":
            from .documents import policy_document

            return policy_document(body, scope, handle.block.span)
        if kind == "aws_iam_policy" and key == "arn" and handle.block.type == "data":
            from .. import managed

            name = body.get("name")
            known = scope.evaluate(name).text if name is not None else None
            return Computed(body.span, f"arn:aws:iam::aws:policy/{known}") if known in managed.names() else None
        if kind == "template_file" and key == "rendered":
            text, names = body.get("template"), body.get("vars")
            source = text_source(scope.evaluate(text)) if text is not None else None
            if source is not None:
                given_names = scope.evaluate(names) if names is not None else None
                return scope.render(source, given_names, handle.span)
        return None

    def instances(self, block: Block, name: str) -> Instances:
        """How often a block of this scope is there."""
        found = self._instances.get(id(block))
        if found is None:
            self._instances[id(block)] = Instances(None)  # while it is computed
            found = self._count(block, name)
            given = block.body.get("count") or block.body.get("for_each")
            found.likely = given is not None and not is_value(self.at(name, {}).sure().evaluate(given))
            self._instances[id(block)] = found
        return found

    def _count(self, block: Block, name: str) -> Instances:
        scope = self.at(name, {})
        count, each = block.body.get("count"), block.body.get("for_each")
        if count is not None:
            value, test = _certain_side(scope.evaluate(count))
            text = (value.text if isinstance(value, Scalar) else None) or ""
            number = int(text) if text.isdigit() and len(text) < 6 else None
            if number is None or number > _MAX_ELEMENTS:
                return Instances(None)
            keys = [Computed(count.span, at) for at in range(number)]
            return Instances([(key, {"count": Map(count.span, ((_name(key, "index"), key),))}) for key in keys], test)
        if each is None:
            return Instances([(None, {})])
        value, test = _certain_side(scope.evaluate(each))
        if isinstance(value, Handle):
            value = scope.collection(value) or value
        pairs: list[tuple[Node, Node]] | None = None
        if isinstance(value, Map) and not has_holes(value):
            pairs = list(value.items())
        elif isinstance(value, Seq):
            pairs = [(element, element) for element in value]
        if pairs is None or len(pairs) > _MAX_ELEMENTS or any(key.text is None for key, _ in pairs):
            return Instances(None, by_key=True)
        members: list[tuple[Scalar | None, Mapping[str, Node]]] = []
        for key, value in pairs:
            scalar = key if isinstance(key, Scalar) else Computed(key.span, key.text)
            each_is = Map(each.span, ((_name(key, "key"), scalar), (_name(key, "value"), value)))
            members.append((scalar, {"each": each_is}))
        return Instances(members, test, by_key=True)

    def collection(self, handle: Handle) -> Node | None:
        """A block with `count` or `for_each` as the list or the map that it is; None for what is single or unknown."""
        if handle.key is not None or not (handle.block.body.get("count") or handle.block.body.get("for_each")):
            return None
        found = handle.owner.instances(handle.block, handle.block_name)
        if found.members is None:
            return None
        parts = [(key, member(handle, key, handle.span)) for key, _ in found.members if key is not None]
        whole: Node
        empty: Node
        if found.by_key:
            whole, empty = Map(handle.span, tuple(parts)), Map(handle.span, ())
        else:
            whole, empty = Seq(handle.span, tuple(part for _, part in parts)), Seq(handle.span, ())
        return Conditional(handle.span, found.test, whole, empty) if found.test is not None else whole

    def _template(self, node: Template) -> Node:
        return template(node.span, tuple(self.evaluate(part) for part in node.parts))

    def _conditional(self, node: Conditional) -> Node:
        likely = self.mode is Mode.LIKELY
        test = (self if likely else self.sure()).evaluate(node.test)
        truth = truth_of(test)
        if truth is not None:
            return self.evaluate(node.yes if truth else node.no)
        # Who decides the condition also gives the values: defaults do not count in it.
        side = self if likely else self.sure()
        return Conditional(node.span, test, side.evaluate(node.yes), side.evaluate(node.no))

    def _index(self, node: Index) -> Node:
        base, key = self.evaluate(node.base), self.evaluate(node.key)
        return reached(self.index(base, key, node.span), node.span)

    def index(self, base: Node, key: Node, span: Span) -> Node:
        """`base[key]`"""
        if isinstance(base, Conditional):
            return self._either(base, span, lambda side: self.index(side, key, span), there=True)
        if isinstance(key, Scalar) and key.text is not None:
            if isinstance(base, Handle) and base.key is None and _is_many(base.block):
                return member(base, key, span)
            if isinstance(base, Seq) and key.text.isdigit():
                return self._element(base, int(key.text), span)
            if isinstance(base, (Map, Unknown, Handle)):
                return self.attribute(base, key.text, span)
            if isinstance(base, Ref):
                spelt = f".{key.text}" if key.text.isidentifier() else f"[{key.text}]"
                return Ref(span, base.name + spelt, scope=base.scope)
        return Index(span, base, key)

    def _element(self, base: Seq, at: int, span: Span) -> Node:
        if any(is_rest(element) for element in base.nodes[: at + 1]):
            return Unknown(span, MORE)
        return base.nodes[at] if at < len(base.nodes) else Missing(span, NO_ELEMENT)

    def _splat(self, node: Splat) -> Node:
        base = self.evaluate(node.base)
        return self._spread(node, base)

    def _spread(self, node: Splat, base: Node) -> Node:
        if isinstance(base, Handle):
            if base.key is None and _is_many(base.block):
                whole = self.collection(base)
                if whole is None:
                    return Splat(node.span, base, node.path)
                base = whole
            else:
                base = Seq(node.span, (base,))
        if isinstance(base, Conditional):
            return self._either(base, node.span, lambda side: self._spread(node, side))
        if isinstance(base, Scalar) and base.value is None:
            return Seq(node.span, ())
        if isinstance(base, (Ref, Call, Index, Splat, Template, Unknown, Operation, For)):
            return Splat(node.span, base, node.path)
        elements = base.nodes if isinstance(base, Seq) else (base,)
        return Seq(node.span, tuple(self._follow(element, node.path, node.span) for element in elements))

    def _follow(self, value: Node, path: Sequence[Node], span: Span) -> Node:
        for step in path:
            if isinstance(step, Splat):
                value = self._spread(step, value)
            else:
                value = self.index(value, self.evaluate(step), span)
        return value

    def _seq(self, node: Seq) -> Node:
        return Seq(node.span, tuple(self.evaluate(element) for element in node))

    def _map(self, node: Map) -> Node:
        entries: list[tuple[Scalar, Node]] = []
        for key, value in node.items():
            if isinstance(key, ComputedKey):
                known = self.evaluate(key.expression)
                key = Computed(key.span, known.text) if known.text is not None else ComputedKey(key.span, known)
            entries.append((key, self.evaluate(value)))
        return Map(node.span, tuple(entries))

    def _for(self, node: For) -> Node:
        source = self.evaluate(node.source)
        return self._loop(node, source)

    def _loop(self, node: For, source: Node) -> Node:
        if isinstance(source, Handle):
            source = self.collection(source) or source
        if isinstance(source, Conditional):
            return self._either(source, node.span, lambda side: self._loop(node, side))
        pairs: list[tuple[Node, Node]]
        if isinstance(source, Map):
            pairs = list(source.items())
        elif isinstance(source, Seq):
            pairs = [(Computed(element.span, at), element) for at, element in enumerate(source)]
        else:
            return Unknown(node.span, "what it goes through is not known")
        if len(pairs) > _MAX_ELEMENTS:
            return Unknown(node.span, TOO_LARGE)
        results: list[tuple[Node | None, Node]] = []
        for key, value in pairs:
            if self.budget.steps < 0:
                return Unknown(node.span, TOO_LARGE)
            if is_rest(value):
                results.append((None, value))
                continue
            *first, last = node.names or ("",)
            inner = self.within({last: value, **({first[0]: key} if first else {})})
            if node.test is not None:
                kept = truth_of(inner.sure().evaluate(node.test))
                if kept is False:
                    continue
                if kept is None:
                    results.append((None, Unknown(value.span, MORE)))
                    continue
            new_key = inner.evaluate(node.key) if node.key is not None else None
            results.append((new_key, inner.evaluate(node.value)))
        if node.as_text:
            return template(node.span, tuple(value for _, value in results))
        if node.key is None:
            return Seq(node.span, tuple(value for _, value in results))
        return _object(node, results)

    def _operation(self, node: Operation) -> Node:
        from . import functions

        operands = tuple(self.evaluate(part) for part in node.operands)
        return functions.operate(node.operator, operands, node.span) or Operation(node.span, node.operator, operands)

    # ── functions ──

    def _call(self, node: Call) -> Node:
        from . import functions

        if node.name in ("try", "can") and node.args:
            return self._try(node)
        args = tuple(self.evaluate(argument) for argument in node.args)
        if node.spread and args:
            if not isinstance(args[-1], Seq) or any(is_rest(element) for element in args[-1]):
                return Call(node.span, node.name, args, spread=True)
            args = (*args[:-1], *args[-1].nodes)
        return self.call(functions.FUNCTIONS.get(node.name), node, args)

    def call(
        self, function: Callable[..., Node | None] | None, node: Call, args: tuple[Node, ...], lifted: int = 0
    ) -> Node:
        """A function's value; for an argument that is one of two things, one of two values."""
        unknown = Call(node.span, node.name, args)
        if function is None:
            return unknown
        args = tuple((self.collection(arg) or arg) if isinstance(arg, Handle) else arg for arg in args)
        for at, arg in enumerate(args):
            if isinstance(arg, Conditional) and lifted < _MAX_ALTERNATIVES:
                before, after = args[:at], args[at + 1 :]
                return self._either(
                    arg,
                    node.span,
                    lambda side: self.call(function, node, (*before, side, *after), lifted + 1),  # noqa: B023
                    there=True,
                )
        try:
            found = function(self, node.span, args)
        except (
            ValueError,
            TypeError,
            LookupError,
            ArithmeticError,
            RecursionError,
        ):  # not what Terraform accepts either
            return Unknown(node.span, f"{node.name}() does not accept that")
        return found if found is not None else unknown

    def _try(self, node: Call) -> Node:
        """`try` gives the first argument that is no error, `can` says whether there is none."""
        rest: list[Node] = []
        for argument in node.args:
            value = self.evaluate(argument)
            if isinstance(value, Missing):
                continue
            if not rest and (node.name == "can" or is_value(value)):
                return (
                    Computed(node.span, True) if node.name == "can" and is_value(value) else reached(value, node.span)
                )
            rest.append(value)
        if node.name == "can" and not rest:
            return Computed(node.span, False)
        if not rest:
            return Missing(node.span, NO_ELEMENT)
        return rest[0] if len(rest) == 1 else Call(node.span, node.name, tuple(rest))

    def path_of(self, node: Node) -> str | None:
        """The path that an expression names, as files are named here: from the working directory."""
        text = node.text
        if text is None or "\0" in text or len(text) > 4096:
            return None
        absolute = text.startswith("/") or any(
            folder and f"{text}/".startswith(f"{folder}/") for folder in (self.folder, self.root)
        )
        return text if absolute or not self.root else f"{self.root}/{text}"

    def read(self, node: Node, use: Span) -> Source | None:
        """The file that a function's argument names, when it is one of the repository's."""
        path = self.path_of(node)
        source = self.files.read(path) if path is not None else None
        if source is not None:
            self.read_files.setdefault(source.path, use)
        return source

    def render(self, source: Source, given: Node | None, use: Span) -> Node:
        """A text as a template, with these names."""
        from ..readers import hcl

        if ("template", source.path) in self._busy:
            return Unknown(use, "a template that reads itself")
        names = {key.text: value for key, value in given.items() if key.text} if given is not None else {}
        self._busy.add(("template", source.path))
        try:
            inner = self.within(names, bare=True)
            return reached(inner.evaluate(hcl.template(source)), use)
        finally:
            self._busy.discard(("template", source.path))


def _is_many(block: Block) -> bool:
    return block.body.get("count") is not None or block.body.get("for_each") is not None


def member(handle: Handle, key: Scalar, span: Span) -> Handle:
    """One instance of a block."""
    return Handle(span, handle.block_name, handle.block, handle.owner, key)


def _certain_side(node: Node) -> tuple[Node, Node | None]:
    """A `count` or `for_each` that is something or nothing by a condition: the something, and the condition."""
    if isinstance(node, Conditional):
        for side, other in ((node.yes, node.no), (node.no, node.yes)):
            nothing = (isinstance(other, (Map, Seq)) and not any(True for _ in other.items()) and not any(other)) or (
                isinstance(other, Scalar) and other.text in ("0", None)
            )
            if nothing:
                return side, node.test
    return node, None


def _name(near: Node, text: str) -> Scalar:
    return Computed(near.span, text)


def _object(node: For, results: list[tuple[Node | None, Node]]) -> Node:
    """What a `for` in braces makes."""
    grouped: dict[str, list[Node]] = {}
    entries: list[tuple[Scalar, Node]] = []
    for key, value in results:
        if key is None or key.text is None:
            entries.append(
                (ComputedKey(value.span, key or value), value if key is not None else Unknown(value.span, MORE))
            )
        elif node.grouped:
            group = grouped.setdefault(key.text, [])
            if not group:
                entries.append((Computed(key.span, key.text), Seq(node.span, ())))
            group.append(value)
        else:
            entries.append((key if isinstance(key, Scalar) else Computed(key.span, key.text), value))
    if node.grouped:
        entries = [
            (key, Seq(node.span, tuple(grouped[key.text])) if key.text is not None else value) for key, value in entries
        ]
    return Map(node.span, tuple(entries))


# ── what is known of a value ──


def is_rest(node: Node) -> bool:
    """Whether an element of a list stands for any number of further ones."""
    return isinstance(node, Unknown) and node.reason == MORE


def has_holes(node: Map) -> bool:
    """Whether a map may have further entries."""
    return any(key.text is None for key, _ in node.items())


def is_value(node: Node) -> bool:
    """Whether it is certain that this is a value, and no error, whatever it is."""
    return (
        never_null(node)
        or isinstance(node, (Scalar, Seq, Map, Template, Handle))
        or (isinstance(node, Call) and node.name.endswith("encode"))
    )


def truth_of(node: Node) -> bool | None:
    if isinstance(node, Scalar):
        if isinstance(node.value, bool):
            return node.value
        return {"true": True, "false": False}.get(node.text or "")
    return None


def never_null(node: Node) -> bool:
    """Whether a value that is not known is at least something: not null and not empty."""
    if isinstance(node, Template):
        return any(part.text for part in node.parts)
    if isinstance(node, Handle):
        return True
    if isinstance(node, Ref):
        return node.name.endswith((".arn", ".id", ".name")) and node.name.partition(".")[0] not in _NAMES
    return isinstance(node, (Seq, Map)) or (isinstance(node, Scalar) and node.value not in (None, ""))


_NAMES = ("var", "local", "each", "count", "module", "self", "data")


def reached(node: Node, use: Span) -> Node:
    """The node with one more hop: it was reached from `use`. A copy, for others reach it too."""
    if use is node.span or use.path.startswith(FOLDER):
        return node
    if node.via and _folder(node.via[0]) != _folder(use):  # given by a call: that place stays the first
        return _with_way(node, (*node.via, use))
    return _with_way(node, (use, *node.via))


def _folder(span: Span) -> str:
    return span.path.rpartition("/")[0]


def passed(node: Node, use: Span) -> Node:
    """The node as a module sees it that is given it: the place where it is given stays the first of the way."""
    return node if use.path.startswith(FOLDER) else _with_way(node, (*(node.via or (node.span,)), use))


def _with_way(node: Node, via: tuple[Span, ...]) -> Node:
    copy = _COPIES.get(type(node))
    if copy is None:
        return node
    new = copy(node)
    new.tag = node.tag
    new.via = via[:_MAX_VIA]
    return new


_COPIES: dict[type[Node], Callable[..., Node]] = {
    Scalar: lambda node: Scalar(node.span, node.value),
    Computed: lambda node: Computed(node.span, node.value),
    Seq: lambda node: Seq(node.span, node.nodes),
    Map: lambda node: Map(node.span, node.entries),
    Template: lambda node: Template(node.span, node.parts),
    Unknown: lambda node: Unknown(node.span, node.reason),
    Missing: lambda node: Missing(node.span, node.reason),
    Ref: lambda node: Ref(node.span, node.name, node.default, node.scope),
    Handle: lambda node: Handle(node.span, node.block_name, node.block, node.owner, node.key),
    Index: lambda node: Index(node.span, node.base, node.key),
    Call: lambda node: Call(node.span, node.name, node.args, node.spread),
    Conditional: lambda node: Conditional(node.span, node.test, node.yes, node.no),
    Operation: lambda node: Operation(node.span, node.operator, node.operands),
    Splat: lambda node: Splat(node.span, node.base, node.path),
}


# ── texts ──


def template(span: Span, parts: tuple[Node, ...]) -> Node:
    """The parts one after the other: a string when all of them are known."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Template) else (part,))
    texts = [part.text for part in flat]
    known = [text for text in texts if text is not None]
    if len(flat) > _MAX_ELEMENTS or sum(map(len, known)) > _MAX_TEXT:
        return Unknown(span, TOO_LARGE)
    if len(known) < len(texts):
        whole: Node = Template(span, tuple(part for part in flat if part.text != ""))
    else:
        whole = Scalar(join(span, flat).span(), "".join(known))
    whole.via = tuple(dict.fromkeys(place for part in flat for place in part.via))[:_MAX_VIA]
    return whole


def join(span: Span, parts: Sequence[Node]) -> Source:
    """The text of a template as a source: each known part at its place, unknown ones as `${?}`."""
    return _joined(span, parts)[0]


def _joined(span: Span, parts: Sequence[Node]) -> tuple[Source, dict[int, Node]]:
    """The same, with the unknown parts by their offsets."""
    texts: list[str] = []
    pieces: list[tuple[int, Span]] = []
    holes: dict[int, Node] = {}
    length = 0
    for part in parts:
        for text, place, hole in _pieces(part):
            if not text:
                continue
            if length > _MAX_TEXT:
                return Source(span.path, "".join(texts), pieces), holes
            if hole is not None:
                holes[length] = hole
            texts.append(text)
            if place.text == text or len(text) > 1_000:
                pieces.append((length, place))
            else:
                pieces.extend((length + start, piece) for start, piece in align(place, text).pieces)
            length += len(text)
    return Source(span.path, "".join(texts), pieces or ((0, span),)), holes


def _pieces(node: Node, depth: int = 0) -> Iterator[tuple[str, Span, Node | None]]:
    """The text of a node, each piece with its place; with the node itself where it is not known."""
    text = node.text
    if isinstance(node, Scalar) and text is not None:
        yield text, node.span, None
    elif isinstance(node, Template):
        for part in node.parts:
            yield from _pieces(part, depth + 1)
    elif isinstance(node, Call) and node.name in ("jsonencode", "yamlencode") and node.args:
        yield from _json(node.args[0], depth)
    else:
        yield _HOLE, node.span, node


def _json(node: Node, depth: int) -> Iterator[tuple[str, Span, Node | None]]:
    """A value as the JSON that `jsonencode` makes of it."""
    near = node.span.sub(0, 0)
    if isinstance(node, (Map, Seq)) and depth < _MAX_DEPTH:
        yield "{" if isinstance(node, Map) else "[", near, None
        first = True
        entries = node.items() if isinstance(node, Map) else ((None, element) for element in node)
        for key, value in entries:
            if not first:
                yield ",", near, None
            first = False
            if key is not None:
                yield from _json(key, depth + 1)
                yield ":", near, None
            yield from _json(value, depth + 1)
        yield "}" if isinstance(node, Map) else "]", near, None
    elif isinstance(node, Scalar) and isinstance(node.value, str):
        from json import dumps

        yield '"', near, None
        inner = dumps(node.value)[1:-1]
        yield inner, node.span, None
        yield '"', near, None
    elif isinstance(node, Scalar) and not (isinstance(node, ComputedKey)):
        yield (node.text if node.value is not None else None) or "null", near, None
    elif isinstance(node, Template):
        yield '"', near, None
        for text, place, hole in _pieces(node, depth + 1):
            yield text.replace('"', '\\"'), place, hole
        yield '"', near, None
    else:
        yield _HOLE, near, node


def decoded(node: Node, *, strict: bool = False) -> Node | None:
    """What a text of JSON says, with what is not known in its place; None where it is no such text.

    With `strict` also where a part of it cannot be read.
    """
    if isinstance(node, Call) and node.name in ("jsonencode", "yamlencode") and node.args:
        return node.args[0]
    source, holes = (text_source(node), {}) if isinstance(node, Scalar) else _joined(node.span, (node,))
    if source is None or (source.text.lstrip()[:1] not in ("[", "{", '"') and not strict):
        return None
    from ..readers import json

    document = json.read(source)
    if not document.roots or (strict and document.problems):
        return None
    return _filled(document.roots[0], source, holes) if holes else document.roots[0]


def _filled(node: Node, source: Source, holes: Mapping[int, Node]) -> Node:
    """A value that was read from a text, with the unknown parts of the text put back. It is not deep: it was read."""
    if isinstance(node, Map):
        return Map(node.span, tuple((key, _filled(value, source, holes)) for key, value in node.items()))
    if isinstance(node, Seq):
        return Seq(node.span, tuple(_filled(element, source, holes) for element in node))
    if node.span.source is not source or _HOLE not in node.span.text:
        return node
    if isinstance(node, Unknown):
        return holes.get(node.span.start, node)
    texts = (node.text or "").split(_HOLE)
    raw = node.span.text.split(_HOLE)
    parts: list[Node] = []
    at = 0
    for text, written in zip(texts, raw):
        if at:
            hole = holes.get(node.span.start + at - len(_HOLE))
            if hole is None or len(texts) != len(raw):
                return node
            parts.append(hole)
        if text:
            parts.append(Scalar(node.span.sub(at, at + len(written)), text))
        at += len(written) + len(_HOLE)
    return parts[0] if len(parts) == 1 else template(node.span, tuple(parts))


def text_source(node: Node) -> Source | None:
    """The text that a node is, with places, as far as it is known; None where nothing is."""
    if isinstance(node, (Template, Call)):
        source = join(node.span, (node,))
        return None if source.text == _HOLE else source
    if node.text is None:
        return None
    return align(node.span, node.text)


_STEPS: dict[type[Node], Callable[..., Node]] = {
    Ref: Scope._ref,
    Template: Scope._template,
    Call: Scope._call,
    Conditional: Scope._conditional,
    Index: Scope._index,
    Splat: Scope._splat,
    For: Scope._for,
    Seq: Scope._seq,
    Map: Scope._map,
    Operation: Scope._operation,
}

__all__ = ["Budget", "Handle", "Instances", "Missing", "Scope", "canonical", "text_source"]
