//! One call of an operation of the list, and what must come of it.

use arbitrary::{Result, Unstructured};
use zeropoint::capi::{
    CGranularity, CScheme, Stats, Status, Type, last_error, types as types_of_c,
};
use zeropoint::{Error, Granularity};

use super::granularity::{self, NONE};
use super::others::{failed, inside};
use super::places::{self, Fault, Places};
use crate::all::ALL_CODES;
use crate::input::{self, MOST, MOST_SHARED, Shape};
use crate::operation::{Case, Len, Memory, Operation, Random};

thread_local! {
    static ALL: &'static [Operation] = Vec::leak(crate::all::all());
}

/// The elements of the longest block, a multiple of all others.
const BLOCK: usize = 256;

/// What the caller says of a call.
struct Told {
    case: Case,
    types: Vec<Type>,
    /// Something that the reference would not see, and that must be refused.
    is_wrong: bool,
    /// A granularity of garbage: whatever it is.
    is_garbage: bool,
}

pub(super) fn run(u: &mut Unstructured) -> Result<()> {
    let all = ALL.with(|all| *all);
    let operation = &all[usize::from(u.arbitrary::<u16>()?) % all.len()];
    let is_shared = input::is_shared(u)?;
    let case = match operation.is_per_slice() {
        true => sliced(u, operation, is_shared)?,
        false if operation.has_blocks() && u.arbitrary::<u8>()? >= 16 => {
            let case = flat(u, is_shared)?;
            let n = case.n / BLOCK * BLOCK;
            Case { n, dst_n: n, ..case }
        }
        false => flat(u, is_shared)?,
    };
    let told = told(u, all, operation, &case)?;
    let faults = places::faults(u, operation.slots.len())?;
    let bytes = operation.slots.iter().map(|slot| slot.elements(&case) * slot.size).collect();
    let mut places = Places::new(&operation.slots, bytes, &faults);
    fill(u, operation, &case, &mut places)?;
    let in_pool = is_shared || u.arbitrary::<u8>()? < 8;
    check(operation, &case, &told, &faults, &mut places, in_pool);
    Ok(())
}

/// A case but for its lengths.
fn parameters(u: &mut Unstructured) -> Result<Case> {
    let (scheme, kind, bits) = input::scheme(u)?;
    let scale = input::scale(u)?;
    let range = match u.arbitrary::<u8>()? {
        0..=63 => (-scale, 3.0 * scale),
        _ => (-input::scale(u)?, input::scale(u)?),
    };
    Ok(Case {
        n: 0,
        dst_n: 0,
        granularity: Granularity::tensor(0),
        c_granularity: NONE,
        slices: 1,
        scheme,
        c_scheme: CScheme(i32::from(kind)),
        bits,
        scale,
        zero_point: input::zero_point(u)?,
        range,
        codes: if u.arbitrary()? { ALL_CODES } else { input::codes(u)? },
        fixed: input::fixed(u)?,
        special: u.arbitrary()?,
    })
}

fn flat(u: &mut Unstructured, is_shared: bool) -> Result<Case> {
    let case = parameters(u)?;
    let n = match is_shared {
        true => MOST_SHARED - usize::from(u.arbitrary::<u8>()?),
        false => input::dimension(u)?.min(MOST),
    };
    Ok(Case { n, dst_n: n, ..case })
}

/// With a granularity that there is, and lengths that mostly fit it.
fn sliced(u: &mut Unstructured, operation: &Operation, is_shared: bool) -> Result<Case> {
    let case = parameters(u)?;
    let shape = Shape::new(u)?;
    let (shape, most) = match is_shared {
        true => (shape.enlarged(), MOST_SHARED + MOST),
        false => (shape, MOST),
    };
    let (shape, (granularity, c_granularity)) = match granularity::made(&shape) {
        Ok(made) => (shape, made),
        Err(_) => {
            let dimensions = vec![usize::from(u.arbitrary::<u8>()?)];
            let shape = Shape { kind: input::Kind::Tensor, dimensions, pitch: None, ..shape };
            let made = granularity::made(&shape).expect("a tensor");
            (shape, made)
        }
    };
    let [src, dst] = u.arbitrary::<[u8; 2]>()?;
    let n = shape.buffer(shape.pitch.map(|(src, _)| src), src, most);
    let dst_n = shape.buffer(shape.pitch.map(|(_, dst)| dst), dst, most);
    let (mut n, mut dst_n, mut slices) = (n, dst_n, granularity.slices().min(most));
    if u.arbitrary::<u8>()? < 16 {
        // One too many or too few, with the memory for it.
        let of = [&mut n, &mut dst_n, &mut slices];
        let [a, b, c] = of;
        let one = [a, b, c].into_iter().nth(u.choose_index(3)?).expect("of three");
        *one = if u.arbitrary()? { *one + 1 } else { one.saturating_sub(1) };
    }
    if !operation.slots.iter().any(|slot| slot.len == Len::DstN) {
        dst_n = n;
    }
    Ok(Case { n, dst_n, granularity, c_granularity, slices, ..case })
}

