//! Threads, where a caller asks for them.

use core::ffi::c_void;
use std::process;
use std::thread::{self, JoinHandle, available_parallelism};

use super::status::{self, Failure, Outcome, Status};
use crate::float_mode::FloatMode;

/// `zp_pool`, of which C has the address only.
#[derive(Debug)]
pub struct Pool {
    threads: rayon::ThreadPool,
    handles: Vec<JoinHandle<()>>,
    /// Whose threads they are: of a fork of it, the child has none.
    process: u32,
}

/// `zp_callback`
pub type Callback = Option<unsafe extern "C" fn(*mut c_void) -> Status>;

/// The most threads of a pool.
const MOST: usize = 1024;

/// Bytes of a thread's stack: what callbacks in C are used to.
const STACK: usize = 8 << 20;

/// Makes a pool, whose address is written as an integer.
pub(super) fn pool_new(threads: usize, pool: &mut usize) -> Outcome {
    let count = match threads {
        0 => available_parallelism().map_or(1, |count| count.get().min(MOST)),
        _ => threads,
    };
    if count > MOST {
        return Err(Failure::Threads(threads));
    }
    let mut handles = Vec::new();
    let built = rayon::ThreadPoolBuilder::new().num_threads(count).spawn_handler(|thread| {
        let named = thread::Builder::new().name(format!("zeropoint-{}", thread.index()));
        let named = named.stack_size(STACK);
        handles.push(named.spawn(|| thread.run())?);
        Ok(())
    });
    let Ok(threads) = built.build() else {
        // Those that were started end, and are waited for as in `pool_free`.
        for handle in handles {
            let _ = handle.join();
        }
        return Err(Failure::Threads(count));
    };
    *pool = Box::into_raw(Box::new(Pool { threads, handles, process: process::id() }))
        .expose_provenance();
    Ok(())
}

/// Calls back on a thread of the pool, and returns what that returns.
pub(super) unsafe fn pool_run(
    pool: *const Pool,
    callback: Callback,
    context: *mut c_void,
) -> Outcome {
    if pool.is_null() {
        return Err(Failure::Null("pool"));
    }
    let callback = callback.ok_or(Failure::Null("callback"))?;
    // SAFETY: made by `pool_new`, and not freed before this returns, by the header's terms.
    let pool = unsafe { &*pool };
    if pool.process != process::id() {
        return Err(Failure::Forked(pool.process));
    }
    let (context, mode) = (Context(context), FloatMode::of_this_thread());
    let (status, failure) = pool.threads.install(move || {
        let _mode = mode.enter();
        // As a whole, not its field, which is no `Send`.
        let context = context;
        // What failed before on that thread is none of this callback's, and stays.
        let before = status::replace_last(None);
        // SAFETY: the caller's function, with what the caller gave for it.
        let status = unsafe { callback(context.0) };
        (status, status::replace_last(before))
    });
    match failure {
        _ if status == Status::OK => Ok(()),
        // What failed there is what failed here.
        Some(failure) if failure.status() == status => Err(failure),
        _ => Err(Failure::Callback(status)),
    }
}

pub(super) unsafe fn pool_free(pool: *mut Pool) {
    // SAFETY: made by `pool_new`, by the header's terms.
    let shared = unsafe { pool.as_ref() };
    // A callback in the pool, whose caller still uses it, is refused without a word, and the pool stays: nobody
    // waits for himself. Nor is there anyone to wait for in a fork.
    let is_ours = |pool: &Pool| {
        pool.process == process::id() && pool.threads.current_thread_index().is_none()
    };
    if shared.is_some_and(is_ours) {
        // SAFETY: from `Box::into_raw`, and given up here.
        let Pool { threads, handles, .. } = *unsafe { Box::from_raw(pool) };
        drop(threads);
        // Until they have ended, so that the library may be unloaded.
        for handle in handles {
            // A thread of the pool that panics ends the process.
            let _ = handle.join();
        }
    }
}

/// What the caller gives for its callback.
struct Context(*mut c_void);
// SAFETY: the caller lets it be used on another thread, by the header's terms.
unsafe impl Send for Context {}
