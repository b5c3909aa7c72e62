//! The program reads and writes GGUF files.

use std::collections::BTreeMap;
use std::fs;

use zeropoint::ggml::{
    Block, BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ8_1, BlockQ8_K,
};

use super::formats::{decibel, decoded, encoded, formats};
use super::model::*;
use crate::program::Scratch;

/// A value has the number of its type, and bytes.
type Value = (u32, Vec<u8>);

/// A tensor has a name, the lengths of its axes from the last one on, the number of its type, and data.
type Stored = (String, Vec<u64>, u32, Vec<u8>);

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn u32s(n: u32) -> Value {
    (4, n.to_le_bytes().to_vec())
}

fn stored(name: &str, lengths: &[u64], kind: u32, data: Vec<u8>) -> Stored {
    (name.into(), lengths.to_vec(), kind, data)
}

/// Returns a file up to the last offset.
fn head(version: u32, metadata: &[(&str, Value)], tensors: &[Stored], align: usize) -> Vec<u8> {
    let mut file = [b"GGUF", &version.to_le_bytes()[..]].concat();
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((metadata.len() as u64).to_le_bytes());
    for (key, (kind, value)) in metadata {
        file.extend([&string(key)[..], &kind.to_le_bytes(), value].concat());
    }
    let mut offset = 0;
    for (name, lengths, kind, data) in tensors {
        file.extend(string(name));
        file.extend((lengths.len() as u32).to_le_bytes());
        lengths.iter().for_each(|len| file.extend(len.to_le_bytes()));
        file.extend(kind.to_le_bytes());
        file.extend((offset as u64).to_le_bytes());
        offset += data.len().next_multiple_of(align);
    }
    file
}

fn gguf(version: u32, metadata: &[(&str, Value)], tensors: &[Stored], align: usize) -> Vec<u8> {
    let mut file = head(version, metadata, tensors, align);
    for (.., data) in tensors {
        file.resize(file.len().next_multiple_of(align), 0);
        file.extend(data);
    }
    file
}

/// Takes values from the front of bytes that are known to be right.
struct Front<'a>(&'a [u8]);

impl<'a> Front<'a> {
    fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at(n);
        self.0 = rest;
        front
    }
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes(4).try_into().unwrap())
    }
    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes(8).try_into().unwrap())
    }
    fn string(&mut self) -> String {
        let len = self.u64() as usize;
        String::from_utf8(self.bytes(len).to_vec()).unwrap()
    }
    fn value(&mut self) -> Value {
        let (kind, before) = (self.u32(), self.0);
        self.skip(kind);
        (kind, before[..before.len() - self.0.len()].to_vec())
    }
    fn skip(&mut self, kind: u32) {
        match kind {
            4 | 6 => drop(self.bytes(4)),
            7 => drop(self.bytes(1)),
            8 => drop(self.string()),
            9 => {
                let (kind, len) = (self.u32(), self.u64());
                (0..len).for_each(|_| self.skip(kind));
            }
            other => panic!("a value of type {other}"),
        }
    }
}

/// Returns the metadata and the tensors of a file.
fn read_gguf(path: &str) -> (BTreeMap<String, Value>, Vec<Stored>) {
    let file = fs::read(path).unwrap();
    let mut front = Front(&file);
    assert_eq!((front.bytes(4), front.u32()), (&b"GGUF"[..], 3));
    let (tensors, entries) = (front.u64(), front.u64());
    let metadata: BTreeMap<_, _> = (0..entries).map(|_| (front.string(), front.value())).collect();
    let align = match metadata.get("general.alignment") {
        Some((_, value)) => u32::from_le_bytes(value[..].try_into().unwrap()) as usize,
        None => 32,
    };
    let mut infos = Vec::new();
    for _ in 0..tensors {
        let (name, axes) = (front.string(), front.u32());
        let lengths: Vec<u64> = (0..axes).map(|_| front.u64()).collect();
        infos.push((name, lengths, front.u32(), front.u64() as usize));
    }
    let begin = (file.len() - front.0.len()).next_multiple_of(align);
    let data = &file[begin..];
    assert!(data.len().is_multiple_of(align), "the last tensor is padded too");
    let tensor = |(name, lengths, kind, offset): (String, Vec<u64>, u32, usize)| {
        assert!(offset.is_multiple_of(align));
        let len = lengths.iter().product::<u64>() as usize;
        let bytes = len / BLOCKS.iter().find(|b| b.0 == kind).map_or(1, |b| b.1);
        let size = BLOCKS.iter().find(|b| b.0 == kind).map_or(4, |b| b.2);
        (name, lengths, kind, data[offset..offset + bytes * size].to_vec())
    };
    (metadata, infos.into_iter().map(tensor).collect())
}

/// Lists types that do not take 4 bytes an element: number, elements and bytes of a block.
const BLOCKS: [(u32, usize, usize); 8] = [
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (14, 256, 210),
    (30, 1, 2),
];

