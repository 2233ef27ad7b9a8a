"""Finds keys: which of the named strings, and of the bare text, are credentials of AWS.

A key id, a session token and an API key tell themselves by their shape. A secret access
key is 40 characters like any others; it takes a name that says so, or a key id in reach.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from itertools import islice

from . import aws, lazy
from .model import Credential, Key, KeyKind, Setting, Value
from .text import Source, Span, align

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Facts

# How far an id may stand from its secret when nothing but nearness says they belong together.
_REACH_LINES = 6
_REACH_CHARACTERS = 2000
_MOST_OF_A_GROUP = 50
# A text with more than so many candidates is a dump of data; the first ones say what it is.
_MOST_IN_A_TEXT = 2000

# Everything but an id stands in a long run of these characters. To look for such a run in a
# translation of the text is ten times as fast as a regular expression.
_RUN = 28
_ALPHABET = bytes(120 if chr(code).isalnum() or chr(code) in "+/=%\\" else 32 for code in range(128)) + b" " * 128

# 40 characters of base64, also written with %2F, \/ or +.
_SECRET = lazy.pattern(r"(?<![A-Za-z0-9+/\\%_.])(?<!(?<!:)-)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=_\\%-])")
_ENCODED = lazy.pattern(
    r"(?<![A-Za-z0-9+/%\\])(?:[A-Za-z0-9+/]|%2[BbFf]|\\/|\\u002[BbFf]){40}(?![A-Za-z0-9+/=%]|\\/|\\u002)"
)
_TOKEN = lazy.pattern(
    r"(?:FQoGZXIvYXdz|FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj|AgoGb3JpZ2lu|AQoDYXdz)(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd]|\\/){80,}"
)
_BASE64 = lazy.pattern(r"[A-Za-z0-9+/=]{100,}")
_BEDROCK = lazy.pattern(
    r"ABSK[A-Za-z0-9+/]{109,269}={0,2}(?![A-Za-z0-9+/=])|bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/=_-]{20,}"
)
_SES_PASSWORD = lazy.pattern(r"(?<![A-Za-z0-9+/=])(?:B[A-P]|A[g-v])[A-Za-z0-9+/]{42}(?![A-Za-z0-9+/=])")
_SERVICE_URL = lazy.pattern(r"[\w+=,.%-]{1,128}-at-\d{12}:([^\s@/\"']{20,})@git-codecommit\.")
# What stands before a value, up to its name: NAME=, "name": ", NAME => ', setName(", <name>, -Dname=
_NAME_BEFORE = lazy.pattern(
    r"""([A-Za-z_][\w.-]*)["'`\])\\]{0,4}\s*(?:=>|:=|:-|={1,3}|:|,|>|\(|\s)\s*(?:\w{1,20}\()?["'`\\]{0,4}$"""
)
# What the line assigns to, when there is an expression between: key = get("X") || '
_ASSIGNED_BEFORE = lazy.pattern(r"""([A-Za-z_][\w.-]*)["']?\s*[:=](?![=:])""")
_PAIR_BEFORE = lazy.pattern(
    r"""["']?name["']?\s*[:=]\s*["']?([\w.-]+)["']?\s*,?\s*(?:\#[^\n]*|-)?\s*["']?value["']?\s*[:=]\s*["']?$""",
    re.IGNORECASE,
)
_PAIR_AFTER = lazy.pattern(r"""^["']?\s*,?\s*["']?name["']?\s*[:=]\s*["']?([\w.-]+)""", re.IGNORECASE)

