from __future__ import annotations

from xml.dom.minidom import parseString

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.sources import feed_repair
from pipeline.batch.sources.feed_repair import count_items, mend_feed, recover_feed


@given(st.text(st.characters(exclude_characters="\r"), max_size=60))
def test_mended_text_is_well_formed(text: str) -> None:
    """Whatever text stands in an element, without a tag in it, the mended document is well-formed XML."""
    inside = text.replace("<", "").replace("]]>", "")

    parseString(mend_feed(f"\n<a>{inside}</a>".encode("utf-8", "surrogatepass")))  # noqa: S318 -- our own document


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=60))
def test_what_is_right_is_unchanged(text: str) -> None:
    """A document without a fault, which begins with its root, has the same bytes after it was mended."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    content = f"<a>{escaped}<!-- & --><![CDATA[& &nbsp;]]></a>".encode()

    assert mend_feed(content) == content


@pytest.mark.parametrize("piece", ["<![CDATA[", "<!--", "<?", "&", "&a", "&#", "\ufffe", "<!DOCTYPE ", "&nbsp;"])
def test_sections_without_an_end_are_read_once(piece: str) -> None:
    """A megabyte of beginnings is mended: to read the rest again for each of them would take hours."""
    content = f"<a>{piece * (1_000_000 // len(piece))}".encode()

    assert len(mend_feed(content)) <= 5 * len(content)


def test_a_large_broken_feed_is_not_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory that mending and recovering need is bounded."""
    monkeypatch.setattr(feed_repair, "MAX_MENDED_BYTES", 10)
    monkeypatch.setattr(feed_repair, "MAX_RECOVERED_BYTES", 10)

    with pytest.raises(ValueError, match="larger than"):
        mend_feed(b"<rss>&</rss>")
    with pytest.raises(ValueError, match="larger than"):
        recover_feed(b"<rss><a></rss>")


def test_recovery_reads_no_file() -> None:
    """No entity is expanded and no document type is read while a feed is recovered."""
    content = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><b>&a;<c></rss>'

    assert b"root" not in recover_feed(content)


def test_items_are_counted() -> None:
    """Items in comments and in sections of text are none."""
    assert count_items(b"<item><item a='1'><items><!-- <item> --><![CDATA[<item>]]><entry><![CDATA[<item>") == 3
