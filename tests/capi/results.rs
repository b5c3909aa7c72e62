//! Every function of the list, and that what it returns and writes is the scalar reference's.

use std::collections::BTreeSet;

use zeropoint::capi::{Status, exports};

use crate::all::{OTHERS, all, cases, flat, pointers};
use crate::common::abi::outcome;
use crate::operation::memories;

#[test]
fn they_are_those_of_the_list() {
    let tried = all().into_iter().map(|operation| operation.function);
    let tried: BTreeSet<&str> = tried.chain(OTHERS).collect();
    let listed: BTreeSet<&str> = exports().iter().map(|export| export.name).collect();
    let differences: Vec<_> = tried.symmetric_difference(&listed).collect();
    assert!(differences.is_empty(), "{differences:?}");
}

#[test]
fn results_are_those_of_the_scalar_backend() {
    let lengths = [1, 2, 3, 5, 16, 33, 130, 256, 768];
    for operation in all() {
        let mut succeeded = false;
        for (i, case) in cases().into_iter().enumerate() {
            let case = if operation.is_per_slice() {
                case
            } else {
                flat(&case, lengths[i % lengths.len()])
            };
            let mut expected = memories(&operation, &case, i as u64);
            let mut got = expected.clone();
            let reference = (operation.reference)(&mut expected, &case);
            let status = operation.call(&pointers(&mut got), &case);
            let name = &operation.name;
            assert_eq!(outcome(status), reference, "{name} {case:?}");
            succeeded |= status == Status::OK;
            if status != Status::OK && operation.spoils {
                continue;
            }
            for (slot, (got, expected)) in operation.slots.iter().zip(got.iter().zip(&expected)) {
                let same = got.everything() == expected.everything();
                assert!(same, "{name}: {} differs, {case:?}", slot.argument);
            }
        }
        assert!(succeeded, "{}: nothing succeeded", operation.name);
    }
}
