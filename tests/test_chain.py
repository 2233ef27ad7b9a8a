"""The chains of the SDKs: what was recorded of real ones, and what the sources of the others say."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credlint.chain import CHAINS, Resolution, resolve

DATA = json.loads((Path(__file__).parent / "data" / "sdk-conformance.json").read_text(encoding="utf-8"))
DOCS = Path(__file__).parent.parent / "docs" / "chain.md"
SOURCES = ("environment", "profile", "web-identity", "task-role", "instance-role", "none")
CHECKED = {
    "boto3": "executed: the worlds below, and random ones",
    **dict.fromkeys(("awscli-v1", "js-v2", "js-v3"), "executed: the worlds below"),
    **dict.fromkeys(("awscli-v2", "ruby"), "executed once, recorded below"),
}
STEPS = {
    "environment": "environment variables",
    "properties": "Java system properties",
    "web_identity": "web identity",
    "web_identity_or_profile": "web identity",
    "classic_file": "`AWS_CREDENTIAL_FILE`",
    "boto_file": "boto 2 file",
    "container": "container (task role)",
    "metadata": "metadata (instance role)",
}
KINDS = {
    "role": "role",
    "credentials-keys": "keys of the credentials file",
    "config-keys": "keys of the configuration file",
}


class World:
    """What a process sees."""

    def __init__(self, environment: dict[str, str], files: dict[str, str], home: str) -> None:
        self.environment = environment
        self.files = files
        self.home = home


class Case:
    """A recorded case; `expected` is what each SDK does, in the words of `outcome`."""

    def __init__(self, record: dict[str, object]) -> None:
        self.name = str(record["case"])
        self.environment: dict[str, str] = record["environment"]  # type: ignore[assignment]
        self.own_home = bool(record["home"])
        self.task_role = bool(record["task_role"])
        self.instance_role = bool(record["instance_role"])
        self.expected: dict[str, str] = record["expected"]  # type: ignore[assignment]

    def world(self, root: str, container: str) -> World:
        def at(text: str) -> str:
            text = text.replace("{files}", f"{root}/home").replace("{container}", container)
            return text.replace("{refused}", "http://127.0.0.1:9/x")

        files = {at(path): text for path, text in DATA["files"].items()}
        home = f"{root}/home" if self.own_home else f"{root}/empty"
        return World({name: at(value) for name, value in self.environment.items()}, files, home)


CASES = [Case(record) for record in DATA["cases"]]


def outcome(found: Resolution) -> str:
    """In one line: the source, the profile's name, or the error."""
    if found.error:
        return f"error {found.error}"
    return f"profile {found.detail}" if found.source == "profile" else found.source


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recorded(case: Case) -> None:
    world = case.world("/world", "http://127.0.0.1:8080/task")
    found = {
        sdk: outcome(resolve(sdk, world.environment, world.files, world.home, case.task_role, case.instance_role))
        for sdk in case.expected
    }
    assert found == case.expected


# ── what the sources of all SDKs say ──
#
# Of each case the SDKs by what they do, "*" being all others. The file that a row of the table was
# read from is its `source`; those that are executed too are in the recorded cases.

BOTOCORE = "boto3 awscli-v1 awscli-v2"
GO_V2 = "go-v2 terraform"
PAIR = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"}
TOKEN = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r"}
LOST = {**TOKEN, "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent"}
REFUSED = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/"}
CREDENTIALS = {
    "/root/.aws/credentials": "[default]\naws_access_key_id = A\naws_secret_access_key = s\n"
    "[prof]\naws_access_key_id = B\naws_secret_access_key = s\n"
    "[nokeys]\nregion = x\n[partial]\naws_access_key_id = C\n",
}
CONFIG = {"/root/.aws/config": "[profile conf]\naws_access_key_id = D\naws_secret_access_key = s\n"}
ELSEWHERE = {"/app/creds": CREDENTIALS["/root/.aws/credentials"]}

