//! How a verb ended that did what it could.

use psup_proto::Code;

/// A verb that did what it could; `code` says how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub code: u8,
}

impl Done {
    pub(crate) const OK: Self = Self { code: 0 };

    /// The same exit code as a failure of this code, where everything has been told already.
    pub(crate) fn like(code: Code) -> Self {
        Self {
            code: code.exit_code(),
        }
    }
}
