//! Messages and pools.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use zeropoint::capi::{Callback, Pool, Status};

use crate::common::abi::{call, find, function};

const PANIC: Status = Status(9);

/// Asserts that a call failed, as a caller's fault, and left a message.
pub(super) fn failed(status: Status) {
    assert_ne!(status, Status::OK);
    assert_ne!(status, PANIC);
    assert!(message_in(200).len() > 8);
}

/// The last message, cut to so many bytes.
fn message_in(size: usize) -> String {
    let call: unsafe extern "C" fn(*mut c_char, usize) -> usize =
        function(find("zp_last_error_message"));
    let mut room = vec![b'?'; size].into_boxed_slice();
    // SAFETY: of this length.
    let len = unsafe { call(room.as_mut_ptr().cast(), size) };
    // SAFETY: none is needed to ask for the length.
    assert_eq!(unsafe { call(null_mut(), size) }, len);
    let kept = len.min(size.saturating_sub(1));
    assert!(size == 0 || room[kept] == 0, "no end");
    assert!(room[..kept].iter().all(|byte| *byte != 0), "an early end");
    assert!(room[size.min(kept + 1)..].iter().all(|byte| *byte == b'?'), "written behind the end");
    String::from_utf8_lossy(&room[..kept]).into_owned()
}

pub(super) fn message(u: &mut Unstructured) -> Result<()> {
    message_in(usize::from(u.arbitrary::<u8>()?));
    let call: unsafe extern "C" fn(Status) -> *const c_char = function(find("zp_status_message"));
    let status = match u.arbitrary()? {
        true => i32::from(u.arbitrary::<u8>()?),
        false => u.arbitrary()?,
    };
    // SAFETY: takes any number, and returns a string that ends.
    let text = unsafe { CStr::from_ptr(call(Status(status)).cast()) };
    assert!(text.to_str().is_ok_and(|text| text.len() > 6));
    Ok(())
}

/// What a callback returns and does.
struct Task {
    status: Status,
    nested: *const Pool,
    was_called: bool,
}

unsafe extern "C" fn task(context: *mut c_void) -> Status {
    // SAFETY: what `pool` gives.
    let task = unsafe { &mut *context.cast::<Task>() };
    task.was_called = true;
    if !task.nested.is_null() {
        let mut inner = Task { status: Status(7), nested: null(), was_called: false };
        assert_eq!(in_pool(task.nested, Some(self::task), &mut inner), Status(7));
        assert!(inner.was_called);
    }
    task.status
}

fn in_pool(pool: *const Pool, callback: Callback, task: &mut Task) -> Status {
    let context = (&raw mut *task).cast();
    call!("zp_pool_run", pool => *const Pool, callback => Callback, context => *mut c_void)
}

fn new_pool(threads: usize, slot: *mut *mut Pool) -> Status {
    call!("zp_pool_new", threads => usize, slot => *mut *mut Pool)
}

/// A pool from its beginning to its end.
pub(super) fn pool(u: &mut Unstructured) -> Result<()> {
    let mut words: [*mut Pool; 3] = [null_mut(); 3];
    let slot = words.as_mut_ptr();
    let huge = u.int_in_range(1025..=usize::MAX)?;
    failed(new_pool(huge, slot));
    failed(new_pool(1, null_mut()));
    failed(new_pool(1, slot.wrapping_byte_add(u.int_in_range(1..=7)?)));
    assert_eq!(words, [null_mut(); 3]);
    let mut task = Task { status: Status(u.arbitrary()?), nested: null(), was_called: false };
    failed(in_pool(null(), Some(self::task), &mut task));

    let slot = words.as_mut_ptr();
    assert_eq!(new_pool(u.int_in_range(0..=3)?, slot), Status::OK);
    let [pool, ..] = words;
    assert!(!pool.is_null());
    failed(in_pool(pool, None, &mut task));
    assert!(!task.was_called);
    if u.arbitrary()? {
        task.nested = pool;
    }
    assert_eq!(in_pool(pool, Some(self::task), &mut task), task.status);
    assert!(task.was_called);
    let free: unsafe extern "C" fn(*mut Pool) = function(find("zp_pool_free"));
    // SAFETY: made above; or nothing.
    unsafe {
        free(pool);
        free(null_mut());
    }
    Ok(())
}

/// Runs `work` on a thread of a pool that is never freed.
pub(super) fn inside(work: &mut dyn FnMut() -> Status) -> Status {
    static POOL: OnceLock<usize> = OnceLock::new();
    let pool = *POOL.get_or_init(|| {
        let mut pool: *mut Pool = null_mut();
        assert_eq!(new_pool(3, &raw mut pool), Status::OK);
        pool.expose_provenance()
    });
    unsafe extern "C" fn back(context: *mut c_void) -> Status {
        // SAFETY: what is given below.
        unsafe { (*context.cast::<&mut dyn FnMut() -> Status>())() }
    }
    let (pool, mut work) = (std::ptr::with_exposed_provenance(pool), work);
    let context = (&raw mut work).cast();
    call!("zp_pool_run", pool => *const Pool, Some(back) => Callback, context => *mut c_void)
}
