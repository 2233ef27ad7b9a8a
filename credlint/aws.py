"""What AWS lays down: how keys look, what they are called, how roles are written.

Key formats: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
(prefixes), and the public analyses of access key ids by Tal Be'ery ("AWS Account ID from
access keys") and WithSecure ("A bitwise analysis of AWS access key identifiers").
"""

from __future__ import annotations

import re

from . import lazy

# An id is 20 characters in practice; the text around it must not go on.
KEY_ID = lazy.pattern(r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", signs=("AKIA", "ASIA"))

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MAX_ACCOUNT = 999_999_999_999

# Ids that AWS's documentation and SDK tests use without saying EXAMPLE; backwards, so that
# other scanners do not take this file for a leak.
DOCUMENTED_IDS = frozenset(
    id[::-1] for id in ("FGLJAVMNDJ2D3P23AIKA", "QQ2XRBEA53P65C5JAIKA", "A5KMBTKOTPZIHMUJAISA", "T5ZYIIQFAMKQFO6RAISA")
)

# What nobody's key spells out by chance: a run of four letters occurs in one key of 100,000.
_FILLERS = (
    "EXAMPLE",
    "PLACEHOLDER",
    "CHANGEME",
    "REPLACE",
    "INSERT",
    "DUMMY",
    "FAKE",
    "TESTKEY",
    "TESTTEST",
    "SAMPLE",
    "NOTREAL",
    "NOTAREAL",
    "INVALID",
    "REDACTED",
    "YOURKEY",
    "YOURSECRET",
    "YOURACCESS",
    "SECRETKEY",
    "SECRETACCESS",
    "ACCESSKEY",
    "QWERTY",
    "DEADBEEF",
    "TESTACCESS",
)

# Accounts that hand out canary tokens: a key of theirs is bait, and using it raises an alarm.
# Source: trufflesecurity/trufflehog, pkg/detectors/aws/access_keys/canary.go.
CANARY_ACCOUNTS = frozenset(
    "052310077262 171436882533 534261010715 595918472158 717712589309 819147034852 992382622183 "
    "730335385048 266735846894 893192397702 "
    "044858866125 251535659677 344043088457 351906852752 390477818340 426127672474 427150556519 "
    "439872796651 445142720921 465867158099 637958123769 693412236332 732624840810 735421457923 "
    "959235150393 982842642351".split()
)


def account_of(key_id: str) -> str | None:
    """The account that an id encodes, twelve digits; None for ids of before 2019, which encode none."""
    bits = 0
    for char in key_id[4:]:
        digit = _BASE32.find(char)
        if digit < 0:
            return None
        bits = bits << 5 | digit
    if not bits >> 79:  # the first bit tells the generation
        return None
    account = bits >> 39 & (1 << 40) - 1
    return f"{account:012d}" if account <= _MAX_ACCOUNT else None


def could_be_issued(key_id: str) -> bool:
    """Whether AWS can have issued this id: base32, and an account number that exists."""
    body = key_id[4:]
    if any(char not in _BASE32 for char in body):
        return False
    is_new = _BASE32.index(body[0]) >= 16
    return not is_new or account_of(key_id) is not None


def is_documented(text: str) -> bool:
    """Whether a key is one of AWS's own examples, which are never findings."""
    return text in DOCUMENTED_IDS or "EXAMPLE" in text.upper()


def is_filler(text: str) -> bool:
    """Whether a text stands in for a key: repeated characters, sequences, words."""
    upper = text.upper()
    return (
        says_filler(upper)
        or len(set(upper)) <= min(12, max(6, len(text) // 5))
        or _longest_run(upper, 0) >= 5
        or _longest_run(upper, 1) >= 6
        or _longest_run(upper, -1) >= 6
    )


def says_filler(text: str) -> bool:
    """Whether a text says by a word that it stands in for a key."""
    upper = text.upper()
    return any(word in upper for word in _FILLERS)


def _longest_run(text: str, step: int) -> int:
    """The longest stretch in which each character follows the one before by `step`: aaaaa, abcde, 54321."""
    longest = length = 1
    for before, char in zip(text, text[1:]):
        length = length + 1 if ord(char) - ord(before) == step else 1
        longest = max(longest, length)
    return longest


def looks_random(text: str, least: int = 13) -> bool:
    """Whether 40 characters could be a secret access key, not a digest, a path or an identifier.

    In 40 random characters of base64 the class (upper, lower, digit, other) changes 25 times
    from one character to the next, with a deviation of 3; in words and paths far less often.
    `least` is how many changes it takes.
    """
    classes = [_class(char) for char in text]
    if len(set(classes)) < 3 or "u" not in classes or "l" not in classes:
        return False
    return sum(a != b for a, b in zip(classes, classes[1:])) >= least


def _class(char: str) -> str:
    if char.isdigit():
        return "d"
    if char.isalpha():
        return "u" if char.isupper() else "l"
    return "o"


_WORD = lazy.pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_path(text: str) -> bool:
    """Whether 40 characters are words with slashes between, such as a path.

    Of 100,000 random keys two are taken for one. A made-up key with some letters in a row is
    none: its words are short, and more than one has a single letter.
    """
    if text.count("/") < 2 or "+" in text:
        return False
    words = [len(word) for word in _WORD.findall(text)]
    return words.count(1) <= 1 and sum(words) >= 3.5 * len(words)


_ADDRESS = lazy.pattern(r"(https?://)?([\w-]+(?:\.[\w-]+)*)(:\d+)?(?:/[^\s${}<>]*)?", re.IGNORECASE)
# Of all partitions that are open to the public.
_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", ".aws", ".amazonwebservices.com.cn")


def is_address_elsewhere(text: str) -> bool:
    """Whether a text is a URL or a host, and surely none of AWS."""
    address = _ADDRESS.fullmatch(text.strip())
    if not address:
        return False
    host = address[2].lower()
    return bool(address[1] or address[3] or "." in host) and not host.endswith(_DOMAINS)


_SAY_PLACEHOLDER = (
    *("***", "...", "xxxx", "replace", "changeme", "change_me", "placeholder", "your-", "your_", "your ", "todo"),
    *("fixme", "insert-", "insert_", "insert ", "dummy"),
)
_FILLED_IN = lazy.pattern(
    r"<[^<>]*>|\{\{.*\}\}|\{%.*%\}|\$\{.*\}|\$\(.*\)|^\$\w+$|%\w+%|^@\w+@$|^__\w+__$",
    signs=("<", "{{", "{%", "$", "%", "@", "__"),
)


def is_placeholder(text: str) -> bool:
    """Whether a text stands in for a value that somebody or something fills in later."""
    beginning = text[:500].lower()
    said = any(word in beginning for word in _SAY_PLACEHOLDER)
    return said or not text.strip() or _FILLED_IN.search(beginning) is not None


_ROLE_NAME = lazy.pattern(r"[\w+=,.@-]{1,64}$")


def role_of(text: str) -> tuple[str | None, str | None]:
    """The name and the account of a role that is written as an ARN or as a name; None for what is not told.

    A template may leave the account open (`arn:aws:iam::{{ account }}:role/api`) and still say which role it is.
    """
    account, name = None, text
    arn = text.split(":", 5)
    if len(arn) == 6 and arn[0] == "arn" and arn[2:4] == ["iam", ""] and arn[5].startswith("role/"):
        account, name = arn[4] or None, arn[5].rpartition("/")[2]
    if is_placeholder(name) or not _ROLE_NAME.match(name):
        return None, None
    if account and account.isupper() and name.isupper():  # ACCOUNT_ID:role/ROLE_NAME
        return None, None
    return name, account


_IN_SERVICE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
# What stands in an ARN of IAM or STS before the first slash.
_KINDS = {
    "role/aws-service-role": "a service-linked role",
    "role": None,
    "instance-profile": "an instance profile",
    "user": "a user",
    "group": "a group",
    "policy": "a policy",
    "assumed-role": "a session of a role",
}
# How the languages of templates write what is not there.
_NOTHING = (":role/null", ":role/None", ":role/nil", ":role/undefined")


_RESOURCE = lazy.pattern(r":(?:data\.)?aws_iam_(instance_profile|user|group|policy)\.[\w-]+(?:\[[^]]*\])?")


def other_resource_than_role(address: str) -> str | None:
    """What the resource of an address of Terraform is, if it is one of IAM's and no role ("an instance profile")."""
    found = _RESOURCE.search(address) if "aws_iam_" in address else None
    return _KINDS[found[1].replace("_", "-")] if found and found.end() == len(address) else None


def other_than_role(text: str) -> str | None:
    """What an ARN or a name is, if it is surely none of a role that one can use for oneself ("an instance profile")."""
    arn = text.split(":", 3)
    if len(arn) < 4 or arn[0] != "arn" or not arn[2] or not _IN_SERVICE.issuperset(arn[2]):
        # The prefix is reserved: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
        return _KINDS["role/aws-service-role"] if text.startswith("AWSServiceRoleFor") else None
    if arn[2] not in ("iam", "sts"):
        return f"the ARN of something in {arn[2]}"
    if text.endswith(_NOTHING):
        return "what a template makes of a value that is missing"
    rest = f":{arn[3]}"
    places = {kind: rest.find(f":{kind}/") for kind in _KINDS}
    kind = min((kind for kind in _KINDS if places[kind] >= 0), key=places.__getitem__, default=None)
    if kind == "role" and rest.startswith(":role/AWSServiceRoleFor", places[kind]):
        kind = "role/aws-service-role"
    return _KINDS[kind] if kind else None
