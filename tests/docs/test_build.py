"""The documentation site builds without a warning and without a network, and needs none to be read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.docs.blocks import ROOT

# Every way to another machine goes through one of these two.
BUILD_WITHOUT_NETWORK = """\
import socket, sys

def refuse(*words):
    raise OSError(f"the network is used: {words[1:]}")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from mkdocs.__main__ import cli
cli(["build", "--strict", "--site-dir", sys.argv[1]])
"""
LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}
"""What a browser fetches by itself when it shows a page: elements and their attributes."""

pytestmark = pytest.mark.xdist_group("site")  # built once for all of these tests

IN_CSS = re.compile(r"(?:url\(|@import\s+)[\"']?(?P<address>[^\"')\s]+)")


@dataclass
class PageReader(HTMLParser):
    """What a built page loads, what it links to, and where links may lead in it."""

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag in LOADED and LOADED[tag] in values:
            self.loads.append(values[LOADED[tag]])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])


@dataclass(frozen=True)
class Site:
    """The built site."""

    folder: Path

    @cached_property
    def pages(self) -> dict[Path, PageReader]:
        """Every page, read."""
        read = {}
        for path in sorted(self.folder.rglob("*.html")):
            read[path] = PageReader()
            read[path].feed(path.read_text(encoding="utf-8"))
        return read

    def target(self, page: Path, address: str) -> tuple[Path, str]:
        """The file and the anchor that an address on a page leads to."""
        path, anchor = urldefrag(address)
        return (page.parent / unquote(path)).resolve() if path else page, unquote(anchor)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site, built with every way to the network closed."""
    folder = tmp_path_factory.mktemp("site").resolve()
    done = subprocess.run(
        [sys.executable, "-c", BUILD_WITHOUT_NETWORK, str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return Site(folder)


def is_outside(address: str) -> bool:
    """Whether an address is on another machine."""
    return address.startswith(("http:", "https:", "//"))


def test_every_page_is_built(site: Site) -> None:
    """Makes a page of each page of docs/, and of CONTRIBUTING and CHANGELOG."""
    sources = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    sources |= {Path("contributing.html"), Path("security.html"), Path("changelog.html")}

    assert sources <= {path.relative_to(site.folder) for path in site.pages}


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    """Loads scripts, styles, pictures and fonts from the site alone."""
    outside = [f"{path.name}: {one}" for path, page in site.pages.items() for one in page.loads if is_outside(one)]
    outside += [
        f"{path.name}: {found['address']}"
        for path in site.folder.rglob("*.css")
        for found in IN_CSS.finditer(path.read_text(encoding="utf-8"))
        if is_outside(found["address"])
    ]

    assert outside == []
    assert any(page.loads for page in site.pages.values())


def test_what_is_loaded_is_there(site: Site) -> None:
    """Has every file that a page loads."""
    missing = [
        f"{path.name}: {one}"
        for path, page in site.pages.items()
        if path.name != "404.html"  # its addresses begin at the top of a server
        for one in page.loads
        if not one.startswith("data:") and not site.target(path, one)[0].is_file()
    ]

    assert missing == []


def test_links_lead_somewhere(site: Site) -> None:
    """Has the page and the place in it for every link inside the site."""
    broken = []
    for path, page in site.pages.items():
        for link in (one for one in page.links if path.name != "404.html" and not is_outside(one)):
            target, anchor = site.target(path, link)
            anchors = site.pages[target].anchors if target in site.pages else set[str]()
            if not target.is_file() or (anchor and anchor not in anchors):
                broken.append(f"{path.name}: {link}")

    assert broken == []


def test_search_has_every_page(site: Site) -> None:
    """Finds words of the reference without a request to another server."""
    index = (site.folder / "search" / "search_index.json").read_text(encoding="utf-8")

    assert all(word in index for word in ("reference/commands/align.html", "reference/findings.html", "untranscribed"))
