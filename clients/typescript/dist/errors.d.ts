import type { Code } from "./generated.js";
/** What psup refuses, and why. `hint` is the next command to type. */
export declare class PsupError extends Error {
    /** A word of a closed list; a code that this client does not know is told as it is. */
    readonly code: Code | "cancelled" | (string & {});
    readonly hint: string | null;
    /** The exit code of the same verb on the command line; `null` where there is none. */
    readonly exit: number | null;
    /** The objects that came before. */
    items: unknown[];
    constructor(code: string, message: string, hint?: string | null, exit?: number | null);
}
/** The request is not of a form that psup knows. */
export declare class UsageError extends PsupError {
}
/** No session of that name. */
export declare class NoSuchSession extends PsupError {
}
/** A live session has that name. */
export declare class NameTaken extends PsupError {
}
/** The running session was started from a different spec. */
export declare class SpecDiffers extends PsupError {
}
/** No supervisor could be reached or started, or there is no psup. */
export declare class Unreachable extends PsupError {
}
/** The `psup rpc` of this client has ended. What was asked may have been done: only questions are asked again. */
export declare class ConnectionLost extends Unreachable {
}
/** The two builds have no version of the protocol in common. */
export declare class VersionMismatch extends PsupError {
}
/** The session ended before the condition came true. */
export declare class Ended extends PsupError {
}
/** The fail pattern matched first. */
export declare class FailMatched extends PsupError {
}
/** The deadline passed. */
export declare class TimedOut extends PsupError {
}
/** The program could not be started; the system's reason is in the message. */
export declare class CannotStart extends PsupError {
}
/** A regular expression does not parse. */
export declare class BadPattern extends PsupError {
}
/** A line is longer than the terminal takes in canonical mode. */
export declare class LineTooLong extends PsupError {
}
/** The session has ended, so there is nothing to send to, signal or resize. */
export declare class NotRunning extends PsupError {
}
/** The session is running, so it cannot be forgotten. */
export declare class StillRunning extends PsupError {
}
/** That part of the journal is not kept any more. */
export declare class Gone extends PsupError {
}
/** A limit was met; the message names it. */
export declare class LimitReached extends PsupError {
}
/** Input may or may not have reached the program; it was not sent again. */
export declare class MaybeDelivered extends PsupError {
}
/** The supervisor is being replaced: ask again. */
export declare class Retry extends PsupError {
}
/** This build cannot do that here. */
export declare class Unsupported extends PsupError {
}
/** The system refused; its reason is in the message. */
export declare class SystemFailure extends PsupError {
}
/** Something that should not happen did. */
export declare class InternalError extends PsupError {
}
/** The answer is no. */
export declare class No extends PsupError {
}
/** The shell is not at its prompt, so no command can be run in it. */
export declare class Busy extends PsupError {
}
/** Bytes of the journal that are needed for the answer are not kept any more. */
export declare class Gap extends PsupError {
}
/** A person is typing: input of programs waits, or is refused. */
export declare class KeyboardTaken extends PsupError {
}
/** The program reads a secret: input needs `secret: true`. */
export declare class SecretWanted extends PsupError {
}
/** The request was cancelled by its asker. */
export declare class Cancelled extends PsupError {
}
type ErrorClass = new (code: string, message: string, hint?: string | null, exit?: number | null) => PsupError;
/** The class of each code. */
export declare const CLASSES: Readonly<Record<Code, ErrorClass>>;
/** The error of the end of a request. */
export declare function errorOf(told: {
    code: string;
    message: string;
    hint: string | null;
}, exit: number | null): PsupError;
export {};
