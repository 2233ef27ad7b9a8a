"""The table of formats: how a file is told, before any parser is imported.

A format is one module of this package with a `read(sources, files) -> Facts`. What belongs
together is read together: the files of a Terraform folder, or one file.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from itertools import product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..files import Files
    from ..model import Facts
    from ..text import Source


class Format:
    """One row: the module's name, the patterns of the file's name, the signs of its text.

    A pattern is a file name with `*`, or a path's end (`.aws/config`); case does not
    matter. With signs, one of them must stand in the text, and with `besides` one of these
    as well; with openings, the first line that is no comment must begin with one of them: then
    the name may end as a program's does. `by_folder` formats read all the files of a folder
    that fit as one unit. `named_only` formats read a file only when it was named on the command line.
    """

    __slots__ = ("_ends", "_others", "besides", "by_folder", "name", "named_only", "openings", "patterns", "signs")

    def __init__(
        self,
        name: str,
        *patterns: str,
        signs: tuple[str, ...] = (),
        openings: tuple[str, ...] = (),
        besides: tuple[str, ...] = (),
        by_folder: bool = False,
        named_only: bool = False,
    ) -> None:
        self.name = name
        self.patterns = tuple(pattern.lower() for pattern in patterns)
        self.signs = signs
        self.openings = openings
        self.besides = besides
        self.by_folder = by_folder
        self.named_only = named_only
        # Most patterns are an end of the path, and those are looked at all at once.
        ends: list[str] = []
        self._others: list[tuple[str, str]] = []
        for pattern in self.patterns:
            first, star, rest = pattern.rpartition("*")
            if first:
                self._others.append((_mark(pattern), pattern))
            else:
                ends.append(rest if star else "/" + rest)
        self._ends = tuple(ends)

    def takes(self, path: str) -> bool:
        """Whether a path, in lower case and behind a "/", has one of the names."""
        return path.endswith(self._ends) or any(mark in path and _fits(path, pattern) for mark, pattern in self._others)

    def read(self, sources: Sequence[Source], files: Files) -> Facts:
        """What the unit says. Never raises for a bad text: what cannot be read is in `problems`."""
        module = import_module(f"{__name__}.{self.name}")
        facts: Facts = module.read(sources, files)
        facts.where = self.name
        return facts


def _mark(pattern: str) -> str:
    """The longest part of a pattern that a path must hold."""
    first, *rest = pattern.split("*")
    return max("/" + first if first else "", *rest, key=len)


# What stands in a text of any kind that may hold a key.
_SIGNS = ("AKIA", "ASIA", "ecret", "ECRET", "ABSK", "bedrock-api-key-", "QUtJQ")
# What stands in a text that builds an image and hands over an argument.
BUILDS = "build-arg"

# The first row that fits wins. A new format is one row here and one module beside this one.
FORMATS = (
    Format("dockerfile", "Dockerfile", "Dockerfile.*", "*.Dockerfile", "Containerfile*"),
    # The image of a program in that language, or a program about Dockerfiles (`from dockerfile import ...`).
    Format("dockerfile", "Dockerfile.*", "Dockerfile-*", "Dockerfile_*", openings=("FROM ", "ARG ")),
    Format("terraform", "*.tf", "*.tofu", "*.tfvars", "*.tf.json", "*.tofu.json", "*.tfvars.json", by_folder=True),
    # States, and plans as JSON: before task definitions, whose words they hold.
    Format("tfplan", "*.tfstate", "*.tfstate.backup"),
    Format("tfplan", "*.json", signs=('"planned_values"',)),
    Format("dotenv", ".env", ".env.*", "*.env", ".envrc"),
    Format(
        "compose",
        "compose*.yml",
        "compose*.yaml",
        "docker-compose*.yml",
        "docker-compose*.yaml",
        signs=(*_SIGNS, "TOKEN", "AWS_", "/.aws", "env_file", "extends", "include", "dockerfile_inline"),
    ),
    Format("console_csv", "*credentials.csv", "rootkey.csv", "*accessKeys*.csv"),
    Format("shared_config", ".aws/credentials", ".aws/config", "*passwd-s3fs"),
    Format(
        "shared_config",
        "credentials",
        "credentials.*",
        "config",
        "*.ini",
        "*.cfg",
        ".boto",
        ".s3cfg",
        "rclone.conf",
        signs=("aws_", "AWS_", "ecret", "ECRET", "profile ", "access_key", "ACCESS_KEY"),
    ),
    Format(
        "copilot",
        "manifest.yml",
        "manifest.yaml",
        signs=("Web Service", "Backend Service", "Worker Service", "Scheduled Job"),
        besides=(*_SIGNS, "AWS_", "RoleArn"),
    ),
    Format("ecs_params", "*ecs-params*.yml", "*ecs-params*.yaml"),
    # A workflow of GitHub, or of what runs the same.
    Format(
        "github",
        "*.yml",
        "*.yaml",
        signs=(*_SIGNS, "aws-access-key-id", "environment-variables", BUILDS),
        besides=("runs-on:",),
    ),
    Format(
        "cloudformation",
        "*.json",
        "*.json.*",
        "*.yml",
        "*.yaml",
        "*.template",
        signs=("AWSTemplateFormatVersion", "AWS::Serverless", "Type: AWS::", "Type: 'AWS::", '"AWS::'),
    ),
    Format(
        "ecs",
        "*.json",
        "*.jsonc",
        "*.json.*",
        "*.yml",
        "*.yaml",
        "*.template",
        signs=(
            "ontainerDefinitions",
            "executionRoleArn",
            "taskRoleArn",
            "ExecutionRoleArn",
            "TaskRoleArn",
            "jobRoleArn",
            "containerOverrides",
        ),
    ),
    # A list of container definitions, and nothing else.
    Format(
        "ecs",
        "*.json",
        "*.json.*",
        "*.template",
        signs=('"image"',),
        besides=('"essential"', '"portMappings"', '"logConfiguration"'),
    ),
    Format("kubernetes", "*.yml", "*.yaml", signs=(*_SIGNS, BUILDS), besides=("apiVersion:",)),
    Format("kubernetes", "values*.yml", "values*.yaml", signs=_SIGNS),
    Format(
        "shared_config",
        "credentials-*",
        "aws_credentials",
        signs=("[default]", "[profile ", "]\naws_access_key_id", "]\naws_secret_access_key"),
    ),
    # CI files of every kind, and scripts: told by the option, not by their names.
    Format("builds", "*.yml", "*.yaml", "*.sh", "*.bash", signs=(BUILDS,)),
    # Where these hold something like a key they are searched as text; anything else only when it is named.
    Format(
        "plain",
        "*.json",
        "*.jsonc",
        "*.hcl",
        "*.tfbackend",
        "*.json.*",
        "*.yml",
        "*.yaml",
        "*.template",
        "*.sh",
        "*.bash",
        "*.bat",
        "*.cmd",
        "*.ps1",
        "*.ipynb",
        "*.jsonnet",
        "*.libsonnet",
        "*.toml",
        "*.properties",
        signs=_SIGNS,
    ),
    Format("plain", ".netrc", "_netrc", signs=(*_SIGNS, "git-codecommit")),
    Format("plain", "*", named_only=True),
)


# What several signs have in common: where that is not, none of them is.
_COMMON = {
    "AWS::Serverless": "AWS::",
    "Type: AWS::": "AWS::",
    "Type: 'AWS::": "AWS::",
    '"AWS::': "AWS::",
    "executionRoleArn": "RoleArn",
    "taskRoleArn": "RoleArn",
    "ExecutionRoleArn": "RoleArn",
    "TaskRoleArn": "RoleArn",
    "jobRoleArn": "RoleArn",
    "ontainerDefinitions": "ontainer",
    "containerOverrides": "ontainer",
}

# All the signs that begin with this letter: together they cost as much as one of them. To compile it takes a
# large text to pay.
_LETTER_A = rb"A(?:KIA|SIA|BSK|WS::|WS_|WST|CCESS_KEY)"
_LARGE = 200_000  # bytes
_HEAD = 20_000  # characters in which the first instruction stands

# What is a text, or a program, about such files, whatever its name begins with.
_TEXTS = (".md", ".rst", ".html", ".patch", ".diff", ".dockerignore")
_PROGRAMS = (".py", ".go", ".js", ".ts", ".rb", ".java")


def by_name(path: str, *, named: bool = False) -> tuple[Format, ...]:
    """The formats that a file of that name may have, in order. `named`: somebody asked for this very file."""
    lower = "/" + path.lower()
    is_text, is_program = lower.endswith(_TEXTS), lower.endswith(_PROGRAMS)
    if is_text and not named:
        return ()
    return tuple(
        format
        for format in FORMATS
        if (named or not format.named_only)
        and (not is_text or format.name == "plain")
        and (not is_program or format.openings or (named and format.name == "plain"))
        and format.takes(lower)
    )


def may_be(format: Format, path: str) -> bool:
    """Whether a file of that name, which nobody asked for, may have a format."""
    lower = "/" + path.lower()
    return format.takes(lower) and format in by_name(path)


def detect(path: str, text: str | bytes, *, named: bool = False) -> Format | None:
    """The format of a file by its name and its text, or None when it is of no interest.

    The text may still be in bytes: most files hold no sign of anything, and are not even decoded.
    """
    looked = _Looked(text)
    for format in by_name(path, named=named):
        if looked.has_any(format.signs) and looked.has_any(format.besides) and looked.begins(format.openings):
            return format
    return None


class _Looked:
    """A text in which signs are looked for, each once. What several have in common is looked for first."""

    __slots__ = ("_known", "_text")

    def __init__(self, text: str | bytes) -> None:
        self._text = text
        self._known: dict[str, bool] = {}
        if len(text) > _LARGE and isinstance(text, bytes) and not re.search(_LETTER_A, text):
            self._known = {sign: False for format in FORMATS for sign in format.signs if sign[0] == "A"}

    def has_any(self, signs: tuple[str, ...]) -> bool:
        return not signs or any(map(self._has, signs))

    def begins(self, openings: tuple[str, ...]) -> bool:
        """Whether the first line that is no comment begins with one of these."""
        if not openings:
            return True
        text = self._text[:_HEAD]
        lines = (text if isinstance(text, str) else text.decode("utf-8-sig", "replace")).splitlines()
        first = next((line for line in map(str.strip, lines) if line and not line.startswith("#")), "")
        return first.startswith(openings)

    def _has(self, sign: str) -> bool:
        found = self._known.get(sign)
        if found is None:
            common = _COMMON.get(sign)
            if common is not None and not self._has(common):
                found = False
            else:
                text = self._text
                found = sign.encode() in text if isinstance(text, bytes) else sign in text
            self._known[sign] = found
        return found


def of_interest(paths: Sequence[str]) -> set[int]:
    """Which of the paths, by their numbers, have a name that a format has.

    A repository has a hundred files for one of ours. So first the last three characters are
    looked at, and only what could be of interest by them is looked at closely.
    """
    tails, ends, marks = _quick_signs()
    close = [number for number, path in enumerate(paths) if path[-3:] in tails]
    hits = {number for number in close if f"/{paths[number]}".lower().endswith(ends)}
    everything = ("/" + "\0/".join(paths)).lower()
    for mark in marks:
        number = counted = 0
        at = everything.find(mark)
        while at >= 0:
            number += everything.count("\0", counted, at)
            counted = at
            if number not in hits and by_name(paths[number]):
                hits.add(number)
            at = everything.find(mark, at + 1)
    return hits


@cache
def _quick_signs() -> tuple[set[str], tuple[str, ...], list[str]]:
    """What the names of interest end in, their last three characters, and what those hold that may end in anything."""
    tails: set[str] = set()
    ends: list[str] = []
    marks: set[str] = set()
    for format in FORMATS:
        for pattern in () if format.named_only else format.patterns:
            first, *rest = pattern.lower().split("*")
            end = rest[-1] if rest else "/" + first
            if (first and rest) or len(rest) > 1 or len(end) < 3:
                marks.add(_mark(pattern.lower()))
            elif end not in ends:
                ends.append(end)
                tails.update("".join(chars) for chars in product(*({char, char.upper()} for char in end[-3:])))
    return tails, tuple(ends), sorted(marks)


def _fits(path: str, pattern: str) -> bool:
    """Whether a path that starts with "/" ends in the pattern, from a "/" on."""
    if "/" in pattern:
        return path.endswith("/" + pattern)
    name = path.rpartition("/")[2]
    first, *rest = pattern.split("*")
    if not rest:
        return name == first
    if not name.startswith(first) or not name.endswith(rest[-1]):
        return False
    at, end = len(first), len(name) - len(rest[-1])
    for middle in rest[:-1]:
        found = name.find(middle, at, end)
        if found < 0:
            return False
        at = found + len(middle)
    return at <= end
