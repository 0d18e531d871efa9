//! The command line: global flags, and the verb that is to run.
//!
//! Parsing is on the way of every `has` and `send`. A line of plain words is read without clap, by
//! the verb itself; else the first pass builds only the arguments of the verb that was named. Only
//! where clap has something to say (help, a mistake) is everything built and the line parsed once
//! more.

use crate::ServeMcp;
use crate::context::{Context, Done};
use crate::meaning;
use crate::output::Out;
use crate::target_run;
use crate::verbs::{Act, VERBS, Verb};
use crate::wanted::Wanted;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Command, FromArgMatches};
use psup_link::caller;
use psup_link::target::TargetConnector;
use psup_link::{Connector, Place};
use psup_proto::{Code, Failure, Name};
use std::borrow::Cow;
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;

/// `scripts/release` adds the commit and the target.
const VERSION: &str = match option_env!("PSUP_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};

/// A command line that makes sense.
pub(crate) struct Parsed {
    act: Act,
    place: Place,
    on: Wanted,
}

/// Flags of every verb.
#[derive(Args, Default)]
#[command(next_help_heading = "Everywhere")]
struct Globals {
    /// Use the supervisor of this profile; profiles do not see each other [env: PSUP_PROFILE]
    /// [default: default]
    #[arg(long, global = true, value_name = "NAME", value_parser = profile)]
    profile: Option<String>,
    /// Keep socket and state under this directory [env: PSUP_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Run on another target: an ssh destination or a name from psup targets [env: PSUP_ON]
    #[arg(long, global = true, value_name = "TARGET")]
    on: Option<String>,
    /// Go through the gate in this directory, from inside a sandbox: see psup help gate
    /// [env: PSUP_VIA]
    #[arg(long, global = true, value_name = "DIR", conflicts_with_all = ["on", "profile", "dir"])]
    via: Option<PathBuf>,
    /// Print JSON, one object per line; an error is one object on stderr
    #[arg(long, global = true)]
    json: bool,
    /// Print nothing on stderr but errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Report on stderr how the supervisor is reached
    #[arg(short, long, global = true)]
    verbose: bool,
}

/// Parses, and tells `out` what was asked for in the way of talk. `None` when help has been printed
/// and nothing is left to do.
pub(crate) fn parse(args: &[OsString], out: &mut Out) -> Result<Option<Parsed>, Failure> {
    let args = &with_match_on(args)[..];
    if let Some((verb, act)) = plain(args) {
        return Globals::default().parsed(verb, act, args).map(Some);
    }
    if args.len() < 2 {
        out.data(complete().render_help().to_string().as_bytes())?;
        return Ok(None);
    }
    let matches = match lean(args).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(_) => match complete().try_get_matches_from(args) {
            Ok(matches) => matches,
            Err(error) => return refuse(&error, args, out),
        },
    };
    let globals = Globals::from_arg_matches(&matches)
        .map_err(|e| Failure::new(Code::Internal, e.to_string()))?;
    out.json = globals.json;
    out.quiet = globals.quiet;
    out.verbose = globals.verbose;
    let (name, matches) = matches.subcommand().ok_or_else(|| {
        Failure::new(Code::Usage, "no verb was given").hint("psup --help lists the verbs")
    })?;
    let verb = VERBS.iter().find(|verb| verb.name == name).ok_or_else(|| {
        Failure::new(
            Code::Internal,
            format!("the verb {name} is not in the table"),
        )
    })?;
    let act = (verb.read)(matches)?;
    globals.parsed(verb, act, args).map(Some)
}

/// The supervisor and the target that a line means which may not be whole yet.
pub(crate) fn place_of(words: &[OsString]) -> Option<(Place, Option<String>)> {
    let given = |flag: &str| {
        let joined = format!("{flag}=");
        let end = words
            .iter()
            .position(|word| word == "--")
            .unwrap_or(words.len());
        let own = &words[..end];
        let apart = own.iter().position(|word| word == flag);
        let apart = apart.and_then(|at| own.get(at + 1)).cloned();
        let word = |word: &OsString| word.to_str()?.strip_prefix(&joined).map(OsString::from);
        apart.or_else(|| own.iter().find_map(word))
    };
    let text = |flag: &str| given(flag)?.into_string().ok();
    let globals = Globals {
        profile: text("--profile"),
        dir: given("--dir").map(PathBuf::from),
        ..Globals::default()
    };
    let on = text("--on").or_else(|| std::env::var("PSUP_ON").ok());
    match on.filter(|on| !on.is_empty()) {
        Some(on) => Some((globals.place_there(), Some(on))),
        None => globals.place().ok().map(|place| (place, None)),
    }
}

