//! Reads and writes GGUF files, the models of llama.cpp.
//!
//! ```text
//! "GGUF", u32 version, u64 tensors, u64 entries of metadata
//! each entry   string key, u32 type, value
//! each tensor  string name, u32 axes, u64 lengths (the last axis first), u32 type, u64 offset
//! the data     from the next multiple of general.alignment on; offsets count from there
//! ```
//!
//! A string is a `u64` length and UTF-8; all numbers are little-endian. Lengths and offsets are never trusted: each is
//! compared with the bytes that the file has, and nothing is allocated for a promised number. The crates that read GGUF
//! allocate so, panic, or need many others.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Read as _, Write};

use crate::format::Format;
use crate::job::{Outcome, Quantized};
use crate::kind::{Kind, Read};
use crate::model::{Data, Tensor};

const MAGIC: &[u8] = b"GGUF";

/// The version that is written. Version 2 has the same layout.
const VERSION: u32 = 3;

/// The most axes that a tensor of ggml has.
const MOST_AXES: u32 = 4;

/// The alignment of a file whose metadata does not say another.
const ALIGNMENT: usize = 32;

/// The metadata of a file are entries: keys, and bytes that hold the type and the value.
#[derive(Debug)]
pub(crate) struct Metadata<'a> {
    entries: Vec<(&'a str, &'a [u8])>,
    alignment: usize,
}

pub(crate) fn is_gguf(file: &[u8]) -> bool {
    file.starts_with(MAGIC)
}

/// Reads a file of version 2 or 3.
pub(crate) fn read(file: &[u8]) -> Result<(Vec<Tensor<'_>>, Metadata<'_>), String> {
    let mut head = Head { rest: file };
    head.take(MAGIC.len() as u64)?;
    let version = head.u32()?;
    if !matches!(version, 2 | 3) {
        return Err(format!("GGUF of version {version}, not 2 or 3 in little-endian order"));
    }
    let (tensors, entries) = (head.u64()?, head.u64()?);
    let metadata = head.metadata(entries)?;
    let mut places = Vec::new();
    for _ in 0..tensors {
        places.push(head.place(metadata.alignment)?);
    }
    let begin = (file.len() - head.rest.len()).next_multiple_of(metadata.alignment);
    let data = file.get(begin..).unwrap_or_default();
    check_overlap(&places, data.len())?;
    let mut names = HashSet::new();
    let tensors = places.into_iter().map(|place| {
        if !names.insert(place.name) {
            return Err(format!("damaged: two tensors have the name '{}'", place.name));
        }
        Ok(place.tensor(data))
    });
    Ok((tensors.collect::<Result<_, _>>()?, metadata))
}

/// A place in the data belongs to a tensor of some name, shape and type.
struct Place<'a> {
    name: &'a str,
    shape: Vec<usize>,
    kind: &'static Kind,
    offset: usize,
    end: usize,
}

