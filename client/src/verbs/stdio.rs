//! `psup stdio`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use psup_link::{Connector, Wire};
use psup_proto::Failure;
use psup_proto::greeting::Greeting;
use std::io::{self, ErrorKind, Read, Write, stdin, stdout};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// A supervisor says hello within milliseconds; one that does not is woken.
const HELLO_TIME: Duration = Duration::from_secs(1);
const PIECE: usize = 64 << 10;

/// Carry the protocol between stdin, stdout and the supervisor
///
/// psup --on TARGET starts this on the other side. It prints one line of JSON with
/// its build, or with the reason why there is no supervisor, and then carries the
/// frames of the protocol in both directions until either side closes.
///
/// Example:
///   psup stdio --start
///   ssh build psup stdio
///   docker exec -i box psup stdio
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Stdio {
    /// Start a supervisor if none is running
    #[arg(long)]
    start: bool,
    /// Include what a session inherits from its caller: environment, shell, directory
    #[arg(long)]
    caller: bool,
    /// The directory in which the session will start
    #[arg(long, value_name = "DIR", requires = "caller")]
    cwd: Option<PathBuf>,
}

impl Run for Stdio {
    const ON_TARGET: OnTarget = OnTarget::Nowhere;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let caller = self.caller.then(|| cx.caller(self.cwd.as_deref()));
        let (connector, place) = cx.way();
        let connected = caller.transpose().and_then(|caller| {
            let wire = connector.connect(&place, self.start)?;
            Ok((caller, wire))
        });
        let (greeting, done) = match &connected {
            Ok((caller, _)) => (Greeting::ours(caller.clone(), None), Done::OK),
            // Who reads the greeting can do something about it.
            Err(failure) => (
                Greeting::ours(None, Some(failure)),
                Done::like(failure.code),
            ),
        };
        cx.out.object(&greeting)?;
        cx.out.flush()?;
        if let Ok((_, wire)) = connected {
            carry(wire, connector)?;
        }
        Ok(done)
    }
}

/// Until the supervisor's side ends.
fn carry(mut wire: Wire, connector: &dyn Connector) -> Result<(), Failure> {
    let broken = |error| Failure::system("the connection broke", error);
    let mut asking = wire.try_clone().map_err(broken)?;
    let cutter = wire.cutter().map_err(broken)?;
    thread::spawn(move || {
        copy(&mut stdin().lock(), &mut asking);
        // The other side has left; the supervisor sees it, and hangs up.
        cutter.cut();
    });
    wait_for_hello(&wire, connector).map_err(broken)?;
    copy(&mut wire, &mut stdout().lock());
    Ok(())
}

/// A guardian that was stopped starts no worker in the place of one that died, until it is woken.
fn wait_for_hello(wire: &Wire, connector: &dyn Connector) -> io::Result<()> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    let time = PollTimeout::try_from(HELLO_TIME).unwrap_or(PollTimeout::NONE);
    loop {
        let mut fds = [PollFd::new(wire.readable(), PollFlags::POLLIN)];
        match poll(&mut fds, time) {
            Ok(0) => connector.wake_guardian(wire),
            Ok(_) => return Ok(()),
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// As it comes, until one side has ended.
fn copy(from: &mut dyn Read, to: &mut dyn Write) {
    let mut buffer = vec![0; PIECE];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                let written = to.write_all(&buffer[..count]).and_then(|()| to.flush());
                if written.is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}
