import type { Client } from "./client.js";
import { type ExecResult, type Piece } from "./values.js";
/** Items of one request, as they come. `close`, or leaving the loop, ends it. */
export declare class Stream<T> implements AsyncIterableIterator<T> {
    #private;
    readonly client: Client;
    readonly method: string;
    protected readonly params: Record<string, unknown>;
    readonly abort?: AbortSignal | undefined;
    exit: number | null;
    constructor(client: Client, method: string, params: Record<string, unknown>, abort?: AbortSignal | undefined);
    /** The next item; `undefined` at the end. Throws `TimedOut` when there is none in so many milliseconds. */
    nextItem(timeout?: number): Promise<T | undefined>;
    /** Ends the request; an iteration that goes on ends, too. */
    close(): void;
    next(): Promise<IteratorResult<T>>;
    return(): Promise<IteratorResult<T>>;
    [Symbol.asyncIterator](): this;
    protected itemOf(item: unknown): T;
    /** Whether the request can be asked again for what comes next. */
    protected canResume(): boolean;
}
/** Events, each once: every one has its number. */
export declare class Events<E extends {
    seq: number;
}> extends Stream<E> {
    protected itemOf(item: unknown): E;
    protected canResume(): boolean;
}
/** What a session has written, each byte once: every piece has its offset. */
export declare class Pieces extends Stream<Piece> {
    protected itemOf(item: unknown): Piece;
    protected canResume(): boolean;
    /** All of it, as text. */
    text(): Promise<string>;
}
/** The output of a command as it comes; then `result` tells how the command ended. */
export declare class ExecOutput extends Stream<Uint8Array> {
    #private;
    /** How the command ended; `undefined` before it has. The output is what the iteration gave. */
    get result(): ExecResult | undefined;
    /** Reads the output to its end. */
    collect(): Promise<ExecResult>;
    protected itemOf(item: unknown): Uint8Array;
}
