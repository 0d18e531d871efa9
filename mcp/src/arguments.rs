//! What a call is given, read once: an unknown or misspelled argument is told with those there are.

use psup_proto::{Code, Failure};
use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// Under the minute after which most clients give a call up.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(50);

/// A day: more is a mistake in the unit.
const LONGEST: f64 = 86_400.0;

pub(crate) fn read<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|e| Failure::new(Code::Usage, format!("bad arguments: {e}")))
}

/// `timeout` in seconds.
pub(crate) fn timeout(seconds: Option<f64>) -> Result<Duration, Failure> {
    match seconds {
        None => Ok(DEFAULT_TIMEOUT),
        Some(seconds) if (0.0..=LONGEST).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        Some(seconds) => Err(Failure::new(
            Code::Usage,
            format!("a timeout of {seconds} seconds cannot be kept"),
        )
        .hint("`timeout` is in seconds, 0 to 86400; `wait` can be called again")),
    }
}
