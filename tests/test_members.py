"""The enumerations of our own: as far as they go, they are as those of the standard library."""

from __future__ import annotations

import copy
import enum
import pickle
from types import ModuleType

import pytest

from credlint import finding, iam, members, model, needs
from credlint.finding import Severity
from credlint.terraform import evaluate


def all_of(*modules: ModuleType) -> list[type[members.IntEnum]]:
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, members.IntEnum) and value.__module__ == module.__name__
    ]


@pytest.mark.parametrize("ours", all_of(finding, iam, model, needs, evaluate), ids=lambda ours: str(ours.__name__))
def test_as_the_standard_library_has_them(ours: type[members.IntEnum]) -> None:
    theirs = enum.IntEnum(ours.__name__, {member.name: member.value for member in ours})  # type: ignore[misc]
    assert len(ours) == len(theirs) > 1
    for member, other in zip(ours, theirs, strict=True):
        assert (member.name, member.value, int(member), hash(member)) == (other.name, other.value, other, hash(other))
        assert repr(member) == repr(other)
        assert getattr(ours, member.name) is ours[member.name] is ours(member.value) is member
        assert copy.deepcopy(member) is pickle.loads(pickle.dumps(member)) is member
    with pytest.raises(ValueError, match="is not a valid"):
        ours(-99)
    with pytest.raises(KeyError):
        ours["NONE"]


def test_they_are_numbers_with_names() -> None:
    assert Severity.NOTE < Severity.WARNING < Severity.ERROR == max(Severity)
    assert f"{Severity.ERROR} {Severity.NOTE!s}" == "error note"
    assert {Severity.NOTE: 1}[Severity(1)] == 1
