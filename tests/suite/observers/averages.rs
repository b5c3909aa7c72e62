use zeropoint::observer::MovingAverageObserver;
use zeropoint::{Error, QParams, Range, Scheme};

#[test]
fn first_batch_sets_and_later_ones_move() {
    let mut observer = MovingAverageObserver::new(0.01_f32).unwrap();
    assert_eq!(observer.range(), Err(Error::Empty));
    observer.observe::<f32>(&[]);
    assert_eq!(observer.range(), Err(Error::Empty));
    observer.observe(&[-3.0_f32, 5.0]);
    assert_eq!(observer.range(), Range::new(-3.0, 5.0));
    observer.observe::<f32>(&[]);
    observer.observe(&[-1.0_f32, 7.5]);
    let (min, max) = (-3.0 + 0.01_f32 * 2.0, 5.0 + 0.01_f32 * 2.5);
    assert_eq!(observer.range(), Range::new(min, max));
    let p: QParams<f32, u8> = observer.params(Scheme::asymmetric()).unwrap();
    assert_eq!(p.scale(), (max - min) / 255.0);
}

#[test]
fn constant_one_takes_the_last_batch() {
    let mut observer = MovingAverageObserver::new(1.0_f64).unwrap();
    observer.observe(&[-4.0, 4.0]);
    observer.observe(&[2.0, 3.0]);
    assert_eq!(observer.range(), Range::new(2.0, 3.0));
}

#[test]
fn constants_are_checked() {
    for constant in [0.0, -0.1, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY] {
        let error = MovingAverageObserver::new(constant).unwrap_err();
        assert!(matches!(error, Error::AveragingConstant { .. }));
        let text = format!("averaging constant {constant} is not above 0 and at most 1");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn differences_that_overflow_have_an_average() {
    let mut observer = MovingAverageObserver::new(0.5_f64).unwrap();
    observer.observe(&[f64::MAX]);
    observer.observe(&[-f64::MAX]);
    assert_eq!(observer.range(), Range::new(0.0, 0.0));
    let mut observer = MovingAverageObserver::new(0.25_f32).unwrap();
    observer.observe(&[-f32::MAX, f32::MAX]);
    observer.observe(&[f32::MAX]);
    let min = 0.75 * -f32::MAX + 0.25 * f32::MAX;
    assert_eq!(observer.range(), Range::new(min, f32::MAX));
}

/// A case in which `max + constant · (…)` is rounded to less than `min + constant · (…)`.
#[test]
fn neighbouring_bounds_do_not_cross() {
    let [constant, x, y] = [0x3f61_924c, 0xc0f0_e2c7, 0x403b_0a4d].map(f32::from_bits);
    let (x_after, y_after) = (f32::from_bits(0xc0f0_e2c6), f32::from_bits(0x403b_0a4e));
    let moved = |average: f32, new: f32| average + constant * (new - average);
    assert!(moved(x_after, y_after) < moved(x, y));

    let mut observer = MovingAverageObserver::new(constant).unwrap();
    observer.observe(&[x, x_after]);
    observer.observe(&[y, y_after]);
    assert_eq!(observer.range(), Range::new(moved(x, y), moved(x, y)));
}

#[test]
fn nan_in_any_batch_is_refused() {
    for batches in [[1.0, f32::NAN, 2.0], [f32::INFINITY, 1.0, 2.0], [1.0, 2.0, -f32::INFINITY]] {
        let mut observer = MovingAverageObserver::new(0.5_f32).unwrap();
        batches.iter().for_each(|&x| observer.observe(&[x]));
        assert_eq!(
            observer.range().unwrap_err().to_string(),
            "NaN or infinity in a range or an alpha"
        );
    }
}
