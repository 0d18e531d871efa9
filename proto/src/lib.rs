//! The words psup's supervisor and client say to each other.
//!
//! Plain types and the frames that carry them: no I/O, no async, no command line. Whatever is
//! parsed here ([`Name`], [`Size`], [`Key`], durations) is parsed once at the door and never
//! checked again behind it. A change in this crate is a change of the wire: see `docs/protocol.md`
//! and the golden files in `tests/golden`.

pub mod attach;
pub mod capture;
pub mod checkpoint;
pub mod condition;
pub mod doctor;
pub mod error;
pub mod event;
pub mod exec;
pub mod exit;
pub mod frame;
pub mod gate;
pub mod glob;
pub mod greeting;
pub mod hello;
pub mod hook;
pub mod info;
pub mod input;
pub mod keep;
pub mod key;
pub mod limits;
pub mod metrics;
pub mod name;
pub mod owner;
pub mod policy;
pub mod request;
pub mod resources;
pub mod response;
pub mod restart;
pub mod rows;
pub mod service;
pub mod size;
pub mod spec;
pub mod status;
pub mod style;
pub mod text_or_bytes;
pub mod times;
pub mod units;
pub mod upgrade_frame;
mod v1;
pub mod wire;

pub use error::{Code, Failure};
pub use exit::{Exit, Outcome};
pub use frame::{Decoder, Frame, Kind};
pub use key::Key;
pub use name::{Name, SessionId, Target};
pub use policy::Policy;
pub use request::Request;
pub use response::Response;
pub use size::Size;
pub use spec::Spec;
pub use times::Moment;

/// A place in a journal: the number of bytes the child had written before it. It only grows.
pub type Offset = u64;
