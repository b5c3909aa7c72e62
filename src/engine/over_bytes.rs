//! Packed codes, by way of the kernels that make a byte of each code.

use bytemuck::Zeroable;

use super::{CodeEngine, Engine, Loads, RealEngine, Stores, Vector};
use crate::blocks::{self, Layout};
use crate::element::Real;
use crate::error::Error;
use crate::granularity::{Granularity, Line};
use crate::kernel::{QuantizeDynamicBlocks, ask_ahead};
use crate::packed::Packed;
use crate::params::Affine;
use crate::reference;
use crate::scheme::Scheme;
use crate::simd::{Codes, Elements, Kernel, Portable, Simd};
use crate::slices::{self, Mapped, ParamsMut, Sliced};

/// The engine of packed codes on the instruction set `S`.
///
/// A code that fits its type fits a byte, so the kernels of bytes find the same codes. They go through
/// a buffer that stays in the first cache.
#[derive(Debug)]
pub(crate) struct OverBytes<S>(pub(crate) S);

/// Codes in the buffer: whole elements of any type, few enough that a short slice does not wait for the buffer
/// to be cleared, and so many that the calls for each chunk do not count.
const CHUNK: usize = 1024;

/// The same where every chunk begins with a table of its columns' parameters: long enough for those
/// of narrow rows to be few beside it.
const CHUNK_OF_ROWS: usize = 4096;

/// As many bytes, at a cache line.
#[repr(align(64))]
struct Buffer<B, const N: usize>([B; N]);

/// `dst` from one code a byte.
struct Pack<'a, T, P: Packed> {
    codes: &'a [P::Byte],
    dst: &'a mut [P],
    /// What the codes were made of, where more of it is to be asked for.
    asked: &'a [T],
}

impl<S: Simd, T, P: Packed> Kernel<S> for Pack<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        ask_ahead(s, self.asked);
        P::pack_all(self.codes, self.dst);
    }
}

/// One code a byte from `src`.
struct Unpack<'a, P: Packed> {
    src: &'a [P],
    codes: &'a mut [P::Byte],
}

impl<S, P: Packed> Kernel<S> for Unpack<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: S) {
        P::unpack_all(self.src, self.codes);
    }
}

impl<S> OverBytes<S> {
    /// Packs what `bytes` makes of each piece of `src`, given with the number of its first element;
    /// the first code begins an element of `dst`.
    fn pack<const N: usize, T: Real, P: Packed>(
        &self,
        src: &[T],
        dst: &mut [P],
        loads: Loads,
        bytes: impl Fn(usize, &[T], &mut [P::Byte]),
    ) where
        S: Codes<P::Byte>,
    {
        let mut buffer = Buffer([P::Byte::zeroed(); N]);
        let pieces = src.chunks(N).zip(dst.chunks_mut(N / P::PER_ELEMENT));
        for (i, (src, dst)) in pieces.enumerate() {
            let (codes, rest) = buffer.0.split_at_mut(src.len());
            bytes(i * N, src, codes);
            // The places that an odd end leaves hold code 0.
            let padding = dst.len() * P::PER_ELEMENT - src.len();
            rest[..padding].fill(P::Byte::zeroed());
            let codes = &buffer.0[..src.len() + padding];
            let asked = if loads.is_ahead() { src } else { &[] };
            self.0.vectorize(Pack { codes, dst, asked });
        }
    }

    /// The reverse of [`pack`](Self::pack).
    fn unpack<const N: usize, T: Real, P: Packed>(
        &self,
        src: &[P],
        dst: &mut [T],
        bytes: impl Fn(usize, &[P::Byte], &mut [T]),
    ) where
        S: Codes<P::Byte>,
    {
        let mut buffer = Buffer([P::Byte::zeroed(); N]);
        let pieces = src.chunks(N / P::PER_ELEMENT).zip(dst.chunks_mut(N));
        for (i, (src, dst)) in pieces.enumerate() {
            let codes = &mut buffer.0[..src.len() * P::PER_ELEMENT];
            self.0.vectorize(Unpack { src, codes });
            bytes(i * N, &buffer.0[..dst.len()], dst);
        }
    }
}

/// How many of `len` codes from number `at` on stand in an element that they do not begin.
fn leading<P: Packed>(at: usize, len: usize) -> usize {
    (at.next_multiple_of(P::PER_ELEMENT) - at).min(len)
}

