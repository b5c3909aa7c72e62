//! `f16` and `bf16`: data that is computed with as `f32`.

use super::sealed::Sealed;
use super::{Code, ComputedIn, Real};
use crate::drive::Compiled;

macro_rules! half {
    ($T:ty, $With:ident) => {
        impl Sealed for $T {}

        impl ComputedIn<f32> for $T {}

        impl Real for $T {
            type Compute = f32;
            type With<Q: Code> = Q::$With;
            type Alone = Compiled<$T, ()>;

            #[inline]
            fn widen(self) -> f32 {
                self.to_f32()
            }
            #[inline]
            fn narrow(x: f32) -> $T {
                <$T>::from_f32(x)
            }
        }
    };
}

half!(half::f16, WithF16);
half!(half::bf16, WithBf16);
