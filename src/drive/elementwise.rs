//! Element-wise operations: quantize, dequantize, fake-quantize, requantize.

use core::ops::Range;

use bytemuck::Zeroable;

use super::walk::{Lead, Way, for_each_run, for_each_table};
use super::{Piece, part};
use crate::element::{Compute, Real};
use crate::engine::{CodeKernels, Isa, Kernels, RealKernels};
use crate::granularity::{Granularity, Run};
use crate::kernel::{
    COLUMNS, Io, OnColumns, OnSlice, OnSlices, ParameterTable, Rescales, SLICES, Table,
};
use crate::params::Affine;
use crate::slices::{AnyMultipliers, AnyParams};

/// A piece of a tensor with parameters of any code type.
type Mapped<'a, C> = Piece<'a, dyn AnyParams<C> + 'a>;

/// Elements of a piece with their parameters, for one call of a kernel.
enum Call<'a, C: Compute> {
    /// Elements of one slice.
    Run(usize, &'a Affine<C>, &'a Run),
    Columns(OnColumns<'a, Affine<C>>),
    Slices(&'a mut OnSlices<'a, Affine<C>>),
    /// Codes that have been written, and the sum to which they are added.
    Sum(&'a Run, &'a mut i64),
}

/// An operation on the elements of one call.
///
/// `dyn FnMut` would compile each function twice, since its vtable has a second entry, for `FnOnce`.
trait Work<C: Compute> {
    /// Does the work, or returns `false` if there is no kernel for these parameters of columns or slices.
    fn call(&mut self, call: Call<'_, C>) -> bool;
}

impl<C: Compute, F: FnMut(Call<'_, C>) -> bool> Work<C> for F {
    fn call(&mut self, call: Call<'_, C>) -> bool {
        self(call)
    }
}

/// Describes how an operation walks through a tensor.
struct Path<'a> {
    way: Way,
    /// The most elements of a group of short slices, with memory for the kernels of groups.
    longest_group: usize,
    scratch: &'a mut [u8],
    /// The memory at whose cache lines tiles of columns begin.
    lead: Lead,
    /// Says whether the kernels read `qmin` and `qmax`.
    reads_codes: bool,
}

impl Path<'_> {
    /// Returns the path of an operation that converts numbers to numbers.
    fn of_numbers<C: Compute>(isa: Isa, of: &Mapped<'_, C>, lead: Lead) -> Self {
        let way = way(isa, of.granularity, of.params.bits() <= 16, false);
        Path { way, longest_group: 0, scratch: &mut [], lead, reads_codes: true }
    }
}

/// Does the work on all elements of a piece.
#[inline(never)]
fn walk<C: Compute>(of: &Mapped<'_, C>, path: Path<'_>, work: &mut dyn Work<C>) {
    let Piece { granularity, elements, params, .. } = of;
    let Path { way, longest_group, scratch, lead, reads_codes } = path;
    let elements = elements.clone();
    match way {
        Way::Runs => for_each_run(granularity, elements, &mut |slice, run| {
            work.call(Call::Run(slice, params.affine(slice, &mut None), run));
        }),
        Way::Slices => {
            let len = granularity.slice_len();
            let most =
                if len * SLICES <= longest_group { SLICES } else { longest_group / len }.max(1);
            let mut table = Table::with_scales(C::ONE);
            let mut groups = granularity.groups(elements, most);
            while let Some(group) = groups.next() {
                let slices = &group.slices;
                table.replaced(slices.len());
                let given = table.given_mut(0..slices.len(), reads_codes);
                table.is_shifted = params.fill(slices.start, given);
                let on = &mut OnSlices { table: &mut table, group, scratch: &mut *scratch };
                if !work.call(Call::Slices(on)) {
                    group.for_each_run(&mut |slice, run| {
                        work.call(Call::Run(slice, params.affine(slice, &mut None), run));
                    });
                }
            }
        }
        Way::Columns => {
            let mut table = Table::with_scales(C::ZERO);
            let fill = |table: &mut Table<C, COLUMNS>, slice, at: Range<usize>| {
                params.fill(slice, table.given_mut(at, reads_codes));
            };
            for_each_table(granularity, elements, lead, &mut table, &fill, &mut |table, tile| {
                if !work.call(Call::Columns(OnColumns { table, tile })) {
                    tile.for_each_run(|slice, run| {
                        work.call(Call::Run(slice, params.affine(slice, &mut None), run));
                    });
                }
            });
        }
    }
}