# An id in the text around a secret, and what says that a text is about AWS.
_ID_NEAR = lazy.pattern(
    r"""(?<![A-Za-z0-9_-])(?:aws[_-]?|s3[_-]?)?access[_-]?key(?:[_-]?id)?["']?[ \t]*[:=>]+[ \t]*["']?([A-Za-z0-9+/_-]{12,})""",  # noqa: E501
    re.IGNORECASE,
)
_ID_NAMES = frozenset({"awsaccesskeyid", "awsaccesskey", "accesskeyid", "accesskey", "s3accesskeyid", "s3accesskey"})
_ABOUT_AWS = lazy.pattern(r"aws|amazon|(?:^|[^a-z0-9])s3(?:[^a-z0-9]|$)", re.IGNORECASE)
_BLANKS = {ord(char): " " for char in "\t\n\r"}
_SERVICE_NAME = "codecommit-password"
# Other vendors' keys are not ours to judge, unless the name says AWS as well.
_VENDORS = lazy.pattern(
    r"linode|wasabi|minio|cloudflare|(?:^|[^a-z])r2(?:[^a-z]|$)|digitalocean|spaces|ceph|yandex|aliyun|alicloud|oss_"
    r"|gcs|google|gcp|azure|backblaze|(?:^|[^a-z])b2(?:[^a-z]|$)|storj|scaleway|scw|ovh|ibm|tencent|qcloud|huawei|vultr"
    r"|stripe|twilio|captcha|facebook|twitter|github|gitlab|slack|django|flask|rails|jwt|session_?secret|cookie|oauth"
    r"|client_?secret|consumer|paypal|dropbox|mailgun|algolia|pusher|braintree|cloudinary|razorpay|binance|kraken"
    r"|coinbase|bitfinex|trello|shopify|sentry|zoho|okta|auth0|datadog|newrelic|nextauth|supabase|jenkins|vault|hmac"
    r"|encrypt|cipher|signing|csrf|crypto|webhook|openai|plaid|docker|npm|pypi|grafana|superset|airflow",
    re.IGNORECASE,
)
# What a 40-character string is when its name ends like this, or speaks of digests.
_NOT_A_SECRET = lazy.pattern(
    r"(?:file|path|arn|url|uri|name|ref|version|hash|base|length|host|region|bucket|user|role|env|var|prefix)s?$"
    r"|sha\d*|digest|checksum|integrity|commit|etag|md5|fingerprint|revision|uuid|guid|cursor",
    re.IGNORECASE,
)


def has_candidates(text: str) -> bool:
    """Whether anything in a text has the shape of a credential, whatever it is called."""
    if "AKIA" in text or "ASIA" in text:
        return True
    for start, end in _runs(text, 40):
        if any(aws.looks_random(_plain(match[0])) for match in _ENCODED.finditer(text, start, end + 1)):
            return True
        if any(pattern.search(text, start, end + 1) for pattern in (_TOKEN, _BEDROCK, _SES_PASSWORD)):
            return True
    return False


def _runs(text: str, least: int) -> Iterator[tuple[int, int]]:
    """Where at least so many characters of base64 stand together, with escapes of its signs."""
    flat = text.encode("latin-1", "replace").translate(_ALPHABET)
    wanted = b"x" * least
    start = flat.find(wanted)
    while start >= 0:
        end = flat.find(b" ", start + least)
        if end < 0:
            end = len(flat)
        yield start, end
        start = flat.find(wanted, end)


# ── what a name says ──

_NOTHING, _WEAK, _GENERIC, _CLEAR = range(4)


@cache
def _says_secret(name: str) -> int:
    """How clearly a name says that its value is a secret access key."""
    squashed = aws.squash(name)
    if not squashed or _NOT_A_SECRET.search(name):
        return _NOTHING
    if "aws" in squashed and re.search("secret|key|cred|password", squashed):
        return _CLEAR
    if re.search(
        "secretaccess|amazonsecret|s3secret|sessecret|sqssecret|ec2secret|dynamo\\w*secret|s3accesskey", squashed
    ):
        return _CLEAR
    if _VENDORS.search(name):
        return _NOTHING
    if re.search("secretkey|accesskeysecret|accesssecret", squashed) and name != "SECRET_KEY":
        return _GENERIC
    return _WEAK


def names_secret(name: str) -> bool:
    """Whether a variable's name says by itself that it holds a secret access key or a session token of AWS.

    With any suffix (`AWS_SECRET_ACCESS_KEY_PROD`) but that of something that only leads to
    it, a file or an id, and with a prefix that is none of another vendor's.
    """
    squashed = aws.squash(name)
    if "aws" not in squashed and "amazon" not in squashed and _VENDORS.search(name):
        return False
    if aws.says_secret(name):
        return True
    if _NOT_A_SECRET.search(name) or squashed.endswith("id"):
        return False
    return re.search("(?:aws|amazon)(?:secret(?:access)?key|(?:session|security)token)", squashed) is not None


def speaks_of_keys(name: str) -> bool:
    """Whether a name is that of a key, a secret or a token, so that it is worth knowing what it is."""
    squashed = aws.squash(name)
    return "secret" in squashed or "key" in squashed or "token" in squashed


def says_token(name: str) -> bool:
    squashed = aws.squash(name)
    return "sessiontoken" in squashed or "securitytoken" in squashed


# ── bare text ──


