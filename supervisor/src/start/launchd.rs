//! The launchd rung: an agent of the user's domain, written beside the supervisor's state and
//! bootstrapped. macOS only.

use super::systemd::hash;
use crate::handover::dirs::Place;
use crate::handover::fd_table::Facts;
use psup_proto::Failure;
use std::os::unix::ffi::OsStrExt;

/// The agent's name.
pub fn label(place: &Place) -> String {
    match &place.dir {
        None => format!("psup.{}", place.profile),
        Some(dir) => format!(
            "psup.{}.{:016x}",
            place.profile,
            hash(dir.as_os_str().as_bytes())
        ),
    }
}

#[cfg(not(target_os = "macos"))]
pub fn start(_: &Facts) -> Result<(), Failure> {
    Err(super::unreachable::unreachable("launchd is macOS's"))
}

#[cfg(target_os = "macos")]
pub fn start(facts: &Facts) -> Result<(), Failure> {
    use super::unreachable::unreachable;
    use std::process::{Command, Stdio};
    let label = facts.unit.as_deref().unwrap_or("psup");
    let program = std::env::current_exe()
        .map_err(|e| Failure::system("cannot tell which program this is", e))?;
    let mut arguments = vec![
        program.display().to_string(),
        super::START.into(),
        "launchd".into(),
        facts.profile.clone(),
    ];
    arguments.extend(facts.dir.as_ref().map(|dir| dir.display().to_string()));
    // An installed agent is started in the place of one of our own.
    let installed = std::env::home_dir()
        .map(|home| {
            home.join("Library/LaunchAgents")
                .join(format!("{label}.plist"))
        })
        .filter(|path| path.exists());
    let agent = match installed {
        Some(path) => path,
        None => {
            let path = facts.state.join(format!("{label}.plist"));
            std::fs::write(&path, plist(label, &arguments))
                .map_err(|e| Failure::system(path.display(), e))?;
            path
        }
    };
    let domain = format!("gui/{}", nix::unistd::geteuid());
    let launchctl = |arguments: &[&std::ffi::OsStr]| {
        Command::new("launchctl")
            .args(arguments)
            .stdin(Stdio::null())
            .output()
    };
    // One of an earlier start may still be known; its processes are not touched.
    let _ = launchctl(&["bootout".as_ref(), format!("{domain}/{label}").as_ref()]);
    let output = launchctl(&["bootstrap".as_ref(), domain.as_ref(), agent.as_os_str()])
        .map_err(|e| unreachable(format!("launchctl: {e}")))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(unreachable(format!(
            "launchctl: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }
}

/// The starter's role ends when the supervisor is ready; `AbandonProcessGroup` leaves that one
/// alone.
pub fn plist(label: &str, arguments: &[String]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let arguments: Vec<String> = arguments
        .iter()
        .map(|a| format!("<string>{}</string>", escape(a)))
        .collect();
    let arguments = arguments.concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>\n<key>Label</key><string>{}</string>\n\
         <key>ProgramArguments</key><array>{arguments}</array>\n<key>RunAtLoad</key><true/>\n\
         <key>AbandonProcessGroup</key><true/>\n<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>\n</dict></plist>\n",
        escape(label)
    )
}