/// Returns the way through a tensor of an operation that has kernels for some ways only.
fn way(isa: Isa, granularity: &Granularity, has_columns: bool, has_slices: bool) -> Way {
    let way = Way::through(granularity);
    let has_kernels = match way {
        Way::Runs => true,
        Way::Columns => has_columns,
        Way::Slices => has_slices,
    };
    if has_kernels && isa != Isa::Scalar { way } else { Way::Runs }
}

/// Returns the memory at whose cache lines tiles of columns begin: the output if it is streamed, otherwise the input.
fn lead<A, B>(io: &Io<'_, A, B>) -> Lead {
    if io.stores.is_streamed() { Lead::of(io.dst, true) } else { Lead::of(io.src, false) }
}

/// The number of elements that are quantized and then summed while they are in the first cache.
const SUMMED: usize = 8192;

/// Does the work on slices, each of them one run of memory, as [`walk`] does, and sums the codes of each slice. `sums`
/// begins with the first of these slices.
///
/// The codes of a group of short slices are summed after the whole group is written: one slice at a time takes up to
/// twice as long on a Zen 5.
#[inline(never)]
fn walk_with_sums<C: Compute>(
    of: &Mapped<'_, C>,
    path: Path<'_>,
    sums: &mut [i64],
    work: &mut dyn Work<C>,
) {
    sums.fill(0);
    let mut first = None;
    let path = Path { longest_group: path.longest_group.min(SUMMED), ..path };
    walk(of, path, &mut |call: Call<'_, C>| match call {
        Call::Run(slice, p, run) => {
            let sum = &mut sums[slice - *first.get_or_insert(slice)];
            for from in (0..run.len).step_by(SUMMED) {
                let (src, dst) = (run.src + from, run.dst + from);
                let part = Run { src, dst, len: SUMMED.min(run.len - from) };
                work.call(Call::Run(slice, p, &part));
                work.call(Call::Sum(&part, sum));
            }
            true
        }
        Call::Slices(on) => {
            let group = on.group;
            let done = work.call(Call::Slices(on));
            if done {
                let first = *first.get_or_insert(group.slices.start);
                group.for_each_run(&mut |slice, run| {
                    work.call(Call::Sum(run, &mut sums[slice - first]));
                });
            }
            done
        }
        call => work.call(call),
    });
}

/// Quantizes a piece; if there are `sums`, for slices that are runs of memory, sums the codes, too.
#[inline(never)]
pub(super) fn quantize<T: Real, Q: Kernels<T>>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [Q],
    sums: Option<&mut [i64]>,
) {
    let mut io = Io { src, dst, stores: of.stores };
    let has_columns = Q::QUANTIZES_COLUMNS && sums.is_none();
    let mut scratch = Q::Scratch::zeroed();
    let path = Path {
        way: way(isa, of.granularity, has_columns, Q::HAS_SLICES),
        longest_group: Q::LONGEST_GROUP,
        scratch: bytemuck::bytes_of_mut(&mut scratch),
        lead: lead(&io),
        reads_codes: true,
    };
    let mut work = |call: Call<'_, T::Compute>| match call {
        Call::Run(_, p, run) => {
            let (mut io, at) = part(&mut io, run, (1, Q::PER_ELEMENT));
            Q::quantize::<_, false>(isa, &mut io, OnSlice { p, at })
        }
        Call::Columns(on) => Q::quantize::<_, false>(isa, &mut io, on),
        Call::Slices(on) => Q::HAS_SLICES && Q::quantize::<_, false>(isa, &mut io, on),
        Call::Sum(run, sum) => {
            let (io, at) = part(&mut io, run, (1, Q::PER_ELEMENT));
            *sum += Q::sum(isa, io.dst, at, run.len);
            true
        }
    };
    match sums {
        None => walk(of, path, &mut work),
        Some(sums) => walk_with_sums(of, path, sums, &mut work),
    }
}

