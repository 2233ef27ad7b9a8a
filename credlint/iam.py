"""What policies mean, as far as a linter must know: who is allowed what, and who may take on a role.

Policy documents come as nodes in the shape and the spelling of JSON
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html),
whichever format they were written in. Every question has three answers, for a document is
seldom wholly known; what depends on a condition, or on a part that is not known, is UNKNOWN.

This is not the whole of IAM. Resource policies, session policies, service control policies and
what conditions say are left out, and of a policy that is not seen it is not supposed that it
denies what a seen one allows.
"""

from __future__ import annotations

from . import lazy, values
from .members import IntEnum
from .model import Hole, Policy, Principal, Statement, Text
from .node import ComputedKey, Map, Node, Scalar, Seq, Template, merged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from .model import Grant, Role

_MOST_CHARACTERS = 4096  # of an action or a resource; an ARN has at most 2,048
_FIRST_HOLE = 0xF0000  # characters of the private planes stand for the holes of a text


class Answer(IntEnum):
    """Ordered: of several ways the greatest counts, of several conditions the least."""

    NO = 0
    UNKNOWN = 1
    YES = 2


# ── reading a document ──

# What is filled in later: policy variables of IAM, placeholders of templates.
_OPEN = lazy.pattern(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|<[^<>\s]*>|%[A-Za-z_]\w*%", signs=("${", "{{", "<", "%"))


def policy(
    node: Node,
    *,
    address: str | None = None,
    name: str | None = None,
    account: str | None = None,
    owned: AbstractSet[str] = frozenset(),
) -> Policy:
    """A policy document, of a role's permissions or of its trust. What cannot be read is said in `unknown`.

    `owned` are the names (of values.canonical) that stand for the ARN of a thing that the
    project makes itself: what they name are different things.
    """
    statements: list[Statement] = []
    unknown: list[str] = []
    listed = _field(node, "Statement")
    if listed is None:
        unknown.append("the policy document is not known here")
    else:
        if _has_open_key(node):
            unknown.append("the policy document has parts that are not known here")
        for part in listed if isinstance(listed, Seq) else (listed,):
            if not isinstance(part, Map):
                unknown.append("the policy document has statements that are not known here")
                continue
            statements.append(_statement(part, owned))
            if _has_open_key(part):
                unknown.append("a statement of the policy has parts that are not known here")
    return Policy(
        node.span,
        tuple(statements),
        tuple(dict.fromkeys(unknown)),
        address=address,
        name=name,
        account=account,
    )


def text_of(node: Node, owned: AbstractSet[str] = frozenset()) -> Text:
    """A string of a document in its known and unknown parts. One that is too long to be an ARN is unknown."""
    parts = tuple(_parts(node, owned))
    size = len(parts) + sum(len(part) for part in parts if isinstance(part, str))
    return Text(node.span, parts if size <= _MOST_CHARACTERS else (Hole(),))


def _statement(node: Map, owned: AbstractSet[str]) -> Statement:
    effect = _field(node, "Effect")
    actions, not_actions = _either(node, "Action", owned)
    resources, not_resources = _either(node, "Resource", owned)
    condition = _field(node, "Condition")
    named, excepted = _field(node, "Principal"), _field(node, "NotPrincipal")
    who = excepted if named is None else named
    return Statement(
        node.span,
        {"Allow": True, "Deny": False}.get((effect.text if effect is not None else None) or ""),
        actions,
        resources,
        not_actions=not_actions,
        not_resources=not_resources,
        conditional=condition is not None and not (isinstance(condition, Map) and not condition.entries),
        principals=tuple(_principals(who, owned)) if who is not None else (),
        not_principals=named is None and excepted is not None,
    )


def _either(node: Map, name: str, owned: AbstractSet[str]) -> tuple[tuple[Text, ...], bool]:
    """The texts of an element or of its Not… twin, and whether it was the twin; unknown when there is neither."""
    found, excepted = _field(node, name), _field(node, f"Not{name}")
    if found is not None and excepted is None:
        return _texts(found, owned), False
    if excepted is not None and found is None:
        return _texts(excepted, owned), True
    return (Text(node.span, (Hole(),)),), False


def _texts(node: Node, owned: AbstractSet[str]) -> tuple[Text, ...]:
    return tuple(text_of(part, owned) for part in (node if isinstance(node, Seq) else (node,)))


def _principals(node: Node, owned: AbstractSet[str]) -> Iterator[Principal]:
    if not isinstance(node, Map):
        text = text_of(node, owned)
        yield Principal("*" if text.known == "*" else "", text)
        return
    for key, value in node.items():
        for text in _texts(value, owned):
            yield Principal(key.text or "", text)


def _parts(node: Node, owned: AbstractSet[str]) -> Iterator[str | Hole]:
    if isinstance(node, Template):
        for part in node.parts:
            yield from _parts(part, owned)
        return
    text = node.text
    if text is None or (node.tag and node.tag != "!Sub"):
        name = values.canonical(node) if text is None else None
        # null is no text, and a number is one
        yield Hole(name, name in owned) if name and not isinstance(node, Scalar) else Hole()
        return
    end = 0
    for found in _OPEN.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        yield Hole()
        end = found.end()
    if end < len(text) or not text:
        yield text[end:]


def _field(node: Node, name: str) -> Node | None:
    """A field by its name; IAM does not mind its case."""
    if not isinstance(node, Map):
        return None
    found = merged(node)
    exact = found.get(name)
    if exact is not None:
        return exact
    return next((value for key, value in found.items() if (key.text or "").lower() == name.lower()), None)


def _has_open_key(node: Node) -> bool:
    return any(isinstance(key, ComputedKey) or key.text in (None, "", "<<") for key, _ in node.items())


# ── questions ──


def grants(role: Role, action: str, resource: Text | None = None) -> Answer:
    """Whether the role is allowed the action on the resource; without one, on any resource at all.

    For actions that take no resource ask for the resource `*`. NO is certain: the policies
    are all seen, or one denies it. YES is what the seen policies say.
    """
    denied = allowed = Answer.NO
    for grant in role.grants:
        for statement in grant.policy.statements:
            answer = _concerns(statement, action, resource)
            if statement.conditional:
                answer = min(answer, Answer.UNKNOWN)
            if statement.allows is not False:
                allowed = max(allowed, answer if statement.allows else min(answer, Answer.UNKNOWN))
            if not statement.allows:
                denied = max(denied, answer if statement.allows is False else min(answer, Answer.UNKNOWN))
    if denied is Answer.YES:
        return Answer.NO
    if allowed is Answer.NO:
        return Answer.NO if role.complete else Answer.UNKNOWN
    if allowed is Answer.YES and denied is Answer.NO and role.boundary is None:
        return Answer.YES
    return Answer.UNKNOWN


def beyond(role: Role, needed: Iterable[str]) -> Iterator[tuple[Grant, Statement, Text | None]]:
    """What the role is allowed besides these actions: each action that covers none of them, with its statement.

    The action is None for a statement that allows all but some. An action that is denied
    outright, or of which a part is not known, is left out; one under a condition is not.
    """
    wanted = [action.lower() for action in needed]
    denials = [
        statement
        for grant in role.grants
        for statement in grant.policy.statements
        if statement.allows is False and not statement.conditional and not statement.not_actions and _is_all(statement)
    ]
    covered = (text.known or "?" for statement in denials for text in statement.actions)
    denied = {action.lower() for action in covered if "?" not in action}
    for grant in role.grants:
        for statement in grant.policy.statements:
            if not statement.allows:
                continue
            if statement.not_actions:
                yield grant, statement, None
                continue
            for text in statement.actions:
                pattern = (text.known or "").lower()
                if not pattern or any(matches_text(pattern, action) for action in wanted):
                    continue
                # A wildcard that covers the other one as a text covers all that it stands for.
                if not any(matches_text(denial, pattern) for denial in denied):
                    yield grant, statement, text


def may_assume(role: Role, service: str) -> Answer:
    """Whether the role's trust policy lets the service (`ecs-tasks.amazonaws.com`) assume it."""
    trust = role.trust
    if trust is None:
        return Answer.UNKNOWN
    allowed = denied = Answer.NO
    for statement in trust.statements:
        answer = min(
            _speaks_of(statement, service), _any_of(statement.actions, "sts:AssumeRole", statement.not_actions)
        )
        if statement.conditional:
            answer = min(answer, Answer.UNKNOWN)
        if statement.allows is not False:
            allowed = max(allowed, answer if statement.allows else min(answer, Answer.UNKNOWN))
        if not statement.allows:
            denied = max(denied, answer if statement.allows is False else min(answer, Answer.UNKNOWN))
    if denied is Answer.YES:
        return Answer.NO
    if allowed is Answer.NO:
        return Answer.NO if trust.complete else Answer.UNKNOWN
    return allowed if denied is Answer.NO else Answer.UNKNOWN


def trusted(role: Role, kind: str = "Service") -> tuple[Text, ...]:
    """The principals of that kind that the trust policy allows in, as far as they are seen."""
    statements = role.trust.statements if role.trust else ()
    return tuple(
        principal.text
        for statement in statements
        if statement.allows and not statement.not_principals
        for principal in statement.principals
        if principal.kind == kind
    )


def _concerns(statement: Statement, action: str, resource: Text | None) -> Answer:
    """Whether a statement speaks of the action on the resource."""
    speaks = _any_of(statement.actions, action, statement.not_actions)
    if speaks is Answer.NO:
        return Answer.NO
    if resource is None:
        # To allow it anywhere allows it; to deny it somewhere may leave it allowed elsewhere.
        return speaks if statement.allows or _is_all(statement) else Answer.UNKNOWN
    answer = max((matches(pattern, resource) for pattern in statement.resources), default=Answer.NO)
    return min(speaks, _not(answer) if statement.not_resources else answer)


def _is_all(statement: Statement) -> bool:
    return not statement.not_resources and any(pattern.known == "*" for pattern in statement.resources)


def _any_of(patterns: Iterable[Text], action: str, negated: bool) -> Answer:
    answer = Answer.NO
    for pattern in patterns:
        answer = max(answer, _covers(pattern, action))
    return _not(answer) if negated else answer


def _covers(pattern: Text, action: str) -> Answer:
    """Whether an action of a policy covers an action. Their case does not matter."""
    known = pattern.known
    if known is not None:
        return Answer.YES if matches_text(known.lower(), action.lower()) else Answer.NO
    open_text = "".join(part.lower() if isinstance(part, str) else "*" for part in pattern.parts)
    return Answer.UNKNOWN if matches_text(open_text, action.lower()) else Answer.NO


def _speaks_of(statement: Statement, service: str) -> Answer:
    answer = max((_is_service(principal, service) for principal in statement.principals), default=Answer.UNKNOWN)
    return _not(answer) if statement.not_principals else answer


def _is_service(principal: Principal, service: str) -> Answer:
    known = principal.text.known
    if principal.kind in ("", "*") or known == "*":
        return Answer.UNKNOWN  # whether everybody includes a service depends on how it calls
    if principal.kind != "Service":
        return Answer.NO
    if known is None:
        open_text = "".join(part if isinstance(part, str) else "*" for part in principal.text.parts)
        may = matches_text(open_text, service) or matches_text(open_text, f"{service}.cn")
        return Answer.UNKNOWN if may else Answer.NO
    if known.removesuffix(".cn") == service:
        return Answer.YES
    # ecs-tasks.eu-west-1.amazonaws.com: some services have such principals as well
    first, _, rest = service.partition(".")
    return Answer.UNKNOWN if known.startswith(f"{first}.") and rest in known else Answer.NO


def _not(answer: Answer) -> Answer:
    return Answer(Answer.YES - answer)


# ── matching ──


def matches(pattern: Text, subject: Text) -> Answer:
    """Whether a resource of a policy covers a resource. `*` and `?` are wildcards in the pattern only."""
    known, asked = pattern.known, subject.known
    if known is not None and asked is not None:
        return Answer.YES if matches_text(known, asked) else Answer.NO
    if _are_different(pattern, subject):
        return Answer.NO
    names: dict[str, str] = {}
    left, right = _encoded(pattern, names), _encoded(subject, names)
    if left is None or right is None:
        return Answer.UNKNOWN
    if matches_text(left, right):
        return Answer.YES
    if asked is not None:
        may = "".join("*" if _is_hole(char) else char for char in left)
        return Answer.UNKNOWN if matches_text(may, asked) else Answer.NO
    return Answer.UNKNOWN if _may_begin_alike(left, right) and _may_begin_alike(left[::-1], right[::-1]) else Answer.NO


def matches_text(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` (any characters) and `?` (one) matches the whole text.

    A set of places in the pattern, kept as the bits of a number, is moved along the text:
    no backtracking, so time is linear in the text whatever the pattern is.
    """
    if pattern == "*":
        return True
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    head = pattern.partition("*")[0]
    if "?" not in head and not text.startswith(head):
        return False  # what most pairs come to
    stays = anything = 0
    moves: dict[str, int] = {}
    place = 1
    for char in pattern:
        if char == "*":
            stays |= place
            continue
        if char == "?":
            anything |= place
        else:
            moves[char] = moves.get(char, 0) | place
        place <<= 1
    at = 1
    for char in text:
        # One that stands for a part that is not known may be more than one character, or none.
        moved = at & (moves.get(char, 0) | (0 if _is_hole(char) else anything))
        at = moved << 1 | at & stays
        if not at:
            return False
    return bool(at & place)


def _are_different(pattern: Text, subject: Text) -> bool:
    """Whether both are the identity of a thing of the repository, and not of the same."""
    if len(pattern.parts) != 1 or len(subject.parts) != 1:
        return False
    one, other = pattern.parts[0], subject.parts[0]
    return isinstance(one, Hole) and isinstance(other, Hole) and one.unique and other.unique and one.name != other.name


def _encoded(text: Text, names: dict[str, str]) -> str | None:
    """The text with a character for each hole, the same for the same name. None where it has such a character."""
    result: list[str] = []
    for part in text.parts:
        if isinstance(part, str):
            if any(map(_is_hole, part)):
                return None
            result.append(part)
        else:
            # one without a name is like no other
            name = part.name if part.name is not None else f"\0{len(names)}"
            result.append(names.setdefault(name, chr(_FIRST_HOLE + len(names))))
    return "".join(result)


def _is_hole(char: str) -> bool:
    return ord(char) >= _FIRST_HOLE


def _may_begin_alike(pattern: str, subject: str) -> bool:
    """False when what both begin with, up to a wildcard or a hole, already differs."""
    for left, right in zip(pattern, subject):
        if left == "*":
            return True
        if left == right or (left == "?" and not _is_hole(right)):
            continue
        return _is_hole(left) or _is_hole(right)
    return True
