//! The serialized form: a sequence of the observers of the slices.
//!
//! serde's own form of a vector would need its feature `alloc`, which then is in the lock file of every user.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::PerChannelMinMaxObserver;
use crate::element::Compute;

impl<T: Compute + Serialize> Serialize for PerChannelMinMaxObserver<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.slices.as_slice().serialize(serializer)
    }
}

impl<'de, T: Compute + Deserialize<'de>> Deserialize<'de> for PerChannelMinMaxObserver<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Slices(PhantomData))
    }
}

struct Slices<T>(PhantomData<T>);

impl<'de, T: Compute + Deserialize<'de>> Visitor<'de> for Slices<T> {
    type Value = PerChannelMinMaxObserver<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("observers of channels that have elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut slices: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(slice) = slices.next_element()? {
            read.push(slice);
        }
        PerChannelMinMaxObserver::of(read)
            .ok_or_else(|| A::Error::custom("a channel without elements"))
    }
}
