//! Names whose next life is being started. A program may lie where nobody answers (a dead file
//! server), and then only those wait who ask for this name.
//!
//! Until there is a driver, the life's ring tells by its header which of our children it belongs
//! to.

use crate::journal::{Header, HeaderRef};
use psup_proto::{Code, Failure, Name};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::Ordering::Acquire;
use std::time::Duration;
use tokio::sync::Notify;

/// How long a question about a name waits for its next life: longer than a start takes on any
/// machine that works.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct StartClaims {
    claims: RefCell<HashMap<Name, Rc<Start>>>,
    over: Notify,
}

/// One start under way.
struct Start {
    key: String,
    header: RefCell<Option<HeaderRef>>,
    cancelled: Cell<bool>,
}

/// The right to start the next life of a name, for as long as it is kept.
pub struct Claim {
    claims: Rc<StartClaims>,
    name: Name,
    start: Rc<Start>,
}

impl StartClaims {
    /// Returns when nothing of this name is being started.
    pub async fn is_over(&self, name: &Name) {
        while self.claims.borrow().contains_key(name) {
            self.over.notified().await;
        }
    }

    /// The same, as long as that may reasonably take.
    pub async fn is_over_soon(&self, name: &Name) {
        if self.claims.borrow().contains_key(name) {
            // What is known without it is the answer then.
            let _ = tokio::time::timeout(PATIENCE, self.is_over(name)).await;
        }
    }

    /// The same of every name.
    pub async fn all_over_soon(&self) {
        let all = async {
            while !self.claims.borrow().is_empty() {
                self.over.notified().await;
            }
        };
        // The rest is on its way.
        let _ = tokio::time::timeout(PATIENCE, all).await;
    }

    /// A program that is being started under this name ends before it is known to anybody.
    pub fn cancel(&self, name: &Name) {
        if let Some(start) = self.claims.borrow().get(name) {
            start.cancelled.set(true);
        }
    }

    pub fn has_key(&self, key: &str) -> bool {
        self.claims.borrow().values().any(|start| start.key == key)
    }

    pub fn is_free(&self, name: &Name) -> Result<(), Failure> {
        if self.claims.borrow().contains_key(name) {
            let message = format!("{:?} is being started already", name.as_str());
            return Err(Failure::new(Code::NameTaken, message)
                .hint(format!("`psup ensure {name}` counts that as success")));
        }
        Ok(())
    }

    /// The header of the one whose child this is.
    pub fn with_header_of<T>(&self, pid: i32, then: impl FnOnce(&Header) -> T) -> Option<T> {
        let claims = self.claims.borrow();
        let headers = claims
            .values()
            .filter_map(|start| start.header.borrow().clone());
        let mut its = headers.filter(|header| header.pid.load(Acquire) == pid);
        its.next().map(|header| then(&header))
    }
}

impl Claim {
    pub fn of(claims: &Rc<StartClaims>, name: &Name, key: &str) -> Result<Self, Failure> {
        claims.is_free(name)?;
        let start = Rc::new(Start {
            key: key.to_owned(),
            header: RefCell::default(),
            cancelled: Cell::default(),
        });
        let mut all = claims.claims.borrow_mut();
        all.insert(name.clone(), start.clone());
        Ok(Self {
            claims: claims.clone(),
            name: name.clone(),
            start,
        })
    }

    /// There may be a child from now on.
    pub fn has_ring(&self, header: HeaderRef) {
        *self.start.header.borrow_mut() = Some(header);
    }

    /// Whether nobody wants it any more.
    pub fn is_void(&self) -> bool {
        self.start.cancelled.get()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.claims.borrow_mut().remove(&self.name);
        self.claims.over.notify_waiters();
    }
}
