//! The decoder and everything it hands on: no bytes make them panic, and what they accept they
//! would also write.

use psup_proto::frame::{Decoder, Frame, Kind};
use psup_proto::hello::{Hello, VERSIONS};
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Request, Response, wire};

/// The first byte says into what portions the rest is cut.
pub(crate) fn check(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    let mut decoder = Decoder::default();
    for portion in bytes.chunks(usize::from(*cut).max(1)) {
        decoder.push(portion);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => payload(&frame),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

fn payload(frame: &Frame<'_>) {
    let payload = frame.payload;
    match frame.kind {
        Kind::Hello => {
            let _ = Hello::parse(payload).map(|hello| hello.agree());
        }
        Kind::Request | Kind::VersionedRequest => {
            let version = if frame.kind == Kind::Request { 1 } else { 2 };
            if let Some(Ok(request)) = wire::parse_request(frame) {
                let written = write(version, &request);
                let again = Frame {
                    kind: frame.kind,
                    payload: &written[5..],
                };
                let again = wire::parse_request(&again).expect("it is a request");
                let again = again.expect("and read again");
                // Version 1 is asked for some requests in words of its own, so only what is
                // written can be compared there.
                assert!(
                    version == 1 || again == request,
                    "{again:?} for {request:?}"
                );
                assert_eq!(write(version, &again), written, "{request:?}");
            }
        }
        Kind::Response => {
            for version in VERSIONS {
                let _ = wire::parse::<Response>(version, payload);
            }
        }
        Kind::Upgrade => {
            let _ = UpgradeFrame::parse(payload);
        }
        Kind::Bytes => {}
    }
}

fn write(version: u16, request: &Request) -> Vec<u8> {
    let mut out = Vec::new();
    wire::put_request(&mut out, version, request).expect("what was read can be written");
    out
}
