"""Parameters of the methods of `psup rpc`. Made by clients/generate: do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, FrozenSet, List, Mapping, Optional, Sequence, Union

if TYPE_CHECKING:
    from typing_extensions import Literal, NotRequired, TypedDict

    from ._values import Duration, Since, Size
else:
    from typing import TypedDict

DURATIONS: FrozenSet[str] = frozenset(["grace", "idle", "keep_age", "older", "timeout", "ttl"])
CODES: FrozenSet[str] = frozenset(
    [
        "bad-pattern",
        "busy",
        "cannot-start",
        "ended",
        "fail-matched",
        "gap",
        "gone",
        "internal",
        "keyboard-taken",
        "limit",
        "line-too-long",
        "maybe-delivered",
        "name-taken",
        "no",
        "no-such-session",
        "not-running",
        "retry",
        "secret-wanted",
        "spec-differs",
        "still-running",
        "system",
        "timed-out",
        "unreachable",
        "unsupported",
        "usage",
        "version-mismatch",
    ]
)
PARAMETERS: Dict[str, FrozenSet[str]] = {
    "ask": frozenset(
        [
            "on",
            "secret",
            "stdin",
            "target",
            "timeout",
            "why",
        ]
    ),
    "cancel": frozenset(
        [
            "id",
            "stdin",
        ]
    ),
    "capture": frozenset(
        [
            "all",
            "at",
            "budget",
            "changed_since",
            "format",
            "last",
            "on",
            "rows",
            "stdin",
            "target",
        ]
    ),
    "checkpoint": frozenset(
        [
            "file",
            "into",
            "keep",
            "on",
            "stdin",
            "targets",
            "verify",
        ]
    ),
    "doctor": frozenset(
        [
            "after_restart",
            "fix",
            "on",
            "only",
            "stdin",
        ]
    ),
    "ensure": frozenset(
        [
            "best_effort",
            "clear_env",
            "command",
            "cpu",
            "cwd",
            "env",
            "env_file",
            "label",
            "log_limit",
            "memory",
            "name",
            "nice",
            "no_integration",
            "no_log",
            "on",
            "on_blocked",
            "on_boot",
            "on_crash_loop",
            "on_exit",
            "on_idle",
            "on_lost",
            "on_match",
            "owner",
            "pids",
            "ready",
            "replace",
            "restart",
            "restart_limit",
            "scrollback",
            "shell",
            "size",
            "stdin",
            "timeout",
            "ttl",
        ]
    ),
    "events": frozenset(
        [
            "follow",
            "no_follow",
            "on",
            "since",
            "stdin",
            "targets",
        ]
    ),
    "exec": frozenset(
        [
            "budget",
            "command",
            "on",
            "pieces",
            "stdin",
            "target",
            "text",
            "timeout",
        ]
    ),
    "export": frozenset(
        [
            "format",
            "on",
            "output",
            "since",
            "source",
            "stdin",
        ]
    ),
    "forget": frozenset(
        [
            "all",
            "glob",
            "keep",
            "keep_age",
            "keep_bytes",
            "older",
            "on",
            "stdin",
            "targets",
        ]
    ),
    "has": frozenset(
        [
            "on",
            "stdin",
            "target",
        ]
    ),
    "hook.add": frozenset(
        [
            "all",
            "command",
            "on",
            "stdin",
            "timeout",
            "tries",
            "words",
        ]
    ),
    "hook.list": frozenset(
        [
            "name",
            "on",
            "stdin",
        ]
    ),
    "hook.remove": frozenset(
        [
            "all",
            "number",
            "on",
            "stdin",
            "words",
        ]
    ),
    "info": frozenset(
        [
            "on",
            "stdin",
            "target",
        ]
    ),
    "install": frozenset(
        [
            "binary",
            "on",
            "stdin",
        ]
    ),
    "list": frozenset(
        [
            "all",
            "glob",
            "label",
            "on",
            "stdin",
        ]
    ),
    "logs": frozenset(
        [
            "follow",
            "level",
            "on",
            "session",
            "stdin",
        ]
    ),
    "read": frozenset(
        [
            "budget",
            "context",
            "follow",
            "grep",
            "on",
            "since",
            "stdin",
            "tail",
            "target",
            "text",
            "timeout",
        ]
    ),
    "rename": frozenset(
        [
            "name",
            "on",
            "stdin",
            "target",
        ]
    ),
    "resize": frozenset(
        [
            "on",
            "size",
            "stdin",
            "target",
        ]
    ),
    "restart": frozenset(
        [
            "on",
            "stdin",
            "target",
        ]
    ),
    "restore": frozenset(
        [
            "file",
            "on",
            "stdin",
            "targets",
        ]
    ),
    "send": frozenset(
        [
            "enter",
            "file",
            "key",
            "on",
            "paste",
            "raw_hex",
            "secret",
            "stdin",
            "submit",
            "target",
            "text",
            "timeout",
        ]
    ),
    "service.install": frozenset(
        [
            "checkpoint",
            "keep",
            "on",
            "stdin",
            "to",
        ]
    ),
    "service.restart": frozenset(
        [
            "on",
            "stdin",
        ]
    ),
    "service.start": frozenset(
        [
            "on",
            "stdin",
        ]
    ),
    "service.status": frozenset(
        [
            "on",
            "stdin",
        ]
    ),
    "service.stop": frozenset(
        [
            "on",
            "sessions",
            "stdin",
        ]
    ),
    "service.uninstall": frozenset(
        [
            "on",
            "sessions",
            "stdin",
        ]
    ),
    "shutdown": frozenset(
        [
            "force",
            "on",
            "stdin",
        ]
    ),
    "signal": frozenset(
        [
            "on",
            "signal",
            "stdin",
            "target",
        ]
    ),
    "skill.install": frozenset(
        [
            "all",
            "claude",
            "codex",
            "gemini",
            "into",
            "on",
            "openclaw",
            "stdin",
        ]
    ),
    "skill.uninstall": frozenset(
        [
            "all",
            "claude",
            "codex",
            "gemini",
            "into",
            "on",
            "openclaw",
            "stdin",
        ]
    ),
    "spawn": frozenset(
        [
            "best_effort",
            "clear_env",
            "command",
            "cpu",
            "cwd",
            "env",
            "env_file",
            "label",
            "log_limit",
            "memory",
            "name",
            "nice",
            "no_integration",
            "no_log",
            "on",
            "on_blocked",
            "on_boot",
            "on_crash_loop",
            "on_exit",
            "on_idle",
            "on_lost",
            "on_match",
            "owner",
            "pids",
            "ready",
            "restart",
            "restart_limit",
            "scrollback",
            "shell",
            "size",
            "stdin",
            "timeout",
            "ttl",
        ]
    ),
    "status": frozenset(
        [
            "metrics",
            "on",
            "start",
            "stdin",
        ]
    ),
    "stop": frozenset(
        [
            "all",
            "glob",
            "grace",
            "on",
            "signal",
            "stdin",
            "targets",
        ]
    ),
    "targets": frozenset(
        [
            "on",
            "stdin",
        ]
    ),
    "upgrade": frozenset(
        [
            "binary",
            "on",
            "stdin",
        ]
    ),
    "wait": frozenset(
        [
            "all",
            "any",
            "exit",
            "fail",
            "file",
            "glob",
            "gone",
            "idle",
            "in",
            "input",
            "on",
            "port",
            "prompt",
            "settle",
            "since",
            "stdin",
            "targets",
            "text",
            "timeout",
        ]
    ),
}


class AskOptions(TypedDict, total=False):
    """Ask a person to type something into a session."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # It is a password or another secret
    secret: bool
    # Give up after this time
    timeout: Duration


