//! The types of codes, as the proof sees them.

use zeropoint::Code;

pub(crate) trait Int: Code + Default {
    /// The reciprocal is used for zero points from −MOST_Z to MOST_Z, see `src/params.rs`.
    const MOST_Z: i32;

    /// The code with this value, which there is.
    fn of(n: i32) -> Self;
}

impl Int for u8 {
    const MOST_Z: i32 = 3000;

    fn of(n: i32) -> u8 {
        n as u8
    }
}

impl Int for u16 {
    const MOST_Z: i32 = 1 << 20;

    fn of(n: i32) -> u16 {
        n as u16
    }
}
