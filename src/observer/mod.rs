//! Observers find the range of data that are never all in memory at once.
//!
//! To calibrate a model, run it on typical inputs, pass each of its tensors to an observer batch by batch, and ask for
//! the parameters at the end.
//!
//! | observer | the range | depends on order and batches |
//! |---|---|---|
//! | [`MinMaxObserver`] | from the least to the greatest element | no; `merge` |
//! | [`PerChannelMinMaxObserver`] (feature `alloc`) | the same for each channel | no; `merge` |
//! | [`MovingAverageObserver`] | the moving averages of the batches' least and greatest | yes |
//! | [`HistogramObserver`] (feature `alloc`) | by percentile, least squared error or entropy: [`Clip`] | no; `merge` |
//!
//! ```
//! use zeropoint::{QParams, Scheme, observer::{Clip, HistogramObserver}};
//! let mut observer = HistogramObserver::new();
//! for batch in [[0.1_f32, -0.4, 0.9], [0.3, 0.7, -1.0]] {
//!     observer.observe(&batch);
//! }
//! let p: QParams<f32, u8> = observer.params(Scheme::asymmetric(), Clip::Percentile(100.0))?;
//! assert_eq!(p.scale(), 1.9 / 255.0);
//! # Ok::<(), zeropoint::Error>(())
//! ```
//!
//! Shards of the data can be observed on many machines, and the observers merged on one: `to_bytes` and `from_bytes`
//! (feature `alloc`) carry a state in one form, which C reads too. With the feature `serde`, observers are `Serialize`
//! and `Deserialize`. States that are read are checked. The format must keep floats exactly
//! (`serde_json` does with its feature `float_roundtrip`).
//!
//! After a NaN or an infinity, every request for a range or for parameters is an `Err`.
//!
//! # Beside PyTorch and ONNX Runtime
//!
//! `python3 benches/calibrators.py` shows the same data to the observers of `torch.ao.quantization`
//! 2.15 and to the calibrators of `onnxruntime.quantization` 1.32, with these results.
//!
//! | | theirs | ours |
//! |---|---|---|
//! | min/max, moving average | the same bits (PyTorch, both) | the same bits |
//! | NaN and infinity | PyTorch: a scale of NaN or infinity, the histogram drops infinities; ONNX Runtime drops NaNs | refused |
//! | bins | PyTorch: 2048 from minimum to maximum, shared out anew when data outgrow them. ONNX Runtime: 128 or 2048 over the first batch, and as many more as later ones need. An outlier leaves few bins for the other data, and the counts depend on the order of the batches | 128 for each octave of each sign, whatever the data. Data of one magnitude far from 0 have few |
//! | percentile | ONNX Runtime: the inner edge of the bin in which it lies | the outer edge, so at least so many are kept: at most 2⁻⁷ beyond the exact percentile |
//! | least error | PyTorch: cuts 10⁻⁵ of the elements at a time until the error rises, which may be early; the dtype's number of codes even where `quant_min` and `quant_max` leave fewer; of symmetric schemes, the error of an asymmetric one | all cuts at a magnitude, then each end, with the scheme's own codes. In 40 comparisons the data's error was at most 0.2 % above PyTorch's (uniform data from 100 to 101). Without outliers it was less by up to a sixth at 8 bits, by a third or more at 4. Two outliers of 2600 decide both choices: the range ends at 2600 |
//! | entropy | ONNX Runtime: 128 codes whatever the scheme, and as many bins, so that one batch is never clipped; the same number of bins for every code; two outliers of 2600 are kept, at the cost of all other data | the scheme's own codes; each bin for the code that it gets; bins that are narrow where the data are dense: the two outliers are clipped. Mostly the same at 8 bits (narrower, with a greater squared error, for heavy tails: Student t), narrower at 4 |

#[cfg(feature = "alloc")]
mod bytes;
#[cfg(feature = "alloc")]
mod histogram;
mod min_max;
mod moving_average;
#[cfg(feature = "alloc")]
mod per_channel;
#[cfg(feature = "serde")]
mod stored;

#[cfg(feature = "alloc")]
pub use histogram::{Clip, HistogramObserver};
pub use min_max::MinMaxObserver;
pub use moving_average::MovingAverageObserver;
#[cfg(feature = "capi")]
pub(crate) use per_channel::Obstacle;
#[cfg(feature = "alloc")]
pub use per_channel::PerChannelMinMaxObserver;
