//! Tests of tensors that are left as they are: other types, quantized ones, and names that are needed.

use safetensors::Dtype;
use serde_json::json;

use super::model::*;
use crate::program::Scratch;

/// Asserts that nothing is quantized, and that no file is left beside the model.
fn assert_nothing(scratch: &Scratch, model: &str, says: &str) {
    let before = files(scratch);
    let (out, plot) = (scratch.path("out"), scratch.path("plot"));
    assert_fails(&[model, "-o", &out, "--plot", &plot], 1, says);
    assert_eq!(files(scratch), before);
}

fn codes<'a>(name: &'a str, dtype: &'a str, len: usize) -> Entry<'a> {
    (name, dtype, vec![len], vec![1; len])
}

#[test]
fn nothing_to_quantize_is_a_failure() {
    let scratch = Scratch::new("nothing");
    let empty = scratch.write("empty", &safetensors(&[], 0));
    assert_nothing(&scratch, &empty, "nothing to quantize: the model has no tensors");
    let other = [codes("w", "F8_E4M3", 8), codes("v", "F8_E4M3", 8), codes("n", "I64", 8)];
    let other = other.map(|(name, dtype, _, bytes)| {
        let len = if dtype == "I64" { 1 } else { 8 };
        (name, dtype, vec![len], bytes)
    });
    let other = scratch.write("other", &safetensors(&other, 0));
    let says = "nothing to quantize: tensors of other types than F64, F32, F16 and BF16: \
                2 of F8_E4M3, 1 of I64";
    assert_nothing(&scratch, &other, says);
}

#[test]
fn a_model_of_which_every_tensor_is_refused_is_a_failure() {
    let scratch = Scratch::new("all-refused");
    let model = [f32s("nan", &[2], &[1.0, f32::NAN]), f32s("none", &[0, 4], &[])];
    let model = scratch.write("model", &safetensors(&model, 0));
    let output = run(&[&model, "-o", &scratch.path("out"), "--plot", &scratch.path("plot")]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stderr, b"quantize_model: nothing was quantized, nor written\n");
    // The table says why.
    let table = stdout(&output);
    assert_eq!(row(&table, "nan")[2], "refused:");
    assert!(table.contains("0 quantized, 0 skipped, 2 refused"), "{table}");
    assert!(!table.contains("written"), "{table}");
    assert_eq!(files(&scratch), ["model"]);
}

#[test]
fn scales_and_zero_points_of_codes_are_left() {
    let scratch = Scratch::new("parameters");
    let two = [0.5, 0.25];
    // Pairs of codes and what belongs to them, as several tools name them.
    let parameters = [
        (codes("l.1.w", "F8_E4M3", 8), f32s("l.1.w_scale_inv", &[2], &two)),
        (codes("l.2.weight", "F8_E5M2", 8), f32s("l.2.input_scale", &[], &two[..1])),
        (codes("l/3/weight", "I8", 8), f32s("l/3/weight.scale", &[2], &two)),
        (codes("l.4.weight", "I8", 8), f32s("l.4.weight_zero_point", &[2], &two)),
        (codes("l.5.weight", "U8", 8), f32s("l.5.weight.absmax", &[2], &two)),
        (codes("l.6.weight", "I8", 8), f32s("l.6.SCB", &[2], &two)),
        (("l.7.qweight", "I32", vec![2], vec![1; 8]), f32s("l.7.scales", &[2], &two)),
        (codes("top", "I8", 8), f32s("top_scale", &[2], &two)),
        (codes("y_quantized", "I8", 8), f32s("y_scale", &[2], &two)),
        (("b", "I32", vec![2], vec![1; 8]), f32s("b.scale", &[2], &two)),
    ];
    // Weights: no codes beside them, or more of them than of codes, or another name.
    let weights = [
        f32s("norm.scale", &[2], &two),
        f32s("l.1.norm.scale", &[2], &two),
        f32s("l.7.scale.weight", &[2], &two),
        f32s("l.7.upscaled", &[2], &two),
        f32s("l.7.zeros", &[3], &[0.5, 0.25, 0.125]),
        f32s("l.7.layer_scale", &[2], &two),
        f32s("logit_scale", &[], &two[..1]),
        f32s("ids.scale", &[2], &two),
        f32s("ids.token_scale", &[2], &two),
        f32s("ids.mask_scale", &[2], &two),
    ];
    let mut entries: Vec<Entry> =
        parameters.iter().flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    entries.extend(weights.clone());
    entries.push(("ids.position_ids", "I64", vec![2], vec![1; 16]));
    entries.push(("ids.token_ids", "I32", vec![2], vec![1; 8]));
    entries.push(codes("ids.bits", "U8", 8));
    let (model, out) = (scratch.write("model", &safetensors(&entries, 0)), scratch.path("out"));
    let table = succeed(&[&model, "-o", &out]);
    let mut lines = table.lines();
    let types = "other types than F64, F32, F16 and BF16: 1 of F8_E4M3, 1 of F8_E5M2, 3 of I32, 1 of I64, 5 of I8, 2 of U8";
    assert!(lines.next().unwrap().ends_with(types), "{table}");
    let of_codes = "skipped      scales and zero points of codes that the model has already: 10";
    assert_eq!(lines.next(), Some(of_codes));
    let written = read(&out).tensors;
    for (codes, parameter) in &parameters {
        for (name, _, shape, bytes) in [codes, parameter] {
            assert_eq!(row(&table, name)[2], "skipped:");
            assert_eq!((&written[*name].1, &written[*name].2), (shape, bytes), "{name}");
        }
    }
    for (name, ..) in weights {
        assert_ne!(row(&table, name)[2], "skipped:");
        assert_eq!(written[name].0, Dtype::U8);
    }

    let fp8: Vec<Entry> = vec![parameters[0].0.clone(), parameters[0].1.clone()];
    let fp8 = scratch.write("fp8", &safetensors(&fp8, 0));
    assert_nothing(
        &scratch,
        &fp8,
        "1 of F8_E4M3; scales and zero points of codes that the model has already: 1",
    );
}

