"""Dockerfiles, by the rules of BuildKit's parser.

The rules are those of `frontend/dockerfile/parser` and `frontend/dockerfile/shell` in
moby/buildkit as of 2026; where older versions differ, the newer one is followed. Unlike
BuildKit, which refuses a file with one error, this reads on.

Places: `Instruction.span`, `Instruction.keyword_span` and `Heredoc.body` are spans of the
file. All other places are spans of the file too when the instruction stands on one line.
An instruction that is continued on further lines is joined first, and its places are spans
of the joined text; that is a source whose pieces map to the file, so `Span.begin`,
`Span.finish` and `Span.origin()` tell the place in the file as always, and `align` meets
no line break within a word.
"""

from __future__ import annotations

import re
from functools import cache

from ..node import Node, Problem, Ref, Scalar, Seq, Template, Unknown
from ..text import Source, Span, align, embed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN_INSTRUCTION = "not a Dockerfile instruction"
NO_DOCKERFILE = "no Dockerfile: none of its lines is an instruction"
BAD_ESCAPE = "the escape directive takes a backslash or a backtick"
DOUBLE_DIRECTIVE = "a parser directive that is there already"
NO_ARGUMENTS = "an instruction without its arguments"
NO_VALUE = "a name without a value"
NO_NAME = "a value without a name"
BAD_FROM = "FROM takes an image, and AS with a name"
BAD_SHELL = "SHELL takes a JSON array of strings"
NESTED_TRIGGER = "an ONBUILD in an ONBUILD"
OPEN_HEREDOC = "a heredoc without its end"
OPEN_QUOTE = "a quote that is not closed"
BAD_SUBSTITUTION = "a substitution that Docker does not know"
TOO_DEEP = "substitutions nested too deeply"
ALTERNATIVE = "depends on whether a variable is set"
PATTERN = "a variable changed by a pattern"

_DEPTH = 50

# What Go's unicode.IsSpace takes for a space: Python's `\s` without the four separators.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_S = r"[^\S\x1c-\x1f]"
_HEAD = re.compile(rf"([^\t\v\f\r ]+)(?:[\t\v\f\r ]{_S}*)?")
_BLANK = re.compile(rf"{_S}*")
_WORD = re.compile(r"[^\t\v\f\r ]+")
# A word up to what has a meaning in one: for both escape characters, and for each use.
_PLAIN = re.compile(r"""[^'"$\\`}/]+""")
_UNQUOTED = re.compile(r"""(?:[^\s'"\\`<$]|[\x1c-\x1f])+""")
_SPECIAL = re.compile(r"""['"$\\`]""")
_NAME = re.compile(r"\d+|[@*#?$!-]|\w+")
_MARKER = re.compile(r"([0-9]*)<<(-?)\s*([^<]+)\Z")
_STRING = re.compile(r"""[ \t\r\n]*"([^"\\\x00-\x1f]*)""")
_AFTER = re.compile(r"[ \t\r\n]*([,\]])")


class Flag:
    """`--name=value` or `--name`. The value is unquoted; variables in it are left as they are."""

    __slots__ = ("name", "span", "value")

    def __init__(self, span: Span, name: str, value: Scalar | None) -> None:
        self.span = span
        self.name = name
        self.value = value

    def options(self) -> tuple[tuple[Scalar, Scalar | None], ...]:
        """The `key=value` pairs of a `--mount`, the keys in lower case; None where there is no `=`."""
        if self.value is None or not isinstance(self.value.value, str):
            return ()
        span, text = self.value.span, self.value.value
        if span.text != text:
            span = align(span, text).span()
        pairs: list[tuple[Scalar, Scalar | None]] = []
        at = 0
        for field in text.split(","):
            key, equals, value = field.partition("=")
            middle = at + len(key)
            end = at + len(field)
            name = (
                Scalar(span.sub(at, middle - len(text) + len(text)), key.lower())
                if False
                else _part(span, at, middle, key.lower())
            )
            pairs.append((name, _part(span, middle + 1, end, value) if equals else None))
            at = end + 1
        return tuple(pairs)
