/*
 * zeropoint: quantization kernels. Numbers to small integers and back, exactly what ONNX's formulas say,
 * the same bits on every CPU, for every length, alignment and number of threads.
 *
 * MIT or Apache-2.0. Rendered from src/capi/list.rs and src/capi/zeropoint.h.in; do not edit.
 *
 *
 * Arguments
 *
 *   One function does an operation on all types. Its arguments always come in this order:
 *
 *     src, src_type, n          the input, the type of its elements, and how many there are
 *     granularity               how the elements are divided into slices, where each has its own parameters
 *     params                    the parameters of the operation
 *     dst, dst_type, dst_n      the output; no dst_n if the output is as long as the input
 *     scale, stats, sums, ...   other results
 *
 *   A type is missing if there is but one: accumulators are int32_t, and fake_quantize keeps the type of src.
 *
 *     float x[4] = {-1, 0, 0.5f, 1.55f};
 *     uint8_t q[4];
 *     zp_params params = {0.01f, 100, 0, 255};
 *     zp_status status = zp_quantize(x, ZP_F32, 4, params, q, ZP_U8);
 *
 * Types
 *
 *   The number types are ZP_F32, ZP_F64, ZP_F16 and ZP_BF16; all other types are code types. An operation takes every
 *   number type for numbers and every code type for codes. With another type, it returns ZP_UNSUPPORTED_TYPE.
 *
 *   f64 numbers are computed with as double; f32, f16 and bf16 numbers as float. Below, "the type of the scale" is that
 *   double or float: arrays of scales and ranges have it. Single scales and ranges are double, which holds each float.
 *   Where float is computed with, a double that is no float is refused (ZP_NOT_A_FLOAT), so write 0.1f, not 0.1.
 *
 * Lengths
 *
 *   A length (n, dst_n) counts numbers or codes, never bytes. n codes of 4 bits take (n + 1) / 2 bytes, n codes
 *   of 2 bits (n + 3) / 4; what is left of the last byte is written as 0.
 *
 * Pointers
 *
 *   A pointer may be NULL where its length is 0. Any other NULL is refused, and so are a pointer not aligned for its
 *   type, a length beyond the address space, and an output that overlaps an input or another output. Only
 *   zp_fake_quantize and zp_fake_quantize_per take the same buffer as src and dst. A call keeps no pointer.
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
 *   None but the choice of the instruction set, made by the first call, and for each thread the message of its last
 *   error. The environment variable ZEROPOINT_BACKEND (scalar, portable, avx2, avx512, neon) overrides the choice; with
 *   a name that cannot be had, calls return ZP_UNKNOWN_BACKEND or ZP_UNAVAILABLE_BACKEND. No result depends on it.
 *
 * Arithmetic
 *
 *   Operations are rounded once, to the type of the scale, and rint takes ties to even. The processor's rounding mode
 *   must be to-nearest, and exceptions must be masked, as both are by default; operations set the flags of inexact, overflow and invalid. Where
 *   subnormal numbers are flushed to zero or read as zero (FTZ and DAZ, which -ffast-math sets on x86), subnormal
 *   results and ranges of subnormal data may differ; codes do not, unless a scale comes of such a range or is less than
 *   twice the least normal number. The mode of the calling thread counts: on x86 and 64-bit Arm, a pool's thread takes
 *   it over while it helps, so that equal calls have equal results.
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
    ZP_UNSUPPORTED_TYPE = 10, /* a zp_type that the function does not take, or that does not exist */
    ZP_NOT_A_FLOAT = 11, /* a double that no float is equal to, for data that are computed with as float */
    ZP_INVALID_OBSERVER = 12, /* a zp_observer_kind that does not exist, or that the call is not for */
    ZP_INVALID_CLIP = 13, /* a zp_clip that does not exist, or that needs a histogram */
    ZP_NOT_MERGEABLE = 14, /* observers that have no common result */
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
    ZP_INVALID_PERCENTILE = 44, /* the percentile is not above 0 and at most 100 */
    ZP_INVALID_AVERAGING_CONSTANT = 45, /* the averaging constant is not above 0 and at most 1 */
    ZP_INVALID_STATE = 46, /* the bytes are not the state of an observer */
    ZP_TOO_LITTLE_ROOM = 47, /* there is too little room for the result */
    ZP_PARTIAL_BLOCK = 48, /* the numbers are no whole blocks */
    ZP_BLOCK_RANGE = 49, /* a number of a block is beyond the numbers of a half */
    ZP_SLICES_MISMATCH = 50, /* the observer has seen another number of slices */
    ZP_COUNTS_MISMATCH = 51, /* the histogram has another number of bins */
    ZP_UNKNOWN_BACKEND = 60, /* ZEROPOINT_BACKEND names no backend */
    ZP_UNAVAILABLE_BACKEND = 61 /* ZEROPOINT_BACKEND names a backend that is not available */
};

