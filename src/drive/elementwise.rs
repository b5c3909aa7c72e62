//! Element by element: quantize, dequantize, fake-quantize, requantize.

use core::convert::Infallible;
use core::ops::Range;

use bytemuck::Zeroable;

use super::walk::{Lead, Way, for_each_group, for_each_run, for_each_table};
use super::{Piece, elements_of, part};
use crate::element::{Compute, Real};
use crate::engine::{CodeKernels, Isa, Kernels, RealKernels};
use crate::granularity::{Granularity, Group, Run, Tile};
use crate::kernel::{
    COLUMNS, Io, OnColumns, OnSlice, OnSlices, ParameterTable, Rescales, SLICES, Stores, Table,
};
use crate::params::Affine;
use crate::requantize::{Multiplier, Requantize};
use crate::slices::AnyParams;

/// Some elements of a tensor with its parameters, whatever their code type.
type Mapped<'a, C> = Piece<'a, dyn AnyParams<C> + 'a>;

/// The kernels of one operation on the elements of a piece.
trait Work<C> {
    fn run(&mut self, p: &Affine<C>, run: &Run);

    /// Returns `false` if there is no kernel for these parameters.
    fn columns(&mut self, table: &mut Table<C, COLUMNS>, tile: &Tile) -> bool;

    /// Returns `false` if there is no kernel for these parameters.
    fn slices(&mut self, table: &mut Table<C, SLICES>, group: &Group) -> bool;
}

/// Does the work on all elements, in one way; in columns, from the lines of the memory that `lead` is of; in groups of
/// short slices of at most so many elements.
fn walk<C: Compute>(
    of: &Mapped<'_, C>,
    (way, longest_group): (Way, usize),
    lead: (Lead, bool),
    work: &mut dyn Work<C>,
) {
    let Piece { granularity, elements, params, .. } = of;
    let elements = elements.clone();
    match way {
        Way::Runs => for_each_run(granularity, elements, &mut |slice, run| {
            work.run(&params.affine(slice), run);
        }),
        Way::Slices => {
            let len = granularity.slice_len();
            let most =
                if len * SLICES <= longest_group { SLICES } else { longest_group / len }.max(1);
            let mut table = Table::with_scales(C::ONE);
            let each = &mut |group: &Group| {
                let slices = &group.slices;
                table.replaced(slices.len());
                params.fill(slices.start, table.numbers(0..slices.len()));
                if !work.slices(&mut table, group) {
                    group.for_each_run(&mut |slice, run| work.run(&params.affine(slice), run));
                }
                Ok(())
            };
            let Ok(()) = for_each_group::<Infallible>(granularity, elements, most, each);
        }
        Way::Columns => {
            let mut table = Table::with_scales(C::ZERO);
            let fill = |table: &mut Table<C, COLUMNS>, slice, at: Range<usize>| {
                params.fill(slice, table.numbers(at));
            };
            for_each_table(granularity, elements, lead, &mut table, &fill, &mut |table, tile| {
                if !work.columns(table, tile) {
                    tile.for_each_run(|slice, run: &Run| work.run(&params.affine(slice), run));
                }
            });
        }
    }
}

/// The way through a tensor of an operation that has kernels for some ways only.
fn way(isa: Isa, granularity: &Granularity, has_columns: bool, has_slices: bool) -> Way {
    let way = Way::through(granularity);
    let has_kernels = match way {
        Way::Runs => true,
        Way::Columns => has_columns,
        Way::Slices => has_slices,
    };
    if has_kernels && isa != Isa::Scalar { way } else { Way::Runs }
}

/// Tiles of columns begin at the lines of the streamed output, otherwise at those of the input.
fn lead<A, B>(io: &Io<'_, A, B>) -> (Lead, bool) {
    if io.stores.is_streamed() { (Lead::of(io.dst), true) } else { (Lead::of(io.src), false) }
}

struct Quantize<'a, T: Real, Q: Kernels<T>>(Isa, Io<'a, T, Q>, Q::Scratch);

