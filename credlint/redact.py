"""The one way out for text: blots every credential in what is shown.

Two kinds of knowledge meet here. The places and texts of credentials that the run found
are never shown. And because the rules leave things alone that are secrets all the same,
whatever has the shape of a credential is blotted too, whichever rule fired. Of a key id
the first and the last four characters stay, so that its owner knows which one it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from . import aws

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .text import Source, Span

# Eight characters of a secret are too many: shorter ones say nothing.
_TOO_MANY = 8
# Of a longer secret only so much is looked for in other texts: no credential is longer, but a
# place can be a whole literal that has one inside.
_LONGEST = 4096
# How much of a line on both sides of a shown part decides what in the part is a secret.
_MARGIN = 200

_ID = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}")
# A run of what credentials are made of, as it is or escaped for JSON and URLs. `\n` is no part of it.
_RUN = re.compile(r"\\[nrt]|(?:[A-Za-z0-9+/_%-]+|\\/|\\u00[0-9A-Fa-f]{2})+={0,3}")
_LEAST_RUN = 28
_ESCAPE = re.compile(r"(?:%|\\u00)([0-9A-Fa-f]{2})|\\/")
_WORDS = re.compile(r"[A-Za-z0-9+/_%\\.~!-]+={0,3}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
# Secret access keys have 40 characters, the passwords for SMTP, CodeCommit and Keyspaces 44.
_SECRET_LENGTHS = (40, 44)
# What of a run is never random text: digests, numbers, the short parts of a path or a name, and
# the six characters that Secrets Manager adds to a name.
_PLAIN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z0-9]{1,3}|[0-9a-f]{4,}|[0-9A-F]{4,}|(?<=-)[A-Za-z0-9]{6})(?![A-Za-z0-9])"
    r"|[0-9A-F]{8}(?![A-Za-z0-9])|[0-9]{4,}"
)
_WORD = re.compile(r"(?:[A-Z]?[a-z]{3,}|[A-Z][a-z]{2}|[A-Z]{3,})[0-9]{0,2}|[0-9]{3}")
_WINDOW = 28


class Redactor:
    """Blots credentials in what is shown. `secrets` are the places of those that are known."""

    __slots__ = ("_grams", "_literals", "_places", "_said")

    def __init__(self, secrets: Iterable[Span] = ()) -> None:
        places: dict[str, list[tuple[int, int]]] = {}
        texts: set[str] = set()
        for secret in secrets:
            written = secret.origin()
            texts |= {secret.text, written.text}
            keep = 4 if _ID.fullmatch(written.text) else 0
            places.setdefault(written.path, []).append((written.start + keep, written.end - keep))
        self._places = {path: _merged(spans) for path, spans in places.items()}
        self._said: dict[str, str] = {}  # most messages and paths come more than once
        # Random text is found by any eight characters of it. A password made of words would then blot
        # every text that has such a word: it is looked for as a whole.
        self._grams: set[str] = set()
        self._literals: set[str] = set()
        for text in texts | {_unescaped(text) for text in texts}:
            random = [word for word in _WORDS.findall(text[:_LONGEST]) if _ID.fullmatch(word) or _is_secret(word)]
            for word in random:
                self._grams.update(word[at : at + _TOO_MANY] for at in range(len(word) - _TOO_MANY + 1))
            if random != [text] and len(text) >= _TOO_MANY:
                self._literals.add(text)

    def line(self, source: Source, number: int) -> str:
        """A line of a file, as wide as it is there: a star for each character of a credential."""
        return self.part(source.line_span(number))

    def part(self, span: Span) -> str:
        """A part of one line of a file, likewise. Long lines are not looked at as a whole."""
        source = span.source
        line = source.line_span(source.pos(span.start).line)
        start = max(line.start, span.start - _MARGIN)
        end = min(line.end, span.end + _MARGIN)
        text = source.text[start:end]
        hits = [(hit_start, hit_end) for hit_start, hit_end, _ in self._hits(text)]
        hits += [
            (known_start - start, known_end - start) for known_start, known_end in self._known(span.path, start, end)
        ]
        shown: list[str] = []
        at = 0
        for hit_start, hit_end in _merged(hits):
            hit_start, hit_end = max(hit_start, 0), min(hit_end, len(text))
            if hit_start >= hit_end:
                continue
            shown += text[at:hit_start], re.sub(r"\S", "*", text[hit_start:hit_end])
            at = hit_end
        shown.append(text[at:])
        return _visible("".join(shown)[span.start - start : span.end - start])

    def text(self, text: str) -> str:
        """A message, a path, a name: credentials and control characters replaced, line ends kept."""
        if text not in self._said:
            shown: list[str] = []
            at = 0
            for start, end, mark in self._hits(text):
                if start > at or not at:
                    shown += text[at:start], mark
                at = max(at, end)
            shown.append(text[at:])
            self._said[text] = _visible("".join(shown))
        return self._said[text]

    def _known(self, path: str, start: int, end: int) -> Sequence[tuple[int, int]]:
        """The known places of a file that may reach into a part of it."""
        places = self._places.get(path, [])
        return places[max(0, bisect_right(places, (start,)) - 1) : bisect_right(places, (end,))]

    def _hits(self, text: str) -> list[tuple[int, int, str]]:
        """What of a text must not be shown, in order, and what stands for it."""
        hits: list[tuple[int, int, str]] = []

        def id_out(match: re.Match[str]) -> str:
            if not aws.is_documented(match[0]):
                hits.append((match.start() + 4, match.end() - 4, "…"))
            return " " * len(match[0])

        def secret_out(match: re.Match[str]) -> str:
            start, end = match.span()
            if end - start >= _LEAST_RUN and _holds_secret(match[0], rest[max(0, start - 80) : start]):
                hits.append((start, end, "****"))
                return " " * (end - start)
            return match[0]

        # Each look is at what the one before has left: of ids, documented ones too, nothing more is hidden.
        rest = _ID.sub(id_out, text)
        rest = _RUN.sub(secret_out, rest)
        for literal in self._literals:
            at = rest.find(literal)
            while at >= 0:
                hits.append((at, at + len(literal), "****"))
                at = rest.find(literal, at + len(literal))
        if self._grams:
            hits += [
                (at, at + _TOO_MANY, "****")
                for at in range(len(rest) - _TOO_MANY + 1)
                if rest[at : at + _TOO_MANY] in self._grams
            ]
        hits.sort()
        return hits


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places in order, without overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _unescaped(text: str) -> str:
    """A text without the escapes of JSON and URLs."""
    if "\\" not in text and "%" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "/", text)


def _holds_secret(run: str, before: str) -> bool:
    """Whether a run of at least 28 characters is, or has in it, something like a secret."""
    run = _unescaped(run)
    if run.startswith(("ABSK", "bedrock-api-key-")):
        return True
    if run.islower() or run.isupper() or ("EXAMPLE" in run and len(run) <= _SECRET_LENGTHS[-1]):
        return False
    if re.search(r"arn:[\w-]*:iam::[^:\s]*:$", before):
        return _is_random(run)  # the name of a role or a policy
    pieces = {run, *_BASE64.findall(run)}
    words = pieces | {piece.removeprefix("/") for piece in pieces} | {piece.removesuffix("/") for piece in pieces}
    return any(map(_is_secret, words))


def _is_secret(word: str) -> bool:
    """Whether a word without escapes is a secret, by its looks.

    Measured on 55,480 names, paths and digests of infrastructure code and on random base64:
    fewer than 2 % of the former are taken for a secret, and of random words of 41 characters
    1 in 400 is not. A word as long as a secret has to be made of words throughout to pass: of
    1,500,000 random ones one was.
    """
    return _is_random(word) or (len(word) in _SECRET_LENGTHS and ("+" in word or _is_random(word, 1.0)))


def _is_random(text: str, words: float = 0.8) -> bool:
    """Whether some stretch of a text is less than so much made of words, or changes too often between kinds."""
    text = _PLAIN.sub("", text)
    if len(text) < 16:
        return False
    in_word = bytearray(len(text))
    for match in _WORD.finditer(text):
        in_word[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    ordinary = [flag for flag, char in zip(in_word, text) if char.isalnum()]
    if _least(ordinary) < words * min(_WINDOW, len(ordinary)):
        return True
    kinds = [char.isdigit() + 2 * char.isupper() + 4 * char.islower() for char in text]
    constant = [before == after for before, after in zip(kinds, kinds[1:])]
    return _least(constant) <= 0.43 * min(_WINDOW, len(constant))


def _least(values: Sequence[int]) -> int:
    """The smallest sum of as many neighbours as the window has."""
    total = least = sum(values[:_WINDOW])
    for gone, new in zip(values, values[_WINDOW:]):
        total += new - gone
        least = min(least, total)
    return least


def _visible(text: str) -> str:
    """A text of the same width in which nothing steers a terminal, turns the direction of writing or hides."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else _stand_in(char) for char in text)


def _stand_in(char: str) -> str:
    if char.isspace():
        return " "
    return "\ufffd" if "\ud800" <= char <= "\udfff" else "·"  # a lone surrogate cannot be written out
