//! One thing is broken at a time, and just the check that is for it tells of it.

#![allow(clippy::unwrap_used)]

use super::ALL;
use crate::doctor::look;
use crate::doctor::seen::{DirKind, Seen, Socket, Usage};
use crate::handover::dirs::Place;
use psup_proto::doctor::{Answers, Severity};
use psup_proto::hook::{Delivery, DeliveryState, Hook, HookEvent, HookInfo};
use psup_proto::info::{Info, State};
use psup_proto::service::Report;
use psup_proto::status::{Status, Survival};
use psup_proto::{Code, Exit, Failure, Outcome, SessionId, Size};
use std::time::Duration;

/// A machine and a supervisor on which nothing is wrong.
fn well() -> Seen {
    let place = Place {
        profile: "default".into(),
        dir: Some("/tmp/doctor-of-tests".into()),
    };
    let answers = Answers {
        status: status(),
        sessions: vec![session("web#1", State::Running)],
        hooks: vec![hook(DeliveryState::Delivered)],
    };
    let mut seen = look::look(&place, &Ok(answers), &|_| false).unwrap();
    let private = DirKind::Directory {
        uid: seen.uid,
        mode: 0o700,
        refusal: None,
    };
    seen.run.kind = private.clone();
    seen.state.kind = private;
    seen.state.path = "/home/me/.local/state/psup/default".into();
    seen.own_state = seen.state.path.clone();
    seen.homes = ("/home/me".into(), "/home/me".into());
    seen.has_dir = false;
    seen.is_alive = true;
    seen.cleaner = None;
    seen.sockets = vec![("/run/user/1/psup/default/sock".into(), Socket::Listening)];
    let plenty = crate::doctor::seen::Disk {
        path: "/".into(),
        kind: "on disk",
        free: 1 << 40,
        total: 1 << 41,
        inodes: Some((1 << 30, 1 << 31)),
    };
    seen.state_disk = Some(plenty.clone());
    seen.ring_disk = Some(plenty);
    seen.journals = Some(crate::doctor::seen::Journals::default());
    seen.guardian_program = Some("/usr/bin/psup".into());
    seen.clock.now_ms = 1_800_000_000_000;
    seen.clock.latest = None;
    seen.clock.started = None;
    seen.checkpoint.last = Some((seen.clock.now_ms - HOUR, "/backup/a.tar".into()));
    seen.checkpoint.has_timer = true;
    let little = Usage {
        used: 10,
        limit: 60_000,
    };
    seen.open_files = Some(little);
    seen.processes = vec![("the machine".into(), little)];
    seen.terminals = Some(little);
    seen.memory = Some(crate::doctor::seen::Memory {
        available: 1 << 34,
        total: 1 << 35,
        cgroup: None,
    });
    seen.core.pattern = Some("|/bin/take %p".into());
    seen.core.handler = Some(("/bin/take".into(), true));
    seen.caller.same_namespace = Some(true);
    seen.service = Some(Ok(Report {
        unit: "psup-default.service".into(),
        installed: true,
        enabled: true,
        active: true,
        ..Report::default()
    }));
    seen
}

fn status() -> Status {
    let kills = [
        "group",
        "session",
        "tree",
        "subreaper",
        "cgroup",
        "namespace",
        "env-marker",
        "logout",
        "reboot",
    ];
    Status {
        version: psup_proto::hello::BUILD.into(),
        build: psup_proto::hello::BUILD.into(),
        protocol: psup_proto::hello::NEWEST,
        guardian_pid: 1,
        worker_pid: 1,
        uptime: Duration::from_secs(60),
        worker_epoch: 1,
        guardian_epoch: 0,
        sessions_live: 1,
        sessions_kept: 1,
        connections: 1,
        memory_bytes: 1 << 23,
        run_dir: b"/run/user/1/psup/default".to_vec(),
        state_dir: b"/home/me/.local/state/psup/default".to_vec(),
        safe_mode: false,
        rung: "systemd-user".into(),
        survival: kills.map(|kill| survival(kill, true)).to_vec(),
        stops_by: Some("cgroup".into()),
        worker_uptime: None,
        kept: None,
    }
}

