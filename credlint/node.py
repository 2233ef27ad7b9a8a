"""What the readers make of a text: nodes, each with its place.

Absent things are empty, never an error: `get` of something that is no map is None,
iterating over something that is no sequence gives nothing. So a malformed file cannot
crash whoever walks over it. JSON and YAML give Scalar, Seq, Map and Unknown; the other
kinds are expressions, as HCL has them, and are evaluated later.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .text import Span

MAX_DEPTH = 100  # JSON and YAML deeper than this are Unknown, so who walks over nodes may recurse
_MOST_DIGITS = 4300  # Python's own limit: beyond it, converting takes more than linear time
_MOST_ENTRIES = 10_000  # of a map after its merge keys are resolved


class Problem:
    """A place that could not be read, and why. `span` covers what was left out."""

    __slots__ = ("message", "span")

    def __init__(self, span: Span, message: str) -> None:
        self.span = span
        self.message = message


class Node:
    """Something that is written in a document.

    `span` is the text that means it; for a quoted string it is what stands between the
    quotes. `tag` is YAML's (`!Sub`), else None. `via` is the way that led here, from the
    use to the text, when a reference was followed.
    """

    __slots__ = ("span", "tag", "via")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.tag: str | None = None
        self.via: tuple[Span, ...] = ()

    def get(self, *keys: str) -> Node | None:
        """The value of the first of these keys that is there; of a doubled key the last."""
        return None

    def items(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(())

    def __iter__(self) -> Iterator[Node]:
        return iter(())

    @property
    def text(self) -> str | None:
        """The scalar's text as the program would see it; None for null and for what is no scalar."""
        return None


class Scalar(Node):
    """A string, a number, a truth value or null. `value` of a string is decoded."""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: str | int | float | bool | None) -> None:
        self.span = span  # not super().__init__: these are made by the hundred thousand
        self.tag = None
        self.via = ()
        self.value = value

    @property
    def text(self) -> str | None:
        if self.value is None or isinstance(self.value, str):
            return self.value
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return self.span.text  # a number as it is written: leading zeros and all


class Computed(Scalar):
    """A value that is not written anywhere: its span is the expression that makes it."""

    __slots__ = ()

    @property
    def text(self) -> str | None:
        if isinstance(self.value, (bool, str)) or self.value is None:
            return super().text
        return str(int(self.value)) if self.value == int(self.value) else str(self.value)


class Seq(Node):
    __slots__ = ("nodes",)

    def __init__(self, span: Span, nodes: tuple[Node, ...]) -> None:
        self.span = span
        self.tag = None
        self.via = ()
        self.nodes = nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)


class Map(Node):
    """Entries in the order of the text; a doubled key is there twice."""

    __slots__ = ("entries",)

    def __init__(self, span: Span, entries: tuple[tuple[Scalar, Node], ...]) -> None:
        self.span = span
        self.tag = None
        self.via = ()
        self.entries = entries

    def get(self, *keys: str) -> Node | None:
        for wanted in keys:
            for key, value in reversed(self.entries):
                if key.text == wanted:
                    return value
        return None

    def items(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.entries)


class Unknown(Node):
    """Something whose value cannot be known here: a placeholder, a syntax error, a secret store."""

    __slots__ = ("reason",)

    def __init__(self, span: Span, reason: str) -> None:
        super().__init__(span)
        self.reason = reason


class Document:
    """What a reader makes of a JSON or YAML text: its values in order, and what it could not read."""

    __slots__ = ("problems", "roots")

    def __init__(self, roots: tuple[Node, ...], problems: tuple[Problem, ...]) -> None:
        self.roots = roots
        self.problems = problems


def number(text: str) -> int | float:
    """The value of a decimal number; one with very many digits is a float, which may be infinite."""
    if len(text) > _MOST_DIGITS:
        return float(text)
    try:
        return int(text)
    except ValueError:
        return float(text)


def merged(node: Map) -> Map:
    """The map with its YAML merge keys resolved: `<<` and a map, or a list of maps.

    The map's own entries come first and win, then those of earlier maps over later ones'
    (https://yaml.org/type/merge.html). What is merged in keeps its place. A `<<` of
    anything else stays. The maps inside are as they were.
    """
    return _merged(node, {}, 0)


def _merged(node: Map, known: dict[int, Map], depth: int) -> Map:
    if id(node) in known or depth > MAX_DEPTH or not any(key.text == "<<" for key, _ in node.entries):
        return known.get(id(node), node)
    entries: list[tuple[Scalar, Node]] = []
    bases: list[Map] = []
    for key, value in node.entries:
        given = [value] if isinstance(value, Map) else [part for part in value if isinstance(part, Map)]
        if key.text == "<<" and given:
            bases.extend(given)
        else:
            entries.append((key, value))
    names = {key.text for key, _ in entries}
    for base in bases:
        new = [entry for entry in _merged(base, known, depth + 1).entries if entry[0].text not in names]
        entries.extend(new[: max(0, _MOST_ENTRIES - len(entries))])
        names.update(key.text for key, _ in new)
    result = Map(node.span, tuple(entries))
    result.tag, result.via = node.tag, node.via
    known[id(node)] = result
    return result


