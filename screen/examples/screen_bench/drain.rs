//! `cat FILE` on a terminal: how fast it is drained by a bare read loop, by one that does one more
//! thing, and by tmux.
//!
//! The one more thing is what a supervisor does with output, each alone: it keeps it in a file,
//! draws it, or has it drawn by a thread. Run under `taskset -c 0` it tells what everything costs
//! together; without, writer and readers overlap.

use super::corpus;
use nix::pty::{Winsize, openpty};
use psup_proto::Size;
use psup_screen::Screen;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const SIZE: Size = Size { cols: 80, rows: 24 };
const ROUNDS: usize = 15;
/// Under a flood the screen is fed what has gathered: it follows the journal within a bound.
const GATHER: usize = 64 << 10;
/// Batches on their way to a thread.
const AHEAD: usize = 8;

pub(crate) fn all(wanted: &[String]) {
    let directory = tempfile::tempdir().unwrap();
    println!(
        "\ncat on a terminal: the bare loop's MB/s of the file, how much of that is left, and how many times tmux that is"
    );
    println!(
        "{:<12}{:>10}{:>10}{:>10}{:>10}{:>12}",
        "", "bare", "kept", "drawn", "by thread", "drawn/tmux"
    );
    for (name, bytes) in corpus::all(SIZE) {
        if !wanted.is_empty() && !wanted.iter().any(|kind| kind == name) || name == "binary" {
            continue;
        }
        let file = directory.path().join(name);
        // The terminal adds the carriage returns.
        let bytes: Vec<u8> = bytes
            .into_iter()
            .filter(|b| *b != b'\r' || name == "progress")
            .collect();
        std::fs::write(&file, &bytes).unwrap();
        let log = directory.path().join("log");
        let mut best = [f64::INFINITY; 5];
        for _ in 0..ROUNDS {
            let times = [
                drain(&file, |_| {}),
                kept(&file, &log),
                drawn(&file),
                drawn_by_thread(&file),
                tmux(&file, directory.path()),
            ];
            for (best, time) in best.iter_mut().zip(times) {
                *best = best.min(time);
            }
        }
        let [bare, kept, drawn, by_thread, tmux] = best;
        println!(
            "{name:<12}{:>10.1}{:>10.2}{:>10.2}{:>10.2}{:>12.2}",
            bytes.len() as f64 / 1e6 / bare,
            bare / kept,
            bare / drawn,
            bare / by_thread,
            tmux / drawn
        );
    }
}

/// What has gathered goes into a file.
fn kept(file: &Path, log: &Path) -> f64 {
    // It begins empty each time, as a log does.
    let log = std::fs::File::create(log).unwrap();
    let mut at = 0;
    gather(file, |bytes| {
        log.write_all_at(&bytes, at).unwrap();
        at += bytes.len() as u64;
    })
}

fn drawn(file: &Path) -> f64 {
    let mut screen = Screen::new(SIZE, 100_000);
    gather(file, |bytes| screen.feed(&bytes))
}

/// Until the thread has drawn all: the end counts.
fn drawn_by_thread(file: &Path) -> f64 {
    let (give, take) = mpsc::sync_channel::<Vec<u8>>(AHEAD);
    let drawer = thread::spawn(move || {
        let mut screen = Screen::new(SIZE, 100_000);
        for bytes in take {
            screen.feed(&bytes);
        }
    });
    let seconds = gather(file, |bytes| give.send(bytes).unwrap());
    let begin = Instant::now();
    drop(give);
    drawer.join().unwrap();
    seconds + begin.elapsed().as_secs_f64()
}

fn gather(file: &Path, mut take: impl FnMut(Vec<u8>)) -> f64 {
    let mut waiting = Vec::with_capacity(2 * GATHER);
    let seconds = drain(file, |bytes| {
        waiting.extend_from_slice(bytes);
        if waiting.len() >= GATHER {
            take(std::mem::replace(
                &mut waiting,
                Vec::with_capacity(2 * GATHER),
            ));
        }
    });
    let begin = Instant::now();
    take(waiting);
    seconds + begin.elapsed().as_secs_f64()
}

fn drain(file: &Path, mut take: impl FnMut(&[u8])) -> f64 {
    let size = Winsize {
        ws_row: SIZE.rows,
        ws_col: SIZE.cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let pty = openpty(Some(&size), None).unwrap();
    let begin = Instant::now();
    let mut child = Command::new("cat")
        .arg(file)
        .stdout(Stdio::from(pty.slave))
        .spawn()
        .unwrap();
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = nix::unistd::read(&pty.master, &mut buffer) {
        take(&buffer[..count]);
    }
    let seconds = begin.elapsed().as_secs_f64();
    child.wait().unwrap();
    seconds
}

fn tmux(file: &Path, directory: &Path) -> f64 {
    let socket = directory.join("socket");
    let run = |args: &[&str]| {
        let status = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-S"])
            .arg(&socket)
            .args(args)
            .env_remove("TMUX")
            .status();
        status.is_ok_and(|status| status.success())
    };
    if !run(&["new-session", "-d", "-x", "80", "-y", "24", "cat"]) {
        return f64::INFINITY;
    }
    let begin = Instant::now();
    // The signal is given when all has been read, but for the last few KiB.
    let show = format!("cat {}; tmux wait-for -S drained", file.display());
    let drained =
        run(&["new-session", "-d", "-x", "80", "-y", "24", &show]) && run(&["wait-for", "drained"]);
    let seconds = begin.elapsed().as_secs_f64();
    // It has a session that only this ends; what it says about that is nobody's business.
    run(&["kill-server"]);
    if drained { seconds } else { f64::INFINITY }
}
