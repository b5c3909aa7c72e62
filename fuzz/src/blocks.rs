//! Stored blocks: any numbers are encoded or refused, and any bytes are decoded, by every backend as by the scalar one.

use bytemuck::{cast_slice, pod_read_unaligned};
use half::{bf16, f16};
use zeropoint::ggml::{self, Block, Float};
use zeropoint::{Auto, Backend, Scalar, with_formats};

/// The first two bytes choose the types; the others are the numbers and the blocks.
pub fn run(data: &[u8]) {
    // Bytes that end too early are no case.
    let [number, format, bytes @ ..] = data else { return };
    macro_rules! of_formats {
        ($($NAME:ident $name:ident $Block:ident = $number:literal;)+) => {[$([
            of::<f32, ggml::$Block>,
            of::<f16, ggml::$Block>,
            of::<bf16, ggml::$Block>,
        ]),+]};
    }
    type Case = fn(&[u8]);
    let all: &[[Case; 3]] = &with_formats!(of_formats!);
    all[usize::from(*format) % all.len()][usize::from(number % 3)](bytes);
}

fn of<T: Float, B: Block>(bytes: &[u8]) {
    let x: Vec<T> = bytes.chunks_exact(size_of::<T>()).map(pod_read_unaligned).collect();
    // Few inputs have whole blocks: the numbers are repeated.
    let whole = x.len().next_multiple_of(B::ELEMENTS);
    let repeated: Vec<T> = x.iter().copied().cycle().take(whole).collect();
    for x in [x, repeated] {
        encoded::<T, B>(&x);
    }
    decoded::<T, B>(&bytes[..bytes.len() / size_of::<B>() * size_of::<B>()]);
}

fn encoded<T: Float, B: Block>(x: &[T]) {
    let mut expected = vec![B::default(); x.len() / B::ELEMENTS];
    let outcome = Scalar.encode(x, &mut expected);
    for backend in Auto::available() {
        let mut got = vec![B::default(); expected.len()];
        let result = backend.encode(x, &mut got);
        assert_eq!(result, outcome, "{backend:?} {}", B::NAME);
        assert!(result.is_err() || got == expected, "{backend:?} {}", B::NAME);
    }
}

fn decoded<T: Float, B: Block>(bytes: &[u8]) {
    let blocks = ggml::blocks::<B>(bytes).expect("whole blocks");
    let mut expected = vec![T::zeroed(); blocks.len() * B::ELEMENTS];
    Scalar.decode(blocks, &mut expected).expect("one length");
    for backend in Auto::available() {
        let mut got = vec![T::zeroed(); expected.len()];
        backend.decode(blocks, &mut got).expect("one length");
        let same = cast_slice::<T, u8>(&got) == cast_slice::<T, u8>(&expected);
        assert!(same, "{backend:?} {}", B::NAME);
    }
}
