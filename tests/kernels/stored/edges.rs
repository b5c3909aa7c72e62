//! Every rule and every edge of the formats by name, with bytes worked out by hand, on every backend.

use half::f16;
use zeropoint::ggml::{
    self, Block, BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ8_1, BlockQ8_K,
};
use zeropoint::{Backend, Error};

use crate::common::{backends, scalar};

/// Encodes a block that begins with `first` and goes on with zeros, on every backend. The bytes must agree.
fn encode<B: Block>(first: &[f32]) -> Result<B, Error> {
    let mut x = vec![0.0; B::ELEMENTS];
    x[..first.len()].copy_from_slice(first);
    let x = &x[..];
    let mut expected = [B::default()];
    let outcome = scalar().encode(x, &mut expected);
    for backend in backends() {
        let mut block = [B::default()];
        let result = backend.encode(x, &mut block);
        assert_eq!(result, outcome, "{backend:?}");
        if result.is_ok() {
            assert_eq!(block, expected, "{backend:?}");
        }
    }
    outcome.map(|()| expected[0])
}

fn decode<B: Block>(block: B) -> Vec<f32> {
    let mut expected = vec![0.0; B::ELEMENTS];
    scalar().decode(&[block], &mut expected).unwrap();
    for backend in backends() {
        let mut x = vec![0.0_f32; B::ELEMENTS];
        backend.decode(&[block], &mut x).unwrap();
        let same = x.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same, "{backend:?}: {x:?} instead of {expected:?}");
    }
    expected
}

fn half(bytes: [u8; 2]) -> f32 {
    f16::from_le_bytes(bytes).to_f32()
}

#[test]
fn sizes_and_alignment() {
    fn check<B: Block>(name: &str, elements: usize, bytes: usize) {
        assert_eq!((B::NAME, B::ELEMENTS), (name, elements));
        assert_eq!((size_of::<B>(), align_of::<B>()), (bytes, 1), "{name}");
    }
    check::<BlockQ8_0>("Q8_0", 32, 34);
    check::<BlockQ8_1>("Q8_1", 32, 36);
    check::<BlockQ8_K>("Q8_K", 256, 292);
    check::<BlockQ4_0>("Q4_0", 32, 18);
    check::<BlockQ4_1>("Q4_1", 32, 20);
    check::<BlockQ5_0>("Q5_0", 32, 22);
    check::<BlockQ5_1>("Q5_1", 32, 24);
}

#[test]
fn ties_go_away_from_zero_in_8_bits() {
    let x = [127.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.499_999_97, -0.499_999_97];
    let block: BlockQ8_0 = encode(&x).unwrap();
    assert_eq!(half(block.d), 1.0);
    assert_eq!(block.qs[..9], [127, 1, -1, 2, -2, 3, -3, 0, 0]);
    let block: BlockQ8_1 = encode(&x).unwrap();
    assert_eq!((half(block.d), half(block.s)), (1.0, 127.0));
    assert_eq!(block.qs[..9], [127, 1, -1, 2, -2, 3, -3, 0, 0]);
}

#[test]
fn ties_go_to_even_in_blocks_of_256() {
    let x = [-127.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5];
    let block: BlockQ8_K = encode(&x).unwrap();
    assert_eq!(f32::from_le_bytes(block.d), 1.0);
    assert_eq!(block.qs[..7], [-127, 0, 0, 2, -2, 2, -2]);
    assert_eq!(block.bsums[..2].concat(), [(-127_i16).to_le_bytes(), [0, 0]].concat());
}

#[test]
fn sums_of_16_codes() {
    let x: Vec<f32> = (0..256).map(|i| (i * i % 97) as f32 - 40.0).collect();
    let block: BlockQ8_K = encode(&x).unwrap();
    for (codes, sum) in block.qs.chunks(16).zip(block.bsums) {
        let expected: i16 = codes.iter().map(|q| i16::from(*q)).sum();
        assert_eq!(i16::from_le_bytes(sum), expected);
    }
    let block: BlockQ8_K = encode(&[-1.0; 256]).unwrap();
    assert_eq!(block.bsums, [(-127_i16 * 16).to_le_bytes(); 16]);
}

/// The element of the greatest magnitude has the code −127, whatever its sign.
#[test]
fn the_scale_of_256_has_the_opposite_sign() {
    let block: BlockQ8_K = encode(&[1.0, 254.0, -254.0]).unwrap();
    assert_eq!(f32::from_le_bytes(block.d), -2.0);
    assert_eq!(block.qs[..3], [0, -127, 127]);
    assert_eq!(decode(block)[..3], [0.0, 254.0, -254.0]);
}

