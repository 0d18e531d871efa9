// What psup prints, as types. Made by clients/generate: do not edit.

export interface AfterRestart {
  at_ms: number;
  ended: (EndedSession)[];
  guardian_epoch: number;
  lived: (string)[];
  lost: (LostSession)[];
  /** Commands, the most urgent first. */
  next: (string)[];
  /** Which process was started last: `supervisor`, when none ran before, or `worker`. */
  restart: "supervisor" | "worker";
  restarted: (string)[];
  supervisor_started_ms: number;
  worker_epoch: number;
}

export interface Asked {
  offset: number;
  viewer: number;
}

/** What a program that waits for input waits for, and how we know. */
export interface Blocked {
  on: BlockedOn;
  /** `marks`, `kernel` or `screen`. */
  via: string;
}

export type BlockedOn = "nothing" | "input" | "prompt" | "password";

/** What `cancel` answers. */
export interface Cancelled {
  /** The request was open. */
  cancelled: boolean;
}

export interface Capture {
  cursor: Cursor;
  cwd?: string;
  left_out: number;
  lines: (string)[];
  modes: (string)[];
  offset: number;
  /** For each line its runs of one style, as the supervisor tells them; none where a line has no style. */
  runs: ((Run)[])[];
  size: Size;
  title: string;
}

export interface ChangedRow {
  /** From 0, from the top of the screen. */
  row: number;
  text: string;
}

export interface ChangedRows {
  offset: number;
  rows: (ChangedRow)[];
  since: number;
  size: Size;
}

export interface Check {
  about: string;
  check: string;
  evidence: string;
  fix: string | null;
  fixed: string | null;
  severity: Severity;
}

export interface Checkpoint {
  bytes: number;
  file: string;
  made_ms: number;
  offsets: (CheckpointOffset)[];
  sessions: number;
}

export interface CheckpointOffset {
  from: number;
  id: string;
  offset: number;
}

export interface CheckpointVerdict {
  bytes: number;
  file: string;
  made_ms: number | null;
  ok: boolean;
  problems: (string)[];
  profile: string | null;
  psup: string | null;
  sessions: number | null;
  whole: boolean | null;
}

/** Why something did not happen. The list is closed: scripts match on these words. */
export type Code = "usage" | "no-such-session" | "name-taken" | "spec-differs" | "unreachable" | "version-mismatch" | "ended" | "fail-matched" | "timed-out" | "cannot-start" | "bad-pattern" | "line-too-long" | "not-running" | "still-running" | "gone" | "limit" | "maybe-delivered" | "retry" | "unsupported" | "system" | "internal" | "no" | "busy" | "gap" | "keyboard-taken" | "secret-wanted";

export interface Cursor {
  col: number;
  row: number;
  visible: boolean;
}

/** How a hook's last delivery went. */
export interface Delivery {
  at_ms: number;
  event: number;
  id: string;
  reason: string | null;
  /** `delivered`, `retrying` or `failed`. */
  state: "delivered" | "retrying" | "failed";
  tries: number;
}

/** What a command does that had not ended when its time was over. */
export interface Doing {
  /** What it waits for; `None` where that is not known. */
  blocked: Blocked | null;
  /** The program that has the terminal. */
  program: string | null;
}

export interface EndedSession {
  how: string;
  id: string;
}

/** What is kept of ended sessions; a limit is null where there is none. */
export interface EndedSessions {
  bytes: number;
  count: number;
  most: number;
  most_age_ms: number | null;
  most_bytes: number | null;
}

/** A failure as JSON tells it. */
export interface Error {
  code: Code;
  hint: string | null;
  message: string;
}