#[test]
fn what_quantize_model_wrote_is_left() {
    let scratch = Scratch::new("again");
    let fresh = scratch.write("fresh", &safetensors(&[f32s("fresh", &[4, 8], &numbers(32))], 0));
    let integers = [f32s("w", &[8, 8], &numbers(64)), f32s("nan", &[1], &[f32::NAN])];
    let model = scratch.write("model", &safetensors(&integers, 0));
    for (n, scheme) in ["asymmetric", "symmetric"].into_iter().enumerate() {
        for (m, bits) in ["8", "4", "2"].into_iter().enumerate() {
            let once = scratch.path(&format!("once-{n}-{m}"));
            succeed(&[&model, "-o", &once, "--scheme", scheme, "--bits", bits]);
            assert_nothing(&scratch, &once, "tensors of files that quantize_model wrote: ");

            // Beside another file the rest is quantized, and this one copied.
            let twice = scratch.path(&format!("twice-{n}-{m}"));
            let table = succeed(&[&fresh, &once, "-o", &twice, "--bits=8"]);
            assert_eq!(row(&table, "w")[2], "skipped:");
            let (before, after) = (read(&once), read(&format!("{twice}/once-{n}-{m}")));
            assert_eq!((before.metadata, before.tensors), (after.metadata, after.tensors));
            assert_eq!(read(&format!("{twice}/fresh")).tensors["fresh"].0, Dtype::U8);
        }
    }
}

#[test]
fn what_the_header_says_is_kept() {
    let scratch = Scratch::new("metadata");
    let entries = [f32s("w", &[8, 8], &numbers(64))];
    // Names that one might take for one's own.
    let said = json!({ "format": "pt", "scheme": "mine", "bits": "many", "w.shape": "none" });
    let mut stale = said.clone();
    stale["zeropoint.shape.gone"] = json!("[2]");
    let model = scratch.write("model", &with_metadata(stale, &entries, 0));
    let out = scratch.path("out");
    succeed(&[&model, "-o", &out, "--bits=4", "--scheme=symmetric"]);
    let metadata = read(&out).metadata;
    for (name, text) in said.as_object().unwrap() {
        assert_eq!(metadata[name], text.as_str().unwrap());
    }
    assert_eq!(metadata["zeropoint.codes"], "i4");
    assert_eq!(metadata["zeropoint.shape.w"], "[8,8]");
    assert!(!metadata.contains_key("zeropoint.shape.gone"));
    assert!(metadata.keys().all(|key| said.get(key).is_some() || key.starts_with("zeropoint.")));
}

#[test]
fn names_that_the_output_needs_are_refused_before_the_work() {
    let scratch = Scratch::new("clash");
    // Nothing of this tensor would be written: only who has done the work knows it.
    let broken = f32s("W", &[2], &[1.0, f32::NAN]);
    for (taken, scheme) in
        [("scale", "symmetric"), ("scale", "asymmetric"), ("zero_point", "asymmetric")]
    {
        let name = format!("W.{taken}");
        let entries = [broken.clone(), f32s(&name, &[1], &[2.0]), f32s("other", &[1], &[2.0])];
        let model = scratch.write("model", &safetensors(&entries, 0));
        let says = format!("two tensors would have the name '{name}'");
        let kept = scratch.write("kept", b"as it was");
        assert_fails(&[&model, "-o", &kept, "--scheme", scheme], 1, &says);
        assert_eq!(std::fs::read(&kept).unwrap(), b"as it was");
        assert_eq!(files(&scratch), ["kept", "model"]);
        // Without an output, no name is needed.
        succeed(&[&model, "--scheme", scheme]);
    }
    // Symmetric codes have no zero points.
    let entries = [f32s("W", &[1], &[1.0]), f32s("W.zero_point", &[1], &[2.0])];
    let model = scratch.write("model", &safetensors(&entries, 0));
    succeed(&[&model, "-o", &scratch.path("kept"), "--scheme=symmetric"]);
    // Nor may the tensors of two files have one name.
    let (a, b) = (
        safetensors(&[f32s("W", &[1], &[1.0])], 0),
        safetensors(&[f32s("W.scale", &[1], &[1.0])], 0),
    );
    let (a, b) = (scratch.write("a", &a), scratch.write("b", &b));
    assert_fails(&[&a, &b, "-o", &scratch.path("out")], 1, "the name 'W.scale'");
}
