//! Tests that no instruction set falls back to the reference, and that streamed results equal cached ones.

#[cfg(feature = "ggml")]
mod blocks;
#[cfg(feature = "alloc")]
mod finite;

use bytemuck::Pod;

use super::{Isa, fallback};
use crate::backend::Schedule;
use crate::cpu;
use crate::drive::{CodeOperations, Operations, Piece, RealOperations};
use crate::element::Number;
use crate::kernel::{Io, Loads, Stores};
use crate::slices::AnyParams;
use crate::{
    Auto, Backend, Code, Compute, Granularity, QParams, Real, Requantize, Scheme, reference,
};

/// Calls a function for every pair of a number and a code of 8 or 16 bits, and returns all results.
macro_rules! for_every_pair {
    ($f:ident $args:tt) => {
        for_every_pair!(@ $f $args f32 i8, f32 u8, f32 i16, f32 u16, f64 i8, f64 u8, f64 i16, f64 u16)
    };
    (@ $f:ident $args:tt $($T:ident $Q:ident),+) => {
        [$($f::<$T, $Q> $args),+]
    };
}

fn ascending<T: Compute>(len: usize) -> Vec<T> {
    (0..len as i32).map(T::from_i32).collect()
}

/// Returns how many operations of `backend` ran as the reference.
fn fallbacks<T: Compute, Q: Code>(backend: Auto, len: usize) -> usize {
    fallback::COUNT.set(0);
    let src = &ascending::<T>(len)[..];
    let (mut q, mut x) = (vec![Q::zeroed(); len], vec![T::ZERO; len]);
    backend.min_max(src);
    backend.abs_max(src).unwrap();
    let p = backend.quantize_dynamic(src, Scheme::asymmetric(), &mut q).unwrap();
    // The second scale is outside the guard of the reciprocal.
    for p in [p, QParams::new(T::MIN_POSITIVE, 0).unwrap()] {
        backend.quantize(src, &p, &mut q).unwrap();
        backend.dequantize(&q, &p, &mut x).unwrap();
        backend.quantization_error(src, &p).unwrap();
        backend.fake_quantize(src, &p, &mut x).unwrap();
        backend.fake_quantize_in_place(&mut x, &p);
    }
    fallback::COUNT.get()
}

/// Returns how many elements of columns with their own parameters ran as the reference.
fn fallbacks_of_columns<T: Compute, Q: Code>(backend: Auto, len: usize) -> usize {
    fallback::COUNT.set(0);
    let src = &ascending::<T>(len)[..];
    let (mut q, mut x) = (vec![Q::zeroed(); len], vec![T::ZERO; len]);
    let columns = Granularity::channel(&[len / 10, 10], 1).unwrap();
    let params = [QParams::new(T::ONE, 3).unwrap(); 10];
    backend.quantize_per(columns, src, &params[..], &mut q).unwrap();
    backend.dequantize_per(columns, &q, &params[..], &mut x).unwrap();
    backend.fake_quantize_per(columns, src, &params[..], &mut x).unwrap();
    backend.fake_quantize_in_place_per(columns, &mut x, &params[..]).unwrap();
    fallback::COUNT.get()
}

/// Returns how many operations ran as the reference, of the operations that have kernels for 8-bit codes only.
fn fallbacks_of_bytes<Q: Code>(backend: Auto, len: usize) -> usize {
    fallback::COUNT.set(0);
    let mut q = vec![Q::zeroed(); len];
    let p = QParams::<f32, Q>::new(0.5, 3).unwrap();
    let acc: Vec<i32> = (0..len as i32).map(|i| 1000 * i).collect();
    let columns = Granularity::channel(&[1, len], 1).unwrap();
    for r in [Requantize::float(0.1, 3), Requantize::fixed(1 << 30, -3, 3)] {
        let r = r.unwrap();
        backend.requantize(&acc, &r, &mut q).unwrap();
        backend.requantize_per(columns, &acc, &vec![r; len][..], &mut q).unwrap();
    }
    let rows = Granularity::row(1, len).unwrap();
    backend.quantize_with_sums(rows, &vec![1.0; len], &[p], &mut q, &mut [0]).unwrap();
    backend.sum_per(rows, &q, &mut [0]).unwrap();
    fallback::COUNT.get()
}

