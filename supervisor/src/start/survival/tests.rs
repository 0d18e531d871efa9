//! What survives which kill, by what is seen of the guardian.

use super::*;

fn seen(rung: Rung, parent: (i32, &str), cgroup: &str) -> Seen {
    Seen {
        rung: Some(rung),
        parent: Some((parent.0, parent.1.into())),
        cgroups: vec![cgroup.into()],
        environment: vec!["HOME".into()],
        marked: Vec::new(),
        namespace: Namespace::Machine,
        foreign_proc: false,
        fixes: Fixes::of(&Facts::default(), Uid::from_raw(1000)),
        uid: Uid::from_raw(1000),
        systemd: true,
        lingers: false,
        boot_unit: None,
        refused: Vec::new(),
        stored: true,
    }
}

fn dies_of(seen: &Seen) -> Vec<String> {
    let all = judge(seen);
    assert!(
        all.iter().all(|s| s.survives == s.fix.is_none()),
        "what is not survived has a fix"
    );
    all.into_iter()
        .filter(|s| !s.survives)
        .map(|s| s.kill)
        .collect()
}

#[test]
fn a_double_fork_under_a_subreaper_in_a_unit_says_what_will_end_it() {
    let seen = seen(
        Rung::DoubleFork,
        (812, "node"),
        "/system.slice/gateway.service",
    );
    assert_eq!(dies_of(&seen), ["subreaper", "cgroup", "reboot"]);
}

#[test]
fn a_supervisor_that_no_manager_keeps_says_that_both_halves_at_once_are_the_end() {
    let mut seen = seen(Rung::DoubleFork, (1, "sh"), "/");
    seen.systemd = false;
    seen.stored = false;
    assert_eq!(dies_of(&seen), ["both", "reboot"]);
}

#[test]
fn a_users_service_ends_with_the_users_manager_unless_the_user_lingers() {
    let cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/psup-default.service";
    let mut seen = seen(Rung::SystemdUser, (700, "systemd"), cgroup);
    assert_eq!(dies_of(&seen), ["logout", "reboot"]);
    seen.lingers = true;
    seen.boot_unit = Some("unit".into());
    assert_eq!(dies_of(&seen), [""; 0]);
}

#[test]
fn in_a_container_without_systemd_only_a_reboot_counts() {
    let mut seen = seen(Rung::DoubleFork, (1, "sh"), "/");
    seen.systemd = false;
    assert_eq!(dies_of(&seen), ["reboot"]);
}

#[test]
fn in_a_pid_namespace_its_first_process_is_named() {
    let mut seen = seen(Rung::DoubleFork, (1, "sh"), "/");
    seen.systemd = false;
    seen.namespace = Namespace::Own {
        id: "pid:[1]".into(),
        first: "sh[1]".into(),
    };
    assert_eq!(dies_of(&seen), ["namespace", "reboot"]);
    assert!(
        judge(&seen)
            .iter()
            .any(|s| s.kill == "namespace" && s.evidence.contains("sh[1]"))
    );
}

#[test]
fn nothing_is_told_of_the_guardian_from_the_proc_of_another_namespace() {
    let mut seen = seen(Rung::DoubleFork, (1, "sh"), "/");
    seen.systemd = false;
    seen.foreign_proc = true;
    assert_eq!(
        dies_of(&seen),
        ["tree", "subreaper", "cgroup", "env-marker", "reboot"]
    );
}

#[test]
fn a_session_with_a_mark_of_a_runner_is_named() {
    let mut seen = seen(Rung::DoubleFork, (1, "sh"), "/");
    seen.systemd = false;
    seen.marked = vec![("web#1".into(), "CI_JOB_ID".into())];
    assert_eq!(dies_of(&seen), ["env-marker", "reboot"]);
    assert!(
        judge(&seen)
            .iter()
            .any(|s| s.evidence.contains("web#1 has CI_JOB_ID"))
    );
}
