//! Models that are unusual, and files that are none.

use std::fs;

use unicode_width::UnicodeWidthStr;

use super::model::*;
use crate::program::Scratch;

#[test]
fn odd_models_are_no_accident() {
    let scratch = Scratch::new("odd");
    let many: Vec<String> = (0..300).map(|i| format!("tensor<{i}>\n")).collect();
    let many: Vec<Entry> = many.iter().map(|name| f32s(name, &[9], &numbers(9))).collect();
    let many = scratch.write("many", &safetensors(&many, 3));
    let huge = [f32s("huge", &[2], &[-f32::MAX, f32::MAX]), f32s("tiny", &[1], &[1e-45])];
    let huge = scratch.write("huge", &safetensors(&huge, 0));
    // A shape of more characters than a column can have.
    let long = scratch.write("long", &safetensors(&[f32s("long", &[1; 40_000], &[1.0])], 0));
    for model in [many, huge, long] {
        let (out, plot) = (scratch.path("out"), scratch.path("plot"));
        succeed(&[&model, "-o", &out, "--plot", &plot]);
        read(&out);
        assert!(!fs::read_to_string(&plot).unwrap().contains("tensor<"), "names are escaped");
    }
}

/// Names that a terminal must not get as they are, and names that it shows in fewer or more columns than
/// they have characters.
const NAMES: [(&str, &str); 8] = [
    ("plain", "plain"),
    ("層/権重", "層/権重"),
    ("caf\u{65}\u{301}", "caf\u{65}\u{301}"),
    ("turned\u{202e}round", "turned\\u{202e}round"),
    ("bell\u{7}\u{1b}[31m", "bell\\u{7}\\u{1b}[31m"),
    ("two\nlines", "two\\nlines"),
    ("zero\u{200b}width", "zero\\u{200b}width"),
    ("\"quoted\\'", "\"quoted\\'"),
];

#[test]
fn names_are_escaped_and_aligned() {
    let scratch = Scratch::new("names");
    let long = "層".repeat(60);
    let names = NAMES.iter().map(|n| n.0).chain([long.as_str()]);
    let entries: Vec<Entry> = names.map(|name| f32s(name, &[3, 2], &numbers(6))).collect();
    let model = scratch.write("model", &safetensors(&entries, 0));
    let (out, plot) = (scratch.path("out\u{202e}"), scratch.path("plot"));
    let table = succeed(&[&model, "-o", &out, "--plot", &plot]);
    let svg = fs::read_to_string(&plot).unwrap();
    for text in [&table, &svg] {
        let shown = |c: char| c == '\n' || !(c.is_control() || "\u{202e}\u{200b}".contains(c));
        assert!(text.chars().all(shown), "{text}");
    }
    assert!(table.contains("out\\u{202e}"), "{table}");

    // The shape begins in the same column everywhere.
    let rows: Vec<(&str, &str)> =
        table.lines().filter_map(|line| line.split_once(" 3×2 ")).collect();
    for (_, shown) in NAMES {
        assert!(rows.iter().any(|(name, _)| name.trim_end() == shown), "{shown}:\n{table}");
    }
    assert!(rows.iter().any(|(name, _)| name.starts_with("層層") && name.contains('…')));
    assert_eq!(rows.len(), NAMES.len() + 1);
    let columns: Vec<usize> = rows.iter().map(|(name, _)| name.width()).collect();
    assert!(columns.iter().all(|c| *c == columns[0]), "{columns:?}\n{table}");
    assert!(columns[0] <= 51, "{table}");

    // The file has the names as they were.
    let written = read(&out).tensors;
    assert!(NAMES.iter().all(|(name, _)| written.contains_key(&format!("{name}.scale"))));
    assert_fails(&[&scratch.path("no\u{1b}[31m\u{202e}file")], 1, "no\\u{1b}[31m\\u{202e}file");
    assert_fails(&["--\u{202e}"], 2, "'--\\u{202e}'");
}

#[test]
fn headers_may_be_long_but_not_longer_than_the_format_allows() {
    let scratch = Scratch::new("long-header");
    let header = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let padded = |len: usize| {
        with_header(&(header.to_string() + &" ".repeat(len - header.len())), &2_f32.to_le_bytes())
    };
    let table = succeed(&[&scratch.write("model", &padded(100_000_000))]);
    assert_eq!(row(&table, "a")[2], "7.8431e-3");
    let longer = scratch.write("longer", &padded(100_000_001));
    assert_fails(&[&longer], 1, "header too large");
}

#[test]
fn headers_that_contradict_themselves_are_refused() {
    let scratch = Scratch::new("contradictions");
    let tensor = |from, to| {
        let len = (to - from) / 4;
        format!(r#"{{"dtype":"F32","shape":[{len}],"data_offsets":[{from},{to}]}}"#)
    };
    for (name, first, second) in [
        ("overlapping", ("a", tensor(0, 8)), ("b", tensor(4, 12))),
        ("apart", ("a", tensor(0, 4)), ("b", tensor(8, 12))),
        ("the-same", ("a", tensor(0, 12)), ("b", tensor(0, 12))),
        ("beyond", ("a", tensor(0, 4)), ("b", tensor(4, 16))),
        ("twice", ("a", tensor(0, 4)), ("a", tensor(4, 12))),
    ] {
        let header = format!(r#"{{"{}":{},"{}":{}}}"#, first.0, first.1, second.0, second.1);
        let file = scratch.write(name, &with_header(&header, &[0; 12]));
        assert_fails(&[&file], 1, "damaged");
    }
    // One name with one place is one tensor, however often it is said.
    let header = format!(r#"{{"a":{0},"a":{0}}}"#, tensor(0, 8));
    let table = succeed(&[&scratch.write("again", &with_header(&header, &[0; 8]))]);
    assert!(table.contains("1 quantized"), "{table}");
}
