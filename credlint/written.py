"""What the commands of a shell write into credentials files."""

from __future__ import annotations

import re

from . import aws, lazy, names
from .credential_files import from_home, is_credentials, may_hold_credentials
from .model import FileHow, Setting, Value
from .node import Ref, Scalar, Template
from .readers import shell
from .text import Source, embed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .node import Node
    from .readers.shell import Command
    from .text import Span

_FILLED = "\0"  # what stands for a value that is filled in when the command runs
_MOST_FEEDING = 20  # commands of a pipe that are looked at
_MOST_FILES = 100
_SHARED_FILE = "~/.aws/credentials"

_PAIR = lazy.pattern(r"(?<!\w)([A-Za-z_]\w*)[ \t]*[=:][ \t]*[\"']?([^\s\"']*)")
_WHOLE_LINE = lazy.pattern(r"^[ \t\"']*\0[\0: \t\"']*$", re.MULTILINE)
_EXPANSION = lazy.pattern(r"(?<!\\)\$(?:\{[^}]*\}|\([^)]*\)|\w+)")
_CONVERSION = lazy.pattern(r"%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
# The options of the AWS CLI that go before or between the words of a command and take no value.
_FLAGS = frozenset(
    ("--debug", "--no-verify-ssl", "--no-paginate", "--no-sign-request", "--no-cli-pager", "--no-cli-auto-prompt")
)


class Written:
    """A credentials file that a command writes. `literal` when the command says the keys itself."""

    __slots__ = ("how", "literal", "path", "span")

    def __init__(self, span: Span, path: str, how: FileHow, literal: bool) -> None:
        self.span = span
        self.path = path
        self.how = how
        self.literal = literal


def files(
    commands: Sequence[Command], documents: Mapping[str, tuple[Span, bool]], kept: Sequence[str]
) -> tuple[list[Written], list[Source]]:
    """The credentials files that are there, with keys in them, when all the commands have run.

    Each file once, at the command that writes the keys. And the texts that are written into
    such files, whether they stay there or not. `documents` are the here-documents that the
    shell's reader was not given, by name, with whether they are expanded. What is written
    below one of the paths in `kept` does not stay.
    """
    kept = [_folder(path) for path in kept]
    found: dict[str, Written] = {}
    contents: list[Source] = []
    feeding: dict[int, list[Command]] = {}
    for command in commands:
        if command.pipe is not None:
            feeding.setdefault(id(command.pipe), []).append(command)
    for command in commands:
        words = shell.program(command.words)
        texts = [shell.document(word).text for word in words]
        for folder in _removed(texts):
            for place in [place for place in found if _is_below(place, folder)]:
                del found[place]
        targets, how = list(_targets(command, texts)), FileHow.WRITTEN
        content = _configured(words, texts)
        if content is not None:
            targets, how = [_SHARED_FILE], FileHow.CONFIGURED
        if targets and (content is None or not content.text):
            content = _content(command, feeding, documents)
        if content is None:
            continue
        contents.append(content)
        for path in targets:
            literal = _holds_keys(content.text, bare=how is FileHow.CONFIGURED or is_credentials(path))
            place = from_home(path)
            if literal is None or len(found) >= _MOST_FILES or any(_is_below(place, folder) for folder in kept):
                continue
            # A key of which a part is filled in is no literal.
            if place not in found or (found[place].literal and not literal):
                found[place] = Written(command.span, path, how, literal)
    return list(found.values()), contents


def removed(command: Command) -> list[str]:
    """The files and folders that a command removes."""
    return _removed([shell.document(word).text for word in shell.program(command.words)])


def holds_keys(document: Span, *, expanded: bool) -> bool | None:
    """Whether the text of a credentials file says keys itself (True), has them filled in (False), or holds none."""
    return _holds_keys(_document(document, expanded).text, bare=True)


def settings(content: Source) -> Iterator[Setting]:
    """The names and values in the text of a credentials file."""
    for pair in _PAIR.finditer(content.text):
        if _FILLED not in pair[2]:
            yield Setting(pair[1], Value(content.span(*pair.span(2)), pair[2]), content)


def _holds_keys(content: str, *, bare: bool) -> bool | None:
    literal: bool | None = None
    for name, value in _PAIR.findall(content):
        if names.is_variable(name) or name.lower() == "secret_key":
            if _FILLED in value:
                return False
            if _is_key(value):
                literal = True
    if literal is None and bare and _WHOLE_LINE.search(content):
        return False
    return literal


def _is_key(value: str) -> bool:
    """Whether a literal is one that somebody can use."""
    if len(value) != 40:
        return len(value) >= 100 and not aws.is_documented(value)
    return aws.looks_random(value) and not aws.is_documented(value) and not aws.is_filler(value)


# ── what a command says ──


def _content(
    command: Command, feeding: Mapping[int, list[Command]], documents: Mapping[str, tuple[Span, bool]]
) -> Source:
    """What a command writes, as far as it says it: its own words, its here-documents, what is piped into it."""
    parts: list[Source] = []
    waiting = [command]
    for one in waiting:
        parts.extend(_printed(shell.program(one.words)))
        for heredoc in one.heredocs:
            body, expanded = documents.get(heredoc.name, (heredoc.body, heredoc.expand))
            parts.append(_document(heredoc.body, heredoc.expand) if heredoc.body.text else _document(body, expanded))
        parts.extend(_text(redirect.target) for redirect in one.redirects if redirect.op == "<<<")
        waiting.extend(feeding.get(id(one), [])[: _MOST_FEEDING - len(waiting)])
    return _joined(command, parts, "\n")


def _printed(words: Sequence[Node]) -> list[Source]:
    """What `echo` and `printf` print. Whether `echo` takes `\\n` for a line break is up to the shell; here it does."""
    name = (words[0].text or "").rpartition("/")[2] if words else ""
    if name not in ("echo", "printf") or len(words) < 2:
        return []
    texts = [_text(word) for word in words[1:]]
    if name == "echo":
        return [_joined(words[0], texts, " ")]
    first, arguments = texts[0], iter(texts[1:])
    parts: list[Source] = []
    at = 0
    for conversion in _CONVERSION.finditer(first.text):
        parts.append(embed(first.span(at, conversion.start())))
        argument = next(arguments, None)
        if argument is not None:
            parts.append(argument)
        at = conversion.end()
    parts.append(embed(first.span(at)))
    return [_joined(words[0], parts, ""), *arguments]


def _text(word: Node) -> Source:
    """A word's text with its line breaks, and with marks for what is not known before it runs."""
    source = shell.document(word)
    texts: list[str] = []
    for part in word.parts if isinstance(word, Template) else (word,):
        if isinstance(part, Scalar):
            texts.append((part.text or "").replace("\\n", " \n"))  # as long as it is written
        else:
            texts.append(_FILLED * (len(part.name) + 3 if isinstance(part, Ref) else 2))  # as long as in a document
    return Source(source.path, "".join(texts), source.pieces or ((0, word.span),))


def _document(body: Span, expanded: bool) -> Source:
    """The text of a here-document, with marks for what is not known before it runs."""
    text = _EXPANSION.sub(lambda found: _FILLED * len(found[0]), body.text) if expanded else body.text
    return Source(body.path, text, ((0, body),))


def _joined(place: Node | Command, parts: Sequence[Source], separator: str) -> Source:
    """Texts as one, each character at its place."""
    pieces: list[tuple[int, Span]] = []
    texts: list[str] = []
    length = 0
    for part in parts:
        if not part.text:
            continue
        if texts and separator:
            pieces.append((length, place.span.sub(0, 0)))
            texts.append(separator)
            length += len(separator)
        pieces.append((length, part.span()))
        texts.append(part.text)
        length += len(part.text)
    return Source(place.span.path, "".join(texts), pieces or ((0, place.span.sub(0, 0)),))


def _configured(words: Sequence[Node], texts: list[str]) -> Source | None:
    """What `aws configure` is told to set, as a pair; an empty text when it asks for it; None for other commands."""
    if not texts or texts[0].rpartition("/")[2] != "aws":
        return None
    operands: list[Node] = []
    at = 1
    while at < len(words):
        if texts[at].startswith("--"):
            at += 1 if "=" in texts[at] or texts[at] in _FLAGS else 2
        else:
            operands.append(words[at])
            at += 1
    said = [_text(word) for word in operands]
    said_texts = [source.text for source in said]
    if said_texts == ["configure"]:
        return _joined(words[0], (), "")
    if said_texts[:2] != ["configure", "set"] or len(said_texts) < 4:
        return None
    name = said[2].span(said_texts[2].rfind(".") + 1)
    return _joined(words[0], (embed(name), said[3]), "=")


def _targets(command: Command, texts: list[str]) -> Iterator[str]:
    """The credentials files that a command writes into."""
    for redirect in command.redirects:
        path = shell.document(redirect.target).text
        if redirect.op in (">", ">>", ">|", "&>", "&>>") and may_hold_credentials(path):
            yield path
    if texts[:1] == ["tee"]:
        yield from (text for text in texts[1:] if may_hold_credentials(text))


def _removed(texts: list[str]) -> list[str]:
    """The files and folders that a command removes, from their home on."""
    name = texts[0].rpartition("/")[2] if texts else ""
    if name in ("rm", "unlink") or (name == "shred" and any(text.startswith("-") and "u" in text for text in texts)):
        return [_folder(text) for text in texts[1:] if not text.startswith("-")]
    return []


def _folder(path: str) -> str:
    return from_home(path).removesuffix("*").rstrip("/")


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is that one, or in that folder."""
    return path == folder or path.startswith(f"{folder}/")
