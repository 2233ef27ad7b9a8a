"""Which files a run is about.

In a git work tree those that git tracks, and the new ones that it does not ignore. A git tree
inside it (a submodule that is checked out, another clone) is listed by git in the same way.
Anywhere else, and where git cannot be asked, a walk. Of these only the files with a name
that is of interest; nothing is opened to tell. A file that somebody names is always in.
"""

from __future__ import annotations

import os
import stat

from . import formats, globs
from .files import TOOL_FOLDERS, Unreadable, is_below, normal, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .config import Config

_CAN_SPAWN = hasattr(os, "posix_spawn")
_DEEPEST = 20  # git trees inside each other

# What would send git to another repository than the one that is asked for: git sets these
# for its hooks, and credlint may be one.
_OF_ANOTHER_REPOSITORY = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
}
# No lock on the index, no program that the repository's configuration names, no network. That
# is what git's own check of the owner is for; in a CI container the owner is often another.
_GIT_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
_GIT_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")


class Discovery:
    """The files of a run, sorted, each with whether somebody named it.

    `skipped` are the files of interest that must not be opened, `unread` the files and folders
    that credlint is not allowed to look into, both with the reason; `faults` are the named paths
    that are not there. `excluded` are the named folders of which the configuration leaves out every
    file of interest, each with their number. `whole` when all files that the configuration is about were asked for.
    """

    __slots__ = ("excluded", "faults", "skipped", "targets", "unread", "whole")

    def __init__(
        self,
        targets: list[tuple[str, bool]],
        skipped: list[tuple[str, str]],
        unread: list[tuple[str, str]],
        faults: list[str],
        excluded: list[tuple[str, int]],
        whole: bool,
    ) -> None:
        self.targets = targets
        self.skipped = skipped
        self.unread = unread
        self.faults = faults
        self.excluded = excluded
        self.whole = whole


def root_of(path: str) -> str:
    """The folder outside of which nothing is read for a path.

    The git work tree that it is in; else the working directory, or the path's own folder
    when that is somewhere else.
    """
    path = os.path.realpath(path)
    home = path if os.path.isdir(path) else os.path.dirname(path)
    folder = home
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    working = os.path.realpath(os.curdir)
    return working if is_below(home, working) else home


def discover(paths: Iterable[str], config: Config, *, overlay: Collection[str] = ()) -> Discovery:
    """The files that the paths stand for; those in `overlay` need not exist.

    `exclude` leaves out what is discovered, never what somebody names.
    """
    targets: dict[str, bool] = {}
    links: list[tuple[str, str]] = []  # each with the folder that it must not lead out of
    skipped: list[tuple[str, str]] = []
    unread: list[tuple[str, str]] = []
    faults: list[str] = []
    excluded: list[tuple[str, int]] = []
    whole = False
    for path in paths:
        if not path:
            faults.append('an empty path; the working directory is "."')
            continue
        name = _from_here(path)
        if name in overlay:
            targets[name] = True
            continue
        try:
            mode = os.stat(path).st_mode
            if stat.S_ISDIR(mode):
                os.scandir(path).close()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its name is no valid path"
            faults.append(f"{path}: {reason.lower()}")
            continue
        if stat.S_ISREG(mode):
            targets[name] = True
        elif stat.S_ISDIR(mode):
            whole = whole or is_below(os.path.realpath(config.base), os.path.realpath(path))
            _add_folder(path, config, targets, links, excluded, skipped, unread)
        else:
            faults.append(f"{path}: it is no regular file")
    if links:
        targets.update(dict.fromkeys(_follow(links, targets, skipped), False))
    return Discovery(sorted(targets.items()), skipped, list(dict.fromkeys(unread)), faults, excluded, whole)


