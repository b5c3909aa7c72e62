//! Codes of 4, 2 and 16 bits: by every backend against the scalar one; and against codes of a byte each, in
//! whose terms the packed ones are computed here a second time.

use arbitrary::{Result, Unstructured};
use bytemuck::cast_slice;
use half::{bf16, f16};
use zeropoint::{Backend, Code, I2x4, I4x2, QParams, Scalar, U2x4, U4x2};

use crate::rust::{Call, Operation};
use crate::slots::Number;

/// Codes that are also codes of a byte each, or of two.
trait Narrow: Code {
    type Wide: Code + PartialEq + std::fmt::Debug + Default;

    fn unpacked(codes: &[Self]) -> Vec<Self::Wide>;
}

macro_rules! narrow {
    ($($Q:ty: $Wide:ty;)+ | $($P:ty: $Byte:ty;)+) => {
        $(impl Narrow for $Q {
            type Wide = $Wide;

            fn unpacked(codes: &[Self]) -> Vec<$Wide> {
                codes.iter().map(|q| <$Wide>::from(*q)).collect()
            }
        })+
        $(impl Narrow for $P {
            type Wide = $Byte;

            fn unpacked(codes: &[Self]) -> Vec<$Byte> {
                let all: Vec<$Byte> = codes.iter().flat_map(|q| q.unpack()).collect();
                let again: Vec<Self> = all.chunks(Self::PER_ELEMENT)
                    .map(|q| Self::new(q.try_into().expect("whole elements")))
                    .collect();
                assert_eq!(again, codes, "unpacked and packed again");
                all
            }
        })+
    };
}
narrow! { i16: i32; u16: i32; | I4x2: i8; U4x2: u8; I2x4: i8; U2x4: u8; }

/// A call of packed or wide codes.
pub fn run(data: &[u8]) {
    // Bytes that end too early are no case.
    let _ = case(&mut Unstructured::new(data));
}

fn case(u: &mut Unstructured) -> Result<()> {
    macro_rules! of_types {
        ($($T:ident),+; $Qs:tt) => { [$(of_types!(@ $T $Qs)),+] };
        (@ $T:ident ($($Q:ident),+)) => { [$(of::<$T, $Q>),+] };
    }
    let [number, code] = u.arbitrary::<[u8; 2]>()?.map(usize::from);
    let all = of_types!(f32, f64, f16, bf16; (I4x2, U4x2, I2x4, U2x4, i16, u16));
    all[number % 4][code % 6](u)
}

fn of<T: Number, Q: Narrow>(u: &mut Unstructured) -> Result<()> {
    use Operation::*;
    const SOME: [Operation; 9] = [
        Quantize,
        Dequantize,
        QuantizePer,
        DequantizePer,
        QuantizeDynamicPer,
        QuantizeWithSums,
        SumPer,
        Requantize,
        RequantizePer,
    ];
    let operation = *u.choose(&SOME)?;
    let Some(call) = Call::<T, Q>::new(u, operation)? else {
        return Ok(());
    };
    call.compare();
    match operation {
        Quantize => quantized(&call),
        Dequantize => dequantized(&call),
        _ => {}
    }
    Ok(())
}

/// The same parameters for codes that are not packed.
fn wide<T: Number, Q: Narrow>(call: &Call<T, Q>) -> QParams<T::Compute, Q::Wide> {
    let p = &call.params;
    QParams::with_codes(p.scale(), p.zero_point(), p.qmin(), p.qmax()).expect("of more codes")
}

fn quantized<T: Number, Q: Narrow>(call: &Call<T, Q>) {
    let src = &call.src;
    let mut narrow = vec![Q::zeroed(); src.len().div_ceil(Q::PER_ELEMENT)];
    // What is left of the last byte is to become 0.
    bytemuck::cast_slice_mut::<Q, u8>(&mut narrow).fill(0xff);
    let mut expected = vec![Q::Wide::default(); src.len()];
    Scalar.quantize(src, &wide(call), &mut expected).expect("one length");
    expected.resize(narrow.len() * Q::PER_ELEMENT, Q::Wide::default());
    for backend in zeropoint::Auto::available() {
        backend.quantize(src, &call.params, &mut narrow).expect("one length");
        assert_eq!(Q::unpacked(&narrow), expected, "{}: {:?}", backend.name(), call.params);
    }
}

fn dequantized<T: Number, Q: Narrow>(call: &Call<T, Q>) {
    let codes = Q::unpacked(&call.codes);
    let (mut got, mut expected) = (vec![T::zeroed(); codes.len()], vec![T::zeroed(); codes.len()]);
    Scalar.dequantize(&codes, &wide(call), &mut expected).expect("one length");
    for backend in zeropoint::Auto::available() {
        backend.dequantize(&call.codes, &call.params, &mut got).expect("one length");
        let same = cast_slice::<T, u8>(&got) == cast_slice::<T, u8>(&expected);
        assert!(same, "{}: {:?}: {got:?}, not {expected:?}", backend.name(), call.params);
    }
}
