# What psup prints, as types. Made by clients/generate: do not edit.

from typing import Any, Dict, List, Union

from typing_extensions import Literal, NotRequired, TypedDict

AfterRestart = TypedDict(
    "AfterRestart",
    {
        "at_ms": int,
        "ended": List[EndedSession],
        "guardian_epoch": int,
        "lived": List[str],
        "lost": List[LostSession],
        "next": List[str],
        "restart": Literal["supervisor", "worker"],
        "restarted": List[str],
        "supervisor_started_ms": int,
        "worker_epoch": int,
    },
)

Asked = TypedDict(
    "Asked",
    {
        "offset": int,
        "viewer": int,
    },
)

# What a program that waits for input waits for, and how we know.
Blocked = TypedDict(
    "Blocked",
    {
        "on": BlockedOn,
        "via": str,
    },
)

BlockedOn = Literal["nothing", "input", "prompt", "password"]

# What `cancel` answers.
Cancelled = TypedDict(
    "Cancelled",
    {
        "cancelled": bool,
    },
)

Capture = TypedDict(
    "Capture",
    {
        "cursor": Cursor,
        "cwd": NotRequired[str],
        "left_out": int,
        "lines": List[str],
        "modes": List[str],
        "offset": int,
        "runs": List[List[Run]],
        "size": Size,
        "title": str,
    },
)

ChangedRow = TypedDict(
    "ChangedRow",
    {
        "row": int,
        "text": str,
    },
)

ChangedRows = TypedDict(
    "ChangedRows",
    {
        "offset": int,
        "rows": List[ChangedRow],
        "since": int,
        "size": Size,
    },
)

Check = TypedDict(
    "Check",
    {
        "about": str,
        "check": str,
        "evidence": str,
        "fix": Union[str, None],
        "fixed": Union[str, None],
        "severity": Severity,
    },
)

Checkpoint = TypedDict(
    "Checkpoint",
    {
        "bytes": int,
        "file": str,
        "made_ms": int,
        "offsets": List[CheckpointOffset],
        "sessions": int,
    },
)

CheckpointOffset = TypedDict(
    "CheckpointOffset",
    {
        "from": int,
        "id": str,
        "offset": int,
    },
)

CheckpointVerdict = TypedDict(
    "CheckpointVerdict",
    {
        "bytes": int,
        "file": str,
        "made_ms": Union[int, None],
        "ok": bool,
        "problems": List[str],
        "profile": Union[str, None],
        "psup": Union[str, None],
        "sessions": Union[int, None],
        "whole": Union[bool, None],
    },
)

# Why something did not happen. The list is closed: scripts match on these words.
Code = Union[Literal["usage"], Literal["no-such-session"], Literal["name-taken"], Literal["spec-differs"], Literal["unreachable"], Literal["version-mismatch"], Literal["ended"], Literal["fail-matched"], Literal["timed-out"], Literal["cannot-start"], Literal["bad-pattern"], Literal["line-too-long"], Literal["not-running"], Literal["still-running"], Literal["gone"], Literal["limit"], Literal["maybe-delivered"], Literal["retry"], Literal["unsupported"], Literal["system"], Literal["internal"], Literal["no"], Literal["busy"], Literal["gap"], Literal["keyboard-taken"], Literal["secret-wanted"]]

Cursor = TypedDict(
    "Cursor",
    {
        "col": int,
        "row": int,
        "visible": bool,
    },
)

# How a hook's last delivery went.
Delivery = TypedDict(
    "Delivery",
    {
        "at_ms": int,
        "event": int,
        "id": str,
        "reason": Union[str, None],
        "state": Literal["delivered", "retrying", "failed"],
        "tries": int,
    },
)

# What a command does that had not ended when its time was over.
Doing = TypedDict(
    "Doing",
    {
        "blocked": Union[Blocked, None],
        "program": Union[str, None],
    },
)

EndedSession = TypedDict(
    "EndedSession",
    {
        "how": str,
        "id": str,
    },
)

# What is kept of ended sessions; a limit is null where there is none.
EndedSessions = TypedDict(
    "EndedSessions",
    {
        "bytes": int,
        "count": int,
        "most": int,
        "most_age_ms": Union[int, None],
        "most_bytes": Union[int, None],
    },
)

# A failure as JSON tells it.
Error = TypedDict(
    "Error",
    {
        "code": Code,
        "hint": Union[str, None],
        "message": str,
    },
)

