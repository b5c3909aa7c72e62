//! A BERT encoder whose matrices are `QTensor`s: candle has BERT in floats only.

use std::collections::HashMap;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{D, Module, Result, Tensor, bail};
use candle_nn::LayerNorm;
use candle_nn::ops::softmax_last_dim;

/// The heads and the epsilon of all-MiniLM-L6-v2, which its weights do not say.
const HEADS: usize = 12;
const EPSILON: f64 = 1e-12;

/// Looks weights up by their names in the file, and quantizes the matrices.
struct Weights<'a, F> {
    tensors: &'a HashMap<String, Tensor>,
    quantize: F,
}

impl<F: Fn(&Tensor) -> Result<QTensor>> Weights<'_, F> {
    fn tensor(&self, name: &str) -> Result<Tensor> {
        let Some(tensor) = self.tensors.get(name) else { bail!("the model has no {name}") };
        Ok(tensor.clone())
    }

    fn table(&self, name: &str) -> Result<QTensor> {
        (self.quantize)(&self.tensor(&format!("embeddings.{name}_embeddings.weight"))?)
    }

    fn linear(&self, name: &str) -> Result<Linear> {
        Ok(Linear {
            weight: QMatMul::from_qtensor((self.quantize)(
                &self.tensor(&format!("{name}.weight"))?,
            )?)?,
            bias: self.tensor(&format!("{name}.bias"))?,
        })
    }

    fn norm(&self, name: &str) -> Result<LayerNorm> {
        let [weight, bias] = ["weight", "bias"].map(|part| self.tensor(&format!("{name}.{part}")));
        Ok(LayerNorm::new(weight?, bias?, EPSILON))
    }
}

struct Linear {
    weight: QMatMul,
    bias: Tensor,
}

impl Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.weight.forward(x)?.broadcast_add(&self.bias)
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: LayerNorm,
    wide: Linear,
    narrow: Linear,
    norm: LayerNorm,
}

impl Layer {
    fn new<F: Fn(&Tensor) -> Result<QTensor>>(weights: &Weights<F>, number: usize) -> Result<Self> {
        let linear = |name| weights.linear(&format!("encoder.layer.{number}.{name}"));
        let norm = |name| weights.norm(&format!("encoder.layer.{number}.{name}.LayerNorm"));
        Ok(Self {
            query: linear("attention.self.query")?,
            key: linear("attention.self.key")?,
            value: linear("attention.self.value")?,
            attended: linear("attention.output.dense")?,
            attended_norm: norm("attention.output")?,
            wide: linear("intermediate.dense")?,
            narrow: linear("output.dense")?,
            norm: norm("output")?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let attended = self.attended.forward(&self.attend(x)?)?;
        let x = self.attended_norm.forward(&(attended + x)?)?;
        let inner = self.narrow.forward(&self.wide.forward(&x)?.gelu_erf()?)?;
        self.norm.forward(&(inner + x)?)
    }

    fn attend(&self, x: &Tensor) -> Result<Tensor> {
        let (tokens, width) = x.dims2()?;
        let heads = |linear: &Linear| {
            linear
                .forward(x)?
                .reshape((tokens, HEADS, width / HEADS))?
                .transpose(0, 1)?
                .contiguous()
        };
        let (query, key, value) = (heads(&self.query)?, heads(&self.key)?, heads(&self.value)?);
        let products = query.matmul(&key.t()?)?;
        let weights = softmax_last_dim(&(products / ((width / HEADS) as f64).sqrt())?)?;
        weights.matmul(&value)?.transpose(0, 1)?.reshape((tokens, width))
    }
}

/// Turns the tokens of a sentence into numbers.
pub struct Encoder {
    words: QTensor,
    positions: QTensor,
    types: QTensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl Encoder {
    /// Builds the encoder from the tensors of a file; `quantize` is called for each of its matrices.
    pub fn new(
        tensors: &HashMap<String, Tensor>,
        quantize: impl Fn(&Tensor) -> Result<QTensor>,
    ) -> Result<Self> {
        let weights = Weights { tensors, quantize };
        let is_layer = |number: &usize| {
            tensors.contains_key(&format!("encoder.layer.{number}.output.dense.weight"))
        };
        let layers = (0..).take_while(is_layer).map(|number| Layer::new(&weights, number));
        Ok(Self {
            words: weights.table("word")?,
            positions: weights.table("position")?,
            types: weights.table("token_type")?,
            norm: weights.norm("embeddings.LayerNorm")?,
            layers: layers.collect::<Result<_>>()?,
        })
    }

    /// Returns the numbers of every token, `[tokens, width]`.
    pub fn forward(&self, tokens: &[u32]) -> Result<Tensor> {
        let device = &candle_core::Device::Cpu;
        let places = Tensor::arange(0, tokens.len() as u32, device)?;
        let words = self.words.embedding(&Tensor::new(tokens, device)?)?;
        let x = ((words + self.positions.embedding(&places)?)?
            + self.types.embedding(&places.zeros_like()?)?)?;
        let x = self.norm.forward(&x)?;
        self.layers.iter().try_fold(x, |x, layer| layer.forward(&x))
    }

    /// Returns the average over the tokens, of length 1: the sentence's embedding.
    pub fn embed(&self, tokens: &[u32]) -> Result<Vec<f32>> {
        let mean = self.forward(tokens)?.mean(0)?;
        let length = mean.sqr()?.sum(D::Minus1)?.sqrt()?;
        mean.broadcast_div(&length)?.to_vec1()
    }
}
