//! One command in a live shell, its output passed on as it comes.
//!
//! While somebody reads along, the session's driver takes no more from the terminal than the reader
//! can follow, so that nothing of it is dropped. Bytes that may belong to the mark of the end are
//! held back until it is known whose they are.

use super::exec::{executed, fresh_tokens};
use crate::worker::connection::{Connection, Served};
use crate::worker::driver::mailbox::{Detail, Following};
use crate::worker::sessions::session_ref::SessionRef;
use crate::worker::shells;
use psup_proto::exec::{Began, Doing, Executed, Ran, Run};
use psup_proto::name::Target;
use psup_proto::response::End;
use psup_proto::{Failure, Offset, Response, limits};
use psup_session::lines::{Lines, Returns};
use psup_session::marks::{Printed, after_fish, may_end};
use psup_session::prompt::Evidence;
use psup_session::{Answer, Ask};

/// What fish writes before a command's own output is shorter.
const OPENING: usize = 1024;
/// What a line editor writes before a prompt.
const ENTER: &[u8] = b"\x1b[?2004h";
/// A line that is longer is no prompt.
const LINE: usize = 4096;

pub(super) async fn run(connection: &mut Connection, target: &Target, run: Run) -> Served {
    let known = match connection.worker.registry.find(target) {
        Ok(known) => known,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let tokens = match fresh_tokens() {
        Ok(tokens) => tokens,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let handle = known.handle.clone();
    let mut following = handle.follow(Ask::Exec(run.exec, tokens));
    let began = connection.while_there(following.began()).await?;
    let mut output = None;
    if let Some(begun) = began {
        let (from, via) = (begun.from, begun.via.word());
        let mut begun_output = begin(connection, &known, from, via, run.text).await?;
        begun_output.by_lines = begun.by_lines;
        output = Some(begun_output);
    }
    let answer = match &mut output {
        Some(output) => output.follow(connection, &mut following).await?,
        None => connection.while_there(following.answer()).await?,
    };
    let executed = match executed(answer) {
        Ok(executed) => executed,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let output = match output {
        Some(output) => output,
        // The shell has answered without running anything.
        None => begin(connection, &known, executed.from, &executed.via, run.text).await?,
    };
    finish(connection, output, executed).await
}

async fn begin(
    connection: &mut Connection,
    known: &SessionRef,
    from: Offset,
    via: &str,
    text: bool,
) -> Result<Output, crate::worker::room::ClientLeft> {
    let via_marks = via == Evidence::Marks.word();
    let began = Began {
        from,
        via: via.to_owned(),
    };
    connection.respond(Response::Began(began)).await?;
    connection.flush().await?;
    Ok(Output {
        known: known.clone(),
        at: from,
        pending: Vec::new(),
        by_lines: false,
        opening: via_marks && shells::is_fish(&known.spec),
        printed: Printed::default(),
        lines: text.then(|| Lines::new(from, Returns::Overwrite)),
    })
}

async fn finish(connection: &mut Connection, mut output: Output, executed: Executed) -> Served {
    output.up_to(connection, executed.to).await?;
    output.rest(connection, executed.to).await?;
    if executed.ran == Ran::Running {
        let info = connection
            .while_there(output.known.handle.info(Detail::Full))
            .await?;
        // One that is gone does nothing.
        if let Ok(info) = info {
            let doing = Doing {
                program: info.foreground.map(|process| process.name),
                blocked: info.blocked,
            };
            connection.respond(Response::Doing(doing)).await?;
        }
    }
    let to = executed.to;
    connection.respond(Response::Executed(executed)).await?;
    connection.end(to, End::Whole).await
}

/// What a command prints, on its way to the client.
struct Output {
    known: SessionRef,
    /// Read up to here.
    at: Offset,
    /// Read, and not yet passed on: it may belong to what ends the command.
    pending: Vec<u8>,
    /// The last line is held back until it has ended: it may be a prompt.
    by_lines: bool,
    /// Nothing has been passed on, and what comes first is fish's.
    opening: bool,
    printed: Printed,
    /// Set where clean lines are wanted.
    lines: Option<Lines>,
}

impl Output {
    /// Passes on what comes until the command has ended.
    async fn follow(
        &mut self,
        connection: &mut Connection,
        following: &mut Following<'_>,
    ) -> Result<Result<Answer, Failure>, crate::worker::room::ClientLeft> {
        loop {
            let known = self.known.clone();
            let more = known.handle.ask(Ask::Read {
                from: self.at,
                timeout: None,
            });
            let both = async {
                tokio::select! {
                    biased;
                    answer = following.answer() => Err(answer),
                    more = more => Ok(more),
                }
            };
            match connection.while_there(both).await? {
                Err(answer) => return Ok(answer),
                Ok(Ok(Answer::Readable { end, final_end, .. })) => {
                    self.up_to(connection, end).await?;
                    self.pass_on(connection, self.certain()).await?;
                    connection.flush().await?;
                    following.has_read(self.at);
                    if final_end && self.at >= end {
                        return connection.while_there(following.answer()).await;
                    }
                }
                Ok(_) => return connection.while_there(following.answer()).await,
            }
        }
    }

    /// Reads what the journal has up to there.
    async fn up_to(&mut self, connection: &mut Connection, end: Offset) -> Served {
        while self.at < end {
            let most = limits::BYTES_FRAME.min((end - self.at) as usize);
            let fetched = self.known.handle.bytes(self.at, most);
            let Ok((chunk, bytes)) = connection.while_there(fetched).await? else {
                return Ok(());
            };
            if let Some(gap) = chunk.gap {
                self.pass_on(connection, self.pending.len()).await?;
                let (from, to, reason) = (gap.from, gap.to, gap.reason);
                let gap = Response::Gap { from, to, reason };
                connection.respond(gap).await?;
                if let Some(lines) = &mut self.lines {
                    lines.skip_to(chunk.from);
                }
            }
            if chunk.next == self.at {
                return Ok(());
            }
            self.at = chunk.next;
            self.pending.extend_from_slice(&bytes);
            self.pass_on(connection, self.certain()).await?;
        }
        Ok(())
    }

    /// The command has ended there: what was held back is its own, or not.
    async fn rest(&mut self, connection: &mut Connection, to: Offset) -> Served {
        let beyond = (self.at.saturating_sub(to)) as usize;
        let own = self.pending.len().saturating_sub(beyond);
        self.pending.truncate(own);
        self.opening = self.opening && after_fish(&self.pending).len() < self.pending.len();
        self.pass_on(connection, own).await?;
        let last = std::mem::take(&mut self.printed).rest();
        self.put(connection, &last).await?;
        match &self.lines {
            Some(lines) if !lines.open_line().text().is_empty() => {
                let text = lines.open_line().text().to_vec();
                connection.bytes(&text).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How many of the bytes that were read are the command's without doubt.
    fn certain(&self) -> usize {
        let sure = may_end(&self.pending);
        if !self.by_lines || sure > LINE {
            return sure;
        }
        let next = memchr::memmem::find(&self.pending, ENTER).unwrap_or(sure);
        memchr::memrchr(b'\n', &self.pending[..next.min(sure)]).map_or(0, |at| at + 1)
    }

    /// Passes on so many of the bytes that were read.
    async fn pass_on(&mut self, connection: &mut Connection, count: usize) -> Served {
        if self.opening {
            let own = after_fish(&self.pending).len();
            if own == self.pending.len() && own < OPENING {
                return Ok(());
            }
            let theirs = self.pending.len() - own;
            self.pending.drain(..theirs);
            self.opening = false;
            return Box::pin(self.pass_on(connection, count.saturating_sub(theirs))).await;
        }
        if count == 0 {
            return Ok(());
        }
        let bytes: Vec<u8> = self.pending.drain(..count).collect();
        let own = self.printed.take(&bytes);
        self.put(connection, &own).await?;
        let from = self.at - self.pending.len() as Offset;
        connection.respond(Response::Reading { from }).await
    }

    async fn put(&mut self, connection: &mut Connection, bytes: &[u8]) -> Served {
        let Some(lines) = &mut self.lines else {
            return match bytes {
                // An empty frame is the end of a stream.
                [] => Ok(()),
                bytes => connection.bytes(bytes).await,
            };
        };
        let mut clean = Vec::new();
        lines.feed(bytes, |line| {
            clean.extend_from_slice(line.text());
            clean.push(b'\n');
            false
        });
        connection.bytes(&clean).await
    }
}
