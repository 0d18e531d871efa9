//! One run of commands: the world as it was read, what the caller is, and what is said.

use super::clock::now_ms;
use super::cmd;
use super::commands::Call;
use super::floor::Floor;
use super::format;
use super::options;
use super::start::Flags;
use super::target::{self, Finder, Place, Sort};
use super::variables::View;
use super::world::{Client, Dead, Pane, Var, Window, World};
use nix::fcntl::{Flock, FlockArg};
use psup_proto::info::Info;
use psup_proto::{Code, Failure, Outcome, Request, Response};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::rc::Rc;

/// Why a run is over before its end.
#[derive(Debug)]
pub enum Stopped {
    /// In tmux's words.
    Error(String),
}

pub type Ran = Result<(), Stopped>;

/// Who calls.
pub struct Caller {
    pub cwd: String,
    pub pane: Option<u32>,
    pub utf8: bool,
    pub control: bool,
}

pub struct Face<'a> {
    pub floor: RefCell<Floor<'a>>,
    pub world: World,
    pub live: HashMap<String, Info>,
    /// A world is there: tmux would say that a server runs.
    pub exists: bool,
    pub caller: Caller,
    pub socket: String,
    /// What hooks and bindings run at.
    pub current: Option<Place>,
    pub code: u8,
    /// Answers to a control client are kept together; for others they go out at once.
    pub said: Option<Vec<u8>>,
    /// The target's key event, message or hook, for formats.
    pub extra: Rc<Vec<(String, String)>>,
    version: u64,
    before: World,
    lock: Option<Flock<File>>,
    /// The session that the caller is to look at when all commands have run.
    pub attached: Option<u32>,
    pub read_only: bool,
    /// Depth of commands run by commands.
    pub depth: u32,
    /// Deaths that have been seen and not yet told to hooks.
    pub deaths: Vec<Death>,
}

/// A pane that has ended.
#[derive(Clone, Debug)]
pub struct Death {
    pub place: Option<Place>,
    /// It stays on the screen.
    pub remains: bool,
    pub extra: Vec<(String, String)>,
}

impl Stopped {
    pub fn why(self) -> String {
        let Self::Error(why) = self;
        why
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Error(failure.message)
    }
}

impl From<String> for Stopped {
    fn from(why: String) -> Self {
        Self::Error(why)
    }
}

pub fn error<T>(why: impl Into<String>) -> Result<T, Stopped> {
    Err(Stopped::Error(why.into()))
}

impl Caller {
    pub fn new(flags: &Flags) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(variable)
            .unwrap_or_default()
            .to_uppercase();
        let utf8 = flags.utf8 || variable("TMUX").is_some() || locale.contains("UTF-8") || locale.contains("UTF8");
        Self {
            cwd: cwd(),
            pane: variable("TMUX_PANE").and_then(|pane| pane.strip_prefix('%')?.parse().ok()),
            utf8,
            control: flags.control > 0,
        }
    }
}

/// As the shell calls it, where that is the same directory.
fn cwd() -> String {
    use std::os::unix::fs::MetadataExt;
    let real = std::env::current_dir().map_or_else(|_| "/".into(), |d| d.to_string_lossy().into_owned());
    let same = |path: &str| {
        let id = |p: &str| std::fs::metadata(p).map(|m| (m.dev(), m.ino())).ok();
        id(path).is_some() && id(path) == id(&real)
    };
    std::env::var("PWD")
        .ok()
        .filter(|pwd| pwd.starts_with('/') && same(pwd))
        .unwrap_or(real)
}

impl<'a> Face<'a> {
    pub fn new(floor: Floor<'a>, socket: String, caller: Caller) -> Self {
        Self {
            floor: RefCell::new(floor),
            world: World::default(),
            live: HashMap::new(),
            exists: false,
            caller,
            socket,
            current: None,
            code: 0,
            said: None,
            extra: Rc::default(),
            version: 0,
            before: World::default(),
            lock: None,
            attached: None,
            read_only: false,
            depth: 0,
            deaths: Vec::new(),
        }
    }

    /// Reads the world; with the lock, if it is to be changed.
    pub fn open(&mut self, changes: bool) -> Ran {
        if changes && self.lock.is_none() {
            self.lock = self.take_lock();
        }
        let looked = self.floor.borrow_mut().look();
        let (version, world, live) = match looked {
            Ok(looked) => looked,
            Err(failure) if failure.code == Code::Unreachable => (0, None, HashMap::new()),
            Err(failure) => return Err(failure.into()),
        };
        self.version = version;
        self.live = live;
        self.exists = world.is_some();
        self.world = world.unwrap_or_default();
        self.before = self.world.clone();
        if self.exists {
            self.bury();
            if self.world.sessions.is_empty() && options::of_server(&self.world, "exit-empty") == "on" {
                self.exists = false;
                if self.lock.is_some() {
                    self.keep()?;
                    self.world = World::default();
                    self.before = World::default();
                }
            }
        }
        Ok(())
    }

