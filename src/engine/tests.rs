//! No instruction set falls back to the reference; what is streamed is what is cached.

use super::{Isa, fallback};
use crate::backend::Schedule;
use crate::drive::{CodeOperations, Operations, Piece, RealOperations};
use crate::element::Number;
use crate::kernel::{Io, Loads, Stores};
use crate::slices::AnyParams;
use crate::{
    Auto, Backend, Code, Compute, Granularity, QParams, Real, Requantize, Scheme, reference,
};

/// How many operations of `backend` ran as the reference.
fn fallbacks<T: Compute, Q: Code>(backend: Auto, src: &[T]) -> usize {
    fallback::COUNT.set(0);
    let (mut q, mut x) = (vec![Q::zeroed(); src.len()], vec![T::ZERO; src.len()]);
    backend.min_max(src);
    backend.abs_max(src).unwrap();
    let p = backend.quantize_dynamic(src, Scheme::asymmetric(), &mut q).unwrap();
    backend.quantize(src, &p, &mut q).unwrap();
    backend.dequantize(&q, &p, &mut x).unwrap();
    backend.quantization_error(src, &p).unwrap();
    backend.fake_quantize(src, &p, &mut x).unwrap();
    backend.fake_quantize_in_place(&mut x, &p);
    // A scale beyond the reciprocal's guard.
    let p = QParams::new(T::MIN_POSITIVE, 0).unwrap();
    backend.quantize(src, &p, &mut q).unwrap();
    backend.quantization_error(src, &p).unwrap();
    backend.fake_quantize(src, &p, &mut x).unwrap();
    backend.fake_quantize_in_place(&mut x, &p);
    fallback::COUNT.get()
}

/// How many operations on columns that have parameters of their own went element by element.
fn fallbacks_of_columns<T: Compute, Q: Code>(backend: Auto, src: &[T]) -> usize {
    fallback::COUNT.set(0);
    let (mut q, mut x) = (vec![Q::zeroed(); src.len()], vec![T::ZERO; src.len()]);
    let columns = Granularity::channel(&[src.len() / 10, 10], 1).unwrap();
    let params = [QParams::new(T::ONE, 3).unwrap(); 10];
    backend.quantize_per(columns, src, &params[..], &mut q).unwrap();
    backend.dequantize_per(columns, &q, &params[..], &mut x).unwrap();
    backend.fake_quantize_per(columns, src, &params[..], &mut x).unwrap();
    backend.fake_quantize_in_place_per(columns, &mut x, &params[..]).unwrap();
    fallback::COUNT.get()
}

/// The same of what the codes of 8 bits alone have kernels for.
fn fallbacks_of_bytes<Q: Code>(backend: Auto, src: &[f32]) -> usize {
    fallback::COUNT.set(0);
    let mut q = vec![Q::zeroed(); src.len()];
    let p = QParams::<f32, Q>::new(0.5, 3).unwrap();
    let acc: Vec<i32> = (0..src.len() as i32).map(|i| 1000 * i).collect();
    for r in [Requantize::float(0.1, 3), Requantize::fixed(1 << 30, -3, 3)] {
        backend.requantize(&acc, &r.unwrap(), &mut q).unwrap();
    }
    let rows = Granularity::row(1, src.len()).unwrap();
    backend.quantize_with_sums(rows, src, &[p], &mut q, &mut [0]).unwrap();
    backend.sum_per(rows, &q, &mut [0]).unwrap();
    for r in [Requantize::float(0.1, 3), Requantize::fixed(1 << 30, -3, 3)] {
        let columns = Granularity::channel(&[1, src.len()], 1).unwrap();
        backend.requantize_per(columns, &acc, &vec![r.unwrap(); src.len()][..], &mut q).unwrap();
    }
    fallback::COUNT.get()
}

fn fallbacks_of_all_types(backend: Auto, len: usize) -> [usize; 8] {
    fn data<T: Real>(len: usize) -> Vec<T::Compute> {
        (0..len).map(|i| T::Compute::from_i32(i as i32)).collect()
    }
    let (f32s, f64s) = (data::<f32>(len), data::<f64>(len));
    [
        fallbacks::<f32, i8>(backend, &f32s),
        fallbacks::<f32, u8>(backend, &f32s),
        fallbacks::<f64, i8>(backend, &f64s),
        fallbacks::<f64, u8>(backend, &f64s),
        fallbacks::<f32, i16>(backend, &f32s),
        fallbacks::<f32, u16>(backend, &f32s),
        fallbacks::<f64, i16>(backend, &f64s),
        fallbacks::<f64, u16>(backend, &f64s),
    ]
}

