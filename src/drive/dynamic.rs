//! Slices with parameters from their own ranges.

use bytemuck::Zeroable;

use super::walk::{Way, for_each_group, for_each_run};
use super::{Piece, part, reduce};
use crate::element::{CodeType, Compute};
use crate::engine::{Isa, Kernels, RealKernels};
use crate::error::Error;
use crate::granularity::{Granularity, Group, Run};
use crate::kernel::{Io, OnSlice, OnSlices, SLICES, Table, slices_in_table};
use crate::params::Affine;
use crate::range::{self, MinMax};
use crate::scheme::{CodeGrid, Scheme};
use crate::slices::ParamsMut;

/// The ranges that are found before parameters are made of them.
const RANGES: usize = 64;

/// Finds the parameters of `count` slices from number `first` on, from their ranges in `src`, the whole tensor; calls
/// `set` with the number of each, counted from 0, and its parameters.
pub(super) fn params<T: RealKernels>(
    isa: Isa,
    (granularity, src): (&Granularity, &[T]),
    (scheme, of): (Scheme, CodeType),
    (first, count): (usize, usize),
    set: &mut dyn FnMut(usize, Affine<T::Compute>),
) -> Result<(), Error> {
    let mut ranges = [MinMax::EMPTY; RANGES];
    for at in (0..count).step_by(RANGES) {
        let ranges = &mut ranges[..RANGES.min(count - at)];
        reduce::min_max(isa, granularity, src, first + at, ranges);
        for (i, seen) in ranges.iter().enumerate() {
            set(at + i, scheme.params_of(range::Range::try_from(*seen)?, of)?);
        }
    }
    Ok(())
}

/// The kernels for slices of a piece, and the room for their parameters, from number 0 on.
trait Work<C> {
    fn min_max(&self, run: &Run) -> MinMax<C>;

    fn quantize(&mut self, run: &Run, p: &Affine<C>);

    fn set(&mut self, i: usize, p: Affine<C>);

    /// Quantizes slices from number `i` on, and sets their parameters. Returns `false` if there is no kernel for them.
    fn slices(
        &mut self,
        i: usize,
        code_grid: &CodeGrid,
        table: &mut Table<C, SLICES>,
        group: &Group,
    ) -> bool;
}

/// Does the work on all slices of a piece, `most` at a time if there are kernels for short ones.
fn walk<C: Compute>(
    of: &Piece<'_, Scheme>,
    code: CodeType,
    most: Option<usize>,
    work: &mut dyn Work<C>,
) -> Result<(), Error> {
    let Piece { granularity, ref elements, params: scheme, .. } = *of;
    // The number of the first slice, once it is known.
    let mut first = None;
    let mut result = Ok(());
    let mut one_by_one = |work: &mut dyn Work<C>, i, run: &Run| {
        if result.is_ok() {
            result = range::Range::try_from(work.min_max(run))
                .and_then(|range| scheme.params_of(range, code))
                .map(|p| {
                    work.set(i, p);
                    work.quantize(run, &p);
                });
        }
        result
    };
    let code_grid = scheme.code_grid(code);
    let (Some(code_grid), Some(most)) = (code_grid, most) else {
        for_each_run(granularity, elements.clone(), &mut |slice, run| {
            let i = slice - *first.get_or_insert(slice);
            let _ = one_by_one(work, i, run);
        });
        return result;
    };
    let mut table = Table::with_codes(&code_grid);
    for_each_group(granularity, elements.clone(), most, &mut |group: &Group| {
        let slices = &group.slices;
        let i = slices.start - *first.get_or_insert(slices.start);
        if work.slices(i, &code_grid, &mut table, group) {
            return Ok(());
        }
        let mut result = Ok(());
        group.for_each_run(&mut |slice, run| {
            result = one_by_one(work, i + slice - slices.start, run);
        });
        result
    })
}

struct Quantize<'a, T: RealKernels, Q: Kernels<T>> {
    isa: Isa,
    io: Io<'a, T, Q>,
    params: ParamsMut<'a, T::Compute, Q>,
    scratch: <Q as Kernels<T>>::Scratch,
}

impl<T: RealKernels, Q: Kernels<T>> Work<T::Compute> for Quantize<'_, T, Q> {
    fn min_max(&self, &Run { src, len, .. }: &Run) -> MinMax<T::Compute> {
        T::min_max(self.isa, &self.io.src[src..src + len], self.io.stores.loads())
    }

    fn quantize(&mut self, run: &Run, p: &Affine<T::Compute>) {
        let (mut io, at) = part(&mut self.io, run, (1, Q::PER_ELEMENT));
        Q::quantize::<_, true>(self.isa, &mut io, OnSlice { p, at });
    }

    fn set(&mut self, i: usize, p: Affine<T::Compute>) {
        self.params.set(i, p);
    }

    fn slices(
        &mut self,
        i: usize,
        code_grid: &CodeGrid,
        table: &mut Table<T::Compute, SLICES>,
        group: &Group,
    ) -> bool {
        let Self { isa, io, params, scratch } = self;
        let on = OnSlices { table, group, scratch: bytemuck::bytes_of_mut(scratch) };
        let done = Q::quantize_dynamic(*isa, io, code_grid, on);
        if done {
            let given = (&table.scale[..table.count], &table.zero_point[..table.count]);
            params.set_all(i, given, |i| table.affine(i));
        }
        done
    }
}

/// Quantizes elements that are whole slices, each of them one run of memory, with parameters from their own ranges.
/// `params` begins with the first of these slices. No error names a place in `src`.
pub(super) fn quantize_dynamic<T: RealKernels, Q: Kernels<T>>(
    isa: Isa,
    of: &Piece<'_, Scheme>,
    src: &[T],
    params: ParamsMut<'_, T::Compute, Q>,
    dst: &mut [Q],
) -> Result<(), Error> {
    let are_short = Way::through(of.granularity) == Way::Slices;
    let has_kernel = are_short && <Q as Kernels<T>>::HAS_SLICES && isa != Isa::Scalar;
    let most = has_kernel.then(|| {
        let len = of.granularity.slice_len();
        slices_in_table::<T>(len).min(<Q as Kernels<T>>::LONGEST_GROUP / len).max(1)
    });
    let io = Io { src, dst, stores: of.stores };
    let mut work = Quantize { isa, io, params, scratch: Zeroable::zeroed() };
    walk(of, CodeType::of::<Q>(), most, &mut work)
}
