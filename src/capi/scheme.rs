//! Schemes, as numbers.

use super::status::Failure;
use crate::scheme::Scheme;

/// `zp_scheme`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CScheme(pub i32);

impl CScheme {
    pub const ASYMMETRIC: Self = Self(0);
    pub const ASYMMETRIC_RAW: Self = Self(1);
    pub const SYMMETRIC: Self = Self(2);
    pub const SYMMETRIC_FULL: Self = Self(3);

    /// With codes of so many bits; 0 for as many as the type has.
    pub(super) fn with_bits(self, bits: u32) -> Result<Scheme, Failure> {
        let scheme = match self {
            Self::ASYMMETRIC => Scheme::asymmetric(),
            Self::ASYMMETRIC_RAW => Scheme::asymmetric().raw_range(),
            Self::SYMMETRIC => Scheme::symmetric(),
            Self::SYMMETRIC_FULL => Scheme::symmetric().full_range(),
            Self(scheme) => return Err(Failure::Scheme { scheme }),
        };
        Ok(if bits == 0 { scheme } else { scheme.bits(bits) })
    }
}
