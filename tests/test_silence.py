"""Ignore comments, the ignore table, and what is said of those that silence nothing."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credlint import registry, silence
from credlint.config import Config, IgnoreEntry
from credlint.engine import lint
from credlint.files import Files
from credlint.finding import Finding, Related, Silenced
from credlint.text import Source, Span

TODAY = date(2030, 6, 15)


def finding(source: Source, start: int, end: int, rule: str = "KEY101", workload: str | None = None) -> Finding:
    return registry.get(rule).finding(Span(source, start, end), "found", "", workload=workload)


def marked(text: str, rule: str = "KEY101", path: str = "x") -> tuple[Source, list[Finding]]:
    """A text with a finding at each `SECRET`."""
    source = Source(path, text)
    found = []
    at = text.find("SECRET")
    while at >= 0:
        found.append(finding(source, at, at + 6, rule))
        at = text.find("SECRET", at + 1)
    return source, found


def said(unused: list[Finding]) -> list[tuple[int, str]]:
    return [(entry.span.begin.line, entry.message) for entry in unused]


def by(silenced: list[Silenced]) -> list[str]:
    return [entry.by for entry in silenced]


# ── the grammar ──

# Whether the comment silences KEY101 at the end of its line, and what is said of it if not.
NO_RULE = "an ignore that names no rule silences nothing"
GRAMMAR: list[tuple[str, bool, str | None]] = [
    ("# credlint: ignore[KEY101]", True, None),
    ("# credlint: ignore[KEY101] a canary of ours", True, None),
    ("#credlint:ignore[KEY101]", True, None),
    ("#  credlint:\tignore  [ KEY101 ]", True, None),
    ("## credlint: ignore[KEY101]", True, None),
    ("# another tool's # credlint: ignore[KEY101]", True, None),
    ("// credlint: ignore[KEY101]", True, None),
    ("//credlint:ignore[KEY101]", True, None),
    ("/* credlint: ignore[KEY101] */", True, None),
    ("/*credlint:ignore[KEY101]*/", True, None),
    ("; credlint: ignore[KEY101]", True, None),
    ("# credlint: ignore[hardcoded-access-key]", True, None),
    ("# credlint: ignore[KEY]", True, None),
    ("# credlint: ignore[K]", True, None),
    ("# credlint: ignore[ALL]", True, None),
    ("# credlint: ignore[KEY1,]", True, None),
    ("# credlint: ignore[KEY101, ROLE201]", True, "this ignore silences nothing: no finding of ROLE201 is here"),
    ("# credlint: ignore[ROLE201,KEY101]", True, "this ignore silences nothing: no finding of ROLE201 is here"),
    (
        "# credlint: ignore[KEY101] # credlint: ignore[KEY102]",
        True,
        "this ignore silences nothing: no finding of KEY102 is here",
    ),
    (
        "# credlint: ignore[KEY101, KEY1O2]",
        True,
        'this ignore names what is no rule: there is no rule "KEY1O2"; did you mean "KEY102"?',
    ),
    ("# credlint: ignore[ROLE]", False, "this ignore silences nothing: no finding of ROLE is here"),
    ("# credlint: ignore[KEY102, ROLE]", False, "this ignore silences nothing: no finding of KEY102 or ROLE is here"),
    ("# credlint: ignore", False, NO_RULE),
    ("# credlint: ignore KEY101", False, NO_RULE),
    ("# credlint: ignore[]", False, NO_RULE),
    ("# credlint: ignore[ , ]", False, NO_RULE),
    ("# credlint: ignore[KEY101", False, NO_RULE),
    ("# credlint: ignore(KEY101)", False, NO_RULE),
    ("# credlint: ignore: KEY101", False, NO_RULE),
    (
        "# credlint: ignore[key101]",
        False,
        'this ignore names what is no rule: there is no rule "key101"; did you mean "KEY101"?',
    ),
    (
        "# credlint: ignore[password=123]",
        False,
        "this ignore names what is no rule: there is no rule; `credlint rules` lists them",
    ),
    # What is none at all.
    ("# credlint: ignored[KEY101]", False, None),
    ("# credlint: ignore-next-line[KEY101]", False, None),
    ("# credlint: disable=KEY101", False, None),
    ("# credlint ignore[KEY101]", False, None),
    ("# Credlint: Ignore[KEY101]", False, None),
    ("# noqa: KEY101", False, None),
    ("-- credlint: ignore[KEY101]", False, None),
    ("<!-- credlint: ignore[KEY101] -->", False, None),
    ("credlint: ignore[KEY101]", False, None),
    ("# see credlint: ignore[KEY101]", False, None),
]


@pytest.mark.parametrize(("comment", "silences", "message"), GRAMMAR, ids=[comment for comment, _, _ in GRAMMAR])
def test_grammar(comment: str, silences: bool, message: str | None) -> None:
    source, found = marked(f"first\nkey = SECRET {comment}\nlast\n")
    kept, silenced, unused = silence.apply(found, [source], Config())
    assert (not kept, by(silenced)) == (silences, ["inline"] * silences)
    assert said(unused) == ([(2, message)] if message else [])


def test_help_says_how_to_write_it() -> None:
    source, found = marked("SECRET # credlint: ignore")
    _, _, unused = silence.apply(found, [source], Config())
    assert unused[0].rule.id == "SCAN902"
    assert unused[0].help == "name the rule that is meant: `# credlint: ignore[KEY101] reason`"
    assert unused[0].span.text == "# credlint: ignore"


def test_a_secret_in_the_brackets_is_not_told() -> None:
    secret = "".join(chr(ord("a") + (7 * n) % 26) for n in range(40))
    source, found = marked(f"SECRET # credlint: ignore[{secret}]")
    _, _, unused = silence.apply(found, [source], Config())
    assert not any(secret[at : at + 8] in unused[0].message + unused[0].help for at in range(33))


# ── the line that it is for ──

# `SECRET` is silenced, `SECRET!` is not.
LINES = [
    "# credlint: ignore[KEY101]\nSECRET\nSECRET!\n",
    "# credlint: ignore[KEY101] reason\r\nSECRET\r\nSECRET!\r\n",
    "  # credlint: ignore[KEY101]\n  SECRET\n",
    "# credlint: ignore[KEY101]\n\n\nSECRET\nSECRET!\n",
    "# credlint: ignore[KEY101]\n# why\n// and more\n; so\n\n/* and\n so */\nSECRET\nSECRET!\n",
    "# credlint: ignore[ROLE201]\n# credlint: ignore[KEY101]\nSECRET\n",
    "# credlint: ignore[KEY101]\n# credlint: ignore[ROLE201]\n\n# more\nSECRET\nSECRET!\n",
    "// credlint: ignore[KEY101]\nSECRET\n",
    "/* credlint: ignore[KEY101] */\nSECRET\nSECRET!\n",
    "/* credlint: ignore[KEY101] over\n   two lines */\nSECRET\nSECRET!\n",
    "/* credlint: ignore[KEY101] */ SECRET\nSECRET!\n",
    "/* credlint: ignore[KEY101] over\n two lines */ SECRET\nSECRET!\n",
    "/* credlint: ignore[KEY101] not closed\nSECRET!\n",
    "SECRET # credlint: ignore[KEY101]\nSECRET!\n",
    "SECRET!\nSECRET # credlint: ignore[KEY101]",
    "SECRET!\n# credlint: ignore[KEY101]",
    # A key in a comment has leaked, too.
    "# SECRET # credlint: ignore[KEY101]\nSECRET!\n",
    "# credlint: ignore[KEY101]\n# SECRET\n# SECRET!\nSECRET\nSECRET!\n",
    # A Dockerfile's instruction over several lines: comments may stand between them, not behind.
    "RUN a \\\n  SECRET! \\\n# credlint: ignore[KEY101] reason\n  SECRET \\\n  SECRET!\n",
    "ENV A=b \\\n  # credlint: ignore[KEY101] reason\n  # more\n  C=SECRET\n",
]


@pytest.mark.parametrize("text", LINES)
def test_which_line(text: str) -> None:
    source, found = marked(text)
    kept, _, _ = silence.apply(found, [source], Config())
    assert [entry.span.source.text[entry.span.end : entry.span.end + 1] == "!" for entry in kept] == [
        True
    ] * text.count("!")


SPANS = [
    ("BEGIN # credlint: ignore[KEY101]\nmiddle\nEND\n", True),
    ("BEGIN\nmiddle # credlint: ignore[KEY101]\nEND\n", False),
    ("BEGIN\nmiddle\nEND # credlint: ignore[KEY101]\n", True),
    ("# credlint: ignore[KEY101]\nBEGIN\nmiddle\nEND\n", True),
    ("BEGIN\nmiddle\nEND\n# credlint: ignore[KEY101]\nnext\n", False),
    ("BEGIN\nmiddle\n# credlint: ignore[KEY101]\nEND\n", True),
]


@pytest.mark.parametrize(("text", "silences"), SPANS)
def test_place_over_several_lines(text: str, silences: bool) -> None:
    source = Source("x", text)
    over = finding(source, text.index("BEGIN"), text.index("END") + 3)
    kept, _, _ = silence.apply([over], [source], Config())
    assert (not kept) == silences
    # One that ends with its line break does not reach into the next line.
    line = finding(source, text.index("BEGIN"), text.index("\n", text.index("BEGIN")) + 1)
    kept, _, _ = silence.apply([line], [source], Config())
    assert (not kept) == (text.partition("middle")[0].count("ignore") == 1)


def test_only_the_primary_place_counts() -> None:
    source, (first, second) = marked("SECRET\nSECRET # credlint: ignore[KEY101]\n")
    both = registry.get("KEY101").finding(first.span, "found", "", related=[Related(second.span, "its id")])
    kept, _, unused = silence.apply([both], [source], Config())
    assert kept == [both]
    assert len(unused) == 1


def test_embedded_text() -> None:
    """A place in a text inside the text is looked up where it stands in the file."""
    outer = Source("main.tf", "data = <<EOT\nx\nSECRET # credlint: ignore[KEY101]\nEOT\n")
    at = outer.text.index("x\n")
    inner = Source("main.tf", outer.text[at:-4], [(0, Span(outer, at, len(outer.text) - 4))])
    place = inner.text.index("SECRET")
    kept, silenced, _ = silence.apply([finding(inner, place, place + 6)], [outer], Config())
    assert (kept, by(silenced)) == ([], ["inline"])


# ── what is said of the comments ──


def test_comment_in_context_silences_and_nothing_is_said_of_it() -> None:
    _, found = marked("SECRET # credlint: ignore[KEY101]\n# credlint: ignore[KEY102]\n")
    kept, silenced, unused = silence.apply(found, [], Config())
    assert (kept, by(silenced), unused) == ([], ["inline"], [])


def test_not_heeded_with_the_option() -> None:
    source, found = marked("SECRET # credlint: ignore[KEY101]\n# credlint: ignore\n")
    assert silence.apply(found, [source], Config(inline_ignores=False)) == (found, [], [])


def test_nothing_is_known_of_rules_that_did_not_run() -> None:
    source, _ = marked("# credlint: ignore[KEY101]\n# credlint: ignore[KEY]\n# credlint: ignore[ROLE201]\n")

    def told(config: Config) -> list[int]:
        return [line for line, _ in said(silence.apply([], [source], config)[2])]

    assert told(Config()) == [1, 2, 3]
    assert told(Config(select=("ROLE", "SCAN"))) == [3]
    assert told(Config(ignore=("KEY102",))) == [1, 3]
    assert told(Config(select=("KEY", "ROLE"))) == []  # SCAN902 itself is not asked for
    assert told(Config(ignore=("unused-ignore",))) == []


SELF = [
    ("# credlint: ignore[SCAN902]\nx\n", [], 0),
    ("# credlint: ignore[SCAN]\nx\n", [], 0),
    ("# credlint: ignore[KEY101, SCAN902]\nx\n", [], 1),
    ("# credlint: ignore[SCAN902]\n# credlint: ignore[KEY101]\nx\n", [], 1),
    ("x # credlint: ignore[KEY101] # credlint: ignore[SCAN902]\n", [], 1),
    ("# credlint: ignore[SCAN902]\nx # credlint: ignore\n", [], 1),
    ("# credlint: ignore[SCAN902]\nx\ny # credlint: ignore[KEY101]\n", [3], 0),
]


@pytest.mark.parametrize(("text", "lines", "silent"), SELF)
def test_ignore_of_ignores(text: str, lines: list[int], silent: int) -> None:
    _, silenced, unused = silence.apply([], [Source("x", text)], Config())
    assert [line for line, _ in said(unused)] == lines
    assert len(silenced) == silent


# ── the table ──


def entry(
    rule: str, path: str, *, workload: str | None = None, expires: date | None = None, number: int = 0
) -> IgnoreEntry:
    source = Source("credlint.toml", "[[ignore]]\n\n[[ignore]]\n\n[[ignore]]\n")
    return IgnoreEntry(rule, path, workload=workload, expires=expires, source=source, number=number)


ENTRIES: list[tuple[IgnoreEntry, bool]] = [
    (entry("KEY101", "a/td.json"), True),
    (entry("KEY", "td.json"), True),
    (entry("hardcoded-access-key", "a/**"), True),
    (entry("KEY101", "a", workload="api"), True),
    (entry("KEY101", "a", workload="web"), False),
    (entry("KEY102", "a"), False),
    (entry("KEY101", "b"), False),
    (entry("KEY101", "a", expires=TODAY), True),
    (entry("KEY101", "a", expires=date(2030, 6, 14)), False),
]


@pytest.mark.parametrize(("ignore", "silences"), ENTRIES)
def test_entry(ignore: IgnoreEntry, silences: bool) -> None:
    source = Source("a/td.json", "SECRET")
    found = [finding(source, 0, 6, workload="api")]
    kept, silenced, unused = silence.apply(found, [source], Config(ignores=(ignore,)), TODAY, whole=True)
    assert (not kept, by(silenced)) == (silences, ["config"] * silences)
    assert len(unused) == (not silences)


TASK = """{
  "family": "shop",
  "containerDefinitions": [
    {"name": "api", "image": "i", "secrets": [{"name": "A", "valueFrom": "a"}]},
    {"name": "web", "image": "i"}
  ]
}
"""
MODULE = """locals {
  containers = [{ name = "api", image = "i", secrets = [{ name = "A", valueFrom = "a" }] }]
}
resource "aws_ecs_task_definition" "shop" {
  family                = "shop"
  container_definitions = jsonencode(local.containers)
}
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = "i" }])
}
"""


@pytest.mark.parametrize(("path", "text"), [("td.json", TASK), ("main.tf", MODULE)])
@pytest.mark.parametrize(("workload", "silences"), [("api", True), ("shop", True), ("web", False), ("", False)])
def test_workload_is_the_container_or_its_task(path: str, text: str, workload: str, silences: bool) -> None:
    config = Config(select=("ROLE205",), ignores=(entry("ROLE205", path, workload=workload),))
    report = lint(Files(overlay={path: text}, disk=False), [(path, True)], config)
    assert (len(report.findings), by(list(report.silenced))) == (not silences, ["config"] * silences)


def test_comment_and_entry_are_both_needed() -> None:
    source, found = marked("SECRET # credlint: ignore[KEY101]")
    config = Config(ignores=(entry("KEY101", "x"),), per_file_ignores=(("x", ("KEY",)),))
    kept, silenced, unused = silence.apply(found, [source], config, whole=True)
    assert (kept, by(silenced), unused) == ([], ["inline"], [])


def test_per_file_ignores() -> None:
    config = Config(per_file_ignores=(("tests/**", ("KEY", "ROLE201")), ("*.env", ("hardcoded-access-key",))))
    for path, silences in [("tests/a/x", True), ("x.env", True), ("x", False)]:
        source, found = marked("SECRET", path=path)
        kept, silenced, unused = silence.apply(found, [source], config, whole=True)
        assert (not kept, by(silenced), unused) == (silences, ["config"] * silences, [])
    source, found = marked("SECRET", "KEY102", "x.env")
    assert silence.apply(found, [source], config)[0] == found


def test_what_is_said_of_entries() -> None:
    ignores = (
        entry("KEY101", "x", number=0),
        entry("ROLE", "x", workload="api", number=1),
        entry("KEY", "x", expires=date(2029, 1, 31), number=2),
    )
    _, _, unused = silence.apply([], [Source("x", "")], Config(ignores=ignores), TODAY)
    assert [entry.span.path for entry in unused] == ["credlint.toml"] * 3
    assert said(unused) == [
        (1, "this ignore silences nothing: no finding of KEY101 is in x"),
        (3, "this ignore silences nothing: no finding of ROLE of this workload is in x"),
        (5, "this ignore of KEY has expired on 2029-01-31"),
    ]


ABOUT = [  # path of the entry, files of the run, whether it is the whole, whether something is said
    ("a/td.json", ["a/td.json"], False, True),
    ("./a/td.json", ["a/td.json"], False, True),
    ("/a/td.json", ["a/td.json"], False, True),
    ("a/td.json", ["b/td.json"], False, False),
    ("a/td.json", ["b/td.json"], True, True),
    ("a/*", ["a/td.json"], False, False),
    ("a/*", ["a/td.json"], True, True),
    ("a", ["a/td.json"], False, False),
    ("a", [], True, True),
]


@pytest.mark.parametrize(("path", "targets", "whole", "told"), ABOUT)
@pytest.mark.parametrize("expires", [None, date(2020, 1, 1)])
def test_some_files_do_not_speak_for_all(
    path: str, targets: list[str], whole: bool, told: bool, expires: date | None
) -> None:
    """A hook is given the changed files only."""
    config = Config(ignores=(entry("KEY101", path, expires=expires),))
    _, _, unused = silence.apply([], [Source(target, "") for target in targets], config, TODAY, whole=whole)
    assert bool(unused) == told


def test_entry_of_a_rule_that_did_not_run() -> None:
    config = Config(select=("ROLE", "SCAN902"), ignores=(entry("KEY101", "x"), entry("SCAN902", "x", number=1)))
    assert silence.apply([], [], config, whole=True)[2] == []


def test_entries_silence_what_is_said_of_ignores() -> None:
    source = Source("x", "# credlint: ignore[KEY101]\n")
    config = Config(per_file_ignores=(("x", ("SCAN902",)),))
    _, silenced, unused = silence.apply([], [source], config)
    assert (by(silenced), unused) == (["config"], [])
    config = Config(ignores=(entry("KEY101", "y"), entry("SCAN902", "credlint.toml", number=1)))
    _, silenced, unused = silence.apply([], [], config, whole=True)
    assert (by(silenced), unused) == (["config"], [])


# ── any text ──


@given(
    st.lists(
        st.sampled_from(
            [
                "# credlint: ignore[KEY101]",
                "/* credlint: ignore[KEY]",
                "*/",
                "SECRET",
                "\n",
                "\r\n",
                " ",
                "# x",
                "// ",
                "é",
                "[",
            ]
        ),
        max_size=30,
    )
)
@settings(deadline=None, max_examples=300)
def test_any_text(parts: list[str]) -> None:
    source, found = marked("".join(parts))
    kept, silenced, unused = silence.apply(found, [source], Config())
    assert len(kept) + len(silenced) == len(found)
    for entry in unused:
        assert entry.span.text.startswith(("#", "/*"))
    # A line that is no comment and has none above it is never silenced.
    if not any("ignore" in part for part in parts):
        assert kept == found


@pytest.mark.parametrize(
    "text",
    [
        "# credlint: ignore[KEY101]\n" * 10_000 + "SECRET",
        "# credlint: ignore[KEY101] " * 10_000 + "SECRET",
        "/* credlint: ignore[KEY101]\n/*" * 10_000,
        "# credlint: ignore[KEY101]\n/*\n" * 10_000,
        "# credlint: ignore[" * 10_000,
        "# credlint: ignore[KEY101]\n" + "\n" * 300_000,
        "# credlint: ignore" + " " * 300_000,
        "SECRET # credlint: ignore[KEY101]" * 5_000,
    ],
    ids=lambda text: text[:30],
)
def test_time_is_linear(text: str) -> None:
    source, found = marked(text)
    began = time.process_time()
    silence.apply(found, [source], Config())
    assert time.process_time() - began < 30
