//! Threads for an example, if it may start any.

use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};

/// Calls `work` in a pool of threads, with their number. If this process may not start them, `work` is
/// called on this thread alone, with the reason.
///
/// Without this, rayon would start its global pool at the first use, and panic if it cannot.
pub(crate) fn in_pool<R: Send>(
    work: impl FnOnce(Result<usize, ThreadPoolBuildError>) -> R + Send,
) -> R {
    match ThreadPoolBuilder::new().build() {
        Ok(pool) => pool.install(|| work(Ok(rayon::current_num_threads()))),
        Err(why) => {
            // A global pool of this thread: then nobody tries to start another one.
            let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread();
            alone
                .build_global()
                .expect("a pool that starts no thread, in a program without another");
            work(Err(why))
        }
    }
}
