//! `psup exec`.

use super::Run;
use super::read::unfinished;
use crate::context::{Context, Done, Stream, unexpected};
use crate::exec_stdin;
use crate::head_and_tail::HeadAndTail;
use crate::items::Items;
use crate::output::Out;
use crate::value_parsers;
use psup_link::Item;
use psup_proto::exec::{self, Doing, Executed, Ran};
use psup_proto::info::BlockedOn;
use psup_proto::{Code, Failure, Request, Response, Target, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

/// Run one command in the live shell of a session
///
/// The command runs in the session's shell, with its variables and functions, and
/// what it changes stays changed. Its output is printed as it comes, and nothing
/// else; its exit code becomes psup's exit code. A single COMMAND is run as if it
/// had been typed, and may have several lines; with several words, each is quoted.
///
/// The shell must be at its prompt; otherwise nothing is typed and psup says why.
/// Programs with a prompt of their own work the same way (python, ipython, pdb,
/// node, psql, sqlite3, gdb, irb and others): what they print up to their next
/// prompt is printed, and the exit code is 0. Several lines are entered in the way
/// the program offers; if it asks for the rest of a line, psup says so.
///
/// With --stdin the command reads what psup gets on stdin, byte for byte and up to
/// its end; none of it is typed. This needs a local shell: elsewhere (ssh, a REPL,
/// a container) psup says so and runs nothing.
///
/// Commands from several callers run one after the other. If a command reads from
/// the terminal, answer it with `psup send`. With --timeout, a command that has not
/// ended keeps running in the session (exit code 124); psup says what it is doing,
/// and `psup wait --prompt` waits for its end. Exit code 125: psup could not run
/// it, or the shell did not say how it ended.
///
/// Example:
///   psup exec sh -- 'cd src && make -j8 2>&1 | tail -3'
///   psup exec sh --timeout 60s --text --budget 4000 -- ./run-tests --fast
///   tar c src | psup exec sh --stdin -- 'tar x -C /tmp'
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Exec {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Return after this time; the command keeps running
    #[arg(long, value_name = "DUR", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// Print plain lines, without colours and overwritten text
    #[arg(long)]
    text: bool,
    /// Print at most this many bytes: the beginning and the end
    #[arg(long, value_name = "CHARS")]
    budget: Option<usize>,
    /// Pass psup's own stdin to the command
    #[arg(long)]
    stdin: bool,
    /// With --json: print each piece of output as it comes, then the object without the output
    #[arg(long, conflicts_with = "budget")]
    pieces: bool,
    /// The command to run
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The exit code of what is psup's own failure and not the command's.
const OURS: Done = Done { code: 125 };

/// Programs that show a page and wait for a key.
const PAGERS: &[&str] = &["less", "more", "most", "man", "pg", "bat"];

/// An answer on its way.
struct Output {
    target: Target,
    run: exec::Run,
    /// Where in the journal the next piece stands.
    at: u64,
    budget: Option<HeadAndTail>,
    /// In JSON, the output is printed as it comes.
    pieces: bool,
    /// The output, where it is to be put into an object.
    kept: Vec<u8>,
    /// Bytes of the journal that are not kept any more.
    missing: u64,
    doing: Option<Doing>,
    executed: Option<Executed>,
}

/// A piece of the output, as it came.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExecPiece")]
struct Piece<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Executed")]
struct ExecJson<'a> {
    /// `code`, `prompt`, `unknown`, `running` or `session-ended`.
    #[schemars(extend("enum" = ["code", "prompt", "unknown", "running", "session-ended"]))]
    ran: &'static str,
    code: Option<u8>,
    via: &'a str,
    from: u64,
    to: u64,
    /// Bytes that are not in the output: beyond `--budget`, or not kept any more.
    left_out: u64,
    /// The journal has them from here on.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out_from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doing: Option<&'a Doing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Run for Exec {
    const ITEMS: Items = Items::many::<(Piece<'static>, ExecJson<'static>)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let mut command = as_typed(self.command);
        let mut stdin = None;
        if self.stdin {
            let forwarded = match cx.on.target() {
                None => exec_stdin::forward(cx, &self.target, &command),
                // The shell there cannot open a pipe of this machine.
                Some(_) => Err(Failure::new(
                    Code::Unsupported,
                    "`--stdin` does not reach another target",
                )
                .hint("run `psup exec --stdin` on that machine")),
            };
            match forwarded {
                Ok((redirected, forwarded)) => {
                    command = redirected;
                    stdin = Some(forwarded);
                }
                Err(failure) => {
                    cx.out.fail(&failure);
                    return Ok(OURS);
                }
            }
        }
        let run = exec::Run {
            exec: exec::Exec {
                command,
                timeout: self.timeout,
            },
            text: self.text,
        };
        let done = cx.stream(&mut Output {
            target: self.target,
            run,
            at: 0,
            budget: self.budget.map(HeadAndTail::new),
            pieces: self.pieces,
            kept: Vec::new(),
            missing: 0,
            doing: None,
            executed: None,
        });
        drop(stdin);
        // The command's own codes are passed through, so none of them can mean that psup failed.
        done.or_else(|failure| {
            let told = cx.out.fail(&failure);
            Ok(if failure.code == Code::TimedOut {
                told
            } else {
                OURS
            })
        })
    }
}

