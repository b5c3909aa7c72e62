//! The divergence between a clipped histogram and its quantized form.
//!
//! ```text
//! Σ p ln(p / q) = (Σ P ln P - Σ P ln Q) / N + ln(N' / N)
//! ```
//!
//! with P = p·N, the bins of the window, the outermost with what is beyond, N elements in all; and Q =
//! q·N', the bins of the window, N' elements, those of one code made equal. Q is the same for all bins
//! of a code, so a window takes a logarithm for every code, not for every bin.

use crate::observer::bins::{Counts, HALF, ZERO};
use crate::observer::choice::{Grid, Window, slot_at};

/// What the code of an outermost bin has, if only elements beyond it have that code: the divergence
/// would be infinite, for a single outlier. (MXNet's figure, which ONNX Runtime takes too.)
const NEXT_TO_NOTHING: f64 = 1e-4;

/// `n ln n`, which is 0 for nothing.
fn n_ln_n(n: f64) -> f64 {
    if n > 0.0 { n * libm::log(n) } else { 0.0 }
}

/// A histogram without its zeros, and what all windows have in common.
pub(super) struct Entropy<'a> {
    counts: &'a Counts,
    /// `n ln n` of every slot.
    logs: [f64; 2 * HALF + 1],
    /// All elements.
    total: f64,
}

/// The bins of one code.
#[derive(Default)]
struct Cell {
    /// Elements, with what is beyond the window.
    p: f64,
    /// Elements within the window.
    q: f64,
    /// Bins that have a share of them.
    bins: f64,
}

impl Cell {
    /// `Σ P ln Q`
    fn log(&self) -> f64 {
        if self.p == 0.0 {
            return 0.0;
        }
        let q = if self.q == 0.0 { NEXT_TO_NOTHING } else { self.q };
        self.p * libm::log(q / self.bins)
    }
}

impl<'a> Entropy<'a> {
    pub(super) fn new(counts: &'a Counts) -> Self {
        let mut logs = [0.0; 2 * HALF + 1];
        for (log, &count) in logs.iter_mut().zip(counts) {
            *log = n_ln_n(count as f64);
        }
        Self { counts, logs, total: sum(counts) - counts[ZERO] as f64 }
    }

    /// The divergence times the number of elements.
    pub(super) fn of(&self, window: Window, grid: &Grid) -> f64 {
        let (first, last) = (slot_at(window.lower), slot_at(window.upper - 1));
        let zeros_below = if first > ZERO { self.counts[ZERO] as f64 } else { 0.0 };
        let zeros_above = if last < ZERO { self.counts[ZERO] as f64 } else { 0.0 };
        let below = sum(&self.counts[..first]) - zeros_below;
        let above = sum(&self.counts[last + 1..]) - zeros_above;
        let mut self_information = 0.0;
        let mut cross_information = 0.0;
        let (mut cell, mut code) = (Cell::default(), f64::NAN);
        for k in window.lower..window.upper {
            let slot = slot_at(k);
            let q = self.counts[slot] as f64;
            let beyond =
                if slot == first { below } else { 0.0 } + if slot == last { above } else { 0.0 };
            if q + beyond == 0.0 {
                continue;
            }
            let of_bin = grid.code_of(f64::from(k) + 0.5);
            if of_bin != code {
                cross_information += cell.log();
                (cell, code) = (Cell::default(), of_bin);
            }
            cell.p += q + beyond;
            cell.q += q;
            cell.bins += 1.0;
            self_information += if beyond > 0.0 { n_ln_n(q + beyond) } else { self.logs[slot] };
        }
        cross_information += cell.log();
        let within = self.total - below - above;
        if within < 0.5 * self.total {
            return f64::INFINITY;
        }
        self_information - cross_information + self.total * libm::log(within / self.total)
    }
}

/// Exact up to 2⁵³ elements; in the order of the slots.
fn sum(counts: &[u64]) -> f64 {
    let mut sum = 0.0;
    for &count in counts {
        sum += count as f64;
    }
    sum
}
