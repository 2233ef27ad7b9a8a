"""Terraform's functions and operators on what is known of their arguments.

Only those that matter for configuration; of the others the result is not known. Each
gives None where it does not know either. What they mean:
https://developer.hashicorp.com/terraform/language/functions.
"""

from __future__ import annotations

import re

from ..evaluation import decoded, template, text_source
from ..node import Call, Computed, ComputedKey, Map, Node, Ref, Scalar, Seq, Template, Unknown
from ..text import Source, Span, align
from ..values import canonical
from .evaluate import MORE, NO_ELEMENT, Missing, Scope, has_holes, is_rest, never_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Function: TypeAlias = Callable[[Scope, Span, tuple[Node, ...]], Node | None]

_MOST = 2_000  # elements that a function may make
_LONGEST = 1_000_000  # characters

# ── operators ──


def operate(operator: str, operands: tuple[Node, ...], span: Span) -> Node | None:
    """The value of an operation, None where it is not known."""
    if operator in ("==", "!="):
        same = _equal(*operands)
        return None if same is None else Computed(span, same == (operator == "=="))
    values = [_value(operand) for operand in operands]
    if operator in ("&&", "||"):
        decides = operator == "||"
        if decides in values:
            return Computed(span, decides)
        return Computed(span, not decides) if values == [not decides] * 2 else None
    if operator == "!" and isinstance(values[0], bool):
        return Computed(span, not values[0])
    numbers = [_number(operand) for operand in operands]
    known = [number for number in numbers if number is not None]
    if len(known) != len(operands):
        return None
    if len(known) == 1:
        return Computed(span, -known[0]) if operator == "-" else None
    act = _ARITHMETIC.get(operator)
    if act is None or max(map(abs, known)) > 1e15:
        return None
    try:
        return Computed(span, act(*known))
    except ArithmeticError:
        return None


_ARITHMETIC: dict[str, Callable[[float, float], float | bool]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _equal(first: Node, second: Node) -> bool | None:
    """Whether two values are the same; None when that is not known."""
    if isinstance(first, Scalar) and isinstance(second, Scalar):
        if first.value is None or second.value is None:
            return first.value is second.value
        if isinstance(first.value, str) == isinstance(second.value, str):
            return first.value == second.value
        return first.text == second.text  # Terraform converts: 1 == "1" is false, but a variable's type may say string
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Scalar) and one.value in (None, "") and never_null(other):
            return False
        if isinstance(one, Seq) and isinstance(other, Seq) and len(one.nodes) != len(other.nodes):
            return None if any(map(is_rest, (*one, *other))) else False
    names = canonical(first), canonical(second)
    return True if names[0] is not None and names[0] == names[1] else None


def _value(node: Node) -> object:
    if isinstance(node, Scalar):
        return {"true": True, "false": False}.get(node.text or "", node.value)
    return None


def _number(node: Node) -> float | None:
    if not isinstance(node, Scalar) or isinstance(node.value, bool) or node.value is None:
        return None
    if isinstance(node.value, str):
        return float(node.value) if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", node.value) else None
    return node.value


# ── helpers ──


def _texts(nodes: Sequence[Node]) -> list[str]:
    """The texts of all of them, or none."""
    found = [node.text for node in nodes]
    return [text for text in found if text is not None] if None not in found else []


def _list(node: Node) -> list[Node] | None:
    """The elements of a list or set that is known to its end."""
    if isinstance(node, Seq) and not any(map(is_rest, node)):
        return list(node.nodes)
    return None


def _of_text(act: Callable[[str], object]) -> Function:
    """A function of one string."""

    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        text = args[0].text if args else None
        if text is None:
            return None
        value = act(text)
        return args[0] if value == text else _computed(span, value)

    return function


def _of_texts(act: Callable[..., object]) -> Function:
    """A function of several strings."""

    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        texts = _texts(args)
        return _computed(span, act(*texts)) if texts else None

    return function


def _of_list(act: Callable[[Span, list[Node]], Node | None]) -> Function:
    """A function of one list that is wholly there, whatever its elements are."""

    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        elements = _list(args[0]) if args else None
        return None if elements is None else act(span, elements)

    return function


