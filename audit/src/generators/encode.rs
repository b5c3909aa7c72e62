//! The generators for encoders of blocks.

use super::Generator;
use super::numbers_of_blocks::{
    any_block, call, extremes, halves, random, search, short, sums, ties, zeros,
};
use crate::blocks::{
    Clamp, Contraction, Encode, Extreme, FifthBits, Format, Halves, Inverse, Places, Rounding,
    Steps, Sums, ZeroSums, Zeros,
};

const R: Encode = Encode::REFERENCE;

/// Changes one rule of the reference. In formats without the rule the contract is no candidate.
const fn inverse(inverse: Inverse) -> Encode {
    Encode { inverse, ..R }
}
const fn rounding(rounding: Rounding) -> Encode {
    Encode { rounding, ..R }
}

const FUSED: Encode = Encode { contraction: Contraction::Fused, ..R };
pub(super) const STEPS: Encode = Encode { steps: Steps::Product, ..R };

/// Every generator for encoders of blocks, in the order of a report. A pair is told apart in the formats that both are for.
pub static GENERATORS: &[Generator<Encode>] = &[
    Generator {
        name: "random",
        about: "Numbers spread evenly between extremes, of magnitudes from 2^-10 to 2^9.",
        separates: || {
            let halves = Encode { halves: Halves::Truncated, ..R };
            let places = [Places::HalvesSwapped, Places::Neighbours, Places::NeighboursSwapped];
            let others = places.map(|places| (R, Encode { places, ..R })).into_iter();
            let extreme = Encode { extreme: Extreme::Magnitude, ..R };
            let fifth_bits = Encode { fifth_bits: FifthBits::Bytes, ..R };
            let one = [rounding(Rounding::TowardZero), halves, extreme, fifth_bits];
            others.chain(one.map(|c| (R, c))).collect()
        },
        make: random,
    },
    Generator {
        name: "ties",
        about: "Exact ties between codes and the floats beside them, with scales that are powers of 2.",
        separates: || [Rounding::Even, Rounding::HalfUp].map(|r| (R, rounding(r))).into(),
        make: ties,
    },
    Generator {
        name: "inverse",
        about: "Numbers at which quotients and products by 1/d, by d in f16, or by the inverse of the extreme differ.",
        separates: || {
            let f16 = [Inverse::OfStored, Inverse::DividesByStored];
            let others = [Inverse::OfExtreme, Inverse::OfD, Inverse::Divides];
            let mut pairs: Vec<_> =
                others.into_iter().chain(f16).map(|i| (R, inverse(i))).collect();
            pairs.push((inverse(f16[0]), inverse(f16[1])));
            pairs.extend([(inverse(Inverse::Divides), inverse(Inverse::OfExtreme)), (R, STEPS)]);
            pairs
        },
        make: |calls| {
            for rounding in [Rounding::Format, Rounding::TowardZero] {
                let with = |inverse| Encode { inverse, rounding, ..R };
                let reference = with(Inverse::Format);
                search(calls, (reference, with(Inverse::Divides)));
                search(calls, (reference, with(Inverse::OfExtreme)));
                search(calls, (reference, with(Inverse::OfD)));
                search(calls, (with(Inverse::Divides), with(Inverse::OfExtreme)));
                search(calls, (reference, Encode { steps: Steps::Product, ..reference }));
            }
            for rounding in [Rounding::Format, Rounding::Away, Rounding::TowardZero] {
                for halves in [Halves::Even, Halves::Truncated] {
                    let with = |inverse| Encode { inverse, rounding, halves, ..R };
                    search(calls, (with(Inverse::OfStored), with(Inverse::DividesByStored)));
                }
            }
        },
    },
    Generator {
        name: "rounding",
        about: "Numbers at which a rounded sum, an fma, and roundings without a sum differ.",
        separates: || {
            vec![(R, FUSED), (R, rounding(Rounding::Away)), (R, rounding(Rounding::HalfUp))]
        },
        make: |calls| {
            search(calls, (R, FUSED));
            search(calls, (R, rounding(Rounding::Away)));
            search(calls, (R, rounding(Rounding::HalfUp)));
            search(calls, (rounding(Rounding::Away), rounding(Rounding::HalfUp)));
            search(calls, (rounding(Rounding::Even), rounding(Rounding::HalfUp)));
        },
    },
    Generator {
        name: "extremes",
        about: "Blocks that hold their extreme twice or with both signs, in either order, at every place.",
        separates: || {
            let extremes = [Extreme::Last, Extreme::Positive, Extreme::Negative];
            let clamp = (R, Encode { clamp: Clamp::Wraps, ..R });
            extremes
                .map(|extreme| (R, Encode { extreme, ..R }))
                .into_iter()
                .chain([clamp])
                .collect()
        },
        make: extremes,
    },
    Generator {
        name: "f16",
        about: "Scales and least numbers half way between two f16, and those that are subnormal in f16.",
        separates: || {
            let halves = [Halves::Away, Halves::Truncated, Halves::Flushed];
            halves.map(|halves| (R, Encode { halves, ..R })).into()
        },
        make: halves,
    },
    Generator {
        name: "zeros",
        about: "Blocks of zeros of either sign, and blocks whose least number is a zero.",
        separates: || {
            let zero_sums = Encode { zero_sums: ZeroSums::Unwritten, ..R };
            vec![(R, Encode { zeros: Zeros::Positive, ..R }), (R, zero_sums)]
        },
        make: zeros,
    },
    Generator {
        name: "sums",
        about: "Blocks of numbers that are all great, with great sums of codes.",
        separates: || {
            let sums = [Sums::Stored, Sums::Halves, Sums::Numbers];
            sums.map(|sums| (R, Encode { sums, ..R })).into()
        },
        make: sums,
    },
    Generator {
        name: "short",
        about: "Blocks of two or three numbers, and zeros.",
        separates: Vec::new,
        make: short,
    },
    Generator {
        name: "lengths",
        about: "Every number of blocks from 0 to 40, or to 8 for blocks of 256.",
        separates: Vec::new,
        make: |calls| {
            for count in 0..=if calls.codes == Format::Q8K { 8 } else { 40 } {
                let blocks = (0..count).map(|_| any_block(calls)).collect();
                call(calls, blocks, 0, false);
            }
        },
    },
    Generator {
        name: "offsets",
        about: "Numbers and blocks that begin at each of 17 places behind an aligned address.",
        separates: Vec::new,
        make: |calls| {
            for offset in 0..17 {
                let blocks = (0..3).map(|_| any_block(calls)).collect();
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
                let blocks = (0..count).map(|_| any_block(calls)).collect();
                call(calls, blocks, 0, true);
            }
        },
    },
];
