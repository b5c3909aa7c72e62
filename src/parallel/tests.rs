//! Tests of the work that threads share, and of its pieces.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{PIECES, Parallel};
use crate::backend::{Schedule, Split, WorkUnits};
use crate::engine::Isa;
use crate::error::Error;
use crate::{Backend, Granularity, MinMax, QParams, Requantize, Scalar, Scheme};

#[test]
fn every_operation_shares_what_the_tests_of_threads_have() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    // The operation with the least work reads one `f32` per element.
    let shared = |len| Parallel::new(Scalar).piece(len, size_of::<f32>()).is_some();
    pool.install(|| assert!(shared(128 * 1024) && !shared(100_000)));
    if rayon::current_num_threads() > 1 {
        assert!(shared(2 * 1024 * 1024) && !shared(1024 * 1024));
    }
}

#[test]
fn pieces_are_powers_of_two_of_blocks_and_not_too_many() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| {
        for len in [1 << 20, (1 << 20) + 1, 12_345_678, usize::MAX / 1024] {
            let piece = Parallel::new(Scalar).piece(len, 4).unwrap();
            assert!(piece.is_power_of_two() && piece >= crate::stats::BLOCK);
            assert!(len.div_ceil(piece) <= PIECES, "{len}");
        }
    });
}

#[test]
fn results_are_shared_in_few_pieces_that_are_powers_of_two_where_they_are_summed() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let parallel = Parallel::new(Scalar);
    for count in [2_usize, 3, 63, 64, 65, 121, 128, 1000, 12_345] {
        let units = |together: usize| {
            let count = count.div_ceil(together);
            let len = ((1 << 20) + 77_usize).div_ceil(count);
            WorkUnits { count, len, bytes: 4, src: 0, slices: together, dst: 0 }
        };
        let ranges = |range: Range<usize>| vec![range];
        let join = |a: Vec<Range<usize>>, b: Vec<Range<usize>>| [a, b].concat();
        let pieces = pool.install(|| parallel.reduce(&units(1), &ranges, &join));
        assert!(pieces.len() > 1 && pieces.len() <= PIECES, "{count}: {pieces:?}");
        assert!(pieces[0].len().is_power_of_two());
        let last = pieces.len() - 1;
        assert!(pieces.iter().enumerate().all(|(i, piece)| piece.start == i * pieces[0].len()));
        assert!(pieces[..last].iter().all(|piece| piece.len() == pieces[0].len()));
        assert_eq!(pieces[last].end, count);

        let (mut data, calls, least) = (vec![0; count], AtomicUsize::new(0), 3);
        let units = units(least);
        let number = |at: Range<usize>, _: &[()], data: &mut [usize], _: &mut [()]| {
            calls.fetch_add(1, Ordering::Relaxed);
            let first = at.start * least;
            assert!(data.len() >= least || first + data.len() == count);
            for (i, x) in data.iter_mut().enumerate() {
                *x = first + i;
            }
            Ok::<(), Error>(())
        };
        pool.install(|| parallel.map(&units, &[], &mut data[..], &mut [], &number)).unwrap();
        assert!(data.iter().enumerate().all(|(i, x)| i == *x));
        let calls = calls.into_inner();
        assert!(calls <= PIECES && (calls > 1 || count <= least), "{count}: {calls}");
    }
}

/// A backend of one thread, which counts the work that threads would share.
#[derive(Clone, Copy, Debug)]
struct Counting;

static SHARED: AtomicUsize = AtomicUsize::new(0);

impl Schedule for Counting {
    fn isa(&self) -> Isa {
        Scalar.isa()
    }
    fn map<A: Sync, P: Split, B: Send, E: Send>(
        &self,
        units: &WorkUnits,
        src: &[A],
        params: P,
        dst: &mut [B],
        work: &(impl Fn(Range<usize>, &[A], P, &mut [B]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        SHARED.fetch_add(1, Ordering::Relaxed);
        work(0..units.count, src, params, dst)
    }
    fn reduce<R: Send>(
        &self,
        units: &WorkUnits,
        work: &(impl Fn(Range<usize>) -> R + Sync),
        _: &(impl Fn(R, R) -> R + Sync),
    ) -> R {
        SHARED.fetch_add(1, Ordering::Relaxed);
        work(0..units.count)
    }
}

#[test]
fn every_operation_on_slices_is_shared() {
    let rows = Granularity::row(2, 2).unwrap();
    let columns = Granularity::channel(&[2, 2], 1).unwrap();
    let apart = |g: Granularity| g.with_pitch(2, 2).unwrap();
    let shared = |times, result: Result<(), Error>| {
        result.unwrap();
        assert_eq!(SHARED.swap(0, Ordering::Relaxed), times);
    };
    let (x, b, scheme) = ([1.0_f32, 2.0, 3.0, 4.0], Counting, Scheme::asymmetric());
    let r = [Requantize::<u8>::float(0.5, 0).unwrap(); 2];
    for (g, contiguous) in
        [(rows, true), (columns, false), (apart(rows), true), (apart(columns), false)]
    {
        // Slices that are not contiguous take two passes over the tensor.
        let two = if contiguous { 1 } else { 2 };
        let mut p = [QParams::<f32, u8>::default(); 2];
        let (mut q, mut y, mut sums, mut seen) = ([0; 4], x, [0; 2], [MinMax::EMPTY; 2]);
        shared(1, b.min_max_per(g, &x, &mut seen));
        shared(two, b.quantize_dynamic_per(g, &x, scheme, &mut p, &mut q));
        shared(1, b.quantize_per(g, &x, &p, &mut q));
        shared(1, b.dequantize_per(g, &q, &p, &mut y));
        shared(1, b.fake_quantize_per(g, &x, &p, &mut y));
        shared(1, b.fake_quantize_in_place_per(g, &mut y, &p));
        shared(1, b.requantize_per(g, &[1, 2, 3, 4], &r, &mut q));
        shared(two, b.quantize_with_sums(g, &x, &p, &mut q, &mut sums));
        shared(1, b.sum_per(g, &q, &mut sums));
        shared(1, b.quantization_error_per(g, &x, &p).map(drop));
    }
}
