//! The supervisor under test, and the steps done to it.

use crate::answer::{self, Answer};
use crate::model::Model;
use crate::step::Step;
use psup_harness::{SmallDisk, TestEnv};
use std::time::Duration;

/// Longer than any history takes.
const LONG: Duration = Duration::from_secs(3600);
/// What every session but a shell runs: it prints what it is asked for, and ends as it is told.
const TALKER: &str = r#"echo "$1 $$" >> starts
stty -echo
echo up
while read -r verb n k; do
  case $verb in
    say) [ "$n" -gt 1 ] && seq -f "$k.%.0f" $((n - 1)); echo "said $k" ;;
    end) exit "$n" ;;
  esac
done
"#;
const SHELL: &str = r#"echo "$SESSION_LABEL $$" >> starts
"#;

pub(crate) struct Bed {
    pub env: TestEnv,
    pub model: Model,
    disk: Option<SmallDisk>,
    /// What the supervisor may have open.
    files: Option<u64>,
    /// Numbers for what is said and run, so that no two are the same.
    count: usize,
    pub vanished: usize,
}

impl Bed {
    pub(crate) fn new() -> Self {
        let env = TestEnv::with_time(LONG);
        let state = env.path("psup/state");
        std::fs::create_dir_all(&state).unwrap();
        let private = || std::os::unix::fs::PermissionsExt::from_mode(0o700);
        for dir in [env.path("psup"), state.clone()] {
            std::fs::set_permissions(dir, private()).unwrap();
        }
        let disk = SmallDisk::at(&state, "size=4m,mode=0700");
        env.write("talker", TALKER);
        env.write("shell", SHELL);
        std::fs::copy(psup_harness::psup(), env.path("newer")).unwrap();
        let model = Model {
            has_disk: disk.is_some(),
            ..Model::default()
        };
        Self {
            env,
            model,
            disk,
            files: None,
            count: 0,
            vanished: 0,
        }
    }

    pub(crate) fn ask(&self, words: &[&str]) -> Result<Answer, String> {
        answer::ask(&self.env, &[&["--json"], words].concat(), self.files).answer()
    }

    pub(crate) fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    pub(crate) fn perform(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Spawn { name, kind } => self.spawn(name, *kind),
            Step::Say { name, lines } => self.say(name, *lines),
            Step::Exec { name, code } => self.exec(name, *code),
            Step::End { name, code } => self.end(name, *code),
            Step::Stop { name } => self.stop(name),
            Step::Restart { name } => self.restart(name),
            Step::Forget { name } => self.forget(name),
            Step::Rename { from, to } => self.rename(from, to),
            Step::Upgrade => self.upgrade(),
            Step::Check => self.check(),
            Step::Files { most } => {
                self.files = Some(*most);
                Ok(())
            }
            Step::Kill { half } => self.kill(*half),
            Step::Signal { half, signal } => self.signal(*half, *signal),
            Step::Fill => {
                if let Some(disk) = &self.disk {
                    disk.fill();
                }
                self.model.is_full = self.disk.is_some();
                Ok(())
            }
            Step::Drain => self.drain(),
            Step::Vanish => self.vanish(),
            Step::During {
                half,
                after_us,
                step,
            } => self.during(*half, Duration::from_micros(*after_us), step),
            Step::Frozen { half, for_ms, step } => {
                self.frozen(*half, Duration::from_millis(*for_ms), step)
            }
            Step::Crowded { connections, step } => self.crowded(*connections, step),
        }
    }

    fn drain(&mut self) -> Result<(), String> {
        if self.model.is_full
            && let Some(disk) = &self.disk
        {
            disk.drain();
        }
        self.model.is_full = false;
        // What could not be written is written once there is room, and somebody asks.
        self.check()?;
        self.model
            .sessions
            .values_mut()
            .for_each(|session| session.is_unwritten = false);
        Ok(())
    }

    /// The supervisor's log, before the directory goes.
    pub(crate) fn keep_evidence(&self) {
        let logs = self.env.read("psup/state/default/supervisor.log");
        let tail = &logs[logs.len().saturating_sub(8000)..];
        eprintln!(
            "the end of the supervisor's log:\n{}",
            String::from_utf8_lossy(tail)
        );
    }
}

/// The file system goes before the directory it is mounted in, and the supervisor before both.
impl Drop for Bed {
    fn drop(&mut self) {
        drop(self.ask(&["shutdown", "--force"]));
        self.disk = None;
    }
}
