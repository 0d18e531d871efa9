/** As a pattern: the end of the session. */
export declare const EOF: unique symbol;
/** As a pattern: the end of the time. */
export declare const TIMEOUT: unique symbol;
export type Pattern = string | RegExp | typeof EOF | typeof TIMEOUT;
/** What was read and has not been matched yet. */
export declare class OutputBuffer {
    #private;
    readonly raw: boolean;
    /** Behind what was taken last. */
    offset: number;
    /** The end of what was fed. */
    position: number;
    constructor(offset: number, raw?: boolean);
    get text(): string;
    /** Takes bytes of the journal. */
    feed(at: number, bytes: Uint8Array): void;
    /** No more is to come: what was held back is text. */
    finish(): void;
    /** Drops so much of the text. */
    take(length: number): void;
    /** The offset just behind so much of the text. */
    offsetOf(length: number): number;
}
export interface Found {
    index: number;
    begin: number;
    end: number;
    match: RegExpExecArray;
}
/** The pattern whose match begins first. Text is a regular expression in which `.` matches newlines. */
export declare function search(patterns: readonly Pattern[], text: string, isExact: boolean): Found | undefined;
