from __future__ import annotations

import os
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.ledger_rows import Entry
from pipeline.batch.reports.episode_status import display_text
from pipeline.batch.reports.html_report import (
    MAX_FAILED,
    MAX_ROWS,
    MAX_TO_LOOK_AT,
    page_name,
    render_pages,
    write_page,
)
from pipeline.errors import OutputError
from tests.batch.ledger_lines import (
    HOSTILE,
    NOW,
    acting_marks,
    aligned,
    drafted,
    failed,
    of_each_kind,
    refused,
    running,
    strange_entries,
    strange_texts,
    waiting,
)
from tests.sample_episode import python

VOID = {"meta", "input", "rect"}
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "p", "h1", "h2", "bdi", "b", "section", "svg",
    "rect", "ul", "li", "time", "nav", "a", "div", "label", "input", "select", "option", "span", "table", "thead", "tr",
    "th", "td", "tbody", "progress", "script",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "aria-label", "aria-hidden", "aria-current", "viewbox",
    "preserveaspectratio", "x", "width", "height", "datetime", "href", "id", "hidden", "type", "autocomplete", "value",
    "role", "scope", "data-rank",
}  # fmt: skip


class Reader(HTMLParser):
    """Parses a page like a browser, and collects faults that an HTML checker would report."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        self.faults += [f"{tag} is not closed" for tag in self.open]
        self.faults += [f"the id {name} is there twice" for name in {*self.ids} if self.ids.count(name) > 1]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element without content."""
        if tag not in VOID:
            self.faults.append(f"{tag} may not be closed at once")
        self._note(tag, attrs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the start of an element."""
        self._note(tag, attrs)
        self.open.append(tag)
        if tag == "a":
            self.links.append((dict(attrs).get("href") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        """Record the end of an element."""
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} ends where another element is open")

    def handle_data(self, data: str) -> None:
        """Record text."""
        within = self.open[-1] if self.open else ""
        self.texts.setdefault(within, []).append(data)
        if within == "a":
            self.links[-1] = (self.links[-1][0], self.links[-1][1] + data)

    def handle_comment(self, data: str) -> None:
        """Record a fault: the template has no comments."""
        self.faults.append(f"a comment: {data}")

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in ELEMENTS or not {*names} <= ATTRIBUTES or len({*names}) < len(names):
            self.faults.append(f"not written by the template: {tag} {attrs}")


def page_of(*entries: Entry, folder: str = "results") -> str:
    """Return the only page of a small batch."""
    (page,) = render_pages(entries, folder, NOW)
    return page


def element(page: str, path: str) -> ET.Element:
    """Return the first element at a path."""
    found = ET.fromstring(page).find(path)  # noqa: S314 -- our own page
    assert found is not None
    return found


def text_of(page: str, path: str) -> list[str]:
    """Return the text of each element at a path, with white space normalized."""
    return [" ".join("".join(found.itertext()).split()) for found in ET.fromstring(page).findall(path)]  # noqa: S314


def test_the_page_of_a_batch() -> None:
    """The page has the counts, the episodes to look at first with reasons, and a row for each episode."""
    page = page_of(*of_each_kind(), folder="podcasts/the show")

    assert text_of(page, ".//h1") == ["the show"]
    assert text_of(page, ".//header/p") == ["cuemark batch", "podcasts/the show"]
    assert text_of(page, ".//ul[@class='counts']/li") == ["3 done", "1 running", "1 to do", "1 failed", "1 not taken"]
    assert text_of(page, ".//section[@aria-label]/p") == [
        "2 h 14 min of audio, 15 min of work. As of 2026-09-21 14:13 UTC; load the page again to see how it goes on."
    ]
    assert text_of(page, ".//h2") == ["Failed", "Not taken", "Most to look at", "Episodes"]
    assert text_of(page, ".//section[@class='first']//li") == [
        "05episodes/05.mp3: is damaged after 12:30; fetch it again (tried 2 times)",
        "07two audio files have this name; rename one",
        "season 1/01-the-slow-build timed.md srt vtt json 3 × untranscribed, 2 × not-heard",
    ]
    assert [text_of(ET.tostring(row, "unicode"), "*") for row in element(page, ".//tbody")] == [
        [f"season 1/01-the-slow-build {FOUR}", "done", "align", "English", "1:02:03", "30:05", "91%", "", "5", "7 min"],
        [f"02-names {FOUR}", "done", "align", "English", "1:02:03", "complete", "91%", "", "0", "7 min"],
        ["03 draft.md json", "done", "draft", "German", "10:00", "", "", "1,234", "0", "1 min"],
        ["04hear the words 45%, 12 min so far", "running", "align", "", "", "", "", "", "", ""],
        [f"05{DAMAGED}", "failed", "align", "", "", "", "", "", "", "3.2 s"],
        ["06", "to do", "draft", "", "", "", "", "", "", ""],
        ["07two audio files have this name; rename one", "not taken", "", "", "", "", "", "", "", ""],
    ]


FOUR = "timed.md srt vtt json"
DAMAGED = "episodes/05.mp3: is damaged after 12:30; fetch it again (tried 2 times)"


def test_a_finished_batch_has_no_reload_hint() -> None:
    """The page asks to reload it only if something is left to do."""
    assert "load the page again" not in page_of(aligned("a"), failed("b", "x"), refused("c", "y"))


def test_the_page_of_an_empty_batch() -> None:
    """The page says that the batch is empty, without a table."""
    page = page_of()

    assert text_of(page, "body/main/p") == ["Nothing is in this batch yet."]
    assert (Reader(page).faults, text_of(page, ".//table")) == ([], [])


@given(st.lists(strange_entries(), max_size=4), strange_texts())
def test_any_page_is_valid_html_and_xml(entries: list[Entry], folder: str) -> None:
    """Whatever the texts are, the page is valid HTML and well-formed XML with every displayed name."""
    page = page_of(*entries, folder=folder)

    assert Reader(page).faults == []
    assert ["".join(name.itertext()) for name in ET.fromstring(page).findall(".//tbody/tr/th/bdi")] == [  # noqa: S314
        display_text(entry.job.name) for entry in entries
    ]
    assert acting_marks(page) <= {"\n"}


@pytest.mark.parametrize("text", HOSTILE)
def test_untrusted_text_adds_no_markup(text: str) -> None:
    """A name, an error, a stage, a finding or a folder adds no element, attribute or external address."""
    plain, page = (page_of(*hostile_batch(name), folder=name) for name in ("plain", text))
    plain_tags, tags = ([found.tag for found in ET.fromstring(made).iter()] for made in (plain, page))  # noqa: S314

    links = {"a", "bdi"}  # a name that no file system can have is text, not a link
    assert [tag for tag in tags if tag not in links] == [tag for tag in plain_tags if tag not in links]
    assert all(address.startswith("./") for address, _ in Reader(page).links)


def hostile_batch(text: str) -> tuple[Entry, ...]:
    """Return a batch with this text wherever untrusted text can occur."""
    return (
        aligned(f"a{text}", {text: 3}, language=text),
        running(text, text, 0.5),
        failed(text, text),
        refused(text, text),
    )


def test_the_page_loads_nothing() -> None:
    """The page has no addresses except those of the results, and its style and script load nothing."""
    page = page_of(*of_each_kind())
    asking = ("src=", "@import", "url(", "fetch(", "XMLHttp", "import(", "://", " style=", "onclick", "onload")

    assert [word for word in asking if word in page] == []
    assert {address.split("/")[0] for address, _ in Reader(page).links} == {"."}


def test_the_content_security_policy_allows_only_the_packaged_style_and_script() -> None:
    """The policy has the hashes of the style and the script in the page, and forbids everything else."""
    page = page_of(*of_each_kind())
    texts = Reader(page).texts
    style, script = (b64encode(sha256("".join(texts[tag]).encode()).digest()).decode() for tag in ("style", "script"))

    assert element(page, ".//meta[@http-equiv='Content-Security-Policy']").get("content") == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [len(ET.fromstring(page).findall(f".//{tag}")) for tag in ("style", "script")] == [1, 1]  # noqa: S314


def names() -> st.SearchStrategy[str]:
    """Generate names that a file system may have, also undecodable ones, with or without folders."""
    parts = st.binary(min_size=1, max_size=12).filter(lambda part: not {*part} & {0, 0x2F} and part.strip(b"."))
    known = st.sampled_from(
        [b"javascript:alert(1)", b"a#b?c=%41", b"100%", b"s 1", "日本".encode(), b"'\"<&>", b"\xff"]
    )
    return st.lists(parts | known, min_size=1, max_size=3).map(lambda parts: os.fsdecode(b"/".join(parts)))


@given(names())
def test_a_link_is_the_url_of_the_result(name: str) -> None:
    """A browser resolves the link to the exact file name, also if the folder was moved."""
    links = Reader(page_of(aligned(name, folder="/elsewhere/results"))).links
    led = [urlsplit(urljoin("file:///moved/cuemark-batch.html", address)) for address, _ in links]

    assert [label for _, label in links] == ["timed.md", "srt", "vtt", "json"]
    assert [(to.query, to.fragment, os.fsdecode(unquote_to_bytes(to.path))) for to in led] == [
        ("", "", f"/moved/{name}{ending}") for ending in (".timed.md", ".srt", ".vtt", ".json")
    ]


def test_a_result_elsewhere_is_text() -> None:
    """An address, a result of another name, and an impossible name are text, not links."""
    page = page_of(aligned("a", folder="s3://bucket/show"), aligned("half\ud800pair"))

    assert Reader(page).links == []
    assert text_of(page, ".//tbody//span[@class='files']") == [
        "s3://bucket/show/a.timed.md s3://bucket/show/a.srt s3://bucket/show/a.vtt s3://bucket/show/a.json",
        "timed.md srt vtt json",
    ]


def test_the_lists_before_the_table_are_limited() -> None:
    """The first failures and the episodes with the most findings are listed, with the number of further ones."""
    broken = [failed(f"f{number}", "x") for number in range(MAX_FAILED + 2)]
    noted = [aligned(f"n{number}", {"not-heard": number}) for number in range(MAX_TO_LOOK_AT + 5)]
    page = page_of(*noted, *broken)

    assert text_of(page, ".//section[@class='first']/p") == [
        "… and 2 more, all of them among the episodes below.",
        "… and 4 more, all of them among the episodes below.",
    ]
    first, second = ET.fromstring(page).findall(".//section[@class='first']")  # noqa: S314 -- our own page
    assert text_of(ET.tostring(first, "unicode"), "ul/li/b") == [f"f{number}" for number in range(MAX_FAILED)]
    assert text_of(ET.tostring(second, "unicode"), "ul/li/b") == [
        f"n{number}" for number in range(MAX_TO_LOOK_AT + 4, 4, -1)
    ]


@given(st.lists(st.sampled_from([aligned("a"), waiting("b"), failed("c", "x"), refused("d", "y")]), min_size=1))
def test_the_parts_fill_the_bar(entries: list[Entry]) -> None:
    """Each state that occurs has a visible part, without gaps, and the parts fill the bar."""
    parts = element(page_of(*entries), ".//svg")
    edges = [(int(part.get("x") or -1), int(part.get("width") or 0)) for part in parts]

    assert len(edges) == len({entry.state for entry in entries})
    assert [start + width for start, width in edges] == [*[start for start, _ in edges[1:]], 1_000]
    assert (edges[0][0], min(width for _, width in edges) >= 4) == (0, True)


def test_many_episodes_are_split_into_pages() -> None:
    """A large batch has several pages that link each other, and only the first has the summary."""
    entries = [drafted(f"{number}") for number in range(MAX_ROWS + 1)]
    first, second = render_pages(entries, "results", NOW)

    assert [len(text_of(page, ".//tbody/tr")) for page in (first, second)] == [MAX_ROWS, 1]
    assert text_of(second, ".//nav/p") == [f"{MAX_ROWS + 1:,} to {MAX_ROWS + 1:,} of {MAX_ROWS + 1:,}"]
    assert [address for address, label in Reader(first).links if label.isdecimal()] == ["cuemark-batch-2.html"] * 2
    assert [address for address, label in Reader(second).links if label.isdecimal()] == ["cuemark-batch.html"] * 2
    assert [text_of(page, ".//svg") for page in (first, second)] == [[""], []]
    assert Reader(first).faults == Reader(second).faults == []


def test_the_page_is_written_and_replaced(tmp_path: Path) -> None:
    """The page is written to the result folder, and replaced by the next one."""
    folder = tmp_path / "results"
    first = write_page([waiting("a")], folder, NOW)
    before = first.read_text(encoding="utf-8")
    second = write_page([aligned("a")], folder, NOW + 60)

    assert first == second == folder / "cuemark-batch.html"
    assert before == page_of(waiting("a"), folder=str(folder))
    assert [path.name for path in folder.iterdir()] == ["cuemark-batch.html"]
    assert "timed.md" in first.read_text(encoding="utf-8")


def test_pages_that_are_no_longer_needed_are_removed(tmp_path: Path) -> None:
    """Further pages are removed if there are fewer episodes; another file with a page's name stays."""
    write_page([waiting(f"{number}") for number in range(2 * MAX_ROWS + 1)], tmp_path, NOW)
    (tmp_path / page_name(4)).write_text("mine", encoding="utf-8")
    write_page([waiting("a")], tmp_path, NOW)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["cuemark-batch-4.html", "cuemark-batch.html"]


def test_an_unchanged_page_is_not_written(tmp_path: Path) -> None:
    """Only changed pages are written: most of many pages are the same a minute later."""
    entries = [waiting(f"{number}") for number in range(MAX_ROWS + 1)]
    write_page(entries, tmp_path, NOW)
    before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    write_page(entries, tmp_path, NOW + 60)
    after = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}

    assert {name for name in before if before[name] != after[name]} == {"cuemark-batch.html"}


