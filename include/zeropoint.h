/*
 * zeropoint: quantization kernels. Numbers to small integers and back, exactly what ONNX's formulas say,
 * the same bits on every CPU, for every length, alignment and number of threads.
 *
 * MIT or Apache-2.0. Rendered from src/capi/list.rs and src/capi/zeropoint.h.in; do not edit.
 *
 *
 * Names
 *
 *   zp_OPERATION_IN_OUT, for example zp_quantize_f32_u8. Types in names are
 *
 *     f32  f64            float, double
 *     f16  bf16           IEEE half and bfloat16, as bits in a uint16_t (zp_f16, zp_bf16)
 *     i8   u8   i16  u16  codes
 *     i32                 biases and accumulators
 *     i4   u4             two codes in each byte, the first in the low half
 *     i2   u2             four codes in each byte, the first in the lowest two bits
 *
 *   Scales, ranges and multipliers are double for f64 numbers and float for all others.
 *
 * Lengths
 *
 *   A length (n, dst_n) counts numbers or codes, never bytes. n codes of 4 bits take (n + 1) / 2 bytes, of
 *   2 bits (n + 3) / 4; what is left of the last byte is written as 0.
 *
 * Pointers
 *
 *   A pointer may be NULL where its length is 0. All others are checked: NULL, alignment (that of the
 *   type), a length beyond the address space, and outputs that overlap an input or another output, are
 *   refused. Only the fake_quantize functions take the same buffer as src and dst. A call keeps no pointer.
 *
 * Errors
 *
 *   Functions return a zp_status: ZP_OK, which is 0, or what is wrong. Where a call fails nothing has been
 *   written, unless its description says otherwise. zp_status_message has a sentence for each status,
 *   zp_last_error_message the numbers too. No call raises a signal or throws; only where memory for some
 *   hundred bytes cannot be had (in a pool, or where it says so) may the program be ended.
 *
 * Threads
 *
 *   Every function may be called from any thread at any time. A call computes on the calling thread alone,
 *   unless it is made in a pool (zp_pool_run). The results are the same bits in any case.
 *
 * State
 *
 *   None but the choice of the instruction set, made by the first call, and for each thread the message of
 *   its last error. The environment variable ZEROPOINT_BACKEND (scalar, portable, avx2, avx512, neon)
 *   overrides the choice; with a name that cannot be had, calls return ZP_UNKNOWN_BACKEND or
 *   ZP_UNAVAILABLE_BACKEND. Results do not depend on it.
 *
 * Arithmetic
 *
 *   Operations are rounded once, to the type of the scale, and rint takes ties to even; f16 and bf16 are
 *   computed with as float. The rounding mode of the processor must be to-nearest, as it is by default.
 *   Where subnormal numbers are flushed to zero or read as zero (FTZ and DAZ, which -ffast-math sets on
 *   x86), results that are subnormal, and ranges of data that are, may differ; codes do not, unless a scale
 *   comes of such a range or is less than twice the least normal number. Exceptions must be masked, as they
 *   are by default: operations are inexact, overflow and meet NaN, and set the flags that say so. The mode of
 *   the calling thread counts, in a pool too: on x86 and 64-bit Arm, a thread that helps takes it over while
 *   it does, so that equal calls have equal results.
 */
#ifndef ZEROPOINT_H
#define ZEROPOINT_H

#include <stddef.h>
#include <stdint.h>

#define ZP_VERSION_MAJOR 0
#define ZP_VERSION_MINOR 1
#define ZP_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* The bits of 16-bit floats. */
typedef uint16_t zp_f16;
typedef uint16_t zp_bf16;

/* ---- Status ------------------------------------------------------------------------------------- */

/* What a call returns. A number never changes its meaning; later versions may add some. */
typedef int32_t zp_status;
enum {
    ZP_OK = 0,
    ZP_NULL_POINTER = 1, /* a pointer is NULL */
    ZP_MISALIGNED = 2, /* a pointer is not aligned for its type */
    ZP_OVERLAP = 3, /* an output overlaps another buffer */
    ZP_LENGTH_OVERFLOW = 4, /* a buffer is longer than memory can be */
    ZP_INVALID_GRANULARITY = 5, /* a zp_granularity that no function of this library made */
    ZP_INVALID_SCHEME = 6, /* a zp_scheme that does not exist */
    ZP_OUT_OF_MEMORY = 7, /* memory cannot be allocated */
    ZP_THREADS_UNAVAILABLE = 8, /* threads cannot be started, or are another process's */
    ZP_PANIC = 9, /* a fault of the library */
    ZP_EMPTY = 20, /* empty input where a range or an error is taken */
    ZP_NOT_FINITE = 21, /* NaN or infinity where only finite numbers have a meaning */
    ZP_LENGTH_MISMATCH = 22, /* input and output differ in length */
    ZP_SHAPE_MISMATCH = 23, /* the shape has another number of elements than the buffer */
    ZP_SHAPE_OVERFLOW = 24, /* the shape has more elements than memory can hold */
    ZP_AXIS_OUT_OF_RANGE = 25, /* the shape has no such axis */
    ZP_EMPTY_BLOCK = 26, /* blocks of 0 elements */
    ZP_PITCH_TOO_SHORT = 27, /* rows overlap: the pitch is less than their length */
    ZP_PITCH_OVERFLOW = 28, /* rows with this pitch are more than memory can hold */
    ZP_PITCH_INSIDE_ELEMENT = 29, /* rows of packed codes would not all begin a byte */
    ZP_PITCHED_LENGTH = 30, /* the buffer has another length than rows with this pitch */
    ZP_PARAMS_MISMATCH = 31, /* another number of parameters or results than of slices */
    ZP_INVALID_PARAMS = 32, /* a scale or a zero point of an array is invalid */
    ZP_INVALID_MULTIPLIER = 33, /* the multiplier is out of range */
    ZP_SHIFT_OUT_OF_RANGE = 34, /* the shift is outside -31..=30 */
    ZP_INVERTED_RANGE = 35, /* the minimum is above the maximum */
    ZP_ZERO_WIDTH = 36, /* a raw range of one point has no scale */
    ZP_NEGATIVE_ALPHA = 37, /* the largest magnitude is negative */
    ZP_INVALID_SCALE = 38, /* the scale is not a finite, positive, normal number */
    ZP_ZERO_POINT_OUT_OF_RANGE = 39, /* the zero point is outside -16777216..=16777216 */
    ZP_INVALID_BITS = 40, /* the type has no codes of so many bits */
    ZP_INVALID_CODE_RANGE = 41, /* qmin..=qmax is empty or outside the type */
    ZP_INVALID_SCHEME_OPTION = 42, /* not for this scheme */
    ZP_ZERO_POINTS_OMITTED = 43, /* zero points other than 0 are written, and there is no room */
    ZP_UNKNOWN_BACKEND = 60, /* ZEROPOINT_BACKEND names no backend */
    ZP_UNAVAILABLE_BACKEND = 61 /* ZEROPOINT_BACKEND names a backend that is not available */
};

