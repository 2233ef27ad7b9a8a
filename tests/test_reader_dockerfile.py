"""The Dockerfile reader: written cases, properties, and agreement with BuildKit's own parser."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credlint.node import Node, Ref, Scalar, Template, Unknown
from credlint.readers import dockerfile as reader
from credlint.readers.dockerfile import Dockerfile, Instruction, Stage, read, stages
from credlint.text import Source, Span, align

# ── a short notation for what was read ──


def parse(text: str) -> Dockerfile:
    return read(Source("Dockerfile", text))


def one(text: str) -> Instruction:
    (instruction,) = parse(text).instructions
    return instruction


def show(node: Node | None) -> object:
    """A string for a text, a tuple for a variable and its default, a list for a template."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Ref):
        return (node.name,) if node.default is None else (node.name, show(node.default))
    if isinstance(node, Template):
        return [show(part) for part in node.parts]
    return None if node is None else Unknown


def shown(text: str) -> list[object]:
    """The words of an instruction, or its pairs."""
    instruction = one(text)
    if instruction.pairs:
        return [(name.text, show(value)) for name, value in instruction.pairs]
    return [show(word) for word in instruction.words]


def messages(text: str) -> list[str]:
    return [problem.message for problem in parse(text).problems]


def place(span: Span) -> str:
    return f"{span.begin}-{span.finish}"


# ── lines ──


def test_comments_and_blank_lines_are_no_instructions() -> None:
    file = parse("\n# one\n   # two\n\t\nFROM a\n  \n#three\n  run b\n")
    assert [(i.keyword, place(i.span)) for i in file.instructions] == [("FROM", "5:1-5:7"), ("RUN", "8:3-8:8")]
    assert not file.problems


@pytest.mark.parametrize(
    ("text", "command", "where"),
    [
        ("RUN a \\\n  b\nUSER c\n", "a   b", "1:1-2:4"),
        ("RUN a \\ \t\n  b\n", "a   b", "1:1-2:4"),
        ("RUN a \\\r\n  b\r\n", "a   b", "1:1-2:4"),
        ("RUN a \\\n# no\n\n   # no\n b\n", "a  b", "1:1-5:3"),
        ("RUN a \\", "a", "1:1-1:8"),
        ("RUN a \\\n\n", "a", "1:1-2:1"),
        ("RUN a \\\n# last", "a", "1:1-2:7"),
        ("RUN a \\\\\nUSER c", "a \\\\", "1:1-1:9"),
        ("RUN a \\\\\\\nUSER c", "a \\\\\\", "1:1-1:10"),
        ("\\\nRUN a", "a", "1:1-2:6"),
        ("R\\\nUN a", "a", "1:1-2:5"),
    ],
)
def test_continuation(text: str, command: str, where: str) -> None:
    first = parse(text).instructions[0]
    assert first.keyword == "RUN"
    assert first.command.text == command
    assert place(first.span) == where


def test_places_in_a_continued_instruction_are_those_of_the_file() -> None:
    text = "ENV A=b \\\n  # no\n\n    KEY='v w' L=on\\\nger\nUSER \"$X\"\n"
    file = parse(text)
    env, user = file.instructions
    assert [(name.text, value.text if value else None) for name, value in env.pairs] == [
        ("A", "b"),
        ("KEY", "v w"),
        ("L", "onger"),
    ]
    assert [place(name.span) for name, _ in env.pairs] == ["1:5-1:6", "4:5-4:8", "4:15-4:16"]
    assert [place(value.span) for _, value in env.pairs if value] == ["1:7-1:8", "4:10-4:13", "4:17-5:4"]
    assert place(env.command.span(env.command.text.index("ger"))) == "5:1-5:4"
    assert place(env.keyword_span) == "1:1-1:4"
    assert env.keyword_span.source is file.source
    assert place(user.words[0].span) == "6:7-6:9"
    assert user.words[0].span.source is file.source


def test_directives_stand_at_the_top_only() -> None:
    assert parse("# escape=`\nRUN a `\n b").instructions[0].command.text == "a  b"
    assert parse("#syntax=docker/dockerfile:1\n # Check = skip=all\n# ESCAPE = ` \nRUN a").escape == "`"
    assert parse("\ufeff# escape=`\r\nRUN a").escape == "`"
    for before in ("\n", "# a comment\n", "FROM a\n", "# other=x\n", "# escape=\n"):
        assert parse(f"{before}# escape=`\nRUN a").escape == "\\"
    assert messages("# escape=x\nRUN a") == [reader.BAD_ESCAPE]
    assert messages("# escape=`\n# escape=`\nRUN a") == [reader.DOUBLE_DIRECTIVE]


def test_escape_directive_changes_the_escape_in_words_too() -> None:
    (copy,) = parse("# escape=`\nCOPY a` b C:\\x `$d $e\n").instructions
    assert [show(word) for word in copy.words] == ["a", "b", "C:\\x", "$d", ("e",)]


