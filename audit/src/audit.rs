//! An audit: a kernel behind an adapter, the generators, the diagnosis, the report.

use std::fmt;
use std::time::Duration;

use crate::buffers::{Answer, with_buffers};
use crate::code::AuditedCode;
use crate::dequantize::Dequantize;
use crate::generators::{self, Call};
use crate::observe::{Outcome, Progress};
use crate::packed::{Packed, Pair, QuantizePacked};
use crate::params::{FindParams, output};
use crate::quantize::{Affine, Quantize};
use crate::report::Report;
use crate::requantize::{Requantize, Rescale};

/// An audit with other settings than the default ones.
#[derive(Default)]
pub struct Audit<'a> {
    pub(crate) seed: u64,
    pub(crate) time: Duration,
    pub(crate) progress: Option<&'a mut Progress<'a>>,
}

impl fmt::Debug for Audit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("seed", &self.seed)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// Audits a quantizer with the default settings: one round of every generator, seed 0.
pub fn quantize<Q: AuditedCode, A: Answer>(
    contract: Quantize,
    kernel: impl FnMut(&[f32], f32, i32, &mut [Q]) -> A,
) -> Report {
    Audit::default().quantize(contract, kernel)
}

/// Audits a quantizer to codes of 4 bits with the default settings.
pub fn quantize_packed<A: Answer>(
    codes: Packed,
    contract: QuantizePacked,
    kernel: impl FnMut(&[f32], f32, i32, &mut [u8]) -> A,
) -> Report {
    Audit::default().quantize_packed(codes, contract, kernel)
}

/// Audits a dequantizer with the default settings.
pub fn dequantize<Q: AuditedCode, A: Answer>(
    contract: Dequantize,
    kernel: impl FnMut(&[Q], f32, i32, &mut [f32]) -> A,
) -> Report {
    Audit::default().dequantize(contract, kernel)
}

/// Audits a function that finds parameters, with the default settings.
pub fn params<Q: AuditedCode>(
    contract: FindParams,
    find: impl FnMut(&[f32]) -> Option<(f32, i32)>,
) -> Report {
    Audit::default().params::<Q>(contract, find)
}

/// Audits a requantizer with the default settings.
pub fn requantize<Q: AuditedCode, A: Answer>(
    contract: Requantize,
    kernel: impl FnMut(&[i32], f32, i32, &mut [Q]) -> A,
) -> Report {
    Audit::default().requantize(contract, kernel)
}

impl<'a> Audit<'a> {
    /// Sets the seed of the generators, which is 0 otherwise.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Repeats the generators with other seeds until so much time has passed, or there are 4 million cases.
    pub fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Tells a closure how far the audit is, from 0 to 1.
    pub fn progress(self, progress: &'a mut Progress<'a>) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// Audits a quantizer against a contract.
    ///
    /// The kernel is called with numbers, a scale, a zero point and the output, which is as long as the numbers.
    pub fn quantize<Q: AuditedCode, A: Answer>(
        self,
        contract: Quantize,
        kernel: impl FnMut(&[f32], f32, i32, &mut [Q]) -> A,
    ) -> Report {
        self.quantize_within(contract, |_, _| true, kernel)
    }

    /// Audits a quantizer that is for some numbers and parameters only. All others are left out, and the report says
    /// nothing about them.
    pub fn quantize_within<Q: AuditedCode, A: Answer>(
        self,
        contract: Quantize,
        domain: impl Fn(Affine, f32) -> bool,
        mut kernel: impl FnMut(&[f32], f32, i32, &mut [Q]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Quantize>, pattern: u8| {
            let Affine { scale, zero_point } = call.params;
            let kernel = |src: &[f32], dst: &mut [Q]| kernel(src, scale, zero_point, dst);
            with_buffers(&call.inputs, call.inputs.len(), [call.offset; 2], pattern, kernel)
        };
        let generators = generators::quantize::GENERATORS;
        self.run("quantize", Q::CODES, contract, generators, &domain, &mut run)
    }

    /// Audits a quantizer to codes of 4 bits, two in a byte, against a contract.
    ///
    /// The kernel is called with numbers, a scale, a zero point and the output, which has a byte for every two numbers.
    pub fn quantize_packed<A: Answer>(
        self,
        codes: Packed,
        contract: QuantizePacked,
        mut kernel: impl FnMut(&[f32], f32, i32, &mut [u8]) -> A,
    ) -> Report {
        let mut run = |call: &Call<QuantizePacked>, pattern: u8| {
            let Affine { scale, zero_point } = call.params;
            let kernel = |src: &[f32], dst: &mut [u8]| kernel(src, scale, zero_point, dst);
            let (src, len) = (Pair::numbers(&call.inputs), call.inputs.len());
            with_buffers(&src, len, [call.offset; 2], pattern, kernel)
        };
        let (codes, generators) = (codes.codes(), generators::packed::GENERATORS);
        self.run("quantize", codes, contract, generators, &|_, _| true, &mut run)
    }

    /// Audits a dequantizer against a contract.
    ///
    /// The kernel is called with codes, a scale, a zero point and the output.
    pub fn dequantize<Q: AuditedCode, A: Answer>(
        self,
        contract: Dequantize,
        mut kernel: impl FnMut(&[Q], f32, i32, &mut [f32]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Dequantize>, pattern: u8| {
            let Affine { scale, zero_point } = call.params;
            let kernel = |src: &[Q], dst: &mut [f32]| kernel(src, scale, zero_point, dst);
            let src: Vec<Q> = call.inputs.iter().map(|&q| Q::from_integer(q)).collect();
            with_buffers(&src, src.len(), [call.offset; 2], pattern, kernel)
        };
        let generators = generators::dequantize::GENERATORS;
        self.run("dequantize", Q::CODES, contract, generators, &|_, _| true, &mut run)
    }

    /// Audits a function that finds a scale and a zero point for asymmetric codes of type `Q`, against a contract.
    ///
    /// The function is called with data, and returns `None` if it refuses them.
    pub fn params<Q: AuditedCode>(
        self,
        contract: FindParams,
        mut find: impl FnMut(&[f32]) -> Option<(f32, i32)>,
    ) -> Report {
        let mut run = |call: &Call<FindParams>, _pattern: u8| {
            let found = call.inputs.iter().map(|data| output(find(&data.elements())));
            Outcome::Outputs(found.collect())
        };
        let generators = generators::params::GENERATORS;
        self.run("params", Q::CODES, contract, generators, &|_, _| true, &mut run)
    }

    /// Audits a requantizer against a contract.
    ///
    /// The kernel is called with accumulators, a multiplier, a zero point and the output.
    pub fn requantize<Q: AuditedCode, A: Answer>(
        self,
        contract: Requantize,
        mut kernel: impl FnMut(&[i32], f32, i32, &mut [Q]) -> A,
    ) -> Report {
        let mut run = |call: &Call<Requantize>, pattern: u8| {
            let Rescale { multiplier, zero_point } = call.params;
            let kernel = |src: &[i32], dst: &mut [Q]| kernel(src, multiplier, zero_point, dst);
            with_buffers(&call.inputs, call.inputs.len(), [call.offset; 2], pattern, kernel)
        };
        let generators = generators::requantize::GENERATORS;
        self.run("requantize", Q::CODES, contract, generators, &|_, _| true, &mut run)
    }
}
