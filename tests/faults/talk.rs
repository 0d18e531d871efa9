//! The verbs: what is asked, what may be answered, and what that says about the session.

use crate::answer::{self, Answer};
use crate::bed::Bed;
use crate::model::{Exit, Kind, Session, State};

impl Bed {
    pub(crate) fn spawn(&mut self, name: &str, kind: Kind) -> Result<(), String> {
        let label = format!("{name}{}", self.next());
        let environment = format!("SESSION_LABEL={label}");
        let mut words = vec!["spawn", name, "--timeout", "20s", "--env", &environment];
        match kind {
            Kind::Talker => words.extend(["--ready", "text=^up", "--", "sh", "talker", &label]),
            Kind::Unlogged => words.extend([
                "--no-log", "--ready", "text=^up", "--", "sh", "talker", &label,
            ]),
            Kind::Shell => words.extend(["--ready", "prompt", "--", "bash", "--rcfile", "shell"]),
        }
        let is_taken = self
            .model
            .sessions
            .get(name)
            .is_some_and(Session::is_running);
        let answer = self.ask(&words)?;
        if is_taken {
            return refusal(&answer, "name-taken");
        }
        if answer.code != 0 {
            return self.failed_start(name, &answer);
        }
        self.new_id(&answer)?;
        let mut session = Session::new(kind, label);
        session.start();
        if self
            .model
            .sessions
            .insert(name.to_owned(), session)
            .is_some()
        {
            self.model.past.insert(name.to_owned());
        }
        Ok(())
    }

    pub(crate) fn restart(&mut self, name: &str) -> Result<(), String> {
        let answer = self.ask(&["restart", name])?;
        let Some(session) = self.model.sessions.get_mut(name) else {
            return refusal(&answer, "no-such-session");
        };
        if answer.code != 0 {
            return self.failed_start(name, &answer);
        }
        session.start();
        self.model.past.insert(name.to_owned());
        let kind = session.kind;
        self.new_id(&answer)?;
        let ready: &[&str] = if kind == Kind::Shell {
            &["--prompt"]
        } else {
            &["--text", "^up", "--since", "0"]
        };
        self.ask(&[&["wait", name, "--timeout", "20s"], ready].concat())?
            .is(0)?;
        Ok(())
    }

    /// A start that was refused has not happened; what was there before may have been stopped for it, and then that is told.
    fn failed_start(&mut self, name: &str, answer: &Answer) -> Result<(), String> {
        if !self.model.is_full
            || !["system", "cannot-start", "limit"].contains(&answer.word().as_str())
        {
            return Err(answer.wrong("a start failed that nothing was in the way of"));
        }
        let has = self.ask(&["has", name])?;
        match self.model.sessions.get_mut(name) {
            None => drop(has.is(3)?),
            Some(session) if session.is_running() && has.code == 1 => {
                session.state = State::Ended(Exit::Stopped);
                session.is_unwritten = true;
            }
            Some(session) => drop(has.is(i32::from(!session.is_running()))?),
        }
        Ok(())
    }

    pub(crate) fn say(&mut self, name: &str, lines: usize) -> Result<(), String> {
        let number = self.next().to_string();
        let line = format!("say {lines} {number}");
        if !self.type_line(name, &line, &format!("^said {number}\\r?$"))? {
            return Ok(());
        }
        let mut said: Vec<String> = (1..lines).map(|n| format!("{number}.{n}\r\n")).collect();
        said.push(format!("said {number}\r\n"));
        let session = self
            .model
            .sessions
            .get_mut(name)
            .ok_or("no session to say it")?;
        session.output.extend_from_slice(said.concat().as_bytes());
        Ok(())
    }

