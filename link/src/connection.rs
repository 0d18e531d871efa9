//! One connection: hello and question go out in one write, items come back.
//!
//! Everything here blocks: deadlines are the supervisor's, which answers when they pass. Only one
//! that has stopped answering is given up; for one that has not even said hello the guardian is
//! woken first.

use crate::{Connector, Wire, unexpected};
use psup_proto::hello::Hello;
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Code, Decoder, Failure, Kind, Request, Response, units, wire};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

/// One read. Most answers are far smaller, and a larger buffer costs every command the pages it is
/// made of.
const READ: usize = 8 << 10;
/// The first read, which most answers fit: clearing more is a tenth of what a short command does.
const FIRST_READ: usize = 1 << 10;

/// A supervisor says hello within milliseconds. This is for a machine in trouble, and how long a
/// read takes at first.
const HELLO_TIME: Duration = Duration::from_secs(1);

pub struct Connection<'a> {
    connector: &'a dyn Connector,
    wire: Wire,
    /// The version of what is asked.
    version: u16,
    /// The version of the answers, known with the other side's hello.
    answers_in: u16,
    decoder: Decoder,
    greeted: bool,
    /// Their hello has been read, and we have a version in common.
    agreed: bool,
    buffer: Box<[u8]>,
    /// How long nothing may come.
    limit: Option<Duration>,
    /// How long nothing has come, at the end of a read that was in vain.
    silence: Duration,
    /// How long a read takes: changed only once one was in vain, for that is a system call more.
    patience: Option<Duration>,
}

/// What comes back.
#[derive(Debug)]
pub enum Item {
    Response(Response),
    /// A piece of a stream; an empty one ends it.
    Bytes(Vec<u8>),
}

/// Why nothing came back.
#[derive(Debug)]
pub enum Trouble {
    /// The other side is gone.
    Lost,
    /// It knows only this earlier version, and has not read what was asked in a later one.
    Older(u16),
    /// It said no, or something is wrong on our side.
    Refused(Failure),
}

impl<'a> Connection<'a> {
    /// Asks in this version; answers come in the newest that both sides know.
    pub fn new(wire: Wire, connector: &'a dyn Connector, version: u16) -> Self {
        Self {
            connector,
            wire,
            version,
            answers_in: version,
            decoder: Decoder::default(),
            greeted: false,
            agreed: false,
            buffer: vec![0; FIRST_READ].into(),
            limit: None,
            silence: Duration::ZERO,
            patience: None,
        }
    }

    /// Whether the other side has said hello, and can be understood.
    pub fn is_agreed(&self) -> bool {
        self.agreed
    }

    /// Whether something has come that was not given out yet.
    pub fn is_ready(&self) -> bool {
        self.decoder.has_frame() || self.wire.is_ready()
    }

    pub fn put(&mut self, request: &Request) -> Result<(), Trouble> {
        self.put_all(&[request])
    }

    /// In one write; for how long nothing may come says the last.
    pub fn put_all(&mut self, requests: &[&Request]) -> Result<(), Trouble> {
        let mut bytes = Vec::with_capacity(512);
        if !self.greeted {
            Hello::ours().put(&mut bytes);
            self.greeted = true;
        }
        for request in requests {
            wire::put_request(&mut bytes, self.version, request)?;
            self.listen_for(request.policy().answer_time)?;
        }
        match self.wire.write_all(&bytes) {
            Ok(()) => Ok(()),
            // A supervisor that is full answers and closes without reading: what it said is still
            // there to be read.
            Err(error) if is_gone(error.kind()) => Ok(()),
            Err(error) => Err(Failure::system("cannot write to the supervisor", error).into()),
        }
    }

