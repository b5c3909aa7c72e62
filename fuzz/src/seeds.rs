//! What the fuzzers begin with: `ZEROPOINT_BLESS=1 cargo test --all-features --test fuzz` writes it.

use serde_json::{Map, Value, json};
use zeropoint::observer::{
    HistogramObserver, MinMaxObserver, MovingAverageObserver, PerChannelMinMaxObserver,
};
use zeropoint::{Compute, ComputedIn, Granularity, Real};

use crate::operation::Random;

type Seeds = Vec<(String, Vec<u8>)>;

/// So many files of bytes that are the same in every run, the first `head` of them by `begin`.
fn random(count: usize, len: usize, begin: impl Fn(usize) -> Vec<u8>) -> Seeds {
    let seed = |i: usize| {
        let mut random = Random(i as u64);
        let mut bytes = begin(i);
        bytes.extend((0..len).map(|_| random.next() as u8));
        (format!("seed-{i:03}"), bytes)
    };
    (0..count).map(seed).collect()
}

/// What a call begins with: one in ten is of tensors that threads share.
fn shared(i: usize) -> [u8; 2] {
    [(i % 10) as u8, if i % 10 == 7 { 0 } else { 99 }]
}

/// A file begins with a call of every ninth function or so, or with an observer; most go on to others.
pub(crate) fn capi() -> Seeds {
    let functions = crate::all::all().len();
    let mut all = random(64, 480, |i| {
        let function = (i * functions / 64) as u16;
        [&[100][..], &function.to_le_bytes(), &shared(i)].concat()
    });
    let observers = random(24, 480, |i| vec![24, (i / 6 % 2) as u8, (i % 6) as u8]);
    all.extend(observers.into_iter().map(|(name, bytes)| (format!("observer-{name}"), bytes)));
    all
}

/// Every pair of types.
pub(crate) fn packed() -> Seeds {
    random(96, 220, |i| {
        let [a, b] = shared(i);
        vec![(i % 4) as u8, (i / 4 % 6) as u8, (i * 7) as u8, a, b]
    })
}

/// Every pair of types, with numbers and with the bytes of blocks.
pub(crate) fn blocks() -> Seeds {
    let mut all = random(21, 300, |i| vec![(i % 3) as u8, (i / 3) as u8]);
    for format in 0..7 {
        let numbers = (0..64).flat_map(|i| (i as f32 * 0.37 - 9.0).to_le_bytes());
        let bytes = [0, format].into_iter().chain(numbers).collect();
        all.push((format!("numbers-{format}"), bytes));
    }
    all
}

/// Every operation with a few pairs of types.
pub(crate) fn differential() -> Seeds {
    random(168, 220, |i| {
        let [a, b] = shared(i);
        vec![(i % 4) as u8, (i % 9) as u8, (i % 21) as u8, a, b]
    })
}

/// The state of each observer of each type, before any data and after some, whole and cut.
pub(crate) fn observers() -> Seeds {
    fn of<T>(name: &str, x: &[T], all: &mut Seeds)
    where
        T: Compute + Real<Compute = T> + ComputedIn<T>,
    {
        let (mut range, mut histogram) =
            (MinMaxObserver::<T>::new(), HistogramObserver::<T>::new());
        let mut average = MovingAverageObserver::new(T::ONE).expect("a weight");
        let mut columns = PerChannelMinMaxObserver::<T>::new();
        for (i, x) in [&x[..0], x].into_iter().enumerate() {
            range.observe(x);
            average.observe(x);
            histogram.observe(x);
            let each = Granularity::row(x.len(), 1).expect("a small shape");
            columns.observe(each, x).expect("the shape of x");
            let states =
                [range.to_bytes(), average.to_bytes(), histogram.to_bytes(), columns.to_bytes()];
            for (kind, state) in states.into_iter().enumerate() {
                all.push((format!("{name}-{kind}-{i}-cut"), state[..state.len() - 1].to_vec()));
                all.push((format!("{name}-{kind}-{i}"), state));
            }
        }
    }
    let mut all = Seeds::new();
    of("f32", &[-2.5_f32, 0.0, 1e-40, 7.0, 7.0, f32::MAX, f32::NAN], &mut all);
    of("f64", &[-2.5_f64, 0.0, 1e-310, 7.0, 7.0, f64::MAX, f64::INFINITY], &mut all);
    all
}

type Entry<'a> = (&'a str, &'a str, Vec<usize>, Vec<u8>);

fn file(options: [u8; 3], entries: &[Entry], shift: usize) -> Vec<u8> {
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (name, dtype, shape, bytes) in entries {
        let start = data.len();
        data.extend_from_slice(bytes);
        let info = json!({ "dtype": dtype, "shape": shape, "data_offsets": [start, data.len()] });
        header.insert((*name).into(), info);
    }
    let mut header = Value::Object(header).to_string();
    while header.len() % 8 != shift {
        header.push(' ');
    }
    let mut file = options.to_vec();
    file.extend((header.len() as u64).to_le_bytes());
    file.extend_from_slice(header.as_bytes());
    file.extend(data);
    file
}

