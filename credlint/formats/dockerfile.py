"""Dockerfiles: what every stage keeps in its environment, in its history and in its layers."""

from __future__ import annotations

import re

from .. import aws, keys, names, values
from ..model import BuildArgument, Copy, Facts, FileHow, Image, ImageFile, Setting
from ..node import Ref, Scalar, Template
from ..readers import dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..node import Node, Problem
    from ..readers.dockerfile import Instruction, Stage
    from ..readers.shell import Command
    from ..text import Source, Span

_SHELL_FORMS = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
_CREDENTIALS_FILE = re.compile(r"(?:^|/)\.aws/(?:credentials|config)$|(?:^|/)\.boto$|(?:^|/)\.s3cfg$")

_WRITES = re.compile(r"\.aws/|\.boto|\.s3cfg|aws\s+configure\s+set")


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    images: list[Image] = []
    problems: list[Problem] = []
    for source in sources:
        file = dockerfile.read(source)
        problems.extend(file.problems)
        # A shell is read only where there is something to find in it.
        worth = keys.has_candidates(source.text)
        for stage in dockerfile.stages(file):
            settings.extend(_settings(stage, worth))
            images.append(_image(source, stage))
    return Facts(texts=sources, settings=settings, images=images, problems=problems)


def _settings(stage: Stage, worth: bool) -> Iterator[Setting]:
    """ENV, ARG and LABEL, and what shells set. ENV and ARG of a stage belong together."""
    for instruction in _with_triggers(stage):
        group = stage if instruction.keyword in ("ENV", "ARG") else instruction
        for name, value in instruction.pairs:
            if value is not None:
                yield Setting(name.text or "", values.value_of(value), group)
        if not worth or instruction.keyword not in _SHELL_FORMS:
            continue
        if instruction.exec_form is not None:
            yield from values.settings_of(instruction.exec_form)
        else:
            yield from values.settings_of_shell(instruction.command)


def _with_triggers(stage: Stage) -> Iterator[Instruction]:
    for instruction in stage.instructions:
        yield instruction.trigger or instruction


def _image(source: Source, stage: Stage) -> Image:
    copies: list[Copy] = []
    written: list[ImageFile] = []
    for instruction in stage.instructions:
        if instruction.keyword in ("COPY", "ADD"):
            words = tuple(instruction.exec_form or instruction.words)
            target = words[-1].text if words else None
            if any(flag.name == "from" for flag in instruction.flags):
                written.extend(_from_stage(instruction, words[:-1]))
            elif instruction.heredocs:
                written.extend(_heredoc_file(instruction, target))
            else:
                copied = tuple(values.value_of(word) for word in words[:-1])
                copies.append(Copy(instruction.span, copied, target))
        elif instruction.keyword == "RUN" and _WRITES.search(instruction.span.text):
            written.extend(_written_by(instruction))
    return Image(
        source.path,
        (stage.origin or stage.instructions[0]).span,
        stage.name,
        stage.reaches_final,
        arguments=tuple(_build_arguments(stage)),
        copies=tuple(copies),
        files=tuple(written),
    )


def _build_arguments(stage: Stage) -> Iterator[BuildArgument]:
    """The arguments that are, by their name or by the ENV made of them, secrets of AWS."""
    arguments: dict[str, tuple[Scalar, Node | None]] = {}
    copied: dict[str, list[Span]] = {}
    for instruction in stage.instructions:
        for name, value in instruction.pairs:
            if instruction.keyword == "ARG" and name.text:
                arguments[name.text] = (name, value)
            elif instruction.keyword == "ENV" and value is not None:
                for reference in _references(value):
                    if reference in arguments:
                        secret = names.is_variable(name.text or "") or names.is_variable(reference)
                        if secret:
                            copied.setdefault(reference, []).append(name.span)
    for text, (name, value) in arguments.items():
        default = values.value_of(value) if value is not None else None
        # With a default it is a literal: a key, which is told as one, or a dummy.
        if (names.is_variable(text) or text in copied) and not (default and default.text):
            yield BuildArgument(text, name.span, default, tuple(copied.get(text, ())))


