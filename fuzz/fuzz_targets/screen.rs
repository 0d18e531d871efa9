//! Any bytes as what a child writes.
#![no_main]

#[path = "../src/screen.rs"]
mod screen;

libfuzzer_sys::fuzz_target!(|data: &[u8]| screen::check(data));
