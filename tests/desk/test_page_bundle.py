"""The committed bundle of the desk's page is that of its sources, with all licences; nobody needs node to know it.

That the sources give the same bundle again is checked by ``scripts/build_page.py --check``, which ``.ci/run`` calls.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from scripts import build_page

PAGE = Path(__file__).parents[2] / "pipeline" / "desk" / "page"
PACKAGE = json.loads((PAGE / "package.json").read_text(encoding="utf-8"))
LOCK = json.loads((PAGE / "package-lock.json").read_text(encoding="utf-8"))
BUNDLE = (PAGE / "desk.js").read_text(encoding="utf-8")


def locked(**wanted: bool) -> dict[str, str]:
    """Names and versions of the packages in the lock file that are needed for building only, or are not."""
    packages: dict[str, dict[str, Any]] = LOCK["packages"]
    found = {name: entry for name, entry in packages.items() if name and bool(entry.get("dev")) == wanted["dev"]}
    return {name.removeprefix("node_modules/"): entry["version"] for name, entry in found.items()}


def test_the_bundle_is_of_these_sources() -> None:
    """Carries the sum of the sources in its first line: scripts/build_page.py was run after the last change."""
    assert BUNDLE.startswith(f"/* {build_page.source_sum()} */\n")


def test_versions_are_exact() -> None:
    """Names one version of each package, and locks that one."""
    asked = PACKAGE["dependencies"] | PACKAGE["devDependencies"]
    assert [version for version in asked.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert asked.items() <= (locked(dev=False) | locked(dev=True)).items()


def test_the_lock_file_names_no_registry() -> None:
    """Holds sums of all packages, and no address: each machine fetches them from the registry that it is set to."""
    assert "://" not in json.dumps(LOCK)
    entries = [entry for name, entry in LOCK["packages"].items() if name]
    assert all(entry["integrity"].startswith("sha512-") for entry in entries)


def test_licences_are_complete() -> None:
    """Has the licence of each bundled package, all of them permissive, in the version that is locked."""
    text = (PAGE / "LICENSES.txt").read_text(encoding="utf-8")
    chapters = text.split(f"\n{'-' * 80}\n\n")[1:]
    heads = [re.match(r"(\S+) (\S+) \((.+)\)\n\n", chapter) for chapter in chapters]
    named = {head[1]: head[2] for head in heads if head}

    assert len(named) == len(chapters)
    # Nothing of @lezer/lr is used, which comes with @codemirror/language.
    assert named == {name: version for name, version in locked(dev=False).items() if name != "@lezer/lr"}
    assert {head[3] for head in heads if head} <= {"MIT", "BSD-3-Clause"}
    assert all("Copyright" in chapter for chapter in chapters)


def test_nothing_is_evaluated() -> None:
    """Has no eval and no function made of text; our own sources put no text into the page as markup."""
    assert re.search(r"\beval\(|new Function\(|document\.write\(", BUNDLE) is None
    own = "".join(path.read_text(encoding="utf-8") for path in sorted((PAGE / "src").glob("*.ts")))
    assert re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\bstyle=", own) is None
