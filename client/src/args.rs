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
use crate::verbs::{Act, VERBS, Verb};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Command, FromArgMatches};
use psup_link::caller;
use psup_link::{Connector, Place};
use psup_proto::{Code, Failure, Name};
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
}

/// Flags of every verb.
#[derive(Args, Default)]
#[command(next_help_heading = "Everywhere")]
struct Globals {
    /// Ask the supervisor of this profile: profiles do not see each other [env: PSUP_PROFILE]
    /// [default: default]
    #[arg(long, global = true, value_name = "NAME", value_parser = profile)]
    profile: Option<String>,
    /// Keep socket and state under this directory [env: PSUP_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print JSON, one object per line; an error is one object on stderr
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Tell on stderr how the supervisor is reached
    #[arg(short, long, global = true)]
    verbose: bool,
}

/// Parses, and tells `out` what was asked for in the way of talk. `None` when help has been printed
/// and nothing is left to do.
pub(crate) fn parse(args: &[OsString], out: &mut Out) -> Result<Option<Parsed>, Failure> {
    if let Some(act) = plain(args) {
        let place = Globals::default().place()?;
        return Ok(Some(Parsed { act, place }));
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
    let place = globals.place()?;
    let (name, matches) = matches.subcommand().ok_or_else(|| {
        Failure::new(Code::Usage, "no verb was given").hint("psup --help lists the verbs")
    })?;
    let verb = VERBS
        .iter()
        .find(|verb| verb.name == name)
        .ok_or_else(|| Failure::new(Code::Internal, format!("no room for the verb {name}")))?;
    let act = (verb.read)(matches)?;
    Ok(Some(Parsed { act, place }))
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
        out: Out,
    ) -> Done {
        let mut cx = Context::new(connector, serve_mcp, self.place, out, complete);
        match (self.act)(&mut cx) {
            Ok(done) => {
                let end = cx.out.finish();
                if end == Done::OK { done } else { end }
            }
            Err(failure) => cx.out.fail(&failure),
        }
    }
}

impl Globals {
    fn place(self) -> Result<Place, Failure> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let profile = match (self.profile, variable("PSUP_PROFILE")) {
            (Some(given), _) => given,
            (None, Some(value)) => profile(&value.to_string_lossy())?,
            (None, None) => "default".to_owned(),
        };
        let dir = self.dir.or_else(|| variable("PSUP_DIR").map(PathBuf::from));
        // The supervisor does not stay in the caller's directory.
        let dir = dir.map(|dir| caller::absolute(&dir)).transpose()?;
        Ok(Place { profile, dir })
    }
}

fn root() -> Command {
    let root = Command::new("psup")
        .version(VERSION)
        .about("Keep terminal programs alive and in reach")
        .after_help(
            "psup help VERB tells the whole story of a verb, psup help exit-codes what the exit codes mean.\n\n\
             Example:\n  psup spawn web -- npm run dev\n  psup wait web --text 'http://\\S+' --timeout 30s\n  psup stop web",
        )
        .subcommand_required(true)
        .subcommand_value_name("VERB")
        .subcommand_help_heading("Verbs")
        .disable_help_subcommand(true);
    // The doc comment of a struct that is flattened in must not become the command's own story.
    Globals::augment_args(root)
        .about("Keep terminal programs alive and in reach")
        .long_about(None)
}

/// A verb, and nothing but words that it can read by itself.
fn plain(args: &[OsString]) -> Option<Act> {
    let (name, words) = args.get(1..)?.split_first()?;
    let verb = VERBS.iter().find(|verb| name == verb.name)?;
    (verb.plain)(words)
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
