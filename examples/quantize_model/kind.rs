//! Lists the types of tensors in GGUF files.

use safetensors::Dtype;

use crate::format::Format;
use crate::model::{Data, Tensor};

/// A type of tensors has a number in files, a name, and blocks of some elements in some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    pub(crate) elements: usize,
    pub(crate) bytes: usize,
    pub(crate) read: Read,
}

/// Says who reads the numbers of a type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The type is one that safetensors files have too.
    Plain(Dtype),
    /// The crate decodes the blocks.
    Blocks(Format),
    /// The type is not read.
    No,
}

const fn kind(id: u32, name: &'static str, elements: usize, bytes: usize, read: Read) -> Kind {
    Kind { id, name, elements, bytes, read }
}

/// Lists the types of ggml. Numbers that are missing were types once, and no file has them any more.
static KINDS: [Kind; 34] = [
    kind(0, "F32", 1, 4, Read::Plain(Dtype::F32)),
    kind(1, "F16", 1, 2, Read::Plain(Dtype::F16)),
    kind(2, "Q4_0", 32, 18, Read::Blocks(Format::Q4_0)),
    kind(3, "Q4_1", 32, 20, Read::Blocks(Format::Q4_1)),
    kind(6, "Q5_0", 32, 22, Read::Blocks(Format::Q5_0)),
    kind(7, "Q5_1", 32, 24, Read::Blocks(Format::Q5_1)),
    kind(8, "Q8_0", 32, 34, Read::Blocks(Format::Q8_0)),
    kind(9, "Q8_1", 32, 36, Read::Blocks(Format::Q8_1)),
    kind(10, "Q2_K", 256, 84, Read::No),
    kind(11, "Q3_K", 256, 110, Read::No),
    kind(12, "Q4_K", 256, 144, Read::No),
    kind(13, "Q5_K", 256, 176, Read::No),
    kind(14, "Q6_K", 256, 210, Read::No),
    kind(15, "Q8_K", 256, 292, Read::Blocks(Format::Q8_K)),
    kind(16, "IQ2_XXS", 256, 66, Read::No),
    kind(17, "IQ2_XS", 256, 74, Read::No),
    kind(18, "IQ3_XXS", 256, 98, Read::No),
    kind(19, "IQ1_S", 256, 50, Read::No),
    kind(20, "IQ4_NL", 32, 18, Read::No),
    kind(21, "IQ3_S", 256, 110, Read::No),
    kind(22, "IQ2_S", 256, 82, Read::No),
    kind(23, "IQ4_XS", 256, 136, Read::No),
    kind(24, "I8", 1, 1, Read::Plain(Dtype::I8)),
    kind(25, "I16", 1, 2, Read::Plain(Dtype::I16)),
    kind(26, "I32", 1, 4, Read::Plain(Dtype::I32)),
    kind(27, "I64", 1, 8, Read::Plain(Dtype::I64)),
    kind(28, "F64", 1, 8, Read::Plain(Dtype::F64)),
    kind(29, "IQ1_M", 256, 56, Read::No),
    kind(30, "BF16", 1, 2, Read::Plain(Dtype::BF16)),
    kind(34, "TQ1_0", 256, 54, Read::No),
    kind(35, "TQ2_0", 256, 66, Read::No),
    kind(39, "MXFP4", 32, 17, Read::No),
    kind(40, "NVFP4", 64, 36, Read::No),
    kind(41, "Q1_0", 128, 18, Read::No),
];

impl Kind {
    pub(crate) fn numbered(id: u32) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.id == id)
    }

    /// Returns the type of a tensor, if GGUF files have it.
    pub(crate) fn of(tensor: &Tensor) -> Option<&'static Self> {
        match tensor.data {
            Data::Ggml { kind, .. } => Some(kind),
            _ => Self::read_as(Read::Plain(tensor.dtype()?)),
        }
    }

    pub(crate) fn read_as(read: Read) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.read == read)
    }
}
