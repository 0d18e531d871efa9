//! `source-file`: the commands in files.

use crate::addressing::fnmatch;
use crate::output::reason;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "source-file",
    alias: "source",
    flags: "Fnqv",
    args: (1, None),
    usage: "[-Fnqv] path ...",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let mut failed = None;
    for path in call.args.clone() {
        let path = if call.has('F') {
            run.expand(&path, run.here())
        } else {
            path
        };
        if path == "-" {
            let text = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
            run.source(&text, "-")?;
            continue;
        }
        let found = glob(
            &std::path::Path::new(&run.caller.cwd)
                .join(&path)
                .to_string_lossy(),
        );
        if found.is_empty() {
            if !call.has('q') {
                failed = Some(format!("{path}: No such file or directory"));
            }
            continue;
        }
        for file in found {
            match std::fs::read_to_string(&file) {
                Ok(text) if call.has('n') => {
                    drop(run.read_script(&text).map_err(|(line, why)| {
                        CommandError::Error(format!("{file}:{line}: {why}"))
                    })?);
                }
                Ok(text) => run.source(&text, &file)?,
                Err(error) if !call.has('q') => {
                    failed = Some(format!("{path}: {}", reason(&error)));
                }
                Err(_) => {}
            }
        }
    }
    failed.map_or(Ok(()), error)
}

/// Files that match, where the last part of a path is a pattern.
fn glob(path: &str) -> Vec<String> {
    if !path.contains(['*', '?', '[']) {
        return if std::path::Path::new(path).exists() {
            vec![path.to_owned()]
        } else {
            vec![]
        };
    }
    let (directory, pattern) = path.rsplit_once('/').unwrap_or((".", path));
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<String> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            fnmatch(pattern, name) && (!name.starts_with('.') || pattern.starts_with('.'))
        })
        .map(|name| format!("{directory}/{name}"))
        .collect();
    found.sort();
    found
}
