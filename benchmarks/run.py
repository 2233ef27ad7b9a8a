"""Whole-process times of credlint, as medians and as ratios to `python -c pass`, beside its peers.

    python benchmarks/run.py [--runs N] [--terraform FOLDER] [--large]

Makes its input itself, in a temporary folder. A peer that is not installed is left out:
gitleaks, detect-secrets, checkov and hadolint are found on PATH. With `--terraform` a folder
of real .tf files is measured as well, with `--large` a search through much text, and through many files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The installed command, as a hook calls it: `python -m` costs an import of its own. Install credlint as a
# user does, not editable, or finding its modules is measured as well.
COMMAND = str(Path(sys.executable).parent / "credlint")
CREDLINT = [COMMAND, "check"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Times of whole processes.")
    parser.add_argument("--runs", type=int, default=15, help="runs of each command, after one that does not count")
    parser.add_argument("--terraform", help="a folder of real Terraform files")
    parser.add_argument("--large", action="store_true", help="much text and many files as well: 80 MB, 50,000 files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_input()
        unit = timed([sys.executable, "-c", "pass"], options.runs)[0]
        print(f"{'python -c pass':58}{unit * 1000:8.1f} ms")
        small = ["Dockerfile", "td.json"]
        report("--version", [COMMAND, "--version"], options.runs, unit)
        report("one Dockerfile and one task definition (goal: 4 x)", [*CREDLINT, *small], options.runs, unit)
        report("one .tf in a folder of ten (goal: 6 x)", [*CREDLINT, "tf/main.tf"], options.runs, unit)
        report(
            "the same with a task definition in YAML (goal: +2 x)", [*CREDLINT, *small, "td.yaml"], options.runs, unit
        )
        report("2,000 made-up .tf files, 5 MB (goal: 3 s, 150 MB)", [*CREDLINT, "many"], 3, unit)
        if options.terraform:
            report("real Terraform files", [*CREDLINT, options.terraform], 3, unit)
        if options.large:
            report_large()
        for name, command in peers(small):
            report(f"{name}, on the Dockerfile and the task definition", command, 3, unit)
    return 0


def peers(paths: list[str]) -> list[tuple[str, list[str]]]:
    Path("pair").mkdir()
    for path in paths:
        shutil.copy(path, "pair")
    quiet = ["--skip-download", "--quiet", "--compact", "--soft-fail"]
    found = [
        ("hadolint", ["hadolint", "--no-fail", "Dockerfile"]),
        ("gitleaks", ["gitleaks", "dir", "pair", "--exit-code", "0"]),
        ("detect-secrets", ["detect-secrets", "scan", "--all-files", "--no-verify", "pair"]),
        ("checkov", ["checkov", "-d", "pair", "--framework", "dockerfile", "secrets", *quiet]),
    ]
    return [(name, command) for name, command in found if shutil.which(name)]


def report_large() -> None:
    """What is searched as text and holds nothing, and a repository of which one file in a hundred is of interest.

    In seconds of a core, with those of git, beyond what a start takes.
    """
    start = cpu_seconds([*CREDLINT, "td.json"])
    for kind in ("sh", "yml", "json"):
        size = write_text(Path(f"text-{kind}"), kind)
        seconds = cpu_seconds([*CREDLINT, f"text-{kind}"]) - start
        print(f"{f'{size:.0f} MB of .{kind} without a candidate (goal: 200 MB/s)':58}{size / seconds:8.0f} MB/s")
    names = write_repository(Path("repository"))
    listing = ["git", "-C", "repository", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = cpu_seconds(listing)
    reading = read_once(names)
    seconds = cpu_seconds([*CREDLINT, "repository"]) - start
    print(f"{'50,000 files, 500 of interest':58}{seconds * 1000:8.1f} ms", end="")
    print(f" (goal: {(1.5 * listed + reading) * 1000:.0f} ms; git lists them in {listed * 1000:.0f} ms)")


def cpu_seconds(command: list[str]) -> float:
    """What a process takes of a core, at best."""
    times = []
    for _ in range(7):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        times.append(usage.ru_utime + usage.ru_stime)
    return min(times)


def read_once(paths: list[Path]) -> float:
    started = time.process_time()
    for path in paths:
        path.read_bytes()
    return time.process_time() - started


def write_text(folder: Path, kind: str) -> float:
    """Files of ordinary words, 2 MB each; how many MB there are."""
    folder.mkdir()
    words = (
        "service name image value region bucket path timeout memory policy version replicas port host enabled".split()
    )
    lines = "".join(
        f'  {words[n % 15]}_{n}: "{words[n % 7]} {words[n % 11]} {n * 7919 % 100003}"\n' for n in range(48_000)
    )
    for n in range(40):
        (folder / f"f{n}.{kind}").write_text(lines)
    return 40 * len(lines) / 1e6


def write_repository(folder: Path) -> list[Path]:
    """A git repository; the files in it whose names are of interest."""
    found = []
    for n in range(500):
        inner = folder / f"src/package{n % 25}/module{n}"
        inner.mkdir(parents=True)
        for k in range(99):
            (inner / f"file{k}.{'py ts js go java png css html'.split()[k % 8]}").write_text("x\n")
        found.append(inner / ("values.yaml", "run.sh", "pom.properties", "settings.toml", "config.json")[n % 5])
        found[-1].write_text("a: 1\n" * 200)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "a"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return found


def report(title: str, command: list[str], runs: int, unit: float) -> None:
    wall, memory = timed(command, runs)
    print(f"{title:58}{wall * 1000:8.1f} ms {wall / unit:7.1f} x {memory:6.0f} MB")


def timed(command: list[str], runs: int) -> tuple[float, float]:
    """The median of the wall time in seconds, and the most memory in MB, of finished processes."""
    times = []
    peak = 0.0
    for run in range(runs + 1):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        if run:
            times.append(time.perf_counter() - started)
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(times), peak


def make_input() -> None:
    Path("Dockerfile").write_text(
        "FROM python:3.13-slim AS build\nARG VERSION=1\nENV LANG=C.UTF-8 \\\n    APP_ENV=prod\n"
        "WORKDIR /app\nCOPY pyproject.toml .\n"
        + "".join(f"RUN pip install package-{n} && rm -rf /tmp/{n}\n" for n in range(30))
        + 'FROM python:3.13-slim\nCOPY --from=build /app /app\nCMD ["python", "-m", "app"]\n'
    )
    containers = [
        {
            "name": f"c{n}",
            "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/c{n}:1",
            "environment": [{"name": f"NAME_{i}", "value": f"value {i}"} for i in range(20)],
            "secrets": [{"name": "PASSWORD", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/p"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}},
        }
        for n in range(4)
    ]
    definition = {
        "family": "api",
        "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
        "taskRoleArn": "arn:aws:iam::123456789012:role/api",
        "containerDefinitions": containers,
    }
    Path("td.json").write_text(json.dumps(definition, indent=2))
    lines = ["family: api", "containerDefinitions:"]
    for n in range(4):
        lines += [f"  - name: c{n}", f"    image: c{n}:1", "    environment:"]
        lines += [f"      - name: NAME_{i}\n        value: value {i}" for i in range(20)]
    Path("td.yaml").write_text("\n".join(lines) + "\n")
    write_module(Path("tf"), 10, 200)
    for n in range(200):
        write_module(Path(f"many/m{n}"), 10, 70)


def write_module(folder: Path, files: int, lines: int) -> None:
    """A folder of .tf files with a task definition, roles, variables and other resources."""
    folder.mkdir(parents=True)
    task = """
resource "aws_ecs_task_definition" "api" {
  family             = "api"
  task_role_arn      = aws_iam_role.task.arn
  execution_role_arn = aws_iam_role.exec.arn
  container_definitions = jsonencode([{
    name        = "api"
    image       = var.image_0
    environment = [{ name = "TABLE", value = local.table_0 }]
  }])
}
"""
    (folder / "main.tf").write_text(task + filler(0, lines - 11))
    for n in range(1, files):
        (folder / f"f{n}.tf").write_text(filler(n, lines))


def filler(number: int, lines: int) -> str:
    parts = [
        f'variable "image_{number}" {{\n  default = "api:{number}"\n}}\n',
        f"locals {{\n  table_{number} = var.image_{number}\n}}\n",
    ]
    for n in range(max(0, lines - 6) // 7):
        parts.append(
            f'resource "aws_security_group_rule" "r{number}_{n}" {{\n'
            f'  type        = "ingress"\n  from_port   = {n}\n'
            f'  to_port     = {n}\n  cidr_blocks = ["10.0.{n % 256}.0/24"]\n  description = "rule ${{var.image_{number}}}"\n}}\n'
        )
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