#[test]
fn every_operation_of_every_instruction_set_is_native() {
    for backend in Auto::available() {
        for len in [1, 1000] {
            let scalar = backend.name() == "scalar";
            let found = fallbacks_of_all_types(backend, len);
            let expected = if scalar { 13 } else { 0 };
            assert_eq!(found, [expected; 8], "{} at {len} elements", backend.name());
            let src = vec![1.0; len];
            let found =
                [fallbacks_of_bytes::<i8>(backend, &src), fallbacks_of_bytes::<u8>(backend, &src)];
            // The reference counts each column.
            let expected = if scalar { 5 + 2 * len } else { 0 };
            assert_eq!(found, [expected; 2], "{} at {len} elements", backend.name());
        }
    }
}

/// The least, the greatest, the greatest magnitude and the errors of numbers, asked for ahead or not, whose
/// signs are those of `sign`.
fn reduced<T: Compute>(backend: Auto, sign: fn(usize) -> i32) {
    // Beyond a piece of the range, and a block of the errors.
    for len in (0..300).chain([4095, 4097, 16_384, 16_385, 33_001]) {
        let all: Vec<T> =
            (0..len + 3).map(|i| T::from_i32(sign(i) * (i * 7919 % 1009) as i32)).collect();
        let p = QParams::<T, i8>::new(T::ONE, 3).unwrap();
        for at in 0..3 {
            let src = &all[at..at + len];
            let isa = backend.isa();
            let of = |loads| {
                let range = T::Alone::min_max(isa, src, loads);
                let greatest = T::Alone::abs_max(isa, src, loads);
                (range, greatest, T::Alone::error_sums(isa, src, p.affine(), loads))
            };
            let expected = (
                reference::min_max(src),
                reference::abs_max_of(src),
                reference::error_sums(src, p.affine()),
            );
            for loads in [Loads::Cached, Loads::Ahead] {
                assert_eq!(of(loads), expected, "{backend:?}: {len} from {at}, {loads:?}");
            }
        }
    }
}

