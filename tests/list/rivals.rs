//! The rivals of the benches, of which only the plain loops take part here.

#[path = "../../benches/rivals/plain.rs"]
mod plain;

pub(crate) use plain::{Cast, Plain};

use crate::cases::{Contender, Datum};

pub(crate) const BLOCK: usize = 32;

/// Functions that find no contender, whatever they are asked for.
macro_rules! nobody {
    ($($f:ident($($P:ident),*);)+) => {$(
        pub(crate) fn $f<A: Datum, B: Datum, $($P),*>($(_: $P),*) -> Vec<Contender<A, B>> {
            Vec::new()
        }
    )+};
}

nobody! {
    reads();
    moves();
    reads_then_moves();
    crates_min_max();
    crates_quantize(P);
    ranges();
    abs_maxima();
    quantizes(P);
    quantizes_rows(P, R);
    quantizes_with_sums(P, R);
    quantizes_dynamic(R);
    dequantizes(P);
    dequantizes_blocks(P);
    requantizes(P, R);
    sums(R);
    fake_quantizes(P);
}
