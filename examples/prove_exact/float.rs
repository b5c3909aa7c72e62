//! The types of data, as the proof sees them.

use zeropoint::Compute;

pub(crate) trait Float: Compute + Into<f64> {
    /// The bits of a significand: p in what is said of the arithmetic.
    const DIGITS: u32;
    /// Scales from 2^−GUARD to 2^GUARD use the reciprocal, see `src/element.rs`.
    const GUARD: i32;
    /// The exponents of the least normal number and of the greatest.
    const EXPONENTS: (i32, i32);
    /// The first k at whose step the two-term quotient is wrong, and the x and the S of that.
    const FIRST_FAILURE: (u64, Self, Self);
    /// The bound of |r| for the quotient of 16-bit codes, see `far.rs`.
    const FAR_RESIDUE: i64;

    /// The nearest number.
    fn of(x: f64) -> Self;
    fn next_up(self) -> Self;
    fn next_down(self) -> Self;
    /// NaNs of both signs, quiet and signalling.
    fn nans() -> [Self; 4];
    /// `1 / self` in two terms, as the crate computes them or by other means to the same.
    fn two_terms(self) -> (Self, Self);
    /// `self · b + c`, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;
}

impl Float for f32 {
    const DIGITS: u32 = f32::MANTISSA_DIGITS;
    const GUARD: i32 = 64;
    const EXPONENTS: (i32, i32) = (-126, 127);
    const FIRST_FAILURE: (u64, f32, f32) =
        (3432, f32::from_bits(0x4591_0750), f32::from_bits(0x3fad_0fff));
    const FAR_RESIDUE: i64 = 8;

    fn of(x: f64) -> f32 {
        x as f32
    }
    fn next_up(self) -> f32 {
        self.next_up()
    }
    fn next_down(self) -> f32 {
        self.next_down()
    }
    fn nans() -> [f32; 4] {
        [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xff80_0001].map(f32::from_bits)
    }
    fn two_terms(self) -> (f32, f32) {
        let reciprocal = 1.0 / f64::from(self);
        let high = reciprocal as f32;
        (high, (reciprocal - f64::from(high)) as f32)
    }
    fn mul_add(self, b: f32, c: f32) -> f32 {
        self.mul_add(b, c)
    }
}

impl Float for f64 {
    const DIGITS: u32 = f64::MANTISSA_DIGITS;
    const GUARD: i32 = 256;
    const EXPONENTS: (i32, i32) = (-1022, 1023);
    // Found by `residues::at_step` for one k after the other.
    const FIRST_FAILURE: (u64, f64, f64) =
        (85_968_592, f64::from_bits(0x41a0_0228_44e6_2fd0), f64::from_bits(0x3ff8_fe36_83ff_ffff));
    const FAR_RESIDUE: i64 = 4;

    fn of(x: f64) -> f64 {
        x
    }
    fn next_up(self) -> f64 {
        self.next_up()
    }
    fn next_down(self) -> f64 {
        self.next_down()
    }
    fn nans() -> [f64; 4] {
        [0x7ff8 << 48, 0xfff8 << 48, (0x7ff0 << 48) + 1, (0xfff0 << 48) + 1].map(f64::from_bits)
    }
    fn two_terms(self) -> (f64, f64) {
        let high = 1.0 / self;
        (high, (-self).mul_add(high, 1.0) / self)
    }
    fn mul_add(self, b: f64, c: f64) -> f64 {
        self.mul_add(b, c)
    }
}
