use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any};
use zeropoint::observer::{Clip, HistogramObserver};
use zeropoint::{Error, QParams, Range, Scheme};

use super::{CLIPS, bell, finite_data, histogram_of};
use crate::common::floats::Float;
use crate::common::{for_random, same};

const SCHEMES: [fn() -> Scheme; 5] = [
    Scheme::asymmetric,
    Scheme::symmetric,
    || Scheme::asymmetric().bits(4),
    || Scheme::symmetric().bits(2).full_range(),
    || Scheme::asymmetric().raw_range(),
];

fn mse(src: &[f32], range: Range<f32>, scheme: Scheme) -> f64 {
    let p: QParams<f32, i8> = scheme.params(range).unwrap();
    zeropoint::quantization_error(src, &p).unwrap().mse()
}

/// Whatever the data: a range within theirs, and parameters.
fn every_choice_is_within_the_data<T: Float>() {
    let some = finite_data::<T>().prop_filter("not empty", |src| !src.is_empty());
    for_random(12, some, |src| {
        let (observer, whole) = (histogram_of(&src), Range::of(&src).unwrap());
        for (scheme, clip) in SCHEMES.iter().flat_map(|s| CLIPS.map(|clip| (s(), clip))) {
            let range = match observer.range::<i8>(scheme, clip) {
                Ok(range) => range,
                // As without an observer.
                Err(error) => {
                    same("error", Err(error), scheme.params::<T, i8>(whole))?;
                    continue;
                }
            };
            let within = whole.min() <= range.min() && range.max() <= whole.max();
            same(&format!("{scheme:?} {clip:?} {range:?} within {whole:?}"), within, true)?;
            if matches!(clip, Clip::Percentile(_)) {
                same("params", observer.params::<i8>(scheme, clip), scheme.params(range))?;
            }
            if clip == Clip::Percentile(100.0) {
                same("100 per cent", range, whole)?;
            }
        }
        Ok(())
    });
}

#[test]
fn every_choice_is_within_the_data_f32() {
    every_choice_is_within_the_data::<f32>();
}

#[test]
fn every_choice_is_within_the_data_f64() {
    every_choice_is_within_the_data::<f64>();
}

#[test]
fn nothing_has_no_range() {
    for clip in CLIPS {
        let nothing = HistogramObserver::<f32>::default();
        assert_eq!(nothing.range::<u8>(Scheme::asymmetric(), clip), Err(Error::Empty));
    }
}

#[test]
fn zeros_have_scale_one() {
    for clip in CLIPS {
        let observer = histogram_of(&[0.0_f32, -0.0, 0.0]);
        let p: QParams<f32, i8> = observer.params(Scheme::symmetric(), clip).unwrap();
        assert_eq!((p.scale(), p.zero_point()), (1.0, 0));
        let p: QParams<f32, u8> = observer.params(Scheme::asymmetric(), clip).unwrap();
        assert_eq!((p.scale(), p.zero_point()), (1.0, 0));
    }
}

#[test]
fn one_number_is_its_range() {
    for x in [1.0_f64, -0.1, 1e300, -f64::MAX, 5e-324, 2047.999] {
        for (clip, len) in CLIPS.into_iter().flat_map(|clip| [(clip, 1), (clip, 1000)]) {
            let observer = histogram_of(&vec![x; len]);
            let range = observer.range::<u8>(Scheme::asymmetric(), clip);
            assert_eq!(range, Range::new(x, x), "{clip:?}");
        }
    }
}

#[test]
fn wrong_percentiles_and_schemes_are_refused() {
    let observer = histogram_of(&[1.0_f32, 2.0]);
    for percentile in [0.0, -1.0, 100.1, f64::NAN, f64::INFINITY] {
        let clip = Clip::Percentile(percentile);
        let error = observer.range::<u8>(Scheme::asymmetric(), clip).unwrap_err();
        let text = format!("percentile {percentile} is not above 0 and at most 100");
        assert_eq!(error.to_string(), text);
    }
    for clip in CLIPS {
        let outcome = observer.range::<u8>(Scheme::asymmetric().bits(9), clip);
        assert!(matches!(outcome, Err(Error::Bits { bits: 9, .. })));
    }
    assert_eq!(
        histogram_of(&[3.0_f32]).range::<u8>(Scheme::asymmetric().raw_range(), Clip::Entropy),
        Err(Scheme::asymmetric()
            .raw_range()
            .params::<f32, u8>(Range::new(3.0, 3.0).unwrap())
            .unwrap_err())
    );
}

