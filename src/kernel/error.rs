//! The error of a quantization: the sums over one block, without writing codes or numbers.
//!
//! `divide.rs` computes `r = rint(x ⊘ S)`, which is right from one below `qmin − Z` to one above `qmax − Z`, so an
//! element is clipped exactly if `r ≠ clamp(r)`. Then `x̂ = T(clamp(r)) ⊗ S`, and `e = x ⊖ x̂` in `f64`.
//!
//! The definition (`stats.rs`) deals the elements to 16 lanes of `f64`, which are 1, 2 or 4 groups of N. The sums of
//! all groups would not fit in 16 registers, so each group passes over the whole block, which stays in the first cache
//! (for `f64`, nearly all of it). Squares are rounded before they are added; only the square of an `f32` is exact in
//! `f64` and may be fused. The block's end is padded with zeros: a padded lane adds +0, which changes no sum that began
//! with +0.

use core::marker::PhantomData;

use super::divide::Divide;
use super::hints::Loads;
use super::loops::slice::prefetch_ahead;
use super::operation::Slice;
use super::table::Parameter;
use crate::element::{Compute, Real};
use crate::params::Affine;
use crate::simd::{Elements, FloatOps, Kernel, Load, Store};
use crate::stats::{self, BLOCK, LANES, Sums};

/// The sums over `block`, of at most [`BLOCK`] elements.
pub(crate) struct ErrorOfBlock<'a, T: Real, D> {
    block: &'a [T],
    p: &'a Affine<T::Compute>,
    loads: Loads,
    divide: PhantomData<D>,
}

impl<'a, T: Real, D> ErrorOfBlock<'a, T, D> {
    pub(crate) fn new(block: &'a [T], p: &'a Affine<T::Compute>, loads: Loads) -> Self {
        debug_assert!(block.len() <= BLOCK);
        Self { block, p, loads, divide: PhantomData }
    }
}

impl<S, T, D> Kernel<S> for ErrorOfBlock<'_, T, D>
where
    S: Elements<T> + FloatOps<f64>,
    T: Real,
    D: Divide<S, T::Compute>,
{
    type Output = Sums;

    #[inline(always)]
    fn run(self, s: S) -> Sums {
        let errors = Errors::<S, T::Compute, D>::new(s, self.p);
        let rest = &self.block[self.block.len() / LANES * LANES..];
        let mut padded = [T::zeroed(); LANES];
        padded[..rest.len()].copy_from_slice(rest);
        // Errors have no limit in lanes of elements, and are limited to 0 in lanes of padding.
        let mut limit = [0.0; LANES];
        limit[..rest.len()].fill(f64::INFINITY);

        let (mut lanes, mut clipped) = ([[0.0; LANES]; 3], [0; LANES]);
        for group in 0..LANES / S::LANES {
            let first = group * S::LANES;
            let mut sums = LaneSums::<S>([FloatOps::<f64>::splat(s, 0.0); 3], s.i32_splat(0));
            for row in self.block.chunks_exact(LANES) {
                // The first group's pass over the block prefetches the block for all groups.
                if group == 0 && self.loads.is_ahead() {
                    prefetch_ahead(s, row);
                }
                errors.add(s, Load::load(s, &row[first..]), None, &mut sums);
            }
            if !rest.is_empty() {
                let limit = Load::load(s, &limit[first..]);
                errors.add(s, Load::load(s, &padded[first..]), Some(limit), &mut sums);
            }
            for sum in 0..3 {
                sums.0[sum].store(s, &mut lanes[sum][first..]);
            }
            sums.1.store(s, &mut clipped[first..]);
        }
        let [squared_error, squares, max_abs] = lanes;
        let mut clipped = clipped.into_iter().sum::<i32>() as u64;
        // The zeros of the padding are clipped if 0 has no code.
        if !rest.is_empty() && !(self.p.qmin..=self.p.qmax).contains(&self.p.zero_point) {
            clipped -= (LANES - rest.len()) as u64;
        }
        Sums {
            squared_error: stats::fold(squared_error),
            squares: stats::fold(squares),
            max_abs: max_abs.into_iter().fold(0.0, |most, x| if x > most { x } else { most }),
            clipped,
        }
    }
}

/// A register with N lanes of `f64`.
type F64s<S> = <S as FloatOps<f64>>::V;

/// The sums of N lanes: the squared errors, the squares, the greatest error, and the number of clipped elements.
struct LaneSums<S: FloatOps<f64>>([F64s<S>; 3], S::I32);

/// The parameters for the errors of one register of elements.
struct Errors<S: FloatOps<T>, T: Compute, D> {
    divide: D,
    scale: S::V,
    /// The limits of the integers, `qmin − Z` and `qmax − Z`.
    least: S::I32,
    most: S::I32,
}

impl<S: FloatOps<T> + FloatOps<f64>, T: Compute, D: Divide<S, T>> Errors<S, T, D> {
    #[inline(always)]
    fn new(s: S, p: &Affine<T>) -> Self {
        // One more integer above the codes distinguishes clipped elements from `qmax`.
        let beyond = Affine { qmax: p.qmax + 1, ..*p }.table();
        Self {
            divide: D::of(s, &beyond, Slice(0)),
            scale: s.splat(p.scale),
            least: s.i32_splat(p.qmin - p.zero_point),
            most: s.i32_splat(p.qmax - p.zero_point),
        }
    }

    /// Adds the elements `x`, whose errors count as at most `limit`.
    #[inline(always)]
    fn add(&self, s: S, x: <S as FloatOps<T>>::V, limit: Option<F64s<S>>, sums: &mut LaneSums<S>) {
        let LaneSums([squared_error, squares, max_abs], clipped) = sums;
        let r = self.divide.round(s, self.divide.quotient(s, x));
        let within = s.i32_min(s.i32_max(r, self.least), self.most);
        *clipped = s.i32_count_unequal(*clipped, r, within);
        let x_hat = FloatOps::<T>::mul(s, FloatOps::<T>::i32_to_real(s, within), self.scale);
        let x = FloatOps::<T>::to_f64(s, x);
        let mut e = FloatOps::<f64>::sub(s, x, FloatOps::<T>::to_f64(s, x_hat));
        if let Some(limit) = limit {
            e = FloatOps::<f64>::min(s, FloatOps::<f64>::abs(s, e), limit);
        }
        *squared_error = add_square(s, *squared_error, e);
        *squares = if T::SQUARE_FITS_F64 {
            FloatOps::<f64>::add_exact_square(s, *squares, x)
        } else {
            add_square(s, *squares, x)
        };
        *max_abs = FloatOps::<f64>::max_abs(s, *max_abs, e);
    }
}

/// Returns `sum + x²`, where the square is rounded before it is added.
#[inline(always)]
fn add_square<S: FloatOps<f64>>(s: S, sum: F64s<S>, x: F64s<S>) -> F64s<S> {
    s.add(sum, s.mul(x, x))
}
