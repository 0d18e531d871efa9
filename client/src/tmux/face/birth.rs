//! The beginning of a world: what it has from its first caller and the configuration, and what stands under the socket's name.

use super::Face;
use crate::tmux::clock::now_ms;
use crate::tmux::start::Flags;
use crate::tmux::world::{Var, World};
use crate::tmux::{cmd, options};
use std::path::PathBuf;

impl Face<'_> {
    /// Begins a world, with what the configuration says.
    pub fn create(&mut self, flags: &Flags) {
        self.exists = true;
        let environment = std::env::vars_os()
            .map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned()))
            .filter(|(k, _)| k != "TMUX" && k != "TMUX_PANE" && k != "PSUP_DIR_INSIDE")
            .map(|(k, value)| {
                let var = Var {
                    value: Some(value),
                    hidden: false,
                };
                (k, var)
            })
            .collect();
        self.world = World {
            started_ms: now_ms(),
            socket: self.socket.clone(),
            environment,
            ..World::default()
        };
        let shell = std::env::var("SHELL")
            .ok()
            .filter(|s| options::is_shell(s))
            .unwrap_or_else(|| String::from_utf8_lossy(&crate::spec::users_shell()).into_owned());
        self.world.global.insert("default-shell".to_owned(), shell);
        if let Some(editor) = ["VISUAL", "EDITOR"].into_iter().find_map(|v| std::env::var(v).ok()) {
            self.world.server.insert("editor".to_owned(), editor.clone());
            if editor.rsplit('/').next().is_some_and(|e| e.contains("vi")) {
                self.world.global.insert("status-keys".to_owned(), "vi".to_owned());
                self.world.global_window.insert("mode-keys".to_owned(), "vi".to_owned());
            }
        }
        self.mark_socket();
        let files: Vec<PathBuf> = if flags.configured {
            flags.config.clone()
        } else {
            let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
            let config = std::env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
            vec!["/etc/tmux.conf".into(), home.join(".tmux.conf"), config.join("tmux/tmux.conf")]
        };
        let loaded: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        self.world.messages.push(loaded.join(","));
        for file in files {
            if let Ok(text) = std::fs::read_to_string(&file) {
                // As with tmux nobody is told of mistakes when the server starts out of sight.
                let code = self.code;
                let quiet = self.said.replace(Vec::new());
                let _ = cmd::source(self, &text, &file.display().to_string());
                self.said = quiet;
                self.code = code;
            }
        }
    }

    /// Something stands under the socket's name, for those who look; a server of tmux's own is left alone.
    fn mark_socket(&self) {
        let path = std::path::Path::new(&self.socket);
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return;
        }
        let is_socket = std::fs::symlink_metadata(path).is_ok_and(|m| {
            use std::os::unix::fs::FileTypeExt;
            m.file_type().is_socket()
        });
        if is_socket {
            let _ = std::fs::remove_file(path);
        }
        // Bound and closed again: whoever connects is refused, as by a server that has gone.
        let _ = std::os::unix::net::UnixListener::bind(path);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o660);
        let _ = std::fs::set_permissions(path, mode);
    }

    pub fn no_server(&self) -> String {
        match std::os::unix::net::UnixStream::connect(&self.socket) {
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => format!("no server running on {}", self.socket),
            Err(error) => format!("error connecting to {} ({})", self.socket, cmd::reason(&error)),
            // Somebody else's: to us nothing runs there.
            Ok(_) => format!("no server running on {}", self.socket),
        }
    }
}
