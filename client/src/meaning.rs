//! Words of other programs: what somebody means who types a verb or a flag that psup does not have.
//!
//! Spelling finds what is mistyped; what is called otherwise elsewhere is found here. The hint
//! names the session that was named.

use std::ffi::OsString;

/// Words, and the command that does what they mean; NAME stands for the session.
const VERBS: &[(&[&str], &str)] = &[
    (
        &[
            "kill",
            "kill-session",
            "kill-server",
            "end",
            "terminate",
            "quit",
            "close",
            "down",
        ],
        "stop NAME",
    ),
    (
        &["rm", "remove", "delete", "del", "purge", "prune"],
        "forget NAME",
    ),
    (&["tail"], "read NAME --tail 20"),
    (
        &["log", "cat", "output", "print", "history", "dump"],
        "read NAME --text",
    ),
    (&["watch", "follow", "monitor"], "read NAME --text --follow"),
    (&["grep", "search", "find"], "read NAME --grep REGEX"),
    (
        &[
            "hooks", "trigger", "callback", "webhook", "on", "notify", "set-hook",
        ],
        "hook add NAME exit -- COMMAND",
    ),
    (
        &[
            "show",
            "view",
            "look",
            "screen",
            "capture-pane",
            "screenshot",
            "snapshot",
            "peek",
            "hardcopy",
        ],
        "capture NAME",
    ),
    (
        &[
            "run",
            "new",
            "start",
            "create",
            "open",
            "launch",
            "new-session",
            "up",
            "session",
        ],
        "spawn NAME -- COMMAND",
    ),
    (&["ps", "ls", "list-sessions", "sessions", "l"], "list"),
    (
        &[
            "send-keys",
            "type",
            "write",
            "input",
            "press",
            "key",
            "keys",
            "paste",
            "stuff",
        ],
        "send NAME TEXT --enter",
    ),
    (
        &["expect", "wait-for", "until", "poll"],
        "wait NAME --text REGEX",
    ),
    (&["has-session", "exists", "test"], "has NAME"),
    (
        &["inspect", "describe", "stat", "state", "get"],
        "info NAME",
    ),
    (&["respawn", "reload", "rerun"], "restart NAME"),
    (
        &["eval", "execute", "sh", "command"],
        "exec NAME -- COMMAND",
    ),
    (&["mv", "rename-session"], "rename NAME NEW"),
    (&["size", "resize-window"], "resize NAME SIZE"),
    (
        &[
            "check",
            "health",
            "diagnose",
            "troubleshoot",
            "fsck",
            "verify",
        ],
        "doctor",
    ),
    (&["backup", "save", "archive"], "checkpoint FILE"),
    (&["version"], "--version"),
];

/// For a verb, flags of other programs and what does the same; `*` is any verb.
const FLAGS: &[(&str, &[&str], &str)] = &[
    (
        "spawn",
        &["-d", "--detach", "--detached", "--background", "--daemon"],
        "a session is detached always: leave the flag out",
    ),
    (
        "spawn",
        &["-n", "-s", "--name", "--session"],
        "the name is the first argument: `psup spawn NAME -- COMMAND`",
    ),
    (
        "spawn",
        &["-c", "--workdir", "--chdir", "-w"],
        "`--cwd DIR` says where the program starts",
    ),
    ("spawn", &["-e"], "`--env KEY=VALUE` sets a variable"),
    (
        "spawn",
        &[
            "-x",
            "-y",
            "--width",
            "--height",
            "--cols",
            "--rows",
            "--geometry",
        ],
        "`--size COLSxROWS` sets the size",
    ),
    (
        "spawn",
        &["-i", "-t", "-it", "--tty", "--interactive", "--pty"],
        "a session has a terminal always: leave the flag out",
    ),
    (
        "stop",
        &["-f", "--force", "-9", "--kill", "-KILL"],
        "`psup stop NAME --grace 0s` does not wait before it kills",
    ),
    (
        "stop",
        &["-t", "--time", "--timeout"],
        "`--grace DUR` is the time before the kill",
    ),
    (
        "read",
        &["-n", "--lines", "--last"],
        "`psup read NAME --tail N` prints the last lines",
    ),
    (
        "read",
        &["--head", "--first"],
        "`--budget CHARS` prints the first and the last lines",
    ),
    (
        "read",
        &["-C", "-A", "-B"],
        "`--grep REGEX --context N` prints lines around a match",
    ),
    (
        "read",
        &["--offset", "--from"],
        "`--since OFFSET` says where to begin",
    ),
    (
        "capture",
        &["-p", "--print", "--stdout"],
        "a capture is printed always: leave the flag out",
    ),
    (
        "capture",
        &["-e", "--color", "--colour", "--ansi"],
        "`--format ansi` prints colours",
    ),
    (
        "capture",
        &[
            "-S",
            "--lines",
            "--tail",
            "--last",
            "--history",
            "--scrollback",
        ],
        "`-n LINES` prints the last lines, `--all` all of them",
    ),
    (
        "capture",
        &["-o", "--output"],
        "the capture goes to stdout: `psup capture NAME > FILE`",
    ),
    (
        "wait",
        &[
            "--regex",
            "--pattern",
            "--match",
            "--output",
            "--for",
            "--until",
        ],
        "`--text REGEX` waits for output that matches",
    ),
    (
        "wait",
        &["--quiet-for", "--silence", "--stable"],
        "`--idle DUR` waits for quiet",
    ),
    (
        "wait",
        &["--done", "--end", "--finished"],
        "`--exit` waits for the end of the program, `--prompt` for a shell's next prompt",
    ),
    (
        "send",
        &["-l", "--literal"],
        "TEXT is literal always: leave the flag out",
    ),
    (
        "send",
        &["--keys", "-K"],
        "`--key KEY` presses a key: C-c, Enter, Up",
    ),
    (
        "send",
        &["--newline", "--return", "-n"],
        "`--enter` presses Enter",
    ),
    (
        "exec",
        &["-i", "-t", "-it", "--tty", "--interactive"],
        "the command runs in the session's own shell: leave the flag out",
    ),
    (
        "list",
        &["-l", "-q"],
        "`psup list --json` has all there is to know, one object a line",
    ),
    (
        "*",
        &["-t", "--target", "--session", "-n", "--name"],
        "the session is the first argument: `psup VERB NAME`",
    ),
    ("*", &["--format", "-o"], "`--json` prints JSON"),
    (
        "*",
        &["-f", "--force", "-y", "--yes"],
        "psup asks no questions: leave the flag out",
    ),
];

