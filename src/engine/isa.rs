//! The choice of an instruction set at run time.

use crate::kernel::Stores;
use crate::simd;

/// Passes the instruction sets to a macro: the one list of them, the slowest first.
macro_rules! with_instruction_sets {
    ($then:ident $($given:tt)*) => {
        $then! {
            { $($given)* }
            Portable "portable" [all()],
            Avx2 "avx2" [target_arch = "x86_64"],
            Avx512 "avx512" [target_arch = "x86_64"],
            Neon "neon" [target_arch = "aarch64"],
        }
    };
}
pub(crate) use with_instruction_sets;

macro_rules! isa {
    ({} $($Set:ident $name:literal [$cfg:meta],)+) => {
        /// The reference, or an instruction set of this target, with the proof that this CPU has it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Isa {
            Scalar,
            $(#[cfg($cfg)] $Set(simd::$Set),)+
        }

        impl Isa {
            /// The names of all instruction sets, whatever the target.
            #[cfg(feature = "std")]
            pub(crate) const NAMES: &'static [&'static str] = &["scalar", $($name),+];

            pub(crate) fn name(self) -> &'static str {
                match self {
                    Self::Scalar => "scalar",
                    $(#[cfg($cfg)] Self::$Set(_) => $name,)+
                }
            }

            /// Returns the instruction sets that this CPU has, the slowest first.
            pub(crate) fn available() -> impl Iterator<Item = Self> {
                [
                    Some(Self::Scalar),
                    $(#[cfg($cfg)] Option::from(simd::$Set::detect()).map(Self::$Set),)+
                ]
                .into_iter()
                .flatten()
            }
        }
    };
}
with_instruction_sets!(isa);

/// Evaluates an expression with the token of the chosen instruction set, or another expression for the reference.
macro_rules! select {
    ($isa:expr, $s:ident => $vector:expr, $scalar:expr $(,)?) => {
        with_instruction_sets!(select_from ($isa) $s ($vector) ($scalar))
    };
}

macro_rules! select_from {
    (
        { ($isa:expr) $s:ident ($vector:expr) ($scalar:expr) }
        $($Set:ident $name:literal [$cfg:meta],)+
    ) => {
        match $isa {
            $crate::engine::Isa::Scalar => $scalar,
            $(#[cfg($cfg)] $crate::engine::Isa::$Set($s) => $vector,)+
        }
    };
}

impl Isa {
    /// Orders streamed stores, if there were any, before later stores. Without the fence, another thread could be told
    /// that the output is ready before it sees the output.
    ///
    /// A fence takes as long as some hundred elements, so there is one for a whole piece of a tensor.
    #[inline(never)]
    pub(crate) fn fence(self, stores: Stores) {
        if stores.is_streamed() {
            select!(self, s => simd::Simd::fence(s), ());
        }
    }
}
