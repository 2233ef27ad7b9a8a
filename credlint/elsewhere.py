"""Whether a program is sent to something else than AWS: an emulator, or the storage of another vendor."""

from __future__ import annotations

from . import aws, lazy, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .model import Value, Variable

# Programs that stand in for AWS, by what they or their images are called.
_EMULATOR = lazy.pattern(
    r"(?i)localstack|minio|motoserver|dynamo-?db-?(?:local|admin)|\bmoto\b|elastic-?mq|(?:fake|mock|local)[-_]?(?:s3|sqs|aws)"
    r"|s3[-_]?(?:mock|ninja|proxy|rver)|gofakes3|goaws|kinesalite|dynalite|seaweedfs|garage|zenko|cloudserver|rustfs"
    r"|ministack|\bceph|step-?functions-?local"
)
# Services of AWS: one of a compose file that is called so stands in for it.
_OF_AWS = frozenset(("aws", "dynamo", "dynamodb", "kinesis", "s3", "ses", "sns", "sqs"))
_ENDPOINTS = ("endpoint", "minio", "s3host", "s3url", "s3server", "wasabi", "backblaze", "spaces")
_NAME = lazy.pattern(r"[A-Za-z_][\w-]*")
_KEY_LENGTH = 40  # of a secret access key


def is_emulator(name: str, image: str) -> bool:
    """Whether a service of that name, or with that image, stands in for AWS."""
    return name.lower() in _OF_AWS or _EMULATOR.search(f"{name} {image}") is not None


def names_emulator(text: str) -> bool:
    """Whether a text speaks of a program that stands in for AWS."""
    return _EMULATOR.search(text) is not None


def is_endpoint(variable: Variable) -> bool:
    """Whether a variable may send a program to something that is not AWS."""
    squashed = names.squash(variable.name)
    text = (variable.value.text if variable.value is not None else None) or ""
    return any(part in squashed for part in _ENDPOINTS) and ".amazonaws.com" not in text


def is_of_another_vendor(reference: str) -> bool:
    """Whether a reference (`${var.minio_secret_key}`, `R2_SECRET_KEY`) is to the key of a vendor with storage as S3."""
    return any(map(names.is_like_ours, _NAME.findall(reference)))


def is_dummy(value: Value | None) -> bool:
    """Whether a value is surely no secret access key: a word that an emulator takes, or a placeholder."""
    text = value.text if value is not None else None
    return text is not None and (len(text) < _KEY_LENGTH or aws.is_placeholder(text) or aws.is_documented(text))