def test_unknown_instructions_are_left_out_with_a_problem() -> None:
    file = parse("FROM a\n{{ if x }}\nRUN b\nADDD c \\\n d\n")
    assert [i.keyword for i in file.instructions] == ["FROM", "RUN"]
    assert [(p.message, place(p.span)) for p in file.problems] == [
        (reader.UNKNOWN_INSTRUCTION, "2:1-2:11"),
        (reader.UNKNOWN_INSTRUCTION, "4:1-5:3"),
    ]


def test_a_file_without_any_instruction_is_no_dockerfile() -> None:
    assert messages("# Title\n\nSome prose.\nMore of it.\n") == [reader.NO_DOCKERFILE]
    assert messages("FROM a\n\\\n\\\n") == []
    assert messages("") == messages("# nothing\n\n") == []


# ── words ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENV A=b C= D=e=f", [("A", "b"), ("C", ""), ("D", "e=f")]),
        ("ENV A=\"b c\" D='e f' G=h\\ i", [("A", "b c"), ("D", "e f"), ("G", "h i")]),
        ("ENV A=b\"c d\"e'f'", [("A", "bc def")]),
        ('ENV A="b\\"c" D="\\e\\\\" F=\'\\g\'', [("A", 'b"c'), ("D", "\\e\\"), ("F", "\\g")]),
        ("ENV A=\"\" B=''", [("A", ""), ("B", "")]),
        ('ENV "A"=b', [("A", "b")]),
        ("ENV A b", [("A", "b")]),
        ("ENV A   b  c=d", [("A", "b  c=d")]),
        ("ENV A \"b c\" d'e'", [("A", "b c de")]),
        ("LABEL a.b=c 'd e'=f", [("a.b", "c"), ("d e", "f")]),
        ("ARG A", [("A", None)]),
        ("ARG A B=c D= E", [("A", None), ("B", "c"), ("D", ""), ("E", None)]),
        ("ENV A=$B C=${D} E=x$F${G}y", [("A", ("B",)), ("C", ("D",)), ("E", ["x", ("F",), ("G",), "y"])]),
        ('ENV A="$B" C=\'$D\' E=\\$F G="\\$H"', [("A", ("B",)), ("C", "$D"), ("E", "$F"), ("G", "$H")]),
        ('ENV A="b $C" D="$E f"', [("A", ["b ", ("C",)]), ("D", [("E",), " f"])]),
        ("ENV A=${B:-c} D=${E-f} G=${H:-}", [("A", ("B", "c")), ("D", ("E", "f")), ("G", ("H", ""))]),
        ("ENV A=${B:-${C:-d$E}}", [("A", ("B", ("C", ["d", ("E",)])))]),
        ('ENV A=${B:-"c}"d}', [("A", ("B", "c}d"))]),
        ('ENV A=${B:-"c"d}', [("A", ("B", "cd"))]),
        ("ENV A=${B:?no} C=${D?no}", [("A", ("B",)), ("C", ("D",))]),
        ("ENV A=${B:+c} D=${E+f}", [("A", Unknown), ("D", Unknown)]),
        ("ENV A=${B%c} D=x${E##f*} G=${H//i/j}", [("A", Unknown), ("D", ["x", Unknown]), ("G", Unknown)]),
        ("ENV A=$ B=$/ C=a$", [("A", "$"), ("B", "$/"), ("C", "a$")]),
        ("ENV A=$1 B=$$ C=$12a", [("A", ("1",)), ("B", ("$",)), ("C", [("12",), "a"])]),
        ("COPY a 'b' \"c\"/d ./", ["a", "b", "c/d", "./"]),
        ('COPY ["a b", "$X/c", "d\\u0041\\n"]', ["a b", [("X",), "/c"], "dA\n"]),
        ('COPY ["a b"] c', [Unknown, Unknown, "c"]),
        ("EXPOSE 80  $P/tcp", ["80", [("P",), "/tcp"]]),
        ("USER  a:b ", ["a:b"]),
        ("WORKDIR /a b/$C", [["/a b/", ("C",)]]),
        ("MAINTAINER A <'b'> $c", ["A <'b'> $c"]),
        ("VOLUME /a /b", ["/a", "/b"]),
        ('VOLUME ["/a"]', ["/a"]),
        ("FROM --platform=$P a AS b", ["a", "AS", "b"]),
        ("RUN a b", []),
    ],
)
def test_words(text: str, expected: list[object]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('ENV A="b', reader.OPEN_QUOTE),
        ("ENV A='b", reader.OPEN_QUOTE),
        ("USER it's", reader.OPEN_QUOTE),
        ("ENV A=${B", reader.BAD_SUBSTITUTION),
        ("ENV A=${}", reader.BAD_SUBSTITUTION),
        ("ENV A=${B^^}", reader.BAD_SUBSTITUTION),
        ("ENV A=${B:1:2}", reader.BAD_SUBSTITUTION),
        ("ENV A=${B:-c", reader.BAD_SUBSTITUTION),
        ("ENV A=" + "${B:-" * 60 + "}" * 60, reader.TOO_DEEP),
        ("ENV A", reader.NO_VALUE),
        ("ENV A=b C", reader.NO_VALUE),
        ("FROM <an image>", reader.BAD_FROM),
        ("FROM {{ .Image }}", reader.BAD_FROM),
        ("FROM", reader.BAD_FROM),
        ("ENV", reader.NO_ARGUMENTS),
        ("ARG", reader.NO_ARGUMENTS),
        ("SHELL bash", reader.BAD_SHELL),
        ("ONBUILD", reader.NO_ARGUMENTS),
        ("ONBUILD ONBUILD RUN a", reader.NESTED_TRIGGER),
        ("ONBUILD FOO", reader.UNKNOWN_INSTRUCTION),
    ],
)
def test_problems(text: str, reason: str) -> None:
    file = parse(text + "\nRUN more")
    assert [problem.message for problem in file.problems] == [reason]
    assert [i.keyword for i in file.instructions] == [text.split()[0], "RUN"]


