//! The ladder of evidence: whether the program waits for input, for which kind, and how we know.
//!
//! | rung | what it takes as proof |
//! |---|---|
//! | `marks` | the shell's own marks, with the session's nonce |
//! | `kernel` | the process that has the terminal sleeps in a read of it (or in a poll, with the line editor on); the terminal's modes |
//! | `screen` | a quiet screen whose last line looks like a prompt |
//!
//! The kernel says who reads; what it is read for is seen by the text left of the cursor. Without
//! the kernel's word (an ssh, another system) that text and the quiet are all there is, and the
//! answer says so.

pub(crate) mod poll;
pub(crate) mod waiting;

use psup_proto::info::{Blocked, BlockedOn};

/// What the system knows of the process that has the terminal; looked up outside, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreground {
    pub name: String,
    /// It is the session's own child.
    pub is_child: bool,
    pub doing: Activity,
    /// The terminal takes input by lines: no line editor is at work.
    pub canonical: bool,
    pub echo: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// The system does not tell.
    Unknown,
    /// Anything but waiting for input.
    Busy,
    /// It sleeps in a read of the terminal.
    Reading,
    /// It sleeps until one of several things happens; the terminal may be one of them.
    Polling,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    Marks,
    Kernel,
    Screen,
}

impl Evidence {
    pub fn word(self) -> &'static str {
        match self {
            Self::Marks => "marks",
            Self::Kernel => "kernel",
            Self::Screen => "screen",
        }
    }
}

/// Programs that are typed commands to.
const SHELLS: &[&str] = &[
    "sh", "dash", "ash", "busybox", "bash", "rbash", "zsh", "ksh", "mksh", "ksh93", "yash", "fish",
];
/// Programs behind which another terminal stands: that they wait says nothing about who waits
/// there.
const RELAYS: &[&str] = &[
    "ssh",
    "telnet",
    "su",
    "sudo",
    "doas",
    "docker",
    "podman",
    "kubectl",
    "nerdctl",
    "lxc",
    "incus",
    "machinectl",
    "systemd-run",
    "script",
    "socat",
];
/// Programs that draw another terminal themselves, and keep its marks.
const MULTIPLEXERS: &[&str] = &["tmux: client", "screen", "zellij", "mosh-client"];

/// Programs that take keys as commands, or put what is typed into the file they show.
const EDITORS: &[&str] = &[
    "vi", "vim", "nvim", "view", "vimdiff", "ex", "kak", "hx", "helix", "nano", "pico", "emacs",
    "micro", "joe", "mcedit", "less", "more", "most", "man", "top", "htop", "btop",
];

/// Programs that show a page and wait for a key.
const PAGERS: &[&str] = &["less", "more", "most", "man"];

impl Foreground {
    /// A line that is typed to it is no input.
    pub fn is_editor(&self) -> bool {
        let name = self.name.split(['.', '-']).next().unwrap_or_default();
        EDITORS.contains(&name)
    }

    pub fn is_shell(&self) -> bool {
        SHELLS.contains(&self.name.trim_start_matches('-'))
    }

    pub fn is_relay(&self) -> bool {
        RELAYS.contains(&self.name.as_str())
    }

    pub fn is_multiplexer(&self) -> bool {
        MULTIPLEXERS.contains(&self.name.as_str())
    }
}

/// What the kernel and the screen say together. `left` is the text left of the cursor with its
/// blanks; `None` while the screen is not there.
pub fn judge(foreground: &Foreground, left: Option<&str>) -> Option<(BlockedOn, Evidence)> {
    let prompt = left.is_some_and(|left| looks_like_prompt(left, foreground.is_shell()));
    let by = if foreground.is_relay() || foreground.is_multiplexer() {
        Evidence::Screen
    } else {
        Evidence::Kernel
    };
    match (foreground.doing, foreground.canonical, foreground.echo) {
        (Activity::Reading | Activity::Polling | Activity::Unknown, true, false) => {
            Some((BlockedOn::Password, Evidence::Kernel))
        }
        (Activity::Reading, ..) | (Activity::Polling, false, _) if prompt => {
            Some((BlockedOn::Prompt, by))
        }
        (Activity::Polling, true, true) | (Activity::Unknown, ..) if prompt => {
            Some((BlockedOn::Prompt, Evidence::Screen))
        }
        // Whether it is a prompt cannot be said without the screen.
        (Activity::Reading, ..) | (Activity::Polling, false, _) => {
            left.map(|_| (BlockedOn::Input, by))
        }
        (Activity::Busy, ..) | (Activity::Polling, true, true) => {
            Some((BlockedOn::Nothing, Evidence::Kernel))
        }
        (Activity::Unknown, ..) => None,
    }
}

/// What is waited for, in one word.
pub fn wants(foreground: &Foreground, on: BlockedOn, left: Option<&str>) -> &'static str {
    let left = left.unwrap_or_default().trim();
    match on {
        BlockedOn::Nothing => "nothing",
        BlockedOn::Prompt => "prompt",
        BlockedOn::Password => "password",
        BlockedOn::Input if PAGERS.contains(&foreground.name.as_str()) || is_pager_line(left) => {
            "pager"
        }
        BlockedOn::Input if left.ends_with(['?', ':']) || is_choice(left) => "question",
        BlockedOn::Input => "input",
    }
}

