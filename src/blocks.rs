//! Tensors of short slices, of which a kernel takes many at a time: blocks, whole registers of which have one scale
//! (`kernel/blocks`), and slices of any length (`kernel/slices.rs`).

use core::convert::Infallible;
use core::ops::Range;

use crate::element::{Code, Compute, Real};
use crate::engine::{Engine, RealEngine, Stores};
use crate::error::Error;
use crate::granularity::Granularity;
use crate::kernel::{Blocks, MOST_BLOCKS, blocks_in_table};
use crate::params::QParams;
use crate::scheme::Scheme;
use crate::slices::{self, Mapped, Numbers, ParamsMut};

/// The longest block whose kernel is started for many at once: of longer ones each is worth a call.
const LONGEST: usize = 1024;

/// The longest slice that shares a kernel with others. With rows of 4096, dynamic quantization takes as long either way.
const LONGEST_SLICE: usize = 2048;

/// How a tensor whose slices are contiguous consists of blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// The elements of a row, whose last block may be shorter.
    row: usize,
    /// The blocks of a row.
    slices: usize,
    /// The elements of a block.
    pub(crate) block: usize,
}

impl Layout {
    /// Of a tensor that is worth it on an instruction set with so many lanes: one of two blocks or more.
    pub(crate) fn of(granularity: &Granularity, lanes: usize) -> Option<Self> {
        if !granularity.is_contiguous() || granularity.is_pitched() {
            return None;
        }
        let (row, slices, block) = granularity.blocks();
        let fits = block.is_power_of_two() && (2 * lanes..=LONGEST).contains(&block);
        if fits && slices > 1 { Some(Self { row, slices, block }) } else { None }
    }

    /// Whether every whole block begins an element that holds so many codes, two or four: blocks are
    /// powers of two and have 8 elements at least.
    pub(crate) fn begins_elements(&self, len: usize, codes: usize) -> bool {
        self.row == len || self.row.is_multiple_of(codes)
    }

    /// Returns the layout of a tensor of two slices or more, of any length from 2 to [`LONGEST_SLICE`]. (Slices of one
    /// element are columns.)
    pub(crate) fn of_any(granularity: &Granularity) -> Option<Self> {
        if !granularity.is_contiguous() || granularity.is_pitched() {
            return None;
        }
        let (row, slices, block) = granularity.blocks();
        let fits = (2..=LONGEST_SLICE).contains(&block) && granularity.slices() > 1;
        if fits { Some(Self { row, slices, block }) } else { None }
    }

    /// Calls `work` for all of the elements `first..first + len` of the tensor: with the number of the
    /// first block, where it is at most `most` whole blocks, and whole steps of four registers; with `None`
    /// for what lies between.
    pub(crate) fn for_each_part<E>(
        &self,
        first: usize,
        len: usize,
        lanes: usize,
        most: usize,
        mut work: impl FnMut(Range<usize>, Option<usize>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { row, slices, block } = *self;
        // In the loop divisions are shifts, as blocks are powers of two: a real one takes as long as some dozen
        // elements.
        let shift = block.trailing_zeros();
        let in_step = ((4 * lanes) >> shift).max(1);
        let (mut of_row, mut i) = (first / row, first % row);
        let mut at = 0;
        while at < len {
            let left = (row - i).min(len - at);
            let count = (left >> shift).min(most) & !(in_step - 1);
            let of_block = i & (block - 1);
            let (n, slice) = if of_block != 0 {
                (left.min(block - of_block), None)
            } else if count == 0 {
                (left, None)
            } else {
                (count << shift, Some(of_row * slices + (i >> shift)))
            };
            work(at..at + n, slice)?;
            at += n;
            // No more than the row has left.
            i += n;
            if i == row {
                (of_row, i) = (of_row + 1, 0);
            }
        }
        Ok(())
    }
}

/// Calls `work` for `len` elements: with their parameters, where they are whole blocks; with `None` for what
/// lies between.
pub(crate) fn for_each_table<T: Compute>(
    layout: &Layout,
    lanes: usize,
    of: Mapped<'_, T>,
    len: usize,
    mut work: impl FnMut(Range<usize>, Option<&mut Blocks<T>>),
) {
    let mut blocks = Blocks::of_none();
    let most = blocks_in_table(layout.block, lanes);
    let Ok(()) = layout.for_each_part::<Infallible>(of.first, len, lanes, most, |part, slice| {
        if let Some(slice) = slice {
            blocks.count = part.len() / layout.block;
            let all = 0..blocks.count;
            of.params.fill(slice, Numbers::of(&mut blocks, all));
            work(part, Some(&mut blocks));
        } else {
            work(part, None);
        }
        Ok(())
    });
}

/// The lengths of the slices of a tensor, from some element on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    row: usize,
    block: usize,
    left_of_row: usize,
    left_of_slice: usize,
}

