//! The generators for decoders of blocks.

use std::sync::Arc;

use half::f16;

use super::{Calls, Generator};
use crate::blocks::{
    Decode, DecodeOrder, FifthOrder, Format, HalfScales, Precision, Signs, Small, Stored,
};
use crate::random::Random;

type Made = Calls<Decode>;

const R: Decode = Decode::REFERENCE;

/// Every generator for decoders of blocks, in the order of a report. A pair is told apart in the formats that both are for.
pub static GENERATORS: &[Generator<Decode>] = &[
    Generator {
        name: "codes",
        about: "Every code, with scales of either sign.",
        separates: || {
            let places = [
                DecodeOrder::HalvesSwapped,
                DecodeOrder::Neighbours,
                DecodeOrder::NeighboursSwapped,
            ];
            let precisions = [Precision::F16, Precision::RoundedOnce];
            let places = places.map(|places| (R, Decode { places, ..R })).into_iter();
            let precisions = precisions.map(|precision| (R, Decode { precision, ..R }));
            let signs = (R, Decode { signs: Signs::Unsigned, ..R });
            let fifths = (R, Decode { fifth_bits: FifthOrder::Bytes, ..R });
            places.chain(precisions).chain([signs, fifths]).collect()
        },
        make: |calls| {
            for _ in 0..60 {
                let block = block(calls.codes, &mut calls.random, |random| {
                    f16::from_f32(random.float([-8, 8])) * f16::from_f32(sign(random))
                });
                call(calls, vec![block], 0, false);
            }
        },
    },
    Generator {
        name: "scales",
        about: "Scales and least numbers that are subnormal, zero, infinite or NaN.",
        separates: || {
            let scales = [HalfScales::Flushed, HalfScales::Numbers];
            let small = (R, Decode { subnormal: Small::Flushed, ..R });
            scales.map(|scales| (R, Decode { scales, ..R })).into_iter().chain([small]).collect()
        },
        make: |calls| {
            for _ in 0..80 {
                let block = block(calls.codes, &mut calls.random, |random| {
                    let bits = [0, 1, 0x3ff, 0x200, 0x7c00, 0x7e00, 0x7d01, 0x7bff, 0x3c00];
                    f16::from_bits(random.choose(&bits)) * f16::from_f32(sign(random))
                });
                call(calls, vec![block], 0, false);
            }
        },
    },
    Generator {
        name: "bits",
        about: "Blocks of random bits.",
        separates: || vec![(R, Decode { places: DecodeOrder::Neighbours, ..R })],
        make: |calls| {
            for _ in 0..60 {
                let blocks = vec![bits(calls)];
                call(calls, blocks, 0, false);
            }
        },
    },
    Generator {
        name: "lengths",
        about: "Every number of blocks from 0 to 40, or to 8 for blocks of 256.",
        separates: Vec::new,
        make: |calls| {
            for count in 0..=if calls.codes == Format::Q8K { 8 } else { 40 } {
                let blocks = (0..count).map(|_| bits(calls)).collect();
                call(calls, blocks, 0, false);
            }
        },
    },
    Generator {
        name: "offsets",
        about: "Blocks and numbers that begin at each of 17 places behind an aligned address.",
        separates: Vec::new,
        make: |calls| {
            for offset in 0..17 {
                let blocks = (0..3).map(|_| bits(calls)).collect();
                call(calls, blocks, offset, false);
            }
        },
    },
    Generator {
        name: "repeated",
        about: "Calls that are made twice, the second time onto other bytes.",
        separates: Vec::new,
        make: |calls| {
            for count in [0, 1, 2, 3, 5, 8, 9] {
                let blocks = (0..count).map(|_| bits(calls)).collect();
                call(calls, blocks, 0, true);
            }
        },
    },
];

fn sign(random: &mut Random) -> f32 {
    if random.bits() & 1 == 0 { 1.0 } else { -1.0 }
}

fn call(calls: &mut Made, blocks: Vec<Vec<u8>>, offset: usize, is_repeated: bool) {
    let format = calls.codes;
    let inputs = blocks.into_iter().flat_map(|bytes| {
        let bytes: Arc<[u8]> = bytes.into();
        (0..format.elements()).map(move |at| Stored { format, bytes: bytes.clone(), at })
    });
    let inputs = inputs.collect();
    calls.made.push(super::Call { params: (), inputs, offset, is_repeated });
}

fn bits(calls: &mut Made) -> Vec<u8> {
    (0..calls.codes.bytes()).map(|_| calls.random.bits() as u8).collect()
}

/// Returns a block of random codes, whose scale and least number are given as `f16`.
fn block(format: Format, random: &mut Random, half: fn(&mut Random) -> f16) -> Vec<u8> {
    let mut bytes: Vec<_> = (0..format.bytes()).map(|_| random.bits() as u8).collect();
    if format == Format::Q8K {
        let d = half(random).to_f32();
        // A subnormal scale of 32 bits, and one of which some products are.
        let d = if random.integer(0, 3) == 0 { d * 2_f32.powi(-124) } else { d };
        bytes[..4].copy_from_slice(&d.to_le_bytes());
        return bytes;
    }
    for head in 0..format.heads() {
        bytes[2 * head..2 * head + 2].copy_from_slice(&half(random).to_le_bytes());
    }
    bytes
}
