//! What `psup top` looks like, for any size of terminal: a line about all, the table, the selected
//! session's screen, and a line about the keys. The smaller the terminal, the more of them go.

use super::model::{Model, Sort, View};
use super::picture;
use crate::doing::Doing;
use crate::human;
use crate::table::{columns, cut};
use crate::tone::Tone;
use psup_link::capture::Shot;
use psup_proto::info::Info;
use psup_proto::resources::Measured;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};
use std::time::Duration;

/// Below this many rows there is no room for the preview of a screen.
const PREVIEW_FROM: u16 = 10;

const KEYS: &str = "Enter attach  x stop  r restart  l journal  s sort  / filter  ? help  q quit";

const HELP: [&str; 16] = [
    "Enter     attach; C-\\ comes back here",
    "j k ↓ ↑   the next, the one before",
    "g G       the first, the last",
    "PgDn PgUp a page down, a page up",
    "s         sort by name, state, output, start",
    "/ TEXT    only those with TEXT in name, target,",
    "          command or label; Esc shows all",
    "a         also those that have ended, or not",
    "x         stop the session, after a question",
    "r         restart it, after a question",
    "l         the end of its journal",
    "q C-c     quit",
    "",
    "Nothing is typed into a session here, and no",
    "session changes its size.",
    "                             any key goes back",
];

/// How the terminal is written to.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    pub colours: bool,
    /// Milliseconds since 1970.
    pub now: u64,
}

/// Draws all of it, and tells the model how many rows a page has.
pub(super) fn draw(frame: &mut Frame, model: &mut Model, looks: Looks) {
    let area = frame.area();
    if model.view == View::Journal {
        return draw_journal(frame, model, area, looks);
    }
    let [title, table, preview, foot] = divide(area, model);
    frame.render_widget(title_line(model, title.width), title);
    draw_table(frame, model, table, looks);
    draw_preview(frame, model, preview, looks);
    frame.render_widget(foot_line(model, foot.width), foot);
    if model.view == View::Help {
        draw_help(frame, area);
    }
}

fn divide(area: Rect, model: &Model) -> [Rect; 4] {
    let (title, foot) = (u16::from(area.height >= 3), u16::from(area.height >= 2));
    let room = area.height - title - foot;
    let preview = if area.height >= PREVIEW_FROM && model.selected.is_some() {
        let rows = model.shown.len().min(usize::from(u16::MAX) - 1) as u16 + 1;
        room - rows.clamp(3, (room / 2).max(3)).min(room)
    } else {
        0
    };
    Layout::vertical([
        Constraint::Length(title),
        Constraint::Fill(1),
        Constraint::Length(preview),
        Constraint::Length(foot),
    ])
    .areas(area)
}

fn title_line(model: &Model, width: u16) -> Line<'static> {
    let all: usize = model.sources.iter().map(|place| place.sessions.len()).sum();
    let mut words = vec![match all {
        1 => "1 session".to_owned(),
        all => format!("{all} sessions"),
    }];
    if model.shown.len() != all {
        words.push(format!("{} shown", model.shown.len()));
    }
    if model.sort != Sort::Name {
        words.push(format!("sorted by {}", model.sort.word()));
    }
    if model.ended {
        words.push("also ended ones".to_owned());
    }
    if !model.filter.is_empty() && model.view != View::Filter {
        words.push(format!("filter: {}", model.filter));
    }
    for place in &model.sources {
        if let Some(trouble) = &place.trouble {
            let name = place.name.as_ref().map(|name| format!("{name}: "));
            words.push(format!("{}{trouble}", name.unwrap_or_default()));
        }
    }
    let text = human::plain(&words.join(" · "));
    Line::from(vec![
        Span::styled("psup top  ", Modifier::BOLD),
        Span::raw(cut(&text, usize::from(width).saturating_sub(10))),
    ])
}

