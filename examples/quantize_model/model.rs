//! Reads tensors from safetensors or GGUF files, or takes them from memory.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use bytemuck::Pod;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use zeropoint::Backend;

use crate::args::Failure;
use crate::files::Index;
use crate::format::NEEDED;
use crate::gguf;
use crate::kind::{Kind, Read};
use crate::printable::printable;
use crate::skip::{self, Skip};
use crate::text::elided;

/// A model has its tensors in the order of its files.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) tensors: Vec<Tensor<'a>>,
    pub(crate) files: Vec<Part>,
    pub(crate) index: Option<&'a Index>,
    /// The metadata of a GGUF file, if that is the model.
    pub(crate) gguf: Option<gguf::Metadata<'a>>,
}

/// A part of a model is what one file contributes.
#[derive(Debug)]
pub(crate) struct Part {
    /// The name of the file, without its folder.
    pub(crate) name: String,
    /// The places of its tensors in [`Model::tensors`].
    pub(crate) tensors: Range<usize>,
    pub(crate) metadata: HashMap<String, String>,
}

/// A named array of numbers.
#[derive(Debug)]
pub(crate) struct Tensor<'a> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Data<'a>,
    /// Says why the tensor is not quantized, if that is known without a look at its numbers.
    pub(crate) skip: Option<Skip>,
}

#[derive(Debug)]
pub(crate) enum Data<'a> {
    Made(Vec<f32>),
    Mapped {
        dtype: Dtype,
        bytes: &'a [u8],
    },
    /// A type that safetensors files do not have.
    Ggml {
        kind: &'static Kind,
        bytes: &'a [u8],
    },
}

/// The numbers of a tensor, in the type that they are quantized from.
#[derive(Debug)]
pub(crate) enum Values<'a> {
    F32(Cow<'a, [f32]>),
    F64(Cow<'a, [f64]>),
}

/// The types that are quantized.
pub(crate) const READ: &str = "F64, F32, F16 and BF16";

/// A file may begin its data at any byte, and has them in little-endian order: where the memory does
/// not hold numbers as this machine wants them, they are copied.
fn numbers<T: Pod, const N: usize>(bytes: &[u8], from: fn([u8; N]) -> T) -> Cow<'_, [T]> {
    match bytemuck::try_cast_slice(bytes) {
        Ok(values) if cfg!(target_endian = "little") => Cow::Borrowed(values),
        _ => bytes.as_chunks().0.iter().map(|&b| from(b)).collect(),
    }
}

impl Tensor<'_> {
    /// Returns the type, if safetensors files have it.
    pub(crate) fn dtype(&self) -> Option<Dtype> {
        match self.data {
            Data::Made(_) => Some(Dtype::F32),
            Data::Mapped { dtype, .. } => Some(dtype),
            Data::Ggml { .. } => None,
        }
    }

    /// Returns the name of the type.
    pub(crate) fn type_name(&self) -> String {
        match (&self.data, self.dtype()) {
            (Data::Ggml { kind, .. }, _) => kind.name.into(),
            (_, dtype) => dtype.map_or_else(String::new, |dtype| dtype.to_string()),
        }
    }

    /// Returns whether numbers of the type are quantized.
    pub(crate) fn is_read(&self) -> bool {
        match (&self.data, self.dtype()) {
            (Data::Ggml { kind, .. }, _) => matches!(kind.read, Read::Blocks(_)),
            (_, dtype) => {
                matches!(dtype, Some(Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16))
            }
        }
    }

    /// Returns the numbers, if they are of a type that is quantized. Blocks are decoded into `room`, and numbers of
    /// 16 bits are widened into it. Widening is exact: `f32` has every value of both types, and the crate's kernels for `f16` and
    /// `bf16` compute in `f32`, so the codes are the same.
    pub(crate) fn values<'a>(
        &'a self,
        backend: &impl Backend,
        room: &'a mut Vec<f32>,
    ) -> Option<Values<'a>> {
        let (dtype, bytes) = match &self.data {
            Data::Made(values) => return Some(Values::F32(Cow::Borrowed(values))),
            Data::Mapped { dtype, bytes } => (dtype, bytes),
            Data::Ggml { kind, bytes } => {
                let Read::Blocks(format) = kind.read else { return None };
                room.resize(self.elements(), 0.0);
                format.decode(backend, bytes, room).ok()?;
                return Some(Values::F32(Cow::Borrowed(room)));
            }
        };
        Some(match dtype {
            Dtype::F64 => Values::F64(numbers(bytes, f64::from_le_bytes)),
            Dtype::F32 => Values::F32(numbers(bytes, f32::from_le_bytes)),
            Dtype::F16 | Dtype::BF16 => {
                let bits = numbers(bytes, u16::from_le_bytes);
                room.resize(bits.len(), 0.0);
                match dtype {
                    Dtype::F16 => bits.reinterpret_cast::<half::f16>().convert_to_f32_slice(room),
                    _ => bits.reinterpret_cast::<half::bf16>().convert_to_f32_slice(room),
                }
                Values::F32(Cow::Borrowed(room))
            }
            _ => return None,
        })
    }

    pub(crate) fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// The tensor as a file holds it.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match &self.data {
            Data::Made(values) => crate::job::little_endian(values).into(),
            Data::Mapped { bytes, .. } | Data::Ggml { bytes, .. } => Cow::Borrowed(bytes),
        }
    }

    pub(crate) fn byte_len(&self) -> usize {
        match &self.data {
            Data::Made(values) => size_of_val(&values[..]),
            Data::Mapped { bytes, .. } | Data::Ggml { bytes, .. } => bytes.len(),
        }
    }

    /// The name as it can be printed, in at most `width` columns.
    pub(crate) fn label(&self, width: usize) -> String {
        elided(&printable(&self.name), width)
    }
}

