from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.imports import html_blocks
from pipeline.reading.imports.html_blocks import MAX_PAGE_BYTES, Block, read_blocks


def blocks(page: str) -> list[tuple[str | None, str]]:
    """Return the blocks of a page."""
    return [(block.speaker, block.text) for block in read_blocks(page)]


def test_speakers_and_blocks_are_read() -> None:
    """A name in ``<cite>`` is the speaker of what follows; unclosed elements end with the next block."""
    assert blocks(
        "Intro<cite>Ann:</cite><p>Hello <b>there<p>again<br>and on<cite>Bob：</cite><ul><li>Hi<li>Bye</ul>"
    ) == [
        (None, "Intro"),
        ("Ann", "Hello there"),
        ("Ann", "again"),
        ("Ann", "and on"),
        ("Bob", "Hi"),
        ("Bob", "Bye"),
    ]


def test_what_is_not_displayed_is_left_out() -> None:
    """Heads, scripts, styles, comments, templates, times and menus are no speech."""
    page = (
        "<!doctype html><html><head><title>Ep</title><style>p{}</style></head><body><nav>Home</nav>"
        "<!-- hidden --><p><time>0:01</time>One<script>if (a < b) track('</p>')</script><template>x</template></p>"
    )

    assert blocks(page) == [(None, "One")]


def test_an_element_with_a_time_keeps_its_text() -> None:
    """Only the text of oTranscribe's stamps is no speech: it is the time itself."""
    page = (
        '<p data-timestamp="1.5" class="line">Hello there</p><p data-timestamp="3" class>And <b>more</b></p><p>end</p>'
        '<p><span class="timestamp" contenteditable="false" data-timestamp="9">00:09</span>&nbsp;Bye'
    )

    assert list(read_blocks(page)) == [
        Block(None, "Hello there", 1500),
        Block(None, "And more", 3000),
        Block(None, "end"),
        Block(None, "Bye", 9000),
    ]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>caf&eacute;&nbsp;&amp; &#246; &lt;b&gt; AT&T &unknown;", "café & ö <b> AT&T &unknown;"),
        ("<p>a < b and 5 > 3", "a < b and 5 > 3"),
        ("<p>one<![CDATA[two]]>three", "onethree"),
        ("<p>one &#" + "9" * 5_000 + "; two", "one � two"),
        ("<p>日本語 – Grüße", "日本語 – Grüße"),
    ],
)
def test_faults_of_others_are_read(page: str, text: str) -> None:
    """Bare signs, sections of XML and references with thousands of digits cost nothing but themselves."""
    assert blocks(page) == [(None, text)]


PIECES = (
    "<b>", "<div>", "<table>", "<![CDATA[", "<", "&", "<!--", "<a href=x>", "</p>", "</x>", "<?", "<!DOCTYPE ",
    "<a><p>", "<b><p>", "<select><option>", "<script>", "<p>x", "<br>", "<a x=", "<cite>",
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_a_page_of_one_piece_is_read(piece: str) -> None:
    """A quarter of the pieces that a page may have: to look at all before it for each of them would take an hour."""
    list(read_blocks(piece * (MAX_PAGE_BYTES // 4 // len(piece))))


@pytest.mark.parametrize(
    ("opened", "closed"), [("<i>", "</b>"), ("<i>", "</x>"), ("<div>", "</section>"), ("<b>", "</b>")]
)
def test_a_page_that_is_nested_too_deeply_is_an_error(opened: str, closed: str) -> None:
    """The parser compares each end tag with all open elements, so their product is limited."""
    with pytest.raises(ValueError, match="nested too deeply"):
        read_blocks(opened * 250_000 + closed * 250_000)


def test_a_page_with_many_unclosed_elements_is_read() -> None:
    """The limit is far beyond pages whose formatting is never closed, one element for each of 5,000 turns."""
    page = "".join(f"<p><b>Ann:</b> <font>word {number}</p>" for number in range(5_000))

    assert len(blocks(page)) == 5_000


def test_a_page_that_is_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are counted, not characters."""
    monkeypatch.setattr(html_blocks, "MAX_PAGE_BYTES", 1 << 20)

    assert blocks("<p>" + "é" * (1 << 18))[0][1] == "é" * (1 << 18)
    with pytest.raises(ValueError, match="more than 1 MB, which no transcript is"):
        read_blocks("<p>" + "é" * (1 << 20))


@given(st.lists(st.sampled_from(PIECES) | st.text("ab &;<>/!-\n", max_size=5), max_size=20).map("".join))
def test_any_page_is_read(page: str) -> None:
    """Whatever the markup is, every block is one line of text."""
    for speaker, text, _ in read_blocks(page):
        assert text == " ".join(text.split())
        assert text
        assert speaker != ""
