//! Compares two results, and the times of two things.

use std::time::{Duration, Instant};

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::{bail, ensure};

/// The number of elements that differ, and the first of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Differences {
    pub elements: usize,
    pub different: usize,
    /// Index, one, other.
    pub first: Option<(usize, f64, f64)>,
}

impl Differences {
    /// Compares the bits: two zeros of different signs differ, equal NaNs do not.
    pub fn between(one: &[TValue], other: &[TValue]) -> TractResult<Self> {
        ensure!(one.len() == other.len(), "{} tensors and {}", one.len(), other.len());
        let mut all = Self::default();
        for (one, other) in one.iter().zip(other) {
            ensure!(one.datum_type() == other.datum_type(), "{one:?} and {other:?}");
            ensure!(one.shape() == other.shape(), "{one:?} and {other:?}");
            all.count(one, other)?;
        }
        Ok(all)
    }

    fn count(&mut self, one: &Tensor, other: &Tensor) -> TractResult<()> {
        let size = one.datum_type().size_of();
        let pairs = one.as_bytes().chunks_exact(size).zip(other.as_bytes().chunks_exact(size));
        for (i, (a, b)) in pairs.enumerate().filter(|(_, (a, b))| a != b) {
            self.different += 1;
            if self.first.is_none() {
                let t = one.datum_type();
                self.first = Some((self.elements + i, number(t, a)?, number(t, b)?));
            }
        }
        self.elements += one.len();
        Ok(())
    }

    pub fn add(&mut self, other: Self) {
        self.first = self.first.or(other.first);
        self.elements += other.elements;
        self.different += other.different;
    }
}

fn number(t: DatumType, bytes: &[u8]) -> TractResult<f64> {
    Ok(match (t, bytes) {
        (DatumType::U8, &[b]) => b.into(),
        (DatumType::I8, &[b]) => (b as i8).into(),
        (DatumType::F32, &[a, b, c, d]) => f32::from_ne_bytes([a, b, c, d]).into(),
        _ => bail!("no results of type {t:?} here"),
    })
}

/// The shortest time of each of two, measured by turns so that both see the same machine.
pub fn shortest<E>(
    enough: Duration,
    mut one: impl FnMut() -> Result<(), E>,
    mut other: impl FnMut() -> Result<(), E>,
) -> Result<[Duration; 2], E> {
    let (began, mut shortest) = (Instant::now(), [Duration::MAX; 2]);
    // Five times at least, whatever they take.
    for round in 0.. {
        if round > 5 && began.elapsed() > enough {
            break;
        }
        shortest[0] = shortest[0].min(time(&mut one)?);
        shortest[1] = shortest[1].min(time(&mut other)?);
    }
    Ok(shortest)
}

fn time<E>(job: &mut impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    let began = Instant::now();
    job()?;
    Ok(began.elapsed())
}
