"""The configuration: `credlint.toml`, or `[tool.credlint]` in `pyproject.toml`.

Nothing but names of keys, rules and files is ever told of it: somebody's secret may stand
where a value should.
"""

from __future__ import annotations

import os
import sys

from . import globs
from .files import MAX_SIZE, Unreadable, normal, read_bytes
from .text import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

FAIL_ON = ("error", "warning", "note", "never")
_UNITS = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


class ConfigError(Exception):
    """A configuration that cannot be used: which file, which key, and what would be right."""


class IgnoreEntry:
    """An entry of the ignore table: what it silences, and until when.

    `expires` is the last day on which it holds. `number` counts the entries of the file.
    """

    __slots__ = ("expires", "number", "path", "reason", "rule", "source", "workload")

    def __init__(
        self,
        rule: str,
        path: str,
        *,
        workload: str | None = None,
        expires: date | None = None,
        reason: str = "",
        source: Source | None = None,
        number: int = 0,
    ) -> None:
        self.rule = rule
        self.path = path
        self.workload = workload
        self.expires = expires
        self.reason = reason
        self.source = source
        self.number = number

    @property
    def span(self) -> Span:
        """Where it is written in the configuration file."""
        source = self.source or Source("credlint.toml", "")
        inside = ["tool", "credlint"] if os.path.basename(source.path) == "pyproject.toml" else []
        for number, span in enumerate(_entries(source, [*inside, "ignore"])):
            if number == self.number:
                return span
        return source.line_span(1)  # spelt in a way that TOML allows and nobody uses


class Config:
    """What a run is told to do.

    `base` is the folder to which the globs are relative, `path` the file that the
    configuration is from, if it is from one.
    """

    __slots__ = (
        "_to_base",
        "base",
        "exclude",
        "fail_on",
        "ignore",
        "ignores",
        "include",
        "inline_ignores",
        "max_file_size",
        "path",
        "pedantic",
        "per_file_ignores",
        "sdks",
        "select",
        "var_files",
    )

    def __init__(
        self,
        *,
        select: tuple[str, ...] = ("ALL",),
        ignore: tuple[str, ...] = (),
        ignores: tuple[IgnoreEntry, ...] = (),
        per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = (),
        fail_on: str = "warning",
        pedantic: bool = False,
        exclude: tuple[str, ...] = (),
        include: tuple[str, ...] = (),
        max_file_size: int = MAX_SIZE,
        var_files: tuple[str, ...] = (),
        sdks: tuple[str, ...] = (),
        inline_ignores: bool = True,
        base: str = ".",
        path: str | None = None,
    ) -> None:
        self.select = select
        self.ignore = ignore
        self.ignores = ignores
        self.per_file_ignores = per_file_ignores
        self.fail_on = fail_on
        self.pedantic = pedantic
        self.exclude = exclude
        self.include = include
        self.max_file_size = max_file_size
        self.var_files = var_files
        self.sdks = sdks
        self.inline_ignores = inline_ignores
        self.base = base
        self.path = path
        self._to_base: str | None = None

    def includes(self, path: str) -> bool:
        """Whether a file is to be read whatever its name is."""
        return self.fits(path, self.include)

    def rules(self) -> set[str]:
        """The ids of the rules that are to run."""
        from . import registry

        return registry.select(self.select) - registry.select(self.ignore)

    def fits(self, path: str, patterns: tuple[str, ...]) -> bool:
        """Whether one of the globs fits a path that is relative to the working directory."""
        return bool(patterns) and globs.fits(self.relative(path), patterns)

    def relative(self, path: str) -> str:
        """A path from the working directory as one from the folder of the configuration."""
        if os.path.isabs(path):
            folder = os.path.relpath(os.path.realpath(os.path.dirname(path)), os.path.realpath(self.base))
            return normal(os.path.join(folder, os.path.basename(path)))
        if self._to_base is None:
            self._to_base = normal(os.path.relpath(os.path.realpath(os.curdir), os.path.realpath(self.base)))
        return path if self._to_base == "." else normal(f"{self._to_base}/{path}")


