"""`credlint chain --format html`: the page's structure, what it says, and how it behaves in a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from credlint.chain import Resolution
from credlint.cli import main
from credlint.redact import Redactor
from credlint.reporters import chain_html
from credlint.text import Source
from credlint.workloads import Entry, Row

from . import browser
from .examples import made_up_secret

SECRET = made_up_secret(5)
HOSTILE = "\"'><script>alert(1)</script><img src=https://example.com/x onerror=alert(2)>&amp;"
VOID = {"meta", "link", "input", "wbr", "circle", "path"}


def environment(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


DEFINITION = {
    "family": "api",
    "taskRoleArn": "arn:aws:iam::123456789012:role/api-task",
    "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [
        {"name": "keys", "environment": environment(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY=SECRET)},
        {"name": "old", "environment": environment(AWS_ACCESS_KEY="x", AWS_SECRET_KEY="y")},
        {"name": "role"},
        {"name": "profile", "environment": environment(AWS_PROFILE="x")},
        {"name": HOSTILE},
    ],
}


class Element:
    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.inside: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    def all(self, name: str, kind: str = "") -> list[Element]:
        """The elements below with this name and this class."""
        found = []
        for part in self.inside:
            if isinstance(part, Element):
                if part.name == name and (not kind or kind in part.attributes.get("class", "").split()):
                    found.append(part)
                found += part.all(name, kind)
        return found


class Page(HTMLParser):
    """A page as a tree; every element must be closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert self.open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "td.json").write_text(json.dumps(DEFINITION, indent=1))
    assert main(["chain", "--format", "html", "--output", "chain.html", "td.json"]) == 0
    return tmp_path / "chain.html"


def workloads(page: Page) -> dict[str, Element]:
    return {found.all("h2")[0].text: found for found in page.root.all("article", "workload")}


def steps(lane: Element) -> dict[str, str]:
    """The marks of the steps, by source."""
    return {
        step.all("span", "kind")[0].text: " ".join(mark.text for mark in step.all("span", "mark"))
        for step in lane.all("li", "step")
    }


def test_every_workload_is_drawn(file: Path) -> None:
    drawn = workloads(Page(file.read_text(encoding="utf-8")))
    assert list(drawn) == ["keys", "old", "role", "profile", HOSTILE]
    (lane,) = drawn["keys"].all("section", "lane")
    assert lane.all("span", "who")[0].text == "every SDK"
    assert steps(lane) == {
        "environment variables": "wins",
        "profile in a file": "",
        "web identity": "",
        "task role": "shadowed best",
        "instance role": "",
    }
    shown = " ".join(code.text for code in lane.all("code"))
    assert re.fullmatch(r"AWS_ACCESS_KEY_ID td.json:\d+ AWS_SECRET_ACCESS_KEY td.json:\d+ api-task td.json:\d+", shown)
    assert "data-violates" in drawn["keys"].attributes
    assert "data-violates" not in drawn["old"].attributes
    (lane,) = drawn["role"].all("section", "lane")
    assert steps(lane)["task role"] == "wins best"
    assert "Uses the task role" in lane.text


def test_sdks_that_differ_have_a_lane_each(file: Path) -> None:
    drawn = workloads(Page(file.read_text(encoding="utf-8")))
    lanes = {sdk: lane for lane in drawn["old"].all("section", "lane") for sdk in lane.attributes["data-sdks"].split()}
    assert len(lanes) == 19
    assert steps(lanes["go-v1"])["environment variables"] == "wins"
    assert steps(lanes["boto3"])["environment variables"] == "passed over"
    assert steps(lanes["boto3"])["task role"] == "wins best"
    stops = next(lane for lane in drawn["profile"].all("section", "stops") if "boto3" in lane.text)
    assert "Stops: the selected profile does not exist" in stops.text
    assert "wins" not in stops.text


def test_the_summary_counts(file: Path) -> None:
    page = Page(file.read_text(encoding="utf-8"))
    tally = [" ".join(item.text.split()) for item in page.root.all("ul", "tally")[0].all("li")]
    assert tally == [
        "5 workloads in 1 file",
        "1 with a worse source than the best",
        "2 where it depends on the SDK, or it stops",
        "2 with the best source",
    ]