    /// Two commands at once would make the same ids.
    fn take_lock(&self) -> Option<Flock<File>> {
        let path = format!("{}.lock", self.socket);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .ok()?;
        Flock::lock(file, FlockArg::LockExclusive).ok()
    }

    /// Panes whose child has ended meanwhile go, or stay as dead ones.
    fn bury(&mut self) {
        let missing: Vec<u32> = self
            .world
            .panes
            .values()
            .filter(|pane| pane.dead.is_none() && !self.live.contains_key(&pane.session))
            .map(|pane| pane.id)
            .collect();
        for id in missing {
            let Some(pane) = self.world.panes.get(&id).cloned() else { continue };
            let info = self.floor.borrow_mut().info(&pane.session);
            // It was between two looks.
            if let Some(info) = info.as_ref().filter(|info| info.state.is_live()) {
                self.live.insert(pane.session.clone(), info.clone());
                continue;
            }
            let dead = info.and_then(|info| info.exit).map_or_else(Dead::default, |exit| Dead {
                status: match exit.outcome {
                    Outcome::Code(code) => Some(code),
                    Outcome::Signal { .. } | Outcome::Unknown { .. } | Outcome::Lost { .. } => None,
                },
                signal: match exit.outcome {
                    Outcome::Signal { number, .. } => Some(number),
                    Outcome::Code(_) | Outcome::Unknown { .. } | Outcome::Lost { .. } => None,
                },
                at_ms: exit.at_ms,
            });
            let remains = match options::of_pane(&self.world, Some(&pane), "remain-on-exit").as_str() {
                "on" => true,
                "failed" => dead.status != Some(0),
                _ => false,
            };
            let place = target::of_pane(&self.world, id);
            let extra = vec![
                ("hook_pane".to_owned(), format!("%{id}")),
                (
                    "hook_window".to_owned(),
                    place.and_then(|p| p.window).map(|w| format!("@{w}")).unwrap_or_default(),
                ),
            ];
            self.deaths.push(Death { place, remains, extra });
            if remains {
                if let Some(pane) = self.world.panes.get_mut(&id) {
                    pane.dead = Some(dead);
                }
            } else {
                self.world.drop_pane(id);
            }
        }
        // Clients that were killed could not say goodbye.
        self.world
            .clients
            .retain(|c| std::path::Path::new(&format!("/proc/{}", c.pid)).exists());
    }

    /// Keeps the world, stops what has left it and gives every pane the size of its cell.
    pub fn keep(&mut self) -> Ran {
        if self.lock.is_none() {
            return Ok(());
        }
        let over = self.world.sessions.is_empty() && options::of_server(&self.world, "exit-empty") == "on";
        if over {
            self.exists = false;
        }
        if self.world != self.before || over {
            let world = (!over).then_some(&self.world);
            let mut kept = self.floor.borrow_mut().keep(self.version, world)?;
            if kept.is_none() {
                // Only a client of another kind could have been faster than the lock.
                let (version, _, _) = self.floor.borrow_mut().look()?;
                kept = self.floor.borrow_mut().keep(version, world)?;
            }
            self.version = kept.unwrap_or(self.version);
        }
        self.follow();
        self.before = self.world.clone();
        Ok(())
    }

    /// The sessions do what the world says.
    fn follow(&mut self) {
        let mut gone: Vec<String> = Vec::new();
        let mut own = None;
        for pane in self.before.panes.values() {
            let stays = self.world.panes.values().any(|p| p.session == pane.session);
            if !stays {
                if Some(pane.id) == self.caller.pane {
                    own = Some(pane.session.clone());
                } else {
                    gone.push(pane.session.clone());
                }
            }
            let pipe_stays = |pipe: &String| self.world.panes.values().any(|p| p.pipe.as_ref() == Some(pipe));
            gone.extend(pane.pipe.iter().filter(|pipe| !pipe_stays(pipe)).cloned());
        }
        // The caller may sit in what is stopped: then the rest goes first.
        gone.extend(own);
        if !gone.is_empty() {
            cmd::outlive_hangup();
        }
        let floor = self.floor.get_mut();
        floor.stop(&gone);
        for window in self.world.windows.values() {
            for cell in window.layout.leaves() {
                let super::layout::Kind::Pane(id) = cell.kind else { continue };
                let Some(pane) = self.world.panes.get(&id) else { continue };
                let before = self.before.window_of(id).and_then(|w| w.layout.find(id)).map(|c| (c.sx, c.sy));
                let same_life = self.before.panes.get(&id).is_some_and(|p| p.pid == pane.pid);
                if same_life && before != Some((cell.sx, cell.sy)) && pane.dead.is_none() {
                    floor.resize(&pane.session, cell.sx, cell.sy);
                }
            }
        }
    }

