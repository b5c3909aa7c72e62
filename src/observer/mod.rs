//! Observers: what calibration needs to know of data that are not all there at once.

pub(crate) mod bins;
mod bounds;
mod choice;
mod entropy;
mod histogram;
mod least_error;
mod min_max;
mod moving_average;
#[cfg(feature = "serde")]
mod stored;

pub(crate) use bins::Counts;
pub use choice::Clip;
pub use histogram::HistogramObserver;
pub use min_max::MinMaxObserver;
pub use moving_average::MovingAverageObserver;
