//! Writes the files with the codes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use serde_json::{Map, Value, json};

use crate::args::Failure;
use crate::choice::{Arrays, Bits, Choice, Which};
use crate::files::new_index;
use crate::format;
use crate::gguf;
use crate::interrupt::Interrupt;
use crate::job::{Kept, Outcome, Quantized};
use crate::model::{Model, Part, Tensor};
use crate::pending::{Pending, cannot_write};

/// This program knows its own files by this name in the metadata of their headers.
pub(crate) const OURS: &str = "zeropoint.codes";

/// Readers accept no longer header.
const LONGEST_HEADER: usize = 100_000_000;

/// The output has a file for every file of the model, and an index if there are several.
#[derive(Debug)]
pub(crate) struct Output {
    choice: Choice,
    // Dropped before the folder, which is then empty.
    files: Vec<Pending>,
    index: Option<Pending>,
    _folder: Option<Folder>,
    weight_map: BTreeMap<String, String>,
    total_size: usize,
}

/// This folder was made for the output, and is removed if it stays empty.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

impl Output {
    /// Begins the output at `path`: a file if the model is a `single` one, otherwise a folder.
    pub(crate) fn create(
        path: &Path,
        single: bool,
        model: &Model,
        inputs: &[&Path],
        choice: Choice,
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        match (choice, &model.gguf) {
            (Choice::Arrays(choice), None) => check_names(path, &model.tensors, choice)?,
            (Choice::Arrays(_), Some(_)) => {
                return Err(cannot_write(path, &"a GGUF model is written in a --format"));
            }
            (Choice::Blocks(_), None) if path.extension().is_some_and(|end| end == "gguf") => {
                let why = "a safetensors model is written as safetensors, not as GGUF";
                return Err(cannot_write(path, &why));
            }
            (Choice::Blocks(_), _) => {}
        }
        let begin = |path: &Path| Pending::create(path, inputs, interrupt);
        let mut output = Self {
            choice,
            files: Vec::new(),
            index: None,
            _folder: None,
            weight_map: BTreeMap::new(),
            total_size: 0,
        };
        if single {
            output.files.push(begin(path)?);
            return Ok(output);
        }
        match fs::create_dir(path) {
            Ok(()) => output._folder = Some(Folder(path.into())),
            Err(_) if path.is_dir() => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                return Err(cannot_write(path, &"is no directory, which several files need"));
            }
            Err(e) => return Err(cannot_write(path, &e)),
        }
        for file in &model.files {
            output.files.push(begin(&path.join(&file.name))?);
        }
        if model.index.is_some() || model.files.len() > 1 {
            let (name, _) = new_index(model.index, &output.weight_map, 0);
            output.index = Some(begin(&path.join(name))?);
        }
        Ok(output)
    }

    /// Writes the tensors of file number `i`: codes with scales and zero points, or the tensor as it is if
    /// it was not quantized. Then the codes are dropped.
    pub(crate) fn write(
        &mut self,
        i: usize,
        model: &Model,
        outcomes: &mut [Outcome],
    ) -> Result<(), Failure> {
        match (self.choice, &model.gguf) {
            (Choice::Blocks(format), Some(metadata)) => self.files[i]
                .fill(|out| gguf::write(out, metadata, format, &model.tensors, outcomes))?,
            _ => self.write_tensors(i, model, outcomes)?,
        }
        for outcome in outcomes {
            if let Outcome::Quantized(q) = outcome {
                q.kept = None;
            }
        }
        Ok(())
    }

    /// Writes a file in safetensors.
    fn write_tensors(
        &mut self,
        i: usize,
        model: &Model,
        outcomes: &[Outcome],
    ) -> Result<(), Failure> {
        let (choice, part) = (self.choice, &model.files[i]);
        let entries = entries(choice, &model.tensors[part.tensors.clone()], outcomes);
        self.total_size += entries.iter().map(|e| e.bytes.len()).sum::<usize>();
        for e in &entries {
            self.weight_map.insert(e.name.clone(), part.name.clone());
        }
        let metadata = metadata(choice, part, model, outcomes);
        self.files[i].fill(|out| write_safetensors(out, &entries, metadata))
    }

    /// Gives all files their names, the index last.
    pub(crate) fn finish(self, model: &Model) -> Result<(), Failure> {
        let Self { files, mut index, weight_map, total_size, .. } = self;
        if let Some(file) = &mut index {
            let (_, text) = new_index(model.index, &weight_map, total_size);
            file.fill(|out| out.write_all(text.as_bytes()))?;
        }
        files.into_iter().chain(index).try_for_each(Pending::finish)
    }
}

/// Refuses a model whose names are those that the output needs for scales and zero points.
fn check_names(path: &Path, tensors: &[Tensor], choice: Arrays) -> Result<(), Failure> {
    let names: HashSet<&str> = tensors.iter().map(|t| t.name.as_str()).collect();
    let new = tensors.iter().filter(|t| t.skip.is_none()).flat_map(|t| new_names(&t.name, choice));
    for name in new {
        if names.contains(name.as_str()) {
            let why = format!(
                "two tensors would have the name '{name}': the model's and a new one; rename it or leave \
                 it out (without -o the model is only compared)"
            );
            return Err(cannot_write(path, &why));
        }
    }
    Ok(())
}

/// Returns the names of a tensor's scales and, if they are stored, zero points.
fn new_names(name: &str, choice: Arrays) -> impl Iterator<Item = String> {
    let zero_point = (choice.scheme == Which::Asymmetric).then(|| format!("{name}.zero_point"));
    [format!("{name}.scale")].into_iter().chain(zero_point)
}

