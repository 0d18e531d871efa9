//! tmux's own flags, which stand before the commands.

use std::path::PathBuf;

/// What stands before the commands.
#[derive(Default)]
pub(crate) struct Flags {
    pub label: Option<String>,
    pub path: Option<String>,
    pub config: Vec<PathBuf>,
    pub configured: bool,
    /// 1 for `-C`, 2 for `-CC`.
    pub control: u8,
    pub utf8: bool,
    pub shell: Option<String>,
    pub version: bool,
    pub no_start: bool,
}

/// Takes the flags from the front of the words.
pub(crate) fn read(words: Vec<String>) -> Result<(Flags, Vec<String>), String> {
    let mut flags = Flags::default();
    let mut words = words.into_iter().peekable();
    while let Some(letters) = words
        .peek()
        .and_then(|w| w.strip_prefix('-'))
        .filter(|l| !l.is_empty())
    {
        let letters = letters.to_owned();
        words.next();
        if letters == "-" {
            break;
        }
        if letters.starts_with('-') {
            return Err(String::new());
        }
        let mut rest = letters.chars();
        while let Some(flag) = rest.next() {
            if "cfLST".contains(flag) {
                let attached: String = rest.by_ref().collect();
                let value = if attached.is_empty() {
                    words.next()
                } else {
                    Some(attached)
                };
                let value = value
                    .ok_or_else(|| format!("tmux: option requires an argument -- {flag}\n"))?;
                match flag {
                    'c' => flags.shell = Some(value),
                    'f' => {
                        flags.configured = true;
                        flags.config.push(value.into());
                    }
                    'L' => flags.label = Some(value),
                    'S' => flags.path = Some(value),
                    _ => {}
                }
                continue;
            }
            match flag {
                'C' => flags.control += 1,
                'u' => flags.utf8 = true,
                'V' => flags.version = true,
                'N' => flags.no_start = true,
                '2' | 'D' | 'd' | 'l' | 'q' | 'U' | 'v' => {}
                other => return Err(format!("tmux: unknown option -- {other}\n")),
            }
        }
    }
    Ok((flags, words.collect()))
}
