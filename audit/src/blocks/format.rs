//! The formats, and the numbers and codes that the bytes of a block hold.

use half::f16;
use zeropoint::{Backend, Scalar, ggml};

use crate::dequantize::{from_ordered, ordered};
use crate::quantize::float_text;

/// A format of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// 32 codes of 8 bits.
    Q8_0,
    /// 32 codes of 8 bits and their sum.
    Q8_1,
    /// 256 codes of 8 bits and their sums by 16.
    Q8K,
    /// 32 codes of 4 bits.
    Q4_0,
    /// 32 codes of 4 bits from the least number up.
    Q4_1,
    /// 32 codes of 5 bits.
    Q5_0,
    /// 32 codes of 5 bits from the least number up.
    Q5_1,
}

/// Evaluates an expression with `$Block` as zeropoint's type of the format's blocks.
macro_rules! with_block {
    ($format:expr, $Block:ident => $then:expr) => {
        with_block!($format, $Block => $then;
            Q8_0 BlockQ8_0, Q8_1 BlockQ8_1, Q8K BlockQ8_K, Q4_0 BlockQ4_0, Q4_1 BlockQ4_1, Q5_0 BlockQ5_0,
            Q5_1 BlockQ5_1)
    };
    ($format:expr, $Block:ident => $then:expr; $($name:ident $Type:ident),+) => {
        match $format {
            $(Format::$name => {
                type $Block = ggml::$Type;
                $then
            })+
        }
    };
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Q8_0, Self::Q8_1, Self::Q8K, Self::Q4_0, Self::Q4_1, Self::Q5_0, Self::Q5_1];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Q8_0 => "q8_0",
            Self::Q8_1 => "q8_1",
            Self::Q8K => "q8_k",
            Self::Q4_0 => "q4_0",
            Self::Q4_1 => "q4_1",
            Self::Q5_0 => "q5_0",
            Self::Q5_1 => "q5_1",
        }
    }

    /// Returns the format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Returns the number of elements of a block.
    pub fn elements(self) -> usize {
        if self == Self::Q8K { 256 } else { 32 }
    }

    /// Returns the number of bytes of a block.
    pub fn bytes(self) -> usize {
        with_block!(self, Block => size_of::<Block>())
    }

    /// Returns the bits of a code.
    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Q8_0 | Self::Q8_1 | Self::Q8K => 8,
            Self::Q4_0 | Self::Q4_1 => 4,
            Self::Q5_0 | Self::Q5_1 => 5,
        }
    }

    /// Says whether codes begin at the least number of a block.
    pub(crate) fn has_least(self) -> bool {
        matches!(self, Self::Q4_1 | Self::Q5_1)
    }

    /// Says whether the scale has the sign of the extreme.
    pub(crate) fn has_signed_scale(self) -> bool {
        matches!(self, Self::Q4_0 | Self::Q5_0 | Self::Q8K)
    }

    /// Returns the number of floats before the codes.
    pub(crate) fn heads(self) -> usize {
        if self.has_least() || self == Self::Q8_1 { 2 } else { 1 }
    }

    /// Returns the number of fields: floats, codes and sums.
    pub(crate) fn fields(self) -> usize {
        self.heads() + self.elements() + if self == Self::Q8K { 16 } else { 0 }
    }

    /// Returns the fields of a block's bytes, each as an integer.
    pub(crate) fn parsed(self, bytes: &[u8]) -> Vec<i64> {
        let half = |at: usize| half_output(f16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let signed = |bytes: &[u8]| bytes.iter().map(|&b| i64::from(b as i8)).collect::<Vec<_>>();
        if self == Self::Q8K {
            let d = float_output(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
            let sums = bytes[260..].as_chunks().0.iter().map(|&b| i16::from_le_bytes(b).into());
            return [d].into_iter().chain(signed(&bytes[4..260])).chain(sums).collect();
        }
        let mut fields: Vec<_> = (0..self.heads()).map(|head| half(2 * head)).collect();
        let rest = &bytes[2 * self.heads()..];
        if self.bits() == 8 {
            fields.extend(signed(rest));
            return fields;
        }
        let (fifths, nibbles) = rest.split_at(rest.len() - 16);
        for j in 0..32 {
            let nibble = nibbles[j % 16] >> (4 * (j / 16)) & 15;
            let fifth = fifths.get(j / 8).map_or(0, |byte| byte >> (j % 8) & 1);
            fields.push((nibble | fifth << 4).into());
        }
        fields
    }

    /// Returns the name of a field.
    pub(crate) fn field(self, at: usize) -> String {
        let codes = self.heads()..self.heads() + self.elements();
        match at {
            0 => "d".into(),
            1 if self.has_least() => "m".into(),
            1 if self == Self::Q8_1 => "s".into(),
            _ if codes.contains(&at) => format!("code {}", at - codes.start),
            _ => format!("sum {}", at - codes.end),
        }
    }

    /// Encodes by zeropoint's definition, which refuses some blocks.
    pub(crate) fn encoded(self, x: &[f32]) -> Option<Vec<u8>> {
        let mut bytes = vec![0; x.len() / self.elements() * self.bytes()];
        with_block!(self, Block => {
            Scalar.encode(x, ggml::blocks_mut::<Block>(&mut bytes).ok()?).ok()?;
        });
        Some(bytes)
    }

    /// Decodes by zeropoint's definition.
    pub(crate) fn decoded(self, bytes: &[u8]) -> Option<Vec<f32>> {
        let mut x = vec![0.0; bytes.len() / self.bytes() * self.elements()];
        with_block!(self, Block => {
            Scalar.decode(ggml::blocks::<Block>(bytes).ok()?, &mut x).ok()?;
        });
        Some(x)
    }
}

/// Floats are apart from codes, so that both can be told from each other.
const FLOAT: i64 = 1 << 40;
const HALF: i64 = 1 << 30;

/// Returns an integer for a float of 32 bits, which grows with it.
pub(crate) fn float_output(x: f32) -> i64 {
    FLOAT + ordered(if x.is_nan() { f32::NAN } else { x })
}

/// Returns an integer for a float of 16 bits, which grows with it.
pub(crate) fn half_output(x: f16) -> i64 {
    let bits = if x.is_nan() { f16::NAN } else { x }.to_bits() as i16;
    HALF + i64::from(if bits < 0 { !(bits & i16::MAX) } else { bits })
}

/// Writes the output of a field as Rust.
pub(crate) fn field_text(output: i64) -> String {
    if output > FLOAT / 2 {
        return float_text(from_ordered(output - FLOAT));
    }
    if output > HALF / 2 {
        let bits = (output - HALF) as i16;
        let bits = if bits < 0 { !bits | i16::MIN } else { bits };
        return format!("{:?}", f16::from_bits(bits as u16));
    }
    output.to_string()
}
