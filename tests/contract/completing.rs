//! Completions in the shells themselves: a Tab after a beginning gives the names, ids, labels,
//! keys and targets that there are.

use psup_harness::{TestEnv, psup, skipped};
use std::process::Command;

/// Two live sessions, one that has ended, and a target.
fn env() -> TestEnv {
    let env = TestEnv::new();
    env.ok("spawn build-one --label team=infra -- cat");
    env.ok("spawn build-two -- cat");
    env.ok("spawn over -- true");
    env.ok("wait over --exit");
    std::fs::create_dir_all(env.path("home/.config/psup")).unwrap();
    env.write(
        "home/.config/psup/targets",
        "far-away = docker exec -i c psup stdio\n",
    );
    std::fs::create_dir_all(env.path("bin")).unwrap();
    std::os::unix::fs::symlink(psup(), env.path("bin/psup")).unwrap();
    env
}

fn shell(env: &TestEnv, program: &str, script: &str) -> Option<String> {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    if !found.unwrap().status.success() {
        skipped(&format!("{program} is not installed"));
        return None;
    }
    let mut command = env.command(program);
    let path = format!(
        "{}:{}",
        env.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    command.args(["-c", script]).env("PATH", path);
    Some(env.run(command).ended(0).text().to_owned())
}

/// The beginning of a line, and what there is for its last word.
const LINES: [(&str, &[&str]); 9] = [
    ("psup atta", &["attach"]),
    ("psup attach bu", &["build-one", "build-two"]),
    ("psup attach ov", &[]),
    ("psup read ov", &["over"]),
    ("psup info build-one#", &["build-one#1"]),
    ("psup stop build-one bu", &["build-one", "build-two"]),
    ("psup list --label te", &["team=infra"]),
    ("psup send build-one --key PageD", &["PageDown"]),
    ("psup --on far", &["far-away"]),
];

fn check(program: &str, complete: impl Fn(&TestEnv, &str) -> Option<String>) {
    let env = env();
    for (line, wanted) in LINES {
        let Some(told) = complete(&env, line) else {
            return;
        };
        let mut words: Vec<&str> = told
            .lines()
            .filter_map(|line| line.split('\t').next())
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect();
        words.sort_unstable();
        assert_eq!(words, wanted, "{program}: {line}");
    }
    // Without a supervisor there is nothing to tell, and none is started.
    env.ok("shutdown --force");
    assert_eq!(complete(&env, "psup attach bu").unwrap().trim(), "");
    env.refused(3, "info build-one");
}

#[test]
fn bash_completes_what_there_is() {
    check("bash", |env, line| {
        let script = format!(
            "source <(psup completions bash)\n\
             words=({line}); COMP_WORDS=(\"${{words[@]}}\"); COMP_CWORD=$((${{#words[@]}} - 1))\n\
             COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9\n\
             _clap_complete_psup psup \"${{words[-1]}}\" \"${{words[-2]}}\" 2>/dev/null\n\
             for word in \"${{COMPREPLY[@]}}\"; do echo \"$word\"; done"
        );
        shell(env, "bash", &script)
    });
}

#[test]
fn fish_completes_what_there_is() {
    check("fish", |env, line| {
        shell(
            env,
            "fish",
            &format!("psup completions fish | source; complete -C '{line}'"),
        )
    });
}

/// zsh completes on a terminal only: it runs in a session, and a Tab is typed.
#[test]
fn zsh_completes_what_there_is() {
    let env = env();
    let rc = "PROMPT='> '; autoload -Uz compinit; compinit -u; source <(psup completions zsh)\n";
    env.write("home/.zshrc", rc);
    let path = format!(
        "{}:{}",
        env.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let found = Command::new("sh").args(["-c", "command -v zsh"]).output();
    if !found.unwrap().status.success() {
        return skipped("zsh is not installed");
    }
    env.ok(&format!(
        "spawn z --no-integration --env PATH={path} --env PSUP_DIR={} -- zsh",
        env.path("psup").display()
    ));
    env.ok("wait z --text '^>' --in screen --timeout 30s");
    for (line, shown) in [
        ("psup atta", "psup attach"),
        ("psup attach build-o", "psup attach build-one"),
        ("psup read ov", "psup read over"),
        ("psup list --label te", "psup list --label team=infra"),
        ("psup send z --key PageD", "psup send z --key PageDown"),
        ("psup --on far", "psup --on far-away"),
    ] {
        env.ok(&format!("send z '{line}' --key Tab"));
        env.ok(&format!(
            "wait z --text '^> {shown}' --in screen --timeout 30s"
        ));
        // The line is taken back, and the next one is typed in its place.
        env.ok("send z --key C-u");
    }
}