impl<T: Real, Q: Kernels<T>> Work<T::Compute> for Quantize<'_, T, Q> {
    fn run(&mut self, p: &Affine<T::Compute>, run: &Run) {
        let (mut io, at) = part(&mut self.1, run, (1, Q::PER_ELEMENT));
        Q::quantize::<_, false>(self.0, &mut io, OnSlice { p, at });
    }
    fn columns(&mut self, table: &mut Table<T::Compute, COLUMNS>, tile: &Tile) -> bool {
        Q::quantize::<_, false>(self.0, &mut self.1, OnColumns { table, tile })
    }
    fn slices(&mut self, table: &mut Table<T::Compute, SLICES>, group: &Group) -> bool {
        let scratch = bytemuck::bytes_of_mut(&mut self.2);
        Q::HAS_SLICES
            && Q::quantize::<_, false>(self.0, &mut self.1, OnSlices { table, group, scratch })
    }
}

#[inline(never)]
pub(super) fn quantize<T: Real, Q: Kernels<T>>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [Q],
) {
    let io = Io { src, dst, stores: of.stores };
    let way = way(isa, of.granularity, <Q as Kernels<T>>::HAS_COLUMNS, Q::HAS_SLICES);
    walk(of, (way, Q::LONGEST_GROUP), lead(&io), &mut Quantize(isa, io, Zeroable::zeroed()));
}

/// The kernels that quantize runs and sum their codes.
trait Summed<C>: Work<C> {
    fn sum(&self, run: &Run) -> i64;
}

impl<T: Real, Q: Kernels<T>> Summed<T::Compute> for Quantize<'_, T, Q> {
    fn sum(&self, run: &Run) -> i64 {
        let (codes, at) = elements_of(Q::PER_ELEMENT, run.dst, run.len);
        Q::sum(self.0, &self.1.dst[codes], at, run.len)
    }
}

/// The elements that are quantized, and then summed while they are in the first cache.
const SUMMED: usize = 8192;

/// Quantizes elements that are whole slices, each of them one run of memory, and sums the codes of each slice.
/// `sums` begins with the first of these slices.
fn walk_with_sums<C: Compute>(of: &Mapped<'_, C>, work: &mut dyn Summed<C>, sums: &mut [i64]) {
    sums.fill(0);
    let mut first = None;
    for_each_run(of.granularity, of.elements.clone(), &mut |slice, run| {
        let p = of.params.affine(slice);
        let sum = &mut sums[slice - *first.get_or_insert(slice)];
        if run.len <= SUMMED {
            work.run(&p, run);
            *sum += work.sum(run);
            return;
        }
        for from in (0..run.len).step_by(SUMMED) {
            let (src, dst) = (run.src + from, run.dst + from);
            let part = Run { src, dst, len: SUMMED.min(run.len - from) };
            work.run(&p, &part);
            *sum += work.sum(&part);
        }
    });
}

pub(super) fn quantize_with_sums<T: Real, Q: Kernels<T>>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [Q],
    sums: &mut [i64],
) {
    let io = Io { src, dst, stores: Stores::Cached };
    walk_with_sums(of, &mut Quantize(isa, io, Zeroable::zeroed()), sums);
}

struct Dequantize<'a, T: Real, Q: Kernels<T>>(Isa, Io<'a, Q, T>, Q::Scratch);

impl<T: Real, Q: Kernels<T>> Work<T::Compute> for Dequantize<'_, T, Q> {
    fn run(&mut self, p: &Affine<T::Compute>, run: &Run) {
        let (mut io, at) = part(&mut self.1, run, (Q::PER_ELEMENT, 1));
        Q::dequantize(self.0, &mut io, OnSlice { p, at });
    }
    fn columns(&mut self, table: &mut Table<T::Compute, COLUMNS>, tile: &Tile) -> bool {
        Q::dequantize(self.0, &mut self.1, OnColumns { table, tile })
    }
    fn slices(&mut self, table: &mut Table<T::Compute, SLICES>, group: &Group) -> bool {
        let scratch = bytemuck::bytes_of_mut(&mut self.2);
        Q::HAS_SLICES && Q::dequantize(self.0, &mut self.1, OnSlices { table, group, scratch })
    }
}

