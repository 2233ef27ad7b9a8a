"""Finds the rules: every module of credlint.rules that has a `rule`."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from .rule import Rule


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by id."""
    package = import_module("credlint.rules")
    # Not pkgutil: it costs start-up, and an installed package is a folder here.
    names = {
        name.partition(".")[0]
        for folder in package.__path__
        for name in os.listdir(folder)
        if name.endswith((".py", ".pyc")) and not name.startswith("_")
    }
    found = (import_module(f"credlint.rules.{name}").rule for name in names)
    return tuple(sorted(found, key=lambda rule: rule.id))


def get(id: str) -> Rule:
    """The rule with that id. KeyError when there is none."""
    for rule in rules():
        if rule.id == id:
            return rule
    raise KeyError(id)


def select(prefixes: tuple[str, ...]) -> set[str]:
    """The ids that a list of ids, prefixes and names selects; `ALL` selects every rule."""
    return {
        rule.id
        for rule in rules()
        for prefix in prefixes
        if prefix == "ALL" or rule.id.startswith(prefix) or rule.name == prefix
    }


def unknown_selectors(prefixes: tuple[str, ...]) -> list[str]:
    """Those of the selectors that fit no rule."""
    return [prefix for prefix in prefixes if not select((prefix,))]
