#!/usr/bin/env python3
"""What a CPU's execution units allow the inner loops of the kernels, by llvm-mca's model of it.

    python3 benches/bounds.py                  Zen 4
    python3 benches/bounds.py --pipes --ghz 2.96

With `--pipes` by a model of its own, of Intel's CPUs with AVX-512: every operation of a loop takes one of two
pipes of 512 bits, or of three of 256, and those in DOUBLE two or three of them; loads, stores and moves take none.
(llvm-mca's model of them lets some loops take half as long again as they do.)

Finds the loops in the compiled benchmark `ratios` by their instructions, and prints for each how many
instructions it has, and how many cycles and nanoseconds an element takes if every load hits the first
cache and every unit is always busy. Needs objdump (binutils) and llvm-mca (llvm).
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Operation; instructions that its loop has; those that it has not; the one that is counted, which
# handles so many bits of elements of so many bits: whole registers, or half ones. The loop of one
# instruction set only where that is named.
LOOPS = [
    ("min_max f32", "vpmaxsd vminps vcmpordps", "vpminsd vpmovd2m vextract", "vpmaxsd", 32, "avx512"),
    ("min_max f32", "vpmaxsd vpmaxud", "vpminsd vpmovd2m vmovmskps vextract", "vpmaxsd", 32, "avx2"),
    ("abs_max f32", "vpand 4*vpmaxsd", "vpmaxud vpminsd vextract vpshufd vminps", "vpmaxsd", 32),
    ("quantize f32 u8", "vminps vfmadd...ps vpaddsw vpackuswb", "vpmaxub vcvtps2pd vmovntdq vpmovzxwd vcvtph2ps", "vfmadd...ps", 32),
    ("quantize f32 i8 symmetric", "vminps vfmadd...ps vpacksswb vpmaxsb", "vpaddsw vpminsb vmovntdq vpmovzxwd vcvtph2ps", "vfmadd...ps", 32),
    ("quantize_dynamic f32 u8, second pass", "vfmadd...ps vpaddw vpackuswb", "vpmaxub vminps vmovntdq vpmovzxwd vcvtph2ps", "vfmadd...ps", 32),
    ("blocks of 32, f32 i8, second pass", "4*vbroadcastss vfmadd...ps vpacksswb vpminsb", "vpaddw vpmaxsb vpmovzxwd vcvtph2ps vcvtps2pd", "vfmadd...ps", 32, "avx512"),
    ("blocks of 32, f32 i8, second pass", "4*vbroadcastss vfmadd...ps vpacksswb", "vpaddw vpmaxsb vpminsb vpmovzxwd vcvtph2ps vcvtps2pd", "vfmadd...ps", 32, "avx2"),
    ("quantize f64 u8", "vminpd vfmadd...pd vpaddsw vpackuswb", "vcvtps2pd vmovntdq", "vfmadd...pd", 64),
    ("quantize f16 u8", "vcvtph2ps vminps vfmadd...ps vpaddsw vpackuswb", "vmovntdq", "vfmadd...ps", 32),
    ("quantize bf16 u8", "vpmovzxwd vminps vfmadd...ps vpaddsw vpackuswb", "vmovntdq", "vfmadd...ps", 32),
    ("dequantize u8 f32", "vpmovzxbd vcvtdq2ps vmulps", "vmovntps vpmovm2d vminps vpackusdw vcvtps2ph", "vcvtdq2ps", 32),
    ("dequantize i8 f16", "vpmovsxbd vcvtdq2ps vmulps vcvtps2ph", "vmovntdq", "vcvtdq2ps", 32),
    ("dequantize i8 bf16", "vpmovsxbd vcvtdq2ps vmulps vpermt2w", "vmovntdq", "vcvtdq2ps", 32, "avx512"),
    ("dequantize i8 bf16", "vpmovsxbd vcvtdq2ps vmulps vpackusdw", "vmovntdq", "vcvtdq2ps", 32, "avx2"),
    ("requantize i32 u8, by a float", "vcvtdq2ps vmulps vcvtps2dq vpaddsw vpackuswb", "vfmadd...ps vmovntdq vminps vpmaxub vpmovzxbd", "vcvtdq2ps", 32),
    ("requantize i32 u8, in fixed point", "vpmuldq vpaddsw vpackuswb", "vmovntdq vpsllv imul vpsrlvd", "vpmuldq", 64),
    ("quantization_error f32 u8", "vcvtps2pd vcvtdq2ps vfmadd...ps", "vpackuswb", "vfmadd...ps", 32),
]  # fmt: skip


# Operations that take more than one pipe.
DOUBLE = {"vcvtph2ps": 2, "vcvtps2ph": 2, "vcvtps2pd": 2, "vcvtpd2dq": 2, "vcvtpd2ps": 2, "vpermt2w": 3}


def main():
    arguments = parse()
    mca = shutil.which(arguments.mca) or shutil.which("llvm-mca")
    if not (mca or arguments.pipes) or not shutil.which("objdump"):
        sys.exit(f"bounds.py needs objdump and {arguments.mca}")
    functions = disassemble(build())
    print(f"{'two pipes, or three' if arguments.pipes else arguments.cpu}, {arguments.ghz} GHz")
    print(f"{'operation':<40} {'':<7} {'elements':>8} {'instructions':>12} {'cycles':>7} {'ns/element':>10}")
    missing = 0
    for name, has, has_not, counted, bits, *only in LOOPS:
        for isa, register, width in (("avx512", "zmm", 512), ("avx2", "ymm", 256)):
            if only and isa not in only:
                continue
            loop = find(functions, isa, register, has.split(), has_not.split())
            if not loop:
                print(f"{name:<40} {isa:<7} not found")
                missing += 1
                continue
            elements = count(loop, counted) * width // bits
            if arguments.pipes:
                cycles = operations(loop) / (2 if isa == "avx512" else 3)
            else:
                cycles = throughput(mca, arguments.cpu, loop)
            ns = cycles / elements / arguments.ghz
            print(f"{name:<40} {isa:<7} {elements:>8} {len(loop):>12} {cycles:>7.1f} {ns:>10.4f}")
    return 1 if missing else 0


def parse():
    parser = argparse.ArgumentParser(prog="bounds.py", description=__doc__.splitlines()[0])
    parser.add_argument("--cpu", default="znver4", help="llvm-mca's name of the CPU")
    parser.add_argument("--pipes", action="store_true", help="count operations instead of asking llvm-mca")
    parser.add_argument("--ghz", type=float, default=3.7, help="its clock")
    parser.add_argument("--mca", default="llvm-mca-19", help="the program")
    return parser.parse_args()


def build():
    """The benchmark `ratios`, which has every kernel in it."""
    command = ["cargo", "bench", "--features", "half,serde", "--bench", "ratios", "--no-run", "--message-format=json"]
    output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return next(m["executable"] for m in messages if m.get("target", {}).get("name") == "ratios" and m.get("executable"))


def disassemble(path):
    """[(function, [(address, instruction)])]"""
    command = ["objdump", "-dC", "-Mintel", "--no-show-raw-insn", path]
    functions = []
    for line in subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            functions.append((head[1], []))
        elif functions and (row := re.match(r"\s*([0-9a-f]+):\s+(.*)", line)):
            functions[-1][1].append((int(row[1], 16), row[2].split("#")[0].strip()))
    return functions


def find(functions, isa, register, has, has_not):
    """The shortest loop of one of this crate's kernels with and without these instructions."""
    found = []
    for name, code in functions:
        if "zeropoint::" not in name or isa not in name.lower():
            continue
        index = {address: i for i, (address, _) in enumerate(code)}
        for i, (_, text) in enumerate(code):
            jump = re.match(r"j\w+\s+([0-9a-f]+)", text)
            start = index.get(int(jump[1], 16), i) if jump else i
            loop = [text for _, text in code[start : i + 1]]
            if start < i < start + 120 and register in "".join(loop):
                if all(has_enough(loop, one) for one in has) and not any(count(loop, one) for one in has_not):
                    found.append(loop)
    return min(found, key=len, default=None)


def has_enough(loop, wanted):
    """Of `vpmaxsd` one, of `4*vpmaxsd` four."""
    number, _, mnemonic = wanted.rpartition("*")
    return count(loop, mnemonic) >= int(number or 1)


def count(loop, mnemonic):
    return sum(1 for text in loop if re.match(mnemonic, text))


def operations(loop):
    """The pipes that the vector operations of one turn take, one after the other."""
    vector = [text for text in loop if re.match("v(?!mov)", text) and not re.match(r"vbroadcast.*\[", text)]
    return sum(DOUBLE.get(text.split()[0], 1) for text in vector)


def throughput(mca, cpu, loop):
    """Cycles that one turn of the loop takes at least."""
    # objdump says `{sae}` of a conversion that has none.
    code = [re.sub(r"^(j\w+)\s.*", r"\1 top", re.sub(r"\s*<.*>|\{sae\}", "", text)) for text in loop]
    text = ".intel_syntax noprefix\ntop:\n" + "\n".join(code) + "\n"
    command = [mca, f"-mcpu={cpu}", "-mtriple=x86_64"]
    report = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, text=True).stdout
    return float(re.search(r"Block RThroughput:\s+([0-9.]+)", report)[1])


if __name__ == "__main__":
    sys.exit(main())
