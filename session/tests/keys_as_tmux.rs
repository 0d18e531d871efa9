//! Keys as psup encodes them, next to what real tmux sends for the same names in the same modes.
//!
//! Needs tmux and python3; where they are missing it says so and checks nothing.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use psup_screen::Modes;
use psup_session::keys;
use std::process::{Command, Stdio};

/// Reads keys in raw mode up to the last marker and leaves them in a file.
const READER: &str = r"
import os, sys, tty
tty.setraw(0)
os.write(1, sys.argv[2].encode().decode('unicode_escape').encode())
os.write(1, b'\x1b[5n')
got = b''
while not got.endswith(b'\x1b[0n'):
    got += os.read(0, 1)
os.system('tmux wait-for -S ready')
got = b''
while not got.endswith(b'@END@'):
    got += os.read(0, 4096)
open(sys.argv[1], 'wb').write(got)
os.system('tmux wait-for -S read')
";

const BASES: [&str; 31] = [
    "Up", "Down", "Left", "Right", "Home", "End", "PPage", "NPage", "IC", "DC", "F1", "F2", "F3",
    "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "Enter", "Escape", "Tab", "BSpace",
    "BTab", "KP0", "KP5", "KP+", "KP.",
];

#[test]
fn keys_are_sent_as_tmux_sends_them() {
    if Command::new("tmux")
        .arg("-V")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        println!("tmux is not installed: nothing compared");
        return;
    }
    let mut names: Vec<String> = BASES.iter().map(ToString::to_string).collect();
    for base in &BASES[..22] {
        names.extend(
            ["S-", "C-", "M-", "C-S-", "M-S-", "C-M-", "C-M-S-"]
                .map(|modifiers| format!("{modifiers}{base}")),
        );
    }
    names.extend(
        [
            "M-Enter", "M-BSpace", "M-Tab", "M-Escape", "Space", "C-Space", "M-Space",
        ]
        .map(String::from),
    );
    for c in "abcdefghijklmnopqrstuvwxyz[]\\^_@".chars() {
        names.extend([format!("C-{c}"), format!("M-{c}"), format!("M-C-{c}")]);
    }
    names.extend(
        "C-? C-/ C-- C-2 C-6 M-A M-? M-1 é 世 M-é A z ~"
            .split(' ')
            .map(String::from),
    );
    let application = Modes {
        app_cursor: true,
        app_keypad: true,
        ..Modes::default()
    };
    let mut wrong = Vec::new();
    for (modes, switch) in [
        (Modes::default(), "\\x1b[?1l\\x1b>"),
        (application, "\\x1b[?1h\\x1b="),
    ] {
        for (name, tmux) in names.iter().zip(sent_by_tmux(&names, switch)) {
            let mut ours = Vec::new();
            keys::encode(name.parse().unwrap(), &modes, &mut ours);
            if ours != tmux {
                wrong.push(format!(
                    "{name}: tmux {:?}, here {:?}",
                    String::from_utf8_lossy(&tmux),
                    String::from_utf8_lossy(&ours)
                ));
            }
        }
    }
    println!("{} keys compared in two sets of modes", names.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sent_by_tmux(names: &[String], switch: &str) -> Vec<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let tmux = |args: &[&str]| {
        let status = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-S", &path("socket")])
            .args(args)
            .env_remove("TMUX")
            .status()
            .unwrap();
        assert!(status.success(), "tmux {args:?}");
    };
    std::fs::write(path("reader.py"), READER).unwrap();
    let reader = format!(
        "exec python3 {} {} '{switch}'",
        path("reader.py"),
        path("keys")
    );
    // Without a second session the server would end with the reader.
    tmux(&["new-session", "-d", "-s", "hold", "cat"]);
    tmux(&["new-session", "-d", "-s", "keys", &reader]);
    tmux(&["wait-for", "ready"]);
    for name in names {
        tmux(&[
            "send-keys",
            "-t",
            "keys",
            name,
            ";",
            "send-keys",
            "-l",
            "-t",
            "keys",
            "@NEXT@",
        ]);
    }
    tmux(&["send-keys", "-l", "-t", "keys", "@END@"]);
    tmux(&["wait-for", "read"]);
    tmux(&["kill-server"]);
    let text = std::fs::read(path("keys")).unwrap();
    let mut rest = &text[..];
    let mut keys = Vec::new();
    while let Some(at) = rest.windows(6).position(|w| w == b"@NEXT@") {
        keys.push(rest[..at].to_vec());
        rest = &rest[at + 6..];
    }
    assert_eq!(keys.len(), names.len());
    keys
}
