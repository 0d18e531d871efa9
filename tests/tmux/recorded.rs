//! Recorded command lines, run line by line in two houses: in one `tmux` is tmux, in the other it
//! is psup.
//!
//! Each file in `cases` is one server's life. stdout, stderr and exit code of every line have to be
//! the same once paths, times and terminals have been made so; lines in which they may differ stand
//! in `different`, each with its reason. `cargo test --test tmux recorded::panes` plays one.

use psup_harness::{TestEnv, skipped};
use std::fmt::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// `await` looks until a command prints something that matches: what happens in a pane happens when
/// it happens. `feed` gives a control client the next line when it has answered the last, and
/// `told` takes times and numbers from what it says.
const AWAIT: &str = r#"await() {
    pattern=$1; shift; tries=0
    while [ $tries -lt 1000 ]; do
        "$@" 2>/dev/null </dev/null | grep -Eq -- "$pattern" && return 0
        tries=$((tries + 1))
    done
    echo "nothing matched $pattern"; return 9
}
feed() {
    await 1 tmux display -p '#{session_attached}'
    await '^%end' cat heard
    while read -r line; do
        ends=$(grep -Ec '^%(end|error)' heard)
        printf '%s\n' "$line"
        await yes sh -c "[ \$(grep -Ec '^%(end|error)' heard) -gt $ends ] && echo yes"
    done
}
told() { tee heard | sed 's/^%\(begin\|end\|error\) .*/%\1/;s/client-[0-9]*/CLIENT/g'; rm -f heard; }
"#;

/// On machines that are busy.
const TIME: Duration = Duration::from_secs(900);

#[derive(PartialEq, Eq)]
struct Said {
    out: String,
    err: String,
    code: i32,
}

/// A line in which the two may differ.
struct Different {
    case: String,
    line: String,
}

/// A test for each file in `cases`, of its name.
macro_rules! cases {
    ($($test:ident $file:literal,)*) => {
        $(#[test]
        fn $test() {
            check($file);
        })*

        const CASES: &[&str] = &[$($file),*];
    };
}

cases! {
    attaching "attaching",
    beginnings "beginnings",
    bindings "bindings",
    buffers "buffers",
    calls_from_configuration "calls-from-configuration",
    configurations "configurations",
    control_notices "control-notices",
    copy "copy",
    current_client "current-client",
    dead "dead",
    ends "ends",
    environment "environment",
    errors "errors",
    flags_left "flags-left",
    flags_of_keys "flags-of-keys",
    flags_of_panes "flags-of-panes",
    flags_of_sessions "flags-of-sessions",
    flags_of_talk "flags-of-talk",
    flags_of_windows "flags-of-windows",
    formats "formats",
    hooks_by_element "hooks-by-element",
    keys "keys",
    keys_with_modifiers "keys-with-modifiers",
    language "language",
    lists "lists",
    none "none",
    options "options",
    options_all "options-all",
    panes "panes",
    pastes "pastes",
    scripts "scripts",
    sessions "sessions",
    sizes_asked_for "sizes-asked-for",
    sockets "sockets",
    talk "talk",
    targets "targets",
    variables "variables",
    watched "watched",
    widths "widths",
    windows "windows",
}

#[test]
fn every_file_of_cases_has_a_test() {
    let files = std::fs::read_dir(root().join("cases")).unwrap();
    let mut files: Vec<String> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, CASES);
}

#[test]
fn every_line_that_may_differ_stands_in_its_case() {
    for Different { case, line } in different() {
        let text = std::fs::read_to_string(root().join("cases").join(&case)).unwrap();
        let found = lines(&text).iter().any(|known| known.starts_with(&line));
        assert!(found, "{case}: {line}");
    }
}

