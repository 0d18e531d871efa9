//! `psup rpc`: the verbs as methods, one JSON object a line on stdin and stdout.
//!
//! ```text
//! client ── line ── serve ── method: words ── psup --json VERB … ── its lines ── client
//! ```
//! Each request is a process of its own that runs the verb, so requests run beside each other, a
//! cancelled one leaves nothing behind, and what comes is what `--json` prints, line by line.

mod method;
mod reply;
mod schema;

pub(crate) use schema::schema;

use method::Method;
use psup_link::Place;
use psup_proto::hello::BUILD;
use psup_proto::{Code, Failure, limits};
use reply::Replies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The version of what is said here. Fields and methods are added without a new one.
const VERSION: u32 = 1;
/// Requests that are open at once.
const OPEN: usize = 128;
/// A line of a request, as long as a frame may be.
const LINE: u64 = limits::FRAME as u64;
/// The method that ends another request.
const CANCEL: &str = "cancel";

/// A line of the client.
#[derive(Deserialize, JsonSchema)]
struct Request {
    /// Not that of an open request.
    #[serde(default)]
    #[schemars(with = "Id", required)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Map<String, Value>,
}

/// What a request is called.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is only described")]
enum Id {
    Number(i64),
    Text(String),
}

/// The first line.
#[derive(Serialize, JsonSchema)]
struct Hello<'a> {
    /// The build.
    psup: &'a str,
    /// The version of what is said here.
    rpc: u32,
    methods: Vec<&'a str>,
}

/// Parameters of `cancel`.
#[derive(Deserialize, JsonSchema)]
struct Cancel {
    /// The open request that is to end.
    #[schemars(with = "Id")]
    id: Value,
}

/// What `cancel` answers.
#[derive(Serialize, JsonSchema)]
struct Cancelled {
    /// The request was open.
    cancelled: bool,
}

struct Server {
    methods: Vec<Method>,
    /// Flags that lead to the supervisor.
    place: Vec<OsString>,
    program: std::path::PathBuf,
    replies: Arc<Replies>,
    open: Arc<Mutex<HashMap<String, Child>>>,
}

/// Serves until stdin has ended and every request is answered, or nobody reads the answers.
pub(crate) fn serve(root: &mut clap::Command, place: &Place) -> Result<(), Failure> {
    let program = std::env::current_exe()
        .map_err(|e| Failure::system("cannot tell which program this is", e))?;
    let mut flags: Vec<OsString> = vec!["--profile".into(), place.profile.clone().into()];
    if let Some(dir) = &place.dir {
        flags.extend(["--dir".into(), dir.clone().into()]);
    }
    if let Some(via) = &place.via {
        flags = vec!["--via".into(), via.clone().into()];
    }
    let server = Server {
        methods: method::all(root),
        place: flags,
        program,
        replies: Arc::new(Replies::default()),
        open: Arc::default(),
    };
    let methods = server.methods.iter().map(|method| method.name.as_str());
    server.replies.line(&Hello {
        psup: BUILD,
        rpc: VERSION,
        methods: methods.chain([CANCEL]).collect(),
    });
    server.end_when_nobody_reads();
    let mut answering = Vec::new();
    let mut input = std::io::stdin().lock();
    while let Some(line) = next_line(&mut input) {
        answering.retain(|thread: &thread::JoinHandle<()>| !thread.is_finished());
        match line {
            Ok(line) if line.trim_ascii().is_empty() => {}
            Ok(line) => answering.extend(server.answer(&line)),
            Err(failure) => server.replies.refuse(&Value::Null, &failure),
        }
    }
    for thread in answering {
        let _ = thread.join();
    }
    Ok(())
}

/// The next line; one that is too long is read to its end, and not kept.
fn next_line(input: &mut impl BufRead) -> Option<Result<Vec<u8>, Failure>> {
    let mut line = Vec::new();
    let read = input
        .by_ref()
        .take(LINE)
        .read_until(b'\n', &mut line)
        .ok()?;
    if read == 0 {
        return None;
    }
    if !line.ends_with(b"\n") && line.len() as u64 == LINE {
        input.skip_until(b'\n').ok()?;
        let what = format!("a line is at most {LINE} bytes long");
        return Some(Err(Failure::new(Code::Limit, what)));
    }
    Some(Ok(line))
}

