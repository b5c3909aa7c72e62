//! A function of a shared library: the only place that calls foreign code.
#![expect(unsafe_code, reason = "a library in C is loaded and called as the user says")]

use std::ffi::c_int;
use std::path::Path;

use libloading::Library;
use zeropoint_audit::{
    Audit, AuditedCode, Dequantize, Format, Packed, Quantize, QuantizePacked, Report, Requantize,
    blocks_on_threads, on_threads,
};

use crate::args::{Args, Signature, Type};

/// A function, and the library that keeps it in memory.
#[derive(Debug)]
pub(crate) struct Function {
    address: unsafe extern "C" fn(),
    /// The number of threads that call it at once.
    threads: usize,
    _library: Library,
}

/// FBGEMM's `TensorQuantizationParams`.
#[repr(C)]
struct Params {
    scale: f32,
    zero_point: i32,
    precision: c_int,
}

type Plain<Q> = unsafe extern "C" fn(*const f32, *mut Q, usize, f32, i32);
type Mlas<Q> = unsafe extern "C" fn(*const f32, *mut Q, usize, f32, Q);
type InputsFirst<Q> = unsafe extern "C" fn(*const f32, usize, f32, i32, *mut Q);
type Fbgemm<Q> = unsafe extern "C" fn(*const f32, *mut Q, i64, *const Params);
type Status<Q> = unsafe extern "C" fn(*const f32, *mut Q, usize, f32, i32) -> c_int;
type Dequantizer<Q> = unsafe extern "C" fn(*const Q, *mut f32, usize, f32, i32);
type DequantizerMlas<Q> = unsafe extern "C" fn(*const Q, *mut f32, usize, f32, Q);
type Encoder = unsafe extern "C" fn(*const f32, *mut u8, i64);
type Decoder = unsafe extern "C" fn(*const u8, *mut f32, i64);
type Requantizer<Q> = unsafe extern "C" fn(*const i32, *mut Q, usize, f32, i32);

/// Casts the address of the function to a type, and calls it.
macro_rules! call {
    ($function:ident as $type:ty, $($argument:expr),+) => {
        // SAFETY: the user says with --signature that the function has this type, and that it reads and writes as many
        // elements as it is told. The pointers are those of slices with as many elements.
        unsafe {
            std::mem::transmute::<unsafe extern "C" fn(), $type>($function.address)($($argument),+)
        }
    };
}

impl Function {
    pub(crate) fn load(library: &Path, symbol: &str, threads: u8) -> Result<Self, String> {
        let failed =
            |what: &str, e: libloading::Error| format!("{}: {what}: {e}", library.display());
        // SAFETY: the library's initialization runs with the rights of this program; the user names the library.
        let loaded = unsafe { Library::new(library) }.map_err(|e| failed("cannot be loaded", e))?;
        // SAFETY: no null pointer is a function, and this is an `Option`. Nothing calls it by this type.
        let found = unsafe { loaded.get::<Option<unsafe extern "C" fn()>>(symbol.as_bytes()) }
            .map_err(|e| failed(&format!("has no {symbol}"), e))?;
        let address =
            (*found).ok_or_else(|| format!("{}: {symbol} has no address", library.display()))?;
        Ok(Self { address, threads: threads.into(), _library: loaded })
    }

