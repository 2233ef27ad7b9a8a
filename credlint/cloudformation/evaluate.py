"""CloudFormation's templates and intrinsic functions, as far as they are known without a stack.

Evaluating gives a node again: known parts in their place, with the way that led there in
`via`; what cannot be known stays an expression, every name in it bound to its template. So
two unknown values can still be seen to be the same.

The functions: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import os
import re

from .. import lazy
from ..files import normal
from ..node import Call, Computed, Conditional, Document, Map, Node, Ref, Scalar, Seq, Unknown, merged
from ..terraform.evaluate import Budget, passed, reached, template
from ..text import align
from ..values import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..files import Files
    from ..text import Source, Span

_MAX_DEPTH = 120  # a document is at most 100 deep
_MAX_ELEMENTS = 2_000  # of one loop
_MAX_STACKS = 200  # nested ones of a template, with those in them
_DEEPEST_STACK = 8

TOO_LARGE = "it takes too long to evaluate"
MACRO = "what a macro makes of it is not known"
LOOP = "what it goes through is not known"

_VARIABLE = lazy.pattern(r"\$\{([^{}]*)\}")
_IN_KEY = lazy.pattern(r"[$&]\{([^{}]*)\}")
# Transforms that change nothing of what is read here; any other may add what is not seen.
_TRANSFORMS = re.compile(r"AWS::(?:Serverless-2016-10-31|LanguageExtensions|CodeDeployBlueGreen|SecretsManager-.*)")
_STACKS = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
# Where Ref gives the ARN, and which attribute does as well.
_ARNS = {"AWS::SecretsManager::Secret": "Id", "AWS::IAM::ManagedPolicy": "PolicyArn"}
_SERVERLESS = "AWS::Serverless::"
# What says of a reference what it refers to, where that tells more than the reference.
_TYPED = ("AWS::SecretsManager::Secret", "AWS::SSM::Parameter")
# What differs from stack to stack, not only from account to account.
_OF_STACK = ("AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")


class NoValue(Computed):
    """`AWS::NoValue`: what is given it is not there."""

    __slots__ = ()


class Resource:
    """A resource as a template declares it. `key` is its logical id, with its place."""

    __slots__ = ("_properties", "_sure", "body", "key", "name", "scope", "type")

    def __init__(self, name: str, key: Scalar, body: Node, scope: Scope) -> None:
        self.name = name
        self.key = key
        self.body = body = merged(body) if isinstance(body, Map) else body
        self.scope = scope
        type = body.get("Type")
        self.type = (type.text if type is not None else None) or ""
        self._properties: Node | None = None
        self._sure: Node | None = None

    @property
    def address(self) -> str:
        return f"{self.scope.address}:{self.name}"

    @property
    def properties(self) -> Node:
        """The properties, evaluated; always the same nodes."""
        if self._properties is None:
            self._properties = self._evaluated(self.scope)
        return self._properties

    @property
    def sure(self) -> Node:
        """The properties where no default of a parameter counts."""
        if self._sure is None:
            self._sure = self._evaluated(self.scope.sure())
        return self._sure

    def under(self, decided: Mapping[str, bool], *, sure: bool = False) -> Node:
        """The properties if these conditions hold, or do not."""
        scope = self.scope.assuming(decided)
        return self._evaluated(scope.sure() if sure else scope)

    @property
    def construct(self) -> str:
        """What the program of the CDK that makes the template calls it; empty for other templates."""
        metadata = self.body.get("Metadata")
        path = metadata.get("aws:cdk:path") if metadata is not None else None
        return ((path.text if path is not None else None) or "").removesuffix("/Resource")

    def written(self, name: str) -> Span:
        """Where the value of a property is written."""
        given = self._given()
        node = merged(given).get(name) if isinstance(given, Map) else None
        if node is None:
            return self.key.span
        call = intrinsic(node)
        return call[1].span if call and isinstance(call[1], Scalar) else node.span

    def _evaluated(self, scope: Scope) -> Node:
        given = self._given()
        return scope.evaluate(given) if given is not None else Map(self.key.span, ())

    def _given(self) -> Node | None:
        """The properties as they are written, with what the template gives to all resources of the type."""
        given = self.body.get("Properties")
        if not self.type.startswith(_SERVERLESS):
            return given
        common = self.scope.common.get(self.type[len(_SERVERLESS) :])
        return given if common is None else common if given is None else _with_common(common, given, 0)


class Scope:
    """One use of a template: what its names stand for.

    `given` are the parameters that a parent's stack gives, as nodes of the parent; None for
    a template that is used by itself. `strict`: the default of a parameter is likely, but does
    not count where a condition is decided, or where one side of it is looked at.
    """

    def __init__(
        self,
        root: Node,
        path: str,
        files: Files,
        *,
        address: str = "",
        parent: Scope | None = None,
        given: Mapping[str, Node] | None = None,
    ) -> None:
        self.root = root
        self.path = path
        self.files = files
        self.address = address or path
        self.parent = parent
        self.given = given
        self.unit: str = parent.unit if parent else path
        self.budget: Budget = parent.budget if parent else Budget()
        self.stacks: list[Scope] = parent.stacks if parent else []
        self.strict = False
        self.bindings: Mapping[str, Node] = {}
        self._truths: dict[str, bool | None] = {}
        self._busy: set[str] = set()
        self._children: dict[str, Scope | None] = {}
        self.parameters = self._section("Parameters")
        self.mappings = self._section("Mappings")
        self.conditions = self._section("Conditions")
        self.outputs = self._section("Outputs")
        self.common = self._section("Globals")
        self.is_open = self._has_macros()
        self.resources: dict[str, Resource] = {}
        listed = root.get("Resources")
        if listed is not None:
            self._declare(listed, 0)

    def _section(self, name: str) -> dict[str, Node]:
        section = self.root.get(name)
        return {key.text: value for key, value in section.items() if key.text} if section is not None else {}

    def _has_macros(self) -> bool:
        """Whether something may still change the template as a whole."""
        given = self.root.get("Transform")
        listed = given.nodes if isinstance(given, Seq) else (given,) if given is not None else ()
        known = all(_TRANSFORMS.fullmatch(one.text or "") for one in listed)
        return not known or self.root.get("Fn::Transform") is not None

    def _declare(self, listed: Node, depth: int) -> None:
        """The resources of a section, with those that loops make."""
        for key, body in (merged(listed) if isinstance(listed, Map) else listed).items():
            name = key.text
            if name is None or name == "Fn::Transform" or len(self.resources) > _MAX_ELEMENTS:
                self.is_open = True
            elif name.startswith("Fn::ForEach::"):
                scopes = self._looped(body) if depth < _DEEPEST_STACK else None
                self.is_open = self.is_open or scopes is None
                for inner, output in scopes or ():
                    inner._declare(output, depth + 1)
                    self.is_open = self.is_open or inner.is_open
            else:
                name = self._named(name)
                self.resources[name] = Resource(name, key, body, self)

    def _copy(self) -> Scope:
        copy = object.__new__(Scope)
        copy.__dict__.update(self.__dict__)
        return copy

    def sure(self) -> Scope:
        """The scope in which only what was given counts."""
        if self.strict:
            return self
        inner = self._copy()
        inner.strict = True
        return inner

    def assuming(self, decided: Mapping[str, bool]) -> Scope:
        """The scope in which these conditions hold, or do not."""
        inner = self._copy()
        inner._truths = dict(decided)
        return inner

    def decides(self, test: Node) -> str | None:
        """The name of the condition of this template that a test is; None for any other."""
        return test.name if isinstance(test, Ref) and test.scope == f"{self.address} condition" else None

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        for resource in self.resources.values():
            if resource.type in types:
                yield resource

    # ── expressions ──

    def evaluate(self, node: Node) -> Node:
        """The node with everything in it that is known. Never raises; circles and excess are unknown."""
        budget = self.budget
        budget.steps -= 1
        if budget.depth > _MAX_DEPTH or budget.steps < 0:
            return Unknown(node.span, TOO_LARGE)
        budget.depth += 1
        try:
            call = intrinsic(node)
            if call is not None:
                function = _FUNCTIONS.get(call[0])
                if function is not None:
                    return function(self, node.span, call[1])
                return Call(node.span, call[0], (self.evaluate(call[1]),))
            if isinstance(node, Map):
                return self._map(node)
            if isinstance(node, Seq):
                elements = (self.evaluate(element) for element in node)
                return Seq(node.span, tuple(element for element in elements if not isinstance(element, NoValue)))
            return node
        finally:
            budget.depth -= 1

    def _map(self, node: Map) -> Node:
        entries: list[tuple[Scalar, Node]] = []
        for key, value in merged(node).items():
            name = key.text or ""
            if name.startswith("Fn::ForEach::"):
                scopes = self._looped(value)
                if scopes is None:
                    entries.append((Scalar(key.span, None), Unknown(value.span, LOOP)))
                for inner, output in scopes or ():
                    entries.extend(inner.evaluate(output).items())
            elif name == "Fn::Transform":
                entries.append((Scalar(key.span, None), Unknown(value.span, MACRO)))
            else:
                known = self.evaluate(value)
                if not isinstance(known, NoValue):
                    shown = self._named(name)
                    entries.append((key if shown == name else Computed(key.span, shown), known))
        return Map(node.span, tuple(entries))

    def _named(self, name: str) -> str:
        """A key in a loop, with the loop's variable in it."""
        if not self.bindings or "{" not in name:
            return name

        def value(found: re.Match[str]) -> str:
            bound = self.bindings.get(found[1])
            text = (bound.text if bound is not None else None) or found[0]
            return re.sub(r"\W|_", "", text) if found[0][0] == "&" else text

        return _IN_KEY.sub(value, name)

    def _looped(self, loop: Node) -> list[tuple[Scope, Node]] | None:
        """What `Fn::ForEach` repeats, each time in the scope of one element; None where that is not known."""
        parts = list(loop)
        if len(parts) != 3 or not parts[0].text:
            return None
        collection = self.evaluate(parts[1])
        if not isinstance(collection, Seq) or len(collection.nodes) > _MAX_ELEMENTS:
            return None
        scopes: list[tuple[Scope, Node]] = []
        for element in collection:
            self.budget.steps -= 1
            if element.text is None or self.budget.steps < 0:
                return None
            inner = self._copy()
            inner.bindings = {**self.bindings, parts[0].text: element}
            inner.is_open = False
            scopes.append((inner, parts[2]))
        return scopes

    # ── names ──

    def _ref(self, span: Span, argument: Node) -> Node:
        name = argument.text
        return self.refer(name, argument.span) if name else Call(span, "Ref", (self.evaluate(argument),))

    def refer(self, name: str, span: Span) -> Node:
        """What `Ref` gives: a variable of a loop, a parameter, a pseudo parameter, a resource."""
        if name in self.bindings:
            return reached(self.bindings[name], span)
        if name == "AWS::NoValue":
            return NoValue(span, None)
        if name.startswith("AWS::"):
            return Ref(span, name, scope=self.address if name in _OF_STACK else self.unit)
        if name in self.parameters and name not in self._busy:
            self._busy.add(name)
            try:
                known = self._parameter(name)
            finally:
                self._busy.discard(name)
            if known is not None:
                is_given = self.given is not None and name in self.given
                return passed(known, span) if is_given else reached(known, span)
        return Ref(span, self.reference(self._named(name)), scope=self.address)

    def reference(self, name: str) -> str:
        """The name by which a resource is known in expressions."""
        resource = self.resources.get(name)
        return f"{resource.type}.{name}" if resource and resource.type in _TYPED else name

    def _parameter(self, name: str) -> Node | None:
        """What a parameter stands for; None where nothing is known of it."""
        declared = self.parameters[name]
        type = declared.get("Type")
        kind = (type.text if type is not None else None) or ""
        allowed = list(declared.get("AllowedValues") or ())
        known: Node | None = None
        if self.parent and self.given is not None and name in self.given:
            parent = self.parent.sure() if self.strict else self.parent
            known = parent.evaluate(self.given[name])
        elif kind.startswith("AWS::SSM::Parameter::Value"):
            return None  # its default is the name of what holds the value
        elif len(allowed) == 1:
            known = allowed[0]
        else:
            known = declared.get("Default")
            if known is not None and self.given is None and self.strict:
                if known.text != "":
                    return None
                # It is empty unless it is given: then a condition often asks whether it is.
                test = Ref(known.span, f"{name} is given", scope=self.address)
                return Conditional(known.span, test, Ref(known.span, name, scope=self.address), known)
        if known is None or isinstance(known, NoValue):
            return None
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return _split(known, ",") if isinstance(known, Scalar) else known
        return known

    def _get_att(self, span: Span, argument: Node) -> Node:
        if isinstance(argument, Seq):
            parts = [self.evaluate(part).text for part in argument]
            if len(parts) < 2 or None in parts:
                return Call(span, "GetAtt", (self.evaluate(argument),))
            return self.attribute(parts[0] or "", ".".join(filter(None, parts[1:])), argument.nodes[0].span)
        name, _, attribute = (argument.text or "").partition(".")
        if not attribute:
            return Call(span, "GetAtt", (self.evaluate(argument),))
        return self.attribute(name, attribute, argument.span)

    def attribute(self, name: str, attribute: str, span: Span) -> Node:
        """What `Fn::GetAtt` gives."""
        name = self._named(name)
        resource = self.resources.get(name)
        kind = resource.type if resource else ""
        output = attribute.partition("Outputs.")[2]
        if kind in _STACKS and output:
            child = self.child(name)
            found = child.output(output) if child else None
            if found is not None:
                return reached(found, span)
        if kind == "AWS::ECR::Repository" and attribute == "RepositoryUri":
            account, region = (self.refer(f"AWS::{part}", span) for part in ("AccountId", "Region"))
            texts = [Computed(span, text) for text in (".dkr.ecr.", ".amazonaws.com/")]
            return template(span, (account, texts[0], region, texts[1], Ref(span, name, scope=self.address)))
        known = self.reference(name)
        return Ref(span, known if _ARNS.get(kind) == attribute else f"{known}.{attribute}", scope=self.address)

    def output(self, name: str) -> Node | None:
        """An output of this stack, as the stack sees it that uses it."""
        place = f"Outputs.{name}"
        value = self.outputs[name].get("Value") if name in self.outputs else None
        if value is None or place in self._busy:
            return None
        self._busy.add(place)
        try:
            return self.evaluate(value)
        finally:
            self._busy.discard(place)

    # ── nested stacks ──

    def child(self, name: str) -> Scope | None:
        """The nested stack of that name, when its template is a file of the repository."""
        if name not in self._children:
            self._children[name] = None
            self._children[name] = self._open(self.resources[name])
        return self._children[name]

    def _open(self, stack: Resource) -> Scope | None:
        given = stack.body.get("Properties")
        location = given.get(_STACKS[stack.type]) if given is not None else None
        metadata = stack.body.get("Metadata")
        asset = metadata.get("aws:asset:path") if metadata is not None else None  # CDK uploads it from there
        location = asset if asset is not None else location
        text = stack.scope.evaluate(location).text if location is not None else None
        if given is None or not text or "://" in text or os.path.isabs(text) or "\0" in text or len(text) > 1_000:
            return None
        path = normal(os.path.join(os.path.dirname(self.path), text))
        above, depth = self, 0
        while above.parent and above.path != path:
            above, depth = above.parent, depth + 1
        if above.path == path or depth >= _DEEPEST_STACK or len(self.stacks) >= _MAX_STACKS:
            return None
        source = self.files.read(path)
        document = document_of(source, self.files, keep=True) if source is not None else None
        root = template_of(document) if document is not None else None
        if document is None or root is None:
            return None
        parameters = given.get("Parameters")
        names = {key.text: value for key, value in parameters.items() if key.text} if parameters is not None else {}
        inner = Scope(root, path, self.files, address=f"{self.address}>{stack.name}", parent=stack.scope, given=names)
        inner.is_open = inner.is_open or bool(document.problems)
        self.stacks.append(inner)
        return inner

    def walk(self) -> Iterator[Scope]:
        """The template and its nested stacks, with those in them."""
        yield self
        for name, resource in list(self.resources.items()):
            if resource.type in _STACKS:
                child = self.child(name)
                if child is not None:
                    yield from child.walk()

    # ── texts ──

    def _sub(self, span: Span, argument: Node) -> Node:
        given: dict[str, Node] = {}
        if isinstance(argument, Seq) and len(argument.nodes) == 2:
            given = {key.text: value for key, value in argument.nodes[1].items() if key.text}
            argument = argument.nodes[0]
        text = argument.text
        if text is None:
            return Call(span, "Sub", (self.evaluate(argument),))
        source = argument.span.source
        start = argument.span.start
        if argument.span.text != text:
            source, start = align(argument.span, text), 0
        known: dict[str, Node] = {}
        parts: list[Node] = []
        at = 0
        for found in _VARIABLE.finditer(text):
            if len(parts) > 2 * _MAX_ELEMENTS:
                return Unknown(span, TOO_LARGE)
            name = found[1].strip()
            if found.start() > at:
                parts.append(Scalar(source.span(start + at, start + found.start()), text[at : found.start()]))
            at = found.end()
            place = source.span(start + found.start(), start + at)
            if name.startswith("!"):
                parts.append(Scalar(place, "${" + name[1:] + "}"))
            elif name in given:
                if name not in known:
                    known[name] = self.evaluate(given[name])
                parts.append(known[name])
            elif "." in name and name not in self.bindings:
                owner, _, attribute = name.partition(".")
                parts.append(self.attribute(owner, attribute, place))
            else:
                parts.append(self.refer(name, place))
        if at < len(text) or not parts:
            parts.append(Scalar(source.span(start + at, start + len(text)), text[at:]))
        return _text(span, parts)

    def _join(self, span: Span, argument: Node) -> Node:
        parts = argument.nodes if isinstance(argument, Seq) else ()
        sign = parts[0].text if parts else None
        listed = self.evaluate(parts[1]) if len(parts) == 2 else None
        if sign is None or not isinstance(listed, Seq) or any(map(_may_be_missing, listed)):
            return Call(span, "Join", (self.evaluate(argument),))
        between = Computed(parts[0].span, sign)
        joined = [part for element in listed for part in (between, element)][1:]
        if not joined or not sign:
            joined = list(listed)
        return _text(span, joined) if joined else Computed(span, "")

    def _split(self, span: Span, argument: Node) -> Node:
        parts = [self.evaluate(part) for part in argument]
        sign = parts[0].text if len(parts) == 2 else None
        if sign and isinstance(parts[1], Scalar) and parts[1].text is not None:
            return _split(parts[1], sign)
        return Call(span, "Split", tuple(parts))

    def _select(self, span: Span, argument: Node) -> Node:
        parts = [self.evaluate(part) for part in argument]
        index = (parts[0].text if len(parts) == 2 else None) or ""
        if index.isdecimal() and len(index) < 6 and isinstance(parts[1], Seq):
            listed = parts[1].nodes
            if int(index) < len(listed) and not any(map(_may_be_missing, listed[: int(index) + 1])):
                return reached(listed[int(index)], span)
        return Call(span, "Select", tuple(parts))

    def _find_in_map(self, span: Span, argument: Node) -> Node:
        parts = [self.evaluate(part) for part in argument]
        unknown = Call(span, "FindInMap", tuple(parts))
        if len(parts) < 3 or self.mappings.get(parts[0].text or "") is None:
            return unknown
        outer = _entries(self.mappings[parts[0].text or ""], parts[1])
        found = [value for entry in outer for value in _entries(entry, parts[2])]
        spelt = {canonical(value) for value in found}
        if len(spelt) != 1 or None in spelt:
            return unknown
        return reached(self.evaluate(found[0]), span)

    # ── conditions ──

    def _if(self, span: Span, argument: Node) -> Node:
        parts = argument.nodes if isinstance(argument, Seq) else ()
        name = parts[0].text if len(parts) == 3 else None
        if not name:
            return Call(span, "If", (self.evaluate(argument),))
        holds = self.holds(name)
        if holds is not None:
            return self.evaluate(parts[1] if holds else parts[2])
        inner = self.sure()
        test = Ref(parts[0].span, name, scope=f"{self.address} condition")
        return Conditional(span, test, inner.evaluate(parts[1]), inner.evaluate(parts[2]))

    def holds(self, name: str) -> bool | None:
        """Whether a condition holds; None where what is given to the stack decides it."""
        if name not in self._truths:
            self._truths[name] = None  # while it is computed
            condition = self.conditions.get(name)
            self._truths[name] = self.sure()._truth(condition, 0) if condition is not None else None
        return self._truths[name]

    def _truth(self, node: Node, depth: int) -> bool | None:
        call = intrinsic(node)
        if call is None and isinstance(node, Map) and len(node.entries) == 1:
            call = (node.entries[0][0].text or "", node.entries[0][1])
        if call is None or depth > _DEEPEST_STACK:
            return None
        name, argument = call
        if name == "Condition":
            return self.holds(argument.text or "")
        if name == "Equals":
            parts = [self.evaluate(part) for part in argument]
            texts = [part.text for part in parts]
            if len(parts) == 2 and None not in texts:
                return texts[0] == texts[1]
            return None
        truths = [self._truth(part, depth + 1) for part in argument]
        if name == "Not" and len(truths) == 1:
            return None if truths[0] is None else not truths[0]
        if name in ("And", "Or"):
            decides = name == "Or"
            return decides if decides in truths else None if None in truths else not decides
        return None

    def _base64(self, span: Span, argument: Node) -> Node:
        return Call(span, "Base64", (self.evaluate(argument),))

    def _transform(self, span: Span, argument: Node) -> Node:
        return Unknown(span, MACRO)


