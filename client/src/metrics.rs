//! Metrics as OpenMetrics text.

use psup_proto::metrics::{LiveSession, Metrics, ProcessUsage};
use std::fmt::{Display, Write};

/// The exposition, `# EOF` included.
pub(crate) fn text(metrics: &Metrics) -> String {
    let mut text = Text(String::new());
    supervisor(&mut text, metrics);
    processes(&mut text, metrics);
    sessions(&mut text, metrics);
    hooks(&mut text, metrics);
    text.0.push_str("# EOF\n");
    text.0
}

struct Text(String);

impl Text {
    /// What a family is; its samples follow.
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        // A string takes everything.
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {help}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, value)) in labels.iter().enumerate() {
            let open = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{open}{label}=\"{}\"", escaped(value));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family with one sample.
    fn gauge(&mut self, name: &str, unit: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", unit, help);
        self.sample(name, &[], value);
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn supervisor(text: &mut Text, metrics: &Metrics) {
    let nonce = format!("{:032x}", metrics.restart_nonce);
    text.family("psup_build", "info", "", "The build that runs.");
    let labels = [
        ("version", metrics.version.as_str()),
        ("build", &metrics.build),
    ];
    text.sample("psup_build_info", &labels, 1);
    text.family("psup_supervisor", "info", "", "Which supervisor it is.");
    let labels = [
        ("profile", metrics.profile.as_str()),
        ("restart_nonce", &nonce),
        ("boot_id", &metrics.boot_id),
        ("rung", &metrics.rung),
    ];
    text.sample("psup_supervisor_info", &labels, 1);
    let gauges = [
        (
            "psup_guardian_epoch",
            "Times the guardian was replaced, by a worker or by a newer build.",
            metrics.guardian_epoch,
        ),
        (
            "psup_worker_epoch",
            "Workers that this supervisor has had.",
            metrics.worker_epoch,
        ),
        (
            "psup_safe_mode",
            "1 while screens are not drawn, because workers died too often.",
            u64::from(metrics.safe_mode),
        ),
        (
            "psup_connections",
            "Clients that are connected.",
            u64::from(metrics.connections),
        ),
    ];
    for (name, help, value) in gauges {
        text.gauge(name, "", help, value);
    }
    let name = "psup_start_time_seconds";
    let help = "When the supervisor was started.";
    text.gauge(name, "seconds", help, seconds(metrics.started_ms));
    if let Some(at_ms) = metrics.checkpoint_ms {
        let name = "psup_last_checkpoint_time_seconds";
        let help = "When the last checkpoint of all sessions was made.";
        text.gauge(name, "seconds", help, seconds(at_ms));
    }
}

fn processes(text: &mut Text, metrics: &Metrics) {
    let both = [("guardian", &metrics.guardian), ("worker", &metrics.worker)];
    let each = |text: &mut Text, name: &str, value: &dyn Fn(&ProcessUsage) -> String| {
        for (process, usage) in both {
            text.sample(name, &[("process", process)], value(usage));
        }
    };
    let name = "psup_resident_memory_bytes";
    text.family(name, "gauge", "bytes", "Resident memory of a process.");
    each(text, name, &|usage| usage.memory_bytes.to_string());
    let help = "Processor time of a process since it began.";
    text.family("psup_cpu_seconds", "counter", "seconds", help);
    each(text, "psup_cpu_seconds_total", &|usage| {
        seconds(usage.cpu_ms)
    });
}

fn sessions(text: &mut Text, metrics: &Metrics) {
    let help = "Lives of sessions that are kept, by state.";
    text.family("psup_sessions", "gauge", "", help);
    for (state, count) in &metrics.sessions {
        text.sample("psup_sessions", &[("state", state.word())], count);
    }
    let name = "psup_journal_bytes";
    let help = "What is kept: output of live sessions, and what ended ones take on disk.";
    text.family(name, "gauge", "bytes", help);
    text.sample(name, &[("of", "live")], metrics.live_bytes);
    text.sample(name, &[("of", "ended")], metrics.ended_bytes);
    let name = "psup_output_bytes";
    let help = "Bytes that all programs have written since the worker began.";
    text.family(name, "counter", "bytes", help);
    text.sample("psup_output_bytes_total", &[], metrics.output_bytes);
    let created = seconds(metrics.worker_started_ms);
    text.sample("psup_output_bytes_created", &[], created);
    text.gauge("psup_waits", "", "Waits that are parked.", metrics.waits);
    let help = "Terminals that are attached.";
    text.gauge("psup_viewers", "", help, metrics.viewers);
    let help = "Events since the worker began, such as started, exited, restarted, lost.";
    text.family("psup_events", "counter", "", help);
    for (event, count) in &metrics.events {
        text.sample("psup_events_total", &[("event", event)], count);
    }
    live(text, metrics);
}

/// A line for each session that runs.
fn live(text: &mut Text, metrics: &Metrics) {
    let mut family =
        |name: &str, kind: &str, unit: &str, help: &str, value: &dyn Fn(&LiveSession) -> u64| {
            text.family(name, kind, unit, help);
            let sample = match kind {
                "counter" => format!("{name}_total"),
                _ => name.to_owned(),
            };
            for one in &metrics.live {
                let life = one.id.life.to_string();
                let labels = [("session", one.id.name.as_str()), ("life", &life)];
                text.sample(&sample, &labels, value(one));
            }
        };
    let help = "Bytes that the program of a live session has written.";
    let name = "psup_session_output_bytes";
    family(name, "counter", "bytes", help, &|one| one.output_bytes);
    let help = "Lives of a live session that its restart policy has begun in a row.";
    let restarts = |one: &LiveSession| u64::from(one.restarts);
    family("psup_session_restarts", "gauge", "", help, &restarts);
    let help = "Waits that are parked in a live session.";
    let waits = |one: &LiveSession| u64::from(one.waits);
    family("psup_session_waits", "gauge", "", help, &waits);
}

fn hooks(text: &mut Text, metrics: &Metrics) {
    let hooks = metrics.hooks;
    text.gauge("psup_hooks", "", "Hooks there are.", hooks.hooks);
    let help = "Deliveries of hooks that are still to be made.";
    text.gauge("psup_hook_deliveries_due", "", help, hooks.due);
    let help = "Deliveries of the hooks there are, by how they ended.";
    text.family("psup_hook_deliveries", "counter", "", help);
    for (state, count) in [("delivered", hooks.delivered), ("failed", hooks.failed)] {
        text.sample("psup_hook_deliveries_total", &[("state", state)], count);
    }
}