def _references(value: Node) -> Iterator[str]:
    """The variables of which a value is made."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Template):
        for part in value.parts:
            if isinstance(part, Ref):
                yield part.name


def _from_stage(instruction: Instruction, words: Sequence[Node]) -> Iterator[ImageFile]:
    """COPY --from of a credentials file that another stage has."""
    for word in words:
        path = word.text or ""
        if path.rstrip("/").endswith("/.aws") or path.endswith(".aws/credentials"):
            yield ImageFile(instruction.span, path, FileHow.COPIED)


def _heredoc_file(instruction: Instruction, target: str | None) -> Iterator[ImageFile]:
    if target and _CREDENTIALS_FILE.search(target):
        for heredoc in instruction.heredocs:
            if _holds_keys(heredoc.body.text, filled=heredoc.expand and "$" in heredoc.body.text):
                yield ImageFile(instruction.span, target, FileHow.WRITTEN)


def _written_by(instruction: Instruction) -> Iterator[ImageFile]:
    """The credentials files that a RUN leaves in its layer: not those that it removes again itself."""
    if any(flag.name == "mount" and ".aws" in _mount_target(flag.options()) for flag in instruction.flags):
        return  # what is written there is not in the layer
    from ..readers import shell

    scripts = [shell.read(source) for source in (instruction.command, *(one.content() for one in instruction.heredocs))]
    commands = [command for script in scripts for command in script.commands]
    texts = [[word.text or "" for word in shell.program(command.words)] for command in commands]
    if any(words[:1] == ["rm"] and any(".aws" in word for word in words) for words in texts):
        return
    configured = False
    written: set[str] = set()
    for command, words in zip(commands, texts):
        if _configures(words) and not configured:
            configured = True  # id and secret are two commands and one fault
            yield ImageFile(command.span, "~/.aws/credentials", FileHow.CONFIGURED)
        for path in _targets(command, words):
            if path not in written and _may_be_credentials(command, instruction):
                written.add(path)
                yield ImageFile(command.span, path, FileHow.WRITTEN)


def _mount_target(options: tuple[tuple[Scalar, Scalar | None], ...]) -> str:
    return next((value.text or "" for key, value in options if key.text in ("target", "dst") and value), "")


def _configures(words: list[str]) -> bool:
    """`aws configure set aws_secret_access_key X`, with a value that may be a key."""
    if words[:3] != ["aws", "configure", "set"] or len(words) < 5:
        return False
    name, value = next(
        ((words[at], words[at + 1]) for at in range(3, len(words) - 1) if not words[at].startswith("--")), ("", "")
    )
    if name.rpartition(".")[2] not in ("aws_secret_access_key", "aws_session_token"):
        return False
    return not value or len(value) >= 40 or (aws.is_placeholder(value) and "$" in value)


def _targets(command: Command, words: list[str]) -> Iterator[str]:
    """The credentials files that a command writes."""
    for redirect in command.redirects:
        path = redirect.target.text or redirect.target.span.text
        if redirect.op.startswith(">") and _CREDENTIALS_FILE.search(path):
            yield path
    if words[:1] == ["tee"]:
        yield from (word for word in words[1:] if _CREDENTIALS_FILE.search(word))


def _may_be_credentials(command: Command, instruction: Instruction) -> bool:
    """Whether what a command writes may hold real keys."""
    filled = any(not isinstance(word, Scalar) for word in command.words)
    texts = [word.span.text for word in command.words]
    bodies = [(heredoc.body.text, heredoc.expand) for heredoc in command.heredocs]
    bodies += [(heredoc.body.text, heredoc.expand) for heredoc in instruction.heredocs]
    for text, expand in bodies:
        texts.append(text)
        filled = filled or (expand and "$" in text)
    return _holds_keys("\n".join(texts), filled=filled)


def _holds_keys(content: str, *, filled: bool) -> bool:
    """Whether the content of a credentials file holds real keys, or, when variables fill it, is to hold them."""
    if filled:
        return re.search("aws_secret|aws_access|credential|secret", content, re.IGNORECASE) is not None
    return any(not aws.is_documented(found) for found in aws.KEY_ID.findall(content))