#[inline(never)]
pub(super) fn dequantize<T: Real, Q: Kernels<T>>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[Q],
    dst: &mut [T],
) {
    let mut io = Io { src, dst, stores: of.stores };
    let mut scratch = Q::Scratch::zeroed();
    let path = Path {
        way: way(isa, of.granularity, Q::DEQUANTIZES_COLUMNS, Q::HAS_SLICES),
        longest_group: Q::LONGEST_GROUP,
        scratch: bytemuck::bytes_of_mut(&mut scratch),
        lead: lead(&io),
        reads_codes: false,
    };
    walk(of, path, &mut |call: Call<'_, T::Compute>| match call {
        Call::Run(_, p, run) => {
            let (mut io, at) = part(&mut io, run, (Q::PER_ELEMENT, 1));
            Q::dequantize(isa, &mut io, OnSlice { p, at })
        }
        Call::Columns(on) => Q::dequantize(isa, &mut io, on),
        Call::Slices(on) => Q::HAS_SLICES && Q::dequantize(isa, &mut io, on),
        Call::Sum(..) => false,
    });
}

pub(super) fn fake_quantize<T: RealKernels>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [T],
) {
    let mut io = Io { src, dst, stores: of.stores };
    walk(of, Path::of_numbers(isa, of, lead(&io)), &mut |call: Call<'_, T::Compute>| match call {
        Call::Run(_, p, run) => {
            let (mut io, at) = part(&mut io, run, (1, 1));
            T::fake_quantize(isa, &mut io, OnSlice { p, at })
        }
        Call::Columns(on) => T::fake_quantize(isa, &mut io, on),
        Call::Slices(_) | Call::Sum(..) => false,
    });
}

pub(super) fn fake_quantize_in_place<T: RealKernels>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    x: &mut [T],
) {
    walk(of, Path::of_numbers(isa, of, Lead::of(x, false)), &mut |call: Call<'_, T::Compute>| {
        match call {
            Call::Run(_, p, &Run { src, len, .. }) => {
                T::fake_quantize_in_place(isa, &mut x[src..src + len], OnSlice { p, at: 0 })
            }
            Call::Columns(on) => T::fake_quantize_in_place(isa, x, on),
            Call::Slices(_) | Call::Sum(..) => false,
        }
    });
}

pub(super) fn requantize<Q: CodeKernels>(
    isa: Isa,
    of: &Piece<'_, dyn AnyMultipliers + '_>,
    src: &[i32],
    dst: &mut [Q],
) {
    let Piece { granularity, elements, params, stores } = of;
    let mut io = Io { src, dst, stores: *stores };
    let are_floats = params.are_floats();
    let each = |io: &mut Io<'_, i32, Q>, slice: usize, run: &Run| {
        let (mut io, at) = part(io, run, (1, Q::PER_ELEMENT));
        Q::requantize(isa, &mut io, OnSlice { p: &params.rescale(slice), at });
    };
    let elements = elements.clone();
    match (way(isa, granularity, Q::HAS_COLUMNS, false), are_floats) {
        (Way::Columns, Some(are_floats)) => {
            let fill = |table: &mut Rescales<COLUMNS>, slice, at: Range<usize>| {
                params.fill(slice, table.arrays_mut(at));
            };
            let (lead, table) = (lead(&io), &mut Rescales::new(are_floats, params.common()));
            for_each_table(granularity, elements, lead, table, &fill, &mut |table, tile| {
                if !Q::requantize(isa, &mut io, OnColumns { table, tile }) {
                    tile.for_each_run(|slice, run: &Run| each(&mut io, slice, run));
                }
            });
        }
        _ => for_each_run(granularity, elements, &mut |slice, run| each(&mut io, slice, run)),
    }
}