    /// Asks a supervisor of whatever version to become another program. `None`: it speaks one of
    /// our versions, and is better asked in that. It hangs up when it does what it is asked.
    pub fn upgrade_across(
        &mut self,
        across: &UpgradeFrame<'_>,
    ) -> Result<Option<Failure>, Trouble> {
        let mut bytes = Vec::new();
        Hello::ours().put(&mut bytes);
        across.put(&mut bytes);
        self.listen_for(None)?;
        self.wire.write_all(&bytes).map_err(|_| Trouble::Lost)?;
        loop {
            match self.decoder.next_frame()? {
                Some(frame) if frame.kind == Kind::Hello => {
                    if Hello::parse(frame.payload)?.agree().is_ok() {
                        return Ok(None);
                    }
                }
                Some(frame) if frame.kind == Kind::Upgrade => {
                    return Ok(Some(Failure::new(
                        Code::CannotStart,
                        String::from_utf8_lossy(frame.payload),
                    )));
                }
                // Its words are not ours.
                Some(_) => {}
                None => self.fill()?,
            }
        }
    }

    pub fn next_item(&mut self) -> Result<Item, Trouble> {
        loop {
            let frame = self
                .decoder
                .next_frame()?
                .map(|frame| (frame.kind, frame.payload.to_vec()));
            match frame {
                Some((Kind::Hello, payload)) => {
                    let agreed = Hello::parse(&payload)?.agree()?;
                    if agreed < self.version {
                        return Err(Trouble::Older(agreed));
                    }
                    self.agreed = true;
                    self.answers_in = agreed;
                }
                Some((Kind::Response, payload)) => match wire::parse(self.answers_in, &payload)? {
                    Response::Failed(failure) => return Err(failure.into()),
                    response => return self.after_hello(Item::Response(response)),
                },
                Some((Kind::Bytes, payload)) => return self.after_hello(Item::Bytes(payload)),
                Some((Kind::Request | Kind::VersionedRequest | Kind::Upgrade, _)) => {
                    return Err(unexpected("a question").into());
                }
                None => self.fill()?,
            }
        }
    }

    /// From now on nothing may come for so long.
    fn listen_for(&mut self, limit: Option<Duration>) -> Result<(), Failure> {
        self.limit = limit;
        self.silence = Duration::ZERO;
        self.read_for(Some(HELLO_TIME))
    }

    fn read_for(&mut self, patience: Option<Duration>) -> Result<(), Failure> {
        if patience == self.patience {
            return Ok(());
        }
        self.patience = patience;
        self.wire
            .set_read_timeout(patience)
            .map_err(|e| Failure::system("cannot set a limit on the connection", e))
    }

    /// A read was in vain.
    fn nothing_came(&mut self) -> Result<(), Trouble> {
        self.silence += self.patience.unwrap_or_default();
        let left = self.limit.map(|limit| limit.saturating_sub(self.silence));
        if left == Some(Duration::ZERO) {
            return Err(silent(self.silence).into());
        }
        if self.agreed {
            return Ok(self.read_for(left)?);
        }
        self.connector.wake_guardian(&self.wire);
        Ok(self.read_for(left.map_or(Some(HELLO_TIME), |left| Some(left.min(HELLO_TIME))))?)
    }

    fn after_hello(&self, item: Item) -> Result<Item, Trouble> {
        if self.agreed {
            Ok(item)
        } else {
            Err(unexpected("no hello").into())
        }
    }

    fn fill(&mut self) -> Result<(), Trouble> {
        match self.wire.read(&mut self.buffer) {
            Ok(0) => Err(Trouble::Lost),
            Ok(n) => {
                self.silence = Duration::ZERO;
                self.decoder.push(&self.buffer[..n]);
                if n == FIRST_READ && self.buffer.len() == FIRST_READ {
                    self.buffer = vec![0; READ].into();
                }
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if is_gone(error.kind()) => Err(Trouble::Lost),
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.nothing_came(),
            Err(error) => Err(Failure::system("cannot read from the supervisor", error).into()),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

fn silent(limit: Duration) -> Failure {
    let limit = units::show_duration(limit);
    Failure::new(
        Code::Unreachable,
        format!("the supervisor has not answered for {limit}"),
    )
    .hint("it may be stopped: see its processes with ps")
}

fn is_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BrokenPipe
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::NotConnected
    )
}
