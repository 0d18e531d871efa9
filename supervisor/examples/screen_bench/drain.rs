//! `cat FILE` on a terminal: how fast it is drained by a bare read loop, by one that feeds a screen, and by tmux.
//!
//! Run under `taskset -c 0` it tells what everything costs together; without, writer and reader overlap.

use super::corpus;
use nix::pty::{Winsize, openpty};
use psup_proto::Size;
use psup_supervisor::session::screen::Screen;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const SIZE: Size = Size { cols: 80, rows: 24 };
const ROUNDS: usize = 5;
/// Under a flood the screen is fed what has gathered: it follows the journal within a bound.
const GATHER: usize = 256 << 10;

pub fn all(wanted: &[String]) {
    let directory = tempfile::tempdir().unwrap();
    println!(
        "\n{:<12}{:>10}{:>10}{:>10}{:>12}{:>12}   cat on a terminal, MB/s of the file",
        "", "bare", "psup", "tmux", "psup/bare", "psup/tmux"
    );
    for (name, bytes) in corpus::all(SIZE) {
        if !wanted.is_empty() && !wanted.iter().any(|kind| kind == name) || name == "binary" {
            continue;
        }
        let file = directory.path().join(name);
        // The terminal adds the carriage returns.
        let bytes: Vec<u8> = bytes.into_iter().filter(|b| *b != b'\r' || name == "progress").collect();
        std::fs::write(&file, &bytes).unwrap();
        let mut best = [f64::INFINITY; 3];
        for _ in 0..ROUNDS {
            let times = [drain(&file, |_| {}), psup(&file), tmux(&file, directory.path())];
            for (best, time) in best.iter_mut().zip(times) {
                *best = best.min(time);
            }
        }
        let [bare, psup, tmux] = best.map(|seconds| bytes.len() as f64 / 1e6 / seconds);
        println!(
            "{name:<12}{bare:>10.1}{psup:>10.1}{tmux:>10.1}{:>12.2}{:>12.2}",
            psup / bare,
            psup / tmux
        );
    }
}

fn psup(file: &Path) -> f64 {
    let mut screen = Screen::new(SIZE, 100_000);
    let mut waiting = Vec::with_capacity(2 * GATHER);
    let seconds = drain(file, |bytes| {
        waiting.extend_from_slice(bytes);
        if waiting.len() >= GATHER {
            screen.feed(&waiting);
            waiting.clear();
        }
    });
    let begin = Instant::now();
    screen.feed(&waiting);
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
    let mut child = Command::new("cat").arg(file).stdout(Stdio::from(pty.slave)).spawn().unwrap();
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
    let drained = run(&["new-session", "-d", "-x", "80", "-y", "24", &show]) && run(&["wait-for", "drained"]);
    let seconds = begin.elapsed().as_secs_f64();
    // It has a session that only this ends; what it says about that is nobody's business.
    run(&["kill-server"]);
    if drained { seconds } else { f64::INFINITY }
}
