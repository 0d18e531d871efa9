//! `psup mcp`, driven as a client drives it: JSON-RPC, one object a line.

mod interleaving;
mod subscriptions;

use psup_harness::{TestEnv, kill, skipped};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};

/// A server with its client.
struct Server<'h> {
    env: &'h TestEnv,
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    asked: u64,
}

impl<'h> Server<'h> {
    fn start(env: &'h TestEnv, flags: &str) -> Self {
        let mut command = env.psup(&format!("mcp {flags}"));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| tell.send(line))
        });
        let mut server = Self {
            env,
            stdin: child.stdin.take().unwrap(),
            child,
            lines,
            asked: 0,
        };
        let hello = server.ask(
            "initialize",
            &json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            }),
        );
        assert_eq!(hello["serverInfo"]["name"], "psup");
        assert!(hello["instructions"].as_str().unwrap().chars().count() <= 500);
        server.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        server
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.stdin, "{message}").unwrap();
    }

    fn put(&mut self, method: &str, params: &Value) {
        self.asked += 1;
        let id = self.asked;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
    }

    #[track_caller]
    fn message(&self) -> Value {
        let line = self.lines.recv_timeout(self.env.left());
        serde_json::from_str(&line.expect("a message before the test is over")).unwrap()
    }

    #[track_caller]
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.put(method, params);
        let answer = self.message();
        assert_eq!(answer["id"], self.asked, "{answer}");
        answer["result"].clone()
    }

    /// The structured answer of a call, and whether it is an error.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: &Value) -> (Value, bool) {
        let params = json!({"name": tool, "arguments": arguments});
        let answer = self.ask("tools/call", &params);
        let structured = answer["structuredContent"].clone();
        let text = answer["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), structured);
        (structured, answer["isError"] == true)
    }

    #[track_caller]
    fn ok(&mut self, tool: &str, arguments: &Value) -> Value {
        let (answer, is_error) = self.call(tool, arguments);
        assert!(!is_error, "{tool} {arguments}: {answer}");
        answer
    }

    #[track_caller]
    fn refused(&mut self, tool: &str, arguments: &Value) -> Value {
        let (answer, is_error) = self.call(tool, arguments);
        assert!(is_error, "{tool} {arguments}: {answer}");
        assert!(answer["message"].is_string(), "{answer}");
        answer
    }

    fn tools(&mut self) -> Vec<String> {
        let tools = self.ask("tools/list", &json!({}))["tools"].clone();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.as_array().unwrap().iter().map(name).collect()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn every_tool_is_shown_within_1200_tokens() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    let listed = server.ask("tools/list", &json!({}));
    assert!(
        listed.to_string().len() <= 4800,
        "{}",
        listed.to_string().len()
    );
    for tool in listed["tools"].as_array().unwrap() {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
        assert!(tool["annotations"].is_object(), "{tool}");
    }
    assert_eq!(
        server.tools(),
        [
            "start",
            "run",
            "send",
            "wait",
            "look",
            "list",
            "stop",
            "ask_person"
        ]
    );
}

#[test]
fn every_tool_does_its_work() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    assert_eq!(server.ok("start", &json!({"name": "a"}))["did"], "started");
    assert_eq!(
        server.ok("start", &json!({"name": "a"}))["did"],
        "unchanged"
    );
    let ran = server.ok("run", &json!({"name": "a", "command": "echo hi; (exit 3)"}));
    assert_eq!(
        (&ran["exit_code"], &ran["output"]),
        (&json!(3), &json!("hi\n"))
    );
    let typed = json!({"name": "a", "text": "echo $((40+2))", "keys": ["Enter"],
        "until": ["text=\\b42"]});
    let sent = server.ok("send", &typed);
    assert_eq!(sent["status"], "met", "{sent}");
    assert!(sent["output"].as_str().unwrap().contains("42\n"), "{sent}");
    let shown = server.ok("look", &json!({"name": "a"}));
    assert!(shown["text"].as_str().unwrap().contains("42"), "{shown}");
    let listed = server.ok("list", &json!({}));
    assert_eq!(listed["sessions"][0]["name"], "a", "{listed}");
    assert_eq!(server.ok("stop", &json!({"name": "a"}))["stopped"], true);
    let ended = server.ok("look", &json!({"name": "a"}));
    assert_eq!(ended["state"], "ended", "{ended}");
}

#[test]
fn what_does_not_hold_in_time_is_answered_with_not_yet() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    server.ok(
        "start",
        &json!({"name": "a", "command": "printf up; exec cat"}),
    );
    let up = server.ok("wait", &json!({"name": "a", "until": ["text=up"]}));
    let since = &up["offset"];
    let wait = json!({"name": "a", "until": ["text=never"], "since": since, "timeout": 0.1});
    let waited = server.ok("wait", &wait);
    assert_eq!(
        (&waited["status"], &waited["offset"]),
        (&json!("not yet"), since)
    );
}

