// Output on its way to a pattern: text without control sequences that knows its offsets.
//
// Byte k of a session's journal is fed once and taken once: what overlaps with bytes that were fed
// before is dropped, and what is missing is a `Gap`.

import { Gap } from "./errors.js";

/** As a pattern: the end of the session. */
export const EOF = Symbol("EOF");
/** As a pattern: the end of the time. */
export const TIMEOUT = Symbol("TIMEOUT");

export type Pattern = string | RegExp | typeof EOF | typeof TIMEOUT;

// CSI, OSC, DCS and its like, and the short sequences. Bytes are looked at as characters of Latin-1.
const SEQUENCE =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])/y;
// The beginning of one, up to the end of what is there.
const BEGINNING = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*)$/y;
// A control sequence that is longer than this is none.
const LONGEST = 4096;

/** What was read and has not been matched yet. */
export class OutputBuffer {
  /** Behind what was taken last. */
  offset: number;
  /** The end of what was fed. */
  position: number;
  #text = "";
  #held = new Uint8Array(0);
  #runs: { at: number; offset: number; isText: boolean }[] = [];

  constructor(
    offset: number,
    readonly raw = false,
  ) {
    this.offset = offset;
    this.position = offset;
  }

  get text(): string {
    return this.#text;
  }

  /** Takes bytes of the journal. */
  feed(at: number, bytes: Uint8Array): void {
    if (at > this.position) throw new Gap("gap", `bytes ${this.position} to ${at} are not kept any more`);
    const fresh = bytes.subarray(this.position - at);
    const from = this.position - this.#held.length;
    this.position += fresh.length;
    const data = new Uint8Array(this.#held.length + fresh.length);
    data.set(this.#held);
    data.set(fresh, this.#held.length);
    this.#add(from, data, false);
  }

  /** No more is to come: what was held back is text. */
  finish(): void {
    this.#add(this.position - this.#held.length, this.#held, true);
  }

  /** Drops so much of the text. */
  take(length: number): void {
    this.offset = this.offsetOf(length);
    this.#text = this.#text.slice(length);
    const inside = this.#runs.filter((run) => run.at < length).pop();
    const runs = this.#runs.filter((run) => run.at >= length).map((run) => ({ ...run, at: run.at - length }));
    // Where no run begins there, the rest of one does.
    if (inside && this.#text !== "" && runs[0]?.at !== 0) runs.unshift({ ...inside, at: 0, offset: this.offset });
    this.#runs = runs;
  }

  /** The offset just behind so much of the text. */
  offsetOf(length: number): number {
    const run = this.#runs.filter((each) => each.at < length).pop();
    if (!run) return this.offset;
    const text = this.#text.slice(run.at, length);
    return run.offset + (run.isText ? Buffer.byteLength(text) : text.length);
  }

  #add(from: number, data: Uint8Array, isLast: boolean): void {
    this.#held = new Uint8Array(0);
    let begin = 0;
    if (!this.raw && data.includes(0x1b)) {
      const latin = Array.from({ length: Math.ceil(data.length / 8192) }, (_, at) =>
        String.fromCharCode(...data.subarray(at * 8192, (at + 1) * 8192)),
      ).join("");
      for (let escape = latin.indexOf("\x1b"); escape >= 0; escape = latin.indexOf("\x1b", begin)) {
        this.#run(from + begin, data.subarray(begin, escape));
        SEQUENCE.lastIndex = BEGINNING.lastIndex = escape;
        const sequence = SEQUENCE.exec(latin);
        if (sequence) {
          begin = escape + sequence[0].length;
        } else if (!isLast && data.length - escape < LONGEST && BEGINNING.test(latin)) {
          this.#held = data.slice(escape);
          return;
        } else {
          begin = escape + 1;
        }
      }
    }
    const end = data.length - (isLast ? 0 : unfinished(data.subarray(begin)));
    this.#held = data.slice(end);
    this.#run(from + begin, data.subarray(begin, end));
  }

  #run(offset: number, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const length = validLength(bytes, at);
      // Each byte that is not of UTF-8 is a character of its own, so that offsets stay true.
      const text = length > 0 ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at, at + length)) : "\ufffd";
      this.#runs.push({ at: this.#text.length, offset: offset + at, isText: length > 0 });
      this.#text += text;
      at += Math.max(1, length);
    }
  }
}

/** How many bytes from there on are whole characters of UTF-8. */
function validLength(bytes: Uint8Array, from: number): number {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(from));
    return bytes.length - from;
  } catch {
    let at = from;
    for (;;) {
      const length = characterLength(bytes, at);
      if (length === 0) return at - from;
      at += length;
    }
  }
}

/** The length of the character there; 0 if there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === undefined) return 0;
  const length = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0;
  if (length < 2) return length;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(at, at + length));
    return at + length <= bytes.length ? length : 0;
  } catch {
    return 0;
  }
}

/** So many bytes at the end begin a character whose rest has not come. */
function unfinished(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte >> 6 === 2) continue;
    const wanted = byte >> 5 === 6 ? 2 : byte >> 4 === 14 ? 3 : byte >> 3 === 30 ? 4 : 1;
    return wanted > length ? length : 0;
  }
  return 0;
}

export interface Found {
  index: number;
  begin: number;
  end: number;
  match: RegExpExecArray;
}

/** The pattern whose match begins first. Text is a regular expression in which `.` matches newlines. */
export function search(patterns: readonly Pattern[], text: string, isExact: boolean): Found | undefined {
  let best: Found | undefined;
  for (const [index, pattern] of patterns.entries()) {
    if (typeof pattern === "symbol") continue;
    const match = compiled(pattern, isExact).exec(text);
    if (match && (!best || match.index < best.begin)) {
      best = { index, begin: match.index, end: match.index + match[0].length, match };
    }
  }
  if (best && isHalf(text, best.end)) best.end++;
  return best;
}

function compiled(pattern: string | RegExp, isExact: boolean): RegExp {
  if (typeof pattern !== "string") return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return isExact ? new RegExp(pattern.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")) : new RegExp(pattern, "s");
}

/** Whether a cut there would divide a character of two units. */
function isHalf(text: string, at: number): boolean {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before >> 10 === 0x36 && after >> 10 === 0x37;
}
