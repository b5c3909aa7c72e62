//! `DynamicQuantizeLinear`, `QuantizeLinear` and `DequantizeLinear`: each is one call, and around it what tract asks
//! of every operator.

use tract_onnx::Onnx;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::infer::rules::{InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::internal::*;
use zeropoint::{Auto, Backend, Code, Granularity, Params, QParams, Scheme, ZeroPoints};

/// Makes `onnx` load models with the operators of this file.
pub fn register(onnx: &mut Onnx) {
    onnx.op_register.insert("DynamicQuantizeLinear", |_, _| {
        let op = DynamicQuantize { backend: Auto::detect()? };
        Ok((inference_wrap(op, 3, dynamic_rules), vec![]))
    });
    onnx.op_register.insert("QuantizeLinear", |_, node| {
        let op = Quantize { axis: axis(node)?, backend: Auto::detect()? };
        Ok((inference_wrap(op, 1, quantize_rules), vec![]))
    });
    onnx.op_register.insert("DequantizeLinear", |_, node| {
        let op = Dequantize { axis: axis(node)?, backend: Auto::detect()? };
        Ok((inference_wrap(op, 1, dequantize_rules), vec![]))
    });
}

/// `x` → its codes, their scale, their zero point.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DynamicQuantize {
    backend: Auto,
}

impl EvalOp for DynamicQuantize {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = inputs[0].try_as_plain_ram()?;
        let mut codes = output::<u8>(x.shape())?;
        let p: QParams<f32, u8> = match x.len() {
            // ONNX does not say which; ONNX Runtime chooses these.
            0 => QParams::new(1.0, 0)?,
            _ => self.backend.quantize_dynamic(
                x.as_slice::<f32>()?,
                Scheme::asymmetric(),
                codes.try_as_plain_ram_mut()?.as_slice_mut()?,
            )?,
        };
        Ok(tvec![
            codes.into(),
            tensor0(p.scale()).into(),
            tensor0(u8::try_from(p.zero_point())?).into()
        ])
    }
}

impl Op for DynamicQuantize {
    fn name(&self) -> StaticName {
        "zeropoint.DynamicQuantize".into()
    }

    op_as_typed_op!();
}

impl TypedOp for DynamicQuantize {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let scalar = [0_usize; 0];
        Ok(tvec![u8::fact(inputs[0].shape.clone()), f32::fact(scalar), u8::fact(scalar)])
    }

    as_op!();
}

fn dynamic_rules<'r>(
    _: &dyn Op,
    s: &mut Solver<'r>,
    inputs: &[TensorProxy],
    outputs: &[TensorProxy],
) -> InferenceResult {
    check_input_arity(inputs, 1)?;
    check_output_arity(outputs, 3)?;
    s.equals(&inputs[0].datum_type, f32::datum_type())?;
    s.equals(&inputs[0].shape, &outputs[0].shape)?;
    s.equals(&outputs[0].datum_type, u8::datum_type())?;
    s.equals(&outputs[1].datum_type, f32::datum_type())?;
    s.equals(&outputs[1].rank, 0)?;
    s.equals(&outputs[2].datum_type, u8::datum_type())?;
    s.equals(&outputs[2].rank, 0)
}

/// `x`, a scale (one, or one for each index of `axis`), perhaps zero points → codes of the zero points' type.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Quantize {
    axis: i64,
    backend: Auto,
}

impl Quantize {
    fn codes<Q: Code + Datum>(&self, inputs: &[TValue]) -> TractResult<Tensor> {
        let x = inputs[0].try_as_plain_ram()?;
        let mut codes = output::<Q>(x.shape())?;
        let slices = slices(x.shape(), inputs[1].len(), self.axis)?;
        let params = params::<Q>(inputs)?;
        let mut q = codes.try_as_plain_ram_mut()?;
        self.backend.quantize_per(slices, x.as_slice::<f32>()?, params, q.as_slice_mut()?)?;
        Ok(codes)
    }
}

impl EvalOp for Quantize {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let codes = match inputs.get(2).map_or(DatumType::U8, |z| z.datum_type()) {
            DatumType::I8 => self.codes::<i8>(&inputs)?,
            DatumType::U8 => self.codes::<u8>(&inputs)?,
            DatumType::I16 => self.codes::<i16>(&inputs)?,
            DatumType::U16 => self.codes::<u16>(&inputs)?,
            other => bail!("no codes of type {other:?}"),
        };
        Ok(tvec![codes.into()])
    }
}

impl Op for Quantize {
    fn name(&self) -> StaticName {
        "zeropoint.Quantize".into()
    }

    op_as_typed_op!();
}

impl TypedOp for Quantize {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let codes = inputs.get(2).map_or(DatumType::U8, |z| z.datum_type);
        Ok(tvec![codes.fact(inputs[0].shape.clone())])
    }

    as_op!();
}

