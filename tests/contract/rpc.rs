//! `psup rpc`: the verbs as methods, a line each way.

use psup_harness::{Dice, TestEnv};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A client of `psup rpc`; what it waits for ends with the test's supervisor.
struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn new(env: &TestEnv) -> Self {
        let mut command = env.psup("rpc");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
        }
    }

    fn raw(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
    }

    fn ask(&mut self, id: impl Into<Value>, method: &str, params: &Value) {
        let request = json!({ "id": id.into(), "method": method, "params": params, "new": 1 });
        self.raw(request.to_string().as_bytes());
    }

    fn line(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    /// Items and end of a request, where no other is open.
    fn all(&mut self, method: &str, params: &Value) -> (Vec<Value>, Value) {
        self.ask("only", method, params);
        let mut items = Vec::new();
        loop {
            let mut line = self.line();
            assert_eq!(line["id"], "only", "{line}");
            if line["end"] == true {
                return (items, line);
            }
            items.push(line["item"].take());
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_verbs_are_methods_with_the_answers_of_json() {
    let env = TestEnv::new();
    let mut client = Client::new(&env);
    let hello = client.line();
    assert_eq!(hello["rpc"], 1);
    let methods = hello["methods"].as_array().unwrap();
    assert!(methods.contains(&json!("wait")) && methods.contains(&json!("service.status")));

    let spawn = json!({ "name": "a", "shell": "echo $WORD; exec cat", "env": { "WORD": "--x y" },
        "unknown": [1], "cwd": null });
    let (items, end) = client.all("spawn", &spawn);
    assert_eq!((&items[0]["id"], &end["exit"]), (&json!("a#1"), &json!(0)));
    let wait = json!({ "targets": ["a"], "text": "^--x (.)", "timeout": "30s" });
    let (items, _) = client.all("wait", &wait);
    assert_eq!(items[0]["held"][0]["match"]["groups"], json!(["y"]));
    // The text comes before Enter, and is never taken for a flag.
    let send = json!({ "target": "a", "text": "over rpc", "enter": true });
    let (items, end) = client.all("send", &send);
    assert!(items[0]["offset"].is_number(), "{items:?} {end}");
    let wait = json!({ "targets": "a", "text": "^over rpc", "since": items[0]["offset"], "timeout": "60s" });
    assert_eq!(client.all("wait", &wait).1["exit"], 0);
    let flag = client
        .all("send", &json!({ "target": "a", "text": "--enter" }))
        .1;
    assert_eq!(
        (&flag["exit"], &flag["error"]["code"]),
        (&json!(2), &json!("usage"))
    );
    let send = json!({ "target": "a", "file": "-", "stdin": "--from stdin\n" });
    assert_eq!(client.all("send", &send).1["exit"], 0);
    env.ok("wait a --text '^--from stdin' --timeout 60s");
    let (items, _) = client.all("list", &json!({}));
    assert_eq!(items.len(), 1);
    let (items, end) = client.all("has", &json!({ "target": "b" }));
    assert!(items.is_empty());
    assert_eq!(
        (&end["exit"], &end["error"]["code"]),
        (&json!(3), &json!("no-such-session"))
    );
    assert!(end["error"]["hint"].is_string());
    assert_eq!(
        client
            .all("resize", &json!({ "target": "a", "size": "90x20" }))
            .1["exit"],
        0
    );
    assert_eq!(env.info("a")["size"]["cols"], 90);
}

#[test]
fn requests_run_beside_each_other_and_one_that_is_cancelled_ends() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let mut client = Client::new(&env);
    client.line();
    client.ask(
        1,
        "read",
        &json!({ "target": "a", "follow": true, "text": true }),
    );
    client.ask(2, "wait", &json!({ "targets": ["a"], "text": "^the end" }));
    client.ask(3, "wait", &json!({ "targets": ["a"], "text": "never" }));
    client.ask(3, "list", &json!({}));
    let twice = client.line();
    assert_eq!(
        (&twice["id"], &twice["error"]["code"]),
        (&json!(3), &json!("usage"))
    );
    env.ok("send a 'the end' --enter");
    let mut ended = Vec::new();
    let mut has_read = false;
    while ended.is_empty() || !has_read {
        let line = client.line();
        has_read |= line["id"] == 1 && line["item"]["text"].as_str().unwrap().contains("the end");
        if line["end"] == true {
            ended.push(line);
        }
    }
    assert_eq!(ended[0], json!({ "id": 2, "end": true, "exit": 0 }));
    client.ask(4, "cancel", &json!({ "id": 3 }));
    client.ask(5, "cancel", &json!({ "id": 99 }));
    let mut told = Vec::new();
    while told.len() < 5 {
        let line = client.line();
        if line["id"] != 1 {
            told.push(line);
        }
    }
    assert!(
        told.contains(&json!({ "id": 3, "end": true, "exit": null })),
        "{told:?}"
    );
    assert!(told.contains(&json!({ "id": 4, "item": { "cancelled": true } })));
    assert!(told.contains(&json!({ "id": 5, "item": { "cancelled": false } })));
    // A client that has gone leaves nobody behind: neither connections nor processes.
    drop(client);
    while env.json("status")["connections"] != 1 {
        assert!(!env.left().is_zero());
    }
}

#[test]
fn what_is_no_request_is_told_and_the_next_one_is_answered() {
    let env = TestEnv::new();
    let mut client = Client::new(&env);
    client.line();
    for (line, says) in [
        (r#"{"id":1,"method":"fly"}"#, "no method"),
        (
            r#"{"id":1,"method":"attach","params":{"target":"a"}}"#,
            "no method",
        ),
        (r#"{"method":"list"}"#, "`id`"),
        (r#"{"id":{},"method":"list"}"#, "`id`"),
        (r#"{"id":1,"method":"list","params":[]}"#, "not a request"),
        (
            r#"{"id":1,"method":"list","params":{"all":"yes"}}"#,
            "true or false",
        ),
        (
            r#"{"id":1,"method":"has","params":{"target":{"a":[]}}}"#,
            "`target` is text",
        ),
        (
            r#"{"id":1,"method":"spawn","params":{"name":"--dir=/x"}}"#,
            "begins with -",
        ),
        (
            r#"{"id":1,"method":"has","params":{"target":"a\u0000b"}}"#,
            "`target` is text",
        ),
        ("[", "not a request"),
        ("\u{feff}", "not a request"),
    ] {
        client.raw(line.as_bytes());
        let told = client.line();
        assert_eq!(
            (&told["end"], &told["exit"]),
            (&json!(true), &json!(2)),
            "{line}: {told}"
        );
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{line}: {told}");
    }
    client.raw(&vec![b'x'; (8 << 20) + 10]);
    assert_eq!(client.line()["error"]["code"], "limit");
    // Requests that were broken at random.
    let whole = br#"{"id":7,"method":"has","params":{"target":"nobody","x":[1,{"y":"z"}]}}"#;
    let mut dice = Dice(0x5eed);
    for _ in 0..300 {
        let mut line = whole.to_vec();
        for _ in 0..=dice.below(3) {
            let at = dice.below(line.len());
            match dice.below(3) {
                0 => line[at] = (dice.below(255) + 1) as u8,
                1 => drop(line.remove(at)),
                _ => line.truncate(at.max(1)),
            }
        }
        line.retain(|byte| *byte != b'\n');
        if line.trim_ascii().is_empty() {
            continue;
        }
        client.raw(&line);
        while client.line()["end"] != true {}
    }
    assert_eq!(
        client.all("has", &json!({ "target": "nobody" })).1["exit"],
        3
    );
}

/// An object has no order, so this one stands: what is typed, then keys, then Enter.
#[test]
fn what_a_send_types_comes_before_its_keys_and_enter() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty raw -echo; echo ready; od -An -tx1 -w7 -v'");
    env.ok("wait a --text ready --timeout 60s");
    let mut client = Client::new(&env);
    client.line();
    let send = json!({ "target": "a", "enter": true, "key": ["Up"], "file": "-", "stdin": "-x", "raw_hex": "ff" });
    assert_eq!(client.all("send", &send).1["exit"], 0);
    let wait = json!({ "targets": "a", "text": "2d 78 ff 1b 5b 41 0d", "timeout": "60s" });
    let (items, end) = client.all("wait", &wait);
    assert_eq!(end["exit"], 0, "{items:?} {}", env.ok("capture a"));
}

#[test]
fn the_output_of_exec_comes_in_pieces_where_they_are_asked_for() {
    let env = TestEnv::new();
    env.ok("spawn a -- bash --norc");
    env.ok("wait a --prompt --timeout 60s");
    let mut client = Client::new(&env);
    client.line();
    let command = ["echo one é; read word; echo \"two $word\"; exit 3"];
    client.ask(
        1,
        "exec",
        &json!({ "target": "a", "pieces": true, "command": command }),
    );
    let mut output = String::new();
    // The command goes on only when its first piece has come.
    while !output.contains("one é") {
        output += client.line()["item"]["text"].as_str().unwrap();
    }
    env.ok("send a word --enter");
    loop {
        let mut line = client.line();
        let item = line["item"].take();
        if line["end"] == true {
            assert_eq!(line["exit"], 3);
            break;
        }
        if item.get("ran").is_some() {
            assert_eq!((item.get("text"), item.get("base64")), (None, None));
        } else {
            output += item["text"].as_str().unwrap();
        }
    }
    assert!(output.contains("two word"), "{output}");
    let both = json!({ "target": "a", "pieces": true, "budget": 9, "command": ["x"] });
    assert_eq!(client.all("exec", &both).1["error"]["code"], "usage");
}

#[test]
fn the_schema_tells_every_method_and_its_parameters() {
    let env = TestEnv::new();
    let schema = env.json("rpc --schema");
    let hello = Client::new(&env).line();
    for method in hello["methods"].as_array().unwrap() {
        let method = &schema["methods"][method.as_str().unwrap()];
        assert_eq!(method["type"], "object");
    }
    let spawn = &schema["methods"]["spawn"];
    assert_eq!(spawn["required"], json!(["name"]));
    assert_eq!(spawn["properties"]["clear_env"]["type"], "boolean");
    assert_eq!(
        spawn["properties"]["restart"]["enum"],
        json!(["no", "on-failure", "always"])
    );
    let codes = &schema["reply"]["properties"]["error"]["properties"]["code"]["enum"];
    assert_eq!(codes.as_array().unwrap().len(), psup_proto::Code::ALL.len());
    assert!(
        codes
            .as_array()
            .unwrap()
            .contains(&json!("no-such-session"))
    );
}