/// What is said instead of the truth, where the library can know that it is none.
fn told(
    u: &mut Unstructured,
    all: &[Operation],
    operation: &Operation,
    case: &Case,
) -> Result<Told> {
    let has_len = |len| operation.slots.iter().any(|slot| slot.len == len);
    let types = operation.types.clone();
    let mut told = Told { case: *case, types, is_wrong: false, is_garbage: false };
    match u.arbitrary::<u8>()? {
        // More elements of two bytes or more than memory can be. (Codes of a byte may be many more.)
        0..=3 if has_len(Len::N) && operation.function != "zp_sum_per" => {
            let n = usize::MAX - u.int_in_range(0..=usize::MAX >> 1)?;
            told = Told { case: Case { n, dst_n: n, ..*case }, is_wrong: true, ..told };
        }
        // The same of scales, sums and the like.
        4..=7 if has_len(Len::Slices) => {
            let slices = usize::MAX - u.int_in_range(0..=usize::MAX >> 1)?;
            told = Told { case: Case { slices, ..*case }, is_wrong: true, ..told };
        }
        8..=11 if operation.has("scheme") => {
            let c_scheme = CScheme(u.arbitrary::<i32>()? | 4);
            told = Told { case: Case { c_scheme, ..*case }, is_wrong: true, ..told };
        }
        12..=23 if operation.is_per_slice() => {
            let c_granularity = granularity::garbage(u, case.c_granularity)?;
            told = Told { case: Case { c_granularity, ..*case }, is_garbage: true, ..told };
        }
        24..=31 if !told.types.is_empty() => {
            let i = u.choose_index(told.types.len())?;
            let mut types = told.types.clone();
            types[i] = Type(match u.arbitrary()? {
                true => u.choose(types_of_c())?.1,
                false => u.arbitrary()?,
            });
            // Other types that there are would have other buffers.
            let takes = |o: &Operation| o.function == operation.function && o.types == types;
            if !all.iter().any(takes) {
                told = Told { types, is_wrong: true, ..told };
            }
        }
        _ => {}
    }
    // The reference sees bytes of packed codes, not how many codes there are.
    let is_pitched = case.c_granularity.src_pitch > 0 || case.c_granularity.kind & 8 != 0;
    if operation.is_per_slice() && !is_pitched {
        told.is_wrong |= case.n != case.granularity.len() || case.n != case.dst_n;
    }
    Ok(told)
}

/// Writes what is read: plausible numbers, any bits, or some of these among those.
fn fill(
    u: &mut Unstructured,
    operation: &Operation,
    case: &Case,
    places: &mut Places,
) -> Result<()> {
    for (i, slot) in operation.slots.iter().enumerate().filter(|(_, slot)| !slot.is_output) {
        let mut bytes = vec![0; places.bytes[i]];
        let how = u.int_in_range(0..=7_u8)?;
        if how == 0 {
            input::cycle(u, &mut bytes)?;
        } else {
            let mut random = Random(u64::from(u.arbitrary::<u16>()?));
            for element in bytes.chunks_exact_mut(slot.size) {
                (slot.fill)(&mut random, case, element);
            }
        }
        if how == 1 && !bytes.is_empty() {
            let element = u.choose_index(bytes.len() / slot.size)? * slot.size;
            u.fill_buffer(&mut bytes[element..element + slot.size])?;
        }
        places.put(i, &bytes);
    }
    Ok(())
}

/// What is to be expected of pointers.
#[derive(PartialEq)]
enum Pointers {
    Fine,
    /// NULL for zero points that may be left out: it depends.
    Depends,
    Wrong,
}

fn judge(
    operation: &Operation,
    told: &Case,
    faults: &[(usize, Fault)],
    places: &Places,
) -> Pointers {
    let slots = &operation.slots;
    let mut verdict = Pointers::Fine;
    // Mistaken pointers to nothing are none.
    for (i, slot) in slots.iter().enumerate().filter(|(i, _)| places.bytes[*i] > 0) {
        let pointer = places.pointers[i];
        if pointer.is_null() && !slot.may_be_null {
            if slot.argument != "zero_points" {
                return Pointers::Wrong;
            }
            verdict = Pointers::Depends;
        }
        if !pointer.addr().is_multiple_of(slot.align) {
            return Pointers::Wrong;
        }
    }
    if faults.is_empty() {
        return verdict;
    }
    let CGranularity { src_pitch, dst_pitch, .. } = told.c_granularity;
    let stays = operation.name.contains("fake_quantize")
        && (!operation.is_per_slice() || told.n == told.dst_n && src_pitch == dst_pitch);
    for (i, output) in slots.iter().enumerate().filter(|(_, slot)| slot.is_output) {
        for (j, other) in slots.iter().enumerate().filter(|(j, _)| *j != i) {
            let (Some(a), Some(b)) = (places.span(i), places.span(j)) else { continue };
            let in_place = stays && other.argument == "src" && output.argument == "dst";
            if a.start < b.end && b.start < a.end && !(in_place && a.start == b.start) {
                return Pointers::Wrong;
            }
        }
    }
    verdict
}

