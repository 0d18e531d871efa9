//! Captures: rows that are read from a screen piece by piece. Others have their turn after each
//! piece, and a piece is made when the one before has been taken, so a capture of any length costs
//! nobody a wait and no more memory than the lines it is made of.

use crate::platform::{malloc_trim, watchdog};
use crate::worker::connection::{Connection, Served};
use crate::worker::room::ClientLeft;
use psup_proto::capture::{Capture, Captured, Extent, Format, ScreenFacts};
use psup_proto::name::Target;
use psup_proto::response::End;
use psup_proto::rows::{Assembler, Joiner, Row, RowBuf, RowsHead};
use psup_proto::{Code, Failure, Response};
use psup_render::Renderer;
use psup_screen::RowReader;
use psup_session::{Answer, Ask};
use tokio::sync::oneshot;

/// A capture of so many rows took memory that is worth giving back.
const MANY: u64 = 1 << 13;

/// A capture whose rows have been counted.
struct Shot {
    head: Box<RowsHead>,
    reader: Box<RowReader>,
    /// Dropped after the rows.
    _memory: Memory,
}

/// Memory for so many rows: given back at once when the capture is over, however it ends.
struct Memory(u64);

impl Drop for Memory {
    fn drop(&mut self) {
        if self.0 > MANY {
            malloc_trim::give_back();
        }
    }
}

