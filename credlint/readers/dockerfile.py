"""Dockerfiles, by the rules of BuildKit's parser.

The rules are those of `frontend/dockerfile/parser` and `frontend/dockerfile/shell` in
moby/buildkit as of 2026; where older versions differ, the newer one is followed. Unlike
BuildKit, which refuses a file for one error, this reads on.

Places: `Instruction.span`, `Instruction.keyword_span` and `Heredoc.body` are spans of the
file. All other places are spans of the file too if the instruction stands on one line. An
instruction that goes on over several lines is joined first, and its places are spans of the
joined text, a source whose pieces map to the file. So no word has a line break in it,
`span.text` is the word as Docker sees it, and `Span.begin`, `Span.finish` and
`Span.origin()` tell the place in the file as always.
"""

from __future__ import annotations

import re

from .. import lazy
from ..node import Problem, Ref, Scalar, Seq, Template, Unknown
from ..text import Source, Span, align, embed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..node import Node

UNKNOWN_INSTRUCTION = "not a Dockerfile instruction"
NO_DOCKERFILE = "not a Dockerfile: none of its lines is an instruction"
BAD_ESCAPE = "the escape directive takes a backslash or a backtick"
DOUBLE_DIRECTIVE = "a parser directive for the second time"
NO_ARGUMENTS = "an instruction without its arguments"
NO_VALUE = "a name without a value"
BAD_FROM = "FROM takes an image, and AS with a name"
BAD_SHELL = "SHELL takes a JSON array of strings"
NESTED_TRIGGER = "an ONBUILD in an ONBUILD"
OPEN_HEREDOC = "a heredoc without its end"
OPEN_QUOTE = "a quote that is not closed"
BAD_SUBSTITUTION = "a substitution that Docker does not know"
TOO_DEEP = "substitutions nested too deeply"
ALTERNATIVE = "depends on whether a variable is set"
PATTERN = "a variable changed by a pattern"

_DEPTH = 50
_REFERENCE_LENGTH = 4096

# What Go takes for a space: what Python does, without the four separators of ASCII.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_HEAD = re.compile(r"([^\t\v\f\r ]+)[^\S\x1c-\x1f]*")
_BLANK = re.compile(r"[^\S\x1c-\x1f]*")
_FIELD = re.compile(r"[^\t\v\f\r ]+")
_WORD = re.compile(r"[\S\x1c-\x1f]+")
# Runs of characters that mean nothing, whichever the escape character is.
_PLAIN = re.compile(r"""[^'"$\\`}/]+""")
_UNQUOTED = re.compile(r"""[^\s'"\\`$<]+""")
_SPECIAL = re.compile(r"""['"$\\`]""")
_NAME = re.compile(r"\d+|[@*#?$!-]|\w+")
_STRING = re.compile(r"""[^"\\\x00-\x1f]*""")
_SEPARATOR = re.compile(r"[ \t\r\n]*([,\]])?[ \t\r\n]*")
_JSON_ESCAPE = lazy.pattern(r"""\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))""")
_CONTROL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Flag:
    """`--name=value` or `--name`. The value is unquoted; a variable in it is left as it is written."""

    __slots__ = ("name", "span", "value")

    def __init__(self, span: Span, name: str, value: Scalar | None) -> None:
        self.span = span
        self.name = name
        self.value = value

    def options(self) -> tuple[tuple[Scalar, Scalar | None], ...]:
        """The `key=value` pairs of a mount, keys in lower case; None where there is no `=`."""
        if self.value is None or self.value.text is None:
            return ()
        span, text = self.value.span, self.value.text
        if span.text != text:
            span = align(span, text).span()
        pairs: list[tuple[Scalar, Scalar | None]] = []
        at = 0
        for option in text.split(","):
            key, equals, value = option.partition("=")
            middle, end = at + len(key), at + len(option)
            name = Scalar(span.sub(at, middle), key.lower())
            pairs.append((name, Scalar(span.sub(middle + 1, end), value) if equals else None))
            at = end + 1
        return tuple(pairs)


class Heredoc:
    """A heredoc of a RUN, COPY or ADD.

    `body` is its lines as they stand in the file. `expand` is false if the delimiter is
    quoted. `descriptor` is the number before the `<<`, 0 if there is none.
    """

    __slots__ = ("body", "descriptor", "expand", "name", "strip_tabs")

    def __init__(self, name: str, body: Span, expand: bool, strip_tabs: bool, descriptor: int) -> None:
        self.name = name
        self.body = body
        self.expand = expand
        self.strip_tabs = strip_tabs
        self.descriptor = descriptor

    def content(self) -> Source:
        """The body as a source of its own, without the leading tabs that `<<-` takes away."""
        if not self.strip_tabs:
            return embed(self.body)
        lines: list[str] = []
        pieces: list[tuple[int, Span]] = []
        size = at = 0
        for line in self.body.text.split("\n"):
            kept = line.lstrip("\t") + "\n"
            pieces.append((size, self.body.sub(at + len(line) + 1 - len(kept), at + len(line) + 1)))
            lines.append(kept)
            size += len(kept)
            at += len(line) + 1
        return Source(self.body.path, "".join(lines)[:-1], pieces)


