//! Runs ONNX's own tests of its quantization operators through this crate.
//!
//! ```text
//! cargo run --release --example onnx_conformance -- DIR
//! ```
//!
//! DIR holds ONNX's node tests: the package `onnx` of PyPI, up to version 1.22.0, carries them under
//! `onnx/backend/test/data/node`. A case is a model of one node with inputs and expected outputs.
//! What is done with the crate is in `operation.rs`; the rest reads files and compares bits.

mod case;
mod compare;
mod granularity;
mod node;
mod operation;
#[path = "../common/printable.rs"]
mod printable;
mod proto;
mod tensor;
mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use zeropoint::{Auto, Backend};

use case::Case;
use printable::printable;
use verdict::{Counts, Obstacle, fail};

const HELP: &str = "\
Runs ONNX's node tests of QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear.

usage: onnx_conformance DIR

DIR holds a directory for each case (test_quantizelinear…, test_dequantizelinear…,
test_dynamicquantizelinear…) with model.onnx and test_data_set_N/*.pb, as the package
onnx of PyPI has them in onnx/backend/test/data/node up to version 1.22.0.

Every case runs on every backend of this machine, including the scalar reference, and
passes if each backend returns exactly the expected bits. Each case prints one line, and
the last line has the counts.

Exit status: 0 if no case failed, 1 if one did or there is none, 2 for a wrong command line.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let status = match (arguments.next(), arguments.next()) {
        (Some(flag), None) if flag == "-h" || flag == "--help" => print(HELP).map(|()| 0),
        (Some(directory), None) if is_name(&directory) => run(&PathBuf::from(directory)),
        _ => complain("it takes one directory (try --help)").map(|()| 2),
    };
    // Nobody reads any more: the status has to say it all.
    status.map_or(ExitCode::FAILURE, ExitCode::from)
}

fn is_name(argument: &OsString) -> bool {
    !argument.is_empty() && !argument.as_encoded_bytes().starts_with(b"-")
}

/// The exit status; an error is one of the output's.
fn run(directory: &Path) -> io::Result<u8> {
    let backends: Vec<Auto> = Auto::available().collect();
    let cases = match case::find(directory) {
        Ok(cases) => cases,
        Err(why) => return complain(&why).map(|()| 1),
    };
    let names: Vec<&str> = backends.iter().map(Backend::name).collect();
    print(&format!("backends: {}\n", names.join(", ")))?;
    let width = cases.iter().map(|path| case::name_of(path).len()).max().unwrap_or(0);
    let mut counts = Counts::default();
    for path in &cases {
        let name = case::name_of(path);
        let line = match case::read(path).and_then(|case| check(&case, &backends)) {
            Ok(what) => {
                counts.passed += 1;
                format!("pass: {what}")
            }
            Err(Obstacle::NotCovered(what)) => {
                counts.not_covered += 1;
                format!("not covered: {what}")
            }
            Err(Obstacle::Failed(why)) => {
                counts.failed += 1;
                format!("FAIL: {why}")
            }
        };
        print(&(printable(&format!("{name:width$}  {line}")) + "\n"))?;
    }
    let Counts { passed, failed, not_covered } = counts;
    print(&format!("{passed} passed, {failed} failed, {not_covered} not covered\n"))?;
    Ok(u8::from(failed > 0))
}

/// Every set of data on every backend; what was done, in a few words.
fn check(case: &Case, backends: &[Auto]) -> Result<String, Obstacle> {
    let mut what = String::new();
    for set in &case.sets {
        for backend in backends {
            let place = format!("{}, {}", set.name, backend.name());
            let run = operation::run(&case.node, &set.inputs, *backend)
                .map_err(|obstacle| obstacle.at(&place))?;
            if run.outputs.len() != set.outputs.len() {
                let (expected, found) = (set.outputs.len(), run.outputs.len());
                return fail(format!("{place}: {found} outputs where {expected} are expected"));
            }
            let names = &case.node.outputs;
            for ((expected, found), name) in set.outputs.iter().zip(&run.outputs).zip(names) {
                if let Some(difference) = compare::difference(expected, found) {
                    return fail(format!("{place}, output {name}: {difference}"));
                }
            }
            what = run.what;
        }
    }
    Ok(what)
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

fn complain(what: &str) -> io::Result<()> {
    writeln!(io::stderr(), "onnx_conformance: {}", printable(what))
}
