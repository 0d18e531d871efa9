//! Who a process descends from and in which cgroup it is: the evidence behind `survival`. `None`
//! where the system does not tell.

/// The parent of `pid`.
pub fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may itself hold spaces and parentheses.
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

/// What `pid` is called.
pub fn command(pid: i32) -> Option<String> {
    Some(
        std::fs::read_to_string(format!("/proc/{pid}/comm"))
            .ok()?
            .trim_end()
            .to_owned(),
    )
}

/// The names in the environment `pid` was started with.
pub fn environment_names(pid: i32) -> Option<Vec<String>> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let name = |entry: &[u8]| {
        String::from_utf8_lossy(entry.split(|&b| b == b'=').next().unwrap_or_default()).into_owned()
    };
    Some(
        bytes
            .split(|&b| b == 0)
            .filter(|entry| !entry.is_empty())
            .map(name)
            .collect(),
    )
}

/// The cgroup of `pid` in the one tree of v2.
pub fn cgroup(pid: i32) -> Option<String> {
    cgroup_lines(pid)?
        .into_iter()
        .find_map(|line| line.strip_prefix("0::").map(str::to_owned))
}

/// The cgroups of `pid` that a service manager may kill: that of v2, and systemd's own of v1.
pub fn cgroups(pid: i32) -> Option<Vec<String>> {
    let path = |line: &String| {
        line.strip_prefix("0::")
            .or_else(|| line.split_once(":name=systemd:").map(|(_, path)| path))
            .map(str::to_owned)
    };
    Some(cgroup_lines(pid)?.iter().filter_map(path).collect())
}

fn cgroup_lines(pid: i32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}