def load(start: str = os.curdir, *, file: str | None = None, isolated: bool = False) -> Config:
    """The configuration that counts in a folder, or that of a file; `isolated`: the defaults.

    The nearest file counts, up to the folder that is the repository: `credlint.toml`, or a
    `pyproject.toml` with `[tool.credlint]`. Its globs are relative to its folder. As with ruff, those
    of a file that somebody names are relative to the working directory.

    ConfigError when the file cannot be used.
    """
    if file is not None:
        config = _parse(file, _read(file), os.curdir)
        if config is None:
            raise ConfigError(f"{_shown(file)}: it has no table [tool.credlint]")
        return config
    if isolated:
        return Config()
    folder = os.path.abspath(start)
    while True:
        for name in ("credlint.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            data = _read(path)
            # Reading TOML costs as much as everything else together: not without need.
            if name == "pyproject.toml" and b"credlint" not in data:
                continue
            config = _parse(path, data, folder)
            if config is not None:
                return config
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return Config()
        folder = above


def selectors(wanted: Sequence[str], where: str) -> tuple[str, ...]:
    """The selectors, each of which fits a rule. ConfigError for one that does not."""
    from . import registry

    for selector in wanted:
        if not selector or registry.unknown_selectors((selector,)):
            raise ConfigError(f"{where}: {unknown_rule(selector)}")
    return tuple(wanted)


def unknown_rule(selector: str) -> str:
    """What to say to somebody who named a rule that there is not."""
    from . import registry

    known = [name for rule in registry.rules() for name in (rule.id, rule.name)]
    families = {rule.id.rstrip("0123456789") for rule in registry.rules()}
    if not any(char.isdigit() for char in selector):  # who writes a number means a rule
        known += [*sorted(families), "ALL"]
    guess = nearest(selector, known)
    meant = ""
    if guess in families:
        ids = [rule.id for rule in registry.rules() if rule.id.startswith(guess)]
        meant = f" ({ids[0]} to {ids[-1]})"
    family = selector.upper().rstrip("0123456789")
    if not guess and family in families and len(selector) < 10:
        ids = [rule.id for rule in registry.rules() if rule.id.startswith(family)]
        return f'there is no rule "{selector}"; did you mean one of {ids[0]} to {ids[-1]}?'
    # Something else than a rule's name may stand there, and then nobody wants to see it.
    shown = f' "{selector}"' if len(selector) <= (40 if guess else 7) else ""
    return f"there is no rule{shown}; " + (
        f'did you mean "{guess}"{meant}?' if guess else "`credlint rules` lists them"
    )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one that somebody probably meant."""
    from difflib import get_close_matches

    spellings = {name.lower(): name for name in known}
    found = get_close_matches(word[:50].lower(), spellings, 1, 0.6)
    return spellings[found[0]] if found else None


# ── the file ──


def _read(path: str) -> bytes:
    try:
        return read_bytes(path, MAX_SIZE)
    except Unreadable as error:
        raise ConfigError(f"{_shown(path)}: {error}") from None


def _toml(path: str, data: bytes) -> dict[str, object]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{_shown(path)}: it is no UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        # Only its place: the rest of the message can hold a piece of the text.
        _, at, place = str(error).rpartition("(at ")
        message = f"{_shown(path)}: it is no valid TOML ({at and 'at ' + place.rstrip(')')})"
        raise ConfigError(message + _two_ignores(data)) from None
    except RecursionError:
        raise ConfigError(f"{_shown(path)}: it is nested too deeply") from None


def _two_ignores(data: bytes) -> str:
    """What to say to somebody who wrote a list and tables of one name, both of which the documentation shows."""
    import re

    if re.search(rb"(?m)^[ \t]*ignore[ \t]*=", data) and re.search(rb"(?m)^[ \t]*\[\[[\w. ]*ignore *\]\]", data):
        return (
            '; a list "ignore = [...]" and tables [[ignore]] exclude each other: '
            "write the tables into the list, as {rule = ..., path = ...}"
        )
    return ""


def _parse(path: str, data: bytes, base: str) -> Config | None:
    """The configuration that a file holds. None when it is a `pyproject.toml` that holds none."""
    shown = _shown(path)
    document = _toml(path, data)
    where = f"{shown}: "
    if os.path.basename(path) == "pyproject.toml":
        tool = document.get("tool")
        table = tool.get("credlint") if isinstance(tool, dict) else None
        if table is None:
            if "credlint" in document:
                raise ConfigError(f"{shown}: credlint: the table for credlint is called [tool.credlint] in this file")
            return None
        if not isinstance(table, dict):
            raise ConfigError(f"{shown}: tool.credlint: {_wanted('a table', table)}")
        document = table
        where = f"{shown}: tool.credlint."
    elif isinstance(tool := document.get("tool"), dict) and "credlint" in tool:
        raise ConfigError(f'{shown}: tool.credlint: leave out the prefix "tool.credlint" in this file')
    _known_keys(document, _READERS, where)
    config = Config(base=base, path=shown)
    source = Source(shown, data.decode("utf-8-sig"))
    for key, value in document.items():
        _READERS[key](config, value, where + key, source)
    return config


def _shown(path: str) -> str:
    """A path as people know it: from the working directory, if it is near."""
    relative = normal(os.path.relpath(path)) if os.path.isabs(path) else normal(path)
    return normal(path) if relative.startswith("../../../") else relative


# ── the keys ──


def _known_keys(table: dict[str, object], known: Iterable[str], where: str) -> None:
    for key in table:
        if key not in known:
            guess = nearest(key, known)
            right = f'did you mean "{guess}"?' if guess else f"there are {', '.join(known)}"
            raise ConfigError(f"{where}{key}: there is no such key; {right}")


def _wanted(what: str, value: object) -> str:
    return f"must be {what}, not {_TYPES.get(type(value).__name__, 'something else')}"


_TYPES = {
    "str": "a string",
    "int": "an integer",
    "float": "a float",
    "bool": "a boolean",
    "list": "an array",
    "dict": "a table",
    "date": "a date",
    "time": "a time",
    "datetime": "a date with a time",
}


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {_wanted('a string', value)}")
    return value


def _strings(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError(f"{where}: {_wanted('an array of strings', value)}")
    return tuple(_string(entry, f"{where}[{number}]") for number, entry in enumerate(value))


def _glob(value: object, where: str) -> str:
    glob = _string(value, where)
    if glob.startswith("!"):
        raise ConfigError(f'{where}: this is no glob: "!" takes nothing back here; the character itself is [!]')
    try:
        globs.check(glob)
    except globs.GlobError as error:
        raise ConfigError(f"{where}: this is no glob: {error}") from None
    return glob


def _globs(value: object, where: str) -> tuple[str, ...]:
    found = _strings(value, where)
    return tuple(_glob(glob, f"{where}[{number}]") for number, glob in enumerate(found))


def _selectors(value: object, where: str) -> tuple[str, ...]:
    found = _strings(value, where)
    for number, selector in enumerate(found):
        selectors((selector,), f"{where}[{number}]")
    return found


def _read_select(config: Config, value: object, where: str, source: Source) -> None:
    config.select = _selectors(value, where)


def _read_ignore(config: Config, value: object, where: str, source: Source) -> None:
    if not isinstance(value, list):
        raise ConfigError(f"{where}: {_wanted('an array of rules and tables', value)}")
    ignore: list[str] = []
    ignores: list[IgnoreEntry] = []
    for number, entry in enumerate(value):
        place = f"{where}[{number}]"
        if isinstance(entry, str):
            ignore += selectors((entry,), place)
        elif isinstance(entry, dict):
            ignores.append(_entry(entry, place, source, len(ignores)))
        else:
            raise ConfigError(f"{place}: {_wanted('a string or a table', entry)}")
    config.ignore = tuple(ignore)
    config.ignores = tuple(ignores)


def _entry(table: dict[str, object], where: str, source: Source, number: int) -> IgnoreEntry:
    _known_keys(table, ("rule", "path", "workload", "expires", "reason"), f"{where}.")
    for key in ("rule", "path"):
        if key not in table:
            raise ConfigError(f'{where}: the key "{key}" is missing')
    (rule,) = selectors((_string(table["rule"], f"{where}.rule"),), f"{where}.rule")
    return IgnoreEntry(
        rule,
        _glob(table["path"], f"{where}.path"),
        workload=_string(table["workload"], f"{where}.workload") if "workload" in table else None,
        expires=_date(table["expires"], f"{where}.expires") if "expires" in table else None,
        reason=_string(table.get("reason", ""), f"{where}.reason"),
        source=source,
        number=number,
    )


def _date(value: object, where: str) -> date:
    from datetime import date, datetime

    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        raise ConfigError(f"{where}: this is no date; write it as 2030-12-31")
    raise ConfigError(f"{where}: {_wanted('a date', value)}; write it as 2030-12-31")


def _read_per_file_ignores(config: Config, value: object, where: str, source: Source) -> None:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {_wanted('a table from a glob to an array of rules', value)}")
    config.per_file_ignores = tuple(
        (_glob(glob, f'{where}."{glob}"'), _selectors(rules, f'{where}."{glob}"')) for glob, rules in value.items()
    )


def _read_fail_on(config: Config, value: object, where: str, source: Source) -> None:
    level = _string(value, where)
    if level not in FAIL_ON:
        guess = nearest(level, FAIL_ON)
        raise ConfigError(
            f"{where}: must be one of {', '.join(FAIL_ON)}" + (f'; did you mean "{guess}"?' if guess else "")
        )
    config.fail_on = level


def _read_pedantic(config: Config, value: object, where: str, source: Source) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: {_wanted('a boolean', value)}")
    config.pedantic = value


def _read_exclude(config: Config, value: object, where: str, source: Source) -> None:
    config.exclude = _globs(value, where)


def _read_include(config: Config, value: object, where: str, source: Source) -> None:
    config.include = _globs(value, where)


def _read_max_file_size(config: Config, value: object, where: str, source: Source) -> None:
    size = 0
    if isinstance(value, str):
        number = value.rstrip("BbGgIiKkMm ")
        unit = value[len(number) :].strip().upper()
        if number.isascii() and number.isdigit() and len(number) < 10:
            size = int(number) * _UNITS.get(unit or "B", 0)
    elif isinstance(value, int) and not isinstance(value, bool):
        size = value
    else:
        raise ConfigError(f"{where}: {_wanted('a number of bytes', value)}")
    if size <= 0:
        raise ConfigError(f'{where}: must be a number of bytes above zero, or a string such as "5MB"')
    config.max_file_size = size


def _read_var_files(config: Config, value: object, where: str, source: Source) -> None:
    paths = _strings(value, where)
    if "" in paths:
        raise ConfigError(f"{where}[{paths.index('')}]: must be a path, not an empty string")
    folder = os.path.dirname(source.path)
    config.var_files = tuple(os.path.join(folder, path) for path in paths)
    for number, path in enumerate(config.var_files):
        if not os.path.isfile(path):
            raise ConfigError(f"{where}[{number}]: there is no such file")


def _read_sdks(config: Config, value: object, where: str, source: Source) -> None:
    config.sdks = sdk_names(_strings(value, where), where)


def sdk_names(names: Iterable[str], where: str) -> tuple[str, ...]:
    """The names of SDKs, each checked. ConfigError names the nearest right one."""
    from . import chain

    for name in names:
        if name not in chain.CHAINS:
            guess = nearest(name, chain.CHAINS)
            right = f'did you mean "{guess}"?' if guess else f"there are {', '.join(chain.CHAINS)}"
            raise ConfigError(f'{where}: there is no SDK "{name}"; {right}')
    return tuple(names)


_READERS = {
    "select": _read_select,
    "ignore": _read_ignore,
    "per-file-ignores": _read_per_file_ignores,
    "fail-on": _read_fail_on,
    "pedantic": _read_pedantic,
    "exclude": _read_exclude,
    "include": _read_include,
    "max-file-size": _read_max_file_size,
    "var-files": _read_var_files,
    "sdks": _read_sdks,
}


# ── where something is written ──


def _entries(source: Source, wanted: list[str]) -> Iterator[Span]:
    """The tables of an array in a TOML text that is valid: `[[a.b]]` headers, or the braces in `b = [...]`."""
    import re

    tokens = re.compile(
        r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*'
        r"|^[ \t]*(?P<header>\[\[?)(?P<name>[^\[\]\n#]*)\]\]?|[\[\]{}]|(?P<key>[\w.\-\"' \t]+)=",
        re.DOTALL | re.MULTILINE,
    )
    header: list[str] = []
    depth = 0
    array = None  # the depth inside the brackets that are looked for
    start = 0
    expected = False
    for token in tokens.finditer(source.text):
        text = token[0]
        if token["header"]:
            if depth:  # no header but an array in an array
                depth += text.count("[") - text.count("]")
                continue
            header = _dotted(token["name"])
            if token["header"] == "[[" and header == wanted:
                yield source.span(token.start("header"), token.end())
        elif token["key"]:
            expected = depth == 0 and header + _dotted(token["key"]) == wanted
        elif text.strip() in ("[", "{"):
            depth += 1
            if expected:
                array, expected = depth, False
            elif array is not None and depth == array + 1:
                start = token.end() - 1
        elif text in ("]", "}"):
            if array is not None and depth == array + 1 and text == "}":
                yield source.span(start, token.end())
            elif depth == array:
                array = None
            depth -= 1


def _dotted(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