fn survival(kill: &str, survives: bool) -> Survival {
    Survival {
        kill: kill.into(),
        survives,
        evidence: "seen".into(),
        fix: (!survives).then(|| "do this".into()),
    }
}

fn session(id: &str, state: State) -> Info {
    let (name, life) = id.split_once('#').unwrap();
    let id = SessionId {
        name: name.parse().unwrap(),
        life: life.parse().unwrap(),
    };
    Info {
        id,
        state,
        pid: None,
        foreground: None,
        cwd: b"/".to_vec(),
        command: vec![b"cat".to_vec()],
        size: Size::DEFAULT,
        offset: 0,
        kept_from: 0,
        title: String::new(),
        exit: (!state.is_live()).then(|| {
            Exit::new(
                Outcome::Lost {
                    reason: "reboot".into(),
                },
                0,
            )
        }),
        restarts: 0,
        next_start_ms: None,
        restart: psup_proto::spec::Restart::No,
        on_boot: false,
        ttl: None,
        labels: std::collections::BTreeMap::new(),
        started_ms: 0,
        idle: None,
        blocked: None,
        log: None,
        attached: 0,
        keyboard: None,
        resources: psup_proto::resources::ResourceLimits::default(),
        unmet: Vec::new(),
        usage: None,
        restart_limit: None,
        owner: None,
    }
}

type Break = fn(&mut Seen);

fn known(seen: &mut Seen) -> &mut Status {
    seen.status.as_mut().unwrap()
}

fn not_survived(seen: &mut Seen, kill: &str) {
    let entries = &mut known(seen).survival;
    *entries.iter_mut().find(|entry| entry.kill == kill).unwrap() = survival(kill, false);
}

fn mode(kind: &mut DirKind, new: u32) {
    if let DirKind::Directory { mode, .. } = kind {
        *mode = new;
    }
}

const TIGHT: Usage = Usage {
    used: 1_999,
    limit: 2_000,
};

