//! Operations on every slice of a tensor: whether threads share long slices, many slices, or parts of a
//! tensor, each of which is read once. All lengths fit.

use super::schedule::{Part, Pieces, Schedule};
use super::shapes::{each_slice, has_long_slices, map_per, parts_of};
use super::{Backend, PASSES_OF_ERROR};
use crate::drive::{CodeOperations, Operations, Piece, RealOperations};
use crate::element::{Code, Real};
use crate::error::Error;
use crate::granularity::{Granularity, Run};
use crate::kernel::{Loads, Stores};
use crate::params::QParams;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;
use crate::slices::{Mappings, ParamsMut};
use crate::stats::{self, ErrorStats, Sums};

/// The parts of a tensor whose slices are runs of memory, none so long that threads share it.
fn parts<T, Q: Code>(backend: &impl Schedule, granularity: &Granularity) -> Option<Part> {
    let bytes = size_of::<T>() + size_of::<Q>();
    let one_by_one = granularity.len() == 0
        || !granularity.is_contiguous()
        || has_long_slices(backend, granularity, bytes);
    if one_by_one { None } else { Some(parts_of::<Q>(granularity)) }
}

/// The elements of slice `slice`, which is one run of memory.
fn slice_of<'a, A>(granularity: &Granularity, src: &'a [A], slice: usize) -> &'a [A] {
    let Run { src: at, len, .. } = granularity.run_of(slice);
    &src[at..at + len]
}

pub(super) fn min_max<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    dst: &mut [MinMax<T::Compute>],
) -> Result<(), Error> {
    if has_long_slices(backend, granularity, size_of::<T>()) {
        for (slice, seen) in dst.iter_mut().enumerate() {
            *seen = backend.min_max(slice_of(granularity, src, slice));
        }
        return Ok(());
    }
    let isa = backend.isa();
    backend.map_each(each_slice(granularity, size_of::<T>()), dst, &|first, dst| {
        T::Alone::min_max_per(isa, granularity, src, first, dst);
        Ok(())
    })
}

pub(super) fn quantize<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &(dyn Mappings<T::Compute> + '_),
    dst: &mut [Q],
) {
    let isa = backend.isa();
    let held = (1, Q::PER_ELEMENT);
    map_per(backend, (granularity, params), src, dst, held, &|of, src: &[T], dst: &mut [Q]| {
        T::With::<Q>::quantize_per(isa, of, src, dst);
    });
}

pub(super) fn quantize_with_sums<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &(dyn Mappings<T::Compute> + '_),
    dst: &mut [Q],
    sums: &mut [i64],
) -> Result<(), Error> {
    let Some(part) = parts::<T, Q>(backend, granularity) else {
        quantize(backend, granularity, src, params, dst);
        return sum(backend, &granularity.of_output(), dst, sums);
    };
    let isa = backend.isa();
    backend.map_parts(src, part, sums, dst, &|first, src: &[T], sums, dst| {
        let elements = part.elements(first, sums.len(), granularity.len());
        let of = Piece { granularity, elements, params, stores: Stores::Cached };
        T::With::<Q>::quantize_with_sums(isa, &of, src, dst, sums);
        Ok(())
    })
}

pub(super) fn sum<Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[Q],
    sums: &mut [i64],
) -> Result<(), Error> {
    let isa = backend.isa();
    // Pieces of packed codes would have to begin with a byte.
    if Q::PER_ELEMENT == 1 && has_long_slices(backend, granularity, size_of::<Q>()) {
        for (slice, sum) in sums.iter_mut().enumerate() {
            let run = slice_of(granularity, src, slice);
            let of_piece = |piece: &[Q]| Q::Alone::sum(isa, piece);
            *sum = backend.reduce(run, 1, &of_piece, &|a, b| a + b);
        }
        return Ok(());
    }
    backend.map_each(each_slice(granularity, size_of::<Q>()), sums, &|first, sums| {
        Q::Alone::sum_per(isa, granularity, src, first, sums);
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
    let isa = backend.isa();
    let named = |error| match error {
        Error::NotFinite { .. } => {
            Error::NotFinite { index: T::Alone::first_not_finite(granularity, src) }
        }
        other => other,
    };
    let Some(part) = parts::<T, Q>(backend, granularity) else {
        params_from_ranges(backend, granularity, src, scheme, params.reborrow()).map_err(named)?;
        quantize(backend, granularity, src, &params.by(scheme)?, dst);
        return Ok(());
    };
    let stores = Stores::of_bytes(size_of_val(src) + size_of_val(dst));
    backend
        .map_parts(src, part, params, dst, &|first, src: &[T], params, dst| {
            let elements = part.elements(first, Pieces::len(&params), granularity.len());
            let of = Piece { granularity, elements, params: &scheme, stores };
            T::With::<Q>::quantize_dynamic(isa, &of, src, params, dst)
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
    if has_long_slices(backend, granularity, size_of::<T>()) {
        for slice in 0..params.count() {
            let seen = backend.min_max(slice_of(granularity, src, slice));
            let p: QParams<_, Q> = scheme.params(Range::try_from(seen)?)?;
            params.set(slice, *p.affine());
        }
        return Ok(());
    }
    let isa = backend.isa();
    backend.map_each(each_slice(granularity, size_of::<T>()), params, &|first, params| {
        T::With::<Q>::params_per(isa, granularity, src, scheme, first, params)
    })
}

pub(super) fn error<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &(dyn Mappings<T::Compute> + '_),
) -> Result<ErrorStats, Error> {
    if granularity.len() == 0 {
        return Err(Error::Empty);
    }
    let isa = backend.isa();
    let (slices, bytes) = (granularity.slices(), PASSES_OF_ERROR * size_of::<T>());
    let loads = Loads::of_bytes(size_of_val(src));
    let sums = if has_long_slices(backend, granularity, bytes) {
        let mut of_slice = |slice| {
            let (run, p) = (slice_of(granularity, src, slice), params.affine(slice));
            let of_piece = |piece: &[T]| T::Alone::error_sums(isa, piece, &p, loads);
            backend.reduce(run, PASSES_OF_ERROR, &of_piece, &Sums::add)
        };
        stats::tree(0, slices, &mut of_slice, &Sums::add)
    } else {
        let of_slices = |slices| T::Alone::error_sums_per(isa, granularity, src, slices, params);
        backend.reduce_each(each_slice(granularity, bytes), slices, &of_slices, &Sums::add)
    };
    let first_not_finite = || T::Alone::first_not_finite(granularity, src);
    ErrorStats::new(granularity.len(), sums, first_not_finite)
}
