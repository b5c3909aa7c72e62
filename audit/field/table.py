"""Makes a Markdown table of reports.

usage: table.py PATH...                       PATH.json has a report a line
       table.py --wrap KERNEL VERSION FILE    makes such a line of a report of the program
"""

import datetime
import json
import sys


def lines(paths):
    for path in paths:
        with open(path + ".json", encoding="utf-8") as file:
            yield from map(json.loads, file)


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(": ")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return "unknown"


def words(finding):
    """The contract, others that explain all outputs as well, and the rules that no case told apart."""
    text = "the contract" if finding["is_reference"] else finding["text"]
    text += "".join(f" (or: {also})" for also in finding["also"])
    unknown = [e["rule"] for e in finding["evidence"] if e["cases"] == 0]
    return text + (f" (no case tells: {', '.join(unknown)})" if unknown else "")


def place(border):
    if "multiple" in border:
        return f"beyond the last multiple of {border['multiple']}"
    return f"in slices of fewer than {border['length']}"


def verdict(report):
    pieces = report["pieces"]
    cut = f"; depends on the cut in {pieces['differing']} of {pieces['calls']} calls" if pieces["differing"] else ""
    return formula(report) + cut


def formula(report):
    found = report["verdict"]
    if found["kind"] == "one":
        return words(found["finding"])
    if found["kind"] == "two":
        places = " (or ".join(map(place, [found["border"], *found["also"]])) + ")" * len(found["also"])
        return f"{words(found['body'])}. Elements {places}: {words(found['rest'])}"
    if found["kind"] == "unknown":
        return f"no known contract; the nearest leaves {found['unexplained']} cases: {found['nearest']}"
    return found["kind"]


def classes(report):
    return ", ".join(f"{c['name']} {c['differing']}" for c in report["classes"] if c["differing"])


def row(line):
    report, example = line["report"], line["report"]["counterexample"]
    shown = ""
    if example and len(example["call"]) < 120:
        of = "" if example["len"] == 1 else f"element {example['index']}: "
        shown = f"`{example['call']}` returned {of}{example['got']}, not {example['expected']}"
    elif example:
        shown = f"element {example['index']} of {example['len']} was {example['got']}, not {example['expected']}"
    differing = f"{report['differing']} of {report['cases']}"
    cells = [line["kernel"], line["version"], verdict(report), differing, classes(report), shown]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def main(arguments):
    if arguments[0] == "--wrap":
        kernel, version, path = arguments[1:]
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        print(json.dumps({"kernel": kernel, "version": version, "report": report}))
        return
    print(f"{datetime.date.today()}, {processor()}:\n")
    print("| kernel | version | what it computes | differing | by class | smallest counterexample |")
    print("|---|---|---|--:|---|---|")
    for line in lines(arguments):
        print(row(line))


if __name__ == "__main__":
    main(sys.argv[1:])
