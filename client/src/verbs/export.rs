//! `psup export`.

use super::Run;
use crate::context::{Context, Done};
use crate::items::Items;
use crate::recording::cast::{self, Version};
use crate::recording::{Recording, Source, still};
use crate::since::Since;
use psup_proto::capture::Format as Still;
use psup_proto::{Code, Failure};
use serde_json::Value;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Write what a session has printed to a file
///
/// cast is an asciicast of version 3, which asciinema plays: the output with its
/// timing, every resize, a marker where psup exec began a command, and the exit
/// code. cast-v2 is for older players. svg and png show the last screen; html and
/// text hold all lines. gif is made by agg, which has to be installed.
///
/// Times are exact to 50 ms. For a session without a log they are known only as
/// long as the supervisor's worker lives; otherwise everything comes at once.
///
/// An argument with a / in it, or ending in .cast, is read as an asciicast file.
///
/// Example:
///   psup export build -o build.cast
///   psup export build --since 10m --format cast
///   psup export web -o web.svg
///   psup export ./demo.cast --format text
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Export {
    /// A name, one life of it such as web#3, or a file
    #[arg(value_name = "NAME|FILE", value_parser = Source::parse)]
    source: Source,
    /// What to write; the default follows the name of the file, else cast
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Begin at this offset, a duration ago (10m), or at a time
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    since: Option<Since>,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Cast,
    CastV2,
    Svg,
    Png,
    Html,
    Text,
    Gif,
}

impl Format {
    fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "cast" => Some(Self::Cast),
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Text),
            "gif" => Some(Self::Gif),
            _ => None,
        }
    }
}

impl Run for Export {
    const ITEMS: Items = Items::many::<(Value,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let by_name = self.output.as_deref().and_then(Format::of_file);
        let format = self.format.or(by_name).unwrap_or(Format::Cast);
        let is_picture = matches!(format, Format::Png | Format::Gif);
        if self.output.is_none() && (format == Format::Gif || is_picture && cx.out.is_terminal()) {
            return Err(Failure::new(Code::Usage, "a picture needs a file")
                .hint("`--output FILE` says which"));
        }
        let recording = self.source.read(self.since, cx)?;
        let bytes = match format {
            Format::Cast => cast::write(&recording, Version::Three).into_bytes(),
            Format::CastV2 => cast::write(&recording, Version::Two).into_bytes(),
            Format::Svg => still(&recording, Still::Svg)?,
            Format::Png => still(&recording, Still::Png)?,
            Format::Html => still(&recording, Still::Html)?,
            Format::Text => still(&recording, Still::Text)?,
            Format::Gif => {
                let path = self.output.unwrap_or_default();
                return gif(&recording, &path).map(|()| Done::OK);
            }
        };
        match &self.output {
            Some(path) => std::fs::write(path, bytes)
                .map_err(|e| Failure::system(format!("cannot write {}", path.display()), e))?,
            None if format == Format::Png => cx.out.data(&bytes)?,
            None => cx.out.text(&String::from_utf8_lossy(&bytes))?,
        }
        Ok(Done::OK)
    }
}

/// agg makes it of an asciicast, which it reads from its stdin.
fn gif(recording: &Recording, path: &Path) -> Result<(), Failure> {
    let started = Command::new("agg")
        .args(["--quiet", "/dev/stdin"])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let mut agg = started.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::new(
            Code::Unsupported,
            "a gif is made by agg, which is not installed",
        )
        .hint("https://github.com/asciinema/agg has it; `--format cast` needs nothing"),
        _ => Failure::system("cannot start agg", error),
    })?;
    let text = cast::write(recording, Version::Two);
    if let Some(mut stdin) = agg.stdin.take() {
        // One that gives up says why itself.
        let _ = stdin.write_all(text.as_bytes());
    }
    let ended = agg
        .wait()
        .map_err(|e| Failure::system("cannot wait for agg", e))?;
    if ended.success() {
        return Ok(());
    }
    Err(Failure::new(
        Code::System,
        format!("agg could not make the gif: {ended}"),
    ))
}