/// A GGUF file with metadata, a matrix, blocks of Q8_0 and a vector.
fn gguf(options: [u8; 3]) -> Vec<u8> {
    let string = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let words = |all: &[u32]| all.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let alignment = [&string("general.alignment")[..], &words(&[4, 8])].concat();
    let tokens = [&string("tokens")[..], &words(&[9, 8, 1, 0]), &string("a")].concat();
    let head = [b"GGUF", &words(&[3, 3, 0, 2, 0])[..], &alignment, &tokens].concat();
    let mut file = [&options[..], &head].concat();
    // The lengths, the type and the offset are integers of 64, 32 and 64 bits.
    file.extend([&string("w")[..], &words(&[2, 32, 0, 2, 0, 0, 0, 0])].concat());
    file.extend([&string("q")[..], &words(&[2, 32, 0, 1, 0, 8, 256, 0])].concat());
    file.extend([&string("v")[..], &words(&[1, 2, 0, 0, 296, 0])].concat());
    file.resize(3 + (file.len() - 3).next_multiple_of(8), 0);
    file.extend((0..64).flat_map(|i| (i as f32 - 31.5).to_le_bytes()));
    file.extend([0x00, 0x3c].into_iter().chain(0..32).chain([0; 6]));
    file.extend([1.0_f32, 2.0].map(f32::to_le_bytes).concat());
    file
}

/// Files with tensors of all kinds, whole and cut, and what is none.
pub(crate) fn safetensors() -> Seeds {
    let numbers = |len: usize| (0..len).map(|i| (i * 7919 % 1007) as f32 / 300.0 - 1.3);
    let f32s = |len: usize| numbers(len).flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
    let halves =
        |len: usize| numbers(len).flat_map(|x| half::f16::from_f32(x).to_le_bytes()).collect();
    let brains =
        |len: usize| numbers(len).flat_map(|x| half::bf16::from_f32(x).to_le_bytes()).collect();
    let special = [1.0, f32::NAN, f32::INFINITY, -1e38].map(f32::to_le_bytes).concat();
    let extreme = [f32::MAX, -f32::MAX, 1e-45, 0.0].map(f32::to_le_bytes).concat();
    let entries = [
        ("layer.weight", "F32", vec![6, 13], f32s(78)),
        ("half", "F16", vec![3, 2, 2], halves(12)),
        ("brain", "BF16", vec![9], brains(9)),
        ("scalar", "F32", vec![], f32s(1)),
        ("nothing", "F32", vec![0, 4], vec![]),
        ("special", "F32", vec![4], special),
        ("extreme", "F32", vec![2, 2], extreme),
        ("whole", "I64", vec![1], vec![1; 8]),
        ("zeros\n", "F32", vec![1, 5, 1], vec![0; 20]),
    ];
    let mut all = Seeds::new();
    for options in 0..64 {
        let entries = &entries[usize::from(options % 9)..]
            [..usize::from(options % 3 + 1).min(9 - usize::from(options % 9))];
        all.push((
            format!("seed-{options:03}"),
            file([options, 3 + options % 5, options], entries, usize::from(options % 8)),
        ));
    }
    let whole = file([0x33, 3, 0], &entries, 0);
    for cut in [5, 60, whole.len() - 1] {
        all.push((format!("cut-{cut}"), whole[..cut].to_vec()));
    }
    all.push(("all".into(), whole));
    let twice = [("a", "F32", vec![1], f32s(1)), ("a.scale", "F32", vec![1], f32s(1))];
    all.push(("clash".into(), file([0, 0, 1], &twice, 0)));
    all.push(("empty".into(), file([0x3f, 0, 0], &[], 0)));
    let coded = [
        ("l.w", "F8_E4M3", vec![4], vec![1; 4]),
        ("l.w_scale_inv", "F32", vec![1], f32s(1)),
        (
            "double",
            "F64",
            vec![2, 3],
            [0.5_f64, -1.5, 0.0, 2.0, 1e300, -3.0].map(f64::to_le_bytes).concat(),
        ),
    ];
    all.push(("codes".into(), file([0, 0, 1], &coded, 0)));
    for format in 0..5 {
        all.push((format!("gguf-{format}"), gguf([0, format, 0x80 | format])));
    }
    all.push(("gguf-compared".into(), gguf([0x3f, 0, 0x85])));
    let index = r#"{"metadata":{"total_size":8},"weight_map":{"a":"x.safetensors","b":"../y"}}"#;
    for (name, text) in [("index-refused", index.into()), ("index", index.replace("../", ""))] {
        all.push((name.into(), [&[0; 3], text.as_bytes()].concat()));
    }
    all
}