/// Rows as data.
pub(crate) async fn rows(connection: &mut Connection, target: &Target, capture: Capture) -> Served {
    let mut shot = match counted(connection, target, capture).await? {
        Ok(shot) => shot,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let next = shot.head.offset;
    connection.respond(Response::RowsHead(shot.head)).await?;
    loop {
        match shot.reader.piece() {
            Ok(Some(piece)) if piece.text.is_empty() => {}
            Ok(Some(piece)) => connection.respond(Response::Rows(piece)).await?,
            Ok(None) => break,
            Err(failure) => return connection.answer(Err(failure)).await,
        }
        if !shot.reader.is_over() {
            pause(connection).await?;
        }
    }
    let why = End::Whole;
    connection.respond(Response::End { next, why }).await
}

/// A capture in its format, for clients of version 1.
pub(crate) async fn rendered(
    connection: &mut Connection,
    target: &Target,
    capture: Capture,
) -> Served {
    let mut shot = match counted(connection, target, capture.clone()).await? {
        Ok(shot) => shot,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let renderer = match Renderer::for_version_1(&capture, &shot.head) {
        Ok(renderer) => renderer,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let next = shot.head.offset;
    connection
        .respond(Response::Captured(Box::new(captured(*shot.head))))
        .await?;
    let written = if capture.format == Format::Png {
        paint(connection, &mut shot.reader, renderer).await?
    } else {
        write(connection, &mut shot.reader, renderer, &capture).await?
    };
    match written {
        Ok(rest) => {
            connection.bytes(&rest).await?;
            connection.end(next, End::Whole).await
        }
        Err(failure) => connection.answer(Err(failure)).await,
    }
}

/// What the screen is, without its rows.
pub(crate) async fn facts(connection: &mut Connection, target: &Target) -> Served {
    let shot = counted(connection, target, Capture::NOTHING).await?;
    let answer = shot.map(|shot| Response::ScreenFacts(Box::new(facts_of(*shot.head))));
    connection.answer(answer).await
}

async fn counted(
    connection: &mut Connection,
    target: &Target,
    capture: Capture,
) -> Result<Result<Shot, Failure>, ClientLeft> {
    let known = match connection.worker.registry.find(target) {
        Ok(known) => known,
        Err(failure) => return Ok(Err(failure)),
    };
    let asked = known.handle.ask(Ask::Capture(capture));
    let (mut head, mut reader) = match connection.while_there(asked).await? {
        Ok(Answer::Captured(head, reader)) => (head, reader),
        Ok(Answer::Refused(failure)) | Err(failure) => return Ok(Err(failure)),
        Ok(_) => {
            let message = "an answer to another question";
            return Ok(Err(Failure::new(Code::Internal, message)));
        }
    };
    loop {
        match reader.count() {
            Ok(true) => break,
            Ok(false) => pause(connection).await?,
            Err(failure) => return Ok(Err(failure)),
        }
    }
    (head.rows, head.left_out) = (reader.rows(), reader.left_out());
    Ok(Ok(Shot {
        _memory: Memory(head.rows),
        head,
        reader,
    }))
}

/// Writes all but the end of a capture, which is given back.
async fn write(
    connection: &mut Connection,
    reader: &mut RowReader,
    mut renderer: Renderer,
    capture: &Capture,
) -> Result<Result<Vec<u8>, Failure>, ClientLeft> {
    let joins = matches!(capture.extent, Extent::Rows { .. }) && !capture.rows;
    let (mut whole, mut joiner) = (Assembler::default(), Joiner::default());
    let mut row = |renderer: &mut Renderer, row: Row<'_>| {
        if !joins {
            return renderer.row(row);
        }
        joiner
            .row(row)
            .map_or(Ok(()), |line| renderer.row(line.as_row()))
    };
    loop {
        let written = match reader.piece() {
            Ok(Some(piece)) => whole.take(&piece, |next| row(&mut renderer, next)),
            Ok(None) => break,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = written {
            return Ok(Err(failure));
        }
        connection.bytes(&renderer.take()).await?;
        pause(connection).await?;
    }
    let last = joiner
        .end()
        .map_or(Ok(()), |line| renderer.row(line.as_row()));
    Ok(last.and_then(|()| renderer.end()))
}

/// A picture is painted by a thread of its own: it takes a tenth of a second. Its rows are few.
async fn paint(
    connection: &mut Connection,
    reader: &mut RowReader,
    mut renderer: Renderer,
) -> Result<Result<Vec<u8>, Failure>, ClientLeft> {
    let (mut whole, mut rows) = (Assembler::default(), Vec::new());
    loop {
        match reader.piece() {
            Ok(Some(piece)) => {
                // Keeping a row cannot fail.
                let _ = whole.take(&piece, |row| {
                    rows.push(RowBuf::from(row));
                    Ok::<(), Failure>(())
                });
                pause(connection).await?;
            }
            Ok(None) => break,
            Err(failure) => return Ok(Err(failure)),
        }
    }
    let (to, painted) = oneshot::channel();
    let paint = move || {
        let rows = rows.iter().map(RowBuf::as_row);
        let done = rows.into_iter().try_for_each(|row| renderer.row(row));
        // Its client may have left.
        let _ = to.send(done.and_then(|()| renderer.end()));
    };
    let thread = std::thread::Builder::new().name("psup-picture".to_owned());
    if let Err(error) = thread.spawn(paint) {
        return Ok(Err(Failure::system("cannot start a thread", error)));
    }
    let message = "the picture could not be painted";
    let painted = connection.while_there(painted).await?;
    Ok(painted.unwrap_or_else(|_| Err(Failure::new(Code::Internal, message))))
}

/// Lets others have their turn; ends with the client.
async fn pause(connection: &mut Connection) -> Served {
    watchdog::feed();
    connection.while_there(tokio::task::yield_now()).await
}

/// Of a capture of nothing, which leaves out the history.
fn facts_of(head: RowsHead) -> ScreenFacts {
    ScreenFacts {
        offset: head.offset,
        size: head.size,
        cursor: head.cursor,
        title: head.title,
        modes: head.modes,
        history: head.left_out,
    }
}

fn captured(head: RowsHead) -> Captured {
    Captured {
        offset: head.offset,
        size: head.size,
        cursor: head.cursor,
        title: head.title,
        modes: head.modes,
        lines: head.rows,
        left_out: head.left_out,
    }
}
