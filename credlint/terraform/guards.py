"""What a module makes that takes a permission more of who uses it: secrets under a key of one's own, file systems.

Whoever reads a secret that is encrypted with a customer managed key must be allowed to decrypt with that key
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html). A file system with a
policy lets in only whom that policy or a policy of the role allows
(https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html).
"""

from __future__ import annotations

from .. import iam, values
from ..evaluation import decoded
from ..iam import Answer
from ..model import FeatureKind, Grant, Guard, Role
from ..node import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Policy
    from ..node import Node
    from .evaluate import Scope
    from .modules import Instance

_SECRETS = (("aws_secretsmanager_secret", "kms_key_id"), ("aws_ssm_parameter", "key_id"))


def guards(instances: Sequence[Instance]) -> Iterator[Guard]:
    open_keys = any(not one.module.types.isdisjoint(("aws_kms_key_policy", "aws_kms_grant")) for one in instances)
    keys = set[str]() if open_keys else {key for instance in instances for key in _keys(instance)}
    for instance in instances:
        for type, argument in _SECRETS if keys else ():
            for handle, block, scope in instance.resources(type):
                kind = block.body.get("type")  # of a parameter; one that is no secret lies in the open
                if kind is not None and scope.sure().evaluate(kind).text != "SecureString":
                    continue
                if _resource(block.body.get(argument), scope) in keys:
                    yield Guard(frozenset((f"{handle.scope}:{handle.block_name}",)), FeatureKind.ENCRYPTED_SECRET)
        for _, block, scope in instance.resources("aws_efs_file_system_policy"):
            system, document = _resource(block.body.get("file_system_id"), scope), block.body.get("policy")
            if system and document is not None:
                grant = Grant(_policy(document, scope), block.span)
                who = Role("", None, block.span, grants=(grant,))
                if iam.grants(who, "elasticfilesystem:ClientMount") is Answer.NO:
                    yield Guard(frozenset((system,)), FeatureKind.GUARDED_VOLUME)


def _keys(instance: Instance) -> Iterator[str]:
    """The keys, and their aliases, with which only those may decrypt to whom a policy of their own allows it."""
    found: set[str] = set()
    for handle, block, scope in instance.resources("aws_kms_key"):
        document = block.body.get("policy")  # the one that a key has by itself names nobody
        if document is None or iam.leaves_to_roles(_policy(document, scope), "kms:Decrypt"):
            found.add(f"{handle.scope}:{handle.block_name}")
    yield from found
    for handle, block, scope in instance.resources("aws_kms_alias") if found else ():
        if _resource(block.body.get("target_key_id"), scope) in found:
            yield f"{handle.scope}:{handle.block_name}"


def _policy(document: Node, scope: Scope) -> Policy:
    return iam.policy(decoded(scope.sure().evaluate(document)) or Unknown(document.span, "it is not known here"))


def _resource(node: Node | None, scope: Scope) -> str:
    """The address of the resource that an argument refers to; empty where that is not sure."""
    name = values.canonical(scope.sure().evaluate(node)) if node is not None else None
    return values.resource_of(name) if name else ""
