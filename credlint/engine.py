"""The whole way of a run, in order. The one file to read first.

paths → discover → formats (readers) → Facts → resolve → Project → rules → silence → Report
"""

from __future__ import annotations

import os

from . import config as configuration
from . import discover, fault, formats, registry, resolve, silence
from .files import Files, Unreadable, Unsuitable, normal
from .finding import Report, Severity
from .model import Facts
from .text import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .baseline import Baseline
    from .config import Config
    from .discover import Discovery
    from .finding import Finding
    from .formats import Format
    from .model import Project
    from .redact import Redactor

_UNREADABLE = "SCAN901"
_MOST_SKIPPED = 5  # names of skipped files that are told


def check(
    paths: list[str],
    config: Config | None = None,
    *,
    overlay: Mapping[str, str] | None = None,
    baseline: Baseline | None = None,
) -> Report:
    """Lint files and folders. `overlay` holds texts that stand for files, by path.

    ConfigError when the configuration that lies about cannot be used.
    """
    if config is None:
        config = configuration.load(os.curdir)
    root = discover.root_of(paths[0] if paths else os.curdir)
    found = discover.discover(paths, config, overlay=overlay or {})
    files = Files(root, overlay=overlay, max_size=config.max_file_size, variable_files=config.var_files)
    report = lint(
        files,
        found.targets,
        config,
        skipped=found.skipped,
        unread=found.unread,
        faults=found.faults,
        baseline=baseline,
        whole=found.whole,
    )
    report.notes += tuple(_nothing_to_check(paths, found, config, report))
    return report


def _nothing_to_check(paths: list[str], found: Discovery, config: Config, report: Report) -> Iterator[str]:
    """What to say of folders in which nothing is checked: a clean result does not speak for them."""
    for folder, number in found.excluded:
        files = "1 file is" if number == 1 else f"{number} files are"
        yield f"no files to check in {folder}: {files} excluded by {config.path or 'the configuration'}"
    if report.checked or report.skipped or report.faults or found.unread or found.excluded:
        return
    number = len(found.targets)
    if number:
        why = f"{'1 file has' if number == 1 else f'{number} files have'} a fitting name, and nothing in "
        why += f"{'it' if number == 1 else 'them'} that credlint reads"
    else:
        why = 'no file has a name that credlint reads; "include" adds names'
    yield f"no files to check in {', '.join(paths)}: {why}"


def lint(
    files: Files,
    targets: Sequence[tuple[str, bool]],
    config: Config,
    *,
    skipped: Iterable[tuple[str, str]] = (),
    unread: Iterable[tuple[str, str]] = (),
    faults: Iterable[str] = (),
    baseline: Baseline | None = None,
    whole: bool = False,
) -> Report:
    """Lint these files: each with whether somebody named it. A named file that cannot be read is a fault.

    `skipped` are files that are left out on purpose, `unread` what could not be looked into, with the reasons.

    `whole`: all the files are there for which the configuration is made, so that an entry
    of its ignore table that silences nothing can be told.
    """
    reading = _read(files, targets, config)
    faults = [*faults, *reading.faults]
    skipped, unread = [*skipped, *reading.skipped], [*unread, *reading.unread]
    sources = reading.sources
    project, secrets = resolve.resolve(reading.facts, files, config.sdks)
    selected = config.rules()
    findings = _once(finding for finding in _run_rules(project, selected, faults) if _concerns(finding, sources))
    if _UNREADABLE in selected:
        findings += _not_read(unread)
    else:  # a clean result must not speak for them in silence
        skipped += unread
        unread = []
    kept, silenced, unused = silence.apply(
        findings,
        sources.values(),
        config,
        tasks=project.tasks,
        baseline=baseline,
        secrets=secrets,
        whole=whole and not unread,
    )
    return Report(
        [finding for finding in (*kept, *unused) if config.pedantic or not finding.pedantic],
        [entry for entry in silenced if config.pedantic or not entry.finding.pedantic],
        checked=len(sources),
        context=len(files.context - sources.keys()),
        skipped=len(skipped) + len(unread) + reading.named_and_skipped,
        faults=faults,
        notes=_skipped(skipped),
        secrets=secrets,
    )


