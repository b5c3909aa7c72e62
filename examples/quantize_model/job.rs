//! The work itself: one tensor, every choice.

use std::time::{Duration, Instant};

use zeropoint::{Auto, Backend, Code, Error, ErrorStats, I2x4, I4x2, QParams, Real, U2x4, U4x2};

use crate::choice::{Bits, Choice, Sharing, Which};
use crate::model::{Tensor, Values};

/// What became of a tensor.
#[derive(Debug)]
pub(crate) enum Outcome {
    Quantized(Quantized),
    /// Of a type that is not read.
    Skipped,
    /// Has no range: the reason is the crate's.
    Refused(Error),
}

#[derive(Debug)]
pub(crate) struct Quantized {
    /// A side for every choice, in their order.
    pub(crate) sides: Vec<Side>,
    pub(crate) elements: usize,
    /// What is to be written.
    pub(crate) kept: Option<Kept>,
}

/// What one choice costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    /// Of the first slice.
    pub(crate) scale: f32,
    pub(crate) zero_point: i32,
    pub(crate) slices: usize,
    /// Of codes, scales and zero points.
    pub(crate) bytes: usize,
    pub(crate) error: ErrorStats,
    /// From the numbers to the codes: ranges, parameters, quantization.
    pub(crate) time: Duration,
}

/// The codes and parameters of a tensor.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Packed, where a code has fewer than 8 bits.
    pub(crate) codes: Vec<u8>,
    pub(crate) scales: Vec<f32>,
    pub(crate) zero_points: Vec<i32>,
    pub(crate) params_shape: Vec<usize>,
}

/// The instructions of this CPU, and threads where the crate is built with them.
#[cfg(feature = "rayon")]
type Best = zeropoint::Parallel<Auto>;
#[cfg(not(feature = "rayon"))]
type Best = Auto;

/// Quantizes tensors one after the other, into the same buffer.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    choices: &'a [Choice],
    keep: Option<Choice>,
    backend: Best,
    codes: Vec<u8>,
}

impl<'a> Job<'a> {
    /// `keep` says whose codes are kept, if any.
    pub(crate) fn new(choices: &'a [Choice], keep: Option<Choice>, auto: Auto) -> Self {
        #[cfg(feature = "rayon")]
        let backend = zeropoint::Parallel::new(auto);
        #[cfg(not(feature = "rayon"))]
        let backend = auto;
        Self { choices, keep, backend, codes: Vec::new() }
    }

    pub(crate) fn run(&mut self, tensor: &Tensor) -> Outcome {
        let shape = &tensor.shape;
        let quantized = match tensor.values() {
            None => return Outcome::Skipped,
            Some(Values::F32(x)) => self.quantize(&x, shape),
            #[cfg(feature = "half")]
            Some(Values::F16(x)) => self.quantize(&x, shape),
            #[cfg(feature = "half")]
            Some(Values::Bf16(x)) => self.quantize(&x, shape),
        };
        quantized.map_or_else(Outcome::Refused, Outcome::Quantized)
    }

    fn quantize<T>(&mut self, x: &[T], shape: &[usize]) -> Result<Quantized, Error>
    where
        T: Real<Compute = f32>,
    {
        if x.is_empty() {
            return Err(Error::Empty);
        }
        touch(x);
        let mut done = Quantized { sides: Vec::new(), elements: x.len(), kept: None };
        for &choice in self.choices {
            let (side, kept) = match (choice.scheme, choice.bits) {
                (Which::Asymmetric, Bits::Eight) => self.choose::<T, u8>(x, shape, choice)?,
                (Which::Asymmetric, Bits::Four) => self.choose::<T, U4x2>(x, shape, choice)?,
                (Which::Asymmetric, Bits::Two) => self.choose::<T, U2x4>(x, shape, choice)?,
                (Which::Symmetric, Bits::Eight) => self.choose::<T, i8>(x, shape, choice)?,
                (Which::Symmetric, Bits::Four) => self.choose::<T, I4x2>(x, shape, choice)?,
                (Which::Symmetric, Bits::Two) => self.choose::<T, I2x4>(x, shape, choice)?,
            };
            done.sides.push(side);
            done.kept = done.kept.or(kept);
        }
        Ok(done)
    }

    fn choose<T, Q>(
        &mut self,
        x: &[T],
        shape: &[usize],
        choice: Choice,
    ) -> Result<(Side, Option<Kept>), Error>
    where
        T: Real<Compute = f32>,
        Q: Code,
    {
        let (granularity, params_shape) = choice.sharing.divide(shape)?;
        let slices = granularity.slices();
        let scheme = choice.scheme.scheme();
        let mut params = vec![QParams::<f32, Q>::default(); slices];
        self.codes.resize(x.len().div_ceil(Q::PER_ELEMENT), 0);
        let q: &mut [Q] = bytemuck::cast_slice_mut(&mut self.codes);

        let clock = Instant::now();
        if choice.sharing == Sharing::Tensor {
            params[0] = self.backend.quantize_dynamic(x, scheme, q)?;
        } else {
            self.backend.quantize_dynamic_per(granularity, x, scheme, &mut params[..], q)?;
        }
        let time = clock.elapsed();

        let error = match choice.sharing {
            Sharing::Tensor => self.backend.quantization_error(x, &params[0])?,
            _ => self.backend.quantization_error_per(granularity, x, &params[..])?,
        };
        let (scale, zero_point) = (params[0].scale(), params[0].zero_point());
        let bytes = self.codes.len() + choice.parameter_bytes(slices);
        let kept = (self.keep == Some(choice)).then(|| Kept {
            codes: self.codes.clone(),
            scales: params.iter().map(QParams::scale).collect(),
            zero_points: params.iter().map(QParams::zero_point).collect(),
            params_shape,
        });
        Ok((Side { scale, zero_point, slices, bytes, error, time }, kept))
    }
}

/// Has the operating system read a mapped tensor from the disk before the clock starts.
fn touch<T: Copy>(x: &[T]) {
    for page in x.chunks(1024) {
        std::hint::black_box(page[0]);
    }
}
