import { type PsupError } from "./errors.js";
/** Characters of items that wait in a stream for a reader. */
export declare const STREAM_LIMIT: number;
export interface End {
    exit: number | null;
    error: PsupError | null;
}
/** One request: its items, and its end. */
export declare class Call {
    #private;
    readonly number: number;
    readonly method: string;
    readonly limit: number;
    /** True where items were dropped since nobody took them. */
    isCut: boolean;
    connection: Connection | undefined;
    constructor(number: number, method: string, limit: number);
    /** An item, or the end; `undefined` if neither is there yet. */
    take(): {
        item: unknown;
        end?: undefined;
    } | {
        end: End;
    } | undefined;
    /** Whether there is something to take, after at most so many milliseconds. */
    arrival(timeout: number | undefined, abort?: AbortSignal): Promise<boolean>;
    /** Ends the request, if it is open. What was typed or started before stays so. */
    cancel(): void;
    add(item: unknown, size: number): void;
    finish(end: End): boolean;
}
/** One child. */
export declare class Connection {
    #private;
    readonly open: Map<number, Call>;
    isDead: boolean;
    methods: readonly string[];
    build: string;
    readonly hello: Promise<void>;
    constructor(argv: readonly string[], env: Readonly<Record<string, string>> | undefined, next: () => number);
    get pid(): number | undefined;
    get isUp(): boolean;
    begin(call: Call, params: object): void;
    /** Tells psup that the answer is not wanted any more. */
    cancel(call: Call): void;
    kill(): void;
    close(): Promise<void>;
}
/** Requests to one psup, by one child at a time. */
export declare class Transport {
    #private;
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>> | undefined;
    isClosed: boolean;
    constructor(argv: readonly string[], env: Readonly<Record<string, string>> | undefined);
    get current(): Connection | undefined;
    /** Starts the child, if none runs, and hears its first line. */
    connect(): Promise<Connection>;
    request(method: string, params: object, limit?: number): Promise<Call>;
    /** Cancels what is open, and ends the child. Sessions go on. */
    close(): Promise<void>;
}