def test_the_rest_of_an_instruction_with_a_broken_word_is_read() -> None:
    assert shown("ENV A=b C=${D^^} E=f") == [("A", "b"), ("C", Unknown), ("E", "f")]


def test_the_span_of_a_value_is_between_the_quotes_that_hold_all_of_it() -> None:
    env = one("""ENV A="b c" D=e"f" G='h' I="j""k" L="$M n" O=p$Q R='s't""")
    texts = [value.span.text for _, value in env.pairs if value]
    assert texts == ["b c", 'e"f"', "h", '"j""k"', "$M n", "p$Q", "'s't"]
    template = env.pairs[4][1]
    assert isinstance(template, Template)
    assert [part.span.text for part in template.parts] == ["$M", " n"]


def test_align_finds_the_characters_of_a_value_in_its_span() -> None:
    value = one('ENV A="b\\""\'c d\'\\ AKIA').pairs[0][1]
    assert isinstance(value, Scalar)
    assert value.text == 'b"c d AKIA'
    aligned = align(value.span, value.text)
    assert aligned.text == value.text
    assert aligned.span(value.text.index("AKIA")).origin().text == "AKIA"
    assert aligned.span(2, 5).origin().text == "c d"


# ── flags ──


def test_flags() -> None:
    run = one("RUN --mount=type=cache,target=/a --mount='type=secret,id=b c' --network=none --x -- --a b")
    assert [(flag.name, flag.value.text if flag.value else None) for flag in run.flags] == [
        ("mount", "type=cache,target=/a"),
        ("mount", "type=secret,id=b c"),
        ("network", "none"),
        ("x", None),
    ]
    assert run.command.text == "--a b"
    assert run.flags[1].span.text == "--mount='type=secret,id=b c'"
    assert run.flags[1].value is not None
    assert run.flags[1].value.span.text == "type=secret,id=b c"


def test_flag_options_have_places() -> None:
    run = one('RUN --mount=TYPE=secret,id="a",required,env=B \\\n  --mount=type=ssh c')
    options = [[(k.text, v.text if v else None) for k, v in flag.options()] for flag in run.flags]
    assert options == [[("type", "secret"), ("id", "a"), ("required", None), ("env", "B")], [("type", "ssh")]]
    identity = run.flags[0].options()[1]
    assert identity[1] is not None
    assert (place(identity[0].span), place(identity[1].span)) == ("1:25-1:27", "1:29-1:30")
    assert place(run.flags[1].options()[0][0].span) == "2:11-2:15"
    assert one("RUN --x a").flags[0].options() == ()


# ── exec form ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('CMD ["a", "b c"]', ["a", "b c"]),
        ('RUN [ "a" ,"b" ]  ', ["a", "b"]),
        ("ENTRYPOINT []", []),
        ('SHELL ["a\\"b", "\\\\", "\\u00e9\\ud83d\\ude00\\ud83d"]', ['a"b', "\\", "é😀\ufffd"]),
        ('HEALTHCHECK --interval=5s CMD ["a"]', ["a"]),
        ('RUN \\\n ["a", \\\n  "b"]', ["a", "b"]),
        ("CMD ['a']", None),
        ('CMD ["a",]', None),
        ('CMD ["a" "b"]', None),
        ('CMD [,"a"]', None),
        ('CMD ["a"] b', None),
        ('CMD ["a\\x"]', None),
        ('CMD ["a\tb"]', None),
        ('CMD ["a', None),
        ('CMD ["a"', None),
        ("CMD [", None),
        ("CMD [1]", None),
        ("RUN [ -f a ]", None),
    ],
)
def test_exec_form(text: str, expected: list[str] | None) -> None:
    form = one(text).exec_form
    assert (form and [item.text for item in form.nodes]) == expected


def test_exec_form_has_places() -> None:
    form = one('CMD ["a", "b\\n"]').exec_form
    assert form is not None
    assert form.span.text == '["a", "b\\n"]'
    assert [item.span.text for item in form.nodes] == ["a", "b\\n"]


def test_words_of_a_json_copy_lead_to_the_file() -> None:
    word = one('COPY ["\\u0041$X", "b"]').words[0]
    assert isinstance(word, Template)
    assert place(word.parts[1].span) == "1:14-1:16"