#[test]
fn an_error_says_what_to_do_next() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    let unknown = server.refused("look", &json!({"name": "a"}));
    assert_eq!(unknown["code"], "no-such-session", "{unknown}");
    assert!(
        unknown["hint"].as_str().unwrap().contains("`start`"),
        "{unknown}"
    );
    let misspelled = server.refused("look", &json!({"name": "a", "sinse": 1}));
    assert_eq!(misspelled["code"], "usage");
    assert!(
        misspelled["message"].as_str().unwrap().contains("`since`"),
        "{misspelled}"
    );
    let condition = server.refused("wait", &json!({"name": "a", "until": ["done"]}));
    assert!(
        condition["hint"].as_str().unwrap().contains("idle=2s"),
        "{condition}"
    );
}

#[test]
fn tools_and_sessions_can_be_kept_away() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "--deny stop --sessions 'agent-*'");
    assert!(!server.tools().contains(&"stop".to_owned()));
    env.ok("spawn mine -- cat");
    assert_eq!(
        server.refused("look", &json!({"name": "mine"}))["code"],
        "no"
    );
    assert_eq!(server.ok("list", &json!({}))["sessions"], json!([]));
    server.ok("start", &json!({"name": "agent-1", "command": "cat"}));
    server.put(
        "tools/call",
        &json!({"name": "stop", "arguments": {"name": "agent-1"}}),
    );
    assert!(server.message()["error"].is_object());
    let refused = env.no(2, "mcp --allow kill");
    assert!(refused.contains("start, run, send"), "{refused}");
}

#[test]
fn a_person_is_asked_and_what_they_type_is_told_to_nobody() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    env.ok("spawn a --shell 'stty -echo; read code; echo the length is ${#code}; exec cat'");
    let ask = json!({"name": "a", "why": "the code", "secret": true, "timeout": 0.2});
    let asked = server.ok("ask_person", &ask);
    assert_eq!(asked["status"], "not yet", "{asked}");
    assert!(asked["hint"].as_str().unwrap().contains("psup attach a"));
    let events = env.stream("--json events a --since 0");
    events.until("person-asked");
    server.put(
        "tools/call",
        &json!({"name": "ask_person", "arguments": {"name": "a", "why": "the code", "secret": true}}),
    );
    events.until("person-asked");
    // A person in a terminal of their own.
    let psup = env!("CARGO_BIN_EXE_psup");
    env.ok(&format!("spawn person -- {psup} attach a"));
    events.until("attached");
    env.ok("send person hush --enter --secret");
    let answer = server.message();
    let told = &answer["result"]["structuredContent"];
    assert_eq!(told["status"], "answered", "{answer}");
    assert!(!answer.to_string().contains("hush"), "{answer}");
    let since = json!({"name": "a", "until": ["text=the length is 4"], "since": told["offset"]});
    assert_eq!(server.ok("wait", &since)["status"], "met");
}

#[test]
fn screens_and_journals_are_resources() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "--sessions 'a*'");
    env.ok("spawn a1 --shell 'seq 100; exec cat'");
    env.ok("spawn b1 --shell 'echo private; exec cat'");
    env.ok("wait a1 --text '^100'");
    let listed = server.ask("resources/list", &json!({}))["resources"].clone();
    let uris: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["uri"].as_str().unwrap())
        .collect();
    assert_eq!(uris, ["psup://a1/screen", "psup://a1/journal"]);
    let templates = server.ask("resources/templates/list", &json!({}));
    assert_eq!(
        templates["resourceTemplates"][0]["uriTemplate"],
        "psup://{name}/screen"
    );
    let mut read = |uri: &str| {
        let answer = server.ask("resources/read", &json!({"uri": uri}));
        answer["contents"][0]["text"].as_str().map(str::to_owned)
    };
    let screen = read("psup://a1/screen").unwrap();
    assert!(
        screen.ends_with("\n100") && !screen.contains("\n50\n"),
        "{screen}"
    );
    assert!(read("psup://a1%231/journal").unwrap().starts_with("1\n2\n"));
    assert_eq!(read("psup://b1/screen"), None);
    assert_eq!(read("psup://a1/secrets"), None);
    assert_eq!(read("psup://a2/screen"), None);
}