fn quantize_rules<'r>(
    _: &dyn Op,
    s: &mut Solver<'r>,
    inputs: &[TensorProxy],
    outputs: &[TensorProxy],
) -> InferenceResult {
    check_arity(inputs, outputs)?;
    s.equals(&inputs[0].datum_type, f32::datum_type())?;
    s.equals(&inputs[1].datum_type, f32::datum_type())?;
    s.equals(&inputs[0].shape, &outputs[0].shape)?;
    match inputs.get(2) {
        Some(zero_points) => s.equals(&outputs[0].datum_type, &zero_points.datum_type),
        None => s.equals(&outputs[0].datum_type, u8::datum_type()),
    }
}

/// Codes, a scale (one, or one for each index of `axis`), perhaps zero points → `x`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dequantize {
    axis: i64,
    backend: Auto,
}

impl Dequantize {
    fn reals<Q: Code + Datum>(&self, inputs: &[TValue]) -> TractResult<Tensor> {
        let codes = inputs[0].try_as_plain_ram()?;
        let mut x = output::<f32>(codes.shape())?;
        let slices = slices(codes.shape(), inputs[1].len(), self.axis)?;
        let params = params::<Q>(inputs)?;
        let mut reals = x.try_as_plain_ram_mut()?;
        self.backend.dequantize_per(
            slices,
            codes.as_slice::<Q>()?,
            params,
            reals.as_slice_mut::<f32>()?,
        )?;
        Ok(x)
    }
}

impl EvalOp for Dequantize {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = match inputs[0].datum_type() {
            DatumType::I8 => self.reals::<i8>(&inputs)?,
            DatumType::U8 => self.reals::<u8>(&inputs)?,
            DatumType::I16 => self.reals::<i16>(&inputs)?,
            DatumType::U16 => self.reals::<u16>(&inputs)?,
            DatumType::I32 => self.reals::<i32>(&inputs)?,
            other => bail!("no codes of type {other:?}"),
        };
        Ok(tvec![x.into()])
    }
}

impl Op for Dequantize {
    fn name(&self) -> StaticName {
        "zeropoint.Dequantize".into()
    }

    op_as_typed_op!();
}

impl TypedOp for Dequantize {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![f32::fact(inputs[0].shape.clone())])
    }

    as_op!();
}

fn dequantize_rules<'r>(
    _: &dyn Op,
    s: &mut Solver<'r>,
    inputs: &[TensorProxy],
    outputs: &[TensorProxy],
) -> InferenceResult {
    check_arity(inputs, outputs)?;
    s.equals(&inputs[1].datum_type, f32::datum_type())?;
    s.equals(&outputs[0].datum_type, f32::datum_type())?;
    s.equals(&inputs[0].shape, &outputs[0].shape)?;
    match inputs.get(2) {
        Some(zero_points) => s.equals(&inputs[0].datum_type, &zero_points.datum_type),
        None => Ok(()),
    }
}

fn check_arity(inputs: &[TensorProxy], outputs: &[TensorProxy]) -> InferenceResult {
    check_input_arity(inputs, inputs.len().clamp(2, 3))?;
    check_output_arity(outputs, 1)
}

/// ONNX's default is the second axis.
fn axis(node: &NodeProto) -> TractResult<i64> {
    ensure!(
        node.get_attr_opt::<i64>("block_size")?.unwrap_or(0) == 0,
        "blocks are not wired up here"
    );
    ensure!(
        node.input.get(2).is_some_and(|zero_point| !zero_point.is_empty())
            || node.get_attr_opt::<i64>("output_dtype")?.unwrap_or(0) == 0,
        "a type of codes without a zero point is not wired up here"
    );
    Ok(node.get_attr_opt("axis")?.unwrap_or(1))
}

/// Which elements share one of `scales` scales: all, or those at the same index of `axis`.
fn slices(shape: &[usize], scales: usize, axis: i64) -> TractResult<Granularity> {
    if scales == 1 {
        return Ok(Granularity::tensor(shape.iter().product()));
    }
    let rank = i64::try_from(shape.len())?;
    let index = if axis < 0 { axis + rank } else { axis };
    ensure!((0..rank).contains(&index), "axis {axis} of a tensor of rank {rank}");
    Ok(Granularity::channel(shape, usize::try_from(index)?)?)
}

/// The second and the third input, as the file has them.
fn params<Q: Code + Datum>(inputs: &[TValue]) -> TractResult<Params<'_, f32, Q>> {
    let zero_points = match inputs.get(2) {
        Some(codes) => ZeroPoints::Codes(codes.try_as_plain_ram()?.as_slice()?),
        None => ZeroPoints::Zero,
    };
    Ok(Params::arrays(inputs[1].try_as_plain_ram()?.as_slice()?, zero_points))
}

/// A tensor for results, as tract's own operators make them.
fn output<T: Datum>(shape: &[usize]) -> TractResult<Tensor> {
    // SAFETY: numbers without invalid bits, and the calls above return either an error, and then the tensor is
    // dropped unread, or with every element written.
    unsafe { Tensor::uninitialized::<T>(shape) }
}
