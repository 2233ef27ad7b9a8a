"""`aws_iam_policy_document`: a policy in Terraform's words, as the JSON that it makes.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from ..node import Body, Call, Computed, Map, Node, Scalar, Seq, Unknown
from ..values import is_blank
from .blocks import blocks_of, may_have_more

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..node import Block
    from ..text import Span
    from .evaluate import Scope

_UNSEEN = "a part of the policy document is not known here"
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_document(body: Body, scope: Scope, span: Span) -> Node:
    """The document's `json`, with the statements of those that it takes in and those that override it."""
    statements = list(_taken(body, scope, "source_policy_documents", "source_json"))
    for block, there in blocks_of(body, "statement", scope):
        statements = _without(statements, there.evaluate(sid) if (sid := block.body.get("sid")) is not None else None)
        statements.append(_statement(block, there))
    if may_have_more(body, "statement", scope):
        statements.append(Unknown(body.span, _UNSEEN))
    for statement in _taken(body, scope, "override_policy_documents", "override_json"):
        statements = _without(statements, statement.get("Sid"))
        statements.append(statement)
    document = Map(span, ((Computed(span, "Statement"), Seq(span, tuple(statements))),))
    return Call(span, "jsonencode", (document,))


def _without(statements: list[Node], sid: Node | None) -> list[Node]:
    """The statements without that which another one of the same name replaces."""
    name = sid.text if sid is not None else None
    if not name:
        return statements
    return [one for one in statements if (known := one.get("Sid")) is None or known.text != name]


def _taken(body: Body, scope: Scope, *names: str) -> Iterator[Node]:
    """The statements of the documents that these arguments name."""
    from .functions import FUNCTIONS

    for name in names:
        given = body.get(name)
        known = scope.evaluate(given) if given is not None else None
        for text in known if isinstance(known, Seq) else (known,) if known is not None else ():
            if is_blank(text):
                continue
            document = FUNCTIONS["jsondecode"](scope, text.span, (text,))
            listed = document.get("Statement") if document is not None else None
            if listed is None:
                yield Unknown(text.span, _UNSEEN)
            else:
                yield from listed if isinstance(listed, Seq) else (listed,)


def _statement(block: Block, scope: Scope) -> Node:
    entries: list[tuple[Scalar, Node]] = []
    effect, sid = block.body.get("effect"), block.body.get("sid")
    entries.append(
        (Computed(block.span, "Effect"), scope.evaluate(effect) if effect else Computed(block.span, "Allow"))
    )
    if sid is not None:
        entries.append((Computed(block.span, "Sid"), scope.evaluate(sid)))
    for name, meaning in _LISTS.items():
        given = block.body.get(name)
        if given is not None:
            entries.append((Computed(given.span, meaning), scope.evaluate(given)))
    for type, meaning in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        named = list(_principals(block, type, scope))
        if named:
            entries.append((Computed(block.span, meaning), Map(block.span, tuple(named))))
    if next(blocks_of(block.body, "condition", scope), None) or may_have_more(block.body, "condition", scope):
        entries.append((Computed(block.span, "Condition"), Map(block.span, ((Computed(block.span, "?"), block),))))
    if any(may_have_more(block.body, type, scope) for type in ("principals", "not_principals")):
        entries.append((Computed(block.span, "Principal"), Unknown(block.span, _UNSEEN)))
    return Map(block.span, tuple(entries))


def _principals(block: Block, type: str, scope: Scope) -> Iterator[tuple[Scalar, Node]]:
    for inner, there in blocks_of(block.body, type, scope):
        kind, named = inner.body.get("type"), inner.body.get("identifiers")
        if kind is not None and named is not None:
            known = there.evaluate(kind)
            text = known.text if known.text is not None else ""
            yield Computed(kind.span, text), there.evaluate(named)