#[test]
fn percentile_by_hand() {
    // 1, 2, …, 1000 and their negatives but for the last hundred. From 512 on, bins are 4 wide.
    let src: Vec<f32> = (-900..=1000).filter(|&i| i != 0).map(|i| i as f32).collect();
    let observer = histogram_of(&src);
    let range = |scheme, percentile| observer.range::<i8>(scheme, Clip::Percentile(percentile));
    // A tenth of 1900 may be beyond: a hundred above 900, and 45 on each side.
    assert_eq!(range(Scheme::symmetric(), 90.0), Range::new(-856.0, 856.0));
    // 95 on each side.
    assert_eq!(range(Scheme::asymmetric(), 90.0), Range::new(-808.0, 908.0));
    // Far from 0: five on each side of a hundred, and then to the next bin that has something.
    let observer = histogram_of(&(100..200).map(|i| i as f32).collect::<Vec<_>>());
    let scheme = Scheme::asymmetric().raw_range();
    let range = observer.range::<i8>(scheme, Clip::Percentile(90.0));
    assert_eq!(range, Range::new(105.0, 195.0));
    let observer = histogram_of(&(100..200).map(|i| -i as f32).collect::<Vec<_>>());
    let range = observer.range::<i8>(scheme, Clip::Percentile(90.0));
    assert_eq!(range, Range::new(-195.0, -105.0));
    // Percentiles are meant as decimal fractions: 0.1 per cent is 1 of 1000, and 999 is in the bin of 1000.
    let observer = histogram_of(&(1..=2000).map(|i| i as f32 / 2.0).collect::<Vec<_>>());
    let range = observer.range::<i8>(Scheme::symmetric(), Clip::Percentile(99.5));
    assert_eq!(range, Range::new(0.5, 996.0));
    let range = observer.range::<i8>(Scheme::symmetric(), Clip::Percentile(99.7));
    assert_eq!(range, Range::new(0.5, 1000.0));
}

/// On all ranges cut at a bin, what the data themselves say.
#[test]
fn least_error_is_the_least_of_the_data() {
    let mut src = bell(20_000, 1.0);
    src.extend([9.0, -8.5]);
    let observer = histogram_of(&src);
    for bits in [2, 3, 4, 6, 8] {
        let scheme = Scheme::symmetric().bits(bits);
        let chosen = observer.range::<i8>(scheme, Clip::LeastError).unwrap();
        let least = (1..=1200)
            .map(|k| k as f32 * 0.0078125)
            .map(|t| mse(&src, Range::new(-t, t).unwrap(), scheme))
            .fold(f64::INFINITY, f64::min);
        let found = mse(&src, chosen, scheme);
        assert!(found <= 1.002 * least, "{bits} bits: {chosen:?} has {found}, {least} is possible");
    }
}

/// Both ends at once, on a coarse lattice of all ranges.
#[test]
fn least_error_finds_both_ends() {
    let skewed: Vec<f32> = bell(20_000, 1.0)
        .into_iter()
        .map(|x| if x > 0.0 { x * x + x } else { 0.25 * x })
        .chain([30.0, -3.0])
        .collect();
    let observer = histogram_of(&skewed);
    for bits in [3, 4, 8] {
        let scheme = Scheme::asymmetric().bits(bits);
        let chosen = observer.range::<i8>(scheme, Clip::LeastError).unwrap();
        let mut least = f64::INFINITY;
        for (i, j) in (1..=24).flat_map(|i| (1..=60).map(move |j| (i, j))) {
            let range = Range::new(-0.125 * i as f32, 0.5 * j as f32).unwrap();
            least = least.min(mse(&skewed, range, scheme));
        }
        let found = mse(&skewed, chosen, scheme);
        assert!(found <= 1.01 * least, "{bits} bits: {chosen:?} has {found}, {least} is possible");
    }
}

/// Where codes are closer than bins, the places of elements in a bin are not known, but the error is.
#[test]
fn least_error_for_many_codes_clips_little() {
    let src = bell(20_000, 1.0);
    let observer = histogram_of(&src);
    let (scheme, whole) = (Scheme::asymmetric(), Range::of(&src).unwrap());
    let mse = |range| {
        let p: QParams<f32, i16> = scheme.params(range).unwrap();
        zeropoint::quantization_error(&src, &p).unwrap().mse()
    };
    let chosen = observer.range::<i16>(scheme, Clip::LeastError).unwrap();
    assert!(mse(chosen) <= 1.01 * mse(whole), "{chosen:?} of {whole:?}");
}

