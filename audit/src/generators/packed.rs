//! The generators for codes of 4 bits: those for quantization, with two numbers a case, and one of their own.

use super::values::{tie_scale, zero_point};
use super::{Calls, Generator, quantize};
use crate::packed::{Nibbles, Packing, Padding, Pair, QuantizePacked, SignedBits};
use crate::quantize::{Affine, Quantize};

type Made = Calls<QuantizePacked>;

/// Returns the generator for quantization of number `N`, with two numbers a case.
const fn of<const N: usize>() -> Generator<QuantizePacked> {
    let of = &quantize::GENERATORS[N];
    Generator { name: of.name, about: of.about, separates: separates::<N>, make: make::<N> }
}

fn separates<const N: usize>() -> Vec<(QuantizePacked, QuantizePacked)> {
    let packed = |formula| QuantizePacked { formula, ..QuantizePacked::REFERENCE };
    let pairs = (quantize::GENERATORS[N].separates)().into_iter();
    pairs.map(|(a, b)| (packed(a), packed(b))).collect()
}

fn make<const N: usize>(calls: &mut Made) {
    let mut numbers: Calls<Quantize> =
        Calls { random: calls.random.clone(), codes: calls.codes, made: Vec::new() };
    (quantize::GENERATORS[N].make)(&mut numbers);
    for call in numbers.made {
        let inputs = Pair::all(&call.inputs);
        let super::Call { params, offset, is_repeated, .. } = call;
        calls.made.push(super::Call { params, inputs, offset, is_repeated });
    }
}

macro_rules! generators {
    ($($n:literal)+) => {
        /// Every generator for codes of 4 bits, in the order of a report.
        pub static GENERATORS: &[Generator<QuantizePacked>] = &[$(of::<$n>(),)+ NIBBLES];
        const _: () = assert!(quantize::GENERATORS.len() == [$($n),+].len());
    };
}

generators!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18);

const NIBBLES: Generator<QuantizePacked> = Generator {
    name: "nibbles",
    about: "Every pair of codes, and every code at an odd end.",
    separates: || {
        let reference = QuantizePacked::REFERENCE;
        let with = |packing| (reference, QuantizePacked { packing, ..reference });
        let of = Packing::REFERENCE;
        vec![
            with(Packing { nibbles: Nibbles::HighFirst, ..of }),
            with(Packing { padding: Padding::ZeroPoint, ..of }),
            with(Packing { bits: SignedBits::PlusEight, ..of }),
        ]
    },
    make: |calls| {
        for (low, high) in (0..16).flat_map(|low| (0..=16).map(move |high| (low, high))) {
            let zero_point = zero_point(calls.codes, &mut calls.random);
            let p = Affine { scale: tie_scale(&mut calls.random), zero_point };
            let number = |code: i32| (code + calls.codes.min - zero_point) as f32 * p.scale;
            let second = (high < 16).then(|| number(high));
            calls.call(p, vec![Pair { first: number(low), second }]);
        }
    },
};