_FUNCTIONS: dict[str, Callable[[Scope, Span, Node], Node]] = {
    "Ref": Scope._ref,
    "GetAtt": Scope._get_att,
    "Sub": Scope._sub,
    "Join": Scope._join,
    "Split": Scope._split,
    "Select": Scope._select,
    "FindInMap": Scope._find_in_map,
    "If": Scope._if,
    "Base64": Scope._base64,
    "Transform": Scope._transform,
}


def intrinsic(node: Node) -> tuple[str, Node] | None:
    """The name of the function that a node calls, without `Fn::`, and its argument; None for a plain node."""
    if node.tag is not None:
        return node.tag[1:], _untagged(node)
    if isinstance(node, Map) and len(node.entries) == 1:
        key, argument = node.entries[0]
        name = key.text or ""
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith("Fn::ForEach::")):
            return name.removeprefix("Fn::"), argument
    return None


def _with_common(common: Node, given: Node, depth: int) -> Node:
    """What a resource is given by SAM's Globals and by itself: maps are merged, lists joined, all else is replaced.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    if intrinsic(common) or intrinsic(given) or depth > _DEEPEST_STACK:
        return given
    if isinstance(common, Seq) and isinstance(given, Seq):
        return Seq(given.span, (*common.nodes, *given.nodes))
    if not isinstance(common, Map) or not isinstance(given, Map):
        return given
    common, given = merged(common), merged(given)
    own = {key.text: value for key, value in given.items()}
    entries = [(key, value) for key, value in common.items() if key.text not in own]
    for key, value in given.items():
        base = common.get(key.text) if key.text else None
        entries.append((key, value if base is None else _with_common(base, value, depth + 1)))
    return Map(given.span, tuple(entries))


def _untagged(node: Node) -> Node:
    if isinstance(node, Scalar):
        return Scalar(node.span, node.value)
    if isinstance(node, Seq):
        return Seq(node.span, node.nodes)
    return Map(node.span, node.entries) if isinstance(node, Map) else node


def _text(span: Span, parts: Sequence[Node]) -> Node:
    """The parts one after the other; a single reference is what it refers to."""
    if len(parts) == 1 and isinstance(parts[0], Ref):
        return parts[0]
    return template(span, tuple(parts))


def _may_be_missing(element: Node) -> bool:
    """Whether an element of a list may not be there, or be several."""
    if isinstance(element, Conditional):
        return _may_be_missing(element.yes) or _may_be_missing(element.no)
    return isinstance(element, (NoValue, Unknown))


def _entries(node: Node, key: Node) -> list[Node]:
    """The entry of a mapping that a key names; all that it may name where it is not known."""
    if key.text is not None:
        found = node.get(key.text)
        return [found] if found is not None else []
    return [value for _, value in node.items()]


def _split(node: Scalar, sign: str) -> Node:
    """The pieces of a text, each at its place."""
    text = node.text or ""
    whole = node.span if node.span.text == text else align(node.span, text).span()
    parts: list[Node] = []
    at = 0
    for piece in text.split(sign)[:_MAX_ELEMENTS]:
        part = Scalar(whole.sub(at, at + len(piece)), piece)
        part.via = node.via
        parts.append(part)
        at += len(piece) + len(sign)
    return Seq(node.span, tuple(parts))


# ── files ──


def document_of(source: Source, files: Files, *, keep: bool = False) -> Document:
    """A file as JSON or YAML, by its first character; what several parents refer to is kept.

    What begins like JSON and is none may be YAML all the same.
    """
    known = files.memory.setdefault("cloudformation", {})
    documents: dict[str, Document] = known if isinstance(known, dict) else {}
    document = documents.get(source.path)
    if document is None:
        if source.text.lstrip()[:1] == "{":
            from ..readers import json

            document = json.read(source)
        if document is None or document.problems:
            from ..readers import yaml

            other = yaml.read(source)
            document = other if document is None or not other.problems else document
        if keep:
            documents[source.path] = document
    return document


def template_of(document: Document) -> Node | None:
    """The template in a document, also where it is a part of a configuration of the Serverless framework."""
    for root in document.roots:
        inner = root.get("resources")
        for node in (root, inner):
            if node is not None and isinstance(node.get("Resources"), Map):
                return node
    return None


__all__ = ["NoValue", "Resource", "Scope", "document_of", "template_of"]
