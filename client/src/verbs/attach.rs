//! `psup attach`.

use super::Run;
use crate::attach::{self, DetachKey, Wishes};
use crate::context::{Context, Done};
use psup_proto::{Code, Failure, Target};

/// Show a session in this terminal and type into it
///
/// Shows the screen at once and then everything as it comes, with the colours,
/// mouse and keys that the program asks for. Lines that leave the screen go to the
/// scrollback of your terminal. C-\ detaches: the session keeps running.
///
/// The session keeps its size. A smaller terminal shows the part around the cursor;
/// a larger one leaves the rest blank. With --resize the session takes the size of
/// your terminal, and gets its own back when you detach.
///
/// While you type, what programs send with `psup send` waits until you have stopped
/// for 3 seconds; with --take it is refused until you detach. Several people can be
/// attached at once; --read-only shows without typing.
///
/// If a process of the supervisor is killed or upgraded, the view reconnects by
/// itself.
///
/// Example:
///   psup attach web
///   psup attach agent --read-only
///   psup attach build --detach-key C-q
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Attach {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Show only; type nothing
    #[arg(short, long, conflicts_with_all = ["take", "resize"])]
    read_only: bool,
    /// Keep the keyboard until you detach
    #[arg(long)]
    take: bool,
    /// Resize the session to this terminal
    #[arg(long)]
    resize: bool,
    /// The key that detaches: C- and a character, or `none`
    #[arg(long, value_name = "KEY", default_value = "C-\\")]
    detach_key: DetachKey,
}

impl Run for Attach {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        if let Some(own) = std::env::var_os("PSUP_SESSION") {
            let own: Option<Target> = own.to_str().and_then(|own| own.parse().ok());
            let inside = own.is_some_and(|own| {
                own.name == self.target.name
                    && self.target.life.is_none_or(|life| own.life == Some(life))
            });
            if inside {
                let message = format!(
                    "this terminal is inside of {}: it would show itself",
                    self.target
                );
                return Err(Failure::new(Code::Usage, message).hint("attach from another terminal"));
            }
        }
        let wishes = Wishes {
            target: self.target,
            read_only: self.read_only,
            take: self.take,
            resize: self.resize,
            detach: self.detach_key,
        };
        let (connector, place) = cx.way();
        Err(attach::run(connector, &place, wishes, &mut cx.out))
    }
}