fn is_pager_line(left: &str) -> bool {
    left == ":" || left == "(END)" || left.starts_with("--More--")
}

/// `Continue? [Y/n]`, `Overwrite (yes/no)?`, `1) a 2) b #?`
fn is_choice(left: &str) -> bool {
    let end = left.to_ascii_lowercase();
    let end = end.trim_end_matches([':', '?', ' ']);
    [
        "y/n]", "y/n)", "yes/no]", "yes/no)", "no/yes]", "n/y]", "n/y)",
    ]
    .iter()
    .any(|choice| end.ends_with(choice))
}

pub fn blocked((on, via): (BlockedOn, Evidence)) -> Blocked {
    Blocked {
        on,
        via: via.word().to_owned(),
    }
}

/// Whether the text left of the cursor asks for the rest of what was begun.
pub fn asks_for_more(left: &str) -> bool {
    const ENDS: &[&str] = &[
        "...>",
        "...:",
        "->",
        "-#",
        "(#",
        "'#",
        "\"#",
        "-*",
        "*>",
        "'>",
        "quote>",
        "dquote>",
        "cmdsubst>",
        "heredoc>",
    ];
    let text = left.trim_end_matches(' ');
    text == "..." || text == "|" || ENDS.iter().any(|end| text.ends_with(end))
}

/// Whether the text left of the cursor ends like a prompt: a sign prompts end with, and a blank.
pub fn looks_like_prompt(left: &str, in_shell: bool) -> bool {
    const SIGNS: &[char] = &['$', '#', '%', '>', '❯', '»', 'λ', '➜', '›', '→', '⟩', '▶'];
    let text = left.trim_end_matches(' ');
    if text.len() == left.len() || asks_for_more(left) {
        return false;
    }
    let text = text.trim_start();
    // A shell's `>` alone continues a command; node's asks for one.
    if in_shell && text == ">" {
        return false;
    }
    let bracketed = |open: &str, close: &str| {
        text.starts_with(open) && text.ends_with(close) && text.len() < 40
    };
    text.ends_with(SIGNS) || (bracketed("(", ")") && !text.contains(' ')) || bracketed("In [", "]:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, doing: Activity, canonical: bool, echo: bool) -> Foreground {
        Foreground {
            name: name.to_owned(),
            is_child: true,
            doing,
            canonical,
            echo,
        }
    }

    #[test]
    fn each_kind_of_waiting_is_told_with_its_proof() {
        use BlockedOn::{Input, Nothing, Password, Prompt};
        let check = |foreground: Foreground, left: &str, want| {
            assert_eq!(
                judge(&foreground, Some(left)),
                want,
                "{foreground:?} {left:?}"
            );
        };
        check(
            at("dash", Activity::Reading, true, true),
            "# ",
            Some((Prompt, Evidence::Kernel)),
        );
        check(
            at("dash", Activity::Reading, true, true),
            "Name: ",
            Some((Input, Evidence::Kernel)),
        );
        check(
            at("dash", Activity::Reading, true, true),
            "> ",
            Some((Input, Evidence::Kernel)),
        );
        check(
            at("python3", Activity::Polling, false, false),
            ">>> ",
            Some((Prompt, Evidence::Kernel)),
        );
        check(
            at("node", Activity::Polling, false, false),
            "> ",
            Some((Prompt, Evidence::Kernel)),
        );
        check(
            at("node", Activity::Polling, true, true),
            "listening",
            Some((Nothing, Evidence::Kernel)),
        );
        check(
            at("vim", Activity::Polling, false, false),
            "text",
            Some((Input, Evidence::Kernel)),
        );
        check(
            at("make", Activity::Busy, true, true),
            "$ ",
            Some((Nothing, Evidence::Kernel)),
        );
        check(
            at("ssh", Activity::Polling, false, false),
            "me@far:~$ ",
            Some((Prompt, Evidence::Screen)),
        );
        check(
            at("sudo", Activity::Reading, true, false),
            "password: ",
            Some((Password, Evidence::Kernel)),
        );
        check(
            at("x", Activity::Unknown, true, true),
            "$ ",
            Some((Prompt, Evidence::Screen)),
        );
        check(at("x", Activity::Unknown, true, true), "text", None);
    }

    #[test]
    fn prompts_look_like_prompts() {
        for prompt in [
            "$ ",
            "~/src ❯ ",
            "postgres=# ",
            "sqlite> ",
            "(gdb) ",
            "In [12]: ",
            "irb(main):001:0> ",
            "user@host % ",
            ">>> ",
        ] {
            assert!(looks_like_prompt(prompt, false), "{prompt:?}");
        }
        for other in [
            "",
            " ",
            "50%",
            "$",
            "... ",
            "   ...> ",
            "postgres-# ",
            "Name: ",
            "(yes or no) continue ",
            "$ ls",
        ] {
            assert!(!looks_like_prompt(other, false), "{other:?}");
        }
    }
}
