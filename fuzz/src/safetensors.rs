//! The main job on a file of any bytes, safetensors or GGUF: the example `quantize_model` reads it, quantizes what it
//! holds and writes its table, its picture and its codes. Whatever the file is, it is read or refused.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Result, Unstructured};
use zeropoint::Auto;

use crate::args::{Args, parse};
use crate::files::{Index, new_index};
use crate::interrupt::Interrupt;
use crate::job::{Job, Outcome};
use crate::model::Model;
use crate::output::Output;
use crate::{plot, skip, summary, table, tradeoff};

/// A file and how it is quantized.
pub fn run(data: &[u8]) {
    // Bytes that end too early are no case.
    let _ = case(&mut Unstructured::new(data));
}

/// Three bytes of options, then the file: an index if it begins with a brace, which no tensors do.
fn case(u: &mut Unstructured) -> Result<()> {
    let [options, block, place] = u.arbitrary::<[u8; 3]>()?;
    let args = arguments(options, block, place);
    let bytes = u.bytes(u.len())?;
    if bytes.first() == Some(&b'{') {
        index(bytes);
        return Ok(());
    }
    // A file may lie anywhere in memory, and ends where it ends.
    let offset = usize::from(place % 8);
    let file: Box<[u8]> = [&[0; 8][..offset], bytes].concat().into();
    let files = [(Path::new("model"), &file[offset..])];
    let Ok(mut model) = Model::read(&files, None) else {
        return Ok(());
    };
    if args.has_formats() {
        skip::mark_for_blocks(&mut model);
    }
    let tensors = &model.tensors;
    assert!(skip::notices(tensors).is_empty() == tensors.iter().all(|t| t.skip.is_none()));
    let auto = Auto::detect().expect("a backend");
    let (choices, written) = (args.choices(), args.written());
    let mut job = Job::new(&choices, written, auto);
    let mut outcomes: Vec<Outcome> = tensors.iter().map(|tensor| job.run(tensor)).collect();

    let mut text = Vec::new();
    table::print(&mut text, &choices, tensors, &outcomes).expect("memory takes it");
    summary::print(&mut text, &choices, tensors, &outcomes, "any").expect("memory takes it");
    // Drawing takes far longer than all else.
    if place & 0x70 == 0 {
        let svg = match args.compares() {
            true => tradeoff::svg(&choices, &outcomes),
            false => plot::svg(&args.arrays(), tensors, &outcomes),
        };
        assert!(svg.expect("a picture").starts_with("<svg "));
    }
    if let Some(choice) = written {
        let path = scratch();
        // Names that clash are refused, and formats of other models than GGUF.
        let output = Output::create(&path, true, &model, &[], choice, &Interrupt::default());
        if let Ok(mut output) = output {
            output.write(0, &model, &mut outcomes).expect("written");
            output.finish(&model).expect("a file can be made");
            let again = fs::read(&path).expect("written");
            let again = Model::read(&[(&path, &again)], None).expect("what is written can be read");
            assert!(again.tensors.len() >= tensors.len());
        }
    }
    Ok(())
}

/// An index keeps its other entries, and a tensor that it names has to be there.
fn index(bytes: &[u8]) {
    let path = Path::new("folder").join("model.safetensors.index.json");
    if let Ok(index) = Index::parse(&path, bytes) {
        assert!(index.check(&HashMap::new()).is_err(), "an index of nothing");
        let (name, text) = new_index(Some(&index), &BTreeMap::new(), 7);
        assert_eq!(path.with_file_name(name), path);
        assert!(text.contains("\"total_size\": 7"), "{text}");
    }
}

/// The command line that a user would write.
fn arguments(options: u8, block: u8, place: u8) -> Args {
    let scheme = ["asymmetric", "symmetric", "asymmetric,symmetric"][usize::from(options & 3) % 3];
    let bits = ["8", "4", "2", "8,4,2"][usize::from(options >> 2 & 3)];
    let blocks = format!("block:{}", u32::from(block) + 1);
    let sharings = format!("tensor,channel,{blocks}");
    let sharing = ["tensor", "channel", &blocks, &sharings][usize::from(options >> 4 & 3)];
    let mut line = vec!["--scheme", scheme, "--bits", bits, "--granularity", sharing];
    if options & 0xc0 == 0 && bits.len() == 1 && sharing != sharings {
        line.extend(["-o", "out"]);
    }
    if place & 0x80 != 0 {
        let format = ["q8_0", "q4_0", "q4_1", "q5_0", "q5_1"][usize::from(block) % 5];
        line.extend(["--format", format]);
    }
    parse(line.into_iter().map(Into::into)).expect("a command line")
}

/// A file of this process's own.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    directory.join(format!("zeropoint-fuzz-{}", std::process::id()))
}
