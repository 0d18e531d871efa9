//! The kinds of output that are measured, the same in every run.

use psup_proto::Size;
use std::fmt::Write;

const BYTES: usize = 8 << 20;

const WORDS: &str = "error warning info debug request handler session socket buffer parser timeout retry connect close open read write flush \
    commit rollback worker thread pool queue message payload header token cache evict insert delete update select index table column \
    value null true false user admin service cluster node shard replica leader follower";

pub(crate) fn all(size: Size) -> Vec<(&'static str, Vec<u8>)> {
    let mut dice = Dice(7);
    vec![
        ("plain", lines(&mut dice, |d| log_line(d, 80, 120))),
        (
            "seq",
            (1..=1_000_000)
                .flat_map(|n| format!("{n}\r\n").into_bytes())
                .collect(),
        ),
        ("colour", lines(&mut dice, coloured)),
        ("cjk-emoji", lines(&mut dice, wide)),
        (
            "long",
            lines(&mut dice, |d| log_line(d, 1 << 20, (1 << 20) + 1)),
        ),
        ("redraws", frames(&mut dice, size)),
        ("progress", progress(&mut dice)),
        (
            "tabs",
            lines(&mut dice, |d| {
                (0..8).flat_map(|_| [d.word(), "\t"]).collect()
            }),
        ),
        ("latin1", latin1(&mut dice)),
        (
            "binary",
            (0..BYTES / 4).map(|_| dice.next() as u8).collect(),
        ),
    ]
}

/// A small linear congruential generator: no corpus needs better.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }

    fn word(&mut self) -> &'static str {
        let count = WORDS.split_ascii_whitespace().count();
        let at = self.below(count);
        WORDS.split_ascii_whitespace().nth(at).unwrap_or("word")
    }
}

