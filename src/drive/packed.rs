//! Packed codes in columns that have a parameter each: some thousand codes at a time are unpacked to bytes.

use core::ops::Range;

use super::walk::Way;
use super::{Piece, elementwise};
use crate::element::Real;
use crate::engine::{CHUNK, Isa, Kernels, pack, unpack};
use crate::granularity::Granularity;
use crate::kernel::Stores;
use crate::packed::Packed;
use crate::slices::AnyParams;

/// Calls `work` with the elements of every row of memory, and with their places in the input and the output.
fn for_each_line(
    of: &Granularity,
    elements: Range<usize>,
    work: &mut dyn FnMut(Range<usize>, usize, usize),
) {
    if !of.is_pitched() {
        return work(elements, 0, 0);
    }
    let mut first = elements.start;
    for tile in of.tiles(elements) {
        for row in 0..tile.rows {
            let (src, dst) = (tile.src + row * tile.src_pitch, tile.dst + row * tile.dst_pitch);
            work(first..first + tile.columns, src, dst);
            first += tile.columns;
        }
    }
}

pub(super) fn quantize<T: Real, P: Packed<Byte: Kernels<T>>>(
    isa: Isa,
    of: &Piece<'_, dyn AnyParams<T::Compute> + '_>,
    src: &[T],
    dst: &mut [P],
    sums: Option<&mut [i64]>,
) {
    let Piece { granularity, params, .. } = *of;
    if Way::through(granularity) != Way::Columns || isa == Isa::Scalar || sums.is_some() {
        return elementwise::quantize::<T, P>(isa, of, src, dst, sums);
    }
    let flat = &granularity.flat();
    for_each_line(granularity, of.elements.clone(), &mut |line, from, to| {
        let (src, to) = (&src[from..from + line.len()], to / P::PER_ELEMENT);
        let dst = &mut dst[to..to + line.len().div_ceil(P::PER_ELEMENT)];
        pack::<CHUNK, P>(isa, src.len(), dst, &[], &mut |part, codes| {
            let src = &src[part.clone()];
            let elements = line.start + part.start..line.start + part.end;
            let of = Piece { granularity: flat, elements, params, stores: Stores::Cached };
            elementwise::quantize::<T, P::Byte>(isa, &of, src, codes, None);
        });
    });
}

pub(super) fn dequantize<T: Real, P: Packed<Byte: Kernels<T>>>(
    isa: Isa,
    of: &Piece<'_, dyn AnyParams<T::Compute> + '_>,
    src: &[P],
    dst: &mut [T],
) {
    let Piece { granularity, params, stores, .. } = *of;
    if Way::through(granularity) != Way::Columns || isa == Isa::Scalar {
        return elementwise::dequantize::<T, P>(isa, of, src, dst);
    }
    let flat = &granularity.flat();
    for_each_line(granularity, of.elements.clone(), &mut |line, from, to| {
        let from = from / P::PER_ELEMENT;
        let src = &src[from..from + line.len().div_ceil(P::PER_ELEMENT)];
        let dst = &mut dst[to..to + line.len()];
        unpack::<CHUNK, P>(isa, src, dst.len(), &mut |part, codes| {
            let dst = &mut dst[part.clone()];
            let elements = line.start + part.start..line.start + part.end;
            let of = Piece { granularity: flat, elements, params, stores };
            elementwise::dequantize::<T, P::Byte>(isa, &of, codes, dst);
        });
    });
}
