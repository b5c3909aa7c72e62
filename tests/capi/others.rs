//! Statuses and their messages, granularities that nobody made, and pools.
#![expect(unsafe_code, reason = "this is what a C program does")]

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::thread;

use zeropoint::Auto;
use zeropoint::Backend;
use zeropoint::capi::{
    CGranularity, CParams, CScheme, CSliceParams, Callback, Pool, Status, Type, statuses,
};

use crate::all::{all, cases, pointers};
use crate::common::abi::{call, call_for};
use crate::operation::{Case, Random, memories};

const OK: Status = Status(0);

fn text(string: *const c_char) -> String {
    assert!(!string.is_null());
    // SAFETY: the library's strings end.
    unsafe { CStr::from_ptr(string.cast()) }.to_str().unwrap().to_owned()
}

pub(crate) fn last_message() -> String {
    let mut room = [b'?'; 200];
    let len = call_for!(usize, "zp_last_error_message", room.as_mut_ptr().cast() => *mut c_char, 200 => usize);
    let end = room.iter().position(|byte| *byte == 0).unwrap();
    assert_eq!(end, len);
    String::from_utf8(room[..end].to_vec()).unwrap()
}

fn quantize(x: &[f32], params: CParams, q: &mut [u8]) -> Status {
    assert_eq!(x.len(), q.len());
    call!("zp_quantize", x.as_ptr().cast() => *const c_void, Type::F32 => Type, x.len() => usize,
        params => CParams, q.as_mut_ptr().cast() => *mut c_void, Type::U8 => Type)
}

/// A quantization that fails with numbers in its message.
fn fail() -> Status {
    let (x, mut q) = ([1.0_f32], [0_u8]);
    quantize(&x, CParams { scale: -2.5, zero_point: 0, qmin: 0, qmax: 255 }, &mut q)
}

#[test]
fn every_status_has_a_message() {
    for (name, number, message) in [("ZP_OK", 0, "success")].iter().chain(statuses()) {
        let said = text(call_for!(*const c_char, "zp_status_message", Status(*number) => Status));
        assert_eq!(said, *message, "{name}");
    }
    for number in [-1, 15, 1000, i32::MIN, i32::MAX] {
        let said = text(call_for!(*const c_char, "zp_status_message", Status(number) => Status));
        assert_eq!(said, "not a status of this library");
    }
}

#[test]
fn the_last_error_is_its_threads() {
    let first = thread::spawn(|| {
        assert_eq!(last_message(), "");
        assert_eq!(fail(), Status(38));
        let message = "scale -2.5e0 is not a finite number of at least 1.1754943508222875e-38";
        assert_eq!(last_message(), message);
        // It stays until the next one.
        let mut g = CASE;
        assert_eq!(call!("zp_granularity_tensor", 3 => usize, &raw mut g => *mut CGranularity), OK);
        assert_eq!(last_message(), message);
        // Cut, and asked for its length alone.
        for room in 0..80 {
            let mut buffer = [b'?'; 80];
            let pointer = buffer.as_mut_ptr().cast();
            let len =
                call_for!(usize, "zp_last_error_message", pointer => *mut c_char, room => usize);
            assert_eq!(len, message.len());
            let kept = len.min(room.saturating_sub(1));
            assert_eq!(&buffer[..kept], &message.as_bytes()[..kept]);
            assert!(room == 0 || buffer[kept] == 0);
            assert!(buffer[room..].iter().all(|byte| *byte == b'?'));
        }
        let len = call_for!(usize, "zp_last_error_message", null_mut() => *mut c_char, 99 => usize);
        assert_eq!(len, message.len());
        thread::spawn(|| assert_eq!(last_message(), "")).join()
    });
    first.join().unwrap().unwrap();
}

