//! Limits of what a session may use of the machine, as `spawn` and `ensure` take them.

use crate::human;
use psup_proto::info::Info;
use psup_proto::resources::{Measured, ResourceLimits, UnmetLimit, Via};
use psup_proto::{Code, Failure, limits, units};
use std::time::Duration;

// Without a doc comment: it would become the story of the verb this is flattened into.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Limits of this session alone")]
pub(crate) struct ResourceArgs {
    /// Memory of all its processes; beyond it the kernel ends this session and no other
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<u64>,
    /// Processes and threads at once; beyond it no more can be started
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pids: Option<u32>,
    /// Processor time in percent of one processor: 50% is half of one, 200% are two
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    cpu: Option<u32>,
    /// Priority of its processes: 19 runs last, -20 first (only root goes below 0)
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = clap::value_parser!(i32).range(-20..=19))]
    nice: Option<i32>,
    /// Start it also where a limit cannot be applied, and tell which
    #[arg(long)]
    best_effort: bool,
}

impl ResourceArgs {
    pub(crate) fn limits(&self) -> ResourceLimits {
        ResourceLimits {
            memory: self.memory,
            pids: self.pids,
            cpu: self.cpu,
            nice: self.nice,
            best_effort: self.best_effort,
        }
    }
}

fn memory(text: &str) -> Result<u64, Failure> {
    let bytes = units::bytes(text)?;
    if bytes < limits::MEMORY_LEAST {
        return Err(
            Failure::new(Code::Usage, format!("a program does not start in {text}"))
                .hint("the least is 1m"),
        );
    }
    Ok(bytes)
}

fn percent(text: &str) -> Result<u32, Failure> {
    let number = text
        .strip_suffix('%')
        .and_then(|number| number.parse().ok());
    number
        .filter(|percent| (1..=limits::CPU_MOST).contains(percent))
        .ok_or_else(|| {
            Failure::new(Code::Usage, format!("bad share of a processor {text:?}"))
                .hint("50% is half of a processor, 200% are two")
        })
}

/// A sentence for each limit that was asked for and does not hold.
pub(crate) fn warning(unmet: &UnmetLimit) -> String {
    format!(
        "warning: started without --{}: {}",
        unmet.limit, unmet.reason
    )
}

/// What a session is limited to and what it uses, as rows of `psup info`.
pub(crate) fn rows(info: &Info) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    if !info.resources.is_empty() {
        rows.push(row("limits", &info.resources.to_string()));
    }
    for unmet in &info.unmet {
        let told = format!("{}: {}", unmet.limit, unmet.reason);
        rows.push(row("not applied", &human::plain(&told)));
    }
    for (what, via) in [
        ("uses (cgroup)", Via::Cgroup),
        ("uses (sum)", Via::Processes),
    ] {
        let told = used(info, via);
        if !told.is_empty() {
            rows.push(row(what, &told.join(", ")));
        }
    }
    rows
}

fn row(what: &str, is: &str) -> Vec<String> {
    vec![what.to_owned(), is.to_owned()]
}

fn used(info: &Info, via: Via) -> Vec<String> {
    let Some(usage) = &info.usage else {
        return Vec::new();
    };
    let told = |what: &str, measured: Option<Measured>, show: fn(u64) -> String| {
        let value = measured.filter(|measured| measured.via == via)?.value;
        Some(format!("{what} {}", show(value)))
    };
    let bytes: fn(u64) -> String = human::bytes;
    [
        told("memory", usage.memory, bytes),
        told("cpu", usage.cpu_ms, |ms| {
            format!("{:.1}s", Duration::from_millis(ms).as_secs_f64())
        }),
        told("pids", usage.pids, |n| n.to_string()),
        told("read", usage.read, bytes),
        told("written", usage.written, bytes),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_share_has_its_sign_and_memory_has_a_least() {
        assert_eq!(percent("50%"), Ok(50));
        assert_eq!(percent("200%"), Ok(200));
        for bad in ["50", "0%", "-1%", "%", "1.5%", "100001%"] {
            assert_eq!(percent(bad).map_err(|f| f.code), Err(Code::Usage), "{bad}");
        }
        assert_eq!(memory("256m"), Ok(256 << 20));
        assert!(memory("512k").is_err() && memory("256").is_err());
    }
}