    pub fn close(&mut self) -> Ran {
        let kept = self.keep();
        self.lock = None;
        self.flush();
        kept
    }

    /// Lets others change the world for as long as `wait` takes, and reads it again.
    pub fn meanwhile<T>(&mut self, wait: impl FnOnce(&mut Self) -> T) -> Result<T, Stopped> {
        let locked = self.lock.is_some();
        self.keep()?;
        self.lock = None;
        self.flush();
        let done = wait(self);
        self.open(locked)?;
        Ok(done)
    }

    pub fn version(&self) -> u64 {
        self.version
    }

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

    /// Runs commands until one fails, which is told.
    pub fn run(&mut self, calls: &[Call]) -> Ran {
        self.tell_deaths();
        for call in calls {
            if let Err(Stopped::Error(why)) = cmd::execute(self, call) {
                self.fail(&why);
                return Ok(());
            }
            if self.depth == 0
                && self.lock.is_some()
                && self.world.sessions.is_empty()
                && options::of_server(&self.world, "exit-empty") == "on"
            {
                self.keep()?;
                return Ok(());
            }
        }
        Ok(())
    }

    fn tell_deaths(&mut self) {
        if self.lock.is_none() {
            return;
        }
        for death in std::mem::take(&mut self.deaths) {
            let hook = if death.remains { "pane-died" } else { "pane-exited" };
            cmd::run_hook(self, hook, death.place, death.extra);
        }
    }

    pub fn fail(&mut self, why: &str) {
        self.code = 1;
        self.flush();
        match &mut self.said {
            Some(said) => said.extend_from_slice(format!("{why}\n").as_bytes()),
            None => cmd::tell(why),
        }
    }

    /// One line for the caller.
    pub fn print(&mut self, line: &str) {
        let text = if self.caller.utf8 {
            line.to_owned()
        } else {
            line.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect()
        };
        self.data(format!("{text}\n").as_bytes());
    }

    pub fn data(&mut self, bytes: &[u8]) {
        match &mut self.said {
            Some(said) => said.extend_from_slice(bytes),
            None => {
                // A reader that has gone ends us at the next write.
                let _ = std::io::stdout().lock().write_all(bytes);
            }
        }
    }

    pub fn flush(&mut self) {
        if self.said.is_none() {
            let _ = std::io::stdout().lock().flush();
        }
    }

    pub fn pid(&self) -> i32 {
        match self.floor.borrow_mut().ask(&Request::Status) {
            Ok(Response::Status(status)) => status.guardian_pid,
            Ok(_) | Err(_) => 0,
        }
    }

    pub fn config_files(&self) -> String {
        self.world.messages.first().cloned().unwrap_or_default()
    }

    // What things are called.

    pub fn window_name(&self, window: &Window) -> String {
        if options::of_window(&self.world, Some(window), "automatic-rename") != "on" {
            return window.name.clone();
        }
        let Some(pane) = self.world.panes.get(&window.active) else {
            return window.name.clone();
        };
        let dead = if pane.dead.is_some() { "[dead]" } else { "" };
        let name = if pane.mode.is_some() {
            "[tmux]".to_owned()
        } else {
            self.pane_command(pane)
        };
        format!("{name}{dead}")
    }

    pub fn pane_command(&self, pane: &Pane) -> String {
        let foreground = self.live.get(&pane.session).and_then(|info| info.foreground.as_ref());
        let running = foreground.map(|process| {
            let line = std::fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
            let word = line.split(|b| *b == 0).next().unwrap_or_default();
            if word.is_empty() {
                process.name.clone()
            } else {
                String::from_utf8_lossy(word).into_owned()
            }
        });
        let command = running.unwrap_or_else(|| {
            if pane.start_command.is_empty() {
                options::of_session(&self.world, None, "default-shell")
            } else {
                pane.start_command.clone()
            }
        });
        short_name(&command)
    }

    pub fn pane_title(&self, pane: &Pane) -> String {
        let own = self
            .live
            .get(&pane.session)
            .map(|info| info.title.clone())
            .filter(|title| !title.is_empty());
        pane.title.clone().or(own).unwrap_or_else(|| {
            nix::unistd::gethostname()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        })
    }

    pub fn pane_index(&self, window: &Window, pane: u32) -> i64 {
        let base: i64 = options::of_window(&self.world, Some(window), "pane-base-index")
            .parse()
            .unwrap_or(0);
        window.panes.iter().position(|p| *p == pane).unwrap_or(0) as i64 + base
    }