def _add_folder(
    folder: str,
    config: Config,
    targets: dict[str, bool],
    links: list[tuple[str, str]],
    excluded: list[tuple[str, int]],
    skipped: list[tuple[str, str]],
    unread: list[tuple[str, str]],
) -> None:
    """Add the files of interest in a folder, and what of it cannot be looked into."""
    name = _from_here(folder)
    prefix = "" if name == "." else name.rstrip("/") + "/"
    here, real = os.path.realpath(os.curdir), os.path.realpath(folder)
    to_here = None
    if is_below(here, real):
        to_here = "" if here == real else normal(os.path.relpath(here, real)) + "/"
    root = root_of(folder)
    if not is_below(real, root):
        root = real
    folders = _RealFolders(folder)
    base = config.relative(name)
    base = "" if base == "." else f"{base}/"
    closed: list[tuple[str, str]] = []
    found, left_out = _interesting(_list(folder, closed), base, config)
    unread += [(prefix + inner, why) for inner, why in closed if not globs.fits(base + inner, config.exclude)]
    if left_out and not found:
        excluded.append((folder, left_out))
    for inner in found:
        path = prefix + inner
        if to_here is not None and inner.startswith(to_here):
            path = inner[len(to_here) :]
        if path in targets:
            continue
        try:
            mode = os.lstat(os.path.join(folder, inner)).st_mode
        except (FileNotFoundError, NotADirectoryError):  # deleted, and git still tracks it
            continue
        except OSError as error:
            unread.append((path, _reason(error)))
            continue
        if stat.S_ISREG(mode) and os.path.dirname(inner) in folders:
            targets[path] = False
        elif stat.S_ISLNK(mode):
            links.append((path, root))
        elif not stat.S_ISDIR(mode):
            skipped.append((path, "it is no regular file"))


def _reason(error: OSError) -> str:
    return (error.strerror or "it cannot be opened").lower()


# ── names ──


def _from_here(path: str) -> str:
    """A path as reports have it: from the working directory on, if it is below it."""
    if os.path.isabs(path):
        here = os.path.realpath(os.curdir)
        folder, name = os.path.split(os.path.normpath(path))
        real = os.path.join(os.path.realpath(folder), name) if name else folder
        if is_below(real, here):
            path = os.path.relpath(real, here)
    return normal(path)


def _interesting(paths: list[str], base: str, config: Config) -> tuple[list[str], int]:
    """Those with a name that a format has, or that the configuration includes; and how many more it excludes.

    `base` in front of a path makes it one from the folder of the configuration.
    """
    hits = formats.of_interest(paths)
    if config.include:
        hits.update(number for number, path in enumerate(paths) if globs.fits(base + path, config.include))
    found = [paths[number] for number in sorted(hits)]
    kept = [path for path in found if not globs.fits(base + path, config.exclude)]
    return kept, len(found) - len(kept)


# ── what is there ──


class _RealFolders:
    """The folders in a folder that are not links, nor behind one. (git's index may be older than a link.)"""

    __slots__ = ("base", "known")

    def __init__(self, base: str) -> None:
        self.base = base
        self.known = {"": True}

    def __contains__(self, folder: str) -> bool:
        unknown = []
        while folder not in self.known:
            unknown.append(folder)
            folder = os.path.dirname(folder)
        real = self.known[folder]
        for folder in reversed(unknown):
            real = self.known[folder] = real and self._is_folder(folder)
        return real

    def _is_folder(self, folder: str) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(os.path.join(self.base, folder)).st_mode)
        except OSError:
            return False


def _follow(links: list[tuple[str, str]], targets: dict[str, bool], skipped: list[tuple[str, str]]) -> list[str]:
    """Those links that lead to a file which is not there yet and not outside; the others are skipped."""
    seen = {os.path.realpath(path) for path in targets}
    followed: list[str] = []
    for path, root in sorted(links):
        real = os.path.realpath(path)
        try:
            mode = os.stat(path).st_mode
        except OSError:  # a loop, or leads nowhere
            skipped.append((path, "it is a link that leads to no file"))
            continue
        if stat.S_ISREG(mode) and is_below(real, root):
            if real not in seen:
                seen.add(real)
                followed.append(path)
        elif not stat.S_ISDIR(mode):
            skipped.append((path, "it is a link that leads elsewhere"))
    return followed


