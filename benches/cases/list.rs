//! The one list of what is tested as a whole (`tests/list`) and measured: operations, types in and
//! out, and which elements share parameters; each on every backend.

use super::beside_plain::{
    abs_max_beside_plain, dequantize_beside_plain, min_max_beside_crate, min_max_beside_plain,
    quantization_error_beside_plain, quantize_beside_crate, quantize_beside_plain,
    quantize_dynamic_beside_plain,
};
#[cfg(feature = "half")]
use super::operations::abs_max;
use super::operations::{
    dequantize, fake_quantize, min_max, quantization_error, quantize, quantize_dynamic,
    quantize_with_sums, requantize, sum,
};
use super::variant::Variant::{
    self, Blocks, BlocksWithoutZero, Columns, Fixed, FixedColumns, Rows, RowsOf, Symmetric, Tensor,
};
use super::{Datum, Prepared};

/// An operation from one type to another.
pub(crate) struct Case {
    /// The operation's name in the crate.
    operation: String,
    /// The types of input and output.
    types: String,
    variant: Variant,
    /// Bits that it must read and write for an element, a second reading counted again.
    pub(crate) bits: usize,
    prepare: fn(usize, Variant) -> Box<dyn Prepared>,
}

impl Case {
    fn new<A: Datum, B: Datum>(
        operation: &str,
        variant: Variant,
        prepare: fn(usize, Variant) -> Box<dyn Prepared>,
    ) -> Self {
        let read = A::BITS * if operation == "quantize_dynamic" { 2 } else { 1 };
        let written = match operation {
            "min_max" | "abs_max" | "quantization_error" | "sum" => 0,
            _ => B::BITS,
        };
        Self {
            operation: match operation {
                "quantize_with_sums" => operation.into(),
                _ if variant.is_sliced() => format!("{operation}_per"),
                _ => operation.into(),
            },
            types: format!("{}_{}", A::NAME, B::NAME),
            variant,
            bits: read + written,
            prepare,
        }
    }

    /// `operation/in_out`, and what is particular.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}{}", self.operation, self.types, self.variant.suffix())
    }

    /// Everyone who does it, for `len` elements.
    pub(crate) fn prepare(&self, len: usize) -> Box<dyn Prepared> {
        (self.prepare)(len, self.variant)
    }
}

pub(crate) fn all() -> Vec<Case> {
    use zeropoint::{I2x4, I4x2, U2x4, U4x2};
    let mut all = Vec::new();
    // The operation, and what prepares it; in => out, …; the variants.
    macro_rules! rows {
        ($operation:ident = $prepare:ident, $A:ty => $($B:ty),+; $variants:expr) => {$(
            for variant in $variants {
                let prepare = $prepare::<$A, $B>;
                all.push(Case::new::<$A, $B>(stringify!($operation), variant, prepare));
            }
        )+};
        ($operation:ident, $A:ty => $($B:ty),+; $variants:expr) => {
            rows!($operation = $operation, $A => $($B),+; $variants)
        };
    }
    macro_rules! dequantized {
        ($T:ty: $($Q:ty),+) => {$( rows!(dequantize, $Q => $T; [Tensor]); )+};
    }
    macro_rules! of_any_real {
        ($T:ty) => {
            rows!(quantize, $T => i16, u16, I4x2, U4x2, I2x4, U2x4, i32; [Tensor]);
            dequantized!($T: i16, u16, I4x2, U4x2, I2x4, U2x4, i32);
            rows!(fake_quantize, $T => $T; [Tensor]);
            rows!(quantize_dynamic, $T => i8, i16, I4x2; [Tensor]);
            rows!(quantization_error, $T => i8, i16; [Tensor]);
        };
    }
    rows!(min_max = min_max_beside_crate, f32 => f32; [Tensor]);
    rows!(min_max = min_max_beside_plain, f64 => f64; [Tensor]);
    rows!(abs_max = abs_max_beside_plain, f32 => f32; [Tensor]);
    rows!(abs_max = abs_max_beside_plain, f64 => f64; [Tensor]);
    rows!(quantize = quantize_beside_crate, f32 => u8; [Tensor]);
    rows!(quantize = quantize_beside_plain, f32 => i8; [Tensor, Symmetric]);
    rows!(quantize = quantize_beside_plain, f64 => u8, i8; [Tensor]);
    rows!(dequantize = dequantize_beside_plain, u8 => f32, f64; [Tensor]);
    rows!(dequantize = dequantize_beside_plain, i8 => f32, f64; [Tensor]);
    rows!(quantize_dynamic = quantize_dynamic_beside_plain, f32 => u8; [Tensor]);
    rows!(quantize_dynamic = quantize_dynamic_beside_plain, f64 => u8; [Tensor]);
    rows!(quantization_error = quantization_error_beside_plain, f32 => u8; [Tensor]);
    rows!(quantization_error = quantization_error_beside_plain, f64 => u8; [Tensor]);
    of_any_real!(f32);
    of_any_real!(f64);
    #[cfg(feature = "half")]
    {
        macro_rules! of_half {
            ($T:ident) => {
                of_any_real!($T);
                rows!(min_max, $T => f32; [Tensor]);
                rows!(abs_max, $T => f32; [Tensor]);
                rows!(quantize, $T => u8, i8; [Tensor]);
                rows!(quantize_dynamic, $T => u8; [Tensor]);
                rows!(quantization_error, $T => u8; [Tensor]);
                dequantized!($T: u8, i8);
                rows!(quantize, $T => i8; [Rows, Columns, Blocks(32)]);
                rows!(dequantize, i8 => $T; [Rows, Columns, Blocks(32)]);
                rows!(quantize_dynamic, $T => i8; [Rows, Blocks(32)]);
                rows!(quantize_dynamic, $T => u8; [RowsOf(1024)]);
            };
        }
        use half::{bf16, f16};
        of_half!(f16);
        of_half!(bf16);
    }
    let sliced = [Rows, Columns, Blocks(32), Blocks(64), Blocks(128), Blocks(256), Blocks(5)];
    rows!(quantize, f32 => u8, i8, i16, I4x2; sliced);
    rows!(dequantize, u8 => f32; sliced);
    rows!(dequantize, i8 => f32; sliced);
    rows!(dequantize, i16 => f32; sliced);
    rows!(dequantize, I4x2 => f32; sliced);
    rows!(dequantize, i8 => f32; [BlocksWithoutZero(32)]);
    rows!(dequantize, I4x2 => f32; [BlocksWithoutZero(32)]);
    rows!(quantize_dynamic, f32 => u8, i8, I4x2; sliced);
    rows!(quantize_dynamic, f32 => u8, i8; [RowsOf(256), RowsOf(1024)]);
    rows!(min_max, f32 => f32; sliced);
    rows!(quantization_error, f32 => u8; sliced);
    rows!(fake_quantize, f32 => f32; sliced);
    rows!(requantize, i32 => u8, i8, i16, I4x2; [Tensor, Fixed, Rows, Columns, FixedColumns]);
    rows!(quantize_with_sums, f32 => i8, u8; [Rows, Columns]);
    rows!(sum, i8 => i64; [Rows, Columns]);
    rows!(sum, u8 => i64; [Rows]);
    all
}