impl<'a> Place<'a> {
    fn tensor(self, data: &'a [u8]) -> Tensor<'a> {
        let Self { name, shape, kind, offset, end } = self;
        // An empty tensor may lie anywhere.
        let bytes = data.get(offset..end).unwrap_or_default();
        let data = match kind.read {
            Read::Plain(dtype) => Data::Mapped { dtype, bytes },
            _ => Data::Ggml { kind, bytes },
        };
        Tensor { name: name.into(), shape, data, skip: None }
    }
}

/// Refuses tensors that lie beyond the `len` bytes of the data, or upon each other.
fn check_overlap(places: &[Place], len: usize) -> Result<(), String> {
    let mut places: Vec<&Place> = places.iter().filter(|p| p.offset < p.end).collect();
    places.sort_by_key(|p| p.offset);
    for pair in places.windows(2) {
        if pair[0].end > pair[1].offset {
            let (a, b) = (pair[0], pair[1]);
            return Err(format!(
                "damaged: '{}' ends at {} of the data, but '{}' begins at {}",
                a.name, a.end, b.name, b.offset
            ));
        }
    }
    match places.last() {
        Some(p) if p.end > len => Err(format!(
            "damaged or cut short: '{}' ends at {} of {len} bytes of data",
            p.name, p.end
        )),
        _ => Ok(()),
    }
}

/// The head of a file is read from its beginning; `rest` is still to be read.
struct Head<'a> {
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    fn take(&mut self, n: u64) -> Result<&'a [u8], String> {
        let split = usize::try_from(n).ok().and_then(|n| self.rest.split_at_checked(n));
        let (taken, rest) = split.ok_or_else(|| {
            let left = self.rest.len();
            format!("damaged or cut short: {n} bytes are promised where {left} are left")
        })?;
        self.rest = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("4 bytes were taken")))
    }

    fn u64(&mut self) -> Result<u64, String> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().expect("8 bytes were taken")))
    }

    fn length(&mut self) -> Result<usize, String> {
        let n = self.u64()?;
        usize::try_from(n).map_err(|_| format!("damaged: a length or an offset of {n}"))
    }

    fn bytes(&mut self) -> Result<&'a [u8], String> {
        let len = self.u64()?;
        self.take(len)
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let bytes = self.bytes()?;
        str::from_utf8(bytes).map_err(|_| {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]);
            format!("damaged: the name '{shown}' is not UTF-8")
        })
    }

    fn metadata(&mut self, entries: u64) -> Result<Metadata<'a>, String> {
        let mut metadata = Metadata { entries: Vec::new(), alignment: ALIGNMENT };
        let mut keys = HashSet::new();
        for _ in 0..entries {
            let key = self.name()?;
            let before = self.rest;
            let kind = self.u32()?;
            self.skip_value(key, kind)?;
            let value = &before[..before.len() - self.rest.len()];
            if !keys.insert(key) {
                return Err(format!("damaged: its metadata has {key} twice"));
            }
            if key == "general.alignment" {
                metadata.alignment = alignment(value)?;
            }
            metadata.entries.push((key, value));
        }
        Ok(metadata)
    }

    fn skip_value(&mut self, key: &str, kind: u32) -> Result<(), String> {
        match kind {
            STRING => self.bytes().map(drop),
            ARRAY => {
                let (kind, len) = (self.u32()?, self.u64()?);
                match (kind, size(kind)) {
                    (STRING, _) => (0..len).try_for_each(|_| self.bytes().map(drop)),
                    // A product that overflows is more than any file has.
                    (_, Some(size)) => self.take(len.saturating_mul(size)).map(drop),
                    _ => Err(format!("its metadata {key} is an array of the unknown type {kind}")),
                }
            }
            _ => match size(kind) {
                Some(size) => self.take(size).map(drop),
                None => Err(format!("its metadata {key} has the unknown type {kind}")),
            },
        }
    }

    fn place(&mut self, alignment: usize) -> Result<Place<'a>, String> {
        let name = self.name()?;
        let axes = self.u32()?;
        if axes > MOST_AXES {
            return Err(format!("damaged: '{name}' has {axes} axes, of at most {MOST_AXES}"));
        }
        let lengths: Vec<usize> = (0..axes).map(|_| self.length()).collect::<Result<_, _>>()?;
        let (id, offset) = (self.u32()?, self.length()?);
        let Some(kind) = Kind::numbered(id) else {
            return Err(format!("'{name}' has the unknown type {id}"));
        };
        let row = lengths.first().copied().unwrap_or(1);
        if !row.is_multiple_of(kind.elements) {
            let Kind { name: kind, elements, .. } = kind;
            return Err(format!(
                "damaged: '{name}' has rows of {row}, but blocks of {kind} have {elements}"
            ));
        }
        if !offset.is_multiple_of(alignment) {
            return Err(format!(
                "damaged: '{name}' begins at {offset}, no multiple of {alignment}"
            ));
        }
        // Zeros are left out, so that no product of some of the lengths overflows either.
        let product = lengths.iter().try_fold(1_usize, |n, len| n.checked_mul((*len).max(1)));
        let end = product
            .map(|n| if lengths.contains(&0) { 0 } else { n })
            .and_then(|elements| (elements / kind.elements).checked_mul(kind.bytes))
            .and_then(|bytes| offset.checked_add(bytes));
        let Some(end) = end else {
            return Err(format!(
                "damaged: '{name}' of {lengths:?} elements is larger than any memory"
            ));
        };
        let shape = lengths.into_iter().rev().collect();
        Ok(Place { name, shape, kind, offset, end })
    }
}