/// An extreme at every place of numbers of both signs, or of one.
fn extremes_are_seen_everywhere<T: Compute>(backend: Auto) {
    let isa = backend.isa();
    for signs in [1, 2] {
        let mut src: Vec<T> = (0..900_i32).map(|i| T::from_i32(1 - i % signs * 2)).collect();
        for place in 0..src.len() {
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
fn what_is_asked_for_ahead_is_reduced_to_the_same() {
    for backend in Auto::available() {
        let signs: [fn(usize) -> i32; 3] = [|_| 1, |_| -1, |i| if i % 3 == 0 { -1 } else { 1 }];
        for sign in signs {
            reduced::<f32>(backend, sign);
            reduced::<f64>(backend, sign);
        }
        extremes_are_seen_everywhere::<f32>(backend);
        extremes_are_seen_everywhere::<f64>(backend);
    }
}

#[test]
fn columns_are_native() {
    let x: Vec<f32> = (0..1000).map(|i| i as f32).collect();
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

#[test]
fn accumulators_are_native() {
    let q: Vec<i32> = (0..1000).collect();
    for backend in Auto::available() {
        fallback::COUNT.set(0);
        let (mut x, mut y) = (vec![0.0_f32; 1000], vec![0.0_f64; 1000]);
        for z in [0, 3] {
            let (p, w) = (QParams::new(0.5, z).unwrap(), QParams::new(0.5, z).unwrap());
            backend.dequantize(&q, &p, &mut x).unwrap();
            backend.dequantize(&q, &w, &mut y).unwrap();
            let columns = Granularity::channel(&[100, 10], 1).unwrap();
            backend.dequantize_per(columns, &q, &[p; 10], &mut x).unwrap();
            backend.dequantize_per(columns, &q, &[w; 10], &mut y).unwrap();
        }
        // The reference counts each element of columns.
        let expected = if backend.name() == "scalar" { 4 + 4 * 1000 } else { 0 };
        assert_eq!(fallback::COUNT.get(), expected, "{}", backend.name());
    }
}

#[test]
fn columns_with_parameters_of_their_own_are_native() {
    let f32s: Vec<f32> = (0..1000).map(|i| i as f32).collect();
    let f64s: Vec<f64> = (0..1000).map(f64::from).collect();
    for backend in Auto::available() {
        let found = [
            fallbacks_of_columns::<f32, i8>(backend, &f32s),
            fallbacks_of_columns::<f32, u8>(backend, &f32s),
            fallbacks_of_columns::<f64, i8>(backend, &f64s),
            fallbacks_of_columns::<f64, u8>(backend, &f64s),
            fallbacks_of_columns::<f32, i16>(backend, &f32s),
            fallbacks_of_columns::<f32, u16>(backend, &f32s),
            fallbacks_of_columns::<f64, i16>(backend, &f64s),
            fallbacks_of_columns::<f64, u16>(backend, &f64s),
        ];
        // The reference counts each element.
        let expected = if backend.name() == "scalar" { 4 * 1000 } else { 0 };
        assert_eq!(found, [expected; 8], "{}", backend.name());
    }
}

/// Results past the caches are the same, at every place of `dst` in a cache line.
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
        streamed_is_cached::<f32, i8>(backend);
        streamed_is_cached::<f32, u8>(backend);
        streamed_is_cached::<f64, i8>(backend);
        streamed_is_cached::<f64, u8>(backend);
        streamed_is_cached::<f32, i16>(backend);
        streamed_is_cached::<f32, u16>(backend);
        streamed_is_cached::<f64, i16>(backend);
        streamed_is_cached::<f64, u16>(backend);
        #[cfg(feature = "half")]
        {
            streamed_is_cached::<half::f16, i8>(backend);
            streamed_is_cached::<half::f16, u16>(backend);
            streamed_is_cached::<half::bf16, u8>(backend);
            streamed_is_cached::<half::bf16, i16>(backend);
        }
    }
}

/// Columns with parameters of their own, from number `first` on, beside what the reference makes of them.
struct OfColumns<'a> {
    backend: Auto,
    granularity: &'a Granularity,
    first: usize,
    /// Where results begin.
    at: usize,
}

impl OfColumns<'_> {
    fn same<D: Clone + PartialEq>(
        &self,
        what: &str,
        zero: D,
        work: impl Fn(Isa, &mut [D], Stores),
    ) {
        let n = self.granularity.len() - self.first;
        let mut expected = vec![zero.clone(); self.at + n];
        work(Isa::Scalar, &mut expected[self.at..], Stores::Cached);
        for stores in [Stores::Cached, Stores::Streamed] {
            let mut got = vec![zero.clone(); self.at + n];
            work(self.backend.isa(), &mut got[self.at..], stores);
            let Self { backend, granularity, first, at } = self;
            let case = (backend.name(), granularity, first, at, stores);
            assert!(got == expected, "{what}: {case:?}");
        }
    }

    fn reals_and_codes<T: Real, Q: Code>(&self) {
        let Self { granularity: g, first, .. } = *self;
        let scale = |c| T::Compute::from_i32(1 + c % 3);
        let params: Vec<_> = (0..g.slices() as i32)
            .map(|c| QParams::<T::Compute, Q>::new(scale(c), c % 5).unwrap())
            .collect();
        let params: &dyn AnyParams<_> = &crate::Params::from(&params[..]);
        let of = |stores| Piece { granularity: g, elements: first..g.len(), params, stores };
        let number = |i: usize| i as i32 % 409 - 200;
        let src: Vec<T> =
            (first..g.len()).map(|i| T::narrow(T::Compute::from_i32(number(i)))).collect();
        let mut codes = vec![Q::zeroed(); src.len()];
        T::With::<Q>::quantize_per(Isa::Scalar, &of(Stores::Cached), &src, &mut codes);
        self.same("quantize", Q::zeroed(), |isa, q, stores| {
            T::With::<Q>::quantize_per(isa, &of(stores), &src, q);
        });
        self.same("dequantize", T::zeroed(), |isa, x, stores| {
            T::With::<Q>::dequantize_per(isa, &of(stores), &codes, x);
        });
        self.same("fake_quantize", T::zeroed(), |isa, x, stores| {
            T::Alone::fake_quantize_per(isa, &of(stores), &src, x);
        });
        let accumulators: Vec<i32> = (first..g.len()).map(number).collect();
        self.same("of accumulators", T::zeroed(), |isa, x, stores| {
            T::With::<i32>::dequantize_per(isa, &of(stores), &accumulators, x);
        });
    }

    fn accumulators<Q: Code>(&self) {
        let Self { granularity: g, first, .. } = *self;
        let slices = 0..g.slices() as i32;
        let floats = slices.clone().map(|c| Requantize::<Q>::float(0.1 + c as f32, c % 5));
        let fixed = slices.clone().map(|c| Requantize::<Q>::fixed(1 << 30, c % 9 - 7, c % 5));
        let to_the_right =
            slices.clone().map(|c| Requantize::<Q>::fixed(3 << 29, c % 9 - 9, c % 5));
        // Of one column there is no room for the zero point in 16 bits.
        let far = |c| if c % 70 == 3 { 40_000 } else { c % 5 };
        let far = slices.map(|c| Requantize::<Q>::fixed(1 << 30, c % 9 - 7, far(c)));
        let params: [Vec<_>; 4] = [
            floats.map(Result::unwrap).collect(),
            fixed.map(Result::unwrap).collect(),
            to_the_right.map(Result::unwrap).collect(),
            far.map(Result::unwrap).collect(),
        ];
        let src: Vec<i32> = (first..g.len()).map(|i| i as i32 % 409 - 200).collect();
        for params in params {
            self.same("requantize", Q::zeroed(), |isa, q, stores| {
                let (elements, params) = (first..g.len(), &params[..]);
                let of = Piece { granularity: g, elements, params, stores };
                Q::Alone::requantize_per(isa, &of, &src, q);
            });
        }
    }
}

/// Cached and streamed, from any column on, at several places in a cache line, and in more tiles and rows
/// than are gone through together.
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
