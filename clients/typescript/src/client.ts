// The client: every method of `psup rpc`, over one child process.

import { findBinary } from "./binary.js";
import { ConnectionLost, NoSuchSession, TimedOut } from "./errors.js";
import type * as options from "./generated.js";
import type * as types from "./types.js";
import { nameOf, Session } from "./session.js";
import { Events, ExecOutput, Pieces, Stream } from "./stream.js";
import { Transport, type Call } from "./transport.js";
import { execResultOf, inputOf, parameters, type ExecResult, type Input, type Words } from "./values.js";

export type Json = Record<string, any>;
export type Targets = string | readonly string[];
/** Every method takes a signal that ends its request: what was typed or started before stays so. */
export interface Abort {
  abort?: AbortSignal;
}

export interface ConnectOptions {
  /** The psup binary; else `PSUP_BIN`, the package of this platform, or the `PATH`. */
  binary?: string;
  /** A target of psup: another machine, a container. */
  on?: string;
  /** Where socket and state of the supervisor are. */
  dir?: string;
  profile?: string;
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
}

/** All that one request has answered. */
export interface Answer {
  items: Json[];
  /** The exit code of the verb. */
  exit: number | null;
}

// Methods that only ask, or come to the same when they are asked twice: what a lost connection leaves open
// of them is asked again.
const REPEATABLE = new Set(
  "has list info capture read wait status logs events targets hook.list service.status ensure stop".split(" "),
);

/** One `psup rpc`, which is started with the first request. */
export class Client {
  #transport: Transport;

  constructor(given: ConnectOptions = {}) {
    const argv = [findBinary(given.binary)];
    for (const name of ["on", "dir", "profile"] as const) {
      if (given[name] !== undefined) argv.push(`--${name}=${given[name]}`);
    }
    this.#transport = new Transport([...argv, "rpc"], given.env);
  }

  // The connection

  /** Starts `psup rpc`, if it does not run, and hears its first line. */
  async start(): Promise<this> {
    await this.#transport.connect();
    return this;
  }

  /** Cancels what is open, and ends `psup rpc`. Sessions go on. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  /** What this psup can do; empty before the first request. */
  get methods(): readonly string[] {
    return this.#transport.current?.methods ?? [];
  }

  /** The build of psup; empty before the first request. */
  get version(): string {
    return this.#transport.current?.build ?? "";
  }

  /** The process id of `psup rpc`, if it was started. */
  get pid(): number | undefined {
    return this.#transport.current?.pid;
  }

  /** Requests that have no end yet. */
  get openRequests(): number {
    return this.#transport.current?.open.size ?? 0;
  }