#[test]
fn zeros_cost_nothing_and_one_side_needs_no_other() {
    let src: Vec<f32> = bell(20_000, 1.0).into_iter().map(|x| x.max(0.0)).collect();
    let observer = histogram_of(&src);
    for clip in CLIPS {
        let range = observer.range::<u8>(Scheme::asymmetric(), clip).unwrap();
        assert_eq!(range.min(), 0.0, "{clip:?}");
    }
    let positive: Vec<f32> = src.iter().copied().filter(|x| *x > 0.0).collect();
    let without = histogram_of(&positive);
    for clip in [Clip::LeastError, Clip::Entropy] {
        let with = observer.range::<u8>(Scheme::asymmetric(), clip).unwrap();
        let without = without.range::<u8>(Scheme::asymmetric(), clip).unwrap();
        assert_eq!(with.max(), without.max(), "{clip:?}");
    }
}

/// The divergence bin by bin, as it is defined, of a range to an edge on both sides. `None` if half is
/// left out.
fn divergence(bins: &[(f32, u64)], edge: f32, p: &QParams<f32, i8>) -> Option<f64> {
    let code = |x: f32| {
        let code = (f64::from(x) / f64::from(p.scale())).round();
        code.clamp(p.qmin().into(), p.qmax().into()) as i8
    };
    let (inside, beyond): (Vec<_>, Vec<_>) = bins.iter().partition(|bin| bin.0.abs() < edge);
    let outermost = code(edge - edge / 512.0);
    // By code: the elements, those within the range, and the width of their bins.
    let mut cells = BTreeMap::<i8, (f64, f64, f64)>::new();
    let width = |x: f32| f64::from(x.abs().log2().floor().exp2()) / 128.0;
    for &(x, count) in &inside {
        let cell = cells.entry(code(x)).or_default();
        *cell = (cell.0 + count as f64, cell.1 + count as f64, cell.2 + width(x));
    }
    for &(x, count) in &beyond {
        let outermost = if x < 0.0 { -outermost } else { outermost };
        cells.entry(outermost).or_default().0 += count as f64;
    }
    let all: f64 = cells.values().map(|cell| cell.0).sum();
    let within: f64 = cells.values().map(|cell| cell.1).sum();
    let mut sum = 0.0;
    for &(x, count) in &inside {
        let (elements, kept, widths) = cells[&code(x)];
        let p = count as f64 * (elements / kept) / all;
        let q = kept * (width(x) / widths) / within;
        sum += p * (p / q).ln();
    }
    for (elements, ..) in cells.values().filter(|cell| cell.1 == 0.0) {
        sum += elements / all * (elements / all / (1e-4 / within)).ln();
    }
    (2.0 * within >= all).then_some(sum)
}

#[test]
fn entropy_is_the_least_divergence() {
    for (len, bits) in [(20_000, 8), (20_000, 4), (20_000, 3), (300, 4), (300, 8)] {
        let mut src: Vec<f32> = bell(len, 30.0);
        src.extend([-1100.5, -1099.5, 1099.5, 1100.5]);
        let observer = histogram_of(&src);
        let bins: Vec<_> = observer.bins().collect();
        let scheme = Scheme::symmetric().bits(bits);
        let of = |edge: f32| {
            let p: QParams<f32, i8> = scheme.params(Range::new(-edge, edge).unwrap()).unwrap();
            divergence(&bins, edge, &p)
        };
        // The outer edges of all bins that have elements, up to the data's end.
        let outer = |x: f32| f32::from_bits((x.abs().to_bits() >> 16 << 16) + (1 << 16));
        let edges = bins.iter().map(|bin| outer(bin.0)).filter(|edge| *edge < 1100.0);
        let least = edges.filter_map(of).fold(f64::INFINITY, f64::min);

        let chosen = observer.range::<i8>(scheme, Clip::Entropy).unwrap();
        assert_eq!(chosen.min(), -chosen.max());
        let found = of(chosen.max()).unwrap();
        assert!(found <= least + 1e-9, "{bits} bits: {chosen:?} has {found}, {least} is possible");
        assert!(chosen.max() < 200.0, "{chosen:?}");
    }
}

