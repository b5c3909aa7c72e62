//! The C ABI: sequences of calls with whatever lengths, pointers, shapes and parameters.
#![expect(unsafe_code, reason = "this is what a C program does")]

mod call;
mod granularity;
mod observer;
mod others;
mod places;

use arbitrary::{Result, Unstructured};

/// Calls, one after the other: messages, pools and what is cached stay from one to the next.
pub fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    for _ in 0..8 {
        // Bytes that end early are zeros, or end the sequence.
        if u.is_empty() || step(&mut u).is_err() {
            break;
        }
    }
}

/// Observers, one after the other.
pub(crate) fn observers(data: &[u8]) {
    let mut u = Unstructured::new(data);
    while !u.is_empty() && observer::run(&mut u).is_ok() {}
}

fn step(u: &mut Unstructured) -> Result<()> {
    match u.arbitrary::<u8>()? {
        0..=7 => others::message(u),
        8 => others::pool(u),
        9..=23 => granularity::refused(u),
        24..=55 => observer::run(u),
        _ => call::run(u),
    }
}