/* A sentence on a status, in memory that lasts as long as the program; on any number. Never NULL. */
const char *zp_status_message(zp_status status);

/*
 * Writes the message of the last call that failed on this thread, with the numbers that show what is wrong
 * ("src has 5 elements, dst has 4"), as a string that ends with 0, cut to size bytes. Returns the length of
 * the whole message without the 0; 0 if no call has failed. A call that succeeds leaves the message as it
 * is. buffer may be NULL, or size 0, to ask for the length.
 */
size_t zp_last_error_message(char *buffer, size_t size);

/* The version of the library and the target that it was built for: "0.1.0 (x86_64-unknown-linux-gnu)". */
const char *zp_version(void);

/*
 * The instruction set that calls use: "scalar", "portable", "avx2", "avx512" or "neon". NULL if
 * ZEROPOINT_BACKEND names one that cannot be had.
 */
const char *zp_backend_name(void);

/* ---- Ranges ------------------------------------------------------------------------------------- */

/*
 * The least and the greatest number, and whether there is a NaN (has_nan is 1 or 0). A NaN is never a
 * bound, infinities are ordinary numbers, a bound of zero is +0. Of nothing, or of nothing but NaNs, min
 * is +infinity and max is -infinity, so that results can be merged by comparing them.
 */
zp_status zp_min_max_f32(const float *src, size_t n, float *min, float *max, int *has_nan);
zp_status zp_min_max_f64(const double *src, size_t n, double *min, double *max, int *has_nan);
zp_status zp_min_max_f16(const zp_f16 *src, size_t n, float *min, float *max, int *has_nan);
zp_status zp_min_max_bf16(const zp_bf16 *src, size_t n, float *min, float *max, int *has_nan);

/*
 * The greatest magnitude, max |src[i]|: what a symmetric scheme needs of a range.
 *
 * ZP_EMPTY if n = 0. ZP_NOT_FINITE with the index of the first NaN or infinity.
 */
zp_status zp_abs_max_f32(const float *src, size_t n, float *alpha);
zp_status zp_abs_max_f64(const double *src, size_t n, double *alpha);
zp_status zp_abs_max_f16(const zp_f16 *src, size_t n, float *alpha);
zp_status zp_abs_max_bf16(const zp_bf16 *src, size_t n, float *alpha);

/* ---- Scale and zero point ----------------------------------------------------------------------- */

/*
 * How a range [min, max] becomes a scale and a zero point, for codes of b bits:
 *
 *   asymmetric  scale = (max - min) / (qmax - qmin)      zero_point = rint(qmin - min / scale)
 *   symmetric   scale = max(|min|, |max|) / (2^(b-1) - 1)
 *               zero_point = 0 for signed codes, 2^(b-1) for unsigned ones
 *
 *   ZP_ASYMMETRIC      signed codes from -2^(b-1) to 2^(b-1) - 1, unsigned from 0 to 2^b - 1. The range
 *                      is first widened to contain 0, as ONNX does.
 *   ZP_ASYMMETRIC_RAW  the same without widening; the zero point may lie outside the codes.
 *   ZP_SYMMETRIC       without the least code: i8 from -127 to 127, u8 from 1 to 255.
 *   ZP_SYMMETRIC_FULL  the same scale, and all codes: i8 from -128 to 127, u8 from 0 to 255.
 *
 * Where all is zero the scale is 1. Where max - min overflows, each is divided first. A scale that would be
 * less than the least positive normal number is that number.
 */
typedef int32_t zp_scheme;
enum {
    ZP_ASYMMETRIC = 0,
    ZP_ASYMMETRIC_RAW = 1,
    ZP_SYMMETRIC = 2,
    ZP_SYMMETRIC_FULL = 3
};

