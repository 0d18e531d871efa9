"""The errors of psup, a class for each code.

`except psup.Error` catches all of them. A code that this client does not know is a plain `Error`.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Type

__all__ = [
    "BadPattern",
    "Busy",
    "Cancelled",
    "CannotStart",
    "ConnectionLost",
    "Ended",
    "Error",
    "FailMatched",
    "Gap",
    "Gone",
    "InternalError",
    "KeyboardTaken",
    "LimitReached",
    "LineTooLong",
    "MaybeDelivered",
    "NameTaken",
    "No",
    "NoSuchSession",
    "NotRunning",
    "Retry",
    "SecretWanted",
    "SpecDiffers",
    "StillRunning",
    "SystemFailure",
    "TimedOut",
    "Unreachable",
    "Unsupported",
    "UsageError",
    "VersionMismatch",
]


class Error(Exception):
    """What psup refuses, and why.

    `code` is a word of a closed list, `hint` is the next command to type, `exit` is the exit code
    of the same verb on the command line, and `items` are the objects that came before.
    """

    code: str = "internal"

    def __init__(
        self,
        message: str,
        hint: Optional[str] = None,
        *,
        code: Optional[str] = None,
        exit: Optional[int] = None,
        items: Optional[List[Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit = exit
        self.items: List[Any] = items if items is not None else []
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(Error):
    """The request is not of a form that psup knows."""

    code = "usage"


class NoSuchSession(Error, LookupError):
    """No session of that name."""

    code = "no-such-session"


class NameTaken(Error):
    """A live session has that name."""

    code = "name-taken"


class SpecDiffers(Error):
    """The running session was started from a different spec."""

    code = "spec-differs"


class Unreachable(Error, ConnectionError):
    """No supervisor could be reached or started, or there is no psup."""

    code = "unreachable"


class ConnectionLost(Unreachable):
    """The `psup rpc` of this client has ended.

    What was asked may have been done: only questions are asked again.
    """


class VersionMismatch(Error):
    """The two builds have no version of the protocol in common."""

    code = "version-mismatch"


class Ended(Error):
    """The session ended before the condition came true."""

    code = "ended"


class FailMatched(Error):
    """The fail pattern matched first."""

    code = "fail-matched"


class TimedOut(Error, TimeoutError):
    """The deadline passed."""

    code = "timed-out"


class CannotStart(Error):
    """The program could not be started; the system's reason is in the message."""

    code = "cannot-start"


class BadPattern(Error, ValueError):
    """A regular expression does not parse."""

    code = "bad-pattern"


class LineTooLong(Error):
    """A line is longer than the terminal takes in canonical mode."""

    code = "line-too-long"


class NotRunning(Error):
    """The session has ended, so there is nothing to send to, signal or resize."""

    code = "not-running"


class StillRunning(Error):
    """The session is running, so it cannot be forgotten."""

    code = "still-running"


class Gone(Error):
    """That part of the journal is not kept any more."""

    code = "gone"


class LimitReached(Error):
    """A limit was met; the message names it."""

    code = "limit"


class MaybeDelivered(Error):
    """Input may or may not have reached the program; it was not sent again."""

    code = "maybe-delivered"


class Retry(Error):
    """The supervisor is being replaced: ask again."""

    code = "retry"


class Unsupported(Error):
    """This build cannot do that here."""

    code = "unsupported"


class SystemFailure(Error, OSError):
    """The system refused; its reason is in the message."""

    code = "system"


class InternalError(Error):
    """Something that should not happen did."""

    code = "internal"


class No(Error):
    """The answer is no."""

    code = "no"


class Busy(Error):
    """The shell is not at its prompt, so no command can be run in it."""

    code = "busy"


class Gap(Error):
    """Bytes of the journal that are needed for the answer are not kept any more."""

    code = "gap"


class KeyboardTaken(Error):
    """A person is typing: input of programs waits, or is refused."""

    code = "keyboard-taken"


class SecretWanted(Error):
    """The program reads a secret: input needs `secret=True`."""

    code = "secret-wanted"


class Cancelled(Error):
    """The request was cancelled by its asker."""

    code = "cancelled"


CLASSES: Dict[str, Type[Error]] = {
    each.code: each
    for each in (
        UsageError,
        NoSuchSession,
        NameTaken,
        SpecDiffers,
        Unreachable,
        VersionMismatch,
        Ended,
        FailMatched,
        TimedOut,
        CannotStart,
        BadPattern,
        LineTooLong,
        NotRunning,
        StillRunning,
        Gone,
        LimitReached,
        MaybeDelivered,
        Retry,
        Unsupported,
        SystemFailure,
        InternalError,
        No,
        Busy,
        Gap,
        KeyboardTaken,
        SecretWanted,
    )
}


def error_of(told: Mapping[str, Any], exit: Optional[int], items: List[Any]) -> Error:
    """The error of the end of a request."""
    code = str(told.get("code", "internal"))
    kind = CLASSES.get(code, Error)
    message, hint = str(told.get("message", code)), told.get("hint")
    return kind(message, hint, code=code, exit=exit, items=items)
