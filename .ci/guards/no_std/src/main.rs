//! Shows that `zeropoint` without features needs no standard library.
//!
//! The panic handler below is the proof: `std` has one too, and a program cannot have two, so this compiles only while
//! nothing in it depends on `std`. The C library is linked for `memcpy` and the start-up code. The exit code is 0
//! if the codes are right.

#![no_std]
#![no_main]

use zeropoint::{QParams, Scheme};

#[link(name = "c")]
unsafe extern "C" {
    fn abort() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: `abort` may be called anywhere.
    unsafe { abort() }
}

/// `core` is precompiled with unwinding and names this function; panics abort here, so nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    match codes() {
        Ok([0, 100, 255]) => 0,
        Ok(_) => 1,
        Err(_) => 2,
    }
}

fn codes() -> Result<[u8; 3], zeropoint::Error> {
    let x = [-1.0_f32, 0.0, 1.55];
    let mut q = [0; 3];
    let p: QParams<f32, u8> = zeropoint::quantize_dynamic(&x, Scheme::asymmetric(), &mut q)?;
    let error = zeropoint::quantization_error(&x, &p)?;
    let mut y = [0.0_f32; 3];
    zeropoint::dequantize(&q, &p, &mut y)?;
    assert!(error.max_abs() < 1e-6 && y[1] == 0.0);
    Ok(q)
}
