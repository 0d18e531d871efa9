//! Clients that subscribe to a screen or a journal are told when it has changed.

use super::Server;
use psup_harness::TestEnv;
use serde_json::{Value, json};

impl Server<'_> {
    #[track_caller]
    fn subscribe(&mut self, uri: &str) -> Value {
        self.put("resources/subscribe", &json!({"uri": uri}));
        self.message()
    }

    /// The resource that the next notification tells of.
    #[track_caller]
    fn updated(&self) -> String {
        let told = self.message();
        assert_eq!(told["method"], "notifications/resources/updated", "{told}");
        told["params"]["uri"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_subscriber_is_told_of_output_and_of_the_end() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    env.ok("spawn a -- cat");
    let screen = "psup://a/screen";
    assert_eq!(server.subscribe(screen)["result"], json!({}));
    env.ok("send a one --enter");
    assert_eq!(server.updated(), screen);
    // Over a killed worker, too.
    env.kill_half("worker_pid");
    env.ok("send a two --enter");
    assert_eq!(server.updated(), screen);
    env.ok("stop a");
    assert_eq!(server.updated(), screen);
    // Nothing comes after the end: the next message is the next answer.
    let answer = server.ask("resources/read", &json!({"uri": screen}));
    let text = answer["contents"][0]["text"].as_str().unwrap();
    assert!(text.contains("two"), "{text}");
}

#[test]
fn who_has_unsubscribed_is_told_nothing() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "--sessions 'a*'");
    env.ok("spawn a -- cat");
    env.ok("spawn b -- cat");
    let uri = "psup://a/journal";
    assert_eq!(server.subscribe(uri)["result"], json!({}));
    server.ask("resources/unsubscribe", &json!({"uri": uri}));
    env.ok("send a one --enter");
    env.ok("wait a --text one --in screen");
    server.ask("ping", &json!({}));
    for refused in [
        "psup://b/screen",
        "psup://a/nothing",
        "psup://gone/screen",
        "file:///etc",
    ] {
        let answer = server.subscribe(refused);
        assert!(
            answer["error"]["message"].is_string(),
            "{refused}: {answer}"
        );
    }
}

#[test]
fn a_flood_is_told_of_in_steps() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    env.ok("spawn a --shell 'read line; seq 200000; exec cat'");
    let uri = "psup://a/journal";
    assert_eq!(server.subscribe(uri)["result"], json!({}));
    env.ok("send a go --enter");
    env.ok("wait a --text '^200000$'");
    assert_eq!(server.updated(), uri);
    env.ok("stop a");
    // 1.4 MB come in thousands of pieces, and are told of a few times.
    let mut told = 0;
    server.put("ping", &json!({}));
    while server.message()["method"] == "notifications/resources/updated" {
        told += 1;
    }
    assert!(told < 20, "{told}");
}
