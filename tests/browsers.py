"""The browser of this machine, in which the tests of pages open them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = "no Chromium on PATH; type: sudo apt install chromium (or name yours: CHROMIUM=/path/to/chromium)"
FIREFOX_NAMES = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
FIREFOX_MISSING = "no Firefox on PATH; type: sudo apt install firefox-esr (or name yours: FIREFOX=/path/to/firefox)"

FIREFOX_PROGRAM = Path(__file__).with_name("firefox_program.py")

PATIENCE_S = 60
"""How long a page is waited for: a machine that is busy with other tests is slow."""

# The script is added by the test's connection to the browser, to which a page's policy does not apply.
AXE = Axe()


def chromium() -> str:
    """The program of Chromium: CHROMIUM, or the first on PATH."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING)
    return found


def firefox() -> str:
    """The program of Firefox: FIREFOX, or the first on PATH."""
    found = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, FIREFOX_NAMES)), None)
    if found is None:
        pytest.fail(FIREFOX_MISSING)
    return found


def launch_chromium(playwright: Playwright) -> Browser:
    """Start Chromium without a window."""
    # A CI is root and may be in a container, where Chromium's own sandbox does not work.
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


def launch_firefox(playwright: Playwright, folder: Path) -> Browser:
    """Start Firefox without a window; the folder gets the script by which it is started."""
    script = folder / "firefox"
    words = ("exec", "env", f"FIREFOX={firefox()}", sys.executable, str(FIREFOX_PROGRAM))
    script.write_text(f'#!/bin/sh\n{shlex.join(words)} "$@"\n')
    script.chmod(0o700)
    return playwright.firefox.launch(channel="moz-firefox", executable_path=script)


def barriers(page: Page) -> list[str]:
    """What axe-core finds, a line each."""
    found: dict[str, Any] = AXE.run(page).response
    return [
        f"{one['id']}: {node['html'][:120]} {json.dumps(node['any'][:1])[:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
