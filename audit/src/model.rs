//! The codes of a model under zeropoint's contract and under another one.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Serialize;
use zeropoint::Scheme;
use zeropoint_audit::{Affine, Change, Codes, Known, Quantize};

use crate::args::{ModelArgs, SchemeName, Sharing};
use crate::progress::Bar;

/// The result for a model.
#[derive(Debug, Serialize)]
struct Comparison {
    against: &'static str,
    contract: Quantize,
    codes: &'static str,
    tensors: Vec<Row>,
    skipped: Vec<Skipped>,
    all: Change,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    #[serde(flatten)]
    change: Change,
}

/// A tensor that is not compared, and the reason.
#[derive(Debug, Serialize)]
struct Skipped {
    name: String,
    why: String,
}

/// Compares the codes of all tensors, and returns the table, and whether no code differs.
pub(crate) fn compare(args: &ModelArgs) -> Result<(String, bool), String> {
    let known =
        Known::named(&args.against).expect("the command line takes only names of contracts");
    let codes = args.codes.codes();
    if codes.max - codes.min < 16 {
        return Err(format!(
            "--codes {}: models are compared in codes of 8 and 16 bits",
            codes.name
        ));
    }
    if known.is_symmetric && (args.scheme != SchemeName::Symmetric || codes.min == 0) {
        return Err(format!(
            "--against {} needs --scheme symmetric and signed codes, such as --codes i8: the contract is for zero point 0 only",
            known.name
        ));
    }
    let mut found = Comparison {
        against: known.name,
        contract: known.contract,
        codes: codes.name,
        tensors: Vec::new(),
        skipped: Vec::new(),
        all: Change::default(),
    };
    let mut bar = Bar::new();
    for (at, path) in args.models.iter().enumerate() {
        let mut show = |part: f64| bar.show((at as f64 + part) / args.models.len() as f64);
        found.add_file(args, path, &mut show)?;
    }
    drop(bar);
    if found.tensors.is_empty() {
        let why: Vec<_> = found.skipped.iter().map(|s| format!("{}: {}", s.name, s.why)).collect();
        return Err(format!("no tensor can be compared ({})", why.join("; ")));
    }
    let agrees = found.all.differing == 0;
    let text = if args.json {
        serde_json::to_string_pretty(&found).map_err(|e| e.to_string())?
    } else {
        found.table(known)
    };
    Ok((text, agrees))
}

impl Comparison {
    fn add_file(
        &mut self,
        args: &ModelArgs,
        path: &Path,
        show: &mut dyn FnMut(f64),
    ) -> Result<(), String> {
        let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let bytes = read(path).map_err(|e| failed(&e))?;
        let mut tensors = SafeTensors::deserialize(&bytes).map_err(|e| failed(&e))?.tensors();
        tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
        let count = tensors.len();
        for (at, (name, view)) in tensors.into_iter().enumerate() {
            // Control characters in a file's names do not reach the terminal.
            let name = name.escape_debug().to_string();
            match numbers(&view).and_then(|x| change(args, self.contract, view.shape(), &x)) {
                Ok(change) => {
                    self.all += change;
                    self.tensors.push(Row { name, change });
                }
                Err(why) => self.skipped.push(Skipped { name, why }),
            }
            show((at + 1) as f64 / count as f64);
        }
        Ok(())
    }

    fn table(&self, known: &Known) -> String {
        let names = self.tensors.iter().map(|row| row.name.chars().count());
        let width = names.max().unwrap_or(0).max("tensor".len());
        let mut text = String::new();
        let _ =
            writeln!(text, "{}, of zeropoint and of {}: {}\n", self.codes, known.name, known.about);
        let _ = writeln!(
            text,
            "{:<width$}{:>12}{:>11}{:>12}{:>10}{:>14}{:>14}",
            "tensor", "elements", "differing", "share", "greatest", "MSE", "their MSE"
        );
        for row in &self.tensors {
            line(&mut text, &row.name, width, &row.change);
        }
        line(&mut text, "all", width, &self.all);
        for skipped in &self.skipped {
            let _ = writeln!(text, "skipped {}: {}", skipped.name, skipped.why);
        }
        text.pop();
        text
    }
}

/// Reads a file, but not a directory or a file of another format.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let is = |what: &str| {
        std::io::Error::other(format!("is a {what}; this program reads .safetensors files"))
    };
    if path.is_dir() {
        return Err(is("directory"));
    }
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(4).read_to_end(&mut bytes)?;
    if bytes == b"GGUF" {
        return Err(is("GGUF file"));
    }
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn line(text: &mut String, name: &str, width: usize, change: &Change) {
    let Change { elements, differing, greatest, .. } = *change;
    let [ours, theirs] = change.mean_squared_errors();
    let share = format!("{:.4} %", 100.0 * differing as f64 / elements as f64);
    let _ = writeln!(
        text,
        "{name:<width$}{elements:>12}{differing:>11}{share:>12}{greatest:>10}{ours:>14.5e}{theirs:>14.5e}"
    );
}

/// Widens the numbers of a tensor, which is exact.
fn numbers(view: &TensorView<'_>) -> Result<Vec<f32>, String> {
    let halves = || view.data().as_chunks::<2>().0.iter();
    match view.dtype() {
        Dtype::F32 => {
            Ok(view.data().as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect())
        }
        Dtype::F16 => Ok(halves().map(|&b| f16::from_le_bytes(b).to_f32()).collect()),
        Dtype::BF16 => Ok(halves().map(|&b| bf16::from_le_bytes(b).to_f32()).collect()),
        other => Err(format!("{other}, not F32, F16 or BF16")),
    }
}

/// Compares the codes of a tensor, slice by slice.
fn change(
    args: &ModelArgs,
    contract: Quantize,
    shape: &[usize],
    x: &[f32],
) -> Result<Change, String> {
    let codes: Codes = args.codes.codes();
    let scheme = match args.scheme {
        SchemeName::Asymmetric => Scheme::asymmetric(),
        SchemeName::Symmetric => Scheme::symmetric(),
    };
    let channels = match args.granularity {
        Sharing::Channel if shape.len() > 1 => shape[0],
        _ => 1,
    };
    let mut all = Change::default();
    for slice in x.chunks((x.len() / channels.max(1)).max(1)) {
        let p: Affine = codes.params(scheme, slice).map_err(|e| e.to_string())?;
        all += Change::of(contract, codes, p, slice);
    }
    if all.elements == 0 { Err("no elements".into()) } else { Ok(all) }
}