/// Everything there is to say about the command line, for help, completions and manual pages.
pub(crate) fn complete() -> Command {
    VERBS.iter().fold(root(), |root, verb| {
        root.subcommand((verb.args)(Command::new(verb.name)))
    })
}

impl Parsed {
    pub(crate) fn run(
        self,
        connector: &(dyn Connector + Sync),
        serve_mcp: ServeMcp,
        mut out: Out,
    ) -> Done {
        let far = match &self.on {
            Wanted::Here | Wanted::All => None,
            Wanted::Requests(target) => Some(TargetConnector::new(target.clone())),
            Wanted::Whole(target, words) => return target_run::whole(target, words, &mut out),
        };
        let connector = far
            .as_ref()
            .map_or(connector, |far| far as &(dyn Connector + Sync));
        let mut cx = Context::new(connector, serve_mcp, self.place, out, complete);
        cx.on = self.on;
        match (self.act)(&mut cx) {
            Ok(done) => {
                let end = cx.out.finish();
                if end == Done::OK { done } else { end }
            }
            Err(failure) => {
                let failure = target_run::with_way_out(failure, &cx.on);
                cx.out.fail(&failure)
            }
        }
    }
}

impl Globals {
    fn parsed(self, verb: &Verb, act: Act, args: &[OsString]) -> Result<Parsed, Failure> {
        let via = self.via();
        let variable = || std::env::var("PSUP_ON").ok().filter(|_| via.is_none());
        let on = self.on.clone().or_else(variable);
        let on = target_run::wanted(on.filter(|on| !on.is_empty()).as_deref(), verb, args)?;
        let place = match &on {
            Wanted::Here => self.place()?,
            Wanted::All | Wanted::Requests(_) | Wanted::Whole(..) => self.place_there(),
        };
        Ok(Parsed { act, place, on })
    }

    /// Variables and relative paths of here mean nothing there.
    fn place_there(self) -> Place {
        Place {
            profile: self.profile.unwrap_or_else(|| "default".to_owned()),
            dir: self.dir,
            via: None,
        }
    }

    /// The directory of a gate. Who names a supervisor or a target does not mean the gate of the
    /// environment.
    fn via(&self) -> Option<PathBuf> {
        let names_another = self.on.is_some() || self.profile.is_some() || self.dir.is_some();
        let variable = || std::env::var_os("PSUP_VIA").filter(|via| !via.is_empty());
        let variable = || variable().filter(|_| !names_another).map(PathBuf::from);
        self.via.clone().or_else(variable)
    }

    fn place(self) -> Result<Place, Failure> {
        let via = self.via();
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let profile = match (self.profile, variable("PSUP_PROFILE")) {
            (Some(given), _) => given,
            (None, Some(value)) => profile(&value.to_string_lossy())?,
            (None, None) => "default".to_owned(),
        };
        let via = via.map(|via| caller::absolute(&via)).transpose()?;
        let dir = self.dir.or_else(|| variable("PSUP_DIR").map(PathBuf::from));
        // The supervisor does not stay in the caller's directory.
        let dir = dir.map(|dir| caller::absolute(&dir)).transpose()?;
        Ok(Place { profile, dir, via })
    }
}

fn root() -> Command {
    let root = Command::new("psup")
        .version(VERSION)
        .about("Keeps terminal programs alive, and lets programs and people talk to them")
        .after_help(
            "psup help VERB describes a verb in full; psup help exit-codes lists the exit codes.\n\n\
             Example:\n  psup spawn web -- npm run dev\n  psup wait web --text 'http://\\S+' --timeout 30s\n  psup stop web",
        )
        .subcommand_required(true)
        .subcommand_value_name("VERB")
        .subcommand_help_heading("Verbs")
        .disable_help_subcommand(true);
    // The doc comment of a struct that is flattened in must not become the command's own story.
    Globals::augment_args(root)
        .about("Keeps terminal programs alive, and lets programs and people talk to them")
        .long_about(None)
}

/// A verb, and nothing but words that it can read by itself.
fn plain(args: &[OsString]) -> Option<(&'static Verb, Act)> {
    let (name, words) = args.get(1..)?.split_first()?;
    let verb = VERBS.iter().find(|verb| name == verb.name)?;
    (verb.plain)(words).map(|act| (verb, act))
}

