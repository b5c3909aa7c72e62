//! The kernels of packed codes, which use the kernels of bytes, with one code a byte.
//!
//! A code of a packed type fits a byte, so the kernels of bytes return the same codes. The bytes pass through a buffer
//! that stays in the first cache.

use core::ops::Range;

use bytemuck::Zeroable;

use super::{Isa, Kernels, dequantize_as_reference, quantize_as_reference};
use crate::element::{Compute, Real};
use crate::kernel::{Io, Loop, OnColumns, OnSlice, OnSlices, Stores, prefetch_ahead};
use crate::packed::Packed;
use crate::params::Affine;
use crate::reference;
use crate::scheme::CodeGrid;
use crate::simd::{Kernel, Simd};

/// The number of codes in the buffer for one parameter: few enough that a short slice does not wait for the buffer to
/// be cleared, and so many that the calls for each chunk cost next to nothing.
const SHORT_CHUNK: usize = 1024;

/// The number of codes in the buffer if every chunk begins with a table, so large that narrow rows need few tables.
pub(crate) const CHUNK: usize = 4096;

/// The number of codes in the buffer for short slices. Clearing a longer buffer takes twice the time per byte.
const GROUP: usize = 2048;

/// An array that starts at a cache line.
#[repr(align(64))]
struct Buffer<B, const N: usize>([B; N]);

/// Packs codes from bytes of one code each.
struct Pack<'a, P: Packed> {
    codes: &'a [P::Byte],
    dst: &'a mut [P],
    /// The bytes from which the codes were made, if the bytes behind them are to be prefetched.
    asked: &'a [u8],
}

impl<S: Simd, P: Packed> Kernel<S> for Pack<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run(self, s: S) {
        prefetch_ahead(s, self.asked);
        P::pack_all(self.codes, self.dst);
    }
}

/// Unpacks codes to bytes of one code each.
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

// The kernels of bytes are passed as functions of a range of codes, or of a group.
type ToBytes<'a, P> = &'a mut dyn FnMut(Range<usize>, &mut [<P as Packed>::Byte]);
type FromBytes<'a, P> = &'a mut dyn FnMut(Range<usize>, &[<P as Packed>::Byte]);
type OnGroup<'a, T, P> = &'a mut dyn FnMut(
    &mut Io<'_, T, <P as Packed>::Byte>,
    &mut OnSlices<'_, Affine<<T as Real>::Compute>>,
) -> bool;

/// Calls `bytes` with ranges of at most N of `len` codes, and packs the codes that `bytes` writes. The first code
/// begins an element of `dst`. Prefetches the elements behind `asked`.
pub(crate) fn pack<const N: usize, P: Packed>(
    isa: Isa,
    len: usize,
    dst: &mut [P],
    asked: &[u8],
    bytes: ToBytes<'_, P>,
) {
    let mut buffer = Buffer([P::Byte::zeroed(); N]);
    let size = if asked.is_empty() { 0 } else { asked.len() / len };
    for (i, dst) in dst.chunks_mut(N / P::PER_ELEMENT).take(len.div_ceil(N)).enumerate() {
        let part = i * N..len.min((i + 1) * N);
        let (codes, rest) = buffer.0.split_at_mut(part.len());
        bytes(part.clone(), codes);
        // The places behind the last code of an element hold code 0.
        let padding = dst.len() * P::PER_ELEMENT - part.len();
        rest[..padding].fill(P::Byte::zeroed());
        let codes = &buffer.0[..part.len() + padding];
        let asked = &asked[part.start * size..part.end * size];
        select!(isa, s => s.vectorize(Pack { codes, dst, asked }), P::pack_all(codes, dst));
    }
}

/// Calls `bytes` with ranges of at most N of `len` codes, and with these codes, unpacked.
pub(crate) fn unpack<const N: usize, P: Packed>(
    isa: Isa,
    src: &[P],
    len: usize,
    bytes: FromBytes<'_, P>,
) {
    let mut buffer = Buffer([P::Byte::zeroed(); N]);
    for (i, src) in src.chunks(N / P::PER_ELEMENT).take(len.div_ceil(N)).enumerate() {
        let part = i * N..len.min((i + 1) * N);
        let codes = &mut buffer.0[..src.len() * P::PER_ELEMENT];
        select!(isa, s => s.vectorize(Unpack { src, codes }), P::unpack_all(src, codes));
        bytes(part.clone(), &buffer.0[..part.len()]);
    }
}

