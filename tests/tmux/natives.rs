//! Sessions of `psup spawn` as the tmux face shows them, and sessions of the tmux face as the
//! native verbs show them: they are the same sessions. There is no tmux to compare with.

use psup_harness::{Outcome, TestEnv, psup, words};

/// A tmux command line, in the world of the socket `default`.
fn tmux(env: &TestEnv, line: &str) -> Outcome {
    std::fs::create_dir_all(env.path("run")).unwrap();
    let mut command = env.command(psup());
    command
        .arg("tmux")
        .args(words(line))
        .env("TMUX_TMPDIR", env.path("run"));
    env.run(command)
}

fn says(env: &TestEnv, line: &str) -> String {
    tmux(env, line).ended(0).text().trim_end().to_owned()
}

/// A terminal in which `psup tmux LINE` runs, once it shows `text`.
fn viewer(env: &TestEnv, size: &str, line: &str, text: &str) {
    let run = env.path("run");
    std::fs::create_dir_all(&run).unwrap();
    env.write(
        "view",
        format!(
            "export TMUX_TMPDIR={}; {} tmux {line}; echo code $?; exec cat",
            run.display(),
            psup().display()
        ),
    );
    env.ok(&format!("spawn outer --size {size} -- sh view"));
    env.ok(&format!("wait outer --text '{text}' --on screen"));
}

#[test]
fn tmux_lists_types_into_captures_and_ends_a_session_of_spawn() {
    let env = TestEnv::new();
    env.ok("spawn web.1 --size 100x30 --shell 'stty -echo; echo up; exec cat'");
    env.ok("wait web.1 --text up");
    assert!(says(&env, "ls").starts_with("web_1: 1 windows (created "));
    tmux(&env, "has-session -t web_1").ended(0);
    tmux(&env, "has-session -t wbe").ended(1);
    let format = "'#{session_name} #{window_index} #{pane_index} #{pane_width}x#{pane_height} \
                  #{pane_current_command} #{window-size}'";
    assert_eq!(
        says(&env, &format!("list-panes -a -F {format}")),
        "web_1 0 0 100x30 cat manual"
    );
    // All commands name one by the same ids, though nothing is kept.
    let id = says(&env, "display-message -p -t web_1 '#{pane_id}'");
    assert_eq!(
        id,
        format!(
            "%{}",
            10_000_000 + env.info("web.1")["pid"].as_i64().unwrap()
        )
    );
    says(&env, &format!("send-keys -t {id} typed Enter"));
    env.ok("wait web.1 --text '^typed$'");
    assert_eq!(says(&env, "capture-pane -p -t web_1"), "up\ntyped");
    says(&env, "rename-session -t web_1 shop");
    assert_eq!(env.info("shop")["state"], "running");
    assert!(
        tmux(&env, "rename-session -t shop 'No Name'")
            .ended(1)
            .err
            .contains("No Name")
    );
    says(&env, "kill-session -t shop");
    env.ok("wait shop --exit");
    assert_eq!(
        env.ok("read shop --tail 1"),
        "typed",
        "what it printed can be read"
    );
    assert!(
        tmux(&env, "ls")
            .ended(1)
            .err
            .starts_with("no server running on")
    );
}

#[test]
fn both_kinds_are_in_one_list_and_each_ends_by_itself() {
    let env = TestEnv::new();
    env.ok("spawn build -- cat");
    says(&env, "new-session -d -s work cat");
    let names = || says(&env, "ls -F '#{session_name}'");
    assert_eq!(names(), "build\nwork");
    assert_eq!(
        says(&env, "display-message -p '#{session_name}'"),
        "work",
        "tmux's own goes first"
    );
    let listed: Vec<_> = env
        .jsons("list")
        .iter()
        .map(|s| s["name"].clone())
        .collect();
    assert_eq!(listed.len(), 2, "{listed:?}");
    // A name is one session's, however it was begun.
    let told = tmux(&env, "new-session -d -s build").ended(1);
    assert_eq!(told.err, "duplicate session: build\n");
    env.ok("spawn work -- cat");
    assert_eq!(names(), "build\nwork\nwork#1");
    says(&env, "kill-session -a -t build");
    assert_eq!(names(), "build\nwork", "only what tmux began");
    says(&env, "set-option -g @colour green");
    says(&env, "kill-server");
    assert_eq!(names(), "build\nwork");
    assert_eq!(says(&env, "show-options -gqv @colour"), "");
    // Another socket is another world.
    assert_eq!(
        tmux(&env, "-L other has-session -t build").ended(1).text(),
        ""
    );
}

#[test]
fn what_tmux_has_changed_of_a_session_of_spawn_lasts_as_long_as_it_lives() {
    let env = TestEnv::new();
    env.ok("spawn build --size 100x30 -- cat");
    says(&env, "set-option -t build @note hello");
    says(&env, "split-window -d -h -t build cat");
    assert_eq!(says(&env, "show-options -qv -t build @note"), "hello");
    assert_eq!(
        says(&env, "list-panes -t build -F '#{pane_width}'"),
        "50\n49"
    );
    assert_eq!(env.info("build")["size"]["cols"], 50);
    env.ok("rename build other");
    assert_eq!(
        says(&env, "ls -F '#{session_name} #{window_panes}'"),
        "other 2"
    );
    env.ok("restart other");
    assert_eq!(
        says(&env, "show-options -qv -t other @note"),
        "",
        "this is another life"
    );
    env.ok("stop --all");
    tmux(&env, "ls").ended(1);
}

#[test]
fn attach_shows_a_session_of_spawn_and_leaves_its_size_alone() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 100x30 --shell 'seq 99; printf %94s%s wide end; exec cat'");
    viewer(&env, "80x24", "attach -t inner", "end");
    let shown = env.ok("capture outer --rows");
    let rows: Vec<&str> = shown.lines().collect();
    assert!(rows[22].trim_end().ends_with("wideend"), "{shown}");
    assert_eq!(rows[0], "", "it pans to the cursor: {shown}");
    assert!(rows[23].starts_with("[inner] 0:"), "{shown}");
    env.ok("send outer 'typed by a person' --enter");
    env.ok("wait outer --text '^99$' --on screen");
    assert_eq!(env.info("inner")["size"]["cols"], 100);
    let clients = says(&env, "list-clients -F '#{client_session}'");
    assert_eq!(clients, "inner");
    env.ok("send outer --key C-b d");
    env.ok("wait outer --text 'code 0'");
    env.ok("stop outer");
    viewer(&env, "120x40", "attach -t inner", "typed by");
    env.ok("stop inner");
    env.ok("wait outer --text 'code 0'");
}

#[test]
fn a_session_is_not_shown_in_its_own_terminal() {
    let env = TestEnv::new();
    viewer(&env, "80x24", "attach -t outer", "code 1");
    assert!(
        env.ok("capture outer")
            .contains("a session cannot be attached in its own terminal")
    );
}
