//! The Rust API: an operation, types and data of the bytes' choice, by every backend of this CPU and by
//! threads, against the scalar one, bit for bit.

use arbitrary::{Result, Unstructured};
use half::{bf16, f16};
use zeropoint::{I2x4, I4x2, U2x4, U4x2};

use crate::rust::{ALL, Call};

/// A call of the Rust API.
pub fn run(data: &[u8]) {
    // Bytes that end too early are no case.
    let _ = case(&mut Unstructured::new(data));
}

fn case(u: &mut Unstructured) -> Result<()> {
    macro_rules! call {
        ($u:ident: $number:expr, $code:expr; $($T:ident),+; $Qs:tt) => {
            [$(call!(@ $T $Qs)),+][$number % 4][$code % 9]($u)
        };
        (@ $T:ident ($($Q:ident),+)) => { [$(of::<$T, $Q>),+] };
    }
    let [number, code] = u.arbitrary::<[u8; 2]>()?.map(usize::from);
    call!(u: number, code; f32, f64, f16, bf16; (i8, u8, i16, u16, I4x2, U4x2, I2x4, U2x4, i32))
}

fn of<T: crate::slots::Number, Q: zeropoint::Code>(u: &mut Unstructured) -> Result<()> {
    let operation = ALL[usize::from(u.arbitrary::<u8>()?) % ALL.len()];
    if let Some(call) = Call::<T, Q>::new(u, operation)? {
        call.compare();
    }
    Ok(())
}
