"""Shell text: RUN and CMD in a Dockerfile, the command of a container, user data, entry scripts.

This is a reader, not a shell: it expands nothing and decides nothing. It finds the simple
commands with their words, the assignments and the redirections, also inside of
substitutions and of the scripts that are handed to another shell (`sh -c "..."`), each at
its place. The grammar is POSIX's with what bash adds; of csh, fish, cmd and PowerShell only
the statements that set an environment variable are known.
"""

from __future__ import annotations

import re

from .. import lazy
from ..node import Node, Problem, Ref, Scalar, Seq, Template, Unknown
from ..text import Source, Span, align, embed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    _Piece = tuple[str, int, int]  # some text, and the offsets of what is written for it

MAX_DEPTH = 40  # of substitutions in each other; deeper ones are read as plain text
MAX_SCRIPTS = 5  # of scripts in the arguments of scripts
_MAX_GROUPS = 20  # a redirection of `{ ... }` is told to its commands down to this depth
_MAX_SHARED = 4  # and no more than so many of them

_DELIMITERS = frozenset(" \t\n;&|<>()")
_SEPARATES = frozenset("\r\n;&|()")
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_IDENTIFIER = re.compile(_NAME)
_BLANK = re.compile(r"(?:[ \t]+|\\\r?\n)*")
_SPACE = re.compile(r"(?:[ \t\r\n]+|\\\r?\n|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_PLAIN = re.compile(r"[^ \t\r\n\\'\"`$;&|<>()]+")
_SEPARATOR = re.compile(r"\r?\n|&&|\|[|&]?|;;&|;[;&]?|[&()]")
_REDIRECT = re.compile(rf"(\d+|\{{{_NAME}\}})?(<<<|<<-?|<>|<&|>>|>&|>\||[<>](?!\())|(&>>?)")
_ASSIGNMENT = re.compile(rf"({_NAME})(?:\[[^]\s\\'\"`$;&|<>()]*\])?\+?=")
_PARENTHESES = re.compile(r"\([ \t]*\)")
_DELIMITER_WORD = re.compile(r"(?:'[^'\n]*'|\"[^\"\n]*\"|\\[^\n]|[^\s;&|<>()'\"\\])+")

_DOUBLE = re.compile(r'[^"\\$`]*(?:\\[^"\\$`\r\n][^"\\$`]*)*')
_OPERAND = re.compile(r"[^}\\$`\"']+")
_PARAMETER = re.compile(rf"\{{(?:({_NAME})(\}}|:?[-=?+])?)?")
_BACKTICKS = re.compile(r"`([^`\\]*(?:\\(?:.|\Z)[^`\\]*)*)(`|\Z)", re.DOTALL)
_ARITHMETIC = re.compile(r"[()$`\\]")
_IN_DOCUMENT = re.compile(r"\\.|[`$]", re.DOTALL)
_UNTIL_ESCAPE = re.compile(r"[^'\\]*")
_ANSI_ESCAPE = lazy.pattern(
    r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([abeEfnrtv\\'\"?]))"
)
_POWERSHELL = lazy.pattern(rf"\$(?:env:({_NAME})|\{{env:({_NAME})\}})[ \t]*=[ \t]*", re.IGNORECASE)
_MEANING = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_CLOSER = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "{": "}"}
_RESERVED = frozenset("if then elif else fi while until for select do done case esac { } ! function [[".split())
_DECLARE = {"export": "export", "declare": "shell", "typeset": "shell", "local": "shell", "readonly": "shell"}
_ENV = frozenset(("env", "sudo", "doas"))

# Programs that run the program behind them: their options that take an argument, and how
# many operands come before the program.
_WRAPPERS = {
    "builtin": ("", 0), "busybox": ("", 0), "chpst": ("u", 0), "chroot": ("", 1), "command": ("", 0),
    "doas": ("uC", 0), "dumb-init": ("", 0), "env": ("uCS", 0), "exec": ("a", 0), "gosu": ("", 1),
    "ionice": ("cn", 0), "nice": ("n", 0), "nohup": ("", 0), "setsid": ("", 0), "stdbuf": ("ioe", 0),
    "su-exec": ("", 1), "sudo": ("ugphCDRTUr", 0), "time": ("fo", 0), "timeout": ("sk", 1), "tini": ("pe", 0),
    "xargs": ("IinLPsdE", 0),
}  # fmt: skip
_ENV_OPTIONS = "uCSgphDRTUr"  # those of env, sudo and doas
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash"))


class Joined(Scalar):
    """A word whose text is not written in one piece: `NAME="a b"`, `it\\'s`.

    `span` is the whole of it; `pieces` say which text stands where, as those of a Source do.
    """

    __slots__ = ("pieces",)

    def __init__(self, span: Span, value: str, pieces: tuple[tuple[int, Span], ...]) -> None:
        super().__init__(span, value)
        self.pieces = pieces


class Assignment:
    """NAME=value. `scope` is who sees it: the one `command`, the `shell`, or all that it starts (`export`).

    The value of `NAME=(a b)` is a Seq.
    """

    __slots__ = ("name", "scope", "value")

    def __init__(self, name: Scalar, value: Node, scope: str) -> None:
        self.name = name
        self.value = value
        self.scope = scope


class Redirect:
    """`op` is as written, but for the file descriptor: -1 is one that the shell chooses."""

    __slots__ = ("fd", "op", "target")

    def __init__(self, op: str, target: Node, fd: int) -> None:
        self.op = op
        self.target = target
        self.fd = fd


class Heredoc:
    """A here-document. `body` is what stands between its lines; `expand` if `$NAME` means something in it."""

    __slots__ = ("body", "expand", "name", "strip")

    def __init__(self, name: str, body: Span, expand: bool, strip: bool) -> None:
        self.name = name
        self.body = body
        self.expand = expand
        self.strip = strip

    def content(self) -> Source:
        """The text that the command gets, but for expansions: without leading tabs and escapes."""
        special = [r"^\t+"] if self.strip else []
        if self.expand:
            special.append(r"\\(?:\r?\n|([\\$`]))")
        return _resolved(self.body, "|".join(special)) if special else embed(self.body)


class Command:
    """A simple command, or what stands in place of one: assignments or redirections alone.

    `words` are the program and its arguments. What only assigns is not among them: `A=b`
    before the program, or behind `export` and `env`. `pipe` is the command that reads what
    this one writes. A redirection or a pipe behind a whole `{ ... }`, `( ... )` or loop is
    told to each command in it.
    """

    __slots__ = ("assignments", "heredocs", "pipe", "redirects", "span", "words")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.words: tuple[Node, ...] = ()
        self.assignments: tuple[Assignment, ...] = ()
        self.redirects: tuple[Redirect, ...] = ()
        self.heredocs: tuple[Heredoc, ...] = ()
        self.pipe: Command | None = None


class Shell:
    """What a text says: its commands and assignments, those in substitutions and inner scripts too.

    A command stands before those inside its words. `assignments` are those of all commands.
    """

    __slots__ = ("assignments", "commands", "problems")

    def __init__(
        self, commands: tuple[Command, ...], assignments: tuple[Assignment, ...], problems: tuple[Problem, ...]
    ) -> None:
        self.commands = commands
        self.assignments = assignments
        self.problems = problems


def read(source: Source) -> Shell:
    """What a text says. A quote or a here-document that is not closed goes to its end, and is a Problem.

    `export NAME` anywhere makes the assignments of that name exported ones.
    """
    found = _Found()
    _Reader(source, 0, len(source.text), "", found, 0, 0).read()
    for assignment in found.assignments:
        if assignment.scope == "shell" and assignment.name.value in found.exported:
            assignment.scope = "export"
    return Shell(tuple(found.commands), tuple(found.assignments), tuple(found.problems.values()))


def document(word: Node) -> Source:
    """A word's text as a source of its own, each character at its place in the word.

    A reference in it stays one (`${NAME}`); in place of what is unknown stands `$?`.
    """
    texts: list[str] = []
    pieces: list[tuple[int, Span]] = []
    length = 0
    for part in word.parts if isinstance(word, Template) else (word,):
        if isinstance(part, Scalar):
            text = part.text or ""
            pieces.extend((length + start, span) for start, span in _pieces(part))
        else:
            text = f"${{{part.name}}}" if isinstance(part, Ref) else "$?"
            pieces.append((length, part.span))
        texts.append(text)
        length += len(text)
    return Source(word.span.path, "".join(texts), pieces)


def split(word: Node, separator: str = "=") -> tuple[Scalar, Node] | None:
    """The two sides of a word such as `NAME=value`, `--build-arg=NAME`, `-Dname=value`, each with its place.

    None if the separator is not in the word's text before its first reference.
    """
    first = word.parts[0] if isinstance(word, Template) else word
    if not isinstance(first, Scalar) or not isinstance(first.value, str):
        return None
    at = first.value.find(separator)
    if at < 0:
        return None
    left, right = _cut(first, 0, at), _cut(first, at + len(separator), len(first.value))
    if not isinstance(word, Template):
        return left, right
    rest = (right, *word.parts[1:]) if right.value else word.parts[1:]
    if len(rest) == 1:
        return left, rest[0]
    return left, Template(Span(word.span.source, rest[0].span.start, word.span.end), rest)


def program(words: Sequence[Node]) -> tuple[Node, ...]:
    """The words from the program on that is run in the end: without `sudo`, `env`, `exec` and their kin."""
    at = 0
    while at < len(words):
        wrapper = _WRAPPERS.get(_base(words[at]))
        if wrapper is None:
            break
        options, operands = wrapper
        at += 1
        while at < len(words) and (text := words[at].text or "").startswith("-"):
            at += 2 if len(text) == 2 and text[1] in options else 1
            if text == "--":
                break
        at += operands
    return tuple(words[at:])


def script(words: Sequence[Node]) -> Node | None:
    """The word that is a script, if the words start a shell with one: `sh -c "..."`, `su -c "..." app`."""
    words = program(words)
    name = _base(words[0]) if words else ""
    if name in _SHELLS:
        at, options = _shell_options(words)
        return words[at] if "c" in options and at < len(words) else None
    if name == "eval" and len(words) == 2:
        return words[1]
    if name in ("su", "runuser"):
        for at, word in enumerate(words):
            text = word.text or ""
            if text in ("-c", "-lc", "--command"):
                return words[at + 1] if at + 1 < len(words) else None
            sides = split(word)
            if sides is not None and sides[0].text == "--command":
                return sides[1]
    return None


class _Found:
    """What all readers of one text have found."""

    __slots__ = ("assignments", "commands", "exported", "problems")

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.assignments: list[Assignment] = []
        self.exported: set[object] = set()
        self.problems: dict[str, Problem] = {}  # the first of each kind

    def problem(self, span: Span, message: str) -> None:
        self.problems.setdefault(message, Problem(span, message))


class _Word:
    """A word while it is read: literal pieces, and expressions between them."""

    __slots__ = ("nodes", "pieces", "place", "source")

    def __init__(self, source: Source, start: int) -> None:
        self.source = source
        self.place = start  # of the word if it is empty
        self.nodes: list[Node] = []
        self.pieces: list[_Piece] = []

    def literal(self, text: str, start: int, end: int) -> None:
        if text:
            self.pieces.append((text, start, end))
        else:
            self.place = start

    def add(self, node: Node) -> None:
        self._flush()
        self.nodes.append(node)

    def _flush(self) -> None:
        if self.pieces:
            self.nodes.append(_scalar(self.source, self.pieces))
            self.pieces = []

    def node(self) -> Node:
        self._flush()
        nodes = self.nodes
        if not nodes:
            return Scalar(Span(self.source, self.place, self.place), "")
        if len(nodes) == 1:
            return nodes[0]
        return Template(Span(self.source, nodes[0].span.start, nodes[-1].span.end), tuple(nodes))


class _Reader:
    """Reads a list of commands, up to the closing parenthesis if it is a substitution's.

    Compound commands are no trees here: `groups` only knows what closes them.
    """

    __slots__ = (
        "assigning",
        "assignments",
        "at",
        "closed",
        "closer",
        "command",
        "depth",
        "end",
        "feeding",
        "found",
        "groups",
        "heredocs",
        "last",
        "own",
        "parentheses",
        "pending",
        "redirects",
        "scripts",
        "shared",
        "skip",
        "source",
        "stop",
        "tail",
        "text",
        "words",
    )

    def __init__(
        self, source: Source, start: int, end: int, closer: str, found: _Found, depth: int, scripts: int
    ) -> None:
        self.source = source
        self.text = source.text
        self.at = start
        self.end = end
        self.closer = closer
        self.closed = False
        self.found = found
        self.depth = depth
        self.scripts = scripts
        self.command: Command | None = None  # what is being read, and what it has so far
        self.words: list[Node] = []
        self.assignments: list[Assignment] = []
        self.redirects: list[Redirect] = []
        self.heredocs: list[Heredoc] = []
        self.assigning = "prefix"  # what NAME=value means here; "" for nothing
        self.skip = False  # the next word is an option's argument
        self.stop = start  # where the command ends so far
        self.own: list[Command] = []  # without those of substitutions and inner scripts
        self.groups: list[tuple[str, int]] = []  # what closes it, and its first command; -1 is too deep
        self.parentheses = 0  # of the groups
        self.tail: list[Command] = []  # the commands of a group that has just been closed
        self.shared = 0  # redirections that were told to them
        self.last: list[Command] = []  # what a pipe would take its input from
        self.feeding: list[Command] = []  # what is piped into the next command
        self.pending: list[tuple[Heredoc, Command]] = []  # here-documents that start on the next line

    def read(self) -> None:
        text = self.text
        while True:
            self._pass(_BLANK)
            if self.at >= self.end:
                break
            char = text[self.at]
            if (char in "<>&{" or char.isdigit()) and (operator := _REDIRECT.match(text, self.at, self.end)):
                self._redirect(operator)
            elif char in _SEPARATES and (separator := _SEPARATOR.match(text, self.at, self.end)):
                if self._separate(separator):
                    break
            elif char == "#":
                self._pass(_COMMENT)
            else:
                self._word()
        self._finish()
        if self.pending and not self.closer:
            self._documents()

    # ── from command to command ──

    def _separate(self, separator: re.Match[str]) -> bool:
        """Go over what stands between two commands; whether the list ends here."""
        operator = separator[0]
        if operator == "(" and self._is_function():
            return False
        self._finish()
        self.at = separator.end()
        self.tail = []
        if operator.endswith("\n"):
            self.last = []
            self._documents()
        elif operator in ("|", "|&"):
            self.feeding, self.last = self.last, []
        elif operator == "(":
            if self.text.startswith("(", self.at, self.end):
                self.at += 1
                self._arithmetic(separator.start())
            else:
                self._open(")")
        elif operator == ")":
            return self._close_parenthesis()
        else:
            self.feeding, self.last = [], []
            if operator.startswith(";") and len(operator) > 1 and self.groups and self.groups[-1][0] == "esac":
                self._patterns()
        return False

    def _begin(self, start: int) -> Command:
        """The command that is being read; a new one if there is none."""
        if self.command is None:
            self.command = command = Command(Span(self.source, start, start))
            self.found.commands.append(command)
            self.own.append(command)
            for feeding in self.feeding:
                feeding.pipe = feeding.pipe or command
            self.feeding = []
            self.tail = []
            self.skip = False
            self.words, self.assignments, self.redirects, self.heredocs = [], [], [], []
        return self.command

    def _finish(self) -> None:
        command = self.command
        self.assigning = "prefix"
        if command is None:
            return
        self.command = None
        command.span.end = self.stop
        self.last = [command]
        command.words = tuple(self.words)
        command.redirects = tuple(self.redirects)
        command.heredocs = tuple(self.heredocs)
        if self.words:
            self._other_shells()
            inner = script(self.words)
            if inner is not None:
                self._script(document(inner))
        command.assignments = tuple(self.assignments)

    def _open(self, closer: str) -> None:
        self.groups.append((closer, len(self.own) if len(self.groups) < _MAX_GROUPS else -1))
        self.parentheses += closer == ")"

    def _close(self, closer: str) -> None:
        """Close the innermost group if it is of that kind."""
        if self.groups and self.groups[-1][0] == closer:
            start = self.groups.pop()[1]
            self.parentheses -= closer == ")"
            self.tail = self.last = self.own[start:] if start >= 0 else []
            self.shared = 0

    def _close_parenthesis(self) -> bool:
        if self.parentheses:
            while self.groups[-1][0] != ")":  # an `if` without its `fi`
                self.groups.pop()
            self._close(")")
            return False
        self.closed = bool(self.closer)
        return self.closed

    def _is_function(self) -> bool:
        """Go over the parentheses of `name ()`: what was read as a command is none."""
        command = self.command
        parentheses = _PARENTHESES.match(self.text, self.at, self.end)
        if command is None or parentheses is None or len(self.words) != 1 or command is not self.found.commands[-1]:
            return False
        self.found.commands.pop()
        self.own.pop()
        self.command = None
        self.assigning = "prefix"
        self.at = parentheses.end()
        return True

    def _reserved(self, word: str) -> None:
        if word == "case":
            self._case()
        elif word in ("for", "select"):
            self._open("done")
            self._pass(_BLANK)
            if self.text.startswith("((", self.at, self.end):
                self.at += 2
                self._arithmetic(self.at - 2)
            else:
                self._skip_words()
        elif word in _CLOSER:
            self._open(_CLOSER[word])
        elif word in ("fi", "done", "esac", "}"):
            self._close(word)
        elif word == "function":
            self._pass(_BLANK)
            self._pass(_PLAIN)
            self._pass(_BLANK)
            self._pass(_PARENTHESES)
        elif word == "[[":
            self._test()

    def _skip_words(self) -> None:
        """Read words that are no command's; what is substituted in them is read."""
        self._pass(_BLANK)
        while not self._at_delimiter():
            self._node()
            self._pass(_BLANK)

    def _test(self) -> None:
        """`[[ ... ]]`: operators do not separate commands in it."""
        start = self.at - 2
        self._begin(start)
        self.words.append(Scalar(Span(self.source, start, self.at), "[["))
        joins = False  # the expression goes on behind a line break
        while self._pass(_BLANK):
            char = self.text[self.at]
            if char == ";" or (char in "\r\n" and not joins):
                break
            joins = char in "&|" or (char in "\r\n" and joins)
            if char in "&|<>()\r\n" and not self._at_substitution():
                self.at += 1
                continue
            word = self._node()
            self.words.append(word)
            if word.text == "]]":
                break
        self.assigning = ""
        self.stop = self.at

    def _case(self) -> None:
        self._pass(_BLANK)
        if not self._at_delimiter():
            self._node()
        self._pass(_SPACE)
        word = _PLAIN.match(self.text, self.at, self.end)
        if word is not None and word[0] == "in":
            self.at = word.end()
            self._open("esac")
            self._patterns()

    def _patterns(self) -> None:
        """Go over the patterns of the next clause of a `case`, or over its end."""
        if not self._pass(_SPACE):
            return
        word = _PLAIN.match(self.text, self.at, self.end)
        if word is not None and word[0] == "esac":
            self.at = word.end()
            self._close("esac")
            return
        if self.text[self.at] == "(":
            self.at += 1
        while self._pass(_BLANK):
            char = self.text[self.at]
            if self._at_delimiter() and char != "|":
                self.at += char == ")"
                return
            if char == "|":
                self.at += 1
            else:
                self._node()

    # ── what a command is made of ──

    def _word(self) -> None:
        text, start = self.text, self.at
        plain = _PLAIN.match(text, start, self.end)
        if self.command is None:
            if plain is not None and plain[0] in _RESERVED:
                self.at = plain.end()
                if self._at_delimiter():
                    self._reserved(plain[0])
                    return
                self.at = start
            elif text[start] == "$" and (variable := _environment_variable(text, start, self.end)):
                self._assign(variable, variable.lastindex or 0, "export")
                return
        if self.assigning and not self.skip and plain is not None and "=" in plain[0]:
            assignment = _ASSIGNMENT.match(text, start, self.end)
            if assignment is not None:
                self._assign(assignment, 1, "")
                return
        self._begin(start)
        word = self._node()
        self.stop = self.at
        if self.words and self.assigning and not self.skip:
            sides = split(word)
            if sides is not None and _IDENTIFIER.fullmatch(sides[0].text or ""):
                self._add_assignment(*sides)
                return
        self.words.append(word)
        self._note(word)

    def _note(self, word: Node) -> None:
        """What the words so far mean for NAME=value behind them."""
        text = word.text or ""
        if len(self.words) == 1:
            for assignment in self.assignments:
                assignment.scope = "command"
            self.assigning = _DECLARE.get(text) or ("env" if _base(word) in _ENV else "")
        elif self.assigning == "env":
            if self.skip:
                self.skip = False
            elif text.startswith("-"):
                self.skip = len(text) == 2 and text[1] in _ENV_OPTIONS
            elif _base(word) not in _ENV:
                self.assigning = ""
        elif self.assigning and text.startswith("-") and "x" in text:
            self.assigning = "export"
        elif self.assigning == "export":
            self.found.exported.add(text)

    def _assign(self, match: re.Match[str], group: int, scope: str) -> None:
        """Read the value behind `NAME=`."""
        source = self.source
        self._begin(match.start())
        name = Scalar(Span(source, *match.span(group)), match[group])
        self.at = match.end()
        if self.at < self.end and self.text[self.at] == "(":
            value: Node = self._array()
        elif self._at_delimiter():
            value = Scalar(Span(source, self.at, self.at), "")
        else:
            value = self._node()
        self._add_assignment(name, value, scope)
        self.stop = self.at

    def _add_assignment(self, name: Scalar, value: Node, scope: str = "") -> None:
        scope = scope or {"prefix": "shell", "env": "command"}.get(self.assigning, self.assigning)
        assignment = Assignment(name, value, scope)
        self.assignments.append(assignment)
        self.found.assignments.append(assignment)

    def _array(self) -> Seq:
        start = self.at
        self.at += 1
        nodes: list[Node] = []
        while self._pass(_SPACE):
            if self.text[self.at] == ")":
                self.at += 1
                break
            if self._at_delimiter():
                self.at += 1
            else:
                nodes.append(self._node())
        else:
            self._unclosed(start, "an array")
        return Seq(Span(self.source, start, self.at), tuple(nodes))

    def _other_shells(self) -> None:
        """`setenv NAME value` of csh, `set -gx NAME value` of fish, `set NAME=value` and `setx NAME value` of cmd."""
        words = self.words
        name = (words[0].text or "").lower()
        if name == "set" and len(words) == 2:
            sides = split(words[1])
        elif name in ("setenv", "setx") and len(words) >= 3 and isinstance(words[1], Scalar):
            sides = (words[1], words[2])
        elif name == "set" and len(words) == 4 and re.fullmatch("-[gUl]*x[gUl]*", words[1].text or ""):
            sides = (words[2], words[3]) if isinstance(words[2], Scalar) else None
        else:
            return
        if sides is not None and _IDENTIFIER.fullmatch(sides[0].text or ""):
            self._add_assignment(*sides, "export")

    def _redirect(self, operator: re.Match[str]) -> None:
        start, op = self.at, operator[2] or operator[3]
        self.at = operator.end()
        self._pass(_BLANK)
        if op in ("<<", "<<-"):
            self._heredoc(start, op)
            return
        if self._at_delimiter():
            return
        tail = self.tail if self.command is None else []
        if not tail:
            self._begin(start)
        target = self._node()
        descriptor = operator[1] or ("0" if op.startswith("<") else "1")
        redirect = Redirect(op, target, int(descriptor) if descriptor.isdigit() and len(descriptor) < 4 else -1)
        if not tail:
            self.redirects.append(redirect)
            self.stop = self.at
        elif self.shared < _MAX_SHARED:
            self.shared += 1
            for command in tail:
                command.redirects = (*command.redirects, redirect)

    # ── here-documents ──

    def _heredoc(self, start: int, op: str) -> None:
        word = _DELIMITER_WORD.match(self.text, self.at, self.end)
        if word is None:
            return
        self.at = word.end()
        name = re.sub(r"\\(.)|['\"]", r"\1", word[0])
        heredoc = Heredoc(name, Span(self.source, self.at, self.at), name == word[0], op == "<<-")
        if self.command is None and self.tail:
            if self.shared < _MAX_SHARED:
                self.shared += 1
                self.tail[0].heredocs = (*self.tail[0].heredocs, heredoc)
            self.pending.append((heredoc, self.tail[0]))
            return
        command = self._begin(start)
        self.heredocs.append(heredoc)
        self.pending.append((heredoc, command))
        self.stop = self.at

    def _documents(self) -> None:
        """Read the bodies of the here-documents that were announced on the line before."""
        pending, self.pending = self.pending, []
        before: Command | None = None
        is_script = False
        for heredoc, command in pending:
            start = self.at
            stop = self._end_of_document(heredoc)
            heredoc.body = Span(self.source, start, stop)
            if command is not before:  # one command can have very many
                before, is_script = command, _reads_script(command.words)
            if is_script:
                self._script(heredoc.content())
            elif heredoc.expand and self.depth < MAX_DEPTH:
                self._child(start, stop, "").expansions()

    def _end_of_document(self, heredoc: Heredoc) -> int:
        """Where the body ends; `at` is then behind the line that ends it."""
        text, end, name = self.text, self.end, heredoc.name
        start = line = self.at
        while line < end:
            found = text.find(name, line, end)
            if found < 0:
                break
            first = text.rfind("\n", line, found) + 1 or line
            after = found + len(name)
            after += text.startswith("\r", after)
            if (after >= end or text[after] == "\n") and not text[first:found].strip("\t" if heredoc.strip else ""):
                self.at = min(after + 1, end)
                return first
            line = text.find("\n", found, end) + 1 or end
        self.at = end
        self.found.problem(Span(self.source, start, end), "a here-document does not end")
        return end

    def expansions(self) -> None:
        """Read what is substituted in the body of a here-document."""
        while found := _IN_DOCUMENT.search(self.text, self.at, self.end):
            self.at = found.start()
            if found[0] == "$":
                self._dollar(_Word(self.source, self.at), True)
            elif found[0] == "`":
                self._backticks(True)
            else:
                self.at = found.end()

    # ── words ──

    def _node(self) -> Node:
        """The word that starts here. It takes at least one character unless a delimiter stands here."""
        text, start, end = self.text, self.at, self.end
        plain = _PLAIN.match(text, start, end)
        if plain is not None:
            self.at = stop = plain.end()
            if stop == end or text[stop] in _DELIMITERS:
                return Scalar(Span(self.source, start, stop), plain[0])
        word = _Word(self.source, start)
        if plain is not None:
            word.literal(plain[0], start, self.at)
        while self.at < end:
            char = text[self.at]
            if char in "'\"":
                self._quoted(word, char)
            elif char == "$":
                self._dollar(word, False)
            elif char == "`":
                word.add(self._backticks(False))
            elif char == "\\":
                self._escaped(word)
            elif self._at_substitution():
                word.add(self._substitution(self.at, 2, "the place of a command's output"))
            elif self._at_delimiter():
                break
            else:
                plain = _PLAIN.match(text, self.at, end)
                stop = plain.end() if plain else self.at + 1  # a carriage return alone
                word.literal(text[self.at : stop], self.at, stop)
                self.at = stop
        return word.node()

    def _escaped(self, word: _Word) -> None:
        """A backslash outside of quotes."""
        text, at = self.text, self.at
        if text.startswith("\r\n", at + 1, self.end):
            self.at += 3
        elif text.startswith("\n", at + 1, self.end):
            self.at += 2
        else:
            self.at = min(at + 2, self.end)
            word.literal(text[at + 1 : self.at] or "\\", at, self.at)

    def _quoted(self, word: _Word, quote: str) -> None:
        if quote == '"':
            self._double(word)
            return
        start = self.at + 1
        stop = self.text.find("'", start, self.end)
        self.at = stop + 1
        if stop < 0:
            stop = self.at = self.end
            self._unclosed(start - 1, "a quote")
        word.literal(self.text[start:stop], start, stop)

    def _double(self, word: _Word) -> None:
        text, end, begin = self.text, self.end, self.at
        self.at += 1
        word.literal("", self.at, self.at)
        while self.at < end:
            start = self.at
            run = _DOUBLE.match(text, start, end)
            if run is not None and run.end() > start:
                word.literal(run[0], start, run.end())
                self.at = run.end()
                continue
            char = text[start]
            if char == '"':
                self.at += 1
                return
            if char == "$":
                self._dollar(word, True)
            elif char == "`":
                word.add(self._backticks(True))
            else:
                self._escaped(word)
        self._unclosed(begin, "a quote")

    def _ansi(self, word: _Word) -> None:
        """`$'...'`, with the escapes of C."""
        text, begin = self.text, self.at
        at = start = begin + 2
        while True:
            run = _UNTIL_ESCAPE.match(text, at, self.end)
            at = run.end() if run else at
            if at >= self.end or text[at] == "'":
                break
            escape = _ANSI_ESCAPE.match(text, at, self.end)
            if escape is None:  # the backslash stays, and so does what is behind it
                at += 2
                continue
            word.literal(text[start:at], start, at)
            word.literal(_meaning(escape), at, escape.end())
            at = start = escape.end()
        at = min(at, self.end)
        word.literal(text[start:at], start, at)
        self.at = min(at + 1, self.end)
        if at == self.end:
            self._unclosed(begin, "a quote")

    # ── expansions ──

    def _dollar(self, word: _Word, quoted: bool) -> None:
        text, at = self.text, self.at
        following = text[at + 1] if at + 1 < self.end else ""
        name = _IDENTIFIER.match(text, at + 1, self.end)
        if name is not None:
            self.at = name.end()
            word.add(Ref(Span(self.source, at, self.at), name[0]))
        elif following and following in "({":
            if self._too_deep(at):
                self.at += 1
                word.literal("$", at, at + 1)
            elif following == "(" and not text.startswith("(", at + 2, self.end):
                word.add(self._substitution(at, 2, "the output of a command"))
            else:
                self.depth += 1
                word.add(self._parameter(quoted) if following == "{" else self._computed())
                self.depth -= 1
        elif following == "'" and not quoted:
            self._ansi(word)
        elif following == '"' and not quoted:
            self.at += 1
            self._double(word)
        elif following and following in "0123456789@*#?$!-":
            self.at += 2
            word.add(Unknown(Span(self.source, at, self.at), "a parameter of the shell"))
        else:
            self.at += 1
            word.literal("$", at, at + 1)

    def _substitution(self, start: int, width: int, reason: str) -> Node:
        """`$(...)`, `<(...)`: its commands are read, its value is Unknown."""
        if self._too_deep(start):
            self.at += width
        else:
            inner = self._child(start + width, self.end, ")")
            inner.read()
            self.at = min(inner.at, self.end)
            self.pending.extend(inner.pending)
            if not inner.closed:
                self._unclosed(start, "a substitution")
        return Unknown(Span(self.source, start, self.at), reason)

    def _backticks(self, quoted: bool) -> Node:
        start = self.at
        found = None if self._too_deep(start) else _BACKTICKS.match(self.text, start, self.end)
        if found is None:
            self.at += 1
        else:
            if not found[2]:
                self._unclosed(start, "a substitution")
            self.at = found.end()
            if "\\" in found[1]:
                escapes = r'\\([\\$`"])' if quoted else r"\\([\\$`])"
                self._script(_resolved(Span(self.source, *found.span(1)), escapes))
            else:
                self._child(*found.span(1), "").read()
        return Unknown(Span(self.source, start, self.at), "the output of a command")

    def _parameter(self, quoted: bool) -> Node:
        """`${NAME}` and its forms; what is substituted inside of any is read."""
        start = self.at
        found = _PARAMETER.match(self.text, start + 1, self.end)
        name, operator = found.groups() if found else (None, None)
        self.at = found.end() if found else start + 2
        operand = self._operand(quoted) if operator != "}" else None
        span = Span(self.source, start, self.at)
        if not name or not operator or operator.endswith("+"):
            return Unknown(span, "an expression of the shell")
        return Ref(span, name, None if operator.endswith("?") else operand)

    def _operand(self, quoted: bool) -> Node:
        """What stands before the closing brace."""
        text, start = self.text, self.at
        word = _Word(self.source, start)
        while self.at < self.end:
            char = text[self.at]
            if char == "}":
                self.at += 1
                return word.node()
            if char == "$":
                self._dollar(word, quoted)
            elif char == "`":
                word.add(self._backticks(quoted))
            elif char == "\\":
                self._escaped(word)
            elif char == '"' or (char == "'" and not quoted):
                self._quoted(word, char)
            else:
                run = _OPERAND.match(text, self.at, self.end)
                stop = run.end() if run else self.at + 1  # a quote that is none
                word.literal(text[self.at : stop], self.at, stop)
                self.at = stop
        self._unclosed(start, "an expression")
        return word.node()

    def _computed(self) -> Node:
        """`$((...))`"""
        start = self.at
        self.at += 3
        self._arithmetic(start)
        return Unknown(Span(self.source, start, self.at), "an expression of the shell")

    def _arithmetic(self, start: int) -> None:
        """Go over an expression behind its `((`; what is substituted in it is read."""
        open_parentheses = 2
        while found := _ARITHMETIC.search(self.text, self.at, self.end):
            self.at = found.end()
            if found[0] in "()":
                open_parentheses += 1 if found[0] == "(" else -1
                if not open_parentheses:
                    return
            elif found[0] == "\\":
                self.at = min(self.at + 1, self.end)
            else:
                self.at = found.start()
                if found[0] == "$":
                    self._dollar(_Word(self.source, self.at), True)
                else:
                    self._backticks(True)
        self.at = self.end
        self._unclosed(start, "an expression")

    # ── small things ──

    def _child(self, start: int, end: int, closer: str) -> _Reader:
        return _Reader(self.source, start, end, closer, self.found, self.depth + 1, self.scripts)

    def _script(self, source: Source) -> None:
        """Read a text that is handed to another shell."""
        if self.scripts < MAX_SCRIPTS and not self._too_deep(self.at):
            _Reader(source, 0, len(source.text), "", self.found, self.depth + 1, self.scripts + 1).read()

    def _too_deep(self, start: int) -> bool:
        if self.depth < MAX_DEPTH:
            return False
        self.found.problem(Span(self.source, start, self.end), "nested too deeply")
        return True

    def _unclosed(self, start: int, what: str) -> None:
        self.found.problem(Span(self.source, start, self.end), f"{what} is not closed")

    def _pass(self, pattern: re.Pattern[str]) -> bool:
        """Go over what the pattern matches here; whether there is more."""
        found = pattern.match(self.text, self.at, self.end)
        if found is not None:
            self.at = found.end()
        return self.at < self.end

    def _at_delimiter(self) -> bool:
        """Whether no word can start or go on here."""
        if self.at >= self.end:
            return True
        if self.text[self.at] in _DELIMITERS:
            return not self._at_substitution()
        return self.text.startswith("\r\n", self.at, self.end)

    def _at_substitution(self) -> bool:
        return self.text.startswith(("<(", ">("), self.at, self.end)


def _environment_variable(text: str, start: int, end: int) -> re.Match[str] | None:
    """`$env:NAME =` of PowerShell."""
    if text[start + 1 : start + 5].lower() not in ("env:", "{env"):
        return None
    return _POWERSHELL.match(text, start, end)


def _base(word: Node) -> str:
    return (word.text or "").rpartition("/")[2]


def _shell_options(words: Sequence[Node]) -> tuple[int, str]:
    """Where a shell's operands start, and its one-letter options."""
    at, options = 1, ""
    while at < len(words):
        text = words[at].text or ""
        if text[:1] not in ("-", "+"):
            break
        at += 1
        if text in ("-", "--"):
            break
        if not text.startswith("--"):
            options += text[1:]
            at += text[-1] in "oO"
        elif text in ("--rcfile", "--init-file"):
            at += 1
    return at, options


def _reads_script(words: Sequence[Node]) -> bool:
    """Whether the words start a shell that reads its script from its input."""
    words = program(words)
    name = _base(words[0]) if words else ""
    if name in _SHELLS:
        at, options = _shell_options(words)
        return "c" not in options and ("s" in options or at >= len(words))
    return name in ("su", "runuser") and script(words) is None


def _meaning(escape: re.Match[str]) -> str:
    octal, hexadecimal = escape[1], escape[2] or escape[3] or escape[4]
    if not octal and not hexadecimal:
        return _MEANING.get(escape[5], escape[5])
    code = int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)
    if not code:
        return ""  # no word can hold it
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"


def _resolved(span: Span, pattern: str) -> Source:
    """The text without what the pattern matches, but for its group if it has one."""
    source, at = span.source, span.start
    pieces: list[_Piece] = []
    for found in re.compile(pattern, re.MULTILINE).finditer(source.text, at, span.end):
        pieces.append((source.text[at : found.start()], at, found.start()))
        at = found.end()
        if found.lastindex:
            pieces.append((found[1], found.start(), at))
    pieces.append((source.text[at : span.end], at, span.end))
    text, places = _joined(source, pieces)
    return Source(span.path, text, places or ((0, span),))


def _joined(source: Source, pieces: Iterable[_Piece]) -> tuple[str, tuple[tuple[int, Span], ...]]:
    places: list[tuple[int, Span]] = []
    texts: list[str] = []
    length = 0
    for text, start, end in pieces:
        if text:
            places.append((length, Span(source, start, end)))
            texts.append(text)
            length += len(text)
    return "".join(texts), tuple(places)


def _scalar(source: Source, pieces: list[_Piece]) -> Scalar:
    text, start, end = pieces[0]
    if len(pieces) == 1 and len(text) == end - start:
        return Scalar(Span(source, start, end), text)
    value, places = _joined(source, pieces)
    return Joined(Span(source, start, pieces[-1][2]), value, places)


def _pieces(scalar: Scalar) -> Sequence[tuple[int, Span]]:
    """Which piece of a scalar's text stands where; the scalar may be another reader's."""
    if isinstance(scalar, Joined):
        return scalar.pieces
    text = scalar.text or ""
    return ((0, scalar.span),) if text == scalar.span.text else align(scalar.span, text).pieces


def _cut(scalar: Scalar, start: int, end: int) -> Scalar:
    """The part of a scalar that is this part of its text."""
    text = scalar.text or ""
    pieces = _pieces(scalar)
    cut: list[tuple[int, Span]] = []
    place = scalar.span.start
    for index, (first, span) in enumerate(pieces):
        last = pieces[index + 1][0] if index + 1 < len(pieces) else len(text)
        exact = last - first == span.end - span.start
        if first < end and start < last:
            begin, stop = max(first, start), min(last, end)
            cut.append((begin - start, span.sub(begin - first, stop - first) if exact else span))
        if last <= start:
            place = span.end
        elif first < start:
            place = span.start + start - first if exact else span.end
    if not cut:
        return Scalar(Span(scalar.span.source, place, place), "")
    whole = Span(cut[0][1].source, cut[0][1].start, cut[-1][1].end)
    if len(cut) == 1 and whole.end - whole.start == end - start:
        return Scalar(whole, text[start:end])
    return Joined(whole, text[start:end], tuple(cut))
