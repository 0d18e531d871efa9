// `psup rpc` as a child process: lines out, lines in.
//
// A `Call` is one open request. What has arrived lies in it until its asker takes it; a stream that
// nobody reads is cancelled at a limit, for its asker can ask again from an offset. When the child
// ends, every open call ends with `ConnectionLost`, and the next request starts another child.
import { spawn } from "node:child_process";
import { Cancelled, ConnectionLost, errorOf, Unreachable, VersionMismatch } from "./errors.js";
const VERSION = 1;
/** Characters of items that wait in a stream for a reader. */
export const STREAM_LIMIT = 8 << 20;
/** Milliseconds in which psup has to say its first line, also from another machine. */
const HELLO_TIME = 30_000;
/** One request: its items, and its end. */
export class Call {
    number;
    method;
    limit;
    /** True where items were dropped since nobody took them. */
    isCut = false;
    connection;
    #items = [];
    #waiting = 0;
    #end;
    #wake;
    constructor(number, method, limit) {
        this.number = number;
        this.method = method;
        this.limit = limit;
    }
    /** An item, or the end; `undefined` if neither is there yet. */
    take() {
        const first = this.#items.shift();
        if (first) {
            this.#waiting -= first.size;
            return { item: first.item };
        }
        return this.#end && { end: this.#end };
    }
    /** Whether there is something to take, after at most so many milliseconds. */
    async arrival(timeout, abort) {
        if (this.#isReady())
            return true;
        let timer;
        let aborted;
        await new Promise((resolve) => {
            this.#wake = resolve;
            if (timeout !== undefined)
                timer = setTimeout(resolve, timeout);
            aborted = resolve;
            abort?.addEventListener("abort", aborted);
            if (abort?.aborted)
                resolve();
        });
        clearTimeout(timer);
        if (aborted)
            abort?.removeEventListener("abort", aborted);
        this.#wake = undefined;
        return this.#isReady();
    }
    /** Ends the request, if it is open. What was typed or started before stays so. */
    cancel() {
        const error = new Cancelled("cancelled", `the ${this.method} was cancelled`);
        if (this.finish({ exit: null, error }))
            this.connection?.cancel(this);
    }
    add(item, size) {
        if (this.#end)
            return;
        this.#items.push({ item, size });
        this.#waiting += size;
        if (this.#waiting > this.limit) {
            this.isCut = true;
            this.cancel();
        }
        else {
            this.#wake?.();
        }
    }
    finish(end) {
        if (this.#end)
            return false;
        this.#end = end;
        this.#wake?.();
        return true;
    }
    #isReady() {
        return this.#items.length > 0 || this.#end !== undefined;
    }
}
/** One child. */
export class Connection {
    open = new Map();
    isDead = false;
    methods = [];
    build = "";
    #child;
    #decoder = new TextDecoder();
    #parts = [];
    #said = "";
    #closed;
    #next;
    hello;
    constructor(argv, env, next) {
        const [program, ...words] = argv;
        this.#next = next;
        // In a session of its own: Ctrl-C is for this program, which decides what to cancel.
        this.#child = spawn(program, words, {
            stdio: ["pipe", "pipe", "pipe"],
            detached: true,
            env: env ? { ...process.env, ...env } : process.env,
        });
        const child = this.#child;
        child.stdin.on("error", () => { });
        child.stderr.on("data", (data) => {
            this.#said = (this.#said + new TextDecoder().decode(data)).slice(-4096);
        });
        let greet = () => { };
        let refuse = () => { };
        this.hello = new Promise((resolve, reject) => {
            greet = resolve;
            refuse = reject;
        });
        child.stdout.on("data", (data) => this.#data(data, greet, refuse));
        this.#closed = new Promise((resolve) => {
            child.on("error", (error) => {
                this.#end(`cannot start ${program}: ${error.message}`, null, refuse);
                resolve();
            });
            child.on("close", (code, signal) => {
                const how = signal ? `was ended by signal ${signal}` : `ended with exit code ${code}`;
                const lines = this.#said.split("\n").filter((line) => line.trim() !== "");
                const hint = lines.find((line) => line.startsWith("hint: "))?.slice(6) ?? null;
                const told = lines.filter((line) => !line.startsWith("hint: ")).join("; ");
                this.#end(`\`psup rpc\` ${how}${told && `: ${told}`}`, hint, refuse);
                resolve();
            });
        });
    }
    get pid() {
        return this.#child.pid;
    }
    get isUp() {
        return !this.isDead && this.#child.exitCode === null && this.#child.signalCode === null;
    }
    begin(call, params) {
        call.connection = this;
        this.open.set(call.number, call);
        this.#hold();
        this.#send({ id: call.number, method: call.method, params });
    }
    /** Tells psup that the answer is not wanted any more. */
    cancel(call) {
        if (this.isUp)
            this.#send({ id: this.#next(), method: "cancel", params: { id: call.number } });
    }
    kill() {
        this.#child.kill("SIGKILL");
    }
    async close() {
        for (const call of this.open.values())
            call.cancel();
        this.#child.ref();
        this.#child.stdin.end();
        const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
        await this.#closed;
        clearTimeout(timer);
    }
    /** A child with nothing to do does not keep this program from its end. */
    #hold() {
        const { stdin, stdout, stderr } = this.#child;
        for (const each of [this.#child, stdin, stdout, stderr]) {
            if (this.open.size > 0)
                each.ref?.();
            else
                each.unref?.();
        }
    }
    #send(line) {
        this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    }
    #data(data, greet, refuse) {
        const lines = this.#decoder.decode(data, { stream: true }).split("\n");
        // A long line comes in many parts: they are joined once.
        this.#parts.push(lines[0] ?? "");
        if (lines.length === 1)
            return;
        const last = lines.pop() ?? "";
        lines[0] = this.#parts.join("");
        this.#parts = [last];
        for (const line of lines)
            this.#line(line, greet, refuse);
    }
    #line(line, greet, refuse) {
        let told;
        try {
            told = JSON.parse(line);
        }
        catch {
            return;
        }
        if (told.rpc !== undefined && told.id === undefined) {
            this.methods = told.methods ?? [];
            this.build = told.psup ?? "";
            if (told.rpc === VERSION)
                return greet();
            const what = `psup ${this.build} speaks version ${told.rpc} of rpc, this client ${VERSION}`;
            return refuse(new VersionMismatch("version-mismatch", what, "`npm update psup`"));
        }
        const call = this.open.get(told.id);
        if (!call)
            return;
        if (told.end) {
            this.open.delete(told.id);
            this.#hold();
            const exit = told.exit ?? null;
            call.finish({ exit, error: told.error ? errorOf(told.error, exit) : null });
        }
        else if ("item" in told) {
            call.add(told.item, line.length);
        }
    }
    #end(message, hint, refuse) {
        if (this.isDead)
            return;
        this.isDead = true;
        refuse(new Unreachable("unreachable", message, hint));
        for (const call of this.open.values()) {
            call.finish({ exit: null, error: new ConnectionLost("unreachable", message, hint) });
        }
        this.open.clear();
    }
}
/** Requests to one psup, by one child at a time. */
export class Transport {
    argv;
    env;
    isClosed = false;
    #connection;
    #current;
    #numbers = 0;
    constructor(argv, env) {
        this.argv = argv;
        this.env = env;
    }
    get current() {
        return this.#current;
    }
    /** Starts the child, if none runs, and hears its first line. */
    async connect() {
        if (this.isClosed)
            throw new ConnectionLost("unreachable", "this client is closed", "`connect()` makes another");
        if (!this.#connection || (this.#current && !this.#current.isUp)) {
            this.#current = undefined;
            this.#connection = this.#start();
        }
        return this.#connection;
    }
    async request(method, params, limit = Infinity) {
        const connection = await this.connect();
        const call = new Call(++this.#numbers, method, limit);
        connection.begin(call, params);
        return call;
    }
    /** Cancels what is open, and ends the child. Sessions go on. */
    async close() {
        this.isClosed = true;
        const connection = await this.#connection?.catch(() => undefined);
        await connection?.close();
    }
    async #start() {
        const connection = new Connection(this.argv, this.env, () => ++this.#numbers);
        let timer;
        const late = new Promise((_, reject) => {
            const error = new Unreachable("unreachable", `psup does not answer within ${HELLO_TIME / 1000} s`);
            timer = setTimeout(() => reject(error), HELLO_TIME);
        });
        try {
            await Promise.race([connection.hello, late]);
        }
        catch (error) {
            this.#connection = undefined;
            connection.kill();
            throw error;
        }
        finally {
            clearTimeout(timer);
        }
        this.#current = connection;
        return connection;
    }
}
