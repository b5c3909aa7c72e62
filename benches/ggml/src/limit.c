// Moves as many bytes as an operation on blocks reads and writes, and computes nothing.

#include <immintrin.h>
#include <stddef.h>

#ifdef __AVX512F__
typedef __m512i vector;
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, v) _mm512_storeu_si512(p, v)
#define STREAM(p, v) _mm512_stream_si512((void *)(p), v)
#else
typedef __m256i vector;
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define STREAM(p, v) _mm256_stream_si256((__m256i *)(p), v)
#endif

#define ALWAYS static inline __attribute__((always_inline))

// Loads are combined by an instruction, so that none is left out.
ALWAYS vector move(const char *src, size_t loads, char *dst, size_t stores, size_t loads_a_store, size_t stores_a_load,
                   int stream, vector v) {
    size_t i = 0, j = 0;
    while (i + loads_a_store <= loads && j + stores_a_load <= stores) {
        for (size_t k = 0; k < loads_a_store; k++, i++) v |= LOAD(src + i * sizeof(vector));
        for (size_t k = 0; k < stores_a_load; k++, j++) {
            if (stream) STREAM(dst + j * sizeof(vector), v);
            else STORE(dst + j * sizeof(vector), v);
        }
    }
    for (; i < loads; i++) v |= LOAD(src + i * sizeof(vector));
    for (; j < stores; j++) {
        if (stream) STREAM(dst + j * sizeof(vector), v);
        else STORE(dst + j * sizeof(vector), v);
    }
    return v;
}

// A call for each ratio, whose loops are then unrolled.
ALWAYS vector choose(const char *src, size_t loads, char *dst, size_t stores, int stream, int apart, vector v) {
#define RATIO(n)                                                                    \
    case n:                                                                         \
        return loads > stores ? move(src, loads, dst, stores, n, 1, stream, v)      \
                              : move(src, loads, dst, stores, 1, n, stream, v)
    switch (apart ? 0 : loads > stores ? loads / stores : stores / loads) {
        RATIO(1); RATIO(2); RATIO(3); RATIO(4); RATIO(5); RATIO(6); RATIO(7);
        // All loads, then all stores.
        default: return move(src, loads, dst, stores, loads + 1, 1, stream, v);
    }
#undef RATIO
}

// Takes both in equally many pieces of whole vectors: loads and stores in turn, or in each piece apart. `dst` is aligned to
// a vector if `stream` is not 0.
void limit(const char *src, size_t src_piece, char *dst, size_t dst_piece, size_t pieces, int stream, int apart) {
    vector v = LOAD(src);
    size_t loads = src_piece / sizeof(vector), stores = dst_piece / sizeof(vector);
    for (size_t i = 0; i < pieces; i++, src += src_piece, dst += dst_piece)
        v = stream ? choose(src, loads, dst, stores, 1, apart, v) : choose(src, loads, dst, stores, 0, apart, v);
    if (stream) _mm_sfence();
    // The loads count as used.
    __asm__ volatile("" : : "x"(v));
}
