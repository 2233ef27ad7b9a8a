"""credlint.chain against the real SDKs, each in a child process with a prepared world.

boto3 and the AWS CLI v1 come with the `test` extra. The SDKs for JavaScript are installed with
npm into pytest's cache, once; where node, npm or the network is missing they are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credlint.chain import resolve
from tests.sdk_children import HERE, Child, Disk, Endpoints, told
from tests.test_chain import CASES, Case, outcome

IN_CI = os.environ.get("CI") == "true"
WORLDS = 5000 if IN_CI else 250

# What the SDKs raise, and what that is here.
ERRORS = {
    "PartialCredentialsError": "partial-credentials",
    "ProfileNotFound": "profile-not-found",
    "FileNotFoundError": "unreadable-token",
    "ENOENT": "unreadable-token",
    "CredentialRetrievalError": "credential-retrieval",
    **dict.fromkeys(("InvalidConfigError", "InfiniteLoopConfigError", "ConfigParseError"), "invalid-config"),
    **dict.fromkeys(("ConfigNotFound", "KeyError", "IndexError", "ValueError", "HTTPClientError"), "invalid-config"),
}
NOTHING_FOUND = {"CredentialsProviderError", "Error"}


@pytest.fixture(scope="module")
def endpoints() -> Iterator[Endpoints]:
    server = Endpoints()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    return Disk(tmp_path_factory.mktemp("world") / "disk")


@pytest.fixture(scope="module")
def children(endpoints: Endpoints, request: pytest.FixtureRequest) -> Iterator[dict[str, Child]]:
    """The SDKs' processes; each is started when a test first asks for it."""
    started: dict[str, Child] = {}
    yield started
    for child in started.values():
        child.close()


