//! Error of a quantization: the sums over one block, without writing codes or numbers.
//!
//! `r = rint(x ⊘ S)` comes from `divide.rs`, right from one below `qmin − Z` to one above `qmax − Z`,
//! so `r ≠ clamp(r)` tells exactly what is clipped. Then `x̂ = T(clamp(r)) ⊗ S`, and `e = x ⊖ x̂` in
//! f64.
//!
//! The 16 lanes of f64 that the definition deals the elements to (`stats.rs`) are 1, 2 or 4 groups of
//! N. Each group passes over the whole block by itself, which the first cache holds meanwhile (of
//! `f64` nearly): the sums of all at once would not find room in 16 registers. Squares are rounded
//! before they are added, so there is no fused operation here, except for the square of an `f32`,
//! which is exact in `f64`. The end of a short block goes through the same instructions, padded; a
//! padded lane adds +0, which changes no sum that began with +0.

use core::marker::PhantomData;

use super::divide::Divide;
use super::hints::Loads;
use super::loops::slice::ask_ahead;
use super::operation::Slice;
use super::table::Parameter;
use crate::element::{Compute, Number, Real};
use crate::params::Affine;
use crate::simd::{Elements, FloatOps, Kernel};
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

/// N lanes of `f64`.
type F64s<S> = <S as FloatOps<f64>>::V;

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
        // What `min` leaves of a padded row: an element's own square and error, or 0.
        let mut most = [0.0; LANES];
        most[..rest.len()].fill(f64::INFINITY);

        let mut sums = LaneSums::NONE;
        for group in 0..LANES / S::LANES {
            let first = group * S::LANES;
            let zero = FloatOps::<f64>::splat(s, 0.0);
            let (mut squared_error, mut squares, mut max_abs) = (zero, zero, zero);
            let mut clipped = s.i32_splat(0);
            for row in self.block.chunks_exact(LANES) {
                // The first pass over the block brings it for the others.
                if group == 0 && self.loads.is_ahead() {
                    ask_ahead(s, row);
                }
                let (x, e) = errors.of(s, Elements::<T>::load(s, &row[first..]), &mut clipped);
                squared_error = add_square(s, squared_error, e);
                squares = if T::Compute::SQUARE_FITS_F64 {
                    FloatOps::<f64>::add_exact_square(s, squares, x)
                } else {
                    add_square(s, squares, x)
                };
                max_abs = FloatOps::<f64>::max_abs(s, max_abs, e);
            }
            if !rest.is_empty() {
                let (x, e) = errors.of(s, Elements::<T>::load(s, &padded[first..]), &mut clipped);
                let most = FloatOps::<f64>::load(s, &most[first..]);
                squared_error = add_square_up_to(s, squared_error, e, most);
                squares = add_square_up_to(s, squares, x, most);
                max_abs = max_abs_up_to(s, max_abs, e, most);
            }
            s.store(squared_error, &mut sums.squared_error[first..]);
            s.store(squares, &mut sums.squares[first..]);
            sums.count(s, max_abs, clipped);
        }
        // The 0 of a padded lane is clipped where it has no code.
        if !rest.is_empty() && !(self.p.qmin..=self.p.qmax).contains(&self.p.zero_point) {
            sums.clipped -= (LANES - rest.len()) as u64;
        }
        sums.fold()
    }
}

/// `sum + x²`, the square rounded before it is added.
#[inline(always)]
fn add_square<S: FloatOps<f64>>(s: S, sum: F64s<S>, x: F64s<S>) -> F64s<S> {
    s.add(sum, s.mul(x, x))
}

#[inline(always)]
fn add_square_up_to<S: FloatOps<f64>>(s: S, sum: F64s<S>, x: F64s<S>, most: F64s<S>) -> F64s<S> {
    s.add(sum, s.min(s.mul(x, x), most))
}

#[inline(always)]
fn max_abs_up_to<S: FloatOps<f64>>(s: S, max: F64s<S>, x: F64s<S>, most: F64s<S>) -> F64s<S> {
    s.max(s.min(s.abs(x), most), max)
}

/// The arithmetic on one register of elements.
struct Errors<S: FloatOps<T>, T: Compute, D> {
    divide: D,
    scale: S::V,
    /// `qmin − Z` and `qmax − Z`.
    least: S::I32,
    most: S::I32,
}

impl<S: FloatOps<T> + FloatOps<f64>, T: Compute, D: Divide<S, T>> Errors<S, T, D> {
    #[inline(always)]
    fn new(s: S, p: &Affine<T>) -> Self {
        let (least, most) = (p.qmin - p.zero_point, p.qmax - p.zero_point);
        // Clipped integers have to be told from the greatest one.
        let beyond = Affine { qmax: p.qmax + 1, ..*p }.table();
        Self {
            divide: D::of(s, &beyond, Slice(0)),
            scale: s.splat(p.scale),
            least: s.i32_splat(least),
            most: s.i32_splat(most),
        }
    }

    /// The numbers in `f64` and their errors; counts the clipped ones.
    #[inline(always)]
    fn of(&self, s: S, x: <S as FloatOps<T>>::V, clipped: &mut S::I32) -> (F64s<S>, F64s<S>) {
        let r = self.divide.round(s, self.divide.quotient(s, x));
        let within = s.i32_min(s.i32_max(r, self.least), self.most);
        *clipped = s.i32_count_unequal(*clipped, r, within);
        let x_hat = FloatOps::<T>::mul(s, FloatOps::<T>::i32_to_real(s, within), self.scale);
        let x = FloatOps::<T>::to_f64(s, x);
        (x, FloatOps::<f64>::sub(s, x, FloatOps::<T>::to_f64(s, x_hat)))
    }
}

/// The sums of a block, lane by lane.
struct LaneSums {
    squared_error: [f64; LANES],
    squares: [f64; LANES],
    max_abs: f64,
    clipped: u64,
}

impl LaneSums {
    const NONE: Self =
        Self { squared_error: [0.0; LANES], squares: [0.0; LANES], max_abs: 0.0, clipped: 0 };

    /// Takes in what does not depend on order.
    #[inline(always)]
    fn count<S: FloatOps<f64>>(&mut self, s: S, abs: S::V, clipped: S::I32) {
        let mut lanes = ([0.0; LANES], [0; LANES]);
        s.store(abs, &mut lanes.0);
        s.i32_store(clipped, &mut lanes.1);
        for j in 0..S::LANES {
            self.max_abs = f64::max(self.max_abs, lanes.0[j]);
            self.clipped += lanes.1[j] as u64;
        }
    }

    #[inline(always)]
    fn fold(self) -> Sums {
        Sums {
            squared_error: stats::fold(self.squared_error),
            squares: stats::fold(self.squares),
            max_abs: self.max_abs,
            clipped: self.clipped,
        }
    }
}