fn foot_line(model: &Model, width: u16) -> Line<'static> {
    let width = usize::from(width);
    match (&model.view, &model.note) {
        (View::Filter, _) => Line::from(cut(&format!("/{}▏", model.filter), width)),
        (View::Confirm(act), _) => {
            let name = model.selected.as_ref().map(|place| place.id.to_string());
            let question = format!("{} {}? y/n", act.word(), name.unwrap_or_default());
            Line::styled(cut(&question, width), Modifier::BOLD)
        }
        (_, Some(note)) => Line::from(cut(&human::plain(note), width)),
        (_, None) => Line::styled(cut(KEYS, width), Modifier::DIM),
    }
}

/// The columns of one session, in words.
fn cells(info: &Info, target: Option<&str>, looks: Looks) -> (Tone, Vec<String>) {
    let doing = Doing::of(info, looks.now);
    let name = if info.state.is_live() {
        info.id.name.to_string()
    } else {
        info.id.to_string()
    };
    let age = Duration::from_millis(looks.now.saturating_sub(info.started_ms));
    let mut cells = vec![doing.mark().to_owned(), name];
    cells.extend(target.map(str::to_owned));
    cells.push(doing.text);
    cells.push(
        info.pid
            .map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
    );
    cells.push(human::age(age));
    cells.push(human::command(&info.command));
    (
        doing.tone,
        cells.iter().map(|cell| human::plain(cell)).collect(),
    )
}

fn draw_table(frame: &mut Frame, model: &mut Model, area: Rect, looks: Looks) {
    let heading = u16::from(area.height >= 3);
    let room = usize::from(area.height - heading);
    model.page = room.max(1);
    let several = model.sources.len() > 1;
    let first = model
        .position()
        .map_or(0, |at| (at + 1).saturating_sub(room));
    let rows: Vec<_> = model
        .shown
        .iter()
        .skip(first)
        .take(room)
        .map(|at| {
            let target = model.sources[at.0].name.as_deref().filter(|_| several);
            cells(model.info(*at), target, looks)
        })
        .collect();
    let mut titles = vec!["", "NAME", "DOING", "PID", "AGE", "COMMAND"];
    if several {
        titles.insert(2, "TARGET");
    }
    let widths = widths(&titles, &rows, usize::from(area.width));
    let mut lines = Vec::new();
    if heading > 0 {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        lines.push(row_line(&titles, &widths).style(Modifier::BOLD));
    }
    let selected = model.position().map(|at| at - first);
    for (at, (tone, cells)) in rows.iter().enumerate() {
        let line = row_line(cells, &widths);
        let mut style = tone_style(*tone, looks);
        if selected == Some(at) {
            style = style.add_modifier(Modifier::REVERSED);
        }
        lines.push(line.style(style));
    }
    if model.shown.is_empty() && room > 0 {
        lines.push(Line::styled(nothing(model), Modifier::DIM));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn nothing(model: &Model) -> &'static str {
    let troubled = model.sources.iter().all(|place| place.trouble.is_some());
    match (troubled, model.filter.is_empty(), model.ended) {
        (true, ..) => "",
        (false, false, _) => "no such sessions; Esc shows all",
        (false, true, false) => "no live sessions; a shows those that have ended",
        (false, true, true) => "no sessions",
    }
}

/// How wide each column is. DOING and COMMAND share what the others leave; COMMAND goes first.
fn widths(titles: &[&str], rows: &[(Tone, Vec<String>)], room: usize) -> Vec<usize> {
    let widest = |at: usize| {
        let cells = rows.iter().map(|(_, cells)| columns(&cells[at]));
        cells.chain([columns(titles[at])]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..titles.len()).map(widest).collect();
    widths[1] = widths[1].min((room / 3).max(8));
    let (doing, command) = (titles.len() - 4, titles.len() - 1);
    let fixed: usize = (0..titles.len())
        .filter(|at| ![doing, command].contains(at))
        .map(|at| widths[at] + 2)
        .sum();
    let left = room.saturating_sub(fixed + 2);
    widths[doing] = widths[doing].min(left.max(8));
    widths[command] = left.saturating_sub(widths[doing]);
    widths
}

fn row_line(cells: &[String], widths: &[usize]) -> Line<'static> {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = cut(cell, *width);
        text.push_str(&cell);
        let gap = (width + 2).saturating_sub(columns(&cell));
        text.extend(std::iter::repeat_n(' ', gap));
    }
    Line::from(text)
}

