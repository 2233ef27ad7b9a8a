"""Shell text: against shlex and bash, and what is found in it at which place."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credlint.node import Node, Ref, Scalar, Seq, Template, Unknown
from credlint.readers.shell import Command, Shell, document, program, read, script, split
from credlint.text import Source, Span, embed

SAMPLE = """\
#!/bin/bash
set -euo pipefail   # strict
export AWS_REGION=eu-west-1 NAME="$1"
if [[ -z ${AWS_PROFILE:-} && "$x" != y ]]; then
  mkdir -p ~/.aws
  cat > ~/.aws/credentials <<EOF
[default]
aws_access_key_id = $(get id)
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
EOF
elif test -f 'a b' || false; then
  { echo "[default]"; printf 'key=%s\\n' "$KEY"; } >> ~/.aws/config 2>&1
fi
for f in $(ls *.txt); do case "$f" in a|b) x ;; *) y "`z "w"`" ;; esac; done
run() { docker run -e TOKEN="$T o" --name=it\\'s image; \\
  sh -c "export A=\\"1 2\\"; B=2 cmd $C" | tee log; }
A=(1 "2 3") sudo -u app env C=$((1 + 2)) bash -lc 'D=e f' <<< $'x\\ty' &
"""


def shown(node: Node) -> str:
    if isinstance(node, Template):
        return "".join(shown(part) for part in node.parts)
    if isinstance(node, Ref):
        return f"<{node.name}>" if node.default is None else f"<{node.name}:{shown(node.default)}>"
    if isinstance(node, Unknown):
        return "<?>"
    if isinstance(node, Seq):
        return f"[{', '.join(shown(part) for part in node)}]"
    return node.text or ""


def shell(text: str) -> Shell:
    return read(Source("x.sh", text))


def said(text: str) -> list[str]:
    """One line for each command: its assignments, its words, its redirections, its documents."""
    return [_line(command) for command in shell(text).commands]


def _line(command: Command) -> str:
    parts = [f"{a.scope}:{a.name.text}={shown(a.value)}" for a in command.assignments]
    parts += [shown(word) for word in command.words]
    parts += [f"{redirect.fd}{redirect.op}{shown(redirect.target)}" for redirect in command.redirects]
    parts += [f"<<{heredoc.content().text!r}" for heredoc in command.heredocs]
    return " | ".join(parts)


def messages(text: str) -> list[str]:
    return [problem.message for problem in shell(text).problems]


# ── words, against shlex and bash ──

INSIDE = st.text("ab =;|&<>()#\n\té/", max_size=6)
PLAIN = st.text("abc=./:@%+,-_^é", min_size=1, max_size=5)
DOUBLE = st.lists(st.one_of(INSIDE, st.sampled_from(['\\"', "\\\\", "\\a", "'"])), max_size=4).map("".join)
PIECES = st.one_of(
    PLAIN,
    PLAIN.map(lambda text: f"{text}#"),
    INSIDE.map(lambda text: f"'{text}'"),
    DOUBLE.map(lambda text: f'"{text}"'),
    st.sampled_from("ab '\"\\;|&<>()$`#").map(lambda char: f"\\{char}"),
)
WORDS = st.lists(PIECES, min_size=1, max_size=5).map("".join)
COMMANDS = st.builds(
    lambda words, blank: "cmd " + blank.join(words), st.lists(WORDS, max_size=5), st.sampled_from([" ", "\t ", "  "])
)


@given(COMMANDS)
@example("cmd ''\"\"'' \\\\ \"\\\\\"a'b'")
def test_words_are_those_of_shlex(text: str) -> None:
    (command,) = shell(text).commands
    assert [word.text for word in command.words] == shlex.split(text)


@given(COMMANDS)
def test_each_character_has_its_place(text: str) -> None:
    for word in shell(text).commands[0].words:
        source = document(word)
        assert source.text == word.text
        for at, char in enumerate(source.text):
            place = source.span(at, at + 1).origin()
            assert text[place.start : place.end] in (char, f"\\{char}")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            WORDS,
            st.sampled_from(
                ["$'a\\nb\\'\\x41\\101\\u0042\\q\\\\'", "a\\\nb", '"a\\\nb"', "\\\n", '$"a b"', "''", "$", '"$"', "a$"]
            ),
        )
    )
)
def test_words_are_those_of_bash(words: list[str]) -> None:
    text = "printf '%s\\0' . " + " ".join(words)
    (command,) = shell(text).commands
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash", "-c", text], capture_output=True, env=environment, check=True)
    assert [word.text for word in command.words[2:]] == done.stdout.decode().split("\0")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF\na \\$X \\\\ \\a 'b' \"c\" \\\nd\nEOF\n",
        "cat <<'EOF'\na \\$X $Y \\\\ \\\nd\nEOF\n",
        "cat <<-\\EOF\n\t\ta\n \tb\n\tEOF\n",
        'cat <<-"E F"\n\ta \\\\\n\tE F\n',
        "cat <<''\na\n\nfalse",
        "cat <<A <<B\na\nA\nb\nB\n",
        "cat <<EOF\nEOFx\n EOF\nEOF\n",
    ],
)
def test_documents_are_those_of_bash(text: str) -> None:
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False)
    assert shell(text).commands[0].heredocs[-1].content().text == done.stdout


# ── commands ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b; c && d || e & f\ng", ["a | b", "c", "d", "e", "f", "g"]),
        ("a \\\n b # c d\n#e\nf#g", ["a | b", "f#g"]),
        ("a b\r\nc \\\r\n d\r\n", ["a | b", "c | d"]),
        ("(a; (b)) ; { c; }", ["a", "b", "c"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while ! a; do b; done; until c\ndo d\ndone", ["a", "b", "c", "d"]),
        ("for x in a $(b); do c $x; done; select y; do d; done", ["b", "c | <x>", "d"]),
        ("for ((i = 0; i < $(n); i++)); do a; done; ((x << 2)) && b", ["n", "a", "b"]),
        ("case $(a) in b | c) d ;; (e) f;& 'g;h'*) i ;;& esac; j", ["a", "d", "f", "i", "j"]),
        ("$(case x in y) z;; esac; a) b", ["<?> | b", "z", "a"]),
        ("f() { a; }; function g { b; }\nfunction h() (c)", ["a", "b", "c"]),
        ("echo then { } done if", ["echo | then | { | } | done | if"]),
        ("echo $(a \"$(b 'c)')\" `d`)e", ["echo | <?>e", "a | <?> | <?>", "b | c)", "d"]),
        ('echo `a \\`b \\\\\\$c\\`` "`d \\"e f\\"`"', ["echo | <?> | <?>", "a | <?>", "b | <c>", "d | e f"]),
        ("diff <(a) >(b)", ["diff | <?> | <?>", "a", "b"]),
        ("a=b", ["shell:a=b"]),
        ("", []),
        (" ;; ) } fi && |", []),
        ("{{ a }} b", ["{{ | a | }} | b"]),
    ],
)
def test_commands(text: str, expected: list[str]) -> None:
    assert said(text) == expected
    assert not messages(text)


def test_conditional_expression() -> None:
    test, a, b = shell("[[ -n $x && (y < z ||\n $v =~ ^(p|q)$) ]] && a <f\n[[ b\n").commands[:3]
    assert [shown(word) for word in test.words] == ["[[", "-n", "<x>", "y", "z", "<v>", "=~", "^", "p", "q", "$", "]]"]
    assert (_line(a), _line(b)) == ("a | 0<f", "[[ | b")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$X", "<X>"),
        ('"$X"', "<X>"),
        ("${X}", "<X>"),
        ("${X:-a b}", "<X:a b>"),
        ("${X-$Y}", "<X:<Y>>"),
        ("${X:='a}'\"b}\"}", "<X:a}b}>"),
        ("\"${X:-'a b'}\"", "<X:'a b'>"),
        ("${X:?not set}", "<X>"),
        ("${X:-}", "<X:>"),
        ("a$X'b$Y'\"c$Z\"d", "a<X>b$Yc<Z>d"),
        ("${X:+a}${X%.*}${#X}${!X}${X[0]}", "<?><?><?><?><?>"),
        ("$1$@$?$$", "<?><?><?><?>"),
        ("$((1 + (2 << $X)))a", "<?>a"),
        ('a$"b c"$', "ab c$"),
        ("\\$X", "$X"),
        ("~/a*?[b]", "~/a*?[b]"),
    ],
)
def test_expansions(word: str, expected: str) -> None:
    text = f"cmd {word} end"
    assert said(text) == [f"cmd | {expected} | end"]
    assert not messages(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a > f 2>> g < h", "a | 1>f | 2>>g | 0<h"),
        ("a >'f g' 2>&1 >| h &> i &>> j", "a | 1>f g | 2>&1 | 1>|h | 1&>i | 1&>>j"),
        ("> f a b", "a | b | 1>f"),
        ("a <<< $X {fd}> f", "a | 0<<<<X> | -1>f"),
        ("a 2 > f 3a>g", "a | 2 | 3a | 1>f | 1>g"),
        ("a > $HOME/f", "a | 1><HOME>/f"),
    ],
)
def test_redirects(text: str, expected: str) -> None:
    assert said(text) == [expected]


def test_redirects_of_groups() -> None:
    assert said("{ a; (b $(x); c) > f; } 2>> g; d") == [
        "a | 2>>g",
        "b | <?> | 1>f | 2>>g",
        "x",
        "c | 1>f | 2>>g",
        "d",
    ]
    assert said("while a; do b; done <<EOF > f\nc\nEOF\nd") == ["a | 1>f | <<'c\\n'", "b | 1>f", "d"]


def test_pipes() -> None:
    a, b, c, d, e, f = shell("a | b $(c) |\n d; { e; } | f").commands
    assert (a.pipe, b.pipe, c.pipe, d.pipe, e.pipe, f.pipe) == (b, d, None, None, f, None)


# ── assignments ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b", "shell:A=b"),
        ("A=b B='c d' cmd C=e", "command:A=b | command:B=c d | cmd | C=e"),
        ("A= B=$X cmd", "command:A= | command:B=<X> | cmd"),
        ("A=x$(y)", "shell:A=x<?>"),
        ("A+=b A[0]=c", "shell:A+=b | shell:A[0]=c"),
        ("export A=b 'B=c d' \"C=$X\" D", "export:A=b | export:B=c d | export:C=<X> | export | D"),
        ("declare -r A=b; ", "shell:A=b | declare | -r"),
        ("declare -x A=b", "export:A=b | declare | -x"),
        ("local A=(b 'c d' $X)", "shell:A=[b, c d, <X>] | local"),
        ("env -i -u X A=b 'B=c' cmd C=d", "command:A=b | command:B=c | env | -i | -u | X | cmd | C=d"),
        ("sudo -u A=x B=c env D=e cmd", "command:B=c | command:D=e | sudo | -u | A=x | env | cmd"),
        ("/usr/bin/env A=b cmd", "command:A=b | /usr/bin/env | cmd"),
        ("cmd A=b", "cmd | A=b"),
        ("1A=b", "1A=b"),
        ("'A'=b", "A=b"),
        ("setenv A 'b c'", "export:A=b c | setenv | A | b c"),
        ("set A=b", "export:A=b | set | A=b"),
        ("setx A b /M", "export:A=b | setx | A | b | /M"),
        ("set -gx A b", "export:A=b | set | -gx | A | b"),
        ("set -x A b c", "set | -x | A | b | c"),
        ('$env:A = "b c"', "export:A=b c"),
        ("${Env:A}='b'", "export:A=b"),
    ],
)
def test_assignments(text: str, expected: str) -> None:
    line = expected.replace("A+=", "A=").replace("A[0]=", "A=")
    command = shell(text).commands[0]
    assert _line(command) == line


def test_later_export_exports() -> None:
    scopes = [a.scope for a in shell("A=1\nB=2\nA=3 cmd\nexport A").assignments]
    assert scopes == ["export", "shell", "command"]


def test_assignments_are_all_there() -> None:
    names = [a.name.text for a in shell(SAMPLE).assignments]
    assert sorted(str(name) for name in names) == ["A", "A", "AWS_REGION", "B", "C", "D", "NAME"]


# ── here-documents and inner scripts ──


def test_document_with_substitutions() -> None:
    text = "cat > f <<EOF && b\nx $(c `d`) \\$(e)\nEOF\nf <<'EOF'\n$(g)\nEOF\n"
    assert said(text) == ["cat | 1>f | <<'x $(c `d`) $(e)\\n'", "b", "c | <?>", "d", "f | <<'$(g)\\n'"]
    document = shell(text).commands[0].heredocs[0]
    assert (document.body.text, document.expand, document.strip) == ("x $(c `d`) \\$(e)\n", True, False)


def test_document_in_a_substitution() -> None:
    assert said("A=$(cat <<EOF\n) b\nEOF\n) c") == ["command:A=<?> | c", "cat | <<') b\\n'"]


def test_content_has_its_places() -> None:
    text = "cat <<-EOF\n\t\tkey = \\$X\n\tEOF\n"
    content = shell(text).commands[0].heredocs[0].content()
    assert content.text == "key = $X\n"
    place = content.span(content.text.index("$"), content.text.index("X") + 1).origin()
    assert (text[place.start : place.end], place.begin.line, place.begin.column) == ("\\$X", 2, 9)


@pytest.mark.parametrize(
    "text",
    [
        "sh -c 'A=b cmd \"c d\"'",
        '/bin/bash -euo pipefail -c "A=b cmd \\"c d\\""',
        "bash -lc $'A=b cmd \"c d\"' arg",
        "su - app -c 'A=b cmd \"c d\"'",
        "su --command=\"A=b cmd 'c d'\" app",
        "sudo -u app env X=y timeout -s 9 10 sh -c 'A=b cmd \"c d\"'",
        "exec gosu app bash -c 'A=b cmd \"c d\"'",
        "eval 'A=b cmd \"c d\"'",
        "bash -s <<'EOF'\nA=b cmd \"c d\"\nEOF\n",
        'su - app <<EOF\nA=b cmd "c d"\nEOF\n',
        'sh -c "sh -c \'A=b cmd \\"c d\\"\'"',
    ],
)
def test_inner_scripts(text: str) -> None:
    command = shell(text).commands[-1]
    assert _line(command) == "command:A=b | cmd | c d"
    place = command.assignments[0].value.span.origin()
    assert (place.source.text, place.start, place.end) == (text, text.index("A=b") + 2, text.index("A=b") + 3)


@pytest.mark.parametrize(
    "text", ["sh script -c 'a'", "sh -x script", "bash script <<EOF\na\nEOF", "python -c 'a'", "su app"]
)
def test_no_inner_script(text: str) -> None:
    assert len(shell(text).commands) == 1


def test_references_in_an_inner_script() -> None:
    assert said('sh -c "A=$X; b ${Y:-c} $(d)"') == ["sh | -c | A=<X>; b <Y:c> <?>", "d", "shell:A=<X>", "b | <Y> | <?>"]


def test_script_of_words_from_elsewhere() -> None:
    """The exec form of a Dockerfile, the `command` of a container."""
    texts = ["/bin/sh", "-ec", "a"]
    words = [Scalar(Source("x", text).span(), text) for text in texts]
    assert script(words) is words[2]
    assert script(words[:2]) is None


def test_program() -> None:
    (command,) = shell("sudo -E -u app nice -n 5 env -i tini -- aws s3 ls").commands
    assert [word.text for word in program(command.words)] == ["aws", "s3", "ls"]


# ── parts of words ──


@pytest.mark.parametrize(
    ("word", "left", "right"),
    [
        ("A=b", ("A", "A"), ("b", "b")),
        ('A="b c"', ("A", "A"), ("b c", "b c")),
        ('"A=b c"', ("A", "A"), ("b c", "b c")),
        ("A=b\\ c", ("A", "A"), ("b c", "b\\ c")),
        ("--x=A=b", ("--x", "--x"), ("A=b", "A=b")),
        ("A=", ("A", "A"), ("", "")),
        ("'A'\"=\"", ("A", "A"), ("", "")),
        ("=b", ("", ""), ("b", "b")),
        ("A=$X", ("A", "A"), ("<X>", "$X")),
        ('A="b$X"c', ("A", "A"), ("b<X>c", 'b$X"c')),
        ('"A"=b"c"', ("A", "A"), ("bc", 'b"c')),
    ],
)
def test_split(word: str, left: tuple[str, str], right: tuple[str, str]) -> None:
    sides = split(shell(f"cmd {word}").commands[0].words[1])
    assert sides is not None
    assert [(shown(side), side.span.text) for side in sides] == [left, right]


@pytest.mark.parametrize("word", ["A", "$X", "$X=b", "$(a=b)", "''"])
def test_no_split(word: str) -> None:
    assert split(shell(f"cmd {word}").commands[0].words[1]) is None


def test_split_of_a_word_from_elsewhere() -> None:
    source = Source("x.json", '["A=b\\nc"]')
    sides = split(Scalar(source.span(2, 8), "A=b\nc"))
    assert sides is not None
    assert (sides[1].text, sides[1].span.text) == ("b\nc", "b\\nc")


def test_document_of_a_template() -> None:
    text = 'echo "[a]\nkey=$K ${L:-m} \\"$(n)\\""'
    source = document(shell(text).commands[0].words[1])
    assert source.text == '[a]\nkey=${K} ${L} "$?"'
    assert source.span(8, 12).origin().text == "$K"
    assert source.span(13, 17).origin().text == "${L:-m}"
    assert source.span(18, 19).origin().text == '\\"'


# ── what is broken, and any text ──


@pytest.mark.parametrize(
    ("text", "message", "lines"),
    [
        ("a 'b\nc", "a quote is not closed", ["a | b\nc"]),
        ('a "b $c\nd', "a quote is not closed", ["a | b <c>\nd"]),
        ("a $'b\\", "a quote is not closed", ["a | b\\"]),
        ("a $(b\nA=c", "a substitution is not closed", ["a | <?>", "b", "shell:A=c"]),
        ("a `b\nA=c", "a substitution is not closed", ["a | <?>", "b", "shell:A=c"]),
        ("a ${b:-c d", "an expression is not closed", ["a | <b:c d>"]),
        ("a $((1 + 2)", "an expression is not closed", ["a | <?>"]),
        ("a=(b c", "an array is not closed", ["shell:a=[b, c]"]),
        ("a <<EOF\nb\nc", "a here-document does not end", ["a | <<'b\\nc'"]),
        ("a <<EOF", "a here-document does not end", ["a | <<''"]),
    ],
)
def test_problems(text: str, message: str, lines: list[str]) -> None:
    assert messages(text) == [message]
    assert said(text) == lines
    assert shell(text).problems[0].span.end == len(text)


def test_too_deep() -> None:
    text = "echo " + "$(a " * 100 + ")" * 100 + "\nA=b\n"
    assert messages(text) == ["nested too deeply"]
    assert _line(shell(text).commands[-1]) == "shell:A=b"


def check_places(text: str) -> None:
    found = shell(text)
    for command in found.commands:
        inside(command.span, text)
        for node in [*command.words, *(redirect.target for redirect in command.redirects)]:
            check_node(node, text)
        for heredoc in command.heredocs:
            inside(heredoc.body, text)
            content = heredoc.content()
            inside(content.span(), text)
    for assignment in found.assignments:
        check_node(assignment.name, text)
        assert document(assignment.name).text == assignment.name.text
        check_node(assignment.value, text)
    for problem in found.problems:
        inside(problem.span, text)


def inside(span: Span, text: str) -> None:
    assert 0 <= span.start <= span.end <= len(span.source.text)
    place = span.origin()
    assert place.source.text == text
    assert 0 <= place.start <= place.end <= len(text)


def check_node(node: Node, text: str) -> None:
    inside(node.span, text)
    if isinstance(node, Template):
        ends = [node.span.start]
        for part in node.parts:
            assert part.span.start >= ends[-1]
            ends.append(part.span.end)
            check_node(part, text)
        assert node.span.end == ends[-1]
    elif isinstance(node, Ref) and node.default is not None:
        check_node(node.default, text)
    elif isinstance(node, Seq):
        for part in node:
            check_node(part, text)
    elif not isinstance(node, Ref):
        sides = split(node)
        source = document(node)
        inside(source.span(), text)
        if sides is not None and isinstance(node, Scalar):
            assert f"{sides[0].text}={sides[1].text}" == node.text == source.text


FRAGMENTS = [
    "a",
    "A=b",
    "'",
    '"',
    "\\",
    "`",
    "$",
    "$(",
    ")",
    "(",
    "${",
    "}",
    "{",
    "((",
    "))",
    "$((",
    "<<EOF",
    "EOF",
    "<",
    ">",
]
FRAGMENTS += [
    "\n",
    "\n",
    " ",
    " ",
    "\t",
    ";",
    ";;",
    "&",
    "|",
    "#",
    "case x in",
    "esac",
    "[[",
    "]]",
    "if",
    "fi",
    "for",
    "do",
]
FRAGMENTS += [
    "done",
    "export ",
    "sh -c ",
    "$X",
    "$'",
    "<<-E\n",
    "\r\n",
    "\r",
    "2>",
    "A=(",
    "=",
    "é",
    "\0",
    "function ",
    "\\\n",
]


@given(st.one_of(st.lists(st.sampled_from(FRAGMENTS)).map("".join), st.text()))
@settings(max_examples=300)
@example(SAMPLE)
@example("case")
@example("for")
@example("A[=")
def test_any_text(text: str) -> None:
    check_places(text)


def test_mutants() -> None:
    assert not messages(SAMPLE)
    for at in range(0, len(SAMPLE), 3):
        check_places(SAMPLE[:at])
        check_places(SAMPLE[:at] + SAMPLE[at + 1 :])
        check_places(SAMPLE[:at] + "'\"\\$`(){}<#\n"[at // 3 % 12] + SAMPLE[at:])


def test_embedded() -> None:
    outer = Source("Dockerfile", "RUN A=b c")
    found = read(embed(outer.span(4)))
    assert repr(found.assignments[0].value.span) == "Dockerfile:1:7-1:8"


def test_no_text_in_messages() -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    found = shell(f"A='{secret}\n")
    assert found.problems
    assert not any(secret[:8] in problem.message for problem in found.problems)
    assert secret[:8] not in repr(found.assignments[0].value.span)


HOSTILE = {
    "one word": "x" * 300_000,
    "quotes": "'" * 100_001,
    "double quotes": '"' * 100_001,
    "substitutions": "$(" * 10_000,
    "quoted substitutions": '"$(' * 10_000,
    "expressions": "${a:-" * 10_000,
    "arithmetic": "$((" * 10_000,
    "parentheses": "( " * 30_000,
    "groups with redirections": "{ " * 10_000 + "a;" + " }>b;" * 10_000,
    "commands of a group with redirections": "{ " + "a;" * 10_000 + " }" + " >b" * 10_000,
    "backticks": "`" + "\\`" * 30_000,
    "backslashes": "`" + "\\" * 100_001,
    "here-documents": "<<A " * 10_000,
    "inner documents": "bash <<A\n" * 10_000,
    "documents of a shell": "bash " + "-x " * 10_000 + "<<A " * 10_000 + "\n",
    "line ends like those": "cat <<A\n" + " A\nAb\n" * 20_000,
    "substitutions in a document": "cat <<A\n" + "$( " * 10_000,
    "cases": "case x in " * 10_000,
    "assignments": "A=b " * 10_000,
    "subscripts": "A[=;" * 30_000,
    "arrays": "A=(" * 10_000,
    "pipes": "a|" * 10_000,
    "wrappers": "sudo " * 30_000,
    "closers": "} ) fi done esac ;; " * 5_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear(text: str) -> None:
    start = time.process_time()
    shell(text)
    assert time.process_time() - start < 30
