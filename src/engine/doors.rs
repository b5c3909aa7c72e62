//! The bodies of doors.

/// The body of a door: the engine that an instruction set has for the pair of types in question.
macro_rules! door {
    ($isa:expr) => {
        $crate::engine::door!($isa, vector)
    };
    ($isa:expr, $engine:ident) => {{
        use $crate::backend::{Isa, Scalar};
        use $crate::simd::Simd;
        match $isa {
            Isa::Scalar(Scalar) => &Scalar,
            Isa::Portable(s) => s.$engine(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(s) => s.$engine(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(s) => s.$engine(),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon(s) => s.$engine(),
        }
    }};
}
pub(crate) use door;

/// A door of 16-bit codes.
macro_rules! wide_door {
    ($isa:expr) => {
        $crate::engine::door!($isa, wide)
    };
}
pub(crate) use wide_door;

/// A door of 32-bit codes.
macro_rules! accumulators_door {
    ($isa:expr) => {
        $crate::engine::door!($isa, accumulators)
    };
}
pub(crate) use accumulators_door;
