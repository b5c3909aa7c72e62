//! The blocks of GGUF files: their formats, and the rules by which numbers become blocks and blocks become numbers.

mod audit;
mod decode;
mod encode;
mod format;
mod rules;

pub use audit::{decode, encode};
pub use decode::{Decode, DecodeOrder, FifthOrder, HalfScales, Precision, Signs, Small, Stored};
pub use encode::Field;
pub use format::Format;
pub use rules::{
    Clamp, Contraction, Encode, Extreme, FifthBits, Halves, Inverse, Places, Rounding, Steps, Sums,
    ZeroSums, Zeros,
};
