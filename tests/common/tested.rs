//! What a suite holds to the scalar reference: the other backends, and the C ABI where it is built.

use zeropoint::Auto;

#[cfg(feature = "capi")]
use super::abi::Abi;
use super::fast_backends;

/// One of them; the methods are those of `Backend`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tested {
    Backend(Auto),
    #[cfg(feature = "capi")]
    C(Abi),
}

/// Everyone.
pub(crate) fn tested() -> Vec<Tested> {
    let all = fast_backends().into_iter().map(Tested::Backend);
    #[cfg(feature = "capi")]
    let all = all.chain([Tested::C(Abi)]);
    all.collect()
}

/// Numbers that the C ABI has, scales too.
#[cfg(feature = "capi")]
pub(crate) trait InAbi: zeropoint::capi::CType {}
#[cfg(feature = "capi")]
impl<T: zeropoint::capi::CType> InAbi for T {}
/// No more than a type, where there is no C ABI.
#[cfg(not(feature = "capi"))]
pub(crate) trait InAbi {}
#[cfg(not(feature = "capi"))]
impl<T> InAbi for T {}

macro_rules! methods {
    ($($name:ident<$($G:ident: $($bound:ident)+),*>($($arg:ident: $A:ty),*) -> $R:ty;)+) => {
        use zeropoint::{Backend, Code, Compute, Error, ErrorStats, MinMax, QParams, Range, Real, Scheme};

        impl Tested {
            pub(crate) fn name(self) -> &'static str {
                match self {
                    Self::Backend(backend) => Backend::name(&backend),
                    #[cfg(feature = "capi")]
                    Self::C(abi) => abi.name(),
                }
            }

            $(pub(crate) fn $name<$($G: $($bound +)+ InAbi),*>(self, $($arg: $A),*) -> $R {
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
    min_max<T: Real Compute>(src: &[T]) -> MinMax<T::Compute>;
    range<T: Real Compute>(src: &[T]) -> Result<Range<T::Compute>, Error>;
    abs_max<T: Real Compute>(src: &[T]) -> Result<T::Compute, Error>;
    params<T: Real Compute, Q: Code>(ranges: &[Range<T>], scheme: Scheme, dst: &mut [QParams<T, Q>])
        -> Result<(), Error>;
    quantize<T: Real Compute, Q: Code>(src: &[T], p: &QParams<T, Q>, dst: &mut [Q]) -> Result<(), Error>;
    dequantize<T: Real Compute, Q: Code>(src: &[Q], p: &QParams<T, Q>, dst: &mut [T]) -> Result<(), Error>;
    quantize_dynamic<T: Real Compute, Q: Code>(src: &[T], scheme: Scheme, dst: &mut [Q])
        -> Result<QParams<T, Q>, Error>;
    quantization_error<T: Real Compute, Q: Code>(src: &[T], p: &QParams<T, Q>) -> Result<ErrorStats, Error>;
    fake_quantize<T: Real Compute, Q: Code>(src: &[T], p: &QParams<T, Q>, dst: &mut [T]) -> Result<(), Error>;
    fake_quantize_in_place<T: Real Compute, Q: Code>(x: &mut [T], p: &QParams<T, Q>) -> ();
}
