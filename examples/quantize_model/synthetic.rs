//! A transformer made of random numbers, for a first look without a download.

use crate::model::{Data, Tensor};

const LAYERS: usize = 6;
const WIDTH: usize = 512;
const HIDDEN: usize = 2048;
const VOCABULARY: usize = 12_288;
const POSITIONS: usize = 512;

/// Every how manieth input channel is an outlier, and by how much: trained transformers have a few
/// channels that are an order of magnitude larger than the rest, and those are what makes a
/// tensor's range hard to spend 256 codes on.
const OUTLIER_EVERY: usize = 97;
const OUTLIER_FACTOR: f32 = 9.0;

/// Returns a model of 25.5 million weights, the same on every machine and in every run.
pub(crate) fn model() -> Vec<Tensor<'static>> {
    let mut made = Maker { random: SplitMix64(0x5EED), tensors: Vec::new() };
    made.matrix("embeddings.token", VOCABULARY, WIDTH, 0.02);
    made.matrix("embeddings.position", POSITIONS, WIDTH, 0.01);
    for layer in 0..LAYERS {
        let name = |part: &str| format!("layers.{layer}.{part}");
        // Trained weights grow with depth.
        let sigma = 0.03 + 0.005 * layer as f32;
        made.norm(&name("attention_norm"));
        made.linear(&name("attention.qkv"), 3 * WIDTH, WIDTH, sigma, 0.0);
        made.linear(&name("attention.out"), WIDTH, WIDTH, sigma, 0.0);
        made.norm(&name("mlp_norm"));
        // The biases before an activation lean to its quiet side.
        made.linear(&name("mlp.up"), HIDDEN, WIDTH, sigma, -0.06);
        made.linear(&name("mlp.down"), WIDTH, HIDDEN, sigma, 0.0);
    }
    made.norm("final_norm");
    made.tensors
}

struct Maker {
    random: SplitMix64,
    tensors: Vec<Tensor<'static>>,
}

impl Maker {
    fn linear(&mut self, name: &str, outputs: usize, inputs: usize, sigma: f32, bias: f32) {
        self.matrix(&format!("{name}.weight"), outputs, inputs, sigma);
        self.vector(&format!("{name}.bias"), outputs, bias, 0.03);
    }

    /// Gains about 1, which never come near 0, and shifts about 0.
    fn norm(&mut self, name: &str) {
        self.vector(&format!("{name}.weight"), WIDTH, 1.0, 0.1);
        self.vector(&format!("{name}.bias"), WIDTH, 0.0, 0.05);
    }

    fn matrix(&mut self, name: &str, rows: usize, columns: usize, sigma: f32) {
        let mut values = self.normal(rows * columns, 0.0, sigma);
        let first = (self.random.next() % OUTLIER_EVERY as u64) as usize;
        for row in values.chunks_exact_mut(columns) {
            for x in row.iter_mut().skip(first).step_by(OUTLIER_EVERY) {
                *x *= OUTLIER_FACTOR;
            }
        }
        self.push(name, vec![rows, columns], values);
    }

    fn vector(&mut self, name: &str, len: usize, mean: f32, sigma: f32) {
        let values = self.normal(len, mean, sigma);
        self.push(name, vec![len], values);
    }

    fn normal(&mut self, len: usize, mean: f32, sigma: f32) -> Vec<f32> {
        (0..len).map(|_| mean + sigma * self.random.normal()).collect()
    }

    fn push(&mut self, name: &str, shape: Vec<usize>, values: Vec<f32>) {
        self.tensors.push(Tensor {
            name: name.into(),
            shape,
            data: Data::Made(values),
            skip: None,
        });
    }
}

/// Steele, Lea and Flood's generator.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Mean 0, variance 1, nearly normal: the sum of the eight 16-bit quarters of two draws.
    ///
    /// A sum of integers is the same on every machine; the logarithm and the cosine of the usual
    /// method are not.
    fn normal(&mut self) -> f32 {
        let quarters = |z: u64| (0..4).map(|i| (z >> (16 * i)) as u16 as i32).sum::<i32>();
        let sum = quarters(self.next()) + quarters(self.next());
        // A uniform 16-bit number has mean 65535 / 2 and variance 65536² / 12, eight have 8 times.
        (sum - 4 * 65_535) as f32 * (1.224_744_9 / 65_536.0)
    }
}
