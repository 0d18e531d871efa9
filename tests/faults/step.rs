//! The steps of a history, as values and as lines: `kill worker after 300 during say a 40`.
//!
//! A random step fits what the model knows, so that most of them mean something; some are to be refused.

use crate::model::{Kind, Model, State};
use psup_harness::Dice;
use std::fmt;
use std::str::FromStr;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Spawn {
        name: String,
        kind: Kind,
    },
    /// The session prints so many lines.
    Say {
        name: String,
        lines: usize,
    },
    /// A command in a live shell, which ends with this code.
    Exec {
        name: String,
        code: u8,
    },
    /// The program ends itself with this code.
    End {
        name: String,
        code: u8,
    },
    Stop {
        name: String,
    },
    Restart {
        name: String,
    },
    Forget {
        name: String,
    },
    Rename {
        from: String,
        to: String,
    },
    Upgrade,
    /// Compares all that can be asked with what is known.
    Check,
    /// How many files each process of the supervisor may have open; only as the first step.
    Files {
        most: u64,
    },
    Kill {
        half: Half,
    },
    Signal {
        half: Half,
        signal: Stray,
    },
    /// The state directory has no room.
    Fill,
    Drain,
    /// The directory of the socket is gone.
    Vanish,
    /// A kill so many microseconds after the step begins.
    During {
        half: Half,
        after_us: u64,
        step: Box<Step>,
    },
    /// The step begins while a process does not run, for so many milliseconds.
    Frozen {
        half: Half,
        for_ms: u64,
        step: Box<Step>,
    },
    /// The step happens while so many connections are open that say nothing.
    Crowded {
        connections: usize,
        step: Box<Step>,
    },
}

/// Which processes of the supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Worker,
    Guardian,
    Both,
}

/// Signals that somebody sends who knows the pid and not psup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stray {
    Term,
    Hup,
    Int,
    Usr1,
    Usr2,
    Chld,
    Pipe,
    Winch,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const HALVES: [(Half, &str); 3] = [
    (Half::Worker, "worker"),
    (Half::Guardian, "guardian"),
    (Half::Both, "both"),
];
const STRAYS: [(Stray, &str); 8] = [
    (Stray::Term, "TERM"),
    (Stray::Hup, "HUP"),
    (Stray::Int, "INT"),
    (Stray::Usr1, "USR1"),
    (Stray::Usr2, "USR2"),
    (Stray::Chld, "CHLD"),
    (Stray::Pipe, "PIPE"),
    (Stray::Winch, "WINCH"),
];

impl Step {
    pub(crate) fn random(dice: &mut Dice, model: &Model, is_first: bool) -> Self {
        if is_first && dice.below(4) == 0 {
            return Self::Files {
                most: [64, 128, 256][dice.below(3)],
            };
        }
        match dice.below(20) {
            0..10 => Self::verb(dice, model),
            10..14 => Self::fault(dice, model),
            14..18 => Self::over_a_fault(dice, model),
            18 => Self::Check,
            _ => Self::Upgrade,
        }
    }

    fn verb(dice: &mut Dice, model: &Model) -> Self {
        let name = NAMES[dice.below(NAMES.len())].to_owned();
        let code = dice.below(100) as u8;
        let Some(session) = model.sessions.get(&name) else {
            let kind = [Kind::Talker, Kind::Talker, Kind::Unlogged, Kind::Shell][dice.below(4)];
            return Self::Spawn { name, kind };
        };
        match (session.state, dice.below(10)) {
            (State::Running, 0..5) if session.kind == Kind::Shell => Self::Exec { name, code },
            (State::Running, 0..5) => Self::Say {
                name,
                lines: [1, 10, 300][dice.below(3)],
            },
            (State::Running, 5) => Self::End { name, code },
            (State::Running, 6) => Self::Stop { name },
            (State::Running, 7) | (State::Ended(_) | State::Lost, 0..4) => Self::Restart { name },
            (State::Running, 8) | (State::Ended(_) | State::Lost, 4..8) => Self::Forget { name },
            (_, _) => Self::Rename {
                from: name,
                to: NAMES[dice.below(NAMES.len())].to_owned(),
            },
        }
    }

    fn fault(dice: &mut Dice, model: &Model) -> Self {
        match dice.below(24) {
            0..7 => Self::Kill { half: Half::Worker },
            7..12 => Self::Kill {
                half: Half::Guardian,
            },
            12 => Self::Kill { half: Half::Both },
            13..18 => Self::Signal {
                half: one_half(dice),
                signal: STRAYS[dice.below(STRAYS.len())].0,
            },
            18 => Self::Vanish,
            19..22 if model.has_disk && !model.is_full => Self::Fill,
            _ if model.is_full => Self::Drain,
            _ => Self::Kill { half: Half::Worker },
        }
    }

    fn over_a_fault(dice: &mut Dice, model: &Model) -> Self {
        let half = one_half(dice);
        let other = if half == Half::Worker {
            Half::Guardian
        } else {
            Half::Worker
        };
        match dice.below(8) {
            0..5 => Self::During {
                half,
                after_us: [0, 100, 1000, 3000, 10_000, 30_000][dice.below(6)]
                    + dice.below(100) as u64,
                step: Box::new(Self::verb(dice, model)),
            },
            5 => Self::Frozen {
                half,
                for_ms: 50 + dice.below(400) as u64,
                step: Box::new(Self::verb(dice, model)),
            },
            6 => Self::Frozen {
                half,
                for_ms: 50 + dice.below(400) as u64,
                step: Box::new(Self::Kill { half: other }),
            },
            _ => Self::Crowded {
                connections: [50, 500][dice.below(2)],
                step: Box::new(Self::Kill { half }),
            },
        }
    }

