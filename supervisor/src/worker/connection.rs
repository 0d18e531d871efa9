//! One connection: frames in, one open question at a time, frames out.
//!
//! A client that does not read stops only itself: what it is sent waits in its own task. One that
//! leaves while a question is open is noticed at once, and the question is dropped.

use super::context::SharedWorker;
use super::room::ClientLeft;
use crate::log::{Level, log};
use psup_proto::hello::{Hello, VERSIONS};
use psup_proto::response::End;
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Code, Decoder, Failure, Kind, Offset, Request, Response, limits, wire};
use psup_session::Ticket;
use std::future::Future;
use std::io;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

pub(super) struct Connection {
    stream: UnixStream,
    decoder: Decoder,
    out: Vec<u8>,
    /// In which version the client is answered.
    version: u16,
    pub worker: SharedWorker,
    /// A send whose rest has not come, and the session it has the turn in.
    pub unfinished: Option<(super::driver::mailbox::DriverHandle, Ticket)>,
}

pub(super) type Served = Result<(), ClientLeft>;

impl Connection {
    pub(super) fn new(stream: UnixStream, worker: &SharedWorker) -> Self {
        Self {
            stream,
            decoder: Decoder::default(),
            out: Vec::new(),
            version: *VERSIONS.start(),
            worker: worker.clone(),
            unfinished: None,
        }
    }

    /// Refuses without waiting for anything.
    pub(super) fn turn_away(&mut self, failure: &Failure) {
        if let Ok(Some(frame)) = self.decoder.next_frame()
            && let Ok(version) = Hello::parse(frame.payload).and_then(|hello| hello.agree())
        {
            self.version = version;
        }
        Hello::ours().put(&mut self.out);
        let refusal = Response::Failed(failure.clone());
        // It is far smaller than a frame.
        let _ = wire::put_response(&mut self.out, self.version, &refusal);
        // A client that has left needs no refusal.
        let _ = self.stream.try_write(&self.out);
    }

    /// Whether somebody of ours is at the other end and has said something already.
    pub(super) fn has_spoken(&mut self) -> bool {
        self.is_ours() && take(&self.stream, &mut self.decoder).is_ok_and(|spoke| spoke)
    }

    /// Invariant 10: the uid is the trust boundary.
    pub(super) fn is_ours(&self) -> bool {
        let ours = nix::unistd::geteuid().as_raw();
        match self.stream.peer_cred() {
            Ok(peer) if peer.uid() == ours || peer.uid() == 0 => true,
            Ok(peer) => {
                log(
                    Level::Warn,
                    "refused a connection of another user",
                    &[("uid", &peer.uid())],
                );
                false
            }
            Err(_) => false,
        }
    }

    /// Whether there is a version that both sides speak.
    pub(super) async fn hello(&mut self) -> Result<Result<(), Failure>, ClientLeft> {
        loop {
            match self.decoder.next_frame() {
                Ok(Some(frame)) if frame.kind == Kind::Hello => {
                    let agreed = Hello::parse(frame.payload).and_then(|hello| hello.agree());
                    Hello::ours().put(&mut self.out);
                    return Ok(agreed.map(|version| self.version = version));
                }
                Ok(Some(_)) => {
                    let failure = Failure::new(Code::Usage, "a connection begins with a hello");
                    return self.refuse(failure).await.map(Ok);
                }
                Ok(None) => self.receive().await?,
                Err(failure) => return self.refuse(failure).await.map(Ok),
            }
        }
    }

    /// The one thing that a build of no common version may ask for: an upgrade to this program.
    pub(super) async fn upgrade_frame(&mut self) -> Result<(u128, Vec<u8>), ClientLeft> {
        loop {
            match self.decoder.next_frame() {
                Ok(Some(frame)) if frame.kind == Kind::Upgrade => {
                    let across = UpgradeFrame::parse(frame.payload).map_err(|_| ClientLeft)?;
                    return Ok((across.id, across.binary.to_vec()));
                }
                Ok(Some(_)) | Err(_) => return Err(ClientLeft),
                Ok(None) => self.receive().await?,
            }
        }
    }

    pub(super) async fn refuse_upgrade(&mut self, failure: &Failure) -> Served {
        psup_proto::upgrade_frame::put_refusal(&mut self.out, failure);
        self.flush().await
    }