class CancelOptions(TypedDict, total=False):
    """Parameters of `cancel`.."""

    # The open request that is to end.
    id: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]


class CaptureOptions(TypedDict, total=False):
    """Print the screen of a session as a person would see it."""

    # All of the scrollback and the screen
    all: bool
    # The screen as it was at this offset, a duration ago (10m), or at a time
    at: Since
    # At most this many characters: the newest lines that fit, and a note of what is left out
    budget: Union[str, int]
    # Only the rows that differ from the screen at this offset or time
    changed_since: Since
    # Plain text, coloured text, an object, a document or a picture
    format: Literal["text", "ansi", "json", "html", "svg", "png"]
    # The last LINES lines of scrollback and screen together
    last: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Rows as they are on the screen, instead of joined lines
    rows: bool


class CheckpointOptions(TypedDict, total=False):
    """Copy sessions and all their output into one file."""

    # The file to write, or - for stdout
    file: Union[str, int]
    # Write all sessions to a new file in this directory, named after the profile and the time
    into: Union[str, int]
    # With --into: keep this many files of this profile and remove older ones
    keep: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Check this file, or stdin if it is -
    verify: bool


class DoctorOptions(TypedDict, total=False):
    """Find problems, and how to fix them."""

    # Show what happened to the sessions at the last restart
    after_restart: bool
    # Repair what can be repaired safely
    fix: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Run only this check; may be repeated
    only: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]


