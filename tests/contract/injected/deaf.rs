//! A guardian that runs and does nothing: it is not dead, so it does not hang up, and not stopped,
//! so no signal helps.

use crate::house::{House, is_alive, kill};

#[test]
fn a_guardian_that_is_deaf_is_ended_and_replaced_and_nothing_is_lost() {
    let house = House::new();
    house.ok("spawn a --shell 'echo up; exec cat'");
    house.ok("wait a --text up");
    let (guardian, worker) = (house.pid_of("guardian_pid"), house.pid_of("worker_pid"));
    let state = house.json("status")["state_dir"]
        .as_str()
        .unwrap()
        .to_owned();
    std::fs::write(format!("{state}/fault.deaf"), "").unwrap();
    // It is told of another session, and hears no more.
    house.ok("spawn b -- cat");
    house.until_replaced("guardian_pid", guardian);
    assert!(!is_alive(guardian));
    assert_eq!(
        house.pid_of("guardian_pid"),
        worker,
        "its worker has taken its place"
    );
    assert!(house.ok("logs").contains("does not listen and is ended"));
    // Both sessions are held again, also the one that it was told of last.
    kill(house.pid_of("worker_pid"));
    for name in ["a", "b"] {
        house.ok(&format!("send {name} hello --enter"));
        house.ok(&format!("wait {name} --text hello"));
    }
}
