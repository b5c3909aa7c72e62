//! Where the tensors come from: a safetensors file, or memory.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use bytemuck::Pod;
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use crate::args::Failure;

/// A named array of numbers, in the order of its file.
#[derive(Debug)]
pub(crate) struct Tensor<'a> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Data<'a>,
}

#[derive(Debug)]
pub(crate) enum Data<'a> {
    Made(Vec<f32>),
    Mapped { dtype: Dtype, bytes: &'a [u8] },
}

/// The numbers of a tensor, in their type.
#[derive(Debug)]
pub(crate) enum Values<'a> {
    F32(Cow<'a, [f32]>),
    #[cfg(feature = "half")]
    F16(Cow<'a, [half::f16]>),
    #[cfg(feature = "half")]
    Bf16(Cow<'a, [half::bf16]>),
}

/// The types that are read.
pub(crate) const READ: &str = if cfg!(feature = "half") { "F32, F16 or BF16" } else { "F32" };

/// A file may begin its data at any byte, and has them in little-endian order: where the memory does
/// not hold numbers as this machine wants them, they are copied.
fn numbers<T: Pod, const N: usize>(bytes: &[u8], from: fn([u8; N]) -> T) -> Cow<'_, [T]> {
    match bytemuck::try_cast_slice(bytes) {
        Ok(values) if cfg!(target_endian = "little") => Cow::Borrowed(values),
        _ => bytes.as_chunks().0.iter().map(|&b| from(b)).collect(),
    }
}

impl Tensor<'_> {
    pub(crate) fn dtype(&self) -> Dtype {
        match self.data {
            Data::Made(_) => Dtype::F32,
            Data::Mapped { dtype, .. } => dtype,
        }
    }

    /// The numbers, if they are of a type that is read.
    pub(crate) fn values(&self) -> Option<Values<'_>> {
        match &self.data {
            Data::Made(values) => Some(Values::F32(Cow::Borrowed(values))),
            Data::Mapped { dtype, bytes } => match dtype {
                Dtype::F32 => Some(Values::F32(numbers(bytes, f32::from_le_bytes))),
                #[cfg(feature = "half")]
                Dtype::F16 => Some(Values::F16(numbers(bytes, half::f16::from_le_bytes))),
                #[cfg(feature = "half")]
                Dtype::BF16 => Some(Values::Bf16(numbers(bytes, half::bf16::from_le_bytes))),
                _ => None,
            },
        }
    }

    /// Why there are no [`values`](Self::values).
    pub(crate) fn why_skipped(&self) -> String {
        match self.dtype() {
            t @ (Dtype::F16 | Dtype::BF16) => format!("{t}, read with `--features half` only"),
            t => format!("{t}, not {READ}"),
        }
    }

    /// The tensor as a file holds it.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match &self.data {
            Data::Made(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Data::Mapped { bytes, .. } => Cow::Borrowed(bytes),
        }
    }

    pub(crate) fn byte_len(&self) -> usize {
        match &self.data {
            Data::Made(values) => size_of_val(&values[..]),
            Data::Mapped { bytes, .. } => bytes.len(),
        }
    }

    /// The name in at most `width` characters: the middle goes first, since a model's names differ
    /// at both ends. Control characters are escaped.
    pub(crate) fn label(&self, width: usize) -> String {
        let printable =
            |c: char| if c.is_control() { c.escape_default().collect() } else { vec![c] };
        elided(self.name.chars().flat_map(printable).collect(), width)
    }
}

/// A text in at most `width` characters, without its middle if need be.
pub(crate) fn elided(text: Vec<char>, width: usize) -> String {
    if text.len() <= width {
        return text.into_iter().collect();
    }
    let tail = width / 2;
    let head = width - tail - 1;
    text[..head].iter().chain(&['…']).chain(&text[text.len() - tail..]).collect()
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

/// The tensors of a mapped safetensors file.
pub(crate) fn read<'a>(path: &Path, file: &'a [u8]) -> Result<Vec<Tensor<'a>>, Failure> {
    let fail = |e: SafeTensorError| Failure::Run(format!("{}: {}", path.display(), reason(&e)));
    let (_, header) = SafeTensors::read_metadata(file).map_err(fail)?;
    let views = SafeTensors::deserialize(file).map_err(fail)?;
    let read_one = |name: String| {
        let view = views.tensor(&name)?;
        let data = Data::Mapped { dtype: view.dtype(), bytes: view.data() };
        Ok(Tensor { name, shape: view.shape().to_vec(), data })
    };
    header.offset_keys().into_iter().map(read_one).collect::<Result<_, _>>().map_err(fail)
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
