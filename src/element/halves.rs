//! `f16` and `bf16`: data that is computed with as `f32`.

use super::sealed::Sealed;
use super::{Code, ComputedIn, Real};
use crate::backend::Isa;
use crate::engine::{Engine, RealEngine, door};

macro_rules! half {
    ($T:ty, $engine:ident) => {
        impl Sealed for $T {}

        impl ComputedIn<f32> for $T {}

        impl Real for $T {
            type Compute = f32;

            #[inline]
            fn widen(self) -> f32 {
                self.to_f32()
            }
            #[inline]
            fn narrow(x: f32) -> $T {
                <$T>::from_f32(x)
            }
            fn engine<Q: Code>(isa: Isa) -> &'static dyn Engine<$T, Q> {
                Q::$engine(isa)
            }
            #[inline(never)]
            fn real_engine(isa: Isa) -> &'static dyn RealEngine<$T> {
                door!(isa)
            }
        }
    };
}

half!(half::f16, engine_f16);
half!(half::bf16, engine_bf16);
