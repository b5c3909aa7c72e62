//! The backends are held to the contract, and the C ABI where it is built.

use zeropoint::{Auto, Backend, Error, ErrorStats, MinMax, QParams, Range, Scheme};

#[cfg(feature = "capi")]
use super::abi::Abi;
use super::backends;
use super::floats::Float;
use super::types::{Data, Packing};

/// One of them; the methods are those of `Backend`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tested {
    Backend(Auto),
    #[cfg(feature = "capi")]
    C(Abi),
}

/// All of them.
pub(crate) fn tested() -> Vec<Tested> {
    let all = backends().into_iter().map(Tested::Backend);
    #[cfg(feature = "capi")]
    let all = all.chain([Tested::C(Abi)]);
    all.collect()
}

macro_rules! methods {
    ($($name:ident<$($G:ident: $bound:ident),*>($($arg:ident: $A:ty),*) -> $R:ty;)+) => {
        impl Tested {
            pub(crate) fn name(self) -> &'static str {
                match self {
                    Self::Backend(backend) => Backend::name(&backend),
                    #[cfg(feature = "capi")]
                    Self::C(abi) => abi.name(),
                }
            }

            $(pub(crate) fn $name<$($G: $bound),*>(self, $($arg: $A),*) -> $R {
                match self {
                    Self::Backend(backend) => Backend::$name(&backend, $($arg),*),
                    #[cfg(feature = "capi")]
                    Self::C(abi) => abi.$name($($arg),*),
                }
            })+
        }
    };
}
methods! {
    min_max<T: Data>(src: &[T]) -> MinMax<T::Compute>;
    range<T: Data>(src: &[T]) -> Result<Range<T::Compute>, Error>;
    abs_max<T: Data>(src: &[T]) -> Result<T::Compute, Error>;
    params<T: Float, Q: Packing>(ranges: &[Range<T>], scheme: Scheme, dst: &mut [QParams<T, Q>])
        -> Result<(), Error>;
    quantize<T: Data, Q: Packing>(src: &[T], p: &QParams<T::Compute, Q>, dst: &mut [Q])
        -> Result<(), Error>;
    dequantize<T: Data, Q: Packing>(src: &[Q], p: &QParams<T::Compute, Q>, dst: &mut [T])
        -> Result<(), Error>;
    quantize_dynamic<T: Data, Q: Packing>(src: &[T], scheme: Scheme, dst: &mut [Q])
        -> Result<QParams<T::Compute, Q>, Error>;
    quantization_error<T: Data, Q: Packing>(src: &[T], p: &QParams<T::Compute, Q>)
        -> Result<ErrorStats, Error>;
    fake_quantize<T: Data, Q: Packing>(src: &[T], p: &QParams<T::Compute, Q>, dst: &mut [T])
        -> Result<(), Error>;
    fake_quantize_in_place<T: Data, Q: Packing>(x: &mut [T], p: &QParams<T::Compute, Q>) -> ();
}