def _not_read(unread: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """A finding for each file or folder that could not be opened: there is no text, so it stands at its beginning."""
    for path, reason in sorted(unread):
        yield registry.get(_UNREADABLE).finding(
            Source(path, "").span(0, 0),
            f"nothing of it could be read: {reason}",
            "give the user that runs credlint the right to read it, or exclude it",
            severity=Severity.WARNING,
        )


def _skipped(skipped: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Which files were left out, and why."""
    if not skipped:
        return ()
    shown = "; ".join(f"{path} ({reason})" for path, reason in sorted(skipped)[:_MOST_SKIPPED])
    more = f"; and {len(skipped) - _MOST_SKIPPED} more" if len(skipped) > _MOST_SKIPPED else ""
    return (f"skipped: {shown}{more}",)


class _Reading:
    """What the files of a run say, and what could not be read of them."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.facts: list[Facts] = []
        self.faults: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        self.unread: list[tuple[str, str]] = []
        self.named_and_skipped = 0


def _read(files: Files, targets: Sequence[tuple[str, bool]], config: Config) -> _Reading:
    """Read the files, each with whether somebody named it."""
    found = _Reading()
    units: dict[tuple[str, str], list[Source]] = {}
    kinds: dict[str, Format] = {}
    for path, named in targets:
        try:
            format = formats.detect(path, files.look(path), named=named or _included(path, config))
            if format is None:
                continue
            source = files.target(path)
        except Unreadable as error:
            if named:
                found.faults.append(f"{path}: {error}")
                found.named_and_skipped += 1
            elif isinstance(error, Unsuitable):
                found.skipped.append((path, str(error)))
            else:
                found.unread.append((path, str(error)))
            continue
        found.sources[source.path] = source
        kinds[format.name] = format
        unit = os.path.dirname(source.path) if format.by_folder else source.path
        units.setdefault((format.name, unit), []).append(source)

    for (name, unit), members in units.items():
        format = kinds[name]
        if format.by_folder:
            members = _whole_folder(format, unit, members, files)
        try:
            found.facts.append(format.read(members, files))
        except Exception as error:  # our own fault: it is told, the exit code is 2, and nothing else is lost
            found.faults.append(f"{fault.where(error)} while reading {unit or '.'}")
            found.facts.append(Facts(texts=members))
    return found


def read(paths: list[str], config: Config) -> tuple[Project, Redactor, list[str]]:
    """What files and folders say of workloads, roles and keys, what must not be shown, and the faults."""
    from .redact import Redactor

    root = discover.root_of(paths[0] if paths else os.curdir)
    found = discover.discover(paths, config)
    files = Files(root, max_size=config.max_file_size, variable_files=config.var_files, all_workloads=True)
    reading = _read(files, found.targets, config)
    project, secrets = resolve.resolve(reading.facts, files, config.sdks)
    return project, Redactor(secrets), [*found.faults, *reading.faults]


def _included(path: str, config: Config) -> bool:
    return bool(config.include) and config.includes(path)


def _whole_folder(format: Format, folder: str, members: list[Source], files: Files) -> list[Source]:
    """All the files of the folder that belong to the unit: the targets, and the others as context."""
    known = {source.path: source for source in members}
    for name in files.listdir(folder or os.curdir):
        path = normal(os.path.join(folder, name))
        if path not in known and formats.may_be(format, path):
            source = files.read(path)
            if source is not None:
                known[path] = source
    return [known[path] for path in sorted(known)]


def _run_rules(project: Project, selected: set[str], faults: list[str]) -> list[Finding]:
    findings: list[Finding] = []
    for rule in registry.rules():
        if rule.id in selected:
            try:
                findings.extend(rule.check(project))
            except Exception as error:  # as above: one rule's fault is not the others'
                faults.append(f"{fault.where(error)} in rule {rule.id}")
    return findings


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """One finding of a rule for a place: a module that is called ten times has its fault once."""
    found: dict[object, Finding] = {}
    for finding in findings:
        found.setdefault((finding.rule.id, finding.span.place), finding)
    return list(found.values())


def _concerns(finding: Finding, targets: Mapping[str, Source]) -> bool:
    """Whether a finding touches one of the files that were asked for."""
    return finding.span.path in targets or any(place.span.path in targets for place in finding.related)
