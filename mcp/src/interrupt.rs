//! A connector whose connection can be taken away from outside: that is how a call that its client
//! has cancelled stops waiting. The supervisor drops the question with the connection.

use crate::SharedConnector;
use psup_link::wire::Cutter;
use psup_link::{Connector, Place, Wire};
use psup_proto::{Code, Failure};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Interruptible {
    inner: SharedConnector,
    connection: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_interrupted: bool,
    cutter: Option<Cutter>,
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
        if let Some(cutter) = state.cutter.take() {
            cutter.cut();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connector for Interruptible {
    fn connect(&self, place: &Place, start: bool) -> Result<Wire, Failure> {
        if self.lock().is_interrupted {
            return Err(interrupted());
        }
        let wire = self.inner.connect(place, start)?;
        let cutter = wire
            .cutter()
            .map_err(|e| Failure::system("cannot keep a connection within reach", e))?;
        let mut state = self.lock();
        if state.is_interrupted {
            return Err(interrupted());
        }
        state.cutter = Some(cutter);
        Ok(wire)
    }

    fn wake_guardian(&self, wire: &Wire) {
        self.inner.wake_guardian(wire);
    }

    fn address(&self, place: &Place) -> Option<PathBuf> {
        self.inner.address(place)
    }
}

fn interrupted() -> Failure {
    Failure::new(Code::No, "the call was cancelled")
}
