"""`credlint chain --format html`: one page that draws, for every workload, the order of lookup.

The page stands alone: it asks nothing of the network, and its policy forbids it to. Style and
script are constants, allowed by their hashes, so that nothing which gets in by a name can run.
Everything is written out without the script, which only filters.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from .. import __version__
from ..workloads import RANKS, is_worse
from .chain import NOTHING, alike, who
from .text import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..chain import Resolution
    from ..workloads import Entry, Row

_LABELS = {
    "environment": "environment variables",
    "profile": "profile in a file",
    "web-identity": "web identity",
    "task-role": "task role",
    "instance-role": "instance role",
}
_ERRORS = {
    "partial-credentials": "half a pair of keys is set",
    "profile-not-found": "the selected profile does not exist",
    "invalid-config": "a setting is refused",
    "unreadable-token": "a token file is not there",
    "credential-retrieval": "the container endpoint does not answer",
}
_ABOUT = f"""\
Made by credlint {__version__} from the files alone: no account was asked, and whatever starts the containers may give
them more. The columns are in the order in which most SDKs look; what each SDK does is by its own order."""
# What is drawn: a sign beside the words, so that nothing is told by colour alone.
_SIGNS = {
    "bad": '<path d="M4.5 4.5l7 7M11.5 4.5l-7 7"/>',
    "good": '<path d="M3.5 8.5l3 3 6-7"/>',
    "stops": '<path d="M8 3.5v6M8 12v.5"/>',
    "nothing": '<path d="M4 8h8"/>',
    "wins": '<circle cx="8" cy="8" r="4"/>',
    "best": '<path d="M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z"/>',
}

_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f7f6f3; --card: #fff; --ink: #22242a; --quiet: #646873; --line: #dcdad3; --rail: #8d919c;
  --bad: #b3261e; --bad-soft: #fcebe8; --good: #17694c; --good-soft: #e4f3ec; --best: #7a5200; --best-soft: #fbf0d8;
  --stops: #84500b; --focus: #1d5fd1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --card: #1c1f25; --ink: #e7e8eb; --quiet: #a0a5b1; --line: #31353e; --rail: #757b88;
    --bad: #ff9d92; --bad-soft: #3d2120; --good: #74d3a7; --good-soft: #16342a; --best: #f0c566; --best-soft: #392d12;
    --stops: #f2b266; --focus: #8ab4ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
.page { max-width: 76rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
code { font: .8125rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
svg {
  width: 1em; height: 1em; flex: none; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round;
}
h1 { margin: 0 0 .5rem; font-size: 2.125rem; line-height: 1.2; letter-spacing: -.02em; }
h2 { margin: 0; font-size: 1.125rem; line-height: 1.4; overflow-wrap: anywhere; }
p { max-width: 48rem; margin: 0 0 1rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
[hidden] { display: none !important; }
.tally { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.75rem 0; padding: 0; list-style: none; }
.tally li {
  flex: 1 1 11rem; padding: .875rem 1.125rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; color: var(--quiet); font-size: .9375rem; line-height: 1.35;
}
.tally b { display: flex; align-items: center; gap: .5rem; color: var(--ink); font-size: 1.875rem; line-height: 1.3; }
.tally svg { font-size: 1.25rem; }
.key {
  display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: 0 0 1.75rem; color: var(--quiet); font-size: .875rem;
}
.key div { display: flex; align-items: center; gap: .5rem; }
.key dt { display: flex; }
.key dd { margin: 0; }
.filter {
  position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem;
  margin: 0 -1.5rem 1.25rem; padding: .75rem 1.5rem; background: var(--ground); border-bottom: 1px solid var(--line);
}
.filter label { display: flex; align-items: center; gap: .5rem; }
.filter input, .filter select { font: inherit; color: inherit; accent-color: var(--focus); }
.filter input[type=search], .filter select {
  padding: .375rem .625rem; background: var(--card); border: 1px solid var(--rail); border-radius: .5rem;
}
.filter input[type=search] { width: 15rem; }
.filter input[type=checkbox] { width: 1.125rem; height: 1.125rem; margin: 0; }
.filter output { margin-left: auto; color: var(--quiet); font-variant-numeric: tabular-nums; }
.workload {
  margin: 0 0 1rem; padding: 1.125rem 1.5rem 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem;
}
.workload header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; margin-bottom: .25rem; }
.workload header code, .launch { color: var(--quiet); }
.launch { font-size: .875rem; }
.workload header code { margin-left: auto; overflow-wrap: anywhere; }
.lane + .lane { margin-top: 1.25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.verdict { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; max-width: none; margin: 0; }
.verdict strong { display: inline-flex; align-items: center; gap: .375rem; font-weight: 600; }
.who { color: var(--quiet); }
.bad .verdict strong, .tally .bad svg { color: var(--bad); }
.good .verdict strong, .tally .good svg { color: var(--good); }
.stops .verdict strong, .tally .stops svg { color: var(--stops); }
.steps {
  display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); margin: 1rem 0 0; padding: 0; list-style: none;
}
.step { position: relative; padding: 2.375rem .75rem 0 0; font-size: .875rem; line-height: 1.4; }
.step::before {
  content: ""; position: absolute; top: .8125rem; left: 0; right: 0; border-top: 2px solid var(--rail);
}
.step:last-child::before { display: none; }
.used::before, .shadowed::before, .after::before, .stops .step::before { border-top: 2px dotted var(--line); }
.dot {
  position: absolute; top: 0; left: 0; width: 1.75rem; height: 1.75rem; display: grid; place-items: center;
  background: var(--card); border: 2px solid var(--rail); border-radius: 50%;
  color: var(--quiet); font-size: .8125rem; font-weight: 600; line-height: 1; box-shadow: 0 0 0 4px var(--card);
}
.absent .dot, .after .dot { border-color: var(--line); }
.shadowed .dot { border-style: dashed; }
.used .dot { color: var(--card); background: var(--good); border-color: var(--good); }
.bad .used .dot { background: var(--bad); border-color: var(--bad); }
.kind { display: block; font-weight: 600; }
.kind::first-letter { text-transform: uppercase; }
.absent .kind { color: var(--quiet); font-weight: 400; }
.marks { display: flex; flex-wrap: wrap; gap: .25rem; margin: .125rem 0 .375rem; }
.mark {
  display: inline-flex; align-items: center; gap: .25rem; padding: .0625rem .5rem; border: 1px solid var(--line);
  border-radius: 1rem; color: var(--quiet); font-size: .75rem; font-weight: 600; line-height: 1.5;
}
.mark.wins { color: var(--good); background: var(--good-soft); border-color: transparent; }
.bad .mark.wins { color: var(--bad); background: var(--bad-soft); }
.mark.best { color: var(--best); background: var(--best-soft); border-color: transparent; }
.mark svg { fill: currentColor; stroke: none; }
.mark.maybe { border-style: dashed; }
.found { margin: 0; padding: 0; list-style: none; }
.found li { margin-bottom: .25rem; overflow-wrap: anywhere; }
.found code { display: block; }
.place { color: var(--quiet); }
.shadowed .name { text-decoration: line-through; text-decoration-color: var(--rail); }
.none { color: var(--quiet); font-size: .8125rem; }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .875rem; }
@media screen and (max-width: 52rem) {
  .page { padding-top: 1.5rem; }
  .steps { display: block; }
  .step { padding: 0 0 1rem 2.75rem; min-height: 2.5rem; }
  .step::before { top: 0; bottom: 0; left: .8125rem; right: auto; border-top: 0; border-left: 2px solid var(--rail); }
  .used::before, .shadowed::before, .after::before, .stops .step::before {
    border-top: 0; border-left: 2px dotted var(--line);
  }
  .workload header code, .filter output { margin-left: 0; }
  .filter { position: static; }
}
@media (forced-colors: active) {
  .used .dot, .mark.wins { outline: 2px solid; }
}
@media print {
  @page { size: A4 landscape; margin: 14mm; }
  :root {
    color-scheme: light;
    --ground: #fff; --card: #fff; --ink: #000; --quiet: #4a4d55; --line: #c4c4c4; --rail: #777;
    --bad: #a3180f; --bad-soft: #fcebe8; --good: #0f5c40; --good-soft: #e4f3ec; --best: #6b4700; --best-soft: #fbf0d8;
    --stops: #6e4206;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 75%; }
  body { font-size: 1rem; }
  .page { max-width: none; padding: 0; }
  .filter, .filter[hidden] { display: none !important; }
  .workload[hidden], .lane[hidden] { display: block !important; }
  .workload, .tally { margin-bottom: .75rem; }
  .lane { break-inside: avoid; }
  .workload header { break-after: avoid; }
}
"""

