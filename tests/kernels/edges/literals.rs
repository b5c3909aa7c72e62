//! Numbers without a suffix have the type that the parameters or the result have. If not, this does not compile.

#[cfg(feature = "alloc")]
use zeropoint::observer::HistogramObserver;
use zeropoint::observer::{MinMaxObserver, MovingAverageObserver};
use zeropoint::{Backend, Granularity, MinMax, QParams, Range, Scalar, Scheme};

#[test]
fn literals_are_f32_where_the_parameters_are() -> Result<(), zeropoint::Error> {
    let (p, mut q, mut y) = (QParams::<f32, u8>::new(0.5, 0)?, [0; 2], [0.0; 2]);
    zeropoint::quantize(&[0., 2.], &p, &mut q)?;
    assert_eq!(q, [0, 4]);
    zeropoint::dequantize(&q, &p, &mut y)?;
    zeropoint::fake_quantize(&[0.1, 2.0], &p, &mut [0.0; 2])?;
    zeropoint::fake_quantize_in_place(&mut [0.1, 2.0], &p);
    assert_eq!(zeropoint::quantization_error(&[0.0, 2.0], &p)?.mse(), 0.0);
    Scalar.quantize(&[0.0, 2.0], &p, &mut q)?;
    Scalar.quantize_per(Granularity::row(1, 2)?, &[0.0, 2.0], &[p], &mut q)
}

#[test]
fn literals_are_f32_where_the_result_is() -> Result<(), zeropoint::Error> {
    let range: Range<f32> = Range::of(&[0.0, 1.0])?;
    let seen: MinMax<f32> = zeropoint::min_max(&[0.0, 1.0]);
    assert_eq!(Range::try_from(seen)?, range);
    let mut observed = MinMaxObserver::<f32>::default();
    let mut averaged = MovingAverageObserver::<f32>::new(0.5)?;
    observed.observe(&[0.0, 1.0]);
    averaged.observe(&[0.0, 1.0]);
    #[cfg(feature = "alloc")]
    HistogramObserver::<f32>::new().observe(&[0.0, 1.0]);
    assert_eq!((observed.range()?, averaged.range()?), (range, range));
    let alpha: f32 = zeropoint::abs_max(&[0.5, -1.0])?;
    assert_eq!(alpha, Scalar.abs_max(&[0.5, -1.0])?);
    let of_range: QParams<f32, u8> = Scheme::asymmetric().params(Range::of(&[0.0, 1.0])?)?;
    let dynamic: QParams<f32, u8> =
        zeropoint::quantize_dynamic(&[0.0, 1.0], Scheme::asymmetric(), &mut [0; 2])?;
    assert_eq!(dynamic, of_range);
    // Without parameters or a result of a type, literals are `f64`, as everywhere in Rust.
    let double: f64 = Range::of(&[0.0, 1.0])?.max();
    assert_eq!(double, zeropoint::min_max(&[0.0, 1.0]).max);
    Ok(())
}