# One event. Which keys each has of its own is in docs/json.md.
Event = TypedDict(
    "Event",
    {
        "at_ms": int,
        "cols": NotRequired[int],
        "event": Literal["crash-looping", "owner-gone", "started", "ready", "output-idle", "bell", "title", "resized", "attached", "detached", "exited", "restarted", "lost", "gap", "renamed", "forgotten", "cwd", "notification", "progress", "clipboard", "keyboard-taken", "keyboard-free", "person-asked", "person-answered", "state-lost", "hook-due", "hook-delivered", "hook-retrying", "hook-failed"],
        "exit": NotRequired[Exit],
        "from": NotRequired[int],
        "guardian_epoch": Union[int, None],
        "hook": NotRequired[int],
        "id": str,
        "name": str,
        "new_id": NotRequired[str],
        "of": NotRequired[int],
        "offset": int,
        "on": NotRequired[str],
        "path": NotRequired[str],
        "percent": NotRequired[int],
        "pid": NotRequired[int],
        "reason": NotRequired[str],
        "request": Union[str, None],
        "restart_nonce": Union[str, None],
        "restarts": NotRequired[int],
        "rows": NotRequired[int],
        "seq": int,
        "text": NotRequired[str],
        "title": NotRequired[str],
        "to": NotRequired[int],
        "tries": NotRequired[int],
        "typed": NotRequired[int],
        "viewer": NotRequired[int],
        "why": NotRequired[str],
        "worker_epoch": Union[int, None],
    },
)

# A piece of the output, as it came.
ExecPiece = TypedDict(
    "ExecPiece",
    {
        "base64": NotRequired[str],
        "text": NotRequired[str],
    },
)

Executed = TypedDict(
    "Executed",
    {
        "base64": NotRequired[str],
        "code": Union[int, None],
        "doing": NotRequired[Doing],
        "from": int,
        "left_out": int,
        "left_out_from": NotRequired[int],
        "ran": Literal["code", "prompt", "unknown", "running", "session-ended"],
        "text": NotRequired[str],
        "to": int,
        "via": str,
    },
)

# How a child ended. `kind` says which of the others are filled.
Exit = TypedDict(
    "Exit",
    {
        "at_ms": int,
        "code": Union[int, None],
        "core": bool,
        "kind": Literal["code", "signal", "unknown", "lost"],
        "oom": Union[OutOfMemory, None],
        "reason": Union[str, None],
        "signal": Union[str, None],
    },
)

Forgotten = TypedDict(
    "Forgotten",
    {
        "id": str,
        "name": str,
    },
)

Gap = TypedDict(
    "Gap",
    {
        "from": int,
        "reason": str,
        "to": int,
    },
)

Has = TypedDict(
    "Has",
    {
        "id": str,
        "live": bool,
        "state": State,
    },
)

Held = TypedDict(
    "Held",
    {
        "condition": Literal["text", "gone", "prompt", "input", "idle", "exit", "port", "file"],
        "index": int,
        "match": Union[Match, None],
        "value": Union[str, None],
        "via": Union[str, None],
    },
)

# The first line.
Hello = TypedDict(
    "Hello",
    {
        "methods": List[str],
        "psup": str,
        "rpc": int,
    },
)

# A hook, as `hook` tells it.
Hook = TypedDict(
    "Hook",
    {
        "command": List[str],
        "delivered": int,
        "due": int,
        "failed": int,
        "hook": int,
        "last": Union[Delivery, None],
        "name": Union[str, None],
        "of_spec": bool,
        "on": Literal["exit", "match", "blocked", "idle", "lost", "crash-loop"],
        "timeout_ms": int,
        "tries": int,
        "value": Union[str, None],
    },
)

# A session, as `list` and `info` tell it.
Info = TypedDict(
    "Info",
    {
        "attached": int,
        "blocked": Union[Blocked, None],
        "command": List[str],
        "cwd": str,
        "exit": Union[Exit, None],
        "foreground": Union[Process, None],
        "id": str,
        "idle_ms": Union[int, None],
        "kept_from": int,
        "keyboard": Union[Keyboard, None],
        "labels": Dict[str, str],
        "life": int,
        "limits": Limits,
        "log": Union[str, None],
        "name": str,
        "next_start_ms": Union[int, None],
        "offset": int,
        "on_boot": bool,
        "owner": Union[int, None],
        "pid": Union[int, None],
        "restart": Restart,
        "restart_limit": Union[RestartLimit, None],
        "restarts": int,
        "size": Size,
        "started_ms": int,
        "state": State,
        "survival": Survives,
        "title": str,
        "ttl_ms": Union[int, None],
        "usage": Union[Usage, None],
    },
)

Installed = TypedDict(
    "Installed",
    {
        "done": Literal["installed", "replaced", "unchanged"],
        "path": str,
        "sha256": str,
        "target": str,
    },
)

# The person who has the keyboard.
Keyboard = TypedDict(
    "Keyboard",
    {
        "taken": bool,
        "typed": int,
        "viewer": int,
    },
)

