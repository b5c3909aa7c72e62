//! The types of data and of codes, with conversions that are not the crate's.

use zeropoint::{Code, I2x4, I4x2, Real, U2x4, U4x2};

use super::floats::Float;

/// A type of data.
pub(crate) trait Data: Real<Compute: Float> {
    /// The nearest number.
    fn from_wide(x: Self::Compute) -> Self;
    fn wide(self) -> Self::Compute;
    /// The number with the lowest of these bits.
    fn with_bits(bits: u64) -> Self;
}

impl<T: Float> Data for T {
    fn from_wide(x: T) -> T {
        x
    }
    fn wide(self) -> T {
        self
    }
    fn with_bits(bits: u64) -> T {
        T::from_raw(bits)
    }
}

#[cfg(feature = "half")]
macro_rules! half {
    ($($T:ty),+) => {$(
        impl Data for $T {
            fn from_wide(x: f32) -> Self {
                <$T>::from_f32(x)
            }
            fn wide(self) -> f32 {
                self.to_f32()
            }
            fn with_bits(bits: u64) -> Self {
                <$T>::from_bits(bits as u16)
            }
        }
    )+};
}
#[cfg(feature = "half")]
half!(half::f16, half::bf16);

pub(crate) fn wide<T: Data>(src: &[T]) -> Vec<T::Compute> {
    src.iter().map(|x| x.wide()).collect()
}

/// A type of codes, packed by the public constructors.
pub(crate) trait Packing: Code {
    fn packed(codes: &[i32]) -> Vec<Self>;
}

macro_rules! packing {
    ($($Q:ty),+; $($P:ty: $n:literal of $Byte:ty),+) => {
        $(impl Packing for $Q {
            fn packed(codes: &[i32]) -> Vec<Self> {
                codes.iter().map(|q| <$Q>::try_from(*q).unwrap()).collect()
            }
        })+
        $(impl Packing for $P {
            fn packed(codes: &[i32]) -> Vec<Self> {
                let element = |codes: &[i32]| {
                    let code = |i: usize| codes.get(i).map_or(0, |q| <$Byte>::try_from(*q).unwrap());
                    <$P>::new(std::array::from_fn(code))
                };
                codes.chunks($n).map(element).collect()
            }
        })+
    };
}
packing!(i8, u8, i16, u16, i32; I4x2: 2 of i8, U4x2: 2 of u8, I2x4: 4 of i8, U2x4: 4 of u8);

/// A code type with one code in an element.
pub(crate) trait Int: Packing + Ord + Default + Into<i32> + TryFrom<i32> {
    fn of(n: i32) -> Self {
        match Self::try_from(n) {
            Ok(q) => q,
            Err(_) => panic!("{n} is no code of this type"),
        }
    }

    fn int(self) -> i32 {
        self.into()
    }

    /// Code number `n`, counted from the least one, and again from there after the greatest.
    fn number(n: u32) -> Self {
        Self::of((n % (1 << Self::BITS)) as i32 + Self::MIN)
    }
}

impl Int for i8 {}
impl Int for u8 {}
impl Int for i16 {}
impl Int for u16 {}

/// Stamps generic tests for types of data, or for pairs of one and a type of codes.
macro_rules! stamp {
    ($tests:tt $($name:ident: $T:ty $(, $Q:ty)?;)+) => {
        $(stamp!(@ $tests $name, $T $(, $Q)?);)+
    };
    (@ ($($test:ident),+ $(,)?) $name:ident, $T:ty) => {
        mod $name {
            $(#[test] fn $test() { super::$test::<$T>(); })+
        }
    };
    (@ ($($test:ident),+ $(,)?) $name:ident, $T:ty, $Q:ty) => {
        mod $name {
            $(#[test] fn $test() { super::$test::<$T, $Q>(); })+
        }
    };
}

/// Stamps generic tests for `f32` and `f64`.
macro_rules! for_each_real {
    ($($test:ident),+ $(,)?) => {
        stamp!(($($test),+) of_f32: f32; of_f64: f64;);
    };
}

/// Stamps generic tests for every pair of a type of data and a type of codes: this is the one list of them. `bytes:`
/// are the pairs of `f32` and `f64` with codes of 8 bits, `integers:` those with codes of 8 and of 16 bits.
macro_rules! for_each_pair {
    (bytes: $($test:ident),+ $(,)?) => {
        stamp!(($($test),+) f32_i8: f32, i8; f32_u8: f32, u8; f64_i8: f64, i8; f64_u8: f64, u8;);
    };
    (integers: $($test:ident),+ $(,)?) => {
        for_each_pair!(bytes: $($test),+);
        stamp!(($($test),+) f32_i16: f32, i16; f32_u16: f32, u16; f64_i16: f64, i16; f64_u16: f64, u16;);
    };
    ($($test:ident),+ $(,)?) => {
        for_each_pair!(integers: $($test),+);
        stamp! { ($($test),+)
            f32_i32: f32, i32; f32_i4: f32, zeropoint::I4x2; f32_u4: f32, zeropoint::U4x2;
            f32_i2: f32, zeropoint::I2x4; f32_u2: f32, zeropoint::U2x4;
            f64_i32: f64, i32; f64_i4: f64, zeropoint::I4x2; f64_u4: f64, zeropoint::U4x2;
            f64_i2: f64, zeropoint::I2x4; f64_u2: f64, zeropoint::U2x4;
        }
        #[cfg(feature = "half")]
        stamp! { ($($test),+)
            f16_i8: half::f16, i8; f16_u8: half::f16, u8; f16_i16: half::f16, i16; f16_u16: half::f16, u16;
            f16_i32: half::f16, i32; f16_i4: half::f16, zeropoint::I4x2; f16_u4: half::f16, zeropoint::U4x2;
            f16_i2: half::f16, zeropoint::I2x4; f16_u2: half::f16, zeropoint::U2x4;
            bf16_i8: half::bf16, i8; bf16_u8: half::bf16, u8; bf16_i16: half::bf16, i16; bf16_u16: half::bf16, u16;
            bf16_i32: half::bf16, i32; bf16_i4: half::bf16, zeropoint::I4x2; bf16_u4: half::bf16, zeropoint::U4x2;
            bf16_i2: half::bf16, zeropoint::I2x4; bf16_u2: half::bf16, zeropoint::U2x4;
        }
    };
}