/// What does what this word means, for the session that was named after it.
pub(crate) fn of_verb(word: &str, args: &[OsString]) -> Option<String> {
    let (_, command) = VERBS.iter().find(|(words, _)| words.contains(&word))?;
    let name = named(word, args).unwrap_or_else(|| "NAME".to_owned());
    Some(format!("`psup {}`", command.replace("NAME", &name)))
}

/// What does what this flag of a verb means.
pub(crate) fn of_flag(verb: &str, flag: &str, args: &[OsString]) -> Option<String> {
    let flag = flag.split('=').next().unwrap_or(flag);
    let means = |(of, flags, _): &&(&str, &[&str], &str)| {
        (*of == verb || *of == "*") && flags.contains(&flag)
    };
    let (_, _, hint) = FLAGS.iter().find(means)?;
    let name = named(verb, args).unwrap_or_else(|| "NAME".to_owned());
    Some(hint.replace("VERB", verb).replace("NAME", &name))
}

/// The session that a command line names: the first word after the verb that is a name.
fn named(verb: &str, args: &[OsString]) -> Option<String> {
    let after = args.iter().map_while(|arg| arg.to_str());
    let words = after
        .skip_while(|arg| *arg != verb)
        .skip(1)
        .take_while(|arg| *arg != "--");
    let target = |word: &str| {
        word.parse::<psup_proto::Target>()
            .ok()
            .map(|target| target.to_string())
    };
    words.filter(|word| !word.starts_with('-')).find_map(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, want: &str) {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let words: Vec<&str> = line.split(' ').collect();
        let got = match words.iter().find(|word| word.starts_with('-')) {
            Some(flag) if of_verb(words[1], &args).is_none() => of_flag(words[1], flag, &args),
            Some(_) | None => of_verb(words[1], &args),
        };
        assert_eq!(got.as_deref(), Some(want), "{line}");
    }

    #[test]
    fn words_of_other_programs_are_understood() {
        check("psup kill web", "`psup stop web`");
        check("psup tail -f web", "`psup read web --tail 20`");
        check("psup ps", "`psup list`");
        check("psup kill-session -t web", "`psup stop web`");
        check("psup run", "`psup spawn NAME -- COMMAND`");
        check(
            "psup stop web --force",
            "`psup stop web --grace 0s` does not wait before it kills",
        );
        check(
            "psup info -t web",
            "the session is the first argument: `psup info web`",
        );
    }

    /// A word that is a verb needs no meaning.
    #[test]
    fn no_word_is_a_verb_of_ours() {
        for (words, _) in VERBS {
            for word in *words {
                assert!(
                    !crate::verbs::VERBS.iter().any(|verb| verb.name == *word),
                    "{word}"
                );
            }
        }
    }
}
