//! The rivals of the crate (plain loops, kernels that divide or multiply by an inexact reciprocal,
//! and stand-ins for the loops of other engines), and *limits*, which move the same bytes and
//! compute nothing.
#![cfg_attr(
    not(target_arch = "x86_64"),
    allow(dead_code, reason = "no rival is written for another architecture")
)]

/// Makes contenders for every instruction set that this CPU has.
macro_rules! on_each_isa {
    ($contenders:path $(, $argument:expr)*) => {{
        #[cfg(target_arch = "x86_64")]
        {
            let mut found = Vec::new();
            if let Some(isa) = crate::rivals::avx2::Avx2::detect() {
                found.extend($contenders(isa $(, $argument)*));
            }
            if let Some(isa) = crate::rivals::avx512::Avx512::detect() {
                found.extend($contenders(isa $(, $argument)*));
            }
            found
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            $( let _ = &$argument; )*
            Vec::new()
        }
    }};
}

/// Methods that call the functions of the same names, which need the instructions that `$Isa` stands for.
#[cfg(target_arch = "x86_64")]
macro_rules! instructions {
    ($Isa:ident, $name:literal) => {
        impl Instructions for $Isa {
            const NAME: &'static str = $name;

            instructions! {
                fn quantize[const FROM: u8, const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool](
                    p: &Quantization, src: &[u8], dst: &mut [u8]) = [FROM, DIVIDE, SIGNED, CLAMP];
                fn range[const FROM: u8, const ABS: bool](src: &[u8]) -> [f32; 2] = [FROM, ABS];
                fn dequantize[const CODES: u8](scale: f32, zero_point: i32, src: &[u8], dst: &mut [f32])
                    = [CODES];
                fn dequantize_blocks[const CODES: u8](scales: &[f32], src: &[u8], dst: &mut [f32]) = [CODES];
                fn requantize[const SIGNED: bool, const COLUMNS: bool](
                    factors: &[f32], zero_point: i16, src: &[i32], dst: &mut [u8]) = [SIGNED, COLUMNS];
                fn sum[const SIGNED: bool](src: &[u8]) -> i64 = [SIGNED];
                fn fake_quantize[](p: &Quantization, src: &[f32], dst: &mut [f32]) = [];
                fn read[const AHEAD: usize](src: &[u8]) -> u8 = [AHEAD];
                fn moves[const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize](
                    src: &[u8], dst: &mut [u8]) = [READ, WRITTEN, STREAM, AHEAD];
            }
        }
    };
    ($(fn $f:ident [$($generics:tt)*] ($($x:ident: $X:ty),*) $(-> $R:ty)? = [$($const:ident),*];)+) => {$(
        fn $f<$($generics)*>(self, $($x: $X),*) $(-> $R)? {
            // SAFETY: `self` exists only where `detect` found the instructions.
            unsafe { $f::<$($const),*>(self, $($x),*) }
        }
    )+};
}

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod kernels;
mod limits;
mod plain;
#[cfg(target_arch = "x86_64")]
mod rten;

pub(crate) use kernels::{
    abs_maxima, dequantizes, dequantizes_blocks, fake_quantizes, quantizes, quantizes_dynamic,
    quantizes_rows, quantizes_with_sums, ranges, requantizes, sums,
};
pub(crate) use limits::{moves, reads, reads_then_moves};
pub(crate) use plain::{Cast, Plain};
use zeropoint::{Code, Compute, QParams};

use crate::cases::{Contender, Datum};

/// Which reals a kernel reads.
const F32: u8 = 0;
const F16: u8 = 1;
const BF16: u8 = 2;

/// Which codes a kernel reads.
const U8: u8 = 0;
const I8: u8 = 1;
const I4: u8 = 2;

/// Elements of a block of the kernels that have a scale for each.
pub(crate) const BLOCK: usize = 32;

