"""What the user data of an EC2 instance gives the programs there: variables and credentials files.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""

from __future__ import annotations

import posixpath

from . import elsewhere, lazy, written
from .credential_files import at_home, profiles_in
from .model import Certainty, FileHow, Kind, Origin, Value, Variable, Workload, WorkloadFile
from .node import Map, Scalar
from .readers import shell
from .text import align, embed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Slot
    from .node import Node
    from .readers.shell import Shell
    from .text import Source, Span

_SIGNS = ("SECRET_ACCESS_KEY", "secret_access_key", ".aws/credentials", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED")
_HOLE = "${?}"  # what Terraform and CloudFormation fill in
_HOLE_IN_A_WORD = "$?"  # the same, as the shell's reader writes it
_READ_BY_SHELLS = lazy.pattern(r"^/etc/(?:environment|profile|bash\.bashrc)|/\.(?:bash_profile|bashrc|profile|zshrc)$")
_SECTION = lazy.pattern(r"\[[\w.@+ -]+\]")
_HOME = "/root"  # of who runs user data
_CLOUD_CONFIG = "#cloud-config"


def speaks_of_credentials(text: str) -> bool:
    """Whether a text may be user data that gives credentials."""
    return any(sign in text for sign in _SIGNS)


def instance(name: str, span: Span, text: Source | None, role: Slot | None) -> Workload:
    """An instance, or what one is made from, with that user data. `role` is the slot of its profile."""
    scripts = list(_scripts(text)) if text is not None and speaks_of_credentials(text.text) else []
    variables: dict[str, Variable] = {}
    files: list[WorkloadFile] = []
    for script in scripts:
        read = shell.read(script)
        variables.update((variable.name, variable) for variable in _variables(read, "export"))
        for kept, scopes in _kept(read):
            variables.update((variable.name, variable) for variable in _variables(kept, *scopes))
        files.extend(_files(read, script.text))
    if text is not None and text.text.startswith(_CLOUD_CONFIG) and speaks_of_credentials(text.text):
        files.extend(_written_by_cloud_init(text))
    found = Workload(
        name,
        span,
        tuple(variables.values()),
        complete=False,
        kind=Kind.INSTANCE,
        role=role,
        emulated=any(map(_leads_elsewhere, variables.values())) or any(_asks_emulator(one.text) for one in scripts),
    )
    found.files = tuple(files)
    if files:
        found.home = posixpath.dirname(posixpath.dirname(files[0].path))
    return found


def _leads_elsewhere(variable: Variable) -> bool:
    """Whether a variable names another endpoint, or is given what is named for the key of another vendor."""
    place = variable.span.origin()
    line = place.source.line_span(place.begin.line).text  # where what is filled in has its own name
    return elsewhere.is_of_another_vendor(line) or elsewhere.is_endpoint(variable)


def _asks_emulator(script: str) -> bool:
    return "--endpoint" in script and ".amazonaws.com" not in script


def _scripts(text: Source) -> Iterator[Source]:
    """The shell scripts in user data."""
    if text.text.startswith(_CLOUD_CONFIG):
        from .readers import yaml

        for root in yaml.read(text).roots:
            for key in ("bootcmd", "runcmd"):
                for command in root.get(key) or ():
                    if isinstance(command, Scalar) and command.text:
                        yield align(command.span, command.text)
    elif text.text.lstrip()[:1] not in ("<", "") and "MIME-Version" not in text.text[:200]:
        yield text


def _kept(script: Shell) -> Iterator[tuple[Shell, tuple[str, ...]]]:
    """What a script writes into the files that every shell, or every login, reads; and what of it counts there.

    Only /etc/environment is no script: in the others a variable that is not exported stays in the shell.
    """
    for command in script.commands:
        paths = [shell.document(redirect.target).text for redirect in command.redirects if redirect.op in (">", ">>")]
        words = shell.program(command.words)
        if words and words[0].text == "tee":
            paths += [word.text or "" for word in words[1:]]
        if not any(_READ_BY_SHELLS.search(path) for path in paths):
            continue
        scopes = ("export", "shell") if "/etc/environment" in paths else ("export",)
        for heredoc in command.heredocs:
            yield shell.read(embed(heredoc.body)), scopes
        for word in words[1:] if words and words[0].text == "echo" else ():
            if "$(" not in word.span.text and "`" not in word.span.text:
                yield shell.read(shell.document(word)), scopes


def _variables(script: Shell, *scopes: str) -> Iterator[Variable]:
    """The variables that a script exports, and does not take back; what another command finds out is none."""
    taken_back = {word.text for command in script.commands if command.words[:1] for word in _unset(command.words)}
    for assignment in script.assignments:
        value, name = assignment.value, assignment.name.text or ""
        if assignment.scope not in scopes or name in taken_back:
            continue
        if value.text is not None:
            yield Variable(name, assignment.name.span, Value(value.span, value.text), Origin.ENVIRONMENT)
        elif value.span.text.strip("\"'") in (_HOLE, _HOLE_IN_A_WORD):
            given = Value(value.span, name=f"what is filled in for {name}")
            yield Variable(name, assignment.name.span, given, Origin.ENVIRONMENT)


def _unset(words: Sequence[Node]) -> Sequence[Node]:
    return words[1:] if words[0].text == "unset" else ()


def _files(script: Shell, whole: str) -> Iterator[WorkloadFile]:
    """The credentials files with keys that a script writes; temporary ones, and what a command finds out, are none."""
    if "session_token" in whole.lower():
        return
    for file in written.files(script.commands, {}, ())[0]:
        command = next(one for one in script.commands if one.span is file.span)
        text = "\n".join((command.span.text, *(heredoc.body.text for heredoc in command.heredocs)))
        if not file.literal and ("$(" in text or "`" in text or _HOLE not in text):
            continue
        if file.how is FileHow.WRITTEN and not _SECTION.search(whole):
            continue  # without a section it is no file that an SDK can read
        yield _file(file.span, file.path, text, certain=file.literal)


def _written_by_cloud_init(text: Source) -> Iterator[WorkloadFile]:
    from .readers import yaml

    for root in yaml.read(text).roots:
        for entry in root.get("write_files") or ():
            path, content = (entry.get(name) if isinstance(entry, Map) else None for name in ("path", "content"))
            if path is None or content is None or not (path.text or "").endswith(".aws/credentials"):
                continue
            literal = written.holds_keys(content.span, expanded=True)
            if literal is not None and "session_token" not in content.span.text:
                yield _file(path.span, path.text or "", content.span.text, certain=literal)


def _file(span: Span, path: str, text: str, *, certain: bool) -> WorkloadFile:
    return WorkloadFile(span, at_home(path, _HOME), profiles_in(text), Certainty.HIGH, certain=certain)
