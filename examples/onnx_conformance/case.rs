//! A case on disk: a directory with `model.onnx`, and for each set of data a directory
//! `test_data_set_N` with the tensors `input_N.pb` and `output_N.pb`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;

use crate::node::{self, Node};
use crate::proto;
use crate::tensor::Tensor;
use crate::verdict::{Obstacle, fail};

const PREFIXES: [&str; 3] =
    ["test_quantizelinear", "test_dequantizelinear", "test_dynamicquantizelinear"];

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) node: Node,
    pub(crate) sets: Vec<Set>,
}

/// Tensors of one run: those that the node reads, in its order, and those it should write.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Option<Tensor>>,
    pub(crate) outputs: Vec<Tensor>,
}

/// The directories of the cases, by name.
pub(crate) fn find(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let is_case = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let cases = subdirectories(directory, is_case)?;
    if cases.is_empty() {
        return Err(format!(
            "{} holds no case: no directory in it is named {}…",
            directory.display(),
            PREFIXES.join("… or ")
        ));
    }
    Ok(cases)
}

pub(crate) fn read(directory: &Path) -> Result<Case, Obstacle> {
    let model: proto::Model = decode(&directory.join("model.onnx"))?;
    let Some(graph) = &model.graph else {
        return fail("the model has no graph".into());
    };
    let node = Node::of_graph(graph, node::opset(&model)?)?;
    let is_set = |name: &str| name.starts_with("test_data_set_");
    let directories = subdirectories(directory, is_set).map_err(Obstacle::Failed)?;
    if directories.is_empty() {
        return fail("there is no test_data_set_N".into());
    }
    let read_one = |directory: &PathBuf| {
        let name = name_of(directory);
        read_set(directory, &name, graph, &node).map_err(|obstacle| obstacle.at(&name))
    };
    let sets = directories.iter().map(read_one).collect::<Result<_, _>>()?;
    Ok(Case { node, sets })
}

/// The names of a graph's inputs that no initializer gives a value number the files `input_N.pb`.
fn read_set(
    directory: &Path,
    name: &str,
    graph: &proto::Graph,
    node: &Node,
) -> Result<Set, Obstacle> {
    let mut values = HashMap::new();
    for message in &graph.initializer {
        let value = Tensor::from_proto(message).map_err(|obstacle| obstacle.at(&message.name))?;
        values.insert(message.name.as_str(), value);
    }
    let fed = graph.input.iter().filter(|input| !values.contains_key(input.name.as_str()));
    for (index, input) in fed.collect::<Vec<_>>().into_iter().enumerate() {
        values.insert(&input.name, tensor(directory, &format!("input_{index}.pb"))?);
    }
    let mut results = HashMap::new();
    for (index, output) in graph.output.iter().enumerate() {
        results.insert(&output.name, tensor(directory, &format!("output_{index}.pb"))?);
    }
    let input = |name: &String| match values.get(name.as_str()) {
        None if !name.is_empty() => fail(format!("the input {name:?} has no value")),
        value => Ok(value.cloned()),
    };
    let output = |name: &String| match results.get(name) {
        None => fail(format!("nothing is expected of the output {name:?}")),
        Some(value) => Ok(value.clone()),
    };
    Ok(Set {
        name: name.into(),
        inputs: node.inputs.iter().map(input).collect::<Result<_, _>>()?,
        outputs: node.outputs.iter().map(output).collect::<Result<_, _>>()?,
    })
}

fn tensor(directory: &Path, name: &str) -> Result<Tensor, Obstacle> {
    let message = decode(&directory.join(name))?;
    Tensor::from_proto(&message).map_err(|obstacle| obstacle.at(name))
}

fn decode<M: Message + Default>(path: &Path) -> Result<M, Obstacle> {
    let failed = |what: String| Obstacle::Failed(format!("{}: {what}", name_of(path)));
    let bytes = fs::read(path).map_err(|e| failed(e.to_string()))?;
    M::decode(bytes.as_slice()).map_err(|e| failed(e.to_string()))
}

fn subdirectories(parent: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", parent.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(parent).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if wanted(&name_of(&path)) && path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
