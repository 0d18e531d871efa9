//! The commands, one a file: each has its `Entry`, which says what it is called, what it takes,
//! who may run it and what it does.
//!
//! A new command is a new file here and a line in each of the two lists.

mod attach_session;
mod bind_key;
mod break_pane;
mod capture_pane;
mod choose_buffer;
mod choose_client;
mod choose_tree;
mod clear_history;
mod clear_prompt_history;
mod clock_mode;
mod command_prompt;
mod confirm_before;
mod copy_mode;
mod customize_mode;
mod delete_buffer;
mod detach_client;
mod display_menu;
mod display_message;
mod display_panes;
mod display_popup;
mod find_window;
mod has_session;
mod if_shell;
mod join_pane;
mod kill_pane;
mod kill_server;
mod kill_session;
mod kill_window;
mod last_pane;
mod last_window;
mod link_window;
mod list_buffers;
mod list_clients;
mod list_commands;
mod list_keys;
mod list_panes;
mod list_sessions;
mod list_windows;
mod load_buffer;
mod lock_client;
mod lock_server;
mod lock_session;
mod move_pane;
mod move_window;
mod new_session;
mod new_window;
mod next_layout;
mod next_window;
mod paste_buffer;
mod pipe_pane;
mod previous_layout;
mod previous_window;
mod refresh_client;
mod rename_session;
mod rename_window;
mod resize_pane;
mod resize_window;
mod respawn_pane;
mod respawn_window;
mod rotate_window;
mod run_shell;
mod save_buffer;
mod select_layout;
mod select_pane;
mod select_window;
mod send_keys;
mod send_prefix;
mod server_access;
mod set_buffer;
mod set_environment;
mod set_hook;
mod set_option;
mod set_window_option;
mod show_buffer;
mod show_environment;
mod show_hooks;
mod show_messages;
mod show_options;
mod show_prompt_history;
mod show_window_options;
mod source_file;
mod split_window;
mod start_server;
mod suspend_client;
mod swap_pane;
mod swap_window;
mod switch_client;
mod unbind_key;
mod unlink_window;
mod wait_for;

use crate::run::Table;

/// All of them, in the order in which `list-commands` tells them.
pub(crate) const TABLE: Table = Table(&[
    &attach_session::ENTRY,
    &bind_key::ENTRY,
    &break_pane::ENTRY,
    &capture_pane::ENTRY,
    &choose_buffer::ENTRY,
    &choose_client::ENTRY,
    &choose_tree::ENTRY,
    &clear_history::ENTRY,
    &clear_prompt_history::ENTRY,
    &clock_mode::ENTRY,
    &command_prompt::ENTRY,
    &confirm_before::ENTRY,
    &copy_mode::ENTRY,
    &customize_mode::ENTRY,
    &delete_buffer::ENTRY,
    &detach_client::ENTRY,
    &display_menu::ENTRY,
    &display_message::ENTRY,
    &display_popup::ENTRY,
    &display_panes::ENTRY,
    &find_window::ENTRY,
    &has_session::ENTRY,
    &if_shell::ENTRY,
    &join_pane::ENTRY,
    &kill_pane::ENTRY,
    &kill_server::ENTRY,
    &kill_session::ENTRY,
    &kill_window::ENTRY,
    &last_pane::ENTRY,
    &last_window::ENTRY,
    &link_window::ENTRY,
    &list_buffers::ENTRY,
    &list_clients::ENTRY,
    &list_commands::ENTRY,
    &list_keys::ENTRY,
    &list_panes::ENTRY,
    &list_sessions::ENTRY,
    &list_windows::ENTRY,
    &load_buffer::ENTRY,
    &lock_client::ENTRY,
    &lock_server::ENTRY,
    &lock_session::ENTRY,
    &move_pane::ENTRY,
    &move_window::ENTRY,
    &new_session::ENTRY,
    &new_window::ENTRY,
    &next_layout::ENTRY,
    &next_window::ENTRY,
    &paste_buffer::ENTRY,
    &pipe_pane::ENTRY,
    &previous_layout::ENTRY,
    &previous_window::ENTRY,
    &refresh_client::ENTRY,
    &rename_session::ENTRY,
    &rename_window::ENTRY,
    &resize_pane::ENTRY,
    &resize_window::ENTRY,
    &respawn_pane::ENTRY,
    &respawn_window::ENTRY,
    &rotate_window::ENTRY,
    &run_shell::ENTRY,
    &save_buffer::ENTRY,
    &select_layout::ENTRY,
    &select_pane::ENTRY,
    &select_window::ENTRY,
    &send_keys::ENTRY,
    &send_prefix::ENTRY,
    &server_access::ENTRY,
    &set_buffer::ENTRY,
    &set_environment::ENTRY,
    &set_hook::ENTRY,
    &set_option::ENTRY,
    &set_window_option::ENTRY,
    &show_buffer::ENTRY,
    &show_environment::ENTRY,
    &show_hooks::ENTRY,
    &show_messages::ENTRY,
    &show_options::ENTRY,
    &show_prompt_history::ENTRY,
    &show_window_options::ENTRY,
    &source_file::ENTRY,
    &split_window::ENTRY,
    &start_server::ENTRY,
    &suspend_client::ENTRY,
    &swap_pane::ENTRY,
    &swap_window::ENTRY,
    &switch_client::ENTRY,
    &unbind_key::ENTRY,
    &unlink_window::ENTRY,
    &wait_for::ENTRY,
]);

#[cfg(test)]
mod tests;
