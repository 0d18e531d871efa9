//! Questions to the supervisor from tasks, each on a thread of its own: a task that is dropped
//! takes its question back.

use crate::call::Call;
use crate::interrupt::Interruptible;
use crate::{Rules, SharedConnector};
use psup_link::Place;
use psup_proto::{Code, Failure};
use rmcp::model::ErrorData;
use std::sync::Arc;
use tokio::task::{JoinError, spawn_blocking};

/// Where the supervisor is, and what this client may reach there.
#[derive(Clone)]
pub(crate) struct Asker {
    connector: SharedConnector,
    place: Place,
    pub rules: Arc<Rules>,
    umask: u32,
}

impl Asker {
    pub(crate) fn new(connector: SharedConnector, place: Place, rules: Rules, umask: u32) -> Self {
        Self {
            connector,
            place,
            rules: Arc::new(rules),
            umask,
        }
    }

    /// The inner failure is the supervisor's answer.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Call<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Result<T, Failure>, ErrorData> {
        let open = OpenCall(Arc::new(Interruptible::new(self.connector)));
        let connector = Arc::clone(&open.0);
        let asker = self.clone();
        spawn_blocking(move || {
            let mut call = Call::new(&*connector, asker.place, &asker.rules, asker.umask);
            question(&mut call)
        })
        .await
        .map_err(|error| broken(&error))
    }

    /// Looks something up. A refusal is told with the next step.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Call<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, ErrorData> {
        let answered = self.ask(question).await?;
        answered.map_err(|failure| {
            let hint = failure.hint.map(|hint| format!("; {hint}"));
            let why = format!("{}{}", failure.message, hint.unwrap_or_default());
            match failure.code {
                Code::NoSuchSession | Code::Usage | Code::No => {
                    ErrorData::resource_not_found(why, None)
                }
                _ => ErrorData::internal_error(why, None),
            }
        })
    }
}

fn broken(error: &JoinError) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

/// A call whose asker may leave: its question is dropped with it.
struct OpenCall(Arc<Interruptible>);

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}
