//! The main job on a file of any bytes: the example `quantize_model` reads it, quantizes what it holds and
//! writes its table, its picture and its codes. Whatever the file is, it is read or refused.

use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Result, Unstructured};
use zeropoint::Auto;

use crate::args::{Args, parse};
use crate::job::{Job, Outcome};
use crate::output::{Pending, write_codes};
use crate::{model, plot, summary, table, tradeoff};

/// A file and how it is quantized.
pub fn run(data: &[u8]) {
    // What ends too early is no case.
    let _ = case(&mut Unstructured::new(data));
}

/// Three bytes of options, then the file.
fn case(u: &mut Unstructured) -> Result<()> {
    let [options, block, place] = u.arbitrary::<[u8; 3]>()?;
    let args = arguments(options, block);
    let bytes = u.bytes(u.len())?;
    // A file may lie anywhere in memory, and ends where it ends.
    let offset = usize::from(place % 8);
    let file: Box<[u8]> = [&[0; 8][..offset], bytes].concat().into();
    let Ok(tensors) = model::read(Path::new("model"), &file[offset..]) else {
        return Ok(());
    };
    let auto = Auto::detect().expect("a backend");
    let (choices, written) = (args.choices(), args.written());
    let mut job = Job::new(&choices, written, auto);
    let outcomes: Vec<Outcome> = tensors.iter().map(|tensor| job.run(tensor)).collect();

    let mut text = Vec::new();
    table::print(&mut text, &choices, &tensors, &outcomes).expect("memory takes it");
    summary::print(&mut text, &choices, &tensors, &outcomes, "any").expect("memory takes it");
    // Drawing takes far longer than all else.
    if place & 0x70 == 0 {
        let svg = match args.compares() {
            true => tradeoff::svg(&choices, &outcomes),
            false => plot::svg(&choices, &tensors, &outcomes),
        };
        assert!(svg.expect("a picture").starts_with("<svg "));
    }
    if let Some(choice) = written {
        let path = scratch();
        let file = Pending::create(&path, None).expect("a file can be made");
        // Names that clash are refused.
        if write_codes(file, choice, &tensors, &outcomes).is_ok() {
            let again = fs::read(&path).expect("written");
            let again = model::read(&path, &again).expect("what is written can be read");
            assert!(again.len() >= tensors.len());
        }
    }
    Ok(())
}

/// The command line that a user would write.
fn arguments(options: u8, block: u8) -> Args {
    let scheme = ["asymmetric", "symmetric", "asymmetric,symmetric"][usize::from(options & 3) % 3];
    let bits = ["8", "4", "2", "8,4,2"][usize::from(options >> 2 & 3)];
    let blocks = format!("block:{}", u32::from(block) + 1);
    let sharings = format!("tensor,channel,{blocks}");
    let sharing = ["tensor", "channel", &blocks, &sharings][usize::from(options >> 4 & 3)];
    let mut line = vec!["--scheme", scheme, "--bits", bits, "--granularity", sharing];
    if options & 0xc0 == 0 && bits.len() == 1 && sharing != sharings {
        line.extend(["-o", "out"]);
    }
    parse(line.into_iter().map(Into::into)).expect("a command line")
}

/// A file of this process's own.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    directory.join(format!("zeropoint-fuzz-{}", std::process::id()))
}
