//! A text as tmux's lexer cuts it: words with quotes, escapes and variables done, and the signs
//! between them.

use super::Around;
use std::collections::BTreeMap;

/// The line, and what is wrong there.
pub(super) type Wrong = (usize, String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// `NAME=value`, which before a command sets a variable.
    Assignment(String, String),
    Newline,
    Semicolon,
    Open,
    Close,
    If,
    Elif,
    Else,
    Endif,
    Hidden,
    End,
}

pub(super) struct Lexer<'a> {
    chars: Vec<char>,
    pub at: usize,
    pub line: usize,
    around: &'a Around<'a>,
    /// Variables that the text itself has set so far.
    pub assigned: BTreeMap<String, String>,
}

/// What a character stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &str, around: &'a Around<'a>) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            line: 1,
            around,
            assigned: BTreeMap::new(),
        }
    }

    pub(super) fn holds(&self, condition: &str) -> bool {
        (self.around.holds)(condition)
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        self.chars[from..to].iter().collect()
    }

    pub(super) fn syntax(&self) -> Wrong {
        (self.line, "syntax error".to_owned())
    }

    /// The next token; behind `%if` and `%elif` a format may stand as it is.
    pub(super) fn next(&mut self, condition: bool) -> Result<Token, Wrong> {
        loop {
            let Some(c) = self.peek() else {
                return Ok(Token::End);
            };
            match c {
                ' ' | '\t' => self.skip(),
                '\n' => {
                    self.skip();
                    return Ok(Token::Newline);
                }
                ';' => return Ok(self.sign(Token::Semicolon)),
                '{' => return Ok(self.sign(Token::Open)),
                '}' => return Ok(self.sign(Token::Close)),
                '#' if condition && self.chars.get(self.at + 1) == Some(&'{') => {
                    return self.format();
                }
                '#' => self.comment(),
                '%' => return self.percent(),
                _ => return self.word(),
            }
        }
    }

    /// The next character; a line goes on behind a `\` at its end.
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at) == Some(&'\\') && self.chars.get(self.at + 1) == Some(&'\n') {
            let run = self.chars[..=self.at]
                .iter()
                .rev()
                .take_while(|c| **c == '\\')
                .count();
            if run.is_multiple_of(2) {
                break;
            }
            self.at += 2;
            self.line += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn skip(&mut self) {
        self.line += usize::from(self.chars.get(self.at) == Some(&'\n'));
        self.at += 1;
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.skip();
        Some(c)
    }

    fn sign(&mut self, token: Token) -> Token {
        self.skip();
        token
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.skip();
        }
    }

    fn format(&mut self) -> Result<Token, Wrong> {
        let mut word = String::new();
        let mut depth = 0;
        while let Some(c) = self.take() {
            word.push(c);
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 && c == '}' {
                return Ok(Token::Word(word));
            }
        }
        Err(self.syntax())
    }

    /// A directive, or a word of nothing but such signs and digits.
    fn percent(&mut self) -> Result<Token, Wrong> {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, ' ' | '\t' | '\n')) {
            word.push(c);
            self.skip();
        }
        Ok(match word.as_str() {
            "%if" => Token::If,
            "%elif" => Token::Elif,
            "%else" => Token::Else,
            "%endif" => Token::Endif,
            "%hidden" => Token::Hidden,
            _ if word.chars().all(|c| c == '%' || c.is_ascii_digit()) => Token::Word(word),
            _ => return Err(self.syntax()),
        })
    }

    fn word(&mut self) -> Result<Token, Wrong> {
        let mut word = String::new();
        let mut quotes = Quotes::None;
        // Where the character before stood; nowhere at the beginning.
        let mut before = None;
        while let Some(c) = self.peek() {
            match (c, quotes) {
                (' ' | '\t' | '\n' | ';' | '}', Quotes::None) => break,
                ('\n', _) => {
                    self.indented(&mut word);
                    continue;
                }
                ('\'' | '"', Quotes::None) => {
                    self.skip();
                    quotes = if c == '"' {
                        Quotes::Double
                    } else {
                        Quotes::Single
                    };
                    continue;
                }
                ('\'', Quotes::Single) | ('"', Quotes::Double) => {
                    self.skip();
                    quotes = Quotes::None;
                    continue;
                }
                (c, Quotes::Single) => {
                    self.skip();
                    word.push(c);
                }
                ('\\', _) => self.escape(&mut word)?,
                ('~', _) if before != Some(quotes) => self.home(&mut word)?,
                ('$', _) => self.variable(&mut word)?,
                (c, _) => {
                    self.skip();
                    word.push(c);
                }
            }
            before = Some(quotes);
        }
        Ok(assignment(&word).unwrap_or(Token::Word(word)))
    }

    /// In quotes a line goes on without its indentation and without a comment that is all of it.
    fn indented(&mut self, word: &mut String) {
        self.skip();
        word.push('\n');
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.skip();
        }
        if self.peek() == Some('#')
            && !matches!(
                self.chars.get(self.at + 1),
                None | Some(',' | '#' | '{' | '}' | ':')
            )
        {
            self.comment();
        }
    }

    fn escape(&mut self, word: &mut String) -> Result<(), Wrong> {
        self.skip();
        let Some(c) = self.take() else {
            return Err(self.syntax());
        };
        word.push(match c {
            'a' => '\x07',
            'b' => '\x08',
            'e' => '\x1b',
            'f' => '\x0c',
            's' => ' ',
            'v' => '\x0b',
            'r' => '\r',
            'n' => '\n',
            't' => '\t',
            'u' => self.unicode(c, 4)?,
            'U' => self.unicode(c, 8)?,
            '0'..='7' => self.octal(c)?,
            c => c,
        });
        Ok(())
    }

    fn unicode(&mut self, sort: char, digits: usize) -> Result<char, Wrong> {
        let mut hex = String::new();
        while hex.len() < digits {
            match self.take() {
                None | Some('\n') => return Err(self.syntax()),
                Some(c) => hex.push(c),
            }
        }
        let found = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
        found.ok_or_else(|| (self.line, format!("invalid \\{sort} argument")))
    }

    fn octal(&mut self, first: char) -> Result<char, Wrong> {
        let digits: String = [Some(first), self.take(), self.take()]
            .into_iter()
            .flatten()
            .collect();
        let code = u8::from_str_radix(&digits, 8)
            .ok()
            .filter(|_| digits.len() == 3);
        code.map(char::from)
            .ok_or_else(|| (self.line, "invalid octal escape".to_owned()))
    }

    fn variable(&mut self, word: &mut String) -> Result<(), Wrong> {
        self.skip();
        let braces = match self.peek() {
            None => return Err(self.syntax()),
            Some('{') => {
                self.skip();
                true
            }
            Some(c) if is_name(c, true) => false,
            Some(_) => {
                word.push('$');
                return Ok(());
            }
        };
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| is_name(*c, false)) {
            name.push(c);
            self.skip();
        }
        if braces && self.take() != Some('}') {
            return Err((self.line, "invalid environment variable".to_owned()));
        }
        let known = self.assigned.get(&name).cloned();
        word.push_str(
            &known
                .or_else(|| (self.around.variable)(&name))
                .unwrap_or_default(),
        );
        Ok(())
    }

    fn home(&mut self, word: &mut String) -> Result<(), Wrong> {
        self.skip();
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| !"/ \t\n\"'".contains(*c)) {
            name.push(c);
            self.skip();
        }
        let home = if name.is_empty() {
            (self.around.variable)("HOME")
        } else {
            let user = psup_accounts::by_name(&name);
            user.map(|user| user.home.to_string_lossy().into_owned())
        };
        word.push_str(&home.ok_or_else(|| self.syntax())?);
        Ok(())
    }
}

fn is_name(c: char, first: bool) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!first && c.is_ascii_digit())
}

fn assignment(word: &str) -> Option<Token> {
    let (name, value) = word.split_once('=')?;
    let named = name.chars().next().is_some_and(|c| is_name(c, true))
        && name.chars().all(|c| is_name(c, false));
    named.then(|| Token::Assignment(name.to_owned(), value.to_owned()))
}