CITED: list[tuple[str, dict[str, str], dict[str, str], str, dict[str, str]]] = [
    ("task role", {}, {}, "task", {"task-role": "*"}),
    ("instance role", {}, {}, "instance", {"instance-role": "*"}),
    ("both roles", {}, {}, "task instance", {"task-role": "*"}),
    ("nothing", {}, {}, "", {"none": "*"}),
    ("pair and role", PAIR, {}, "task", {"environment": "*"}),
    ("file and role", {}, CREDENTIALS, "task", {"profile default": "*"}),
    ("pair, file, role", PAIR, CREDENTIALS, "task", {"profile default": "dotnet-v3", "environment": "*"}),
    (
        *("id only", {"AWS_ACCESS_KEY_ID": "ENV"}, {}, "task"),
        {"error partial-credentials": BOTOCORE, "task-role": "*"},
    ),
    ("secret only", {"AWS_SECRET_ACCESS_KEY": "s"}, {}, "task", {"task-role": "*"}),
    ("empty pair", dict.fromkeys(PAIR, ""), {}, "task", {"task-role": "*"}),
    (
        "blank pair",
        dict.fromkeys(PAIR, " "),
        {},
        "task",
        {"task-role": "java-v1 java-v2 rust kotlin", "environment": "*"},
    ),
    (
        *("mixed pair", {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_KEY": "s"}, {}, "task"),
        {
            "error partial-credentials": BOTOCORE,
            "environment": f"go-v1 {GO_V2} java-v1 dotnet-v3 dotnet-v4 ruby",
            "task-role": "*",
        },
    ),
    (
        *("old pair", {"AWS_ACCESS_KEY": "ENV", "AWS_SECRET_KEY": "s"}, {}, "task"),
        {"environment": f"go-v1 {GO_V2} java-v1 ruby", "task-role": "*"},
    ),
    (
        *(
            "old pair after an empty new one",
            {**dict.fromkeys(PAIR, ""), "AWS_ACCESS_KEY": "ENV", "AWS_SECRET_KEY": "s"},
        ),
        *({}, "task", {"environment": f"go-v1 {GO_V2}", "task-role": "*"}),
    ),
    (
        *("AMAZON pair", {"AMAZON_ACCESS_KEY_ID": "ENV", "AMAZON_SECRET_ACCESS_KEY": "s"}, {}, "task"),
        {"environment": "js-v2 ruby", "task-role": "*"},
    ),
    (
        *("SECRET_ACCESS_KEY", {"AWS_ACCESS_KEY_ID": "ENV", "SECRET_ACCESS_KEY": "s"}, {}, "task"),
        {"error partial-credentials": BOTOCORE, "environment": "rust", "task-role": "*"},
    ),
    (
        *("properties of v1", {"JAVA_TOOL_OPTIONS": "-Xmx1g -Daws.accessKeyId=A -Daws.secretKey=s"}, {}, "task"),
        {"environment": "java-v1", "task-role": "*"},
    ),
    (
        *("properties of v2", {"JDK_JAVA_OPTIONS": "-Daws.accessKeyId=A -Daws.secretAccessKey=s"}, {}, "task"),
        {"environment": "java-v2 kotlin", "task-role": "*"},
    ),
    (
        *("profile by a property", {"JAVA_TOOL_OPTIONS": "-Daws.profile=prof"}, CREDENTIALS, "task"),
        {"profile prof": "java-v1 java-v2 kotlin", "profile default": "*"},
    ),
    (
        *(
            "profile by a property and a variable",
            {"JAVA_TOOL_OPTIONS": "-Daws.profile=prof", "AWS_PROFILE": "default"},
        ),
        *(CREDENTIALS, "task", {"profile prof": "java-v2 kotlin", "profile default": "*"}),
    ),
    (
        *("pair and profile", {**PAIR, "AWS_PROFILE": "prof"}, CREDENTIALS, "task"),
        {"profile prof": "js-v3 dotnet-v3", "environment": "*"},
    ),
    (
        *("pair and missing profile", {**PAIR, "AWS_PROFILE": "gone"}, CREDENTIALS, "task"),
        {"error profile-not-found": f"{BOTOCORE} {GO_V2}", "task-role": "js-v3", "environment": "*"},
    ),
    (
        *("missing profile", {"AWS_PROFILE": "gone"}, CREDENTIALS, "task"),
        {"error profile-not-found": f"{BOTOCORE} {GO_V2} dotnet-v4", "task-role": "*"},
    ),
    (
        *("missing default profile", {"AWS_DEFAULT_PROFILE": "gone"}, {}, "task"),
        {"error profile-not-found": BOTOCORE, "task-role": "*"},
    ),
    ("empty profile", {"AWS_PROFILE": ""}, {}, "task", {"error profile-not-found": BOTOCORE, "task-role": "*"}),
    ("profile without keys", {"AWS_PROFILE": "nokeys"}, CREDENTIALS, "task", {"task-role": "*"}),
    (
        *("profile with half a pair", {"AWS_PROFILE": "partial"}, CREDENTIALS, "task"),
        {"error partial-credentials": f"{BOTOCORE} rust", "task-role": "*"},
    ),
    (
        *("AWS_DEFAULT_PROFILE", {"AWS_DEFAULT_PROFILE": "prof"}, CREDENTIALS, "task"),
        {"profile prof": f"{BOTOCORE} {GO_V2} ruby cpp", "profile default": "*"},
    ),
    (
        *("AWS_DEFAULT_PROFILE, opted in", {"AWS_DEFAULT_PROFILE": "prof", "AWS_SDK_LOAD_CONFIG": "1"}),
        *({**CREDENTIALS, **CONFIG}, "task"),
        {"profile prof": f"{BOTOCORE} go-v1 {GO_V2} ruby cpp", "profile default": "*"},
    ),
    (
        *("both profile variables", {"AWS_DEFAULT_PROFILE": "prof", "AWS_PROFILE": "default"}, CREDENTIALS, "task"),
        {"profile prof": "boto3 awscli-v1 cpp", "profile default": "*"},
    ),
    (
        *("credentials file elsewhere", {"AWS_SHARED_CREDENTIALS_FILE": "/app/creds"}, ELSEWHERE, "task"),
        {"task-role": "js-v2 java-v1", "profile default": "*"},
    ),
    (
        *("credentials file that is not there", {"AWS_SHARED_CREDENTIALS_FILE": "/gone"}, CREDENTIALS, "task"),
        {"profile default": "js-v2 java-v1", "task-role": "*"},
    ),
    (
        *("credentials file of Java v1", {"AWS_CREDENTIAL_PROFILES_FILE": "/app/creds"}, ELSEWHERE, "task"),
        {"profile default": "java-v1", "task-role": "*"},
    ),
    (
        *("configuration file", {"AWS_PROFILE": "conf"}, {**CREDENTIALS, **CONFIG}, "task"),
        {"task-role": "go-v1 js-v2 cpp java-v1", "profile conf": "*"},
    ),
    (
        *("configuration file, opted in", {"AWS_PROFILE": "conf", "AWS_SDK_LOAD_CONFIG": "true"}),
        *({**CREDENTIALS, **CONFIG}, "task"),
        {"task-role": "cpp java-v1", "profile conf": "*"},
    ),
    (
        *("empty profile, file, pair", {**PAIR, "AWS_PROFILE": ""}, CREDENTIALS, ""),
        {"error profile-not-found": BOTOCORE, "environment": "*"},
    ),
    (
        *("configuration turned off", {"AWS_PROFILE": "conf", "AWS_SDK_CONFIG_OPT_OUT": "1"}, CONFIG, "task"),
        {"task-role": "ruby go-v1 js-v2 cpp", "profile conf": "*"},
    ),
    ("token", TOKEN, {}, "task", {"task-role": "js-v2", "web-identity": "*"}),
    (
        *("token and file", TOKEN, CREDENTIALS, "task"),
        {"profile default": "js-v2 js-v3 rust cpp swift crt", "web-identity": "*"},
    ),
    (
        *("token without a role", {**TOKEN, "AWS_ROLE_ARN": ""}, {}, "task"),
        {"error invalid-config": f"{BOTOCORE} go-v1 {GO_V2}", "task-role": "*"},
    ),
    (
        *("lost token", LOST, {}, "task"),
        {
            "error unreadable-token": f"{BOTOCORE} go-v1 {GO_V2} ruby js-v3 rust dotnet-v3 dotnet-v4",
            "task-role": "*",
        },
    ),
    (
        *("no answer from the container endpoint", REFUSED, {}, "instance"),
        {
            "error credential-retrieval": f"{BOTOCORE} go-v1 {GO_V2} rust dotnet-v3 dotnet-v4 php",
            "instance-role": "java-v2 kotlin swift js-v2",
            "none": "*",
        },
    ),
    (
        *("empty container variable", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ""}, {}, "instance"),
        {"error credential-retrieval": BOTOCORE, "instance-role": "*"},
    ),
    ("metadata off", {"AWS_EC2_METADATA_DISABLED": "true"}, {}, "instance", {"none": "*"}),
    (
        "metadata off, False",
        {"AWS_EC2_METADATA_DISABLED": "False"},
        {},
        "instance",
        {"none": "js-v2 js-v3", "instance-role": "*"},
    ),
    (
        *("metadata off, 1", {"AWS_EC2_METADATA_DISABLED": "1"}, {}, "instance"),
        {"none": "js-v2 js-v3 crt swift", "instance-role": "*"},
    ),
    ("metadata off, task", {"AWS_EC2_METADATA_DISABLED": "true"}, {}, "task", {"task-role": "*"}),
]


@pytest.mark.parametrize(
    ("environment", "files", "roles", "expected"), [row[1:] for row in CITED], ids=[row[0] for row in CITED]
)
def test_cited(environment: dict[str, str], files: dict[str, str], roles: str, expected: dict[str, str]) -> None:
    wanted = dict.fromkeys(CHAINS, next((what for what, who in expected.items() if who == "*"), ""))
    for what, who in expected.items():
        if who != "*":
            wanted.update(dict.fromkeys(who.split(), what))
    task, instance = "task" in roles, "instance" in roles
    found = {sdk: outcome(resolve(sdk, environment, files, "/root", task, instance)) for sdk in CHAINS}
    assert found == wanted


def test_which_container_variable_is_asked() -> None:
    both = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/a", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/"}
    for sdk in CHAINS:
        asked = "FULL" if sdk == "go-v1" else "RELATIVE"
        assert resolve(sdk, both, task_role=True).detail == f"AWS_CONTAINER_CREDENTIALS_{asked}_URI"


