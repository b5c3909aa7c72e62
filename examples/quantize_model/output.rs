//! Files that are written whole or not at all, and the one with the codes.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use serde_json::{Map, Value, json};

use crate::args::{Failure, Which};
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
    which: Which,
    tensors: &[Tensor],
    outcomes: &[Outcome],
) -> Result<(), Failure> {
    let mut entries = Vec::new();
    for (tensor, outcome) in tensors.iter().zip(outcomes) {
        match outcome {
            Outcome::Quantized(Quantized { codes: Some(codes), asymmetric, symmetric, .. }) => {
                let (dtype, side) = match which {
                    Which::Asymmetric => (Dtype::U8, asymmetric),
                    Which::Symmetric => (Dtype::I8, symmetric),
                };
                let (scale, zero_point) = (side.scale.to_le_bytes(), side.zero_point.to_le_bytes());
                let name = &tensor.name;
                entries.push(entry(name.clone(), dtype, &tensor.shape, codes));
                entries.push(entry(format!("{name}.scale"), Dtype::F32, &[], scale.to_vec()));
                entries.push(entry(
                    format!("{name}.zero_point"),
                    Dtype::I32,
                    &[],
                    zero_point.to_vec(),
                ));
            }
            _ => {
                let (name, dtype) = (tensor.name.clone(), tensor.dtype());
                entries.push(entry(name, dtype, &tensor.shape, tensor.bytes()));
            }
        }
    }
    let mut names = HashSet::new();
    if let Some(twice) = entries.iter().find(|e| !names.insert(e.name.as_str())) {
        let why = format!("two tensors would have the name '{}'", twice.name.escape_debug());
        return Err(cannot_write(&file.path, &why));
    }
    // The widest elements first: then all are aligned, as the format recommends.
    entries.sort_by_key(|e| std::cmp::Reverse(e.dtype));
    file.finish(|out| write_safetensors(out, &entries, which))
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
fn write_safetensors(out: &mut impl Write, entries: &[Entry], which: Which) -> io::Result<()> {
    let scheme = match which {
        Which::Asymmetric => "asymmetric",
        Which::Symmetric => "symmetric",
    };
    let mut header = Map::new();
    header.insert(
        "__metadata__".into(),
        json!({
            "format": "zeropoint",
            "scheme": scheme,
            "bits": "8",
            "dequantize": "(code - zero_point) * scale",
            "producer": format!("zeropoint {}", zeropoint::version()),
        }),
    );
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
