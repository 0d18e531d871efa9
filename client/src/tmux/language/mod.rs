//! tmux's command language, as it stands in configuration files, hooks and bindings: words with quotes, `;`, `{ }`, variables and `%if`.

mod written;

pub use written::escape;

use std::collections::BTreeMap;

/// What a text means: commands as words, each with the line where it begins.
pub type Commands = Vec<(usize, Vec<String>)>;

/// What stands around a text.
pub struct Around<'a> {
    /// The value of a variable of the environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the format of an `%if` holds.
    pub holds: &'a dyn Fn(&str) -> bool,
}

/// Reads a text; the error is the line and what is wrong there.
pub fn read(text: &str, around: &Around) -> Result<Commands, (usize, String)> {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        around,
        assigned: BTreeMap::new(),
    };
    reader.commands()
}

struct Reader<'a> {
    chars: Vec<char>,
    at: usize,
    line: usize,
    around: &'a Around<'a>,
    /// Variables that the text itself has set so far.
    assigned: BTreeMap<String, String>,
}

/// A branch of `%if`: whether its lines count, and whether an earlier one did.
struct Branch {
    active: bool,
    done: bool,
}

impl Reader<'_> {
    fn commands(&mut self) -> Result<Commands, (usize, String)> {
        let mut commands = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut branches: Vec<Branch> = Vec::new();
        let mut line = self.line;
        loop {
            self.blanks();
            let Some(c) = self.peek() else { break };
            match c {
                '\n' | ';' => {
                    self.next();
                    commands.extend(self.learn(finish(&mut words, line, &branches)));
                }
                '#' if self.chars.get(self.at + 1) != Some(&'{') => self.comment(),
                '%' if words.is_empty() && self.directive().is_some() => self.branch(&mut branches)?,
                '}' if words.is_empty() => return Err(self.syntax()),
                '{' if words.is_empty() => return Err(self.syntax()),
                _ => {
                    if words.is_empty() {
                        line = self.line;
                    }
                    words.push(self.word()?);
                }
            }
        }
        commands.extend(self.learn(finish(&mut words, line, &branches)));
        if branches.is_empty() { Ok(commands) } else { Err(self.syntax()) }
    }

    fn syntax(&self) -> (usize, String) {
        (self.line, "syntax error".to_owned())
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => drop(self.next()),
                Some('\\') if self.chars.get(self.at + 1) == Some(&'\n') => {
                    self.next();
                    self.next();
                }
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.next();
        }
    }

    fn directive(&self) -> Option<&'static str> {
        let rest: String = self.chars[self.at..].iter().take(8).collect();
        ["%if", "%elif", "%else", "%endif"].into_iter().find(|d| {
            rest.strip_prefix(d)
                .is_some_and(|after| after.chars().next().is_none_or(|c| c.is_whitespace() || c == ';'))
        })
    }

    fn branch(&mut self, branches: &mut Vec<Branch>) -> Result<(), (usize, String)> {
        let directive = self.directive().unwrap_or_default();
        self.at += directive.len();
        self.blanks();
        let mut condition = || -> Result<bool, (usize, String)> {
            let word = self.word()?;
            Ok((self.around.holds)(&word))
        };
        match directive {
            "%if" => {
                let holds = condition()?;
                let active = holds && branches.iter().all(|b| b.active);
                branches.push(Branch { active, done: holds });
            }
            "%elif" => {
                let holds = condition()?;
                let outer = branches[..branches.len().saturating_sub(1)].iter().all(|b| b.active);
                let branch = branches.last_mut().ok_or((self.line, "syntax error".to_owned()))?;
                branch.active = outer && holds && !branch.done;
                branch.done |= holds;
            }
            "%else" => {
                let outer = branches[..branches.len().saturating_sub(1)].iter().all(|b| b.active);
                let branch = branches.last_mut().ok_or((self.line, "syntax error".to_owned()))?;
                branch.active = outer && !branch.done;
                branch.done = true;
            }
            "%endif" => {
                branches.pop().ok_or_else(|| self.syntax())?;
            }
            _ => {}
        }
        Ok(())
    }

    fn word(&mut self) -> Result<String, (usize, String)> {
        if self.peek() == Some('{') {
            return self.block();
        }
        let mut word = String::new();
        let begin = self.at;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' | ';' => break,
                '}' if self.at == begin => return Err(self.syntax()),
                '\'' => {
                    self.next();
                    self.until_quote(&mut word)?;
                }
                '"' => {
                    self.next();
                    self.quoted(&mut word)?;
                }
                '$' => self.variable(&mut word)?,
                '#' if self.chars.get(self.at + 1) == Some(&'{') => self.format(&mut word)?,
                '~' if self.at == begin => self.home(&mut word),
                '\\' => self.escape(&mut word)?,
                _ => {
                    self.next();
                    word.push(c);
                }
            }
        }
        Ok(word)
    }

    /// `{ … }` as its text, to be read when it is run.
    fn block(&mut self) -> Result<String, (usize, String)> {
        self.next();
        let begin = self.at;
        let mut depth = 1;
        while let Some(c) = self.next() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        let text: String = self.chars[begin..self.at - 1].iter().collect();
                        return Ok(text.trim().to_owned());
                    }
                }
                '\\' => drop(self.next()),
                '\'' => while self.next().is_some_and(|c| c != '\'') {},
                '"' => {
                    while let Some(c) = self.next() {
                        match c {
                            '"' => break,
                            '\\' => drop(self.next()),
                            _ => {}
                        }
                    }
                }
                // A format's brace is none of the language's.
                '#' if self.peek() == Some('{') => {
                    let mut inner = 0;
                    while let Some(c) = self.next() {
                        inner += i32::from(c == '{') - i32::from(c == '}');
                        if inner == 0 {
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
        Err(self.syntax())
    }

    /// `#{ … }` goes into the word as it stands, blanks and all.
    fn format(&mut self, word: &mut String) -> Result<(), (usize, String)> {
        let mut depth = 0;
        while let Some(c) = self.next() {
            word.push(c);
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 && c == '}' {
                return Ok(());
            }
        }
        Err(self.syntax())
    }

    fn until_quote(&mut self, word: &mut String) -> Result<(), (usize, String)> {
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some(c) => word.push(c),
                None => return Err(self.syntax()),
            }
        }
    }

    fn quoted(&mut self, word: &mut String) -> Result<(), (usize, String)> {
        loop {
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(());
                }
                Some('\\') => self.escape(word)?,
                Some('$') => self.variable(word)?,
                Some(c) => {
                    self.next();
                    word.push(c);
                }
                None => return Err(self.syntax()),
            }
        }
    }

    fn escape(&mut self, word: &mut String) -> Result<(), (usize, String)> {
        self.next();
        let Some(c) = self.next() else { return Err(self.syntax()) };
        match c {
            '\n' => {}
            'a' => word.push('\x07'),
            'b' => word.push('\x08'),
            'e' => word.push('\x1b'),
            'f' => word.push('\x0c'),
            's' => word.push(' '),
            'v' => word.push('\x0b'),
            'r' => word.push('\r'),
            'n' => word.push('\n'),
            't' => word.push('\t'),
            'u' | 'U' => {
                let digits = if c == 'u' { 4 } else { 8 };
                let hex: String = (0..digits).filter_map(|_| self.next()).collect();
                let found = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                word.push(found.ok_or_else(|| (self.line, format!("invalid \\{c} argument")))?);
            }
            '0'..='7' => {
                let mut octal = c.to_string();
                while octal.len() < 3
                    && let Some(d @ '0'..='7') = self.peek()
                {
                    octal.push(d);
                    self.next();
                }
                word.push(char::from(u8::from_str_radix(&octal, 8).map_err(|_| self.syntax())?));
            }
            c => word.push(c),
        }
        Ok(())
    }

    fn variable(&mut self, word: &mut String) -> Result<(), (usize, String)> {
        self.next();
        let braces = self.peek() == Some('{');
        if braces {
            self.next();
        }
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.next();
        }
        if braces && self.next() != Some('}') {
            return Err((self.line, "invalid environment variable".to_owned()));
        }
        if name.is_empty() {
            word.push('$');
        } else if let Some(value) = self.value(&name) {
            word.push_str(&value);
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Option<String> {
        self.assigned.get(name).cloned().or_else(|| (self.around.variable)(name))
    }

    /// What stands alone as `NAME=value` is the variable's value from here on.
    fn learn(&mut self, command: Option<(usize, Vec<String>)>) -> Option<(usize, Vec<String>)> {
        if let Some((name, value, _)) = command.as_ref().and_then(|(_, words)| assignment(words)) {
            self.assigned.insert(name.to_owned(), value.to_owned());
        }
        command
    }

    fn home(&mut self, word: &mut String) {
        self.next();
        let named = self
            .peek()
            .is_some_and(|c| !matches!(c, '/' | ' ' | '\t' | '\n' | ';' | '"' | '\''));
        match (self.around.variable)("HOME").filter(|_| !named) {
            Some(home) => word.push_str(&home),
            None => word.push('~'),
        }
    }
}