/// Returns how many dequantizations of accumulators, and how many elements of columns, ran as the reference.
fn fallbacks_of_accumulators<T: Compute>(backend: Auto, len: usize) -> usize {
    fallback::COUNT.set(0);
    let (q, mut x) = ((0..len as i32).collect::<Vec<_>>(), vec![T::ZERO; len]);
    let columns = Granularity::channel(&[len / 10, 10], 1).unwrap();
    for z in [0, 3] {
        let p = QParams::new(T::ONE, z).unwrap();
        backend.dequantize(&q, &p, &mut x).unwrap();
        backend.dequantize_per(columns, &q, &[p; 10], &mut x).unwrap();
    }
    fallback::COUNT.get()
}

#[test]
fn every_operation_of_every_instruction_set_is_native() {
    for backend in Auto::available() {
        let name = backend.name();
        let expected = |by_reference| if name == "scalar" { by_reference } else { 0 };
        for len in [1, 1000] {
            let found = for_every_pair!(fallbacks(backend, len));
            assert_eq!(found, [expected(14); 8], "{name} at {len} elements");
            // The reference counts each column as an operation.
            let found =
                [fallbacks_of_bytes::<i8>, fallbacks_of_bytes::<u8>].map(|f| f(backend, len));
            assert_eq!(found, [expected(5 + 2 * len); 2], "{name} at {len} elements");
        }
        // The reference counts each element of columns as an operation.
        let found = for_every_pair!(fallbacks_of_columns(backend, 1000));
        assert_eq!(found, [expected(4 * 1000); 8], "{name}: columns");
        let found = [fallbacks_of_accumulators::<f32>, fallbacks_of_accumulators::<f64>];
        assert_eq!(found.map(|f| f(backend, 1000)), [expected(2 + 2 * 1000); 2], "{name}");
    }
}

/// Compares the extremes, the greatest magnitude and the errors of numbers with these signs with the reference.
fn reduced<T: Compute>(backend: Auto, sign: fn(usize) -> i32) {
    // The lengths exceed a piece of the range reduction and a block of the error sums.
    for len in (0..300).chain([4095, 4097, 16_384, 16_385, 33_001]) {
        let all: Vec<T> =
            (0..len + 3).map(|i| T::from_i32(sign(i) * (i * 7919 % 1009) as i32)).collect();
        let p = QParams::<T, i8>::new(T::ONE, 3).unwrap();
        for at in 0..3 {
            let (src, isa, p) = (&all[at..at + len], backend.isa(), p.affine());
            let bounds = (reference::min_max(src), reference::abs_max_of(src));
            let expected = (bounds, reference::error_sums(src, p));
            for loads in [Loads::Cached, Loads::Ahead] {
                let bounds =
                    (T::Alone::min_max(isa, src, loads), T::Alone::abs_max(isa, src, loads));
                let seen = (bounds, T::Alone::error_sums(isa, src, p, loads));
                assert_eq!(seen, expected, "{backend:?}: {len} from {at}, {loads:?}");
            }
        }
    }
}

/// Tests that an extreme at every place is found, among numbers of both signs or of one.
fn extremes_are_seen_everywhere<T: Compute>(backend: Auto) {
    let isa = backend.isa();
    for signs in [1, 2] {
        let mut src: Vec<T> = (0..900_i32).map(|i| T::from_i32(1 - i % signs * 2)).collect();
        for place in 0..src.len() {
            // On x86-64 the sum is negative.
            let nan = T::INFINITY + T::NEG_INFINITY;
            for nan in [nan, nan.abs()] {
                let before = core::mem::replace(&mut src[place], nan);
                let seen = T::Alone::min_max(isa, &src, Loads::Ahead);
                assert_eq!(seen, reference::min_max(&src), "{backend:?}: NaN at {place}");
                src[place] = before;
            }
            for extreme in [5, -5].map(T::from_i32) {
                let before = core::mem::replace(&mut src[place], extreme);
                let range = T::Alone::min_max(isa, &src, Loads::Ahead);
                let seen = (range, T::Alone::abs_max(isa, &src, Loads::Ahead));
                let expected = (reference::min_max(&src), reference::abs_max_of(&src));
                assert_eq!(seen, expected, "{backend:?}: {extreme:?} at {place}");
                src[place] = before;
            }
        }
    }
}

