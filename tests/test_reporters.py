"""Reports as text, JSON, SARIF, workflow commands, Code Quality and JUnit; and that no secret is in any of them."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credlint import registry
from credlint.finding import Confidence, Finding, Related, Report, Severity, Silenced
from credlint.fingerprint import fingerprints
from credlint.redact import Redactor
from credlint.reporters import REPORTERS, render
from credlint.reporters.text import annotate
from credlint.rule import Rule
from credlint.text import Source, Span

from .examples import made_up_id, made_up_secret

ID = made_up_id(seed=11)
SECRET = made_up_secret(11)
SCHEMA = Path(__file__).parent / "data" / "sarif-schema-2.1.0.json"
VALIDATOR = jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
PAGE = "A key is in a file.\n\nIt hurts.\n\n## What to do\n\nTake it out.\n"


def made_rule(id: str, name: str, severity: Severity) -> Rule:
    module = ModuleType(f"made_up.{name}", PAGE)
    sys.modules[module.__name__] = module
    return Rule(module.__name__, id, severity)


KEY = made_rule("KEY101", "hardcoded_access_key", Severity.ERROR)
ROLE = made_rule("ROLE201", "same_role", Severity.WARNING)
SCAN = made_rule("SCAN901", "unreadable_file", Severity.NOTE)


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "rules", lambda: (KEY, ROLE, SCAN))


def at(source: Source, text: str, *, last: bool = False) -> Span:
    start = source.text.rindex(text) if last else source.text.index(text)
    return source.span(start, start + len(text))


def secret_finding(source: Source, *related: Related, **options: str) -> Finding:
    return KEY.finding(at(source, SECRET), "a secret access key is here", "take it out", related=related, **options)  # type: ignore[arg-type]


def shown(report: Report, **options: bool) -> str:
    return render("text", report, **options)


def dedented(text: str) -> str:
    return dedent(text).lstrip("\n")


# ── text ──


def test_text() -> None:
    dockerfile = Source("app/Dockerfile", f"FROM x\nENV ID={ID} \\\n    SECRET={SECRET}\nCMD y\n")
    task = Source("td.json", '{\n  "taskRoleArn": "api",\n  "executionRoleArn": "api"\n}\n')
    report = Report(
        [
            secret_finding(
                dockerfile,
                Related(at(dockerfile, ID), "its id"),
                Related(at(task, '"taskRoleArn"'), "the role that is not used"),
            ),
            ROLE.finding(
                at(task, "api"),
                "one role in both slots",
                "make two roles",
                confidence=Confidence.MEDIUM,
                related=[Related(at(task, "api", last=True), "here too")],
            ),
            SCAN.finding(task.span(0), "it is no JSON", ""),
        ],
        [Silenced(secret_finding(dockerfile), "inline")] * 2,
        checked=12,
        skipped=1,
        secrets=[at(dockerfile, SECRET), at(dockerfile, ID)],
    )
    assert shown(report) == dedented(f"""
        app/Dockerfile:3:12: error[KEY101] hardcoded-access-key: a secret access key is here
           |
         2 | ENV ID={ID[:4]}************{ID[-4:]} \\
           |        ~~~~~~~~~~~~~~~~~~~~ its id
         3 |     SECRET=****************************************
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          ::: td.json:2:3
           |
         2 |   "taskRoleArn": "api",
           |   ~~~~~~~~~~~~~ the role that is not used
           = help: take it out

        td.json:1:1: note[SCAN901] unreadable-file: it is no JSON
           |
         1 | {{
           | ^
           | ...

        td.json:2:19: warning[ROLE201] same-role: one role in both slots (medium confidence)
           |
         2 |   "taskRoleArn": "api",
           |                   ^^^
         3 |   "executionRoleArn": "api"
           |                        ~~~ here too
           = help: make two roles

        3 findings (1 error, 1 warning, 1 note); 12 files checked; 2 silenced; 1 file skipped.
        """)


def test_text_of_nothing() -> None:
    assert shown(Report(checked=12)) == "No findings; 12 files checked.\n"
    assert shown(Report(checked=1, skipped=2), statistics=True) == "No findings; 1 file checked; 2 files skipped.\n"


def test_text_of_faults() -> None:
    report = Report(faults=["x.tf: it is a folder", f"gone: {SECRET}\x1b[2J\nmore"])
    assert shown(report) == dedented("""
        credlint: fault: x.tf: it is a folder
        credlint: fault: gone: ****·[2J more

        No findings; 0 files checked; 2 faults.
        """)


def test_statistics() -> None:
    source = Source("a", f"{SECRET}\n" * 10)
    findings = [KEY.finding(source.span(at, at + 40), "m", "") for at in range(0, 410, 41)][:10]
    report = Report([*findings, ROLE.finding(source.span(0, 1), "m", "")], checked=1)
    assert "\n\n10  KEY101   hardcoded-access-key\n 1  ROLE201  same-role\n\n11 " in shown(report, statistics=True)
    assert "\n10  KEY101" not in shown(report)


def frame(text: str, *spans: tuple[int, int]) -> list[str]:
    """The lines that are shown of a text in which the first span is the primary place."""
    source = Source("f", text)
    (start, end), *others = spans
    related = [Related(source.span(*span), "r") for span in others]
    report = Report([ROLE.finding(source.span(start, end), "m", "", related=related)])
    return shown(report).partition("\n")[2].rpartition("\n\n")[0].split("\n")


def test_lines_that_are_left_out() -> None:
    assert frame("a\nb\nc\nd\n" * 3, (0, 1), (2, 3), (22, 23)) == [
        "    |",
        "  1 | a",
        "    | ^",
        "  2 | b",
        "    | ~ r",
        "...",
        " 12 | d",
        "    | ~ r",
    ]


def test_several_marks_on_a_line() -> None:
    assert frame("abcdef\n", (2, 4), (4, 5), (2, 5), (0, 1)) == [
        "   |",
        " 1 | abcdef",
        "   | ~ r",
        "   |   ^^",
        "   |   ~~~ r",
        "   |     ~ r",
    ]


def test_an_empty_place_and_places_at_line_ends() -> None:
    assert frame("ab\r\ncd\r\n", (1, 1), (2, 4), (8, 8)) == [
        "   |",
        " 1 | ab",
        "   |  ^",
        "   |   ~ r",
        "...",
        " 3 |",
        "   | ~ r",
    ]


def test_marks_below_wide_characters_and_tabs() -> None:
    text = "\t日本e\u0301 = x\n"
    assert frame(text, (text.index("x"), text.index("x") + 1), (1, 3)) == [
        "   |",
        " 1 |  日本e\u0301 = x",
        "   |  ~~~~ r",
        "   |          ^",
    ]


def test_a_long_line_is_cut_around_its_marks() -> None:
    text = "{" + '"a": 1, ' * 50 + '"KEY": "x"' + ', "b": 2' * 50 + ', "END": "y"}'
    x, y = text.index('"x"'), text.index('"y"')
    _, first, x_mark, second, y_mark = frame(text, (x, x + 3), (y, y + 3))
    assert first == f" 1 | …{text[x - 40 : x + 80]}…"
    assert x_mark == f"   |  {' ' * 40}^^^"
    assert second == f" 1 | …{text[y - 40 :]}"
    assert y_mark == f"   |  {' ' * 40}~~~ r"
    assert frame("y" * 300, (0, 300))[1:] == [f" 1 | {'y' * 120}…", f"   | {'^' * 120}"]
    both = frame(text, (x, x + 3), (x + 5, x + 8))
    assert [line[:4] for line in both] == ["   |", " 1 |", "   |", "   |"], "one cut for both"


def test_colour_changes_nothing_else() -> None:
    source = Source("f", f"\n\n  k = {SECRET}\n\n")
    report = Report([secret_finding(source, Related(source.span(0, 4), "r"))], faults=["x"], checked=1)
    coloured = shown(report, color=True, statistics=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(report, statistics=True)


def test_every_finding_starts_with_its_place() -> None:
    """So that the output can be searched by line."""
    source = Source("a\nb\x1b", f"k = {SECRET}")
    finding = KEY.finding(at(source, SECRET), "one\ntwo", "three\nfour")
    assert shown(Report([finding])).startswith("a b·:1:5: error[KEY101] hardcoded-access-key: one two\n   |\n")
    assert "\n   = help: three\n           four\n" in shown(Report([finding]))


# ── marks in examples ──

MARK = re.compile(r"\n[ \t]*[\^~]+ [^\n]+")


def test_annotate() -> None:
    source = Source("f", "a = 1\n\tb = 日 2 # c\n")
    findings = [
        ROLE.finding(at(source, "2"), "two", "", related=[Related(at(source, "a"), "first")]),
        ROLE.finding(at(source, "2 # c\n"), "to the end", "", related=[Related(at(source, "b"), "name")]),
        ROLE.finding(Source("g", "x").span(), "elsewhere", ""),
    ]
    assert annotate(source, findings) == (
        "a = 1\n"
        "~ first\n"
        "\tb = 日 2 # c\n"
        "\t~ name\n"
        "\t       ^ two\n"
        "\t       ^^^^^ to the end\n"
    )  # fmt: skip


messages = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=10)


@given(st.text(st.sampled_from("ab \t\n\r日\u0301^~#-")) | st.text(), st.data())
@settings(max_examples=200, deadline=None)
def test_without_the_marks_it_is_the_text_of_before(text: str, data: st.DataObject) -> None:
    assume(not re.search(r"(?m)^[ \t]*[\^~]+ ", text))
    source = Source("f", text)
    offsets = st.integers(0, len(text))
    findings = []
    for _ in range(data.draw(st.integers(0, 3))):
        spans = [source.span(*sorted(data.draw(st.tuples(offsets, offsets)))) for _ in range(2)]
        related = [Related(spans[1], data.draw(messages))]
        findings.append(KEY.finding(spans[0], data.draw(messages), "", related=related))
    marked = annotate(source, findings)
    assert MARK.sub("", marked) == text
    assert len(MARK.findall(marked)) == sum(1 + len(finding.related) for finding in findings)


# ── JSON ──


def test_json() -> None:
    source = Source("ä/f", f"k = {SECRET}\nid = {ID}\n")
    finding = secret_finding(source, Related(source.span(2, 48), "both"), workload="api")
    report = Report(
        [finding],
        [Silenced(ROLE.finding(source.span(0, 1), "m", "h", confidence=Confidence.LOW), "baseline")],
        checked=3,
        context=2,
        skipped=1,
        faults=["no"],
    )
    rendered = render("json", report)
    first, second = fingerprints([finding, report.silenced[0].finding], Redactor())
    assert json.dumps(json.loads(rendered), ensure_ascii=False, indent=2) + "\n" == rendered
    assert json.loads(rendered, object_pairs_hook=list) == json.loads(
        json.dumps(
            {
                "schema_version": 1,
                "credlint": "0.1.0",
                "findings": [
                    {
                        "rule": "KEY101",
                        "name": "hardcoded-access-key",
                        "severity": "error",
                        "confidence": "high",
                        "message": "a secret access key is here",
                        "help": "take it out",
                        "url": "https://github.com/credlint/credlint/blob/main/rules/hardcoded_access_key.py",
                        "path": "ä/f",
                        "line": 1,
                        "column": 5,
                        "end_line": 1,
                        "end_column": 45,
                        "workload": "api",
                        "fingerprint": first,
                        "fixes": [],
                        "related": [
                            {"path": "ä/f", "line": 1, "column": 3, "end_line": 2, "end_column": 4, "message": "both"}
                        ],
                    }
                ],
                "silenced": [
                    {
                        "rule": "ROLE201",
                        "name": "same-role",
                        "severity": "warning",
                        "confidence": "low",
                        "message": "m",
                        "help": "h",
                        "url": "https://github.com/credlint/credlint/blob/main/rules/same_role.py",
                        "path": "ä/f",
                        "line": 1,
                        "column": 1,
                        "end_line": 1,
                        "end_column": 2,
                        "workload": None,
                        "fingerprint": second,
                        "fixes": [],
                        "related": [],
                        "by": "baseline",
                    }
                ],
                "files": {"checked": 3, "context": 2, "skipped": 1},
                "faults": ["no"],
            }
        ),
        object_pairs_hook=list,
    )


# ── SARIF ──


def sarif(report: Report) -> dict[str, Any]:
    document = json.loads(render("sarif", report))
    VALIDATOR.validate(document)
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_the_schema_is_looked_at() -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_sarif_of_nothing() -> None:
    run = sarif(Report())
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert run["columnKind"] == "unicodeCodePoints"


def test_sarif_rules() -> None:
    """What GitHub code scanning demands of a rule, and shows."""
    tool = sarif(Report())["tool"]
    assert {key: tool["driver"][key] for key in ("name", "version", "informationUri")} == {
        "name": "credlint",
        "version": "0.1.0",
        "informationUri": "https://github.com/credlint/credlint",
    }
    key, role, scan = tool["driver"]["rules"]
    assert key == {
        "id": "KEY101",
        "name": "hardcoded-access-key",
        "shortDescription": {"text": "A key is in a file."},
        "fullDescription": {"text": "A key is in a file. It hurts."},
        "help": {"text": PAGE.strip(), "markdown": PAGE.strip()},
        "helpUri": "https://github.com/credlint/credlint/blob/main/rules/hardcoded_access_key.py",
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["aws", "credentials", "security"], "precision": "high", "security-severity": "9.0"},
    }
    assert role["properties"]["security-severity"] == "5.0"
    assert "security" not in scan["properties"]["tags"]
    assert "security-severity" not in scan["properties"]


def test_sarif_result() -> None:
    source = Source("a b/ü:1.env", f"x\n  k = {SECRET}\n")
    finding = secret_finding(source, Related(source.span(0, 4), "see [this]"), workload="api")
    (result,) = sarif(Report([finding], secrets=[finding.span]))["results"]
    artifact = {"uri": "a%20b/%C3%BC%3A1.env", "uriBaseId": "%SRCROOT%"}
    assert result == {
        "ruleId": "KEY101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "a secret access key is here\n\ntake it out\n\n[see \\[this\\]](1)"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 47},
                    "contextRegion": {"startLine": 2, "endLine": 2, "snippet": {"text": "  k = " + "*" * 40}},
                }
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 3},
                    "contextRegion": {"startLine": 1, "endLine": 2, "snippet": {"text": "x\n  k = " + "*" * 40}},
                },
                "message": {"text": "see [this]"},
            }
        ],
        "partialFingerprints": {"credlint/v1": fingerprints([finding], Redactor([finding.span]))[0]},
        "properties": {"confidence": "high", "workload": "api"},
    }


def test_sarif_of_silenced_findings_and_faults() -> None:
    source = Source("/elsewhere/f", f"k = {SECRET}\n")
    silenced = [Silenced(secret_finding(source), by) for by in ("inline", "config", "baseline")]
    run = sarif(Report([secret_finding(source)], silenced=silenced, faults=[f"no {SECRET}"]))
    assert len(run["results"]) == 1
    assert "suppressions" not in run["results"][0]
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "no ****"}}],
        }
    ]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "file:///elsewhere/f"}


def test_sarif_has_no_long_snippets() -> None:
    source = Source("f", f"k = {SECRET} {'x' * 400}\n" + "a\n" * 20)
    for span in (at(source, SECRET), source.span(450)):
        (result,) = sarif(Report([KEY.finding(span, "m", "")]))["results"]
        assert "contextRegion" not in result["locations"][0]["physicalLocation"]


# ── GitHub ──


def test_github() -> None:
    source = Source("a,b:c%.env", f"k = {SECRET}\nx\n")
    report = Report(
        [
            SCAN.finding(source.span(0, 46), "cut\r", ""),
            secret_finding(source),
            ROLE.finding(source.span(0, 1), "100%: a, b", "do\nthis"),
        ],
        checked=1,
        faults=["gone: a\nb"],
    )
    assert render("github", report) == (
        "::error title=credlint::gone: a%0Ab\n"
        "::error file=a%2Cb%3Ac%25.env,line=1,endLine=1,col=5,endColumn=45,"
        "title=KEY101 hardcoded-access-key::a secret access key is here%0A%0Atake it out\n"
        "::warning file=a%2Cb%3Ac%25.env,line=1,endLine=1,col=1,endColumn=2,"
        "title=ROLE201 same-role::100%25: a, b%0A%0Ado%0Athis\n"
        "::notice file=a%2Cb%3Ac%25.env,line=1,endLine=2,title=SCAN901 unreadable-file::cut \n"
        "3 findings (1 error, 1 warning, 1 note); 1 file checked; 1 fault.\n"
    )


def test_github_says_what_it_does_not_show() -> None:
    source = Source("f", "x\n" * 30)
    findings = [SCAN.finding(source.span(at, at), "m", "") for at in range(0, 24, 2)]
    findings += [KEY.finding(source.span(at, at), "m", "") for at in range(0, 22, 2)]
    lines = render("github", Report(findings)).splitlines()
    assert [line.split()[0] for line in lines[:-2]] == ["::error"] * 11 + ["::notice"] * 12
    assert lines[-1] == "GitHub annotates 10 of a kind for each step: 3 more stand only in this log."


# ── GitLab ──


def test_gitlab() -> None:
    source = Source("ä b/f", f"x\nk = {SECRET}\n")
    finding = secret_finding(source, Related(source.span(0, 1), "its id"))
    others = [ROLE.finding(source.span(0, 1), "m", ""), SCAN.finding(source.span(0, 1), "m", "")]
    silenced = Silenced(ROLE.finding(source.span(0, 1), "m", ""), "inline")
    report = Report([finding, *others], [silenced], faults=["no"], secrets=[finding.span])
    role, scan, _, key = fingerprints([*others, silenced.finding, finding], Redactor([finding.span]))
    assert json.loads(render("gitlab", report)) == [
        {
            "description": "m",
            "check_name": "ROLE201 same-role",
            "fingerprint": role,
            "severity": "major",
            "location": {"path": "ä b/f", "lines": {"begin": 1}},
        },
        {
            "description": "m",
            "check_name": "SCAN901 unreadable-file",
            "fingerprint": scan,
            "severity": "info",
            "location": {"path": "ä b/f", "lines": {"begin": 1}},
        },
        {
            "description": "a secret access key is here — take it out",
            "check_name": "KEY101 hardcoded-access-key",
            "fingerprint": key,
            "severity": "critical",
            "location": {"path": "ä b/f", "lines": {"begin": 2}},
        },
    ]
    assert render("gitlab", Report()) == "[]\n"


def test_gitlab_has_no_fingerprint_twice() -> None:
    """GitLab shows only the first of those."""
    source = Source("f", f"k = {SECRET}\n" * 3)
    findings = [KEY.finding(source.span(at, at + 40), "m", "") for at in (4, 49, 94)]
    issues = json.loads(render("gitlab", Report(findings)))
    assert len({issue["fingerprint"] for issue in issues}) == 3


# ── JUnit ──

# What Jenkins's schema has, junit-10.xsd: the attributes of an element, those that it must have, and what it holds.
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        {"name", "tests", "failures", "errors"},
        {"testcase"},
    ),
    "testcase": ({"name", "time", "classname"}, {"name", "classname"}, {"failure", "error", "system-out"}),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
}


def junit(report: Report) -> ElementTree.Element:
    root = ElementTree.fromstring(render("junit", report))
    for element in root.iter():
        known, needed, children = JUNIT[element.tag]
        assert needed <= element.attrib.keys() <= known
        assert {child.tag for child in element} <= children
    (suite,) = root
    cases = suite.findall("testcase")
    for counted in (root, suite):
        assert counted.get("tests") == str(len(cases))
        assert counted.get("failures") == str(len(suite.findall("testcase/failure")))
        assert counted.get("errors") == str(len(suite.findall("testcase/error")))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases) > 0
    return suite


def test_junit() -> None:
    source = Source("a<b>&\"'/f", f"x\nk = {SECRET}\n")
    finding = secret_finding(source, Related(source.span(0, 1), "its id"))
    others = [ROLE.finding(source.span(0, 1), "m ]]> & <n>", "h"), SCAN.finding(source.span(0, 1), "cut", "")]
    suite = junit(Report([finding, *others], [Silenced(finding, "inline")], faults=["no\x1b"], secrets=[finding.span]))
    url = "https://github.com/credlint/credlint/blob/main/rules"
    path = "a<b>&\"'/f"
    assert [(case.attrib, [(part.tag, part.attrib, part.text) for part in case]) for case in suite] == [
        (
            {"classname": "credlint", "name": "fault 1", "time": "0"},
            [("error", {"type": "fault", "message": "no·"}, "no·")],
        ),
        (
            {"classname": path, "name": "ROLE201 same-role: m ]]> & <n>", "time": "0"},
            [
                (
                    "failure",
                    {"type": "warning", "message": "m ]]> & <n>"},
                    f"{path}:1:1: warning: m ]]> & <n>\nhelp: h\n{url}/same_role.py",
                )
            ],
        ),
        (
            {"classname": path, "name": "SCAN901 unreadable-file: cut", "time": "0"},
            [("system-out", {}, f"{path}:1:1: note: cut\n{url}/unreadable_file.py")],
        ),
        (
            {"classname": path, "name": "KEY101 hardcoded-access-key: a secret access key is here", "time": "0"},
            [
                (
                    "failure",
                    {"type": "error", "message": "a secret access key is here"},
                    f"{path}:2:5: error: a secret access key is here\nhelp: take it out\n{url}/hardcoded_access_key.py",
                )
            ],
        ),
    ]


def test_junit_of_nothing() -> None:
    (case,) = junit(Report())
    assert case.attrib == {"classname": "credlint", "name": "no findings", "time": "0"}
    assert len(case) == 0


def test_junit_names_stay_when_lines_move() -> None:
    """GitLab compares by the name with the branch before, and takes the first of two with the same."""

    def names(text: str) -> list[str | None]:
        source = Source("f", text)
        places = [match.start() for match in re.finditer("k =", text)]
        findings = [KEY.finding(source.span(at, at + 40), "m", "") for at in places]
        return [case.get("name") for case in junit(Report(findings))]

    line = f"k = {SECRET}\n"
    assert (
        names(line * 2)
        == names(f"new\n{line}\n{line}")
        == [
            "KEY101 hardcoded-access-key: m",
            "KEY101 hardcoded-access-key: m (2)",
        ]
    )


# ── fingerprints ──


def printed(text: str, *, path: str = "f", workload: str | None = None) -> list[str]:
    """The fingerprints of all the made-up secrets in a text."""
    source = Source(path, text)
    spans = [source.span(*match.span()) for match in re.finditer(r"[A-Za-z0-9+/]{40}", text)]
    return fingerprints([KEY.finding(span, "m", "", workload=workload) for span in spans], Redactor(spans))


def test_fingerprints_stay_when_lines_move() -> None:
    (before,) = printed(f"key = {SECRET}\n")
    assert re.fullmatch(r"[0-9a-f]{32}", before)
    assert printed(f"# new\n\n   key =  {SECRET}  \n") == [before]
    assert printed(f"key = {made_up_secret(12)}\n") == [before], "there is nothing of the secret in it"


def test_fingerprints_tell_findings_apart() -> None:
    line = f"key = {SECRET}\n"
    others = [printed(line, path="g"), printed(line, workload="api"), printed(f"other = {SECRET}\n")]
    alike = printed(line * 3)
    assert len({printed(line)[0], *alike, *(print for other in others for print in other)}) == 6
    assert alike[0] == printed(line)[0]
    source = Source("f", line)
    assert len(set(fingerprints([r.finding(source.span(), "m", "") for r in (KEY, ROLE)], Redactor()))) == 2


def test_fingerprints_are_numbered_by_place() -> None:
    source = Source("f", f"key = {SECRET}\n" * 2)
    first, second = (KEY.finding(source.span(start, start + 40), "m", "") for start in (6, 53))
    forth = fingerprints([first, second], Redactor())
    assert fingerprints([second, first], Redactor()) == forth[::-1]


def test_fingerprints_in_a_file_of_one_line() -> None:
    pair = f'"key": "{SECRET}", '
    alone = printed("{" + '"a": 1, ' * 90 + pair + '"b": 2, ' * 90)
    assert printed("{" + '"a": 1, ' * 95 + pair + '"b": 2, ' * 80) == alone


# ── secrets never leave ──


def contexts() -> Iterator[str]:
    """The ways in which a secret is written into a file."""
    yield "AWS_SECRET_ACCESS_KEY={}"
    yield 'ENV A=1 KEY="{}" \\'
    yield '  {{"name": "AWS_SECRET_ACCESS_KEY", "value": "{}"}},'
    yield "\tsecret_key  = '{}' # 日本"
    yield "RUN aws configure set aws_secret_access_key {} && echo \x1b[31m\u202e"
    yield "# {} and {}"


@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=25, deadline=None)
def test_no_secret_in_any_format(seed: int) -> None:
    """Known to the report or not, on the marked line or beside it, in messages, paths and faults."""
    made = random.Random(seed)
    secrets = [made_up_secret(made.getrandbits(32)) for _ in range(3)]
    secrets.append("IQoJb3JpZ2luX2Vj" + made_up_secret(made.getrandbits(32), 300))
    ids = [made_up_id(made.choice(["AKIA", "ASIA"]), seed=made.getrandbits(32)) for _ in range(2)]
    planted = [*secrets, *ids]

    lines = [made.choice(list(contexts())).format(value, value) for value in planted * 2]
    lines += ["FROM x", "", "}", "x = " + "y, " * made.randrange(200) + planted[0]]
    made.shuffle(lines)
    text = made.choice(["\n", "\r\n", " "]).join(lines)
    source = Source(made.choice(["a/b.env", f"dir {ids[0]}/{secrets[0]}\x1b[2J\udc80/f"]), text)
    places = [source.span(*match.span()) for value in planted for match in re.finditer(re.escape(value), text)]
    known = [place for place in places if made.random() < 0.5]

    def anywhere() -> Span:
        return source.span(*sorted((made.randrange(len(text)), made.randrange(len(text)))))

    def words() -> str:
        values = (made.choice([*planted, "container", "\x9b1m", "\n"]) for _ in range(3))
        return made.choice(["the key {} of {} ({})", "'{}': {}:{}"]).format(*values)

    findings = [
        made.choice([KEY, ROLE, SCAN]).finding(
            made.choice([*places, anywhere()]),
            words(),
            words(),
            confidence=made.choice(list(Confidence)),
            related=[Related(made.choice([*places, anywhere()]), words()) for _ in range(made.randrange(3))],
            workload=made.choice([None, words()]),
        )
        for _ in range(6)
    ]
    silenced = [Silenced(finding, made.choice(["inline", "baseline"])) for finding in findings[4:]]
    report = Report(findings[:4], silenced, checked=1, faults=[words(), words()], secrets=known)

    outputs = {name: render(name, report, statistics=True) for name in REPORTERS}
    outputs["text in colour"] = render("text", report, color=True, statistics=True)
    sarif(report)
    junit(report)
    for name, output in outputs.items():
        output.encode("utf-8")
        readable = output.replace("%2F", "/").replace("%2B", "+").replace("%25", "%").replace("\\/", "/")
        eights = {written[i : i + 8] for written in (output, readable) for i in range(len(written) - 7)}
        for secret in secrets:
            assert not {secret[i : i + 8] for i in range(len(secret) - 7)} & eights, name
        for key_id in ids:
            assert key_id[4:10] not in output, name
            assert key_id[-10:-4] not in output, name
        plain = re.sub(r"\x1b\[[0-9;]*m", "", output) if name == "text in colour" else output
        assert all(char.isprintable() or char == "\n" for char in plain), name
