"""The files of a run: what may be opened, read once, and never outside the root."""

from __future__ import annotations

import os
import stat

from .text import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Folders that tools fill and nobody writes in.
TOOL_FOLDERS = frozenset((".git", ".hg", ".svn", ".terraform", ".tox", ".venv", "__pycache__", "node_modules"))
_MOST_NAMES = 100_000  # below a folder that are looked through
MAX_SIZE = 5_000_000  # bytes; a larger file is no source code

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 8192  # as many characters, or bytes, say whether a file is binary
_BINARY = "it is a binary file"


class Unreadable(Exception):
    """A file that cannot be read, and why: what a person can do something about."""


class Unsuitable(Unreadable):
    """A file that is not read on purpose: it is too large, no text, or no regular file."""


class Files:
    """Reads files by their path, relative to the working directory, with "/".

    `root` is the folder outside of which nothing is opened, but for what was named on the
    command line. `overlay` holds texts that stand for files: standard input, the files of
    an example. With `disk` false nothing else exists.
    """

    def __init__(
        self,
        root: str = ".",
        *,
        overlay: Mapping[str, str] | None = None,
        disk: bool = True,
        max_size: int = MAX_SIZE,
        variable_files: tuple[str, ...] = (),
        all_workloads: bool = False,
    ) -> None:
        self.root = os.path.realpath(root)
        self.max_size = max_size
        self.all_workloads = all_workloads  # also those of which no rule speaks are to be read
        self.variable_files = variable_files  # Terraform's, which somebody said count
        self._overlay = dict(overlay or {})
        self._disk = disk
        self._sources: dict[str, Source | None] = {}
        self._looked = ("", b"")  # the file that was looked at last
        self._walked: dict[str, list[str]] = {}
        self.context: set[str] = set()  # what was read because something referred to it
        self.memory: dict[str, object] = {}  # what a format makes of several files, for the run

    def read(self, path: str) -> Source | None:
        """The text of a file that something refers to, or None: not there, outside the root, no text."""
        path = normal(path)
        if path not in self._sources:
            self._sources[path] = None
            try:
                if path in self._overlay or self.inside(path):
                    self._sources[path] = self._load(path)
                    self.context.add(path)
            except Unreadable:
                pass
        return self._sources[path]

    def look(self, path: str) -> str | bytes:
        """What a file that was named or discovered holds, before it is decoded. Unreadable says why not."""
        path = normal(path)
        source = self._sources.get(path)
        if source is not None:
            return source.text
        if path in self._overlay or not self._disk:
            return self.target(path).text
        data = read_bytes(path, self.max_size)
        if data.startswith(_UTF_16):
            return decode(data)
        if b"\0" in data[:_HEAD]:
            raise Unsuitable(_BINARY)
        self._looked = (path, data)
        return data

    def target(self, path: str) -> Source:
        """The text of a file that was named or discovered. Unreadable says why not."""
        path = normal(path)
        source = self._sources.get(path)
        if source is None:
            source = self._sources[path] = self._load(path)
        return source

    def listdir(self, folder: str) -> list[str]:
        """The names in a folder inside the root, sorted; empty when it cannot be listed."""
        folder = normal(folder)
        prefix = "" if folder == "." else folder + "/"
        names = {path[len(prefix) :].partition("/")[0] for path in self._overlay if path.startswith(prefix)}
        if self._disk and self.inside(folder):
            try:
                names.update(os.listdir(folder))
            except OSError:
                pass
        return sorted(names)

    def is_folder(self, path: str) -> bool:
        path = normal(path)
        return self._holds_overlay(path) or (self._disk and self.inside(path) and os.path.isdir(path))

    def _holds_overlay(self, folder: str) -> bool:
        """Whether a folder is there whatever the disk says: the first, and one with a text that stands for a file."""
        return folder == "." or any(name.startswith(folder + "/") for name in self._overlay)

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder of that name inside the root."""
        path = normal(path)
        if path in self._overlay or self._holds_overlay(path):
            return True
        return self._disk and self.inside(path) and os.path.exists(path)

    def walk(self, folder: str) -> Sequence[str]:
        """The files below a folder inside the root, the nearest first, but no more than 100,000 names.

        Links are not followed, and folders that only tools write are not entered.
        """
        folder = normal(folder)
        if folder not in self._walked:
            self._walked[folder] = self._walk(folder)
        return self._walked[folder]

    def _walk(self, folder: str) -> list[str]:
        prefix = "" if folder == "." else folder + "/"
        found = dict.fromkeys(path for path in self._overlay if path.startswith(prefix))
        left = _MOST_NAMES
        waiting = [prefix] if self._disk and self.inside(folder) else []
        for at in waiting:
            try:
                with os.scandir(at or os.curdir) as entries:
                    here = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                continue
            left -= len(here)
            if left < 0:
                break
            for entry in here:
                if entry.is_file(follow_symlinks=False):
                    found[at + entry.name] = None
                elif entry.name not in TOOL_FOLDERS and entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{at}{entry.name}/")
        return list(found)

    def inside(self, path: str) -> bool:
        """Whether a path is in the root, links followed."""
        return is_below(os.path.realpath(path), self.root)

    def _load(self, path: str) -> Source:
        if path in self._overlay:
            return Source(path, self._overlay[path])
        if not self._disk:
            raise Unreadable("there is no such file")
        looked, data = self._looked
        self._looked = ("", b"")
        return Source(path, decode(data if looked == path else read_bytes(path, self.max_size)))


def is_below(path: str, folder: str) -> bool:
    """Whether a path is that folder, or in it; both without links."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def normal(path: str) -> str:
    """One spelling for a path: no `./`, no `a/../`, always "/"."""
    path = os.path.normpath(path)
    return path if os.sep == "/" else path.replace(os.sep, "/")


def read_bytes(path: str, max_size: int) -> bytes:
    """The bytes of a regular file. Unreadable for anything else, and for what is too large."""
    try:
        # Not opened before it is known to be regular: opening a FIFO would wait for ever.
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise Unsuitable("it is a folder" if stat.S_ISDIR(status.st_mode) else "it is no regular file")
        if status.st_size > max_size:
            raise Unsuitable(f"it is larger than {max_size:,} bytes (max-file-size)")
        # What is to be read is memory that is asked for. Some file systems give no size.
        with open(path, "rb") as file:
            return file.read(status.st_size or max_size)
    except OSError as error:
        raise Unreadable((error.strerror or "it cannot be opened").lower()) from None
    except ValueError:  # a NUL in the name
        raise Unreadable("its name is no valid path") from None


def decode(data: bytes) -> str:
    """Bytes as text, one character for each place: UTF-8, or UTF-16 with its mark. Unreadable for binary data.

    A byte that is no UTF-8 becomes one replacement character: the rest of the file is
    still there to be read, and places stay right.
    """
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
    if "\0" in text[:_HEAD]:
        raise Unsuitable(_BINARY)
    return text
