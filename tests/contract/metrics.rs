//! `psup status --metrics`: what another's parser makes of it.

use psup_harness::{TestEnv, skipped};
use serde_json::Value;

/// Prints each sample as `[name, labels, value]`.
const PARSER: &str = r"
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation, family
    for sample in family.samples:
        print(json.dumps([sample.name, sample.labels, sample.value]))
";

fn has_parser(env: &TestEnv) -> bool {
    let mut python = env.command("python3");
    python.args(["-c", "import prometheus_client.openmetrics.parser"]);
    if std::process::Command::new("python3")
        .arg("-V")
        .output()
        .is_err()
    {
        return false;
    }
    env.run(python).code == Some(0)
}

/// The samples of the supervisor.
fn samples(env: &TestEnv) -> Vec<Value> {
    let text = env.ok("status --metrics") + "\n";
    assert!(text.ends_with("# EOF\n"), "{text}");
    let mut python = env.command("python3");
    python.args(["-c", PARSER]);
    env.fed(python, text.as_bytes()).ended(0).jsons()
}

fn value(samples: &[Value], name: &str, label: Option<(&str, &str)>) -> u64 {
    let is_it = |sample: &&Value| {
        sample[0] == name && label.is_none_or(|(key, value)| sample[1][key] == value)
    };
    let found = samples.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("no {name} {label:?} in {samples:?}"));
    found[2].as_f64().unwrap() as u64
}

#[test]
fn a_parser_of_openmetrics_reads_what_the_supervisor_counts() {
    let env = TestEnv::new();
    if !has_parser(&env) {
        return skipped("prometheus_client of Python is not there");
    }
    env.ok("spawn writer -- sh -c 'echo 0123456789; exec cat'");
    env.ok("wait writer --text 9 --since 0");
    env.ok("spawn short -- true");
    env.ok("wait short --exit");
    let waiting = env.start(env.psup("wait writer --text never"));
    let mut told = samples(&env);
    // The wait is parked by a process of its own.
    while value(&told, "psup_waits", None) < 1 {
        assert!(!env.left().is_zero(), "no wait is parked");
        told = samples(&env);
    }
    let of = |name, label| value(&told, name, label);
    assert_eq!(of("psup_sessions", Some(("state", "running"))), 1);
    assert_eq!(of("psup_sessions", Some(("state", "ended"))), 1);
    let session = Some(("session", "writer"));
    assert_eq!(of("psup_session_output_bytes_total", session), 12);
    assert_eq!(of("psup_session_waits", session), 1);
    assert_eq!(of("psup_output_bytes_total", None), 12);
    assert_eq!(of("psup_journal_bytes", Some(("of", "live"))), 12);
    assert_eq!(of("psup_events_total", Some(("event", "started"))), 2);
    assert_eq!(of("psup_events_total", Some(("event", "exited"))), 1);
    assert_eq!(of("psup_worker_epoch", None), 1);
    for process in ["guardian", "worker"] {
        let label = Some(("process", process));
        assert!(of("psup_resident_memory_bytes", label) > 100_000);
    }
    assert!(of("psup_connections", None) >= 2);
    let version = of(
        "psup_build_info",
        Some(("version", env!("CARGO_PKG_VERSION"))),
    );
    assert_eq!(version, 1);
    env.ok("stop writer");
    drop(waiting.end());
}

#[test]
fn metrics_of_no_supervisor_are_no_metrics() {
    let env = TestEnv::new();
    env.no(5, "status --metrics");
    env.no(2, "status --metrics --json");
}

#[test]
fn events_and_lines_of_the_log_name_their_supervisor_and_the_request() {
    let env = TestEnv::new();
    env.ok("spawn web -- cat");
    let started = env.jsons("events web --since 0 --no-follow").remove(0);
    let nonce = started["restart_nonce"].as_str().unwrap().to_owned();
    assert_eq!(nonce.len(), 32);
    assert_eq!(started["request"].as_str().unwrap().len(), 32);
    assert_eq!(started["worker_epoch"], 1);
    env.kill_half("worker_pid");
    let lines = env.jsons("logs");
    let of_this = |line: &&Value| line["restart_nonce"] == nonce.as_str();
    assert!(
        lines
            .iter()
            .filter(of_this)
            .any(|line| line["worker_epoch"] == 2),
        "{lines:?}"
    );
    let serious = env.jsons("logs --level warn");
    assert!(serious.len() < lines.len());
    assert!(serious.iter().all(|line| line["level"] != "info"));
    assert!(env.jsons("logs --session nobody").is_empty());
    env.no(2, "logs --level loud");
}
