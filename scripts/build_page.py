"""Bundle the desk's page: TypeScript to ``pipeline/desk/page/desk.js``, and the licences of all that is in it.

First the types are checked, and the tests in ``tests/desk/page`` run, which need no browser.

    python scripts/build_page.py           write both
    python scripts/build_page.py --check   compare both with what is committed, and write nothing

Needs node 20 and npm; who installs or tests cuemark needs neither, because the bundle is committed. Everything that npm
fetches stays in ``build/page``, outside the package.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "pipeline" / "desk" / "page"
TESTS = ROOT / "tests" / "desk" / "page"
WORK = ROOT / "build" / "page"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json")
BUNDLE = "desk.js"
LICENCES = "LICENSES.txt"
OPTIONS = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",  # LICENSES.txt has them in whole
    "--metafile=meta.json",
)


def source_sum() -> str:
    """The SHA-256 of all that the bundle is made of: a test finds a bundle that is older than its sources by it."""
    paths = [*(PAGE / name for name in SOURCES), *sorted((PAGE / "src").glob("*.ts"))]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def run(*command: str) -> None:
    """Run a program in the working folder; end with its output where it fails."""
    done = subprocess.run(command, cwd=WORK, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"build_page: {' '.join(command)} failed\n{done.stdout}{done.stderr}")


def prepare(npm: str) -> None:
    """Copy the sources into the working folder and install exactly what the lock file names."""
    WORK.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(WORK / "src", ignore_errors=True)
    shutil.copytree(PAGE / "src", WORK / "src")
    for name in SOURCES:
        shutil.copyfile(PAGE / name, WORK / name)
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def bundle() -> bytes:
    """Check the types and bundle all sources."""
    run("node_modules/.bin/tsc", "--project", ".")
    banner = f"--banner:js=/* {source_sum()} */"
    run("node_modules/.bin/esbuild", "src/main.ts", *OPTIONS, banner, f"--outfile={BUNDLE}")
    return (WORK / BUNDLE).read_bytes()


def test() -> None:
    """Run the tests of the modules that need no browser, with node's own test runner."""
    shutil.rmtree(WORK / "tests", ignore_errors=True)
    shutil.copytree(TESTS, WORK / "tests")
    for source in sorted((WORK / "tests").glob("*.mjs")):
        built = f"tests/built/{source.name}"
        options = ("--bundle", "--platform=node", "--format=esm")
        run("node_modules/.bin/esbuild", f"tests/{source.name}", *options, f"--outfile={built}")
        run("node", "--test", built)


def bundled_packages() -> list[str]:
    """Names of the packages of which anything is in the bundle, in order."""
    inputs = json.loads((WORK / "meta.json").read_text(encoding="utf-8"))["inputs"]
    parts = [name.split("/") for name in inputs if name.startswith("node_modules/")]
    return sorted({"/".join(part[1 : 3 if part[1].startswith("@") else 2]) for part in parts})


def licences() -> bytes:
    """Each bundled package with its version and the text of its licence."""
    chapters = [f"{BUNDLE} contains these packages, each under its licence.\n"]
    for name in bundled_packages():
        folder = WORK / "node_modules" / name
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        text = next(folder.glob("LICENSE*")).read_text(encoding="utf-8").strip()
        chapters.append(f"{name} {package['version']} ({package['license']})\n\n{text}\n")
    return f"\n{'-' * 80}\n\n".join(chapters).encode()


def main() -> None:
    """Build, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what is committed, and write nothing")
    check = parser.parse_args().check
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("build_page: npm is not on PATH; install node 20 (Debian: sudo apt install nodejs npm)")
    prepare(npm)
    test()
    built = {BUNDLE: bundle(), LICENCES: licences()}
    if not check:
        for name, content in built.items():
            (PAGE / name).write_bytes(content)
        return
    differing = [name for name, content in built.items() if (PAGE / name).read_bytes() != content]
    if differing:
        sys.exit(f"build_page: {', '.join(differing)} is not what the sources give; run scripts/build_page.py")
    print("build_page: the bundle is what the sources give")


if __name__ == "__main__":
    main()
