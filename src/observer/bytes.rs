//! The states of observers as bytes, for files, networks and other languages.
//!
//! ```text
//! bytes    version 1, little-endian
//! 0..4     "zpob"
//! 4        1, the version
//! 5        1 for MinMaxObserver, 2 for MovingAverageObserver, 3 for HistogramObserver,
//!          4 for PerChannelMinMaxObserver
//! 6        4 if the type of computation is f32, 8 if it is f64
//! 7        0
//! 8..16    the number of NaNs and infinities, u64
//! 16..32   min and max, each as f64: +inf and -inf if no finite element was seen
//! 32..     for a moving average its constant, f64; for a histogram each bin that has elements, in ascending order:
//!          its number, i32, and its count, u64
//! ```
//!
//! Number 4 has the number of slices in bytes 8..16, u64, and then bytes 8..32 of the state of each slice's observer.
//! Readers that do not know number 4 refuse it as another observer's state.
//!
//! Equal observers have equal bytes, and no other bytes are accepted: `read` writes the observer and compares.

use alloc::vec::Vec;

use super::{HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver};
use crate::bins::{self, Bins};
use crate::element::Compute;
use crate::error::Error;
use crate::range::MinMax;

const MAGIC: [u8; 4] = *b"zpob";
const VERSION: u8 = 1;
const PREFIX: usize = 8;
const BOUNDS: usize = 24;
const BIN: usize = 12;

/// Writes the bytes that all kinds of observers begin with; `number` is the kind.
fn prefix<T: Compute>(number: u8) -> Vec<u8> {
    let mut bytes = Vec::from(MAGIC);
    bytes.extend([VERSION, number, size_of::<T>() as u8, 0]);
    bytes
}

fn write_bounds<T: Compute>(bounds: &MinMaxObserver<T>, bytes: &mut Vec<u8>) {
    bytes.extend(bounds.not_finite.to_le_bytes());
    bytes.extend(bounds.seen.min.to_f64().to_le_bytes());
    bytes.extend(bounds.seen.max.to_f64().to_le_bytes());
}

/// Writes the bytes that all kinds of observers with one range begin with.
fn header<T: Compute>(number: u8, bounds: &MinMaxObserver<T>) -> Vec<u8> {
    let mut bytes = prefix::<T>(number);
    write_bounds(bounds, &mut bytes);
    bytes
}

const fn refused<X>(reason: &'static str) -> Result<X, Error> {
    Err(Error::InvalidState { reason })
}

/// Returns an error unless the bytes begin as a state of the kind `number` does.
fn check_prefix<T: Compute>(number: u8, bytes: &[u8]) -> Result<(), Error> {
    if bytes[..4] != MAGIC {
        refused("no state of an observer")
    } else if bytes[4] != VERSION {
        refused("the state has another version")
    } else if bytes[5] != number {
        refused("the state is another observer's")
    } else if usize::from(bytes[6]) != size_of::<T>() {
        refused("the state has another type of computation")
    } else {
        Ok(())
    }
}

fn read_bounds<T: Compute>(bytes: &[u8; BOUNDS]) -> Result<MinMaxObserver<T>, Error> {
    let word = |at: usize| <[u8; 8]>::try_from(&bytes[at..at + 8]).unwrap_or_default();
    let number = |at| T::from_f64(f64::from_le_bytes(word(at)));
    let seen = MinMax { min: number(8), max: number(16), has_nan: false };
    // −0 becomes +0: no bound is −0.
    MinMaxObserver::from_parts(seen, u64::from_le_bytes(word(0)))
        .or(refused("min is above max, or one of them is not finite"))
}

/// Reads an observer of the kind `number`: its bounds, and all other fields by `rest`. Returns an error unless `write`
/// makes the same bytes of the observer.
fn read<T: Compute, O>(
    number: u8,
    bytes: &[u8],
    rest: impl FnOnce(MinMaxObserver<T>, &[u8]) -> Option<O>,
    write: impl FnOnce(&O) -> Vec<u8>,
) -> Result<O, Error> {
    let bounds = bytes.get(PREFIX..).and_then(|bytes| bytes.split_first_chunk());
    let Some((bounds, behind)) = bounds else {
        return refused("fewer than 32 bytes");
    };
    check_prefix::<T>(number, bytes)?;
    match rest(read_bounds(bounds)?, behind) {
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

impl<T: Compute> PerChannelMinMaxObserver<T> {
    const NUMBER: u8 = 4;

    /// Returns the state as bytes, the same on every machine; [`from_bytes`](Self::from_bytes) reads them. A slice takes
    /// 24 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let slices = self.observers();
        let mut bytes = prefix::<T>(Self::NUMBER);
        bytes.reserve_exact(size_of::<u64>() + slices.len() * BOUNDS);
        bytes.extend((slices.len() as u64).to_le_bytes());
        slices.iter().for_each(|slice| write_bounds(slice, &mut bytes));
        bytes
    }

    /// Returns the observer from which [`to_bytes`](Self::to_bytes) made `bytes`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidState`] for all other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let Some(slices) = bytes.get(2 * PREFIX..) else {
            return refused("fewer than 16 bytes");
        };
        check_prefix::<T>(Self::NUMBER, bytes)?;
        let slices = slices.as_chunks().0.iter().map(read_bounds).collect::<Result<_, _>>()?;
        match Self::of(slices) {
            Some(observer) if observer.to_bytes() == bytes => Ok(observer),
            _ => refused("no data lead to this state"),
        }
    }
}