/* A sentence on a status, in memory that lasts as long as the program; on any number. Never NULL. */
const char *zp_status_message(zp_status status);

/*
 * Writes the message of the last call that failed on this thread, with the numbers that show what is wrong
 * ("src has 5 elements, dst has 4"), as a string that ends with 0, cut to size bytes. Returns the length of
 * the whole message without the 0, at most 512; 0 if no call has failed. A call that succeeds leaves the message as it
 * is. buffer may be NULL, or size 0, to ask for the length.
 */
size_t zp_last_error_message(char *buffer, size_t size);

/* The version of the library and the target that it was built for: "0.1.0 (x86_64-unknown-linux-gnu)". */
const char *zp_version(void);

/*
 * The instruction set that calls use: one of the names that ZEROPOINT_BACKEND takes, such as "avx2". NULL if the
 * variable names one that cannot be had.
 */
const char *zp_backend_name(void);

/* ---- Types -------------------------------------------------------------------------------------- */

/* The type of an element. A number never changes its meaning; later versions may add some. */
typedef int32_t zp_type;
enum {
    ZP_F32 = 1, /* float */
    ZP_F64 = 2, /* double */
    ZP_F16 = 3, /* IEEE half, 16 bits */
    ZP_BF16 = 4, /* bfloat16, 16 bits */
    ZP_I8 = 16, /* int8_t */
    ZP_U8 = 17, /* uint8_t */
    ZP_I16 = 18, /* int16_t */
    ZP_U16 = 19, /* uint16_t */
    ZP_I32 = 20, /* int32_t: biases and accumulators */
    ZP_I4 = 21, /* signed, two in each byte, the first in the low half */
    ZP_U4 = 22, /* unsigned, likewise */
    ZP_I2 = 23, /* signed, four in each byte, the first in the lowest two bits */
    ZP_U2 = 24, /* unsigned, likewise */
    ZP_Q8_0 = 32, /* block of Q8_0 */
    ZP_Q8_1 = 33, /* block of Q8_1 */
    ZP_Q8_K = 34, /* block of Q8_K */
    ZP_Q4_0 = 35, /* block of Q4_0 */
    ZP_Q4_1 = 36, /* block of Q4_1 */
    ZP_Q5_0 = 37, /* block of Q5_0 */
    ZP_Q5_1 = 38 /* block of Q5_1 */
};

/* ---- Ranges ------------------------------------------------------------------------------------- */

/*
 * The least and the greatest number, and whether there is a NaN (has_nan is 1 or 0). A NaN is never a
 * bound, infinities are ordinary numbers, a bound of zero is +0. If there is nothing, or nothing but NaNs, min
 * is +infinity and max is -infinity, so that results can be merged by comparing them.
 */
zp_status zp_min_max(const void *src, zp_type src_type, size_t n, double *min, double *max,
    int *has_nan);

/*
 * The greatest magnitude, max |src[i]|: what a symmetric scheme needs of a range.
 *
 * ZP_EMPTY if n = 0. ZP_NOT_FINITE with the index of the first NaN or infinity.
 */
zp_status zp_abs_max(const void *src, zp_type src_type, size_t n, double *alpha);

/* ---- Scale and zero point ----------------------------------------------------------------------- */