/** One event. Which keys each has of its own is in docs/json.md. */
export interface Event {
  at_ms: number;
  cols?: number;
  event: "crash-looping" | "owner-gone" | "started" | "ready" | "output-idle" | "bell" | "title" | "resized" | "attached" | "detached" | "exited" | "restarted" | "lost" | "gap" | "renamed" | "forgotten" | "cwd" | "notification" | "progress" | "clipboard" | "keyboard-taken" | "keyboard-free" | "person-asked" | "person-answered" | "state-lost" | "hook-due" | "hook-delivered" | "hook-retrying" | "hook-failed";
  exit?: Exit;
  from?: number;
  guardian_epoch: number | null;
  hook?: number;
  id: string;
  name: string;
  new_id?: string;
  of?: number;
  offset: number;
  on?: string;
  path?: string;
  percent?: number;
  pid?: number;
  reason?: string;
  /** The request that brought it about, where its client gave it an id. */
  request: string | null;
  /** The supervisor that told it: null of an older build. */
  restart_nonce: string | null;
  restarts?: number;
  rows?: number;
  seq: number;
  text?: string;
  title?: string;
  to?: number;
  tries?: number;
  typed?: number;
  viewer?: number;
  why?: string;
  worker_epoch: number | null;
}

/** A piece of the output, as it came. */
export interface ExecPiece {
  base64?: string;
  text?: string;
}

export interface Executed {
  base64?: string;
  code: number | null;
  doing?: Doing;
  from: number;
  /** Bytes that are not in the output: beyond `--budget`, or not kept any more. */
  left_out: number;
  /** The journal has them from here on. */
  left_out_from?: number;
  /** `code`, `prompt`, `unknown`, `running` or `session-ended`. */
  ran: "code" | "prompt" | "unknown" | "running" | "session-ended";
  text?: string;
  to: number;
  via: string;
}

/** How a child ended. `kind` says which of the others are filled. */
export interface Exit {
  at_ms: number;
  code: number | null;
  core: boolean;
  /** `code`, `signal`, `unknown` or `lost`. */
  kind: "code" | "signal" | "unknown" | "lost";
  /** Only where the kernel ended it for want of memory. */
  oom: OutOfMemory | null;
  reason: string | null;
  signal: string | null;
}

export interface Forgotten {
  id: string;
  name: string;
}

export interface Gap {
  from: number;
  reason: string;
  to: number;
}

export interface Has {
  id: string;
  live: boolean;
  state: State;
}

export interface Held {
  condition: "text" | "gone" | "prompt" | "input" | "idle" | "exit" | "port" | "file";
  /** Its place among the conditions asked for, from 0. */
  index: number;
  match: Match | null;
  value: string | null;
  via: string | null;
}

/** The first line. */
export interface Hello {
  methods: (string)[];
  /** The build. */
  psup: string;
  /** The version of what is said here. */
  rpc: number;
}

/** A hook, as `hook` tells it. */
export interface Hook {
  command: (string)[];
  delivered: number;
  due: number;
  failed: number;
  hook: number;
  last: Delivery | null;
  /** `null`: every session. */
  name: string | null;
  of_spec: boolean;
  on: "exit" | "match" | "blocked" | "idle" | "lost" | "crash-loop";
  timeout_ms: number;
  tries: number;
  value: string | null;
}

/** A session, as `list` and `info` tell it. */
export interface Info {
  attached: number;
  blocked: Blocked | null;
  command: (string)[];
  cwd: string;
  exit: Exit | null;
  foreground: Process | null;
  id: string;
  idle_ms: number | null;
  kept_from: number;
  keyboard: Keyboard | null;
  labels: Record<string, string>;
  life: number;
  limits: Limits;
  log: string | null;
  name: string;
  next_start_ms: number | null;
  offset: number;
  on_boot: boolean;
  /** The pid of the process that it belongs to. */
  owner: number | null;
  pid: number | null;
  restart: Restart;
  restart_limit: RestartLimit | null;
  restarts: number;
  size: Size;
  started_ms: number;
  state: State;
  survival: Survives;
  title: string;
  ttl_ms: number | null;
  usage: Usage | null;
}

export interface Installed {
  done: "installed" | "replaced" | "unchanged";
  path: string;
  sha256: string;
  target: string;
}

