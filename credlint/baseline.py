"""The baseline: findings that were there when somebody began, and are not shown.

The file is JSON with a line for each finding: its path from the folder in which credlint ran, its
rule, and a salted hash of its fingerprint. There is no line number in it, so it stays right when
lines move; and no secret.
"""

from __future__ import annotations

import os

from .config import ConfigError
from .files import MAX_SIZE, Unreadable, decode, normal, read_bytes
from .finding import Report, Silenced
from .fingerprint import fingerprints
from .node import Scalar, Seq
from .text import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .finding import Finding
    from .node import Node
    from .redact import Redactor
    from .text import Span

_VERSION = 1
_FIELDS = ("path", "rule", "fingerprint")


class Baseline:
    """A baseline that was read. It remembers which of its lines were needed."""

    __slots__ = ("_entries", "_used", "path", "salt")

    def __init__(self, path: str, salt: str, entries: dict[str, tuple[Span, str, str]]) -> None:
        self.path = path
        self.salt = salt
        self._entries = entries  # by the hash: where it stands, the finding's path, its rule
        self._used: set[str] = set()

    def known(self, findings: Sequence[Finding], redactor: Redactor) -> list[bool]:
        """Whether each of the findings is in it. All that may be alike are to be asked for together."""
        prints = [_salted(self.salt, fingerprint) for fingerprint in fingerprints(findings, redactor)]
        self._used.update(prints)
        return [fingerprint in self._entries for fingerprint in prints]

    @property
    def idle(self) -> bool:
        """Whether nothing was known by it."""
        return self._used.isdisjoint(self._entries)

    def unused(self) -> Iterator[tuple[Span, str, str]]:
        """The lines that nothing was known by: their place, the path and the rule."""
        return (entry for fingerprint, entry in self._entries.items() if fingerprint not in self._used)

    def left(self, report: Report) -> Iterator[tuple[str, str, str]]:
        """The lines that nothing was known by, and of which the report does not say so: the run was not about them."""
        told = {finding.span.place for finding in report.findings if finding.span.path == self.path}
        if told and self.idle:  # that is said of all of them at once
            return
        for fingerprint, (span, path, rule) in self._entries.items():
            if fingerprint not in self._used and span.place not in told:
                yield path, rule, fingerprint


def load(path: str) -> Baseline:
    """Read a baseline. ConfigError when it cannot be read or is none."""
    from .readers import json

    wrong = ConfigError(f"{path}: it is no baseline; delete it and make one with --write-baseline")
    try:
        source = Source(normal(path), decode(read_bytes(path, MAX_SIZE)))
    except Unreadable as error:
        raise ConfigError(f"{path}: {error}") from None
    document = json.read(source)
    root = document.roots[0] if document.roots else None
    version, salt, findings = (_field(root, name) for name in ("version", "salt", "findings"))
    if document.problems or version != _VERSION or not isinstance(salt, str) or not isinstance(findings, Seq):
        raise wrong
    entries: dict[str, tuple[Span, str, str]] = {}
    for entry in findings:
        found, rule, fingerprint = (_field(entry, name) for name in _FIELDS)
        if not (isinstance(found, str) and isinstance(rule, str) and isinstance(fingerprint, str)):
            raise wrong
        entries[fingerprint] = (entry.span, found, rule)
    return Baseline(source.path, salt, entries)


def new_salt() -> str:
    """What makes the hashes of one baseline no use for guessing at another's."""
    return os.urandom(8).hex()


def accept(report: Report, salt: str, old: Baseline | None) -> tuple[str, int, Report]:
    """The text of a baseline with all that the report shows or the old one silenced, its lines, the report with it.

    What the old one knows of files and rules that the run was not about is kept.
    """
    from json import dumps

    from .redact import Redactor

    redactor = Redactor(report.secrets)
    # What is said of the lines of the old one is no longer true.
    findings = [finding for finding in report.findings if old is None or finding.span.path != old.path]
    silenced = [*report.silenced, *(Silenced(finding, "baseline") for finding in findings)]
    prints = fingerprints([entry.finding for entry in silenced], redactor)
    lines = [
        (redactor.text(entry.finding.span.path), entry.finding.rule.id, _salted(salt, fingerprint))
        for entry, fingerprint in zip(silenced, prints)
        if entry.by == "baseline"
    ]
    if old is not None and old.salt == salt:
        lines.extend(old.left(report))
    body = ",\n    ".join(dumps(dict(zip(_FIELDS, line)), ensure_ascii=False) for line in sorted(lines))
    held = f"[\n    {body}\n  ]" if body else "[]"
    text = f'{{\n  "version": {_VERSION},\n  "salt": {dumps(salt)},\n  "findings": {held}\n}}\n'
    accepted = Report(
        (),
        silenced,
        checked=report.checked,
        context=report.context,
        skipped=report.skipped,
        notes=report.notes,
        secrets=report.secrets,
    )
    return text, len(lines), accepted


def _salted(salt: str, fingerprint: str) -> str:
    from hashlib import sha256  # costs start-up

    return sha256(f"{salt}\0{fingerprint}".encode()).hexdigest()[:32]


def _field(node: Node | None, name: str) -> object:
    field = node.get(name) if node is not None else None
    return field.value if isinstance(field, Scalar) else field
