//! The pools of threads that C makes.

use core::ffi::c_void;
use std::process;
use std::thread::{self, JoinHandle, available_parallelism};

use super::status::{Failure, LAST, Outcome, Status};
use crate::float_mode::FloatMode;

/// The C type `zp_pool`, which C knows only by its address.
#[derive(Debug)]
pub struct Pool {
    threads: rayon::ThreadPool,
    handles: Vec<JoinHandle<()>>,
    /// The process that started the threads. After a fork, the child process has no threads of the pool.
    process: u32,
}

/// The C type `zp_callback`.
pub type Callback = Option<unsafe extern "C" fn(*mut c_void) -> Status>;

/// The greatest number of threads of a pool.
const MOST: usize = 1024;

/// The bytes of a thread's stack: the usual size, which callbacks in C may rely on.
const STACK: usize = 8 << 20;

/// Makes a pool and writes its address, as an integer.
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
        join(handles);
        return Err(Failure::Threads(count));
    };
    *pool = Box::into_raw(Box::new(Pool { threads, handles, process: process::id() }))
        .expose_provenance();
    Ok(())
}

/// Waits until the threads have ended, so that the library may be unloaded.
fn join(handles: Vec<JoinHandle<()>>) {
    for handle in handles {
        // A thread of the pool that panics ends the process.
        let _ = handle.join();
    }
}

/// Calls the callback on a thread of the pool, and returns its outcome.
pub(super) unsafe fn pool_run(
    pool: *const Pool,
    callback: Callback,
    context: *mut c_void,
) -> Outcome {
    if pool.is_null() {
        return Err(Failure::Null("pool"));
    }
    let callback = callback.ok_or(Failure::Null("callback"))?;
    // SAFETY: the header demands that `pool_new` made the pool, and that it is not freed before this returns.
    let pool = unsafe { &*pool };
    if pool.process != process::id() {
        return Err(Failure::Forked(pool.process));
    }
    let (context, mode) = (Context(context), FloatMode::of_this_thread());
    let (status, failure) = pool.threads.install(move || {
        let _mode = mode.enter();
        // The closure captures the whole structure, since its field alone is not `Send`.
        let context = context;
        // An earlier failure on that thread is not of this callback, and is put back.
        let before = LAST.take();
        // SAFETY: the header allows calling the caller's function with the caller's context.
        let status = unsafe { callback(context.0) };
        (status, LAST.replace(before))
    });
    match failure {
        _ if status == Status::OK => Ok(()),
        // The failure on that thread becomes the failure of this thread.
        Some(failure) if failure.status() == status => Err(failure),
        _ => Err(Failure::Callback(status)),
    }
}

pub(super) unsafe fn pool_free(pool: *mut Pool) {
    // SAFETY: the header demands that `pool_new` made the pool, or that it is NULL.
    let shared = unsafe { pool.as_ref() };
    // A call from a callback in the pool does nothing, since a thread cannot wait for itself. A call in a fork does
    // nothing either, since a fork has no threads to wait for.
    let is_ours = |pool: &Pool| {
        pool.process == process::id() && pool.threads.current_thread_index().is_none()
    };
    if shared.is_some_and(is_ours) {
        // SAFETY: the pointer is from `Box::into_raw`, and the caller does not use it again.
        let Pool { threads, handles, .. } = *unsafe { Box::from_raw(pool) };
        drop(threads);
        join(handles);
    }
}

/// The context that the caller passes to its callback.
struct Context(*mut c_void);
// SAFETY: the header demands that the context may be used on another thread.
unsafe impl Send for Context {}
