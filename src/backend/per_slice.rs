//! Operations on every slice of a tensor: whether threads share long slices, many slices, or parts of a
//! tensor, each of which is read once. All lengths fit.

use super::schedule::{Part, Pieces, Schedule};
use super::shapes::{Held, each_slice, has_long_slices, map_rows, parts_of};
use super::{Backend, PASSES_OF_ERROR};
use crate::element::{Code, Real};
use crate::engine::{Loads, Stores};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;
use crate::slices::{Mappings, ParamsMut, Sliced};
use crate::stats::{self, ErrorStats, Sums};

/// The parts of a tensor whose slices are runs of memory, none so long that threads share it.
fn parts<T, Q: Code>(backend: &impl Schedule, granularity: &Granularity) -> Option<Part> {
    let bytes = size_of::<T>() + size_of::<Q>();
    let one_by_one = granularity.len() == 0
        || !granularity.is_contiguous()
        || has_long_slices(backend, granularity, bytes);
    if one_by_one { None } else { Some(parts_of::<Q>(granularity)) }
}

pub(super) fn min_max<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    dst: &mut [MinMax<T::Compute>],
) -> Result<(), Error> {
    if has_long_slices(backend, granularity, size_of::<T>()) {
        for (slice, seen) in dst.iter_mut().enumerate() {
            *seen = backend.min_max(&src[granularity.slice_in_src(slice)]);
        }
        return Ok(());
    }
    let engine = T::real_engine(backend.isa());
    backend.map_each(each_slice(granularity, size_of::<T>()), dst, &|first, dst| {
        engine.min_max_slices(granularity, src, first, dst);
        Ok(())
    })
}

pub(super) fn quantize<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &impl Mappings<T::Compute>,
    dst: &mut [Q],
) -> Result<(), Error> {
    let engine = T::engine::<Q>(backend.isa());
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    let held = Held { dst: Q::PER_ELEMENT, ..Held::ONE };
    map_rows(backend, granularity, src, dst, held, &|first, src: &[T], dst: &mut [Q]| {
        engine.quantize_slices(Sliced { granularity, first, params, stores }, src, dst);
    })
}

pub(super) fn quantize_with_sums<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &impl Mappings<T::Compute>,
    dst: &mut [Q],
    sums: &mut [i64],
) -> Result<(), Error> {
    let Some(part) = parts::<T, Q>(backend, granularity) else {
        quantize(backend, granularity, src, params, dst)?;
        return sum(backend, &granularity.of_output(), dst, sums);
    };
    let (codes, engine) = (Q::code_engine(backend.isa()), T::engine::<Q>(backend.isa()));
    backend.map_parts(src, part, sums, dst, &|first, src: &[T], sums, dst| {
        let parts = granularity.of_parts(sums.len() / part.slices);
        let first = first * part.slices;
        engine.quantize_slices_with_sums(codes, &parts, src, params, first, dst, sums);
        Ok(())
    })
}

pub(super) fn sum<Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[Q],
    sums: &mut [i64],
) -> Result<(), Error> {
    let engine = Q::code_engine(backend.isa());
    // Pieces of packed codes would have to begin with a byte.
    if Q::PER_ELEMENT == 1 && has_long_slices(backend, granularity, size_of::<Q>()) {
        for (slice, sum) in sums.iter_mut().enumerate() {
            let run = &src[granularity.slice_in_src(slice)];
            let of_piece = |piece: &[Q]| engine.sum(piece, 0, piece.len());
            *sum = backend.reduce(run, 1, &of_piece, &|a, b| a + b);
        }
        return Ok(());
    }
    backend.map_each(each_slice(granularity, size_of::<Q>()), sums, &|first, sums| {
        engine.sum_slices(granularity, src, first, sums);
        Ok(())
    })
}

pub(super) fn quantize_dynamic<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    scheme: Scheme,
    mut params: ParamsMut<'_, T::Compute, Q>,
    dst: &mut [Q],
) -> Result<(), Error> {
    let (reals, engine) = (T::real_engine(backend.isa()), T::engine::<Q>(backend.isa()));
    let named = |error| match error {
        Error::NotFinite { .. } => {
            Error::NotFinite { index: reals.first_not_finite_in(granularity, src) }
        }
        other => other,
    };
    let Some(part) = parts::<T, Q>(backend, granularity) else {
        params_from_ranges(backend, granularity, src, scheme, params.reborrow()).map_err(named)?;
        return quantize(backend, granularity, src, &params.by(scheme)?, dst);
    };
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend
        .map_parts(src, part, params, dst, &|_, src: &[T], params, dst| {
            let parts = granularity.of_parts(Pieces::len(&params) / part.slices);
            engine.quantize_dynamic_slices(reals, &parts, src, scheme, params, dst, stores)
        })
        .map_err(named)
}

/// The parameters of every slice from its range.
fn params_from_ranges<B: Backend, T: Real, Q: Code>(
    backend: &B,
    granularity: &Granularity,
    src: &[T],
    scheme: Scheme,
    mut params: ParamsMut<'_, T::Compute, Q>,
) -> Result<(), Error> {
    let (reals, engine) = (T::real_engine(backend.isa()), T::engine::<Q>(backend.isa()));
    if has_long_slices(backend, granularity, size_of::<T>()) {
        for slice in 0..params.len() {
            let seen = backend.min_max(&src[granularity.slice_in_src(slice)]);
            params.set(slice, engine.params(Range::try_from(seen)?, scheme)?);
        }
        return Ok(());
    }
    backend.map_each(each_slice(granularity, size_of::<T>()), params, &|first, params| {
        engine.params_of_slices(reals, granularity, src, scheme, first, params)
    })
}

pub(super) fn error<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &impl Mappings<T::Compute>,
) -> Result<ErrorStats, Error> {
    if granularity.len() == 0 {
        return Err(Error::Empty);
    }
    let engine = T::real_engine(backend.isa());
    let (slices, bytes) = (granularity.slices(), PASSES_OF_ERROR * size_of::<T>());
    let loads = Loads::of_bytes(size_of_val(src));
    let sums = if has_long_slices(backend, granularity, bytes) {
        let mut of_slice = |slice| {
            let (run, p) = (&src[granularity.slice_in_src(slice)], params.affine(slice));
            let of_piece = |piece: &[T]| engine.error_sums(piece, &p, loads);
            backend.reduce(run, PASSES_OF_ERROR, &of_piece, &Sums::add)
        };
        stats::tree(0, slices, &mut of_slice, &Sums::add)
    } else {
        let of_slices = |slices| engine.error_of_slices(granularity, src, slices, params);
        backend.reduce_each(each_slice(granularity, bytes), slices, &of_slices, &Sums::add)
    };
    ErrorStats::new(granularity.len(), sums, || engine.first_not_finite_in(granularity, src))
}
