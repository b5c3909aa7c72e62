//! Work that other threads of rayon's pool may join, and that is not held up by those that do not.
//!
//! `rayon::scope` and `rayon::join` return when every thread they asked has come. A thread that
//! sleeps takes longer to wake than most calls of this crate last; one that is busy with another
//! job may take for ever. And a thread of the pool that waits there meanwhile runs other jobs, inside
//! whatever its caller holds. Here the caller does the work itself and closes the team when it is
//! done: who comes later finds it closed and leaves. It waits only for those that are at work.
#![expect(unsafe_code, reason = "the helpers' borrow of the work ends when the team is closed")]

use std::any::Any;
use std::mem::transmute;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::float_mode::FloatMode;

/// Helpers that were asked and have not come yet, of all teams. Where nobody ever comes, asking ends.
static AWAITED: AtomicUsize = AtomicUsize::new(0);
const MOST_AWAITED: usize = 1024;

/// Runs `work` on this thread, and meanwhile on up to `others` threads of the current pool.
///
/// `work` is what every thread does until there is nothing left to do. No kernel panics; if one does, on
/// whatever thread, so does this call, once nobody is at work any more. (Out of what `rayon::spawn` runs a
/// panic would end the process.)
pub(crate) fn run(others: usize, work: &(dyn Fn() + Sync)) {
    // SAFETY: a pointer may outlive what it points to. `Team::join` says why this one is not used then.
    let pointer = unsafe {
        transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync + 'static)>(work)
    };
    let team = Arc::new(Team {
        members: AtomicUsize::new(0),
        panic: Mutex::new(None),
        mode: FloatMode::of_this_thread(),
        work: pointer,
    });
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
    // Closes when dropped: also if `work` panics.
    let closing = Closing(&team);
    work();
    drop(closing);
    let panic = team.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(panic) = panic {
        // What it was at is not done.
        resume_unwind(panic);
    }
}

struct Team {
    /// Helpers at work, and `CLOSED`.
    members: AtomicUsize,
    /// Of the last helper that had one.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// The caller's mode, which every member has while at work.
    mode: FloatMode,
    /// The work, which lives until `run` returns.
    work: *const (dyn Fn() + Sync),
}

/// No helper may begin any more.
const CLOSED: usize = 1 << (usize::BITS - 1);

// SAFETY: `work` points to a value that may be shared among threads (`dyn Sync`), and is only used while that value is
// borrowed by `run`, see `join`.
unsafe impl Send for Team {}
// SAFETY: the same.
unsafe impl Sync for Team {}

impl Team {
    /// Does the work, unless it is too late.
    fn join(&self) {
        let open = |members| if members & CLOSED == 0 { Some(members + 1) } else { None };
        if self.members.fetch_update(Ordering::Acquire, Ordering::Relaxed, open).is_err() {
            return;
        }
        let _leaving = Leaving(self);
        let _mode = self.mode.enter();
        // SAFETY: this thread is a member. `run` does not return before the team is closed and has no
        // members; until then it borrows the work.
        let work = || unsafe { (*self.work)() };
        // What it leaves behind, nobody looks at: the caller panics too.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
        }
    }
}

/// A member leaves when this is dropped. What it wrote is seen by who sees it gone.
struct Leaving<'a>(&'a Team);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.members.fetch_sub(1, Ordering::Release);
    }
}

/// Closes the team when dropped, and waits for its members.
struct Closing<'a>(&'a Team);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.members.fetch_or(CLOSED, Ordering::Relaxed);
        let mut rounds = 0_u32;
        while self.0.members.load(Ordering::Acquire) != CLOSED {
            // A member has at most one piece to finish: that is soon, unless it was interrupted.
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

    /// Every number below `count` is taken once, by whoever comes.
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
            // Nobody need come to a single call: other tests may have used up what may be awaited.
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
                // Nobody need come to a single call.
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