fn lines(dice: &mut Dice, make: impl Fn(&mut Dice) -> String) -> Vec<u8> {
    // As many different ones as matter; then they come again in any order.
    let mut different: Vec<String> = Vec::new();
    let mut length = 0;
    while different.len() < 4000 && length < BYTES {
        different.push(make(dice));
        length += different[different.len() - 1].len();
    }
    let mut bytes = Vec::with_capacity(BYTES + 1024);
    while bytes.len() < BYTES {
        let at = dice.below(different.len());
        bytes.extend_from_slice(different[at].as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn log_line(dice: &mut Dice, least: usize, most: usize) -> String {
    let length = least + dice.below(most - least);
    let mut line = format!(
        "2026-11-20T09:{:02}:{:02}.{:03}Z INFO  [{}] ",
        dice.below(60),
        dice.below(60),
        dice.below(1000),
        dice.word()
    );
    while line.len() < length {
        line.push_str(dice.word());
        line.push(' ');
    }
    line.truncate(length);
    line
}

fn coloured(dice: &mut Dice) -> String {
    match dice.below(20) {
        0..7 => format!(
            "\x1b[1m\x1b[92m   Compiling\x1b[0m {}-{} v{}.{}.0",
            dice.word(),
            dice.word(),
            dice.below(9),
            dice.below(40)
        ),
        7..10 => format!(
            "\x1b[0m\x1b[1m\x1b[33mwarning\x1b[0m\x1b[0m\x1b[1m: unused variable: `{}`\x1b[0m",
            dice.word()
        ),
        10..12 => format!(
            "\x1b[0m   \x1b[0m\x1b[0m\x1b[1m\x1b[38;5;12m--> \x1b[0m\x1b[0msrc/{}/{}.rs:{}:7\x1b[0m",
            dice.word(),
            dice.word(),
            dice.below(900)
        ),
        12..17 => {
            let names: Vec<String> = (0..4)
                .map(|_| {
                    format!(
                        "\x1b[0m\x1b[01;{}m{}.{}\x1b[0m  ",
                        31 + dice.below(6),
                        dice.word(),
                        dice.word()
                    )
                })
                .collect();
            names.concat()
        }
        _ => format!(
            "\x1b[38;2;{};{};{}m{}\x1b[0m \x1b[48;5;{}m{}\x1b[0m",
            dice.below(256),
            dice.below(256),
            dice.below(256),
            log_line(dice, 40, 50),
            dice.below(256),
            dice.word()
        ),
    }
}

fn wide(dice: &mut Dice) -> String {
    let emoji = [
        "😀",
        "🚀",
        "🔥",
        "✨",
        "🎉",
        "👩\u{200d}💻",
        "🇫🇷",
        "❤\u{fe0f}",
        "👍🏽",
    ];
    let mut line = String::new();
    for _ in 0..2 + dice.below(5) {
        match dice.below(20) {
            0..8 => line.extend(
                (0..3 + dice.below(9))
                    .map(|_| char::from_u32(0x4e00 + dice.below(3000) as u32).unwrap_or('中')),
            ),
            8..11 => line.extend(
                (0..3 + dice.below(7))
                    .map(|_| char::from_u32(0xac00 + dice.below(800) as u32).unwrap_or('가')),
            ),
            11..13 => line.push_str(emoji[dice.below(emoji.len())]),
            13..16 => line.push_str(" déjà-vu e\u{301} ñ "),
            16..18 => line.extend(std::iter::repeat_n('─', 5 + dice.below(15))),
            _ => line.push_str(dice.word()),
        }
    }
    line
}

/// Full-screen programs: a process table, an editor that scrolls in a region, a repaint with
/// erasing.
fn frames(dice: &mut Dice, size: Size) -> Vec<u8> {
    let frames: Vec<String> = (0..500).map(|_| frame(dice, size)).collect();
    let mut bytes = b"\x1b[?1049h".to_vec();
    while bytes.len() < BYTES {
        let at = dice.below(frames.len());
        bytes.extend_from_slice(frames[at].as_bytes());
    }
    bytes
}

fn frame(dice: &mut Dice, size: Size) -> String {
    let (rows, cols) = (usize::from(size.rows), usize::from(size.cols));
    let mut out = "\x1b[?25l\x1b[H".to_owned();
    // Writing to a String cannot fail.
    let _ = match dice.below(10) {
        0..5 => table(dice, rows, cols, &mut out),
        5..8 => editor(dice, rows, cols, &mut out),
        _ => repaint(dice, rows, cols, &mut out),
    };
    out
}

fn table(dice: &mut Dice, rows: usize, cols: usize, out: &mut String) -> std::fmt::Result {
    for row in 1..5 {
        let bar = dice.below(cols / 2 - 16);
        write!(
            out,
            "\x1b[{row};1H\x1b[36m{row:3}\x1b[39m\x1b[1m[\x1b[32m{}\x1b[31m|||\x1b[39m]\x1b[m\x1b[K",
            "|".repeat(bar)
        )?;
    }
    for row in 6..rows {
        write!(
            out,
            "\x1b[{row};1H{:5} \x1b[1mroot\x1b[m      20   0 {:5}M \x1b[36m{:4}\x1b[39mM {:5} S \x1b[32m{:4}\x1b[39m  {:3} \x1b[32m/usr/bin/{}\x1b[m --{}\x1b[K",
            dice.below(99999),
            dice.below(9999),
            dice.below(999),
            dice.below(9999),
            dice.below(99),
            dice.below(9),
            dice.word(),
            dice.word()
        )?;
    }
    write!(
        out,
        "\x1b[{rows};1HF1\x1b[30;46mHelp  \x1b[mF2\x1b[30;46mSetup \x1b[m\x1b[K"
    )
}

fn editor(dice: &mut Dice, rows: usize, cols: usize, out: &mut String) -> std::fmt::Result {
    write!(out, "\x1b[1;{}r\x1b[{};1H", rows - 1, rows - 1)?;
    for _ in 0..=dice.below(11) {
        write!(
            out,
            "\n\x1b[38;5;130m{:4} \x1b[m\x1b[33mlet\x1b[m {} = \x1b[31m\"{}\"\x1b[m; \x1b[34m// {}\x1b[m\r",
            dice.below(9999),
            dice.word(),
            dice.word(),
            dice.word()
        )?;
    }
    write!(
        out,
        "\x1b[1;{rows}r\x1b[{};1H\x1b[2L\x1b[K{}\x1b[B\x1b[3P\x1b[4@ab\x1b[5X",
        1 + dice.below(rows - 4),
        dice.word()
    )?;
    write!(
        out,
        "\x1b[{rows};{}H{},{}\x1b[K\x1b[?25h",
        cols - 20,
        dice.below(999),
        dice.below(99)
    )
}

fn repaint(dice: &mut Dice, rows: usize, cols: usize, out: &mut String) -> std::fmt::Result {
    out.push_str("\x1b[2J\x1b[H");
    for row in 1..=rows {
        write!(
            out,
            "\x1b[{row};{}H\x1b[{}m{}\x1b[0m\x1b[1K\x1b[{}C{}",
            1 + dice.below(cols / 2),
            [1, 4, 7, 31, 44][dice.below(5)],
            dice.word(),
            1 + dice.below(19),
            dice.word()
        )?;
    }
    Ok(())
}

fn progress(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES + 1024);
    for step in 0.. {
        if bytes.len() >= BYTES {
            break;
        }
        let (step, done) = (step % 1000, step % 1000 * 40 / 1000);
        let line = if step % 50 == 0 {
            format!(
                "\r\x1b[K\x1b[1m\x1b[32m   Compiling\x1b[0m {} v1.{step}.0\r\n",
                dice.word()
            )
        } else {
            format!(
                "\r\x1b[K\x1b[1m\x1b[36m    Building\x1b[0m [{}>{}] {step}/1000: {}",
                "=".repeat(done),
                " ".repeat(40 - done),
                dice.word()
            )
        };
        bytes.extend_from_slice(line.as_bytes());
    }
    bytes
}

fn latin1(dice: &mut Dice) -> Vec<u8> {
    let text = lines(dice, |d| log_line(d, 60, 100));
    text.into_iter()
        .take(BYTES / 4)
        .map(|byte| if byte == b'e' { 0xe9 } else { byte })
        .collect()
}