#[test]
fn the_first_of_two_greatest_magnitudes_counts() {
    for at in [1, 7, 8, 15, 16, 31] {
        let mut x = [0.0; 32];
        (x[0], x[at]) = (8.0, -8.0);
        let block: BlockQ4_0 = encode(&x).unwrap();
        assert_eq!(half(block.d), -1.0, "at {at}");
        (x[0], x[at]) = (-8.0, 8.0);
        let block: BlockQ4_0 = encode(&x).unwrap();
        assert_eq!(half(block.d), 1.0, "at {at}");
        let block: BlockQ5_0 = encode(&x).unwrap();
        assert_eq!(half(block.d), 0.5, "at {at}");
    }
}

/// Code j is in the low half of byte j, and code j + 16 in its high half.
#[test]
fn halves_of_bytes() {
    let x: [f32; 32] = core::array::from_fn(|i| {
        [-8.0, -7.0, -3.5, 0.0, 0.4, 0.5, 7.0, 7.6][i % 8] * if i < 16 { 1.0 } else { 0.5 }
    });
    let block: BlockQ4_0 = encode(&x).unwrap();
    assert_eq!(half(block.d), 1.0);
    let low = [0, 1, 5, 8, 8, 9, 15, 15];
    let high = [4, 5, 6, 8, 8, 8, 12, 12];
    for j in 0..16 {
        assert_eq!((block.qs[j] & 15, block.qs[j] >> 4), (low[j % 8], high[j % 8]), "byte {j}");
    }
    assert_eq!(decode(block)[..4], [-8.0, -7.0, -3.0, 0.0]);
    assert_eq!(decode(block)[16..20], [-4.0, -3.0, -2.0, 0.0]);
}

/// Bit j of the high bits is the fifth bit of code j.
#[test]
fn fifth_bits() {
    for j in 0..32 {
        let mut x = [0.0; 32];
        x[j] = 31.0;
        let block: BlockQ5_1 = encode(&x).unwrap();
        assert_eq!((half(block.d), half(block.m)), (1.0, 0.0));
        assert_eq!(u32::from_le_bytes(block.qh), 1 << j);
        let byte = if j < 16 { 0x0f } else { 0xf0 };
        assert_eq!(
            (block.qs[j % 16], block.qs.iter().filter(|byte| **byte == 0).count()),
            (byte, 15)
        );
        x[j] = -16.0;
        let block: BlockQ5_0 = encode(&x).unwrap();
        assert_eq!((half(block.d), u32::from_le_bytes(block.qh)), (1.0, !(1 << j)));
        assert_eq!(decode(block), x);
    }
}

#[test]
fn ties_of_a_range_go_up() {
    let block: BlockQ4_1 = encode(&[14.5, 15.0, 0.5, 1.5, 0.499_999_97]).unwrap();
    assert_eq!((half(block.d), half(block.m)), (1.0, 0.0));
    let codes: Vec<u8> = block.qs[..5].iter().map(|q| q & 15).collect();
    // The sum 0.49999997 + 0.5 is rounded to 1 before it is truncated.
    assert_eq!(codes, [15, 15, 1, 2, 1]);
}

/// The least zero's sign is the first zero's, and the greatest zero's does not matter.
#[test]
fn zeros() {
    let (positive, negative) = ([0.0; 32], [-0.0; 32]);
    let mut mixed = negative;
    mixed[7] = 0.0;
    for x in [positive, negative, mixed] {
        let block: BlockQ8_0 = encode(&x).unwrap();
        assert_eq!((block.d, block.qs), ([0, 0], [0; 32]));
        let block: BlockQ4_0 = encode(&x).unwrap();
        assert_eq!((block.d, block.qs), ([0, 0x80], [0x88; 16]));
        let block: BlockQ5_0 = encode(&x).unwrap();
        assert_eq!((block.d, block.qh, block.qs), ([0, 0x80], [0xff; 4], [0; 16]));
        let sign = if x[0].is_sign_negative() { 0x80 } else { 0 };
        let block: BlockQ4_1 = encode(&x).unwrap();
        assert_eq!((block.d, block.m, block.qs), ([0, 0], [0, sign], [0; 16]));
        let block: BlockQ5_1 = encode(&x).unwrap();
        assert_eq!((block.d, block.m, block.qs), ([0, 0], [0, sign], [0; 16]));
    }
    assert_eq!(encode::<BlockQ8_K>(&[-0.0; 256]).unwrap(), BlockQ8_K::default());
}

/// Scales whose inverse is infinite: codes saturate, and elements of 0 have code 0.
#[test]
fn subnormal_scales() {
    let least = f32::from_bits(1);
    let x = [least * 190.0, -least, least];
    let block: BlockQ8_0 = encode(&x).unwrap();
    assert_eq!((block.d, block.qs[..4].to_vec()), ([0, 0], vec![127, -128, 127, 0]));
    let block: BlockQ4_0 = encode(&[least * 12.0, -least]).unwrap();
    assert_eq!((block.d, block.qs[..3].to_vec()), ([0, 0x80], vec![0, 15, 0]));
    let block: BlockQ8_K = encode(&[least, -least]).unwrap();
    assert_eq!((block.d, block.qs[..3].to_vec()), ([0, 0, 0, 0x80], vec![-128, 127, 0]));
}