def scan(source: Source, *, inner: bool = False) -> Iterator[Setting]:
    """The candidates in a bare text, each with the name that stands before it.

    Comments are text too: a key that was commented out has leaked just the same. Base64
    that decodes to text is read as text, in place; `inner` is such a text.
    """
    text = source.text
    for match in _matches(aws.KEY_ID, text, 0, len(text)):
        yield _setting(source, match)
    for start, end in _runs(text, _RUN):
        if end - start >= 40:
            shorthand = "%" in text[start:end] or "\\" in text[start:end]
            for pattern in (_ENCODED if shorthand else _SECRET, _TOKEN, _BEDROCK, _SES_PASSWORD):
                # one further, for what must not follow
                for match in _matches(pattern, text, start, end + 1):
                    yield _setting(source, match)
        if not inner:
            yield from _scan_base64(source, start, end)
    if "-at-" in text and "git-codecommit" in text:
        for match in _SERVICE_URL.finditer(text):
            yield Setting(_SERVICE_NAME, Value(source.span(*match.span(1)), match[1]))


def _matches(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The matches in a part of a text that do not begin in the middle of a word."""
    for match in pattern.finditer(text, start, end):
        before = text[max(0, match.start() - 2) : match.start()]
        # the letter of an escape is none of the word's: "\\nAKIA..."
        if not before[-1:].isalnum() or before[0] == "\\":
            yield match


def _setting(source: Source, match: re.Match[str]) -> Setting:
    name = _name_at(source.text, match.start(), match.end())
    return Setting(name, Value(source.span(*match.span()), _plain(match[0])))


def _scan_base64(source: Source, start: int, end: int) -> Iterator[Setting]:
    """What a base64 literal says, when it says text."""
    literal = source.text[start:end]
    if len(literal) % 4 == 1 or not _decodes(literal[:24]):
        return
    decoded = _decodes(literal)
    if decoded:
        span = source.span(start, end)
        if len(decoded.strip()) == 40:
            yield Setting(_name_at(source.text, start, end), Value(span, decoded.strip()))
        yield from scan(Source(source.path, decoded, ((0, span),)), inner=True)


def _decodes(literal: str) -> str:
    """The text that a base64 literal stands for; "" when it stands for none."""
    from binascii import Error, a2b_base64

    try:
        text = a2b_base64(literal + "=" * (-len(literal) % 4)).decode("ascii")
    except (Error, ValueError):
        return ""
    return text if text.isprintable() or text.translate(_BLANKS).isprintable() else ""


def _name_at(text: str, start: int, end: int) -> str:
    """The name that a value at this place has, as far as the text around it tells; "" for none."""
    before = text[max(0, start - 200) : start]
    pair = _PAIR_BEFORE.search(before)
    if pair:
        return pair[1]
    line = before.rpartition("\n")[2]
    named = _NAME_BEFORE.search(line)
    if not named:
        assigned = _ASSIGNED_BEFORE.findall(line)
        return str(assigned[-1]) if assigned else ""
    name = named[1]
    if name.lower() in ("value", "default"):
        after = _PAIR_AFTER.search(text[end : end + 120])
        if after:
            return after[1]
        declared = re.findall(r'variable\s+"?([\w-]+)"?\s*\{', before)
        if declared:
            return str(declared[-1])
    return name


def _plain(token: str) -> str:
    """A token without the ways of writing / and +."""
    if "%" in token or "\\" in token:
        token = re.sub(r"%2[Ff]|\\/|\\u002[Ff]", "/", token)
        token = re.sub(r"%2[Bb]|\\u002[Bb]", "+", token)
        token = re.sub(r"%3[Dd]", "=", token)
    return token


# ── from candidates to keys ──


class _Candidate:
    """A credential that may be one: how clearly its name says so."""

    __slots__ = ("credential", "line", "offset", "strength")

    def __init__(self, credential: Credential, strength: int) -> None:
        self.credential = credential
        self.strength = strength
        origin = credential.span.origin()
        self.line = origin.begin.line
        self.offset = origin.start


def find(units: Iterable[Facts]) -> list[Key]:
    """The keys in named strings and in bare texts, each part once, what belongs together joined."""
    found: dict[tuple[str, int, int], _Candidate] = {}
    foreign: set[int] = set()
    for unit in units:
        bare = [setting for source in unit.texts for setting in _in_text(source, unit)]
        for setting in (*unit.settings, *bare):
            setting.where = unit.where
            for candidate in _candidates(setting):
                _add(found, candidate)
        foreign |= _foreign_groups(unit.settings)
    by_path: dict[str, list[_Candidate]] = {}
    for candidate in found.values():
        by_path.setdefault(candidate.credential.span.path, []).append(candidate)
    return [key for _, candidates in sorted(by_path.items()) for key in _pair(candidates, foreign)]


def _in_text(source: Source, unit: Facts) -> Iterator[Setting]:
    """The candidates in a text, with the place where it is read, if it is another file's."""
    use = unit.uses.get(source.path)
    for setting in islice(scan(source), _MOST_IN_A_TEXT):
        if use is not None:
            setting.value.via = (use,)
        yield setting


def _add(found: dict[tuple[str, int, int], _Candidate], candidate: _Candidate) -> None:
    origin = candidate.credential.span.origin()
    place = (origin.path, origin.start, origin.end)
    other = found.get(place)
    # What the structure says, which knows the group, goes before what the text around it says.
    if other is None or candidate.strength > other.strength:
        if other is not None and candidate.credential.setting.group is None:
            candidate.credential.setting.group = other.credential.setting.group
            candidate.credential.setting.workload = other.credential.setting.workload
        found[place] = candidate


def _candidates(setting: Setting) -> Iterator[_Candidate]:
    """The credentials that the value of a setting is, or contains."""
    text = setting.value.text
    if text is None or len(text) < 16:
        return
    name, span = setting.name, setting.value.span
    stripped = _plain(text.strip())
    if len(stripped) == 40 and _SECRET.fullmatch(stripped):
        strength = _says_secret(name)
        if strength and not aws.is_documented(stripped) and not aws.is_filler(stripped):
            if strength > _WEAK:
                strength = _in_its_surroundings(span, strength, setting.value.use)
            if aws.looks_random(stripped, 13 if strength > _WEAK else 16):
                yield _Candidate(Credential(KeyKind.SECRET_ACCESS_KEY, stripped, span, setting), strength)
        return
    whole = span.text == text
    for kind, pattern in (
        (KeyKind.ACCESS_KEY_ID, aws.KEY_ID),
        (KeyKind.SESSION_TOKEN, _TOKEN),
        (KeyKind.BEDROCK_API_KEY, _BEDROCK),
    ):
        for match in _matches(pattern, text, 0, len(text)):
            if aws.is_documented(match[0]) or aws.is_filler(match[0]):
                continue
            if whole:
                place = span.sub(*match.span())
            else:
                place = align(span, text).span(*match.span())
            yield _Candidate(Credential(kind, _plain(match[0]), place, setting), _CLEAR)
    if says_token(name) and _BASE64.fullmatch(stripped) and not _TOKEN.search(text):
        if not aws.is_documented(stripped) and not aws.is_filler(stripped):
            yield _Candidate(Credential(KeyKind.SESSION_TOKEN, stripped, span, setting), _CLEAR)
    if _SES_PASSWORD.fullmatch(stripped) and re.search("pass|pw|secret", name, re.IGNORECASE):
        if aws.looks_random(stripped) and not aws.is_filler(stripped):
            strength = _CLEAR if "ses" in re.split(r"[^a-z]+", name.lower()) else _WEAK
            yield _Candidate(Credential(KeyKind.SES_SMTP_PASSWORD, stripped, span, setting), strength)
    if name == _SERVICE_NAME and not aws.is_filler(stripped):
        yield _Candidate(Credential(KeyKind.SERVICE_PASSWORD, stripped, span, setting), _CLEAR)


def _in_its_surroundings(span: Span, strength: int, use: Span) -> int:
    """How clearly a secret is one of AWS when the text around it is read as well.

    An id of another form beside it makes it another vendor's: Google's HMAC keys (GOOG...),
    MinIO's and Wasabi's come under the same names. A name that others use as well (secretKey)
    counts only where the text is about AWS, here or where the value is used.
    """
    text = span.source.text
    around = text[max(0, span.start - 400) : span.start] + "<secret>" + text[span.end : span.end + 400]
    ids = [found for found in _ID_NEAR.findall(around) if len(found) != 40 and not _stands_in(found)]
    if any(found.startswith(("AKIA", "ASIA")) for found in ids):
        return strength
    if any(not aws.is_documented(found) for found in ids):
        return _WEAK
    used = use.source.text[max(0, use.start - 400) : use.end + 400] if use is not span else ""
    if strength == _GENERIC and not _ABOUT_AWS.search(f"{span.path} {around} {used}"):
        return _WEAK
    return strength


def _stands_in(text: str) -> bool:
    """Whether an id is none of any vendor: a placeholder, an example, the name of a variable."""
    return (
        aws.is_placeholder(text) or aws.is_documented(text) or aws.is_filler(text) or ("_" in text and text.isupper())
    )


def _foreign_groups(settings: Iterable[Setting]) -> set[int]:
    """The groups whose access key id is another vendor's: their secret is so too.

    Google's HMAC keys (GOOG...), MinIO's, Wasabi's come under the same names.
    """
    groups = set()
    ours = {id(setting.group) for setting in settings if aws.KEY_ID.search(setting.value.text or "")}
    for setting in settings:
        text = setting.value.text
        if setting.group is None or not text or id(setting.group) in ours:
            continue
        if aws.squash(setting.name.rpartition(".")[2]) not in _ID_NAMES:
            continue
        if re.fullmatch(r"[A-Za-z0-9+/_-]{12,}", text) and not text.startswith(("AKIA", "ASIA")):
            if len(text) != 40 and not _stands_in(text):
                groups.add(id(setting.group))
    return groups


def _pair(candidates: list[_Candidate], foreign: set[int]) -> Iterator[Key]:
    """Joins the parts of one file's keys: same group first, then the nearest."""
    kinds: dict[KeyKind, list[_Candidate]] = {kind: [] for kind in KeyKind}
    for candidate in sorted(candidates, key=lambda candidate: candidate.offset):
        is_id = candidate.credential.kind is KeyKind.ACCESS_KEY_ID
        if is_id or id(candidate.credential.setting.group) not in foreign:
            kinds[candidate.credential.kind].append(candidate)
    ids = kinds[KeyKind.ACCESS_KEY_ID]
    secrets = kinds[KeyKind.SECRET_ACCESS_KEY]
    passwords = kinds[KeyKind.SES_SMTP_PASSWORD]
    id_of = _nearest(secrets, ids)
    free = [candidate for candidate in ids if candidate not in id_of.values()]
    user_of = _nearest(passwords, free)
    free = [candidate for candidate in free if candidate not in user_of.values()]
    token_of = _nearest(secrets, kinds[KeyKind.SESSION_TOKEN])
    tokens = [candidate for candidate in kinds[KeyKind.SESSION_TOKEN] if candidate not in token_of.values()]
    for secret in secrets:
        key_id, token = id_of.get(secret), token_of.get(secret)
        if secret.strength > _WEAK or key_id:
            certain = secret.strength == _CLEAR or key_id is not None
            yield Key(_part(key_id), secret.credential, _part(token), certain=certain)
    for password in passwords:
        if password.strength > _WEAK or password in user_of:
            yield Key(_part(user_of.get(password)), service=password.credential)
    for kind in (KeyKind.BEDROCK_API_KEY, KeyKind.SERVICE_PASSWORD):
        for service in kinds[kind]:
            yield Key(service=service.credential)
    id_of_token = _nearest(tokens, free)
    for token in tokens:
        yield Key(_part(id_of_token.get(token)), token=token.credential)
    for key_id in free:
        if key_id not in id_of_token.values():
            yield Key(key_id.credential)


def _part(candidate: _Candidate | None) -> Credential | None:
    return candidate.credential if candidate else None


def _nearest(those: list[_Candidate], others: list[_Candidate]) -> dict[_Candidate, _Candidate]:
    """Which of the others belongs to which of those: each at most once, the surest pairs first."""
    offsets = [other.offset for other in others]
    members: dict[int, list[int]] = {}
    for b, other in enumerate(others):
        members.setdefault(id(other.credential.setting.group), []).append(b)
    pairs = []
    for a, that in enumerate(those):
        group = that.credential.setting.group
        near = range(
            bisect_left(offsets, that.offset - _REACH_CHARACTERS),
            bisect_right(offsets, that.offset + _REACH_CHARACTERS),
        )
        together = members.get(id(group), []) if group is not None else []
        for b in {*near, *together[:_MOST_OF_A_GROUP]}:
            other = others[b]
            same = group is not None and group is other.credential.setting.group
            lines = abs(that.line - other.line)
            if same or lines <= _REACH_LINES:
                pairs.append((not same, -that.strength, lines, abs(that.offset - other.offset), a, b))
    joined: dict[_Candidate, _Candidate] = {}
    taken: set[int] = set()
    for *_, a, b in sorted(pairs):
        if those[a] not in joined and b not in taken:
            joined[those[a]] = others[b]
            taken.add(b)
    return joined
