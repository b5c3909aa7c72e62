//! The worked example of the notebook: twenty numbers, three ways to 8 bits, and what each costs.
//!
//! ```text
//! cargo run --release --example notebook
//! ```

use zeropoint::{Code, Error, QParams, Range, Scheme};

const DATA: [f64; 20] = [
    2.34, -3.42, 0.0, -0.1, -0.32, -0.08, -0.47, 1.34, -1.0, -1.11, //
    0.69, 0.84, -2.42, 0.61, -0.4, -0.61, 1.23, -0.18, -0.57, -0.14,
];

fn main() -> Result<(), Error> {
    // A range is observed once; any number of schemes can be made of it.
    let range = Range::of(&DATA)?;
    print_heading("data");
    println!("x   {}", row(&DATA, |x| format!("{x}")));
    println!("β = {}, α = {}", range.min(), range.max());

    // The codes 0..=255 from the least number to the greatest; the zero point is the code of 0.
    print_heading("asymmetric, u8");
    let p: QParams<f64, u8> = Scheme::asymmetric().params(range)?;
    println!("S = (α − β) / 255,  Z = round(−β / S),  q = clip(round(x / S) + Z, 0, 255)");
    print_quantized(&p)?;

    // The notebook's code takes the maximum for α, so here −3.42 and −2.42 do not fit; and it clips
    // to all 256 codes. An α that is not the range's is given in place of a range.
    print_heading("symmetric, i8, as the notebook's code computes it");
    let scheme = Scheme::symmetric().full_range();
    let p: QParams<f64, i8> = scheme.params_from_alpha(range.max())?;
    println!("S = max(x) / 127,  q = clip(round(x / S), −128, 127)");
    print_quantized(&p)?;

    // Its text takes the greatest magnitude and leaves −128 out: what `symmetric` does by default.
    print_heading("symmetric, i8, as the notebook's text defines it");
    let p: QParams<f64, i8> = Scheme::symmetric().params(range)?;
    println!("S = max(|x|) / 127,  q = clip(round(x / S), −127, 127)");
    print_quantized(&p)
}

/// Quantizes the data, goes back, and prints both with the parameters and the error.
fn print_quantized<Q: Code + Default>(p: &QParams<f64, Q>) -> Result<(), Error> {
    // The outputs are slices that the caller owns: any code will do to fill them.
    let mut q = [Q::default(); DATA.len()];
    zeropoint::quantize(&DATA, p, &mut q)?;
    let mut y = [0.0_f64; DATA.len()];
    zeropoint::dequantize(&q, p, &mut y)?;
    // The error needs neither: it is computed from the data and the parameters.
    let error = zeropoint::quantization_error(&DATA, p)?;

    println!("S = {}", p.scale());
    println!("Z = {}", p.zero_point());
    println!("q   {}", row(&q, |q| format!("{q:?}")));
    println!("x̂   {}", row(&y, |x| format!("{x:.3}")));
    println!("mean squared error  {:e}", error.mse());
    println!("clipped elements    {}", error.clipped());
    Ok(())
}

fn print_heading(title: &str) {
    println!("\n{title}\n{}", "-".repeat(title.chars().count()));
}

/// Ten columns to a line.
fn row<T>(numbers: &[T], show: impl Fn(&T) -> String) -> String {
    let line = |ten: &[T]| ten.iter().map(|x| format!("{:>7}", show(x))).collect::<String>();
    numbers.chunks(10).map(line).collect::<Vec<_>>().join("\n    ")
}
