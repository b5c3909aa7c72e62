//! tract with its own quantization operators and with those of zeropoint: how many results differ, and how long they
//! take.
//!
//!     cargo run --release                           # the operators alone
//!     cargo run --release -- MODEL.onnx RECORDED    # a model; both files are made by model.py

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tract_onnx::Onnx;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{anyhow, ensure};
use zeropoint_in_tract::compare::{Differences, shortest};
use zeropoint_in_tract::one_node::OneNode;
use zeropoint_in_tract::recorded::Recorded;
use zeropoint_in_tract::register;

/// The time for which a pair of operators, or of models, is measured.
const ENOUGH: Duration = Duration::from_millis(100);
const ENOUGH_FOR_MODELS: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let engines = Engines::new();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match &arguments[..] {
        [] => alone(&engines),
        [model, recorded] => model_and_operators(&engines, Path::new(model), Path::new(recorded)),
        other => Err(anyhow!("no arguments, or MODEL.onnx and RECORDED; not {}", other.len())),
    };
    if let Err(error) = result {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

struct Engines {
    own: Onnx,
    ours: Onnx,
}

impl Engines {
    fn new() -> Self {
        let (own, mut ours) = (tract_onnx::onnx(), tract_onnx::onnx());
        register(&mut ours);
        Self { own, ours }
    }

    fn one_node(&self, op_type: &str, x: &Tensor, params: &[Tensor]) -> TractResult<[OneNode; 2]> {
        let load = |onnx| OneNode::new(onnx, op_type, None, x, params);
        Ok([load(&self.own)?, load(&self.ours)?])
    }
}

/// Both on the same input.
fn beside(nodes: &[OneNode; 2], x: &TValue) -> TractResult<[Duration; 2]> {
    let [own, ours] = nodes;
    shortest(ENOUGH, || own.run(x).map(drop), || ours.run(x).map(drop))
}

fn alone(engines: &Engines) -> TractResult<()> {
    print_heading("128 × 1536 elements", "tract's results that are not zeropoint's");
    let scale = 0.02_f32;
    // Numbers like a model's; and what an average of two codes is: half of them in the middle between two codes.
    let smooth = |i: usize| ((i as f32 * 0.37).sin() + (i as f32 * 0.0113).cos()) * 1.2;
    let halves = |i: usize| (i % 511) as f32 * 0.5 * scale - 2.5;
    let huge = |i: usize| [1e30_f32, -1e30][i % 2];
    let codes = |i: usize| (i * 37 % 256) as u8;
    let params = [tensor0(scale), tensor0(125_u8)];
    report(engines, "DynamicQuantizeLinear", "", filled(smooth), &[])?;
    report(engines, "QuantizeLinear", "", filled(smooth), &params)?;
    report(engines, "QuantizeLinear", "halves", filled(halves), &params)?;
    report(engines, "QuantizeLinear", "huge", filled(huge), &params)?;
    report(engines, "DequantizeLinear", "", filled(codes), &params)
}

fn filled<T: Datum + Copy>(element: impl Fn(usize) -> T) -> Tensor {
    let elements: Vec<T> = (0..128 * 1536).map(element).collect();
    Tensor::from_shape(&[128, 1536], &elements).expect("as many elements as the shape has")
}

fn report(
    engines: &Engines,
    op_type: &str,
    note: &str,
    x: Tensor,
    params: &[Tensor],
) -> TractResult<()> {
    let nodes = engines.one_node(op_type, &x, params)?;
    let x = x.into_tvalue();
    let differences = Differences::between(&nodes[0].run(&x)?, &nodes[1].run(&x)?)?;
    print_row(&format!("{op_type} {note}"), beside(&nodes, &x)?, &described(&differences));
    Ok(())
}

fn print_heading(what: &str, differences: &str) {
    println!("{what:<26} {:>8} {:>14} {:>7}   {differences}", "tract µs", "zeropoint µs", "ratio");
}

fn print_row(name: &str, [own, ours]: [Duration; 2], differences: &str) {
    let (own, ours) = (own.as_secs_f64() * 1e6, ours.as_secs_f64() * 1e6);
    println!("{name:<26} {own:>8.1} {ours:>14.1} {:>6.1}×   {differences}", own / ours);
}

fn described(d: &Differences) -> String {
    match d.first {
        None => format!("0 of {}", d.elements),
        Some((i, a, b)) => format!("{} of {} (at {i}: {a}, not {b})", d.different, d.elements),
    }
}

fn model_and_operators(engines: &Engines, model: &Path, recorded: &Path) -> TractResult<()> {
    let recorded = Recorded::read(recorded)?;
    if !recorded.operators.is_empty() {
        operators(engines, &recorded)?;
    }

    let load = |onnx: &Onnx| onnx.model_for_path(model)?.into_optimized()?.into_runnable();
    let (own, ours) = (load(&engines.own)?, load(&engines.ours)?);
    let inputs = inputs_of(own.model(), &recorded)?;
    let (own_results, our_results) = (own.run(inputs.clone())?, ours.run(inputs.clone())?);
    let differences = Differences::between(&own_results, &our_results)?;
    println!(
        "\nThe model's output, with tract's operators and with zeropoint's: {} differ.",
        described(&differences)
    );
    let furthest =
        [furthest(&own_results, &recorded.outputs)?, furthest(&our_results, &recorded.outputs)?];
    println!("Furthest from ONNX Runtime's: {:.1e} and {:.1e}.", furthest[0], furthest[1]);

    let run = |plan: &Arc<TypedSimplePlan>| plan.run(inputs.clone()).map(drop);
    let [own, ours] =
        shortest(ENOUGH_FOR_MODELS, || run(&own), || run(&ours))?.map(|t| t.as_secs_f64() * 1e3);
    println!("The model: {own:.2} ms and {ours:.2} ms, {:.3} times as fast.", own / ours);
    Ok(())
}

/// All operators of a type together, each on the input that it had in ONNX Runtime.
#[derive(Default)]
struct Sum {
    count: usize,
    times: [Duration; 2],
    differences: [Differences; 2],
}

fn operators(engines: &Engines, recorded: &Recorded) -> TractResult<()> {
    let mut sums = BTreeMap::<&str, Sum>::new();
    for operator in recorded.operators.values() {
        let (x, params) =
            operator.inputs.split_first().ok_or_else(|| anyhow!("an operator without inputs"))?;
        let params: Vec<Tensor> = params.iter().map(|p| p.clone().into_tensor()).collect();
        let nodes = engines.one_node(&operator.op_type, x, &params)?;
        let sum = sums.entry(&operator.op_type).or_default();
        sum.count += 1;
        let times = beside(&nodes, x)?;
        for i in 0..2 {
            sum.differences[i].add(Differences::between(&nodes[i].run(x)?, &operator.outputs)?);
            sum.times[i] += times[i];
        }
    }
    print_heading("operators", "results that are not ONNX Runtime's");
    let mut wrong = 0;
    for (op_type, Sum { count, times, differences: [own, ours] }) in sums {
        let both = format!("tract {}; zeropoint {}", described(&own), described(&ours));
        print_row(&format!("{count} {op_type}"), times, &both);
        wrong += ours.different;
    }
    ensure!(wrong == 0, "{wrong} of zeropoint's results are not ONNX Runtime's");
    Ok(())
}

fn inputs_of(model: &TypedModel, recorded: &Recorded) -> TractResult<TVec<TValue>> {
    let input = |outlet: &OutletId| {
        let name = &model.node(outlet.node).name;
        recorded
            .inputs
            .get(name)
            .cloned()
            .ok_or_else(|| anyhow!("the record has no input {name:?}"))
    };
    model.input_outlets()?.iter().map(input).collect()
}

fn furthest(one: &[TValue], other: &[TValue]) -> TractResult<f32> {
    let mut furthest = 0_f32;
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (one.try_as_plain_ram()?, other.try_as_plain_ram()?);
        let pairs = one.as_slice::<f32>()?.iter().zip(other.as_slice::<f32>()?);
        furthest = pairs.map(|(a, b)| (a - b).abs()).fold(furthest, f32::max);
    }
    Ok(furthest)
}
