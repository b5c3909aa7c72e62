//! The loops that one would write without this crate, compiled for the baseline of the target.

use zeropoint::{Code, QParams};

/// A code that `as` converts to and from.
pub(crate) trait Cast<T>: Code {
    fn cast(x: T) -> Self;
    fn real(self) -> T;
}

/// The operations on `Self`, each as a loop.
pub(crate) trait Plain: Sized {
    fn min_max(src: &[Self], dst: &mut [Self]);

    fn abs_max(src: &[Self], dst: &mut [Self]);

    fn quantize<Q: Cast<Self>>(src: &[Self], p: &QParams<Self, Q>, dst: &mut [Q]);

    fn dequantize<Q: Cast<Self>>(src: &[Q], p: &QParams<Self, Q>, dst: &mut [Self]);

    /// The sum of the squared errors, and the greatest error.
    fn error<Q: Cast<Self>>(src: &[Self], p: &QParams<Self, Q>, dst: &mut [f64]);
}

macro_rules! plain {
    ($T:ident) => {
        impl Cast<$T> for u8 {
            #[inline]
            fn cast(x: $T) -> u8 {
                x as u8
            }
            #[inline]
            fn real(self) -> $T {
                $T::from(self)
            }
        }

        impl Cast<$T> for i8 {
            #[inline]
            fn cast(x: $T) -> i8 {
                x as i8
            }
            #[inline]
            fn real(self) -> $T {
                $T::from(self)
            }
        }

        impl Plain for $T {
            fn min_max(src: &[$T], dst: &mut [$T]) {
                let none = ($T::INFINITY, $T::NEG_INFINITY);
                let (min, max) = src.iter().fold(none, |(lo, hi), &x| (lo.min(x), hi.max(x)));
                dst.copy_from_slice(&[min, max]);
            }

            fn abs_max(src: &[$T], dst: &mut [$T]) {
                dst[0] = src.iter().fold(0.0, |greatest: $T, x| greatest.max(x.abs()));
            }

            fn quantize<Q: Cast<$T>>(src: &[$T], p: &QParams<$T, Q>, dst: &mut [Q]) {
                let (scale, zero_point) = (p.scale(), p.zero_point() as $T);
                let (qmin, qmax) = (p.qmin() as $T, p.qmax() as $T);
                for (x, q) in src.iter().zip(dst) {
                    let n = (x / scale).round_ties_even() + zero_point;
                    *q = Q::cast(n.clamp(qmin, qmax));
                }
            }

            fn dequantize<Q: Cast<$T>>(src: &[Q], p: &QParams<$T, Q>, dst: &mut [$T]) {
                let (scale, zero_point) = (p.scale(), p.zero_point() as $T);
                for (&q, x) in src.iter().zip(dst) {
                    *x = (q.real() - zero_point) * scale;
                }
            }

            fn error<Q: Cast<$T>>(src: &[$T], p: &QParams<$T, Q>, dst: &mut [f64]) {
                let (scale, zero_point) = (p.scale(), p.zero_point() as $T);
                let (qmin, qmax) = (p.qmin() as $T, p.qmax() as $T);
                let (mut sum, mut greatest) = (0.0, 0.0_f64);
                for &x in src {
                    let n = (x / scale).round_ties_even() + zero_point;
                    let q = Q::cast(n.clamp(qmin, qmax)).real();
                    let e = f64::from(x) - f64::from((q - zero_point) * scale);
                    sum += e * e;
                    greatest = greatest.max(e.abs());
                }
                dst.copy_from_slice(&[sum, greatest]);
            }
        }
    };
}

plain!(f32);
plain!(f64);
