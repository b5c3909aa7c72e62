//! Models in several files.

use std::fs;

use serde_json::{Value, json};

use super::model::*;
use crate::program::Scratch;

const SHARDS: [&str; 2] = ["model-1-of-2.safetensors", "model-2-of-2.safetensors"];
const INDEX: &str = "model.safetensors.index.json";

/// The tensors of both files.
fn entries() -> [Vec<Entry<'static>>; 2] {
    let integer = ("integer", "I64", vec![1], vec![7; 8]);
    [
        vec![f32s("a.weight", &[6, 8], &numbers(48)), f32s("a.bias", &[8], &numbers(8))],
        vec![f32s("b.weight", &[5, 7, 3], &numbers(105)), integer],
    ]
}

/// Writes both files into a folder of the scratch directory.
fn write_shards(scratch: &Scratch, folder: &str) -> [String; 2] {
    let metadata = json!({ "format": "pt" });
    let [a, b] = entries().map(|shard| with_metadata(metadata.clone(), &shard, 0));
    let path = |i: usize| format!("{folder}/{}", SHARDS[i]);
    [scratch.write(&path(0), &a), scratch.write(&path(1), &b)]
}

fn write_index(scratch: &Scratch, folder: &str, weight_map: &Value) -> String {
    let index = json!({
        "metadata": { "total_size": 1, "total_parameters": 161 },
        "weight_map": weight_map,
    });
    scratch.write(&format!("{folder}/{INDEX}"), index.to_string().as_bytes())
}

fn weight_map() -> Value {
    json!({ "a.weight": SHARDS[0], "a.bias": SHARDS[0], "b.weight": SHARDS[1], "integer": SHARDS[1] })
}

/// The rows of the tensors.
fn rows(table: &str) -> Vec<Vec<&str>> {
    ["a.weight", "a.bias", "b.weight", "integer"].map(|name| row(table, name)).into()
}

#[test]
fn a_model_in_several_files_is_one_model() {
    let scratch = Scratch::new("several");
    let [first, second] = write_shards(&scratch, "model");
    let index = write_index(&scratch, "model", &weight_map());
    write_shards(&scratch, "bare");
    let (with_index, without) = (scratch.path("model"), scratch.path("bare"));

    // One file has these tensors too.
    let single = scratch.write("single", &safetensors(&entries().concat(), 0));
    let choice = ["--bits=4", "--granularity=block:16"];
    let whole = scratch.path("whole");
    let expected = succeed(&[&[single.as_str(), "-o", &whole], &choice[..]].concat());
    let whole = read(&whole);

    for (n, (models, indexed)) in [
        (vec![with_index.as_str()], true),
        (vec![index.as_str()], true),
        (vec![without.as_str()], false),
        (vec![first.as_str(), second.as_str()], false),
    ]
    .into_iter()
    .enumerate()
    {
        let out = scratch.path(&format!("out-{n}"));
        // The second time into a folder that is there.
        for _ in 0..2 {
            let table = succeed(&[&models, &["-o", &out][..], &choice].concat());
            assert_eq!(rows(&table), rows(&expected));
            assert!(table.contains("3 quantized, 1 skipped, 0 refused"), "{table}");
        }
        assert_eq!(names_in(&out), [SHARDS[0], SHARDS[1], INDEX]);
        assert_index(&out, indexed);
        let shards = SHARDS.map(|name| read(&format!("{out}/{name}")));
        // Together they hold what the one file holds.
        let tensors = shards.iter().flat_map(|s| s.tensors.clone()).collect();
        assert_eq!(whole.tensors, tensors);
        assert!(shards.iter().all(|s| s.metadata["format"] == "pt"));
        assert!(shards[1].metadata.contains_key("zeropoint.shape.b.weight"));
        assert!(!shards[0].metadata.contains_key("zeropoint.shape.b.weight"));
    }
}

/// Asserts that the index says where everything is, how much it is, and what the input's index said.
fn assert_index(out: &str, indexed: bool) {
    let index = fs::read(format!("{out}/{INDEX}")).unwrap();
    let index: Value = serde_json::from_slice(&index).unwrap();
    let (mut weight_map, mut bytes) = (serde_json::Map::new(), 0);
    for shard in SHARDS {
        let file = read(&format!("{out}/{shard}"));
        weight_map.extend(file.tensors.into_keys().map(|name| (name, shard.into())));
        bytes += file.data;
    }
    assert_eq!(index["weight_map"], Value::Object(weight_map));
    assert_eq!(index["metadata"]["total_size"], bytes);
    let kept = if indexed { json!(161) } else { Value::Null };
    assert_eq!(index["metadata"]["total_parameters"], kept);
}

