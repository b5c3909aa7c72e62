//! Weights for [candle](candle_core), quantized by zeropoint.

pub mod encoder;

use std::borrow::Cow;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{CpuStorage, Device, Result, Storage, Tensor, bail};
use zeropoint::Backend;
use zeropoint::ggml::{self, Block};

/// Quantizes a tensor as `QTensor::quantize` does, with the bytes of ggml's reference in every format.
///
/// The tensor has `f32`, `f16` or `bf16` elements on the CPU, and rows of whole blocks. A NaN or an infinity is an error,
/// and so is a block whose scale is too great for half precision.
pub fn quantize(backend: &impl Backend, src: &Tensor, dtype: GgmlDType) -> Result<QTensor> {
    match dtype {
        GgmlDType::Q8_0 => as_blocks::<ggml::BlockQ8_0>(backend, src, dtype),
        GgmlDType::Q8_1 => as_blocks::<ggml::BlockQ8_1>(backend, src, dtype),
        GgmlDType::Q8K => as_blocks::<ggml::BlockQ8_K>(backend, src, dtype),
        GgmlDType::Q4_0 => as_blocks::<ggml::BlockQ4_0>(backend, src, dtype),
        GgmlDType::Q4_1 => as_blocks::<ggml::BlockQ4_1>(backend, src, dtype),
        GgmlDType::Q5_0 => as_blocks::<ggml::BlockQ5_0>(backend, src, dtype),
        GgmlDType::Q5_1 => as_blocks::<ggml::BlockQ5_1>(backend, src, dtype),
        other => bail!("zeropoint does not write {other:?}"),
    }
}

fn as_blocks<B: Block>(backend: &impl Backend, src: &Tensor, dtype: GgmlDType) -> Result<QTensor> {
    let src = src.contiguous()?;
    let (storage, layout) = src.storage_and_layout();
    let range = layout.start_offset()..layout.start_offset() + src.elem_count();
    let size = src.elem_count() / B::ELEMENTS * size_of::<B>();
    // They are words, since candle's Q8K begins with one.
    let mut words = vec![0_u32; size.div_ceil(4)];
    let bytes = &mut bytemuck::cast_slice_mut(&mut words)[..size];
    let blocks = ggml::blocks_mut::<B>(bytes).map_err(candle_core::Error::wrap)?;
    let encoded = match &*storage {
        Storage::Cpu(CpuStorage::F32(x)) => backend.encode(&x[range], blocks),
        Storage::Cpu(CpuStorage::F16(x)) => backend.encode(&x[range], blocks),
        Storage::Cpu(CpuStorage::BF16(x)) => backend.encode(&x[range], blocks),
        _ => {
            let place = src.device().location();
            bail!(
                "zeropoint encodes f32, f16 and bf16 on the CPU, not {:?} on {place:?}",
                src.dtype()
            )
        }
    };
    encoded.map_err(candle_core::Error::wrap)?;
    QTensor::new(QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, dtype)?, src.shape())
}