class Instruction:
    """An instruction with its arguments.

    `span` has all of it: continuation lines and heredocs. `keyword` is in upper case.

    `words` are the arguments of FROM, COPY, ADD, VOLUME and EXPOSE (without the markers of
    heredocs), the one argument of USER, WORKDIR, STOPSIGNAL and MAINTAINER, and the NONE or
    CMD of HEALTHCHECK. `pairs` are the names and values of ENV, LABEL and ARG; an ARG
    without a default has None. `exec_form` is the JSON array of RUN, CMD, ENTRYPOINT, SHELL,
    VOLUME, COPY, ADD and HEALTHCHECK CMD, and None in shell form. `command` is the text
    after the keyword and the flags, for a HEALTHCHECK the text after CMD.

    `trigger` is what ONBUILD is for; a heredoc there belongs to the trigger.
    """

    __slots__ = (
        "command",
        "exec_form",
        "flags",
        "heredocs",
        "keyword",
        "keyword_span",
        "pairs",
        "span",
        "trigger",
        "words",
    )

    def __init__(self, span: Span, keyword: str, keyword_span: Span, flags: tuple[Flag, ...], command: Source) -> None:
        self.span = span
        self.keyword = keyword
        self.keyword_span = keyword_span
        self.flags = flags
        self.command = command
        self.words: tuple[Node, ...] = ()
        self.pairs: tuple[tuple[Scalar, Node | None], ...] = ()
        self.exec_form: Seq | None = None
        self.heredocs: tuple[Heredoc, ...] = ()
        self.trigger: Instruction | None = None


class Dockerfile:
    """The instructions in the order of the file. Lines that are none are left out, with a problem."""

    __slots__ = ("escape", "instructions", "problems", "source")

    def __init__(
        self, source: Source, instructions: tuple[Instruction, ...], problems: tuple[Problem, ...], escape: str
    ) -> None:
        self.source = source
        self.instructions = instructions
        self.problems = problems
        self.escape = escape

    @property
    def global_args(self) -> tuple[Instruction, ...]:
        """The ARG instructions before the first FROM: FROM can use them, a stage cannot."""
        found: list[Instruction] = []
        for instruction in self.instructions:
            if instruction.keyword == "FROM":
                break
            if instruction.keyword == "ARG":
                found.append(instruction)
        return tuple(found)


class Stage:
    """A FROM and the instructions that follow it.

    `parent` is the index of the stage that it is FROM, None for an image. `reaches_final`
    is true of the final stage and of all that it is FROM in turn: what their ENV says is in
    the final image. (COPY --from takes files only.) `origin` is the FROM itself; a fragment
    that has instructions before any FROM gets a stage without one, whose base is unknown.
    """

    __slots__ = ("base", "final", "index", "instructions", "name", "origin", "parent", "platform", "reaches_final")

    def __init__(
        self,
        index: int,
        origin: Instruction | None,
        base: Node,
        name: str | None,
        platform: Scalar | None,
        instructions: tuple[Instruction, ...],
    ) -> None:
        self.index = index
        self.origin = origin
        self.base = base
        self.name = name
        self.platform = platform
        self.instructions = instructions
        self.parent: int | None = None
        self.final = False
        self.reaches_final = False


def read(source: Source) -> Dockerfile:
    """The instructions of a Dockerfile, and what of it could not be read. Never raises."""
    return _Reader(source).read()


def stages(file: Dockerfile) -> tuple[Stage, ...]:
    """The build stages, in order.

    A name in FROM stands for the nearest earlier stage of that name, whatever its case;
    variables in it are taken from the defaults of the global ARGs. A number is no stage
    there, as it is for COPY --from (`addState` in BuildKit's convert.go knows names only).
    """
    found: list[Stage] = []
    starts = [i for i, instruction in enumerate(file.instructions) if instruction.keyword == "FROM"]
    ends = [*starts, len(file.instructions)]
    before = file.instructions[: ends[0]]
    if any(instruction.keyword != "ARG" for instruction in before):
        found.append(Stage(0, None, Unknown(before[0].span, "no FROM"), None, None, before))
    for start, end in zip(starts, ends[1:], strict=True):
        origin = file.instructions[start]
        base, name = _base(origin)
        platform = next((flag.value for flag in origin.flags if flag.name == "platform"), None)
        found.append(Stage(len(found), origin, base, name, platform, file.instructions[start + 1 : end]))
    defaults = _defaults(file.global_args)
    named: dict[str, int] = {}
    for stage in found:
        base_name = evaluate(stage.base, defaults)
        if base_name is not None:
            stage.parent = named.get(base_name.lower())
        if stage.name:
            named[stage.name.lower()] = stage.index
    if found:
        found[-1].final = True
        at: int | None = len(found) - 1
        while at is not None:
            found[at].reaches_final = True
            at = found[at].parent
    return tuple(found)


