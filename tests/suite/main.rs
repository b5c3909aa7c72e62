//! The tests that need no target of their own: places in memory, operations made of others, observers, threads.

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod bias;
mod grid;
#[cfg(feature = "half")]
mod halves;
mod multipliers;
#[cfg(feature = "alloc")]
mod observers;
mod positions;
mod requantize;
mod sums;
#[cfg(feature = "rayon")]
mod threads;