def walk(root: Node) -> Iterator[Node]:
    """A node and all that is in its maps and lists, each once: an alias of YAML may be there very often."""
    stack = [root]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(value for _, value in node.items())
            stack.extend(node)


# ── expressions ──


class Ref(Node):
    """A name that stands for something else: `var.key`, `aws_iam_role.app.arn`, `$KEY`.

    `default` is what the reference itself falls back to (`${KEY:-x}`). `scope` says where the
    name was looked up without success, so that it is not taken for another scope's.
    """

    __slots__ = ("default", "name", "scope")

    def __init__(self, span: Span, name: str, default: Node | None = None, scope: str = "") -> None:
        super().__init__(span)
        self.name = name
        self.default = default
        self.scope = scope


class Template(Node):
    """A string with interpolations; `parts` are strings (Scalar) and expressions, in order."""

    __slots__ = ("parts",)

    def __init__(self, span: Span, parts: tuple[Node, ...]) -> None:
        super().__init__(span)
        self.parts = parts


class ComputedKey(Scalar):
    """A key of a Map that is an expression, as HCL has them: `(var.name) = 1`. Its value is None."""

    __slots__ = ("expression",)

    def __init__(self, span: Span, expression: Node) -> None:
        super().__init__(span, None)
        self.expression = expression


class Index(Node):
    """`base[key]`, and `base.name` where the base is no plain reference."""

    __slots__ = ("base", "key")

    def __init__(self, span: Span, base: Node, key: Node) -> None:
        super().__init__(span)
        self.base = base
        self.key = key


class Splat(Node):
    """`base[*]` or `base.*`; what follows it is applied to each element (`path`, outermost last).

    A Splat in a path is applied to what the element has become by then; its base is the Ref `*`.
    """

    __slots__ = ("base", "path")

    def __init__(self, span: Span, base: Node, path: tuple[Node, ...]) -> None:
        super().__init__(span)
        self.base = base
        self.path = path


class Call(Node):
    """`name(args)`; `spread` when the last argument ends in `...`."""

    __slots__ = ("args", "name", "spread")

    def __init__(self, span: Span, name: str, args: tuple[Node, ...], spread: bool = False) -> None:
        super().__init__(span)
        self.name = name
        self.args = args
        self.spread = spread


class Conditional(Node):
    """`test ? yes : no`, also a template's `%{ if }`."""

    __slots__ = ("no", "test", "yes")

    def __init__(self, span: Span, test: Node, yes: Node, no: Node) -> None:
        super().__init__(span)
        self.test = test
        self.yes = yes
        self.no = no


class Operation(Node):
    """`a op b`, or `op a`."""

    __slots__ = ("operands", "operator")

    def __init__(self, span: Span, operator: str, operands: tuple[Node, ...]) -> None:
        super().__init__(span)
        self.operator = operator
        self.operands = operands


class For(Node):
    """A `for` expression: `[for k, v in source : value if test]`, with a `key` when it makes an object.

    A template's `%{ for }` is one too, with `as_text` true: its values are joined.
    """

    __slots__ = ("as_text", "grouped", "key", "names", "source", "test", "value")

    def __init__(
        self,
        span: Span,
        names: tuple[str, ...],
        source: Node,
        key: Node | None,
        value: Node,
        test: Node | None,
        grouped: bool = False,
        as_text: bool = False,
    ) -> None:
        super().__init__(span)
        self.names = names
        self.source = source
        self.key = key
        self.value = value
        self.test = test
        self.grouped = grouped
        self.as_text = as_text


class Block(Node):
    """`type "label" { ... }`. The body is a Map of the attributes, with the blocks inside it.

    It may be read when it is first asked for: of most blocks nobody wants to know what is inside.
    """

    __slots__ = ("_body", "labels", "type")

    def __init__(self, span: Span, type: str, labels: tuple[Scalar, ...], body: Body | Callable[[], Body]) -> None:
        super().__init__(span)
        self.type = type
        self.labels = labels
        self._body = body

    @property
    def body(self) -> Body:
        if not isinstance(self._body, Body):
            self._body = self._body()
        return self._body


class Body(Map):
    """The attributes of a file or a block, and its blocks."""

    __slots__ = ("blocks",)

    def __init__(self, span: Span, entries: tuple[tuple[Scalar, Node], ...], blocks: tuple[Block, ...]) -> None:
        super().__init__(span, entries)
        self.blocks = blocks
