//! Tensors as they lie in memory, and their types.

use bytemuck::Pod;

use crate::proto;
use crate::verdict::{Obstacle, fail};

/// The types of elements that the crate has, under ONNX's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Float,
    Float16,
    Bfloat16,
    Int32,
    Int16,
    Uint16,
    Int8,
    Uint8,
    Int4,
    Uint4,
    Int2,
    Uint2,
}

impl Type {
    /// Returns the type for the number that a file has for it.
    pub(crate) fn from_onnx(number: i64) -> Result<Self, Obstacle> {
        Ok(match number {
            1 => Self::Float,
            2 => Self::Uint8,
            3 => Self::Int8,
            4 => Self::Uint16,
            5 => Self::Int16,
            6 => Self::Int32,
            10 => Self::Float16,
            16 => Self::Bfloat16,
            21 => Self::Uint4,
            22 => Self::Int4,
            25 => Self::Uint2,
            26 => Self::Int2,
            17..=20 | 24 => return Err(Obstacle::NotCovered("float8")),
            23 => return Err(Obstacle::NotCovered("float4")),
            _ => return fail(format!("no operation here takes ONNX's data type {number}")),
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Int32 => "int32",
            Self::Int16 => "int16",
            Self::Uint16 => "uint16",
            Self::Int8 => "int8",
            Self::Uint8 => "uint8",
            Self::Int4 => "int4",
            Self::Uint4 => "uint4",
            Self::Int2 => "int2",
            Self::Uint2 => "uint2",
        }
    }

    /// Returns the number of bits of an element. Elements of fewer than 8 bits are packed, the first one in
    /// the lowest bits.
    pub(crate) fn bits(self) -> usize {
        match self {
            Self::Float | Self::Int32 => 32,
            Self::Float16 | Self::Bfloat16 | Self::Int16 | Self::Uint16 => 16,
            Self::Int8 | Self::Uint8 => 8,
            Self::Int4 | Self::Uint4 => 4,
            Self::Int2 | Self::Uint2 => 2,
        }
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self, Self::Float | Self::Float16 | Self::Bfloat16)
    }

    fn is_signed(self) -> bool {
        matches!(self, Self::Int32 | Self::Int16 | Self::Int8 | Self::Int4 | Self::Int2)
    }
}

/// A row-major array of elements in this machine's byte order.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) element: Type,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl Tensor {
    pub(crate) fn new<P: Pod>(element: Type, shape: &[usize], elements: &[P]) -> Self {
        let bytes = bytemuck::cast_slice(elements).to_vec();
        Self { element, shape: shape.to_vec(), bytes }
    }

    pub(crate) fn from_proto(message: &proto::Tensor) -> Result<Self, Obstacle> {
        let element = Type::from_onnx(message.data_type.into())?;
        if message.data_location != 0 {
            return fail("its elements are in another file".into());
        }
        let shape = message.dims.iter().map(|&n| usize::try_from(n).ok()).collect::<Option<_>>();
        let Some(shape) = shape else {
            return fail(format!("{:?} is no shape", message.dims));
        };
        let tensor = Self { element, shape, bytes: native_bytes(element, message) };
        match tensor.bytes_of_shape() {
            Some(expected) if expected == tensor.bytes.len() => Ok(tensor),
            Some(expected) => fail(format!(
                "{} bytes for shape {:?} of {}, which has {expected}",
                tensor.bytes.len(),
                tensor.shape,
                element.name()
            )),
            None => fail(format!("shape {:?} has too many elements", tensor.shape)),
        }
    }

    fn bytes_of_shape(&self) -> Option<usize> {
        let elements = self.shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n))?;
        Some(elements.checked_mul(self.element.bits())?.div_ceil(8))
    }

    /// Returns the number of elements.
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The elements, or for packed ones their bytes, in a type of the same size.
    pub(crate) fn elements<P: Pod>(&self) -> Vec<P> {
        self.bytes.chunks_exact(size_of::<P>()).map(bytemuck::pod_read_unaligned).collect()
    }

    /// The bits of an element, as a number.
    pub(crate) fn bits(&self, index: usize) -> u32 {
        match self.element.bits() {
            32 => self.elements_at(index, |bytes: [u8; 4]| u32::from_ne_bytes(bytes)),
            16 => self.elements_at(index, |bytes: [u8; 2]| u16::from_ne_bytes(bytes).into()),
            bits => {
                let per_byte = 8 / bits;
                let byte = u32::from(self.bytes[index / per_byte]);
                byte >> (bits * (index % per_byte)) & ((1 << bits) - 1)
            }
        }
    }

    fn elements_at<const N: usize>(&self, index: usize, bits: fn([u8; N]) -> u32) -> u32 {
        bits(self.bytes.as_chunks().0[index])
    }

    /// An element of an integer type.
    pub(crate) fn integer(&self, index: usize) -> i32 {
        let unused = 32 - self.element.bits() as u32;
        let high = self.bits(index) << unused;
        if self.element.is_signed() {
            high.cast_signed() >> unused
        } else {
            (high >> unused).cast_signed()
        }
    }

    /// An element of a type of floats, exactly.
    pub(crate) fn float(&self, index: usize) -> f32 {
        let bits = self.bits(index);
        match self.element {
            Type::Float16 => half::f16::from_bits(bits as u16).to_f32(),
            Type::Bfloat16 => half::bf16::from_bits(bits as u16).to_f32(),
            _ => f32::from_bits(bits),
        }
    }

    /// An element for a person to read.
    pub(crate) fn text(&self, index: usize) -> String {
        match self.element {
            of if of.is_float() => {
                format!("{:e} (bits {:#x})", self.float(index), self.bits(index))
            }
            _ => self.integer(index).to_string(),
        }
    }
}

/// The elements of a message, which holds them as little-endian bytes or in a list of numbers. Each
/// number of `int32_data` is the bits of one element, or a byte of packed ones.
fn native_bytes(element: Type, message: &proto::Tensor) -> Vec<u8> {
    let width = element.bits().div_ceil(8);
    let mut bytes = message.raw_data.clone();
    if bytes.is_empty() {
        let floats = message.float_data.iter().flat_map(|x| x.to_le_bytes());
        let integers =
            message.int32_data.iter().flat_map(|n| n.to_le_bytes().into_iter().take(width));
        bytes = floats.chain(integers).collect();
    }
    if cfg!(target_endian = "big") {
        for one in bytes.chunks_exact_mut(width) {
            one.reverse();
        }
    }
    bytes
}