def test_it_stands_alone_and_nothing_else_may_run(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert "://" not in text.replace(HOSTILE, "").replace("https://example.com/x", "")
    policy = next(
        meta.attributes["content"]
        for meta in page.root.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (element,) = page.root.all(name)
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
        assert not element.attributes
    assert not [one for one in ("img", "iframe", "a", "form", "object") if page.root.all(one)]
    assert [link.attributes["href"] for link in page.root.all("link")] == ["data:,"]


def test_no_secret_is_on_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not any(SECRET[at : at + 8] in text for at in range(len(SECRET) - 7))


def test_whatever_is_hostile_is_text() -> None:
    """Also in a role's name, a path, and a launch type."""
    source = Source(HOSTILE, "x")
    redactor = Redactor()
    entry = Entry("task-role", HOSTILE, source.span(0, 1), redactor, certain=True, static=False)
    row = Row(HOSTILE, source.span(0, 1), redactor, (HOSTILE,), (entry,), {HOSTILE: Resolution("none", "", HOSTILE)})
    page = Page(chain_html.render([row]))
    (drawn,) = page.root.all("article")
    assert drawn.text.count(HOSTILE) == 7
    assert page.root.all("option")[1].text == HOSTILE
    assert drawn.all("section")[0].attributes["data-sdks"] == HOSTILE
    assert len(page.root.all("script")) == 1
    assert not page.root.all("img")


def test_a_page_without_workloads() -> None:
    page = Page(chain_html.render([]))
    assert "No workloads" in page.root.text
    assert not page.root.all("script")


# ── in a browser ──


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    program = browser.found()
    if program is None:
        pytest.skip(f"no browser is installed: none of {', '.join(browser.NAMES)}")
    try:
        started = browser.Browser(program, tmp_path_factory.mktemp("profile"))
    except (OSError, RuntimeError) as error:
        pytest.skip(f"{program} does not start: {error}")
    yield started
    started.close()


@pytest.fixture
def tab(chromium: browser.Browser, file: Path) -> browser.Browser:
    chromium.complaints.clear()
    chromium.asked.clear()
    chromium.show()
    chromium.open(file)
    return chromium


def shown(tab: browser.Browser) -> list[str]:
    script = "[...document.querySelectorAll('.workload:not([hidden]) h2')].map((title) => title.textContent)"
    found = tab.run(script)
    assert isinstance(found, list)
    return found


def colours(png: bytes) -> int:
    """How many values the bytes of a picture's lines have: a blank picture has hardly any."""
    import zlib

    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    return len(set(zlib.decompress(data)))


def test_it_is_drawn_without_a_complaint(tab: browser.Browser, file: Path) -> None:
    pictures = []
    for dark in (False, True):
        tab.show(dark=dark)
        pictures.append(tab.screenshot())
        assert colours(pictures[-1]) > 50
    assert pictures[0] != pictures[1]
    for width in (1280, 360):
        tab.show(width=width)
        assert tab.run("document.documentElement.scrollWidth <= innerWidth"), f"too wide for {width}"
    assert tab.complaints == []
    assert list(tab.asked.values()) == [file.as_uri()]


def test_the_keyboard_is_enough(tab: browser.Browser) -> None:
    where = "document.activeElement.type"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    tab.press("Tab")
    assert (tab.run(where), tab.run(outline)) == ("search", "solid")
    tab.type("old")
    assert shown(tab) == ["old"]
    assert tab.run("document.querySelector('output').textContent") == "1 of 5 shown"
    tab.run("document.activeElement.select()")
    tab.type("API-TASK td")
    assert len(shown(tab)) == 5
    tab.press("Tab")
    assert (tab.run(where), tab.run(outline)) == ("checkbox", "solid")
    tab.press(" ", " ")
    assert shown(tab) == ["keys"]
    tab.press("Tab")
    assert (tab.run(where), tab.run(outline)) == ("select-one", "solid")
    tab.press("g", "g")  # the first name that begins so: go-v1
    assert tab.run("document.activeElement.value") == "go-v1"
    assert shown(tab) == ["keys", "old"]
    lanes = "[...document.querySelectorAll('.lane:not([hidden])')].every((lane) => lane.dataset.sdks.includes('go-v1'))"
    assert tab.run(lanes)
    assert tab.complaints == []


def test_each_field_has_a_name(tab: browser.Browser) -> None:
    labels = "[...document.querySelectorAll('input, select')].map((field) => field.labels[0]?.firstChild.textContent"
    assert all(tab.run(labels + " || field.labels[0]?.textContent)"))


def test_on_paper_everything_is_there(tab: browser.Browser) -> None:
    tab.press("Tab")
    tab.type("no such thing")
    assert shown(tab) == []
    tab.call("Emulation.setEmulatedMedia", media="print")
    seen = "[...document.querySelectorAll('.lane')].every((lane) => lane.offsetHeight > 0)"
    assert tab.run(seen)
    assert tab.run("document.querySelector('.filter').offsetHeight") == 0
    assert tab.printed().startswith(b"%PDF-")
    tab.call("Emulation.setEmulatedMedia", media="")


def test_without_script_everything_is_shown(tab: browser.Browser, file: Path) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(file)
        assert len(shown(tab)) == 5
        assert tab.run("document.querySelector('.filter').offsetHeight") == 0
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


def test_what_gets_in_cannot_run_or_load(tab: browser.Browser, file: Path) -> None:
    """Should an escape ever be missing, the policy stops it."""
    text = file.read_text(encoding="utf-8")
    bad = "<script>document.title = 'bad'</script><img src=https://example.com/x onerror=\"document.title = 'bad'\">"
    file.write_text(text.replace("<main>", "<main>" + bad), encoding="utf-8")
    tab.open(file)
    assert tab.run("document.title") == "Which credentials will it really use?"
    assert len(tab.complaints) >= 2
    assert not any("example.com" in url for url in tab.asked.values())
