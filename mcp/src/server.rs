//! The protocol's side: what the server says of itself, and calls as tasks that can be cancelled.

use crate::answer;
use crate::asker::Asker;
use crate::subscriptions::{SUBSCRIPTIONS, Subscription};
use crate::tools::{TOOLS, Tool};
use crate::{Rules, SharedConnector, resources};
use psup_link::Place;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, Implementation,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    ResourceContents, ResourceUpdatedNotificationParam, ServerCapabilities, ServerConfig,
    SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::{AbortHandle, JoinSet};
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
    asker: Asker,
    /// Of clients that speak an older protocol; a newer one holds a request open instead.
    subscriptions: Mutex<HashMap<String, AbortHandle>>,
}

impl Server {
    pub(crate) fn new(connector: SharedConnector, place: Place, rules: Rules, umask: u32) -> Self {
        Self {
            asker: Asker::new(connector, place, rules, umask),
            subscriptions: Mutex::default(),
        }
    }

    fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        TOOLS
            .iter()
            .filter(|tool| self.asker.rules.allows_tool(tool.name))
    }

    fn subscriptions(&self) -> MutexGuard<'_, HashMap<String, AbortHandle>> {
        self.subscriptions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a client of every change until the session ends or the client has gone. One that cannot
/// be asked any more is told as changed, too: reading it says why.
async fn tell_changes<E>(
    mut subscription: Subscription,
    mut tell: impl AsyncFnMut() -> Result<(), E>,
) {
    loop {
        let goes_on = subscription.changed().await.unwrap_or(false);
        if tell().await.is_err() || !goes_on {
            return;
        }
        subscription.pause().await;
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_resources_subscribe()
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
        let listed = self.asker.look(resources::list).await?;
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
        let text = self
            .asker
            .look(move |call| resources::read(&uri, call))
            .await?;
        let contents = ResourceContents::text(text, request.uri);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    #[allow(deprecated)] // The protocol before 2026-07-28 has no other way.
    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let uri = request.uri;
        let known = self.subscriptions().contains_key(&uri);
        if !known && self.subscriptions().len() >= SUBSCRIPTIONS {
            let why = format!("{SUBSCRIPTIONS} resources are subscribed already; unsubscribe one");
            return Err(ErrorData::invalid_request(why, None));
        }
        let subscription = Subscription::begin(self.asker.clone(), uri.clone()).await?;
        let (peer, changed) = (context.peer, uri.clone());
        let telling = tokio::spawn(tell_changes(subscription, async move || {
            let update = ResourceUpdatedNotificationParam::new(changed.clone());
            peer.notify_resource_updated(update).await
        }));
        let replaced = self.subscriptions().insert(uri, telling.abort_handle());
        if let Some(replaced) = replaced {
            replaced.abort();
        }
        Ok(())
    }

    #[allow(deprecated)] // The protocol before 2026-07-28 has no other way.
    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if let Some(telling) = self.subscriptions().remove(&request.uri) {
            telling.abort();
        }
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let mut accepted = requested.clone();
        if let Some(uris) = &mut accepted.resource_subscriptions {
            uris.truncate(SUBSCRIPTIONS);
        }
        Some(accepted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut telling = JoinSet::new();
        for uri in context.accepted().resource_subscriptions.iter().flatten() {
            let subscription = Subscription::begin(self.asker.clone(), uri.clone()).await?;
            let (sink, changed) = (context.sink().clone(), uri.clone());
            telling.spawn(tell_changes(subscription, async move || {
                sink.notify_resource_updated(changed.clone()).await
            }));
        }
        context.cancelled().await;
        Ok(())
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
        let mut asking = pin!(self.asker.ask(move |call| (tool.run)(arguments, call)));
        let began = Instant::now();
        let token = context.meta.get_progress_token();
        let mut ticks = interval(PROGRESS);
        loop {
            tokio::select! {
                answered = &mut asking => {
                    return Ok(answer::result(answered?, name.as_deref()).into());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instructions_have_at_most_500_characters() {
        assert!(INSTRUCTIONS.chars().count() <= 500);
    }
}
