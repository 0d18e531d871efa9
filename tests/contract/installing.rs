//! `install.sh` with a release beside it: checked, without root, and removed without a trace.

use psup_harness::{Outcome, TestEnv};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A release of this build in `release/`.
fn make_release(env: &TestEnv) {
    let mut make = env.command("bash");
    make.args([
        "-ec",
        r#"
        tree=psup-0-$(uname -m)-linux
        "$1/scripts/tree" "$2" "$tree"
        mkdir release
        tar cf - "$tree" | gzip -1 > "release/$tree.tar.gz"
        rm -r "$tree"
        cd release && sha256sum -- * > SHA256SUMS"#,
        "-",
        ROOT,
        env!("CARGO_BIN_EXE_psup"),
    ]);
    env.run(make).ended(0);
}

fn install(env: &TestEnv, words: &[&str]) -> Outcome {
    let mut command = env.command("sh");
    command.arg(format!("{ROOT}/install.sh")).args(words);
    command.env("PSUP_FROM", env.path("release"));
    env.run(command)
}

/// What is in the home directory.
fn left(env: &TestEnv) -> String {
    let mut find = env.command("find");
    find.arg(env.path("home")).args(["-mindepth", "1"]);
    env.run(find).ended(0).text().to_owned()
}

#[test]
fn a_release_is_installed_and_removed_without_a_trace() {
    let env = TestEnv::new();
    make_release(&env);
    let told = install(&env, &[]).ended(0);
    let psup = env.path("home/.local/bin/psup");
    assert!(
        told.text()
            .contains(&format!("installed {}", psup.display()))
    );
    assert!(told.text().contains("add it to your PATH"));
    for page in ["psup.1", "psup-send.1"] {
        assert!(env.path("home/.local/share/man/man1").join(page).exists());
    }
    // A second time it replaces what is there, also while it runs.
    env.ok("spawn a -- cat");
    install(&env, &[]).ended(0);
    let refused = install(&env, &["--uninstall"]).ended(1);
    assert!(refused.err.contains("stop --all"), "{refused}");
    assert!(psup.exists());
    env.ok("stop a");
    install(&env, &["--uninstall", "--purge"]).ended(0);
    assert_eq!(left(&env), "");
}

#[test]
fn a_release_that_is_not_what_its_checksums_say_is_not_installed() {
    let env = TestEnv::new();
    make_release(&env);
    let mut change = Command::new("sh");
    change
        .args([
            "-c",
            "for file in release/*.tar.gz; do printf x >> \"$file\"; done",
        ])
        .current_dir(env.path("."));
    assert!(change.status().unwrap().success());
    let refused = install(&env, &[]).ended(1);
    assert!(refused.err.contains("checksum"), "{refused}");
    assert_eq!(left(&env), "");
}
