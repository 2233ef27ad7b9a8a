"""Which AWS SDKs a program uses, by the files in which its language lists what it depends on."""

from __future__ import annotations

import re

from . import lazy
from .files import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .files import Files
    from .text import Source, Span

_MOST_FILES = 30  # of a folder that are read

_NODE = {
    "js-v2": lazy.pattern(r'(?m)"(?:node_modules/)?aws-sdk"\s*:|^"?aws-sdk@'),
    "js-v3": lazy.pattern(r'(?m)"(?:node_modules/)?@aws-sdk/(?:client|lib)-[a-z0-9-]+"\s*:|^"?@aws-sdk/client-'),
}
_PYTHON = {
    "boto3": lazy.pattern(r"(?m)^[ \t]*(?:aio)?boto(?:3|core)(?![\w.-])"),
    "awscli-v1": lazy.pattern(r"(?m)^[ \t]*awscli(?![\w.-])"),
}
_PYTHON_PROJECT = {
    "boto3": lazy.pattern(r"""(?m)^[ \t]*(?:[^#\n]*["'])?(?:aio)?boto(?:3|core)(?![\w.-])"""),
    "awscli-v1": lazy.pattern(r"""(?m)^[ \t]*(?:[^#\n]*["'])?awscli(?![\w.-])"""),
}
_JAVA = {
    "java-v1": lazy.pattern(r"com\.amazonaws\s*(?:</groupId>\s*<artifactId>|:)\s*aws-java-sdk"),
    "java-v2": lazy.pattern(r"software\.amazon\.awssdk\s*(?:</groupId>|:)"),
    "kotlin": lazy.pattern(r"aws\.sdk\.kotlin\s*(?:</groupId>|:)"),
}
# By the end of a file's name: the SDKs, and how their packages are called in it.
_LISTS: dict[str, dict[str, re.Pattern[str]]] = {
    "go.mod": {
        "go-v1": lazy.pattern(r"\bgithub\.com/aws/aws-sdk-go\s+v1\."),
        "go-v2": lazy.pattern(r"\bgithub\.com/aws/aws-sdk-go-v2\s+v"),
    },
    "package.json": _NODE,
    "package-lock.json": _NODE,
    "yarn.lock": _NODE,
    "requirements.txt": _PYTHON,
    "Pipfile": _PYTHON,
    "pyproject.toml": _PYTHON_PROJECT,
    "uv.lock": _PYTHON_PROJECT,
    "poetry.lock": _PYTHON_PROJECT,
    "pom.xml": _JAVA,
    "build.gradle": _JAVA,
    "build.gradle.kts": _JAVA,
    "Gemfile": {"ruby": lazy.pattern(r"""(?m)^[ \t]*gem[ \t(]+["']aws-sdk(?:-\w+)?["']""")},
    "Gemfile.lock": {"ruby": lazy.pattern(r"(?m)^[ \t]+aws-sdk-core \(3")},
    "composer.json": {"php": lazy.pattern(r'"aws/aws-sdk-php"\s*:')},
    "Cargo.toml": {"rust": lazy.pattern(r"(?m)^[ \t]*(?:dependencies\.)?aws-(?:config|sdk-\w+)\b")},
    ".csproj": {
        "dotnet-v3": lazy.pattern(r'Include="AWSSDK\.[\w.]+"\s+Version="\[?3\.'),
        "dotnet-v4": lazy.pattern(r'Include="AWSSDK\.[\w.]+"\s+Version="\[?4\.'),
    },
}


def detect(folders: Iterable[str], files: Files) -> tuple[str, ...]:
    """The SDKs that the program in a folder uses; of several folders the first in which one is found counts."""
    for folder in folders:
        found: dict[str, None] = {}
        names = [name for name in files.listdir(folder) if _list_of(name)]
        for name in names[:_MOST_FILES]:
            source = files.read(normal(f"{folder}/{name}"))
            if source is not None:
                found.update(dict.fromkeys(sdk for sdk, sign in _list_of(name).items() if sign.search(source.text)))
        if found:
            return tuple(sorted(found))
    return ()


# ── what a program surely uses ──

# What lists an SDK for the program itself: an entry of a JSON file, a line of a section of a TOML file, any line.
_IN_JSON = {
    "package.json": ("dependencies", lazy.pattern(r"aws-sdk|@aws-sdk/(?:client|lib)-[a-z0-9-]+")),
    "composer.json": ("require", lazy.pattern(r"aws/aws-sdk-php")),
}
_IN_TOML = {
    "Cargo.toml": ("dependencies", lazy.pattern(r"(?m)^aws-sdk-\w+(?=[ \t]*[=.])")),
    "Pipfile": ("packages", lazy.pattern(r"(?m)^boto3(?=[ \t]*=)")),
    "pyproject.toml": ("project|tool\\.poetry\\.dependencies", lazy.pattern(r"""(?m)^[ \t]*["']?boto3(?![\w.-])""")),
}
_IN_LINES = {
    "go.mod": lazy.pattern(r"(?m)\bgithub\.com/aws/aws-sdk-go(?:-v2)?(?= v\S+[ \t]*$)"),
    # not what pip-compile says that another package brings along
    "requirements.txt": lazy.pattern(r"(?m)^(?:aio)?boto3(?![\w.-])(?!.*#[ \t]*via)(?!.*\n[ \t]+# via)"),
}


def listed(folders: Iterable[str], files: Files) -> tuple[str, Span] | None:
    """What a program in one of the folders is built with, for itself and not for its tests, and where it says so."""
    for folder in folders:
        for name in files.listdir(folder):
            if name in _IN_JSON or name in _IN_TOML or name in _IN_LINES:
                source = files.read(normal(f"{folder}/{name}"))
                found = _direct(name, source) if source is not None else None
                if found is not None:
                    return found.text, found
    return None


def _direct(name: str, source: Source) -> Span | None:
    if name in _IN_JSON:
        from .readers import json

        key, sign = _IN_JSON[name]
        for root in json.read(source).roots:
            given = root.get(key)
            for package, _ in given.items() if given is not None else ():
                if package.text and sign.fullmatch(package.text):
                    return package.span
        return None
    section, sign = _IN_TOML[name] if name in _IN_TOML else ("", _IN_LINES[name])
    for match in sign.finditer(source.text):
        start = source.text.rfind("\n[", 0, match.start()) + 1
        if not section or re.match(rf"\[(?:{section})\]", source.text[start : match.start()]):
            text = match[0].strip(" \t\"'")
            return source.span(match.end() - len(text), match.end())
    return None


def _list_of(name: str) -> dict[str, re.Pattern[str]]:
    """What a file lists, by its name; empty for any other file."""
    if name.endswith(".csproj"):
        return _LISTS[".csproj"]
    if name.startswith("requirements") and name.endswith(".txt"):
        return _LISTS["requirements.txt"]
    return _LISTS.get(name, {})
