//! Every length around every multiple of a step, at every offset of `src` and of `dst` from a cache
//! line; the memory around `dst` stays as it was, and nothing outside a slice is touched.

use crate::common::floats::Float;
use crate::common::{
    Int, backends, error_bits, min_max_bits, params_bits, same_codes, same_numbers, scalar,
};
use zeropoint::{Backend, QParams, Scheme};

for_each_pair!(integers: quantize, dequantize, quantize_dynamic, reductions);

/// Elements of every buffer.
const ROOM: usize = 320;

/// A buffer that begins at a cache line, so that an offset into it is an offset from one.
#[repr(align(64))]
struct Aligned<T>([T; ROOM]);

impl<T: Copy> Aligned<T> {
    fn filled(x: T) -> Box<Self> {
        Box::new(Self([x; ROOM]))
    }
}

const OFFSETS: usize = 16;

/// Where a kernel with registers of N elements and steps of 4·N changes its way.
fn turning_points() -> Vec<usize> {
    let of = |n: usize| [0, 1, n - 1, n, n + 1, 4 * n - 1, 4 * n, 4 * n + 1, 8 * n + 2];
    let mut lengths: Vec<usize> = [4, 8, 16].into_iter().flat_map(of).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

/// All lengths to 200 at all offsets of `src`; at a turning point every offset of `dst` with each,
/// elsewhere one of them in turn.
fn places() -> impl Iterator<Item = (usize, usize, usize)> {
    let turning_points = turning_points();
    (0..=200_usize).flat_map(move |len| {
        let count = if turning_points.contains(&len) { OFFSETS } else { 1 };
        (0..OFFSETS).flat_map(move |from| {
            (0..count).map(move |i| (len, from, (i + 5 * from + len) % OFFSETS))
        })
    })
}

/// Data of every kind, its NaNs and infinities among it where `finite` is not asked for.
fn data<T: Float>(p_scale: f64, finite: bool) -> Box<Aligned<T>> {
    let mut data = Aligned::filled(T::of(0.0));
    for (i, x) in data.0.iter_mut().enumerate() {
        let k = (i * 97 % 293) as f64 - 146.0;
        *x = T::of(k * 1.5 * p_scale);
        if !finite && i % 23 == 7 {
            *x = [T::nans()[0], T::INF, T::nans()[3], T::INF.negated(), T::of(1e30)][i / 23 % 5];
        }
    }
    data
}

/// Some parameters for each way that a kernel takes.
fn parameters<T: Float, Q: Int>() -> Vec<QParams<T, Q>> {
    let with = |scale, z, qmin, qmax| QParams::with_codes(T::of(scale), z, qmin, qmax).unwrap();
    vec![
        with(0.1, Q::MIN + 120, Q::MIN, Q::MAX),
        with(0.1, 9, 1, 15),
        with(2.0_f64.powi(-T::GUARD - 16), -3001, Q::MIN, Q::MAX),
    ]
}

/// Runs `work` on `dst` in the middle of guards; all else must keep its value.
fn guarded<D: Copy + PartialEq>(
    what: &str,
    guard: D,
    (len, at): (usize, usize),
    buffer: &mut Aligned<D>,
    work: impl FnOnce(&mut [D]),
) {
    buffer.0.fill(guard);
    let at = 64 + at;
    work(&mut buffer.0[at..at + len]);
    let untouched = |side: &[D]| side.iter().all(|x| *x == guard);
    assert!(untouched(&buffer.0[..at]), "{what} wrote before {len} elements at {at}");
    assert!(untouched(&buffer.0[at + len..]), "{what} wrote after {len} elements at {at}");
}

fn quantize<T: Float, Q: Int>() {
    let mut buffer = Aligned::filled(Q::default());
    for p in parameters::<T, Q>() {
        let src = data::<T>(p.scale().as_f64(), false);
        let mut expected = vec![Q::default(); ROOM];
        scalar().quantize(&src.0, &p, &mut expected).unwrap();
        for backend in backends() {
            let name = backend.name();
            for (len, from, to) in places() {
                guarded(name, Q::of(77), (len, to), &mut buffer, |dst| {
                    backend.quantize(&src.0[from..from + len], &p, dst).unwrap();
                    same_codes(name, dst, &expected[from..from + len]).unwrap();
                });
            }
        }
    }
}

fn dequantize<T: Float, Q: Int>() {
    let mut buffer = Aligned::filled(T::of(0.0));
    let mut src = Aligned::filled(Q::default());
    for (i, q) in src.0.iter_mut().enumerate() {
        *q = Q::number(i as u32 * 10_025);
    }
    let p = parameters::<T, Q>()[0];
    let mut expected = vec![T::of(0.0); ROOM];
    scalar().dequantize(&src.0, &p, &mut expected).unwrap();
    for backend in backends() {
        let name = backend.name();
        for (len, from, to) in places() {
            guarded(name, T::of(0.777), (len, to), &mut buffer, |dst| {
                backend.dequantize(&src.0[from..from + len], &p, dst).unwrap();
                same_numbers(name, dst, &expected[from..from + len]).unwrap();
            });
        }
    }
}

fn quantize_dynamic<T: Float, Q: Int>() {
    let src = data::<T>(0.1, true);
    let mut buffer = Aligned::filled(Q::default());
    let scheme = Scheme::asymmetric();
    for (len, from, to) in places().filter(|(len, ..)| *len > 0) {
        let src = &src.0[from..from + len];
        let mut expected = vec![Q::default(); len];
        let p = params_bits(scalar().quantize_dynamic(src, scheme, &mut expected));
        assert!(p.is_ok());
        for backend in backends() {
            guarded(backend.name(), Q::of(77), (len, to), &mut buffer, |dst| {
                let got = params_bits(backend.quantize_dynamic(src, scheme, dst));
                assert_eq!(got, p, "{} on {len} elements", backend.name());
                same_codes(backend.name(), dst, &expected).unwrap();
            });
        }
    }
}

fn reductions<T: Float, Q: Int>() {
    let p = parameters::<T, Q>()[0];
    let finite = data::<T>(0.1, true);
    let any = data::<T>(0.1, false);
    for len in 0..=200 {
        for from in 0..OFFSETS {
            let (finite, any) = (&finite.0[from..from + len], &any.0[from..from + len]);
            let error = error_bits(scalar().quantization_error(finite, &p));
            let ranges = [any, finite].map(|src| min_max_bits(scalar().min_max(src)));
            let greatest = [any, finite].map(|src| scalar().abs_max(src).map(Float::raw));
            for backend in backends() {
                let what =
                    format_args!("{} on {len} elements at {from}", backend.name()).to_string();
                assert_eq!(error_bits(backend.quantization_error(finite, &p)), error, "{what}");
                let got = [any, finite].map(|src| min_max_bits(backend.min_max(src)));
                assert_eq!(got, ranges, "{what}");
                let got = [any, finite].map(|src| backend.abs_max(src).map(Float::raw));
                assert_eq!(got, greatest, "{what}");
            }
        }
    }
}

/// Memory whose end is the end of what may be accessed.
#[cfg(unix)]
mod at_the_end_of_memory {
    use super::*;

    /// Pages of a file, the last of which lie behind the file's end: the system stops a process
    /// that touches them.
    fn pages() -> (memmap2::MmapMut, usize) {
        use std::sync::atomic::{AtomicUsize, Ordering};
        /// No page is longer.
        const PAGE: usize = 64 * 1024;
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("zeropoint-grid-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = std::fs::OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).open(&path).unwrap();
        file.set_len(PAGE as u64).unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut map = memmap2::MmapOptions::new();
        #[expect(unsafe_code, reason = "memory that ends where the test wants it to")]
        // SAFETY: the file has no name any more, so nobody else changes or shortens it; only its
        // first page is ever handed out.
        let map = unsafe { map.len(2 * PAGE).map_mut(&file).unwrap() };
        (map, PAGE)
    }

    /// Copies `src` to the end of accessible memory and runs `work` on it there.
    fn at_end<A: bytemuck::Pod>(
        (map, end): &mut (memmap2::MmapMut, usize),
        src: &[A],
        work: impl FnOnce(&mut [A]),
    ) {
        let slice = &mut map[*end - size_of_val(src)..*end];
        slice.copy_from_slice(bytemuck::cast_slice(src));
        work(bytemuck::cast_slice_mut(slice));
    }

    for_each_pair!(integers: nothing_past_the_end_is_read_or_written);

    fn nothing_past_the_end_is_read_or_written<T: Float, Q: Int>() {
        let (mut reals, mut codes) = (pages(), pages());
        let p = parameters::<T, Q>()[0];
        let data = data::<T>(0.1, true);
        for len in 0..=200 {
            let x = &data.0[..len];
            let (mut q, mut x_hat) = (vec![Q::default(); len], vec![T::of(0.0); len]);
            scalar().quantize(x, &p, &mut q).unwrap();
            scalar().dequantize(&q, &p, &mut x_hat).unwrap();
            let range = min_max_bits(scalar().min_max(x));
            let greatest = scalar().abs_max(x).map(Float::raw);
            let error = error_bits(scalar().quantization_error(x, &p));
            for backend in backends() {
                let name = backend.name();
                at_end(&mut reals, x, |x| {
                    assert_eq!(min_max_bits(backend.min_max(x)), range, "{name}");
                    assert_eq!(backend.abs_max(x).map(Float::raw), greatest, "{name}");
                    assert_eq!(error_bits(backend.quantization_error(x, &p)), error, "{name}");
                    at_end(&mut codes, &vec![Q::default(); len], |dst| {
                        backend.quantize(x, &p, dst).unwrap();
                        same_codes(name, dst, &q).unwrap();
                        backend.dequantize(dst, &p, x).unwrap();
                        same_numbers(name, x, &x_hat).unwrap();
                    });
                });
            }
        }
    }
}
