//! Requests and responses as bytes: bincode, always with a limit, in the version of a connection.

use crate::error::{Code, Failure};
use crate::frame::{self, Frame, Kind};
use crate::hello::VERSIONS;
use crate::{Request, Response, limits, v1};
use serde::{Serialize, de::DeserializeOwned};

fn config() -> bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ limits::FRAME }>,
> {
    bincode::config::standard().with_limit::<{ limits::FRAME }>()
}

/// Appends a request as one frame, which says its version.
pub fn put_request(out: &mut Vec<u8>, version: u16, request: &Request) -> Result<(), Failure> {
    if version == 1 {
        if let Some(failure) = v1::refusal(request) {
            return Err(failure);
        }
        let request = v1::request(request);
        return put(out, Kind::Request, Vec::new(), &v1::Written(&*request));
    }
    let head = version.to_le_bytes().to_vec();
    put(out, Kind::VersionedRequest, head, request)
}

/// Appends a response as one frame, in the version that both sides agreed on.
pub fn put_response(out: &mut Vec<u8>, version: u16, response: &Response) -> Result<(), Failure> {
    match version {
        1 => put(out, Kind::Response, Vec::new(), &v1::Written(response)),
        _ => put(out, Kind::Response, Vec::new(), response),
    }
}

/// Reads a request; `None` if the frame is of another kind.
pub fn parse_request(frame: &Frame<'_>) -> Option<Result<Request, Failure>> {
    match frame.kind {
        Kind::Request => Some(parse(1, frame.payload)),
        Kind::VersionedRequest => Some(parse_versioned(frame.payload)),
        Kind::Hello | Kind::Response | Kind::Bytes | Kind::Upgrade => None,
    }
}

fn parse_versioned(payload: &[u8]) -> Result<Request, Failure> {
    let (version, payload) = payload
        .split_first_chunk()
        .ok_or_else(|| unreadable("a request without a version"))?;
    match u16::from_le_bytes(*version) {
        version if version > 1 && VERSIONS.contains(&version) => parse(version, payload),
        other => Err(unreadable(&format!("a request of version {other}"))),
    }
}

/// Reads the payload of a request or response frame; nothing may follow the value.
pub fn parse<T: DeserializeOwned>(version: u16, payload: &[u8]) -> Result<T, Failure> {
    let parsed = if version == 1 {
        bincode::serde::decode_from_slice(payload, config())
            .map(|(v1::Parsed(value), used)| (value, used))
    } else {
        bincode::serde::decode_from_slice(payload, config())
    };
    let (value, used) = parsed.map_err(|e| unreadable(&e.to_string()))?;
    if used == payload.len() {
        Ok(value)
    } else {
        Err(unreadable("bytes after its end"))
    }
}

fn unreadable(why: &str) -> Failure {
    Failure::new(Code::Usage, format!("a frame that cannot be read: {why}"))
}

/// `payload` holds what stands before the value.
fn put<T: Serialize>(
    out: &mut Vec<u8>,
    kind: Kind,
    mut payload: Vec<u8>,
    value: &T,
) -> Result<(), Failure> {
    bincode::serde::encode_into_std_write(value, &mut payload, config())
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