/// Plays a case on both sides at once, and compares line by line.
fn check(case: &str) {
    let Some(tmux) = real_tmux() else { return };
    let lines = lines(&std::fs::read_to_string(root().join("cases").join(case)).unwrap());
    let (theirs, ours) = std::thread::scope(|scope| {
        let theirs = scope.spawn(|| play(&lines, &tmux));
        let ours = play(&lines, Path::new(env!("CARGO_BIN_EXE_psup")));
        (theirs.join().unwrap(), ours)
    });
    let allowed = different();
    let may_differ = |line: &str| {
        let of_case = allowed.iter().filter(|allowed| allowed.case == case);
        of_case
            .into_iter()
            .any(|allowed| line.starts_with(&allowed.line))
    };
    let mut wrong = String::new();
    for ((line, theirs), ours) in lines.iter().zip(theirs).zip(ours) {
        if theirs != ours && !may_differ(line) {
            let _ = writeln!(
                wrong,
                "{line}\n  tmux {}: {}{}\n  psup {}: {}{}",
                theirs.code, theirs.out, theirs.err, ours.code, ours.out, ours.err
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn play(lines: &[String], tmux: &Path) -> Vec<Said> {
    let env = TestEnv::with_time(TIME);
    for directory in ["bin", "run"] {
        std::fs::create_dir(env.path(directory)).unwrap();
    }
    symlink(tmux, env.path("bin/tmux")).unwrap();
    let shell = |line: &str| {
        let path = format!(
            "{}:{}",
            env.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = env.command("sh");
        command
            .args(["-c", &format!("{AWAIT}{line}")])
            .env("PATH", path)
            .env("TMUX_TMPDIR", env.path("run"))
            .env("TERM", "xterm")
            .current_dir(env.path("home"));
        command
    };
    let told = lines.iter().map(|line| {
        let told = env.run(shell(line));
        let directory = env.path("");
        let directory = directory.to_string_lossy();
        let clean = |text: &str| same(&text.replace(directory.trim_end_matches('/'), "HOUSE"));
        Said {
            out: clean(&String::from_utf8_lossy(&told.bytes)),
            err: clean(&told.err),
            code: told.code.unwrap_or(-1),
        }
    });
    let told = told.collect();
    // The env ends what is psup's; a server of tmux's own is ended here.
    drop(env.run(shell("tmux kill-server")));
    told
}

/// Makes the same what cannot be: times, terminals, and how fast a server went.
fn same(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut words = Vec::new();
        let line = line.replace(
            "server exited unexpectedly",
            "no server running on HOUSE/run/tmux-0/default",
        );
        let line = match line.find("(created ") {
            Some(at) => format!(
                "{}(created DATE){}",
                &line[..at],
                line[at..].split_once(')').map_or("", |(_, rest)| rest)
            ),
            None => line,
        };
        for word in line.split(' ') {
            let bare = word.trim_end();
            let digits = bare.len() == 10
                && bare.starts_with('1')
                && bare.bytes().all(|b| b.is_ascii_digit());
            let clock = bare.len() == 6 && bare.starts_with('(') && bare.as_bytes()[3] == b':';
            let day = bare.ends_with(')') && bare.matches('-').count() == 2;
            words.push(if digits {
                word.replace(bare, "TIME")
            } else if clock || day {
                word.replace(bare, "CLOCK")
            } else if bare.starts_with("/dev/pts/") {
                word.replace(bare, "TERMINAL")
            } else {
                word.to_owned()
            });
        }
        let joined = words.join(" ");
        // How much memory a history takes is nobody's business.
        match (joined.find("[history "), joined.find(" bytes]")) {
            (Some(from), Some(to)) => match joined[from..to].rfind(", ") {
                Some(comma) => {
                    let _ = write!(out, "{}, N{}", &joined[..from + comma], &joined[to..]);
                }
                None => out.push_str(&joined),
            },
            _ => out.push_str(&joined),
        }
    }
    out
}

/// A line with an open quote goes on in the next.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        if !open.is_empty() {
            open.push('\n');
        }
        open.push_str(line);
        if open.matches('\'').count().is_multiple_of(2) {
            let line = std::mem::take(&mut open);
            if !line.trim().is_empty() && !line.starts_with('#') {
                lines.push(line);
            }
        }
    }
    lines
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tmux")
}

fn different() -> Vec<Different> {
    let text = std::fs::read_to_string(root().join("different")).unwrap();
    let fields = |line: &str| {
        let mut fields = line.splitn(3, " | ");
        let (case, line) = (
            fields.next().unwrap().to_owned(),
            fields.next().unwrap().to_owned(),
        );
        assert!(
            fields.next().is_some_and(|reason| !reason.is_empty()),
            "a reason is missing: {line}"
        );
        Different { case, line }
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(fields)
        .collect()
}

pub(crate) fn real_tmux() -> Option<PathBuf> {
    let found = Command::new("sh")
        .args(["-c", "command -v tmux && tmux -V"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let mut lines = text.lines();
    let path = lines.next().map(PathBuf::from);
    if lines.next() != Some("tmux 3.3a") {
        skipped("there is no tmux 3.3a to compare with");
        return None;
    }
    path
}
