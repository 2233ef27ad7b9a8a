"""Roles and their policies, as Terraform declares and attaches them."""

from __future__ import annotations

from .. import iam, values
from ..evaluation import FOLDER, decoded
from ..model import Attachment, Policy, Role, Value
from ..node import Node, Ref, Scalar, Seq, Template, Unknown
from .blocks import blocks_of, may_have_more
from .evaluate import Handle
from .modules import parts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..node import Block
    from .evaluate import Scope
    from .modules import Instance

_ATTRIBUTES = ("arn", "name", "id", "unique_id")
# Which argument names the role and which the policies, by the resource that says so.
_ATTACHES = (
    ("aws_iam_role_policy_attachment", "role", "policy_arn"),
    ("aws_iam_policy_attachment", "roles", "policy_arn"),
    ("aws_iam_role_policy_attachments_exclusive", "role_name", "policy_arns"),
)


def roles(instance: Instance) -> Iterator[Role]:
    """The roles that a module makes, and those that it looks up."""
    owned = owned_names(instance)
    for data in (False, True):
        for handle, block, scope in instance.resources("aws_iam_role", data=data):
            name = block.body.get("name")
            scope = scope.sure()  # what callers may replace is not known
            named = scope.evaluate(name) if name is not None else None
            known = values.value_of(named) if named is not None and not values.is_blank(named) else None
            trust, boundary = block.body.get("assume_role_policy"), block.body.get("permissions_boundary")
            limit = scope.evaluate(boundary) if boundary is not None else None
            path, provider = block.body.get("path"), block.body.get("provider")
            yield Role(
                f"{handle.scope}:{handle.name}",
                known.text if known else None,
                block.span,
                known.name if known else None,
                scope=scope.root,
                # another provider may be another account
                account=f"provider {provider.name}" if isinstance(provider, Ref) else None,
                path=scope.evaluate(path).text if path is not None else None,
                made=not data,
                trust=_policy(trust, scope, owned) if trust is not None else None,
                boundary=values.value_of(limit) if limit is not None and not values.is_blank(limit) else None,
                unknown=tuple(_unseen(block, scope)),
            )


def policies(instance: Instance) -> Iterator[Policy]:
    """The policies that a module declares by themselves."""
    owned = owned_names(instance)
    for handle, block, scope in instance.resources("aws_iam_policy"):
        document, name, scope = block.body.get("policy"), block.body.get("name"), scope.sure()
        if document is not None:
            yield _policy(
                document,
                scope,
                owned,
                address=f"{handle.scope}:{handle.name}",
                name=scope.evaluate(name).text if name is not None else None,
            )


def attachments(instance: Instance) -> Iterator[Attachment]:
    """Which role has which policy."""
    owned = owned_names(instance)
    for handle, block, scope in instance.resources("aws_iam_role"):
        role, scope = Value(block.span, name=f"{handle.scope}:{handle.name}"), scope.sure()
        for inner, there in blocks_of(block.body, "inline_policy", scope):
            document = inner.body.get("policy")
            if document is not None:
                yield Attachment(inner.span, role, _policy(document, there, owned), scope.root)
        given = block.body.get("managed_policy_arns")
        for policy in _each(scope.evaluate(given)) if given is not None else ():
            yield Attachment(policy.span, role, _named(policy), scope.root)
    for _, block, scope in instance.resources("aws_iam_role_policy"):
        scope = scope.sure()
        role_given, document = block.body.get("role"), block.body.get("policy")
        if role_given is not None and document is not None:
            yield Attachment(block.span, _subject(role_given, scope), _policy(document, scope, owned), scope.root)
    for type, role_name, policy_name in _ATTACHES:
        for _, block, scope in instance.resources(type):
            yield from _attached(block, scope.sure(), role_name, policy_name)
    for type, role_name in (("aws_iam_role_policy", "role"), *((type, name) for type, name, _ in _ATTACHES)):
        for block, scope in instance.unsure(type):
            given = block.body.get(role_name)
            if given is not None:
                more = Value(block.span, reason="who calls the module may give it more policies")
                for named in given.nodes if isinstance(given, Seq) else (given,):
                    yield Attachment(block.span, _subject(named, scope), more, scope.root)


def owned_names(instance: Instance) -> frozenset[str]:
    """What stands for the ARN of a thing that the module makes itself."""
    address = instance.scope.address
    return frozenset(
        f"{address}:{name}.{attribute}"
        for name, block in instance.module.resources
        if block.type == "resource"
        for attribute in ("arn", "id")
    )


