//! The recordings beside the tests: what real programs wrote, and where their terminal changed its
//! size.

use super::Step;
use psup_proto::Size;
use std::path::Path;

pub(crate) struct Recording {
    pub name: String,
    pub size: Size,
    pub steps: Vec<Step>,
}

/// All of them, by their names.
pub(crate) fn recordings() -> Vec<Recording> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/recordings");
    let mut found: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "gz"))
        .map(|path| {
            let name = path
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .trim_end_matches(".out.gz")
                .to_owned();
            let size = name.rsplit('-').next().unwrap().parse().unwrap();
            let output = std::process::Command::new("gzip")
                .arg("-dc")
                .arg(&path)
                .output()
                .unwrap();
            let steps = steps(&output.stdout);
            Recording { name, size, steps }
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The recorder puts `ESC _ size COLSxROWS ESC \` where it gave the terminal another size.
fn steps(bytes: &[u8]) -> Vec<Step> {
    const MARK: &[u8] = b"\x1b_size ";
    let mut steps = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
        let (before, after) = (&rest[..at], &rest[at + MARK.len()..]);
        let end = after.iter().position(|b| *b == 0x1b).unwrap();
        steps.push(Step::Bytes(before.to_vec()));
        steps.push(Step::Resize(
            std::str::from_utf8(&after[..end]).unwrap().parse().unwrap(),
        ));
        rest = &after[end + 2..];
    }
    steps.push(Step::Bytes(rest.to_vec()));
    steps
}

/// The first so many percent of the bytes.
pub(crate) fn part(steps: &[Step], percent: usize) -> Vec<Step> {
    let length = |step: &Step| match step {
        Step::Bytes(bytes) => bytes.len(),
        Step::Resize(_) => 0,
    };
    let mut left = steps.iter().map(length).sum::<usize>() * percent / 100;
    let mut part = Vec::new();
    for step in steps {
        match step {
            Step::Bytes(bytes) if bytes.len() >= left => {
                // Not within a character: half of one is shown otherwise on purpose.
                let end = (left..bytes.len())
                    .find(|at| bytes[*at] & 0xc0 != 0x80)
                    .unwrap_or(bytes.len());
                part.push(Step::Bytes(bytes[..end].to_vec()));
                break;
            }
            Step::Bytes(bytes) => left -= bytes.len(),
            Step::Resize(_) => {}
        }
        part.push(step.clone());
    }
    part
}
