//! Recorded command lines, run line by line in two houses: in one `tmux` is tmux, in the other it
//! is psup.
//!
//! Each file in `cases` is one server's life. stdout, stderr and exit code of every line have to be
//! the same once paths, times and terminals have been made so; lines in which they may differ stand
//! in `different`, each with its reason. `CASES=panes,copy cargo test --test tmux recorded` plays
//! only those.

use crate::house::{House, skipped};
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

/// All of it runs twice, on machines that are busy.
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

#[test]
fn every_recorded_line_says_the_same_as_tmux() {
    let Some(tmux) = real_tmux() else { return };
    let allowed = different();
    let (mut equal, mut different, mut unsupported) = (0, 0, 0);
    let mut wrong = String::new();
    let only = std::env::var("CASES").ok();
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        if only
            .as_ref()
            .is_some_and(|only| !only.split(',').any(|o| o == name))
        {
            continue;
        }
        let lines = lines(&std::fs::read_to_string(&case).unwrap());
        let (theirs, ours) = std::thread::scope(|scope| {
            let theirs = scope.spawn(|| play(&lines, &tmux));
            let ours = play(&lines, Path::new(env!("CARGO_BIN_EXE_psup")));
            (theirs.join().unwrap(), ours)
        });
        for ((line, theirs), ours) in lines.iter().zip(theirs).zip(ours) {
            if theirs == ours {
                equal += 1;
            } else if ours.err.contains("not supported by psup") {
                unsupported += 1;
            } else if allowed
                .iter()
                .any(|a| a.case == name && line.starts_with(&a.line))
            {
                different += 1;
            } else {
                different += 1;
                let _ = writeln!(
                    wrong,
                    "{name}: {line}\n  tmux {}: {}{}\n  psup {}: {}{}",
                    theirs.code, theirs.out, theirs.err, ours.code, ours.out, ours.err
                );
            }
        }
    }
    // Past the harness, which would keep it from whoever runs the tests.
    let told = format!(
        "recorded tmux lines: {equal} equal, {different} different, {unsupported} unsupported\n"
    );
    drop(std::io::Write::write_all(
        &mut std::io::stderr(),
        told.as_bytes(),
    ));
    assert!(wrong.is_empty(), "{wrong}");
    assert!(equal > 2500 || only.is_some());
}

fn play(lines: &[String], tmux: &Path) -> Vec<Said> {
    let house = House::with_time(TIME);
    for directory in ["bin", "run"] {
        std::fs::create_dir(house.path(directory)).unwrap();
    }
    symlink(tmux, house.path("bin/tmux")).unwrap();
    let shell = |line: &str| {
        let path = format!(
            "{}:{}",
            house.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = house.command("sh");
        command
            .args(["-c", &format!("{AWAIT}{line}")])
            .env("PATH", path)
            .env("TMUX_TMPDIR", house.path("run"))
            .env("TERM", "xterm")
            .current_dir(house.path("home"));
        command
    };
    let told = lines.iter().map(|line| {
        let told = house.run(shell(line));
        let directory = house.path("");
        let directory = directory.to_string_lossy();
        let clean = |text: &str| same(&text.replace(directory.trim_end_matches('/'), "HOUSE"));
        Said {
            out: clean(&String::from_utf8_lossy(&told.bytes)),
            err: clean(&told.err),
            code: told.code.unwrap_or(-1),
        }
    });
    let told = told.collect();
    // The house ends what is psup's; a server of tmux's own is ended here.
    drop(house.run(shell("tmux kill-server")));
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

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root().join("cases"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    cases.sort();
    cases
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

pub fn real_tmux() -> Option<PathBuf> {
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
