//! Every limit of the wire and of what may be parked behind it, in one place, each with its reason.
//!
//! A limit that is met is told to the caller that met it; nothing is cut in silence.

use std::time::Duration;

/// Largest payload of one frame. An environment of 1 MiB (the system's own usual limit for exec)
/// and a send of several MiB fit; a client cannot make the supervisor hold more than this for a
/// request.
pub const FRAME: usize = 8 << 20;

/// How much output travels in one `Bytes` frame: large enough to be cheap, small enough to share
/// the loop.
pub const BYTES_FRAME: usize = 64 << 10;

/// Moments of one answer about when output came: they fit in a frame, whatever they are.
pub const MOMENTS: usize = 64 << 10;

/// Input travels in requests of this size; a larger send is several requests under one turn.
pub const SEND_CHUNK: usize = 256 << 10;

/// Input a session may hold that its child has not read yet. One send past it waits for its turn.
pub const INPUT: usize = 1 << 20;

/// A hello must arrive within this time, so that a half frame followed by silence costs a slot, not
/// for ever.
pub const HELLO_TIME: Duration = Duration::from_secs(10);

/// Connections served at once. Each costs a few KiB; more are told to come back.
pub const CONNECTIONS: usize = 4096;

/// Clients of one gate at once: each is a thread, two FIFOs and a connection. One more waits.
pub const GATE_CLIENTS: usize = 128;

/// Open questions in one session.
pub const ASKS: usize = 1024;

/// Sessions alive at once: the kernel's own default for ptys is 4096.
pub const SESSIONS: usize = 4096;

/// Ended lives kept for one name; the oldest is forgotten when another ends.
pub const LIVES: usize = 4;

/// Ended lives kept of all names, unless `psup forget --keep` says otherwise: each takes about
/// 16 KiB of disk and 30 KiB of memory.
pub const KEPT: u32 = 1000;

/// How long an ended life is kept, unless `psup forget --keep-age` says otherwise.
pub const KEPT_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Bytes of disk for all ended lives, unless `psup forget --keep-bytes` says otherwise.
pub const KEPT_BYTES: u64 = 1 << 30;

/// Bytes of log kept for a session unless `--log-limit` says otherwise.
pub const LOG: u64 = 64 << 20;

/// The smallest log limit: below it a session could not keep one screen of output.
pub const LOG_LEAST: u64 = 64 << 10;

/// The smallest memory limit of a session: below it hardly any program starts.
pub const MEMORY_LEAST: u64 = 1 << 20;

/// The most processor time of a session, in percent of one processor: 1000 processors.
pub const CPU_MOST: u32 = 100_000;

/// Lines of scrollback unless `--scrollback` says otherwise.
pub const SCROLLBACK: u32 = 100_000;

/// The most lines of scrollback that can be asked for.
pub const SCROLLBACK_MOST: u32 = 10_000_000;

/// The longest line a terminal in canonical mode takes: the kernel drops what comes after it.
pub const CANONICAL_LINE: usize = 4095;

/// Length of a regular expression, in bytes.
pub const PATTERN: usize = 4096;

/// Memory of a compiled regular expression: it is compiled and run on the thread that serves all.
pub const PATTERN_COMPILED: usize = 512 << 10;

/// Memory of all compiled regular expressions that a session's waits hold.
pub const PATTERNS: usize = 64 << 20;

/// Conditions of one wait.
pub const CONDITIONS: usize = 16;

/// Labels of one session, and the length of a label's key and value.
pub const LABELS: usize = 64;
/// Length of a label's key or value.
pub const LABEL: usize = 256;

/// Events kept for `events --since`.
pub const EVENTS: usize = 10_000;

/// Hooks kept at once: each costs a wait in every session that it applies to.
pub const HOOKS: usize = 1024;

/// Hooks of one spec.
pub const SPEC_HOOKS: usize = 16;

/// Commands of hooks that run at once.
pub const HOOK_COMMANDS: usize = 8;

/// Deliveries that wait for their command, or for another try. One more gives up the oldest.
pub const DELIVERIES: usize = 10_000;

/// The longest time for one run of a hook's command, and the most runs.
pub const HOOK_TIME: Duration = Duration::from_secs(3600);
/// The most runs for one delivery.
pub const HOOK_TRIES: u32 = 100;

/// Bytes of one document: a few of them fit in a frame with everything around them.
pub const DOCUMENT: usize = 2 << 20;

/// Documents kept at once.
pub const DOCUMENTS: usize = 1024;

/// Grace between the polite signal and the firm one, unless `--grace` says otherwise.
pub const GRACE: Duration = Duration::from_secs(5);

/// How long a supervisor may take for an answer that waits for nothing: a hundred times what a
/// loaded machine needs. Beyond it the supervisor is stuck or stopped, and the caller had better
/// know.
pub const ANSWER: Duration = Duration::from_secs(30);