def test_healthcheck() -> None:
    check = one("HEALTHCHECK --interval=5s CMD curl -f x")
    assert [word.text for word in check.words] == ["CMD"]
    assert check.command.text == "curl -f x"
    assert [word.text for word in one("HEALTHCHECK NONE").words] == ["NONE"]


# ── heredocs ──


def heredocs(text: str) -> list[tuple[str, str, bool, bool, int]]:
    first = parse(text).instructions[0]
    found = (first.trigger or first).heredocs
    return [(h.name, h.body.text, h.expand, h.strip_tabs, h.descriptor) for h in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN <<EOF\na\n\nEOF\nUSER b", [("EOF", "a\n\n", True, False, 0)]),
        ("RUN <<EOF", []),
        ("RUN <<EOF\nEOF", [("EOF", "", True, False, 0)]),
        ("RUN <<EOF\r\na\r\nEOF\r\n", [("EOF", "a\r\n", True, False, 0)]),
        ("RUN 3<<-'E F' cat\n\ta\n\tE F\n", [("E F", "\ta\n", False, True, 3)]),
        ('COPY <<A <<"B" /c\n1\nA\n2\nB\n', [("A", "1\n", True, False, 0), ("B", "2\n", False, False, 0)]),
        ("ADD <<EOF /a\n EOF\nEOF \nEOF", [("EOF", " EOF\nEOF \n", True, False, 0)]),
        ("RUN a \\\n && cat <<EOF > b\nc\nEOF\n", [("EOF", "c\n", True, False, 0)]),
        ("RUN cat << EOF\na\nEOF\n", [("EOF", "a\n", True, False, 0)]),
        ("RUN cat <<$EOF\na\n$EOF\n", [("$EOF", "a\n", True, False, 0)]),
        ('RUN "a\\"b" <<EOF\nc\nEOF\n', [("EOF", "c\n", True, False, 0)]),
        ("RUN a ${B:%c} <<EOF\nEOF\n", []),
        ("RUN a ${B:0:1} <<EOF\nc\nEOF\n", [("EOF", "c\n", True, False, 0)]),
        ("ONBUILD RUN <<EOF\na\nEOF\n", [("EOF", "a\n", True, False, 0)]),
        ("# escape=`\nRUN a\\ <<EOF\nb\nEOF\n", []),
        ("RUN cat <<<EOF\nEOF\n", []),
        ("RUN cat '<<EOF'\nEOF\n", []),
        ('RUN cat "<<EOF"\nEOF\n', []),
        ("RUN cat a<<EOF\nEOF\n", []),
        ("RUN it's <<EOF\nEOF\n", []),
        ("RUN ${A^^} <<EOF\nEOF\n", []),
        ("RUN cat <<''\nEOF\n", []),
        ("RUN cat <<\nEOF\n", []),
        ('RUN ["cat", "<<EOF"]\nEOF\n', []),
        ("CMD cat <<EOF\nEOF\n", []),
        ("ENV A=<<EOF\nEOF\n", []),
        ("ONBUILD CMD <<EOF\nEOF\n", []),
    ],
)
def test_heredocs(text: str, expected: list[tuple[str, str, bool, bool, int]]) -> None:
    assert heredocs(text) == expected


def test_an_instruction_reaches_to_the_end_of_its_heredocs() -> None:
    file = parse("FROM a\nONBUILD COPY <<A <<B /c\n1\nA\n2\nB\nUSER d\n")
    onbuild = file.instructions[1]
    assert onbuild.trigger is not None
    assert place(onbuild.span) == "2:1-6:2"
    assert place(onbuild.trigger.span) == "2:9-6:2"
    assert [place(h.body) for h in onbuild.trigger.heredocs] == ["3:1-4:1", "5:1-6:1"]
    assert [word.text for word in onbuild.trigger.words] == ["/c"]
    assert [i.keyword for i in file.instructions] == ["FROM", "ONBUILD", "USER"]


def test_content_of_a_heredoc_is_without_its_tabs() -> None:
    (heredoc,) = one("COPY <<-EOF /a\n\t[b]\n\t\tc = d\ne\tf\n\tEOF\n").heredocs
    content = heredoc.content()
    assert content.text == "[b]\nc = d\ne\tf\n"
    assert place(content.span(4, 5)) == "3:3-3:4"
    assert place(content.span(10)) == "4:1-5:1"


def test_a_heredoc_without_an_end_hides_nothing() -> None:
    file = parse("FROM a\nRUN echo $((1 << 3)) <<EOF\nENV B=c\n")
    assert [i.keyword for i in file.instructions] == ["FROM", "RUN", "ENV"]
    assert [p.message for p in file.problems] == [reader.OPEN_HEREDOC]
    assert heredocs("RUN <<A <<B\n1\nA\n2\n") == [("A", "1\n", True, False, 0)]


# ── stages ──


def outline(text: str) -> list[tuple[str | None, object, int | None, bool]]:
    return [(s.name, show(s.base), s.parent, s.reaches_final) for s in stages(parse(text))]