impl Stream for Output {
    fn question(&self) -> Request {
        Request::Run {
            target: self.target.clone(),
            run: self.run.clone(),
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                let now = match &mut self.budget {
                    Some(budget) => budget.take(self.at, &bytes),
                    None => &bytes,
                };
                if out.json {
                    self.kept.extend_from_slice(now);
                    if self.pieces {
                        self.piece(self.kept.len() - unfinished(&self.kept), out)?;
                    }
                } else {
                    out.data(now)?;
                    out.flush()?;
                }
            }
            Item::Response(Response::Began(began)) => self.at = began.from,
            Item::Response(Response::Reading { from }) => self.at = from,
            Item::Response(Response::Gap { from, to, reason }) => {
                self.missing += to - from;
                out.flush()?;
                out.warn(format_args!(
                    "gap: bytes {from} to {to} are missing: {reason}"
                ));
            }
            Item::Response(Response::Doing(doing)) => self.doing = Some(doing),
            Item::Response(Response::Executed(executed)) => self.executed = Some(executed),
            Item::Response(Response::End { .. }) => return self.end(out).map(Some),
            Item::Response(other) => return Err(unexpected(&other)),
        }
        Ok(None)
    }
}

impl Output {
    /// Prints so many bytes of what is kept as an object.
    fn piece(&mut self, length: usize, out: &mut Out) -> Result<(), Failure> {
        if length == 0 {
            return Ok(());
        }
        let bytes: Vec<u8> = self.kept.drain(..length).collect();
        let text = std::str::from_utf8(&bytes).ok();
        let base64 = text.is_none().then(|| value_parsers::base64(&bytes));
        out.object(&Piece { text, base64 })?;
        out.flush()
    }

    fn end(&mut self, out: &mut Out) -> Result<Done, Failure> {
        let executed = self
            .executed
            .take()
            .ok_or_else(|| unexpected("no word on how a command ended"))?;
        let mut cut = None;
        if let Some(budget) = self.budget.take() {
            let (tail, left_out) = budget.finish();
            let note = left_out.map(|(count, from)| {
                let target = &self.target;
                format!(
                    "\n[{count} bytes left out: `psup read {target} --since {from}` has them]\n"
                )
            });
            cut = left_out;
            self.kept.extend(note.unwrap_or_default().into_bytes());
            self.kept.extend(tail);
        }
        if out.json {
            if self.pieces {
                self.piece(self.kept.len(), out)?;
            }
            self.object(&executed, cut, out)?;
        } else {
            out.data(&self.kept)?;
            out.flush()?;
        }
        Ok(match executed.ran {
            Ran::Code(code) => Done { code },
            Ran::Prompt => Done::OK,
            Ran::SessionEnded(code) => {
                out.talk("the session ended by it");
                code.map_or(OURS, |code| Done { code })
            }
            Ran::Unknown => {
                out.warn(
                    "the prompt is back, but the shell did not say how the command ended, or printed more than the command did",
                );
                OURS
            }
            Ran::Running => {
                out.talk(format_args!("timed out; {}", self.still_doing()));
                Done::like(Code::TimedOut)
            }
        })
    }

