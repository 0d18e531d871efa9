//! The rules of the sources that a program can check: walls, sizes, words, and that documents say
//! the numbers that the code has.

#![allow(clippy::unwrap_used)]

use psup_proto::limits;
use std::path::{Path, PathBuf};

const CRATES: &[&str] = &[
    "accounts",
    "proto",
    "screen",
    "render",
    "session",
    "supervisor",
    "link",
    "client",
    "tmux",
    "mcp",
];

/// Lines of a file; 150 are usual.
const LENGTH: usize = 400;
const COLUMNS: usize = 100;

/// Files that are still too long, to be taken apart. None is added.
const LONG: &[&str] = &[
    "client/src/verbs/read.rs",
    "supervisor/src/pty/launch.rs",
    "supervisor/src/worker/driver/mod.rs",
];
/// And none of them grows beyond this.
const LONGEST: usize = 510;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Rust files below a directory, by their paths from the root.
fn sources(directory: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(directory)).unwrap() {
        let path = entry.unwrap().path();
        let inside = path.strip_prefix(root()).unwrap().to_path_buf();
        if path.is_dir() {
            found.extend(sources(inside.to_str().unwrap()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(inside);
        }
    }
    found.sort();
    found
}

/// The product's own sources, without its tests.
fn product() -> Vec<PathBuf> {
    let all = CRATES
        .iter()
        .flat_map(|name| sources(&format!("{name}/src")));
    all.chain(sources("src"))
        .filter(|path| !is_test(path))
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.iter()
        .any(|part| part == "tests" || part == "tests.rs")
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn none(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_a_paragraph() {
    let wrong: Vec<String> = product()
        .iter()
        .filter(|path| !read(path).starts_with("//!"))
        .map(|path| path.display().to_string())
        .collect();
    none(&wrong, "files without a paragraph that says what they hold");
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for path in product() {
        let lines = read(&path).lines().count();
        let path = path.to_str().unwrap();
        let limit = if LONG.contains(&path) {
            LONGEST
        } else {
            LENGTH
        };
        if lines > limit {
            wrong.push(format!("{path}: {lines} lines"));
        }
    }
    none(&wrong, "files that hold more than one idea");
}

/// What rustfmt does not break: comments. Pictures and tables are as wide as they have to be.
#[test]
fn comments_fit_in_a_hundred_columns() {
    let mut wrong = Vec::new();
    for path in product() {
        let mut in_picture = false;
        for (at, line) in read(&path).lines().enumerate() {
            let text = line.trim_start();
            in_picture ^= text.trim_start_matches(['/', '!', ' ']).starts_with("```");
            let is_prose = text.starts_with("//")
                && !in_picture
                && !text.contains(['│', '─', '|'])
                && !text.contains("](");
            if is_prose && line.chars().count() > COLUMNS {
                wrong.push(format!("{}:{}", path.display(), at + 1));
            }
        }
    }
    none(&wrong, "comments over 100 columns");
}

/// Words of an earlier dialect, as names. STYLE.md has the vocabulary.
#[test]
fn names_are_plain() {
    const BANNED: &[&str] = &[
        "house", "House", "whoever", "whom", "anew", "rouse", "begotten", "Told", "Closely",
        "Keeping", "Portrait", "Farewell",
    ];
    let mut wrong = Vec::new();
    for path in product() {
        for (at, line) in read(&path).lines().enumerate() {
            let words = code(line).split(|c: char| !c.is_alphanumeric() && c != '_');
            let quoted = line.contains('"');
            for word in words.filter(|word| !quoted && BANNED.contains(word)) {
                wrong.push(format!("{}:{}: {word}", path.display(), at + 1));
            }
        }
    }
    none(&wrong, "names that are not in the vocabulary");
}

/// Words that no reader of today expects, in comments, help, errors and documents.
#[test]
fn sentences_are_plain() {
    const BANNED: &[&str] = &["whoever", "whom", "anew", "begotten", "roused"];
    let documents = documents();
    let mut wrong = Vec::new();
    for path in product().iter().chain(&documents) {
        for (at, line) in read(path).lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            for word in words.filter(|word| BANNED.contains(&word.to_lowercase().as_str())) {
                wrong.push(format!("{}:{}: {word}", path.display(), at + 1));
            }
        }
    }
    none(&wrong, "words that are not plain");
}

/// The documents that users and engineers read.
fn documents() -> Vec<PathBuf> {
    let directory = |name: &str| std::fs::read_dir(root().join(name)).unwrap();
    let mut found: Vec<PathBuf> = [".", "docs", "docs/decisions"]
        .into_iter()
        .flat_map(|name| directory(name).map(move |e| Path::new(name).join(e.unwrap().file_name())))
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        // Which lists the words that are not plain.
        .filter(|path| !path.ends_with("STYLE.md"))
        .collect();
    found.sort();
    found
}

/// A static binary crashes in the C library's name services; `accounts/` does without.
#[test]
fn nobody_asks_the_c_library_who_a_user_is() {
    const CALLS: &[&str] = &[
        "User::from_",
        "Group::from_",
        "getpw",
        "getgr",
        "ToSocketAddrs",
    ];
    let mut wrong = Vec::new();
    for path in product() {
        for (at, line) in read(&path).lines().enumerate() {
            if CALLS.iter().any(|call| code(line).contains(call)) {
                wrong.push(format!("{}:{}", path.display(), at + 1));
            }
        }
    }
    wrong.retain(|place| !place.starts_with("accounts/"));
    none(&wrong, "calls that a static binary does not survive");
}

/// A hint's commands can be told from its words.
#[test]
fn commands_in_hints_stand_in_backticks() {
    let verbs: Vec<_> = sources("client/src/verbs")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut wrong = Vec::new();
    for path in product() {
        let text = read(&path);
        for (at, _) in text.match_indices("hint(") {
            let Some(hint) = literal(&text[at..]) else {
                continue;
            };
            let outside = hint.split('`').step_by(2);
            for part in outside {
                let is_command = |at: usize| {
                    let verb = part[at + 5..]
                        .split(|c: char| !c.is_ascii_lowercase())
                        .next();
                    verb.is_some_and(|verb| verbs.iter().any(|known| known == verb))
                };
                if part.match_indices("psup ").any(|(at, _)| is_command(at)) {
                    let line = text[..at].lines().count();
                    wrong.push(format!("{}:{line}: {hint}", path.display()));
                }
            }
        }
    }
    none(&wrong, "commands in hints without backticks");
}

/// The string that a call is given, if it is given one.
fn literal(call: &str) -> Option<&str> {
    let begin = call.find('"')?;
    // Nothing but the call, a macro and blanks before it.
    let before = &call[..begin];
    if before.contains([';', '}', ',', '|']) {
        return None;
    }
    let end = call[begin + 1..].find('"')?;
    Some(&call[begin + 1..begin + 1 + end])
}

/// What acts, or differs from one moment to the next.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::os",
    "std::thread",
    "std::process::Command",
    "Instant::now",
    "SystemTime",
    "tokio",
    "nix::",
    "libc::",
    "println!",
    "eprintln!",
];

/// `screen` and `session` cannot name a file, a socket, a task, a clock or a log: neither by a
/// dependency nor by the standard library. Clippy refuses such a line too, as `tests/walls` tries.
#[test]
fn the_core_and_the_screen_touch_nothing() {
    let allowed: [(&str, &[&str]); 2] = [
        (
            "screen",
            &[
                "psup-proto",
                "serde",
                "serde_json",
                "bincode",
                "png",
                "unifont",
                "memchr",
                "unicode-width",
            ],
        ),
        (
            "session",
            &[
                "psup-proto",
                "psup-screen",
                "regex-automata",
                "memchr",
                "unicode-width",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, allowed) in allowed {
        let manifest = read(format!("{name}/Cargo.toml"));
        let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
        let dependencies = rest.split("\n[").next().unwrap().lines();
        for line in dependencies.filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let dependency = line.split(['.', ' ', '=']).next().unwrap();
            if !allowed.contains(&dependency) {
                wrong.push(format!("{name} depends on {dependency}"));
            }
        }
        let paths = sources(&format!("{name}/src"));
        for path in paths.iter().filter(|path| !is_test(path)) {
            for (at, line) in read(path).lines().enumerate() {
                for outside in OUTSIDE
                    .iter()
                    .filter(|outside| code(line).contains(**outside))
                {
                    wrong.push(format!("{}:{}: {outside}", path.display(), at + 1));
                }
            }
        }
    }
    none(&wrong, "lines that reach out of a value");
}

/// The registry is a map: what is to be done is returned, and done by its caller.
#[test]
fn the_registry_touches_nothing() {
    const OTHERS: &[&str] = &[
        "context",
        "mailbox",
        "crate::log",
        "crate::fs",
        "spawn_local",
    ];
    let mut wrong = Vec::new();
    for path in sources("supervisor/src/worker/sessions/registry") {
        for (at, line) in read(&path).lines().enumerate() {
            for outside in OUTSIDE
                .iter()
                .chain(OTHERS)
                .filter(|outside| code(line).contains(**outside))
            {
                wrong.push(format!("{}:{}: {outside}", path.display(), at + 1));
            }
        }
    }
    none(&wrong, "lines of the registry that act");
}

/// A terminal is a terminal: the emulator has no word of psup but what a frame says of a screen.
#[test]
fn the_screen_knows_no_session() {
    let mut wrong = Vec::new();
    for path in sources("screen/src") {
        for (at, line) in read(&path).lines().enumerate() {
            for taken in code(line).split("psup_proto::").skip(1) {
                let known = [
                    "capture::",
                    "rows::",
                    "style::",
                    "{",
                    "Failure",
                    "Code",
                    "Size",
                    "limits",
                ];
                if !known.iter().any(|known| taken.starts_with(known)) {
                    wrong.push(format!("{}:{}", path.display(), at + 1));
                }
            }
        }
    }
    none(&wrong, "words of psup in the screen");
}

#[test]
fn documents_say_the_limits_that_the_code_has() {
    let protocol = read("docs/protocol.md").replace('\n', " ");
    let told = [
        format!("{} MiB a frame", limits::FRAME >> 20),
        format!("at most {} MiB", limits::FRAME >> 20),
        format!("{} KiB of output in a frame", limits::BYTES_FRAME >> 10),
        format!("{} MiB of input", limits::INPUT >> 20),
        format!("{} s for a hello", limits::HELLO_TIME.as_secs()),
        format!("{} connections", limits::CONNECTIONS),
        format!("{} live sessions", limits::SESSIONS),
        format!("{} open questions", limits::ASKS),
        format!("{} conditions in a wait", limits::CONDITIONS),
        format!("patterns of {} KiB", limits::PATTERN >> 10),
        format!("({} KiB) at a time", limits::SEND_CHUNK >> 10),
    ];
    let wrong: Vec<String> = told
        .into_iter()
        .filter(|told| !protocol.contains(told))
        .collect();
    none(&wrong, "docs/protocol.md does not say");
}

/// Every page of the repository that people read, by its path from the root.
fn pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in ["", "docs", "docs/decisions", "skills/psup"] {
        for entry in std::fs::read_dir(root().join(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "md") {
                found.push(path.strip_prefix(root()).unwrap().to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// `path/to/file.rs`, and the function in it in `path/to/file.rs::function`.
#[test]
fn what_documents_name_is_there() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = read(&page);
        let spans = text.split('`').skip(1).step_by(2);
        for span in spans.filter(|span| span.contains('/') && !span.contains([' ', '{', '<'])) {
            let (path, function) = span.split_once("::").unwrap_or((span, ""));
            let known = [
                "proto",
                "screen",
                "session",
                "supervisor",
                "link",
                "client",
                "tmux",
            ];
            let is_source = known
                .iter()
                .any(|name| path.starts_with(&format!("{name}/")));
            let is_other = ["scripts/", "tests/", "docs/", "benches/", "packaging/"]
                .iter()
                .any(|name| path.starts_with(name));
            if !is_source && !is_other {
                continue;
            }
            let at = format!("{}: {span}", page.display());
            let is_there = root().join(path).exists()
                && (function.is_empty() || read(path).contains(&format!("fn {function}")));
            if !is_there {
                wrong.push(at);
            }
        }
    }
    none(&wrong, "named, and not there");
}

/// Links from page to page, and to what lies beside them.
#[test]
fn links_of_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let directory = root().join(page.parent().unwrap());
        for rest in read(&page).split("](").skip(1) {
            let link = rest.split([')', '#']).next().unwrap();
            let is_site = page.ends_with("SUMMARY.md");
            if link.is_empty() || link.contains("://") || is_site {
                continue;
            }
            if !directory.join(link).exists() {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    none(&wrong, "links that lead nowhere");
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let contents = read("docs/SUMMARY.md");
    let wrong: Vec<String> = pages()
        .iter()
        .filter_map(|page| page.strip_prefix("docs").ok())
        .filter(|page| page.parent() == Some(Path::new("")) && !page.ends_with("SUMMARY.md"))
        .map(|page| page.display().to_string())
        .filter(|page| !contents.contains(&format!("]({page})")))
        .collect();
    none(&wrong, "docs/SUMMARY.md does not list");
}
