//! The commands by name, and their flags, as tmux's own getopt reads them.
//!
//! The table is text, of which most calls need one line: only that one is read.

#[derive(Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    alias: &'static str,
    flags: &'static str,
    least: i32,
    most: i32,
    pub usage: &'static str,
}

const TABLE: &str = include_str!("call.txt");

/// A command with its flags and arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    pub name: &'static str,
    flags: Vec<(char, Option<String>)>,
    pub args: Vec<String>,
}

pub fn table() -> impl Iterator<Item = Entry> {
    TABLE.lines().filter_map(entry)
}

fn entry(line: &'static str) -> Option<Entry> {
    let mut fields = line.split('|');
    let name = fields.next().filter(|name| !name.starts_with('#'))?;
    Some(Entry {
        name,
        alias: fields.next()?,
        flags: fields.next()?,
        least: fields.next()?.parse().ok()?,
        most: fields.next()?.parse().ok()?,
        usage: line.splitn(6, '|').nth(5)?,
    })
}

impl Entry {
    pub fn alias(&self) -> &'static str {
        self.alias
    }

    pub fn usage_line(&self) -> String {
        format!("usage: {} {}", self.name, self.usage)
    }
}

/// By name, alias, or a prefix that only one has.
pub fn find(word: &str) -> Result<Entry, String> {
    let is_called = |entry: &Entry| entry.name == word || (!entry.alias.is_empty() && entry.alias == word);
    if let Some(entry) = named(word).or_else(|| table().find(is_called)) {
        return Ok(entry);
    }
    let mut like = table().filter(|entry| entry.name.starts_with(word));
    match (like.next(), like.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(format!("unknown command: {word}")),
        (Some(_), Some(_)) => {
            let all: Vec<_> = table().filter(|e| e.name.starts_with(word)).map(|e| e.name).collect();
            Err(format!("ambiguous command: {word}, could be: {}", all.join(", ")))
        }
    }
}

/// By its full name, which begins a line.
fn named(word: &str) -> Option<Entry> {
    let at = TABLE.find(&format!("\n{word}|"))?;
    TABLE[at + 1..].lines().next().and_then(entry)
}

/// Words as one command; the error is what tmux would say.
pub fn parse(words: &[String]) -> Result<Call, String> {
    let (word, rest) = words.split_first().ok_or("no command")?;
    let entry = find(word)?;
    match read(&entry, rest) {
        Ok(call) => Ok(call),
        Err(why) if why.is_empty() => Err(entry.usage_line()),
        Err(why) => Err(format!("command {}: {why}", entry.name)),
    }
}

fn read(entry: &Entry, words: &[String]) -> Result<Call, String> {
    let mut call = Call {
        name: entry.name,
        ..Call::default()
    };
    let mut words = words.iter().peekable();
    while let Some(word) = words.peek() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            break;
        };
        words.next();
        if letters == "-" {
            break;
        }
        let mut rest = letters.chars();
        while let Some(flag) = rest.next() {
            if flag == '?' {
                return Err(String::new());
            }
            if !flag.is_ascii_alphanumeric() {
                return Err(format!("invalid flag -{flag}"));
            }
            let Some(at) = entry.flags.find(flag) else {
                return Err(format!("unknown flag -{flag}"));
            };
            let behind = &entry.flags[at + 1..];
            if !behind.starts_with(':') {
                call.flags.push((flag, None));
                continue;
            }
            let attached = rest.as_str();
            // At the end of the words tmux takes it as the flag without a value.
            let value = Some(attached)
                .filter(|attached| !attached.is_empty())
                .map(str::to_owned)
                .or_else(|| words.next().cloned());
            call.flags.push((flag, value));
            break;
        }
    }
    call.args = words.cloned().collect();
    let count = call.args.len() as i32;
    if count < entry.least {
        return Err(format!("too few arguments (need at least {})", entry.least));
    }
    if entry.most >= 0 && count > entry.most {
        return Err(format!("too many arguments (need at most {})", entry.most));
    }
    Ok(call)
}

impl Call {
    pub fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(f, _)| *f == flag)
    }

    /// The last value of a flag.
    pub fn get(&self, flag: char) -> Option<&str> {
        self.all(flag).last()
    }

    pub fn all(&self, flag: char) -> impl Iterator<Item = &str> {
        self.flags
            .iter()
            .filter(move |(f, _)| *f == flag)
            .filter_map(|(_, value)| value.as_deref())
    }

    pub fn arg(&self, at: usize) -> Option<&str> {
        self.args.get(at).map(String::as_str)
    }

    /// A number within bounds, or tmux's word for what is wrong with it.
    pub fn number(&self, flag: char, least: i64, most: i64) -> Result<Option<i64>, &'static str> {
        self.get(flag).map(|text| number(text, least, most)).transpose()
    }
}

/// strtonum(3), whose words tmux passes on.
pub fn number(text: &str, least: i64, most: i64) -> Result<i64, &'static str> {
    match text.trim_start().parse::<i64>() {
        Ok(n) if n < least => Err("too small"),
        Ok(n) if n > most => Err("too large"),
        Ok(n) => Ok(n),
        Err(e) => match e.kind() {
            std::num::IntErrorKind::PosOverflow => Err("too large"),
            std::num::IntErrorKind::NegOverflow => Err("too small"),
            _ => Err("invalid"),
        },
    }
}

/// A command line of the shell as commands: an argument that ends in `;` ends a command, unless it ends in `\;`.
pub fn split(words: &[String]) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut command: Vec<String> = Vec::new();
    for word in words {
        let Some(cut) = word.strip_suffix(';') else {
            command.push(word.clone());
            continue;
        };
        if let Some(escaped) = cut.strip_suffix('\\') {
            command.push(format!("{escaped};"));
            continue;
        }
        if !cut.is_empty() {
            command.push(cut.to_owned());
        }
        commands.push(std::mem::take(&mut command));
    }
    commands.push(command);
    commands.retain(|command| !command.is_empty());
    commands
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn every_command_is_found_by_its_name_and_its_alias() {
        for entry in table() {
            for word in [entry.name, entry.alias].into_iter().filter(|word| !word.is_empty()) {
                assert_eq!(find(word).map(|found| found.name), Ok(entry.name), "{word}");
            }
        }
    }

    #[test]
    fn flags_are_read_as_getopt_would() {
        let call = parse(&words("neww -dPn one -t a:1 -- -x")).unwrap();
        assert_eq!(call.name, "new-window");
        assert!(call.has('d') && call.has('P'));
        assert_eq!(
            (call.get('n'), call.get('t'), call.args.as_slice()),
            (Some("one"), Some("a:1"), &["-x".to_owned()][..])
        );
        assert_eq!(parse(&words("has -z")).unwrap_err(), "command has-session: unknown flag -z");
        assert_eq!(parse(&words("has -t")).unwrap().get('t'), None);
        assert_eq!(parse(&words("nope")).unwrap_err(), "unknown command: nope");
        assert_eq!(
            parse(&words("renam")).unwrap_err(),
            "ambiguous command: renam, could be: rename-session, rename-window"
        );
        assert_eq!(
            parse(&words("has x")).unwrap_err(),
            "command has-session: too many arguments (need at most 0)"
        );
    }

    #[test]
    fn a_semicolon_at_the_end_of_a_word_ends_a_command() {
        assert_eq!(split(&words("a b; c ; d \\; e")), [words("a b"), words("c"), words("d ; e")]);
    }
}
