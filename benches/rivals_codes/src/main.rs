//! One operation on what comes in, for `benches/rivals.py`, which compares what goes out with
//! another engine's. Numbers are raw, in the machine's order; `ZEROPOINT_BACKEND` chooses the backend.

mod linear;

use std::error::Error;
use std::io::{Read, Write};
use std::process::ExitCode;

use bytemuck::Pod;
use zeropoint::{Auto, Backend, Scheme};

use linear::Linear;

const USAGE: &str = "usage: rivals_codes backends
       rivals_codes quantize REAL CODE SHAPE EXTENT < scales, zero points, reals > codes
       rivals_codes dequantize REAL CODE SHAPE EXTENT < scales, zero points, codes > reals
       rivals_codes dynamic < f32 > scale (f32), zero point (u8), codes (u8)
REAL is f32, f16 or bf16; CODE u8, i8, u16, i16, i32, u4, i4, u2, i2, those below 8 bits packed;
SHAPE the dimensions, as 2x3x4; EXTENT tensor, channel:AXIS or block:AXIS:LENGTH.
Scales are f32, zero points i32.";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("rivals_codes: {wrong}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Outcome<()> {
    let out = match *arguments {
        ["backends"] => {
            Auto::available().flat_map(|auto| format!("{}\n", auto.name()).into_bytes()).collect()
        }
        [operation @ ("quantize" | "dequantize"), real, code, shape, extent] => {
            Linear::new(operation == "quantize", shape, extent, &input()?)?.run(real, code)?
        }
        ["dynamic"] => dynamic(&elements(&input()?)?)?,
        _ => return Err(USAGE.into()),
    };
    std::io::stdout().write_all(&out)?;
    Ok(())
}

fn dynamic(src: &[f32]) -> Outcome<Vec<u8>> {
    let mut dst = vec![0_u8; src.len()];
    let p = Auto::detect()?.quantize_dynamic(src, Scheme::asymmetric(), &mut dst)?;
    let mut out = p.scale().to_ne_bytes().to_vec();
    out.push(u8::try_from(p.zero_point())?);
    out.extend(dst);
    Ok(out)
}

fn input() -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes as elements; they may begin anywhere.
fn elements<P: Pod>(bytes: &[u8]) -> Outcome<Vec<P>> {
    if bytes.len().is_multiple_of(size_of::<P>()) {
        Ok(bytes.chunks_exact(size_of::<P>()).map(bytemuck::pod_read_unaligned).collect())
    } else {
        Err(format!("{} bytes are no whole number of elements", bytes.len()).into())
    }
}
