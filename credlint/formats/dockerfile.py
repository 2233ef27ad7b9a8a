"""Dockerfiles: what every stage keeps in its environment, in its history and in its layers."""

from __future__ import annotations

import posixpath

from .. import keys, names, values
from ..credential_files import at_home, copied_to, is_credentials, is_read, may_hold_credentials
from ..model import (
    BuildArgument,
    BuildPlace,
    Carry,
    Copy,
    Facts,
    FileHow,
    Image,
    ImageFile,
    Origin,
    Setting,
    Value,
    Variable,
)
from ..node import Ref, Scalar, Template
from ..readers import dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..files import Files
    from ..node import Node, Problem
    from ..readers.dockerfile import Flag, Instruction, Stage
    from ..text import Source, Span

_SHELL_FORMS = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
# What a RUN has in its text that writes a credentials file.
_WRITES = (".aws", ".boto", ".s3cfg", "passwd-s3fs", "CREDENTIALS_FILE", "CONFIG_FILE", "configure")
# What a RUN has in its text that deletes a file.
_REMOVES = ("rm ", "unlink ", "shred ")
_ROOT = ("", "root", "0")


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    images: list[Image] = []
    arguments: list[BuildArgument] = []
    problems: list[Problem] = []
    for source in sources:
        file = dockerfile.read(source)
        problems.extend(file.problems)
        # A shell is read only where there is something to find in it.
        worth = keys.has_candidates(source.text)
        stages = dockerfile.stages(file)
        defaults = _literals(file.global_args)
        literals: list[dict[str, Value]] = []  # what ENV and ARG say, at the end of each stage
        for stage in stages:
            literals.append(dict(literals[stage.parent]) if stage.parent is not None else {})
            settings.extend(_settings(stage, worth, literals[-1], defaults))
        images.extend(_images(source, stages, defaults, settings, arguments))
    return Facts(texts=sources, settings=settings, images=images, build_arguments=arguments, problems=problems)


def _literals(arguments: Sequence[Instruction]) -> dict[str, Value]:
    """What the ARGs before the first FROM say."""
    found: dict[str, Value] = {}
    for instruction in arguments:
        for name, value in instruction.pairs:
            if value is not None and value.text:
                found[name.text or ""] = values.value_of(value)
    return found


def _settings(
    stage: Stage, worth: bool, literals: dict[str, Value], defaults: Mapping[str, Value]
) -> Iterator[Setting]:
    """ENV, ARG and LABEL, and what shells set. ENV and ARG of a stage belong together.

    A variable that is given to another, or to a shell, is followed to its literal: in `literals`
    are those that are set before, in `defaults` those of the ARGs before the first FROM.
    """
    for instruction in _with_triggers(stage):
        kept = instruction.keyword in ("ENV", "ARG")
        group = stage if kept else instruction
        known = literals if kept else dict(literals)
        for name, value in instruction.pairs:
            text = name.text or ""
            if value is not None:
                yield from values.followed([Setting(text, values.value_of(value), group)], known)
            elif text in defaults:
                known[text] = defaults[text]
        if not worth or instruction.keyword not in _SHELL_FORMS:
            continue
        if instruction.exec_form is not None:
            yield from values.settings_of(instruction.exec_form)
        else:
            yield from values.followed(values.settings_of_shell(instruction.command), known)


def _with_triggers(stage: Stage) -> Iterator[Instruction]:
    for instruction in stage.instructions:
        yield instruction.trigger or instruction


