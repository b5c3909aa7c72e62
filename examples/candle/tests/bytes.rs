//! Which bytes of candle's quantizer are those of ggml's reference, on data that tell rules apart.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use zeropoint::Auto;
use zeropoint_in_candle::quantize;

const EQUAL: [GgmlDType; 5] =
    [GgmlDType::Q8_0, GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1];
const OTHER: [GgmlDType; 2] = [GgmlDType::Q8_1, GgmlDType::Q8K];

fn random(len: usize) -> impl Iterator<Item = f32> {
    let mut state = 1_u32;
    (0..len).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    })
}

/// Returns rows of 256: random ones, ties of every format, zeros, one great number, and opposite extremes.
fn rows() -> Tensor {
    let mut x: Vec<f32> = random(256 * 64).collect();
    for greatest in [127.0_f32, -127.0, 8.0, -8.0, 16.0, -16.0, 15.0, 31.0] {
        // The scale is a power of two, and most quotients are in the middle between two codes.
        x.extend((0..256).map(|i| match i % 32 {
            0 => greatest,
            1 => 0.0,
            i => (i as f32 - 16.5).clamp(-greatest.abs(), greatest.abs()),
        }));
    }
    x.extend([0.0; 256]);
    x.extend(random(256).enumerate().map(|(i, x)| if i % 32 == 7 { 1000.0 } else { x }));
    x.extend(random(256).enumerate().map(|(i, x)| [x, 0.75, -0.75, x][i % 4]));
    let rows = x.len() / 256;
    Tensor::from_vec(x, (rows, 256), &Device::Cpu).unwrap()
}

/// Returns the bytes of both.
fn both(x: &Tensor, dtype: GgmlDType) -> [Vec<u8>; 2] {
    let ours = quantize(&Auto::best(), x, dtype).unwrap();
    let candle = QTensor::quantize(x, dtype).unwrap();
    assert_eq!((ours.shape(), ours.dtype()), (candle.shape(), candle.dtype()));
    [candle, ours].map(|t| t.data().unwrap().into_owned())
}

#[test]
fn formats_of_weights_have_the_same_bytes() {
    for dtype in EQUAL {
        let [candle, ours] = both(&rows(), dtype);
        assert_eq!(candle, ours, "{dtype:?}");
        assert_eq!(ours.len(), rows().elem_count() / 32 * dtype.type_size());
    }
}

#[test]
fn sums_of_q8_1_are_rounded_otherwise() {
    let [candle, ours] = both(&rows(), GgmlDType::Q8_1);
    let sums = |bytes: &[u8]| bytes.chunks(36).map(|b| [b[2], b[3]]).collect::<Vec<_>>();
    let rest =
        |bytes: &[u8]| bytes.chunks(36).map(|b| [&b[..2], &b[4..]].concat()).collect::<Vec<_>>();
    assert_eq!(rest(&candle), rest(&ours));
    assert_ne!(sums(&candle), sums(&ours));
}

#[test]
fn ties_of_q8k_are_rounded_otherwise() {
    // With an extreme of -127 the codes are the numbers: ties, which go to even or away from 0.
    let x: Vec<f32> =
        (0..256).map(|i| if i == 0 { -127.0 } else { i as f32 % 100.0 + 0.5 }).collect();
    let [candle, ours] = both(&Tensor::new(&x[..], &Device::Cpu).unwrap(), GgmlDType::Q8K);
    let codes = |bytes: &[u8]| bytes[4..260].iter().map(|b| *b as i8 as f32).collect::<Vec<_>>();
    let expected = |round: fn(f32) -> f32| x.iter().map(|x| round(*x)).collect::<Vec<_>>();
    assert_eq!(codes(&ours), expected(f32::round_ties_even));
    assert_eq!(codes(&candle), expected(f32::round));
}

#[test]
fn halves_and_parts_of_tensors_are_taken() {
    for dtype in EQUAL.into_iter().chain(OTHER) {
        for kind in [DType::F16, DType::BF16] {
            let halves = rows().to_dtype(kind).unwrap();
            let widened = halves.to_dtype(DType::F32).unwrap();
            assert_eq!(
                both(&halves, dtype)[1],
                both(&widened, dtype)[1],
                "{dtype:?} from {kind:?}"
            );
        }
        let [whole, part] =
            [rows(), rows().narrow(0, 3, 5).unwrap()].map(|x| both(&x, dtype)[1].clone());
        let row = 256 / dtype.block_size() * dtype.type_size();
        assert_eq!(part, whole[3 * row..8 * row]);
        let turned = rows().t().unwrap().narrow(1, 0, 64).unwrap();
        if dtype != GgmlDType::Q8K {
            assert_eq!(both(&turned, dtype)[1], both(&turned.contiguous().unwrap(), dtype)[1]);
        }
    }
}

#[test]
fn other_data_are_errors() {
    let error = |x: &Tensor, dtype| quantize(&Auto::best(), x, dtype).unwrap_err().to_string();
    let with = |x: f32| {
        Tensor::new(&[std::array::from_fn::<f32, 32, _>(|i| [1.0, x][i % 2])], &Device::Cpu)
            .unwrap()
    };
    assert!(error(&with(f32::NAN), GgmlDType::Q8_0).contains("NaN or infinity at element 1"));
    // candle makes a block of it.
    assert!(QTensor::quantize(&with(f32::NAN), GgmlDType::Q8_0).is_ok());
    assert!(error(&with(1e38), GgmlDType::Q4_0).contains("block 0"));
    let short = with(0.0).narrow(1, 0, 31).unwrap();
    assert!(error(&short, GgmlDType::Q5_0).contains("32"), "{}", error(&short, GgmlDType::Q5_0));
    let rows = Tensor::zeros((32, 31), DType::F32, &Device::Cpu).unwrap();
    assert!(
        error(&rows, GgmlDType::Q5_0).contains("last dim"),
        "{}",
        error(&rows, GgmlDType::Q5_0)
    );
    let integers = with(0.0).to_dtype(DType::I64).unwrap();
    assert!(error(&integers, GgmlDType::Q8_0).contains("not I64"));
    assert!(error(&with(0.0), GgmlDType::Q4K).contains("does not write Q4K"));
}
