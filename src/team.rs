//! Work that other threads of rayon's pool may join, without waiting for threads that do not join.
//!
//! `rayon::scope` and `rayon::join` return when all requested threads have come. A thread that sleeps takes longer to
//! wake than most calls of this crate last; a thread that is busy with another job may never come. In addition, a
//! thread of the pool that waits for others runs other jobs meanwhile, under the locks that its caller holds. Here the
//! caller does the work itself and then closes the team: a thread that comes later leaves. The caller waits only for
//! members at work.
#![expect(unsafe_code, reason = "the helpers' borrow of the work ends when the team is closed")]

use std::any::Any;
use std::mem::transmute;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::float_mode::FloatMode;

/// The number of requested helpers of all teams that have not come yet, at most about [`MOST_AWAITED`].
static AWAITED: AtomicUsize = AtomicUsize::new(0);
const MOST_AWAITED: usize = 1024;

/// Runs `work` on this thread, and meanwhile on up to `others` threads of the current pool.
///
/// Every thread calls `work` once; `work` returns when nothing is left to do. No kernel panics; if one does, on any
/// thread, this call panics when no thread is at work any more. (In `rayon::spawn`, a panic would end the process.)
pub(crate) fn run(others: usize, work: &(dyn Fn() + Sync)) {
    // SAFETY: a pointer may outlive its target. `Team::join` explains why this pointer is not used then.
    let pointer = unsafe {
        transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync + 'static)>(work)
    };
    let team = Arc::new(Team {
        members: AtomicUsize::new(0),
        panic: Mutex::new(None),
        mode: FloatMode::of_this_thread(),
        work: pointer,
    });
    // The team is closed even if this closure panics.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..others {
            if AWAITED.load(Ordering::Relaxed) >= MOST_AWAITED {
                break;
            }
            AWAITED.fetch_add(1, Ordering::Relaxed);
            let team = Arc::clone(&team);
            rayon::spawn(move || {
                AWAITED.fetch_sub(1, Ordering::Relaxed);
                team.join();
            });
        }
        work();
    }));
    team.close();
    let of_helper = team.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(panic) = outcome.err().or(of_helper) {
        // The caller panics, too, since the work of the thread that panicked is not complete.
        resume_unwind(panic);
    }
}

struct Team {
    /// The number of helpers at work, and the bit `CLOSED`.
    members: AtomicUsize,
    /// The last panic of a helper.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// The floating-point mode of the caller, which every member has while it works.
    mode: FloatMode,
    /// The work, which lives until `run` returns.
    work: *const (dyn Fn() + Sync),
}

/// The bit that says that no helper may join the team any more.
const CLOSED: usize = 1 << (usize::BITS - 1);

// SAFETY: `work` points to a value that may be shared among threads (`dyn Sync`), and is only used while `run` borrows
// this value, as `join` explains.
unsafe impl Send for Team {}
// SAFETY: all fields but `work` are `Sync`, and `work` points to a value that may be shared among threads.
unsafe impl Sync for Team {}

impl Team {
    /// Does the work, unless the team is closed.
    fn join(&self) {
        let open = |members| if members & CLOSED == 0 { Some(members + 1) } else { None };
        if self.members.fetch_update(Ordering::Acquire, Ordering::Relaxed, open).is_err() {
            return;
        }
        let mode = self.mode.enter();
        // SAFETY: this thread is a member. `run` borrows the work until the team is closed and has no members.
        let work = || unsafe { (*self.work)() };
        // The caller panics, too, so no code uses the state that a panic leaves behind.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
        }
        drop(mode);
        // `Release` makes the writes of this member visible to the thread that sees the member gone.
        self.members.fetch_sub(1, Ordering::Release);
    }

    /// Closes the team, and waits for its members.
    fn close(&self) {
        self.members.fetch_or(CLOSED, Ordering::Relaxed);
        let mut rounds = 0_u32;
        while self.members.load(Ordering::Acquire) != CLOSED {
            // A member has at most one piece to finish, so the wait is short unless the member was interrupted.
            rounds += 1;
            if rounds < 1000 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    /// Asserts that every number below `count` is taken once, by any thread.
    fn all_is_done_once(others: usize, count: usize) {
        let next = AtomicUsize::new(0);
        let taken: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
        super::run(others, &|| {
            while let Some(taken) = taken.get(next.fetch_add(1, Ordering::Relaxed)) {
                taken.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert!(taken.iter().all(|taken| taken.load(Ordering::Relaxed) == 1));
    }

    #[test]
    fn all_is_done_when_the_call_returns() {
        for threads in [1, 2, 5] {
            pool(threads).install(|| (0..2000).for_each(|i| all_is_done_once(threads - 1, i % 50)));
        }
        (0..2000).for_each(|i| all_is_done_once(3, i % 50));
    }

    #[test]
    fn helpers_are_of_the_callers_pool() {
        let named = rayon::ThreadPoolBuilder::new().num_threads(3).thread_name(|_| "ours".into());
        let seen = std::sync::Mutex::new(std::collections::HashMap::new());
        named.build().unwrap().install(|| {
            // A single call may have no helpers, since other tests may use up the limit of awaited helpers.
            for _ in 0..10_000 {
                super::run(2, &|| {
                    let thread = std::thread::current();
                    seen.lock().unwrap().insert(thread.id(), thread.name().map(String::from));
                    std::thread::sleep(std::time::Duration::from_millis(1));
                });
                if seen.lock().unwrap().len() > 1 {
                    break;
                }
            }
        });
        let seen = seen.into_inner().unwrap();
        assert!(seen.len() > 1, "no helper came");
        assert!(seen.values().all(|name| name.as_deref() == Some("ours")), "{seen:?}");
    }

    #[test]
    fn a_panic_of_a_helper_is_the_callers() {
        let outcome = std::panic::catch_unwind(|| {
            pool(2).install(|| {
                let caller = std::thread::current().id();
                // A single call may have no helpers, so the test repeats the call.
                for _ in 0..10_000 {
                    super::run(1, &|| {
                        assert!(std::thread::current().id() == caller, "of a helper");
                        std::thread::sleep(std::time::Duration::from_millis(1));
                    });
                }
            });
        });
        let panic = outcome.expect_err("no helper came");
        assert_eq!(panic.downcast_ref(), Some(&"of a helper"));
    }

    #[test]
    fn a_panic_of_the_caller_closes_the_team() {
        let caller = std::thread::current().id();
        let here = || std::thread::current().id() == caller;
        let outcome = std::panic::catch_unwind(|| {
            super::run(2, &|| assert!(!here(), "in the middle"));
        });
        assert!(outcome.is_err());
    }
}