def test_stages() -> None:
    text = "ARG T=1\nFROM a:$T AS Base\nENV A=b\nFROM x as tools\nRUN y\nFROM base\nCOPY --from=tools c d\n"
    file = parse(text)
    found = stages(file)
    assert outline(text) == [
        ("Base", ["a:", ("T",)], None, True),
        ("tools", "x", None, False),
        (None, "base", 0, True),
    ]
    assert [[i.keyword for i in stage.instructions] for stage in found] == [["ENV"], ["RUN"], ["COPY"]]
    assert [stage.final for stage in found] == [False, False, True]
    assert [stage.index for stage in found] == [0, 1, 2]
    assert [i.keyword for i in file.global_args] == ["ARG"]
    assert all(stage.origin is not None and stage.origin.keyword == "FROM" for stage in found)


def parents(text: str) -> list[int | None]:
    return [stage.parent for stage in stages(parse(text))]


def test_a_global_argument_can_name_a_stage() -> None:
    assert parents("ARG B=dev\nFROM a AS dev\nFROM b AS prod\nFROM ${B}") == [None, None, 0]
    assert parents("ARG A=de\nARG B=${A}v\nFROM a AS dev\nFROM $B") == [None, 0]
    assert parents('ARG A=x B="d"\nFROM a AS d\nFROM $B') == [None, 0]
    assert parents("ARG B\nFROM a AS dev\nFROM ${B:-dev}\nFROM $B") == [None, 0, None]
    assert parents("FROM a AS dev\nARG B=dev\nFROM $B") == [None, None]
    assert parents("FROM a AS dev\nFROM DEV") == [None, 0]


def test_a_stage_is_from_an_earlier_one_only() -> None:
    assert parents("FROM b AS a\nFROM a AS b\nFROM a AS a\nFROM a") == [None, 0, 0, 2]
    assert parents("FROM a AS a\nFROM 0") == [None, None]


def test_platform_and_odd_froms() -> None:
    (stage,) = stages(parse("FROM --platform=$BUILDPLATFORM {{ image }} AS final"))
    assert stage.platform is not None
    assert stage.platform.text == "$BUILDPLATFORM"
    assert isinstance(stage.base, Unknown)
    assert stage.name == "final"


def test_a_fragment_is_a_stage_without_a_name() -> None:
    (stage,) = stages(parse("ARG A\nENV B=c\n"))
    assert stage.origin is None
    assert isinstance(stage.base, Unknown)
    assert stage.reaches_final
    assert [i.keyword for i in stage.instructions] == ["ARG", "ENV"]
    assert stages(parse("ARG A\n")) == stages(parse("")) == ()
    assert [s.origin is None for s in stages(parse("ENV A=b\nFROM c\n"))] == [True, False]


def test_defaults_that_double_end() -> None:
    text = "ARG A=xx\n" + "ARG A=$A$A\n" * 200 + "FROM b AS c\nFROM $A\n"
    assert parents(text) == [None, None]


# ── BuildKit as the oracle ──

KNOWN = frozenset(reader._ARGUMENTS)
SHELL_FORM = ("RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK")


def plain(node: Node | None) -> str | None:
    """The text of a node with its variables as they are written; None if it is broken."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Template):
        return "".join(plain(part) or "" for part in node.parts)
    if isinstance(node, Unknown) and node.reason not in (reader.ALTERNATIVE, reader.PATTERN):
        return None
    return node.span.text if node else None


def unquote(raw: str, escape: str) -> str | None:
    """What BuildKit's shell.Lex makes of a word, variables left alone; None if a quote is open."""
    found: list[str] = []
    quote = ""
    at = 0
    while at < len(raw):
        char = raw[at]
        following = raw[at + 1 : at + 2]
        if quote == "'":
            if char == "'":
                quote = ""
            else:
                found.append(char)
        elif char == '"' or (char == "'" and not quote):
            quote = "" if quote else char
        elif char == escape:
            if quote and following and following not in '"$' + escape:
                found.append(char)
            else:
                found.append(following)
                at += 1
        elif char == "$" and following == "{":
            end = raw.index("}", at)
            found.append(raw[at : end + 1])
            at = end
        else:
            found.append(char)
        at += 1
    return None if quote else "".join(found)


def name_of(raw: str, name: str | None, escape: str) -> str | None:
    """The name that is expected: one with a variable, or a broken one, stays as it is written."""
    decoded = unquote(raw, escape)
    # BuildKit has taken an escape at the end of the line away.
    as_written = name is not None and raw.rstrip(escape) == name.rstrip(escape)
    return name if as_written and (decoded is None or "$" in decoded) else decoded


