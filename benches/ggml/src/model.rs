//! A whole model to the formats that files have weights in, by the functions that engines call for it.

use std::error::Error;
use std::hint::black_box;

use safetensors::{Dtype, SafeTensors};
use zeropoint::Auto;
use zeropoint::ggml::{BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0};

use crate::candle::{self, Work};
use crate::medians;
use crate::stored::{self, Format};

/// Rows of matrices are whole blocks of this length.
const BLOCK: usize = 32;

pub(crate) fn print(backend: Auto, path: &str) -> Result<(), Box<dyn Error>> {
    let file = std::fs::read(path).map_err(|e| format!("{path}: {e}"))?;
    let file = SafeTensors::deserialize(&file)?;
    let mut matrices = Vec::new();
    for (_, view) in file.iter() {
        let rows = matches!(view.shape(), [_, .., row] if row.is_multiple_of(BLOCK));
        if view.dtype() == Dtype::F32 && rows {
            let numbers = view.data().as_chunks::<4>().0;
            matrices.push(numbers.iter().map(|x| f32::from_le_bytes(*x)).collect::<Vec<f32>>());
        }
    }
    let elements: usize = matrices.iter().map(Vec::len).sum();
    println!(
        "{} matrices of f32, {elements} elements, into buffers that exist: seconds.\n",
        matrices.len()
    );
    println!(
        "| format | zeropoint | ggml's reference | candle | ggml / zeropoint | candle / zeropoint \
         | bytes of ggml's that differ |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    row::<BlockQ8_0>(backend, &matrices, elements);
    row::<BlockQ4_0>(backend, &matrices, elements);
    row::<BlockQ4_1>(backend, &matrices, elements);
    row::<BlockQ5_0>(backend, &matrices, elements);
    row::<BlockQ5_1>(backend, &matrices, elements);
    Ok(())
}

fn row<B: Format>(backend: Auto, matrices: &[Vec<f32>], elements: usize) {
    let mut ours: Vec<Vec<B>> =
        matrices.iter().map(|x| vec![B::default(); x.len() / B::ELEMENTS]).collect();
    let mut theirs = ours.clone();
    let mut candle: Vec<Work> = matrices.iter().filter_map(|x| candle::encoder::<B>(x)).collect();
    let times = medians(
        elements,
        &mut [
            &mut || {
                for (x, blocks) in matrices.iter().zip(&mut ours) {
                    stored::ours(&backend, x, black_box(blocks));
                }
            },
            &mut || {
                for (x, blocks) in matrices.iter().zip(&mut theirs) {
                    stored::encode(B::REFERENCE, x, black_box(blocks));
                }
            },
            &mut || candle.iter_mut().for_each(|work| work()),
        ],
    );
    let [zeropoint, ggml, by_candle] = [0, 1, 2].map(|i| times[i] * elements as f64 / 1e9);
    let (differ, bytes) = stored::differing(&ours.concat(), &theirs.concat());
    let of_candle = |text: String| if candle.is_empty() { String::new() } else { text };
    println!(
        "| {} | {zeropoint:.4} | {ggml:.4} | {} | {:.1} | {} | {differ} of {bytes} |",
        B::NAME,
        of_candle(format!("{by_candle:.4}")),
        ggml / zeropoint,
        of_candle(format!("{:.1}", by_candle / zeropoint)),
    );
}
