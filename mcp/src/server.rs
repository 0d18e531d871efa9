//! The protocol's side: what the server says of itself, and calls as tasks that can be cancelled.

use crate::answer::{self, Answer};
use crate::call::Call;
use crate::interrupt::Interruptible;
use crate::tools::{TOOLS, Tool};
use crate::{Rules, SharedConnector, resources};
use psup_link::Place;
use psup_proto::{Code, Failure};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Implementation, JsonObject,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    ResourceContents, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;
use tokio::time::interval;

/// How often a client that asked for it hears that a call goes on.
const PROGRESS: Duration = Duration::from_secs(2);

/// At most 500 characters: a client may put it into every prompt.
const INSTRUCTIONS: &str = "Terminal sessions that outlive this conversation. `start` one (a shell \
    without `command`), `run` commands in its shell, `send` to REPLs, TUIs and questions. Output \
    is counted by offset: pass one as `since` and nothing is missed. Rather than look again and \
    again, `wait`: it answers the moment its condition holds, or `not yet`; then wait again. Never \
    type a password: ask the user to run `psup attach`.";

pub(crate) struct Server {
    connector: SharedConnector,
    place: Place,
    rules: Arc<Rules>,
    umask: u32,
}

impl Server {
    pub(crate) fn new(connector: SharedConnector, place: Place, rules: Rules, umask: u32) -> Self {
        Self {
            connector,
            place,
            rules: Arc::new(rules),
            umask,
        }
    }

    fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        TOOLS
            .iter()
            .filter(|tool| self.rules.allows_tool(tool.name))
    }

    /// Asks on a thread of its own; the connection is in the caller's hand.
    fn begin(
        &self,
        tool: &'static Tool,
        arguments: JsonObject,
        connector: Arc<Interruptible>,
    ) -> tokio::task::JoinHandle<Result<Answer, Failure>> {
        let (place, rules, umask) = (self.place.clone(), Arc::clone(&self.rules), self.umask);
        spawn_blocking(move || {
            let mut call = Call::new(&*connector, place, &rules, umask);
            (tool.run)(arguments, &mut call)
        })
    }
}

impl Server {
    /// Looks something up on a thread of its own. A refusal is told with the next step.
    async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Call<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, ErrorData> {
        let open = OpenCall(Arc::new(Interruptible::new(self.connector)));
        let connector = Arc::clone(&open.0);
        let (place, rules, umask) = (self.place.clone(), Arc::clone(&self.rules), self.umask);
        let asking =
            spawn_blocking(move || question(&mut Call::new(&*connector, place, &rules, umask)));
        let answered = asking
            .await
            .map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
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

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("psup", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(
            self.tools().map(Tool::definition).collect(),
        ))
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let listed = self.look(resources::list).await?;
        Ok(ListResourcesResult::with_all_items(listed))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(
            resources::templates(),
        ))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri.clone();
        let text = self.look(move |call| resources::read(&uri, call)).await?;
        let contents = ResourceContents::text(text, request.uri);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.tools().find(|tool| tool.name == request.name) else {
            let known: Vec<&str> = self.tools().map(|tool| tool.name).collect();
            let why = format!("no tool {:?}; there are {}", request.name, known.join(", "));
            return Err(ErrorData::invalid_params(why, None));
        };
        let arguments = request.arguments.unwrap_or_default();
        let name = arguments
            .get("name")
            .and_then(|name| name.as_str())
            .map(str::to_owned);
        let open = OpenCall(Arc::new(Interruptible::new(self.connector)));
        let mut asking = self.begin(tool, arguments, Arc::clone(&open.0));
        let began = Instant::now();
        let token = context.meta.get_progress_token();
        let mut ticks = interval(PROGRESS);
        loop {
            tokio::select! {
                answered = &mut asking => {
                    let answered = answered
                        .map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
                    return Ok(answer::result(answered, name.as_deref()).into());
                }
                () = context.ct.cancelled() => {
                    return Err(ErrorData::invalid_request("the call was cancelled", None));
                }
                _ = ticks.tick(), if token.is_some() => {
                    let Some(token) = token.clone() else { continue };
                    let progress =
                        ProgressNotificationParam::new(token, began.elapsed().as_secs_f64())
                            .with_message(format!("{} goes on", tool.name));
                    // A client that cannot be told has gone, which ends the call elsewhere.
                    drop(context.peer.notify_progress(progress).await);
                }
            }
        }
    }
}

/// A call whose asker may leave: its question is dropped with it.
struct OpenCall(Arc<Interruptible>);

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instructions_have_at_most_500_characters() {
        assert!(INSTRUCTIONS.chars().count() <= 500);
    }
}
