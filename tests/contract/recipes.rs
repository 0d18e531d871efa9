//! The recipes of `docs/hooks.md`, run as they stand there, against the real thing: an HTTP server,
//! a FIFO, a follower, another session.

use psup_harness::{TestEnv, psup};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;

/// The block of the page that holds this.
fn recipe(part: &str) -> String {
    let page = include_str!("../../docs/hooks.md");
    let blocks = page.split("```sh\n").skip(1);
    let mut blocks = blocks.filter_map(|block| block.split("```").next());
    blocks
        .find(|block| block.contains(part))
        .expect("the recipe is on the page")
        .to_owned()
}

/// A shell in which `psup` is found.
fn shell(env: &TestEnv, script: &str) -> Command {
    let mut command = env.command("sh");
    let path = std::env::var("PATH").unwrap();
    let here = psup().parent().unwrap().display().to_string();
    command
        .args(["-c", script])
        .env("PATH", format!("{here}:{path}"))
        .env("WAKE_TOKEN", "hush");
    command
}

/// One request of HTTP: its head and its body.
fn request(stream: &mut TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let lower = head.to_lowercase();
    let (_, length) = lower.split_once("content-length: ").unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

/// A gateway that is not ready the first time.
fn gateway() -> (u16, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for status in ["503 Service Unavailable", "200 OK"] {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = request(&mut stream);
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            tell.send(asked).unwrap();
        }
    });
    (port, told)
}

#[test]
fn the_end_of_a_build_is_posted_to_a_gateway_with_its_token() {
    let env = TestEnv::new();
    let (port, told) = gateway();
    let recipe = recipe("/hooks/wake").replace("18789", &port.to_string());
    let recipe = recipe.replace("-- make", "--shell 'echo all is built; exit 2'");
    env.run(shell(&env, &recipe)).ended(0);
    for number in [1, 2] {
        let (head, body) = told.recv_timeout(env.left()).unwrap();
        assert!(head.starts_with("POST /hooks/wake HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("Authorization: Bearer hush\r\n"), "{head}");
        assert_eq!(
            (&body["id"], &body["try"]),
            (&"build#1".into(), &number.into())
        );
        assert_eq!(body["exit"]["code"], 2);
        assert_eq!(body["lines"][0], "all is built");
    }
    let events = env.stream("--json events --since 0");
    assert!(events.until("hook-retrying").contains("503"));
    events.until("hook-delivered");
}

#[test]
fn a_question_is_a_line_on_a_fifo() {
    let env = TestEnv::new();
    env.run(shell(&env, &recipe("mkfifo"))).ended(0);
    env.ok("spawn a --shell 'printf \"Continue? \"; read x'");
    let mut cat = env.command("cat");
    cat.arg("wake");
    let line = env.follow(cat).line();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&told["id"], &told["blocked"]),
        (&"a#1".into(), &"question".into())
    );
}

#[test]
fn a_monitor_is_told_each_event_as_an_object() {
    let env = TestEnv::new();
    env.ok("spawn first -- true");
    let script = format!("exec {}", recipe("events --follow").trim());
    let events = env.follow(shell(&env, &script));
    env.ok("spawn a --on-exit true -- true");
    let told: Value = serde_json::from_str(&events.until("hook-delivered")).unwrap();
    assert_eq!(told["id"], "a#1");
}

#[test]
fn the_end_of_one_session_is_typed_into_another() {
    let env = TestEnv::new();
    env.ok("spawn agent -- cat");
    env.ok("spawn build --shell 'read x; exit 3'");
    env.run(shell(&env, &recipe("send agent"))).ended(0);
    env.ok("send build --enter");
    env.ok("wait agent --text '^build has ended: .*\"code\":3'");
}
