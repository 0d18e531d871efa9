//! Requests and responses as bytes: bincode, always with a limit.

use crate::error::{Code, Failure};
use crate::frame::{self, Kind};
use crate::{Request, Response, limits};
use serde::{Serialize, de::DeserializeOwned};

fn config() -> bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ limits::FRAME }>,
> {
    bincode::config::standard().with_limit::<{ limits::FRAME }>()
}

/// Appends a request as one frame.
pub fn put_request(out: &mut Vec<u8>, request: &Request) -> Result<(), Failure> {
    put(out, Kind::Request, request)
}

/// Appends a response as one frame.
pub fn put_response(out: &mut Vec<u8>, response: &Response) -> Result<(), Failure> {
    put(out, Kind::Response, response)
}

/// Reads the payload of a request or response frame; nothing may follow the value.
pub fn parse<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Failure> {
    let unreadable =
        |why: String| Failure::new(Code::Usage, format!("a frame that cannot be read: {why}"));
    let (value, used) = bincode::serde::decode_from_slice(payload, config())
        .map_err(|e| unreadable(e.to_string()))?;
    if used == payload.len() {
        Ok(value)
    } else {
        Err(unreadable("bytes after its end".into()))
    }
}

fn put<T: Serialize>(out: &mut Vec<u8>, kind: Kind, value: &T) -> Result<(), Failure> {
    let payload = bincode::serde::encode_to_vec(value, config())
        .map_err(|e| Failure::new(Code::Internal, e.to_string()))?;
    if payload.len() > limits::FRAME {
        return Err(Failure::new(
            Code::Limit,
            format!(
                "{} bytes do not fit in a frame of {}",
                payload.len(),
                limits::FRAME
            ),
        ));
    }
    frame::put(out, kind, &payload);
    Ok(())
}