/// Maps a file into memory.
pub(crate) fn map(path: &Path) -> Result<Mmap, Failure> {
    let fail = |what: &dyn std::fmt::Display| Failure::Run(format!("{}: {what}", path.display()));
    let file = File::open(path).map_err(|e| fail(&e))?;
    let kind = file.metadata().map_err(|e| fail(&e))?.file_type();
    if kind.is_dir() {
        return Err(fail(&"is a directory"));
    }
    if !kind.is_file() {
        return Err(fail(&"not a regular file, so it cannot be mapped into memory"));
    }
    #[expect(unsafe_code, reason = "a mapping of a file can be had in no other way")]
    // SAFETY: the mapping is only read. Nobody may change or shorten the file meanwhile: this
    // program does not (it refuses to write to its input), and others are asked not to.
    let mapped = unsafe { Mmap::map(&file) };
    mapped.map_err(|e| fail(&e))
}

impl<'a> Model<'a> {
    /// Makes a model without a file.
    pub(crate) fn made(tensors: Vec<Tensor<'a>>) -> Self {
        let part =
            Part { name: String::new(), tensors: 0..tensors.len(), metadata: HashMap::new() };
        Self { tensors, files: vec![part], index: None, gguf: None }
    }

    /// Reads the mapped files that are found at `paths`, and checks that they are what the
    /// index says, if there is one.
    pub(crate) fn read(
        files: &[(&Path, &'a [u8])],
        index: Option<&'a Index>,
    ) -> Result<Self, Failure> {
        let mut model = Self { tensors: Vec::new(), files: Vec::new(), index, gguf: None };
        for (path, bytes) in files {
            let (tensors, metadata) = if gguf::is_gguf(bytes) {
                let (tensors, metadata) = read_gguf(path, bytes, files.len())?;
                model.gguf = Some(metadata);
                (tensors, HashMap::new())
            } else {
                read(path, bytes)?
            };
            let first = model.tensors.len();
            model.tensors.extend(tensors);
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let tensors = first..model.tensors.len();
            model.files.push(Part { name, tensors, metadata });
        }
        let owners = model.owners()?;
        if let Some(index) = model.index {
            index.check(&owners)?;
        }
        skip::mark(&mut model);
        Ok(model)
    }

    /// Returns the name of every tensor's file.
    fn owners(&self) -> Result<HashMap<&str, &str>, Failure> {
        let mut owners = HashMap::new();
        for file in &self.files {
            for tensor in &self.tensors[file.tensors.clone()] {
                if let Some(other) = owners.insert(tensor.name.as_str(), file.name.as_str()) {
                    let (name, file) = (&tensor.name, &file.name);
                    return Err(Failure::Run(format!("'{name}' is in both {other} and {file}")));
                }
            }
        }
        Ok(owners)
    }
}

type Contents<'a> = (Vec<Tensor<'a>>, HashMap<String, String>);

/// Reads the tensors of a mapped safetensors file, and what its header says of the whole file.
fn read<'a>(path: &Path, file: &'a [u8]) -> Result<Contents<'a>, Failure> {
    let fail = |e: SafeTensorError| Failure::Run(format!("{}: {}", path.display(), reason(&e)));
    let (_, header) = SafeTensors::read_metadata(file).map_err(fail)?;
    let views = SafeTensors::deserialize(file).map_err(fail)?;
    let read_one = |name: String| {
        let view = views.tensor(&name)?;
        let data = Data::Mapped { dtype: view.dtype(), bytes: view.data() };
        Ok(Tensor { name, shape: view.shape().to_vec(), data, skip: None })
    };
    let tensors: Result<_, _> = header.offset_keys().into_iter().map(read_one).collect();
    Ok((tensors.map_err(fail)?, header.metadata().clone().unwrap_or_default()))
}

fn read_gguf<'a>(
    path: &Path,
    file: &'a [u8],
    files: usize,
) -> Result<(Vec<Tensor<'a>>, gguf::Metadata<'a>), Failure> {
    let fail = |what: String| Failure::Run(format!("{}: {what}", path.display()));
    if !cfg!(feature = "ggml") {
        return Err(fail(format!("a GGUF file, which {NEEDED} -- {}", path.display())));
    }
    if files > 1 {
        return Err(fail("a GGUF file is read alone, not as one of several".into()));
    }
    gguf::read(file).map_err(fail)
}

fn reason(error: &SafeTensorError) -> String {
    use SafeTensorError as E;
    match error {
        E::HeaderTooSmall | E::HeaderTooLarge | E::InvalidHeaderLength | E::InvalidHeader(_) => {
            format!("not a safetensors file, or cut short ({error})")
        }
        E::InvalidHeaderDeserialization(_) => format!("not a safetensors file ({error})"),
        E::MetadataIncompleteBuffer => {
            "damaged: its header promises another length than the file has".into()
        }
        _ => format!("damaged: {error}"),
    }
}
