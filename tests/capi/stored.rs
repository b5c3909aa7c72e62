//! Stored blocks, for all of their types.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::c_void;

use zeropoint::capi::{Status, Type, types};
use zeropoint::ggml::{Block, Float};
use zeropoint::{Backend, Scalar};

use crate::common::abi::{call, type_of};
use crate::operation::{Len, Operation, Slot};
use crate::slots::{Number, numbers, operation, output, slot};

/// The number that C has for blocks.
fn type_of_block<B: Block>() -> Type {
    Type(types().iter().find(|(name, ..)| name.strip_prefix("ZP_") == Some(B::NAME)).unwrap().1)
}

pub(crate) fn of_blocks<F: Float + Number, B: Block>(all: &mut Vec<Operation>) {
    let (number, block) = (type_of::<F>(), type_of_block::<B>());
    all.push(operation(
        "zp_encode",
        vec![number, block],
        vec![numbers::<F>(), whole::<B>(output::<B>("dst", Len::N))],
        |p, case, t| {
            call!("zp_encode", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                p[1].cast() => *mut c_void, t[1] => Type)
        },
        |m, _| {
            let [src, dst] = m else { unreachable!() };
            Scalar.encode(src.get::<F>(), dst.get::<B>())
        },
    ));
    // Any bytes are blocks.
    let src = slot::<B>(
        "src",
        Len::N,
        Box::new(|random, _, element| {
            element.iter_mut().for_each(|byte| *byte = random.next() as u8);
        }),
    );
    all.push(operation(
        "zp_decode",
        vec![block, number],
        vec![whole::<B>(src), output::<F>("dst", Len::N)],
        |p, case, t| {
            call!("zp_decode", p[0].cast() => *const c_void, t[0] => Type, case.n => usize,
                p[1].cast() => *mut c_void, t[1] => Type)
        },
        |m, _| {
            let [src, dst] = m else { unreachable!() };
            Scalar.decode(src.get::<B>(), dst.get::<F>())
        },
    ));
}

/// Memory for the blocks of a number of elements. A rest that is no block has none.
fn whole<B: Block>(slot: Slot) -> Slot {
    Slot { per: B::ELEMENTS, whole: true, ..slot }
}
