"""Finds keys: which of the named strings, and of the bare text, are credentials of AWS.

A key id, a session token and an API key tell themselves by their shape. A secret access
key is 40 characters like any others; it takes a name that says so, or a key id in reach.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import islice

from . import aws, lazy, names
from .model import Credential, Key, KeyKind, Setting, Value
from .text import Source, Span, align

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .model import Facts

# How far an id may stand from its secret when nothing but nearness says they belong together.
_REACH_LINES = 6
_REACH_CHARACTERS = 2000
_MOST_OF_A_GROUP = 50
# A text with more than so many candidates of a kind is a dump of data; the first ones say what it is.
_MOST_IN_A_TEXT = 2000
# How much of the text on both sides of a secret is read for what it is about.
_AROUND = 400
# How long a secret access key and an SMTP password are.
_LENGTHS = (40, 44)

# Everything but an id stands in a long run of these characters. To look for such a run in a
# translation of the text is ten times as fast as a regular expression.
_RUN = 28
_ALPHABET = bytes(120 if chr(code).isalnum() or chr(code) in "+/=%\\" else 32 for code in range(128)) + b" " * 128

# 40 characters of base64, also written with %2F, \/ or +.
_SECRET = lazy.pattern(r"(?<![A-Za-z0-9+/\\%_.])(?<!(?<!:)-)[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=_\\%-])")
_ENCODED = lazy.pattern(
    r"(?:(?<=\\[nrt])|(?<![A-Za-z0-9+/%\\]))(?:[A-Za-z0-9+/]|%2[BbFf]|\\/|\\u002[BbFf]){40}(?![A-Za-z0-9+/=%]|\\/|\\u002)"
)
_TOKEN = lazy.pattern(
    r"(?:FQoGZXIvYXdz|FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj|AgoGb3JpZ2lu|AQoDYXdz)(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd]|\\/){80,}",
    signs=("FQoGZXIvYXdz", "FwoGZXIvYXdz", "IQoJb3JpZ2luX2Vj", "AgoGb3JpZ2lu", "AQoDYXdz"),
)
_BASE64 = lazy.pattern(r"[A-Za-z0-9+/=]{100,}")
_BEDROCK = lazy.pattern(
    r"ABSK[A-Za-z0-9+/]{109,269}={0,2}(?![A-Za-z0-9+/=])|bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/=_-]{20,}",
    signs=("ABSK", "bedrock-api-key-"),
)
_SES_PASSWORD = lazy.pattern(r"(?<![A-Za-z0-9+/=])(?:B[A-P]|A[g-v])[A-Za-z0-9+/]{42}(?![A-Za-z0-9+/=])")
# The user of a service-specific credential, and its password in the address of a repository.
_SERVICE_USER = lazy.pattern(r"[\w+=,.@-]{1,64}-at-\d{12}", signs=("-at-",))
_SERVICE_URL = lazy.pattern(r"-at-\d{12}:([^\s@/\"']{20,150})@git-codecommit\.")
# The same in a .netrc.
_SERVICE_LOGIN = lazy.pattern(r"login\s+[\w+=,.@-]{1,64}-at-\d{12}\s+password\s+(\S{20,150})")
# What stands before a value, up to its name: NAME=, "name": ", NAME => ', setName(", <name>, -Dname=
_NAME_BEFORE = lazy.pattern(
    r"""([A-Za-z_][\w.-]*)["'`\])\\]{0,4}\s*(?:=>|:=|:-|={1,3}|:{1,3}|,|>|\(|\s)\s*(?:\w{1,20}\()?["'`\\]{0,4}$"""
)
_ESCAPED_BLANK = lazy.pattern(r"\\[nrt]")
# What the line assigns to, when there is an expression between: key = get("X") || '
_ASSIGNED_BEFORE = lazy.pattern(r"""([A-Za-z_][\w.-]*)["']?\s*[:=](?![=:])""")
_PAIR_BEFORE = lazy.pattern(
    r"""(?:name|(?<![\w.-])(?:parameter)?key)["'\\]{0,2}\s*[:=]\s*["'\\]{0,2}([\w.-]+)["'\\]{0,2}\s*,?\s*"""
    r"""(?:\#[^\n]*|-)?\s*["'\\]{0,2}(?:parameter)?value["'\\]{0,2}\s*[:=]\s*["'\\]{0,2}$""",
    re.IGNORECASE,
)
# A name of several words, as people write it: AWS secret access key: VALUE
_PROSE_BEFORE = lazy.pattern(
    r"""((?:(?:aws|amazon)(?:['’]s)?[ \t]+)?secret[ \t]+(?:access[ \t]+)?key|(?:aws|amazon)[ \t]+secret)"""
    r"""["'`*_)\]]{0,4}[ \t]*(?:is\b|=>|[:=-])?[ \t]*["'`*_]{0,4}$""",
    re.IGNORECASE,
)
_PAIR_AFTER = lazy.pattern(
    r"""^["'\\]{0,2}\s*,?\s*["'\\]{0,2}(?:name|(?:parameter)?key)["'\\]{0,2}\s*[:=]\s*["'\\]{0,2}([\w.-]+)""",
    re.IGNORECASE,
)
# What a value that stands alone on its line is the next one after: an option of a command, or an id that nothing names.
_OPTION_BEFORE = lazy.pattern(
    r"""(?:^|[\s"'])--?([A-Za-z][\w.-]+)["']?[ \t]*,?[ \t]*\\?\r?\n[ \t]*(?:-[ \t]+)?["']?$"""
)
_ID_BEFORE = lazy.pattern(r"""(?:AKIA|ASIA)[A-Z0-9]{16}["']?[ \t]*,?[ \t]*\r?\n[ \t]*(?:-[ \t]+)?["']?$""")
# What the secret that follows an id is called, if nothing names it.
_UNNAMED = "value"

