//! `attach-session` on a real terminal: the same keys to tmux and to psup, and after each the same
//! screen, status line and cursor included.

use crate::terminals::{SIDES, Terminals};

#[test]
fn windows_are_made_chosen_and_left_by_keys() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.step(
        "'tmux new-session -s one -n first' --enter",
        "[one] 0:first*",
    );
    at.step("'echo one$((1))' --enter", "one1");
    at.step("--key C-b c", "1:PS1='$*");
    at.step("'echo two$((2))' --enter", "two2");
    at.step("--key C-b ,", "(rename-window) PS1");
    at.step("--key C-u second --enter", "1:second*");
    at.step("--key C-b c", "2:PS1='$*");
    at.step("--key C-b 0", "0:first*");
    at.step("--key C-b n", "1:second*");
    at.step("--key C-b p", "0:first*");
    at.step("--key C-b l", "1:second*");
    at.step("--key C-b :", ":");
    at.step("'rename-window third' --enter", "1:third*");
    at.step("--key C-b &", "kill-window third? (y/n)");
    at.step("n", "1:third*");
    at.step("--key C-b &", "kill-window third? (y/n)");
    at.step("y", "0:first*");
    at.step("--key C-b d", "[detached (from session one)]");
    at.step("'echo code $?' --enter", "code 0");
}

#[test]
fn panes_are_split_moved_and_ended_by_keys() {
    let Some(mut at) = Terminals::new("81x25") else {
        return;
    };
    at.step("'tmux new-session -s p -n w' --enter", "[p] 0:w*");
    at.step("'echo left$((1))' --enter", "left1");
    at.step("--key C-b %", "│");
    at.step("'echo right$((2))' --enter", "right2");
    at.step("--key C-b '\"'", "├");
    at.step("'echo below$((3))' --enter", "below3");
    at.step("--key C-b o", "left1");
    at.step("'echo again$((4))' --enter", "again4");
    at.step("--key C-b ';'", "again4");
    at.step("--key C-b z", "0:w*Z");
    at.step("--key C-b z", "│");
    at.step("--key C-b '{'", "│");
    at.step("--key C-b '}'", "│");
    at.step("--key C-b --key Space", "left1");
    at.step("--key C-b --key Space", "left1");
    at.resize("100x30", "left1");
    at.resize("60x20", "left1");
    at.resize("81x25", "left1");
    at.step("--key C-b --key Up", "left1");
    at.step("--key C-b --key C-Down", "left1");
    at.step("--key C-Down", "left1");
    at.step("--key C-b x", "? (y/n)");
    at.step("y", "below3");
    at.step("--key C-b !", "1:PS1='$*");
    at.step("exit --enter", "0:w*");
    at.step("exit --enter", "[exited]");
    at.step("'echo code $?' --enter", "code 0");
}

#[test]
fn other_sessions_are_switched_to_and_ends_are_told() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.run("new-session -d -s a -n wa ; new-session -d -s b -n wb");
    at.step("'tmux attach -t a' --enter", "[a] 0:wa*");
    at.step("--key C-b )", "[b] 0:wb*");
    at.step("--key C-b (", "[a] 0:wa*");
    at.step("--key C-b L", "[b] 0:wb*");
    at.step("'tmux set -g detach-on-destroy off' --enter", "off");
    at.step("'exit' --enter", "[a] 0:wa*");
    at.step("--key C-b %", "│");
    at.tmux("display-message 'hello there'", "hello there");
    at.step("x", "$ x");
    at.step("--key C-u", "0:wa*");
    at.tmux("set status off", "│");
    at.tmux("set status on", "[a] 0:wa*");
    at.tmux("set status-position top", "[a] 0:wa*");
    at.tmux("set status-position bottom", "[a] 0:wa*");
    let asking = SIDES.map(|side| at.begin(side, "confirm-before -p sure? split-window"));
    at.both_show("confirm-before", "sure?");
    at.step("n", "[a] 0:wa*");
    for running in asking {
        running.end().ended(1);
    }
    let asking = SIDES.map(|side| {
        at.begin(
            side,
            "command-prompt -p first,second \"rename-session '%1-%2'\"",
        )
    });
    at.both_show("command-prompt", "first");
    at.step("x --enter", "second");
    at.step("y --enter", "[x-y]");
    for running in asking {
        running.end().ended(0);
    }
    at.step("'tmux detach' --enter", "[detached (from session x-y)]");
    at.step("'tmux attach -r' --enter", "[x-y] 0:wa*");
    at.press("typed");
    at.step("--key C-b c", "Client is read-only");
    at.step("--key C-b d", "[detached (from session x-y)]");
    at.step("'tmux attach' --enter", "[x-y] 0:wa*");
    at.step("'tmux kill-session' --enter", "[exited]");
}

#[test]
fn keys_are_bound_in_tables_and_repeat() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.step("'tmux new-session -s k -n w' --enter", "[k] 0:w*");
    at.press("clear --enter");
    for words in [
        "bind -n M-x split-window -h",
        "bind -T mine a rename-window mined",
        "bind -n F5 switch-client -T mine",
        "bind -r t resize-pane -L 3",
    ] {
        at.run(words);
    }
    at.step("--key M-x", "│");
    at.step("--key F5 a", "0:mined*");
    at.press("--key F5 b");
    at.step("--key C-b t", "│");
    at.step("t", "│");
    at.step("t", "│");
    at.step("w", "$ w");
    at.step("--key C-b ?", "Send the prefix key");
    at.step("q", "$ w");
}