/// A scale is stored if `f16` rounds it to 65504 or less; a tie would be rounded to infinity.
#[test]
fn scales_beyond_f16() {
    let below = f32::from_bits(65520.0_f32.to_bits() - 1);
    let block: BlockQ4_0 = encode(&[-8.0 * below]).unwrap();
    assert_eq!(half(block.d), 65504.0);
    let error = encode::<BlockQ4_0>(&[8.0 * 65520.0]).unwrap_err();
    assert!(matches!(error, Error::BlockRange { block: 0, value: -65520.0, .. }), "{error}");
    assert_eq!(error.to_string(), "block 0: -6.552e4 is beyond the numbers of f16");
    // The least element is beyond, the scale is not.
    assert!(encode::<BlockQ4_1>(&[-65520.0; 32]).is_err());
    assert_eq!(half(encode::<BlockQ5_1>(&[-65519.0; 32]).unwrap().m), -65504.0);
    // The sum is beyond, the scale is not.
    assert!(encode::<BlockQ8_1>(&[2048.0; 32]).is_err());
    assert_eq!(half(encode::<BlockQ8_1>(&[2047.0; 32]).unwrap().s), 65504.0);
    // The width of the range is infinite.
    assert!(encode::<BlockQ5_1>(&[f32::MAX, f32::MIN]).is_err());
    // The scale of a long block is a float.
    let block: BlockQ8_K = encode(&[f32::MAX, f32::MIN]).unwrap();
    assert_eq!((block.qs[0], block.qs[1]), (-127, 127));
}

#[test]
fn scales_below_f16_are_stored_as_zero() {
    let block: BlockQ8_0 = encode(&[1e-6, -1e-6]).unwrap();
    assert_eq!((block.d, block.qs[..2].to_vec()), ([0, 0], vec![127, -127]));
    assert_eq!(decode(block), [0.0; 32]);
}

#[test]
fn nan_is_decoded_without_a_payload() {
    for d in [0x7c01, 0xfc01, 0x7e00, 0xffff] {
        let block = BlockQ4_1 { d: u16::to_le_bytes(d), m: [0; 2], qs: [0xff; 16] };
        assert!(decode(block).iter().all(|x| x.to_bits() == f32::NAN.to_bits()), "{d:#x}");
    }
    let block = BlockQ8_K { d: f32::INFINITY.to_le_bytes(), ..BlockQ8_K::default() };
    assert!(decode(block).iter().all(|x| x.to_bits() == f32::NAN.to_bits()));
    let infinity = f16::INFINITY.to_le_bytes();
    let block = BlockQ5_1 {
        d: infinity,
        m: f16::NEG_INFINITY.to_le_bytes(),
        qh: [1, 0, 0, 0],
        qs: [0x10; 16],
    };
    let x = decode(block);
    assert!(x.iter().all(|x| x.to_bits() == f32::NAN.to_bits()), "∞ − ∞ and 0 · ∞");
    let block = BlockQ8_0 { d: f16::NEG_INFINITY.to_le_bytes(), qs: [-1; 32] };
    assert_eq!(decode(block), [f32::INFINITY; 32]);
}

#[test]
fn lengths() {
    for backend in backends() {
        let mut blocks = [BlockQ8_0::default(); 2];
        let error = backend.encode(&[1.0_f32; 63], &mut blocks).unwrap_err();
        assert_eq!(error.to_string(), "a length of 63 is no multiple of 32, the length of a block");
        let error = backend.encode(&[1.0_f32; 32], &mut blocks).unwrap_err();
        assert!(matches!(error, Error::LengthMismatch { src: 32, dst: 64, .. }), "{error}");
        assert_eq!(blocks, [BlockQ8_0::default(); 2]);
        let mut x = [7.0_f32; 33];
        let error = backend.decode(&blocks, &mut x).unwrap_err();
        assert!(matches!(error, Error::PartialBlock { len: 33, block: 32, .. }), "{error}");
        let error = backend.decode(&blocks, &mut x[..32]).unwrap_err();
        assert!(matches!(error, Error::LengthMismatch { src: 64, dst: 32, .. }), "{error}");
        assert_eq!(x, [7.0; 33]);
        backend.encode::<f32, BlockQ8_K>(&[], &mut []).unwrap();
        backend.decode::<f32, BlockQ4_0>(&[], &mut []).unwrap();
    }
    assert!(ggml::blocks::<BlockQ8_K>(&[0; 291]).is_err());
    assert_eq!(ggml::blocks_mut::<BlockQ8_K>(&mut [0; 584]).unwrap().len(), 2);
}
