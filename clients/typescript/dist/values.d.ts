/** A command as it would be typed, or its words. */
export type Words = string | readonly string[];
/** What is typed: text as it is, or bytes. */
export type Input = string | Uint8Array | undefined;
/** What was given, without what was not; a name that the method does not have is a mistake. */
export declare function parameters(method: string, given: object): Record<string, unknown>;
/** Puts what is to be typed where it is typed as it is, whatever it is. */
export declare function inputOf(params: Record<string, unknown>, input: Input): void;
/** Milliseconds of a duration that this program itself waits for. */
export declare function milliseconds(duration: number | string): number;
/** The bytes of an object with `text` or `base64`. */
export declare function bytesOf(item: {
    text?: string | null;
    base64?: string | null;
}): Uint8Array;
export declare function concat(parts: readonly Uint8Array[]): Uint8Array;
export declare function textOf(bytes: Uint8Array): string;
/** A piece of what a session has written, or a gap in it. */
export interface Piece {
    /** Of the first byte; in clean text, the last offset that is certain. */
    readonly offset: number;
    /** Behind the last byte; `null` in clean text. */
    readonly end: number | null;
    readonly bytes: Uint8Array;
    readonly text: string;
    /** Why the bytes from `offset` to `end` are not there. */
    readonly gap: string | null;
    /** Lines that `budget` leaves out here. */
    readonly leftOut: number | null;
}
/** An object of `read` as a piece. */
export declare function pieceOf(item: any): Piece;
/** How a command in a live shell ended, and what it printed. */
export interface ExecResult {
    readonly ran: "code" | "prompt" | "unknown" | "running" | "session-ended";
    /** The exit code, where there is one. */
    readonly code: number | null;
    readonly output: string;
    readonly bytes: Uint8Array;
    /** How it is known. */
    readonly via: "marks" | "kernel" | "screen";
    /** Where the output stands in the journal. */
    readonly offset: number;
    readonly end: number;
    /** Bytes that are not in the output. */
    readonly leftOut: number;
    /** After a time-out: what the command does. */
    readonly doing: {
        program: string | null;
        blocked: {
            on: string;
            via: string;
        } | null;
    } | null;
}
export declare function execResultOf(item: any, parts: readonly Uint8Array[]): ExecResult;