def expected_values(command: str, value: tuple[str, ...], mine: Instruction, escape: str) -> list[str | None]:
    found: list[str | None] = []
    if command in ("ENV", "LABEL"):
        names = [name.text for name, _ in mine.pairs]
        for name, mine_name, text in zip(value[::2], names, value[1::2], strict=True):
            found += [name_of(name, mine_name, escape), unquote(text, escape)]
        return found
    if command == "ARG":
        for word, (key, _) in zip(value, mine.pairs, strict=True):
            raw, equals, default = word.partition("=")
            found += [name_of(raw, key.text, escape), unquote(default, escape) if equals else None]
        return found
    if mine.exec_form is None and command in (
        "FROM", "EXPOSE", "COPY", "ADD", "VOLUME", "USER", "WORKDIR", "STOPSIGNAL",
    ):  # fmt: skip
        return [unquote(word, escape) for word in value if not (mine.heredocs and re.match(r"\d*<<", word))]
    return list(value)


def actual_values(mine: Instruction) -> list[str | None]:
    if mine.pairs:
        return [text for name, value in mine.pairs for text in (name.text, plain(value))]
    if mine.exec_form is not None:
        kind = mine.words if mine.keyword == "HEALTHCHECK" else ()
        return [item.text for item in (*kind, *mine.exec_form)]
    rest = [mine.command.text] if mine.keyword in SHELL_FORM and mine.command.text else []
    return [*(plain(word) for word in mine.words), *rest]


def is_newer_than_the_oracle(file: Dockerfile) -> bool:
    """Whether there is something that the oracle's BuildKit (0.12) reads in another way than today's."""
    for instruction in file.instructions:
        holder = instruction.trigger or instruction
        text = holder.command.text
        if re.search(r"<<[\t\r ]", text):  # blanks before the delimiter, since 0.22
            return True
        if text.startswith("[") and holder.exec_form is None:  # text after the array, since 0.15
            try:
                json.JSONDecoder().raw_decode(text)
            except ValueError:
                continue
            return True
    return False


def assert_agrees(text: str, refused: bool = False) -> None:
    """Everything that BuildKit tells of a file is what we read. A file that it refuses proves nothing."""
    oracle = pytest.importorskip("dockerfile")
    file = parse(text)
    try:
        commands = [c for c in oracle.parse_string(text) if (c.cmd or "").lower() in KNOWN]
    except oracle.GoParseError:
        assert refused
        return
    assert [c.cmd.upper() for c in commands] == [i.keyword for i in file.instructions]
    for theirs, ours in zip(commands, file.instructions, strict=True):
        assert (ours.span.begin.line, ours.span.finish.line) == (theirs.start_line, theirs.end_line)
        flags = ["--" + f.name + (f"={f.value.text}" if f.value else "") for f in ours.flags]
        # BuildKit takes each byte of a flag for a character.
        assert [flag.encode().decode("latin-1") for flag in flags] == list(theirs.flags)
        mine = ours.trigger or ours
        if ours.keyword == "ONBUILD":
            subcommand = (theirs.sub_cmd or "").upper()
            if subcommand.lower() not in KNOWN - {"onbuild"}:
                assert ours.trigger is None
                continue
            assert mine.keyword == subcommand
        assert (mine.exec_form is not None) == theirs.json
        if ours.keyword != "ONBUILD":  # there the binding keeps the heredocs to itself
            bodies = [(h.name, h.content, h.file_descriptor) for h in theirs.heredocs]
            assert [(h.name, h.body.text, h.descriptor) for h in mine.heredocs] == bodies
        assert actual_values(mine) == expected_values(mine.keyword, theirs.value, mine, file.escape)


CASES = (
    "FROM a\nRUN b\n",
    "\ufefffrom a as b\r\nrun c\\\r\n d\r\n",
    "ENV a=\"b c\" d='e f' g=h\\ i j=k\\\\ l=\"m\\\"n\"\nENV o p  q\nENV r \"s\"\n",
    "ENV a=b \\\n  c=d \\\n\n # no\n  e=\"f\\\n  g\"\n",
    "ENV a=b\\\\\\\nENV c=d\nARG e \\\v\n",
    "ARG a b=c d= 'e f'=\"g h\" $i=j\n",
    "LABEL a=b \"c d\"=e f=g\\\n h=i\nLABEL a b c\n",
    "# escape=`\nENV a=b` c d=\"e`\"f\" \\g=\\h\nRUN i `\n  j\n",
    "# syntax=x\n# escape=`\n\nRUN a `\n b\n",
    "# comment\n# escape=`\nRUN a \\\n b\n",
    "COPY --from=a --chown=b:c d e f\nCOPY [\"a b\", \"c\"]\nADD 'a' \"b\"c /d\n",
    "RUN --mount=type=secret,id=a --mount=\"type=ssh b\" -- c --d\nRUN --a\nCMD --b=\\\"c d\n",
    "RUN [\"a\", \"b\\nc\"]\nCMD []\nENTRYPOINT ['a']\nSHELL [\"a\"]\nVOLUME [\"/a\", \"$b\"]\nVOLUME /a /b\n",
    "RUN cat <<A <<-'B' 3<<\"C\" \\\n  > d\n1\nA\n\t2\n\tB\n\n3\nC\nUSER e\n",
    "RUN cat <<<A '<<B' \"<<C\" d<<E f <\nUSER g\n",
    "RUN it's <<A\nRUN \"b\" <<A\nA\n",
    "COPY <<EOF <<-'F' /b\nFROM x\nEOF\n\tF\nONBUILD RUN <<G\n# h\nG\n",
    "RUN <<EOF\r\na\r\nEOF\r\nUSER b\r\n",
    "ONBUILD ENV a=b c=\"d e\"\nONBUILD copy --from=a b c\nONBUILD ONBUILD RUN a\nONBUILD FOO a\nONBUILD CMD [\"a\"]\n",
    "HEALTHCHECK --interval=5s CMD a  b\nHEALTHCHECK CMD [\"a\", \"b\"]\nHEALTHCHECK none\n",
    "USER  a b \nWORKDIR \"a b\"  c\nSTOPSIGNAL SIGTERM\nMAINTAINER  a <b>  'c\nEXPOSE 1  2\t3/udp\n",
    "FROM --platform=$a ${b:-c} AS d\nFROM \"e\"\nFROM {{ f }}\n{{ g }}\nFROM <h i>\n",
    "\\\nFROM a\n\\\n",
    "RUN a \\\n\n",
    "RUN a \\\n# b",
    "RUN a \\ \n\t\\\n  b\\\t\n",
    "F\\\nROM a\n",
    "ENV\nARG\nRUN\nCMD\nFROM\n",
    "FROM a\x85b\xa0c\n\xa0\nENV a=b\u2003c=d\x1ce=f\n",
    "FROM a\rRUN b\nRUN c\r\r\n",
)  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_agrees_with_buildkit(text: str) -> None:
    assert_agrees(text)


