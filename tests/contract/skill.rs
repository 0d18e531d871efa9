//! `psup skill`, and the manifests by which agents find it: whole, of one version, and removable.

use psup_harness::TestEnv;
use serde_json::Value;

const SKILL: &str = include_str!("../../skills/psup/SKILL.md");

fn repository(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_skill_is_printed_as_it_stands_in_the_repository() {
    let env = TestEnv::new();
    assert_eq!(env.run(env.psup("skill")).ended(0).text(), SKILL);
}

#[test]
fn a_skill_is_installed_once_and_removed_without_a_trace() {
    let env = TestEnv::new();
    let places = [
        ".claude/skills",
        ".agents/skills",
        ".gemini/skills",
        ".openclaw/skills",
    ];
    let said = |did: &str| {
        let line = |place| format!("{did} {}/{place}/psup/SKILL.md", env.path("home").display());
        places.map(line).join("\n")
    };
    assert_eq!(env.ok("skill install --all"), said("installed"));
    for place in places {
        let path = env.path("home").join(place).join("psup/SKILL.md");
        assert_eq!(std::fs::read_to_string(path).unwrap(), SKILL);
    }
    assert_eq!(env.ok("skill install --all"), said("unchanged"));
    assert_eq!(env.ok("skill uninstall"), said("removed"));
    assert_eq!(std::fs::read_dir(env.path("home")).unwrap().count(), 0);
    assert_eq!(env.ok("skill uninstall"), "");
    assert_eq!(env.ok("skill uninstall --all"), said("absent"));
}

#[test]
fn a_skill_of_another_version_is_replaced() {
    let env = TestEnv::new();
    env.ok("skill install --into skills");
    env.write("skills/psup/SKILL.md", "---\nname: psup\n---\nold\n");
    let told = env.json("skill install --into skills");
    assert_eq!(
        (told["agent"].as_str(), told["done"].as_str()),
        (Some("into"), Some("updated"))
    );
    assert_eq!(env.read("skills/psup/SKILL.md"), SKILL.as_bytes());
}

#[test]
fn only_agents_that_are_there_get_a_skill_unasked() {
    let env = TestEnv::new();
    assert_eq!(env.refused(2, "skill install"), "usage");
    std::fs::create_dir_all(env.path("home").join(".codex")).unwrap();
    let told = env.ok("skill install");
    assert!(told.lines().count() == 1 && told.contains("/.agents/skills/psup/"));
    // What is not psup's stays.
    std::fs::write(env.path("home").join(".agents/other"), "").unwrap();
    env.ok("skill uninstall");
    assert!(env.path("home").join(".agents/other").exists());
    assert!(!env.path("home").join(".agents/skills").exists());
}

#[test]
fn a_file_of_somebody_else_is_neither_replaced_nor_removed() {
    let env = TestEnv::new();
    std::fs::create_dir_all(env.path("skills/psup")).unwrap();
    env.write("skills/psup/SKILL.md", "mine\n");
    for action in ["install", "uninstall"] {
        assert_eq!(
            env.refused(1, &format!("skill {action} --into skills")),
            "no"
        );
        assert_eq!(env.read("skills/psup/SKILL.md"), b"mine\n");
    }
}

/// An agent reads all of it before each use.
#[test]
fn the_skill_is_short() {
    let (_, body) = SKILL[4..].split_once("\n---\n").unwrap();
    assert!(body.lines().count() <= 120);
}

#[test]
fn manifests_say_one_version_and_how_the_server_is_started() {
    let manifests = [
        "plugin.json",
        ".claude-plugin/plugin.json",
        ".codex-plugin/plugin.json",
        ".cursor-plugin/plugin.json",
        "gemini-extension.json",
    ];
    let description = |path| json(path)["description"].as_str().map(str::to_owned);
    for path in manifests {
        let manifest = json(path);
        assert_eq!(manifest["name"], "psup", "{path}");
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"), "{path}");
        assert_eq!(description(path), description("plugin.json"), "{path}");
    }
    for path in [
        "mcp.json",
        ".claude-plugin/plugin.json",
        "gemini-extension.json",
    ] {
        let server = &json(path)["mcpServers"]["psup"];
        assert_eq!(server["command"], "psup", "{path}");
        assert_eq!(server["args"], serde_json::json!(["mcp"]), "{path}");
    }
    let opencode = &json("packaging/opencode.json")["mcp"]["psup"]["command"];
    assert_eq!(opencode, &serde_json::json!(["psup", "mcp"]));
    for path in [
        ".claude-plugin/marketplace.json",
        ".agents/plugins/marketplace.json",
    ] {
        assert_eq!(json(path)["plugins"][0]["name"], "psup", "{path}");
    }
}

fn json(path: &str) -> Value {
    serde_json::from_str(&repository(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}
