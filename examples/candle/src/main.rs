//! A model whose weights candle and zeropoint quantize: how many bytes differ, how long each takes, and what the model
//! then says of some sentences.
//!
//!     cargo run --release -- FOLDER      # with model.safetensors and tokenizer.json

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use tokenizers::Tokenizer;
use zeropoint::{Auto, Backend};
use zeropoint_in_candle::encoder::Encoder;
use zeropoint_in_candle::quantize;

const ROUNDS: usize = 15;

/// The formats that files have weights in, whose bytes have to be equal.
const WEIGHTS: [GgmlDType; 5] =
    [GgmlDType::Q8_0, GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1];
/// The formats that engines have activations in.
const ACTIVATIONS: [GgmlDType; 2] = [GgmlDType::Q8_1, GgmlDType::Q8K];

/// The cosine of the embeddings is printed for each pair.
const PAIRS: [[&str; 2]; 3] = [
    ["A cat sleeps on the warm roof of the car.", "The kitten is napping on top of the vehicle."],
    [
        "A cat sleeps on the warm roof of the car.",
        "Petrol for cars has become expensive this year.",
    ],
    [
        "A cat sleeps on the warm roof of the car.",
        "The committee postponed its vote on the budget.",
    ],
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match &arguments[..] {
        [folder] => run(Path::new(folder)),
        other => Err(format!("one FOLDER is needed, not {}", other.len()).into()),
    };
    if let Err(error) = result {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(folder: &Path) -> Result<(), Box<dyn Error>> {
    let backend = Auto::detect()?;
    let path = folder.join("model.safetensors");
    let tensors = candle_core::safetensors::load(&path, &Device::Cpu)
        .map_err(|e| format!("{}: {e}", path.display()))?;
    let differing = weights(&tensors, backend)?;
    let tokenizer =
        Tokenizer::from_file(folder.join("tokenizer.json")).map_err(|e| e.to_string())?;
    let differing = differing + model(&tensors, &tokenizer, backend)?;
    match differing {
        0 => Ok(()),
        n => Err(format!("{n} bytes or numbers differ that have to be equal").into()),
    }
}

/// Quantizes all matrices with both, in every format. Returns how many bytes differ in those that have to be equal.
fn weights(tensors: &HashMap<String, Tensor>, backend: Auto) -> Result<usize, Box<dyn Error>> {
    // In one row, which is a whole number of blocks of 256 too.
    let matrices: Vec<Tensor> = tensors
        .values()
        .filter(|t| t.rank() == 2 && t.dtype().is_float())
        .map(Tensor::flatten_all)
        .collect::<Result<_, _>>()?;
    let elements: usize = matrices.iter().map(Tensor::elem_count).sum();
    println!(
        "{} matrices, {elements} weights, one thread, zeropoint with {}: medians of {ROUNDS}\n",
        matrices.len(),
        backend.name()
    );
    println!(
        "| format | bytes | of which differ | candle ms | zeropoint ms | candle / zeropoint |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let mut wrong = 0;
    for dtype in WEIGHTS.into_iter().chain(ACTIVATIONS) {
        let (mut bytes, mut differ) = (0, 0);
        for matrix in &matrices {
            let [candle, ours] =
                [QTensor::quantize(matrix, dtype)?, quantize(&backend, matrix, dtype)?];
            let (candle, ours) = (candle.data()?, ours.data()?);
            bytes += ours.len();
            differ += candle.iter().zip(&*ours).filter(|(a, b)| a != b).count();
        }
        let [candle, ours] = in_turn(
            || {
                matrices
                    .iter()
                    .try_for_each(|m| QTensor::quantize(m, dtype).map(black_box).map(drop))
            },
            || {
                matrices
                    .iter()
                    .try_for_each(|m| quantize(&backend, m, dtype).map(black_box).map(drop))
            },
        )?;
        println!(
            "| {dtype:?} | {bytes} | {differ} | {candle:.1} | {ours:.2} | {:.1} |",
            candle / ours
        );
        wrong += if WEIGHTS.contains(&dtype) { differ } else { 0 };
    }
    Ok(wrong)
}

/// Returns the median milliseconds of two, which are called in turn.
fn in_turn<E>(
    mut one: impl FnMut() -> Result<(), E>,
    mut other: impl FnMut() -> Result<(), E>,
) -> Result<[f64; 2], E> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        times[0].push(time(&mut one)?);
        times[1].push(time(&mut other)?);
    }
    Ok(times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    }))
}

fn time<E>(work: &mut impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

/// Runs the model with candle's bytes and with ours. Returns how many numbers of its outputs differ.
fn model(
    tensors: &HashMap<String, Tensor>,
    tokenizer: &Tokenizer,
    backend: Auto,
) -> Result<usize, Box<dyn Error>> {
    let tokens = |text: &str| -> Result<Vec<u32>, Box<dyn Error>> {
        let encoding = tokenizer.encode(text, true).map_err(|e| e.to_string())?;
        // The file asks for padding to a fixed length.
        let ids = encoding.get_ids().iter().zip(encoding.get_attention_mask());
        Ok(ids.filter(|(_, mask)| **mask == 1).map(|(id, _)| *id).collect())
    };
    let pairs = PAIRS.iter().map(|[one, other]| Ok([tokens(one)?, tokens(other)?]));
    let tokens: Vec<[Vec<u32>; 2]> = pairs.collect::<Result<_, Box<dyn Error>>>()?;
    println!(
        "\nThe model's output for {} sentences, and the cosines of the pairs:\n",
        2 * PAIRS.len()
    );
    println!("| weights | numbers that differ | cosines: candle's bytes | zeropoint's |");
    println!("|---|--:|---|---|");
    let mut wrong = 0;
    for dtype in [GgmlDType::F32].into_iter().chain(WEIGHTS) {
        let candle = embed(&Encoder::new(tensors, |t| QTensor::quantize(t, dtype))?, &tokens)?;
        if dtype == GgmlDType::F32 {
            println!("| F32 | | {} | |", cosines(&candle));
            continue;
        }
        let ours = embed(&Encoder::new(tensors, |t| quantize(&backend, t, dtype))?, &tokens)?;
        let numbers = candle.iter().flatten().flatten().zip(ours.iter().flatten().flatten());
        let differ = numbers.clone().filter(|(a, b)| a.to_bits() != b.to_bits()).count();
        let (candle, ours) = (cosines(&candle), cosines(&ours));
        println!("| {dtype:?} | {differ} of {} | {candle} | {ours} |", numbers.count());
        wrong += differ;
    }
    Ok(wrong)
}

/// The embeddings of a pair of sentences.
type Pair = [Vec<f32>; 2];

fn embed(encoder: &Encoder, pairs: &[[Vec<u32>; 2]]) -> candle_core::Result<Vec<Pair>> {
    pairs.iter().map(|[one, other]| Ok([encoder.embed(one)?, encoder.embed(other)?])).collect()
}

fn cosines(pairs: &[Pair]) -> String {
    let cosine = |[one, other]: &Pair| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
    let cosines: Vec<String> = pairs.iter().map(|pair| format!("{:.4}", cosine(pair))).collect();
    cosines.join(" ")
}
