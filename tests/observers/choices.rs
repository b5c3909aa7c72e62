use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any};
use zeropoint::observer::{Clip, HistogramObserver};
use zeropoint::{Error, QParams, Range, Scheme};

use super::common::floats::Float;
use super::common::{for_random, same};
use super::{CLIPS, bell, finite_data, histogram_of};

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
    // 1, 2, …, 1000 and their negatives but for the last hundred; bins half as wide.
    let src: Vec<f32> = (-900..=1000).filter(|&i| i != 0).map(|i| i as f32).collect();
    let observer = histogram_of(&src);
    assert_eq!(observer.bin_width(), 0.5);
    let range = |scheme, percentile| observer.range::<i8>(scheme, Clip::Percentile(percentile));
    // A tenth of 1900 may be beyond: a hundred above 900, and 45 on each side.
    assert_eq!(range(Scheme::symmetric(), 90.0), Range::new(-855.5, 855.5));
    // 95 on each side.
    assert_eq!(range(Scheme::asymmetric(), 90.0), Range::new(-805.5, 905.5));
    // Far from 0: five on each side of a hundred, and then to the next bin that has something.
    let observer = histogram_of(&(100..200).map(|i| i as f32).collect::<Vec<_>>());
    assert_eq!(observer.bin_width(), 0.125);
    let scheme = Scheme::asymmetric().raw_range();
    let range = observer.range::<i8>(scheme, Clip::Percentile(90.0));
    assert_eq!(range, Range::new(105.0, 194.125));
    let observer = histogram_of(&(100..200).map(|i| -i as f32).collect::<Vec<_>>());
    let range = observer.range::<i8>(scheme, Clip::Percentile(90.0));
    assert_eq!(range, Range::new(-194.125, -105.0));
    // As decimal fractions are meant: 0.1 per cent is 1 of 1000.
    let observer = histogram_of(&(1..=1000).map(|i| i as f32).collect::<Vec<_>>());
    let range = observer.range::<i8>(Scheme::symmetric(), Clip::Percentile(99.9));
    assert_eq!(range, Range::new(1.0, 999.5));
}

#[test]
fn percentile_keeps_enough_and_no_more() {
    let some = (finite_data::<f64>(), 1.0..100.0_f64);
    for_random(300, some, |(src, percentile)| {
        if src.is_empty() {
            return Ok(());
        }
        let observer = histogram_of(&src);
        for scheme in [Scheme::symmetric(), Scheme::asymmetric()] {
            let range = observer.range::<i8>(scheme, Clip::Percentile(percentile)).unwrap();
            let (min, max) = (range.min().min(0.0), range.max().max(0.0));
            let kept = |min, max| src.iter().filter(|&&x| min <= x && x <= max).count() as f64;
            let enough = percentile / 100.0 * src.len() as f64;
            same(&format!("{range:?} keeps enough"), kept(min, max) >= enough - 1e-6, true)?;
            // A bin less on both sides is too little, if that leaves a range with a width.
            let w = observer.bin_width();
            if min <= -w && max >= w && max - min > 2.0 * w {
                let kept = kept(min + w, max - w);
                same(&format!("{range:?} is least"), kept < enough + 1e-6, true)?;
            }
        }
        Ok(())
    });
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
    let entropy = observer.range::<i16>(scheme, Clip::Entropy).unwrap();
    assert_eq!(entropy, whole, "no code is as wide as a bin");
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

/// The divergence bin by bin, as it is defined, of bins of width 1. `None` if half is left out.
fn divergence(bins: &[(f32, u64)], range: Range<f32>, p: &QParams<f32, i8>) -> Option<f64> {
    let (min, max) = (range.min(), range.max());
    let count = |of: &dyn Fn(f32) -> bool| {
        bins.iter().filter(|bin| of(bin.0)).map(|bin| bin.1 as f64).sum::<f64>()
    };
    let (all, within) = (count(&|_| true), count(&|x| min < x && x < max));
    let middles: Vec<f32> = (0..(max - min) as i32).map(|i| min + 0.5 + i as f32).collect();
    let code = |x: &f32| (f64::from(*x) / f64::from(p.scale())).round_ties_even();
    let code = |x| code(x).clamp(p.qmin().into(), p.qmax().into()) as i8;
    let codes: Vec<i8> = middles.iter().map(code).collect();

    // By code: the elements within, and the bins that have any.
    let mut cells = BTreeMap::<i8, (f64, f64)>::new();
    let mut shares = Vec::new();
    for (i, (&middle, &code)) in middles.iter().zip(&codes).enumerate() {
        let bin = bins.binary_search_by(|bin| bin.0.total_cmp(&middle));
        let q = bin.map_or(0.0, |bin| bins[bin].1 as f64);
        let mut p = q;
        p += if i == 0 { count(&|x| x < min) } else { 0.0 };
        p += if i + 1 == middles.len() { count(&|x| x > max) } else { 0.0 };
        if p > 0.0 {
            let cell = cells.entry(code).or_default();
            *cell = (cell.0 + q, cell.1 + 1.0);
            shares.push((code, p / all));
        }
    }
    let q = |code| match cells[&code] {
        (0.0, bins) => 1e-4 / bins / within,
        (elements, bins) => elements / bins / within,
    };
    let sum = shares.iter().map(|&(code, p)| p * (p / q(code)).ln()).sum();
    (2.0 * within >= all).then_some(sum)
}

#[test]
fn entropy_is_the_least_divergence() {
    for (len, bits) in [(20_000, 4), (20_000, 3), (300, 4)] {
        // Every element in the middle of a bin of width 1.
        let mut src: Vec<f32> = bell(len, 30.0).into_iter().map(|x| x.floor() + 0.5).collect();
        src.extend([-1100.5, -1099.5, 1099.5, 1100.5]);
        let observer = histogram_of(&src);
        assert_eq!(observer.bin_width(), 1.0);
        let bins: Vec<_> = observer.bins().collect();
        let scheme = Scheme::symmetric().bits(bits);
        let of = |range: Range<f32>| {
            let p: QParams<f32, i8> = scheme.params(range).unwrap();
            (p.scale() >= 1.0).then(|| divergence(&bins, range, &p)).flatten()
        };
        let cut_at = |t: i32| Range::new(-t as f32, t as f32).unwrap();
        let least = (1..=1100).filter_map(|t| of(cut_at(t))).fold(f64::INFINITY, f64::min);

        let chosen = observer.range::<i8>(scheme, Clip::Entropy).unwrap();
        let found = of(chosen).unwrap();
        assert!(found <= least + 1e-12, "{bits} bits: {chosen:?} has {found}, {least} is possible");
        assert!(chosen.max() < 200.0, "{chosen:?}");
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
    assert_eq!(ends(Clip::Percentile(99.9)), [-1.0, 6.9140625, -1.0, 6.4453125]);
    assert_eq!(ends(Clip::LeastError), [-1.0, 8.390625, -1.0, 5.140625]);
    assert_eq!(ends(Clip::Entropy), [-1.0, 7.34375, -1.0, 6.7421875]);
}
