//! `psup exec`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::output::Out;
use crate::value_parsers;
use psup_link::Item;
use psup_proto::exec::{self, Executed, Ran};
use psup_proto::{Code, Failure, Request, Response, Target, units};
use serde::Serialize;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

/// Run one command in the live shell of a session
///
/// The command runs where the shell is, with its variables and functions, and
/// leaves behind what it changes. What it prints is printed here, just that, and
/// its exit code is the exit code. One COMMAND is taken as it would be typed and
/// may have several lines; of several words each is quoted.
///
/// The shell must be at its prompt, else nothing is typed and the answer is no.
/// Commands of several callers run one after the other. A command that reads from
/// the terminal is answered with psup send. With --timeout a command that has not
/// ended goes on in the session (exit code 124), and psup wait --prompt waits for
/// its end. Exit code 125: psup could not run it, or the shell did not say how it
/// ended.
///
/// Example:
///   psup exec sh -- 'cd src && make -j8 2>&1 | tail -3'
///   psup exec sh --timeout 60s -- ./run-tests --fast
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Exec {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Answer after this time; a command that runs goes on
    #[arg(long, value_name = "DUR", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// What to run
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The exit code of what is psup's own failure and not the command's.
const OURS: Done = Done { code: 125 };

/// An answer on its way.
struct Arriving {
    target: Target,
    exec: exec::Exec,
    head: Option<Executed>,
    /// The output, where it is to be put into an object.
    kept: Vec<u8>,
}

#[derive(Serialize)]
struct Told<'a> {
    /// `code`, `unknown`, `running` or `session-ended`.
    ran: &'static str,
    code: Option<u8>,
    via: &'a str,
    from: u64,
    to: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Run for Exec {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let exec = exec::Exec {
            command: as_typed(self.command),
            timeout: self.timeout,
        };
        let done = cx.stream(&mut Arriving {
            target: self.target,
            exec,
            head: None,
            kept: Vec::new(),
        });
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

impl Stream for Arriving {
    fn question(&self) -> Request {
        Request::Exec {
            target: self.target.clone(),
            exec: self.exec.clone(),
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                if out.json {
                    self.kept.extend_from_slice(&bytes);
                } else {
                    out.data(&bytes)?;
                }
                Ok(None)
            }
            Item::Response(Response::Executed(head)) => {
                self.head = Some(head);
                Ok(None)
            }
            Item::Response(Response::Gap { from, to, reason }) => {
                out.flush()?;
                out.warn(format_args!(
                    "gap: bytes {from} to {to} are missing: {reason}"
                ));
                Ok(None)
            }
            Item::Response(Response::End { .. }) => self.end(out).map(Some),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}

impl Arriving {
    fn end(&self, out: &mut Out) -> Result<Done, Failure> {
        let head = self
            .head
            .as_ref()
            .ok_or_else(|| unexpected("no head before what a command printed"))?;
        if out.json {
            self.tell(head, out)?;
        }
        Ok(match head.ran {
            Ran::Code(code) => Done { code },
            Ran::SessionEnded(code) => {
                out.talk("the session ended by it");
                code.map_or(OURS, |code| Done { code })
            }
            Ran::Unknown => {
                out.warn("the prompt is back, but the shell did not say how the command ended");
                OURS
            }
            Ran::Running => {
                out.talk(format_args!(
                    "timed out; the command runs on: psup wait {} --prompt waits for its end",
                    self.target
                ));
                Done::like(Code::TimedOut)
            }
        })
    }

    fn tell(&self, head: &Executed, out: &mut Out) -> Result<(), Failure> {
        let (ran, code) = match head.ran {
            Ran::Code(code) => ("code", Some(code)),
            Ran::Unknown => ("unknown", None),
            Ran::Running => ("running", None),
            Ran::SessionEnded(code) => ("session-ended", code),
        };
        let text = std::str::from_utf8(&self.kept).ok();
        out.object(&Told {
            ran,
            code,
            via: &head.via,
            from: head.from,
            to: head.to,
            text,
            base64: text.is_none().then(|| value_parsers::base64(&self.kept)),
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
