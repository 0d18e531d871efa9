//! Faults that no honest build has, only one with the feature `fault-injection`:
//! `cargo test --features fault-injection --test contract injected`.

mod deaf;
mod late;
mod poison;