LeftOut = TypedDict(
    "LeftOut",
    {
        "chars": int,
        "from": int,
        "lines": int,
    },
)

LeftOutLines = TypedDict(
    "LeftOutLines",
    {
        "left_out": LeftOut,
    },
)

# What was asked for; `null` is no limit.
Limits = TypedDict(
    "Limits",
    {
        "best_effort": bool,
        "cpu_percent": Union[int, None],
        "memory_bytes": Union[int, None],
        "nice": Union[int, None],
        "pids": Union[int, None],
        "unmet": List[UnmetLimit],
    },
)

LostSession = TypedDict(
    "LostSession",
    {
        "id": str,
        "orphaned": bool,
        "reason": str,
        "successor": Union[str, None],
    },
)

Match = TypedDict(
    "Match",
    {
        "groups": List[Union[str, None]],
        "line": str,
        "text": str,
    },
)

Missing = TypedDict(
    "Missing",
    {
        "gap": Gap,
    },
)

OutOfMemory = TypedDict(
    "OutOfMemory",
    {
        "limit_bytes": Union[int, None],
    },
)

Piece = TypedDict(
    "Piece",
    {
        "base64": NotRequired[str],
        "from": int,
        "next": NotRequired[int],
        "text": NotRequired[str],
    },
)

Process = TypedDict(
    "Process",
    {
        "command": List[str],
        "name": str,
        "pid": int,
    },
)

# When a new life begins after the child ended by itself. A stop is never followed by a restart.
Restart = Union[Literal["no", "always"], Literal["on-failure"]]

# So many restarts within this time.
RestartLimit = TypedDict(
    "RestartLimit",
    {
        "most": int,
        "within_ms": int,
    },
)

RestoredSession = TypedDict(
    "RestoredSession",
    {
        "id": str,
        "name": str,
        "was": str,
    },
)

# A part of a line that has one style.
Run = TypedDict(
    "Run",
    {
        "attrs": NotRequired[List[str]],
        "bg": NotRequired[str],
        "fg": NotRequired[str],
        "link": NotRequired[str],
        "text": str,
        "underline": NotRequired[str],
        "underline_colour": NotRequired[str],
    },
)

Sent = TypedDict(
    "Sent",
    {
        "offset": int,
        "submit": NotRequired[Submit],
    },
)

Service = TypedDict(
    "Service",
    {
        "active": bool,
        "checkpoints": Union[str, None],
        "done": List[str],
        "drift": Union[str, None],
        "enabled": bool,
        "installed": bool,
        "last_exit": Union[str, None],
        "lingers": Union[bool, None],
        "manager": str,
        "outside": Union[str, None],
        "pid": Union[int, None],
        "restarts": Union[int, None],
        "since_ms": Union[int, None],
        "state": str,
        "unit": str,
        "unit_path": str,
        "warnings": List[str],
    },
)

# A session, as `list` and `info` tell it.
Session = TypedDict(
    "Session",
    {
        "attached": int,
        "blocked": Union[Blocked, None],
        "command": List[str],
        "cwd": str,
        "exit": Union[Exit, None],
        "foreground": Union[Process, None],
        "id": str,
        "idle_ms": Union[int, None],
        "kept_from": int,
        "keyboard": Union[Keyboard, None],
        "labels": Dict[str, str],
        "life": int,
        "limits": Limits,
        "log": Union[str, None],
        "name": str,
        "next_start_ms": Union[int, None],
        "offset": int,
        "on_boot": bool,
        "owner": Union[int, None],
        "pid": Union[int, None],
        "restart": Restart,
        "restart_limit": Union[RestartLimit, None],
        "restarts": int,
        "size": Size,
        "started_ms": int,
        "state": State,
        "title": str,
        "ttl_ms": Union[int, None],
        "usage": Union[Usage, None],
    },
)

# An object of one target, for `--json`.
SessionOfTarget = TypedDict(
    "SessionOfTarget",
    {
        "attached": int,
        "blocked": Union[Blocked, None],
        "command": List[str],
        "cwd": str,
        "exit": Union[Exit, None],
        "foreground": Union[Process, None],
        "id": str,
        "idle_ms": Union[int, None],
        "kept_from": int,
        "keyboard": Union[Keyboard, None],
        "labels": Dict[str, str],
        "life": int,
        "limits": Limits,
        "log": Union[str, None],
        "name": str,
        "next_start_ms": Union[int, None],
        "offset": int,
        "on_boot": bool,
        "owner": Union[int, None],
        "pid": Union[int, None],
        "restart": Restart,
        "restart_limit": Union[RestartLimit, None],
        "restarts": int,
        "size": Size,
        "started_ms": int,
        "state": State,
        "target": str,
        "title": str,
        "ttl_ms": Union[int, None],
        "usage": Union[Usage, None],
    },
)

