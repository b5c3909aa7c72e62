//! The rows of stored blocks in the form of the scorecard of `benches/ratios`, which has no package that compiles C.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;

use zeropoint::ggml::{
    BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0, BlockQ8_1, BlockQ8_K,
};
use zeropoint::{Auto, Backend};

use crate::candle::{self, Work};
use crate::stored::{self, Format};
use crate::{at, medians, random};

/// Lengths for CPUs with some 32 KiB, 1 MiB and 32 MiB of cache.
const SIZES: [(usize, &str); 4] = [
    (4 << 10, "L1 4 Ki"),
    (64 << 10, "L2 64 Ki"),
    (1 << 20, "L3 1 Mi"),
    (16 << 20, "memory 16 Mi"),
];

/// The number of elements whose bytes are compared.
const COMPARED: usize = 64 << 10;

/// The limit alternates between reading and writing at least this often.
const PIECE: usize = 4 << 10;

unsafe extern "C" {
    fn limit(
        src: *const u8,
        src_piece: usize,
        dst: *mut u8,
        dst_piece: usize,
        pieces: usize,
        stream: i32,
        apart: i32,
    );
}

/// The state that all rows share.
struct Scorecard<'a> {
    backend: Auto,
    filter: &'a str,
    /// How many bytes after a cache line numbers begin.
    offset: usize,
    /// The number of rows with each verdict.
    verdicts: BTreeMap<&'static str, usize>,
    /// Says how many bytes of each format ggml writes that its reference does not.
    differences: Vec<String>,
}

pub(crate) fn print(backend: Auto, filter: &str) -> Result<(), Box<dyn Error>> {
    let offset = offset()?;
    println!(
        "| operation | elements | ns/element | limit | × limit | best rival | its ns/element \
         | ours/rival | | candle's ns/element |"
    );
    println!("|---|--:|--:|--:|--:|---|--:|--:|---|--:|");
    let mut card =
        Scorecard { backend, filter, offset, verdicts: BTreeMap::new(), differences: Vec::new() };
    card.format::<BlockQ8_0>();
    card.format::<BlockQ8_1>();
    card.format::<BlockQ8_K>();
    card.format::<BlockQ4_0>();
    card.format::<BlockQ4_1>();
    card.format::<BlockQ5_0>();
    card.format::<BlockQ5_1>();
    if card.verdicts.is_empty() {
        return Err(format!("no row's name contains \"{filter}\"").into());
    }
    let verdicts: Vec<String> = card.verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
    println!("\n{}.", verdicts.join(", "));
    if !card.differences.is_empty() {
        let differences = card.differences.join(", ");
        println!(
            "Bytes of {COMPARED} elements in which ggml differs from its reference: {differences}."
        );
    }
    println!(
        "\n× limit: over the fastest of some loops of the same instruction set that only move the bytes. \
         Won: at most .97 of the best rival's time; level: at most 1.03."
    );
    Ok(())
}

