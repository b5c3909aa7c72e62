//! The table `scorecard`, as markdown, is the first thing to run on a new CPU: one backend at four
//! sizes, beside its limit and the best of its rivals.
//!
//! `scorecard/avx2` measures a backend that is not the best one; `scorecard/quantize/` and
//! `scorecard/avx2/quantize/` measure a part.

use std::collections::BTreeMap;
use std::fmt::Write;

use zeropoint::{Auto, Backend};

use crate::cases::{self, Case};
use crate::lengths::save;
use crate::measured::{Measured, figure};
use crate::numbers::short;
use crate::rounds::Effort;
use crate::{Request, machine, stop};

/// The verdict that must not be overlooked.
const BEHIND: &str = "**behind**";

const BACKENDS: [&str; 5] = ["scalar", "portable", "avx2", "avx512", "neon"];

/// Lengths for CPUs with some 32 KiB, 1 MiB and 32 MiB of cache.
const SIZES: [(usize, &str); 4] =
    [(4 << 10, "L1"), (64 << 10, "L2"), (1 << 20, "L3"), (16 << 20, "memory")];

/// Run once, to see that everything runs, longer slices show nothing new and take a while.
const LONGEST_ONCE: usize = 64 << 10;

/// The length at which the codes of inexact rivals are compared with ours.
const COMPARED: usize = 64 << 10;

const CASES: [&str; 30] = [
    "min_max/f32_f32",
    "abs_max/f32_f32",
    "quantize/f32_u8",
    "quantize/f32_i8_symmetric",
    "dequantize/u8_f32",
    "dequantize/i8_f32",
    "quantize_dynamic/f32_u8",
    "quantize_dynamic_per/f32_u8_rows_256",
    "quantize_dynamic_per/f32_u8_rows_1024",
    "quantize_dynamic_per/f32_u8_rows",
    "quantize_dynamic_per/f32_i8_rows_256",
    "quantize_dynamic_per/f32_i8_rows_1024",
    "quantize_dynamic_per/f32_i8_rows",
    "quantize_dynamic_per/f16_u8_rows_1024",
    "quantize_per/f32_u8_rows",
    "quantize_per/f32_u8_columns",
    "min_max_per/f32_f32_columns",
    "quantize_dynamic_per/f32_i8_blocks_32",
    "quantize_dynamic_per/f32_i4_blocks_32",
    "dequantize_per/i8_f32_blocks_32_symmetric",
    "dequantize_per/i4_f32_blocks_32_symmetric",
    "requantize/i32_u8",
    "requantize/i32_u8_fixed",
    "requantize_per/i32_u8_columns",
    "sum_per/i8_i64_rows",
    "sum_per/u8_i64_rows",
    "quantize_with_sums/f32_i8_rows",
    "fake_quantize/f32_f32",
    "quantize/f16_i8",
    "quantize/bf16_i8",
];

/// The state that all rows share.
struct Scorecard {
    backend: &'static str,
    effort: Effort,
    /// The number of rows with each verdict.
    verdicts: BTreeMap<&'static str, usize>,
    /// The rows, for the `plot` bench.
    csv: String,
}

/// Prints what is wanted; returns how many operations and lengths there were.
///
/// The other tables hold some of this, so it is printed only if the filter begins with its name.
pub(crate) fn print(request: &Request) -> usize {
    let filter = request.filter.strip_prefix("scorecard");
    let Some(filter) = filter.or((request.effort == Effort::Once).then_some(&request.filter))
    else {
        return 0;
    };
    let (backend, filter) = backend_and_filter(filter);
    let longest = if request.effort == Effort::Full { usize::MAX } else { LONGEST_ONCE };
    let mut cases = cases::all();
    cases.retain(|case| CASES.contains(&&case.id()[..]));
    cases.sort_by_key(|case| CASES.iter().position(|id| *id == case.id()));
    let wanted = |case: &Case, len: usize| {
        len <= longest && format!("/{}/{len}", case.id()).contains(filter)
    };
    cases.retain(|case| SIZES.into_iter().any(|(len, _)| wanted(case, len)));
    if cases.is_empty() {
        return 0;
    }
    print_heading(backend);
    let csv = format!("operation,len,{backend},limit,rival,name\n");
    let mut card = Scorecard { backend, effort: request.effort, verdicts: BTreeMap::new(), csv };
    for case in &cases {
        for (len, level) in SIZES.into_iter().filter(|(len, _)| wanted(case, *len)) {
            card.print_row(case, len, level);
        }
    }
    card.print_verdicts();
    print_differences(&cases, backend);
    // A single run measures nothing.
    if request.effort == Effort::Full {
        save("scorecard.csv", &card.csv, "nanoseconds an element");
    }
    cases.len()
}

