//! Every operation, on random data, gives the bits of the scalar reference on every backend, and through
//! the C ABI where that is built; and the reference those of the contract, written a second time.

use crate::common::cases::{Case, any_case, codes, finite_case, params, scheme};
use crate::common::contract::{self, Plain};
use crate::common::floats::Float;
use crate::common::tested::{InAbi, tested};
use crate::common::{
    Int, error_bits, for_each_pair, for_each_pair_and_wide, for_random, min_max_bits, params_bits,
    same, same_codes, same_numbers,
};
use zeropoint::{Backend, Error, QParams, Range, Scalar};

for_each_pair_and_wide!(
    quantize,
    dequantize,
    min_max,
    range,
    abs_max,
    scalar_finds_the_abs_max_by_the_contract,
    params_over_a_slice,
    quantize_dynamic,
    quantization_error,
    scalar_quantizes_by_the_contract,
    scalar_sums_errors_by_the_contract,
    scalar_params_follow_the_contract,
);

const CASES: u32 = 5000;

fn quantize<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(2 * CASES, any_case::<T, Q>(), |Case { p, src }| {
        let mut expected = vec![Q::default(); src.len()];
        Scalar.quantize(&src, &p, &mut expected).unwrap();
        for backend in tested() {
            let mut got = vec![Q::default(); src.len()];
            backend.quantize(&src, &p, &mut got).unwrap();
            same_codes(backend.name(), &got, &expected)?;
        }
        Ok(())
    });
}

fn dequantize<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES, (params::<T, Q>(), codes::<Q>()), |(p, src)| {
        let mut expected = vec![T::of(7.0); src.len()];
        Scalar.dequantize(&src, &p, &mut expected).unwrap();
        let plain = Plain::of(&p);
        let by_contract: Vec<T> = src.iter().map(|q| plain.dequantize(q.int())).collect();
        same_numbers("contract", &expected, &by_contract)?;
        for backend in tested() {
            let mut got = vec![T::of(7.0); src.len()];
            backend.dequantize(&src, &p, &mut got).unwrap();
            same_numbers(backend.name(), &got, &expected)?;
        }
        Ok(())
    });
}

fn min_max<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES / 2, (any_case::<T, Q>(), finite_case::<T, Q>()), |(any, finite)| {
        for src in [any.src, finite.src] {
            let expected = min_max_bits(Scalar.min_max(&src));
            for backend in tested() {
                same(backend.name(), min_max_bits(backend.min_max(&src)), expected)?;
            }
        }
        Ok(())
    });
}

fn range<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES / 2, finite_case::<T, Q>(), |Case { src, .. }| {
        let bits = |range: Range<T>| (range.min().raw(), range.max().raw());
        let expected = Scalar.range(&src).map(bits);
        same("Range::of", Range::of(&src).map(bits), expected)?;
        for backend in tested() {
            same(backend.name(), backend.range(&src).map(bits), expected)?;
        }
        Ok(())
    });
}

fn abs_max<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES / 2, (any_case::<T, Q>(), finite_case::<T, Q>()), |(any, finite)| {
        for src in [any.src, finite.src] {
            let expected = Scalar.abs_max(&src).map(Float::raw);
            same("free function", zeropoint::abs_max(&src).map(Float::raw), expected)?;
            for backend in tested() {
                same(backend.name(), backend.abs_max(&src).map(Float::raw), expected)?;
            }
        }
        Ok(())
    });
}

fn scalar_finds_the_abs_max_by_the_contract<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES / 2, finite_case::<T, Q>(), |Case { src, .. }| {
        let expected = match src.iter().position(|x| !x.finite()) {
            Some(at) => Err(format!("NaN or infinity at element {at}")),
            None => src
                .iter()
                .map(|x| x.as_f64().abs())
                .max_by(f64::total_cmp)
                .map(|greatest| T::of(greatest).raw())
                .ok_or_else(|| Error::Empty.to_string()),
        };
        same("scalar", Scalar.abs_max(&src).map(Float::raw).map_err(|e| e.to_string()), expected)
    });
}

