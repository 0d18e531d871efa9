//! The wire is a promise: one frame of each request, response and hello, held still byte by byte in
//! `golden/*.txt`.
//!
//! A line is a variant's name and its frame in hex. A test that fails here tells of a change of the
//! wire: old clients meet new supervisors and the other way round, so think of both, raise the
//! version if need be, write it down in `docs/protocol.md`, and only then bless the new bytes:
//! `PSUP_BLESS=1 cargo test -p psup-proto --test golden`.

#![allow(clippy::unwrap_used)]

#[path = "golden/nested.rs"]
mod nested;
#[path = "golden/requests.rs"]
mod requests;
#[path = "golden/responses.rs"]
mod responses;

use psup_proto::frame::{self, Kind};
use psup_proto::hello::{Hello, NEWEST};
use psup_proto::upgrade_frame::{self, UpgradeFrame};
use psup_proto::{Code, Failure, Request, Response, limits, wire};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::{Debug, Write};
use std::path::Path;

#[test]
fn requests_are_the_bytes_they_always_were() {
    let all = requests::all();
    let frames = all
        .iter()
        .map(|r| (requests::name(r), framed(put_request, r)));
    check("v2/requests.txt", frames);
    reads_back(&all, put_request);
    still_reads::<Request>("v1/requests.txt");
}

#[test]
fn responses_are_the_bytes_they_always_were() {
    let all = responses::all();
    let frames = all
        .iter()
        .map(|r| (responses::name(r), framed(put_response, r)));
    check("v2/responses.txt", frames);
    reads_back(&all, put_response);
    still_reads::<Response>("v1/responses.txt");
}

/// Enums inside of requests and responses are numbered by their place just the same.
#[test]
fn events_outcomes_verdicts_and_codes_are_the_bytes_they_always_were() {
    let all = nested::all();
    let frames = all
        .iter()
        .map(|(name, r)| (name.as_str(), framed(put_response, r)));
    check("v2/nested.txt", frames);
    let all: Vec<Response> = all.into_iter().map(|(_, response)| response).collect();
    reads_back(&all, put_response);
    still_reads::<Response>("v1/nested.txt");
}

#[test]
fn hellos_and_byte_frames_are_the_bytes_they_always_were() {
    let hello = Hello {
        lowest: 1,
        highest: 3,
        build: "0.1.0".into(),
    };
    let mut greeting = Vec::new();
    hello.put(&mut greeting);
    let mut bytes = Vec::new();
    frame::put(&mut bytes, Kind::Bytes, b"\x1b[1mout\xff");
    let mut end = Vec::new();
    frame::put(&mut end, Kind::Bytes, b"");
    let mut across = Vec::new();
    UpgradeFrame {
        id: 0x0102,
        binary: b"/usr/bin/psup",
    }
    .put(&mut across);
    let mut refusal = Vec::new();
    upgrade_frame::put_refusal(&mut refusal, &Failure::new(Code::CannotStart, "no"));
    let frames = [
        ("hello", greeting),
        ("bytes", bytes),
        ("end-of-bytes", end),
        ("upgrade", across),
        ("upgrade-refused", refusal),
    ];
    check("frames.txt", frames);
}

/// Every variant stands in the list: the number of the last one on the wire says how many there
/// are.
#[test]
fn no_variant_is_missing() {
    numbered(&requests::all(), put_request);
    numbered(&responses::all(), put_response);
    assert_eq!(requests::name(requests::all().last().unwrap()), "metrics");
    assert_eq!(responses::name(responses::all().last().unwrap()), "metrics");
}

/// The format is simple enough to be read without serde: variants by their place, varints, lengths
/// before bytes.
#[test]
fn a_request_can_be_written_by_hand() {
    // Signal: variant 4, name "ab" (length, bytes), no life, signal 15 as zigzag 30.
    let by_hand = [4, 2, b'a', b'b', 0, 30];
    let request: Request = wire::parse(NEWEST, &by_hand).unwrap();
    let meant = Request::Signal {
        target: "ab".parse().unwrap(),
        signal: 15,
    };
    assert_eq!(request, meant);
}

type Put<T> = fn(&mut Vec<u8>, &T) -> Result<(), psup_proto::Failure>;

fn framed<T>(put: Put<T>, value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, value).unwrap();
    out
}

fn put_request(out: &mut Vec<u8>, request: &Request) -> Result<(), Failure> {
    wire::put_request(out, NEWEST, request)
}

fn put_response(out: &mut Vec<u8>, response: &Response) -> Result<(), Failure> {
    wire::put_response(out, NEWEST, response)
}

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(all: &[T], put: Put<T>) {
    for value in all {
        assert_eq!(
            &wire::parse::<T>(NEWEST, content(&framed(put, value))).unwrap(),
            value
        );
    }
}

/// What follows the head of a frame, and the version of a request.
fn content(frame: &[u8]) -> &[u8] {
    let content = &frame[5..];
    if frame[4] == Kind::VersionedRequest as u8 {
        &content[2..]
    } else {
        content
    }
}

/// Version 1 is frozen: what builds of it wrote is read, and written again byte by byte. Anyone who
/// adds a field to a struct and forgets its line in `proto/src/v1` learns it here.
fn still_reads<T: Frozen>(file: &str) {
    for line in golden(file).lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let frame: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        let value: T = wire::parse(1, content(&frame))
            .unwrap_or_else(|failure| panic!("{name} of version 1: {failure}"));
        let mut again = Vec::new();
        value.put(&mut again);
        assert_eq!(again, frame, "{name} is written as in version 1");
    }
}

trait Frozen: DeserializeOwned {
    fn put(&self, out: &mut Vec<u8>);
}

impl Frozen for Request {
    fn put(&self, out: &mut Vec<u8>) {
        wire::put_request(out, 1, self).unwrap();
    }
}

impl Frozen for Response {
    fn put(&self, out: &mut Vec<u8>) {
        wire::put_response(out, 1, self).unwrap();
    }
}

fn numbered<T>(all: &[T], put: Put<T>) {
    for (number, value) in all.iter().enumerate() {
        assert_eq!(
            content(&framed(put, value))[0] as usize,
            number,
            "variants are only ever added at the end"
        );
    }
}

fn golden(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read_to_string(path.join(file)).unwrap_or_default()
}

/// Compares with the golden file, or writes it when `PSUP_BLESS` is set.
fn check<'a>(file: &str, frames: impl IntoIterator<Item = (&'a str, Vec<u8>)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    let mut now = String::new();
    for (name, bytes) in frames {
        assert!(bytes.len() < limits::FRAME);
        let hex: String = bytes.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        writeln!(now, "{name} {hex}").unwrap();
    }
    if std::env::var_os("PSUP_BLESS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let golden = golden(file);
    for (now, golden) in now.lines().zip(golden.lines()) {
        assert_eq!(
            now, golden,
            "the wire has changed; {file} and the first lines of this test say what to do"
        );
    }
    assert_eq!(
        now.lines().count(),
        golden.lines().count(),
        "{file} has one line for each variant"
    );
}
