//! Follows a session: its screen once, then its output, for the display.

use super::Attachment;
use psup_link::{Item, Stream, unexpected};
use psup_proto::attach::Attach;
use psup_proto::{Code, Failure, Request, Response};

struct Follower<'s, 'a> {
    on_attached: &'s dyn Fn(),
    attachment: &'s Attachment<'a>,
    began: bool,
}

/// Returns when the session has ended; tells when it is attached, also again.
pub(super) fn follow(attachment: &Attachment, on_attached: &dyn Fn()) -> Result<(), Failure> {
    let mut follower = Follower {
        on_attached,
        attachment,
        began: false,
    };
    match attachment.link().stream(&mut follower) {
        // It ended while the connection was lost.
        Err(failure)
            if follower.began && matches!(failure.code, Code::NotRunning | Code::NoSuchSession) =>
        {
            Ok(())
        }
        ended => ended,
    }
}

impl Stream for Follower<'_, '_> {
    type End = ();

    fn question(&self) -> Request {
        if self.began {
            self.attachment.display().is_away();
        }
        let wishes = &self.attachment.wishes;
        Request::Attach(Attach {
            target: wishes.target.clone(),
            viewer: self.attachment.viewer,
            types: !wishes.read_only,
            take: wishes.take,
            original: *self.attachment.original(),
        })
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        let mut display = self.attachment.display();
        match item {
            Item::Bytes(bytes) => display.bytes(&bytes),
            Item::Response(Response::Attached(attached)) => {
                self.began = true;
                display.attached(*attached);
                (self.on_attached)();
            }
            Item::Response(Response::Shared(shared)) => display.shared(shared),
            // The screen cannot be drawn any more: what follows can.
            Item::Response(Response::Gap { .. }) => {}
            Item::Response(Response::End { .. }) => return Ok(Some(())),
            Item::Response(other) => return Err(unexpected(&other)),
        }
        Ok(None)
    }

    fn idle(&mut self) {
        self.attachment.display().idle();
    }
}
