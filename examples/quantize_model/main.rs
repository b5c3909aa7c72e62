//! Quantizes a whole model to 8, 4 or 2 bits, and shows what that costs.
//!
//! ```text
//! cargo run --release --example quantize_model
//! cargo run --release --example quantize_model -- MODEL.safetensors -o OUT.safetensors --plot OUT.svg
//! cargo run --release --example quantize_model -- FOLDER -o OUT
//! cargo run --release --features ggml --example quantize_model -- MODEL.gguf --format q8_0 -o OUT.gguf
//! cargo run --release --example quantize_model -- --bits 8,4,2 --granularity tensor,channel,block:32
//! cargo run --release --example quantize_model -- --help
//! ```
//!
//! What it does with the crate is in `job.rs`.

mod args;
mod choice;
mod files;
mod format;
mod gguf;
mod interrupt;
mod job;
mod kind;
mod model;
mod output;
mod pending;
mod plot;
#[cfg(feature = "rayon")]
#[path = "../common/pool.rs"]
mod pool;
#[path = "../common/printable.rs"]
mod printable;
mod progress;
mod skip;
mod summary;
mod synthetic;
mod table;
mod text;
mod tradeoff;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use memmap2::Mmap;
use zeropoint::{Auto, Backend};

use args::{Args, Failure, HELP};
use choice::Choice;
use interrupt::Interrupt;
use job::{Job, Outcome};
use model::Model;
use output::Output;
use pending::Pending;
use printable::printable;
use progress::Progress;

fn main() -> ExitCode {
    let interrupt = Interrupt::default();
    #[cfg(feature = "rayon")]
    let result = pool::in_pool(|threads| match threads {
        Ok(n) => run(&interrupt, &format!("{n} {}", if n == 1 { "thread" } else { "threads" })),
        Err(why) => run(&interrupt, &format!("1 thread: no other can be started ({why})")),
    });
    #[cfg(not(feature = "rayon"))]
    let result = run(&interrupt, "1 thread");
    // Here, where no file is open any more.
    interrupt.die();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = printable(&failure.to_string());
            if !message.is_empty() {
                // Where standard error is closed too, the exit status has to say it all.
                let _ = writeln!(io::stderr(), "quantize_model: {message}");
            }
            failure.exit_code()
        }
    }
}

fn run(interrupt: &Interrupt, threads: &str) -> Result<(), Failure> {
    let args = args::parse(std::env::args_os().skip(1))?;
    if args.help {
        return print(|out| out.write_all(HELP.as_bytes()));
    }
    let auto = Auto::detect().map_err(|e| Failure::Run(e.to_string()))?;
    let task = |single| Task { args: &args, auto, threads, single, interrupt };
    if args.models.is_empty() {
        return task(true).quantize(Model::made(synthetic::model()), &[]);
    }
    let found = files::find(&args.models)?;
    let maps: Vec<Mmap> = found.paths.iter().map(|p| model::map(p)).collect::<Result<_, _>>()?;
    let mapped: Vec<(&Path, &[u8])> =
        found.paths.iter().zip(&maps).map(|(path, map)| (path.as_path(), &map[..])).collect();
    let index = found.index.as_ref();
    let inputs: Vec<&Path> =
        found.paths.iter().chain(index.map(|i| &i.path)).map(|p| p.as_path()).collect();
    task(found.single).quantize(Model::read(&mapped, index)?, &inputs)
}

/// Says what to do after a model that was made in memory.
const NEXT: &str = "These weights were made up. For your own model, append `-- MODEL.safetensors` to the command; \
    `-- --help` describes 4 and 2 bits, channels and blocks, and pictures.";

/// A task says what is to be done, and with what.
#[derive(Clone, Copy)]
struct Task<'a> {
    args: &'a Args,
    auto: Auto,
    threads: &'a str,
    /// True if the output is one file, not a folder.
    single: bool,
    interrupt: &'a Interrupt,
}

/// The output files, which are begun before the work and finished after it.
struct Targets {
    output: Option<Output>,
    plot: Option<Pending>,
}

