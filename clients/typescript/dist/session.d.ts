import type { Abort, Client } from "./client.js";
import type * as options from "./generated.js";
import { type Pattern } from "./output.js";
import type { Events, ExecOutput, Pieces } from "./stream.js";
import type * as types from "./types.js";
import { type ExecResult, type Input, type Words } from "./values.js";
export interface ExpectOptions extends Abort {
    /** Milliseconds, or text with a unit; 30 seconds without one. */
    timeout?: number | string;
    /** Text stands for itself. */
    exact?: boolean;
}
/** What `expect` has found. */
export interface Expected {
    /** The place of the pattern that matched. */
    index: number;
    /** What came before the match. */
    before: string;
    /** What matched; empty for `EOF` and `TIMEOUT`. */
    after: string;
    /** The match with its groups; `null` for `EOF` and `TIMEOUT`. */
    match: RegExpExecArray | null;
    /** The offset behind the match: `since` of a `wait` or a `read` that goes on there. */
    offset: number;
}
/** A session, and one life of it. */
export declare class Session {
    #private;
    readonly client: Client;
    name: string;
    id: string;
    /** How long `expect` waits, in milliseconds. */
    timeout: number;
    constructor(client: Client, name: string, id: string, offset: number);
    /** The offset behind what was matched last. */
    get offset(): number;
    /**
     * Waits until a pattern matches what the session wrote, each byte once: the one whose match begins
     * first. Text is a regular expression in which `.` matches newlines; lines end with `\r\n`, and
     * control sequences are left out. `EOF` and `TIMEOUT` may stand among the patterns; else the end is
     * the error `Ended`, and the time `TimedOut`.
     */
    expect(patterns: Pattern | readonly Pattern[], opts?: ExpectOptions): Promise<Expected>;
    /** Goes on at an offset, or at the end of what there is; what was read is dropped. */
    seek(since?: number | "now"): Promise<void>;
    /** Types text as it is, then keys, then Enter; returns the offset before the input. */
    send(input?: Input, opts?: options.SendOptions & Abort): Promise<number>;
    /** Types text and Enter. */
    sendLine(text?: string, opts?: options.SendOptions & Abort): Promise<number>;
    /** Presses keys by their names: `C-c`, `Enter`, `Up`. */
    press(...keys: string[]): Promise<number>;
    /** Waits until a condition holds: `text`, `prompt`, `idle`, `exit` … */
    wait(opts: options.WaitOptions & Abort): Promise<types.Waited>;
    /** Runs one command in the live shell; its output and its exit code. */
    exec(command: Words, opts?: options.ExecOptions & {
        stdin?: string;
    } & Abort): Promise<ExecResult>;
    /** As `exec`, but the output comes as the command writes it; then `result` is there. */
    execStream(command: Words, opts?: options.ExecOptions & {
        stdin?: string;
    } & Abort): ExecOutput;
    /** Has a person type something into the session. */
    ask(why: string, opts?: options.AskOptions & Abort): Promise<types.Asked>;
    /** The screen, with cursor, colours and offset. */
    capture(opts?: options.CaptureOptions & Abort): Promise<types.Capture>;
    /** The screen as text. */
    screen(opts?: options.CaptureOptions & Abort): Promise<string>;
    /** What it has written, piece by piece; with `follow` until it has ended. */
    read(opts?: options.ReadOptions & Abort): Pieces;
    /** What it has written so far, as clean lines. */
    output(opts?: options.ReadOptions & Abort): Promise<string>;
    /** What happens to it. */
    events(opts?: options.EventsOptions & Abort): Events<types.Event>;
    /** Writes what it has printed as a file. */
    export(opts?: options.ExportOptions & Abort): Promise<unknown[]>;
    /** All there is to know about it. */
    info(opts?: options.InfoOptions & Abort): Promise<types.Info>;
    /** Whether this life runs. */
    isAlive(): Promise<boolean>;
    /** Stops it with all its processes, and tells how it ended. */
    stop(opts?: options.StopOptions & Abort): Promise<types.Stopped>;
    /** Sends one signal to its program. */
    signal(signal: string | number, opts?: options.SignalOptions & Abort): Promise<void>;
    /** Begins a new life, which this is then. */
    restart(opts?: options.RestartOptions & Abort): Promise<types.Spawned>;
    /** Gives it another name. */
    rename(name: string, opts?: options.RenameOptions & Abort): Promise<void>;
    /** Changes the size of its terminal: `80x24`. */
    resize(size: string, opts?: options.ResizeOptions & Abort): Promise<void>;
    /** Drops it with its log, after it has ended. */
    forget(opts?: options.ForgetOptions & Abort): Promise<void>;
    /** Stops it, if it runs: what `withSession` does at the end. */
    end(): Promise<void>;
}
/** A name that nobody else has: the program's, and chance. */
export declare function nameOf(command: Words | undefined): string;
