//! The document in which the state is kept, read together with the sessions that live in it.

use super::{Backend, Contents, LABEL, Live, native};
use crate::state::State;
use psup_link::unexpected;
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Code, Failure, Request, Response};

impl Backend<'_> {
    /// The state, and the live sessions in it by name.
    pub(crate) fn look(&mut self) -> Result<Contents, Failure> {
        let fetch = Request::GetDocument {
            key: self.key.clone(),
            beyond: None,
        };
        let list = self.list();
        let (document, sessions) = self.link.borrow_mut().ask_both(&fetch, &list)?;
        let (version, state) = read(document)?;
        Ok((version, state, self.live(sessions)?))
    }

    /// The question for the sessions of this state.
    fn list(&self) -> Request {
        let own = (LABEL.to_owned(), self.key.to_string());
        Request::List(Filter {
            all: false,
            glob: None,
            labels: if self.shows_natives {
                vec![]
            } else {
                vec![own]
            },
        })
    }

    fn live(&self, sessions: Response) -> Result<Live, Failure> {
        let Response::Sessions(sessions) = sessions else {
            return Err(unexpected(&sessions));
        };
        let own =
            |info: &Info| info.labels.get(LABEL).map(String::as_str) == Some(self.key.as_str());
        Ok(sessions
            .into_iter()
            .filter(|info| own(info) || native::began_natively(info))
            .map(|info| (info.id.name.to_string(), info))
            .collect())
    }

    /// Waits for a state later than this one.
    pub(crate) fn beyond(&mut self, version: u64) -> Result<(u64, Option<State>), Failure> {
        let beyond = Some(version);
        let key = self.key.clone();
        let document = self.ask(&Request::GetDocument { key, beyond })?;
        let (version, mut state) = read(document)?;
        if let Some(state) = state.as_mut().filter(|_| self.shows_natives) {
            let list = self.list();
            let sessions = self.ask(&list)?;
            native::add(state, &self.live(sessions)?);
        }
        Ok((version, state))
    }

    /// Keeps the state; `None` where another one was kept meanwhile.
    pub(crate) fn keep(
        &mut self,
        version: u64,
        state: Option<&State>,
    ) -> Result<Option<u64>, Failure> {
        let value = state
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|e| Failure::new(Code::Internal, e.to_string()))?;
        let request = Request::PutDocument {
            key: self.key.clone(),
            version,
            value: value.clone(),
        };
        match self.link.borrow_mut().ask(&request)? {
            Response::Document {
                version: kept,
                value: there,
            } if kept == version + 1 && there == value => Ok(Some(kept)),
            Response::Document { .. } => Ok(None),
            other => Err(unexpected(&other)),
        }
    }
}

fn read(response: Response) -> Result<(u64, Option<State>), Failure> {
    match response {
        Response::Document { version, value } => {
            let state = value
                .map(|value| serde_json::from_slice(&value))
                .transpose()
                .map_err(|e| {
                    Failure::new(
                        Code::Internal,
                        format!("the tmux document cannot be read: {e}"),
                    )
                })?;
            Ok((version, state))
        }
        other => Err(unexpected(&other)),
    }
}
