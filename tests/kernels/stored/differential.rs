//! Every backend against the scalar reference, byte for byte.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::select;
use zeropoint::ggml::Block;
use zeropoint::{Backend, Error, Scalar};

use super::data::{KINDS, fill, random};
use super::{Data, bytes, for_all_formats};
use crate::common::floats::Float;
use crate::common::{backends, for_random};

/// The bytes before and behind an output, which no call may write.
const GUARD: usize = 67;

/// Encodes between guard bytes, at byte `at` of a buffer. The contents mean nothing after an error.
fn encode<T: Data, B: Block>(backend: impl Backend, x: &[T], at: usize) -> Result<Vec<B>, Error> {
    let blocks = x.len() / B::ELEMENTS;
    let mut memory = vec![0xa5; GUARD + at + blocks * size_of::<B>() + GUARD];
    let (before, rest) = memory.split_at_mut(GUARD + at);
    let (dst, behind) = rest.split_at_mut(blocks * size_of::<B>());
    let result = backend.encode(x, zeropoint::ggml::blocks_mut::<B>(dst)?);
    assert!(before.iter().chain(&*behind).all(|byte| *byte == 0xa5), "guard bytes");
    result.map(|()| zeropoint::ggml::blocks::<B>(dst).expect("whole blocks").to_vec())
}

fn decode<T: Data, B: Block>(backend: impl Backend, blocks: &[B], at: usize) -> Vec<u32> {
    let guard = T::from_f32(-77.0);
    let len = blocks.len() * B::ELEMENTS;
    let mut memory = vec![guard; at + len + GUARD];
    backend.decode(blocks, &mut memory[at..at + len]).expect("one length");
    let mut others = memory[..at].iter().chain(&memory[at + len..]);
    assert!(others.all(|x| x.bits() == guard.bits()), "guard elements");
    memory[at..at + len].iter().map(|x| x.bits()).collect()
}

fn same<T: Data, B: Block>(x: &[T], at: usize) -> Result<(), String> {
    let expected = encode::<T, B>(Scalar, x, 0);
    for backend in backends() {
        let got = encode::<T, B>(backend, x, at);
        let what = format!("{backend:?}, {}, {}: {} at {at}", B::NAME, T::NAME, x.len());
        match (&got, &expected) {
            (Ok(got), Ok(expected)) if bytes(got) == bytes(expected) => {}
            (Err(got), Err(expected)) if got == expected => {}
            _ => {
                return Err(format!("{what}: encoded {got:?} instead of {expected:?}, from {x:?}"));
            }
        }
    }
    if let Ok(blocks) = expected {
        same_decoded::<T, B>(&blocks, at)?;
    }
    Ok(())
}

fn same_decoded<T: Data, B: Block>(blocks: &[B], at: usize) -> Result<(), String> {
    let expected = decode::<T, B>(Scalar, blocks, 0);
    for backend in backends() {
        let got = decode::<T, B>(backend, blocks, at);
        if let Some(i) = (0..got.len()).find(|i| got[*i] != expected[*i]) {
            let block = blocks[i / B::ELEMENTS];
            return Err(format!(
                "{backend:?}, {}, {}: element {i} is {:#x} instead of {:#x}, of {block:?}",
                B::NAME,
                T::NAME,
                got[i],
                expected[i]
            ));
        }
    }
    Ok(())
}

#[test]
fn every_number_and_kind_of_blocks() {
    fn check<T: Data, B: Block>() {
        for blocks in (0..=35).chain([64, 100]) {
            for first in [0, 5, 11] {
                same::<T, B>(&fill::<T>(first, B::ELEMENTS, blocks), blocks % 3).unwrap();
            }
        }
    }
    for_all_formats!(check());
}

/// Kernels may load whole cache lines, which have elements of neighbouring groups of blocks.
#[test]
fn sources_that_begin_anywhere_in_a_line() {
    fn check<T: Data, B: Block>() {
        if T::NAME != "f32" {
            return;
        }
        for before in 0..16 {
            let len = 53 * B::ELEMENTS;
            let mut memory = fill::<T>(before, B::ELEMENTS, 55);
            // The greatest numbers are beside the source, where they change no block.
            memory[..before].fill(T::from_f32(f32::MAX));
            memory[before + len..].fill(T::from_f32(f32::MIN));
            same::<T, B>(&memory[before..before + len], 0).unwrap();
            for block in [15, 16, 31, 32, 47, 48] {
                for bad in [block * B::ELEMENTS, (block + 1) * B::ELEMENTS - 1] {
                    let mut memory = memory.clone();
                    memory[before + bad] = T::from_f32(<f32 as Float>::nans()[block % 4]);
                    same::<T, B>(&memory[before..before + len], 0).unwrap();
                }
            }
        }
    }
    for_all_formats!(check());
}