impl<S, T, P> Engine<T, P> for OverBytes<S>
where
    S: Elements<T> + Codes<P::Byte>,
    Portable: Elements<T> + Codes<P::Byte>,
    T: Real,
    P: Packed,
{
    fn erased(&self) -> &dyn Engine<T, P> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }

    fn quantize(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [P],
        at: usize,
        stores: Stores,
    ) {
        let (first, src) = src.split_at(leading::<P>(at, src.len()));
        reference::quantize(first, p, dst, at);
        let dst = &mut dst[(at + first.len()) / P::PER_ELEMENT..];
        self.pack::<CHUNK, T, P>(src, dst, stores.loads(), |_, src, codes| {
            Vector(self.0).quantize(src, p, codes, 0, Stores::Cached);
        });
    }

    fn quantize_within(
        &self,
        src: &[T],
        p: &Affine<T::Compute>,
        dst: &mut [P],
        at: usize,
        stores: Stores,
    ) {
        let (first, src) = src.split_at(leading::<P>(at, src.len()));
        reference::quantize(first, p, dst, at);
        let dst = &mut dst[(at + first.len()) / P::PER_ELEMENT..];
        self.pack::<CHUNK, T, P>(src, dst, stores.loads(), |_, src, codes| {
            Vector(self.0).quantize_within(src, p, codes, 0, Stores::Cached);
        });
    }

    fn dequantize(
        &self,
        src: &[P],
        at: usize,
        p: &Affine<T::Compute>,
        dst: &mut [T],
        stores: Stores,
    ) {
        let (first, dst) = dst.split_at_mut(leading::<P>(at, dst.len()));
        reference::dequantize(src, at, p, first);
        let src = &src[(at + first.len()) / P::PER_ELEMENT..];
        let order = || self.0.fence();
        stores.in_pieces(order, |stores| {
            self.unpack::<CHUNK, T, P>(src, dst, |_, codes, dst| {
                Vector(self.0).dequantize(codes, 0, p, dst, stores);
            });
        });
    }

    fn quantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[T], dst: &mut [P]) {
        let granularity = of.granularity;
        if !granularity.is_banded() && Layout::of(granularity, S::LANES).is_none() {
            return slices::quantize(self, of, src, dst);
        }
        if granularity.is_pitched() {
            for Line { first, len, src: at, dst: code } in of.lines(src.len()) {
                let dst = &mut dst[code / P::PER_ELEMENT..][..len.div_ceil(P::PER_ELEMENT)];
                let row = Sliced { granularity: &granularity.flat(), first, ..of };
                self.quantize_slices(row, &src[at..at + len], dst);
            }
            return;
        }
        self.pack::<CHUNK_OF_ROWS, T, P>(src, dst, Loads::Cached, |at, src, codes| {
            let of = Sliced { stores: Stores::Cached, ..of.behind(at) };
            Vector(self.0).quantize_slices(of, src, codes);
        });
    }

    fn dequantize_slices(&self, of: Mapped<'_, T::Compute>, src: &[P], dst: &mut [T]) {
        let granularity = of.granularity;
        if !granularity.is_banded() && Layout::of(granularity, S::LANES).is_none() {
            return slices::dequantize(self, of, src, dst);
        }
        if granularity.is_pitched() {
            for Line { first, len, src: code, dst: at } in
                granularity.lines_of_dst(of.first, dst.len())
            {
                let src = &src[code / P::PER_ELEMENT..][..len.div_ceil(P::PER_ELEMENT)];
                let row = Sliced { granularity: &granularity.flat(), first, ..of };
                self.dequantize_slices(row, src, &mut dst[at..at + len]);
            }
            return;
        }
        of.in_pieces(
            || self.0.fence(),
            |of| {
                self.unpack::<CHUNK_OF_ROWS, T, P>(src, dst, |at, codes, dst| {
                    Vector(self.0).dequantize_slices(of.behind(at), codes, dst);
                });
            },
        );
    }

    fn quantize_dynamic_slices(
        &self,
        reals: &dyn RealEngine<T>,
        granularity: &Granularity,
        src: &[T],
        scheme: Scheme,
        mut params: ParamsMut<'_, T::Compute, P>,
        dst: &mut [P],
        stores: Stores,
    ) -> Result<(), Error> {
        let layout = Layout::of(granularity, S::LANES)
            .filter(|layout| layout.begins_elements(src.len(), P::PER_ELEMENT));
        let (Some(layout), Some(spread)) = (layout, scheme.spread::<P>()) else {
            let (all, params) = (0..granularity.slices(), &mut params);
            return slices::quantize_dynamic(
                self,
                reals,
                granularity,
                all,
                src,
                scheme,
                params,
                dst,
                stores,
            );
        };
        let mut buffer = Buffer([P::Byte::zeroed(); CHUNK_OF_ROWS]);
        let block = layout.block;
        let kernel = |src: &[T], found: &mut dyn FnMut(usize, &_), dst: &mut [P]| {
            // Whole blocks: they have at most 1024 elements, a power of two.
            let codes = &mut buffer.0[..CHUNK_OF_ROWS.min(dst.len() * P::PER_ELEMENT)];
            let done = self.0.vectorize(QuantizeDynamicBlocks {
                src,
                block,
                spread,
                found,
                dst: codes,
                loads: stores.loads(),
                stores: Stores::Cached,
            });
            let asked: &[T] = &[];
            let dst = &mut dst[..done / P::PER_ELEMENT];
            self.0.vectorize(Pack { codes: &buffer.0[..done], dst, asked });
            done
        };
        blocks::quantize_dynamic(
            self,
            reals,
            granularity,
            &layout,
            src,
            scheme,
            params,
            dst,
            stores,
            S::LANES,
            kernel,
        )
    }
}

