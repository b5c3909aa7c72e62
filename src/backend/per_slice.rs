//! Operations on every slice of a tensor. They choose whether threads share long slices, many slices, or parts of a
//! tensor that are each read once. Callers have checked all lengths.

#[cfg(feature = "alloc")]
use core::convert::Infallible;

use super::schedule::WorkUnits;
use super::shapes::{CodesIn, are_shared, long_slices, map_per, reduce};
use super::{Backend, PASSES_OF_ERROR};
use crate::drive::{CodeOperations, Operations, Piece, RealOperations};
use crate::element::{Code, Number, Real};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::kernel::{Loads, Stores};
#[cfg(feature = "alloc")]
use crate::range::Finite;
use crate::range::{MinMax, Range};
use crate::scheme::Scheme;
use crate::slices::{AnyParams, ParamsMut};
use crate::stats::{self, ErrorStats, Sums};

/// Returns the parts of a tensor whose slices are runs of memory, unless threads share the slices themselves.
fn parts<T, Q: Code>(backend: &impl Backend, granularity: &Granularity) -> Option<WorkUnits> {
    let bytes = size_of::<T>() + size_of::<Q>();
    let one_by_one = granularity.len() == 0
        || !granularity.is_contiguous()
        || are_shared(backend, granularity, bytes);
    if one_by_one { None } else { Some(WorkUnits::parts(granularity, Q::PER_ELEMENT, bytes)) }
}

pub(super) fn min_max<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    dst: &mut [MinMax<T::Compute>],
) -> Result<(), Error> {
    if let Some(slice_of) = long_slices(backend, granularity, src, size_of::<T>()) {
        for (slice, seen) in dst.iter_mut().enumerate() {
            *seen = backend.min_max(slice_of(slice));
        }
        return Ok(());
    }
    let isa = backend.isa();
    let units = WorkUnits::slices(granularity, granularity.least_together(), size_of::<T>());
    backend.map(&units, &[(); 0], dst, &mut [(); 0], &|at, _, dst, _| {
        T::Alone::min_max_per(isa, granularity, src, at.start * units.slices, dst);
        Ok(())
    })
}

/// Finds the bounds of the finite elements of every slice.
#[cfg(feature = "alloc")]
pub(crate) fn finite<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    dst: &mut [Finite<T::Compute>],
) {
    if let Some(slice_of) = long_slices(backend, granularity, src, size_of::<T>()) {
        let of_piece = |isa, piece: &[T], _| {
            let mut seen = [Finite::NONE];
            T::Alone::finite_per(isa, &Granularity::tensor(piece.len()), piece, 0, &mut seen);
            seen[0]
        };
        for (slice, seen) in dst.iter_mut().enumerate() {
            *seen = reduce(backend, slice_of(slice), 1, of_piece, Finite::merge);
        }
        return;
    }
    let isa = backend.isa();
    let units = WorkUnits::slices(granularity, granularity.least_together(), size_of::<T>());
    let Ok(()) =
        backend.map::<(), _, (), Infallible>(&units, &[], dst, &mut [], &|at, _, dst, _| {
            T::Alone::finite_per(isa, granularity, src, at.start * units.slices, dst);
            Ok(())
        });
}

