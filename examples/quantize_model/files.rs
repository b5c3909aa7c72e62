//! Finds the files that make a model: one, several, those of a folder, or those that an index names.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::args::Failure;
use crate::model::map;

/// The name of the index that is written for a model in several files without one.
const INDEX: &str = "model.safetensors.index.json";

/// A model's files are known by their paths, before they are read.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) index: Option<Index>,
    /// True if the command line names one file: the output is one file too.
    pub(crate) single: bool,
}

/// An index says which tensor is in which file.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) path: PathBuf,
    content: Map<String, Value>,
    /// Has the name of the file of every tensor.
    weight_map: BTreeMap<String, String>,
}

fn fail(path: &Path, what: impl Display) -> Failure {
    Failure::Run(format!("{}: {what}", path.display()))
}

/// Finds the files of the model that the arguments name.
pub(crate) fn find(named: &[PathBuf]) -> Result<Files, Failure> {
    let files = match named {
        [folder] if folder.is_dir() => of_folder(folder)?,
        [index] if index.extension().is_some_and(|e| e == "json") => of_index(index)?,
        paths => Files { paths: paths.to_vec(), index: None, single: paths.len() == 1 },
    };
    let mut names = HashMap::new();
    for path in &files.paths {
        // The output has all files in one folder.
        if let Some(other) = names.insert(path.file_name(), path) {
            let why = format!("has the name of another file of the model, {}", other.display());
            return Err(fail(path, why));
        }
    }
    Ok(files)
}

fn of_folder(folder: &Path) -> Result<Files, Failure> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<PathBuf> =
        entries.map_err(|e| fail(folder, e))?.into_iter().map(|e| e.path()).collect();
    paths.sort();
    let ending = |end: &str| {
        let has = |path: &&PathBuf| path.as_os_str().as_encoded_bytes().ends_with(end.as_bytes());
        paths.iter().filter(has).cloned().collect::<Vec<_>>()
    };
    let indices = ending(".safetensors.index.json");
    let usual = folder.join(INDEX);
    match &indices[..] {
        all if all.contains(&usual) => of_index(&usual),
        [index] => of_index(index),
        [first, second, ..] => {
            let (first, second) = (first.display(), second.display());
            Err(fail(folder, format!("has several models; name one: {first} or {second}")))
        }
        [] => match ending(".safetensors") {
            none if none.is_empty() => {
                Err(fail(folder, "is a directory without a .safetensors file"))
            }
            paths => Ok(Files { paths, index: None, single: false }),
        },
    }
}

fn of_index(path: &Path) -> Result<Files, Failure> {
    let index = Index::parse(path, &map(path)?)?;
    let mut names: Vec<&String> = index.weight_map.values().collect();
    names.sort();
    names.dedup();
    let paths: Vec<PathBuf> = names.into_iter().map(|name| path.with_file_name(name)).collect();
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        return Err(fail(path, format!("names {}, which is missing", missing.display())));
    }
    Ok(Files { paths, index: Some(index), single: false })
}

impl Index {
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let content: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|e| fail(path, format!("not the index of a safetensors model ({e})")))?;
        let Some(Value::Object(map)) = content.get("weight_map") else {
            return Err(fail(path, "not the index of a safetensors model (it has no weight_map)"));
        };
        let mut weight_map = BTreeMap::new();
        for (tensor, file) in map {
            match file.as_str() {
                Some(file) if is_plain(file) => weight_map.insert(tensor.clone(), file.into()),
                _ => {
                    let why = format!("'{tensor}' is in {file}, which is no file name");
                    return Err(fail(path, why));
                }
            };
        }
        if weight_map.is_empty() {
            return Err(fail(path, "its weight_map is empty"));
        }
        Ok(Self { path: path.into(), content, weight_map })
    }

    /// Checks that every tensor is in the file that the index names; `owners` says where it really is.
    pub(crate) fn check(&self, owners: &HashMap<&str, &str>) -> Result<(), Failure> {
        for (tensor, file) in &self.weight_map {
            if owners.get(tensor.as_str()) != Some(&file.as_str()) {
                let why = format!("says that '{tensor}' is in {file}, which does not have it");
                return Err(fail(&self.path, why));
            }
        }
        Ok(())
    }
}

/// Returns whether the text names a file beside the index: it may not lead to another folder.
fn is_plain(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|file| file == name)
}

/// Returns the name and the content of the index of an output. It says what the `old` one says, but for
/// the files of the tensors and the sum of their bytes.
pub(crate) fn new_index(
    old: Option<&Index>,
    weight_map: &BTreeMap<String, String>,
    total_size: usize,
) -> (String, String) {
    let mut content = old.map_or_else(Map::new, |old| old.content.clone());
    let metadata = content.entry("metadata").or_insert(Value::Null);
    if !metadata.is_object() {
        *metadata = json!({});
    }
    metadata["total_size"] = total_size.into();
    content.insert("weight_map".into(), json!(weight_map));
    let name = old.and_then(|old| old.path.file_name());
    let name = name.map_or_else(|| INDEX.into(), |name| name.to_string_lossy().into_owned());
    (name, format!("{:#}\n", Value::Object(content)))
}
