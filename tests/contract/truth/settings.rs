//! Whatever a user does to prompts, hooks, traps and options of a live shell: an answer is exact,
//! or it says that it is not, and the next one is exact again.

use super::{exec, is_here};
use psup_harness::{TestEnv, skipped};

/// Something done to the shell by an `exec`, and whether its own answer must be exact.
type Setting = (&'static str, Answer);

#[derive(Clone, Copy, PartialEq)]
enum Answer {
    /// Nothing printed, exit code 0.
    Exact,
    /// Exact, or exit code 125.
    Honest,
}
use Answer::{Exact, Honest};

const BASH: &[Setting] = &[
    ("PROMPT_COMMAND=\"history -a; $PROMPT_COMMAND\"", Exact),
    ("PROMPT_COMMAND='history -a'", Exact),
    ("PROMPT_COMMAND=('history -a' true)", Exact),
    ("PROMPT_COMMAND+=('printf noise')", Exact),
    ("unset PROMPT_COMMAND", Exact),
    ("PROMPT_COMMAND=\"printf noise; $PROMPT_COMMAND\"", Honest),
    ("PROMPT_COMMAND='printf \"\\033]0;title\\007\"'", Honest),
    ("unset PS0", Exact),
    ("PS0='runs\\n'", Exact),
    ("PS0=\"${PS0}runs \"", Exact),
    ("unset PS0", Exact),
    ("PS1='x> '", Exact),
    ("unset PROMPT_COMMAND PS0; PS1='y> '", Honest),
    ("source ~/.bashrc", Honest),
    ("shopt -u promptvars", Honest),
    ("shopt -s promptvars", Honest),
    ("set -o vi", Exact),
    ("set -o emacs", Exact),
    ("set -o posix", Exact),
    ("set +o posix", Exact),
    ("set -u", Exact),
    ("set +u", Exact),
    ("set -ET", Exact),
    ("set +ET", Exact),
    ("IFS=0123456789", Exact),
    ("unset IFS", Exact),
    ("bind 'set enable-bracketed-paste off'", Exact),
    ("bind 'set enable-bracketed-paste on'", Exact),
    ("builtin() { echo B; }", Exact),
    ("unset -f builtin", Exact),
    ("read() { echo R; }", Exact),
    ("unset -f read", Exact),
    ("readonly PS1", Exact),
];

const ZSH: &[Setting] = &[
    ("precmd() { echo noise }", Honest),
    ("unfunction precmd", Exact),
    ("precmd_functions=()", Honest),
    (
        "noise() { printf noise }; precmd_functions=(noise $precmd_functions)",
        Honest,
    ),
    ("unfunction noise; precmd_functions=()", Honest),
    ("preexec() { echo before }", Exact),
    ("unfunction preexec", Exact),
    ("preexec_functions=()", Exact),
    ("PS1='x> '", Exact),
    ("setopt prompt_sp", Honest),
    ("zle-line-init() { : }; zle -N zle-line-init", Exact),
    ("bindkey -v", Exact),
    ("bindkey -e", Exact),
    ("setopt ksh_arrays", Exact),
    ("unsetopt ksh_arrays", Exact),
    ("set -u", Exact),
    ("set +u", Exact),
    ("builtin() { echo B }", Exact),
    ("unfunction builtin", Exact),
];

const FISH: &[Setting] = &[
    (
        "function noise --on-event fish_postexec; echo noise; end",
        Exact,
    ),
    ("functions -e noise", Exact),
    (
        "function noise --on-event fish_preexec; echo noise; end",
        Exact,
    ),
    ("functions -e noise", Exact),
    (
        "function noise --on-event fish_prompt; echo noise; end",
        Exact,
    ),
    ("functions -e noise", Exact),
    ("function fish_prompt; echo 'x> '; end", Exact),
    ("function printf; echo P; end", Exact),
    ("functions -e printf", Exact),
    ("fish_vi_key_bindings", Exact),
];

#[track_caller]
fn check(shell: &str, settings: &[Setting]) {
    if !is_here(shell) {
        return skipped(&format!("there is no {shell}"));
    }
    let env = TestEnv::new();
    env.write(
        "home/.bashrc",
        "PROMPT_COMMAND='history -a'\nPS1='mine> '\n",
    );
    env.ok(&format!("spawn s --ready prompt --timeout 60s -- {shell}"));
    for (setting, answer) in settings {
        let (printed, code) = exec(&env, setting);
        let printed = String::from_utf8_lossy(&printed).into_owned();
        let exact = code == Some(0) && printed.is_empty();
        assert!(
            exact || *answer == Honest && code == Some(125),
            "{shell}: {setting}: {code:?} {printed:?}"
        );
        for (command, want, ended) in [
            ("echo hi", "hi\n", 0),
            ("sh -c 'exit 7'", "", 7),
            ("echo 1\necho 2", "1\n2\n", 0),
        ] {
            let (printed, code) = exec(&env, command);
            let told = (String::from_utf8_lossy(&printed).into_owned(), code);
            assert_eq!(
                told,
                (want.to_owned(), Some(ended)),
                "{shell}: {command} after {setting}"
            );
        }
    }
}

#[test]
fn bash_stays_exact_whatever_is_set() {
    check("bash", BASH);
}

#[test]
fn zsh_stays_exact_whatever_is_set() {
    check("zsh", ZSH);
}

#[test]
fn fish_stays_exact_whatever_is_set() {
    check("fish", FISH);
}

#[test]
fn a_shell_that_ends_with_the_first_failure_does_not_end_by_ours() {
    for shell in ["bash", "zsh"] {
        if !is_here(shell) {
            skipped(&format!("there is no {shell}"));
            continue;
        }
        let env = TestEnv::new();
        env.ok(&format!("spawn s --ready prompt --timeout 60s -- {shell}"));
        for options in ["-e", "-euo pipefail"] {
            for (command, printed, code) in [
                (format!("set {options}"), "", 0),
                ("! true".into(), "", 1),
                ("echo on".into(), "on\n", 0),
                ("false || echo off".into(), "off\n", 0),
                (format!("set +{}", &options[1..]), "", 0),
            ] {
                let told = exec(&env, &command);
                assert_eq!(
                    told,
                    (printed.as_bytes().to_vec(), Some(code)),
                    "{shell}: {command}"
                );
            }
        }
        exec(&env, "set -e");
        assert_eq!(exec(&env, "false").1, Some(1), "{shell}");
        env.ok("wait s --exit --timeout 30s");
    }
}

/// What a trap or a trace prints belongs to the command only where the command made it print.
#[test]
fn traps_and_traces_add_nothing_of_ours() {
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- bash");
    for (setting, command, printed) in [
        ("trap 'echo D' DEBUG", "echo hi", "D\nhi\n"),
        ("trap - DEBUG; trap 'echo E' ERR", "false", "E\n"),
        ("trap - ERR; set -x", "echo hi", "+ echo hi\nhi\n"),
    ] {
        exec(&env, setting);
        assert_eq!(
            String::from_utf8_lossy(&exec(&env, command).0),
            printed,
            "{setting}"
        );
    }
}

/// Such a bash is typed a line with marks in it. A trap of `ERR` is run once more by that line, so
/// the output of what fails is not known then.
#[test]
fn traps_and_traces_of_a_bash_that_was_not_taught_are_told_apart() {
    let env = TestEnv::new();
    env.ok("spawn s --no-integration --ready prompt --timeout 60s -- bash --norc");
    for (setting, command, printed, code) in [
        ("trap 'echo D' DEBUG", "false", "D\n", Some(1)),
        (
            "trap - DEBUG; set -x",
            "echo hi",
            "++ echo hi\nhi\n",
            Some(0),
        ),
        ("set +x; trap 'echo E' ERR", "echo hi", "hi\n", Some(0)),
        ("trap - ERR", "echo a\\", "a\\\n", Some(0)),
        ("true", "sh -c 'exit 7'", "", Some(7)),
    ] {
        exec(&env, setting);
        let (told, ended) = exec(&env, command);
        assert_eq!(String::from_utf8_lossy(&told), printed, "{setting}");
        assert_eq!(ended, code, "{setting}");
    }
    exec(&env, "trap 'echo E' ERR");
    let failed = env.run(env.psup("exec s -- false")).ended(125);
    assert!(
        failed.err.contains("printed more than the command"),
        "{failed}"
    );
}

#[test]
fn a_recording_of_the_session_ends_nothing() {
    for shell in ["bash", "zsh", "fish"] {
        if !is_here(shell) {
            skipped(&format!("there is no {shell}"));
            continue;
        }
        let env = TestEnv::new();
        env.ok(&format!("spawn s --ready prompt --timeout 60s -- {shell}"));
        for command in ["echo one", "sh -c 'exit 7'"] {
            exec(&env, command);
        }
        let record = env.run(env.psup("read s"));
        let recording = env.path("recording");
        std::fs::write(&recording, &record.bytes).unwrap();
        let gate = env.path("gate");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&gate)
                .status()
                .unwrap()
                .success()
        );
        let offset = env.info("s")["offset"].to_string();
        let mut psup = env.psup("exec s --timeout 60s --");
        psup.arg(format!(
            "cat {}; echo shown; cat {}; sh -c 'exit 5'",
            recording.display(),
            gate.display()
        ));
        let running = env.start(psup);
        env.ok(&format!(
            "wait s --since {offset} --text 'shown$' --timeout 30s"
        ));
        env.no(
            124,
            &format!("wait s --prompt --since {offset} --timeout 300ms"),
        );
        std::fs::write(&gate, "").unwrap();
        let told = running.end().ended(5);
        assert_eq!(
            told.bytes,
            [record.bytes.as_slice(), b"shown\n"].concat(),
            "{shell}"
        );
    }
}

