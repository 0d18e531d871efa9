/** Milliseconds, or text with a unit: `30s`, `5m`. */
export type Duration = number | string;
/** A place in the journal: an offset, so long ago (`10m`), a moment, or `now`. */
export type Since = number | string | Date;
/** Names of parameters whose numbers are milliseconds. */
export declare const DURATIONS: ReadonlySet<string>;
/** The closed list of error codes. */
export type Code = "bad-pattern" | "busy" | "cannot-start" | "ended" | "fail-matched" | "gap" | "gone" | "internal" | "keyboard-taken" | "limit" | "line-too-long" | "maybe-delivered" | "name-taken" | "no" | "no-such-session" | "not-running" | "retry" | "secret-wanted" | "spec-differs" | "still-running" | "system" | "timed-out" | "unreachable" | "unsupported" | "usage" | "version-mismatch";
/** What each method takes. */
export declare const PARAMETERS: Readonly<Record<string, readonly string[]>>;
/** Ask a person to type something into a session. */
export interface AskOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** It is a password or another secret */
    secret?: boolean;
    /** Give up after this time */
    timeout?: Duration;
}
/** Parameters of `cancel`.. */
export interface CancelOptions {
    /** The open request that is to end. */
    id?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
}
/** Print the screen of a session as a person would see it. */
export interface CaptureOptions {
    /** All of the scrollback and the screen */
    all?: boolean;
    /** The screen as it was at this offset, a duration ago (10m), or at a time */
    at?: Since;
    /** At most this many characters: the newest lines that fit, and a note of what is left out */
    budget?: string | number;
    /** Only the rows that differ from the screen at this offset or time */
    changed_since?: Since;
    /** Plain text, coloured text, an object, a document or a picture */
    format?: "text" | "ansi" | "json" | "html" | "svg" | "png";
    /** The last LINES lines of scrollback and screen together */
    last?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Rows as they are on the screen, instead of joined lines */
    rows?: boolean;
}
/** Copy sessions and all their output into one file. */
export interface CheckpointOptions {
    /** The file to write, or - for stdout */
    file?: string | number;
    /** Write all sessions to a new file in this directory, named after the profile and the time */
    into?: string | number;
    /** With --into: keep this many files of this profile and remove older ones */
    keep?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Check this file, or stdin if it is - */
    verify?: boolean;
}
/** Find problems, and how to fix them. */
export interface DoctorOptions {
    /** Show what happened to the sessions at the last restart */
    after_restart?: boolean;
    /** Repair what can be repaired safely */
    fix?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Run only this check; may be repeated */
    only?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
}
/** Start a session unless it is running already. */
export interface EnsureOptions {
    /** Start it also where a limit cannot be applied, and tell which */
    best_effort?: boolean;
    /** Pass on nothing of the current environment but HOME PATH USER LOGNAME SHELL LANG LC_ALL LC_CTYPE */
    clear_env?: boolean;
    /** Processor time in percent of one processor: 50% is half of one, 200% are two */
    cpu?: string | number;
    /** Start it in this directory instead of the current one */
    cwd?: string | number;
    /** Set a variable; takes precedence over --env-file */
    env?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Set the variables in this file: KEY=VALUE lines and # comments; quotes are allowed, nothing is expanded */
    env_file?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Add a label, for psup list --label */
    label?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Keep at most this much of its output on disk [default: 64m] */
    log_limit?: string | number;
    /** Memory of all its processes; beyond it the kernel ends this session and no other */
    memory?: string | number;
    /** Priority of its processes: 19 runs last, -20 first (only root goes below 0) */
    nice?: string | number;
    /** Do not teach bash, zsh and fish to mark their prompts and commands */
    no_integration?: boolean;
    /** Keep its output in memory only */
    no_log?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Run CMD when the program waits for input: a prompt, a question, a pager, a password */
    on_blocked?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Start it again after a reboot of the machine */
    on_boot?: boolean;
    /** Run CMD when --restart has begun five short lives in a row */
    on_crash_loop?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD with sh when the program has ended; it gets one JSON object (psup help hook) */
    on_exit?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD when nothing was written for this long */
    on_idle?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD when the session was lost with the machine, or when all of psup was killed */
    on_lost?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD when a line of output matches */
    on_match?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Stop it when this process has gone; self is the one that calls psup */
    owner?: string | number;
    /** Processes and threads at once; beyond it no more can be started */
    pids?: string | number;
    /** Return when this holds: text=REGEX gone=REGEX prompt idle=DUR port=N file=PATH exit; if repeated, when all of them hold */
    ready?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Stop a running session that has a different spec, and start it again */
    replace?: boolean;
    /** Start it again when it ends by itself, never after a stop */
    restart?: "no" | "on-failure" | "always";
    /** Give it up as crash-looping when --restart would start it more than N times within DUR */
    restart_limit?: string | number;
    /** Lines of scrollback to keep */
    scrollback?: string | number;
    /** Run this through /bin/sh -c instead of a command */
    shell?: string | number;
    /** Columns and rows of the terminal */
    size?: string | number;
    /** Stop waiting for --ready after this time; the session keeps running */
    timeout?: Duration;
    /** Stop it after this time */
    ttl?: Duration;
}
/** Follow what happens to sessions. */
export interface EventsOptions {
    /** Keep following (the default) */
    follow?: boolean;
    /** Print past events and return */
    no_follow?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Begin at this event number instead of now */
    since?: Since;
}
/** Run one command in the live shell of a session. */
export interface ExecOptions {
    /** Print at most this many bytes: the beginning and the end */
    budget?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Print plain lines, without colours and overwritten text */
    text?: boolean;
    /** Return after this time; the command keeps running */
    timeout?: Duration;
}
/** Write what a session has printed to a file. */
export interface ExportOptions {
    /** What to write; the default follows the name of the file, else cast */
    format?: "cast" | "cast-v2" | "svg" | "png" | "html" | "text" | "gif";
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Write to this file instead of stdout */
    output?: string | number;
    /** Begin at this offset, a duration ago (10m), or at a time */
    since?: Since;
}
/** Delete ended sessions with their logs. */
export interface ForgetOptions {
    /** Every session that has ended */
    all?: boolean;
    /** Ended sessions whose name matches: * and ? and [a-z] */
    glob?: string | number;
    /** From now on keep this many ended lives */
    keep?: string | number;
    /** From now on keep ended lives this long: a duration, or forever */
    keep_age?: Duration;
    /** From now on keep this much of ended lives on disk: a size such as 4g, or unlimited */
    keep_bytes?: string | number;
    /** Only what ended longer ago than this; alone, of all sessions */
    older?: Duration;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Check whether a session is alive. */
export interface HasOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Add a hook to a session, or to every session. */
export interface HookAddOptions {
    /** For every session of this profile, including later ones */
    all?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Kill a run of the command after this time */
    timeout?: Duration;
    /** Give up after this many runs */
    tries?: string | number;
}
/** List hooks and how their deliveries went. */
export interface HookListOptions {
    /** Only hooks that apply to this session */
    name?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Remove hooks, with their pending deliveries. */
export interface HookRemoveOptions {
    /** Hooks for every session; hooks of a single session stay */
    all?: boolean;
    /** The hook of this number, as psup hook list shows it */
    number?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Show everything about a session. */
export interface InfoOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Install this psup on a target. */
export interface InstallOptions {
    /** The program to copy instead of this one */
    binary?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** List sessions. */
export interface ListOptions {
    /** Include sessions that have ended or were lost */
    all?: boolean;
    /** Only names that match: * and ? and [a-z] */
    glob?: string | number;
    /** Only sessions with this label; if repeated, with all of them */
    label?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Show the supervisor's own log. */
export interface LogsOptions {
    /** Keep printing new lines as they are written */
    follow?: boolean;
    /** Only lines of this level or a more serious one */
    level?: "info" | "warn" | "error";
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Only lines about this session, or about one life of it such as web#3 */
    session?: string | number;
}
/** Print what a session has written. */
export interface ReadOptions {
    /** At most this many characters: the first and last lines, and a note of what is left out */
    budget?: string | number;
    /** With --grep: this many lines before and after each match */
    context?: string | number;
    /** Keep printing until the session has ended */
    follow?: boolean;
    /** Lines that match; exit code 1 where none does */
    grep?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Begin at this offset, a duration ago (10m), at a time (2026-11-28T03:00:00Z), or now */
    since?: Since;
    /** The last N lines; with --grep the last N of those that match */
    tail?: string | number;
    /** Print plain lines instead of bytes */
    text?: boolean;
    /** Stop following after this time */
    timeout?: Duration;
}
/** Give a session another name. */
export interface RenameOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Change the size of a session's terminal. */
export interface ResizeOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Stop a session and start it again with the same spec. */
export interface RestartOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Turn a checkpoint back into ended sessions. */
export interface RestoreOptions {
    /** A file written by psup checkpoint, or - for stdin */
    file?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Type into a session. */
export interface SendOptions {
    /** The Enter key: the same as --key Enter */
    enter?: boolean;
    /** The bytes of a file; - is stdin */
    file?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** A key by its name: C-c M-x Enter Escape Up F5 BSpace PageUp S-Tab C-Left */
    key?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Type every TEXT and --file as a paste, marked as one if the program asked for that */
    paste?: boolean;
    /** Bytes in hexadecimal: 1b5b41; --paste leaves them alone */
    raw_hex?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Type even while the program reads without echo, as for a password */
    secret?: boolean;
    /** Press Enter once the screen shows what was typed, and report the outcome */
    submit?: boolean;
    /** How long to wait while a person types (see psup attach) */
    timeout?: Duration;
}
/** Write the unit, enable it, and start it unless a supervisor is running already. */
export interface ServiceInstallOptions {
    /** Make a checkpoint of all sessions hourly, daily or weekly, with a systemd timer; never removes the timer */
    checkpoint?: "hourly" | "daily" | "weekly" | "never";
    /** Keep this many checkpoints and remove older ones */
    keep?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** The directory for checkpoints, best on another disk */
    to?: string | number;
}
/** Replace the running supervisor with this program and reload the unit; sessions keep running. */
export interface ServiceRestartOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Start the service. */
export interface ServiceStartOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Show the state of the service; the exit code is 0 if it is installed, enabled and active, else 1. */
export interface ServiceStatusOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Stop the service; refused while sessions are running. */
export interface ServiceStopOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Stop running sessions first */
    sessions?: boolean;
}
/** Stop the service and remove everything that install created. */
export interface ServiceUninstallOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Stop running sessions first */
    sessions?: boolean;
}
/** Stop the supervisor. */
export interface ShutdownOptions {
    /** Stop running sessions first */
    force?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Send one signal to the program of a session. */
export interface SignalOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Write it where the named agents look for skills, or, if none is named, for each agent that has a directory here; running it again changes nothing. */
export interface SkillInstallOptions {
    /** All of these */
    all?: boolean;
    /** Claude Code: ~/.claude/skills, or below CLAUDE_CONFIG_DIR */
    claude?: boolean;
    /** Codex: ~/.agents/skills, which other agents read too */
    codex?: boolean;
    /** Gemini CLI: ~/.gemini/skills */
    gemini?: boolean;
    /** Any other directory of skills */
    into?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** OpenClaw: ~/.openclaw/skills, or below OPENCLAW_STATE_DIR */
    openclaw?: boolean;
}
/** Remove it from where install wrote it, with the directories that this leaves empty. */
export interface SkillUninstallOptions {
    /** All of these */
    all?: boolean;
    /** Claude Code: ~/.claude/skills, or below CLAUDE_CONFIG_DIR */
    claude?: boolean;
    /** Codex: ~/.agents/skills, which other agents read too */
    codex?: boolean;
    /** Gemini CLI: ~/.gemini/skills */
    gemini?: boolean;
    /** Any other directory of skills */
    into?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** OpenClaw: ~/.openclaw/skills, or below OPENCLAW_STATE_DIR */
    openclaw?: boolean;
}
/** Start a session. */
export interface SpawnOptions {
    /** Start it also where a limit cannot be applied, and tell which */
    best_effort?: boolean;
    /** Pass on nothing of the current environment but HOME PATH USER LOGNAME SHELL LANG LC_ALL LC_CTYPE */
    clear_env?: boolean;
    /** Processor time in percent of one processor: 50% is half of one, 200% are two */
    cpu?: string | number;
    /** Start it in this directory instead of the current one */
    cwd?: string | number;
    /** Set a variable; takes precedence over --env-file */
    env?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Set the variables in this file: KEY=VALUE lines and # comments; quotes are allowed, nothing is expanded */
    env_file?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Add a label, for psup list --label */
    label?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Keep at most this much of its output on disk [default: 64m] */
    log_limit?: string | number;
    /** Memory of all its processes; beyond it the kernel ends this session and no other */
    memory?: string | number;
    /** Priority of its processes: 19 runs last, -20 first (only root goes below 0) */
    nice?: string | number;
    /** Do not teach bash, zsh and fish to mark their prompts and commands */
    no_integration?: boolean;
    /** Keep its output in memory only */
    no_log?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Run CMD when the program waits for input: a prompt, a question, a pager, a password */
    on_blocked?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Start it again after a reboot of the machine */
    on_boot?: boolean;
    /** Run CMD when --restart has begun five short lives in a row */
    on_crash_loop?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD with sh when the program has ended; it gets one JSON object (psup help hook) */
    on_exit?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD when nothing was written for this long */
    on_idle?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD when the session was lost with the machine, or when all of psup was killed */
    on_lost?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Run CMD when a line of output matches */
    on_match?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Stop it when this process has gone; self is the one that calls psup */
    owner?: string | number;
    /** Processes and threads at once; beyond it no more can be started */
    pids?: string | number;
    /** Return when this holds: text=REGEX gone=REGEX prompt idle=DUR port=N file=PATH exit; if repeated, when all of them hold */
    ready?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Start it again when it ends by itself, never after a stop */
    restart?: "no" | "on-failure" | "always";
    /** Give it up as crash-looping when --restart would start it more than N times within DUR */
    restart_limit?: string | number;
    /** Lines of scrollback to keep */
    scrollback?: string | number;
    /** Run this through /bin/sh -c instead of a command */
    shell?: string | number;
    /** Columns and rows of the terminal */
    size?: string | number;
    /** Stop waiting for --ready after this time; the session keeps running */
    timeout?: Duration;
    /** Stop it after this time */
    ttl?: Duration;
}
/** Show the supervisor's state and which kills it survives. */
export interface StatusOptions {
    /** Print metrics as OpenMetrics text */
    metrics?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Start a supervisor if none is running: for a crontab, or to pick up what a killed one left */
    start?: boolean;
}
/** Stop sessions with all their processes. */
export interface StopOptions {
    /** Every live session */
    all?: boolean;
    /** Every live session whose name matches: * and ? and [a-z] */
    glob?: string | number;
    /** How long to wait between the polite signal and KILL [default: 5s] */
    grace?: Duration;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** The polite signal, if the program expects another than the usual one */
    signal?: string | number;
}
/** List the targets that --on knows. */
export interface TargetsOptions {
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Replace the running supervisor with another build. */
export interface UpgradeOptions {
    /** The program to switch to, instead of this one */
    binary?: string | number;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
}
/** Wait until something is true of a session. */
export interface WaitOptions {
    /** Wait until every condition has held */
    all?: boolean;
    /** Wait until one of the conditions has held (the default) */
    any?: boolean;
    /** The program has ended and all its output has arrived */
    exit?: boolean;
    /** Give up if this matches first */
    fail?: string | number;
    /** This path exists */
    file?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Every live session whose name matches: * and ? and [a-z] */
    glob?: string | number;
    /** The pattern matches nothing on the screen, or no longer does */
    gone?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Nothing was written for this long */
    idle?: Duration | readonly (Duration)[] | Readonly<Record<string, Duration>>;
    /** What patterns are matched against */
    in?: "output" | "screen";
    /** The program reads from the terminal: a prompt, a question, a pager, a password */
    input?: boolean;
    /** Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON] */
    on?: string | number;
    /** Something listens on this TCP port */
    port?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** The program waits at a prompt: a shell, a REPL, a password */
    prompt?: boolean;
    /** For --idle: do not count spinners, timers and progress bars as output */
    settle?: boolean;
    /** Match output from this offset on (as printed by psup send), from a time, or from a duration ago (10m); now leaves the screen out */
    since?: Since;
    /** The pattern matches a line of output */
    text?: string | number | readonly (string | number)[] | Readonly<Record<string, string | number>>;
    /** Give up after this time */
    timeout?: Duration;
}
