r"""An ignore silences nothing, or has expired, or cannot be understood.

An ignore that nobody needs any more hides the next fault in its place. So one that silences
nothing is told: the fault was mended, the line moved, the rule's id is misspelt, or the date
in `expires` has passed.

## What to do

Remove it, or set a new date with a new reason. A line of a baseline goes when the baseline is
written anew: `credlint --baseline FILE --write-baseline FILE`. An ignore names its rules
(`# credlint: ignore[KEY101] reason`); one without a name silences nothing.

## Bad

```sh .env
AWS_REGION=eu-west-1  # credlint: ignore[KEY101] rotated last week
                      ^^^^^^^^^^^^^^^^^^^^^^^^^^ this ignore silences nothing: no finding of KEY101 is here
```

## Good

```sh .env
# credlint: ignore[KEY101] a canary of ours
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
```
"""

from __future__ import annotations

from credlint.finding import Severity
from credlint.rule import Rule

# credlint.silence makes its findings: what silences nothing is known when all rules have spoken.
rule = Rule(__name__, "SCAN902", Severity.WARNING)