/*
 * The parameters of a tensor: what the formulas below call by these names. Codes are from qmin to qmax: those of
 * the type, of a symmetric scheme or of fewer bits, or those that an activation that clips leaves. INT32_MIN as
 * qmin is the least code of any type, INT32_MAX as qmax the greatest.
 *
 * A zero point need not be a code: that of a raw range far from 0 lies outside. So the zero point of another
 * code type is not refused. 128, which is usual for u8, makes i8 codes that clip every positive number.
 *
 * Every function that takes parameters returns ZP_INVALID_SCALE for a scale that is 0, negative, subnormal,
 * infinite or NaN; ZP_NOT_A_FLOAT; ZP_ZERO_POINT_OUT_OF_RANGE beyond +-2^24; and ZP_INVALID_CODE_RANGE if
 * qmin > qmax or one of them is no code of the type.
 */
typedef struct zp_params {
    double scale;
    int32_t zero_point;
    int32_t qmin;
    int32_t qmax;
} zp_params;

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
 * The parameters for a range of numbers of src_type, to be quantized to dst_type, with the least and the greatest code
 * of the scheme. bits is from 2 to the number of bits of dst_type, and at most 16; 0 stands for all bits of dst_type,
 * and is refused for ZP_I32.
 *
 * ZP_NOT_FINITE, ZP_NOT_A_FLOAT, ZP_INVERTED_RANGE if min > max, ZP_INVALID_SCHEME, ZP_INVALID_BITS; for raw
 * ranges ZP_ZERO_WIDTH if min = max, and ZP_ZERO_POINT_OUT_OF_RANGE if the zero point is beyond +-2^24.
 */
zp_status zp_params_from_range(double min, double max, zp_type src_type, zp_scheme scheme,
    uint32_t bits, zp_type dst_type, zp_params *params);

/*
 * The parameters of a symmetric scheme for a largest magnitude (zp_abs_max, or one of your choice).
 *
 * ZP_NEGATIVE_ALPHA, ZP_NOT_FINITE, ZP_NOT_A_FLOAT, ZP_INVALID_SCHEME, ZP_INVALID_BITS;
 * ZP_INVALID_SCHEME_OPTION for an asymmetric scheme.
 */
zp_status zp_params_from_alpha(double alpha, zp_type src_type, zp_scheme scheme, uint32_t bits,
    zp_type dst_type, zp_params *params);

/* ---- Quantize ----------------------------------------------------------------------------------- */

/*
 * Numbers to codes:
 *
 *   dst[i] = clamp(rint(src[i] / scale) + zero_point, qmin, qmax)
 *
 * The division is rounded once, rint takes ties to even, and the zero point is added to the rounded integer. Nothing
 * wraps: +infinity and too great numbers become qmax; -infinity, too small numbers and NaN become qmin.
 *
 * To i32 this makes biases: scale is the product of the scales of inputs and weights, zero_point 0.
 */
zp_status zp_quantize(const void *src, zp_type src_type, size_t n, zp_params params, void *dst,
    zp_type dst_type);

/*
 * Codes to numbers:
 *
 *   dst[i] = (src[i] - zero_point) * scale
 *
 * The difference is an exact integer (from i32 it is rounded to the type of the scale). The product is rounded once, to
 * f16 and bf16 once more, and is infinite beyond the type. qmin and qmax change nothing.
 */
zp_status zp_dequantize(const void *src, zp_type src_type, size_t n, zp_params params, void *dst,
    zp_type dst_type);

/*
 * Quantizes with parameters from the numbers' own range, and writes them: zp_min_max, zp_params_from_range and
 * zp_quantize in one call. For f32, u8, ZP_ASYMMETRIC and 0 bits it is ONNX's DynamicQuantizeLinear.
 *
 * ZP_EMPTY if n = 0; ZP_NOT_FINITE with the index of the first NaN or infinity; the errors of zp_params_from_range.
 */
zp_status zp_quantize_dynamic(const void *src, zp_type src_type, size_t n, zp_scheme scheme,
    uint32_t bits, void *dst, zp_type dst_type, zp_params *params);

/*
 * Rounds numbers to those that have a code: zp_quantize and then zp_dequantize, without codes in between.
 * code_type is the type that the codes would have. dst has the type of src, and may be src.
 *
 *   dst[i] = (clamp(rint(src[i] / scale) + zero_point, qmin, qmax) - zero_point) * scale
 */