    /// The next question; `None` once the client has left in good order.
    pub(super) async fn next_request(&mut self) -> Result<Option<Request>, ClientLeft> {
        loop {
            let parsed = match self.decoder.next_frame() {
                Ok(Some(frame)) => wire::parse_request(&frame).unwrap_or_else(|| {
                    let message = format!("a frame of kind {:?} is no question", frame.kind);
                    Err(Failure::new(Code::Usage, message))
                }),
                // What there is to say is said before listening, in one piece with what was said
                // before: each write wakes the client.
                Ok(None) => {
                    self.flush().await?;
                    self.receive_when_idle().await?;
                    continue;
                }
                Err(failure) => Err(failure),
            };
            match parsed {
                Ok(request) => return Ok(Some(request)),
                Err(failure) => return self.refuse(failure).await.map(|()| None),
            }
        }
    }

    /// Tells a client that broke the protocol, and ends.
    async fn refuse(&mut self, failure: Failure) -> Served {
        self.respond(Response::Failed(failure)).await?;
        self.flush().await?;
        Err(ClientLeft)
    }

    pub(super) async fn respond(&mut self, response: Response) -> Served {
        if let Err(failure) = wire::put_response(&mut self.out, self.version, &response) {
            log(
                Level::Error,
                "an answer does not fit",
                &[("error", &failure)],
            );
            // Smaller than what did not fit, so it does.
            let _ = wire::put_response(&mut self.out, self.version, &Response::Failed(failure));
        }
        self.flush_if_much().await
    }

    pub(super) async fn answer(&mut self, answer: Result<Response, Failure>) -> Served {
        self.respond(answer.unwrap_or_else(Response::Failed)).await
    }

    pub(super) async fn bytes(&mut self, bytes: &[u8]) -> Served {
        for part in bytes.chunks(limits::BYTES_FRAME) {
            psup_proto::frame::put(&mut self.out, Kind::Bytes, part);
            self.flush_if_much().await?;
        }
        Ok(())
    }

    /// The stream is over, and other things follow.
    pub(super) fn end_of_bytes(&mut self) {
        psup_proto::frame::put(&mut self.out, Kind::Bytes, &[]);
    }

    pub(super) async fn end(&mut self, next: Offset, why: End) -> Served {
        self.end_of_bytes();
        self.respond(Response::End { next, why }).await
    }

    pub(super) async fn flush(&mut self) -> Served {
        if !self.out.is_empty() {
            self.stream
                .write_all(&self.out)
                .await
                .map_err(|_| ClientLeft)?;
            self.out.clear();
            self.out.shrink_to(limits::BYTES_FRAME * 2);
        }
        Ok(())
    }

    /// What is little waits for more: until an answer is waited for, or the next question.
    async fn flush_if_much(&mut self) -> Served {
        if self.out.len() >= limits::BYTES_FRAME {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Waits for an answer as long as the client does.
    pub(super) async fn while_there<T>(
        &mut self,
        answer: impl Future<Output = T>,
    ) -> Result<T, ClientLeft> {
        let mut answer = std::pin::pin!(answer);
        // An answer that comes at once leaves with the hello before it.
        if !self.out.is_empty() {
            tokio::select! {
                biased;
                done = &mut answer => return Ok(done),
                () = tokio::task::yield_now() => self.flush().await?,
            }
        }
        loop {
            // A client may ask its next question already, up to one frame ahead.
            let room = self.decoder.pending() <= limits::FRAME;
            tokio::select! {
                biased;
                done = &mut answer => return Ok(done),
                received = receive(&self.stream, &mut self.decoder), if room => received?,
            }
        }
    }

    async fn receive(&mut self) -> Served {
        receive(&self.stream, &mut self.decoder).await
    }

    /// A send that is not complete is an open question.
    async fn receive_when_idle(&mut self) -> Served {
        if self.unfinished.is_some() || self.decoder.pending() > 0 {
            return self.receive().await;
        }
        let worker = self.worker.clone();
        worker.room.while_idle(self.receive()).await
    }

    pub(super) fn drop_unfinished(&mut self) {
        if let Some((handle, ticket)) = self.unfinished.take() {
            handle.post(super::driver::mailbox::Message::AskerLeft(ticket));
        }
    }
}

async fn receive(stream: &UnixStream, decoder: &mut Decoder) -> Served {
    loop {
        stream.readable().await.map_err(|_| ClientLeft)?;
        if take(stream, decoder)? {
            return Ok(());
        }
    }
}

/// False when nothing was there. The buffer lives only for the call, so an idle connection does not
/// carry one.
fn take(stream: &UnixStream, decoder: &mut Decoder) -> Result<bool, ClientLeft> {
    let mut buffer = [0; 16 << 10];
    match stream.try_read(&mut buffer) {
        Ok(0) => Err(ClientLeft),
        Ok(count) => {
            decoder.push(&buffer[..count]);
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(_) => Err(ClientLeft),
    }
}
