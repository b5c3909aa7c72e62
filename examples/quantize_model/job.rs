//! The work itself: one tensor, every choice.

use std::time::{Duration, Instant};

use bytemuck::{Pod, Zeroable};
use zeropoint::{Auto, Backend, Code, Error, ErrorStats, I2x4, I4x2, Real, U2x4, U4x2};
use zeropoint::{Params, ParamsMut, ZeroPoints, ZeroPointsMut};

use crate::choice::{Arrays, Bits, Choice, Which};
use crate::format::{self, Format};
use crate::model::{Tensor, Values};

/// The result for one tensor.
#[derive(Debug)]
pub(crate) enum Outcome {
    Quantized(Quantized),
    /// The tensor says why.
    Skipped,
    /// The tensor has no range: the reason is the crate's.
    Refused(Error),
}

#[derive(Debug)]
pub(crate) struct Quantized {
    /// A side for every choice, in their order.
    pub(crate) sides: Vec<Side>,
    pub(crate) elements: usize,
    /// The tensor to write, if any.
    pub(crate) kept: Option<Kept>,
}

/// The size, the error and the time of one choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    /// The scale of the first slice; NaN for a format of blocks, whose scales are within the blocks.
    pub(crate) scale: f64,
    /// The zero point of the first slice.
    pub(crate) zero_point: u8,
    pub(crate) slices: usize,
    /// The bytes of codes, scales and zero points, as they are stored.
    pub(crate) bytes: usize,
    pub(crate) error: Difference,
    /// The time for ranges, parameters and quantization.
    pub(crate) time: Duration,
}

/// The distance of the numbers of the codes from those of a tensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    elements: usize,
    /// The sum of the squares of the tensor.
    pub(crate) signal: f64,
    /// The sum of the squares of the differences.
    pub(crate) noise: f64,
    pub(crate) max_abs: f64,
}

impl Difference {
    fn between(x: &[f32], decoded: &[f32]) -> Self {
        let mut all = Self { elements: x.len(), signal: 0.0, noise: 0.0, max_abs: 0.0 };
        for (x, y) in x.iter().zip(decoded) {
            let (x, y) = (f64::from(*x), f64::from(*y));
            all.signal += x * x;
            all.noise += (x - y) * (x - y);
            all.max_abs = all.max_abs.max((x - y).abs());
        }
        all
    }

    pub(crate) fn mse(&self) -> f64 {
        self.noise / self.elements as f64
    }

    pub(crate) fn sqnr_db(&self) -> f64 {
        10.0 * (self.signal / self.noise).log10()
    }
}

impl From<ErrorStats> for Difference {
    fn from(error: ErrorStats) -> Self {
        Self {
            elements: error.len(),
            signal: error.sum_squares(),
            noise: error.sum_squared_error(),
            max_abs: error.max_abs(),
        }
    }
}

/// The codes and parameters of a tensor, as a file holds them.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Packed, if a code has fewer than 8 bits; blocks with their scales, if they are blocks.
    pub(crate) codes: Vec<u8>,
    pub(crate) scales: Vec<u8>,
    /// Packed like the codes; empty for a symmetric scheme.
    pub(crate) zero_points: Vec<u8>,
    pub(crate) params_shape: Vec<usize>,
}

/// The instructions of this CPU, and threads if the crate is built with them.
#[cfg(feature = "rayon")]
type Best = zeropoint::Parallel<Auto>;
#[cfg(not(feature = "rayon"))]
type Best = Auto;

/// Quantizes tensors one after the other, in the same buffers.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    choices: &'a [Choice],
    keep: Option<Choice>,
    backend: Best,
    widened: Vec<f32>,
    codes: Vec<u8>,
    decoded: Vec<f32>,
}

impl<'a> Job<'a> {
    /// `keep` is the choice whose codes are kept, if any.
    pub(crate) fn new(choices: &'a [Choice], keep: Option<Choice>, auto: Auto) -> Self {
        #[cfg(feature = "rayon")]
        let backend = zeropoint::Parallel::new(auto);
        #[cfg(not(feature = "rayon"))]
        let backend = auto;
        Self { choices, keep, backend, widened: Vec::new(), codes: Vec::new(), decoded: Vec::new() }
    }

    pub(crate) fn run(&mut self, tensor: &Tensor) -> Outcome {
        if tensor.skip.is_some() {
            return Outcome::Skipped;
        }
        let mut widened = std::mem::take(&mut self.widened);
        let quantized = match tensor.values(&self.backend, &mut widened) {
            None => return Outcome::Skipped,
            Some(Values::F32(x)) => {
                self.quantize(&x, &tensor.shape).and_then(|done| self.encode(&x, done))
            }
            Some(Values::F64(x)) => self.quantize(&x, &tensor.shape),
        };
        self.widened = widened;
        quantized.map_or_else(Outcome::Refused, Outcome::Quantized)
    }

