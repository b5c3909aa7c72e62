//! The tables `slices/rows` and `slices/blocks`: what an element takes where it is in a slice of every length up to
//! 512, in the second cache; for the `plot` bench to draw. Prints the lengths beyond 16 that take more than 1.5 times
//! as long as a neighbour.

use std::fmt::Write;
use std::time::Instant;

use zeropoint::{Auto, Backend, Granularity, MinMax, QParams, Scheme};

use crate::Request;
use crate::lengths::save;
use crate::rounds::Effort;

const OPERATIONS: [&str; 5] =
    ["quantize", "dequantize", "dynamic asymmetric", "dynamic symmetric", "min_max"];
const LENGTHS: std::ops::RangeInclusive<usize> = 1..=512;
/// About so many elements, in the second cache of every CPU with their codes.
const ELEMENTS: usize = 48 * 1024;
/// The least time of each length counts: other programs must not look like a step.
const SWEEPS: usize = 9;
/// The last block of a row is shorter, but where a length divides this one.
const ROW: usize = 3000;

/// Measures what is wanted, and writes `slices.csv` into cargo's target folder; returns how many tables there were.
pub(crate) fn print(request: &Request) -> usize {
    if !request.filter.starts_with("slices") && request.effort == Effort::Full {
        return 0;
    }
    let wanted = |id: &&str| request.wants(&format!("slices/{id}"));
    let wanted: Vec<_> = ["rows", "blocks"].into_iter().filter(wanted).collect();
    let mut csv = format!("slices,len,{}\n", OPERATIONS.join(","));
    for &id in &wanted {
        let times = measure(id, request.effort);
        for (len, times) in LENGTHS.zip(&times) {
            let times: Vec<_> = times.iter().map(|time| format!("{time:.3}")).collect();
            writeln!(csv, "{id}/f32_u8,{len},{}", times.join(",")).expect("a string takes it");
        }
        if request.effort == Effort::Full {
            print_steps(id, &times);
        }
    }
    if request.effort == Effort::Full && !wanted.is_empty() {
        save("slices.csv", &csv, "nanoseconds an element");
    }
    wanted.len()
}

fn granularity(id: &str, len: usize) -> Granularity {
    let made = match id {
        "rows" => Granularity::row(ELEMENTS.div_ceil(len), len),
        _ => Granularity::block(&[ELEMENTS / ROW, ROW], 1, len),
    };
    made.expect("neither has a length of 0")
}

/// Nanoseconds an element of each operation, for each length.
fn measure(id: &str, effort: Effort) -> Vec<[f64; 5]> {
    let sweeps = if effort == Effort::Full { SWEEPS } else { 1 };
    let mut least = vec![[f64::INFINITY; 5]; LENGTHS.count()];
    for sweep in 1..=sweeps {
        for (len, least) in LENGTHS.zip(&mut least) {
            for (least, time) in least.iter_mut().zip(times(granularity(id, len))) {
                *least = least.min(time);
            }
        }
        eprintln!("slices/{id}: sweep {sweep} of {sweeps}");
    }
    least
}

fn times(granularity: Granularity) -> [f64; 5] {
    let backend = Auto::best();
    let (elements, slices) = (granularity.len(), granularity.slices());
    let x: Vec<f32> = (0..elements).map(|i| (i as f32 * 0.37).sin()).collect();
    let (mut q, mut y) = (vec![0_u8; elements], vec![0.0_f32; elements]);
    let params = vec![QParams::new(0.01, 100).expect("a scale"); slices];
    let mut found = params.clone();
    let mut seen = vec![MinMax::EMPTY; slices];
    let (wide, even) = (Scheme::asymmetric(), Scheme::symmetric());
    [
        time(elements, || backend.quantize_per(granularity, &x, &params[..], &mut q)),
        time(elements, || backend.dequantize_per(granularity, &q, &params[..], &mut y)),
        time(elements, || backend.quantize_dynamic_per(granularity, &x, wide, &mut found, &mut q)),
        time(elements, || backend.quantize_dynamic_per(granularity, &x, even, &mut found, &mut q)),
        time(elements, || backend.min_max_per(granularity, &x, &mut seen)),
    ]
}

/// Times the second and the third call: the first one brings the data into the cache.
fn time<E: std::fmt::Debug>(elements: usize, mut call: impl FnMut() -> Result<(), E>) -> f64 {
    call().expect("the arguments fit");
    let start = Instant::now();
    for _ in 0..2 {
        call().expect("the arguments fit");
    }
    start.elapsed().as_secs_f64() * 1e9 / (2 * elements) as f64
}

fn print_steps(id: &str, times: &[[f64; 5]]) {
    for (i, operation) in OPERATIONS.iter().enumerate() {
        let ratio = |pair: &[[f64; 5]]| (pair[1][i] / pair[0][i]).max(pair[0][i] / pair[1][i]);
        let neighbours = LENGTHS.zip(times.windows(2)).skip(16);
        let steps: Vec<_> = neighbours
            .filter(|(_, pair)| ratio(pair) > 1.5)
            .map(|(len, pair)| format!("{len} {:.3} | {:.3}", pair[0][i], pair[1][i]))
            .collect();
        println!("slices/{id} {operation}: {} steps beyond 1.5: {}", steps.len(), steps.join(", "));
    }
}