/// The backend that the filter begins with, the one that the environment names, or the best; and
/// the rest of the filter.
fn backend_and_filter(filter: &str) -> (&'static str, &str) {
    let named = filter.strip_prefix('/').and_then(|filter| {
        let name = BACKENDS.into_iter().find(|name| filter.split('/').next() == Some(name))?;
        Some((name, &filter[name.len()..]))
    });
    match named {
        Some((name, _)) if Auto::available().all(|auto| auto.name() != name) => {
            stop(&format!("this CPU has no backend {name}"))
        }
        Some(named) => named,
        None => match Auto::detect() {
            Ok(auto) => (auto.name(), filter),
            Err(wrong) => stop(&wrong),
        },
    }
}

/// Says whether a contender is a rival: it uses the same instruction set, or chooses one for itself.
fn is_rival(name: &str, backend: &str) -> bool {
    match name {
        _ if name.starts_with("limit_") => false,
        "plain" => true,
        "rten" | "rten_one_unit" => backend == Auto::best().name(),
        _ => name.ends_with(&format!("_{backend}")),
    }
}

fn is_limit(name: &str, backend: &str) -> bool {
    name.starts_with("limit_") && name.ends_with(&format!("_{backend}"))
}

fn print_heading(backend: &str) {
    let available: Vec<_> = Auto::available().map(|auto| auto.name()).collect();
    println!("\n{}\n", machine::line());
    println!("* Caches: {}. CPU features: {}.", machine::caches(), machine::features());
    println!("* Backends here: {}. Measured, on one thread: **{backend}**.", available.join(", "));
    if !["avx2", "avx512"].contains(&backend) {
        println!("* No rival but the plain loop and no limit is written for this backend.");
    } else if backend != Auto::best().name() {
        println!("* Missing: rten, which always uses the best instructions of the CPU.");
    }
    if cfg!(not(feature = "half")) {
        println!("* Missing: f16 and bf16, which need `cargo bench --features half`.");
    }
    println!(
        "* Missing: XNNPACK, FBGEMM and ONNX Runtime, which are not built here. Rivals other than \
         `plain` and `rten` are stand-ins, written by hand in the manner of their loops.\n\
         * Missing: the blocks of GGUF files, beside ggml and candle: \
         `cd benches/ggml && cargo run --release --features candle -- scorecard`.\n\
         * No rival is written for columns of floats, dynamic blocks and fixed-point multipliers.\n"
    );
    println!(
        "| operation | elements | ns/element | limit | × limit | best rival | its ns/element \
         | ours/rival | |"
    );
    println!("|---|--:|--:|--:|--:|---|--:|--:|---|");
}

impl Scorecard {
    fn print_row(&mut self, case: &Case, len: usize, level: &str) {
        let backend = self.backend;
        let measured = Measured::new(case, len, self.effort, |name| {
            name == backend || is_limit(name, backend) || is_rival(name, backend)
        });
        let Some(time) = measured.fastest(|name| name == backend) else { return };
        let limit = measured.fastest(|name| is_limit(name, backend));
        let rival = measured.best(|name| is_rival(name, backend));
        let ratio = rival.map(|(_, rival)| time / rival);
        let verdict = match ratio {
            Some(ratio) if ratio <= 0.97 => "won",
            Some(ratio) if ratio <= 1.03 => "level",
            Some(_) => BEHIND,
            None => "no rival",
        };
        *self.verdicts.entry(verdict).or_default() += 1;
        let id = case.id();
        let rival_name = rival.map_or("", |(name, _)| name);
        let [limit_time, rival_time] = [limit, rival.map(|(_, time)| time)].map(|x| figure(x, 4));
        println!(
            "| {id} | {level} {} | {time:.4} | {limit_time} | {} | {rival_name} | {rival_time} \
             | {} | {verdict} |",
            short(len as u64),
            figure(limit.map(|limit| time / limit), 2),
            figure(ratio, 2),
        );
        writeln!(self.csv, "{id},{len},{time:.4},{limit_time},{rival_time},{rival_name}")
            .expect("a string takes it");
    }

    fn print_verdicts(&self) {
        let rows = |verdict| self.verdicts.get(verdict).copied().unwrap_or_default();
        let [won, level, behind, rest] = ["won", "level", BEHIND, "no rival"].map(rows);
        println!("\n{won} won, {level} level, {behind} behind, {rest} without a rival.");
        println!(
            "\n× limit: over the fastest kernel of the same instruction set that only moves the bytes. \
             Won: at most .97 of the best rival's time; level: at most 1.03."
        );
    }
}

/// Says by how much inexact rivals differ from ours, on the data that are measured.
fn print_differences(cases: &[Case], backend: &str) {
    println!("\nElements of {} that a rival computes differently:\n", short(COMPARED as u64));
    let mut all_equal = true;
    for case in cases {
        let setup = case.prepare(COMPARED);
        let ours = setup.index(backend).expect("every backend does everything");
        for (name, rival) in setup.contenders() {
            if is_rival(&name, backend) {
                let (differing, most) = setup.difference(ours, rival);
                if differing > 0 {
                    println!("* {}, {name}: {differing}, by {most} at most", case.id());
                    all_equal = false;
                }
            }
        }
    }
    if all_equal {
        println!("* none");
    }
}
