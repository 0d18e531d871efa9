//! What a client may reach: which tools it is shown and may call, and sessions of which names.

use psup_proto::{Code, Failure, Name, glob};

#[derive(Clone, Debug, Default)]
pub struct Rules {
    tools: Vec<&'static str>,
    /// Sessions by their names; empty: all.
    sessions: Vec<String>,
}

impl Rules {
    /// Of `known` tools `allow` names the only ones, all if it is empty; `deny` takes some away.
    pub(crate) fn new(
        known: &[&'static str],
        allow: &[String],
        deny: &[String],
        sessions: Vec<String>,
    ) -> Result<Self, Failure> {
        for name in allow.iter().chain(deny) {
            if !known.contains(&name.as_str()) {
                return Err(
                    Failure::new(Code::Usage, format!("no tool is called {name:?}"))
                        .hint(format!("the tools are {}", known.join(", "))),
                );
            }
        }
        let is_listed = |list: &[String], name: &str| list.iter().any(|one| one == name);
        let tools: Vec<&str> = known
            .iter()
            .copied()
            .filter(|name| allow.is_empty() || is_listed(allow, name))
            .filter(|name| !is_listed(deny, name))
            .collect();
        if tools.is_empty() {
            return Err(Failure::new(Code::Usage, "no tool is left to serve")
                .hint("`--deny` takes away every tool that `--allow` names"));
        }
        Ok(Self { tools, sessions })
    }

    pub(crate) fn allows_tool(&self, tool: &str) -> bool {
        self.tools.contains(&tool)
    }

    pub fn allows_session(&self, name: &Name) -> bool {
        self.sessions.is_empty()
            || self
                .sessions
                .iter()
                .any(|glob| glob::matches(glob, name.as_str()))
    }

    pub fn check_session(&self, name: &Name) -> Result<(), Failure> {
        if self.allows_session(name) {
            return Ok(());
        }
        let why = format!(
            "this server does not reach a session named {:?}",
            name.as_str()
        );
        let globs = self.sessions.join(" or ");
        Err(Failure::new(Code::No, why).hint(format!("use a name that matches {globs}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn deny_wins_over_allow_and_an_unknown_tool_is_a_mistake() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let rules = Rules::new(
            &["look", "stop"],
            &names(&["look", "stop"]),
            &names(&["stop"]),
            vec![],
        )
        .unwrap();
        assert_eq!(rules.tools, ["look"]);
        let unknown = Rules::new(&["look", "stop"], &names(&["kill"]), &[], vec![]).unwrap_err();
        assert!(unknown.hint.unwrap().contains("stop"));
        assert!(
            Rules::new(
                &["look", "stop"],
                &names(&["stop"]),
                &names(&["stop"]),
                vec![]
            )
            .is_err()
        );
    }
}
