//! Sessions as resources, for clients that show them to people: `psup://NAME/screen` is what is on
//! the screen, `psup://NAME/journal` the output as clean lines.

use crate::call::{Call, unexpected};
use crate::excerpt::DEFAULT_BUDGET;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::request::Filter;
use psup_proto::{Code, Failure, Request, Response, Target};
use rmcp::model::{Resource, ResourceTemplate};

const SCHEME: &str = "psup://";

#[derive(Clone, Copy)]
pub(crate) enum View {
    Screen,
    Journal,
}

/// What of a session is a resource.
const VIEWS: [(View, &str, &str); 2] = [
    (View::Screen, "screen", "what is on the screen"),
    (
        View::Journal,
        "journal",
        "the output, its middle left out where it is long",
    ),
];

pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let template = |(_, view, description): &(View, &str, &str)| {
        ResourceTemplate::new(format!("{SCHEME}{{name}}/{view}"), *view)
            .with_description(*description)
            .with_mime_type("text/plain")
    };
    VIEWS.iter().map(template).collect()
}

/// Those of every live session that this client may reach.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Vec<Resource>, Failure> {
    let sessions = match call.ask(&Request::ListBrief(Filter::default())) {
        Ok(Response::Sessions(sessions)) => sessions,
        Ok(other) => return Err(unexpected(other)),
        // Where no supervisor can be, no session is.
        Err(failure) if failure.code == Code::Unreachable => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let mut resources = Vec::new();
    for info in sessions {
        let name = &info.id.name;
        if !call.rules.allows_session(name) {
            continue;
        }
        for (_, view, description) in VIEWS {
            let uri = format!("{SCHEME}{name}/{view}");
            let resource = Resource::new(uri, format!("{name} {view}"))
                .with_description(description)
                .with_mime_type("text/plain");
            resources.push(resource);
        }
    }
    Ok(resources)
}

/// The text of one.
pub(crate) fn read(uri: &str, call: &mut Call<'_>) -> Result<String, Failure> {
    let (target, view) = parse(uri, call)?;
    let text = match view {
        View::Screen => {
            let capture = Capture {
                extent: Extent::Screen,
                format: Format::Text,
                rows: false,
                at: None,
                budget: Some(DEFAULT_BUDGET as u64),
            };
            call.screen(target, capture)?
        }
        View::Journal => call.text_since(target, None, None)?,
    };
    Ok(text.text)
}

/// The session, by its name or by the id of one life, and what of it.
pub(crate) fn parse(uri: &str, call: &Call<'_>) -> Result<(Target, View), Failure> {
    let unknown = || {
        Failure::new(Code::Usage, format!("no resource is called {uri:?}"))
            .hint("resources are psup://NAME/screen and psup://NAME/journal")
    };
    let path = uri.strip_prefix(SCHEME).ok_or_else(unknown)?;
    let (name, word) = path.split_once('/').ok_or_else(unknown)?;
    let (view, ..) = VIEWS
        .iter()
        .find(|(_, known, _)| *known == word)
        .ok_or_else(unknown)?;
    // `#` begins a fragment, so clients write it as a code.
    let target = call.target(&name.replace("%23", "#"))?;
    Ok((target, *view))
}
