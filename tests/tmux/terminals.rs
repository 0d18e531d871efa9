//! tmux and psup side by side, each in a terminal that psup keeps, in one env: the same keys to
//! both, and after each the same screen.
//!
//! A screen that changes for as long as somebody works is looked at again until the two are equal
//! and show what the step is about.

use crate::recorded::real_tmux;
use psup_harness::{Running, TestEnv, words};
use serde_json::Value;
use std::fmt::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

pub(crate) const SIDES: [&str; 2] = ["theirs", "ours"];

/// What both are started with: names that do not depend on the moment, a prompt that does not
/// depend on the shell, keys that are keys however close they come (tmux takes three within a
/// millisecond for a paste, and a busy one reads them at once).
const CONFIG: &str = r#"
set -g status-right ''
set -g automatic-rename off
set -g allow-rename off
set -g default-shell /bin/sh
set -g default-command "PS1='$ ' exec sh"
set -g display-time 0
set -g repeat-time 10000
set -g assume-paste-time 0
"#;

pub(crate) struct Terminals {
    pub env: TestEnv,
    /// After the last step.
    shown: String,
}

impl Terminals {
    /// Two terminals with a shell in each, whose tmux has a supervisor of its own: it would show the
    /// terminals themselves else; `None` where there is no tmux to compare with.
    pub(crate) fn new(size: &str) -> Option<Self> {
        let tmux = real_tmux()?;
        let env = TestEnv::with_time(Duration::from_secs(300));
        env.write("home/.tmux.conf", CONFIG);
        for (side, program) in SIDES
            .iter()
            .zip([tmux.as_path(), Path::new(env!("CARGO_BIN_EXE_psup"))])
        {
            std::fs::create_dir_all(env.path(&format!("{side}/run"))).unwrap();
            symlink(program, env.path(&format!("{side}/tmux"))).unwrap();
            let path = path(&env, side);
            let run = env.path(&format!("{side}/run"));
            env.ok(&format!(
                "spawn {side} --size {size} --no-integration --cwd home --env PATH={path} --env TMUX_TMPDIR={} --env PSUP_DIR={} --env PS1='> ' \
                 --env TERM=tmux-256color -- sh",
                run.display(),
                env.path("inner").display()
            ));
        }
        Some(Self {
            env,
            shown: String::new(),
        })
    }

    pub(crate) fn screen(&self, side: &str) -> String {
        let captured: Value = self.env.json(&format!("capture {side} --rows"));
        let mut text = String::new();
        for line in captured["lines"].as_array().unwrap() {
            let _ = writeln!(text, "{}", line.as_str().unwrap().trim_end());
        }
        let cursor = &captured["cursor"];
        let _ = write!(text, "cursor {cursor}");
        text
    }

    /// Keys and texts as `psup send` takes them; then both show the same, and this in it.
    #[track_caller]
    pub(crate) fn step(&mut self, keys: &str, shows: &str) {
        self.press(keys);
        self.both_show(keys, shows);
    }

    /// Keys of which nothing shows until the next ones.
    #[track_caller]
    pub(crate) fn press(&self, keys: &str) {
        for side in SIDES {
            self.env.ok(&format!("send {side} {keys}"));
        }
    }

    /// A command from elsewhere.
    #[track_caller]
    pub(crate) fn tmux(&mut self, line: &str, shows: &str) {
        self.run(line);
        self.both_show(line, shows);
    }

    #[track_caller]
    pub(crate) fn run(&self, line: &str) {
        for running in SIDES.map(|side| self.begin(side, line)) {
            running.end().ended(0);
        }
    }

    pub(crate) fn begin(&self, side: &str, line: &str) -> Running {
        let mut command = self.env.command(self.env.path(&format!("{side}/tmux")));
        command
            .args(words(line))
            .env("PATH", path(&self.env, side))
            .env("TMUX_TMPDIR", self.env.path(&format!("{side}/run")))
            .env("PSUP_DIR", self.env.path("inner"));
        self.env.start(command)
    }

    #[track_caller]
    pub(crate) fn resize(&mut self, size: &str, shows: &str) {
        for side in SIDES {
            self.env.ok(&format!("resize {side} {size}"));
        }
        self.both_show(size, shows);
    }

    /// Both are drawn the same, colours included, and this is in it.
    #[track_caller]
    pub(crate) fn same_colours(&self, what: &str, shows: &str) {
        let drawn = |side: &str| self.env.ok(&format!("capture {side} --rows --format ansi"));
        let mut rounds = 0;
        while drawn("theirs") != drawn("ours") || !self.screen("ours").contains(shows) {
            rounds += 1;
            let [theirs, ours] = SIDES.map(drawn);
            assert!(
                rounds < 150,
                "after {what}\n--- tmux\n{theirs:?}\n--- psup\n{ours:?}"
            );
            for side in SIDES {
                self.env.run(
                    self.env
                        .psup(&format!("wait {side} --idle 60ms --timeout 1s")),
                );
            }
        }
    }

    #[track_caller]
    pub(crate) fn both_show(&mut self, what: &str, shows: &str) {
        let mut rounds = 0;
        loop {
            let [theirs, ours] = SIDES.map(|side| self.screen(side));
            let done = theirs == ours && theirs.contains(shows) && theirs != self.shown;
            if done {
                self.shown = theirs;
                return;
            }
            rounds += 1;
            assert!(
                rounds < 150 && self.env.left() > Duration::from_secs(5),
                "after {what}, {shows:?} is not on both screens\n--- tmux\n{theirs}\n--- psup\n{ours}",
            );
            for side in SIDES {
                self.env.run(
                    self.env
                        .psup(&format!("wait {side} --idle 60ms --timeout 1s")),
                );
            }
        }
    }
}

/// Where `tmux` is the side's own.
fn path(env: &TestEnv, side: &str) -> String {
    format!(
        "{}:{}",
        env.path(side).display(),
        std::env::var("PATH").unwrap()
    )
}
