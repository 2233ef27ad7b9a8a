"""What the name of a value says: a secret access key, a session token, an access key id.

The one table of such names. It rests on the variables that the SDKs read: all of them the
first of a kind (AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), JS v2 and Ruby AMAZON_*, Go, Java
v1, .NET and Ruby AWS_SECRET_KEY, Rust SECRET_ACCESS_KEY, botocore AWS_SECURITY_TOKEN; and on
what other tools call the same thing.
"""

from __future__ import annotations

import re
from functools import cache

from . import lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# How clearly a name says that its value is a secret access key of AWS: it is another vendor's;
# it is something else; it may be one; it is one, of AWS or of another; it is one of AWS.
FOREIGN, NOTHING, WEAK, GENERIC, CLEAR = range(-1, 4)

_SECRET_KEYS = ("secretaccesskey", "awssecretkey", "amazonsecretkey", "s3secretkey")
# Without "key" what follows may make it something else: AWS_SECRET_HEADER.
_BARE_SECRETS = ("awssecret", "s3secret")
_SECRETS = (*_SECRET_KEYS, *_BARE_SECRETS)
_TOKENS = ("sessiontoken", "securitytoken")
_IDS = frozenset({"awsaccesskeyid", "awsaccesskey", "accesskeyid", "accesskey", "s3accesskeyid", "s3accesskey"})
# Those of AWS whose secrets have their own names, as SES_SECRET or DynamoDbSecretKey.
_SERVICES = frozenset({"aws", "amazon", "s3", "ses", "sqs", "ec2", "dynamo", "dynamodb"})
_GENERIC = ("secretkey", "accesskeysecret", "accesssecret")
# What the address of S3 is called.
_ENDPOINT = frozenset("endpoint endpoints aws amazon s3 url uri host custom service storage bucket object".split())