# NAME=value in the text around a secret, what in it only stands for a value, and what says that something is of AWS.
_ASSIGNMENT = lazy.pattern(
    r"""(?<![\w.-])([A-Za-z_][\w.-]*)["']?[ \t]*[:=>]+[ \t]*["']?([$<%]|\{\{|[^\s"',;<>(){}\[\]`\\]*)"""
)
_REFERENCE = ("$", "<", "{{", "%")
_ANY_ID = lazy.pattern(r"[A-Za-z0-9+/_-]{12,}")
_ABOUT_AWS = lazy.pattern(r"aws|amazon|(?:^|[^a-z0-9])s3(?:[^a-z0-9]|$)", re.IGNORECASE)
# A host of AWS that is asked with a key; others (RDS, ECR) stand in every application.
_HOST = lazy.pattern(
    r"(?<![a-z0-9])(?:s3|email|sqs|sns|sts|dynamodb|kinesis)\b[\w.-]{0,80}\.amazonaws\.com", re.IGNORECASE
)
_KEY_FILE = lazy.pattern(r"(?:aws|amazon|s3).*(?:cred|key|secret)", re.IGNORECASE)
_BRACE = lazy.pattern("[{}]")
_SIGN = lazy.pattern(r"([()\[\]{},;])")
_SECTION = lazy.pattern(r"\[[^\]]*\]\s*$")
# In these are names and texts of an application's own, though the resource around them is of AWS.
_OF_APPLICATION = lazy.pattern(r"env|variables|vars\b|args\b|<<|^(?:resource|data)\s", re.IGNORECASE)
_SERVICE_NAME = "codecommit-password"

