"""The command line: arguments in, an exit code out.

Of credlint itself only what a command needs is imported, when it needs it: half of what a
call on one file costs is start-up.
"""

from __future__ import annotations

import os
import sys

from . import HOME, __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    from .baseline import Baseline
    from .config import Config
    from .finding import Finding, Report
    from .fixing import Plan
    from .rule import Rule

# These are the reporters' and the configuration's; not imported from there: --help needs neither.
FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")
FAIL_ON = ("error", "warning", "note", "never")
COLOR = ("auto", "always", "never")

_FINDINGS, _FAULT, _INTERRUPTED = 1, 2, 130

_USAGE = """\
credlint [check] [OPTIONS] [PATH ...]
       credlint chain [OPTIONS] [PATH ...]
       credlint explain RULE | TEXT
       credlint rules"""

_ABOUT = """\
Finds AWS keys written into Dockerfiles, ECS task definitions, Terraform, CloudFormation, env
files and their relatives, mixed-up ECS roles, and keys that an SDK takes before a role.

commands:
  check                 lint files and folders; also what no command means
  chain                 for every workload: which credentials its SDK really uses, and which would be best
  explain RULE | TEXT   a rule's page, by its id or name, or by an error of AWS
  rules                 all rules, a line each"""

_MORE = """\
examples:
  credlint                                  lint this folder
  credlint app/Dockerfile deploy/           lint a file and a folder
  credlint --select KEY,ROLE201             only these rules, by id, start of an id, or name
  credlint --format github                  annotate a pull request in GitHub Actions
  credlint --format sarif --output out.sarif
  credlint --write-baseline known.json      accept what is there, and from then on:
  credlint --baseline known.json            see only what is new
  git show HEAD:.env | credlint --stdin-filename .env
  credlint check rules                      a file or folder with the name of a command

exit codes:
  0    nothing at or above --fail-on
  1    findings
  2    credlint could not do its job: a wrong option, a configuration with an error, a path
       that cannot be read, or a fault of its own. What was found until then is still told.

An ignore comment silences a finding in its place:  # credlint: ignore[KEY101] reason"""