zp_status zp_fake_quantize(const void *src, zp_type src_type, size_t n, zp_params params,
    zp_type code_type, void *dst);

/*
 * How far numbers and their quantized form are apart. e[i] is src[i] less (q - zero_point) * scale of its code
 * q; for f16 and bf16 that product is a float, not rounded to the type of src.
 */
typedef struct zp_error_stats {
    double mse;               /* sum of e[i]^2 / n */
    double max_abs;           /* max |e[i]| */
    double sqnr_db;           /* 10 log10(sum of src[i]^2 / sum of e[i]^2); infinite without errors, NaN for zeros */
    double sum_squared_error; /* sum of e[i]^2 */
    double sum_squares;       /* sum of src[i]^2 */
    uint64_t clipped;         /* numbers whose code was clamped */
    uint64_t n;
} zp_error_stats;

/*
 * The error of quantizing numbers to code_type; no codes are written. The sums are made in double, in a fixed
 * order: they are the same bits everywhere too.
 *
 * ZP_EMPTY if n = 0. ZP_NOT_FINITE with the index of the first NaN or infinity.
 */
zp_status zp_quantization_error(const void *src, zp_type src_type, size_t n, zp_params params,
    zp_type code_type, zp_error_stats *stats);

/* Codes as int32_t, one by one: for example zero points that a file holds as codes, for the functions on slices. */
zp_status zp_unpack(const void *src, zp_type src_type, size_t n, int32_t *dst);

/* ---- Requantize --------------------------------------------------------------------------------- */

/*
 * Accumulators to codes, by a multiplier that is usually input scale * weight scale / output scale. It is
 * params.scale, a float:
 *
 *   dst[i] = clamp(rint((float)src[i] * scale) + zero_point, qmin, qmax)
 *
 * Here 0 and subnormal numbers are multipliers too. ZP_INVALID_MULTIPLIER if it is negative, infinite or NaN.
 */
zp_status zp_requantize(const int32_t *src, size_t n, zp_params params, void *dst, zp_type dst_type);

/* A multiplier in fixed point, multiplier * 2^(shift - 31), and what zp_params has. */
typedef struct zp_fixed_params {
    int32_t multiplier;
    int32_t shift;
    int32_t zero_point;
    int32_t qmin;
    int32_t qmax;
} zp_fixed_params;

/*
 * The same in integers, rounded twice, as in gemmlowp and TFLite:
 *
 *   a = saturate(src[i] * 2^max(shift, 0)) * multiplier / 2^31, to the nearest integer, ties up
 *   b = a / 2^max(-shift, 0), to the nearest integer, ties away from 0
 *   dst[i] = clamp(b + zero_point, qmin, qmax)
 *
 * ZP_INVALID_MULTIPLIER if it is neither 0 nor from 2^30 to 2^31 - 1. ZP_SHIFT_OUT_OF_RANGE outside -31 to 30.
 */
zp_status zp_requantize_fixed(const int32_t *src, size_t n, zp_fixed_params params, void *dst,
    zp_type dst_type);

/*
 * The multiplier and the shift nearest to a real multiplier; 0 and 0 if the shift would be below -31.
 *
 * ZP_INVALID_MULTIPLIER if it is negative, infinite or NaN, or about 2^30 or more.
 */
zp_status zp_fixed_multiplier(double real, int32_t *multiplier, int32_t *shift);

/* ---- Slices with parameters of their own -------------------------------------------------------- */

/*
 * Which elements of a row-major tensor share a scale and a zero point. Each such slice is treated exactly as
 * a tensor of its own; parameters and results are arrays with one entry for each slice.
 *
 * The functions below make it; its fields are private. It holds no pointer: copy it as you like. One that
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
 * A slice for each index of an axis, over all other axes, in the order of that index. shape has rank dimensions.
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
 * The parameters of slices: arrays with one entry for each slice. scales has the type of the scale (see Types):
 * double for f64 numbers, float for all others. zero_points may be NULL: they are 0 then. slices is the length of
 * both arrays. qmin and qmax are those of zp_params, the same in every slice.
 */
