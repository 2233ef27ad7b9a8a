"""What credlint says about its own faults: where, and nothing that a file could have said."""

from __future__ import annotations


def where(error: BaseException) -> str:
    """An exception's kind and place in our own code. Never its message, which may hold a secret."""
    trace = error.__traceback__
    place = "credlint"
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name == "credlint" or name.startswith("credlint."):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} in {place}"


def printable(text: str) -> str:
    """One line for a terminal: a file's name may hold line breaks, escape sequences and bytes that are no text."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
