//! Audits of encoders and decoders.

use std::sync::Arc;

use super::{Decode, Encode, Field, Format, Stored};
use crate::audit::Audit;
use crate::buffers::{Answer, with_buffers};
use crate::generators::{self, Call};
use crate::report::Report;

/// Audits an encoder of blocks with the default settings.
pub fn encode<A: Answer>(format: Format, kernel: impl FnMut(&[f32], &mut [u8]) -> A) -> Report {
    Audit::default().encode(format, kernel)
}

/// Audits a decoder of blocks with the default settings.
pub fn decode<A: Answer>(format: Format, kernel: impl FnMut(&[u8], &mut [f32]) -> A) -> Report {
    Audit::default().decode(format, kernel)
}

impl Audit<'_> {
    /// Audits an encoder of GGUF's blocks against the format.
    ///
    /// The kernel is called with numbers of whole blocks, and with the bytes of as many blocks. A case is a field of a block:
    /// a scale, a code or a sum.
    pub fn encode<A: Answer>(
        self,
        format: Format,
        mut kernel: impl FnMut(&[f32], &mut [u8]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Encode>, pattern: u8| {
            let same = |a: &Field, b: &Field| Arc::ptr_eq(&a.numbers, &b.numbers);
            let blocks: Vec<_> = call.inputs.chunk_by(same).collect();
            let src: Vec<f32> = blocks.iter().flat_map(|b| b[0].numbers.iter().copied()).collect();
            let (len, offsets) = (blocks.len() * format.bytes(), [1, format.bytes()]);
            let offsets = offsets.map(|size| size * call.offset);
            with_buffers(&src, len, offsets, pattern, &mut kernel).map(|bytes| {
                let bytes: Vec<u8> = bytes.into_iter().map(|byte| byte as u8).collect();
                let of_blocks = blocks.iter().zip(bytes.chunks(format.bytes()));
                let fields = of_blocks.flat_map(|(block, bytes)| {
                    let parsed = format.parsed(bytes);
                    block.iter().map(move |field| parsed[field.at])
                });
                fields.collect()
            })
        };
        let generators = generators::encode::GENERATORS;
        self.run("encode", format, Encode::REFERENCE, generators, &|(), _| true, &mut run)
    }

    /// Audits a decoder of GGUF's blocks against the format.
    ///
    /// The kernel is called with the bytes of blocks, and with their numbers.
    pub fn decode<A: Answer>(
        self,
        format: Format,
        mut kernel: impl FnMut(&[u8], &mut [f32]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Decode>, pattern: u8| {
            let same = |a: &Stored, b: &Stored| Arc::ptr_eq(&a.bytes, &b.bytes);
            let blocks: Vec<_> = call.inputs.chunk_by(same).collect();
            let src: Vec<u8> = blocks.iter().flat_map(|b| b[0].bytes.iter().copied()).collect();
            let (len, offsets) = (blocks.len() * format.elements(), [format.bytes(), 1]);
            let offsets = offsets.map(|size| size * call.offset);
            with_buffers(&src, len, offsets, pattern, &mut kernel).map(|numbers| {
                let of_blocks = blocks.iter().zip(numbers.chunks(format.elements()));
                of_blocks.flat_map(|(block, x)| block.iter().map(|s| x[s.at])).collect()
            })
        };
        let generators = generators::decode::GENERATORS;
        self.run("decode", format, Decode::REFERENCE, generators, &|(), _| true, &mut run)
    }
}