#[test]
fn prefetched_numbers_are_reduced_to_the_same() {
    for backend in Auto::available() {
        let signs: [fn(usize) -> i32; 3] = [|_| 1, |_| -1, |i| if i % 3 == 0 { -1 } else { 1 }];
        for is_amd in [true, false] {
            cpu::IS_AMD.set(Some(is_amd));
            for sign in signs {
                reduced::<f32>(backend, sign);
                reduced::<f64>(backend, sign);
            }
            extremes_are_seen_everywhere::<f32>(backend);
            extremes_are_seen_everywhere::<f64>(backend);
        }
        cpu::IS_AMD.set(None);
    }
}

#[test]
fn columns_are_native() {
    let x = ascending::<f32>(1000);
    for backend in Auto::available() {
        for columns in [1, 7, 100, 500] {
            let shape = [1000 / columns, columns];
            let granularities = [Granularity::channel(&shape, 1), Granularity::block(&shape, 0, 5)];
            for granularity in granularities.map(Result::unwrap) {
                let len = granularity.len();
                let mut p = vec![QParams::default(); granularity.slices()];
                let (mut q, mut seen) = (vec![0_u8; len], vec![crate::MinMax::EMPTY; p.len()]);
                fallback::COUNT.set(0);
                let (x, scheme) = (&x[..len], Scheme::asymmetric());
                backend.min_max_per(granularity, x, &mut seen).unwrap();
                backend.quantize_dynamic_per(granularity, x, scheme, &mut p, &mut q).unwrap();
                backend.quantization_error_per(granularity, x, &p[..]).unwrap();
                let native = fallback::COUNT.get() == 0;
                assert_eq!(native, backend.name() != "scalar", "{granularity:?} {backend:?}");
            }
        }
    }
}

/// Compares streamed results with cached ones, at every offset of `dst` in a cache line.
fn streamed_is_cached<T: Real, Q: Code>(backend: Auto) {
    let p = QParams::<T::Compute, Q>::new(T::Compute::ONE, Q::MIN + 100).unwrap();
    let src: Vec<T> = (0..600).map(|i| T::narrow(T::Compute::from_i32(i % 300 - 150))).collect();
    let (isa, p) = (backend.isa(), p.affine());
    for len in [0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 191, 192, 193, 257, 599] {
        for at in 0..64 {
            let mut q = [vec![Q::zeroed(); 700], vec![Q::zeroed(); 700]];
            let mut x = [vec![T::zeroed(); 700], vec![T::zeroed(); 700]];
            let mut y = x.clone();
            for (i, stores) in [Stores::Cached, Stores::Streamed].into_iter().enumerate() {
                let (src, dst) = (&src[..len], &mut q[i][at..at + len]);
                T::With::<Q>::quantize(isa, &mut Io { src, dst, stores }, p);
                let (codes, dst) = (&q[0][at..at + len], &mut x[i][at..at + len]);
                T::With::<Q>::dequantize(isa, &mut Io { src: codes, dst, stores }, p);
                let dst = &mut y[i][at..at + len];
                T::Alone::fake_quantize(isa, &mut Io { src, dst, stores }, p);
            }
            let is_same = q[0] == q[1] && x[0] == x[1] && y[0] == y[1];
            assert!(is_same, "{backend:?}: {len} elements at {at}");
        }
    }
}

#[test]
fn streamed_results_are_the_cached_ones() {
    for backend in Auto::available() {
        for_every_pair!(streamed_is_cached(backend));
        #[cfg(feature = "half")]
        {
            streamed_is_cached::<half::f16, i8>(backend);
            streamed_is_cached::<half::f16, u16>(backend);
            streamed_is_cached::<half::bf16, u8>(backend);
            streamed_is_cached::<half::bf16, i16>(backend);
        }
    }
}

/// Compares columns with their own parameters, from element `first` on, with the reference.
struct OfColumns<'a> {
    backend: Auto,
    granularity: &'a Granularity,
    first: usize,
    /// The index at which results begin.
    at: usize,
}