#[inline(never)]
pub(super) fn dequantize<T: Real, Q: Kernels<T>>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[Q],
    dst: &mut [T],
) {
    let io = Io { src, dst, stores: of.stores };
    let way = way(isa, of.granularity, <Q as Kernels<T>>::HAS_COLUMNS, Q::HAS_SLICES);
    walk(of, (way, Q::LONGEST_GROUP), lead(&io), &mut Dequantize(isa, io, Zeroable::zeroed()));
}

struct FakeQuantize<'a, T>(Isa, Io<'a, T, T>);

impl<T: RealKernels> Work<T::Compute> for FakeQuantize<'_, T> {
    fn run(&mut self, p: &Affine<T::Compute>, run: &Run) {
        let (mut io, at) = part(&mut self.1, run, (1, 1));
        T::fake_quantize(self.0, &mut io, OnSlice { p, at });
    }
    fn columns(&mut self, table: &mut Table<T::Compute, COLUMNS>, tile: &Tile) -> bool {
        T::fake_quantize(self.0, &mut self.1, OnColumns { table, tile })
    }
    fn slices(&mut self, _: &mut Table<T::Compute, SLICES>, _: &Group) -> bool {
        false
    }
}

pub(super) fn fake_quantize<T: RealKernels>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    src: &[T],
    dst: &mut [T],
) {
    let io = Io { src, dst, stores: of.stores };
    let way = way(isa, of.granularity, of.params.bits() <= 16, false);
    walk(of, (way, 0), lead(&io), &mut FakeQuantize(isa, io));
}

struct FakeQuantizeInPlace<'a, T>(Isa, &'a mut [T]);

impl<T: RealKernels> Work<T::Compute> for FakeQuantizeInPlace<'_, T> {
    fn run(&mut self, p: &Affine<T::Compute>, &Run { src, len, .. }: &Run) {
        T::fake_quantize_in_place(self.0, &mut self.1[src..src + len], OnSlice { p, at: 0 });
    }
    fn columns(&mut self, table: &mut Table<T::Compute, COLUMNS>, tile: &Tile) -> bool {
        T::fake_quantize_in_place(self.0, self.1, OnColumns { table, tile })
    }
    fn slices(&mut self, _: &mut Table<T::Compute, SLICES>, _: &Group) -> bool {
        false
    }
}

pub(super) fn fake_quantize_in_place<T: RealKernels>(
    isa: Isa,
    of: &Mapped<'_, T::Compute>,
    x: &mut [T],
) {
    let way = way(isa, of.granularity, of.params.bits() <= 16, false);
    walk(of, (way, 0), (Lead::of(x), false), &mut FakeQuantizeInPlace(isa, x));
}

pub(super) fn requantize<Q: CodeKernels>(
    isa: Isa,
    of: &Piece<'_, [Requantize<Q>]>,
    src: &[i32],
    dst: &mut [Q],
) {
    let Piece { granularity, elements, params, stores } = of;
    let mut io = Io { src, dst, stores: *stores };
    let is_float = |p: &&Requantize<Q>| matches!(p.rescale().multiplier, Multiplier::Float(_));
    let floats = params.iter().filter(is_float).count();
    let of_one_kind = floats == 0 || floats == params.len();
    let each = |io: &mut Io<'_, i32, Q>, slice: usize, run: &Run| {
        let (mut io, at) = part(io, run, (1, Q::PER_ELEMENT));
        Q::requantize(isa, &mut io, OnSlice { p: params[slice].rescale(), at });
    };
    let elements = elements.clone();
    match way(isa, granularity, Q::HAS_COLUMNS && of_one_kind, false) {
        Way::Columns => {
            let fill = |table: &mut Rescales<COLUMNS>, slice, at: Range<usize>| {
                table.set(at.start, &params[slice..slice + at.len()]);
            };
            let (lead, table) = (lead(&io), &mut Rescales::new(floats > 0));
            for_each_table(granularity, elements, lead, table, &fill, &mut |table, tile| {
                if !Q::requantize(isa, &mut io, OnColumns { table, tile }) {
                    tile.for_each_run(|slice, run: &Run| each(&mut io, slice, run));
                }
            });
        }
        _ => for_each_run(granularity, elements, &mut |slice, run| each(&mut io, slice, run)),
    }
}
