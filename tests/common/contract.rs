//! The contract's formulas a second time, written from its text and not from `src/reference.rs`:
//! by other means where there are other means, so that a slip in one is not a slip in both.

use super::floats::Float;
use super::types::Data;

/// What quantizing and dequantizing need, as plain numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain<T> {
    pub(crate) scale: T,
    pub(crate) zero_point: i32,
    pub(crate) qmin: i32,
    pub(crate) qmax: i32,
}

impl<T: Float> Plain<T> {
    pub(crate) fn of<Q: zeropoint::Code>(p: &zeropoint::QParams<T, Q>) -> Self {
        Self { scale: p.scale(), zero_point: p.zero_point(), qmin: p.qmin(), qmax: p.qmax() }
    }

    /// `qmin − Z`.
    pub(crate) fn least(&self) -> i64 {
        i64::from(self.qmin) - i64::from(self.zero_point)
    }

    /// The number of codes from `qmin` to `qmax`.
    pub(crate) fn count(&self) -> i64 {
        i64::from(self.qmax) - i64::from(self.qmin) + 1
    }

    /// `rint(x ⊘ S) + Z`. Beyond 2⁵³ it may be off by one, which is beyond every code.
    fn unclipped(&self, x: T) -> f64 {
        rint((x / self.scale).as_f64()) + f64::from(self.zero_point)
    }

    pub(crate) fn quantize(&self, x: T) -> i32 {
        let n = self.unclipped(x);
        if n > f64::from(self.qmax) {
            self.qmax
        } else if n >= f64::from(self.qmin) {
            n as i32
        } else {
            self.qmin
        }
    }

    pub(crate) fn clips(&self, x: T) -> bool {
        !(f64::from(self.qmin)..=f64::from(self.qmax)).contains(&self.unclipped(x))
    }

    pub(crate) fn dequantize(&self, q: i32) -> T {
        T::of(f64::from(q) - f64::from(self.zero_point)) * self.scale
    }

    pub(crate) fn codes<D: Data<Compute = T>>(&self, src: &[D]) -> Vec<i32> {
        src.iter().map(|x| self.quantize(x.wide())).collect()
    }

    pub(crate) fn numbers<D: Data<Compute = T>>(&self, codes: &[i32]) -> Vec<D> {
        codes.iter().map(|q| D::from_wide(self.dequantize(*q))).collect()
    }
}

/// The nearest integer, ties to even, by the fraction that is left above the integer below.
pub(crate) fn rint(t: f64) -> f64 {
    let below = t.abs().floor();
    let fraction = t.abs() - below;
    let up = fraction > 0.5 || (fraction == 0.5 && below as u64 % 2 == 1);
    (if up { below + 1.0 } else { below }).copysign(t)
}

/// `S` and `Z` of the asymmetric scheme, for codes from `qmin` to `qmax`; `Z` as it is before any
/// clamp.
pub(crate) fn asymmetric<T: Float>(min: T, max: T, qmin: i32, qmax: i32) -> (T, f64) {
    let d = T::of(f64::from(qmax - qmin));
    let mut scale = (max - min) / d;
    if !scale.finite() {
        scale = max / d - min / d;
    }
    let scale = usable(scale, max == min);
    (scale, rint((T::of(f64::from(qmin)) - min / scale).as_f64()))
}

/// `S` of the symmetric scheme of n bits.
pub(crate) fn symmetric<T: Float>(alpha: T, bits: u32) -> T {
    usable(alpha / T::of(2.0_f64.powi(bits as i32 - 1) - 1.0), alpha.as_f64() == 0.0)
}

fn usable<T: Float>(scale: T, no_width: bool) -> T {
    match no_width {
        true => T::of(1.0),
        false if scale < T::LEAST_NORMAL => T::LEAST_NORMAL,
        false => scale,
    }
}

/// The sums of an error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) squared_error: f64,
    pub(crate) squares: f64,
    pub(crate) max_abs: f64,
    pub(crate) clipped: u64,
}

impl Sums {
    fn then(self, later: Self) -> Self {
        Self {
            squared_error: self.squared_error + later.squared_error,
            squares: self.squares + later.squares,
            max_abs: self.max_abs.max(later.max_abs),
            clipped: self.clipped + later.clipped,
        }
    }

    pub(crate) fn bits(self, len: usize) -> [u64; 5] {
        error_bits([self.squared_error, self.squares, self.max_abs], self.clipped, len)
    }
}

pub(crate) fn error_bits(sums: [f64; 3], clipped: u64, len: usize) -> [u64; 5] {
    let [squared_error, squares, max_abs] = sums.map(f64::to_bits);
    [squared_error, squares, max_abs, clipped, len as u64]
}

/// The sums over a tensor.
pub(crate) fn error<T: Float>(src: &[T], p: &Plain<T>) -> Sums {
    tree(src.chunks(4096).map(|block| of_block(block, p)))
}

/// Adds parts by a stack of partial sums: a part joins the top while both are as long, and the end folds
/// what is left from the top. (The crate splits the whole instead.)
pub(crate) fn tree(parts: impl Iterator<Item = Sums>) -> Sums {
    let mut stack: Vec<(usize, Sums)> = Vec::new();
    for part in parts {
        let mut top = (1, part);
        while stack.last().is_some_and(|(parts, _)| *parts == top.0) {
            let (parts, earlier) = stack.pop().unwrap();
            top = (2 * parts, earlier.then(top.1));
        }
        stack.push(top);
    }
    let mut all = stack.pop().map_or(Sums::default(), |(_, last)| last);
    while let Some((_, earlier)) = stack.pop() {
        all = earlier.then(all);
    }
    all
}

fn of_block<T: Float>(block: &[T], p: &Plain<T>) -> Sums {
    let mut sums = Sums::default();
    let error = |x: &T| x.as_f64() - p.dequantize(p.quantize(*x)).as_f64();
    let errors: Vec<f64> = block.iter().map(error).collect();
    let numbers: Vec<f64> = block.iter().map(|x| x.as_f64()).collect();
    sums.max_abs = errors.iter().fold(0.0, |most, e| e.abs().max(most));
    sums.clipped = block.iter().filter(|x| p.clips(**x)).count() as u64;
    sums.squared_error = sum_of_squares(&errors);
    sums.squares = sum_of_squares(&numbers);
    sums
}

/// Lane by lane, where the crate goes element by element.
fn sum_of_squares(numbers: &[f64]) -> f64 {
    let lane = |j: usize| numbers.iter().skip(j).step_by(16);
    let mut lanes: Vec<f64> = (0..16).map(|j| lane(j).fold(0.0, |sum, x| sum + x * x)).collect();
    fold(&mut lanes)
}

/// The upper half of the lanes onto the lower, until one is left.
fn fold(lanes: &mut [f64]) -> f64 {
    if lanes.len() == 1 {
        return lanes[0];
    }
    let (low, high) = lanes.split_at_mut(lanes.len() / 2);
    low.iter_mut().zip(high).for_each(|(a, b)| *a += *b);
    fold(low)
}