ATOMS = (
    *"ab=", " ", " ", "  ", "\t", '"', '"', "'", "'", "\\", "`", "$", "#", ",", "[", "]", "-", "<", "é", "♥",
    "$A", "${B}", "${C:-d}", "a=b", "K=v", " L=w", '"x y"', "'x y'", '\\"', "\\$", "\\ ", "`$", "\x1c",
    "\\\n", "\\\n", "`\n", "\\ \t\n", "\\\n\n", "\\\n  # c\n", "\\\n\\\n",
    " <<EOF ", " <<-'EOF'", ' 3<<"E F"', "<<<x", '["a", "b"]', '["a\\n"]', "--from=x ", "--mount=type=a,b=c ", "-- ",
)  # fmt: skip
KEYWORDS = (
    *(k.upper() for k in sorted(KNOWN)),
    "RUN",
    "ENV",
    "COPY",
    "Env",
    "arg",
    "onbuild run",
    "ONBUILD ENV",
    "FOO",
)
INSTRUCTION = st.builds(
    lambda indent, keyword, gap, atoms: indent + keyword + gap + "".join(atoms),
    st.sampled_from(("", "", " ", "\t")),
    st.sampled_from(KEYWORDS),
    st.sampled_from((" ", " ", "  ", "\t", "\\\n ", "")),
    st.lists(st.sampled_from(ATOMS), max_size=9),
)
LINE = INSTRUCTION | st.sampled_from(("", "# c", "EOF", "\tEOF", "E F", " x", "\\", "  ", "text\nEOF", "\ttext\n\tEOF"))
FILE = st.builds(
    lambda head, lines, newline, last: head + newline.join(line.replace("\n", newline) for line in lines) + last,
    st.sampled_from(("", "", "", "# escape=`\n", "# syntax=a\n# escape=\\\n", "\ufeff", "\ufeff# escape=`\r\n")),
    st.lists(LINE, min_size=1, max_size=6),
    st.sampled_from(("\n", "\n", "\r\n")),
    st.sampled_from(("", "\n", "\r\n", "\\\n", "\\")),
)


@settings(max_examples=500, deadline=None)
@given(FILE)
def test_agrees_with_buildkit_on_generated_files(text: str) -> None:
    file = parse(text)
    assume(not is_newer_than_the_oracle(file))
    assume(
        file.escape == "\\" or not any((i.trigger or i).flags for i in file.instructions)
    )  # escapes in flags, since 0.21
    assert_agrees(text, refused=True)


# ── properties ──

SAMPLE = """\
# syntax=docker/dockerfile:1
ARG BASE=python:3.13-slim TAG
FROM --platform=$BUILDPLATFORM ${BASE} AS build
ENV APP="a b" \\
    # a comment
    AWS_ACCESS_KEY_ID='AKIAIOSFODNN7EXAMPLE' TAIL=${TAG:-x"y"}\\ z

RUN --mount=type=secret,id=aws,target="/root/.aws/credentials" \\
    make <<EOF && cat <<-'END' > /out
fetch
EOF
\ttext
\tEND
ONBUILD COPY --from=build ["a\\u0041 $X", "b"]
COPY <<"EOF" /root/.aws/credentials
[default]
EOF
LABEL "a b"=c d=${E%f}
HEALTHCHECK CMD ["a", "b\\n"]
FROM build
ENV OLD style value
CMD ["python", "-m", "app"]
"""

