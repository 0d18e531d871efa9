//! The clients in other languages: their own tests, against this binary.
//!
//! A suite whose program is missing is skipped, and says so; `scripts/setup` installs them.

use psup_harness::{TestEnv, psup, skipped};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A suite has many tests.
const TIME: Duration = Duration::from_secs(400);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a suite to its end; what it says is told where it fails.
fn pass(env: &TestEnv, program: &Path, arguments: &[&str], directory: &str) {
    let mut command = env.command(program);
    // What a suite leaves behind when it is killed ends with the directory.
    let rooms = env.path("tmp");
    std::fs::create_dir(&rooms).unwrap();
    command
        .args(arguments)
        .current_dir(root().join(directory))
        .env("PSUP_BIN", psup())
        .env("TMPDIR", rooms)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    env.run(command).ended(0);
}

/// Whether a program is there and takes these arguments.
fn has(program: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let quiet = command.args(arguments).stdout(Stdio::null());
    let status = quiet.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// A Python that has pytest: that of `scripts/setup`, or that of this machine.
fn python() -> Option<PathBuf> {
    let ours = root().join("target/python/bin/python");
    let candidates = [ours, "python3".into()];
    let mut with_pytest = candidates
        .into_iter()
        .filter(|python| has(python, &["-c", "import pytest"]));
    with_pytest.next()
}

#[test]
fn the_python_client_passes_its_tests() {
    let Some(python) = python() else {
        return skipped("there is no pytest");
    };
    let env = TestEnv::with_time(TIME);
    pass(&env, &python, &["-m", "pytest"], "clients/python");
}

#[test]
fn the_typescript_client_passes_its_tests() {
    let node = Path::new("node");
    let is_new = "process.exit(+(parseInt(process.version.slice(1)) < 18))";
    if !has(node, &["-e", is_new]) {
        return skipped("there is no node 18");
    }
    let env = TestEnv::with_time(TIME);
    pass(&env, node, &["--test", "test/"], "clients/typescript");
}

#[test]
fn a_client_can_be_written_from_the_schema_alone() {
    let ruby = Path::new("ruby");
    if !has(ruby, &["-rjson", "-e", "0"]) {
        return skipped("there is no ruby");
    }
    let env = TestEnv::new();
    let program = psup().display().to_string();
    pass(&env, ruby, &["from_schema.rb", &program], "tests/clients");
}
