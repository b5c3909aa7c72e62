//! Files that are written whole or not at all, and the one with the codes.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use serde_json::{Map, Value, json};

use crate::args::Failure;
use crate::choice::{Bits, Choice, Which};
use crate::job::{Outcome, Quantized};
use crate::model::Tensor;

/// A file under another name, until it is complete.
///
/// Made before the work begins: a place that cannot be written to is known at once.
#[derive(Debug)]
pub(crate) struct Pending {
    path: PathBuf,
    part: PathBuf,
    file: File,
}

impl Pending {
    /// Begins the file at `path`, which may not be the `model` that is read.
    pub(crate) fn create(path: &Path, model: Option<&Path>) -> Result<Self, Failure> {
        let refuse = |what: &str| Err(cannot_write(path, &what));
        if let Ok(old) = fs::metadata(path) {
            if old.is_dir() {
                return refuse("is a directory");
            }
            if !old.is_file() {
                return refuse("exists and is not a regular file");
            }
        }
        // Through a link the file that it leads to is replaced, not the link.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if model.is_some_and(|model| model.canonicalize().is_ok_and(|model| model == real)) {
            return refuse("is the model that is read");
        }
        let Some(name) = real.file_name() else {
            return refuse("names no file");
        };
        let mut part_name = name.to_owned();
        part_name.push(format!(".{}.part", std::process::id()));
        let part = real.with_file_name(part_name);
        let file = File::create_new(&part).map_err(|e| cannot_write(path, &e))?;
        Ok(Self { path: real, part, file })
    }

    /// Has `write` fill the file, and gives the file its name.
    pub(crate) fn finish(
        mut self,
        write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let fill = |file: &mut File| {
            let mut buffered = BufWriter::new(file);
            write(&mut buffered)?;
            buffered.flush()
        };
        fill(&mut self.file)
            .and_then(|()| fs::rename(&self.part, &self.path))
            .map_err(|e| cannot_write(&self.path, &e))
    }
}

impl Drop for Pending {
    /// What was not finished leaves nothing behind; what was has no such file any more.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

fn cannot_write(path: &Path, why: &dyn Display) -> Failure {
    Failure::Run(format!("cannot write {}: {why}", path.display()))
}

/// A tensor of the output file.
struct Entry<'a> {
    name: String,
    dtype: Dtype,
    shape: &'a [usize],
    bytes: Cow<'a, [u8]>,
}

/// Writes the codes with their scales and zero points, and all other tensors as they are.
pub(crate) fn write_codes(
    file: Pending,
    choice: Choice,
    tensors: &[Tensor],
    outcomes: &[Outcome],
) -> Result<(), Failure> {
    let mut metadata = Metadata::new(choice);
    // The shapes of packed codes: how many bytes they take.
    let packed: Vec<[usize; 1]> = outcomes.iter().map(packed_len).collect();
    let mut entries = Vec::new();
    for ((tensor, outcome), packed) in tensors.iter().zip(outcomes).zip(&packed) {
        let name = &tensor.name;
        let Outcome::Quantized(Quantized { kept: Some(kept), .. }) = outcome else {
            entries.push(entry(name.clone(), tensor.dtype(), &tensor.shape, tensor.bytes()));
            continue;
        };
        let (dtype, shape) = match (choice.bits, choice.scheme) {
            (Bits::Eight, Which::Asymmetric) => (Dtype::U8, &tensor.shape[..]),
            (Bits::Eight, Which::Symmetric) => (Dtype::I8, &tensor.shape[..]),
            (Bits::Four | Bits::Two, _) => {
                metadata.add(format!("{name}.shape"), json!(tensor.shape).to_string());
                (Dtype::U8, &packed[..])
            }
        };
        let scales: Vec<u8> = kept.scales.iter().flat_map(|x| x.to_le_bytes()).collect();
        let zero_points: Vec<u8> = kept.zero_points.iter().flat_map(|z| z.to_le_bytes()).collect();
        let params = &kept.params_shape;
        entries.push(entry(name.clone(), dtype, shape, &kept.codes));
        entries.push(entry(format!("{name}.scale"), Dtype::F32, params, scales));
        entries.push(entry(format!("{name}.zero_point"), Dtype::I32, params, zero_points));
    }
    let mut names = HashSet::new();
    if let Some(twice) = entries.iter().find(|e| !names.insert(e.name.as_str())) {
        let why = format!("two tensors would have the name '{}'", twice.name.escape_debug());
        return Err(cannot_write(&file.path, &why));
    }
    // The widest elements first: then all are aligned, as the format recommends.
    entries.sort_by_key(|e| std::cmp::Reverse(e.dtype));
    file.finish(|out| write_safetensors(out, &entries, metadata))
}

fn packed_len(outcome: &Outcome) -> [usize; 1] {
    match outcome {
        Outcome::Quantized(Quantized { kept: Some(kept), .. }) => [kept.codes.len()],
        _ => [0],
    }
}

/// What the header says of the whole file: strings by name.
struct Metadata(Map<String, Value>);

impl Metadata {
    fn new(choice: Choice) -> Self {
        let mut new = Self(Map::new());
        new.add("format".into(), "zeropoint".into());
        new.add("scheme".into(), choice.scheme.to_string());
        new.add("bits".into(), choice.bits.count().to_string());
        new.add("codes".into(), choice.code());
        new.add("granularity".into(), choice.sharing.to_string());
        new.add("dequantize".into(), "(code - zero_point) * scale".into());
        new.add("producer".into(), format!("zeropoint {}", zeropoint::version()));
        if choice.bits != Bits::Eight {
            new.add("packing".into(), "no gaps, the first code in the lowest bits".into());
        }
        new
    }

    fn add(&mut self, name: String, text: String) {
        self.0.insert(name, Value::String(text));
    }
}

fn entry<'a>(
    name: String,
    dtype: Dtype,
    shape: &'a [usize],
    bytes: impl Into<Cow<'a, [u8]>>,
) -> Entry<'a> {
    Entry { name, dtype, shape, bytes: bytes.into() }
}

/// The format: the header's length, the header, the data. The crate `safetensors` writes it too, but
/// with its metadata in an order that changes from run to run.
fn write_safetensors(
    out: &mut impl Write,
    entries: &[Entry],
    metadata: Metadata,
) -> io::Result<()> {
    let mut header = Map::new();
    header.insert("__metadata__".into(), Value::Object(metadata.0));
    let mut offset = 0;
    for e in entries {
        let end = offset + e.bytes.len();
        let info = json!({ "dtype": e.dtype, "shape": e.shape, "data_offsets": [offset, end] });
        header.insert(e.name.clone(), info);
        offset = end;
    }
    let mut header = Value::Object(header).to_string();
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    entries.iter().try_for_each(|e| out.write_all(&e.bytes))
}
