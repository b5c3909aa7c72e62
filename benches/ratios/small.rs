//! The tables `small/operation/in_out`: what a call on a short slice takes.

use zeropoint::{Auto, Backend};

use crate::Request;
use crate::cases::{self, Case};
use crate::rounds::{self, Effort, Track};

const LENGTHS: [usize; 20] =
    [1, 2, 4, 8, 16, 24, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 192, 255, 256];

/// Prints what is wanted; returns how many tables there were.
pub(crate) fn print(request: &Request) -> usize {
    let has_all = |case: &Case| {
        let setup = case.prepare(1);
        setup.index("free").is_some() && setup.index("plain").is_some()
    };
    let wanted = |case: &Case| request.wants(&format!("small/{}", case.id())) && has_all(case);
    let wanted: Vec<_> = cases::all().into_iter().filter(wanted).collect();
    if !wanted.is_empty() {
        println!(
            "\n{:<28} {:>9} {:>10} {:>14} {:>10}",
            "small", "len", "ns/call", "free function", "plain"
        );
    }
    for case in &wanted {
        for len in LENGTHS {
            print_length(case, len, request.effort);
        }
    }
    wanted.len()
}

fn print_length(case: &Case, len: usize, effort: Effort) {
    let [best, free, plain] = medians(case, len, effort);
    println!("{:<28} {len:>9} {best:>10.2} {free:>14.2} {plain:>10.2}", case.id());
}

/// Nanoseconds a call of the best backend, chosen before; the free function, which looks the choice up
/// itself; the loop.
pub(crate) fn medians(case: &Case, len: usize, effort: Effort) -> [f64; 3] {
    let mut setup = case.prepare(len);
    let tracks = [Auto::best().name(), "free", "plain"].map(|name| Track {
        contender: setup.index(name).expect("no case is asked for that has not all three"),
        inside_pool: false,
    });
    let times = rounds::medians(&mut *setup, &tracks, effort);
    [times[0], times[1], times[2]]
}
