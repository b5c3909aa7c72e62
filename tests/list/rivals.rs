//! Where the benches have rivals: here there are only the plain loops.

#[path = "../../benches/rivals/plain.rs"]
mod plain;

pub(crate) use plain::{Cast, Plain};
use zeropoint::{Code, QParams};

use crate::cases::{Contender, Datum};

pub(crate) fn quantizes<Q: Code + Datum>(_: QParams<f32, Q>) -> Vec<Contender<f32, Q>> {
    Vec::new()
}

pub(crate) fn crates_min_max() -> Vec<Contender<f32, f32>> {
    Vec::new()
}

pub(crate) fn crates_quantize(_: QParams<f32, u8>) -> Vec<Contender<f32, u8>> {
    Vec::new()
}

pub(crate) fn reads<A: Datum, B: Datum>() -> Vec<Contender<A, B>> {
    Vec::new()
}

pub(crate) fn moves<A: Datum, B: Datum>() -> Vec<Contender<A, B>> {
    Vec::new()
}

pub(crate) fn reads_then_moves<A: Datum, B: Datum>() -> Vec<Contender<A, B>> {
    Vec::new()
}