typedef struct zp_slice_params {
    const void *scales;
    const int32_t *zero_points;
    size_t slices;
    int32_t qmin;
    int32_t qmax;
} zp_slice_params;

/*
 * The functions below return, in addition to what is said of the operation for one slice,
 *
 *   ZP_SHAPE_MISMATCH   if n is another number of elements than the shape has, without a pitch
 *   ZP_LENGTH_MISMATCH  if dst_n is not n, without a pitch
 *   ZP_PARAMS_MISMATCH  if slices is another number than zp_granularity_slices says
 *   ZP_INVALID_PARAMS   with the index of the first scale or zero point that is invalid
 *   ZP_PITCHED_LENGTH, ZP_PITCH_INSIDE_ELEMENT for lengths and packed codes that do not fit a pitch
 */

/* zp_min_max of each slice; min and max have the type of the scale. (Allocates 12 or 24 bytes a slice: ZP_OUT_OF_MEMORY.) */
zp_status zp_min_max_per(const void *src, zp_type src_type, size_t n, zp_granularity granularity,
    void *min, void *max, int *has_nan, size_t slices);

/* zp_quantize with a scale and a zero point for each slice. */
zp_status zp_quantize_per(const void *src, zp_type src_type, size_t n, zp_granularity granularity,
    zp_slice_params params, void *dst, zp_type dst_type, size_t dst_n);

/* zp_dequantize with a scale and a zero point for each slice. */
zp_status zp_dequantize_per(const void *src, zp_type src_type, size_t n, zp_granularity granularity,
    zp_slice_params params, void *dst, zp_type dst_type, size_t dst_n);

/*
 * zp_quantize_dynamic of each slice by itself; writes the scales, which have the type of the scale, and the zero
 * points. zero_points may be NULL where they are all 0: of signed codes in a symmetric scheme.
 *
 * ZP_ZERO_POINTS_OMITTED if it is NULL otherwise. ZP_NOT_FINITE, with the index in src of the first NaN or
 * infinity of the first such slice, ZP_EMPTY if slices have no elements, and what zp_params_from_range returns:
 * scales, zero_points and dst may be written then in part.
 */
zp_status zp_quantize_dynamic_per(const void *src, zp_type src_type, size_t n,
    zp_granularity granularity, zp_scheme scheme, uint32_t bits, void *dst, zp_type dst_type,
    size_t dst_n, void *scales, int32_t *zero_points, size_t slices);

/* zp_fake_quantize with a scale and a zero point for each slice. dst may be src, of the same length and pitch. */
zp_status zp_fake_quantize_per(const void *src, zp_type src_type, size_t n,
    zp_granularity granularity, zp_slice_params params, zp_type code_type, void *dst, size_t dst_n);

/* zp_quantization_error with a scale and a zero point for each slice; the sums are those of all slices. */
zp_status zp_quantization_error_per(const void *src, zp_type src_type, size_t n,
    zp_granularity granularity, zp_slice_params params, zp_type code_type, zp_error_stats *stats);

/*
 * zp_quantize_per, and the exact sum of the codes of each slice, params.slices of them: an integer matrix product
 * corrects the other side's zero point by them.
 */
zp_status zp_quantize_with_sums(const void *src, zp_type src_type, size_t n,
    zp_granularity granularity, zp_slice_params params, void *dst, zp_type dst_type, size_t dst_n,
    int64_t *sums);

/* The exact sum of the codes of each slice. */
zp_status zp_sum_per(const void *src, zp_type src_type, size_t n, zp_granularity granularity,
    int64_t *sums, size_t slices);

/*
 * zp_requantize with a multiplier (params.scales, float) and a zero point for each slice. What is wrong with a
 * slice's parameters has the status that zp_requantize gives it; the last error's message names the slice.
 */
zp_status zp_requantize_per(const int32_t *src, size_t n, zp_granularity granularity,
    zp_slice_params params, void *dst, zp_type dst_type, size_t dst_n);

/* Multipliers in fixed point for each slice, and what zp_slice_params has. */
typedef struct zp_fixed_slice_params {
    const int32_t *multipliers;
    const int32_t *shifts;
    const int32_t *zero_points;
    size_t slices;
    int32_t qmin;
    int32_t qmax;
} zp_fixed_slice_params;

