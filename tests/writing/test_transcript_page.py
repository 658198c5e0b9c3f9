from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.reading.imports.html_blocks import read_blocks
from pipeline.schema import Result
from pipeline.writing.shown_words import clean_text, page_words
from pipeline.writing.transcript_page import render_page
from tests.factories import in_language, result
from tests.writing.strategies import results

SOURCE = """# 7: The Slow Build

**Ann**: Good evening. [Laughter]

A second paragraph.

## The pencil

**Bob**: Nobody says this.

**Ann**: We come back.
"""
HOSTILE = "</p></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7 * 7 }}"


def read(page: str) -> etree._Element:
    """Read a page as a browser does, as far as lxml can."""
    return etree.fromstring(page, etree.HTMLParser())


def texts(tree: etree._Element, path: str) -> list[str]:
    """The text of each element."""
    return ["".join(element.itertext()) for element in tree.iterfind(path)]


def test_page_is_the_html_of_podcasting_2() -> None:
    """Each turn has its speaker in ``cite``, its start in ``time``, and its paragraphs in ``p``."""
    made = result(SOURCE, starts={0: 0, 2: 570_400}, confidence={1: 0})
    tree = read(render_page(made, "07.mp3"))
    turns = tree.findall(".//main//div")

    assert [[(part.tag, "".join(part.itertext())) for part in turn] for turn in turns] == [
        [("cite", "Ann:"), ("a", "0:00"), ("p", "Good evening. [Laughter]"), ("p", "A second paragraph.")],
        [("cite", "Bob:"), ("p", "Nobody says this.")],
        [("cite", "Ann:"), ("a", "9:30"), ("p", "We come back.")],
    ]
    assert [link.get("href") for link in tree.iterfind(".//main//a")] == ["#t=0:00", "#t=9:30"]
    assert [time.get("datetime") for time in tree.iterfind(".//time")] == ["PT0S", "PT570S"]
    assert texts(tree, ".//h1") == ["7: The Slow Build"]
    assert texts(tree, ".//h2") == ["The pencil"]
    assert tree.find(".//audio").get("src") == "07.mp3"


def test_words_have_the_times_of_their_starts() -> None:
    """Every word of a found turn says when it starts, in ms; words that were not found say nothing."""
    made = result("**Ann**: one two three\n\n**Bob**: four\n", silent=[1], confidence={1: 0})
    tree = read(render_page(made, "a.mp3"))

    spans = [(span.text, int(span.get("data-t"))) for span in tree.iterfind(".//main//span")]
    assert spans == [("one", 0), ("three", 300)]
    assert texts(tree, ".//p") == ["one two three", "four"]


def test_page_without_labels_sections_or_title() -> None:
    """Plain paragraphs are a page too, with a heading, and with neither list of speakers nor of sections."""
    tree = read(render_page(result("Good evening.\n"), "a.mp3"))

    assert texts(tree, ".//main//p") == ["Good evening."]
    assert texts(tree, ".//title") == texts(tree, ".//h1") == ["Transcript"]
    for absent in (".//cite", ".//h2", ".//details", ".//header/ul"):
        assert tree.find(absent) is None


@pytest.mark.parametrize(("language", "direction"), [("he", "rtl"), ("ar", "rtl"), ("en", "ltr"), ("ja", "ltr")])
def test_page_has_the_direction_of_its_language(language: str, direction: str) -> None:
    """The whole page runs as its language does; each paragraph as its own first letters do."""
    tree = read(render_page(in_language(result("**Ann**: one\n"), language), "a.mp3"))

    assert (tree.get("lang"), tree.get("dir")) == (language, direction)
    assert {paragraph.get("dir") for paragraph in tree.iterfind(".//p")} == {"auto"}


def test_policy_allows_the_packaged_style_and_script_alone() -> None:
    """The policy has the hashes of the style and the script that are in the page, and no other source of either."""
    page = render_page(result("**Ann**: one\n"), "a.mp3")
    tree = read(page)
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")

    for kind, tag in (("style", "style"), ("script", "script")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


@given(st.text(max_size=60) | st.just(HOSTILE))
def test_address_of_the_audio_is_data(address: str) -> None:
    """Whatever the address is, it is the attribute's value, and the page has the same elements."""
    legal = "".join(sign for sign in address if sign.isprintable())
    made = result("**Ann**: one two\n")
    tree = read(render_page(made, legal))

    assert tree.find(".//audio").get("src") == legal
    assert [one.tag for one in tree.iter()] == [one.tag for one in read(render_page(made, "a.mp3")).iter()]


def test_text_is_data() -> None:
    """Markup and templates in names, titles and text are displayed as they are, and nothing of them runs."""
    made = result(f"# A & <b>B</b> {HOSTILE}\n\n**Ann &amp; &lt;i&gt;**: {HOSTILE}\n\n**Ann &amp; &lt;i&gt;**: one\n")
    tree = read(render_page(made, "a.mp3"))

    assert [one.tag for one in tree.iter("script", "img", "b", "i")] == ["script"]
    assert texts(tree, ".//cite")[0] == "Ann & <i>:"
    assert "49" not in "".join(tree.find(".//main").itertext())


@given(results())
def test_page_has_every_word_in_order(made: Result) -> None:
    """The page has each word of each utterance that has any, once, and the times are those of the words."""
    tree = read(render_page(made, "a.mp3"))
    words = [word for one in made.transcript.utterances for word in page_words(made, one.index)]

    shown = "".join("".join(texts(tree, ".//main//p")).split())
    assert shown == "".join("".join(word.text for word in words).split())
    times = [int(span.get("data-t")) for span in tree.iterfind(".//main//span")]
    assert times == [word.start for word in words if word.start is not None]


@given(results())
def test_reader_of_published_transcripts_reads_the_page_back(made: Result) -> None:
    """The reader of the HTML that feeds publish finds the same speakers and words."""
    blocks = [(speaker, text) for speaker, text, _ in read_blocks(render_page(made, "a.mp3")) if speaker]
    spoken: dict[str, str] = {}
    for speaker, text in blocks:
        spoken[speaker] = spoken.get(speaker, "") + "".join(text.split())
    written: dict[str, str] = {}
    for one in made.transcript.utterances:
        words = "".join("".join(word.text.split()) for word in page_words(made, one.index))
        if one.speaker and words:
            name = clean_text(one.speaker)
            written[name] = written.get(name, "") + words

    assert spoken == written
