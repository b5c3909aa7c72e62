//! Stored blocks: every format on every backend against the reference, and the reference against the contract.

mod data;
mod differential;
mod edges;

use std::fmt::Debug;

use half::{bf16, f16};
use zeropoint::ggml::{Block, Float};

/// Calls `$test::<$T, $B>` for every type of data and every format.
macro_rules! for_all_formats {
    ($test:ident $($argument:tt)*) => {
        zeropoint::with_formats!(for_all_formats! @ $test $($argument)*;)
    };
    (@ $test:ident $argument:tt; $($NAME:ident $name:ident $B:ident = $number:literal;)+) => {$(
        $test::<f32, zeropoint::ggml::$B> $argument;
        $test::<half::f16, zeropoint::ggml::$B> $argument;
        $test::<half::bf16, zeropoint::ggml::$B> $argument;
    )+};
}
use for_all_formats;

/// A type of data, made of `f32` and of bits.
trait Data: Float + Debug {
    const NAME: &'static str;

    fn from_f32(x: f32) -> Self;
    fn from_bits(bits: u32) -> Self;
    fn bits(self) -> u32;
}

impl Data for f32 {
    const NAME: &'static str = "f32";

    fn from_f32(x: f32) -> Self {
        x
    }
    fn from_bits(bits: u32) -> Self {
        f32::from_bits(bits)
    }
    fn bits(self) -> u32 {
        self.to_bits()
    }
}

macro_rules! short {
    ($($T:ident),+) => {$(
        impl Data for $T {
            const NAME: &'static str = stringify!($T);

            fn from_f32(x: f32) -> Self {
                $T::from_f32(x)
            }
            fn from_bits(bits: u32) -> Self {
                $T::from_bits(bits as u16)
            }
            fn bits(self) -> u32 {
                self.to_bits().into()
            }
        }
    )+};
}
short!(f16, bf16);

/// The bytes of blocks.
fn bytes<B: Block>(blocks: &[B]) -> &[u8] {
    bytemuck::cast_slice(blocks)
}