impl OfColumns<'_> {
    fn same<D: Pod + PartialEq>(&self, what: &str, work: impl Fn(Isa, &mut [D], Stores)) {
        let Self { backend, granularity, first, at } = *self;
        let of = |isa, stores| {
            let mut results = vec![D::zeroed(); at + granularity.len() - first];
            work(isa, &mut results[at..], stores);
            results
        };
        let expected = of(Isa::Scalar, Stores::Cached);
        for stores in [Stores::Cached, Stores::Streamed] {
            let is_same = of(backend.isa(), stores) == expected;
            assert!(is_same, "{what}: {:?}", (backend.name(), granularity, first, at, stores));
        }
    }

    fn reals_and_codes<T: Real, Q: Code>(&self) {
        let Self { granularity: g, first, .. } = *self;
        let param =
            |c| QParams::<T::Compute, Q>::new(T::Compute::from_i32(1 + c % 3), c % 5).unwrap();
        let params: Vec<_> = (0..g.slices() as i32).map(param).collect();
        let params: &dyn AnyParams<_> = &crate::Params::from(&params[..]);
        let of = |stores| Piece { granularity: g, elements: first..g.len(), params, stores };
        let number = |i: usize| i as i32 % 409 - 200;
        let src: Vec<T> =
            (first..g.len()).map(|i| T::narrow(T::Compute::from_i32(number(i)))).collect();
        let mut codes = vec![Q::zeroed(); src.len()];
        T::With::<Q>::quantize_per(Isa::Scalar, &of(Stores::Cached), &src, &mut codes);
        self.same("quantize", |isa, q, stores| {
            T::With::<Q>::quantize_per(isa, &of(stores), &src, q);
        });
        self.same("dequantize", |isa, x, stores| {
            T::With::<Q>::dequantize_per(isa, &of(stores), &codes, x);
        });
        self.same("fake_quantize", |isa, x, stores| {
            T::Alone::fake_quantize_per(isa, &of(stores), &src, x);
        });
        let accumulators: Vec<i32> = (first..g.len()).map(number).collect();
        self.same("of accumulators", |isa, x, stores| {
            T::With::<i32>::dequantize_per(isa, &of(stores), &accumulators, x);
        });
    }

    fn accumulators<Q: Code>(&self) {
        let Self { granularity: g, first, .. } = *self;
        let multipliers: [fn(i32) -> Requantize<Q>; 4] = [
            |c| Requantize::float(0.1 + c as f32, c % 5).unwrap(),
            |c| Requantize::fixed(1 << 30, c % 9 - 7, c % 5).unwrap(),
            // All of these multipliers shift to the right.
            |c| Requantize::fixed(3 << 29, c % 9 - 9, c % 5).unwrap(),
            // The zero point of one column in 70 does not fit 16 bits.
            |c| {
                let z = if c % 70 == 3 { 40_000 } else { c % 5 };
                Requantize::fixed(1 << 30, c % 9 - 7, z).unwrap()
            },
        ];
        let src: Vec<i32> = (first..g.len()).map(|i| i as i32 % 409 - 200).collect();
        for multiplier in multipliers {
            let params: Vec<_> = (0..g.slices() as i32).map(multiplier).collect();
            self.same("requantize", |isa, q, stores| {
                let (elements, params) = (first..g.len(), &params[..]);
                let of = Piece { granularity: g, elements, params, stores };
                Q::Alone::requantize_per(isa, &of, &src, q);
            });
        }
    }
}

/// Tests columns, cached and streamed, from several columns on, at several offsets in a cache line, with more tiles and
/// rows than a kernel takes together.
#[test]
fn columns_are_the_reference_wherever_they_go() {
    let matrix = |rows, columns| Granularity::channel(&[rows, columns], 1).unwrap();
    let granularities = [
        matrix(9, 64),
        matrix(66, 128),
        matrix(17, 600),
        matrix(70, 640),
        matrix(9, 1090),
        Granularity::channel(&[20, 40, 16], 1).unwrap(),
        Granularity::block(&[50, 640], 0, 20).unwrap(),
    ];
    for backend in Auto::available() {
        for granularity in &granularities {
            for (first, at) in [(0, 0), (0, 16), (1, 5), (77, 48), (63, 63)] {
                let columns = OfColumns { backend, granularity, first, at };
                columns.reals_and_codes::<f32, i8>();
                columns.reals_and_codes::<f32, u16>();
                columns.reals_and_codes::<f64, u8>();
                #[cfg(feature = "half")]
                columns.reals_and_codes::<half::f16, i8>();
                columns.accumulators::<u8>();
            }
        }
    }
}
