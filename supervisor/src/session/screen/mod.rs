//! The screen: what the journal draws.
