//! Slices with parameters of their own: every shape, axis, block, type and backend against the
//! contract's formulas, element by element, with the slice of each found by index arithmetic.

mod common;

use std::fmt::Debug;

use common::cases::Numbers;
use common::contract::Plain;
#[cfg(feature = "rayon")]
use common::effort;
use common::floats::Float;
use common::{backends, for_random, same};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use zeropoint::{Backend, Code, Granularity, I2x4, I4x2, MinMax, QParams, Real, U2x4, U4x2};

/// Data, with conversions that are not the crate's.
trait Data: Real<Compute: Float> {
    fn of(x: Self::Compute) -> Self;
    fn wide(self) -> Self::Compute;
}

macro_rules! data {
    ($($T:ty: $of:expr, $wide:expr;)+) => {$(
        impl Data for $T {
            fn of(x: Self::Compute) -> Self {
                $of(x)
            }
            fn wide(self) -> Self::Compute {
                $wide(self)
            }
        }
    )+};
}
data! { f32: |x| x, |x| x; f64: |x| x, |x| x; }
#[cfg(feature = "half")]
data! {
    half::f16: half::f16::from_f32, half::f16::to_f32;
    half::bf16: half::bf16::from_f32, half::bf16::to_f32;
}

/// Codes, packed by the public constructors.
trait Packing: Code {
    fn packed(codes: &[i32]) -> Vec<Self>;
}

macro_rules! packing {
    ($($Q:ty),+; $($P:ty: $n:literal of $Byte:ty),+) => {
        $(impl Packing for $Q {
            fn packed(codes: &[i32]) -> Vec<Self> {
                codes.iter().map(|q| <$Q>::try_from(*q).unwrap()).collect()
            }
        })+
        $(impl Packing for $P {
            fn packed(codes: &[i32]) -> Vec<Self> {
                let element = |codes: &[i32]| {
                    let code = |i: usize| codes.get(i).map_or(0, |q| <$Byte>::try_from(*q).unwrap());
                    <$P>::new(std::array::from_fn(code))
                };
                codes.chunks($n).map(element).collect()
            }
        })+
    };
}
packing!(i8, u8, i16, u16; I4x2: 2 of i8, U4x2: 2 of u8, I2x4: 4 of i8, U2x4: 4 of u8);

/// A tensor's shape and how it is divided; the rest is made of random words.
#[derive(Clone, Debug)]
struct Case {
    shape: Vec<usize>,
    axis: usize,
    /// 0: a channel.
    block: usize,
    /// Whether parameters are beyond the guard of the reciprocal too.
    wild: bool,
    seed: u64,
}

impl Case {
    fn granularity(&self) -> Granularity {
        match self.block {
            0 => Granularity::channel(&self.shape, self.axis).unwrap(),
            block => Granularity::block(&self.shape, self.axis, block).unwrap(),
        }
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The shape of the parameters' tensor, and each element's place in it.
    fn slices(&self) -> (usize, Vec<usize>) {
        let mut shape = self.shape.clone();
        match self.block {
            0 => shape = vec![self.shape[self.axis]],
            block => shape[self.axis] = shape[self.axis].div_ceil(block),
        }
        let slice = |element: usize| {
            let (mut rest, mut index) = (element, vec![0; self.shape.len()]);
            for d in (0..index.len()).rev() {
                index[d] = rest % self.shape[d];
                rest /= self.shape[d];
            }
            if self.block == 0 {
                return index[self.axis];
            }
            index[self.axis] /= self.block;
            index.iter().zip(&shape).fold(0, |slice, (i, n)| slice * n + i)
        };
        (shape.iter().product(), (0..self.len()).map(slice).collect())
    }

    /// Random words, of a kind for each salt.
    fn word(&self, salt: u64, i: usize) -> u64 {
        let mut x = self.seed ^ (salt << 56) ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for multiplier in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            x = (x ^ (x >> 29)).wrapping_mul(multiplier);
        }
        x ^ (x >> 32)
    }

