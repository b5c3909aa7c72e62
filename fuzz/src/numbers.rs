//! From bytes to tensors.

use arbitrary::{Result, Unstructured};
use bytemuck::{Pod, bytes_of, cast_slice_mut};

use crate::common::abi::widened;
use crate::input;
use crate::operation::Random;
use crate::slots::Number;

/// Any bits.
pub(crate) fn bits<A: Pod>(u: &mut Unstructured, len: usize) -> Result<Vec<A>> {
    let mut all = vec![A::zeroed(); len];
    input::cycle(u, cast_slice_mut(&mut all))?;
    Ok(all)
}

/// Multiples and halves of a scale and what lies between; any bits; or one of these among those.
pub(crate) fn some_numbers<T: Number>(
    u: &mut Unstructured,
    len: usize,
    scale: T::Compute,
) -> Result<Vec<T>> {
    let how = u.int_in_range(0..=3_u8)?;
    if how == 0 {
        return bits(u, len);
    }
    let scale = widened(scale);
    let mut random = Random(u64::from(u.arbitrary::<u16>()?));
    let mut number = |_| match random.next() % 8 {
        0..4 => T::of((random.unit() * 300.0).round() * 0.5 * scale),
        4 => T::of(random.unit() * 70_000.0 * scale),
        _ => T::of(random.unit() * 200.0 * scale),
    };
    let mut all: Vec<T> = (0..len).map(&mut number).collect();
    if how == 1 && len > 0 {
        let at = u.choose_index(len)?;
        u.fill_buffer(bytemuck::bytes_of_mut(&mut all[at]))?;
    }
    Ok(all)
}

/// The bytes of a number of up to eight.
pub(crate) fn word<A: Pod>(x: A) -> u64 {
    let mut word = [0; 8];
    word[..size_of::<A>()].copy_from_slice(bytes_of(&x));
    u64::from_le_bytes(word)
}