#[test]
fn history_is_walked_and_copied_in_copy_mode() {
    let Some(mut at) = Terminals::new("80x12") else {
        return;
    };
    at.step("'tmux new-session -s c -n w' --enter", "[c] 0:w*");
    at.step(
        "'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i of many; done' --enter",
        "line 40",
    );
    at.step("--key C-b [", "[0/");
    at.step("--key PageUp", "[9/");
    at.step("--key Up", "line");
    at.step("--key C-a", "line");
    at.press("--key C-Space");
    at.step("--key C-e", "line");
    at.press("--key M-w");
    at.step("--key C-b ]", "$ line");
    at.step("--key C-u", "line 40");
    at.step("--key C-b [", "[0/");
    at.step("--key C-r", "(search up)");
    at.step("'e 7 ' --enter", "line 7 of");
    at.step("q", "line 40");
}

#[test]
fn the_mouse_and_pastes_go_to_the_program_that_asks_for_them() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.step("'tmux new-session -s m -n w' --enter", "[m] 0:w*");
    at.step("--key C-b %", "│");
    at.step(
        "\"printf '\\033[?1000h\\033[?1006h'; cat -v\" --enter",
        "cat",
    );
    at.step("--raw-hex 1b5b3c303b35303b334d --enter", "[<0;9;3M");
    at.step("--key C-c", "$");
    at.step(
        "\"printf '\\033[?1000l\\033[?2004h'; cat -v\" --enter",
        "2004h",
    );
    at.run("set-option -g assume-paste-time 1");
    at.step(
        "--raw-hex 1b5b3230307e610262 --raw-hex 1b5b3230317e --enter",
        "[200~a^Bb",
    );
}

#[test]
fn wide_characters_end_at_borders() {
    let Some(mut at) = Terminals::new("41x10") else {
        return;
    };
    at.step("'tmux new-session -s x -n w' --enter", "[x] 0:w*");
    at.step("--key C-b %", "│");
    at.step("'echo 漢字漢字漢字漢字漢字漢字漢字漢字' --enter", "漢");
    at.step("--key C-b o", "│");
    at.step("'echo é漢字漢字漢字漢字漢字漢字漢字漢字' --enter", "é");
}

#[test]
fn styles_are_drawn_in_the_status_line() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.step("'tmux new-session -s s -n one' --enter", "[s] 0:one*");
    at.same_colours("a status line as it is", "[s] 0:one*");
    for (words, shows) in [
        ("set -g status-style bg=colour17,fg=white", "0:one*"),
        ("set -g status-left #[fg=red,bold]#S#[default]|", "s|0:one*"),
        ("set -g status-right #[bg=colour234]right", "right"),
        (
            "set -g window-status-current-style reverse,fg=cyan",
            "right",
        ),
        ("set -g window-status-separator ::", "right"),
        ("neww -n two", "0:one-::1:two*"),
        ("set -g window-status-last-style fg=brightgreen", "0:one-"),
        ("set -g status-justify centre", "0:one-"),
        ("set -g status-justify right", "0:one-"),
        ("set -g status-bg yellow", "0:one-"),
    ] {
        at.run(words);
        at.same_colours(words, shows);
    }
}

#[test]
fn sessions_windows_and_buffers_are_chosen_from_lists() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.run("new-session -d -s a -n wa ; neww -d -n wb ; splitw -d -t a:wb");
    at.run("new-session -d -s b -n wc ; set-buffer -b one 'text one'");
    at.run("set-buffer -b two 'text two'");
    at.run("set -g pane-border-indicators off");
    at.step("'tmux attach -t a' --enter", "[a] 0:wa*");
    at.tmux("choose-tree -Ns", "(1) + b: 1 windows");
    at.step("j", "(1) + b");
    at.step("l", "wc");
    at.step("k", "wc");
    at.step("--key Right", "(2)");
    at.step("j", "wb");
    at.step("j", "wb");
    at.step("t", "*");
    at.step("q", "$");
    at.tmux("choose-tree -Nw", "wc");
    at.same_colours("a list", "wc");
    at.step("--key Down", "wc");
    at.step("--key Enter", "[a] 0:wa- 1:wb*");
    at.tmux("choose-tree -N -f #{==:#{window_name},wb}", "(3)");
    at.step("2", "1:wb*");
    at.tmux("choose-tree -Ns", "(1)");
    at.step("j", "(1)");
    at.step("x", "Kill session b?");
    at.step("y", "(0)");
    at.step("q", "1:wb*");
    at.tmux(
        "choose-buffer -N -F '#{buffer_name} is #{buffer_sample}'",
        "two is text two",
    );
    at.step("j", "two is");
    at.step("--key Enter", "$ text one");
}

#[test]
fn how_it_ended_is_told_in_words_and_by_the_code() {
    let Some(mut at) = Terminals::new("80x24") else {
        return;
    };
    at.step("'tmux new-session -s e -n w' --enter", "[e] 0:w*");
    at.tmux("detach-client -s e", "[detached (from session e)]");
    at.step("'echo code $?' --enter", "code 0");
    at.step("'tmux attach' --enter", "[e] 0:w*");
    at.tmux("detach-client -E 'echo instead' -s e", "instead");
    at.step("'echo second $?' --enter", "second 0");
    at.step("'tmux attach' --enter", "[e] 0:w*");
    at.tmux("kill-session -t e", "[exited]");
    at.step("'echo third $?' --enter", "third 0");
    at.step("'tmux new-session -s f -n w' --enter", "[f] 0:w*");
    at.tmux("kill-server", "[server exited]");
    at.step("'echo fourth $?' --enter", "fourth 1");
}
