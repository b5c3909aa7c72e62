// The operations of include/zeropoint.h in C++17: a weight by channels and blocks, activations by rows, threads, and
// calibration.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <zeropoint.h>

namespace {

void check(zp_status status)
{
    if (status != ZP_OK) {
        std::string message(zp_last_error_message(nullptr, 0) + 1, '\0');
        zp_last_error_message(&message[0], message.size());
        throw std::runtime_error(message);
    }
}

// A granularity's number of slices.
std::size_t slices_of(const zp_granularity &granularity)
{
    std::size_t slices = 0;
    check(zp_granularity_slices(granularity, &slices));
    return slices;
}

struct Weight {
    std::vector<std::size_t> shape;
    std::vector<float> x;
};

Weight make_weight(std::size_t rows, std::size_t columns)
{
    Weight w{{rows, columns}, std::vector<float>(rows * columns)};
    for (std::size_t i = 0; i < w.x.size(); i++) {
        w.x[i] = std::sin(0.37f * static_cast<float>(i)) * static_cast<float>(1 + i / columns);
    }
    return w;
}

// A scale for each output channel, symmetric: no zero points.
double per_channel(const Weight &w)
{
    zp_granularity channels;
    check(zp_granularity_channel(w.shape.data(), w.shape.size(), 0, &channels));
    const std::size_t slices = slices_of(channels), n = w.x.size();
    std::vector<float> scales(slices);
    std::vector<std::int8_t> codes(n);
    check(zp_quantize_dynamic_per(w.x.data(), ZP_F32, n, channels, ZP_SYMMETRIC, 0, codes.data(), ZP_I8, n,
        scales.data(), nullptr, slices));
    const zp_slice_params params = {scales.data(), nullptr, slices, -127, 127};
    zp_error_stats stats;
    check(zp_quantization_error_per(w.x.data(), ZP_F32, n, channels, params, ZP_I8, &stats));
    return stats.sqnr_db;
}

// Blocks of 32 along the last axis, two codes a byte.
double per_block(const Weight &w)
{
    zp_granularity blocks;
    check(zp_granularity_block(w.shape.data(), w.shape.size(), 1, 32, &blocks));
    const std::size_t slices = slices_of(blocks), n = w.x.size();
    std::vector<float> scales(slices), back(n);
    std::vector<std::uint8_t> packed((n + 1) / 2);
    check(zp_quantize_dynamic_per(w.x.data(), ZP_F32, n, blocks, ZP_SYMMETRIC, 0, packed.data(), ZP_I4, n,
        scales.data(), nullptr, slices));
    const zp_slice_params params = {scales.data(), nullptr, slices, -7, 7};
    check(zp_dequantize_per(packed.data(), ZP_I4, n, blocks, params, back.data(), ZP_F32, n));
    double signal = 0, noise = 0;
    for (std::size_t i = 0; i < n; i++) {
        signal += double(w.x[i]) * w.x[i];
        noise += (double(w.x[i]) - back[i]) * (double(w.x[i]) - back[i]);
    }
    return 10 * std::log10(signal / noise);
}

// What one call in a pool needs.
struct Tokens {
    std::size_t rows, columns;
    std::vector<float> x;
    std::vector<float> scales;
    std::vector<std::int32_t> zero_points;
    std::vector<std::uint8_t> codes;
};

// Activations: each row by its own range.
zp_status quantize_tokens(void *context)
{
    Tokens &t = *static_cast<Tokens *>(context);
    zp_granularity rows;
    const zp_status status = zp_granularity_row(t.rows, t.columns, &rows);
    if (status != ZP_OK) {
        return status;
    }
    return zp_quantize_dynamic_per(t.x.data(), ZP_F32, t.x.size(), rows, ZP_ASYMMETRIC, 0, t.codes.data(), ZP_U8,
        t.codes.size(), t.scales.data(), t.zero_points.data(), t.rows);
}

// The same codes from one thread and from a pool; an error comes back out of the pool.
bool threads()
{
    const Weight w = make_weight(512, 2048);
    Tokens alone{512, 2048, w.x, std::vector<float>(512), std::vector<std::int32_t>(512),
        std::vector<std::uint8_t>(w.x.size())};
    Tokens shared = alone;
    check(quantize_tokens(&alone));

    zp_pool *pool = nullptr;
    check(zp_pool_new(4, &pool));
    check(zp_pool_run(pool, quantize_tokens, &shared));
    const bool same = alone.codes == shared.codes && alone.scales == shared.scales
        && alone.zero_points == shared.zero_points;
    shared.x[700 * 2] = NAN;
    const zp_status status = zp_pool_run(pool, quantize_tokens, &shared);
    char message[128];
    zp_last_error_message(message, sizeof message);
    std::printf("with a NaN: %s\n", message);
    zp_pool_free(pool);
    return same && status == ZP_NOT_FINITE && std::string(message) == "NaN or infinity at element 1400";
}

// Observers are freed with their owner.
struct Free {
    void operator()(zp_observer *observer) const { zp_observer_free(observer); }
};
using Observer = std::unique_ptr<zp_observer, Free>;

Observer observer_of(zp_observer_kind kind)
{
    zp_observer *observer = nullptr;
    check(zp_observer_new(kind, ZP_F32, 0, &observer));
    return Observer(observer);
}

std::vector<unsigned char> bytes_of(const Observer &observer)
{
    std::size_t size = 0;
    check(zp_observer_to_bytes(observer.get(), nullptr, 0, &size));
    std::vector<unsigned char> bytes(size);
    check(zp_observer_to_bytes(observer.get(), bytes.data(), bytes.size(), &size));
    return bytes;
}

// Two shards of the data, with an outlier: one is observed elsewhere, and comes here as bytes. The range leaves the
// outlier out.
bool calibrate()
{
    const Observer here = observer_of(ZP_HISTOGRAM), elsewhere = observer_of(ZP_HISTOGRAM);
    const Weight w = make_weight(2, 5000);
    const float outlier = 1000;
    check(zp_observer_observe(here.get(), w.x.data(), ZP_F32, 5000, nullptr));
    check(zp_observer_observe(elsewhere.get(), w.x.data() + 5000, ZP_F32, 5000, nullptr));
    check(zp_observer_observe(elsewhere.get(), &outlier, ZP_F32, 1, nullptr));

    const std::vector<unsigned char> bytes = bytes_of(elsewhere);
    zp_observer *shard = nullptr;
    check(zp_observer_from_bytes(bytes.data(), bytes.size(), &shard));
    const Observer arrived(shard);
    check(zp_observer_merge(here.get(), arrived.get()));

    zp_params params;
    check(zp_observer_params(here.get(), ZP_CLIP_PERCENTILE, 99.9, ZP_SYMMETRIC, 0, ZP_I8, &params, 1));
    std::printf("99.9 %% of the elements lie within %.3f\n", params.scale * params.qmax);
    return params.scale * params.qmax > 1.9 && params.scale * params.qmax < 2.1;
}

// Adds counts and compares bounds, as an all-reduce does; the result is the state of all data. Numbers are copied as they
// are, so this needs a little-endian machine.
bool all_reduce()
{
    const Weight w = make_weight(2, 5000);
    const Observer shards[] = {observer_of(ZP_HISTOGRAM), observer_of(ZP_HISTOGRAM)}, whole = observer_of(ZP_HISTOGRAM);
    check(zp_observer_observe(whole.get(), w.x.data(), ZP_F32, w.x.size(), nullptr));
    std::vector<std::uint64_t> sums(65279), counts(sums.size());
    std::uint64_t not_finite = 0;
    double bounds[] = {INFINITY, -INFINITY};
    std::vector<unsigned char> state;
    for (std::size_t i = 0; i < 2; i++) {
        check(zp_observer_observe(shards[i].get(), w.x.data() + i * 5000, ZP_F32, 5000, nullptr));
        check(zp_observer_counts(shards[i].get(), counts.data(), counts.size()));
        std::transform(sums.begin(), sums.end(), counts.begin(), sums.begin(), std::plus<std::uint64_t>());
        state = bytes_of(shards[i]);
        std::uint64_t others;
        double seen[2];
        std::memcpy(&others, &state[8], sizeof others);
        std::memcpy(seen, &state[16], sizeof seen);
        not_finite += others;
        bounds[0] = std::min(bounds[0], seen[0]);
        bounds[1] = std::max(bounds[1], seen[1]);
    }
    state.resize(32);
    std::memcpy(&state[8], &not_finite, sizeof not_finite);
    std::memcpy(&state[16], bounds, sizeof bounds);
    for (std::size_t i = 0; i < sums.size(); i++) {
        if (sums[i] > 0) {
            const std::int32_t bin = static_cast<std::int32_t>(i) - 65279 / 2;
            state.resize(state.size() + 12);
            std::memcpy(&state[state.size() - 12], &bin, 4);
            std::memcpy(&state[state.size() - 8], &sums[i], 8);
        }
    }
    zp_observer *all = nullptr;
    check(zp_observer_from_bytes(state.data(), state.size(), &all));
    const Observer everywhere(all);
    std::printf("all-reduce: a state of %zu bytes\n", state.size());
    return bytes_of(everywhere) == bytes_of(whole);
}

// The columns of a data set that comes in two batches: the parameters are those of the whole.
bool columns()
{
    const Weight w = make_weight(200, 16);
    const Observer observer = observer_of(ZP_MIN_MAX_PER), whole = observer_of(ZP_MIN_MAX_PER);
    const std::size_t shape[] = {200, 16}, half[] = {100, 16};
    zp_granularity of_whole, of_half;
    check(zp_granularity_channel(shape, 2, 1, &of_whole));
    check(zp_granularity_channel(half, 2, 1, &of_half));
    check(zp_observer_observe(whole.get(), w.x.data(), ZP_F32, 3200, &of_whole));
    check(zp_observer_observe(observer.get(), w.x.data(), ZP_F32, 1600, &of_half));
    check(zp_observer_observe(observer.get(), w.x.data() + 1600, ZP_F32, 1600, &of_half));

    std::vector<zp_params> params(slices_of(of_whole));
    check(zp_observer_params(observer.get(), ZP_CLIP_NONE, 0, ZP_SYMMETRIC, 0, ZP_I8, params.data(), params.size()));
    std::printf("columns: scales from %.3f to %.3f\n", params.front().scale, params.back().scale);
    return bytes_of(observer) == bytes_of(whole);
}

} // namespace

int main()
{
    try {
        const Weight w = make_weight(64, 100);
        const double channels = per_channel(w), blocks = per_block(w);
        std::printf("8 bits, a scale a channel: %.1f dB\n", channels);
        std::printf("4 bits, a scale 32 weights: %.1f dB\n", blocks);
        const bool same = threads();
        std::printf("threads: %s\n", same ? "the same codes" : "OTHER CODES");
        const bool calibrated = calibrate() && all_reduce() && columns();
        return channels > 40 && blocks > 15 && same && calibrated ? 0 : 1;
    } catch (const std::exception &error) {
        std::printf("error: %s\n", error.what());
        return 1;
    }
}
