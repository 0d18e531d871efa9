//! When a new life begins after one has ended by itself.

use psup_proto::spec::Restart;
use psup_proto::{Exit, Outcome};
use std::time::Duration;

/// The first pause; each failure in a row doubles it.
const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(30);

/// What the restart policy has done so far; nothing, where somebody begins a life by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    /// Lives that it has begun in a row.
    pub in_a_row: u32,
    /// When it began them, as far back as the restart limit looks.
    pub at_ms: Vec<u64>,
}

/// Whether a policy wants another life after this end.
pub fn wants_another(restart: Restart, exit: &Exit) -> bool {
    let lost = matches!(exit.outcome, Outcome::Lost { .. });
    match restart {
        Restart::No => false,
        Restart::OnFailure => !exit.success() && !lost,
        Restart::Always => !lost,
    }
}

/// How long to pause before the restart of this number (the first is 0).
pub fn pause(restarts: u32) -> Duration {
    FIRST.saturating_mul(1 << restarts.min(20)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<u128> = (0..11).map(|n| pause(n).as_millis()).collect();
        assert_eq!(
            pauses,
            [
                100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000
            ]
        );
        assert_eq!(pause(u32::MAX), MOST);
    }

    #[test]
    fn policies_look_at_how_it_ended() {
        let exit = |outcome| Exit::new(outcome, 0);
        let (good, bad) = (
            exit(Outcome::Code(0)),
            exit(Outcome::Signal {
                number: 9,
                core: false,
            }),
        );
        assert!(!wants_another(Restart::No, &bad));
        assert!(
            wants_another(Restart::OnFailure, &bad) && !wants_another(Restart::OnFailure, &good)
        );
        assert!(wants_another(Restart::Always, &good));
        assert!(!wants_another(
            Restart::Always,
            &exit(Outcome::Lost {
                reason: "reboot".into()
            })
        ));
    }
}
