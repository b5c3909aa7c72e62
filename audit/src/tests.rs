//! The generators tell apart what they are for, and the candidates are different functions.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::blocks::{Decode, Encode, Format};
use crate::code::{AuditedCode, Codes};
use crate::contract::Contract;
use crate::generators::{Call, Generator};
use crate::observe::{Fault, Outcome, Plan, observe};
use crate::packed::{Packed, Pair};
use crate::params::output;

/// Returns pairs of a generator's list that its cases do not tell apart.
fn not_separated<C: Contract>(generator: &Generator<C>, codes: C::Codes, seed: u64) -> Vec<(C, C)> {
    let cases = generator.cases(codes, seed);
    let same = |(a, b): &(C, C)| {
        cases.iter().all(|(p, x)| a.output(codes, *p, x.clone()) == b.output(codes, *p, x.clone()))
    };
    (generator.separates)().into_iter().filter(same).collect()
}

pub(crate) fn separates<C: Contract>(generators: &[Generator<C>], codes: C::Codes) {
    for generator in generators {
        for seed in 0..3 {
            let same = not_separated(generator, codes, seed);
            assert!(same.is_empty(), "{} of seed {seed}: {same:?}", generator.name);
        }
    }
}

/// Panics if two candidates agree in all cases of all generators.
pub(crate) fn candidates_differ<C: Contract>(generators: &[Generator<C>], codes: C::Codes) {
    let cases: Vec<_> = generators.iter().flat_map(|g| g.cases(codes, 0)).collect();
    let candidates = C::candidates(codes);
    let mut groups = HashMap::from([(0_u64, candidates)]);
    // Each part has cases of all generators, so most candidates are alone after a few, and are not evaluated any further.
    let parts = cases.len().div_ceil(300);
    for n in 0..parts {
        let part: Vec<_> = cases.iter().skip(n).step_by(parts).collect();
        let mut finer: HashMap<u64, Vec<C>> = HashMap::new();
        for (key, group) in groups {
            if group.len() == 1 {
                continue;
            }
            for c in group {
                let mut hash = DefaultHasher::new();
                (n, key).hash(&mut hash);
                part.iter().for_each(|(p, x)| c.output(codes, *p, x.clone()).hash(&mut hash));
                finer.entry(hash.finish()).or_default().push(c);
            }
        }
        groups = finer;
    }
    let alike: Vec<_> = groups.into_values().filter(|g| g.len() > 1).collect();
    let shown: Vec<Vec<String>> =
        alike.iter().take(12).map(|g| g.iter().map(|c| c.text()).collect()).collect();
    assert!(alike.is_empty(), "{} groups of {}: {shown:#?}", alike.len(), cases.len());
}

/// Expects pairs of contracts that are candidates for a format to be told apart, and all candidates to differ.
fn separates_formats<C: Contract<Codes = Format>>(generators: &[Generator<C>]) {
    for format in Format::ALL {
        let is_candidate = |c: &C| c.is_canonical(format);
        for (generator, seed) in generators.iter().flat_map(|g| [(g, 0), (g, 1), (g, 2)]) {
            let mut same = not_separated(generator, format, seed);
            same.retain(|(a, b)| is_candidate(a) && is_candidate(b));
            assert!(same.is_empty(), "{format:?}, {} of seed {seed}: {same:?}", generator.name);
        }
        candidates_differ(generators, format);
    }
}

#[test]
fn generators_of_encoders_separate() {
    separates_formats(crate::ENCODE_GENERATORS);
}

#[test]
fn generators_of_decoders_separate() {
    separates_formats(crate::DECODE_GENERATORS);
}

#[test]
fn generators_of_quantization_separate() {
    separates(crate::QUANTIZE_GENERATORS, u8::CODES);
    separates(crate::QUANTIZE_GENERATORS, i8::CODES);
    separates(crate::QUANTIZE_GENERATORS, u16::CODES);
    separates(crate::QUANTIZE_GENERATORS, i16::CODES);
}

#[test]
fn contracts_of_quantization_differ() {
    candidates_differ(crate::QUANTIZE_GENERATORS, u8::CODES);
    candidates_differ(crate::QUANTIZE_GENERATORS, i8::CODES);
}

#[test]
fn contracts_of_quantization_to_16_bits_differ() {
    candidates_differ(crate::QUANTIZE_GENERATORS, u16::CODES);
    candidates_differ(crate::QUANTIZE_GENERATORS, i16::CODES);
}

#[test]
fn contracts_of_quantization_to_4_bits_differ() {
    for packed in [Packed::U4, Packed::I4] {
        candidates_differ(crate::QUANTIZE_GENERATORS, packed.codes());
    }
}

#[test]
fn generators_of_quantization_to_4_bits_separate() {
    for packed in [Packed::U4, Packed::I4] {
        separates(crate::PACKED_GENERATORS, packed.codes());
    }
}

