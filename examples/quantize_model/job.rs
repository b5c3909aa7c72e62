//! The work itself: one tensor, both schemes.

use std::time::{Duration, Instant};

use zeropoint::{Code, Error, ErrorStats, QParams, Range, Scheme};

use crate::args::Which;
use crate::model::Tensor;

/// What became of a tensor.
#[derive(Debug)]
pub(crate) enum Outcome {
    Quantized(Quantized),
    /// Not `f32`.
    Skipped,
    /// Has no range: the reason is the crate's.
    Refused(Error),
}

#[derive(Debug)]
pub(crate) struct Quantized {
    pub(crate) asymmetric: Side,
    pub(crate) symmetric: Side,
    pub(crate) elements: usize,
    /// How long both took, from the range to the codes.
    pub(crate) time: Duration,
    /// The codes of the scheme that is to be written.
    pub(crate) codes: Option<Vec<u8>>,
}

/// The parameters and the error under one scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    pub(crate) scale: f32,
    pub(crate) zero_point: i32,
    pub(crate) error: ErrorStats,
}

/// Quantizes tensors one after the other, into the same two buffers.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) keep: Option<Which>,
    unsigned: Vec<u8>,
    signed: Vec<i8>,
}

impl Job {
    /// `keep` says whose codes are kept, if any.
    pub(crate) fn new(keep: Option<Which>) -> Self {
        Self { keep, unsigned: Vec::new(), signed: Vec::new() }
    }

    pub(crate) fn run(&mut self, tensor: &Tensor) -> Outcome {
        match tensor.values() {
            None => Outcome::Skipped,
            Some(x) => self.quantize(&x).map_or_else(Outcome::Refused, Outcome::Quantized),
        }
    }

    fn quantize(&mut self, x: &[f32]) -> Result<Quantized, Error> {
        touch(x);
        self.unsigned.resize(x.len(), 0);
        self.signed.resize(x.len(), 0);

        let clock = Instant::now();
        let range = Range::of(x)?;
        let asymmetric: QParams<f32, u8> = Scheme::asymmetric().params(range)?;
        zeropoint::quantize(x, &asymmetric, &mut self.unsigned)?;
        let symmetric: QParams<f32, i8> = Scheme::symmetric().params(range)?;
        zeropoint::quantize(x, &symmetric, &mut self.signed)?;
        let time = clock.elapsed();

        Ok(Quantized {
            asymmetric: side(x, &asymmetric)?,
            symmetric: side(x, &symmetric)?,
            elements: x.len(),
            time,
            codes: self.keep.map(|which| match which {
                Which::Asymmetric => self.unsigned.clone(),
                Which::Symmetric => bytemuck::cast_slice(&self.signed).to_vec(),
            }),
        })
    }
}

fn side<Q: Code>(x: &[f32], p: &QParams<f32, Q>) -> Result<Side, Error> {
    let error = zeropoint::quantization_error(x, p)?;
    Ok(Side { scale: p.scale(), zero_point: p.zero_point(), error })
}

/// Has the operating system read a mapped tensor from the disk before the clock starts.
fn touch(x: &[f32]) {
    for page in x.chunks(1024) {
        std::hint::black_box(page[0]);
    }
}