impl Cut {
    /// The slices from element `i` of a row on.
    pub(crate) fn from(layout: &Layout, i: usize) -> Self {
        let Layout { row, block, .. } = *layout;
        let left_of_row = row - i;
        Self { row, block, left_of_row, left_of_slice: left_of_row.min(block - i % block) }
    }

    /// Returns the length of the next slice, or `len` if that is less, and moves on by as many elements.
    #[inline(always)]
    pub(crate) fn next(&mut self, len: usize) -> usize {
        let n = self.left_of_slice.min(len);
        self.left_of_row -= n;
        if self.left_of_row == 0 {
            self.left_of_row = self.row;
        }
        self.left_of_slice = self.block.min(self.left_of_row);
        n
    }
}

impl Layout {
    /// Calls `work` for the elements `first..first + len` of the tensor, `most` slices at a time: with their place among
    /// these elements, the numbers of the slices, and how they are cut.
    pub(crate) fn for_each_group<E>(
        &self,
        first: usize,
        len: usize,
        most: usize,
        mut work: impl FnMut(Range<usize>, Range<usize>, Cut) -> Result<(), E>,
    ) -> Result<(), E> {
        let (of_row, i) = (first / self.row, first % self.row);
        let mut slice = of_row * self.slices + i / self.block;
        let mut cut = Cut::from(self, i);
        let mut at = 0;
        while at < len {
            let (start, first, begin) = (at, slice, cut);
            while at < len && slice - first < most {
                at += cut.next(len - at);
                slice += 1;
            }
            work(start..at, first..slice, begin)?;
        }
        Ok(())
    }
}

/// Calls `work` for `len` elements, as many slices at a time as a table has room for: with their place, their
/// parameters, and how they are cut.
pub(crate) fn for_each_table_of_slices<T: Compute>(
    layout: &Layout,
    of: Mapped<'_, T>,
    len: usize,
    mut work: impl FnMut(Range<usize>, &mut Blocks<T>, Cut),
) {
    let mut table = Blocks::of_none();
    let Ok(()) =
        layout.for_each_group::<Infallible>(of.first, len, MOST_BLOCKS, |part, slices, cut| {
            table.count = slices.len();
            of.params.fill(slices.start, Numbers::of(&mut table, 0..slices.len()));
            work(part, &mut table, cut);
            Ok(())
        });
}

/// Every block with parameters from its own range: whole blocks by `kernel`, all others one by one.
///
/// The kernel is given all numbers from some block on, what it tells the parameters, and where the codes of its
/// whole blocks go. It returns how many elements it has done, whole tables from the first on; where it has done none,
/// the first table is one that it cannot do.
#[expect(clippy::too_many_arguments, reason = "a tensor, its slices, two engines, two outputs")]
pub(crate) fn quantize_dynamic<T: Real, Q: Code>(
    engine: &dyn Engine<T, Q>,
    reals: &dyn RealEngine<T>,
    granularity: &Granularity,
    layout: &Layout,
    src: &[T],
    scheme: Scheme,
    mut params: ParamsMut<'_, T::Compute, Q>,
    dst: &mut [Q],
    stores: Stores,
    lanes: usize,
    mut kernel: impl FnMut(&[T], &mut dyn FnMut(usize, &Blocks<T::Compute>), &mut [Q]) -> usize,
) -> Result<(), Error> {
    let table = blocks_in_table(layout.block, lanes) * layout.block;
    let mut next = 0;
    layout.for_each_part(0, src.len(), lanes, usize::MAX, |part, slice| {
        let (mut at, params) = (part.start, &mut params);
        while at < part.end {
            if slice.is_some() {
                let codes = at / Q::PER_ELEMENT..part.end / Q::PER_ELEMENT;
                let mut found = |block, blocks: &_| params.set_blocks(next + block, blocks);
                let done = kernel(&src[at..], &mut found, &mut dst[codes]);
                (at, next) = (at + done, next + done / layout.block);
                if done > 0 {
                    continue;
                }
            }
            let n = table.min(part.end - at);
            let some = next..next + n.div_ceil(layout.block);
            (at, next) = (at + n, some.end);
            slices::quantize_dynamic(
                engine,
                reals,
                granularity,
                some,
                src,
                scheme,
                params,
                dst,
                stores,
            )?;
        }
        Ok(())
    })
}

impl<T: Compute> Blocks<T> {
    /// The parameters of block `i`.
    pub(crate) fn params<Q: Code>(&self, i: usize) -> QParams<T, Q> {
        QParams::of(self.affine(i))
    }
}
