//! Which name somebody meant who mistyped one.

/// The known name that a mistyped one most likely meant: at most two edits away, or with the wanted
/// one in it, as `tmux-work-0` is a pane of tmux's session `work`.
pub(super) fn nearest<'a>(
    wanted: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let part = format!("-{wanted}-");
    let pane_of = names.clone().find(|name| name.contains(&part));
    mistyped(wanted, names).or(pane_of)
}

fn mistyped<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (edits(wanted, name), name))
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
        .min()
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the
/// other.
fn edits(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let names = ["build", "web", "worker"];
        assert_eq!(nearest("biuld", names.into_iter()), Some("build"));
        assert_eq!(nearest("wrker", names.into_iter()), Some("worker"));
        assert_eq!(nearest("zzz", names.into_iter()), None);
        assert_eq!(nearest("a", ["b"].into_iter()), None);
        let panes = ["tmux-work-0", "tmux-workers-1"];
        assert_eq!(nearest("work", panes.into_iter()), Some("tmux-work-0"));
    }
}
