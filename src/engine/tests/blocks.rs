//! Tests that no instruction set leaves stored blocks to the reference, and that streamed results equal cached ones.

use super::super::fallback;
use crate::backend::Schedule;
use crate::blocks::formats::{self, BlockQ4_1, BlockQ8_0, BlockQ8_K};
use crate::blocks::{Block, Float};
use crate::drive::BlockOperations;
use crate::kernel::{Io, Stores};
use crate::{Auto, Backend, with_formats};

/// Tests that no instruction set leaves stored blocks to the reference.
#[test]
fn stored_blocks_have_kernels() {
    fn check<T: Float, B: Block>() {
        for backend in Auto::available() {
            fallback::COUNT.set(0);
            let mut blocks = [B::default(); 2];
            let mut x = vec![T::narrow(1.0); 2 * B::ELEMENTS];
            backend.encode(&x, &mut blocks).unwrap();
            backend.decode(&blocks, &mut x).unwrap();
            let is_native = fallback::COUNT.get() == 0;
            assert_eq!(is_native, backend.name() != "scalar", "{backend:?} {}", B::NAME);
        }
    }
    macro_rules! all {
        ($($NAME:ident $name:ident $Block:ident = $number:literal;)+) => {$(
            check::<f32, formats::$Block>();
            check::<half::f16, formats::$Block>();
            check::<half::bf16, formats::$Block>();
        )+};
    }
    with_formats!(all!);
}

/// Tests streamed decoding, which is for results of many megabytes, at every place in a line.
#[test]
fn streamed_blocks_are_the_cached_ones() {
    fn check<B: Block>(blocks: usize) {
        let mut src = vec![B::default(); blocks];
        for (i, byte) in bytemuck::cast_slice_mut(&mut src).iter_mut().enumerate() {
            *byte = (i * 37 % 119) as u8;
        }
        let len = blocks * B::ELEMENTS;
        for backend in Auto::available() {
            for at in 0..17 {
                let [cached, streamed] = [Stores::Cached, Stores::Streamed].map(|stores| {
                    let mut x = vec![-1.0; at + len + 3];
                    let dst = &mut x[at..at + len];
                    B::Alone::decode(backend.isa(), &mut Io { src: &src, dst, stores });
                    x
                });
                assert!(cached == streamed, "{backend:?}: {blocks} of {} at {at}", B::NAME);
                assert_eq!(cached[at + len..], [-1.0; 3]);
            }
        }
    }
    for blocks in [1, 2, 15, 16, 17, 33] {
        check::<BlockQ8_0>(blocks);
        check::<BlockQ4_1>(blocks);
        check::<BlockQ8_K>(blocks);
    }
}
