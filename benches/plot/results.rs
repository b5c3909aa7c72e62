//! Criterion's files: `GROUP/CONTENDER/LEN/new/benchmark.json` and `estimates.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::Outcome;

/// Median nanoseconds of a call, by contender and length.
pub(crate) type Contenders = BTreeMap<String, BTreeMap<u64, f64>>;

/// All that was measured, by `operation/in_out`.
pub(crate) type Results = BTreeMap<String, Contenders>;

/// Reads the results of the last run of every criterion benchmark.
pub(crate) fn read(folder: &Path) -> Outcome<Results> {
    let mut results = Results::new();
    if folder.is_dir() {
        collect(folder, &mut results)?;
    }
    Ok(results)
}

fn collect(folder: &Path, results: &mut Results) -> Outcome<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name == "new") {
            let benchmark = json(&path.join("benchmark.json"))?;
            let estimates = json(&path.join("estimates.json"))?;
            let text = |field: &str| benchmark[field].as_str().unwrap_or_default().to_owned();
            let median = estimates["median"]["point_estimate"].as_f64();
            // Another bench's results have other names, and are not drawn.
            if let (Ok(len), Some(median)) = (text("value_str").parse(), median) {
                let group = results.entry(text("group_id")).or_default();
                group.entry(text("function_id")).or_default().insert(len, median);
            }
        } else if path.is_dir() {
            collect(&path, results)?;
        }
    }
    Ok(())
}

fn json(file: &Path) -> Outcome<Value> {
    let wrong = |wrong: &dyn std::fmt::Display| format!("{}: {wrong}", file.display());
    let text = std::fs::read(file).map_err(|e| wrong(&e))?;
    Ok(serde_json::from_slice(&text).map_err(|e| wrong(&e))?)
}