_SCRIPT = """
"use strict";
const filter = document.querySelector(".filter");
const [text, only, sdk, count] = filter.querySelectorAll("input, select, output");
const workloads = [...document.querySelectorAll(".workload")].map((place) => ({
  place,
  violates: "violates" in place.dataset,
  lanes: [...place.querySelectorAll(".lane")],
  words: [...place.querySelectorAll("h2, .launch, code")].map((part) => part.textContent).join(" ").toLowerCase(),
}));
function apply() {
  const wanted = text.value.toLowerCase().split(/\\s+/);
  let shown = 0;
  for (const { place, violates, lanes, words } of workloads) {
    let wrong = violates;
    for (const lane of lanes) {
      lane.hidden = sdk.value !== "" && !lane.dataset.sdks.split(" ").includes(sdk.value);
      if (sdk.value !== "" && !lane.hidden) wrong = lane.classList.contains("bad");
    }
    place.hidden = (only.checked && !wrong) || !wanted.every((word) => words.includes(word));
    if (!place.hidden) shown += 1;
  }
  count.textContent = `${shown} of ${workloads.length} shown`;
}
filter.addEventListener("input", apply);
filter.hidden = false;
apply();
"""


def render(rows: Sequence[Row]) -> str:
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n',
        '<link rel="icon" href="data:,">\n',  # else a browser asks the server for one
        f"<title>Which credentials will it really use?</title>\n<style>{_STYLE}</style>\n</head>\n",
        '<body>\n<div class="page">\n',
        *_summary(rows),
        *(_filter(rows) if rows else ()),
        "<main>\n",
        *(_workload(row) for row in rows),
        "</main>\n",
        f"<footer>{_ABOUT}</footer>\n</div>\n",
        f"<script>{_SCRIPT}</script>\n" if rows else "",
        "</body>\n</html>\n",
    ]
    return "".join(parts)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(text: str) -> str:
    """A text for the page, also for an attribute."""
    return escape(text, quote=True)