    fn quantize<T: Real>(&mut self, x: &[T], shape: &[usize]) -> Result<Quantized, Error>
    where
        T::Compute: Into<f64>,
    {
        if x.is_empty() {
            return Err(Error::Empty);
        }
        touch(x);
        let mut done = Quantized { sides: Vec::new(), elements: x.len(), kept: None };
        for choice in self.choices {
            let Choice::Arrays(choice) = *choice else { continue };
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

    fn choose<T: Real, Q: Code>(
        &mut self,
        x: &[T],
        shape: &[usize],
        choice: Arrays,
    ) -> Result<(Side, Option<Kept>), Error>
    where
        T::Compute: Into<f64>,
    {
        let (granularity, params_shape) = choice.sharing.divide(shape)?;
        let slices = granularity.slices();
        let scheme = choice.scheme.scheme();
        let mut scales = vec![T::Compute::zeroed(); slices];
        let stored = if choice.scheme == Which::Asymmetric { slices } else { 0 };
        let mut zero_points = vec![Q::zeroed(); stored.div_ceil(Q::PER_ELEMENT)];
        self.codes.resize(x.len().div_ceil(Q::PER_ELEMENT), 0);
        let q: &mut [Q] = bytemuck::cast_slice_mut(&mut self.codes);

        let clock = Instant::now();
        let room = match choice.scheme {
            Which::Asymmetric => ZeroPointsMut::Codes(&mut zero_points),
            Which::Symmetric => ZeroPointsMut::Omitted,
        };
        let params = ParamsMut::arrays(&mut scales, room);
        self.backend.quantize_dynamic_per(granularity, x, scheme, params, q)?;
        let time = clock.elapsed();

        let found = match choice.scheme {
            Which::Asymmetric => ZeroPoints::Codes(&zero_points[..]),
            Which::Symmetric => ZeroPoints::Zero,
        };
        let params = Params::arrays(&scales, found);
        let error = self.backend.quantization_error_per(granularity, x, params)?;
        let zero_points: &[u8] = bytemuck::cast_slice(&zero_points);
        let side = Side {
            scale: scales[0].into(),
            // The first zero point lies in the lowest bits; zero points are stored unsigned.
            zero_point: zero_points.first().map_or(0, |byte| byte & (0xff >> (8 - Q::BITS))),
            slices,
            bytes: self.codes.len() + size_of_val(&scales[..]) + zero_points.len(),
            error: error.into(),
            time,
        };
        let kept = (self.keep == Some(Choice::Arrays(choice))).then(|| Kept {
            codes: self.codes.clone(),
            scales: little_endian(&scales),
            zero_points: zero_points.to_vec(),
            params_shape,
        });
        Ok((side, kept))
    }

    /// Adds the formats of blocks, which are the last choices.
    fn encode(&mut self, x: &[f32], mut done: Quantized) -> Result<Quantized, Error> {
        for choice in self.choices {
            let Choice::Blocks(format) = *choice else { continue };
            done.sides.push(self.encode_as(format, x)?);
            if self.keep == Some(*choice) {
                let (codes, none) = (self.codes.clone(), Vec::new);
                let kept =
                    Kept { codes, scales: none(), zero_points: none(), params_shape: Vec::new() };
                done.kept = Some(kept);
            }
        }
        Ok(done)
    }

    fn encode_as(&mut self, format: Format, x: &[f32]) -> Result<Side, Error> {
        let blocks = x.len() / format::ELEMENTS;
        self.codes.resize(blocks * format.bytes(), 0);
        let clock = Instant::now();
        format.encode(&self.backend, x, &mut self.codes)?;
        let time = clock.elapsed();
        self.decoded.resize(x.len(), 0.0);
        format.decode(&self.backend, &self.codes, &mut self.decoded)?;
        Ok(Side {
            scale: f64::NAN,
            zero_point: 0,
            slices: blocks,
            bytes: self.codes.len(),
            error: Difference::between(x, &self.decoded),
            time,
        })
    }
}

/// Returns the numbers as a file holds them.
pub(crate) fn little_endian<T: Pod>(numbers: &[T]) -> Vec<u8> {
    let mut bytes = bytemuck::cast_slice(numbers).to_vec();
    if cfg!(target_endian = "big") {
        bytes.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
    bytes
}

/// Has the operating system read a mapped tensor from the disk before the clock starts.
fn touch<T: Copy>(x: &[T]) {
    for page in x.chunks(4096 / size_of::<T>()) {
        std::hint::black_box(page[0]);
    }
}