    /// What the command does, and what to do about it.
    fn still_doing(&self) -> String {
        let target = &self.target;
        let goes_on =
            format!("the command runs on: `psup wait {target} --prompt` waits for its end");
        let Some(Doing { program, blocked }) = &self.doing else {
            return goes_on;
        };
        let program = program.as_deref().unwrap_or("the command");
        match blocked.as_ref().map(|blocked| blocked.on) {
            Some(BlockedOn::Password) => {
                format!(
                    "{program} asks for a password, and the command runs on: `psup send {target}` types it"
                )
            }
            Some(BlockedOn::Input | BlockedOn::Prompt) if PAGERS.contains(&program) => {
                format!(
                    "{program} shows a page, and the command runs on: `psup send {target} --key q` leaves it"
                )
            }
            Some(BlockedOn::Input) => {
                format!(
                    "{program} waits for input, and the command runs on: `psup send {target} TEXT --enter` answers it"
                )
            }
            Some(BlockedOn::Prompt) => {
                format!(
                    "{program} is at a prompt of its own, and the command runs on: `psup send {target} TEXT --enter` talks to it"
                )
            }
            Some(BlockedOn::Nothing) | None => goes_on,
        }
    }

    fn object(
        &self,
        executed: &Executed,
        cut: Option<(u64, u64)>,
        out: &mut Out,
    ) -> Result<(), Failure> {
        let (ran, code) = match executed.ran {
            Ran::Code(code) => ("code", Some(code)),
            Ran::Unknown => ("unknown", None),
            Ran::Prompt => ("prompt", None),
            Ran::Running => ("running", None),
            Ran::SessionEnded(code) => ("session-ended", code),
        };
        let text = std::str::from_utf8(&self.kept).ok();
        let text = text.filter(|_| !self.pieces);
        let base64 = (text.is_none() && !self.pieces).then(|| value_parsers::base64(&self.kept));
        out.object(&ExecJson {
            ran,
            code,
            via: &executed.via,
            from: executed.from,
            to: executed.to,
            left_out: self.missing + cut.map_or(0, |(count, _)| count),
            left_out_from: cut.map(|(_, from)| from),
            doing: self.doing.as_ref(),
            text,
            base64,
        })
    }
}

/// One argument is what would be typed; several are words, each of which must stay one.
fn as_typed(mut command: Vec<OsString>) -> Vec<u8> {
    if command.len() == 1 {
        return command.remove(0).into_vec();
    }
    let words: Vec<Vec<u8>> = command
        .into_iter()
        .map(|word| quoted(&word.into_vec()))
        .collect();
    words.join(&b' ')
}

fn quoted(word: &[u8]) -> Vec<u8> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-./=:,@%+".contains(b);
    if !word.is_empty() && word.iter().all(plain) {
        return word.to_vec();
    }
    let parts: Vec<&[u8]> = word.split(|b| *b == b'\'').collect();
    [b"'".as_slice(), &parts.join(&b"'\\''"[..]), b"'"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_argument_is_typed_as_it_is_and_several_stay_words() {
        let typed = |args: &[&str]| {
            String::from_utf8(as_typed(args.iter().map(OsString::from).collect()))
                .unwrap_or_default()
        };
        assert_eq!(typed(&["cd /tmp && ls"]), "cd /tmp && ls");
        assert_eq!(
            typed(&["echo", "a  b", "it's", "-n", ""]),
            r"echo 'a  b' 'it'\''s' -n ''"
        );
    }
}
