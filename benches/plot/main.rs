//! Pictures of what `cargo bench --bench operations` measured, from criterion's own files:
//! throughput against length for each operation, and times against rivals for some lengths.
//!
//! `cargo bench --bench plot` writes them to `benches/pictures`; `-- FOLDER` to another folder.

mod bars;
mod results;
mod throughput;

use std::error::Error;
use std::path::{Path, PathBuf};

use plotters::style::RGBColor;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Black and grey, and colours that the colour-blind can tell apart.
pub(crate) const BLACK: RGBColor = RGBColor(0, 0, 0);
pub(crate) const GREY: RGBColor = RGBColor(130, 130, 130);
pub(crate) const PALE: RGBColor = RGBColor(225, 225, 225);
pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(crate) const RED: RGBColor = RGBColor(213, 94, 0);
pub(crate) const PURPLE: RGBColor = RGBColor(204, 121, 167);

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

/// Where to draw; nowhere in a test.
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
    let results = results::read(&Path::new(&target).join("criterion"))?;
    std::fs::create_dir_all(folder)?;
    let mut written = throughput::draw(&results, folder)?;
    written.extend(bars::draw(&results, folder)?);
    for file in written {
        println!("{}", file.display());
    }
    Ok(())
}

/// A number of elements in units of 1024 or 1024².
pub(crate) fn short(len: u64) -> String {
    match len {
        _ if len >= 1 << 20 && len.is_multiple_of(1 << 20) => format!("{} Mi", len >> 20),
        _ if len >= 1 << 10 && len.is_multiple_of(1 << 10) => format!("{} Ki", len >> 10),
        _ => len.to_string(),
    }
}

/// `operation/in_out_more` in words.
pub(crate) fn title(id: &str) -> String {
    let (operation, types) = id.split_once('/').unwrap_or((id, ""));
    let types: Vec<_> = types.split('_').collect();
    let types = match types[..] {
        [read, written, ref more @ ..] if read != written => {
            format!("{read} → {written} {}", more.join(" "))
        }
        _ => types[0].to_owned(),
    };
    format!("{} {types}", operation.replace('_', " ")).trim_end().to_owned()
}