_WORD = lazy.pattern(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")
# What is not the secret itself but says where it is, or is made of it.
_POINTERS = frozenset("file filename path filepath arn url uri name ref version hash".split())
_DIGESTS = lazy.pattern(r"sha\d*|digest|checksum|integrity|etag|md5|fingerprint")
# What a value is when its name ends like this, or has such a word.
_ENDS = frozenset("base basename length host hostname region bucket user username role env var prefix".split())
_WORDS = frozenset("commit revision uuid guid cursor".split())
# What the name of any access key may have besides: its parts, its user, its stage. Any other word
# tells what the secret is for: AWS_REDIS_PASSWORD, AWS_ORIGIN_SECRET, S3_OBJECT_KEY are no access keys.
_PARTS = frozenset("access key id keyid accesskey accesskeyid credential cred".split())
_NEUTRAL = _PARTS | frozenset(
    "iam user account root admin my our the config configuration conf setting sdk provider storage default main ci "
    "prod production prd live dev development stage staging stg test testing qa uat preprod sandbox".split()
)
# What the secret of an id is called, with or without more words.
_CALLED = frozenset("secret token session security password passwd passphrase pass pwd pw value string".split())
# Other vendors' keys are not ours to judge, unless the name says AWS as well: whole words, and
# parts that no other word has. First those whose storage speaks the protocol of S3: their
# keys have the form of AWS's, and the same names.
_ISSUERS = frozenset("r2 spaces ceph oss gcs gcp b2 storj scw ovh ibm vultr exoscale".split())
_ISSUER_PARTS = tuple(
    "linode wasabi minio cloudflare digitalocean dospaces yandex aliyun alicloud google backblaze scaleway tencent "
    "qcloud huawei hetzner filebase tigris idrive".split()
)
# Then the others. An application, as Jenkins, may well hold a key of AWS under its own name.
_VENDORS = frozenset("azure stripe rails jwt okta zoho plaid npm pypi vault docker".split())
_VENDOR_PARTS = tuple(
    "twilio captcha facebook twitter github gitlab slack django flask sessionsecret cookie oauth clientsecret "
    "consumer paypal dropbox mailgun algolia pusher braintree cloudinary razorpay binance kraken coinbase bitfinex "
    "trello shopify sentry auth0 datadog newrelic nextauth supabase jenkins hmac encrypt cipher signing csrf crypto "
    "webhook openai grafana superset airflow".split()
)
# What a secret is for that is no access key, though it is of AWS.
_PURPOSES = ("cognito", "webhook", "captcha", "cookie", "csrf", "oauth", "jwt", "encrypt")


def squash(name: str) -> str:
    """A name without case and separators: `AWS_SECRET_KEY`, `aws.secretKey` are the same."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str) -> list[str]:
    """The words of a name in lower case, however they are joined: `awsSecretKey`, `aws.secret-key`."""
    return [word.lower() for word in _WORD.findall(name)]


@cache
def secret(name: str) -> int:
    """How clearly a name says that its value is a secret access key, from FOREIGN to CLEAR."""
    squashed, parts = squash(name), words(name)
    if not parts:
        return NOTHING
    last = parts[-1] if parts[-1] in _POINTERS else parts[-1].removesuffix("s")
    if last in _POINTERS or _DIGESTS.fullmatch(last):
        return NOTHING
    issued = _is_issued_elsewhere(squashed, parts)
    of_aws = not issued and (not _SERVICES.isdisjoint(parts) or squashed.startswith("aws"))
    if (_has(squashed, _SECRET_KEYS) and "secretsmanager" not in squashed) or squashed.endswith(_BARE_SECRETS):
        return FOREIGN if issued else CLEAR
    if of_aws and "secret" in squashed and _has(squashed, _PURPOSES):
        return NOTHING
    if last in _ENDS or any(part in _WORDS or _DIGESTS.fullmatch(part) for part in parts):
        return NOTHING
    if of_aws and re.search("secret|key|cred|password", squashed):
        return _secret_of_aws(squashed, parts)
    if _is_foreign(squashed, parts):
        return FOREIGN
    if _has(squashed, _GENERIC) and name != "SECRET_KEY":
        # what a web framework signs its cookies with
        return WEAK if "app" in words(name.rpartition(".")[2]) else GENERIC
    return WEAK


def _secret_of_aws(squashed: str, parts: list[str]) -> int:
    """How clearly a name that says AWS is that of a secret access key: WEAK where it says what else it is for."""
    if _has(squashed, _GENERIC):
        return CLEAR
    if parts[0].startswith("aws") and parts[0] != "aws":
        parts = ["aws", parts[0].removeprefix("aws"), *parts[1:]]
    told = _telling(parts)
    if told[-2:-1] and told[-2] in _SERVICES and told[-1] == "secret":
        return CLEAR
    # a key, or credentials
    return GENERIC if told[-1:] and told[-1] in _SERVICES else WEAK


def _telling(parts: list[str]) -> list[str]:
    """The words of a name that not every access key may have, without numbers, in the singular."""
    told = []
    for part in parts:
        if part not in _SERVICES and part not in _NEUTRAL:
            part = part.rstrip("0123456789")
            part = part if part.endswith("ss") else part.removesuffix("s")
        if part and part not in _NEUTRAL:
            told.append(part)
    return told


def is_for_another(name: str, id: str) -> bool:
    """Whether a name says what its secret is for (PAYMENT_SECRET), and that of an access key id says nothing of it."""
    told = {*_telling(words(name))} - _SERVICES
    return not _CALLED.isdisjoint(told) and not told <= _CALLED | {*_telling(words(id))}


def is_variable(name: str) -> bool:
    """Whether a variable is, by its name alone, to hold a secret access key or a session token of AWS.

    With any suffix (`AWS_SECRET_ACCESS_KEY_PROD`) but that of something that only leads to
    it, a file or an id, and with a prefix that is none of another vendor's.
    """
    squashed = squash(name)
    if "secret" not in squashed and "token" not in squashed:
        return False
    parts = words(name)
    if not _says_aws(squashed) and _is_foreign(squashed, parts):
        return False
    if squashed.endswith((*_SECRETS, *(vendor + token for vendor in ("aws", "amazon") for token in _TOKENS))):
        return True
    if not parts or parts[-1] in _POINTERS or parts[-1] == "id" or _DIGESTS.fullmatch(parts[-1]):
        return False
    return re.search("(?:aws|amazon)(?:secret(?:access)?key|(?:session|security)token)", squashed) is not None


def is_like_ours(name: str) -> bool:
    """Whether a name is that of a secret access key of a vendor whose keys are called as AWS's."""
    squashed = squash(name)
    called = _has(squashed, (*_SECRETS, *_GENERIC))
    return called and _is_issued_elsewhere(squashed, words(name))


def _has(squashed: str, parts: Iterable[str]) -> bool:
    # Not as one regular expression: to compile it costs more than a run has names.
    return any(part in squashed for part in parts)


def _says_aws(squashed: str) -> bool:
    return "aws" in squashed or "amazon" in squashed


def _is_issued_elsewhere(squashed: str, parts: list[str]) -> bool:
    """Whether a name is that of a key, of a vendor that has storage as S3."""
    issuer = not _ISSUERS.isdisjoint(parts) or _has(squashed, _ISSUER_PARTS)
    return issuer and not _says_aws(squashed)


def _is_foreign(squashed: str, parts: list[str]) -> bool:
    """Whether a name is that of another vendor's key, if it does not say AWS as well."""
    other = not _VENDORS.isdisjoint(parts) or _has(squashed, _VENDOR_PARTS)
    return other or _is_issued_elsewhere(squashed, parts)


def token(name: str) -> int:
    """How clearly a name says that its value is a session token: CLEAR, WEAK if it says nothing of AWS, or NOTHING."""
    squashed = squash(name)
    if not _has(squashed, _TOKENS):
        return NOTHING
    if _says_aws(squashed):
        return CLEAR
    return NOTHING if is_for_another(name, "") else WEAK


@cache
def is_id(name: str) -> bool:
    """Whether a name is that of an access key id, of AWS or of a vendor that calls it the same."""
    return squash(name.rpartition(".")[2]) in _IDS


def is_endpoint(name: str) -> bool:
    """Whether a name is that of the address of S3 or of all of AWS: AWS_ENDPOINT_URL, endpoints.s3, s3cmd's host_base.

    As an attribute of something (`endpoint`) it need not say so, as a variable it does.
    """
    own = name.rpartition(".")[2]
    lower = own.lower()
    if lower == "host_base":
        return True
    if "endpoint" not in lower:
        own = name
        if "endpoint" not in name.lower():
            return False
    parts = set(words(own))
    return parts <= _ENDPOINT and not (own.isupper() and parts.isdisjoint(_SERVICES))


def is_password(name: str) -> bool:
    """Whether a name is that of a password."""
    return re.search("pass|pw|secret", name, re.IGNORECASE) is not None


def speaks_of_keys(name: str) -> bool:
    """Whether a name is that of a key, a secret or a token, so that it is worth knowing what it is."""
    squashed = squash(name)
    return "secret" in squashed or "key" in squashed or "token" in squashed