def _computed(span: Span, value: object) -> Node:
    if isinstance(value, (list, tuple)):
        return Seq(span, tuple(_computed(span, part) for part in value))
    if not isinstance(value, (str, int, float, bool)):
        raise ValueError
    if isinstance(value, str) and len(value) > _LONGEST:
        raise ValueError
    return Computed(span, value)


def _same(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    """What changes nothing that matters here."""
    return args[0] if len(args) == 1 else None


# ── strings ──


def _join(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    separator, *lists = args
    known = [elements for one in lists if (elements := _list(one)) is not None]
    if separator.text is None or not lists or len(known) != len(lists):
        return None
    parts: list[Node] = []
    for element in (element for elements in known for element in elements):
        if isinstance(element, Scalar) and element.value is None:
            continue
        if parts and separator.text:
            parts.append(separator)
        parts.append(element)
    return parts[0] if len(parts) == 1 else template(span, tuple(parts))


def _format(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    pattern = args[0]
    if pattern.text is None:
        return None
    source = align(pattern.span, pattern.text) if not isinstance(pattern, Computed) else None
    rest = list(args[1:])
    parts: list[Node] = []
    at = 0
    for match in re.finditer(r"%(?:\[(\d{1,3})\])?([-+ 0#]*)(\d{0,3})(?:\.\d{1,3})?([a-zA-Z%])", pattern.text):
        parts.append(_piece(pattern, source, at, match.start()))
        at = match.end()
        if match[4] == "%":
            parts.append(Computed(span, "%"))
            continue
        index = int(match[1]) - 1 if match[1] else 0
        if index >= len(rest if not match[1] else args[1:]):
            return None
        value = args[1 + index] if match[1] else rest.pop(0)
        if match[4] in "sv" and not match[3]:
            parts.append(value)
        elif match[4] in "sv" and value.text is not None:
            width = int(match[3])
            parts.append(Computed(span, value.text.ljust(width) if "-" in match[2] else value.text.rjust(width)))
        elif match[4] == "q" and value.text is not None:
            parts += [Computed(span, '"'), value, Computed(span, '"')]
        elif match[4] == "d" and isinstance(value, Scalar) and (value.text or "").lstrip("-").isdigit():
            fill = "0" if "0" in match[2] else " "
            parts.append(Computed(span, (value.text or "").rjust(int(match[3] or 0), fill)))
        else:
            parts.append(Unknown(value.span, "it is formatted"))
    parts.append(_piece(pattern, source, at, len(pattern.text)))
    return template(span, tuple(parts))


def _piece(pattern: Node, source: Source | None, start: int, end: int) -> Node:
    text = (pattern.text or "")[start:end]
    return Scalar(source.span(start, end), text) if source is not None else Computed(pattern.span, text)


def _formatlist(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    lists = [_list(arg) for arg in args[1:]]
    length = max((len(elements) for elements in lists if elements is not None), default=None)
    if length is None or any(isinstance(arg, Seq) and known is None for arg, known in zip(args[1:], lists)):
        return None
    made: list[Node] = []
    for at in range(length):
        chosen = [elements[at] if elements is not None else arg for arg, elements in zip(args[1:], lists)]
        value = _format(scope, span, (args[0], *chosen))
        made.append(value if value is not None else Unknown(span, "it is formatted"))
    return Seq(span, tuple(made))


def _replace(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    texts = _texts(args)
    if len(texts) != 3:
        return None
    text, wanted, new = texts
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        pattern = _pattern(wanted[1:-1], text)
        new = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", new.replace("\\", "\\\\"))
        return Computed(span, pattern.sub(new, text)) if pattern else None
    return args[0] if wanted not in text else _computed(span, text.replace(wanted, new))


def _pattern(text: str, subject: str) -> re.Pattern[str] | None:
    """A regular expression that cannot run for long: few repetitions, none of them nested, on a short text."""
    if len(re.findall(r"(?<!\\)[*+{]", text)) > 3 or re.search(r"\)[*+{?]", text) or len(subject) > 500:
        return None
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return None


def _regex(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    texts = _texts(args)
    pattern = _pattern(*texts) if len(texts) == 2 else None
    if pattern is None:
        return None
    found = pattern.search(texts[1])
    if not found:
        return Missing(span, "nothing matches")
    if pattern.groupindex:
        return Map(
            span, tuple((Computed(span, name), Computed(span, value)) for name, value in found.groupdict().items())
        )
    return _computed(span, [part or "" for part in found.groups()] if found.groups() else found[0])


def _substr(text: str, start: str, length: str) -> str:
    begin = int(start) if int(start) >= 0 else max(0, len(text) + int(start))
    return text[begin:] if int(length) < 0 else text[begin : begin + int(length)]


def _indent(width: str, text: str) -> str:
    if int(width) > 100:
        raise ValueError
    return text.replace("\n", "\n" + " " * int(width))


# ── collections ──


def _concat(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    elements: list[Node] = []
    for arg in args:
        elements.extend(arg.nodes if isinstance(arg, Seq) else (Unknown(arg.span, MORE),))
    return Seq(span, tuple(elements)) if any(isinstance(arg, Seq) for arg in args) else None


def _merge(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    """Later entries win. After a map that is not known, what stood before may have been replaced."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    holes: list[tuple[Scalar, Node]] = []
    for arg in args:
        if isinstance(arg, Scalar) and arg.value is None:
            continue
        if isinstance(arg, Map) and not has_holes(arg):
            for key, value in arg.items():
                entries.pop(key.text or "", None)
                entries[key.text or ""] = (key, value)
            continue
        entries = {
            name: (key, Call(value.span, "lookup", (arg, key, value))) if not isinstance(arg, Map) else (key, value)
            for name, (key, value) in entries.items()
        }
        hole = Unknown(arg.span, MORE)
        holes.append((ComputedKey(arg.span, hole), hole))
        for key, value in arg.items():
            if key.text is not None:
                entries[key.text] = (key, value)
    return Map(span, (*entries.values(), *holes)) if entries or not holes else None


def _flatten(span: Span, elements: list[Node]) -> Node | None:
    flat: list[Node] = []
    stack = list(reversed(elements))
    while stack:
        element = stack.pop()
        if isinstance(element, Seq):
            stack.extend(reversed(element.nodes))
        else:
            known = isinstance(element, (Scalar, Map, Template))
            # what is not known may be a list
            flat.append(element if known or isinstance(element, Ref) else Unknown(element.span, MORE))
        if len(flat) + len(stack) > _MOST:
            return None
    return Seq(span, tuple(flat))


def _distinct(span: Span, elements: list[Node]) -> Node | None:
    names = [canonical(element) for element in elements]
    if None in names:
        return Seq(span, tuple(elements))
    return Seq(span, tuple(element for at, element in enumerate(elements) if names[at] not in names[:at]))


def _compact(span: Span, elements: list[Node]) -> Node | None:
    kept = [element for element in elements if not (isinstance(element, Scalar) and element.value in (None, ""))]
    sure = [element for element in kept if element.text or never_null(element)]
    if len(sure) == len(kept):
        return Seq(span, tuple(kept))
    return Seq(span, tuple(element if element in sure else Unknown(element.span, MORE) for element in kept))


def _one(span: Span, elements: list[Node]) -> Node | None:
    return elements[0] if len(elements) == 1 else Computed(span, None) if not elements else None


def _coalesce(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    """The first that is not null and not empty."""
    for at, arg in enumerate(args):
        if isinstance(arg, Scalar) and arg.value in (None, ""):
            continue
        if never_null(arg) or isinstance(arg, Scalar):
            return arg if at == 0 or all(isinstance(one, Scalar) for one in args[:at]) else None
        rest = [one for one in args[at:] if not (isinstance(one, Scalar) and one.value in (None, ""))]
        return rest[0] if len(rest) == 1 else Call(span, "coalesce", tuple(rest))
    return Missing(span, NO_ELEMENT)


def _coalescelist(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    for arg in args:
        elements = _list(arg)
        if elements is None:
            return None
        if elements:
            return arg
    return Missing(span, NO_ELEMENT)


def _lookup(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    key = args[1].text
    if key is None or not isinstance(args[0], Map):
        return None
    found = args[0].get(key)
    if found is not None:
        return found
    if has_holes(args[0]):
        return None
    return args[2] if len(args) > 2 else Missing(span, NO_ELEMENT)


def _element(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    elements, at = _list(args[0]), _number(args[1])
    if elements is None or at is None:
        return None
    return elements[int(at) % len(elements)] if elements else Missing(span, NO_ELEMENT)


def _keys(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    entries = _sorted_entries(args[0])
    return None if entries is None else Seq(span, tuple(key for key, _ in entries))


def _values(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    entries = _sorted_entries(args[0])
    return None if entries is None else Seq(span, tuple(value for _, value in entries))


def _sorted_entries(node: Node) -> list[tuple[Scalar, Node]] | None:
    if not isinstance(node, Map) or has_holes(node):
        return None
    return sorted(node.items(), key=lambda pair: pair[0].text or "")


def _length(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    node = args[0]
    elements = _list(node)
    if elements is not None:
        return Computed(span, len(elements))
    if isinstance(node, Map) and not has_holes(node):
        return Computed(span, len({key.text for key, _ in node.items()}))
    return Computed(span, len(node.value)) if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _contains(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    if not isinstance(args[0], Seq):
        return None
    answers = [_equal(element, args[1]) for element in args[0]]
    if True in answers:
        return Computed(span, True)
    return None if None in answers else Computed(span, False)


def _index(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    answers = [_equal(element, args[1]) for element in _list(args[0]) or []]
    return Computed(span, answers.index(True)) if True in answers and None not in answers else None


def _sort(span: Span, elements: list[Node]) -> Node | None:
    if any(element.text is None for element in elements):
        return None
    return Seq(span, tuple(sorted(elements, key=lambda element: element.text or "")))


def _toset(span: Span, elements: list[Node]) -> Node | None:
    distinct = _distinct(span, elements)
    return _sort(span, list(distinct or ())) or distinct


def _slice(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    elements, start, end = _list(args[0]), _number(args[1]), _number(args[2])
    if elements is None or start is None or end is None:
        return None
    return Seq(span, tuple(elements[int(start) : int(end)]))


def _range(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    numbers = [_number(arg) for arg in args]
    whole = [int(number) for number in numbers if number is not None]
    if len(whole) != len(args):
        return None
    made = range(*whole)
    return _computed(span, list(made)) if len(made) <= _MOST else None


def _zipmap(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    keys, values = _list(args[0]), _list(args[1])
    if keys is None or values is None or any(key.text is None for key in keys):
        return None
    return Map(span, tuple((Computed(key.span, key.text), value) for key, value in zip(keys, values)))


def _sets(keep: Callable[[set[str | None], set[str | None]], set[str | None]]) -> Function:
    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        lists = [_list(arg) for arg in args]
        elements = {canonical(element): element for one in lists for element in one or ()}
        if None in lists or not all(isinstance(element, Scalar) for element in elements.values()):
            return None
        names = [{canonical(element) for element in one or ()} for one in lists]
        kept = names[0]
        for others in names[1:]:
            kept = keep(kept, others)
        return _sort(span, [elements[name] for name in kept])

    return function


def _setproduct(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    rows: list[tuple[Node, ...]] = [()]
    for arg in args:
        elements = _list(arg)
        if elements is None or len(rows) * len(elements) > _MOST:
            return None
        rows = [(*row, element) for row in rows for element in elements]
    return Seq(span, tuple(Seq(span, row) for row in rows))


def _all_true(wanted: bool) -> Function:
    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        values = [_value(element) for element in args[0]] if isinstance(args[0], Seq) else [None]
        if (not wanted) in values:
            return Computed(span, not wanted)
        return Computed(span, wanted) if all(value is wanted for value in values) else None

    return function


def _extreme(choose: Callable[..., float]) -> Function:
    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        numbers = [number for arg in args if (number := _number(arg)) is not None]
        return Computed(span, choose(numbers)) if numbers and len(numbers) == len(args) else None

    return function


# ── encodings and files ──


def _encoded(name: str) -> Function:
    """What is only turned into text keeps its parts: who wants the text finds it, who wants the parts too."""

    def function(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
        return Call(span, name, args[:1])

    return function


def _jsondecode(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    return decoded(args[0], strict=True)


def _yamldecode(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    if isinstance(args[0], Call) and args[0].name in ("jsonencode", "yamlencode"):
        return args[0].args[0]
    source = text_source(args[0])
    if source is None:
        return None
    from ..readers import yaml

    document = yaml.read(source)
    return document.roots[0] if len(document.roots) == 1 and not document.problems else None


def _base64decode(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    if isinstance(args[0], Call) and args[0].name in ("base64encode", "textencodebase64"):
        return args[0].args[0]
    text = args[0].text
    if text is None:
        return None
    from binascii import Error, a2b_base64

    try:
        return Scalar(args[0].span, a2b_base64(text, strict_mode=False).decode())
    except (Error, TypeError, UnicodeDecodeError):
        return None


def _urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


def _file(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    source = scope.read(args[0], span)
    if source is None:
        return Unknown(span, "the file is not in the repository") if args[0].text is not None else None
    return Scalar(source.span(), source.text)


def _filebase64(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    text = _file(scope, span, args)
    return text if text is None or isinstance(text, Unknown) else Call(span, "base64encode", (text,))


def _fileexists(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    # A file that is not there may be made before Terraform runs.
    return Computed(span, True) if scope.read(args[0], span) is not None else None


def _templatefile(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    source = scope.read(args[0], span)
    if source is None:
        return Unknown(span, "the file is not in the repository") if args[0].text is not None else None
    return scope.render(source, args[1] if len(args) > 1 else None, span)


def _dirname(text: str) -> str:
    return text.rpartition("/")[0] or "."


def _tobool(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    value = _value(args[0])
    return Computed(span, value) if isinstance(value, bool) else None


def _tonumber(scope: Scope, span: Span, args: tuple[Node, ...]) -> Node | None:
    number = _number(args[0])
    return Computed(span, number) if number is not None else None


def _trim(text: str, characters: str) -> str:
    return text.strip(characters)


FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("nonsensitive", "sensitive", "tolist", "tomap", "tostring", "ephemeralasnull", "abspath"), _same),
    "join": _join,
    "format": _format,
    "formatlist": _formatlist,
    "replace": _replace,
    "regex": _regex,
    "lower": _of_text(str.lower),
    "upper": _of_text(str.upper),
    "title": _of_text(lambda text: re.sub(r"\b[a-z]", lambda found: found[0].upper(), text)),
    "chomp": _of_text(lambda text: text.rstrip("\r\n")),
    "trimspace": _of_text(str.strip),
    "strrev": _of_text(lambda text: text[::-1]),
    "basename": _of_text(lambda text: text.rpartition("/")[2]),
    "dirname": _of_text(_dirname),
    "urlencode": _of_text(_urlencode),
    "split": _of_texts(lambda separator, text: text.split(separator) if separator else list(text)),
    "substr": _of_texts(_substr),
    "indent": _of_texts(_indent),
    "trim": _of_texts(_trim),
    "trimprefix": _of_texts(str.removeprefix),
    "trimsuffix": _of_texts(str.removesuffix),
    "startswith": _of_texts(str.startswith),
    "endswith": _of_texts(str.endswith),
    "strcontains": _of_texts(lambda text, part: part in text),
    "concat": _concat,
    "merge": _merge,
    "flatten": _of_list(_flatten),
    "distinct": _of_list(_distinct),
    "compact": _of_list(_compact),
    "one": _of_list(_one),
    "reverse": _of_list(lambda span, elements: Seq(span, tuple(reversed(elements)))),
    "sort": _of_list(_sort),
    "toset": _of_list(_toset),
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "lookup": _lookup,
    "element": _element,
    "keys": _keys,
    "values": _values,
    "length": _length,
    "contains": _contains,
    "index": _index,
    "slice": _slice,
    "range": _range,
    "zipmap": _zipmap,
    "setunion": _sets(lambda a, b: a | b),
    "setsubtract": _sets(lambda a, b: a - b),
    "setintersection": _sets(lambda a, b: a & b),
    "setproduct": _setproduct,
    "alltrue": _all_true(True),
    "anytrue": _all_true(False),
    "max": _extreme(max),
    "min": _extreme(min),
    "tobool": _tobool,
    "tonumber": _tonumber,
    **{name: _encoded(name) for name in ("jsonencode", "yamlencode", "base64encode", "textencodebase64", "base64gzip")},
    "jsondecode": _jsondecode,
    "yamldecode": _yamldecode,
    "base64decode": _base64decode,
    "textdecodebase64": _base64decode,
    "file": _file,
    "filebase64": _filebase64,
    "fileexists": _fileexists,
    "templatefile": _templatefile,
}
