"""Which files a run is about: in git work trees, without git, by name; and what is never opened."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from credlint import discover, formats
from credlint.config import Config
from credlint.discover import root_of

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="no git here")
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a right of their own")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the working directory, and no configuration of git but ours."""
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    (tmp_path / "gitconfig").write_text(
        '[user]\nname = a\nemail = a@example.com\n[protocol "file"]\nallow = always\n[init]\ndefaultBranch = main\n'
    )
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(params=["spawned", "by subprocess"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git is called in one of two ways: the second one is that of systems without posix_spawn."""
    if request.param != "spawned":
        monkeypatch.setattr(discover, "_CAN_SPAWN", False)


def git(*arguments: str, at: str = ".") -> None:
    subprocess.run(["git", "-C", at, *arguments], check=True, capture_output=True)


def write(*paths: str, text: str = "x") -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def found(*paths: str, config: Config | None = None) -> list[str]:
    discovery = discover.discover(paths or (".",), config or Config())
    assert discovery.faults == []
    return [path for path, _ in discovery.targets]


# ── git ──


@needs_git
@pytest.mark.usefixtures("each_way")
def test_git_work_tree() -> None:
    git("init")
    write("main.tf", "app/Dockerfile", "app/main.py", "new/td.json", ".hidden/.env", "gone.tf", "gone/x.tf")
    write("ignored.tf", "build/x.tf", "node_modules/a/td.json")
    write(".gitignore", text="/ignored.tf\nbuild\n")
    git("add", "main.tf", "app", "gone.tf", "gone")
    git("commit", "-m", "x")
    os.unlink("gone.tf")
    shutil.rmtree("gone")
    expected = [".hidden/.env", "app/Dockerfile", "main.tf", "new/td.json", "node_modules/a/td.json"]
    assert found() == sorted(expected)
    assert found("app") == ["app/Dockerfile"]
    assert found("app", ".", "./app/") == sorted(expected)
    os.chdir("app")
    assert found() == ["Dockerfile"]
    above = ["../.hidden/.env", "../main.tf", "../new/td.json", "../node_modules/a/td.json"]
    assert found("..") == [*above, "Dockerfile"]
    assert found("..", ".", "Dockerfile") == [*above, "Dockerfile"]


@needs_git
@pytest.mark.usefixtures("each_way")
def test_ignored_folder_that_is_named_is_walked() -> None:
    git("init")
    write("build/out/td.json", "build/.env", "src/.env", "src/x.py")
    write(".gitignore", text="build\n.env\n")
    assert found() == []
    assert found("build") == ["build/.env", "build/out/td.json"]
    assert found("build/out") == ["build/out/td.json"]
    assert found("src") == []  # the folder is not ignored, all that is in it is
    assert found("src/.env") == ["src/.env"]


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("Dockerfile.py", "# syntax=docker/dockerfile:1\n\nARG TAG=3\nFROM python:$TAG\n", "dockerfile"),
        ("api/Dockerfile-prod", "FROM alpine\n", "dockerfile"),
        ("Dockerfile_dev", "FROM alpine\n", "dockerfile"),
        ("dockerfile.py", 'from dockerfile import read\n\nX = """\nFROM alpine\n"""\n', None),
        ("dockerfile-lint.js", "const x = `\nFROM alpine`\n", None),
        ("dockerfile_notes", "how to write one\n\nFROM alpine\n", None),
        ("Dockerfile.md", "FROM alpine\n", None),
        ("credentials-prod", "[prod]\naws_access_key_id = x\n", "shared_config"),
        ("credentials-store", "secret\n", None),
        ("td.jsonc", '// a task\n{"containerDefinitions": []}\n', "ecs"),
        ("backend.hcl", 'secret_key = "x"\n', "plain"),
    ],
)
def test_names_that_other_files_have_too(name: str, text: str, format: str | None) -> None:
    for found in (formats.detect(name, text), formats.detect(name, text.encode())):
        assert (found.name if found else None) == format


@needs_git
def test_file_in_a_merge_conflict_is_there_once() -> None:
    git("init")
    write("main.tf", text="1")
    git("add", ".")
    git("commit", "-m", "x")
    git("checkout", "-b", "other")
    write("main.tf", text="2")
    git("commit", "-am", "x")
    git("checkout", "main")
    write("main.tf", text="3")
    git("commit", "-am", "x")
    assert subprocess.run(["git", "merge", "other"], capture_output=True, check=False).returncode
    assert subprocess.run(["git", "ls-files"], capture_output=True, check=False).stdout.count(b"main.tf") == 3
    assert found() == ["main.tf"]


@needs_git
def test_git_trees_inside() -> None:
    """A submodule that is checked out is part of what is there, so is a clone that nobody ignores."""
    for name in ("inner", "other"):
        git("init", name)
        write(f"{name}/main.tf", f"{name}/ignored.tf", f"{name}/new.json")
        write(f"{name}/.gitignore", text="ignored.tf")
        git("add", "main.tf", ".gitignore", at=name)
        git("commit", "-m", "x", at=name)
    git("init", "repo")
    git("submodule", "add", "../inner", "lib/sub module", at="repo")
    git("submodule", "add", "../other", "deep", at="repo")
    git("commit", "-m", "x", at="repo")
    git("submodule", "deinit", "-f", "deep", at="repo")
    git("clone", "../inner", "clone", at="repo")
    git("clone", "../inner", "vendored", at="repo")
    write("repo/.git/info/exclude", text="vendored\n")
    write("repo/lib/sub module/new.json", "repo/lib/sub module/ignored.tf", "repo/clone/ignored.tf", "repo/top.tf")
    assert found("repo") == [
        "repo/clone/main.tf",
        "repo/lib/sub module/main.tf",
        "repo/lib/sub module/new.json",
        "repo/top.tf",
    ]
    os.chdir("repo/lib")
    assert found() == ["sub module/main.tf", "sub module/new.json"]
    assert found("sub module") == ["sub module/main.tf", "sub module/new.json"]


@needs_git
def test_submodule_paths_lead_nowhere_else() -> None:
    git("init", "repo")
    git("init", "outside")
    write("outside/main.tf", "repo/top.tf")
    write("repo/.gitmodules", text='[submodule "x"]\n\tpath = ../outside\n[submodule "y"]\n\tpath = /\npath\n')
    assert found("repo") == ["repo/top.tf"]


@needs_git
def test_git_of_a_hook(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git tells its hooks by variables which repository is meant; that would be wrong for any other."""
    for name in ("a", "b"):
        git("init", name)
        write(f"{name}/{name}.tf", f"{name}/ignored.tf")
        write(f"{name}/.gitignore", text="ignored.tf")
    monkeypatch.setenv("GIT_DIR", str(home / "a" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(home / "a"))
    monkeypatch.setenv("GIT_INDEX_FILE", "nonsense")
    monkeypatch.setenv("GIT_PREFIX", "nonsense/")
    assert found("b") == ["b/b.tf"]


@needs_git
@pytest.mark.skipif(not hasattr(os, "chown") or getattr(os, "geteuid", lambda: 1)() != 0, reason="needs root")
def test_repository_of_another_owner() -> None:
    """As in a CI container, where the checkout belongs to somebody else."""
    git("init", "repo")
    write("repo/main.tf", "repo/ignored.tf")
    write("repo/.gitignore", text="ignored.tf")
    for folder, _, files in os.walk("repo"):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, 12345, 12345)
    assert found("repo") == ["repo/main.tf"]


@needs_git
@needs_links
def test_no_program_of_the_repository_is_run(home: Path) -> None:
    git("init")
    write("main.tf")
    program = home / "program"
    program.write_text(f"#!/bin/sh\ntouch '{home}/was-here'\n")
    program.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "pager.ls-files", "core.sshCommand", "core.editor", "core.askPass"):
        git("config", key, str(program))
    (home / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "query-watchman"):
        shutil.copy(program, home / ".git" / "hooks" / hook)
    (home / "git").write_text(program.read_text())
    (home / "git").chmod(0o755)
    before = os.stat(".git").st_mtime_ns
    assert found() == ["main.tf"]
    assert not (home / "was-here").exists()
    assert os.stat(".git").st_mtime_ns == before  # no lock was taken


@needs_links
def test_git_of_the_working_directory_is_not_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "git").write_text(f"#!/bin/sh\ntouch '{home}/was-here'\n")
    (home / "git").chmod(0o755)
    (home / ".git").mkdir()
    write("main.tf")
    for path in (".", "", ":", os.pathsep + "."):
        monkeypatch.setenv("PATH", path)
        assert found() == ["main.tf"]
    assert not (home / "was-here").exists()


