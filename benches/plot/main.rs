//! Pictures of what was measured: by `cargo bench --bench operations`, from criterion's own files,
//! throughput against length for each operation and times against rivals for some lengths; by
//! `cargo bench --bench ratios -- lengths`, the time of a call on every short length, by `-- slices`, of an element
//! in slices of every short length, and by `-- scorecard`, our times over those of the best rivals.
//!
//! `cargo bench --bench plot` writes them to `benches/pictures`; `-- FOLDER` to another folder.

mod bars;
mod layout;
mod lengths;
mod numbers;
mod results;
mod scorecard;
mod throughput;

use std::error::Error;
use std::path::{Path, PathBuf};

use lengths::Kind;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() {
    let folder = match parse(std::env::args().skip(1)) {
        Ok(Some(folder)) => folder,
        Ok(None) => return println!("plot: a test draws nothing"),
        Err(wrong) => {
            eprintln!("plot: {wrong}; usage: cargo bench --bench plot -- [FOLDER]");
            std::process::exit(2);
        }
    };
    if let Err(wrong) = draw(&folder) {
        eprintln!("plot: {wrong}");
        std::process::exit(1);
    }
}

/// Returns the folder to draw into, or `None` in a test.
fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<PathBuf>, String> {
    let mut folder = None;
    let mut test = false;
    for argument in arguments {
        match argument.as_str() {
            // Cargo adds it.
            "--bench" => {}
            "--test" => test = true,
            _ if argument.starts_with('-') => return Err(format!("unknown option {argument}")),
            _ if folder.is_some() => return Err(format!("a second folder {argument}")),
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = folder.unwrap_or_else(|| "benches/pictures".into());
    Ok((!test).then_some(folder))
}

fn draw(folder: &Path) -> Outcome<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let target = Path::new(&target);
    let results = results::read(&target.join("criterion"))?;
    let (calls, slices) = (Kind::Lengths.read(target)?, Kind::Slices.read(target)?);
    std::fs::create_dir_all(folder)?;
    let mut written = throughput::draw(&results, folder)?;
    written.extend(bars::draw(&results, folder)?);
    written.extend(Kind::Lengths.draw(&calls, folder)?);
    written.extend(Kind::Slices.draw(&slices, folder)?);
    written.extend(scorecard::draw(target, folder)?);
    if written.is_empty() {
        let ratios = "--bench ratios -- scorecard (or lengths, or slices)";
        let target = target.display();
        return Err(format!(
            "nothing in {target}; first cargo bench {ratios}, or --bench operations"
        )
        .into());
    }
    for file in written {
        println!("{}", file.display());
    }
    Ok(())
}
