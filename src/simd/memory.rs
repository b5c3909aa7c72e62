//! Loads and stores of registers, also for slices that are shorter than a step.

use bytemuck::Pod;

use super::{LONGEST_STEP, MOST_LANES, Simd};

/// Returns the index of the first element of register `group`, for a slice of `len` elements that is shorter than a
/// step, but not shorter than a register of `lanes`. A register begins behind the register before it, but early enough
/// to end inside the slice.
///
/// This is the contract of every `load_part` and `store_part`. Registers are whole and may overlap. For a slice shorter
/// than a register, only the first lanes of the first register count. An instruction set with masks ([`Simd::MASKS`])
/// puts each register behind the one before it, for a slice of any length, and leaves out the lanes beyond the end.
#[inline(always)]
pub(crate) fn part(len: usize, group: usize, lanes: usize) -> usize {
    (group * lanes).min(len - lanes)
}

/// A register that is loaded from elements `E`, which may be converted.
pub(crate) trait Load<S: Simd, E: Pod>: Copy {
    /// The number of elements that a register holds.
    const LANES: usize = S::LANES;

    /// Reads a register from the front of `src`.
    fn load(s: S, src: &[E]) -> Self;

    instructions! { safe
        /// Reads a register from element `at` of `src` on; lanes beyond the end are `fill`.
        fn load_rest(s: S, src: &[E], at: usize, fill: E) -> Self = {
            const { assert!(Self::LANES <= MOST_LANES) };
            let mut lanes = [fill; MOST_LANES];
            let at = at.min(src.len());
            let len = (src.len() - at).min(Self::LANES);
            lanes[..len].copy_from_slice(&src[at..at + len]);
            Self::load(s, &lanes)
        };
        /// Reads four registers from the front of `src`.
        fn load_step(s: S, src: &[E]) -> [Self; 4] = {
            let n = Self::LANES;
            let src = &src[..4 * n];
            let (a, b) = (Self::load(s, src), Self::load(s, &src[n..]));
            [a, b, Self::load(s, &src[2 * n..]), Self::load(s, &src[3 * n..])]
        };
        /// Reads all of `src`, shorter than four registers, at the places of [`part`]; all other lanes are `fill`.
        fn load_part(s: S, src: &[E], fill: E) -> [Self; 4] = {
            let (len, n) = (src.len(), Self::LANES);
            if S::MASKS {
                let (a, b) = (Self::load_rest(s, src, 0, fill), Self::load_rest(s, src, n, fill));
                let c = Self::load_rest(s, src, 2 * n, fill);
                [a, b, c, Self::load_rest(s, src, 3 * n, fill)]
            } else {
                let mut v = [Self::load(s, &[fill; MOST_LANES]); 4];
                if len < n {
                    v[0] = Self::load_rest(s, src, 0, fill);
                } else {
                    for group in 0..4 {
                        v[group] = Self::load(s, &src[part(len, group, n)..]);
                    }
                }
                v
            }
        };
    }
}

/// Implements [`Store::store_rest`] by copying from an array.
#[inline(always)]
fn store_rest_by_copy<S: Simd, E: Pod, V: Store<S, E>>(v: V, s: S, dst: &mut [E], at: usize) {
    let lanes: &mut [E] = if V::LANES <= MOST_LANES {
        &mut [E::zeroed(); MOST_LANES]
    } else {
        &mut [E::zeroed(); LONGEST_STEP]
    };
    v.store(s, lanes);
    let at = at.min(dst.len());
    let len = (dst.len() - at).min(V::LANES);
    dst[at..at + len].copy_from_slice(&lanes[..len]);
}

/// A register, or a step, that is stored as elements `E`.
pub(crate) trait Store<S: Simd, E: Pod>: Copy {
    /// The number of elements that the value holds.
    const LANES: usize = S::LANES;

    /// Writes the value to the front of `dst`.
    fn store(self, s: S, dst: &mut [E]);

    instructions! { safe
        /// Writes the value past the caches if there is such an instruction; `dst` is aligned to a register in memory.
        fn stream(self, s: S, dst: &mut [E]) = self.store(s, dst);
        /// Writes a register from element `at` of `dst` on, and leaves out the lanes beyond the end.
        fn store_rest(self, s: S, dst: &mut [E], at: usize) = store_rest_by_copy(self, s, dst, at);
        /// Writes four registers to the front of `dst`.
        fn store_step(v: [Self; 4], s: S, dst: &mut [E]) = {
            let dst = &mut dst[..4 * Self::LANES];
            for group in 0..4 {
                v[group].store(s, &mut dst[group * Self::LANES..]);
            }
        };
        /// Writes four registers past the caches, as `stream` does.
        fn stream_step(v: [Self; 4], s: S, dst: &mut [E]) = for group in 0..4 {
            v[group].stream(s, &mut dst[group * Self::LANES..]);
        };
        /// Fills `dst`, which is shorter than a step, at the places that [`part`] gives.
        fn store_part(self, s: S, dst: &mut [E]) = {
            let (len, n) = (dst.len(), Self::LANES / 4);
            if S::MASKS || len < n {
                return self.store_rest(s, dst, 0);
            }
            let mut step = [E::zeroed(); LONGEST_STEP];
            self.store(s, &mut step);
            for group in 0..4 {
                let at = part(len, group, n);
                dst[at..at + n].copy_from_slice(&step[group * n..group * n + n]);
            }
        };
    }
}

instructions! { safe
    impl<S: Simd, E: Pod, V: Store<S, E>> Store<S, E> for [V; 2] {
        const LANES: usize = 2 * V::LANES;
        fn store(self, s: S, dst: &mut [E]) = {
            let (low, high) = dst[..2 * V::LANES].split_at_mut(V::LANES);
            self[0].store(s, low);
            self[1].store(s, high);
        };
        fn stream(self, s: S, dst: &mut [E]) = {
            let (low, high) = dst[..2 * V::LANES].split_at_mut(V::LANES);
            self[0].stream(s, low);
            self[1].stream(s, high);
        };
        fn store_rest(self, s: S, dst: &mut [E], at: usize) = if S::MASKS {
            self[0].store_rest(s, dst, at);
            self[1].store_rest(s, dst, at + V::LANES);
        } else {
            store_rest_by_copy(self, s, dst, at);
        };
    }

    impl<S: Simd, E: Pod, V: Store<S, E>> Store<S, E> for [V; 4] {
        const LANES: usize = 4 * V::LANES;
        fn store(self, s: S, dst: &mut [E]) = V::store_step(self, s, dst);
        fn stream(self, s: S, dst: &mut [E]) = V::stream_step(self, s, dst);
        fn store_part(self, s: S, dst: &mut [E]) = {
            let (len, n) = (dst.len(), V::LANES);
            if S::MASKS {
                for group in 0..4 {
                    self[group].store_rest(s, dst, group * n);
                }
            } else if len < n {
                self[0].store_rest(s, dst, 0);
            } else {
                for group in 0..4 {
                    self[group].store(s, &mut dst[part(len, group, n)..]);
                }
            }
        };
    }
}
