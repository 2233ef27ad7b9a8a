"""Reads the examples out of a rule's page: small projects, with the marks that they should bear.

A fenced block with a path is a file; blocks that follow each other are one project, until a
path comes again or a heading. A line of carets below a line marks a finding's primary
place and is followed by its message; a line of tildes marks a related place.

The documented example keys of AWS are never findings. So the examples are written with
them, and they are swapped for made-up plausible ones before linting, and back after.
`AKIAI44QH8DHBEXAMPLE` and its secret stay as they are: with them a case shows the silence.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

_PART = re.compile(
    r"^#+ +(?P<title>[^\n]+)$|^```\w*(?: (?P<path>\S+))?\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"^[ \t]*[\^~]+ .*\n", re.MULTILINE)

BASE32 = string.ascii_uppercase + "234567"
BASE64 = string.ascii_letters + string.digits + "+/"
ACCOUNT = "123456789012"


def made_up_id(prefix: str = "AKIA", account: str = ACCOUNT, seed: int = 1) -> str:
    """A key id of the shape that AWS gives out, which encodes the account."""
    bits = 1 << 79 | int(account) << 39 | random.Random(seed).getrandbits(39)
    return prefix + "".join(BASE32[bits >> shift & 31] for shift in range(75, -1, -5))


def made_up_secret(seed: int = 1, length: int = 40) -> str:
    return "".join(random.Random(seed).choices(BASE64, k=length))


SWAPS = {
    "AKIAIOSFODNN7EXAMPLE": made_up_id(),
    "ASIAIOSFODNN7EXAMPLE": made_up_id("ASIA"),
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": made_up_secret(),
    "<EXAMPLE-CANARY-ID->": made_up_id(account="052310077262"),
    "<EXAMPLE-OF-AN-SES-SMTP-PASSWORD----------->": "BE" + made_up_secret(2, 42),
    "<EXAMPLE-OF-A-SERVICE-PASSWORD--------------->": made_up_secret(5, 43) + "=",
    "<IMPOSSIBLE-EXAMPLE>": "AKIA" + "0189" + made_up_id()[8:],
    "<EXAMPLE-OF-A-SESSION-TOKEN>": "IQoJb3JpZ2luX2Vj" + made_up_secret(3, 300),
    "<EXAMPLE-BEDROCK-API-KEY>": "ABSKQmVkcm9ja0FQSUtleS1" + made_up_secret(4, 110),
}


@dataclass(frozen=True)
class Example:
    """The files of one small project, with the marks that they should bear."""

    title: str
    files: dict[str, str]

    @property
    def plain(self) -> dict[str, str]:
        """The files as credlint is to read them."""
        return {path: swap(_MARK.sub("", text)) for path, text in self.files.items()}


def swap(text: str) -> str:
    for written, used in SWAPS.items():
        text = text.replace(written, used)
    return text


def swap_back(text: str) -> str:
    for written, used in SWAPS.items():
        text = text.replace(used, written)
    return text


def read(markdown: str) -> Iterator[Example]:
    title, files = "", dict[str, str]()
    end = 0
    for part in _PART.finditer(markdown):
        prose = markdown[end : part.start()].strip()
        end = part.end()
        if files and (part["title"] or prose or part["path"] in files):
            yield Example(title, files)
            files = {}
        title = part["title"] or title
        if prose and not part["title"]:
            title = f"{title.partition(':')[0]}: {' '.join(prose.split())[:60]}" if title else prose[:60]
        if part["path"]:
            files[part["path"]] = part["body"]
    if files:
        yield Example(title, files)