    /// When something was last written in a window, in milliseconds.
    pub fn activity(&self, window: &Window) -> u64 {
        let now = now_ms();
        let of = |pane: &u32| {
            let info = self.live.get(&self.world.panes.get(pane)?.session)?;
            Some(now.saturating_sub(info.idle?.as_millis() as u64))
        };
        window.panes.iter().filter_map(of).max().unwrap_or(0).max(window.activity_ms)
    }

    // Where things are.

    /// Where a command without a target works.
    pub fn here(&self) -> Option<Place> {
        let valid = |place: &Place| {
            self.world.session(place.session).is_some() && place.pane.is_some_and(|pane| self.world.panes.contains_key(&pane))
        };
        if let Some(place) = self.current.filter(valid) {
            return Some(place);
        }
        let inside = self
            .caller
            .pane
            .and_then(|pane| target::of_window(&self.world, self.world.window_of(pane)?.id));
        let session = match inside {
            Some(place) => self.world.session(place.session),
            None => target::best(self.world.sessions.values()),
        };
        session.map(|session| target::of_session(&self.world, session))
    }

    pub fn find(&self, target: Option<&str>, sort: Sort) -> Result<Place, Stopped> {
        let current = self.here().ok_or_else(|| Stopped::Error("no current target".to_owned()))?;
        let finder = Finder {
            world: &self.world,
            current,
            window_name: &|window| self.window_name(window),
        };
        finder.find(target.unwrap_or_default(), sort).map_err(Stopped::Error)
    }

    /// The target, or what there is of it.
    pub fn find_or_partial(&self, target: &str) -> Option<Place> {
        let finder = Finder {
            world: &self.world,
            current: self.here()?,
            window_name: &|window| self.window_name(window),
        };
        finder.find(target, Sort::Pane).ok().or_else(|| finder.partial(target))
    }

    pub fn view(&self, place: Option<Place>) -> View<'_, 'a> {
        let client = place.and_then(|place| self.best_client(place.session));
        View {
            face: self,
            place,
            client,
            extra: self.extra.clone(),
        }
    }

    fn best_client(&self, session: u32) -> Option<&Client> {
        self.world
            .clients
            .iter()
            .filter(|c| c.session == session)
            .max_by_key(|c| c.activity_ms)
    }

    pub fn expand(&self, text: &str, place: Option<Place>) -> String {
        format::expand(text, &self.view(place))
    }

    /// A client by its name or its terminal; the caller's own or the best one where none is named.
    pub fn client(&self, name: Option<&str>) -> Result<usize, Stopped> {
        let clients = &self.world.clients;
        let Some(name) = name else {
            let here = self.here().map(|place| place.session);
            let of_here = clients.iter().enumerate().filter(|(_, c)| here.is_none_or(|s| c.session == s));
            let best = of_here.max_by_key(|(_, c)| c.activity_ms).map(|(at, _)| at);
            return best.ok_or_else(|| Stopped::Error("no current client".to_owned()));
        };
        let bare = name.strip_suffix(':').unwrap_or(name);
        let found = clients
            .iter()
            .position(|c| c.name == bare || c.tty == bare || c.tty.strip_prefix("/dev/") == Some(bare));
        found.ok_or_else(|| Stopped::Error(format!("can't find client: {bare}")))
    }

    /// Windows of a group's sessions are one set.
    pub fn share(&mut self, session: u32) {
        let Some(from) = self.world.session(session) else { return };
        let Some(group) = from.group.clone() else { return };
        let windows: BTreeMap<i32, u32> = from.windows.clone();
        for other in self
            .world
            .sessions
            .values_mut()
            .filter(|s| s.group.as_ref() == Some(&group) && s.id != session)
        {
            other.windows.clone_from(&windows);
            other.last.retain(|i| windows.contains_key(i));
            if !windows.contains_key(&other.current) {
                other.current = windows.keys().next().copied().unwrap_or(0);
            }
        }
    }
}

/// What a program is called: no path, no arguments, no `-` of a login shell.
pub fn short_name(command: &str) -> String {
    let name = command.strip_prefix('"').unwrap_or(command);
    let name = name.split('"').next().unwrap_or_default();
    let name = name.strip_prefix("exec ").unwrap_or(name);
    let name = name.trim_start_matches([' ', '-']);
    let name = name.split(' ').next().unwrap_or_default();
    let name = name.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c.is_ascii_punctuation()));
    if name.starts_with('/') {
        name.rsplit('/').next().unwrap_or(name).to_owned()
    } else {
        name.to_owned()
    }
}
