//! Differences in speed between CPUs that have the same instructions, as far as they were measured.
//!
//! The functions are never inlined: kernels call them once, and a kernel consists of vector instructions.

/// Says whether the CPU has some instructions. Without the standard library, only the target's are known.
#[cfg(target_arch = "x86_64")]
macro_rules! has {
    ($feature:tt) => {{
        #[cfg(feature = "std")]
        let found = std::arch::is_x86_feature_detected!($feature);
        #[cfg(not(feature = "std"))]
        let found = cfg!(target_feature = $feature);
        found
    }};
}

#[cfg(test)]
std::thread_local! {
    /// The answer of [`is_amd`] in a test that takes both ways.
    pub(crate) static IS_AMD: core::cell::Cell<Option<bool>> = const { core::cell::Cell::new(None) };
}

/// Says whether AMD made the CPU: no other maker's CPUs have the instructions SSE4a.
#[cfg(target_arch = "x86_64")]
fn is_amd() -> bool {
    #[cfg(test)]
    if let Some(is_amd) = IS_AMD.get() {
        return is_amd;
    }
    has!("sse4a")
}

/// Says whether the CPU compares as many integers of 512 bits in a cycle as floats. AMD's CPUs do, Intel's have half as
/// many units for integers. (The range by bits takes .58 of the time of `by_both.rs` on Zen 5, in the first cache, and
/// 1.5 on an Intel Xeon of 2023.)
#[inline(never)]
pub(crate) fn compares_many_integers() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_amd();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Says whether prefetching makes reading from memory faster: not on AMD's CPUs without AVX-512. (With prefetching, the
/// range of a tensor in memory takes four fifths of the time on an Intel Xeon of 2023, .88 to .98 on Zen 5, and up to
/// 1.08 on Zen 3.)
#[inline(never)]
pub(crate) fn gains_by_prefetching() -> bool {
    #[cfg(target_arch = "x86_64")]
    return !is_amd() || has!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    true
}