def test_an_unchanged_page_still_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    """A temporary file of a process that has ended goes, even if no page is written."""
    write_page([waiting("1")], tmp_path, NOW)
    left = python("from pipeline.io.part_files import part_name\nprint(part_name())").stdout.strip()
    (tmp_path / left).touch()
    write_page([waiting("1")], tmp_path, NOW)

    assert [path.name for path in tmp_path.iterdir()] == ["cuemark-batch.html"]


def test_another_file_is_not_replaced(tmp_path: Path) -> None:
    """A file or folder with the page's name stays, and the error says what to do."""
    mine = tmp_path / "cuemark-batch.html"
    mine.write_text("<p>mine</p>", encoding="utf-8")
    message = f"{mine}: is there and is no summary of a batch; move it away to have the summary"

    with pytest.raises(OutputError, match=re.escape(message)):
        write_page([waiting("a")], tmp_path, NOW)
    assert mine.read_text(encoding="utf-8") == "<p>mine</p>"

    mine.unlink()
    mine.mkdir()
    with pytest.raises(OutputError, match=re.escape(message)):
        write_page([waiting("a")], tmp_path, NOW)


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """If the result folder is a file, the error says so in one line."""
    (tmp_path / "results").write_text("a file", encoding="utf-8")

    with pytest.raises(OutputError, match="cannot be written"):
        write_page([waiting("a")], tmp_path / "results", NOW)
