//! Audits a function of a shared library.
//!
//! ```text
//! cargo run --release -- --library libtheirs.so --symbol their_quantize --signature x-q-n-scale-zero
//! cargo run --release -- model MODEL.safetensors --against xnnpack
//! cargo run --release -- --list
//! cargo run --release -- --help
//! ```
//!
//! `library.rs` calls the function, `model.rs` compares contracts on a model; the rest is the crate `zeropoint_audit`.

mod args;
mod library;
mod list;
mod model;
mod progress;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use zeropoint_audit::Report;

use args::{Args, Command};
use library::Function;
use progress::Bar;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.command {
        _ if args.list => Ok((list::everything(), true)),
        Some(Command::Model(args)) => model::compare(args),
        None => audit(&args).map(|report| {
            let text = if args.json { report.to_json() } else { report.to_string() };
            (text, report.agrees())
        }),
    };
    // An error of writing is ignored: a reader that has gone away, such as `head`, has seen enough.
    match done {
        Ok((text, agrees)) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::from(u8::from(!agrees))
        }
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            ExitCode::from(2)
        }
    }
}

fn audit(args: &Args) -> Result<Report, String> {
    let (Some(library), Some(symbol), Some(signature)) =
        (&args.library, &args.symbol, args.signature)
    else {
        return Err("--library, --symbol and --signature are needed (try --help)".into());
    };
    args.check(signature)?;
    let function = Function::load(library, symbol, args.threads)?;
    let mut bar = Bar::new();
    let mut show = |fraction: f64| bar.show(fraction);
    Ok(function.audit(args, signature, &mut show))
}
