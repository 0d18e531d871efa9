// Answers that go on: an async iterator each, which takes a lost connection up where it was.

import type { Client } from "./client.js";
import { ConnectionLost, TimedOut } from "./errors.js";
import { STREAM_LIMIT, type Call } from "./transport.js";
import { bytesOf, concat, execResultOf, pieceOf, type ExecResult, type Piece } from "./values.js";

/** So often in a row a connection may be lost before anything has come over it. */
const LOSSES = 3;

/** Items of one request, as they come. `close`, or leaving the loop, ends it. */
export class Stream<T> implements AsyncIterableIterator<T> {
  exit: number | null = null;
  #call: Call | undefined;
  #losses = 0;
  #isOver = false;

  constructor(
    readonly client: Client,
    readonly method: string,
    protected readonly params: Record<string, unknown>,
    readonly abort?: AbortSignal | undefined,
  ) {}

  /** The next item; `undefined` at the end. Throws `TimedOut` when there is none in so many milliseconds. */
  async nextItem(timeout?: number): Promise<T | undefined> {
    const deadline = timeout === undefined ? undefined : performance.now() + timeout;
    while (!this.#isOver) {
      this.#call ??= await this.client.begin(this.method, this.params, this.canResume() ? STREAM_LIMIT : Infinity);
      const call = this.#call;
      const taken = call.take();
      if (!taken) {
        const left = deadline === undefined ? undefined : Math.max(0, deadline - performance.now());
        const arrived = await call.arrival(left, this.abort);
        if (this.abort?.aborted) this.close();
        else if (!arrived) throw new TimedOut("timed-out", `nothing came within ${timeout} ms`);
        continue;
      }
      if (!taken.end) {
        this.#losses = 0;
        return this.itemOf(taken.item);
      }
      if (this.#isOver) break;
      const { error, exit } = taken.end;
      const isLost = error instanceof ConnectionLost;
      if (isLost) this.#losses++;
      if (this.canResume() && (call.isCut || (isLost && this.#losses <= LOSSES))) {
        this.#call = undefined;
        continue;
      }
      this.#isOver = true;
      this.exit = exit;
      if (error) throw error;
    }
    this.abort?.throwIfAborted();
    return undefined;
  }

  /** Ends the request; an iteration that goes on ends, too. */
  close(): void {
    this.#isOver = true;
    this.#call?.cancel();
  }

  async next(): Promise<IteratorResult<T>> {
    const item = await this.nextItem();
    return item === undefined ? { done: true, value: undefined } : { done: false, value: item };
  }

  async return(): Promise<IteratorResult<T>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  protected itemOf(item: unknown): T {
    return item as T;
  }

  /** Whether the request can be asked again for what comes next. */
  protected canResume(): boolean {
    return false;
  }
}

/** Events, each once: every one has its number. */
export class Events<E extends { seq: number }> extends Stream<E> {
  protected override itemOf(item: unknown): E {
    const event = item as E;
    this.params["since"] = event.seq + 1;
    return event;
  }

  protected override canResume(): boolean {
    return "since" in this.params;
  }
}

/** What a session has written, each byte once: every piece has its offset. */
export class Pieces extends Stream<Piece> {
  protected override itemOf(item: unknown): Piece {
    const piece = pieceOf(item);
    if (piece.end !== null) this.params["since"] = piece.end;
    return piece;
  }

  protected override canResume(): boolean {
    return !["text", "grep", "tail", "budget", "context"].some((name) => this.params[name]);
  }

  /** All of it, as text. */
  async text(): Promise<string> {
    const parts: Uint8Array[] = [];
    for await (const piece of this) parts.push(piece.bytes);
    return new TextDecoder().decode(concat(parts));
  }
}

/** The output of a command as it comes; then `result` tells how the command ended. */
export class ExecOutput extends Stream<Uint8Array> {
  #ended: object | undefined;

  /** How the command ended; `undefined` before it has. The output is what the iteration gave. */
  get result(): ExecResult | undefined {
    return this.#ended && execResultOf({ ...this.#ended, text: null, base64: null }, []);
  }

  /** Reads the output to its end. */
  async collect(): Promise<ExecResult> {
    const parts: Uint8Array[] = [];
    for await (const bytes of this) parts.push(bytes);
    return execResultOf({ ...this.#ended, text: null, base64: null }, parts);
  }

  protected override itemOf(item: unknown): Uint8Array {
    if ("ran" in (item as object)) this.#ended = item as object;
    return bytesOf(item as { text?: string });
  }
}
