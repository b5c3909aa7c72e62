//! What the crate is measured against: plain loops, kernels that divide or multiply by an inexact
//! reciprocal, and *limits*, which move the same bytes and compute nothing.
#![cfg_attr(
    not(target_arch = "x86_64"),
    allow(dead_code, reason = "no rival is written for another architecture")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod plain;
#[cfg(target_arch = "x86_64")]
mod rten;

use std::hint::black_box;

pub(crate) use plain::{Cast, Plain};
use zeropoint::{Code, QParams};

use crate::cases::{Contender, Datum, Grade};

/// From this length on, a limit that stores past the caches takes part.
const SHORTEST_STREAM: usize = 4 << 20;
/// From this length on, a limit whose second pass begins at the end takes part.
const SHORTEST_BACK: usize = 64 << 10;
/// A limit that asks for memory does so this many bytes ahead.
const AHEAD: usize = 4 << 10;
/// It goes backwards by so many elements.
const BACK_BLOCK: usize = 4 << 10;

/// The kernels written for an instruction set.
trait Instructions: Copy + Send + Sync + 'static {
    const DIVPS: &'static str;
    const RECIPROCAL: &'static str;
    const LIMIT: &'static str;
    const LIMIT_STREAM: &'static str;
    const LIMIT_AHEAD: &'static str;
    const LIMIT_BACK: &'static str;
    const LIMIT_BACK_STREAM: &'static str;

    /// Quantizes to codes whose bits are written as `u8`; `CLAMP` where there is a code below
    /// `qmin`.
    fn quantize<const DIVIDE: bool, const SIGNED: bool, const CLAMP: bool>(
        self,
        p: &Quantization,
        src: &[f32],
        dst: &mut [u8],
    );

    /// Reads `src`; with AHEAD, asks for what stands so many bytes ahead.
    fn read<const AHEAD: usize>(self, src: &[u8]) -> u8;

    /// Reads `READ` bytes of `src` for every `WRITTEN` bytes of `dst`.
    fn moves<const READ: usize, const WRITTEN: usize, const STREAM: bool, const AHEAD: usize>(
        self,
        src: &[u8],
        dst: &mut [u8],
    );
}

/// What a kernel needs of [`QParams`].
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
    fn new<Q: Code>(p: QParams<f32, Q>) -> Self {
        let zero_point = i16::try_from(p.zero_point()).expect("the zero point is a code");
        let (scale, reciprocal) = (p.scale(), 1.0 / p.scale());
        Self { scale, reciprocal, zero_point, qmin: p.qmin(), qmax: p.qmax() }
    }

    /// One element of a remainder; no NaN.
    #[inline(always)]
    fn scalar<const DIVIDE: bool>(&self, x: f32) -> u8 {
        let quotient = if DIVIDE { x / self.scale } else { x * self.reciprocal };
        let n = quotient.round_ties_even() as i32;
        n.saturating_add(i32::from(self.zero_point)).clamp(self.qmin, self.qmax) as u8
    }
}

/// The same contenders for every instruction set that this CPU has.
macro_rules! on_each_isa {
    ($contenders:path $(, $argument:expr)?) => {{
        #[cfg(target_arch = "x86_64")]
        {
            let mut found = Vec::new();
            if let Some(isa) = avx2::Avx2::detect() {
                found.extend($contenders(isa $(, $argument)?));
            }
            if let Some(isa) = avx512::Avx512::detect() {
                found.extend($contenders(isa $(, $argument)?));
            }
            found
        }
        #[cfg(not(target_arch = "x86_64"))]
        Vec::new()
    }};
}