/* zp_requantize_fixed with a multiplier, a shift and a zero point for each slice, whose errors it has. */
zp_status zp_requantize_fixed_per(const int32_t *src, size_t n, zp_granularity granularity,
    zp_fixed_slice_params params, void *dst, zp_type dst_type, size_t dst_n);

/* ---- Stored blocks ------------------------------------------------------------------------------ */

/*
 * Blocks as GGUF files store them, with the bytes that ggml's reference quantizers write, on every processor:
 * codes, and beside them their scale as a half. Numbers are ZP_F32, ZP_F16 or ZP_BF16. A block has 32 numbers, of Q8_K 256;
 * n counts numbers, and is a multiple of the block's. The formats:
 *
 *         bytes   d                   code of x, with id = 1 / d or 0      number
 *   Q8_0    34    amax / 127          away(x * id)                         q * d
 *   Q8_1    36    amax / 127          away(x * id)                         q * d          s = (sum of q) * d
 *   Q8_K   292    1 / (-127 / vmax)   min(127, rint(x * (-127 / vmax)))    q * d
 *   Q4_0    18    vmax / -8           min(15, trunc(x * id + 8.5))         (q - 8) * d
 *   Q4_1    20    (max - min) / 15    min(15, trunc((x - min) * id + .5))  q * d + m      m = min
 *   Q5_0    22    vmax / -16          min(31, trunc(x * id + 16.5))        (q - 16) * d
 *   Q5_1    24    (max - min) / 31    min(31, trunc((x - min) * id + .5))  q * d + m      m = min
 *
 * amax is the greatest magnitude of the block, and vmax the first number that has it; away rounds to the nearest
 * integer, ties away from 0. Blocks need no alignment.
 *
 * ZP_PARTIAL_BLOCK; ZP_NOT_FINITE with the index of the first NaN or infinity; ZP_BLOCK_RANGE if d, m or s is
 * beyond the numbers of a half. After the last two, dst has unspecified contents.
 */
zp_status zp_encode(const void *src, zp_type src_type, size_t n, void *dst, zp_type dst_type);

/* Any bytes decode; a NaN becomes the quiet NaN of positive sign. ZP_PARTIAL_BLOCK. */
zp_status zp_decode(const void *src, zp_type src_type, size_t n, void *dst, zp_type dst_type);

/* ---- Calibration -------------------------------------------------------------------------------- */

/* The range of data that are never all in memory at once. One thread at a time may change an observer. */
typedef struct zp_observer zp_observer;

typedef int32_t zp_observer_kind;
enum {
    ZP_MIN_MAX = 1,        /* from the least to the greatest element */
    ZP_MOVING_AVERAGE = 2, /* the moving averages of the least and the greatest element of each batch */
    ZP_HISTOGRAM = 3,      /* counts in bins, by whose number the range can leave out the rarest elements */
    ZP_MIN_MAX_PER = 4     /* for each slice, from the least to the greatest element */
};

/* The part of the observed range that the codes cover. All but the first need a histogram. */
typedef int32_t zp_clip;
enum {
    ZP_CLIP_NONE = 0,        /* all of it */
    ZP_CLIP_PERCENTILE = 1,  /* at least so many per cent of the elements */
    ZP_CLIP_LEAST_ERROR = 2, /* the part with the least expected squared error */
    ZP_CLIP_ENTROPY = 3      /* the part that loses the least information */
};

/*
 * Makes an observer of data of type src_type. One of ZP_F32 takes ZP_F16 and ZP_BF16 too, and the other way round.
 * constant is the weight of a new batch in a moving average, above 0 and at most 1, and has no meaning for the other
 * kinds. zp_observer_free frees the observer.
 *
 * ZP_INVALID_OBSERVER, ZP_INVALID_AVERAGING_CONSTANT, ZP_NOT_A_FLOAT.
 */
zp_status zp_observer_new(zp_observer_kind kind, zp_type src_type, double constant,
    zp_observer **observer);