class _Known:
    """What is known at a place in a stage; a stage that is FROM another one starts with what that one ends with."""

    __slots__ = ("arguments", "assumed", "environment", "texts", "user", "variables", "workdir")

    def __init__(self, parent: _Known | None) -> None:
        self.arguments: dict[str, _Argument] = dict(parent.arguments) if parent else {}
        self.environment: dict[str, str] = dict(parent.environment) if parent else {}
        self.texts: dict[str, str] = dict(parent.texts) if parent else {}  # of ENV, and the defaults of ARG
        self.assumed: set[str] = set(parent.assumed) if parent else set()  # those with the default of an ARG in them
        self.workdir: str = parent.workdir if parent else ""
        self.user: str | None = parent.user if parent else ""  # None where it is not known
        self.variables: dict[str, Variable] = dict(parent.variables) if parent else {}

    def home(self) -> str:
        """The home of the user, empty where it is not known."""
        if "HOME" in self.environment:
            return self.environment["HOME"]
        if self.user is None or (self.user.isdigit() and self.user not in _ROOT):
            return ""
        return "/root" if self.user in _ROOT else f"/home/{self.user}"

    def looked_at(self) -> tuple[str, ...]:
        """Where an SDK looks for credentials because of the environment."""
        home = self.environment.get("HOME")
        named = self.environment.get("AWS_SHARED_CREDENTIALS_FILE")
        return tuple(path for path in (named, f"{home}/.aws/credentials" if home else None) if path)

    def note(self, instruction: Instruction, defaults: Mapping[str, Value]) -> None:
        """Takes over what ENV and ARG say, for what is made of it. `defaults` are those before the first FROM."""
        is_argument = instruction.keyword == "ARG"
        for node, value in instruction.pairs:
            name = node.text or ""
            if is_argument and name in self.environment:
                continue  # ENV goes before ARG
            default = defaults.get(name)
            text = default.text if default else None
            if value is not None:
                text = dockerfile.evaluate(value, self.texts)
            assumed = is_argument or (value is not None and self.is_assumed(value))
            (self.assumed.add if assumed else self.assumed.discard)(name)
            if text:
                self.texts[name] = text
            else:
                self.texts.pop(name, None)

    def is_assumed(self, node: Node) -> bool:
        """Whether something is made of the default of an ARG."""
        return not self.assumed.isdisjoint(_references(node))


class _Argument:
    """An ARG, with the places of the ENV that keep it in an image."""

    __slots__ = ("copied", "default", "name", "secret")

    def __init__(self, name: Scalar, default: Node | None) -> None:
        self.name = name
        self.default = default
        self.secret = names.is_variable(name.text or "")
        self.copied: list[Span] = []


def _images(
    source: Source,
    stages: Sequence[Stage],
    defaults: Mapping[str, Value],
    settings: list[Setting],
    arguments: list[BuildArgument],
) -> list[Image]:
    """The stages. What is written into credentials files is added to the settings, what they take to the arguments."""
    ends: list[_Known] = []
    own: list[list[_Argument]] = []
    images: list[Image] = []
    for stage in stages:
        known = _Known(ends[stage.parent] if stage.parent is not None else None)
        later: _Known | None = None  # what ONBUILD sets, for the image that is FROM this one
        taken: list[_Argument] = []
        copies: list[Copy] = []
        carries: list[Carry] = []
        removing: list[tuple[Span, Source, str]] = []
        written: list[ImageFile] = []
        removed: list[tuple[Span, str]] = []
        for given in stage.instructions:
            instruction, triggered = given.trigger or given, given.trigger is not None
            if triggered:
                later = later or _Known(known)
            at = later if triggered and later else known
            before = len(written)
            if instruction.keyword in ("ENV", "ARG"):
                at.note(instruction, defaults)
                taken.extend(_named(instruction, at, stage.reaches_final))
                if instruction.keyword == "ENV":
                    _set(instruction, at)
            elif instruction.keyword == "WORKDIR" and instruction.words:
                path = dockerfile.evaluate(instruction.words[0], at.texts)
                at.workdir = posixpath.join(at.workdir, path) if path else ""
            elif instruction.keyword == "USER" and instruction.words:
                user = instruction.words[0].text
                at.user = user.partition(":")[0] if user is not None else None
            elif instruction.keyword in ("COPY", "ADD"):
                _add_copy(instruction, triggered, at, copies, written)
                carry = _carry(instruction, at, stages, images) if not triggered else None
                if carry:
                    carries.append(carry)
            elif instruction.keyword == "RUN":
                text = instruction.span.text
                if any(sign in text for sign in _WRITES):
                    files, gone = _files_of(instruction, at, settings)
                    written.extend(files)
                    removed.extend((instruction.span, path) for path in gone if not triggered)
                if not (triggered or stage.reaches_final) and any(sign in text for sign in _REMOVES):
                    scripts = (instruction.command, *(one.content() for one in instruction.heredocs))
                    removing.extend((instruction.span, script, at.workdir) for script in scripts)
            for file in written[before:]:
                file.triggered = triggered
        ends.append(known)
        own.append(taken)
        start = (stage.origin or stage.instructions[0]).span
        looked_at = known.looked_at()
        image = Image(source.path, start, stage.name, stage.reaches_final, copies=tuple(copies), looked_at=looked_at)
        image.files = tuple(written)
        image.variables, image.home = tuple(known.variables.values()), known.home()
        image.parent = images[stage.parent] if stage.parent is not None else None
        image.removed = (*(image.parent.removed if image.parent else ()), *removed)
        image.carries, image.removing = tuple(carries), tuple(removing)
        images.append(image)
    for image, taken in zip(images, own):
        arguments.extend(_build_arguments(taken, image))
    return images


