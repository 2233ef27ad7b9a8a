"""The table of formats: how a file is told, before any parser is imported.

A format is one module of this package with a `read(sources, files) -> Facts`. What belongs
together is read together: the files of a Terraform folder, or one file.
"""

from __future__ import annotations

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
    matter. With signs, one of them must stand in the text; with openings, the first line that
    is no comment must begin with one of them: then the name may end as a program's does.
    `by_folder` formats read all the files of a folder that fit as one unit. `named_only` formats
    read a file only when it was named on the command line.
    """

    __slots__ = ("by_folder", "name", "named_only", "openings", "patterns", "signs")

    def __init__(
        self,
        name: str,
        *patterns: str,
        signs: tuple[str, ...] = (),
        openings: tuple[str, ...] = (),
        by_folder: bool = False,
        named_only: bool = False,
    ) -> None:
        self.name = name
        self.patterns = tuple(pattern.lower() for pattern in patterns)
        self.signs = signs
        self.openings = openings
        self.by_folder = by_folder
        self.named_only = named_only

    def is_told_by(self, text: str) -> bool:
        """Whether a text is of this format, as far as a glance tells, if the file's name is."""
        if self.openings:
            lines = (line.strip() for line in text.splitlines())
            first = next((line for line in lines if line and not line.startswith("#")), "")
            return first.startswith(self.openings)
        return not self.signs or any(sign in text for sign in self.signs)

    def read(self, sources: Sequence[Source], files: Files) -> Facts:
        """What the unit says. Never raises for a bad text: what cannot be read is in `problems`."""
        module = import_module(f"{__name__}.{self.name}")
        facts: Facts = module.read(sources, files)
        facts.where = self.name
        return facts


# What stands in a text of any kind that may hold a key.
_SIGNS = ("AKIA", "ASIA", "ecret", "ECRET", "ABSK", "bedrock-api-key-", "QUtJQ")

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
        signs=(*_SIGNS, "TOKEN", "env_file", "extends", "include", "dockerfile_inline"),
    ),
    # CI files of every kind, and scripts: told by the option, not by their names.
    Format("builds", "*.yml", "*.yaml", "*.sh", signs=("build-arg",)),
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
            "containerOverrides",
            '"essential"',
            '"portMappings"',
            '"logConfiguration"',
        ),
    ),
    Format("kubernetes", "*.yml", "*.yaml", signs=("apiVersion:",)),
    Format("kubernetes", "values*.yml", "values*.yaml", signs=_SIGNS),
    Format(
        "shared_config",
        "credentials-*",
        "aws_credentials",
        signs=("[default]", "[profile ", "]\naws_access_key_id", "]\naws_secret_access_key"),
    ),
    # Where these hold something like a key they are searched as text; anything else only when it is named.
    Format(
        "plain",
        "*.json",
        "*.jsonc",
        "*.jsonnet",
        "*.libsonnet",
        "*.hcl",
        "*.tfbackend",
        "*.json.*",
        "*.yml",
        "*.yaml",
        "*.template",
        "*.sh",
        "*.toml",
        "*.properties",
        signs=_SIGNS,
    ),
    Format("plain", "*", named_only=True),
)


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
        and any(_fits(lower, pattern) for pattern in format.patterns)
    )


def detect(path: str, text: str, *, named: bool = False) -> Format | None:
    """The format of a file by its name and its text, or None when it is of no interest."""
    for format in by_name(path, named=named):
        if format.is_told_by(text):
            return format
    return None


def of_interest(paths: Sequence[str]) -> set[int]:
    """Which of the paths, by their numbers, have a name that a format has.

    A repository has a hundred files for one of ours. So first the last three characters are
    looked at, and only what could be of interest by them is looked at closely.
    """
    tails, ends, marks = _quick_signs()
    close = [number for number, path in enumerate(paths) if path[-3:] in tails]
    hits = {number for number in close if f"/{paths[number]}".lower().endswith(ends)}
    everything = ("/" + "\0/".join(paths)).lower()
    marks = [mark for mark in marks if mark in everything]
    if marks:
        for number, path in enumerate(everything.split("\0")):
            for mark in marks:
                if mark in path and by_name(paths[number]):
                    hits.add(number)
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
                marks.add(max("/" + first if first else "", *rest, key=len))
            else:
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
