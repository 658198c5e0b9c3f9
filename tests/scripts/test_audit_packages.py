"""The audit names each licence that somebody has to look at, and says when nobody could look for vulnerabilities."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from scripts.audit_packages import Licence, licence_lines, licence_of, vulnerability_lines


def described(folder: Path, *lines: str) -> Distribution:
    """An installed package with these lines in its description."""
    about = folder / "some_package-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("\n".join(("Metadata-Version: 2.4", "Name: Some.Package", "Version: 1.0", *lines)))
    return Distribution.at(about)


def test_every_installed_package_may_be_used() -> None:
    """Each package of this environment has a licence that somebody has allowed."""
    assert [one for one in map(licence_of, distributions()) if not one.fine] == []


@pytest.mark.parametrize(
    ("lines", "stated", "fine"),
    [
        (["License-Expression: MIT AND Apache-2.0"], "MIT AND Apache-2.0", True),
        (["License-Expression: GPL-3.0-only"], "GPL-3.0-only", False),
        (["License-Expression: MIT AND GPL-3.0-only"], "MIT AND GPL-3.0-only", False),
        (["License: EPL-2.0 OR GPL-2.0-or-later", "Classifier: License :: OSI Approved"], None, True),
        (["License: MIT License", "        Copyright (c) somebody"], "MIT", True),
        (["License: a text of its own", "Classifier: License :: OSI Approved :: BSD License"], "BSD-3-Clause", True),
        (["Classifier: License :: OSI Approved :: GNU General Public License (GPL)"], None, False),
        (["License: UNKNOWN"], "none", False),
        ([], "none", False),
    ],
)
def test_a_licence_is_read_from_a_description(
    tmp_path: Path, lines: list[str], stated: str | None, *, fine: bool
) -> None:
    """The expression counts before the free text, and that before the classifiers; all parts have to be allowed."""
    found = licence_of(described(tmp_path, *lines))

    assert (found.package, found.fine) == ("some-package", fine)
    assert stated in {None, found.stated}


def test_a_licence_to_look_at_is_named_with_its_packages() -> None:
    """Allowed licences are counted; another one has the packages and what to do."""
    lines = licence_lines(
        [Licence("a", "MIT", fine=True), Licence("b", "MIT", fine=True), Licence("c", "none", fine=False)]
    )

    assert lines == [
        "     2  MIT",
        "  LOOK  none: c; add it to LOOKED_AT in scripts/audit_packages.py, or remove it",
    ]


def answer(packages: object = None, *, error: str = "") -> subprocess.CompletedProcess[str]:
    """What pip-audit ends with."""
    report = "" if packages is None else json.dumps({"dependencies": packages, "fixes": []})
    return subprocess.CompletedProcess([], 1, report, error)


FINE = {"name": "a", "version": "1.0", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
VULNERABLE = {"name": "c", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}


@pytest.mark.parametrize(
    ("done", "lines", "is_vulnerable"),
    [
        (answer([FINE]), ["0 in 1 packages"], False),
        (answer([FINE, SKIPPED]), ["0 in 1 packages; 1 are not known to the service"], False),
        (answer([FINE, VULNERABLE]), ["1 in 2 packages", "  c 2.0: CVE-1, fixed in 2.1"], True),
        (answer([SKIPPED]), ["could not look: the service of this package index knows none of the 1 packages"], False),
        (answer(error="a\nERROR: no connection"), ["could not look: ERROR: no connection"], False),
        (answer("text"), ["could not look: it gave no reason"], False),
    ],
)
def test_what_was_looked_at_is_said(
    done: subprocess.CompletedProcess[str], lines: list[str], *, is_vulnerable: bool
) -> None:
    """Nothing found and nobody looked are two answers, also where pip-audit says the same for both."""
    assert vulnerability_lines(lambda: done) == (lines, is_vulnerable)
