"""Joins roles with their policies, and slots with their roles, across all units of a project."""

from __future__ import annotations

from . import aws, lazy
from .model import Attachment, Grant, Policy, Role, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .model import Slot

_MANAGED = lazy.pattern(r"arn:[^:]*:iam::aws:policy/(?:[^/]+/)*([\w+=,.@-]+)$")
_POLICY_ARN = lazy.pattern(r"arn:[^:]*:iam::([^:]*):policy/(?:[^/]+/)*([\w+=,.@-]+)$")


def join(roles: Iterable[Role], policies: Iterable[Policy], attachments: Iterable[Attachment]) -> list[Role]:
    """The roles with the policies that they have.

    An attachment names its role by address or by name; of several roles of one name it means
    that of its own unit, and if that does not tell, none of them is complete. One whose
    role is not known may mean any role of its unit. A policy that is not in the project is
    one of AWS's, or what it allows is unknown.
    """
    roles = list(roles)
    known_roles = Index(roles)
    known_policies = _Policies(policies)
    grants: dict[int, list[Grant]] = {}
    reasons: dict[int, list[str]] = {}
    open_scopes: dict[str, str] = {}
    for attachment in attachments:
        if attachment.role.text is None and attachment.role.name is None:
            open_scopes.setdefault(attachment.scope, "a policy is attached to a role that is not known here")
            continue
        meant = known_roles.meant(attachment.role, attachment.scope)
        if len(meant) == 1:
            grants.setdefault(id(meant[0]), []).append(known_policies.grant(attachment))
        for role in meant if len(meant) > 1 else ():
            reasons.setdefault(id(role), []).append("a policy is attached to one of several roles of its name")
    return [
        _joined(
            role,
            grants.get(id(role), ()),
            (*reasons.get(id(role), ()), *((open_scopes[role.scope],) if role.scope in open_scopes else ())),
        )
        for role in roles
    ]


def managed_name(arn: str) -> str | None:
    """The name of the policy if the ARN is that of one of AWS's own, in any partition and under any path."""
    found = _MANAGED.match(arn)
    return found[1] if found else None


class Index:
    """Finds roles by address, ARN and name."""

    def __init__(self, roles: Iterable[Role]) -> None:
        self._by_address: dict[str, Role] = {}
        self._by_name: dict[str, list[Role]] = {}
        for role in roles:
            self._by_address[role.address] = role
            name = role.name or role.alias
            if name:
                self._by_name.setdefault(name, []).append(role)

    def meant(self, value: Value, scope: str = "") -> Sequence[Role]:
        """The roles that a value may mean: one where it is certain, several where the name is not enough.

        Who looks up a role by its name means the one that is made somewhere.
        """
        if value.text is None:
            role = self._by_address.get(value.name or "")
            if role and not role.made:
                made = [other for other in self._named(role.name or role.alias or "", role.account) if other.made]
                return made if len(made) == 1 else (role,)
            return (role,) if role else ()
        name, account = aws.role_of(value.text)
        found = self._named(name or "", account)
        made = [role for role in found if role.made] or found
        own = [role for role in made if role.scope == scope]
        return own if len(own) == 1 else made

    def _named(self, name: str, account: str | None) -> list[Role]:
        return [
            role for role in self._by_name.get(name, ()) if not account or not role.account or role.account == account
        ]

    def link(self, slot: Slot, scope: str = "") -> None:
        """Lets a slot know the role that it holds, where that is certain."""
        meant = self.meant(slot.value, scope) if slot.value is not None else ()
        slot.role = meant[0] if len(meant) == 1 else None


class _Policies:
    """Finds policies by address, ARN and name."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._by_address: dict[str, Policy] = {}
        self._by_name: dict[str, list[Policy]] = {}
        for policy in policies:
            if policy.address is not None:
                self._by_address[policy.address] = policy
            if policy.name is not None:
                self._by_name.setdefault(policy.name, []).append(policy)

    def grant(self, attachment: Attachment) -> Grant:
        """What an attachment gives: the policy, or one of which nothing is known."""
        value = attachment.policy
        if isinstance(value, Policy):
            return Grant(value, attachment.span)
        if value.text is None:
            found = self._by_address.get(value.name or "")
            return Grant(found or _unknown(attachment, value.reason or "it is not known here"), attachment.span)
        name = managed_name(value.text)
        if name is not None:
            from . import managed

            return Grant(managed.policy(name, attachment.span), attachment.span, name)
        arn = _POLICY_ARN.match(value.text)
        named = list(self._named(arn[2], arn[1])) if arn else []
        policy = named[0] if len(named) == 1 else _unknown(attachment, "it is not in the files that were read")
        return Grant(policy, attachment.span)

    def _named(self, name: str, account: str) -> Iterator[Policy]:
        for policy in self._by_name.get(name, ()):
            if not account or not policy.account or policy.account == account:
                yield policy


def _unknown(attachment: Attachment, reason: str) -> Policy:
    return Policy(attachment.span, unknown=(f"a policy of it is not seen: {reason}",))


def _joined(role: Role, grants: Sequence[Grant], reasons: Sequence[str]) -> Role:
    return Role(
        role.address,
        role.name,
        role.span,
        role.alias,
        scope=role.scope,
        account=role.account,
        path=role.path,
        made=role.made,
        trust=role.trust,
        boundary=role.boundary,
        grants=(*role.grants, *grants),
        unknown=tuple(dict.fromkeys((*role.unknown, *reasons))),
    )


_REFERENCE = lazy.pattern(r"[\w.-]+$")
_ATTRIBUTES = frozenset(("arn", "name", "id"))


def names_of(slot: Slot) -> tuple[str, ...]:
    """What the role of a slot is called: its name, and the project's own name for it where it is referred to."""
    names = [slot.role_name] if slot.role_name else []
    address = (slot.value.name if slot.value and slot.value.text is None else None) or ""
    if address.endswith("]"):  # one instance of several
        address = address.partition("[")[0]
    reference = address.rpartition(":")[2]
    if _REFERENCE.match(reference):
        names.extend([part for part in reference.split(".") if part not in _ATTRIBUTES][-1:])
    return tuple(names)
