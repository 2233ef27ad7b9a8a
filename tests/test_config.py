"""The configuration: where it is found, what each key means, and what is said of one that is wrong."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from credlint import cli, globs
from credlint.config import FAIL_ON, Config, ConfigError, IgnoreEntry, load
from credlint.text import Source

# ── where it is ──


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a folder in a folder, the working directory."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo" / "a" / "b")
    return tmp_path / "repo"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_defaults(tree: Path) -> None:
    config = load()
    assert config.path is None
    assert (config.select, config.ignore, config.ignores, config.fail_on) == (("ALL",), (), (), "warning")
    assert (config.pedantic, config.inline_ignores, config.max_file_size) == (False, True, 5_000_000)


def test_nearest_file_counts(tree: Path) -> None:
    write(tree / "pyproject.toml", '[tool.credlint]\nfail-on = "note"\n')
    assert load().fail_on == "note"
    assert load().path == "../../pyproject.toml"
    write(tree / "a" / "credlint.toml", 'fail-on = "error"\n')
    assert load().fail_on == "error"
    assert load().path == "../credlint.toml"


@pytest.mark.parametrize(
    "text",
    [
        '[tool]\ncredlint = {fail-on = "note"}',
        '[tool]\ncredlint.fail-on = "note"',
        '[ tool . credlint ]\nfail-on = "note"',
        '[tool."credlint"]\nfail-on = "note"',
        'tool.credlint.fail-on = "note"',
    ],
)
def test_a_table_may_be_written_in_every_way(tree: Path, text: str) -> None:
    write(tree / "pyproject.toml", text)
    assert load().fail_on == "note"


def test_credlint_toml_goes_before_pyproject_toml(tree: Path) -> None:
    write(tree / "pyproject.toml", '[tool.credlint]\nfail-on = "note"\n')
    write(tree / "credlint.toml", 'fail-on = "error"\n')
    assert load().fail_on == "error"


def test_pyproject_of_somebody_else_is_passed_by(tree: Path) -> None:
    write(tree / "credlint.toml", 'fail-on = "error"\n')
    write(tree / "a" / "pyproject.toml", '[tool.ruff]\nselect = ["E"]\n')
    write(tree / "a" / "b" / "pyproject.toml", "# not tool.credlint\n[tool]\n")
    assert load().fail_on == "error"


def test_pyproject_of_somebody_else_is_not_even_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree / "a" / "pyproject.toml", "this is [no TOML")
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)
    assert load().path is None


def test_search_ends_at_the_repository(tree: Path) -> None:
    write(tree.parent / "credlint.toml", 'fail-on = "error"\n')
    assert load().path is None
    (tree / ".git").rmdir()
    (tree / ".git").write_text("gitdir: somewhere\n")  # a worktree or a submodule
    assert load().path is None
    (tree / ".git").unlink()
    assert load().fail_on == "error"


def test_isolated(tree: Path) -> None:
    write(tree / "credlint.toml", "this is [no TOML")
    assert load(isolated=True).path is None


def test_named_file(tree: Path) -> None:
    write(tree / "credlint.toml", "this is [no TOML")
    write(tree / "ci" / "strict.toml", 'fail-on = "note"\n')
    assert load(file="../../ci/strict.toml").fail_on == "note"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_what_is_no_file_is_not_opened(tree: Path) -> None:
    os.mkfifo(tree / "a" / "credlint.toml")
    (tree / "a" / "b" / "pyproject.toml").mkdir()
    assert load().path is None
    with pytest.raises(ConfigError, match=r"^\.\./credlint\.toml: it is no regular file$"):
        load(file="../credlint.toml")


# ── what the keys mean ──


def read(text: str, tree: Path) -> Config:
    write(tree / "a" / "b" / "credlint.toml", text)
    return load()


def test_all_keys(tree: Path) -> None:
    config = read(
        """
        select = ["KEY", "same-role-for-task-and-execution", "SCAN902"]
        ignore = [
            "KEY105",
            { rule = "KEY101", path = "td.json", workload = "api", expires = 2030-12-31, reason = "ours" },
            { rule = "KEY", path = "a/**", expires = "2030-01-02" },
        ]
        fail-on = "never"
        pedantic = true
        exclude = ["vendor"]
        include = ["*.sh"]
        max-file-size = "2 MB"
        [per-file-ignores]
        "tests/**" = ["KEY"]
        """,
        tree,
    )
    assert config.select == ("KEY", "same-role-for-task-and-execution", "SCAN902")
    assert config.ignore == ("KEY105",)
    first, second = config.ignores
    assert (first.rule, first.path, first.workload, first.expires, first.reason) == (
        *("KEY101", "td.json", "api"),
        *(date(2030, 12, 31), "ours"),
    )
    assert (second.rule, second.path, second.workload, second.expires) == ("KEY", "a/**", None, date(2030, 1, 2))
    assert config.fail_on == "never"
    assert config.pedantic
    assert config.exclude == ("vendor",)
    assert config.include == ("*.sh",)
    assert config.max_file_size == 2_000_000
    assert config.per_file_ignores == (("tests/**", ("KEY",)),)


SIZES = [
    ("1", 1),
    ("5_000", 5000),
    ('"17"', 17),
    ('"17B"', 17),
    ('"5MB"', 5_000_000),
    ('"5 mb"', 5_000_000),
    ('"64KiB"', 65_536),
    ('"1GB"', 1_000_000_000),
]


@pytest.mark.parametrize(("text", "size"), SIZES)
def test_max_file_size(text: str, size: int, tree: Path) -> None:
    assert read(f"max-file-size = {text}", tree).max_file_size == size


def test_lists_of_the_command_line_agree() -> None:
    assert cli.FAIL_ON == FAIL_ON


# ── what is wrong ──

SECRET = "".join(chr(ord("A") + (7 * n) % 26) for n in range(40))
ALL_KEYS = "select, ignore, per-file-ignores, fail-on, pedantic, exclude, include, max-file-size, var-files, sdks"

WRONG = [
    ("selct = []", 'selct: there is no such key; did you mean "select"?'),
    ("fail_on = 'error'", 'fail_on: there is no such key; did you mean "fail-on"?'),
    ("zzz = 1", f"zzz: there is no such key; there are {ALL_KEYS}"),
    ("select = 'KEY'", "select: must be an array of strings, not a string"),
    ("select = ['KEY', 3]", "select[1]: must be a string, not an integer"),
    ("select = ['KEY1O1']", 'select[0]: there is no rule "KEY1O1"; did you mean "KEY101"?'),
    (
        "select = ['hardcoded-acces-key']",
        'select[0]: there is no rule "hardcoded-acces-key"; did you mean "hardcoded-access-key"?',
    ),
    ("select = ['']", 'select[0]: there is no rule ""; `credlint rules` lists them'),
    (f"select = ['{SECRET}']", "select[0]: there is no rule; `credlint rules` lists them"),
    ("ignore = {}", "ignore: must be an array of rules and tables, not a table"),
    ("ignore = [1979-05-27]", "ignore[0]: must be a string or a table, not a date"),
    ("ignore = ['KEY', 'zz']", 'ignore[1]: there is no rule "zz"; `credlint rules` lists them'),
    ("ignore = [{rule = 'KEY'}]", 'ignore[0]: the key "path" is missing'),
    ("ignore = [{path = 'a'}]", 'ignore[0]: the key "rule" is missing'),
    (
        "ignore = [{rules = 'KEY', path = 'a'}]",
        'ignore[0].rules: there is no such key; did you mean "rule"?',
    ),
    (
        "ignore = [{rule = 'KEY', path = 'a', expires = 'soon'}]",
        "ignore[0].expires: this is no date; write it as 2030-12-31",
    ),
    (
        "ignore = [{rule = 'KEY', path = 'a', expires = '2030-02-30'}]",
        "ignore[0].expires: this is no date; write it as 2030-12-31",
    ),
    (
        "ignore = [{rule = 'KEY', path = 'a', expires = 2030-01-01T00:00:00}]",
        "ignore[0].expires: must be a date, not a date with a time; write it as 2030-12-31",
    ),
    ("ignore = [{rule = 'KEY', path = 'a', workload = 1}]", "ignore[0].workload: must be a string, not an integer"),
    ("ignore = [{rule = 'KEY', path = 'a[b'}]", "ignore[0].path: this is no glob: a bracket that is not closed"),
    (
        "[[ignore]]\nrule = 'KEYY'\npath = 'a'",
        'ignore[0].rule: there is no rule "KEYY"; did you mean "KEY" (KEY101 to KEY108)?',
    ),
    ("per-file-ignores = []", "per-file-ignores: must be a table from a glob to an array of rules, not an array"),
    ("per-file-ignores = {'a' = 'KEY'}", 'per-file-ignores."a": must be an array of strings, not a string'),
    (
        "per-file-ignores = {'a' = ['KEY108X']}",
        'per-file-ignores."a"[0]: there is no rule "KEY108X"; did you mean "KEY108"?',
    ),
    ("fail-on = 'warn'", 'fail-on: must be one of error, warning, note, never; did you mean "warning"?'),
    ("fail-on = true", "fail-on: must be a string, not a boolean"),
    ("pedantic = 'yes'", "pedantic: must be a boolean, not a string"),
    ("exclude = 'a'", "exclude: must be an array of strings, not a string"),
    ("ignore = ['KEY999']", 'ignore[0]: there is no rule "KEY999"; did you mean one of KEY101 to KEY108?'),
    ("exclude = ['!x']", 'exclude[0]: this is no glob: "!" takes nothing back here; the character itself is [!]'),
    ("[tool.credlint]\nselect = []", 'tool.credlint: leave out the prefix "tool.credlint" in this file'),
    (
        "ignore = ['KEY']\n[[ignore]]\nrule = 'KEY'\npath = 'a'",
        'it is no valid TOML (at line 2, column 9); a list "ignore = [...]" and tables [[ignore]] exclude each other: '
        "write the tables into the list, as {rule = ..., path = ...}",
    ),
    ("exclude = ['a', '']", "exclude[1]: this is no glob: an empty glob"),
    (r"include = ['a\b']", 'include[0]: this is no glob: a backslash; folders are parted with "/"'),
    ("include = ['[z-a]']", "include[0]: this is no glob: brackets that cannot be read"),
    ("var-files = 'a'", "var-files: must be an array of strings, not a string"),
    ("var-files = ['a', 1]", "var-files[1]: must be a string, not an integer"),
    ("var-files = ['a', '']", "var-files[1]: must be a path, not an empty string"),
    ("sdks = 'boto3'", "sdks: must be an array of strings, not a string"),
    ("sdks = [1]", "sdks[0]: must be a string, not an integer"),
    ("sdks = ['boto']", 'sdks: there is no SDK "boto"; did you mean "boto3"?'),
    ("max-file-size = 1.5", "max-file-size: must be a number of bytes, not a float"),
    ("max-file-size = true", "max-file-size: must be a number of bytes, not a boolean"),
    ("max-file-size = 0", 'max-file-size: must be a number of bytes above zero, or a string such as "5MB"'),
    ("max-file-size = '5 parsecs'", 'max-file-size: must be a number of bytes above zero, or a string such as "5MB"'),
    ("max-file-size = 'MB'", 'max-file-size: must be a number of bytes above zero, or a string such as "5MB"'),
    (f"a = {SECRET}", "it is no valid TOML (at line 1, column 5)"),
    ("a = '" + SECRET, "it is no valid TOML (at end of document)"),
    ("a = " + "[" * 100_000, "it is nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_wrong_configuration(text: str, message: str, tree: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read(text, tree)
    assert str(error.value) == f"credlint.toml: {message}"
    assert not any(SECRET[at : at + 8] in str(error.value) for at in range(len(SECRET) - 7))


def test_wrong_pyproject(tree: Path) -> None:
    write(tree / "pyproject.toml", "[tool.credlint]\nselct = []\n")
    with pytest.raises(ConfigError) as error:
        load()
    assert str(error.value) == '../../pyproject.toml: tool.credlint.selct: there is no such key; did you mean "select"?'
    write(tree / "pyproject.toml", "tool.credlint = 1\n")
    with pytest.raises(ConfigError, match=r"tool\.credlint: must be a table, not an integer"):
        load()
    write(tree / "pyproject.toml", "[project]\n")
    with pytest.raises(ConfigError, match=r"it has no table \[tool\.credlint\]"):
        load(file="../../pyproject.toml")


def test_wrong_bytes(tree: Path) -> None:
    (tree / "credlint.toml").write_bytes(b"select = ['\xff']")
    with pytest.raises(ConfigError, match=r"it is no UTF-8"):
        load()
    (tree / "credlint.toml").write_bytes(b"\xef\xbb\xbffail-on = 'note'\r\n")
    assert load().fail_on == "note"


def test_named_file_that_is_not_there(tree: Path) -> None:
    with pytest.raises(ConfigError, match=r"^nope\.toml: no such file or directory$"):
        load(file="nope.toml")


# ── globs ──

GLOBS = [
    ("vendor", ["vendor", "vendor/x", "a/vendor/b/c"], ["vendors", "a/myvendor/x"]),
    ("vendor/", ["vendor/x", "a/vendor/b"], ["vendors/x"]),
    ("*.tf", ["x.tf", "a/b/x.tf", "odd.tf/inside", ".tf"], ["x.tfvars", "tf"]),
    ("a/b", ["a/b", "a/b/c"], ["x/a/b", "a/bc", "a"]),
    ("/vendor", ["vendor", "vendor/x"], ["a/vendor"]),
    ("./a", ["a", "a/x"], ["x/a"]),
    ("a/*", ["a/x", "a/x/y"], ["a", "b/x"]),
    ("a/**", ["a/x", "a/x/y"], ["a", "b/x"]),
    ("a/**/z", ["a/z", "a/b/z", "a/b/c/z/q"], ["z", "a", "b/z", "a/bz"]),
    ("**/z", ["z", "a/z", "a/b/z/q"], ["az", "a/bz"]),
    ("**", ["a", "a/b"], []),
    ("**/a/**/b/**", ["a/b/c", "x/a/y/b/z"], ["a/b", "b/a/c"]),
    ("**/*.tf", ["x.tf", "a/x.tf"], ["x.tfv"]),
    ("a*b*c", ["abc", "aXbYc", "abbcc", "abcbc/x"], ["ab", "acb", "abcd"]),
    ("a**b", ["ab", "axb"], ["a/b"]),
    ("?.tf", ["x.tf", "a/y.tf"], [".tf", "xy.tf"]),
    ("[ab].tf", ["a.tf", "b.tf"], ["c.tf", "ab.tf"]),
    ("[!ab].tf", ["c.tf"], ["a.tf", ".tf"]),
    ("[^ab].tf", ["c.tf"], ["a.tf"]),
    ("x[]]y", ["x]y"], ["xy"]),
    ("x[!]]y", ["xay"], ["x]y"]),
    ("a[!b]c", ["axc"], ["a/c", "abc"]),
    ("[a-c]", ["b"], ["d", "-"]),
    ("[[&|~]", ["[", "&", "|", "~"], ["a"]),
    ("{{x.y}}", ["{{x.y}}/f"], ["xy"]),
    ("a+(b)$", ["a+(b)$"], ["aab"]),
    ("ä/*", ["ä/ö"], ["a/ö"]),
    ("line\nbreak", ["line\nbreak"], ["line"]),
]


@pytest.mark.parametrize(("glob", "fitting", "others"), GLOBS, ids=[glob for glob, _, _ in GLOBS])
def test_globs(glob: str, fitting: list[str], others: list[str]) -> None:
    assert [path for path in fitting if not globs.fits(path, (glob,))] == []
    assert [path for path in others if globs.fits(path, (glob,))] == []
    assert [path for path in fitting if not globs.fits(path, ("q[z]*?q", glob, "z/**/y*y"))] == []


def test_a_glob_with_many_stars_takes_no_time() -> None:
    began = time.process_time()
    assert not globs.fits("a" * 250, ("*a" * 60 + "b",))
    assert not globs.fits("a/" * 2000 + "c", ("**/a/" * 40 + "b",))
    assert time.process_time() - began < 30


def test_globs_are_relative_to_the_file(tree: Path, tmp_path: Path) -> None:
    write(tree / "credlint.toml", "exclude = ['a/b/x']\n")
    config = load()
    assert config.fits("x", config.exclude)
    assert config.fits("x/y", config.exclude)
    assert not config.fits("../x", config.exclude)
    assert config.fits(str(tree / "a" / "b" / "x" / "y"), config.exclude)
    assert not config.fits(str(tree / "x"), config.exclude)
    # As with ruff: of a file that somebody names, to the working directory.
    write(tree / "ci" / "strict.toml", "exclude = ['x']\ninclude = ['y/*.sh']")
    config = load(file=str(tree / "ci" / "strict.toml"))
    assert config.fits("x", config.exclude)
    assert config.includes("y/run.sh")
    assert not config.includes("ci/y/run.sh")


# ── places ──

PLACES = [
    (
        "credlint.toml",
        "[[ignore]]\nrule='KEY'\npath='a'\n\n[[ ignore ]] # second\nrule='KEY'\npath='b'\n",
        ["[[ignore]]", "[[ ignore ]]"],
    ),
    (
        "credlint.toml",
        "x = 1\nignore = ['KEY', {rule = 'KEY', path='a[b]'}, # {no}\n  {rule='ROLE', path=\"}\\\"\"} ]\n",
        ["{rule = 'KEY', path='a[b]'}", '{rule=\'ROLE\', path="}\\""}'],
    ),
    (
        "credlint.toml",
        "[x]\nignore = [{a = 1}]\n[[x.ignore]]\n[y]\nz = [\n[['ignore', '['], []],\n]\n[[ignore]]\nrule='a'\n",
        ["[[ignore]]"],
    ),
    ("credlint.toml", "d = '''\n[[ignore]]\n'''\ne = \"\"\"\nignore = [{}]\n\"\"\"\n[[ignore]]\n", ["[[ignore]]"]),
    (
        "credlint.toml",
        "ignore = [\n  {rule = 'KEY', path = {b = [{c = 1}]}},\n  {rule = 'K'},\n]",
        ["{rule = 'KEY', path = {b = [{c = 1}]}}", "{rule = 'K'}"],
    ),
    (
        "pyproject.toml",
        '[[ignore]]\n[tool.ruff]\nignore = [{}]\n[[tool . credlint."ignore"]]\n[[tool.credlint.ignore]]\n[[tool.x]]',
        ['[[tool . credlint."ignore"]]', "[[tool.credlint.ignore]]"],
    ),
    ("pyproject.toml", "[tool.credlint]\nselect = ['a']\nignore=[{}, {a = 2}]\n", ["{}", "{a = 2}"]),
    ("pyproject.toml", "[tool]\ncredlint.ignore = [\n{a = 3}]\n", ["{a = 3}"]),
]


@pytest.mark.parametrize(("name", "text", "places"), PLACES)
def test_where_an_entry_is_written(name: str, text: str, places: list[str]) -> None:
    source = Source(name, text)
    found = [IgnoreEntry("KEY", "a", source=source, number=number).span.text for number in range(len(places))]
    assert found == places


def test_where_an_entry_is_written_if_nobody_can_tell() -> None:
    source = Source("credlint.toml", "'ignore' = [{}]\nx = 1")
    assert IgnoreEntry("KEY", "a", source=source).span.begin.line == 1
    assert IgnoreEntry("KEY", "a").span.begin.line == 1


def test_a_table_of_another_name_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    (tree / "pyproject.toml").write_text("[credlint]\nselect = []\n")
    with pytest.raises(ConfigError, match=r"the table for credlint is called \[tool.credlint\] in this file"):
        load()
