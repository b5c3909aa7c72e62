//! Encodes raw little-endian `f32` as the blocks that GGUF files store, or decodes them: from standard input to standard
//! output.
//!
//! ```sh
//! cargo run --release --features ggml --example stored_blocks -- encode Q4_0 < weights.f32 > blocks
//! cargo run --release --features ggml --example stored_blocks -- decode Q4_0 < blocks > decoded.f32
//! ```

use std::error::Error;
use std::io::{Read, Write, stdin, stdout};

use zeropoint::ggml::{self, Block};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [job, format] = &arguments[..] else { return Err("usage: encode|decode FORMAT".into()) };
    let mut input = Vec::new();
    stdin().read_to_end(&mut input)?;
    macro_rules! with_format {
        ($($NAME:ident $name:ident $B:ident = $number:literal;)+) => {
            match (&job[..], &format[..]) {
                $(
                    ("encode", ggml::$B::NAME) => encode::<ggml::$B>(&input)?,
                    ("decode", ggml::$B::NAME) => decode::<ggml::$B>(&input)?,
                )+
                _ => return Err(format!("{job} {format}: no such job or format").into()),
            }
        };
    }
    let output = zeropoint::with_formats!(with_format!);
    Ok(stdout().write_all(&output)?)
}

fn encode<B: Block>(input: &[u8]) -> Result<Vec<u8>, zeropoint::Error> {
    let (numbers, _) = input.as_chunks();
    let x: Vec<f32> = numbers.iter().map(|x| f32::from_le_bytes(*x)).collect();
    let mut output = vec![0; x.len() / B::ELEMENTS * size_of::<B>()];
    ggml::encode(&x, ggml::blocks_mut::<B>(&mut output)?)?;
    Ok(output)
}

fn decode<B: Block>(input: &[u8]) -> Result<Vec<u8>, zeropoint::Error> {
    let blocks = ggml::blocks::<B>(input)?;
    let mut x = vec![0.0_f32; blocks.len() * B::ELEMENTS];
    ggml::decode(blocks, &mut x)?;
    Ok(x.iter().flat_map(|x| x.to_le_bytes()).collect())
}