    /// Types a line and waits for its effect. False if it was refused, or in doubt and then not done.
    fn type_line(&mut self, name: &str, line: &str, effect: &str) -> Result<bool, String> {
        // A talker reads without echo, which only a secret is sent to.
        let is_shell = self
            .model
            .sessions
            .get(name)
            .is_some_and(|session| session.kind == Kind::Shell);
        let secret: &[&str] = if is_shell { &[] } else { &["--secret"] };
        let answer = self.ask(&[&["send", name, line, "--enter"], secret].concat())?;
        match self.model.sessions.get(name) {
            None => return refusal(&answer, "no-such-session").map(|()| false),
            Some(session) if !session.is_running() => {
                return refusal(&answer, "not-running").map(|()| false);
            }
            Some(_) => {}
        }
        let condition: &[&str] = if effect == "exit" {
            &["--exit"]
        } else {
            &["--text", effect, "--since"]
        };
        if answer.code == 0 {
            let offset = answer.json()?["offset"].to_string();
            let since = if effect == "exit" {
                &[][..]
            } else {
                &[offset.as_str()][..]
            };
            self.ask(&[&["wait", name, "--timeout", "20s"], condition, since].concat())?
                .is(0)?;
            return Ok(true);
        }
        if answer.word() != "maybe-delivered" {
            return Err(answer.wrong("a send is done or in doubt"));
        }
        // Whatever arrived of it is no part of the next line.
        self.ask(&["send", name, "--key", "C-u"])?;
        let since = if effect == "exit" {
            &[][..]
        } else {
            &["0"][..]
        };
        let waited = self.ask(&[&["wait", name, "--timeout", "2s"], condition, since].concat())?;
        Ok(waited.code == 0)
    }

    pub(crate) fn exec(&mut self, name: &str, code: u8) -> Result<(), String> {
        let number = self.next();
        let command = format!("echo {number} >> tally; echo out {number}; (exit {code})");
        let asked = answer::ask(
            &self.env,
            &["exec", name, "--timeout", "20s", "--", &command],
            None,
        );
        let answer = asked.answer()?;
        let Some(session) = self.model.sessions.get(name) else {
            return answer.is(3).map(drop);
        };
        if !session.is_running() {
            return if answer.code == 0 {
                Err(answer.wrong("nothing runs there"))
            } else {
                Ok(())
            };
        }
        let tally = String::from_utf8_lossy(&self.env.read("tally")).into_owned();
        let times = tally
            .lines()
            .filter(|line| *line == number.to_string())
            .count();
        let exact =
            answer.code == i32::from(code) && answer.out == format!("out {number}\n").as_bytes();
        match answer.code {
            _ if exact && times == 1 => Ok(()),
            125 if times <= 1 => {
                // It says that it does not know; the shell is to be of use again.
                self.ask(&["send", name, "--key", "C-c"])?;
                self.ask(&["wait", name, "--prompt", "--timeout", "10s"])?
                    .is(0)
                    .map(drop)
            }
            _ => Err(answer.wrong(&format!(
                "the command ran {times} times; {code} or 125 is true"
            ))),
        }
    }

    pub(crate) fn end(&mut self, name: &str, code: u8) -> Result<(), String> {
        let kind = self.model.sessions.get(name).map(|session| session.kind);
        let verb = if kind == Some(Kind::Shell) {
            "exit"
        } else {
            "end"
        };
        if self.type_line(name, &format!("{verb} {code}"), "exit")? {
            self.ended(name, Exit::Code(code));
        }
        Ok(())
    }

    pub(crate) fn stop(&mut self, name: &str) -> Result<(), String> {
        let answer = self.ask(&["stop", name, "--grace", "500ms"])?;
        let Some(session) = self.model.sessions.get(name) else {
            return refusal(&answer, "no-such-session");
        };
        answer.is(0)?;
        if session.is_running() {
            self.ended(name, Exit::Stopped);
        }
        Ok(())
    }

    fn ended(&mut self, name: &str, exit: Exit) {
        let is_full = self.model.is_full;
        if let Some(session) = self.model.sessions.get_mut(name) {
            session.state = State::Ended(exit);
            session.is_unwritten = is_full;
        }
    }

