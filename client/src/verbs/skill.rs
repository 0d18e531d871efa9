//! `psup skill`.
//!
//! The skill is a file of the repository, compiled in. Each agent looks for skills in a directory
//! of its own; a file there that is no psup skill belongs to somebody else and is left alone.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use crate::items::Items;
use clap::Subcommand;
use psup_proto::{Code, Failure};
use schemars::JsonSchema;
use serde::Serialize;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const SKILL: &str = include_str!("../../../skills/psup/SKILL.md");

/// Print the skill that teaches an agent to use psup, or install it
///
/// The skill is one file in the format of agentskills.io, which Claude Code,
/// Codex, Gemini CLI, OpenClaw and others read. Without an action, it is printed.
///
/// Example:
///   psup skill
///   psup skill install
///   psup skill install --claude --codex
///   psup skill install --into .claude/skills
///   psup skill uninstall
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Skill {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
#[command(subcommand_value_name = "ACTION", subcommand_help_heading = "Actions")]
enum Action {
    /// Write it where the named agents look for skills, or, if none is named, for each agent that
    /// has a directory here; running it again changes nothing
    Install(Agents),
    /// Remove it from where install wrote it, with the directories that this leaves empty
    Uninstall(Agents),
}

#[derive(clap::Args)]
struct Agents {
    /// Claude Code: ~/.claude/skills, or below CLAUDE_CONFIG_DIR
    #[arg(long)]
    claude: bool,
    /// Codex: ~/.agents/skills, which other agents read too
    #[arg(long)]
    codex: bool,
    /// Gemini CLI: ~/.gemini/skills
    #[arg(long)]
    gemini: bool,
    /// OpenClaw: ~/.openclaw/skills, or below OPENCLAW_STATE_DIR
    #[arg(long)]
    openclaw: bool,
    /// All of these
    #[arg(long)]
    all: bool,
    /// Any other directory of skills
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// An agent, and where it looks for skills.
struct Agent {
    name: &'static str,
    /// It has been used here if this exists.
    own: PathBuf,
    skills: PathBuf,
    /// The outermost directory that an install may have made.
    outermost: PathBuf,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Skill")]
struct Report<'a> {
    agent: &'a str,
    path: &'a Path,
    #[schemars(extend("enum" = ["installed", "updated", "unchanged", "removed", "absent"]))]
    done: &'static str,
}

impl Run for Skill {
    const ON_TARGET: OnTarget = OnTarget::Whole;
    const ITEMS: Items = Items::many::<(Report<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        match self.action {
            None => {
                cx.out.data(SKILL.as_bytes())?;
                Ok(Done::OK)
            }
            Some(Action::Install(agents)) => {
                let chosen = agents.chosen(|agent| agent.own.is_dir())?;
                if chosen.is_empty() {
                    return Err(Failure::new(
                        Code::Usage,
                        "no agent that psup knows has a directory here",
                    )
                    .hint(
                        "name one: `psup skill install --claude`, or `psup skill install --into DIR`",
                    ));
                }
                perform(cx, &chosen, install)
            }
            Some(Action::Uninstall(agents)) => {
                let chosen = agents.chosen(|agent| file(agent).exists())?;
                perform(cx, &chosen, uninstall)
            }
        }
    }
}

impl Agents {
    /// Those that are named; without a name those of which `unnamed` is true.
    fn chosen(self, unnamed: impl Fn(&Agent) -> bool) -> Result<Vec<Agent>, Failure> {
        let named = [self.claude, self.codex, self.gemini, self.openclaw];
        let is_named = self.all || self.into.is_some() || named.contains(&true);
        let home = std::env::home_dir().filter(|home| home.is_absolute());
        let Some(home) = home.or_else(|| self.into.is_some().then(PathBuf::new)) else {
            return Err(Failure::new(Code::System, "HOME is not set")
                .hint("`psup skill install --into DIR` needs none"));
        };
        let mut chosen: Vec<Agent> = known(&home)
            .into_iter()
            .zip(named)
            .filter(|(agent, is_chosen)| self.all || *is_chosen || (!is_named && unnamed(agent)))
            .map(|(agent, _)| agent)
            .collect();
        chosen.extend(self.into.map(|skills| Agent {
            name: "into",
            own: skills.clone(),
            outermost: skills.join("psup"),
            skills,
        }));
        Ok(chosen)
    }
}

/// In the order of the flags.
fn known(home: &Path) -> [Agent; 4] {
    let directory = |variable, otherwise: &str| {
        std::env::var_os(variable)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .unwrap_or_else(|| home.join(otherwise))
    };
    let agent = |name, own: PathBuf| Agent {
        name,
        skills: own.join("skills"),
        outermost: own.clone(),
        own,
    };
    [
        agent("claude", directory("CLAUDE_CONFIG_DIR", ".claude")),
        Agent {
            name: "codex",
            own: directory("CODEX_HOME", ".codex"),
            skills: home.join(".agents/skills"),
            outermost: home.join(".agents"),
        },
        agent("gemini", home.join(".gemini")),
        agent("openclaw", directory("OPENCLAW_STATE_DIR", ".openclaw")),
    ]
}

fn file(agent: &Agent) -> PathBuf {
    agent.skills.join("psup/SKILL.md")
}

fn perform(
    cx: &mut Context,
    agents: &[Agent],
    act: fn(&Agent) -> Result<&'static str, Failure>,
) -> Result<Done, Failure> {
    for agent in agents {
        let done = act(agent)?;
        let path = file(agent);
        if cx.out.json {
            cx.out.object(&Report {
                agent: agent.name,
                path: &path,
                done,
            })?;
        } else {
            cx.out.line(format_args!("{done} {}", path.display()))?;
        }
    }
    Ok(Done::OK)
}

fn install(agent: &Agent) -> Result<&'static str, Failure> {
    let path = &file(agent);
    let before = ours(path)?;
    if before.as_deref() == Some(SKILL) {
        return Ok("unchanged");
    }
    let directory = &agent.skills.join("psup");
    fs::create_dir_all(directory).map_err(|e| failed("make", directory, e))?;
    // Whole or not at all: an agent may read it at any moment.
    let new = directory.join(format!(".SKILL.md.{}", std::process::id()));
    let written = fs::write(&new, SKILL).and_then(|()| fs::rename(&new, path));
    written.map_err(|e| {
        let _ = fs::remove_file(&new);
        failed("write", path, e)
    })?;
    Ok(if before.is_some() {
        "updated"
    } else {
        "installed"
    })
}

fn uninstall(agent: &Agent) -> Result<&'static str, Failure> {
    let path = &file(agent);
    if ours(path)?.is_none() {
        return Ok("absent");
    }
    fs::remove_file(path).map_err(|e| failed("remove", path, e))?;
    // A directory that holds anything else stays, and all above it.
    let _ = path
        .ancestors()
        .skip(1)
        .take_while(|directory| directory.starts_with(&agent.outermost))
        .try_for_each(fs::remove_dir);
    Ok("removed")
}

/// The psup skill of any version that is at this path, if there is one.
fn ours(path: &Path) -> Result<Option<String>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed("read", path, e)),
    };
    if path.is_symlink() || !text.lines().any(|line| line == "name: psup") {
        return Err(Failure::new(
            Code::No,
            format!("{} is not psup's own file", path.display()),
        )
        .hint("move it away first"));
    }
    Ok(Some(text))
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Failure {
    Failure::system(format!("cannot {what} {}", path.display()), error)
}