/// A sentinel at the type's end, and numbers next to 0, are no reason to lose the rest.
#[test]
fn entropy_is_robust_whatever_the_distance() {
    for scheme in [Scheme::symmetric(), Scheme::asymmetric()] {
        let mut src = bell(50_000, 1.0);
        src.extend([f32::MAX, -1e-40, 1e-38]);
        let range = histogram_of(&src).range::<i8>(scheme, Clip::Entropy).unwrap();
        assert!(range.max() < 6.0 && range.min() > -6.0, "{range:?}");
        let mut src: Vec<f64> = src.into_iter().map(f64::from).collect();
        src.extend([f64::MAX, -1e-310, 1e-307, -1e-300]);
        let range = histogram_of(&src).range::<i8>(scheme, Clip::Entropy).unwrap();
        assert!(range.max() < 6.0 && range.min() > -6.0, "{range:?}");
        // Every octave alike: no more than half of the elements is left out, and not none.
        let src: Vec<f64> = (-1000..1000).map(|n| 2_f64.powi(n) * 1.3).collect();
        let range = histogram_of(&src).range::<i8>(scheme, Clip::Entropy).unwrap();
        assert!((0.6..1e300).contains(&range.max()), "{range:?}");
    }
}

/// No bin tells the codes of 12 bits apart: the range is for as many as they tell.
#[test]
fn entropy_is_robust_whatever_the_codes() {
    let mut src = bell(100_000, 1.0);
    src.extend([1e9, -1e7]);
    let observer = histogram_of(&src);
    for (scheme, bits) in SCHEMES.iter().take(2).flat_map(|s| [2, 6, 9, 12, 16].map(|b| (s(), b))) {
        let range = observer.range::<i16>(scheme.bits(bits), Clip::Entropy).unwrap();
        assert!(range.max() < 6.0 && range.min() > -6.0, "{bits} bits: {range:?}");
    }
}

/// All in the cell of one code, a bin's elements would stand for all of them without any loss.
#[test]
fn entropy_keeps_half_of_the_elements() {
    let src: Vec<f32> = (0..10_000).map(|i| 100.0 + (i as f32 / 10_000.0).powi(2)).collect();
    let range = histogram_of(&src).range::<u8>(Scheme::asymmetric(), Clip::Entropy).unwrap();
    let kept = src.iter().filter(|x| **x <= range.max()).count();
    assert!(kept >= 5000, "{kept} elements in {range:?}");
}

#[test]
fn choices_of_negated_data_are_negated() {
    for_random(10, (any::<u8>(), 2..=8_u32), |(seed, bits)| {
        let src: Vec<f32> =
            bell(3000, 1.0).into_iter().map(|x| x * (1.0 + x.abs() * seed as f32)).collect();
        let negated: Vec<f32> = src.iter().map(|x| -x).collect();
        let (a, b) = (histogram_of(&src), histogram_of(&negated));
        for clip in CLIPS.into_iter().filter(|clip| *clip != Clip::Entropy) {
            let scheme = Scheme::symmetric().bits(bits);
            let (a, b) =
                (a.range::<i8>(scheme, clip).unwrap(), b.range::<i8>(scheme, clip).unwrap());
            // The sums are made from the other end, so not the same to the last bit.
            let close = |x: f32, y: f32| (x - y).abs() <= 0.02 * x.abs();
            same("mirrored", close(a.max(), -b.min()) && close(a.min(), -b.max()), true)?;
        }
        Ok(())
    });
}

/// The same bits on every machine.
#[test]
fn golden() {
    let src: Vec<f32> = bell(50_000, 1.0).into_iter().map(|x| x + 0.25 * x * x).collect();
    let observer = histogram_of(&src);
    let ends = |clip| {
        let asymmetric = observer.range::<u8>(Scheme::asymmetric(), clip).unwrap();
        let symmetric = observer.range::<i8>(Scheme::symmetric().bits(4), clip).unwrap();
        [asymmetric.min(), asymmetric.max(), symmetric.min(), symmetric.max()]
    };
    assert_eq!(ends(Clip::Percentile(99.9)), [-1.0, 6.9375, -1.0, 6.46875]);
    assert_eq!(ends(Clip::LeastError), [-1.0, 8.375, -1.0, 5.15625]);
    assert_eq!(ends(Clip::Entropy), [-0.99609375, 8.625, -1.0, 4.5]);
}