impl Server {
    /// Begins to answer; the thread that goes on with it, if there is more to come.
    fn answer(&self, line: &[u8]) -> Option<thread::JoinHandle<()>> {
        let request: Request = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(error) => {
                let what = format!("that is not a request: {error}");
                let failure = Failure::new(Code::Usage, what)
                    .hint("a request is {\"id\":1,\"method\":\"list\",\"params\":{}}, on one line");
                self.replies.refuse(&Value::Null, &failure);
                return None;
            }
        };
        match self.begin(&request) {
            Ok(thread) => thread,
            Err(failure) => {
                self.replies.refuse(&request.id, &failure);
                None
            }
        }
    }

    fn begin(&self, request: &Request) -> Result<Option<thread::JoinHandle<()>>, Failure> {
        if !(request.id.is_string() || request.id.is_i64() || request.id.is_u64()) {
            return Err(Failure::new(
                Code::Usage,
                "the `id` of a request is a number or text",
            ));
        }
        if request.method == CANCEL {
            let Cancel { id } = serde_json::from_value(Value::Object(request.params.clone()))
                .map_err(|error| Failure::new(Code::Usage, format!("`{CANCEL}`: {error}")))?;
            let cancelled = self.cancel(&id);
            self.replies.item(&request.id, &Cancelled { cancelled });
            self.replies.end(&request.id, Some(0), None);
            return Ok(None);
        }
        let method = self.methods.iter().find(|m| m.name == request.method);
        let method = method.ok_or_else(|| {
            let what = format!("there is no method {:?}", request.method);
            Failure::new(Code::Usage, what).hint("the first line lists the methods")
        })?;
        let words = method.words(&request.params)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(&request.id.to_string()) {
            let what = format!("a request with the id {} is open", request.id);
            return Err(Failure::new(Code::Usage, what));
        }
        if open.len() >= OPEN {
            let what = format!("at most {OPEN} requests are open at once");
            return Err(Failure::new(Code::Limit, what));
        }
        let mut child = self.start(&words)?;
        let input = request.params.get("stdin").and_then(Value::as_str);
        let (stdin, input) = (child.stdin.take(), input.unwrap_or_default().to_owned());
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let key = request.id.to_string();
        open.insert(key.clone(), child);
        let (replies, open, id) = (
            Arc::clone(&self.replies),
            Arc::clone(&self.open),
            request.id.clone(),
        );
        let said = thread::spawn(move || {
            let mut said = String::new();
            let _ = err.map(|mut err| err.read_to_string(&mut said));
            said
        });
        // A verb that does not read it closes it.
        thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        Ok(Some(thread::spawn(move || {
            let lines = out.into_iter().flat_map(|out| BufReader::new(out).lines());
            for line in lines.map_while(Result::ok) {
                replies.line_of(&id, &line);
            }
            let said = said.join().unwrap_or_default();
            let child = open
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&key);
            let status = child.and_then(|mut child| child.wait().ok());
            let code = status.and_then(|status| status.code());
            replies.end(&id, code, reply::error_in(&said));
        })))
    }

    fn start(&self, words: &[OsString]) -> Result<Child, Failure> {
        let command = || {
            let mut command = Command::new(&self.program);
            command
                .args(&self.place)
                .arg("--json")
                .args(words)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command
        };
        let mut bound = command();
        die_with_us(&mut bound);
        bound
            .spawn()
            .or_else(|error| match error.kind() {
                // The standard library makes a pair of sockets where something is to be done before
                // the exec, and a sandbox may forbid it.
                ErrorKind::PermissionDenied => command().spawn(),
                _ => Err(error),
            })
            .map_err(|e| Failure::system("cannot start psup", e))
    }

    /// Ends a request; `false` if it is not open.
    fn cancel(&self, id: &Value) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let child = open.get_mut(&id.to_string());
        child.is_some_and(|child| child.kill().is_ok())
    }

    /// A client that has gone leaves no request behind.
    fn end_when_nobody_reads(&self) {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        use std::os::fd::AsFd;
        let open = Arc::clone(&self.open);
        thread::spawn(move || {
            let stdout = std::io::stdout();
            let mut fds = [PollFd::new(stdout.as_fd(), PollFlags::empty())];
            while poll(&mut fds, PollTimeout::NONE) == Err(nix::errno::Errno::EINTR) {}
            for child in open
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .values_mut()
            {
                let _ = child.kill();
            }
            std::process::exit(0);
        });
    }
}

/// A request ends when this process is killed.
#[cfg(target_os = "linux")]
fn die_with_us(command: &mut Command) {
    use nix::sys::signal::Signal;
    use std::os::unix::process::CommandExt;
    // SAFETY: between fork and exec it makes one system call, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?));
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_us(_: &mut Command) {}