/** The person who has the keyboard. */
export interface Keyboard {
  /** Until they detach. */
  taken: boolean;
  /** Bytes typed since they have it. */
  typed: number;
  viewer: number;
}

export interface LeftOut {
  chars: number;
  /** Where to read it from. */
  from: number;
  lines: number;
}

export interface LeftOutLines {
  left_out: LeftOut;
}

/** What was asked for; `null` is no limit. */
export interface Limits {
  best_effort: boolean;
  cpu_percent: number | null;
  memory_bytes: number | null;
  nice: number | null;
  pids: number | null;
  /** Those that do not hold. */
  unmet: (UnmetLimit)[];
}

export interface LostSession {
  id: string;
  /** Processes of it run on. */
  orphaned: boolean;
  reason: string;
  /** The life that took its place. */
  successor: string | null;
}

export interface Match {
  groups: (string | null)[];
  line: string;
  text: string;
}

export interface Missing {
  gap: Gap;
}

export interface OutOfMemory {
  /** The session's own limit; `null` where it was the machine that had no more. */
  limit_bytes: number | null;
}

export interface Piece {
  base64?: string;
  from: number;
  /** Absent in text, which has no offset of its own for each piece. */
  next?: number;
  text?: string;
}

export interface Process {
  command: (string)[];
  name: string;
  pid: number;
}

/** When a new life begins after the child ended by itself. A stop is never followed by a restart. */
export type Restart = "no" | "always" | "on-failure";

/** So many restarts within this time. */
export interface RestartLimit {
  most: number;
  within_ms: number;
}

export interface RestoredSession {
  id: string;
  name: string;
  was: string;
}

/** A part of a line that has one style. */
export interface Run {
  attrs?: (string)[];
  bg?: string;
  fg?: string;
  link?: string;
  text: string;
  underline?: string;
  underline_colour?: string;
}

export interface Sent {
  offset: number;
  submit?: Submit;
}

export interface Service {
  active: boolean;
  checkpoints: string | null;
  done: (string)[];
  drift: string | null;
  enabled: boolean;
  installed: boolean;
  last_exit: string | null;
  lingers: boolean | null;
  manager: string;
  outside: string | null;
  pid: number | null;
  restarts: number | null;
  since_ms: number | null;
  state: string;
  unit: string;
  unit_path: string;
  warnings: (string)[];
}

/** A session, as `list` and `info` tell it. */
export interface Session {
  attached: number;
  blocked: Blocked | null;
  command: (string)[];
  cwd: string;
  exit: Exit | null;
  foreground: Process | null;
  id: string;
  idle_ms: number | null;
  kept_from: number;
  keyboard: Keyboard | null;
  labels: Record<string, string>;
  life: number;
  limits: Limits;
  log: string | null;
  name: string;
  next_start_ms: number | null;
  offset: number;
  on_boot: boolean;
  /** The pid of the process that it belongs to. */
  owner: number | null;
  pid: number | null;
  restart: Restart;
  restart_limit: RestartLimit | null;
  restarts: number;
  size: Size;
  started_ms: number;
  state: State;
  title: string;
  ttl_ms: number | null;
  usage: Usage | null;
}

/** An object of one target, for `--json`. */
export interface SessionOfTarget {
  attached: number;
  blocked: Blocked | null;
  command: (string)[];
  cwd: string;
  exit: Exit | null;
  foreground: Process | null;
  id: string;
  idle_ms: number | null;
  kept_from: number;
  keyboard: Keyboard | null;
  labels: Record<string, string>;
  life: number;
  limits: Limits;
  log: string | null;
  name: string;
  next_start_ms: number | null;
  offset: number;
  on_boot: boolean;
  /** The pid of the process that it belongs to. */
  owner: number | null;
  pid: number | null;
  restart: Restart;
  restart_limit: RestartLimit | null;
  restarts: number;
  size: Size;
  started_ms: number;
  state: State;
  target: string;
  title: string;
  ttl_ms: number | null;
  usage: Usage | null;
}