#[test]
fn generators_of_dequantization_separate() {
    for codes in [u8::CODES, i8::CODES, u16::CODES, i16::CODES] {
        separates(crate::DEQUANTIZE_GENERATORS, codes);
        candidates_differ(crate::DEQUANTIZE_GENERATORS, codes);
    }
}

#[test]
fn generators_of_requantization_separate() {
    for codes in [u8::CODES, i8::CODES, u16::CODES, i16::CODES] {
        separates(crate::REQUANTIZE_GENERATORS, codes);
        candidates_differ(crate::REQUANTIZE_GENERATORS, codes);
    }
}

#[test]
fn generators_of_parameters_separate() {
    for codes in [u8::CODES, i8::CODES, u16::CODES, i16::CODES] {
        separates(crate::PARAMS_GENERATORS, codes);
        candidates_differ(crate::PARAMS_GENERATORS, codes);
    }
}

/// Compares the rules' reference with zeropoint's definition of an operation, for all calls that zeropoint takes.
fn is_zeropoints<C: Contract>(
    generators: &[Generator<C>],
    codes: &[C::Codes],
    zeropoints: impl Fn(C::Codes, C::Params, &[C::Input]) -> Option<Vec<i64>>,
) {
    for &codes in codes {
        let mut compared = 0;
        for call in generators.iter().flat_map(|g| g.calls(codes, 1)) {
            let Some(expected) = zeropoints(codes, call.params, &call.inputs) else { continue };
            for (input, &expected) in call.inputs.iter().zip(&expected) {
                let formula = C::REFERENCE.output(codes, call.params, input.clone());
                assert_eq!(
                    formula,
                    expected,
                    "{}",
                    C::call_text(call.params, std::slice::from_ref(input))
                );
            }
            compared += expected.len();
        }
        assert!(compared > 5_000, "{compared} of {codes:?}");
    }
}

#[test]
fn the_references_are_zeropoints() {
    let all = &[u8::CODES, i8::CODES, u16::CODES, i16::CODES];
    is_zeropoints(crate::QUANTIZE_GENERATORS, all, Codes::quantized);
    is_zeropoints(crate::DEQUANTIZE_GENERATORS, all, Codes::dequantized);
    is_zeropoints(crate::REQUANTIZE_GENERATORS, all, Codes::requantized);
    is_zeropoints(crate::PARAMS_GENERATORS, all, |codes, (), data| {
        Some(data.iter().map(|data| output(codes.found(&data.elements()))).collect())
    });
    is_zeropoints(crate::ENCODE_GENERATORS, &Format::ALL, |format, (), fields| {
        Some(Encode::REFERENCE.outputs(format, (), fields))
    });
    is_zeropoints(crate::DECODE_GENERATORS, &Format::ALL, |format, (), stored| {
        Some(Decode::REFERENCE.outputs(format, (), stored))
    });
    let packed = [Packed::U4, Packed::I4].map(Packed::codes);
    is_zeropoints(crate::PACKED_GENERATORS, &packed, |codes, p, pairs| {
        codes.packed(p, &Pair::numbers(pairs))
    });
}

/// Observes a kernel that has a fault only at a length and an alignment that no whole call has.
fn a_fault_in_a_piece_is_seen<C: Contract>(generators: &'static [Generator<C>], codes: C::Codes) {
    let observed = |kernel: &mut dyn FnMut(&Call<C>) -> Option<Fault>| {
        let (contract, time) = (C::REFERENCE, Default::default());
        let mut plan = Plan { contract, codes, generators, seed: 0, time, progress: None };
        let mut kernel = |call: &Call<C>, _: u8| match kernel(call) {
            Some(fault) => Outcome::Faulty(fault),
            None => Outcome::Outputs(contract.outputs(codes, call.params, &call.inputs)),
        };
        observe(&mut plan, &|_, _| true, &mut kernel).fault
    };
    let calls = generators.iter().flat_map(|g| g.calls(codes, 0));
    let place = |call: &Call<C>| (call.inputs.len(), call.offset);
    let whole: HashSet<_> = calls.map(|call| place(&call)).collect();
    let mut of_pieces = None;
    let sound = observed(&mut |call| {
        of_pieces = of_pieces.or(Some(place(call)).filter(|place| !whole.contains(place)));
        None
    });
    assert_eq!(sound, None);
    let of_pieces = of_pieces.expect("some pieces are like no whole call");
    for fault in [Fault::OutOfBounds, Fault::NotReentrant] {
        let found = observed(&mut |call| (place(call) == of_pieces).then_some(fault));
        assert_eq!(found.map(|(fault, _)| fault), Some(fault), "{of_pieces:?}");
    }
}

#[test]
fn faults_in_pieces_are_seen() {
    a_fault_in_a_piece_is_seen(crate::QUANTIZE_GENERATORS, u8::CODES);
    a_fault_in_a_piece_is_seen(crate::PACKED_GENERATORS, Packed::I4.codes());
    a_fault_in_a_piece_is_seen(crate::ENCODE_GENERATORS, Format::Q8K);
    a_fault_in_a_piece_is_seen(crate::DECODE_GENERATORS, Format::Q8K);
}
