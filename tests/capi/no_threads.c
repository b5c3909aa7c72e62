/* A program that may start no thread: a pool is refused with a status, and all other calls compute on their own. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <zeropoint.h>

/* Work that a pool would share. */
enum { N = 1 << 22 };

static int failures;

static void expect(int holds, const char *what)
{
    if (!holds) {
        printf("not so: %s\n", what);
        failures++;
    }
}

/* Limits the threads of all programs of this user. Root, whom no limit binds, becomes another user. */
static void limit_threads(rlim_t count)
{
    const struct rlimit limit = {count, count};
    if (setrlimit(RLIMIT_NPROC, &limit) != 0 || (geteuid() == 0 && setuid(65534) != 0)) {
        perror("threads cannot be limited");
        exit(2);
    }
}

static void a_pool_is_refused(size_t threads)
{
    zp_pool *pool = NULL;
    char message[100], expected[100];
    expect(zp_pool_new(threads, &pool) == ZP_THREADS_UNAVAILABLE, "ZP_THREADS_UNAVAILABLE");
    expect(pool == NULL, "no pool is written");
    zp_last_error_message(message, sizeof message);
    sprintf(expected, "%lu threads cannot be started", (unsigned long)threads);
    expect(threads == 0 || strcmp(message, expected) == 0, message);
}

static void calls_compute(void)
{
    float *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    uint8_t *q = malloc(N);
    zp_params params = {0, 0, 0, 0};
    size_t i, wrong = 0;
    zp_error_stats stats;
    if (x == NULL || y == NULL || q == NULL) {
        exit(2);
    }
    for (i = 0; i < N; i++) {
        x[i] = (float)(i % 256) - 100;
    }
    expect(zp_quantize_dynamic(x, ZP_F32, N, ZP_ASYMMETRIC, 0, q, ZP_U8, &params) == ZP_OK, "quantized");
    expect(params.scale == 1 && params.zero_point == 100, "scale 1, zero point 100");
    expect(zp_dequantize(q, ZP_U8, N, params, y, ZP_F32) == ZP_OK, "dequantized");
    expect(zp_quantization_error(x, ZP_F32, N, params, ZP_U8, &stats) == ZP_OK && stats.mse == 0, "no error");
    for (i = 0; i < N; i++) {
        wrong += q[i] != i % 256 || y[i] != x[i];
    }
    expect(wrong == 0, "every code is right");
    free(x);
    free(y);
    free(q);
}

int main(void)
{
    /* Where some of them can be started, they end again. */
    limit_threads(3);
    a_pool_is_refused(1024);
    limit_threads(1);
    a_pool_is_refused(0);
    a_pool_is_refused(1);
    a_pool_is_refused(2);
    calls_compute();
    puts(failures == 0 ? "without threads: as expected" : "without threads: FAILED");
    return failures != 0;
}