    pub(crate) fn audit<'a>(
        &self,
        args: &Args,
        signature: Signature,
        progress: &'a mut (dyn FnMut(f64) + 'a),
    ) -> Report {
        let audit = Audit::default()
            .seed(args.seed)
            .time(std::time::Duration::from_secs(args.seconds))
            .progress(progress);
        let (packed, n) = (QuantizePacked::REFERENCE, self.threads);
        if let Some(format) = args.format.as_deref().and_then(Format::named) {
            return self.audit_blocks(audit, signature, format);
        }
        match args.codes {
            Type::U4 => audit.quantize_packed(
                Packed::U4,
                packed,
                on_threads(n, |x: &[f32], scale, zero, bytes: &mut [u8]| {
                    self.quantize::<u8>(signature, x, scale, zero, bytes.as_mut_ptr())
                }),
            ),
            Type::I4 => audit.quantize_packed(
                Packed::I4,
                packed,
                on_threads(n, |x: &[f32], scale, zero, bytes: &mut [u8]| {
                    self.quantize::<i8>(signature, x, scale, zero, bytes.as_mut_ptr().cast())
                }),
            ),
            Type::U8 => self.audit_codes::<u8>(audit, signature),
            Type::I8 => self.audit_codes::<i8>(audit, signature),
            Type::U16 => self.audit_codes::<u16>(audit, signature),
            Type::I16 => self.audit_codes::<i16>(audit, signature),
        }
    }

    fn audit_blocks(&self, audit: Audit<'_>, signature: Signature, format: Format) -> Report {
        let n = self.threads;
        match signature {
            Signature::Decode => audit.decode(
                format,
                blocks_on_threads(n, |blocks: &[u8], x: &mut [f32]| {
                    call!(self as Decoder, blocks.as_ptr(), x.as_mut_ptr(), x.len() as i64)
                }),
            ),
            _ => audit.encode(
                format,
                blocks_on_threads(n, |x: &[f32], blocks: &mut [u8]| {
                    call!(self as Encoder, x.as_ptr(), blocks.as_mut_ptr(), x.len() as i64)
                }),
            ),
        }
    }

    fn audit_codes<Q: AuditedCode>(&self, audit: Audit<'_>, signature: Signature) -> Report {
        let n = self.threads;
        let back = Dequantize::REFERENCE;
        match signature {
            Signature::Dequantize => {
                let kernel = |q: &[Q], scale, zero, x: &mut [f32]| {
                    call!(self as Dequantizer<Q>, q.as_ptr(), x.as_mut_ptr(), q.len(), scale, zero)
                };
                audit.dequantize(back, on_threads(n, kernel))
            }
            Signature::DequantizeMlas => {
                let kernel = |q: &[Q], scale, zero, x: &mut [f32]| {
                    let (src, dst, zero) = (q.as_ptr(), x.as_mut_ptr(), Q::from_integer(zero));
                    call!(self as DequantizerMlas<Q>, src, dst, q.len(), scale, zero)
                };
                audit.dequantize(back, on_threads(n, kernel))
            }
            Signature::Requantize => {
                let kernel = |acc: &[i32], multiplier, zero, q: &mut [Q]| {
                    let (src, dst) = (acc.as_ptr(), q.as_mut_ptr());
                    call!(self as Requantizer<Q>, src, dst, acc.len(), multiplier, zero)
                };
                audit.requantize(Requantize::REFERENCE, on_threads(n, kernel))
            }
            _ => {
                let kernel = |x: &[f32], scale, zero, q: &mut [Q]| {
                    self.quantize(signature, x, scale, zero, q.as_mut_ptr())
                };
                audit.quantize(Quantize::REFERENCE, on_threads(n, kernel))
            }
        }
    }

    fn quantize<Q: AuditedCode>(
        &self,
        signature: Signature,
        x: &[f32],
        scale: f32,
        zero: i32,
        q: *mut Q,
    ) -> Result<(), c_int> {
        let (n, x) = (x.len(), x.as_ptr());
        match signature {
            Signature::Mlas => call!(self as Mlas<Q>, x, q, n, scale, Q::from_integer(zero)),
            Signature::Inverse => call!(self as Plain<Q>, x, q, n, 1.0 / scale, zero),
            Signature::InputsFirst => call!(self as InputsFirst<Q>, x, n, scale, zero, q),
            Signature::Fbgemm => {
                let precision = 8 * size_of::<Q>() as c_int;
                let params = Params { scale, zero_point: zero, precision };
                call!(self as Fbgemm<Q>, x, q, n as i64, &params);
            }
            Signature::Status => {
                let status = call!(self as Status<Q>, x, q, n, scale, zero);
                return if status == 0 { Ok(()) } else { Err(status) };
            }
            _ => call!(self as Plain<Q>, x, q, n, scale, zero),
        }
        Ok(())
    }
}
