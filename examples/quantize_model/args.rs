//! The command line.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::choice::{Arrays, Bits, Choice, Sharing, Values, Which};
use crate::format::{Format, NEEDED};

pub(crate) const HELP: &str = "\
Quantizes the tensors of a model, and shows what each way of doing it costs in error and bytes.

usage: quantize_model [OPTIONS] [MODEL]

MODEL is a .safetensors file, several of them, a folder, or a .safetensors.index.json, or a GGUF file.
Without MODEL a transformer-shaped model of 25 million weights is made in memory.

options:
      --scheme SCHEME     asymmetric or symmetric; default: both
      --bits BITS         8, 4 or 2; default: 8
      --granularity WHAT  what has a scale and a zero point of its own; default: tensor
                            tensor   every tensor
                            channel  every index of the first axis (a tensor without a
                                     second axis: as a whole)
                            block:N  every N neighbours within one index of the first axis,
                                     over all other axes as if they were one; the last block
                                     may be short (a tensor without a second axis: every N)
      --format FORMAT     a format of GGUF files beside the others: q8_0, q4_0, q4_1, q5_0 or q5_1
  -o, --output OUT        write a GGUF MODEL as a GGUF file in the one --format, or the codes,
                          scales and zero points of another MODEL, or its blocks in the one
                          --format, as safetensors: a file, or, if MODEL is a folder, an index or
                          several files, a folder with files of the same names and, if there are
                          several, an index
      --write SCHEME      the scheme that -o writes, if both are compared: asymmetric (the
                          default) or symmetric
      --plot FILE         draw an SVG picture: the error of every tensor, or, if several bits or
                          granularities are compared, error against bits per weight
  -h, --help              print this

The first four options take a list (--bits 8,4,2) or come several times: every combination of the
first three is tried, and every format.

A format stores blocks of 32 numbers with their scale, as llama.cpp's reference quantizers do. With
--format, the program skips tensors that GGUF files keep as they are: of fewer than two axes, or with
rows (the last axis) that are no whole number of blocks; and tensors of F64.

A GGUF file may have version 2 or 3. Tensors of Q8_0, Q8_1, Q8_K, Q4_0, Q4_1, Q5_0 and Q5_1 are first
decoded to F32; tensors of other blocks, such as Q4_K, are skipped. With one --format, -o writes a
GGUF file with the tensors in this format, the skipped and refused ones unchanged, and all metadata,
of which general.file_type and general.quantization_version are set. llama.cpp's own program also
keeps some matrices by name, such as the routers of experts; quantize_model does not.

GGUF and formats need the feature ggml:
cargo run --release --features ggml --example quantize_model

F64, F32, F16 and BF16 tensors are quantized; F16 and BF16 are first widened to F32, which is exact
and not part of the time. Asymmetric codes are unsigned, symmetric codes are signed. The program
skips tensors of another type, tensors that quantize_model wrote, and scales and zero points of
codes. It refuses a tensor that is empty, or holds a NaN or an infinity. Skipped and refused tensors
are listed and counted, and -o writes them unchanged.

A tensor is a scale or zero point of codes if its name says so, it is no longer than the codes, and
  - its name begins with that of the codes: w_scale_inv or w.scale, for codes w; or
  - their names begin alike: w_scale, for codes w_quantized of 8 bits or fewer; or
  - the codes are the weight of its module: scales for qweight, input_scale for weight.
Codes are of any integer type but I64 and U64, or floats of 8 bits or fewer.

Bytes and bits per weight count what -o writes, without the headers: packed codes, scales and, if
asymmetric, zero points; or blocks. Bits per weight count quantized tensors only.

An output in safetensors has one combination. For a tensor NAME it holds

  NAME             the codes: of 8 bits as U8 or I8 in the tensor's shape; of fewer bits packed
                   without gaps as a row of U8, the first code in the lowest bits, signed ones in
                   two's complement, zeros behind the last
  NAME.scale       F32, or F64 for an F64 tensor: a scalar, or of shape [channels], or
                   [channels, blocks of a channel], or [blocks] for a tensor without a second axis;
                   a scalar for a scalar, whatever the granularity
  NAME.zero_point  if asymmetric: one for every scale, stored like the codes: U8 of the scales'
                   shape, or packed

x = (code - zero_point) * scale, without zero_point if symmetric. With --format it holds no more than

  NAME             the blocks as U8, a row of blocks for a row of the tensor: in the tensor's shape
                   but for the last axis, which has the bytes of a row's blocks