pub(super) fn quantize<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    memory: (&[T], &mut [Q]),
    params: (&(dyn AnyParams<T::Compute> + '_), usize),
) -> Result<(), Error> {
    let codes = CodesIn::Dst(Q::PER_ELEMENT);
    map_per(backend, granularity, memory, codes, params, T::With::<Q>::quantize_per)
}

pub(super) fn quantize_with_sums<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &(dyn AnyParams<T::Compute> + '_),
    dst: &mut [Q],
    sums: &mut [i64],
) -> Result<(), Error> {
    let Some(units) = parts::<T, Q>(backend, granularity) else {
        quantize(backend, granularity, (src, &mut *dst), (params, granularity.slices()))?;
        return sum(backend, &granularity.of_output(), dst, sums);
    };
    let isa = backend.isa();
    backend.map(&units, src, sums, dst, &|at, src, sums, dst| {
        let elements = units.elements(&at, granularity.len());
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
    // Threads do not share long slices of packed codes, since a slice may begin inside a byte.
    if Q::PER_ELEMENT == 1
        && let Some(slice_of) = long_slices(backend, granularity, src, size_of::<Q>())
    {
        for (slice, sum) in sums.iter_mut().enumerate() {
            let of_piece = |isa, piece: &[Q], _| Q::Alone::sum(isa, piece);
            *sum = reduce(backend, slice_of(slice), 1, of_piece, |a, b| a + b);
        }
        return Ok(());
    }
    let units = WorkUnits::slices(granularity, granularity.least_together(), size_of::<Q>());
    backend.map(&units, &[(); 0], sums, &mut [(); 0], &|at, _, sums, _| {
        Q::Alone::sum_per(isa, granularity, src, at.start * units.slices, sums);
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
    if granularity.is_one_run() {
        let len = granularity.len();
        let dst = &mut dst[..len.div_ceil(Q::PER_ELEMENT)];
        params.set(0, *backend.quantize_dynamic(&src[..len], scheme, dst)?.affine());
        return Ok(());
    }
    let Some(units) = parts::<T, Q>(backend, granularity) else {
        params_from_ranges(backend, granularity, src, scheme, params.reborrow())?;
        let params: &dyn AnyParams<_> = &params.written(scheme)?;
        return quantize(backend, granularity, (src, dst), (params, granularity.slices()));
    };
    let (isa, stores) = (backend.isa(), Stores::of_bytes(size_of_val(src) + size_of_val(dst)));
    backend.map(&units, src, params, dst, &|at, src, params, dst| {
        let elements = units.elements(&at, granularity.len());
        let of = Piece { granularity, elements, params: &scheme, stores };
        let result = T::With::<Q>::quantize_dynamic(isa, &of, src, params, dst);
        isa.fence(stores);
        result
    })
}

/// Returns the range from which the scheme computes parameters.
pub(super) fn range_for<T: Real>(
    backend: &impl Backend,
    src: &[T],
    scheme: Scheme,
) -> Result<Range<T::Compute>, Error> {
    if scheme.is_symmetric() {
        Range::new(T::Compute::ZERO, backend.abs_max(src)?)
    } else {
        backend.range(src)
    }
}

/// Computes the parameters of every slice from its range.
fn params_from_ranges<T: Real, Q: Code>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    scheme: Scheme,
    mut params: ParamsMut<'_, T::Compute, Q>,
) -> Result<(), Error> {
    if let Some(slice_of) = long_slices(backend, granularity, src, size_of::<T>()) {
        for slice in 0..params.count() {
            let range = range_for(backend, slice_of(slice), scheme)?;
            params.set(slice, T::With::<Q>::params(range, scheme)?);
        }
        return Ok(());
    }
    let isa = backend.isa();
    // Threads must not share a byte of packed zero points.
    let together = granularity.least_together().next_multiple_of(Q::PER_ELEMENT);
    let units = WorkUnits::slices(granularity, together, size_of::<T>());
    backend.map(&units, &[(); 0], params, &mut [(); 0], &|at, _, params, _| {
        let first = at.start * units.slices;
        T::With::<Q>::params_per(isa, granularity, src, scheme, first, params)
    })
}

pub(super) fn error<T: Real>(
    backend: &impl Backend,
    granularity: &Granularity,
    src: &[T],
    params: &(dyn AnyParams<T::Compute> + '_),
) -> Result<ErrorStats, Error> {
    if granularity.len() == 0 {
        return Err(Error::Empty);
    }
    let isa = backend.isa();
    let (slices, bytes) = (granularity.slices(), PASSES_OF_ERROR * size_of::<T>());
    let loads = Loads::of_bytes(size_of_val(src));
    let sums = if let Some(slice_of) = long_slices(backend, granularity, src, bytes) {
        let mut of_slice = |slice| {
            let mut room = None;
            let p = params.affine(slice, &mut room);
            let of_piece = |isa, piece: &[T], _| T::Alone::error_sums(isa, piece, p, loads);
            reduce(backend, slice_of(slice), PASSES_OF_ERROR, of_piece, Sums::add)
        };
        stats::tree(0, slices, &mut of_slice, &Sums::add)
    } else {
        let of_slices = |slices| T::Alone::error_sums_per(isa, granularity, src, slices, params);
        backend.reduce(&WorkUnits::slices(granularity, 1, bytes), &of_slices, &Sums::add)
    };
    let first_not_finite = || T::Alone::first_not_finite(granularity, src);
    ErrorStats::new(granularity.len(), sums, first_not_finite)
}