def _named(instruction: Instruction, known: _Known, reaches_final: bool) -> Iterator[_Argument]:
    """Notes what ARG and ENV name. Gives the arguments that are new here."""
    for name, value in instruction.pairs:
        text = name.text or ""
        if instruction.keyword == "ARG":
            known.arguments[text] = _Argument(name, value)
            yield known.arguments[text]
        elif value is not None:
            known.environment[text] = value.text or ""
            for reference in _references(value):
                argument = known.arguments.get(reference)
                if argument and (argument.secret or names.is_variable(text)):
                    argument.secret = True
                    if reaches_final:
                        argument.copied.append(name.span)


def _set(instruction: Instruction, known: _Known) -> None:
    """Notes the variables of an ENV. What a build argument gives is not known, whatever its default."""
    before = dict(known.variables)
    for name, node in instruction.pairs:
        if node is None:
            continue
        text = name.text or ""
        known.variables.pop(text, None)
        value = values.value_of(node)
        if isinstance(node, Ref) and node.name in before and node.name not in known.arguments:
            value = before[node.name].value or value
        elif isinstance(node, Ref) and node.default is None and node.name not in known.arguments:
            continue  # nothing that is seen sets it: most likely it is empty
        known.variables[text] = Variable(text, name.span, value, Origin.IMAGE)


def _build_arguments(arguments: Sequence[_Argument], image: Image) -> Iterator[BuildArgument]:
    """The arguments that are, by their name or by the ENV made of them, secrets of AWS."""
    last = {argument.name.text: argument for argument in arguments}
    for argument in last.values():
        default = values.value_of(argument.default) if argument.default is not None else None
        # With a default it is a literal: a key, which is told as one, or a dummy.
        if argument.secret and not (default and default.text):
            yield BuildArgument(
                argument.name.text or "",
                argument.name.span,
                BuildPlace.DOCKERFILE,
                copied=tuple(argument.copied),
                with_id="AWS_ACCESS_KEY_ID" in last,
                reaches_final=image.reaches_final,
                workload=image.name,
            )


