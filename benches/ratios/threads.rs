//! The tables `threads/operation/in_out`: from which length on it pays to share a slice.

use zeropoint::{Auto, Backend};

use crate::Request;
use crate::cases::{self, Case};
use crate::rounds::{self, Effort, Track};

/// 4 Ki to 4 Mi elements.
const LENGTHS: std::ops::RangeInclusive<u32> = 12..=22;

/// Prints what is wanted; returns how many tables there were.
pub(crate) fn print(request: &Request) -> usize {
    let wanted = |case: &Case| request.wants(&format!("threads/{}", case.id()));
    let wanted: Vec<_> = cases::all().into_iter().filter(wanted).collect();
    if !wanted.is_empty() {
        print_heading();
    }
    for case in &wanted {
        for exponent in LENGTHS {
            print_length(case, 1 << exponent, request.effort);
        }
    }
    wanted.len()
}

fn print_heading() {
    println!("\nthreads: {}, ns/elem; × one thread", rayon::current_num_threads());
    println!(
        "{:<28} {:>9} {:>10} {:>10} {:>8} {:>10} {:>8}",
        "threads", "len", "one", "outside", "×", "inside", "×"
    );
}

/// One thread, and all of them, called from outside their pool and from inside.
fn print_length(case: &Case, len: usize, effort: Effort) {
    let mut setup = case.prepare(len);
    let (one, all) = match (setup.index(Auto::best().name()), setup.index("parallel")) {
        (Some(one), Some(all)) => (one, all),
        _ => unreachable!("every case has the best backend and threads around it"),
    };
    let tracks = [
        Track { contender: one, inside_pool: false },
        Track { contender: all, inside_pool: false },
        Track { contender: all, inside_pool: true },
    ];
    let times = rounds::medians(&mut *setup, &tracks, effort);
    let [one, outside, inside] = times[..] else { unreachable!("a median for every track") };
    println!(
        "{:<28} {len:>9} {:>10.4} {:>10.4} {:>8.2} {:>10.4} {:>8.2}",
        case.id(),
        one / len as f64,
        outside / len as f64,
        one / outside,
        inside / len as f64,
        one / inside,
    );
}
