"""Spelling correction: names and terms as the human spells them."""

from __future__ import annotations

import pytest

from pipeline.matching.drafting.spelling import learn_spelling, respell
from pipeline.reading.transcript import parse
from tests.factories import heard
from tests.partial_results import aligned

TYPED = """Panel:

* Oskar Lind
* Priya Nand
* Miles Okoro
* Will Mark

**Oskar Lind**: We moved NodeUp and its npm to libuv, said Philomena, and Mikeal agreed with Kernel people there.

**Priya Nand**: So the story of IPTables is that I will mark it.
"""
HEARD = (
    "We moved Node up and its NPM to LibUV, said Wilhelmina, and Michael agreed with Colonel people there. "
    "So the story of IP tables is that I will mark it."
)


def respelt(said: str) -> str:
    """Return these words as they are written after the typed part was heard."""
    first = heard(HEARD)
    rest = heard(said, first[-1].span.end + 500)
    result = aligned(TYPED, first, rest)
    spelling = learn_spelling(result.transcript, result.hearing, result.alignment)
    return " ".join(word.text for word in respell(rest, spelling))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("and Oscar Lynd, too", "and Oskar Lind, too"),
        ("it was Oscar's idea", "it was Oskar's idea"),
        ("with Priyannand. Yes", "with Priya Nand. Yes"),
        ("then Miles Okorough said", "then Miles Okoro said"),
        ("then Miles Davis said", "then Miles Davis said"),
        ("of Nodeup and NPM and LibUV", "of NodeUp and npm and libuv"),
        ("said Wilhelmina, and", "said Philomena, and"),
        ("the Colonel spoke", "the Kernel spoke"),
        ("I will mark this with a nand gate", "I will mark this with a nand gate"),
        ("Will said so. Mark agreed.", "Will said so. Mark agreed."),
        ("the linden tree", "the linden tree"),
        ("Story time. Then Agreed", "Story time. Then Agreed"),
    ],
)
def test_names_and_terms(said: str, written: str) -> None:
    """Names of the panel, terms in unusual case and words misheard before are corrected; ordinary words never are."""
    assert respelt(said) == written


def test_names_of_voices_are_spelt_right_without_a_transcript() -> None:
    """Without a transcript, the names of known voices are spelt right."""
    result = aligned("", said := heard("with me are Oscar Lint and unknown Speaker friends"))
    spelling = learn_spelling(
        result.transcript, result.hearing, result.alignment, ["Oskar Lind", "Unknown speaker 1", None]
    )

    assert " ".join(word.text for word in respell(said, spelling)) == (
        "with me are Oskar Lind and unknown Speaker friends"
    )


def test_another_transcript_of_the_show_is_followed_if_nothing_is_typed() -> None:
    """For an empty transcript, the panel and the terms of the sample are followed."""
    result = aligned("", said := heard("with Oscar Lind we moved Nodeup here"))
    spelling = learn_spelling(result.transcript, result.hearing, result.alignment, sample=parse(TYPED))

    assert " ".join(word.text for word in respell(said, spelling)) == "with Oskar Lind we moved NodeUp here"


def test_the_shows_terms_are_followed_for_what_the_transcript_lacks() -> None:
    """Names and terms of the show are followed if the transcript has no spelling of its own."""
    result = aligned(
        TYPED, heard(HEARD), said := heard("and then Filomenna moved Nodeup and Papertrail and PCap there")
    )
    show = ("Nodeup", "PCAP", "Filomenna Grey")
    spelling = learn_spelling(result.transcript, result.hearing, result.alignment, show=show)

    assert " ".join(word.text for word in respell(said, spelling)) == (
        "and then Filomenna moved NodeUp and Papertrail and PCAP there"
    )


@pytest.mark.parametrize(("typed", "written"), [("我们来时说", "我们说"), ("我們來時說", "我們說"), ("", "我們說")])
def test_chinese_is_written_as_the_human_writes_it(typed: str, written: str) -> None:
    """Heard traditional characters are simplified if the human writes so, and only then."""
    words = heard("我們 說")
    result = aligned(f"**李雷**: {typed}。" if typed else "", words, language="zh")
    spelling = learn_spelling(result.transcript, result.hearing, result.alignment)

    assert "".join(word.text for word in respell(words, spelling)) == written
