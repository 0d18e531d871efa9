//! A list to choose from as data: what it lists, what is run with the item that is chosen, and
//! where it stands.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chooser {
    pub of: Of,
    /// What is run with the item that is chosen.
    pub template: String,
    pub format: Option<String>,
    pub filter: Option<String>,
    pub preview: bool,
    /// The window was zoomed for it.
    pub unzooms: bool,
    /// The item that is selected; the first where there is no such.
    pub at: String,
    /// Branches that were opened or closed by hand.
    pub open: BTreeMap<String, bool>,
    pub tagged: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Of {
    Sessions,
    Windows,
    Panes,
    Buffers,
    Clients,
}