/// A tensor of the output file.
struct Entry<'a> {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Entry<'a> {
    fn new(
        name: impl Into<String>,
        dtype: Dtype,
        shape: &[usize],
        bytes: impl Into<Cow<'a, [u8]>>,
    ) -> Self {
        Self { name: name.into(), dtype, shape: shape.into(), bytes: bytes.into() }
    }
}

fn entries<'a>(choice: Choice, tensors: &'a [Tensor], outcomes: &'a [Outcome]) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for (tensor, outcome) in tensors.iter().zip(outcomes) {
        let (name, shape) = (&tensor.name, &tensor.shape[..]);
        match (outcome, choice) {
            (Outcome::Quantized(Quantized { kept: Some(kept), .. }), Choice::Arrays(choice)) => {
                entries.extend(arrays(choice, tensor, kept));
            }
            (Outcome::Quantized(Quantized { kept: Some(kept), .. }), Choice::Blocks(format)) => {
                let mut shape = shape.to_vec();
                if let Some(row) = shape.last_mut() {
                    *row = *row / format::ELEMENTS * format.bytes();
                }
                entries.push(Entry::new(name, Dtype::U8, &shape, &kept.codes[..]));
            }
            _ => entries
                .extend(tensor.dtype().map(|dtype| Entry::new(name, dtype, shape, tensor.bytes()))),
        }
    }
    // The widest elements first: then all are aligned, as the format recommends.
    entries.sort_by_key(|e| std::cmp::Reverse(e.dtype));
    entries
}

/// Returns the codes, the scales and, if they are stored, the zero points of a tensor.
fn arrays<'a>(choice: Arrays, tensor: &'a Tensor, kept: &'a Kept) -> Vec<Entry<'a>> {
    let packed = choice.bits != Bits::Eight;
    let codes = if choice.scheme == Which::Symmetric && !packed { Dtype::I8 } else { Dtype::U8 };
    let scales = if tensor.dtype() == Some(Dtype::F64) { Dtype::F64 } else { Dtype::F32 };
    let params = &kept.params_shape[..];
    // Packed numbers are a row of bytes.
    let stored = |shape: &[usize], bytes: &[u8]| match packed {
        true => vec![bytes.len()],
        false => shape.to_vec(),
    };
    let zero_points = (Dtype::U8, stored(params, &kept.zero_points), &kept.zero_points[..]);
    let new = [(scales, params.to_vec(), &kept.scales[..]), zero_points];
    let named = new_names(&tensor.name, choice).zip(new);
    let shape = stored(&tensor.shape, &kept.codes);
    named
        .map(|(name, (dtype, shape, bytes))| Entry::new(name, dtype, &shape, bytes))
        .chain([Entry::new(&tensor.name, codes, &shape, &kept.codes[..])])
        .collect()
}

/// Returns what the header says of the whole file: what the input's says and, if codes are written, how to
/// read them. It is sorted by name, so it is the same in every run.
fn metadata(
    choice: Choice,
    part: &Part,
    model: &Model,
    outcomes: &[Outcome],
) -> BTreeMap<String, String> {
    let mut metadata: BTreeMap<_, _> = part.metadata.clone().into_iter().collect();
    if !outcomes.iter().any(|o| matches!(o, Outcome::Quantized(_))) {
        return metadata;
    }
    // Another program has copied these from a file of ours.
    metadata.retain(|name, _| !name.starts_with("zeropoint."));
    let mut add = |name: &str, text: String| metadata.insert(name.into(), text);
    add(OURS, choice.code());
    add("zeropoint.granularity", choice.sharing().to_string());
    add("zeropoint.version", zeropoint::version().into());
    let formula = match choice.scheme() {
        Some(Which::Asymmetric) => "(code - zero_point) * scale",
        Some(Which::Symmetric) => "code * scale",
        None => "as ggml decodes the blocks of a row",
    };
    add("zeropoint.dequantize", formula.into());
    let mut reshaped = true;
    if let Choice::Arrays(choice) = choice {
        add("zeropoint.scheme", choice.scheme.to_string());
        add("zeropoint.bits", choice.bits.count().to_string());
        reshaped = choice.bits != Bits::Eight;
        if reshaped {
            add("zeropoint.packing", "no gaps, the first code in the lowest bits".into());
        }
    }
    if reshaped {
        for (tensor, outcome) in model.tensors[part.tensors.clone()].iter().zip(outcomes) {
            if let Outcome::Quantized(_) = outcome {
                add(&format!("zeropoint.shape.{}", tensor.name), json!(tensor.shape).to_string());
            }
        }
    }
    metadata
}

/// The format: the header's length, the header, the data. The crate `safetensors` writes it too, but
/// with its metadata in an order that changes from run to run.
fn write_safetensors(
    out: &mut impl Write,
    entries: &[Entry],
    metadata: BTreeMap<String, String>,
) -> io::Result<()> {
    let mut header = Map::new();
    if !metadata.is_empty() {
        header.insert("__metadata__".into(), json!(metadata));
    }
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
    if header.len() > LONGEST_HEADER {
        let len = header.len();
        let why = format!("its header would have {len} bytes, of at most {LONGEST_HEADER}");
        return Err(io::Error::other(why));
    }
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    entries.iter().try_for_each(|e| out.write_all(&e.bytes))
}
