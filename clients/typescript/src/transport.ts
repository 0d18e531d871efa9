// `psup rpc` as a child process: lines out, lines in.
//
// A `Call` is one open request. What has arrived lies in it until its asker takes it; a stream that
// nobody reads is cancelled at a limit, for its asker can ask again from an offset. When the child
// ends, every open call ends with `ConnectionLost`, and the next request starts another child.

import { spawn, type ChildProcess } from "node:child_process";
import { Cancelled, ConnectionLost, errorOf, Unreachable, VersionMismatch, type PsupError } from "./errors.js";

const VERSION = 1;
/** Characters of items that wait in a stream for a reader. */
export const STREAM_LIMIT = 8 << 20;
/** Milliseconds in which psup has to say its first line, also from another machine. */
const HELLO_TIME = 30_000;

export interface End {
  exit: number | null;
  error: PsupError | null;
}

/** One request: its items, and its end. */
export class Call {
  /** True where items were dropped since nobody took them. */
  isCut = false;
  connection: Connection | undefined;
  #items: { item: unknown; size: number }[] = [];
  #waiting = 0;
  #end: End | undefined;
  #wake: (() => void) | undefined;

  constructor(
    readonly number: number,
    readonly method: string,
    readonly limit: number,
  ) {}

  /** An item, or the end; `undefined` if neither is there yet. */
  take(): { item: unknown; end?: undefined } | { end: End } | undefined {
    const first = this.#items.shift();
    if (first) {
      this.#waiting -= first.size;
      return { item: first.item };
    }
    return this.#end && { end: this.#end };
  }

  /** Whether there is something to take, after at most so many milliseconds. */
  async arrival(timeout: number | undefined, abort?: AbortSignal): Promise<boolean> {
    if (this.#isReady()) return true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let aborted: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (timeout !== undefined) timer = setTimeout(resolve, timeout);
      aborted = resolve;
      abort?.addEventListener("abort", aborted);
      if (abort?.aborted) resolve();
    });
    clearTimeout(timer);
    if (aborted) abort?.removeEventListener("abort", aborted);
    this.#wake = undefined;
    return this.#isReady();
  }

  /** Ends the request, if it is open. What was typed or started before stays so. */
  cancel(): void {
    const error = new Cancelled("cancelled", `the ${this.method} was cancelled`);
    if (this.finish({ exit: null, error })) this.connection?.cancel(this);
  }

  add(item: unknown, size: number): void {
    if (this.#end) return;
    this.#items.push({ item, size });
    this.#waiting += size;
    if (this.#waiting > this.limit) {
      this.isCut = true;
      this.cancel();
    } else {
      this.#wake?.();
    }
  }

  finish(end: End): boolean {
    if (this.#end) return false;
    this.#end = end;
    this.#wake?.();
    return true;
  }

  #isReady(): boolean {
    return this.#items.length > 0 || this.#end !== undefined;
  }
}

/** One child. */
export class Connection {
  readonly open = new Map<number, Call>();
  isDead = false;
  methods: readonly string[] = [];
  build = "";
  #child: ChildProcess;
  #decoder = new TextDecoder();
  #parts: string[] = [];
  #said = "";
  #closed: Promise<void>;
  #next: () => number;
  readonly hello: Promise<void>;

  constructor(argv: readonly string[], env: Readonly<Record<string, string>> | undefined, next: () => number) {
    const [program, ...words] = argv as [string, ...string[]];
    this.#next = next;
    // In a session of its own: Ctrl-C is for this program, which decides what to cancel.
    this.#child = spawn(program, words, {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: env ? { ...process.env, ...env } : process.env,
    });
    const child = this.#child;
    child.stdin.on("error", () => {});
    child.stderr.on("data", (data) => {
      this.#said = (this.#said + new TextDecoder().decode(data)).slice(-4096);
    });
    let greet: () => void = () => {};
    let refuse: (error: Error) => void = () => {};
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

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isUp(): boolean {
    return !this.isDead && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  begin(call: Call, params: object): void {
    call.connection = this;
    this.open.set(call.number, call);
    this.#hold();
    this.#send({ id: call.number, method: call.method, params });
  }

  /** Tells psup that the answer is not wanted any more. */
  cancel(call: Call): void {
    if (this.isUp) this.#send({ id: this.#next(), method: "cancel", params: { id: call.number } });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    for (const call of this.open.values()) call.cancel();
    this.#child.ref();
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#closed;
    clearTimeout(timer);
  }

  /** A child with nothing to do does not keep this program from its end. */
  #hold(): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const each of [this.#child, stdin, stdout, stderr]) {
      if (this.open.size > 0) each.ref?.();
      else each.unref?.();
    }
  }

  #send(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  #data(data: Uint8Array, greet: () => void, refuse: (error: Error) => void): void {
    const lines = this.#decoder.decode(data, { stream: true }).split("\n");
    // A long line comes in many parts: they are joined once.
    this.#parts.push(lines[0] ?? "");
    if (lines.length === 1) return;
    const last = lines.pop() ?? "";
    lines[0] = this.#parts.join("");
    this.#parts = [last];
    for (const line of lines) this.#line(line, greet, refuse);
  }

  #line(line: string, greet: () => void, refuse: (error: Error) => void): void {
    let told;
    try {
      told = JSON.parse(line);
    } catch {
      return;
    }
    if (told.rpc !== undefined && told.id === undefined) {
      this.methods = told.methods ?? [];
      this.build = told.psup ?? "";
      if (told.rpc === VERSION) return greet();
      const what = `psup ${this.build} speaks version ${told.rpc} of rpc, this client ${VERSION}`;
      return refuse(new VersionMismatch("version-mismatch", what, "`npm update psup`"));
    }
    const call = this.open.get(told.id);
    if (!call) return;
    if (told.end) {
      this.open.delete(told.id);
      this.#hold();
      const exit = told.exit ?? null;
      call.finish({ exit, error: told.error ? errorOf(told.error, exit) : null });
    } else if ("item" in told) {
      call.add(told.item, line.length);
    }
  }

  #end(message: string, hint: string | null, refuse: (error: Error) => void): void {
    if (this.isDead) return;
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
  isClosed = false;
  #connection: Promise<Connection> | undefined;
  #current: Connection | undefined;
  #numbers = 0;

  constructor(
    readonly argv: readonly string[],
    readonly env: Readonly<Record<string, string>> | undefined,
  ) {}

  get current(): Connection | undefined {
    return this.#current;
  }

  /** Starts the child, if none runs, and hears its first line. */
  async connect(): Promise<Connection> {
    if (this.isClosed) throw new ConnectionLost("unreachable", "this client is closed", "`connect()` makes another");
    if (!this.#connection || (this.#current && !this.#current.isUp)) {
      this.#current = undefined;
      this.#connection = this.#start();
    }
    return this.#connection;
  }

  async request(method: string, params: object, limit = Infinity): Promise<Call> {
    const connection = await this.connect();
    const call = new Call(++this.#numbers, method, limit);
    connection.begin(call, params);
    return call;
  }

  /** Cancels what is open, and ends the child. Sessions go on. */
  async close(): Promise<void> {
    this.isClosed = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  async #start(): Promise<Connection> {
    const connection = new Connection(this.argv, this.env, () => ++this.#numbers);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Unreachable("unreachable", `psup does not answer within ${HELLO_TIME / 1000} s`);
      timer = setTimeout(() => reject(error), HELLO_TIME);
    });
    try {
      await Promise.race([connection.hello, late]);
    } catch (error) {
      this.#connection = undefined;
      connection.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#current = connection;
    return connection;
  }
}
