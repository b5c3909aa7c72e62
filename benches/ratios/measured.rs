//! The times of an operation's contenders at one length.

use crate::cases::Case;
use crate::rounds::{self, Effort, Track};

/// Medians of contenders that ran in turn, in nanoseconds for an element.
pub(crate) struct Measured {
    pub(crate) names: Vec<String>,
    pub(crate) times: Vec<f64>,
}

impl Measured {
    /// Measures the contenders whose name `is_wanted` accepts.
    pub(crate) fn new(
        case: &Case,
        len: usize,
        effort: Effort,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Self {
        let mut setup = case.prepare(len);
        let contenders = setup.contenders().into_iter();
        let (names, tracks): (Vec<_>, Vec<_>) = contenders
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, contender)| (name, Track { contender, inside_pool: false }))
            .unzip();
        let mut times = rounds::medians(&mut *setup, &tracks, effort);
        times.iter_mut().for_each(|time| *time /= len as f64);
        Self { names, times }
    }

    /// The name and the least time of the contenders whose name `is` accepts.
    pub(crate) fn best(&self, is: impl Fn(&str) -> bool) -> Option<(&str, f64)> {
        let found = self.names.iter().zip(&self.times).filter(|(name, _)| is(name));
        let best = found.min_by(|(_, a), (_, b)| a.total_cmp(b));
        best.map(|(name, &time)| (&name[..], time))
    }

    /// Returns the time of [`best`](Self::best) without its name.
    pub(crate) fn fastest(&self, is: impl Fn(&str) -> bool) -> Option<f64> {
        self.best(is).map(|(_, time)| time)
    }
}

/// A number in a table, or nothing.
pub(crate) fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}
