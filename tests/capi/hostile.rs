//! Whatever a C program does wrong, with any pointer or type of any operation, it gets a status, and nothing is
//! written.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::c_void;
use std::ptr::null_mut;

use zeropoint::Granularity;
use zeropoint::capi::{CGranularity, CParams, CScheme, Status, Type, exports, types};

use crate::all::{all, cases, flat, pointers};
use crate::common::abi::{call, outcome};
use crate::operation::{Case, Len, Memory, Operation, Slot, memories};
use crate::others::last_message;

const OK: Status = Status(0);
const NULL: Status = Status(1);
const MISALIGNED: Status = Status(2);
const OVERLAP: Status = Status(3);
const LENGTH_OVERFLOW: Status = Status(4);
const UNSUPPORTED_TYPE: Status = Status(10);
const NOT_A_FLOAT: Status = Status(11);

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
    let status = operation.call(&pointers, case);
    assert_eq!(status, expected, "{}: {what}", operation.name);
    let same = |(a, b): (&Memory, &Memory)| a.everything() == b.everything();
    assert!(memories.iter().zip(&before).all(same), "{}: {what} wrote", operation.name);
}

/// A case in which all buffers have elements, and all is well.
fn case(operation: &Operation) -> Case {
    let case = cases()[2];
    let case = if operation.is_per_slice() {
        case
    } else {
        flat(&case, if operation.has_blocks() { 256 } else { 20 })
    };
    // Whatever is computed fits.
    Case { special: false, zero_point: 0, codes: (0, 1), ..case }
}

/// A case of slices in rows whose pitch in the input is another one than in the output.
fn pitched() -> Case {
    let apart = |case: &Case| case.c_granularity.src_pitch != case.c_granularity.dst_pitch;
    let case = cases().into_iter().find(apart).unwrap();
    Case { special: false, codes: (0, 1), ..case }
}

fn bytes(slot: &Slot, case: &Case) -> usize {
    slot.elements(case) * slot.size
}