def _references(value: Node) -> Iterator[str]:
    """The variables of which a value is made."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, Template):
        for part in value.parts:
            if isinstance(part, Ref):
                yield part.name


def _add_copy(
    instruction: Instruction, triggered: bool, known: _Known, copies: list[Copy], written: list[ImageFile]
) -> None:
    words = tuple(instruction.exec_form or instruction.words)
    target = dockerfile.evaluate(words[-1], known.texts) if words else None
    if target is not None and not target.startswith("~"):
        target = posixpath.join(known.workdir, target)
    if any(flag.name == "from" for flag in instruction.flags):
        for word in words[:-1]:
            path = dockerfile.evaluate(word, known.texts) or ""
            if is_credentials(path):
                place = copied_to(target or "", path)
                read = is_read(target or "", known.looked_at()) or is_read(place)
                written.append(ImageFile(instruction.span, path, FileHow.COPIED, is_read=read, place=place))
        return
    if instruction.heredocs:
        written.extend(_heredoc_file(instruction, target, known))
        return
    sources = tuple(Value(word.span, dockerfile.evaluate(word, known.texts)) for word in words[:-1])
    assumed = any(map(known.is_assumed, words[:-1]))
    copies.append(Copy(instruction.span, sources, target, _excluded(instruction), triggered, assumed))


def _carry(instruction: Instruction, known: _Known, stages: Sequence[Stage], images: Sequence[Image]) -> Carry | None:
    """What a COPY takes out of an earlier stage, which it calls by its name or its number."""
    start = next((flag.value.text for flag in instruction.flags if flag.name == "from" and flag.value), None)
    if not start:
        return None
    called = [image for image, stage in zip(images, stages) if (stage.name or "").lower() == start.lower()]
    if not called and start.isdecimal():
        called = list(images[int(start) : int(start) + 1])
    words = tuple(instruction.exec_form or instruction.words)
    target = dockerfile.evaluate(words[-1], known.texts) if len(words) > 1 else None
    if not called or target is None:
        return None
    target = posixpath.join(known.workdir, target)
    sources = tuple(dockerfile.evaluate(word, known.texts) for word in words[:-1])
    return Carry(instruction.span, called[-1], sources, target, _excluded(instruction))


def _excluded(instruction: Instruction) -> tuple[str, ...]:
    return tuple(flag.value.text or "" for flag in instruction.flags if flag.name == "exclude" and flag.value)


def _heredoc_file(instruction: Instruction, target: str | None, known: _Known) -> Iterator[ImageFile]:
    if not target or not (may_hold_credentials(target) or is_read(target, known.looked_at())):
        return
    from .. import written

    for heredoc in instruction.heredocs:
        literal = written.holds_keys(heredoc.body, expanded=heredoc.expand)
        if literal is not None:
            read = is_read(target, known.looked_at())
            yield ImageFile(instruction.span, target, FileHow.WRITTEN, is_read=read, literal=literal, place=target)


def _files_of(instruction: Instruction, known: _Known, settings: list[Setting]) -> tuple[list[ImageFile], list[str]]:
    """The credentials files that a RUN leaves in its layer: not those that it removes again itself.

    And the paths that it deletes, from a home on: an earlier layer still has them, but no program finds them.
    """
    from .. import written
    from ..readers import shell

    mounts = [_mount_target(flag) for flag in instruction.flags if flag.name == "mount"]
    scripts = [shell.read(source) for source in (instruction.command, *(one.content() for one in instruction.heredocs))]
    commands = [command for script in scripts for command in script.commands]
    documents = {one.name: (one.body, one.expand) for one in instruction.heredocs}
    files, contents = written.files(commands, documents, [path for path in mounts if path])
    for content in contents:
        settings.extend(written.settings(content))
    found: list[ImageFile] = []
    for file in files:
        read = file.how is FileHow.CONFIGURED or is_read(file.path, known.looked_at())
        place = at_home(file.path, known.home())
        found.append(ImageFile(file.span, file.path, file.how, is_read=read, literal=file.literal, place=place))
    return found, [path for command in commands for path in written.removed(command)]


def _mount_target(flag: Flag) -> str:
    options = flag.options()
    return next(
        (value.text or "" for key, value in options if key.text in ("target", "dst", "destination") and value), ""
    )
