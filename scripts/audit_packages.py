"""Look at what is installed: known vulnerabilities, and a licence for each package that cuemark can be used with.

    ./scripts/audit

pip-audit asks the service that the package index offers for vulnerabilities. A mirror often has no such service, and
pip-audit then finds nothing without having looked: that is said here. The exit status is 1 if a vulnerability is known,
or a licence is neither in ``ALLOWED`` nor in ``LOOKED_AT``; it is 0 if nobody could look for vulnerabilities.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions

from packaging.utils import canonicalize_name

ALLOWED = frozenset(
    (
        *(
            "0BSD",
            "Apache-2.0",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "BSL-1.0",
            "CC0-1.0",
            "CNRI-Python",
            "HPND",
            "ISC",
            "MIT",
        ),
        *("MIT-0", "MIT-CMU", "PSF-2.0", "Unlicense", "Zlib", "LLVM-exception"),  # demand a notice at most
        *("EPL-2.0", "LGPL-2.1-or-later", "LGPL-3.0-only", "MPL-2.0"),  # of their own files alone; used as they are
    )
)
"""Licences, as SPDX identifiers, under which a package may be imported by a program under the MIT licence."""

LOOKED_AT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "pyannote-audio",
            "pyannote-core",
            "pyannote-database",
            "pyannote-metrics",
            "pyannote-pipeline",
            "pyannoteai-sdk",
        ),
        "MIT, in its file LICENSE",
    ),
    "atheris": "Apache-2.0, in its file LICENSE",
    "axe-playwright-python": "MIT, in its file LICENSE; axe-core's script inside is under the MPL-2.0, used as it is",
    "cuda-toolkit": "an empty package that names NVIDIA's libraries",
    "docutils": "public domain and BSD; what is under the GPL is an Emacs mode, which is not installed",
    "mutagen": "GPL-2.0-or-later; cuemark does not import it, only tests do, to read what cuemark has written",
    "praat-parselmouth": "GPL-3.0-or-later; the same as for mutagen",
    "praatio": "MIT, in its file LICENSE",
    "pympi-ling": "MIT, in its file LICENSE",
    "torchcodec": "BSD-3-Clause, in its file LICENSE",
}
"""Packages whose description states no licence, or a wrong one: what somebody found in them."""

NVIDIA = "NVIDIA's own terms: PyTorch's libraries for its GPUs, which each user installs; cuemark distributes none"
"""What packages whose name begins with ``nvidia-`` are under."""

_IDENTIFIERS: Mapping[str, str] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.1-or-later",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "LGPL": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""Other names of licences, from classifiers and from free text, as SPDX identifiers."""

_SPDX = re.compile(r"[\w.+-]{1,60}(?: (?:AND|OR|WITH) [\w.+-]{1,60}){0,20}")
_SERVICE_WAIT_S = 15


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence that a package states, as an SPDX expression where it can be determined, and whether it is fine."""

    package: str
    stated: str
    fine: bool


def licence_of(package: Distribution) -> Licence:
    """Return the licence of an installed package, from its description or from ``LOOKED_AT``."""
    name = canonicalize_name(package.metadata["Name"])
    if found := LOOKED_AT.get(name) or (NVIDIA if name.startswith("nvidia-") else None):
        return Licence(name, found, fine=True)
    stated = _stated(package)
    return Licence(name, stated, is_allowed(stated))


def _stated(package: Distribution) -> str:
    """Return the SPDX expression of a package; of its classifiers, all count."""
    about = package.metadata
    for text in (about[name] for name in ("License-Expression", "License") if name in about):
        name = (text.strip().splitlines() or [""])[0].strip()  # some put the whole text there
        if expression := _IDENTIFIERS.get(name) or (name if _SPDX.fullmatch(name) and name != "UNKNOWN" else None):
            return expression
    classifiers = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")
    ]
    return " AND ".join(_IDENTIFIERS.get(name, name) for name in classifiers) or "none"


def is_allowed(expression: str) -> bool:
    """Return whether one of the alternatives in an SPDX expression demands allowed licences only.

    >>> is_allowed("MIT"), is_allowed("EPL-2.0 OR GPL-2.0-or-later"), is_allowed("MIT AND GPL-3.0-only")
    (True, True, False)
    """
    alternatives = expression.strip("()").split(" OR ")
    return any(all(name in ALLOWED for name in re.split(r" AND | WITH ", one)) for one in alternatives)


def licence_lines(licences: Iterable[Licence]) -> list[str]:
    """Return how many packages have each licence, then each that somebody has to look at."""
    counts: dict[str, list[Licence]] = defaultdict(list)
    for licence in licences:
        counts[licence.stated].append(licence)
    lines = []
    for stated, found in sorted(counts.items(), key=lambda item: (-len(item[1]), item[0])):
        names = ", ".join(sorted(licence.package for licence in found))
        if all(licence.fine for licence in found):
            lines.append(f"  {len(found):>4}  {stated}")
        else:
            lines.append(f"  LOOK  {stated}: {names}; add it to LOOKED_AT in scripts/audit_packages.py, or remove it")
    return lines


def vulnerability_lines(run: Callable[[], subprocess.CompletedProcess[str]]) -> tuple[list[str], bool]:
    """Return what pip-audit found, in lines, and whether a vulnerability is known.

    Args:
        run: runs pip-audit with its report in JSON on standard output.
    """
    done = run()
    try:
        packages = [dict(package) for package in json.loads(done.stdout)["dependencies"]]
    except (ValueError, LookupError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1][:200]
        return [f"could not look: {reason}"], False
    looked = [package for package in packages if "skip_reason" not in package]
    if not looked:
        return [f"could not look: the service of this package index knows none of the {len(packages)} packages"], False
    found = [(package, one) for package in looked for one in package["vulns"]]
    lines = [
        f"  {package['name']} {package['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'none'}"
        for package, one in found
    ]
    skipped = f"; {len(packages) - len(looked)} are not known to the service" if len(looked) < len(packages) else ""
    return [f"{len(found)} in {len(looked)} packages{skipped}", *lines], bool(found)


def run_pip_audit() -> subprocess.CompletedProcess[str]:
    """Run pip-audit on this environment."""
    options = ["--local", "--format=json", "--progress-spinner=off", f"--timeout={_SERVICE_WAIT_S}"]
    command = [sys.executable, "-m", "pip_audit", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main() -> int:
    """Return the exit status."""
    licences = [licence_of(package) for package in distributions()]
    wrong = [licence for licence in licences if not licence.fine]
    print(f"licences of {len(licences)} packages:", *licence_lines(licences), sep="\n")
    lines, is_vulnerable = vulnerability_lines(run_pip_audit)
    print(f"known vulnerabilities: {lines[0]}", *lines[1:], sep="\n")
    return 1 if wrong or is_vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