    fn params<T: Float, Q: Code>(&self, slice: usize) -> QParams<T, Q> {
        let word = self.word(1, slice);
        // Sixteen bits for each choice.
        let [a, b, c, d] = [0, 16, 32, 48].map(|shift| (word >> shift) as u16);
        let beyond = self.wild && a % 4 == 0;
        let exponent = if beyond { i32::from(b % 250) - 125 } else { i32::from(b % 19) - 12 };
        let scale = T::of((1.0 + f64::from(c) / 65536.0) * 2.0_f64.powi(exponent));
        let within = Q::MIN + i32::from(d) % (Q::MAX - Q::MIN + 1);
        let zero_point = match a / 4 % 8 {
            0 => 0,
            1 if self.wild => [3001, -3000, 1 << 24, -1 << 24, 1 << 20, 70_000][d as usize % 6],
            2 => i32::from(d) % 6001 - 3000,
            _ => within,
        };
        let (qmin, qmax) = match a / 32 % 4 {
            0 => (within, Q::MAX),
            1 => (Q::MIN + 1, Q::MAX),
            _ => (Q::MIN, Q::MAX),
        };
        QParams::with_codes(scale, zero_point, qmin, qmax).unwrap()
    }
}

fn any_case() -> impl Strategy<Value = Case> {
    let dimension = prop_oneof![6 => 1..=9_usize, 3 => 10..=70_usize, 1 => 120..=600_usize];
    let shape = vec(dimension, 1..=4)
        .prop_filter("too large", |shape: &Vec<usize>| shape.iter().product::<usize>() <= 20_000);
    let block = prop_oneof![2 => 0..=0_usize, 2 => 1..=5_usize, 1 => 6..=100_usize];
    (shape, any::<usize>(), block, any::<bool>(), any::<u64>()).prop_map(
        |(shape, axis, block, wild, seed)| {
            let axis = axis % shape.len();
            Case { shape, axis, block, wild, seed }
        },
    )
}

/// `src` of a case, its parameters, the slices of its elements, and its codes by definition.
struct Expected<T: Data, Q> {
    src: Vec<T>,
    params: Vec<QParams<T::Compute, Q>>,
    slices: Vec<usize>,
    codes: Vec<Q>,
    numbers: Vec<T>,
}

fn expected<T: Data, Q: Packing>(case: &Case) -> Expected<T, Q> {
    let (count, slices) = case.slices();
    let params: Vec<QParams<T::Compute, Q>> = (0..count).map(|i| case.params(i)).collect();
    let data: Vec<_> = params.iter().map(Numbers::around).collect();
    let plain: Vec<_> = params.iter().map(Plain::of).collect();
    let src: Vec<T> = (slices.iter().enumerate())
        .map(|(i, slice)| T::of(data[*slice].number(case.word(2, i))))
        .collect();
    let codes: Vec<i32> =
        src.iter().zip(&slices).map(|(x, slice)| plain[*slice].quantize(x.wide())).collect();
    let numbers =
        codes.iter().zip(&slices).map(|(q, slice)| T::of(plain[*slice].dequantize(*q))).collect();
    Expected { src, params, slices, codes: Q::packed(&codes), numbers }
}

/// Elements around what is written, that no call may touch: 7 behind, and before it as many as move
/// it to any place of a cache line.
fn guarded<X: bytemuck::Pod>(
    before: usize,
    len: usize,
    work: impl FnOnce(&mut [X]),
) -> Result<Vec<X>, String> {
    let mut room = vec![X::zeroed(); before + len + 7];
    // As bytes, so that a pattern is one for every type.
    bytemuck::cast_slice_mut::<X, u8>(&mut room).fill(0xa5);
    work(&mut room[before..before + len]);
    let inside = room[before..before + len].to_vec();
    let (front, back) = (&room[..before], &room[before + len..]);
    let outside = front.iter().chain(back).flat_map(bytemuck::bytes_of);
    match outside.copied().all(|byte| byte == 0xa5) {
        true => Ok(inside),
        false => Err(format!("written outside of {len} elements at {before}")),
    }
}

fn first_difference<X: bytemuck::Pod + Debug>(
    what: &str,
    got: &[X],
    expected: &[X],
) -> Result<(), String> {
    let differ = |(a, b): (&X, &X)| bytemuck::bytes_of(a) != bytemuck::bytes_of(b);
    same(&format!("{what}: length"), got.len(), expected.len())?;
    match got.iter().zip(expected).position(differ) {
        None => Ok(()),
        Some(i) => Err(format!("{what}: element {i} is {:?}, not {:?}", got[i], expected[i])),
    }
}

