//! Tests of loads and stores: of registers, of steps, and of slices that are shorter than a step.

use core::fmt::Debug;

use bytemuck::{AnyBitPattern, NoUninit, Pod, bytes_of};

use super::floats::{is_nan, with_nans};
use super::{codes, integers, lanes, register};
use crate::Code;
use crate::element::{Compute, Real};
use crate::simd::{ByteOps, Elements, FloatOps, LONGEST_STEP, Load, Simd, Store, WordOps, part};

/// Returns the elements of `src`, shorter than a step, that belong to register `group` of `n` lanes.
fn part_of<S: Simd, A>(src: &[A], group: usize, n: usize) -> &[A] {
    let len = src.len();
    let at = if S::MASKS || len < n { group * n } else { part(len, group, n) };
    &src[at.min(len)..len.min(at + n)]
}

/// Returns all rows of `n` elements; the last two may overlap.
fn rows<A>(src: &[A], n: usize) -> impl Iterator<Item = &[A]> {
    src.chunks_exact(n).chain([&src[src.len() - n..]])
}

/// Loads `src` to registers `R` by every method. `is` says whether a lane holds an element.
pub(super) fn loads<E, R, L, S>(s: S, src: &[E], is: impl Fn(E, L) -> bool)
where
    S: Simd,
    E: Pod + Debug,
    R: Load<S, E>,
    L: AnyBitPattern + Debug,
{
    let n = R::LANES;
    let check = |got: Vec<L>, expected: &[E]| {
        assert_eq!(got.len(), expected.len());
        for (&x, got) in expected.iter().zip(got) {
            assert!(is(x, got), "{x:?} becomes {got:?}");
        }
    };
    for row in rows(src, 4 * n) {
        check(lanes(R::load(s, row)), &row[..n]);
        check(lanes(R::load_step(s, row)), row);
    }
    for len in 0..4 * n {
        let (fill, src) = (src[len], &src[..len]);
        for (group, v) in R::load_part(s, src, fill).into_iter().enumerate() {
            let mut expected = part_of::<S, _>(src, group, n).to_vec();
            expected.resize(n, fill);
            check(lanes(v), &expected);
        }
    }
}

/// Memory aligned to a cache line, which streamed stores need.
#[repr(align(64))]
struct Lines<E>([E; LONGEST_STEP + 1]);

/// Stores `src` by every method, from registers or steps `R`. `is` says whether an element holds a lane.
pub(super) fn stores<E, R, L, S>(s: S, src: &[L], is: impl Fn(L, E) -> bool)
where
    S: Simd,
    E: Pod + Debug,
    R: Store<S, E>,
    L: Pod + Debug,
{
    let guard = bytemuck::pod_read_unaligned::<E>(&[0x5a; 8][..size_of::<E>()]);
    let check = |got: &[E], expected: &[L]| {
        let (got, behind) = got.split_at(expected.len());
        for (&x, &got) in expected.iter().zip(got) {
            assert!(is(x, got), "{x:?} becomes {got:?}");
        }
        assert!(behind.iter().all(|x| bytes_of(x) == bytes_of(&guard)), "{}", expected.len());
    };
    for row in rows(src, R::LANES) {
        let (v, mut dst) = (register::<L, R>(row), Lines([guard; LONGEST_STEP + 1]));
        v.store(s, &mut dst.0);
        check(&dst.0, row);
        dst.0.fill(guard);
        v.stream(s, &mut dst.0);
        s.fence();
        check(&dst.0, row);
    }
    for len in 0..if R::LANES == S::STEP { S::STEP } else { 0 } {
        let (fill, src) = (src[len], &src[..len]);
        let mut step = Vec::new();
        for group in 0..4 {
            step.extend(part_of::<S, _>(src, group, S::LANES));
            step.resize((group + 1) * S::LANES, fill);
        }
        let mut dst = vec![guard; len + 1];
        register::<L, R>(&step).store_part(s, &mut dst[..len]);
        check(&dst, src);
    }
}

fn of_32_bits<T, S: Simd>(s: S) {
    loads::<i32, S::I32, i32, S>(s, &integers::cases(), |a, b| a == b);
    stores::<i32, S::I32, i32, S>(s, &integers::cases(), |a, b| a == b);
}

fn of_codes<Q: Code, P: Store<S, Q>, S: Simd<I32: Load<S, Q>>>(s: S) {
    let all = codes::all_codes::<Q>();
    loads::<Q, S::I32, i32, S>(s, &all, |q, n| q.get(0) == n);
    stores::<Q, P, Q, S>(s, &all, |a, b| a == b);
}

fn of_bytes<Q: Code, S: ByteOps<Q>>(s: S) {
    of_codes::<Q, S::Packed, S>(s);
}

fn of_words<Q: Code, S: WordOps<Q>>(s: S) {
    of_codes::<Q, [S::I16; 2], S>(s);
}

/// Tests that loads convert elements exactly, and that stores round to elements.
fn of_numbers<T, S>(s: S, elements: &[T], numbers: &[T::Compute])
where
    T: Real,
    T::Compute: AnyBitPattern + NoUninit,
    S: Elements<T>,
{
    loads::<T, S::V, T::Compute, S>(s, elements, |x, got| {
        bytes_of(&got) == bytes_of(&x.widen()) || is_nan(got) && is_nan(x.widen())
    });
    let narrowed = |x, got: T| bytes_of(&got) == bytes_of(&T::narrow(x));
    stores::<T, S::V, T::Compute, S>(s, numbers, narrowed);
    stores::<T, [S::V; 4], T::Compute, S>(s, numbers, narrowed);
}

fn of_reals<T: super::floats::Tested + Compute, S: FloatOps<T>>(s: S) {
    of_numbers::<T, S>(s, &with_nans(), &with_nans());
}

/// Tests that stores round numbers between an element and the next: below the middle, in the middle and above it.
#[cfg(feature = "half")]
fn of_halves<T: super::halves::Half, S: Elements<T> + FloatOps<f32>>(s: S) {
    let between = |x: f32, next: f32| {
        let middle = ((f64::from(x) + f64::from(next)) / 2.0) as f32;
        [x, f32::from_bits(middle.to_bits() - 1), middle, f32::from_bits(middle.to_bits() + 1)]
    };
    let all: Vec<T> = (0..=u16::MAX).map(T::of).collect();
    let positive: Vec<f32> =
        all[..1 << 15].iter().map(|x| x.widen()).filter(|x| !is_nan(*x)).collect();
    let mut numbers: Vec<f32> = positive.windows(2).flat_map(|x| between(x[0], x[1])).collect();
    numbers.extend([f32::MAX, f32::INFINITY, 65_519.996, 65_520.0]);
    numbers.extend([f32::MIN_POSITIVE, f32::from_bits(1)]);
    numbers.retain(|x| !is_nan(*x));
    numbers.extend(numbers.clone().iter().map(|x| -x));
    of_numbers::<T, S>(s, &all, &numbers);
}

on_backends! {
    [()] of_32_bits;
    [i8, u8] of_bytes;
    [i16, u16] of_words;
    [f32, f64] of_reals;
}

#[cfg(feature = "half")]
mod half {
    use super::*;
    on_backends! { [::half::f16, ::half::bf16] of_halves; }
}