impl<S: Codes<P::Byte>, P: Packed> CodeEngine<P> for OverBytes<S> {
    fn erased(&self) -> &dyn CodeEngine<P> {
        self
    }

    fn order(&self) {
        self.0.fence();
    }
}

/// As `door!`, for packed codes.
macro_rules! packed_door {
    ($isa:expr) => {{
        use $crate::backend::{Isa, Scalar};
        use $crate::simd::Simd;
        match $isa {
            Isa::Scalar(Scalar) => &Scalar,
            Isa::Portable(s) => s.over_bytes(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(s) => s.over_bytes(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(s) => s.over_bytes(),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon(s) => s.over_bytes(),
        }
    }};
}
pub(crate) use packed_door;

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::CHUNK;
    use crate::backend::Schedule;
    use crate::engine::{Stores, fallback};
    use crate::{Auto, Backend, Compute, I2x4, I4x2, QParams, Real, U2x4, U4x2, reference};

    use crate::packed::Packed;

    /// Bytes around what an engine may write.
    const GUARD: usize = 3;

    fn is_the_reference<T: Real<Compute = T> + Compute, P: Packed>(backend: Auto, lens: &[usize]) {
        let engine = T::engine::<P>(backend.isa());
        let src: Vec<T> =
            (0..3000).map(|i| T::from_i32(i * 37 % 100 - 50) / T::from_i32(8)).collect();
        let every: Vec<P> = (0..3000).map(|i| bytemuck::cast::<u8, P>(i as u8)).collect();
        for scale in [T::ONE, T::MIN_POSITIVE] {
            let p = QParams::<T, P>::with_codes(scale, P::MIN + 1, P::MIN, P::MAX - 1).unwrap();
            let p = p.affine();
            for (&len, at) in lens.iter().flat_map(|len| (0..4).map(move |at| (len, at))) {
                let end = (at + len).div_ceil(P::PER_ELEMENT);
                let (mut expected, mut x) = (every.clone(), vec![T::ZERO; len]);
                reference::quantize(&src[..len], p, &mut expected[GUARD..], at);
                reference::dequantize(&every, at, p, &mut x);
                for stores in [Stores::Cached, Stores::Streamed] {
                    fallback::COUNT.set(0);
                    let mut q = every.clone();
                    engine.quantize(&src[..len], p, &mut q[GUARD..GUARD + end], at, stores);
                    assert!(q == expected, "{backend:?}: quantize {len} at {at}");
                    let mut y = vec![T::ONE; len];
                    engine.dequantize(&every[..end], at, p, &mut y, stores);
                    assert!(x == y, "{backend:?}: dequantize {len} at {at}");
                    let native = fallback::COUNT.get() == 0;
                    assert_eq!(native, backend.name() != "scalar", "{backend:?}");
                }
            }
        }
    }

    #[test]
    fn packed_codes_are_those_of_the_reference_at_every_place() {
        let lens: Vec<usize> = (0..=130)
            .chain(CHUNK - 9..CHUNK + 9)
            .chain([300, 2 * CHUNK, 2 * CHUNK + 513])
            .collect();
        for backend in Auto::available() {
            is_the_reference::<f32, I4x2>(backend, &lens);
            is_the_reference::<f32, U4x2>(backend, &lens);
            is_the_reference::<f32, I2x4>(backend, &lens);
            is_the_reference::<f32, U2x4>(backend, &lens);
            is_the_reference::<f64, I4x2>(backend, &lens);
            is_the_reference::<f64, U2x4>(backend, &lens);
        }
    }
}