/// The name, the value and whether it is hidden, where the words only set a variable.
pub fn assignment(words: &[String]) -> Option<(&str, &str, bool)> {
    let (hidden, only) = match words {
        [first, only] if first == "%hidden" => (true, only),
        [only] => (false, only),
        _ => return None,
    };
    let (name, value) = only.split_once('=')?;
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named.then_some((name, value, hidden))
}

fn finish(words: &mut Vec<String>, line: usize, branches: &[Branch]) -> Option<(usize, Vec<String>)> {
    let words = std::mem::take(words);
    (!words.is_empty() && branches.iter().all(|b| b.active)).then_some((line, words))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(text: &str) -> String {
        let around = Around {
            variable: &|name| (name == "V").then(|| "value".to_owned()),
            holds: &|format| format == "1",
        };
        match read(text, &around) {
            Ok(commands) => commands.iter().map(|(_, words)| words.join("|")).collect::<Vec<_>>().join(" ; "),
            Err((line, why)) => format!("{line}: {why}"),
        }
    }

    #[test]
    fn words_quotes_blocks_and_conditions() {
        for (text, wanted) in [
            ("set -g a 'b c' ; d \"$V\\n\"", "set|-g|a|b c ; d|value\n"),
            ("a \\\n b # c\nd", "a|b ; d"),
            ("if x { a ; b { c } } d", "if|x|a ; b { c }|d"),
            ("%if 1\na\n%else\nb\n%endif\nc", "a ; c"),
            ("%if 0\na\n%elif 1\nb\n%endif", "b"),
            ("a \"b", "1: syntax error"),
            ("a\n'", "2: syntax error"),
            ("display #{a b} b\\;c", "display|#{a b}|b;c"),
        ] {
            assert_eq!(check(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for text in ["", "a", "a b", "it's", "\"", "a\"b", "$x", "~", "#{a}", "\\", "a;b"] {
            assert_eq!(check(&escape(text)), text, "{text:?} as {}", escape(text));
        }
    }
}
