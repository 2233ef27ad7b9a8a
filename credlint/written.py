"""What the commands of a shell write into credentials files."""

from __future__ import annotations

import re

from . import aws, lazy
from .credential_files import from_home, is_credentials, may_hold_credentials
from .model import FileHow
from .node import Scalar, Template
from .readers import shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .node import Node
    from .readers.shell import Command
    from .text import Span

_FILLED = "\0"  # what stands for a value that is filled in when the command runs
_MOST_FEEDING = 20  # commands of a pipe that are looked at
_SHARED_FILE = "~/.aws/credentials"

_PAIR = lazy.pattern(r"([A-Za-z_]\w*)[ \t]*[=:][ \t]*[\"']?([^\s\"']*)")
_WHOLE_LINE = lazy.pattern(r"^[ \t\"']*\0[\0: \t\"']*$", re.MULTILINE)
_EXPANSION = lazy.pattern(r"(?<!\\)\$(?:\{[^}]*\}|\([^)]*\)|\w+)")
_FORMAT = lazy.pattern(r"%(?:([%])|[-+ #0]*\d*(?:\.\d+)?([a-zA-Z]))")
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


def files(commands: Sequence[Command], documents: Mapping[str, tuple[str, bool]], kept: Sequence[str]) -> list[Written]:
    """The credentials files that are there, with keys in them, when all the commands have run.

    Each file once, at the command that writes the keys. `documents` are the texts of
    here-documents that the shell's reader was not given, by name, with whether they are
    expanded. What is written below one of the paths in `kept` does not count.
    """
    found: dict[str, Written] = {}
    feeding: dict[int, list[Command]] = {}
    for command in commands:
        if command.pipe is not None:
            feeding.setdefault(id(command.pipe), []).append(command)
    for command in commands:
        words = shell.program(command.words)
        texts = [shell.document(word).text for word in words]
        for path in _removed(texts):
            for written in [written for written in found if _is_below(written, path)]:
                del found[written]
        targets = list(_targets(command, texts))
        configured = _configured(words, texts)
        if configured is None and not targets:
            continue
        how = FileHow.WRITTEN
        if configured is not None:
            content, targets, how = configured, [_SHARED_FILE], FileHow.CONFIGURED
            if not content:  # asks on its input
                content = _content(command, feeding, documents)
        else:
            content = _content(command, feeding, documents)
        for path in targets:
            if any(_is_below(path, folder) for folder in kept):
                continue
            literal = _holds_keys(content, bare=how is FileHow.CONFIGURED or is_credentials(path))
            if literal is not None:
                place = from_home(path)
                # A key of which a part is filled in is no literal.
                if place not in found or (found[place].literal and not literal):
                    found[place] = Written(command.span, path, how, literal)
    return list(found.values())


def holds_keys(document: str, *, expanded: bool) -> bool | None:
    """Whether the text of a credentials file says keys itself (True), has them filled in (False), or holds none."""
    return _holds_keys(_masked(document, expanded), bare=True)


def _holds_keys(content: str, *, bare: bool) -> bool | None:
    literal: bool | None = None
    for name, value in _PAIR.findall(content):
        if aws.says_secret(name) or name.lower() == "secret_key":
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


def _content(command: Command, feeding: Mapping[int, list[Command]], documents: Mapping[str, tuple[str, bool]]) -> str:
    """What a command writes, as far as it says it: its own words, its here-documents, what is piped into it."""
    texts: list[str] = []
    waiting = [command]
    for one in waiting:
        texts.append(_printed(shell.program(one.words)))
        for heredoc in one.heredocs:
            body, expanded = documents.get(heredoc.name, ("", False))
            body = heredoc.body.text or body
            texts.append(_masked(body, heredoc.expand or expanded))
        texts.extend(_text(redirect.target) for redirect in one.redirects if redirect.op == "<<<")
        waiting.extend(feeding.get(id(one), [])[: _MOST_FEEDING - len(waiting)])
    return "\n".join(texts)


def _printed(words: Sequence[Node]) -> str:
    """What `echo` and `printf` print. Whether `echo` takes `\\n` for a line break is up to the shell; here it does."""
    name = (words[0].text or "").rpartition("/")[2] if words else ""
    texts = [_text(word) for word in words[1:]]
    if name == "printf" and texts:
        arguments = iter(texts[1:])
        first = _FORMAT.sub(lambda found: found[1] or next(arguments, ""), texts[0])
        texts = [first, *arguments]
    elif name != "echo":
        return ""
    return " ".join(texts).replace("\\n", "\n")


def _text(word: Node) -> str:
    """A word's text, with a mark for each part that is not known before it runs."""
    parts = word.parts if isinstance(word, Template) else (word,)
    return "".join((part.text or "") if isinstance(part, Scalar) else _FILLED for part in parts)


def _masked(document: str, expanded: bool) -> str:
    return str(_EXPANSION.sub(_FILLED, document)) if expanded else document


def _configured(words: Sequence[Node], texts: list[str]) -> str | None:
    """What `aws configure` is told to set, as a pair; "" when it asks for it; None for other commands."""
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
    if said == ["configure"]:
        return ""
    if said[:2] != ["configure", "set"] or len(said) < 4:
        return None
    return f"{said[2].rpartition('.')[2]}={said[3]}"


def _targets(command: Command, texts: list[str]) -> Iterator[str]:
    """The credentials files that a command writes into."""
    for redirect in command.redirects:
        path = shell.document(redirect.target).text
        if redirect.op in (">", ">>", ">|", "&>", "&>>") and may_hold_credentials(path):
            yield path
    if texts[:1] == ["tee"]:
        yield from (text for text in texts[1:] if may_hold_credentials(text))


def _removed(texts: list[str]) -> list[str]:
    """The files and folders that a command removes."""
    name = texts[0].rpartition("/")[2] if texts else ""
    if name in ("rm", "unlink") or (name == "shred" and any(text.startswith("-") and "u" in text for text in texts)):
        return [text for text in texts[1:] if not text.startswith("-")]
    return []


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is that one, or in that folder."""
    path, folder = from_home(path), from_home(folder).removesuffix("*").rstrip("/")
    return folder != "" and (path == folder or path.startswith(f"{folder}/"))
