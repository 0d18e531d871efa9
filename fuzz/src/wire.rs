//! The decoder and everything it hands on: no bytes make them panic, and what they accept they
//! would also write.

use psup_proto::frame::{Decoder, Kind};
use psup_proto::hello::Hello;
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Request, Response, wire};

/// The first byte says into what portions the rest is cut.
pub fn check(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    let mut decoder = Decoder::default();
    for portion in bytes.chunks(usize::from(*cut).max(1)) {
        decoder.push(portion);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => payload(frame.kind, frame.payload),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

fn payload(kind: Kind, payload: &[u8]) {
    match kind {
        Kind::Hello => {
            let _ = Hello::parse(payload).map(|hello| hello.agree());
        }
        Kind::Request => {
            if let Ok(request) = wire::parse::<Request>(payload) {
                let mut out = Vec::new();
                wire::put_request(&mut out, &request).expect("what was read can be written");
                assert_eq!(
                    wire::parse::<Request>(&out[5..]).expect("and read again"),
                    request
                );
            }
        }
        Kind::Response => {
            let _ = wire::parse::<Response>(payload);
        }
        Kind::Upgrade => {
            let _ = UpgradeFrame::parse(payload);
        }
        Kind::Bytes => {}
    }
}