#[test]
fn what_a_shell_does_not_run_is_told_as_it_is() {
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- bash");
    for (command, code, part) in [
        ("# a comment", 0, ""),
        ("", 0, ""),
        (" \n ", 0, ""),
        ("echo a; )", 2, "syntax error near"),
    ] {
        let (printed, ended) = exec(&env, command);
        let printed = String::from_utf8_lossy(&printed).into_owned();
        assert_eq!(ended, Some(code), "{command}: {printed}");
        assert!(
            printed.contains(part) && printed.is_empty() == part.is_empty(),
            "{command}: {printed}"
        );
    }
    for command in ["echo 'open", "echo 1\nfor i in 1 2"] {
        let mut psup = env.psup("exec s --timeout 60s --");
        psup.arg(command);
        let told = env.run(psup).ended(125);
        assert!(told.err.contains("not complete"), "{told}");
        // It was taken back by a Ctrl-C, after which bash reads before it marks its prompt.
        env.ok("wait s --prompt --timeout 30s");
        assert_eq!(exec(&env, "echo next").0, b"next\n");
    }
}

#[test]
fn fish_takes_nothing_that_it_cannot_run() {
    if !is_here("fish") {
        return skipped("there is no fish");
    }
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- fish");
    for command in ["echo 'open", "echo 1\nfor i in 1 2", "echo a; )"] {
        let mut psup = env.psup("exec s --timeout 60s --");
        psup.arg(command);
        let told = env.run(psup).ended(125);
        assert!(told.err.contains("did not run"), "{told}");
        assert_eq!(exec(&env, "echo next").0, b"next\n");
    }
}

/// A shell that takes another's place knows nothing of marks.
#[test]
fn every_exec_works_in_a_shell_that_took_anothers_place() {
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- bash");
    exec(&env, "exec bash --norc");
    for i in 0..4 {
        assert_eq!(
            exec(&env, &format!("echo {i}")),
            (format!("{i}\n").into_bytes(), Some(0))
        );
    }
}

#[test]
fn what_marks_carry_is_in_no_argument_and_no_environment() {
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- bash");
    let (all, _) = exec(&env, "set -a; tr '\\0' '\\n' </proc/$$/cmdline; env");
    let all = String::from_utf8_lossy(&all).into_owned();
    let output = env.ok("read s");
    let marks: Vec<&str> = output
        .split("psup=")
        .skip(1)
        .filter_map(|rest| rest.split(['.', '\u{7}']).next())
        .filter(|token| token.len() == 16)
        .collect();
    assert!(marks.len() > 3, "{output:?}");
    for mark in marks {
        assert!(!all.contains(mark), "{mark}: {all}");
    }
}
