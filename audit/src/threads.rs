//! Calls from several threads at once.

use std::collections::VecDeque;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::buffers::Answer;
use crate::code::Element;

/// The time for which the threads repeat their calls.
const TOGETHER: Duration = Duration::from_micros(40);

/// The answer of a kernel that was called alone, and then from several threads at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnThreads {
    is_refusal: bool,
    is_reentrant: bool,
}

impl Answer for OnThreads {
    fn is_refusal(&self) -> bool {
        self.is_refusal
    }

    fn is_reentrant(&self) -> bool {
        self.is_reentrant
    }
}

/// A call, and its results.
struct Kept<S, P, D> {
    src: Vec<S>,
    params: P,
    dst: Vec<D>,
}

/// The newest calls, which are repeated at once.
struct Newest<S, P, D> {
    count: usize,
    kept: VecDeque<Kept<S, P, D>>,
}

impl<S, P, D> Newest<S, P, D>
where
    S: Element + Send + Sync,
    P: Copy + Send + Sync,
    D: Element + Send + Sync,
{
    fn new(count: usize) -> Self {
        Self { count, kept: VecDeque::new() }
    }

    fn call<A: Answer>(
        &mut self,
        src: &[S],
        params: P,
        dst: &mut [D],
        kernel: &(impl Fn(&[S], P, &mut [D]) -> A + Sync),
    ) -> OnThreads {
        let is_refusal = kernel(src, params, dst).is_refusal();
        if is_refusal || src.is_empty() || self.count < 2 {
            return OnThreads { is_refusal, is_reentrant: true };
        }
        self.kept.push_back(Kept { src: src.to_vec(), params, dst: dst.to_vec() });
        if self.kept.len() > self.count {
            self.kept.pop_front();
        }
        OnThreads { is_refusal, is_reentrant: self.is_reentrant(kernel) }
    }

    /// Repeats all calls at once, and says whether the results stay as they were.
    fn is_reentrant<A: Answer>(&self, kernel: &(impl Fn(&[S], P, &mut [D]) -> A + Sync)) -> bool {
        let barrier = Barrier::new(self.kept.len());
        let is_reentrant = AtomicBool::new(true);
        std::thread::scope(|scope| {
            for Kept { src, params, dst } in &self.kept {
                let (barrier, is_reentrant) = (&barrier, &is_reentrant);
                scope.spawn(move || {
                    let mut again = dst.clone();
                    barrier.wait();
                    let began = Instant::now();
                    while began.elapsed() < TOGETHER {
                        again.fill(D::pattern(0x5a));
                        kernel(src, *params, &mut again);
                        if again.iter().zip(dst).any(|(a, b)| a.output() != b.output()) {
                            is_reentrant.store(false, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        is_reentrant.into_inner()
    }
}

/// Wraps a kernel for an audit, so that each call is repeated on `count` threads at once, beside the calls before it.
///
/// The audit reports a kernel whose results then differ from those of a call alone as not reentrant. A kernel that has
/// such a fault may hide it: nothing makes threads meet.
///
/// ```
/// use zeropoint_audit::{Quantize, on_threads, quantize};
///
/// let report = quantize(Quantize::REFERENCE, on_threads(4, |x: &[f32], s, z, dst: &mut [u8]| {
///     for (x, q) in x.iter().zip(dst) {
///         *q = ((x / s).round_ties_even() as i32).saturating_add(z).clamp(0, 255) as u8;
///     }
/// }));
/// assert!(report.sentence().ends_with("NaN becomes the integer 0 before Z is added."));
/// ```
pub fn on_threads<S, D, A>(
    count: usize,
    kernel: impl Fn(&[S], f32, i32, &mut [D]) -> A + Sync,
) -> impl FnMut(&[S], f32, i32, &mut [D]) -> OnThreads
where
    S: Element + Send + Sync,
    D: Element + Send + Sync,
    A: Answer,
{
    let mut newest = Newest::new(count);
    move |src, scale, zero_point, dst| {
        let kernel = |src: &[S], (s, z), dst: &mut [D]| kernel(src, s, z, dst);
        newest.call(src, (scale, zero_point), dst, &kernel)
    }
}

/// Wraps an encoder or a decoder of blocks, as [`on_threads`] does other kernels.
pub fn blocks_on_threads<S, D, A>(
    count: usize,
    kernel: impl Fn(&[S], &mut [D]) -> A + Sync,
) -> impl FnMut(&[S], &mut [D]) -> OnThreads
where
    S: Element + Send + Sync,
    D: Element + Send + Sync,
    A: Answer,
{
    let mut newest = Newest::new(count);
    move |src, dst| newest.call(src, (), dst, &|src: &[S], (), dst: &mut [D]| kernel(src, dst))
}
