//! A node's operation as calls of the crate.

use zeropoint::{
    Auto, Backend, Code, Granularity, I2x4, I4x2, Params, QParams, Real, Scheme, U2x4, U4x2,
    ZeroPoints,
};

use crate::granularity::Extent;
use crate::node::{Node, Operation};
use crate::tensor::{Tensor, Type};
use crate::verdict::{Obstacle, fail};

/// The bytes of an output before it is written, so that an element left out shows.
const UNWRITTEN: u8 = 0xa5;

/// The outputs of a node, and what was done in a few words.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) outputs: Vec<Tensor>,
    pub(crate) what: String,
}

pub(crate) fn run(node: &Node, inputs: &[Option<Tensor>], backend: Auto) -> Result<Run, Obstacle> {
    match (node.operation, inputs) {
        (Operation::QuantizeDynamic, [Some(x)]) => quantize_dynamic(x, backend),
        (Operation::QuantizeDynamic, _) => {
            fail(format!("{} inputs where 1 is needed", inputs.len()))
        }
        (_, [Some(x), Some(scale)]) => Linear::new(node, x, scale, None, backend)?.run(),
        (_, [Some(x), Some(scale), zero_point]) => {
            Linear::new(node, x, scale, zero_point.as_ref(), backend)?.run()
        }
        _ => fail(format!("{} inputs where 2 or 3 are needed", inputs.len())),
    }
}

fn quantize_dynamic(x: &Tensor, backend: Auto) -> Result<Run, Obstacle> {
    if x.element != Type::Float {
        return fail(format!("data of {}", x.element.name()));
    }
    let src: Vec<f32> = x.elements();
    let mut dst: Vec<u8> = unwritten(src.len());
    let p = backend.quantize_dynamic(&src, Scheme::asymmetric(), &mut dst)?;
    let Ok(zero_point) = u8::try_from(p.zero_point()) else {
        return fail(format!("zero point {} is no uint8", p.zero_point()));
    };
    let outputs = vec![
        Tensor::new(Type::Uint8, &x.shape, &dst),
        Tensor::new(Type::Float, &[], &[p.scale()]),
        Tensor::new(Type::Uint8, &[], &[zero_point]),
    ];
    Ok(Run { outputs, what: "float to uint8, dynamic".into() })
}

/// A call with given scales and zero points.
#[derive(Debug)]
struct Linear<'a> {
    operation: Operation,
    x: &'a Tensor,
    scales: Vec<f32>,
    zero_point: Option<&'a Tensor>,
    extent: Extent,
    output: Type,
    backend: Auto,
}

impl<'a> Linear<'a> {
    fn new(
        node: &Node,
        x: &'a Tensor,
        scale: &Tensor,
        zero_point: Option<&'a Tensor>,
        backend: Auto,
    ) -> Result<Self, Obstacle> {
        let operation = node.operation;
        let default = match (operation, zero_point) {
            (Operation::Dequantize, _) => scale.element,
            (_, Some(zero_point)) => zero_point.element,
            (_, None) => Type::Uint8,
        };
        let output = node.output_type.unwrap_or(default);
        let code = if operation == Operation::Dequantize { x.element } else { output };
        if let Some(zero_point) = zero_point {
            if zero_point.element != code {
                let (of, code) = (zero_point.element.name(), code.name());
                return fail(format!("zero points of {of} for codes of {code}"));
            }
            if zero_point.len() != scale.len() {
                let (zero_points, scales) = (zero_point.len(), scale.len());
                return fail(format!("{zero_points} zero points for {scales} scales"));
            }
        }
        // The crate computes in `float`, whatever the data are.
        if operation == Operation::Quantize && node.quotient_type(scale.element) != Type::Float {
            return Err(Obstacle::NotCovered("division in 16 bits"));
        }
        if !scale.element.is_float() {
            return fail(format!("scales of {}", scale.element.name()));
        }
        let scales = (0..scale.len()).map(|i| scale.float(i)).collect();
        let extent = Extent::of(node, x, scale)?;
        Ok(Self { operation, x, scales, zero_point, extent, output, backend })
    }