/// Returns how many of `len` codes from number `at` on share their element with a code before `at`.
fn leading<P: Packed>(at: usize, len: usize) -> usize {
    (at.next_multiple_of(P::PER_ELEMENT) - at).min(len)
}

/// A loop over packed codes that uses the same loop over bytes.
pub(crate) trait ByBytes<C: Compute>: Loop<Affine<C>> {
    /// Quantizes, or returns `false` as [`Kernels::quantize`] does.
    fn quantize_packed<T, P, const IN_RANGE: bool>(self, isa: Isa, io: &mut Io<'_, T, P>) -> bool
    where
        T: Real<Compute = C>,
        P: Packed<Byte: Kernels<T>>;

    /// Dequantizes, or returns `false` as [`Kernels::dequantize`] does.
    fn dequantize_packed<T, P>(self, isa: Isa, io: &mut Io<'_, P, T>) -> bool
    where
        T: Real<Compute = C>,
        P: Packed<Byte: Kernels<T>>;
}

impl<C: Compute> ByBytes<C> for OnSlice<'_, Affine<C>> {
    fn quantize_packed<T, P, const IN_RANGE: bool>(self, isa: Isa, io: &mut Io<'_, T, P>) -> bool
    where
        T: Real<Compute = C>,
        P: Packed<Byte: Kernels<T>>,
    {
        let (Self { p, at }, Io { src, dst, stores }) = (self, io.reborrow());
        let (first, src) = src.split_at(leading::<P>(at, src.len()));
        reference::quantize(first, p, dst, at);
        let dst = &mut dst[(at + first.len()) / P::PER_ELEMENT..];
        let asked = if stores.is_streamed() { bytemuck::cast_slice(src) } else { &[] };
        pack::<SHORT_CHUNK, P>(isa, src.len(), dst, asked, &mut |part, dst| {
            let io = &mut Io { src: &src[part], dst, stores: Stores::Cached };
            P::Byte::quantize::<_, IN_RANGE>(isa, io, OnSlice { p, at: 0 });
        });
        true
    }

    fn dequantize_packed<T, P>(self, isa: Isa, io: &mut Io<'_, P, T>) -> bool
    where
        T: Real<Compute = C>,
        P: Packed<Byte: Kernels<T>>,
    {
        let (Self { p, at }, Io { src, dst, stores }) = (self, io.reborrow());
        let (first, dst) = dst.split_at_mut(leading::<P>(at, dst.len()));
        reference::dequantize(src, at, p, first);
        let src = &src[(at + first.len()) / P::PER_ELEMENT..];
        unpack::<SHORT_CHUNK, P>(isa, src, dst.len(), &mut |part, src| {
            let io = &mut Io { src, dst: &mut dst[part], stores };
            P::Byte::dequantize(isa, io, OnSlice { p, at: 0 });
        });
        true
    }
}

impl<C: Compute> ByBytes<C> for &mut OnSlices<'_, Affine<C>> {
    fn quantize_packed<T, P, const IN_RANGE: bool>(self, isa: Isa, io: &mut Io<'_, T, P>) -> bool
    where
        T: Real<Compute = C>,
        P: Packed<Byte: Kernels<T>>,
    {
        pack_group(isa, io, self, &mut |io, on| P::Byte::quantize::<_, IN_RANGE>(isa, io, on))
    }

    fn dequantize_packed<T, P>(self, isa: Isa, io: &mut Io<'_, P, T>) -> bool
    where
        T: Real<Compute = C>,
        P: Packed<Byte: Kernels<T>>,
    {
        let OnSlices { table, group, scratch } = self;
        let (from, to) = (group.start().src, group.end.src);
        if !from.is_multiple_of(P::PER_ELEMENT) || !group.has_no_gaps() || group.len > GROUP {
            return false;
        }
        let src = &io.src[from / P::PER_ELEMENT..to.div_ceil(P::PER_ELEMENT)];
        let codes = &mut bytemuck::cast_slice_mut(scratch)[..src.len() * P::PER_ELEMENT];
        select!(isa, s => s.vectorize(Unpack { src, codes }), return false);
        let mut bytes = Io { src: codes, dst: &mut *io.dst, stores: io.stores };
        let group = &group.placed_at(0, group.start().dst);
        P::Byte::dequantize(
            isa,
            &mut bytes,
            &mut OnSlices { table: &mut **table, group, scratch: &mut [] },
        )
    }
}

/// Is never called: `drive/packed.rs` turns columns of packed codes into columns of bytes.
impl<C: Compute> ByBytes<C> for OnColumns<'_, Affine<C>> {
    fn quantize_packed<T: Real, P, const IN_RANGE: bool>(
        self,
        _: Isa,
        _: &mut Io<'_, T, P>,
    ) -> bool {
        false
    }
    fn dequantize_packed<T: Real, P>(self, _: Isa, _: &mut Io<'_, P, T>) -> bool {
        false
    }
}

impl<T: Real, P: Packed<Byte: Kernels<T>>> Kernels<T> for P {
    const LONGEST_GROUP: usize = GROUP;
    const QUANTIZES_COLUMNS: bool = false;
    const DEQUANTIZES_COLUMNS: bool = false;
    const HAS_SLICES: bool = P::Byte::HAS_SLICES;
    type Scratch = [u8; GROUP];

    fn quantize<L: ByBytes<T::Compute>, const IN_RANGE: bool>(
        isa: Isa,
        io: &mut Io<'_, T, P>,
        on: L,
    ) -> bool {
        match isa {
            Isa::Scalar => quantize_as_reference(io, on.one()),
            isa => on.quantize_packed::<_, _, IN_RANGE>(isa, io),
        }
    }

    fn dequantize<L: ByBytes<T::Compute>>(isa: Isa, io: &mut Io<'_, P, T>, on: L) -> bool {
        match isa {
            Isa::Scalar => dequantize_as_reference(io, on.one()),
            isa => on.dequantize_packed(isa, io),
        }
    }

    fn quantize_dynamic(
        isa: Isa,
        io: &mut Io<'_, T, P>,
        code_grid: &CodeGrid,
        on: &mut OnSlices<'_, Affine<T::Compute>>,
    ) -> bool {
        pack_group(isa, io, on, &mut |io, on| P::Byte::quantize_dynamic(isa, io, code_grid, on))
    }
}

/// Calls `bytes` to write the codes of a group to a buffer, and packs them. Returns `false` if `bytes` does, or if the
/// group shares its first or last element with other codes.
fn pack_group<T: Real, P: Packed>(
    isa: Isa,
    io: &mut Io<'_, T, P>,
    OnSlices { table, group, scratch }: &mut OnSlices<'_, Affine<T::Compute>>,
    bytes: OnGroup<'_, T, P>,
) -> bool {
    let (from, to, per) = (group.start().dst, group.end.dst, P::PER_ELEMENT);
    let begins = from.is_multiple_of(per);
    let ends = to.is_multiple_of(per) || to.div_ceil(per) == io.dst.len();
    if !(begins && ends && group.has_no_gaps() && group.len <= GROUP) {
        return false;
    }
    let codes = &mut bytemuck::cast_slice_mut(scratch)[..group.len.next_multiple_of(per)];
    codes[group.len..].fill(P::Byte::zeroed());
    let dst = &mut codes[..group.len];
    let mut in_buffer = Io { src: io.src, dst, stores: Stores::Cached };
    let group = &group.placed_at(group.start().src, 0);
    if !bytes(&mut in_buffer, &mut OnSlices { table: &mut **table, group, scratch: &mut [] }) {
        return false;
    }
    let (dst, asked) = (&mut io.dst[from / per..to.div_ceil(per)], &[][..]);
    select!(isa, s => s.vectorize(Pack { codes, dst, asked }), return false);
    true
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::{Kernels, SHORT_CHUNK};
    use crate::backend::Schedule;
    use crate::engine::fallback;
    use crate::kernel::{Io, OnSlice, Stores};
    use crate::packed::Packed;
    use crate::{Auto, Backend, Compute, I2x4, I4x2, QParams, Real, U2x4, U4x2, reference};

    /// The number of guard bytes around the memory that a kernel may write.
    const GUARD: usize = 3;

    fn is_the_reference<T: Real<Compute = T> + Compute, P: Packed + Kernels<T>>(
        backend: Auto,
        lens: &[usize],
    ) {
        let isa = backend.isa();
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
                    let (src, dst) = (&src[..len], &mut q[GUARD..GUARD + end]);
                    let on = OnSlice { p, at };
                    P::quantize::<_, false>(isa, &mut Io { src, dst, stores }, on);
                    assert!(q == expected, "{backend:?}: quantize {len} at {at}");
                    let mut y = vec![T::ONE; len];
                    let (src, dst) = (&every[..end], &mut y[..]);
                    let on = OnSlice { p, at };
                    P::dequantize(isa, &mut Io { src, dst, stores }, on);
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
            .chain(SHORT_CHUNK - 9..SHORT_CHUNK + 9)
            .chain([300, 2 * SHORT_CHUNK, 2 * SHORT_CHUNK + 513])
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