const U32: u32 = 4;
const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// Returns the bytes of a number of the type in metadata: integers and floats of 8 to 64 bits, and booleans.
fn size(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

fn alignment(value: &[u8]) -> Result<usize, String> {
    let wrong = || "damaged: its general.alignment is no u32 that is a power of two".to_string();
    let value = value.strip_prefix(&U32.to_le_bytes()).ok_or_else(wrong)?;
    let value = u32::from_le_bytes(value.try_into().map_err(|_| wrong())?);
    if value.is_power_of_two() { Ok(value as usize) } else { Err(wrong()) }
}

/// The version of the blocks' layout. It has been the same since before this version of GGUF.
const QUANTIZATION_VERSION: u32 = 2;

/// Writes the tensors with the blocks that were made of them, and the others as they are, in the order of the model.
pub(crate) fn write(
    out: &mut impl Write,
    metadata: &Metadata,
    format: Format,
    tensors: &[Tensor],
    outcomes: &[Outcome],
) -> io::Result<()> {
    let mut stored: Vec<(&'static Kind, Cow<[u8]>)> = Vec::with_capacity(tensors.len());
    for (tensor, outcome) in tensors.iter().zip(outcomes) {
        let (kind, bytes) = match outcome {
            Outcome::Quantized(Quantized { kept: Some(kept), .. }) => {
                (Kind::read_as(Read::Blocks(format)), Cow::Borrowed(&kept.codes[..]))
            }
            _ => (Kind::of(tensor), tensor.bytes()),
        };
        let unknown = || io::Error::other(format!("GGUF has no type {}", tensor.type_name()));
        stored.push((kind.ok_or_else(unknown)?, bytes));
    }
    let alignment = metadata.alignment;
    let mut head = metadata.head(tensors.len(), format);
    let mut offset = 0;
    for (tensor, (kind, bytes)) in tensors.iter().zip(&stored) {
        push_string(&mut head, &tensor.name);
        head.extend((tensor.shape.len() as u32).to_le_bytes());
        for len in tensor.shape.iter().rev() {
            head.extend((*len as u64).to_le_bytes());
        }
        head.extend(kind.id.to_le_bytes());
        head.extend((offset as u64).to_le_bytes());
        offset += bytes.len().next_multiple_of(alignment);
    }
    let mut aligned = |bytes: &[u8]| {
        out.write_all(bytes)?;
        let gap = bytes.len().next_multiple_of(alignment) - bytes.len();
        io::copy(&mut io::repeat(0).take(gap as u64), out).map(drop)
    };
    aligned(&head)?;
    stored.iter().try_for_each(|(_, bytes)| aligned(bytes))
}

impl Metadata<'_> {
    /// Returns the beginning of a file: all metadata that there were, with the numbers of the format.
    fn head(&self, tensors: usize, format: Format) -> Vec<u8> {
        let set = [
            ("general.file_type", format.file_type()),
            ("general.quantization_version", QUANTIZATION_VERSION),
        ];
        let missing = set.iter().filter(|(key, _)| self.entries.iter().all(|e| e.0 != *key));
        let mut head = MAGIC.to_vec();
        head.extend(VERSION.to_le_bytes());
        head.extend((tensors as u64).to_le_bytes());
        head.extend(((self.entries.len() + missing.clone().count()) as u64).to_le_bytes());
        let number = |n: u32| [U32.to_le_bytes(), n.to_le_bytes()].concat();
        for (key, value) in &self.entries {
            push_string(&mut head, key);
            match set.iter().find(|(name, _)| name == key) {
                Some((_, n)) => head.extend(number(*n)),
                None => head.extend_from_slice(value),
            }
        }
        for (key, n) in missing {
            push_string(&mut head, key);
            head.extend(number(*n));
        }
        head
    }
}

fn push_string(head: &mut Vec<u8>, text: &str) {
    head.extend((text.len() as u64).to_le_bytes());
    head.extend_from_slice(text.as_bytes());
}