# How a check ended, in the order of how much it matters.
Severity = Union[Literal["ok"], Literal["info"], Literal["unknown"], Literal["warning"], Literal["error"]]

Size = TypedDict(
    "Size",
    {
        "cols": int,
        "rows": int,
    },
)

Skill = TypedDict(
    "Skill",
    {
        "agent": str,
        "done": Literal["installed", "updated", "unchanged", "removed", "absent"],
        "path": str,
    },
)

Spawned = TypedDict(
    "Spawned",
    {
        "done": Started,
        "id": str,
        "name": str,
        "offset": int,
        "pid": int,
        "ready": Union[Waited, None],
        "state": State,
        "unmet": List[UnmetLimit],
    },
)

# What `ensure` did.
Started = Union[Literal["started"], Literal["restarted"], Literal["unchanged"], Literal["replaced"]]

# Where a life stands. The first four are the core's; `Lost` is what a reboot or the death of
# every psup process leaves of a life that was running.
State = Union[Literal["running", "ended", "lost"], Literal["stopping"], Literal["draining"], Literal["orphaned"], Literal["crash-looping"]]

Status = TypedDict(
    "Status",
    {
        "build": str,
        "connections": int,
        "ended": Union[EndedSessions, None],
        "errors": List[str],
        "guardian_epoch": int,
        "guardian_pid": int,
        "memory_bytes": int,
        "protocol": int,
        "run_dir": str,
        "rung": str,
        "safe_mode": bool,
        "sessions_kept": int,
        "sessions_live": int,
        "state_dir": str,
        "stops_by": Union[str, None],
        "survival": Survives,
        "uptime_ms": int,
        "version": str,
        "worker_epoch": int,
        "worker_pid": int,
    },
)

# An object of one target, for `--json`.
StatusOfTarget = TypedDict(
    "StatusOfTarget",
    {
        "build": str,
        "connections": int,
        "ended": Union[EndedSessions, None],
        "errors": List[str],
        "guardian_epoch": int,
        "guardian_pid": int,
        "memory_bytes": int,
        "protocol": int,
        "run_dir": str,
        "rung": str,
        "safe_mode": bool,
        "sessions_kept": int,
        "sessions_live": int,
        "state_dir": str,
        "stops_by": Union[str, None],
        "survival": Survives,
        "target": str,
        "uptime_ms": int,
        "version": str,
        "worker_epoch": int,
        "worker_pid": int,
    },
)

Stopped = TypedDict(
    "Stopped",
    {
        "exit": Union[Exit, None],
        "firm": bool,
        "id": str,
        "stopped": bool,
    },
)

# What became of a submit.
Submit = Union[Literal["submitted"], Literal["pending"], Literal["blocked"]]

Survival = TypedDict(
    "Survival",
    {
        "evidence": str,
        "fix": Union[str, None],
        "survives": bool,
    },
)

Survives = Dict[str, Survival]

Target = TypedDict(
    "Target",
    {
        "command": List[str],
        "name": str,
    },
)

UnmetLimit = TypedDict(
    "UnmetLimit",
    {
        "limit": str,
        "reason": str,
    },
)

# An object of one target, for `--json`.
UnreachableOfTarget = TypedDict(
    "UnreachableOfTarget",
    {
        "error": Error,
        "target": str,
    },
)

Upgraded = TypedDict(
    "Upgraded",
    {
        "from": str,
        "to": str,
    },
)

# What a running session uses; `null` is what cannot be told.
Usage = TypedDict(
    "Usage",
    {
        "cpu_ms": Union[int, None],
        "memory_bytes": Union[int, None],
        "pids": Union[int, None],
        "read_bytes": Union[int, None],
        "via": UsageVia,
        "written_bytes": Union[int, None],
    },
)

# Where each number comes from: `cgroup`, or `processes` for a sum over those that run now.
UsageVia = TypedDict(
    "UsageVia",
    {
        "cpu": Union[str, None],
        "io": Union[str, None],
        "memory": Union[str, None],
        "pids": Union[str, None],
    },
)

# How a wait ended.
Waited = TypedDict(
    "Waited",
    {
        "exit": Union[Exit, None],
        "failed": Union[Match, None],
        "held": List[Held],
        "id": NotRequired[str],
        "offset": int,
        "verdict": Literal["held", "failed", "ended", "timed-out"],
    },
)

# An object of one target, for `--json`.
WaitedOfTarget = TypedDict(
    "WaitedOfTarget",
    {
        "exit": Union[Exit, None],
        "failed": Union[Match, None],
        "held": List[Held],
        "id": NotRequired[str],
        "offset": int,
        "target": str,
        "verdict": Literal["held", "failed", "ended", "timed-out"],
    },
)
