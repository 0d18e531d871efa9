//! Readers of a real terminal, killed at random moments under full output.

use super::*;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};

#[test]
fn kills_under_a_flood_of_text_lose_no_byte_and_double_none() {
    let (bytes, rescues) = storm(Stream::Text, 200);
    assert!(
        rescues > 0,
        "no kill of 200 fell into a read: {bytes} bytes"
    );
}

#[test]
fn kills_under_a_flood_of_random_bytes_lose_no_byte_and_double_none() {
    let (bytes, rescues) = storm(Stream::Random, 200);
    assert!(
        rescues > 0,
        "no kill of 200 fell into a read: {bytes} bytes"
    );
}

/// A child writes to a terminal; readers of it are killed at random moments; every byte is
/// compared.
fn storm(stream: Stream, kills: u32) -> (u64, u64) {
    let _turn = crate::platform::reap::turn();
    let pty = nix::pty::openpty(None, None).unwrap();
    let mut raw = nix::sys::termios::tcgetattr(&pty.slave).unwrap();
    nix::sys::termios::cfmakeraw(&mut raw);
    nix::sys::termios::tcsetattr(&pty.slave, nix::sys::termios::SetArg::TCSANOW, &raw).unwrap();
    let producer = in_child(|| produce(&pty.slave, stream));
    drop(pty.slave);
    let ring = ring(Keeps::Unlogged);
    let (mut verified, mut random) = (0, 1u64);
    for _ in 0..kills {
        let reader = in_child(|| {
            while let Ok(outcome) = ring.read_from(pty.master.as_fd()) {
                match outcome {
                    ReadOutcome::Bytes(_) => {}
                    ReadOutcome::WouldBlock => drop(poll(
                        &mut [PollFd::new(pty.master.as_fd(), PollFlags::POLLIN)],
                        PollTimeout::NONE,
                    )),
                    ReadOutcome::Full | ReadOutcome::NoMemory => std::thread::yield_now(),
                    ReadOutcome::Closed => return,
                }
            }
        });
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let until = verified + (random >> 33) % 100_000;
        while verified < until {
            verified = verify(&ring, stream, verified);
            std::thread::yield_now();
        }
        drop(reader);
        // In place, as an adopting process would find it.
        let adopted =
            Ring::adopt(ring.fd().try_clone_to_owned().unwrap(), Keeps::Unlogged).unwrap();
        verified = verify(&adopted, stream, verified);
    }
    drop(producer);
    (
        verified,
        ring.header()
            .rescues
            .load(std::sync::atomic::Ordering::Acquire),
    )
}

fn verify(ring: &Ring, stream: Stream, from: u64) -> u64 {
    let end = ring.end();
    stream.check(from, ring.bytes(from, end).unwrap());
    ring.set_logged(end);
    end
}

fn produce(terminal: &OwnedFd, stream: Stream) {
    let (mut at, mut block) = (0u64, [0u8; 1000]);
    loop {
        for (i, byte) in block.iter_mut().enumerate() {
            *byte = stream.byte(at + i as u64);
        }
        match nix::unistd::write(terminal, &block) {
            Ok(n) => at += n as u64,
            Err(_) => return,
        }
    }
}

/// Runs in a process of its own, which never returns. What it calls may not allocate: other threads
/// hold locks.
fn in_child(work: impl FnOnce()) -> Killed {
    // SAFETY: the child only makes system calls and ends.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => Killed(child),
        ForkResult::Child => {
            work();
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(0) }
        }
    }
}

/// A process that is killed when the test has done with it, or fails.
struct Killed(Pid);

impl Drop for Killed {
    fn drop(&mut self) {
        kill(self.0, Signal::SIGKILL).unwrap();
        waitpid(self.0, None).unwrap();
    }
}
