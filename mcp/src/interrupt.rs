//! A connector whose connection can be taken away from outside: that is how a call that its client
//! has cancelled stops waiting. The supervisor drops the question with the connection.

use crate::SharedConnector;
use psup_link::{Connector, Place};
use psup_proto::{Code, Failure};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Interruptible {
    inner: SharedConnector,
    connection: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_interrupted: bool,
    stream: Option<UnixStream>,
}

impl Interruptible {
    pub(crate) fn new(inner: SharedConnector) -> Self {
        Self {
            inner,
            connection: Mutex::default(),
        }
    }

    /// Ends the present connection, and lets no other be made.
    pub(crate) fn interrupt(&self) {
        let mut state = self.lock();
        state.is_interrupted = true;
        if let Some(stream) = state.stream.take() {
            // One that is closed already needs no end.
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connector for Interruptible {
    fn connect(&self, place: &Place, start: bool) -> Result<UnixStream, Failure> {
        if self.lock().is_interrupted {
            return Err(interrupted());
        }
        let stream = self.inner.connect(place, start)?;
        let other = stream
            .try_clone()
            .map_err(|e| Failure::system("cannot keep a connection within reach", e))?;
        let mut state = self.lock();
        if state.is_interrupted {
            return Err(interrupted());
        }
        state.stream = Some(other);
        Ok(stream)
    }

    fn wake_guardian(&self, stream: &UnixStream) {
        self.inner.wake_guardian(stream);
    }

    fn address(&self, place: &Place) -> Option<PathBuf> {
        self.inner.address(place)
    }
}

fn interrupted() -> Failure {
    Failure::new(Code::No, "the call was cancelled")
}
