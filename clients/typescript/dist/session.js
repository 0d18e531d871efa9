// One session: the verbs of the client, and what is expected of its output.
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { Ended, Gap, NoSuchSession, NotRunning, TimedOut } from "./errors.js";
import { EOF, OutputBuffer, search, TIMEOUT } from "./output.js";
import { milliseconds } from "./values.js";
/** A session, and one life of it. */
export class Session {
    client;
    name;
    id;
    /** How long `expect` waits, in milliseconds. */
    timeout = 30_000;
    #output;
    #pieces;
    #hasEnded = false;
    constructor(client, name, id, offset) {
        this.client = client;
        this.name = name;
        this.id = id;
        this.#output = new OutputBuffer(offset);
    }
    // What is expected of it
    /** The offset behind what was matched last. */
    get offset() {
        return this.#output.offset;
    }
    /**
     * Waits until a pattern matches what the session wrote, each byte once: the one whose match begins
     * first. Text is a regular expression in which `.` matches newlines; lines end with `\r\n`, and
     * control sequences are left out. `EOF` and `TIMEOUT` may stand among the patterns; else the end is
     * the error `Ended`, and the time `TimedOut`.
     */
    async expect(patterns, opts = {}) {
        const several = Array.isArray(patterns) ? patterns : [patterns];
        const wanted = opts.timeout === undefined ? this.timeout : milliseconds(opts.timeout);
        const deadline = performance.now() + wanted;
        for (let isLate = false;;) {
            const found = search(several, this.#output.text, opts.exact ?? false);
            if (found) {
                const text = this.#output.text;
                this.#output.take(found.end);
                const [before, after] = [text.slice(0, found.begin), text.slice(found.begin, found.end)];
                return { index: found.index, before, after, match: found.match, offset: this.offset };
            }
            if (this.#hasEnded)
                return this.#without(several, EOF);
            if (isLate)
                return this.#without(several, TIMEOUT, wanted);
            isLate = !(await this.#hasMore(deadline, opts.abort));
        }
    }
    /** Goes on at an offset, or at the end of what there is; what was read is dropped. */
    async seek(since = "now") {
        this.#expectFrom(since === "now" ? (await this.info())["offset"] : since);
    }
    // Talk
    /** Types text as it is, then keys, then Enter; returns the offset before the input. */
    async send(input, opts = {}) {
        return (await this.client.send(this.id, input, opts))["offset"];
    }
    /** Types text and Enter. */
    sendLine(text = "", opts = {}) {
        return this.send(text, { ...opts, enter: true });
    }
    /** Presses keys by their names: `C-c`, `Enter`, `Up`. */
    press(...keys) {
        return this.send(undefined, { key: keys });
    }
    /** Waits until a condition holds: `text`, `prompt`, `idle`, `exit` … */
    wait(opts) {
        return this.client.wait(this.id, opts);
    }
    /** Runs one command in the live shell; its output and its exit code. */
    exec(command, opts = {}) {
        return this.client.exec(this.id, command, opts);
    }
    /** As `exec`, but the output comes as the command writes it; then `result` is there. */
    execStream(command, opts = {}) {
        return this.client.execStream(this.id, command, opts);
    }
    /** Has a person type something into the session. */
    ask(why, opts = {}) {
        return this.client.ask(this.id, why, opts);
    }
    // What it shows and has written
    /** The screen, with cursor, colours and offset. */
    capture(opts = {}) {
        return this.client.capture(this.id, opts);
    }
    /** The screen as text. */
    async screen(opts = {}) {
        return (await this.capture(opts))["lines"].join("\n");
    }
    /** What it has written, piece by piece; with `follow` until it has ended. */
    read(opts = {}) {
        return this.client.read(this.id, opts);
    }
    /** What it has written so far, as clean lines. */
    output(opts = {}) {
        return this.read({ text: true, ...opts }).text();
    }
    /** What happens to it. */
    events(opts = {}) {
        return this.client.events(this.name, opts);
    }
    /** Writes what it has printed as a file. */
    export(opts = {}) {
        return this.client.export(this.id, opts);
    }
    // Life
    /** All there is to know about it. */
    info(opts = {}) {
        return this.client.info(this.id, opts);
    }
    /** Whether this life runs. */
    isAlive() {
        return this.client.has(this.id);
    }
    /** Stops it with all its processes, and tells how it ended. */
    async stop(opts = {}) {
        return (await this.client.stop(this.id, opts))[0];
    }
    /** Sends one signal to its program. */
    signal(signal, opts = {}) {
        return this.client.signal(this.id, signal, opts);
    }
    /** Begins a new life, which this is then. */
    async restart(opts = {}) {
        const item = await this.client.restart(this.id, opts);
        this.id = item["id"];
        this.#expectFrom(0);
        return item;
    }
    /** Gives it another name. */
    async rename(name, opts = {}) {
        await this.client.rename(this.id, name, opts);
        const info = await this.client.info(name);
        [this.name, this.id] = [info["name"], info["id"]];
        this.#closeStream();
    }
    /** Changes the size of its terminal: `80x24`. */
    resize(size, opts = {}) {
        return this.client.resize(this.id, size, opts);
    }
    /** Drops it with its log, after it has ended. */
    async forget(opts = {}) {
        this.#closeStream();
        await this.client.forget(this.id, opts);
    }
    /** Stops it, if it runs: what `withSession` does at the end. */
    async end() {
        this.#closeStream();
        try {
            await this.client.stop(this.name);
        }
        catch (error) {
            if (!(error instanceof NoSuchSession || error instanceof NotRunning))
                throw error;
        }
    }
    /** Reads a piece; false where the time is over, and all that was written by then is read. */
    async #hasMore(deadline, abort) {
        abort?.throwIfAborted();
        this.#pieces ??= this.client.read(this.id, { since: this.#output.position, follow: true });
        const pieces = this.#pieces;
        let piece;
        const aborted = () => this.#closeStream();
        abort?.addEventListener("abort", aborted);
        try {
            piece = await pieces.nextItem(Math.max(0, deadline - performance.now()));
        }
        catch (error) {
            if (!(error instanceof TimedOut))
                throw error;
            // What was written in time counts, however late it is on its way.
            for await (const late of this.client.read(this.id, { since: this.#output.position }))
                this.#feed(late);
            return false;
        }
        finally {
            abort?.removeEventListener("abort", aborted);
        }
        abort?.throwIfAborted();
        if (piece) {
            this.#feed(piece);
        }
        else if (pieces === this.#pieces) {
            this.#hasEnded = true;
            this.#output.finish();
        }
        return true;
    }
    #feed(piece) {
        if (piece.gap === null) {
            this.#output.feed(piece.offset, piece.bytes);
        }
        else if (piece.end !== null && piece.end > this.#output.position) {
            // Told once; what is expected next stands behind it.
            const begin = this.#output.position;
            this.#output = new OutputBuffer(piece.end);
            throw new Gap("gap", `bytes ${begin} to ${piece.end} are not kept any more: ${piece.gap}`);
        }
    }
    #without(patterns, what, wanted = 0) {
        const before = this.#output.text;
        const index = patterns.indexOf(what);
        if (what === EOF)
            this.#output.take(before.length);
        if (index >= 0)
            return { index, before, after: "", match: null, offset: this.offset };
        const tail = JSON.stringify(before.slice(-200));
        const told = what === EOF ? "the session has ended" : `no match within ${wanted} ms`;
        const kind = what === EOF ? Ended : TimedOut;
        throw new kind(what === EOF ? "ended" : "timed-out", `${told}; not matched in ${this.id}: ${tail}`);
    }
    #expectFrom(offset) {
        this.#closeStream();
        this.#output = new OutputBuffer(offset);
        this.#hasEnded = false;
    }
    #closeStream() {
        this.#pieces?.close();
        this.#pieces = undefined;
    }
}
/** A name that nobody else has: the program's, and chance. */
export function nameOf(command) {
    const first = (typeof command === "string" ? command : command?.[0]) ?? "session";
    const word = basename(first.split(/\s/)[0] ?? "").toLowerCase().replace(/[^a-z0-9]+/g, "-");
    return `${word.replace(/^-|-$/g, "").slice(0, 40) || "session"}-${randomBytes(4).toString("hex")}`;
}
