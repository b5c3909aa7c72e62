# Sourced by run and long: how steps are run and timed, and which tests run where.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
# Nothing here is compiled a second time.
export CARGO_INCREMENTAL=0
# Outside the gate, `cargo test` does without debug assertions (`[profile.test]`).
export CARGO_PROFILE_TEST_DEBUG_ASSERTIONS=true
unset RUSTFLAGS RUSTDOCFLAGS ZEROPOINT_BACKEND

# All features but the C ABI, which adds a fifth to every compilation and has a step of its own.
kernels=half,serde,ggml

# It starts the binary under test as a child process, which QEMU's user mode cannot do on a machine that does not
# know foreign binaries. All other test targets run emulated, new ones too.
spawn_children=(programs)

die() {
    echo "error: $*" >&2
    exit 1
}

# usage: run_steps STEP... ; each is a function step_STEP. The first failure ends the run. Leaves the durations in
# $step_seconds and $total_seconds.
run_steps() {
    local started=$SECONDS step durations=()
    for step in "$@"; do
        declare -F "step_$step" >/dev/null || die "no step '$step'; there are: $(all_steps)"
    done
    trap 'echo "FAILED: step $step after $((SECONDS - began)) s" >&2' ERR
    for step in "$@"; do
        local began=$SECONDS
        printf '\n=== %s\n' "$step"
        "step_$step"
        durations+=("$step $((SECONDS - began))")
        echo "=== $step: $((SECONDS - began)) s"
    done
    trap - ERR
    total_seconds=$((SECONDS - started))
    step_seconds=$(printf '%s, ' "${durations[@]}")
    step_seconds=${step_seconds%, }
}

all_steps() {
    declare -F | sed -n 's/^declare -f step_//p' | paste -sd ' '
}

# The processor's backends, by the same features that src/simd asks for, but read from the kernel.
native_backends() {
    local flags backends=scalar,portable
    flags=" $(sed -n '/^flags/{s/.*: //p;q}' /proc/cpuinfo) "
    [[ $flags == *" avx2 "* && $flags == *" fma "* && $flags == *" f16c "* ]] && backends+=,avx2
    has_avx512 && backends+=,avx512
    echo "$backends"
}

has_avx512() {
    local flags feature
    flags=" $(sed -n '/^flags/{s/.*: //p;q}' /proc/cpuinfo) "
    for feature in avx512f avx512bw avx512dq avx512vl; do
        [[ $flags == *" $feature "* ]] || return 1
    done
}

