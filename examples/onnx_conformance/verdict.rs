//! The results of cases, and their counts.

/// The reason why a case has no result.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// The crate does not have this; the name of what it lacks.
    NotCovered(&'static str),
    /// Anything else, which is a failure of the case.
    Failed(String),
}

pub(crate) fn fail<T>(why: String) -> Result<T, Obstacle> {
    Err(Obstacle::Failed(why))
}

impl Obstacle {
    /// A failure with the place where it happened before it.
    pub(crate) fn at(self, place: &str) -> Self {
        match self {
            Self::Failed(why) => Self::Failed(format!("{place}: {why}")),
            not_covered @ Self::NotCovered(_) => not_covered,
        }
    }
}

impl From<zeropoint::Error> for Obstacle {
    fn from(error: zeropoint::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The number of cases for each kind of result.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) not_covered: usize,
}
