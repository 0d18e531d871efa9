//! Answers of many pieces.

use super::*;

#[test]
fn capture_prints_the_screen() {
    let says = || {
        vec![
            head(5),
            Say::Bytes(b"$ ls\n"),
            Say::Bytes("é\n".as_bytes()),
            Say::Bytes(b""),
            end(5, End::Whole),
        ]
    };
    let ran = told("capture web", says());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "$ ls\né\n"));
    assert_eq!(ran.stderr, "3 older lines did not fit the budget\n");
    let json = told("capture web --json", says()).stdout;
    assert_eq!(json, told("capture web --format json", says()).stdout);
    insta::assert_snapshot!("capture-json", json);
}

#[test]
fn json_pieces_keep_characters_whole_and_gaps_are_told() {
    let gap = || {
        Say::It(Response::Gap {
            from: 4,
            to: 8,
            reason: "not kept".into(),
        })
    };
    let says = || {
        vec![
            reading(0),
            Say::Bytes(b"a\xc3"),
            Say::Bytes(b"\xa9b"),
            gap(),
            Say::Bytes(b"\xff"),
            Say::Bytes(b"\xe2\x82"),
            Say::Bytes(b""),
            end(11, End::TimedOut),
        ]
    };
    let ran = told("read web --json", says());
    assert_eq!(ran.code, 124);
    insta::assert_snapshot!("read-json", ran.stdout);
    let ran = run(
        "read web --json",
        vec![
            vec![says()[..2].to_vec()],
            vec![vec![reading(2), Say::Bytes(b"\xa9"), end(3, End::Whole)]],
        ],
    );
    assert_eq!(
        ran.stdout,
        "{\"from\":0,\"next\":1,\"text\":\"a\"}\n{\"from\":1,\"next\":3,\"text\":\"é\"}\n"
    );
    let plain = told(
        "read web -q",
        vec![reading(0), Say::Bytes(b"abcd"), gap(), Say::Bytes(b"i"), end(9, End::Whole)],
    );
    assert_eq!(
        (plain.stdout.as_str(), plain.stderr.as_str()),
        ("abcdi", "gap: bytes 4 to 8 are missing: not kept\n")
    );
}
