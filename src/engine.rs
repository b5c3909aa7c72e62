//! From a generic call to a kernel compiled in this crate.
//!
//! A generic function is compiled in the crate that calls it, under that crate's profile: kernels
//! must not be. So a generic method of [`Backend`](crate::Backend) goes through a *door*, a
//! concrete method of the element type that is compiled here and never inlined elsewhere, and
//! receives a `&dyn Engine`, whose methods are the kernels of one instruction set for one pair of
//! types.
//!
//! The provided bodies of [`Engine`] and [`RealEngine`] are the reference. [`Scalar`] overrides
//! none of them; [`Vector`], once for every instruction set, overrides what has a kernel.

use crate::backend::Scalar;
use crate::element::{Code, Compute, Real};
use crate::kernel::{ByDivision, Dequantize, ErrorOfBlock, MinMaxOf, Quantize};
use crate::params::QParams;
use crate::range::MinMax;
use crate::reference;
use crate::simd::{Codes, Floats};
use crate::stats::{self, Sums};

/// The operations on reals `T` and codes `Q`. Lengths have been checked.
pub trait Engine<T: Real, Q: Code>: Sync {
    fn quantize(&self, src: &[T], p: &QParams<T::Compute, Q>, dst: &mut [Q]) {
        fallback::note();
        reference::quantize(src, p, dst);
    }

    fn dequantize(&self, src: &[Q], p: &QParams<T::Compute, Q>, dst: &mut [T]) {
        fallback::note();
        reference::dequantize(src, p, dst);
    }

    /// `src` is a whole tensor, or a run that the summation tree gives to one thread.
    fn error_sums(&self, src: &[T], p: &QParams<T::Compute, Q>) -> Sums {
        fallback::note();
        reference::error_sums(src, p)
    }
}

/// The operations that involve no code.
pub trait RealEngine<T: Real>: Sync {
    fn min_max(&self, src: &[T]) -> MinMax<T::Compute> {
        fallback::note();
        reference::min_max(src)
    }
}

impl<T: Real, Q: Code> Engine<T, Q> for Scalar {}
impl<T: Real> RealEngine<T> for Scalar {}

/// The kernels on the instruction set `S`.
#[derive(Debug)]
pub(crate) struct Vector<S>(pub(crate) S);

impl<S, T, Q> Engine<T, Q> for Vector<S>
where
    S: Floats<T> + Floats<f64> + Codes<Q>,
    T: Compute,
    Q: Code,
{
    fn quantize(&self, src: &[T], p: &QParams<T, Q>, dst: &mut [Q]) {
        if p.reciprocal().exact {
            self.0.vectorize(Quantize::<_, _, <S as Floats<T>>::Divide>::new(src, p, dst));
        } else {
            self.0.vectorize(Quantize::<_, _, ByDivision<S, T>>::new(src, p, dst));
        }
    }

    fn dequantize(&self, src: &[Q], p: &QParams<T, Q>, dst: &mut [T]) {
        self.0.vectorize(Dequantize { src, p, dst });
    }

    fn error_sums(&self, src: &[T], p: &QParams<T, Q>) -> Sums {
        if p.reciprocal().exact {
            stats::over_blocks(src, &|block| {
                self.0.vectorize(ErrorOfBlock::<_, _, <S as Floats<T>>::Divide>::new(block, p))
            })
        } else {
            stats::over_blocks(src, &|block| {
                self.0.vectorize(ErrorOfBlock::<_, _, ByDivision<S, T>>::new(block, p))
            })
        }
    }
}

impl<S: Floats<T>, T: Compute> RealEngine<T> for Vector<S> {
    fn min_max(&self, src: &[T]) -> MinMax<T> {
        self.0.vectorize(MinMaxOf { src })
    }
}

/// The body of a door: the engine that an instruction set has for the pair of types in question.
macro_rules! door {
    ($isa:expr) => {{
        use $crate::backend::{Isa, Scalar};
        use $crate::simd::Simd;
        match $isa {
            Isa::Scalar(Scalar) => &Scalar,
            Isa::Portable(s) => s.vector(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(s) => s.vector(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(s) => s.vector(),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon(s) => s.vector(),
        }
    }};
}
pub(crate) use door;

/// Counts, in unit tests only, how often an operation had no kernel and ran as the reference.
pub(crate) mod fallback {
    #[cfg(all(test, feature = "std"))]
    std::thread_local! {
        pub(crate) static COUNT: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    #[inline]
    pub(super) fn note() {
        #[cfg(all(test, feature = "std"))]
        COUNT.set(COUNT.get() + 1);
    }
}