#[test]
fn null_is_refused() {
    for operation in all() {
        let tried = if operation.is_per_slice() {
            vec![case(&operation), pitched()]
        } else {
            vec![case(&operation)]
        };
        for case in tried {
            for (i, slot) in operation.slots.iter().enumerate() {
                // Zero points may be left out where a scheme has none.
                if slot.may_be_null || slot.argument == "zero_points" {
                    continue;
                }
                let what = slot.argument;
                refused(&operation, &case, what, NULL, |pointers| pointers[i] = null_mut());
            }
            refused(&operation, &case, "all of them", NULL, |pointers| pointers.fill(null_mut()));
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
        // The shape says how many there may be, unless there is a pitch.
        let mut tried =
            vec![(case, if operation.is_per_slice() { Status(23) } else { LENGTH_OVERFLOW })];
        // Codes alone may be fewer bytes.
        if operation.is_per_slice() && operation.function != "zp_sum_per" {
            tried.push((pitched(), LENGTH_OVERFLOW));
        }
        for (case, expected) in tried {
            for n in [usize::MAX, usize::MAX / 2 + 1] {
                let case = Case { n, dst_n: n, ..case };
                let mut memory = Memory::new(1 << 12);
                let pointers: Vec<_> = (0..operation.slots.len())
                    .map(|i| memory.pointer().wrapping_add(i << 9))
                    .collect();
                let status = operation.call(&pointers, &case);
                assert_eq!(status, expected, "{} of {n}", operation.name);
            }
        }
    }
}

/// All combinations of types, and of numbers that are no types: every one that is not an operation is refused.
#[test]
fn other_types_are_refused() {
    let known = types().iter().map(|(_, number, _)| Type(*number));
    let given: Vec<Type> = known.chain([0, -1, 5, 25, i32::MIN, i32::MAX].map(Type)).collect();
    let all = all();
    let mut refused = 0;
    for export in exports() {
        let named = export.arguments.iter().filter(|(_, of)| *of == "Type");
        let named: Vec<&str> = named.map(|(name, _)| *name).collect();
        let taken = |operation: &&Operation| operation.function == export.name;
        let Some(any) = all.iter().find(taken).filter(|_| !named.is_empty()) else { continue };
        let takes = |types: &[Type]| all.iter().filter(taken).any(|other| other.types == types);
        let case = case(any);
        let pairs = given.iter().flat_map(|a| match named.len() {
            1 => vec![vec![*a]],
            _ => given.iter().map(|b| vec![*a, *b]).collect(),
        });
        for types in pairs.filter(|types| !takes(types)) {
            let mut memories = memories(any, &case, 1);
            let before = memories.clone();
            let status = (any.with_types)(&pointers(&mut memories), &case, &types);
            assert_eq!(status, UNSUPPORTED_TYPE, "{} {types:?}", export.name);
            let same = |(a, b): (&Memory, &Memory)| a.everything() == b.everything();
            assert!(memories.iter().zip(&before).all(same), "{} {types:?} wrote", export.name);
            // One of the arguments is to blame, by the name of its type.
            let message = last_message();
            let blamed = named.iter().zip(&types).any(|(argument, number)| {
                let constant = known_name(*number).unwrap_or(number.0.to_string());
                message.starts_with(&format!("{argument} = {constant}, which is none of ZP_"))
            });
            assert!(blamed, "{}: {message}", export.name);
            refused += 1;
        }
        assert!(refused > 0, "{}", export.name);
    }
}

fn known_name(number: Type) -> Option<String> {
    types().iter().find(|known| known.1 == number.0).map(|known| known.0.to_owned())
}

/// Single numbers are doubles, of which float has not all.
#[test]
fn a_double_that_is_no_float_is_refused() {
    let x = [1.0_f32];
    let (mut q, mut params) = ([7_u8], CParams { scale: 7.0, zero_point: 7, qmin: 7, qmax: 7 });
    let inexact = CParams { scale: 0.1, zero_point: 0, qmin: 0, qmax: 255 };
    let (src, dst) = (x.as_ptr().cast(), q.as_mut_ptr().cast());
    let quantized = call!("zp_quantize", src => *const c_void, Type::F32 => Type, 1 => usize,
        inexact => CParams, dst => *mut c_void, Type::U8 => Type);
    assert_eq!(quantized, NOT_A_FLOAT);
    assert_eq!(last_message(), "scale = 1e-1 is no float; the nearest is 1.0000000149011612e-1");
    for numbers in [Type::F32, Type::F16, Type::BF16] {
        for (min, max) in [(-0.1, 1.0), (-1.0, 1e300)] {
            let status = call!("zp_params_from_range", min => f64, max => f64, numbers => Type,
                CScheme(0) => CScheme, 0 => u32, Type::U8 => Type, &raw mut params => *mut CParams);
            assert_eq!(status, NOT_A_FLOAT);
        }
        let status = call!("zp_params_from_alpha", 0.1 => f64, numbers => Type,
            CScheme(2) => CScheme, 0 => u32, Type::U8 => Type, &raw mut params => *mut CParams);
        assert_eq!(status, NOT_A_FLOAT);
    }
    assert_eq!((q, params.scale, params.qmin), ([7], 7.0, 7));
    // NaN is refused for what it is.
    let nan = CParams { scale: f64::NAN, ..inexact };
    let quantized = call!("zp_quantize", src => *const c_void, Type::F32 => Type, 1 => usize,
        nan => CParams, dst => *mut c_void, Type::U8 => Type);
    assert_eq!(quantized, Status(38));
    let x = [1.0_f64];
    let src = x.as_ptr().cast();
    let quantized = call!("zp_quantize", src => *const c_void, Type::F64 => Type, 1 => usize,
        inexact => CParams, dst => *mut c_void, Type::U8 => Type);
    assert_eq!((quantized, q), (OK, [10]));
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
        let status = operation.call(&pointers, &case);
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
            let mut c_granularity = case.c_granularity;
            let none = &raw mut c_granularity;
            assert_eq!(
                call!("zp_granularity_row", 0 => usize, 5 => usize, none => *mut CGranularity),
                OK
            );
            let case = Case { n: 0, dst_n: 0, granularity, c_granularity, slices: 0, ..case };
            let case = Case { codes: (0, 1), ..case };
            let mut memories = memories(operation, &case, 1);
            let mut pointers = pointers(&mut memories);
            for (slot, pointer) in operation.slots.iter().zip(&mut pointers) {
                if slot.len != Len::One {
                    *pointer = null_mut();
                }
            }
            let status = operation.call(&pointers, &case);
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
            let status = operation.call(&pointers, &case);
            assert_eq!(status, OK, "{}", operation.name);
        }
    }
}
