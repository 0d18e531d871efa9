//! Several agents on the same sessions, and many calls of one agent at once.

use super::Server;
use psup_harness::TestEnv;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const LINES: usize = 250;

#[test]
fn the_lines_of_two_agents_are_never_mixed() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'exec cat > lines'");
    let mut agents = [Server::start(&env, ""), Server::start(&env, "")];
    let line = |agent: usize, number: usize| format!("{agent} {number} {}", "x".repeat(80));
    // Each agent's answers are read only after all of both was sent.
    for number in 0..LINES {
        for (agent, server) in agents.iter_mut().enumerate() {
            let arguments = json!({"name": "a", "text": line(agent, number), "keys": ["Enter"]});
            let params = json!({"name": "send", "arguments": arguments});
            server.put("tools/call", &params);
        }
    }
    for server in &agents {
        for _ in 0..LINES {
            let answer = server.message();
            assert!(answer["result"]["isError"] != true, "{answer}");
        }
    }
    env.ok("send a --key C-d");
    env.ok("wait a --exit");
    let written = String::from_utf8(env.read("lines")).unwrap();
    let written: Vec<&str> = written.lines().collect();
    assert_eq!(written.len(), 2 * LINES);
    let expected: BTreeSet<String> = (0..LINES)
        .flat_map(|number| (0..2).map(move |agent| (agent, number)))
        .map(|(agent, number)| line(agent, number))
        .collect();
    let written: BTreeSet<String> = written.into_iter().map(str::to_owned).collect();
    assert_eq!(written, expected);
}

#[test]
fn fifty_eight_calls_at_once_are_answered_each_by_its_own_answer() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    for name in ["s0", "s1"] {
        env.ok(&format!(
            "spawn {name} --shell 'echo I am {name}; exec cat'"
        ));
        env.ok(&format!("wait {name} --text 'I am'"));
    }
    let first = server.asked + 1;
    for call in 0..58 {
        let name = format!("s{}", call % 2);
        let (tool, arguments) = match call % 3 {
            0 => ("look", json!({"name": name})),
            1 => ("wait", json!({"name": name, "until": ["text=now"]})),
            _ => ("list", json!({})),
        };
        server.put("tools/call", &json!({"name": tool, "arguments": arguments}));
    }
    let mut answers = std::collections::BTreeMap::<u64, Value>::new();
    // Those that wait are answered by what is typed once the others have theirs.
    let waits = (0..58).filter(|call| call % 3 == 1).count();
    while answers.len() < 58 - waits {
        let answer = server.message();
        answers.insert(answer["id"].as_u64().unwrap() - first, answer);
    }
    env.ok("send s0 now --enter");
    env.ok("send s1 now --enter");
    while answers.len() < 58 {
        let answer = server.message();
        answers.insert(answer["id"].as_u64().unwrap() - first, answer);
    }
    for (call, answer) in answers {
        let content = &answer["result"]["structuredContent"];
        match call % 3 {
            0 => {
                let text = content["text"].as_str().unwrap();
                assert!(
                    text.contains(&format!("I am s{}", call % 2)),
                    "{call}: {text}"
                );
            }
            1 => assert_eq!(content["status"], "met", "{call}: {answer}"),
            _ => assert_eq!(content["sessions"].as_array().unwrap().len(), 2, "{answer}"),
        }
    }
}