# A line of base64, where it does not begin within a word; the next one of the same literal; what no text has.
_LITERAL = lazy.pattern(r"(?:(?<=\\[nrt])|(?<![A-Za-z0-9+/\\]))[A-Za-z0-9+/]{26,}={0,2}(?![A-Za-z0-9+/=])")
_NEXT_LINE = lazy.pattern(r"(?:[ \t]*\r?\n[ \t]*|(?:\\r)?\\n)([A-Za-z0-9+/]+={0,2})(?![^\s\"'`\\,])")
_CONTROLS = lazy.pattern(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def has_candidates(text: str) -> bool:
    """Whether anything in a text has the shape of a credential, whatever it is called."""
    if "AKIA" in text or "ASIA" in text or ("-at-" in text and re.search(r"-at-\d{12}", text)):
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


# ── bare text ──


def scan(source: Source, *, inner: bool = False) -> Iterator[Setting]:
    """The candidates in a bare text, each with the name that stands before it.

    Comments are text too: a key that was commented out has leaked just the same. Base64
    that decodes to text is read as text; `inner` is such a text.
    """
    text = source.text
    # Each kind has its own limit: a list of pairs has as many ids as secrets.
    for match in islice(_matches(aws.KEY_ID, text, 0, len(text)), _MOST_IN_A_TEXT):
        yield _setting(source, match)
    runs = list(_runs(text, _RUN))
    yield from islice(_scan_runs(source, runs), _MOST_IN_A_TEXT)
    if not inner:
        yield from islice(_scan_literals(source, runs), _MOST_IN_A_TEXT)
    if "-at-" in text and "git-codecommit" in text:
        for pattern in (_SERVICE_URL, _SERVICE_LOGIN):
            for match in islice(pattern.finditer(text), _MOST_IN_A_TEXT):
                yield Setting(_SERVICE_NAME, Value(source.span(*match.span(1)), match[1]))


def _scan_runs(source: Source, runs: list[tuple[int, int]]) -> Iterator[Setting]:
    """What in a text may be a credential and is no id: it stands in a long run of base64."""
    text = source.text
    for start, end in runs:
        if end - start >= 40:
            shorthand = "%" in text[start:end] or "\\" in text[start:end]
            for pattern in (_ENCODED if shorthand else _SECRET, _TOKEN, _BEDROCK, _SES_PASSWORD):
                # one further, for what must not follow
                for match in _matches(pattern, text, start, end + 1):
                    yield _setting(source, match)


def _scan_literals(source: Source, runs: list[tuple[int, int]]) -> Iterator[Setting]:
    for lines in _literals(source.text, runs):
        yield from _scan_base64(source, lines)


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


def _literals(text: str, runs: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Where base64 may stand, as the lines of each literal: one that is wrapped has several of one length."""
    past = 0
    for start, end in runs:
        for match in _LITERAL.finditer(text, start, end):
            if match.start() < past:  # it belongs to the one before
                continue
            lines = [match.span()]
            width = match.end() - match.start()
            while lines[-1][1] - lines[-1][0] == width and text[lines[-1][1] - 1] != "=":
                more = _NEXT_LINE.match(text, lines[-1][1])
                if not more or more.end(1) - more.start(1) > width:
                    break
                lines.append(more.span(1))
            past = lines[-1][1]
            yield lines


def _scan_base64(source: Source, lines: list[tuple[int, int]]) -> Iterator[Setting]:
    """What a base64 literal says, when it says text, each with its place in the literal."""
    text = source.text
    literal = "".join(text[start:end] for start, end in lines)
    decoded = _decodes(literal) if _decodes(literal[:24], cut=True) else ""
    if not decoded:
        for line in lines if len(lines) > 1 else ():
            yield from _scan_base64(source, [line])
        return
    start, end = lines[0][0], lines[-1][1]
    inner = Source(source.path, decoded, ((0, source.span(start, end)),))
    found = list(scan(inner, inner=True))
    if len(decoded.strip()) == 40:
        begin = len(decoded) - len(decoded.lstrip())
        found.append(Setting(_name_at(text, start, end), Value(inner.span(begin, begin + 40), decoded.strip())))
    if not found:
        return
    spans = [setting.value.span for setting in found]
    placed = _placed(source, lines, decoded, {offset for span in spans for offset in (span.start, span.end)})
    for setting, span in zip(found, spans):
        yield Setting(setting.name, Value(placed.span(span.start, span.end), setting.value.text), encoded=True)


def _placed(source: Source, lines: list[tuple[int, int]], decoded: str, cuts: set[int]) -> Source:
    """The text that a base64 literal stands for, with the places of what lies between the cuts."""
    width = lines[0][1] - lines[0][0]

    def written(index: int) -> int:
        """Where a character of the literal stands."""
        return lines[index // width][0] + index % width

    pieces: list[tuple[int, Span]] = []
    byte = 0
    offsets = sorted({0, len(decoded), *cuts})
    for start, end in zip(offsets, offsets[1:]):
        last = byte + len(decoded[start:end].encode()) - 1
        # A character stands for six bits; one that is shared belongs to both.
        pieces.append((start, source.span(written(byte * 8 // 6), written((last * 8 + 7) // 6) + 1)))
        byte = last + 1
    return Source(source.path, decoded, pieces)


def _decodes(literal: str, *, cut: bool = False) -> str:
    """The text that a base64 literal stands for; "" when it stands for none. `cut`: it goes on."""
    from binascii import Error, a2b_base64

    try:
        data = a2b_base64(literal + "=" * (-len(literal) % 4))
        text = data.decode()
    except UnicodeDecodeError as error:
        if not cut or error.start < len(data) - 3:
            return ""
        text = data[: error.start].decode()
    except (Error, ValueError):
        return ""
    return "" if _CONTROLS.search(text) else text


def _name_at(text: str, start: int, end: int) -> str:
    """The name that a value at this place has, as far as the text around it tells; "" for none."""
    before = _without_escapes(text[max(0, start - 200) : start])
    pair = _PAIR_BEFORE.search(before)
    if pair:
        return pair[1]
    line = before.rpartition("\n")[2]
    if not line.strip("- \t\"'"):
        option = _OPTION_BEFORE.search(before)
        if option:
            return str(option[1])
        return _UNNAMED if _ID_BEFORE.search(before) else ""
    prose = _PROSE_BEFORE.search(line)
    if prose:
        return str(prose[1])
    named = _NAME_BEFORE.search(line)
    if not named:
        assigned = _ASSIGNED_BEFORE.findall(line)
        return str(assigned[-1]) if assigned else ""
    name = named[1]
    if aws.KEY_ID.fullmatch(name):
        return _UNNAMED
    if name.lower() in ("value", "parametervalue", "default"):
        after = _PAIR_AFTER.search(text[end : end + 120])
        if after:
            return after[1]
        declared = re.findall(r'variable\s+"?([\w-]+)"?\s*\{', before)
        if declared:
            return str(declared[-1])
    return name


def _without_escapes(text: str) -> str:
    """A text with blanks for the escapes of line breaks and tabs, whose letters begin no name."""
    return _ESCAPED_BLANK.sub("  ", text) if "\\" in text else text


def _plain(token: str) -> str:
    """A token without the ways of writing / and +."""
    if "%" in token or "\\" in token:
        token = re.sub(r"%2[Ff]|\\/|\\u002[Ff]", "/", token)
        token = re.sub(r"%2[Bb]|\\u002[Bb]", "+", token)
        token = re.sub(r"%3[Dd]", "=", token)
    return token


# ── from candidates to keys ──


_Place = tuple[str, int, int]


class _Candidate:
    """A credential that may be one: how clearly its name says so.

    `settled` when it is an id whose secret is named beside it, only not written there: it takes no weak one instead.
    """

    __slots__ = ("credential", "line", "offset", "settled", "strength")

    def __init__(self, credential: Credential, strength: int) -> None:
        self.credential = credential
        self.strength = strength
        self.settled = False
        origin = credential.span.origin()
        self.line = origin.begin.line
        self.offset = origin.start


def find(units: Iterable[Facts]) -> list[Key]:
    """The keys in named strings and in bare texts, each part once, what belongs together joined."""
    units = list(units)
    found: dict[_Place, _Candidate] = {}
    groups: dict[int, _Beside] = {}
    known: dict[_Place, Setting] = {}  # what the structure says of the values that may be secrets
    for unit in units:
        for setting in unit.settings:
            if setting.group is not None:
                groups.setdefault(id(setting.group), _Beside()).add(setting.name, setting.value.text)
    for unit in units:
        for setting in (*unit.settings, *_service_passwords(unit.settings)):
            setting.where = unit.where
            if len((setting.value.text or "").strip()) in _LENGTHS:
                known.setdefault(_inner_span(setting.value).place, setting)
            for candidate in _candidates(setting, groups):
                _add(found, candidate)
    for unit in units:
        for setting in (setting for source in unit.texts for setting in _in_text(source, unit)):
            setting.where = unit.where
            other = known.get(setting.value.span.place)
            if other is not None:
                setting.group, setting.workload = other.group, other.workload
                # The text before a value does not tell all that its name is about: recaptcha: {secretKey: VALUE}
                if names.secret(other.name) == names.FOREIGN:
                    continue
            for candidate in _candidates(setting, groups):
                _add(found, candidate)
    by_path: dict[str, list[_Candidate]] = {}
    for candidate in found.values():
        by_path.setdefault(candidate.credential.span.path, []).append(candidate)
    return [key for _, candidates in sorted(by_path.items()) for key in _pair(candidates, groups)]


def _in_text(source: Source, unit: Facts) -> Iterator[Setting]:
    """The candidates in a text, with the place where it is read, if it is another file's."""
    use = unit.uses.get(source.path)
    for setting in scan(source):
        if use is not None:
            setting.value.via = (use,)
        yield setting


def _add(found: dict[_Place, _Candidate], candidate: _Candidate) -> None:
    place = candidate.credential.span.place
    if place not in found or candidate.strength > found[place].strength:
        found[place] = candidate


def _inner_span(value: Value) -> Span:
    """The place of a value without its outer blanks."""
    text = value.text or ""
    begin = len(text) - len(text.lstrip())
    return _part_of(value, begin, begin + len(text.strip()))


def _part_of(value: Value, start: int, end: int) -> Span:
    """The place of a part of a value's text."""
    text = value.text or ""
    if start == 0 and end == len(text):
        return value.span
    if value.span.text == text:
        return value.span.sub(start, end)
    return align(value.span, text).span(start, end)


def _candidates(setting: Setting, groups: Mapping[int, _Beside]) -> Iterator[_Candidate]:
    """The credentials that the value of a setting is, or contains."""
    text = setting.value.text
    if text is None or len(text) < 16:
        return
    name, value = setting.name, setting.value
    stripped = _plain(text.strip())

    def whole(kind: KeyKind, strength: int) -> _Candidate:
        return _Candidate(Credential(kind, stripped, _inner_span(value), setting), strength)

    if len(stripped) == 40 and _SECRET.fullmatch(stripped):
        if names.secret(name) != names.NOTHING and aws.looks_random(stripped) and not _is_no_key(stripped):
            strength = _strength(setting, groups)
            if strength > names.WEAK or (strength == names.WEAK and aws.looks_random(stripped, 16)):
                yield whole(KeyKind.SECRET_ACCESS_KEY, strength)
        return
    yield from _told_by_shape(setting)
    token = names.token(name)
    if token > names.NOTHING and _BASE64.fullmatch(stripped) and not _TOKEN.search(text):
        if not _is_no_key(stripped):
            yield whole(KeyKind.SESSION_TOKEN, token)
    if len(stripped) == 44 and _SES_PASSWORD.fullmatch(stripped) and names.is_password(name):
        if aws.looks_random(stripped) and not _is_no_key(stripped):
            of_ses = "ses" in names.words(name) or _beside(setting, groups).mail
            yield whole(KeyKind.SES_SMTP_PASSWORD, names.CLEAR if of_ses else names.WEAK)
    if name == _SERVICE_NAME and not _is_no_key(stripped):
        yield whole(KeyKind.SERVICE_PASSWORD, names.CLEAR)


def _is_no_key(text: str) -> bool:
    """Whether a text of a key's characters is an example, a filler or a path."""
    return aws.is_documented(text) or aws.is_filler(text) or aws.is_path(text)


def _told_by_shape(setting: Setting) -> Iterator[_Candidate]:
    """The credentials in a value that tell themselves by their shape, whatever the value is called."""
    value = setting.value
    text = value.text or ""
    hits = [
        (kind, match)
        for kind, pattern in (
            (KeyKind.ACCESS_KEY_ID, aws.KEY_ID),
            (KeyKind.SESSION_TOKEN, _TOKEN),
            (KeyKind.BEDROCK_API_KEY, _BEDROCK),
        )
        for match in _matches(pattern, text, 0, len(text))
    ]
    if not hits:
        return
    exact = value.span.text == text
    base = value.span if exact else align(value.span, text).span()
    for kind, match in hits:
        strength = names.CLEAR
        if aws.is_documented(match[0]):
            continue
        if aws.is_filler(match[0]):
            # An id that nobody can have is worth a note, unless it says itself that it is none.
            if kind is not KeyKind.ACCESS_KEY_ID or aws.could_be_issued(match[0]):
                continue
            if aws.says_filler(match[0]) or aws.is_placeholder(match[0]):
                continue
            strength = names.NOTHING
        place = value.span if match.span() == (0, len(text)) else base.sub(*match.span())
        yield _Candidate(Credential(kind, _plain(match[0]), place, setting), strength)


def _service_passwords(settings: Iterable[Setting]) -> Iterator[Setting]:
    """The password nearest to each user name of a service-specific credential in the same group."""
    users: dict[int, list[Setting]] = {}
    passwords: dict[int, list[Setting]] = {}
    settings = [setting for setting in settings if setting.group is not None and setting.value.text]
    for setting in settings:
        text = setting.value.text or ""
        if len(text) < 80 and _SERVICE_USER.fullmatch(text.strip()):
            users.setdefault(id(setting.group), []).append(setting)
    for setting in settings if users else ():
        text = setting.value.text or ""
        if id(setting.group) in users and names.is_password(setting.name) and 20 <= len(text) <= 150:
            if not re.search(r"\s", text) and not aws.is_placeholder(text) and aws.looks_random(text, len(text) // 3):
                passwords.setdefault(id(setting.group), []).append(setting)
    for group, members in users.items():
        for user in members[:_MOST_OF_A_GROUP]:
            near = [
                (abs(other.value.span.start - user.value.span.start), number)
                for number, other in enumerate(passwords.get(group, [])[:_MOST_OF_A_GROUP])
                if other.value.span.source is user.value.span.source
            ]
            if near:
                password = passwords[group][min(near)[1]]
                yield Setting(_SERVICE_NAME, password.value, password.group, password.workload)


# ── what stands beside a value ──


class _Beside:
    """What the named strings that stand with a value say about it.

    `names_id`: one of them is an access key id, known or not. `ours`: there is an id of AWS.
    `others`: there is one of another vendor. `open`: one is by its name the secret, and only
    stands for it. `mail`: one is a host of SES. `elsewhere`: one is where something that
    speaks as S3 does is, and that is not at AWS.
    """

    __slots__ = ("elsewhere", "mail", "names_id", "open", "others", "ours")

    def __init__(self) -> None:
        self.names_id = self.ours = self.others = self.open = self.mail = self.elsewhere = False

    def add(self, name: str, text: str | None) -> None:
        known = text or ""
        if aws.KEY_ID.search(known):
            self.ours = True
        if names.is_id(name):
            self.names_id = True
            # With 40 characters it is a secret under the wrong name.
            if _ANY_ID.fullmatch(known) and len(known) != 40 and not known.startswith(("AKIA", "ASIA")):
                self.others = self.others or not _stands_in(known)
        elif (text is None or aws.is_placeholder(text)) and names.secret(name) == names.CLEAR:
            self.open = True
        if "email-smtp." in known:
            self.mail = True
        if names.is_endpoint(name) and aws.is_address_elsewhere(known):
            self.elsewhere = True


def _beside(setting: Setting, groups: Mapping[int, _Beside]) -> _Beside:
    """What stands with a setting: in its group, or where that tells nothing, in the text around it."""
    of_group = groups.get(id(setting.group))
    if of_group and (of_group.names_id or of_group.ours or of_group.elsewhere):
        return of_group
    span = setting.value.span
    text = span.source.text
    start, end = max(0, span.start - _AROUND), min(len(text), span.end + _AROUND)
    around = _Beside()
    for match in _ASSIGNMENT.finditer(_without_escapes(text[start:end])):
        cut = (match.start() == 0 and start > 0) or (start + match.end() == end < len(text))
        # in an env file an empty value is one that is given elsewhere
        empty = match[0].rstrip("\"'").endswith(f"{match[1]}=")
        if not (match[2] or empty) or cut:
            continue
        if names.is_endpoint(match[1]):
            # Of what has a group all endpoints are known, and those around are others'.
            near = sorted((start + match.start(), span.start))
            if of_group or not _is_one_block(text, near[0], near[1]):
                continue
        around.add(match[1], None if match[2].startswith(_REFERENCE) else match[2])
    around.mail = "email-smtp." in text[start:end]
    around.mail = around.mail or (of_group is not None and of_group.mail)
    return around


def _is_one_block(text: str, start: int, end: int) -> bool:
    """Whether two places are in one pair of braces and equally far in, with no line between that is less so."""
    depth = 0
    for sign in _BRACE.findall(text, start, end):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    if depth or "\n" not in text[start:end]:
        return not depth
    nearest = max(0, start - _REACH_CHARACTERS)
    first, *lines = text[max(nearest, text.rfind("\n", nearest, start) + 1) : end].split("\n")
    indent = len(first) - len(first.lstrip(" \t-"))  # the dash of a list is as a blank
    if _indent(lines[-1]) != indent:
        return False
    return not any(line.strip() and (_indent(line) < indent or _SECTION.match(line.strip())) for line in lines)


def _strength(setting: Setting, groups: Mapping[int, _Beside]) -> int:
    """How clearly 40 characters are a secret access key of AWS: by their name, and by what stands beside them.

    An id of another form makes them another vendor's: Google's HMAC keys (GOOG...), MinIO's
    and Wasabi's come under the same names. So does an endpoint elsewhere. Where an id of AWS is
    there as well it decides; it even makes a key of what is named after such a vendor, if it
    has no better secret. A name that others use too (secretKey) counts only where something
    says that it is of AWS.
    """
    strength = names.secret(setting.name)
    if strength == names.FOREIGN and not names.is_like_ours(setting.name):
        return strength
    beside = _beside(setting, groups)
    if strength == names.FOREIGN:
        return names.WEAK if beside.ours and not beside.others else strength
    if (beside.others or beside.elsewhere) and not beside.ours:
        return names.FOREIGN
    if strength == names.GENERIC and not beside.ours and not _is_about_aws(setting):
        return names.WEAK
    return strength


def _is_about_aws(setting: Setting) -> bool:
    """Whether the name of a value, its file's, what it is written or used in, or a host beside it is of AWS.

    That AWS is merely near says nothing: every application names its region and its bucket.
    """
    value = setting.value
    spans = {value.span, value.use, value.span.origin(), value.use.origin()}
    if _KEY_FILE.search(value.span.path.rpartition("/")[2]):
        return True
    said = [setting.name]
    said += (heading for span in spans for heading in _headings(span.source.text, span.start))
    if any(_ABOUT_AWS.search(text) for text in said):
        return True
    return any(
        _HOST.search(span.source.text, max(0, span.start - _AROUND), span.end + _AROUND) is not None for span in spans
    )


def _headings(text: str, offset: int) -> Iterator[str]:
    """What the value at a place is written under, innermost first, up to what holds an application's own names."""
    *above, line = text[max(0, offset - _REACH_CHARACTERS) : offset].split("\n")
    for heading in (*_openers(line), *_less_indented(above, _indent(line))):
        if _OF_APPLICATION.search(heading):
            return
        yield heading


def _openers(line: str) -> Iterator[str]:
    """What stands before the brackets that a line leaves open."""
    closed = 0
    parts = _SIGN.split(line)
    for head, sign in reversed([*zip(parts[::2], parts[1::2])]):
        if sign in ")]}":
            closed += 1
        elif sign in "([{":
            if not closed:
                yield head.strip()
            closed = max(0, closed - 1)


def _less_indented(above: list[str], indent: int) -> Iterator[str]:
    """The lines above that one of this indentation belongs to; the header of a section is the last."""
    for line in reversed(above):
        heading = line.strip()
        if not heading or heading.startswith(("#", "//")):
            continue
        section = _SECTION.match(heading) is not None
        if _indent(line) < indent or (section and _indent(line) == indent):
            yield heading
            if section:
                return
            indent = _indent(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _stands_in(text: str) -> bool:
    """Whether an id is none of any vendor: a placeholder, an example, the name of a variable."""
    return (
        aws.is_placeholder(text) or aws.is_documented(text) or aws.is_filler(text) or ("_" in text and text.isupper())
    )


# ── what belongs together ──


def _pair(candidates: list[_Candidate], groups: Mapping[int, _Beside]) -> Iterator[Key]:
    """Joins the parts of one file's keys: same group first, then the nearest."""
    kinds: dict[KeyKind, list[_Candidate]] = {kind: [] for kind in KeyKind}
    for candidate in sorted(candidates, key=lambda candidate: candidate.offset):
        if candidate.strength > names.NOTHING:
            kinds[candidate.credential.kind].append(candidate)
        else:
            yield Key(candidate.credential)
    ids = kinds[KeyKind.ACCESS_KEY_ID]
    secrets = kinds[KeyKind.SECRET_ACCESS_KEY]
    passwords = kinds[KeyKind.SES_SMTP_PASSWORD]
    if any(secret.strength == names.WEAK for secret in secrets):
        for candidate in ids:
            candidate.settled = _beside(candidate.credential.setting, groups).open
    id_of = _nearest(secrets, ids)
    free = _left(ids, id_of)
    user_of = _nearest(passwords, free)
    free = _left(free, user_of)
    tokens = [candidate for candidate in kinds[KeyKind.SESSION_TOKEN] if candidate.strength == names.CLEAR]
    token_of = _nearest(secrets, tokens)
    tokens = _left(tokens, token_of)
    # A token that only its name tells is one of AWS if the rest of such a session is there.
    weak = [candidate for candidate in kinds[KeyKind.SESSION_TOKEN] if candidate.strength == names.WEAK]
    if weak:
        without = [secret for secret in secrets if secret not in token_of]
        alone = [secret for secret in without if _may_be_temporary(secret, id_of.get(secret))]
        token_of.update(_nearest(alone, weak))
        weak = _left(weak, token_of)
    for secret in secrets:
        key_id, token = id_of.get(secret), token_of.get(secret)
        if secret.strength > names.WEAK or key_id:
            certain = secret.strength == names.CLEAR or (secret.strength == names.GENERIC and key_id is not None)
            yield Key(_part(key_id), secret.credential, _part(token), certain=certain)
    for password in passwords:
        if password.strength > names.WEAK or password in user_of:
            yield Key(_part(user_of.get(password)), service=password.credential)
    for kind in (KeyKind.BEDROCK_API_KEY, KeyKind.SERVICE_PASSWORD):
        for service in kinds[kind]:
            yield Key(service=service.credential)
    id_of_token = _nearest(tokens, free)
    id_of_token.update(_nearest(weak, [key_id for key_id in _left(free, id_of_token) if _is_temporary(key_id)]))
    for token in (*tokens, *(candidate for candidate in weak if candidate in id_of_token)):
        yield Key(_part(id_of_token.get(token)), token=token.credential)
    for key_id in _left(free, id_of_token):
        yield Key(key_id.credential)


def _left(candidates: list[_Candidate], joined: Mapping[_Candidate, _Candidate]) -> list[_Candidate]:
    """Those that have been joined with none."""
    taken = set(joined.values())
    return [candidate for candidate in candidates if candidate not in taken]


def _is_temporary(key_id: _Candidate) -> bool:
    return key_id.credential.text.startswith("ASIA")


def _may_be_temporary(secret: _Candidate, key_id: _Candidate | None) -> bool:
    return _is_temporary(key_id) if key_id else secret.strength == names.CLEAR


def _part(candidate: _Candidate | None) -> Credential | None:
    return candidate.credential if candidate else None


def _is_for_another(secret: _Candidate, key_id: _Candidate) -> bool:
    kind = secret.credential.kind
    named, id_named = secret.credential.setting.name, key_id.credential.setting.name
    return kind is KeyKind.SECRET_ACCESS_KEY and names.is_for_another(named, id_named)


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
            if that.strength <= names.WEAK and (other.settled or _is_for_another(that, other)):
                continue
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
