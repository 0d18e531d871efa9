//! `psup send`.

use super::{Run, word};
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use crate::send_args::{Piece, Pieces, Portions};
use psup_link::request_id::fresh_id;
use psup_proto::input::{self, Sent, Submit};
use psup_proto::{Code, Failure, Offset, Request, Response, Target};
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::OsString;
use std::time::Duration;

/// Type into a session
///
/// TEXT is always literal: nothing is inserted between two texts, and no Enter is
/// added unless asked for. Texts, keys and files are typed in the order given and
/// in one piece: no other send comes between. Keys are encoded for the modes that
/// the program has set. Input may be of any size and hold any bytes. A line that
/// the terminal would cut off is refused.
///
/// Returns when all of it has been written to the terminal, and prints the offset
/// of the output just before: the program's answer comes after that offset.
///
/// With --submit the text is typed (as a paste, if the program asked for that);
/// once the screen shows it, Enter is pressed as a separate write, and the outcome
/// is printed after the offset: submitted, pending (the text is still in the input
/// box), or blocked (something else took the keys; Enter is not pressed if the text
/// never appeared). Pending and blocked give exit code 1. An editor or a pager
/// would take the text as commands: there nothing is typed, and the error says so.
///
/// While a person types in the session (see psup attach), the send waits, up to
/// --timeout or 30 s. While the program reads without echo, as for a password, it
/// is refused without --secret; psup ask lets a person type it.
///
/// Example:
///   psup send web 'npm test' --enter
///   psup send web --key C-c
///   psup send vim --key Escape ':wq' --enter
///   psup send repl --paste --file program.py --enter
///   psup send sh -- --version
///   psup send agent --submit 'fix the failing test'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Send {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Type every TEXT and --file as a paste, marked as one if the program asked for that
    #[arg(long)]
    paste: bool,
    /// Press Enter once the screen shows what was typed, and report the outcome
    #[arg(long)]
    submit: bool,
    /// Type even while the program reads without echo, as for a password
    #[arg(long)]
    secret: bool,
    /// How long to wait while a person types (see psup attach)
    #[arg(long, value_name = "DUR", value_parser = psup_proto::units::duration)]
    timeout: Option<Duration>,
    #[command(flatten)]
    pieces: Pieces,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sent")]
struct Report {
    offset: u64,
    /// Only with `--submit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    submit: Option<Submit>,
}

impl Run for Send {
    const ITEMS: Items = Items::one::<(Report,)>();

    fn plain(words: &[OsString]) -> Option<Self> {
        let (target, pieces) = words.split_first()?;
        Some(Self {
            target: word(target)?,
            paste: false,
            submit: false,
            secret: false,
            timeout: None,
            pieces: Pieces(pieces.iter().map(Piece::plain).collect::<Option<_>>()?),
        })
    }

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        if self.pieces.0.is_empty() {
            return Err(Failure::new(Code::Usage, "there is nothing to send")
                .hint("give TEXT, --enter, --key, --file or --raw-hex"));
        }
        let mut portions = Portions::new(self.pieces.0, self.paste || self.submit)?;
        let mut ahead = portions.next_portion()?;
        let mut first = None;
        let mut id = fresh_id()?;
        loop {
            let parts = ahead.take().unwrap_or_default();
            ahead = portions.next_portion()?;
            let more = ahead.is_some();
            let send = input::Send {
                id,
                parts,
                more,
                submit: self.submit,
                secret: self.secret,
                patience: self.timeout,
                ..input::Send::default()
            };
            let sent = put(cx, &self.target, send)?;
            let offset = *first.get_or_insert(sent.offset);
            if ahead.is_none() {
                return tell(cx, offset, sent.submit);
            }
            // Each portion is recognised by itself when it is put twice.
            id = id.wrapping_add(1);
        }
    }
}

fn tell(cx: &mut Context, offset: Offset, submit: Option<Submit>) -> Result<Done, Failure> {
    if cx.out.json {
        cx.out.object(&Report { offset, submit })?;
    } else {
        let word = submit.map(|submit| match submit {
            Submit::Submitted => "\tsubmitted",
            Submit::Pending => "\tpending",
            Submit::Blocked => "\tblocked",
        });
        cx.out
            .line(format_args!("{offset}{}", word.unwrap_or_default()))?;
    }
    Ok(match submit {
        None | Some(Submit::Submitted) => Done::OK,
        Some(Submit::Pending | Submit::Blocked) => Done::like(Code::No),
    })
}

fn put(cx: &mut Context, target: &Target, send: input::Send) -> Result<Sent, Failure> {
    let target = target.clone();
    match cx.ask(&Request::Send { target, send })? {
        Response::Sent(sent) => Ok(sent),
        other => Err(unexpected(&other)),
    }
}
