//! Criterion groups `operation/in_out`, benchmarks `contender/len`; see `README.md` beside this.
//!
//! `cargo bench --bench operations -- quantize/f32_u8/avx2/4096` runs one of them.

#[path = "cases/mod.rs"]
mod cases;
#[path = "rivals/mod.rs"]
mod rivals;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};

fn main() {
    println!("zeropoint {}", zeropoint::version());
    cases::check_all();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    for case in cases::all() {
        bench(&mut criterion, &case);
    }
    criterion.final_summary();
}

/// Run once, to see that everything runs, longer slices show nothing new and take a while.
const LONGEST_ONCE: usize = 1 << 20;

/// Length by length, so that all contenders of a length follow each other, on the same buffers.
fn bench(criterion: &mut Criterion, case: &cases::Case) {
    let mut group = criterion.benchmark_group(case.id());
    let once = std::env::args().any(|argument| argument == "--test");
    for len in cases::LENGTHS.into_iter().filter(|len| !once || *len <= LONGEST_ONCE) {
        let elements = len as u64;
        let bytes = (len * case.bits / 8) as u64;
        group.throughput(Throughput::ElementsAndBytes { elements, bytes });
        let mut setup = case.prepare(len);
        for (name, contender) in setup.contenders() {
            group.bench_function(BenchmarkId::new(name, len), |bencher| {
                // The buffers are made now, and not within the first measurement.
                setup.repeat(contender, 0);
                bencher.iter_custom(|times| {
                    let start = Instant::now();
                    setup.repeat(contender, times);
                    start.elapsed()
                });
            });
        }
    }
    group.finish();
}
