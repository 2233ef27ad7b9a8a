"""Every example of every rule: its docstring's, and those of tests/cases/<rule>.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import hcl2
import pytest

from credlint.config import Config
from credlint.engine import lint
from credlint.files import Files
from credlint.registry import rules
from credlint.reporters.text import annotate
from credlint.rule import Rule

from .examples import Example, read, swap_back
from .test_reader_hcl import plain, read_body, tree

CASES = Path(__file__).parent / "cases"


def pages(rule: Rule) -> Iterator[Path]:
    yield Path(sys.modules[rule.module].__file__ or "")
    if (CASES / f"{rule.name}.md").exists():
        yield CASES / f"{rule.name}.md"


def text_of(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    # A docstring's text is the source's: they are raw strings.
    return text.split('"""', 2)[1] if page.suffix == ".py" else text


EXAMPLES = [
    pytest.param(rule, page, example, id=f"{rule.id}-{page.suffix[1:]}-{number}-{example.title[:60]}")
    for rule in rules()
    for page in pages(rule)
    for number, example in enumerate(read(text_of(page)))
]


def said(rule: Rule, example: Example) -> dict[str, str]:
    """The files of an example, marked with what the rule finds in them when all rules run."""
    files = Files(overlay=example.plain, disk=False)
    config = Config(pedantic="pedantic" in example.title)
    report = lint(files, [(path, True) for path in example.plain], config)
    assert not report.faults
    findings = [finding for finding in report.findings if finding.rule is rule]
    return {path: swap_back(annotate(files.target(path), findings)) for path in example.plain}


@pytest.mark.parametrize(("rule", "page", "example"), EXAMPLES)
def test_example(rule: Rule, page: Path, example: Example, request: pytest.FixtureRequest) -> None:
    marked = said(rule, example)
    if request.config.getoption("update"):
        text = page.read_text(encoding="utf-8")
        for path, body in example.files.items():
            text = text.replace(f" {path}\n{body}```", f" {path}\n{marked[path]}```")
        page.write_text(text, encoding="utf-8")
    else:
        assert marked == example.files


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_page_is_whole(rule: Rule) -> None:
    text = rule.documentation
    assert rule.title.endswith(".")
    assert len(rule.title) < 100
    for heading in ("## What to do", "## Bad", "## Good"):
        assert heading in text
    examples = {example.title.partition(":")[0]: example for example in read(text)}
    bad = [example for example in read(text) if example.title.startswith("Bad")]
    good = [example for example in read(text) if example.title.startswith("Good")]
    assert bad
    assert good
    assert examples
    assert all(any("^" in body for body in example.files.values()) for example in bad)
    assert not any("^ " in body or "^^" in body for example in good for body in example.files.values())


def test_ids_and_names_are_unique() -> None:
    assert len({rule.id for rule in rules()}) == len({rule.name for rule in rules()}) == len(rules())


def test_no_case_without_a_rule() -> None:
    assert {page.stem for page in CASES.glob("*.md")} <= {rule.name for rule in rules()}


@pytest.mark.parametrize(("rule", "page", "example"), EXAMPLES)
def test_the_hcl_of_examples_as_python_hcl2_reads_it(rule: Rule, page: Path, example: Example) -> None:
    """Another parser sees the same blocks, attributes and literals in every example that is no mistake."""
    if rule.id == "SCAN901":
        pytest.skip("broken on purpose")
    for path, text in example.plain.items():
        # of templates in heredocs python-hcl2 makes no tree
        if path.endswith((".tf", ".tfvars")) and not ("<<" in text and "${" in text):
            assert plain(read_body(text)) == tree(hcl2.parses_to_tree(text)), path
