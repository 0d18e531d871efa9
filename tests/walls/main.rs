//! The walls of the core and of the screen: a line that names a task, a system call, a file, a
//! clock or a log does not compile there.
//!
//! Each offending line stands in a crate that has the dependencies, the lints and the clippy.toml
//! of the real one, and clippy is asked what it says to every line. The dependencies are empty
//! crates: what counts is which of them can be named.

#![allow(clippy::unwrap_used)]

mod circles;

use psup_harness::skipped;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATES_OF_OURS: &[&str] = &[
    "accounts",
    "proto",
    "screen",
    "render",
    "session",
    "supervisor",
    "link",
    "client",
    "tmux",
    "mcp",
];

const BEHIND_WALLS: [&str; 2] = ["screen", "session"];

/// Crates that act. Naming one is an error, as none of them is a dependency.
const CRATES: &[&str] = &[
    "tokio",
    "nix",
    "libc",
    "rustix",
    "log",
    "tracing",
    "crossbeam_channel",
    "psup_supervisor",
    "psup_link",
];

/// What the standard library can do, and nothing behind a wall may.
const LINES: &[&str] = &[
    "let _ = std::time::Instant::now();",
    "let _ = at.elapsed();",
    "let _ = std::time::SystemTime::now();",
    "let _ = std::time::SystemTime::UNIX_EPOCH.elapsed();",
    "let _ = std::fs::read(\"a\");",
    "let _ = { use std::fs as f; f::read_to_string(\"a\") };",
    "let _ = std::fs::write(\"a\", \"b\");",
    "let _ = { use std::fs::*; rename(\"a\", \"b\") };",
    "let _ = std::fs::remove_file(\"a\");",
    "let _ = std::fs::read_dir(\".\");",
    "let _ = std::fs::File::open(\"a\");",
    "let _ = std::fs::OpenOptions::new();",
    "let _ = std::path::Path::new(\"a\").exists();",
    "let _ = std::path::PathBuf::new().is_dir();",
    "let _ = std::net::TcpStream::connect(\"localhost:1\");",
    "let _ = std::os::unix::net::UnixStream::pair();",
    "let _ = None::<std::os::fd::OwnedFd>;",
    "let _ = std::process::Command::new(\"a\");",
    "let _ = std::thread::spawn(|| ());",
    "std::thread::sleep(std::time::Duration::ZERO);",
    "let _ = std::env::var(\"A\");",
    "let _ = std::env::current_dir();",
    "let _ = std::io::stderr();",
    "println!();",
    "eprintln!();",
    "let _ = dbg!(1);",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn what_acts_cannot_be_named_in_the_core_or_the_screen() {
    let lines: Vec<String> = CRATES
        .iter()
        .map(|name| format!("use {name} as _;"))
        .collect();
    check(&lines);
}

#[test]
fn the_standard_library_cannot_act_in_the_core_or_the_screen() {
    let lines: Vec<String> = LINES.iter().map(|line| (*line).to_owned()).collect();
    check(&lines);
}

/// Both files forbid the same, each with its reasons.
#[test]
fn both_walls_have_the_same_height() {
    let [screen, session] = BEHIND_WALLS.map(|name| {
        let text = fs::read_to_string(root().join(name).join("clippy.toml")).unwrap();
        let paths = text.split("path = \"").skip(1);
        let paths = paths.map(|rest| rest.split('"').next().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    });
    assert_eq!(screen, session);
}

/// Every line is an error in each crate, and nothing else is.
fn check(lines: &[String]) {
    if Command::new("clippy-driver").arg("-V").output().is_err() {
        return skipped("there is no clippy-driver");
    }
    for name in BEHIND_WALLS {
        let copy = CrateCopy::of(name);
        let as_it_is = copy.errors(&[]);
        assert!(as_it_is.is_empty(), "{name} has errors as it is");
        let errors = copy.errors(lines);
        let accepted: Vec<&String> = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| !errors.contains(at))
            .map(|(_, line)| line)
            .collect();
        assert!(accepted.is_empty(), "{name} may say: {accepted:#?}");
        assert_eq!(errors.len(), lines.len(), "{name}: errors elsewhere");
    }
}

/// A crate with the name, the dependencies and the lints of another one, and no code.
struct CrateCopy {
    name: &'static str,
    dir: tempfile::TempDir,
    dependencies: Vec<(String, PathBuf)>,
    lints: String,
}

impl CrateCopy {
    fn of(name: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
        let listed = rest.split("\n[").next().unwrap().lines();
        let names = listed
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .filter(|name| !name.is_empty())
            .map(|name| name.replace('-', "_"));
        let mut copy = Self {
            name,
            dir,
            dependencies: Vec::new(),
            lints: lints(name),
        };
        let empty = copy.dir.path().join("empty.rs");
        fs::write(&empty, "").unwrap();
        for name in names {
            let built = copy
                .rustc()
                .arg("--crate-name")
                .arg(&name)
                .arg(&empty)
                .status();
            assert!(built.unwrap().success(), "{name}");
            let library = copy.dir.path().join(format!("lib{name}.rmeta"));
            copy.dependencies.push((name, library));
        }
        copy
    }

    fn rustc(&self) -> Command {
        let mut command = Command::new("clippy-driver");
        command
            .args(["--edition=2024", "--crate-type=lib", "--emit=metadata"])
            .arg("--out-dir")
            .arg(self.dir.path())
            .env("CLIPPY_CONF_DIR", root().join(self.name));
        command
    }

    /// Which of these lines are errors, by their numbers.
    fn errors(&self, lines: &[String]) -> Vec<usize> {
        let mut code = format!("{} pub mod inside {{\n", self.lints);
        for (at, line) in lines.iter().enumerate() {
            let call =
                format!("pub fn line_{at}(at: std::time::Instant) {{ let _ = at; {line} }}\n");
            code.push_str(&call);
        }
        code.push('}');
        let file = self.dir.path().join("copy.rs");
        fs::write(&file, code).unwrap();
        let mut command = self.rustc();
        for (name, library) in &self.dependencies {
            command.arg("--extern");
            command.arg(format!("{name}={}", library.display()));
        }
        let output = command
            .arg("--error-format=short")
            .arg(&file)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let errors = told.lines().filter(|line| line.contains(": error"));
        let mut numbers: Vec<usize> = errors
            .filter_map(|line| {
                line.split("copy.rs:")
                    .nth(1)?
                    .split(':')
                    .next()?
                    .parse()
                    .ok()
            })
            // The first line opens the module.
            .map(|line: usize| line - 2)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(output.status.success(), numbers.is_empty(), "{told}");
        numbers
    }
}

/// The attributes at the top of a crate, in one line.
fn lints(name: &str) -> String {
    let library = fs::read_to_string(root().join(name).join("src/lib.rs")).unwrap();
    let (_, rest) = library.split_once("#![").unwrap();
    let (attributes, _) = rest.split_once("\n\n").unwrap();
    format!("#![{}", attributes.replace('\n', " "))
}
