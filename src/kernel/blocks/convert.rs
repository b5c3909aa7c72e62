//! Floats of 16 bits to `f32` and back.

use crate::element::Real;
use crate::simd::{FloatOps, Kernel, Load, Store};

/// Converts the numbers of `src`, rounded to nearest, ties to even. There is no NaN but `f32::NAN`.
pub(crate) struct Convert<'a, T, U> {
    pub(crate) src: &'a [T],
    pub(crate) dst: &'a mut [U],
}

impl<S, T, U> Kernel<S> for Convert<'_, T, U>
where
    S: FloatOps<f32, V: Load<S, T> + Store<S, U>>,
    T: Real<Compute = f32>,
    U: Real<Compute = f32>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        for (i, src) in self.src.chunks(S::STEP).enumerate() {
            let dst = &mut self.dst[i * S::STEP..][..src.len()];
            if src.len() == S::STEP {
                let x: [S::V; 4] = Load::load_step(s, src);
                Store::<S, U>::store(x, s, dst);
            } else {
                let x: [S::V; 4] = Load::load_part(s, src, T::zeroed());
                Store::<S, U>::store_part(x, s, dst);
            }
        }
    }
}
