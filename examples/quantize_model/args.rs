//! The command line.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) const HELP: &str = "\
Quantizes the f32 tensors of a model to 8 bits, asymmetric and symmetric side by side.

usage: quantize_model [OPTIONS] [MODEL.safetensors]

Without MODEL a transformer-shaped model of 25 million weights is made in memory.

options:
  -o, --output FILE   write the codes, scales and zero points as safetensors
      --write SCHEME  whose codes -o writes: asymmetric (the default) or symmetric
      --plot FILE     draw the error of every tensor as an SVG picture
  -h, --help          print this

Every f32 tensor is quantized as a whole: asymmetric to u8, symmetric to i8. Tensors of
another type are skipped. A tensor that is empty, or holds a NaN or an infinity, is refused.
Both are listed and counted, written by -o as they are, and are no failure.

For a tensor NAME the output holds its codes under NAME, in its shape, and the scalars
NAME.scale (F32) and NAME.zero_point (I32): x = (code - zero_point) * scale.

Exit status: 0 if the model was quantized, 1 if it was not, 2 for a wrong command line.
The environment variable ZEROPOINT_BACKEND chooses the instructions (scalar, portable,
avx2, avx512, neon), RAYON_NUM_THREADS the number of threads.
";

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

/// One of the two schemes that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Asymmetric,
    Symmetric,
}

#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) help: bool,
    pub(crate) model: Option<PathBuf>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) write: Option<Which>,
    pub(crate) plot: Option<PathBuf>,
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
            set(&mut args.model, PathBuf::from(argument), "MODEL")?;
            continue;
        }
        let (name, attached) = split(&argument);
        let mut value = || value_of(&name, attached.clone(), &mut rest);
        match name.as_str() {
            "-o" | "--output" => set(&mut args.output, PathBuf::from(value()?), "--output")?,
            "--plot" => set(&mut args.plot, PathBuf::from(value()?), "--plot")?,
            "--write" => set(&mut args.write, scheme(&value()?)?, "--write")?,
            "-h" | "--help" if attached.is_none() => args.help = true,
            "--" if attached.is_none() => only_files = true,
            _ => return Err(Failure::Usage(format!("unknown option '{}'", text.escape_debug()))),
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

fn scheme(name: &OsStr) -> Result<Which, Failure> {
    match name.to_str() {
        Some("asymmetric") => Ok(Which::Asymmetric),
        Some("symmetric") => Ok(Which::Symmetric),
        _ => Err(Failure::Usage(format!(
            "--write takes asymmetric or symmetric, not '{}'",
            name.to_string_lossy().escape_debug()
        ))),
    }
}

fn check(args: Args) -> Result<Args, Failure> {
    if args.write.is_some() && args.output.is_none() {
        return Err(Failure::Usage("--write means nothing without --output".into()));
    }
    if args.output.is_some() && args.output == args.plot {
        return Err(Failure::Usage("--output and --plot name the same file".into()));
    }
    Ok(args)
}
