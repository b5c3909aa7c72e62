//! The three loops that apply an operation: to a slice with one parameter, to columns with a parameter each, and to
//! short slices with a parameter each.

pub(crate) mod columns;
pub(crate) mod slice;
pub(crate) mod slices;