#[test]
fn a_slice_that_is_refused_is_named() {
    let mut g = CASE;
    let shape = [3_usize];
    let by_element = call!("zp_granularity_channel", shape.as_ptr() => *const usize, 1 => usize, 0 => usize,
        &raw mut g => *mut CGranularity);
    assert_eq!(by_element, OK);
    let (src, multipliers, mut dst) = ([1, 2, 3], [1.0_f32, 0.5, -1.0], [9_i8; 3]);
    let params = CSliceParams {
        scales: multipliers.as_ptr().cast(),
        zero_points: null(),
        slices: 3,
        qmin: -128,
        qmax: 127,
    };
    let status = call!("zp_requantize_per", src.as_ptr() => *const i32, 3 => usize, g => CGranularity,
        params => CSliceParams, dst.as_mut_ptr().cast() => *mut c_void, Type::I8 => Type, 3 => usize);
    assert_eq!(status, Status(33));
    assert_eq!(
        last_message(),
        "slice 2: multiplier -1e0 is out of range: a float is finite and at least 0, a fixed-point one is 0 or from 2^30 to 2^31 - 1"
    );
    assert_eq!(dst, [9; 3]);
}

#[test]
fn version_and_backend() {
    assert_eq!(text(call_for!(*const c_char, "zp_version")), zeropoint::version());
    let name = Auto::detect().unwrap().name();
    assert_eq!(text(call_for!(*const c_char, "zp_backend_name")), name);
}

const CASE: CGranularity =
    CGranularity { kind: 0, shape: [0; 4], block: 0, src_pitch: 0, dst_pitch: 0 };

/// Fields of all kinds, and of values between which products overflow.
fn garbage(random: &mut Random) -> CGranularity {
    let mut number = || match random.next() % 8 {
        0 => 0,
        1 => 1,
        2 => usize::MAX,
        3 => usize::MAX / 2 + 1,
        4 => 210,
        5 => 1 << (random.next() % 64),
        6 => random.next() as usize,
        _ => random.next() as usize % 32,
    };
    CGranularity {
        kind: number() as u64,
        shape: [number(), number(), number(), number()],
        block: number(),
        src_pitch: number(),
        dst_pitch: number(),
    }
}

/// With every operation: no fault, and nothing outside the buffers.
#[test]
fn a_granularity_of_garbage_is_harmless() {
    let mut random = Random(7);
    for operation in all().iter().filter(|operation| operation.is_per_slice()) {
        let case = cases()[0];
        for _ in 0..200 {
            let case = Case { c_granularity: garbage(&mut random), ..case };
            let mut memories = memories(operation, &case, 3);
            let before = memories.clone();
            let status = operation.call(&pointers(&mut memories), &case);
            assert_ne!(status, Status(9), "{} {case:?}", operation.name);
            if status != OK && !operation.spoils {
                for (a, b) in memories.iter().zip(&before) {
                    assert!(a.everything() == b.everything(), "{} {case:?}", operation.name);
                }
            }
        }
    }
    let mut slices = 7;
    assert_eq!(
        call!("zp_granularity_slices", CASE => CGranularity, &raw mut slices => *mut usize),
        Status(5)
    );
    assert_eq!(last_message(), "no granularity is of kind 0");
    assert_eq!(slices, 7);
}

#[test]
fn what_is_no_granularity() {
    let (shape, mut g) = ([3_usize, usize::MAX], CASE);
    let (dimensions, g) = (shape.as_ptr(), &raw mut g);
    let channel = |rank: usize, axis: usize| call!("zp_granularity_channel", dimensions => *const usize, rank => usize, axis => usize, g => *mut CGranularity);
    assert_eq!(channel(1, 1), Status(25));
    assert_eq!(channel(0, 0), Status(25));
    assert_eq!(channel(2, 1), Status(24));
    let block = call!("zp_granularity_block", dimensions => *const usize, 1 => usize, 0 => usize, 0 => usize,
        g => *mut CGranularity);
    assert_eq!(block, Status(26));
    assert_eq!(
        call!("zp_granularity_row", 3 => usize, usize::MAX => usize, g => *mut CGranularity),
        Status(24)
    );
    assert_eq!(
        call!("zp_granularity_with_pitch", g => *mut CGranularity, 1 => usize, 1 => usize),
        Status(5)
    );
    assert_eq!(call!("zp_granularity_row", 3 => usize, 5 => usize, g => *mut CGranularity), OK);
    assert_eq!(
        call!("zp_granularity_with_pitch", g => *mut CGranularity, 4 => usize, 5 => usize),
        Status(27)
    );
    assert_eq!(
        call!("zp_granularity_with_pitch", g => *mut CGranularity, 5 => usize, usize::MAX => usize),
        Status(28)
    );
    assert_eq!(
        call!("zp_granularity_tensor", 5 => usize, null_mut() => *mut CGranularity),
        Status(1)
    );
    let null = call!("zp_granularity_channel", null() => *const usize, 2 => usize, 0 => usize, g => *mut CGranularity);
    assert_eq!(null, Status(1));
    // What is written over what is read.
    let mut over = CASE;
    let (shape, over) = ((&raw mut over).cast::<usize>().wrapping_add(1), &raw mut over);
    let channel = call!("zp_granularity_channel", shape.cast_const() => *const usize, 2 => usize, 0 => usize,
        over => *mut CGranularity);
    let block = call!("zp_granularity_block", shape.cast_const() => *const usize, 2 => usize, 0 => usize,
        1 => usize, over => *mut CGranularity);
    assert_eq!((channel, block), (Status(3), Status(3)));
}

