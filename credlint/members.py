"""Enumerations that cost nothing to make.

To make one of `enum.IntEnum` takes 0.2 milliseconds, and a run has a dozen: together more than its rules
take. For type checkers these are the same; in a run they are as much of it as is used here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from enum import IntEnum as IntEnum
else:
    from operator import index

    class _Members(type):
        """Iterating gives the members in their order, `Kind["NAME"]` one by its name, `Kind(1)` by its value."""

        def __iter__(cls):
            return iter(cls._members.values())

        def __len__(cls):
            return len(cls._members)

        def __getitem__(cls, name):
            return cls._members[name]

        def __call__(cls, value):
            for member in cls:
                if member == value:
                    return member
            raise ValueError(f"{value!r} is not a valid {cls.__name__}")

    class IntEnum(int, metaclass=_Members):
        def __init_subclass__(cls):
            cls._members = {}
            for name, value in list(vars(cls).items()):
                if isinstance(value, int) and not name.startswith("_"):
                    member = cls._members[name] = int.__new__(cls, value)
                    member.name = name
                    member.value = value
                    setattr(cls, name, member)

        def __repr__(self):
            return f"<{type(self).__name__}.{self.name}: {index(self)}>"

        def __reduce__(self):
            return type(self), (index(self),)
