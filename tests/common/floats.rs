//! The number types as the tests see them, and the numbers at which arithmetic changes its ways.

use zeropoint::Compute;

/// A number type. What the tests expect is computed with these, not with the crate's own methods.
pub(crate) trait Float: Compute {
    /// The kernels divide where a scale is not from 2^−GUARD to 2^GUARD.
    const GUARD: i32;
    const LEAST_SUBNORMAL: Self;
    const LEAST_NORMAL: Self;
    const GREATEST: Self;
    const INF: Self;

    /// The nearest number.
    fn of(x: f64) -> Self;
    fn as_f64(self) -> f64;
    /// The number with these bits; those that the type does not have are dropped.
    fn from_raw(bits: u64) -> Self;
    fn raw(self) -> u64;
    /// NaNs of both signs, quiet and signalling.
    fn nans() -> [Self; 4];

    fn negated(self) -> Self {
        Self::of(0.0) - self
    }

    fn finite(self) -> bool {
        self.as_f64().is_finite()
    }
}

impl Float for f32 {
    const GUARD: i32 = 64;
    const LEAST_SUBNORMAL: f32 = f32::from_bits(1);
    const LEAST_NORMAL: f32 = f32::MIN_POSITIVE;
    const GREATEST: f32 = f32::MAX;
    const INF: f32 = f32::INFINITY;

    fn of(x: f64) -> f32 {
        x as f32
    }
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
    fn from_raw(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
    fn raw(self) -> u64 {
        u64::from(self.to_bits())
    }
    fn nans() -> [f32; 4] {
        [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xff80_0001].map(f32::from_bits)
    }
}

impl Float for f64 {
    const GUARD: i32 = 256;
    const LEAST_SUBNORMAL: f64 = f64::from_bits(1);
    const LEAST_NORMAL: f64 = f64::MIN_POSITIVE;
    const GREATEST: f64 = f64::MAX;
    const INF: f64 = f64::INFINITY;

    fn of(x: f64) -> f64 {
        x
    }
    fn as_f64(self) -> f64 {
        self
    }
    fn from_raw(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    fn raw(self) -> u64 {
        self.to_bits()
    }
    fn nans() -> [f64; 4] {
        [0x7ff8 << 48, 0xfff8 << 48, (0x7ff0 << 48) + 1, (0xfff0 << 48) + 1].map(f64::from_bits)
    }
}

/// Non-negative numbers and NaN aside: where formats, conversions and integers end.
fn magnitudes<T: Float>() -> Vec<T> {
    let mut list = vec![
        T::of(0.0),
        T::LEAST_SUBNORMAL,
        T::from_raw(T::LEAST_NORMAL.raw() - 1),
        T::LEAST_NORMAL,
        T::GREATEST,
        T::INF,
    ];
    let powers = [7, 8, 15, 16, 24, 25, 31, 32, 53, 63, 64].map(|n| 2.0_f64.powi(n));
    for x in [1.0, 0.5, 1.5, 2.5, 127.5, 128.5, 254.5, 255.5, 1e30].into_iter().chain(powers) {
        let x = T::of(x);
        list.extend([T::from_raw(x.raw() - 1), x, T::from_raw(x.raw() + 1)]);
    }
    list
}

/// The numbers that no suite may leave out: of both signs, and the NaNs.
pub(crate) fn edges<T: Float>() -> Vec<T> {
    let sign = T::of(-0.0).raw();
    let mut list = magnitudes::<T>();
    list.extend(list.clone().into_iter().map(|x| T::from_raw(x.raw() | sign)));
    list.extend(T::nans());
    list
}

/// `(k + ½)·S`, rounded once.
pub(crate) fn half_grid<T: Float>(k: i64, scale: T) -> T {
    T::of(k as f64 + 0.5) * scale
}