/// The buffers as the reference has them.
fn memories(operation: &Operation, places: &Places) -> Vec<Memory> {
    let memory = |(i, slot): (usize, &crate::operation::Slot)| {
        let mut memory = Memory::new(places.bytes[i]);
        let bytes = places.get(i);
        match bytes.is_empty() {
            // Left out: all are 0.
            true if slot.argument == "zero_points" => memory.bytes_mut().fill(0),
            true => {}
            false => memory.bytes_mut().copy_from_slice(&bytes),
        }
        memory
    };
    operation.slots.iter().enumerate().map(memory).collect()
}

fn check(
    operation: &Operation,
    case: &Case,
    told: &Told,
    faults: &[(usize, Fault)],
    places: &mut Places,
    in_pool: bool,
) {
    let mut expected = memories(operation, places);
    let before = places.everything();
    let mut call = || (operation.with_types)(&places.pointers, &told.case, &told.types);
    let status = if in_pool { inside(&mut call) } else { call() };
    if status == Status::OK {
        without_signs_of_nan(operation, places);
    }
    let after = places.everything();
    let what = || {
        let Told { case: told, types, .. } = told;
        format!("{} {told:?} {types:?} of {case:?}, {faults:?}: {status:?}", operation.name)
    };
    if status != Status::OK {
        failed(status);
    }

    let pointers = judge(operation, &told.case, faults, places);
    if told.is_wrong || pointers == Pointers::Wrong {
        assert_ne!(status, Status::OK, "accepted: {}", what());
        assert!(after == before, "an error has written: {}", what());
        return;
    }
    let outputs = || operation.slots.iter().enumerate().filter(|(_, slot)| slot.is_output);
    if told.is_garbage || status != Status::OK && operation.spoils {
        // Whatever was written, in no other place than the outputs.
        let mut allowed = before.clone();
        if status == Status::OK || operation.spoils {
            for (i, _) in outputs() {
                if let Some(span) = places.span(i) {
                    allowed.set(span, &places.get(i));
                }
            }
        }
        assert!(after == allowed, "written elsewhere: {}", what());
    }
    if told.is_garbage {
        return;
    }
    let reference = (operation.reference)(&mut expected, case);
    if pointers == Pointers::Depends && status != Status::OK {
        return;
    }
    // Where several things are wrong, nobody says which is named.
    let counts_fit = case.slices == case.granularity.slices();
    same_outcome(status, reference, counts_fit, &what);
    if status != Status::OK && operation.spoils {
        return;
    }
    let mut right = before;
    if status == Status::OK {
        for (i, _) in outputs() {
            if let Some(span) = places.span(i) {
                right.set(span, expected[i].bytes_mut());
            }
        }
    }
    assert!(after == right, "other bytes than the reference's: {}", what());
}

/// A ratio of zeros is a NaN of whatever sign: of the one that the reference's is given.
fn without_signs_of_nan(operation: &Operation, places: &mut Places) {
    if let Some(i) = operation.slots.iter().position(|slot| slot.argument == "stats") {
        let mut bytes = places.get(i);
        let sqnr_db = &mut bytes[std::mem::offset_of!(Stats, sqnr_db)..][..8];
        if f64::from_ne_bytes((&*sqnr_db).try_into().expect("eight bytes")).is_nan() {
            sqnr_db.copy_from_slice(&f64::NAN.to_ne_bytes());
            places.put(i, &bytes);
        }
    }
}

/// The same error, where the crate has it; numbers are compared as they are printed, NaN too.
fn same_outcome(
    status: Status,
    reference: std::result::Result<(), Error>,
    by_name: bool,
    what: &impl Fn() -> String,
) {
    let Err(expected) = reference else {
        assert_eq!(status, Status::OK, "refused: {}, {:?}", what(), last_error());
        return;
    };
    assert_ne!(status, Status::OK, "accepted: {}, not {expected:?}", what());
    if let Some(error) = last_error().filter(|_| by_name) {
        assert_eq!(format!("{error:?}"), format!("{expected:?}"), "{}", what());
    }
}