@pytest.fixture(scope="session")
def node_modules(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("node and npm are not installed")
    cache = getattr(request.config, "cache", None)
    folder = Path(cache.mkdir("sdk-js")) if cache else tmp_path_factory.mktemp("sdk-js")
    if not (folder / "complete").exists():
        packages = ["aws-sdk@2", "@aws-sdk/credential-provider-node@3"]
        install = [
            npm,
            "install",
            "--prefix",
            str(folder),
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=0",
            *packages,
        ]
        try:
            done = subprocess.run(install, capture_output=True, timeout=180, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not get the SDKs for JavaScript in time")
        if done.returncode:
            pytest.skip("npm cannot get the SDKs for JavaScript")
        (folder / "complete").touch()
    return folder


def child(sdk: str, children: dict[str, Child], endpoints: Endpoints, request: pytest.FixtureRequest) -> Child:
    if sdk not in children:
        if sdk.startswith("js"):
            folder = request.getfixturevalue("node_modules")
            (folder / "child.js").write_bytes((HERE / "node_child.js").read_bytes())
            children[sdk] = Child("node", str(folder / "child.js"), sdk, cwd=folder)
        else:
            pytest.importorskip("boto3" if sdk == "boto3" else "awscli", reason="comes with the extra `test`")
            address = endpoints.url.removeprefix("http://")
            children[sdk] = Child(sys.executable, str(HERE / "python_child.py"), sdk, address)
    return children[sdk]


def executed(child: Child, endpoints: Endpoints, environment: dict[str, str], home: str) -> str:
    """What the real SDK does in this world, in the words of `outcome`."""
    given = {
        "HOME": home,
        "PATH": os.environ.get("PATH", ""),
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoints.url,
        **environment,
    }
    answer = child.ask(environment=given)
    if "id" in answer:
        return told(answer["id"]) if answer["id"] else "none"
    if answer["error"] in ERRORS:
        return f"error {ERRORS[answer['error']]}"
    # The SDKs for JavaScript have one error for "nothing found" and for "nothing found that works".
    return "none" if answer["error"] in NOTHING_FOUND else f"{answer['error']}: {answer['text']}"


@pytest.mark.parametrize("sdk", ["boto3", "awscli-v1", "js-v2", "js-v3"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_real_sdk_does_what_is_recorded(
    case: Case,
    sdk: str,
    children: dict[str, Child],
    endpoints: Endpoints,
    disk: Disk,
    request: pytest.FixtureRequest,
) -> None:
    if sdk not in case.expected:
        pytest.skip("not recorded for this SDK")
    process = child(sdk, children, endpoints, request)
    world = case.world(str(disk.root), endpoints.url + "/task")
    disk.write(world.files)
    endpoints.task_role, endpoints.instance_role = case.task_role, case.instance_role
    assert executed(process, endpoints, world.environment, world.home) == case.expected[sdk]


# ── random worlds ──

NAMES = ("default", "prof", "other", "")
ROOT = "{root}"  # of the world's files; it is known only when the test runs


def variables(**values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    """Some of these variables."""
    return st.fixed_dictionaries({}, optional=values)


def paths(name: str) -> st.SearchStrategy[str]:
    there = [f"{ROOT}/home/{name}", f"~/{name}", f"$HOME/{name}", f"${{HOME}}//./{name}"]
    return st.sampled_from([*there, "/nonexistent", ""])


ENVIRONMENTS = st.builds(
    lambda *parts: {name: value for part in parts for name, value in part.items()},
    variables(
        AWS_ACCESS_KEY_ID=st.sampled_from(["ENV", "", " "]),
        AWS_SECRET_ACCESS_KEY=st.sampled_from(["s", "", " "]),
        AWS_SESSION_TOKEN=st.just("t"),
        AWS_ACCESS_KEY=st.just("ENV"),
        AWS_SECRET_KEY=st.just("s"),
        AMAZON_ACCESS_KEY_ID=st.just("ENV"),
    )
    | st.just({}),
    variables(AWS_PROFILE=st.sampled_from(NAMES), AWS_DEFAULT_PROFILE=st.sampled_from(NAMES)) | st.just({}),
    variables(
        AWS_SHARED_CREDENTIALS_FILE=paths("creds"), AWS_CONFIG_FILE=paths("conf"), AWS_SDK_LOAD_CONFIG=st.just("1")
    )
    | st.just({}),
    st.sampled_from([False] * 5 + [True]).flatmap(
        lambda old: variables(AWS_CREDENTIAL_FILE=paths("classic"), BOTO_CONFIG=paths("boto")) if old else st.just({})
    ),
    variables(
        AWS_WEB_IDENTITY_TOKEN_FILE=st.sampled_from([f"{ROOT}/token", "/nonexistent", ""]),
        AWS_ROLE_ARN=st.sampled_from(["arn:aws:iam::123456789012:role/env", ""]),
    )
    | st.just({}),
    variables(
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=st.sampled_from(["/task", ""]),
        AWS_CONTAINER_CREDENTIALS_FULL_URI=st.sampled_from(
            ["{container}/task", "http://192.0.2.1/task", "ftp://localhost/task", "http://[::", ""]
        ),
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=st.sampled_from([f"{ROOT}/token", "/nonexistent"]),
        AWS_CONTAINER_AUTHORIZATION_TOKEN=st.just("t"),
    )
    | st.just({}),
    variables(AWS_EC2_METADATA_DISABLED=st.sampled_from(["true", "TRUE", "false", "1", ""])),
)


def settings_of(name: str) -> st.SearchStrategy[str]:
    """The settings of one profile, as lines of a file. What they give tells the profile's name."""
    program = f'echo \'{{"Version": 1, "AccessKeyId": "PROCESS:{name}", "SecretAccessKey": "s"}}\''
    keys = [f"aws_access_key_id = KEYS:{name}", "aws_secret_access_key=s"]
    arn = f"role_arn = arn:aws:iam::123456789012:role/{name}"
    plain = [
        *(*keys, arn, "aws_session_token = t", "region = eu-west-1", f"credential_process = {program}"),
        *(f"source_profile = {other}" for other in NAMES),
        *(f"credential_source = {service}" for service in ("Environment", "EcsContainer", "Ec2InstanceMetadata")),
        *(f"web_identity_token_file = {ROOT}/token-{name}", "web_identity_token_file = /nonexistent"),
        *(f"sso_role_name = {name}", "sso_account_id = 1", "sso_session = mine", "sso_region = eu-west-1"),
        *("s3 =\n  addressing_style = path", "# a comment", "; another", ""),
    ]
    odd = [
        *(f"AWS_ACCESS_KEY_ID : KEYS:{name}", "credential_process =", "credential_source = x", "region"),
        *("s3 =\n  addressing_style", "more = a\n  continued = line", "sso_start_url = https://b.example"),
    ]
    whole = [
        "\n".join(keys),
        f"{arn}\nsource_profile = other",
        f"{arn}\nsource_profile = prof",
        f"{arn}\ncredential_source = Environment",
        f"{arn}\nweb_identity_token_file = {ROOT}/token-{name}",
        f"sso_role_name = {name}\nsso_account_id = 1\nsso_region = x\nsso_start_url = https://a.example",
        f"sso_role_name = {name}\nsso_account_id = 1\nsso_session = mine",
        f"credential_process = {program}",
        "",
    ]
    return st.one_of(
        st.sampled_from(whole),
        st.lists(st.sampled_from(plain), max_size=3, unique_by=lambda line: line.split(" ")[0]).map("\n".join),
        st.builds("{}\n{}".format, st.sampled_from(whole), st.sampled_from(plain + odd)),
    )


def sections(prefix: str) -> st.SearchStrategy[str]:
    """A shared file: some sections, rarely misspelt, doubled or broken."""

    def section(name: str) -> st.SearchStrategy[str]:
        usual = f"[{name}]" if name == "default" or not prefix else f"[{prefix} {name}]"
        heads = [usual] * 12 + [f"[{name}]", f"[{prefix} '{name}']", f"[profile {name}]", f"[ {name} ]"]
        return st.builds("{}\n{}\n".format, st.sampled_from(heads), settings_of(name))

    ends = [
        *([""] * 8 + ["[sso-session mine]\nsso_region = x\nsso_start_url = https://a.example\n"] * 4),
        *("[sso-session mine]\nsso_region = eu-west-1\n", "[DEFAULT]\nregion = x\n", "[preview]\na = b\n"),
        *("[plugins]\n", "[profile a b]\n", "[profile 'a]\n", "[]\n", "[default]\nregion = y\n"),
    ]
    return st.builds(
        lambda front, parts, end, line_end: (front + "".join(parts.values()) + end).replace("\n", line_end),
        st.sampled_from([""] * 40 + ["\n", "# head\n", "a = b\n", "\ufeff"]),
        st.fixed_dictionaries({}, optional={name: section(name) for name in NAMES[:3]}),
        st.sampled_from(ends),
        st.sampled_from(["\n"] * 6 + ["\r\n"]),
    )


BOTO = st.sampled_from(
    [
        "[Credentials]\naws_access_key_id = FILE:boto\naws_secret_access_key = s\n",
        "[Credentials]\naws_access_key_id = FILE:boto\n",
        "[Boto]\ndebug = 1\n",
        "nothing\n",
    ]
)
CLASSIC = st.sampled_from(
    ["AWSAccessKeyId=FILE:classic\nAWSSecretKey=s\n", "AWSAccessKeyId=FILE:classic\n", "other=1\n", "junk\n", ""]
)
FILES = st.fixed_dictionaries(
    {
        f"{ROOT}/token": st.just("WEB:"),
        **{f"{ROOT}/token-{name}": st.just(f"ROLE:{name}") for name in NAMES[:3]},
    },
    optional={
        f"{ROOT}/home/.aws/credentials": sections(""),
        f"{ROOT}/home/.aws/config": sections("profile"),
        f"{ROOT}/home/creds": sections(""),
        f"{ROOT}/home/conf": sections("profile"),
        f"{ROOT}/home/.boto": BOTO,
        f"{ROOT}/home/boto": BOTO,
        f"{ROOT}/home/classic": CLASSIC,
    },
)


@given(environment=ENVIRONMENTS, files=FILES, task_role=st.booleans(), instance_role=st.booleans())
@settings(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_botocore_agrees_on_random_worlds(
    children: dict[str, Child],
    endpoints: Endpoints,
    disk: Disk,
    request: pytest.FixtureRequest,
    environment: dict[str, str],
    files: dict[str, str],
    task_role: bool,
    instance_role: bool,
) -> None:
    def at(text: str) -> str:
        return text.replace(ROOT, str(disk.root)).replace("{container}", endpoints.url)

    process = child("boto3", children, endpoints, request)
    environment = {name: at(value) for name, value in environment.items()}
    if task_role and not any(name.endswith("_URI") for name in environment):
        environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/task"
    files = {at(path): at(text) for path, text in files.items()}
    disk.write(files)
    endpoints.task_role, endpoints.instance_role = task_role, instance_role
    home = f"{disk.root}/home"
    real = executed(process, endpoints, environment, home)
    found = resolve("boto3", environment, files, home, task_role, instance_role)
    if found.source == "profile" and "/" in found.detail:  # a file without profiles
        assert real == f"profile {found.detail.rpartition('/')[2].removeprefix('.')}"
    else:
        assert real == outcome(found)
