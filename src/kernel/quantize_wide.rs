//! Quantize to 16 bits: `q = clamp(rint(x ⊘ S) + Z, qmin, qmax)`.
//!
//! The quotient is rounded and known to be right as far as there are codes (`divide_far.rs`,
//! `divide.rs`). Z is added in 32 bits, and saturation makes 16 of them, which clamps to the codes of
//! the type without an instruction of its own.
//!
//! A number below every code may have become any low integer, down to −2³¹: so for a negative Z,
//! with which it would wrap, the integers are clamped first, as they are for fewer codes than the type
//! has. Above, nothing wraps: the integer is at most `qmax − Z`, or 2²⁵ from a division, or in a known
//! range next to it.

use core::marker::PhantomData;

use super::divide::Divide;
use super::steps::{Step, for_each_step};
use crate::element::{Code, Real};
use crate::engine::Stores;
use crate::params::Affine;
use crate::simd::{Elements, Kernel, Words};

/// `dst[i] = quantize(src[i])`
pub(crate) struct QuantizeWide<'a, T: Real, Q, D> {
    src: &'a [T],
    p: &'a Affine<T::Compute>,
    dst: &'a mut [Q],
    stores: Stores,
    divide: PhantomData<D>,
}

impl<'a, T: Real, Q, D> QuantizeWide<'a, T, Q, D> {
    pub(crate) fn new(
        src: &'a [T],
        p: &'a Affine<T::Compute>,
        dst: &'a mut [Q],
        stores: Stores,
    ) -> Self {
        Self { src, p, dst, stores, divide: PhantomData }
    }
}

impl<S, T, Q, D> Kernel<S> for QuantizeWide<'_, T, Q, D>
where
    S: Elements<T> + Words<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        // A loop without the clamp is compiled for the type that most data are of.
        let p = self.p;
        let may_wrap = p.zero_point < 0 || p.qmin != Q::MIN || p.qmax != Q::MAX;
        if may_wrap || !T::COMMON {
            self.steps::<S, true>(s);
        } else {
            self.steps::<S, false>(s);
        }
    }
}

impl<T: Real, Q: Code, D> QuantizeWide<'_, T, Q, D> {
    #[inline(always)]
    fn steps<S, const CLAMP: bool>(self, s: S)
    where
        S: Elements<T> + Words<Q>,
        D: Divide<S, T::Compute>,
    {
        let step = WideStep::<S, T, Q, D, CLAMP>::new(s, self.p);
        for_each_step(s, &step, self.src, self.dst, self.stores);
    }
}

struct WideStep<S: Words<Q>, T, Q: Code, D, const CLAMP: bool> {
    divide: D,
    /// `qmin − Z` and `qmax − Z`.
    least: S::I32,
    most: S::I32,
    z: S::I32,
    types: PhantomData<(T, Q)>,
}

impl<S, T, Q, D, const CLAMP: bool> WideStep<S, T, Q, D, CLAMP>
where
    S: Elements<T> + Words<Q>,
    T: Real,
    Q: Code,
    D: Divide<S, T::Compute>,
{
    #[inline(always)]
    fn new(s: S, p: &Affine<T::Compute>) -> Self {
        let (least, most) = (p.qmin - p.zero_point, p.qmax - p.zero_point);
        Self {
            divide: D::new(s, p, least, most),
            least: s.i32_splat(least),
            most: s.i32_splat(most),
            z: s.i32_splat(p.zero_point),
            types: PhantomData,
        }
    }
}

impl<S, T, Q, D, const CLAMP: bool> Step<S> for WideStep<S, T, Q, D, CLAMP>
where
    S: Elements<T> + Words<Q>,
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
        let mut n = [self.z; 4];
        for group in 0..4 {
            n[group] = self.divide.round(s, quotient[group]);
            if CLAMP {
                n[group] = s.i32_max(n[group], self.least);
                if !D::CAPPED {
                    n[group] = s.i32_min(n[group], self.most);
                }
            }
            n[group] = s.i32_add(n[group], self.z);
        }
        s.pack_words(n)
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
