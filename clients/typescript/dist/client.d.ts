import type * as options from "./generated.js";
import type * as types from "./types.js";
import { Session } from "./session.js";
import { Events, ExecOutput, Pieces, Stream } from "./stream.js";
import { type Call } from "./transport.js";
import { type ExecResult, type Input, type Words } from "./values.js";
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
/** One `psup rpc`, which is started with the first request. */
export declare class Client {
    #private;
    constructor(given?: ConnectOptions);
    /** Starts `psup rpc`, if it does not run, and hears its first line. */
    start(): Promise<this>;
    /** Cancels what is open, and ends `psup rpc`. Sessions go on. */
    close(): Promise<void>;
    /** What this psup can do; empty before the first request. */
    get methods(): readonly string[];
    /** The build of psup; empty before the first request. */
    get version(): string;
    /** The process id of `psup rpc`, if it was started. */
    get pid(): number | undefined;
    /** Requests that have no end yet. */
    get openRequests(): number;
    /** Asks any method with parameters as `psup rpc --schema` has them, and collects the answer. */
    request(method: string, params?: object, abort?: AbortSignal): Promise<Answer>;
    /** As `request`, but the items come one by one. */
    stream(method: string, params?: object, abort?: AbortSignal): Stream<Json>;
    /** Begins a request; what streams are made of. */
    begin(method: string, params: object, limit?: number): Promise<Call>;
    /** Starts a session; without a name it is given one. */
    spawn(name?: string, command?: Words, opts?: options.SpawnOptions & Abort): Promise<Session>;
    /** Has a session running, whether or not it runs already. */
    ensure(name: string, command?: Words, opts?: options.EnsureOptions & Abort): Promise<Session>;
    /** Starts a session, and stops it when the function has ended, however it ends. */
    withSession<T>(name: string | undefined, command: Words | undefined, use: (session: Session) => Promise<T>, opts?: options.SpawnOptions & Abort): Promise<T>;
    /** A session that runs already, or has ended. What it writes from now on is to be expected. */
    session(target: string): Promise<Session>;
    /** Whether a session lives. */
    has(target: string, opts?: options.HasOptions & Abort): Promise<boolean>;
    /** Sessions; with `all` also those that have ended. */
    list(opts?: options.ListOptions & Abort): Promise<types.Session[]>;
    /** All there is to know about a session. */
    info(target: string, opts?: options.InfoOptions & Abort): Promise<types.Info>;
    /** Stops sessions with all their processes. */
    stop(targets?: Targets, opts?: options.StopOptions & Abort): Promise<types.Stopped[]>;
    /** Sends one signal to the program of a session. */
    signal(target: string, signal: string | number, opts?: options.SignalOptions & Abort): Promise<void>;
    /** Begins a new life of a session from the same spec. */
    restart(target: string, opts?: options.RestartOptions & Abort): Promise<types.Spawned>;
    /** Gives a session another name. */
    rename(target: string, name: string, opts?: options.RenameOptions & Abort): Promise<void>;
    /** Changes the size of a session's terminal: `80x24`. */
    resize(target: string, size: string, opts?: options.ResizeOptions & Abort): Promise<void>;
    /** Drops ended sessions with their logs. */
    forget(targets?: Targets, opts?: options.ForgetOptions & Abort): Promise<types.Forgotten[]>;
    /** Types text as it is, then keys, then Enter; tells the offset before the input. */
    send(target: string, input?: Input, opts?: options.SendOptions & Abort): Promise<types.Sent>;
    /**
     * Waits until something is true of a session: `text`, `prompt`, `idle`, `exit` …
     * `TimedOut`, `Ended` and `FailMatched` say that it is not, and have the answer in `items`.
     */
    wait(targets: Targets, opts?: options.WaitOptions & Abort): Promise<types.Waited>;
    /** Has a person type something into a session, and tells who did, and up to which offset. */
    ask(target: string, why: string, opts?: options.AskOptions & Abort): Promise<types.Asked>;
    /**
     * Runs one command in the live shell of a session. One text is taken as it would be typed; of several
     * words each is quoted. `TimedOut` leaves the command running, and has the result in `items`.
     */
    exec(target: string, command: Words, opts?: options.ExecOptions & {
        stdin?: string;
    } & Abort): Promise<ExecResult>;
    /** As `exec`, but the output comes as the command writes it; then `result` is there. */
    execStream(target: string, command: Words, opts?: options.ExecOptions & {
        stdin?: string;
    } & Abort): ExecOutput;
    /** The screen of a session as a person would see it; with `changed_since` it is `types.ChangedRows`. */
    capture(target: string, opts?: options.CaptureOptions & Abort): Promise<types.Capture>;
    /** What a session has written, piece by piece; with `follow` until it has ended. */
    read(target: string, opts?: options.ReadOptions & Abort): Pieces;
    /** What happens to sessions from now on, or from the number `since`. */
    events(targets?: Targets, opts?: options.EventsOptions & Abort): Events<types.Event>;
    /** Writes what a session has printed as a file. */
    export(source: string, opts?: options.ExportOptions & Abort): Promise<unknown[]>;
    /** Adds a hook: `words` are NAME EVENT [REGEX]. */
    hookAdd(words: Words, command: Words, opts?: options.HookAddOptions & Abort): Promise<types.Hook>;
    /** Hooks, and how their deliveries went. */
    hookList(opts?: options.HookListOptions & Abort): Promise<types.Hook[]>;
    /** Removes hooks, and what they have not delivered. */
    hookRemove(words?: Words, opts?: options.HookRemoveOptions & Abort): Promise<types.Hook[]>;
    /** How the supervisor is, and which kills it outlives. */
    status(opts?: options.StatusOptions & Abort): Promise<types.Status>;
    /** Looks for what is wrong, and tells how to mend it. */
    doctor(opts?: options.DoctorOptions & Abort): Promise<types.Check[]>;
    /** The supervisor's own log, line by line. */
    logs(opts?: options.LogsOptions & Abort): Stream<Json>;
    /** The targets of `on`. */
    targets(opts?: options.TargetsOptions & Abort): Promise<types.Target[]>;
    /** Replaces the running supervisor by another build. */
    upgrade(opts?: options.UpgradeOptions & Abort): Promise<types.Upgraded>;
    /** Puts this psup on a target. */
    install(opts?: options.InstallOptions & Abort): Promise<types.Installed>;
    /** Stops the supervisor; with `force` also sessions that run. */
    shutdown(opts?: options.ShutdownOptions & Abort): Promise<types.Stopped[]>;
    /** An action of the service. */
    service(action: "install" | "uninstall" | "start" | "stop" | "restart" | "status", opts?: options.ServiceStopOptions & Abort): Promise<types.Service>;
    /** An action of the skill for agents. */
    skill(action: "install" | "uninstall", opts?: options.SkillInstallOptions & Abort): Promise<types.Skill[]>;
}
/** A client whose `psup rpc` runs. Without a request that is open it does not keep a program from its end. */
export declare function connect(given?: ConnectOptions): Promise<Client>;
