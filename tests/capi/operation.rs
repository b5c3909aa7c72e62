//! An operation as the tests see it: buffers, a call of the C ABI, and what the scalar reference makes of the
//! same buffers.

use zeropoint::capi::{CGranularity, CParams, CScheme, CSliceParams, Status, Type};
use zeropoint::{Error, Granularity, Scheme};

use crate::common::abi::find;

/// What a call is about, but for its buffers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// Elements of the input, and of the output.
    pub(crate) n: usize,
    pub(crate) dst_n: usize,
    pub(crate) granularity: Granularity,
    pub(crate) c_granularity: CGranularity,
    /// Parameters, or results of slices: as many as the granularity has, or what a caller says instead.
    pub(crate) slices: usize,
    pub(crate) scheme: Scheme,
    pub(crate) c_scheme: CScheme,
    pub(crate) bits: u32,
    pub(crate) scale: f64,
    pub(crate) zero_point: i32,
    /// A minimum and a maximum, where they are given.
    pub(crate) range: (f64, f64),
    /// `qmin` and `qmax`; the ends of `i32` for those of the type.
    pub(crate) codes: (i32, i32),
    /// A multiplier and a shift.
    pub(crate) fixed: (i32, i32),
    /// Whether there are NaNs and infinities.
    pub(crate) special: bool,
}

/// How many elements a buffer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Len {
    One,
    N,
    DstN,
    Slices,
}

/// A pointer of the ABI.
pub(crate) struct Slot {
    pub(crate) argument: &'static str,
    pub(crate) size: usize,
    pub(crate) align: usize,
    /// Codes in an element.
    pub(crate) per: usize,
    pub(crate) len: Len,
    pub(crate) is_output: bool,
    pub(crate) may_be_null: bool,
    /// Says whether a rest of fewer than `per` elements has no memory.
    pub(crate) whole: bool,
    /// Writes an element.
    pub(crate) fill: Fill,
}

pub(crate) type Fill = Box<dyn Fn(&mut Random, &Case, &mut [u8])>;
/// A call with these types, in the order of the function's arguments.
type Call = fn(&[*mut u8], &Case, &[Type]) -> Status;
type Reference = dyn Fn(&mut [Memory], &Case) -> Result<(), Error>;

/// A function of the ABI on some types.
pub(crate) struct Operation {
    /// The function, and the types behind it.
    pub(crate) name: String,
    pub(crate) function: &'static str,
    pub(crate) types: Vec<Type>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) with_types: Call,
    pub(crate) reference: Box<Reference>,
    /// Whether an error may leave something in the outputs.
    pub(crate) spoils: bool,
}

impl Operation {
    pub(crate) fn call(&self, pointers: &[*mut u8], case: &Case) -> Status {
        (self.with_types)(pointers, case, &self.types)
    }

    /// Says whether numbers are whole blocks.
    pub(crate) fn has_blocks(&self) -> bool {
        self.slots.iter().any(|slot| slot.whole)
    }

    pub(crate) fn has(&self, argument: &str) -> bool {
        find(self.function).arguments.iter().any(|(name, _)| *name == argument)
    }
}

impl Case {
    /// A number as C gives it to an operation on numbers of a type: as the nearest float, unless they are doubles.
    pub(crate) fn exact(numbers: Type, x: f64) -> f64 {
        if numbers == Type::F64 { x } else { f64::from(x as f32) }
    }

    pub(crate) fn params(&self, numbers: Type) -> CParams {
        let (qmin, qmax) = self.codes;
        let scale = Self::exact(numbers, self.scale);
        CParams { scale, zero_point: self.zero_point, qmin, qmax }
    }

    pub(crate) fn slice_params(&self, scales: *mut u8, zero_points: *mut u8) -> CSliceParams {
        let (qmin, qmax) = self.codes;
        let (scales, zero_points) = (scales.cast_const().cast(), zero_points.cast_const().cast());
        CSliceParams { scales, zero_points, slices: self.slices, qmin, qmax }
    }
}

impl Slot {
    pub(crate) fn elements(&self, case: &Case) -> usize {
        let len = match self.len {
            Len::One => 1,
            Len::N => case.n,
            Len::DstN => case.dst_n,
            Len::Slices => case.slices,
        };
        if self.whole { len / self.per } else { len.div_ceil(self.per) }
    }
}

/// Memory for any type, with more of it on both sides, which nobody may change.
#[derive(Clone)]
pub(crate) struct Memory {
    words: Vec<u128>,
    bytes: usize,
}

/// Words on each side.
const GUARD: usize = 4;
const PATTERN: u128 = 0xa5a5_a5a5_a5a5_a5a5_a5a5_a5a5_a5a5_a5a5;

impl Memory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { words: vec![PATTERN; bytes.div_ceil(16) + 2 * GUARD], bytes }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let bytes = self.bytes;
        &mut bytemuck::cast_slice_mut(&mut self.words[GUARD..])[..bytes]
    }

    pub(crate) fn get<T: bytemuck::Pod>(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(self.bytes_mut())
    }

    pub(crate) fn pointer(&mut self) -> *mut u8 {
        self.words[GUARD..].as_mut_ptr().cast()
    }

    /// All of it, the guards too.
    pub(crate) fn everything(&self) -> &[u8] {
        bytemuck::cast_slice(&self.words)
    }
}

/// Numbers that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// From −1 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// The buffers of a call, filled.
pub(crate) fn memories(operation: &Operation, case: &Case, seed: u64) -> Vec<Memory> {
    let mut random = Random(seed);
    let mut all = Vec::new();
    for slot in &operation.slots {
        let mut memory = Memory::new(slot.elements(case) * slot.size);
        if !slot.is_output {
            for element in memory.bytes_mut().chunks_exact_mut(slot.size) {
                (slot.fill)(&mut random, case, element);
            }
        }
        all.push(memory);
    }
    all
}
