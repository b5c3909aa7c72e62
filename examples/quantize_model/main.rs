//! Quantizes a whole model to 8, 4 or 2 bits, and shows what that costs.
//!
//! ```text
//! cargo run --release --example quantize_model
//! cargo run --release --example quantize_model -- MODEL.safetensors -o OUT.safetensors --plot OUT.svg
//! cargo run --release --example quantize_model -- --bits 8,4,2 --granularity tensor,channel,block:32
//! cargo run --release --example quantize_model -- --help
//! ```
//!
//! What it does with the crate is in `job.rs`.

mod args;
mod choice;
mod job;
mod model;
mod output;
mod plot;
mod progress;
mod summary;
mod synthetic;
mod table;
mod tradeoff;

use std::io::{self, Write};
use std::process::ExitCode;

use zeropoint::{Auto, Backend};

use args::{Args, Failure, HELP};
use job::{Job, Outcome};
use model::Tensor;
use output::Pending;
use progress::Progress;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = failure.to_string();
            if !message.is_empty() {
                // Where standard error is closed too, the exit status has to say it all.
                let _ = writeln!(io::stderr(), "quantize_model: {message}");
            }
            failure.exit_code()
        }
    }
}

fn run() -> Result<(), Failure> {
    let args = args::parse(std::env::args_os().skip(1))?;
    if args.help {
        return print(|out| out.write_all(HELP.as_bytes()));
    }
    let auto = Auto::detect().map_err(|e| Failure::Run(e.to_string()))?;
    match &args.model {
        None => quantize(&args, auto, &synthetic::model()),
        Some(path) => {
            let file = model::map(path)?;
            quantize(&args, auto, &model::read(path, &file)?)
        }
    }
}

/// What a model made in memory leads to.
const NEXT: &str = "These weights were made up. For yours, put `-- MODEL.safetensors` behind the command; \
    `-- --help` has 4 and 2 bits, channels and blocks, and a picture.";

/// The instructions and threads that will be used.
fn backend(auto: Auto) -> String {
    let name = auto.name();
    // Asking starts the threads, so their start is not measured with the first tensor.
    #[cfg(feature = "rayon")]
    let threads = rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    let threads = 1;
    format!("{name}, {threads} {}", if threads == 1 { "thread" } else { "threads" })
}

fn quantize(args: &Args, auto: Auto, tensors: &[Tensor]) -> Result<(), Failure> {
    let begin = |path| Pending::create(path, args.model.as_deref());
    let output = args.output.as_deref().map(begin).transpose()?;
    let plot = args.plot.as_deref().map(begin).transpose()?;

    let backend = backend(auto);
    let (choices, written) = (args.choices(), args.written());
    let mut job = Job::new(&choices, written, auto);
    let progress = Progress::new(tensors);
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        progress.begin(tensor);
        outcomes.push(job.run(tensor));
        progress.end(tensor);
    }
    progress.finish();

    // The files before the table: they are whole even where the table's reader leaves early.
    if let (Some(file), Some(choice)) = (output, written) {
        output::write_codes(file, choice, tensors, &outcomes)?;
    }
    if let Some(file) = plot {
        let svg = match args.compares() {
            true => tradeoff::svg(&choices, &outcomes),
            false => plot::svg(&choices, tensors, &outcomes),
        };
        let svg = svg.map_err(|e| Failure::Run(format!("cannot draw: {e}")))?;
        file.finish(|out| out.write_all(svg.as_bytes()))?;
    }
    print(|out| {
        table::print(out, &choices, tensors, &outcomes)?;
        writeln!(out)?;
        summary::print(out, &choices, tensors, &outcomes, &backend)?;
        for path in [&args.output, &args.plot].into_iter().flatten() {
            writeln!(out, "written      {}", path.display())?;
        }
        if args.model.is_none() {
            writeln!(out, "\n{NEXT}")?;
        }
        Ok(())
    })
}

fn print(
    write: impl FnOnce(&mut io::BufWriter<io::StdoutLock>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    write(&mut out).and_then(|()| out.flush()).map_err(|e| match e.kind() {
        io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
        _ => Failure::Run(format!("cannot write to standard output: {e}")),
    })
}