/** How a check ended, in the order of how much it matters. */
export type Severity = "ok" | "info" | "unknown" | "warning" | "error";

export interface Size {
  cols: number;
  rows: number;
}

export interface Skill {
  agent: string;
  done: "installed" | "updated" | "unchanged" | "removed" | "absent";
  path: string;
}

export interface Spawned {
  done: Started;
  id: string;
  name: string;
  offset: number;
  pid: number;
  ready: Waited | null;
  state: State;
  /** Limits that were asked for and do not hold. */
  unmet: (UnmetLimit)[];
}

/** What `ensure` did. */
export type Started = "started" | "restarted" | "unchanged" | "replaced";

/** Where a life stands. The first four are the core's; `Lost` is what a reboot or the death of every psup process leaves of a life that was running. */
export type State = "running" | "ended" | "lost" | "stopping" | "draining" | "orphaned" | "crash-looping";

export interface Status {
  build: string;
  connections: number;
  ended: EndedSessions | null;
  errors: (string)[];
  guardian_epoch: number;
  guardian_pid: number;
  memory_bytes: number;
  protocol: number;
  run_dir: string;
  rung: string;
  safe_mode: boolean;
  sessions_kept: number;
  sessions_live: number;
  state_dir: string;
  stops_by: string | null;
  survival: Survives;
  uptime_ms: number;
  version: string;
  worker_epoch: number;
  worker_pid: number;
}

/** An object of one target, for `--json`. */
export interface StatusOfTarget {
  build: string;
  connections: number;
  ended: EndedSessions | null;
  errors: (string)[];
  guardian_epoch: number;
  guardian_pid: number;
  memory_bytes: number;
  protocol: number;
  run_dir: string;
  rung: string;
  safe_mode: boolean;
  sessions_kept: number;
  sessions_live: number;
  state_dir: string;
  stops_by: string | null;
  survival: Survives;
  target: string;
  uptime_ms: number;
  version: string;
  worker_epoch: number;
  worker_pid: number;
}

export interface Stopped {
  exit: Exit | null;
  firm: boolean;
  id: string;
  /** False where there was nothing left to stop. */
  stopped: boolean;
}

/** What became of a submit. */
export type Submit = "submitted" | "pending" | "blocked";

export interface Survival {
  evidence: string;
  fix: string | null;
  survives: boolean;
}

export type Survives = Record<string, Survival>;

export interface Target {
  command: (string)[];
  name: string;
}

export interface UnmetLimit {
  limit: string;
  reason: string;
}

/** An object of one target, for `--json`. */
export interface UnreachableOfTarget {
  error: Error;
  target: string;
}

export interface Upgraded {
  from: string;
  to: string;
}

/** What a running session uses; `null` is what cannot be told. */
export interface Usage {
  cpu_ms: number | null;
  memory_bytes: number | null;
  pids: number | null;
  read_bytes: number | null;
  via: UsageVia;
  written_bytes: number | null;
}

/** Where each number comes from: `cgroup`, or `processes` for a sum over those that run now. */
export interface UsageVia {
  cpu: string | null;
  io: string | null;
  memory: string | null;
  pids: string | null;
}

/** How a wait ended. */
export interface Waited {
  exit: Exit | null;
  failed: Match | null;
  held: (Held)[];
  /** Which of several sessions it was. */
  id?: string;
  offset: number;
  /** `held`, `failed`, `ended` or `timed-out`. */
  verdict: "held" | "failed" | "ended" | "timed-out";
}

/** An object of one target, for `--json`. */
export interface WaitedOfTarget {
  exit: Exit | null;
  failed: Match | null;
  held: (Held)[];
  /** Which of several sessions it was. */
  id?: string;
  offset: number;
  target: string;
  /** `held`, `failed`, `ended` or `timed-out`. */
  verdict: "held" | "failed" | "ended" | "timed-out";
}
