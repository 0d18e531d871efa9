//! What sessions are called: a [`Name`], one life of it (a [`SessionId`]), and a [`Target`] that
//! means either.

use crate::error::{Code, Failure};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The name of a session: 1 to 64 of `a-z 0-9 - _ .`, beginning with a letter or digit. Matches
/// exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// One life of a name, `name#3`. It never comes back for another process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionId {
    pub name: Name,
    pub life: u32,
}

/// What a caller points at: the latest life of a name, or one life of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    pub name: Name,
    pub life: Option<u32>,
}

pub const RULE: &str = "a name is 1 to 64 of a-z 0-9 - _ . and begins with a letter or digit";

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let legal =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
        let starts_well = text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if starts_well && text.len() <= 64 && text.bytes().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Failure::new(Code::Usage, format!("bad session name {text:?}")).hint(RULE))
        }
    }
}

impl TryFrom<String> for Name {
    type Error = Failure;

    fn try_from(text: String) -> Result<Self, Failure> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}#{}", self.name, self.life))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.life {
            Some(life) => write!(f, "{}#{life}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

impl FromStr for Target {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let Some((name, life)) = text.split_once('#') else {
            return Ok(Self {
                name: text.parse()?,
                life: None,
            });
        };
        let life = life.parse().map_err(|_| {
            Failure::new(Code::Usage, format!("bad session id {text:?}"))
                .hint("one life of a session is written name#3")
        })?;
        Ok(Self {
            name: name.parse()?,
            life: Some(life),
        })
    }
}

impl From<SessionId> for Target {
    fn from(id: SessionId) -> Self {
        Self {
            name: id.name,
            life: Some(id.life),
        }
    }
}

impl From<Name> for Target {
    fn from(name: Name) -> Self {
        Self { name, life: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule() {
        for good in ["a", "0", "build", "web-1", "a.b_c", &"x".repeat(64)] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            ".a",
            "_a",
            "A",
            "a b",
            "a#1",
            "a/b",
            "é",
            &"x".repeat(65),
        ] {
            assert_eq!(
                bad.parse::<Name>().map_err(|f| f.code),
                Err(Code::Usage),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_target_is_a_name_or_one_life_of_it() {
        assert_eq!("web".parse::<Target>().map(|t| t.life), Ok(None));
        assert_eq!("web#3".parse::<Target>().map(|t| t.life), Ok(Some(3)));
        assert!("web#".parse::<Target>().is_err());
        assert!("#3".parse::<Target>().is_err());
    }
}