CONSTANTS = {value for name, value in vars(reader).items() if name.isupper() and isinstance(value, str)}


def nodes_of(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    yield node
    yield from (below for item in node for below in nodes_of(item))
    if isinstance(node, Template):
        yield from (below for part in node.parts for below in nodes_of(part))
    if isinstance(node, Ref):
        yield from nodes_of(node.default)


def all_nodes(instruction: Instruction) -> Iterator[Node]:
    for name, value in instruction.pairs:
        yield name
        yield from nodes_of(value)
    for word in (*instruction.words, instruction.exec_form):
        yield from nodes_of(word)
    for flag in instruction.flags:
        yield from nodes_of(flag.value)
        for key, option in flag.options():
            yield key
            yield from nodes_of(option)
    if instruction.trigger:
        yield from all_nodes(instruction.trigger)


def assert_lies_in(span: Span, whole: Span) -> None:
    assert 0 <= span.start <= span.end <= len(span.source.text)
    origin = span.origin()
    assert origin.source is whole.source
    assert whole.start <= origin.start <= origin.end <= whole.end


def assert_sound(text: str) -> None:
    file = parse(text)
    everything = file.source.span()
    before = 0
    for instruction in file.instructions:
        assert_lies_in(instruction.span, everything)
        assert instruction.span.start >= before
        before = instruction.span.end
        for span in (instruction.keyword_span, instruction.command.span(), *(f.span for f in instruction.flags)):
            assert_lies_in(span, instruction.span)
        for node in all_nodes(instruction):
            assert_lies_in(node.span, instruction.span)
            if isinstance(node, Scalar):
                assert isinstance(node.value, str)
                assert align(node.span, node.value).text == node.value
                if not re.search(r"[\"'\\`]", node.span.text):
                    assert node.span.text.lower() == node.value.lower()  # the keys of options are lowered
        for heredoc in (instruction.trigger or instruction).heredocs:
            assert_lies_in(heredoc.body, instruction.span)
            assert_lies_in(heredoc.content().span(), instruction.span)
    for problem in file.problems:
        assert_lies_in(problem.span, everything)
        assert problem.message in CONSTANTS
    built: tuple[Stage, ...] = stages(file)
    assert all(stage.parent is None or stage.parent < stage.index for stage in built)


def test_the_sample_is_read_without_a_problem() -> None:
    file = parse(SAMPLE)
    assert not file.problems
    keywords = "ARG FROM ENV RUN ONBUILD COPY LABEL HEALTHCHECK FROM ENV CMD"
    assert " ".join(i.keyword for i in file.instructions) == keywords
    assert_sound(SAMPLE)
    assert_agrees(SAMPLE.replace("${E%f}", "$E"))


@settings(max_examples=300, deadline=None)
@given(FILE | st.text(max_size=80))
def test_any_text_is_sound(text: str) -> None:
    assert_sound(text)


@settings(max_examples=250, deadline=None)
@given(
    st.integers(0, len(SAMPLE)),
    st.integers(0, 12),
    st.sampled_from(
        ("", "\n", "\r", "\\", "`", '"', "'", "$", "${", "}", "<<", "[", "=", "#", " ", "\0", "\ufeff", "\x85")
    ),
)
def test_mutants_of_a_sample_are_sound(at: int, removed: int, inserted: str) -> None:
    assert_sound(SAMPLE[:at] + inserted + SAMPLE[at + removed :])


@pytest.mark.parametrize(
    ("start", "unit", "count"),
    [
        ("RUN a ", "\\\nb ", 100_000),
        ("RUN a \\\n", "# c\n", 200_000),
        ("RUN a \\\n", "\n", 200_000),
        ("RUN ", "word ", 2_000_000),
        ("ENV A=", "b", 10_000_000),
        ('ENV A="', '\\"', 200_000),
        ("ENV A=", "$B", 50_000),
        ("ENV A=", "${B:-", 100_000),
        ("ENV A=", "${B/", 100_000),
        ("ENV ", "A=b ", 60_000),
        ("RUN ", "<", 1_000_000),
        ("RUN ", "<<A ", 200_000),
        ("RUN <<", " ", 1_000_000),
        ("", "ONBUILD ", 1_000_000),
        ("RUN ", "--a ", 60_000),
        ("CMD [", '"a",', 60_000),
        ('CMD ["', "\\n", 200_000),
        ("", "x\n", 50_000),
        ("", " ", 10_000_000),
        ("", "\\", 10_000_000),
    ],
)
def test_long_input_takes_linear_time(start: str, unit: str, count: int) -> None:
    before = time.process_time()
    parse(start + unit * count)
    # About ten times what it needs; were it quadratic, it would take minutes.
    assert time.process_time() - before < 30


def test_many_heredocs_without_an_end_take_linear_time() -> None:
    before = time.process_time()
    numbers = range(10_000)
    file = parse("".join(f"E{n}\n" for n in numbers) + "".join(f"RUN <<E{n} <<-F{n}\n" for n in numbers))
    assert len(file.instructions) == 10_000
    assert time.process_time() - before < 30
