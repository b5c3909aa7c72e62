/*
 * The operations of include/zeropoint.h in C99, on the examples of ONNX's operators: prints the codes, and
 * fails where one is not ONNX's.
 *
 *     cc -std=c99 quantize.c $(pkg-config --cflags --libs zeropoint) -o quantize && ./quantize
 */
#include <stdio.h>
#include <string.h>

#include <zeropoint.h>

static int failures = 0;

/* ONNX's examples have a scale of 2 and a zero point of 128. */
static const zp_params onnx = {2, 128, 0, 255};

/* Compares codes, and prints them. */
static void expect(const char *what, const uint8_t *codes, const uint8_t *expected, size_t n)
{
    size_t i;
    int same = memcmp(codes, expected, n) == 0;
    printf("%-28s", what);
    for (i = 0; i < n; i++) {
        printf(" %d", codes[i]);
    }
    printf("%s\n", same ? "" : "   WRONG");
    failures += !same;
}

/* The call must succeed. */
static void ok(zp_status status)
{
    char message[128];
    if (status != ZP_OK) {
        zp_last_error_message(message, sizeof message);
        printf("error %d: %s\n", (int)status, message);
        failures++;
    }
}

/* The call must fail so. */
static void refused(const char *what, zp_status status, zp_status expected)
{
    char message[128];
    zp_last_error_message(message, sizeof message);
    printf("%-28s %s: %s%s\n", what, zp_status_message(status), message,
        status == expected ? "" : "   WRONG");
    failures += status != expected;
}

static void quantize_linear(void)
{
    static const float x[6] = {0, 2, 3, 1000, -254, -1000};
    static const uint8_t expected[6] = {128, 129, 130, 255, 1, 0};
    uint8_t codes[6];
    ok(zp_quantize(x, ZP_F32, 6, onnx, codes, ZP_U8));
    expect("QuantizeLinear", codes, expected, 6);
}

static void quantize_linear_of_an_axis(void)
{
    static const size_t shape[4] = {1, 3, 3, 2};
    static const float x[18] = {-162, 10, -100, 232, -20, -50, -76, 0, 0, 252, 32, -44, 245, -485, -960,
        -270, -375, -470};
    static const float scales[3] = {2, 4, 5};
    static const int32_t zero_points[3] = {84, 24, 196};
    const zp_slice_params params = {scales, zero_points, 3, 0, 255};
    static const uint8_t expected[18] = {3, 89, 34, 200, 74, 59, 5, 24, 24, 87, 32, 13, 245, 99, 4, 142, 121,
        102};
    uint8_t codes[18];
    zp_granularity channels;
    ok(zp_granularity_channel(shape, 4, 1, &channels));
    ok(zp_quantize_per(x, ZP_F32, 18, channels, params, codes, ZP_U8, 18));
    expect("QuantizeLinear, axis 1", codes, expected, 18);
}

static void dequantize_linear(void)
{
    static const uint8_t codes[4] = {0, 3, 128, 255};
    static const float expected[4] = {-256, -250, 0, 254};
    float x[4];
    ok(zp_dequantize(codes, ZP_U8, 4, onnx, x, ZP_F32));
    printf("%-28s %g %g %g %g\n", "DequantizeLinear", x[0], x[1], x[2], x[3]);
    failures += memcmp(x, expected, sizeof x) != 0;
}

static void dynamic_quantize_linear(void)
{
    static const float x[6] = {0, 2, -3, -2.5f, 1.34f, 0.5f};
    static const uint8_t expected[6] = {153, 255, 0, 26, 221, 179};
    uint8_t codes[6];
    zp_params params = {0, 0, 0, 0};
    ok(zp_quantize_dynamic(x, ZP_F32, 6, ZP_ASYMMETRIC, 0, codes, ZP_U8, &params));
    expect("DynamicQuantizeLinear", codes, expected, 6);
    printf("%-28s scale %.9g, zero point %d\n", "", params.scale, (int)params.zero_point);
    failures += params.scale != 5.0f / 255.0f || params.zero_point != 153;
}

/* Two codes of 4 bits in a byte, the first in the low half. */
static void packed(void)
{
    static const float x[3] = {0.5f, -1.0f, 100.0f};
    static const uint8_t expected[2] = {0xe1, 0x07};
    static const zp_params params = {0.5, 0, -8, 7};
    uint8_t bytes[2];
    ok(zp_quantize(x, ZP_F32, 3, params, bytes, ZP_I4));
    expect("four bits", bytes, expected, 2);
}

static void bad_calls(void)
{
    static const size_t shape[2] = {2, 3};
    static const zp_params scale_0 = {0, 0, 0, 255}, no_float = {0.1, 0, 0, 255};
    float x[4] = {1, 2, 3, 4}, scales[3] = {1, 1, 1};
    zp_slice_params slices;
    zp_params found;
    uint8_t codes[6];
    zp_granularity columns;
    slices.scales = scales;
    slices.zero_points = NULL;
    slices.slices = 3;
    slices.qmin = INT32_MIN;
    slices.qmax = INT32_MAX;
    refused("NULL", zp_quantize(NULL, ZP_F32, 4, onnx, codes, ZP_U8), ZP_NULL_POINTER);
    refused("codes of floats", zp_quantize(x, ZP_F32, 4, onnx, codes, ZP_F16), ZP_UNSUPPORTED_TYPE);
    refused("scale 0", zp_quantize(x, ZP_F32, 4, scale_0, codes, ZP_U8), ZP_INVALID_SCALE);
    refused("scale 0.1", zp_quantize(x, ZP_F32, 4, no_float, codes, ZP_U8), ZP_NOT_A_FLOAT);
    refused("overlap", zp_quantize(x, ZP_F32, 4, onnx, (uint8_t *)x + 3, ZP_U8), ZP_OVERLAP);
    refused("too long", zp_quantize(x, ZP_F32, SIZE_MAX, onnx, codes, ZP_U8), ZP_LENGTH_OVERFLOW);
    refused("nothing", zp_quantize_dynamic(NULL, ZP_F32, 0, ZP_ASYMMETRIC, 0, NULL, ZP_U8, &found), ZP_EMPTY);
    refused("no such axis", zp_granularity_channel(shape, 2, 2, &columns), ZP_AXIS_OUT_OF_RANGE);
    ok(zp_granularity_channel(shape, 2, 1, &columns));
    refused("wrong length", zp_quantize_per(x, ZP_F32, 4, columns, slices, codes, ZP_U8, 4), ZP_SHAPE_MISMATCH);
    ok(zp_quantize(NULL, ZP_F32, 0, onnx, NULL, ZP_U8));
}

int main(void)
{
    const char *backend = zp_backend_name();
    if (backend == NULL) {
        printf("ZEROPOINT_BACKEND names no backend of this processor\n");
        return 1;
    }
    printf("zeropoint %s, by %s\n", zp_version(), backend);
    quantize_linear();
    quantize_linear_of_an_axis();
    dequantize_linear();
    dynamic_quantize_linear();
    packed();
    bad_calls();
    printf("%s\n", failures == 0 ? "all as expected" : "FAILED");
    return failures != 0;
}
