//! What `send` is given, in the order in which it was given, cut into portions that fit a request.
//!
//! Flags and texts stand among each other on the command line, so their places decide. Files are
//! opened before the first byte is typed, and read as they are typed: a send may be of any size.

use crate::value_parsers;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use psup_proto::input::Part;
use psup_proto::key::Code as KeyCode;
use psup_proto::{Code, Failure, Key, limits};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// One thing to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Vec<u8>),
    Key(Key),
    Raw(Vec<u8>),
    File(PathBuf),
}

/// All of it, in order.
#[derive(Debug)]
pub(crate) struct Pieces(pub Vec<Piece>);

/// The pieces as parts, portion by portion.
pub(crate) struct Portions {
    sources: VecDeque<Source>,
    paste: bool,
}

enum Source {
    Parts(Part),
    Bytes(Box<dyn Read>, PathBuf),
}

impl Piece {
    /// A text, or Enter; `None` for a word with more to it.
    pub(crate) fn plain(word: &OsString) -> Option<Self> {
        match word.as_bytes() {
            b"-e" | b"--enter" => Some(Self::Key(Key::plain(KeyCode::Enter))),
            [] | [b'-', ..] => None,
            text => Some(Self::Text(text.to_vec())),
        }
    }
}

impl Portions {
    pub(crate) fn new(pieces: Vec<Piece>, paste: bool) -> Result<Self, Failure> {
        let inputs = pieces
            .iter()
            .filter(|piece| **piece == Piece::File("-".into()))
            .count();
        if inputs > 1 {
            return Err(Failure::new(
                Code::Usage,
                "stdin can be sent once: --file - is given several times",
            ));
        }
        let sources = pieces
            .into_iter()
            .map(|piece| source(piece, paste))
            .collect::<Result<_, _>>()?;
        Ok(Self { sources, paste })
    }

    /// The next portion; `None` when all is sent.
    pub(crate) fn next_portion(&mut self) -> Result<Option<Vec<Part>>, Failure> {
        let mut parts = Vec::new();
        let mut room = limits::SEND_CHUNK;
        while room > 0 {
            match self.sources.pop_front() {
                None => break,
                Some(Source::Parts(part)) => {
                    let (part, rest) = split(part, room);
                    room = room.saturating_sub(weight(&part));
                    parts.push(part);
                    if let Some(rest) = rest {
                        self.sources.push_front(Source::Parts(rest));
                    }
                }
                Some(Source::Bytes(mut input, path)) => {
                    let bytes = read(&mut *input, room, &path)?;
                    if !bytes.is_empty() {
                        room -= bytes.len();
                        parts.push(typed(bytes, self.paste));
                        self.sources.push_front(Source::Bytes(input, path));
                    }
                }
            }
        }
        Ok((!parts.is_empty()).then_some(parts))
    }
}

