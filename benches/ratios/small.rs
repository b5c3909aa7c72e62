//! The tables `small/operation/in_out`: what a call on a short slice takes.

use zeropoint::{Auto, Backend};

use crate::Request;
use crate::cases::{self, Case};
use crate::rounds::{self, Effort, Track};

const LENGTHS: [usize; 20] =
    [1, 2, 4, 8, 16, 24, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 192, 255, 256];

/// Prints what is wanted; returns how many tables there were.
pub(crate) fn print(request: &Request) -> usize {
    let wanted = |case: &Case| request.wants(&format!("small/{}", case.id()));
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

/// The best backend, chosen before; the free function, which looks the choice up itself; the loop.
fn print_length(case: &Case, len: usize, effort: Effort) {
    let mut setup = (case.prepare)(len);
    let tracks: Vec<_> = [Auto::best().name(), "free", "plain"]
        .iter()
        .filter_map(|name| setup.index(name))
        .map(|contender| Track { contender, inside_pool: false })
        .collect();
    let times = rounds::medians(&mut *setup, &tracks, effort);
    let [best, free, plain] = times[..] else { unreachable!("every case has all three") };
    println!("{:<28} {len:>9} {best:>10.2} {free:>14.2} {plain:>10.2}", case.id());
}
