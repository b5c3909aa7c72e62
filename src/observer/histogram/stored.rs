//! The serialized form of a histogram: its bounds, and a list of the bins that have elements.
//!
//! A state is accepted only if some data lead to it, as far as can be told. Reading allocates no more than the histogram
//! of these data.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bins::{self, Bins};
use crate::element::Compute;
use crate::observer::stored::MinMax;
use crate::observer::{HistogramObserver, MinMaxObserver};

/// The version of this form. Version 1, which had no number, had bins of equal width.
const VERSION: u32 = 2;

/// The serialized form of [`HistogramObserver`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "HistogramObserver", deny_unknown_fields)]
pub(super) struct Histogram<T: Compute> {
    version: u32,
    min: Option<T>,
    max: Option<T>,
    not_finite: u64,
    /// Pairs of a bin and its count, ascending.
    #[serde(serialize_with = "write_counts", deserialize_with = "read_counts::<T, _>")]
    counts: Bins,
}

impl<T: Compute> From<HistogramObserver<T>> for Histogram<T> {
    fn from(HistogramObserver { bounds, bins }: HistogramObserver<T>) -> Self {
        let MinMax { min, max, not_finite } = bounds.into();
        Self { version: VERSION, min, max, not_finite, counts: bins }
    }
}

impl<T: Compute> TryFrom<Histogram<T>> for HistogramObserver<T> {
    type Error = &'static str;

    fn try_from(stored: Histogram<T>) -> Result<Self, &'static str> {
        let Histogram { version, min, max, not_finite, counts: bins } = stored;
        if version != VERSION {
            return Err("a histogram of another version");
        }
        let bounds: MinMaxObserver<T> = MinMax { min, max, not_finite }.try_into()?;
        Self::of(bounds, bins)
    }
}

fn write_counts<S: Serializer>(bins: &Bins, serializer: S) -> Result<S::Ok, S::Error> {
    // Formats without a mark for the end of a sequence need its length first.
    let pairs: Vec<(i32, u64)> = bins.occupied().collect();
    pairs.as_slice().serialize(serializer)
}

fn read_counts<'de, T: Compute, D: Deserializer<'de>>(deserializer: D) -> Result<Bins, D::Error> {
    deserializer.deserialize_seq(Pairs::<T>(PhantomData))
}

/// Reads counts, pair by pair: a sequence of any length allocates no more than the bins.
struct Pairs<T: Compute>(PhantomData<T>);

impl<'de, T: Compute> Visitor<'de> for Pairs<T> {
    type Value = Bins;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = bins::greatest_bin::<T>();
        write!(f, "pairs of a bin, from -{most} to {most} and ascending, and a count above 0")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Bins, A::Error> {
        let most = bins::greatest_bin::<T>();
        let mut bins = Bins::new::<T>();
        let mut next = -most;
        while let Some((bin, count)) = pairs.next_element::<(i32, u64)>()? {
            if !(next..=most).contains(&bin) || count == 0 {
                return Err(A::Error::custom(format_args!(
                    "bin {bin} with count {count}: expected {}",
                    &self as &dyn serde::de::Expected
                )));
            }
            bins.set::<T>(bin, count);
            next = bin + 1;
        }
        Ok(bins)
    }
}