impl Task<'_> {
    /// Quantizes the model that was read from the files `inputs`.
    fn quantize(&self, mut model: Model, inputs: &[&Path]) -> Result<(), Failure> {
        if self.args.has_formats() {
            skip::mark_for_blocks(&mut model);
        }
        let model = &model;
        let tensors = &model.tensors;
        let skipped = skip::notices(tensors);
        if tensors.iter().all(|t| t.skip.is_some()) {
            let none = if tensors.is_empty() { "the model has no tensors" } else { "" };
            let why = skipped.join("; ");
            return Err(Failure::Run(format!("nothing to quantize: {none}{why}")));
        }
        let (choices, written) = (self.args.choices(), self.args.written());
        let mut targets = self.begin(model, inputs, written)?;
        let said =
            print(|out| skipped.iter().try_for_each(|line| writeln!(out, "skipped      {line}")));
        match said {
            // Nobody reads, but the files are written.
            Ok(()) | Err(Failure::ClosedPipe) => {}
            failed => return failed,
        }

        let mut job = Job::new(&choices, written, self.auto);
        let outcomes = self.run(model, &mut job, targets.output.as_mut())?;
        let any = outcomes.iter().any(|o| matches!(o, Outcome::Quantized(_)));
        // The files before the table: they are whole even where the table's reader leaves early.
        if any {
            self.finish(model, &choices, &outcomes, targets)?;
        }
        self.interrupt.end();
        let printed = self.print(model, &choices, &outcomes, any);
        if any { printed } else { Err(Failure::Run("nothing was quantized, nor written".into())) }
    }

    fn begin(
        &self,
        model: &Model,
        inputs: &[&Path],
        written: Option<Choice>,
    ) -> Result<Targets, Failure> {
        let Args { output, plot, .. } = self.args;
        if output.is_some() || plot.is_some() {
            self.interrupt.begin().map_err(|e| Failure::Run(format!("no signal handler: {e}")))?;
        }
        let output = output.as_deref().zip(written).map(|(path, choice)| {
            Output::create(path, self.single, model, inputs, choice, self.interrupt)
        });
        let output = output.transpose()?;
        // Now the folder of the output is there, in which the picture may be.
        if let (Some(output), Some(plot)) = (&self.args.output, plot)
            && self.same_file(model, output, plot)
        {
            return Err(args::same_file());
        }
        let plot = plot.as_deref().map(|path| Pending::create(path, inputs, self.interrupt));
        Ok(Targets { output, plot: plot.transpose()? })
    }

    /// Returns whether the picture has the name of the output, or of a file in its folder.
    fn same_file(&self, model: &Model, output: &Path, plot: &Path) -> bool {
        // An error in a path is reported where the path is written to.
        let (Ok(output), Ok(plot)) = (pending::real(output), pending::real(plot)) else {
            return false;
        };
        let (index, _) = files::new_index(model.index, &BTreeMap::new(), 0);
        let mut names = model.files.iter().map(|file| &file.name).chain([&index]);
        output == plot || (!self.single && names.any(|name| output.join(name) == plot))
    }

    /// Quantizes the tensors file by file, and writes the codes of each.
    fn run(
        &self,
        model: &Model,
        job: &mut Job,
        mut output: Option<&mut Output>,
    ) -> Result<Vec<Outcome>, Failure> {
        let progress = Progress::new(&model.tensors);
        let mut outcomes = Vec::with_capacity(model.tensors.len());
        for (i, file) in model.files.iter().enumerate() {
            for tensor in &model.tensors[file.tensors.clone()] {
                self.interrupt.check().map_err(|e| Failure::Run(e.to_string()))?;
                progress.begin(tensor);
                outcomes.push(job.run(tensor));
                progress.end(tensor);
            }
            if let Some(output) = &mut output {
                output.write(i, model, &mut outcomes[file.tensors.clone()])?;
            }
        }
        Ok(outcomes)
    }

    fn finish(
        &self,
        model: &Model,
        choices: &[Choice],
        outcomes: &[Outcome],
        targets: Targets,
    ) -> Result<(), Failure> {
        if let Some(output) = targets.output {
            output.finish(model)?;
        }
        let Some(mut file) = targets.plot else { return Ok(()) };
        let svg = match self.args.compares() {
            true => tradeoff::svg(choices, outcomes),
            false => plot::svg(&self.args.arrays(), &model.tensors, outcomes),
        };
        let svg = svg.map_err(|e| Failure::Run(format!("cannot draw: {e}")))?;
        file.fill(|out| out.write_all(svg.as_bytes()))?;
        file.finish()
    }

    fn print(
        &self,
        model: &Model,
        choices: &[Choice],
        outcomes: &[Outcome],
        written: bool,
    ) -> Result<(), Failure> {
        let backend = format!("{}, {}", self.auto.name(), self.threads);
        let path = |path: &Option<PathBuf>| path.as_ref().filter(|_| written).cloned();
        // With an empty part at its end, the path of a folder ends in a slash.
        let output = path(&self.args.output).map(|p| if self.single { p } else { p.join("") });
        print(|out| {
            table::print(out, choices, &model.tensors, outcomes)?;
            writeln!(out)?;
            summary::print(out, choices, &model.tensors, outcomes, &backend)?;
            for path in output.iter().chain(&path(&self.args.plot)) {
                writeln!(out, "written      {}", printable(&path.to_string_lossy()))?;
            }
            if self.args.models.is_empty() {
                writeln!(out, "\n{NEXT}")?;
            }
            Ok(())
        })
    }
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