class EnsureOptions(TypedDict, total=False):
    """Start a session unless it is running already."""

    # Start it also where a limit cannot be applied, and tell which
    best_effort: bool
    # Pass on nothing of the current environment but HOME PATH USER LOGNAME SHELL LANG LC_ALL LC_CTYPE
    clear_env: bool
    # Processor time in percent of one processor: 50% is half of one, 200% are two
    cpu: Union[str, int]
    # Start it in this directory instead of the current one
    cwd: Union[str, int]
    # Set a variable; takes precedence over --env-file
    env: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Set the variables in this file: KEY=VALUE lines and # comments; quotes are allowed, nothing is expanded
    env_file: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Add a label, for psup list --label
    label: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Keep at most this much of its output on disk [default: 64m]
    log_limit: Union[str, int]
    # Memory of all its processes; beyond it the kernel ends this session and no other
    memory: Union[str, int]
    # Priority of its processes: 19 runs last, -20 first (only root goes below 0)
    nice: Union[str, int]
    # Do not teach bash, zsh and fish to mark their prompts and commands
    no_integration: bool
    # Keep its output in memory only
    no_log: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Run CMD when the program waits for input: a prompt, a question, a pager, a password
    on_blocked: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Start it again after a reboot of the machine
    on_boot: bool
    # Run CMD when --restart has begun five short lives in a row
    on_crash_loop: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD with sh when the program has ended; it gets one JSON object (psup help hook)
    on_exit: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD when nothing was written for this long
    on_idle: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD when the session was lost with the machine, or when all of psup was killed
    on_lost: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD when a line of output matches
    on_match: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Stop it when this process has gone; self is the one that calls psup
    owner: Union[str, int]
    # Processes and threads at once; beyond it no more can be started
    pids: Union[str, int]
    # Return when this holds: text=REGEX gone=REGEX prompt idle=DUR port=N file=PATH exit; if repeated, when all of them hold
    ready: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Stop a running session that has a different spec, and start it again
    replace: bool
    # Start it again when it ends by itself, never after a stop
    restart: Literal["no", "on-failure", "always"]
    # Give it up as crash-looping when --restart would start it more than N times within DUR
    restart_limit: Union[str, int]
    # Lines of scrollback to keep
    scrollback: Union[str, int]
    # Run this through /bin/sh -c instead of a command
    shell: Union[str, int]
    # Columns and rows of the terminal
    size: Size
    # Stop waiting for --ready after this time; the session keeps running
    timeout: Duration
    # Stop it after this time
    ttl: Duration


