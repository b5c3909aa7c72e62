//! `rten-vecmath`, the nearest other crate, twice: as it comes out of this crate's codegen units, and
//! out of a single one.
#![expect(unsafe_code, reason = "it writes to what need not be initialised")]

use std::mem::MaybeUninit;

use rten_simd::SimdOp;
use rten_vecmath::{MinMax, Quantize};
use zeropoint::QParams;

use crate::cases::{Contender, Grade};

const MANY_UNITS: &str = "rten";
const ONE_UNIT: &str = "rten_one_unit";

pub(crate) fn min_max() -> [Contender<f32, f32>; 2] {
    [
        Contender::new(MANY_UNITS, Grade::Exact, |src, dst: &mut [f32]| {
            let (min, max) = MinMax::new(src).dispatch();
            dst.copy_from_slice(&[min, max]);
        }),
        Contender::new(ONE_UNIT, Grade::Exact, |src, dst: &mut [f32]| {
            let (min, max) = rten_one_unit::min_max(src);
            dst.copy_from_slice(&[min, max]);
        }),
    ]
}

/// Returns rten's contenders, which multiply by the reciprocal and give numbers too great for an
/// `i32` the least code.
pub(crate) fn quantize(p: QParams<f32, u8>) -> [Contender<f32, u8>; 2] {
    let reciprocal = 1.0 / p.scale();
    let zero_point = u8::try_from(p.zero_point()).expect("the zero point is a code");
    let grade = Grade::Moderate(1.0);
    [
        Contender::new(MANY_UNITS, grade, move |src, dst| {
            Quantize::new(src, uninit(dst), reciprocal, zero_point).dispatch();
        }),
        Contender::new(ONE_UNIT, grade, move |src, dst| {
            rten_one_unit::quantize(src, reciprocal, zero_point, uninit(dst));
        }),
    ]
}

/// Only codes are ever written into it.
fn uninit(dst: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the layout is the same, and `Quantize` leaves every element of it initialised.
    unsafe { &mut *(std::ptr::from_mut(dst) as *mut [MaybeUninit<u8>]) }
}