# ── no git ──


def no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)


def git_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("../bin").mkdir()
    Path("../bin/git").write_text("#!/bin/sh\necho main.tf; echo nonsense >&2; exit 128\n")
    Path("../bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(Path("../bin").resolve()))


def git_that_is_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("../bin").mkdir()
    Path("../bin/git").write_bytes(b"\x7fELF nonsense")
    Path("../bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(Path("../bin").resolve()))


@needs_links
@pytest.mark.usefixtures("each_way")
@pytest.mark.parametrize("how", [no_git, git_that_fails, git_that_is_no_program])
def test_walk(how: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    how(monkeypatch)
    write("main.tf", "a/b/c/td.json", ".aws/credentials", ".github/x.yml", "a/x.py", "Dockerfile")
    for folder in (
        ".git",
        ".hg",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
        "a/node_modules",
    ):
        write(f"{folder}/main.tf")
    write("env/pyvenv.cfg", "env/main.tf", "env/lib/main.tf")
    assert found() == [".aws/credentials", ".github/x.yml", "Dockerfile", "a/b/c/td.json", "main.tf"]
    # Who names it gets it.
    assert found("node_modules") == ["node_modules/main.tf"]
    assert found("env") == ["env/lib/main.tf", "env/main.tf", "env/pyvenv.cfg"]


@needs_links
@pytest.mark.parametrize("in_git", [False, pytest.param(True, marks=needs_git)])
def test_deep_folders(in_git: bool) -> None:
    depth = 1050
    if in_git:
        git("init")
    for _ in range(depth):
        os.mkdir("a")
        os.chdir("a")
    write("main.tf")
    os.chdir("../" * depth)
    try:
        assert found() == ["a/" * depth + "main.tf"]
    finally:  # pytest's own tidying is a recursion
        os.unlink("a/" * depth + "main.tf")
        for rest in range(depth, 0, -1):
            os.rmdir("a/" * rest)


# ── names ──


def test_only_names_of_interest() -> None:
    write("main.tf", "main.py", "x.tf.bak", "Dockerfile.prod", "dockerfile.d/x.txt", "a/Containerfile-1", "x.env.md")
    assert found() == ["Dockerfile.prod", "a/Containerfile-1", "main.tf"]


ODD = [
    *(
        "Dockerfile.py",
        "Dockerfile-x",
        "DOCKERFILE_x.js",
        "dockerfiles.py",
        "xDockerfile-",
        "Containerfile.py",
        "a.hcl",
    ),
    *(
        "credentials-",
        "aws_credentials",
        "xaws_credentials",
        "a.jsonc",
        "a.libsonnet",
        "a.tfbackend",
        "credentials-x.py",
    ),
    *(
        ".env",
        "a.env",
        ".ENV",
        "DOCKERFILE",
        "x.Dockerfile",
        "x.dockerfile",
        "Dockerfile.",
        "xDockerfile",
        "Dockerfilex",
    ),
    *(
        "Containerfile",
        "containerfile.x",
        "xContainerfile",
        ".aws/credentials",
        "x.aws/config",
        "credentials.csv",
        "xconfig",
    ),
    *(
        "CONFIG",
        ".json",
        "x.json.tpl",
        "json.x",
        "x.json.",
        ".jsonx",
        "a.yml",
        "b.YAML",
        "x.template",
        ".envrc",
        ".env.x.y",
    ),
    *(
        "rclone.conf",
        "x.conf",
        ".boto",
        "a.boto",
        ".s3cfg",
        "x.ini",
        "setup.cfg",
        "a.tf",
        "b.tofu",
        "c.tfvars",
        "x.tf.json",
    ),
    *("İ.tf", "ς.tf", "Σ.TF", "K.json", "line\nbreak.tf", " .tf", "a b.tf", "-x.tf", "\\.tf", "'.tf", '".tf', "*.tf"),
]


def test_quick_look_agrees_with_the_table() -> None:
    paths = [*ODD, *(f"folder.tf/{name}" for name in ODD), *(f"dockerfile.d/.env.d/{name}" for name in ODD)]
    assert discover._interesting(paths, "", Config()) == ([path for path in paths if formats.by_name(path)], 0)
    assert discover._interesting([], "", Config()) == ([], 0)


@needs_git
@needs_links
@pytest.mark.usefixtures("each_way")
def test_odd_names() -> None:
    names = [
        b"line\nbreak.tf",
        b" a b.tf",
        b"-x.tf",
        "äöü.tf".encode(),
        b"bad\xff\xfe.tf",
        b'"q\\".tf',
        b"*.tf",
        b"\x1b[2J.tf",
    ]
    for name in names:
        with open(name, "wb"):
            pass
    expected = sorted(os.fsdecode(name) for name in names)
    assert found() == expected
    git("init")
    assert found() == expected
    git("add", ".")
    assert found() == expected
    assert found(*expected) == expected


def test_include_and_exclude() -> None:
    write("run.sh", "a/run.sh", "a/main.tf", "vendor/x.tf", "vendor/run.sh", "b/x.tf")
    config = Config(include=("*.sh",), exclude=("vendor", "b/*.tf"))
    assert found(config=config) == ["a/main.tf", "a/run.sh", "run.sh"]
    assert found("a", config=config) == ["a/main.tf", "a/run.sh"]
    assert found("vendor", config=config) == []
    # `exclude` is for what is discovered.
    assert found("vendor/x.tf", config=config) == ["vendor/x.tf"]


def test_globs_are_relative_to_the_configuration(home: Path) -> None:
    write("a/b/x.tf", "a/y.tf", "b/x.tf")
    config = Config(exclude=("a/b",), base=str(home))
    assert found(config=config) == ["a/y.tf", "b/x.tf"]
    os.chdir("a")
    config = Config(exclude=("a/b",), base=str(home))
    assert found(config=config) == ["y.tf"]
    assert found("..", config=config) == ["../b/x.tf", "y.tf"]


def test_named() -> None:
    write("notes.txt", "a/main.tf", "b.tf")
    discovery = discover.discover(["notes.txt", "a", "a/main.tf", "./b.tf", "b.tf", "a/../b.tf"], Config())
    assert discovery.targets == [("a/main.tf", True), ("b.tf", True), ("notes.txt", True)]
    assert discover.discover([], Config()).targets == []


def test_paths_from_the_working_directory(home: Path) -> None:
    write("a/main.tf", "../aside/x.tf")
    assert found(str(home)) == ["a/main.tf"]
    assert found(str(home / "a" / "main.tf")) == ["a/main.tf"]
    assert found(str(home / "a")) == ["a/main.tf"]
    outside = (home.parent / "aside").as_posix()
    assert found(outside) == [f"{outside}/x.tf"]
    assert found("../aside") == ["../aside/x.tf"]
    os.chdir("a")
    assert found("../a") == ["main.tf"]
    assert found(str(home)) == ["main.tf"]


@needs_links
def test_paths_through_a_link_to_the_working_directory(home: Path) -> None:
    write("a/main.tf")
    os.symlink(home, home.parent / "link")
    assert found(str(home.parent / "link" / "a" / "main.tf")) == ["a/main.tf"]
    assert found(str(home.parent / "link" / "a")) == ["a/main.tf"]


def test_overlay() -> None:
    discovery = discover.discover(["not/there.tf", "nor\0this"], Config(), overlay={"not/there.tf": ""})
    assert discovery.targets == [("not/there.tf", True)]
    assert discovery.faults == ["nor\0this: its name is no valid path"]


def test_whole(home: Path) -> None:
    write("a/main.tf")

    def whole(*paths: str, base: str = ".") -> bool:
        return discover.discover(paths, Config(base=base)).whole

    assert whole(".")
    assert whole("..", "a/main.tf")
    assert whole(str(home))
    assert not whole("a")
    assert not whole("a/main.tf")
    assert not whole(".", base=str(home.parent))
    assert whole("a", base="a")


# ── what cannot be read ──


def test_faults() -> None:
    write("main.tf")
    discovery = discover.discover(["nope.tf", "main.tf/x", "main.tf", "x" * 5000], Config())
    assert discovery.targets == [("main.tf", True)]
    assert discovery.faults[0] == "nope.tf: no such file or directory"
    assert len(discovery.faults) == 3


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_folder_that_must_not_be_listed() -> None:
    write("closed/main.tf", "b.tf")
    os.chmod("closed", 0)
    try:
        assert found() == ["b.tf"]
        assert discover.discover(["closed"], Config()).faults == ["closed: permission denied"]
    finally:
        os.chmod("closed", 0o700)


@needs_links
@pytest.mark.parametrize("in_git", [False, pytest.param(True, marks=needs_git)])
def test_special_files(in_git: bool) -> None:
    if in_git:
        git("init")
    write("main.tf")
    os.mkfifo("fifo.tf")
    os.mkfifo("Dockerfile")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.json")
        os.symlink("/dev/null", "null.tf")
        os.symlink("fifo.tf", "link-to-fifo.tf")
        discovery = discover.discover(["."], Config())
        assert discovery.targets == [("main.tf", False)]
        assert discovery.faults == []
        # Git does not tell of FIFOs and sockets.
        assert len(discovery.skipped) == (2 if in_git else 5)
        discovery = discover.discover(["fifo.tf", "socket.json", "null.tf"], Config())
        assert discovery.targets == []
        assert discovery.faults == [f"{name}: it is no regular file" for name in ("fifo.tf", "socket.json", "null.tf")]


@needs_links
@pytest.mark.parametrize("in_git", [False, pytest.param(True, marks=needs_git)])
def test_links(in_git: bool) -> None:
    if in_git:
        git("init")
    write("a/main.tf", "plain.txt", "../secret.tf", "dir.tf/inside.tf")
    os.symlink("a/main.tf", "again.tf")  # is there already
    os.symlink("plain.txt", "first.tf")
    os.symlink("first.tf", "second.tf")  # the same file once more
    os.symlink("../secret.tf", "out.tf")
    os.symlink("loop.tf", "loop.tf")
    os.symlink("loop-2.tf", "loop-1.tf")
    os.symlink("loop-1.tf", "loop-2.tf")
    os.symlink("nowhere", "broken.tf")
    os.symlink("a", "folder.tf")
    os.symlink(".", "a/up")
    os.symlink("..", "out")
    if in_git:
        git("add", ".")
    discovery = discover.discover(["."], Config())
    assert [path for path, _ in discovery.targets] == ["a/main.tf", "dir.tf/inside.tf", "first.tf"]
    assert len(discovery.skipped) == 5  # out, broken, three loops
    # Named, they are followed wherever they lead.
    assert found("out.tf", "again.tf") == ["again.tf", "out.tf"]
    assert found("folder.tf") == ["folder.tf/main.tf"]
    assert discover.discover(["loop.tf", "broken.tf"], Config()).targets == []
    assert len(discover.discover(["loop.tf", "broken.tf"], Config()).faults) == 2


@needs_git
@needs_links
def test_folder_that_became_a_link() -> None:
    """Git's index still has the files that were in the folder; now they would be somewhere else."""
    git("init", "repo")
    write("repo/a/b/main.tf", "outside/b/main.tf", "repo/top.tf")
    git("add", ".", at="repo")
    shutil.rmtree("repo/a")
    os.symlink("../outside", "repo/a")
    assert found("repo") == ["repo/top.tf"]


# ── the root ──


def test_root(home: Path) -> None:
    real = os.path.realpath
    write("plain/a/x.tf", "repo/a/x.tf", "worktree/a/x.tf", "../aside/a/x.tf")
    os.mkdir("repo/.git")
    write("worktree/.git", text="gitdir: elsewhere")
    assert root_of(".") == real(".")
    assert root_of("plain/a/x.tf") == real(".")
    assert root_of("repo/a/x.tf") == real("repo")
    assert root_of("repo/a") == real("repo")
    assert root_of("repo") == real("repo")
    assert root_of("repo/not/there.tf") == real("repo")
    assert root_of("worktree/a") == real("worktree")
    # Neither in a repository nor below the working directory.
    assert root_of("../aside/a/x.tf") == real("../aside/a")
    assert root_of("../aside") == real("../aside")
