//! The error of a quantization, and the order of its sums.
//!
//! Floating-point addition depends on its order, so the order is part of the definition:
//!
//! * In a block of [`BLOCK`] elements, element i is added to lane `i mod 16`, in ascending i. At the block's end the
//!   lanes fold by halving: lane j takes lane j + 8, then j + 4, j + 2, j + 1.
//! * The sums of blocks add as a tree: a run of several blocks splits after the largest power of two below their
//!   number, each side is summed by the same rule, and the two sums are added.
//!
//! Vector registers of 2 to 16 lanes and any number of threads can follow this order.

use crate::error::Error;

/// The number of lanes of `f64` over which the elements of a block are distributed.
pub(crate) const LANES: usize = 16;

/// The number of elements in a block, the unit of the summation tree and of the work given to threads.
pub(crate) const BLOCK: usize = 4096;

/// The sums over a run of elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    pub(crate) squared_error: f64,
    pub(crate) squares: f64,
    pub(crate) max_abs: f64,
    pub(crate) clipped: u64,
}

impl Sums {
    /// Returns the sums of two runs, of which `self` is the earlier.
    pub(crate) fn add(self, later: Self) -> Self {
        Self {
            squared_error: self.squared_error + later.squared_error,
            squares: self.squares + later.squares,
            max_abs: f64::max(self.max_abs, later.max_abs),
            clipped: self.clipped + later.clipped,
        }
    }
}

/// Returns the sum of the lanes, by halving.
pub(crate) fn fold(mut lanes: [f64; LANES]) -> f64 {
    let mut half = LANES / 2;
    while half > 0 {
        for j in 0..half {
            lanes[j] += lanes[j + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// Joins the results for parts `first..first + count`, at least one, in the order of the tree.
pub(crate) fn tree<R>(
    first: usize,
    count: usize,
    of_part: &mut impl FnMut(usize) -> R,
    join: &impl Fn(R, R) -> R,
) -> R {
    if count <= 1 {
        return of_part(first);
    }
    let half = 1 << (count - 1).ilog2();
    let earlier = tree(first, half, of_part, join);
    let later = tree(first + half, count - half, of_part, join);
    join(earlier, later)
}

/// Sums a run block by block, in the order of the tree.
pub(crate) fn over_blocks<T>(src: &[T], of_block: &impl Fn(&[T]) -> Sums) -> Sums {
    let mut of_part = |i| of_block(&src[i * BLOCK..src.len().min((i + 1) * BLOCK)]);
    tree(0, src.len().div_ceil(BLOCK), &mut of_part, &Sums::add)
}

/// The differences between a tensor and its quantized form.
///
/// With `x̂ = dequantize(quantize(x))`, the errors `e = x - x̂` are computed and summed in `f64`. For `f16` and `bf16`,
/// `x̂` is the product in `f32`, not rounded to the type of the data. The sums are the same bits on every backend and
/// for any number of threads. The squares of `f64` data overflow beyond 1e154 and vanish below 1e-162.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorStats {
    sums: Sums,
    len: usize,
}

impl ErrorStats {
    /// Returns the result for `len` elements with these sums, or an error if an element is not finite.
    pub(crate) fn new(
        len: usize,
        sums: Sums,
        first_not_finite: impl FnOnce() -> Option<usize>,
    ) -> Result<Self, Error> {
        // Σx² is not finite if an element is not finite, or if `f64` data reach 1e154, which is no error.
        if !sums.squares.is_finite()
            && let Some(index) = first_not_finite()
        {
            return Err(Error::NotFinite { index: Some(index) });
        }
        Ok(Self { sums, len })
    }

    /// Returns the mean squared error, `Σe² / N`; `+inf` if dequantizing overflows.
    #[must_use]
    pub fn mse(&self) -> f64 {
        self.sums.squared_error / self.len as f64
    }

    /// Returns the greatest `|e|`.
    #[must_use]
    pub fn max_abs(&self) -> f64 {
        self.sums.max_abs
    }

    /// Returns the ratio of signal to quantization noise in decibels, `10·log10(Σx² / Σe²)`; `+inf` if there is no
    /// error, NaN if there is no signal either.
    #[must_use]
    pub fn sqnr_db(&self) -> f64 {
        // The results of libm do not depend on the platform.
        10.0 * libm::log10(self.sums.squares / self.sums.squared_error)
    }

    /// Returns the number of clipped elements, for which `rint(x / S) + Z` is outside of `qmin..=qmax`.
    #[must_use]
    pub fn clipped(&self) -> u64 {
        self.sums.clipped
    }

    /// Returns the number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an empty tensor has no error")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns `Σe²`.
    #[must_use]
    pub fn sum_squared_error(&self) -> f64 {
        self.sums.squared_error
    }

    /// Returns `Σx²`.
    #[must_use]
    pub fn sum_squares(&self) -> f64 {
        self.sums.squares
    }
}
