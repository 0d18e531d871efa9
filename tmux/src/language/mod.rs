//! tmux's command language, as it stands in configuration files, hooks and bindings: words with
//! quotes, `;`, `{ }`, variables and `%if`.

mod lexer;
mod written;

pub(crate) use written::escape;

use lexer::{Lexer, Token, Wrong};

/// What a text means: commands as words, each with the line where it ends. What sets a variable is
/// a `set-environment`.
pub(crate) type Commands = Vec<(usize, Vec<String>)>;

/// What stands around a text.
pub(crate) struct Around<'a> {
    /// The value of a variable of the environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the format of an `%if` holds.
    pub holds: &'a dyn Fn(&str) -> bool,
}

/// Reads a text; the error is the line and what is wrong there.
pub(crate) fn read(text: &str, around: &Around) -> Result<Commands, Wrong> {
    let mut reader = Reader {
        lexer: Lexer::new(text, around),
        commands: Vec::new(),
        words: Vec::new(),
        branches: Vec::new(),
        separated: false,
    };
    reader.read()?;
    Ok(reader.commands)
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    commands: Commands,
    /// Of the command that is being read.
    words: Vec<String>,
    branches: Vec<Branch>,
    /// A command or a directive stands before, on the same line.
    separated: bool,
}

/// A branch of `%if`: whether its commands count, and whether an earlier one did.
struct Branch {
    active: bool,
    done: bool,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Wrong> {
        loop {
            let line = self.lexer.line;
            match self.lexer.next(false)? {
                Token::End => {
                    self.finish(line);
                    return if self.branches.is_empty() {
                        Ok(())
                    } else {
                        Err(self.lexer.syntax())
                    };
                }
                Token::Newline => {
                    self.finish(line);
                    self.separated = false;
                }
                Token::Semicolon if self.words.is_empty() && !self.separated => {
                    return Err(self.lexer.syntax());
                }
                Token::Semicolon => self.finish(line),
                Token::Open if self.words.is_empty() => return Err(self.lexer.syntax()),
                Token::Open => {
                    let block = self.block()?;
                    self.words.push(block);
                }
                Token::Close => return Err(self.lexer.syntax()),
                Token::If if self.words.is_empty() => {
                    let holds = self.condition()?;
                    let active = holds && self.is_active();
                    self.branches.push(Branch {
                        active,
                        done: holds,
                    });
                }
                Token::If => return Err(self.lexer.syntax()),
                token @ (Token::Elif | Token::Else | Token::Endif) => {
                    self.finish(line);
                    self.turn(&token)?;
                }
                Token::Hidden => match self.lexer.next(false)? {
                    Token::Assignment(name, value) if self.words.is_empty() => {
                        self.assign("-gh", line, name, value);
                    }
                    _ => return Err(self.lexer.syntax()),
                },
                Token::Assignment(name, value) if self.words.is_empty() => {
                    self.assign("-g", line, name, value);
                }
                Token::Assignment(name, value) => self.words.push(format!("{name}={value}")),
                Token::Word(word) => self.words.push(word),
            }
        }
    }

    fn is_active(&self) -> bool {
        self.branches.iter().all(|branch| branch.active)
    }

    /// The command that was being read is complete.
    fn finish(&mut self, line: usize) {
        let words = std::mem::take(&mut self.words);
        self.separated |= !words.is_empty();
        if !words.is_empty() && self.is_active() {
            self.commands.push((line, words));
        }
    }

    fn assign(&mut self, flags: &str, line: usize, name: String, value: String) {
        self.separated = true;
        if self.is_active() {
            self.lexer.assigned.insert(name.clone(), value.clone());
            let words = ["set-environment", flags, "--", &name, &value].map(str::to_owned);
            self.commands.push((line, words.to_vec()));
        }
    }

    fn condition(&mut self) -> Result<bool, Wrong> {
        self.separated = true;
        match self.lexer.next(true)? {
            Token::Word(word) => Ok(self.lexer.holds(&word)),
            Token::Assignment(name, value) => Ok(self.lexer.holds(&format!("{name}={value}"))),
            _ => Err(self.lexer.syntax()),
        }
    }

    /// Another branch, or the end of all.
    fn turn(&mut self, token: &Token) -> Result<(), Wrong> {
        let holds = match token {
            Token::Elif => self.condition()?,
            _ => true,
        };
        let last = self.branches.pop().ok_or_else(|| self.lexer.syntax())?;
        self.separated = true;
        if *token != Token::Endif {
            let active = self.is_active() && holds && !last.done;
            self.branches.push(Branch {
                active,
                done: last.done || holds,
            });
        }
        Ok(())
    }

    /// `{ … }` as its text, to be read when it is run.
    fn block(&mut self) -> Result<String, Wrong> {
        let begin = self.lexer.at;
        let mut depth = 1;
        let mut condition = false;
        loop {
            let end = self.lexer.at;
            let token = self.lexer.next(condition)?;
            condition = matches!(token, Token::If | Token::Elif);
            match token {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::End => return Err(self.lexer.syntax()),
                _ => {}
            }
            if depth == 0 {
                return Ok(self.lexer.text(begin, end).trim().to_owned());
            }
        }
    }
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
            Ok(commands) => commands
                .iter()
                .map(|(_, words)| words.join("|"))
                .collect::<Vec<_>>()
                .join(" ; "),
            Err((line, why)) => format!("{line}: {why}"),
        }
    }

    #[test]
    fn words_quotes_blocks_and_conditions() {
        for (text, wanted) in [
            ("set -g a 'b c' ; d \"$V\\n\"", "set|-g|a|b c ; d|value\n"),
            ("a \\\n b # c\nd", "a|b ; d"),
            ("if x { a ; b { c } } d", "if|x|a ; b { c }|d"),
            ("if x {\n # not }\n a\n}", "if|x|# not }\n a"),
            ("%if 1\na\n%else\nb\n%endif\nc", "a ; c"),
            ("%if 0\na\n%elif 1\nb\n%endif", "b"),
            ("%if 1 a %else b %endif", "a"),
            // The end of the text is the end of a quote.
            ("a \"b", "a|b"),
            ("a\n'", "a ; "),
            ("a 'b\n  c\n  # d\n  e'", "a|b\nc\n\ne"),
            ("a %0 %% '%x' ; b %x", "1: syntax error"),
            ("a %0 %%", "a|%0|%%"),
            ("; a", "1: syntax error"),
            ("a}", "1: syntax error"),
            ("A=1 a $A b=c", "set-environment|-g|--|A|1 ; a|1|b=c"),
            ("a #{b} c", "a"),
            ("a '#{a b}' b\\;c", "a|#{a b}|b;c"),
        ] {
            assert_eq!(check(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for text in [
            "", "a", "a b", "it's", "\"", "a\"b", "$x", "~", "#{a}", "\\", "a;b",
        ] {
            assert_eq!(
                check(&format!("x {}", escape(text))),
                format!("x|{text}"),
                "{text:?} as {}",
                escape(text)
            );
        }
    }
}