impl Args for Pieces {
    fn augment_args(command: Command) -> Command {
        let piece = |id: &'static str| {
            Arg::new(id)
                .action(ArgAction::Append)
                .help_heading("What to send, in the order given")
        };
        command
            .arg(
                piece("text")
                    .value_name("TEXT")
                    .value_parser(value_parser!(OsString))
                    .help("Characters, literally; after -- they may begin with a dash"),
            )
            .arg(
                piece("enter")
                    .long("enter")
                    .short('e')
                    .num_args(0)
                    .default_missing_value("")
                    .help("The Enter key: the same as --key Enter"),
            )
            .arg(
                piece("key")
                    .long("key")
                    .short('k')
                    .value_name("KEY")
                    .value_parser(value_parser!(Key))
                    .allow_hyphen_values(true)
                    .help(
                        "A key by its name: C-c M-x Enter Escape Up F5 BSpace PageUp S-Tab C-Left",
                    ),
            )
            .arg(
                piece("file")
                    .long("file")
                    .value_name("FILE")
                    .value_parser(value_parser!(PathBuf))
                    .help("The bytes of a file; - is stdin"),
            )
            .arg(
                piece("raw-hex")
                    .long("raw-hex")
                    .value_name("HEX")
                    .value_parser(value_parsers::hex)
                    .help("Bytes in hexadecimal: 1b5b41; --paste leaves them alone"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Pieces {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut found = Vec::new();
        collect(
            matches,
            "text",
            |text: OsString| Piece::Text(text.into_vec()),
            &mut found,
        );
        collect(
            matches,
            "enter",
            |_: String| Piece::Key(Key::plain(KeyCode::Enter)),
            &mut found,
        );
        collect(matches, "key", Piece::Key, &mut found);
        collect(matches, "file", Piece::File, &mut found);
        collect(matches, "raw-hex", Piece::Raw, &mut found);
        found.sort_by_key(|(place, _)| *place);
        Ok(Self(found.into_iter().map(|(_, piece)| piece).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn collect<T: Clone + Send + Sync + 'static>(
    matches: &ArgMatches,
    id: &str,
    make: impl Fn(T) -> Piece,
    found: &mut Vec<(usize, Piece)>,
) {
    let places = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<T>(id).into_iter().flatten();
    found.extend(places.zip(values.cloned().map(make)));
}

fn source(piece: Piece, paste: bool) -> Result<Source, Failure> {
    Ok(match piece {
        Piece::Text(text) => Source::Parts(typed(text, paste)),
        Piece::Key(key) => Source::Parts(Part::Key(key)),
        Piece::Raw(bytes) => Source::Parts(Part::Text(bytes)),
        Piece::File(path) if path == Path::new("-") => {
            Source::Bytes(Box::new(io::stdin()), "stdin".into())
        }
        Piece::File(path) => {
            let file = File::open(&path)
                .map_err(|e| Failure::system(format_args!("cannot read {}", path.display()), e))?;
            Source::Bytes(Box::new(file), path)
        }
    })
}

fn typed(bytes: Vec<u8>, paste: bool) -> Part {
    if paste {
        Part::Paste(bytes)
    } else {
        Part::Text(bytes)
    }
}

fn weight(part: &Part) -> usize {
    match part {
        Part::Text(bytes) | Part::Paste(bytes) => bytes.len(),
        // No key is longer than this on the wire to the program.
        Part::Key(_) => 16,
    }
}

fn split(part: Part, room: usize) -> (Part, Option<Part>) {
    let cut = |mut bytes: Vec<u8>| {
        let rest = bytes.split_off(room.min(bytes.len()));
        (bytes, Some(rest).filter(|rest| !rest.is_empty()))
    };
    match part {
        Part::Text(bytes) => {
            let (head, rest) = cut(bytes);
            (Part::Text(head), rest.map(Part::Text))
        }
        Part::Paste(bytes) => {
            let (head, rest) = cut(bytes);
            (Part::Paste(head), rest.map(Part::Paste))
        }
        Part::Key(key) => (Part::Key(key), None),
    }
}

/// Up to `room` bytes; fewer only at the end, so that a paste is not cut by the habits of a pipe.
fn read(input: &mut dyn Read, room: usize, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input
        .take(room as u64)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::system(format_args!("cannot read {}", path.display()), e))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pieces(line: &str) -> Vec<Piece> {
        let command = Pieces::augment_args(Command::new("send").no_binary_name(true));
        let matches = command.try_get_matches_from(line.split(' ')).unwrap();
        Pieces::from_arg_matches(&matches).unwrap().0
    }

    #[test]
    fn pieces_keep_the_order_of_the_command_line() {
        let enter = || Piece::Key("Enter".parse().unwrap());
        let text = |t: &str| Piece::Text(t.into());
        assert_eq!(
            pieces("ls --enter pwd --enter"),
            [text("ls"), enter(), text("pwd"), enter()]
        );
        assert_eq!(
            pieces("-k C-c a --raw-hex 0a --file x -e -- --key -"),
            [
                Piece::Key("C-c".parse().unwrap()),
                text("a"),
                Piece::Raw(vec![10]),
                Piece::File("x".into()),
                enter(),
                text("--key"),
                text("-"),
            ]
        );
        assert_eq!(pieces("--key -"), [Piece::Key("-".parse().unwrap())]);
    }

    #[test]
    fn portions_together_are_the_whole() {
        let long = vec![b'x'; limits::SEND_CHUNK + 10];
        let key: Key = "C-c".parse().unwrap();
        let mut portions = Portions::new(
            vec![
                Piece::Text(long.clone()),
                Piece::Key(key),
                Piece::Raw(vec![1]),
            ],
            true,
        )
        .unwrap();
        let first = portions.next_portion().unwrap().unwrap();
        assert_eq!(first, [Part::Paste(long[10..].to_vec())]);
        let second = portions.next_portion().unwrap().unwrap();
        assert_eq!(
            second,
            [
                Part::Paste(vec![b'x'; 10]),
                Part::Key(key),
                Part::Text(vec![1])
            ]
        );
        assert_eq!(portions.next_portion(), Ok(None));
    }

    #[test]
    fn a_file_is_read_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "body").unwrap();
        let all = vec![
            Piece::Text(b"a".to_vec()),
            Piece::File(path),
            Piece::Text(b"z".to_vec()),
        ];
        let mut portions = Portions::new(all, false).unwrap();
        let texts = ["a", "body", "z"].map(|t| Part::Text(t.into()));
        assert_eq!(portions.next_portion().unwrap().unwrap(), texts);
        assert_eq!(portions.next_portion(), Ok(None));
        assert!(Portions::new(vec![Piece::File("/does/not/exist".into())], false).is_err());
    }
}
