//! Quantizes slices with parameters from their own ranges.

use bytemuck::Zeroable;

use super::walk::{Way, for_each_run};
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

/// The number of ranges that are found at a time, before parameters are computed from them.
const RANGES: usize = 64;

/// Computes the parameters of `count` slices from number `first` on, from their ranges in `src`, the whole tensor.
/// Calls `set` with the number of each slice, counted from 0, and its parameters.
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
        reduce::of_slices(isa, granularity, src, first + at, ranges);
        for (i, seen) in ranges.iter().enumerate() {
            set(at + i, scheme.params_of(range::Range::try_from(*seen)?, of)?);
        }
    }
    Ok(())
}

/// Slices from number `i` of a piece on, and the data from which a kernel quantizes them.
enum Call<'a, C: Compute> {
    /// One slice, and the function from its range to its parameters.
    Run(usize, &'a Run, &'a dyn Fn(MinMax<C>) -> Result<Affine<C>, Error>),
    Slices(usize, &'a CodeGrid, &'a mut Table<C, SLICES>, &'a Group),
}

/// The operation on the slices of one call, like `Work` of `elementwise.rs`. It returns `false` if there is no kernel
/// for these slices.
trait Work<C: Compute> {
    fn call(&mut self, call: Call<'_, C>) -> Result<bool, Error>;
}

impl<C: Compute, F: FnMut(Call<'_, C>) -> Result<bool, Error>> Work<C> for F {
    fn call(&mut self, call: Call<'_, C>) -> Result<bool, Error> {
        self(call)
    }
}

/// Calls `work` with all slices of a piece, `most` at a time if there are kernels for short slices.
#[inline(never)]
fn walk<C: Compute>(
    of: &Piece<'_, Scheme>,
    code: CodeType,
    most: Option<usize>,
    work: &mut dyn Work<C>,
) -> Result<(), Error> {
    let Piece { granularity, ref elements, params: scheme, .. } = *of;
    let params = |seen| scheme.params_of(range::Range::try_from(seen)?, code);
    // The number of the first slice, once it is known, and the result so far.
    let (mut first, mut result) = (None, Ok(true));
    let code_grid = scheme.code_grid(code);
    let (Some(code_grid), Some(most)) = (code_grid, most) else {
        for_each_run(granularity, elements.clone(), &mut |slice, run| {
            if result.is_ok() {
                let i = slice - *first.get_or_insert(slice);
                result = work.call(Call::Run(i, run, &params));
            }
        });
        return result.map(|_| ());
    };
    let mut table = Table::with_codes(&code_grid);
    let mut groups = granularity.groups(elements.clone(), most);
    while let Some(group) = groups.next() {
        let slices = &group.slices;
        let i = slices.start - *first.get_or_insert(slices.start);
        if !work.call(Call::Slices(i, &code_grid, &mut table, group))? {
            group.for_each_run(&mut |slice, run| {
                if result.is_ok() {
                    result = work.call(Call::Run(i + slice - slices.start, run, &params));
                }
            });
            result?;
        }
    }
    Ok(())
}

/// Quantizes elements that are whole slices, each of them one run of memory, with parameters from their own ranges.
/// `params` begins with the first of these slices. No error names a place in `src`.
pub(super) fn quantize_dynamic<T: RealKernels, Q: Kernels<T>>(
    isa: Isa,
    of: &Piece<'_, Scheme>,
    src: &[T],
    mut params: ParamsMut<'_, T::Compute, Q>,
    dst: &mut [Q],
) -> Result<(), Error> {
    let are_short = Way::through(of.granularity) == Way::Slices;
    let has_kernel = are_short && Q::HAS_SLICES && isa != Isa::Scalar;
    let most = has_kernel.then(|| {
        let len = of.granularity.slice_len();
        slices_in_table::<T>(len).min(<Q as Kernels<T>>::LONGEST_GROUP / len).max(1)
    });
    let mut io = Io { src, dst, stores: of.stores };
    let mut scratch = Q::Scratch::zeroed();
    walk(of, CodeType::of::<Q>(), most, &mut |call: Call<'_, T::Compute>| match call {
        Call::Run(i, run, params_of) => {
            let (mut io, at) = part(&mut io, run, (1, Q::PER_ELEMENT));
            let loads = io.stores.loads();
            let p = params_of(if of.params.is_symmetric() {
                MinMax::of_magnitude(T::abs_max(isa, io.src, loads))
            } else {
                T::min_max(isa, io.src, loads)
            });
            // A copy of the parameters, as `?` makes, would wait for their stores.
            let p = match &p {
                Ok(p) => p,
                Err(error) => return Err(*error),
            };
            let done = Q::quantize::<_, true>(isa, &mut io, OnSlice { p, at });
            params.set(i, *p);
            Ok(done)
        }
        Call::Slices(i, code_grid, table, group) => {
            let scratch = bytemuck::bytes_of_mut(&mut scratch);
            let on = &mut OnSlices { table, group, scratch };
            let done = Q::HAS_SLICES && Q::quantize_dynamic(isa, &mut io, code_grid, on);
            if done {
                let given = (&table.scale[..table.count], &table.zero_point[..table.count]);
                params.set_all(i, given, |i| table.affine(i));
            }
            Ok(done)
        }
    })
}
