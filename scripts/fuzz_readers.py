"""Fuzz the readers of files that may come from a stranger: no crash, no hang, bounded memory, one clear line.

    ./scripts/fuzz                                     every reader, 60 s in all, seed 0
    ./scripts/fuzz --seconds 3600 --seed 7             longer, with other inputs
    ./scripts/fuzz --reader transcript --reader feed   only these; --list names all
    ./scripts/fuzz --reader feed --input FILE          read one file, such as one that was kept from a fault
    ./scripts/fuzz --engine atheris --reader feed      guided by coverage, where atheris is installed

Inputs are drawn by Hypothesis from seeds: the same seed gives the same inputs. What is found is made smaller and kept
in ./fuzz-faults. The exit status is 1 if something was found.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.fuzzing.readers import READERS
from scripts.fuzzing.rounds import FaultError, Report, attempt, run_rounds

ROOT = Path(__file__).resolve().parent.parent
FAULTS = ROOT / "fuzz-faults"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status."""
    options = _parsed(arguments)
    if options.list:
        print("\n".join(READERS))
        return 0
    if options.input is not None:
        return _read_one(options.reader, options.input)
    if options.engine == "atheris":
        return _run_atheris(options.reader, options.seconds, options.seed)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cuemark-fuzz-") as folder:
        reports = run_rounds("scripts.fuzzing.readers", options.reader, options.seconds, options.seed, Path(folder))
    for report in reports:
        print(_line(report))
    faults = [report for report in reports if report.fault]
    number = sum(report.inputs for report in reports)
    took = time.monotonic() - started
    print(f"{len(reports)} readers, {number:,} inputs, {len(faults)} faults in {took:.0f} s (seed {options.seed})")
    return 1 if faults else 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    first, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        "fuzz", description=first, epilog=rest, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long, for all readers together (60)")
    parser.add_argument("--seed", type=int, default=0, help="which inputs (0)")
    parser.add_argument(
        "--reader", action="append", choices=[*READERS], metavar="NAME", help="only this reader; may be repeated"
    )
    parser.add_argument("--input", type=Path, help="read this file once, with the one reader that is named")
    parser.add_argument(
        "--engine", choices=["hypothesis", "atheris"], default="hypothesis", help="what makes the inputs"
    )
    parser.add_argument("--list", action="store_true", help="list the readers")
    options = parser.parse_args(arguments)
    if options.input is not None and len(options.reader or ()) != 1:
        parser.error("--input needs one --reader")
    options.reader = options.reader or [*READERS]
    return options


def _line(report: Report) -> str:
    counted = f"{report.inputs:>7,} inputs  {report.refused:>7,} refused"
    line = f"{report.reader:20} {counted}  longest {report.longest:5.2f} s  memory {report.memory:4.0f} MB"
    if not report.fault:
        return line
    path = _keep(report)
    again = f'./scripts/fuzz --reader "{report.reader}" --input {path.relative_to(ROOT)}'
    return f"{line}\n    FAULT {report.fault}\n    {again}"


def _keep(report: Report) -> Path:
    FAULTS.mkdir(exist_ok=True)
    path = FAULTS / report.reader.replace(" ", "-")
    path.write_bytes(report.content)
    return path


def _read_one(names: Sequence[str], path: Path) -> int:
    report = Report(names[0])
    try:
        attempt(READERS[names[0]](), path.read_bytes(), report)
    except FaultError as e:
        print(f"FAULT {e}")
        raise
    print(f"{'refused' if report.refused else 'read'} in {report.longest:.2f} s of processor time")
    if report.fault:
        print(f"FAULT {report.fault}")
    return 1 if report.fault else 0


def _run_atheris(names: Sequence[str], seconds: float, seed: int) -> int:
    if importlib.util.find_spec("atheris") is None:
        print(
            "atheris is not installed here: pip install atheris (it has no packages for every system)", file=sys.stderr
        )
        return 1
    status = 0
    for name in names:
        share = max(1, round(seconds / len(names)))
        command = [sys.executable, "-m", "scripts.fuzzing.coverage_guided", name, str(share), str(seed), str(FAULTS)]
        status |= subprocess.run(command, cwd=ROOT, check=False).returncode != 0
    return status


if __name__ == "__main__":
    sys.exit(main())