def _base(origin: Instruction) -> tuple[Node, str | None]:
    """What a FROM is from, and the name that it gives."""
    words = origin.words
    name = None
    if len(words) > 2 and (words[-2].text or "").lower() == "as":
        name = words[-1].text
        words = words[:-2]
    if len(words) == 1:
        return words[0], name
    return Unknown(origin.command.span(), BAD_FROM), name


def _defaults(args: tuple[Instruction, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for instruction in args:
        for name, default in instruction.pairs:
            value = evaluate(default, values) if default is not None else None
            if value is not None:
                values[name.text or ""] = value
            else:
                values.pop(name.text or "", None)
    return values


def evaluate(node: Node, values: Mapping[str, str]) -> str | None:
    """The text of a node, its variables taken from these; None if it is not known, or longer than any image's name."""
    if isinstance(node, Ref):
        if values.get(node.name):
            return values[node.name]
        return evaluate(node.default, values) if node.default is not None else None
    if not isinstance(node, Template):
        return node.text
    texts: list[str] = []
    size = 0
    for part in node.parts:
        text = evaluate(part, values)
        size += len(text or "")
        if text is None or size > _REFERENCE_LENGTH:
            return None
        texts.append(text)
    return "".join(texts)


class _Reader:
    """Reads the file line by line, as `Parse` in BuildKit's parser.go does."""

    __slots__ = ("_last_lines", "double_escape", "escape", "instructions", "problems", "source", "text", "unknown")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.escape = "\\"
        self.double_escape = "\\\\"
        self.instructions: list[Instruction] = []
        self.problems: list[Problem] = []
        self.unknown = False
        self._last_lines: dict[bool, dict[str, int]] = {}

    def read(self) -> Dockerfile:
        at = self._directives(1 if self.text.startswith("\ufeff") else 0)
        while at < len(self.text):
            at = self._logical_line(at)
        if self.unknown and not self.instructions:
            self.problems = [Problem(self.source.span(), NO_DOCKERFILE)]
        return Dockerfile(self.source, tuple(self.instructions), tuple(self.problems), self.escape)

    def _directives(self, at: int) -> int:
        """Reads `# name=value` at the very top, where a line of another kind ends them."""
        seen: set[str] = set()
        while at < len(self.text):
            end = self._line_end(at)
            line = self.text[at:end].strip(_SPACES)
            name, _, value = line[1:].partition("=")
            name, value = name.strip(_SPACES).lower(), value.strip(_SPACES)
            if line[:1] != "#" or name not in ("syntax", "escape", "check") or not value:
                break
            span = Span(self.source, at, end)
            if name in seen:
                self.problems.append(Problem(span, DOUBLE_DIRECTIVE))
            elif name == "escape" and value not in ("\\", "`"):
                self.problems.append(Problem(span, BAD_ESCAPE))
            elif name == "escape":
                self.escape = value
                self.double_escape = value * 2
            seen.add(name)
            at = end + 1
        return at

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return end if end >= 0 else len(self.text)

    def _continues(self, line: str) -> str | None:
        """The line without its continuation mark, None if it has none. A doubled escape is no mark."""
        kept = line.rstrip(" \t")
        if kept.endswith(self.escape) and not kept.endswith(self.double_escape):
            return kept[:-1]
        return None

    def _logical_line(self, at: int) -> int:
        """Reads the instruction that starts at this line, if one does. Returns where the next line starts."""
        end = self._line_end(at)
        line = self.text[at:end].rstrip("\r")
        content = line.lstrip(_SPACES)
        if not content or content[0] == "#":
            return end + 1
        start = at + len(line) - len(content)
        first = self._continues(content)
        if first is None:
            content = content.rstrip(_SPACES)
            return self._add(
                self.source, start, start + len(content), Span(self.source, start, at + len(line)), end + 1
            )
        joined, stop, after = self._join(start, first, at + len(line), end)
        begin = len(joined.text) - len(joined.text.lstrip(_SPACES))
        finish = len(joined.text.rstrip(_SPACES))
        if begin >= finish:  # nothing but escape characters
            return after
        return self._add(joined, begin, finish, Span(self.source, start, stop), after)

    def _join(self, start: int, first: str, stop: int, end: int) -> tuple[Source, int, int]:
        """The lines of an instruction as one text, where the last of them ends, and where the next starts.

        Comments and empty lines between them are left out, but count if the file ends there.
        """
        chunks = [first]
        pieces = [(0, Span(self.source, start, start + len(first)))]
        size = len(first)
        at = end + 1
        while at < len(self.text):
            end = self._line_end(at)
            line = self.text[at:end].rstrip("\r")
            stop = at + len(line)
            content = line.lstrip(_SPACES)
            if content and content[0] != "#":
                more = self._continues(line)
                chunk = line if more is None else more
                pieces.append((size, Span(self.source, at, at + len(chunk))))
                chunks.append(chunk)
                size += len(chunk)
                if more is None:
                    break
            at = end + 1
        return Source(self.source.path, "".join(chunks), pieces), stop, end + 1

    def _add(self, source: Source, start: int, end: int, whole: Span, after: int) -> int:
        instruction = self._instruction(source, start, end, whole)
        if instruction is None:
            self.unknown = True
            self.problems.append(Problem(whole, UNKNOWN_INSTRUCTION))
            return after
        self.instructions.append(instruction)
        holder = instruction.trigger or instruction
        if (
            holder.keyword in ("RUN", "COPY", "ADD")
            and holder.exec_form is None
            and source.text.find("<<", start, end) >= 0
        ):
            after = self._heredocs(instruction, holder, source.text[start:end], after)
        return after

    # ── one instruction ──

    def _instruction(self, source: Source, start: int, end: int, whole: Span) -> Instruction | None:
        """Reads what stands between start and end of a source; None if it is no instruction."""
        head = _HEAD.match(source.text, start, end)
        arguments = _ARGUMENTS.get(head.group(1).lower()) if head else None
        if head is None or arguments is None:
            return None
        at = head.end()
        flags: tuple[Flag, ...] = ()
        if source.text.startswith("--", at, end):
            flags, at = self._flags(source, at, end)
        keyword_span = Span(source, start, head.end(1))
        if source is not self.source:
            keyword_span = keyword_span.origin()
        command = embed(Span(source, at, end))
        instruction = Instruction(whole, head.group(1).upper(), keyword_span, flags, command)
        arguments(self, instruction, source, at, end)
        return instruction

    def _flags(self, source: Source, at: int, end: int) -> tuple[tuple[Flag, ...], int]:
        """The words that start with `--`, up to a lone `--`; and where the arguments start."""
        text = source.text
        flags: list[Flag] = []
        while text.startswith("--", at, end):
            start = at
            word, at = self._flag_word(text, at, end)
            if word != "--":
                name, equals, value = word[2:].partition("=")
                scalar = None
                if equals:
                    scalar = _literal(Span(source, text.index("=", start, at) + 1, at), value)
                flags.append(Flag(Span(source, start, at), name, scalar))
            at = _end(_BLANK, text, at, end)
            if word == "--":
                break
        return tuple(flags), at

    def _flag_word(self, text: str, at: int, end: int) -> tuple[str, int]:
        """The word at a place, without its quotes and escapes, and where it ends."""
        found: list[str] = []
        quote = ""
        while at < end:
            char = text[at]
            if char == quote:
                quote = ""
                at += 1
            elif not quote and char in "'\"":
                quote = char
                at += 1
            elif not quote and char in _SPACES:
                break
            elif char == self.escape:
                found.append(text[at + 1 : min(at + 2, end)])
                at = min(at + 2, end)
            else:
                stop = max(at + 1, _end(_UNQUOTED, text, at, end))
                found.append(text[at:stop])
                at = stop
        return "".join(found), at

    def _word(self, source: Source, start: int, end: int) -> Node:
        """A word with its quotes, escapes and variables resolved; Unknown, with a problem, if it is broken."""
        raw = source.text[start:end]
        if not _SPECIAL.search(raw):
            return Scalar(Span(source, start, end), raw)
        if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "'\"":
            inner = raw[1:-1]
            if "'" not in inner if raw[0] == "'" else not _SPECIAL.search(inner):
                return Scalar(Span(source, start + 1, end - 1), inner)
        try:
            return _Lexer(source, end, self.escape).word(start)
        except _BrokenError as broken:
            return self._unknown(Span(source, start, end), broken.reason)

    def _unknown(self, span: Span, reason: str) -> Unknown:
        self.problems.append(Problem(span, reason))
        return Unknown(span, reason)

    def _fields(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        """Arguments with blanks between them, which no quote protects (FROM, EXPOSE)."""
        fields = _FIELD.finditer(source.text, at, end)
        instruction.words = tuple([self._word(source, field.start(), field.end()) for field in fields])

    def _from(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        self._fields(instruction, source, at, end)
        if isinstance(_base(instruction)[0], Unknown) and not any(isinstance(w, Unknown) for w in instruction.words):
            self.problems.append(Problem(instruction.span, BAD_FROM))

    def _files(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        """Arguments as a JSON array or with blanks between them. In both, variables are resolved."""
        instruction.exec_form = _json_array(source, at, end)
        if instruction.exec_form is None:
            self._fields(instruction, source, at, end)
            return
        words: list[Node] = []
        for item in instruction.exec_form:
            text = item.text or ""
            span = item.span if item.span.text == text else align(item.span, text).span()
            words.append(self._word(span.source, span.start, span.end))
        instruction.words = tuple(words)

    def _whole(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        """All that follows is one argument (USER, WORKDIR, STOPSIGNAL)."""
        if at < end:
            instruction.words = (self._word(source, at, end),)

    def _verbatim(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        if at < end:
            instruction.words = (Scalar(Span(source, at, end), source.text[at:end]),)

    def _command(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        instruction.exec_form = _json_array(source, at, end)

    def _shell(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        instruction.exec_form = _json_array(source, at, end)
        if instruction.exec_form is None:
            self.problems.append(Problem(instruction.span, BAD_SHELL))

    def _healthcheck(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        middle = _end(_WORD, source.text, at, end)
        self._verbatim(instruction, source, at, middle)
        at = _end(_BLANK, source.text, middle, end)
        instruction.command = embed(Span(source, at, end))
        instruction.exec_form = _json_array(source, at, end)

    def _onbuild(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        span = Span(source, at, end).origin()
        head = _HEAD.match(source.text, at, end)
        if head is None:
            self.problems.append(Problem(instruction.span, NO_ARGUMENTS))
        elif head.group(1).lower() == "onbuild":
            self.problems.append(Problem(span, NESTED_TRIGGER))
        else:
            whole = Span(self.source, span.start, instruction.span.end)
            instruction.trigger = self._instruction(source, at, end, whole)
            if instruction.trigger is None:
                self.problems.append(Problem(whole, UNKNOWN_INSTRUCTION))

    # ── names and values ──

    def _arg(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        pairs = [self._pair(source, start, stop) for start, stop in self._split(source.text, at, end)]
        instruction.pairs = tuple(pairs)
        if not pairs:
            self.problems.append(Problem(instruction.span, NO_ARGUMENTS))

    def _env(self, instruction: Instruction, source: Source, at: int, end: int) -> None:
        """`name=value` any number of times, or the old form `name value`: the first word decides."""
        text = source.text
        words = self._split(text, at, end)
        first = next(words, None)
        if first is None:
            self.problems.append(Problem(instruction.span, NO_ARGUMENTS))
        elif text.find("=", *first) < 0:
            middle = _end(_FIELD, text, at, end)
            name = self._name(source, at, middle)
            rest = text[middle:end].lstrip("\t\v\f\r ")
            if rest:
                instruction.pairs = ((name, self._word(source, end - len(rest), end)),)
            else:
                instruction.pairs = ((name, self._unknown(instruction.span, NO_VALUE)),)
        else:
            pairs = [self._pair(source, *first)]
            for start, stop in words:
                name, value = self._pair(source, start, stop)
                pairs.append((name, value or self._unknown(name.span, NO_VALUE)))
            instruction.pairs = tuple(pairs)

    def _pair(self, source: Source, start: int, end: int) -> tuple[Scalar, Node | None]:
        equals = source.text.find("=", start, end)
        if equals < 0:
            return self._name(source, start, end), None
        return self._name(source, start, equals), self._word(source, equals + 1, end)

    def _name(self, source: Source, start: int, end: int) -> Scalar:
        """A name, unquoted; one that has variables in it or is broken, as it is written."""
        raw = source.text[start:end]
        if _SPECIAL.search(raw):
            word = self._word(source, start, end)
            if isinstance(word, Scalar):
                return word
        return Scalar(Span(source, start, end), raw)

    def _split(self, text: str, at: int, end: int) -> Iterator[tuple[int, int]]:
        """The words with blanks between them that are not quoted or escaped (`parseWords` in BuildKit)."""
        if not _SPECIAL.search(text, at, end):
            for word in _WORD.finditer(text, at, end):
                yield word.span()
            return
        at = _end(_BLANK, text, at, end)
        while at < end:
            start = at
            at = self._split_one(text, at, end)
            if text[start:at] != self.escape:
                yield start, at
            at = _end(_BLANK, text, at, end)

    def _split_one(self, text: str, at: int, end: int) -> int:
        while at < end:
            char = text[at]
            if char == self.escape:
                at += 2
            elif char == "'":
                close = text.find("'", at + 1, end)
                at = close + 1 if close >= 0 else end
            elif char == '"':
                at = self._closing(text, at + 1, end)
            elif char in _SPACES:
                break
            else:
                at = max(at + 1, _end(_UNQUOTED, text, at, end))
        return min(at, end)

    def _closing(self, text: str, at: int, end: int) -> int:
        """Where a double quote that was opened before `at` ends."""
        while at < end:
            special = _SPECIAL.search(text, at, end)
            if special is None:
                return end
            at = special.end()
            if special.group() == '"':
                return at
            if special.group() == self.escape:
                at += 1
        return end

    # ── heredocs ──

    def _heredocs(self, instruction: Instruction, holder: Instruction, line: str, at: int) -> int:
        """Reads the heredocs that a line announces, from `at` on. Returns where the next line starts.

        If one does not end, that line and the following ones are read as if there were none:
        a shift in shell arithmetic looks like a heredoc to BuildKit.
        """
        found: list[Heredoc] = []
        for marker in _markers(line):
            end = self._terminator(marker.name, marker.strip_tabs, at)
            if end is None:
                self.problems.append(Problem(instruction.span, OPEN_HEREDOC))
                break
            body = Span(self.source, at, end)
            found.append(Heredoc(marker.name, body, marker.expand, marker.strip_tabs, marker.descriptor))
            stop = self._line_end(end)
            at = stop + 1
            last = end + len(self.text[end:stop].rstrip("\r"))
            instruction.span = Span(self.source, instruction.span.start, last)
            holder.span = Span(self.source, holder.span.start, last)
        if found:
            holder.heredocs = tuple(found)
            holder.words = tuple([word for word in holder.words if not _announces(word)])
        return at

    def _terminator(self, name: str, strip_tabs: bool, at: int) -> int | None:
        """Where the line starts that ends a heredoc. Looks only if there is one, so all of them together are linear."""
        last = self._last_lines.get(strip_tabs)
        if last is None:
            last = {}
            start = 0
            for line in self.text.split("\n"):
                last[_terminating(line, strip_tabs)] = start
                start += len(line) + 1
            self._last_lines[strip_tabs] = last
        if last.get(name, -1) < at:
            return None
        while True:
            end = self._line_end(at)
            if _terminating(self.text[at:end], strip_tabs) == name:
                return at
            at = end + 1


def _terminating(line: str, strip_tabs: bool) -> str:
    line = line.rstrip("\r")
    return line.lstrip("\t") if strip_tabs else line


_ARGUMENTS: dict[str, Callable[[_Reader, Instruction, Source, int, int], None]] = {
    "add": _Reader._files,
    "arg": _Reader._arg,
    "cmd": _Reader._command,
    "copy": _Reader._files,
    "entrypoint": _Reader._command,
    "env": _Reader._env,
    "expose": _Reader._fields,
    "from": _Reader._from,
    "healthcheck": _Reader._healthcheck,
    "label": _Reader._env,
    "maintainer": _Reader._verbatim,
    "onbuild": _Reader._onbuild,
    "run": _Reader._command,
    "shell": _Reader._shell,
    "stopsignal": _Reader._whole,
    "user": _Reader._whole,
    "volume": _Reader._files,
    "workdir": _Reader._whole,
}


class _BrokenError(Exception):
    """A word that BuildKit refuses, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Lexer:
    """Quotes, escapes and variables of a word, as `Lex` in BuildKit's shell/lex.go has them.

    `lenient` is for a text that a shell will read, where substitutions that Docker does not
    know do no harm as long as their end can be found. `quoted` tells whether there was any
    quote, `wrapped` whether one pair of quotes holds all.
    """

    __slots__ = ("end", "escape", "lenient", "quoted", "source", "text", "wrapped")

    def __init__(self, source: Source, end: int, escape: str, lenient: bool = False) -> None:
        self.source = source
        self.text = source.text
        self.end = end
        self.escape = escape
        self.lenient = lenient
        self.quoted = False
        self.wrapped = False

    def word(self, start: int) -> Node:
        parts, _ = self.parts(start)
        wrap = 1 if self.wrapped else 0
        return _one(parts, Span(self.source, start + wrap, self.end - wrap))

    def parts(self, start: int, stop: str = "", depth: int = 0) -> tuple[list[Node], int]:
        """The parts of a word up to the end or an unquoted `stop`, and the place after it."""
        at = start
        parts: list[Node] = []
        chunk = _Chunk(self.source)
        opened = -1  # the place of the double quote that is open
        while at < self.end:
            plain = _PLAIN.match(self.text, at, self.end)
            if plain:
                at = chunk.add(plain.group(), at, plain.end())
                continue
            char = self.text[at]
            if char == "$":
                node, after = self.variable(at, depth)
                if node is None:
                    chunk.add("$", at, after)
                else:
                    chunk.flush(parts)
                    parts.append(node)
                at = after
            elif char == '"':
                self.quoted = True
                if opened >= 0:
                    self.wrapped = opened == start and at + 1 == self.end
                    opened = -1
                else:
                    opened = at
                at += 1
            elif opened < 0 and char == stop:
                chunk.flush(parts)
                return parts, at + 1
            elif opened < 0 and char == "'":
                at = self._single(chunk, at, start)
            elif char == self.escape:
                at = self._escaped(chunk, at, opened >= 0)
            else:
                at = chunk.add(char, at, at + 1)
        if opened >= 0:
            raise _BrokenError(OPEN_QUOTE)
        if stop:
            raise _BrokenError(BAD_SUBSTITUTION)
        chunk.flush(parts)
        return parts, at

    def _single(self, chunk: _Chunk, at: int, start: int) -> int:
        close = self.text.find("'", at + 1, self.end)
        if close < 0:
            raise _BrokenError(OPEN_QUOTE)
        self.quoted = True
        self.wrapped = at == start and close + 1 == self.end
        if close > at + 1:
            chunk.add(self.text[at + 1 : close], at + 1, close)
        return close + 1

    def _escaped(self, chunk: _Chunk, at: int, in_quotes: bool) -> int:
        """An escape takes its meaning from any character; in double quotes from three only."""
        if at + 1 >= self.end:
            return at + 1
        char = self.text[at + 1]
        if in_quotes and char not in ('"', "$", self.escape):
            return chunk.add(self.escape, at, at + 1)
        return chunk.add(char, at, at + 2)

    def variable(self, at: int, depth: int = 0) -> tuple[Node | None, int]:
        """The variable at a `$`, and the place after it; None if it is only that character."""
        if not self.text.startswith("{", at + 1, self.end):
            name = _NAME.match(self.text, at + 1, self.end)
            if name is None:
                return None, at + 1
            return Ref(Span(self.source, at, name.end()), name.group()), name.end()
        if depth >= _DEPTH:
            raise _BrokenError(TOO_DEEP)
        name = _NAME.match(self.text, at + 2, self.end)
        if name is None or name.end() >= self.end:
            raise _BrokenError(BAD_SUBSTITUTION)
        end = name.end()
        operator = self.text[end]
        if operator == "}":
            return Ref(Span(self.source, at, end + 1), name.group()), end + 1
        if operator == ":":
            end += 1
            operator = self.text[end] if end < self.end else ""
            if operator not in "+-?" and (operator in "#%" or not self.lenient):
                raise _BrokenError(BAD_SUBSTITUTION)
        elif operator not in "+-?#%/":
            raise _BrokenError(BAD_SUBSTITUTION)
        elif operator == "/":
            end += self.text.startswith("//", end)
            end = self.parts(end + 1, "/", depth + 1)[1] - 1
        default, after = self.parts(end + 1, "}", depth + 1)
        span = Span(self.source, at, after)
        if operator == "-":
            return Ref(span, name.group(), _one(default, Span(self.source, end + 1, after - 1))), after
        if operator == "?":
            return Ref(span, name.group()), after
        return Unknown(span, ALTERNATIVE if operator == "+" else PATTERN), after


class _Chunk:
    """The text between two variables, and where it stands."""

    __slots__ = ("end", "source", "start", "texts")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.texts: list[str] = []
        self.start = self.end = 0

    def add(self, text: str, start: int, end: int) -> int:
        if not self.texts:
            self.start = start
        self.texts.append(text)
        self.end = end
        return end

    def flush(self, parts: list[Node]) -> None:
        if self.texts:
            parts.append(Scalar(Span(self.source, self.start, self.end), "".join(self.texts)))
            self.texts = []


def _one(parts: list[Node], span: Span) -> Node:
    if not parts:
        return Scalar(span, "")
    if len(parts) > 1:
        return Template(span, tuple(parts))
    only = parts[0]
    return Scalar(span, only.text) if isinstance(only, Scalar) else only


def _end(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    """Where the pattern that stands at `at` ends; `at` if it does not stand there."""
    match = pattern.match(text, at, end)
    return match.end() if match else at


def _literal(span: Span, value: str) -> Scalar:
    """A text that was unquoted; its place is what stands between the quotes if they hold all of it."""
    raw = span.text
    if raw != value and raw[1:-1] == value and raw[0] == raw[-1] and raw[0] in "'\"":
        span = span.sub(1, len(raw) - 1)
    return Scalar(span, value)


class _Marker:
    """A word that may announce a heredoc; `name` is empty if it does not (`ParseHeredoc` in BuildKit's parser.go)."""

    __slots__ = ("descriptor", "expand", "name", "strip_tabs")

    def __init__(self, word: str) -> None:
        self.name = ""
        marker = word.lstrip("0123456789")
        self.strip_tabs = marker.startswith("<<-")
        delimiter = marker[3 if self.strip_tabs else 2 :].lstrip("\t\n\f\r ")
        if not marker.startswith("<<") or "<" in delimiter:
            return
        lexer = _Lexer(Source("", delimiter), len(delimiter), "\\")
        self.name = "".join(part.text or part.span.text for part in lexer.parts(0)[0])
        self.expand = not lexer.quoted
        # Python refuses to read a number of some thousand digits.
        self.descriptor = int(word[: len(word) - len(marker)][:18] or 0)


def _announces(word: Node) -> bool:
    return word.span.text.lstrip("0123456789").startswith("<<")


def _markers(line: str) -> Iterator[_Marker]:
    """The heredocs that a line announces. None if its quotes are broken: then BuildKit looks for none."""
    try:
        for word in _shell_words(line):
            marker = _Marker(word)
            if marker.name:
                yield marker
    except _BrokenError:
        return


def _shell_words(line: str) -> list[str]:
    """The words of a line in which heredocs are looked for, quotes and escapes left in place.

    After `<<` there may be blanks (since Dockerfile 1.16). The escape character is the
    backslash, even where the file has another one.
    """
    lexer = _Lexer(Source("", line), len(line), "\\", lenient=True)
    words: list[str] = []
    at, end = 0, len(line)
    start = -1  # of the word, -1 between words
    while at < end:
        char = line[at]
        if char in _SPACES:
            if start >= 0:
                words.append(line[start:at])
            start = -1
            at += 1
            continue
        if start < 0:
            start = at
        if char in "'\"":
            at = _shell_quote(lexer, at)
        elif char == "$":
            at = lexer.variable(at)[1]
        elif char == "\\":
            at += 2
        elif line.startswith("<<", at):
            at += 2
            while at < end and line[at] in "\t\r ":
                at += 1
        else:
            at = max(at + 1, _end(_UNQUOTED, line, at, end))
    if start >= 0:
        words.append(line[start:])
    return words


def _shell_quote(lexer: _Lexer, at: int) -> int:
    """The place after the quoted text at `at`."""
    text, end = lexer.text, lexer.end
    if text[at] == "'":
        close = text.find("'", at + 1)
        if close < 0:
            raise _BrokenError(OPEN_QUOTE)
        return close + 1
    at += 1
    while True:
        special = _SPECIAL.search(text, at, end)
        if special is None:
            raise _BrokenError(OPEN_QUOTE)
        at = special.end()
        if special.group() == '"':
            return at
        if special.group() == "\\":
            # Only these three are escaped; what else follows is read for itself.
            at += text.startswith(('"', "$", "\\"), at)
        elif special.group() == "$":
            at = lexer.variable(at - 1)[1]


def _json_array(source: Source, at: int, end: int) -> Seq | None:
    """The JSON array of strings that fills this place; None if it is anything else."""
    text = source.text
    if not text.startswith("[", at, end):
        return None
    items: list[Node] = []
    start = at
    separator = _SEPARATOR.match(text, at + 1, end)
    while separator and separator.group(1) != "]":
        at = separator.end() + 1
        if separator.group(1) != ("," if items else None) or text[at - 1 : at] != '"':
            return None
        close = _end(_STRING, text, at, end)
        escaped = text.startswith("\\", close, end)
        close = _json_string_end(text, close, end)
        if close < 0:
            return None
        raw = text[at:close]
        items.append(Scalar(Span(source, at, close), _json_text(raw) if escaped else raw))
        separator = _SEPARATOR.match(text, close + 1, end)
    # An empty array, or one whose last string is followed by the bracket and nothing else.
    if separator is None or separator.end() < end:
        return None
    return Seq(Span(source, start, end), tuple(items))


def _json_string_end(text: str, at: int, end: int) -> int:
    """Where a JSON string ends that has an escape at `at`; -1 if it is broken."""
    while at < end and text[at] == "\\":
        escape = _JSON_ESCAPE.match(text, at, end)
        if escape is None:
            return -1
        at = _end(_STRING, text, escape.end(), end)
    return at if text.startswith('"', at, end) else -1


def _json_text(raw: str) -> str:
    text = _JSON_ESCAPE.sub(_meaning, raw)
    if "\\u" in raw:  # two halves make a character, one half alone is U+FFFD as in Go
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _meaning(escape: re.Match[str]) -> str:
    char = escape.group(1)
    return _CONTROL.get(char, char) if char else chr(int(escape.group(2), 16))