class EventsOptions(TypedDict, total=False):
    """Follow what happens to sessions."""

    # Keep following (the default)
    follow: bool
    # Print past events and return
    no_follow: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Begin at this event number instead of now
    since: Since


class ExecOptions(TypedDict, total=False):
    """Run one command in the live shell of a session."""

    # Print at most this many bytes: the beginning and the end
    budget: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Print plain lines, without colours and overwritten text
    text: bool
    # Return after this time; the command keeps running
    timeout: Duration


class ExportOptions(TypedDict, total=False):
    """Write what a session has printed to a file."""

    # What to write; the default follows the name of the file, else cast
    format: Literal["cast", "cast-v2", "svg", "png", "html", "text", "gif"]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Write to this file instead of stdout
    output: Union[str, int]
    # Begin at this offset, a duration ago (10m), or at a time
    since: Since


class ForgetOptions(TypedDict, total=False):
    """Delete ended sessions with their logs."""

    # Every session that has ended
    all: bool
    # Ended sessions whose name matches: * and ? and [a-z]
    glob: Union[str, int]
    # From now on keep this many ended lives
    keep: Union[str, int]
    # From now on keep ended lives this long: a duration, or forever
    keep_age: Duration
    # From now on keep this much of ended lives on disk: a size such as 4g, or unlimited
    keep_bytes: Union[str, int]
    # Only what ended longer ago than this; alone, of all sessions
    older: Duration
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class HasOptions(TypedDict, total=False):
    """Check whether a session is alive."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class HookAddOptions(TypedDict, total=False):
    """Add a hook to a session, or to every session."""

    # For every session of this profile, including later ones
    all: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Kill a run of the command after this time
    timeout: Duration
    # Give up after this many runs
    tries: Union[str, int]


class HookListOptions(TypedDict, total=False):
    """List hooks and how their deliveries went."""

    # Only hooks that apply to this session
    name: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class HookRemoveOptions(TypedDict, total=False):
    """Remove hooks, with their pending deliveries."""

    # Hooks for every session; hooks of a single session stay
    all: bool
    # The hook of this number, as psup hook list shows it
    number: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class InfoOptions(TypedDict, total=False):
    """Show everything about a session."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class InstallOptions(TypedDict, total=False):
    """Install this psup on a target."""

    # The program to copy instead of this one
    binary: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class ListOptions(TypedDict, total=False):
    """List sessions."""

    # Include sessions that have ended or were lost
    all: bool
    # Only names that match: * and ? and [a-z]
    glob: Union[str, int]
    # Only sessions with this label; if repeated, with all of them
    label: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class LogsOptions(TypedDict, total=False):
    """Show the supervisor's own log."""

    # Keep printing new lines as they are written
    follow: bool
    # Only lines of this level or a more serious one
    level: Literal["info", "warn", "error"]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Only lines about this session, or about one life of it such as web#3
    session: Union[str, int]


class ReadOptions(TypedDict, total=False):
    """Print what a session has written."""

    # At most this many characters: the first and last lines, and a note of what is left out
    budget: Union[str, int]
    # With --grep: this many lines before and after each match
    context: Union[str, int]
    # Keep printing until the session has ended
    follow: bool
    # Lines that match; exit code 1 where none does
    grep: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Begin at this offset, a duration ago (10m), at a time (2026-11-28T03:00:00Z), or now
    since: Since
    # The last N lines; with --grep the last N of those that match
    tail: Union[str, int]
    # Print plain lines instead of bytes
    text: bool
    # Stop following after this time
    timeout: Duration