fn check<T: Data, Q: Packing>(
    backend: impl Backend,
    case: &Case,
    all: &Expected<T, Q>,
) -> Result<(), String> {
    let Expected { src, params, slices, codes, numbers } = all;
    let granularity = case.granularity();
    same("slices", granularity.slices(), params.len())?;
    let before = (case.seed % 65) as usize;
    let name = format!("{} {backend:?}", std::any::type_name::<(T, Q)>());
    let q = guarded(before, codes.len(), |dst| {
        backend.quantize_per(granularity, src, &params[..], dst).unwrap();
    })?;
    first_difference(&format!("{name}: quantize"), &q, codes)?;
    let x = guarded(before, numbers.len(), |dst| {
        backend.dequantize_per(granularity, codes, &params[..], dst).unwrap();
    })?;
    first_difference(&format!("{name}: dequantize"), &x, numbers)?;
    let x = guarded(before, numbers.len(), |dst| {
        backend.fake_quantize_per(granularity, src, &params[..], dst).unwrap();
    })?;
    first_difference(&format!("{name}: fake_quantize"), &x, numbers)?;
    let x = guarded(before, numbers.len(), |x| {
        x.copy_from_slice(src);
        backend.fake_quantize_in_place_per(granularity, x, &params[..]).unwrap();
    })?;
    first_difference(&format!("{name}: fake_quantize_in_place"), &x, numbers)?;

    let mut seen = vec![MinMax::EMPTY; params.len()];
    backend.min_max_per(granularity, src, &mut seen).unwrap();
    let mut least = vec![(f64::INFINITY, f64::NEG_INFINITY, false); params.len()];
    for (x, slice) in src.iter().zip(slices) {
        let (x, (min, max, nan)) = (x.wide().as_f64(), &mut least[*slice]);
        // Adding 0 makes −0 a 0.
        (*min, *max, *nan) = (min.min(x) + 0.0, max.max(x) + 0.0, *nan | x.is_nan());
    }
    let seen: Vec<_> = (seen.iter())
        .map(|s| (s.min.as_f64().to_bits(), s.max.as_f64().to_bits(), s.has_nan))
        .collect();
    let least: Vec<_> = least.iter().map(|s| (s.0.to_bits(), s.1.to_bits(), s.2)).collect();
    same(&format!("{name}: min_max"), seen, least)
}

fn on_every_backend<T: Data, Q: Packing>(case: &Case) -> Result<(), String> {
    let all = expected::<T, Q>(case);
    for backend in backends() {
        check(backend, case, &all)?;
    }
    Ok(())
}

fn of_every_code_type<T: Data>() {
    for_random(150, any_case(), |case| {
        on_every_backend::<T, i8>(&case)?;
        on_every_backend::<T, u8>(&case)?;
        match case.seed % 6 {
            0 => on_every_backend::<T, i16>(&case),
            1 => on_every_backend::<T, u16>(&case),
            2 => on_every_backend::<T, I4x2>(&case),
            3 => on_every_backend::<T, U4x2>(&case),
            4 => on_every_backend::<T, I2x4>(&case),
            _ => on_every_backend::<T, U2x4>(&case),
        }
    });
}

#[test]
fn f32_by_slices_is_the_definition() {
    of_every_code_type::<f32>();
}

#[test]
fn f64_by_slices_is_the_definition() {
    of_every_code_type::<f64>();
}

#[test]
#[cfg(feature = "half")]
fn sixteen_bits_by_slices_are_the_definition() {
    of_every_code_type::<half::f16>();
    of_every_code_type::<half::bf16>();
}

/// Long enough for threads, whose pieces begin anywhere in a row.
#[test]
#[cfg(feature = "rayon")]
fn many_threads_by_slices_are_the_definition() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let shapes: &[(&[usize], usize, usize)] = &[
        (&[700, 301], 1, 0),
        (&[700, 301], 0, 0),
        (&[70, 3001], 0, 32),
        (&[70, 3001], 1, 0),
        (&[9, 5, 5000], 1, 2),
        (&[6000, 7, 5], 1, 0),
        (&[3, 70_001], 0, 2),
    ];
    let shapes = if effort() < 100.0 { &shapes[..1] } else { shapes };
    for (seed, (shape, axis, block)) in shapes.iter().enumerate() {
        for wild in [false, true] {
            let case =
                Case { shape: shape.to_vec(), axis: *axis, block: *block, wild, seed: seed as u64 };
            let bytes = expected::<f32, i8>(&case);
            let words = expected::<f32, u16>(&case);
            let halves = expected::<f32, U4x2>(&case);
            for backend in backends() {
                let parallel = zeropoint::Parallel::new(backend);
                pool.install(|| {
                    check(parallel, &case, &bytes).unwrap();
                    check(parallel, &case, &words).unwrap();
                    check(parallel, &case, &halves).unwrap();
                });
            }
        }
    }
}
