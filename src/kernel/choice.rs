//! The table of the algorithms that each instruction set uses for each type.

#[cfg(feature = "half")]
use half::{bf16, f16};

use super::abs_max::ByMagnitude;
#[cfg(feature = "half")]
use super::abs_max::ByShorts;
use super::divide::{ByDivision, ByReciprocal, Divide};
use super::divide_far::ByMarkstein;
use super::min_max::{ByBits, ByComparison};
use super::reduction::Reduction;
use crate::element::Real;
use crate::range::MinMax;
use crate::simd::{Elements, Portable};

/// The algorithms that an instruction set uses for numbers `T`.
pub(crate) trait Algorithms<T: Real>: Elements<T> {
    /// The quotient where the reciprocal is proved exact (`divide.rs`).
    type Near: Divide<Self, T::Compute>;

    /// The quotient where `ExactFor::Bits16` is enough (`divide_far.rs`).
    type Far: Divide<Self, T::Compute>;

    /// The fastest reduction to the minimum and the maximum (`min_max.rs`).
    type Extremes: Reduction<Self, T, Output = MinMax<T::Compute>>;

    /// The fastest one if the CPU compares as many integers in a cycle as floats (`cpu.rs`), and whether it is another.
    type ByIntegers: Reduction<Self, T, Output = MinMax<T::Compute>>;
    const HAS_BY_INTEGERS: bool;

    /// The fastest reduction to the greatest magnitude (`abs_max.rs`).
    type Magnitudes: Reduction<Self, T, Output = T::Compute>;
}

/// The quotient of numbers in the range from which their scale was computed.
pub(crate) type InRange<S, T> =
    <<S as Algorithms<T>>::Near as Divide<S, <T as Real>::Compute>>::InRange;

/// Writes the algorithms of an instruction set, as `f32: Near, Far, Extremes [ByIntegers]; f64: Near and Far`. Numbers of
/// 16 bits are divided as `f32` and reduced by their bits; `f64` is reduced by comparison.
macro_rules! algorithms {
    ($S:ty: f32: $near:ty, $far:ty, $extremes:ty $([$integers:ty])?; f64: $near64:ty;) => {
        algorithms!(@ $S: f32: $near, $far, $extremes $([$integers])?, ByMagnitude<Self, f32>);
        #[cfg(feature = "f64")]
        algorithms!(@ $S: f64: $near64, $near64, ByComparison<Self, f64>, ByMagnitude<Self, f64>);
        #[cfg(feature = "half")]
        algorithms!(@ $S: f16: $near, $far, ByBits<Self, f16>, ByShorts<Self, f16>);
        #[cfg(feature = "half")]
        algorithms!(@ $S: bf16: $near, $far, ByBits<Self, bf16>, ByShorts<Self, bf16>);
    };
    (@ $S:ty: $T:ty: $near:ty, $far:ty, $extremes:ty, $magnitudes:ty) => {
        algorithms!(@@ $S: $T: $near, $far, $extremes [false, $extremes], $magnitudes);
    };
    (@ $S:ty: $T:ty: $near:ty, $far:ty, $extremes:ty [$integers:ty], $magnitudes:ty) => {
        algorithms!(@@ $S: $T: $near, $far, $extremes [true, $integers], $magnitudes);
    };
    (@@ $S:ty: $T:ty:
        $near:ty, $far:ty, $extremes:ty [$differs:literal, $integers:ty], $magnitudes:ty) => {
        impl Algorithms<$T> for $S {
            type Near = $near;
            type Far = $far;
            type Extremes = $extremes;
            type ByIntegers = $integers;
            const HAS_BY_INTEGERS: bool = $differs;
            type Magnitudes = $magnitudes;
        }
    };
}

algorithms! { Portable:
    f32: ByDivision<Self, f32>, ByDivision<Self, f32>, ByComparison<Self, f32>;
    f64: ByDivision<Self, f64>;
}
#[cfg(target_arch = "x86_64")]
algorithms! { crate::simd::Avx2:
    f32: ByReciprocal<Self, f32>, ByMarkstein<Self>, ByBits<Self, f32>;
    f64: ByReciprocal<Self, f64>;
}
#[cfg(target_arch = "x86_64")]
algorithms! { crate::simd::Avx512:
    f32: ByReciprocal<Self, f32>, ByMarkstein<Self>, super::by_both::ByBoth<Self> [ByBits<Self, f32>];
    f64: ByReciprocal<Self, f64>;
}
#[cfg(target_arch = "aarch64")]
algorithms! { crate::simd::Neon:
    f32: ByReciprocal<Self, f32>, ByMarkstein<Self>, ByBits<Self, f32>;
    f64: ByReciprocal<Self, f64>;
}