/// What is broken, by the check that has to tell it.
#[rustfmt::skip]
const BREAKS: &[(&str, Severity, Break)] = &[
    ("sandbox", Severity::Error, |seen| seen.sockets[0].1 = Socket::Forbidden("Operation not permitted".into())),
    ("versions", Severity::Warning, |seen| known(seen).build = "0.0.9".into()),
    ("versions", Severity::Warning, |seen| seen.guardian_program = Some("/usr/bin/psup (deleted)".into())),
    ("safe-mode", Severity::Warning, |seen| known(seen).safe_mode = true),
    ("run-dir", Severity::Error, |seen| mode(&mut seen.run.kind, 0o755)),
    ("run-dir", Severity::Error, |seen| seen.run.kind = DirKind::Other),
    ("tmp-cleaner", Severity::Warning, |seen| seen.cleaner = Some("tmpreaper".into())),
    ("state-dir", Severity::Error, |seen| seen.is_alive = false),
    ("state-dir", Severity::Error, |seen| mode(&mut seen.state.kind, 0o500)),
    ("state-dir", Severity::Error, |seen| known(seen).survival.push(survival("state-dir", false))),
    ("state-dir", Severity::Info, |seen| known(seen).survival.push(survival("state-dir", true))),
    ("state-dir", Severity::Error, |seen| if let DirKind::Directory { uid, .. } = &mut seen.state.kind { *uid += 1 }),
    ("state-dir", Severity::Error, |seen| if let DirKind::Directory { refusal, .. } = &mut seen.state.kind { *refusal = Some("Read-only file system".into()) }),
    ("home", Severity::Warning, |seen| seen.own_state = "/root/.local/state/psup/default".into()),
    ("stale-files", Severity::Warning, |seen| seen.sockets.push(("/tmp/psup-1/default/sock".into(), Socket::Stale))),
    ("disk", Severity::Error, |seen| seen.state_disk.as_mut().unwrap().free = 1 << 20),
    ("disk", Severity::Warning, |seen| seen.state_disk.as_mut().unwrap().free = 500 << 20),
    ("disk", Severity::Error, |seen| seen.state_disk.as_mut().unwrap().inodes = Some((3, 1 << 20))),
    ("disk", Severity::Info, |seen| seen.state_disk.as_mut().unwrap().kind = "in memory"),
    ("shared-memory", Severity::Error, |seen| seen.ring_disk.as_mut().unwrap().free = 0),
    ("journals", Severity::Warning, |seen| seen.journals.as_mut().unwrap().bytes = 1 << 50),
    ("clock", Severity::Warning, |seen| seen.clock.now_ms = 5),
    ("clock", Severity::Warning, |seen| seen.clock.latest = Some((seen.clock.now_ms + 60_000, "the start of web#1".into()))),
    ("clock", Severity::Warning, |seen| seen.clock.started = Some(("the supervisor".into(), 1_000_000, 2_000_000))),
    ("memory", Severity::Warning, |seen| seen.memory.as_mut().unwrap().available = 1 << 20),
    ("memory", Severity::Warning, |seen| seen.memory.as_mut().unwrap().cgroup = Some(("/a".into(), TIGHT))),
    ("memory", Severity::Warning, |seen| known(seen).memory_bytes = 1 << 40),
    ("open-files", Severity::Error, |seen| seen.open_files = Some(TIGHT)),
    ("open-files", Severity::Warning, |seen| seen.open_files = Some(Usage { used: 20, limit: 256 })),
    ("processes", Severity::Error, |seen| seen.processes.push(("/a".into(), TIGHT))),
    ("terminals", Severity::Error, |seen| seen.terminals = Some(TIGHT)),
    ("core-pattern", Severity::Warning, |seen| seen.core.handler.as_mut().unwrap().1 = false),
    ("core-pattern", Severity::Info, |seen| { seen.core.pattern = Some("core".into()); seen.core.handler = None }),
    ("cgroup", Severity::Warning, |seen| not_survived(seen, "cgroup")),
    ("cgroup", Severity::Warning, |seen| { seen.caller.unit = Some(("gateway.service".into(), "control-group".into())); seen.caller.guardian_cgroup = "/system.slice/gateway.service".into() }),
    ("starter", Severity::Warning, |seen| not_survived(seen, "subreaper")),
    ("starter", Severity::Warning, |seen| not_survived(seen, "env-marker")),
    ("linger", Severity::Warning, |seen| not_survived(seen, "logout")),
    ("boot", Severity::Info, |seen| not_survived(seen, "reboot")),
    ("pid-namespace", Severity::Info, |seen| not_survived(seen, "namespace")),
    ("pid-namespace", Severity::Info, |seen| seen.caller.same_namespace = Some(false)),
    ("delegation", Severity::Warning, |seen| known(seen).stops_by = Some("bookkeeping".into())),
    ("service", Severity::Warning, |seen| service(seen, |report| report.drift = Some("a line".into()))),
    ("service", Severity::Warning, |seen| service(seen, |report| report.enabled = false)),
    ("service", Severity::Warning, |seen| service(seen, |report| report.active = false)),
    ("service", Severity::Warning, |seen| service(seen, |report| report.outside = Some("one runs outside".into()))),
    ("service", Severity::Info, |seen| service(seen, |report| report.installed = false)),
    ("lost", Severity::Warning, |seen| seen.sessions.push(session("job#1", State::Lost))),
    ("orphaned", Severity::Warning, |seen| seen.sessions.push(session("job#1", State::Orphaned))),
    ("crash-loop", Severity::Warning, |seen| { seen.sessions[0].restarts = 5; seen.sessions[0].next_start_ms = Some(1) }),
    ("hooks", Severity::Warning, |seen| seen.hooks.push(hook(DeliveryState::Failed))),
    ("hooks", Severity::Warning, |seen| seen.hooks.push(hook(DeliveryState::Retrying))),
    ("checkpoint", Severity::Warning, |seen| seen.checkpoint.last.as_mut().unwrap().0 -= 36 * HOUR),
    ("checkpoint", Severity::Warning, |seen| seen.checkpoint.last = None),
];

const HOUR: u64 = 3_600_000;

fn hook(state: DeliveryState) -> HookInfo {
    HookInfo {
        number: 1,
        name: None,
        hook: Hook {
            on: HookEvent::Exit,
            command: vec![b"notify".to_vec()],
            timeout: Duration::from_secs(30),
            tries: 10,
        },
        of_spec: false,
        due: 0,
        delivered: 1,
        failed: 0,
        last: Some(Delivery {
            event: 1,
            id: session("web#1", State::Running).id,
            state,
            tries: 3,
            reason: "exit 1".into(),
            at_ms: 1,
        }),
    }
}