/// `wait --on screen` was there before `--on TARGET`, and goes on to mean `--in screen`.
fn with_match_on(args: &[OsString]) -> Cow<'_, [OsString]> {
    let wait = args.iter().position(|arg| arg == "wait");
    let end = args
        .iter()
        .position(|arg| arg == "--")
        .unwrap_or(args.len());
    let words = ["screen", "output"];
    let earlier = |at: usize| {
        let next = args.get(at + 1).and_then(|arg| arg.to_str());
        let one = args[at].to_str().and_then(|arg| arg.strip_prefix("--on="));
        let two = next.filter(|_| args[at] == "--on");
        one.or(two).is_some_and(|word| words.contains(&word))
    };
    let Some(at) = wait.and_then(|wait| (wait..end).find(|at| earlier(*at))) else {
        return Cow::Borrowed(args);
    };
    let mut args = args.to_vec();
    let word = args[at].to_string_lossy().replacen("--on", "--in", 1);
    args[at] = word.into();
    Cow::Owned(args)
}

/// Just what these arguments can need: a verb that does not occur among them is not the one that is
/// named.
fn lean(args: &[OsString]) -> Command {
    VERBS
        .iter()
        .filter(|verb| args.iter().any(|arg| arg == verb.name))
        .fold(root(), |root, verb| {
            root.subcommand(Command::new(verb.name).defer(verb.args))
        })
}

/// Help goes to stdout and is no failure; a mistake is told in clap's words, or in ours where it
/// was our parser that objected.
fn refuse(
    error: &clap::Error,
    args: &[OsString],
    out: &mut Out,
) -> Result<Option<Parsed>, Failure> {
    // Nothing has been parsed, so the flag is looked for where it may stand.
    out.json = args
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg == "--json");
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        out.data(error.render().to_string().as_bytes())?;
        return Ok(None);
    }
    if let Some(failure) = error
        .source()
        .and_then(|source| source.downcast_ref::<Failure>())
    {
        return Err(failure.clone());
    }
    let failure = in_our_words(&error.render().to_string());
    let hint = meant(error, args);
    Err(hint.map_or(failure.clone(), |hint| failure.hint(hint)))
}

/// What does what an unknown verb or flag means, or the flags that the verb has.
fn meant(error: &clap::Error, args: &[OsString]) -> Option<String> {
    let told = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        Some(_) | None => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            meaning::of_verb(told(ContextKind::InvalidSubcommand)?, args)
        }
        ErrorKind::UnknownArgument => {
            let flag = told(ContextKind::InvalidArg)?;
            let named = |arg: &OsString| VERBS.iter().find(|verb| arg == verb.name);
            let verb = args.iter().skip(1).find_map(named)?;
            if !flag.starts_with('-') {
                return (verb.name == "logs").then(|| {
                    format!("`psup read {flag} --text` prints what a session has written; `psup logs` is about the supervisor")
                });
            }
            let near = error.get(ContextKind::SuggestedArg).is_some();
            meaning::of_flag(verb.name, flag, args).or_else(|| (!near).then(|| flags_of(verb)))
        }
        _ => None,
    }
}

fn flags_of(verb: &Verb) -> String {
    let command = (verb.args)(Command::new(verb.name));
    let flags: Vec<String> = command
        .get_arguments()
        .filter_map(clap::Arg::get_long)
        .map(|long| format!("--{long}"))
        .collect();
    format!("`psup {}` has {}", verb.name, flags.join(" "))
}

/// Clap's paragraphs as a message and a hint: what is wrong first, then its tips, or the usage
/// where it has none.
fn in_our_words(text: &str) -> Failure {
    let joined = |paragraph: &str| paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut paragraphs = text.split("\n\n").map(joined);
    let wrong = paragraphs
        .next()
        .unwrap_or_default()
        .replace("subcommand", "verb");
    let rest: Vec<String> = paragraphs.collect();
    let led_by = |lead: &str| {
        rest.iter()
            .filter_map(|paragraph| paragraph.strip_prefix(lead))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let hint = match (led_by("tip: "), led_by("Usage: ")) {
        (tips, _) if !tips.is_empty() => tips.replace("subcommand", "verb"),
        (_, usage) if !usage.is_empty() => format!("usage: {usage}"),
        _ => "psup help VERB tells all of it".to_owned(),
    };
    Failure::new(Code::Usage, wrong.strip_prefix("error: ").unwrap_or(&wrong)).hint(hint)
}

fn profile(text: &str) -> Result<String, Failure> {
    text.parse::<Name>().map(String::from).map_err(|f| {
        Failure::new(Code::Usage, format!("bad profile name {text:?}"))
            .hint(f.hint.unwrap_or_default())
    })
}