/// The division and the reciprocal, for the parameters `p`.
pub(crate) fn quantizes<Q: Code + Datum>(p: QParams<f32, Q>) -> Vec<Contender<f32, Q>> {
    assert!(p.qmax() == Q::MAX, "no rival has an upper clamp");
    on_each_isa!(quantizes_on, p)
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

/// The limit of what reads `A` and writes next to nothing.
pub(crate) fn reads<A: Datum, B: Datum>() -> Vec<Contender<A, B>> {
    on_each_isa!(reads_on)
}

/// The limit of what reads `A` and writes `B`.
pub(crate) fn moves<A: Datum, B: Datum>() -> Vec<Contender<A, B>> {
    on_each_isa!(moves_on)
}

/// The limit of what reads `A` twice and writes the shorter `B` once.
pub(crate) fn reads_then_moves<A: Datum, B: Datum>() -> Vec<Contender<A, B>> {
    on_each_isa!(reads_then_moves_on)
}

fn quantizes_on<I: Instructions, Q: Code + Datum>(
    isa: I,
    p: QParams<f32, Q>,
) -> [Contender<f32, Q>; 2] {
    match (Q::MIN < 0, p.qmin() > Q::MIN) {
        (false, false) => divide_and_multiply::<I, Q, false, false>(isa, p),
        (false, true) => divide_and_multiply::<I, Q, false, true>(isa, p),
        (true, false) => divide_and_multiply::<I, Q, true, false>(isa, p),
        (true, true) => divide_and_multiply::<I, Q, true, true>(isa, p),
    }
}

fn divide_and_multiply<I, Q, const SIGNED: bool, const CLAMP: bool>(
    isa: I,
    p: QParams<f32, Q>,
) -> [Contender<f32, Q>; 2]
where
    I: Instructions,
    Q: Code + Datum,
{
    let p = Quantization::new(p);
    [
        Contender::new(I::DIVPS, Grade::Exact, move |src: &[f32], dst: &mut [Q]| {
            isa.quantize::<true, SIGNED, CLAMP>(&p, src, bytemuck::cast_slice_mut(dst));
        }),
        Contender::new(I::RECIPROCAL, Grade::Within(1.0), move |src: &[f32], dst: &mut [Q]| {
            isa.quantize::<false, SIGNED, CLAMP>(&p, src, bytemuck::cast_slice_mut(dst));
        }),
    ]
}

fn reads_on<I: Instructions, A: Datum, B: Datum>(isa: I) -> [Contender<A, B>; 2] {
    [
        Contender::new(I::LIMIT, Grade::Limit, move |src: &[A], _: &mut [B]| {
            black_box(isa.read::<0>(bytemuck::cast_slice(src)));
        }),
        Contender::new(I::LIMIT_AHEAD, Grade::Limit, move |src: &[A], _: &mut [B]| {
            black_box(isa.read::<AHEAD>(bytemuck::cast_slice(src)));
        })
        .from(SHORTEST_STREAM),
    ]
}

fn moves_on<I: Instructions, A: Datum, B: Datum>(isa: I) -> [Contender<A, B>; 3] {
    let moves = |name, moves: fn(I, &[A], &mut [B])| {
        Contender::new(name, Grade::Limit, move |src: &[A], dst: &mut [B]| moves(isa, src, dst))
    };
    [
        moves(I::LIMIT, move_bytes::<I, A, B, false, 0>),
        moves(I::LIMIT_STREAM, move_bytes::<I, A, B, true, 0>).from(SHORTEST_STREAM),
        moves(I::LIMIT_AHEAD, move_bytes::<I, A, B, true, AHEAD>).from(SHORTEST_STREAM),
    ]
}

fn reads_then_moves_on<I: Instructions, A: Datum, B: Datum>(isa: I) -> Vec<Contender<A, B>> {
    let streamed = |name, second| reads_then::<I, A, B>(isa, name, second).from(SHORTEST_STREAM);
    vec![
        reads_then::<I, A, B>(isa, I::LIMIT, move_bytes::<I, A, B, false, 0>),
        streamed(I::LIMIT_STREAM, move_bytes::<I, A, B, true, 0>),
        Contender::new(I::LIMIT_AHEAD, Grade::Limit, move |src: &[A], dst: &mut [B]| {
            black_box(isa.read::<AHEAD>(bytemuck::cast_slice(src)));
            move_bytes::<I, A, B, true, AHEAD>(isa, src, dst);
        })
        .from(SHORTEST_STREAM),
        reads_then::<I, A, B>(isa, I::LIMIT_BACK, move_back::<I, A, B, false>).from(SHORTEST_BACK),
        streamed(I::LIMIT_BACK_STREAM, move_back::<I, A, B, true>),
    ]
}

fn reads_then<I: Instructions, A: Datum, B: Datum>(
    isa: I,
    name: &'static str,
    second: fn(I, &[A], &mut [B]),
) -> Contender<A, B> {
    Contender::new(name, Grade::Limit, move |src: &[A], dst: &mut [B]| {
        black_box(isa.read::<0>(bytemuck::cast_slice(src)));
        second(isa, src, dst);
    })
}

/// From its end, where a reading before this has left most in the caches.
fn move_back<I, A, B, const STREAM: bool>(isa: I, src: &[A], dst: &mut [B])
where
    I: Instructions,
    A: Datum,
    B: Datum,
{
    let blocks = src.chunks(BACK_BLOCK / A::PER_ELEMENT);
    for (src, dst) in blocks.zip(dst.chunks_mut(BACK_BLOCK / B::PER_ELEMENT)).rev() {
        move_bytes::<I, A, B, STREAM, 0>(isa, src, dst);
    }
}

fn move_bytes<I, A, B, const STREAM: bool, const AHEAD: usize>(isa: I, src: &[A], dst: &mut [B])
where
    I: Instructions,
    A: Datum,
    B: Datum,
{
    let (src, dst) = (bytemuck::cast_slice(src), bytemuck::cast_slice_mut(dst));
    if A::BITS >= B::BITS {
        match A::BITS / B::BITS {
            1 => isa.moves::<1, 1, STREAM, AHEAD>(src, dst),
            2 => isa.moves::<2, 1, STREAM, AHEAD>(src, dst),
            4 => isa.moves::<4, 1, STREAM, AHEAD>(src, dst),
            8 => isa.moves::<8, 1, STREAM, AHEAD>(src, dst),
            16 => isa.moves::<16, 1, STREAM, AHEAD>(src, dst),
            32 => isa.moves::<32, 1, STREAM, AHEAD>(src, dst),
            ratio => unreachable!("no limit for 1 byte of every {ratio}"),
        }
    } else {
        match B::BITS / A::BITS {
            2 => isa.moves::<1, 2, STREAM, AHEAD>(src, dst),
            4 => isa.moves::<1, 4, STREAM, AHEAD>(src, dst),
            8 => isa.moves::<1, 8, STREAM, AHEAD>(src, dst),
            16 => isa.moves::<1, 16, STREAM, AHEAD>(src, dst),
            32 => isa.moves::<1, 32, STREAM, AHEAD>(src, dst),
            ratio => unreachable!("no limit for {ratio} bytes of every one"),
        }
    }
}
