//! A storm of kills under full output: every byte compared, every exit as it was.
//!
//! The output does not end before the kills do. A producer writes one block again and again and
//! counts how often; the journal has to be that many blocks, to the byte. The short form is part of
//! every run; `PSUP_STORM=1300` (`just storm`) makes it that many kills, 100 upgrades, and figures
//! of how long psup takes to answer after a kill.

use psup_harness::{TestEnv, kill};
use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A prime, so that no loss of a whole buffer, page or segment leaves the rest in step.
const BLOCK: usize = 999_983;

#[test]
fn kills_in_turn_under_full_output_lose_no_byte_and_no_exit() {
    let kills = asked_for().unwrap_or(26);
    let load = Load::begin(if asked_for().is_some() { 8 } else { 4 }, kills);
    let mut answers = Vec::new();
    for round in 0..kills {
        // Three of thirteen hit the guardian; the worker that takes its place is hit itself later
        // on.
        let who = if round % 13 % 4 == 3 {
            "guardian_pid"
        } else {
            "worker_pid"
        };
        answers.push(kill_and_ask(&load.env, who));
    }
    load.all_is_there();
    tell(&format!("{kills} kills under full output"), &mut answers);
}

#[test]
fn upgrades_in_turn_under_full_output_lose_no_byte_and_no_exit() {
    let upgrades = asked_for().map_or(2, |kills| kills / 13);
    let load = Load::begin(4, upgrades * 60);
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), load.env.path("newer")).unwrap();
    let over = AtomicBool::new(false);
    let mut answers = std::thread::scope(|scope| {
        let asker = scope.spawn(|| {
            let mut answers = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let asked = Instant::now();
                load.env.ok("has s0");
                answers.push(asked.elapsed());
            }
            answers
        });
        for _ in 0..upgrades {
            load.env.ok("upgrade --binary newer");
        }
        over.store(true, Ordering::Relaxed);
        asker.join().unwrap()
    });
    load.all_is_there();
    tell(
        &format!("{upgrades} upgrades under full output, psup has meanwhile"),
        &mut answers,
    );
}

#[test]
fn after_a_kill_psup_answers_however_many_sessions_there_are() {
    let (many, kills) = asked_for().map_or((10, 4), |_| (100, 100));
    let env = TestEnv::with_time(Duration::from_secs(600));
    let mut sessions = 0;
    for step in [1, 10, many] {
        for n in sessions..step {
            env.ok(&format!("spawn s{n} -- cat"));
        }
        sessions = step;
        for who in ["worker_pid", "guardian_pid"] {
            let mut answers: Vec<_> = (0..kills).map(|_| kill_and_ask(&env, who)).collect();
            tell(
                &format!("{kills} kills of {who} with {sessions} sessions"),
                &mut answers,
            );
        }
    }
    assert_eq!(env.jsons("list").len(), sessions);
}

/// How many kills a long storm is to have.
fn asked_for() -> Option<usize> {
    std::env::var("PSUP_STORM")
        .ok()
        .map(|kills| kills.parse().expect("a number of kills"))
}

/// Sessions that write as fast as they can until they are told to end.
struct Load {
    env: TestEnv,
    blocks: Vec<Vec<u8>>,
}

impl Load {
    fn begin(sessions: usize, rounds: usize) -> Self {
        let env = TestEnv::with_time(Duration::from_secs(120 + rounds as u64));
        let blocks: Vec<Vec<u8>> = (0..sessions).map(block).collect();
        for (n, block) in blocks.iter().enumerate() {
            env.write(&format!("block{n}"), block);
            let until_told = format!(
                "i=0; while [ ! -e end ]; do cat block{n}; i=$((i+1)); done; echo $i > count{n}"
            );
            env.ok(&format!(
                "spawn s{n} --log-limit 64g --shell 'stty raw -echo; {until_told}; exit {}'",
                30 + n
            ));
        }
        Self { env, blocks }
    }

    #[track_caller]
    fn all_is_there(&self) {
        self.env.write("end", "");
        for (n, block) in self.blocks.iter().enumerate() {
            self.env.ok(&format!("wait s{n} --exit"));
            assert_eq!(self.env.info(&format!("s{n}"))["exit"]["code"], 30 + n);
            let count = String::from_utf8(self.env.read(&format!("count{n}"))).unwrap();
            let count: usize = count.trim().parse().unwrap();
            self.compare(n, block, count * block.len());
        }
    }

    /// The journal is `total` bytes of the block, over and over.
    #[track_caller]
    fn compare(&self, n: usize, block: &[u8], total: usize) {
        let mut read = self.env.psup(&format!("read s{n}"));
        let mut child = read.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (mut at, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            let count = stdout.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            let part = &buffer[..count];
            let wanted = block.iter().cycle().skip(at % block.len()).take(part.len());
            let differs = part
                .iter()
                .zip(wanted)
                .position(|(got, wanted)| got != wanted);
            assert_eq!(
                differs.map(|i| at + i),
                None,
                "s{n}: the first byte that differs, of {total}"
            );
            at += part.len();
        }
        assert!(child.wait().unwrap().success());
        assert_eq!(at, total, "s{n}: bytes in the journal, and bytes written");
    }
}

/// Lines of text, or bytes of every value, by turns.
fn block(n: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 + n as u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 24
    };
    let mut block = Vec::with_capacity(BLOCK + 64);
    while block.len() < BLOCK {
        if n.is_multiple_of(2) {
            block.extend(
                format!(
                    "line {} of many: \x1b[3{}m{:x}\x1b[m\r\n",
                    block.len(),
                    random() % 8,
                    random()
                )
                .bytes(),
            );
        } else {
            block.push(random() as u8);
        }
    }
    block.truncate(BLOCK);
    block
}

/// Kills one half of the supervisor and asks until another one has taken its place.
fn kill_and_ask(env: &TestEnv, who: &str) -> Duration {
    let pid = env.pid_of(who);
    let killed = Instant::now();
    kill(pid);
    env.until_replaced(who, pid);
    killed.elapsed()
}

fn tell(what: &str, answers: &mut [Duration]) {
    answers.sort_unstable();
    let (median, p99) = (
        answers[answers.len() / 2],
        answers[answers.len() * 99 / 100],
    );
    drop(writeln!(
        std::io::stderr(),
        "{what}: to the end of the next command median {median:.1?}, p99 {p99:.1?}"
    ));
}
