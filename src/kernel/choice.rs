//! The algorithms that each instruction set takes for each type: the one table of them.

use super::abs_max::ByMagnitude;
use super::divide::{ByDivision, ByReciprocal, Divide};
use super::divide_far::ByMarkstein;
use super::min_max::{ByBits, ByComparison};
use super::reduction::Reduction;
use crate::element::Real;
use crate::range::MinMax;
use crate::simd::{Elements, Portable};

/// The algorithms of an instruction set for numbers `T`.
pub(crate) trait Algorithms<T: Real>: Elements<T> {
    /// The quotient where the reciprocal is proved, see `divide.rs`.
    type Near: Divide<Self, T::Compute>;

    /// The quotient where `ExactFor::Bits16` is enough, see `divide_far.rs`.
    type Far: Divide<Self, T::Compute>;

    /// The fastest way to the extremes, see `min_max.rs`.
    type Extremes: Reduction<Self, T, Output = MinMax<T::Compute>>;

    /// The fastest way to the greatest magnitude, see `abs_max.rs`.
    type Magnitudes: Reduction<Self, T, Output = T::Compute>;
}

macro_rules! algorithms {
    ($S:ty: $($T:ty => $Near:ty, $Far:ty, $Extremes:ty, $Magnitudes:ty;)+) => {$(
        impl Algorithms<$T> for $S {
            type Near = $Near;
            type Far = $Far;
            type Extremes = $Extremes;
            type Magnitudes = $Magnitudes;
        }
    )+};
    // Numbers of 16 bits are divided as those of 32, and reduced by their bits.
    ($S:ty: halves) => {
        #[cfg(feature = "half")]
        algorithms! { $S:
            half::f16 => <Self as Algorithms<f32>>::Near, <Self as Algorithms<f32>>::Far,
                ByBits<Self, half::f16>, crate::kernel::abs_max::ByShorts<Self, half::f16>;
            half::bf16 => <Self as Algorithms<f32>>::Near, <Self as Algorithms<f32>>::Far,
                ByBits<Self, half::bf16>, crate::kernel::abs_max::ByShorts<Self, half::bf16>;
        }
    };
}

algorithms! { Portable:
    f32 => ByDivision<Self, f32>, ByDivision<Self, f32>, ByComparison<Self, f32>, ByMagnitude<Self, f32>;
}
#[cfg(feature = "f64")]
algorithms! { Portable:
    f64 => ByDivision<Self, f64>, ByDivision<Self, f64>, ByComparison<Self, f64>, ByMagnitude<Self, f64>;
}
algorithms! { Portable: halves }

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use super::super::by_both::ByBoth;
    use super::*;
    use crate::simd::{Avx2, Avx512};

    algorithms! { Avx2:
        f32 => ByReciprocal<Self, f32>, ByMarkstein<Self>, ByBits<Self, f32>, ByMagnitude<Self, f32>;
    }
    #[cfg(feature = "f64")]
    algorithms! { Avx2:
        f64 => ByReciprocal<Self, f64>, ByReciprocal<Self, f64>, ByComparison<Self, f64>,
            ByMagnitude<Self, f64>;
    }
    algorithms! { Avx2: halves }

    algorithms! { Avx512:
        f32 => ByReciprocal<Self, f32>, ByMarkstein<Self>, ByBoth<Self>, ByMagnitude<Self, f32>;
    }
    #[cfg(feature = "f64")]
    algorithms! { Avx512:
        f64 => ByReciprocal<Self, f64>, ByReciprocal<Self, f64>, ByComparison<Self, f64>,
            ByMagnitude<Self, f64>;
    }
    algorithms! { Avx512: halves }
}

#[cfg(target_arch = "aarch64")]
mod aarch64 {
    use super::*;
    use crate::simd::Neon;

    algorithms! { Neon:
        f32 => ByReciprocal<Self, f32>, ByMarkstein<Self>, ByBits<Self, f32>, ByMagnitude<Self, f32>;
    }
    #[cfg(feature = "f64")]
    algorithms! { Neon:
        f64 => ByReciprocal<Self, f64>, ByReciprocal<Self, f64>, ByComparison<Self, f64>,
            ByMagnitude<Self, f64>;
    }
    algorithms! { Neon: halves }
}
