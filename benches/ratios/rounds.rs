//! The measurement: rounds, in each of which every contender runs for a moment.

use std::time::{Duration, Instant};

use crate::cases::Prepared;

/// How many rounds are measured, and how long each is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Full,
    /// A little, of what is measured again and again.
    Little,
    /// Every contender runs once, to see that it does.
    Once,
}

/// The time that a contender runs in a round of `Effort::Full`, unless a single call takes longer.
const MOMENT: Duration = Duration::from_millis(2);

impl Effort {
    /// Odd, so that a median is one of the measurements.
    fn rounds(self, longest_call: Duration) -> usize {
        match self {
            Self::Once => 1,
            Self::Little => 7,
            Self::Full if longest_call > 5 * MOMENT => 11,
            Self::Full => 31,
        }
    }

    fn moment(self) -> Duration {
        match self {
            Self::Once => Duration::ZERO,
            Self::Little => MOMENT / 4,
            Self::Full => MOMENT,
        }
    }
}

/// A contender, and from where it is called.
#[derive(Clone, Copy)]
pub(crate) struct Track {
    pub(crate) contender: usize,
    /// Whether the calling thread belongs to the pool.
    pub(crate) inside_pool: bool,
}

/// The median time of a call on every track, in nanoseconds.
pub(crate) fn medians(setup: &mut dyn Prepared, tracks: &[Track], effort: Effort) -> Vec<f64> {
    let times: Vec<u64> =
        tracks.iter().map(|&track| times_in(effort.moment(), setup, track)).collect();
    let longest = tracks
        .iter()
        .zip(&times)
        .map(|(&track, &times)| if times == 1 { run(setup, track, 1) } else { Duration::ZERO });
    let rounds = effort.rounds(longest.max().unwrap_or_default());
    let mut measured = vec![Vec::with_capacity(rounds); tracks.len()];
    for _ in 0..rounds {
        for ((&track, &times), measured) in tracks.iter().zip(&times).zip(&mut measured) {
            let elapsed = run(setup, track, times);
            measured.push(elapsed.as_secs_f64() * 1e9 / times as f64);
        }
    }
    measured.into_iter().map(median).collect()
}

/// Returns the number of calls that fill `moment`, and leaves the caches warm.
fn times_in(moment: Duration, setup: &mut dyn Prepared, track: Track) -> u64 {
    setup.repeat(track.contender, 0);
    let mut times = 1;
    loop {
        let elapsed = run(setup, track, times);
        if elapsed * 2 >= moment {
            let filling = times as f64 * moment.as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
            return (filling as u64).max(1);
        }
        times *= 2;
    }
}

fn run(setup: &mut dyn Prepared, track: Track, times: u64) -> Duration {
    let mut timed = || {
        let start = Instant::now();
        setup.repeat(track.contender, times);
        start.elapsed()
    };
    if track.inside_pool { rayon::scope(|_| timed()) } else { timed() }
}

fn median(mut measured: Vec<f64>) -> f64 {
    measured.sort_by(f64::total_cmp);
    measured[measured.len() / 2]
}
