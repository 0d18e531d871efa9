//! What the keys of `psup top` do to sessions.

use super::model::{Act, Effect, Place};
use super::sources::Source;
use super::{BEGIN, News, Top, preview};
use nix::sys::signal::SigSet;
use psup_link::request_id::fresh_id;
use psup_link::unexpected;
use psup_proto::request::{Selector, Stop};
use psup_proto::{Failure, Request, Response, Target};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::thread::Scope;

impl<'s, 'a: 's> Top<'s, 'a> {
    /// Begins what a key wants; how it went is told later.
    pub(super) fn begin(&mut self, scope: &'s Scope<'s, '_>, effect: Effect) {
        let teller = self.teller.clone();
        match effect {
            Effect::Quit | Effect::Attach(_) => {}
            Effect::ShowEnded(all) => {
                self.show_ended.store(all, Ordering::Relaxed);
                for ask in &self.ask {
                    let _ = ask.send(());
                }
            }
            Effect::Do(act, place) => {
                let source = &self.sources[place.source];
                scope.spawn(move || {
                    let target = place.id.clone().into();
                    let told = done(source, act, target);
                    let told = told.unwrap_or_else(|failure| failure.message);
                    teller.tell(News::Done(told));
                });
            }
            Effect::ReadJournal(place) => {
                let source = &self.sources[place.source];
                scope.spawn(move || {
                    let shot = preview::journal(source, &place.id);
                    teller.tell(News::Journal(place, shot));
                });
            }
        }
    }

    /// Gives the terminal to a `psup attach`, and takes it again when that has ended.
    pub(super) fn attach(&mut self, place: &Place) {
        self.terminal.end(b"");
        let told = self.run_attach(place);
        // A terminal that is gone is found by the next read.
        let _ = self.terminal.make_raw();
        crate::attach::terminal::write_all(BEGIN);
        self.model.note = Some(told);
    }

    fn run_attach(&self, place: &Place) -> String {
        let source = &self.sources[place.source];
        let Ok(own) = std::env::current_exe() else {
            return "cannot find the program of this psup".to_owned();
        };
        let mut command = Command::new(own);
        command.args(&self.wishes.words);
        if let Some(name) = &source.name {
            command.args(["--on", name]);
        }
        command.args([OsString::from("attach"), place.id.to_string().into()]);
        command.stderr(Stdio::piped());
        let unblock = || SigSet::all().thread_unblock().map_err(Into::into);
        // SAFETY: between fork and exec it makes one system call and allocates nothing.
        let child = unsafe { command.pre_exec(unblock) }.spawn();
        match child.and_then(std::process::Child::wait_with_output) {
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                said.lines().next().unwrap_or_default().to_owned()
            }
            Err(error) => format!("cannot start psup attach: {error}"),
        }
    }
}

fn done(source: &Source, act: Act, target: Target) -> Result<String, Failure> {
    let name = target.to_string();
    let request = match act {
        Act::Stop => Request::Stop(Stop {
            which: Selector::Named(vec![target]),
            signal: None,
            grace: None,
        }),
        Act::Restart => Request::Restart {
            target,
            id: fresh_id()?,
        },
    };
    match source.link().ask(&request)? {
        Response::Stopped(_) => Ok(format!("stopped {name}")),
        Response::Spawned(spawned) => Ok(format!("restarted {name} as {}", spawned.id)),
        other => Err(unexpected(&other)),
    }
}