#[test]
fn who_never_made_a_checkpoint_is_not_told_to() {
    let mut seen = well();
    seen.checkpoint = crate::doctor::seen::Checkpoint::default();
    assert_eq!(told(&seen), []);
}

fn service(seen: &mut Seen, change: fn(&mut Report)) {
    change(seen.service.as_mut().unwrap().as_mut().unwrap());
}

/// The checks that tell of something, with how they do.
fn told(seen: &Seen) -> Vec<(&'static str, Severity)> {
    let verdicts = ALL.iter().map(|check| (check, (check.judge)(seen)));
    verdicts
        .filter(|(_, verdict)| verdict.severity != Severity::Ok)
        .map(|(check, verdict)| {
            assert!(verdict.severity <= check.worst, "{}: {verdict:?}", check.id);
            assert!(!verdict.evidence.is_empty(), "{}", check.id);
            let fix = verdict.fix.as_deref().unwrap_or_default();
            assert!(
                !verdict.severity.is_wrong() || fix.contains('`'),
                "{} has no command in its fix: {fix}",
                check.id
            );
            (check.id, verdict.severity)
        })
        .collect()
}

#[test]
fn where_nothing_is_wrong_nothing_is_told() {
    assert_eq!(told(&well()), []);
}

#[test]
fn what_is_broken_is_told_by_its_check_and_by_no_other() {
    for (check, severity, break_it) in BREAKS {
        let mut seen = well();
        break_it(&mut seen);
        assert_eq!(told(&seen), [(*check, *severity)]);
    }
}

#[test]
fn every_check_has_something_that_breaks_it() {
    for check in ALL.iter().filter(|check| check.id != "supervisor") {
        let worst = BREAKS.iter().filter(|(id, ..)| *id == check.id);
        let worst = worst.map(|(_, severity, _)| *severity).max();
        let expected = match check.worst {
            Severity::Unknown => Severity::Info,
            // Two builds without a common protocol, which is a supervisor that does not answer.
            Severity::Error if check.id == "versions" => Severity::Warning,
            worst => worst,
        };
        assert_eq!(worst, Some(expected), "{}", check.id);
    }
}

fn without_supervisor(code: Code) -> Seen {
    let mut seen = well();
    seen.status = Err(Failure::new(code, "why"));
    seen.sessions.clear();
    seen.sockets[0].1 = Socket::Absent;
    seen.is_alive = false;
    seen
}

#[test]
fn a_supervisor_that_was_never_started_is_no_error() {
    let all = told(&without_supervisor(Code::Unreachable));
    assert!(all.contains(&("supervisor", Severity::Info)), "{all:?}");
    assert!(
        all.iter().all(|(_, severity)| !severity.is_wrong()),
        "{all:?}"
    );
}

#[test]
fn a_supervisor_that_left_sessions_or_does_not_answer_is_an_error() {
    let mut seen = without_supervisor(Code::Unreachable);
    seen.left_running = vec!["web#1".into()];
    assert!(told(&seen).contains(&("supervisor", Severity::Error)));
    seen.left_running.clear();
    seen.is_alive = true;
    assert!(told(&seen).contains(&("supervisor", Severity::Error)));
}

#[test]
fn builds_without_a_common_protocol_are_an_error_of_versions_alone() {
    let all = told(&without_supervisor(Code::VersionMismatch));
    assert!(all.contains(&("versions", Severity::Error)), "{all:?}");
    assert!(all.contains(&("supervisor", Severity::Info)), "{all:?}");
}

#[test]
fn a_lost_session_with_a_successor_needs_nobody() {
    let mut seen = well();
    seen.sessions.push(session("job#1", State::Lost));
    seen.sessions.push(session("job#2", State::Running));
    assert_eq!(told(&seen), []);
}

#[test]
fn ids_are_words_that_a_shell_takes_as_they_are() {
    for check in ALL {
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(check.id.chars().all(is_plain), "{}", check.id);
        let same = ALL.iter().filter(|other| other.id == check.id);
        assert_eq!(same.count(), 1, "{}", check.id);
    }
}
