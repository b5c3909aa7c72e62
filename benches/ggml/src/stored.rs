//! The formats of ggml, and the functions of every contender for them.

use zeropoint::Backend;
use zeropoint::ggml::{
    Block, BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ8_1, BlockQ8_K,
};

pub(crate) type Encode = unsafe extern "C" fn(*const f32, *mut u8, i64);
pub(crate) type Decode = unsafe extern "C" fn(*const u8, *mut f32, i64);

/// A format has functions in ggml.
pub(crate) trait Format: Block {
    /// The fastest function on x86-64, which quantizes activations.
    const FASTEST: Encode;
    /// The reference, which quantizes models.
    const REFERENCE: Encode;
    /// ggml does not decode all formats.
    const DECODE: Option<Decode>;
    /// The type of candle's blocks.
    #[cfg(feature = "candle")]
    type Candle: candle_core::quantized::GgmlType;
}

macro_rules! formats {
    ($($Block:ident $Candle:ident: $fastest:ident, $reference:ident $(, $decode:ident)?;)+) => {
        unsafe extern "C" {
            $(fn $reference(x: *const f32, y: *mut u8, n: i64);
            $(fn $decode(x: *const u8, y: *mut f32, n: i64);)?)+
            fn quantize_row_q8_0(x: *const f32, y: *mut u8, n: i64);
            fn quantize_row_q8_1(x: *const f32, y: *mut u8, n: i64);
        }
        $(impl Format for $Block {
            const FASTEST: Encode = $fastest;
            const REFERENCE: Encode = $reference;
            const DECODE: Option<Decode> = [$(Some($decode as Decode),)? None][0];
            #[cfg(feature = "candle")]
            type Candle = candle_core::quantized::k_quants::$Candle;
        })+
    };
}

formats! {
    BlockQ8_0 BlockQ8_0: quantize_row_q8_0, quantize_row_q8_0_ref, dequantize_row_q8_0;
    BlockQ8_1 BlockQ8_1: quantize_row_q8_1, quantize_row_q8_1_ref;
    BlockQ8_K BlockQ8K: quantize_row_q8_K_ref, quantize_row_q8_K_ref, dequantize_row_q8_K;
    BlockQ4_0 BlockQ4_0: quantize_row_q4_0_ref, quantize_row_q4_0_ref, dequantize_row_q4_0;
    BlockQ4_1 BlockQ4_1: quantize_row_q4_1_ref, quantize_row_q4_1_ref, dequantize_row_q4_1;
    BlockQ5_0 BlockQ5_0: quantize_row_q5_0_ref, quantize_row_q5_0_ref, dequantize_row_q5_0;
    BlockQ5_1 BlockQ5_1: quantize_row_q5_1_ref, quantize_row_q5_1_ref, dequantize_row_q5_1;
}

/// Calls one of ggml's quantizers.
pub(crate) fn encode<B: Block>(function: Encode, x: &[f32], blocks: &mut [B]) {
    assert_eq!(x.len(), blocks.len() * B::ELEMENTS);
    // SAFETY: there are as many blocks as hold the elements of `x`, which is as many as the last argument says.
    unsafe { function(x.as_ptr(), blocks.as_mut_ptr().cast(), x.len() as i64) }
}

/// Calls one of ggml's dequantizers.
pub(crate) fn decode<B: Block>(function: Decode, blocks: &[B], x: &mut [f32]) {
    assert_eq!(x.len(), blocks.len() * B::ELEMENTS);
    // SAFETY: the blocks hold as many elements as `x` has, which is as many as the last argument says.
    unsafe { function(blocks.as_ptr().cast(), x.as_mut_ptr(), x.len() as i64) }
}

/// Calls ours, on data that fit.
pub(crate) fn ours<B: Block>(backend: &impl Backend, x: &[f32], blocks: &mut [B]) {
    backend.encode(x, blocks).expect("finite numbers, and as many blocks as they need");
}

/// Returns how many bytes of two lists of blocks differ, and how many there are.
pub(crate) fn differing<B: Block>(one: &[B], other: &[B]) -> (usize, usize) {
    let [one, other]: [&[u8]; 2] = [one, other].map(bytemuck::cast_slice);
    (one.iter().zip(other).filter(|(a, b)| a != b).count(), one.len())
}