fn tone_style(tone: Tone, looks: Looks) -> Style {
    use ratatui::style::Color;
    let plain = Style::new();
    match tone {
        Tone::Plain | Tone::Heading => plain,
        Tone::Faint => plain.add_modifier(Modifier::DIM),
        Tone::Wanted if !looks.colours => plain.add_modifier(Modifier::BOLD),
        _ if !looks.colours => plain,
        Tone::Good => plain.fg(Color::Green),
        Tone::Busy => plain.fg(Color::Cyan),
        Tone::Wanted => plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
        Tone::Bad => plain.fg(Color::Red),
    }
}

fn draw_preview(frame: &mut Frame, model: &Model, area: Rect, looks: Looks) {
    let Some(info) = model.selected_info().filter(|_| area.height > 1) else {
        return;
    };
    let words = [
        info.id.to_string(),
        info.size.to_string(),
        usage(info),
        human::plain(&info.title),
    ];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let title = format!(" {} ", words.join(" · "));
    let block = Block::new()
        .borders(Borders::TOP)
        .title(cut(&title, usize::from(area.width)));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = match &model.preview {
        Some(Ok(shot)) => picture::part(shot, usize::from(inner.height), looks.colours),
        Some(Err(why)) => vec![Line::styled(human::plain(why), Modifier::DIM)],
        None => Vec::new(),
    };
    frame.render_widget(Paragraph::new(lines), inner);
}

/// What its processes use of the machine, as far as that is known.
fn usage(info: &Info) -> String {
    let Some(usage) = &info.usage else {
        return String::new();
    };
    let mebibytes =
        |memory: Measured| format!("{:.1} MiB", memory.value as f64 / f64::from(1 << 20));
    let seconds = |time: Measured| format!("{:.1} s of processor", time.value as f64 / 1e3);
    let known = [usage.memory.map(mebibytes), usage.cpu_ms.map(seconds)];
    known.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn draw_journal(frame: &mut Frame, model: &mut Model, area: Rect, looks: Looks) {
    let foot = u16::from(area.height >= 2);
    let [text, keys] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(foot)]).areas(area);
    model.page = usize::from(text.height).max(1);
    let lines = match &model.journal {
        Some(Ok(shot)) => page(shot, model.back, usize::from(text.height), looks.colours),
        Some(Err(why)) => vec![Line::from(human::plain(why))],
        None => vec![Line::styled("reading …", Modifier::DIM)],
    };
    frame.render_widget(Paragraph::new(lines), text);
    let name = model.selected.as_ref().map(|place| place.id.to_string());
    let words = format!(
        "journal of {}  j k PgUp PgDn g G move  r reads it again  q goes back",
        name.unwrap_or_default()
    );
    let line = Line::styled(cut(&words, usize::from(keys.width)), Modifier::DIM);
    frame.render_widget(line, keys);
}

fn page(shot: &Shot, back: usize, height: usize, colours: bool) -> Vec<Line<'_>> {
    let end = shot.rows.len().saturating_sub(back);
    let rows = &shot.rows[end.saturating_sub(height)..end];
    rows.iter().map(|row| picture::line(row, colours)).collect()
}

fn draw_help(frame: &mut Frame, area: Rect) {
    let width = 50.min(area.width);
    let height = (HELP.len() as u16 + 2).min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let block = Block::new().borders(Borders::ALL).title(" psup top ");
    let text: Vec<Line> = HELP.iter().map(|line| Line::from(*line)).collect();
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(text).block(block), place);
}

#[cfg(test)]
mod tests;
