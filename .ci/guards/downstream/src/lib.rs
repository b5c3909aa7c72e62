//! Calls every operation, on every pair of types, in each of the three ways an engine can: the free functions, a
//! backend of its own choice, threads around it.
//!
//! Nothing here is generic, so all that the calls bring with them is compiled into this crate's object code.

use zeropoint::{Auto, Backend, Error, ErrorStats, MinMax, Parallel, QParams, Range, Scheme};

macro_rules! through_backend {
    ($make:expr, $T:ident, $Q:ident) => {
        use crate::*;

        #[inline(never)]
        pub fn min_max(x: &[$T]) -> Result<MinMax<$T>, Error> {
            Ok($make.min_max(x))
        }
        #[inline(never)]
        pub fn range(x: &[$T]) -> Result<Range<$T>, Error> {
            $make.range(x)
        }
        #[inline(never)]
        pub fn abs_max(x: &[$T]) -> Result<$T, Error> {
            $make.abs_max(x)
        }
        #[inline(never)]
        pub fn params(r: &[Range<$T>], p: &mut [QParams<$T, $Q>]) -> Result<(), Error> {
            $make.params(r, Scheme::asymmetric(), p)
        }
        #[inline(never)]
        pub fn quantize(x: &[$T], p: &QParams<$T, $Q>, q: &mut [$Q]) -> Result<(), Error> {
            $make.quantize(x, p, q)
        }
        #[inline(never)]
        pub fn dequantize(q: &[$Q], p: &QParams<$T, $Q>, x: &mut [$T]) -> Result<(), Error> {
            $make.dequantize(q, p, x)
        }
        #[inline(never)]
        pub fn dynamic(x: &[$T], q: &mut [$Q]) -> Result<QParams<$T, $Q>, Error> {
            $make.quantize_dynamic(x, Scheme::symmetric(), q)
        }
        #[inline(never)]
        pub fn error(x: &[$T], p: &QParams<$T, $Q>) -> Result<ErrorStats, Error> {
            $make.quantization_error(x, p)
        }
    };
}

macro_rules! pair {
    ($name:ident, $T:ident, $Q:ident) => {
        pub mod $name {
            pub mod free {
                use crate::*;

                #[inline(never)]
                pub fn min_max(x: &[$T]) -> MinMax<$T> {
                    zeropoint::min_max(x)
                }
                #[inline(never)]
                pub fn abs_max(x: &[$T]) -> Result<$T, Error> {
                    zeropoint::abs_max(x)
                }
                #[inline(never)]
                pub fn quantize(x: &[$T], p: &QParams<$T, $Q>, q: &mut [$Q]) -> Result<(), Error> {
                    zeropoint::quantize(x, p, q)
                }
                #[inline(never)]
                pub fn dequantize(
                    q: &[$Q],
                    p: &QParams<$T, $Q>,
                    x: &mut [$T],
                ) -> Result<(), Error> {
                    zeropoint::dequantize(q, p, x)
                }
                #[inline(never)]
                pub fn dynamic(x: &[$T], q: &mut [$Q]) -> Result<QParams<$T, $Q>, Error> {
                    zeropoint::quantize_dynamic(x, Scheme::asymmetric(), q)
                }
                #[inline(never)]
                pub fn error(x: &[$T], p: &QParams<$T, $Q>) -> Result<ErrorStats, Error> {
                    zeropoint::quantization_error(x, p)
                }
            }
            pub mod one_thread {
                through_backend!(Auto::detect()?, $T, $Q);
            }
            pub mod threads {
                through_backend!(Parallel::new(Auto::detect()?), $T, $Q);
            }
        }
    };
}

pair!(f32_i8, f32, i8);
pair!(f32_u8, f32, u8);
pair!(f64_i8, f64, i8);
pair!(f64_u8, f64, u8);
