//! The multipliers of many slices in arrays, as engines store them.

use crate::common::{Int, backends, same_codes, scalar};
use crate::requantize::By;
use zeropoint::{Auto, Backend, Error, Granularity, Multipliers, Requantize, ZeroPoints};

/// Compares multipliers in arrays, of one kind, with the same multipliers made one by one; once with a zero point for
/// each column, once with the zero point of the first column for all.
pub(crate) fn same_in_arrays<Q: Int>(
    backend: Auto,
    granularity: Granularity,
    src: &[i32],
    params: &[(By, i32, (u8, u8))],
    (qmin, qmax): (i32, i32),
) -> Result<(), String> {
    let (mut floats, mut fixed, mut shifts) = (Vec::new(), Vec::new(), Vec::new());
    for (by, ..) in params {
        match *by {
            By::Float(m) => floats.push(m),
            By::Fixed(m, s) => {
                fixed.push(m);
                shifts.push(s);
            }
        }
    }
    if !floats.is_empty() && !fixed.is_empty() {
        return Ok(());
    }
    let own: Vec<i32> = params.iter().map(|(_, z, _)| *z).collect();
    for zero_points in [ZeroPoints::Integers(&own[..]), ZeroPoints::All(own[0])] {
        let by = if fixed.is_empty() {
            Multipliers::<Q>::floats(&floats, zero_points)
        } else {
            Multipliers::fixed(&fixed, &shifts, zero_points)
        };
        let made: Vec<Requantize<Q>> = (params.iter().zip(&own))
            .map(|((by, ..), z)| match zero_points {
                ZeroPoints::All(z) => by.made(z),
                _ => by.made(*z),
            })
            .map(|by| by.with_codes(qmin, qmax).unwrap())
            .collect();
        let (mut got, mut expected) =
            (vec![Q::default(); src.len()], vec![Q::default(); src.len()]);
        backend.requantize_per(granularity, src, by.with_codes(qmin, qmax), &mut got).unwrap();
        scalar().requantize_per(granularity, src, &made[..], &mut expected).unwrap();
        same_codes(backend.name(), &got, &expected)?;
    }
    Ok(())
}

#[test]
fn wrong_arrays_are_refused() {
    type Many<'a> = Multipliers<'a, i8>;
    let columns = Granularity::channel(&[1, 3], 1).unwrap();
    for backend in backends() {
        let refused = |by: Many<'_>| {
            let mut dst = [7; 3];
            let refused = backend.requantize_per(columns, &[1, 2, 3], by, &mut dst);
            assert!(refused.is_ok() || dst == [7; 3]);
            refused
        };
        let zero = || ZeroPoints::Zero;
        for m in [-1.0, f32::NAN, f32::INFINITY, -f32::NAN, -f32::MIN_POSITIVE] {
            let wrong = refused(Many::floats(&[0.5, m, 0.5], zero()));
            assert!(
                matches!(wrong, Err(Error::InvalidMultipliers { index: 1, shift: 0, .. })),
                "{m}"
            );
        }
        let (half, multipliers) = (1 << 30, [1, -1, i32::MIN, i32::MIN + 1]);
        let shifts = [31, -32, i32::MAX, i32::MIN];
        let wrong = multipliers.map(|m| (m, 0)).into_iter().chain(shifts.map(|s| (half, s)));
        for (m, s) in wrong {
            match refused(Many::fixed(&[half, 0, m], &[0, 0, s], zero())) {
                Err(Error::InvalidMultipliers { index: 2, shift, .. }) => assert_eq!(shift, s),
                other => panic!("{m} {s}: {other:?}"),
            }
        }
        let far = (1 << 24) + 1;
        let wrong = refused(Many::floats(&[0.5; 3], ZeroPoints::All(far)));
        assert!(
            matches!(wrong, Err(Error::InvalidMultipliers { index: 0, zero_point, .. }) if zero_point == far)
        );
        let wrong = refused(Many::floats(&[0.5; 3], ZeroPoints::Integers(&[0, 0, -far])));
        assert!(matches!(wrong, Err(Error::InvalidMultipliers { index: 2, .. })));
        for shifts in [&[0; 2][..], &[0; 4]] {
            let wrong = refused(Many::fixed(&[0; 3], shifts, zero())).unwrap_err();
            assert!(matches!(wrong, Error::ShiftsMismatch { multipliers: 3, .. }), "{wrong}");
            let message = format!("3 multipliers are given, and {} shifts", shifts.len());
            assert_eq!(wrong.to_string(), message);
        }
        let wrong = refused(Many::floats(&[0.5; 3], ZeroPoints::Codes(&[1, 2])));
        assert!(matches!(wrong, Err(Error::LengthMismatch { src: 3, dst: 2, .. })));
        let wrong = refused(Many::floats(&[0.5; 4], zero()));
        assert!(matches!(wrong, Err(Error::ParamsMismatch { slices: 3, params: 4, .. })));
        let wrong = refused(Many::floats(&[0.5; 3], zero()).with_codes(3, 2));
        assert!(matches!(wrong, Err(Error::CodeRange { qmin: 3, qmax: 2, .. })));
        // −0 and the fixed-point multiplier 0 need a second look, and are still taken.
        refused(Many::floats(&[-0.0, 0.5, f32::MAX], zero())).unwrap();
        refused(Many::fixed(&[0, 1 << 30, i32::MAX], &[-31, 30, 0], zero())).unwrap();
        // Codes are restricted in parameters that were made one by one, too.
        let made = [Requantize::float(1.0, 0).unwrap(); 3];
        let mut dst = [0; 3];
        let by = Many::from(&made).with_codes(-1, 2);
        backend.requantize_per(columns, &[-5, 1, 9], by, &mut dst).unwrap();
        assert_eq!(dst, [-1, 1, 2]);
    }
}
