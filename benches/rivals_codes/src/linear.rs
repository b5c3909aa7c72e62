//! Quantization and dequantization with given scales and zero points.

use std::str::FromStr;

use half::{bf16, f16};
use zeropoint::{
    Auto, Backend, Code, Granularity, I2x4, I4x2, Params, QParams, Real, U2x4, U4x2, ZeroPoints,
};

use crate::{Outcome, elements};

/// A call without the types of its elements.
pub(crate) struct Linear<'a> {
    quantizes: bool,
    /// `None`: the whole tensor, by the calls that know no other.
    granularity: Option<Granularity>,
    len: usize,
    scales: Vec<f32>,
    zero_points: Vec<i32>,
    src: &'a [u8],
}

impl<'a> Linear<'a> {
    pub(crate) fn new(
        quantizes: bool,
        shape: &str,
        extent: &str,
        bytes: &'a [u8],
    ) -> Outcome<Self> {
        let shape = shape.split('x').map(number).collect::<Outcome<Vec<usize>>>()?;
        let granularity = match *extent.split(':').collect::<Vec<_>>() {
            ["tensor"] => None,
            ["channel", axis] => Some(Granularity::channel(&shape, number(axis)?)?),
            ["block", axis, length] => {
                Some(Granularity::block(&shape, number(axis)?, number(length)?)?)
            }
            _ => return Err(format!("\"{extent}\" is no tensor, channel or block").into()),
        };
        let slices = granularity.map_or(1, |granularity| granularity.slices());
        let (scales, rest) = bytes.split_at_checked(4 * slices).ok_or("too few scales")?;
        let (zero_points, src) = rest.split_at_checked(4 * slices).ok_or("too few zero points")?;
        Ok(Self {
            quantizes,
            granularity,
            len: shape.iter().product(),
            scales: elements(scales)?,
            zero_points: elements(zero_points)?,
            src,
        })
    }

    /// Returns the output as bytes.
    pub(crate) fn run(&self, real: &str, code: &str) -> Outcome<Vec<u8>> {
        match real {
            "f32" => self.with_real::<f32>(code),
            "f16" => self.with_real::<f16>(code),
            "bf16" => self.with_real::<bf16>(code),
            _ => Err(format!("\"{real}\" is no type of numbers").into()),
        }
    }

    fn with_real<T: Real<Compute = f32>>(&self, code: &str) -> Outcome<Vec<u8>> {
        match code {
            "u8" => self.with::<T, u8>(),
            "i8" => self.with::<T, i8>(),
            "u16" => self.with::<T, u16>(),
            "i16" => self.with::<T, i16>(),
            "i32" => self.with::<T, i32>(),
            "u4" => self.with::<T, U4x2>(),
            "i4" => self.with::<T, I4x2>(),
            "u2" => self.with::<T, U2x4>(),
            "i2" => self.with::<T, I2x4>(),
            _ => Err(format!("\"{code}\" is no type of codes").into()),
        }
    }

    fn with<T: Real<Compute = f32>, Q: Code>(&self) -> Outcome<Vec<u8>> {
        if self.quantizes {
            let mut dst = vec![Q::zeroed(); self.len.div_ceil(Q::PER_ELEMENT)];
            self.quantize::<T, Q>(&elements(self.src)?, &mut dst)?;
            Ok(bytemuck::cast_slice(&dst).to_vec())
        } else {
            let mut dst = vec![T::zeroed(); self.len];
            self.dequantize::<T, Q>(&elements(self.src)?, &mut dst)?;
            Ok(bytemuck::cast_slice(&dst).to_vec())
        }
    }

    fn quantize<T: Real<Compute = f32>, Q: Code>(&self, src: &[T], dst: &mut [Q]) -> Outcome<()> {
        let backend = Auto::detect()?;
        match self.granularity {
            Some(granularity) => backend.quantize_per(granularity, src, self.params(), dst)?,
            None => backend.quantize(src, &self.tensor_params()?, dst)?,
        }
        Ok(())
    }

    fn dequantize<T: Real<Compute = f32>, Q: Code>(&self, src: &[Q], dst: &mut [T]) -> Outcome<()> {
        let backend = Auto::detect()?;
        match self.granularity {
            Some(granularity) => backend.dequantize_per(granularity, src, self.params(), dst)?,
            None => backend.dequantize(src, &self.tensor_params()?, dst)?,
        }
        Ok(())
    }

    fn params<Q: Code>(&self) -> Params<'_, f32, Q> {
        Params::arrays(&self.scales, ZeroPoints::Integers(&self.zero_points))
    }

    fn tensor_params<Q: Code>(&self) -> Outcome<QParams<f32, Q>> {
        Ok(QParams::new(self.scales[0], self.zero_points[0])?)
    }
}

fn number<N: FromStr>(text: &str) -> Outcome<N> {
    text.parse().map_err(|_| format!("\"{text}\" is no such number").into())
}
