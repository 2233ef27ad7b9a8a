"""Kubernetes manifests and the values of Helm charts: which named strings stand together.

Keys are looked for in the bare text as well, so what a template hides from the reader of
YAML is no problem. The values of a Secret's `data` are base64
(https://kubernetes.io/docs/concepts/configuration/secret/).
"""

from __future__ import annotations

from binascii import Error, a2b_base64

from .. import keys, values
from ..model import Facts, Setting, Value
from ..node import walk
from ..text import Source
from . import BUILDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..files import Files
    from ..model import BuildArgument
    from ..node import Node

_ID_IN_BASE64 = ("QUtJQ", "QVNJQ")  # AKIA, ASIA


def read(sources: Sequence[Source], files: Files) -> Facts:
    settings: list[Setting] = []
    arguments: list[BuildArgument] = []
    for source in sources:
        builds_images = BUILDS in source.text
        has_keys = keys.has_candidates(source.text) or any(sign in source.text for sign in _ID_IN_BASE64)
        if not has_keys and not builds_images:
            continue
        from ..readers import yaml

        document = yaml.read(source)
        if builds_images:
            from . import builds

            arguments.extend(builds.handed_over(document))
        for root in document.roots if has_keys else ():
            kind, data = root.get("kind"), root.get("data")
            if kind is not None and kind.text == "Secret" and data is not None:
                settings.extend(_decoded(data))
            workloads = _workloads(root)
            for setting in values.settings_of(root):
                setting.workload = workloads.get(id(setting.group))
                settings.append(setting)
    return Facts(texts=sources, settings=settings, build_arguments=arguments)


def _decoded(data: Node) -> Iterator[Setting]:
    """The values of a Secret that are one word each; longer texts are found where they stand."""
    for key, value in data.items():
        try:
            text = a2b_base64(value.text or "").decode().strip()
        except (Error, ValueError):
            continue
        if text and value.text == value.span.text and len(text.split()) == 1:
            # The characters that the word itself takes, without those of a line break behind it.
            end = ((len(text.encode()) - 1) * 8 + 7) // 6 + 1
            decoded = Source(value.span.path, text, ((0, value.span.sub(0, end)),))
            yield Setting(key.text or "", Value(decoded.span(), text), data, encoded=True)


def _workloads(root: Node) -> dict[int, str]:
    """The names of the containers, by their `env`."""
    found: dict[int, str] = {}
    for node in walk(root):
        name, environment = node.get("name"), node.get("env")
        if name is not None and name.text and environment is not None:
            found[id(environment)] = name.text
    return found