    fn run(&self) -> Result<Run, Obstacle> {
        let (from, to) = (self.x.element, self.output);
        let (real, code) =
            if self.operation == Operation::Dequantize { (to, from) } else { (from, to) };
        let output = match real {
            Type::Float => self.call_with::<f32>(code)?,
            #[cfg(feature = "half")]
            Type::Float16 => self.call_with::<half::f16>(code)?,
            #[cfg(feature = "half")]
            Type::Bfloat16 => self.call_with::<half::bf16>(code)?,
            #[cfg(not(feature = "half"))]
            Type::Float16 | Type::Bfloat16 => {
                return Err(Obstacle::NotCovered("16-bit floats, for want of `--features half`"));
            }
            other => return fail(format!("{} is no type of data", other.name())),
        };
        let what = format!("{} to {}, {}", from.name(), to.name(), self.extent);
        Ok(Run { outputs: vec![output], what })
    }

    fn call_with<T: Real<Compute = f32>>(&self, code: Type) -> Result<Tensor, Obstacle> {
        match code {
            Type::Int8 => self.call::<T, i8>(),
            Type::Uint8 => self.call::<T, u8>(),
            Type::Int16 => self.call::<T, i16>(),
            Type::Uint16 => self.call::<T, u16>(),
            Type::Int4 => self.call::<T, I4x2>(),
            Type::Uint4 => self.call::<T, U4x2>(),
            Type::Int2 => self.call::<T, I2x4>(),
            Type::Uint2 => self.call::<T, U2x4>(),
            Type::Int32 if self.operation == Operation::Dequantize => self.call::<T, i32>(),
            other => fail(format!("{} is no type of codes here", other.name())),
        }
    }

    fn call<T: Real<Compute = f32>, Q: Code>(&self) -> Result<Tensor, Obstacle> {
        if self.operation == Operation::Dequantize {
            let dst = self.dequantize::<T, Q>(&self.x.elements())?;
            Ok(Tensor::new(self.output, &self.x.shape, &dst))
        } else {
            let dst = self.quantize::<T, Q>(&self.x.elements())?;
            Ok(Tensor::new(self.output, &self.x.shape, &dst))
        }
    }

    fn quantize<T: Real<Compute = f32>, Q: Code>(&self, src: &[T]) -> Result<Vec<Q>, Obstacle> {
        let mut dst = unwritten(src.len().div_ceil(Q::PER_ELEMENT));
        if self.extent == Extent::Tensor {
            self.backend.quantize(src, &self.tensor_params()?, &mut dst)?;
        } else {
            let zero_points = self.zero_points();
            let params = Params::arrays(&self.scales, as_param(&zero_points));
            self.backend.quantize_per(self.granularity()?, src, params, &mut dst)?;
        }
        Ok(dst)
    }

    fn dequantize<T: Real<Compute = f32>, Q: Code>(&self, src: &[Q]) -> Result<Vec<T>, Obstacle> {
        let mut dst = unwritten(self.x.len());
        if self.extent == Extent::Tensor {
            self.backend.dequantize(src, &self.tensor_params()?, &mut dst)?;
        } else {
            let zero_points = self.zero_points();
            let params = Params::arrays(&self.scales, as_param(&zero_points));
            self.backend.dequantize_per(self.granularity()?, src, params, &mut dst)?;
        }
        Ok(dst)
    }

    fn granularity(&self) -> Result<Granularity, Obstacle> {
        let shape = &self.x.shape;
        Ok(match self.extent {
            Extent::Tensor => Granularity::tensor(self.x.len()),
            Extent::Channel { axis } => Granularity::channel(shape, axis)?,
            Extent::Block { axis, length } => Granularity::block(shape, axis, length)?,
        })
    }

    fn tensor_params<Q: Code>(&self) -> Result<QParams<f32, Q>, Obstacle> {
        let zero_point = self.zero_point.map_or(0, |tensor| tensor.integer(0));
        Ok(QParams::new(self.scales[0], zero_point)?)
    }

    /// Returns the zero points as the file has them, packed if the codes are.
    fn zero_points<Q: Code>(&self) -> Option<Vec<Q>> {
        self.zero_point.map(Tensor::elements)
    }
}

fn as_param<Q: Code>(zero_points: &Option<Vec<Q>>) -> ZeroPoints<'_, Q> {
    match zero_points {
        Some(codes) => ZeroPoints::Codes(codes),
        None => ZeroPoints::Zero,
    }
}

fn unwritten<P: bytemuck::Pod>(len: usize) -> Vec<P> {
    let mut elements = vec![P::zeroed(); len];
    bytemuck::cast_slice_mut(&mut elements).fill(UNWRITTEN);
    elements
}
