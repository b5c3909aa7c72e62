/* XNNPACK's conversions of floats to codes, with the signature x-q-n-scale-zero-status. With Debian's libxnnpack-dev:
 *
 *     cc -O2 -shared -fPIC xnnpack.c -lXNNPACK -o libxnnpack_field.so
 */
#include <stddef.h>
#include <stdint.h>
#include <xnnpack.h>

static int run(xnn_operator_t op, enum xnn_status status) {
    if (status == xnn_status_success) status = xnn_run_operator(op, NULL);
    xnn_delete_operator(op);
    return status;
}

/* One row of n channels. XNNPACK refuses some scales. It may read up to 16 bytes beyond its input: the caller of this
 * function has to own them. */
int xnnpack_to_u8(const float *x, uint8_t *q, size_t n, float scale, int32_t zero_point) {
    xnn_operator_t op;
    enum xnn_status status = xnn_initialize(NULL);
    if (n == 0) return 0;
    if (status == xnn_status_success)
        status = xnn_create_convert_nc_f32_qu8(n, n, n, scale, (uint8_t)zero_point, 0, 255, 0, &op);
    if (status != xnn_status_success) return status;
    return run(op, xnn_setup_convert_nc_f32_qu8(op, 1, x, q, NULL));
}

int xnnpack_to_i8(const float *x, int8_t *q, size_t n, float scale, int32_t zero_point) {
    xnn_operator_t op;
    enum xnn_status status = xnn_initialize(NULL);
    if (n == 0) return 0;
    if (status == xnn_status_success)
        status = xnn_create_convert_nc_f32_qs8(n, n, n, scale, (int8_t)zero_point, -128, 127, 0, &op);
    if (status != xnn_status_success) return status;
    return run(op, xnn_setup_convert_nc_f32_qs8(op, 1, x, q, NULL));
}