def _list(folder: str, closed: list[tuple[str, str]], depth: int = 0) -> list[str]:
    """All files in a folder, by their paths from there; one in a merge conflict is there three times.

    `closed` gets the folders in it that cannot be listed, with the reason.
    """
    listing = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listing is None or (not listing and _git(folder, "check-ignore", "-q", ".") is not None):
        # Not git's, or ignored as a whole and asked for all the same.
        return list(_walk(folder, closed))
    found = os.fsdecode(listing).rstrip("\0").split("\0") if listing else []
    if depth < _DEEPEST:
        for inner in _trees_inside(folder, found, b"/\0" in listing):
            shut: list[tuple[str, str]] = []
            found += [f"{inner}/{path}" for path in _list(os.path.join(folder, inner), shut, depth + 1)]
            closed += [(normal(f"{inner}/{path}"), why) for path, why in shut]
    return found


def _trees_inside(folder: str, listed: list[str], clones: bool) -> list[str]:
    """The git trees that git tells of and does not enter: clones, and the submodules that are checked out."""
    inside = [path.rstrip("/") for path in listed if path.endswith("/")] if clones else []
    root = root_of(folder)
    try:
        modules = os.fsdecode(read_bytes(os.path.join(root, ".gitmodules"), 1_000_000))
    except Unreadable:
        modules = ""
    if modules:
        known = set(listed)
        for line in modules.splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "path":
                path = os.path.relpath(os.path.join(root, value.strip().strip('"')), os.path.realpath(folder))
                path = normal(path)
                if path in known and os.path.exists(os.path.join(folder, path, ".git")):
                    inside.append(path)
    real = _RealFolders(folder)
    return [path for path in dict.fromkeys(inside) if path in real]


def _walk(folder: str, closed: list[tuple[str, str]]) -> Iterator[str]:
    folders = [""]
    while folders:
        at = folders.pop()
        try:
            with os.scandir(os.path.join(folder, at)) as entries:
                here = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            closed.append((at, _reason(error)))
            continue
        if at and any(entry.name == "pyvenv.cfg" for entry in here):
            continue
        for entry in here:
            path = f"{at}/{entry.name}" if at else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield path
            elif entry.name not in TOOL_FOLDERS:
                folders.append(path)


# ── git ──


def _git(folder: str, *arguments: str) -> bytes | None:
    """What git says. None when there is no git, no repository, or it does not want to."""
    program = _git_program()
    if program is None:
        return None
    command = [program, "-C", folder, *_GIT_OPTIONS, *arguments]
    environment = {key: value for key, value in os.environ.items() if key not in _OF_ANOTHER_REPOSITORY}
    environment.update(_GIT_ENVIRONMENT)
    try:
        if _CAN_SPAWN:
            return _spawn(command, environment)
        import subprocess  # costs as much as the rest of a start

        done = subprocess.run(  # noqa: S603
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else None
    except OSError:
        return None


def _spawn(command: list[str], environment: dict[str, str]) -> bytes | None:
    output, its_output = os.pipe()
    try:
        null = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)
        streams = [null, (os.POSIX_SPAWN_DUP2, its_output, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
        process = os.posix_spawn(command[0], command, environment, file_actions=streams)
        os.close(its_output)
        its_output = -1
        parts = []
        while part := os.read(output, 1 << 20):
            parts.append(part)
    finally:
        os.close(output)
        if its_output >= 0:
            os.close(its_output)
    _, status = os.waitpid(process, 0)
    return b"".join(parts) if status == 0 else None


def _git_program() -> str | None:
    """Where git is. Only by whole paths: a program in the folder that is linted must not be run."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    return None
