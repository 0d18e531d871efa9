// The errors of psup, a class for each code.
/** What psup refuses, and why. `hint` is the next command to type. */
export class PsupError extends Error {
    /** A word of a closed list; a code that this client does not know is told as it is. */
    code;
    hint;
    /** The exit code of the same verb on the command line; `null` where there is none. */
    exit;
    /** The objects that came before. */
    items = [];
    constructor(code, message, hint = null, exit = null) {
        super(hint === null ? message : `${message} (${hint})`);
        this.name = new.target.name;
        this.code = code;
        this.hint = hint;
        this.exit = exit;
    }
}
/** The request is not of a form that psup knows. */
export class UsageError extends PsupError {
}
/** No session of that name. */
export class NoSuchSession extends PsupError {
}
/** A live session has that name. */
export class NameTaken extends PsupError {
}
/** The running session was started from a different spec. */
export class SpecDiffers extends PsupError {
}
/** No supervisor could be reached or started, or there is no psup. */
export class Unreachable extends PsupError {
}
/** The `psup rpc` of this client has ended. What was asked may have been done: only questions are asked again. */
export class ConnectionLost extends Unreachable {
}
/** The two builds have no version of the protocol in common. */
export class VersionMismatch extends PsupError {
}
/** The session ended before the condition came true. */
export class Ended extends PsupError {
}
/** The fail pattern matched first. */
export class FailMatched extends PsupError {
}
/** The deadline passed. */
export class TimedOut extends PsupError {
}
/** The program could not be started; the system's reason is in the message. */
export class CannotStart extends PsupError {
}
/** A regular expression does not parse. */
export class BadPattern extends PsupError {
}
/** A line is longer than the terminal takes in canonical mode. */
export class LineTooLong extends PsupError {
}
/** The session has ended, so there is nothing to send to, signal or resize. */
export class NotRunning extends PsupError {
}
/** The session is running, so it cannot be forgotten. */
export class StillRunning extends PsupError {
}
/** That part of the journal is not kept any more. */
export class Gone extends PsupError {
}
/** A limit was met; the message names it. */
export class LimitReached extends PsupError {
}
/** Input may or may not have reached the program; it was not sent again. */
export class MaybeDelivered extends PsupError {
}
/** The supervisor is being replaced: ask again. */
export class Retry extends PsupError {
}
/** This build cannot do that here. */
export class Unsupported extends PsupError {
}
/** The system refused; its reason is in the message. */
export class SystemFailure extends PsupError {
}
/** Something that should not happen did. */
export class InternalError extends PsupError {
}
/** The answer is no. */
export class No extends PsupError {
}
/** The shell is not at its prompt, so no command can be run in it. */
export class Busy extends PsupError {
}
/** Bytes of the journal that are needed for the answer are not kept any more. */
export class Gap extends PsupError {
}
/** A person is typing: input of programs waits, or is refused. */
export class KeyboardTaken extends PsupError {
}
/** The program reads a secret: input needs `secret: true`. */
export class SecretWanted extends PsupError {
}
/** The request was cancelled by its asker. */
export class Cancelled extends PsupError {
}
/** The class of each code. */
export const CLASSES = {
    "usage": UsageError,
    "no-such-session": NoSuchSession,
    "name-taken": NameTaken,
    "spec-differs": SpecDiffers,
    "unreachable": Unreachable,
    "version-mismatch": VersionMismatch,
    "ended": Ended,
    "fail-matched": FailMatched,
    "timed-out": TimedOut,
    "cannot-start": CannotStart,
    "bad-pattern": BadPattern,
    "line-too-long": LineTooLong,
    "not-running": NotRunning,
    "still-running": StillRunning,
    "gone": Gone,
    "limit": LimitReached,
    "maybe-delivered": MaybeDelivered,
    "retry": Retry,
    "unsupported": Unsupported,
    "system": SystemFailure,
    "internal": InternalError,
    "no": No,
    "busy": Busy,
    "gap": Gap,
    "keyboard-taken": KeyboardTaken,
    "secret-wanted": SecretWanted,
};
/** The error of the end of a request. */
export function errorOf(told, exit) {
    const kind = CLASSES[told.code] ?? PsupError;
    return new kind(told.code, told.message, told.hint, exit);
}