/*
 * The scale and the zero point for a range, and the least and the greatest code of the scheme. bits is the
 * number of bits, from 2 to those of the type; 0 for all of them. qmin and qmax may be NULL.
 *
 * ZP_NOT_FINITE, ZP_INVERTED_RANGE if min > max, ZP_INVALID_SCHEME, ZP_INVALID_BITS; of raw ranges
 * ZP_ZERO_WIDTH if min = max, and ZP_ZERO_POINT_OUT_OF_RANGE if the zero point is beyond +-2^24.
 */
zp_status zp_params_f32_i8(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_u8(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_i16(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_u16(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_i4(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_u4(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_i2(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f32_u2(float min, float max, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_i8(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_u8(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_i16(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_u16(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_i4(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_u4(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_i2(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_f64_u2(double min, double max, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);

/*
 * The same for a largest magnitude (zp_abs_max, or one of your choice) instead of a range, in a symmetric
 * scheme.
 *
 * ZP_NEGATIVE_ALPHA, ZP_NOT_FINITE, ZP_INVALID_SCHEME, ZP_INVALID_BITS; ZP_INVALID_SCHEME_OPTION of an
 * asymmetric scheme.
 */
zp_status zp_params_from_alpha_f32_i8(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_u8(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_i16(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_u16(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_i4(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_u4(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_i2(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f32_u2(float alpha, zp_scheme scheme, uint32_t bits, float *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_i8(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_u8(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_i16(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_u16(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_i4(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_u4(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_i2(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);
zp_status zp_params_from_alpha_f64_u2(double alpha, zp_scheme scheme, uint32_t bits, double *scale,
    int32_t *zero_point, int32_t *qmin, int32_t *qmax);

/* ---- Quantize ----------------------------------------------------------------------------------- */

/*
 * Numbers to codes:
 *
 *   dst[i] = clamp(rint(src[i] / scale) + zero_point, qmin, qmax)
 *
 * A true division, rounded once; ties to even; the zero point is added to the rounded integer. Nothing
 * wraps: what is too great becomes qmax, +infinity too; what is too small becomes qmin, -infinity and NaN
 * too. qmin and qmax are the least and the greatest code of the type.
 *
 * To i32 this makes biases: scale is the product of the scales of inputs and weights, zero_point 0.
 *
 * A zero point need not be a code: that of a raw range far from 0 lies outside. So the zero point of another
 * code type is not refused. 128, which is usual for u8, makes i8 codes that clip every positive number.
 *
 * ZP_INVALID_SCALE for a scale that is 0, negative, subnormal, infinite or NaN. ZP_ZERO_POINT_OUT_OF_RANGE
 * beyond +-2^24.
 */
zp_status zp_quantize_f32_i8(const float *src, size_t n, float scale, int32_t zero_point,
    int8_t *dst);
zp_status zp_quantize_f32_u8(const float *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f32_i16(const float *src, size_t n, float scale, int32_t zero_point,
    int16_t *dst);
zp_status zp_quantize_f32_u16(const float *src, size_t n, float scale, int32_t zero_point,
    uint16_t *dst);
zp_status zp_quantize_f32_i4(const float *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f32_u4(const float *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f32_i2(const float *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f32_u2(const float *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f32_i32(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t *dst);
zp_status zp_quantize_f64_i8(const double *src, size_t n, double scale, int32_t zero_point,
    int8_t *dst);
zp_status zp_quantize_f64_u8(const double *src, size_t n, double scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f64_i16(const double *src, size_t n, double scale, int32_t zero_point,
    int16_t *dst);
zp_status zp_quantize_f64_u16(const double *src, size_t n, double scale, int32_t zero_point,
    uint16_t *dst);
zp_status zp_quantize_f64_i4(const double *src, size_t n, double scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f64_u4(const double *src, size_t n, double scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f64_i2(const double *src, size_t n, double scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f64_u2(const double *src, size_t n, double scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f64_i32(const double *src, size_t n, double scale, int32_t zero_point,
    int32_t *dst);
zp_status zp_quantize_f16_i8(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    int8_t *dst);
zp_status zp_quantize_f16_u8(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f16_i16(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    int16_t *dst);
zp_status zp_quantize_f16_u16(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    uint16_t *dst);
zp_status zp_quantize_f16_i4(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f16_u4(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f16_i2(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f16_u2(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_f16_i32(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    int32_t *dst);
zp_status zp_quantize_bf16_i8(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    int8_t *dst);
zp_status zp_quantize_bf16_u8(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_bf16_i16(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    int16_t *dst);
zp_status zp_quantize_bf16_u16(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    uint16_t *dst);
zp_status zp_quantize_bf16_i4(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_bf16_u4(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_bf16_i2(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_bf16_u2(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    uint8_t *dst);
zp_status zp_quantize_bf16_i32(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    int32_t *dst);

/*
 * The same with codes from qmin to qmax only: those that zp_params says for a symmetric scheme or fewer
 * bits, or what an activation that clips leaves.
 *
 * ZP_INVALID_CODE_RANGE too, if qmin > qmax or one of them is no code of the type.
 */
zp_status zp_quantize_with_codes_f32_i8(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t qmin, int32_t qmax, int8_t *dst);
zp_status zp_quantize_with_codes_f32_u8(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f32_i16(const float *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int16_t *dst);
zp_status zp_quantize_with_codes_f32_u16(const float *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint16_t *dst);
zp_status zp_quantize_with_codes_f32_i4(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f32_u4(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f32_i2(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f32_u2(const float *src, size_t n, float scale, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f64_i8(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int8_t *dst);
zp_status zp_quantize_with_codes_f64_u8(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f64_i16(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int16_t *dst);
zp_status zp_quantize_with_codes_f64_u16(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint16_t *dst);
zp_status zp_quantize_with_codes_f64_i4(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f64_u4(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f64_i2(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f64_u2(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f16_i8(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int8_t *dst);
zp_status zp_quantize_with_codes_f16_u8(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f16_i16(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int16_t *dst);
zp_status zp_quantize_with_codes_f16_u16(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint16_t *dst);
zp_status zp_quantize_with_codes_f16_i4(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f16_u4(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f16_i2(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_f16_u2(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_bf16_i8(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int8_t *dst);
zp_status zp_quantize_with_codes_bf16_u8(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_bf16_i16(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, int16_t *dst);
zp_status zp_quantize_with_codes_bf16_u16(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint16_t *dst);
zp_status zp_quantize_with_codes_bf16_i4(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_bf16_u4(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_bf16_i2(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_quantize_with_codes_bf16_u2(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);

/*
 * Codes to numbers:
 *
 *   dst[i] = (src[i] - zero_point) * scale
 *
 * The difference is an exact integer (from i32 it is rounded to the type of the scale), the product is
 * rounded once, to f16 and bf16 once more. It is infinite where it is beyond the type.
 *
 * ZP_INVALID_SCALE, ZP_ZERO_POINT_OUT_OF_RANGE.
 */
zp_status zp_dequantize_i8_f32(const int8_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_u8_f32(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_i16_f32(const int16_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_u16_f32(const uint16_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_i4_f32(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_u4_f32(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_i2_f32(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_u2_f32(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_i32_f32(const int32_t *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_dequantize_i8_f64(const int8_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_u8_f64(const uint8_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_i16_f64(const int16_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_u16_f64(const uint16_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_i4_f64(const uint8_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_u4_f64(const uint8_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_i2_f64(const uint8_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_u2_f64(const uint8_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_i32_f64(const int32_t *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_dequantize_i8_f16(const int8_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_u8_f16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_i16_f16(const int16_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_u16_f16(const uint16_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_i4_f16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_u4_f16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_i2_f16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_u2_f16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_i32_f16(const int32_t *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_dequantize_i8_bf16(const int8_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_u8_bf16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_i16_bf16(const int16_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_u16_bf16(const uint16_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_i4_bf16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_u4_bf16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_i2_bf16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_u2_bf16(const uint8_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_dequantize_i32_bf16(const int32_t *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);

/*
 * Quantizes with parameters from the numbers' own range, and says which: zp_min_max, zp_params with
 * ZP_ASYMMETRIC and all bits, zp_quantize, in one call. For f32 and u8 it is ONNX's DynamicQuantizeLinear.
 *
 * ZP_EMPTY if n = 0. ZP_NOT_FINITE with the index of the first NaN or infinity.
 */
zp_status zp_quantize_dynamic_f32_i8(const float *src, size_t n, int8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_u8(const float *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_i16(const float *src, size_t n, int16_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_u16(const float *src, size_t n, uint16_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_i4(const float *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_u4(const float *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_i2(const float *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f32_u2(const float *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_i8(const double *src, size_t n, int8_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_u8(const double *src, size_t n, uint8_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_i16(const double *src, size_t n, int16_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_u16(const double *src, size_t n, uint16_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_i4(const double *src, size_t n, uint8_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_u4(const double *src, size_t n, uint8_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_i2(const double *src, size_t n, uint8_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f64_u2(const double *src, size_t n, uint8_t *dst, double *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_i8(const zp_f16 *src, size_t n, int8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_u8(const zp_f16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_i16(const zp_f16 *src, size_t n, int16_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_u16(const zp_f16 *src, size_t n, uint16_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_i4(const zp_f16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_u4(const zp_f16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_i2(const zp_f16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_f16_u2(const zp_f16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_i8(const zp_bf16 *src, size_t n, int8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_u8(const zp_bf16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_i16(const zp_bf16 *src, size_t n, int16_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_u16(const zp_bf16 *src, size_t n, uint16_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_i4(const zp_bf16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_u4(const zp_bf16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_i2(const zp_bf16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);
zp_status zp_quantize_dynamic_bf16_u2(const zp_bf16 *src, size_t n, uint8_t *dst, float *scale,
    int32_t *zero_point);

/*
 * The same with the scheme and the bits of your choice, see zp_params. (ZP_SYMMETRIC into i8 gives codes
 * from -127 to 127 and a zero point of 0.)
 *
 * What zp_params returns, too.
 */
zp_status zp_quantize_dynamic_scheme_f32_i8(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, int8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_u8(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_i16(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, int16_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_u16(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint16_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_i4(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_u4(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_i2(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f32_u2(const float *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_i8(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, int8_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_u8(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_i16(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, int16_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_u16(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint16_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_i4(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_u4(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_i2(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f64_u2(const double *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, double *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_i8(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, int8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_u8(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_i16(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, int16_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_u16(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint16_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_i4(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_u4(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_i2(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_f16_u2(const zp_f16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_i8(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, int8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_u8(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_i16(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, int16_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_u16(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint16_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_i4(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_u4(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_i2(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);
zp_status zp_quantize_dynamic_scheme_bf16_u2(const zp_bf16 *src, size_t n, zp_scheme scheme,
    uint32_t bits, uint8_t *dst, float *scale, int32_t *zero_point);

/*
 * Rounds numbers to those that have a code: zp_quantize and then zp_dequantize, without codes in between.
 * The second type is that of the codes. dst may be src.
 *
 *   dst[i] = (clamp(rint(src[i] / scale) + zero_point, qmin, qmax) - zero_point) * scale
 *
 * ZP_INVALID_SCALE, ZP_ZERO_POINT_OUT_OF_RANGE.
 */
zp_status zp_fake_quantize_f32_i8(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_u8(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_i16(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_u16(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_i4(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_u4(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_i2(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f32_u2(const float *src, size_t n, float scale, int32_t zero_point,
    float *dst);
zp_status zp_fake_quantize_f64_i8(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_u8(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_i16(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_u16(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_i4(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_u4(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_i2(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f64_u2(const double *src, size_t n, double scale, int32_t zero_point,
    double *dst);
zp_status zp_fake_quantize_f16_i8(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_u8(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_i16(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_u16(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_i4(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_u4(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_i2(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_f16_u2(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_f16 *dst);
zp_status zp_fake_quantize_bf16_i8(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_u8(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_i16(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_u16(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_i4(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_u4(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_i2(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);
zp_status zp_fake_quantize_bf16_u2(const zp_bf16 *src, size_t n, float scale, int32_t zero_point,
    zp_bf16 *dst);

/* The same with codes from qmin to qmax, of whatever type. ZP_INVALID_CODE_RANGE too, if qmin > qmax. */
zp_status zp_fake_quantize_with_codes_f32(const float *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, float *dst);
zp_status zp_fake_quantize_with_codes_f64(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, double *dst);
zp_status zp_fake_quantize_with_codes_f16(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, zp_f16 *dst);
zp_status zp_fake_quantize_with_codes_bf16(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, zp_bf16 *dst);

/*
 * How far numbers and their quantized form are apart. e[i] is src[i] less (q - zero_point) * scale of its code
 * q; for f16 and bf16 that product is a float, not rounded to the type of src.
 */
typedef struct zp_error_stats {
    double mse;               /* sum of e[i]^2 / n */
    double max_abs;           /* max |e[i]| */
    double sqnr_db;           /* 10 log10(sum of src[i]^2 / sum of e[i]^2); infinity without errors, NaN of zeros */
    double sum_squared_error; /* sum of e[i]^2 */
    double sum_squares;       /* sum of src[i]^2 */
    uint64_t clipped;         /* numbers whose code was clamped */
    uint64_t n;
} zp_error_stats;

/*
 * The error of quantizing numbers; no codes are written. The second type is that of the codes. The sums are
 * made in double, in a fixed order: they are the same bits everywhere too.
 *
 * ZP_EMPTY if n = 0. ZP_NOT_FINITE with the index of the first NaN or infinity. ZP_INVALID_SCALE,
 * ZP_ZERO_POINT_OUT_OF_RANGE.
 */
zp_status zp_quantization_error_f32_i8(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_u8(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_i16(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_u16(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_i4(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_u4(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_i2(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f32_u2(const float *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f64_i8(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_u8(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_i16(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_u16(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_i4(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_u4(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_i2(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f64_u2(const double *src, size_t n, double scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f16_i8(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f16_u8(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f16_i16(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f16_u16(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_f16_i4(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f16_u4(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f16_i2(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_f16_u2(const zp_f16 *src, size_t n, float scale, int32_t zero_point,
    zp_error_stats *stats);
zp_status zp_quantization_error_bf16_i8(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_u8(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_i16(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_u16(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_i4(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_u4(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_i2(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);
zp_status zp_quantization_error_bf16_u2(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, zp_error_stats *stats);

/* The same with codes from qmin to qmax, of whatever type. ZP_INVALID_CODE_RANGE too, if qmin > qmax. */
zp_status zp_quantization_error_with_codes_f32(const float *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, zp_error_stats *stats);
zp_status zp_quantization_error_with_codes_f64(const double *src, size_t n, double scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, zp_error_stats *stats);
zp_status zp_quantization_error_with_codes_f16(const zp_f16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, zp_error_stats *stats);
zp_status zp_quantization_error_with_codes_bf16(const zp_bf16 *src, size_t n, float scale,
    int32_t zero_point, int32_t qmin, int32_t qmax, zp_error_stats *stats);

/*
 * Codes as integers, one by one: zero points that a file holds as codes, say, which the functions for slices
 * take as int32_t.
 */
zp_status zp_unpack_i8(const int8_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_u8(const uint8_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_i16(const int16_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_u16(const uint16_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_i4(const uint8_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_u4(const uint8_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_i2(const uint8_t *src, size_t n, int32_t *dst);
zp_status zp_unpack_u2(const uint8_t *src, size_t n, int32_t *dst);

/* ---- Requantize --------------------------------------------------------------------------------- */

/*
 * Accumulators to codes, by a multiplier that is usually input scale * weight scale / output scale:
 *
 *   dst[i] = clamp(rint((float)src[i] * multiplier) + zero_point, qmin, qmax)
 *
 * ZP_INVALID_MULTIPLIER if it is negative, infinite or NaN. ZP_ZERO_POINT_OUT_OF_RANGE beyond +-2^24.
 * ZP_INVALID_CODE_RANGE if qmin > qmax or one of them is no code of the type.
 */
zp_status zp_requantize_i32_i8(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, int8_t *dst);
zp_status zp_requantize_i32_u8(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_i32_i16(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, int16_t *dst);
zp_status zp_requantize_i32_u16(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint16_t *dst);
zp_status zp_requantize_i32_i4(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_i32_u4(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_i32_i2(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_i32_u2(const int32_t *src, size_t n, float multiplier, int32_t zero_point,
    int32_t qmin, int32_t qmax, uint8_t *dst);

/*
 * The same in integers, by multiplier * 2^(shift - 31), rounded twice, as in gemmlowp and TFLite:
 *
 *   a = saturate(src[i] * 2^max(shift, 0)) * multiplier / 2^31, to the nearest integer, ties up
 *   b = a / 2^max(-shift, 0), to the nearest integer, ties away from 0
 *   dst[i] = clamp(b + zero_point, qmin, qmax)
 *
 * ZP_INVALID_MULTIPLIER if it is neither 0 nor from 2^30 to 2^31 - 1. ZP_SHIFT_OUT_OF_RANGE outside -31 to
 * 30. ZP_ZERO_POINT_OUT_OF_RANGE, ZP_INVALID_CODE_RANGE.
 */
zp_status zp_requantize_fixed_i32_i8(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, int8_t *dst);
zp_status zp_requantize_fixed_i32_u8(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_fixed_i32_i16(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, int16_t *dst);
zp_status zp_requantize_fixed_i32_u16(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, uint16_t *dst);
zp_status zp_requantize_fixed_i32_i4(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_fixed_i32_u4(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_fixed_i32_i2(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);
zp_status zp_requantize_fixed_i32_u2(const int32_t *src, size_t n, int32_t multiplier,
    int32_t shift, int32_t zero_point, int32_t qmin, int32_t qmax, uint8_t *dst);

/*
 * The multiplier and the shift nearest to a real multiplier.
 *
 * 0 and 0 for a multiplier so small that the shift would be below -31.
 *
 * ZP_INVALID_MULTIPLIER if it is negative, infinite or NaN, or about 2^30 or more.
 */
zp_status zp_fixed_multiplier(double real, int32_t *multiplier, int32_t *shift);

/* ---- Slices with parameters of their own -------------------------------------------------------- */

/*
 * Which elements of a row-major tensor share a scale and a zero point. Each such slice is treated exactly as
 * a tensor of its own; parameters and results are arrays with one entry for each slice.
 *
 * Made by the functions below; its fields are private. It holds no pointer: copy it as you like. One that
 * they have not made is refused with ZP_INVALID_GRANULARITY, or with what is wrong with its fields.
 */
typedef struct zp_granularity {
    uint64_t kind;
    size_t shape[4];
    size_t block;
    size_t src_pitch;
    size_t dst_pitch;
} zp_granularity;

/* One slice of n elements. */
zp_status zp_granularity_tensor(size_t n, zp_granularity *granularity);

/*
 * A slice for each index of an axis, over all other axes, in the order of that index. rank is the number of
 * dimensions in shape.
 *
 * ZP_AXIS_OUT_OF_RANGE if axis >= rank. ZP_SHAPE_OVERFLOW.
 */
zp_status zp_granularity_channel(const size_t *shape, size_t rank, size_t axis,
    zp_granularity *granularity);

/*
 * Blocks of so many elements along an axis, the last of them shorter where the axis ends. Parameters are a
 * row-major tensor of the same shape, but for the axis, which is as long as there are blocks along it.
 *
 * ZP_AXIS_OUT_OF_RANGE, ZP_SHAPE_OVERFLOW, ZP_EMPTY_BLOCK.
 */
zp_status zp_granularity_block(const size_t *shape, size_t rank, size_t axis, size_t block,
    zp_granularity *granularity);

/* A slice for each of so many rows of n elements: a token each, say. ZP_SHAPE_OVERFLOW. */
zp_status zp_granularity_row(size_t rows, size_t n, zp_granularity *granularity);

/*
 * Changes a granularity to rows that are apart: those of src begin every src_pitch elements, those of dst
 * every dst_pitch. A row is the last axis of the shape, whichever axis has the parameters. What lies
 * between rows is neither read nor written. Lengths of buffers then are from the end of the last row to a
 * whole pitch behind its start. The pitch of packed codes counts codes, and is a whole number of bytes: each
 * row begins one. Where there is no dst, src_pitch alone counts; where dst is src, both must be the same.
 *
 * ZP_PITCH_TOO_SHORT, ZP_PITCH_OVERFLOW.
 */
zp_status zp_granularity_with_pitch(zp_granularity *granularity, size_t src_pitch, size_t dst_pitch);

/* The number of slices. */
zp_status zp_granularity_slices(zp_granularity granularity, size_t *slices);

/*
 * The functions below return, in addition to what is said of the operation for one slice,
 *
 *   ZP_SHAPE_MISMATCH   if n is another number of elements than the shape has
 *   ZP_LENGTH_MISMATCH  if dst_n is not n, without a pitch
 *   ZP_PARAMS_MISMATCH  if slices is another number than zp_granularity_slices says
 *   ZP_INVALID_PARAMS   with the index of the first scale or zero point that is invalid
 *   ZP_PITCHED_LENGTH, ZP_PITCH_INSIDE_ELEMENT for lengths and packed codes that do not fit a pitch
 *
 * zero_points that are read may be NULL: they are 0 then.
 */

/* zp_min_max of each slice. (Allocates 12 or 24 bytes for each slice: ZP_OUT_OF_MEMORY.) */
zp_status zp_min_max_per_f32(zp_granularity granularity, const float *src, size_t n, float *min,
    float *max, int *has_nan, size_t slices);
zp_status zp_min_max_per_f64(zp_granularity granularity, const double *src, size_t n, double *min,
    double *max, int *has_nan, size_t slices);
zp_status zp_min_max_per_f16(zp_granularity granularity, const zp_f16 *src, size_t n, float *min,
    float *max, int *has_nan, size_t slices);
zp_status zp_min_max_per_bf16(zp_granularity granularity, const zp_bf16 *src, size_t n, float *min,
    float *max, int *has_nan, size_t slices);

/* zp_quantize with a scale and a zero point for each slice, over all codes of the type. */
zp_status zp_quantize_per_f32_i8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_u8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_i16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_u16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_i4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_u4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_i2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_u2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f32_i32(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_i8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_u8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_i16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_u16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_i4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_u4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_i2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_u2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f64_i32(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_i8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_u8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_i16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_u16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_i4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_u4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_i2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_u2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_f16_i32(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_i8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_u8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_i16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_u16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_i4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_u4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_i2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_u2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_bf16_i32(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t *dst, size_t dst_n);

/*
 * The same with codes from qmin to qmax only, in every slice: those that zp_params says for a symmetric scheme
 * or fewer bits, as zp_quantize_dynamic_per makes them. ZP_INVALID_CODE_RANGE too, if qmin > qmax or one of
 * them is no code of the type.
 */
zp_status zp_quantize_per_with_codes_f32_i8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_u8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_i16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_u16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_i4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_u4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_i2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f32_u2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_i8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_u8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_i16(zp_granularity granularity, const double *src,
    size_t n, const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_u16(zp_granularity granularity, const double *src,
    size_t n, const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_i4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_u4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_i2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f64_u2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_i8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_u8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_i16(zp_granularity granularity, const zp_f16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_u16(zp_granularity granularity, const zp_f16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_i4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_u4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_i2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_f16_u2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_i8(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, int8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_u8(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_i16(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, int16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_u16(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint16_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_i4(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_u4(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_i2(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_quantize_per_with_codes_bf16_u2(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, int32_t qmin,
    int32_t qmax, uint8_t *dst, size_t dst_n);

/* zp_dequantize with a scale and a zero point for each slice. */
zp_status zp_dequantize_per_i8_f32(zp_granularity granularity, const int8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_u8_f32(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_i16_f32(zp_granularity granularity, const int16_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_u16_f32(zp_granularity granularity, const uint16_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_i4_f32(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_u4_f32(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_i2_f32(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_u2_f32(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_i32_f32(zp_granularity granularity, const int32_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_dequantize_per_i8_f64(zp_granularity granularity, const int8_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_u8_f64(zp_granularity granularity, const uint8_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_i16_f64(zp_granularity granularity, const int16_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_u16_f64(zp_granularity granularity, const uint16_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_i4_f64(zp_granularity granularity, const uint8_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_u4_f64(zp_granularity granularity, const uint8_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_i2_f64(zp_granularity granularity, const uint8_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_u2_f64(zp_granularity granularity, const uint8_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_i32_f64(zp_granularity granularity, const int32_t *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_dequantize_per_i8_f16(zp_granularity granularity, const int8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u8_f16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i16_f16(zp_granularity granularity, const int16_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u16_f16(zp_granularity granularity, const uint16_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i4_f16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u4_f16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i2_f16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u2_f16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i32_f16(zp_granularity granularity, const int32_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i8_bf16(zp_granularity granularity, const int8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u8_bf16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i16_bf16(zp_granularity granularity, const int16_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u16_bf16(zp_granularity granularity, const uint16_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i4_bf16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u4_bf16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i2_bf16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_u2_bf16(zp_granularity granularity, const uint8_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_dequantize_per_i32_bf16(zp_granularity granularity, const int32_t *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);

/*
 * zp_quantize_dynamic_scheme of each slice by itself; writes the scales and the zero points. zero_points may
 * be NULL where they are all 0: of signed codes in a symmetric scheme.
 *
 * ZP_ZERO_POINTS_OMITTED if it is NULL otherwise. ZP_NOT_FINITE, with the index in src of the first NaN or
 * infinity of the first such slice, ZP_EMPTY if slices have no elements, and what zp_params returns: scales,
 * zero_points and dst may be written then in part.
 */
zp_status zp_quantize_dynamic_per_f32_i8(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_u8(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_i16(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    int16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_u16(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_i4(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_u4(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_i2(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f32_u2(zp_granularity granularity, const float *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_i8(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_u8(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_i16(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    int16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_u16(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    uint16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_i4(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_u4(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_i2(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f64_u2(zp_granularity granularity, const double *src, size_t n,
    zp_scheme scheme, uint32_t bits, double *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_i8(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_u8(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_i16(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    int16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_u16(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_i4(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_u4(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_i2(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_f16_u2(zp_granularity granularity, const zp_f16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_i8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    int8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_u8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_i16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    int16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_u16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint16_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_i4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_u4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_i2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);
zp_status zp_quantize_dynamic_per_bf16_u2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    zp_scheme scheme, uint32_t bits, float *scales, int32_t *zero_points, size_t slices,
    uint8_t *dst, size_t dst_n);

/* zp_fake_quantize with a scale and a zero point for each slice. dst may be src, of the same length and pitch. */
zp_status zp_fake_quantize_per_f32_i8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_u8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_i16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_u16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_i4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_u4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_i2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f32_u2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, float *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_i8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_u8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_i16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_u16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_i4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_u4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_i2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f64_u2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, double *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_i8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_u8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_i16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_u16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_i4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_u4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_i2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_f16_u2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_f16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_i8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_u8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_i16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_u16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_i4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_u4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_i2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);
zp_status zp_fake_quantize_per_bf16_u2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_bf16 *dst, size_t dst_n);

/* zp_quantization_error with a scale and a zero point for each slice; the sums are those of all slices. */
zp_status zp_quantization_error_per_f32_i8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_u8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_i16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_u16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_i4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_u4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_i2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f32_u2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_i8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_u8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_i16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_u16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_i4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_u4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_i2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f64_u2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_i8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_u8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_i16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_u16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_i4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_u4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_i2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_f16_u2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_i8(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_u8(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_i16(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_u16(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_i4(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_u4(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_i2(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);
zp_status zp_quantization_error_per_bf16_u2(zp_granularity granularity, const zp_bf16 *src,
    size_t n, const float *scales, const int32_t *zero_points, size_t slices, zp_error_stats *stats);

/*
 * zp_quantize_per, and the exact sum of the codes of each slice: what an integer matrix product corrects the
 * other side's zero point by.
 */
zp_status zp_quantize_with_sums_f32_i8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_u8(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_i16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_u16(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_i4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_u4(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_i2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f32_u2(zp_granularity granularity, const float *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_i8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_u8(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_i16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_u16(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_i4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_u4(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_i2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f64_u2(zp_granularity granularity, const double *src, size_t n,
    const double *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_i8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_u8(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_i16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_u16(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_i4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_u4(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_i2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_f16_u2(zp_granularity granularity, const zp_f16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_i8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_u8(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_i16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, int16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_u16(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint16_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_i4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_u4(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_i2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);
zp_status zp_quantize_with_sums_bf16_u2(zp_granularity granularity, const zp_bf16 *src, size_t n,
    const float *scales, const int32_t *zero_points, int64_t *sums, size_t slices, uint8_t *dst,
    size_t dst_n);

/* The exact sum of the codes of each slice. */
zp_status zp_sum_per_i8(zp_granularity granularity, const int8_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_u8(zp_granularity granularity, const uint8_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_i16(zp_granularity granularity, const int16_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_u16(zp_granularity granularity, const uint16_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_i4(zp_granularity granularity, const uint8_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_u4(zp_granularity granularity, const uint8_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_i2(zp_granularity granularity, const uint8_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_u2(zp_granularity granularity, const uint8_t *src, size_t n, int64_t *sums,
    size_t slices);
zp_status zp_sum_per_i32(zp_granularity granularity, const int32_t *src, size_t n, int64_t *sums,
    size_t slices);

/*
 * zp_requantize with a multiplier and a zero point for each slice. (Allocates 24 bytes for each slice:
 * ZP_OUT_OF_MEMORY.) What is wrong with a slice's parameters has the status that zp_requantize gives it; the
 * last error's message names the slice.
 */
zp_status zp_requantize_per_i32_i8(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    int8_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_u8(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_i16(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    int16_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_u16(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint16_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_i4(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_u4(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_i2(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);
zp_status zp_requantize_per_i32_u2(zp_granularity granularity, const int32_t *src, size_t n,
    const float *multipliers, const int32_t *zero_points, size_t slices, int32_t qmin, int32_t qmax,
    uint8_t *dst, size_t dst_n);

/* zp_requantize_fixed with a multiplier, a shift and a zero point for each slice; allocates likewise. */
zp_status zp_requantize_fixed_per_i32_i8(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, int8_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_u8(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_i16(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, int16_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_u16(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, uint16_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_i4(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_u4(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_i2(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, uint8_t *dst, size_t dst_n);
zp_status zp_requantize_fixed_per_i32_u2(zp_granularity granularity, const int32_t *src, size_t n,
    const int32_t *multipliers, const int32_t *shifts, const int32_t *zero_points, size_t slices,
    int32_t qmin, int32_t qmax, uint8_t *dst, size_t dst_n);

/* ---- Threads ------------------------------------------------------------------------------------ */

/* A pool of threads, which sleep while they have nothing to do. */
typedef struct zp_pool zp_pool;

/* What runs in a pool. */
typedef zp_status (*zp_callback)(void *context);

/*
 * Makes a pool of so many threads, at most 1024; 0 for as many as the program may use processors.
 *
 * ZP_THREADS_UNAVAILABLE if they cannot be started.
 */
zp_status zp_pool_new(size_t threads, zp_pool **pool);

/*
 * Runs callback(context) on a thread of the pool, waits for it, and returns what it returns. Calls of this
 * library that it makes share their work among the pool's threads where that is worth it: tensors of more
 * than about 128 Ki elements. Keep several calls, a layer or a model, in one callback.
 *
 * The callback runs on another thread than the caller, with a stack of 8 MiB, and in the caller's floating-point
 * mode. Where it returns the status of the last call in it that failed, that call's message becomes the
 * caller's. It must not throw an exception, longjmp out, free the pool, or run another pool while it holds a
 * lock. Several threads may run callbacks in one pool.
 *
 * ZP_THREADS_UNAVAILABLE in a process that was forked after the pool was made: its threads are not there.
 */
zp_status zp_pool_run(const zp_pool *pool, zp_callback callback, void *context);

/*
 * Ends the threads of a pool in which nothing runs any more, and waits until they have ended. NULL is fine. In
 * a process that was forked after the pool was made, does nothing.
 */
void zp_pool_free(zp_pool *pool);

#ifdef __cplusplus
}
#endif

#endif /* ZEROPOINT_H */