impl Scorecard<'_> {
    fn format<B: Format>(&mut self) {
        let name = B::NAME.to_lowercase();
        for (len, level) in SIZES {
            let encode = format!("encode/f32_{name}");
            if format!("/{encode}/{len}").contains(self.filter) {
                self.encode::<B>(&format!("{encode} | {level}"), len);
            }
        }
        for (len, level) in SIZES {
            let decode = format!("decode/{name}_f32");
            if format!("/{decode}/{len}").contains(self.filter) {
                self.decode::<B>(&format!("{decode} | {level}"), len);
            }
        }
        if format!("/encode/f32_{name}/").contains(self.filter) {
            let (differ, bytes) = differences::<B>(self.backend);
            self.differences.push(format!("{name} {differ} of {bytes}"));
        }
    }

    fn encode<B: Format>(&mut self, name: &str, len: usize) {
        let backend = self.backend;
        let (mut x, of_x) = at(self.offset, len, 0.0_f32);
        let x = &mut x[of_x];
        random(x);
        let x = &*x;
        let mut theirs = vec![B::default(); len / B::ELEMENTS];
        let mut ours = theirs.clone();
        let bytes = size_of_val(&ours[..]);
        let offset = ours.as_ptr() as usize % 64;
        let mut contenders: Vec<(&str, Work)> = vec![
            ("zeropoint", Box::new(|| stored::ours(&backend, x, black_box(&mut ours)))),
            ("ggml", Box::new(|| stored::encode(B::FASTEST, x, black_box(&mut theirs)))),
        ];
        contenders.extend(candle::encoder::<B>(x).map(|work| ("candle", work)));
        contenders.extend(limits(offset, x, bytes, len / PIECE));
        self.row(name, len, contenders);
    }

    fn decode<B: Format>(&mut self, name: &str, len: usize) {
        let backend = self.backend;
        let [(mut x, of_x), (mut y, of_y)] = [0; 2].map(|_| at(self.offset, len, 0.0_f32));
        let (x, y) = (&mut x[of_x], &mut y[of_y]);
        random(x);
        let mut blocks = vec![B::default(); len / B::ELEMENTS];
        stored::ours(&backend, x, &mut blocks);
        let blocks = &blocks[..];
        let numbers = x.to_vec();
        let mut contenders: Vec<(&str, Work)> = vec![(
            "zeropoint",
            Box::new(|| backend.decode(blocks, black_box(&mut *y)).expect("as many numbers")),
        )];
        if let Some(decode) = B::DECODE {
            contenders.push((
                "ggml",
                Box::new(move || stored::decode(decode, blocks, black_box(&mut *x))),
            ));
        }
        contenders.extend(candle::decoder::<B>(&numbers).map(|work| ("candle", work)));
        contenders.extend(limits(self.offset, blocks, 4 * len, len / PIECE));
        self.row(name, len, contenders);
    }

    fn row(&mut self, name: &str, len: usize, mut contenders: Vec<(&str, Work)>) {
        let mut works: Vec<&mut dyn FnMut()> =
            contenders.iter_mut().map(|(_, w)| &mut **w as _).collect();
        let times = medians(len, &mut works);
        let times: Vec<(&str, f64)> = contenders.iter().map(|(name, _)| *name).zip(times).collect();
        let best = |names: &[&str]| {
            let found = times.iter().filter(|(name, _)| names.contains(name));
            found.min_by(|(_, a), (_, b)| a.total_cmp(b)).copied()
        };
        let (_, time) = best(&["zeropoint"]).expect("it is always there");
        let (_, limit) = best(&["limit"]).expect("it is always there");
        let candle = best(&["candle"]).map_or(String::new(), |(_, time)| format!("{time:.4}"));
        let (rival, verdict) = match best(&["ggml", "candle"]) {
            None => (" | | ".to_string(), "no rival"),
            Some((name, rival)) => (
                format!("{name} | {rival:.4} | {:.2}", time / rival),
                match time / rival {
                    ratio if ratio <= 0.97 => "won",
                    ratio if ratio <= 1.03 => "level",
                    _ => "**behind**",
                },
            ),
        };
        *self.verdicts.entry(verdict).or_default() += 1;
        println!(
            "| {name} | {time:.4} | {limit:.4} | {:.2} | {rival} | {verdict} | {candle} |",
            time / limit
        );
    }
}

/// Returns how many bytes after a cache line numbers begin: `ZEROPOINT_BENCH_OFFSET`, or 0. A large `Vec` begins 16 bytes
/// after one.
fn offset() -> Result<usize, Box<dyn Error>> {
    let Some(text) = std::env::var_os("ZEROPOINT_BENCH_OFFSET") else { return Ok(0) };
    match text.to_str().map(str::parse) {
        Some(Ok(bytes @ (0 | 8 | 16 | 24 | 32 | 40 | 48 | 56))) => Ok(bytes),
        _ => Err("ZEROPOINT_BENCH_OFFSET must be a multiple of 8 below 64".into()),
    }
}

/// Returns loops that read the bytes of `src` and write `dst_len` bytes: with ordinary and with non-temporal stores, in turn
/// with the loads or some KiB apart. Ordinary stores begin as far behind a line as the results of the contenders, so that
/// as many of them cross a line; non-temporal stores must be aligned.
fn limits<T>(
    offset: usize,
    src: &[T],
    dst_len: usize,
    pieces: usize,
) -> [(&'static str, Work<'_>); 4] {
    let src_len = size_of_val(src);
    // Whole registers of 64 bytes in each piece.
    assert!(src_len.is_multiple_of(64 * pieces) && dst_len.is_multiple_of(64 * pieces));
    [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(stream, apart)| {
        let (mut dst, of_dst) = at(if stream == 0 { offset } else { 0 }, dst_len, 0_u8);
        let (src_piece, dst_piece) = (src_len / pieces, dst_len / pieces);
        let work = move || {
            let dst = black_box(&mut dst[of_dst.clone()]).as_mut_ptr();
            // SAFETY: both slices are as long as all pieces together, and `dst` begins on a cache line if it is streamed.
            unsafe { limit(src.as_ptr().cast(), src_piece, dst, dst_piece, pieces, stream, apart) }
        };
        ("limit", Box::new(work) as Work)
    })
}

/// Returns how many bytes ggml writes that its reference does not, and how many bytes there are. Ours are those of the
/// reference.
fn differences<B: Format>(backend: Auto) -> (usize, usize) {
    let mut x = vec![0.0; COMPARED];
    random(&mut x);
    let mut ours = vec![B::default(); x.len() / B::ELEMENTS];
    let mut theirs = ours.clone();
    stored::ours(&backend, &x, &mut ours);
    stored::encode(B::FASTEST, &x, &mut theirs);
    stored::differing(&ours, &theirs)
}