ROLES = {
    "keys of another profile": (
        "source_profile = prof\n[prof]\naws_access_key_id = A\naws_secret_access_key = s",
        "profile default",
    ),
    "its own keys": ("source_profile = default\naws_access_key_id = A\naws_secret_access_key = s", "profile default"),
    "the container": ("credential_source = EcsContainer", "profile default"),
    "no instance": ("credential_source = Ec2InstanceMetadata", "error credential-retrieval"),
    "an unknown service": ("credential_source = Moon", "error invalid-config"),
    "nobody": ("source_profile = gone", "error invalid-config"),
    "itself": ("source_profile = default", "error invalid-config"),
}


@pytest.mark.parametrize(("settings", "expected"), ROLES.values(), ids=list(ROLES))
def test_profile_that_assumes_a_role(settings: str, expected: str) -> None:
    files = {"/root/.aws/credentials": f"[default]\nrole_arn = arn:aws:iam::123456789012:role/r\n{settings}\n"}
    found = {sdk: outcome(resolve(sdk, {}, files, task_role=True)) for sdk in ("boto3", "go-v2", "rust")}
    assert found == dict.fromkeys(found, expected)


def test_every_sdk_of_the_contract_is_there() -> None:
    assert (
        list(CHAINS)
        == (
            "go-v1 go-v2 boto3 awscli-v1 awscli-v2 js-v2 js-v3 java-v1 java-v2 dotnet-v3 dotnet-v4 php ruby cpp rust "
            "kotlin swift crt terraform"
        ).split()
    )
    for chain in CHAINS.values():
        assert re.fullmatch(r"https://github\.com/\S+\.(go|py|js|ts|java|cs|php|rb|cpp|rs|kt|swift|c)", chain.source)


