//! The serialized forms of observers: plain fields, which are checked when they are read.
//!
//! Bounds that do not exist are `None`, since some formats cannot write infinities. A state is accepted only if some
//! data lead to it, as far as can be told, so no other code has to check a state.

use serde::{Deserialize, Serialize};

use crate::element::Compute;
use crate::observer::{MinMaxObserver, MovingAverageObserver};
use crate::range::{self, Range};

/// The serialized form of [`MinMaxObserver`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "MinMaxObserver", deny_unknown_fields)]
pub(super) struct MinMax<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
    pub(super) not_finite: u64,
}

impl<T: Compute> From<MinMaxObserver<T>> for MinMax<T> {
    fn from(observer: MinMaxObserver<T>) -> Self {
        let MinMaxObserver { seen, not_finite } = observer;
        let bound = |x| if observer.is_empty() { None } else { Some(x) };
        Self { min: bound(seen.min), max: bound(seen.max), not_finite }
    }
}

impl<T: Compute> TryFrom<MinMax<T>> for MinMaxObserver<T> {
    type Error = &'static str;

    fn try_from(stored: MinMax<T>) -> Result<Self, &'static str> {
        let MinMax { min, max, not_finite } = stored;
        let seen = match (min, max) {
            (None, None) => range::MinMax::EMPTY,
            (Some(min), Some(max)) => {
                let range = Range::new(min, max);
                let range = range.map_err(|_| "min is above max, or one of them is not finite")?;
                range::MinMax { min: range.min(), max: range.max(), has_nan: false }
            }
            _ => return Err("one of min and max is missing"),
        };
        Ok(Self { seen, not_finite })
    }
}

/// The serialized form of [`MovingAverageObserver`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "MovingAverageObserver", deny_unknown_fields)]
pub(super) struct MovingAverage<T> {
    constant: T,
    min: Option<T>,
    max: Option<T>,
    not_finite: u64,
}

impl<T: Compute> From<MovingAverageObserver<T>> for MovingAverage<T> {
    fn from(observer: MovingAverageObserver<T>) -> Self {
        let MinMax { min, max, not_finite } = observer.bounds.into();
        Self { constant: observer.constant, min, max, not_finite }
    }
}

impl<T: Compute> TryFrom<MovingAverage<T>> for MovingAverageObserver<T> {
    type Error = &'static str;

    fn try_from(stored: MovingAverage<T>) -> Result<Self, &'static str> {
        let MovingAverage { constant, min, max, not_finite } = stored;
        let observer = Self::new(constant).map_err(|_| "constant is not above 0 and at most 1")?;
        Ok(Self { bounds: MinMax { min, max, not_finite }.try_into()?, ..observer })
    }
}
