//! Observers as they are written and read: plain fields, checked on the way in.
//!
//! Bounds that are not there are `None`, not infinities, which some formats cannot write. A histogram
//! lists the bins that are not empty, so that it takes no more room than it has to say, and reading
//! one allocates nothing. What is read has to be what some data lead to, as far as can be told; so
//! the code that works on it has nothing to fear.

use core::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::element::Compute;
use crate::observer::bins::{self, Bins, HALF, ZERO};
use crate::observer::bounds::Bounds;
use crate::observer::histogram::HistogramObserver;
use crate::observer::moving_average::MovingAverageObserver;

/// [`Bounds`], and [`MinMaxObserver`](crate::observer::MinMaxObserver).
#[derive(Serialize, Deserialize)]
#[serde(rename = "MinMaxObserver", deny_unknown_fields)]
pub(super) struct StoredBounds<T> {
    min: Option<T>,
    max: Option<T>,
    not_finite: u64,
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

/// [`HistogramObserver`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "HistogramObserver", deny_unknown_fields)]
pub(super) struct Histogram<T> {
    exponent: i32,
    min: Option<T>,
    max: Option<T>,
    not_finite: u64,
    /// Pairs: 0 and the number of zeros; ±(m + 1) and the count of bin m of that sign. Ascending.
    counts: Counts,
}

impl<T: Compute> From<HistogramObserver<T>> for Histogram<T> {
    fn from(HistogramObserver { bounds, bins }: HistogramObserver<T>) -> Self {
        let StoredBounds { min, max, not_finite } = bounds.into();
        Self { exponent: bins.exponent, min, max, not_finite, counts: Counts(bins.counts) }
    }
}

impl<T: Compute> TryFrom<Histogram<T>> for HistogramObserver<T> {
    type Error = &'static str;

    fn try_from(stored: Histogram<T>) -> Result<Self, &'static str> {
        let Histogram { exponent, min, max, not_finite, counts: Counts(counts) } = stored;
        let bounds: Bounds<T> = StoredBounds { min, max, not_finite }.try_into()?;
        let bins = Bins { exponent, counts };
        if bounds.is_empty() {
            let nothing = Bins::new(bins::least_exponent::<T>());
            return if bins == nothing {
                Ok(Self { bounds, bins })
            } else {
                Err("counts or an exponent, but no min and max")
            };
        }
        let magnitude = crate::reference::abs_max(bounds.min, bounds.max);
        if exponent != bins::exponent_for(magnitude) {
            return Err("exponent is not that of min and max");
        }
        let per_width = T::power_of_two(-exponent);
        let slot = |x| Some(bins::slot_of(x, per_width) as usize);
        if bins.counts.iter().position(|count| *count > 0) != slot(bounds.min)
            || bins.counts.iter().rposition(|count| *count > 0) != slot(bounds.max)
        {
            return Err("min or max is not in the outermost bin");
        }
        Ok(Self { bounds, bins })
    }
}

/// Counts as pairs of a signed bin and what is in it, where there is anything.
struct Counts(bins::Counts);

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        // Told beforehand: formats without a mark for the end need it.
        let occupied = self.0.iter().filter(|count| **count > 0).count();
        let mut pairs = serializer.serialize_seq(Some(occupied))?;
        for (slot, &count) in self.0.iter().enumerate() {
            if count > 0 {
                pairs.serialize_element(&(slot as i32 - ZERO as i32, count))?;
            }
        }
        pairs.end()
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Pairs)
    }
}

/// Reads [`Counts`].
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Counts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pairs of a bin, from -{HALF} to {HALF} and ascending, and a count above 0")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Counts, A::Error> {
        let mut counts = [0; 2 * HALF + 1];
        let mut next = -(HALF as i32);
        while let Some((bin, count)) = pairs.next_element::<(i32, u64)>()? {
            if !(next..=HALF as i32).contains(&bin) || count == 0 {
                return Err(A::Error::custom(format_args!(
                    "bin {bin} with count {count}: expected {}",
                    &self as &dyn serde::de::Expected
                )));
            }
            counts[(bin + HALF as i32) as usize] = count;
            next = bin + 1;
        }
        Ok(Counts(counts))
    }
}
