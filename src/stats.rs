//! The error of a quantization, and the order that makes its sums the same everywhere.
//!
//! Floating-point addition depends on its order, so the order is part of the definition:
//!
//! * element i of a block of [`BLOCK`] enters lane `i mod 16`, in ascending i; at the block's end
//!   the lanes fold by halving (lane j takes lane j + 8, then j + 4, j + 2, j + 1);
//! * the blocks' sums add as a tree: a run of several blocks splits after the largest power of two
//!   below their number, each side is summed so, and the two sums are added. The recursion is as
//!   deep as the logarithm of their number.
//!
//! Vector registers of 2 to 16 lanes and any number of threads can follow that order.

use crate::error::Error;

/// Lanes of `f64` that the elements of a block are dealt to.
pub(crate) const LANES: usize = 16;

/// Elements in a block: the unit of the summation tree, and of the work given to threads.
pub(crate) const BLOCK: usize = 4096;

/// The sums over some elements.
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

/// Joins the results for parts `first..first + count`, of at least one, in the order of the tree.
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
/// With `x̂ = dequantize(quantize(x))` and `e = x - x̂`, computed and summed in `f64`; for `f16` and `bf16`
/// `x̂` is the product in `f32`, not rounded to the type of the data. The sums are the same bits on every
/// backend and for any number of threads. Squares of `f64` data beyond 1e154 or below 1e-162 overflow or
/// vanish, as the sums then do.
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
        // Σx² is not finite if an element is not, or if f64 data reach 1e154, which is no error.
        if !sums.squares.is_finite()
            && let Some(index) = first_not_finite()
        {
            return Err(Error::NotFinite { index: Some(index) });
        }
        Ok(Self { sums, len })
    }

    /// The mean squared error, `Σe² / N`; `+inf` where dequantizing overflows.
    #[must_use]
    pub fn mse(&self) -> f64 {
        self.sums.squared_error / self.len as f64
    }

    /// The greatest `|e|`.
    #[must_use]
    pub fn max_abs(&self) -> f64 {
        self.sums.max_abs
    }

    /// The signal to quantization noise ratio in decibel, `10·log10(Σx² / Σe²)`.
    ///
    /// `+inf` where there is no error, NaN where there is no signal either.
    #[must_use]
    pub fn sqnr_db(&self) -> f64 {
        let ratio = self.sums.squares / self.sums.squared_error;
        // libm's results do not depend on the platform.
        10.0 * libm::log10(ratio)
    }

    /// The number of elements outside the codes: `rint(x / S) + Z` is not in `qmin..=qmax`.
    #[must_use]
    pub fn clipped(&self) -> u64 {
        self.sums.clipped
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an empty tensor has no error")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// `Σe²`
    #[must_use]
    pub fn sum_squared_error(&self) -> f64 {
        self.sums.squared_error
    }

    /// `Σx²`
    #[must_use]
    pub fn sum_squares(&self) -> f64 {
        self.sums.squares
    }
}