def _attached(block: Block, scope: Scope, role_name: str, policy_name: str) -> Iterator[Attachment]:
    given, named = block.body.get(role_name), block.body.get(policy_name)
    if given is None or named is None:
        return
    listed = given.nodes if isinstance(given, Seq) else (given,)
    for policy in _each(scope.evaluate(named)):
        for role in listed:
            known = scope.evaluate(role)
            for one in known.nodes if isinstance(known, Seq) else (None,):
                subject = _subject(role, scope) if one is None else _named(one)
                yield Attachment(policy.span, subject, _named(policy), scope.root)


def handed_over(instances: Sequence[Instance], made: Sequence[Role]) -> Iterator[Attachment]:
    """A role that is given to a module which is not at hand may get policies there."""
    open_calls = [
        (instance, name) for instance in instances for name in instance.module.calls if not any(instance.children(name))
    ]
    places: dict[str, list[tuple[int, int, Role]]] = {}
    for role in made if open_calls else ():
        origin = role.span.origin()
        places.setdefault(origin.path, []).append((origin.start, origin.end, role))
    seen: set[tuple[str | None, str | None]] = set()
    for instance, name in open_calls:
        block = instance.module.calls[name]
        for _, bindings in instance.scope.instances(block, f"module.{name}").members or ((None, {}),):
            scope = instance.scope.at(f"module.{name}", bindings)
            for key, value in block.body.entries:
                for subject in _roles_in(scope.evaluate(value), key.text or "", places):
                    if subject in seen:
                        continue
                    seen.add(subject)
                    policy = Value(value.span, reason="it is given to a module that is not at hand")
                    yield Attachment(value.span, Value(value.span, *subject), policy, scope.root)


def _roles_in(
    value: Node, argument: str, places: Mapping[str, Sequence[tuple[int, int, Role]]]
) -> Iterator[tuple[str | None, str | None]]:
    """The roles, as texts or addresses, that a value names. A known name counts if it comes from the role itself."""
    for node in parts_of(value):
        if isinstance(node, Ref) and "aws_iam_role." in node.name:
            known = _named(node)
            yield None, known.name
        elif isinstance(node, Scalar) and isinstance(node.value, str):
            if "role" in argument:
                yield node.value, None
            for span in (node.span, *node.via):
                origin = span.origin()
                for start, end, role in places.get(origin.path, ()):
                    if start <= origin.start < end:
                        yield None, role.address


def _each(node: Node) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, Seq) else (node,)


def _policy(
    document: Node, scope: Scope, owned: frozenset[str], *, address: str | None = None, name: str | None = None
) -> Policy:
    return iam.policy(_document(scope.evaluate(document)), address=address, name=name, owned=owned)


def _document(node: Node) -> Node:
    """A policy document of whatever it is made: an expression, a text of JSON, a data source."""
    return decoded(node) or Unknown(node.span, "it is not known here")


def _subject(node: Node, scope: Scope) -> Value:
    """The role that an argument names: the resource, where it is one, whatever it is called."""
    handle = scope.subject(node)
    if handle is not None:
        return Value(node.span, name=f"{handle.scope}:{handle.name}")
    return _named(scope.evaluate(node))


def _named(known: Node) -> Value:
    """A role or a policy by its ARN, its name or its address."""
    value = values.value_of(known)
    if isinstance(known, Template):
        # the partition may be unknown: AWS's own policies are in each
        last = known.parts[-1].text or ""
        at = last.find(":iam::aws:policy/")
        value.text = f"arn:aws{last[at:]}" if at >= 0 else value.text
    if value.text is None:
        value.name = address_of(known) or value.name
    return value


def address_of(known: Node) -> str | None:
    """What stands for the role or the policy of which an expression gives the ARN, the name or the id."""
    if isinstance(known, Handle):
        return f"{known.scope}:{known.name}"
    if isinstance(known, Ref):
        base, _, attribute = known.name.rpartition(".")
        return f"{known.scope}:{base}" if attribute in _ATTRIBUTES else None
    return None


def _unseen(block: Block, scope: Scope) -> Iterator[str]:
    """Why not all the policies of a role can be seen by what it says itself."""
    if may_have_more(block.body, "inline_policy", scope):
        yield "its inline policies are not known here"
    if scope.folder.startswith(FOLDER):
        yield "the source of the module that makes it is not at hand"