# Prints the cargo arguments that select what can run under an emulator. A test target is tests/NAME.rs or
# tests/NAME/main.rs.
emulated_tests() {
    local target names=() name
    for target in tests/*.rs tests/*/main.rs; do
        [[ -f $target ]] || continue
        name=${target#tests/}
        name=${name%/main.rs}
        names+=("${name%.rs}")
    done
    for name in "${spawn_children[@]}"; do
        [[ " ${names[*]} " == *" $name "* ]] || die "test '$name' is excluded from emulation but does not exist"
    done
    echo --lib
    for name in "${names[@]}"; do
        [[ " ${spawn_children[*]} " == *" $name "* ]] || printf -- '--test\n%s\n' "$name"
    done
}

# usage: with_tests EFFORT BACKENDS COMMAND...; the suites read both variables.
with_tests() {
    local effort=$1 backends=$2
    shift 2
    echo "--- effort $effort %, expecting $backends: $*"
    ZEROPOINT_TEST_EFFORT=$effort ZEROPOINT_EXPECT_BACKENDS=$backends "$@"
}

# usage: suites MODULES COMMAND...; runs the command with cargo's arguments for the unit tests and these modules of the
# tests in tests/kernels, or for all that can be emulated if MODULES is empty.
suites() {
    local modules tests
    read -ra modules <<<"$1"
    if ((${#modules[@]})); then
        "${@:2}" --lib && "${@:2}" --test kernels -- "${modules[@]}"
    else
        mapfile -t tests < <(emulated_tests)
        ((${#tests[@]})) && "${@:2}" "${tests[@]}"
    fi
}

# usage: ladder EFFORT [MODULES], as `suites`. The processor with AVX2 and no more, and the one without. What QEMU
# cannot emulate of the former has nothing to do with vectors, but it would say so for every process.
ladder() {
    local haswell=Haswell,-rtm,-hle,-pcid,-invpcid,-x2apic,-tsc-deadline emulator
    emulator=$(. "$(.ci/cross-setup)" && echo "$ZEROPOINT_EMULATORS/qemu-x86_64")
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$emulator -cpu $haswell" \
        with_tests "$1" scalar,portable,avx2 suites "${2-}" cargo test
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$emulator -cpu Nehalem" \
        with_tests "$1" scalar,portable suites "${2-}" cargo test
}

# usage: neon EFFORT [MODULES], as `suites`; in a subshell, since the environment names another compiler.
neon() (
    env_file=$(.ci/cross-setup)
    # shellcheck source=/dev/null
    . "$env_file"
    export CARGO_TARGET_DIR=target/ci/neon
    with_tests "$1" scalar,portable,neon suites "${2-}" \
        cargo test --target aarch64-unknown-linux-gnu --features "$kernels"
    # In the tests' profile, which is optimised, so that nothing is compiled again.
    prove_exact=(cargo run --profile test --target aarch64-unknown-linux-gnu --features "$kernels" --example prove_exact -- --quick)
    proof=$("${prove_exact[@]}") || { echo "$proof"; die "a code differs from the division's"; }
    echo "$proof"
    grep -q '^neon .*every scale' <<<"$proof" || die "the kernels of NEON were not compared with divisions"
)

# Targets of which the standard library is built here: WebAssembly with and without vectors, big-endian, 32 bits. Each
# is its name, the target, the features (of threads, and of 16-bit floats where their integers are other instructions or in
# another order), and the compiler's flags.
built_targets=(
    'wasm32 wasm32-wasip1 std,f64'
    'wasm32+simd128 wasm32-wasip1 std,f64,half -Ctarget-feature=+simd128'
    's390x s390x-unknown-linux-gnu rayon,f64,half'
    'armv7 armv7-unknown-linux-gnueabihf rayon,f64'
    'i686 i686-unknown-linux-gnu rayon,f64'
)

# Writes a package of the library and its tests alone, without the benches, the examples and what they depend on, which
# would be compiled for every target. Prints its manifest.
tests_alone() {
    local package=target/ci/targets/package name
    rm -rf "$package"
    mkdir -p "$package"
    for name in src tests include build.rs README.md; do
        ln -s "$PWD/$name" "$package/$name"
    done
    cp Cargo.lock "$package"
    awk '/^\[/ { skipped = /^\[(dev-dependencies|target\.|\[|profile\.bench|profile\.test\.package)/ } !skipped' Cargo.toml >"$package/Cargo.toml"
    printf '[dev-dependencies]\n' >>"$package/Cargo.toml"
    grep -E '^(half = "2"|memmap2 = |proptest = )' Cargo.toml >>"$package/Cargo.toml"
    echo "$package/Cargo.toml"
}

# usage: on_targets EFFORT [MODULES], as `neon`; ends with a line a target.
on_targets() (
    env_file=$(.ci/cross-setup)
    # shellcheck source=/dev/null
    . "$env_file"
    export RUSTC_BOOTSTRAP=1
    manifest=$(tests_alone)
    counts=()
    for entry in "${built_targets[@]}"; do
        read -r name target features flags <<<"$entry"
        log=target/ci/targets/$name.log
        variable=CARGO_TARGET_$(tr a-z- A-Z_ <<<"$target")_RUSTFLAGS
        with_tests "$1" scalar,portable suites "${2-}" env "$variable=${!variable-} $flags" CARGO_TARGET_DIR="target/ci/targets/$name" \
            cargo test --manifest-path "$manifest" --target "$target" -Zbuild-std=std,panic_abort,test \
            --no-default-features --features "$features" 2>&1 | tee "$log"
        passed=$(awk '/^test result: ok/ { n += $4 } END { print n + 0 }' "$log")
        ((passed > 0)) || die "no test ran on $name"
        counts+=("$name: $passed tests passed")
    done
    printf '%s\n' "${counts[@]}"
)