#[test]
fn every_kind_alone() {
    fn check<T: Data, B: Block>() {
        for (kind, (name, element)) in KINDS.iter().enumerate() {
            for len in [1, 2, 3, 8, 17] {
                let x: Vec<T> = (0..len * B::ELEMENTS)
                    .map(|i| T::from_f32(element(kind + i / B::ELEMENTS, i % B::ELEMENTS)))
                    .collect();
                same::<T, B>(&x, len).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
    for_all_formats!(check());
}

#[test]
fn a_bad_number_at_every_place() {
    fn check<T: Data, B: Block>() {
        for blocks in [1, 3, 18] {
            for at in (0..blocks * B::ELEMENTS).step_by(1 + B::ELEMENTS / 24) {
                for bad in <f32 as Float>::nans().into_iter().chain([f32::INFINITY, -f32::INFINITY])
                {
                    let mut x = fill::<T>(at, B::ELEMENTS, blocks);
                    x[at] = T::from_f32(bad);
                    for backend in backends() {
                        let result = encode::<T, B>(backend, &x, 0);
                        let found = matches!(result, Err(Error::NotFinite { index: Some(i), .. }) if i == at);
                        assert!(found, "{backend:?}, {}: {bad} at {at}: {result:?}", B::NAME);
                    }
                }
            }
        }
    }
    for_all_formats!(check());
}

/// The scale of 40000000 is beyond `f16` in every format of 32 elements.
#[test]
fn the_earlier_of_two_faults() {
    fn check<T: Data, B: Block>() {
        let (great, bad) = (T::from_f32(4e7), T::from_f32(f32::NAN));
        for (great_at, bad_at) in [(3, 9), (9, 3), (4, 4), (0, 19), (19, 0)] {
            let mut x = fill::<T>(0, B::ELEMENTS, 20);
            x[great_at * B::ELEMENTS + 1] = great;
            x[bad_at * B::ELEMENTS + 7] = bad;
            same::<T, B>(&x, 0).unwrap();
        }
    }
    for_all_formats!(check());
}

#[test]
fn random_bits() {
    fn check<T: Data, B: Block>() {
        // Without some bits of the exponents there is no infinity, so that most blocks have bytes.
        let cleared = select(vec![0, 0x4000_4000, 0x6000_6000, 0x7000_7000, 0x7f80_7c00]);
        for_random(60, (vec(any::<u32>(), 1..300), cleared, 0_usize..3), |(bits, cleared, at)| {
            let x: Vec<T> = (0..bits.len() / 8 * B::ELEMENTS)
                .map(|i| T::from_bits(bits[i % bits.len()].wrapping_mul(random(i) | 1) & !cleared))
                .collect();
            same::<T, B>(&x, at)
        });
    }
    for_all_formats!(check());
}

#[test]
fn any_bytes_decode() {
    fn check<T: Data, B: Block>() {
        for_random(
            60,
            (vec(any::<u32>(), 1..40), 0_usize..40, 0_usize..3),
            |(words, blocks, at)| {
                let bytes: Vec<u8> = (0..blocks * size_of::<B>())
                    .map(|i| (words[i % words.len()].wrapping_mul(random(i) | 1) >> 24) as u8)
                    .collect();
                same_decoded::<T, B>(zeropoint::ggml::blocks(&bytes).expect("whole blocks"), at)
            },
        );
    }
    for_all_formats!(check());
}

#[test]
fn every_scale_of_16_bits_decodes() {
    fn check<T: Data, B: Block>() {
        if size_of::<B>() > 36 {
            return;
        }
        let block = |d: u16| {
            let mut bytes = vec![0; size_of::<B>()];
            for (i, byte) in bytes.iter_mut().enumerate() {
                *byte = random(usize::from(d) + i) as u8;
            }
            bytes[..2].copy_from_slice(&d.to_le_bytes());
            zeropoint::ggml::blocks::<B>(&bytes).expect("one block")[0]
        };
        let blocks: Vec<B> = (0..=u16::MAX).step_by(7).chain(0x7bf0..0x7c20).map(block).collect();
        same_decoded::<T, B>(&blocks, 0).unwrap();
    }
    for_all_formats!(check());
}