def test_an_unknown_sdk_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown SDK 'boto': did you mean 'boto3'\?"):
        resolve("boto", {})


def test_a_result_shows_no_secret() -> None:
    assert "ENV" not in repr(resolve("boto3", PAIR))


ANY = st.text(alphabet="[]=:#; \n\t\\'\"${}~/abAWS_profiledefault.-\0\ufeff", max_size=60)


@given(
    sdk=st.sampled_from(list(CHAINS)),
    values=st.dictionaries(
        st.sampled_from(
            [
                *("AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "BOTO_CONFIG", "HOME"),
                *("AWS_CREDENTIAL_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "JAVA_TOOL_OPTIONS"),
                *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SDK_LOAD_CONFIG"),
            ]
        ),
        ANY,
    ),
    texts=st.lists(ANY, min_size=3, max_size=3),
    role=st.booleans(),
)
@settings(deadline=None)
def test_it_never_raises(sdk: str, values: dict[str, str], texts: list[str], role: bool) -> None:
    files = dict(zip(("/root/.aws/config", "/root/.aws/credentials", "/root/.boto"), texts))
    assert resolve(sdk, values, files, task_role=role, instance_role=role).source in SOURCES


@pytest.mark.parametrize("sdk", CHAINS)
def test_hostile_files_take_linear_time(sdk: str) -> None:
    many = 2_000
    row = "".join(f"[p{n}]\nrole_arn = r\nsource_profile = p{n + 1}\n" for n in range(many))
    for text in (row, "[" * many, "[default]\na" + " " * many + "b\n", "[default]\n" + "a = ${\n" * many):
        files = {"/root/.aws/credentials": text}
        started = time.perf_counter()
        for environment in ({"AWS_PROFILE": "p0"}, {"AWS_CONFIG_FILE": "${" * many}):
            assert resolve(sdk, environment, files).source == "none"
        assert time.perf_counter() - started < 30


# ── docs/chain.md ──


def test_docs_hold_the_table(request: pytest.FixtureRequest) -> None:
    page = DOCS.read_text(encoding="utf-8")
    head, begin, rest = page.partition("<!-- generated by `pytest --update` -->\n")
    assert begin
    _, end, tail = rest.partition("<!-- end -->\n")
    assert end
    if request.config.getoption("update"):
        DOCS.write_text(head + begin + tables() + end + tail, encoding="utf-8")
    else:
        assert page == head + begin + tables() + end + tail


def tables() -> str:
    ways = [CHECKED.get(sdk, "").partition(":")[0] for sdk in CHAINS]
    lines = [
        f"Of {len(CHAINS)} SDKs and tools {ways.count('executed')} are executed when the tests run, in the worlds below. "
        f"{ways.count('executed once, recorded below')} were executed once, and what they did is recorded. "
        f"{ways.count('')} are read from their sources.",
        "",
    ]
    lines += ["| SDK | name for `--sdk` | looks for, in this order | how it is checked |", "|---|---|---|---|"]
    for sdk, chain in CHAINS.items():
        order = " › ".join(label(step) for step in chain.order)
        lines.append(f"| [{chain.name}]({chain.source}) | `{sdk}` | {order} | {CHECKED.get(sdk, 'its source')} |")
    recorded = [sdk for sdk in CHAINS if any(sdk in case.expected for case in CASES)]
    lines += ["", "| world | " + " | ".join(recorded) + " |", "|---" * (len(recorded) + 1) + "|"]
    for case in CASES:
        cells = [case.expected.get(sdk, "") for sdk in recorded]
        lines.append(f"| {case.name} | " + " | ".join(cells) + " |")
    return "\n".join(["", *lines, "", ""])


def label(step: str | tuple[str, ...]) -> str:
    if isinstance(step, tuple):
        return "profile" if len(step) > 1 else f"profile ({KINDS.get(step[0], step[0])})"
    return STEPS.get(step, step)
