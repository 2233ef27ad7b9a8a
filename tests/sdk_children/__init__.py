"""Real SDKs in child processes, and the endpoints on the loopback that they ask.

A child is given one world as a line of JSON (`environment`, `home`) and answers with one:
the key id that the SDK found, or the class and the text of its error. Every key id of a
world tells where it comes from, see `told`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

HERE = Path(__file__).parent
EXPIRATION = "2099-01-01T00:00:00Z"


class Endpoints(ThreadingHTTPServer):
    """Container credentials under /task, and the metadata service of EC2."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.task_role = False
        self.instance_role = False
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoints
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer is two small writes: the second would wait for 40 ms

    def do_GET(self) -> None:
        role = "/latest/meta-data/iam/security-credentials/"
        if self.path.startswith("/task") and self.server.task_role:
            self.answer(credentials("TASK"))
        elif self.path == role and self.server.instance_role:
            self.answer("role")
        elif self.path.startswith(role) and self.server.instance_role:
            self.answer(credentials("INSTANCE"))
        else:
            self.answer("", 404)

    def do_PUT(self) -> None:
        if self.server.instance_role:
            self.answer("session")
        else:
            self.answer("", 404)

    def answer(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def credentials(key_id: str) -> str:
    return json.dumps(
        {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2020-01-01T00:00:00Z",
            "AccessKeyId": key_id,
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": EXPIRATION,
        }
    )


class Child:
    """A process that answers a line with a line."""

    def __init__(self, *command: str, cwd: Path | None = None) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd, encoding="utf-8"
        )

    def ask(self, **world: object) -> dict[str, str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(world) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the SDK's process ended"
        found = json.loads(answer)
        assert isinstance(found, dict)
        return found

    def close(self) -> None:
        self.process.communicate(timeout=10)


class Disk:
    """The files of one world after the other, under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: dict[str, str]) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir()
        for path, text in files.items():
            assert path.startswith(f"{self.root}/")
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(text.encode())


def told(key_id: str) -> str:
    """What a key id says about its source, as `credlint.chain` names it, with the profile."""
    kind, _, name = key_id.partition(":")
    if kind in ("KEYS", "ROLE", "SSO", "PROCESS", "FILE"):
        return f"profile {name}"
    names = {"ENV": "environment", "TASK": "task-role", "INSTANCE": "instance-role", "WEB": "web-identity"}
    return names[kind.strip() or "ENV"]  # a blank id can only come from the environment
