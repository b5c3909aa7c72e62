//! Audits a function of a shared library.
//!
//! ```text
//! cargo run --release -- --library libtheirs.so --symbol their_quantize --signature x-q-n-scale-zero
//! cargo run --release -- --list
//! cargo run --release -- --help
//! ```
//!
//! `library.rs` calls the function; the rest is the crate `zeropoint_audit`.

mod args;
mod library;
mod list;
mod progress;

use std::process::ExitCode;

use clap::Parser;
use zeropoint_audit::Report;

use args::Args;
use library::Function;
use progress::Bar;

fn main() -> ExitCode {
    let args = Args::parse();
    if args.list {
        print!("{}", list::everything());
        return ExitCode::SUCCESS;
    }
    match audit(&args) {
        Ok(report) => {
            println!("{}", if args.json { report.to_json() } else { report.to_string() });
            ExitCode::from(u8::from(!report.agrees()))
        }
        Err(why) => {
            eprintln!("{why}");
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
    let function = Function::load(library, symbol)?;
    let mut bar = Bar::new();
    let mut show = |fraction: f64| bar.show(fraction);
    Ok(function.audit(args, signature, &mut show))
}
