//! Observers as they are written and read: plain fields, checked on the way in.
//!
//! Bounds that are not there are `None`, not infinities, which some formats cannot write. What is read
//! has to be what some data lead to, as far as can be told; so the code that works on it has nothing
//! to fear.

use serde::{Deserialize, Serialize};

use crate::element::Compute;
use crate::observer::bounds::Bounds;
use crate::observer::moving_average::MovingAverageObserver;

/// [`Bounds`], and [`MinMaxObserver`](crate::observer::MinMaxObserver).
#[derive(Serialize, Deserialize)]
#[serde(rename = "MinMaxObserver", deny_unknown_fields)]
pub(super) struct StoredBounds<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
    pub(super) not_finite: u64,
}

impl<T: Compute> From<Bounds<T>> for StoredBounds<T> {
    fn from(bounds: Bounds<T>) -> Self {
        let there = |x| if bounds.is_empty() { None } else { Some(x) };
        Self { min: there(bounds.min), max: there(bounds.max), not_finite: bounds.not_finite }
    }
}

impl<T: Compute> TryFrom<StoredBounds<T>> for Bounds<T> {
    type Error = &'static str;

    fn try_from(stored: StoredBounds<T>) -> Result<Self, &'static str> {
        let StoredBounds { min, max, not_finite } = stored;
        match (min, max) {
            (None, None) => Ok(Self { not_finite, ..Self::EMPTY }),
            (Some(min), Some(max)) if !min.is_finite() || !max.is_finite() => {
                Err("min or max is NaN or infinite")
            }
            // −0 + 0 is +0.
            (Some(min), Some(max)) if min <= max => {
                Ok(Self { min: min + T::ZERO, max: max + T::ZERO, not_finite })
            }
            (Some(_), Some(_)) => Err("min is above max"),
            _ => Err("one of min and max is missing"),
        }
    }
}

/// [`MovingAverageObserver`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "MovingAverageObserver", deny_unknown_fields)]
pub(super) struct Average<T> {
    constant: T,
    min: Option<T>,
    max: Option<T>,
    not_finite: u64,
}

impl<T: Compute> From<MovingAverageObserver<T>> for Average<T> {
    fn from(observer: MovingAverageObserver<T>) -> Self {
        let StoredBounds { min, max, not_finite } = observer.bounds.into();
        Self { constant: observer.constant, min, max, not_finite }
    }
}

impl<T: Compute> TryFrom<Average<T>> for MovingAverageObserver<T> {
    type Error = &'static str;

    fn try_from(stored: Average<T>) -> Result<Self, &'static str> {
        let Average { constant, min, max, not_finite } = stored;
        let mut observer =
            Self::new(constant).map_err(|_| "constant is not above 0 and at most 1")?;
        observer.bounds = StoredBounds { min, max, not_finite }.try_into()?;
        Ok(observer)
    }
}