fn params_over_a_slice<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES / 2, (finite_case::<T, Q>(), scheme::<Q>()), |(Case { src, .. }, scheme)| {
        let ranges: Vec<Range<T>> = src.chunks(7).filter_map(|row| Range::of(row).ok()).collect();
        let mut expected = vec![QParams::<T, Q>::default(); ranges.len()];
        let outcome = Scalar.params(&ranges, scheme, &mut expected);
        let bits = |list: &[QParams<T, Q>]| -> Vec<_> {
            list.iter().map(|p| params_bits(Ok(*p))).collect()
        };
        for backend in tested() {
            let mut got = vec![QParams::<T, Q>::default(); ranges.len()];
            same(backend.name(), backend.params(&ranges, scheme, &mut got), outcome)?;
            same(backend.name(), bits(&got), bits(&expected))?;
        }
        Ok(())
    });
}

fn quantize_dynamic<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES, (finite_case::<T, Q>(), scheme::<Q>()), |(Case { src, .. }, scheme)| {
        let mut expected = vec![Q::of(77); src.len()];
        let p = params_bits(Scalar.quantize_dynamic(&src, scheme, &mut expected));
        for backend in tested() {
            let mut got = vec![Q::of(77); src.len()];
            let seen = params_bits(backend.quantize_dynamic(&src, scheme, &mut got));
            same(backend.name(), seen, p)?;
            same_codes(backend.name(), &got, &expected)?;
        }
        Ok(())
    });
}

fn quantization_error<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES, finite_case::<T, Q>(), |Case { p, src }| {
        let expected = error_bits(Scalar.quantization_error(&src, &p));
        for backend in tested() {
            let got = error_bits(backend.quantization_error(&src, &p));
            same(backend.name(), got, expected)?;
        }
        Ok(())
    });
}

fn scalar_quantizes_by_the_contract<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES, any_case::<T, Q>(), |Case { p, src }| {
        let plain = Plain::of(&p);
        let expected: Vec<Q> = src.iter().map(|x| Q::of(plain.quantize(*x))).collect();
        let mut got = vec![Q::default(); src.len()];
        Scalar.quantize(&src, &p, &mut got).unwrap();
        same_codes("scalar", &got, &expected)
    });
}

fn scalar_sums_errors_by_the_contract<T: Float + InAbi, Q: Int + InAbi>() {
    for_random(CASES / 2, finite_case::<T, Q>(), |Case { p, src }| {
        if src.iter().any(|x| !x.finite()) || src.is_empty() {
            return Ok(());
        }
        let expected = contract::error(&src, &Plain::of(&p)).bits(src.len());
        same("scalar", error_bits(Scalar.quantization_error(&src, &p)), Ok(expected))
    });
}

fn scalar_params_follow_the_contract<T: Float + InAbi, Q: Int + InAbi>() {
    let bits = 2..=Q::BITS;
    for_random(CASES, (finite_case::<T, Q>(), bits), |(Case { src, .. }, bits)| {
        let finite = src.iter().copied().filter(|x| x.finite());
        let (min, max) = finite.fold((T::of(0.0), T::of(0.0)), |(min, max), x| {
            (if x < min { x } else { min }, if x > max { x } else { max })
        });
        let range = Range::new(min, max).unwrap();
        let half = 1 << (bits - 1);
        let (qmin, qmax) = if Q::MIN < 0 { (-half, half - 1) } else { (0, 2 * half - 1) };

        let (scale, z) = contract::asymmetric(min, max, qmin, qmax);
        let z = (z as i32).clamp(qmin, qmax);
        let p = zeropoint::Scheme::asymmetric().bits(bits).params::<T, Q>(range);
        same("asymmetric", params_bits(p), Ok((scale.raw(), z, qmin, qmax)))?;

        let alpha = if min.negated() > max { min.negated() } else { max };
        let scale = contract::symmetric(alpha, bits);
        let z = if Q::MIN < 0 { 0 } else { half };
        let p = zeropoint::Scheme::symmetric().bits(bits).params::<T, Q>(range);
        same("symmetric", params_bits(p), Ok((scale.raw(), z, qmin + 1, qmax)))
    });
}