fn raw(x: &[f32]) -> Vec<u8> {
    x.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[test]
fn command_lines_of_formats_are_checked() {
    let scratch = Scratch::new("format-lines");
    let model = scratch.write("model", &safetensors(&[f32s("w", &[1, 32], &numbers(32))], 0));
    let other =
        scratch.write("gguf", &gguf(3, &[], &[stored("w", &[32, 1], 0, raw(&numbers(32)))], 32));
    let out = scratch.path("out");
    assert_fails(&["--format=q4_k"], 2, "takes q8_0, q4_0, q4_1, q5_0 or q5_1, not 'q4_k'");
    assert_fails(&["--format=q8_0,q8_0"], 2, "--format has q8_0 twice");
    assert_fails(&[&other, "-o", &out, "--format=q8_0,q4_0"], 2, "--output takes one of --format");
    let both = ["--format=q8_0", "--write=symmetric"];
    assert_fails(&[&[other.as_str(), "-o", &out], &both[..]].concat(), 2, "--write means nothing");
    assert_fails(&[&other, "-o", &out], 1, "a GGUF model is written in a --format");
    assert_fails(&[&model, &other], 1, "a GGUF file is read alone");
    assert_fails(&[&other, "-o", &other, "--format=q8_0"], 1, "is the model that is read");
    assert_eq!(files(&scratch), ["gguf", "model"]);
}

/// Returns metadata of several types.
fn metadata() -> Vec<(&'static str, Value)> {
    let strings =
        [&8_u32.to_le_bytes()[..], &2_u64.to_le_bytes(), &string("é"), &string("")].concat();
    let floats = [&6_u32.to_le_bytes()[..], &1_u64.to_le_bytes(), &1.5_f32.to_le_bytes()].concat();
    vec![
        ("general.architecture", (8, string("llama"))),
        ("general.file_type", u32s(1)),
        ("tokens", (9, strings)),
        ("floats", (9, floats)),
        ("flag", (7, vec![1])),
        ("empty", (9, [&4_u32.to_le_bytes()[..], &0_u64.to_le_bytes()].concat())),
    ]
}

#[test]
fn a_gguf_model_is_written_in_every_format() {
    let scratch = Scratch::new("gguf");
    let x = numbers(5 * 64);
    let halves: Vec<u8> = x.iter().flat_map(|x| half::f16::from_f32(*x).to_le_bytes()).collect();
    let widened: Vec<f32> = x.iter().map(|x| half::f16::from_f32(*x).to_f32()).collect();
    let tensors = [
        stored("single", &[64, 5], 0, raw(&x)),
        stored("half", &[32, 2, 5], 1, halves),
        stored("blocks", &[64, 5], 6, encoded::<BlockQ5_0>(&x)),
        stored("vector", &[64], 0, raw(&x[..64])),
        stored("odd", &[3, 4], 0, raw(&x[..12])),
        stored("integers", &[32, 1], 26, vec![7; 128]),
        stored("unread", &[256, 1], 14, (0..210).collect()),
        stored("broken", &[32, 1], 0, raw(&[f32::NAN; 32])),
        stored("empty", &[32, 0], 0, vec![]),
    ];
    let blocks = decoded::<BlockQ5_0>(&tensors[2].3);
    for (version, align) in [(2, 32), (3, 64), (3, 8)] {
        let mut metadata = metadata();
        if align != 32 {
            metadata.push(("general.alignment", u32s(align as u32)));
        }
        let model = scratch.write("model", &gguf(version, &metadata, &tensors, align));
        let out = scratch.path("out");
        for n in 0..5 {
            let (name, kind, file_type, ..) = formats(&x)[n];
            let table = succeed(&[&model, "-o", &out, "--format", name]);
            assert!(table.contains("3 quantized, 4 skipped, 2 refused"), "{table}");
            assert_eq!(row(&table, "unread")[2..4], ["skipped:", "Q6_K,"]);
            let (kept, written) = read_gguf(&out);
            let mut expected: BTreeMap<String, Value> =
                metadata.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
            expected.insert("general.file_type".into(), u32s(file_type));
            expected.insert("general.quantization_version".into(), u32s(2));
            assert_eq!(kept, expected);
            for (i, (before, after)) in tensors.iter().zip(&written).enumerate() {
                let y = [&x, &widened, &blocks].get(i).map(|y| formats(y)[n].clone());
                let (kind, bytes) = y.map_or((before.2, before.3.clone()), |y| (kind, y.4));
                assert_eq!(*after, (before.0.clone(), before.1.clone(), kind, bytes), "{name}");
            }
            assert_eq!(row(&table, "single")[4], decibel(&x, &formats(&x)[n].5));
            // The output is a model too.
            assert!(succeed(&[&out]).contains("5 quantized, 2 skipped, 2 refused"));
        }
    }
    assert_eq!(files(&scratch), ["model", "out"]);
}

#[test]
fn blocks_of_every_format_are_read() {
    let scratch = Scratch::new("gguf-read");
    let x = numbers(512);
    macro_rules! check {
        ($($kind:literal $Block:ty),+) => {$({
            assert_eq!(<$Block>::TYPE, $kind);
            let bytes = encoded::<$Block>(&x);
            let y = raw(&decoded::<$Block>(&bytes));
            let tensors = [stored("b", &[256, 2], $kind, bytes), stored("f", &[256, 2], 0, y)];
            let table = succeed(&[&scratch.write("model", &gguf(3, &[], &tensors, 32))]);
            assert_eq!(row(&table, "b")[1..], row(&table, "f")[1..], "{}", <$Block>::NAME);
            assert_eq!(row(&table, "b").len(), 10);
        })+};
    }
    check!(2 BlockQ4_0, 3 BlockQ4_1, 6 BlockQ5_0, 7 BlockQ5_1, 8 BlockQ8_0, 9 BlockQ8_1, 15 BlockQ8_K);
}

/// Returns a good file of one tensor, and the length of its head, which ends in axes, lengths, type and offset.
fn good() -> (Vec<u8>, usize) {
    let tensors = [stored("w", &[32, 2], 0, raw(&numbers(64)))];
    (gguf(3, &metadata(), &tensors, 32), head(3, &metadata(), &tensors, 32).len())
}

#[test]
fn gguf_files_that_are_cut_are_refused() {
    let scratch = Scratch::new("gguf-cut");
    let (file, _) = good();
    succeed(&[&scratch.write("good", &file)]);
    for cut in (4..file.len()).step_by(3).chain([file.len() - 1]) {
        assert_fails(&[&scratch.write("cut", &file[..cut])], 1, "cut short");
    }
}

#[test]
fn gguf_files_that_lie_are_refused() {
    let scratch = Scratch::new("gguf-lies");
    let (file, head) = good();
    let fails = |at: usize, bytes: &[u8], says: &str| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        assert_fails(&[&scratch.write("lie", &file)], 1, says);
    };
    let huge = u64::MAX.to_le_bytes();
    fails(4, &1_u32.to_le_bytes(), "GGUF of version 1, not 2 or 3");
    fails(4, &3_u32.to_be_bytes(), "little-endian order");
    for at in [8, 16, 24] {
        fails(at, &huge, "cut short");
    }
    fails(32, &[255], "is not UTF-8");
    fails(32 + "general.architecture".len(), &99_u32.to_le_bytes(), "the unknown type 99");
    let (offset, kind, length, axes) = (head - 8, head - 12, head - 20, head - 32);
    fails(offset, &huge, "no multiple of 32");
    fails(offset, &(1_u64 << 40).to_le_bytes(), "'w' ends at 1099511628032 of 256 bytes of data");
    fails(offset, &(u64::MAX - 31).to_le_bytes(), "larger than any memory");
    fails(offset, &1_u64.to_le_bytes(), "'w' begins at 1, no multiple of 32");
    fails(kind, &4_u32.to_le_bytes(), "'w' has the unknown type 4");
    fails(kind, &14_u32.to_le_bytes(), "'w' has rows of 32, but blocks of Q6_K have 256");
    fails(length, &huge, "larger than any memory");
    fails(length, &(1_u64 << 57).to_le_bytes(), "larger than any memory");
    fails(length, &3_u64.to_le_bytes(), "'w' ends at 384 of 256 bytes of data");
    fails(axes, &5_u32.to_le_bytes(), "'w' has 5 axes, of at most 4");

    let file = |metadata: &[(&str, Value)], tensors: &[Stored], says: &str| {
        assert_fails(&[&scratch.write("lie", &gguf(3, metadata, tensors, 32))], 1, says);
    };
    let w = stored("w", &[32, 2], 0, raw(&numbers(64)));
    file(&[], &[w.clone(), w.clone()], "two tensors have the name 'w'");
    file(&[("a", u32s(1)), ("a", u32s(2))], &[], "its metadata has a twice");
    for wrong in [u32s(0), u32s(48), (10, vec![32, 0, 0, 0, 0, 0, 0, 0])] {
        file(&[("general.alignment", wrong)], &[], "general.alignment is no u32 that is a power");
    }
    let nested = [&9_u32.to_le_bytes()[..], &1_u64.to_le_bytes(), &[0; 12]].concat();
    file(&[("n", (9, nested))], &[], "its metadata n is an array of the unknown type 9");
    // The bytes of integers are a multiple of 2⁶⁴.
    for (kind, len) in [(4_u32, 1 << 62), (8, u64::MAX), (12, 1 << 61)] {
        let long = [&kind.to_le_bytes()[..], &len.to_le_bytes()].concat();
        file(&[("n", (9, long))], &[], "cut short");
    }
    // A zero hides no overflow.
    let zero = stored("z", &[0, 1 << 40, 1 << 40], 0, vec![]);
    file(&[], &[zero, w.clone()], "larger than any memory");
    // The second tensor begins where the first one is.
    let shorter = stored("v", &[32, 1], 0, vec![0; 128]);
    let mut overlap = gguf(3, &[], &[shorter, w], 32);
    overlap[24 + 9 + 4 + 8..][..8].copy_from_slice(&2_u64.to_le_bytes());
    let says = "'v' ends at 256 of the data, but 'w' begins at 128";
    assert_fails(&[&scratch.write("lie", &overlap)], 1, says);
    file(&[], &[], "the model has no tensors");
}