/*
 * Adds n elements. To a moving average they are one batch. A NaN or an infinity is counted, and from then on
 * zp_observer_params returns ZP_NOT_FINITE. (A histogram allocates 1 KiB for each octave of the data.) granularity says
 * which elements are a slice of ZP_MIN_MAX_PER, and is NULL for all other kinds.
 *
 * ZP_INVALID_OBSERVER if a granularity is given to an observer of another kind; ZP_SLICES_MISMATCH if earlier data had
 * more or fewer slices; ZP_OUT_OF_MEMORY for 24 to 96 bytes a slice.
 */
zp_status zp_observer_observe(zp_observer *observer, const void *src, zp_type src_type, size_t n,
    const zp_granularity *granularity);

/*
 * Adds the elements that another observer of the same kind and type has seen. Order and grouping change no result.
 * (ZP_MIN_MAX_PER without slices copies those of the other; if memory is short, the program ends.)
 *
 * ZP_NOT_MERGEABLE if kinds or types differ, and for moving averages; ZP_SLICES_MISMATCH; ZP_OVERLAP if other is the
 * observer itself.
 */
zp_status zp_observer_merge(zp_observer *observer, const zp_observer *other);

/*
 * Finds scale and zero point of the range that was seen, or of the part of it that clip chooses, and writes slices
 * parameters: as many as ZP_MIN_MAX_PER has seen, otherwise 1. percentile, above 0 and at most 100, has no meaning for
 * the other choices.
 *
 * ZP_EMPTY before the first finite element, ZP_NOT_FINITE, ZP_PARAMS_MISMATCH, ZP_INVALID_CLIP, ZP_INVALID_PERCENTILE,
 * and what zp_params_from_range returns.
 */
zp_status zp_observer_params(const zp_observer *observer, zp_clip clip, double percentile,
    zp_scheme scheme, uint32_t bits, zp_type dst_type, zp_params *params, size_t slices);

/*
 * Writes the state as bytes, which are the same on every machine for equal observers, and sets used to their number.
 * With size 0 it sets used alone. Integers and doubles are little-endian:
 *
 *     0..8     "zpob", the version 1, the kind, 4 for ZP_F32 or 8 for ZP_F64, 0
 *     8..32    the number of NaNs and infinities (uint64), min and max (double), +inf and -inf before a finite element
 *     32..     a moving average: constant (double); a histogram: each bin that has elements, in ascending order, as its
 *              number (int32, 0 for zeros, up to 32639 or 262015 of each sign) and its count (uint64)
 *
 * ZP_MIN_MAX_PER has the number of slices (uint64) in 8..16, and then 24 bytes for each, as 8..32 of another kind.
 *
 * ZP_TOO_LITTLE_ROOM if size is less; used is set, and no byte is written.
 */
zp_status zp_observer_to_bytes(const zp_observer *observer, void *bytes, size_t size, size_t *used);

/*
 * Makes an observer of the bytes that zp_observer_to_bytes, or to_bytes in Rust, has written. (It takes as much memory
 * as the bytes, or a histogram 1 KiB for each octave; if memory is short, the program ends.)
 *
 * ZP_INVALID_STATE for all other bytes.
 */
zp_status zp_observer_from_bytes(const void *bytes, size_t size, zp_observer **observer);

/*
 * Writes the counts of all bins of a ZP_HISTOGRAM, in ascending order of the bins: counts[i] is that of bin
 * (int32_t)i - (int32_t)(n / 2). n is 65279, or 524031 for ZP_F64, whatever the data are, so that machines can add their
 * arrays by an all-reduce. Sums are exact below 2^64, or 2^63 if they are added as int64.
 *
 * For the state of all data, reduce bytes 8..32 of zp_observer_to_bytes too (the sum of the first number, the least min,
 * the greatest max), write them and the bins whose sum is not 0 in the layout above, and call zp_observer_from_bytes.
 *
 * ZP_INVALID_OBSERVER if the observer is of another kind; ZP_COUNTS_MISMATCH if n is another number.
 */
zp_status zp_observer_counts(const zp_observer *observer, uint64_t *counts, size_t n);

/* Frees an observer. NULL is fine. */
void zp_observer_free(zp_observer *observer);

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
