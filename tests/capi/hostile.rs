//! What a C program may do wrong, with every pointer of every operation: a status, and nothing written.

use std::ptr::null_mut;

use zeropoint::Granularity;
use zeropoint::capi::{CGranularity, Status};

use crate::all::{all, cases, flat, pointers};
use crate::common::abi::outcome;
use crate::operation::{Case, Len, Memory, Operation, Slot, memories};

const OK: Status = Status(0);
const NULL: Status = Status(1);
const MISALIGNED: Status = Status(2);
const OVERLAP: Status = Status(3);
const LENGTH_OVERFLOW: Status = Status(4);

/// Calls with other pointers, which must be refused so, and must not write.
fn refused(
    operation: &Operation,
    case: &Case,
    what: &str,
    expected: Status,
    change: impl Fn(&mut [*mut u8]),
) {
    let mut memories = memories(operation, case, 1);
    let before = memories.clone();
    let mut pointers = pointers(&mut memories);
    change(&mut pointers);
    let status = (operation.call)(&pointers, case);
    assert_eq!(status, expected, "{}: {what}", operation.name);
    let same = |(a, b): (&Memory, &Memory)| a.everything() == b.everything();
    assert!(memories.iter().zip(&before).all(same), "{}: {what} wrote", operation.name);
}

/// A case in which all buffers have elements, and all is well.
fn case(operation: &Operation) -> Case {
    let case = cases()[2];
    let case = if operation.is_per_slice() { case } else { flat(&case, 20) };
    // Whatever is computed fits.
    Case { special: false, zero_point: 0, codes: (0, 1), ..case }
}

fn bytes(slot: &Slot, case: &Case) -> usize {
    slot.elements(case) * slot.size
}

#[test]
fn null_is_refused() {
    for operation in all() {
        let case = case(&operation);
        for (i, slot) in operation.slots.iter().enumerate().filter(|(_, slot)| !slot.may_be_null) {
            // Zero points may be left out where a scheme has none.
            if slot.argument == "zero_points" {
                continue;
            }
            refused(&operation, &case, slot.argument, NULL, |pointers| pointers[i] = null_mut());
        }
    }
}

#[test]
fn misaligned_is_refused() {
    for operation in all() {
        let case = case(&operation);
        for (i, slot) in operation.slots.iter().enumerate().filter(|(_, slot)| slot.align > 1) {
            refused(&operation, &case, slot.argument, MISALIGNED, |pointers| {
                pointers[i] = pointers[i].wrapping_add(slot.align / 2);
            });
        }
    }
}

#[test]
fn overlap_is_refused() {
    for operation in all() {
        let case = case(&operation);
        let slots = &operation.slots;
        for (i, output) in slots.iter().enumerate().filter(|(_, slot)| slot.is_output) {
            for (j, other) in slots.iter().enumerate().filter(|(j, _)| *j != i) {
                let what = format!("{} over {}", output.argument, other.argument);
                // The same start, unless that is what may be; and the last bytes of the other one.
                let in_place = operation.name.contains("fake")
                    && (output.argument, other.argument) == ("dst", "src");
                if !in_place {
                    refused(&operation, &case, &what, OVERLAP, |p| p[i] = p[j]);
                }
                let step = output.align.max(other.align);
                let last = bytes(other, &case).saturating_sub(1) / step * step;
                if last > 0 {
                    refused(&operation, &case, &what, OVERLAP, |p| p[i] = p[j].wrapping_add(last));
                }
            }
        }
    }
}

#[test]
fn a_length_beyond_memory_is_refused() {
    for operation in all() {
        let case = case(&operation);
        if !operation.slots.iter().any(|slot| slot.len == Len::N) {
            continue;
        }
        for n in [usize::MAX, usize::MAX / 2 + 1] {
            let case = Case { n, dst_n: n, ..case };
            // Codes are fewer bytes; the shape says how many there may be.
            let expected =
                if operation.name.contains("zp_sum_per") { Status(23) } else { LENGTH_OVERFLOW };
            let mut memory = Memory::new(1 << 12);
            let pointers: Vec<_> =
                (0..operation.slots.len()).map(|i| memory.pointer().wrapping_add(i << 9)).collect();
            let status = (operation.call)(&pointers, &case);
            assert_eq!(status, expected, "{} of {n}", operation.name);
        }
    }
}

#[test]
fn nothing_may_be_null() {
    for operation in all() {
        if !operation.slots.iter().any(|slot| slot.len == Len::N) {
            continue;
        }
        let case = flat(&case(&operation), 0);
        let mut memories = memories(&operation, &case, 1);
        let mut pointers = pointers(&mut memories);
        for (slot, pointer) in operation.slots.iter().zip(&mut pointers) {
            if matches!(slot.len, Len::N | Len::DstN) {
                *pointer = null_mut();
            }
        }
        let status = (operation.call)(&pointers, &case);
        let of_nothing =
            ["abs_max", "dynamic", "error"].iter().any(|name| operation.name.contains(name));
        let expected = if of_nothing { Status(20) } else { OK };
        assert_eq!(status, expected, "{}", operation.name);
    }
}

/// Nor the parameters of no slices, whatever the scheme.
#[test]
fn no_slices_may_be_null() {
    let granularity = Granularity::row(0, 5).unwrap();
    for operation in all().iter().filter(|operation| operation.is_per_slice()) {
        for case in cases() {
            let c_granularity = CGranularity { kind: 2, shape: [1, 0, 1, 5], ..case.c_granularity };
            let case = Case { n: 0, dst_n: 0, granularity, c_granularity, slices: 0, ..case };
            let case = Case { codes: (0, 1), ..case };
            let mut memories = memories(operation, &case, 1);
            let mut pointers = pointers(&mut memories);
            for (slot, pointer) in operation.slots.iter().zip(&mut pointers) {
                if slot.len != Len::One {
                    *pointer = null_mut();
                }
            }
            let status = (operation.call)(&pointers, &case);
            let expected = (operation.reference)(&mut memories, &case);
            assert_eq!(outcome(status), expected, "{} {case:?}", operation.name);
        }
    }
}

#[test]
fn what_may_be_null() {
    for operation in all() {
        let case = case(&operation);
        for (i, _) in operation.slots.iter().enumerate().filter(|(_, slot)| slot.may_be_null) {
            let mut memories = memories(&operation, &case, 1);
            let mut pointers = pointers(&mut memories);
            pointers[i] = null_mut();
            let status = (operation.call)(&pointers, &case);
            assert_eq!(status, OK, "{}", operation.name);
        }
    }
}
