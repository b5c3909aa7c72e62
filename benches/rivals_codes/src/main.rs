//! One operation on what comes in, for `benches/rivals.py`, which compares what goes out with
//! another engine's. Numbers are raw and little-endian; `ZEROPOINT_BACKEND` chooses the backend.

use std::error::Error;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::str::FromStr;

use zeropoint::{Auto, Backend, Code, QParams, Scheme};

const USAGE: &str = "usage: rivals_codes backends
       rivals_codes quantize u8|i8 SCALE ZERO_POINT < f32 > codes
       rivals_codes dequantize u8|i8 SCALE ZERO_POINT < codes > f32
       rivals_codes dynamic < f32 > scale (f32), zero point (u8), codes (u8)";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A code as the byte that it is.
trait Byte: Code {
    fn from_byte(byte: u8) -> Self;
    fn byte(self) -> u8;
}

impl Byte for u8 {
    fn from_byte(byte: u8) -> Self {
        byte
    }
    fn byte(self) -> u8 {
        self
    }
}

impl Byte for i8 {
    fn from_byte(byte: u8) -> Self {
        byte.cast_signed()
    }
    fn byte(self) -> u8 {
        self.cast_unsigned()
    }
}

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
        ["quantize", "u8", scale, zero_point] => quantize::<u8>(&params(scale, zero_point)?)?,
        ["quantize", "i8", scale, zero_point] => quantize::<i8>(&params(scale, zero_point)?)?,
        ["dequantize", "u8", scale, zero_point] => dequantize::<u8>(&params(scale, zero_point)?)?,
        ["dequantize", "i8", scale, zero_point] => dequantize::<i8>(&params(scale, zero_point)?)?,
        ["dynamic"] => dynamic()?,
        _ => return Err(USAGE.into()),
    };
    std::io::stdout().write_all(&out)?;
    Ok(())
}

fn params<Q: Code>(scale: &str, zero_point: &str) -> Outcome<QParams<f32, Q>> {
    Ok(QParams::new(number(scale)?, number(zero_point)?)?)
}

fn number<N: FromStr>(text: &str) -> Outcome<N> {
    text.parse().map_err(|_| format!("\"{text}\" is no such number").into())
}

fn quantize<Q: Byte>(p: &QParams<f32, Q>) -> Outcome<Vec<u8>> {
    let src = floats(&input()?)?;
    let mut dst = vec![Q::from_byte(0); src.len()];
    Auto::detect()?.quantize(&src, p, &mut dst)?;
    Ok(dst.into_iter().map(Q::byte).collect())
}

fn dequantize<Q: Byte>(p: &QParams<f32, Q>) -> Outcome<Vec<u8>> {
    let src: Vec<Q> = input()?.into_iter().map(Q::from_byte).collect();
    let mut dst = vec![0.0_f32; src.len()];
    Auto::detect()?.dequantize(&src, p, &mut dst)?;
    Ok(dst.into_iter().flat_map(f32::to_le_bytes).collect())
}

fn dynamic() -> Outcome<Vec<u8>> {
    let src = floats(&input()?)?;
    let mut dst = vec![0_u8; src.len()];
    let p = Auto::detect()?.quantize_dynamic(&src, Scheme::asymmetric(), &mut dst)?;
    let mut out = p.scale().to_le_bytes().to_vec();
    out.push(u8::try_from(p.zero_point())?);
    out.extend(dst);
    Ok(out)
}

fn input() -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn floats(bytes: &[u8]) -> Outcome<Vec<f32>> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    if rest.is_empty() {
        Ok(numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    } else {
        Err(format!("{} bytes are no whole number of f32", bytes.len()).into())
    }
}
