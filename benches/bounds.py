#!/usr/bin/env python3
"""What a CPU's execution units allow the inner loops of the kernels, by llvm-mca's model of it.

    python3 benches/bounds.py                  Zen 4
    python3 benches/bounds.py --cpu icelake-server --ghz 3.0

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
# handles so many bits of elements of so many bits: whole registers, or half ones.
LOOPS = [
    ("min_max f32", "vpmaxsd vpmaxud", "vpminsd vpmovd2m vmovmskps vextract", "vpmaxsd", 32),
    ("abs_max f32", "vpand vpmaxsd", "vpmaxud vpminsd vextract vpshufd", "vpmaxsd", 32),
    ("quantize f32 u8", "vminps vfmadd...ps vpaddsw vpackuswb", "vpmaxub vcvtps2pd vmovntdq", "vfmadd...ps", 32),
    ("quantize f32 i8 symmetric", "vminps vfmadd...ps vpacksswb vpmaxsb", "vpaddsw vpminsb vmovntdq", "vfmadd...ps", 32),
    ("quantize_dynamic f32 u8, second pass", "vfmadd...ps vpaddw vpackuswb", "vpmaxub vminps vmovntdq", "vfmadd...ps", 32),
    ("quantize f64 u8", "vminpd vfmadd...pd vpaddsw vpackuswb", "vpmaxub vcvtps2pd vmovntdq", "vfmadd...pd", 64),
    ("dequantize u8 f32", "vpmovzxbd vcvtdq2ps vmulps", "vmovntps vpmovm2d vminps", "vcvtdq2ps", 32),
    ("quantization_error f32 u8", "vcvtps2pd vcvtdq2ps vfmadd...ps", "vpackuswb", "vfmadd...ps", 32),
]  # fmt: skip


def main():
    arguments = parse()
    mca = shutil.which(arguments.mca) or shutil.which("llvm-mca")
    if not mca or not shutil.which("objdump"):
        sys.exit(f"bounds.py needs objdump and {arguments.mca}")
    functions = disassemble(build())
    print(f"{arguments.cpu}, {arguments.ghz} GHz")
    print(f"{'operation':<40} {'':<7} {'elements':>8} {'instructions':>12} {'cycles':>7} {'ns/element':>10}")
    missing = 0
    for name, has, has_not, counted, bits in LOOPS:
        for isa, register, width in (("avx512", "zmm", 512), ("avx2", "ymm", 256)):
            loop = find(functions, isa, register, has.split(), has_not.split())
            if not loop:
                print(f"{name:<40} {isa:<7} not found")
                missing += 1
                continue
            elements = count(loop, counted) * width // bits
            cycles = throughput(mca, arguments.cpu, loop)
            ns = cycles / elements / arguments.ghz
            print(f"{name:<40} {isa:<7} {elements:>8} {len(loop):>12} {cycles:>7.1f} {ns:>10.4f}")
    return 1 if missing else 0


def parse():
    parser = argparse.ArgumentParser(prog="bounds.py", description=__doc__.splitlines()[0])
    parser.add_argument("--cpu", default="znver4", help="llvm-mca's name of the CPU")
    parser.add_argument("--ghz", type=float, default=3.7, help="its clock")
    parser.add_argument("--mca", default="llvm-mca-19", help="the program")
    return parser.parse_args()


def build():
    """The benchmark `ratios`, which has every kernel in it."""
    command = ["cargo", "bench", "--bench", "ratios", "--no-run", "--message-format=json"]
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
                if all(count(loop, one) for one in has) and not any(count(loop, one) for one in has_not):
                    found.append(loop)
    return min(found, key=len, default=None)


def count(loop, mnemonic):
    return sum(1 for text in loop if re.match(mnemonic, text))


def throughput(mca, cpu, loop):
    """Cycles that one turn of the loop takes at least."""
    code = [re.sub(r"^(j\w+)\s.*", r"\1 top", re.sub(r"\s*<.*>", "", text)) for text in loop]
    text = ".intel_syntax noprefix\ntop:\n" + "\n".join(code) + "\n"
    command = [mca, f"-mcpu={cpu}", "-mtriple=x86_64"]
    report = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, text=True).stdout
    return float(re.search(r"Block RThroughput:\s+([0-9.]+)", report)[1])


if __name__ == "__main__":
    sys.exit(main())