#[test]
fn zero_points_that_are_not_0_need_room() {
    let (x, mut scale) = ([1.0_f32, -2.0], [0.0_f32]);
    let (mut unsigned, mut signed) = ([0_u8; 2], [0_i8; 2]);
    let mut g = CASE;
    assert_eq!(call!("zp_granularity_tensor", 2 => usize, &raw mut g => *mut CGranularity), OK);
    let mut dynamic = |dst: *mut c_void, dst_type: Type| {
        call!("zp_quantize_dynamic_per", x.as_ptr().cast() => *const c_void, Type::F32 => Type,
            2 => usize, g => CGranularity, CScheme::SYMMETRIC => CScheme, 0 => u32,
            dst => *mut c_void, dst_type => Type, 2 => usize,
            scale.as_mut_ptr().cast() => *mut c_void, null_mut() => *mut i32, 1 => usize)
    };
    let refused = dynamic(unsigned.as_mut_ptr().cast(), Type::U8);
    let done = dynamic(signed.as_mut_ptr().cast(), Type::I8);
    assert_eq!((refused, unsigned), (Status(43), [0, 0]));
    assert_eq!((done, signed), (OK, [64, -127]));
}

fn pool(threads: usize) -> *mut Pool {
    let mut pool: *mut Pool = null_mut();
    let slot = &raw mut pool;
    assert_eq!(call!("zp_pool_new", threads => usize, slot => *mut *mut Pool), OK);
    assert!(!pool.is_null());
    pool
}

fn run(pool: *const Pool, callback: Callback, context: *mut c_void) -> Status {
    call!("zp_pool_run", pool => *const Pool, callback => Callback, context => *mut c_void)
}

/// Quantizes into what the context points to.
unsafe extern "C" fn quantize_all(context: *mut c_void) -> Status {
    // SAFETY: what the test gives.
    let (x, q) = unsafe { &mut *context.cast::<(Vec<f32>, Vec<u8>)>() };
    quantize(x, CParams { scale: 0.01_f32.into(), zero_point: 100, qmin: 0, qmax: 255 }, q)
}

unsafe extern "C" fn fails(_: *mut c_void) -> Status {
    fail()
}

unsafe extern "C" fn returns_a_number(context: *mut c_void) -> Status {
    Status(context.addr() as i32)
}

#[test]
fn a_pool_gives_the_same_codes_to_everyone() {
    const LEN: usize = 600 << 10;
    let x: Vec<f32> = (0..LEN).map(|i| (i as f32 * 0.37).sin()).collect();
    let mut alone = (x, vec![0_u8; LEN]);
    // SAFETY: a living context.
    assert_eq!(unsafe { quantize_all((&raw mut alone).cast()) }, OK);
    let pool = pool(3).expose_provenance();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut shared = (alone.0.clone(), vec![0_u8; LEN]);
                let pool = std::ptr::with_exposed_provenance(pool);
                assert_eq!(run(pool, Some(quantize_all), (&raw mut shared).cast()), OK);
                assert!(shared.1 == alone.1);
            });
        }
    });
    let pool = std::ptr::with_exposed_provenance_mut::<Pool>(pool);
    call_for!((), "zp_pool_free", pool => *mut Pool);
}

/// The only use of rayon's global pool in this program would be that of the library.
#[test]
fn outside_a_pool_no_thread_is_started() {
    const LEN: usize = 3 << 20;
    let mut alone = (vec![0.5_f32; LEN], vec![0_u8; LEN]);
    // SAFETY: a living context.
    assert_eq!(unsafe { quantize_all((&raw mut alone).cast()) }, OK);
    assert!(alone.1.iter().all(|q| *q == 150));
    crate::observer::all_kinds_observe(&alone.0);
    let first = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
    assert!(first.is_ok(), "there is a global pool");
}

