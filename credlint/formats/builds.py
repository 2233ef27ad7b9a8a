"""Scripts that build images: those of CI files, whichever service runs them, and shell scripts.

Every string of a CI file that has `--build-arg` in it is read as shell, and so is one of a template or a
manifest. GitHub's actions take `build-args`, a text with an argument on each line
(https://github.com/docker/build-push-action#inputs). Keys are looked for in the bare text.
"""

from __future__ import annotations

import re

from .. import lazy, names
from ..model import BuildArgument, BuildPlace, Facts
from ..node import Ref, Scalar, Seq, walk
from ..readers import shell
from ..text import align

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..node import Document, Node, Problem
    from ..text import Source, Span

_OPTION = "--build-arg"
_INPUTS = frozenset(("build-args", "build_args"))
_LINE = lazy.pattern(r"""^[ \t]*["']?([A-Za-z_]\w*)(?:=(.*))?$""", re.MULTILINE)
# A value that is nothing but a variable of a shell, of GitHub, of another service.
_VARIABLE = lazy.pattern(r"""["']?(?:\$\{?|\$\(|\$?\{\{\s*(?:\w+\.)*|%)([A-Za-z_]\w*)\s*(?:\}\}|[)}%])?["']?""")
# What begins a value that is put in later.
_OPEN = ("$", "{{", "%")


def read(sources: Sequence[Source], files: Files) -> Facts:
    found: list[_Given] = []
    problems: list[Problem] = []
    for source in sources:
        if source.path.lower().endswith((".sh", ".bash")):
            found.extend(_of_shell(source))
            continue
        from ..readers import yaml

        document = yaml.read(source)
        problems.extend(document.problems)
        for root in document.roots:
            found.extend(_of_document(root))
    return Facts(texts=sources, build_arguments=list(_arguments(found)), problems=problems)


def handed_over(document: Document) -> list[BuildArgument]:
    """The build arguments in the scripts of a document of another kind: a template with a pipeline, a manifest."""
    return list(_arguments([given for root in document.roots for given in _of_document(root)]))


class _Given:
    """An argument that is handed over. `value` is None where it is that of the environment; `group` is the build."""

    __slots__ = ("group", "name", "place", "span", "value")

    def __init__(self, name: str, span: Span, value: str | None, place: BuildPlace, group: object) -> None:
        self.name = name
        self.span = span
        self.value = value
        self.place = place
        self.group = group


def _arguments(found: Sequence[_Given]) -> Iterator[BuildArgument]:
    """Those that are keys, by their name or by that of the variable that they are. A literal is a key, or a dummy."""
    with_id = {id(given.group) for given in found if given.name == "AWS_ACCESS_KEY_ID"}
    for given in found:
        value = given.value
        if value is not None and not value.lstrip("\"'").startswith(_OPEN):
            continue
        variable = _VARIABLE.fullmatch(value) if value else None
        if names.is_variable(given.name) or (variable and names.is_variable(variable[1])):
            yield BuildArgument(given.name, given.span, given.place, with_id=id(given.group) in with_id)


def _of_document(root: Node) -> Iterator[_Given]:
    for node in walk(root):
        if isinstance(node, Scalar) and isinstance(node.value, str) and _OPTION in node.value:
            yield from _of_shell(align(node.span, node.value))
        for key, value in node.items():
            if key.text in _INPUTS:
                yield from _of_input(value)


def _of_input(node: Node) -> Iterator[_Given]:
    """What an action is given: a line for each argument, or an element of a list."""
    for element in node if isinstance(node, Seq) else (node,):
        if not isinstance(element, Scalar) or not element.text or _OPTION in element.text:
            continue
        source = align(element.span, element.text)
        for line in _LINE.finditer(element.text):
            value = line[2].strip() if line[2] is not None else None
            yield _Given(line[1], source.span(*line.span(1)), value, BuildPlace.ACTION, node)


def _of_shell(source: Source) -> Iterator[_Given]:
    for command in shell.read(source).commands:
        words = command.words
        for at, word in enumerate(words):
            if word.text == _OPTION and at + 1 < len(words):
                argument = words[at + 1]
            else:
                option = shell.split(word)
                if option is None or option[0].text != _OPTION:
                    continue
                argument = option[1]
            given = _of_word(argument, command)
            if given is not None:
                yield given


def _of_word(word: Node, command: shell.Command) -> _Given | None:
    sides = shell.split(word)
    if sides is None:
        return _Given(word.text, word.span, None, BuildPlace.COMMAND, command) if word.text else None
    name, value = sides
    if isinstance(value, Ref) and value.default is not None and value.default.text:
        text = value.default.text  # a key is told as one
    else:
        text = value.text if value.text is not None else value.span.text
        text = text if value.text is not None or text.startswith(_OPEN) else f"${text}"
    return _Given(name.text or "", name.span, text, BuildPlace.COMMAND, command)
