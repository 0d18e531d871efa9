//! A program may close its terminal and live on, as a server does that sends its output to a file.

use psup_harness::TestEnv;

#[test]
fn a_program_that_leaves_its_terminal_is_not_hung_up() {
    let env = TestEnv::new();
    let fifo = env.path("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    env.write(
        "serve",
        "echo up; exec 3<> fifo; exec < /dev/null > log 2>&1; read x <&3; echo $x; exit 1",
    );
    env.ok("spawn server -- sh serve");
    env.ok("wait server --text up");
    for who in ["worker_pid", "guardian_pid", "worker_pid"] {
        env.kill_half(who);
        env.ok("has server");
    }
    let fifo = std::fs::OpenOptions::new().write(true).open(fifo).unwrap();
    std::io::Write::write_all(&mut &fifo, b"last\n").unwrap();
    drop(fifo);
    env.ok("wait server --exit");
    assert_eq!(env.info("server")["exit"]["code"], 1);
    assert_eq!(env.read("log"), b"last\n");
}

#[test]
fn a_program_that_left_its_terminal_can_come_back_to_it() {
    let env = TestEnv::new();
    let script = "exec 3< fifo; exec < /dev/null > log 2>&1; read x <&3; echo back > /dev/tty; read x <&3; exit 7";
    let fifo = env.path("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    env.write("leaves", script);
    env.ok("spawn a -- sh leaves");
    let fifo = std::fs::OpenOptions::new().write(true).open(fifo).unwrap();
    let say = |line: &[u8]| std::io::Write::write_all(&mut &fifo, line).unwrap();
    env.kill_half("worker_pid");
    say(b"1\n");
    env.ok("wait a --text back --timeout 10s");
    say(b"2\n");
    env.ok("wait a --exit");
    assert_eq!(env.info("a")["exit"]["code"], 7);
    assert_eq!(env.ok("read a --text"), "back");
}
