//! Limits: kernels that move the bytes of an operation and compute nothing.

use std::hint::black_box;

use super::Instructions;
use crate::cases::{Contender, Datum, Grade};

/// The least length at which a limit with non-temporal stores takes part.
const SHORTEST_STREAM: usize = 4 << 20;
/// The least length at which a limit that reads backwards the second time takes part.
const SHORTEST_BACK: usize = 64 << 10;
/// A limit that asks for memory does so this many bytes ahead.
const AHEAD: usize = 4 << 10;
/// The number of elements of a step backwards.
const BACK_BLOCK: usize = 4 << 10;

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

fn reads_on<I: Instructions, A: Datum, B: Datum>(isa: I) -> [Contender<A, B>; 2] {
    [
        Contender::new(I::named("limit"), Grade::Limit, move |src: &[A], _: &mut [B]| {
            black_box(isa.read::<0>(bytemuck::cast_slice(src)));
        }),
        Contender::new(I::named("limit_ahead"), Grade::Limit, move |src: &[A], _: &mut [B]| {
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
        moves(I::named("limit"), move_bytes::<I, A, B, false, 0>),
        moves(I::named("limit_stream"), move_bytes::<I, A, B, true, 0>).from(SHORTEST_STREAM),
        moves(I::named("limit_ahead"), move_bytes::<I, A, B, true, AHEAD>).from(SHORTEST_STREAM),
    ]
}

fn reads_then_moves_on<I: Instructions, A: Datum, B: Datum>(isa: I) -> Vec<Contender<A, B>> {
    let streamed = |name, second| reads_then::<I, A, B>(isa, name, second).from(SHORTEST_STREAM);
    vec![
        reads_then::<I, A, B>(isa, I::named("limit"), move_bytes::<I, A, B, false, 0>),
        streamed(I::named("limit_stream"), move_bytes::<I, A, B, true, 0>),
        Contender::new(I::named("limit_ahead"), Grade::Limit, move |src: &[A], dst: &mut [B]| {
            black_box(isa.read::<AHEAD>(bytemuck::cast_slice(src)));
            move_bytes::<I, A, B, true, AHEAD>(isa, src, dst);
        })
        .from(SHORTEST_STREAM),
        reads_then::<I, A, B>(isa, I::named("limit_back"), move_back::<I, A, B, false>)
            .from(SHORTEST_BACK),
        streamed(I::named("limit_back_stream"), move_back::<I, A, B, true>),
    ]
}

fn reads_then<I: Instructions, A: Datum, B: Datum>(
    isa: I,
    name: String,
    second: fn(I, &[A], &mut [B]),
) -> Contender<A, B> {
    Contender::new(name, Grade::Limit, move |src: &[A], dst: &mut [B]| {
        black_box(isa.read::<0>(bytemuck::cast_slice(src)));
        second(isa, src, dst);
    })
}

/// Moves the bytes from the end to the beginning: a reading before has left most of the end in the
/// caches.
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