class RenameOptions(TypedDict, total=False):
    """Give a session another name."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class ResizeOptions(TypedDict, total=False):
    """Change the size of a session's terminal."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class RestartOptions(TypedDict, total=False):
    """Stop a session and start it again with the same spec."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class RestoreOptions(TypedDict, total=False):
    """Turn a checkpoint back into ended sessions."""

    # A file written by psup checkpoint, or - for stdin
    file: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class SendOptions(TypedDict, total=False):
    """Type into a session."""

    # The Enter key: the same as --key Enter
    enter: bool
    # The bytes of a file; - is stdin
    file: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # A key by its name: C-c M-x Enter Escape Up F5 BSpace PageUp S-Tab C-Left
    key: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Type every TEXT and --file as a paste, marked as one if the program asked for that
    paste: bool
    # Bytes in hexadecimal: 1b5b41; --paste leaves them alone
    raw_hex: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Type even while the program reads without echo, as for a password
    secret: bool
    # Press Enter once the screen shows what was typed, and report the outcome
    submit: bool
    # How long to wait while a person types (see psup attach)
    timeout: Duration


class ServiceInstallOptions(TypedDict, total=False):
    """Write the unit, enable it, and start it unless a supervisor is running already."""

    # Make a checkpoint of all sessions hourly, daily or weekly, with a systemd timer; never removes the timer
    checkpoint: Literal["hourly", "daily", "weekly", "never"]
    # Keep this many checkpoints and remove older ones
    keep: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # The directory for checkpoints, best on another disk
    to: Union[str, int]


class ServiceRestartOptions(TypedDict, total=False):
    """Replace the running supervisor with this program and reload the unit; sessions keep running."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class ServiceStartOptions(TypedDict, total=False):
    """Start the service."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class ServiceStatusOptions(TypedDict, total=False):
    """Show the state of the service; the exit code is 0 if it is installed, enabled and active, else 1."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class ServiceStopOptions(TypedDict, total=False):
    """Stop the service; refused while sessions are running."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Stop running sessions first
    sessions: bool


class ServiceUninstallOptions(TypedDict, total=False):
    """Stop the service and remove everything that install created."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Stop running sessions first
    sessions: bool


class ShutdownOptions(TypedDict, total=False):
    """Stop the supervisor."""

    # Stop running sessions first
    force: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class SignalOptions(TypedDict, total=False):
    """Send one signal to the program of a session."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class SkillInstallOptions(TypedDict, total=False):
    """Write it where the named agents look for skills, or, if none is named, for each agent that has a directory here; running it again changes nothing."""

    # All of these
    all: bool
    # Claude Code: ~/.claude/skills, or below CLAUDE_CONFIG_DIR
    claude: bool
    # Codex: ~/.agents/skills, which other agents read too
    codex: bool
    # Gemini CLI: ~/.gemini/skills
    gemini: bool
    # Any other directory of skills
    into: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # OpenClaw: ~/.openclaw/skills, or below OPENCLAW_STATE_DIR
    openclaw: bool


class SkillUninstallOptions(TypedDict, total=False):
    """Remove it from where install wrote it, with the directories that this leaves empty."""

    # All of these
    all: bool
    # Claude Code: ~/.claude/skills, or below CLAUDE_CONFIG_DIR
    claude: bool
    # Codex: ~/.agents/skills, which other agents read too
    codex: bool
    # Gemini CLI: ~/.gemini/skills
    gemini: bool
    # Any other directory of skills
    into: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # OpenClaw: ~/.openclaw/skills, or below OPENCLAW_STATE_DIR
    openclaw: bool


class SpawnOptions(TypedDict, total=False):
    """Start a session."""

    # Start it also where a limit cannot be applied, and tell which
    best_effort: bool
    # Pass on nothing of the current environment but HOME PATH USER LOGNAME SHELL LANG LC_ALL LC_CTYPE
    clear_env: bool
    # Processor time in percent of one processor: 50% is half of one, 200% are two
    cpu: Union[str, int]
    # Start it in this directory instead of the current one
    cwd: Union[str, int]
    # Set a variable; takes precedence over --env-file
    env: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Set the variables in this file: KEY=VALUE lines and # comments; quotes are allowed, nothing is expanded
    env_file: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Add a label, for psup list --label
    label: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Keep at most this much of its output on disk [default: 64m]
    log_limit: Union[str, int]
    # Memory of all its processes; beyond it the kernel ends this session and no other
    memory: Union[str, int]
    # Priority of its processes: 19 runs last, -20 first (only root goes below 0)
    nice: Union[str, int]
    # Do not teach bash, zsh and fish to mark their prompts and commands
    no_integration: bool
    # Keep its output in memory only
    no_log: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Run CMD when the program waits for input: a prompt, a question, a pager, a password
    on_blocked: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Start it again after a reboot of the machine
    on_boot: bool
    # Run CMD when --restart has begun five short lives in a row
    on_crash_loop: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD with sh when the program has ended; it gets one JSON object (psup help hook)
    on_exit: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD when nothing was written for this long
    on_idle: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD when the session was lost with the machine, or when all of psup was killed
    on_lost: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Run CMD when a line of output matches
    on_match: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Stop it when this process has gone; self is the one that calls psup
    owner: Union[str, int]
    # Processes and threads at once; beyond it no more can be started
    pids: Union[str, int]
    # Return when this holds: text=REGEX gone=REGEX prompt idle=DUR port=N file=PATH exit; if repeated, when all of them hold
    ready: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Start it again when it ends by itself, never after a stop
    restart: Literal["no", "on-failure", "always"]
    # Give it up as crash-looping when --restart would start it more than N times within DUR
    restart_limit: Union[str, int]
    # Lines of scrollback to keep
    scrollback: Union[str, int]
    # Run this through /bin/sh -c instead of a command
    shell: Union[str, int]
    # Columns and rows of the terminal
    size: Size
    # Stop waiting for --ready after this time; the session keeps running
    timeout: Duration
    # Stop it after this time
    ttl: Duration


class StatusOptions(TypedDict, total=False):
    """Show the supervisor's state and which kills it survives."""

    # Print metrics as OpenMetrics text
    metrics: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Start a supervisor if none is running: for a crontab, or to pick up what a killed one left
    start: bool


