//! candle's quantizers and dequantizers, if the feature is on.

use crate::stored::Format;

/// Does one operation on its own buffers.
pub(crate) type Work<'a> = Box<dyn FnMut() + 'a>;

#[cfg(feature = "candle")]
mod compiled {
    use std::hint::black_box;

    use candle_core::quantized::GgmlType;

    use super::{Format, Work};

    fn zeros<B: Format>(len: usize) -> Vec<B::Candle> {
        vec![B::Candle::zeros(); len / B::ELEMENTS]
    }

    pub(crate) fn encoder<B: Format>(x: &[f32]) -> Option<Work<'_>> {
        let mut blocks = zeros::<B>(x.len());
        Some(Box::new(move || {
            B::Candle::from_float(x, &mut blocks);
            black_box(&mut blocks);
        }))
    }

    pub(crate) fn decoder<B: Format>(x: &[f32]) -> Option<Work<'_>> {
        let (mut blocks, mut y) = (zeros::<B>(x.len()), vec![0.0; x.len()]);
        B::Candle::from_float(x, &mut blocks);
        Some(Box::new(move || B::Candle::to_float(&blocks, black_box(&mut y))))
    }
}

#[cfg(not(feature = "candle"))]
mod compiled {
    use super::{Format, Work};

    pub(crate) fn encoder<B: Format>(_: &[f32]) -> Option<Work<'_>> {
        None
    }

    pub(crate) fn decoder<B: Format>(_: &[f32]) -> Option<Work<'_>> {
        None
    }
}

pub(crate) use compiled::{decoder, encoder};
