//! The serialized form of a histogram: its bounds, and a list of the bins that have elements.
//!
//! A state that is read must be one that some data lead to, as far as can be told. Reading it allocates no more than
//! the histogram of such data.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bins::{self, Bins};
use crate::element::Compute;
use crate::observer::bounds::Bounds;
use crate::observer::histogram::HistogramObserver;
use crate::observer::stored::StoredBounds;

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
    counts: Counts<T>,
}

impl<T: Compute> From<HistogramObserver<T>> for Histogram<T> {
    fn from(HistogramObserver { bounds, bins }: HistogramObserver<T>) -> Self {
        let StoredBounds { min, max, not_finite } = bounds.into();
        let counts = Counts { bins, numbers: PhantomData };
        Self { version: VERSION, min, max, not_finite, counts }
    }
}

impl<T: Compute> TryFrom<Histogram<T>> for HistogramObserver<T> {
    type Error = &'static str;

    fn try_from(stored: Histogram<T>) -> Result<Self, &'static str> {
        let Histogram { version, min, max, not_finite, counts: Counts { bins, .. } } = stored;
        if version != VERSION {
            return Err("a histogram of another version");
        }
        let bounds: Bounds<T> = StoredBounds { min, max, not_finite }.try_into()?;
        let bin = |x| if bounds.is_empty() { None } else { Some(bins::bin_of(x)) };
        let mut occupied = bins.occupied().map(|(bin, _)| bin);
        let first = occupied.next();
        if first != bin(bounds.min) || occupied.last().or(first) != bin(bounds.max) {
            return Err("min or max is not in the outermost bin");
        }
        Ok(Self { bounds, bins })
    }
}

/// The counts, serialized as pairs of a bin and its count.
struct Counts<T: Compute> {
    bins: Bins,
    numbers: PhantomData<T>,
}

impl<T: Compute> Serialize for Counts<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        // Told beforehand: formats without a mark for the end need it.
        let occupied = self.bins.occupied().count();
        let mut pairs = serializer.serialize_seq(Some(occupied))?;
        for pair in self.bins.occupied() {
            pairs.serialize_element(&pair)?;
        }
        pairs.end()
    }
}

impl<'de, T: Compute> Deserialize<'de> for Counts<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bins = deserializer.deserialize_seq(Pairs::<T>(PhantomData))?;
        Ok(Self { bins, numbers: PhantomData })
    }
}

/// Reads [`Counts`].
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