#[test]
fn a_wait_of_a_killed_server_goes_on_in_the_next_by_offset() {
    let env = TestEnv::new();
    let mut first = Server::start(&env, "");
    first.ok(
        "start",
        &json!({"name": "a", "command": "stty -echo; echo up; exec cat"}),
    );
    let up = first.ok("wait", &json!({"name": "a", "until": ["text=up"]}));
    let wait = json!({"name": "a", "until": ["text=later"], "since": up["offset"]});
    let params = json!({"name": "wait", "arguments": wait, "_meta": {"progressToken": 1}});
    first.put("tools/call", &params);
    assert_eq!(first.message()["method"], "notifications/progress");
    kill(first.child.id().cast_signed());
    env.ok("send a later --enter --secret");
    let mut second = Server::start(&env, "");
    assert_eq!(second.ok("wait", &wait)["status"], "met");
}

#[test]
fn a_wait_goes_on_over_a_killed_worker() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    server.ok(
        "start",
        &json!({"name": "a", "command": "stty -echo; echo up; exec cat"}),
    );
    let up = server.ok("wait", &json!({"name": "a", "until": ["text=up"]}));
    let wait = json!({"name": "a", "until": ["text=later"], "since": up["offset"]});
    server.put("tools/call", &json!({"name": "wait", "arguments": wait}));
    env.kill_half("worker_pid");
    env.ok("send a later --enter --secret");
    let answer = server.message();
    assert_eq!(
        answer["result"]["structuredContent"]["status"], "met",
        "{answer}"
    );
}

#[test]
fn a_cancelled_call_leaves_the_server_to_the_next() {
    let env = TestEnv::new();
    let mut server = Server::start(&env, "");
    server.ok("start", &json!({"name": "a", "command": "exec cat"}));
    let wait = json!({"name": "a", "until": ["text=never"]});
    server.put("tools/call", &json!({"name": "wait", "arguments": wait}));
    let cancel = json!({"requestId": server.asked});
    server.say(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel
    }));
    assert_eq!(server.ok("list", &json!({}))["sessions"][0]["name"], "a");
}

const SDK: &str = r#"
import asyncio, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

async def main():
    import os
    server = StdioServerParameters(command=sys.argv[1], args=["mcp"], env=dict(os.environ))
    async with stdio_client(server) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            tools = await session.list_tools()
            assert len(tools.tools) == 8, tools
            await session.call_tool("start", {"name": "a"})
            ran = await session.call_tool("run", {"name": "a", "command": "echo from-the-sdk"})
            print(ran.content[0].text)
            screen = await session.read_resource("psup://a/screen")
            assert "from-the-sdk" in screen.contents[0].text, screen
            listed = await session.list_resources()
            assert str(listed.resources[1].uri) == "psup://a/journal", listed
            missing = await session.call_tool("look", {"name": "b"})
            print(missing.content[0].text)

asyncio.run(main())
"#;

#[test]
fn the_official_python_sdk_is_served() {
    let env = TestEnv::new();
    let python = std::env::var("PSUP_MCP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut probe = env.command(&python);
    probe.args(["-c", "import mcp"]);
    if env.run(probe).code != Some(0) {
        return skipped("python3 has no package mcp");
    }
    let mut client = env.command(&python);
    client.args(["-c", SDK, env!("CARGO_BIN_EXE_psup")]);
    let told = env.run(client).ended(0);
    let told = told.text();
    assert!(told.contains(r#""output":"from-the-sdk\n""#), "{told}");
    assert!(told.contains("no-such-session"), "{told}");
}

/// What the official TypeScript SDK does, in a few lines.
const NODE_SDK: &str = r#"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
const command = process.argv.at(-1);
const transport = new StdioClientTransport({ command, args: ["mcp"], env: process.env });
const client = new Client({ name: "test", version: "1" });
await client.connect(transport);
const { tools } = await client.listTools();
if (tools.length !== 8) throw new Error(JSON.stringify(tools));
const call = async (name, args) => {
  const answer = await client.callTool({ name, arguments: args });
  console.log(answer.content[0].text);
};
await call("start", { name: "a" });
await call("run", { name: "a", command: "echo from-the-sdk" });
const screen = await client.readResource({ uri: "psup://a/screen" });
if (!screen.contents[0].text.includes("from-the-sdk")) throw new Error(JSON.stringify(screen));
await call("look", { name: "b" });
await client.close();
"#;

/// `PSUP_MCP_NODE` is a directory in which the SDK is installed.
#[test]
fn the_official_typescript_sdk_is_served() {
    let env = TestEnv::new();
    let Some(modules) = std::env::var_os("PSUP_MCP_NODE") else {
        return skipped("PSUP_MCP_NODE names no directory with @modelcontextprotocol/sdk");
    };
    let mut client = env.command("node");
    client.current_dir(modules);
    client.args(["--input-type=module", "-e", NODE_SDK, "--"]);
    client.arg(env!("CARGO_BIN_EXE_psup"));
    let told = env.run(client).ended(0);
    let told = told.text();
    assert!(told.contains(r#""output":"from-the-sdk\n""#), "{told}");
    assert!(told.contains("no-such-session"), "{told}");
}