If the model already has a tensor
with one of these new names, -o is refused: rename that tensor, or leave it out. The metadata is that
of the input, without the names that begin with zeropoint., and

  zeropoint.codes         the type of a code, such as u4, or the format, such as q8_0
  zeropoint.scheme        asymmetric or symmetric; not of blocks
  zeropoint.bits          8, 4 or 2; not of blocks
  zeropoint.granularity   as on the command line; block:32 of blocks
  zeropoint.dequantize    (code - zero_point) * scale, or code * scale, or that ggml's blocks have
                          their own rule
  zeropoint.version       the version of zeropoint
  zeropoint.packing       of fewer than 8 bits: how codes are packed
  zeropoint.shape.NAME    of fewer than 8 bits, and of blocks: the shape of the tensor, such as [30,41]

The program in audit/ of the repository counts the codes that the formula of another library (ONNX
Runtime, PyTorch, XNNPACK and others) would change, by tensor and with the error of both:
cargo run --release --manifest-path audit/Cargo.toml -- model MODEL.safetensors --against pytorch

Exit status: 0 if something was quantized, 1 if not, 2 for a wrong command line. Ctrl-C, SIGTERM and,
on Linux, SIGHUP end the program as usual, and leave no unfinished file. On Linux, signals that are
ignored when it starts, as under nohup, stay ignored. A program that was killed leaves
OUT.NUMBER.zeropoint.part, which the next run with this OUT removes.
The environment variable ZEROPOINT_BACKEND chooses the instructions (scalar, portable,
avx2, avx512, neon), RAYON_NUM_THREADS the number of threads.
";

/// Says where other libraries' formulas are, which the crate does not depend on.
const AGAINST: &str = "--against is an option of the program in audit/: \
    cargo run --release --manifest-path audit/Cargo.toml -- model MODEL.safetensors --against NAME";

/// Why there is no result: one line, and an exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    Usage(String),
    Run(String),
    /// Nobody reads standard output any more: nothing to say, and nobody to say it to.
    ClosedPipe,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::ClosedPipe => ExitCode::SUCCESS,
            Self::Run(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => write!(f, "{what} (try --help)"),
            Self::Run(what) => f.write_str(what),
            Self::ClosedPipe => Ok(()),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) help: bool,
    /// Empty for a model made in memory.
    pub(crate) models: Vec<PathBuf>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) plot: Option<PathBuf>,
    schemes: Vec<Which>,
    bits: Vec<Bits>,
    sharings: Vec<Sharing>,
    formats: Vec<Format>,
    write: Option<Which>,
}

impl Args {
    /// Returns every combination, and the formats of blocks behind them.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let arrays = self.arrays().into_iter().map(Choice::Arrays);
        arrays.chain(self.formats.iter().map(|format| Choice::Blocks(*format))).collect()
    }

    /// Every combination, one after the other: the schemes of a combination side by side.
    pub(crate) fn arrays(&self) -> Vec<Arrays> {
        let mut choices = Vec::new();
        for &bits in &self.bits {
            for &sharing in &self.sharings {
                choices.extend(self.schemes.iter().map(|&scheme| Arrays { scheme, bits, sharing }));
            }
        }
        choices
    }

    /// Returns whether the choices differ in more than their scheme.
    pub(crate) fn compares(&self) -> bool {
        self.bits.len() * self.sharings.len() > 1 || self.has_formats()
    }

    /// Returns whether formats of blocks are among the choices.
    pub(crate) fn has_formats(&self) -> bool {
        !self.formats.is_empty()
    }

    /// The choice whose codes are written, if any.
    pub(crate) fn written(&self) -> Option<Choice> {
        self.output.as_ref()?;
        if let Some(format) = self.formats.first() {
            return Some(Choice::Blocks(*format));
        }
        let written = |c: &Arrays| self.write.is_none_or(|scheme| scheme == c.scheme);
        self.arrays().into_iter().find(written).map(Choice::Arrays)
    }
}

pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Args, Failure> {
    let mut args = Args::default();
    let mut rest = arguments;
    let mut only_files = false;
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if only_files || !text.starts_with('-') || text == "-" {
            if argument.is_empty() {
                return Err(Failure::Usage("the name of the model is empty".into()));
            }
            args.models.push(PathBuf::from(argument));
            continue;
        }
        let (name, attached) = split(&argument);
        let mut value = || value_of(&name, attached.clone(), &mut rest);
        match name.as_str() {
            "-o" | "--output" => set(&mut args.output, PathBuf::from(value()?), "--output")?,
            "--plot" => set(&mut args.plot, PathBuf::from(value()?), "--plot")?,
            "--write" => set(&mut args.write, one(&value()?, "--write")?, "--write")?,
            "--scheme" => add(&mut args.schemes, &value()?, "--scheme")?,
            "--bits" => add(&mut args.bits, &value()?, "--bits")?,
            "--format" => add(&mut args.formats, &value()?, "--format")?,
            "--granularity" => add(&mut args.sharings, &value()?, "--granularity")?,
            "--against" => return Err(Failure::Usage(AGAINST.into())),
            "-h" | "--help" if attached.is_none() => args.help = true,
            "--" if attached.is_none() => only_files = true,
            _ => return Err(Failure::Usage(format!("unknown option '{text}'"))),
        }
    }
    check(args)
}

/// `--name=value` in its two parts; any other argument is a name alone.
fn split(argument: &OsStr) -> (String, Option<OsString>) {
    let bytes = argument.as_encoded_bytes();
    if let (true, Some(at)) = (bytes.starts_with(b"--"), bytes.iter().position(|&b| b == b'=')) {
        let (name, value) = (&bytes[..at], &bytes[at + 1..]);
        // Cut beside an ASCII character, so the value is what the system gave, UTF-8 or not.
        let value = os_string(value);
        return (String::from_utf8_lossy(name).into_owned(), Some(value));
    }
    (argument.to_string_lossy().into_owned(), None)
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

fn value_of(
    name: &str,
    attached: Option<OsString>,
    rest: &mut impl Iterator<Item = OsString>,
) -> Result<OsString, Failure> {
    match attached.or_else(|| rest.next()) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(Failure::Usage(format!("{name} needs a value"))),
    }
}

fn set<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), Failure> {
    if slot.replace(value).is_some() {
        return Err(Failure::Usage(format!("{name} is given twice")));
    }
    Ok(())
}

fn one<T: Values>(text: &OsStr, name: &str) -> Result<T, Failure> {
    text.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Failure::Usage(format!("{name} takes {}, not '{}'", T::TAKES, text.to_string_lossy()))
    })
}

/// Adds the values of a list, each of which is given once.
fn add<T: Values>(values: &mut Vec<T>, list: &OsStr, name: &str) -> Result<(), Failure> {
    for text in list.to_string_lossy().split(',') {
        let value = one(OsStr::new(text), name)?;
        if values.contains(&value) {
            return Err(Failure::Usage(format!("{name} has {text} twice")));
        }
        values.push(value);
    }
    Ok(())
}

pub(crate) fn same_file() -> Failure {
    Failure::Usage("--output and --plot name the same file".into())
}

/// Refuses what does not go together, and fills in what was not given.
fn check(mut args: Args) -> Result<Args, Failure> {
    let usage = |what: &str| Err(Failure::Usage(what.into()));
    if args.write.is_some() && args.output.is_none() {
        return usage("--write means nothing without --output");
    }
    if args.output.is_some() && args.output == args.plot {
        return Err(same_file());
    }
    if args.has_formats() && !cfg!(feature = "ggml") {
        return Err(Failure::Usage(format!("--format {NEEDED}")));
    }
    if args.output.is_some() && args.formats.len() > 1 {
        return usage("--output takes one of --format");
    }
    if args.write.is_some() && args.has_formats() {
        return usage("--write means nothing with --format, which is what --output writes");
    }
    let written = args.output.is_some() && !args.has_formats();
    if written && (args.bits.len() > 1 || args.sharings.len() > 1) {
        return usage("--output takes one of --bits and one of --granularity");
    }
    if let Some(scheme) = args.write
        && !args.schemes.is_empty()
        && !args.schemes.contains(&scheme)
    {
        return Err(Failure::Usage(format!("--write {scheme} is not among --scheme")));
    }
    if args.schemes.is_empty() {
        args.schemes = vec![Which::Asymmetric, Which::Symmetric];
    }
    // What -o writes without --write does not depend on the order of a list.
    if args.write.is_none() && args.schemes.contains(&Which::Asymmetric) {
        args.write = Some(Which::Asymmetric);
    }
    if args.bits.is_empty() {
        args.bits.push(Bits::Eight);
    }
    if args.sharings.is_empty() {
        args.sharings.push(Sharing::Tensor);
    }
    Ok(args)
}