#[test]
fn a_folder_with_one_file_has_no_index() {
    let scratch = Scratch::new("one-in-a-folder");
    let [model, _] = entries().map(|shard| safetensors(&shard, 0));
    scratch.write("model/model.safetensors", &model);
    scratch.write("model/config.json", b"{}");
    let out = scratch.path("out");
    let table = succeed(&[&scratch.path("model"), "-o", &out]);
    assert!(
        table.contains(&format!("written      {out}{}\n", std::path::MAIN_SEPARATOR)),
        "{table}"
    );
    assert_eq!(names_in(&out), ["model.safetensors"]);
    assert_eq!(read(&format!("{out}/model.safetensors")).tensors.len(), 6);
}

#[test]
fn an_index_that_lies_is_refused() {
    let scratch = Scratch::new("lies");
    write_shards(&scratch, "model");
    let index = |weight_map: &Value| write_index(&scratch, "model", weight_map);
    let with = |tensor: &str, file: Value| {
        let mut map = weight_map();
        map[tensor] = file;
        index(&map)
    };
    assert_fails(
        &[&with("c", json!(SHARDS[0]))],
        1,
        "'c' is in model-1-of-2.safetensors, which does not",
    );
    assert_fails(
        &[&with("a.bias", json!(SHARDS[1]))],
        1,
        "'a.bias' is in model-2-of-2.safetensors",
    );
    assert_fails(
        &[&with("c", json!("model-3.safetensors"))],
        1,
        "model-3.safetensors, which is missing",
    );
    scratch.write("secret.safetensors", &safetensors(&[f32s("c", &[1], &[1.0])], 0));
    let absolute = scratch.path("secret.safetensors");
    for out in [
        "../secret.safetensors",
        "x/../../secret.safetensors",
        "..",
        ".",
        "",
        "a/b",
        "b/",
        &absolute,
    ] {
        assert_fails(&[&with("c", json!(out))], 1, "which is no file name");
    }
    assert_fails(&[&with("c", json!(["a"]))], 1, "which is no file name");
    assert_fails(&[&index(&json!({}))], 1, "its weight_map is empty");
    assert_fails(&[&index(&json!([]))], 1, "has no weight_map");
    for text in ["", "{", "[]", "nonsense", "{\"weight_map\":{\"a\":"] {
        let path = scratch.write("broken/model.safetensors.index.json", text.as_bytes());
        assert_fails(&[&path], 1, "not the index of a safetensors model");
        // A folder is its index.
        assert_fails(&[&scratch.path("broken")], 1, "not the index of a safetensors model");
    }
}

#[test]
fn files_that_make_no_model_together_are_refused() {
    let scratch = Scratch::new("no-model");
    let [first, second] = write_shards(&scratch, "model");
    let [other, _] = write_shards(&scratch, "other");
    let copy = scratch.write("copy", &fs::read(&first).unwrap());
    assert_fails(&[&first, &copy], 1, "'a.weight' is in both model-1-of-2.safetensors and copy");
    assert_fails(&[&first, &first], 1, "has the name of another file of the model");
    assert_fails(&[&other, &second, &first], 1, "has the name of another file of the model");
    assert_fails(&[&first, &scratch.path("other")], 1, "is a directory");
    assert_fails(&[&first, &scratch.path("missing")], 1, "missing: ");
    fs::create_dir(scratch.path("empty")).unwrap();
    assert_fails(&[&scratch.path("empty")], 1, "without a .safetensors file");
    for name in ["x", "y"] {
        scratch.write(&format!("two/{name}.safetensors.index.json"), b"{}");
    }
    assert_fails(&[&scratch.path("two")], 1, "has several models");
}

#[test]
fn outputs_of_several_files_that_cannot_be_written_leave_nothing() {
    let scratch = Scratch::new("no-folder");
    write_shards(&scratch, "model");
    write_index(&scratch, "model", &weight_map());
    let model = scratch.path("model");
    let before = names_in(&model);
    let file = scratch.write("file", b"as it was");
    assert_fails(&[&model, "-o", &file], 1, "is no directory");
    assert_fails(&[&model, "-o", &model], 1, "is the model that is read");
    assert_fails(&[&model, "-o", &scratch.path("missing/out")], 1, "cannot write");
    // A picture that cannot be written is known after the folder is made.
    let nowhere = scratch.path("missing/plot");
    assert_fails(&[&model, "-o", &scratch.path("out"), "--plot", &nowhere], 1, "cannot write");
    // A picture may be in the folder, under a name that no other file has there.
    let out = scratch.path("out");
    for plot in [SHARDS[0], INDEX, "", "."] {
        let plot = format!("{}/out/{plot}", scratch.path("."));
        assert_fails(&[&model, "-o", &out, "--plot", &plot], 2, "name the same file");
    }
    succeed(&[&model, "-o", &out, "--plot", &format!("{out}/error.svg")]);
    assert_eq!(names_in(&out), ["error.svg", SHARDS[0], SHARDS[1], INDEX]);
    fs::remove_dir_all(&out).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"as it was");
    assert_eq!(names_in(&model), before);
    assert_eq!(files(&scratch), ["file", "model"]);
}
