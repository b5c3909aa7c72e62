//! Quantize: `q = clamp(rint(x ⊘ S) + Z, qmin, qmax)`.
//!
//! The quotient is rounded and known to be right as far as there are codes (`divide.rs`). Then four
//! registers of integers become one of codes by saturation: to 16 bits, to which Z is added with
//! saturation, then to 8. That clamps to the codes of the type without an instruction of its own; a
//! quotient that saturates at −32768 is below every code still when Z ≤ 3000 is added.
//!
//! Where all numbers are in a known range, nothing can overflow, and Z is added without saturation:
//! x86 adds so on more of its pipes.
//!
//! Where the quotient was divided, Z may be as large as 2²⁴ and is added in 32 bits instead.

use core::marker::PhantomData;

use super::blocks::Blocks;
use super::divide::Divide;
use super::steps::{Step, for_each_step};
use super::table::DivideBlocks;
use crate::element::{Code, Real};
use crate::engine::Stores;
use crate::params::Affine;
use crate::simd::{Codes, Elements, Kernel};

/// `dst[i] = quantize(src[i])`
pub(crate) struct Quantize<'a, T: Real, Q, D> {
    src: &'a [T],
    p: &'a Affine<T::Compute>,
    dst: &'a mut [Q],
    stores: Stores,
    divide: PhantomData<D>,
}

impl<'a, T: Real, Q, D> Quantize<'a, T, Q, D> {
    pub(crate) fn new(
        src: &'a [T],
        p: &'a Affine<T::Compute>,
        dst: &'a mut [Q],
        stores: Stores,
    ) -> Self {
        Self { src, p, dst, stores, divide: PhantomData }
    }
}

impl<S, T, Q, D> Kernel<S> for Quantize<'_, T, Q, D>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        // A zero point, and fewer codes than the type has, cost instructions: each has its own loop, for
        // the type that most data are of. The others are compiled once.
        let p = self.p;
        if !T::COMMON {
            return self.steps::<S, true, true>(s);
        }
        match (p.zero_point != 0, p.qmin != Q::MIN || p.qmax != Q::MAX) {
            (false, false) => self.steps::<S, false, false>(s),
            (false, true) => self.steps::<S, false, true>(s),
            (true, false) => self.steps::<S, true, false>(s),
            (true, true) => self.steps::<S, true, true>(s),
        }
    }
}

impl<T: Real, Q: Code, D> Quantize<'_, T, Q, D> {
    #[inline(always)]
    fn steps<S, const SHIFT: bool, const CLAMP: bool>(self, s: S)
    where
        S: Elements<T> + Codes<Q>,
        D: Divide<S, T::Compute>,
    {
        let step = QuantizeStep::<S, T, Q, D, SHIFT, CLAMP>::new(s, self.p);
        for_each_step(s, &step, self.src, self.dst, self.stores);
    }
}

pub(super) struct QuantizeStep<S: Codes<Q>, T, Q: Code, D, const SHIFT: bool, const CLAMP: bool> {
    divide: D,
    z16: S::I16,
    z32: S::I32,
    least: S::Packed,
    most: S::Packed,
    real: PhantomData<T>,
}

impl<S, T, Q, D, const SHIFT: bool, const CLAMP: bool> QuantizeStep<S, T, Q, D, SHIFT, CLAMP>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    #[inline(always)]
    fn new(s: S, p: &Affine<T::Compute>) -> Self {
        let Affine { zero_point: z, qmin, qmax, .. } = *p;
        let (z16, z32) = if D::NARROW { (z as i16, 0) } else { (0, z) };
        Self {
            divide: D::new(s, p, qmin - z, qmax - z),
            z16: s.i16_splat(z16),
            z32: s.i32_splat(z32),
            least: s.splat_code(qmin),
            most: s.splat_code(qmax),
            real: PhantomData,
        }
    }

    /// The step for slice `i` of a table, all of whose parameters are [`Proved::Near`](crate::params::Proved::Near).
    #[inline(always)]
    pub(super) fn of_slice(s: S, table: &Blocks<T::Compute>, i: usize) -> Self
    where
        D: DivideBlocks<S, T::Compute>,
    {
        Self {
            divide: D::of_block(s, table, i),
            z16: s.i16_splat(table.zero_point[i] as i16),
            z32: s.i32_splat(table.zero_point[i]),
            least: s.splat_code(table.qmin[i]),
            most: s.splat_code(table.qmax[i]),
            real: PhantomData,
        }
    }
}

impl<S, T, Q, D, const SHIFT: bool, const CLAMP: bool> Step<S>
    for QuantizeStep<S, T, Q, D, SHIFT, CLAMP>
where
    S: Elements<T> + Codes<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    type Src = T;
    type Dst = Q;
    type Loaded = [S::V; 4];
    type Begun = [S::V; 4];
    type Result = S::Packed;

    #[inline(always)]
    fn load(s: S, src: &[T]) -> [S::V; 4] {
        Elements::<T>::load_step(s, src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::V; 4] {
        Elements::<T>::load_part(s, src, T::zeroed())
    }

    #[inline(always)]
    fn begin(&self, s: S, mut x: [S::V; 4]) -> [S::V; 4] {
        for group in 0..4 {
            x[group] = self.divide.quotient(s, x[group]);
        }
        x
    }

    #[inline(always)]
    fn finish(&self, s: S, quotient: [S::V; 4]) -> S::Packed {
        let mut n = [self.z32; 4];
        for group in 0..4 {
            n[group] = self.divide.round(s, quotient[group]);
            if SHIFT && !D::NARROW {
                n[group] = s.i32_add(n[group], self.z32);
            }
        }
        let mut words = [s.i16_from_i32(n[0], n[1]), s.i16_from_i32(n[2], n[3])];
        if SHIFT && D::NARROW {
            for half in 0..2 {
                words[half] = if D::WITHIN {
                    s.i16_add(words[half], self.z16)
                } else {
                    s.i16_add_saturating(words[half], self.z16)
                };
            }
        }
        let mut q = s.pack(words);
        if CLAMP {
            q = s.max_code(q, self.least);
            if !D::CAPPED {
                q = s.min_code(q, self.most);
            }
        }
        q
    }

    #[inline(always)]
    fn store(s: S, q: S::Packed, dst: &mut [Q]) {
        s.store_codes(q, dst);
    }
    #[inline(always)]
    fn store_part(s: S, q: S::Packed, dst: &mut [Q]) {
        s.store_codes_part(q, dst);
    }
    #[inline(always)]
    fn stream(s: S, q: S::Packed, dst: &mut [Q]) {
        s.stream_codes(q, dst);
    }
}
