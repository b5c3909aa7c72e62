//! The observers: that what they count depends on nothing but the data, and that what they choose is
//! what its definition says.

mod averages;
mod bytes;
mod choices;
mod counts;
mod outliers;
mod per_channel;
#[cfg(feature = "serde")]
mod stored;

use crate::common::floats::{Float, edges};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use zeropoint::observer::{Clip, HistogramObserver};

const CLIPS: [Clip; 6] = [
    Clip::Percentile(100.0),
    Clip::Percentile(99.9),
    Clip::Percentile(50.0),
    Clip::Percentile(f64::MIN_POSITIVE),
    Clip::LeastError,
    Clip::Entropy,
];

fn histogram_of<T: Float>(src: &[T]) -> HistogramObserver<T> {
    let mut observer = HistogramObserver::new();
    observer.observe(src);
    observer
}

/// Numbers of about one magnitude, numbers of any bits, and edges.
fn any_data<T: Float>() -> impl Strategy<Value = Vec<T>> {
    let number = prop_oneof![
        6 => (-3.0..3.0_f64).prop_map(T::of),
        1 => any::<u64>().prop_map(T::from_raw),
        1 => proptest::sample::select(edges::<T>()),
    ];
    let far = prop_oneof![Just(1.0), Just(1e-40), Just(1e30)];
    (vec(number, 0..600_usize), far).prop_map(|(mut src, far)| {
        src.iter_mut().for_each(|x| *x = *x * T::of(far));
        src
    })
}

/// Like [`any_data`], without NaN and infinities.
fn finite_data<T: Float>() -> impl Strategy<Value = Vec<T>> {
    any_data().prop_map(|mut src: Vec<T>| {
        src.retain(|x| x.finite());
        src
    })
}

/// Numbers from 0 to 1, always the same.
fn uniform() -> impl FnMut() -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

/// Sums of sixteen uniform numbers: about normal, the standard deviation about 1.15 times `scale`.
fn bell(len: usize, scale: f64) -> Vec<f32> {
    let mut uniform = uniform();
    (0..len).map(|_| ((0..16).map(|_| uniform() - 0.5).sum::<f64>() * scale) as f32).collect()
}