def _sign(name: str) -> str:
    return f'<svg viewBox="0 0 16 16" aria-hidden="true">{_SIGNS[name]}</svg>'


# ── above the workloads ──


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    yield "<header>\n<h1>Which credentials will it really use?</h1>\n"
    if not rows:
        yield f"<p>{NOTHING}</p>\n</header>\n"
        return
    yield (
        "<p>An AWS SDK that is given no credentials looks for them step by step, and takes the first that it "
        "finds. The best source comes late: whatever is found before shadows it, and nothing fails.</p>\n"
    )
    states = [_state(row) for row in rows]
    files = len({row.path for row in rows})
    tally = (
        ("", len(rows), f"{'workload' if len(rows) == 1 else 'workloads'} in {count(files, 'file')}"),
        ("bad", states.count("bad"), "with a worse source than the best"),
        ("stops", states.count("depends"), "where it depends on the SDK, or it stops"),
        ("good", states.count("good"), "with the best source"),
        ("nothing", states.count("nothing"), "without any credentials"),
    )
    yield '<ul class="tally">\n'
    for state, number, words in tally:
        if number:
            yield f'<li class="{state}"><b>{_sign(state) if state else ""}{number}</b> {words}</li>\n'
    yield "</ul>\n"
    yield '<dl class="key" aria-label="Signs">\n'
    for mark, words in (
        (_mark("wins", "wins"), "the SDK takes this one"),
        (_mark("best", "best"), "what would be best here"),
        (_mark("", "shadowed"), "comes later, and is never asked"),
        (_mark("maybe", "not certain"), "may be there when it runs"),
    ):
        yield f"<div><dt>{mark}</dt><dd>{words}</dd></div>\n"
    yield "</dl>\n</header>\n"


def _state(row: Row) -> str:
    """What the summary counts a workload as."""
    if row.violates:
        return "bad"
    states = {_outcome(row, resolution)[0] for _, resolution in alike(row)}
    return next(iter(states)) if len(states) == 1 and states <= {"good", "nothing"} else "depends"