    pub(crate) fn forget(&mut self, name: &str) -> Result<(), String> {
        let answer = self.ask(&["forget", name])?;
        if answer.word() == "maybe-delivered" {
            let is_running = self
                .model
                .sessions
                .get(name)
                .is_some_and(Session::is_running);
            if self.is_gone(name)? && !is_running {
                self.model.sessions.remove(name);
                self.model.past.remove(name);
            }
            return Ok(());
        }
        match self.model.sessions.get(name) {
            None => refusal(&answer, "no-such-session"),
            Some(session) if session.is_running() => refusal(&answer, "still-running"),
            // It stays, and that is told.
            Some(_) if self.model.is_full && answer.word() == "system" => Ok(()),
            Some(_) => {
                answer.is(0)?;
                self.model.sessions.remove(name);
                self.model.past.remove(name);
                Ok(())
            }
        }
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<(), String> {
        if self.model.is_full {
            // The older lives it leaves behind could not be forgotten.
            return Ok(());
        }
        let before = self.id_of(from)?;
        let answer = self.ask(&["rename", from, to])?;
        let is_doubtful = answer.word() == "maybe-delivered";
        if is_doubtful {
            let same = |told: &str| self.id_of(from).map(|id| id == told);
            if same(&before)? {
                return Ok(());
            }
        }
        if !self.model.sessions.contains_key(from) {
            return refusal(&answer, "no-such-session");
        }
        if self
            .model
            .sessions
            .get(to)
            .is_some_and(|session| from != to && session.is_running())
        {
            return refusal(&answer, "name-taken");
        }
        // Whether an ended session's name may be taken is told; the list has to agree with it.
        if answer.code != 0 && !is_doubtful {
            let is_known = ["name-taken", "usage", "no"].contains(&answer.word().as_str())
                || (self.model.is_full && answer.word() == "system");
            return if is_known {
                Ok(())
            } else {
                Err(answer.wrong("a rename failed that nothing was in the way of"))
            };
        }
        if let Some(session) = self.model.sessions.remove(from)
            && self.model.sessions.insert(to.to_owned(), session).is_some()
        {
            self.model.past.insert(to.to_owned());
        }
        if from != to && self.model.past.remove(from) {
            self.forget_past(from)?;
        }
        Ok(())
    }

    /// Drops the older lives that a rename has left under the old name.
    fn forget_past(&self, name: &str) -> Result<(), String> {
        let answer = self.ask(&["forget", name])?;
        match (answer.code, answer.word().as_str()) {
            (0, _) | (_, "no-such-session") => Ok(()),
            (_, "maybe-delivered") => self.forget_past(name),
            _ => Err(answer.wrong("older lives cannot be forgotten")),
        }
    }

    /// The id of the newest life of a name; empty where there is none.
    fn id_of(&self, name: &str) -> Result<String, String> {
        let info = self.ask(&["info", name])?;
        match info.code {
            0 => Ok(info.json()?["id"].as_str().unwrap_or_default().to_owned()),
            3 => Ok(String::new()),
            _ => Err(info.wrong("a session is there or not")),
        }
    }

    pub(crate) fn upgrade(&mut self) -> Result<(), String> {
        let answer = self.ask(&["upgrade", "--binary", "newer"])?;
        // Without a supervisor there is nothing to put another one in the place of.
        let is_fine = answer.code == 0
            || answer.word() == "unreachable"
            || (self.model.is_full && answer.code == 1);
        if is_fine {
            Ok(())
        } else {
            Err(answer.wrong("an upgrade failed"))
        }
    }

    /// What an answer in doubt has come to.
    fn is_gone(&self, name: &str) -> Result<bool, String> {
        let has = self.ask(&["has", name])?;
        match has.code {
            0 | 1 => Ok(false),
            3 => Ok(true),
            _ => Err(has.wrong("a session is there or not")),
        }
    }

    fn new_id(&mut self, answer: &Answer) -> Result<(), String> {
        let id = answer.json()?["id"].as_str().unwrap_or_default().to_owned();
        if self.model.ids.insert(id.clone()) {
            return Ok(());
        }
        Err(answer.wrong(&format!("the id {id} has been given out before")))
    }
}

fn refusal(answer: &Answer, word: &str) -> Result<(), String> {
    if answer.code != 0 && answer.word() == word {
        return Ok(());
    }
    Err(answer.wrong(&format!("{word} was expected")))
}
