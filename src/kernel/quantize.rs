//! Quantize: `q = clamp(rint(x ⊘ S) + Z, qmin, qmax)`.
//!
//! The quotient is rounded and known to be right as far as there are codes (`divide.rs`). Then four
//! registers of integers become one of codes by saturation: to 16 bits, to which Z is added with
//! saturation, then to 8. That clamps to the codes of the type without an instruction of its own; a
//! quotient that saturates at −32768 is below every code still when Z ≤ 3000 is added.
//!
//! Where the quotient was divided, Z may be as large as 2²⁴ and is added in 32 bits instead.

use core::marker::PhantomData;

use super::divide::Divide;
use super::steps::{Step, for_each_step};
use crate::element::{Code, Compute};
use crate::engine::Stores;
use crate::params::QParams;
use crate::simd::{Codes, Floats, Kernel};

/// `dst[i] = quantize(src[i])`
pub(crate) struct Quantize<'a, T, Q, D> {
    src: &'a [T],
    p: &'a QParams<T, Q>,
    dst: &'a mut [Q],
    stores: Stores,
    divide: PhantomData<D>,
}

impl<'a, T, Q, D> Quantize<'a, T, Q, D> {
    pub(crate) fn new(
        src: &'a [T],
        p: &'a QParams<T, Q>,
        dst: &'a mut [Q],
        stores: Stores,
    ) -> Self {
        Self { src, p, dst, stores, divide: PhantomData }
    }
}

impl<S, T, Q, D> Kernel<S> for Quantize<'_, T, Q, D>
where
    S: Floats<T> + Codes<Q>,
    T: Compute,
    Q: Code,
    D: Divide<S, T>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        let Self { src, p, dst, stores, .. } = self;
        // Fewer codes than the type has cost one or two instructions more, so have their own loops.
        if p.qmin() == Q::MIN && p.qmax() == Q::MAX {
            for_each_step(s, &QuantizeStep::<S, T, Q, D, false>::new(s, p), src, dst, stores);
        } else {
            for_each_step(s, &QuantizeStep::<S, T, Q, D, true>::new(s, p), src, dst, stores);
        }
    }
}

struct QuantizeStep<S: Codes<Q>, T, Q: Code, D, const CLAMP: bool> {
    divide: D,
    z16: i16,
    z32: S::I32,
    least: S::Packed,
    most: S::Packed,
    real: PhantomData<T>,
}

impl<S, T, Q, D, const CLAMP: bool> QuantizeStep<S, T, Q, D, CLAMP>
where
    S: Floats<T> + Codes<Q>,
    T: Compute,
    Q: Code,
    D: Divide<S, T>,
{
    #[inline(always)]
    fn new(s: S, p: &QParams<T, Q>) -> Self {
        let (z, qmin, qmax) = (p.zero_point(), p.qmin(), p.qmax());
        let (z16, z32) = if D::NARROW { (z as i16, 0) } else { (0, z) };
        Self {
            divide: D::new(s, p, qmin - z, qmax - z),
            z16,
            z32: s.i32_splat(z32),
            least: s.splat_code(Q::from_i32(qmin)),
            most: s.splat_code(Q::from_i32(qmax)),
            real: PhantomData,
        }
    }
}

impl<S, T, Q, D, const CLAMP: bool> Step<S> for QuantizeStep<S, T, Q, D, CLAMP>
where
    S: Floats<T> + Codes<Q>,
    T: Compute,
    Q: Code,
    D: Divide<S, T>,
{
    type Src = T;
    type Dst = Q;
    type Loaded = [S::V; 4];
    type Result = S::Packed;

    #[inline(always)]
    fn load(s: S, src: &[T]) -> [S::V; 4] {
        s.load_step(src)
    }
    #[inline(always)]
    fn load_part(s: S, src: &[T]) -> [S::V; 4] {
        s.load_part(src, T::ZERO)
    }

    #[inline(always)]
    fn apply(&self, s: S, x: [S::V; 4]) -> S::Packed {
        let mut n = [self.z32; 4];
        for group in 0..4 {
            n[group] = self.divide.rounded(s, x[group]);
            if !D::NARROW {
                n[group] = s.i32_add(n[group], self.z32);
            }
        }
        let mut q = s.narrow(n, self.z16);
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