    /// What the step is counted as.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::During { half, step, .. } => {
                format!("{} killed during {}", half.word(), step.kind())
            }
            Self::Frozen { half, step, .. } => {
                format!("{} stopped during {}", half.word(), step.kind())
            }
            Self::Crowded { step, .. } => format!("{} while crowded", step.kind()),
            Self::Kill { .. } | Self::Signal { .. } => self.to_string(),
            other => other
                .to_string()
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

fn one_half(dice: &mut Dice) -> Half {
    [Half::Worker, Half::Guardian][dice.below(2)]
}

impl Half {
    fn word(self) -> &'static str {
        HALVES
            .iter()
            .find(|(half, _)| *half == self)
            .map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn { name, kind } => write!(f, "spawn {name} {}", kind.word()),
            Self::Say { name, lines } => write!(f, "say {name} {lines}"),
            Self::Exec { name, code } => write!(f, "exec {name} {code}"),
            Self::End { name, code } => write!(f, "end {name} {code}"),
            Self::Stop { name } => write!(f, "stop {name}"),
            Self::Restart { name } => write!(f, "restart {name}"),
            Self::Forget { name } => write!(f, "forget {name}"),
            Self::Rename { from, to } => write!(f, "rename {from} {to}"),
            Self::Upgrade => write!(f, "upgrade"),
            Self::Check => write!(f, "check"),
            Self::Files { most } => write!(f, "files {most}"),
            Self::Kill { half } => write!(f, "kill {}", half.word()),
            Self::Signal { half, signal } => {
                let word = STRAYS
                    .iter()
                    .find(|(stray, _)| stray == signal)
                    .map_or("", |(_, word)| word);
                write!(f, "signal {} {word}", half.word())
            }
            Self::Fill => write!(f, "fill"),
            Self::Drain => write!(f, "drain"),
            Self::Vanish => write!(f, "vanish"),
            Self::During {
                half,
                after_us,
                step,
            } => write!(f, "during {} {after_us} {step}", half.word()),
            Self::Frozen { half, for_ms, step } => {
                write!(f, "frozen {} {for_ms} {step}", half.word())
            }
            Self::Crowded { connections, step } => write!(f, "crowded {connections} {step}"),
        }
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let bad = || format!("not a step: {line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        let word = |at: usize| words.get(at).copied().ok_or_else(bad);
        let name = |at| word(at).map(str::to_owned);
        let number = |at| word(at)?.parse::<u64>().map_err(|_| bad());
        let half = |at| {
            let named = word(at)?;
            HALVES
                .iter()
                .find(|(_, word)| *word == named)
                .map(|(half, _)| *half)
                .ok_or_else(bad)
        };
        let inner = |from: usize| {
            Ok::<_, String>(Box::new(
                words[from.min(words.len())..].join(" ").parse::<Self>()?,
            ))
        };
        Ok(match word(0)? {
            "spawn" => Self::Spawn {
                name: name(1)?,
                kind: Kind::of(word(2)?).ok_or_else(bad)?,
            },
            "say" => Self::Say {
                name: name(1)?,
                lines: number(2)? as usize,
            },
            "exec" => Self::Exec {
                name: name(1)?,
                code: number(2)? as u8,
            },
            "end" => Self::End {
                name: name(1)?,
                code: number(2)? as u8,
            },
            "stop" => Self::Stop { name: name(1)? },
            "restart" => Self::Restart { name: name(1)? },
            "forget" => Self::Forget { name: name(1)? },
            "rename" => Self::Rename {
                from: name(1)?,
                to: name(2)?,
            },
            "upgrade" => Self::Upgrade,
            "check" => Self::Check,
            "files" => Self::Files { most: number(1)? },
            "kill" => Self::Kill { half: half(1)? },
            "signal" => {
                let named = word(2)?;
                let stray = STRAYS
                    .iter()
                    .find(|(_, word)| *word == named)
                    .ok_or_else(bad)?;
                Self::Signal {
                    half: half(1)?,
                    signal: stray.0,
                }
            }
            "fill" => Self::Fill,
            "drain" => Self::Drain,
            "vanish" => Self::Vanish,
            "during" => Self::During {
                half: half(1)?,
                after_us: number(2)?,
                step: inner(3)?,
            },
            "frozen" => Self::Frozen {
                half: half(1)?,
                for_ms: number(2)?,
                step: inner(3)?,
            },
            "crowded" => Self::Crowded {
                connections: number(1)? as usize,
                step: inner(2)?,
            },
            _ => return Err(bad()),
        })
    }
}

#[test]
fn a_step_is_read_as_it_is_printed() {
    let mut dice = crate::seeded(3);
    for n in 0..500 {
        let step = Step::random(&mut dice, &Model::default(), n == 0);
        assert_eq!(step.to_string().parse(), Ok(step));
    }
}