  /** Asks any method with parameters as `psup rpc --schema` has them, and collects the answer. */
  async request(method: string, params: object = {}, abort?: AbortSignal): Promise<Answer> {
    for (let tries = REPEATABLE.has(method) ? 2 : 1; ; ) {
      tries--;
      try {
        return await answerOf(await this.begin(method, params), abort);
      } catch (error) {
        if (!(error instanceof ConnectionLost) || tries === 0 || this.#transport.isClosed) throw error;
      }
    }
  }

  /** As `request`, but the items come one by one. */
  stream(method: string, params: object = {}, abort?: AbortSignal): Stream<Json> {
    return new Stream(this, method, { ...params }, abort);
  }

  /** Begins a request; what streams are made of. */
  begin(method: string, params: object, limit?: number): Promise<Call> {
    return this.#transport.request(method, params, limit);
  }

  // Sessions

  /** Starts a session; without a name it is given one. */
  async spawn(name?: string, command?: Words, opts: options.SpawnOptions & Abort = {}): Promise<Session> {
    return this.#session("spawn", name ?? nameOf(command), command, opts);
  }

  /** Has a session running, whether or not it runs already. */
  async ensure(name: string, command?: Words, opts: options.EnsureOptions & Abort = {}): Promise<Session> {
    return this.#session("ensure", name, command, opts);
  }

  /** Starts a session, and stops it when the function has ended, however it ends. */
  async withSession<T>(
    name: string | undefined,
    command: Words | undefined,
    use: (session: Session) => Promise<T>,
    opts: options.SpawnOptions & Abort = {},
  ): Promise<T> {
    const session = await this.spawn(name, command, opts);
    try {
      return await use(session);
    } finally {
      await session.end();
    }
  }

  /** A session that runs already, or has ended. What it writes from now on is to be expected. */
  async session(target: string): Promise<Session> {
    const info = await this.info(target);
    return new Session(this, info["name"], info["id"], info["offset"]);
  }

  /** Whether a session lives. */
  async has(target: string, opts: options.HasOptions & Abort = {}): Promise<boolean> {
    try {
      return (await this.#items<types.Has>("has", { target, ...opts })).some((item) => item.live);
    } catch (error) {
      if (error instanceof NoSuchSession) return false;
      throw error;
    }
  }

  /** Sessions; with `all` also those that have ended. */
  list(opts: options.ListOptions & Abort = {}): Promise<types.Session[]> {
    return this.#items("list", opts);
  }

  /** All there is to know about a session. */
  info(target: string, opts: options.InfoOptions & Abort = {}): Promise<types.Info> {
    return this.#item("info", { target, ...opts });
  }

  /** Stops sessions with all their processes. */
  stop(targets: Targets = [], opts: options.StopOptions & Abort = {}): Promise<types.Stopped[]> {
    return this.#items("stop", { targets: several(targets), ...opts });
  }

  /** Sends one signal to the program of a session. */
  async signal(target: string, signal: string | number, opts: options.SignalOptions & Abort = {}): Promise<void> {
    await this.#items("signal", { target, signal, ...opts });
  }

  /** Begins a new life of a session from the same spec. */
  restart(target: string, opts: options.RestartOptions & Abort = {}): Promise<types.Spawned> {
    return this.#item("restart", { target, ...opts });
  }

  /** Gives a session another name. */
  async rename(target: string, name: string, opts: options.RenameOptions & Abort = {}): Promise<void> {
    await this.#items("rename", { target, name, ...opts });
  }

  /** Changes the size of a session's terminal: `80x24`. */
  async resize(target: string, size: string, opts: options.ResizeOptions & Abort = {}): Promise<void> {
    await this.#items("resize", { target, size, ...opts });
  }

  /** Drops ended sessions with their logs. */
  forget(targets: Targets = [], opts: options.ForgetOptions & Abort = {}): Promise<types.Forgotten[]> {
    return this.#items("forget", { targets: several(targets), ...opts });
  }

  // Talk

  /** Types text as it is, then keys, then Enter; tells the offset before the input. */
  async send(target: string, input?: Input, opts: options.SendOptions & Abort = {}): Promise<types.Sent> {
    const params = parameters("send", { target, ...opts });
    inputOf(params, input);
    return (await this.request("send", params, opts.abort)).items.pop() as unknown as types.Sent;
  }

  /**
   * Waits until something is true of a session: `text`, `prompt`, `idle`, `exit` …
   * `TimedOut`, `Ended` and `FailMatched` say that it is not, and have the answer in `items`.
   */
  wait(targets: Targets, opts: options.WaitOptions & Abort = {}): Promise<types.Waited> {
    return this.#item("wait", { targets: several(targets), ...opts });
  }

  /** Has a person type something into a session, and tells who did, and up to which offset. */
  async ask(target: string, why: string, opts: options.AskOptions & Abort = {}): Promise<types.Asked> {
    return this.#item("ask", { target, why, ...opts });
  }

  /**
   * Runs one command in the live shell of a session. One text is taken as it would be typed; of several
   * words each is quoted. `TimedOut` leaves the command running, and has the result in `items`.
   */
  async exec(
    target: string,
    command: Words,
    opts: options.ExecOptions & { stdin?: string } & Abort = {},
  ): Promise<ExecResult> {
    const params = parameters("exec", { target, command: several(command), ...opts });
    const result = execResultOf((await this.request("exec", params, opts.abort)).items.pop(), []);
    if (result.ran !== "running") return result;
    const hint = `\`psup wait ${target} --prompt\` waits for its end`;
    const error = new TimedOut("timed-out", "timed out; the command runs on", hint, 124);
    error.items = [result];
    throw error;
  }

  /** As `exec`, but the output comes as the command writes it; then `result` is there. */
  execStream(
    target: string,
    command: Words,
    opts: options.ExecOptions & { stdin?: string } & Abort = {},
  ): ExecOutput {
    const params = parameters("exec", { target, command: several(command), pieces: true, ...opts });
    return new ExecOutput(this, "exec", params, opts.abort);
  }

  /** The screen of a session as a person would see it; with `changed_since` it is `types.ChangedRows`. */
  capture(target: string, opts: options.CaptureOptions & Abort = {}): Promise<types.Capture> {
    return this.#item("capture", { target, ...opts });
  }

  /** What a session has written, piece by piece; with `follow` until it has ended. */
  read(target: string, opts: options.ReadOptions & Abort = {}): Pieces {
    return new Pieces(this, "read", parameters("read", { target, ...opts }), opts.abort);
  }

  /** What happens to sessions from now on, or from the number `since`. */
  events(targets: Targets = [], opts: options.EventsOptions & Abort = {}): Events<types.Event> {
    const params = parameters("events", { targets: several(targets), ...opts });
    return new Events(this, "events", params, opts.abort);
  }

  /** Writes what a session has printed as a file. */
  async export(source: string, opts: options.ExportOptions & Abort = {}): Promise<unknown[]> {
    return this.#items("export", { source, ...opts });
  }

  // Hooks

  /** Adds a hook: `words` are NAME EVENT [REGEX]. */
  hookAdd(words: Words, command: Words, opts: options.HookAddOptions & Abort = {}): Promise<types.Hook> {
    return this.#item("hook.add", { words: several(words), command: several(command), ...opts });
  }

  /** Hooks, and how their deliveries went. */
  hookList(opts: options.HookListOptions & Abort = {}): Promise<types.Hook[]> {
    return this.#items("hook.list", opts);
  }

  /** Removes hooks, and what they have not delivered. */
  hookRemove(words: Words = [], opts: options.HookRemoveOptions & Abort = {}): Promise<types.Hook[]> {
    return this.#items("hook.remove", { words: several(words), ...opts });
  }

  // Care

  /** How the supervisor is, and which kills it outlives. */
  status(opts: options.StatusOptions & Abort = {}): Promise<types.Status> {
    return this.#item("status", opts);
  }

  /** Looks for what is wrong, and tells how to mend it. */
  doctor(opts: options.DoctorOptions & Abort = {}): Promise<types.Check[]> {
    return this.#items("doctor", opts);
  }

  /** The supervisor's own log, line by line. */
  logs(opts: options.LogsOptions & Abort = {}): Stream<Json> {
    return new Stream(this, "logs", parameters("logs", opts), opts.abort);
  }

  /** The targets of `on`. */
  targets(opts: options.TargetsOptions & Abort = {}): Promise<types.Target[]> {
    return this.#items("targets", opts);
  }

  /** Replaces the running supervisor by another build. */
  upgrade(opts: options.UpgradeOptions & Abort = {}): Promise<types.Upgraded> {
    return this.#item("upgrade", opts);
  }

  /** Puts this psup on a target. */
  install(opts: options.InstallOptions & Abort = {}): Promise<types.Installed> {
    return this.#item("install", opts);
  }

  /** Stops the supervisor; with `force` also sessions that run. */
  shutdown(opts: options.ShutdownOptions & Abort = {}): Promise<types.Stopped[]> {
    return this.#items("shutdown", opts);
  }

  /** An action of the service. */
  service(
    action: "install" | "uninstall" | "start" | "stop" | "restart" | "status",
    opts: options.ServiceStopOptions & Abort = {},
  ): Promise<types.Service> {
    return this.#item(`service.${action}`, opts);
  }

  /** An action of the skill for agents. */
  skill(action: "install" | "uninstall", opts: options.SkillInstallOptions & Abort = {}): Promise<types.Skill[]> {
    return this.#items(`skill.${action}`, opts);
  }

  async #session(method: string, name: string, command: Words | undefined, opts: Abort): Promise<Session> {
    const words = command === undefined ? {} : { command: several(command) };
    const item = await this.#item<types.Spawned>(method, { name, ...words, ...opts });
    // One that ran before has written before.
    return new Session(this, item["name"], item["id"], item["done"] === "unchanged" ? item["offset"] : 0);
  }

  async #items<T>(method: string, given: object): Promise<T[]> {
    const { abort } = given as Abort;
    return (await this.request(method, parameters(method, given), abort)).items as T[];
  }

  async #item<T>(method: string, given: object): Promise<T> {
    return (await this.#items<T>(method, given)).pop() ?? ({} as T);
  }
}

/** A client whose `psup rpc` runs. Without a request that is open it does not keep a program from its end. */
export function connect(given: ConnectOptions = {}): Promise<Client> {
  return new Client(given).start();
}

async function answerOf(call: Call, abort: AbortSignal | undefined): Promise<Answer> {
  const items: Json[] = [];
  for (;;) {
    const taken = call.take();
    if (!taken) {
      await call.arrival(undefined, abort);
      if (abort?.aborted) {
        call.cancel();
        abort.throwIfAborted();
      }
    } else if (!taken.end) {
      items.push(taken.item as Json);
    } else if (taken.end.error) {
      taken.end.error.items = items;
      throw taken.end.error;
    } else {
      return { items, exit: taken.end.exit };
    }
  }
}

function several(words: Words): string[] {
  return typeof words === "string" ? [words] : [...words];
}