/// The kernels written for an instruction set.
trait Instructions: Copy + Send + Sync + 'static {
    const NAME: &'static str;

    /// Quantizes reals `FROM` to codes whose bits are written as `u8`; `CLAMP` if there is a code below
    /// `qmin`.
    fn quantize<const FROM: u8, const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
        self,
        p: &Quantization,
        src: &[u8],
        dst: &mut [u8],
    );

    /// Returns the least and the greatest element, or with `ABS` twice the greatest magnitude.
    fn range<const FROM: u8, const ABS: bool>(self, src: &[u8]) -> [f32; 2];

    /// Dequantizes `CODES`, which are not packed.
    fn dequantize<const CODES: u8>(self, scale: f32, zero_point: i32, src: &[u8], dst: &mut [f32]);

    /// Dequantizes blocks of [`BLOCK`] symmetric codes, each with a scale.
    fn dequantize_blocks<const CODES: u8>(self, scales: &[f32], src: &[u8], dst: &mut [f32]);

    /// Requantizes by a factor for each element if there are `COLUMNS`, otherwise by the only one.
    fn requantize<const SIGNED: bool, const COLUMNS: bool>(
        self,
        factors: &[f32],
        zero_point: i16,
        src: &[i32],
        dst: &mut [u8],
    );

    /// Sums codes of 8 bits, fewer than 16 Mi.
    fn sum<const SIGNED: bool>(self, src: &[u8]) -> i64;

    /// Quantizes by the reciprocal, and dequantizes.
    fn fake_quantize(self, p: &Quantization, src: &[f32], dst: &mut [f32]);

    /// Reads `src`; with AHEAD, asks for what stands so many bytes ahead.
    fn read<const AHEAD: usize>(self, src: &[u8]) -> u8;

    /// Reads `READ` bytes of `src` for every `WRITTEN` bytes of `dst`.
    fn moves<const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize>(
        self,
        src: &[u8],
        dst: &mut [u8],
    );

    /// The name of a contender that uses these instructions.
    fn named(kind: &str) -> String {
        format!("{kind}_{}", Self::NAME)
    }
}

/// The numbers that a kernel needs, of a [`QParams`] or of a range.
#[derive(Clone, Copy)]
struct Quantization {
    scale: f32,
    /// `1 / scale`, rounded.
    reciprocal: f32,
    zero_point: i16,
    qmin: i32,
    qmax: i32,
}

impl Quantization {
    fn new<T: Compute + Datum, Q: Code>(p: &QParams<T, Q>) -> Self {
        assert!(p.qmax() == Q::MAX, "no rival has an upper clamp");
        let zero_point = i16::try_from(p.zero_point()).expect("the zero point is a code");
        let scale = p.scale().value() as f32;
        Self { scale, reciprocal: 1.0 / scale, zero_point, qmin: p.qmin(), qmax: p.qmax() }
    }

    /// Asymmetric parameters for a range, by one division before the zero point, as engines do it.
    #[inline]
    fn of_range<Q: Code>([min, max]: [f32; 2]) -> Self {
        let (min, max) = (min.min(0.0), max.max(0.0));
        let reciprocal = (Q::MAX - Q::MIN) as f32 / (max - min).max(1e-30);
        // Adding 1.5 · 2²³ rounds to an integer, without a call into libm.
        let zero_point = (Q::MIN as f32 - min * reciprocal + 12_582_912.0 - 12_582_912.0) as i16;
        Self { scale: 1.0 / reciprocal, reciprocal, zero_point, qmin: Q::MIN, qmax: Q::MAX }
    }

    /// One element of a remainder; no NaN.
    #[inline(always)]
    fn scalar<const DIVIDE: bool>(&self, x: f32) -> u8 {
        let quotient = if DIVIDE { x / self.scale } else { x * self.reciprocal };
        let n = quotient.round_ties_even() as i32;
        n.saturating_add(i32::from(self.zero_point)).clamp(self.qmin, self.qmax) as u8
    }
}

/// The element of number `i`, for a remainder.
#[inline(always)]
fn real<const FROM: u8>(src: &[u8], i: usize) -> f32 {
    if FROM == F32 {
        return bytemuck::pod_read_unaligned(&src[4 * i..][..4]);
    }
    let bits: u16 = bytemuck::pod_read_unaligned(&src[2 * i..][..2]);
    if FROM == F16 {
        half::f16::from_bits(bits).to_f32()
    } else {
        half::bf16::from_bits(bits).to_f32()
    }
}

/// The code of number `i`, for a remainder.
#[inline(always)]
fn code<const CODES: u8>(src: &[u8], i: usize) -> i32 {
    match CODES {
        U8 => src[i].into(),
        I8 => (src[i] as i8).into(),
        // The first of two is in the low bits.
        _ => ((src[i / 2] << (4 * (1 - i % 2))) as i8 >> 4).into(),
    }
}

/// Returns the number of bytes of a real.
const fn size<const FROM: u8>() -> usize {
    if FROM == F32 { 4 } else { 2 }
}

/// Another crate, for min/max.
pub(crate) fn crates_min_max() -> Vec<Contender<f32, f32>> {
    #[cfg(target_arch = "x86_64")]
    return rten::min_max().into();
    #[cfg(not(target_arch = "x86_64"))]
    Vec::new()
}

/// Another crate, for quantization. It has no codes but `u8`.
pub(crate) fn crates_quantize(p: QParams<f32, u8>) -> Vec<Contender<f32, u8>> {
    #[cfg(target_arch = "x86_64")]
    return rten::quantize(p).into();
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = p;
        Vec::new()
    }
}