class Options:
    """What `credlint check` was asked for. The values here are the defaults."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.format = "text"
        self.output: str | None = None
        self.select: list[str] | None = None
        self.ignore: list[str] = []
        self.fail_on: str | None = None
        self.pedantic = False
        self.config: str | None = None
        self.isolated = False
        self.no_inline_ignores = False
        self.baseline: str | None = None
        self.write_baseline: str | None = None
        self.var_file: list[str] = []
        self.sdk: list[str] = []
        self.stdin_filename: str | None = None
        self.statistics = False
        self.fix = False
        self.diff = False
        self.color = "auto"


def run() -> NoReturn:
    """A process of its own: as main, and its end."""
    import gc

    # What a run makes lives until its end, and none of it in cycles. To look for garbage takes a quarter of the time
    # that 2,000 files of Terraform take, and finds nothing; to take it all apart at the end is as useless.
    gc.disable()
    code = main()
    _put("")  # what is not yet written; standard error keeps nothing back
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code. No exception comes out, and none is told with its message."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        command = _COMMANDS.get(arguments[0]) if arguments else None
        return command(arguments[1:]) if command else _check(arguments)
    except SystemExit as stop:  # argparse: it has said what is to be said
        _put("")
        return stop.code if isinstance(stop.code, int) else _FAULT
    except BrokenPipeError:  # argparse, on the way with its help
        _silence_stdout()
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "credlint.rules":
            # They lie in a folder of their own, and become a part of the package when it is installed.
            _complain("credlint is not installed as a whole: it has no rules. In a checkout: pip install -e .")
            return _FAULT
        from .fault import where

        _complain(f"fault: {where(error)}")
        _complain(f"This is a fault of credlint and not of your files. Please report it: {HOME}/issues")
        return _FAULT


# ── the commands ──


def _check(arguments: list[str]) -> int:
    options = Options()
    if any(argument.startswith("-") for argument in arguments):
        _parse(arguments, options)
    else:
        options.paths = arguments  # a hook's call: what argparse costs is saved

    from . import config as configuration

    try:
        config = configuration.load(file=options.config, isolated=options.isolated)
        _override(config, options)
        baseline, salt = _baselines(options)
    except configuration.ConfigError as error:
        _complain(str(error))
        return _FAULT

    overlay: dict[str, str] = {}
    faults: list[str] = []
    paths = _take_stdin(options, config, overlay, faults)
    if guess := _meant_command(options.paths):
        faults.append(guess)

    from . import engine, reporters

    report = engine.check(paths, config, overlay=overlay, baseline=baseline)
    report.faults = (*faults, *report.faults)
    if options.diff:
        return _diff(options, paths, config, report)
    if options.fix and (failures := _fix(paths, config, report)) is not None:
        report = engine.check(paths, config, baseline=baseline)
        report.faults = (*faults, *failures, *report.faults)
    written = True
    if options.write_baseline is not None:
        report, written = _write_baseline(options.write_baseline, report, salt, baseline)
    color = _wants_color(options.color, os.environ, options.output is None and _is_terminal())
    text = reporters.render(options.format, report, color=color, statistics=options.statistics)
    if options.format != "text" or options.output is not None:  # else they are told with the findings
        for fault in report.faults:
            _complain(fault)
    for note in report.notes:
        _complain(note)
    if not _put(text, options.output):
        return _FAULT
    if options.output is not None:
        from .reporters.text import summary

        _complain(summary(report))
    if report.faults or not written:
        return _FAULT
    return _FINDINGS if _fails(report, config.fail_on) else 0


def _meant_command(paths: list[str]) -> str | None:
    """What to say when the first path is no path but looks like a command."""
    if not paths or os.path.lexists(paths[0]) or not paths[0].isalpha():
        return None
    from .config import nearest

    if paths[0] in _COMMANDS:
        return f"{paths[0]} is a command and comes first: `credlint {paths[0]} ...`"
    guess = nearest(paths[0], _COMMANDS)
    return f"there is no command {paths[0]}; did you mean `credlint {guess}`?" if guess else None


def _fix(paths: list[str], config: Config, report: Report) -> list[str] | None:
    """Write what can be fixed. Gives what could not be written, and why; None when nothing is to be fixed."""
    from . import fixing

    plan = _planned(paths, config, report)
    if not plan.changes:
        return None
    failures: dict[str, str] = {}
    for change in plan.changes:
        if failure := fixing.write(change):
            failures[change.path] = f"{change.path}: not fixed: {failure}"
    for finding in plan.cured:
        if finding.fix and not any(edit.span.path in failures for edit in finding.fix.edits):
            _complain(f"{_place(finding)} {finding.rule.id} is fixed: {finding.fix.description}")
    return list(failures.values())


def _diff(options: Options, paths: list[str], config: Config, report: Report) -> int:
    """Show what can be fixed. As nothing is written, what was found is still there."""
    from . import fixing

    plan = _planned(paths, config, report)
    for fault in report.faults:
        _complain(fault)
    if not plan.changes:
        _complain("there is nothing to fix")
    if not _put(fixing.diff(plan), options.output) or report.faults:
        return _FAULT
    return _FINDINGS if _fails(report, config.fail_on) else 0


def _planned(paths: list[str], config: Config, report: Report) -> Plan:
    from . import fixing

    plan = fixing.plan(paths, config, report.findings)
    for finding, reason in plan.refused:
        _complain(f"{_place(finding)} {finding.rule.id} is not fixed: {reason}")
    return plan


def _place(finding: Finding) -> str:
    return f"{finding.span.path}:{finding.span.begin.line}:"


def _explain(arguments: list[str]) -> int:
    parser = _parser("credlint explain", "Show a rule's page.", usage="credlint explain [OPTIONS] RULE | TEXT")
    parser.add_argument(
        "text",
        metavar="RULE | TEXT",
        nargs="+",
        help="its id or name: KEY101 or hardcoded-access-key; KEY lists a family; or an error of AWS, "
        "or a line of a log, of which rules may know the reason: CannotPullContainerError",
    )
    options = parser.parse_args(arguments)
    text = " ".join(options.text)

    from . import explain, registry
    from .config import unknown_rule

    color = _wants_color(options.color, os.environ, _is_terminal())
    wanted = text.upper()
    family = [rule for rule in registry.rules() if wanted and rule.id.startswith(wanted)]
    for rule in registry.rules():
        if wanted in (rule.id, rule.name.upper()):
            return 0 if _put(explain.page(rule, color=color)) else _FAULT
    found = family or explain.search(text, registry.rules())
    if len(found) == 1 and not family:
        return 0 if _put(explain.page(found[0], color=color)) else _FAULT
    if found:
        return _list(found, color)
    # What was pasted is not shown again: nobody knows what is in it.
    _complain("no page speaks of this; `credlint rules` lists the rules" if " " in text.strip() else unknown_rule(text))
    return _FAULT


def _rules(arguments: list[str]) -> int:
    parser = _parser("credlint rules", "List all rules.", usage="credlint rules [OPTIONS] [FAMILY]")
    parser.add_argument("family", metavar="FAMILY", nargs="?", default="", help="only those whose id begins so: KEY")
    options = parser.parse_args(arguments)

    from . import registry
    from .config import unknown_rule

    color = _wants_color(options.color, os.environ, _is_terminal())
    found = [rule for rule in registry.rules() if rule.id.startswith(options.family.upper())]
    if not found:
        _complain(unknown_rule(options.family))
        return _FAULT
    return _list(found, color)


def _list(rules: Sequence[Rule], color: bool) -> int:
    """Show rules, a line each, and how to see more of one."""
    from . import explain

    more = f"\n`credlint explain {rules[0].id}` shows the page of a rule.\n"
    return 0 if _put(explain.rules_table(rules, color=color) + more) else _FAULT


def _chain(arguments: list[str]) -> int:
    from .reporters import chain

    parser = _parser(
        "credlint chain",
        "For every workload: the credentials that it could have, in the order in which its SDK looks.",
        usage="credlint chain [OPTIONS] [PATH...]",
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", default=["."], help="files and folders (default: .)")
    parser.add_argument(
        "--format",
        choices=chain.FORMATS,
        default="text",
        help="default: text; html: a page to open in a browser",
    )
    parser.add_argument("--output", metavar="FILE", help="write it into this file")
    parser.add_argument("--sdk", metavar="NAMES", action="extend", type=_commas, help="only these SDKs: boto3,go-v2")
    parser.add_argument("--config", metavar="FILE", help="the configuration, instead of the nearest one")
    options = parser.parse_args(arguments)

    from . import config as configuration
    from . import engine, workloads

    try:
        config = configuration.load(os.curdir, file=options.config)
        if options.sdk:
            config.sdks = configuration.sdk_names(options.sdk, "--sdk")
    except configuration.ConfigError as error:
        _complain(str(error))
        return _FAULT
    project, redactor, faults = engine.read(options.paths, config)
    for fault in faults:
        _complain(redactor.text(fault))
    color = _wants_color(options.color, os.environ, options.output is None and _is_terminal())
    written = _put(chain.render(options.format, workloads.rows(project, redactor), color=color), options.output)
    return 0 if written and not faults else _FAULT


def _help(arguments: list[str]) -> int:
    return _COMMANDS.get(arguments[0] if arguments else "", _check)(["--help"])


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "check": _check,
    "chain": _chain,
    "explain": _explain,
    "rules": _rules,
    "help": _help,
}


# ── arguments ──


def _parser(program: str, about: str, *, usage: str, more: str | None = None) -> ArgumentParser:
    from argparse import ArgumentParser, RawDescriptionHelpFormatter

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            """An argument that is not understood may be a secret that came to the wrong place."""
            from .redact import Redactor

            super().error(Redactor().text(message))

    parser = Parser(
        prog=program,
        usage=usage,
        description=about,
        epilog=more,
        formatter_class=RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("-h", "--help", action="help", help="show this help")
    parser.add_argument(
        "--color",
        choices=COLOR,
        default="auto",
        help="colour the text output; auto: on a terminal, and as NO_COLOR and FORCE_COLOR say",
    )
    return parser


def _parse(arguments: list[str], options: Options) -> None:
    parser = _parser("credlint", _ABOUT, usage=_USAGE, more=_MORE)
    parser.add_argument("--version", action="version", version=f"credlint {__version__}")

    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        type=_one_of(*FORMATS),
        metavar=_words(FORMATS),
        help="what the findings are written as (default: text)",
    )
    output.add_argument("--output", metavar="FILE", help="write them into this file")
    output.add_argument("--statistics", action="store_true", help="count the findings of each rule (text only)")

    rules = parser.add_argument_group("rules")
    rules.add_argument(
        "--select", metavar="RULES", action="extend", type=_commas, help="run these rules only: KEY,ROLE201; ALL"
    )
    rules.add_argument(
        "--ignore",
        metavar="RULES",
        action="extend",
        type=_commas,
        help="do not run these rules, nor those that the configuration ignores",
    )
    rules.add_argument(
        "--fail-on",
        type=_one_of(*FAIL_ON),
        metavar=_words(FAIL_ON),
        help="the least severity that makes the exit code 1 (default: warning)",
    )
    rules.add_argument("--pedantic", action="store_true", help="show what is most likely harmless, too")
    rules.add_argument("--no-inline-ignores", action="store_true", help="do not heed ignore comments")

    fixes = parser.add_argument_group("fixes")
    fixes.add_argument(
        "--fix", action="store_true", help="cure what is safe to cure by itself: swapped roles (ROLE202)"
    )
    fixes.add_argument("--diff", action="store_true", help="show what --fix would change, and write nothing")

    known = parser.add_argument_group("findings that are known")
    known.add_argument("--baseline", metavar="FILE", help="do not show what this file holds")
    known.add_argument(
        "--write-baseline", metavar="FILE", help="write what is found into this file, and count it as known"
    )

    inputs = parser.add_argument_group("configuration and input")
    inputs.add_argument("--config", metavar="FILE", help="the configuration, instead of the nearest one")
    inputs.add_argument("--isolated", action="store_true", help="do not read any configuration")
    rules.add_argument(
        "--sdk",
        metavar="NAMES",
        action="extend",
        type=_commas,
        help="the AWS SDKs that the workloads use: boto3,go-v2 (default: any)",
    )
    inputs.add_argument(
        "--var-file", metavar="FILE", action="append", help="a Terraform variable file that counts (repeatable)"
    )
    inputs.add_argument(
        "--stdin-filename",
        metavar="NAME",
        help="lint standard input as if it were this file (also: the path -); paths beside it are linted as well",
    )

    # Paths may stand between options, which argparse does not do with a list of them.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    _, rest = parser.parse_known_args(arguments[:end], namespace=options)
    unknown = [argument for argument in rest if argument.startswith("-") and argument != "-"]
    if unknown:
        from .config import nearest

        names = [option for action in parser._actions for option in action.option_strings if len(option) > 2]
        guess = nearest(unknown[0].partition("=")[0], names)
        parser.error(f"there is no option {' '.join(unknown)}" + (f"; did you mean {guess}?" if guess else ""))
    if options.select == []:  # an empty variable of a CI file must not switch the check off
        parser.error("--select names no rule")
    for path in options.var_file:
        if not os.path.isfile(path):
            parser.error(f"--var-file {path}: there is no such file")
    if options.config is not None and options.isolated:
        parser.error("--config and --isolated contradict each other")
    options.paths = [*rest, *arguments[end + 1 :]]
    if options.fix and options.diff:
        parser.error("--fix and --diff contradict each other")
    if (options.fix or options.diff) and (options.stdin_filename is not None or "-" in options.paths):
        parser.error("what comes on standard input cannot be fixed")
    if options.diff and (options.format != "text" or options.write_baseline is not None):
        parser.error("--diff shows nothing but the differences")


def _words(known: Sequence[str]) -> str:
    return f"{{{','.join(known)}}}"


def _one_of(*known: str) -> Callable[[str], str]:
    """A type for argparse: one of these words, or an error that says which was meant."""

    def word(text: str) -> str:
        if text in known:
            return text
        from argparse import ArgumentTypeError

        from .config import nearest

        guess = nearest(text, known)
        raise ArgumentTypeError(f"must be one of {', '.join(known)}" + (f"; did you mean {guess}?" if guess else ""))

    return word


def _commas(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _override(config: Config, options: Options) -> None:
    """What the command line says goes before the file; it ignores rules in addition. ConfigError."""
    from .config import sdk_names, selectors

    if options.select is not None:
        config.select = selectors(options.select, "--select")
    config.ignore += selectors(options.ignore, "--ignore")
    config.fail_on = options.fail_on or config.fail_on
    config.pedantic = config.pedantic or options.pedantic
    config.sdks = sdk_names(options.sdk, "--sdk") if options.sdk else config.sdks
    config.var_files = tuple(options.var_file) if options.var_file else config.var_files
    config.inline_ignores = config.inline_ignores and not options.no_inline_ignores


def _take_stdin(options: Options, config: Config, overlay: dict[str, str], faults: list[str]) -> list[str]:
    """The paths of the run. Standard input, if it is wanted, stands for one of them in `overlay`."""
    paths = [path for path in options.paths if path != "-"]
    if len(paths) == len(options.paths) and options.stdin_filename is None:
        return paths or [os.curdir]

    from .files import Unreadable, decode, normal

    name = normal(options.stdin_filename or "standard input")
    try:
        data = sys.stdin.buffer.read(config.max_file_size + 1) if sys.stdin else b""
        if len(data) > config.max_file_size:
            raise Unreadable(f"it is larger than {config.max_file_size:,} bytes (max-file-size)")
        overlay[name] = decode(data)
    except Unreadable as error:
        faults.append(f"standard input: {error}")
        return paths
    return [name, *paths]


def _baselines(options: Options) -> tuple[Baseline | None, str]:
    """The baseline that is to be heeded, and the salt of the one that is to be written. ConfigError."""
    if options.baseline is None and options.write_baseline is None:
        return None, ""
    from . import baseline

    written = options.write_baseline
    is_new = written is not None and not os.path.exists(written)
    heeded = None
    if options.baseline is not None and not (is_new and options.baseline == written):
        heeded = baseline.load(options.baseline)
    if written is None or is_new:
        return heeded, heeded.salt if heeded is not None else baseline.new_salt()
    return heeded, baseline.load(written).salt  # so that its lines stay as they are


def _write_baseline(path: str, report: Report, salt: str, old: Baseline | None) -> tuple[Report, bool]:
    """The report, in which all that is now in the baseline is silenced; and whether the baseline was written."""
    from .baseline import accept
    from .reporters.text import count

    if report.faults:
        _complain(f"{path}: not written, for not all could be checked")
        return report, False
    text, number, accepted = accept(report, salt, old)
    if not _put(text, path):
        return report, False
    _complain(f"{path} holds {count(number, 'finding')} now")
    return accepted, True


def _fails(report: Report, threshold: str) -> bool:
    from .finding import Severity

    return threshold != "never" and any(finding.severity >= Severity[threshold.upper()] for finding in report.findings)


# ── output ──


def _wants_color(when: str, environment: Mapping[str, str], terminal: bool) -> bool:
    """Whether to colour: https://no-color.org, https://force-color.org; FORCE_COLOR=0 is Node's word for no."""
    if when != "auto":
        return when == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return environment["FORCE_COLOR"] not in ("0", "false")
    return terminal and environment.get("TERM") != "dumb"


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _put(text: str, path: str | None = None) -> bool:
    """Write to standard output or into a file: UTF-8, whatever the locale. False when it cannot be written."""
    # A file's name may hold bytes that are no text; \udc80 is what JSON writes for such a one, too.
    data = text.encode("utf-8", "backslashreplace")
    try:
        if path is not None:
            with open(path, "wb") as file:
                file.write(data)
        elif sys.stdout is not None:
            sys.stdout.flush()
            if hasattr(sys.stdout, "buffer"):
                sys.stdout.buffer.write(data)
            else:  # somebody else's stream
                sys.stdout.write(data.decode())
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read has seen enough
        _silence_stdout()
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        _complain(f"{path}: {reason}" if path is not None else f"the output cannot be written: {reason}")
        if path is None:
            _silence_stdout()
        return False
    return True


def _silence_stdout() -> None:
    """Python writes once more when it exits, and would complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # it is no file
        pass


def _complain(message: str) -> None:
    from .fault import printable
    from .redact import Redactor

    try:
        if sys.stderr is not None:
            print(f"credlint: {printable(Redactor(()).text(message))}", file=sys.stderr)
    except OSError:  # nobody listens
        pass
