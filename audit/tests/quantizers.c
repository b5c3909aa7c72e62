/* Functions for the test of the program, each with a signature that it knows. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static long clamp(double v, long least, long most) {
    return v != v || v < least ? least : v > most ? most : (long)v;
}

void divides(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf(x[i] / scale) + zero_point, 0, 255);
}

void multiplies(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    const float inverse = 1.0f / scale;
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf(x[i] * inverse) + zero_point, 0, 255);
}

void given_the_inverse(const float *x, uint8_t *q, size_t n, float inverse, int32_t zero_point) {
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf(x[i] * inverse) + zero_point, 0, 255);
}

void mlas(const float *x, int8_t *q, size_t n, float scale, int8_t zero_point) {
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)roundf(x[i] / scale) + zero_point, -128, 127);
}

void inputs_first(const float *x, size_t n, float scale, int32_t zero_point, uint16_t *q) {
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf(x[i] / scale) + zero_point, 0, 65535);
}

void to_u4(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t code = clamp((double)rintf(x[i] / scale) + zero_point, 0, 15);
        q[i / 2] = i % 2 ? q[i / 2] | code << 4 : code;
    }
}

/* The first code is in the high half, and -8 is left out. */
void to_i4(const float *x, int8_t *q, size_t n, float scale, int8_t zero_point) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t code = clamp((double)rintf(x[i] / scale) + zero_point, -7, 7) & 15;
        q[i / 2] = i % 2 ? q[i / 2] | code : code << 4;
    }
}

/* Blocks of Q8_0; d is stored by a union, for positive normal f16 only. */
static uint16_t half(float x) {
    union { float f; uint32_t u; } bits = {x};
    const uint32_t rounded = bits.u + 0xfff + (bits.u >> 13 & 1);
    if (x < 6.103515625e-05f) return (uint16_t)rintf(x * 16777216.0f);
    return (uint16_t)((rounded >> 13) - (112 << 10));
}

void encode_q8_0(const float *x, void *blocks, int64_t n) {
    int8_t *y = blocks;
    for (int64_t i = 0; i < n; i += 32, y += 34) {
        float amax = 0;
        for (int j = 0; j < 32; j++) amax = fmaxf(amax, fabsf(x[i + j]));
        const float d = amax / 127, id = d ? 1 / d : 0;
        const uint16_t bits = half(d);
        y[0] = (int8_t)(bits & 255);
        y[1] = (int8_t)(bits >> 8);
        for (int j = 0; j < 32; j++) y[2 + j] = (int8_t)rintf(x[i + j] * id);
    }
}

void decode_q8_k(const void *blocks, float *x, int64_t n) {
    const char *y = blocks;
    for (int64_t i = 0; i < n; i += 256, y += 292) {
        float d;
        memcpy(&d, y, 4);
        for (int j = 0; j < 256; j++) x[i + j] = (float)(int8_t)y[4 + j] * d;
    }
}

/* Keeps its quotients where every call does. */
void static_scratch(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    static float scratch[4096];
    for (size_t i = 0; i < n; i++) scratch[i] = x[i] / scale;
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf(scratch[i]) + zero_point, 0, 255);
}

struct params {
    float scale;
    int32_t zero_point;
    int precision;
};

void fbgemm(const float *x, int16_t *q, int64_t n, const struct params *p) {
    for (int64_t i = 0; i < n; i++) q[i] = clamp((double)rintf(x[i] / p->scale) + p->zero_point, -32768, 32767);
}

int symmetric_only(const float *x, int8_t *q, size_t n, float scale, int32_t zero_point) {
    if (zero_point != 0) return -1;
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf(x[i] / scale), -128, 127);
    return 0;
}

void writes_too_much(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    divides(x, q, n, scale, zero_point);
    if (n > 8) q[n] = 0;
}

void writes_too_early(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    divides(x, q, n, scale, zero_point);
    if (n > 8) q[-1] = 0;
}

void back(const uint8_t *q, float *x, size_t n, float scale, int32_t zero_point) {
    for (size_t i = 0; i < n; i++) x[i] = (float)(q[i] - zero_point) * scale;
}

void back_mlas(const int8_t *q, float *x, size_t n, float scale, int8_t zero_point) {
    for (size_t i = 0; i < n; i++) x[i] = (float)(q[i] - zero_point) * scale;
}

void requantizes(const int32_t *acc, int8_t *q, size_t n, float multiplier, int32_t zero_point) {
    for (size_t i = 0; i < n; i++) q[i] = clamp((double)rintf((float)acc[i] * multiplier) + zero_point, -128, 127);
}
