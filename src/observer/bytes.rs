//! The states of observers as bytes, for files, networks and other languages.
//!
//! ```text
//! bytes    version 1, little-endian
//! 0..4     "zpob"
//! 4        1, the version
//! 5        1 for MinMaxObserver, 2 for MovingAverageObserver, 3 for HistogramObserver
//! 6        4 if the type of computation is f32, 8 if it is f64
//! 7        0
//! 8..16    the number of NaNs and infinities, u64
//! 16..32   min and max, each as f64: +inf and -inf if no finite element was seen
//! 32..     for a moving average its constant, f64; for a histogram each bin that has elements, in ascending order:
//!          its number, i32, and its count, u64
//! ```
//!
//! Equal observers have equal bytes, and no other bytes are accepted: `read` writes the observer and compares.

use alloc::vec::Vec;

use super::{HistogramObserver, MinMaxObserver, MovingAverageObserver};
use crate::bins::{self, Bins};
use crate::element::Compute;
use crate::error::Error;
use crate::range::MinMax;

const MAGIC: [u8; 4] = *b"zpob";
const VERSION: u8 = 1;
const HEADER: usize = 32;
const BIN: usize = 12;

/// Writes the bytes that all kinds of observers begin with; `number` is the kind.
fn header<T: Compute>(number: u8, bounds: &MinMaxObserver<T>) -> Vec<u8> {
    let mut bytes = Vec::from(MAGIC);
    bytes.extend([VERSION, number, size_of::<T>() as u8, 0]);
    bytes.extend(bounds.not_finite.to_le_bytes());
    bytes.extend(bounds.seen.min.to_f64().to_le_bytes());
    bytes.extend(bounds.seen.max.to_f64().to_le_bytes());
    bytes
}

/// Reads an observer of the kind `number`: its bounds, and all other fields by `rest`. Returns an error unless `write`
/// makes the same bytes of the observer.
fn read<T: Compute, O>(
    number: u8,
    bytes: &[u8],
    rest: impl FnOnce(MinMaxObserver<T>, &[u8]) -> Option<O>,
    write: impl FnOnce(&O) -> Vec<u8>,
) -> Result<O, Error> {
    let refused = |reason| Err(Error::InvalidState { reason });
    let Some((header, behind)) = bytes.split_at_checked(HEADER) else {
        return refused("fewer than 32 bytes");
    };
    let word = |at: usize| <[u8; 8]>::try_from(&header[at..at + 8]).unwrap_or_default();
    if header[..4] != MAGIC {
        return refused("no state of an observer");
    } else if header[4] != VERSION {
        return refused("the state has another version");
    } else if header[5] != number {
        return refused("the state is another observer's");
    } else if usize::from(header[6]) != size_of::<T>() {
        return refused("the state has another type of computation");
    }
    // Adding +0 turns −0 into +0: no bound is −0.
    let number = |at| T::from_f64(f64::from_le_bytes(word(at))) + T::ZERO;
    let seen = MinMax { min: number(16), max: number(24), has_nan: false };
    let not_finite = u64::from_le_bytes(word(8));
    let is_range = seen.min <= seen.max && seen.min.is_finite() && seen.max.is_finite();
    if !(is_range || seen == MinMax::EMPTY) {
        return refused("min is above max, or one of them is not finite");
    }
    match rest(MinMaxObserver { seen, not_finite }, behind) {
        Some(observer) if write(&observer) == bytes => Ok(observer),
        _ => refused("no data lead to this state"),
    }
}

impl<T: Compute> MinMaxObserver<T> {
    const NUMBER: u8 = 1;

    /// Returns the state as bytes, the same on every machine; [`from_bytes`](Self::from_bytes) reads them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        header(Self::NUMBER, self)
    }

    /// Returns the observer from which [`to_bytes`](Self::to_bytes) made `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidState`] for all other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        read(Self::NUMBER, bytes, |bounds, _| Some(bounds), Self::to_bytes)
    }
}

impl<T: Compute> MovingAverageObserver<T> {
    const NUMBER: u8 = 2;

    /// Returns the state as bytes, the same on every machine; [`from_bytes`](Self::from_bytes) reads them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = header(Self::NUMBER, &self.bounds);
        bytes.extend(self.constant.to_f64().to_le_bytes());
        bytes
    }

    /// Returns the observer from which [`to_bytes`](Self::to_bytes) made `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidState`] for all other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let rest = |bounds, rest: &[u8]| {
            let constant = f64::from_le_bytes(*rest.first_chunk()?);
            Some(Self { bounds, ..Self::new(T::from_f64(constant)).ok()? })
        };
        read(Self::NUMBER, bytes, rest, Self::to_bytes)
    }
}

impl<T: Compute> HistogramObserver<T> {
    const NUMBER: u8 = 3;

    /// Returns the state as bytes, the same on every machine; [`from_bytes`](Self::from_bytes) reads them. Each bin
    /// with elements takes 12 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = header(Self::NUMBER, &self.bounds);
        for (bin, count) in self.bins.occupied() {
            bytes.extend(bin.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        bytes
    }

    /// Returns the observer from which [`to_bytes`](Self::to_bytes) made `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidState`] for all other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let rest = |bounds, rest: &[u8]| {
            let (most, mut bins) = (bins::greatest_bin::<T>(), Bins::new::<T>());
            for pair in rest.chunks_exact(BIN) {
                let (bin, count) = pair.split_first_chunk()?;
                let (bin, count) = (i32::from_le_bytes(*bin), count.first_chunk()?);
                if !(-most..=most).contains(&bin) {
                    return None;
                }
                bins.set::<T>(bin, u64::from_le_bytes(*count));
            }
            Self::of(bounds, bins).ok()
        };
        read(Self::NUMBER, bytes, rest, Self::to_bytes)
    }
}
