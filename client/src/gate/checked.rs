//! The frames of one visit: what comes from the client is read, held against the rules and written
//! again; what comes from the supervisor passes, but for what tells of sessions out of reach.
//!
//! Requests are written again from what was understood of them, so that nothing can mean one thing
//! to the gate and another to the supervisor.

use psup_proto::gate::Rules;
use psup_proto::hello::{Hello, VERSIONS};
use psup_proto::{Code, Decoder, Failure, Kind, Request, Response, limits, wire};

/// Both directions of a visit, as bytes in and frames out.
pub(super) struct Checked<'a> {
    rules: &'a Rules,
    from_client: Decoder,
    from_supervisor: Decoder,
    client: Option<Hello>,
    /// In which version the client understands answers.
    version: u16,
    /// A request was passed on, and nothing of its answer has come.
    is_asked: bool,
    /// The supervisor has said hello.
    pub is_greeted: bool,
}

/// What the client wants next.
pub(super) enum Wanted {
    /// To be passed on, with what the client has said before it.
    Request(Box<Request>, Vec<u8>),
    Refused(Failure),
}

impl<'a> Checked<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        Self {
            rules,
            from_client: Decoder::default(),
            from_supervisor: Decoder::default(),
            client: None,
            version: *VERSIONS.start(),
            is_asked: false,
            is_greeted: false,
        }
    }

    pub(super) fn push_client(&mut self, bytes: &[u8]) {
        self.from_client.push(bytes);
    }

    /// Whether as much waits as a frame may be long.
    pub(super) fn has_enough(&self) -> bool {
        self.from_client.pending() > limits::FRAME
    }

    /// The next request that is whole. A refusal waits until the answer before it has begun: most
    /// clients ask one question at a time, and some ask two in one go.
    pub(super) fn next_wanted(&mut self) -> Result<Option<Wanted>, Failure> {
        if self.is_asked {
            return Ok(None);
        }
        loop {
            let Some(frame) = self.from_client.next_frame()? else {
                return Ok(None);
            };
            match frame.kind {
                Kind::Hello if self.client.is_none() => {
                    let hello = Hello::parse(frame.payload)?;
                    self.version = hello.agree()?;
                    self.client = Some(hello);
                }
                Kind::Request | Kind::VersionedRequest if self.client.is_some() => {
                    let version = version_of(&frame);
                    let parsed = wire::parse_request(&frame).unwrap_or_else(|| Err(no_request()));
                    return Ok(Some(self.judged(parsed, version)));
                }
                Kind::Hello
                | Kind::Request
                | Kind::VersionedRequest
                | Kind::Response
                | Kind::Bytes
                | Kind::Upgrade => return Err(no_request()),
            }
        }
    }

    fn judged(&mut self, parsed: Result<Request, Failure>, version: u16) -> Wanted {
        let written = parsed.and_then(|request| {
            self.rules.check(&request)?;
            let mut bytes = Vec::new();
            wire::put_request(&mut bytes, version, &request)?;
            Ok((request, bytes))
        });
        match written {
            Ok((request, bytes)) => {
                self.is_asked = true;
                Wanted::Request(Box::new(request), bytes)
            }
            Err(failure) => Wanted::Refused(failure),
        }
    }

    /// The client's hello, for a supervisor.
    pub(super) fn hello(&self, out: &mut Vec<u8>) {
        if let Some(hello) = &self.client {
            hello.put(out);
        }
    }

    /// Tells the client, in the gate's own name where no supervisor has spoken.
    pub(super) fn refuse(&mut self, failure: Failure, out: &mut Vec<u8>) -> Result<(), Failure> {
        if !self.is_greeted {
            Hello::ours().put(out);
        }
        self.is_asked = false;
        wire::put_response(out, self.version, &Response::Failed(failure))
    }

    /// What came from the supervisor, as whole frames for the client.
    pub(super) fn answers(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        self.from_supervisor.push(bytes);
        while let Some(frame) = self.from_supervisor.next_frame()? {
            match frame.kind {
                Kind::Hello => {
                    let theirs = Hello::parse(frame.payload)?;
                    let newest = |hello: &Hello| hello.highest.min(theirs.highest);
                    self.version = self.client.as_ref().map_or(self.version, newest);
                    self.is_greeted = true;
                }
                Kind::Response if self.rules.filters() => {
                    self.is_asked = false;
                    let response = wire::parse(self.version, frame.payload)?;
                    if let Some(response) = self.rules.filter(response) {
                        wire::put_response(out, self.version, &response)?;
                    }
                    continue;
                }
                Kind::Response
                | Kind::Bytes
                | Kind::Upgrade
                | Kind::Request
                | Kind::VersionedRequest => self.is_asked = false,
            }
            psup_proto::frame::put(out, frame.kind, frame.payload);
        }
        Ok(())
    }
}

/// The version that a request is written in.
fn version_of(frame: &psup_proto::Frame<'_>) -> u16 {
    match (frame.kind, frame.payload.first_chunk()) {
        (Kind::VersionedRequest, Some(version)) => u16::from_le_bytes(*version),
        _ => *VERSIONS.start(),
    }
}

fn no_request() -> Failure {
    Failure::new(Code::Usage, "a gate passes on requests and nothing else")
}