class StopOptions(TypedDict, total=False):
    """Stop sessions with all their processes."""

    # Every live session
    all: bool
    # Every live session whose name matches: * and ? and [a-z]
    glob: Union[str, int]
    # How long to wait between the polite signal and KILL [default: 5s]
    grace: Duration
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # The polite signal, if the program expects another than the usual one
    signal: Union[str, int]


class TargetsOptions(TypedDict, total=False):
    """List the targets that --on knows."""

    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class UpgradeOptions(TypedDict, total=False):
    """Replace the running supervisor with another build."""

    # The program to switch to, instead of this one
    binary: Union[str, int]
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]


class WaitOptions(TypedDict, total=False):
    """Wait until something is true of a session."""

    # Wait until every condition has held
    all: bool
    # Wait until one of the conditions has held (the default)
    any: bool
    # The program has ended and all its output has arrived
    exit: bool
    # Give up if this matches first
    fail: Union[str, int]
    # This path exists
    file: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Every live session whose name matches: * and ? and [a-z]
    glob: Union[str, int]
    # The pattern matches nothing on the screen, or no longer does
    gone: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Nothing was written for this long
    idle: Union[Duration, Sequence[Duration], Mapping[str, Duration]]
    # What patterns are matched against
    in_: Literal["output", "screen"]
    # The program reads from the terminal: a prompt, a question, a pager, a password
    input: bool
    # Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    on: Union[str, int]
    # Something listens on this TCP port
    port: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # The program waits at a prompt: a shell, a REPL, a password
    prompt: bool
    # For --idle: do not count spinners, timers and progress bars as output
    settle: bool
    # Match output from this offset on (as printed by psup send), from a time, or from a duration ago (10m); now leaves the screen out
    since: Since
    # The pattern matches a line of output
    text: Union[Union[str, int], Sequence[Union[str, int]], Mapping[str, Union[str, int]]]
    # Give up after this time
    timeout: Duration
