//! The tables `ratios/operation/in_out/len`: every contender, and its ratio to three of them.

use crate::Request;
use crate::cases::{self, Case};
use crate::measured::Measured;
use crate::rounds::Effort;

/// Run once, to see that everything runs, longer slices show nothing new and take a while.
const LONGEST_ONCE: usize = 1 << 20;

/// Prints what is wanted; returns how many tables there were.
pub(crate) fn print(request: &Request) -> usize {
    let mut printed = 0;
    for case in cases::all() {
        for len in cases::LENGTHS {
            let wanted = request.wants(&format!("ratios/{}/{len}", case.id()));
            let worth_it = request.effort == Effort::Full || len <= LONGEST_ONCE;
            if wanted && worth_it {
                if printed == 0 {
                    print_heading();
                }
                print_length(&case, len, request.effort);
                printed += 1;
            }
        }
    }
    printed
}

fn print_heading() {
    println!(
        "\n{:<28} {:>9} {:<20} {:>9} {:>8} {:>8} {:>8} {:>8}",
        "ratios", "len", "contender", "ns/elem", "GB/s", "/limit", "/plain", "/divps"
    );
}

/// One row for each contender.
///
/// The limit is the fastest of the limits; the division is that of the contender's instruction set,
/// or else the fastest.
fn print_length(case: &Case, len: usize, effort: Effort) {
    let measured = Measured::new(case, len, effort, |_| true);
    let fastest = |prefix: &str| measured.fastest(|name| name.starts_with(prefix));
    let (limit, plain) = (fastest("limit_"), fastest("plain"));
    for (name, &time) in measured.names.iter().zip(&measured.times) {
        let isa = name.rsplit('_').next().unwrap_or(name);
        let divps = fastest(&format!("divps_{isa}")).or(fastest("divps_"));
        println!(
            "{:<28} {len:>9} {name:<20} {:>9.4} {:>8.2} {} {} {}",
            case.id(),
            time,
            case.bits as f64 / 8.0 / time,
            ratio(time, limit),
            ratio(time, plain),
            ratio(time, divps),
        );
    }
}

/// Formats `time` over `reference` for a column of its own.
fn ratio(time: f64, reference: Option<f64>) -> String {
    match reference {
        Some(reference) => format!("{:>8.3}", time / reference),
        None => format!("{:>8}", "-"),
    }
}
