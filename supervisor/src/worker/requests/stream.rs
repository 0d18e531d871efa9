//! Answers that are streams: the journal, events, the supervisor's own log.

use crate::log::reader::LogReader;
use crate::worker::connection::{Connection, Served};
use crate::worker::driver::mailbox::Detail;
use crate::worker::sessions::session_ref::SessionRef;
use psup_proto::name::Target;
use psup_proto::request::Read;
use psup_proto::response::End;
use psup_proto::{Code, Failure, Offset, Response, limits};
use psup_session::lines::{Lines, Returns};
use psup_session::{Answer, Ask};
use std::time::{Duration, Instant};

/// The journal from an offset on. The reader is nothing but that offset: a slow one costs nobody
/// anything.
pub(super) async fn read(connection: &mut Connection, target: &Target, read: Read) -> Served {
    let known = match connection.worker.registry.find(target) {
        Ok(known) => known,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let info = match connection
        .while_there(known.handle.info(Detail::Brief))
        .await?
    {
        Ok(info) => info,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let end = info.facts.offset;
    let from = read.since.unwrap_or(0);
    if from > end {
        let failure = Failure::new(
            Code::Usage,
            format!("--since {from} is beyond the journal's end {end}"),
        );
        return connection.answer(Err(failure)).await;
    }
    connection.respond(Response::Reading { from }).await?;
    let mut reader = Reader {
        known,
        at: from,
        lines: read.text.then(|| Lines::new(from, Returns::Overwrite)),
    };
    if read.since.is_none() && info.kept_from > 0 {
        reader
            .skip_what_is_gone(connection, info.kept_from, end)
            .await?;
    }
    if !read.follow {
        reader.up_to(connection, end).await?;
        reader.last_line(connection).await?;
        return connection.end(reader.at, End::Whole).await;
    }
    let deadline = read
        .timeout
        .and_then(|timeout| Instant::now().checked_add(timeout));
    let why = reader.follow(connection, deadline).await?;
    reader.last_line(connection).await?;
    connection.end(reader.at, why).await
}

pub(super) struct Reader {
    known: SessionRef,
    at: Offset,
    /// Set where clean lines are wanted.
    lines: Option<Lines>,
}

impl Reader {
    /// Reads bytes from an offset on.
    pub(super) fn new(known: SessionRef, at: Offset) -> Self {
        Self {
            known,
            at,
            lines: None,
        }
    }

    pub(super) fn at(&self) -> Offset {
        self.at
    }

    pub(super) fn handle(&self) -> &crate::worker::driver::mailbox::DriverHandle {
        &self.known.handle
    }

    async fn follow(
        &mut self,
        connection: &mut Connection,
        deadline: Option<Instant>,
    ) -> Result<End, crate::worker::room::ClientLeft> {
        loop {
            let timeout =
                deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let ask = Ask::Read {
                from: self.at,
                timeout,
            };
            let answer = connection.while_there(self.known.handle.ask(ask)).await?;
            let Ok(Answer::Readable {
                end,
                final_end,
                timed_out,
            }) = answer
            else {
                return Ok(End::SessionEnded);
            };
            self.up_to(connection, end).await?;
            if timed_out || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(End::TimedOut);
            }
            if final_end && self.at >= end {
                return Ok(End::SessionEnded);
            }
        }
    }

    /// Begins at the first line that is kept whole, and tells what stands before it.
    async fn skip_what_is_gone(
        &mut self,
        connection: &mut Connection,
        kept_from: Offset,
        end: Offset,
    ) -> Served {
        let most = limits::BYTES_FRAME.min((end - kept_from) as usize);
        let fetched = connection
            .while_there(self.known.handle.bytes(kept_from, most))
            .await?;
        // What cannot be read here is told by the read that follows.
        let Ok((chunk, bytes)) = fetched else {
            return Ok(());
        };
        let line = memchr::memchr(b'\n', &bytes)
            .map(|at| at + 1)
            .filter(|at| *at < bytes.len());
        let to = chunk.from + line.unwrap_or(0) as Offset;
        let reason = if line.is_some() {
            "older output is not kept"
        } else {
            "older output is not kept; what follows begins in the middle of a line"
        };
        connection
            .respond(Response::Gap {
                from: 0,
                to,
                reason: reason.to_owned(),
            })
            .await?;
        if let Some(lines) = &mut self.lines {
            lines.skip_to(to);
        }
        self.at = to;
        Ok(())
    }

    pub(super) async fn up_to(&mut self, connection: &mut Connection, end: Offset) -> Served {
        while self.at < end {
            let most = limits::BYTES_FRAME.min((end - self.at) as usize);
            let fetched = connection
                .while_there(self.known.handle.bytes(self.at, most))
                .await?;
            let (chunk, bytes) = match fetched {
                Ok(fetched) => fetched,
                // Told, not cut short: what is missing may be all that matters.
                Err(failure) => {
                    connection.respond(Response::Failed(failure)).await?;
                    connection.flush().await?;
                    return Err(crate::worker::room::ClientLeft);
                }
            };
            if let Some(gap) = chunk.gap {
                connection
                    .respond(Response::Gap {
                        from: gap.from,
                        to: gap.to,
                        reason: gap.reason,
                    })
                    .await?;
                if let Some(lines) = &mut self.lines {
                    lines.skip_to(chunk.from);
                }
            }
            if chunk.next == self.at {
                return Ok(());
            }
            self.at = chunk.next;
            self.pass_on(connection, &bytes).await?;
        }
        Ok(())
    }

    async fn pass_on(&mut self, connection: &mut Connection, bytes: &[u8]) -> Served {
        let Some(lines) = &mut self.lines else {
            return connection.bytes(bytes).await;
        };
        let mut clean = Vec::new();
        lines.feed(bytes, |line| {
            clean.extend_from_slice(line.text());
            clean.push(b'\n');
            false
        });
        connection.bytes(&clean).await?;
        // A client that has to come back begins where a line began, not in its middle.
        let from = lines.open_line().offset_after(0);
        connection.respond(Response::Reading { from }).await
    }

    /// What was written after the last line end.
    async fn last_line(&mut self, connection: &mut Connection) -> Served {
        match &self.lines {
            Some(lines) if !lines.open_line().text().is_empty() => {
                let text = lines.open_line().text().to_vec();
                connection.bytes(&text).await
            }
            Some(_) | None => Ok(()),
        }
    }
}

pub(super) async fn events(
    connection: &mut Connection,
    targets: &[Target],
    since: Option<u64>,
    follow: bool,
) -> Served {
    let worker = connection.worker.clone();
    for target in targets {
        if let Err(failure) = worker.registry.find(target) {
            return connection.answer(Err(failure)).await;
        }
    }
    let wanted = |id: &psup_proto::SessionId| {
        targets.is_empty()
            || targets
                .iter()
                .any(|t| t.name == id.name && t.life.is_none_or(|life| life == id.life))
    };
    let mut seen = match since {
        Some(since) => since.saturating_sub(1),
        None if follow => worker.events.last(),
        None => 0,
    };
    loop {
        for happened in worker.events.after(seen) {
            seen = happened.seq;
            if wanted(&happened.id) {
                connection.respond(Response::Happened(happened)).await?;
            }
        }
        if !follow {
            return connection.respond(Response::Done).await;
        }
        connection.while_there(worker.events.news(seen)).await?;
    }
}

/// Following it is a look every so often while somebody follows.
pub(super) async fn logs(connection: &mut Connection, follow: bool) -> Served {
    const PAUSE: Duration = Duration::from_millis(200);
    let mut reader = LogReader::open(crate::log::path(&connection.worker.facts.state));
    let mut at: Offset = 0;
    connection.respond(Response::Reading { from: 0 }).await?;
    loop {
        let text = reader.more();
        connection.bytes(&text).await?;
        at += text.len() as Offset;
        if !follow {
            return connection.end(at, End::Whole).await;
        }
        connection.while_there(tokio::time::sleep(PAUSE)).await?;
    }
}