#[test]
fn a_pool_returns_what_its_callback_returns() {
    let pool = pool(1);
    assert_eq!(run(pool, Some(fails), null_mut()), Status(38));
    assert!(last_message().starts_with("scale -2.5e0"));
    assert_eq!(run(pool, Some(returns_a_number), null_mut()), OK);
    let context = std::ptr::without_provenance_mut(1234);
    assert_eq!(run(pool, Some(returns_a_number), context), Status(1234));
    assert_eq!(last_message(), "the callback returned 1234");
    call_for!((), "zp_pool_free", pool => *mut Pool);
}

/// Half of the least normal number is 0 where such numbers are flushed.
unsafe extern "C" fn flushes(_: *mut c_void) -> Status {
    let half = std::hint::black_box(f32::MIN_POSITIVE) * 0.5;
    Status(if half == 0.0 { 1 } else { 2 })
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[test]
fn a_callback_has_the_callers_floating_point_mode() {
    let pool = pool(2);
    for _ in 0..3 {
        assert_eq!(run(pool, Some(flushes), null_mut()), Status(2));
        let flushed = crate::common::float_mode::flushing(|| run(pool, Some(flushes), null_mut()));
        assert_eq!(flushed, Status(1));
    }
    call_for!((), "zp_pool_free", pool => *mut Pool);
}

/// Fails, calls back in its own pool without failing, frees that pool; then says whether the message of the
/// failure is still there, by its status or another.
unsafe extern "C" fn fails_and_goes_on(pool: *mut c_void) -> Status {
    let (failed, pool) = (fail(), pool.cast::<Pool>());
    let nested = run(pool, Some(returns_a_number), null_mut());
    // The pool that it runs in is left as it is.
    call_for!((), "zp_pool_free", pool => *mut Pool);
    if nested == OK && last_message().starts_with("scale -2.5e0") { failed } else { Status(77) }
}

#[test]
fn a_callback_may_call_back_in_its_own_pool() {
    let pool = pool(2);
    assert_eq!(run(pool, Some(fails_and_goes_on), pool.cast()), Status(38));
    assert!(last_message().starts_with("scale -2.5e0"));
    assert_eq!(run(pool, Some(returns_a_number), null_mut()), OK);
    call_for!((), "zp_pool_free", pool => *mut Pool);
}

#[cfg(unix)]
#[test]
fn a_pool_is_not_there_in_a_fork() {
    unsafe extern "C" {
        fn fork() -> i32;
        fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
        fn alarm(seconds: u32) -> u32;
        fn _exit(status: i32) -> !;
    }
    let pool = pool(2);
    // SAFETY: the child calls this library and ends; one that hangs is ended.
    let child = unsafe { fork() };
    if child == 0 {
        let refused = {
            // SAFETY: as above.
            unsafe { alarm(20) };
            run(pool, Some(fails), null_mut()) == Status(8)
        };
        call_for!((), "zp_pool_free", pool => *mut Pool);
        // SAFETY: ends the child.
        unsafe { _exit(if refused { 7 } else { 1 }) }
    }
    let mut status = 0;
    // SAFETY: of the child above.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 7 << 8, "the child's status");
    call_for!((), "zp_pool_free", pool => *mut Pool);
}

#[test]
fn what_is_no_pool() {
    let pool = pool(0);
    assert_eq!(run(null(), Some(fails), null_mut()), Status(1));
    assert_eq!(last_message(), "pool is NULL");
    assert_eq!(run(pool, None, null_mut()), Status(1));
    assert_eq!(last_message(), "callback is NULL");
    call_for!((), "zp_pool_free", pool => *mut Pool);
    call_for!((), "zp_pool_free", null_mut() => *mut Pool);
    let mut none: *mut Pool = null_mut();
    let slot = &raw mut none;
    assert_eq!(call!("zp_pool_new", 1025 => usize, slot => *mut *mut Pool), Status(8));
    assert!(none.is_null());
    assert_eq!(call!("zp_pool_new", 1 => usize, null_mut() => *mut *mut Pool), Status(1));
}
