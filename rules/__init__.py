"""The rules, one a file. A rule imports credlint and is imported by nobody: `credlint.registry` finds it."""