def _filter(rows: Sequence[Row]) -> Iterator[str]:
    """The filter; it does not show where no script runs."""
    sdks = dict.fromkeys(sdk for row in rows for sdk in row.resolved)
    yield '<div class="filter" role="search" hidden>\n'
    yield '<label>Filter <input type="search" placeholder="name, role, path" autocomplete="off"></label>\n'
    yield '<label><input type="checkbox" autocomplete="off"> Only those that violate</label>\n'
    yield '<label>SDK <select autocomplete="off"><option value="">any</option>'
    yield "".join(f"<option>{_text(sdk)}</option>" for sdk in sdks)
    yield '</select></label>\n<output aria-live="polite"></output>\n</div>\n'


# ── a workload ──


def _workload(row: Row) -> str:
    launch = f'<span class="launch">{_text(", ".join(filter(None, (row.kind, " or ".join(row.launch)))))}</span>'
    lanes = "".join(_lane(row, sdks, resolution) for sdks, resolution in alike(row))
    return (
        f'<article class="workload"{" data-violates" if row.violates else ""}>\n'
        f"<header><h2><bdi>{_text(row.name or '(no name)')}</bdi></h2>{launch}"
        f"<code>{_place(row)}</code></header>\n{lanes}</article>\n"
    )


def _lane(row: Row, sdks: Sequence[str], resolution: Resolution) -> str:
    """The way of the SDKs that do the same."""
    state, words = _outcome(row, resolution)
    steps = "".join(_step(row, rank, source, resolution) for rank, source in enumerate(RANKS, 1))
    return (
        f'<section class="lane {state}" data-sdks="{_text(" ".join(sdks))}">\n'
        f'<p class="verdict"><strong>{_sign(state)}{words}</strong> '
        f'<span class="who">{_text(who(row, sdks))}</span></p>\n<ol class="steps">\n{steps}</ol>\n</section>\n'
    )


def _outcome(row: Row, resolution: Resolution) -> tuple[str, str]:
    """What an SDK does, as a state and in words for the page."""
    used = _LABELS.get(resolution.source)
    if resolution.error is not None:
        return "stops", f"Stops: {_text(_ERRORS.get(resolution.error, resolution.error))}"
    if used is None:
        return "nothing", "Finds no credentials"
    if not is_worse(resolution.source, row.best):
        return "good", f"Uses the {used}"
    there = any(entry.source == row.best for entry in row.entries)
    return "bad", f"Uses the {used}; {'the' if there else 'a'} {_LABELS[row.best]} would be better"


def _step(row: Row, rank: int, source: str, resolution: Resolution) -> str:
    entries = [entry for entry in row.entries if entry.source == source]
    used = source == resolution.source
    at = RANKS.index(resolution.source) + 1 if resolution.source in RANKS else 0  # where the search ends, if known
    after = 0 < at < rank
    kind = "used" if used else ("shadowed" if entries else "after absent") if after else "" if entries else "absent"
    lost = "shadowed" if after else "passed over"
    marks = [
        _mark("wins", "wins") if used else _mark("", lost) if at and entries else "",
        _mark("best", "best") if source == row.best else "",
        _mark("maybe", "not certain") if entries and not any(entry.certain for entry in entries) else "",
    ]
    shown = "".join(marks)
    found = "".join(map(_found, entries))
    return (
        f'<li class="step {kind}"><span class="dot" aria-hidden="true">{rank}</span>'
        f'<span class="kind">{_LABELS[source]}</span>'
        + (f'<span class="marks">{shown}</span>' if shown else "")
        + (f'<ul class="found">{found}</ul>' if found else '<span class="none">none is seen</span>')
        + "</li>\n"
    )


def _mark(kind: str, words: str) -> str:
    sign = _sign(kind) if kind in _SIGNS else ""
    return f'<span class="mark {kind}">{sign}{words}</span>'


def _found(entry: Entry) -> str:
    name = f'<code class="name"><bdi>{_text(entry.name)}</bdi></code>' if entry.name else ""
    return f'<li>{name}<code class="place">{_place(entry)}</code></li>'


def _place(what: Row | Entry) -> str:
    """A path and a line; a long path goes on in the next line after a slash."""
    return f"<bdi>{'/<wbr>'.join(map(_text, what.path.split('/')))}</bdi>:{what.line}"
